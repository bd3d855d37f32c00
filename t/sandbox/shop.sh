#!/bin/sh
# The emulated shop: its pages, its webhooks and their faults, and the Admin API
# behind a token.
# shellcheck disable=SC1091,SC2016,SC2154,SC2086
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 96
stack_up

conf() { stack_conf "$1"; }
shop=$world/_sandbox/shop
ref='R/ef<&>"1'
# It looks after the subscriptions, and here we do.
kill "$(cat "$var/run/worker.pid")"

# out CURL ARGUMENT ...: sets status; the answer is in $tmp/body.
out()
{
	rm -f "$tmp/body"
	status=$(curl -sS --cacert "$ca" --max-time 120 -o "$tmp/body" \
	    -D "$tmp/head" -w '%{http_code}' "$@" 2>"$tmp/curl") || :
	: >>"$tmp/body"
}
json()   { out -H 'Content-Type: application/json' "$@"; }
got()    { jq -r "$1" "$tmp/body" 2>/dev/null; }
fault()  { json "$world/_sandbox/faults" -d "$1"; }
place()  { json "$shop/order" -d "$1"; id=$(got .order.id); }
settled() { out "$shop/deliveries?order=${1:-$id}&bodies=1&wait=${2:-60}"; }
buy()    { out "$world/checkout" --data-urlencode "qty[MINA-50]=4" \
    --data-urlencode "checkout[email]=$1" -d "checkout_token=$2" \
    --data-urlencode "attributes[mina_pass]=$ref"; }
# Every member, with lists as [].
members() { jq -r '[paths | map(if type == "number" then "[]" else . end) |
    join(".")] | unique | .[]'; }

