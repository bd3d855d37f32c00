#!/bin/sh
# Shopify orders and refunds in SQL, repeated, concurrent and out of order; the
# outbox; replies kept for Idempotency-Key.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-sql.sh"
plan 304
sql_up
"$top/sql/apply.sh" 'dbname=mina' || exit 1
data=$top/t/data/shopify

uid() { printf '%08d-0000-4000-8000-000000000000' "$1"; }
user() { echo "pass:user:$(uid "$1")"; }
anon() { echo "pass:anon:$(uid "$1")"; }

well() {
	gives 'select * from mina_parity()' '' "$1: nothing is amiss"
}

line() {	# line ID SKU QUANTITY
	echo "{\"id\":$1,\"sku\":\"$2\",\"quantity\":$3}"
}

# json ID CUSTOMER|- E-MAIL LINES [STATUS]: an order. Its id and its lines' may
# have any size.
json() {
	c=null
	[ "$2" = - ] || c="{\"id\":$2,\"email\":\"$3\"}"
	echo "{\"id\":$1,\"name\":\"#9\",\"test\":false,\"customer\":$c,
	    \"email\":\"$3\",\"financial_status\":\"${5:-paid}\",
	    \"line_items\":[$4]}"
}

# call JSON [PASS]: the statement; order: what it answers, in brief.
call() {
	echo "select o ->> 'outcome', o ->> 'pass', o ->> 'credited'
	    from mina_shopify_order('$1', 'mina.myshopify.com',
	    ${2:-null}, false, 'webhook', 'd-1') o"
}
order() {
	q "$(call "$@")"
}

# refund ID ORDER LINE QUANTITY [LINE QUANTITY ...]
refund_call() {
	r=$1 o=$2 l=
	shift 2
	while [ $# -gt 1 ]; do
		l="$l${l:+,}{\"id\":1,\"line_item_id\":$1,\"quantity\":$2}"
		shift 2
	done
	echo "select r ->> 'outcome', r ->> 'taken', r ->> 'debt'
	    from mina_shopify_refund('{\"id\":$r,\"order_id\":$o,
	    \"refund_line_items\":[$l]}', 'mina.myshopify.com', 'webhook',
	    'd-2') r"
}
refund() {
	q "$(refund_call "$@")"
}

audit() {	# audit ID: how it came out, for an administrator
	q "select mg_detail ->> 'outcome' from mega_admin
	    where mg_id = 'admin_audit:shopify:$1'"
}

# sample FILE SQL: with the file as :'j'.
sample() {
	psql -XqAt -v ON_ERROR_STOP=1 -v j="$(cat "$data/$1")" 2>&1 <<END
$2
END
}

# Shopify's own samples.
real=order-paid-realistic.synthetic.json
raw=order-webhook-sample.raw.json
shop="'jsmith.myshopify.com', null, false, 'webhook', 'b54557e4'"
is "$(sample $real "select mina_shopify_order(:'j', $shop)")" \
'{"pass": "pass:shopify:10592223560011", "lines": [{"sku": "MINA-50", "line": '\
'"35405307838795", "matcha": 50, "quantity": 1}], "order": "6123456789012", '\
'"outcome": "credited", "refunds": [], "unknown": [], "credited": 50}' \
    'an order as Shopify sends it'
gives "select mg_id, mg_pass_id, mg_delta, mg_reason, mg_source, mg_ref_type,
    mg_ref_id, mg_meta from mega_generations where mg_reason = 'purchase'" \
'credit_transaction:shopify:6123456789012:35405307838795|'\
'pass:shopify:10592223560011|50|purchase|shopify|shopify_order|6123456789012|'\
'{"sku": "MINA-50", "via": "webhook", "shop": "jsmith.myshopify.com", '\
'"price": "49.00", "currency": "USD", "customer": "10592223560011", '\
'"delivery": "b54557e4", "quantity": 1, "per_piece": 50, "order_name": '\
'"#1042", "balance_after": 50}' 'the ledger says all about it'
gives "select mg_email, mg_first_name, mg_shopify_customer_id,
    mg_topup_source, mg_expires_at - mg_last_topup_at from mega_customers" \
    'buyer@example.com|John|10592223560011|shopify|30 days' 'so does the customer'
gives "select mg_action, mg_shopify_customer_id, mg_actor_pass_id, mg_detail
    from mega_admin where mg_id = 'admin_audit:shopify:order:6123456789012'" \
'shopify.order|10592223560011|pass:shopify:10592223560011|{"via": "webhook", '\
'"pass": "pass:shopify:10592223560011", "shop": "jsmith.myshopify.com", '\
'"lines": [{"sku": "MINA-50", "line": "35405307838795", "matcha": 50, '\
'"quantity": 1}], "order": "6123456789012", "matched": "new", "outcome": '\
'"credited", "unknown": [], "credited": 50, "delivery": "b54557e4", '\
'"order_name": "#1042"}' 'and an administrator sees it'
gives "select id, action, payload, attempts from mina_outbox_claim('w', 9,
    60000)" \
'shopify.tag:jsmith.myshopify.com:10592223560011:6123456789012|shopify.tag|'\
'{"shop": "jsmith.myshopify.com", "customer": "10592223560011"}|1' 'and they are to be tagged'
gives "select mina_outbox_done(
    'shopify.tag:jsmith.myshopify.com:10592223560011:6123456789012', 'w',
    null)" t 'once'
is "$(sample $real "select mina_shopify_order(:'j', $shop) ->> 'outcome'")" \
    replayed 'the same again credits nothing'
gives "select count(*) from mina_outbox_claim('w', 9, 60000)" 0 'and tags nobody'
is "$(sample $raw "select mina_shopify_order(:'j', $shop) ->> 'outcome'")" \
    test "Shopify's published sample is a test order"
is "$(sample $raw "select mina_shopify_order(:'j', 's.x', null, true,
    'webhook', 'd') ->> 'outcome'")" unpaid 'and one that was voided'
is "$(audit order:820982911946154508)" test 'of which there is a record'
paid=":'j'::jsonb || '{\"financial_status\":\"paid\",\"test\":false}'"
is "$(sample $raw "select mina_shopify_order($paid, $shop)")" \
'{"pass": null, "lines": [], "order": "820982911946154508", "outcome": '\
'"nothing", "refunds": [], "unknown": ["SKU2006-001"], "credited": 0, '\
'"unresolved": "sku"}' \
    'sunglasses give no matcha, and their SKU is said'
is "$(audit order:820982911946154508:nothing)" nothing 'also to an administrator'
q "select mina_config_put('credits.packs', '{\"MINA-50\": 50, \"MINA-100\": 100,
    \"SKU2006-001\": 7}', null)" >/dev/null
is "$(sample $raw "select mina_shopify_order($paid, $shop) ->> 'pass'")" \
    pass:shopify:115310627314723954 'unless they are sold for some'
