#!/bin/sh
# The credit ledger in SQL: identity, sign-in, merging, expiry, and all of them
# at once.  Orders are in t/sql/orders_and_refunds.sh.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-sql.sh"
plan 156
sql_up
"$top/sql/apply.sh" 'dbname=mina' || exit 1

uid() { printf '%08d-0000-4000-8000-000000000000' "$1"; }
user() { echo "pass:user:$(uid "$1")"; }
anon() { echo "pass:anon:$(uid "$1")"; }

lit() {	# a literal; - is null
	if [ "$1" = - ]; then
		echo null
	else
		echo "'$1'"
	fi
}

who() {	# who PASS|- USER|- [trusted]
	q "select verdict, pass, known, credits, held, stale
	    from mina_who($(lit "$1"), $(lit "$2"), ${3:-false})"
}

login() {	# login USER EMAIL|- VERIFIED [CLAIM|-] [WELCOME]
	q "select pass, email, credits, held, created, disabled, claimed
	    from mina_login('$1', $(lit "$2"), $3, 'email',
	    $(lit "${4:--}"), ${5:-10}, 30)"
}

# merge N [matcha]: anonymous pass N, and the login of user N that claims it.
merge() {
	customer "$(anon "$1")" "${2:-5}"
	login "$(uid "$1")" - false "$(anon "$1")" 0
}

well() {
	gives 'select * from mina_parity()' '' "$1: nothing is amiss"
}

out='{"output_url":"u","status":"done"}'

# Who is asking.
is "$(who "$(anon 1)" -)" "ok|$(anon 1)|f|0|0|f" 'an anonymous pass is its own'
customer "$(anon 1)" 5
is "$(who "$(anon 1)" -)" "ok|$(anon 1)|t|5|0|f" 'and has what it has'
is "$(who "$(user 1)" -)" "token|$(user 1)|f|0|0|f" 'a user needs a token'
is "$(who pass:shopify:77 -)" 'token|pass:shopify:77|f|0|0|f' \
    'so does a customer of the shop'
is "$(who - "$(uid 1)")" "ok|$(user 1)|f|0|0|f" 'a token is enough'
is "$(who "$(user 1)" "$(uid 1)")" "ok|$(user 1)|f|0|0|f" 'it may say who it is'
is "$(who pass:user:ABCDEF00-0000-4000-8000-00000000000A \
    abcdef00-0000-4000-8000-00000000000a)" \
    'ok|pass:user:abcdef00-0000-4000-8000-00000000000a|f|0|0|f' \
    'in capitals too'
is "$(who "$(anon 1)" "$(uid 1)")" "ok|$(anon 1)|t|5|0|f" \
    'or act for an anonymous pass'
is "$(who "$(anon 2)" "$(uid 1)")" "ok|$(anon 2)|f|0|0|f" 'also a new one'
is "$(who "$(user 2)" "$(uid 1)")" "other|$(user 2)|f|0|0|f" \
    'but for no other user'
is "$(who pass:shopify:77 "$(uid 1)" | cut -d '|' -f 1)" other \
    'nor for a customer of the shop'
is "$(who "$(user 2)" - true)" "ok|$(user 2)|f|0|0|f" 'trusted: as it says'
is "$(who "$(user 2)" "$(uid 1)" true)" "ok|$(user 2)|f|0|0|f" \
    'and no token is looked at'
refuses 'select mina_who(null, null, false)' 'nobody is named' \
    'somebody must be named'
refuses 'select mina_who(null, null, true)' 'nobody is named' 'trusted or not'
customer "$(anon 3)" 5
q "update mega_customers set mg_disabled = true
    where mg_pass_id = '$(anon 3)'"
