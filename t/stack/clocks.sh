#!/bin/sh
# Clocks that are set while work is under way, the database's and a worker's:
# nothing waits for longer, nothing is ordered twice, /ready names it.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

mischief=$builddir/t/tools/mischief.so
[ -f "$mischief" ] || bail 'make check builds t/tools/mischief.so'
stack_up MINA_AUTH=trusted MINA_LEASE_MS=3000
plan 17

js() { jq -r "$@" "$tmp/body"; }
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
stats() { world stats | jq -r "$1"; }
row() { stack_sql -c "select $1 from mega_generations where mg_id = 'generation:$gen'"; }
ended() { [ "$(row "mg_mma_status in ('done', 'error', 'canceled')")" = t ]; }
user=pass:user:7c0e0000-0000-4000-8000-000000000001

order()
{
	api POST /editorial/generate -H "X-Mina-Pass-Id: $user" \
	    -H 'Content-Type: application/json' -H 'Prefer: respond-async' \
	    -d "{\"brief\":\"$1\"}"
	gen=$(js .generationId)
}
# clock INTERVAL: what the database's clock is off by.
clock()
{
	stack_sql -c "create or replace function mina_now()
	    returns timestamptz language sql stable
	    as 'select now() + interval ''$1'''" \
	    -c "create or replace function mina_clock()
	    returns timestamptz language sql volatile
	    as 'select clock_timestamp() + interval ''$1'''"
}
# warns PATTERN: among the warnings of /ready.
warns()
{
	api GET /ready
	[ "$(js .ok)" = true ] && js '.warnings[]' | grep -Eq "$1"
}
submitted() { [ "$(row "mg_mma_vars #>> '{job,state}'")" = submitted ]; }

world settings '{"instant":true,"predictMs":0}' >/dev/null
stack_sql -c "select mina_customer('$user', null, null, null, 100, 30)" >/dev/null
stack_sql -c "select mina_config_put('mma.provider.registry',
    jsonb_set(value, '{providers,seedream-replicate}', mina_merge(value #>
    '{providers,seedream-replicate}', '{\"reconcile\":{\"grace_ms\":2000}}')),
    null) from mina_config('mma.provider.registry')" >/dev/null

# --- the database's
order 'A bottle on white paper.'
ok 'before anything is set' within 30 ended
clock '-2 minutes'
order 'A bottle on slate.'
ok 'set back two minutes: a still is made all the same' within 30 ended
is "$(row mg_mma_status)" 'done' 'and delivered'
ok '/ready says that the clock was set' within 30 warns \
    "database's clock was set back 1?[12][0-9] s"
is "$(grep -c "level=warn.*database's clock was set back" "$var/log/worker.log")" \
    1 'and the log, once'
api GET /credits/transactions -H "X-Mina-Pass-Id: $user"
is "$(js '[.. | .balanceAfter? // empty] | map(tostring) | join(" ")')" '98 99 100' \
    'the ledger is listed in its sequence'
clock '0'

# --- the worker's
keeper=$(cat "$var/run/worker.pid")
kill "$keeper"
gone() { ! kill -0 "$keeper" 2>/dev/null; }
within 20 gone
env MINA_CONF="$var/etc/mina.env" MISCHIEF="$tmp" LD_PRELOAD="$mischief" \
    "$MINA_INST/libexec/mina/worker" </dev/null >"$tmp/worker.log" 2>&1 &
worker=$!
at_end "kill -KILL $worker 2>/dev/null"
world settings '{"instant":false,"hold":true}' >/dev/null
order 'A bottle on linen.'
ok 'a job is at the provider' within 30 submitted
echo 660 >"$tmp/shift"
polls() { stats '."replicate.get".requests'; }
was=$(polls)
polled() { [ "$(polls)" -gt $((was + 2)) ]; }
ok 'the clock set forward 11 minutes: it is polled on' within 30 polled
ok '/ready says that the clocks differ' within 30 warns \
    "machine's clock is 6[56][0-9] s ahead"
echo -660 >"$tmp/shift"
was=$(polls)
ok 'set back: it is polled on' within 30 polled
ok '/ready says that, too' within 30 warns \
    "machine's clock is 6[56][0-9] s behind"
world settings '{"instant":true,"hold":false}' >/dev/null
ok 'the still comes to an end' within 30 ended
is "$(row "mg_mma_status, mg_latency_ms between 1 and 300000")" 'done|t' \
    'delivered, with its duration'
is "$(stack_sql -c "select count(*) from mega_generations
    where mg_generation_id = '$gen' and mg_record_type = 'mma_step'
    and (mg_payload #>> '{timing,duration_ms}')::int not between 0 and 300000")" \
    0 'and those of its steps'

# --- a reply that is lost, with the clock ahead
echo 600 >"$tmp/shift"
created=$(stats .creates.accepted)
world faults '{"target":"replicate.create","kind":"lost"}' >/dev/null
order 'A bottle on oak.'
ok 'a reply is lost when the clock is 10 minutes ahead' within 40 ended
is "$(row mg_mma_status) $(($(stats .creates.accepted) - created))" 'done 1' \
    'the job is found, not ordered again'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
