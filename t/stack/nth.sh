#!/bin/sh
# The N-th outside call fails, for N = 1, 2, ... until there is none left: of a
# still, a tweak and a film; of the program that admits it and of the worker; an
# HTTP call or a statement, before it is sent or after it was carried out, or the
# process is killed there.  After each the ledger agrees, what was delivered was
# bought once and charged once, what was not costs nothing, and the customer was
# told which.
#
#	EVERY=15	each 15th N, from a random first (make nth: 1, all of them)
#	FIRST=3		from that one
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

every=${EVERY:-15}
first=${FIRST:-$(($(od -An -N2 -tu2 /dev/urandom) % every + 1))}
plan 39
diag "EVERY=$every FIRST=$first"

js() { jq -r "$@" "$tmp/body"; }
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}

# --- one request

# ask PATH BODY KEY: until there is an answer that is not "try again", as a client
# does that has a key.
ask()
{
	for _ in 1 2 3 4 5 6 7 8; do
		api POST "$1" -H "X-Mina-Pass-Id: $pass" -H "Idempotency-Key: $3" \
		    -H 'Content-Type: application/json' -d "$2"
		case $status in
		200 | 202 | 4??) return ;;
		502)	# By nginx, or by us: only ours is an answer.
			! jq -e .generationId "$tmp/body" >/dev/null 2>&1 || return ;;
		esac
		sleep 0.2
	done
}

# how_it_ended GENERATION: its row, its charge, and what everything comes to.
how_it_ended()
{
	stack_sql -F ' ' -c "select g.mg_status, g.mg_mma_status,
	    coalesce(g.mg_error, '-'), g.mg_cost,
	    coalesce((select -sum(mg_delta) from mega_generations
		where mg_record_type = 'credit_transaction'
		and mg_ref_id = g.mg_generation_id), 0),
	    (select sum(mg_held) from mega_customers),
	    (select count(*) from mina_parity())
	    from mega_generations g where g.mg_id = 'generation:$1'"
}
over()
{
	[ "$(stack_sql -c "select mg_mma_status in ('done', 'error', 'canceled')
	    from mega_generations where mg_id = 'generation:$1'")" = t ]
}
accepted() { world stats | jq .creates.accepted; }

# one WHAT PROGRAM KIND N: false when no call was left to fail; what is wrong goes
# to $tmp/wrong.
one()
{
	rm -f "$fault.fired"
	echo "$2 $3 $4" >"$fault.new"
	mv "$fault.new" "$fault"
	case $1 in
	still)	path=/editorial/generate
		body='{"brief":"a bottle on marble","ratio":"4:3","assets":{"productImageUrl":"'$still'"}}' ;;
	tweak)	path=/editorial/generate
		body='{"parentGenerationId":"'$parent'","ratio":"4:3","feedback":{"text":"warmer light"}}' ;;
	film)	path=/motion/generate
		body='{"inputStillUrl":"'$still'","motionPrompt":"Slow push-in, steady light."}' ;;
	esac
	before=$(accepted)
	ask "$path" "$body" "$1-$2-$3-$4"
	answer="$status $(js '.status // .code')"
	gen=$(js '.generationId // ""')
	if [ -z "$gen" ]; then
		echo "$1 $2 $3 $4: no generation: $answer" >>"$tmp/wrong"
	elif ! within 60 over "$gen"; then
		echo "$1 $2 $3 $4: $gen never ends" >>"$tmp/wrong"
	else
		# shellcheck disable=SC2046  # seven words
		judge "$1 $2 $3 $4" $(($(accepted) - before)) $(how_it_ended "$gen")
	fi
	if [ -e "$fault" ]; then
		rm -f "$fault"
		return 1
	fi
}

# judge CASE CREATES STATUS MMA-STATUS ERROR COST CHARGED HELD PARITY
judge()
{
	case "$3 $4 $5 $2 $7" in
	"succeeded done - 1 $6")
		good="200 done" ;;
	"failed error PROVIDER_FAILED 0 0" | "failed error PROVIDER_FAILED 1 0")
		good="502 PROVIDER_FAILED" ;;
	*)	good=nothing ;;
	esac
	case "$good $8 $9" in
	"$answer 0 0") ;;
	*)	echo "$1: answered $answer; $3 $4 $5, $2 creates, charged $7 of $6, held $8, parity $9" \
		    >>"$tmp/wrong" ;;
	esac
}

# --- a group: one stack, some kinds of fault; it has no TAP of its own

group()
{
	tmp=$tmp/$1
	fault=$tmp/fault/call
	mkdir "$tmp" "$tmp/fault"
	# The programs may be another user's.
	chmod 711 "$tmp"
	chmod 777 "$tmp/fault"
	shift
	trap stack_down EXIT
	stack_up MINA_LEASE_MS=1500 MINA_FAULT="$fault" MINA_POLL_SCALE=20
	world settings '{"instant":true,"fast":true,"predictMs":0}' >/dev/null
	stack_sql -c "select mina_runtime_put(mina_runtime() || '{\"limits.queued\":
	    1000, \"still.daily\": 100000, \"video.daily\": 100000,
	    \"spend.daily\": 2000000000}', null, null)" >/dev/null
	pass=pass:anon:$(cat /proc/sys/kernel/random/uuid)
	stack_sql -c "select mina_customer('$pass', null, null, null, 100000, 30)" \
	    >/dev/null
	ask /editorial/generate '{"brief":"a bottle on marble","ratio":"4:3"}' first
	still=$(js .outputUrl)
	parent=$(js .generationId)
	within 30 over "$parent"
	for kind; do
		for what in still tweak film; do
			admits=generate
			[ "$what" != film ] || admits=motion
			for program in $admits worker; do
				: >"$tmp/wrong"
				n=$first
				while one "$what" "$program" "$kind" $n; do
					n=$((n + every))
				done
				# Eight HTTP calls and fifteen statements, say.
				[ "$every" -gt 1 ] || [ "$program" != worker ] ||
				    [ $n -ge 6 ] ||
				    echo "only $n calls were found" >>"$tmp/wrong"
				printf '%s\t%s\n' "$what, $program, $kind: each of $n" \
				    "$(paste -sd '|' "$tmp/wrong")" >>"$tmp/notes"
			done
		done
	done
	echo "$(grep -Ehc 'level=err|Sanitizer|runtime error' "$var"/log/*.log |
	    awk '{ n += $1 } END { print n }')" >"$tmp/complaints"
}

chmod 711 "$tmp"
groups=
for kinds in 'http http-lost' 'pg pg-lost' 'kill kill-after'; do
	# shellcheck disable=SC2086  # two words
	(group "${kinds%% *}" $kinds) >"$tmp/said.${kinds%% *}" 2>&1 &
	groups="$groups $!"
done
# shellcheck disable=SC2086  # process ids
wait $groups
for kind in http pg kill; do
	diag "$(cat "$tmp/said.$kind")"
	while IFS='	' read -r what wrong; do
		is "$wrong" '' "$what calls"
	done <"$tmp/$kind/notes"
	is "$(cat "$tmp/$kind/complaints")" 0 "$kind: no program complains"
done
