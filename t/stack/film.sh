#!/bin/sh
# A film from the request to storage: prompt, job, poster, ledger row, steps.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 51
stack_up

js() { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' "$@"; }
settings() { world -d "$1" -o /dev/null "$world/_sandbox/settings"; }
fault() { world -d "$1" -o /dev/null "$world/_sandbox/faults"; }
# row ID COLUMN VALUE: what it has come to
row() { [ "$(stack_sql -c "select $2 from mega_generations where mg_id = 'generation:$1'")" = "$3" ]; }
api GET /me
pass=$(js .passId)
post()
{
	post_path=$1
	post_body=$2
	shift 2
	api POST "$post_path" -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -d "$post_body" "$@"
}
steps() { stack_sql -c "select string_agg(mg_step_type || ' ' || mg_status, ', '
    order by mg_step_no) from mega_generations where mg_generation_id = '$1'
    and mg_record_type = 'mma_step'"; }
sent() { world "$world/_sandbox/predictions" | jq -r "$1"; }
stack_sql -c "select mina_customer('$pass', null, null, null, 20, 30)" >/dev/null
stack_sql -c "select mina_move('$pass', 40, 'purchase', 'test', 't', 't', 'test', null)" >/dev/null
settings '{"fast":true,"predictMs":300}'

# The still it begins with is one of ours.
post /editorial/generate '{"brief":"a bottle on marble","ratio":"4:3","settings":{"seedream":{"quality":"standard"}}}'
is "$status $(js .status)" '200 done' 'a still'
still=$(js .outputUrl)
within 20 row "$(js .generationId)" mg_mma_status 'done'

# --- Type for me

post /motion/suggest "{\"inputStillUrl\":\"$still\",\"movementStyle\":\"cinematic_smooth\",
\"userMotionBrief\":\"Slow push-in and subtle parallax.\",\"maxPromptComplexity\":\"simple_english\"}" \
    -H 'Idempotency-Key: once'
is "$status" 200 'words for a movement, as the specification asks for them'
words=$(js .motionPrompt)
ok 'there are some' test ${#words} -gt 20
like "$(js .suggestionId)" '^sugg_' 'they have an id'
post /motion/suggest "{\"inputStillUrl\":\"$still\",\"movementStyle\":\"cinematic_smooth\",
\"userMotionBrief\":\"Slow push-in and subtle parallax.\",\"maxPromptComplexity\":\"simple_english\"}" \
    -H 'Idempotency-Key: once'
is "$(js .motionPrompt)" "$words" 'the same key, the same words'
is "$(stack_sql -c "select count(*) from mega_generations where mg_step_type = 'motion_suggestion'")" 1 \
    'suggested once'
is "$(stack_sql -c "select mg_payload #>> '{input,ctx_key}' from mega_generations
    where mg_step_type = 'motion_suggestion'")" mma.ctx.motion_suggestion 'by its context'
post /motion/suggest "{\"inputStillUrl\":\"${still%/*}/none.png\"}"
is "$status $(js .code)" '422 IMAGE_UNUSABLE' 'a still that is not there'
fault '{"target":"openai","kind":"status","status":500,"count":9}'
post /motion/suggest "{\"inputStillUrl\":\"$still\"}"
is "$status $(js .code)" '502 PROVIDER_FAILED' 'a model that does not answer'
world -X DELETE -o /dev/null "$world/_sandbox/faults"
is "$(stack_sql -c "select count(*) from mega_generations where mg_step_type = 'motion_suggestion'
    and mg_status = 'failed' and mg_payload #>> '{error,code}' is not null")" 1 'is in the trace'

# --- the film

body="{\"inputStillUrl\":\"$still\",\"movementStyle\":\"cinematic_smooth\",
\"motionPrompt\":\"Slow cinematic camera push-in. Gentle parallax. Keep lighting stable and natural.\",
\"ratio\":\"1:1\",\"settings\":{\"kling\":{\"durationSec\":5,\"fps\":24}}}"
api GET /credits/balance -H "X-Mina-Pass-Id: $pass"
before=$(js .credits)
post /motion/generate "$body"
is "$status $(js .status)" '200 done' 'the film of the specification'
film=$(js .generationId)
url=$(js .outputUrl)
like "$url" "/generations/$film\\.mp4\$" 'is on our storage'
is "$(js '"\(.cost) \(.charged)"') $((before - $(js .creditsAfter)))" '5 5 5' 'for five matcha'
is "$(js '.ignoredSettings | sort | join(" ")')" 'kling.fps ratio' 'what Kling does not take was said'
curl -sS --cacert "$ca" -o "$tmp/film.mp4" "$url"
probe() { ffprobe -v error -select_streams v:0 -show_entries "$1" -of csv=p=0 "$tmp/film.mp4"; }
is "$(probe stream=codec_name)" h264 'a film that plays'
like "$(probe format=duration)" '^(4\.9|5\.)' 'of five seconds'
api GET "/generations/$film" -H "X-Mina-Pass-Id: $pass"
is "$(js '"\(.width),\(.height)"')" "$(probe stream=width,height)" 'its size is known'
is "$(js '.type')" motion 'and its type'
ok 'and its length' test "$(js .durationMs)" -ge 4900
ok 'it is as wide as the still' sh -c "awk -v w=$(js .width) -v h=$(js .height) \
    'BEGIN { exit !(w / h > 1.28 && w / h < 1.39) }'"
curl -sS --cacert "$ca" -o "$tmp/poster" "$(js .posterUrl)"
like "$(file -b "$tmp/poster" 2>/dev/null || od -An -tx1 -N2 "$tmp/poster")" 'JPEG|ff d8' 'a poster is beside it'
curl -sS --cacert "$ca" -o "$tmp/thumb" "$(js .thumbnailUrl)"
is "$(head -c 4 "$tmp/thumb")" RIFF 'and a thumbnail'
ok 'lines were said' test "$(js '.userMessages.scanLines | length')" -ge 4
within 20 row "$film" mg_mma_status 'done'
is "$(steps "$film")" 'scan_input_still succeeded, like_history succeeded, gpt_reader_motion succeeded, kling_generate succeeded, postscan_output_video succeeded' \
    'the steps, by their names'
is "$(stack_sql -c "select mg_payload #>> '{input,cached}' from mega_generations
    where mg_generation_id = '$film' and mg_step_type = 'scan_input_still'")" true \
    'the still was looked at when it was made, and not again'
api GET "/generations/$film" -H "X-Mina-Pass-Id: $pass"
ok 'what it shows is told' test "$(js '.altText | length')" -gt 5
is "$(js '.request | "\(.movementStyle) \(.settings.kling.durationSec)"')" 'cinematic_smooth 5' \
    'it can be made again'
is "$(stack_sql -c "select mg_reason || ' ' || mg_delta from mega_generations
    where mg_id = 'credit_transaction:settle:$film'")" 'video -5' 'the ledger calls it a video'
is "$(stack_sql -c "select (mg_payload #> '{input,request,input}') ?& array['prompt','start_image','mode','duration']
    and not (mg_payload #> '{input,request,input}') ?| array['fps','aspect_ratio','end_image']
    from mega_generations where mg_generation_id = '$film' and mg_step_type = 'kling_generate'")" t \
    'Kling was sent what it takes, and nothing else'

# --- the words that were suggested

post /motion/generate "{\"inputStillUrl\":\"$still\",\"motionPrompt\":$(printf %s "$words" | jq -Rs .)}"
is "$status" 200 'a film with the words that were suggested'
sugg=$(js .generationId)
is "$(steps "$sugg" | grep -c gpt_reader_motion)" 0 'needs no reader'
is "$(stack_sql -c "select mg_prompt from mega_generations where mg_id = 'generation:$sugg'")" "$words" \
    'it has them as they are'

# --- with an end

post /editorial/generate '{"brief":"a jar on linen","ratio":"4:3","settings":{"seedream":{"quality":"standard"}}}'
end=$(js .outputUrl)
post /motion/generate "{\"inputStillUrl\":\"$still\",\"endStillUrl\":\"$end\",\"motionPrompt\":\"From one to the other.\"}"
is "$status" 200 'from one still to another'
two=$(js .generationId)
is "$(stack_sql -c "select mg_payload #>> '{input,request,input,mode}' || ' ' ||
    ((mg_payload #> '{input,request,input}') ? 'end_image') from mega_generations
    where mg_generation_id = '$two' and mg_step_type = 'kling_generate'")" 'pro true' \
    'takes the mode that can'

# --- what cannot be

rsvg-convert -w 200 -h 200 "$top/sandbox/props/perfume.svg" -o "$tmp/small.png"
post /api/r2/upload-signed '{"contentType":"image/png"}'
small=$(js .publicUrl)
curl -sS --cacert "$ca" -T "$tmp/small.png" -H 'Content-Type: image/png' "$(js .uploadUrl)"
post /motion/generate "{\"inputStillUrl\":\"$small\"}"
is "$status $(js .code)" '422 IMAGE_UNUSABLE' 'a still that is too small'
like "$(js .message)" '300' 'and how large it must be'
is "$(js .charged)" 0 'costs nothing'
post /motion/generate "{\"inputStillUrl\":\"${still%/*}/none.png\"}"
is "$status $(js .code)" '422 IMAGE_UNUSABLE' 'nor one that is not there'
fault '{"target":"replicate.create","kind":"refused"}'
post /motion/generate "{\"inputStillUrl\":\"$still\",\"motionPrompt\":\"declined\"}"
is "$status $(js .code)" '422 MODERATED' 'one that is declined'
is "$(js '"\(.charged)"')" 0 'costs nothing'
declined=$(js .generationId)
post "/generations/$declined/retry" '{}'
is "$status $(js .status)" '200 done' 'and can be tried again'
settings '{"hold":true}'
post /motion/generate "{\"inputStillUrl\":\"$still\",\"motionPrompt\":\"stopped\"}" -H 'Prefer: respond-async'
is "$status" 202 'one that takes its time'
held=$(js .generationId)
is "$(js '.eta | has("p50")')" true 'says how long films take'
within 20 row "$held" "mg_mma_vars #>> '{job,state}'" submitted
post "/generations/$held/cancel" '{}'
settings '{"hold":false}'
within 20 row "$held" mg_mma_status canceled
api GET "/generations/$held" -H "X-Mina-Pass-Id: $pass"
is "$(js '"\(.status) \(.charged)"')" 'canceled 0' 'can be called off'

# --- the archive, feedback

api GET '/history?type=motion' -H "X-Mina-Pass-Id: $pass"
is "$(js '.items | length')" 4 'films are in the archive'
is "$(js '.items[-1] | "\(.generationId) \(.posterUrl != null) \(.durationMs >= 4900)"')" "$film true true" \
    'with their posters'
post /feedback/like "{\"generationId\":\"$film\",\"event\":\"feedback\",\"text\":\"Nice motion but too fast. Next time more subtle.\",\"context\":\"animation_right_panel\"}"
is "$status $(js .ok)" '200 true' 'feedback on a film is sent'
post /motion/generate "{\"parentGenerationId\":\"$film\",\"feedback\":{\"text\":\"slower\",\"mode\":\"video\"}}"
is "$status $(js .code)" '409 CONFLICT' 'and not a tweak'
stack_sql -c "select mina_runtime_put('{\"motion_tweak\": true}', null, null, 'test')" >/dev/null
tweaked()
{
	post /motion/generate "{\"parentGenerationId\":\"$film\",\"feedback\":{\"text\":\"slower\",\"mode\":\"video\"}}"
	[ "$status" = 200 ]
}
within 20 tweaked
tweak=$(js .generationId)
is "$(js .status)" 'done' 'where that is switched on, it is one'
is "$(steps "$tweak" | grep -o 'gpt_feedback_motion\|kling_generate_feedback' | sort -u | paste -sd ' ')" \
    'gpt_feedback_motion kling_generate_feedback' 'by its own steps'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the books agree'
