#!/bin/sh
# Authentication and authorization: every route of every program with every kind
# of token, against t/identity.tab; key rotation; merged passes.
# shellcheck disable=SC2016,SC2034,SC2154 # $ in jq and awk; bad_* by eval
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"
. "$(dirname "$0")/../lib-token.sh"

tab=$top/t/identity.tab
for f in "$top"/cgi-bin/*.c; do
	p=$(basename "$f" .c)
	"$builddir/cgi-bin/$p" --routes | sed "s/^/$p /"
done >"$tmp/routes"
[ -s "$tmp/routes" ] || exit 99
db_up
plan $(($(wc -l <"$tmp/routes") + 65))

# --- the table and the programs say the same

# PROGRAM METHOD PATH [WORDS] becomes METHOD PATH WHO.
who='{
	w = "open"
	for (i = 4; i <= NF; i++)
		if ($i == "ident" || $i == "owner")
			w = $i
	print $2, $3, w
}'
awk "$who" "$tmp/routes" | sort >"$tmp/served"
awk '!/^#/ && NF { print $1, $2, $4 }' "$tab" | sort >"$tmp/listed"
is "$(comm -23 "$tmp/served" "$tmp/listed")" '' \
    'every route has its row in t/identity.tab'
is "$(comm -13 "$tmp/served" "$tmp/listed")" '' \
    'every row there is a route'

# --- people

issuer_up
new_key ES256 a
new_key ES256 b
new_key ES256 c
new_key RS256 r
publish a r
S='jwt-secret-of-this-test-with-more-than-32-characters'
printf %s "$S" >"$tmp/s.jwk"

me=a0000000-0000-4000-8000-000000000001
you=b0000000-0000-4000-8000-000000000002
gone=d0000000-0000-4000-8000-000000000003
mine=pass:anon:a0000000-0000-4000-8000-00000000000a
yours=pass:anon:b0000000-0000-4000-8000-00000000000b
free=pass:anon:f0000000-0000-4000-8000-00000000000f
off=pass:anon:d0000000-0000-4000-8000-00000000000d

login="mina_login('%s', '%s@people.example', true, 'email', '%s', 10, 30)"
for p in "$mine" "$yours" "$free" "$off"; do
	q "select mina_customer('$p', null, null, null, 20, 30)"
done >/dev/null
# mine is of before it was merged, with one made and one waiting.
admit="select mina_admit('%s', '%s', null, 1, 'still', 'create', '{}', '{}', '{}', 10, null)"
# shellcheck disable=SC2059
{
	q "$(printf "$admit" gen_still_made "$mine")"
	q "select mina_claim('t', 10, 600000, 10)"
	q "select mina_settle('gen_still_made', 't', '{\"output_url\":
	    \"https://media.example/x.png\", \"status\": \"done\"}', null)"
	q "select mina_admit('gen_still_gone', '$mine', null, 0, 'still', 'create',
	    '{}', '{}', '{}', 10, null)"
	q "select mina_claim('t', 10, 600000, 10)"
	q "select mina_settle('gen_still_gone', 't', '{\"output_url\":
	    \"https://media.example/y.png\", \"status\": \"done\"}', null)"
	q "$(printf "$admit" gen_still_waits "$mine")"
	q "$(printf "select $login" "$me" a "$mine")"
	q "$(printf "select $login" "$you" b "$yours")"
	q "$(printf "select $login" "$gone" d x)"
} >"$tmp/fixtures"
q "update mega_customers set mg_disabled = true where mg_pass_id in
    ('pass:user:$gone', '$off')" >/dev/null
is "$(q "select string_agg(mg_pass_id || ' ' || mg_credits, ', ' order by 1)
    from mega_customers where mg_pass_id like 'pass:user:%'")" \
    "pass:user:$me 28, pass:user:$you 30, pass:user:$gone 10" \
    'two people with what was theirs, and one who is switched off'

good=$(mint a "$(claims "$me")")
rsa=$(mint r "$(claims "$me")" --alg RS256)
bad_garbage=eyJhbGciOiJFUzI1NiJ9.garbage
bad_expired=$(mint a "$(claims "$me" '.exp -= 7200')")
bad_early=$(mint a "$(claims "$me" '.nbf = .iat + 3000')")
bad_audience=$(mint a "$(claims "$me" '.aud = "somebody"')")
bad_issuer=$(mint a "$(claims "$me" '.iss += "/"')")
bad_none=$(mint a "$(claims "$me")" --alg none)
cp "$issuer/keys/jwks.json" "$tmp/public.jwk"
bad_confused=$(mint public "$(claims "$me")" --alg HS256 --head '{"kid":"a"}')
bad_key=$(mint b "$(claims "$me")")
bad_kid=$(mint b "$(claims "$me")" --head '{"kid":"a"}')
bad_api=$(mint a "$(claims "$me" 'del(.sub, .email) | .role = "anon"')")
bad_service=$(mint a "$(claims "$me" '.role = "service_role"')")
bad_signature=${good%????}AAAA
bad_empty=
bads='garbage expired early audience issuer none confused key kid api service
signature empty'
off_token=$(mint a "$(claims "$gone")")

MINA_S3_ENDPOINT=https://localhost:1
# The shop's proof is a signature, and here it is missing.
MINA_SHOPIFY_SHOP=shop.example MINA_SHOPIFY_SECRET=shpss_of_this_test
export MINA_SHOPIFY_SHOP MINA_SHOPIFY_SECRET
for p in $(cut -d ' ' -f 1 "$tmp/routes" | uniq); do
	serve "$p"
done

# --- the matrix

# ask PROGRAM METHOD PATH BODY [NAME=VALUE ...]: sets status; $tmp/answer.
ask()
{
	ask_prog=$1 ask_method=$2 ask_path=$3 ask_body=$4
	shift 4
	case $ask_method in
	POST | PUT)
		set -- "$@" "$ask_method:$ask_path:${#ask_body}" "in:$ask_body" eof
		;;
	*)	set -- "$@" "$ask_method:$ask_path${ask_body#-}" ;;
	esac
	fc "$ask_prog" HTTP_PREFER=respond-async "$@" read head body \
	    >"$tmp/answer"
	read -r status ask_rest <"$tmp/answer"
	status=${status#status=}
}

# Of the last answer.
said() { sed '1,/^\r*$/d' "$tmp/answer" | jq -r "$1" 2>&1; }

bearer='HTTP_AUTHORIZATION=Bearer ' pass=HTTP_X_MINA_PASS_ID=

# column WHAT WANTED [NAME=VALUE ...]: one cell of the route at hand.
column()
{
	column_what=$1 column_want=$2
	shift 2
	ask "$prog" "$method" "$path" "$body" "$@"
	got=$status
	if [ "$got" = 401 ]; then
		got=$got$(tr -d '\r' <"$tmp/answer" | sed -n \
		    's/^WWW-Authenticate: Bearer realm="mina"//p' |
		    sed 's/, error="invalid_token"/!/')
	fi
	[ "$got" != 403 ] || got="403 $(said .code)"
	cells=$((cells + 1))
	case "|$column_want|" in
	*"|$got|"*) ;;
	*)	wrong="$wrong $column_what: $got, not $column_want;" ;;
	esac
}

# 401! has error="invalid_token", 401 has not.
matrix()
{
	nobody=$right
	[ "$class" != owner ] || nobody=401
	column 'no token' "$nobody"
	for b in $bads; do
		eval "token=\$bad_$b"
		column "$b" '401!' "$bearer$token"
		column "$b, and a good pass" '401!' "$bearer$token" \
		    "$pass$free"
	done
	column "another's pass" '403 FORBIDDEN' "$bearer$good" \
	    "${pass}pass:user:$you"
	column 'a pass of the shop' '403 FORBIDDEN' "$bearer$good" \
	    "${pass}pass:shopify:1"
	column "merged into another's" '403 FORBIDDEN' "$bearer$good" \
	    "$pass$yours"
	column 'a user, no token' 401 "${pass}pass:user:$me"
	column 'the shop, no token' 401 "${pass}pass:shopify:1"
	column 'merged, no token' 401 "$pass$mine"
	column 'switched off' '403 ACCOUNT_DISABLED' "$bearer$off_token"
	column 'switched off, other pass' '403 ACCOUNT_DISABLED' \
	    "$bearer$off_token" "$pass$free"
	column 'anonymous, switched off' '403 ACCOUNT_DISABLED' \
	    "$pass$off"
	column 'a pass of no form' 400 "$bearer$good" "${pass}pass:x"
	rightly right "$bearer$good"
	rightly 'right, RS256' "$bearer$rsa"
	rightly 'right, and their pass' "$bearer$good" "${pass}pass:user:$me"
	rightly 'right, and what was merged' "$bearer$good" "$pass$mine"
}

rightly()
{
	rightly_what=$1
	shift
	column "$rightly_what" "$right" "$@"
	[ "$method" != DELETE ] || q 'update mega_generations
	    set mg_deleted_at = null where mg_deleted_at is not null' >/dev/null
}

open_matrix()
{
	column 'no token' "$right"
	for b in $bads; do
		eval "token=\$bad_$b"
		column "$b" "$right" "$bearer$token" "${pass}pass:x"
	done
	column 'switched off' "$right" "$bearer$off_token"
	column 'good' "$right" "$bearer$good"
}

all=0
while read -r prog method path rest; do
	line=$(awk -v m="$method" -v p="$path" \
	    '$1 == m && $2 == p { print $3, $4, $5 }' "$tab")
	read -r body class right <<-X
	$line
	X
	what="$method $path"
	case $method$body in
	POST- | PUT-)	body='{}' ;;
	esac
	body=$(printf '%s\n' "$body" | sed 's/{id}/gen_still_made/g')
	# What one route deletes the next may want to look at.
	id=gen_still_made
	[ "$method" != DELETE ] || id=gen_still_gone
	path=$(printf '%s\n' "$path" | sed "s/{id}/$id/g
	    s/{pass\(Id\)\{0,1\}}/pass:user:$me/g; s/{[^}]*}/x/g")
	cells=0 wrong=
	case $class in
	open)		open_matrix ;;
	ident | owner)	matrix ;;
	*)		wrong="no row in t/identity.tab" ;;
	esac
	is "$wrong" '' "$what: $cells ways to ask (${rest:-open})"
	all=$((all + cells))
done <"$tmp/routes"
diag "$all requests"

# --- what a selector selects

to=/credits/balance
ask me GET /me - "$bearer$good" "${pass}anonymous"
is "$(said .passId)" "pass:user:$me" 'with a token, anonymous is nobody else'
ask generate POST /editorial/generate \
    '{"customerId":"pass:user:'$you'","mode":"still","brief":"A."}' \
    "$bearer$good" "${pass}pass:user:$me"
is "$status" 403 "the body's pass goes before the header's"
ask generate POST /editorial/generate \
    '{"passId":"'$mine'","mode":"still","brief":"A."}' \
    "$bearer$good" "${pass}pass:user:$you"
is "$status" 202 'both ways'
ask credits GET $to - "$bearer$good" "$pass$free"
is "$status $(said .credits)" '200 20' \
    'an anonymous pass nobody has claimed can be named'
ask credits GET $to - "$pass$free"
is "$status $(said .credits)" '200 20' 'and is its own proof'
ask credits GET $to - 'HTTP_AUTHORIZATION=Basic bWU6bWU='
is "$status" 200 'another scheme is none of ours'
ask credits GET $to - "HTTP_AUTHORIZATION=bEARER   $good"
is "$status $(said .credits)" '200 28' 'the name of the scheme has no case'
ask credits GET $to - 'HTTP_AUTHORIZATION=Bearer'
is "$status" 401 'a bearer of nothing is refused'

# --- merged: it is theirs

ask generations GET /generations/gen_still_made - "$bearer$good"
is "$status" 200 'what was made before the merge is theirs'
is "$(said .creditsAfter)" "$(q "select mg_credits - mg_held
    from mega_customers where mg_pass_id = 'pass:user:$me'")" \
    'and the balance it tells is of the account it went to'
ask generations GET /generations/gen_still_made - "$pass$free"
is "$status" 404 'and nobody else has it'
ask generations GET /generations/gen_still_made - \
    "$bearer$(mint a "$(claims "$you")")"
is "$status" 404 'signed in or not'
ask generations GET '/generations?active=1' - "$bearer$good"
like "$(cat "$tmp/answer")" gen_still_waits 'what was waiting is listed'
ask generations POST /generations/gen_still_waits/cancel '{}' \
    "$bearer$good"
is "$status $(said .status)" '200 canceled' 'and can be canceled'
# The answer was lost, the pass claimed; then the studio asks again.
late=pass:anon:a0000000-0000-4000-8000-00000000001a
q "select mina_customer('$late', null, null, null, 1, 30)" >/dev/null
wish='{"mode":"still","brief":"A bottle by the sea."}'
ask generate POST /editorial/generate "$wish" "$pass$late" \
    HTTP_IDEMPOTENCY_KEY=late
first=$(said .generationId)
ask me GET /me - "$bearer$good" "$pass$late"
is "$(said '.claimed | join(" ")')" "$late" 'a pass is claimed meanwhile'
for as in "$pass$late" "${pass}pass:user:$me"; do
	ask generate POST /editorial/generate "$wish" "$bearer$good" "$as" \
	    HTTP_IDEMPOTENCY_KEY=late
	is "$status $(said .generationId)" "202 $first" \
	    "its key still means the same generation (${as#*=pass:})"
done
ask generate POST /editorial/generate '{"mode":"still","brief":"Another."}' \
    "$bearer$good" HTTP_IDEMPOTENCY_KEY=late
is "$status $(said .code)" '422 IDEMPOTENCY_MISMATCH' \
    'and nothing else may come under it'
q "select mina_claim('t', 10, 600000, 10)" >/dev/null
is "$(q "select settled, charged from mina_settle('$first', 't',
    '{\"output_url\": \"https://media.example/z.png\", \"status\": \"done\"}',
    null)")" 't|1' 'and it is charged once'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'

# --- users nobody saw before

new=c0000000-0000-4000-8000-000000000004
ask sessions POST /sessions/start '{"platform":"web"}' \
    "$bearer$(mint a "$(claims "$new")")"
is "$status" 200 'a session makes the account of a new user'
is "$(q "select mg_user_id, mg_email, mg_verified_any,
    mg_verification_method, mg_credits from mega_customers
    where mg_pass_id = 'pass:user:$new'")" \
    "$new|c0000000@people.example|t|email|10" 'verified, and welcome'
is "$(q "select mg_pass_id from mega_generations
    where mg_record_type = 'session' order by mg_created_at desc limit 1")" \
    "pass:user:$new" 'with its session'
nobody=c0000000-0000-4000-8000-000000000005
ask sessions POST /sessions/start '{"platform":"web"}' \
    "$bearer$(mint a "$(claims "$nobody" '.is_anonymous = true')")"
is "$(q "select coalesce(mg_verified_any, false), mg_credits
    from mega_customers where mg_pass_id = 'pass:user:$nobody'")" 'f|0' \
    'one who signed in as nobody is neither'
writer=c0000000-0000-4000-8000-000000000006
ask generate POST /editorial/generate \
    '{"mode":"still","brief":"A bottle on marble."}' \
    "$bearer$(mint a "$(claims "$writer" '.email = "w@people.example"')")" HTTP_IDEMPOTENCY_KEY=first
is "$status" 202 'their first request may be a still'
id=$(said .generationId)
ask generate POST /editorial/generate \
    '{"mode":"still","brief":"A bottle on marble."}' \
    "$bearer$(mint a "$(claims "$writer" '.email = "w@people.example"')")" HTTP_IDEMPOTENCY_KEY=first
is "$(said .generationId)" "$id" 'which is one still, asked for twice'
# Somebody who bought in the shop before they ever signed in.
buyer=c0000000-0000-4000-8000-000000000007
q "select mina_customer('pass:shopify:77', null, '77',
    'buyer@people.example', 0, 30);
    select mina_move('pass:shopify:77', 50, 'purchase', 'test', '1',
    'test:1', 'test', null)" >/dev/null
buyer_token=$(mint a "$(claims "$buyer" '.email = "buyer@people.example"')")
ask generate POST /editorial/generate \
    '{"mode":"still","brief":"A bottle on marble."}' \
    "$bearer$buyer_token" HTTP_IDEMPOTENCY_KEY=bought
id=$(said .generationId)
ask generate POST /editorial/generate \
    '{"mode":"still","brief":"A bottle on marble."}' \
    "$bearer$buyer_token" HTTP_IDEMPOTENCY_KEY=bought
is "$status $(said .generationId)" "202 $id" \
    'a key stays good when the account turns out to be older'
ask generations GET "/generations/$id" - "$bearer$buyer_token"
is "$status $(said .creditsAfter)" '200 59' 'and it is paid from there'

# --- whose address it is

# A stranger bought in the shop. Somebody writes that address into a sign-up
# and comes with the token, through the command line program.
shopper=pass:shopify:4711
q "select mina_customer('$shopper', null, '4711', 'victim@shop.example', 0, 30);
    select mina_move('$shopper', 500, 'purchase', 'test', '2', 'test:2',
    'test', null)" >/dev/null
attacks=0
# claim_it AMR CLAIM METADATA, all of them JSON: what a new user is told. The
# string "absent" leaves the claim out.
claim_it()
{
	claim_user=$(printf 'e0000000-0000-4000-8000-%012d' $attacks)
	cgi me GET /me - -H "Authorization: Bearer $(mint a "$(claims \
	    "$claim_user" ".email = \"Victim@shop.example\" |
	    .amr = $1 | .email_verified = $2 |
	    .user_metadata.email_verified = $3 |
	    if $2 == \"absent\" then del(.email_verified) else . end |
	    if $3 == \"absent\" then del(.user_metadata.email_verified)
	    else . end")")"
	js "\"$status \\(.verified) \\(.credits) \\(.claimed | length)\""
}
# shellcheck disable=SC2089 # the quotes are jq's
absent='"absent"'
wrong=
for service in '{"mailer_autoconfirm":false}' '{"mailer_autoconfirm":true}' \
    '{}' ''; do
	if [ -n "$service" ]; then
		confirms "$service"
	else
		confirms
	fi
	for amr in '[{"method":"password","timestamp":1}]' '["password"]' \
	    '[{"method":"otp","timestamp":1}]' '["oauth"]' \
	    '[{"method":"anonymous","timestamp":1}]' '[]' 'null'; do
		for said in "false $absent" "$absent false" 'true false' \
		    'false true' "$absent $absent" 'true true'; do
			case $service-$amr-$said in
			# This is proof: see below.
			*-*otp*-*false* | *-*oauth*-*false*) ;;
			*-*otp*-* | *-*oauth*-*) continue ;;
			*':false}-'*password*-*false*) ;;
			*':false}-'*password*-*) continue ;;
			esac
			attacks=$((attacks + 1))
			# shellcheck disable=SC2086,SC2090 # two words
			got=$(claim_it "$amr" $said)
			[ "$got" = '200 false 0 0' ] ||
			    wrong="$wrong $service $amr $said: $got;"
		done
	done
done
is "$wrong" '' "an address without proof claims nothing and is given nothing \
($attacks tokens)"
is "$(q "select mg_credits, mg_meta->>'merged_into' is null
    from mega_customers where mg_pass_id = '$shopper'")" '500|t' \
    'what the stranger bought is still theirs'
is "$(q "select count(*) from mega_customers where mg_pass_id like
    'pass:user:e0000000%' and (mg_verified_any or mg_verified_email)")" 0 \
    'and nobody is verified in the database'
confirms '{"mailer_autoconfirm":true}'
cgi health GET /ready -
like "$(js '.warnings | join(";")')" 'confirms no e-mail addresses' \
    '/ready names a service that confirms nothing'
confirms
cgi health GET /ready -
like "$(js '.warnings | join(";")')" 'does not say' 'or does not say'
confirms '{"mailer_autoconfirm":false}'
cgi health GET /ready -
is "$(js '.warnings | length')" 0 'and has no complaint about a good one'
attacks=$((attacks + 1))
is "$(claim_it '["password"]' "$absent" "$absent")" '200 true 510 1' \
    'a password is proof where addresses are confirmed'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'

# --- keys that come and go; the program is the same all the time

asked_is()
{
	within 5 test "$(asked)" -ge "$1"
	is "$(asked)" "$1" "$2"
}
n=$(asked)
for i in 1 2 3 4 5; do
	ask credits GET $to - "$bearer$good"
done
asked_is "$n" 'tokens of keys that are known ask nobody'

serve credits
n=$((n + 1))
ask credits GET $to - "$bearer$good"
is "$status" 200 'a program that just began fetches the keys'
asked_is $n 'once'
publish b
in_b=$(mint b "$(claims "$me")")
in_c=$(mint c "$(claims "$me")")
taken() { ask credits GET $to - "$bearer$1" && [ "$status" = 200 ]; }
ok 'a new key is taken as soon as somebody comes with it' \
    within 10 taken "$in_b"
n=$((n + 1))
asked_is $n 'after asking once'
ask credits GET $to - "$bearer$good"
is "$status" 401 'a token seen before is refused when its key is gone'
for i in 1 2 3 4 5 6 7 8 9 10; do
	ask credits GET $to - "$bearer$in_c"
	echo "$status"
done >"$tmp/tries"
is "$(sort "$tmp/tries" | uniq -c | tr -s ' ')" ' 10 401' \
    'a key that nobody has is refused'
asked_is $n 'and asked for no more, for 30 seconds'

issuer_down
ask credits GET $to - "$bearer$in_b"
is "$status" 200 'while the service is away, who is signed in stays so'
ask credits GET $to - "$bearer$(mint b "$(claims "$you")")"
is "$status $(said .credits)" '200 30' 'others, too, with keys that are known'

# t/route/keys.sh has the keys that are kept for this.
q "delete from mega_admin where mg_action = 'keys'" >/dev/null
serve credits
ask credits GET $to - "$bearer$in_b"
is "$status $(said .code)" '503 BUSY' 'who cannot be told is not a stranger'
like "$(cat "$tmp/answer")" '^Retry-After: [1-9]' 'and may try again'
ask credits GET $to - "$bearer$bad_garbage"
is "$status" 401 'nonsense is nonsense, without asking anybody'
ask credits GET $to - "$pass$free"
is "$status" 200 'anonymous passes need nobody'
issuer_start
ok 'it comes back by itself' within 10 taken "$in_b"

# --- other settings

cgi credits GET $to - -H "Authorization: Bearer $(mint s "$(claims "$me")" \
    --alg HS256)"
is "$status" 401 'a secret is no use when the programs do not have it'
export MINA_AUTH_SECRET="$S"
cgi credits GET $to - -H "Authorization: Bearer $(mint s "$(claims "$me")" \
    --alg HS256)"
is "$status $(js .credits)" '200 29' 'with MINA_AUTH_SECRET, HS256 is taken'
cgi credits GET $to - -H "Authorization: Bearer $in_b"
is "$status $(js .credits)" '200 29' 'a CGI program asks for itself'
MINA_AUTH_SECRET=short cgi credits GET $to -
is "$rc" 78 'a secret that is too short is no setting'
unset MINA_AUTH_SECRET
MINA_AUTH_URL=http://localhost/auth/v1 cgi credits GET $to -
is "$rc" 78 'nor is an address without TLS'
MINA_AUTH_URL='' cgi credits GET $to - -H "Authorization: Bearer $in_b"
is "$status" 503 'without an address nobody can be told'

MINA_AUTH=trusted
export MINA_AUTH
cgi credits GET $to "pass:user:$you" -H "Authorization: Bearer $bad_expired"
is "$status $(js .credits)" '200 30' 'trusted: tokens are not looked at'
cgi me GET /me "$mine"
is "$status $(js .passId)" "200 pass:user:$me" \
    'trusted: what was merged is followed'
cgi generations GET /generations/gen_still_made "$mine"
is "$status" 200 'trusted: to what was made before, too'
cgi me GET /me "pass:user:$gone"
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'trusted: off is off'

is "$(grep -l eyJ "$tmp"/*.log | head -n 3)" '' 'no token is in any log'
