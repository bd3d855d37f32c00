#!/bin/sh
# FastCGI: kept connections, slow, malformed and vanishing peers, none of which
# delays another client.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"

times=500
[ -z "${MINA_QUICK:-}" ] || times=100
db_up
plan 37

key='{"passId":"'$user'","mode":"still","brief":"A bottle on marble."}'
pass=HTTP_X_MINA_PASS_ID=$user
late=HTTP_PREFER=respond-async
q "select mina_customer('$user', null, null, null, 10, 30)" >/dev/null
serve credits
credits=$pid
serve generate
generate=$pid

# The first answer waits for the connection to Postgres; it is not measured.
fc credits "$pass" GET:/credits/balance read >/dev/null
fc generate "$pass" GET:/editorial/generate read >/dev/null

# --- one connection, many requests
got=$(fc credits "$pass" GET:/credits/balance read GET:/credits/nothing read \
    GET:/credits/balance read body)
is "$(echo "$got" | sed -n 's/ bytes.*//p')" "status=200 end=1 whole=1
status=404 end=1 whole=1
status=200 end=1 whole=1" 'three requests on one connection'
is "$(echo "$got" | tail -n 1 | jq .credits)" 10 'the last answer is whole'
like "$(fc credits close-after "$pass" GET:/credits/balance read eofs)" \
    'closed=1 ms=[0-9]{1,2}$' 'a connection not to be kept is closed'

# answered WHAT: a newcomer is served at once, whatever others are at.
answered()
{
	like "$(fc credits "$pass" GET:/credits/balance read)" \
	    '^status=200 end=1 whole=1 bytes=[0-9]+ ms=([0-9]|[0-9][0-9]|[12][0-9][0-9])$' "$1"
}

# --- bodies
n=${#key}
half=$((n / 2))
a=$(printf %s "$key" | cut -c "1-$half")
b=$(printf %s "$key" | cut -c "$((half + 1))-")
# A record's header in two halves, its content in two more.
hex() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; }
head_of() { printf '01050001%04x0000' "$1"; }
fc generate "$pass" "$late" HTTP_IDEMPOTENCY_KEY=pieces \
    "POST:/editorial/generate:$n" sleep:300 "raw:$(head_of ${#a})" sleep:300 \
    "raw:$(hex "$a")" sleep:300 raw:010500 sleep:600 \
    "raw:01$(printf %04x ${#b})0000$(hex "$b" | cut -c 1-8)" sleep:600 \
    "raw:$(hex "$b" | cut -c 9-)" eof read >"$tmp/pieces" &
slow=$!
for at in 'before the body' 'after a header' 'between records' \
    'within a header' 'within a record'; do
	sleep 0.4
	like "$(fc generate "$pass" GET:/editorial/generate read)" \
	    '^status=405 .* ms=([0-9]|[0-9][0-9]|1[0-9][0-9])$' \
	    "another is answered while a body waits $at"
done
wait $slow
like "$(cat "$tmp/pieces")" '^status=202 end=1 whole=1' 'the body in pieces is taken'
is "$(q "select count(*) from mega_generations where mg_record_type =
    'generation' and mg_title = 'A bottle on marble.'")" 1 'all of it'

got=$(fc credits "$pass" POST:/credits/balance:1100000 fill:1100000 eof read \
    GET:/credits/balance read)
is "$(echo "$got" | sed -n 's/ bytes.*//p')" "status=413 end=1 whole=1
status=200 end=1 whole=1" 'a body over the cap: 413, and the connection is usable'
got=$(fc credits "$pass" POST:/credits/balance:99999999999 fill:70000 eof read \
    POST:/credits/balance:x eof read POST:/credits/balance:-1 eof read \
    GET:/credits/balance read)