# ---- somebody who is told: nginx keeps every body in a file and logs the rest
hook=$tmp/hook
mkdir "$hook" "$hook/body"
refuse() { : >"$hook/refuse"; }
accept() { rm -f "$hook/refuse"; }
told()   { wc -l <"$hook/log"; }
# heard N: until so many lines are in its log.
heard()
{
	tries=0
	until [ "$(told)" -ge "$1" ] || [ $tries -ge 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
}
receive()
{
	port=$((26000 + $(od -An -N2 -tu2 /dev/urandom) % 6000))
	: >"$hook/log"
	cat >"$hook/conf" <<-X
	daemon off; master_process off; pid $hook/pid;
	error_log $hook/error crit;
	events {}
	http {
		client_body_temp_path $hook/body;
		client_body_in_file_only on;
		access_log off;
		proxy_temp_path $hook/proxy; fastcgi_temp_path $hook/f;
		uwsgi_temp_path $hook/u; scgi_temp_path $hook/s;
		log_format hook escape=json '{"file":"\$request_body_file",'
		    '"topic":"\$http_x_shopify_topic",'
		    '"hmac":"\$http_x_shopify_hmac_sha256",'
		    '"shop":"\$http_x_shopify_shop_domain",'
		    '"version":"\$http_x_shopify_api_version",'
		    '"webhook":"\$http_x_shopify_webhook_id",'
		    '"event":"\$http_x_shopify_event_id",'
		    '"at":"\$http_x_shopify_triggered_at",'
		    '"agent":"\$http_user_agent","type":"\$content_type"}';
		ssl_certificate $var/tls/server.pem;
		ssl_certificate_key $var/tls/server.key;
		server {
			listen 127.0.0.1:$port ssl;
			location / {
				if (-f $hook/refuse) { return 503; }
				access_log $hook/log hook;
				proxy_pass http://unix:$hook/sock;
			}
		}
		server { listen unix:$hook/sock; return 200 "taken"; }
	}
	X
	nginx -e "$hook/error" -p "$hook" -c "$hook/conf" 2>"$hook/out" &
	pid=$!
	tries=0
	until curl -s --cacert "$ca" -o /dev/null "https://localhost:$port/x"; do
		tries=$((tries + 1))
		if [ $tries -ge 100 ] || ! kill -0 $pid 2>/dev/null; then
			kill $pid 2>/dev/null
			return 1
		fi
		sleep 0.05
	done
	: >"$hook/log"
}
receive || receive || receive || { diag "$(cat "$hook/error")"; exit 1; }
at_end 'kill $pid'
# line N: of the log, its file too, as hook_* variables.
line()
{
	sed -n "${1}p" "$hook/log" >"$hook/line"
	file=$(jq -r .file "$hook/line")
}
of() { jq -r ".$1" "$hook/line"; }
# sign SECRET FILE: as Shopify does, but with another program.
sign() { openssl dgst -sha256 -hmac "$1" -binary "$2" | base64; }
secret=$(conf MINA_SHOPIFY_SECRET)

# ---- pages
evil='"><script>alert(1)</script>'
out -G "$world/checkout" --data-urlencode "checkout[email]=$evil" \
    --data-urlencode "attributes[mina_pass]=$evil" -d sku=MINA-100 -d qty=2
is "$status $(grep -c '<script' "$tmp/body")" '200 0' 'hostile input is escaped'
is "$(grep -c 'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' \
    "$tmp/body")" 2 'in both places'
like "$(cat "$tmp/body")" '\$178\.00' 'two packs have their price'
like "$(tr -d '\r' <"$tmp/head")" "^content-security-policy: default-src 'none';" \
    'a policy forbids what is not needed'
is "$(grep -Eo '(src|href)="[a-z]+:[^"]*"' "$tmp/body" |
    grep -v -e "\"$base/\"" -e 'data:,')" '' 'nothing comes from elsewhere'
out "$world/_page/shop.css"
is "$status" 200 'the style sheet is there'
out "$world/shop"
is "$status $(grep -c 'class="pack"' "$tmp/body")" '200 4' 'four packs are sold'
like "$(cat "$tmp/body")" 'Sandbox.*no real money' 'and it says what it is'
out "$world/cart/53689413796171:2,53689413861707:1?checkout%5Bemail%5D=a%40b.co"
like "$(cat "$tmp/body")" '\$297\.00' 'a cart permalink leads to the checkout'
out "$world/cart/1:1"
like "$(cat "$tmp/body")" 'not sold here' 'of what is sold'
out "$world/checkout" -d 'qty[MINA-50]=1' -d 'checkout[email]=nobody'
like "$status $(cat "$tmp/body")" '^422 ' 'an order needs an e-mail address'
out "$world/checkout" -d 'qty[MINA-50]=0' -d 'checkout[email]=a@b.co'
is "$status" 422 'and something in it'
out "$world/checkout" -d 'qty[MINA-50]=99999999999' -d 'checkout[email]=a@b.co'
is "$status" 422 'but not the world'

head -c 100000 /dev/zero | tr '\0' '&' >"$tmp/form"
out "$world/checkout" --data-binary @"$tmp/form"
is "$status" 413 'nor a form without end'

# ---- tokens
token_of()
{
	out "$world/admin/oauth/access_token" -d grant_type=client_credentials \
	    -d "client_id=$(conf MINA_SHOPIFY_CLIENT_ID)" -d "client_secret=$1"
}
token_of wrong
is "$status $(got .error)" '400 invalid_client' 'a wrong secret gets no token'
fault '{"target":"shop.token","kind":"refused"}'
token_of "$secret"
is "$status $(got .error)" '400 shop_not_permitted' 'nor does another shop'
fault '{"target":"shop.token","kind":"denied"}'
token_of "$secret"
is "$status $(got .error)" '400 app_not_installed' 'nor an app without leave'
token_of "$secret"
token=$(got .access_token)
is "$status $(got .expires_in)" '200 86399' 'the secret does, for a day'
json "$world/admin/oauth/access_token" -d "$(jq -n --arg s "$secret" \
    --arg c "$(conf MINA_SHOPIFY_CLIENT_ID)" '{grant_type:
    "client_credentials", client_id: $c, client_secret: $s}')"
