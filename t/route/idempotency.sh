#!/bin/sh
# Idempotency-Key: every route that writes does so once per key.  The routes come
# from the programs' own tables; each needs a row in t/idempotency.tab.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"
db_up

grep -v '^#' "$top/t/idempotency.tab" >"$tmp/rows"
for p in "$top"/cgi-bin/*.c; do
	p=$(basename "$p" .c)
	"$builddir/cgi-bin/$p" --routes | awk -v p="$p" '
	    $1 ~ /^(POST|PUT|DELETE)$/ && / owner( |$)/ { print p, $1, $2 }'
done >"$tmp/routes"
offline=$(grep -c '|-|-|' "$tmp/rows")
plan $((($(wc -l <"$tmp/routes") - offline) * 17 + offline * 6 + 33))
is "$(cut -d ' ' -f 2- "$tmp/routes" | sort)" \
    "$(cut -d '|' -f 1 "$tmp/rows" | sort)" 'every writing route is in the table'

q "insert into mega_admin (mg_id, mg_record_type, mg_runtime_id, mg_runtime_flat)
    select 'runtime_config:99', 'runtime_config', 99,
    mina_runtime() || '{\"limits.queued\": 1000}'" >/dev/null
k255=$(awk 'BEGIN { for (i = 0; i < 255; i++) printf "k" }')
gens=$tmp/gens
delivered() {
	q "update mega_generations set mg_lease_owner = 'w'
	    where mg_id = 'generation:$1'"
	q "select mina_settle('$1', 'w', '{\"output_url\":
	    \"https://media.example/x.png\", \"status\": \"done\"}', null)" >/dev/null
}
gone() { printf 'gone_%s' "$(printf %s "$1 $2" | cksum | tr -d ' ')"; }
for who in "$user" "$other"; do
	q "select mina_customer('$who', null, null, null, 500, 30)" >/dev/null
	for g in waits off 'done'; do
		cgi generate POST /editorial/generate "$who" \
		    -H 'Prefer: respond-async' -d '{"brief":"A bottle."}'
		id=$(js .generationId)
		echo "$who $g $id" >>"$gens"
		case $g in
		off)	cgi generations POST "/generations/$id/cancel" "$who" ;;
		done)	delivered "$id" ;;
		esac
	done
	for k in first mistake "$k255" 'pair 1' 'pair 2' 'pair 3' 'pair 4' 'pair 5'; do
		q "select mina_admit('$(gone "$who" "$k")', '$who', null, 0, 'still',
		    'create', '{}', '{}', null, null, null)" >/dev/null
		delivered "$(gone "$who" "$k")"
	done
done

# What there is, and what it is worth: no work leaves it as it was.
world() { q "select md5(string_agg(g::text, '' order by mg_id)) ||
    (select string_agg(mg_credits || ' ' || mg_held, ' ' order by mg_pass_id)
    from mega_customers) from mega_generations g"; }
rows() { q 'select count(*) from mega_generations'; }
keys() { q "select count(*) from mega_admin where mg_action = 'once'"; }
field() { awk -F '|' -v r="$what" -v n="$1" '$1 == r { print $n }' "$tmp/rows"; }

# named WHO KEY TEXT: with the generations of whoever asks
named() { printf '%s\n' "$3" | sed "$(sed -n \
    "s,^$1 \([a-z]*\) \(.*\),s/@\1/\2/g,p" "$gens")
    s/@gone/$(gone "$1" "$2")/g"; }

# ask WHO KEY [PATH BODY]: the route at hand, or that path of its program
ask()
{
	cgi "$prog" "$method" "$(named "$1" "$2" "${3:-$path}")" "$1" \
	    -H "Idempotency-Key: $2" -H 'Prefer: respond-async' \
	    -d "$(named "$1" "$2" "${4:-$good}")"
}
replayed() { printf '%s\n' "$head" | grep -cx 'Idempotent-Replayed: true'; }
answer() { printf '%s ' "$status" "$(printf '%s\n' "$head" |
    grep -E '^(Location|Content-Type):')" "$body"; }

# pair N: both at once; prints what both said, the first answer first.
pair()
{
	for i in 1 2; do
		(
			# shellcheck disable=SC2030 # of its own
			tmp=$tmp/pair.$i
			mkdir -p "$tmp"
			ask "$user" "pair $1"
			echo "$status $(replayed) $(printf '%s' "$body" | cksum)" \
			    >"$tmp/said"
		) &
		eval "pid$i=\$!"
	done
	# shellcheck disable=SC2154 # set by eval
	wait "$pid1" "$pid2"
	sort -k 1,2 "$tmp/pair.1/said" "$tmp/pair.2/said"
}

# One did it; the other was told to wait, or what came of it.
one_of_two()
{
	awk '
		NR == 1 && $1 ~ /^2/ && $2 == 0 { first = $3 $4 }
		NR == 2 && ($1 == 409 || $2 == 1 && $3 $4 == first) { good = 1 }
		END { exit first == "" || !good }'
}

# What holds whether or not the work can be done here.
refused()
{
	# A good body goes before a bad key, where the order is the record.
	case $path in
	*/generate | */retry)	set -- "$path" "$good" ;;
	*)			set -- "$badpath" "$bad" ;;
	esac
	ask "$user" "k$k255" "$@"
	is "$status $(js .field)" '422 Idempotency-Key' '... a key of 256 characters'
	ask "$user" '' "$@"
	is "$status $(js .field)" '422 Idempotency-Key' '... of none'
	was=$(world) n=$(keys)
	ask "$user" mistake "$badpath" "$bad"
	like "$status $(replayed)" '^4.. 0$' '... an error'
	said=$status
	ask "$user" mistake "$badpath" "$bad"
	is "$status $(replayed)" "$said 0" '... is found again'
	is "$(world) $(keys)" "$was $n" '... nothing of it is kept'
}

