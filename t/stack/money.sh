#!/bin/sh
# Random test of the ledger: clients buy, spend, cancel and claim at random and
# concurrently while programs and worker are killed; each balance is compared with
# a model kept outside (t/money/reference.c).
#
#	OPS=1500	how many operations (MINA_QUICK=1: 400)
#	SEED=1234	what each client does, as last time
#	CLIENTS=32	how many at once
#	BATCH=OPS/3	compared after so many
#	WEB=50		of 100 operations, so many go through nginx and the
#			programs; the others are calls of the SQL functions
#	KILLS=no	nothing is killed
#
# The whole of it: make money, which is OPS=200000 BATCH=10000 WEB=3
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

ops=${OPS:-1500}
[ -z "${MINA_QUICK:-}" ] || ops=${OPS:-400}
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
clients=${CLIENTS:-32}
web=${WEB:-50}
batch=${BATCH:-$((ops < 15000 ? (ops + 2) / 3 : 5000))}
machine=$builddir/t/money/money
[ -x "$machine" ] || bail 'make check builds t/money/money'

secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
# Orders come from us alone: there is nothing to be asked of a shop.  Providers
# speak HTTP/1.1, where a library may repeat what was lost.
stack_up MINA_AUTH_SECRET="$secret" MINA_LEASE_MS=1500 \
    MINA_SHOPIFY_CLIENT_ID= MINA_SHOPIFY_SWEEP_S=86400 MINA_SANDBOX_HTTP=1.1
plan 9
diag "OPS=$ops SEED=$seed CLIENTS=$clients BATCH=$batch WEB=$web"

world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
# Pictures are not what this is about: small ones, at once, and no rate limit.
world settings '{"instant":true,"fast":true,"format":"jpg","predictMs":0,
    "keepMs":86400000}' >/dev/null
stack_sql -c "select mina_config_put('mma.provider.registry',
    jsonb_set(jsonb_set(value, '{providers,seedream-replicate,rate}',
    '{\"create_per_min\": 600000, \"other_per_min\": 6000000}'),
    '{providers,seedream-replicate,poll}', value #>
    '{providers,seedream-replicate,poll}' || '{\"first_ms\": 20}'), 'test')
    from mina_config('mma.provider.registry')" >/dev/null
stack_sql -c "select mina_runtime_put(mina_runtime() || '{\"limits.queued\":
    100000, \"limits.running\": 64, \"still.daily\": 1000000,
    \"video.daily\": 1000000,
    \"spend.daily\": 2000000000, \"limits.claims_per_day\": 1000000,
    \"limits.welcome_per_address\": 1000000,
    \"credits.welcome_anonymous\": 0}', null, null)" >/dev/null

# Nothing here kills Postgres, which would wait for the disk at each commit.
stack_sql -c 'alter system set fsync = off' -c 'alter system set
    synchronous_commit = off' -c 'select pg_reload_conf()' >/dev/null
# As a worker that has just claimed what was admitted, and bought it: a cancel
# then uses up one of the customer's free ones.
stack_sql -c "create or replace function machine_take(gen text, pass text,
    cost int, tag text) returns text language plpgsql as \$\$
declare v text;
begin
	select verdict into v from mina_admit(gen, pass, 'sess_money', cost,
	    'still', 'create', jsonb_build_object('brief', tag),
	    '{\"version\": 1}', jsonb_build_object('request_sha', tag), null,
	    null);
	if v = 'ok' then
		update mega_generations set mg_lease_owner = 'machine',
		    mg_lease_until = 'infinity',
		    mg_mma_vars = coalesce(mg_mma_vars, '{}')
		    || '{\"job\": {\"state\": \"submitted\"}}'
		where mg_id = 'generation:' || gen;
	end if;
	return v;
end \$\$" >/dev/null

run=$var/run
[ "${KILLS:-}" != no ] || run=
rc=0
MINA_CONF=$var/etc/mina.env MINA_DB_CONNS=8 MINA_DB_TIMEOUT_MS=600000 \
    "$machine" "$ops" "$seed" "$clients" "$batch" \
    "$web" "$run" "$tmp/model" 2>"$tmp/err" || rc=$?
[ ! -s "$tmp/err" ] || diag "$(tail -n 20 "$tmp/err")"
is "$rc" 0 'every balance is the model'\''s, and nothing else differs'

# --- the same once more, with other eyes
stack_sql -F '|' -c "select mg_pass_id, mg_credits,
    coalesce(mg_meta ->> 'debt', '0'), coalesce(mg_meta ->> 'merged_into', '')
    from mega_customers where mg_deleted_at is null" | sort >"$tmp/is"
sort "$tmp/model" >"$tmp/must"
ok "the model of $(wc -l <"$tmp/must") accounts is what is there" \
    cmp "$tmp/must" "$tmp/is"
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
is "$(stack_sql -c "select sum(mg_held) from mega_customers")" 0 \
    'nothing is held'
is "$(stack_sql -c "select count(*) from (select mg_ref_id
    from mega_generations where mg_record_type = 'credit_transaction'
    and mg_id like 'credit\\_transaction:settle:%'
    group by 1 having count(*) > 1) x")" 0 'no generation is charged twice'
is "$(stack_sql -c "select count(*) from (select mg_id from mega_generations
    where mg_id like 'credit\\_transaction:shopify:%'
    group by 1 having count(*) > 1) x")" 0 'no line is credited twice'

is "$(stack_sql -c "select count(*) from (select 1 from mega_generations
    where mg_meta ? 'cancel_day' group by mg_pass_id, mg_meta ->> 'cancel_day'
    having count(*) > (mina_runtime() ->> 'limits.free_cancels')::int) x")" 0 \
    'no customer is given more free cancels than a day has'

# --- the provider: what was delivered was bought, and no more than was wanted
world stats >"$tmp/stats"
bought=$(jq .creates.accepted "$tmp/stats")
made=$(stack_sql -c "select count(*) from mega_generations
    where mg_record_type = 'generation' and mg_status = 'succeeded'
    and mg_generation_id not like 'gen\\_money\\_%'")
ended=$(stack_sql -c "select count(*) from mega_generations
    where mg_record_type = 'generation' and mg_status = 'failed'
    and mg_generation_id not like 'gen\\_money\\_%'")
diag "$bought predictions, $made delivered, $ended failed or canceled"
ok 'one prediction for each that was delivered, one at most for others' \
    test "$bought" -ge "$made" -a "$bought" -le $((made + ended))
is "$(grep -Ehc 'level=err|Sanitizer|runtime error' "$var"/log/*.log |
    awk '{ n += $1 } END { print n }')" 0 'no program complains'
