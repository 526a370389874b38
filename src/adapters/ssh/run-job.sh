# shellcheck shell=sh
# shellcheck disable=SC2154 # The payload assigns them.
# The runner: detached on the test server, in the job's folder, with run.lock held on descriptor 9. The payload that sidegate sends is
# a few assignments (timeout_seconds, console_limit, final_statuses), the phases as files, environment.sh with the job's variables,
# kill-job.sh, heartbeat.sh, this file, and the calls of run_phases and run_always that begin the job. Nothing of the job's environment is
# set here: it may name anything.
# Each program started here costs an empty job 1 ms: what the shell can do itself, it does.
# Kept aside so that the end can still be written down when the job has filled the disk.
printf '%65536s' '' >reserve
mkfifo console.pipe

# Only the first console_limit bytes (rounded up to 512) are kept; what follows is read and dropped, so that a chatty job is cut, not
# killed. A limit on the file, not on what is read: `dd count=` counts short reads as whole ones, `head -c` holds output back.
# shellcheck disable=SC2094 # what is written about the console goes into it
{
  ( trap '' XFSZ; ulimit -f $(((console_limit + 511) / 512)); exec cat 2>/dev/null ) && exit
  if [ "$(wc -c <console)" -ge "$console_limit" ]; then
    printf '\n[sidegate: the console is longer than %s bytes, the rest was dropped]\n' "$console_limit"
  fi
  exec cat >/dev/null
} <console.pipe >>console 9>&- & reader=$!

# Its number and when it began: together nobody else's.
read -r line </proc/$$/stat
# shellcheck disable=SC2086 # its fields
set -- ${line##*) }
born=${20}
echo "$$ $born" >runner
read -r up _ </proc/uptime
echo "$up 0" >heartbeat
heartbeat 9>&- & heart=$!
exec 7>console.pipe

export SIDEGATE_WORKSPACE="$PWD/workspace" SIDEGATE_ARTIFACTS="$PWD/artifacts"
status=0 kind=exited

# run_phase NAME LIMIT ATTEMPTS: LIMIT in seconds, 0 for none; no phase goes on beyond the deadline. Sets status and kind.
run_phase() {
  phase=$1 try=1
  echo "phase $phase" >>control
  while :; do
    read -r began _ </proc/uptime
    began=${began%.*} limit=$((deadline - ${began%.*}))
    [ "$2" -eq 0 ] || [ "$2" -ge "$limit" ] || limit=$2
    [ "$limit" -ge 1 ] || limit=1
    # shellcheck disable=SC2016 # the inner shell expands it
    timeout -k 10 "$limit" sh -c '. ./environment.sh && cd workspace && exec bash -eu -o pipefail "../phase-$1.sh"' \
      sidegate "$phase" >&7 2>&1 </dev/null 7>&- 9>&-
    status=$?
    if [ $status -eq 124 ] || [ $status -eq 137 ]; then
      read -r ended _ </proc/uptime
      [ $((${ended%.*} - began)) -lt "$limit" ] || kind=timed-out
    fi
    [ $kind = exited ] || kill_phase
    [ $kind = exited ] && [ "$try" -lt "$3" ] || return $status
    case " 0 $final_statuses " in *" $status "*) return $status ;; esac
    printf '[sidegate: phase %s ended with status %s, it is tried again: %s of %s]\n' "$phase" $status $((try + 1)) "$3" >&7
    try=$((try + 1))
    sleep "$pause_seconds"
  done
}

# `timeout` ends its own process group alone.
kill_phase() {
  if find_group && move $$ "${group%/*}"; then
    kill_group "$group"
    move $$ "$group"
  fi
  kill_strays $$ $$
}

# Before the phases that always run: they may make room, or take it.
check_server() {
  [ $status -ne 0 ] || return 0
  ! has_killed || [ $kind != exited ] || kind=out-of-memory
  # Also after the end of the time: a database waits for room for ever.
  free=$(df -Pk . | awk 'NR == 2 { print $4 }')
  [ "${free:-1024}" -ge 1024 ] || kind=disk-full
}

# The kernel has killed a process for want of memory since the job began; whose it was it does not count.
has_killed() {
  [ -s oom-kills ] || return
  read -r _ before <oom-kills
  [ "$(awk '$1 == "oom_kill" { print $2 }' /proc/vmstat)" -gt "$before" ]
}

# run_always NAME LIMIT ATTEMPTS: beside the time limit of the job, and without a part in its result.
run_always() {
  read -r began _ </proc/uptime
  deadline=$((${began%.*} + $2)) kind=exited
  run_phase "$@" || printf '[sidegate: phase %s ended with status %s]\n' "$phase" $status >&7
}

# A daemon left by the job may hold the pipe open; it does not hold the result back.
finish() {
  kill "$heart"
  exec 7>&-
  ( sleep 2; kill "$reader" ) >/dev/null 2>&1 9>&- & patience=$!
  wait "$reader" 2>/dev/null
  kill "$patience" 2>/dev/null
  : >reserve
  size=$(wc -c <console)
  read -r up _ </proc/uptime
  # On a line of its own also when a full disk cut the last one.
  printf '\ntime %s %s\nend %s %s %s\n' "$up" "$size" "$1" "$2" "$size" >>control
  # Nobody waits for the rest.
  ! find_group || ! move $$ "${group%/*}" || rmdir "$group"
}
