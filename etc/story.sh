#!/bin/sh
# story.sh STATE - MINAV3.md's "Full Scenario", steps 1 to 15, over HTTPS
#
# Talks to the running Mina at MINA_PUBLIC_URL of STATE/etc/mina.env as a browser
# would: the bodies are the specification's own, with addresses, ids and passes
# filled in.  Signing in and paying happen in the sandbox, as people do it: a code
# from the inbox, the checkout's form.  Every request and every answer is printed,
# and each claim is a line "ok" or "NOT".
# Exit status: 0 when every claim held, 1 when one did not.
# shellcheck disable=SC2016 # $ belongs to jq here
set -eu

var=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
: >"$dir/headers"
margin='    '
# shellcheck source=etc/client.sh
. "$var/kit/client.sh"
media=$(conf MINA_MEDIA_URL)
[ "$world" ] || {
	printf 'mina: there is no sandbox to sign in to and to pay in\n' >&2
	exit 1
}

uuid='[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
moment='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z'

# ---- printing and checking ------------------------------------------------------

step() { printf '\n%s%2d  %s%s\n' "$bold" "$1" "$2" "$plain"; }

# has CLAIM FILTER [JQ ARGUMENT ...]: the filter says whether the reply is right.
has()
{
	claim=$1
	filter=$2
	shift 2
	holds "$claim" jq -e "$@" --arg uuid "$uuid" --arg moment "$moment" \
	    --arg media "$media" "$filter" "$dir/body"
}

# need CLAIM COMMAND ...: the rest of the scenario cannot do without it.
need()
{
	was=$broken
	holds "$@"
	[ "$broken" -eq "$was" ] || finish ''
}

# What nobody needs to read is left out: signatures, tokens, the tail of long
# prose, and the members that view does not select.
view=.
shown()
{
	jq "$view"' | walk(if type != "string" then .
	    elif test("[?&](X-Amz-|attributes)") then sub("\\?.*"; "?...")
	    elif test("^eyJ") then .[:12] + "..."
	    elif length > 240 then .[:230] + " ..." else . end)' "$dir/body"
}

# ---- asking ------------------------------------------------------------------

# ask METHOD URL [BODY [CURL ARGUMENT ...]]: as request(), and prints both sides.
ask()
{
	printf '\n    %s%s %s%s\n' "$bold" "$1" "${2#"$base"}" "$plain"
	[ -z "${3:-}" ] || printf '%s\n' "$3" | sed 's/^./      &/'
	request "$@"
	printf '    %s%s, %s ms%s\n' "$dim" "$code" "$ms" "$plain"
	[ "$code" != 000 ] || sed 's/^/      /' "$dir/curl"
	[ ! -s "$dir/body" ] || { shown || cat "$dir/body"; } 2>/dev/null |
	    sed 's/^/      /'
}

# api METHOD PATH [BODY ...]: the same, of Mina.
api()
{
	api_method=$1
	api_path=$2
	shift 2
	ask "$api_method" "$base$api_path" "$@"
}

header() { sed -n "s/^$1: \(.*\)\r\$/\1/ip" "$dir/head"; }

# quiet URL [CURL ARGUMENT ...]: of the sandbox's controls, which are no part of
# the story.
quiet()
{
	url=$1
	shift
	curl -sS --cacert "$ca" --max-time 60 -o "$dir/body" "$@" "$url"
}

# shellcheck disable=SC2317
square() { [ "${1% *}" -ge 1024 ] && [ "${1% *}" -eq "${1#* }" ]; }

# within SECONDS TIME: that moment is so far from now, give or take a minute.
# shellcheck disable=SC2317
within()
{
	away=$(($(date -d "$2" +%s) - $(date +%s) - $1))
	[ "$away" -ge -60 ] && [ "$away" -le 60 ]
}

# ---- the story ---------------------------------------------------------------

health()
{
	step 1 'Is it there?'
	api GET /health
	need 'it is' test "$code" = 200
	has 'and says so as specified' '. == {ok: true}'
}

