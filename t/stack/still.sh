#!/bin/sh
# A still from the signed upload to storage: what a signature allows, the steps
# it leaves behind, a tweak's lineage, every ratio, pictures from other sites,
# and requests that do not wait.  t/stack/mina_story.sh has the specification's
# scenario itself.
# shellcheck disable=SC2016 # $ belongs to sh -c here
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 98
stack_up MINA_AUTH=trusted
# shellcheck source=etc/client.sh
. "$top/etc/client.sh"

user=pass:user:7c0e4f2a-5b1d-4c3e-9a77-0f6d8e1b2c3d
moment='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z'

js()  { jq -r "$@" "$tmp/body"; }
get() { api GET "$1" -H "X-Mina-Pass-Id: $user"; }
# post PATH BODY [CURL ARGUMENT ...]
post()
{
	post_path=$1
	post_body=$2
	shift 2
	api POST "$post_path" -H "X-Mina-Pass-Id: $user" \
	    -H 'Content-Type: application/json' --data-binary "$post_body" "$@"
}
world() { curl -sS --cacert "$ca" --max-time 60 "$@"; }
settings() { world -o /dev/null -H 'Content-Type: application/json' -d "$1" \
    "$world/_sandbox/settings"; }
header() { sed -n "s/^$1: \(.*\)\r\$/\1/ip" "$tmp/head"; }
money() { stack_sql -c "select mg_credits || ' ' || mg_held
    from mega_customers where mg_pass_id = '$user'"; }
steps() { stack_sql -c "select mg_step_type, $2 from mega_generations
    where mg_record_type = 'mma_step' and mg_generation_id = '$1'
    order by mg_step_no"; }
# end_of ID: waits until it is over; sets status and the body.
end_of()
{
	end_tries=0
	while get "/generations/$1"; do
		case $(js .status) in
		done | error | canceled) return ;;
		esac
		end_tries=$((end_tries + 1))
		[ $end_tries -lt 150 ] || return
		sleep 0.2
	done
}

# --- 0: health

api GET /health
is "$(cat "$tmp/body")" '{"ok":true}' 'GET /health is exactly that'
is "$(wc -c <"$tmp/body")" 11 'to the byte'

# --- 1: profile

api GET /me
is "$(js '[.email, .credits] | map(type) | join(" ")')" 'null number' \
    'GET /me without a pass names no e-mail address'
get /me
is "$(js .passId)" "$user" 'GET /me with a pass keeps it'
is "$(js '[.passId, .email, .credits, .expiresAt, .lastActive] | map(type) |
    join(" ")')" 'string null number string string' \
    'with the members of the specification'
api GET /me -H "X-Mina-Pass-Id: pass:user:7"
is "$status" 400 'a pass of no known form'

# --- 2: session

post /sessions/start "$(session_body)"
sid=$(js .sessionId)
is "$(stack_sql -c "select mg_record_type, mg_platform, mg_client_version,
    mg_meta ->> 'timezone' from mega_generations
    where mg_id = 'session:$sid'")" 'session|web|3.0.0|Asia/Dubai' \
    'a session is the row session:<sessionId>'

# --- 5.A: uploads

# upload NAME: one of the sandbox's drawings goes up; sets url and put.
upload()
{
	draw "$1" "$tmp/$1.png"
	post /api/r2/upload-signed '{"contentType":"image/png",
	    "folder":"user_uploads"}'
	url=$(js .publicUrl)
	put=$(world -T "$tmp/$1.png" -H 'Content-Type: image/png' -o /dev/null \
	    -w '%{http_code}' "$(js .uploadUrl)")
	post /api/r2/complete "{\"key\":\"$(js .key)\"}"
	url=$(js .publicUrl)
}

post /api/r2/upload-signed '{
  "contentType": "image/png",
  "fileName": "product.png",
  "folder": "user_uploads"
}'
signed=$(js .uploadUrl)
public=$(js .publicUrl)
rsvg-convert -w 64 "$top/sandbox/props/perfume.svg" -o "$tmp/small.png"
put() { world -X PUT --data-binary "@$tmp/small.png" -o /dev/null \
    -w '%{http_code}' -H "Content-Type: $1" "$2"; }