while read -r prog method route; do
	what="$method $route"
	path=$(field 2) good=$(field 3) another=$(field 4)
	badpath=$(field 5) bad=$(field 6)
	if [ "$good" = - ]; then
		elsewhere=$top/t/$(field 7).sh
		is "$(grep -cF "${route%%\{*}" "$elsewhere" | sed 's/[1-9].*/+/') $(
		    grep -c Idempotency-Key "$elsewhere" | sed 's/[1-9].*/+/')" \
		    '+ +' "$what: in $(field 7)"
		refused
		continue
	fi

	n=$(rows)
	ask "$user" first
	like "$status $(replayed)" '^2.. 0$' "$what: done"
	work=$(($(rows) - n))
	said=$(answer) was=$(world)
	ask "$user" first
	is "$(answer)" "$said" '... again: the same answer'
	is "$(replayed)" 1 '... which says so'
	# Where the order counts and not how it is written, nothing else does.
	if [ "$another" = - ]; then
		ask "$user" first "$path" '{"x":1}'
		is "$(answer)" "$said" '... another body that nobody reads'
	else
		ask "$user" first "$path" "$another"
		is "$status $(js .code)" '422 IDEMPOTENCY_MISMATCH' '... another body'
	fi
	ask "$user" first "$path?x=1"
	case $path in
	*/generate | */retry)
		is "$(answer)" "$said" '... a query that nobody reads' ;;
	*)	is "$status" 422 '... another query' ;;
	esac
	is "$(world)" "$was" '... and nothing more was written'
	refused
	ask "$user" mistake
	like "$status $(replayed)" '^2.. 0$' '... and its key is still good'
	ask "$user" "$k255"
	like "$status" '^2' '... 255 are not too many'

	ask "$other" first
	like "$status $(replayed)" '^2.. 0$' "... another customer's key is another"
	ask "$other" first
	is "$(replayed)" 1 '... and kept as well'

	n=$(rows) wrong=
	for i in 1 2 3 4 5; do
		both=$(pair $i)
		printf '%s\n' "$both" | one_of_two || wrong="$wrong $both;"
	done
	is "$wrong" '' '... of two at once, one does it'
	is "$(($(rows) - n))" $((5 * work)) '... and once'
done <"$tmp/routes"

