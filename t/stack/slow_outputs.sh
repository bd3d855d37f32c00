#!/bin/sh
# Outputs that come slowly from their hosts, and pictures that take long to
# decode, hold up neither other customers' outputs nor their pictures.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 15
stack_up MINA_AUTH=trusted

customer() { printf 'pass:user:%08d-0000-4000-8000-000000000000' "$1"; }
for i in 1 2 3 4 5 11 12 13 14 15 16 21; do
	echo "select mina_customer('$(customer $i)', null, null, null, 30, 30);"
done | stack_sql >/dev/null
js() { jq -r "$@" "$tmp/body"; }
world()
{
	curl -sS --cacert "$ca" -o /dev/null -H 'Content-Type: application/json' \
	    -d "$2" "$world/_sandbox/$1"
}
# still N PREFER [ASSETS]: of customer N.
still()
{
	api POST /editorial/generate -H "X-Mina-Pass-Id: $(customer "$1")" \
	    -H "Prefer: $2" -H 'Content-Type: application/json' \
	    -d "{\"mode\":\"still\",\"brief\":\"A bottle on marble.\"${3:+,\"assets\":$3}}"
}
# listed: the worker's coroutines, in $tmp/list.
listed()
{
	size=$(stat -c %s "$var/log/worker.log")
	kill -USR2 "$(stack_pid worker)"
	tries=500	# not with within, which does not nest
	until tail -c "+$((size + 1))" "$var/log/worker.log" >"$tmp/list" &&
	    grep -q ' coroutines=' "$tmp/list"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.02
	done
}
# waiting WAIT: how many generations of the list wait for that.
waiting() { grep -c "work=\"generation\" wait=\"$1\"" "$tmp/list"; }
count() { stack_sql -c "select count(*) from mega_generations
    where mg_record_type = 'generation' and $1"; }

# --- outputs

world settings '{"instant":true,"predictMs":0,"outputRate":2000}'
still 5 respond-async
crawls=$(js .generationId)
made() { [ "$(count "mg_mma_vars #>> '{job,state}' = 'submitted'")" -ge "$1" ]; }
ok 'an output comes more slowly than is taken' within 30 made 1
world settings '{"outputRate":20000}'
for i in 1 2 3 4; do
	still $i respond-async
	still $i respond-async
done
# More than MINA_STORE_MAX are on their way.
downloading() { made 9 && listed && [ "$(waiting 'http reply')" -ge 9 ]; }
ok 'eight outputs come slowly' within 10 downloading
is "$(waiting 'store room')" 0 'none of them waits for another'
world settings '{"outputRate":0}'
for i in 11 12 13 14 15 16; do
	still $i wait=120
	is "$status $(js .charged)" '200 1' "other customers have theirs: $i"
done
is "$(count "mg_status = 'pending' and mg_pass_id in ('$(customer 1)',
    '$(customer 2)', '$(customer 3)', '$(customer 4)')")" 8 \
    '... while the slow ones are still coming'

# --- pictures

ffmpeg -v error -f lavfi -i testsrc2=s=7000x7000 -frames:v 1 -y "$tmp/large.png" \
    </dev/null
# upload: prints its address.
upload()
{
	api POST /api/r2/upload-signed -H "X-Mina-Pass-Id: $(customer 21)" \
	    -H 'Content-Type: application/json' -d '{"contentType":"image/png"}'
	curl -sS --cacert "$ca" -T "$tmp/large.png" -H 'Content-Type: image/png' \
	    -o /dev/null "$(js .uploadUrl)"
	api POST /api/r2/complete -H "X-Mina-Pass-Id: $(customer 21)" \
	    -H 'Content-Type: application/json' -d "{\"key\":\"$(js .key)\"}"
	js .publicUrl
}
one=$(upload) two=$(upload) three=$(upload)
still 21 respond-async "{\"productImageUrl\":\"$one\",\"logoUrl\":\"$two\",
    \"inspirationUrls\":[\"$three\",\"$one\",\"$two\",\"$three\"]}"
is "$status" 202 'a customer sends six pictures of 49 megapixels'
turns() { listed && [ "$(waiting turn)" -ge 3 ]; }
ok '... which are decoded in turns' within 10 turns
is "$(waiting thread)" 1 '... one at a time'

# --- the one below the minimum speed

given_up() { [ "$(stack_sql -c "select count(*) from mega_generations
    where mg_record_type = 'mma_step' and mg_generation_id = '$crawls'
    and mg_payload #>> '{error,reason}' = 'TOO_SLOW'")" -gt 0 ]; }
ok 'a host below the minimum speed is given up' within 30 given_up
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
