#!/bin/sh
# HACKING rule 6: shell scripts are POSIX sh and clean under shellcheck.
. "$(dirname "$0")/../tap.sh"
need shellcheck
plan 2

cd "$top" || exit 99
find mina .ci bench etc sql t -type f -exec sh -c '
	for f; do
		case $f in
		*.sh) echo "$f" ;;
		*)	! head -n 1 "$f" | grep -q "^#!/bin/sh" || echo "$f" ;;
		esac
	done' sh {} + 2>/dev/null | sort >"$tmp/scripts"
ok "$(wc -l <"$tmp/scripts") scripts are found" grep -qx mina "$tmp/scripts"
# From warnings on: of less importance is mostly what it cannot see of tap.sh.
ok 'they are clean' xargs -n 8 -P 2 shellcheck -f gcc -S warning -x -P SCRIPTDIR \
    <"$tmp/scripts"
