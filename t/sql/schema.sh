#!/bin/sh
# The schema and its functions, against a private cluster.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-sql.sh"
plan 155
sql_up
sql_db old
sql_db other

out='{"output_url":"https://m/o.png","output_key":"o.png","prompt":"p",
"provider":"seedream","model":"m","content_type":"image/png",
"status":"postscan"}'

# Migrations.
dump() {
	pg_dump -s "$1" | grep -v restrict | sha256sum
}
ok 'the schema applies' "$top/sql/apply.sh" 'dbname=mina'
one=$(dump mina)
ok 'and applies again' "$top/sql/apply.sh" 'dbname=mina'
is "$(dump mina)" "$one" 'the second time changes nothing'
gives "select count(*) from mega_admin where mg_key = 'mina.schema'" 1 \
    'one record of the version'
gives "select count(*) from pg_constraint where not convalidated" 0 \
    'on an empty database every rule is valid'
gives "select count(*), count(distinct mg_key) from mega_admin
    where mg_key is not null" '15|13' 'the seed is there once, and the registry'"'"'s two additions'
gives "select mina_runtime() ->> 'price.video'" 5 'prices are there'
gives "select count(*) from mega_admin, jsonb_path_query(mg_value,
    '\$.value.schema') s where mg_key like 'mma.ctx.%'
    and (s -> 'additionalProperties') = 'false' and (select count(*)
    from jsonb_object_keys(s -> 'properties')) = jsonb_array_length(
    s -> 'required')" 6 'context schemas are strict'
MINA_DB_URL='dbname=other' "$top/sql/apply.sh" &
a=$!
ok 'an applier beside another' "$top/sql/apply.sh" 'dbname=other'
ok 'and that other' wait $a

# The record types' rules were CHECKs once.
psql -Xq -d other -c "alter table mega_generations
    add constraint mega_generations_status_agrees check (mg_id <> ''),
    add constraint mega_generations_step_shape check (mg_id <> '')"
"$top/sql/apply.sh" 'dbname=other'
is "$(dump other)" "$one" 'rules that have moved are gone where they were'

psql -Xq -d old -f "$top/t/sql/old.sql"
ok 'applies to an older Mina' "$top/sql/apply.sh" 'dbname=old'
ok 'twice' "$top/sql/apply.sh" 'dbname=old'
PGDATABASE=old
gives "select count(*) from mega_generations where mg_legacy = 'kept'" 3 \
    'its rows and columns are kept'
gives "select string_agg(mg_credits || '/' || mg_held, ' '
    order by mg_pass_id) from mega_customers" '7/0 0/0 -4/0' \
    'its balances are kept'
gives "select value from mina_config('credits.packs')" '{"OLD-1": 1}' \
    'its configuration wins over the seed'
gives "select string_agg(distinct what, ' ' order by what) from mina_parity()
    where pass is distinct from 'pass:user:2'" \
    'balance_range credits customer_missing generation_status ledger_row row_id' \
    'parity names what is wrong in it'
refuses "insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
    mg_delta, mg_reason) values ('credit_transaction:3', 'credit_transaction',
    'pass:user:1', 1, 'gift')" ledger_shape 'rules bind its new rows'
refuses "update mega_generations set mg_title = 'x' where mg_id = 'g1'" \
    generation_shape 'and old ones that are written to'
gives "select created, credits from mina_customer('pass:user:1', null, null,
    null, 10, 30)" 'f|7' 'an old customer gets no welcome'
gives "select verdict from mina_admit('n1', 'pass:user:1', 's', 1, 'still',
    'create', '{}', '{}', '{}', 10, null)" ok 'and can create'
PGDATABASE=mina

# Customers.
gives "select created, credits, held, expires_at - mina_now() from
    mina_customer('pass:user:a', null, null, 'a@b.c', 10, 30)" \
    't|10|0|30 days' 'a new customer is welcomed'
gives "select created, email, credits from mina_customer('pass:user:a', null,
    '77', null, 10, 30)" 'f|a@b.c|10' 'once'
i=0
while [ $i -lt 8 ]; do
	customer pass:user:race 10 >/dev/null &
	i=$((i + 1))
