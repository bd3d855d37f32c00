#!/bin/sh
# uploads: presigned uploads (MINAV3.md 5.A, CONTRACT 6), and what its other
# routes refuse before any network call; t/stack/fetch.sh and
# t/stack/complete.sh have those calls.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
plan 40
db_up
MINA_S3_ENDPOINT=https://store.example:8444
export MINA_S3_ENDPOINT

sign() { cgi uploads POST /api/r2/upload-signed "$user" -d "$1"; }

sign '{"contentType":"image/png","fileName":"product.png","folder":"user_uploads"}'
is "$status" 200 'a PNG may be uploaded'
key=$(js .key)
like "$key" '^incoming/user_uploads/[0-9a-f]{16}/[0-9a-f-]{36}\.png$' 'under a key of ours'
is "$(js .publicUrl)" "https://media.example/$key" 'with its public address'
is "$(js .expiresInSec)" 600 'for ten minutes'
url=$(js .uploadUrl)
like "$url" "^https://store.example:8444/mina-media/$key\?X-Amz-Algorithm=AWS4-HMAC-SHA256&" \
    'at the store'
like "$url" 'X-Amz-SignedHeaders=content-type%3Bhost&' 'the type is signed'
sign '{"contentType":"image/jpeg","sizeBytes":1234}'
like "$(js .uploadUrl)" 'X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&' \
    'the length too, when it is known'
like "$(js .key)" '\.jpg$' 'a JPEG ends in jpg'
first=$(js .key)
sign '{"contentType":"image/jpeg"}'
ok 'no key is given twice' test "$(js .key)" != "$first"
sign '{"contentType":"image/heic"}'
is "$status" 415 'HEIC is refused'
like "$(js .message)" HEIC 'saying so'
sign '{"contentType":"text/html"}'
is "$status" 415 'so is everything else'
sign '{"contentType":"image/png","sizeBytes":26214401}'
is "$status $(js .code)" '413 TOO_LARGE' 'over 25 MB'
sign '{"contentType":"image/png","folder":"../etc"}'
is "$status $(js .field)" '422 folder' 'only into the folders there are'
sign '{}'
is "$status $(js .field)" '422 contentType' 'the type is required'
cgi uploads POST /api/r2/upload-signed - -d '{"contentType":"image/png"}'
is "$status" 401 'nobody cannot upload'

# --- POST /api/r2/complete

sign '{"contentType":"image/png"}'
key=$(js .key)
finish() { cgi uploads POST /api/r2/complete "${2:-$user}" -d "$1"; }
finish '{}'
is "$status $(js .field)" '422 key' 'complete: which one?'
hash=$(echo "$key" | cut -d / -f 3)
id=0f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d11
for k in x / ../x "generations/$id.png" "etc/$hash/$id.png" \
    "products/$hash/$id" "products/$hash/$id.gif" "products/$hash/x.png" \
    "products/$hash/../$id.png" "products/${hash}0/$id.png" \
    "products/$hash/$id.png?x" "/$key" "$key/"; do
	finish "{\"key\":\"$k\"}"
	is "$status $(js .field)" '422 key' "$k is no key of ours"
done
finish "{\"key\":\"$key\"}" "$other"
is "$status $(js .code)" '403 FORBIDDEN' "another's is not looked at"
# There is no such host, and that is as far as it gets.
finish "{\"key\":\"$key\"}"
is "$status $(js .code)" '503 BUSY' 'mine is, when the store answers'
finish "{\"key\":\"$key\"}" -
is "$status" 401 'nobody completes'

# --- POST /api/r2/store-remote-signed, POST /store-remote-generation

remote() { cgi uploads POST /api/r2/store-remote-signed "${2:-$user}" -d "$1"; }
remote '{}'
is "$status $(js .field)" '422 sourceUrl' 'from where?'
remote '{"sourceUrl":"https://127.0.0.1/a.png","folder":"../x"}'
is "$status $(js .field)" '422 folder' 'to where?'
remote '{"sourceUrl":"https://127.0.0.1/a.png"}'
is "$status $(js .code) $(js .reason)" \
    '422 IMAGE_UNUSABLE ADDRESS_NOT_PUBLIC' 'not from here'
remote '{"sourceUrl":"https://media.example/products/a.png"}'
is "$status $(js .publicUrl) $(js .key)" \
    '200 https://media.example/products/a.png products/a.png' 'ours is ours'
remote '{"sourceUrl":"https://example.com/a.png"}' -
is "$status" 401 'nobody stores'
cgi uploads POST /store-remote-generation "$user" -d \
    '{"url":"https://127.0.0.1/a.png","type":"song"}'
is "$status $(js .field)" '422 type' 'neither image nor video'

unset MINA_S3_ENDPOINT
sign '{"contentType":"image/png"}'
is "$status" 503 'without a store it is busy'
