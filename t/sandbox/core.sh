#!/bin/sh
# The emulated services: they validate requests, count what they accept, and
# inject faults on demand.
# shellcheck disable=SC1091,SC2016,SC2154
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 42
stack_up

conf() { stack_conf "$1"; }
models=$world/replicate/v1/models
predictions=$world/replicate/v1/predictions
token=$(conf MINA_PROVIDER_REPLICATE_TOKEN)
keys=$(conf MINA_S3_ACCESS_KEY):$(conf MINA_S3_SECRET_KEY)
empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

# out CURL ARGUMENT ...: sets status; the answer is in $tmp/body.
out()
{
	rm -f "$tmp/body"
	status=$(curl -sS --cacert "$ca" --max-time 60 -o "$tmp/body" \
	    -D "$tmp/head" -w '%{http_code}' "$@" 2>"$tmp/curl") || :
	: >>"$tmp/body"
}
json()   { out -H 'Content-Type: application/json' "$@"; }
rep()    { json -H "Authorization: Bearer $token" "$@"; }
create() { rep "$models/bytedance/seedream-4/predictions" "$@"; }
got()    { jq -r "$1" "$tmp/body" 2>/dev/null; }
order()  { json "$world/_sandbox/faults" -d "$1"; }
store()  { out --aws-sigv4 aws:amz:auto:s3 -u "$keys" "$@"; }
sum()    { sha256sum "$1" | cut -d ' ' -f 1; }

json -X POST "$world/_sandbox/reset"

# --- the store
printf 'something' >"$tmp/file"
store -T "$tmp/file" -H "x-amz-content-sha256: $(sum "$tmp/file")" \
    -H 'content-type: text/plain' "$world/mina-media/t/a%20b%2B.txt"
is "$status" 200 'a signed PUT is taken'
store -H "x-amz-content-sha256: $empty" "$world/mina-media/t/a%20b%2B.txt"
is "$status $(cat "$tmp/body")" '200 something' 'and gives back what was put'
like "$(cat "$tmp/head")" '^content-type: text/plain' 'with its type'
keep=$keys
keys=${keys%?}x
store -H "x-amz-content-sha256: $empty" "$world/mina-media/t/a%20b%2B.txt"
keys=$keep
like "$status $(cat "$tmp/body")" '^403 .*' 'another key is refused'
like "$(cat "$tmp/body")" SignatureDoesNotMatch 'as a wrong signature'
store -T "$tmp/file" -H "x-amz-content-sha256: $empty" "$world/mina-media/t/b"
like "$status $(cat "$tmp/body")" '400|BadDigest' 'a wrong digest is refused'
store -H "x-amz-content-sha256: $empty" "$world/mina-media/t/b"
is "$status" 404 'and nothing was stored'

# What a store does that has no rules of ours.
head -c 27000000 /dev/zero >"$tmp/large"
store -T "$tmp/large" -H "x-amz-content-sha256: $(sum "$tmp/large")" \
    -H 'content-type: image/png' "$world/mina-media/t/large"
is "$status" 200 'an object over 25 MB is taken, as the real store does'
copy() { store -X PUT -H "x-amz-content-sha256: $empty" -H 'content-length: 0' \
    -H 'x-amz-metadata-directive: REPLACE' -H 'content-type: text/x-copy' "$@"; }
# (This curl cannot sign x-amz-copy-source-if-match; t/stack/complete.sh does.)
etag=$(printf something | md5sum | cut -d ' ' -f 1)
copy -H 'x-amz-copy-source: /mina-media/t/a%20b%2B.txt' \
    "$world/mina-media/t/copy"
like "$status $(cat "$tmp/body")" "^200 .*$etag" 'an object is copied'
store -H "x-amz-content-sha256: $empty" "$world/mina-media/t/copy"
is "$(cat "$tmp/body")" something 'to the same bytes'
like "$(cat "$tmp/head")" '^content-type: text/x-copy' 'of the type that was said'
copy -H 'x-amz-copy-source: /mina-media/t/never' "$world/mina-media/t/other"
is "$status" 404 'what is not there is not copied'
listed()
{
	store -H "x-amz-content-sha256: $empty" \
	    "$world/mina-media?list-type=2&$1"
	grep -oE '<Key>[^<]*|<IsTruncated>[^<]*' "$tmp/body" | cut -d '>' -f 2 |
	    paste -sd ' '
}
is "$(listed prefix=t%2F)" 'false t/a b+.txt t/copy t/large' \
    'the objects of a prefix are listed'
is "$(listed 'max-keys=1&prefix=t%2F&start-after=t%2Fa%20b%2B.txt')" \
    'true t/copy' 'in pieces'
store -X DELETE -H "x-amz-content-sha256: $empty" "$world/mina-media/t/large"

store -X DELETE -H "x-amz-content-sha256: $empty" "$world/mina-media/t/none"
is "$status" 204 'deleting what is not there is no error'
out "$world/mina-media/t/a%20b%2B.txt"
is "$status" 401 'unsigned requests are refused'
out -X OPTIONS -H 'Origin: https://elsewhere.example' \
    -H 'Access-Control-Request-Method: PUT' \
    -H 'Access-Control-Request-Headers: content-type' "$world/mina-media/x"
