# bash reset-host.sh SECONDS <SCRIPT 3<CLAIM
# Runs the script, but only while sidegate may have the host reset. CLAIM brings a line each time the claim was renewed. None for
# SECONDS, or its end: sidegate was killed, is frozen or lost the database. Then another process may begin, so this one must not go on.
script=$(cat)
read -r -t "$1" -u 3 || exit 125
(
  while read -r -t "$1" -u 3; do :; done
  kill -KILL 0
) </dev/null >/dev/null 2>&1 &
exec 3<&- </dev/null
# A process of its own, so that the script's `wait` does not wait for the watch above.
exec bash -eu -o pipefail <(printf '%s\n' "$script")
