#!/bin/sh
# bench/sql.sh - CPU time of one generation in Postgres
#
#	bench/sql.sh [GENERATIONS] [SQLDIR]
#
# Plays the database calls of GENERATIONS (default 1000) whole stills through
# one session of a private cluster, as the worker makes them: prepared, with
# maps and step payloads of real sizes. Prints the CPU time (user and system,
# from /proc) of the session per generation, with fsync off and on, then the
# time of each function from pg_stat_user_functions. That one is wall time, and
# counting it costs something itself, so it is a run of its own.
#
# SQLDIR (default: ../sql) is the schema to measure; two in turn compare them.
# PG_BINDIR names the server's programs.
set -eu
umask 022
for v in $(env | sed -n 's/^\(PG[A-Z][A-Z]*\)=.*/\1/p'); do
	unset "$v"
done
top=$(dirname "$(dirname "$(readlink -f "$0")")")
n=${1:-1000}
sql=${2:-$top/sql}
bin=${PG_BINDIR:-$(find /usr/lib/postgresql -name initdb | sort -V |
    tail -n 1 | sed 's,/initdb$,,')}
pgbench=$(command -v pgbench || echo "$bin/pgbench")

# Postgres refuses to run as root.
as_pg() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && runuser -u postgres -- "$@")
	else
		"$@"
	fi
}

tmp=$(mktemp -d /tmp/mina-bench.XXXXXX)
quit() {
	as_pg "$bin/pg_ctl" -D "$tmp/data" -m immediate -w stop >/dev/null 2>&1 ||
	    :
	rm -rf "$tmp"
}
trap quit EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$tmp"
mkdir "$tmp/data" "$tmp/s"
[ "$(id -u)" -ne 0 ] || chown postgres "$tmp/data" "$tmp/s"
as_pg "$bin/initdb" -D "$tmp/data" -A trust -U postgres -E UTF8 --no-sync \
    >/dev/null
# No autovacuum: its workers would be counted with the session.
cat >>"$tmp/data/postgresql.conf" <<'END'
autovacuum = off
fsync = off
jit = off
listen_addresses = ''
max_wal_size = 2GB
random_page_cost = 1.1
shared_buffers = 256MB
END
as_pg "$bin/pg_ctl" -D "$tmp/data" -w -l "$tmp/s/log" -o "-k $tmp/s" start \
    >/dev/null
PGHOST=$tmp/s PGUSER=mina PGDATABASE=mina
export PGHOST PGUSER PGDATABASE
psql -XqU postgres -d postgres -c 'create role mina login' \
    -c 'create database mina owner mina'
"$sql/apply.sh" dbname=mina

q() {
	psql -XqAt -v ON_ERROR_STOP=1 -c "$1"
}

# Twenty customers who like what they got.
q "select from generate_series(1, 20) i, mina_customer('pass:user:' || i, null,
    null, null, 1000000, 30)" >/dev/null
q "do \$\$
declare p text; g text;
begin
	for i in 1..400 loop
		p := 'pass:user:' || i % 20 + 1;
		g := 'was' || i;
		perform mina_admit(g, p, null, 1, 'still', 'create',
		    '{\"brief\": \"b\"}', '{}', '{}', null, null);
		perform mina_claim('b', 1, 60000, 4);
		perform mina_settle(g, 'b', jsonb_build_object('output_url', 'u',
		    'prompt', repeat('a bottle on marble ', 20), 'status', 'done'),
		    null);
		insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
		    mg_generation_id, mg_meta)
		values ('mma_event:' || g, 'mma_event', p, g,
		    '{\"event_type\": \"like\"}');
	end loop;
end \$\$"
q 'vacuum analyze' 2>/dev/null

