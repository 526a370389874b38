# shellcheck shell=bash
# Puts devstack of the change's branch, and what fetch.sh made of the change and those it depends on, where stack.sh looks for them.
# Runs in the workspace after fetch.sh; may run twice. A mirror or a copy in the image: $DEVSTACK_REPOSITORY, $STACK_FOLDER.
set -eu -o pipefail
exec </dev/null
export GIT_TERMINAL_PROMPT=0
repository=${DEVSTACK_REPOSITORY:-https://opendev.org/openstack/devstack}
stack=${STACK_FOLDER:-/opt/stack}

if [ ! -w "$stack" ]; then
  sudo mkdir -p "$stack"
  sudo chown "$(id -u):$(id -g)" "$stack"
fi

# The branches of a release that is over are deleted in all projects: nothing could be tested together any more.
status=0
git ls-remote --exit-code --heads -- "$repository" "refs/heads/$SIDEGATE_BRANCH" >/dev/null || status=$?
if [ "$status" -eq 2 ]; then
  echo "devstack has no branch $SIDEGATE_BRANCH: its release is no longer maintained. Leave it out of \`branches\` of the project." >&2
  # A branch that only some people look after is called otherwise in all projects, and can be tested like any other.
  other=unmaintained/${SIDEGATE_BRANCH#*/}
  if git ls-remote --exit-code --heads -- "$repository" "refs/heads/$other" >/dev/null; then
    echo "What goes on is its branch $other." >&2
  fi
  exit 1
fi
[ "$status" -eq 0 ] || exit 1

devstack=$stack/devstack
[ -d "$devstack/.git" ] || git init --quiet -- "$devstack"
git -C "$devstack" fetch --quiet --no-tags -- "$repository" "refs/heads/$SIDEGATE_BRANCH"
git -C "$devstack" checkout --quiet --force --detach FETCH_HEAD
echo "devstack is $(git -C "$devstack" log -1 --format='%H %s')"

# stack.sh takes a project that is there as it is, and fetches the others at the head of their branch.
place() {
  local to=$stack/${2##*/}
  rm -rf -- "$to"
  cp -a -- "$1" "$to"
  echo "$to is $(git -C "$to" log -1 --format='%H %s')"
}
if [ -d dependencies ]; then
  while IFS= read -r found; do
    place "${found%/.git}" "${found%/.git}"
  done < <(find dependencies -name .git -prune | sort)
fi
place source "$SIDEGATE_PROJECT"
