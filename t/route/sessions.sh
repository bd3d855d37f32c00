#!/bin/sh
# sessions: POST /sessions/start as in MINAV3.md section 2.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 26

cgi sessions POST /sessions/start "$user" -d \
    '{"platform":"web","clientVersion":"3.0.0","meta":{"timezone":"Asia/Dubai"}}'
is "$status" 200 'a session starts'
sid=$(js .sessionId)
like "$sid" '^sess_[0-9a-f-]{36}$' 'with an id of its form'
is "$(q "select mg_id || ' ' || mg_record_type || ' ' || mg_pass_id || ' ' ||
    mg_platform || ' ' || mg_client_version || ' ' || (mg_meta->>'timezone')
    from mega_generations where mg_session_id = '$sid'")" \
    "session:$sid session $user web 3.0.0 Asia/Dubai" 'and is a row'
cgi sessions POST /sessions/start "$user"
is "$status" 200 'everything in the body is optional'
cgi sessions POST /sessions/start -
is "$status $(js .code)" '401 TOKEN_REQUIRED' 'nobody cannot start one'
cgi sessions POST /sessions/start anonymous -d '{}'
is "$status" 401 'nor can "anonymous"'
cgi sessions POST /sessions/start "$user" -d '{"platform":7}'
is "$status $(js .code) $(js .field)" '422 INVALID_FIELD platform' \
    'a wrong field is named'
cgi sessions POST /sessions/start "$user" -d '[1]'
is "$status $(js .code)" '400 MALFORMED_JSON' 'the body must be an object'
cgi sessions POST /sessions/start "$user" -H 'Content-Type: text/plain' -d hello
is "$status $(js .code)" '415 UNSUPPORTED_TYPE' 'a body of another type'
printf '{"platform":"web"}' | gzip -c >"$tmp/packed"
for e in gzip br,gzip; do
	cgi sessions POST /sessions/start "$user" -H "Content-Encoding: $e" \
	    -d "@$tmp/packed"
	is "$status $(js .code)" '415 UNSUPPORTED_TYPE' "a body in $e"
	like "$(js .message)" "encoded as $e," 'is told apart from bad JSON'
done
# As Apple's devices write UUIDs.
big=$(echo "$user" | sed 's/7c0e/7C0E/')
cgi sessions POST /sessions/start "$big" -H 'Content-Encoding: identity' -d '{}'
is "$status $(q "select count(distinct mg_pass_id) from mega_generations
    where mg_record_type = 'session'")" '200 1' \
    'a pass in capitals is the same customer'
cgi sessions POST /sessions/start - -d "{\"passId\":\"$big\"}"
is "$status $(q "select count(*) from mega_customers")" '200 1' 'in the body too'
cgi history GET "/history/pass/$big" "$user"
is "$status" 200 'and in the path'
cgi history GET "/history?session=sess_$(echo "${sid#sess_}" | tr a-f A-F)" \
    "$user"
is "$status" 200 'a session in capitals is taken'
cgi sessions POST /sessions/start "pass:anon:0000000G-0000-4000-8000-000000000000"
is "$status" 400 'but no other letters'
cgi sessions POST /sessions/start "$user" -d '{"customerId":"pass:anon:x"}'
is "$status" 400 'the pass in the body comes before the header'
cgi sessions POST /sessions/start "$user" -d '{"a":'
is "$status $(js .code)" '400 MALFORMED_JSON' 'broken JSON'
like "$(js .message)" 'byte [0-9]+' 'names the offset'
like "$(js .requestId)" '^[0-9a-f]{32}$' 'every problem has its request id'
awk 'BEGIN { for (i = 0; i < 66000; i++) printf "x" }' >"$tmp/big"
cgi sessions POST /sessions/start "$user" -d "@$tmp/big"
is "$status $(js .code)" '413 TOO_LARGE' 'a body over 64 kB'
cgi sessions POST /sessions/start - -d "{\"customerId\":\"$user\",\"platform\":7}"
is "$status" 422 'the body may name the pass'
is "$(q "select count(*) from mega_generations where mg_record_type = 'session'")" 4 \
    'nothing else was written'
is "$(q "update mega_generations set mg_platform = 'x' where mg_record_type = 'session'" |
    grep -c ERROR)" 1 'and a session row never changes'
