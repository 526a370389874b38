# shellcheck shell=bash
# Publishes tempest's results and what the services have written: what `zuul_copy_output` of devstack's and tempest's jobs names, under the same names. A
# phase that always runs: whatever of it is there.
set +e
exec </dev/null
stack=${STACK_FOLDER:-/opt/stack}
# For a system that is mounted elsewhere.
system=${SYSTEM_FOLDER:-}
folder=$stack/tempest
if [ -d tempest ]; then folder=$PWD/tempest; fi
logs=$SIDEGATE_ARTIFACTS/controller/logs
mkdir -p "$logs"
# Of a log that is longer, its end.
most=$((256 * 1024 * 1024))

# Much of it is root's alone; whom devstack runs as may use sudo without a password. Asked once: each use is a line in the server's log.
may_sudo=
if [ "$(id -u)" -ne 0 ] && sudo -n true 2>/dev/null; then may_sudo=yes; fi
as_root() {
  if [ -n "$may_sudo" ]; then sudo -n "$@"; else "$@"; fi
}

# stage FOLDER FILE...: what ends like this opens in a browser only under another name.
stage() {
  local to=$logs/$1 file name
  shift
  mkdir -p "$to"
  for file; do
    as_root test -f "$file" || continue
    name=$(sed -E 's/\.(conf|log|localrc|stackenv|auto|ya?ml)$/_\1.txt/' <<<"${file##*/}")
    as_root tail -c "$most" "$file" >"$to/${name#.}" 2>/dev/null
  done
}

# stage_tree FOLDER FROM: all below FROM, but the keys of Keystone.
stage_tree() {
  local file inner
  as_root find -L "$2" -maxdepth 4 -type f ! -path '*-keys/*' -print0 2>/dev/null | while IFS= read -r -d '' file; do
    inner=$(dirname "${file#"$2"/}")
    stage "$1/$inner" "$file"
  done
}

# record NAME COMMAND...: what a command says, if it is there and answers.
record() {
  local name=$1
  shift
  as_root timeout -s KILL 60 "$@" >"$logs/$name" 2>/dev/null
}

results=$SIDEGATE_ARTIFACTS/testrepository.subunit
collect_results() {
  local PATH=$PWD/.tox/tempest/bin:$PATH
  # What ran again has a run of its own, which is not the one that counts.
  if [ -s first-run.subunit ]; then
    cp first-run.subunit "$results"
  # A run that was broken off has only a part, in a file of its own. Without a whole run stestr prints that there is none, where the results would be.
  elif ! stestr last --subunit >"$results" 2>/dev/null; then
    cat .stestr/tmp* >"$results" 2>/dev/null || rm -f "$results"
  fi
  [ ! -s second-run.subunit ] || cp second-run.subunit "${results%.subunit}-again.subunit"
  stage . tempest.conf etc/tempest.conf etc/accounts.yaml data/tempest.log tempest.log
}

collect_devstack() {
  local devstack=$stack/devstack file
  stage . "$devstack/local.conf" "$devstack/localrc" "$devstack/.localrc.auto" "$devstack/.stackenv"
  for file in "$stack"/logs/*; do
    # Those of each run lie beside the last ones, under their time.
    case $file in */devstacklog.txt.20* | */worlddump-20*) ;; *) stage . "$file" ;; esac
  done
  # Written while stack.sh looks whether tempest's configuration is true.
  if [ -f "$devstack/tempest.log" ]; then cp "$devstack/tempest.log" "$logs/verify_tempest_conf_log.txt"; fi
  # shellcheck disable=SC2016 # devstack's own variables
  [ ! -f "$devstack/tools/get-stats.py" ] || (cd "$devstack" && timeout -s KILL 120 bash -c '
    source stackrc; source inc/python; setup_devstack_virtualenv
    $PYTHON tools/get-stats.py --db-user="$DATABASE_USER" --db-pass="$DATABASE_PASSWORD" --db-host="$DATABASE_HOST" --apache-log=/var/log/apache2/access.log
    ' >"$logs/performance.json" 2>/dev/null)
}

collect_journal() {
  local unit name
  command -v journalctl >/dev/null || return
  systemctl list-unit-files --no-legend 'devstack@*' 2>/dev/null | while read -r unit _; do
    name=${unit#devstack@}
    record "screen-${name%.service}.txt" journalctl --quiet --output=short-precise --unit "$unit"
  done
  record syslog.txt journalctl --quiet --no-pager --boot -t kernel -t sudo
}

collect_system() {
  local project
  # openstack has clouds.yaml
  for project in keystone nova neutron glance placement cinder openstack; do stage_tree "etc/$project" "$system/etc/$project"; done
  for project in apache2:apache mysql:mysql rabbitmq:rabbitmq postgresql:postgresql openvswitch:openvswitch ovn:ovn; do
    stage_tree "${project#*:}" "$system/var/log/${project%:*}"
  done
  stage_tree apache_config "$system/etc/apache2/sites-enabled"
  stage . "$system/etc/resolv.conf" "$system/etc/sudoers"
  record df.txt df -h
  record mount.txt mount
  record iptables.txt iptables-save
  record listen53.txt ss -lntup 'sport = :53'
  record dpkg-l.txt dpkg -l
  record services.txt systemctl status --all --no-pager
  record ps.txt ps auxww
  record pip3-freeze.txt "$([ -x "$stack/data/venv/bin/python" ] && echo "$stack/data/venv/bin/python" || echo python3)" -m pip freeze
}

# Each deprecation that the services told of once, without times and names of requests, with how often.
collect_deprecations() {
  find "$logs" -maxdepth 1 -name '*.txt' -size -262144k -exec grep -ih deprecat {} + 2>/dev/null |
    sed -E 's/[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?/ /g; s/[0-9]{4}-[0-9]{2}-[0-9]{2}/ /g; s/\[.*\]/ /g; s/[[:space:]][0-9]+[[:space:]]/ /g' |
    sort | uniq -c | sort -rn | sed -E 's/^ *([0-9]+) /\1 :: /' >"$logs/deprecations_log.txt"
}

# What is really there: of each line that fetch.sh wrote, the project as it was tested. devstack has it elsewhere, and may have fetched it anew.
prove_commits() {
  local checked=$SIDEGATE_ARTIFACTS/zuul-info/checked-out.txt place head project branch revision state
  [ -r "$checked" ] || return
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
}

# A last look must not make one fail that stands before it; the results come first, for those whose time runs out.
if [ -d "$folder" ]; then (cd "$folder" && collect_results); fi
prove_commits
collect_devstack
collect_journal
collect_deprecations
collect_system
find "$logs" \( -type f -o -type d \) -empty -delete
exit 0