gives "select mg_ref_id, mg_meta ->> 'customer', mg_id from mega_generations
    where mg_delta = 7" '820982911946154508|115310627314723954|'\
'credit_transaction:shopify:820982911946154508:487817672276298554' \
    'every digit of the ids is there'
is "$(sample refund-create-sample.json \
    "select mina_shopify_refund(:'j', 'jsmith.myshopify.com', 'webhook', 'd')")" \
'{"debt": 0, "order": "820982911946154508", "taken": 7, "refund": '\
'"890088186047892319", "outcome": "taken"}' 'and its refund takes them back'
gives "select mg_id, mg_delta, mg_reason from mega_generations
    where mg_reason = 'refund'" \
'credit_transaction:shopify-refund:890088186047892319:487817672276298554|-7|'\
'refund' 'by a row of its own'
well 'samples'

# What it is worth.
is "$(order "$(json 1 701 a@x.y "$(line 11 MINA-50 4)")")" \
    'credited|pass:shopify:701|200' 'four times 50 is 200'
is "$(order "$(json 2 701 a@x.y "$(line 21 MINA-50 1),$(line 22 T-SHIRT 3
    ),$(line 23 MINA-100 2),$(line 24 MINA-50 1)")")" \
    'credited|pass:shopify:701|300' 'line by line, and what is not ours is not'
is "$(balance pass:shopify:701)" '500|0' 'on one account'
gives "select mg_detail -> 'unknown' from mega_admin
    where mg_id = 'admin_audit:shopify:order:2'" '["T-SHIRT"]' \
    'what was not ours is noted'
is "$(order "$(json 3 701 a@x.y "{\"id\":31,\"sku\":null,\"quantity\":1},$(line \
    32 '' 1),{\"id\":33,\"quantity\":1},$(line 34 MINA-50 0)")")" 'nothing||0' \
    'no SKU, no quantity, no matcha'
gives "select mg_detail -> 'unknown' from mega_admin
    where mg_id = 'admin_audit:shopify:order:3'" '[]' 'and nothing unknown'
is "$(order "$(json 4 701 a@x.y '')")" 'nothing||0' 'an order of nothing'
is "$(order '{"id":5,"financial_status":"paid"}')" 'nothing||0' \
    'or of hardly more'
for s in pending authorized partially_paid refunded voided; do
	is "$(order "$(json 6 701 a@x.y "$(line 61 MINA-50 1)" $s)")" \
	    'unpaid||0' "$s is not paid"
done
is "$(order "{\"id\":6,\"customer\":{\"id\":701},\"line_items\":[$(line 61 \
    MINA-50 1)]}")" 'unpaid||0' 'nor is what does not say'
is "$(audit order:6)" '' 'nothing has come of it yet'
is "$(order "$(json 6 701 a@x.y "$(line 61 MINA-50 1)" partially_refunded)")" \
    'credited|pass:shopify:701|50' 'partially refunded was paid'
is "$(order "$(json 6 701 a@x.y "$(line 61 MINA-50 1)" refunded)")" \
    'replayed|pass:shopify:701|50' 'and has been credited, whatever it is now'
is "$(balance pass:shopify:701)" '500|0' 'but its money went back: so does the matcha'
is "$(audit order:6)" credited 'as an administrator sees'
t="$(json 7 701 a@x.y "$(line 71 MINA-50 1)" | sed 's/test":false/test":true/')"
is "$(order "$t")" 'test||0' 'a test order'
is "$(balance pass:shopify:701)" '500|0' 'credits nothing'
gives "select mina_shopify_order('$t', 's.x', null, true, 'sweep', null)
    ->> 'outcome'" credited 'unless it may'
is "$(order "$(json '"9007199254740993"' '"820982911946154509"' a@x.y \
    "$(line '"18446744073709551615"' MINA-50 1)")")" \
    'credited|pass:shopify:820982911946154509|50' 'ids may be strings of digits'
gives "select mg_id from mega_generations where mg_ref_id = '9007199254740993'" \
    credit_transaction:shopify:9007199254740993:18446744073709551615 \
    'and of any size'
is "$(order "$(json 8 701 a@x.y "$(line 81 MINA-50 10000)")" | cut -d '|' -f 3)" \
    500000 'ten thousand at once'
well 'worth'

# What is no order.
sold=$(q "select count(*), sum(mg_delta) from mega_generations")
rows=$(q "select count(*) from mega_admin")
bad() {	# bad JSON PATTERN
	refuses "$(call "$1")" "$2" "refused: $2"
}
good=$(line 91 MINA-50 1)
bad "$(json 0 701 a@x.y "$good")" 'order.id is no id: 0'
bad "$(json -9 701 a@x.y "$good")" 'order.id is no id: -9'
bad "$(json 9.5 701 a@x.y "$good")" 'order.id is no id: 9.5'
bad "$(json '"009"' 701 a@x.y "$good")" 'order.id is no id: "009"'
bad "$(json 123456789012345678901 701 a@x.y "$good")" 'order.id is no id: 1234'
bad "$(json '"9; drop"' 701 a@x.y "$good")" 'order.id is no id: "9; drop"'
bad '{}' 'order.id is no id: missing'
bad '[]' 'order.id is no id: missing'
bad 'null' 'order.id is no id: missing'
bad "$(json 9 '"x"' a@x.y "$good")" 'customer.id is no id: "x"'
bad "$(json 9 701 a@x.y "$good" | sed 's/{"id":701.*y"},/"me",/')" \
    'order 9: bad customer'
bad "$(json 9 701 a@x.y "$(line 91 MINA-50 -1)")" \
    'line_items\[0\].quantity is no quantity: -1'
bad "$(json 9 701 a@x.y "$(line 91 MINA-50 1.5)")" 'is no quantity: 1.5'
bad "$(json 9 701 a@x.y "$(line 91 MINA-50 10001)")" 'above 10000: 10001'
bad "$(json 9 701 a@x.y "$(line 91 MINA-50 null)")" 'is no quantity: null'
bad "$(json 9 701 a@x.y "$good,$(line null MINA-50 1)")" \
    'line_items\[1\].id is no id: null'
bad "$(json 9 701 a@x.y "$good,$good")" 'line 91 comes twice'
bad "$(json 9 701 a@x.y "{\"id\":91,\"sku\":[1],\"quantity\":1}")" \
    'line_items\[0\].sku is no text'
bad "$(json 9 701 a@x.y '1')" 'line_items is no list of objects'
bad '{"id":9,"line_items":{"id":1}}' 'line_items is no list of objects'
bad '{"id":9,"refunds":7}' 'refunds is no list of objects'
refuses "select mina_shopify_order('{\"id\":9}', 'a b', null, false, 'webhook',
    null)" 'shop a b' 'refused: a shop with a blank'
refuses "select mina_shopify_order('{\"id\":9}', 's.x', null, false, 'me',
    null)" 'source me' 'refused: another source'
