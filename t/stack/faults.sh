#!/bin/sh
# Every fault of an external service, and how the still ends.
#
# Three stacks side by side, since a fault ordered from a sandbox hits the next
# request to it.  In each, one still after another meets one fault.  A case is held
# to one line, made of the reply, the ledger and the steps:
#
#	200 done | PROVIDER_FAILED,ok | 1 | 19 0
#
# status and code of the answer; the attempts of the step that met the fault;
# creates the provider accepted; matcha left and held, of 20.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 96

# --- what a group does; it has no TAP of its own, the parent reads its notes

note() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$tmp/notes"; }
same() { note is "$1" "$2" "$3"; }
says() { note like "$1" "$2" "$3"; }

js()  { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' "$@"; }
settings() { world -o /dev/null -d "$1" "$world/_sandbox/settings"; }
stats() { world "$world/_sandbox/stats" | jq -r "$1"; }
clear_faults() { world -o /dev/null -X DELETE "$world/_sandbox/faults"; }

# fault TARGET KIND [MEMBERS]
fault()
{
	case $(world -o /dev/null -w '%{http_code}' -d "{\"target\":\"$1\",
	    \"kind\":\"$2\"${3:+,$3}}" "$world/_sandbox/faults") in
	201) ;;
	*) note is "order $1 $2 $3" refused taken ;;
	esac
}

config() {	# config KEY PATCH: the next version, PATCH laid over the value
	stack_sql -c "select mina_config_put('$1', mina_merge(value, '$2'), null)
	    from mina_config('$1')" >/dev/null
}

registry() {	# registry PATCH, of the provider's entry
	stack_sql -c "select mina_config_put('mma.provider.registry',
	    jsonb_set(value, '{providers,seedream-replicate}', mina_merge(value #>
	    '{providers,seedream-replicate}', '$1')), null)
	    from mina_config('mma.provider.registry')" >/dev/null
}

# rows STEP EXPRESSION: of the last generation's attempts at STEP
rows()
{
	stack_sql -c "select $2 from mega_generations
	    where mg_generation_id = '$gen' and mg_record_type = 'mma_step'
	    and mg_step_type = '$1' order by mg_step_no"
}

tried()
{
	rows "$1" "case mg_status when 'succeeded' then 'ok'
	    else mg_payload #>> '{error,code}' end" | paste -sd ,
}

# start_group NAME
start_group()
{
	tmp=$tmp/$1
	mkdir "$tmp"
	trap stack_down EXIT
	stack_up
	settings '{"instant":true,"predictMs":0}'
	for k in scanner reader feedback_still; do
		config "mma.ctx.gpt_$k" '{"timeout_ms":1200}'
	done
	registry '{"create":{"timeout_ms":1200},"output_timeout_ms":1200,
	    "reconcile":{"grace_ms":1000},
	    "poll":{"timeout_ms":1200,"first_ms":100,"max_ms":300}}'
	# Also long enough for the new versions to have arrived.
	new_pass
	order '{"brief":"warm up"}'
	same 'before anything fails' "$(outcome gpt_reader)" \
	    '200 done | ok | 1 | 19 0'
}

new_pass() { pass=pass:anon:$(cat /proc/sys/kernel/random/uuid); }

# order BODY: makes it, and waits for what comes after delivery too
order()
{
	accepted=$(stats .creates.accepted)
	api POST /editorial/generate -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -d "$1"
	gen=$(js .generationId)
	clear_faults
	ended "$gen"
}

ended()
{
	end_tries=0
	until [ "$(stack_sql -c "select mg_mma_status in ('done', 'error',
	    'canceled') from mega_generations
	    where mg_id = 'generation:$1'")" = t ]; do
		end_tries=$((end_tries + 1))
		[ $end_tries -lt 200 ] || return
		sleep 0.1
	done
}

