# shellcheck shell=bash
# Runs the tests that $TEMPEST_INCLUDE (a regular expression) selects, without those of $TEMPEST_EXCLUDE: a line each with an id, which may be
# missing, the day from which it is not excluded any more, a regular expression without blanks, and the reason. What $TEMPEST_PRESETS names comes in
# $SIDEGATE_PRESET_TESTS, in the same form, the day may be `never`. Tests that failed run again once where they are not
# more than $TEMPEST_RERUN_MAX. Runs in the workspace; its results are for collect.sh.
set -eu -o pipefail
exec </dev/null
include=${TEMPEST_INCLUDE:-^tempest\.api\.compute\.servers\.}
folder=${STACK_FOLDER:-/opt/stack}/tempest
# Where packages brought it up instead of devstack.
if [ -d tempest ]; then folder=$PWD/tempest; fi
mkdir -p "$SIDEGATE_ARTIFACTS/controller/logs"
cd "$folder"
if [ -d .tox/tempest/bin ]; then PATH=$PWD/.tox/tempest/bin:$PATH; fi

today=$(date -u +%F)
excluded=exclude-list.txt
: >"$excluded"
day='^[0-9]{4}-[0-9]{2}-[0-9]{2}$'

# leave_out VARIABLE LINES
leave_out() {
  local line id until regex reason
  while read -r line; do
    if [ -z "$line" ]; then continue; fi
    id=
    if [[ ${line%%[[:blank:]]*} =~ $day ]]; then
      read -r until regex reason <<<"$line"
    else
      read -r id until regex reason <<<"$line"
    fi
    if ! [[ $until =~ $day || ($until = never && $1 = SIDEGATE_PRESET_TESTS) ]] || [ -z "$regex" ] || [ -z "$reason" ]; then
      echo "$1: \"$line\" is not a day, a regular expression and a reason, with or without an id before them." >&2
      exit 1
    fi
    if [[ $until != never && ! $until > $today ]]; then
      echo "EXPIRED on $until, so it is tested again: ${id:+$id: }$regex ($reason)"
      continue
    fi
    until=${until/#never/}
    echo "Excluded${until:+ until $until}: ${id:+$id: }$regex ($reason)"
    printf '# %s%s%s\n%s\n' "${id:+$id: }" "$reason" "${until:+, until $until}" "$regex" >>"$excluded"
  done <<<"$2"
}
leave_out SIDEGATE_PRESET_TESTS "${SIDEGATE_PRESET_TESTS:-}"
leave_out TEMPEST_EXCLUDE "${TEMPEST_EXCLUDE:-}"
cp "$excluded" "$SIDEGATE_ARTIFACTS/controller/logs/"

# The console shows each test when it ends.
export PYTHONUNBUFFERED=1
[ -d .stestr ] || stestr init
options=(--regex "$include" --exclude-list "$excluded" --concurrency "${TEMPEST_CONCURRENCY:-2}")
if [ -e tempest.conf ]; then options+=(--config-file tempest.conf); fi
# What should run, to tell a test that did not from one that was never asked for.
tempest run --list-tests "${options[@]}" | grep '^[A-Za-z_][A-Za-z0-9_.]*' >"$SIDEGATE_ARTIFACTS/selection.txt" || true
echo "Selected: $(wc -l <"$SIDEGATE_ARTIFACTS/selection.txt") tests"

# What was run again, and how it ended: the first run stays as it was, and its failure the phase's.
run_again() {
  # Without a whole run stestr prints that there is none, where the results would be.
  stestr last --subunit >first-run.subunit 2>/dev/null || { rm -f first-run.subunit; return; }
  stestr failing --list >failed-tests.txt 2>/dev/null || true
  if [ ! -s first-run.subunit ] || [ ! -s failed-tests.txt ]; then return; fi
  # A fixture that failed is no test: all of its class or module stand for it.
  awk 'NR == FNR { if (sub(/^(setUp|tearDown)(Class|Module) \(/, "")) { sub(/\)$/, "."); groups[$0] } else tests[$0]; next }
    $0 in tests { print; next }
    { for (group in groups) if (index($0, group) == 1) { print; next } }' failed-tests.txt "$SIDEGATE_ARTIFACTS/selection.txt" >run-again.txt
  count=$(wc -l <run-again.txt)
  if [ "$count" -eq 0 ] || [ "$count" -gt "${TEMPEST_RERUN_MAX:-20}" ]; then return; fi
  echo "Run again: $count tests"
  again=(--load-list run-again.txt --concurrency "${TEMPEST_CONCURRENCY:-2}")
  if [ -e tempest.conf ]; then again+=(--config-file tempest.conf); fi
  tempest run "${again[@]}" || true
  stestr last --subunit >second-run.subunit 2>/dev/null || rm -f second-run.subunit
  # It did not come to a run of its own.
  if cmp -s first-run.subunit second-run.subunit 2>/dev/null; then rm second-run.subunit; fi
}

rm -f first-run.subunit second-run.subunit
status=0
tempest run "${options[@]}" || status=$?
if [ "$status" -ne 0 ]; then run_again; fi
exit "$status"
