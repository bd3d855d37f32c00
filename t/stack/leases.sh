#!/bin/sh
# Workers that are frozen, killed, or ended by what they work on: nothing is
# ordered twice for a generation, and what one generation does to its worker
# does not keep the others'.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

mischief=$builddir/t/tools/mischief.so
[ -f "$mischief" ] || bail 'make check builds t/tools/mischief.so'
stack_up MINA_AUTH=trusted MINA_LEASE_MS=2000
plan 41

js() { jq -r "$@" "$tmp/body"; }
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
stats() { world stats | jq -r "$1"; }
row() { stack_sql -c "select $1 from mega_generations where mg_id = 'generation:$gen'"; }
ended() { [ "$(row "mg_mma_status in ('done', 'error', 'canceled')")" = t ]; }
pass() { printf 'pass:user:7c0e0000-0000-4000-8000-00000000000%d' "$1"; }

# order NUMBER-OF-THE-CUSTOMER BRIEF: sets gen.
order()
{
	api POST /editorial/generate -H "X-Mina-Pass-Id: $(pass "$1")" \
	    -H 'Content-Type: application/json' -H 'Prefer: respond-async' \
	    -d "{\"brief\":\"$2\"}"
	gen=$(js .generationId)
}

# start NAME [SETTING=VALUE ...]: a worker of the test's own; sets pid.
start()
{
	start_name=$1
	shift
	env MINA_CONF="$var/etc/mina.env" MISCHIEF="$tmp" "$@" \
	    "$MINA_INST/libexec/mina/worker" </dev/null >>"$tmp/$start_name.log" 2>&1 &
	pid=$!
	at_end "kill -CONT $pid 2>/dev/null; kill -KILL $pid 2>/dev/null"
	within 20 grep -q "started as .*/$pid/" "$tmp/$start_name.log"
}
stop() { kill "$1"; wait "$1"; }
# again NUMBER: run more than so many times, and by a worker that came further.
again() { [ "$(row "mg_attempts > $1 and mina_crashes(mg_meta) = 0")" = t ]; }
off() { [ "$(stack_sql -c "select mg_status from mega_admin where mg_id like
    'outbox:job.cancel:$gen:%'")" = 200 ]; }
spent() { stack_sql -c "select mina_counted('spend', 'house')"; }
cancels() { stats '."replicate.cancel".requests'; }
frozen() { [ "$(sed 's/.*) //' "/proc/$1/stat" | cut -c 1)" = T ]; }
leased() { [ "$(row 'mg_lease_owner is not null')" = t ]; }

world settings '{"instant":true,"predictMs":0}' >/dev/null
for n in 1 2 3 4 5 6; do
	stack_sql -c "select mina_customer('$(pass $n)', null, null, null, 100, 30)"
done >/dev/null
stack_sql -c "select mina_config_put('mma.provider.registry',
    jsonb_set(value, '{providers,seedream-replicate}', mina_merge(value #>
    '{providers,seedream-replicate}', '{\"reconcile\":{\"grace_ms\":1000}}')),
    null) from mina_config('mma.provider.registry')" >/dev/null
# From here on the workers are the test's.
keeper=$(cat "$var/run/worker.pid")
kill "$keeper"
gone() { ! kill -0 "$keeper" 2>/dev/null; }
ok 'the worker of the stack stops' within 20 gone

# --- frozen between the note that a job is about to be created, and the call
start first LD_PRELOAD="$mischief"
first=$pid
: >"$tmp/freeze"
order 1 'A bottle on white paper.'
ok 'a worker is frozen before it creates the job' within 20 frozen "$first"
is "$(row "mg_mma_vars #>> '{job,state}'")" submitting 'and after it said so'
start second
second=$pid
ok 'another one takes over' within 40 ended
is "$(row mg_mma_status) $(stats .creates.accepted)" 'done 1' 'and delivers'
kill -CONT "$first"
lost() { grep -q "req=$gen .*lease is lost\|req=$gen .*lease lost" "$tmp/first.log"; }
ok 'the first one finds its lease lost' within 20 lost
is "$(stats .creates.accepted) $(stats '."replicate.create".requests')" '1 1' \
    'and creates no job'
stop "$second"

# --- frozen when there is nothing any more that could hold the call back
: >"$tmp/freeze-late"
order 1 'A bottle on slate.'
ok 'a worker is frozen while it creates the job' within 20 frozen "$first"
start second
second=$pid
ok 'another one takes over, too' within 40 ended
world faults '{"target":"replicate.cancel","kind":"status","status":500,"count":1}' \
    >/dev/null
spent=$(spent)
kill -CONT "$first"
ok 'the job that came late is canceled' within 30 off
is "$(cancels)" 2 'although its provider failed at first'
is "$(($(spent) - spent))" 6 'its cost is counted'
is "$(row "mg_meta -> 'late_jobs' = mg_meta -> 'canceled_jobs'")" t \
    'and the row says that it is canceled'
