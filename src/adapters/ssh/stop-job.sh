# shellcheck shell=sh
# shellcheck disable=SC2154 # kill-job.sh assigns them.
# Runs on the test server: sh -c "$this" sidegate JOB-FOLDER EPOCH, with kill-job.sh before it.
# Ends the job with every process it has. Of an older epoch than the server has seen nothing is done.
cd "$HOME/.sidegate/$1" || exit 0
exec 8>epoch.lock; flock 8
seen=0; [ ! -e epoch ] || read -r seen <epoch
[ "$seen" -le "$2" ] || exit 97
# Nobody starts it any more.
[ -e started ] || : >started
session='' line=''
if [ -s runner ] && read -r leader born <runner && read -r line <"/proc/$leader/stat"; then
  # shellcheck disable=SC2086 # its fields
  set -- ${line##*) }
  [ "${20}" != "$born" ] || session=$leader
fi 2>/dev/null
# First, so that no other phase begins.
[ -z "$session" ] || kill -9 "$session" 2>/dev/null
! find_group || kill_group "$group"
kill_strays "$session" ''
[ -z "$group" ] || rmdir "$group" 2>/dev/null
exit 0