sign_in()
{
	step 2 'A visitor looks around, then signs in'
	api GET /me
	need 'a visitor is let in' test "$code" = 200
	has 'with a pass of this visit' '.passId | test("^pass:anon:\($uuid)$")'
	visitor=$(body .passId)
	gift=$(body .credits)
	# What is first written makes the visit a customer.
	echo "X-Mina-Pass-Id: $visitor" >"$dir/headers"
	api POST /sessions/start "$(session_body)"
	need 'and may begin' test "$code" = 200
	: >"$dir/headers"
	email=story-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')@example.com
	ask POST "$world/auth/v1/otp" "{ \"email\": \"$email\" }"
	need "a code is sent to $email" test "$code" = 200
	quiet "$world/inbox.json?to=$(jq -rn --arg e "$email" '$e | @uri')"
	pin=$(body '.mails[0].code // empty')
	need 'it is in the inbox' expr "$pin" : '[0-9]\{6,8\}$'
	view='{access_token, token_type, expires_in, user: (.user | {id, role, email})}'
	ask POST "$world/auth/v1/verify" "{
  \"type\": \"email\",
  \"email\": \"$email\",
  \"token\": \"$pin\"
}"
	view=.
	need 'the code is taken' test "$code" = 200
	has 'there is a token, for somebody whose address is known' \
	    '(.access_token | test("^eyJ")) and .user.email == $e' --arg e "$email"
	user=$(body .user.id)
	(umask 077; body '"Authorization: Bearer \(.access_token)"' >"$dir/token")
}

profile()
{
	step 3 'Who am I?'
	tell '(from here on with Authorization: Bearer, and with X-Mina-Pass-Id:'
	tell "this once $visitor,"
	tell 'which was the pass of the visit)'
	{ cat "$dir/token"; echo "X-Mina-Pass-Id: $visitor"; } >"$dir/headers"
	api GET /me
	need 'a customer' test "$code" = 200
	has 'by the pass of the user who signed in' '.passId == "pass:user:" + $u' \
	    --arg u "$user"
	has 'what the visit had is claimed' '.claimed == [$v]' --arg v "$visitor"
	has "10 matcha for a welcome, and the $gift of the visit" \
	    '.credits == 10 + $n' --argjson n "$gift"
	has 'the address is known' '.email == $e' --arg e "$email"
	has 'expiresAt and lastActive are times' \
	    '[.expiresAt, .lastActive] | all(test("^\($moment)$"))'
	pass=$(body .passId)
	shop=$(body .checkoutUrl)
	{ cat "$dir/token"; echo "X-Mina-Pass-Id: $pass"; } >"$dir/headers"
}

session()
{
	step 4 'A session in the studio'
	api POST /sessions/start "$(session_body)"
	need 'it starts' test "$code" = 200
	has 'as sess_<uuid>' '.sessionId | test("^sess_\($uuid)$")'
	sid=$(body .sessionId)
}

balance()
{
	step 5 'How much matcha is there?'
	api GET /credits/balance
	need 'a balance' test "$code" = 200
	has 'a number and a date, as specified' \
	    '(.credits | type == "number") and (.expiresAt | test("^\($moment)$"))'
	has 'stills and tweaks are 1, films 5' \
	    '.prices | [.still, .tweak, .video] == [1, 1, 5]'
	before=$(body .credits)
	tag=$(header etag)
}

purchase()
{
	step 6 'More of it is bought: MINA-50 x 4'
	tell 'The shop is where checkoutUrl leads; its address carries the account,'
	tell "sealed.  The form is sent, and the shop calls our webhook."
	printf '\n    %sPOST %s/checkout%s\n' "$bold" "$world" "$plain"
	ref=$(printf '%s\n' "$shop" |
	    sed -n 's/.*attributes\(\[\|%5[Bb]\)mina_pass\(\]\|%5[Dd]\)=\([^&]*\).*/\3/p')
	next=$(quiet "$world/checkout" --data-urlencode 'sku=MINA-50' \
	    --data-urlencode 'qty=4' --data-urlencode "checkout[email]=$email" \
	    --data-urlencode "attributes[mina_pass]=$ref" \
	    -w '%{http_code} %{redirect_url}') || next=000
	tell "  sku=MINA-50 qty=4 checkout[email]=$email"
	tell "  attributes[mina_pass]=$(printf %.16s "$ref")..."
	need 'the shop takes the order' expr "$next" : '303 '
	quiet "$world/_sandbox/shop/orders?token=${next##*/}"
	order=$(body '.orders[0].id // empty')
	name=$(body '.orders[0].name // empty')
	quiet "$world/_sandbox/shop/deliveries?order=$order&wait=30"
	printf '\n    %sPOST %s  (by the shop: %s)%s\n' "$bold" \
	    /api/credits/shopify-order \
	    "$(body '[.deliveries[].topic] | unique | join(", ")')" "$plain"
	body '.deliveries[].attempts[-1:][] | "      \(.status) \(.answer)"'
	has 'each of its webhooks is answered with 200' \
	    '[.deliveries[].attempts[-1].status] | length > 0 and all(. == 200)'
	has '50 x 4 = 200 is credited, by one of them' \
	    '[.deliveries[].attempts[-1:][].answer | fromjson? |
	    select(.outcome == "credited").credited] == [200]'
}

