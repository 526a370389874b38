# shellcheck shell=bash
# Says whether the array is well. Exit status other than 0: it is not, and gets no builds until it is again.
array=${ARRAY:-/srv/iscsi-array}
[ -d "$array/pools" ] || { echo "$array does not answer" >&2; exit 1; }

free=$(df --output=avail --block-size=1G -- "$array" | tail -n 1)
printf '{"text":"%s pools in use","free":{"disk":%d}}\n' "$(find "$array/pools" -mindepth 1 -maxdepth 1 | wc -l)" "$free"
