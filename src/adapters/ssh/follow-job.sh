# shellcheck shell=sh
# Runs on the test server: sh -c "$this" sidegate JOB-FOLDER EPOCH CONSOLE-OFFSET PAYLOAD-LENGTH
# Standard input: the payload, then nothing until sidegate hangs up. Standard output: the console from the offset, byte for byte.
# Standard error: control lines "phase NAME" and, last, "end KIND STATUS CONSOLE-SIZE" or "refused REASON".
umask 077
d="$HOME/.sidegate/$1" epoch=$2 offset=$3 length=$4
{ mkdir -p "$d/workspace" "$d/artifacts" && cd "$d"; } || { echo 'refused disk-full' >&2; exit 96; }

# Read before the lock is taken: a sender that stalls in the middle holds nobody back. Never once the job runs: a shell reads its
# script bit by bit, and process ids come again.
payload="payload.$$"
[ -e started ] || head -c "$length" >"$payload" 2>/dev/null

# An older epoch is refused while a newer one cannot come in between: both hold epoch.lock.
exec 8>epoch.lock; flock 8
seen=0; [ ! -e epoch ] || read -r seen <epoch
if [ "$seen" -gt "$epoch" ]; then rm -f "$payload"; echo 'refused stale-epoch' >&2; exit 97; fi
echo "$epoch" >epoch.new && mv epoch.new epoch

if [ -e started ]; then
  rm -f "$payload"
# Half a payload would be half a job: its sender is gone, or the disk is full.
elif [ "$(wc -c <"$payload")" -ne "$length" ]; then
  rm -f "$payload"; echo 'refused disk-full' >&2; exit 98
# The one atomic "first" (O_EXCL): whoever made this file starts the job, and nobody ever again.
elif ( set -C; : >started ) 2>/dev/null; then
  # The runner inherits the lock held: whoever gets the lock later knows that the runner is gone, however it went.
  exec 9>run.lock; flock 9
  : >console; : >control
  setsid sh "./$payload" </dev/null >/dev/null 2>&1 8>&- &
  exec 9>&-
fi
exec 8>&-
[ -e control ] || { echo 'end lost 0 0' >&2; cat >/dev/null; exit 0; }

tail -c "+$((offset + 1))" -f console & console=$!
tail -c +1 -f control >&2 & control=$!
(
  flock -s 9
  grep -q '^end ' control || echo "end lost 0 $(wc -c <console)" >&2
) 9<run.lock & watch=$!
# Returns when sidegate hangs up or the connection breaks; the tails would otherwise wait for ever.
cat >/dev/null
kill "$console" "$control" "$watch" 2>/dev/null
exit 0
