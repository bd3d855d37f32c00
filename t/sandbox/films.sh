#!/bin/sh
# The emulated Kling's films: H.264 of the requested length and size, with the
# camera movement that the prompt asks for.
# shellcheck disable=SC1091,SC2016,SC2154
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
need ffprobe
plan 52
stack_up

models=$world/replicate/v1/models
predictions=$world/replicate/v1/predictions
token=$(stack_conf MINA_PROVIDER_REPLICATE_TOKEN)

# out CURL ARGUMENT ...: sets status; the answer is in $tmp/body.
out()
{
	rm -f "$tmp/body"
	status=$(curl -sS --cacert "$ca" --max-time 60 -o "$tmp/body" \
	    -D "$tmp/head" -w '%{http_code}' -H 'Content-Type: application/json' \
	    -H "Authorization: Bearer $token" "$@" 2>"$tmp/curl") || :
	: >>"$tmp/body"
}
got()      { jq -r "$1" "$tmp/body" 2>/dev/null; }
settings() { out "$world/_sandbox/settings" -d "$1"; }
kling()    { out "$models/kwaivgi/kling-$1/predictions" -d "{\"input\":$2}"; }
ended()    # ended ID: waits for its end
{
	for _ in $(seq 300); do
		out "$predictions/$1"
		case $(got .status) in starting | processing) sleep 0.1 ;; *) return ;; esac
	done
}

still()	# still NAME PROMPT RATIO: sets url
{
	out "$models/bytedance/seedream-4/predictions" -H 'Prefer: wait=60' \
	    -d "{\"input\":{\"prompt\":\"$2\",\"size\":\"1K\",\"aspect_ratio\":\"$3\"}}"
	url=$(got '.output[0]')
	curl -sS --cacert "$ca" -o "$tmp/$1.png" "$url"
}

begin()	# begin NAME MODEL INPUT: a film is on its way
{
	kling "$2" "$3"
	got .id >"$tmp/$1.id"
}

film()	# film NAME: it is there
{
	ended "$(cat "$tmp/$1.id")"
	curl -sS --cacert "$ca" -o "$tmp/$1.mp4" "$(got .output)"
}

probe()	# probe NAME MEMBERS
{
	ffprobe -v error -select_streams v -show_entries "$2" -of json \
	    "$tmp/$1.mp4" | jq -r '[.streams[0][]|tostring]|join(" ")'
}

# frames NAME: at the start, after three eighths and a half, at the end.
frames()
{
	frames_n=$(probe "$1" stream=nb_frames)
	ffmpeg -v error -y -i "$tmp/$1.mp4" -vf "select=eq(n\\,0)+eq(n\\,$((frames_n *
	    3 / 8)))+eq(n\\,$((frames_n / 2)))+eq(n\\,$((frames_n - 1)))" \
	    -vsync 0 "$tmp/$1.%d.ppm" </dev/null
}

# alike PICTURE FILTER PICTURE FILTER: their PSNR, a whole number of decibels.
alike()
{
	ffmpeg -v info -i "$tmp/$1" -i "$tmp/$3" -lavfi "[0]format=rgb24,${2:-null}[a];
	    [1]format=rgb24,${4:-null}[b];[a][b]psnr" -f null - </dev/null 2>&1 |
	    sed -n 's/.*average:\([0-9]*\|inf\).*/\1/p' | sed 's/inf/99/'
}

# over NUMBER LEAST
over() { [ "${1:-0}" -ge "$2" ] && echo yes; }

still still 'a jar and a bowl on white marble, window light from the left' 1:1
tall=$url
still tall 'a candle on dark wood' 9:16
wide=$tall
tall=$url
still wide 'a bottle on a plinth, sage green wall' 16:9
wide2=$url

# --- what comes out, at full size
begin full v2.1 "{\"prompt\":\"The camera pushes in slowly.\",\"start_image\":\"$wide2\"}"
film full
is "$(probe full stream=codec_name,pix_fmt,width,height,r_frame_rate)" \
    'h264 1280 720 yuv420p 24/1' 'a film is H.264, 720 lines, 24 frames a second'