# What a still with one product carries.
text() {	# text BYTES
	q "select left(string_agg(substr(md5(i::text), 1, 3 + i % 6), ' '), $1)
	    from generate_series(1, $1) i"
}
brief=$(text 240)
caption=$(text 420)
prompt=$(text 700)
url=https://media.example/generations/gen_still_6d8dea266ce24420ddd29df9
request='{"ui": {"visionIntelligence": true}, "brief": "'$brief'", "ratio":
"1:1", "style": "none", "assets": {"logoUrl": null, "inspirationUrls":
["'$url'-1.jpg", "'$url'-2.jpg"], "productImageUrl": "'$url'-0.jpg"},
"settings": {"seedream": {"quality": "standard"}}, "note": "'$caption'"}'
vars='{"mode": "still", "version": 1, "inputs": {"style": "none", "userBrief":
"'$brief'"}, "assets": {"logo_image_url": null, "product_image_url":
"'$url'-0.jpg", "inspiration_image_urls": ["'$url'-1.jpg", "'$url'-2.jpg"]},
"history": {"like_window": 5, "vision_intelligence": true}, "settings":
{"seedream": {"size": "1K", "enhance_prompt": false}}, "meta": {"provider":
"seedream-replicate", "settings_versions": {"defaults":
"app_config:mma.provider.seedream.defaults.v1", "registry": 8}}, "scans": {},
"prompts": {}, "outputs": {}, "feedback": {"still_feedback": null},
"userMessages": {"scan_lines": [], "final_line": null}}'
meta='{"ignored": [], "request_id": "2a907b92df8035558cc150b8547c6f27",
"request_sha": "21a9f652cba1e41e8fd81264577dc638d6d38816182046fce1acf6a5bb534b08"}'
patch='{"prompts": {"clean_prompt": "'$prompt'"}, "history":
{"style_history_csv": "'$brief'"}, "scans": {"product_crt": "'$caption'"},
"userMessages": {"final_line": "A quiet surface, kept calm."}}'
timing='"timing": {"ended_at": "2026-11-22T12:34:32.621Z", "started_at":
"2026-11-22T12:34:32.619Z", "duration_ms": 2}'
ctx='"ctx_id": "app_config:mma.ctx.gpt_reader.v1", "ctx_key":
"mma.ctx.gpt_reader", "ctx_version": 1'
taste='{"error": null, "input": {"window": 5}, "output": {"hard_blocks": [],
"liked_prompts": ["'$caption'", "'$caption'"], "style_history_csv": "'$brief'",
"style_history_tags": []}, '$timing'}'
reader='{"error": null, "input": {"parts": {"brief": "'$brief'", "ratio": "1:1",
"taste": "'$caption'", "captions": ["'$caption'", "'$caption'"]}, '$ctx',
"input_gpt_reader": "'$brief$caption$caption$caption'"}, "output":
{"clean_prompt": "'$prompt'", "userMessage_final": "Kept calm."}, '$timing'}'
made='{"error": null, "input": {"prompt": "'$prompt'", "request": {"input":
{"size": "1K", "prompt": "'$prompt'", "aspect_ratio": "1:1"}}}, "output":
{"bytes": 38988, "width": 1024, "height": 1024, "output_url": "'$url'.jpg",
"source_url": "'$url'.jpg", "thumbnail_url": "'$url'_thumb.webp"}, '$timing'}'
after='{"error": null, "input": {"role": "output", '$ctx', "asset_url":
"'$url'.jpg"}, "output": {"crt": "'$caption'", "tags": ["composition.square",
"light.bright", "mood.moderate", "setting.scene", "palette.grey"],
"userMessage_line": "It sits well."}, '$timing'}'
out='{"output_url": "'$url'.jpg", "output_key": "generations/x.jpg", "prompt":
"'$prompt'", "provider": "seedream-replicate", "model": "bytedance/seedream-4",
"content_type": "image/jpeg", "status": "postscan"}'
outputs='{"outputs": {"bytes": 38988, "width": 1024, "height": 1024, "still_url":
"'$url'.jpg", "thumbnail_url": "'$url'_thumb.webp"}}'
scan='{"scans": {"output_still_crt": "'$caption'"}}'

# pgbench takes a colon and a name for a variable, in quotes too.
step() {	# step NO TYPE PAYLOAD PROVIDER
	echo "select mina_step('gen_still_' || :g::text, :owner, $1, '$2', '0',
	    :$3::jsonb, '$4', 'model', 5, 6, 7, 'succeeded', null,
	    :stepmeta::jsonb);"
}
# The query that looks up what a customer likes, from its source.
# shellcheck disable=SC2016 # its $1 and $2
likes=$(sed -n '/STMT_READ("taste",/,/);$/p' "$top/lib/mma/taste.c" |
    sed -e 1d -e 's/^ *"//' -e 's/"\(,\|);\)\{0,1\}$//' |
    sed -e 's/\$1/(:pass || :p::text)/g' -e 's/\$2/5/g')