done
wait
gives "select mg_credits, (select count(*) from mega_generations
    where mg_pass_id = 'pass:user:race') from mega_customers
    where mg_pass_id = 'pass:user:race'" '10|1' 'also when eight race'
gives "select mg_shopify_customer_id from mega_customers
    where mg_pass_id = 'pass:user:a'" 77 'what is known is filled in'
now="update mega_customers set mg_last_active = '2020-01-01';
    set mina.now = '2020-01-01T00:00:59Z'; set timezone = utc"
gives "$now; select last_active::time from mina_customer('pass:user:a', null,
    null, null, 0, 0); select mg_last_active::time from mega_customers
    where mg_pass_id = 'pass:user:a'" '00:00:59
00:00:00' 'last active: answered at once, written once a minute'
refuses "select mina_customer('anonymous', null, null, null, 0, 0)" \
    'not a pass id' 'anonymous owns nothing'

# The ledger.
move="select applied, balance_after from mina_move('pass:user:a'"
gives "$move, 5, 'admin_adjust', null, null, 'x1', 'test', '{}')" 't|15' \
    'a movement'
gives "$move, 5, 'admin_adjust', null, null, 'x1', 'test', '{}')" 'f|15' \
    'the same again moves nothing'
refuses "$move, -16, 'admin_adjust', null, null, 'x2', 'test', '{}')" \
    'not enough matcha: 15 available, 16 wanted' 'never below zero'
refuses "do \$\$ begin perform mina_move('pass:user:a', -16, 'r', null, null,
    'x2', 't', '{}'); exception when sqlstate 'MN402' then raise
    'caught'; end \$\$" caught 'with a SQLSTATE of its own'
refuses "$move, 0, 'admin_adjust', null, null, 'x3', 'test', '{}')" \
    'needs an id' 'never nothing'
gives "$move, -15, 'refund', null, null, 'x4', 'test', '{}')" 't|0' \
    'down to zero'
gives "$move, 5, 'admin_adjust', null, null, 'x1', 'test', '{}')" 'f|15' \
    'a replay gives the first answer'
customer pass:user:p 0
gives "set mina.now = '2030-01-01T00:00Z'; select applied from
    mina_move('pass:user:p', 50, 'purchase', 'order', '1', 'p1', 'shopify',
    '{}'); set timezone = utc; select mg_expires_at::date from mega_customers
    where mg_pass_id = 'pass:user:p'" 't
2030-01-31' 'a purchase is good for 30 days'

# Immutability.
row="where mg_id = 'credit_transaction:x1'"
refuses "update mega_generations set mg_delta = 6 $row" \
    'credit_transaction rows never change' 'a ledger row is not updated'
refuses "delete from mega_generations $row" 'delete of credit_transaction:x1' \
    'nor deleted'
refuses "delete from mega_generations where mg_record_type = 'mma_event' or
    mg_reason = 'welcome'" 'never change' 'nor among others'
refuses 'truncate mega_generations' 'kept for ever' 'nor truncated away'
refuses "update mega_admin set mg_value = '{\"enabled\":false}'
    where mg_key = 'credits.packs'" 'write a new version' \
    'a configuration version is not updated'

# Shapes.
ins='insert into mega_generations (mg_id, mg_record_type, mg_pass_id, mg_meta'
refuses "$ins) values ('event:1', 'mma_event', 'pass:user:a',
    '{\"event_type\":\"like\"}')" id_has_type_prefix 'the id has its type'
refuses "$ins) values ('mma_event:1', 'mma_event', 'pass:user:a', '{}')" \
    event_shape 'an event has a type'
refuses "$ins) values ('mma_event:1', 'mma_event', null,
    '{\"event_type\":\"like\"}')" event_shape 'and a customer'
refuses "$ins, mg_delta, mg_reason) values ('credit_transaction:z',
    'credit_transaction', 'pass:user:a', '{}', 1, 'gift')" ledger_shape \
    'a movement says the balance after it'
gen="insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
    mg_generation_id, mg_mma_mode, mg_status, mg_mma_status"
refuses "$gen) values ('generation:z', 'generation', 'pass:user:a', 'z', 'gif',
    'pending', 'queued')" generation_shape 'a generation has a known mode'
