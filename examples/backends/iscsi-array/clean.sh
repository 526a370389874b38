# shellcheck shell=bash
# Removes every pool of the slot with its volumes, of whatever generation: also what a build left that was killed.
array=${ARRAY:-/srv/iscsi-array}
# Names told; all are removed.
most=100

read -r request
[[ $request =~ '"slot":"'([A-Z0-9]+)'"' ]] || { echo "not a request: $request" >&2; exit 1; }
slot=${BASH_REMATCH[1]}
# "No pools" and "no array" are not the same.
[ -d "$array/pools" ] || { echo "$array does not answer" >&2; exit 1; }

# Builds choose the names: nothing of them may end a string of the answer.
quoted() { printf '"%s"' "${1//[^A-Za-z0-9._:, \/-]/?}"; }

shopt -s nullglob dotglob
found=() left=()
for pool in "$array/pools/$slot-"*; do
  for volume in "$pool"/*; do
    name=${pool##*/}/${volume##*/}
    why=
    # A volume with a file `locked` is one that another system has in use; the file says which.
    if [ -f "$volume/locked" ]; then why=$(head -c 200 "$volume/locked")
    elif ! rm -rf -- "$volume"; then why='rm failed'
    fi
    # What cannot be removed keeps nothing else.
    [ -z "$why" ] || [ "${#left[@]}" -ge "$most" ] || left+=("{\"what\":$(quoted "$name"),\"why\":$(quoted "$why")}")
    [ "${#found[@]}" -ge "$most" ] || found+=("$(quoted "$name")")
  done
  rmdir -- "$pool" 2>/dev/null || true
  found+=("$(quoted "${pool##*/}")")
done

# Empty `found` says that the slot is clean: sidegate runs this until it is.
IFS=,
printf '{"found":[%s],"left":[%s]}\n' "${found[*]}" "${left[*]}"
