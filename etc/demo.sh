#!/bin/sh
# demo.sh STATE - the main job of Mina from end to end, with every claim checked
#
# Talks to the running system as a browser would, over HTTPS, and reads the ledger
# from Postgres, so that each side is checked against the other.  Each chapter is
# a function; their order is at the end.
set -eu

var=$1
dir=$var/demo
margin='  '
# shellcheck source=etc/client.sh
. "$var/kit/client.sh"
db=$(conf MINA_DB_URL)
: >"$dir/headers"
trap 'rm -f "$dir/headers"' EXIT

chapter() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# stuck WHY: an answer that the rest of the story cannot do without.
stuck()
{
	holds "$1" false
	head -c 2000 "$dir/body" 2>/dev/null | indent
	finish ''
}

# api METHOD PATH [JSON [CURL ARGUMENT ...]]: a request to Mina.
api()
{
	api_method=$1
	api_path=$2
	shift 2
	request "$api_method" "$base$api_path" "$@"
}

sql()  { psql -XAtq "$db" -v ON_ERROR_STOP=1 "$@"; }
table() { psql -Xq "$db" -v ON_ERROR_STOP=1 -P pager=off -P footer=off \
    -P border=0 -P null=- "$@" | indent; }

arrive()
{
	chapter 'A visitor arrives'
	api GET /me
	[ "$code" = 200 ] || stuck "GET /me answers 200 (it said $code)"
	pass=$(body .passId)
	before=$(body .credits)
	printf 'X-Mina-Pass-Id: %s\n' "$pass" >"$dir/headers"
	tell "$pass"
	tell "$before matcha, good until $(body '.expiresAt // "whenever"')"
	holds 'the pass is an anonymous one, made for this visit' \
	    expr "$pass" : 'pass:anon:[0-9a-f-]\{36\}$'
	holds 'welcome matcha is there' test "$before" -ge 1
}

session()
{
	api POST /sessions/start "$(session_body)"
	[ "$code" = 200 ] || stuck "a session starts (it said $code)"
	sid=$(body .sessionId)
	holds "session $sid" \
	    expr "$sid" : 'sess_[0-9a-f-]\{36\}$'
}

# put NAME: a drawing becomes a PNG and goes up; sets url.
put()
{
	draw "$1" "$dir/$1.png" || stuck "props/$1.svg can be drawn"
	size=$(stat -c %s "$dir/$1.png")
	api POST /api/r2/upload-signed "$(jq -n --arg f "$1.png" --argjson n "$size" \
	    '{contentType: "image/png", fileName: $f, folder: "user_uploads", sizeBytes: $n}')"
	[ "$code" = 200 ] || stuck "an upload address for $1.png (it said $code)"
	url=$(body .publicUrl)
	put_signed "$dir/$1.png" "$(body .uploadUrl)"
	case $code in
	2??)	;;
	*)	stuck "the signed PUT of $1.png is taken (it said $code)" ;;
	esac
	tell "$1.png, $((size / 1024)) kB"
	tell "  $url"
	holds "$1.png comes back from its public address, byte for byte" \
	    same "$url" "$dir/$1.png"
}

# shellcheck disable=SC2317  # called through holds
jpeg()
{
	[ "$(curl -sSf --cacert "$ca" "$1" | od -An -tx1 -N2)" = ' ff d8' ]
}

upload()
{
	chapter 'Two pictures go up'
	put perfume
	product=$url
	put logo
	logo=$url
}

# order PATH BODY KEY: what comes of it is in gen, after (the creditsAfter), output.
order()
{
	where=$1
	api POST "$where" "$2" -H 'Prefer: wait=120' -H "Idempotency-Key: $3"
	case $code in
	200 | 202) ;;
	*)	stuck "POST $where is accepted (it said $code)" ;;
	esac
	gen=$(body .generationId)
	# 202: it took longer than the wait; the order stands and can be looked up.
	tries=0
	until api GET "/generations/$gen"; [ "$(body .status)" = "done" ]; do
		tries=$((tries + 1))
		case $tries:$(body .status) in
		120:* | *:error | *:canceled | *:null)
			stuck "generation $gen is done" ;;
		esac
		sleep 1
	done
	# The description of the result follows its delivery.
	tries=0
	until [ "$(body .altText)" != null ] || [ "$tries" -ge 20 ]; do
		tries=$((tries + 1))
		sleep 0.2
		api GET "/generations/$gen"
	done
	after=$(body .creditsAfter)
	body '.userMessages | .scanLines[]?, .finalLine | select(. != null)' |
	    sed 's/^/    Mina: /'
	output=$(body .outputUrl)
}

