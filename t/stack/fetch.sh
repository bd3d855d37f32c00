#!/bin/sh
# Fetching from addresses that customers name, above all those that must be
# refused (SSRF).
#
# farhost is a server that records each connection.  farnet resolves names to it
# and leads port 443 of every address to it, so that an address that should be
# refused would answer; it records lookups and connections (see both files).
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
. "$(dirname "$0")/../lib-cgi.sh"
. "$(dirname "$0")/../lib-fcgi.sh"

farhost=$builddir/t/tools/farhost
farnet=$builddir/t/tools/farnet.so
if [ ! -x "$farhost" ] || [ ! -f "$farnet" ]; then
	bail 'make check builds t/tools/farhost and t/tools/farnet.so'
fi
plan 304
stack_up MINA_AUTH=trusted
stack_sql -c "select mina_runtime_put('{\"fetch.daily\": 10000}', null, null)" \
    >/dev/null

# --- the rest of the world

mkdir "$tmp/far"
public4=93.184.215.14
public6=2606:4700:4700::1111
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$tmp/far.key" -out "$tmp/far.pem" -days 2 -subj /CN=far.test \
    -addext "subjectAltName=DNS:*.far.test,DNS:example.com,DNS:localhost,IP:127.0.0.1,IP:::1,IP:$public4,IP:$public6" \
    2>"$tmp/openssl.out"
cat "$ca" "$tmp/far.pem" >"$tmp/ca.pem"
: >"$tmp/seen"
: >"$tmp/net"
mkfifo "$tmp/life"
"$farhost" "$tmp/far.pem" "$tmp/far.key" "$tmp/far" "$tmp/seen" \
    <"$tmp/life" >"$tmp/port" &
exec 8>"$tmp/life"	# it lives as long as this does
within 10 test -s "$tmp/port"
port=$(cat "$tmp/port")

FARNET_HOSTS=$tmp/hosts FARNET_LOG=$tmp/net FARNET_PORT=$port
export FARNET_HOSTS FARNET_LOG FARNET_PORT
cat >"$tmp/hosts" <<X
example.com $public4
good.far.test $public4
six.far.test $public6
other.example $public4
local.far.test 127.0.0.1
local.far.test. 127.0.0.1
localhost. 127.0.0.1
rebind.far.test $public4
rebind.far.test 127.0.0.1
first.far.test 127.0.0.1 $public4
last.far.test $public4 10.0.0.1
all.far.test ::1 10.0.0.1 fd00::1 169.254.169.254
held.far.test hold $tmp/go
X

rsvg-convert -w 60 "$top/sandbox/props/perfume.svg" -o "$tmp/far/good.png"
ffmpeg -v error -i "$tmp/far/good.png" "$tmp/far/good.jpg" \
    -lossless 1 "$tmp/far/good.webp" </dev/null
ffmpeg -v error -f lavfi -i color=red:s=64x64:d=0.2 "$tmp/far/film.mp4" \
    </dev/null
cp "$tmp/far/good.jpg" "$tmp/far/image.jpg"
cp "$top/sandbox/props/perfume.svg" "$tmp/far/drawing.svg"
printf '<!DOCTYPE html><title>x</title><p>%0500d</p>' 0 >"$tmp/far/page.jpg"
printf '\0\0\0\030ftypheic\0\0\0\0mif1heic%0500d' 0 >"$tmp/far/phone.heic"
printf '\0\0\0\034ftypavif\0\0\0\0avifmif1miaf%0500d' 0 >"$tmp/far/x.avif"
printf 'GIF89a\1\0\1\0\200\0\0%0500d' 0 >"$tmp/far/x.gif"
: >"$tmp/far/empty.png"
head -c 30 "$tmp/far/good.png" >"$tmp/far/half.png"
{ cat "$tmp/far/good.png"; head -c 26214400 /dev/zero; } >"$tmp/far/fat.png"
head -c 60000000 /dev/zero | gzip -9 >"$tmp/far/zeros.gz"
gzip -c "$tmp/far/good.png" >"$tmp/far/good.gz"
# 60000 x 60000 in 69 bytes: header, a few zeros, end.
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\352\140\0\0\352\140\010\6\0\0\0\200\322\165\102\0\0\0\014IDATx\332c\140\240=\0\0\0d\0\1\270\231\357\231\0\0\0\0IEND\256B\140\202' \
    >"$tmp/far/bomb.png"

# --- asking

