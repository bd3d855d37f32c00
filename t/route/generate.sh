#!/bin/sh
# generate: which requests are admitted, which are refused with what error, and
# that a refusal leaves no hold and no row.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 48
q "select mina_customer('$user', null, null, null, 10, 30)" >/dev/null

ask() {	# ask BODY [ARGUMENTS]
	ask_body=$1
	shift
	cgi generate POST /editorial/generate "$user" -H 'Prefer: respond-async' \
	    "$@" -d "$ask_body"
}
refused() { # refused BODY FIELD NAME
	ask "$1"
	is "$status $(js .field)" "422 $2" "$3"
}
money() { q "select mg_credits || ' ' || mg_held from mega_customers
    where mg_pass_id = '$user'"; }

ask '{"sessionId":"sess_2f2d0b2c-0f9d-4e8c-9a1a-6b2e7d4bbd35",
"brief":"Luxury perfume bottle on marble","style":"minimal","ratio":"1:1",
"assets":{"productImageUrl":"https://media.example/user_uploads/a/p.png",
"logoUrl":"https://media.example/user_uploads/a/l.png",
"inspirationUrls":["https://media.example/i1.jpg","https://media.example/i2.jpg"]},
"settings":{"seedream":{"quality":"high","guidance":7}},
"ui":{"visionIntelligence":true,"styleNoneAllowed":true}}'
is "$status" 202 'the request of the specification is admitted'
gen=$(js .generationId)
like "$gen" '^gen_still_[0-9a-f]{24}$' 'with an id'
is "$(js .status)" queued 'it is queued'
is "$(js '"\(.cost) \(.charged) \(.creditsAfter)"')" '1 0 9' 'costs one, charged nothing yet'
is "$(js '.ignoredSettings | join(",")')" seedream.guidance \
    'seedream 4 takes no guidance, and the answer says so'
like "$head" "^Location: /generations/$gen\$" 'Location says where to look'
is "$(js .statusUrl)" "/generations/$gen" 'so does the body'
is "$(money)" '10 1' 'the price is held, not taken'
is "$(q "select mg_mma_status || ' ' || mg_status || ' ' || mg_mma_mode || ' ' || mg_type
    from mega_generations where mg_id = 'generation:$gen'")" \
    'queued pending still image' 'the row says so'
is "$(q "select mg_mma_vars #>> '{settings,seedream,size}' from mega_generations
    where mg_id = 'generation:$gen'")" 2K 'high quality is resolved to the size 2K'
is "$(q "select count(*) from mega_generations where mg_record_type = 'mma_event'
    and mg_meta->>'event_type' = 'create'")" 1 'the event is noted'

cgi generations GET "/generations/$gen" "$user"
is "$status $(js .request.brief)" '200 Luxury perfume bottle on marble' \
    'the owner reads the request back'
is "$(js '.request.assets.inspirationUrls | length')" 2 'with its inspirations'
cgi generations GET "/generations/$gen" "$other"
is "$status $(js .code)" '404 NOT_FOUND' 'nobody else sees that it exists'
cgi generations GET '/generations?active=1' "$user"
is "$(js '.items[0].generationId')" "$gen" 'it is among the active ones'
cgi generations GET '/generations?active=1' "$other"
is "$(js '.items | length')" 0 'of its owner only'

refused '{}' brief 'a brief is required'
refused '{"brief":""}' brief 'and not empty'
refused '{"brief":7}' brief 'and a string'
refused '{"brief":"x","ratio":"7:5"}' ratio 'a ratio the model has'
refused '{"brief":"x","style":"baroque"}' style 'a style there is'
refused '{"brief":"x","assets":{"productImageUrl":"http://a.b/c.png"}}' \
    assets.productImageUrl 'https only'
refused '{"brief":"x","assets":{"productImageUrl":"https://me@a.b/c.png"}}' \
    assets.productImageUrl 'no user in a URL'
refused '{"brief":"x","assets":{"inspirationUrls":["https://a.b/1","https://a.b/2","https://a.b/3","https://a.b/4","https://a.b/5"]}}' \
    assets.inspirationUrls 'at most four inspirations'
refused '{"brief":"x","assets":{"inspirationUrls":["https://a.b/1",5]}}' \
    assets.inspirationUrls.1 'the wrong one is named'
refused '{"brief":"x","settings":{"seedream":{"quality":"best"}}}' \
    settings.seedream.quality 'a value the setting has'
refused '{"brief":"x","sessionId":"sess_1"}' sessionId 'a session id of its form'
refused '{"parentGenerationId":"gen_x"}' feedback.text 'a tweak needs its feedback'
ask '{"parentGenerationId":"gen_x","feedback":{"text":"softer"}}'
is "$status" 404 'and its parent'
ask "{\"parentGenerationId\":\"$gen\",\"feedback\":{\"text\":\"softer\"}}"
is "$status $(js .code)" '409 CONFLICT' 'which is finished'
awk 'BEGIN { printf "{\"brief\":\""; for (i = 0; i < 4001; i++) printf "é"; print "\"}" }' >"$tmp/long"
cgi generate POST /editorial/generate "$user" -d "@$tmp/long"
is "$status $(js .field)" '422 brief' 'a brief of 4001 characters is too long'
is "$(money)" '10 1' 'no refusal touched the matcha'
cgi generate POST /editorial/generate - -d '{"brief":"x"}'
is "$status" 401 'nobody cannot create'

ask '{"brief":"again"}' -H 'Idempotency-Key: k1'
first=$(js .generationId)
is "$status" 202 'a request with a key'
ask '{"brief":"again"}' -H 'Idempotency-Key: k1'
is "$(js .generationId)" "$first" 'sent twice is one generation'
like "$head" '^Idempotent-Replayed: true$' 'and says so'
ask '{"brief":"other"}' -H 'Idempotency-Key: k1'
is "$status $(js .code)" '422 IDEMPOTENCY_MISMATCH' 'another request under the key is refused'
cgi generate POST /editorial/generate "$other" -H 'Prefer: respond-async' \
    -H 'Idempotency-Key: k1' -d '{"brief":"other"}'
is "$status" 202 'another person may use the same key'
is "$(money)" '10 2' 'two are held'

cgi generations POST "/generations/$first/cancel" "$user"
is "$status $(js .status)" '200 canceled' 'a queued one is canceled at once'
is "$(money)" '10 1' 'and its matcha is free'
cgi generations POST "/generations/$first/cancel" "$user"
is "$(js .status)" canceled 'twice is the same'

i=0
while [ $i -lt 9 ]; do
	ask '{"brief":"many"}'
	i=$((i + 1))
done
is "$status" 202 'ten may wait'
ask '{"brief":"many"}'
is "$status $(js .code)" '402 INSUFFICIENT_CREDITS' 'the eleventh is not paid for'
is "$(js '"\(.needed) \(.available) \(.topUpUrl)"')" '1 0 null' \
    'and says what is missing'
MINA_TOPUP_URL=https://shop.example/cart MINA_PASS_KEY=secret
export MINA_TOPUP_URL MINA_PASS_KEY
ask '{"brief":"many"}'
like "$(js .topUpUrl)" \
    '^https://shop\.example/cart\?attributes%5Bmina_pass%5D=[A-Za-z0-9_-]{90,110}$' \
    'and where there is more, with the pass sealed'
q "select mina_move('$user', 5, 'purchase', 'test', 't', 't1', 'test', '{}')" >/dev/null
ask '{"brief":"many"}'
is "$status $(js .code)" '429 RATE_LIMITED' 'and the twelfth is one too many at once'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'
