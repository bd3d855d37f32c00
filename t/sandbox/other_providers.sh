#!/bin/sh
# The other emulated providers, Ark, Kling's own API and fal: each with its own
# protocol, keys and errors.
# shellcheck disable=SC1091,SC2016,SC2154
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 87
stack_up

# out CURL ARGUMENT ...: sets status; the answer is in $tmp/body.
out()
{
	rm -f "$tmp/body"
	status=$(curl -sS --cacert "$ca" --max-time 60 -o "$tmp/body" \
	    -D "$tmp/head" -w '%{http_code}' -H 'Content-Type: application/json' \
	    "$@" 2>"$tmp/curl") || :
	: >>"$tmp/body"
}
got()      { jq -r "$1" "$tmp/body" 2>/dev/null; }
settings() { out "$world/_sandbox/settings" -d "$1"; }
order()    { out "$world/_sandbox/faults" -d "{\"target\":\"$1\",\"kind\":\"$2\"${3:+,$3}}"; }
# The two numbers in a PNG's first chunk; no side is over 65535.
png_size() { od -An -v -tu1 -j18 -N6 "$1" | awk '{ print ($1 * 256 + $2) "x" ($5 * 256 + $6) }'; }
bytes()    { curl -sS --cacert "$ca" -o "$tmp/bytes" "$1"; }
sink=$world/_sandbox/sink

# came NAME N: waits for N calls to that sink; the last of them is $tmp/call
came()
{
	for _ in $(seq 100); do
		out "$world/_sandbox/requests?target=sink"
		jq --arg p "/_sandbox/sink/$1" '[.requests[] | select(.path == $p and
		    .status > 0)]' "$tmp/body" >"$tmp/calls"
		[ "$(jq length "$tmp/calls")" -lt "$2" ] || break
		sleep 0.1
	done
	jq '.[-1]' "$tmp/calls" >"$tmp/call"
	jq -j .body "$tmp/call" >"$tmp/call.body"
}

settings '{"instant":true}'

# --- Ark: the answer has the pictures
ark() { out -H "Authorization: Bearer ${key-$(stack_conf MINA_PROVIDER_ARK_KEY)}" \
    "$world/ark/api/v3/images/generations" "$@"; }
m='"model":"seedream-4-0-250828"'
ark -d "{$m,\"prompt\":\"a jar on wood\",\"size\":\"1K\",\"watermark\":false}"
is "$status $(got '"\(.model) \(.data|length) \(.data[0].size) \(.usage.generated_images) \(.usage.output_tokens)"')" \
    '200 seedream-4-0-250828 1 1024x1024 1 4096' 'Ark answers with a picture'
bytes "$(got '.data[0].url')"
is "$(png_size "$tmp/bytes")" 1024x1024 'which can be fetched, and is that large'
is "$(got '.created > 1700000000')" true 'and says when it was made'
ark -d '{"model":"ep-20260101000000-abcde","prompt":"x","size":"2304x1728"}'
is "$status $(got '"\(.model) \(.data[0].size)"')" \
    '200 ep-20260101000000-abcde 2304x1728' "one's own endpoint, an exact size"
ark -d "{$m,\"prompt\":\"x\",\"sequential_image_generation\":\"auto\",
    \"sequential_image_generation_options\":{\"max_images\":3}}"
is "$(got '"\(.data|length) \(.usage.generated_images)"')" '3 3' 'several in a row'
order ark.create refused
ark -d "{$m,\"prompt\":\"x\",\"sequential_image_generation\":\"auto\",
    \"sequential_image_generation_options\":{\"max_images\":2}}"
is "$status $(got '"\(.data[0].error.code) \(.data[1].url|type) \(.usage.generated_images)"')" \
    '200 OutputImageSensitiveContentDetected string 1' \
    'moderation on order is about one picture'
