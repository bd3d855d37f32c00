#!/bin/sh
# A client without an account and without matcha asks for everything that costs
# us, as fast as it can, from one address: it gets no model call and no provider
# job, other customers are served, and no program outgrows its unit's memory.
#
#	REQUESTS=2000	how many it sends
#	MINUTES=0	over how long, in batches; 0: as fast as they go
#
# "make attack" is the long form: 20 000 in ten minutes.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

requests=${REQUESTS:-2000}
minutes=${MINUTES:-0}
batch=500
# Limits count addresses: each of the two has one of its own.
stranger=127.0.0.66
customer=127.0.0.2
stack_up MINA_LIMIT_LOCAL=yes MINA_WAIT_S=0
plan 19

user=pass:anon:7c0e0000-0000-4000-8000-000000000001
stack_sql >/dev/null <<X
select mina_runtime_put('{"credits.welcome_anonymous": 0}', null, null);
select mina_customer('$user', null, null, null, 100, 30);
X

world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
world settings '{"fast":true,"predictMs":300}' >/dev/null
world reset '{}' >/dev/null

# A customer orders, and gets what he orders.
order()
{
	api POST /editorial/generate --interface $customer \
	    -H "X-Mina-Pass-Id: $user" -H 'Content-Type: application/json' \
	    -H 'Prefer: wait=60' -d '{"mode":"still","brief":"A bottle on marble."}'
	is "$status $(jq -r .charged "$tmp/body")" '200 1' "$1"
}
order 'a customer gets a still'
still=$(jq -r .outputUrl "$tmp/body")

# --- what the stranger sends: a config of $1 transfers for curl, from seed $2
awk 'BEGIN { for (i = 0; i < 30000; i++) printf "%s0", i ? "," : "{\"a\":["
    print "]}" }' >"$tmp/nodes"
attack()
{
	awk -v n="$1" -v seed="$2" -v base="$base" -v nodes="$tmp/nodes" \
	    -v from="$stranger" -v ca="$ca" -v still="$still" '
	function hex(k,   s) {
		for (s = ""; length(s) < k; )
			s = s sprintf("%x", int(rand() * 16))
		return s
	}
	function uuid() {
		return hex(8) "-" hex(4) "-4" hex(3) "-a" hex(3) "-" hex(12)
	}
	function send(method, path, body) {
		print "next"
		printf "url = \"%s%s\"\nrequest = %s\n", base, path, method
		printf "interface = \"%s\"\ncacert = \"%s\"\n", from, ca
		print "output = /dev/null\nsilent\nmax-time = 20"
		print "write-out = \"%{http_code} " method " " \
		    substr(path, 1, 18) "\\n\""
		print "header = \"X-Mina-Pass-Id: pass:anon:" pass "\""
		if (body != "") {
			print "header = \"Content-Type: application/json\""
			gsub(/"/, "\\\"", body)
			print "data = \"" body "\""
		}
	}
	BEGIN {
		srand(seed)
		for (i = 0; i < n; i++) {
			# One in four requests uses the pass of the last one.
			if (i == 0 || rand() > .25)
				pass = uuid()
			k = i % 20
			if (k == 0) send("GET", "/me")
			if (k == 1) send("POST", "/motion/suggest",
			    "{\"inputStillUrl\":\"" still "\",\"brief\":\"Slow.\"}")
			if (k == 2) send("POST", "/editorial/generate",
			    "{\"mode\":\"still\",\"brief\":\"A bottle.\"}")
			if (k == 3) send("POST", "/motion/generate",
			    "{\"inputStillUrl\":\"" still "\",\"prompt\":\"Slow.\"}")
			if (k == 4) send("POST", "/api/r2/upload-signed",
			    "{\"contentType\":\"image/png\"}")
			if (k == 5) send("POST", "/api/r2/store-remote-signed",
			    "{\"sourceUrl\":\"https://nobody.invalid/a.png\"}")
			if (k == 6) send("POST", "/mma/events",
			    "{\"eventType\":\"preference_set\",\"hardBlocks\":[\"motion.fast\"]}")
			if (k == 7) send("POST", "/sessions/start",
			    "{\"platform\":\"web\"}")
			if (k == 8) send("GET", "/capabilities", "@" nodes)
			if (k == 9) send("POST", "/editorial/generate", "@" nodes)
			if (k == 10) send("GET", "/generations/gen_still_" \
			    hex(24) "/events")
			if (k == 11) send("GET", "/history?q=%ff")
			if (k == 12) send("GET", "/ready")
			if (k == 13) send("POST", "/api/webhooks/replicate", "{}")
			if (k == 14) send("POST", "/api/credits/shopify-order", "{}")
			if (k == 15) send("POST", "/feedback/like",
			    "{\"generationId\":\"gen_still_" hex(24) "\"}")
			if (k == 16) send("POST", "/store-remote-generation",
			    "{\"url\":\"https://nobody.invalid/a.mp4\",\"type\":\"video\"}")
			if (k == 17) send("GET", "/credits/transactions")
			if (k == 18) send("POST", "/motion/suggest",
			    "{\"inputStillUrl\":\"" still "\"}")
			if (k == 19) send("GET", "/history/export")
		}
	}' | sed 1d
}

