#!/bin/bash
# connect-guest.sh GUEST: in the guest's new network namespace; connects its ports to the bridge and becomes the guest.
set -euo pipefail
guest=$1
here=$(dirname "$(readlink -f "$0")")
host=/proc/$SIDEGATE_LAB_HOST_PID/ns/net

in_host() { nsenter --net="$host" "$@"; }

ip link set lo up
number=0
previous=
while read -r device mac address gateway; do
  # A second address of the same port is on the same interface.
  if [ "$device" != "$previous" ]; then
    interface=eth$number number=$((number + 1)) previous=$device
    in_host ip link delete "$device" 2>/dev/null || true
    ip link add "$interface" address "$mac" type veth peer name "$device" netns "$SIDEGATE_LAB_HOST_PID"
    in_host ip link set "$device" master "$SIDEGATE_LAB_BRIDGE" up
    ip link set "$interface" up
  fi
  ip addr add "$address" dev "$interface"
  [ "$gateway" = - ] || ip route add default via "$gateway" 2>/dev/null || true
done <"$guest/interfaces"

echo $$ >"$guest/pid"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
  SIDEGATE_LAB_ROOT="$SIDEGATE_LAB_ROOT" SIDEGATE_LAB_SERVICE=guest \
  unshare --mount --uts --ipc --pid --fork --kill-child /bin/bash "$here/guest-init.sh" "$guest"
