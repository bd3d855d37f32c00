#!/bin/sh
# kill -9 of the worker at random moments: every generation is still delivered,
# nothing is ordered or charged twice.  limits.crashes is raised: one in some
# dozens is hit three times in a row.
#
#	KILLS=30	how often (MINA_QUICK=1: 15; "make kill": 100)
#	SEED=1234	the same pauses between the kills as last time
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

kills=${KILLS:-30}
[ -z "${MINA_QUICK:-}" ] || kills=${KILLS:-15}
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
stack_up MINA_AUTH=trusted MINA_LEASE_MS=1500
plan 17
diag "SEED=$seed KILLS=$kills"

world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
count() { stack_sql -c "select count(*) from mega_generations where $1"; }
pass() { printf 'pass:user:7c0e0000-0000-4000-8000-00000000000%d' "$1"; }

# ask PASS BODY-AFTER-THE-PASS: prints the generation's id.
ask()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    -H 'Prefer: respond-async' -d "{\"passId\":\"$1\",$2}" \
	    "$base/editorial/generate" | jq -r '.generationId // .code'
}

world settings '{"fast":true,"predictMs":400,"openaiMs":40}' >/dev/null
stack_sql >/dev/null <<X
select mina_customer('$(pass 1)', null, null, null, 100000, 30),
    mina_customer('$(pass 2)', null, null, null, 100000, 30),
    mina_customer('$(pass 3)', null, null, null, 100000, 30);
select mina_runtime_put('{"limits.queued": 1000, "limits.running": 8,
    "still.daily": 1000000, "spend.daily": 100000000,
    "limits.crashes": 1000}', null, null);
X
held_back() { [ "$(count "mg_record_type = 'generation' and mg_status = 'pending'")" -gt "$1" ]; }

# A picture of ours, to be the product of others.
gen=$(ask "$(pass 1)" '"mode":"still","brief":"A bottle on white paper."')
n=0
while held_back 0 && [ $n -lt 300 ]; do
	n=$((n + 1))
	sleep 0.1
done
product=$(stack_sql -c "select mg_output_url from mega_generations
    where mg_id = 'generation:$gen'")
like "$product" '^https://' 'there is a product'

# Some creates take their time, so that kills fall on them; some are accepted,
# and the answer gets lost.
world faults '{"target":"replicate.create","kind":"delay","ms":400,"count":-1,"probability":0.4}' >/dev/null

# --- a steady stream of orders: half of them the same as others
stream()
{
	i=0
	while [ ! -f "$tmp/enough" ]; do
		if held_back 20; then
			sleep 0.2
			continue
		fi
		i=$((i + 1))
		who=$(pass $((i % 3 + 1)))
		with="\"assets\":{\"productImageUrl\":\"$product\"},"
		case $((i % 4)) in
		0)	what='"brief":"A bottle on oak."' ;;
		1)	what="\"brief\":\"Bottle number $i on marble.\"" ;;
		2)	what="$with\"brief\":\"On linen, by a window.\"" ;;
		3)	what="$with\"brief\":\"On stone, number $i.\"" ;;
		esac
		ask "$who" "\"mode\":\"still\",$what" >>"$tmp/ids"
		sleep 0.1
	done
}
: >"$tmp/ids"
stream &
stream=$!
# shellcheck disable=SC2016  # it runs later
at_end 'kill $stream 2>/dev/null'

# --- the killer
awk -v seed="$seed" -v n="$kills" 'BEGIN {
	srand(seed)
	# Often before a lease can run out, sometimes after much was done.
	for (i = 0; i < n; i++) {
		pause = 0.05 + rand() * 1.3
		if (rand() < 0.4)
			pause = 1.3 + rand() * 2.7
		printf "%.3f\n", pause
	}
}' >"$tmp/pauses"
child() { stack_pid worker 2>/dev/null; }
done_=0
while read -r pause; do
	sleep "$pause"
	was=$(child)
	kill -KILL "$was" 2>/dev/null && done_=$((done_ + 1))
	n=0
	until now=$(child) && [ "$now" ] && [ "$now" != "$was" ] &&
	    kill -0 "$now" 2>/dev/null || [ $n -gt 250 ]; do
		n=$((n + 1))
		sleep 0.02
	done
	if [ $((done_ % 5)) -eq 0 ]; then
		world faults '{"target":"replicate.create","kind":"lost"}' >/dev/null
	fi
