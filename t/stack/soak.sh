#!/bin/sh
# Faults in turn under load: the worker is killed, Postgres restarted, programs
# replaced, providers fail in every way.
#
#	MINUTES=2	how long (MINA_QUICK=1: 20 seconds)
#	SEED=1234	the same mishaps in the same order
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

seconds=$((${MINUTES:-2} * 60))
[ -z "${MINA_QUICK:-}" ] || seconds=20
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
stack_up MINA_AUTH=trusted MINA_LEASE_MS=1500 MINA_WAIT_S=10
plan 15
diag "SEED=$seed seconds=$seconds"

user=pass:user:7c0e0000-0000-4000-8000-000000000001
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
count() { stack_sql -c "select count(*) from mega_generations where $1"; }
owner() { stat -c %U "$var/pg"; }

as_owner()
{
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && runuser -u "$(owner)" -- "$@")
	else
		"$@"
	fi
}

world settings '{"fast":true,"predictMs":300}' >/dev/null
stack_sql >/dev/null <<X
select mina_customer('$user', null, null, null, 100000, 30);
select mina_runtime_put('{"limits.queued": 1000, "limits.running": 8,
    "still.daily": 1000000, "spend.daily": 100000000}', null, null);
X
routed=$(find "$var/run" -name '*.child' | sed 's|.*/||; s|\.child$||' |
    grep -Ev '^(worker|sandbox)$' | sort)
for p in $routed; do
	echo "$p $(cut -d ' ' -f 2 "$var/run/$p.child")"
done >"$tmp/starts"

# --- two who wait for their pictures, and one who looks at the balance
people()
{
	i=0
	while [ ! -f "$tmp/enough" ]; do
		i=$((i + 1))
		curl -sS --cacert "$ca" --max-time 15 \
		    -H 'Content-Type: application/json' \
		    -H "Idempotency-Key: $1-$i" -o "$tmp/answer.$1" \
		    -d "{\"passId\":\"$user\",\"mode\":\"still\",\"brief\":\"Bottle $((i % 5)) on marble.\"}" \
		    -w '%{http_code} ' "$base/editorial/generate" 2>/dev/null
		jq -r '.generationId // .code // "none"' "$tmp/answer.$1" 2>/dev/null ||
		    echo none
	done >"$tmp/said.$1"
}
looks()
{
	while [ ! -f "$tmp/enough" ]; do
		curl -sS --cacert "$ca" --max-time 15 -o /dev/null \
		    -H "X-Mina-Pass-Id: $user" -w '%{http_code} %{time_total}\n' \
		    "$base/credits/balance" 2>/dev/null
		sleep 0.02
	done >"$tmp/looked"
}
busy=
for who in a b c d; do
	people $who &
	busy="$busy $!"
done
looks &
busy="$busy $!"
# shellcheck disable=SC2016  # it runs later
at_end 'kill $busy 2>/dev/null'

# --- mishaps
fault()
{
	world faults "{\"target\":\"$1\",\"kind\":\"$2\"${3:+,$3}}" >/dev/null
}
mishap()
{
	case $1 in
	0)	kill -KILL "$(stack_pid worker)" 2>/dev/null ;;
	1)	kill "$(stack_pid worker)" 2>/dev/null ;;
	2)	kill -QUIT "$(head -n 1 "$var/pg/postmaster.pid")"
		sleep 1
		postgres ;;
	3)	kill -INT "$(head -n 1 "$var/pg/postmaster.pid")"
		sleep 1
		postgres ;;
	4)	kill "$(stack_pid generate)" ;;
	5)	kill "$(stack_pid credits)" ;;
	6)	fault openai status '"status":500' ;;
	7)	fault openai status '"status":429,"retryAfter":1' ;;
	8)	fault replicate.create lost ;;
	9)	fault replicate.create status '"status":502,"after":true' ;;
	10)	fault replicate.get malformed ;;
	11)	fault s3.put status '"status":503' ;;
	12)	fault openai malformed ;;
	13)	fault replicate.create stall '"ms":2000' ;;
	14)	fault replicate.create failed ;;
	15)	fault openai refused ;;
	esac
}
postgres()
{
	pgctl=/usr/lib/postgresql/$(cat "$var/pg/PG_VERSION")/bin/pg_ctl
	for _ in 1 2 3 4 5 6 7 8; do
		as_owner "$pgctl" start -s -w -D "$var/pg" \
		    -l "$var/log/postgres.log" >/dev/null 2>&1 </dev/null && return
		sleep 0.3
	done
}
awk -v seed="$seed" 'BEGIN {
	srand(seed)
	for (i = 0; i < 10000; i++)
		printf "%.2f %d\n", 0.3 + rand() * 2, int(rand() * 16)
}' >"$tmp/mishaps"
until_=$(($(date +%s) + seconds))
mishaps=0
while read -r pause what && [ "$(date +%s)" -lt $until_ ]; do
	sleep "$pause"
	mishap "$what"
	mishaps=$((mishaps + 1))
