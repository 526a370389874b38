# shellcheck shell=bash
# Makes a pool for one build. The stand-in for an iSCSI array is the folder $ARRAY: a pool is a folder in it, a volume a folder in a pool.
# A real array has a command line or REST in place of `mkdir`, and answers a portal's address in place of a path.
array=${ARRAY:-/srv/iscsi-array}
[[ $array =~ ^/[A-Za-z0-9._/-]+$ ]] || { echo "ARRAY is no plain path: $array" >&2; exit 1; }

# One line without blanks, no name with anything to escape: plain bash can read it. With jq: slot=$(jq -r .slot <<<"$request")
read -r request
[[ $request =~ '"slot":"'([A-Z0-9]+)'","generation":'([0-9]+), ]] || { echo "not a request: $request" >&2; exit 1; }
pool=$array/pools/${BASH_REMATCH[1]}-${BASH_REMATCH[2]}

# The slot was cleaned before. What is there nevertheless comes from a run of this script that was cut short.
mkdir -p "$pool"

printf '{"variables":{"ARRAY_POOL":"%s"}}\n' "$pool"
