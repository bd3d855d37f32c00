#!/bin/sh
# Server-sent events of a generation: in order, once, resumable.
# shellcheck disable=SC2016 # $ belongs to sh -c here
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 68
stack_up

pass=pass:anon:5f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d11
other=pass:anon:6f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d22
js() { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -o /dev/null \
    -H 'Content-Type: application/json' "$@"; }
settings() { world -d "$1" "$world/_sandbox/settings"; }
fault() { world -d "$1" "$world/_sandbox/faults"; }
post()
{
	post_path=$1
	post_body=$2
	shift 2
	api POST "$post_path" -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -d "$post_body" "$@"
}
# order BODY: sets gen
order()
{
	post /editorial/generate "$1" -H 'Prefer: respond-async'
	gen=$(js .generationId)
}

# stream NAME ID [CURL ARGUMENT ...]: follows it to its end.  NAME.sse is what
# came, NAME.at the same with the millisecond each line arrived.
stream()
{
	stream_name=$tmp/$1
	stream_path=/generations/$2/events
	shift 2
	curl -sSN --cacert "$ca" --max-time 60 -H "X-Mina-Pass-Id: $pass" \
	    -D "$stream_name.head" "$@" "$base$stream_path" 2>"$stream_name.err" |
	while IFS= read -r line; do
		printf '%s %s\n' "$(date +%s%3N)" "$line"
	done >"$stream_name.at"
	sed 's/^[0-9]* //' "$stream_name.at" >"$stream_name.sse"
}

# events NAME ...: one line an event: name, id, data; comments are left out
events()
{
	for e; do
		awk -v RS= '{
			n = split($0, l, "\n")
			id = name = data = ""
			for (i = 1; i <= n; i++) {
				if (l[i] ~ /^id: /) id = substr(l[i], 5)
				if (l[i] ~ /^event: /) name = substr(l[i], 8)
				if (l[i] ~ /^data: /) data = substr(l[i], 7)
			}
			if (name != "") print name "\t" id "\t" data
		}' "$tmp/$e.sse"
	done
}
names()  { events "$@" | cut -f 1 | uniq | paste -sd ' '; }
ids()    { events "$@" | cut -f 2; }
lines()  { events "$@" | sed -n 's/^scan_line.[^	]*.//p'; }
stages() { events "$@" | sed -n 's/^status.[^	]*.//p' | jq -r .stage | paste -sd ' '; }
index()  { lines "$@" | jq -r .index | paste -sd ' '; }
# at NAME EVENT: when the first of these arrived
at()     { awk -v e="event: $2" 'index($0, e) { print $1; exit }' "$tmp/$1.at"; }

# upload NAME: sets url
upload()
{
	rsvg-convert -w 300 "$top/sandbox/props/$1.svg" -o "$tmp/$1.png"
	post /api/r2/upload-signed '{"contentType":"image/png"}'
	url=$(js .publicUrl)
	curl -sS --cacert "$ca" -T "$tmp/$1.png" -H 'Content-Type: image/png' \
	    "$(js .uploadUrl)"
}
upload perfume
product=$url
upload logo
logo=$url
upload insp-marble
marble=$url
upload insp-linen
linen=$url
# Another brief, or another pass: the scans are kept, and then there is no wait.
four="\"assets\":{\"productImageUrl\":\"$product\",\"logoUrl\":\"$logo\",
    \"inspirationUrls\":[\"$marble\",\"$linen\"]}"

# One that stays quiet for longer than a heartbeat; looked at in the end.
settings '{"fast":true,"predictMs":1500}'
fault '{"target":"openai","kind":"delay","ms":17000}'
order '{"brief":"a quiet one"}'
quiet=$gen
stream quiet "$quiet" &
quiet_pid=$!
end_tries=0
while curl -sS --cacert "$ca" "$world/_sandbox/faults" | grep -q delay &&
    [ $end_tries -lt 50 ]; do
	sleep 0.1
	end_tries=$((end_tries + 1))
done

# --- as it happens

fault '{"target":"openai","kind":"delay","ms":2500,"count":2}'
asked=$(date +%s%3N)
order "{\"brief\":\"a bottle on marble\",$four}"
api GET "/generations/$gen" -H "X-Mina-Pass-Id: $pass"
is "$(js '.userMessages.scanLines[0] | length > 5')" true \
    "there is a line from the start ($(($(date +%s%3N) - asked)) ms)"