is "$status" 200 'JSON will do as well'

# graph QUERY [VARIABLES]
graph()
{
	jq -n --arg q "$1" --argjson v "${2:-null}" '{query: $q, variables: $v}' \
	    >"$tmp/ask"
	json "$world/admin/api/2026-07/graphql.json" -d @"$tmp/ask" \
	    -H "X-Shopify-Access-Token: $token"
}
keep=$token
token=shpat_no
graph '{ shop { name } }'
is "$status $(got .errors)" '401 [API] Invalid API key or access token (unrecognized login or wrong password)' \
    'another token is refused'
token=$keep
json "$world/_sandbox/settings" -d '{"shopTokenS":1}'
token_of "$secret"
token=$(got .access_token)
graph '{ shop { name } }'
while [ "$status" = 200 ]; do
	sleep 0.1
	graph '{ shop { name } }'
done
is "$status" 401 'a token runs out'
token=$keep
json "$world/_sandbox/settings" -d '{"shopTokenS":86399}'

# ---- subscriptions
list='{ webhookSubscriptions(first: 9) { nodes { id topic uri
    endpoint { __typename ... on WebhookHttpEndpoint { callbackUrl } } } } }'
make='mutation($t: WebhookSubscriptionTopic!, $u: String) {
    made: webhookSubscriptionCreate(topic: $t, webhookSubscription: {uri: $u}) {
    webhookSubscription { id } userErrors { field message } } }'
graph "$list"
is "$(got '[.data.webhookSubscriptions.nodes[].topic] | sort | join(" ")')" \
    'DISPUTES_CREATE DISPUTES_UPDATE ORDERS_CANCELLED ORDERS_CREATE'\
' ORDERS_PAID ORDERS_UPDATED REFUNDS_CREATE' 'Mina is subscribed at first'
is "$(got '[.data.webhookSubscriptions.nodes[] | .uri, .endpoint.callbackUrl] | unique | join(" ")')" \
    "$base/api/credits/shopify-order" 'at its own address'
for s in $(got '.data.webhookSubscriptions.nodes[].id'); do
	graph 'mutation($id: ID!) { webhookSubscriptionDelete(id: $id) {
	    deletedWebhookSubscriptionId userErrors { message } } }' "{\"id\":\"$s\"}"
done
is "$(got .data.webhookSubscriptionDelete.deletedWebhookSubscriptionId)" "$s" \
    'a subscription can be deleted'
graph "$list"
is "$(got '.data.webhookSubscriptions.nodes | length')" 0 'and all of them'
subscribe()
{
	graph "$make" "{\"t\":\"$1\",\"u\":\"https://localhost:$port/hook\"}"
}
subscribe ORDERS_CREATE
subscribe ORDERS_PAID
subscribe REFUNDS_CREATE
like "$(got .data.made.webhookSubscription.id)" \
    '^gid://shopify/WebhookSubscription/[0-9]+$' 'new ones are made'
subscribe REFUNDS_CREATE
is "$(got '.data.made | .webhookSubscription, .userErrors[0].message')" "null
Address for this topic has already been taken" 'but none twice'
graph "$make" '{"t":"ORDERS_PAID","u":"https://example.com/"}'
is "$(got '.data.made.userErrors[0].field | join(".")')" webhookSubscription.uri \
    'nor to somebody far away'

# ---- an order, and what is told of it
visit=0123456789abcdef0123456789abcdef
buy Ann@Example.com $visit
is "$status $(sed -n 's/^[Ll]ocation: \(.*\)\r$/\1/p' "$tmp/head")" \
    "303 /checkout/$visit" 'an order is placed'
buy Ann@Example.com $visit
out "$shop/orders"
is "$(got '.orders | length')" 1 'once, though the button was pressed twice'
first=$(got '.orders[0].id')
customer=$(got '.orders[0].customer')
settled "$first"
is "$(got '[.deliveries[] | .topic, .state] | join(" ")')" \
    'orders/create delivered orders/paid delivered' 'two webhooks tell of it'
