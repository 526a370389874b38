# shellcheck shell=sh
# Runs on the test server: sh -c "$this" sidegate JOB-FOLDER EPOCH CONSOLE-OFFSET PAYLOAD-LENGTH PATIENCE LOOK-EVERY
# Standard input: the payload, then nothing until sidegate hangs up. Standard output: the console from the offset, byte for byte.
# Standard error: control lines "phase NAME", "time UPTIME CONSOLE-SIZE", "clock UPTIME EPOCH-SECONDS", "alive" every LOOK-EVERY seconds
# and, last, "end KIND STATUS CONSOLE-SIZE" or "refused REASON".
umask 077
d="$HOME/.sidegate/$1" epoch=$2 offset=$3 length=$4 patience=$5 look_every=$6
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
  read -r boot </proc/sys/kernel/random/boot_id
  echo "$boot" >boot-id
  : >console; : >control
  setsid sh "./$payload" </dev/null >/dev/null 2>&1 8>&- &
  exec 9>&-
fi
exec 8>&-
[ -e control ] || { echo 'end lost 0 0' >&2; cat >/dev/null; exit 0; }

# Of a runner that is gone without an end. What was not yet on the disk when the server stopped is empty now.
why() {
  read -r now </proc/sys/kernel/random/boot_id
  boot=$now before=''
  [ ! -e boot-id ] || { boot=''; read -r boot <boot-id; }
  [ "$boot" = "$now" ] || { echo rebooted; return; }
  [ ! -s oom-kills ] || read -r _ before <oom-kills
  [ -n "$before" ] && [ "$(awk '$1 == "oom_kill" { print $2 }' /proc/vmstat)" -gt "$before" ] && echo out-of-memory || echo lost
}

# The runner's beat is older than the patience, and came no further while we looked: uptime may have jumped over a pause of the server.
beat='' same=0
is_silent() {
  last=$beat
  read -r beat _ <heartbeat
  read -r now _ </proc/uptime
  if [ -n "$beat" ] && [ "$beat" = "$last" ]; then same=$((same + 1)); else same=0; fi
  [ $same -ge 3 ] && [ $((${now%.*} - ${beat%.*})) -gt "$patience" ]
}

tail -c "+$((offset + 1))" -f console & console=$!
tail -c +1 -f control >&2 & control=$!
(
  until flock -s -w "$look_every" 9; do
    echo alive >&2
    if [ -s heartbeat ] && is_silent; then
      echo "end silent 0 $(wc -c <console)" >&2
      exit
    fi
  done
  # A server that goes down ends its processes in any order: what became of it is known when it is back.
  while [ "$(systemctl is-system-running 2>/dev/null)" = stopping ]; do sleep 1; done
  grep -q '^end ' control || echo "end $(why) 0 $(wc -c <console)" >&2
) 9<run.lock & watch=$!
# Returns when sidegate hangs up or the connection breaks; the tails would otherwise wait for ever.
cat >/dev/null
kill "$console" "$control" "$watch" 2>/dev/null
exit 0