api GET "/generations/$gen/events" -H "X-Mina-Pass-Id: $other"
is "$status $(js .code)" '404 NOT_FOUND' 'a foreign generation is not there'
api GET /generations/gen_still_000000000000000000000000/events \
    -H "X-Mina-Pass-Id: $pass"
is "$status $(js .code)" '404 NOT_FOUND' 'nor is one that never was'
stream live "$gen"
head=$(tr -d '\r' <"$tmp/live.head")
like "$head" '^HTTP/2 200' 'a stream'
like "$head" '^content-type: text/event-stream$' 'is an event stream'
like "$head" '^cache-control: no-store$' 'that nobody keeps'
like "$head" '^x-request-id: [0-9a-f]{32}$' 'with a request id'
is "$(grep -vEc '^(id|event|data): |^$|^:' "$tmp/live.sse")" 0 \
    'each line is a field, a comment or an end'
# One for each picture, one for each stage, and the first of all.
all=$(seq -s ' ' 0 7)
is "$(index live)" "$all" 'every line once, in order'
is "$(lines live | jq -r '.text | length > 5' | sort -u)" true 'each says something'
like "$(stages live)" '^(queued )?scanning (prompting )?generating (postscan )?(done)?$|scanning.*(postscan|done)$' \
    'the stages in order'
is "$(events live | tail -n 1 | cut -f 1)" 'done' 'done comes last'
is "$(events live | grep -c '^done')" 1 'and once'
is "$(events live | grep -c '^error')" 0 'and no error'
is "$(events live | awk -F '\t' '$2 == ""' | wc -l)" 0 'each event has an id'
is "$(events live | grep -v '^done' | cut -f 2 | sort | uniq -d)" '' \
    'of its own'
events live | sed -n 's/^done.[^	]*.//p' >"$tmp/body"
is "$(js '"\(.generationId) \(.status) \(.charged)"')" "$gen done 1" \
    'the end is the generation'
ok 'with where the picture is' curl -sSf --cacert "$ca" -o /dev/null \
    "$(js .outputUrl)"
first=$(at live 'scan_line')
last=$(awk 'index($0, "event: scan_line") { t = $1 } END { print t }' "$tmp/live.at")
ok "the first line did not wait for the last ($((last - first)) ms)" \
    test $((last - first)) -ge 700
end=$(at live 'done')
ok "nor the last for the end ($((end - last)) ms)" test $((end - last)) -ge 1000

# --- once more, when it is over

start=$(date +%s%3N)
stream again "$gen"
ok "a finished one is told at once ($(($(date +%s%3N) - start)) ms)" \
    test $(($(date +%s%3N) - start)) -lt 1000
is "$(lines again)" "$(lines live)" 'with the same lines'
is "$(events again | tail -n 1 | cut -f 1)" 'done' 'and the same end'
stream odd "$gen" -H 'Last-Event-ID: nonsense'
is "$(lines odd)" "$(lines live)" 'an id that is none means from the beginning'
stream odd "$gen" -H 'Last-Event-ID: -1.99'
is "$(lines odd)" "$(lines live)" 'so does one out of range'

n=0
for id in $(events live | grep '^scan_line' | cut -f 2); do
	n=$((n + 1))
	stream rest "$gen" -H "Last-Event-ID: $id"
	is "$(index rest)" "$(seq -s ' ' $n 7)" \
	    "after line $n come those behind it"
done
is "$(events rest | tail -n 1 | cut -f 1)" 'done' 'and the end'
stream rest "$gen" -H "Last-Event-ID: $(ids live | tail -n 1)"
is "$(lines rest)$(events rest | grep -c '^done')" 1 \
    'after the end there is only the end'

# --- many at once

fault '{"target":"openai","kind":"delay","ms":900,"count":1}'
pass=$other
order "{\"brief\":\"for many\",$four}"
pids=
for i in 1 2 3 4 5 6 7 8; do
	stream "many$i" "$gen" &
	pids="$pids $!"
done
# shellcheck disable=SC2086 # numbers
wait $pids
is "$(for i in 1 2 3 4 5 6 7 8; do index "many$i"; done | sort | uniq -c | tr -s ' ')" \
    " 8 $all" 'eight who listen all hear everything'

# --- other ends

fault '{"target":"replicate.create","kind":"refused"}'
order '{"brief":"declined"}'
stream bad "$gen"
bad=$gen
is "$(events bad | tail -n 1 | cut -f 1)" error 'an error is an error'
events bad | sed -n 's/^error.[^	]*.//p' >"$tmp/body"
is "$(js '"\(.status) \(.error.code) \(.charged)"')" 'error MODERATED 0' \
    'with its code, and what was charged'
