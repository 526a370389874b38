# Runs the tests that $TEMPEST_REGEX selects. How they end is for collect.sh: it must run all the same.
exec </dev/null
cd tempest
# The console shows each test when it ends.
export PYTHONUNBUFFERED=1
python=/usr/lib/python3/dist-packages
printf '[DEFAULT]\ntest_path=%s/tempest/test_discover\ntop_dir=%s\ngroup_regex=([^\\.]*\\.)*\n' "$python" "$python" >.stestr.conf
[ -d .stestr ] || stestr init
status=0
tempest run --config-file tempest.conf --regex "$TEMPEST_REGEX" --concurrency "${TEMPEST_CONCURRENCY:-2}" || status=$?
echo "$status" >status