is "$(probe full stream=duration,nb_frames)" '5.000000 120' 'five seconds long'
is "$(got '.output|type') $(got .status)" 'string succeeded' 'its output is one URL'
out -r 0-200000 "$(got .output)"
like "$status $(sed -n 's/^content-type: *//p' "$tmp/head")" '^206 video/mp4' \
    'served as what it is'
like "$(grep -aob 'moov\|mdat' "$tmp/full.mp4" | sort -n | head -n 1)" moov \
    'with the index in front'
frames full
is "$(over "$(alike full.1.ppm '' wide.png scale=1280:720)" 30)" yes \
    'it begins with the start image'
is "$(over "$(alike full.4.ppm '' full.1.ppm '')" 24)" '' 'and moves away from it'
# Towards it: the middle of the first frame is all of the last one.
is "$(over "$(alike full.1.ppm crop=1066:600,scale=1280:720 full.4.ppm '')" 20)" \
    yes 'towards it'
like "$(ffprobe -v error -show_entries format_tags=comment "$tmp/full.mp4")" \
    'Mina sandbox' 'it says where it was made'
# The same corner of every frame, though what is behind it has moved.
is "$(over "$(alike full.1.ppm crop=100:16:1170:690,eq=contrast=3 full.4.ppm \
    crop=100:16:1170:690,eq=contrast=3)" 9)" yes 'and is marked on each frame'

# --- the ways it moves, small
settings '{"fast":true,"filmMs":0}'
start=",\"start_image\":\"$wide\""
begin left  v2.1 "{\"prompt\":\"Pan left.\"$start}"
begin right v2.1 "{\"prompt\":\"Pan to the right, no zoom.\"$start}"
begin pull  v2.1 "{\"prompt\":\"The camera pulls back.\",\"duration\":10,\"start_image\":\"$tall\"}"
begin lock  v2.1 "{\"prompt\":\"Still camera.\"$start}"
begin orbit v2.1 "{\"prompt\":\"The camera orbits around the jar.\"$start}"
begin fast  v2.1 "{\"prompt\":\"Fast push in.\"$start}"
begin to    v2.1 "{\"prompt\":\"Slowly to the end.\",\"mode\":\"pro\",\"end_image\":\"$wide2\"$start}"
begin words v2.5-turbo-pro '{"prompt":"a jar on linen, slow orbit","aspect_ratio":"9:16"}'
for f in left right pull lock orbit fast to words; do
	film $f
	frames $f
done

is "$(probe left stream=width,height) $(probe pull stream=width,height,duration)" \
    '480 480 360 640 10.000000' 'the ratio is that of the picture, ten seconds are ten'
# 480 wide, and the view wanders by 0.24 of that.
is "$(over "$(alike left.1.ppm crop=360:480:0:0 left.4.ppm crop=360:480:115:0)" 24)" \
    yes 'the view pans to the left'
is "$(over "$(alike right.4.ppm crop=360:480:0:0 right.1.ppm crop=360:480:115:0)" 24)" \
    yes 'or to the right, and "no zoom" is none'
is "$(over "$(alike pull.4.ppm '' tall.png scale=360:640)" 27)" yes \
    'pulling back ends with all of it'
is "$(over "$(alike pull.1.ppm '' tall.png scale=360:640)" 24)" '' \
    'and begins nearer'
is "$(over "$(alike lock.1.ppm '' lock.4.ppm '')" 40)" yes \
    'a still camera comes back to where it was'
lock=$(alike lock.1.ppm '' lock.2.ppm '')
is "$(over "$lock" 24)$(over "$lock" 45)" yes 'while the light breathes a little'
is "$(over "$(alike orbit.1.ppm crop=480:150:0:0 orbit.4.ppm crop=480:150:0:0)" 35)" '' \
    'an orbit moves the wall'
# Already there at half time, which a calm one is not.
is "$(over "$(alike fast.3.ppm '' fast.4.ppm '')" 33)$(over "$(alike fast.1.ppm \
    '' fast.3.ppm '')" 24)" yes 'a fast one gets there early'
