#!/bin/bash
# stop-guest.sh GUEST: ends it and everything in it, at once; its disk stays.
set -euo pipefail
guest=$1
pid=$(cat "$guest/pid" 2>/dev/null || true)
# A process that nobody waited for has no command line any more.
lives() { tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF "$guest"; } 2>/dev/null

if [ -n "$pid" ] && lives; then
  kill -KILL "$pid"
  while lives; do sleep 0.02; done
fi
rm -f "$guest/pid"
# The kernel removes them with the network namespace, but takes its time.
while read -r device _; do
  ip link delete "$device" 2>/dev/null || true
done <"$guest/interfaces"