is "$(got '[.deliveries[].attempts[0] | "\(.status) \(.answer)"] | unique | join(" ")')" \
    '200 taken' 'and their answers are in the journal'
out "$world/checkout/$visit"
like "$(cat "$tmp/body")" '200 matcha' 'the page says what was bought'
is "$(grep -c "href=\"$base/\">Back to the studio" "$tmp/body")" 1 \
    'and leads back to the studio'
heard 2
line 1
is "$(sign "$secret" "$file")" "$(of hmac)" 'openssl agrees with the signature'
is "$(of shop) $(of version) $(of agent) $(of type)" \
    'mina-sandbox.myshopify.com 2026-07 Shopify-Captain-Hook application/json' \
    'the headers are as Shopify has them'
like "$(of at)" '^20[0-9-]+T[0-9:]+\.[0-9]{9}Z$' 'the time too'
event=$(of event)
webhook=$(of webhook)
line 2
is "$(of event)" "$event" 'one event'
ok 'two webhooks' test "$(of webhook)" != "$webhook"
is "$(members <"$file" | diff - "$top/t/data/shopify-order.members")" '' \
    'an order has the members of the sample'
is "$(jq -r '.note_attributes[0] | "\(.name)=\(.value)"' "$file")" \
    "mina_pass=$ref" 'and what the cart carried'
is "$(jq -r '.financial_status, .test, .email, .line_items[0].sku, .line_items[0].quantity, .total_price' \
    "$file" | tr '\n' ' ')" 'paid false Ann@Example.com MINA-50 4 196.00 ' \
    'what was bought'
like "$(cat "$file")" 'gid:\\/\\/shopify\\/Order\\/'"$first" 'slashes are escaped'
like "$(cat "$file")" 'R\\/ef\\u003c\\u0026\\u003e\\"1' 'and more, as Rails does'
ok 'ids are past what a double can hold' test "$first" -gt 9007199254740992
place '{"sku":"MINA-50","email":"ann@example.com"}'
is "$(got .order.customer)" "$customer" 'a customer is known by the address'
ok 'ids only grow' test "$id" -gt "$first"
place '{"lines":[{"sku":null,"quantity":2}],"email":"bob@example.com","customer":null,"test":true}'
settled
is "$(got '.deliveries[0].body' | jq -r '.customer, .test, .line_items[0].sku' |
    tr '\n' ' ')" 'null true null ' 'a test order of nobody for nothing'
place '{"lines":[{"sku":"MINA-50"},{"sku":"NO-SUCH","quantity":3}],"email":"c@example.com","paid":false}'
settled
is "$(got '[.deliveries[].topic] | join(" ")')" orders/create \
    'unpaid, it is only created'
is "$(got '.deliveries[0].body' | jq -r .financial_status)" pending 'and pending'
json "$shop/send" -d "{\"order\":\"$id\",\"paid\":true}"
settled
is "$(got '.deliveries[-1] | "\(.topic) \(.state)"')" 'orders/paid delivered' \
    'until it is paid'

# ---- deliveries as they should not be
before=$(told)
place '{"sku":"MINA-100","email":"d@example.com","deliver":{"copies":3}}'
settled
is "$(got '[.deliveries[].webhookId] | length, (unique | length)' | tr '\n' ' ')" \
    '6 2 ' 'copies are the same webhook again'
heard $((before + 6))
is "$(told)" $((before + 6)) 'and all of them come'
place '{"sku":"MINA-50","email":"d@example.com","deliver":{"copies":10,"shuffle":true}}'
settled
heard $((before + 26))
sed -n "$((before + 7)),\$p" "$hook/log" | jq -r .topic >"$tmp/order"
ok 'shuffled they come in no order' sh -c \
    'test "$(wc -l <"$1")" = 20 && ! sort "$1" | cmp -s - "$1" && ! sort -r "$1" | cmp -s - "$1"' x "$tmp/order"