# picture FILE: fetches output and looks at it.
picture()
{
	tell "$output"
	fetch "$output" "$dir/$1" ||
	    stuck 'it can be fetched from its public address'
	size=$(png_size "$dir/$1") || stuck 'it is a PNG'
	w=${size% *}
	h=${size#* }
	tell "$w x $h, $(($(stat -c %s "$dir/$1") / 1024)) kB, saved as $dir/$1"
	tell "alt text: $(body '.altText // "(none)"')"
	holds 'it is a PNG with the ratio that was ordered' test "$w" -eq "$h"
	holds 'at least 1024 pixels on its short side' test "$w" -ge 1024
}

still()
{
	chapter 'A still is ordered'
	tell "\"$brief\""
	tell 'minimal, 1:1'
	order /editorial/generate "$(still_body "$sid" "$product" "$logo")" \
	    "demo-$sid"
	still=$gen
	chapter 'The picture'
	picture still.png
}

tweak()
{
	chapter 'It is tweaked'
	tell "\"$feedback\""
	order /editorial/generate \
	    "$(tweak_body "$sid" "$still" "$product" "$logo")" "demo-tweak-$sid"
	tweaked=$output
	picture tweak.png
	holds 'it is another picture' differ "$dir/still.png" "$dir/tweak.png"
	holds 'it knows where it comes from' \
	    test "$(body .lineage.parentGenerationId)" = "$still"
}

# A customer who signs in keeps what the visit had.
sign_in()
{
	chapter 'The visitor signs in'
	visit=$pass
	email=demo-$(od -An -N5 -tx1 /dev/urandom | tr -d ' \n')@example.com
	token=$(sh "$var/kit/token.sh" "$var" "$email" 2>"$dir/body") ||
	    stuck "the code that was sent to $email signs in"
	(umask 077; printf 'Authorization: Bearer %s\nX-Mina-Pass-Id: %s\n' \
	    "$token" "$pass" >"$dir/headers.new")
	mv "$dir/headers.new" "$dir/headers"
	api GET /me
	[ "$code" = 200 ] || stuck "GET /me with a token answers 200 (it said $code)"
	pass=$(body .passId)
	(umask 077; printf 'Authorization: Bearer %s\nX-Mina-Pass-Id: %s\n' \
	    "$token" "$pass" >"$dir/headers.new")
	mv "$dir/headers.new" "$dir/headers"
	tell "$email, by a code from the inbox"
	tell "$pass"
	holds 'the pass is the account'"'"'s own' \
	    expr "$pass" : 'pass:user:[0-9a-f-]\{36\}$'
	holds 'what the visit had is theirs' \
	    test "$(body '.claimed | join(" ")')" = "$visit"
	gift=$(($(body .credits) - before + 2))
	tell "$(body .credits) matcha: what was left, and $gift for a welcome"
	holds 'a welcome is there' test "$gift" -ge 1
	before=$((before + gift))
	shop=$(body '.checkoutUrl // empty')
}

buy()
{
	chapter 'More matcha is bought'
	ref=$(printf '%s\n' "$shop" | sed -n 's/.*mina_pass%5D=\([^&]*\).*/\1/p')
	sh "$var/kit/buy.sh" "$var" MINA-50 2 "$email" "$ref" >"$dir/body" 2>&1 ||
	    stuck 'the shop sells MINA-50 x 2, and tells Mina'
	indent <"$dir/body"
	api GET /credits/balance
	holds 'two packs of 50 are 100 more' \
	    test "$(body .credits)" -eq $((before - 2 + 100))
	before=$((before + 100))
}

suggest()
{
	chapter 'Type for me'
	api POST /motion/suggest "$(suggest_body "$tweaked")"
	[ "$code" = 200 ] || stuck "words for a movement (it said $code)"
	words=$(body .motionPrompt)
	printf '%s\n' "$words" | fold -s -w 74 | sed 's| *$||' | indent
	holds 'the still was looked at, and words were found for it' \
	    test "${#words}" -gt 20
}

film()
{
	chapter 'The still moves'
	tell 'cinematic_smooth, 5 seconds'
	order /motion/generate "$(film_body "$sid" "$tweaked" "$words")" \
	    "demo-film-$sid"
	film=$gen
	tell "$output"
	tell "poster: $(body .posterUrl)"
	poster=$(body .posterUrl)
	fetch "$output" "$dir/film.mp4" ||
	    stuck 'it can be fetched from its public address'
	film_facts "$dir/film.mp4" >"$dir/body"
	tell "$(body '"\(.codec), \(.width) x \(.height), \(.seconds) s"'), $(($(stat -c %s "$dir/film.mp4") / 1024)) kB, saved as $dir/film.mp4"
	holds 'it plays: H.264, five seconds' jq -e \
	    '.codec == "h264" and .seconds >= 4.9 and .seconds < 5.3' "$dir/body"
	holds 'it has the ratio of the still' jq -e \
	    '.width == .height' "$dir/body"
	holds 'and a poster' jpeg "$poster"
}

ledger()
{
	chapter 'The ledger'
	api GET /credits/balance
	now=$(body .credits)
	spent=2
	[ -z "$film" ] || spent=7
	tell "$before matcha came, $spent went, $now are there"
	holds 'still and tweak cost one matcha each, a film five' \
	    test "$now" -eq $((before - spent))
	holds 'the last order said so too' test "$after" = "$now"
	# The pass goes in as a variable: psql quotes it.  A visit's rows keep the
	# pass of the visit.
	table -v pass="$pass" <<-'X'
	select to_char(mg_created_at at time zone 'UTC', 'HH24:MI:SS') as at,
	    split_part(mg_pass_id, ':', 2) as pass, mg_delta as matcha,
	    mg_reason as reason, mg_meta ->> 'balance_after' as balance
	from mega_generations
	where mg_record_type = 'credit_transaction'
	and mg_pass_id = any (mina_passes(:'pass'))
	order by mg_created_at, mg_id desc;
	X
	holds 'the ledger adds up to the balance' test "$now" = "$(sql -v pass="$pass" <<-'X'
	select sum(mg_delta) from mega_generations
	where mg_record_type = 'credit_transaction'
	and mg_pass_id = any (mina_passes(:'pass'));
	X
	)"
	want='still -1,tweak -1'
	[ -z "$film" ] || want="$want,video -5"
	holds 'exactly one charge for each' test "$want" = "$(sql -v pass="$pass" <<-'X'
	select string_agg(mg_reason || ' ' || mg_delta, ',' order by mg_created_at)
	from mega_generations
	where mg_record_type = 'credit_transaction'
	and mg_pass_id = any (mina_passes(:'pass'))
	and mg_delta < 0 and mg_reason <> 'merge_out';
	X
	)"
	holds 'nothing is held back' test "$now|0" = "$(sql -v pass="$pass" <<-'X'
	select sum(mg_credits), sum(mg_held) from mega_customers
	where mg_pass_id = any (mina_passes(:'pass'));
	X
	)"
}

