#!/bin/sh
# me: issues an anonymous pass, creates the customer, claims a visit's pass,
# erases an account.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 90

# A token of Supabase Auth, signed with the project's secret.
MINA_AUTH_URL=https://auth.example/auth/v1
MINA_AUTH_SECRET=not-a-secret-but-long-enough-to-be-taken-for-one
export MINA_AUTH_URL MINA_AUTH_SECRET
b64url() { openssl base64 -A | tr '+/' '-_' | tr -d =; }
# token USER [MORE CLAIMS]
token()
{
	token_said=$(printf '{"alg":"HS256","typ":"JWT"}' | b64url).$(
	    jq -cn --arg sub "$1" --arg iss "$MINA_AUTH_URL" \
	    --argjson more "${2:-{\}}" '{iss: $iss, aud: "authenticated",
	    role: "authenticated", sub: $sub, exp: (now + 3600 | floor),
	    amr: [{method: "otp", timestamp: (now | floor)}]} + $more' |
	    tr -d '\n' | b64url)
	printf '%s.%s' "$token_said" "$(printf %s "$token_said" |
	    openssl dgst -sha256 -hmac "$MINA_AUTH_SECRET" -binary | b64url)"
}
# me_as TOKEN [PASS]
me_as() { cgi me GET /me "${2:--}" -H "Authorization: Bearer $1"; }
row() { q "select $2 from mega_customers where mg_pass_id = '$1'"; }
# used PASS: what the first route that writes does.
used() { q "select mina_customer('$1', null, null, null, 0, 30)" >/dev/null; }
ledger() { q "select string_agg(mg_reason || ' ' || mg_delta, ', '
    order by mg_id) from mega_generations where mg_record_type =
    'credit_transaction' and mg_pass_id = '$1'"; }

cgi me GET /me -
is "$status" 200 'without a pass one is minted'
anon=$(js .passId)
like "$anon" '^pass:anon:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' \
    'a version 4 uuid'
is "$(js .credits)" 0 'anonymous people are welcomed with nothing by default'
cgi me GET /me -
ok 'the next stranger gets another' test "$(js .passId)" != "$anon"
cgi me GET /me "$anon"
is "$(js .passId)" "$anon" 'a pass that is sent is kept'

# --- nothing is written for who only asks
cgi me HEAD /me "pass:anon:7c0e0000-0000-4000-8000-0000000000a1"
is "$status $(q 'select count(*) from mega_customers')" '200 0' \
    'asking writes no row, for a minted pass or an invented one'
welcome_anonymous() { q "select mina_runtime_put('{\"credits.welcome_anonymous\":
    $1}', null, null)" >/dev/null; }
welcome_anonymous 7
cgi me GET /me "$anon"
is "$(js '"\(.credits) \(.held) \(.available)"') $(q 'select count(*)
    from mega_customers')" '7 0 7 0' 'what it would have is told all the same'
like "$(js .expiresAt)" '^[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z$' 'and until when'
cgi credits GET /credits/balance "$anon"
is "$(js .available)" 7 'by the balance as well'
cgi sessions POST /sessions/start "$anon" -d '{"platform":"web"}'
is "$status $(row "$anon" mg_credits)" '200 7' \
    'the first route that writes makes the row, with that'
cgi me GET /me "$anon"
is "$(js .available)" 7 'and no more than that'
welcome_anonymous 0
anon=pass:anon:7c0e0000-0000-4000-8000-0000000000a2
used "$anon"

cgi me GET /me "$user"
is "$(js .credits)" 10 'a user is welcomed with ten'
like "$(js .expiresAt)" '^[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z$' 'which run out'
like "$(js .lastActive)" '^[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z$' 'and was seen'
is "$(js '.email | type')" null 'no e-mail yet'
cgi me GET /me "$user"
is "$(js .credits)" 10 'once'
is "$(q "select count(*) from mega_generations where mg_reason = 'welcome'
    and mg_pass_id = '$user'")" 1 \
    'with one ledger row'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'

cgi me GET /me pass:user:NOT-A-UUID
is "$status" 400 'a pass of another form is refused'
is "$(js .code)" BAD_REQUEST 'with its code'
cgi me GET /me "pass:shopify:820982911946154508"
is "$(js .passId)" pass:shopify:820982911946154508 'shopify ids beyond 2^53 survive'

q "update mega_customers set mg_disabled = true where mg_pass_id = '$user'" >/dev/null
cgi me GET /me "$user"
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'a disabled account is told so'

