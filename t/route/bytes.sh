#!/bin/sh
# Bytes from outside that are no text, or no date, or no number that Postgres
# has: in the path, each query parameter, each member and each header, of every
# route in t/identity.tab.  What is asked is only that the answer is ours: the
# status of the table, or one from 200 to 499.
# shellcheck disable=SC2154
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"

tab=$top/t/identity.tab
# Orders make lists long: reading first.
for m in GET POST PUT DELETE; do
	grep "^${m}[[:blank:]]" "$tab" || :
done >"$tmp/tab"
[ -s "$tmp/tab" ] || exit 99
db_up
plan $(($(wc -l <"$tmp/tab") + 16))

id=gen_still_bytes
q "select mina_customer('$user', null, null, null, 100000, 30)" >/dev/null
# Finished, so that streams and waits end at once.
{
	q "select mina_admit('$id', '$user', null, 0, 'still', 'create', '{}',
	    '{}', '{}', 10, null)"
	q "select mina_claim('t', 10, 600000, 10)"
	q "select mina_settle('$id', 't', '{\"output_url\":
	    \"https://media.example/x.png\", \"status\": \"done\"}', null)"
} >/dev/null
# Full queues would hide what comes after them.
q "insert into mega_admin (mg_id, mg_record_type, mg_runtime_id,
    mg_runtime_flat, mg_source_system, mg_created_at, mg_updated_at)
    select 'runtime_config:2', mg_record_type, 2, mg_runtime_flat ||
    '{\"limits.queued\": 1000000, \"session.daily\": 1000000,
    \"event.daily\": 1000000, \"upload.daily\": 1000000,
    \"fetch.daily\": 1000000, \"still.daily\": 1000000,
    \"video.daily\": 1000000, \"spend.daily\": 1000000000}',
    mg_source_system, mina_now(), mina_now()
    from mega_admin where mg_id = 'runtime_config:1'"

