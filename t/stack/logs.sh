#!/bin/sh
# No secret in any log: requests that succeed and fail, with known secrets, with
# every program, worker, nginx, Postgres and the sandbox at their most verbose.
# shellcheck disable=SC2089,SC2090 # the quotes are JSON's
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 72

hex() { openssl rand -hex "$1"; }
hs256=$(hex 32)
admin=$(hex 24)
stack_up MINA_LOG=debug MINA_LEASE_MS=2000 MINA_SHOPIFY_SWEEP_S=2 \
    "MINA_AUTH_SECRET=$hs256" "MINA_ADMIN_KEY=$admin" \
    "MINA_SHOPIFY_SECRET_OLD=shpss_$(hex 16)"

js() { jq -r "$@" "$tmp/body"; }
# world PATH [JSON [CURL ARGUMENT ...]]: of the sandbox
world()
{
	world_path=$1
	world_json=${2:-}
	shift
	[ $# -eq 0 ] || shift
	[ -z "$world_json" ] || set -- -H 'Content-Type: application/json' \
	    -d "$world_json" "$@"
	status=$(curl -sS --cacert "$ca" --max-time 60 -o "$tmp/body" \
	    -w '%{http_code}' "$@" "$world/$world_path" 2>"$tmp/curl") || :
}
fault() { world _sandbox/faults "{\"target\":\"$1\",\"kind\":\"$2\"${3:+,$3}}"; }
calm()  { world _sandbox/faults '' -X DELETE; }
get()   { api GET "$1" -H "@$tmp/who"; }
post()
{
	post_path=$1
	post_body=$2
	shift 2
	api POST "$post_path" -H "@$tmp/who" -H 'Content-Type: application/json' \
	    -d "$post_body" "$@"
}
# secret WHAT VALUE: one more that must not be found.
secret() { printf '%s\t%s\n' "$2" "$1" >>"$tmp/known"; }
secret 'the HS256 secret' "$hs256"
secret "the administrators' key" "$admin"
for s in MINA_PASS_KEY MINA_S3_ACCESS_KEY MINA_S3_SECRET_KEY MINA_OPENAI_KEY \
    MINA_PROVIDER_REPLICATE_TOKEN MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET \
    MINA_SHOPIFY_SECRET MINA_SHOPIFY_SECRET_OLD; do
	secret "$s" "$(stack_conf $s)"
done
world _sandbox/settings '{"fast":true,"predictMs":100,"shopRetryMs":50}'

# --- people

marker=marker-$(hex 8)
api GET /me -A "$marker"
is "$status" 200 'somebody comes'
anon=$(js .passId)
secret 'the pass of a visit' "${anon#pass:anon:}"
email=$(hex 6)@example.com
secret 'an e-mail address' "$email"
world auth/v1/otp "{\"email\":\"$email\"}"
world "inbox.json?to=$email"
pin=$(js '.mails[0].code')
secret 'the link of a mail' "$(js '.mails[0] | tostring' |
    grep -o 'token=[A-Za-z0-9_-]*' | head -n 1 | cut -d = -f 2 | grep . ||
    hex 16)"
world auth/v1/verify "{\"type\":\"email\",\"email\":\"$email\",\"token\":\"$pin\"}"
is "$status" 200 'and signs in'
token=$(js .access_token)
secret 'an access token' "$token"
secret 'its signature' "${token##*.}"
secret 'its claims' "$(printf %s "$token" | cut -d . -f 2)"
fresh=$(js .refresh_token)
secret 'a refresh token' "$fresh"
printf 'Authorization: Bearer %s\nX-Mina-Pass-Id: %s\n' "$token" "$anon" >"$tmp/who"
api POST /sessions/start -H "X-Mina-Pass-Id: $anon" \
    -H 'Content-Type: application/json' -d '{}'
get /me
is "$status $(js '.claimed | length')" '200 1' 'taking the visit along'
ref=$(js .checkoutUrl | sed 's/.*mina_pass%5D=//; s/&.*//')
secret 'the sealed pass of a checkout' "$ref"
printf 'Authorization: Bearer %s\n' "$token" >"$tmp/who"
world 'auth/v1/token?grant_type=refresh_token' "{\"refresh_token\":\"$fresh\"}"
is "$status" 200 'the token is renewed'