MINA_AUTH=token
cgi me GET /me "$other"
is "$status $(js .code)" '401 TOKEN_REQUIRED' 'without trust a user pass needs a token'
cgi me GET /me "$anon"
is "$status" 200 'an anonymous pass is its own proof'
is "$(q "select count(*) from mega_customers where mg_pass_id = '$other'")" 0 \
    'and nobody was made'


# --- with a token
uid=7c0e0000-0000-4000-8000-0000000000aa
me=pass:user:$uid
mine=$(token $uid '{"email": "Ada@mail.example", "app_metadata": {"provider": "google"}}')
me_as "$mine"
is "$status $(js .passId)" "200 $me" 'a token is enough to be somebody'
is "$(js '"\(.email) \(.verified) \(.credits) \(.available)"')" \
    'Ada@mail.example true 10 10' 'with an address, and ten to begin with'
is "$(js '.claimed | tojson')" '[]' 'nothing was theirs before'
is "$(row $me "mg_user_id || ' ' || mg_verified_any || ' ' || mg_verification_method")" \
    "$uid true google" 'the row knows how they are known'
me_as "$mine" $me
is "$(js .passId) $(js .credits)" "$me 10" 'their own pass may be named as well'
me_as "${mine}x"
is "$status $(js .code)" '401 TOKEN_REQUIRED' 'a token that is no good is refused'
me_as "${mine}x" "$anon"
is "$status" 401 'whatever pass comes with it'
cgi me GET /me $me
is "$status" 401 'and without one the pass is nothing'
me_as "$mine" "$other"
is "$status $(js .code)" '403 FORBIDDEN' 'nor is it good for somebody else'

# --- what was done before signing in
claimed=$anon
q "select mina_move('$claimed', 20, 'purchase', 'test', 't', 'bought', 'test', null)" >/dev/null
me_as "$mine" "$claimed"
is "$status $(js .passId) $(js .credits)" "200 $me 30" \
    'an anonymous pass that comes with a token is claimed'
is "$(js '.claimed | tojson')" "[\"$claimed\"]" 'which is told'
is "$(ledger "$claimed") + $(ledger $me)" \
    'purchase 20, merge_out -20 + merge_in 20, welcome 10' 'by two rows'
me_as "$mine" "$claimed"
is "$status $(js .passId) $(js .credits) $(js '.claimed | tojson')" \
    "200 $me 30 []" 'once'
me_as "$mine"
is "$(js .passId) $(js .credits)" "$me 30" 'it is all one account'
cgi me GET /me "$claimed"
is "$status $(js .code)" '401 TOKEN_REQUIRED' 'the anonymous pass alone is no proof any more'
theirs=$(token 7c0e0000-0000-4000-8000-0000000000bb '{"email": "bob@mail.example"}')
me_as "$theirs" "$claimed"
is "$status $(js .code)" '403 FORBIDDEN' 'nor is it another one'\''s to claim'
is "$(row pass:user:7c0e0000-0000-4000-8000-0000000000bb 'count(*)')" 0 \
    'who was not even made for asking'
cgi credits GET /credits/transactions - -H "Authorization: Bearer $mine"
is "$(js '[.items[].reason] | sort | join(" ")')" \
    'merge_in merge_out purchase welcome' 'the ledger tells all of it'
never=pass:anon:7c0e0000-0000-4000-8000-00000000dead
me_as "$mine" $never
is "$status $(js .passId) $(js '.claimed | tojson')" "200 $me [\"$never\"]" \
    'a visit of which nothing was written is claimed as well'
is "$(row $never 'mg_credits')" 0 'without a gift'

# --- what was bought before signing in
q "select mina_customer('pass:shopify:820982911946154508', null,
    '820982911946154508', 'ADA@mail.example', 0, 30)" >/dev/null
q "select mina_move('pass:shopify:820982911946154508', 50, 'purchase', 'test', 't',
    'shopped', 'test', null)" >/dev/null
unsure=$(token 7c0e0000-0000-4000-8000-0000000000cc \
    '{"email": "ada@mail.example", "is_anonymous": true}')
me_as "$unsure"
is "$status $(js .verified) $(js .credits) $(js '.claimed | tojson')" \
    '200 false 0 []' 'an address that nobody verified claims nothing'
me_as "$mine"
is "$(js '.claimed | tojson') $(js .credits)" \
    '["pass:shopify:820982911946154508"] 80' 'a verified one what it bought'