is "$(put image/jpeg "$signed")" 403 'another type than was signed is refused'
is "$(put image/png "$(printf %s "$signed" |
    sed 's/user_uploads/products/')")" 403 'so is another key'
is "$(put image/png "$(printf %s "$signed" |
    sed 's/X-Amz-Expires=600/X-Amz-Expires=6000/')")" 403 'and a longer life'
is "$(world -o /dev/null -w '%{http_code}' "$public")" 404 'nothing is stored so far'
is "$(put image/png "$signed")" 200 'as it was signed it is taken'
fetch "$public" "$tmp/back.png"
ok 'and comes back byte for byte' cmp "$tmp/small.png" "$tmp/back.png"
post /api/r2/upload-signed '{"contentType":"image/png","sizeBytes":12}'
is "$(put image/png "$(js .uploadUrl)")" 403 'a signed length is held to'

upload perfume
product=$url
is "$put" 200 'a product goes up'
upload logo
logo=$url
upload insp-marble
insp1=$url
upload insp-linen
insp2=$url

# --- 6.1: a still

spec=$(still_body "$sid" "$product" "$logo" "$insp1" "$insp2")
post /editorial/generate "$spec" -H 'Idempotency-Key: first still'
is "$status" 200 'POST /editorial/generate'
is "$(js '[.generationId, .status, .userMessage, .outputUrl, .creditsAfter] |
    map(type) | join(" ")')" 'string string string string number' \
    'with the members of the specification'
still=$(js .generationId)
output=$(js .outputUrl)
thumb=$(js .thumbnailUrl)
is "$(js '"\(.status) \(.cost) \(.charged) \(.creditsAfter)"')" 'done 1 1 9' \
    'done, one matcha charged'
is "$output" "$(stack_conf MINA_MEDIA_URL)/generations/$still.png" \
    'on our storage'
is "$(js '.ignoredSettings | join(" ")')" seedream.guidance \
    'what the model does not take is named'
is "$(money)" '9 0' 'the balance agrees, nothing is held'
is "$(stack_sql -c "select mg_delta, mg_reason, mg_meta ->> 'balance_after'
    from mega_generations where mg_record_type = 'credit_transaction'
    and mg_pass_id = '$user' and mg_delta < 0")" '-1|still|9' \
    'by one row of the ledger'

cp "$tmp/body" "$tmp/first"
post /editorial/generate "$spec" -H 'Idempotency-Key: first still'
is "$status $(header Idempotent-Replayed)" '200 true' \
    'the same again under the same key is a replay'
is "$(js -S .)" "$(jq -S . "$tmp/first")" 'with the first answer'
post /editorial/generate '{"brief":"Another."}' -H 'Idempotency-Key: first still'
is "$status $(js .code)" '422 IDEMPOTENCY_MISMATCH' 'which no other request gets'
is "$(money)" '9 0' 'and nothing more was charged'

fetch "$output" "$tmp/first.png"
size=$(png_size "$tmp/first.png")
is "${size% *}" "${size#* }" "the picture is square ($size)"
ok 'and at least 1024 pixels' test "${size% *}" -ge 1024
fetch "$thumb" "$tmp/first.webp"
is "$(head -c 4 "$tmp/first.webp")$(tail -c +9 "$tmp/first.webp" | head -c 4)" \
    RIFFWEBP 'the thumbnail is a WebP'
ok 'and small' test "$(wc -c <"$tmp/first.webp")" -lt 60000

# --- the trace

end_tries=0
until [ "$(stack_sql -c "select mg_mma_status from mega_generations
    where mg_generation_id = '$still' and mg_record_type = 'generation'")" = \
    'done' ] || [ $end_tries -gt 50 ]; do
	sleep 0.2
	end_tries=$((end_tries + 1))
done
is "$(steps "$still" mg_status | sort | tr '\n' ' ')" \
    'gpt_reader|succeeded like_history|succeeded postscan_output_still|succeeded scan_inspiration|succeeded scan_inspiration|succeeded scan_logo|succeeded scan_product|succeeded seedream_generate|succeeded ' \
    'each step left its row, once'
rows="from mega_generations where mg_record_type = 'mma_step'
    and mg_generation_id = '$still'"
