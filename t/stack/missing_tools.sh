#!/bin/sh
# What would be found missing only after a job was paid for is found before: a
# program that looks at films, the one that limits it, a key of the store.  The
# programs are found along a PATH of the test's own, which lacks some.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
need ffprobe ffmpeg prlimit
plan 21

# The programs may run as somebody else, who must get in.
chmod 755 "$tmp"
mkdir "$tmp/bin"
(IFS=:
for d in $PATH /usr/sbin /sbin; do
	for f in "$d"/*; do
		[ ! -x "$f" ] || ln -s "$f" "$tmp/bin/" 2>/dev/null
	done
done)
whole=$PATH
rm "$tmp/bin/ffprobe" "$tmp/bin/prlimit"
# put PROGRAM: there it is
put() { ln -s "$(PATH=$whole command -v "$1")" "$tmp/bin/$1"; }
# Only the programs get it; what takes the stack down needs the whole one, also
# when the test is killed and $tmp is gone.
cat >"$tmp/mina" <<X
#!/bin/sh
[ "\$1" != up ] || PATH=$tmp/bin
exec "$top/mina" "\$@"
X
chmod 755 "$tmp/mina"
real=$top
top=$tmp
stack_up
top=$real

js() { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' "$@"; }
stats() { world "$world/_sandbox/stats" | jq -r "$1"; }
post()
{
	api POST "$1" -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -d "$2"
}
held() { stack_sql -c "select mg_credits || ' ' || mg_held
    from mega_customers where mg_pass_id = '$pass'"; }
warned()
{
	api GET /ready
	[ "$status" = 200 ] && js '.warnings[]' | grep -q "$1"
}
quiet() { api GET /ready; [ "$(js -c .warnings)" = '[]' ]; }
# nothing_ordered: since $creates and $asked
nothing_ordered()
{
	is "$(stats .creates.accepted) $(stats .openai.requests)" \
	    "$creates $asked" '... neither the provider nor the language model was asked'
	is "$(held)" "$money" '... and nothing is charged or held'
}

ok '/ready tells that a worker lacks a program' within 20 warned \
    'prlimit did not start'
api GET /me
pass=$(js .passId)
stack_sql -c "select mina_customer('$pass', null, null, null, 40, 30)" >/dev/null
world -o /dev/null -d '{"instant":true,"predictMs":0}' "$world/_sandbox/settings"
post /editorial/generate '{"brief":"a bottle on marble"}'
is "$status $(js .status)" '200 done' 'a still is made without them'
still=$(js .outputUrl)
first=$(js .generationId)
described() { [ "$(stack_sql -c "select mg_mma_status from mega_generations
    where mg_id = 'generation:$first'")" = 'done' ]; }
ok '... and described' within 20 described
film="{\"inputStillUrl\":\"$still\",\"motionPrompt\":\"Slow push-in.\"}"
creates=$(stats .creates.accepted)
asked=$(stats .openai.requests)
money=$(held)

for missing in prlimit ffprobe; do
	post /motion/generate "$film"
	is "$status $(js .code)" '503 BUSY' "without $missing there is no film"
	nothing_ordered
	ok '... the log names it as an error' sh -c \
	    'grep "level=err" "$1" | grep -q "$2 did not start"' sh \
	    "$var/log/worker.log" $missing
	put $missing
done
post /motion/generate "$film"
is "$status $(js .status)" '200 done' 'with both there is one'
is "$(stats .creates.accepted)" $((creates + 1)) '... for one job'

# A worker that may not write to the store; it is asked when it starts.
world -o /dev/null -d '{"target":"s3.put","kind":"status","status":403,
    "count":-1}' "$world/_sandbox/faults"
old=$(stack_pid worker)
kill -KILL "$old"
killed_at=$(stack_sql -c 'select mina_now()')
another() { new=$(stack_pid worker 2>/dev/null) && [ "$new" != "$old" ]; }
ok 'a new worker starts' within 20 another
ok '/ready tells that it cannot store' within 20 warned 'nothing can be stored'
creates=$(stats .creates.accepted)
money=$(held)
post /editorial/generate '{"brief":"a jar on linen"}'
is "$status $(js .code)" '503 BUSY' 'without a store there is no still'
is "$(stats .creates.accepted)" "$creates" '... no job was created'
is "$(held)" "$money" '... and nothing is charged or held'
world -o /dev/null -X DELETE "$world/_sandbox/faults"
post /editorial/generate '{"brief":"a jar on linen again"}'
is "$status $(js .status)" '200 done' 'with the store there is one'
# The note of the worker that was killed counts for three minutes.
stack_sql -c "update mega_admin set mg_updated_at = mg_updated_at - interval
    '3 minutes' where mg_id like 'outbox:note:%'
    and mg_updated_at < '$killed_at'" >/dev/null
ok '/ready tells nothing once nothing is missing' within 90 quiet
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the books agree'