refuses "do \$\$ begin perform mina_shopify_order('{}', 's.x', null, false,
    'webhook', null); exception when sqlstate '22023' then raise 'caught';
    end \$\$" caught 'with one SQLSTATE'
is "$(q "select count(*), sum(mg_delta) from mega_generations")
$(q "select count(*) from mega_admin")" "$sold
$rows" 'nothing was written for any of these'
is "$(order "$(json 9 701 a@x.y "$good,$(line 92 "$(printf 'X%.0s' \
    1 2 3 4 5 6 7 8 9 10)$(printf '%0300d' 7)" 20000)")")" \
    'credited|pass:shopify:701|50' \
    "somebody else's SKU and quantity hold up nothing"
gives "select length(mg_detail -> 'unknown' ->> 0) from mega_admin
    where mg_id = 'admin_audit:shopify:order:9'" 100 'the SKU is cut'
for v in '{"MINA-50": "many"}' '{"MINA-50": 0}' '{"MINA-50": 100001}' '[]'; do
	q "begin; select from mina_config_put('credits.packs', '$v', null);
	    $(call "$(json 10 701 a@x.y "$(line 101 MINA-50 1)")")" >"$tmp/o"
	like "$(cat "$tmp/o")" 'credits.packs' "a price list of $v is our mistake"
done
well 'malformed'

# Whose it is.
customer "$(anon 1)" 0
is "$(order "$(json 20 702 p@x.y "$(line 201 MINA-50 1)")" "'$(anon 1)'")" \
    "credited|$(anon 1)|50" 'the pass that was in the cart'
is "$(order "$(json 21 702 p@x.y "$(line 211 MINA-50 1)")")" \
    'credited|pass:shopify:702|50' 'which says nothing of the next order'
q "select from mina_login('$(uid 1)', 'l@x.y', true, 'email', '$(anon 1)', 0,
    30)"
is "$(order "$(json 22 703 q@x.y "$(line 221 MINA-50 1)")" "'$(anon 1)'")" \
    "credited|$(user 1)|50" 'a pass that was claimed is who claimed it'
is "$(order "$(json 23 704 q@x.y "$(line 231 MINA-50 1)")" "'$(anon 9)'")" \
    "credited|$(anon 9)|50" 'the pass of a visit is a customer from then on'
q "select from mina_login('$(uid 2)', 'Mail@x.y', true, 'email', null, 0, 30)"
is "$(order "$(json 24 705 mAIL@X.y "$(line 241 MINA-50 1)")")" \
    "credited|$(user 2)|50" 'who has the verified e-mail'
is "$(order "$(json 25 705 other@x.y "$(line 251 MINA-50 1)")")" \
    "credited|$(user 2)|50" 'is known by the customer id then'
q "select from mina_login('$(uid 3)', 'two@x.y', true, 'email', null, 0, 30);
    select from mina_login('$(uid 4)', 'four@x.y', true, 'email', null, 0, 30);
    update mega_customers set mg_email = 'TWO@x.y'
    where mg_pass_id = '$(user 4)';
    select from mina_login('$(uid 5)', 'not@x.y', false, 'email', null, 0, 30)"
is "$(order "$(json 26 706 two@x.y "$(line 261 MINA-50 1)")")" \
    'credited|pass:shopify:706|50' 'two with one e-mail are nobody'
is "$(order "$(json 27 707 not@x.y "$(line 271 MINA-50 1)")")" \
    'credited|pass:shopify:707|50' 'nor is one who is not verified'
gives "select mina_shopify_order('$(json 28 707 not@x.y "$(line 281 MINA-50 \
    1)")', 's.x', null, false, 'webhook', null) ->> 'pass'; select
    claimed, credits from mina_login('$(uid 5)', 'not@x.y', true, 'email',
    null, 0, 30)" 'pass:shopify:707
{pass:shopify:707}|100' 'until they are: then it is theirs'
is "$(order "$(json 29 707 zzz@x.y "$(line 291 MINA-50 1)")")" \
    "credited|$(user 5)|50" 'and so is what follows'
is "$(order "$(json 30 - nobody@x.y "$(line 301 MINA-50 1)")")" 'nobody||0' \
    'no customer, no account'
is "$(audit order:30)" nobody 'of which there is a record'
is "$(order "$(json 30 - MAIL@x.y "$(line 301 MINA-50 1)")")" \
    "credited|$(user 2)|50" 'an e-mail is enough'
is "$(audit order:30:credited)" credited 'and another record'
q "update mega_customers set mg_disabled = true
    where mg_pass_id = '$(user 2)'"
is "$(order "$(json 31 705 mail@x.y "$(line 311 MINA-50 1)")")" \
    "credited|$(user 2)|50" 'what was paid is credited, also when disabled'
gives "select mg_detail ->> 'disabled' from mega_admin
    where mg_id = 'admin_audit:shopify:order:31'" true \
    'which an administrator is told'
well 'accounts'

# Refunds.
o="$(json 40 710 r@x.y "$(line 401 MINA-50 4),$(line 402 MINA-100 1)")"
order "$o" >/dev/null
is "$(refund 4001 40 401 1)" 'taken|50|0' 'one piece of four'
is "$(refund 4001 40 401 1)" 'replayed|50|0' 'once'
q "select mina_config_put('credits.packs', '{\"MINA-50\": 1}', null)" >/dev/null
is "$(refund 4002 40 401 1 402 1 401 1)" 'taken|200|0' \
    "in parts, by the ledger and not by today's prices"
gives "select mg_delta, mg_meta ->> 'quantity' from mega_generations
    where mg_id like '%:shopify-refund:4002:%' order by 1" '-100|2
-100|1' 'line by line'
is "$(refund 4003 40 401 9 402 9)" 'taken|50|0' 'never more than was bought'
is "$(refund 4004 40 401 1)" 'nothing|0|0' 'over all refunds'
is "$(balance pass:shopify:710)" '0|0' 'all of it'
is "$(refund 4005 40)" 'nothing|0|0' 'only money'
is "$(audit refund:4001) $(audit refund:4003) $(audit refund:4005)" \
    'taken taken nothing' 'of each there is a record'
q "select mina_config_put('credits.packs', '{\"MINA-50\": 50, \"MINA-100\": 100}',
    null)" >/dev/null
order "$(json 41 711 s@x.y "$(line 411 MINA-50 2)")" >/dev/null
admit g1 pass:shopify:711 70 >/dev/null
is "$(refund 4101 41 411 2)" 'taken|30|70' \
    'what is held or spent cannot be taken: it is owed'
is "$(refund 4101 41 411 2)" 'replayed|30|70' 'once'
gives "select mg_meta from mega_customers
    where mg_pass_id = 'pass:shopify:711'" '{"debt": 70}' 'and noted'