order ark.create expired
ark -d "{$m,\"prompt\":\"x\"}"
out "$(got '.data[0].url')"
is "$status" 404 'an expired output is gone'
order ark.create status '"status":429,"retryAfter":1'
ark -d "{$m,\"prompt\":\"x\"}"
is "$status $(got '"\(.error.code) \(.error.type)"')" \
    '429 RateLimitExceeded.EndpointRPMExceeded TooManyRequests' \
    'a rate limit on order'
like "$(got .error.message)" "Request id: $(sed -n 's/^x-request-id: *\([0-9a-f]*\).*/\1/p' \
    "$tmp/head")" 'with the id of the request'
order ark.create lost
ark -d "{$m,\"prompt\":\"lost\"}"
is "$status" 000 'a lost reply'
error() { got '"\(.error.code) \(.error.param)"'; }
ark -d "{$m}"
is "$status $(error)" '400 MissingParameter prompt' 'a prompt is wanted'
ark -d '{"prompt":"x"}'
is "$status $(error)" '400 MissingParameter model' 'and a model'
ark -d '{"model":"seedream-9","prompt":"x"}'
is "$status $(error)" '404 InvalidEndpointOrModel.NotFound model' 'that is there'
ark -d "{$m,\"prompt\":\"x\",\"size\":\"9000x9000\"}"
is "$(error)" 'InvalidParameter size' 'a size within limits'
ark -d '{"model":"seedream-4-5-251128","prompt":"x","size":"1K"}'
is "$(error)" 'InvalidParameter size' '4.5 has no 1K'
ark -d "{$m,\"prompt\":\"x\",\"guidance_scale\":3}"
is "$(error)" 'InvalidParameter guidance_scale' '4.0 takes no guidance'
ark -d "{$m,\"prompt\":\"x\",\"image\":\"data:image/PNG;base64,AAAA\"}"
is "$(error)" 'InvalidParameter image' 'data URLs name their format in lower case'
ark -d "{$m,\"prompt\":\"x\",\"image\":\"https://a.example/1.png\",
    \"sequential_image_generation_options\":{\"max_images\":15}}"
is "$(error)" 'InvalidParameter sequential_image_generation_options' \
    'pictures in and out are fifteen'
key=no
ark -d "{$m,\"prompt\":\"x\"}"
is "$status $(error)" '401 AuthenticationError ' 'the key is checked'
unset key

settings '{"instant":false,"fast":true,"predictMs":0}'
ark -d "{$m,\"prompt\":\"Image 1 is the product. On linen.\",\"size\":\"1K\",
    \"image\":[\"$world/media/nosuch.png\"]}"
is "$status $(error)" '400 InvalidParameter image' \
    'a picture that is not there is refused'
ark -d "{$m,\"prompt\":\"a jar and a bowl on marble\",\"size\":\"1K\"}"
shot=$(got '.data[0].url')
bytes "$shot"
is "$(png_size "$tmp/bytes") $(head -c 4 "$tmp/bytes" | tail -c 3)" '1024x1024 PNG' \
    'what is not stored is drawn'
cp "$tmp/bytes" "$tmp/shot.png"

# --- Kling itself: two ways to say who asks
tasks=$world/kling/v1/videos/image2video
b64url() { base64 -w 0 | tr -d '=' | tr '/+' '_-'; }
# jwt ISSUER SECRET NBF EXP, in seconds from now
jwt()
{
	now=$(date +%s)
	jwt_body=$(printf '{"alg":"HS256","typ":"JWT"}' | b64url).$(printf \
	    '{"iss":"%s","exp":%d,"nbf":%d}' "$1" $((now + $4)) $((now + $3)) | b64url)
	printf '%s.%s' "$jwt_body" "$(printf %s "$jwt_body" |
	    openssl dgst -sha256 -hmac "$2" -binary | b64url)"
}
access=$(stack_conf MINA_PROVIDER_KLING_ACCESS_KEY)
secret=$(stack_conf MINA_PROVIDER_KLING_SECRET_KEY)
bearer=$(stack_conf MINA_PROVIDER_KLING_KEY)
kling() { out -H "Authorization: Bearer $bearer" "$@"; }
ended()
{
	for _ in $(seq 300); do
		kling "$tasks/$1"
		case $(got .data.task_status) in submitted | processing) sleep 0.1 ;; *) return ;; esac
	done
}

