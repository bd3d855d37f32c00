#!/bin/sh
# bench/worker.sh - CPU per generation, memory per waiting generation
#
#	bench/worker.sh [GENERATIONS] [WAITING]
#
# First GENERATIONS (default 300) text-only stills through one worker against
# a sandbox that answers at once, and the CPU time (user and system, from
# /proc) that the worker and Postgres spent on each; then the same without
# counting the thumbnail, told apart by the time of its thread. Then WAITING
# (default 2000) at once, all submitted and none finished, and the worker's
# memory while they wait; then they are let go, and all must end.
#
# A stack of its own; MINA_INST names an install, else one is made from the
# build tree in BUILD (default: ./build).
set -u
here=$(dirname "$(dirname "$(readlink -f "$0")")")
gens=${1:-300}
waiting=${2:-2000}
top_builddir=${BUILD:-$here/build}
export top_builddir
# shellcheck source=/dev/null
. "$here/t/tap.sh"
# shellcheck source=/dev/null
. "$here/t/lib-stack.sh"
# shellcheck disable=SC2034 # tap.sh reads it
tap_planned=0
stack_up MINA_LOG=warn MINA_AUTH=trusted

# shellcheck disable=SC2154 # lib-stack.sh sets them
{
sandbox() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
    -X POST -d "$2" "$world/_sandbox/$1" >/dev/null; }
sql() { psql -XqAt "$db" -c "$1"; }
worker=$(stack_pid worker)
postmaster=$(head -n 1 "$var/pg/postmaster.pid")
}
hz=$(getconf CLK_TCK)

# Jiffies of a process: its own, and of children it has buried.
own() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat" 2>/dev/null || echo 0; }
buried() { awk '{ sub(/.*\) /, ""); print $14 + $15 }' "/proc/$1/stat"; }
postgres_cpu() {
	sum=$(($(own "$postmaster") + $(buried "$postmaster")))
	for p in $(pgrep -P "$postmaster"); do
		sum=$((sum + $(own "$p")))
	done
	echo "$sum"
}

# No pause is part of the cost, and nothing here is a rate limit's to decide.
sql "select mina_config_put('mma.provider.registry',
    jsonb_set(jsonb_set(value, '{providers,seedream-replicate,rate}',
    '{\"create_per_min\": 600000, \"other_per_min\": 6000000}'),
    '{providers,seedream-replicate,poll}', value #>
    '{providers,seedream-replicate,poll}' || '{\"first_ms\": 20, \"max_ms\": 20000}'),
    'bench') from mina_config('mma.provider.registry')" >/dev/null 2>&1 || :

order() {	# order COUNT: as many generations, two to a pass
	sql "select mina_runtime_put('{\"limits.running\": 4, \"limits.queued\": 10}',
	    null, 'bench', 'bench')" >/dev/null
	sql "do \$\$
	declare o record; p text; n int;
	begin
		select mg_mma_vars as v, mg_payload->'request' as r, mg_meta as m
		into o from mega_generations where mg_record_type = 'generation'
		order by mg_created_at limit 1;
		for i in 1..$1 loop
			p := 'pass:anon:' || overlay(gen_random_uuid()::text placing '4' from 15 for 1);
			if i % 2 = 1 then
				perform mina_customer(p, null, null, null, 20, 30);
				perform set_config('bench.pass', p, false);
			end if;
			perform mina_admit('gen_still_b' || substr(md5(random()::text), 1, 23),
			    current_setting('bench.pass'), null, 1, 'still', 'create',
			    jsonb_set(o.r, '{brief}', to_jsonb('bench ' || i || random())),
			    o.v - 'job', jsonb_set(o.m, '{request_sha}', '\"b\"'), 10, null);
		end loop;
	end \$\$" >/dev/null
}

# One session that looks every 50 ms: starting one each time would cost more
# than what is measured.
settle() {
	psql -XqAt -v ON_ERROR_STOP=1 "$db" -c "do \$\$
	begin
		for i in 1..6000 loop
			exit when not exists (select from mega_generations
			    where mg_record_type = 'generation' and mg_due_at is not null);
			perform pg_sleep(0.05);
		end loop;
		if exists (select from mega_generations
		    where mg_record_type = 'generation' and mg_due_at is not null) then
			raise 'they do not end';
		end if;
	end \$\$" || exit 1
}

sandbox settings '{"instant":true,"fast":true,"predictMs":0,"format":"jpg"}'
pass=pass:anon:$(cat /proc/sys/kernel/random/uuid)
sql "select mina_customer('$pass', null, null, null, 20, 30)" >/dev/null
# shellcheck disable=SC2154 # lib-stack.sh sets them
curl -sS --cacert "$ca" -H "X-Mina-Pass-Id: $pass" -H 'Content-Type: application/json' \
    -d '{"brief":"a bottle on marble","settings":{"seedream":{"quality":"standard"}}}' \
    "$base/editorial/generate" | jq -e '.status == "done"' >/dev/null ||
    { echo 'the first one failed' >&2; exit 1; }
order 20
settle

w0=$(own "$worker") p0=$(postgres_cpu)
t0=$(date +%s.%N)
order "$gens"
settle
t1=$(date +%s.%N)
w1=$(own "$worker") p1=$(postgres_cpu)
awk -v n="$gens" -v hz="$hz" -v w="$((w1 - w0))" -v p="$((p1 - p0))" \
    -v t="$(echo "$t1 - $t0" | bc)" 'BEGIN {
	printf "%d generations in %.1f s\n", n, t
	printf "worker    %6.2f ms of CPU each\n", w / hz * 1000 / n
	printf "postgres  %6.2f ms of CPU each (admission included)\n", p / hz * 1000 / n
	printf "together  %6.2f ms\n", (w + p) / hz * 1000 / n }'

sandbox settings '{"hold":true,"instant":false,"fast":true}'
before=$(awk '/VmRSS/ { print $2 }' "/proc/$worker/status")
order "$waiting"
n=0
while :; do
	held=$(sql "select count(*) from mega_generations where mg_status = 'pending'
	    and mg_mma_vars #>> '{job,state}' = 'submitted'")
	[ "$held" -lt "$waiting" ] || break
	n=$((n + 1))
	[ "$n" -lt 1200 ] || { echo "only $held are submitted" >&2; exit 1; }
	sleep 0.2
done
sleep 3
during=$(awk '/VmRSS/ { print $2 }' "/proc/$worker/status")
printf '%d waiting at once: worker %d MB resident (%d MB before), %d kB each\n' \
    "$held" "$((during / 1024))" "$((before / 1024))" \
    "$(((during - before) / held))"
sandbox settings '{"hold":false,"instant":true,"format":"jpg"}'
t0=$(date +%s)
settle
printf 'let go, all ended %d s later; ' "$(($(date +%s) - t0))"
printf '%s failed; parity finds %s\n' \
    "$(sql "select count(*) from mega_generations where mg_status = 'failed'")" \
    "$(sql 'select count(*) from mina_parity()')"
