#!/bin/sh
# A user who was deleted at the sign-in service and comes back with the same
# proven address and another id; and who must not get in that way.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-sql.sh"
plan 56
sql_up
"$top/sql/apply.sh" 'dbname=mina' || exit 1

uid() { printf '%08d-0000-4000-8000-000000000000' "$1"; }
user() { echo "pass:user:$(uid "$1")"; }

# signs N MAIL VERIFIED [ISSUED [ASSERTED]]: the statement; enter: what it says,
# in brief.
signs() {
	echo "select pass, credits, held, disabled from mina_login('$(uid "$1")',
	    '$2', $3, 'email', null, 10, 30, null, 10, 20, ${4:-null},
	    ${5:-false})"
}
enter() { q "$(signs "$@")"; }
# No account was used in the last day.
quiet() { q "update mega_customers
    set mg_last_active = mina_now() - interval '25 hours',
    mg_last_topup_at = mina_now() - interval '25 hours'"
	made "mina_now() - interval '25 hours'"; }
# made TIME: all generations, although that never changes.
made() { q "alter table mega_generations disable trigger user;
    update mega_generations set mg_created_at = $1
    where mg_record_type = 'generation';
    alter table mega_generations enable trigger user"; }
waits() { q "select kind, detail ->> 'from', detail ->> 'into',
    detail ->> 'why' from mina_unresolved() order by 1, 2"; }
# who N [MAIL [ISSUED]]: may a token of this user act, and as whom?
who() {
	q "select verdict, pass from mina_who(null, '$(uid "$1")', false,
	    $([ -z "${2-}" ] && echo null || echo "'$2'"), ${3:-null})"
}
paid() { q "select from mina_move('$(user "$1")', $2, 'purchase', 'test', 't',
    'paid:$1', 'test', null)"; }

is "$(enter 1 lee@x.y true)" "$(user 1)|10|0|f" 'a new user is welcomed'
paid 1 200
admit g1 "$(user 1)" 1 >/dev/null
is "$(enter 2 Lee@x.y false)" "$(user 2)|0|0|f" 'who only says the address gets nothing'
is "$(enter 3 LEE@x.y true)" "$(user 3)|0|0|f" 'an account in use stays'
is "$(enter 3 lee@x.y true)" "$(user 3)|0|0|f" 'at the next sign-in, too'
is "$(waits)" "returning|$(user 1)|$(user 3)|active" 'an administrator is told'
for use in "mg_last_active = mina_now()" "mg_last_topup_at = mina_now()"; do
	quiet
	q "update mega_customers set $use where mg_pass_id = '$(user 1)'"
	is "$(enter 3 lee@x.y true)" "$(user 3)|0|0|f" "in use: $use"
done
quiet
made 'mina_now()'
is "$(enter 3 lee@x.y true)" "$(user 3)|0|0|f" 'in use: something was requested'
like "$(q 'select warning from mina_unresolved_warnings()')" \
    '1 accounts in use have an address that another user proved' 'by /ready'
quiet
is "$(enter 3 LEE@x.y true null true)" "$(user 3)|0|0|f" \
    'an address that single sign-on asserts moves nothing'
is "$(enter 3 LEE@x.y true)" "$(user 3)|209|0|f" \
    'who proves it gets what was available, and no second welcome'
is "$(waits)" '' 'and no administrator is needed'
is "$(balance "$(user 1)")" '1|1' 'what is held stays until it is known'
gives "select mg_action, mg_actor_pass_id, mg_detail ->> 'from',
    mg_detail ->> 'matcha' from mega_admin where mg_id like
    'admin_audit:account.return:%'" \
    "account.return|$(user 3)|$(user 1)|210" 'there is an audit row'
q "select from mina_void('g1', null, 'error', 'X', 'x', null)"
is "$(balance "$(user 3)")" '210|0' 'then it comes along too'
gives "select mina_canonical(mg_pass_id) from mega_generations
    where mg_id = 'generation:g1'" "$(user 3)" 'so does what was made'
is "$(enter 3 lee@x.y true)" "$(user 3)|210|0|f" 'once'
is "$(who 3)" "ok|$(user 3)" 'the new id gets in'

# The old id, should it live on.
is "$(who 1)" "disabled|$(user 3)" 'the old one does not by its name'
is "$(who 1 new@x.y)" "disabled|$(user 3)" 'nor with another address'
is "$(enter 1 new@x.y true)" "$(user 3)|210|0|t" 'and signing in changes nothing'
gives "select mg_email from mega_customers where mg_pass_id = '$(user 3)'" \
    lee@x.y 'least of all the address'
is "$(who 1 Lee@x.y)" "ok|$(user 3)" 'two who prove one address share the account'
is "$(enter 1 lee@x.y true)" "$(user 3)|210|0|f" 'the old one as well'
quiet
is "$(enter 2 lee@x.y true)" "$(user 2)|210|0|f" \
    'an id with an account of its own takes it along when it proves it'

# The old id lives on: the address was changed at the sign-in service, and
# another user proved the old one.
before="mina_now() - interval '1 second'"
after="mina_now() + interval '1 second'"
enter 20 a@x.y true >/dev/null
paid 20 200
quiet
is "$(enter 21 a@x.y true)" "$(user 21)|210|0|f" 'an address changes hands'
is "$(who 20 b@y.z "$before")" "disabled|$(user 21)" \
    'a token of before shows nothing'
fresh=$(who 20 b@y.z "$after")
like "$fresh" '^ok|pass:user:[0-9a-f-]*$' 'a later one lets the user in'
fresh=${fresh#*|}
ok 'not into the other account' [ "$fresh" != "$(user 21)" ]
is "$(enter 20 b@y.z true "$after")" "$fresh|0|0|f" \
    'but into a new one, without another welcome'
is "$(enter 20 b@y.z true "$after") $(who 20 b@y.z "$before")" \
    "$fresh|0|0|f ok|$fresh" 'from then on'
is "$(waits)" "moved|$(user 20)|$(user 21)|" 'an administrator is told'
is "$(q "select mg_email from mega_customers where mg_pass_id = '$(user 21)'")" \
    a@x.y 'and the other account stays as it is'
q "select from mina_unresolved_done('moved', '$fresh', 'test')"

# Single sign-on asserts what it likes.
enter 22 c@x.y true null true >/dev/null
quiet
is "$(enter 23 c@x.y true)" "$(user 23)|0|0|f" \
    'an account with an asserted address does not come along'
is "$(enter 23 c@x.y true null true)$(q "select coalesce(mg_meta ? 'asserted', false)
    from mega_customers where mg_pass_id = '$(user 23)'")" \
    "$(user 23)|0|0|ff" 'what was proven stays proven'

# Administrators.
enter 24 adm@x.y true >/dev/null
q "update mega_customers set mg_admin_allowlist = true
    where mg_pass_id = '$(user 24)'"
quiet
is "$(enter 25 adm@x.y true)" "$(user 25)|0|0|f" \
    "an administrator's account stays"
enter 26 old@x.y true >/dev/null
quiet
enter 24 old@x.y true >/dev/null
is "$(balance "$(user 24)")" '10|0' 'and takes none'
is "$(waits)" "returning|$(user 26)|$(user 24)|administrator" \
    'an administrator is told of the one that still has the address'
q "update mega_customers set mg_admin_allowlist = null
    where mg_pass_id = '$(user 24)'"
quiet
enter 24 old@x.y true >/dev/null
is "$(who 26 old@x.y)" "ok|$(user 24)" 'who shares an account'
q "update mega_customers set mg_admin_allowlist = true
    where mg_pass_id = '$(user 24)'"
is "$(who 26 old@x.y)" "disabled|$(user 24)" \
    'does not when it becomes an administrator'"'"'s'

# Accounts that stay where they are.
enter 4 off@x.y true >/dev/null
q "update mega_customers set mg_disabled = true where mg_pass_id = '$(user 4)'"
is "$(enter 5 off@x.y true)" "$(user 5)|0|0|f" 'a disabled account'
enter 6 gone@x.y true >/dev/null
q "select mina_erase('$(user 6)')" >/dev/null
is "$(enter 7 gone@x.y true)" "$(user 7)|0|0|f" 'an erased one'
enter 8 maybe@x.y false >/dev/null
paid 8 50
is "$(enter 9 maybe@x.y true)" "$(user 9)|10|0|f" 'one whose address was never proven'

# What comes along is not renewed, does not add up, and is counted.
days() { q "select (extract(epoch from mg_expires_at - mina_now()) / 86400
    )::int from mega_customers where mg_pass_id = '$(user "$1")'"; }
enter 30 until@x.y true >/dev/null
q "update mega_customers set mg_expires_at = mina_now() + interval '2 days'
    where mg_pass_id = '$(user 30)'"
quiet
is "$(enter 31 until@x.y true) $(days 31)" "$(user 31)|10|0|f 2" \
    'matcha keeps its expiry in a new account'
enter 32 pool@x.y true >/dev/null
paid 32 5
admit g32 "$(user 32)" 12 >/dev/null
enter 33 pool2@x.y true >/dev/null
quiet
is "$(enter 33 pool@x.y true)" "$(user 33)|13|0|f" \
    'a welcome does not come along into an account that had one'
q "select mina_void('g32', null, 'canceled', 'C', 'm', null)" >/dev/null
is "$(balance "$(user 33)") $(balance "$(user 32)")" '15|0 0|0' \
    'nor when a hold is released'
# By way of an account without a welcome of its own.
enter 34 way@x.y true >/dev/null
quiet
is "$(enter 35 way@x.y true)" "$(user 35)|10|0|f" 'into one that had none it does'
enter 36 way3@x.y true >/dev/null
quiet
is "$(enter 36 way@x.y true)" "$(user 36)|10|0|f" 'and then not into one that had'
for n in 40 41 42; do
	enter $n many@x.y false >/dev/null
	q "update mega_customers set mg_verified_any = true
	    where mg_pass_id = '$(user $n)'"
	paid $n 1
done
quiet
many() { q "select credits from mina_login('$(uid 43)', 'many@x.y', true, 'email',
    null, 0, 30, null, 10, 2)"; }
is "$(many) $(many)" '2 2' 'so many accounts come along a day'
is "$(q "set mina.now = '$(date -u -d tomorrow +%FT%TZ)'; select credits
    from mina_login('$(uid 43)', 'many@x.y', true, 'email', null, 0, 30, null,
    10, 2)")" 3 'the next one the next day'

# Two new ids at once.
enter 10 both@x.y true >/dev/null
paid 10 100
quiet
race "$(signs 11 both@x.y true)" "$(signs 12 both@x.y true)"
is "$(q "select sum(mg_credits) from mega_customers
    where mina_canonical(mg_pass_id) = mina_user_pass('$(uid 11)')")" 110 \
    'all of it goes to the first one' || diag "$first / $second"
is "$(q "select count(*) from mega_generations where mg_reason = 'welcome'
    and mg_pass_id in ('$(user 10)', '$(user 11)', '$(user 12)')")" 1 \
    'with one welcome'
# A buyer's account is the shop customer's row, and the client has kept its pass.
q "insert into mega_customers (mg_pass_id, mg_user_id, mg_email,
    mg_verified_email, mg_source_system, mg_created_at, mg_updated_at)
    values ('pass:shopify:90', '$(uid 60)', 'm@x.y', true, 'test',
    mina_now(), mina_now())"
quiet
enter 61 m@x.y true >/dev/null
gives "select mina_canonical('pass:shopify:90')" "$(user 61)" \
    'an account that is a shop customer moves, too'
gives "select verdict, pass from mina_who('pass:shopify:90', '$(uid 60)', false,
    null, $after)" "ok|$(user 60)" \
    'and its user gets into a new one with the pass of before'
gives "select verdict from mina_who('pass:shopify:90', '$(uid 62)', false, null,
    $after)" other 'but no other user does'
gives 'select * from mina_parity()' '' 'the ledger agrees'
