#!/bin/sh
# nginx: headers it adds to every reply, and the errors it makes itself.
# shellcheck disable=SC2016 # $ belongs to sh -c here
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 112
stack_up MINA_CORS_ORIGINS=https://studio.example,https://other.example \
    MINA_LIMIT_LOCAL=yes MINA_TRUSTED_PROXIES=127.0.7.7,127.0.8.0/24

port=${base##*:}
js() { jq -r "$@" "$tmp/body"; }
header() { sed -n "s/^$1: \(.*\)\r\$/\1/ip" "$tmp/head"; }
pass=pass:anon:0f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d11

# --- TLS

# The security level is the client's own scruple, and must not stand in for ours.
tls() { openssl s_client -connect "localhost:$port" -CAfile "$ca" "$@" \
    </dev/null 2>&1; }
for v in 1_2 1_3; do
	like "$(tls -tls$v -verify_return_error -verify_hostname localhost)" \
	    'Verify return code: 0' "TLS $v is spoken"
done
for v in 1 1_1; do
	out=$(tls -tls$v -cipher 'ALL:@SECLEVEL=0')
	like "$out" 'alert protocol version|unsupported protocol' "TLS $v is not"
	like "$out" 'Cipher is \(NONE\)' 'there is no connection'
done
like "$(tls -tls1_2 -cipher 'AES128-SHA:@SECLEVEL=0')" 'handshake failure' \
    'no cipher without forward secrecy'
like "$(tls -alpn h2,http/1.1)" 'ALPN protocol: h2' 'HTTP/2 is chosen'
is "$(curl -sS --cacert "$ca" --http1.1 -o "$tmp/body" -w '%{http_version}' \
    "$base/health")" 1.1 'HTTP/1.1 is there for those who ask'
is "$(curl -sS -o "$tmp/body" -w '%{http_code} %{redirect_url}' \
    "http://localhost:$port/me?x=1")" "308 https://localhost:$port/me?x=1" \
    'plain http is sent to where it should have gone'

# --- headers

dressed()	# dressed WHAT: the last answer has everything it should
{
	like "$(header X-Request-Id)" '^[0-9a-f]{32}$' "$1: a request id"
	is "$(header X-Request-Id | wc -l)" 1 "$1: one"
	is "$(header X-Content-Type-Options) $(header X-Frame-Options)" \
	    'nosniff DENY' "$1: no sniffing, no framing"
	is "$(header Referrer-Policy)" strict-origin-when-cross-origin \
	    "$1: a referrer policy"
	like "$(header Content-Security-Policy)" "default-src 'none'.*frame-ancestors 'none'" \
	    "$1: a content security policy"
	like "$(header Strict-Transport-Security)" '^max-age=' "$1: HSTS"
	is "$(header Server)" nginx "$1: no version"
}
problem()	# problem WHAT STATUS CODE: the last answer is that problem
{
	is "$status $(header Content-Type) $(js .code)" \
	    "$2 application/problem+json $3" "$1"
	is "$(js '"\(.status) \(.ok) \(.requestId)"')" \
	    "$2 false $(header X-Request-Id)" '... with its status and request id'
}

# --- the shop: what cannot be signed is refused before its body is read

printf 'POST /api/credits/shopify-order HTTP/1.1\r\nHost: localhost:%s\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\nX-Shopify-Hmac-Sha256: none\r\n\r\n{' \
    "$port" >"$tmp/begun"
(cat "$tmp/begun"; sleep 30) | timeout 20 openssl s_client -quiet -connect \
    "localhost:$port" -CAfile "$ca" >"$tmp/early" 2>/dev/null &
early=$!
ok 'a notice of the shop without a signature is refused at its head' \
    within 15 grep -q '^HTTP/1.1 401' "$tmp/early"
kill "$early" 2>/dev/null
api POST /api/credits/shopify-order -H 'Content-Type: application/json' -d '{}'
problem '... like this' 401 BAD_SIGNATURE
api POST /api/credits/shopify-order -H 'Content-Type: application/json' \
    -H "X-Shopify-Hmac-Sha256: $(printf %43s '' | tr ' ' A)=" -d '{}'
problem 'one with a wrong signature is refused by the program' 401 BAD_SIGNATURE

api GET /credits/balance -H "X-Mina-Pass-Id: $pass"
dressed 'a program'
is "$(header Cache-Control)" 'private, no-cache' 'only the customer keeps a balance'
like "$(header Permissions-Policy)" 'camera=\(\)' 'a permissions policy'
is "$(header Strict-Transport-Security)" max-age=0 'localhost is not pinned to TLS'
api GET /health -H 'Host: mina.example'
is "$(header Strict-Transport-Security)" 'max-age=31536000; includeSubDomains' \
    'any other name is'
api GET /me -H 'X-Request-Id: 0123456789abcdef0123456789abcdef'
like "$(header X-Request-Id)" '^[0-9a-f]{32}$' 'a request id that was sent in'
ok '... is not taken over' test "$(header X-Request-Id)" != \
    0123456789abcdef0123456789abcdef

# --- its own errors

api GET /nothing/here
problem 'an unknown path' 404 NOT_FOUND
dressed 'nginx itself'
api GET /credits/nothing
problem 'an unknown path of a program' 404 NOT_FOUND
head -c 140000 /dev/zero >"$tmp/big"
api POST /sessions/start -H 'Content-Type: application/json' \
    --data-binary "@$tmp/big"
problem 'a body over 128 kB' 413 TOO_LARGE
head -c 70000 /dev/zero >"$tmp/big"
api POST /sessions/start -H 'Content-Type: application/json' \
    --data-binary "@$tmp/big"
problem 'a body over 64 kB' 413 TOO_LARGE
api GET "/me?$(head -c 20000 /dev/zero | tr '\0' x)" --http1.1
is "$status $(js .code)" '414 BAD_REQUEST' 'an address of 20 kB'
api GET /../../../etc/passwd --path-as-is
problem 'a path that leaves the tree' 400 BAD_REQUEST
dressed 'a request that could not be read'
api GET /%2e%2e/%2e%2e/etc/passwd --path-as-is
problem '... in disguise' 400 BAD_REQUEST

api DELETE /credits/balance -H "X-Mina-Pass-Id: $pass"
problem 'a method that a program does not take' 405 METHOD_NOT_ALLOWED
is "$(header Allow)" 'GET, HEAD' '... with those it takes'
api GET /sessions/start
is "$status $(header Allow)" '405 POST' 'another program'
api POST / -d x
problem 'a method that a file does not take' 405 METHOD_NOT_ALLOWED
is "$(header Allow)" 'GET, HEAD' '... with those it takes'
api TRACE /me
is "$status" 405 'TRACE is not echoed'

# One that nginx has no connection to so far.
mv "$var/run/uploads.sock" "$var/run/uploads.away"
api POST /api/r2/upload-signed -H "X-Mina-Pass-Id: $pass" -d '{}'
problem 'a program that is away' 503 BUSY
is "$(header Retry-After)" 2 '... for a moment'
mv "$var/run/uploads.away" "$var/run/uploads.sock"
api POST /api/r2/upload-signed -H "X-Mina-Pass-Id: $pass" \
    -H 'Content-Type: application/json' -d '{"contentType":"image/png"}'
is "$status" 200 '... and is back'

# --- other origins

preflight()
{
	api OPTIONS "$1" -H "Origin: $2" \
	    -H 'Access-Control-Request-Method: POST' \
	    -H 'Access-Control-Request-Headers: content-type,x-mina-pass-id'
}
preflight /editorial/generate https://studio.example
is "$status $(header Access-Control-Allow-Origin)" '204 https://studio.example' \
    'a preflight from an origin that is configured'
like "$(header Access-Control-Allow-Headers)" 'Content-Type.*X-Mina-Pass-Id' \
    '... may send what the studio sends'
like "$(header Access-Control-Allow-Methods)" POST '... and post'
like "$(header Vary)" Origin '... and no cache confuses it with another'
preflight /credits/balance https://other.example
is "$(header Access-Control-Allow-Origin)" https://other.example \
    'the second one too'
for o in https://evil.example https://studio.example.evil.example \
    http://studio.example null; do
	preflight /editorial/generate "$o"
	is "$(grep -ic '^access-control-allow-origin' "$tmp/head")" 0 \
	    "$o is told nothing"
done
api GET /credits/balance -H "X-Mina-Pass-Id: $pass" -H 'Origin: https://studio.example'
is "$(header Access-Control-Allow-Origin)" https://studio.example \
    'the answer itself may be read'
like "$(header Access-Control-Expose-Headers)" 'X-Request-Id' '... and its request id'

# --- the studio's files

api GET /
is "$status $(header Content-Type)" '200 text/html; charset=utf-8' 'the studio is there'
dressed 'a file'
is "$(header Cache-Control)" no-cache 'looked at again each time'
like "$(header Content-Security-Policy)" "script-src 'self';" \
    'no script but ours'
sheet=$(awk '/<style>/ { f = 1; sub(/.*<style>/, "") } /<\/style>/ { exit } f' \
    "$tmp/body" | { cat; printf .; })
is "$(header Content-Security-Policy | grep -c "'sha256-$(printf %s \
    "${sheet%.}" | openssl dgst -sha256 -binary | base64)'")" 1 \
    'the page'\''s own sheet is allowed by its hash'
etag=$(header ETag)
api GET / -H "If-None-Match: $etag"
is "$status" 304 'unchanged, it is not sent again'

# --- the access log

api GET '/generations?active=1&X-Amz-Signature=deadbeef&email=a@b.c' \
    -H "X-Mina-Pass-Id: $pass" -A "quote \" backslash \\ tab	ü"
id=$(header X-Request-Id)
curl -sS --cacert "$ca" -o /dev/null \
    "$world/mina-media/x.png?X-Amz-Signature=deadbeef"
sleep 1.2	# it is written once a second
ok 'every line is JSON' jq -es 'length > 20 and all(.[]; .req and .status)' \
    "$var/log/access.log"
is "$(jq -r "select(.req == \"$id\") | \"\\(.method) \\(.path) \\(.status) \\(.agent)\"" \
    "$var/log/access.log")" "GET /generations 200 quote \" backslash \\ tab	ü" \
    'the request is found by its id, odd agent and all'
ok 'no query is in it' sh -c '! grep -q "deadbeef\|a@b.c\|?" "$1"' grep \
    "$var/log/access.log"
ok 'nor in any other log' sh -c '! grep -rq "deadbeef\|a@b.c" "$1"' grep \
    "$var/log"
ok 'the program logged the same id' grep -q "$id" "$var/log/generations.log"

# --- behind a proxy

# A customer's session counts for an address as well, three of them a day here.
stack_sql -c "select mina_runtime_put('{\"session.daily_address\": 3}', null,
    null)" >/dev/null