is "$(over "$(alike to.1.ppm '' still.png scale=480:480)" 27)" yes \
    'with an end image, it begins with the first'
is "$(over "$(alike to.4.ppm '' wide.png crop=ih:ih,scale=480:480)" 24)" yes \
    'and ends with the other'
is "$(probe words stream=width,height,duration)" '360 640 5.000000' \
    'without an image, the words are enough'

# --- what is refused
reasons() { got '"\(.status) \(.title): \([.invalid_fields[]|"\(.type) \(.description)"]|join("; "))"'; }
no='422 Input validation failed:'
kling v2.1 '{"prompt":"x"}'
is "$status $(reasons)" "422 $no required start_image is required" \
    'v2.1 wants a start image'
kling v2.1 "{\"prompt\":\"x\",\"end_image\":\"$wide\"$start}"
is "$(reasons)" "$no invalid end_image is only supported in pro mode" \
    'and pro mode for an end image'
kling v2.1 "{\"duration\":\"5\"$start}"
is "$(reasons)" "$no required prompt is required; enum input.duration must be one of the following: 5, 10" \
    'a prompt, and a duration that is a number'
kling v2.1 "{\"prompt\":\"x\",\"duration\":7,\"fps\":24$start}"
is "$(reasons)" "$no enum input.duration must be one of the following: 5, 10; additional_property_not_allowed Additional property fps is not allowed" \
    'of 5 or 10, and nothing it does not know'
kling v1.6-pro '{"prompt":"x","cfg_scale":1.5}'
is "$(reasons)" "$no number_lte Must be less than or equal to 1; required start_image or end_image is required" \
    'v1.6 wants either image, and a scale up to 1'
kling v2.0 "{\"prompt\":\"x\",\"end_image\":\"$wide\"$start}"
is "$status" 422 'v2.0 knows no end image'
kling v9 '{"prompt":"x"}'
is "$status" 404 'a model that is not there is not found'
dot='iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
kling v2.1 "{\"prompt\":\"x\",\"start_image\":\"data:image/png;base64,$dot\"}"
ended "$(got .id)"
like "$(got '.status + " " + .error')" '^failed .*at least 300px' \
    'too small an image fails the job, and says why'
kling v2.1 "{\"prompt\":\"x\",\"start_image\":\"$world/media/nosuch.png\"}"
ended "$(got .id)"
like "$(got '.status + " " + .error')" '^failed .*start_image: the host answered 404' \
    'so does one that is not there'

# --- many of them, for load tests
settings '{"fast":false,"instant":true,"filmMs":1500}'
for i in 1 2 3 4 5; do
	kling v2.1 "{\"prompt\":\"n $i\",\"duration\":10$start}"
	got .id
done >"$tmp/ids"
out "$world/_sandbox/stats"
is "$(got '.predictions.starting + .predictions.processing')" 5 \
    'instant films take the time they are told to'
renders=$(got .renders.count)
while read -r id; do
	ended "$id"
	got .output
done <"$tmp/ids" | sort -u >"$tmp/urls"
is "$(wc -l <"$tmp/urls")" 1 'and are all one'
curl -sS --cacert "$ca" -o "$tmp/one.mp4" "$(cat "$tmp/urls")"
is "$(probe one stream=codec_name,duration)" 'h264 10.000000' 'which is a film'
is "$(over "$(wc -c <"$tmp/one.mp4")" 200000)" '' 'and a small one'
out "$world/_sandbox/stats"
is "$(got .renders.count)" "$renders" 'none was drawn for anybody'

out "$world/_sandbox/faults" -d '{"target":"delivery","kind":"malformed"}'
settings '{"filmMs":0}'
kling v2.1 "{\"prompt\":\"x\"$start}"
out "$(got .output)"
is "$(wc -c <"$tmp/body")" 12 'half a film on order'
is "$(find "$var/sandbox" -name '*.new' | wc -l)" 0 'nothing is left lying about'

# --- calling back
settings '{"instant":true,"filmMs":300}'
sink=$world/_sandbox/sink

