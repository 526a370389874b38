# shellcheck shell=sh
# Ends every process of the job whose folder is the current one. Part of the runner, for a phase that took too long, and of stop-job.sh.
as_root() { command -v sudo >/dev/null && timeout 10 sudo -n "$@" >/dev/null 2>&1 </dev/null; }

# move PID GROUP
# shellcheck disable=SC2016 # the inner shell expands it
move() { ( echo "$1" >"$2/cgroup.procs" ) 2>/dev/null || as_root sh -c 'echo "$1" >"$2/cgroup.procs"' sh "$1" "$2"; }

# find_group: sets group where the job has one.
find_group() {
  group=''
  [ ! -s cgroup ] || read -r group <cgroup
  [ -e "$group/cgroup.procs" ]
}

# kill_group GROUP: whatever became of its processes, setsid and double forks too. Whoever calls it is in another one.
kill_group() {
  # shellcheck disable=SC2016 # the inner shell expands it
  ( echo 1 >"$1/cgroup.kill" ) 2>/dev/null || as_root sh -c 'echo 1 >"$1/cgroup.kill"' sh "$1" ||
    while read -r pid; do kill -9 "$pid"; done <"$1/cgroup.procs" 2>/dev/null
  tries=0
  while read -r pid <"$1/cgroup.procs" && [ $tries -lt 20 ]; do sleep 0.1; tries=$((tries + 1)); done 2>/dev/null
}

# kill_strays SESSION SPARED: processes of that session (may be empty), those that have the job's environment or console, and what
# descends from them; not SPARED and what descends from it. For servers without cgroups, and for what began before there was one.
kill_strays() {
  for _ in 1 2 3; do
    marked=$(
      grep -lsF "SIDEGATE_WORKSPACE=$PWD/workspace" /proc/[0-9]*/environ
      find /proc/[0-9]*/fd/[12] -maxdepth 0 -lname "$PWD/console.pipe" 2>/dev/null | sed 's/fd.*//'
    )
    marked=$(printf '%s' "$marked" | tr -c '0-9' ' ')
    strays=$(cat /proc/[0-9]*/stat 2>/dev/null | awk -v session="$1" -v spared="$2" -v marked="$marked" '
      { pid = $1; sub(/^.*\) /, ""); if ($1 == "Z") next; parent[pid] = $2; if (session != "" && $4 == session) wanted[pid] }
      END {
        count = split(marked, marks, " ")
        for (n = 1; n <= count; n++) if (marks[n] in parent) wanted[marks[n]]
        do {
          grew = 0
          for (pid in parent) if (!(pid in wanted) && (parent[pid] in wanted)) { wanted[pid]; grew = 1 }
        } while (grew)
        for (pid in wanted) {
          for (above = pid; above > 1 && above != spared; above = parent[above]);
          if (above != spared) print pid
        }
      }')
    [ -n "$strays" ] || return 0
    for pid in $strays; do
      kill -9 "$pid" 2>/dev/null || [ ! -e "/proc/$pid" ] || as_root kill -9 "$pid"
    done
  done
}
