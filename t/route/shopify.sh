#!/bin/sh
# shopify: signed order and refund webhooks, repeated and in every order;
# tampered, malformed and foreign ones.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 138

hook=/api/credits/shopify-order
shop=mina-test.myshopify.com
secret=shpss_mina_test_client_secret
MINA_SHOPIFY_SHOP=other.myshopify.com,$shop
MINA_SHOPIFY_SECRET=$secret
MINA_TOPUP_URL=https://shop.example/cart
MINA_PASS_KEY=0123456789abcdef0123456789abcdef
export MINA_SHOPIFY_SHOP MINA_SHOPIFY_SECRET MINA_TOPUP_URL MINA_PASS_KEY

mac() { openssl dgst -sha256 -hmac "$1" -binary "$2" | base64; }

# send TOPIC FILE MAC [NOT]: with Shopify's headers, but for the one named.
send()
{
	send_topic=$1 send_file=$2 send_mac=$3 send_not=${4:-none}
	set --
	for send_h in "Topic: $send_topic" "Hmac-Sha256: $send_mac" \
	    "Shop-Domain: $shop" 'API-Version: 2026-07' \
	    'Webhook-Id: b54557e4-bdd9-4b37-8a5f-bf7d70bcd043'; do
		[ "${send_h%%:*}" = "$send_not" ] || set -- "$@" -H "X-Shopify-$send_h"
	done
	cgi shopify POST "$hook" - "$@" -d "@$send_file"
	cat "$tmp/cgi.log" >>"$tmp/all.log"
}

# tell TOPIC BODY: signed.  All of the answer is in got.
tell()
{
	printf %s "$2" >"$tmp/told"
	send "$1" "$tmp/told" "$(mac "$secret" "$tmp/told")"
	got="$status $body"
}

# order ID STATUS CUSTOMER LINES [MORE]: numbers stay as they are written.  A
# customer that is an id only gets an address.
order()
{
	set -- "$1" "$2" "$(printf %s "$3" | sed \
	    's/^{"id":\([0-9]*\)}$/{"id":\1,"email":"c\1@example.com"}/')" \
	    "$4" ${5+"$5"}
	printf '{"id":%s,"name":"#%.4s","financial_status":"%s",' "$1" "$1" "$2"
	printf '"customer":%s,"line_items":[%s]%s}' "$3" "$4" "${5:+,$5}"
}

line() { printf '{"id":%s,"sku":"%s","quantity":%s,"price":"9.00"}' "$@"; }

refund() { printf '{"id":%s,"order_id":%s,"refund_line_items":[%s]}' "$@"; }

