#!/bin/sh
# The emulated Supabase Auth: codes, links, sessions and errors as GoTrue's,
# tokens that verify against its JWKS, and an inbox.
# shellcheck disable=SC1091,SC2016,SC2154
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 132
stack_up

auth=$world/auth/v1
new='X-Supabase-Api-Version: 2024-01-01'

# out CURL ARGUMENT ...: sets status; the answer is in $tmp/body and $tmp/head.
out()
{
	rm -f "$tmp/body" "$tmp/head"
	status=$(curl -sS --cacert "$ca" --max-time 60 -o "$tmp/body" \
	    -D "$tmp/head" -w '%{http_code}' "$@" 2>"$tmp/curl") || :
	: >>"$tmp/body"
}
post()
{
	url=$auth/$1
	json=$2
	shift 2
	out "$url" -H 'Content-Type: application/json;charset=UTF-8' -d "$json" "$@"
}
got()   { jq -r "$1" "$tmp/body" 2>/dev/null; }
code()  { printf '%s %s' "$status" "$(got .error_code)"; }
head()  { tr -d '\r' <"$tmp/head" | sed -n "s/^$1: //Ip"; }
where() { head location; }
order() { out "$world/_sandbox/$1" -H 'Content-Type: application/json' -d "$2"; }
set_()  { order settings "$1"; }
with()  { out "$auth/$1" -H "Authorization: Bearer $2"; }

# mail ADDRESS FILTER: of the newest mail to it.
mail()
{
	curl -sS --cacert "$ca" -G "$world/inbox.json" \
	    --data-urlencode "to=$1" | jq -r ".mails[0]$2"
}
# send ADDRESS: asks for a code, however soon after the last.
send()
{
	order auth/remail "{\"email\":\"$1\"}"
	post otp "{\"email\":\"$1\"}"
}
enter() { post verify "{\"email\":\"$1\",\"token\":\"$(mail "$1" .code)\",\"type\":\"email\"}"; }
login() { send "$1"; enter "$1"; access=$(got .access_token); refresh=$(got .refresh_token); }
again() { post 'token?grant_type=refresh_token' "{\"refresh_token\":\"$1\"}"; }
mint()  { order auth/token "$1"; access=$(got .access_token); }