done <"$tmp/mishaps"
: >"$tmp/enough"
# shellcheck disable=SC2086  # process ids
wait $busy
curl -sS --cacert "$ca" -X DELETE "$world/_sandbox/faults" >/dev/null
n=0
while [ "$(count "mg_record_type = 'generation' and mg_mma_status not in
    ('done', 'error', 'canceled')")" -gt 0 ] && [ $n -lt 1200 ]; do
	n=$((n + 1))
	sleep 0.1
done

# --- the books
all=$(count "mg_record_type = 'generation'")
made=$(count "mg_record_type = 'generation' and mg_status = 'succeeded'")
diag "$mishaps mishaps, $all generations, $made succeeded"
diag "$(stack_sql -c "select mg_error, count(*) from mega_generations where
    mg_status = 'failed' and mg_record_type = 'generation' group by 1" | tr '\n' ' ')"
diag "answers: $(cut -d ' ' -f 1 "$tmp"/said.* | sort | uniq -c | tr '\n' ' ')"
diag "balance: $(cut -d ' ' -f 1 "$tmp/looked" | sort | uniq -c | tr '\n' ' ')"
ok 'much was asked for' test "$all" -gt $((seconds / 4))
is "$(count "mg_record_type = 'generation' and mg_status = 'pending'")" 0 \
    'everything has ended'
ok 'most of it well' test "$made" -gt $((all / 2))
is "$(count "mg_record_type = 'generation' and mg_status = 'failed' and
    coalesce(mg_error, '') not in ('PROVIDER_FAILED', 'PROVIDER_TIMEOUT',
    'MODERATED', 'BUSY', 'RATE_LIMITED')")" 0 'what failed says why'
is "$(stack_sql -c "select count(*), coalesce(sum(mg_delta), 0) from
    mega_generations where mg_record_type = 'credit_transaction'
    and mg_reason = 'still'")" "$made|-$made" 'what succeeded is charged once'
is "$(stack_sql -c 'select mg_credits, mg_held from mega_customers')" \
    "$((100000 - made))|0" 'the balance agrees'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'so does the ledger'
world stats >"$tmp/stats"
# A generation has more than one job when one failed or was of no use, or was
# created by a worker that had lost its lease. What became of a create call may
# stay unknown when a generation has failed.
jobs=$(stack_sql -c "select count(distinct id) from (
    select mg_ref_id as id from mega_generations
    where mg_record_type = 'generation' and mg_ref_id is not null
    union select regexp_replace(jsonb_array_elements_text(
	mg_meta -> 'ended_jobs'), '^[^:]*:', '') from mega_generations
    where mg_record_type = 'generation'
    union select jsonb_array_elements_text(mg_meta -> 'canceled_jobs')
    from mega_generations where mg_record_type = 'generation') j")
unknown=$(count "mg_record_type = 'generation' and mg_status = 'failed'
    and mg_mma_vars #>> '{job,state}' = 'submitting'")
accepted=$(jq .creates.accepted "$tmp/stats")
ok "the provider accepted $accepted predictions for $jobs jobs and $unknown calls unknown" \
    test "$accepted" -ge "$jobs" -a "$accepted" -le $((jobs + unknown))
sed -n 's/^20[02] //p' "$tmp"/said.* | sort -u >"$tmp/told"
stack_sql -c "select mg_generation_id from mega_generations
    where mg_record_type = 'generation'" | sort >"$tmp/there"
is "$(comm -23 "$tmp/told" "$tmp/there" | wc -l)" 0 \
    "none of the $(wc -l <"$tmp/told") that people were told of is missing"
is "$(grep -Evhc '^(200|202|402|429|5..|4..|000) ' "$tmp"/said.* |
    awk '{ n += $1 } END { print n }')" 0 'every answer is one'
is "$(cut -d ' ' -f 1 "$tmp/looked" | grep -Evc '^(200|503)$')" 0 \
    'the balance is told, or 503'
ok 'mostly told' test "$(grep -c '^200' "$tmp/looked")" -gt \
    "$(($(wc -l <"$tmp/looked") / 3))"
for p in $routed; do
	case $p in generate | credits) continue ;; esac
	echo "$p $(cut -d ' ' -f 2 "$var/run/$p.child")"
done >"$tmp/starts.after"
is "$(comm -13 "$tmp/starts" "$tmp/starts.after")" '' \
    'no program had to be restarted for Postgres'
api GET /ready
is "$status" 200 'all is ready'
is "$(grep -Ehc 'level=err|Sanitizer|runtime error' "$var"/log/*.log |
    awk '{ n += $1 } END { print n }')" 0 'no program complains'
