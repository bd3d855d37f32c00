#!/bin/sh
# Long waits: event streams and orders that wait.  No client holds more than
# a share of them, and short requests are answered meanwhile.  Limits by address
# are in force; one address attacks (127.0.0.1), others are 127.0.0.2 and so on.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 15
need h2load
stack_up MINA_AUTH=trusted MINA_LIMIT_LOCAL=yes MINA_WAITS_ADDRESS=12

user=pass:user:7c0e4f2a-5b1d-4c3e-9a77-0f6d8e1b2c3d
second=pass:user:8c0e4f2a-5b1d-4c3e-9a77-0f6d8e1b2c3d
other=pass:user:9c0e4f2a-5b1d-4c3e-9a77-0f6d8e1b2c3d
for p in "$user" "$second" "$other"; do
	stack_sql -c "select mina_customer('$p', null, null, null, 30, 30)" >/dev/null
done
js() { jq -r "$@" "$tmp/body"; }
ends=
at_end 'hang_up'
hang_up()
{
	# shellcheck disable=SC2086 # process ids
	[ -z "$ends" ] || kill $ends 2>/dev/null
	ends=
}
order()	# order PASS FROM PREFER: as api
{
	api POST /editorial/generate --interface "$2" -H "X-Mina-Pass-Id: $1" \
	    -H "Prefer: $3" -H 'Content-Type: application/json' \
	    -d '{"mode":"still","brief":"A bottle on marble."}'
}
# listen N PASS FROM: opens N streams, and waits until all are open.
opened=0
listen()
{
	listen_n=0
	while [ $listen_n -lt "$1" ]; do
		listen_n=$((listen_n + 1))
		opened=$((opened + 1))
		curl -sSN --cacert "$ca" --interface "$3" --max-time 300 \
		    -H "X-Mina-Pass-Id: $2" -o "$tmp/open.$opened" \
		    "$base/generations/$4/events" 2>/dev/null &
		ends="$ends $!"
	done
	within 30 all_open
}
all_open()
{
	open_n=$opened
	while [ $open_n -gt 0 ]; do
		grep -q '^event: status' "$tmp/open.$open_n" 2>/dev/null || return
		open_n=$((open_n - 1))
	done
}
stream() { api GET "/generations/$3/events" --interface "$2" -H "X-Mina-Pass-Id: $1" --max-time 2; }

curl -sS --cacert "$ca" -o /dev/null -H 'Content-Type: application/json' \
    -d '{"hold":true}' "$world/_sandbox/settings"
order "$user" 127.0.0.2 respond-async
is "$status" 202 'an order that takes its time'
mine=$(js .generationId)
order "$second" 127.0.0.2 respond-async
its=$(js .generationId)

# --- a customer's share, and an address's
ok 'eight streams of a customer are open' listen 8 "$user" 127.0.0.2 "$mine"
stream "$user" 127.0.0.2 "$mine"
is "$status $(js .code)" '429 RATE_LIMITED' 'a ninth is refused'
like "$(cat "$tmp/head")" '^retry-after: [1-9]' 'with when to come back'
stream "$user" 127.0.0.3 "$mine"
is "$status" 429 'wherever it comes from'
ok 'another customer at that address has streams' listen 4 "$second" 127.0.0.2 "$its"
stream "$second" 127.0.0.2 "$its"
is "$status" 429 'until the address has its share'
ok 'but not at another address' listen 4 "$second" 127.0.0.3 "$its"
hang_up
again() { stream "$user" 127.0.0.2 "$mine"; [ "$status" = 200 ]; }
ok 'who has left may come back' within 20 again

# --- orders that wait
for i in 1 2 3 4 5 6 7 8; do
	curl -sS --cacert "$ca" --interface 127.0.0.4 --max-time 300 \
	    -o "$tmp/wait.$i" -H "X-Mina-Pass-Id: $other" \
	    -H 'Prefer: wait=300' -H 'Content-Type: application/json' \
	    -d '{"mode":"still","brief":"A bottle on marble."}' \
	    "$base/editorial/generate" 2>/dev/null &
	ends="$ends $!"
done
placed() { [ "$(stack_sql -c "select count(*) from mega_generations where
    mg_record_type = 'generation' and mg_pass_id = '$other'")" = 8 ]; }
ok 'eight orders wait' within 60 placed
order "$other" 127.0.0.4 wait=300
is "$status $(js .status)" '202 queued' 'a ninth is taken, and answered at once'
hang_up

# --- 45 connections of 100 streams, for one generation of one pass
asks()
{
	answered=0
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		got=$(curl -sS --cacert "$ca" --interface "127.0.1.$i" \
		    --max-time 3 -o /dev/null -w '%{http_code}' \
		    -H "X-Mina-Pass-Id: $other" "$base/generations?active=1" \
		    2>/dev/null)
		[ "$got" != 200 ] || answered=$((answered + 1))
	done
	echo $answered
}
is "$(asks)" 20 'before the attack all are answered'
h2load -n 1000000 -c 45 -m 100 -H "x-mina-pass-id: $user" \
    "$base/generations/$mine/events" >"$tmp/h2load" 2>&1 &
attack=$!
ends=$attack
attacked() { [ "$(grep -c '"status":429' "$var/log/access.log")" -gt 500 ]; }
within 30 attacked
is "$(asks)" 20 'during it too'
ok '... which went on all the time' kill -0 $attack
kill $attack 2>/dev/null
wait $attack 2>/dev/null || :
ends=
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
