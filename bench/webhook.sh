#!/bin/sh
# bench/webhook.sh - reply time of order webhooks while the Admin API hangs
#
#	bench/webhook.sh [ORDERS] [AT-ONCE]
#
# Tells ORDERS (default 2000) different paid orders, signed, AT-ONCE (default 4)
# at a time over kept connections through nginx and TLS, while every call to the
# Admin API stalls and the tags pile up in the outbox; then the same number of
# replays; and prints what the callers saw. Shopify gives up after 5 seconds;
# the goal is 50 ms for 99 of 100.
#
# A stack of its own; MINA_INST names an install, else one is made from the
# build tree in BUILD (default: ./build).
# shellcheck disable=SC2034,SC2154 # what the libraries set and read
set -u
here=$(dirname "$(dirname "$(readlink -f "$0")")")
orders=${1:-2000}
once=${2:-4}
top_builddir=${BUILD:-$here/build}
export top_builddir
# shellcheck source=/dev/null
. "$here/t/tap.sh"
# shellcheck source=/dev/null
. "$here/t/lib-stack.sh"
tap_planned=0
stack_up MINA_LOG=warn

hook=$base/api/credits/shopify-order
secret=$(stack_conf MINA_SHOPIFY_SECRET)
shop=$(stack_conf MINA_SHOPIFY_SHOP)
sql() { psql -XqAt "$db" -c "$1"; }

curl -sS --cacert "$ca" -H 'Content-Type: application/json' -o /dev/null \
    -d '{"target":"shop.admin","kind":"stall","ms":60000,"count":-1}' \
    "$world/_sandbox/faults"

# One file of curl's options for each that tells: all its orders, one by one.
i=0
while [ "$i" -lt "$orders" ]; do
	i=$((i + 1))
	f=$tmp/order.$i
	printf '{"id":82098291194%07d,"name":"#%d","test":false,"financial_status":"paid","email":"b%d@example.com","customer":{"id":1153106273%07d,"email":"b%d@example.com"},"note_attributes":[],"line_items":[{"id":48781767%07d,"sku":"MINA-50","quantity":2,"price":"49.00"}],"refunds":[]}' \
	    "$i" "$i" "$i" "$((i / 2))" "$i" "$i" >"$f"
	mac=$(openssl dgst -sha256 -hmac "$secret" -binary "$f" | base64)
	{
		[ "$i" -le "$once" ] || echo next
		cat <<-X
		url = "$hook"
		cacert = "$ca"
		silent
		output = "/dev/null"
		data-binary = "@$f"
		header = "Content-Type: application/json"
		header = "X-Shopify-Topic: orders/paid"
		header = "X-Shopify-Shop-Domain: $shop"
		header = "X-Shopify-API-Version: 2026-07"
		header = "X-Shopify-Webhook-Id: bench-$i"
		header = "X-Shopify-Hmac-Sha256: $mac"
		write-out = "%{http_code} %{time_total} %{time_appconnect}\n"
		X
	} >>"$tmp/teller.$((i % once))"
done

tell() {	# tell WHAT
	n=0
	t0=$(date +%s.%N)
	pids=
	while [ "$n" -lt "$once" ]; do
		curl -K "$tmp/teller.$n" >"$tmp/seen.$n" &
		pids="$pids $!"
		n=$((n + 1))
	done
	# shellcheck disable=SC2086 # one a word
	wait $pids
	t1=$(date +%s.%N)
	# The handshake is the connection's, not the order's.
	cat "$tmp"/seen.* | awk '{ print $1, ($2 - $3) * 1000 }' |
	    sort -k 2 -n | awk -v what="$1" -v once="$once" \
	    -v s="$(echo "$t1 - $t0" | bc)" '
		{ n++; ms[n] = $2; if ($1 != 200) bad++ }
		END { printf "%s: %d by %d at once in %.1f s (%.0f/s): " \
		    "p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, worst %.1f ms; " \
		    "%d not answered with 200\n", what, n, once, s, n / s,
		    ms[int((n + 1) * 0.5)], ms[int((n + 1) * 0.9)],
		    ms[int((n + 1) * 0.99)], ms[n], bad }'
}

tell 'new orders'
tell 'replays'
printf 'matcha sold %s (%s wanted), tags waiting %s, tagged %s, parity finds %s\n' \
    "$(sql "select sum(mg_delta) from mega_generations where mg_reason = 'purchase'")" \
    "$((orders * 100))" \
    "$(sql "select count(*) from mega_admin where mg_action = 'shopify.tag' and mg_status is null")" \
    "$(sql "select count(*) from mega_admin where mg_action = 'shopify.tag' and mg_status = 200")" \
    "$(sql 'select count(*) from mina_parity()')"