before=$(told)
place '{"sku":"MINA-50","email":"d@example.com","deliver":{"drop":true}}'
settled
is "$(got '[.deliveries[].state] | unique | join(" ")') $(told)" \
    "dropped $before" 'what is dropped is never sent'
place '{"sku":"MINA-50","email":"d@example.com","deliver":{"topics":["orders/paid"],"tamper":true}}'
settled
heard $((before + 1))
is "$(got '[.deliveries[].topic] | join(" ")')" orders/paid 'topics can be chosen'
line $((before + 1))
ok 'what was tampered with does not fit its signature' \
    test "$(sign "$secret" "$file")" != "$(of hmac)"
is "$(jq -r '.line_items[0].quantity' "$file")" 9 'and promises more'
json "$shop/secret" -d '{"secret":"shpss_new"}'
place '{"sku":"MINA-50","email":"d@example.com","deliver":{"topics":["orders/paid"]}}'
json "$shop/send" -d "{\"order\":\"$id\",\"deliver\":{\"topics\":[\"orders/paid\"],\"secret\":\"old\",\"delayMs\":300}}"
settled
heard $((before + 3))
line $((before + 2))
is "$(sign shpss_new "$file")" "$(of hmac)" 'a new secret signs'
line $((before + 3))
is "$(sign "$secret" "$file")" "$(of hmac)" 'the old one on demand'
json "$shop/secret" -d '{}'
place '{"sku":"MINA-50","email":"d@example.com","deliver":{"wrong":1}}'
is "$status $(got .field)" '422 deliver.wrong' 'what is not known is refused'

# ---- refunds
place '{"lines":[{"sku":"MINA-50","quantity":3},{"sku":"MINA-100"}],"email":"e@example.com"}'
settled
before=$(told)
json "$shop/refund" -d "{\"order\":\"$id\",\"lines\":[{\"sku\":\"MINA-50\",\"quantity\":2}]}"
is "$status $(got .order.financialStatus)" '201 partially_refunded' 'two of three are given back'
heard $((before + 1))
line $((before + 1))
is "$(of topic) $(members <"$file" | diff - "$top/t/data/shopify-refund.members")" \
    'refunds/create ' 'a refund has the members of the sample'
is "$(jq -r '.refund_line_items[0] | .quantity, .line_item.sku, .line_item.quantity, (.subtotal | type)' \
    "$file" | tr '\n' ' ')" '2 MINA-50 3 number ' 'and says what of what'
like "$(cat "$file")" "\"order_id\":$id," 'of which order'
json "$shop/refund" -d "{\"order\":\"$id\",\"lines\":[{\"sku\":\"MINA-50\",\"quantity\":2}]}"
is "$status" 422 'more than there was is not'
json "$shop/refund" -d "{\"order\":\"$id\",\"money_only\":\"10.00\"}"
heard $((before + 2))
line $((before + 2))
is "$(jq -r '.refund_line_items | length' "$file") $(jq -r '.transactions[0].amount' "$file")" \
    '0 10.00' 'money goes back without lines'
json "$shop/refund" -d "{\"order\":\"$id\",\"all\":true}"
is "$(got '.order | .lines[0].current, .lines[1].current, (.refunds | length)' | tr '\n' ' ')" \
    '0 0 3 ' 'and all the rest'
json "$shop/refund" -d "{\"order\":$id,\"all\":true}"
is "$status" 422 'an id that would be rounded is refused'

# ---- tags, throttling, access
tag='mutation Tag($id: ID!, $tags: [String!]!) {
    tagsAdd(id: $id, tags: $tags) { userErrors { message, field } node { id } } }'
graph "$tag" "{\"id\":\"gid://shopify/Customer/$customer\",\"tags\":[\"Mina-users\"]}"
graph "$tag" "{\"tags\":[\"mina-users\",\"b\"],\"id\":\"gid://shopify/Customer/$customer\"}"
is "$(got '.data.tagsAdd.node.id, (.data.tagsAdd.userErrors | length)' | tr '\n' ' ')" \
    "gid://shopify/Customer/$customer 0 " 'a tag is added'
