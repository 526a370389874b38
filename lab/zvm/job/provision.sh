# shellcheck shell=bash
# Makes this test server a compute host of z/VM with the change under test in its nova. Runs after fetch.sh, in the workspace;
# may run twice.
exec </dev/null
nova=/usr/lib/python3/dist-packages/nova

# Feilong copies images and config drives from here.
echo "$FEILONG_PUBLIC_KEYS" >>~/.ssh/authorized_keys

cp -r source/nova/. "$nova"
git -C source --no-pager show --stat --format='Under test: %h %s' HEAD

echo 'What the unit tests of the driver say (Zuul judges them, not this job):'
(cd / && timeout 300 /usr/bin/python3 -m testtools.run discover -s "$nova/tests/unit/virt/zvm" -t "${nova%/nova}") \
  >"$SIDEGATE_ARTIFACTS/unit-tests.txt" 2>&1 || true
tail -n 4 "$SIDEGATE_ARTIFACTS/unit-tests.txt"
