# The runner: detached on the test server, in the job's folder, with run.lock held on descriptor 9. The payload that sidegate sends is
# a few assignments (timeout_seconds, console_limit, the job's environment, run_phases) followed by this file.
mkdir -p workspace artifacts
# Kept aside so that the end can still be written down when the job has filled the disk.
head -c 65536 /dev/zero >reserve
mkfifo console.pipe

# Only the first console_limit bytes are kept; what follows is read and dropped, so that a chatty job is cut, not killed.
# Without -o0 head would hold output back until 4 KiB have come together.
unbuffered=; command -v stdbuf >/dev/null && unbuffered='stdbuf -o0'
{
  $unbuffered head -c "$console_limit"
  if [ "$(head -c 1 | wc -c)" -gt 0 ]; then printf '\n[sidegate: the console is longer than %s bytes, the rest was dropped]\n' "$console_limit"; fi
  cat >/dev/null
} <console.pipe >>console 9>&- & reader=$!

began=$(date +%s)
# The folder of the job is the parent of the workspace; each phase is bash -eu -o pipefail, the first that fails ends the job.
SIDEGATE_WORKSPACE=$PWD/workspace SIDEGATE_ARTIFACTS=$PWD/artifacts timeout -k 10 "$timeout_seconds" sh -c '
  for phase in $1; do
    echo "phase $phase" >>control
    ( cd workspace && bash -eu -o pipefail "../phase-$phase.sh" ) || exit $?
  done
' sidegate "$run_phases" >console.pipe 2>&1 </dev/null 9>&-
status=$?

# A daemon left by the job may hold the pipe open; it does not hold the result back.
( sleep 2; kill "$reader" ) >/dev/null 2>&1 9>&- & patience=$!
wait "$reader" 2>/dev/null
kill "$patience" 2>/dev/null

kind=exited
if [ $status -eq 124 ] || [ $status -eq 137 ]; then
  [ $(($(date +%s) - began)) -ge "$timeout_seconds" ] && kind=timed-out
fi
if [ $status -ne 0 ] && [ $kind = exited ]; then
  free=$(df -Pk . | awk 'NR == 2 { print $4 }')
  [ "${free:-1024}" -lt 1024 ] && kind=disk-full
fi
rm -f reserve
echo "end $kind $status $(wc -c <console)" >>control