is "$(who "$(anon 3)" - | cut -d '|' -f 1)" disabled 'a disabled pass'
is "$(who "$(anon 3)" - true | cut -d '|' -f 1)" disabled 'trusted or not'
is "$(who "$(anon 3)" "$(uid 1)" | cut -d '|' -f 1)" disabled 'with a token too'
login "$(uid 4)" - true >/dev/null
q "update mega_customers set mg_deleted_at = now()
    where mg_pass_id = '$(user 4)'"
is "$(who - "$(uid 4)" | cut -d '|' -f 1)" disabled 'a deleted user'
is "$(who "$(anon 1)" "$(uid 4)" | cut -d '|' -f 1)" disabled \
    'does not come back by an anonymous pass'
later="set mina.now = '$(q "select now() + interval '31 days'")'"
gives "$later; select verdict, credits, stale from mina_who('$(anon 1)', null,
    false)" 'ok|5|t' 'what has run out is said to be stale'

# What every request does. Scans of the table, in this transaction; a row that
# refers to a customer costs one.
looks() {	# looks STATEMENT
	q "do \$\$ begin $1; end \$\$; select seq_scan + idx_scan
	    from pg_stat_xact_user_tables where relname = 'mega_customers'"
}
is "$(looks "perform mina_who('$(anon 1)', null, false)")" 1 \
    'one look for an anonymous pass'
is "$(looks "perform mina_who('$(user 1)', null, false)")" 0 \
    'none to refuse one that needs a token'
customer "$(anon 5)" 5
admit g5 "$(anon 5)" 1 >/dev/null
admit g6 "$(anon 5)" 1 >/dev/null
is "$(looks "perform mina_admit('g7', '$(anon 5)', 's', 1, 'still', 'create',
    '{}', '{}', '{}', 10, null)")" 4 'admission: the lock, two rows, the hold'
is "$(looks "perform mina_void('g5', null, 'canceled', 'C', 'm', null)")" 1 \
    'a void: giving back'
lease g6
is "$(looks "perform mina_settle('g6', 'w1', '$out', null)")" 3 \
    'settling: the lock, a row, the charge'

# Signing in.
is "$(login "$(uid 1)" Ann@B.c true)" "$(user 1)|Ann@B.c|10|0|t|f|{}" \
    'a verified user is welcomed'
is "$(login "$(uid 1)" Ann@B.c true)" "$(user 1)|Ann@B.c|10|0|f|f|{}" 'once'
gives "select mg_user_id, mg_verified_email, mg_verified_any,
    mg_verified_google, mg_verification_method, mg_verification_at is not null,
    mg_expires_at - mg_created_at from mega_customers
    where mg_pass_id = '$(user 1)'" "$(uid 1)|t|t||email|t|30 days" \
    'and what was verified is noted'
gives "select mg_id from mega_generations where mg_pass_id = '$(user 1)'" \
    "credit_transaction:welcome:$(user 1)" 'the welcome has an id of its own'
is "$(login "$(uid 1)" evil@b.c false)" "$(user 1)|Ann@B.c|10|0|f|f|{}" \
    'an unverified e-mail does not replace a verified one'
is "$(login "$(uid 1)" new@b.c true)" "$(user 1)|new@b.c|10|0|f|f|{}" \
    'a verified one does'
is "$(login "$(uid 6)" a@b.c false)" "$(user 6)|a@b.c|0|0|t|f|{}" \
    'no welcome for who is not verified'
is "$(login "$(uid 6)" a@b.c true)" "$(user 6)|a@b.c|10|0|f|f|{}" \
    'it comes with the verification'
q "select from mina_customer('$(user 7)', '$(uid 7)', null, null, 10, 30)"
is "$(login "$(uid 7)" - true)" "$(user 7)||10|0|f|f|{}" \
    'no second one after another way in'
is "$(login "$(uid 4)" x@b.c true | cut -d '|' -f 2,6)" '|t' \
    'nothing is written for who is disabled'
now="update mega_customers set mg_last_active = '2020-01-01'
    where mg_pass_id = '$(user 1)'; set timezone = utc;
    set mina.now = '2020-01-01T00:00:59Z'"