allow='' proxy='' keep=''
# ask PATH BODY: as a command, with that network; sets status and $tmp/body.
ask()
{
	[ -n "$keep" ] || : >"$tmp/net"
	: >"$tmp/seen"
	env MINA_CONF="$var/etc/mina.env" MINA_TLS_CA="$tmp/ca.pem" \
	    MINA_FETCH_S=3 MINA_FETCH_ALLOW="$allow" MINA_PROXY="$proxy" \
	    ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
	    LD_PRELOAD="$farnet" timeout 40 "$builddir/cgi-bin/uploads" \
	    POST "$1" -H "X-Mina-Pass-Id: $user" -d "$2" \
	    >"$tmp/answer" 2>"$tmp/cgi.log"
	status=$(sed -n '1s/^Status: \([0-9]*\).*/\1/p' "$tmp/answer")
	sed '1,/^\r*$/d' "$tmp/answer" >"$tmp/body"
}
remote()
{
	ask /api/r2/store-remote-signed "$(jq -cn --arg u "$1" \
	    '{sourceUrl:$u,folder:"user_uploads"}')"
}
# The worker's own probe of the store apart.
stored() { (cd "$var/sandbox/s3" && find . -type f ! -path '*/health/*' | sort); }
lookups() { grep -c '^resolve' "$tmp/net"; }
# The store apart, which is on loopback, and not on 443.
far() { grep '^connect' "$tmp/net" | grep -cv " ${world##*:}\$"; }
connects() { grep -c '^connect' "$tmp/net"; }
accepts() { grep -c '^accept' "$tmp/seen"; }
got() { sed -n 's/^get //p' "$tmp/seen" | tr '\n' ' '; }
shown() { printf %s "$1" | tr '\n\t\r' '   '; }

is "$(stored)" '' 'nothing is stored to begin with'

# --- what is fetched

taken()	# taken WHAT URL FILE TYPE EXT
{
	remote "$2"
	is "$status $(js .contentType) $(js .bytes)" \
	    "200 $4 $(wc -c <"$tmp/far/$3")" "$1 is taken"
	like "$(js .key)" "^user_uploads/[0-9a-f]{16}/[0-9a-f-]{36}\\.$5\$" \
	    '... under a key of ours'
	curl -sS --cacert "$ca" -o "$tmp/back" "$(js .publicUrl)"
	ok '... byte for byte' cmp "$tmp/far/$3" "$tmp/back"
}

taken 'a PNG' https://good.far.test/good.png good.png image/png png
is "$(js '[keys_unsorted[]] | join(" ")')" \
    'publicUrl key contentType bytes width height' 'all about it is said'
is "$(js .width)" 60 'its width too'
is "$(head -n 2 "$tmp/net")" "resolve good.far.test
connect $public4 443" 'it was looked up once and connected to'
is "$(got)" 'good.far.test /good.png ' 'and asked for'
taken 'a JPEG' https://good.far.test/good.jpg good.jpg image/jpeg jpg
taken 'a WebP' https://good.far.test/good.webp good.webp image/webp webp
taken 'a JPEG that is called a page' \
    'https://good.far.test/good.jpg?text/html' good.jpg image/jpeg jpg
taken 'a PNG by IPv4 address' "https://$public4/good.png" good.png \
    image/png png
taken 'a PNG by IPv6 name' https://six.far.test/good.png good.png \
    image/png png
taken 'a PNG by IPv6 address' "https://[$public6]/good.png" good.png \
    image/png png
taken 'a PNG at :443' https://good.far.test:443/good.png good.png \
    image/png png
taken 'a PNG after three redirects' https://good.far.test/hops/3 good.png \
    image/png png
is "$(got)" "good.far.test /hops/3 good.far.test /hops/2 good.far.test \
/hops/1 good.far.test /hops/0 " 'each of them relative'
taken 'a PNG on another host' \
    'https://good.far.test/to/308?//six.far.test/good.png' good.png \
    image/png png
taken 'an address with a fragment' \
    'https://good.far.test/good.png#@127.0.0.1' good.png image/png png
is "$(got)" 'good.far.test /good.png ' '... which stays here'
allow=local.far.test:443
taken 'a private address that is allowed by name' \
    https://local.far.test/good.png good.png image/png png
allow=localhost:$port
taken 'a port that is allowed' "https://localhost:$port/good.png" good.png \
    image/png png
allow=
proxy=http://127.0.0.1:1
remote https://127.0.0.1/good.png
is "$status $(js .reason) $(connects)" '422 ADDRESS_NOT_PUBLIC 0' \
    'a proxy does not look behind our back'