# The token of the contract, from the same secret, issuer and moments.
is "$(printf 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.%s' "$(printf \
    '{"iss":"AK_TEST","exp":1767227400,"nbf":1767225595}' | b64url)" >"$tmp/jwt"
    openssl dgst -sha256 -hmac SK_TEST -binary "$tmp/jwt" | b64url)" \
    CrbzCdGBq5TpFNlYydnKLCnoXCfBsjqtytmLgWAqXIU 'tokens are made like the known one'
film="{\"model_name\":\"kling-v2-1\",\"image\":\"$shot\",\"prompt\":\"push in\""
kling "$tasks" -d "$film,\"duration\":\"5\",\"external_task_id\":\"job-1\",
    \"callback_url\":\"$sink/kling\"}"
is "$status $(got '"\(.code) \(.message) \(.data.task_status) \(.data.task_info.external_task_id)"')" \
    '200 0 SUCCEED submitted job-1' 'a task is accepted'
id=$(got .data.task_id)
is "$(got '.data.task_id|type') $(printf %s "$id" | grep -cE '^[0-9]{18}$')" \
    'string 1' 'its id is a string of digits, more than a double holds'
is "$(got '.data|has("task_result")') $(got '.data.created_at > 1700000000000')" \
    'false true' 'and has no result yet'
bearer=$(jwt "$access" "$secret" -5 1800)
ended "$id"
is "$status $(got '"\(.code) \(.data.task_status) \(.data.task_result.videos[0].duration)"')" \
    '200 0 succeed 5.0' 'with a token it can be asked for, and succeeds'
bytes "$(got '.data.task_result.videos[0].url')"
is "$(ffprobe -v error -show_entries stream=codec_name,width,height -of csv=p=0 \
    "$tmp/bytes")" h264,480,480 'with a film'
kling "$tasks/job-1"
is "$(got .data.task_id)" "$id" "it is found by the client's own id"
came kling 2
is "$(jq -r '[.[].body|fromjson.task_status]|join(" ")' "$tmp/calls")" \
    'processing succeed' 'each change of status is called back'
is "$(jq -r '.task_result.videos[0].url|test("/delivery/.*mp4$")' "$tmp/call.body")" \
    true 'the last with the result'
kling "$tasks" -d "$film,\"external_task_id\":\"job-1\"}"
is "$status $(got .code)" '400 1201' 'an external id is used once'

refused() # refused WANTED WHAT: by the credentials
{
	kling "$tasks/$id"
	is "$status $(got .code)" "$1" "$2"
}
out "$tasks/$id"
is "$status $(got .code)" '401 1001' 'no credentials are none'
bearer=nonsense;			refused '401 1002' 'nonsense is no token'
bearer=$(jwt "$access" "$secret" -1800 -5); refused '401 1004' 'an old one is none'
bearer=$(jwt "$access" "$secret" 60 1800); refused '401 1003' 'nor one of tomorrow'
bearer=$(jwt "$access" other -5 1800);	refused '401 1000' 'nor another secret'
bearer=$(jwt other "$secret" -5 1800);	refused '401 1000' 'nor another issuer'
bearer=$(stack_conf MINA_PROVIDER_KLING_KEY)