unb64()
{
	s=$(printf %s "$1" | tr -- '-_' '+/')
	while [ $((${#s} % 4)) -ne 0 ]; do s=$s=; done
	printf %s "$s" | base64 -d
}
hex()    { od -An -v -tx1 | tr -d ' \n'; }
claims() { unb64 "$(printf %s "$1" | cut -d . -f 2)" | jq -r "$2"; }

# verifies TOKEN: its signature against the key its header names, by openssl.
verifies()
{
	kid=$(unb64 "${1%%.*}" | jq -r .kid)
	out "$auth/.well-known/jwks.json"
	key=$(got ".keys[] | select(.kid == \"$kid\") | .x + \" \" + .y")
	[ "$key" ] || return 1
	# The head of a SubjectPublicKeyInfo on P-256, then the point.
	{
		printf MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE | base64 -d
		unb64 "${key% *}"
		unb64 "${key#* }"
	} >"$tmp/key"
	sig=$(unb64 "${1##*.}" | hex)
	[ ${#sig} -eq 128 ] || return 1
	s=${sig#????????????????????????????????????????????????????????????????}
	printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
	    "${sig%"$s"}" "$s" >"$tmp/asn1"
	openssl asn1parse -genconf "$tmp/asn1" -noout -out "$tmp/sig" &&
	    printf %s "${1%.*}" | openssl dgst -sha256 -keyform DER \
		-verify "$tmp/key" -signature "$tmp/sig"
}

# --- what it is
out "$auth/health" -H 'apikey: sb_publishable_anything'
is "$status $(got .name)" '200 GoTrue' 'it is there, and takes an apikey'
out "$auth/settings"
is "$(got '[.external.email,.external.google,.external.anonymous_users,.external.phone,.disable_signup]|@csv')" \
    true,true,true,false,false 'its settings are readable'
out "$auth/.well-known/jwks.json"
is "$(got '.keys[0]|[.kty,.crv,.alg,.use,.ext,(.key_ops|join(" ")),(.x|length),(.y|length)]|@csv')" \
    '"EC","P-256","ES256","sig",true,"verify",43,43' 'a key set with one P-256 key'
is "$(got '.keys[0]|has("d")')" false 'and no private half'
is "$(head cache-control)" 'public, max-age=600' 'for ten minutes'
is "$(stat -c %a "$var"/sandbox/auth-keys.pem "$var"/sandbox/auth.ndjson | xargs)" \
    '600 600' 'keys and journal are nobody else'"'"'s'

# --- a code by mail
post otp '{"email":"A@B.co","create_user":true,"data":{"name":"Ada"},"gotrue_meta_security":{}}'
is "$status $(cat "$tmp/body")" '200 {}' 'a code is sent'
like "$(mail a@b.co .code)" '^[0-9]{6}$' 'to the address in lower case'
is "$(mail a@b.co '|.type+" "+.state')" 'signup waiting' 'as a confirmation'
post otp '{"email":"a@b.co"}'
is "$(code)" '429 over_email_send_rate_limit' 'one mail a minute'
like "$(got .msg)" '^For security purposes, you can only request this after (60|59|58) seconds.$' \
    'it says how long'
is "$(got .code) $(head x-sb-error-code)" '429 over_email_send_rate_limit' \
    'the old shape of an error'
post otp '{"email":"a@b.co"}' -H "$new"
is "$status $(got 'keys|join(" ")') $(got .code)" \
    '429 code message over_email_send_rate_limit' 'and the new one'
is "$(head x-supabase-api-version)" 2024-01-01 'which names itself'
is "$(head x-sb-error-code)" over_email_send_rate_limit 'both have the header'
set_ '{"mailMs":0}'
post otp '{"email":"a@b.co"}'
is "$status" 200 'a setting takes the minute away'
set_ '{"mailMs":60000}'

pin=$(mail a@b.co .code)
post verify '{"email":"a@b.co","token":"x","type":"email"}'
is "$(code) $(got .msg)" '403 otp_expired Token has expired or is invalid' \
    'a wrong code is refused'
post verify "{\"email\":\"a@b.co\",\"token\":\"$pin\",\"type\":\"magiclink\"}"
is "$(code)" '403 otp_expired' 'a right one of another type too'
post verify "{\"email\":\"b@b.co\",\"token\":\"$pin\",\"type\":\"email\"}"
is "$(code)" '403 otp_expired' 'or of another address'
post verify "{\"email\":\"a@b.co\",\"token\":\"$pin\",\"type\":\"email\"}"
is "$status $(got '[.token_type,.expires_in,(.refresh_token|length),.expires_at-(now|floor)>3590]|@csv')" \
    '200 "bearer",3600,12,true' 'the right one gives a session'
is "$(got '.user|[.id,.aud,.role,.email,.phone,.is_anonymous,.user_metadata.name,.app_metadata.providers[0],.identities[0].provider,(.email_confirmed_at|type)]|@csv')" \
    '"c3bc8cb4-f9e2-435d-acd5-b663c6713e7c","authenticated","authenticated","a@b.co","",false,"Ada","email","email","string"' \
    'with the user, whose id follows from the address'
access=$(got .access_token)
is "$(claims "$access" '[.iss,.sub,.aud,.exp-.iat,.email,.phone,.role,.aal,.amr[0].method,.is_anonymous,(.session_id|length),.user_metadata.name,.app_metadata.provider]|@csv')" \
    "\"$auth\",\"c3bc8cb4-f9e2-435d-acd5-b663c6713e7c\",\"authenticated\",3600,\"a@b.co\",\"\",\"authenticated\",\"aal1\",\"otp\",false,36,\"Ada\",\"email\"" \
    'the token has the claims of Supabase'
is "$(unb64 "${access%%.*}" | jq -r '.alg+" "+.typ')" 'ES256 JWT' 'and its header'
ok 'its signature verifies against the key set' verifies "$access"
post verify "{\"email\":\"a@b.co\",\"token\":\"$pin\",\"type\":\"email\"}"
is "$(code)" '403 otp_expired' 'a code is good once'
send a@b.co
is "$(mail a@b.co '|.type')" magiclink 'the next mail is a magic link'
first=$(mail a@b.co .code)
send a@b.co
# One time in a million it is the same code.
[ "$first" != "$(mail a@b.co .code)" ] || send a@b.co
post verify "{\"email\":\"a@b.co\",\"token\":\"$first\",\"type\":\"email\"}"
is "$(code)" '403 otp_expired' 'a newer mail makes the code of the older void'
set_ '{"codeMs":0}'
enter a@b.co
is "$(code) $(mail a@b.co .state)" '403 otp_expired expired' 'a code expires'
set_ '{"codeMs":3600000}'
post verify "{\"token_hash\":\"$(mail a@b.co .tokenHash)\",\"type\":\"email\"}"
is "$status $(got .user.email)" '200 a@b.co' 'the hash of the link will do'

# --- what is wrong with a request
refused()	# refused PATH BODY WANTED
{
	post "$1" "$2"
	is "$(code)" "$3" "$1 $2"
}
refused otp '{"email":' '400 bad_json'
refused otp '[]' '400 bad_json'
refused otp '{"email":"c@b.co","data":[]}' '400 bad_json'
refused otp '{}' '400 validation_failed'
refused otp '{"email":"no address"}' '400 validation_failed'
refused otp '{"email":"<b>@b.co"}' '400 validation_failed'
refused otp '{"email":"a@b.co","phone":"1"}' '400 validation_failed'
refused otp '{"phone":"1"}' '400 phone_provider_disabled'
refused otp '{"email":"c@b.co","create_user":false}' '422 otp_disabled'
refused otp '{"email":"c@b.co","code_challenge":"short","code_challenge_method":"s256"}' \
    '400 validation_failed'
refused otp '{"email":"c@b.co","code_challenge_method":"s256"}' '400 validation_failed'
refused verify '{"email":"a@b.co","token":"123456"}' '400 validation_failed'
refused verify '{"email":"a@b.co","type":"email"}' '400 validation_failed'
refused verify '{"token":"123456","type":"email"}' '400 validation_failed'
refused verify '{"email":"a","token":"123456","type":"email"}' '422 validation_failed'
refused verify '{"token_hash":"x","email":"a@b.co","type":"email"}' '400 validation_failed'
refused verify '{"token_hash":"x","type":"email"}' '403 otp_expired'
refused verify '{"email":"a@b.co","token":"123456","type":"soup"}' '400 validation_failed'
refused 'token?grant_type=password' '{"email":"a@b.co","password":"x"}' '400 invalid_credentials'
refused 'token?grant_type=password' '{}' '400 validation_failed'
refused 'token?grant_type=soup' '{}' '400 invalid_credentials'
refused 'token?grant_type=pkce' '{"auth_code":"x"}' '400 validation_failed'
refused 'token?grant_type=pkce' '{"auth_code":"x","code_verifier":"y"}' '404 flow_state_not_found'
refused signup '{"email":"a@b.co","password":"secret"}' '400 email_provider_disabled'
post 'token?grant_type=refresh_token' '{}'
is "$status $(got '.error+": "+.error_description')" \
    '400 invalid_request: refresh_token required' 'an error as OAuth has it'
set_ '{"signup":false}'
refused otp '{"email":"c@b.co"}' '422 signup_disabled'
set_ '{"signup":true}'

# --- the link in the mail
site=https://localhost:${base##*:}
send a@b.co
link=$(mail a@b.co .link)
out "$link"
like "$status $(where)" "^303 $site#access_token=[^&]*&expires_at=[0-9]*&expires_in=3600&refresh_token=[a-z2-7]{12}&token_type=bearer&type=magiclink\$" \
    'the link leads back with a session'
access=$(where | sed 's/.*access_token=//; s/&.*//')
ok 'whose token verifies' verifies "$access"
out "$link"
is "$status $(where)" "303 $site#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired" \
    'it is good once'
out "$auth/verify?token=x&type=magiclink&redirect_to=https%3A%2F%2Fevil.example%2F"
like "$(where)" "^$site#error=" 'it leads to nobody but the site'
out "$auth/verify?token=x&type=magiclink&redirect_to=https%3A%2F%2Flocalhost%3A3000%2Fa%3Fb%3Dc"
like "$(where)" '^https://localhost:3000/a\?b=c#error=' 'on any of its ports'
out "$auth/verify?token=x"
is "$(code)" '400 validation_failed' 'a link without a type is no link'

# --- PKCE
verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM	# RFC 7636, appendix B
trade() { post 'token?grant_type=pkce' "{\"auth_code\":\"$1\",\"code_verifier\":\"$2\"}"; }
order auth/remail '{"email":"a@b.co"}'
post "otp?redirect_to=$site/back" \
    "{\"email\":\"a@b.co\",\"code_challenge\":\"$challenge\",\"code_challenge_method\":\"s256\"}"
link=$(mail a@b.co .link)
like "$link" 'token=pkce_[0-9a-f]{56}&' 'with a challenge the link is marked'
out "$link"
like "$status $(where)" "^303 $site/back\\?code=[0-9a-f-]{36}\$" 'and leads back with a code'
c=$(where | sed 's/.*code=//')
trade "$c" "${verifier%?}x"
is "$(code)" '400 bad_code_verifier' 'which is worth nothing to others'
trade "$c" "$verifier"
is "$status $(got .user.email)" '200 a@b.co' 'and a session to who has the verifier'
trade "$c" "$verifier"
is "$(code)" '404 flow_state_not_found' 'once'
out "$link"
like "$(where)" "^$site/back\\?error=access_denied&error_code=otp_expired&.*#error=access_denied" \
    'where the link is over it says so twice'

# --- Google
google="$auth/authorize?provider=google&redirect_to=$site/back"
pkce="&code_challenge=$challenge&code_challenge_method=s256"
state() { sed -n 's/.*name="state" value="\([^"]*\)".*/\1/p' "$tmp/body"; }
out "$google$pkce"
is "$status $(head content-type)" '200 text/html; charset=utf-8' 'a page asks who to be'
like "$(head content-security-policy)" "default-src 'none'.*form-action 'self' $site;" \
    'that may do nothing else'
like "$(cat "$tmp/body")" 'email=a%40b.co' 'and knows who was here'
s=$(state)
out "$auth/callback?state=$s&email=nobody"
is "$status" 400 'no address, no account'
out "$auth/callback?state=$s&email=G%2B1%40Gmail.com"
like "$status $(where)" "^302 $site/back\\?code=" 'an address leads back with a code'
c=$(where | sed 's/.*code=//')
set_ '{"flowMs":0}'
trade "$c" "$verifier"
is "$(code)" '422 flow_state_expired' 'that expires'
set_ '{"flowMs":300000}'
trade "$c" "$verifier"
is "$status $(got '.user|.email+" "+.app_metadata.provider')" '200 g+1@gmail.com google' \
    'and signs that person in'
is "$(claims "$(got .access_token)" '.amr[0].method')" oauth 'by OAuth'
out "$auth/callback?state=$s&email=a%40b.co"
like "$status $(where)" '^302 .*error_code=bad_oauth_state' 'a state is good once'
out "$google"
out "$auth/callback?state=$(state)&email=a%40b.co"
like "$status $(where)" "^302 $site/back#access_token=.*&token_type=bearer\$" \
    'without a challenge it is a session'
with user "$(where | sed 's/.*access_token=//; s/&.*//')"
is "$(got '[.id,(.app_metadata.providers|join(" "))]|@csv')" \
    '"c3bc8cb4-f9e2-435d-acd5-b663c6713e7c","email google"' 'of the same user'
out "$google"
out "$auth/callback?state=$(state)&error=access_denied"
like "$status $(where)" "^302 $site/back\\?error=access_denied&error_description=The\\+user\\+denied" \
    'people may think better of it'
out "$auth/authorize?provider=github"
is "$(code)" '400 validation_failed' 'there is nobody but Google'

# --- anonymous
post signup '{"data":{"theme":"dark"}}'
is "$status $(got '.user|[.is_anonymous,.email,.user_metadata.theme,(.identities|length)]|@csv')" \
    '200 true,"","dark",0' 'one may be nobody'
is "$(claims "$(got .access_token)" '[.is_anonymous,.role,.amr[0].method]|@csv')" \
    'true,"authenticated","anonymous"' 'and the token says so'
set_ '{"anonymous":false}'
post signup '{}'
is "$(code)" '422 anonymous_provider_disabled' 'unless that is switched off'
set_ '{"anonymous":true}'

# --- sessions
login r@b.co
r1=$refresh
again "$r1"
r2=$(got .refresh_token)
is "$status $([ "$r1" = "$r2" ] || echo another)" '200 another' 'a refresh token gives the next'
ok 'and a token that verifies' verifies "$(got .access_token)"
again "$r1"
is "$status $(got .refresh_token)" "200 $r2" 'at once again: the answer was lost'
set_ '{"reuseMs":0}'
again "$r1"
is "$(code)" '400 refresh_token_already_used' 'later: it was stolen'
again "$r2"
is "$(code)" '400 refresh_token_already_used' 'so the whole family is void'
set_ '{"reuseMs":10000}'
again nonesuchatall
is "$(code)" '400 refresh_token_not_found' 'an unknown one is unknown'

out "$auth/user"
is "$(code)" '401 no_authorization' 'GET /user wants a token'
with user garbage
is "$(code)" '403 bad_jwt' 'not just any'
login s@b.co
one=$access
login s@b.co
two=$access
r2=$refresh
out -X POST "$auth/logout?scope=others" -H "Authorization: Bearer $two"
is "$status" 204 'signing out the others'
with user "$one"
is "$(code)" '403 session_not_found' 'ends their sessions'
with user "$two"
is "$status $(got .email)" '200 s@b.co' 'and not this one'
out -X POST "$auth/logout?scope=soup" -H "Authorization: Bearer $two"
is "$(code)" '400 validation_failed' 'an unknown scope ends nothing'
out -X POST "$auth/logout" -H "Authorization: Bearer $two"
with user "$two"
is "$(code)" '403 session_not_found' 'signing out ends this one as well'
again "$r2"
is "$(code)" '400 refresh_token_not_found' 'with its refresh token'

# --- tokens made to order
for alg in none HS256-public ES256-broken ES256-stranger ES256-unknown; do
	mint "{\"email\":\"a@b.co\",\"alg\":\"$alg\"}"
	with user "$access"
	printf '%s %s %s\n' "$alg" "$(unb64 "${access%%.*}" | jq -r .alg)" "$(code)"
done >"$tmp/minted"
is "$(cat "$tmp/minted")" 'none none 403 bad_jwt
HS256-public HS256 403 bad_jwt
ES256-broken ES256 403 bad_jwt
ES256-stranger ES256 403 bad_jwt
ES256-unknown ES256 403 bad_jwt' 'wrong tokens are minted, and refused'
mint '{"email":"a@b.co","alg":"ES256-broken"}'
verifies "$access" >"$tmp/verified" 2>&1
is "$?" 1 'a broken signature does not verify here either'
mint '{"email":"never@b.co"}'
ok 'a right one does, also of who never signed in' verifies "$access"
mint '{"email":"a@b.co","alg":"HS256","secret":"s3cret"}'
is "$(unb64 "${access##*.}" | hex)" \
    "$(printf %s "${access%.*}" | openssl dgst -sha256 -hmac s3cret -binary | hex)" \
    'HS256 with a secret is what it says'
mint '{"email":"a@b.co","claims":{"exp":1,"aud":["x"],"role":null},"header":{"kid":null}}'
is "$(claims "$access" '[.exp,.aud[0],has("role"),.email]|@csv') $(unb64 "${access%%.*}" | jq -c 'has("kid")')" \
    '1,"x",false,"a@b.co" false' 'claims and header come as ordered'
mint '{"email":"a@b.co","claims":{"exp":1}}'
with user "$access"
like "$(code) $(got .msg)" '403 bad_jwt .*token is expired' 'an expired one is refused as such'

# --- rotation
login k@b.co
kid=$(unb64 "${access%%.*}" | jq -r .kid)
order auth/rotate '{}'
is "$(got '.keys|length') $([ "$(got .kid)" = "$kid" ] || echo another)" '2 another' \
    'a new key signs'
ok 'what the old one signed still verifies' verifies "$access"
again "$refresh"
ok 'as does what the new one signs' verifies "$(got .access_token)"
order auth/rotate '{"drop":true}'
is "$(got '.keys|length')" 1 'keys may go'
with user "$access"
is "$(code)" '403 bad_jwt' 'and what they signed with them'

# --- a restart, and not a gentle one
login k@b.co
send t@b.co
kill -KILL "$(stack_pid sandbox)"
until out "$auth/health" && [ "$status" = 200 ]; do sleep 0.1; done
with user "$access"
is "$status $(got .email)" '200 k@b.co' 'tokens outlive a kill'
again "$refresh"
is "$status" 200 'and refresh tokens'
enter t@b.co
is "$status" 200 'and codes on their way'
order reset '{}'
is "$(mail t@b.co '')" null 'a reset empties the inbox'
kill -KILL "$(stack_pid sandbox)"
until out "$auth/health" && [ "$status" = 200 ]; do sleep 0.1; done
with user "$access"
is "$(mail t@b.co '') $status" 'null 200' 'for good, and signs nobody out'

# --- browsers
cors()
{
	from=$1
	shift
	out "$auth/otp" -H "Origin: $from" "$@"
}
cors "$site" -X OPTIONS -H 'Access-Control-Request-Method: POST' \
    -H 'Access-Control-Request-Headers: apikey,authorization,content-type,x-client-info,x-supabase-api-version'
is "$status $(head access-control-allow-origin)" "204 $site" 'the studio may call'
missing=
for h in apikey authorization content-type x-client-info x-supabase-api-version; do
	head access-control-allow-headers | tr 'A-Z,' 'a-z\n' | grep -qx " *$h" ||
	    missing="$missing $h"
done
is "$missing" '' 'with the headers of supabase-js'
cors "$site" -d '{}' -H "$new"
like "$(head access-control-expose-headers)" 'X-Supabase-Api-Version' 'and sees the version'
cors https://evil.example -X OPTIONS -H 'Access-Control-Request-Method: POST'
is "$(head access-control-allow-origin)" '' 'others may not'

# --- faults
order faults '{"target":"auth.jwks","kind":"status","status":503}'
out "$auth/.well-known/jwks.json"
is "$(code)" '503 unexpected_failure' 'the key set fails on order'
order faults '{"target":"auth.jwks","kind":"malformed"}'
out "$auth/.well-known/jwks.json"
ok 'or comes in halves' sh -c '! jq . "$1"' x "$tmp/body"
order faults '{"target":"auth.otp","kind":"status","status":429}'
post otp '{"email":"a@b.co"}'
is "$(code)" '429 over_request_rate_limit' 'other limits are there on order'
order faults '{"target":"auth.verify","kind":"lost"}'
send u@b.co
enter u@b.co
is "$status $(mail u@b.co .state)" '000 used' 'an answer may be lost'
out "$world/_sandbox/requests?target=auth.verify"
is "$(got '[.requests[].body]|unique|join("")')" '' 'no body is on record'

# --- the inbox
send "o'neil+x&y@b.co"
out "$world/inbox"
like "$(cat "$tmp/body")" '<h2>o&#39;neil\+x&amp;y@b.co</h2>' 'the inbox names who it is for'
like "$(cat "$tmp/body")" "data-copy=\"$(mail "o'neil+x&y@b.co" .code)\"" 'and the code'
is "$(head content-security-policy | grep -o 'unsafe\|https:\|\*')" '' \
    'with a policy that lets nothing in'
out "$world/inbox" -H "If-None-Match: $(head etag)"
is "$status" 304 'it is not sent twice'
for f in $(curl -sS --cacert "$ca" "$world/inbox" | grep -o '/_page/[a-z.]*'); do
	out "$world$f"
	printf '%s %s\n' "$f" "$status"
done >"$tmp/files"
is "$(cat "$tmp/files")" '/_page/sandbox.css 200
/_page/inbox.js 200' 'its sheet and script are there'

# --- the launcher
"$top/mina" token Z@b.co >"$tmp/token" 2>"$tmp/err"
is "$? $(wc -l <"$tmp/token") $(claims "$(cat "$tmp/token")" .email) $(cat "$tmp/err")" \
    '0 1 z@b.co ' 'mina token prints a token and nothing else'
with user "$("$top/mina" token z@b.co --claims '{"role":"x"}')"
is "$status $(got .email)" '200 z@b.co' 'also a second time, and with other claims'
"$top/mina" token nobody >"$tmp/token" 2>"$tmp/err"
is "$? $(cat "$tmp/token")" '1 ' 'or fails'
like "$(cat "$tmp/err")" 'mina: no code for nobody: Unable to validate' 'and says why'

# --- nothing of it is written down
api GET /me -H "Authorization: Bearer $two"
{
	printf '%s\n' "$access" "$refresh" "$two" "$pin" "$c"
	jq -r 'select(.op == "mail") | .code, .hash' "$var/sandbox/auth.ndjson"
	jq -r 'select(.op == "refresh") | .token' "$var/sandbox/auth.ndjson"
} | grep -v -x '[0-9]*' >"$tmp/secrets"	# six digits may be part of a time
is "$(grep -F -f "$tmp/secrets" "$var"/log/*.log | head -c 300)" '' \
    'no token, link or refresh token is in a log'