settings '{"hold":true}'
order '{"brief":"stopped"}'
stream stop "$gen" &
stop_pid=$!
sleep 0.5
post "/generations/$gen/cancel" '{}'
is "$status" 200 'a cancel while somebody listens'
wait $stop_pid
is "$(events stop | tail -n 1 | cut -f 1)" error 'ends the stream'
events stop | sed -n 's/^error.[^	]*.//p' >"$tmp/body"
is "$(js '"\(.status) \(.charged)"')" 'canceled 0' 'as canceled'
settings '{"hold":false}'
stopped=$gen

# --- once more

post "/generations/$bad/retry" '{}'
is "$status $(js '"\(.status) \(.charged)"')" '200 done 1' \
    'what failed can be tried again'
retried=$(js .generationId)
ok 'as another generation' test "$retried" != "$bad"
api GET "/generations/$retried" -H "X-Mina-Pass-Id: $pass"
request=$(js -cS .request)
api GET "/generations/$bad" -H "X-Mina-Pass-Id: $pass"
is "$(js -cS .request)" "$request" 'of the same order'
is "$(js .status)" error 'the first stays what it was'
post "/generations/$stopped/retry" '{}' -H 'Idempotency-Key: once more'
is "$status" 200 'so can what was canceled'
again=$(js .generationId)
post "/generations/$stopped/retry" '{}' -H 'Idempotency-Key: once more'
is "$status $(js .generationId)" "200 $again" 'and with a key only once'
post "/generations/$retried/retry" '{}'
is "$status $(js .code)" '409 CONFLICT' 'what was delivered is not made again'
pass=pass:anon:5f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d11
post "/generations/$bad/retry" '{}'
is "$status $(js .code)" '404 NOT_FOUND' 'nor is what is not yours'
pass=$other
curl -sSN --cacert "$ca" --max-time 60 -H "X-Mina-Pass-Id: $pass" \
    "$base/mma/stream/$bad" >"$tmp/alias.sse"
is "$(lines alias)" "$(lines bad)" 'the other address has the same stream'
is "$(events alias | tail -n 1 | cut -f 1)" error 'to its end'

wait $quiet_pid
is "$(events quiet | tail -n 1 | cut -f 1)" 'done' 'the quiet one is done as well'
ok 'and was kept awake' grep -q '^:$' "$tmp/quiet.sse"

# --- last, for it ends every stream: the program is restarted in the middle

# cut_off SIGNAL: a stream that is broken after its first line, and taken up
cut_off()
{
	pass=pass:anon:$(cat /proc/sys/kernel/random/uuid)
	fault '{"target":"openai","kind":"delay","ms":1500,"count":2}'
	order "{\"brief\":\"cut off\",$four}"
	rm -f "$tmp/before.at"
	stream before "$gen" &
	cut_pid=$!
	cut_tries=0
	until grep -q scan_line "$tmp/before.at" 2>/dev/null ||
	    [ $cut_tries -gt 100 ]; do
		sleep 0.05
		cut_tries=$((cut_tries + 1))
	done
	cut_program=$(stack_pid generations)
	kill "-$1" "$cut_program"
	wait $cut_pid
	is "$(events before | grep -c '^done')" 0 "SIG$1: the stream ends early"
	ok '... at the end of an event' sh -c \
	    '[ -z "$(tail -n 1 "$1")" ]' tail "$tmp/before.sse"
	cut_tries=0
	until stream after "$gen" -H "Last-Event-ID: $(ids before | tail -n 1)"
	    grep -q '^HTTP/2 200' "$tmp/after.head" || [ $cut_tries -gt 50 ]; do
		sleep 0.1
		cut_tries=$((cut_tries + 1))
	done
	ok '... another program goes on' test "$(stack_pid generations)" != \
	    "$cut_program"
	ok '... with lines yet to come' test "$(lines after | wc -l)" -ge 1
	is "$(index before after)" "$all" '... none is lost, none comes twice'
	is "$(events after | tail -n 1 | cut -f 1)" 'done' '... up to the end'
	is "$(events before after | grep '^status' | cut -f 3 | sort | uniq -d)" \
	    '' '... and no stage twice'
}
settings '{"predictMs":300}'
cut_off TERM
cut_off KILL

is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the books agree'
