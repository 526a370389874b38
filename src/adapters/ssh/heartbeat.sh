# shellcheck shell=sh
# shellcheck disable=SC2154 # run-job.sh and kill-job.sh assign them.
# Beside the phases, in a process of its own: the job's control group, and every two seconds a beat: the uptime and the bytes of the console.
# No clock of the day has a part in it. Beyond sleep a beat starts no program.
beat_seconds=2

# enter_group: the runner and what it started by now go into a control group of version 2, below the one they are in, so that the session
# stays the same to logind. Moving takes the kernel some 10 ms: nobody waits for it.
enter_group() {
  for place in /sys/fs/cgroup /sys/fs/cgroup/unified none; do [ ! -e "$place/cgroup.procs" ] || break; done
  [ "$place" != none ] || return
  while IFS=: read -r number _ path; do [ "$number" != 0 ] || break; done </proc/self/cgroup
  group="$place${path%/}/sidegate-${PWD##*/}"
  echo "$group" >cgroup
  mkdir "$group" 2>/dev/null || as_root mkdir "$group" || return
  read -r self _ </proc/self/stat
  ! move $$ "$group" || enter_below $$
}

# enter_below PID: its children came before it was in the group, later ones are in it.
enter_below() {
  children=
  read -r children <"/proc/$1/task/$1/children"
  for child in $children; do
    case $child in "$reader" | "$self") continue ;; esac
    move "$child" "$group"
    enter_below "$child"
  done
}

heartbeat() {
  enter_group
  shown=0 beats=0 at=0
  # A job may kill all that is called sleep.
  while :; do
    sleep $beat_seconds
    line=
    read -r line <"/proc/$$/stat"
    # shellcheck disable=SC2086 # its fields
    set -- ${line##*) }
    # The runner is gone; who has its number now is somebody else.
    [ "${20}" = "$born" ] || exit
    case $1 in T | t) continue ;; esac
    read -r up _ </proc/uptime
    read -r _ at <"/proc/$reader/fdinfo/1"
    # In place: a full disk has room for that.
    echo "$up $at" 1<>heartbeat
    [ "$at" -eq "$shown" ] || echo "time $up $at" >>control
    shown=$at
    [ $((beats % 30)) -ne 0 ] || echo "clock $up $(date +%s.%N)" >>control
    [ $beats -ne 0 ] || grep '^oom_kill ' /proc/vmstat >oom-kills
    beats=$((beats + 1))
  done
}