refuses "$gen) values ('generation:z', 'generation', 'pass:user:a', 'y',
    'still', 'pending', 'queued')" generation_shape 'and its own id'
refuses "$gen) values ('generation:z', 'generation', 'pass:user:a', 'z',
    'still', 'pending', null)" status_agrees 'and a status'
refuses "$gen, mg_due_at) values ('generation:z', 'generation', 'pass:user:a',
    'z', 'still', 'failed', 'error', now())" ended_leaves_queue \
    'none that has ended is queued'
refuses "$gen) values ('generation:z', null, 'pass:user:a', 'z', 'still',
    'pending', 'queued')" id_has_type_prefix 'a row has a type'
gives "create function pg_temp.broken() returns text language plpgsql as \$\$
    declare c text; begin $ins) values ('mma_event:1', 'mma_event', null, '{}');
    exception when check_violation then get stacked diagnostics
    c = constraint_name; return c; end \$\$; select pg_temp.broken()" \
    mega_generations_event_shape 'a program sees which rule it was'
PGUSER=postgres
refuses "set session_replication_role = replica; $ins) values ('mma_event:1',
    'mma_event', 'pass:user:a', '{}')" event_shape 'a replica keeps them too'
PGUSER=mina
refuses "$ins, mg_due_at) values ('session:1', 'session', 'pass:user:a', '{}',
    now())" queue_columns 'only generations are queued'
refuses "$ins) values ('session:1', 'session', 'pass:user:nobody', '{}')" \
    pass_fk 'the customer exists'
refuses "update mega_customers set mg_held = 1 where mg_pass_id =
    'pass:user:a'" held_within_credits 'no more held than there is'

# Admission.
customer pass:user:b 3
is "$(admit b1 pass:user:b 2)" ok 'admitted'
is "$(balance pass:user:b)" '3|2' 'and held'
is "$(admit b1 pass:user:b 2)" replay 'the same again is a replay'
is "$(balance pass:user:b)" '3|2' 'that holds nothing'
gives "select verdict from mina_admit('b1', 'pass:user:b', 's', 2, 'still',
    'create', '{}', '{}', '{\"request_sha\":\"y\"}', 10, null)" mismatch \
    'another request under this id is not'
is "$(admit b1 pass:user:a 0)" mismatch 'nor is another customer'
count="select count(*) from mega_generations"
before=$(q "$count")
gives "select verdict, credits, held, available from mina_admit('b2',
    'pass:user:b', 's', 2, 'still', 'create', '{}', '{}', '{}', 10, null)" \
    'credits|3|2|1' 'not enough matcha'
is "$(admit b2 pass:user:nobody 0)" nobody 'no such customer'
is "$(admit b2 pass:user:b 1 1)" limit 'too many unfinished'
q "update mega_customers set mg_disabled = true where mg_pass_id =
    'pass:user:b'"
is "$(admit b2 pass:user:b 1)" disabled 'a disabled customer'
is "$(q "$count")" "$before" 'nothing was written for any of these'
gives "select mg_type, mg_title, mg_mma_status, mg_cost, mg_attempts,
    mg_payload -> 'request', mg_due_at <= now() from mega_generations
    where mg_id = 'generation:b1'" \
    'image|b|queued|2|0|{"brief": "b"}|t' 'the row is as it should be'
gives "select mg_meta ->> 'event_type' from mega_generations
    where mg_generation_id = 'b1' and mg_record_type = 'mma_event'" create \
    'with its event'

# 200 at once on a balance of 1.
customer pass:user:c 1
cat >"$tmp/admit.sql" <<'EOF'
select verdict from mina_admit(gen_random_uuid()::text, 'pass:user:c', 's', 1,
    'still', 'create', '{}', '{}', '{}', null, null);
EOF
"$pgbench" -n -c 200 -j 2 -t 1 -f "$tmp/admit.sql" mina >"$tmp/bench" 2>&1
ok '200 simultaneous admits are answered' \
    grep -q 'actually processed: 200/200' "$tmp/bench"
is "$(balance pass:user:c)" '1|1' 'one hold'
gives "$count where mg_pass_id = 'pass:user:c' and mg_record_type =
    'generation'" 1 'one generation'