is "$(echo "$got" | sed -n 's/ bytes.*//p')" "status=413 end=1 whole=1
status=411 end=1 whole=1
status=411 end=1 whole=1
status=200 end=1 whole=1" 'lengths that are none'
got=$(fc generate "$pass" "$late" POST:/editorial/generate:100 in:short eof read)
like "$got" '^status=(0|400) ' 'less body than announced is no request'

# --- peers that leave; one round first, so that pools are filled
fc generate "$pass" POST:/editorial/generate:1000 in:some >/dev/null
w="HTTP_IDEMPOTENCY_KEY=pieces POST:/editorial/generate:$n"
# shellcheck disable=SC2086  # words
"$client" -n 20 "$tmp/generate.sock" "$pass" $w "in:$key" eof sleep:5 >/dev/null
before=$(fds_at_rest "$generate")
rss=$(rss_kb "$generate")
"$client" -n $times "$tmp/generate.sock" "$pass" \
    POST:/editorial/generate:1000 in:some
is "$(fds_at_rest "$generate")" "$before" "$times left in the middle of a body: no descriptor is lost"
# shellcheck disable=SC2086
"$client" -n $times "$tmp/generate.sock" "$pass" $w "in:$key" eof sleep:5
is "$(fds_at_rest "$generate")" "$before" "$times left while waiting: no descriptor is lost"
before=$(fds_at_rest "$credits")
"$client" -n $times "$tmp/credits.sock" "$pass" GET:/credits/balance
is "$(fds_at_rest "$credits")" "$before" "$times asked and did not stay for the answer"
# The address sanitizer keeps what was freed, to catch whoever still uses it.
most=6000
! nm -D "$builddir/cgi-bin/generate" | grep -q __asan || most=300000
ok 'and memory stands still' test $(($(rss_kb "$generate") - rss)) -lt $most
is "$(q "select count(*) from mega_generations where mg_record_type =
    'generation'")" 1 'none of them made a second generation'
like "$(fc generate "$pass" "$late" "HTTP_IDEMPOTENCY_KEY=pieces" \
    "POST:/editorial/generate:$n" "in:$key" eof read)" '^status=202 ' \
    'and it still works'

# --- malformed
before=$(fds_at_rest "$credits")
ok_begin=0101000100080000000101000000
rude()
{
	fc credits "raw:$2" sleep:20 >/dev/null
	fc credits "raw:$2" sleep:"${3:-20}" hup >/dev/null &
	answered "$1: the next one is served"
	wait $!
}
rude 'half a header' 010100
rude 'another version' 0201000100080000000101000000000000
rude 'letters' 474554202f20485454502f312e310d0a0d0a
rude 'no such role' 010100010008000000090100000000000104000100000000
rude 'a short begin' 01010001000400000001010001040001000000000105000100000000
rude 'parameters that never end' "${ok_begin}00000104000100ff0000" 400
rude 'parameters longer than their record' "${ok_begin}000001040001000600007f7f41424344010400010000000001050001000000000000"
rude 'an abort' "${ok_begin}00000102000100000000"
rude 'a management record' 0109000000000000
rude 'an answer for a question' 01060001000400004142434401060001000000000103000100080000
rude 'silence after the beginning' "${ok_begin}0000" 500
sleep 0.4
is "$(fds_at_rest "$credits")" "$before" 'no descriptor is lost on them'

# --- many, and idle
fc credits "$pass" kept:100:/credits/balance ready sleep:3000 >"$tmp/kept" &
keeper=$!
within 5 grep -q ready "$tmp/kept"
is "$(head -n 1 "$tmp/kept")" kept=100 'a hundred connections are kept'
answered 'and a newcomer is answered at once'
wait $keeper
fc credits idle:50 ready sleep:1500 >"$tmp/idle" &
keeper=$!
within 5 grep -q ready "$tmp/idle"
answered 'fifty that say nothing hold nobody up'
wait $keeper

# --- after all that
ok 'credits lives' alive "$credits"
ok 'generate lives' alive "$generate"
is "$(complaints)" '' 'no sanitizer complains'