q "select mina_void('g1', null, 'error', 'X', 'x', null)" >/dev/null
is "$(balance pass:shopify:711)" '70|0' 'the hold was left alone'
order "$(json 42 712 s2@x.y "$(line 421 MINA-50 1)")" >/dev/null
admit g2 pass:shopify:712 50 >/dev/null
is "$(refund 4201 42 421 1)" 'taken|0|50' 'all of it owed'
is "$(refund 4201 42 421 1)" 'replayed|0|50' 'once, without a ledger row'
gives "select mg_meta ->> 'debt' from mega_customers
    where mg_pass_id = 'pass:shopify:712'" 50 'noted once'
order "$(json 43 713 s3@x.y "$(line 431 MINA-50 1)")" >/dev/null
q "select from mina_login('$(uid 6)', 's3@x.y', true, 'email', null, 10, 30)"
is "$(refund 4301 43 431 1)" 'taken|50|0' 'after a merge'
is "$(balance "$(user 6)")" '10|0' 'from who has it now'
order "$(json 44 714 s4@x.y "$(line 441 MINA-50 1)")" >/dev/null
gives "set mina.now = '2099-01-01Z'; $(refund_call 4401 44 441 1)" \
    'taken|0|50' 'what has run out is not taken again'
well 'refunds'

# Before the order, on the order, without an order.
is "$(refund 5001 50 501 1)" 'early|0|0' 'a refund may come first'
is "$(refund 5001 50 501 1)" 'early|0|0' 'and again'
is "$(audit refund:5001:early)" early 'of which there is a record'
gives "select count(*) from mina_outbox_claim('w', 99, 1) where id like '%5001'" \
    0 'that no worker takes for its own'
is "$(order "$(json 50 720 e@x.y "$(line 501 MINA-50 2)" pending)")" \
    'unpaid||0' 'an order that is not paid'
is "$(order "$(json 50 720 e@x.y "$(line 501 MINA-50 2)")")" \
    'credited|pass:shopify:720|100' 'it is applied when its order is paid'
is "$(balance pass:shopify:720)" '50|0' 'at once'
is "$(refund 5001 50 501 1)" 'replayed|50|0' 'once'
is "$(audit refund:5001)" taken 'and recorded'
with="$(json 51 720 e@x.y "$(line 511 MINA-50 2)" partially_refunded |
    sed 's/,"financial/,"refunds":[{"id":5101,"order_id":51,'\
'"refund_line_items":[{"id":1,"line_item_id":511,"quantity":1}]}]&/')"
gives "select o ->> 'credited', o -> 'refunds' from mina_shopify_order('$with',
    's.x', null, false, 'sweep', null) o" '100|[{"debt": 0, "order": "51", '\
'"taken": 50, "refund": "5101", "outcome": "taken"}]' \
    'a refund on the order itself'
is "$(refund 5101 51 511 1)" 'replayed|50|0' 'is the same one'
more="$(echo "$with" | sed 's/"id":5101/"id":5102/; s/partially_//')"
gives "select o ->> 'outcome', o #>> '{refunds,0,refund}', o -> 'refunds' -> 1
    from mina_shopify_order('$more', 's.x', null, false, 'sweep', null) o" \
    'replayed|5102|' 'the sweep brings a refund that was lost'
is "$(balance pass:shopify:720)" '50|0' 'which counts as any other'
order "$(json 52 720 e@x.y "$(line 521 T-SHIRT 1)")" >/dev/null
is "$(refund 5201 52 521 1)" 'nothing|0|0' 'a shirt gives no matcha back'
refuses "$(refund_call 5001 51 511 1)" 'is of order 50, not 51' \
    'a refund has one order'
for r in '{"id":1}' '{"id":0,"order_id":1}' '{"id":"x","order_id":1}' \
    '{"id":1,"order_id":1,"refund_line_items":[{"line_item_id":1}]}' \
    '{"id":1,"order_id":1,"refund_line_items":[{"line_item_id":1,"quantity":-1}]}' \
    '{"id":1,"order_id":1,"refund_line_items":[{"quantity":1}]}' \
    '{"id":1,"order_id":1,"refund_line_items":7}'; do
	refuses "select mina_shopify_refund('$r', 's.x', 'webhook', null)" \
	    'is no (id|quantity|list)' "refused: $r"
done
well 'disorder'

# Edits: the ledger follows the quantity of a line.
# line_of ID SKU QUANTITY [CURRENT [PRICE]]
line_of() {
	echo "{\"id\":$1,\"sku\":\"$2\",\"quantity\":$3${4:+,\"current_quantity\":$4
	    },\"price\":\"${5:-10.00}\"}"
}
# edited ID CUSTOMER AT LINES [MORE]: as it is at this second of the day.
edited() {
	echo "{\"id\":$1,\"name\":\"#9\",\"test\":false,\"customer\":{\"id\":$2,
	    \"email\":\"e$2@x.y\"},\"financial_status\":\"paid\",
	    \"updated_at\":\"2026-11-26T10:00:$3Z\",\"line_items\":[$4]${5:+,$5}}"
}
# found STATEMENT: outcome and what it says of sums.
sums() {
	q "select concat_ws(' ', o ->> 'outcome', o ->> 'credited', 'taken '
	    || (o ->> 'taken'), 'debt ' || (o ->> 'debt'), 'set off '
	    || (o ->> 'set_off'), o ->> 'unresolved')
	    from mina_shopify_order('$1', 'mina.myshopify.com', null, false,
	    '${2:-webhook}', 'd-3') o"
}
field=$top/t/data/shopify/raised-quantity.json
raised() {
	jq -c ".[$1].body" "$field"
}
is "$(sums "$(raised 0)") / $(sums "$(raised 1)") / $(sums "$(raised 1)")" \
    'credited 50 / credited 150 / replayed 150' \
    'the same order with a larger quantity credits the difference'
gives "select mg_id, mg_delta from mega_generations where mg_ref_id =
    '7000000000001' order by 1" \
'credit_transaction:shopify:7000000000001:7000000000100|50
credit_transaction:shopify:7000000000001:7000000000100:3|100' \
    'by a row that names the order, the line and the quantity reached'
is "$(sums "$(raised 0)")" 'replayed 150' 'what is without a time lowers nothing'
is "$(balance pass:shopify:7000000000900)" '150|0' 'so it is three'
e="$(edited 80 801 05 "$(line_of 811 MINA-50 1 1)")"
is "$(sums "$e")" 'credited 50' 'one'
is "$(sums "$(edited 80 801 07 "$(line_of 811 MINA-50 4 4)")")" \
    'credited 200' 'edited to four'
is "$(sums "$e") $(balance pass:shopify:801)" 'replayed 200 200|0' \
    'the older notice after the newer one changes nothing'
is "$(sums "$(edited 80 801 08 "$(line_of 811 MINA-50 4 2)")")" \
    'lowered 200 taken 100' 'two of them removed'
