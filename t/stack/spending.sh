#!/bin/sh
# Nothing free that costs us: a client that owns nothing gets no suggestion, caps
# hold for requests side by side and count what fails, only a few cancels are
# unpaid once a provider is at work, and the house spends no more than it may.
# shellcheck disable=SC2016 # $ belongs to sh -c here
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

need h2load
stack_up
plan 45

js() { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' "$@"; }
settings() { world -d "$1" -o /dev/null "$world/_sandbox/settings"; }
fault() { world -d "$1" -o /dev/null "$world/_sandbox/faults"; }
# asked TARGET: how many requests the emulated service has got
asked() { world "$world/_sandbox/stats" | jq "[.. | objects | .[\"$1\"]? // empty |
    .requests] | add // 0"; }
bought() { world "$world/_sandbox/stats" | jq .creates.accepted; }
runtime() { stack_sql -c "select mina_runtime_put('$1', null, null)" >/dev/null; }
count() { stack_sql -c "select count(*) from mega_generations where $1"; }
row() { [ "$(stack_sql -c "select $2 from mega_generations
    where mg_id = 'generation:$1'")" = "$3" ]; }
money() { stack_sql -c "select mg_credits || ' ' || mg_held from mega_customers
    where mg_pass_id = '$1'"; }
new_pass() { echo "pass:anon:$(cat /proc/sys/kernel/random/uuid)"; }
# rich MATCHA: a pass that has it
rich()
{
	pass=$(new_pass)
	stack_sql >/dev/null -c "select from mina_customer('$pass', null, null,
	    null, 0, 30); select mina_move('$pass', $1, 'purchase', null, null,
	    'for:$pass', 'test', null)"
}
# post PATH PASS BODY [CURL ARGUMENT ...]
post()
{
	post_path=$1 post_pass=$2 post_body=$3
	shift 3
	api POST "$post_path" -H "X-Mina-Pass-Id: $post_pass" \
	    -H 'Content-Type: application/json' -d "$post_body" "$@"
}

# Nobody is given anything, here.
runtime '{"credits.welcome": 0, "credits.welcome_anonymous": 0}'
settings '{"fast":true,"instant":true,"predictMs":0}'
rich 40
funded=$pass
post /editorial/generate "$funded" '{"brief":"a bottle on marble"}'
is "$status $(js .status)" '200 done' 'a customer with matcha gets a still'
still=$(js .outputUrl)
within 20 row "$(js .generationId)" mg_mma_status 'done'
suggest="{\"inputStillUrl\":\"$still\",\"userMotionBrief\":\"Slowly.\"}"

# --- who has nothing at stake

before=$(asked openai)
customers=$(stack_sql -c 'select count(*) from mega_customers')
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 \
    28 29 30; do
	post /motion/suggest "$(new_pass)" "$suggest"
	echo "$status $(js .code)"
done | sort | uniq -c | sed 's/^ *//' >"$tmp/thirty"
is "$(cat "$tmp/thirty")" '30 402 INSUFFICIENT_CREDITS' \
    'thirty invented passes get no suggestion'
is "$(asked openai)" "$before" 'and the language model is not asked once'
post /motion/suggest "$(new_pass)" "$suggest"
like "$(js .message)" 'sign in, or top up. Nothing was charged' \
    'they are told what to do'
post /editorial/generate "$(new_pass)" '{"brief":"a bottle"}'
is "$status $(js .code)" '402 INSUFFICIENT_CREDITS' 'nor is anything ordered'
is "$(stack_sql -c 'select count(*) from mega_customers')" "$customers" \
    'none of them leaves a row behind'

# --- the cap of a day, side by side

printf %s "$suggest" >"$tmp/suggest"
before=$(asked openai)
h2load -n 120 -c 120 -m 1 -t 1 -d "$tmp/suggest" \
    -H 'Content-Type: application/json' -H "X-Mina-Pass-Id: $funded" \
    --log-file="$tmp/log" "$base/motion/suggest" >"$tmp/h2load" 2>&1
is "$(awk '{ print $2 }' "$tmp/log" | sort | uniq -c | sed 's/^ *//' |
    paste -sd ,)" '50 200,70 429' 'of 120 at once on one pass 50 are answered'