is "$(got '.extensions.cost | .requestedQueryCost, .throttleStatus.maximumAvailable' |
    tr '\n' ' ')" '10 2000 ' 'for ten points'
out "$shop/tags"
is "$(got ".customers[] | select(.id == \"$customer\") | .tags | join(\" \")")" \
    'Mina-users b' 'once'
graph "$tag" '{"id":"gid://shopify/Customer/1","tags":["x"]}'
is "$(got '.data.tagsAdd | .node, (.userErrors[0].field | join("."))' | tr '\n' ' ')" \
    'null id ' 'but not to a stranger'
fault '{"target":"shop.admin","kind":"throttled"}'
graph "$tag" "{\"id\":\"gid://shopify/Customer/$customer\",\"tags\":[\"c\"]}"
is "$status $(got '.errors[0].extensions.code, .extensions.cost.throttleStatus.currentlyAvailable' |
    tr '\n' ' ')" '200 THROTTLED 0 ' 'the bucket is empty on demand'
fault '{"target":"shop.admin","kind":"denied"}'
graph '{ orders(first: 1) { nodes { id } } }'
is "$(got '.errors[0].extensions.code, .data.orders' | tr '\n' ' ')" \
    'ACCESS_DENIED null ' 'and so is access denied'
fault '{"target":"shop.admin","kind":"status","status":503}'
graph '{ shop { name } }'
is "$status" 503 'any status comes on demand'
graph '{ orders(first: 1) { nodes { nmae } } }'
is "$(got '.errors[0].extensions | .code, .typeName, .fieldName' | tr '\n' ' ')" \
    'undefinedField Order nmae ' 'a field that is not there is an error'

graph "{ shop(a: $(head -c 3000 /dev/zero | tr '\0' '[')"
is "$status $(got '.errors[0].message')" '200 the document is nested too deep' \
    'nor is there a way to the end of the stack'

# ---- orders
all=
cursor=null
until [ "$cursor" = end ]; do
	graph 'query($after: String) { orders(first: 3, after: $after,
	    sortKey: UPDATED_AT) { edges { node { id } } pageInfo {
	    hasNextPage endCursor } } }' "{\"after\":$cursor}"
	all="$all $(got '.data.orders.edges[].node.id')"
	cursor=$(got '.data.orders.pageInfo | if .hasNextPage then .endCursor | tojson else "end" end')
	case $cursor in '' | null) break ;; esac
done
out "$shop/orders"
is "$(printf '%s\n' $all | sort)" "$(got '.orders[].id' |
    sed 's,^,gid://shopify/Order/,' | sort)" 'pages have every order once'
find='query Find($q: String!) { orders(query: $q, first: 9) { nodes { name
    updatedAt createdAt displayFinancialStatus customAttributes { value key }
    lineItems(first: 1) { nodes { sku quantity } pageInfo { hasNextPage } }
    refunds(first: 5) { refundLineItems(first: 5) { nodes { quantity
    lineItem { id } } } } customer { id } } } }'
graph "$find" "{\"q\":\"id:$first\"}"
is "$(got '.data.orders.nodes[0] | .displayFinancialStatus, .customAttributes[0].value, .lineItems.nodes[0].quantity, .customer.id' |
    tr '\n' ' ')" "PAID $ref 4 gid://shopify/Customer/$customer " 'an order is found'
made=$(got '.data.orders.nodes[0].createdAt')
graph "$find" "{\"q\":\"id:$first AND updated_at:>'$made'\"}"
is "$(got '.data.orders.nodes | length')" 0 'it did not change since'
json "$shop/refund" -d "{\"order\":\"$first\",\"all\":true}"
graph "$find" "{\"q\":\"updated_at:>'$made' id:$first\"}"
is "$(got '.data.orders.nodes[0] | .displayFinancialStatus, .refunds[0].refundLineItems.nodes[0].quantity' |
    tr '\n' ' ')" 'REFUNDED 4 ' 'until it was refunded'
