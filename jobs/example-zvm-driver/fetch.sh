# Fetches the change into ./source and checks it out. Runs with bash -eu -o pipefail in $SIDEGATE_WORKSPACE; may run twice.
export GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=true SSH_ASKPASS=true GIT_SSH_COMMAND='ssh -o BatchMode=yes'
# No helper programs named by a URL.
export GIT_ALLOW_PROTOCOL=https:http:ssh:git:file
exec </dev/null

url="${SIDEGATE_FETCH_URL%/}/$SIDEGATE_PROJECT"
git init --quiet source
cd source

echo "Fetching $SIDEGATE_REF from $url"
# A Gerrit that is being restarted is away for minutes, which is no fault of the change. A ref that Gerrit does not have stays away.
for try in $(seq 1 30); do
  if git fetch --quiet --no-tags -- "$url" "$SIDEGATE_REF" 2>fetch.err; then break; fi
  cat fetch.err >&2
  if [ "$try" = 30 ] || { [ "$try" -ge 3 ] && grep -q 'find remote ref' fetch.err; }; then echo "Giving up after $try tries." >&2; exit 1; fi
  sleep "$((try < 10 ? try : 10))"
done
rm -f fetch.err

fetched="$(git rev-parse --verify 'FETCH_HEAD^{commit}')"
if [ "$fetched" != "$SIDEGATE_REVISION" ]; then
  echo "$SIDEGATE_REF is $fetched, not $SIDEGATE_REVISION: it was replaced meanwhile." >&2
  exit 1
fi

git -c advice.detachedHead=false checkout --quiet --force --detach "$fetched"
git clean --quiet -ffdx
echo "Checked out $fetched"
git --no-pager log -1 --format='%h %an: %s'