gives "$now; select last_active::time from mina_login('$(uid 1)', null, true,
    'email', null, 0, 30); select mg_last_active::time from mega_customers
    where mg_pass_id = '$(user 1)'" '00:00:59
00:00:00' 'last active: answered at once, written once a minute'
refuses "select mina_login(null, null, true, null, null, 0, 30)" 'no user' \
    'somebody must sign in'
i=0
while [ $i -lt 8 ]; do
	login "$(uid 8)" h@b.c true >"$tmp/login.$i" &
	i=$((i + 1))
done
wait
gives "select mg_credits, (select count(*) from mega_generations
    where mg_pass_id = '$(user 8)') from mega_customers
    where mg_pass_id = '$(user 8)'" '10|1' 'eight at once are one'
is "$(cat "$tmp"/login.* | grep -c '|t|f|')" 1 'and one of them made it'
well 'signing in'

# Claiming.
customer "$(anon 20)" 5
is "$(login "$(uid 20)" t@b.c true "$(anon 20)")" \
    "$(user 20)|t@b.c|15|0|t|f|{$(anon 20)}" 'an anonymous pass is claimed'
is "$(login "$(uid 20)" t@b.c true "$(anon 20)")" \
    "$(user 20)|t@b.c|15|0|f|f|{}" 'once'
is "$(balance "$(anon 20)")" '0|0' 'its matcha has moved'
gives "select mg_reason, mg_delta, mg_ref_id from mega_generations
    where mg_reason like 'merge%' and '$(user 20)' in (mg_pass_id, mg_ref_id)
    order by 1" "merge_in|5|$(anon 20)
merge_out|-5|$(user 20)" 'by two ledger rows'
gives "select mina_passes('$(anon 20)'), mina_canonical('$(anon 20)'),
    mina_passes('$(anon 99)'), mina_canonical('$(anon 99)')" \
    "{$(user 20),$(anon 20)}|$(user 20)|{$(anon 99)}|$(anon 99)" \
    'both are one person'
is "$(who "$(anon 20)" -)" "token|$(anon 20)|f|0|0|f" \
    'it needs the token from now on'
is "$(who "$(anon 20)" "$(uid 20)")" "ok|$(user 20)|t|15|0|f" \
    'which is the user'
is "$(who "$(anon 20)" "$(uid 1)" | cut -d '|' -f 1)" other 'and nobody else'
is "$(who "$(anon 20)" - true)" "ok|$(user 20)|t|15|0|f" \
    'trusted: followed as well'
is "$(login "$(uid 1)" - true "$(anon 20)" | cut -d '|' -f 7)" '{}' \
    'nobody claims it twice'
for c in "$(user 6)" pass:shopify:1 anonymous '' "$(anon 3)"; do
	is "$(login "$(uid 21)" - true "$c" | cut -d '|' -f 7)" '{}' \
	    "no claim: ${c:-empty}"
done
gives "select last_active = mina_now() from mina_customer('$(anon 20)', null,
    null, 'x@b.c', 0, 0)" t 'a merged pass is answered'
gives "select mg_email is null from mega_customers
    where mg_pass_id = '$(anon 20)'" t 'and not written to'
well 'claiming'

# What is under way when it is claimed.
customer "$(anon 30)" 10
for g in a b c d; do
	admit "30$g" "$(anon 30)" 2 >/dev/null
done
login "$(uid 30)" - false "$(anon 30)" 0 >/dev/null
is "$(balance "$(anon 30)") $(balance "$(user 30)")" '8|8 2|0' \
    'what is held stays until it is decided'
well 'while it is held'
gives "select mina_void('30a', null, 'error', 'X', 'x', null)" t \
    'what is given back'
is "$(balance "$(anon 30)") $(balance "$(user 30)")" '6|6 4|0' 'moves on at once'
lease 30b
gives "select settled, charged from mina_settle('30b', 'w1', '$out', null)" \
    't|2' 'what is delivered'
