#!/bin/sh
# Providers on a bad day: replies that tell nothing of a job, states that are not
# known, a key or an account that is refused, jobs that fail for their reasons,
# jobs that end with nothing to show, and replies with megabytes of logs.
# shellcheck disable=SC2016,SC2154 # $ in jq's words
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 41
stack_up

js()  { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' "$@"; }
settings() { world -o /dev/null -d "$1" "$world/_sandbox/settings"; }
fault() { world -o /dev/null -d "{\"target\":\"$1\",\"kind\":\"$2\"${3:+,$3}}" "$world/_sandbox/faults"; }
calm() { world -o /dev/null -X DELETE "$world/_sandbox/faults"; }
stats() { world "$world/_sandbox/stats" | jq -r "$1"; }
calls() { stats ".places[\"$1\"].requests // .[\"$1\"].requests // 0"; }
put() { stack_sql -c "select mina_config_put('mma.provider.registry', $1, null)
    from mina_config('mma.provider.registry')" >/dev/null; }
patch() { put "jsonb_set(value, '{providers,$1}', mina_merge(value #> '{providers,$1}', '$2'))"; }
# After the 2 seconds for which an answer is given again.
ready() { sleep 2; api GET /ready; js '.warnings[] | select(startswith("a provider: "))'; }

# order BRIEF: makes a still of a new customer
order()
{
	pass=pass:anon:$(cat /proc/sys/kernel/random/uuid)
	before=$(stats .creates.accepted)
	api POST /editorial/generate -H "X-Mina-Pass-Id: $pass" \
	    -H 'Prefer: wait=120' -H 'Content-Type: application/json' \
	    -d "{\"brief\":\"$1\"}"
	gen=$(js .generationId)
}

# came: status and code; the attempts; jobs accepted; matcha left and held
came()
{
	echo "$status $(js '.code // .status') | $(stack_sql -c "select mg_provider
	    || ' ' || case mg_status when 'succeeded' then 'ok'
	    else mg_payload #>> '{error,kind}' end from mega_generations
	    where mg_generation_id = '$gen' and mg_record_type = 'mma_step'
	    and mg_step_type like '%\\_generate%' order by mg_step_no" |
	    paste -sd ,) | $(($(stats .creates.accepted) - before)) | $(
	    stack_sql -c "select mg_credits || ' ' || mg_held
	    from mega_customers where mg_pass_id = '$pass'")"
}

# says PATTERN WHAT: of the customer's message
says() { like "$(js .message)" "$1" "$2"; }

R=seedream-replicate
ok1="200 done | $R ok | 1 | 19 0"
settings '{"instant":true,"predictMs":0}'
patch $R '{"poll":{"first_ms":100,"max_ms":300},"reconcile":{"grace_ms":1000},
    "cooldown":{"failures":1000}}'
patch seedream-ark '{"cooldown":{"failures":1000}}'

# changed: a program that claims by itself has seen the last version of a setting
# when a still was made with it, so each block begins with one.
changed()
{
	within 10 newest || diag 'the worker has an old registry'
}
newest()
{
	order 'which version'
	[ "$(stack_sql -c "select mg_payload #>> '{input,registry_version}'
	    from mega_generations where mg_generation_id = '$gen'
	    and mg_record_type = 'mma_step' and mg_step_type like '%\\_generate%'
	    order by mg_step_no limit 1")" = "$(stack_sql -c "select version
	    from mina_config('mma.provider.registry')")" ]
}
changed

# --- a reply that tells nothing of the job

for code in 404 401 403 500; do
	fault replicate.get status "\"status\":$code,\"count\":2"
	order "poll $code"
	is "$(came)" "$ok1" "polls answer $code: the job is asked for again"
done
for code in 404 403; do
	fault delivery status "\"status\":$code,\"count\":2"
	order "delivery $code"
	is "$(came)" "$ok1" "an output is $code at first: it is fetched later"
done
fault replicate.create lost
fault replicate.list status '"status":401'
order 'reconcile 401'
is "$(came)" "200 done | $R E_UPSTREAM,$R E_UPSTREAM,$R ok | 1 | 19 0" \
    'nor does a 401 to the search for a lost job end it'

# --- logs in the reply

settings '{"logKB":3000}'
order 'logs of 3 MB'
is "$(came)" "$ok1" 'logs of 3 MB in a reply are not read'
# A list has all jobs of the last half minute.
settings '{"logKB":400}'
fault replicate.create lost
order 'logs in a list'
is "$(came)" "200 done | $R E_UPSTREAM,$R ok | 1 | 19 0" \
    'nor those of the jobs in a list'
put "value #- '{providers,$R,skip}'"
patch $R '{"poll":{"deadline_ms":1500}}'
settings '{"logKB":0}'
changed
settings '{"logKB":3000}'
order 'logs that are read'
is "$(echo "$status" | tr 24 55)" 505 'a reply that is too long is not a 413'
says 'charged' 'and the customer is told what it cost'
ok 'it is the provider that failed' [ "$(js .code)" != TOO_LARGE ]
settings '{"logKB":0}'

# --- a state that is not known

fault replicate.get malformed '"body":"{\"status\":\"dreaming\"}","count":-1'
canceled=$(calls replicate.cancel)
order 'dreaming'
calm
is "$(came)" "504 PROVIDER_TIMEOUT | $R E_TIMEOUT | 1 | 20 0" \
    'a state that is not known is waited out'
is "$(($(calls replicate.cancel) - canceled))" 1 \
    'then the job is called off'
is "$(grep -c 'unknown state .*dreaming' "$var/log/worker.log")" 1 \
    'which the log says once'

# --- jobs that fail

patch $R '{"poll":{"deadline_ms":600000},"skip":["logs"]}'
changed
for why in 'CUDA out of memory' 'Prediction interrupted; please retry (code: PA)'
do
	fault replicate.create failed "\"body\":\"$why\""
	order "$why"
	is "$(came)" "200 done | $R E_UPSTREAM,$R ok | 2 | 19 0" \
	    "$why: another job is created"
done
fault replicate.create failed '"body":"CUDA out of memory","count":-1'
order 'out of memory for good'
calm
is "$(came)" "502 PROVIDER_FAILED | $R E_UPSTREAM,$R E_UPSTREAM | 2 | 20 0" \
    'but not more than that'
says 'failed|could not' 'and the customer is not told to change anything'
fault replicate.create failed '"body":"Image is 9x9; width and height must be at least 14px"'
order 'too small'
is "$(came)" "502 PROVIDER_FAILED | $R E_REJECTED | 1 | 20 0" \
    'what blames the picture is final'
fault replicate.create failed '"body":"The input was flagged as sensitive. (E005)"'
order 'flagged'
is "$(came)" "422 MODERATED | $R E_MODERATED | 1 | 20 0" \
    'and so is what was declined'

# --- our key, our account, the model

fault replicate.create failed '"body":"You have insufficient credit to run this model."'
order 'no credit for the job'
is "$(came)" "502 PROVIDER_FAILED | $R E_PROVIDER | 1 | 20 0" \
    'a job that fails for our account is not repeated'
is "$(ready | sed 's/, since .*//')" \
    "a provider: $R fails our jobs: \"insufficient credit\"" \
    'and /ready says why'
order 'credit again'

is "$(ready)" '' '/ready has nothing to say of providers'
for code in 401 402 404; do
	fault replicate.create status "\"status\":$code,\"count\":2"
	order "create $code"
	order "create $code again"
	is "$(came)" "502 PROVIDER_FAILED | $R E_PROVIDER | 0 | 20 0" \
	    "a create is answered $code: it is not repeated"
done
says 'not caused by your request' 'the customer is told whose trouble it is'
is "$(ready | sed 's/, since .*//')" \
    "a provider: $R does not have the model (404, 405 or 410)" '/ready names it'
is "$(grep -cE "level=err .*$R (refuses|says|does not)" \
    "$var/log/worker.log") $(grep -c "$R refuses our key" \
    "$var/log/worker.log")" '3 1' \
    'the log has an error for each cause, and not for each request'
put "jsonb_set(value, '{use,still}', '[\"$R\", \"seedream-ark\"]')"
order 'the key is good again'
is "$(came)" "$ok1" 'it is asked all the same'
is "$(ready)" '' 'and /ready has nothing to say any more'
changed
fault replicate.create status '"status":402'
order 'no credit'
is "$(came)" "200 done | $R E_PROVIDER,seedream-ark ok | 1 | 19 0" \
    'with another provider the still is made there'
is "$(ready | sed 's/, since .*//')" \
    "a provider: $R says that our account has no credit (402)" \
    'and /ready names the one that did not'

# --- jobs that end with nothing to show

use() { put "jsonb_set(value, '{use,still}', '$1')"; changed; }
spent() { stack_sql -c "select mina_counted('spend', 'house')"; }

patch seedream-fal '{"cooldown":{"failures":1000},"output_wait_ms":500,
    "poll":{"first_ms":100,"max_ms":300}}'
