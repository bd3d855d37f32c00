#!/bin/sh
# Orders from end to end: webhooks become credits, buyers are tagged, lost
# webhooks are found by the sync, whatever the Admin API does meanwhile.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
stack_up MINA_SHOPIFY_SWEEP_S=2 MINA_AUTH=trusted
plan 78

shop=mina-sandbox.myshopify.com
js() { jq -r "$1" "$tmp/out"; }

# world PATH [JSON]: the sandbox's controls; the answer is in $tmp/out.
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} -o "$tmp/out" "$world/_sandbox/$1"
}
fault() { world faults "{\"target\":\"$1\",\"kind\":\"$2\"${3:+,$3}}"; }
calm() { curl -sS --cacert "$ca" -o /dev/null -X DELETE "$world/_sandbox/faults"; }

# buy EMAIL JSON-AFTER-THAT: sets order, customer and pass.
buy()
{
	world shop/order "{\"email\":\"$1\",$2}"
	order=$(js .order.id)
	customer=$(js .order.customer)
	pass=pass:shopify:$customer
}
# told: the statuses with which the order's webhooks were answered in the end.
told()
{
	world "shop/deliveries?order=$order&wait=30"
	js '[.deliveries[].attempts | select(length > 0)[-1].status] | unique |
	    map(tostring) | join(",")'
}
credits() { stack_sql -c "select mg_credits from mega_customers where mg_pass_id = '$pass'"; }
tags()
{
	world shop/tags
	js ".customers[] | select(.id == \"$customer\") | .tags | join(\",\")"
}
# The row of the outbox for the last order.
errand() { stack_sql -c "select $1 from mega_admin
    where mg_id = 'outbox:shopify.tag:$shop:$customer:$order'"; }

# until_is WANT COMMAND ...: for up to 40 seconds; prints what it was last.
until_is()
{
	want=$1 n=0
	shift
	while got=$("$@") && [ "$got" != "$want" ] && [ $n -lt 200 ]; do
		n=$((n + 1))
		sleep 0.2
	done
	printf '%s\n' "$got"
}

# --- an order, and its tag

buy jo@example.com '"sku":"MINA-50","quantity":4'
is "$(told)" 200 'the shop tells, we hear'
is "$(credits)" 200 'MINA-50 x 4 = 200'
is "$(until_is Mina-users tags)" Mina-users 'the buyer is tagged'
is "$(errand "mg_status, mg_meta ->> 'attempts'")" '200|1' 'at the first attempt'
tokens() { grep -c 'a token for' "$var/log/worker.log"; }
is "$(tokens)" 1 'with a token asked for once'

buy jo@example.com '"sku":"MINA-50","deliver":{"copies":10,"shuffle":true}'
is "$(told)" 200 'ten copies of everything, shuffled'
is "$(credits)" 250 'count once'

# --- what the Admin API may do

# sweep never|now: the next fault ordered is to meet a tag, not a sweep.
sweep()
{
	case $1 in
	never)	sweep_at="mg_meta || jsonb_build_object('due', '2100-01-01Z')" ;;
	now)	sweep_at="mg_meta - 'due'" ;;
	esac
	stack_sql -c "update mega_admin set mg_meta = $sweep_at
	    where mg_id = 'outbox:chore:shopify.sweep:$shop'
	    and not mg_meta ? 'until' returning 1"
}
is "$(until_is 1 sweep never)" 1 'no sweeps for a while'

finished() { errand "mg_status, mg_meta ->> 'attempts'"; }

# meets ATTEMPTS WHAT: another buyer, who must be tagged all the same.
k=0
meets()
{
	k=$((k + 1))
	buy "b$k@example.com" '"sku":"MINA-50"'
	[ "$(told) $(credits)" = '200 50' ] || diag "$2: $(told) $(credits)"
	is "$(until_is "200|$1" finished) $(tags)" "200|$1 Mina-users" "$2"
}