is "$(sums "$(edited 80 801 08 "$(line_of 811 MINA-50 4 2)")")" \
    'replayed 200 taken 100' 'once'
is "$(sums "$(edited 80 801 07 "$(line_of 811 MINA-50 4 4)")" sweep)" \
    'replayed 200 taken 100' 'nor does the sweep go back'
is "$(sums "$(edited 80 801 08 "$(line_of 811 MINA-50 4 1)")")" \
    'replayed 200 taken 100' 'a webhook of the same second lowers nothing'
is "$(sums "$(edited 80 801 08 "$(line_of 811 MINA-50 4 1)")" sweep)" \
    'lowered 200 taken 150' 'the sweep knows'
is "$(sums "$(edited 80 801 09 "$(line_of 811 MINA-50 5 2)")")" \
    'credited 250 taken 150' 'and raised again'
is "$(balance pass:shopify:801)" '100|0' 'two are left'
is "$(sums "$(edited 80 801 10 "$(line_of 811 MINA-50 2)")")" \
    'replayed 250 taken 150' 'said in other words'
is "$(refund 8001 80 811 9)" 'taken|100|0' 'a refund takes what is left'
is "$(sums "$(edited 80 801 11 "$(line_of 811 MINA-50 5 0)")")" \
    'replayed 250 taken 150' 'and the edit that goes with it no more'
is "$(balance pass:shopify:801)" '0|0' 'none is left'
is "$(sums "$(edited 81 802 01 "$(line_of 821 MINA-50 3 2)")")" \
    'credited 100' 'of an order first seen when it was edited, what is left'
is "$(sums "$(edited 82 803 01 "$(line_of 831 MINA-50 3 2)" '"refunds":[{"id":
    8201,"order_id":82,"refund_line_items":[{"line_item_id":831,"quantity":1}]}]'
    )") $(balance pass:shopify:803)" 'credited 150 100|0' \
    'a refund is not an edit as well'
is "$(sums "$(edited 83 804 01 "$(line_of 841 MINA-50 1)")") $(sums "$(edited \
    83 804 02 "$(line_of 841 MINA-50 1),$(line_of 842 MINA-100 2)")")" \
    'credited 50 credited 250' 'a line that was added'
is "$(sums "$(edited 83 804 03 "$(line_of 841 MINA-50 3),$(line_of 842 MINA-100 2
    )" | sed 's/:"paid"/:"partially_paid"/')")" 'replayed 250' \
    'what was added and not paid is not credited'
is "$(sums "$(edited 83 804 04 "$(line_of 841 MINA-50 3),$(line_of 842 MINA-100 2
    )")")" 'credited 350' 'until it is'
admit ge1 pass:shopify:804 350 >/dev/null
is "$(sums "$(edited 83 804 05 "$(line_of 841 MINA-50 3 0),$(line_of 842 MINA-100 2
    )")")" 'lowered 350 debt 150' 'what an edit cannot take is owed'
q "select mina_void('ge1', null, 'error', 'X', 'x', null)" >/dev/null
well 'edits'

# SKUs, as people type them.
is "$(sums "$(edited 84 805 01 "$(line_of 851 ' mina-50 ' 1),$(line_of 852 Mina-50 \
    1)")")" 'credited 100' 'a blank and small letters are the same SKU'
q "select mina_config_put('credits.packs', '{\" mina-50\": 50, \"MINA-100\":
    100}', null)" >/dev/null
is "$(sums "$(edited 85 805 01 "$(line_of 861 MINA-50 1)")")" 'credited 50' \
    'in the configuration too'
q "begin; select from mina_config_put('credits.packs', '{\"mina-50\": 50,
    \"MINA-50\": 60}', null); $(call "$(json 86 805 a@x.y "$(line 871 MINA-50 \
    1)")")" >"$tmp/o"
like "$(cat "$tmp/o")" 'two values' 'two values for one are our mistake'
well 'SKUs'

# Money that goes back without lines: in proportion.
# money REFUND ORDER AMOUNT: a refund of an amount.
money_call() {
	echo "select r ->> 'outcome', r ->> 'taken', r ->> 'debt'
	    from mina_shopify_refund('{\"id\":$1,\"order_id\":$2,
	    \"refund_line_items\":[],\"transactions\":[{\"kind\":\"refund\",
	    \"status\":\"${4:-success}\",\"amount\":\"$3\"}]}',
	    'mina.myshopify.com', 'webhook', 'd-4') r"
}
money() {
	q "$(money_call "$@")"
}
waits() {	# waits [ID]: what an administrator is to see
	q "select string_agg(kind, ' ' order by kind) from mina_unresolved()
	    ${1:+where id = '$1'}"
}
three="$(line_of 901 MINA-50 3)"
is "$(sums "$(edited 90 810 01 "$three")")" 'credited 150' 'three for 30.00'
is "$(money 9001 90 10.00) $(money 9001 90 10.00)" 'taken|50|0 replayed|50|0' \
    'a third of the money is a third of the matcha, once'
is "$(money 9002 90 0.10) $(money 9003 90 0.10)" 'nothing|0|0 taken|1|0' \
    'rounded down, over all refunds'
is "$(refund 9004 90 901 3)" 'taken|99|0' 'and all its lines what is left'
is "$(money 9005 90 99.00) $(balance pass:shopify:810)" 'nothing|0|0 0|0' \
    'never more than was credited'
is "$(money 9101 91 20.00)" 'early|0|0' 'before its order'
is "$(sums "$(edited 91 811 01 "$(line_of 911 MINA-50 2)")")" \
    'credited 100 taken 100' 'it counts when the order comes'
is "$(money 9101 91 20.00) $(balance pass:shopify:811)" 'replayed|100|0 0|0' 'once'
is "$(sums "$(edited 92 812 01 "$(line_of 921 MINA-50 2)")") $(money 9201 92 \
    10.00 pending)" 'credited 100 nothing|0|0' 'money under way has not gone'
is "$(sums "$(edited 92 812 02 "$(line_of 921 MINA-50 2)" '"refunds":[{"id":
    9201,"order_id":92,"refund_line_items":[],"transactions":[{"kind":
    "refund","status":"success","amount":"10.00"}]}]')")" \
    'replayed 100 taken 50' 'until it has'
mixed="$(line_of 931 MINA-50 1),$(line_of 932 T-SHIRT 1)"
is "$(sums "$(edited 93 813 01 "$mixed")") $(money 9301 93 5.00) $(waits 93)" \
    'credited 50 unresolved|0|0 refund' \
    'which part of a mixed order the money was for is for people to say'
is "$(money 9302 93 15.00) $(waits 93)" 'taken|50|0 ' \
    'until all of it went back'
is "$(sums "$(edited 94 814 01 "$(line_of 941 MINA-50 2)" \
    '"total_price":"16.00"')") $(money 9401 94 8.00)" 'credited 100 taken|50|0' \
    'of what was paid, not of the list price'
