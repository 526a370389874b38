#!/bin/bash
# start-guest.sh GUEST: starts it and returns when it has its network.
set -euo pipefail
guest=$1
here=$(dirname "$(readlink -f "$0")")
rm -f "$guest/pid"
export SIDEGATE_LAB_SERVICE=guest SIDEGATE_LAB_HOST_PID=$$
setsid unshare --net /bin/bash "$here/connect-guest.sh" "$guest" >>"$guest/console.log" 2>&1 </dev/null &
started=$!
until [ -s "$guest/pid" ]; do
  if ! kill -0 "$started" 2>/dev/null; then
    tail -n 20 "$guest/console.log" >&2
    exit 1
  fi
  sleep 0.02
done