is "$(($(asked openai) - before))" 50 'by 50 calls of the language model'
post /motion/suggest "$funded" "$suggest"
is "$status $(js .code)" '429 RATE_LIMITED' 'after them none is'
like "$(js .message)" '50 suggestions. Nothing was charged' 'says the answer'
retry=$(sed -n 's/^retry-after: \([0-9]*\).*/\1/ip' "$tmp/head")
left=$((86400 - $(date +%s) % 86400))
ok "until the day ends ($retry of $left seconds)" test "$retry" -ge $((left - 60)) -a \
    "$retry" -le $((left + 60))

# --- an account is all of its passes

"$top/mina" token claims@example.com >"$tmp/token" 2>/dev/null
token=$(tail -n 1 "$tmp/token")
before=$(asked openai)
api POST /motion/suggest -H "Authorization: Bearer $token" \
    -H 'Content-Type: application/json' -d "$suggest"
is "$status" 200 'a confirmed address is enough at stake'
api POST /motion/suggest -H "Authorization: Bearer $token" \
    -H "X-Mina-Pass-Id: $(new_pass)" -H 'Content-Type: application/json' \
    -d "$suggest"
is "$status" 402 'but not for passes that its owner makes up'
is "$(($(asked openai) - before))" 1 'so the model is asked once'
api GET /me -H "Authorization: Bearer $token" -H "X-Mina-Pass-Id: $funded"
account=$(js .passId)
like "$account" '^pass:user:' 'the account claims the pass that had 50'
api POST /motion/suggest -H "Authorization: Bearer $token" \
    -H 'Content-Type: application/json' -d "$suggest"
is "$status $(js .code)" '429 RATE_LIMITED' 'which are the account'"'"'s from now on'

# --- what fails counts

rich 5
fault '{"target":"openai","kind":"status","status":500,"count":-1}'
before=$(asked openai)
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 \
    28 29 30; do
	post /motion/suggest "$pass" "$suggest"
	echo "$status"
done | sort | uniq -c | sed 's/^ *//' | paste -sd , >"$tmp/failed"
is "$(cat "$tmp/failed")" '5 429,25 502' \
    'a model that fails is asked twice a time, and each counts'
is "$(($(asked openai) - before))" 50 'to the cap'
world -X DELETE -o /dev/null "$world/_sandbox/faults"

# --- cancels once the provider has it

rich 1
settings '{"instant":false,"hold":true}'
before=$(bought)
: >"$tmp/cancels"
for i in 1 2 3 4 5 6 7 8 9 10; do
	post /editorial/generate "$pass" "{\"brief\":\"never $i\"}" \
	    -H 'Prefer: respond-async'
	if [ "$status" != 202 ]; then
		echo "$status $(js .code)" >>"$tmp/cancels"
		continue
	fi
	gen=$(js .generationId)
	within 20 row "$gen" "mg_mma_vars #>> '{job,state}'" submitted
	post "/generations/$gen/cancel" "$pass" '{}'
	echo "$status $(js '.code // "-"')" >>"$tmp/cancels"
	cp "$tmp/body" "$tmp/said"
	if [ "$status" = 200 ]; then
		canceled=$gen
		within 20 row "$gen" mg_mma_status canceled
	else
		late=$gen
		settings '{"hold":false}'
		within 30 row "$gen" mg_mma_status 'done'
	fi
done
is "$(uniq -c "$tmp/cancels" | sed 's/^ *//' | paste -sd ,)" \
    '5 200 -,1 409 TOO_LATE,4 402 INSUFFICIENT_CREDITS' \
    'one matcha, ten orders: five cancels are free, the sixth is too late'
like "$(jq -r .message "$tmp/said")" '5 free cancellations are used up. It will be delivered, and charged 1 matcha' \
    'and says so'
is "$(($(bought) - before))" 6 'six jobs were bought'
post "/generations/$late/cancel" "$pass" '{}'
is "$status $(js '"\(.status) \(.charged) \(.creditsAfter)"')" '200 done 1 0' \
    'what was too late is delivered and charged'
is "$(money "$pass")" '0 0' 'it was the only matcha'
is "$(count "mg_record_type = 'credit_transaction' and mg_reason = 'still'
    and mg_pass_id = '$pass'")" 1 'charged once'
stack_sql -c "select mina_move('$pass', 1, 'purchase', null, null, 'next', 'test',
    null)" >/dev/null
fault '{"target":"openai","kind":"delay","ms":3000,"count":1}'
post /editorial/generate "$pass" '{"brief":"not yet"}' -H 'Prefer: respond-async'
gen=$(js .generationId)
within 20 row "$gen" mg_mma_status prompting
post "/generations/$gen/cancel" "$pass" '{}'
is "$status" 200 'before the provider has it a cancel is free also then'
within 20 row "$gen" mg_mma_status canceled
is "$(($(bought) - before)) $(money "$pass")" '6 1 0' 'and nothing is bought'