proxy=

# --- as MINAV3.md writes it

ask /api/r2/store-remote-signed '{
  "sourceUrl": "https://example.com/image.jpg",
  "folder": "user_uploads"
}'
is "$status" 200 'store-remote-signed, to the letter'
like "$(js .publicUrl)" "^$(stack_conf MINA_MEDIA_URL)/user_uploads/.*\\.jpg\$" \
    'gives a public URL'
is "$(stack_conf MINA_MEDIA_URL)/$(js .key)" "$(js .publicUrl)" 'and its key'
ask /store-remote-generation '{
  "url": "https://example.com/image.jpg",
  "type": "image"
}'
is "$status" 200 'store-remote-generation, to the letter'
like "$(js .publicUrl)" "^$(stack_conf MINA_MEDIA_URL)/user_uploads/.*\\.jpg\$" \
    'gives a public URL'
ours=$(js .publicUrl)
ask /store-remote-generation \
    '{"url":"https://example.com/film.mp4","type":"video"}'
is "$status $(js .contentType) $(js .width)" '200 video/mp4 null' 'a film'
like "$(js .publicUrl)" '\.mp4$' '... is called one'
before=$(stored)
ask /store-remote-generation \
    '{"url":"https://example.com/film.mp4","type":"image"}'
is "$status $(js .reason)" '422 TYPE' '... and is no image'
ask /store-remote-generation \
    '{"url":"https://example.com/image.jpg","type":"video"}'
is "$status $(js .reason)" '422 TYPE' 'nor is an image a film'
remote "$ours"
is "$status $(js .publicUrl) $(js .key) $(connects)" \
    "200 $ours ${ours#"$(stack_conf MINA_MEDIA_URL)"/} 0" \
    'what is ours stays where it is'
remote "${ours%/*}/../x.jpg"
is "$status $(js .reason) $(connects)" '422 PORT 0' \
    '... but not what only begins like it'
is "$(stored)" "$before" 'nothing of that is stored'
is "$(printf '%s\n' "$before" | wc -l)" 16 'only what was taken is'

# --- what is not even connected to

# not REASON URL [LOOKUPS]: refused, without a connection.
not()
{
	remote "$2"
	is "$status $(js .code) $(js .reason) $(lookups) $(connects) $(accepts)" \
	    "422 IMAGE_UNUSABLE $1 ${3:-0} 0 0" "$1: $(shown "$2")"
}

# Addresses as they should be written, but not public.
for a in 127.0.0.1 127.0.0.53 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 \
    10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 \
    168.63.129.16 169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 \
    192.0.0.1 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 \
    192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 \
    203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255; do
	not ADDRESS_NOT_PUBLIC "https://$a/good.png"
done
for a in ::1 :: ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 \
    ::ffff:$public4 ::127.0.0.1 ::ffff:0:127.0.0.1 0:0:0:0:0:0:0:1 \
    64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 100::1 \
    100:0:0:1::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 \
    2002:7f00:1:: 2002:a9fe:a9fe::1 2606:4700::5efe:10.0.0.1 \
    2620:4f:8000::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 \
    ff02::1 4000::1; do
	not ADDRESS_NOT_PUBLIC "https://[$a]/good.png"
done

# The same in disguise; a resolver would understand each of them.
for a in 2130706433 017700000001 0x7f000001 0X7F.1 0x7f.0.0.1 127.1 127.0.1 \
    0177.0.0.1 127.0.0.01 00.0.0.0 0 127.0.0.1. 127.0.0.0x1 2852039166 \
    0xa9fea9fe 0251.0376.0251.0376 169.254.43518 1.1.1.256 4294967297; do
	not URL "https://$a/good.png"
done

