#!/bin/sh
# GET /credits/transactions: every ledger row once, in order, at any depth.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 41
path=/credits/transactions

cgi credits GET $path "$user"
is "$status $body" '200 {"items":[],"nextCursor":null}' 'a stranger has moved nothing'
cgi credits GET $path -
is "$status $(js .code)" '401 TOKEN_REQUIRED' 'nobody owns nothing'

# --- what an item says
anon=pass:anon:7c0e0000-0000-4000-8000-00000000000a
older=pass:anon:7c0e0000-0000-4000-8000-00000000000b
q "select mina_customer('$user', null, null, null, 10, 30)" >/dev/null
q "select mina_shopify_order('{\"id\": 820982911946154508, \"name\": \"#9999\",
    \"financial_status\": \"paid\", \"test\": false, \"line_items\": [
    {\"id\": 866550311766439020, \"sku\": \"MINA-50\", \"quantity\": 4}]}',
    'shop.example', '$user', false, 'webhook', null)" >/dev/null
cgi credits GET $path "$user"
is "$(js '.items | length')" 2 'welcome and a purchase'
is "$(js '.items[0] | "\(.id) \(.delta) \(.reason) \(.balanceAfter)"')" \
    'shopify:820982911946154508:866550311766439020 200 purchase 210' \
    'the newest first'
is "$(js '.items[0].order | tojson')" \
    '{"id":"820982911946154508","name":"#9999","sku":"MINA-50","quantity":4}' \
    'a number beyond 2^53 survives'
is "$(js '.items[1] | "\(.id) \(.delta) \(.reason) \(.balanceAfter)"')" \
    "welcome:$user 10 welcome 10" 'the welcome'
like "$(js '.items[1].createdAt')" '^[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z$' 'and its time'
is "$(js '.items[1] | "\(.order) \(.generationId) \(.expiresAt)"')" \
    'null null null' 'has nothing to do with orders'

cgi generate POST /editorial/generate "$user" -H 'Prefer: respond-async' \
    -d '{"brief":"A bottle."}'
gen=$(js .generationId)
q "select mina_move('$user', -1, 'still', 'generation', '$gen',
    'settle:$gen', 'worker', null, 1)" >/dev/null
q "select mina_move('$user', 7, 'admin_adjust', 'customer', '$user', 'adjust:1',
    'admin', '{\"expires_at\": \"2027-01-02T03:04:05.678Z\"}')" >/dev/null
cgi credits GET $path "$user"
is "$(js '.items[0].expiresAt')" 2027-01-02T03:04:05.678Z 'a date that was set'
is "$(js '.items[1] | "\(.delta) \(.reason) \(.generationId)"')" "-1 still $gen" \
    'what a still took'
q "select mina_shopify_refund('{\"id\": 9007199254740993, \"order_id\":
    820982911946154508, \"refund_line_items\": [{\"line_item_id\":
    866550311766439020, \"quantity\": 1}]}', 'shop.example', 'webhook', null)" >/dev/null
cgi credits GET $path "$user"
is "$(js '.items[0] | "\(.delta) \(.reason) \(.order | tojson)"')" \
    '-50 refund {"id":"820982911946154508","name":"#9999","sku":"MINA-50","quantity":1}' \
    'a refund names the order'
cgi credits GET $path "$other"
is "$(js '.items | length')" 0 'others see nothing of it'

# --- limit and cursor
for bad in 0 101 -1 x '' 1e2 99999999999999999999; do
	cgi credits GET "$path?limit=$bad" "$user"
	is "$status $(js .field)" '422 limit' "limit=$bad"
done
cgi credits GET "$path?limit=2" "$user"
next=$(js .nextCursor)
like "$next" '^[A-Za-z0-9_-]{20,}$' 'a page that is not the last has a cursor'
for bad in '' x 0 null "$next=" "x$next" "${next%?}" "$next$next" 'a%00b'; do
	cgi credits GET "$path?cursor=$bad" "$user"
	is "$status $(js .field)" '422 cursor' "cursor=$bad"
done
cgi credits GET "$path?cursor=%F0" "$user"
is "$status $(js .code)" '400 BAD_REQUEST' 'a cursor that is not UTF-8'
cgi credits GET "$path?limit=100&cursor=$next" "$other"
is "$status $(js '.items | length')" '200 0' 'a cursor opens nobody else'\''s ledger'

# --- a long ledger: three passes in one, many rows of one moment
for p in "$anon" "$older"; do
	q "select mina_customer('$p', null, null, null, 0, 30)" >/dev/null
done
q "update mega_customers set mg_meta = '{\"merged\": [\"$anon\", \"$older\"]}'
    where mg_pass_id = '$user'" >/dev/null
