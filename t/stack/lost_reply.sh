#!/bin/sh
# A reply that is lost on a kept connection, over HTTP/1.1: what was ordered is
# not ordered again by a library that repeats requests.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

stack_up MINA_AUTH=trusted MINA_SANDBOX_HTTP=1.1
plan 32

user=pass:user:7c0e0000-0000-4000-8000-000000000001
stack_sql -c "select mina_customer('$user', null, null, null, 100, 30)" \
    >/dev/null
js() { jq -r "$@" "$tmp/body"; }
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
stats() { world stats | jq -r "$1"; }
order()
{
	api POST /editorial/generate -H "X-Mina-Pass-Id: $user" \
	    -H 'Content-Type: application/json' -H 'Prefer: wait=60' -d "$1"
	gen=$(js .generationId)
}
# What the worker knows of its attempts at a step: "failed,succeeded"
tried()
{
	stack_sql -c "select mg_status from mega_generations
	    where mg_generation_id = '$gen' and mg_record_type = 'mma_step'
	    and mg_step_type = '$1' order by mg_step_no" | paste -sd ,
}
world settings '{"instant":true,"predictMs":0}' >/dev/null
stack_sql -c "select mina_config_put('mma.provider.registry',
    jsonb_set(value, '{providers,seedream-replicate}', mina_merge(value #>
    '{providers,seedream-replicate}', '{\"reconcile\":{\"grace_ms\":1000}}')),
    null) from mina_config('mma.provider.registry')" >/dev/null

is "$(curl -sS --cacert "$ca" -o /dev/null -w '%{http_version}' "$world/inbox")" \
    1.1 'the services speak HTTP/1.1'

# Each order leaves connections behind that the next one finds: to the provider
# by its polls, to the language model by the step before.
order '{"brief":"warm up"}'
is "$status $(js .status)" '200 done' 'before anything is lost'
for n in 1 2 3 4 5; do
	accepted=$(stats .creates.accepted)
	posts=$(stats '."replicate.create".requests')
	world faults '{"target":"replicate.create","kind":"lost"}' >/dev/null
	order "{\"brief\":\"create $n\"}"
	is "$status $(js .status)" '200 done' "create $n: delivered all the same"
	is "$(tried seedream_generate)" failed,succeeded \
	    "create $n: the worker saw that the reply was lost"
	is "$(($(stats '."replicate.create".requests') - posts))" 1 \
	    "create $n: one request arrived"
	is "$(($(stats .creates.accepted) - accepted))" 1 "create $n: one job"
done

# The language model is paid for as well.
order '{"brief":"warm up once more"}'
asked=$(stats .openai.requests)
world faults '{"target":"openai","kind":"lost"}' >/dev/null
order '{"brief":"words"}'
is "$status $(js .status)" '200 done' 'model: delivered all the same'
is "$(tried gpt_reader)" failed,succeeded \
    'model: the worker saw that the reply was lost'
finished() { [ "$(stack_sql -c "select mg_mma_status from mega_generations
    where mg_id = 'generation:$gen'")" = 'done' ]; }
ok 'model: the picture is described as well' within 20 finished
is "$(($(stats .openai.requests) - asked))" "$(stack_sql -c "select count(*)
    from mega_generations where mg_generation_id = '$gen'
    and mg_record_type = 'mma_step' and (mg_step_type = 'gpt_reader'
    or mg_step_type like '%scan%')")" 'model: a request for each attempt'

# What may be repeated still is: nobody notices that an object was read twice.
world faults '{"target":"replicate.get","kind":"lost"}' >/dev/null
order '{"brief":"poll"}'
is "$status $(js .status)" '200 done' 'poll: delivered all the same'
is "$(tried seedream_generate)" succeeded 'poll: in one attempt'
is "$(stack_sql -c "select mg_credits || ' ' || mg_held from mega_customers
    where mg_pass_id = '$user'")" '91 0' 'each delivery is charged once'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
is "$(stack_sql -c "select count(distinct mg_ref_id) from mega_generations
    where mg_record_type = 'generation'")" 9 'each has a job of its own'
is "$(stats .creates.accepted)" 9 'and there are no others'
