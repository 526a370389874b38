#!/bin/bash
# guest-disk.sh mount GUEST [ARCHIVE] | pack GUEST ARCHIVE | remove GUEST
# A guest sees the host's root file system; what it writes goes to a tmpfs of its own.
# Runs in nova-compute's mount namespace, with which all the mounts end.
set -euo pipefail
verb=$1 guest=$2 archive=${3:-}
disk=$guest/disk root=$guest/root

case $verb in
  mount)
    mkdir -p "$disk" "$root"
    mount -t tmpfs -o size=2g sidegate-lab "$disk"
    mkdir "$disk/upper" "$disk/work"
    [ -z "$archive" ] || tar -C "$disk/upper" --xattrs --xattrs-include='trusted.overlay.*' -xpf "$archive"
    mount -t overlay -o "lowerdir=/,upperdir=$disk/upper,workdir=$disk/work" sidegate-lab "$root"
    ;;
  pack)
    status=0
    tar -C "$disk/upper" --xattrs --xattrs-include='trusted.overlay.*' -cpf "$archive" . || status=$?
    # 1: a file changed while it was read, as on any running server.
    [ "$status" -le 1 ]
    ;;
  remove)
    for mount in "$root" "$disk"; do
      if mountpoint -q "$mount"; then umount -l "$mount"; fi
    done
    rm -rf --one-file-system "$guest"
    ;;
esac
