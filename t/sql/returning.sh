#!/bin/sh
# A user who was deleted at the sign-in service and comes back with the same
# proven address and another id; and who must not get in that way.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-sql.sh"
plan 22
sql_up
"$top/sql/apply.sh" 'dbname=mina' || exit 1

uid() { printf '%08d-0000-4000-8000-000000000000' "$1"; }
user() { echo "pass:user:$(uid "$1")"; }

# signs N MAIL VERIFIED: the statement; enter: what it says, in brief.
signs() {
	echo "select pass, credits, held, disabled from mina_login('$(uid "$1")',
	    '$2', $3, 'email', null, 10, 30)"
}
enter() { q "$(signs "$@")"; }
# who N [MAIL]: may a token of this user act, and as whom?
who() {
	q "select verdict, pass from mina_who(null, '$(uid "$1")', false,
	    $([ -z "${2-}" ] && echo null || echo "'$2'"))"
}
paid() { q "select from mina_move('$(user "$1")', $2, 'purchase', 'test', 't',
    'paid:$1', 'test', null)"; }

is "$(enter 1 lee@x.y true)" "$(user 1)|10|0|f" 'a new user is welcomed'
paid 1 200
admit g1 "$(user 1)" 1 >/dev/null
is "$(enter 2 Lee@x.y false)" "$(user 2)|0|0|f" 'who only says the address gets nothing'
is "$(enter 3 LEE@x.y true)" "$(user 3)|209|0|f" \
    'who proves it gets what was available, and no second welcome'
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
is "$(enter 2 lee@x.y true)" "$(user 2)|210|0|f" \
    'an id with an account of its own takes it along when it proves it'

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

# Two new ids at once.
enter 10 both@x.y true >/dev/null
paid 10 100
race "$(signs 11 both@x.y true)" "$(signs 12 both@x.y true)"
case $second in
*'was merged'*) second=$(enter 12 both@x.y true) ;;
esac
is "$(q "select sum(mg_credits) from mega_customers
    where mina_canonical(mg_pass_id) = mina_user_pass('$(uid 12)')")" 110 \
    'all of it is where the last one is' || diag "$first / $second"
is "$(q "select count(*) from mega_generations where mg_reason = 'welcome'
    and mg_pass_id in ('$(user 10)', '$(user 11)', '$(user 12)')")" 1 \
    'with one welcome'
gives 'select * from mina_parity()' '' 'the ledger agrees'