is "$(balance "$(anon 30)") $(balance "$(user 30)")" '4|4 4|0' \
    'is charged where it was held'
gives "select mina_cancel('30c', '$(user 1)') is null" t \
    'nobody else cancels it'
gives "select mina_cancel('30c', '$(user 30)')" canceled 'its owner does'
is "$(balance "$(anon 30)") $(balance "$(user 30)")" '2|2 6|0' 'free of charge'
is "$(admit 30d "$(user 30)" 2)" replay 'a repetition is one under either pass'
is "$(admit 30d "$(user 1)" 2)" mismatch 'of the same person'
is "$(admit 30e "$(anon 30)" 1)" merged 'the old pass admits nothing'
move="select applied, balance_after from mina_move('$(anon 30)'"
gives "$move, 7, 'admin_adjust', null, null, 'm30', 't', null)" 't|13' \
    'what comes for it goes to the user'
gives "$move, 7, 'admin_adjust', null, null, 'm30', 't', null)" 'f|13' 'once'
gives "$move, -3, 'admin_adjust', null, null, 'm31', 't', null)" 't|10' \
    'and what is taken comes from there'
refuses "$move, -11, 'admin_adjust', null, null, 'm32', 't', null)" \
    'not enough matcha: 10 available' 'as far as it goes'
gives "$later; select mina_expire('$(anon 30)')" 0 'a hold is good on it, too'
is "$(balance "$(anon 30)") $(balance "$(user 30)")" '2|2 10|0' \
    'the figures stand'
well 'what was under way'

# What else follows.
customer "$(anon 40)" 0
q "update mega_customers set mg_meta = '{\"debt\": 4, \"x\": 1}',
    mg_locale = 'fr-FR' where mg_pass_id = '$(anon 40)';
    select mina_prefer('40', '$(anon 40)', 's', '{\"hard_blocks\": [\"a\"]}')" \
    >/dev/null
login "$(uid 40)" - false - 0 >/dev/null
q "update mega_customers set mg_meta = '{\"debt\": 3, \"y\": 2}',
    mg_locale = 'en-GB' where mg_pass_id = '$(user 40)'"
login "$(uid 40)" - false "$(anon 40)" 0 >/dev/null
gives "select mg_meta - 'merged', mg_locale, mg_mma_preferences
    -> 'hard_blocks' from mega_customers where mg_pass_id = '$(user 40)'" \
    '{"y": 2, "debt": 7}|en-GB|["a"]' 'debt adds up, taste follows'
gives "select mg_meta from mega_customers where mg_pass_id = '$(anon 40)'" \
    "{\"x\": 1, \"merged_into\": \"$(user 40)\"}" 'the old row owes nothing'

# Customers of the shop, by their e-mail.
bought() {	# bought ID EMAIL
	q "select from mina_customer('pass:shopify:$1', null, '$1', '$2', 50,
	    30)"
}
bought 501 shop@x.Com
bought 502 SHOP@x.com
bought 503 shop@x.com
bought 504 shop@x.com
q "update mega_customers set mg_user_id = '$(uid 1)'
    where mg_pass_id = 'pass:shopify:503'"
q "update mega_customers set mg_disabled = true
    where mg_pass_id = 'pass:shopify:504'"
is "$(login "$(uid 50)" shop@X.com false)" "$(user 50)|shop@X.com|0|0|t|f|{}" \
    'an unverified e-mail claims nothing'
is "$(login "$(uid 50)" shop@X.com true - 0)" \
"$(user 50)|shop@X.com|100|0|f|f|{pass:shopify:501,pass:shopify:502}" \
    'a verified one what was bought with it'
gives "select mg_shopify_customer_id from mega_customers
    where mg_pass_id = '$(user 50)'" 501 'and is known to the shop'