# starts FROM FORWARDED: a session of a new pass; sets ip, that nginx logged.
starts()
{
	api POST /sessions/start --interface "$1" -H "X-Forwarded-For: $2" \
	    -H "X-Mina-Pass-Id: pass:anon:$(cat /proc/sys/kernel/random/uuid)" \
	    -H 'Content-Type: application/json' -d '{}'
	starts_id=$(header X-Request-Id)
	within 5 grep -q "$starts_id" "$var/log/access.log"
	ip=$(jq -r "select(.req == \"$starts_id\") | .ip" "$var/log/access.log")
}
# The program reads the setting again after a while.
ends() { starts 127.0.7.7 198.51.100.7; [ "$status" = 429 ]; }
starts 127.0.7.7 198.51.100.7
is "$status $ip" '200 198.51.100.7' 'a proxy that is trusted names the client'
ok '... whose limits it has' within 30 ends
like "$(js .message)" '^Your network has had' '... also those that a program counts'
starts 127.0.7.7 198.51.100.8
is "$status $ip" '200 198.51.100.8' 'another client of it has its own'
starts 127.0.8.9 198.51.100.7
is "$status $ip" '429 198.51.100.7' 'a network of proxies may be trusted'
starts 127.0.7.7 '198.51.100.9, 198.51.100.7'
is "$status $ip" '429 198.51.100.7' 'what the client wrote before the proxy is ignored'
starts 127.0.7.7 '198.51.100.7, 127.0.8.1'
is "$status $ip" '429 198.51.100.7' 'of two proxies the first names the client'
starts 127.0.7.6 198.51.100.7
is "$status $ip" '200 127.0.7.6' 'a proxy that nobody trusts names nothing'
starts 127.0.7.7 nonsense
is "$ip" 127.0.7.7 'nor is what it says taken if it is no address'
stack_sql -c "select mina_runtime_put('{\"session.daily_address\": 1000}', null,
    null)" >/dev/null

