#!/bin/sh
# SIGTERM at every moment: work in progress is finished, no reply is cut off.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"

db_up
plan 43

pass=HTTP_X_MINA_PASS_ID=$user
late=HTTP_PREFER=respond-async
body='{"passId":"'$user'","mode":"still","brief":"A bottle on marble."}'
n=${#body}
q "select mina_customer('$user', null, null, null, 1000, 30)" >/dev/null

# ended PID MS WHAT: it exits with 0, in less than MS.
ended()
{
	kill "$1"
	began=$(now_ms)
	within 10 dead "$1"
	took=$(($(now_ms) - began))
	wait "$1" 2>/dev/null
	is "$? $((took < $2))" '0 1' "$3"
}

# --- idle
for prog in health me sessions credits generate generations uploads; do
	serve "$prog"
	fc "$prog" "$pass" GET:/nowhere read >/dev/null
	ended "$pid" 1000 "$prog, idle, exits within a second"
done
serve credits
fc credits "$pass" kept:32:/credits/balance ready eofs sleep:1500 >"$tmp/kept" &
keeper=$!
within 5 grep -q ready "$tmp/kept"
is "$(head -n 1 "$tmp/kept")" kept=32 'credits holds 32 kept connections'
ended "$pid" 1000 'and exits within a second'
wait $keeper
serve credits
ended "$pid" 1000 'one that never served a request does, too'
serve credits
fc credits idle:5 ready sleep:2000 >"$tmp/idle" &
keeper=$!
within 5 grep -q ready "$tmp/idle"
ended "$pid" 1000 'one with silent connections does, too'
wait $keeper
serve generate MINA_DB_URL="host=$tmp/nowhere user=mina"
fc generate "$pass" GET:/nowhere read >/dev/null
ended "$pid" 1000 'one whose database is away does, too'

# --- in the middle of a body
serve generate
fc generate "$pass" GET:/nowhere read >/dev/null
fc generate "$pass" "$late" HTTP_IDEMPOTENCY_KEY=body \
    "POST:/editorial/generate:$n" "in:$(printf %s "$body" | cut -c 1-30)" \
    ready sleep:700 "in:$(printf %s "$body" | cut -c 31-)" eof read eofs \
    >"$tmp/body.out" &
slow=$!
within 5 grep -q ready "$tmp/body.out"
sleep 0.1
kill "$pid"
sleep 0.3
ok 'in the middle of a body it goes on' alive "$pid"
like "$(fc generate "$pass" GET:/nowhere read)" '(refused|status=0)' \
    'but takes no newcomers'
within 10 dead "$pid"
wait "$pid"
is $? 0 'then it exits'
wait $slow
like "$(sed -n 2p "$tmp/body.out")" '^status=202 end=1 whole=1' \
    'the request was taken whole and answered'
like "$(sed -n 3p "$tmp/body.out")" '^closed=1 ms=[0-9]{1,3}$' \
    'and its connection closed at once'
is "$(q "select count(*) from mega_generations where mg_record_type =
    'generation'")" 1 'its generation is there'

# A request on a kept connection that is on its way when the signal comes.
serve credits
fc credits "$pass" GET:/credits/balance read ready sleep:50 \
    "POST:/credits/balance:5" in:123 ready sleep:400 in:45 eof read \
    >"$tmp/kept" &
slow=$!
within 5 sh -c "[ \$(grep -c ready '$tmp/kept') -eq 2 ]"
kill "$pid"
wait $slow
like "$(tail -n 1 "$tmp/kept")" '^status=4[0-9][0-9] end=1 whole=1' \
    'so is one on a kept connection'
wait "$pid"
is $? 0 'which ends with it'

# --- in the middle of an answer
q "select mina_admit('gen_still_' || i, '$user', null, 1, 'still', 'create',
    jsonb_build_object('brief', repeat('long ', 3000)),
    jsonb_build_object('prompts', jsonb_build_object('clean_prompt',
    repeat('prompt ', 2000))), '{}', null, null)
    from generate_series(1, 60) i" >/dev/null
serve generations
fc generations "$pass" GET:/generations?active=1 read >"$tmp/whole"
size=$(sed -n 's/.* bytes=\([0-9]*\).*/\1/p' "$tmp/whole")
ok "an answer larger than any buffer ($size bytes)" test "$size" -gt 500000
fc generations slow:8192:20 "$pass" GET:/generations?active=1 ready read eofs \
    >"$tmp/slow" &
slow=$!
within 5 grep -q ready "$tmp/slow"
sleep 0.3
kill "$pid"
sleep 0.5
ok 'in the middle of an answer it goes on' alive "$pid"
wait $slow
like "$(sed -n 2p "$tmp/slow")" "^status=200 end=1 whole=1 bytes=$size " \
    'the answer arrives whole'
wait "$pid"
is $? 0 'then it exits'