is "$(who pass:shopify:502 "$(uid 50)")" "ok|$(user 50)|t|100|0|f" \
    'whose pass it answers to'
bought 505 shop@x.com
is "$(login "$(uid 50)" shop@X.com true | cut -d '|' -f 3,7)" \
    '150|{pass:shopify:505}' 'later ones as well'

# An older Mina had the user on the shop's row.
is "$(who - "$(uid 1)" | cut -d '|' -f 2)" pass:shopify:503 \
    "a shop's row that has the user is the canonical one"
before=$(q "select sum(mg_credits) from mega_customers where mg_pass_id in
    ('pass:shopify:503', '$(user 1)')")
customer "$(anon 1)" 5
is "$(login "$(uid 1)" new@b.c true "$(anon 1)" | cut -d '|' -f 1,3,7)" \
    "pass:shopify:503|$before|{$(anon 1),$(user 1)}" \
    'signing in brings it together, but no second welcome'
gives "select string_agg(mg_meta ->> 'merged_into', ' ') from mega_customers
    where mg_pass_id in ('$(anon 1)', '$(user 1)')" \
    'pass:shopify:503 pass:shopify:503' 'flat'
merge 51 >/dev/null
bought 506 -
q "update mega_customers set mg_user_id = '$(uid 51)'
    where mg_pass_id = 'pass:shopify:506'"
login "$(uid 51)" - true - 0 >/dev/null
gives "select mina_passes('$(anon 51)')" \
    "{pass:shopify:506,$(user 51),$(anon 51)}" 'what pointed to it follows'
gives "select mina_canonical('$(anon 51)')" pass:shopify:506 'still flat'
gives "select count(*) from mega_generations
    where mg_reason = 'welcome' and mg_pass_id in ('$(user 1)',
    'pass:shopify:503') and mg_id not like '%shopify%'" 1 'welcomed once'
well 'merging'

# Two dates become one.
dated() {	# dated PASS matcha date|null
	customer "$1" "$2"
	q "update mega_customers set mg_expires_at = $3
	    where mg_pass_id = '$1'"
}
date_of() {
	q "set timezone = utc; select mg_expires_at::date from mega_customers
	    where mg_pass_id = '$1'"
}
at() {	# at TIME SQL
	q "set mina.now = '$1'; $2"
}
claim() {	# claim N: as SQL
	echo "select credits from mina_login('$(uid "$1")', null, false,
	    'email', '$(anon "$1")', 0, 30)"
}
n=60
# days after now of the anonymous pass and of the user, matcha of the user, the
# credits after and whose date it is
while read -r a b c credits date what; do
	dated "$(anon $n)" 5 "now() + interval '$a days'"
	login "$(uid $n)" - false - 0 >/dev/null
	q "update mega_customers set mg_expires_at = now() + interval '$b days'
	    where mg_pass_id = '$(user $n)'"
	[ "$c" -eq 0 ] || q "select from mina_move('$(user $n)', $c,
	    'admin_adjust', null, null, 'd$n', 't', null)"
	q "update mega_customers set mg_expires_at = now() + interval '$b days'
	    where mg_pass_id = '$(user $n)'"
	is "$(q "$(claim $n)")" "$credits" "$what"
	is "$(date_of "$(user $n)")" \
	    "$(q "select (now() at time zone 'utc' + interval '$date days')::date")" \
	    "$what: the date"
	n=$((n + 1))
done <<'END'
9 20 5 10 20 the later is theirs
20 9 5 10 20 the later is the claimed one's
-1 9 5 5 9 what has run out does not move
20 -1 5 5 20 nor revive what has run out here
-1 -2 5 0 -2 both have run out
END
dated "$(anon 66)" 5 null
login "$(uid 66)" - false "$(anon 66)" 0 >/dev/null
is "$(date_of "$(user 66)")" '' 'no date is later than any'
login "$(uid 67)" - false - 0 >/dev/null
dated "$(user 67)" 0 null
dated "$(anon 67)" 5 "'2099-01-01Z'"
q "$(claim 67)" >/dev/null
is "$(date_of "$(user 67)")" 2099-01-01 'unless there was nothing it held for'

