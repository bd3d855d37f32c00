#!/bin/sh
# motion: which film requests are admitted, which are refused, and how a request
# is stored.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 47
q "select mina_customer('$user', null, null, null, 20, 30)" >/dev/null
still=https://media.example/user_uploads/a/still.png

ask() {	# ask BODY [ARGUMENTS]
	ask_body=$1
	shift
	cgi motion POST /motion/generate "$user" -H 'Prefer: respond-async' \
	    "$@" -d "$ask_body"
}
refused() { # refused BODY FIELD NAME
	ask "$1"
	is "$status $(js .field)" "422 $2" "$3"
}
money() { q "select mg_credits || ' ' || mg_held from mega_customers
    where mg_pass_id = '$user'"; }
vars() { q "select mg_mma_vars #>> '$1' from mega_generations
    where mg_id = 'generation:$gen'"; }

ask '{"sessionId":"sess_2f2d0b2c-0f9d-4e8c-9a1a-6b2e7d4bbd35",
"inputStillUrl":"https://media.example/generations/gen_still_002.png",
"movementStyle":"cinematic_smooth",
"motionPrompt":"Slow cinematic camera push-in. Gentle parallax. Keep lighting stable and natural.",
"ratio":"1:1","settings":{"kling":{"durationSec":5,"fps":24}}}'
is "$status" 202 'the request of the specification is admitted'
gen=$(js .generationId)
like "$gen" '^gen_video_[0-9a-f]{24}$' 'with an id'
is "$(js '"\(.cost) \(.charged) \(.creditsAfter)"')" '5 0 15' 'costs five, charged nothing yet'
is "$(js '.ignoredSettings | sort | join(",")')" kling.fps,ratio \
    'Kling takes no frame rate and no ratio, and the answer says so'
is "$(money)" '20 5' 'the price is held, not taken'
is "$(q "select mg_mma_status || ' ' || mg_status || ' ' || mg_mma_mode || ' ' || mg_type
    from mega_generations where mg_id = 'generation:$gen'")" \
    'queued pending video motion' 'the row says so'
is "$(vars '{settings,kling,duration}') $(vars '{settings,kling,mode}')" '5 standard' \
    'the settings are the wire'"'"'s'
is "$(vars '{assets,input_still_url}')" \
    https://media.example/generations/gen_still_002.png 'the still is there'
is "$(vars '{inputs,movement_style}')" cinematic_smooth 'and the style'
cgi generations GET "/generations/$gen" "$user"
is "$(js '.request | "\(.movementStyle) \(.settings.kling.durationSec) \(.ratio)"')" \
    'cinematic_smooth 5 null' 'the request can be loaded again'
is "$(js .type)" motion 'it is a film'
is "$(js '.userMessages.scanLines | length')" 1 'something is said from the start'

ask "{\"inputStillUrl\":\"$still\",\"endStillUrl\":\"$still\"}"
gen=$(js .generationId)
is "$status $(vars '{settings,kling,mode}')" '202 pro' 'an end still makes it pro'
is "$(vars '{assets,end_still_url}')" "$still" 'and is kept'
cgi generations POST "/generations/$gen/cancel" "$user"
is "$(js .status) $(money)" 'canceled 20 5' 'a film can be called off'
cgi generations POST "/generations/$gen/retry" "$user" -H 'Prefer: respond-async'
is "$status $(js .cost)" '202 5' 'and be ordered again'
again=$(js .generationId)
cgi generations GET "/generations/$again" "$user"
is "$(js .request.endStillUrl)" "$still" 'with its end'
cgi generations POST "/generations/$again/cancel" "$user"

ask '{}'
is "$status $(js .code)" '422 INPUT_STILL_REQUIRED' 'a still is required'
ask '{"inputStillUrl":""}'
is "$status $(js .code)" '422 INPUT_STILL_REQUIRED' 'and not empty'
refused '{"inputStillUrl":7}' inputStillUrl 'and a string'
refused '{"inputStillUrl":"http://a.b/c.png"}' inputStillUrl 'https only'
refused '{"inputStillUrl":"https://me@a.b/c.png"}' inputStillUrl 'no user in a URL'
refused "{\"inputStillUrl\":\"$still\",\"endStillUrl\":\"ftp://a.b/c\"}" endStillUrl \
    'the end likewise'
refused "{\"inputStillUrl\":\"$still\",\"movementStyle\":\"somersault\"}" movementStyle \
    'a movement there is'
refused "{\"inputStillUrl\":\"$still\",\"settings\":{\"kling\":{\"durationSec\":7}}}" \
    settings.kling.durationSec 'a length there is'
refused "{\"inputStillUrl\":\"$still\",\"settings\":{\"kling\":{\"durationSec\":\"5\"}}}" \
    settings.kling.durationSec 'as a number'
awk -v s="$still" 'BEGIN { printf "{\"inputStillUrl\":\"%s\",\"motionPrompt\":\"", s
    for (i = 0; i < 2501; i++) printf "é"; print "\"}" }' >"$tmp/long"