# Somebody slow is nobody else's business.
serve generations
fc generations slow:8192:20 "$pass" GET:/generations?active=1 ready read \
    >"$tmp/slow" &
slow=$!
within 5 grep -q ready "$tmp/slow"
sleep 0.2
like "$(fc generations "$pass" GET:/generations/gen_none read)" \
    '^status=404 .* ms=([0-9]|[0-9][0-9]|[12][0-9][0-9])$' \
    'while one reads slowly another is answered'
wait $slow
ended "$pid" 1000 'and it exits within a second'

# --- waiting for a picture
serve generate
fc generate "$pass" HTTP_IDEMPOTENCY_KEY=body "POST:/editorial/generate:$n" \
    "in:$body" eof ready read eofs >"$tmp/wait" &
slow=$!
within 5 grep -q ready "$tmp/wait"
sleep 0.5
is "$(grep -c status "$tmp/wait")" 0 'a request waits for its picture'
ended "$pid" 1000 'the program exits within a second all the same'
wait $slow
like "$(sed -n 2p "$tmp/wait")" '^status=202 end=1 whole=1' 'having answered 202'
like "$(sed -n 3p "$tmp/wait")" '^closed=1' 'and closed the connection'

# --- somebody in a hurry
serve generate
fc generate "$pass" "POST:/editorial/generate:$n" in:x ready sleep:4000 \
    >"$tmp/hurry" &
slow=$!
within 5 grep -q ready "$tmp/hurry"
sleep 0.1
kill "$pid"
sleep 1
ok 'a body that never ends is waited for' alive "$pid"
ended "$pid" 500 'a second SIGTERM hurries'
kill $slow
wait $slow 2>/dev/null
serve generate MINA_STOP_S=1
fc generate "$pass" "POST:/editorial/generate:$n" in:x ready sleep:4000 \
    >"$tmp/hurry" &
slow=$!
within 5 grep -q ready "$tmp/hurry"
sleep 0.1
ended "$pid" 1800 'and so does MINA_STOP_S'
kill $slow
wait $slow 2>/dev/null

# --- the worker; a port where nobody answers is its language model
# shellcheck disable=SC2016  # of the inner shell
free_port='p=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000)); exec spawn-fcgi -n -a 127.0.0.1 -p $p -- /bin/sh -c "echo $p; exec sleep 600"'
for _ in 1 2 3 4 5; do
	sh -c "$free_port" >"$tmp/port" 2>/dev/null &
	mute=$!
	within 2 test -s "$tmp/port" && break
done
served="$served $mute"
MINA_OPENAI_KEY=none MINA_PROVIDER_REPLICATE_TOKEN=none
MINA_PROVIDER_REPLICATE_URL=https://127.0.0.1:1
export MINA_OPENAI_KEY MINA_PROVIDER_REPLICATE_TOKEN MINA_PROVIDER_REPLICATE_URL

# work URL [VARIABLE=VALUE ...]
work()
{
	work_url=$1
	shift
	env "$@" MINA_OPENAI_URL="$work_url" "$builddir/worker/worker" \
	    </dev/null >"$tmp/worker.$serve_n.log" 2>&1 &
	pid=$!
	served="$served $pid"
	within 10 grep -q started "$tmp/worker.$serve_n.log"
	serve_n=$((serve_n + 1))
}
leased()
{
	[ "$(q "select count(*) from mega_generations
	    where mg_lease_owner is not null")" -eq "$1" ]
}

q "select mina_void(mg_generation_id, null, 'error', 'X', 'x', null)
    from mega_generations where mg_record_type = 'generation'
    and mg_status = 'pending'" >/dev/null
work "https://127.0.0.1:$(cat "$tmp/port")"
sleep 0.5
ended "$pid" 1000 'the worker, idle, exits within a second'
q "select mina_admit('gen_still_a', '$user', null, 1, 'still', 'create',
    '{\"brief\":\"A bottle.\"}', '{}', '{}', null, null)" >/dev/null

work https://127.0.0.1:1
within 5 leased 1
sleep 0.7
ended "$pid" 1000 'one between two tries exits within a second'
ok 'and gave its lease back' leased 0

work "https://127.0.0.1:$(cat "$tmp/port")" MINA_STOP_S=1
within 5 leased 1
sleep 0.5
ended "$pid" 2500 'one in the middle of a call exits after MINA_STOP_S'
ok 'and gave its lease back' leased 0

work "https://127.0.0.1:$(cat "$tmp/port")"
within 5 leased 1
sleep 0.5
kill "$pid"
sleep 0.3
ended "$pid" 1000 'a second SIGTERM hurries it'
ok 'and the lease is given back' leased 0
is "$(q "select mg_status from mega_generations
    where mg_id = 'generation:gen_still_a'")" pending \
    'the generation waits for another worker'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'
is "$(complaints)" '' 'no sanitizer complains'