[ -n "$likes" ] || { echo 'no taste query' >&2; exit 1; }
cat >"$tmp/still.sql" <<END
\\set g random(1, 1000000000000000)
\\set p random(1, 20)
select verdict, available from mina_admit('gen_still_' || :g::text,
    :pass || :p::text, null, 1, 'still', 'create', :request::jsonb,
    :vars::jsonb, :meta::jsonb, 10, null, '192.0.2.' || :p::text, 1000000,
    1000000, 6, 2000000000);
select generation_id, pass, session, mode, parent, status, money = 'succeeded',
    cost, attempts, created_at, vars, request, meta
    from mina_claim(:owner, 4, 60000, 4);
select no, type, key, status, payload -> 'output'
    from mina_steps('gen_still_' || :g::text);
select mina_stage('gen_still_' || :g::text, :owner, 'scanning', null);
$likes;
$(step 1 like_history taste '')
select mina_stage('gen_still_' || :g::text, :owner, 'prompting', null);
$(step 2 gpt_reader reader openai)
select mina_stage('gen_still_' || :g::text, :owner, 'generating',
    :patch::jsonb);
select mina_job('gen_still_' || :g::text, :owner, 'seedream-replicate',
    :note::jsonb);
select mina_job('gen_still_' || :g::text, :owner, 'seedream-replicate',
    jsonb_build_object('id', :g::text, 'state', 'submitted'));
$(step 3 seedream_generate made seedream-replicate)
select settled from mina_settle('gen_still_' || :g::text, :owner, :out::jsonb,
    :outputs::jsonb);
$(step 4 postscan_output_still after openai)
select mina_finish('gen_still_' || :g::text, :owner, :scan::jsonb);
END

play() {	# play GENERATIONS
	"$pgbench" -n -M prepared -c 1 -t "$1" -f "$tmp/still.sql" \
	    -D "owner=bench" -D "request=$request" -D "vars=$vars" \
	    -D "meta=$meta" -D "patch=$patch" -D "taste=$taste" \
	    -D "reader=$reader" -D "made=$made" -D "after=$after" \
	    -D 'pass=pass:user:' -D 'note={"state": "submitting"}' \
	    -D "out=$out" -D "outputs=$outputs" -D "scan=$scan" \
	    -D 'stepmeta={"request_id": "gen_still_6d8dea266ce24420ddd29df9"}' \
	    >"$tmp/out" 2>&1 || :
	grep -q "processed: $1/$1" "$tmp/out" || {
		cat "$tmp/out" >&2
		exit 1
	}
}

# A session's time is added to the postmaster's when it has ended.
postmaster=$(head -n 1 "$tmp/data/postmaster.pid")
hz=$(getconf CLK_TCK)
ended() {
	sleep 0.3
	awk '{ sub(/.*\) /, ""); print $14 + $15 }' "/proc/$postmaster/stat"
}
setting() {	# setting ASSIGNMENT
	psql -XqAtU postgres -c "alter system set $1" \
	    -c 'select pg_reload_conf()' >/dev/null
	sleep 0.3
}

play 50
was=$(q "select count(*) from mega_generations")
for fsync in off on; do
	setting "fsync = $fsync"
	before=$(ended)
	play "$n"
	awk -v j="$(($(ended) - before))" -v hz="$hz" -v n="$n" -v f="$fsync" \
	    'BEGIN { printf "fsync %-3s  %.2f ms of CPU per generation\n", f,
	    j / hz * 1000 / n }'
done
# Each leaves itself, an event, a ledger row and four steps, and is paid for.
left=$(q "select count(*) from mega_generations")
[ $((left - was)) -eq $((n * 2 * 7)) ] || {
	echo "$((left - was)) rows of $((n * 2)) generations" >&2
	exit 1
}
[ "$(q 'select count(*) from mina_parity()')" -eq 0 ] || {
	echo 'parity finds faults' >&2
	exit 1
}

setting 'fsync = off'
setting "track_functions = 'all'"
play "$n"
sleep 1
echo 'function             calls   us a call   us a generation (wall time)'
q "select rpad(funcname, 16) || lpad(calls::text, 10) || lpad(round((total_time
    * 1000 / calls)::numeric)::text, 12) || lpad(round((total_time * 1000
    / $n)::numeric)::text, 18) || ', ' || round((self_time * 1000
    / $n)::numeric) || ' of it its own'
    from pg_stat_user_functions where calls >= $n order by total_time desc"
