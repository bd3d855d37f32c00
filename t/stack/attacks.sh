#!/bin/sh
# Attacks that t/route makes on one program, here on a running system: through
# nginx, with limits by address in force.  Each has an address of its own, so
# that what is limited for one is not for the next, and goes slowly enough to
# get where it strikes; what nginx itself refuses (429) is sent again.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
need h2load
plan 35
stack_up MINA_LIMIT_LOCAL=yes MINA_WAIT_S=0 MINA_CORS_ORIGINS=https://studio.example
stack_sql -c "select mina_runtime_put('{\"credits.welcome_anonymous\": 20}',
    null, null)" >/dev/null

js() { jq -r "$@" "$tmp/body"; }
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
# token MAIL CLAIMS: of the sandbox's sign-in service.
token()
{
	world auth/token "$(jq -cn --arg e "$1" --argjson c "$2" \
	    '{email: $e, claims: $c}')" | jq -r .access_token
}
uuid() { printf '%08d-0000-4000-8000-%012d' "$1" "$2"; }
# at ADDRESS METHOD PATH [CURL ARGUMENT ...]: api, again as long as nginx says 429.
at()
{
	at_from=$1
	shift
	at_left=100
	while api "$@" --interface "$at_from" && [ "$status" = 429 ] &&
	    grep -q 'a little fast' "$tmp/body"; do
		at_left=$((at_left - 1))
		[ $at_left -gt 0 ] || return
		sleep 0.1
	done
}
high() { awk '/^VmHWM/ { print $2 }' "/proc/$(stack_pid "$1")/status"; }
visit() { at 127.0.8.8 GET /me -H 'X-Mina-Pass-Id: anonymous' --max-time 5; }

# --- many values in few bytes

# zeroes N: [0,0,...] of N values.
zeroes()
{
	awk -v n="$1" 'BEGIN { for (i = 1; i < n; i++) printf "0,"; printf "0" }'
}
printf '{"a":[%s]}' "$(zeroes 500000)" >"$tmp/mega"
printf '{"meta":{"a":[%s]}}' "$(zeroes 30000)" >"$tmp/values"
# forty NAME METHOD PATH FILE: at once, from ten addresses; sets grown, in kB of
# the program NAME.
forty()
{
	before=$(high "$1")
	forty_pids=
	forty_n=0
	while [ $forty_n -lt 40 ]; do
		curl -sS --cacert "$ca" --http1.1 --max-time 60 -X "$2" \
		    --interface "127.0.3.$((forty_n % 10 + 1))" \
		    -H "X-Mina-Pass-Id: pass:anon:$(uuid 3 $forty_n)" \
		    -H 'Content-Type: application/json' \
		    --data-binary "@$4" -o /dev/null -w '%{http_code}\n' \
		    "$base$3" >"$tmp/forty.$forty_n" 2>/dev/null &
		forty_pids="$forty_pids $!"
		forty_n=$((forty_n + 1))
	done
	visit
	# shellcheck disable=SC2086 # process ids
	wait $forty_pids
	grown=$(($(high "$1") - before))
	diag "$1: $grown kB"
	forty_said=$(cat "$tmp"/forty.* | sort | uniq -c | xargs)
}
api GET /capabilities
at 127.0.3.1 POST /sessions/start -H "X-Mina-Pass-Id: pass:anon:$(uuid 3 99)" \
    -H 'Content-Type: application/json' -d '{}'
forty capabilities GET /capabilities "$tmp/mega"
is "$forty_said" '40 413' 'a megabyte with a GET is refused by nginx'
forty capabilities GET /capabilities "$tmp/values"
is "$forty_said" '40 200' 'sixty kilobytes of values with a GET are a GET'
ok '... and cost next to nothing' test "$grown" -lt 12000
is "$status" 200 '... while another visitor is answered'
forty sessions POST /sessions/start "$tmp/values"
is "$forty_said" '40 413' 'thirty thousand values are refused'
ok '... and cost next to nothing' test "$grown" -lt 12000
is "$status" 200 '... while another visitor is answered'
# The one route that takes megabytes.
forty shopify POST /api/credits/shopify-order "$tmp/mega"
is "$forty_said" '40 401' 'a megabyte of values without a signature is not read'
ok '... and costs its bytes at most' test "$grown" -lt 80000
is "$status" 200 '... while another visitor is answered'

# --- an address that is not proven

victim=victim@shop.example
world shop/order "$(jq -cn --arg e $victim \
    '{sku: "MINA-50", email: $e, quantity: 1}')" >"$tmp/order"