# Forward only.
lease b1
set_status="update mega_generations set mg_mma_status"
q "$set_status = 'prompting' where mg_id = 'generation:b1'"
refuses "$set_status = 'scanning' where mg_id = 'generation:b1'" \
    'a generation that is prompting cannot become scanning' 'no way back'
refuses "update mega_generations set mg_cost = 0
    where mg_id = 'generation:b1'" 'never change' 'the price stands'
for set in "mg_payload = '{\"request\":{}}'" "mg_record_type = 'session'" \
    "mg_id = 'generation:b9', mg_generation_id = 'b9'"; do
	refuses "update mega_generations set $set where mg_id = 'generation:b1'" \
	    'never change' "nor ${set%% *}"
done
refuses "delete from mega_generations where mg_id = 'generation:b1'" \
    'mg_deleted_at' 'a generation is not deleted'
refuses "$set_status = 'postscan' where mg_id = 'generation:b1'" \
    status_agrees 'not delivered while unpaid'

# Work on a lease, and without one.
stage="select mina_stage('b1'"
gives "$stage, 'w1', 'scanning', '{\"a\":{\"x\":1,\"d\":{\"p\":1}}}')" t \
    'an earlier stage is no error'
gives "$stage, 'w1', 'generating', '{\"a\":{\"y\":2,\"d\":{\"q\":1}}}')" t \
    'a later stage'
gives "select mg_mma_status, mg_mma_vars -> 'a' from mega_generations
    where mg_id = 'generation:b1'" \
    'generating|{"d": {"q": 1}, "x": 1, "y": 2}' 'the patch merges two levels'
refuses "$stage, 'w1', 'done', null)" 'not a stage' 'an end is no stage'
gives "$stage, 'w2', 'generating', '{\"a\":0}')" f 'not for a stranger'
gives "select mina_line('b1', 'w2', 'no')" f 'no line either'
q "select mina_line('b1', 'w1', 'one')" >/dev/null &
q "select mina_line('b1', 'w1', 'two')" >/dev/null &
wait
gives "select jsonb_array_length(mg_mma_vars #>
    '{userMessages,scan_lines}') from mega_generations where mg_id =
    'generation:b1'" 2 'two lines at once are two lines'
pay='{"input":{"ctx_key":"k","ctx_version":1,"ctx_id":"i"},
"output":{"crt":"c","userMessage_line":"l"},"timing":{},"error":null}'
step() {	# step owner no type payload
	echo "select mina_step('b1', '$1', $2, '$3', 'scan:product', '$4',
	    'openai', 'm', 5, 6, 7, 'succeeded', null, null)"
}
gives "$(step w1 1 scan_product "$pay")" t 'a step'
gives "$(step w1 1 scan_product "$pay")" f 'its number is taken'
gives "$(step w2 2 scan_product "$pay")" f 'not for a stranger'
refuses "$(step w1 2 scan_product '{"input":{},"output":{},"timing":{},
    "error":null}')" gpt_step_names_context 'a GPT step names its context'
refuses "$(step w1 2 store_asset '{"input":{},"output":{}}')" step_shape \
    'a step has all four parts'
gives "select no, type, key, status, payload -> 'output' ->> 'crt'
    from mina_steps('b1')" '1|scan_product|scan:product|succeeded|c' \
    'steps are read back'
q "update mega_customers set mg_disabled = false, mg_credits = mg_credits
    where mg_pass_id = 'pass:user:b'"
admit b3 pass:user:b 1 >/dev/null
lease b3
gives "select mina_job('b1', 'w1', 'seedream', '{\"note\":1}')" ok \
    'a submission is noted before it has an id'
gives "select mina_job('b1', 'w1', 'seedream', '{\"id\":\"J\"}')" ok \
    'a provider job'
gives "select mina_job('b3', 'w1', 'seedream', '{\"id\":\"J\"}')" taken \
    'belongs to one generation'
gives "select mina_job('b3', 'w2', 'seedream', '{\"id\":\"K\"}')" lost \
    'and to the lease'
