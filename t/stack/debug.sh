#!/bin/sh
# Looking into running programs: SIGUSR2 lists the coroutines of the worker with
# 50 generations in flight, of a program whose client waits, and of the sandbox;
# gdb shows the C backtrace of each, from a core and from the living.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
# Lines that were asked for are written whatever the level is.
stack_up MINA_LOG=err MINA_AUTH=trusted MINA_WAIT_S=60
plan 28

user=pass:user:7c0e0000-0000-4000-8000-000000000001
flights=50
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    -d "$2" "$world/_sandbox/$1" >/dev/null
}
submitted()
{
	[ "$(stack_sql -c "select count(*) from mega_generations
	    where mg_status = 'pending'
	    and mg_mma_vars #>> '{job,state}' = 'submitted'")" -eq "$1" ]
}
stack_sql >/dev/null <<X
select mina_customer('$user', null, null, null, 1000, 30);
select mina_runtime_put('{"limits.running": 100, "limits.queued": 100}', null,
    null);
select mina_config_put('mma.provider.registry', jsonb_set(value,
    '{providers,seedream-replicate,rate}', '{"create_per_min": 600000,
    "other_per_min": 6000000}'), 'test')
    from mina_config('mma.provider.registry');
X

# --- what is in flight: a client that waits, jobs that do not end

world settings '{"fast":true,"hold":true}'
curl -sS --cacert "$ca" --max-time 120 -D "$tmp/waiting" -o "$tmp/answer" \
    -H 'Content-Type: application/json' \
    -d "{\"passId\":\"$user\",\"mode\":\"still\",\"brief\":\"A bottle.\"}" \
    "$base/editorial/generate" &
client=$!
stack_sql >/dev/null -c "select mina_admit('gen_still_debug_' || i, '$user',
    null, 1, 'still', 'create', jsonb_build_object('brief', 'Bottle ' || i),
    '{}', '{}', null, null) from generate_series(2, $flights) i"
ok "$flights generations are in flight" within 60 submitted $flights
stack_sql -c "select replace(mg_id, 'generation:', '') from mega_generations
    where mg_mma_vars #>> '{job,state}' = 'submitted'" | sort >"$tmp/ids"

# --- the lists

# list PART: has it written, and puts it into $tmp/list.
list()
{
	: >"$tmp/list"
	size=$(stat -c %s "$var/log/$1.log")
	kill -USR2 "$(stack_pid "$1")"
	within 10 listed "$1" || diag "$1 wrote no list"
}
listed()
{
	tail -c "+$((size + 1))" "$var/log/$1.log" >"$tmp/list"
	grep -q ' coroutines=' "$tmp/list"
}
before=$(cat "$var"/run/*.child)

list worker
is "$(grep -c ' co=0x' "$tmp/list")" \
    "$(sed -n 's/.* coroutines=\([0-9]*\) .*/\1/p' "$tmp/list")" \
    'the worker lists as many coroutines as it counts'
is "$(sed -nE 's/.* prog=worker req=([^ ]*) co=0x[0-9a-f]+ fn=run_task from=worker\/[a-z]+\.c:[0-9]+ age_ms=[0-9]+ work="generation" wait="job poll" at=lib\/mma\/run\.c:[0-9]+ since_ms=[0-9]+$/\1/p' \
    "$tmp/list" | sort)" "$(cat "$tmp/ids")" \
    'each generation is there by its id, waiting for its provider'
like "$(cat "$tmp/list")" ' fn=claimer .* wait="due generation" ' \
    'the one that claims is there'
like "$(cat "$tmp/list")" ' fn=renewer .* wait="sleep" at=worker/' \
    'so is the one that renews leases'
like "$(cat "$tmp/list")" 'from=lib/pg/pglisten\.c:.* wait="pg notify" ' \
    'and the one that listens to Postgres'
like "$(cat "$tmp/list")" \
    ' coroutines=[0-9]+ idle_stacks=[0-9]+ arenas=[0-9]+ arena_kb=[1-9][0-9]*$' \
    'they are counted'
is "$(grep -Evc '^time=[0-9TZ:.-]{24} level=info prog=worker ' "$tmp/list")" 0 \
    'each line is a line of the log'
age=$(sed -n 's/.* fn=run_task .* since_ms=//p' "$tmp/list" | sort -n | tail -n 1)
sleep 1
list worker
later=$(sed -n 's/.* fn=renewer .* age_ms=\([0-9]*\) .*/\1/p' "$tmp/list")
ok "ages and times are told in milliseconds ($age, $later)" \
    test "$age" -lt 60000 -a "$later" -ge 1000

list generate
like "$(cat "$tmp/list")" ' prog=generate req=[^ ]* co=0x.* from=lib/web/fcgi\.c:[0-9]+ .* work="/editorial/generate" wait="generation" at=lib/gen/wait\.c:' \
    'the request that waits is listed with its route'
req=$(sed -n 's/.* req=\([^ ]*\) .* work="\/editorial\/generate" .*/\1/p' "$tmp/list")

world faults '{"target":"openai","kind":"stall","ms":60000}'
stack_sql >/dev/null -c "select mina_admit('gen_still_stalled', '$user', null, 1,
    'still', 'create', '{\"brief\":\"A bottle.\"}', '{}', '{}', null, null)"
stalled()
{
	list sandbox
	grep -q 'wait="sandbox stall"' "$tmp/list"
}
ok 'the sandbox lists what it holds up' within 20 stalled
like "$(cat "$tmp/list")" ' prog=sandbox req=.* work="/openai/v1/chat/completions" wait="sandbox stall" ' \
    'with the route'
list worker
like "$(cat "$tmp/list")" \
    ' req=gen_still_stalled .* wait="http reply" at=lib/io/http\.c:' \
    'and the worker that it waits for an HTTP reply'

# --- gdb, on a core of the worker and on the programs themselves

worker=$(stack_pid worker)
gdb_with()
{
	gdb -nx -batch -iex 'set debuginfod enabled off' -ex 'set width 0' \
	    -x "$top/dev/gdb/mina.py" "$@" 2>&1 </dev/null
}
# look GDB ARGUMENT ...: mina co and mina bt all, in $tmp/co and $tmp/bt
look()
{
	gdb_with "$@" -ex 'mina co' >"$tmp/co"
	gdb_with "$@" -ex 'mina bt all' >"$tmp/bt"
}
# backtraces FILE: "ID FUNCTION FUNCTION ...", innermost first, one each
backtraces()
{
	sed -nE 's/^co=0x[0-9a-f]+ req=([^ ]*) .*/>\1/p
	    s/^#[0-9]+ +(0x[0-9a-f]+ in )?([A-Za-z0-9_]+) \(.*/\2/p' "$1" |
	    tr '\n' ' ' | tr '>' '\n' | sed 1d
}
gcore -o "$tmp/core" "$worker" >"$tmp/gcore" 2>&1 </dev/null
ok 'the worker gives a core' test -s "$tmp/core.$worker"
look "$MINA_INST/libexec/mina/worker" "$tmp/core.$worker"
is "$(sed -nE 's/^co=0x[0-9a-f]+ req=([^ ]*) fn=run_task from=worker\/.* work="generation" wait="job poll" at=lib\/mma\/run\.c:[0-9]+ since_ms=[0-9]+$/\1/p' \
    "$tmp/co" | sort)" "$(cat "$tmp/ids")" \
    'mina co lists each generation in it'
is "$(grep -c '^co=' "$tmp/co") coroutines" "$(tail -n 1 "$tmp/co")" \
    'and counts the coroutines'
backtraces "$tmp/bt" >"$tmp/stacks"
is "$(sed -nE 's/^(gen_[^ ]*) co_yield wait_for .*provider_poll (.* )?run_step (.* )?run_task trampoline $/\1/p' \
    "$tmp/stacks" | sort)" "$(cat "$tmp/ids")" \
    'mina bt shows how each came to wait for its provider'
like "$(cat "$tmp/stacks")" \
    '^gen_still_stalled co_yield wait_for .*http_do .*run_step .*run_task trampoline $' \
    'and one to wait for the language model'
is "$(grep -Evc '^([^ ]* co_yield wait_for .*trampoline $)' "$tmp/stacks")" 0 \
    'no backtrace is cut short'

look -p "$(stack_pid generate)"
like "$(backtraces "$tmp/bt")" "^$req co_yield wait_for .*gen_wait .*serve_request .*trampoline \$" \
    'gdb shows where the request waits in the living program'
address=$(sed -nE "s/^co=(0x[0-9a-f]+) req=$req .*/\1/p" "$tmp/co")
is "$(gdb_with -p "$(stack_pid generate)" -ex "mina bt $address" |
    grep -c ' trampoline (')" 1 \
    'one alone, too'
like "$(gdb_with -p "$(stack_pid generate)" -ex 'mina bt 1')" \
    'no coroutine at 1' 'or none'

# One that runs is where the thread is.
MINA_CONF=$var/etc/mina.env look "$MINA_INST/libexec/mina/credits" \
    -ex 'break pg_run' \
    -ex "run GET /credits/balance -H 'X-Mina-Pass-Id: $user'"
like "$(cat "$tmp/co")" ' work="/credits/balance" wait="running" ' \
    'one that runs is told apart'
like "$(backtraces "$tmp/bt")" '^[0-9a-f]+ pg_run .*trampoline ' \
    'with the backtrace of the thread'

# --- nothing was disturbed

is "$(cat "$var"/run/*.child)" "$before" 'no program ended'
api GET /ready
is "$status" 200 'all is ready'
world settings '{"fast":true,"hold":false,"instant":true}'
wait $client
is "$(jq -r .status "$tmp/answer")" 'done' 'the client has its picture'
is "$(sed -n 's/^[Xx]-[Rr]equest-[Ii]d: \([^[:cntrl:]]*\).*/\1/p' "$tmp/waiting")" \
    "$req" 'and the id under which it was listed'