well 'refunds of an amount'

# Cancellations.
is "$(sums "$(edited 95 815 01 "$(line_of 951 MINA-50 2)")")" 'credited 100' 'paid'
off='"cancelled_at":"2026-11-26T10:00:02Z"'
is "$(sums "$(edited 95 815 02 "$(line_of 951 MINA-50 2 0)" "$off")") $(waits 95)" \
    'replayed 100 cancelled' 'cancelled, and the money stays: that waits'
is "$(sums "$(edited 95 815 03 "$(line_of 951 MINA-50 2 0)" "$off" |
    sed 's/:"paid"/:"refunded"/')") $(waits 95)" 'replayed 100 taken 100 ' \
    'until it went back, and the matcha with it'
is "$(sums "$(edited 96 816 01 "$(line_of 961 MINA-50 2)")") $(sums "$(edited 96 \
    816 02 "$(line_of 961 MINA-50 2 0)" "$off,\"refunds\":[{\"id\":9601,
    \"order_id\":96,\"refund_line_items\":[{\"line_item_id\":961,\"quantity\":2}],
    \"transactions\":[{\"kind\":\"refund\",\"amount\":\"20.00\"}]}]")") $(balance \
    pass:shopify:816) $(waits 96)" 'credited 100 replayed 100 0|0 ' \
    'cancelled with its refund it is taken once'
well 'cancellations'

# Disputes.
dispute_call() {	# dispute_call ID ORDER AMOUNT STATUS [TYPE [FINALIZED]]
	echo "select r ->> 'outcome', r ->> 'taken', r ->> 'debt'
	    from mina_shopify_dispute('{\"id\":$1,\"order_id\":$2,
	    \"amount\":\"$3\",\"status\":\"$4\",\"type\":\"${5:-chargeback}\",
	    \"finalized_on\":${6:-null}}', 'mina.myshopify.com', 'webhook',
	    'd-5') r"
}
dispute() {
	q "$(dispute_call "$@")"
}
sums "$(edited 100 820 01 "$(line_of 1001 MINA-50 4)")" >/dev/null
is "$(dispute 1 100 40.00 needs_response inquiry)" 'nothing|0|0' \
    'an inquiry takes no money'
is "$(dispute 1 100 40.00 needs_response) $(dispute 1 100 40.00 under_review)" \
    'taken|200|0 nothing|0|0' 'a chargeback does, once'
is "$(balance pass:shopify:820)" '0|0' 'and the matcha'
is "$(dispute 1 100 40.00 won chargeback '"2026-12-01"') $(balance \
    pass:shopify:820)" 'given|-200|0 200|0' 'won, it is given back'
is "$(dispute 1 100 40.00 under_review) $(dispute 1 100 40.00 lost chargeback \
    '"2026-11-30"') $(balance pass:shopify:820)" 'nothing|0|0 nothing|0|0 200|0' \
    'what is older takes nothing any more'
is "$(dispute 2 100 10.00 lost) $(refund 10001 100 1001 4)" 'taken|50|0 taken|150|0' \
    'a dispute of a part, and a refund of all: together all'
is "$(dispute 2 100 10.00 won) $(balance pass:shopify:820)" 'nothing|0|0 0|0' \
    'lost it was before; the refund holds'
is "$(dispute 3 101 20.00 lost)" 'early|0|0' 'before its order'
is "$(sums "$(edited 101 821 01 "$(line_of 1011 MINA-50 2)")")" \
    'credited 100 taken 100' 'it counts when the order comes'
is "$(dispute 4 102 5.00 needs_response) $(sums "$(edited 102 822 01 \
    "$(line_of 1021 MINA-50 1),$(line_of 1022 TEA 1)")") $(waits 102)" \
    'early|0|0 credited 50 dispute' 'of a mixed order it waits'
is "$(dispute 5 null 5.00 lost) $(dispute 6 103 5.00 strange)" \
    'unresolved|0|0 unresolved|0|0' 'so does what nobody can attribute'
refuses "$(dispute_call '"x"' 1 1 lost)" 'is no id' 'nor is it no dispute'
well 'disputes'

# Debt is set off against the next purchase.
sums "$(edited 110 830 01 "$(line_of 1101 MINA-50 2)")" >/dev/null
admit gd1 pass:shopify:830 100 >/dev/null
refund 11001 110 1101 2 >/dev/null
lease gd1
q "select mina_settle('gd1', 'w1', 'u', 'k', '{}', '{}', null)" >/dev/null 2>&1
gives "select mg_meta ->> 'debt' from mega_customers
    where mg_pass_id = 'pass:shopify:830'" 100 'a hundred are owed'
is "$(sums "$(edited 111 830 01 "$(line_of 1111 MINA-50 1)")")" \
    'credited 50 set off 50' 'fifty are bought, and pay fifty'
gives "select mg_delta, mg_reason, mg_id from mega_generations
    where mg_ref_id = '111' order by mg_delta desc" \
'50|purchase|credit_transaction:shopify:111:1111
-50|refund|credit_transaction:shopify-debt:111:1' 'both are in the ledger'
is "$(sums "$(edited 111 830 01 "$(line_of 1111 MINA-50 1)")")" \
    'replayed 50 set off 50' 'once'
is "$(sums "$(edited 112 830 01 "$(line_of 1121 MINA-100 1)")")" \
    'credited 100 set off 50' 'the next pays the rest'
gives "select mg_credits - mg_held, mg_meta ? 'debt' from mega_customers
    where mg_pass_id = 'pass:shopify:830'" '50|f' 'and what is left is theirs'
well 'debt'

# A paid order that gives nothing waits, and is credited when it can be.
is "$(order "$(json 120 - later@x.y "$(line 1201 MINA-50 1)")") $(waits 120)" \
    'nobody||0 nobody' 'an order of nobody waits'
is "$(sums "$(json 120 - later@x.y "$(line 1201 MINA-50 1)")")" 'nobody 0' \
    'and is news once'
like "$(q 'select mina_unresolved_warnings()')" '1 paid orders have no account' \
    'it is a warning'
gives "select count(*) from mina_unresolved() where detail::text like '%later@%'" \
    0 'that has no address'
q "select from mina_login('$(uid 20)', 'Later@x.y', false, 'email', null, 0, 30)"
is "$(balance "$(user 20)")" '0|0' 'whoever says it is theirs gets nothing'
gives "select credits from mina_login('$(uid 21)', 'LATER@x.y', true, 'email',
    null, 0, 30)" 50 'who proves it, at sign-in'
gives "select credits from mina_login('$(uid 21)', 'LATER@x.y', true, 'email',
    null, 0, 30)" 50 'once'