is "$(stack_sql -c "select count(*) $rows and (jsonb_typeof(mg_payload ->
    'input') <> 'object' or jsonb_typeof(mg_payload -> 'output') <> 'object'
    or mg_payload -> 'error' <> 'null' or mg_latency_ms is null)")" 0 \
    'each with input, output, no error and a latency'
is "$(stack_sql -c "select count(*) $rows and ((mg_payload #>>
    '{timing,ended_at}')::timestamptz < (mg_payload #>>
    '{timing,started_at}')::timestamptz or (mg_payload #>>
    '{timing,duration_ms}')::int is distinct from mg_latency_ms
    or mg_payload #>> '{timing,started_at}' !~ '^$moment\$')")" 0 \
    'and its timing'
is "$(stack_sql -c "select count(*) $rows and mg_step_type ~
    '^(scan|gpt|postscan)_' and mg_payload #>> '{input,ctx_id}' is distinct from
    'app_config:' || (mg_payload #>> '{input,ctx_key}') || '.v' ||
    (mg_payload #>> '{input,ctx_version}')")" 0 \
    'those that asked a language model name the context they used'
is "$(stack_sql -c "select count(*) $rows and mg_step_type ~
    '^(scan|gpt|postscan)_' and (mg_provider is distinct from 'openai'
    or mg_model is null or mg_input_tokens is null)")" 0 \
    'the model, and what it took'
is "$(stack_sql -c "select bool_and(mg_payload -> 'input' ?& array['prompt',
    'settings_resolved'] and mg_payload -> 'output' ?& array['output_url',
    'output_key', 'job_id']) $rows and mg_step_type = 'seedream_generate'")" \
    t 'the generate step says what was ordered and what came'
is "$(stack_sql -c "select jsonb_array_length(mg_payload #>
    '{input,request,input,image_input}') $rows and mg_step_type =
    'seedream_generate'")" 4 'all four pictures went to the model'
is "$(stack_sql -c "select bool_and(length(mg_payload #>> '{output,crt}') > 10
    and length(mg_payload #>> '{output,userMessage_line}') > 5) $rows
    and mg_step_type like 'scan_%'")" t 'each scan says what it saw, and a line'
is "$(stack_sql -c "select count(*) $rows and mg_step_type = 'gpt_reader'
    and mg_payload #>> '{input,input_gpt_reader}' like '%perfume%'
    and length(mg_payload #>> '{output,clean_prompt}') > 20
    and length(mg_payload #>> '{output,userMessage_final}') > 5")" 1 \
    'the reader wrote a prompt and a last line'

get "/generations/$still"
is "$(js '"\(.status) \(.width)x\(.height) \(.request.ratio)"')" \
    "done ${size% *}x${size#* } 1:1" 'GET /generations/{id} knows the size'
ok 'and what the picture shows' test "$(js '.altText | length')" -gt 10
is "$(js -c '.request.assets.inspirationUrls')" "[\"$insp1\",\"$insp2\"]" \
    'and the request, to recreate it'

# --- 7.3: a tweak

post /editorial/generate "$(tweak_body "$sid" "$still" "$product" "$logo")"
is "$status $(js '"\(.status) \(.charged) \(.creditsAfter)"')" '200 done 1 8' \
    'a tweak is a still, for one matcha'
tweak=$(js .generationId)
ok 'a new one' test "$tweak" != "$still"
fetch "$(js .outputUrl)" "$tmp/tweak.png"
ok 'with another picture' sh -c '! cmp -s "$1" "$2"' cmp \
    "$tmp/first.png" "$tmp/tweak.png"
is "$(png_size "$tmp/tweak.png")" "$size" 'of the same size'
before=$(stack_sql -c "select mg_prompt from mega_generations
    where mg_id = 'generation:$still'")
get "/generations/$tweak"
is "$(js '"\(.lineage.parentGenerationId) \(.lineage.feedback)"')" \
    "$still I hate the light you added. Make lighting softer and more natural." \
    'its lineage is kept'
ok 'its prompt is not the one before' test "$(js .prompt)" != "$before"
is "$(js '.request.assets.inspirationUrls | length')" 2 \
    'the request is the one the parent was made from'
like "$(steps "$tweak" mg_status)" '^gpt_feedback_still\|succeeded' \
    'the feedback went to its own context'
like "$(steps "$tweak" mg_status)" '^seedream_generate_feedback\|succeeded' \
    'and the picture is a step of its own name'
is "$(stack_sql -c "select mg_reason from mega_generations
    where mg_id = 'credit_transaction:settle:$tweak'")" tweak 'the ledger says tweak'
is "$(steps "$tweak" "mg_payload #>> '{input,cached}'" | grep -c '^scan.*|true')" 4 \
    'no picture was looked at again'

# --- what else there is to order, side by side

asked=
start() {	# start NAME BODY, and go on
	start_one "$@" &
	asked="$asked $!"
}
# Not a bare wait: the stack's janitor is a child of ours too.
wait_all() {
	# shellcheck disable=SC2086  # numbers
	wait $asked
	asked=
}
start_one() {
	curl -sS --cacert "$ca" --max-time 120 -o "$tmp/$1.json" \
	    -H "X-Mina-Pass-Id: $user" -H 'Content-Type: application/json' \
	    -w '%{http_code}' -d "$2" "$base/editorial/generate" >"$tmp/$1.code"
}
ordered() { printf '%s %s' "$(cat "$tmp/$1.code")" \
    "$(jq -r "$2" "$tmp/$1.json")"; }

settings '{"fast":true}'
port=${world##*:}
# Fetched like any stranger's; only its name lets it through the guard.
mkdir -p "$var/sandbox/elsewhere"
cp "$tmp/first.png" "$var/sandbox/elsewhere/first.png"
chmod -R a+rX "$var/sandbox/elsewhere"
foreign=https://localhost:$port/elsewhere/first.png
start wide '{"brief":"A candle on dark wood.","ratio":"16:9"}'
start tall '{"brief":"A candle on dark wood.","ratio":"9:16"}'
start portrait '{"brief":"A jar on linen.","ratio":"3:4"}'
start foreign "{\"brief\":\"A bottle on linen.\",\"assets\":{
    \"productImageUrl\":\"$foreign\"}}"
wait_all
for r in 'wide 16 9' 'tall 9 16' 'portrait 3 4'; do
	# shellcheck disable=SC2086  # three words
	set -- $r
	is "$(ordered "$1" .status)" '200 done' "a still of $2:$3"
	fetch "$(jq -r .outputUrl "$tmp/$1.json")" "$tmp/$1.png"
	size=$(png_size "$tmp/$1.png")
	is $((${size% *} * $3)) $((${size#* } * $2)) "has that ratio ($size)"
	short=${size% *}
	[ "$short" -lt "${size#* }" ] || short=${size#* }
	ok 'and 1024 pixels on its short side' test "$short" -ge 1024
done
is "$(ordered foreign .status)" '200 done' 'a picture from elsewhere'
brought=$(jq -r .generationId "$tmp/foreign.json")
like "$(steps "$brought" mg_status)" '^store_asset\|succeeded' \
    'is brought to our storage first'
mine=$(stack_sql -c "select mg_payload #>> '{output,output_url}'
    from mega_generations where mg_generation_id = '$brought'
    and mg_step_type = 'store_asset'")
like "$mine" "^$(stack_conf MINA_MEDIA_URL)/user_uploads/" 'under a key of ours'
fetch "$mine" "$tmp/mine.png"
ok 'as it was' cmp "$tmp/first.png" "$tmp/mine.png"
is "$(stack_sql -c "select mg_payload #>> '{input,request,input,image_input,0}'
    from mega_generations where mg_generation_id = '$brought'
    and mg_step_type = 'seedream_generate'")" "$mine" \
    'and only ours goes to the model'

# --- addresses that are none of our business

was=$(money)
n=0
for url in https://127.0.0.1:1/x.png https://10.0.0.1/x.png \
    'https://[::1]/x.png' "https://127.0.0.1:${foreign#*localhost:}" \
    https://169.254.169.254/latest/meta-data https://localhost:1/x.png; do
	n=$((n + 1))
	start "odd$n" "{\"brief\":\"x\",\"assets\":{\"productImageUrl\":\"$url\"}}"
	[ $n -ne 3 ] || wait_all
done
wait_all
n=0
for url in 'loopback' 'private' 'IPv6 loopback' 'the sandbox by another name' \
    'link local' 'a port that is not ours'; do
	n=$((n + 1))
	is "$(ordered "odd$n" '"\(.code) \(.charged)"')" '422 IMAGE_UNUSABLE 0' \
	    "$url is not fetched"
done
post /editorial/generate \
    '{"brief":"x","assets":{"productImageUrl":"http://example.com/x.png"}}'
is "$status $(js '"\(.code) \(.field)"')" \
    '422 INVALID_FIELD assets.productImageUrl' 'http: is not even admitted'
post /editorial/generate \
    "{\"brief\":\"x\",\"assets\":{\"productImageUrl\":\"${product%.png}.jpg\"}}"
is "$status $(js '"\(.code) \(.charged)"')" '422 IMAGE_UNUSABLE 0' \
    'nor is a picture that was never uploaded'
is "$(money)" "$was" 'none of them cost anything or left a hold'
is "$(stack_sql -c "select count(*) from mega_generations
    where mg_step_type = 'store_asset' and mg_status = 'failed'
    and mg_payload #>> '{error,code}' = 'IMAGE_UNUSABLE'")" 6 \
    'and the trace of each says why'

# --- not waiting

settings '{"predictMs":6000}'
post /editorial/generate '{"brief":"A jar on linen."}' \
    -H 'Prefer: respond-async'
is "$status" 202 'respond-async is answered at once'
later=$(js .generationId)
is "$(header Location)" "/generations/$later" 'with where to look'
is "$(js '[.generationId, .status, .statusUrl, .eventsUrl, .cancelUrl, .cost,
    .charged] | map(type) | join(" ")')" \
    'string string string string string number number' 'and all there is to know'
is "$(js '.eta | map_values(type) | join(" ")' 2>/dev/null ||
    js '.eta | [.p50, .p90] | map(type) | join(" ")')" 'number number' \
    'and how long such things take'
get '/generations?active=1'
is "$(js '.items[].generationId')" "$later" 'it is among what runs'
start=$(date +%s%N)
post /editorial/generate '{"brief":"A jar on linen, again."}' \
    -H 'Prefer: wait=1'
took=$((($(date +%s%N) - start) / 1000000))
is "$status $(js .charged)" '202 0' 'wait=1 is answered before it is done'
ok "after a second ($took ms)" test "$took" -ge 950 -a "$took" -lt 2500
second=$(js .generationId)

worker=$(stack_pid worker)
kill -STOP "$worker"
post /editorial/generate '{"brief":"A jar on linen, third."}' \
    -H 'Prefer: wait=1'
is "$status $(js .status)" '202 queued' 'without a worker it stays queued'
third=$(js .generationId)
kill -CONT "$worker"
settings '{"predictMs":0}'
for id in "$later" "$second" "$third"; do
	end_of "$id"
	is "$(js '"\(.status) \(.charged)"')" 'done 1' 'and is done later'
done

# --- what is left behind

is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the books agree'
is "$(stack_sql -c "select mg_held from mega_customers
    where mg_pass_id = '$user'")" 0 'nothing is held'
sleep 1.2	# nginx writes its log once a second
for s in MINA_S3_SECRET_KEY MINA_OPENAI_KEY MINA_PROVIDER_REPLICATE_TOKEN; do
	ok "$s is in no log" sh -c '[ "$1" ] && ! grep -rqF -- "$1" "$2"' \
	    grep "$(stack_conf $s)" "$var/log"
	stack_sql -c 'select mg_id, mg_payload, mg_meta, mg_mma_vars
	    from mega_generations' >"$tmp/rows"
	ok 'and in no row' sh -c '! grep -qF -- "$1" "$2"' grep \
	    "$(stack_conf $s)" "$tmp/rows"
done
ok 'nor is a presigned signature' sh -c \
    '! grep -rqi "X-Amz-Signature" "$1" "$2"' grep "$var/log" "$tmp/rows"
ok 'though the upload is' grep -q '"path":"/mina-media/user_uploads/' \
    "$var/log/access.log"