# outcome STEP: the line
outcome()
{
	printf '%s %s | %s | %s | %s' "$status" "$(js '.code // .status')" \
	    "$(tried "$1")" $(($(stats .creates.accepted) - accepted)) \
	    "$(stack_sql -c "select mg_credits || ' ' || mg_held
		from mega_customers where mg_pass_id = '$pass'")"
}

# try WHAT STEP WANTED [BODY]: a case; its faults have been ordered
try()
{
	new_pass
	order "${4:-"{\"brief\":\"$1\"}"}"
	same "$1" "$(outcome "$2")" "$3"
}

# because PATTERN STEP: what the first failed attempt at STEP has to say
because()
{
	says '... and the trace says why' "$(rows "$2" \
	    "mg_payload #>> '{error,detail}'" | head -n 1)" "$1"
}

# paused STEP MS: between the first attempt and the second
paused()
{
	paused_ms=$(rows "$1" "extract(epoch from
	    (mg_payload #>> '{timing,started_at}')::timestamptz -
	    lag((mg_payload #>> '{timing,ended_at}')::timestamptz)
	    over (order by mg_step_no)) * 1000" | sed -n '2s/\..*//p')
	paused_ok=$([ "${paused_ms:-0}" -ge "$2" ] && echo yes)
	same "... after the pause that was asked for ($paused_ms ms)" \
	    "$paused_ok" yes
}

# --- a language model in trouble costs nobody their picture

DONE='200 done'

fell_back()
{
	same '... the brief is the prompt, and the step says so' \
	    "$(rows gpt_reader "mg_payload #>> '{output,fallback}' || ' ' ||
	    (mg_payload #>> '{output,clean_prompt}')" | tail -n 1)" "true $1"
}

gpt()
{
	start_group gpt
	fault openai delay '"ms":600'
	try 'gpt: slow' gpt_reader "$DONE | ok | 1 | 19 0"
	fault openai status '"status":500'
	try 'gpt: 500 once' gpt_reader "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	because 'http 500' gpt_reader
	fault openai status '"status":503,"count":-1'
	try 'gpt: 503 for good' gpt_reader \
	    "$DONE | PROVIDER_FAILED,PROVIDER_FAILED,PROVIDER_FAILED,ok | 1 | 19 0"
	fell_back 'gpt: 503 for good'
	fault openai status '"status":429,"retryAfter":2'
	try 'gpt: 429' gpt_reader "$DONE | RATE_LIMITED,ok | 1 | 19 0"
	paused gpt_reader 2000
	fault openai status '"status":429,"retryAfter":900'
	try 'gpt: 429 for a quarter of an hour' gpt_reader \
	    "$DONE | RATE_LIMITED,ok | 1 | 19 0"
	fell_back 'gpt: 429 for a quarter of an hour'
	fault openai status '"status":429,"count":-1,"body":
	    "{\"error\":{\"code\":\"insufficient_quota\"}}"'
	try 'gpt: no quota left' gpt_reader "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	because insufficient_quota gpt_reader
	fell_back 'gpt: no quota left'
	fault openai status '"status":401'
	try 'gpt: 401' gpt_reader "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	fell_back 'gpt: 401'
	fault openai stall '"ms":4000'
	try 'gpt: no answer' gpt_reader "$DONE | PROVIDER_TIMEOUT,ok | 1 | 19 0"
	fault openai malformed
	try 'gpt: half an answer' gpt_reader "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	because 'not JSON' gpt_reader
	prose='"body":"{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",
	    \"message\":{\"role\":\"assistant\",\"content\":\"Sure! Here.\"}}]}"'
	prose=$(printf %s "$prose" | tr -d '\n\t')
	fault openai malformed "$prose"
	try 'gpt: prose' gpt_reader "$DONE | ok | 1 | 19 0"
	same '... is asked to repair it' "$(rows gpt_reader \
	    "mg_payload #>> '{output,repaired}'")" true
	fault openai malformed "\"count\":2,$prose"
	try 'gpt: prose twice' gpt_reader "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	because 'not a JSON object' gpt_reader
	fell_back 'gpt: prose twice'
	fault openai lost
	try 'gpt: lost' gpt_reader "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	fault openai refused '"body":"I cannot help with that."'
	try 'gpt: refused' gpt_reader '422 MODERATED | MODERATED | 0 | 20 0'
	because 'I cannot help with that' gpt_reader
	same '... and the answer too, with nothing charged' \
	    "$(js '"\(.charged) \(.generationId)"')" "0 $gen"

	# A scanner in trouble: the picture still goes to the model.
	upload 800
	fault openai status '"status":500,"count":3'
	try 'scan: 500 for good' scan_product "$DONE |\
 PROVIDER_FAILED,PROVIDER_FAILED,PROVIDER_FAILED | 1 | 19 0" "$with"
	same '... the picture goes to the model all the same' \
	    "$(rows seedream_generate "$sent")" "$url"
	fault openai refused
	upload 801
	try 'scan: refused' scan_product "$DONE | MODERATED | 1 | 19 0" "$with"
	upload 6400
	fault openai status '"status":500,"count":3'
	try 'scan: 500 and too large a picture' scan_product "$DONE |\
 PROVIDER_FAILED,PROVIDER_FAILED,PROVIDER_FAILED | 1 | 19 0" "$with"
	says '... a smaller copy of it goes to the model' \
	    "$(rows seedream_generate "$sent" | grep -vF "$url")" \
	    '/user_uploads/.*\.(png|jpg|webp)$'
	store
	same 'the books agree' "$(stack_sql -c \
	    'select count(*) from mina_parity()')" 0
}

sent="mg_payload #>> '{input,request,input,image_input,0}'"

# upload WIDTH: sets url, and with, the body of an order with it
upload()
{
	rsvg-convert -w "$1" -h $(($1 / 8)) "$top/sandbox/props/logo.svg" \
	    -o "$tmp/p.png"
	api POST /api/r2/upload-signed -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -d '{"contentType":"image/png"}'
	curl -sS --cacert "$ca" -T "$tmp/p.png" -H 'Content-Type: image/png' \
	    "$(js .uploadUrl)"
	api POST /api/r2/complete -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -d "{\"key\":\"$(js .key)\"}"
	url=$(js .publicUrl)
	with="{\"brief\":\"a bar\",\"assets\":{\"productImageUrl\":\"$url\"}}"
}

# --- a create whose outcome is unknown is asked about, never repeated blindly

BAD='502 PROVIDER_FAILED'
s=seedream_generate
five() { echo "$1,$1,$1,$1,$1"; }

reconciled()
{
	same '... the second attempt asked before it created' \
	    "$(rows $s "mg_payload #>> '{input,reconciled}'" | paste -sd ,)" \
	    ',true'
}

create()
{
	start_group create
	t=replicate.create
	fault $t delay '"ms":600'
	try 'create: slow' $s "$DONE | ok | 1 | 19 0"
	fault $t status '"status":500'
	try 'create: 500, not taken' $s "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	because 'http 500' $s
	reconciled
	fault $t status '"status":500,"after":true'
	try 'create: 500, but taken' $s "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	reconciled
	fault $t lost
	try 'create: reply lost' $s "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	reconciled
	fault $t malformed
	try 'create: half a reply' $s "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	because 'no job id' $s
	fault $t stall '"ms":4000'
	try 'create: no answer' $s "$DONE | PROVIDER_TIMEOUT,ok | 1 | 19 0"
	fault $t status '"status":429,"retryAfter":2'
	try 'create: 429' $s "$DONE | RATE_LIMITED,ok | 1 | 19 0"
	paused $s 2000
	fault $t status '"status":429,"retryAfter":"'"$(LC_ALL=C date -u -d '+4 seconds' \
	    '+%a, %d %b %Y %H:%M:%S GMT')"'"'
	try 'create: 429 with a date' $s "$DONE | RATE_LIMITED,ok | 1 | 19 0"
	paused $s 1800
	fault $t refused
	try 'create: declined' $s '422 MODERATED | MODERATED | 1 | 20 0'
	because '.' $s
	fault $t failed
	try 'create: the job fails' $s "$DONE | PROVIDER_FAILED,ok | 2 | 19 0"
	because '.' $s
	fault $t failed '"count":2'
	try 'create: the job fails twice' $s \
	    "$BAD | PROVIDER_FAILED,PROVIDER_FAILED | 2 | 20 0"
	fault $t status '"status":422'
	try 'create: 422' $s "$BAD | PROVIDER_FAILED | 0 | 20 0"
	fault $t status '"status":401'
	try 'create: 401' $s "$BAD | PROVIDER_FAILED | 0 | 20 0"
	because 'http 401' $s
	fault $t status '"status":429,"retryAfter":900'
	try 'create: 429 for a quarter of an hour' $s \
	    "$BAD | RATE_LIMITED | 0 | 20 0"
	canceled
	fault $t status '"status":429,"count":-1'
	try 'create: 429 for good' $s "$BAD | $(five RATE_LIMITED) | 0 | 20 0"
	twins
	fault $t status '"status":503,"count":-1'
	try 'create: 503 for good' $s "$BAD | $(five PROVIDER_FAILED) | 0 | 20 0"
	same 'the books agree' "$(stack_sql -c \
	    'select count(*) from mina_parity()')" 0
}

# Canceled while the provider is at it: the provider is told.
canceled()
{
	settings '{"hold":true}'
	new_pass
	api POST /editorial/generate -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -H 'Prefer: respond-async' \
	    -d '{"brief":"called off"}'
	gen=$(js .generationId)
	cancel_tries=0
	until [ "$(stack_sql -c "select mg_mma_vars #>> '{job,state}'
	    from mega_generations where mg_id = 'generation:$gen'")" = \
	    submitted ] || [ $cancel_tries -gt 50 ]; do
		sleep 0.1
		cancel_tries=$((cancel_tries + 1))
	done
	api POST "/generations/$gen/cancel" -H "X-Mina-Pass-Id: $pass"
	ended "$gen"
	api GET "/generations/$gen" -H "X-Mina-Pass-Id: $pass"
	same 'create: canceled, and the provider with it' \
	    "$(js '"\(.status) \(.charged) \(.creditsAfter)"') $(stats \
	    .predictions.canceled)" 'canceled 0 20 1'
	settings '{"hold":false}'
}

# Two people order the very same, and both replies are lost.
twins()
{
	accepted=$(stats .creates.accepted)
	fault replicate.create lost '"count":2'
	twin 1 &
	first=$!
	twin 2 &
	wait $first $!
	ended "$(cat "$tmp/twin1")"
	ended "$(cat "$tmp/twin2")"
	same 'create: two of the same, both replies lost' "$(stack_sql -c "select
	    count(*) || ' ' || count(distinct mg_ref_id) || ' ' || min(mg_status)
	    from mega_generations where mg_record_type = 'generation'
	    and mg_payload #>> '{request,brief}' = 'twins'"
	    ) $(($(stats .creates.accepted) - accepted))" '2 2 succeeded 2'
}

twin()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    -H "X-Mina-Pass-Id: pass:anon:$(cat /proc/sys/kernel/random/uuid)" \
	    -d '{"brief":"twins"}' "$base/editorial/generate" |
	    jq -r .generationId >"$tmp/twin$1"
}

# --- polling, fetching and storing may fail, and go on

# As the tail of the first group, which is done before the others.
store()
{
	fault s3.put delay '"ms":600'
	try 'store: slow' $s "$DONE | ok | 1 | 19 0"
	fault s3.put status '"status":500'
	try 'store: 500' $s "$DONE | BUSY,ok | 1 | 19 0"
	because 'http 500' $s
	fault s3.put stall '"ms":1500'
	try 'store: hangs up' $s "$DONE | BUSY,ok | 1 | 19 0"
	fault s3.put lost
	try 'store: lost' $s "$DONE | BUSY,ok | 1 | 19 0"
	fault s3.put status '"status":503,"count":-1'
	try 'store: 503 for good' $s "503 BUSY | $(five BUSY) | 1 | 20 0"
	because 'http 503' $s
}

after()
{
	start_group after
	fault replicate.get delay '"ms":600'
	try 'get: slow' $s "$DONE | ok | 1 | 19 0"
	fault replicate.get status '"status":500,"count":3'
	try 'get: 500 thrice' $s "$DONE | ok | 1 | 19 0"
	fault replicate.get status '"status":429,"retryAfter":2'
	try 'get: 429' $s "$DONE | ok | 1 | 19 0"
	same '... after the pause that was asked for' "$(world \
	    "$world/_sandbox/requests?target=replicate.get" | jq -r '
	    [.requests[-2:][].at | sub("\\.(?<ms>[0-9]+)Z$"; "Z") | fromdate] |
	    .[1] - .[0] >= 2')" true
	fault replicate.get stall '"ms":4000'
	try 'get: no answer' $s "$DONE | ok | 1 | 19 0"
	fault replicate.get malformed
	try 'get: half an answer' $s "$DONE | ok | 1 | 19 0"
	fault replicate.get malformed '"body":"{\"status\":\"dreaming\"}"'
	try 'get: a state nobody knows' $s "$DONE | ok | 1 | 19 0"
	fault replicate.get lost
	try 'get: lost' $s "$DONE | ok | 1 | 19 0"
	fault replicate.get status '"status":404'
	try 'get: 404' $s "$DONE | ok | 1 | 19 0"

	fault delivery delay '"ms":600'
	try 'delivery: slow' $s "$DONE | ok | 1 | 19 0"
	fault delivery status '"status":500'
	try 'delivery: 500' $s "$DONE | ok | 1 | 19 0"
	fault delivery status '"status":429,"retryAfter":2'
	try 'delivery: 429' $s "$DONE | RATE_LIMITED,ok | 1 | 19 0"
	paused $s 2000
	fault delivery stall '"ms":4000'
	try 'delivery: no answer' $s "$DONE | PROVIDER_TIMEOUT,ok | 1 | 19 0"
	fault delivery malformed
	try 'delivery: half a picture' $s "$DONE | PROVIDER_FAILED,ok | 1 | 19 0"
	because 'not a picture' $s
	fault delivery lost
	try 'delivery: lost' $s "$DONE | ok | 1 | 19 0"
	fault delivery expired
	try 'delivery: expired' $s "$DONE | ok | 1 | 19 0"

	registry '{"poll":{"deadline_ms":1500},"output_wait_ms":500}'
	sleep 0.3
	fault replicate.get status '"status":500,"count":-1'
	try 'get: 500 for good' $s \
	    "504 PROVIDER_TIMEOUT | PROVIDER_TIMEOUT | 1 | 20 0"
	because 'http 500' $s
	fault replicate.create expired
	try 'create: the output is gone' $s "$BAD | PROVIDER_FAILED | 1 | 20 0"
	because 'http 404' $s
	settings '{"hold":true}'
	try 'get: never done' $s \
	    "504 PROVIDER_TIMEOUT | PROVIDER_TIMEOUT | 1 | 20 0"
	because 'not done in time' $s
	same 'the books agree' "$(stack_sql -c \
	    'select count(*) from mina_parity()')" 0
}

# --- all at once

group_pids=
for g in gpt create after; do
	("$g") >"$tmp/$g.out" 2>&1 &
	group_pids="$group_pids $!"
done
for p in $group_pids; do
	wait "$p" || tap_failed=$((tap_failed + 1))
done
for g in gpt create after; do
	diag "$(head -n 20 "$tmp/$g.out")"
	while IFS='	' read -r how what got want; do
		$how "$got" "$want" "$what"
	done <"$tmp/$g/notes"
done