done <"$tmp/pauses"
: >"$tmp/enough"
wait $stream
is "$done_" "$kills" "the worker was killed $kills times"
world faults >"$tmp/faults"
curl -sS --cacert "$ca" -X DELETE "$world/_sandbox/faults" >/dev/null
n=0
while held_back 0 && [ $n -lt 1800 ]; do
	n=$((n + 1))
	sleep 0.1
done
n=0
while [ "$(count "mg_record_type = 'generation' and mg_mma_status <> 'done'")" -gt 0 ] &&
    [ $n -lt 300 ]; do
	n=$((n + 1))
	sleep 0.1
done

# --- the books
all=$(count "mg_record_type = 'generation'")
diag "$all generations, $(stack_sql -c "select sum(mg_attempts) from
    mega_generations where mg_record_type = 'generation'") runs"
is "$(grep -Evc '^gen_still_' "$tmp/ids")" 0 'every order was admitted'
is "$(($(wc -l <"$tmp/ids") + 1))" "$all" 'and is there'
is "$(stack_sql -c "select mg_status, mg_mma_status, count(*) from
    mega_generations where mg_record_type = 'generation' group by 1, 2")" \
    "succeeded|done|$all" 'every generation ends done'
ok 'the kills were felt: more runs than generations' test "$(stack_sql -c \
    "select sum(mg_attempts) - count(*) from mega_generations
    where mg_record_type = 'generation'")" -gt $((kills / 2))
world stats >"$tmp/stats"
is "$(jq .creates.accepted "$tmp/stats")" "$all" \
    'the provider accepted one prediction for each'
is "$(grep -c '"op":"create"' "$var/sandbox/journal.ndjson")" "$all" \
    'its journal says the same'
ok 'many of them were the same as another' test \
    "$(jq .creates.repeatedInputs "$tmp/stats")" -gt $((all / 8))
is "$(stack_sql -c "select count(distinct mg_ref_id) from mega_generations
    where mg_record_type = 'generation'")" "$all" 'no two share one'
is "$(stack_sql -c "select count(*), count(distinct mg_ref_id), sum(mg_delta)
    from mega_generations where mg_record_type = 'credit_transaction'
    and mg_reason = 'still'")" "$all|$all|-$all" 'each is charged once'
is "$(stack_sql -c 'select sum(mg_held), sum(mg_credits) from mega_customers')" \
    "0|$((300000 - all))" 'nothing is held any more, and the balance agrees'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'so does the ledger'
is "$(count "mg_record_type = 'mma_step' and mg_step_type = 'seedream_generate'
    and mg_status = 'succeeded'")" "$all" 'one step each made the picture'

# --- the pictures
mkdir "$tmp/pictures"
stack_sql -c "select mg_generation_id, mg_output_url from mega_generations
    where mg_record_type = 'generation'" | awk -F'|' -v d="$tmp/pictures" '
	{ printf "url = \"%s\"\noutput = \"%s/%s\"\n", $2, d, $1 }' >"$tmp/fetch"
curl -sSf --parallel --parallel-max 20 --cacert "$ca" -K "$tmp/fetch" 2>"$tmp/curl"
is "$(find "$tmp/pictures" -type f -size +10k | wc -l)" "$all" \
    'every output answers'
for f in "$tmp"/pictures/*; do
	case $(od -An -tx1 -N8 "$f" | tr -d ' \n') in
	89504e470d0a1a0a) ;;
	*)	echo "$f" ;;
	esac
done >"$tmp/broken"
is "$(wc -l <"$tmp/broken")" 0 'with a picture'
is "$(grep -Ehc 'level=err|Sanitizer|runtime error' "$var"/log/*.log |
    awk '{ n += $1 } END { print n }')" 0 'no program complains'