is "$(waits 120)" '' 'then it waits no more'
gives "select count(*) from mega_admin where mg_action = 'unresolved'
    and mg_status = 200 and (mg_email is not null or mg_detail::text like
    '%@x.y%')" 0 'and its address is gone'
like "$(q "explain select from mega_admin where mg_record_type = 'outbox'
    and mg_action = 'unresolved' and mg_status is null and mg_email = 'a'")" \
    mega_admin_unresolved 'an index finds it'
is "$(order "$(json 121 840 sku@x.y "$(line 1211 MINA-500 2)")") $(waits 121)" \
    'nothing||0 sku' 'so does one of an unknown SKU'
gives 'select mina_unresolved_retry()' 0 'which nobody knows yet'
q "select mina_config_put('credits.packs', '{\"MINA-50\": 50, \"MINA-100\": 100,
    \"mina-500\": 500}', null)" >/dev/null
gives 'select mina_unresolved_retry(), mina_unresolved_retry()' '1|0' \
    'until it is configured'
is "$(balance pass:shopify:840) $(waits 121)" '1000|0 ' 'then it is credited once'
is "$(order "$(json 121 840 sku@x.y "$(line 1211 MINA-500 2)")")" \
    'replayed|pass:shopify:840|1000' 'also when the shop says it again'
order "$(json 122 - late2@x.y "$(line 1221 MINA-50 1)")" >/dev/null
q "select from mina_login('$(uid 22)', 'other2@x.y', true, 'email', null, 0, 30);
    update mega_customers set mg_email = 'late2@x.y'
    where mg_pass_id = '$(user 22)'"
gives 'select mina_unresolved_retry()' 1 'the clean-up job finds who came otherwise'
order "$(json 123 - late3@x.y "$(line 1231 MINA-50 1)")" >/dev/null
gives "select mina_unresolved_done('nobody', '123', 'by hand'),
    mina_unresolved_done('nobody', '123', 'again')" 't|f' 'an administrator ends it'
is "$(sums "$(json 123 - late3@x.y "$(line 1231 MINA-50 1)")") $(waits 123)" \
    'nobody 0 ' 'and it stays so'
customer "$(anon 30)" 0
q "select mina_erase('$(anon 30)')" >/dev/null
is "$(order "$(json 124 - gone@x.y "$(line 1241 MINA-50 1)")" "'$(anon 30)'"
    ) $(waits 124)" 'erased||0 erased' 'an erased account is not credited'
is "$(sums "$(edited 125 841 01 "$(line_of 1251 TEA 1)" \
    '"total_price":"0.00"')") $(waits 125)" 'nothing 0 ' 'what cost nothing is nothing'
# With a customer of the shop, but without an address or a pass.
is "$(order "$(json 126 842 '' "$(line 1261 MINA-50 1)")") $(waits 126)" \
    'nobody||0 nobody' 'no address, no account that could be claimed'
like "$(q 'select warning from mina_unresolved_warnings()')" \
    'paid orders have no account to credit' 'which is told'
gives "select count(*) from mega_customers where mg_pass_id like '%:842'" 0 \
    'and none is made'
gives 'select mina_unresolved_retry()' 0 'so it waits'
is "$(order "$(json 127 842 e842@x.y "$(line 1271 MINA-50 1)")")" \
    'credited|pass:shopify:842|50' 'until the customer has an address'
gives 'select mina_unresolved_retry()' 1 'then it is credited'
is "$(balance pass:shopify:842) $(waits 126)" '100|0 ' 'as well'
is "$(order "$(json 128 842 '' "$(line 1281 MINA-50 1)")")" \
    'credited|pass:shopify:842|50' 'and later ones, with or without'
q "update mega_customers set mg_email = null
    where mg_pass_id = 'pass:shopify:842'"
is "$(order "$(json 129 842 '' "$(line 1291 MINA-50 1)")") $(waits 129)" \
    'nobody||0 nobody' 'but not a row that an older Mina made without one'
gives 'select mina_unresolved_retry()' 0 'nor later'
customer "$(anon 31)" 0
is "$(order "$(json 130 843 '' "$(line 1301 MINA-50 1)")" "'$(anon 31)'")" \
    "credited|$(anon 31)|50" 'a pass is enough'
refuses "select mina_unresolved_put('', 'x', '{}')" 'mina_unresolved_put' \
    'a row has a kind'
refuses "select mina_outbox_put('unresolved:x', 'do', '{}', 0)" mina_outbox_put \
    'which no outbox takes'
well 'unresolved'

# At once. Ten of each, in whatever order they come.
many() {	# many N STATEMENT ...: each N times at once; the answers sorted
	k=$1
	shift
	: >"$tmp/bench.sql"
	c=0
	for s; do
		printf '\\if :client_id %% %s = %s\n%s;\n\\endif\n' $# $c "$s"
		c=$((c + 1))
	done >"$tmp/bench.sql"
	"$pgbench" -n -c $((k * $#)) -j 2 -t 1 -f "$tmp/bench.sql" mina \
	    >"$tmp/bench" 2>&1
	grep -q "actually processed: $((k * $#))/$((k * $#))" "$tmp/bench"
}
j60="$(call "$(json 60 730 m@x.y "$(line 601 MINA-50 4)")")"
ok 'one order ten times at once' many 10 "$j60"
is "$(balance pass:shopify:730)" '200|0' 'is credited once'
is "$(audit order:60)" credited 'and recorded'
i=61
while [ $i -lt 66 ]; do
	j="$(call "$(json $i $((700 + i)) m$i@x.y "$(line ${i}1 MINA-50 4)")")"
	ok "an order and its refund, ten times each ($i)" \
	    many 10 "$j" "$(refund_call ${i}00 $i ${i}1 1)"
	is "$(balance pass:shopify:$((700 + i)))" '150|0' 'both once'
	i=$((i + 1))
done
ok 'three refunds of what was bought once' many 5 \
    "$(refund_call 6001 60 601 2)" "$(refund_call 6002 60 601 2)" \
    "$(refund_call 6003 60 601 2)"
is "$(balance pass:shopify:730)" '0|0' 'take it back once'
ok 'ten orders of a new customer' many 5 \
    "$(call "$(json 70 740 n@x.y "$(line 701 MINA-50 1)")")" \
    "$(call "$(json 71 740 n@x.y "$(line 711 MINA-50 1)")")"
is "$(balance pass:shopify:740)" '100|0' 'make one account'
order "$(json 72 741 k@x.y "$(line 721 MINA-50 1)")" >/dev/null
login="select credits from mina_login('$(uid 7)', 'k@x.y', true, 'email', null,
    0, 30)"
race "$login" "$(call "$(json 73 741 k@x.y "$(line 731 MINA-50 1)")")"
is "$second" "credited|$(user 7)|50" 'an order while its customer signs in'
is "$(balance pass:shopify:741) $(balance "$(user 7)")" '0|0 100|0' \
    'is not left behind'
race "$(call "$(json 74 742 k2@x.y "$(line 741 MINA-50 1)")")" \
    "$(refund_call 7401 74 741 1)"
is "$second" 'taken|50|0' 'a refund waits for its order under way'
race "$(refund_call 7501 75 751 1)" \
    "$(call "$(json 75 743 k3@x.y "$(line 751 MINA-50 1)")")"
is "$first|$second" 'early|0|0|credited|pass:shopify:743|50' \
    'and an order for its refund'
is "$(balance pass:shopify:743)" '0|0' 'which it finds'
well 'at once'

# The outbox.
put() {
	q "select mina_outbox_put('$1', 'do', '{\"n\": 1}', ${2:-0})"
}
claim() {	# claim OWNER MAX [LEASE]
	q "select string_agg(id || ' ' || attempts, ', ')
	    from mina_outbox_claim('$1', $2, ${3:-60000})"
}
claim clear 1000 1 >/dev/null
q "select mina_outbox_done(substr(mg_id, 8), 'clear', null) from mega_admin
    where mg_meta ->> 'owner' = 'clear'" >/dev/null
is "$(put a)$(put b)$(put c 60000)$(put a)" tttf 'put once'
is "$(claim w1 1)" 'a 1' 'the oldest first'
is "$(claim w2 9)" 'b 1' 'what another has is passed over'
is "$(claim w2 9)" '' 'and what is not due'
gives "set mina.now = '$(q "select now() + interval '2 min'")'; select id from
    mina_outbox_claim('w3', 9, 60000)" c 'which comes in time'
gives "select mina_outbox_done('a', 'w2', null), mina_outbox_later('a', 'w2',
    'x', 0), mina_outbox_failed('a', 'w2', 'x')" 'f|f|f' 'only for who has it'
