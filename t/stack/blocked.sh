#!/bin/sh
# What stands still without having failed, and what comes all at once: a row that
# another session has locked, a connection whose peer is frozen, and the webhooks
# of a shop after an outage.
# shellcheck disable=SC2016 # at_end expands it
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 19
# A statement that waited for the lock would hold up the others for minutes.
stack_up MINA_AUTH=trusted MINA_LIMIT_LOCAL=yes MINA_DB_TIMEOUT_MS=120000 \
    MINA_DB_LOCK_MS=1500 MINA_DB_NOTIFY_S=1

ann=pass:anon:0a000000-0000-4000-8000-000000000001
bob=pass:anon:0b000000-0000-4000-8000-000000000002
js() { jq -r "$@" "$tmp/body"; }
# still PASS [CURL ARGUMENT ...]
still()
{
	still_pass=$1
	shift
	api POST /editorial/generate -H "X-Mina-Pass-Id: $still_pass" \
	    -H 'Content-Type: application/json' "$@" \
	    -d '{"mode":"still","brief":"A bottle on marble."}'
}
credits() { stack_sql -c "select mg_credits from mega_customers
    where mg_pass_id = '$1'"; }

# --- a row that psql has locked

api POST /sessions/start -H "X-Mina-Pass-Id: $ann" \
    -H 'Content-Type: application/json' -d '{}'
is "$status $(credits $ann)" '200 20' 'Ann has a row'
mkfifo "$tmp/psql"
psql -XAtq "$db" <"$tmp/psql" >/dev/null 2>"$tmp/psql.err" &
session=$!
exec 3>"$tmp/psql"
echo "begin; select 1 from mega_customers where mg_pass_id = '$ann' for update;" >&3
locked() { [ "$(stack_sql -c "select count(*) from pg_stat_activity
    where application_name = 'psql' and state = 'idle in transaction'")" = 1 ]; }
within 10 locked

# More than a program has connections, as a customer's browser would.
waiters=
for n in 1 2 3 4 5 6 7 8; do
	curl -sS --cacert "$ca" -o "$tmp/ann.$n" -D "$tmp/head.$n" \
	    -w '%{http_code}' --max-time 100 -H "X-Mina-Pass-Id: $ann" \
	    -H 'Content-Type: application/json' -H 'Prefer: respond-async' \
	    -d '{"mode":"still","brief":"A bottle."}' \
	    "$base/editorial/generate" >"$tmp/status.$n" 2>/dev/null &
	waiters="$waiters $!"
done
still $bob --max-time 40
is "$status $(js .status)" '200 done' 'a still for Bob is made meanwhile'
# shellcheck disable=SC2086 # a list
wait $waiters
is "$(cat "$tmp"/status.?)" "$(printf 503%.0s 1 2 3 4 5 6 7 8)" 'Ann is told'
is "$(jq -r .code "$tmp/ann.1")" BUSY 'that it is busy'
like "$(cat "$tmp/head.1")" '^[Rr]etry-[Aa]fter: [1-9]' 'and when to try again'
named()
{
	api GET /ready
	js '.warnings | join(";")' |
	    grep -q 'a database session has held locks since 20'
}
ok '/ready tells that a session holds locks' within 15 named
is "$(js '.ok, .reasons')" "$(printf 'true\n[]')" 'and is ready'
is "$(js '.warnings[]' | grep -c psql)" 0 'without naming it to anyone'
like "$(cat "$var/log/health.log")" "session $(stack_sql -c "select pid
    from pg_stat_activity where application_name = 'psql'
    and state = 'idle in transaction'") .psql, idle in transaction" \
    'the log has its process id'
# However many ask: one look in 2 seconds, seen by the object store.
looks() { curl -sS --cacert "$ca" "$world/_sandbox/stats" |
    jq '[."s3.head".requests, 0] | max'; }
before=$(looks)
began=$(date +%s)
curl -sSZ --parallel-max 20 --cacert "$ca" -o /dev/null \
    "$base/ready?[1-60]" 2>/dev/null
ok 'sixty who ask do not make it look sixty times' test $(($(looks) - before)) \
    -le $((3 + ($(date +%s) - began) / 2))
echo 'commit;' >&3
exec 3>&-
wait "$session"
still $ann
is "$status $(js .status)" '200 done' 'then there is one for Ann'
is "$(credits $ann) $(credits $bob)" '19 19' 'each was charged once'

# --- a peer that is frozen

listeners() { stack_sql -c "select pid from pg_stat_activity
    where application_name = 'mina/listen' order by 1"; }
listeners >"$tmp/frozen"
at_end 'xargs kill -CONT <"$tmp/frozen" 2>/dev/null'
ok 'programs listen' [ -s "$tmp/frozen" ]
xargs kill -STOP <"$tmp/frozen"
replaced() { [ "$(listeners | grep -vxFf "$tmp/frozen" | wc -l)" -ge \
    "$(wc -l <"$tmp/frozen")" ]; }
ok 'when the peers are frozen, all listen on new connections' \
    within 30 replaced
xargs kill -CONT <"$tmp/frozen"
like "$(cat "$var/log/generate.log")" 'LISTEN connection does not answer' \
    'with a warning'

# --- webhooks after an outage: 1200 of 40 orders

secret=$(sed -n 's/^MINA_SHOPIFY_SECRET=//p' "$var"/etc/*.env | head -n 1)
n=0
while [ $n -lt 40 ]; do
	printf '{"id":%s,"financial_status":"paid","customer":{"id":77,
	    "email":"eve@example.com"},"line_items":[{"id":%s,"sku":"MINA-50",
	    "quantity":1,"price":"9.00"}]}' $((5000 + n)) $((6000 + n)) \
	    >"$tmp/order.$n"
	openssl dgst -sha256 -hmac "$secret" -binary "$tmp/order.$n" | base64 \
	    >"$tmp/mac.$n"
	n=$((n + 1))
done
n=0
while [ $n -lt 1200 ]; do
	[ $n -eq 0 ] || echo next
	m=$((n % 40))
	cat <<-X
	url = "$base/api/credits/shopify-order"
	data-binary = "@$tmp/order.$m"
	header = "Content-Type: application/json"
	header = "X-Shopify-Topic: orders/paid"
	header = "X-Shopify-Hmac-Sha256: $(cat "$tmp/mac.$m")"
	header = "X-Shopify-Shop-Domain: mina-sandbox.myshopify.com"
	header = "X-Shopify-API-Version: 2026-07"
	header = "X-Shopify-Webhook-Id: hook-$n"
	cacert = "$ca"
	silent
	output = "/dev/null"
	write-out = "%{http_code}\n"
	max-time = 60
	X
	n=$((n + 1))
done >"$tmp/burst"
curl -Z --parallel-max 100 -K "$tmp/burst" >"$tmp/answers" 2>/dev/null
is "$(sort "$tmp/answers" | uniq -c | xargs)" '1200 200' \
    'all of 1200 webhooks at once are taken'
# This machine may be too slow to send them at once.
burst() { sed -n "s,^location .*$1.*zone=address burst=\([0-9]*\) .*,\1,p" \
    "$top/nginx/routes.conf"; }
is "$(burst shopify-order)" "$(burst /api/webhooks/)" \
    'a shop may send as many as a provider'
is "$(credits pass:shopify:77)" 2000 'and each order is credited once'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