# --- too fast; last, because it stays too fast for a while

cat >"$tmp/hurry" <<-.
	cacert = "$ca"
	parallel
	parallel-max = 20
	header = "Content-Type: application/json"
	data = "{}"
	write-out = "%{http_code}\\n"
.
# Another pass each time, from one address, which says that it is another.
awk -v base="$base" 'BEGIN { for (i = 1; i <= 150; i++) printf \
    "url = \"%s/sessions/start\"\noutput = /dev/null\n", base }' >>"$tmp/hurry"
hurry()	# hurry ADDRESS HEADER: how many of 150 are refused by nginx
{
	curl -sS -K "$tmp/hurry" --interface "$1" -H "$2" >"$tmp/codes" 2>/dev/null
	grep -c 429 "$tmp/codes"
}
asked() { hurry "$1" "X-Mina-Pass-Id: pass:anon:$(cat /proc/sys/kernel/random/uuid)"; }
ok 'who is too fast is refused' test "$(asked 127.0.2.1)" -ge 5
ok '... whatever pass comes along' test "$(asked 127.0.2.1)" -ge 5
ok '... or other address is claimed' \
    test "$(hurry 127.0.2.1 'X-Forwarded-For: 198.51.100.7')" -ge 5
ok 'nor is it through a proxy that others use, too' \
    test "$(hurry 127.0.7.7 'X-Forwarded-For: 198.51.100.70')" -ge 5
api POST /sessions/start --interface 127.0.2.2 -H 'Content-Type: application/json' \
    -H "X-Mina-Pass-Id: $pass" -d '{}'
is "$status" 200 'another address is not'

# The bucket leaks ten a second: somebody has to keep it full while we ask.
curl -sS -K "$tmp/hurry" -H "X-Mina-Pass-Id: $pass" -o /dev/null \
    "$base/sessions/start?[1-20000]" >"$tmp/codes" 2>/dev/null &
hurrying=$!
status=
until [ "$status" = 429 ] || ! kill -0 $hurrying 2>/dev/null
do
	api POST /sessions/start -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -d '{}'
done
problem 'who is too fast' 429 RATE_LIMITED
is "$(header Retry-After)" 2 '... is told when to come back'
kill $hurrying 2>/dev/null || :
wait $hurrying 2>/dev/null || :