poll()
{
	step 7 'The studio asks until it is there'
	polls=0
	while :; do
		polls=$((polls + 1))
		api GET /credits/balance '' -H "If-None-Match: $tag"
		case $code in
		200)	break ;;
		304)	;;
		*)	need 'a balance' false ;;
		esac
		[ $polls -lt 100 ] || need 'it is there in time' false
		sleep 0.2
	done
	has "$before + 200 matcha, by request $polls" \
	    '.credits == $n + 200' --argjson n "$before"
	holds 'good for 30 days from now' within 2592000 "$(body .expiresAt)"
	matcha=$(body .credits)
}

# upload NAME FILENAME: one of the drawings goes up as a PNG; sets url.
upload()
{
	draw "$1" "$dir/$2" || need "$1.svg can be drawn" false
	api POST /api/r2/upload-signed "{
  \"contentType\": \"image/png\",
  \"fileName\": \"$2\",
  \"folder\": \"user_uploads\"
}"
	need "an address for $2" test "$code" = 200
	has 'signed for ten minutes; what is read is elsewhere, and for good' \
	    '.expiresInSec == 600 and .publicUrl == "\($media)/\(.key)" and
	    (.key | test("^incoming/user_uploads/[0-9a-f]{16}/\($uuid)[.]png$"))'
	url=$(body .publicUrl)
	key=$(body .key)
	signed=$(body .uploadUrl)
	printf '\n    %sPUT %s?...%s\n' "$bold" "${signed%%\?*}" "$plain"
	put_signed "$dir/$2" "$signed"
	printf '    %s%s, %d bytes%s\n' "$dim" "$code" \
	    "$(wc -c <"$dir/$2")" "$plain"
	need 'the bytes are taken' test "$code" = 200
	api POST /api/r2/complete "{ \"key\": \"$key\" }"
	has "it is a picture, of $(png_size "$dir/$2" | tr ' ' x)" \
	    '.contentType == "image/png" and "\(.width) \(.height)" == $s' \
	    --arg s "$(png_size "$dir/$2")"
	# A copy, which the signed address cannot change any more.
	url=$(body .publicUrl)
	holds 'and comes back byte for byte' same "$url" "$dir/$2"
}

uploads()
{
	step 8 'Product, logo and inspirations'
	upload perfume product.png
	product=$url
	upload logo logo.png
	logo=$url
	upload insp-marble insp1.png
	insp1=$url
	# Somebody else's site, as far as Mina can tell.
	there=elsewhere/$sid.png
	mkdir -p "$var/sandbox/elsewhere"
	draw insp-linen "$var/sandbox/$there"
	api POST /api/r2/store-remote-signed "{
  \"sourceUrl\": \"$world/$there\",
  \"folder\": \"user_uploads\"
}"
	need 'a pasted address is brought to our storage' test "$code" = 200
	has 'under a key of ours' '.publicUrl == "\($media)/\(.key)" and
	    (.key | test("^user_uploads/.*[.]png$"))'
	insp2=$(body .publicUrl)
	holds 'and comes back byte for byte' same "$insp2" "$var/sandbox/$there"
	rm -f "$var/sandbox/$there"
}

# made KIND PRICE SUFFIX: an order that was answered; sets id and output.
made()
{
	need 'it is made while we wait' test "$code" = 200
	has 'status, a line for people, an output of our own, creditsAfter' \
	    '.status == "done" and (.userMessage | length > 0) and
	    .outputUrl == "\($media)/generations/\(.generationId).\($x)" and
	    (.creditsAfter | type == "number")' --arg x "$3"
	matcha=$((matcha - $2))
	has "-$2 matcha, which leaves $matcha" \
	    '.charged == $p and .creditsAfter == $n' \
	    --argjson p "$2" --argjson n "$matcha"
	id=$(body .generationId)
	output=$(body .outputUrl)
	need 'it can be fetched' fetch "$output" "$dir/$1"
}

still()
{
	step 9 'A still'
	api POST /editorial/generate \
	    "$(still_body "$sid" "$product" "$logo" "$insp1" "$insp2")"
	made still.png 1 png
	still=$id
	size=$(png_size "$dir/still.png") || size='0 1'
	holds "a PNG of 1:1, $(echo "$size" | tr ' ' x)" square "$size"
}