gives "select mina_job_find('seedream', 'J'), mg_mma_vars -> 'job' from
    mega_generations where mg_id = 'generation:b1'" \
    'b1|{"id": "J", "provider": "seedream"}' 'and can be found'

# Settle, void, finish.
settle="select * from mina_settle('b1'"
gives "$settle, 'w2', '$out', null)" 'f|3|0' 'a stranger does not settle'
refuses "$settle, 'w1', '{}', null)" 'no output_url' \
    'nothing is settled that is not stored'
gives "$settle, 'w1', '$out', '{\"outputs\":{\"o\":1}}')" 't|1|2' 'settled'
gives "$settle, 'w1', '$out', null)" 't|1|2' 'again: the same figures'
gives "$settle, 'w9', '$out', null)" 't|1|2' 'for anyone'
is "$(balance pass:user:b)" '1|1' 'charged once, hold given back'
gives "select mina_void('b1', 'w1', 'error', 'X', 'x', null)" f \
    'a settled one is not voided'
gives "select mina_finish('b1', 'w2', null)" f 'a stranger does not finish'
gives "select mina_finish('b1', 'w1', '{\"scans\":{\"s\":1}}')" t 'finished'
gives "select mg_mma_status, mg_due_at, mg_lease_owner from mega_generations
    where mg_id = 'generation:b1'" 'done||' 'and out of the queue'
refuses "update mega_generations set mg_due_at = now()
    where mg_id = 'generation:b1'" ended_leaves_queue 'and stays out'
refuses "update mega_generations set mg_output_url = null
    where mg_id = 'generation:b1'" status_agrees 'what it delivered stays'
gives "select mina_void('b3', null, 'error', 'X', 'x', null)" f \
    'nobody voids what is leased'
gives "select mina_cancel('b3', 'pass:user:b')" asked \
    'a running one is asked to stop'
gives "select * from mina_renew('w1', 1000)" 'b3|t' 'its worker hears of it'
race "select from mega_generations where mg_id = 'generation:b3' for update;
    select mg_id from mega_generations where mg_id = 'generation:b3'" \
    "select * from mina_renew('w1', 1000);
    select from mega_generations where mg_id = 'generation:b3' for update"
is "$second" 'b3|' 'a locked row does not hold up a renewal, nor is it lost'
gives "select mina_void('b3', 'w1', 'canceled', 'CANCELED', 'm', null)" t \
    'voided'
is "$(balance pass:user:b)" '1|0' 'free of charge'
gives "select mg_status, mg_error, mg_mma_vars -> 'error' from
    mega_generations where mg_id = 'generation:b3'" \
    'failed|CANCELED|{"code": "CANCELED", "message": "m"}' 'and says why'
gives "$(echo "$settle" | sed s/b1/b3/), 'w1', '$out', null)" 'f|1|0' \
    'a voided one is not settled'
admit b4 pass:user:b 1 >/dev/null
gives "select mina_cancel('b4', 'pass:user:b')" canceled \
    'a waiting one is canceled at once'
gives "select mina_cancel('b4', 'pass:user:a') is null" t 'by its owner only'
is "$(balance pass:user:b)" '1|0' 'and free'
admit b5 pass:user:b 0 >/dev/null
lease b5
gives "select * from mina_settle('b5', 'w1', '$out', null)" 't|1|0' \
    'a free one settles without a ledger row'

# A race: two settle, one voids; every pair of eyes sees the sums agree.
customer pass:user:r 10
i=0
while [ $i -lt 10 ]; do
	admit "r$i" pass:user:r 1 >/dev/null
	lease "r$i"
	i=$((i + 1))
done
cat >"$tmp/race.sql" <<EOF
\\set g random(0, 9)
\\set v random(0, 2)
\\if :v
select * from mina_settle('r' || :g, 'w1', '{"output_url":"u"}', null);
\\else
select mina_void('r' || :g, 'w1', 'error', 'X', 'x', null);
\\endif
do \$\$ begin if exists (select from mina_parity()) then
    raise 'parity'; end if; end \$\$;
EOF
"$pgbench" -n -c 8 -j 2 -t 25 -f "$tmp/race.sql" mina >"$tmp/bench" 2>&1
ok 'settling and voiding race, the sums always agree' \
    grep -q 'actually processed: 200/200' "$tmp/bench"