like "$(cat "$tmp/head")" '^access-control-allow-origin: \*' \
    'a browser may PUT from anywhere'

# --- Replicate
create -d '{"input":{"prompt":"a jar on wood, soft light","size":"1K"}}' \
    -H 'Prefer: wait=30'
is "$status $(got .status)" '201 succeeded' 'a prediction comes to its end'
id=$(got .id)
out "$(got '.output[0]')"
like "$(head -c 4 "$tmp/body")" PNG 'its output is a picture'
rep "$predictions/$id"
is "$(got .input.prompt)" 'a jar on wood, soft light' 'its input is echoed'
create -d '{"input":{"prompt":"x","size":"3K","guidance":2}}'
is "$status $(got '.invalid_fields|length')" '422 2' \
    'each wrong field is named'
json "$predictions/$id" -H 'Authorization: Bearer no'
is "$status" 401 'the token is checked'
rep "$predictions/nosuch"
is "$status" 404 'an unknown prediction is not found'

order '{"target":"replicate.create","kind":"lost"}'
create -d '{"input":{"prompt":"lost","size":"1K"}}'
is "$status" 000 'a lost reply is no reply'
rep "$predictions"
is "$(got '.results[0].input.prompt')" lost 'but the job is there'
out "$world/_sandbox/stats"
is "$(got .creates.accepted)" 2 'and counted'

order '{"target":"replicate.create","kind":"status","status":429,"retryAfter":1}'
create -d '{"input":{"prompt":"x"}}'
like "$status $(cat "$tmp/head")" '^429 ' 'a status comes on order'
like "$(cat "$tmp/head")" '^retry-after: 1' 'with Retry-After'
order '{"target":"replicate.create","kind":"refused"}'
create -H 'Prefer: wait=30' -d '{"input":{"prompt":"x","size":"1K"}}'
like "$(got '.status + .error')" '^failed.*sensitive' 'moderation on order'
order '{"target":"replicate.create","kind":"expired"}'
create -H 'Prefer: wait=30' -d '{"input":{"prompt":"x","size":"1K"}}'
out "$(got '.output[0]')"
is "$status" 404 'an expired output is gone'
order '{"target":"replicate.get","kind":"malformed"}'
rep "$predictions/$id"
ok 'malformed JSON on order' sh -c '! jq . "$1"' x "$tmp/body"
order '{"target":"nowhere","kind":"lost"}'
is "$status" 422 'an order for nowhere is refused'

json "$world/_sandbox/settings" -d '{"hold":true}'
create -H 'Prefer: wait=1' -d '{"input":{"prompt":"held","size":"1K"}}'
id=$(got .id)
is "$(got .status)" processing 'held predictions stay'
kill "$(stack_pid sandbox)"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	sleep 1
	rep "$predictions/$id"
	[ "$(got .status)" != succeeded ] || break
done
is "$(got .status)" succeeded 'a restart finishes what was accepted'

# --- OpenAI
schema='{"type":"object","properties":{"crt":{"type":"string"},"n":{"type":"integer","minimum":3}},"required":["crt","n"],"additionalProperties":false}'
# In a pipeline it could not set status.
chat()
{
	json "$world/openai/v1/chat/completions" \
	    -H "Authorization: Bearer ${key-$(conf MINA_OPENAI_KEY)}" -d @"$tmp/ask"
}
ask()
{
	jq -n --arg u "$1" --argjson s "$schema" '{model: "m", messages: [{
	    role: "user", content: [{type: "text", text: "The product."},
	    {type: "image_url", image_url: {url: $u}}]}], response_format: {
	    type: "json_schema", json_schema: {name: "s", strict: true,
	    schema: $s}}}' >"$tmp/ask"
	chat
}
rep "$predictions?created_before=2000-01-01T00:00:00Z"
is "$(got '.results|length')" 0 'the list is cut by date'
printf '%s' 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==' >"$tmp/dot"
ask "data:image/png;base64,$(cat "$tmp/dot")"
is "$status $(got '.choices[0].message.content|fromjson|.n')" '200 3' \
    'the answer fits the schema'
like "$(got '.choices[0].message.content|fromjson|.crt')" 1x1 \
    'and says what is in the picture'
ask "$world/media/nosuch.png"
is "$status $(got .error.code)" '400 invalid_image_url' \
    'a picture that is not there is refused'
key=no
ask x
is "$status $(got .error.code)" '401 invalid_api_key' 'the key is checked'
unset key
echo '{"model":"m-unknown","messages":[{"role":"user","content":"x"}]}' >"$tmp/ask"
chat
is "$status $(got .error.code)" '404 model_not_found' 'and the model'
order '{"target":"openai","kind":"refused"}'
echo '{"model":"m","messages":[{"role":"user","content":"x"}]}' >"$tmp/ask"
chat
like "$(got '.choices[0].message|.refusal')" sorry 'refusals on order'

MINA_CONF='' MINA_SANDBOX_URL=https://example.com MINA_SANDBOX_DIR="$tmp" \
    "$MINA_INST/libexec/mina/sandbox" GET /_sandbox/stats >/dev/null 2>&1
is "$?" 78 'it is not for other machines'