me_as "$mine"
is "$(js '.claimed | tojson') $(js .credits)" '[] 80' 'once'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'

# --- invented passes: welcome matcha does not add up
q "insert into mega_customers (mg_pass_id, mg_created_at, mg_expires_at)
    select format('pass:anon:fa000000-0000-4000-8000-%s',
    lpad(i::text, 12, '0')), now(), now() + interval '30 days'
    from generate_series(1, 25) i;
    select mina_move(mg_pass_id, 20, 'welcome', 'customer', mg_pass_id,
    'welcome:' || mg_pass_id, 'mina', null) from mega_customers
    where mg_pass_id like 'pass:anon:fa000000%'" >/dev/null
invented() { printf 'pass:anon:fa000000-0000-4000-8000-%012d' "$1"; }
farmer=$(token 7c0e0000-0000-4000-8000-0000000000fa \
    '{"email": "farm.er@gmail.com"}')
i=0
while [ $((i += 1)) -le 25 ]; do
	me_as "$farmer" "$(invented $i)"
	js '"\(.credits) \(.claimed | length)"'
done >"$tmp/farm"
is "$(sort "$tmp/farm" | uniq -c | tr -s ' ')" ' 5 30 0
 20 30 1' 'the first of them brings its own along, the others nothing; 20 a day'
cgi credits GET /credits/balance "$(invented 25)"
is "$(js .available)" 20 'a pass past the limit stays usable as itself'
is "$(q "select count(*), sum(mg_credits) from mega_customers
    where mg_meta->>'merged_into' =
    'pass:user:7c0e0000-0000-4000-8000-0000000000fa'")" '20|0' \
    'and on those that were claimed nothing is left'
n=0
for mail in farmer@gmail.com FARMER@GMail.com farmer+2@gmail.com \
    f.a.r.m.e.r+x@googlemail.com; do
	me_as "$(token 7c0e0000-0000-4000-8000-0000000001f$n \
	    "{\"email\": \"$mail\"}")"
	js '"\(.verified) \(.credits)"'
	n=$((n + 1))
done >"$tmp/farm"
is "$(sort "$tmp/farm" | uniq -c | tr -s ' ')" ' 4 true 0' \
    'one mailbox is welcomed once, however it is spelled'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'

# --- many at once
cgi me GET /me -
many=$(js .passId)
used "$many"
q "select mina_move('$many', 5, 'purchase', 'test', 't', 'many', 'test', null)" >/dev/null
pids=
for i in 1 2 3 4 5 6 7 8; do
	(
		# shellcheck disable=SC2030 # of its own
		tmp=$tmp/many.$i
		mkdir "$tmp"
		me_as "$mine" "$many"
		js '"\(.passId) \(.claimed | length)"' >"$tmp/said"
	) &
	pids="$pids $!"
done
# shellcheck disable=SC2086 # a list
wait $pids
is "$(cat "$tmp"/many.*/said | sort | uniq -c | awk '{ print $1, $2, $3 }')" \
    "7 $me 0
1 $me 1" 'eight claims of one pass are one'
is "$(ledger "$many")" 'purchase 5, merge_out -5' 'and move it once'
me_as "$mine"
is "$(js .credits)" 85 'to where it belongs'

# --- seen, but not written down each time
written() { row "$1" "xmin || ' ' || mg_last_active"; }
later() { PGOPTIONS="-c mina.now=$(q "select now() + interval '$1 s'" | tr ' ' T)"
    export PGOPTIONS; }
cgi me GET /me -
lone=$(js .passId)
used "$lone"
for who in $me $lone; do
	again() {
		case $who in
		"$me") me_as "$mine" ;;
		*) cgi me GET /me "$who" ;;
		esac
	}
	q "update mega_customers set mg_last_active = now()
	    where mg_pass_id = '$who'" >/dev/null
	was=$(written "$who")
	again
	again
	is "$status $(written "$who")" "200 $was" 'asking again within a minute writes nothing'
	later 50
	again
	unset PGOPTIONS
	is "$(written "$who")" "$was" 'nor does it most of one'
	later 61
	again
	unset PGOPTIONS
	ok 'then once' test "$(written "$who")" != "$was"
	was=$(written "$who")
	later 62
	again
	unset PGOPTIONS
	is "$(written "$who")" "$was" 'and not the next moment'
done