# made ALG: a token that no sign-in gives
made()
{
	world _sandbox/auth/token "{\"email\":\"$email\",\"alg\":\"$1\"${2:+,$2}}"
	js .access_token
}
hs=$(made HS256 "\"secret\":\"$hs256\"")
secret 'the signature of an HS256 token' "${hs##*.}"
api GET /me -H "Authorization: Bearer $hs"
is "$status" 200 'HS256 is taken'
n=
for alg in ES256-broken ES256-stranger ES256-unknown HS256-public none; do
	bad=$(made $alg)
	secret "the claims of $alg" "$(printf %s "$bad" | cut -d . -f 2)"
	api GET /me -H "Authorization: Bearer $bad"
	n="$n$status "
done
is "$n" '401 401 401 401 401 ' 'others are not'
old=$(made ES256 '"claims":{"exp":1}')
api GET /credits/balance -H "Authorization: Bearer $old"
is "$status" 401 'nor one that is over'
junk=$(hex 20)
secret 'what is no token' "$junk"
api GET /me -H "Authorization: Bearer $junk"
is "$status" 401 'nor what is none'
api GET /me -u "me:$junk"
api GET /me -H "Authorization: Bearer $junk$(hex 20000)"
like "$status" '^(4..|000)$' 'nor one too long for a header'
api GET "/history/pass/$anon" -H "Authorization: Bearer $admin"
is "$status" 200 'an administrator looks at what somebody made'

# --- orders, with keys

key=idem-$(hex 16)
secret 'an Idempotency-Key' "$key"
get /me
post /sessions/start '{"platform":"web"}' -H "Idempotency-Key: $key"
is "$status" 200 'a session, with a key'
post /sessions/start '{"platform":"ios"}' -H "Idempotency-Key: $key"
is "$status" 422 'whose key is no other'"'"'s'
post /sessions/start '{}' -H "Idempotency-Key: $key$(hex 200)"
is "$status" 422 'nor too long'
post /sessions/start "{\"platform\":\"$token"
is "$status" 400 'half a body'
post /editorial/generate "{\"brief\":7,\"email\":\"$email\",\"token\":\"$junk\"}"
is "$status" 422 'a wrong one'

post /api/r2/upload-signed '{"contentType":"image/png"}'
is "$status" 200 'an upload'
put=$(js .uploadUrl)
public=$(js .publicUrl)
secret 'a presigned signature' "${put##*X-Amz-Signature=}"
rsvg-convert -w 600 "$top/sandbox/props/perfume.svg" -o "$tmp/p.png"
up() { curl -sS --cacert "$ca" -T "$2" -H 'Content-Type: image/png' \
    -o /dev/null -w '%{http_code}' "$1" 2>/dev/null; }
is "$(up "$put" "$tmp/p.png")" 200 'goes up'
bad=$(hex 32)
secret 'a forged signature' "$bad"
is "$(up "${put%=*}=$bad" "$tmp/p.png")" 403 'not with a forged signature'
head -c 30000000 /dev/zero >"$tmp/big"
truncate -s 300000000 "$tmp/big"
is "$(up "$put" "$tmp/big")" 413 'nor when it is too much'
post /api/r2/store-remote-signed "{\"sourceUrl\":\"$put\"}"
like "$status" '^[24]' 'its address is not to be fetched'

still() { post /editorial/generate "{\"brief\":\"A bottle on marble.\",\"assets\":{\"productImageUrl\":\"$public\"}}" "$@"; }
still -H "Idempotency-Key: still-$key"
is "$status $(js .status)" '200 done' 'a still'
still=$(js .outputUrl)
id=$(js .generationId)
api GET "/generations/$id/events" -H "@$tmp/who"
is "$status" 200 'its events'
for f in 'openai status "status":401' 'openai malformed' \
    'replicate.create status "status":401' 'replicate.create malformed' \
    's3.put status "status":403'; do
	# shellcheck disable=SC2086 # two words or three
	fault $f
	still -H 'Prefer: wait=4'
	post "/generations/$(js .generationId)/cancel" '{}'
	calm
done
like "$status" '^[24]' 'five that do not go well'
post /motion/suggest "{\"inputStillUrl\":\"$still\"}"
post /motion/generate "{\"inputStillUrl\":\"$still\"}"
is "$status $(js .status)" '200 done' 'a film'
body='{"id":"p1","status":"succeeded","output":null}'
sig=$(hex 32)
secret 'the signature of a callback' "$sig"
api POST /api/webhooks/replicate -H 'webhook-id: a' \
    -H "webhook-timestamp: $(date +%s)" -H "webhook-signature: v1,$sig" -d "$body"
like "$status" '^4' 'a forged callback'
get '/history?q=bottle'
get /history/export
is "$status" 200 'all of mine'

