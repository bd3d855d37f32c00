#!/bin/sh
# The database's clock is set back and forward: nothing waits for longer than
# the interval it was to wait for, and the ledger keeps its sequence. And what a
# worker takes over that ended without a word.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-sql.sh"
plan 43
sql_up
"$top/sql/apply.sh" 'dbname=mina' >"$tmp/applied" 2>&1 || bail 'no schema'

# clock INTERVAL: what both clocks are off by, for every session.
clock()
{
	q "create or replace function mina_now() returns timestamptz
	    language sql stable as 'select now() + interval ''$1''';
	    create or replace function mina_clock() returns timestamptz
	    language sql volatile
	    as 'select clock_timestamp() + interval ''$1'''" >/dev/null
}
claim() {	# claim owner [try [crashes]]
	q "select string_agg(generation_id, ' ') from mina_claim('$1', 99,
	    60000, 99, ${2:-null}, ${3:-3})"
}
# As if its worker had died, and the lease were over.
died() {
	q "update mega_generations set mg_lease_until = '2020-01-01'
	    where mg_lease_owner = '$1'"
}
crashes() { q "select mina_crashes(mg_meta) from mega_generations where mg_id = 'generation:$1'"; }
step() {	# step gen owner no
	q "select mina_step('$1', '$2', $3, 'store_asset', 'a', '{\"input\": {},
	    \"output\": {}, \"timing\": {}, \"error\": null}', null, null, 1,
	    null, null, 'succeeded', null, null)"
}
for p in a b; do
	customer pass:user:$p 10
done >/dev/null

# --- the queue
admit a1 pass:user:a 1 >/dev/null
clock '-2 minutes'
is "$(claim w1)" a1 'set back: what waits is taken at once'
died w1
is "$(claim w2)" a1 'and what is left of a dead worker'
clock '0'
admit a2 pass:user:a 1 >/dev/null
claim w3 >/dev/null
clock '-10 minutes'
q "select from mina_renew('w9', 15000)" >/dev/null
gives "select mg_lease_until <= mina_clock() + interval '1 minute'
    from mega_generations where mg_id = 'generation:a2'" t \
    'a lease that ends later than any could is cut to a minute'
gives "select count(*) from mina_renew('w3', 15000)
    where generation_id = 'a2'" 1 'its worker keeps it'
q "update mega_generations set mg_lease_until = 'infinity'
    where mg_id = 'generation:a2'" >/dev/null
q "select from mina_renew('w9', 15000)" >/dev/null
gives "select mg_lease_until from mega_generations
    where mg_id = 'generation:a2'" infinity 'one without an end stays'
clock '0'
q "select mina_release('w3'), mina_release('w2')" >/dev/null

# --- a step forward is not the end of leases, for a worker that knows of it
claim w3 >/dev/null
calm=$(q 'select clock_timestamp()')
clock '5 minutes'
calm() { q "select count(*) from mina_claim('w4', 99, 60000, 99, $1, 3, $2)"; }
is "$(calm null "'$calm'") $(calm 2 "'$calm'")" '0 0' \
    'set forward: a worker that knows better takes nothing over'
q "update mega_generations set mg_meta = mg_meta || '{\"crashes\": 1}'
    where mg_id = 'generation:a2'" >/dev/null
is "$(calm 2 "'$calm'") $(crashes a2)" '0 1' 'nor what is suspected'
gives "select count(*) from mina_renew('w3', 60000)" 2 'its worker renews it'
is "$(calm null "mina_clock() + interval '2 minutes'")" 0 'and keeps it'
clock '10 minutes'
is "$(calm null null)" 2 'one that does not know takes it'
clock '0'
q "select mina_release('w3'), mina_release('w4')" >/dev/null

# --- the outbox, and the jobs of all workers
gives "select mina_outbox_put('o1', 'x', '{}', 60000)" t 'a call is due later'
gives "select count(*) from mina_outbox_claim('w1', 9, 60000)" 0 'not yet'
clock '-10 minutes'
gives "select mina_outbox_again()" 1 'set back: it waits for its minute again'
gives "select mina_outbox_again()" 0 'once'
gives "select count(*) from mina_outbox_claim('w1', 9, 60000)" 0 'and is not due'
gives "select mg_first_seen_at - mina_now() between interval '50 seconds'
    and interval '60 seconds' from mega_admin where mg_id = 'outbox:o1'" t \
    'before it is over'
clock '-538 seconds'
gives "select string_agg(id, ' ') from mina_outbox_claim('w1', 9, 60000)" o1 \
    'then it is'
clock '-20 minutes'
q "select from mina_outbox_again()" >/dev/null
gives "select string_agg(id, ' ') from mina_outbox_claim('w2', 9, 60000)" o1 \
    'set back again: the lease is over'
clock '0'
q "select mina_outbox_done('o1', 'w2', null)" >/dev/null
gives "select mina_chore_take('c', 'w1', 60000, false)" '{}' 'a job is leased'
gives "select mina_chore_take('c', 'w2', 60000, true) is null" t 'by one worker'
clock '-10 minutes'
gives "select mina_chore_take('c', 'w2', 60000, false)" '{}' \
    'set back: another may lease it'
