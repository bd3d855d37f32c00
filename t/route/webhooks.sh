#!/bin/sh
# webhooks: which provider callbacks are authenticated, and which generation
# each of them wakes.
# shellcheck disable=SC2016,SC2034,SC2154 # $ in at_end; lib-cgi.sh's names
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"
. "$(dirname "$0")/../lib-token.sh"
db_up
issuer_up
MINA_AUTH=trusted
plan 35

secret=$(printf 'mina-test-secret-0123456789abcdef' | openssl base64 -A)
MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET=whsec_$secret
MINA_PROVIDER_KLING_CALLBACK_SECRET=a-long-random-string
MINA_PROVIDER_FAL_JWKS_URL=$MINA_AUTH_URL/.well-known/jwks.json
export MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET MINA_PROVIDER_KLING_CALLBACK_SECRET
export MINA_PROVIDER_FAL_JWKS_URL MINA_AUTH

# A generation with a job at PROVIDER
job()
{
	q "do \$\$ begin
	perform mina_customer('$user', null, null, null, 0, 30);
	perform mina_admit('$1', '$user', null, 0, 'still', 'create', '{}', '{}',
	    null, null, null);
	update mega_generations set mg_lease_owner = 'w' where mg_id = 'generation:$1';
	perform mina_job('$1', 'w', '$2', '{\"state\":\"submitted\",\"id\":\"$3\"}');
	end \$\$"
}
g1=10000000-0000-4000-8000-000000000001
g2=10000000-0000-4000-8000-000000000002
g3=10000000-0000-4000-8000-000000000003
job $g1 seedream-replicate job1
job $g2 seedream-fal 123e4567-e89b-12d3-a456-426614174000
job $g3 kling-native 867283741759111203

# What was announced since the last time, as psql prints it when asked.
mkfifo "$tmp/to"
psql -XqAt >"$tmp/heard" 2>&1 <"$tmp/to" &
listener=$!
exec 4>"$tmp/to"
at_end 'exec 4>&-; kill $listener 2>/dev/null'
n=0
heard()
{
	n=$((n + 1))
	# psql tells of notifications when it has printed a result.
	printf "select 'tick';\nselect 'mark %s';\n" $n >&4
	within 10 grep -q "^mark $n\$" "$tmp/heard"
	woke=$(sed -n "/^mark $((n - 1))\$/,/^mark $n\$/s/.*\"mina_wake\" with payload \"\([^\"]*\)\".*/\1/p" \
	    "$tmp/heard" | paste -sd ' ')
}
printf "listen mina_wake; select 'mark 0';\n" >&4
within 10 grep -q '^mark 0$' "$tmp/heard"

hook() { hook_p=$1; shift; cgi webhooks POST "/api/webhooks/$hook_p" - "$@"; }
says() { heard; is "$status $woke" "$1" "$2"; }

# --- Standard Webhooks

# signed ID TIME BODY [KEY IN BASE64]: the header's value
signed()
{
	signed_key=$(printf %s "${4:-$secret}" | openssl base64 -d -A |
	    od -An -v -tx1 | tr -d ' \n')
	printf 'v1,%s' "$(printf '%s.%s.%s' "$1" "$2" "$3" | openssl dgst -sha256 \
	    -mac HMAC -macopt "hexkey:$signed_key" -binary | openssl base64 -A)"
}

# standard BODY TIME SIGNATURE [PROVIDER]
standard()
{
	hook "${4:-seedream-replicate}" -H 'Content-Type: application/json' \
	    -H 'webhook-id: msg_1' -H "webhook-timestamp: $2" \
	    -H "webhook-signature: $3" -d "$1"
}

now=$(date +%s)
b='{"id":"job1","status":"succeeded"}'
good=$(signed msg_1 "$now" "$b")
standard "$b" "$now" "$good"
says "200 $g1" 'a signed callback wakes its generation'
standard "$b" "$now" "$good"
says "200 $g1" '... and once more when it comes twice'
standard "$b" "$now" "v1,bm9uZQ== v2,xx $good"
says "200 $g1" 'one good signature of several is enough'
u='{"id":"somebody-elses","status":"succeeded"}'
standard "$u" "$now" "$(signed msg_1 "$now" "$u")"
says '200 ' 'a job nobody has is thanked for, and wakes nobody'
standard '{}' "$now" "$(signed msg_1 "$now" '{}')"
says '200 ' 'so is a body without an id'
standard 'pfft' "$now" "$(signed msg_1 "$now" pfft)"
says '400 ' 'what is not JSON is not taken, signed or not'
standard "$b " "$now" "$good"
says '401 ' 'another body is refused'
standard "$b" $((now + 1)) "$good"
says '401 ' 'another time is refused'
standard "$b" "$now" "$(signed msg_1 "$now" "$b" c29tZWJvZHkgZWxzZQ==)"
says '401 ' "somebody else's key is refused"
standard "$b" "$now" ''
says '401 ' 'no signature is refused'
for age in -301 301; do
	at=$((now + age + (age > 0 ? 60 : -60)))
	standard "$b" $at "$(signed msg_1 $at "$b")"
	says '401 ' "a signature more than $age seconds off is refused"
