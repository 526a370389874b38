#!/bin/bash
# machine.sh ROOT [VENV]: process 1 of the Linux under z/VM on which one Feilong runs: the host's root file system with a mainframe's
# programs and a configuration of its own, so that several can run beside each other. Network and sdkserver's port are the host's.
set -euo pipefail
root=$1 venv=${2:-}
here=$(dirname "$(readlink -f "$0")")
disk=$root/disk new=$root/disk/root

prepare_root() {
  mount -t tmpfs -o size=2g sidegate-lab "$disk"
  mkdir "$disk/upper" "$disk/work" "$new"
  mount -t overlay -o "lowerdir=/,upperdir=$disk/upper,workdir=$disk/work" sidegate-lab "$new"
  mount --rbind /dev "$new/dev"
  mount --rbind /sys "$new/sys"
  mount -t proc proc "$new/proc"
  mount -t tmpfs -o mode=755 run "$new/run"
  mount -t tmpfs -o mode=1777 tmp "$new/tmp"
  mkdir -p "$new/var/lib/zvm" "$new/var/lib/feilong" "$new/opt/feilong"
  mount --bind "$root/zvm" "$new/var/lib/zvm"
  mount --bind "$root/feilong" "$new/var/lib/feilong"
  [ -z "$venv" ] || mount --bind "$venv" "$new/opt/feilong"
}

install_programs() {
  local program
  cp -r "$here/mainframe" "$new/opt/mainframe"
  mkdir -p "$new/opt/zthin/bin/IUCV" "$new/opt/mainframe/bin"
  for program in smcli unpackdiskimage creatediskimage linkdiskandbringonline offlinediskanddetach; do
    ln -s /opt/mainframe/run.py "$new/opt/zthin/bin/$program"
  done
  ln -s /opt/mainframe/run.py "$new/opt/zthin/bin/IUCV/iucvclnt"
  ln -s /opt/mainframe/run.py "$new/opt/mainframe/bin/udevadm"
  for program in vmcp vmur dasdfmt fdasd chccwdev cio_ignore; do ln -sf /opt/mainframe/run.py "$new/usr/sbin/$program"; done
}

configure() {
  cp "$root/etc/zvmsdk.conf" "$new/etc/zvmsdk/zvmsdk.conf"
  install -m 440 "$root/etc/sudoers" "$new/etc/sudoers.d/sudoers-zvmsdk"
  # Feilong copies images and config drives from the compute hosts with this key.
  install -d -o zvmsdk -g zvmsdk -m 700 "$new/var/lib/zvmsdk" "$new/var/lib/zvmsdk/.ssh"
  install -o zvmsdk -g zvmsdk -m 600 "$root/etc/ssh-key" "$new/var/lib/zvmsdk/.ssh/id_ed25519"
}

prepare_root
install_programs
configure
cd "$new"
mkdir -p .host
pivot_root . .host
umount -l /.host
touch /var/lib/feilong/booted
# Process 1 takes over what lost its parent.
while :; do wait -n || sleep 1; done
