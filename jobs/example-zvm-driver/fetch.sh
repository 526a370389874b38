# Fetches the change into ./source and checks it out. Runs with bash -eu -o pipefail in $SIDEGATE_WORKSPACE; may run twice.
export GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=true SSH_ASKPASS=true GIT_SSH_COMMAND='ssh -o BatchMode=yes'
# No helper programs named by a URL.
export GIT_ALLOW_PROTOCOL=https:http:ssh:git:file
exec </dev/null

url="${SIDEGATE_FETCH_URL%/}/$SIDEGATE_PROJECT"
git init --quiet source
cd source

echo "Fetching $SIDEGATE_REF from $url"
for try in 1 2 3; do
  if git fetch --quiet --no-tags -- "$url" "$SIDEGATE_REF"; then break; fi
  if [ "$try" = 3 ]; then echo "Giving up after $try tries." >&2; exit 1; fi
  sleep "$try"
done

fetched="$(git rev-parse --verify 'FETCH_HEAD^{commit}')"
if [ "$fetched" != "$SIDEGATE_REVISION" ]; then
  echo "$SIDEGATE_REF is $fetched, not $SIDEGATE_REVISION: it was replaced meanwhile." >&2
  exit 1
fi

git -c advice.detachedHead=false checkout --quiet --force --detach "$fetched"
git clean --quiet -ffdx
echo "Checked out $fetched"
git --no-pager log -1 --format='%h %an: %s'
