#!/bin/sh
# Welcome matcha: once for each mailbox, few for each network; and rows of
# passes that never owned anything.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-sql.sh"
plan 27
sql_up
"$top/sql/apply.sh" 'dbname=mina' || exit 1

uid() { printf '%08d-0000-4000-8000-000000000000' "$1"; }
user() { echo "pass:user:$(uid "$1")"; }
anon() { echo "pass:anon:$(uid "$1")"; }

# One mailbox, many spellings.
same() {
	for m in "$@"; do
		q "select mina_mailbox('$m')"
	done | sort -u | wc -l
}
is "$(same ab@gmail.com A.B@GMail.com ' a.b+x@googlemail.com ' ab+@gmail.com)" \
    1 'gmail ignores case, dots and tags'
is "$(same ab@proton.me ab+x@protonmail.com AB@pm.me)" 1 'proton has three names'
is "$(same ab@icloud.com ab+x@me.com ab@mac.com)" 1 'so has icloud'
is "$(same ab@hotmail.com ab+x@hotmail.com)" 1 'tags of hotmail'
is "$(same ab@outlook.com ab@hotmail.com ab@live.com)" 3 \
    'names of different people stay different'
is "$(same ab@outlook.com a.b@outlook.com)" 2 'dots count there'
is "$(same ab@house.example ab+x@house.example a.b@house.example)" 3 \
    'an unknown provider is taken at its word'
is "$(same ab@house.example AB@HOUSE.example.)" 1 'but for case'

# login N MAIL VERIFIED [ADDRESS [PER-ADDRESS]]: the balance.
login() {
	q "select credits from mina_login('$(uid "$1")', '$2', $3, 'email', null,
	    10, 30, $([ -z "${4-}" ] && echo null || echo "'${4-}'"), ${5:-10})"
}
is "$(login 1 one@gmail.com true)" 10 'a verified address is welcomed'
is "$(login 2 o.n.e+2@gmail.com true)" 0 'once'
is "$(login 3 three@gmail.com false)" 0 'an unverified one is not'
is "$(login 4 three@gmail.com true)" 10 'and does not use the welcome up'
q "update mega_customers set mg_email = null, mg_deleted_at = now()
    where mg_pass_id = '$(user 1)'"
is "$(login 5 one@gmail.com true)" 0 'nor again when the account was erased'
gives "select count(*) from mega_admin where mg_id like 'outbox:welcome:%'
    and mega_admin::text ~ 'gmail'" 0 'what is kept does not name the address'
gives "select count(*) from mina_outbox_claim('w', 10, 1000)" 0 'nor is it due'

# A network's newcomers, a day.
is "$(for i in 11 12 13; do login $i "p$i@x.y" true 192.0.2.1 2; done |
    xargs)" '10 10 0' 'a network has so many welcomes a day'
is "$(login 14 p14@x.y true 192.0.2.2 2)" 10 'another one has its own'
is "$(login 13 p13@x.y true 192.0.2.1 2)" 0 'not at the next login'
is "$(login 15 o.ne@gmail.com true 192.0.2.3 1) $(login 16 p16@x.y true 192.0.2.3 1)" \
    '0 10' 'one who gets none does not count'
is "$(q "set mina.now = '$(date -u -d tomorrow +%FT%TZ)'; select credits
    from mina_login('$(uid 13)', 'p13@x.y', true, 'email', null, 10, 30,
    '192.0.2.1', 2)")" 10 'the next day it is welcomed after all'
is "$(login 13 p13@x.y true 192.0.2.9)" 10 'once'

# Accounts of before: what had a welcome has used its address.
q "insert into mega_customers (mg_pass_id, mg_user_id, mg_email)
    values ('$(user 20)', '$(uid 20)', 'old.one@gmail.com');
    select from mina_move('$(user 20)', 10, 'welcome', 'customer', 'x',
    'welcome:$(user 20)', 'mina', null)"
"$top/sql/apply.sh" 'dbname=mina' || exit 1
is "$(login 21 oldone@gmail.com true)" 0 'an old account has used its mailbox'
is "$(login 20 old.one@gmail.com true)" 10 'and is not welcomed again'

# What the welcome of a claimed pass leaves behind when something was bought.
q "select from mina_customer('$(anon 30)', null, null, null, 20, 30);
    select from mina_move('$(anon 30)', 10, 'purchase', 't', '1', 't:30', 't',
    null)"
admit g30 "$(anon 30)" 12 >/dev/null
is "$(q "select credits from mina_login('$(uid 4)', 'three@gmail.com', true,
    'email', '$(anon 30)', 10, 30)")" 20 \
    'what was bought comes along, the welcome stays'
q "select mina_void('g30', null, 'canceled', 'C', 'm', null)" >/dev/null
gives "select string_agg(mg_credits || ' ' || mg_held, ', '
    order by mg_pass_id) from mega_customers
    where mg_pass_id in ('$(anon 30)', '$(user 4)')" '0 0, 20 0' \
    'also when a hold is released later'

# Rows that never owned anything.
q "insert into mega_customers (mg_pass_id, mg_created_at, mg_last_active,
    mg_disabled)
    select 'pass:anon:' || lpad(i::text, 8, '0') ||
    '-0000-4000-8000-000000000000', now() - interval '31 days',
    now() - (case when i = 43 then 1 else 31 end) * interval '1 day', i = 44
    from generate_series(40, 46) i;
    select from mina_move('$(anon 45)', 1, 'grant', 't', '1', 't:45', 't', null);
    select from mina_move('$(anon 45)', -1, 'grant', 't', '2', 't:46', 't', null);
    select from mina_login('$(uid 46)', null, false, 'email', '$(anon 46)', 0,
    30)"
gives "select mina_unused_sweep(30, 2), mina_unused_sweep(30, 2),
    mina_unused_sweep(30, 2); select string_agg(right(left(mg_pass_id, 18), 2),
    ' ' order by 1) from mega_customers
    where mg_pass_id between '$(anon 40)' and '$(anon 46)'" '2|1|0
43 44 45 46' 'rows that never owned anything go, after 30 days, in batches'
gives 'select * from mina_parity()' '' 'the ledger agrees'
