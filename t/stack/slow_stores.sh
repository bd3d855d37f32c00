#!/bin/sh
# Files that come slowly from other sites.  A program has room for so many bytes
# of them and each client a share of it; other customers' uploads are checked
# meanwhile, and a source below the minimum speed is given up.  Limits by
# address are in force: twelve addresses attack, with passes of their own.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 15
stack_up MINA_AUTH=trusted MINA_LIMIT_LOCAL=yes MINA_FETCH_MB=200 \
    MINA_FETCH_S=100
room=200
customer=pass:user:9c0e4f2a-5b1d-4c3e-9a77-0f6d8e1b2c3d
far=$var/sandbox/elsewhere
js() { jq -r "$@" "$tmp/body"; }
ends=
at_end 'hang_up'
hang_up()
{
	# shellcheck disable=SC2086 # process ids
	[ -z "$ends" ] || kill $ends 2>/dev/null
	# shellcheck disable=SC2086
	wait $ends 2>/dev/null
	ends=
}
mkdir -p "$far"
rsvg-convert -w 60 "$top/sandbox/props/perfume.svg" -o "$tmp/a.png"
{ cat "$tmp/a.png"; head -c 20000000 /dev/zero; } >"$far/slow.png"
# Its size comes behind more than is read at first.
ffmpeg -v error -i "$tmp/a.png" "$tmp/a.jpg" </dev/null
{
	printf '\377\330'
	for _ in 1 2 3 4 5 6 7 8; do
		printf '\377\357\377\377'
		head -c 65533 /dev/zero
	done
	tail -c +3 "$tmp/a.jpg"
} >"$tmp/late.jpg"
ffmpeg -v error -f lavfi -i color=red:s=64x64:d=0.2 "$tmp/film.mp4" </dev/null
{ cat "$tmp/film.mp4"; head -c 60000000 /dev/zero; } >"$far/film.mp4"

# --- asking

# slow NAME ADDRESS PASS PATH BODY: a request that goes on in the background.
slow()
{
	curl -sS --cacert "$ca" --interface "$2" --max-time 90 \
	    -o "$tmp/$1.body" -w '%{http_code}' -H "X-Mina-Pass-Id: $3" \
	    -H 'Content-Type: application/json' -d "$5" "$base$4" \
	    >"$tmp/$1.status" 2>/dev/null &
	ends="$ends $!"
}
# picture NAME ADDRESS PASS ARGS; film likewise.
picture()
{
	slow "$1" "$2" "$3" /api/r2/store-remote-signed \
	    "{\"sourceUrl\":\"$world/elsewhere/slow.png?$4\"}"
}
film()
{
	slow "$1" "$2" "$3" /store-remote-generation \
	    "{\"url\":\"$world/elsewhere/film.mp4?$4\",\"type\":\"video\"}"
}
anon() { printf 'pass:anon:%08d-0000-4000-8000-000000000000' "$1"; }
said() { grep -l "^$1" "$tmp"/"$2".*.status 2>/dev/null | wc -l; }
# listed: the program's coroutines, in $tmp/list.
listed()
{
	size=$(stat -c %s "$var/log/uploads.log")
	kill -USR2 "$(stack_pid uploads)"
	tries=500	# not with within, which does not nest
	until tail -c "+$((size + 1))" "$var/log/uploads.log" >"$tmp/list" &&
	    grep -q ' coroutines=' "$tmp/list"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.02
	done
}
waiting() { grep -c "wait=\"$1\"" "$tmp/list"; }
fetching() { listed && [ "$(waiting 'http reply')" -ge "$1" ]; }
queued() { listed && [ "$(waiting 'file room')" -ge "$1" ]; }
high() { awk '/^VmHWM/ { print $2 }' "/proc/$(stack_pid uploads)/status"; }

# upload FILE TYPE: prints its key.
upload()
{
	api POST /api/r2/upload-signed --interface 127.0.9.9 \
	    -H "X-Mina-Pass-Id: $customer" \
	    -H 'Content-Type: application/json' -d "{\"contentType\":\"$2\"}"
	curl -sS --cacert "$ca" -T "$1" -H "Content-Type: $2" -o /dev/null \
	    "$(js .uploadUrl)"
	js .key
}
checked()
{
	api POST /api/r2/complete --interface 127.0.9.9 --max-time 60 \
	    -H "X-Mina-Pass-Id: $customer" \
	    -H 'Content-Type: application/json' -d "{\"key\":\"$1\"}"
}

# --- pictures

quick=$(upload "$tmp/a.png" image/png)
late=$(upload "$tmp/late.jpg" image/jpeg)
# Slower than is taken; it has its place before the others come.
picture crawl.1 127.0.1.40 "$(anon 401)" 'after=20k&rate=2k'
within 5 fetching 1
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	for j in 1 2 3 4 5; do
		picture "p.$i.$j" "127.0.1.$i" "$(anon "$i$j")" rate=20k
	done
done
ok 'slow pictures of twelve addresses wait for room' within 8 queued 12
is "$(waiting 'http reply')" 4 '... as far as one host may, in bytes'
more() { [ "$(said 429 p)" = 12 ]; }
ok 'an address has four at once, whatever the passes' within 20 more
checked "$quick"
is "$status" 200 "another customer's upload is checked"
checked "$late"
is "$status" 200 '... also one that is read as a whole'
ok '... while the slow ones go on' fetching 4
busy() { [ "$(said 503 p)" -ge 40 ]; }
ok 'what finds no room is told so' within 30 busy
like "$(cat "$tmp"/p.*.body)" '"code":"BUSY"' '... as busy'
is "$(said 200 p)" 0 'none of them has come'
given_up() { [ "$(said 422 crawl)" = 1 ]; }
ok 'a source below the minimum speed is given up' within 60 given_up
is "$(jq -r .reason "$tmp/crawl.1.body")" TOO_SLOW '... as too slow'
ok '... and those above it are not' fetching 4

# --- films

# Without the pictures; it is started again at once.
hang_up
old=$(stack_pid uploads)
kill -9 "$old"
again() { [ "$(stack_pid uploads)" != "$old" ] && listed; }
within 20 again
before=$(high)

for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do
	film "f.$i" "127.0.2.$i" "$(anon "50$i")" 'after=58m&rate=20k'
done
refused() { [ "$(said 429 f)" = 16 ]; }
ok 'of eighteen slow films two are taken' within 20 refused
full() { [ "$(high)" -gt "$((before + 50000))" ]; }
within 20 full
checked "$late"
is "$status" 200 'and an upload is checked beside them'
grown=$(($(high) - before))
diag "$grown kB more"
ok 'they are held in the room that is set' test "$grown" -lt $((room * 1024 + 40000))