settings '{"instant":true}'
why() { got '"\(.code) \(.message)"'; }
kling "$tasks" -d '{"prompt":"x"}'
is "$status $(why)" '400 1201 image or image_tail is required' 'an image is wanted'
kling "$tasks" -d "$film,\"duration\":5}"
like "$(why)" '^1201 duration: ' 'the duration is a string here'
kling "$tasks" -d "$film,\"cfg_scale\":0.5}"
like "$(why)" '^1201 cfg_scale: ' 'v2 takes no cfg_scale'
kling "$tasks" -d "$film,\"aspect_ratio\":\"1:1\"}"
like "$(why)" 'aspect_ratio is not allowed' 'and no ratio'
kling "$tasks" -d '{"model_name":"kling-v9","image":"https://a.example/1.png"}'
is "$status $(got .code)" '404 1203' 'an unknown model'
kling "$tasks/867283741759111202"
is "$status $(got .code)" '404 1203' 'an unknown task'
base64 -w 0 "$tmp/shot.png" | jq -Rs '{image: "data:image/png;base64,\(.)"}' >"$tmp/ask"
kling "$tasks" -d @"$tmp/ask"
like "$(why)" '^1201 image: ' 'base64 comes without a prefix'
settings '{"instant":false}'
base64 -w 0 "$tmp/shot.png" | jq -Rs '{image: .}' >"$tmp/ask"
kling "$tasks" -d @"$tmp/ask"
ended "$(got .data.task_id)"
is "$(got .data.task_status)" succeed 'and then is a picture'
settings '{"instant":true}'
order kling.create refused
kling "$tasks" -d "$film}"
ended "$(got .data.task_id)"
is "$(got '"\(.data.task_status) \(.data.task_status_msg)"')" \
    'failed Failure to pass the risk control system' 'moderation on order'
order kling.create status '"status":429'
kling "$tasks" -d "$film}"
is "$status $(got .code)" '429 1302' 'a rate limit on order'
order kling.create lost
kling "$tasks" -d "$film,\"external_task_id\":\"job-lost\"}"
is "$status" 000 'a lost reply'
kling "$tasks/job-lost"
is "$(got .data.task_status)" succeed "is made good by the client's own id"
kling "$tasks?pageNum=1&pageSize=2"
is "$(got '"\(.data|length) \(.data[0].task_info.external_task_id)"')" '2 job-lost' \
    'the list is newest first'
kling "$tasks?pageNum=2&pageSize=2"
is "$(got '.data|length')" 2 'in pages'
order kling.callback tampered
kling "$tasks" -d "$film,\"callback_url\":\"$sink/liar\"}"
came liar 1
like "$(jq -r '.task_result.videos[0].url' "$tmp/call.body")" '/forged/' \
    'a forged callback tells lies'

# --- fal: a queue
queue=$world/fal
fal() { out -H "Authorization: Key ${key-$(stack_conf MINA_PROVIDER_FAL_KEY)}" "$@"; }
t2i=fal-ai/bytedance/seedream/v4/text-to-image
fal "$queue/$t2i" -d '{"prompt":"a jar","image_size":"landscape_16_9","num_images":2}'
is "$status $(got '"\(.status) \(.queue_position)"')" '200 IN_QUEUE 0' \
    'a request is queued'
id=$(got .request_id)
is "$(got .status_url) $(got .response_url)" \
    "$queue/fal-ai/bytedance/requests/$id/status $queue/fal-ai/bytedance/requests/$id" \
    'its URLs keep two parts of the path'
fal "$(got .status_url)"
is "$status $(got '"\(.status) \(.metrics|type)"')" '200 COMPLETED object' 'it completes'
fal "$queue/fal-ai/bytedance/requests/$id"
is "$status $(got '"\(.images|length) \(.images[0].width)x\(.images[0].height) \(.images[0].content_type) \(.seed|type)"')" \
    '200 2 2816x1584 image/png number' 'with as many pictures as were asked for'