# A hold outlives the date; what it gives back does not.
customer "$(anon 68)" 5
admit g68 "$(anon 68)" 2 >/dev/null
login "$(uid 68)" - false "$(anon 68)" 0 >/dev/null
gives "$later; select mina_void('g68', null, 'error', 'X', 'x', null)" t \
    'given back when the date has passed'
is "$(balance "$(user 68)")" '2|0' 'it moves on'
gives "$later; select mina_expire('$(user 68)')" -2 'and has run out there'
customer "$(anon 69)" 5
admit g69 "$(anon 69)" 2 >/dev/null
login "$(uid 69)" - false "$(anon 69)" 0 >/dev/null
q "select from mina_move('$(user 69)', 1, 'purchase', null, null, 'p69', 't',
    '{\"expires_at\": \"2099-01-01T00:00:00Z\"}')"
gives "$later; select mina_void('g69', null, 'error', 'X', 'x', null),
    mina_expire('$(user 69)')" 't|0' 'good where the date is later'
is "$(balance "$(user 69)")" '6|0' 'all of it'
well 'dates'

# On the second, wherever the session thinks it is.
n=0
for tz in UTC America/New_York Asia/Kolkata Pacific/Kiritimati Pacific/Apia; do
	p=pass:user:tz$n
	t="set timezone = '$tz'; set mina.now"
	q "$t = '2028-02-28T23:59:59Z'; select from mina_customer('$p', null,
	    null, null, 1, 30)"
	q "$t = '2028-02-29T23:59:59Z'; select from mina_move('$p', 9,
	    'purchase', null, null, '$p', 't', null)"
	gives "set timezone = utc; select mg_expires_at from mega_customers
	    where mg_pass_id = '$p'" '2028-03-30 23:59:59+00' \
	    "$tz: 30 days from a leap day"
	gives "$t = '2028-03-30T23:59:58.999Z'; select mina_expire('$p'), stale
	    from mina_who('$p', null, true)" '0|f' "$tz: good to the last"
	gives "$t = '2028-03-30T23:59:59Z'; select stale
	    from mina_who('$p', null, true); select mina_expire('$p')" 't
-10' "$tz: and no longer"
	n=$((n + 1))
done
well 'time zones'

# Two at once. n counts the persons.
n=100
two() {	# two MATCHA: the next anonymous pass, with a generation of 2 leased
	n=$((n + 1))
	a=$(anon $n) u=$(user $n)
	customer "$a" "$1"
	admit "g$n" "$a" 2 >/dev/null
	lease "g$n"
	claim="$(claim $n)"
}
both() {	# both ANON USER WHAT: their balances
	is "$(balance "$a") $(balance "$u")" "$1 $2" "$3"
}
two 5
race "$claim" "select claimed from mina_login('$(uid 199)', null, false,
    'email', '$a', 0, 30)"
is "$second" '{}' 'two users claim it: the second gets nothing'
both '2|2' '3|0' 'and the first all'
two 5
race "$claim" "$claim"
is "$first $second" '3 3' 'one user claims it twice: the same'
both '2|2' '3|0' 'and it moves once'
two 5
login "$(uid $n)" - false - 0 >/dev/null
bought 600 -
race "update mega_customers set mg_user_id = '$(uid $n)'
    where mg_pass_id = 'pass:shopify:600'; select pass, claimed
    from mina_login('$(uid $n)', null, false, 'email', null, 0, 30)" \
    "select pass, claimed from mina_login('$(uid $n)', null, false, 'email',
    '$a', 0, 30)"
is "$first $second" "pass:shopify:600|{$u} pass:shopify:600|{$a}" \
    'a claim while the account itself is merged goes to the new one'
