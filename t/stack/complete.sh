#!/bin/sh
# POST /api/r2/complete: the stored object is what was announced (CONTRACT 6).
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 80
stack_up MINA_AUTH=trusted

user=pass:user:7c0e4f2a-5b1d-4c3e-9a77-0f6d8e1b2c3d
anon=pass:anon:0f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d11
other=pass:anon:9d2f40c5-31a2-4f7f-8d0e-5a8d4c7b2e10
objects=$var/sandbox/s3/$(stack_conf MINA_S3_BUCKET)

js() { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" --max-time 60 "$@"; }
post()
{
	api POST "$1" -H "X-Mina-Pass-Id: ${as:-$user}" \
	    -H 'Content-Type: application/json' --data-binary "$2"
}
# announce TYPE: sets key, put and url.
announce()
{
	post /api/r2/upload-signed "{\"contentType\":\"$1\"}"
	key=$(js .key) put=$(js .uploadUrl) url=$(js .publicUrl) type=$1
}
send() { world -o /dev/null -w '%{http_code}' -T "$1" -H "Content-Type: $type" "$put"; }
finish() { post /api/r2/complete "{\"key\":\"$key\"}"; }
there() { world -o /dev/null -w '%{http_code}' "$url"; }
faults()
{
	world -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' \
	    -d "$1" "$world/_sandbox/faults"
}
refusal() { echo "$status $(js .code) $(js .reason)"; }

rsvg-convert -w 60 "$top/sandbox/props/perfume.svg" -o "$tmp/a.png"
ffmpeg -v error -i "$tmp/a.png" "$tmp/a.jpg" </dev/null
# Noise does not compress; far more than is read at first.
head -c 1050000 /dev/urandom >"$tmp/noise"
ffmpeg -v error -f rawvideo -pix_fmt rgb24 -s 700x500 -i "$tmp/noise" \
    "$tmp/noise.png" -lossless 1 "$tmp/noise.webp" </dev/null
# A JPEG that tells its size behind half a megabyte of something else.
{
	printf '\377\330'
	n=0
	while [ $n -lt 8 ]; do
		n=$((n + 1))
		printf '\377\357\377\377'
		head -c 65533 /dev/zero
	done
	tail -c +3 "$tmp/a.jpg"
} >"$tmp/late.jpg"

printf '<html><script>alert(1)</script>%0500d' 0 >"$tmp/page"

# --- what it should be

announce image/png
finish
is "$status $(js .code)" '404 NOT_FOUND' 'nothing is there before the upload'
like "$(js .message)" 'Upload image again' 'and what to do about it is said'
is "$(send "$tmp/a.png")" 200 'it is uploaded'
finish
like "$status $(js .key)" '^200 user_uploads/[0-9a-f]{16}/[0-9a-f-]{36}\.png$' \
    'and complete, under another key'
is "$(js .publicUrl)" "${url%/incoming/*}/$(js .key)" 'with its public address'
is "$(js '"\(.contentType) \(.bytes) \(.width)"')" \
    "image/png $(wc -c <"$tmp/a.png") 60" 'with all about it'
cp "$tmp/body" "$tmp/first"
finish
ok 'as often as it is asked' cmp "$tmp/first" "$tmp/body"
complete_once() { api POST /api/r2/complete -H "X-Mina-Pass-Id: $user" \
    -H 'Content-Type: application/json' -H 'Idempotency-Key: complete' \
    --data-binary "{\"key\":\"$key\"}"; }
complete_once
complete_once
is "$status $(tr -d '\r' <"$tmp/head" | sed -n 's/^idempotent-replayed: //Ip')" \
    '200 true' 'under one key the answer is kept'
ok 'as it was' cmp "$tmp/first" "$tmp/body"
url=$(js .publicUrl)
is "$(there)" 200 'it is still there'
mine=$key

# --- the signed address again

same() { world "$1" | cmp -s - "$2"; }
final=$url
finalkey=$(js .key)
rsvg-convert -w 50 "$top/sandbox/props/perfume.svg" -o "$tmp/b.png"
is "$(send "$tmp/b.png")" 200 'the signed address takes another file'
ok 'what was checked stays as it was' same "$final" "$tmp/a.png"
finish
ok 'the other file has another key' test "$status:$(js .key)" != "200:$finalkey"
is "$status $(js .width)" '200 50' '... when it is complete'
ok 'and the first stays' same "$final" "$tmp/a.png"
is "$(send "$tmp/page")" 200 'nor does something else matter'
finish
is "$(refusal)" '422 IMAGE_UNUSABLE TYPE' '... which is refused'
ok 'and the first stays' same "$final" "$tmp/a.png"
key=$finalkey
finish
is "$status $(js .field)" '422 key' 'nobody signs for a final key'

# It is used once more between the check and the copy.
announce image/png
send "$tmp/a.png" >"$tmp/put"
find "$objects/user_uploads" -type f | sort >"$tmp/published"
is "$(faults '{"target":"s3.copy","kind":"hold"}')" 201 'the copy is held'
copies() { world "$world/_sandbox/stats" | jq '."s3.copy".requests'; }
n=$(copies)
curl -sS --cacert "$ca" --max-time 100 -o "$tmp/held" -w '%{http_code}' \
    -H "X-Mina-Pass-Id: $user" -H 'Content-Type: application/json' \
    -d "{\"key\":\"$key\"}" "$base/api/r2/complete" >"$tmp/held.status" &
held=$!
at_the_copy() { [ "$(copies)" -gt "$n" ]; }
ok 'what was uploaded is checked, and about to be copied' within 30 at_the_copy
is "$(send "$tmp/page")" 200 'the signed address takes a page in its place'
world -o /dev/null -X DELETE "$world/_sandbox/faults"
wait $held
is "$(cat "$tmp/held.status") $(jq -r .code "$tmp/held")" '409 CONFLICT' \
    'then nothing is complete'
like "$(jq -r .message "$tmp/held")" 'changed while it was checked. Upload image again' \
    '... which is said'
find "$objects/user_uploads" -type f | sort >"$tmp/now"
ok '... nor published' cmp "$tmp/published" "$tmp/now"
send "$tmp/b.png" >"$tmp/put"
finish
is "$(cat "$tmp/put") $status $(js .width)" '200 200 50' \
    'a picture may be uploaded there again'
ok '... and is what is published' same "$(js .publicUrl)" "$tmp/b.png"

# An order may name what nobody completed; what was used is not what can be
# replaced.
announce image/png
rsvg-convert -w 600 "$top/sandbox/props/perfume.svg" -o "$tmp/c.png"
is "$(send "$tmp/c.png")" 200 'an upload that is not completed'
api POST /editorial/generate -H "X-Mina-Pass-Id: $user" \
    -H 'Content-Type: application/json' \
    -d "{\"mode\":\"still\",\"brief\":\"x\",\"assets\":{\"productImageUrl\":\"$url\"}}"
is "$status" 200 'an order with it'
used=$(stack_sql -c "select mg_payload #>> '{output,output_url}'
    from mega_generations where mg_step_type = 'store_asset'")
like "$used" '/user_uploads/[0-9a-f]{16}/' 'used a copy of it'
send "$tmp/a.png" >"$tmp/put"
ok '... that stays as it was' same "$used" "$tmp/c.png"

# --- what nobody completes

announce image/png
send "$tmp/a.png" >"$tmp/put"
old=$url
touch -d '25 hours ago' "$objects/$key"
announce image/png
send "$tmp/a.png" >"$tmp/put"
touch -d '23 hours ago' "$objects/$key"
touch -d '30 hours ago' "$objects/$finalkey"
# It sweeps when it starts, and every hour.
kill "$(stack_pid worker)"
swept() { [ "$(world -o /dev/null -w '%{http_code}' "$old")" = 404 ]; }
ok 'an upload of yesterday is deleted' within 60 swept
is "$(there)" 200 'one of today is not'
url=$final
is "$(there)" 200 'nor is one that was completed'

# good TYPE FILE WIDTH
good()
{
	announce "$1"
	send "$2" >"$tmp/put"
	finish
	is "$(cat "$tmp/put") $status $(js '"\(.contentType) \(.bytes) \(.width)"')" \
	    "200 200 $1 $(wc -c <"$2") $3" "${2##*/}"
}
good image/jpeg "$tmp/a.jpg" 60
good image/webp "$tmp/noise.webp" 700
good image/png "$tmp/noise.png" 700
good image/jpeg "$tmp/late.jpg" 60
ok '... which are more than is read at first' \
    test "$(wc -c <"$tmp/noise.webp")" -gt 300000
# The sandbox hands large ones to nginx.
{ cat "$tmp/a.png"; head -c 20000000 /dev/zero; } >"$tmp/large.png"
good image/png "$tmp/large.png" 60

# --- what it should not be

# bad REASON TYPE FILE
bad()
{
	announce "$2"
	is "$(send "$3") $(there)" '200 200' "${3##*/} as $2 is uploaded"
	finish
	is "$(refusal) $(there)" "422 IMAGE_UNUSABLE $1 404" \
	    '... refused and deleted'
}
printf '<svg xmlns="http://www.w3.org/2000/svg"/>%0500d' 0 >"$tmp/drawing"
printf '\0\0\0\030ftypheic\0\0\0\0mif1heic%0500d' 0 >"$tmp/phone"
: >"$tmp/empty"
printf x >"$tmp/tiny"
head -c 20 "$tmp/a.png" >"$tmp/cut"
{ head -c 30 "$tmp/a.png"; head -c 300000 /dev/zero; } >"$tmp/broken"
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\352\140\0\0\352\140\010\6\0\0\0\200\322\165\102\0\0\0\014IDATx\332c\140\240=\0\0\0d\0\1\270\231\357\231\0\0\0\0IEND\256B\140\202' \
    >"$tmp/bomb"
bad TYPE image/png "$tmp/page"
like "$(js .message)" 'It has been deleted. Upload image again' 'which is said'
bad TYPE image/png "$tmp/drawing"
bad TYPE image/jpeg "$tmp/phone"
like "$(js .message)" HEIC 'HEIC by its name'
bad TYPE image/jpeg "$tmp/a.png"
like "$(js .message)" 'announced as image/jpeg and is image/png' \
    'what it is and was said to be'
bad TYPE image/webp "$tmp/a.jpg"
bad TYPE image/png "$tmp/tiny"
bad EMPTY image/png "$tmp/empty"
bad DAMAGED image/png "$tmp/cut"
bad DAMAGED image/png "$tmp/broken"
bad PIXELS image/png "$tmp/bomb"
finish
is "$status $(js .code)" '404 NOT_FOUND' 'once deleted it is as if never uploaded'

# The store has no rule of ours.
announce image/png
{ cat "$tmp/a.png"; head -c 26300000 /dev/zero; } >"$tmp/over.png"
is "$(send "$tmp/over.png")" 200 'over 25 MB'
finish
is "$(refusal) $(there)" '422 IMAGE_UNUSABLE TOO_LARGE 404' \
    '... refused and deleted'
announce image/png
is "$(send "$tmp/a.png")" 200 'and one'
truncate -s 26214400 "$objects/$key"
finish
is "$status $(js .bytes)" '200 26214400' '... of 25 MB, which is taken'

# --- whose it is

key=$mine
as=$other
finish
is "$status $(js .code)" '403 FORBIDDEN' "nobody else's"
as=$anon
announce image/png
before=$key
send "$tmp/a.png" >"$tmp/put"
as=$user
finish
is "$status" 403 'nor that of a pass nobody knows'
stack_sql -c "select mina_customer('$anon', null, null, null, 0, 30);
	select claimed from mina_login('${user#pass:user:}', 'a@mina.example',
	    true, 'code', '$anon', 0, 30)" >"$tmp/sql"
finish
like "$status $(js .key)" "^200 user_uploads/$(echo "$before" | cut -d / -f 3)/" \
    'but that of one which is now mine'
as=$other
finish
is "$status" 403 "and still nobody else's"
as=

# --- when the store is in trouble

announce image/png
send "$tmp/page" >"$tmp/put"
is "$(faults '{"target":"s3.delete","kind":"status","status":503,"count":1}')" \
    201 'the store does not delete'
finish
is "$status $(js .code) $(there)" '503 BUSY 200' 'nothing is said to be deleted that is not'
finish
is "$(refusal) $(there)" '422 IMAGE_UNUSABLE TYPE 404' 'the next time it is'
announce image/png
send "$tmp/a.png" >"$tmp/put"
is "$(faults '{"target":"s3.head","kind":"status","status":500,"count":1}')" \
    201 'the store does not look'
finish
is "$status $(js .code) $(there)" '503 BUSY 200' 'which is no verdict'
is "$(faults '{"target":"s3.get","kind":"status","status":500,"count":1}')" \
    201 'nor does it read'
finish
is "$status $(js .code) $(there)" '503 BUSY 200' 'neither'
finish
is "$status" 200 'and all is well again'