fault shop.admin expired '"count":1'
meets 1 'a token that is refused is replaced at once'
is "$(tokens)" 2 'by asking once'
fault shop.admin throttled '"count":2'
meets 1 'too fast, twice: it waits'
fault shop.admin status '"status":429,"retryAfter":"1.5","count":1'
meets 1 'too many requests: it waits as long as it is told'
fault shop.admin status '"status":503,"count":1'
meets 2 'out of order: later'
fault shop.admin malformed '"count":1'
meets 2 'half an answer: later, twice does no harm'
fault shop.admin lost '"count":1'
meets 2 'no answer: the same'
fault shop.admin denied '"count":1'
meets 2 'access denied: it may pass'
fault shop.admin expired '"count":1'
fault shop.token status '"status":500,"count":1'
meets 2 'no token to be had: later'

stack_sql -c "select mina_outbox_put('gone', 'shopify.tag',
    '{\"shop\": \"$shop\", \"customer\": \"404\"}', 0)" >/dev/null
gone() { stack_sql -c "select mg_status, mg_meta ->> 'attempts' from mega_admin
    where mg_id = 'outbox:gone'"; }
is "$(until_is '500|1' gone)" '500|1' 'a buyer who is gone is given up at once'
like "$(stack_sql -c "select mg_meta ->> 'error' from mega_admin
    where mg_id = 'outbox:gone'")" 'does not exist|not found' 'and says so'

# --- killed in the middle

fault shop.admin delay '"ms":4000,"count":1'
buy killed@example.com '"sku":"MINA-50"'
is "$(told)" 200 'an order'
claimed() { errand "mg_meta ->> 'attempts'"; }
is "$(until_is 1 claimed)" 1 'is being tagged'
kill -KILL "$(stack_pid worker)"
is "$(errand 'mg_status is null')" t 'when the worker is killed'
# Its claim would have run out by itself, later.
stack_sql -c "update mega_admin set mg_last_seen_at = now()
    where mg_id = 'outbox:shopify.tag:$shop:$customer:$order'" >/dev/null
is "$(until_is '200|2' finished)" '200|2' 'the next one does it again'
is "$(tags)" Mina-users 'with the same result'
calm

# --- never told

is "$(until_is 1 sweep now)" 1 'sweeps again'

sweeps() { stack_sql -c "select mg_payload ->> 'mark' from mega_admin
    where mg_id = 'outbox:chore:shopify.sweep:$shop'"; }
buy lost@example.com '"sku":"MINA-50","quantity":2,"deliver":{"drop":true}'
is "$(until_is 100 credits)" 100 'an order that no webhook told of is found'
is "$(stack_sql -c "select mg_meta ->> 'via', mg_delta from mega_generations
    where mg_ref_id = '$order'")" 'sweep|100' 'by the sweep'
is "$(until_is Mina-users tags)" Mina-users 'and tagged'
world shop/send "{\"order\":\"$order\"}"
is "$(told) $(credits)" '200 100' 'told after all, it changes nothing'
world shop/refund "{\"order\":\"$order\",\"lines\":[{\"sku\":\"MINA-50\",\"quantity\":1}],\"deliver\":{\"drop\":true}}"
is "$(until_is 50 credits)" 50 'so is a refund'
buy often@example.com '"sku":"MINA-50","quantity":6,"deliver":{"drop":true}'
for n in 1 2 3 4 5; do
	world shop/refund "{\"order\":\"$order\",\"lines\":[{\"sku\":\"MINA-50\",\"quantity\":1}],\"deliver\":{\"drop\":true}}"
done
is "$(until_is 50 credits)" 50 'so are five of one order'
buy unpaid@example.com '"sku":"MINA-50","paid":false,"deliver":{"drop":true}'
unpaid=$order mark=$(sweeps)
lines=$(awk 'BEGIN { for (i = 0; i < 17; i++)
    printf "%s{\"sku\":\"MINA-50\",\"quantity\":%d}", i ? "," : "", i + 1 }')
buy many@example.com "\"lines\":[$lines],\"deliver\":{\"drop\":true}"
is "$(until_is 7650 credits)" 7650 'all lines of a long one'
is "$(stack_sql -c "select count(*) from mega_generations where mg_ref_id = '$order'")" 17 \
    'each by itself'
ok 'the mark has moved on' test "$(sweeps)" \> "$mark"
is "$(stack_sql -c "select count(*) from mega_generations
    where mg_ref_id = '$unpaid'")" 0 'what is not paid is left'
last=$(js .order.name) n=0
while [ $n -lt 27 ]; do
	n=$((n + 1))
	world shop/order "{\"email\":\"p$n@example.com\",\"sku\":\"MINA-50\",\"deliver\":{\"drop\":true}}"
done
pages() { stack_sql -c "select count(distinct mg_pass_id) from mega_generations
    where mg_meta ->> 'via' = 'sweep' and mg_meta ->> 'order_name' > '$last'"; }
is "$(until_is 27 pages)" 27 'more than a page of them'
world shop/order '{"email":"t@example.com","sku":"MINA-50","test":true,"deliver":{"drop":true}}'
tested=$(js .order.id)
audited() { stack_sql -c "select mg_detail ->> 'outcome' from mega_admin
    where mg_id = 'admin_audit:shopify:order:$tested'"; }
is "$(until_is test audited)" test 'a test order is seen, and not credited'

# --- subscriptions

token=$(curl -sS --cacert "$ca" -d grant_type=client_credentials \
    -d "client_id=$(stack_conf MINA_SHOPIFY_CLIENT_ID)" \
    --data-urlencode "client_secret=$(stack_conf MINA_SHOPIFY_SECRET)" \
    "$world/admin/oauth/access_token" | jq -r .access_token)
graph()
{
	curl -sS --cacert "$ca" -H "X-Shopify-Access-Token: $token" \
	    -H 'Content-Type: application/json' -o "$tmp/out" \
	    -d "{\"query\":\"$1\"}" "$world/admin/api/2026-07/graphql.json"
}
topics()
{
	graph '{webhookSubscriptions(first:20){nodes{id topic uri}}}'
	js '[.data.webhookSubscriptions.nodes[].topic] | sort | join(",")'
}
every=DISPUTES_CREATE,DISPUTES_UPDATE,ORDERS_CANCELLED,ORDERS_CREATE
every=$every,ORDERS_PAID,ORDERS_UPDATED,REFUNDS_CREATE
is "$(topics)" $every 'we are subscribed'
id=$(js '.data.webhookSubscriptions.nodes[] | select(.topic == "ORDERS_PAID").id')
graph "mutation{webhookSubscriptionDelete(id:\\\"$id\\\"){userErrors{message}}}"
is "$(topics)" "$(echo $every | sed s/ORDERS_PAID,//)" 'until the shop forgets one'
# The day is over.
stack_sql -c "update mega_admin set mg_meta = mg_meta - 'due'
    where mg_id = 'outbox:chore:shopify.hooks:$shop'" >/dev/null
is "$(until_is $every topics)" $every 'and we subscribe anew'
is "$(js '.data.webhookSubscriptions.nodes[] | select(.topic == "ORDERS_PAID").uri')" \
    "$base/api/credits/shopify-order" 'at our address'

# --- while the Admin API hangs

fault shop.admin stall '"ms":3000,"count":-1'
n=0
while [ $n -lt 12 ]; do
	n=$((n + 1))
	buy "h$n@example.com" '"sku":"MINA-50"'
done
is "$(told) $(credits)" '200 50' 'it hangs; orders are credited'
slowest=$(world shop/deliveries; js '[.deliveries[].attempts[] | .ms] | max')
diag "slowest webhook: $slowest ms"
is "$(tags)" '' 'nobody is tagged'
calm
hung() { stack_sql -c "select count(*) from mega_admin
    where mg_action = 'shopify.tag' and mg_status is null"; }
is "$(until_is 0 hung)" 0 'when it is back, everybody is'
is "$(tags)" Mina-users 'the last one too'
# A sweep that met the stall is repeated after a minute, and edits within the
# same second need one.
is "$(until_is 1 sweep now)" 1 'nor does the next sweep wait'

# --- edits, cancellations, disputes: told, and not told

for told in '{}' '{"drop":true}'; do
	buy "e${#told}@example.com" '"sku":"MINA-50"'
	is "$(until_is 50 credits)" 50 "deliver $told: one"
	world shop/edit "{\"order\":\"$order\",\"sku\":\"MINA-50\",\"quantity\":3,\"deliver\":$told}"
	is "$(until_is 150 credits)" 150 'edited to three'
	world shop/edit "{\"order\":\"$order\",\"sku\":\"MINA-100\",\"quantity\":1,\"deliver\":$told}"
	is "$(until_is 250 credits)" 250 'and another line'
	world shop/edit "{\"order\":\"$order\",\"sku\":\"MINA-50\",\"quantity\":2,\"deliver\":$told}"
	is "$(until_is 200 credits)" 200 'one piece less'
	world shop/refund "{\"order\":\"$order\",\"lines\":[{\"sku\":\"MINA-50\",\"quantity\":1}],\"deliver\":$told}"
	is "$(until_is 150 credits)" 150 'one refunded'
	world shop/cancel "{\"order\":\"$order\",\"deliver\":$told}"
	is "$(until_is 0 credits)" 0 'all of it cancelled'
	buy "m${#told}@example.com" '"sku":"MINA-100","quantity":2'
	is "$(until_is 200 credits)" 200 'two of a hundred'
	half=$(js .order.total | awk '{ printf "%.2f", $1 / 2 }')
	world shop/refund "{\"order\":\"$order\",\"money_only\":\"$half\",\"deliver\":$told}"
	is "$(until_is 100 credits)" 100 'half of the money back'
done
world shop/dispute "{\"order\":\"$order\"}"
is "$(until_is 0 credits)" 0 'all of it disputed'
world shop/dispute "{\"order\":\"$order\",\"status\":\"won\"}"
is "$(until_is 100 credits)" 100 'and won'
buy keep@example.com '"sku":"MINA-50"'
is "$(until_is 50 credits)" 50 'one more'
world shop/cancel "{\"order\":\"$order\",\"refund\":false}"
waits() { stack_sql -c "select string_agg(kind, ' ') from mina_unresolved()
    where id = '$order'"; }
is "$(until_is cancelled waits) $(credits)" 'cancelled 50' \
    'cancelled and the money kept: somebody has to look'

# --- nobody, nothing

world shop/order '{"email":"guest@example.com","customer":null,"sku":"MINA-50"}'
order=$(js .order.id)
is "$(until_is nobody waits)" nobody 'an order without a customer waits'
world shop/order '{"email":"typo@example.com","sku":"MINA-5O"}'
order=$(js .order.id) customer=$(js .order.customer)
is "$(until_is sku waits)" sku 'so does one of an unknown SKU'
api GET /ready
like "$(tr -d '\n' <"$tmp/body")" 'paid orders have no account.*paid orders have no SKU' '/ready says so'
stack_sql -c "select mina_config_put('credits.packs', value || '{\"MINA-5O\": 50}',
    null) from mina_config('credits.packs')" >/dev/null
kill -KILL "$(stack_pid worker)"
is "$(until_is 50 credits)" 50 'until it is known: the worker credits it'

# --- to be forgotten

buy forget@example.com '"sku":"MINA-50"'
is "$(until_is 50 credits)" 50 'somebody buys'
world shop/privacy '{"topic":"customers/data_request","email":"forget@example.com"}'
asks() { stack_sql -c "select count(*) from mina_unresolved()
    where kind = 'data_request' and customer = '$customer'"; }
is "$(until_is 1 asks)" 1 'asks for their data'
world shop/privacy '{"topic":"customers/redact","email":"forget@example.com"}'
gone_now() { stack_sql -c "select count(*) from mega_customers
    where mg_pass_id = 'pass:shopify:$customer' and mg_deleted_at is null
    or lower(mg_email) = 'forget@example.com'"; }
is "$(until_is 0 gone_now)" 0 'and is forgotten'
world shop/privacy '{"topic":"shop/redact"}'
left() { stack_sql -c "select count(*) from mega_customers
    where mg_email like '%@example.com'"; }
is "$(until_is 0 left)" 0 'and with the shop everybody is'

# --- in the end

is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
secret=$(stack_conf MINA_SHOPIFY_SECRET)
is "$(cat "$var"/log/worker.log "$var"/log/shopify.log |
    grep -c -e "$secret" -e 'shpat_' -e example.com -e line_items)" 0 \
    'the logs have no secret, token or address'
# Told to stop in the middle of a tag, it finishes that first.
fault shop.admin delay '"ms":1500,"count":1'
buy last@example.com '"sku":"MINA-50"'
is "$(until_is 1 claimed)" 1 'a tag is under way'
kill "$(stack_pid worker)"
is "$(until_is '200|1' finished)" '200|1' 'when the worker is told to stop, and done'
