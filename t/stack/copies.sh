#!/bin/sh
# Several processes of each program (MINA_PROCS): all of them answer, nginx asks
# another when one is killed, and a stop ends all.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 13
stack_up MINA_AUTH=trusted MINA_PROCS=3

pass() { printf 'pass:anon:%08d-0000-4000-8000-000000000000' "$1"; }
parts() { find "$var/run" -name '*.child' | sed 's|.*/||; s|\.child$||' | sort; }
# connections PART: sockets its process has open.
connections() { find "/proc/$(stack_pid "$1")/fd" -lname 'socket:*' | wc -l; }
# balance NAME: in the background; its status in NAME.
balance()
{
	curl -sS --cacert "$ca" -o /dev/null --max-time 40 -w '%{http_code}' \
	    -H "X-Mina-Pass-Id: $(pass 1)" "$base/credits/balance" \
	    >"$tmp/$1.status" 2>/dev/null &
	asked="$asked $!"
}

is "$(parts | grep -c '\.3$')" "$(parts | grep -vc '\.[23]$\|^sandbox$')" \
    'each program and the worker has three processes'
sed -i 's/^MINA_PROCS=.*/MINA_PROCS=2/' "$var/etc/local.env"
ok 'they are to be two' "$top/mina" up
is "$(parts | grep -c '\.3$')" 0 'the third of each stops'
is "$(parts | sed -n 's/\.2$//p')" "$(parts | grep -v '\.2$\|^sandbox$')" \
    'two are left'
is "$("$top/mina" status | awk '$1 ~ /^credits|^worker/ { print $1, $4 }' | xargs)" \
    'credits running credits.2 running worker running worker.2 running' \
    'the status lists them'
is "$("$top/mina" logs -n 1 worker.2 | wc -l)" 1 'each has a log'

one=$(connections credits) two=$(connections credits.2)
asked=
for n in 1 2 3 4 5 6 7 8; do
	balance $n
done
# shellcheck disable=SC2086 # process ids
wait $asked
is "$(cat "$tmp"/?.status)" "$(printf 200%.0s 1 2 3 4 5 6 7 8)" 'they answer'
both()
{
	[ "$(connections credits)" -gt "$one" ] &&
	    [ "$(connections credits.2)" -gt "$two" ]
}
ok '... both of them' both

# --- one is killed with requests in hand
killed=$(stack_pid credits.2)
at_end "kill -CONT $killed 2>/dev/null"
kill -STOP "$killed"
rm "$tmp"/?.status
asked=
for n in 1 2 3 4 5 6 7 8; do
	balance $n
done
answered() { [ "$(cat "$tmp"/?.status | grep -o 200 | wc -l)" -ge "$1" ]; }
within 20 answered 4
kill -KILL "$killed"
# shellcheck disable=SC2086
wait $asked
is "$(cat "$tmp"/?.status)" "$(printf 200%.0s 1 2 3 4 5 6 7 8)" \
    'one is killed: nginx asks the other, and no GET fails'
again() { [ "$(stack_pid credits.2)" != "$killed" ]; }
ok 'it is started again' within 20 again

# --- a worker frozen: the other takes what comes
frozen=$(stack_pid worker)
at_end "kill -CONT $frozen 2>/dev/null"
kill -STOP "$frozen"
api POST /editorial/generate -H "X-Mina-Pass-Id: $(pass 2)" \
    -H 'Content-Type: application/json' -H 'Prefer: wait=60' \
    -d '{"brief":"A bottle on marble."}'
is "$status $(jq -r .status "$tmp/body")" '200 done' \
    'one worker is frozen: a still is made by the other'
kill -CONT "$frozen"

sed 's/ .*//' "$var"/run/*.child >"$tmp/pids"
"$top/mina" down >/dev/null 2>&1
is "$(parts)" '' 'down stops all of them'
is "$(while read -r p; do
    ! grep -qs '^State:[^Z]*$' "/proc/$p/status" || echo "$p"
done <"$tmp/pids")" '' 'no process of theirs is left'