# Texts that two readers may read differently.
not USERINFO https://good.far.test@127.0.0.1/good.png
not USERINFO https://127.0.0.1@good.far.test/good.png
not USERINFO https://good.far.test:443@127.0.0.1/good.png
not USERINFO https://@good.far.test/good.png
not USERINFO https://a:b@c@good.far.test/good.png
not ADDRESS_NOT_PUBLIC 'https://127.0.0.1#good.far.test/good.png'
not ADDRESS_NOT_PUBLIC 'https://127.0.0.1?@good.far.test/good.png'
not ADDRESS_NOT_PUBLIC 'https://127.0.0.1/@good.far.test/good.png'
not URL 'https://127.0.0.1\@good.far.test/good.png'
not URL 'https://good.far.test\@127.0.0.1/good.png'
not URL 'https://good.far.test\good.png'
not URL 'https:\\good.far.test/good.png'
not URL https:/good.far.test/good.png
not URL https:good.far.test/good.png
not URL https:///good.far.test/good.png
not URL //good.far.test/good.png
not URL good.far.test/good.png
not URL ' https://good.far.test/good.png'
not URL 'https://good.far.test/good.png '
not URL 'https:// good.far.test/good.png'
not URL 'https://good.far.test;@127.0.0.1 /good.png'
not URL "$(printf 'https://good.far.test\t/good.png')"
not URL "$(printf 'https://good.far\n.test/good.png')"
not URL "$(printf 'https://good.far.test/good.png\r\nHost: x')"
not URL "$(printf 'ht\ntps://good.far.test/good.png')"
not URL https://%31%32%37.0.0.1/good.png
not USERINFO https://127.0.0.1%2f@good.far.test/good.png
not URL https://good.far.test%00.example/good.png
not URL https://good.far.test%2egood.png
not URL 'https://①②⑦.⓪.⓪.①/good.png'
not URL 'https://127。0。0。1/good.png'
not URL 'https://１２７.0.0.1/good.png'
not URL 'https://ⓛocalhost/good.png'
not URL 'https://gооd.far.test/good.png'
not URL 'https://[::1/good.png'
not URL 'https://[::1%25lo]/good.png'
not URL 'https://[fe80::1%eth0]/good.png'
not URL 'https://[127.0.0.1]/good.png'
not URL 'https://[::1]good.far.test/good.png'
not URL https://good.far.test:/good.png
not URL https://good.far.test:99999/good.png
not URL https://good.far.test:443:443/good.png
not URL https://good.far.test:0x1bb/good.png
not PORT https://good.far.test:80/good.png
not PORT https://good.far.test:8443/good.png
not PORT "https://localhost:$port/good.png"
not PORT "https://127.0.0.1:$port/good.png"
not PORT "https://[::1]:$port/good.png"
not SCHEME http://good.far.test/good.png
not SCHEME HTTP://good.far.test/good.png
not SCHEME file:///etc/passwd
not SCHEME ftp://good.far.test/good.png
not SCHEME gopher://127.0.0.1:6379/_INFO
not SCHEME dict://127.0.0.1:11211/stats
not SCHEME data:image/png,x
not SCHEME 'javascript:alert(1)'
not SCHEME 'jar:https://good.far.test/good.png!/'
allow=localhost:$port
not PORT "https://127.0.0.1:$port/good.png"
not PORT "https://localhost.:$port/good.png"
allow=

# --- names that lead where they should not

n=0
for a in 127.0.0.1 0.0.0.0 10.1.2.3 100.64.0.1 169.254.169.254 172.20.0.1 \
    192.168.1.1 192.0.0.8 198.18.0.1 224.0.0.251 255.255.255.255 ::1 :: \
    ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: fd00::1 fe80::1 ff02::1 \
    2001:db8::1; do
	n=$((n + 1))
	echo "name$n.far.test $a" >>"$tmp/hosts"
	not ADDRESS_NOT_PUBLIC "https://name$n.far.test/good.png" 1
done
not ADDRESS_NOT_PUBLIC https://all.far.test/good.png 1
# curl knows these without asking.
not ADDRESS_NOT_PUBLIC https://localhost/good.png
not ADDRESS_NOT_PUBLIC https://LOCALHOST/good.png
not ADDRESS_NOT_PUBLIC https://a.localhost/good.png
not ADDRESS_NOT_PUBLIC https://localhost./good.png 1
not ADDRESS_NOT_PUBLIC https://local.far.test./good.png 1

# A name that changes its mind: for one fetch it is looked up once, and what
# was found is what is looked at and what is connected to.
remote 'https://rebind.far.test/to/302?/good.png'
is "$status $(lookups) $(far)" '200 1 2' 'a name is looked up once for a fetch'
keep=yes
remote https://rebind.far.test/good.png
is "$status $(js .reason) $(lookups) $(far) $(accepts)" \
    '422 ADDRESS_NOT_PUBLIC 2 2 0' '... and once more for the next'
keep=
for name in first last; do
	remote "https://$name.far.test/good.png"
	is "$status $(grep '^connect' "$tmp/net" | grep -c " 443\$") $(accepts)" \
	    '200 1 1' "of several addresses ($name) the public one is taken"
	is "$(sed -n 's/^connect \(.*\) 443$/\1/p' "$tmp/net")" "$public4" \
	    '... and no other tried'
done
before=$(stored)

