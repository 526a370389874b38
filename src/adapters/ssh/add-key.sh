# shellcheck shell=sh
# Runs on the test server: sh -c "$this" sidegate LINE
umask 077
cd && mkdir -p .ssh && cd .ssh || exit 1
# The tests ran as this user and may have left anything here; a named pipe would be waited for.
[ ! -e authorized_keys ] || [ -f authorized_keys ] || { echo 'authorized_keys is no file' >&2; exit 1; }
grep -qxF -e "$1" authorized_keys 2>/dev/null && exit 0
# The last line may have no end.
[ ! -s authorized_keys ] || [ -z "$(tail -c 1 authorized_keys)" ] || echo >>authorized_keys || exit 1
printf '%s\n' "$1" >>authorized_keys