use "[\"seedream-ark\", \"$R\"]"
fault ark.create malformed '"body":"{\"data\":[]}","count":-1'
money=$(spent)
asked=$(calls ark.create)
order 'an empty list'
calm
is "$(came)" "502 PROVIDER_FAILED | seedream-ark E_UPSTREAM,seedream-ark E_UPSTREAM | 2 | 20 0" \
    'a success without an output was paid for: two, and no third elsewhere'
is "$(($(calls ark.create) - asked)) $(($(spent) - money))" '2 12' \
    'and each is reserved'
fault ark.create malformed '"body":"{\"data\":[{\"error\":{\"code\":\"InternalServiceError\"}}]}"'
money=$(spent)
order 'an error in it'
is "$(came) $(($(spent) - money))" \
    "200 done | seedream-ark E_UPSTREAM,seedream-ark ok | 2 | 19 0 6" \
    'one that says that it failed is free'
use "[\"seedream-fal\", \"$R\"]"
fault fal.result status '"status":500,"count":-1'
money=$(spent)
order 'no result'
calm
is "$(came) $(($(spent) - money))" \
    "200 done | seedream-fal E_UPSTREAM,$R ok | 2 | 19 0 12" \
    'a result that cannot be fetched is reserved again, and made elsewhere'
is "$(stack_sql -c "select (mg_meta -> 'ended_jobs' ->> 0) like 'seedream-fal:%'
    from mega_generations where mg_id = 'generation:$gen'")" t \
    'and its job is remembered'
fault fal.result status '"status":401,"count":-1'
order 'no access to the result'
calm
is "$(ready | sed 's/, since .*//' | grep seedream-fal)" \
    'a provider: seedream-fal refuses our key (401)' \
    'where it is our key, /ready says so'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the books agree'
