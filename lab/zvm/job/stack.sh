# shellcheck shell=bash
# Brings up the OpenStack of this test server from packages, which the shipped job does with devstack. Its logs are published as they are written: a
# job that hangs has them too.
exec </dev/null
lab=/opt/sidegate-lab
echo "guests $SIDEGATE_PREFIX*, z/VM at $SIDEGATE_FEILONG_URL"
start_cloud() {
  XDG_CACHE_HOME=$lab/cache "$lab/node" "$lab/lab/zvm/worker/main.ts" \
    --root "$lab/cloud" --logs "$SIDEGATE_ARTIFACTS/logs" --tempest "$SIDEGATE_WORKSPACE/tempest"
}
# Once in many starts a service of it never answers its first request, on a machine with too much to do; that says nothing about the change.
start_cloud || start_cloud

python=/usr/lib/python3/dist-packages
printf '[DEFAULT]\ntest_path=%s/tempest/test_discover\ntop_dir=%s\ngroup_regex=([^\\.]*\\.)*\n' "$python" "$python" >tempest/.stestr.conf