# --- the first is still at it
sessions() { q "select count(*) from mega_generations
    where mg_record_type = 'session'"; }
prog=sessions method=POST path=/sessions/start good='{"platform":"web"}'
mkfifo "$tmp/hold"

# While it is locked the row of a session cannot be written.
hold()
{
	psql -XqAt -o "$tmp/held" <"$tmp/hold" 2>&1 &
	exec 7>"$tmp/hold"
	echo 'begin; lock table mega_generations in share mode;' >&7
	echo "select 'held';" >&7
	within 10 grep -q held "$tmp/held"
}
release()
{
	echo 'rollback;' >&7
	exec 7>&-
	rm -f "$tmp/held"
}
waits() { [ "$(q "select count(*) from pg_locks where not granted and
    relation = 'mega_generations'::regclass")" = 1 ]; }
post_fc()
{
	fc sessions "HTTP_X_MINA_PASS_ID=$user" "HTTP_IDEMPOTENCY_KEY=$1" \
	    CONTENT_TYPE=application/json "POST:$path:${#good}" \
	    "in:$good" eof read body
}
# What was begun and not answered was begun so many seconds ago.
began() { q "update mega_admin set mg_last_seen_at = clock_timestamp() -
    interval '$1 s' where mg_action = 'once' and mg_status is null"; }

serve sessions
n=$(sessions)
hold
post_fc slow >"$tmp/slow" &
slow=$!
ok 'a request is in the middle of its work' within 10 waits
ask "$user" slow
is "$status $(js .code) $(js .retryAfter)" '409 CONFLICT 1' \
    'the same again is told to wait'
like "$head" '^Retry-After: 1$' 'for how long'
like "$(js .message)" 'under way' 'and why'
ask "$user" slow "$path" '{"platform":"ios"}'
is "$status $(js .code)" '422 IDEMPOTENCY_MISMATCH' 'another body is told so at once'
release
wait $slow
like "$(cat "$tmp/slow")" '^status=200 ' 'the first is answered'
ask "$user" slow
is "$status $(replayed) $body" "200 1 $(tail -n 1 "$tmp/slow")" 'and now so is the same again'
is "$(sessions)" $((n + 1)) 'one session began'

# --- kill -9 before anything was written
hold
post_fc killed >"$tmp/slow" &
slow=$!
ok 'another is in the middle' within 10 waits
kill -KILL "$pid"
wait "$pid" 2>/dev/null
wait $slow
like "$(cat "$tmp/slow")" '^status=0 ' 'and is killed there'
q "select pg_terminate_backend(pid) from pg_locks where not granted and
    relation = 'mega_generations'::regclass" >/dev/null
release
is "$(sessions)" $((n + 1)) 'nothing was written'
ask "$user" killed
is "$status $(js .code)" '409 CONFLICT' 'for a minute the same again has to wait'
began 50
ask "$user" killed
is "$status" 409 'a whole one'
began 70
ask "$user" killed
is "$status $(replayed)" '200 0' 'then it is done'
said=$body
ask "$user" killed
is "$status $(replayed) $body" "200 1 $said" 'and answered like any'
is "$(sessions)" $((n + 2)) 'once'

# --- kill -9 after the work, before its answer is kept
good='{"platform":"third"}'
serve sessions
hold
post_fc after >"$tmp/slow" &
slow=$!
ok 'a third is in the middle' within 10 waits
kill -KILL "$pid"
wait "$pid" 2>/dev/null
wait $slow
release
# Postgres finishes what it was told.
written() { [ "$(sessions)" = $((n + 3)) ]; }
ok 'it wrote its row, and was killed before it could say so' within 10 written
sid=$(q "select mg_session_id from mega_generations
    where mg_platform = 'third'")
began 70
ask "$user" after
is "$status $(replayed) $(js .sessionId)" "200 0 $sid" \
    'the same again meets its row, and says what the first would have'
ask "$user" after
is "$(replayed) $(js .sessionId)" "1 $sid" 'and that is kept'
is "$(sessions)" $((n + 3)) 'there is one row'

# --- Postgres fails when the answer is to be kept
q 'alter function mina_once_keep rename to mina_once_kept' >/dev/null
ask "$user" lost
is "$status $(replayed)" '200 0' 'an answer that cannot be kept is given'
like "$(cat "$tmp/cgi.log")" 'level=warn .*Idempotency-Key' 'the log tells'
q 'alter function mina_once_kept rename to mina_once_keep' >/dev/null
said=$(js .sessionId)
began 70
ask "$user" lost
is "$status $(js .sessionId)" "200 $said" 'and the same again finds its work done'

# --- a day later
q "update mega_admin set mg_created_at = now() - interval '25 hours'
    where mg_action = 'once' and mg_status is not null" >/dev/null
ask "$user" today
"$builddir/worker/worker" 2>"$tmp/worker.log" &
served="$served $!"
forgotten() { [ "$(keys)" = 1 ]; }
ok 'a worker forgets what was kept for a day' within 10 forgotten
ask "$user" today
is "$(replayed)" 1 'and nothing else'
said=$(js .sessionId)

# --- what it does not touch
n=$(keys)
cgi credits GET /credits/balance "$user" -H "Idempotency-Key: k$k255"
is "$status" 200 'a GET takes any key'
cgi sessions POST /sessions/start "$user" -d '{"platform":"web"}'
ok 'without a key each is its own' test "$(js .sessionId)" != "$said"
cgi sessions POST /sessions/start - -H 'Idempotency-Key: a' -d '{}'
is "$status" 401 'nobody has no keys'
is "$(keys)" "$n" 'and none of that is kept'
is "$(q "select count(*) from mega_admin where mg_action = 'once'
    and mg_payload::text like '%pass:%'")" 0 'who asked is not in what is kept'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'
