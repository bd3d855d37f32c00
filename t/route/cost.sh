#!/bin/sh
# What a request may cost: JSON is counted by its values and not by its bytes,
# and the body of a GET is ignored.  Forty clients at once try.
# shellcheck disable=SC2046,SC2086 # words and process ids
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"
db_up
plan 11

high() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }
# zeroes N: [0,0,...] of N values.
zeroes() { awk -v n="$1" 'BEGIN { for (i = 1; i < n; i++) printf "0,"; printf "0" }'; }
# grown PROGRAM PID WORD ...: kB that forty clients at once add to the program.
grown()
{
	grown_of=$1
	grown_pid=$2
	shift 2
	before=$(high "$grown_pid")
	clients=
	for i in $(seq 40); do
		"$client" -t 60 "$tmp/$grown_of.sock" "$@" >"$tmp/said.$i" 2>&1 &
		clients="$clients $!"
	done
	wait $clients
	kb=$(($(high "$grown_pid") - before))
	diag "$kb kB"
}
all_said() { cat "$tmp"/said.* | grep -c "^status=$1 "; }

serve sessions
sessions=$pid
serve capabilities
capabilities=$pid
pass=HTTP_X_MINA_PASS_ID=$user
fc sessions "$pass" POST:/sessions/start:2 'in:{}' eof read >/dev/null
fc capabilities GET:/capabilities read >/dev/null

body="{\"meta\":{\"a\":[$(zeroes 30000)]}}"
grown sessions "$sessions" "$pass" "POST:/sessions/start:${#body}" "in:$body" \
    eof read
is "$(all_said 413)" 40 'thirty thousand values are refused'
ok '... and cost next to nothing' test $kb -lt 12000
body="{\"meta\":{},\"other\":[$(zeroes 9000)]}"
grown sessions "$sessions" "$pass" "POST:/sessions/start:${#body}" "in:$body" \
    eof read
is "$(all_said 200)" 40 'nine thousand are taken'
ok '... at a bounded price' test $kb -lt 80000
fc sessions "$pass" POST:/sessions/start:65537 'in:{' fill:65535 'in:}' eof read \
    body >"$tmp/large"
like "$(cat "$tmp/large")" '^status=413 ' 'a body over 64 kB is refused'

# A megabyte, in records.
piece="$(zeroes 16000),"
set -- 'in:{"a":['
n=6
while [ $n -lt 1000000 ]; do
	set -- "$@" "in:$piece"
	n=$((n + ${#piece}))
done
set -- "$@" 'in:0]}'
n=$((n + 3))
grown capabilities "$capabilities" "GET+:/capabilities:$n" "$@" eof read
is "$(all_said 200)" 40 'a GET with a megabyte of JSON is a GET'
ok '... and costs nothing' test $kb -lt 12000
grown sessions "$sessions" "$pass" "POST:/sessions/start:$n" "$@" eof read
is "$(all_said 413)" 40 'a POST with it is refused'
ok '... unread' test $kb -lt 12000
like "$(fc capabilities "GET+:/capabilities:$n" "$@" eof read GET:/capabilities read |
    tail -n 1)" '^status=200 ' 'the connection can be used again'
is "$(complaints)" '' 'no sanitizer complained'