done
at=$((now - 280))
standard "$b" $at "$(signed msg_1 $at "$b")"
says "200 $g1" 'one of 280 seconds ago is taken'
hook seedream-replicate -H 'Content-Type: application/json' -d "$b"
says '401 ' 'nothing but a body is refused'
MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET='' standard "$b" "$now" "$good"
says '401 ' 'without a secret no caller is authenticated'
MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET=whsec_ \
    standard "$b" "$now" "$(signed msg_1 "$now" "$b" '')"
says '401 ' '... nor with an empty one'
standard "$b" "$now" "$good" nobody
says '404 ' 'an unknown provider is not there'
standard "$b" "$now" "$good" seedream-ark
says '404 ' 'nor is one that calls nobody'
standard "$b" 1614265330 "v1,ysel6bmfvXW7lQiqfNg/y0bBQBSei6/DDQCMRfJDRZc="
says '401 ' 'an old one is not dug up'

# --- an address nobody can guess

token()
{
	printf 'mina callback kling-native %s' "$1" | openssl dgst -sha256 \
	    -hmac "$MINA_PROVIDER_KLING_CALLBACK_SECRET" -r | cut -d ' ' -f 1
}
kling() { hook "kling-native?$1" -d '{"task_id":"1","task_status":"succeed"}'; }
t=$(token $g3)
kling "g=$g3&t=$t"
says "200 $g3" 'the address we gave wakes its generation, whatever the body says'
kling "g=$g1&t=$t"
says '401 ' '... and no other'
kling "g=$g3&t=$(printf %s "$t" | tr a-f b-g)"
says '401 ' 'a wrong token is refused'
kling "g=$g3&t="
says '401 ' 'so is an empty one'
kling "g=$g3"
says '401 ' 'and none'
kling "t=$t"
says '401 ' 'and one for nothing'
kling "g=$(printf %081d 0)&t=$(token "$(printf %081d 0)")"
says '401 ' 'nobody has ids that long'

# --- fal

openssl genpkey -algorithm ed25519 -out "$tmp/fal.key" 2>/dev/null
openssl genpkey -algorithm ed25519 -out "$tmp/other.key" 2>/dev/null
jwk()
{
	printf '{"kty":"OKP","crv":"Ed25519","x":"%s"}' "$(openssl pkey \
	    -in "$1" -pubout -outform DER | tail -c 32 | openssl base64 -A |
	    tr '+/' '-_' | tr -d =)"
}
id=123e4567-e89b-12d3-a456-426614174000
fb="{\"request_id\":\"$id\",\"status\":\"OK\",\"payload\":{}}"

# fal BODY TIME KEY [BODY THAT IS SIGNED]
fal()
{
	printf '%s\nuser_1\n%s\n%s' $id "$2" "$(printf %s "${4:-$1}" |
	    openssl dgst -sha256 -r | cut -d ' ' -f 1)" >"$tmp/text"
	hook seedream-fal -H "X-Fal-Webhook-Request-Id: $id" \
	    -H 'X-Fal-Webhook-User-Id: user_1' -H "X-Fal-Webhook-Timestamp: $2" \
	    -H "X-Fal-Webhook-Signature: $(openssl pkeyutl -sign -rawin \
	    -inkey "$tmp/$3.key" -in "$tmp/text" | od -An -v -tx1 |
	    tr -d ' \n')" -d "$1"
}
fal "$fb" "$now" fal
says '502 ' 'without keys nobody knows, and they may try again'
printf '{"keys":[{"kty":"RSA","n":"x"},%s,%s]}' "$(jwk "$tmp/other.key")" \
    "$(jwk "$tmp/fal.key")" >"$issuer/keys/jwks.json"
fal "$fb" "$now" fal
says "200 $g2" 'any of the published keys will do'
fal "$fb" $((now - 400)) fal
says '401 ' 'an old one is refused'
fal "$fb" "$now" fal '{}'
says '401 ' 'another body is refused'
printf '{"keys":[%s]}' "$(jwk "$tmp/other.key")" >"$issuer/keys/jwks.json"
fal "$fb" "$now" fal
says '401 ' 'a key that is not published is refused'

# --- a program that lives longer asks for the keys once

printf '{"keys":[%s]}' "$(jwk "$tmp/fal.key")" >"$issuer/keys/jwks.json"
serve webhooks
printf '%s\nuser_1\n%s\n%s' $id "$now" "$(printf %s "$fb" |
    openssl dgst -sha256 -r | cut -d ' ' -f 1)" >"$tmp/text"
sig=$(openssl pkeyutl -sign -rawin -inkey "$tmp/fal.key" -in "$tmp/text" |
    od -An -v -tx1 | tr -d ' \n')
before=$(asked)
ask()
{
	"$client" -n 3 "$tmp/webhooks.sock" \
	    HTTP_X_FAL_WEBHOOK_REQUEST_ID=$id \
	    HTTP_X_FAL_WEBHOOK_USER_ID=user_1 \
	    "HTTP_X_FAL_WEBHOOK_TIMESTAMP=$now" \
	    "HTTP_X_FAL_WEBHOOK_SIGNATURE=$1" \
	    "POST:/api/webhooks/seedream-fal:${#fb}" "in:$fb" eof read |
	    sed 's/ .*//' | paste -sd ' '
}
is "$(ask "$sig")" 'status=200 status=200 status=200' 'good ones are taken'
heard
is "$woke" "$g2 $g2 $g2" '... each of them'
is "$(ask "00${sig#??}")" 'status=401 status=401 status=401' 'bad ones are not'
is $(($(asked) - before)) 1 'and the keys were asked for once'