bytes "$(got '.images[1].url')"
is "$(wc -c <"$tmp/bytes")" "$(got '.images[1].file_size')" 'of the size it says'
fal "$queue/fal-ai/kling-video/requests/$id/status"
is "$status" 404 "another application does not know it"
settings '{"hold":true}'
i2v=fal-ai/kling-video/v2.1/pro/image-to-video
fal "$queue/$i2v" -d "{\"prompt\":\"x\",\"image_url\":\"$shot\",\"duration\":\"5\"}"
id=$(got .request_id)
fal "$queue/fal-ai/kling-video/requests/$id/status"
like "$status $(got .status)" '^202 IN_(QUEUE|PROGRESS)$' 'one that is not done is 202'
fal "$queue/fal-ai/kling-video/requests/$id"
is "$status" 400 'and has no result'
fal -X PUT "$queue/fal-ai/kling-video/requests/$id/cancel"
is "$status $(got .status)" '202 CANCELLATION_REQUESTED' 'it can be canceled'
fal -X PUT "$queue/fal-ai/kling-video/requests/$id/cancel"
is "$status $(got .status)" '400 ALREADY_COMPLETED' 'once'
settings '{"hold":false}'
fal "$queue/$i2v" -d '{"prompt":"x","duration":5,"fps":24}'
id=$(got .request_id)
fal "$(got .status_url)"
is "$status $(got '"\(.status) \(.error)"')" '200 COMPLETED Invalid status code: 422' \
    'a wrong input is found out later'
fal "$queue/fal-ai/kling-video/requests/$id"
is "$status $(got '[.detail[]|(.loc|join("."))+" "+.type]|join(", ")')" \
    '422 body.image_url value_error.missing, body.duration value_error, body.fps value_error' \
    'each field is named'
key=no:no
fal "$queue/$t2i" -d '{"prompt":"x"}'
is "$status $(got '.detail|type')" '401 string' 'the key is checked'
unset key
fal "$queue/fal-ai/nosuch" -d '{"prompt":"x"}'
is "$status" 404 'an application that is not there'
order fal.submit refused
fal "$queue/$t2i?fal_webhook=$(printf %s "$sink/bad" | jq -sRr @uri)" -d '{"prompt":"x"}'
came bad 1
is "$(jq -r '"\(.status) \(.error) \(.payload.detail[0].type)"' "$tmp/call.body")" \
    'ERROR Invalid status code: 422 content_policy_violation' 'moderation is called back'

# verified JWKS-X REQUEST USER SECOND SIGNATURE BODY-FILE
verified()
{
	{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'
	    printf '%s=' "$1" | tr '_-' '/+' | base64 -d; } >"$tmp/key.der"
	printf '%s\n%s\n%s\n%s' "$2" "$3" "$4" "$(sha256sum "$6" | cut -d ' ' -f 1)" >"$tmp/msg"
	printf %s "$5" | tr a-f A-F | basenc --base16 -d >"$tmp/sig"
	openssl pkeyutl -verify -pubin -keyform DER -inkey "$tmp/key.der" -rawin \
	    -in "$tmp/msg" -sigfile "$tmp/sig" 2>&1
}
# The known one first: it is checked as fal's clients check it.
printf '%s' '{"request_id":"123e4567-e89b-12d3-a456-426614174000","gateway_request_id":"123e4567-e89b-12d3-a456-426614174000","status":"OK","payload":{"images":[{"url":"https://url.to/image.png"}]}}' >"$tmp/known"
is "$(verified YgIndfGinqTt1w0XQNWxITa422b3Tt8uXBioSHjs1kM \
    123e4567-e89b-12d3-a456-426614174000 user_1 1767225600 \
    8bab0d24537192652c76d662a9dc98d04eef2ab8c905dfa94174c3d655ac93e0dc6eb7e2b3bc94638cc614fe27dbeee2f740c032b46eeb09e9b33a6c3e513a0a \
    "$tmp/known")" 'Signature Verified Successfully' 'the known webhook verifies'
out "$queue/.well-known/jwks.json"
is "$status $(got '.keys[0]|"\(.kty) \(.crv)"')" '200 OKP Ed25519' 'the keys are public'
x=$(got '.keys[0].x')
field() { jq -r ".headers.\"X-Fal-Webhook-$1\"" "$tmp/call"; }
signed() { verified "$x" "$(field Request-Id)" "$(field User-Id)" "$(field Timestamp)" \
    "$(field Signature)" "$tmp/call.body"; }
fal "$queue/$i2v?fal_webhook=$(printf %s "$sink/good" | jq -sRr @uri)" \
    -d "{\"prompt\":\"x\",\"image_url\":\"$shot\"}"