# The names of all members and parameters, from the sources that read them.
members='json_(may|want)_[a-z]+\([^"]*"[^"]*",[ ]*"[A-Za-z_]+"'
cat "$top"/cgi-bin/*.c "$top"/lib/gen/*.c "$top"/lib/account/*.c \
    "$top"/lib/web/*.c | tr '\n\t' '  ' >"$tmp/sources"
{
	grep -oE "$members|json_get\\([^\"()]*(\\([^\"()]*\\))?[^\"()]*\"[A-Za-z_]+\"" \
	    "$tmp/sources" | sed 's/"$//; s/.*"//'
	echo eventType
	echo event_type
} | sort -u >"$tmp/members"
grep -oE 'rq, "[a-z]+"' "$tmp/sources" | cut -d '"' -f 2 | sort -u >"$tmp/params"
for n in q from to cursor session limit; do
	grep -qx $n "$tmp/params" || echo $n
done >"$tmp/missing"
for n in generationId sessionId brief platform sourceUrl; do
	grep -qx $n "$tmp/members" || echo $n
done >>"$tmp/missing"
is "$(cat "$tmp/missing")" '' 'what is tried is what the programs read'

raw=$(printf '\377')
latin=$(printf 'caf\351')
# Each a value of JSON.
printf '%s\n' '"\ud800"' '"a\u0000b"' "\"$raw\"" '"0000-01-01T00:00:00Z"' \
    '"2026-01-01T00:00:00+20:00"' 9007199254740993 '["\udfff"]' '{"\ud800":1}' \
    >"$tmp/values"
# Each encoded for a query or a path.
printf '%s\n' %ff %00 %ed%a0%80 0000-01-01 2026-01-01T00:00:00%2B20:00 \
    9999-12-31T23:59:59-10:00 99999999999999999999 %zz "$raw" >"$tmp/queries"
headers='IDEMPOTENCY_KEY X_SESSION_ID LAST_EVENT_ID PREFER USER_AGENT
    X_MINA_PASS_ID AUTHORIZATION IF_NONE_MATCH ORIGIN X_SHOPIFY_TOPIC
    X_SHOPIFY_SHOP_DOMAIN X_SHOPIFY_WEBHOOK_ID X_SHOPIFY_HMAC_SHA256'

# word METHOD URI [BODY]: a request in fcgiclient's words, one a line.
word()
{
	case $1 in
	GET | DELETE) printf '%s\n' "$1:$2" read ;;
	*)	n=$(printf %s "$3" | wc -c)
		printf '%s\n' "$1:$2:$n" "in:$3" eof read ;;
	esac
}

# All requests about one route, to $tmp/words; the first are whole ones.
words()	# METHOD PATH QUERY BODY
{
	while read -r v; do
		case $2 in
		*'{'*)	word "$1" "$(echo "$2" | sed "s/{[^}]*}/$v/g")" "$4" ;;
		*)	word "$1" "$2/$v" "$4" ;;
		esac
	done <"$tmp/queries"
	path=$(echo "$2" | sed "s/{id}/$id/g; s/{passId}/$user/g
	    s/{[^}]*}/x/g")
	if [ "$1" = GET ]; then
		while read -r v; do
			while read -r name; do
				echo "GET:$path?$name=$v${3:+&$3}"
				echo read
			done <"$tmp/params"
		done <"$tmp/queries"
		return
	fi
	word "$1" "$path?$raw=1" "$4"
	[ "$1" = POST ] || return 0
	rest=${4#\{}
	[ "$rest" = '}' ] || rest=,$rest
	while read -r v; do
		# Not one process a request: there are thousands.
		awk -v v="$(printf %s "$v" | sed 's/\\/\\\\/g')" -v path="$path" \
		    -v rest="$(printf %s "$rest" | sed 's/\\/\\\\/g')" '{
			body = "{\"" $0 "\":" v rest
			printf "POST:%s:%d\nin:%s\neof\nread\n", path, length(body), body
		}' "$tmp/members"
	done <"$tmp/values"
}

# ask PROGRAM [WORD ...]: the words of $tmp/words; prints each wrong status.
ask()
{
	prog=$1
	shift
	# A kept connection may be closed by nobody: all on one.
	LC_ALL=C split -l 4000 "$tmp/words" "$tmp/part."
	for part in "$tmp"/part.*; do
		xargs -d '\n' "$client" "$tmp/$prog.sock" "$@" <"$part" 2>&1
	done >"$tmp/said"
	rm -f "$tmp"/part.*
	asked=$(grep -c '^read$' "$tmp/words")
	answered=$(grep -c '^status=' "$tmp/said")
	[ "$asked" = "$answered" ] ||
	    echo "$answered answers to $asked requests: $(tail -n 1 "$tmp/said")"
	grep -E '^status=(0|5)' "$tmp/said" | grep -v "^status=$well " |
	    sort | uniq -c | sort -rn | head -n 3
}

LC_ALL=C
export LC_ALL
for p in $(for f in "$top"/cgi-bin/*.c; do basename "$f" .c; done); do
	"$builddir/cgi-bin/$p" --routes | awk -v p="$p" '{ print p, $1, $2 }'
	serve "$p"
done >"$tmp/programs"

bad=
while read -r method path body who well; do
	prog=$(awk -v m="$method" -v p="$path" '$2 == m && $3 == p { print $1 }' \
	    "$tmp/programs")
	query=
	case $body in
	-)	body={} ;;
	\?*)	query=${body#\?} body={} ;;
	esac
	body=$(printf %s "$body" | sed "s/{id}/$id/g")
	words "$method" "$path" "$query" "$body" >"$tmp/words"
	wrong=$(ask "$prog" "HTTP_X_MINA_PASS_ID=$user" HTTP_PREFER=respond-async)
	# One header a time, from there on.
	path=$(echo "$path" | sed "s/{id}/$id/g; s/{passId}/$user/g
	    s/{[^}]*}/x/g")
	[ "$path" != /history ] || path="/history?limit=1"
	for h in $headers; do
		for v in "$raw" "$latin" "$(printf 'a\355\240\200')"; do
			word "$method" "$path${query:+?$query}" "$body" >"$tmp/words"
			wrong="$wrong$(ask "$prog" "HTTP_X_MINA_PASS_ID=$user" \
			    HTTP_PREFER=respond-async "HTTP_$h=$v" | sed "s/^/$h /")"
		done
	done
	is "$wrong" '' "$method $path ($who)"
	[ -z "$wrong" ] || bad=1
done <"$tmp/tab"
[ -z "$bad" ] || diag "$(grep -hE 'E_BUG|E_DB|not checked' "$tmp"/*.log |
    sed 's/.*detail=//' | sort | uniq -c | sort -rn | head -n 10)"

# --- and what is said where somebody can put it right

one()	# one PROGRAM WORD ...: status of the last answer, and its body
{
	p=$1
	shift
	said=$(fc "$p" "HTTP_X_MINA_PASS_ID=$user" "$@" read body)
	status=$(printf '%s\n' "$said" | sed -n 's/^status=\([0-9]*\).*/\1/p' | tail -n 1)
	printf '%s\n' "$said" | grep '^{' >"$tmp/body" || :
}
one history 'GET:/history?q=%ff'
is "$status" 400 'a query that is not UTF-8'
one history 'GET:/history?from=0000-01-01'
is "$status $(js .field)" '422 from' 'a year that there was not'
one history 'GET:/history?to=2026-01-01T00:00:00%2B20:00'
is "$status $(js .field)" '422 to' 'an offset that there is not'
one history 'GET:/history?from=9999-12-31T23:59:59-10:00'
is "$status $(js .field)" '422 from' 'a year of five digits'
one history "HTTP_X_MINA_PASS_ID=$user$raw" GET:/history
is "$status" 400 'a pass that is not UTF-8'
one feedback 'POST:/mma/events:22' 'in:{"eventType":"create"}' eof
is "$status $(js .field)" '422 generationId' 'an event about nothing'
body='{"platform":"web"}'
one sessions "HTTP_USER_AGENT=$latin" "POST:/sessions/start:${#body}" "in:$body" eof
is "$status" 200 'a browser cannot choose its name'
is "$(q "select mg_browser from mega_generations where mg_record_type = 'session'
    order by mg_created_at desc, mg_id limit 1" | grep -c "caf$(printf '\357\277\275')")" \
    1 'of which what is no text is replaced'
one sessions "HTTP_IDEMPOTENCY_KEY=$latin" "POST:/sessions/start:${#body}" "in:$body" eof
is "$status" 400 'a key of ours can be chosen'
body='{"platform":"\ud83d"}'
one sessions HTTP_IDEMPOTENCY_KEY=k "POST:/sessions/start:${#body}" "in:$body" eof
is "$status" 200 'half an emoji is taken'
ok 'as a replacement character' test "$(q "select count(*) from
    mega_generations where mg_record_type = 'session'
    and mg_platform = chr(65533)")" -gt 0
body='{"platform":"a\u0000"}'
one sessions HTTP_IDEMPOTENCY_KEY=l "POST:/sessions/start:${#body}" "in:$body" eof
is "$status $(js .code)" '400 MALFORMED_JSON' 'a NUL is not'
is "$(grep -lE 'E_BUG|not checked' "$tmp"/*.log)" '' 'no value came as far as Postgres'
is "$(complaints)" '' 'no sanitizer complained'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'