# hmac SECRET ID TIMESTAMP FILE: the signature that it should have
hmac()
{
	hmac_key=$(printf %s "${1#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
	{ printf '%s.%s.' "$2" "$3"; cat "$4"; } | openssl dgst -sha256 -mac HMAC \
	    -macopt "hexkey:$hmac_key" -binary | base64
}

# That this is how it is done, by the published vector of Standard Webhooks.
printf '%s' '{"test": 2432232314}' >"$tmp/vector"
is "$(hmac whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw msg_p5jXN8AQM9LWM0D4loKWxJek \
    1614265330 "$tmp/vector")" g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= \
    'the signature of the published example'
out "$world/replicate/v1/webhooks/default/secret"
secret=$(got .key)
is "$secret" "$(stack_conf MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET)" \
    'the secret can be asked for'

# call NAME [FILTER]: a film that is to call there
call()
{
	out "$models/kwaivgi/kling-v2.1/predictions" -d "{\"input\":{\"prompt\":\"x\"
	    $start},\"webhook\":\"$sink/$1\"${2:+,\"webhook_events_filter\":$2}}"
	got .id >"$tmp/$1.id"
}

# came NAME N: waits for N calls there; the last of them is in $tmp/call
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
of()     { jq -r "$1" "$tmp/call"; }
calls()  { jq -r "[.[]|$1]|join(\" \")" "$tmp/calls"; }
signed()
{
	[ "v1,$(hmac "$secret" "$(of '.headers."Webhook-Id"')" \
	    "$(of '.headers."Webhook-Timestamp"')" "$tmp/call.body")" = \
	    "$(of '.headers."Webhook-Signature"')" ] && echo yes
}
age()    { echo $(($(date +%s) - $(of '.headers."Webhook-Timestamp"'))); }
order()  { out "$world/_sandbox/faults" -d "{\"target\":\"replicate.callback\",\"kind\":\"$1\"${2-}}"; }

call plain '["completed"]'
came plain 1
is "$(signed)" yes 'a callback is signed'
is "$(of '.body|fromjson|"\(.status) \(.id)"')" "succeeded $(cat "$tmp/plain.id")" \
    'and is the prediction as it ended'
is "$(age | grep -Ec '^[0-9]{1,2}$')" 1 'at this time'
call all
came all 3
is "$(calls '.body|fromjson.status' | tr ' ' '\n' | sort | paste -sd ' ' -)" \
    'processing processing succeeded' 'without a filter there are more'
order duplicate
call twice '["completed"]'
came twice 2
is "$(calls '.headers."Webhook-Id"' | tr ' ' '\n' | sort -u | wc -l) $(signed)" \
    '1 yes' 'duplicates on order, with the same id'
order tampered
call other '["completed"]'
came other 1
is "$(jq -r .tampered "$tmp/call.body") $(signed)" 'true ' \
    'another body than what was signed'
order stale
call stale '["completed"]'
came stale 1
is "$(signed) $(over "$(age)" 900)" 'yes yes' 'an old one'
order malformed
call half '["completed"]'
came half 1
is "$(signed) $(jq . "$tmp/call.body" >/dev/null 2>&1 || echo broken)" \
    'yes broken' 'a broken one'
order reorder
call late '["start","completed"]'
came late 2
is "$(calls '.body|fromjson.status')" 'succeeded processing' \
    'the first after the second'
order lost
call never '["completed"]'
ended "$(cat "$tmp/never.id")"
out "$world/_sandbox/faults" -d '{"target":"sink","kind":"status","status":503}'
call again '["completed"]'
came again 2
is "$(calls .status) $(calls '.headers."Webhook-Id"' | tr ' ' '\n' | sort -u |
    wc -l) $(signed)" '503 200 1 yes' 'one that was refused is repeated'
came never 0
is "$(jq length "$tmp/calls")" 0 'a lost one never came'
out "$world/_sandbox/faults" -d '{"target":"replicate.get","kind":"tampered"}'
is "$status" 422 'what is for callbacks is for callbacks only'