# --- where more is bought
me_as "$mine"
is "$(js '.checkoutUrl | type')" null 'nowhere'
MINA_TOPUP_URL=https://shop.example/cart
export MINA_TOPUP_URL
me_as "$mine"
is "$(js .checkoutUrl)" \
    'https://shop.example/cart?checkout%5Bemail%5D=Ada%40mail.example' \
    'in the shop, under their address'
MINA_PASS_KEY=a-key
export MINA_PASS_KEY
me_as "$mine"
first=$(js .checkoutUrl)
like "$first" '^https://shop\.example/cart\?attributes%5Bmina_pass%5D=[A-Za-z0-9_-]{99}&checkout%5Bemail%5D=Ada%40mail\.example$' \
    'with the pass, sealed'
me_as "$mine"
ok 'no two of them the same' test "$(js .checkoutUrl)" != "$first"
cgi me GET /me -
like "$(js .checkoutUrl)" '^https://shop\.example/cart\?attributes%5Bmina_pass%5D=[A-Za-z0-9_-]{99}$' \
    'who has no address has a pass'
is "$(grep -c "$(js .passId | cut -d : -f 3)" "$tmp/cgi.log")" 0 'the log has neither'
unset MINA_TOPUP_URL MINA_PASS_KEY

# --- switched off
q "update mega_customers set mg_disabled = true where mg_pass_id = '$me'" >/dev/null
was=$(row $me 'mega_customers::text')
me_as "$mine"
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'a disabled account is told so'
me_as "$mine" "$claimed"
is "$status" 403 'by what it claimed'
me_as "$mine" "$lone"
is "$status" 403 'and claims nothing'
is "$(row $me 'mega_customers::text')" "$was" 'its row stays as it was'
is "$(row "$lone" "mg_meta->>'merged_into' is null")" t 'so does the other'

# --- where passes are believed
MINA_AUTH=trusted
me_as "$theirs" "$other"
is "$status $(js .passId) $(js .verified)" "200 $other false" 'a token is not looked at'
cgi me GET /me "$many"
is "$status $(js .passId)" '403 null' 'a merged pass is followed, here to one that is off'
q "update mega_customers set mg_disabled = false where mg_pass_id = '$me'" >/dev/null
cgi me GET /me "$many"
is "$status $(js .passId)" "200 $me" 'and there it leads'

# --- an address that another user proves

MINA_AUTH=token
alice=7c0e0000-0000-4000-8000-0000000000c1
says() { printf '{"email":"%s","iat":%s}' "$1" "$2"; }
now=$(date +%s)
me_as "$(token "$alice" "$(says hands@x.y "$now")")"
q "update mega_customers set mg_last_active = now() - interval '25 hours'
    where mg_pass_id = 'pass:user:$alice'"
bob=7c0e0000-0000-4000-8000-0000000000c2
me_as "$(token $bob "$(says hands@x.y "$now" |
    jq -c '.amr = [{method: "otp"}, {method: "sso/saml"}]')")"
is "$status $(js .credits)" '200 0' 'single sign-on moves no account'
me_as "$(token $bob "$(says hands@x.y "$now")")"
is "$status $(js .passId)" "200 pass:user:$bob" 'a code by mail does'
is "$(q "select mg_detail ->> 'from' from mega_admin
    where mg_action = 'account.return'")" "pass:user:$alice" 'with a record'
me_as "$(token $alice "$(says new@x.y $((now - 5)))")"
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'a token of before is refused'
me_as "$(token $alice "$(says new@x.y $((now + 60)))")"
is "$status $(js .credits)" '200 0' 'a later one gets an account of its own'
ok 'which is a new one' test "$(js .passId)" != "pass:user:$bob"
cgi health GET /ready -
like "$(js '.warnings | join(";")')" '1 users came back to an account' \
    'and /ready tells an administrator'
MINA_AUTH=trusted

# What erasing does is in t/route/history.sh; here, that a key makes it once.
gone=pass:anon:$(cat /proc/sys/kernel/random/uuid)
used "$gone"
cgi me DELETE '/me?confirm=erase' "$gone" -H 'Idempotency-Key: bye'
is "$status $(js .ok)" '200 true' 'an account can be erased'
cgi me DELETE '/me?confirm=erase' "$gone" -H 'Idempotency-Key: bye'
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'and then even its keys are nobody'"'"'s'

MINA_AUTH=trusted MINA_DB_URL="host=$tmp/nowhere"
cgi me GET /me "$user"
is "$status $(js .code)" '503 BUSY' 'without a database: busy'
is "$rc" 1 'and the command fails'
