# shellcheck shell=bash
# Brings up OpenStack. Runs in the workspace after devstack.sh and local-conf.sh.
set -eu -o pipefail
exec </dev/null
stack=${STACK_FOLDER:-/opt/stack}
if [ "$(id -u)" -eq 0 ]; then
  echo 'stack.sh does not run as root: the user of the label must be another one that may use sudo without a password.' >&2
  exit 1
fi
cd "$stack/devstack"
exec ./stack.sh
