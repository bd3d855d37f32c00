#!/bin/sh
# buy.sh STATE SKU QUANTITY EMAIL [PASSREF] - buys matcha in the sandbox's shop
#
# The way people go: the checkout's form is sent, the shop tells Mina by its
# webhook, and this waits until Mina has answered that.
# shellcheck disable=SC2016 # $ belongs to jq here
set -eu

var=$1
sku=$2
quantity=$3
email=$4
ref=${5:-}

note() { printf 'mina: %s\n' "$*" >&2; }
die()  { note "$*"; exit 1; }
conf() { sed -n "s/^$1=//p" "$var/etc/mina.env" 2>/dev/null | tail -n 1; }

world=$(conf MINA_SANDBOX_URL)
[ "$world" ] || die "there is no sandbox to buy in"
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

# ask PATH [CURL ARGUMENT ...]: sets code; the answer is a file.
ask()
{
	path=$1
	shift
	code=$(curl -sS --cacert "$var/tls/ca.pem" --max-time 60 -o "$out" \
	    -w '%{http_code} %{redirect_url}' "$@" "$world$path" 2>/dev/null) ||
	    die "the sandbox does not answer: ./mina up"
	next=${code#* }
	code=${code%% *}
}

got() { jq -r "$1" "$out" 2>/dev/null; }

# What the page complains about.
complaint()
{
	sed -n 's/.*class="wrong"[^>]*>\([^<]*\)<.*/\1/p' "$out" | head -n 1
}

ask /checkout --data-urlencode "sku=$sku" \
    --data-urlencode "qty=$quantity" --data-urlencode "checkout[email]=$email" \
    ${ref:+--data-urlencode "attributes[mina_pass]=$ref"}
[ "$code" = 303 ] || die "the shop did not take the order: $(complaint)"
ask "/_sandbox/shop/orders?token=${next##*/}"
order=$(got '.orders[0].id')
case $order in '' | null) die "the shop has no such order" ;; esac
got '.orders[0] | "\(.lines[0].sku) x\(.lines[0].quantity) for \(.email), $\(.total)\norder \(.name) \(.id)"'

# The last of the attempts to tell Mina that it is paid, "STATE STATUS ANSWER".
paid='[.deliveries[] | select(.topic == "orders/paid")] | last // empty'
told=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	ask "/_sandbox/shop/deliveries?order=$order&wait=5"
	state=$(got "$paid | .state")
	[ "$state" = waiting ] || break
	[ "$told" ] || note "Mina has not taken it yet, the shop tries again"
	told=1
done
case $state in
delivered) ;;
'')	die "nobody is subscribed to orders/paid, so Mina was not told" ;;
*)	die "Mina could not be told: $(got "$paid | .attempts | last |
	    if .status == 0 then .answer else \"http \(.status) \(.answer)\" end")" ;;
esac
# Which of the webhooks credited it is a matter of chance.
got '[.deliveries[].attempts[-1:][] | .answer | fromjson? | objects] |
    (map(select(.outcome == "credited")) + .)[0] |
    "Mina: \(.outcome // "told")\(if .credited then ", \(.credited) matcha" else "" end)"'
