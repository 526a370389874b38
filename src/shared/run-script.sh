# shellcheck shell=bash
# bash run-script.sh SECONDS <INPUT 3<CLAIM 4<SCRIPT
# Runs the script on its input, but only while sidegate may. CLAIM brings a line each time the claim was renewed. None for SECONDS, or its
# end: sidegate was killed, is frozen or lost the database. Then another process may begin, so this one must not go on.
script=$(cat <&4)
exec 4<&-
read -r -t "$1" -u 3 || exit 125
(
  while read -r -t "$1" -u 3; do :; done
  kill -KILL 0
) </dev/null >/dev/null 2>&1 &
exec 3<&-
# A process of its own, so that the script's `wait` does not wait for the watch above.
exec bash -eu -o pipefail <(printf '%s\n' "$script")
