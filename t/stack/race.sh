#!/bin/sh
# Double spending: a thousand concurrent requests for credits that suffice for
# one; one is admitted, nothing is charged twice.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

need h2load
clients=1000
# shellcheck disable=SC3045  # dash has it
[ "$(ulimit -n)" -ge 1200 ] || ulimit -n 4096 2>/dev/null ||
    bail 'too few descriptors: ulimit -n'
stack_up MINA_AUTH=trusted MINA_WAITS_PASS=2000 MINA_WAITS_ADDRESS=2000
plan 20

user=pass:user:7c0e0000-0000-4000-8000-000000000001
printf '{"passId":"%s","mode":"still","brief":"A bottle on marble."}' "$user" \
    >"$tmp/order"
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
all_done()
{
	n=0
	until [ "$(stack_sql -c "select count(*) from mega_generations where
	    mg_record_type = 'generation' and mg_mma_status <> 'done'")" -eq 0 ] ||
	    [ $n -gt 300 ]; do
		n=$((n + 1))
		sleep 0.1
	done
}
world settings '{"fast":true,"predictMs":300}' >/dev/null
stack_sql -c "select mina_customer('$user', null, null, null, 1, 30)" \
    >/dev/null

# --- a poller that looks for anything below zero, in every snapshot it gets
cat >"$tmp/watch" <<'X'
select count(*) as looked, count(*) filter (where mg_credits < 0 or mg_held < 0
    or mg_held > mg_credits) as bad, max(mg_held) as most from mega_customers
\watch 0.02
X
psql -XAtq "$db" -f "$tmp/watch" >"$tmp/watched" 2>/dev/null &
watcher=$!
# shellcheck disable=SC2016  # it runs later
at_end 'kill $watcher 2>/dev/null'

# --- all of them are held at the same row until all of them are there
mkfifo "$tmp/gate"
psql -XAtq "$db" <"$tmp/gate" >"$tmp/held" 2>&1 &
exec 4>"$tmp/gate"
echo "begin; select 'locked' from mega_customers where mg_pass_id = '$user'
    for no key update;" >&4
n=0
until grep -q locked "$tmp/held" || [ $n -gt 200 ]; do
	n=$((n + 1))
	sleep 0.02
done
h2load -n $clients -c $clients -m 1 -t 1 -d "$tmp/order" \
    -H 'Content-Type: application/json' -H "X-Mina-Pass-Id: $user" \
    --connection-active-timeout=100 --log-file="$tmp/log" \
    "$base/editorial/generate" >"$tmp/h2load" 2>&1 &
load=$!
# Connected sockets of the program, of both directions: state 03.
waiting() { awk -v s="$var/run/generate.sock" '$8 == s && $6 == "03"' /proc/net/unix | wc -l; }
most=0
n=0
while [ $n -lt 160 ] && [ "$most" -lt $clients ]; do
	n=$((n + 1))
	now=$(waiting)
	[ "$now" -le "$most" ] || most=$now
	sleep 0.05
done
ok "$most requests are under way at the same moment" test "$most" -ge $clients
echo 'commit;' >&4
exec 4>&-
wait $load
is "$(wc -l <"$tmp/log")" $clients 'each is answered'
is "$(awk '$2 == 200' "$tmp/log" | wc -l)" 1 'one got its picture'
is "$(awk '$2 == 402' "$tmp/log" | wc -l)" $((clients - 1)) \
    "$((clients - 1)) have too little matcha"
like "$(cat "$tmp/h2load")" "status codes: 1 2xx, 0 3xx, $((clients - 1)) 4xx, 0 5xx" \
    'h2load counts the same'

# --- the same against the database itself, from many connections
stack_sql -c "select mina_move('$user', 1, 'purchase', null, null, 'again',
    'test', null)" >/dev/null
# What the first one was admitted with, so that a worker can make them, too.
stack_sql -c "create table first as select mg_payload -> 'request' as request,
    mg_mma_vars - '{job,outputs,scans,prompts,history,userMessages}'::text[]
    as vars from mega_generations where mg_record_type = 'generation'"
cat >"$tmp/admit" <<X
select mina_admit('gen_still_' || gen_random_uuid(), '$user', null, 1, 'still',
    'create', request, vars, '{}', null, null) from first;
X
before=$(stack_sql -c "select count(*) from mega_generations
    where mg_record_type = 'generation'")
pgbench=$(command -v pgbench || find /usr/lib/postgresql -name pgbench | tail -n 1)
ok 'sixty connections admit all at once' "$pgbench" -n -c 60 -j 2 -t 20 \
    -f "$tmp/admit" "$db"
is "$(stack_sql -c "select count(*) - $before from mega_generations
    where mg_record_type = 'generation'")" 1 'one is admitted'

# --- one key, asked for many times at once, is one order
all_done
stack_sql -c "select mina_move('$user', 5, 'purchase', null, null, 'more',
    'test', null)" >/dev/null
h2load -n 100 -c 50 -m 2 -t 1 -d "$tmp/order" \
    -H 'Content-Type: application/json' -H "X-Mina-Pass-Id: $user" \
    -H 'Idempotency-Key: only-one' --log-file="$tmp/log2" \
    "$base/editorial/generate" >/dev/null 2>&1
is "$(awk '$2 == 200' "$tmp/log2" | wc -l)" 100 'a hundred times one key: each gets the picture'
is "$(stack_sql -c "select count(*) - $before from mega_generations
    where mg_record_type = 'generation'")" 2 'of one generation'

# --- what is left
all_done
kill $watcher
wait $watcher 2>/dev/null
is "$(stack_sql -c "select string_agg(distinct mg_mma_status, ' '), count(*)
    from mega_generations where mg_record_type = 'generation'")" 'done|3' \
    'three generations, all done'
world stats >"$tmp/stats"
is "$(jq .creates.accepted "$tmp/stats")" 3 'three predictions were paid for'
is "$(jq '.. | objects | .["replicate.create"]? // empty | .requests' "$tmp/stats")" 3 \
    'and asked for'
is "$(stack_sql -c "select mg_credits, mg_held from mega_customers
    where mg_pass_id = '$user'")" '4|0' 'the balance is right'
is "$(stack_sql -c "select sum(mg_delta), count(*) from mega_generations
    where mg_record_type = 'credit_transaction' and mg_reason = 'still'")" \
    '-3|3' 'the ledger says -1 three times'
ok "the poller looked often ($(wc -l <"$tmp/watched") times)" \
    test "$(wc -l <"$tmp/watched")" -gt 50
is "$(awk -F'|' '$2 != 0' "$tmp/watched" | wc -l)" 0 'and never saw a number below zero'
is "$(awk -F'|' 'NF > 2 && $3 > m { m = $3 } END { print m + 0 }' "$tmp/watched")" 1 \
    'nor more held than one'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
is "$(grep -Ehc 'level=err|Sanitizer|runtime error' "$var"/log/*.log |
    awk '{ n += $1 } END { print n }')" 0 'no program complains'
is "$(cut -d ' ' -f 2 "$var"/run/*.child | sort -u)" 1 'none was restarted'
