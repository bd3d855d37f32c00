#!/bin/sh
# A program that starts while the sign-in service is unavailable: signed-in customers
# get in by the keys that were read last.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"
. "$(dirname "$0")/../lib-token.sh"
plan 11
db_up
issuer_up
new_key ES256 a
new_key ES256 b
publish a
me=7c0e0000-0000-4000-8000-000000000011
token=$(mint a "$(claims "$me")")
stranger=$(mint b "$(claims "$me")")

# enters TOKEN: with which status.
enters() { fc me "HTTP_AUTHORIZATION=Bearer $1" GET:/me read |
    sed -n 's/^status=\([0-9]*\).*/\1/p'; }
again() { kill -KILL "$pid"; wait "$pid" 2>/dev/null; serve me; }
is_in() { [ "$(enters "$1")" = 200 ]; }
kept() { [ "$(q "select count(*) from mega_admin where mg_action = 'keys'
    and mg_key = '$MINA_AUTH_URL/.well-known/jwks.json'")" = 1 ]; }

serve me
is "$(enters "$token")" 200 'signed in'
ok 'the keys are kept' within 10 kept
issuer_down
again
is "$(enters "$token")" 200 'while the service is away too, in a new program'
is "$(enters "$stranger")" 503 'another key is not known, and not refused'
like "$(cat "$serve_log")" 'level=warn .*jwks: using the keys read at 20' \
    'with a warning'
publish b
issuer_start
ok 'when it is back, its keys of now count' within 20 is_in "$stranger"
is "$(enters "$token")" 401 'and those of before no more'

# What is kept is public keys of this service, and not for ever.
issuer_down
q "update mega_admin set mg_updated_at = now() - interval '25 hours'
    where mg_action = 'keys'" >/dev/null
again
is "$(enters "$stranger")" 503 'keys that were read a day ago are not used'
q "update mega_admin set mg_updated_at = now(), mg_payload = to_jsonb(replace(
    mg_payload #>> '{}', '\"EC\"', '\"oct\"')) where mg_action = 'keys'" >/dev/null
again
is "$(enters "$stranger")" 503 'nor what is no public key'
q "update mega_admin set mg_payload = '\"nonsense\"' where mg_action = 'keys'" \
    >/dev/null
again
is "$(enters "$stranger")" 503 'nor nonsense'
is "$(complaints)" '' 'no sanitizer complains'