bought() { [ "$(stack_sql -c "select sum(mg_credits) from mega_customers
    where mg_pass_id like 'pass:shopify:%'")" -gt 0 ]; }
ok 'a stranger buys in the shop' within 20 bought
paid=$(stack_sql -c "select sum(mg_credits) from mega_customers
    where mg_pass_id like 'pass:shopify:%'")
n=0
for claims in '{"email_verified":false}' \
    '{"user_metadata":{"email_verified":false}}' \
    '{"email_verified":true,"user_metadata":{"email_verified":false}}' \
    '{"email_verified":true,"amr":[{"method":"anonymous","timestamp":1}]}' \
    '{"email_verified":true,"amr":[]}' '{"email_verified":true,"amr":null}'; do
	n=$((n + 1))
	at 127.0.4.1 GET /me -H "Authorization: Bearer $(token $victim \
	    "$(echo "$claims" | jq -c --arg s "$(uuid 4 $n)" '.sub = $s')")"
	js "\"$status \\(.verified) \\(.credits) \\(.claimed | length)\""
done >"$tmp/said"
is "$(sort "$tmp/said" | uniq -c | xargs)" '6 200 false 0 0' \
    'a token without proof of the address claims nothing'
is "$(stack_sql -c "select sum(mg_credits) from mega_customers
    where mg_pass_id like 'pass:shopify:%' and
    mg_meta->>'merged_into' is null")" "$paid" '... what was bought stays'
proven=$(jq -cn --arg s "$(uuid 4 99)" \
    '{sub: $s, amr: [{method: "otp", timestamp: 1}]}')
at 127.0.4.1 GET /me -H "Authorization: Bearer $(token $victim "$proven")"
is "$status $(js '"\(.verified) \(.claimed | length)"') $(($(js .credits) > paid))" \
    '200 true 1 1' '... until its owner comes'

# --- invented passes

n=0
while [ $n -lt 25 ]; do
	n=$((n + 1))
	# Something is written, so that there is a row to claim.
	at "127.0.5.$n" POST /sessions/start \
	    -H "X-Mina-Pass-Id: pass:anon:$(uuid 5 $n)" \
	    -H 'Content-Type: application/json' -d '{"platform":"web"}'
	echo "$status"
done >"$tmp/said"
is "$(sort "$tmp/said" | uniq -c | xargs)" '25 200' 'invented passes do something'
farmer=$(token farm.er@gmail.com "$(jq -cn --arg s "$(uuid 5 99)" \
    '{sub: $s, amr: [{method: "otp", timestamp: 1}]}')")
n=0
while [ $n -lt 25 ]; do
	n=$((n + 1))
	at 127.0.5.1 GET /me -H "Authorization: Bearer $farmer" \
	    -H "X-Mina-Pass-Id: pass:anon:$(uuid 5 $n)"
	js "\"$status \\(.claimed | length)\""
done >"$tmp/said"
is "$(sort "$tmp/said" | uniq -c | xargs)" '5 200 0 20 200 1' \
    'of 25 an account claims 20 a day'
most=$((10 + 20))
is "$(($(js .credits) <= most))" 1 '... and gets one welcome of each kind'
n=0
for mail in farmer@gmail.com FARMER@GMail.com farmer+2@gmail.com \
    f.a.r.m.e.r+x@googlemail.com; do
	n=$((n + 1))
	at 127.0.5.1 GET /me -H "Authorization: Bearer $(token "$mail" \
	    "$(jq -cn --arg s "$(uuid 6 $n)" \
	    '{sub: $s, amr: [{method: "otp", timestamp: 1}]}')")"
	js "\"$status \\(.verified) \\(.credits)\""
done >"$tmp/said"
is "$(sort "$tmp/said" | uniq -c | xargs)" '4 200 true 0' \
    'one mailbox is welcomed once, however it is spelled'

# --- free cancels, and events about what was canceled

pass=pass:anon:$(uuid 8 1)
stack_sql -c "select mina_customer('$pass', null, null, null, 1, 30)" >/dev/null
world settings '{"hold":true}' >/dev/null
creates=$(world stats | jq .creates.accepted)
has() { [ "$(stack_sql -c "select $2 from mega_generations
    where mg_id = 'generation:$1'")" = "$3" ]; }
n=0
while [ $n -lt 10 ]; do
	n=$((n + 1))
	at 127.0.7.1 POST /editorial/generate -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -H 'Prefer: respond-async' \
	    -d "{\"brief\":\"never $n\"}"
	if [ "$status" != 202 ]; then
		echo "$status"
		continue
	fi
	gen=$(js .generationId)
	within 20 has "$gen" "mg_mma_vars #>> '{job,state}'" submitted
	at 127.0.7.1 POST "/generations/$gen/cancel" -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -d '{}'
	echo "$status"
	if [ "$status" = 200 ]; then
		canceled=$gen
		within 20 has "$gen" mg_mma_status canceled
	else
		world settings '{"hold":false}' >/dev/null
		within 30 has "$gen" mg_mma_status 'done'
	fi
done >"$tmp/said"
is "$(uniq -c "$tmp/said" | xargs)" '5 200 1 409 4 402' \
    'one matcha buys five free cancels, and the sixth still is charged'
is "$(($(world stats | jq .creates.accepted) - creates))" 6 \
    '... after six jobs, not ten'
printf '{"eventType":"feedback","generationId":"%s","text":"again"}' "$canceled" \
    >"$tmp/event"
h2load -n 3595 -c 45 -m 1 -t 1 -d "$tmp/event" \
    -H 'Content-Type: application/json' -H "X-Mina-Pass-Id: $pass" \
    --log-file="$tmp/log" "$base/mma/events" >/dev/null 2>&1
is "$(awk '$2 != 200 && $2 != 429' "$tmp/log" | wc -l) $(wc -l <"$tmp/log")" \
    '0 3595' 'a flood of events on a canceled still is refused'
kept=$(stack_sql -c "select count(*) from mega_generations
    where mg_record_type = 'mma_event' and mg_generation_id = '$canceled'")
ok "... but for a few ($kept)" test "$kept" -gt 0 -a "$kept" -le 500

# --- bytes that are no text, no date, no number

mine="X-Mina-Pass-Id: pass:anon:$(uuid 7 1)"
latin=$(printf 'caf\351')
json='Content-Type: application/json'
# bytes STATUS WHAT METHOD PATH [CURL ARGUMENT ...]
bytes()
{
	bytes_wanted=$1
	bytes_what=$2
	shift 2
	at 127.0.6.1 "$@"
	is "$status" "$bytes_wanted" "$bytes_what"
}
bytes 400 'a query that is not UTF-8' GET '/history?q=%ff' -H "$mine"
bytes 422 'a year that there was not' GET '/history?from=0000-01-01' -H "$mine"
bytes 422 'an offset that there is not' \
    GET '/history?to=2026-01-01T00:00:00%2B20:00' -H "$mine"
bytes 200 'a browser of another alphabet' POST /sessions/start -H "$mine" \
    -H "User-Agent: $latin" -H "$json" -d '{"platform":"web"}'
bytes 400 'a key of another alphabet' POST /sessions/start -H "$mine" \
    -H "Idempotency-Key: $latin" -H "$json" -d '{"platform":"web"}'
bytes 422 'an event about nothing' POST /mma/events -H "$mine" -H "$json" \
    -d '{"eventType":"create"}'
bytes 400 'a pass that is not UTF-8' GET /history \
    -H "$mine$(printf '\377')"
bytes 400 'a NUL in JSON' POST /sessions/start -H "$mine" -H "$json" \
    -d '{"platform":"a\u0000"}'

# Each of these anywhere: whatever is said, it is not 5xx.
for path in /me /credits/balance /credits/transactions /generations /history \
    /history/export /capabilities /generations/%ff/events /mma/stream/%00 \
    /generations/%ed%a0%80; do
	for query in q=%ff 'cursor=%00' 'from=9999-12-31T23:59:59-10:00' \
	    'limit=99999999999999999999' 'session=%ed%a0%80'; do
		at 127.0.6.2 GET "$path?$query" -H "$mine" --max-time 2
		echo "$status $path?$query"
	done
	for header in X-Session-Id Last-Event-Id Prefer Authorization Origin; do
		at 127.0.6.3 GET "$path" -H "$mine" -H "$header: $latin" --max-time 2
		echo "$status $path $header"
	done
done >"$tmp/said"
is "$(grep -cE '^(5|000|429)' "$tmp/said")" 0 \
    'no route answers 5xx to any of them, or not at all' ||
    diag "$(grep -E '^(5|000|429)' "$tmp/said")"
is "$(wc -l <"$tmp/said")" 100 '... of a hundred requests'
ok 'nor was any 5xx logged' test "$(jq -s 'map(select(.status >= 500)) | length' \
    "$var/log/access.log")" -eq 0
is "$(grep -lE 'E_BUG|not checked' "$var"/log/*.log)" '' \
    'no value came as far as Postgres'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
