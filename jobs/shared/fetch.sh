# shellcheck shell=bash
# Makes what is to be tested: each project's branch, with the changes of $SIDEGATE_CHANGES merged into it in their order, the change under
# test last. Its project is in ./source, those it depends on are in ./dependencies/GERRIT/PROJECT. Without changes it is the commit
# $SIDEGATE_REVISION of the branch. Runs in $SIDEGATE_WORKSPACE; may run twice.
set -eu -o pipefail
export GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=true SSH_ASKPASS=true GIT_SSH_COMMAND='ssh -o BatchMode=yes'
# No helper programs named by a URL.
export GIT_ALLOW_PROTOCOL=https:http:ssh:git:file
export GIT_AUTHOR_NAME=sidegate GIT_AUTHOR_EMAIL=sidegate@localhost
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
exec </dev/null

workspace=$PWD
rm -rf source dependencies
if [ -n "${SIDEGATE_IGNORED_DEPENDENCIES:-}" ]; then printf '%s\n' "$SIDEGATE_IGNORED_DEPENDENCIES"; fi

# A Gerrit that is being restarted is away for minutes, which is no fault of the change. A ref that Gerrit does not have stays away.
fetch() {
  local url=$1 ref=$2 try
  for try in $(seq 1 30); do
    if git fetch --quiet --no-tags -- "$url" "$ref" 2>"$workspace/fetch.err"; then return; fi
    cat "$workspace/fetch.err" >&2
    if [ "$try" -ge 3 ] && grep -q 'find remote ref' "$workspace/fetch.err"; then break; fi
    if [ "$try" -lt 30 ]; then sleep "$((try < 10 ? try : 10))"; fi
  done
  echo "Giving up after $try tries." >&2
  exit 1
}

# Goes to the folder of the project, on its branch: as Gerrit has it when this is the first change to it.
check_out() {
  local folder=$1 branch=$2 url=$3
  cd "$workspace"
  git init --quiet -- "$folder"
  cd "$folder"
  if ! git rev-parse --quiet --verify "refs/heads/$branch" >/dev/null; then
    fetch "$url" "refs/heads/$branch"
    git update-ref "refs/heads/$branch" FETCH_HEAD
    git update-ref "refs/tested-on/$branch" FETCH_HEAD
  fi
  git checkout --quiet --force "$branch" --
  echo "$folder is on $branch at $(git rev-parse HEAD)"
}

merge() {
  local url=$1 ref=$2 revision=$3 fetched status=0
  fetch "$url" "$ref"
  fetched="$(git rev-parse --verify 'FETCH_HEAD^{commit}')"
  if [ "$fetched" != "$revision" ]; then
    echo "$ref is $fetched, not $revision: it was replaced meanwhile." >&2
    exit 1
  fi
  git merge --quiet --no-edit -m "Merge $ref" "$revision" || status=$?
  if [ "$status" -ne 0 ] && [ -n "$(git ls-files --unmerged)" ]; then
    echo "MERGE CONFLICT: $ref, commit $revision, does not merge into what is tested." >&2
    git --no-pager diff --name-only --diff-filter=U | head -n 100 >&2
    exit "$SIDEGATE_MERGE_CONFLICT"
  fi
  [ "$status" -eq 0 ] || exit 1
  echo "Merged $ref, commit $fetched: $(git --no-pager log -1 --format='%an: %s' "$fetched")"
}

# The branch may have gone on meanwhile.
if [ -z "$SIDEGATE_CHANGES" ]; then
  check_out source "$SIDEGATE_BRANCH" "$SIDEGATE_FETCH_URL/$SIDEGATE_PROJECT"
  if ! git merge-base --is-ancestor "$SIDEGATE_REVISION" HEAD; then
    echo "$SIDEGATE_REVISION is not on $SIDEGATE_BRANCH any more." >&2
    exit 1
  fi
  git reset --quiet --hard "$SIDEGATE_REVISION"
  echo "Tested is $SIDEGATE_REVISION of $SIDEGATE_BRANCH: $(git --no-pager log -1 --format='%an: %s')"
  rm -f "$workspace/fetch.err"
  exit 0
fi

while IFS=$'\t' read -r gerrit project branch ref revision url; do
  folder="dependencies/$gerrit/$project"
  if [ "$url/$project" = "$SIDEGATE_FETCH_URL/$SIDEGATE_PROJECT" ]; then folder=source; fi
  echo "Fetching $ref of $project"
  check_out "$folder" "$branch" "$url/$project"
  merge "$url/$project" "$ref" "$revision"
done <<<"$SIDEGATE_CHANGES"
rm -f "$workspace/fetch.err"

# A project may have been asked for on several branches.
if [ -d "$workspace/dependencies" ]; then
  find "$workspace/dependencies" -name .git -prune | while read -r found; do
    cd "$(dirname "$found")"
    git checkout --quiet "$SIDEGATE_BRANCH" -- 2>/dev/null || true
  done
fi

cd "$workspace/source"
echo "Tested is $(git rev-parse HEAD): $SIDEGATE_BRANCH and"
git --no-pager log -n 200 --no-merges --format='  %H %s' "refs/tested-on/$SIDEGATE_BRANCH..HEAD"