two 5
race "$claim" "select verdict from mina_admit('h$n', '$a', 's', 1, 'still',
    'create', '{}', '{}', '{}', 10, null)"
is "$second" merged 'a claim, then a creation: to be asked again'
two 5
race "select verdict from mina_admit('h$n', '$a', 's', 1, 'still', 'create',
    '{}', '{}', '{}', 10, null)" "$claim"
is "$first $second" 'ok 2' 'a creation, then a claim: it is held'
both '3|3' '2|0' 'where it was'
void="select mina_void('g%s', 'w1', 'error', 'X', 'x', null)"
two 5
# shellcheck disable=SC2059 # a format indeed
race "$claim" "$(printf "$void" $n)"
is "$second" t 'a claim, then a void: it moves on'
both '0|0' '5|0' 'all of it'
two 5
# shellcheck disable=SC2059
race "$(printf "$void" $n)" "$claim"
is "$second" 5 'a void, then a claim: it moves together'
both '0|0' '5|0' 'all of it'
two 5
race "$claim" "select settled, charged from mina_settle('g$n', 'w1', '$out',
    null)"
is "$second" 't|2' 'a claim, then a delivery: charged'
both '0|0' '3|0' 'once'
two 5
race "select settled, charged from mina_settle('g$n', 'w1', '$out', null)" \
    "$claim"
is "$first $second" 't|2 3' 'a delivery, then a claim: charged'
both '0|0' '3|0' 'once'
buy="select applied from mina_move('%s', 50, 'purchase', null, null, '%s', 't',
    null)"
two 5
# shellcheck disable=SC2059
race "$claim" "$(printf "$buy" "$a" "b$n")"
is "$second" t 'a claim, then a purchase: it goes to the user'
both '2|2' '53|0' 'all of it'
two 5
# shellcheck disable=SC2059
race "$(printf "$buy" "$a" "b$n")" "$claim"
is "$second" 53 'a purchase, then a claim: it moves'
both '2|2' '53|0' 'all of it'
two 5
race "$claim" "$later; select mina_expire('$a')"
is "$second" 0 'a claim, then the sweep: nothing left to write off'
two 5
race "$later; select mina_expire('$a')" "$claim"
is "$first $second" '-3 0' 'the sweep, then a claim: nothing left to move'
well 'two at once'

# Everything at once, at random; every step is followed by a look at the sums.
cat >"$tmp/all.sql" <<END
\\set op random(0, 11)
\\set a random(200, 260)
\\set u random(200, 206)
\\set g random(1, 400)
\\set m random(1, 300)
\\set o random(1, 30)
\\set r random(1, 60)
\\if :op = 0
select from mina_customer(:anon || :a || :rest, null, null, null, 20, 30);
\\elif :op = 1
select from mina_login((:u || :rest)::uuid, 'r' || :u || '@x.y', true, 'email',
    :anon || :a || :rest, 10, 30);
\\elif :op = 2
select from mina_admit('r' || :g, :anon || :a || :rest, 's', 3, 'still',
    'create', '{}', '{}', '{}', 50, null);
\\elif :op = 3
select from mina_admit('r' || :g, mina_user_pass((:u || :rest)::uuid), 's', 3,
    'still', 'create', '{}', '{}', '{}', 50, null);
\\elif :op = 4
select mina_void('r' || :g, null, 'canceled', 'C', 'm', null);
\\elif :op = 5
select mina_settle(generation_id, 'w' || :client_id, '{"output_url": "u",
    "status": "done"}', null)
    from mina_claim('w' || :client_id, 2, 60000, 4);
\\elif :op = 6
select mina_void(generation_id, 'w' || :client_id, 'error', 'X', 'x', null)
    from mina_claim('w' || :client_id, 2, 60000, 4);
\\elif :op = 7
select mina_move(mg_pass_id, 5, 'purchase', null, null, 'r' || :m, 't', null)
    from mega_customers where mg_pass_id = :anon || :a || :rest;