like()
{
	step 10 'It is liked, and downloaded'
	api POST /feedback/like "{
  \"generationId\": \"$still\",
  \"value\": true,
  \"context\": \"studio_right_panel\"
}"
	has 'the like is kept' '.ok == true and .liked'
	api POST /feedback/like "{
  \"generationId\": \"$still\",
  \"event\": \"download\",
  \"context\": \"studio_right_panel\"
}"
	has 'so is the download' '.ok == true'
}

tweak()
{
	step 11 'It is tweaked'
	api POST /editorial/generate \
	    "$(tweak_body "$sid" "$still" "$product" "$logo")"
	made tweak.png 1 png
	tweak=$id
	tweaked=$output
	holds 'a still of its own' test "$tweak" != "$still"
	holds 'of the same size' test "$(png_size "$dir/tweak.png")" = "$size"
	holds 'and another picture' differ "$dir/still.png" "$dir/tweak.png"
}

suggest()
{
	step 12 'Type for me'
	api POST /motion/suggest "$(suggest_body "$tweaked")"
	need 'there are words' test "$code" = 200
	has 'a sentence or more' '.motionPrompt | length > 20'
	words=$(body .motionPrompt)
}

film()
{
	step 13 'The still moves'
	tell '(motionPrompt is what was just suggested)'
	api POST /motion/generate "$(film_body "$sid" "$tweaked" "$words")"
	made film.mp4 5 mp4
	film=$id
	film_facts "$dir/film.mp4" >"$dir/body"
	has "a film that plays: $(body '"\(.codec), \(.width)x\(.height), \(.seconds) s"')" \
	    '.codec == "h264" and .seconds > 4.8 and .seconds < 5.3 and
	    .width == .height'
}

send()
{
	step 14 'What I think of the film'
	api POST /feedback/like "{
  \"generationId\": \"$film\",
  \"event\": \"feedback\",
  \"text\": \"Nice motion but too fast. Next time more subtle.\",
  \"context\": \"animation_right_panel\"
}"
	has 'it is sent' '.ok == true'
	api GET '/generations?active=1'
	has 'and nothing new is made of it' '.items == []'
}

archive()
{
	step 15 'The archive'
	api GET '/history?limit=2'
	need 'a page' test "$code" = 200
	has 'of two, newest first: the film, the tweak' \
	    '[.items[] | .generationId, .type] == [$f, "motion", $t, "image"]' \
	    --arg f "$film" --arg t "$tweak"
	has 'each with outputUrl and createdAt' '.items | all(
	    (.outputUrl | startswith($media)) and (.createdAt | test("^\($moment)$")))'
	has 'the tweak says what it came from' \
	    '.items[1].lineage.parentGenerationId == $s' --arg s "$still"
	cursor=$(body '.nextCursor // empty')
	need 'there is more' test "$cursor"
	api GET "/history?limit=2&cursor=$cursor"
	has 'the still, and that is all' \
	    '[.items[].generationId] == [$s] and .nextCursor == null' --arg s "$still"
	has 'it is liked' '.items[0].liked'
	has 'Recreate has what was asked for: brief, style, ratio, settings' \
	    '.items[0].request | (.brief | startswith("Luxury perfume")) and
	    .style == "minimal" and .ratio == "1:1" and
	    .settings.seedream.quality == "high"'
	has 'and the pictures that went with it' '.items[0].request.assets ==
	    {productImageUrl: $p, logoUrl: $l, inspirationUrls: [$a, $b]}' \
	    --arg p "$product" --arg l "$logo" --arg a "$insp1" --arg b "$insp2"

	api GET /credits/transactions
	need 'and the books' test "$code" = 200
	# A film is newer than its parts; a visit and a welcome come together.
	has 'the film, the tweak, the still, and 200 bought' \
	    '[.items[:4][] | "\(.reason) \(.delta)"] ==
	    ["video -5", "tweak -1", "still -1", "purchase 200"]'
	has "the order is $name" '.items[3].order |
	    .id == $o and .name == $n and .sku == "MINA-50" and .quantity == 4' \
	    --arg o "$order" --arg n "$name"
	has 'a welcome of 10' 'any(.items[]; .reason == "welcome" and .delta == 10)'
	has "all of it together is the balance, $matcha" \
	    '([.items[].delta] | add) == $n and .items[0].balanceAfter == $n' \
	    --argjson n "$matcha"
	api GET /credits/balance
	has 'which says the same' '.credits == $n and .held == 0' \
	    --argjson n "$matcha"
}

printf '%sMina, the full scenario%s  %s\n' "$bold" "$plain" "$base"
health
sign_in
profile
session
balance
purchase
poll
uploads
still
like
tweak
suggest
film
send
archive
finish 'All 15 steps, and every claim held'