cgi motion POST /motion/generate "$user" -d "@$tmp/long"
is "$status $(js .field)" '422 motionPrompt' '2501 characters are too many'
ask "{\"inputStillUrl\":\"$still\",\"parentGenerationId\":\"$gen\",
\"feedback\":{\"text\":\"slower\",\"mode\":\"video\"}}"
is "$status $(js .code)" '409 CONFLICT' 'films are not tweaked'
is "$(money)" '20 5' 'no refusal touched the matcha'
cgi motion POST /motion/generate - -d "{\"inputStillUrl\":\"$still\"}"
is "$status" 401 'nobody cannot order'

q "select mina_runtime_put('{\"motion_tweak\": true}', null, null, 'test')" >/dev/null
ask "{\"inputStillUrl\":\"$still\",\"parentGenerationId\":\"$again\",
\"feedback\":{\"text\":\"slower\",\"mode\":\"video\"}}"
is "$status $(js .code)" '409 CONFLICT' 'where they are, the parent must be delivered'
ask "{\"parentGenerationId\":\"$again\",\"feedback\":{\"text\":\"slower\",\"mode\":\"still\"}}"
is "$status $(js .field)" '422 feedback.mode' 'and the feedback be about a film'

ask "{\"inputStillUrl\":\"$still\",\"motionPrompt\":\"pan left\"}" -H 'Idempotency-Key: k1'
first=$(js .generationId)
ask "{\"inputStillUrl\":\"$still\",\"motionPrompt\":\"pan left\"}" -H 'Idempotency-Key: k1'
is "$(js .generationId)" "$first" 'one key is one film'
ask "{\"inputStillUrl\":\"$still\",\"motionPrompt\":\"pan right\"}" -H 'Idempotency-Key: k1'
is "$status $(js .code)" '422 IDEMPOTENCY_MISMATCH' 'of one order'
ask "{\"inputStillUrl\":\"$still\"}"
ask "{\"inputStillUrl\":\"$still\"}"
is "$status" 202 'twenty matcha are four films'
ask "{\"inputStillUrl\":\"$still\"}"
is "$status $(js '"\(.code) \(.needed) \(.available)"')" \
    '402 INSUFFICIENT_CREDITS 5 0' 'the fifth is not paid for'

# --- Type for me, as far as it goes without a model

sugg() { cgi motion POST /motion/suggest "$user" -d "$1"; }
sugg '{}'
is "$status $(js .code)" '422 INPUT_STILL_REQUIRED' 'words need a still'
sugg '{"inputStillUrl":"https://elsewhere.example/a.png"}'
is "$status $(js .field)" '422 inputStillUrl' 'on our storage'
sugg "{\"inputStillUrl\":\"$still\",\"maxPromptComplexity\":\"baroque\"}"
is "$status $(js .field)" '422 maxPromptComplexity' 'in simple English'
sugg "{\"inputStillUrl\":\"$still\",\"movementStyle\":\"somersault\"}"
is "$status $(js .field)" '422 movementStyle' 'in a style there is'
sugg "{\"inputStillUrl\":\"$still\"}"
is "$status $(js '"\(.code) \(.needed) \(.available)"')" \
    '402 INSUFFICIENT_CREDITS 1 0' 'for who has nothing at stake there are none'
# With something at stake it gets as far as the picture store, which is not here.
q "update mega_customers set mg_verified_any = true where mg_pass_id = '$user'"
sugg "{\"inputStillUrl\":\"$still\"}"
is "$(js .title)" 'Storage is away' 'a verified account is enough'
q "update mega_customers set mg_verified_any = null where mg_pass_id = '$user';
    select from mina_move('$user', 1, 'purchase', null, null, 'one', 'test', null)" >/dev/null
sugg "{\"inputStillUrl\":\"$still\"}"
is "$(js .title)" 'Storage is away' 'and so is matcha for a still'
note() { q "select mina_suggest_note('$user', '$1', jsonb_build_object('input',
    '{\"ctx_key\":1,\"ctx_version\":1,\"ctx_id\":1}'::jsonb, 'output',
    '{\"motion_prompt\":\"Glide $1.\",\"userMessage_final\":\"Off we go.\"}'::jsonb,
    'timing', '{}'::jsonb, 'error', null), 'openai', 'm', 5, 1, 1, $2, $3)"; }
note a false 0 >/dev/null
note b true 0 >/dev/null
is "$(q "select line from mina_suggested('$user', 'Glide a.')")" 'Off we go.' \
    'a suggestion is recognised by its words'
is "$(q "select count(*) from mina_suggested('$user', 'Glide b.')")" 0 'one that failed is none'

# --- Type for me, for who signed in without an address

. "$(dirname "$0")/../lib-token.sh"
issuer_up
new_key ES256 a
publish a
token=$(mint a "$(claims 7c0e0000-0000-4000-8000-00000000000e \
    'del(.email) | .is_anonymous = true')")
cgi motion POST /motion/suggest - -H "Authorization: Bearer $token" \
    -d "{\"inputStillUrl\":\"$still\"}"
is "$status $(js .code)" '402 INSUFFICIENT_CREDITS' \
    'an account without an address, which gets no welcome matcha, has no stake'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'