steps()
{
	chapter 'How it was made'
	table -v id="$still" <<-'X'
	select mg_step_no as no, mg_step_type as step, mg_status as status,
	    mg_latency_ms as ms,
	    coalesce(mg_payload #>> '{input,ctx_id}',
		nullif(mg_payload #>> '{input,ctx_key}', '') || '.v' ||
		(mg_payload #>> '{input,ctx_version}')) as context
	from mega_generations
	where mg_record_type = 'mma_step' and mg_generation_id = :'id'
	order by mg_step_no;
	X
	holds 'prompt and picture left their steps' test 2 -le "$(sql -v id="$still" <<-'X'
	select count(distinct mg_step_type) from mega_generations
	where mg_record_type = 'mma_step' and mg_generation_id = :'id'
	and mg_status = 'succeeded'
	and mg_step_type in ('gpt_reader', 'seedream_generate');
	X
	)"
	holds 'every step has input, output, timing and error' test 0 = "$(sql -v id="$still" <<-'X'
	select count(*) from mega_generations
	where mg_record_type = 'mma_step' and mg_generation_id = :'id'
	and not mg_payload ?& array['input', 'output', 'timing', 'error'];
	X
	)"
}

parity()
{
	chapter 'Everyone else'
	table -c 'select * from mina_parity()' >"$dir/parity"
	n=$(sql -c 'select count(*) from mina_parity()')
	holds "all $(sql -c 'select count(*) from mega_customers') customers' sums and every row's rules agree" \
	    test "$n" = 0
	[ "$n" = 0 ] || cat "$dir/parity"
}

printf '%sMina%s  %s\n' "$bold" "$plain" "$base"
arrive
session
upload
still
tweak
film=
# Signing in and paying are rehearsed with the sandbox only.
if [ "$world" ]; then
	sign_in
	buy
	suggest
	film
fi
ledger
steps
parity
finish 'Every check held'
