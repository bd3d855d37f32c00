#!/bin/sh
# bench/film_memory.sh - worker memory and polling rate with thousands of waiting films
#
#	bench/film_memory.sh [FILMS] [MINUTES]
#
# FILMS (default 2000) films ordered at once, on one worker, against a sandbox
# that takes them all and finishes none for MINUTES (default 3); no callbacks.
# Prints how often the provider was asked each minute (its limit is 3000), and
# the worker's memory minute by minute; then they are let go, and all must
# end, be charged once, and be on storage.
#
# A stack of its own; MINA_INST names an install, else one is made from the
# build tree in BUILD (default: ./build).
set -u
here=$(dirname "$(dirname "$(readlink -f "$0")")")
films=${1:-2000}
minutes=${2:-3}
top_builddir=${BUILD:-$here/build}
export top_builddir
# shellcheck source=/dev/null
. "$here/t/tap.sh"
# shellcheck source=/dev/null
. "$here/t/lib-stack.sh"
# shellcheck disable=SC2034 # tap.sh reads it
tap_planned=0
stack_up MINA_LOG=warn MINA_WORKER_MAX="$((films + 10))"

# shellcheck disable=SC2154 # lib-stack.sh and tap.sh set them
{
sandbox() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
    -X POST -d "$2" "$world/_sandbox/$1" >/dev/null; }
sql() { psql -XqAt "$db" -c "$1"; }
post() { curl -sS --cacert "$ca" -H "X-Mina-Pass-Id: $pass" \
    -H 'Content-Type: application/json' -d "$2" "$base$1"; }
worker=$(stack_pid worker)
rss() { awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$worker/status"; }
asked() { curl -sS --cacert "$ca" "$world/_sandbox/stats" |
    jq '[.. | objects | to_entries[] | select(.key == "replicate.get") | .value |
    if type == "object" then .requests // .count // 0 else . end] | add // 0'; }

sandbox settings '{"instant":true,"fast":true,"predictMs":0}'
pass=pass:anon:$(cat /proc/sys/kernel/random/uuid)
sql "select mina_customer('$pass', null, null, null, 60, 30)" >/dev/null
still=$(post /editorial/generate '{"brief":"a bottle","settings":{"seedream":{"quality":"standard"}}}' |
    jq -r .outputUrl)
film=$(post /motion/generate "{\"inputStillUrl\":\"$still\",\"motionPrompt\":\"push in\"}")
[ "$(echo "$film" | jq -r .status)" = 'done' ] || { echo "the first film failed: $film" >&2; exit 1; }
sandbox settings '{"hold":true,"instant":false}'

sql "select mina_runtime_put('{\"limits.running\": 10, \"limits.queued\": 10}', null, 'bench', 'bench')" >/dev/null
before=$(rss)
sql "do \$\$
declare o record; p text;
begin
	select mg_mma_vars as v, mg_payload->'request' as r, mg_meta as m into o
	from mega_generations where mg_record_type = 'generation' and mg_mma_mode = 'video';
	for i in 1..$films loop
		if i % 10 = 1 then
			p := 'pass:anon:' || overlay(gen_random_uuid()::text placing '4' from 15 for 1);
			perform mina_customer(p, null, null, null, 60, 30);
		end if;
		perform mina_admit('gen_video_b' || lpad(i::text, 23, '0'), p, null, 5, 'video',
		    'create', jsonb_set(o.r, '{motionPrompt}', to_jsonb('bench ' || i)),
		    (o.v - 'job') || '{\"outputs\": {}}', '{\"request_sha\": \"b\"}', 10, null);
	end loop;
end \$\$" >/dev/null
n=0
while :; do
	held=$(sql "select count(*) from mega_generations where mg_status = 'pending'
	    and mg_mma_vars #>> '{job,state}' = 'submitted'")
	[ "$held" -lt "$films" ] || break
	n=$((n + 1))
	[ "$n" -lt 1500 ] || { echo "only $held are submitted" >&2; exit 1; }
	sleep 0.5
done
echo "$held films in flight on one worker, $((n / 2)) s after they were ordered"
i=0
was=$(asked)
while [ $i -lt "$minutes" ]; do
	sleep 60
	i=$((i + 1))
	now=$(asked)
	printf 'minute %d: asked %d times (limit 3000), worker %d MB resident (%d before)\n' \
	    "$i" "$((now - was))" "$(rss)" "$before"
	was=$now
done
sandbox settings '{"hold":false,"instant":true,"filmMs":-1}'
t0=$(date +%s)
n=0
while [ "$(sql "select count(*) from mega_generations where mg_record_type = 'generation' and mg_status = 'pending'")" -gt 0 ]; do
	n=$((n + 1))
	[ "$n" -lt 1800 ] || { echo 'they do not end' >&2; exit 1; }
	sleep 1
done
printf 'let go: all ended %d s later; %s delivered, %s failed, %s charged, parity finds %s; worker %d MB\n' \
    "$(($(date +%s) - t0))" \
    "$(sql "select count(*) from mega_generations where mg_id like 'generation:gen_video_b%' and mg_status = 'succeeded'")" \
    "$(sql "select count(*) from mega_generations where mg_id like 'generation:gen_video_b%' and mg_status = 'failed'")" \
    "$(sql "select count(*) from mega_generations where mg_id like 'credit_transaction:settle:gen_video_b%'")" \
    "$(sql 'select count(*) from mina_parity()')" "$(rss)"
}