gives "select mg_held, 10 - mg_credits = (select count(*) from
    mega_generations where mg_pass_id = 'pass:user:r' and mg_status =
    'succeeded'), (select count(*) from mega_generations where mg_pass_id =
    'pass:user:r' and mg_status = 'pending') from mega_customers
    where mg_pass_id = 'pass:user:r'" '0|t|0' 'each ended once'

# Expiry.
customer pass:user:e 10
admit e1 pass:user:e 4 >/dev/null
gives "select mina_expire('pass:user:e')" 0 'not yet'
later="set mina.now = '$(q "select now() + interval '31 days'")'"
gives "$later; select mina_expire('pass:user:e'),
    mina_expire('pass:user:e')" '-6|0' 'what is not held runs out, once'
is "$(balance pass:user:e)" '4|4' 'a hold stays good'
lease e1
gives "$later; select settled, credits_after from mina_settle('e1', 'w1',
    '$out', null)" 't|0' 'and is settled after the date'
customer pass:user:f 10
gives "$later; select balance_after from mina_move('pass:user:f', 50,
    'purchase', null, null, 'f1', 't', '{}')" 50 \
    'a purchase does not revive what ran out'
customer pass:user:g 10
gives "$later; select verdict from mina_admit('g1', 'pass:user:g', 's', 1,
    'still', 'create', '{}', '{}', '{}', 10, null)" credits \
    'what ran out cannot be spent'
customer pass:user:h 10
gives "$later; select mina_expire_all(1000) > 0, mina_expire_all(1000)" 't|0' \
    'the sweep'
is "$(balance pass:user:h)" '0|0' 'finds everyone'

# The queue.
q "select mina_void(mg_generation_id, null, 'canceled', 'X', 'x', null) from
    mega_generations where mg_status = 'pending' and mg_lease_owner is null" \
    >/dev/null
q "select mina_finish(mg_generation_id, mg_lease_owner, null) from
    mega_generations where mg_lease_owner is not null" >/dev/null
for p in x y z; do
	customer pass:user:$p 0
done
for g in x1 x2 x3 x4 x5 y1 y2 z1; do
	admit $g "pass:user:${g%?}" 0 >/dev/null
done
claim() {	# claim owner max per_pass [lease]
	q "select string_agg(generation_id, ' ') from mina_claim('$1', $2,
	    ${4:-60000}, $3)"
}
is "$(claim v1 3 2)" 'x1 y1 z1' 'passes take turns'
is "$(claim v2 9 2)" 'x2 y2' 'no more than two each, over all workers'
is "$(claim v3 9 2)" '' 'and then nothing'
gives "select mg_attempts, mg_lease_owner from mega_generations
    where mg_id = 'generation:x2'" '1|v2' 'a claim counts'
gives "select mina_release('v2', 'x2'), mina_release('v2')" '1|1' \
    'leases are given back'
q "select mina_release('v1', 'y1')" >/dev/null
is "$(claim v3 9 9)" 'y1 x2 y2 x3 x4 x5' \
    'the one with nothing running goes first'
q "update mega_generations set mg_lease_until = '2020-01-01'
    where mg_lease_owner = 'v3'"
is "$(claim v3 9 9)" '' 'nobody takes over from themselves'
is "$(claim v4 9 2)" 'y1 x2 y2 x3 x4 x5' 'what a dead worker left is taken over'
gives "select count(*) from mina_renew('v3', 1000)" 0 'it has nothing now'
gives "select mina_stage('x2', 'v3', 'scanning', null)" f 'and may do nothing'
gives "select count(*) from mina_renew('v4', 1000)" 6 'the other has all'

q "select mina_release(o) from unnest(array['v1', 'v4']) o" >/dev/null
i=0
while [ $i -lt 40 ]; do
	admit "m$i" "pass:user:$(echo x y z | cut -d ' ' -f $((i % 3 + 1)))" 0
	i=$((i + 1))
done >/dev/null
cat >"$tmp/claim.sql" <<'EOF'
select count(*) from mina_claim('o' || :client_id, 3, 60000, 4);
do $$ begin if exists (select from mega_generations where mg_lease_owner
    is not null group by mg_pass_id having count(*) > 4) then
    raise 'too many'; end if; end $$;