is "$(stats .creates.accepted)" 3 'which had been accepted'
is "$(stack_sql -c "select s.mg_status, s.mg_error, s.mg_mma_vars is null,
    length(s.mg_payload #>> '{output,job_id}') > 10
    and s.mg_payload #>> '{output,job_id}' <> g.mg_ref_id
    from mega_generations s join mega_generations g on g.mg_id = s.mg_parent_id
    where s.mg_generation_id = '$gen' and s.mg_record_type = 'mma_step'
    and s.mg_meta ->> 'key' like 'late:%'")" 'failed|LEASE_LOST|t|t' \
    'and is in the trace, with its id'
stop "$second"

# --- canceled after the worker died, with a job at the provider
world settings '{"instant":false,"hold":true}' >/dev/null
order 1 'A bottle on linen.'
submitted() { [ "$(row "mg_mma_vars #>> '{job,state}'")" = submitted ]; }
ok 'a job is at the provider' within 20 submitted
kill -KILL "$first"
api POST "/generations/$gen/cancel" -H "X-Mina-Pass-Id: $(pass 1)"
start second
second=$pid
ok 'a cancel reaches the worker that takes over' within 20 ended
is "$(row mg_mma_status) $(cancels)" 'canceled 3' 'which cancels the job'

# --- canceled when its lease is over
order 1 'A bottle on brick.'
ok 'another job is at the provider' within 20 submitted
kill -KILL "$second"
over() { [ "$(row 'mg_lease_until < mina_clock()')" = t ]; }
within 20 over
api POST "/generations/$gen/cancel" -H "X-Mina-Pass-Id: $(pass 1)"
is "$(row mg_mma_status)" canceled 'a cancel when its worker has died'
start second
second=$pid
ok 'its job is canceled, too' within 20 off

# --- workers that are killed while a job is at the provider
order 1 'A bottle on felt.'
long=$gen
ok 'a job takes long' within 20 submitted
for n in 1 2 3; do
	kill -KILL "$second"
	start second
	second=$pid
	ok "its worker is killed, for the ${n}. time, and it is polled on" \
	    within 20 again "$n"
done

# --- others whose worker was killed do not wait for the long one
order 2 'A bottle on cork.'
ok 'another customer has a job there' within 20 submitted
short=$gen
kill -KILL "$second"
stack_sql -c "update mega_generations set mg_meta = mg_meta
    || '{\"crashes\": 1}' where mg_id = 'generation:$long'"
start second
second=$pid
ok 'it is polled on while the long one is not done' within 30 again 1
gen=$long
is "$(row "mg_status, mg_attempts")" 'pending|5' 'which began before it'

# --- one that is set aside with a job at the provider
kill -KILL "$second"
was=$(cancels)
stack_sql -c "update mega_generations set mg_meta = mg_meta
    || '{\"crashes\": 2}' where mg_id = 'generation:$long'"
start second
second=$pid
ok 'after three crashes it is set aside' within 20 ended
ok 'and its job canceled' within 20 off
is "$(row mg_error) $(($(cancels) - was))" 'INTERNAL 1' 'once'
gen=$short
world settings '{"instant":true,"hold":false}' >/dev/null
ok 'the other one comes to its end' within 30 ended
stop "$second"
world settings '{"instant":true,"hold":false}' >/dev/null

# --- one that ends its worker, and four others; and at the end of it a database
# that fails once when it is set aside
stack_sql -c "create sequence misfortune" -c "create function misfortune()
    returns trigger language plpgsql as \$\$
    begin
	if coalesce(new.mg_step_type, '') = 'worker_run' and nextval('misfortune') = 1 then
		raise 'no room' using errcode = '53100';
	end if;
	return new;
    end \$\$" -c "create trigger misfortune before insert on mega_generations
    for each row execute function misfortune()"
order 6 'A bottle on oak. Please end this worker.'
bad=$gen
for n in 2 3 4 5; do
	order $n "Bottle number $n on marble."
done
(
	while [ ! -f "$tmp/enough" ]; do
		env MINA_CONF="$var/etc/mina.env" MISCHIEF="$tmp" \
		    LD_PRELOAD="$mischief" "$MINA_INST/libexec/mina/worker" \
		    </dev/null >>"$tmp/kept.log" 2>&1 &
		echo $! >"$tmp/kept.pid"
		wait $!
	done
) 2>/dev/null &
keeping=$!
at_end ": >'$tmp/enough'; kill \$(cat '$tmp/kept.pid') 2>/dev/null; wait $keeping"
others() {
	[ "$(stack_sql -c "select count(*) from mega_generations
	    where mg_record_type = 'generation' and mg_mma_status = 'done'
	    and mg_pass_id in ('$(pass 2)', '$(pass 3)', '$(pass 4)',
	    '$(pass 5)')")" = 4 ]
}
ok 'the stills of four others are delivered' within 60 others
gen=$bad
ok 'the one that ends its worker comes to an end' within 60 ended
is "$(row "mg_status, mg_mma_status, mg_error, mg_meta ->> 'crashes',
    mg_attempts")" 'failed|error|INTERNAL|3|5' 'set aside, after three crashes'
is "$(grep -c 'started as' "$tmp/kept.log")" 4 'and no worker more'
is "$(grep -c "level=err.*$bad.*3 runs in a row" "$tmp/kept.log")" 1 \
    'the log says so, as an error'
is "$(stack_sql -c "select mg_status, mg_payload #>> '{error,detail}'
    from mega_generations where mg_generation_id = '$bad'
    and mg_step_type = 'worker_run'")" \
    'failed|set aside: 3 runs in a row ended their worker' 'its trace, too'
is "$(stack_sql -c "select mg_credits, mg_held from mega_customers
    where mg_pass_id = '$(pass 6)'")" '100|0' 'and nothing is charged'
is "$(stack_sql -c "select count(*) from mega_generations
    where mg_record_type = 'generation' and mg_attempts > 3
    and mg_generation_id <> '$long'")" 1 \
    'no other was run more than three times'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
