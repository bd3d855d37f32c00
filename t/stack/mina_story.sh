#!/bin/sh
# ./mina story, the specification's full scenario: each of its claims is a check.
# shellcheck disable=SC2016,SC2094 # $ belongs to sh -c; both only read it
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 88
stack_up

settings() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
    -d "$1" -o /dev/null "$world/_sandbox/settings"; }
settings '{"fast":true,"predictMs":200}'

said=0
"$top/mina" story >"$tmp/story" 2>"$tmp/err" </dev/null || said=$?
while read -r verdict what; do
	case $verdict in
	ok)	tap_line ok "$what" ;;
	NOT)	tap_line 'not ok' "$what"
		diag "$(grep -F -B 60 "    NOT  $what" "$tmp/story")" ;;
	esac
done <"$tmp/story"
is "$said" 0 'it says that all of it held'
is "$(cat "$tmp/err")" '' 'and complains of nothing'
is "$(sed -n 's/^ *\([1-9][0-9]*\)  [A-Z].*/\1/p' "$tmp/story" | tr '\n' ' ')" \
    '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 ' 'all 15 steps are there'
ok 'no signature and no token is printed' sh -c \
    '! grep -Eq "X-Amz-Signature|eyJ[A-Za-z0-9_-]{20}" "$1"' grep "$tmp/story"
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the books agree'

# It can fail: nobody new may sign in.
settings '{"signup":false}'
said=0
"$top/mina" story >"$tmp/story" 2>&1 </dev/null || said=$?
is "$said" 1 'when a step cannot be done, its status says so'
like "$(tail -n 1 "$tmp/story")" '1 of [0-9]* claims did not hold' \
    'and so does its last line'
