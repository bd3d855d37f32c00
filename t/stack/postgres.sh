#!/bin/sh
# Postgres stopped, crashed and killed under load: 503 meanwhile, service again
# afterwards, no program restarted and nothing lost.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"

db_up
plan 52

pass=HTTP_X_MINA_PASS_ID=$user
late=HTTP_PREFER=respond-async
body='{"passId":"'$user'","mode":"still","brief":"A bottle on marble."}'
n=${#body}
q "select mina_customer('$user', null, null, null, 1000000, 30);
    select mina_runtime_put('{\"limits.queued\": 1000000,
    \"still.daily\": 1000000, \"spend.daily\": 1000000000}', null, null)" >/dev/null
serve credits
credits=$pid
serve generate
generate=$pid
serve generations
generations=$pid
fc credits "$pass" GET:/credits/balance read >/dev/null

pg_start()
{
	# The backends of a killed postmaster hold its memory for a moment.
	for _ in 1 2 3 4 5 6; do
		as_pg "$pgbin/pg_ctl" -D "$tmp/data" -w -l "$tmp/s/log" -o \
		    "-k $tmp/s -c listen_addresses= -c fsync=off -c max_connections=120" \
		    start >/dev/null 2>&1 && return
		sleep 0.3
	done
}

pg_away()
{
	case $1 in
	kill)	kill -KILL "$(head -n 1 "$tmp/data/postmaster.pid")"
		sleep 0.2 ;;
	*)	as_pg "$pgbin/pg_ctl" -D "$tmp/data" -w -m "$1" stop >/dev/null 2>&1 ;;
	esac
}

balance() { fc credits "$pass" GET:/credits/balance read; }
order()   { fc generate "$pass" "$late" "$@" "POST:/editorial/generate:$n" "in:$body" eof read; }
serving() { balance | grep -q '^status=200'; }
taking()  { order | grep -q '^status=202'; }

# wait_for_picture KEY: in the background, its output in a file of that name.
wait_for_picture()
{
	"$client" -t 40 "$tmp/generate.sock" "$pass" "HTTP_IDEMPOTENCY_KEY=$1" \
	    "POST:/editorial/generate:$n" "in:$body" eof ready read body \
	    >"$tmp/$1" &
	eval "$1=\$!"
	within 5 grep -q ready "$tmp/$1"
	sleep 0.2
}

# settle KEY: what a worker does in the end.
settle()
{
	gen=gen_still_$(printf '%s\n/editorial/generate\n%s' "$user" "$1" |
	    sha256sum | cut -c 1-24)
	q "update mega_generations set mg_lease_owner = 'me', mg_lease_until =
	    now() + interval '1 hour' where mg_id = 'generation:$gen';
	    select mina_settle('$gen', 'me', '{\"output_url\":\"https://x/y.png\",
	    \"status\":\"done\"}', '{}')" >/dev/null
}

load()
{
	"$client" -n 1000000 "$tmp/credits.sock" "$pass" GET:/credits/balance \
	    read GET:/credits/balance read sleep:2 >"$tmp/load.balance" &
	load1=$!
	"$client" -n 1000000 "$tmp/generate.sock" "$pass" "$late" \
	    "POST:/editorial/generate:$n" "in:$body" eof read body sleep:5 \
	    >"$tmp/load.orders" &
	load2=$!
	served="$served $load1 $load2"
}

for how in fast immediate kill; do
	: >"$tmp/load.balance"
	load
	sleep 0.5
	wait_for_picture "${how}1"

	pg_away "$how"
	sleep 0.1
	began=$(now_ms)
	fc credits "$pass" GET:/credits/balance read head body >"$tmp/answer"
	ok "$how: answered while it is away" under 2500 "$began"
	like "$(head -n 1 "$tmp/answer")" '^status=503 end=1 whole=1' '503'
	like "$(cat "$tmp/answer")" '^Content-Type: application/problem.json' \
	    'a problem'
	is "$(tail -n 1 "$tmp/answer" | jq -r '"\(.code) \(.ok)"')" 'BUSY false' \
	    'with its code'
	like "$(order HTTP_IDEMPOTENCY_KEY="${how}2")" '^status=503 end=1 whole=1' \
	    'a generate as well'
	sleep 1
	lost=$(grep -c 'end=0' "$tmp/load.balance")
	is "$lost" 0 'nobody is left without an answer'

	pg_start
	began=$(now_ms)
	within 5 serving
	took=$(($(now_ms) - began))
	ok "service again after $took ms" test $took -lt 2000
	within 5 taking
	took=$(($(now_ms) - began))
	ok "and orders are taken after $took ms" test $took -lt 2000

	# Listening may come back a little later than answering.
	sleep 1.5
	wait_for_picture "${how}3"
	settle "${how}3"
	began=$(now_ms)
	eval "wait \$${how}3"
	ok "a new wait is woken in $(($(now_ms) - began)) ms" under 1000 "$began"
	like "$(sed -n 2p "$tmp/${how}3")" '^status=200 end=1 whole=1' 'with 200'
	is "$(sed -n 2p "$tmp/${how}1")" '' 'one from before still waits'
	settle "${how}1"
	began=$(now_ms)
	eval "wait \$${how}1"
	ok "and is woken in $(($(now_ms) - began)) ms" under 1000 "$began"
	like "$(sed -n 2p "$tmp/${how}1")" '^status=200 end=1 whole=1' 'with 200'

	order HTTP_IDEMPOTENCY_KEY="${how}2" >"$tmp/answer"
	like "$(cat "$tmp/answer")" '^status=202' 'the 503 can be asked again'

	kill $load1 $load2
	wait $load1 $load2 2>/dev/null
	sed -n '/^{/p' "$tmp/load.orders" |
	    jq -r 'select(.generationId) | .generationId' | sort -u >"$tmp/told"
	q "select mg_generation_id from mega_generations
	    where mg_record_type = 'generation'" | sort >"$tmp/there"
	is "$(comm -23 "$tmp/told" "$tmp/there" | wc -l)" 0 \
	    "none of $(wc -l <"$tmp/told") admitted is missing"
	is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'
done

ok 'credits, generate and generations were never restarted' \
    kill -0 "$credits" "$generate" "$generations"
like "$(fc generations "$pass" GET:/generations/gen_none read)" '^status=404' \
    'one that slept through it all wakes up'
is "$(q "select count(*) <= 12 from pg_stat_activity
    where application_name like 'mina/%'")" t 'connections did not pile up'
is "$(complaints)" '' 'no sanitizer complains'
