# shellcheck shell=bash
# Publishes tempest's results and what the services have written, in the tree OpenStack people know. A phase that always runs: whatever of it is there.
set +e
exec </dev/null
stack=${STACK_FOLDER:-/opt/stack}
folder=$stack/tempest
if [ -d tempest ]; then folder=$PWD/tempest; fi
logs=$SIDEGATE_ARTIFACTS/controller/logs
mkdir -p "$logs/etc"

results=$SIDEGATE_ARTIFACTS/testrepository.subunit
if cd "$folder" 2>/dev/null; then
  PATH=$PWD/.tox/tempest/bin:$PATH
  # What ran again has a run of its own, which is not the one that counts.
  if [ -s first-run.subunit ]; then cp first-run.subunit "$results"
  # A run that was broken off has only a part, in a file of its own. Without a whole run stestr prints that there is none, where the results would be.
  elif ! stestr last --subunit >"$results" 2>/dev/null; then cat .stestr/tmp* >"$results" 2>/dev/null || rm -f "$results"
  fi
  [ ! -s second-run.subunit ] || cp second-run.subunit "${results%.subunit}-again.subunit"
  for file in tempest.conf etc/tempest.conf; do [ ! -e "$file" ] || cp "$file" "$logs/tempest_conf.txt"; done
  for file in tempest.log data/tempest.log; do [ ! -e "$file" ] || cp "$file" "$logs/tempest_log.txt"; done
fi

# Configuration opens in a browser under these names.
for file in /etc/nova/*.conf /etc/neutron/*.conf /etc/neutron/plugins/ml2/*.ini /etc/glance/*.conf /etc/placement/*.conf; do
  [ ! -r "$file" ] || cp "$file" "$logs/etc/$(basename "${file%.*}")_${file##*.}.txt"
done
[ ! -d "$stack/logs" ] || find "$stack/logs" -maxdepth 1 -type f -name '*.txt*' -exec cp {} "$logs/" \;
if command -v systemctl >/dev/null; then
  systemctl list-units --plain --no-legend 'devstack@*' 2>/dev/null | while read -r unit _; do
    name=${unit#devstack@}
    # shellcheck disable=SC2024 # the file is ours, only the journal is not
    sudo journalctl --quiet --output=short-precise --unit "$unit" >"$logs/screen-${name%.service}.txt" 2>/dev/null || true
  done
fi
# What is really there: of each line that fetch.sh wrote, the project as it was tested. devstack has it elsewhere, and may have fetched it anew.
checked=$SIDEGATE_ARTIFACTS/zuul-info/checked-out.txt
if [ -r "$checked" ]; then
  grep -v "^$stack/" "$checked" | while IFS=$'\t' read -r _ project branch _ revision state; do
    place=$stack/${project##*/}
    head=$(git -C "$place" rev-parse --verify HEAD 2>/dev/null) || continue
    if git -C "$place" merge-base --is-ancestor "$revision" HEAD 2>/dev/null; then
      state=contained
    elif [ "$state" = contained ]; then
      state=missing
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$place" "$project" "$branch" "$head" "$revision" "$state"
  done >"$checked.stack"
  { grep -v "^$stack/" "$checked"; cat "$checked.stack"; } >"$checked.new" && mv "$checked.new" "$checked"
  rm -f "$checked.stack"
fi
df -h >"$logs/df.txt" 2>&1
ps auxww >"$logs/services.txt" 2>&1
{ command -v dpkg >/dev/null && dpkg -l; } >"$logs/dpkg-l.txt" 2>&1
find "$logs" -empty -delete
exit 0