select mina_release('o' || :client_id);
EOF
"$pgbench" -n -c 20 -j 2 -t 20 -f "$tmp/claim.sql" mina >"$tmp/bench" 2>&1
ok 'twenty workers at once keep to the limit' \
    grep -q 'actually processed: 400/400' "$tmp/bench"
is "$(claim v1 99 4 | wc -w)" 12 'and it is reached'
q "select mina_release('v1')" >/dev/null
q "begin; select generation_id from mina_claim('k1', 1, 60000, 9);
    select pg_sleep(1); commit" >"$tmp/first" &
sleep 0.4
two=$(claim k2 1 9)
wait
ok 'a claim waits for the one before it, and gets another row' \
    test -n "$two" -a "$two" != "$(head -n 1 "$tmp/first")"
q "select mina_release(o) from unnest(array['k1', 'k2']) o" >/dev/null
claim v1 99 4 >/dev/null

# Updates while it works stay off the indexes.
g=$(q "select mg_generation_id || ' ' || mg_lease_owner from mega_generations
    where mg_lease_owner is not null limit 1")
was=$(q "select n_tup_hot_upd from pg_stat_user_tables
    where relname = 'mega_generations'")
q "do \$\$ begin for i in 1..100 loop
    perform mina_renew('${g#* }', 60000);
    perform mina_stage('${g% *}', '${g#* }', 'scanning',
    jsonb_build_object('a', jsonb_build_object('b', i)));
    commit; end loop; end \$\$"
gives "select n_tup_hot_upd >= $was + 180 from pg_stat_user_tables where
    relname = 'mega_generations'" t 'renewals and stages are heap-only updates'

# Configuration.
gives "select mina_config_put('t.k', '{\"a\":1}', null),
    mina_config_put('t.k', '{\"a\":2}', null),
    mina_config_put('t.k', '{\"a\":3}', null, false)" '1|2|3' 'versions'
gives "select * from mina_config('t.k')" 'app_config:t.k.v2|2|{"a": 2}' \
    'the highest that is enabled counts'
q "select mina_runtime_put('{\"price.still\":2}', '{motion_tweak}', null)" \
    >/dev/null
gives "select mina_runtime() ->> 'price.still', mina_runtime() ? 'motion_tweak',
    mina_runtime() ->> 'price.video'" '2|f|5' 'a runtime change is a version'
"$top/sql/apply.sh" 'dbname=mina'
gives "select mina_runtime() ->> 'price.still'" 2 'seeding leaves it alone'
psql -Xq -f "$top/sql/sandbox.sql" -o /dev/null
psql -Xq -f "$top/sql/sandbox.sql" -o /dev/null
gives "select mina_runtime() ->> 'credits.welcome_anonymous', count(*) from
    mega_admin where mg_record_type = 'runtime_config'" '20|3' \
    'the sandbox adds its own, once'

# How long it takes.
gives "select p50 is null from mina_eta('video')" t 'no history, no estimate'
gives "select p50 >= 0 and p90 >= p50 from mina_eta('still')" t 'an estimate'

# Parity.
gives 'select * from mina_parity()' '' 'all is well so far'
q 'alter table mega_generations disable trigger user'
q "update mega_generations set mg_delta = mg_delta + 1
    where mg_id = 'credit_transaction:welcome:pass:user:race'"
q 'alter table mega_generations enable trigger user'
q "update mega_customers set mg_held = 1 where mg_pass_id = 'pass:user:p'"
gives 'select * from mina_parity() order by pass' \
    'pass:user:p|held|0|1
pass:user:race|credits|1|0' 'planted offenders are found'

# Supabase's roles.
psql -XqU postgres -c 'create role anon' -c 'grant usage on schema public to
    anon' -c 'grant all on all tables in schema public to anon'
"$top/sql/apply.sh" 'dbname=mina'
PGUSER=postgres
refuses 'set role anon; select mina_runtime()' \
    'permission denied for function' 'anon may not call'
refuses 'set role anon; select * from mega_customers' \
    'permission denied for table' 'nor read'
