# shellcheck shell=bash
# Runs the tests of the change against z/VM. Runs in $SIDEGATE_WORKSPACE; may run twice.
set -eu -o pipefail
exec </dev/null
mkdir -p "$SIDEGATE_ARTIFACTS"
export SIDEGATE_RESULTS="$SIDEGATE_ARTIFACTS/testrepository.subunit"

cd source
echo "Node $(node --version), z/VM at $SIDEGATE_FEILONG_URL, servers $SIDEGATE_PREFIX*"
exec node run-tests.mjs