rows() { q "select (select count(*) from mega_customers)
    + (select count(*) from mega_generations) + (select count(*) from mega_admin
    where mg_record_type in ('outbox', 'admin_audit'))"; }
credits() { q "select mg_credits from mega_customers where mg_pass_id = '$1'"; }
ledger() { q "select mg_id, mg_delta, mg_pass_id from mega_generations
    where mg_record_type = 'credit_transaction' and mg_ref_id = '$1' order by 1"; }
audit() { q "select mg_detail ->> '$2' from mega_admin
    where mg_id = 'admin_audit:shopify:$1'"; }

# --- signatures

cp "$top/t/data/shopify-signed.json" "$tmp/signed"
good='bmwHUHVHC3F6kTRiTNMBHKhfsw5B9wDs68GPdzmYT2g='
send orders/paid "$tmp/signed" "$good"
is "$status $body" '200 {"ok":true,"outcome":"test","credited":0}' \
    'an order as Shopify publishes it, signature and all'
is "$(audit order:820982911946154508 outcome)" test 'is on record'
MINA_SHOPIFY_TEST=yes
export MINA_SHOPIFY_TEST
send orders/paid "$tmp/signed" "$good"
is "$(js .outcome)" unpaid 'and is not paid, where tests count'
unset MINA_SHOPIFY_TEST

before=$(rows)
send orders/paid "$tmp/signed" "$good" Hmac-Sha256
is "$status $(js .code)" '401 BAD_SIGNATURE' 'unsigned'
send orders/paid "$tmp/signed" ''
is "$status" 401 'an empty signature'
send orders/paid "$tmp/signed" "$(mac wrong "$tmp/signed")"
is "$status $(js .code)" '401 BAD_SIGNATURE' 'signed by somebody else'
send orders/paid "$tmp/signed" "${good%=}"
is "$status" 401 'not base64'
send orders/paid "$tmp/signed" "$(openssl dgst -sha256 -hmac "$secret" \
    "$tmp/signed" | sed 's/.*= *//')"
is "$status" 401 'hexadecimal'
size=$(wc -c <"$tmp/signed")
for at in 0 1 7 26 $((size / 4)) $((size / 2)) $((size - 2)) $((size - 1)); do
	byte=$(od -An -tu1 -j "$at" -N 1 "$tmp/signed")
	{
		head -c "$at" "$tmp/signed"
		# shellcheck disable=SC2059 # an octal escape
		printf "\\$(printf %03o $((byte ^ 1)))"
		tail -c +$((at + 2)) "$tmp/signed"
	} >"$tmp/bad"
	send orders/paid "$tmp/bad" "$good"
	is "$(wc -c <"$tmp/bad") $status" "$size 401" "byte $at is another"
done
head -c $((size - 1)) "$tmp/signed" >"$tmp/bad"
send orders/paid "$tmp/bad" "$good"
is "$status" 401 'a byte less'
{ cat "$tmp/signed"; echo; } >"$tmp/bad"
send orders/paid "$tmp/bad" "$good"
is "$status" 401 'a byte more'
: >"$tmp/bad"
send orders/paid "$tmp/bad" "$good"
is "$status" 401 'nothing at all'
is "$(rows)" "$before" 'nothing of that left a row'

printf '{"id":820982911946154508,"note":"caf\303\251"}' >"$tmp/small"
small='XEYCPSbGtdhP6PZ+r0hjL3ujEHWaBLaDBADxMdhcFMM='
send orders/paid "$tmp/small" "$small"
is "$status" 401 'of another secret'
MINA_SHOPIFY_SECRET=hush
send orders/paid "$tmp/small" "$small"
is "$status $(js .outcome)" '200 unpaid' 'raw UTF-8 is signed as it is'
MINA_SHOPIFY_SECRET=new MINA_SHOPIFY_SECRET_OLD=hush
export MINA_SHOPIFY_SECRET_OLD
send orders/paid "$tmp/small" "$small"
is "$status" 200 'the secret before counts as well'
send orders/paid "$tmp/small" "$(mac new "$tmp/small")"
is "$status" 200 'beside the new one'
send orders/paid "$tmp/small" "$(mac newer "$tmp/small")"
is "$status" 401 'and no other'
MINA_SHOPIFY_SECRET=$secret MINA_SHOPIFY_SECRET_OLD=
# openssl takes no empty key.
empty='EkgOlzXuq0h8F/6OmE/+i1VVp6i1/P01MTqGGgqIBZY='
send orders/paid "$tmp/small" "$empty"
is "$status" 401 'an empty key opens nothing'
MINA_SHOPIFY_SECRET=
send orders/paid "$tmp/small" "$empty"
is "$status $(js .code)" '403 FORBIDDEN' 'not where there is no secret either'
MINA_SHOPIFY_SECRET=$secret MINA_SHOPIFY_SHOP=
send orders/paid "$tmp/signed" "$good"
is "$status" 403 'nor where there is no shop'
like "$(js .message)" 'has no shop' 'which it says'
MINA_SHOPIFY_SHOP=$shop

# --- headers

for h in Topic Shop-Domain API-Version Webhook-Id; do
	send orders/paid "$tmp/signed" "$good" "$h"
	is "$status $(js .message | grep -c "X-Shopify-$h")" '400 1' "without $h"
done
MINA_SHOPIFY_SHOP=another.myshopify.com,mina-test.myshopify.co
send orders/paid "$tmp/signed" "$good"
is "$status $(js .code)" '403 FORBIDDEN' 'another shop'
MINA_SHOPIFY_SHOP=$shop
before=$(rows)
tell app/uninstalled '{"id":1}'
is "$got" '200 {"ok":true,"ignored":"topic"}' 'a topic we do not know'
tell orders/edited '{"order_edit":{"id":1,"order_id":1}}'
is "$got" '200 {"ok":true,"ignored":"topic"}' 'and one we do not need'
cgi shopify GET "$hook" -
is "$status" 405 'it is only told'

# --- what is no order

while read -r want code text; do
	tell orders/paid "$text"
	is "$status $(js .code)" "$want $code" "$text"
done <<'X'
400 MALFORMED_JSON {"id":1
400 MALFORMED_JSON {"id":1} x
422 INVALID_FIELD [1]
422 INVALID_FIELD "an order"
422 INVALID_FIELD {}
422 INVALID_FIELD {"id":1.5,"line_items":[]}
422 INVALID_FIELD {"id":"1' or '1'='1","line_items":[]}
422 INVALID_FIELD {"id":1,"line_items":{"a":1}}
422 INVALID_FIELD {"id":1,"line_items":[{"id":1,"sku":"MINA-50","quantity":-1}]}
422 INVALID_FIELD {"id":1,"line_items":[{"id":1,"sku":"MINA-50","quantity":1e9}]}
422 INVALID_FIELD {"id":1,"note":"\ud800","line_items":[]}
422 INVALID_FIELD {"id":1,"note":"a	b","line_items":[]}
400 MALFORMED_JSON {"id":1,"note":"\u0000","line_items":[]}
X
tell refunds/create '{"id":1}'
is "$status $(js .code)" '422 INVALID_FIELD' 'a refund of nothing'
tell orders/paid "$(awk 'BEGIN { for (i = 0; i < 5000; i++) printf "["
    for (i = 0; i < 5000; i++) printf "]" }')"
is "$status $(js .code)" '400 MALFORMED_JSON' 'five thousand lists in one another'
awk 'BEGIN { printf "{\"id\":1,\"a\":\""
    for (i = 0; i < 4200000; i++) printf "x"; printf "\"}" }' >"$tmp/big"
send orders/paid "$tmp/big" "$(mac "$secret" "$tmp/big")"
is "$status $(js .code)" '413 TOO_LARGE' 'over four megabytes'
is "$(rows)" "$before" 'nothing of that left a row either'

# --- orders

o=820982911946154509
tell orders/create "$(order $o pending '{"id":115310627314723954}' \
    "$(line 466157049554 MINA-50 4)")"
is "$got" '200 {"ok":true,"outcome":"unpaid","credited":0}' 'created, not paid'
is "$(rows)" "$before" 'is worth nothing yet'
paid=$(order $o paid '{"id":115310627314723954,"email":"Jo@example.com"}' \
    "$(line 466157049554 MINA-50 4)")
tell orders/paid "$paid"
is "$got" '200 {"ok":true,"outcome":"credited","credited":200}' 'MINA-50 x 4 = 200'
p=pass:shopify:115310627314723954
is "$(ledger $o)" "credit_transaction:shopify:$o:466157049554|200|$p" \
    'with a row that has every digit'
is "$(credits $p)" 200 'and the balance'
is "$(q "select abs(extract(epoch from mg_expires_at - now()) - 30 * 86400) < 60
    from mega_customers where mg_pass_id = '$p'")" t 'good for thirty days'
like "$(q "select mg_meta from mega_generations where mg_ref_id = '$o'")" \
    '"delivery": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"' 'and who told'
cgi credits GET /credits/balance $p
is "$(js .credits)" 200 'it can be spent'
cgi credits GET /credits/transactions $p
is "$(js '.items[0] | "\(.delta) \(.reason) \(.order.id) \(.order.id | type)"')" \
    "200 purchase $o string" 'and told of, the id a string'
tell orders/paid "$paid"
is "$got" '200 {"ok":true,"outcome":"replayed","credited":200}' 'once more'
tell orders/create "$paid"
is "$(js .outcome)" replayed 'under the other topic'
tell orders/paid "$(printf %s "$paid" | sed "s/$o/\"$o\"/")"
is "$(js .outcome)" replayed 'the id as text'
is "$(ledger $o | wc -l) $(credits $p)" '1 200' 'changes nothing'
# One more and one less, as a double sees no difference.
for n in 820982911946154508 820982911946154510; do
	tell orders/paid "$(order $n paid '{"id":115310627314723954}' \
	    "$(line 466157049554 MINA-50 1)")"
	is "$(js .outcome)" credited "$n is another order"
done
is "$(credits $p)" 300 'worth their own'

tell orders/paid "$(order 3001 paid '{"id":31}' \
    "$(line 1 MINA-50 1),$(line 2 TEA-1 3),$(line 3 MINA-100 2),$(line 4 '' 1)")"
is "$got" '200 {"ok":true,"outcome":"credited","credited":250}' 'several lines'
is "$(ledger 3001 | wc -l) $(audit order:3001 unknown)" '2 ["TEA-1"]' \
    'of which one is not ours'
tell orders/paid "$(order 3002 paid '{"id":32}' "$(line 1 TEA-1 3)")"
is "$got" '200 {"ok":true,"outcome":"nothing","credited":0}' 'only tea'
is "$(audit order:3002 unknown)" '["TEA-1"]' 'is on record'
tell orders/paid "$(order 3003 paid '{"id":33}' "$(line 1 MINA-50 1)" '"test":true')"
is "$(js .outcome) $(credits pass:shopify:33)" 'test ' 'a test order'
MINA_SHOPIFY_TEST=yes
export MINA_SHOPIFY_TEST
tell orders/paid "$(order 3003 paid '{"id":33}' "$(line 1 MINA-50 1)" '"test":true')"
is "$(js .outcome) $(credits pass:shopify:33)" 'credited 50' 'counts where it may'
unset MINA_SHOPIFY_TEST

# --- whose it is

cp "$top/t/data/shopify-paid.json" "$tmp/paid"
send orders/paid "$tmp/paid" "$(mac "$secret" "$tmp/paid")"
is "$status $body" '200 {"ok":true,"outcome":"credited","credited":50}' \
    'all that is in an order, pretty-printed'
guest=$(order 4000 paid null "$(line 1 MINA-50 1)" '"email":"buyer@Example.com"')
tell orders/paid "$guest"
is "$status $(js .outcome)" '200 nobody' 'a guest whom nobody knows'
q "insert into mega_customers (mg_pass_id, mg_user_id, mg_email, mg_verified_email)
    values ('$user', '7c0e0000-0000-4000-8000-000000000001', 'BUYER@example.com', true)"
tell orders/paid "$guest"
is "$(js .outcome) $(credits $user)" 'credited 50' 'and once their address is known'
anon=pass:anon:7c0e0000-0000-4000-8000-00000000000a
q "select mina_customer('$anon', null, null, null, 0, 30)" >/dev/null
cgi generate POST /editorial/generate $anon -d '{"brief":"a bottle"}'
ref=$(js .topUpUrl | sed -n 's/.*mina_pass%5D=\([A-Za-z0-9_-]*\).*/\1/p')
like "$status $ref" '402 .{40}' 'a pass, sealed for the cart'
attr() { printf '"note_attributes":[{"name":"gift","value":"yes"},{"name":"mina_pass","value":%s}]' "$1"; }
tell orders/paid "$(order 4001 paid '{"id":41}' "$(line 1 MINA-50 1)" "$(attr "\"$ref\"")")"
is "$(js .outcome) $(credits $anon)" 'credited 50' 'comes back to its owner'
case $ref in *A) forged=${ref%?}B ;; *) forged=${ref%?}A ;; esac
n=4002
for a in "\"$forged\"" "\"$anon\"" '""' null 7 '{"a":1}' '"é\n'"$(printf %0300d 0)"'"'; do
	tell orders/paid "$(order $n paid '{"id":42}' "$(line 1 MINA-50 1)" "$(attr "$a")")"
	is "$(js .outcome) $(q "select mg_pass_id from mega_generations
	    where mg_ref_id = '$n'")" 'credited pass:shopify:42' \
	    "$(printf 'not so %.20s' "$a")"
	n=$((n + 1))