# $1 requests, as many side by side as a browser farm would.
strike()
{
	attack "$1" "$2" >"$tmp/attack"
	timeout 120 curl -sS --parallel --parallel-max 100 -K "$tmp/attack" \
	    >>"$tmp/struck" 2>/dev/null || :
}

# --- what the customer does meanwhile: a line "<status> <seconds>" a request
visit()
{
	curl -sS --interface "$customer" --cacert "$ca" --max-time 30 \
	    -H "X-Mina-Pass-Id: $user" -o /dev/null \
	    -w '%{http_code} %{time_starttransfer}\n' "$base$1" 2>/dev/null
}
visits()
{
	while [ ! -f "$tmp/enough" ]; do
		visit /credits/balance
		visit /generations?active=1
		visit /capabilities
		visit /me
		visit /history
		sleep 0.1	# a fast customer would be limited himself
	done
}
p99() { cut -d ' ' -f 2 "$1" | sort -n | awk '{ v[NR] = $1 } END {
    printf "%.0f", 1000 * v[int(NR * .99 + .999)] }'; }

(i=0; while [ $i -lt 40 ]; do
	i=$((i + 1))
	visit /credits/balance
	visit /generations?active=1
	visit /capabilities
	visit /me
	visit /history
	sleep 0.1
done) >"$tmp/before"
is "$(cut -d ' ' -f 1 "$tmp/before" | sort | uniq -c | awk '{ print $2 }')" 200 \
    'the customer is served before'

rm -f "$tmp/enough"
visits >"$tmp/during" &
visitor=$!
# shellcheck disable=SC2016  # it runs later
at_end ': >"$tmp/enough"; kill $visitor 2>/dev/null'
: >"$tmp/struck"
began=$(date +%s)
sent=0
while [ $sent -lt "$requests" ]; do
	strike $batch $sent
	sent=$((sent + batch))
	until [ $(($(date +%s) - began)) -ge $((minutes * 60 * sent / requests)) ]; do
		sleep 1
	done
done

order 'and another one after the attack, at once'
: >"$tmp/enough"
wait $visitor

diag "$(wc -l <"$tmp/struck") answers in $(($(date +%s) - began)) s: $(
    cut -d ' ' -f 1 "$tmp/struck" | sort | uniq -c | sort -rn |
    awk '{ printf "%s%s x %s", (NR > 1 ? ", " : ""), $2, $1 }')"
diag "customer's p99 in ms: $(p99 "$tmp/before") before, $(
    p99 "$tmp/during") during ($(wc -l <"$tmp/during") requests)"
is "$(wc -l <"$tmp/struck")" "$sent" 'every request of the stranger is answered'
is "$(grep '^5' "$tmp/struck" | grep -v '^503' | sort | uniq -c)" '' \
    'none breaks anything'
is "$(cut -d ' ' -f 1 "$tmp/during" | sort | uniq -c | awk '{ print $2 }')" 200 \
    'the customer is served all the while'
is "$(awk '$2 > 5' "$tmp/during" | wc -l)" 0 'and never waits for seconds'

# --- what it cost
world stats >"$tmp/stats"
is "$(jq .creates.accepted "$tmp/stats")" 2 'the provider jobs are the customer'\''s'
stack_sql -c "select mg_pass_id, mg_record_type, mg_step_type from mega_generations
    where mg_pass_id <> '$user' and mg_record_type in ('generation', 'mma_step',
    'credit_transaction')" >"$tmp/rows"
is "$(cat "$tmp/rows")" '' 'no generation, step or matcha of the stranger'
is "$(jq '.openai.requests' "$tmp/stats")" \
    "$(stack_sql -c "select count(*) from mega_generations
    where mg_record_type = 'mma_step' and mg_payload #>> '{input,ctx_key}' like 'mma.ctx.%'
    and mg_payload #>> '{input,cached}' is null")" \
    'model calls are those of the customer'\''s steps'
is "$(stack_sql -c "select count(*) from mina_parity()")" 0 'the ledger agrees'

# --- the memory of every program, against its unit
limit() { sed -n 's/^MemoryMax=//p' "$1" | awk '/G$/ { print $0 * 1048576; next }
    /M$/ { print $0 * 1024 }'; }
small=$(limit "$top/etc/mina@.service")
ok 'the units have limits' test "${small:-0}" -gt 0
for p in me credits sessions generate motion generations feedback; do
	hwm=$(awk '/VmHWM/ { print $2 }' "/proc/$(stack_pid $p)/status")
	diag "$p: $((hwm / 1024)) MB at most"
	ok "$p keeps to half its unit's memory" test "$hwm" -le $((small / 2))
done
