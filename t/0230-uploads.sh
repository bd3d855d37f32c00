#!/bin/sh
# uploads: permission to put a picture, MINAV3.md 5.A and CONTRACT 6.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/lib-cgi.sh"
db_up
plan 17
MINA_AUTH=trusted MINA_S3_ENDPOINT=https://store.example:8444
MINA_S3_BUCKET=mina-media MINA_S3_ACCESS_KEY=key MINA_S3_SECRET_KEY=secret
MINA_MEDIA_URL=https://media.example
export MINA_AUTH MINA_S3_ENDPOINT MINA_S3_BUCKET MINA_S3_ACCESS_KEY
export MINA_S3_SECRET_KEY MINA_MEDIA_URL

sign() { cgi uploads POST /api/r2/upload-signed "$user" -d "$1"; }

sign '{"contentType":"image/png","fileName":"product.png","folder":"user_uploads"}'
is "$status" 200 'a PNG may be uploaded'
key=$(js .key)
like "$key" '^user_uploads/[0-9a-f]{16}/[0-9a-f-]{36}\.png$' 'under a key of ours'
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
unset MINA_S3_ENDPOINT
sign '{"contentType":"image/png"}'
is "$status" 503 'without a store it is busy'