# A request that the provider declines has cost us, too.
rich 9
settings '{"hold":true}'
fault '{"target":"replicate.create","kind":"refused"}'
for i in 1 2 3 4 5; do
	post /editorial/generate "$pass" "{\"brief\":\"never $i\"}" \
	    -H 'Prefer: respond-async'
	gen=$(js .generationId)
	if [ "$i" = 1 ]; then
		settings '{"hold":false}'
		within 20 row "$gen" mg_mma_status error
		is "$(stack_sql -c "select mg_error from mega_generations
		    where mg_id = 'generation:$gen'")" MODERATED \
		    'one that the provider declines'
		settings '{"hold":true}'
		continue
	fi
	within 20 row "$gen" "mg_mma_vars #>> '{job,state}'" submitted
	post "/generations/$gen/cancel" "$pass" '{}'
	[ "$status" = 200 ] || break
	within 20 row "$gen" mg_mma_status canceled
done
is "$i $status $(money "$pass")" '5 200 9 0' 'is not charged, leaves four free cancels'
post /editorial/generate "$pass" '{"brief":"the last"}' -H 'Prefer: respond-async'
gen=$(js .generationId)
within 20 row "$gen" "mg_mma_vars #>> '{job,state}'" submitted
post "/generations/$gen/cancel" "$pass" '{}'
is "$status $(js .code)" '409 TOO_LATE' 'and no fifth'
settings '{"hold":false}'
within 30 row "$gen" mg_mma_status 'done'
is "$(money "$pass")" '8 0' 'so that one is paid'
settings '{"instant":true}'

# --- events are kept for ever

events="mg_record_type = 'mma_event' and mg_generation_id = '$canceled'"
before=$(count "$events")
owner=$(stack_sql -c "select mg_pass_id from mega_generations
    where mg_id = 'generation:$canceled'")
printf '{"eventType":"feedback","generationId":"%s","text":"again"}' "$canceled" \
    >"$tmp/event"
h2load -n 3595 -c 45 -m 1 -t 1 -d "$tmp/event" \
    -H 'Content-Type: application/json' -H "X-Mina-Pass-Id: $owner" \
    --log-file="$tmp/log2" "$base/mma/events" >"$tmp/h2load" 2>&1
is "$(awk '{ print $2 }' "$tmp/log2" | sort | uniq -c | sed 's/^ *//' |
    paste -sd ,)" '500 200,3095 429' 'of 3595 events on one generation 500 are taken'
is "$(($(count "$events") - before))" 500 'and no more are kept'
post /mma/events "$owner" '{"eventType":"preference_set","hardBlocks":["a.b"]}'
is "$status $(js .code)" '429 RATE_LIMITED' 'preferences count as well'
post /feedback/like "$owner" "{\"generationId\":\"$late\"}"
is "$status" 429 'so do likes'

# --- the house

rich 9
spent=$(stack_sql -c "select mina_counted('spend', 'house')")
# Each order is tried with the new setting only: the one before refused it.
refuses() { post /editorial/generate "$pass" '{"brief":"x"}'; [ "$status" = "$1" ]; }
runtime '{"spend.daily": 0}'
ok 'spend.daily 0 stops orders' within 10 refuses 503
is "$(js .code) $(money "$pass")" 'BUSY 9 0' 'nothing is charged'
like "$(js .message)" 'switched off for the moment. Nothing was charged' 'it says so'
ready() { api GET /ready; js '.warnings | join(";")' | grep -Eq "$1"; }
ok '/ready warns of it' within 10 ready 'spending is switched off'
# The next one takes it past 80 % and to the last cent.
runtime "{\"spend.daily\": $((spent * 2)), \"still.cents\": $spent}"
within 10 refuses 200
is "$status $(js .status)" '200 done' 'within the limit an order is taken'
within 10 refuses 503
is "$status $(js .code)" '503 BUSY' 'past it none is'
like "$(js .message)" 'as much as we can today. Nothing was charged' 'says the answer'
ok '/ready warns from 80 %' within 10 ready "$((spent * 2)) of spend.daily's $((spent * 2)) US cents"
is "$(cat "$var"/log/generate.log | grep -c 'reached 80 %')" 1 \
    'the order that reached them is in the log, once'
is "$(money "$pass")" '8 0' 'one was charged'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