# --- what leads there in the end

# led REASON URL: refused after one request to a good host.
led()
{
	remote "https://good.far.test/to/302?$2"
	is "$status $(js .code) $(js .reason) $(far) $(accepts) $(got)" \
	    "422 IMAGE_UNUSABLE $1 1 1 good.far.test /to/302?$2 " \
	    "$1, redirected: $(shown "$2")"
}
led SCHEME http://good.far.test/good.png
led SCHEME file:///etc/passwd
led SCHEME ftp://good.far.test/good.png
led SCHEME gopher://127.0.0.1:6379/_INFO
led PORT https://good.far.test:8443/good.png
led PORT "https://127.0.0.1:$port/good.png"
led PORT "//localhost:$port/good.png"
led USERINFO https://good.far.test@127.0.0.1/good.png
led ADDRESS_NOT_PUBLIC https://127.0.0.1/good.png
led ADDRESS_NOT_PUBLIC //169.254.169.254/latest/meta-data
led ADDRESS_NOT_PUBLIC 'https://[::1]/good.png'
led ADDRESS_NOT_PUBLIC 'https://[::ffff:127.0.0.1]/good.png'
led ADDRESS_NOT_PUBLIC https://local.far.test/good.png
led ADDRESS_NOT_PUBLIC https://localhost/good.png
led URL https://2130706433/good.png
led URL https://0x7f.1/good.png
led URL 'https://127。0。0。1/good.png'
for code in 301 303 307 308; do
	remote "https://good.far.test/to/$code?https://127.0.0.1/good.png"
	is "$status $(js .reason) $(accepts)" '422 ADDRESS_NOT_PUBLIC 1' \
	    "a redirect by $code is looked at too"
done
remote https://good.far.test/hops/4
is "$status $(js .code) $(js .reason) $(accepts)" \
    '422 IMAGE_UNUSABLE REDIRECTS 4' 'four redirects are one too many'
remote 'https://good.far.test/to/302?'
is "$status $(js .reason) $(accepts)" '422 REDIRECTS 4' 'a circle'
remote https://good.far.test/status/302
is "$status $(js .reason) $(accepts)" '422 REDIRECTS 1' 'a redirect to nowhere'
remote 'https://good.far.test/to/300?https://good.far.test/good.png'
is "$status $(js .reason) $(accepts)" '422 STATUS 1' '300 is no redirect'

# --- what comes is no picture

# bad REASON CODE PATH
bad()
{
	remote "https://good.far.test/$3"
	is "$status $(js .code) $(js .reason)" "422 $2 $1" "$1: $3"
}
bad TYPE IMAGE_UNUSABLE 'page.jpg?image/jpeg'
bad TYPE IMAGE_UNUSABLE 'drawing.svg?image/png'
bad TYPE IMAGE_UNUSABLE 'phone.heic?image/jpeg'
like "$(js .message)" HEIC 'HEIC is called by its name'
bad TYPE IMAGE_UNUSABLE 'x.avif?image/png'
bad TYPE IMAGE_UNUSABLE 'x.gif?image/png'
bad TYPE IMAGE_UNUSABLE 'film.mp4?image/png'
bad TYPE IMAGE_UNUSABLE 'zeros.gz?image/png'
bad TYPE IMAGE_UNUSABLE 'empty.png?image/png'
bad DAMAGED IMAGE_UNUSABLE 'half.png?image/png'
bad PIXELS IMAGE_UNUSABLE 'bomb.png?image/png'
like "$(js .message)" '60000 x 60000' 'how many pixels is said'
bad ENCODING IMAGE_UNUSABLE gz/zeros.gz
bad ENCODING IMAGE_UNUSABLE gz/good.gz
bad ENCODING IMAGE_UNUSABLE te/zeros.gz
bad TOO_LARGE IMAGE_UNUSABLE 'fat.png?image/png'
bad TOO_LARGE IMAGE_UNUSABLE endless
bad TOO_LARGE IMAGE_UNUSABLE declared
bad TOO_LARGE IMAGE_UNUSABLE long/404
bad TOO_LARGE IMAGE_UNUSABLE long/302
bad TOO_SLOW SOURCE_UNAVAILABLE drip
bad TOO_SLOW SOURCE_UNAVAILABLE mute
bad BROKEN SOURCE_UNAVAILABLE cut/good.png
bad BROKEN SOURCE_UNAVAILABLE heads
bad STATUS IMAGE_UNUSABLE status/404
bad STATUS IMAGE_UNUSABLE status/403
bad STATUS IMAGE_UNUSABLE status/204
bad STATUS IMAGE_UNUSABLE status/206
bad STATUS SOURCE_UNAVAILABLE status/429
bad STATUS SOURCE_UNAVAILABLE status/500
bad STATUS SOURCE_UNAVAILABLE status/503
remote https://nowhere.far.test/good.png
is "$status $(js .code) $(js .reason) $(lookups) $(connects)" \
    '422 SOURCE_UNAVAILABLE DNS 1 0' 'a name that nobody knows'