settled "$first"

# ---- when nobody takes it
json "$world/_sandbox/settings" -d '{"shopRetryMs":50}'
refuse
place '{"sku":"MINA-50","email":"f@example.com","deliver":{"topics":["orders/paid"]}}'
tries=0
until [ "$(got '.deliveries[0].attempts | length')" -ge 2 ] 2>/dev/null ||
    [ $tries -ge 200 ]; do
	tries=$((tries + 1))
	settled "$id" 0
done
accept
settled
is "$(got '.deliveries[0] | .state, .attempts[0].status' | tr '\n' ' ')" \
    'delivered 503 ' 'it is tried again'
json "$world/_sandbox/settings" -d '{"shopRetryMs":1}'
refuse
place '{"sku":"MINA-50","email":"f@example.com"}'
settled
is "$(got '[.deliveries[] | .state, (.attempts | length)] | join(" ")')" \
    'failed 8 failed 8' 'eight times'
graph "$list"
is "$(got '[.data.webhookSubscriptions.nodes[].topic] | join(" ")')" \
    REFUNDS_CREATE 'and then the subscriptions are gone'
place '{"sku":"MINA-50","email":"f@example.com"}'
settled
is "$(got '.deliveries | length')" 0 'nobody is told any more'
subscribe ORDERS_CREATE
subscribe ORDERS_PAID

# ---- a restart
json "$world/_sandbox/settings" -d '{"shopRetryMs":3600000}'
place '{"sku":"MINA-50","email":"g@example.com","deliver":{"topics":["orders/paid"]}}'
tries=0
until [ "$(got '.deliveries[0].attempts | length')" -ge 1 ] 2>/dev/null ||
    [ $tries -ge 200 ]; do
	tries=$((tries + 1))
	settled "$id" 0
done
webhook=$(got '.deliveries[0].webhookId')
out "$shop/orders"
got '.orders' >"$tmp/before"
accept
kill -KILL "$(stack_pid sandbox)"
status=0
until [ "$status" = 200 ]; do
	sleep 0.1
	out "$shop/orders"
done
settled
is "$(got '.deliveries[0] | .webhookId, .state' | tr '\n' ' ')" \
    "$webhook delivered " 'a restart goes on with what was not delivered'
out "$shop/orders"
is "$(got .orders | cmp - "$tmp/before" 2>&1)" '' 'and keeps every order'
graph "$tag" "{\"id\":\"gid://shopify/Customer/$customer\",\"tags\":[\"b\"]}"
is "$status $(got '.data.tagsAdd.userErrors | length')" '200 0' \
    'customers and tokens'
place '{"sku":"MINA-50","email":"g@example.com"}'
ok 'ids grow on' test "$id" -gt "$(jq -r '.[-1].id' "$tmp/before")"

# ---- from a shell
settled
say=$("$top/mina" buy MINA-250 x2 "h@example.com" --pass "$ref" 2>&1)
is $? 0 'mina buy waits until Mina has taken it'
like "$say" '^MINA-250 x2 for h@example.com, \$398\.00$' 'and says what was bought'
like "$say" '^order #[0-9]+ [0-9]+$' 'in which order'
out "$shop/orders"
is "$(got '.orders[-1].passRef')" "$ref" 'for whom'
json "$world/_sandbox/settings" -d '{"shopRetryMs":1}'
refuse
say=$("$top/mina" buy MINA-50 x1 h@example.com 2>&1)
is "$? $(printf '%s\n' "$say" | grep -c 'could not be told')" '1 1' \
    'or that it could not be told'
"$top/mina" buy MINA-51 x1 h@example.com >"$tmp/say" 2>&1
is "$? $(grep -c 'no pack of that name' "$tmp/say")" '1 1' 'or why not'