# --- the shop

world checkout '' --data-urlencode 'sku=MINA-50' --data-urlencode 'qty=2' \
    --data-urlencode "checkout[email]=$email" \
    --data-urlencode "attributes[mina_pass]=$ref"
is "$status" 303 'a purchase'
world '_sandbox/shop/deliveries?wait=20&bodies=1'
is "$(js '[.deliveries[].attempts[-1].status] | unique | map(tostring) | join(" ")')" \
    200 'Mina is told'
hook()
{
	sig=$(openssl dgst -sha256 -hmac "$1" -binary "$2" | base64)
	secret "$3" "$sig"
	api POST /api/credits/shopify-order --data-binary "@$2" \
	    -H 'Content-Type: application/json' -H 'X-Shopify-Topic: orders/paid' \
	    -H 'X-Shopify-Shop-Domain: mina-sandbox.myshopify.com' \
	    -H 'X-Shopify-API-Version: 2026-07' -H "X-Shopify-Webhook-Id: $(hex 8)" \
	    -H "X-Shopify-Hmac-Sha256: $sig"
}
js '.deliveries[-1].body | if type == "string" then . else tojson end' >"$tmp/order"
hook "$(stack_conf MINA_SHOPIFY_SECRET)" "$tmp/order" 'a HMAC'
like "$status" '^[24]' 'and again by us'
hook "$junk" "$tmp/order" 'a forged HMAC'
is "$status" 401 'a forged order'
printf '{"id":1,"email":"%s"' "$email" >"$tmp/half"
hook "$(stack_conf MINA_SHOPIFY_SECRET)" "$tmp/half" 'the HMAC of a broken order'
is "$status" 400 'a broken one'
for f in expired denied malformed lost 'status "status":503'; do
	# shellcheck disable=SC2086 # a word or two
	fault shop.admin $f
	world _sandbox/shop/order "{\"email\":\"$email\",\"sku\":\"MINA-50\"}"
	calm
done
world _sandbox/shop/order "{\"email\":\"$email\",\"sku\":\"MINA-7\"}"
fault auth.jwks status '"status":500'
stack_sql >/dev/null -c "update mega_admin set mg_meta = mg_meta - 'due'
    where mg_id like 'outbox:chore:shopify%'"

# --- and things that break

# A statement that waits is written down by Postgres.
email2=$(hex 6)@example.com
secret 'the e-mail address of a slow statement' "$email2"
late=$(email=$email2 made ES256)
secret 'the token of a slow statement' "${late##*.}"
stack_sql -c 'begin; lock table mega_customers in exclusive mode;
    select pg_sleep(1.6); commit' >/dev/null &
locker=$!
locked() { [ "$(stack_sql -c "select count(*) from pg_locks where
    mode = 'ExclusiveLock' and relation = 'mega_customers'::regclass
    and granted")" = 1 ]; }
within 10 locked
calm
api GET /me -H "Authorization: Bearer $late"
wait $locker
is "$status" 200 'one that had to wait'
ok 'Postgres wrote that down' within 10 \
    grep -q 'duration: .*mina_login' "$var/log/postgres.log"
stack_sql >/dev/null -c "select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and backend_type = 'client backend'"
get /credits/transactions
for p in sandbox me uploads worker; do
	kill -KILL "$(stack_pid $p)"
	up "$put" "$tmp/p.png" >"$tmp/code"
	get "/history?q=$marker"
	get /me
done
alive() { get /me; [ "$status" = 200 ]; }
ok 'killed, they are back' within 20 alive

# --- not in any log

# nginx writes once a second; what it wrote last is what was asked last.
world "media/$marker"
ok 'the logs are complete' within 10 grep -q "media/$marker" "$var/log/access.log"
is "$(stack_leaks "$marker" | grep -c "^$marker in access.log")" 1 \
    'what is in a log is found'
for p in worker me uploads generate shopify sandbox postgres nginx access; do
	[ -s "$var/log/$p.log" ] || echo "$p"
done >"$tmp/empty"
is "$(cat "$tmp/empty")" '' 'all of them have something to say'
while IFS='	' read -r value what; do
	[ ${#value} -ge 12 ] || diag "$what is too short to tell"
	is "$(grep -lF -e "$value" "$var"/log/* | sed 's,.*/,,' | paste -sd ' ')" \
	    '' "$what is in no log"
done <"$tmp/known"
is "$(stack_leaks)" '' 'nor is any other setting that is secret, or a token'