remote https://other.example/good.png
is "$status $(js .code) $(js .reason) $(got)" \
    '422 SOURCE_UNAVAILABLE TLS ' 'a certificate for somebody else'
allow=localhost:1
remote https://localhost:1/good.png
is "$status $(js .code) $(js .reason)" '422 SOURCE_UNAVAILABLE CONNECT' \
    'nobody at home'
allow=

# Time is up while the name is still being looked up, and nobody waits for it.
remote https://held.far.test/good.png
is "$status $(js .reason) $(lookups) $(connects)" '422 TOO_SLOW 1 0' \
    'a resolver that does not answer holds nobody up'
: >"$tmp/go"

is "$(stored)" "$before" 'nothing of all that is stored'

# --- several at once

serve uploads MINA_CONF="$var/etc/mina.env" MINA_TLS_CA="$tmp/ca.pem" \
    MINA_FETCH_S=8 MINA_FETCH_ALLOW= LD_PRELOAD="$farnet" \
    ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
# one PASS PATH: over FastCGI
one()
{
	one_body="{\"sourceUrl\":\"https://good.far.test/$2\"}"
	"$client" -t 30 "$tmp/uploads.sock" "HTTP_X_MINA_PASS_ID=$1" \
	    CONTENT_TYPE=application/json \
	    "POST:/api/r2/store-remote-signed:${#one_body}" "in:$one_body" \
	    eof read body
}
: >"$tmp/seen"
one "$user" mute >"$tmp/mute.1" &
one "$user" mute >"$tmp/mute.2" &
two_there() { [ "$(accepts)" -eq 2 ]; }
ok 'two fetches of one account are under way' within 10 two_there
like "$(one "$user" good.png)" '^status=429 ' 'a third one has to wait'
like "$(one "$other" good.png)" '^status=200 ' 'others do not'
within 30 grep -q TOO_SLOW "$tmp/mute.1"
within 30 grep -q TOO_SLOW "$tmp/mute.2"
like "$(one "$user" good.png)" '^status=200 ' 'and then it may'

stop_all
serve uploads MINA_CONF="$var/etc/mina.env" MINA_TLS_CA="$tmp/ca.pem" \
    MINA_FETCH_S=2 MINA_FETCH_MB=32 MINA_FETCH_ALLOW= LD_PRELOAD="$farnet" \
    ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
: >"$tmp/seen"
one "$user" mute >"$tmp/mute.3" &
one_there() { [ "$(accepts)" -eq 1 ]; }
within 10 one_there
like "$(one "$other" good.png)" '^status=200 ' \
    'who finds no place waits for one'
like "$(cat "$tmp/mute.3")" TOO_SLOW '... until another is done'
stop_all

# --- the whole way

before=$(stored)
api POST /api/r2/store-remote-signed -H "X-Mina-Pass-Id: $user" \
    -H 'Content-Type: application/json' \
    -d '{"sourceUrl":"https://127.0.0.1/image.jpg"}'
is "$status $(js .reason)" '422 ADDRESS_NOT_PUBLIC' 'over HTTPS'
api POST /store-remote-generation -H "X-Mina-Pass-Id: $user" \
    -H 'Content-Type: application/json' \
    -d '{"url":"https://169.254.169.254/latest","type":"image"}'
is "$status $(js .reason)" '422 ADDRESS_NOT_PUBLIC' 'both of them'
api GET /me -H "X-Mina-Pass-Id: $user"
api POST /editorial/generate -H "X-Mina-Pass-Id: $user" \
    -H 'Content-Type: application/json' -d \
    '{"brief":"x","assets":{"productImageUrl":"https://127.1/image.jpg"}}'
is "$status $(js .code)" '422 IMAGE_UNUSABLE' 'a generation fetches no other way'
is "$(stack_sql -c "select mg_payload #>> '{error,reason}'
    from mega_generations where mg_step_type = 'store_asset'")" URL \
    'and its trace says why'
is "$(stored)" "$before" 'nothing of that is stored either'
