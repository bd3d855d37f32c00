#!/bin/sh
# credits: the balance, its ETag, and errors for malformed requests.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 25

cgi credits GET /credits/balance "$user"
is "$status $(js .credits)" '200 0' 'a stranger holds nothing'
is "$(js '.expiresAt | type')" null 'which does not run out'
is "$(js '.prices | "\(.still) \(.tweak) \(.video) \(.suggest)"')" '1 1 5 0' \
    'the prices are there'
cgi credits GET /credits/balance -
is "$status $(js .credits)" '200 0' 'so does nobody'

q "select mina_customer('$user', null, null, null, 10, 30)" >/dev/null
q "update mega_customers set mg_held = 3 where mg_pass_id = '$user'" >/dev/null
cgi credits GET /credits/balance "$user"
is "$(js '"\(.credits) \(.held) \(.available)"')" '10 3 7' 'held matcha is not available'

q "update mega_customers set mg_held = 0, mg_expires_at = now() - interval '1 second'
    where mg_pass_id = '$user'" >/dev/null
cgi credits GET /credits/balance "$user"
is "$(js .credits)" 0 'what ran out is gone at the first look'
is "$(q "select mg_delta from mega_generations where mg_reason = 'expiry'")" -10 \
    'with a ledger row'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'

# --- polling
etag() { printf '%s\n' "$head" | sed -n 's/^ETag: //p'; }
cgi credits GET /credits/balance "$user"
tag=$(etag)
like "$tag" '^"[0-9a-f]{32}"$' 'a balance has a strong ETag'
like "$head" '^Cache-Control: private, no-cache$' 'nobody else keeps it'
cgi credits GET /credits/balance "$user" -H "If-None-Match: \"x\", W/$tag"
is "$status $body" '304 ' 'and it is enough to know that it is the same'
is "$(etag)" "$tag" 'which it still is'
like "$head" '^Cache-Control: private, no-cache$' 'and kept as before'
is "$(printf '%s\n' "$head" | grep -ci '^content-')" 0 'with nothing about a body'
cgi credits HEAD /credits/balance "$user" -H "If-None-Match: $tag"
is "$status" 304 'HEAD takes it as well'
q "select mina_move('$user', 5, 'purchase', 'test', 't', 't1', 'test', '{}')" >/dev/null
cgi credits GET /credits/balance "$user" -H "If-None-Match: $tag"
is "$status $(js .credits)" '200 5' 'what changed is told'
ok 'under another ETag' test "$(etag)" != "$tag"

cgi credits POST /credits/balance "$user"
is "$status $(js .code)" '405 METHOD_NOT_ALLOWED' 'a balance is read-only'
like "$head" '^Allow: GET, HEAD$' 'and says what it takes'
cgi credits GET /credits/nothing "$user"
is "$status $(js .code)" '404 NOT_FOUND' 'an unknown path'
cgi credits GET '/credits/%ff' "$user"
is "$status $(js .code)" '400 BAD_REQUEST' 'a path that is not UTF-8'
cgi credits HEAD /credits/balance "$user"
is "$status" 200 'HEAD is answered'
is "$body" '' 'without a body'
cgi credits GET /credits/balance "$user" -d '{"customerId":"pass:anon:x","a":'
is "$status $(js .credits)" '200 5' 'the body of a GET is not read'
like "$head" '^X-Request-Id: [0-9a-f]{32}$' 'every answer has its request id'