q "update mega_customers set mg_meta = '{\"merged_into\": \"$user\"}'
    where mg_pass_id in ('$anon', '$older')" >/dev/null
# Moments of 1, 2, .. 40 rows, a microsecond apart, and ids in no order.
q "insert into mega_generations (mg_id, mg_record_type, mg_pass_id, mg_delta,
    mg_reason, mg_meta, mg_created_at)
    select 'credit_transaction:' || md5(k || '.' || i), 'credit_transaction',
    (array['$user', '$anon', '$older'])[1 + i % 3], 1, 'admin_adjust',
    '{\"balance_after\": 1}', timestamptz '2026-01-01T00:00:00.123456Z'
    - k * interval '1 microsecond'
    from generate_series(1, 40) k, generate_series(1, k) i" >/dev/null
ledger() {
	q "select substr(mg_id, 20) from mega_generations
	    where mg_pass_id = any (mina_passes('$user'))
	    and mg_record_type = 'credit_transaction'
	    order by mg_created_at desc, mg_id"
}
# walk LIMIT [COMMAND]: all pages, and the command after each.
walk() {
	walk_next='' walk_n=0
	: >"$tmp/walk"
	while [ "$walk_next" != null ]; do
		cgi credits GET "$path?limit=$1${walk_next:+&cursor=$walk_next}" \
		    "$user"
		js '.items[].id' >>"$tmp/walk"
		walk_next=$(js .nextCursor)
		[ "$status" = 200 ] || break
		[ "$walk_next" = null ] || walk_deep=$walk_next
		walk_n=$((walk_n + 1))
		[ $# -eq 1 ] || $2
	done
}
ledger >"$tmp/all"
is "$(wc -l <"$tmp/all")" 825 'a ledger of three passes'
walk 100
ok 'is read whole and in order' cmp "$tmp/walk" "$tmp/all"
is "$walk_n" 9 'in as many pages as it takes'
walk 13
ok 'pages of any size' cmp "$tmp/walk" "$tmp/all"
walk 75
ok 'without an empty one at the end' [ "$walk_n" = 11 ]
arrive() {
	q "select mina_move('$user', 1, 'admin_adjust', 'test', 't',
	    'arrives:$walk_n', 'test', null)" >/dev/null
}
walk 50 arrive
ok 'what arrives while it is read changes nothing' cmp "$tmp/walk" "$tmp/all"
walk 100
is "$(head -n 17 "$tmp/walk" | grep -c '^arrives:')" 17 'and is there the next time'
is "$(sort "$tmp/walk" | uniq -d)" '' 'once'

# --- what a page costs, by the rows and blocks that Postgres says it touched
q "insert into mega_generations (mg_id, mg_record_type, mg_pass_id, mg_delta,
    mg_reason, mg_meta, mg_created_at)
    select 'credit_transaction:deep:' || i, 'credit_transaction', '$user', 1,
    'admin_adjust', '{\"balance_after\": 1}', timestamptz '2025-01-01Z'
    - (i / 500) * interval '1 s' from generate_series(1, 5000) i" >/dev/null
q 'vacuum analyze mega_generations' >/dev/null
# cost CURSOR: how many blocks the page after it touches
cost() {
	: >"$tmp/s/log"
	PGOPTIONS='-c session_preload_libraries=auto_explain
	    -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on
	    -c auto_explain.log_buffers=on -c plan_cache_mode=force_generic_plan' \
	    cgi credits GET "$path?limit=25&cursor=$1" "$user"
	# The first "shared hit" of the plan is the whole of it.
	awk '/Query Text: select t\.mg_id/ { on = 1 }
	    on && /shared hit=/ {
		n = 0
		for (i = 1; i <= NF; i++)
			if ($i ~ /^(hit|read)=/) {
				sub(/.*=/, "", $i)
				n += $i
			}
		print n
		exit
	    }' "$tmp/s/log"
}
cgi credits GET "$path?limit=1" "$user"
first=$(cost "$(js .nextCursor)")
walk 100
# shellcheck disable=SC2016 # they expand in there
ok '5000 rows more, whole and in order' sh -c \
    '[ "$(sort -u "$1" | wc -l)" = "$(wc -l <"$1")" ] && [ "$(wc -l <"$1")" = "$2" ]' \
    sh "$tmp/walk" "$(ledger | wc -l)"
deep=$(cost "$walk_deep")
diag "blocks: first page $first, 5000 rows deeper $deep"
ok 'costs what the first one does' test "$deep" -gt 0 -a "$deep" -le $((first + 40))
