#!/bin/sh
# What a provider delivers is looked at before it is charged: an output that
# cannot be used is made once more, and then refused without a charge.
# shellcheck disable=SC2016,SC2154 # $ in jq's words
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 29
stack_up

js()  { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' "$@"; }
settings() { world -o /dev/null -d "$1" "$world/_sandbox/settings"; }
flawed() { world -o /dev/null -d "{\"target\":\"replicate.create\",
    \"kind\":\"flawed\",\"body\":\"$1\",\"count\":$2}" "$world/_sandbox/faults"; }
calm() { world -o /dev/null -X DELETE "$world/_sandbox/faults"; }
accepted() { world "$world/_sandbox/stats" | jq -r .creates.accepted; }
spent() { stack_sql -c "select mina_counted('spend', 'house')"; }

# After the 2 seconds for which an answer is given again.
ready() { sleep 2; api GET /ready; js '.warnings[] | select(startswith("a provider: "))' |
    sed 's/, since .*//'; }
opened() { grep -c "$1 failed 3 times in a row" "$var/log/worker.log"; }

# order PATH BODY: of a new customer
order()
{
	pass=pass:anon:$(cat /proc/sys/kernel/random/uuid)
	before=$(accepted)
	api POST "$1" -H "X-Mina-Pass-Id: $pass" -H 'Prefer: wait=120' \
	    -H 'Content-Type: application/json' -d "$2"
	gen=$(js .generationId)
	calm
}
still() { order /editorial/generate "{\"brief\":\"$1\",\"ratio\":\"${2:-4:3}\"}"; }
film() { order /motion/generate "{\"inputStillUrl\":\"$picture\",
    \"motionPrompt\":\"slow push in\"}"; }

# came: status and code; the reasons of the attempts; jobs; matcha left and held
came()
{
	echo "$status $(js '.code // .status') | $(stack_sql -c "select case
	    mg_status when 'succeeded' then 'ok'
	    else coalesce(mg_payload #>> '{error,reason}', '?') end
	    from mega_generations where mg_generation_id = '$gen'
	    and mg_record_type = 'mma_step' and mg_step_type like '%\\_generate%'
	    order by mg_step_no" | paste -sd ,) | $(($(accepted) - before)) | $(
	    stack_sql -c "select mg_credits || ' ' || mg_held
	    from mega_customers where mg_pass_id = '$pass'")"
}

settings '{"instant":true,"predictMs":0,"filmMs":0}'
stack_sql -c "select mina_config_put('mma.provider.registry', jsonb_set(jsonb_set(
    value, '{providers,seedream-replicate,poll}', value #>
    '{providers,seedream-replicate,poll}' || '{\"first_ms\":100,\"max_ms\":300}'),
    '{providers,kling-replicate,poll}', value #>
    '{providers,kling-replicate,poll}' || '{\"first_ms\":100,\"max_ms\":300}'),
    null) from mina_config('mma.provider.registry')" >/dev/null

for ratio in 1:1 16:9 2:3 21:9; do
	still 'as it should be' $ratio
	is "$(came)" '200 done | ok | 1 | 19 0' "a still of $ratio is delivered"
done
picture=$(js .outputUrl)
film
is "$(came)" '200 done | ok | 1 | 15 0' \
    'a film of a still of 21:9 has that ratio, and is delivered'

# --- stills

for flaw in black:BLANK transparent:BLANK ratio:RATIO; do
	flawed "${flaw%:*}" 1
	still "${flaw%:*} once"
	is "$(came)" "200 done | ${flaw#*:},ok | 2 | 19 0" \
	    "a ${flaw%:*} still is made once more, and charged once"
done
money=$(spent)
flawed black -1
still 'black for good'
is "$(came)" '502 PROVIDER_FAILED | BLANK,BLANK | 2 | 20 0' \
    'a still that is black twice is not charged'
like "$(js .message)" 'nothing on it.*Nothing was charged' \
    'and the customer is told what came'
is "$(($(spent) - money))" 12 'the second picture counts as spending, too'
is "$(stack_sql -c "select count(*) from mega_admin
    where mg_id like 'outbox:count:%:cancel:$pass'")" 1 \
    'and it uses up a free refusal'
is "$(ready) $(opened seedream-replicate)" ' 0' \
    'black pictures may be the request: the provider is not blamed'
flawed half -1
still 'half for good'
is "$(came)" '502 PROVIDER_FAILED | DAMAGED,DAMAGED,DAMAGED,DAMAGED | 2 | 20 0' \
    'half a picture is fetched again, and made again, and not charged'
is "$(stack_sql -c "select count(*) from mega_admin
    where mg_id like 'outbox:count:%:cancel:$pass'")" 0 \
    'nor does it use up a free refusal, as no request asks for it'
like "$(js .message)" 'damaged' 'and the customer is told so'
settings '{"format":"jpg"}'
still 'a JPEG'
is "$(came)" '200 done | ok | 1 | 19 0' 'a JPEG is as good'

# --- films

still 'to film' 3:4
picture=$(js .outputUrl)
for flaw in hevc:CODEC short:DURATION frame:FRAMES ratio:RATIO black:BLANK; do
	flawed "${flaw%:*}" 1
	film
	is "$(came)" "200 done | ${flaw#*:},ok | 2 | 15 0" \
	    "a film that is no good (${flaw%:*}) is made once more"
done
flawed hevc -1
film
is "$(came)" '502 PROVIDER_FAILED | CODEC,CODEC | 2 | 20 0' \
    'a film that browsers do not play is not charged'
like "$(js .message)" 'browsers do not play.*hevc' 'and the customer is told so'
is "$(ready)" \
    'a provider: kling-replicate delivers what cannot be used (CODEC)' \
    'and operators, by /ready'
flawed half -1
film
is "$(came)" '502 PROVIDER_FAILED | DAMAGED,DAMAGED,DAMAGED,DAMAGED | 2 | 20 0' \
    'nor is half a film'
ok 'and the circuit breaker counts them' [ "$(opened kling-replicate)" -ge 1 ]
is "$(stack_sql -c "select count(*) from mega_generations
    where mg_record_type = 'mma_step' and mg_payload #>> '{error,reason}'
    is not null and mg_payload #>> '{error,detail}' is null")" 0 \
    'every refused output has its reason in the trace'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the books agree'
