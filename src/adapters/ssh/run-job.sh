# The runner: detached on the test server, in the job's folder, with run.lock held on descriptor 9. The payload that sidegate sends is
# a few assignments (timeout_seconds, console_limit, the job's environment, run_phases) followed by this file.
# Each program started here costs an empty job 1 ms: what the shell can do itself, it does.
# Kept aside so that the end can still be written down when the job has filled the disk.
printf '%65536s' '' >reserve
mkfifo console.pipe

# Only the first console_limit bytes (rounded up to 512) are kept; what follows is read and dropped, so that a chatty job is cut, not
# killed. A limit on the file, not on what is read: `dd count=` counts short reads as whole ones, `head -c` holds output back.
{
  ( trap '' XFSZ; ulimit -f $(((console_limit + 511) / 512)); exec cat 2>/dev/null ) && exit
  if [ "$(wc -c <console)" -ge "$console_limit" ]; then
    printf '\n[sidegate: the console is longer than %s bytes, the rest was dropped]\n' "$console_limit"
  fi
  exec cat >/dev/null
} <console.pipe >>console 9>&- & reader=$!

read -r began _ </proc/uptime
# The folder of the job is the parent of the workspace; each phase is bash -eu -o pipefail, the first that fails ends the job.
SIDEGATE_WORKSPACE=$PWD/workspace SIDEGATE_ARTIFACTS=$PWD/artifacts timeout -k 10 "$timeout_seconds" sh -c '
  for phase in $1; do
    echo "phase $phase" >>control
    ( cd workspace && exec bash -eu -o pipefail "../phase-$phase.sh" ) || exit $?
  done
' sidegate "$run_phases" >console.pipe 2>&1 </dev/null 9>&-
status=$?

# A daemon left by the job may hold the pipe open; it does not hold the result back.
( sleep 2; kill "$reader" ) >/dev/null 2>&1 9>&- & patience=$!
wait "$reader" 2>/dev/null
kill "$patience" 2>/dev/null

kind=exited
if [ $status -eq 124 ] || [ $status -eq 137 ]; then
  read -r ended _ </proc/uptime
  [ $((${ended%.*} - ${began%.*})) -ge "$timeout_seconds" ] && kind=timed-out
fi
if [ $status -ne 0 ] && [ $kind = exited ]; then
  free=$(df -Pk . | awk 'NR == 2 { print $4 }')
  [ "${free:-1024}" -lt 1024 ] && kind=disk-full
fi
: >reserve
echo "end $kind $status $(wc -c <console)" >>control
