# shellcheck shell=bash
# Makes what is to be tested: each project's branch, with the changes of $SIDEGATE_CHANGES merged into it in their order, the change under
# test last, and on top of it those of $SIDEGATE_CARRIED_CHANGES. Its project is in ./source, the others are in
# ./dependencies/GERRIT/PROJECT. Without changes it is the commit $SIDEGATE_REVISION of the branch. What was checked out is written down in
# zuul-info/checked-out.txt among the artifacts. Clones in the image, $GIT_CACHE/PROJECT, are used where they are. Runs in $SIDEGATE_WORKSPACE;
# may run twice.
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

# Of what a clone in the image has nothing is fetched. Read where it lies: copying nova takes minutes. A shallow one would promise what it has not.
use_cache() {
  local cache
  for cache in "${GIT_CACHE:-/opt/git}/$1"{,.git,/.git}; do
    if [ -d "$cache/objects" ] && [ ! -e "$cache/shallow" ]; then echo "$cache/objects" >.git/objects/info/alternates; fi
  done
}

# Goes to the folder of the project, on its branch: as Gerrit has it when this is the first change to it.
check_out() {
  local folder=$1 branch=$2 url=$3 project=$4
  cd "$workspace"
  git init --quiet -- "$folder"
  cd "$folder"
  use_cache "$project"
  if ! git rev-parse --quiet --verify "refs/heads/$branch" >/dev/null; then
    fetch "$url" "refs/heads/$branch"
    git update-ref "refs/heads/$branch" FETCH_HEAD
    git update-ref "refs/tested-on/$branch" FETCH_HEAD
  fi
  git checkout --quiet --force "$branch" --
  echo "$folder is on $branch at $(git rev-parse HEAD)"
}

# merge URL REF COMMIT STATUS WORDS: a conflict ends the job with that status.
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
    echo "$5: $ref, commit $revision, does not merge into what is tested." >&2
    git --no-pager diff --name-only --diff-filter=U | head -n 100 >&2
    exit "$4"
  fi
  [ "$status" -eq 0 ] || exit 1
  echo "Merged $ref, commit $fetched: $(git --no-pager log -1 --format='%an: %s' "$fetched")"
}

folder_of() {
  if [ "$3/$2" = "$SIDEGATE_FETCH_URL/$SIDEGATE_PROJECT" ]; then echo source; else echo "dependencies/$1/$2"; fi
}

# merge_all LINES STATUS WORDS
merge_all() {
  local gerrit project branch ref revision url
  while IFS=$'\t' read -r gerrit project branch ref revision url; do
    if [ -z "$gerrit" ]; then continue; fi
    echo "Fetching $ref of $project"
    check_out "$(folder_of "$gerrit" "$project" "$url")" "$branch" "$url/$project" "$project"
    merge "$url/$project" "$ref" "$revision" "$2" "$3"
  done <<<"$1"
}

# The branch may have gone on meanwhile.
if [ -z "$SIDEGATE_CHANGES" ]; then
  check_out source "$SIDEGATE_BRANCH" "$SIDEGATE_FETCH_URL/$SIDEGATE_PROJECT" "$SIDEGATE_PROJECT"
  if ! git merge-base --is-ancestor "$SIDEGATE_REVISION" HEAD; then
    echo "$SIDEGATE_REVISION is not on $SIDEGATE_BRANCH any more." >&2
    exit 1
  fi
  git reset --quiet --hard "$SIDEGATE_REVISION"
  git update-ref "refs/tested-on/$SIDEGATE_BRANCH" HEAD
  echo "Tested is $SIDEGATE_REVISION of $SIDEGATE_BRANCH: $(git --no-pager log -1 --format='%an: %s')"
fi
merge_all "$SIDEGATE_CHANGES" "$SIDEGATE_MERGE_CONFLICT" 'MERGE CONFLICT'
# Last: what does not merge now is no fault of the change under test.
carried=${SIDEGATE_CARRIED_CHANGES:-}
merge_all "$carried" "${SIDEGATE_CARRY_CONFLICT:-1}" 'CARRIED CHANGE'
rm -f "$workspace/fetch.err"

# A project may have been asked for on several branches.
if [ -d "$workspace/dependencies" ]; then
  find "$workspace/dependencies" -name .git -prune | while read -r found; do
    cd "$(dirname "$found")"
    git checkout --quiet "$SIDEGATE_BRANCH" -- 2>/dev/null || true
  done
fi

cd "$workspace/source"
if [ -n "$SIDEGATE_CHANGES$carried" ]; then
  echo "Tested is $(git rev-parse HEAD): $SIDEGATE_BRANCH and"
  git --no-pager log -n 200 --no-merges --format='  %H %s' "refs/tested-on/$SIDEGATE_BRANCH..HEAD"
fi

# A line for each commit that shall be there: folder, project, its branch, the commit the folder is on, the commit, and how it is.
if [ -z "${SIDEGATE_ARTIFACTS:-}" ]; then exit 0; fi
mkdir -p "$SIDEGATE_ARTIFACTS/zuul-info"
wanted=$SIDEGATE_CHANGES
if [ -z "$wanted" ]; then
  wanted=$(printf -- '-\t%s\t%s\t-\t%s\t%s' "$SIDEGATE_PROJECT" "$SIDEGATE_BRANCH" "$SIDEGATE_REVISION" "$SIDEGATE_FETCH_URL")
fi
while IFS=$'\t' read -r gerrit project branch _ revision url; do
  if [ -z "$gerrit" ]; then continue; fi
  folder=$(folder_of "$gerrit" "$project" "$url")
  cd "$workspace/$folder"
  state=missing
  if [ "$(git symbolic-ref --short HEAD)" != "$branch" ]; then state=other-branch; fi
  if git merge-base --is-ancestor "$revision" HEAD; then state=contained; fi
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$folder" "$project" "$branch" "$(git rev-parse HEAD)" "$revision" "$state"
done <<<"$wanted"$'\n'"$carried" >"$SIDEGATE_ARTIFACTS/zuul-info/checked-out.txt"
