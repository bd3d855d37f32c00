# client.sh - a client of a running Mina, shared by demo.sh and story.sh
#
#	var=$1
#	. "$var/kit/client.sh"
#	api GET /me
#	holds 'a visitor gets a pass' test "$code" = 200
#
# Talks to Mina as a browser would, over HTTPS, and counts claims that hold and
# claims that do not.  var is the state directory; dir, where pictures and
# replies are kept, is set by the caller.  The request bodies are those of the
# specification (MINAV3.md), with addresses, ids and passes filled in.
# shellcheck shell=sh disable=SC2034,SC2154 # read and set by the callers

conf() { sed -n "s/^$1=//p" "$var/etc/mina.env" | tail -n 1; }
base=$(conf MINA_PUBLIC_URL)
world=$(conf MINA_SANDBOX_URL)
ca=$var/tls/ca.pem
checks=0
broken=0

if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') green=$(printf '\033[32m')
	dim=$(printf '\033[2m') red=$(printf '\033[31m') plain=$(printf '\033[0m')
else
	bold='' green='' dim='' red='' plain=''
fi

# ---- claims --------------------------------------------------------------------

# holds CLAIM COMMAND ...: the command says whether the claim is true.
holds()
{
	what=$1
	shift
	checks=$((checks + 1))
	if "$@" >/dev/null 2>&1; then
		printf '%s%sok%s  %s\n' "$margin" "$green" "$plain" "$what"
	else
		broken=$((broken + 1))
		printf '%s%sNOT%s %s\n' "$margin" "$red" "$plain" "$what"
	fi
}

tell()   { printf '%s%s\n' "$margin" "$*"; }
indent() { sed "s/^/$margin/"; }

# finish SENTENCE: the totals, and the exit status that follows from them.
finish()
{
	printf '\n'
	if [ "$broken" -gt 0 ]; then
		tell "$red$broken of $checks claims did not hold.$plain"
		exit 1
	fi
	tell "$green$1: $checks of $checks.$plain"
	exit 0
}

# ---- requests ------------------------------------------------------------------

# request METHOD URL [JSON [CURL ARGUMENT ...]]: sets code and ms; the reply is in
# dir/body and dir/head.  Requests to Mina carry the headers of dir/headers, a
# file, since a command line can be seen by every user of the machine.
request()
{
	method=$1
	where=$2
	json=${3:-}
	shift 2
	[ $# -eq 0 ] || shift
	[ -z "$json" ] || set -- -H 'Content-Type: application/json' \
	    --data-binary "$json" "$@"
	case $where in
	"$base"/*) set -- -H "@$dir/headers" "$@" ;;
	esac
	rm -f "$dir/body"
	code=$(curl -sS --cacert "$ca" -X "$method" --max-time 310 \
	    -o "$dir/body" -D "$dir/head" -w '%{http_code} %{time_total}' \
	    "$@" "$where" 2>"$dir/curl") || code="000 0"
	ms=$(printf '%s' "${code#* }" | awk '{ printf "%.0f", $1 * 1000 }')
	code=${code% *}
}

body()  { jq -r "$@" "$dir/body"; }
fetch() { curl -sSf --cacert "$ca" --max-time 60 -o "$2" "$1"; }
same()  { curl -sSf --cacert "$ca" "$1" | cmp - "$2"; }
differ() { ! cmp -s "$1" "$2"; }

# draw NAME FILE: one of the sandbox's drawings as a PNG.
draw() { rsvg-convert -w 1024 "$var/kit/props/$1.svg" -o "$2"; }

# put_signed FILE URL: a PNG goes to the store by its signed address; sets code.
put_signed()
{
	printf 'url = "%s"\n' "$2" >"$dir/put"
	code=$(curl -sS --cacert "$ca" -T "$1" -H 'Content-Type: image/png' \
	    -o "$dir/body" -w '%{http_code}' -K "$dir/put") || code=000
}

# png_size FILE: "WIDTH HEIGHT" when its first bytes are a PNG's.
png_size()
{
	[ "$(od -An -tx1 -N16 "$1" | tr -d ' \n')" = \
	    89504e470d0a1a0a0000000d49484452 ] &&
	od -An -tu1 -j16 -N8 "$1" | awk '{
		print (($1 * 256 + $2) * 256 + $3) * 256 + $4,
		    (($5 * 256 + $6) * 256 + $7) * 256 + $8 }'
}

# film_facts FILE: codec, width, height and seconds as a JSON object; {} when it
# is no film.
film_facts()
{
	ffprobe -v error -select_streams v:0 -of json -show_entries \
	    stream=codec_name,width,height:format=duration "$1" 2>/dev/null |
	    jq '{codec: .streams[0].codec_name, width: .streams[0].width,
		height: .streams[0].height, seconds: (.format.duration | tonumber)}' \
		2>/dev/null || echo '{}'
}

# ---- the specification's requests ------------------------------------------------

brief='Luxury perfume bottle on marble, soft shadows, premium editorial look.'
feedback='I hate the light you added. Make lighting softer and more natural.'

session_body() { echo '{
  "platform": "web",
  "clientVersion": "3.0.0",
  "meta": { "timezone": "Asia/Dubai" }
}'; }

# still_body SESSION PRODUCT LOGO [INSPIRATION ...]
still_body()
{
	still_session=$1 still_product=$2 still_logo=$3
	shift 3
	jq -n --arg s "$still_session" --arg b "$brief" \
	    --arg p "$still_product" --arg l "$still_logo" '{
		sessionId: $s,
		brief: $b, style: "minimal", ratio: "1:1",
		assets: { productImageUrl: $p, logoUrl: $l,
		    inspirationUrls: $ARGS.positional },
		settings: { seedream: { quality: "high", guidance: 7 } },
		ui: { visionIntelligence: true, styleNoneAllowed: true }
	}' --args "$@"
}

# tweak_body SESSION PARENT PRODUCT LOGO
tweak_body()
{
	jq -n --arg s "$1" --arg g "$2" --arg p "$3" --arg l "$4" \
	    --arg b "$brief" --arg f "$feedback" '{
		sessionId: $s, parentGenerationId: $g,
		brief: $b, style: "minimal", ratio: "1:1",
		assets: { productImageUrl: $p, logoUrl: $l },
		feedback: { text: $f, mode: "still" }
	}'
}

# suggest_body STILL
suggest_body()
{
	jq -n --arg u "$1" '{
		inputStillUrl: $u, movementStyle: "cinematic_smooth",
		userMotionBrief: "Slow push-in and subtle parallax.",
		maxPromptComplexity: "simple_english"
	}'
}

# film_body SESSION STILL PROMPT
film_body()
{
	jq -n --arg s "$1" --arg u "$2" --arg w "$3" '{
		sessionId: $s, inputStillUrl: $u,
		movementStyle: "cinematic_smooth", motionPrompt: $w,
		ratio: "1:1", settings: { kling: { durationSec: 5, fps: 24 } }
	}'
}
