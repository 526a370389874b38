#!/bin/bash
# guest-init.sh GUEST: process 1 of a guest, in the part of cloud-init too.

enter_root() {
  mount --make-rprivate /
  cd "$guest/root" || exit 1
  mkdir -p .host
  pivot_root . .host
  cd / || exit 1
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  mount -t tmpfs -o mode=755 dev /dev
  mount -t tmpfs -o mode=755 run /run
  mount -t tmpfs -o mode=1777 tmp /tmp
  make_devices
}

make_devices() {
  local name major minor
  while read -r name major minor; do
    mknod -m 666 "/dev/$name" c "$major" "$minor"
  done <<'DEVICES'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
DEVICES
  mkdir /dev/pts /dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
  mount -t tmpfs -o mode=1777 shm /dev/shm
  ln -s pts/ptmx /dev/ptmx
  ln -s /proc/self/fd /dev/fd
}

# What cloud-init does once per server, so also on the first boot of a snapshot.
first_boot() {
  local uuid=$1 settings=/.host$guest state=/var/lib/cloud
  [ "$(cat $state/instance-id 2>/dev/null)" = "$uuid" ] && return
  mkdir -p "$state" /root/.ssh
  cp "$settings/hostname" /etc/hostname
  # Files of the host may be bound or linked elsewhere.
  rm -f /etc/hosts /etc/resolv.conf $state/user-data /etc/ssh/lab_host_key*
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$(cat /etc/hostname)" >/etc/hosts
  touch /etc/resolv.conf
  cp "$settings/authorized_keys" /root/.ssh/authorized_keys
  chown 0:0 /root /root/.ssh /root/.ssh/authorized_keys
  chmod 700 /root /root/.ssh
  chmod 600 /root/.ssh/authorized_keys
  # sshd refuses an account whose password is locked by "!".
  sed -i 's/^root:[^:]*/root:*/' /etc/shadow
  ssh-keygen -q -t ed25519 -N '' -C "root@$(cat /etc/hostname)" -f /etc/ssh/lab_host_key
  if [ -f "$settings/user-data" ]; then install -m 700 "$settings/user-data" $state/user-data; fi
}

run_user_data() {
  local uuid=$1 state=/var/lib/cloud
  [ "$(cat $state/instance-id 2>/dev/null)" = "$uuid" ] && return
  if [ -f $state/user-data ] && [ "$(head -c 2 $state/user-data)" = '#!' ]; then
    $state/user-data
    say "user data ended with status $?"
  fi
  echo "$uuid" >$state/instance-id
}

say() { echo "[$(date -u +%FT%TZ)] $*"; }

show_host_keys() {
  echo '-----BEGIN SSH HOST KEY FINGERPRINTS-----'
  ssh-keygen -lf /etc/ssh/lab_host_key.pub
  echo '-----END SSH HOST KEY FINGERPRINTS-----'
  echo '-----BEGIN SSH HOST KEY KEYS-----'
  cat /etc/ssh/lab_host_key.pub
  echo '-----END SSH HOST KEY KEYS-----'
}

main() {
  guest=$1
  local uuid boot
  uuid=$(basename "$guest")
  boot=$(cat "$guest/boot")
  enter_root
  first_boot "$uuid"
  umount -l /.host
  rmdir /.host
  hostname "$(cat /etc/hostname)"
  say "$(hostname) boots"
  unset SIDEGATE_LAB_ROOT SIDEGATE_LAB_SERVICE
  show_host_keys
  run_user_data "$uuid"
  if [ "$boot" != no-ssh ]; then
    mkdir -p /run/sshd
    /usr/sbin/sshd -D -e -f /dev/null -o HostKey=/etc/ssh/lab_host_key -o PermitRootLogin=prohibit-password \
      -o UsePAM=no -o PidFile=none -o Subsystem='sftp internal-sftp' -o AcceptEnv='*' &
    say 'sshd listens'
  fi
  # Process 1 takes over what lost its parent.
  while :; do wait -n || sleep 1; done
}

main "$@"
exit