done
is "$(credits $anon)" 50 'nobody else gets it'

# --- refunds, and everything at once

tell refunds/create "$(refund 890088186047892319 $o \
    '{"line_item_id":466157049554,"quantity":1}')"
is "$got" '200 {"ok":true,"outcome":"taken","taken":50,"debt":0}' 'a refund'
tell refunds/create "$(refund 890088186047892319 $o \
    '{"line_item_id":466157049554,"quantity":1}')"
is "$got" '200 {"ok":true,"outcome":"replayed","taken":50,"debt":0}' 'twice'
is "$(credits $p)" 250 'is taken once'

race=820982911946154777
order $race paid '{"id":77}' "$(line 7001 MINA-50 4)" >"$tmp/race.orders"
refund 890088186047892777 $race '{"line_item_id":7001,"quantity":3}' \
    >"$tmp/race.refunds"
i=0
for what in orders/create refunds/create orders/paid orders/paid refunds/create \
    orders/create orders/paid orders/create refunds/create orders/paid; do
	i=$((i + 1))
	f=$tmp/race.${what%/*}
	"$builddir/cgi-bin/shopify" POST "$hook" -H "X-Shopify-Topic: $what" \
	    -H "X-Shopify-Shop-Domain: $shop" -H 'X-Shopify-API-Version: 2026-07' \
	    -H "X-Shopify-Webhook-Id: race-$i" -d "@$f" \
	    -H "X-Shopify-Hmac-Sha256: $(mac "$secret" "$f")" \
	    >"$tmp/race.$i" 2>>"$tmp/all.log" &
done
wait
is "$(cat "$tmp"/race.[0-9]* | grep -c '^Status: 200')" 10 'ten at once, in any order'
is "$(cat "$tmp"/race.[0-9]* | grep -c '"outcome":"credited"')" 1 'one credits'
is "$(q "select mg_id, mg_delta from mega_generations
    where mg_pass_id = 'pass:shopify:77' order by 1")" \
    "credit_transaction:shopify-refund:890088186047892777:7001|-150
credit_transaction:shopify:$race:7001|200" 'each line has moved once'
is "$(credits pass:shopify:77)" 50 'and the rest is there'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'

# --- edits, cancellations, disputes

raised="$top/t/data/shopify/raised-quantity.json"
tell orders/paid "$(jq -c '.[0].body' "$raised")"
is "$got" '200 {"ok":true,"outcome":"credited","credited":50}' 'one pack'
tell orders/paid "$(jq -c '.[1].body' "$raised")"
is "$got" '200 {"ok":true,"outcome":"credited","credited":150}' 'made three of'
tell orders/updated "$(jq -c '.[1].body' "$raised")"
is "$got" '200 {"ok":true,"outcome":"replayed","credited":150}' 'once'
is "$(ledger 7000000000001)" \
'credit_transaction:shopify:7000000000001:7000000000100|50|pass:shopify:7000000000900
credit_transaction:shopify:7000000000001:7000000000100:3|100|pass:shopify:7000000000900' \
    'the difference has a row of its own'
at() { printf '"updated_at":"2026-11-26T10:00:%sZ"' "$1"; }
tell orders/paid "$(order 6001 paid '{"id":61}' "$(line 1 MINA-50 3)" "$(at 01)")"
is "$(js .outcome)" credited 'three'
tell orders/updated "$(order 6001 paid '{"id":61}' "$(line 1 MINA-50 1)" "$(at 05)")"
is "$got" '200 {"ok":true,"outcome":"lowered","credited":150,"taken":100,"debt":0}' \
    'less is a refund'
tell orders/updated "$(order 6001 paid '{"id":61}' "$(line 1 MINA-50 3)" "$(at 01)")"
is "$(js .outcome) $(credits pass:shopify:61)" 'replayed 50' \
    'an older notice after a newer one changes nothing'
tell orders/paid "$(order 6002 paid '{"id":62}' "$(line 1 ' mina-50 ' 1)")"
is "$(js .outcome) $(credits pass:shopify:62)" 'credited 50' \
    'a SKU is known with blanks and in small letters'
tell refunds/create '{"id":60021,"order_id":6002,"refund_line_items":[],"transactions":[{"kind":"refund","status":"success","amount":"4.50"}]}'
is "$got" '200 {"ok":true,"outcome":"taken","taken":25,"debt":0}' \
    'half of the money is half of the matcha'
tell disputes/create '{"id":60022,"order_id":6002,"type":"chargeback","amount":"9.00","status":"needs_response","finalized_on":null}'
is "$got" '200 {"ok":true,"outcome":"taken","taken":25,"debt":0}' \
    'a dispute takes the rest'
tell disputes/update '{"id":60022,"order_id":6002,"type":"chargeback","amount":"9.00","status":"won","finalized_on":"2026-12-01"}'
is "$(js .outcome) $(credits pass:shopify:62)" 'given 25' \
    'and gives it back when it is won'
tell orders/cancelled "$(order 6002 refunded '{"id":62}' "$(line 1 MINA-50 1)" \
    '"cancelled_at":"2026-11-27T10:00:00Z"')"
is "$(js .outcome) $(credits pass:shopify:62)" 'replayed 0' \
    'cancelled and refunded, nothing is left'
tell disputes/create '{"id":"x"}'
is "$status $(js .code)" '422 INVALID_FIELD' 'a dispute of nothing'

# --- what gives nothing is loud

: >"$tmp/all.log.before"; cp "$tmp/all.log" "$tmp/all.log.before"
tell orders/paid "$(order 6101 paid null "$(line 1 MINA-50 1)" '"email":"late@example.com"')"
is "$(js .outcome)" nobody 'nobody'
tell orders/paid "$(order 6104 paid '{"id":68,"email":null}' \
    "$(line 1 MINA-50 1)")"
is "$status $(js '.outcome, .credited' | xargs)" '200 nobody 0' \
    'nobody, without an address to sign in with'
tell orders/paid "$(order 6102 paid '{"id":63}' "$(line 1 MINA-5O 1)")"
is "$(js .outcome)" nothing 'nothing'
is "$(tail -c +$(($(wc -c <"$tmp/all.log.before") + 1)) "$tmp/all.log" |
    grep -c 'level=warn.*waits for an administrator')" 3 'each is a warning in the log'
is "$(q "select kind, id from mina_unresolved() where id in ('6101', '6102')
    order by 1")" 'nobody|6101
sku|6102' 'and wait for an administrator'
cgi health GET /ready -
is "$(js '.warnings | map(select(test("paid order"))) | length')" 2 '/ready names both'
q "select mina_login('7c0e0000-0000-4000-8000-00000000000b', 'late@example.com',
    true, 'email', null, 0, 30)" >/dev/null
is "$(credits pass:user:7c0e0000-0000-4000-8000-00000000000b)" 50 \
    'who signs in gets what they paid for'
q "select mina_config_put('credits.packs', value || '{\"mina-5o\": 50}', null)
    from mina_config('credits.packs')" >/dev/null
is "$(q 'select mina_unresolved_retry()') $(credits pass:shopify:63)" '1 50' \
    'and a SKU that becomes known is credited'

# --- the outbox holds what can be sent

is "$(q "select count(*) from mega_admin where mg_action = 'shopify.tag'")" 0 \
    'without an Admin API nobody is to be tagged'
MINA_SHOPIFY_TOKEN=shpat_x
export MINA_SHOPIFY_TOKEN
tell orders/paid "$(order 6103 paid '{"id":64}' "$(line 1 MINA-50 1)")"
is "$(q "select mg_payload from mega_admin where mg_action = 'shopify.tag'")" \
    "{\"shop\": \"$shop\", \"customer\": \"64\"}" 'with one the buyer is'
unset MINA_SHOPIFY_TOKEN

# --- privacy

tell orders/paid "$(order 6201 paid '{"id":65,"email":"forget@example.com","first_name":"Fay"}' \
    "$(line 1 MINA-50 1)")"
tell customers/data_request '{"shop_id":1,"orders_requested":[6201],"customer":{"id":65,"email":"forget@example.com"},"data_request":{"id":9999}}'
is "$got" '200 {"ok":true}' 'who asks for their data'
is "$(q "select id, customer, detail -> 'passes', due - since from
    mina_unresolved() where kind = 'data_request'")" \
    '9999|65|["pass:shopify:65"]|30 days' 'is answered within 30 days'
tell customers/redact '{"shop_id":1,"customer":{"id":65,"email":"forget@example.com"},"orders_to_redact":[6201]}'
is "$got" '200 {"ok":true}' 'who is to be forgotten'
is "$(q "select mg_email, mg_first_name, mg_shopify_customer_id,
    mg_deleted_at is not null from mega_customers where mg_pass_id =
    'pass:shopify:65'")" '|||t' 'is'
tell customers/redact '{"shop_id":1,"customer":{"id":65,"email":"forget@example.com"},"orders_to_redact":[6201]}'
is "$got" '200 {"ok":true}' 'twice is no harm'
tell orders/paid "$(order 6202 paid '{"id":65,"email":"forget@example.com"}' \
    "$(line 1 MINA-50 1)")"
is "$(js .outcome)" erased 'what they buy later waits'
q "insert into mega_customers (mg_pass_id, mg_user_id, mg_email, mg_verified_email,
    mg_shopify_customer_id) values
    ('pass:user:7c0e0000-0000-4000-8000-00000000000c',
    '7c0e0000-0000-4000-8000-00000000000c', 'live@example.com', true, '66')"
tell orders/paid "$(order 6203 paid null "$(line 1 OTHER 1)" '"email":"live@example.com"')"
tell customers/redact '{"shop_id":1,"customer":{"id":66,"email":"live@example.com"},"orders_to_redact":[6203]}'
is "$(q "select mg_email, mg_shopify_customer_id, mg_deleted_at from
    mega_customers where mg_user_id = '7c0e0000-0000-4000-8000-00000000000c'")" \
    'live@example.com||' 'an account that lives keeps what is its own'
is "$(q "select count(*) from mega_admin where mg_action = 'unresolved'
    and mg_detail::text || coalesce(mg_email, '') like '%live@%'")" 0 \
    'and no order that waits has the address'
tell customers/redact '{"customer":{}}'
is "$status $(js .code)" '422 INVALID_FIELD' 'nobody is nobody'
tell shop/redact "{\"shop_id\":1,\"shop_domain\":\"$shop\"}"
is "$got" '200 {"ok":true}' 'all of a shop'
is "$(q "select mg_payload from mega_admin where mg_action = 'shopify.redact'")" \
    "{\"shop\": \"$shop\"}" 'is for the worker'
is "$(q "select mina_shopify_redact_some('$shop', 5) > 0;
    select mina_shopify_redact_some('$shop', 1000) >= 0;
    select mina_shopify_redact_some('$shop', 1000)")" 't
t
0' 'which does it in parts, to the end'
is "$(q "select count(*) from mega_customers where mg_pass_id like
    'pass:shopify:%' and mg_meta ->> 'merged_into' is null
    and (mg_email is not null or mg_deleted_at is null)")" 0 \
    'and no purchase has an address any more'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees with all of it'

# --- and without a database

away="host=$tmp/nowhere user=mina dbname=mina"
home=$MINA_DB_URL
MINA_DB_URL=$away
before=$(rows)
late=$(order 5001 paid '{"id":51}' "$(line 1 MINA-50 1)")
tell orders/paid "$late"
is "$status $(js .code)" '503 BUSY' 'no database: later, please'
MINA_DB_URL=$home
tell orders/paid "$late"
is "$(js .outcome)" credited 'and later it is there'

# --- what nobody should read

ok 'something was logged' test -s "$tmp/all.log"
is "$(grep -c -e "$secret" -e hush -e example.com -e "$ref" -e "$anon" \
    -e '[{}]' -e 'first_name' "$tmp/all.log")" 0 'and nothing private'