gives "select mina_outbox_later('a', 'w1', 'busy', 0)" t 'later'
is "$(claim w2 9)" 'a 2' 'is again, and counted'
gives "select mg_meta ->> 'error' from mega_admin where mg_id = 'outbox:a'" \
    busy 'and says why'
gives "select mina_outbox_done('a', 'w2', '{\"ok\": 1}')" t 'done'
gives "select mina_outbox_done('a', 'w2', null)" f 'once'
gives "select mg_status, mg_detail, mg_meta from mega_admin
    where mg_id = 'outbox:a'" '200|{"ok": 1}|{"attempts": 2}' 'and kept'
is "$(put a)" f 'and not put again'
gives "select mina_outbox_failed('b', 'w2', 'never')" t 'given up'
is "$(claim w1 9)" '' 'is not tried again'
put d >/dev/null
claim dead 1 1 >/dev/null
q 'select pg_sleep(0.01)' >/dev/null
is "$(claim w1 9)" 'd 2' 'what a dead worker had is taken over'
gives "select mina_outbox_done('d', 'dead', null)" f 'and not its any more'
for bad in "'', 'do', null, 0" "'x', '', null, 0" "'once:x', 'do', null, 0" \
    "'x', 'once', null, 0" "'shopify.refund:1', 'do', null, 0" \
    "'x', 'do', null, -1"; do
	refuses "select mina_outbox_put($bad)" 'mina_outbox_put' "refused: $bad"
done
refuses "select mina_outbox_claim('', 1, 1)" 'needs an owner' \
    'a claim has an owner'
q "select mina_outbox_put('m' || i, 'do', null, 0) from generate_series(1, 60)
    i" >/dev/null
cat >"$tmp/claim.sql" <<'END'
insert into seen select id from mina_outbox_claim('o' || :client_id, 3, 60000);
END
q 'create table seen (id text)'
"$pgbench" -n -c 10 -j 2 -t 3 -f "$tmp/claim.sql" mina >"$tmp/bench" 2>&1
gives 'select count(*), count(distinct id) from seen' '60|60' \
    'ten workers at once share what there is'
q 'drop table seen'
q 'vacuum analyze mega_admin' 2>/dev/null
like "$(q "explain select mg_id from mega_admin where mg_record_type = 'outbox'
    and mg_first_seen_at <= now() order by mg_first_seen_at limit 5")" \
    mega_admin_outbox 'an index holds what waits'
(echo 'listen mina_outbox;'; until [ -f "$tmp/put" ]; do sleep 0.02; done
    echo 'select 1;') | psql -XqAt >"$tmp/heard" 2>&1 &
until [ "$(q "select count(*) from pg_stat_activity
    where query = 'listen mina_outbox;'")" -eq 1 ]; do
	sleep 0.02
done
put told >/dev/null
touch "$tmp/put"
wait
like "$(cat "$tmp/heard")" 'mina_outbox.*payload "told"' 'and workers are told'

# Answers kept.
once() {	# once ID SHA [STALE]
	q "select * from mina_once('$1', '$2', ${3:-60000})"
}
is "$(once k s)" 'new||' 'the first goes ahead'
is "$(once k s)" 'busy||' 'the second waits for it'
is "$(once k t)" 'mismatch||' 'another request may not'
q "select mina_once_keep('k', 201, '{\"a\": 1}')" >/dev/null
is "$(once k s)" 'replay|201|{"a": 1}' 'the answer is given again'
is "$(once k t)" 'mismatch||' 'for the same request'
q "select mina_once_keep('k', 200, '{}'), mina_once_drop('k')" >/dev/null
is "$(once k s)" 'replay|201|{"a": 1}' 'the first one stays'
once l s >/dev/null
q "select mina_once_drop('l')" >/dev/null
is "$(once l t)" 'new||' 'what came to nothing is forgotten'
q 'select pg_sleep(0.01)' >/dev/null
is "$(once l t 1)" 'new||' 'what was left behind is taken over'
is "$(once l t)" 'busy||' 'by one'
refuses "select mina_once('', 's', 1)" 'needs an id' 'a key is something'
gives "select count(*) from mina_outbox_claim('w', 999, 1) where id like 'once%'" \
    0 'no outbox sees them'
cat >"$tmp/once.sql" <<'END'
insert into news select verdict from mina_once('race', 's', 60000);
END
q 'create table news (v text)'
"$pgbench" -n -c 20 -j 2 -t 1 -f "$tmp/once.sql" mina >"$tmp/bench" 2>&1
gives "select count(*) filter (where v = 'new'), count(*) filter
    (where v = 'busy') from news" '1|19' 'of twenty at once one goes ahead'
q 'drop table news'
gives "set mina.now = '$(q "select now() + interval '25 hours'")';
    select mina_once('new', 's', 1) is null, mina_once_sweep(24, 2),
    mina_once_sweep(24, 99), mina_once_sweep(24, 99)" 'f|2|1|0' \
    'a day later they are forgotten'
is "$(once new s)" 'busy||' 'the younger are not'
gives "select count(*) > 60 from mega_admin where mg_record_type = 'outbox'" t \
    'nor is anything else'
well 'the end'