id=$(got .request_id)
came good 1
is "$(jq -r '"\(.status) \(.request_id) \(.payload.video.content_type)"' "$tmp/call.body")" \
    "OK $id video/mp4" 'a film is called back'
is "$(signed) $(field Request-Id)" "Signature Verified Successfully $id" 'and signed'
order fal.callback tampered
fal "$queue/$t2i?fal_webhook=$(printf %s "$sink/forged" | jq -sRr @uri)" -d '{"prompt":"x"}'
came forged 1
like "$(signed)" 'Failure' 'a forged one is not'

# --- faults strike everywhere, in the words of who is asked
ark_key=$(stack_conf MINA_PROVIDER_ARK_KEY)
ask() # ask PLACE: something of it
{
	case $1 in
	ark.create)	out -H "Authorization: Bearer $ark_key" -d "{$m,\"prompt\":\"x\"}" \
			    "$world/ark/api/v3/images/generations" ;;
	kling.create)	kling "$tasks" -d "$film}" ;;
	kling.get)	kling "$tasks/job-1" ;;
	kling.list)	kling "$tasks" ;;
	fal.submit)	fal "$queue/$t2i" -d '{"prompt":"x"}' ;;
	fal.status)	fal "$queue/fal-ai/kling-video/requests/$id/status" ;;
	fal.result)	fal "$queue/fal-ai/kling-video/requests/$id" ;;
	fal.cancel)	fal -X PUT "$queue/fal-ai/kling-video/requests/$id/cancel" ;;
	fal.jwks)	out "$queue/.well-known/jwks.json" ;;
	esac
}
for p in ark.create kling.create kling.get kling.list fal.submit fal.status \
    fal.result fal.cancel fal.jwks; do
	order $p status '"status":503,"retryAfter":7'
	ask $p
	how="$status $(got '.error.code // .code // .detail') $(sed -n \
	    's/^retry-after: *\([0-9]*\).*/\1/p' "$tmp/head")"
	order $p malformed
	ask $p
	jq . "$tmp/body" >/dev/null 2>&1 || how="$how, half"
	order $p stall '"ms":100'
	ask $p
	how="$how, $status"
	order $p delay '"ms":300'
	began=$(date +%s%N)
	ask $p
	[ $((($(date +%s%N) - began) / 1000000)) -lt 300 ] || how="$how, late"
	case $p in
	ark*)	want='503 InternalServiceError 7' ;;
	kling*)	want='503 5001 7' ;;
	*)	want='503 Internal Server Error 7' ;;
	esac
	is "$how" "$want, half, 000, late" "$p: a status, half an answer, none, a late one"
done
order ark.create failed
ask ark.create
is "$(got '.data[0].error.code')" InternalServiceError 'Ark: the job fails on order'
order fal.submit failed
ask fal.submit
fal "$(got .response_url)"
is "$status $(got .detail)" '500 Internal Server Error' 'fal: the job fails on order'
order kling.create failed
ask kling.create
kling "$tasks/$(got .data.task_id)"
like "$(got '"\(.data.task_status) \(.data.task_status_msg)"')" '^failed Internal' \
    'Kling: the job fails on order'
order kling.create expired
ask kling.create
kling "$tasks/$(got .data.task_id)"
out "$(got '.data.task_result.videos[0].url')"
is "$status" 404 'and its output is gone on order'

# --- what was accepted is finished after a restart, whoever took it
settings '{"hold":true}'
ask kling.create
task=$(got .data.task_id)
ask fal.submit
request=$(got .response_url)
kill "$(stack_pid sandbox)"
for _ in $(seq 50); do
	sleep 0.2
	kling "$tasks/$task"
	[ "$(got .data.task_status)" != succeed ] || break
done
is "$(got .data.task_status)" succeed 'a restart finishes tasks of Kling'
for _ in $(seq 50); do
	fal "$request"
	[ "$status" = 400 ] || break
	sleep 0.2
done
is "$status $(got '.images|length')" '200 1' 'and requests of fal'