q "select mina_chore_done('c', 'w2', null, 60000)" >/dev/null
gives "select mina_chore_take('c', 'w1', 60000, false) is null" t \
    'done: due later'
clock '-20 minutes'
gives "select mina_chore_take('c', 'w1', 60000, false)" '{}' \
    'set back again: due now'
clock '0'

# --- the ledger
ledger() {
	q "select string_agg(mg_meta ->> 'balance_after', ' '
	    order by mg_created_at, mg_id) from mega_generations
	    where mg_record_type = 'credit_transaction'
	    and mg_pass_id = 'pass:user:b'"
}
move() { q "select from mina_move('pass:user:b', $1, 'adjust', null, null, '$2', 'test', null)"; }
move 1 m1
clock '-2 minutes'
move 1 m2
move 1 m3
is "$(ledger)" '10 11 12 13' 'set back: the ledger keeps its sequence'
gives "select mg_created_at - (mg_meta ->> 'clock')::timestamptz
    between interval '1 minute' and interval '3 minutes'
    from mega_generations where mg_id = 'credit_transaction:m3'" t \
    'and says what the clock was'
clock '0'
move 1 m4
is "$(ledger)" '10 11 12 13 14' 'put right: too'
q "begin; select from mina_move('pass:user:b', 1, 'adjust', null, null, 'z',
    'test', null); select from mina_move('pass:user:b', 1, 'adjust', null,
    null, 'y', 'test', null); commit" >/dev/null
is "$(ledger)" '10 11 12 13 14 15 16' 'within one transaction, too'
gives "select mg_meta ? 'clock' from mega_generations
    where mg_id = 'credit_transaction:y'" f 'with the time by the clock'

# --- durations
claim w1 >/dev/null
clock '-2 minutes'
q "select settled from mina_settle('a1', 'w1', '{\"output_url\": \"https://x/y\",
    \"status\": \"done\"}', null)" >/dev/null
gives "select mg_latency_ms from mega_generations
    where mg_id = 'generation:a1'" 0 'no latency is negative'
clock '0'
q "insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
    mg_generation_id, mg_mma_mode, mg_status, mg_mma_status, mg_output_url,
    mg_latency_ms) select 'generation:l' || i, 'generation', 'pass:user:b',
    'l' || i, 'still', 'succeeded', 'done', 'https://x/y',
    case when i < 7 then 4000 else -60000 end from generate_series(1, 20) i" \
    >/dev/null
gives "select p50 from mina_eta('still')" 4 'and old ones that are do not count'
q "select mina_release('w1')" >/dev/null
q "select mina_void('a2', null, 'canceled', 'X', 'x', null)" >/dev/null

# --- what ends its worker
i=10
while [ $i -lt 30 ]; do
	admit "c$i" pass:user:b 0
	i=$((i + 1))
done >/dev/null
is "$(claim d1 2 | wc -w)" 20 'all are taken'
died d1
is "$(claim d2 0)" '' 'of a dead worker none'
is "$(claim d2 1)" 'c10 c11 c12' 'or an eighth'
died d2
is "$(claim d3 1 | wc -w)" 3 'those that crashed once: an eighth of the rest'
admit new pass:user:b 0 >/dev/null
is "$(claim d4 2)" c10 \
    'one that crashed more often, alone: what is new does not start beside it'
is "$(claim d5 0)" new 'without one it does'
q "select mina_void('new', 'd5', 'canceled', 'X', 'x', null)" >/dev/null
is "$(crashes c10) $(crashes c11) $(crashes c13)" '2 1 1' 'which is counted'
is "$(step c10 d4 1) $(q "select mina_progress('d4', 'c10')") $(crashes c10)" \
    't t 0' 'a recorded step begins the count again'
q "select mina_release('d3')" >/dev/null
is "$(crashes c13)" 0 'a release, too'
died d3
q "update mega_generations set mg_meta = mg_meta || '{\"crashes\": 3}',
    mg_lease_owner = 'd3', mg_lease_until = '2020-01-01'
    where mg_id = 'generation:c13'; select mina_release('d3', 'c13', true)" >/dev/null
is "$(crashes c13)" 3 'but not one after the database has failed'
q "update mega_generations set mg_meta = mg_meta - 'crashes'
    where mg_id = 'generation:c13'" >/dev/null
died d4
q "select mina_cancel('c11', 'pass:user:b')" >/dev/null
gives "select mg_mma_status from mega_generations
    where mg_id = 'generation:c11'" canceled \
    'a cancel ends what a dead worker left'
died d2
q "update mega_generations set mg_meta = mg_meta || '{\"crashes\": 2}'
    where mg_id = 'generation:c12'" >/dev/null
gives "select crashes from mina_claim('d5', 99, 60000, 99, 0, 3)
    where generation_id = 'c12'" 3 \
    'after three crashes it is taken in any case, to be set aside'
gives 'select count(*) from mina_parity()' 0 'the ledger agrees'