\\elif :op = 8
select mina_shopify_order(jsonb_build_object('id', :o, 'financial_status',
    'paid', 'customer', jsonb_build_object('id', 9000 + :o % 7, 'email', 'R'
    || 200 + :o % 7 || '@x.y'), 'line_items', jsonb_build_array(
    jsonb_build_object('id', :o, 'sku', 'MINA-50', 'quantity', 2))), 's.x',
    case when :m % 2 = 0 then :anon || :a || :rest end, false, 'webhook', 'd');
\\elif :op = 9
select mina_shopify_refund(jsonb_build_object('id', 1000 + :r, 'order_id',
    :r % 30 + 1, 'refund_line_items', jsonb_build_array(jsonb_build_object(
    'line_item_id', :r % 30 + 1, 'quantity', 1 + :r % 2))), 's.x', 'webhook',
    'd');
\\elif :op = 10
begin;
set local mina.now = '2099-01-01 00:00Z';
select mina_expire_all(5);
commit;
\\else
select mina_cancel('r' || :g, mina_user_pass((:u || :rest)::uuid));
\\endif
do \$\$ begin if exists (select from mina_parity()) then
    raise 'parity'; end if; end \$\$;
END
seed=${MINA_SEED:-$(date +%s)} steps=${MINA_STEPS:-60}
diag "seed $seed, $steps steps each (MINA_SEED, MINA_STEPS)"
# The passes are pass:anon:<a>00000-...: a uuid with three digits in front.
"$pgbench" -n -c 12 -j 2 -t "$steps" --random-seed="$seed" -f "$tmp/all.sql" \
    -D "anon='pass:anon:'" -D "rest='00000-0000-4000-8000-000000000000'" \
    mina >"$tmp/bench" 2>&1
ok 'twelve do everything at random, the sums always agree' \
    grep -q "actually processed: $((12 * steps))/" "$tmp/bench" ||
    diag "$(cat "$tmp/bench")"
gives "select count(*) > 5, count(distinct mg_meta ->> 'merged_into') > 1
    from mega_customers where mg_meta ? 'merged_into'
    and mg_pass_id like 'pass:anon:2%'" 't|t' \
    'there was much to merge'
gives "select count(*) > 5 and bool_and(n = 1) from (select count(*) as n
    from mega_generations where mg_reason = 'purchase'
    and mg_ref_type = 'shopify_order' group by mg_ref_id) x" t \
    'every order was credited once'
gives "select sum(mg_delta) from mega_generations
    where mg_reason in ('merge_in', 'merge_out')" 0 \
    'nothing was made or lost on the way'
gives "select count(*) from mega_generations where mg_record_type =
    'credit_transaction' and mg_id like '%:settle:%'
    and mg_generation_id not in (select mg_generation_id from mega_generations
    where mg_status = 'succeeded')" 0 'and nobody paid for nothing'
well 'everything at once'

# What is wrong is found.
q 'alter table mega_generations disable trigger user'
q "update mega_customers set mg_meta = jsonb_build_object('merged_into',
    '$(anon 20)') where mg_pass_id = '$(anon 40)';
    update mega_customers set mg_meta = mg_meta || '{\"merged_into\": \"x\"}'
    where mg_pass_id = '$(anon 30)';
    update mega_customers set mg_meta = '{\"debt\": -1}'
    where mg_pass_id = '$(user 7)';
    update mega_customers set mg_credits = 1 where mg_pass_id = '$(anon 1)';
    update mega_generations set mg_delta = mg_delta - 1
    where mg_reason = 'merge_out' and mg_pass_id = '$(anon 20)'"
gives "select what, count(*) from mina_parity() group by 1 order by 1" \
    'credits|2
debt|1
merge_pair|1
merged_empty|1
merged_flat|2
merged_listed|4' 'planted offenders are found'
