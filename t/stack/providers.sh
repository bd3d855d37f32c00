#!/bin/sh
# Providers from registry rows alone, one unknown to the code included; fallback,
# circuit breaker, callbacks.
# shellcheck disable=SC2016,SC2154 # $ in nginx's and jq's words
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 64

# --- an API of nobody's

# Any answer a test wants, from files; what was asked is in its log.
kitchen=$tmp/kitchen
mkdir "$kitchen"
chmod 755 "$tmp" "$kitchen"
stack_up MINA_PROVIDER_KITCHEN_KEY=kitchen-secret \
    MINA_PROVIDER_KITCHEN_HOSTS=localhost
kitchen_up()
{
	kitchen_port=$1
	cat >"$kitchen/conf" <<-X
	pid $kitchen/pid;
	error_log $kitchen/error.log;
	events { }
	http {
		log_format all escape=none
		    '\$request_method \$request_uri \$http_x_kitchen \$request_body';
		access_log off;
		client_body_temp_path $kitchen/t1;
		fastcgi_temp_path $kitchen/t2;
		proxy_temp_path $kitchen/t3;
		scgi_temp_path $kitchen/t4;
		uwsgi_temp_path $kitchen/t5;
		default_type application/json;
		server {
			listen unix:$kitchen/sock;
			root $kitchen/answers;
			location / {
				error_page 405 =200 \$uri;
				if (\$http_x_kitchen != 'pass kitchen-secret') {
					return 403 '{"why":"who are you"}';
				}
			}
		}
		server {
			listen 127.0.0.1:$kitchen_port ssl;
			ssl_certificate $var/tls/server.pem;
			ssl_certificate_key $var/tls/server.key;
			location / {
				access_log $kitchen/log all;
				proxy_pass http://unix:$kitchen/sock;
			}
		}
	}
	X
	nginx -c "$kitchen/conf" -p "$kitchen/" 2>>"$kitchen/error.log"
}
mkdir -p "$kitchen/answers/v9/feasts/867283741759111203"
: >"$kitchen/log"
tries=20
until kitchen_up $((20000 + $(od -An -N2 -tu2 /dev/urandom) % 30000)); do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || { cat "$kitchen/error.log"; exit 99; }
done
at_end 'kill "$(cat "$kitchen/pid")" 2>/dev/null'

js()  { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' "$@"; }
settings() { world -o /dev/null -d "$1" "$world/_sandbox/settings"; }
fault() { world -o /dev/null -d "{\"target\":\"$1\",\"kind\":\"$2\"${3:+,$3}}" "$world/_sandbox/faults"; }
calm() { world -o /dev/null -X DELETE "$world/_sandbox/faults"; }
sent() { world "$world/_sandbox/requests?target=$1" | jq -c '.requests[-1].body | fromjson'; }
calls() { world "$world/_sandbox/stats" | jq -r ".places[\"$1\"].requests // .[\"$1\"].requests // 0"; }
put() { stack_sql -c "select mina_config_put('mma.provider.registry', $1, null)
    from mina_config('mma.provider.registry')" >/dev/null; }
patch() { put "jsonb_set(value, '{providers,$1}', mina_merge(value #> '{providers,$1}', '$2'))"; }
# Programs that do not listen for changes see them within 0.9 seconds.
use()
{
	use_mode=$1
	shift
	put "jsonb_set(value, '{use,$use_mode}', to_jsonb(string_to_array('$*', ' ')))"
	sleep 1
}
pass=pass:anon:$(cat /proc/sys/kernel/random/uuid)
new_pass() { pass=pass:anon:$(cat /proc/sys/kernel/random/uuid); }

# order PATH BODY [SECONDS]: makes it
order()
{
	new_pass
	api POST "$1" -H "X-Mina-Pass-Id: $pass" -H "Prefer: wait=${3:-60}" \
	    -H 'Content-Type: application/json' -d "$2"
	gen=$(js .generationId)
}
still() { order /editorial/generate "{\"brief\":\"$1\"${2:+,$2}}" "${3:-}"; }
film() { order /motion/generate "{\"inputStillUrl\":\"$picture\",\"motionPrompt\":\"slow push in\"${1:+,$1}}" "${2:-90}"; }

# The attempts at making it: "provider ok, provider CODE".
tried()
{
	stack_sql -c "select mg_provider || ' ' || case mg_status when 'succeeded'
	    then 'ok' else mg_payload #>> '{error,code}' end
	    from mega_generations where mg_generation_id = '$gen'
	    and mg_record_type = 'mma_step' and mg_step_type like '%\\_generate%'
	    order by mg_step_no" | paste -sd ,
}
step() { stack_sql -c "select $1 from mega_generations
    where mg_generation_id = '$gen' and mg_record_type = 'mma_step'
    and mg_step_type like '%\\_generate%' order by mg_step_no desc limit 1"; }
matcha() { stack_sql -c "select mg_credits || ' ' || mg_held from mega_customers
    where mg_pass_id = '$pass'"; }

settings '{"instant":true,"predictMs":0,"filmMs":0}'
for p in kling-replicate kling-2.5-replicate kling-native kling-native-jwt \
    kling-fal seedream-fal seedream-replicate; do
	patch $p '{"poll":{"first_ms":200,"max_ms":500},"reconcile":{"grace_ms":1000}}'
done
# What is asked for nothing is not to be reconciled.
put "value #- '{providers,seedream-fal,reconcile}' #- '{providers,kling-fal,reconcile}'"
for p in seedream-ark seedream-fal seedream-replicate; do
	patch $p '{"cooldown":{"failures":99}}'
done

# --- the seeds

is "$(stack_sql -c "select string_agg(key, ' ' order by key) from
    mina_config('mma.provider.registry'), jsonb_object_keys(value -> 'providers') key")" \
    'kling-2.5-replicate kling-fal kling-native kling-native-jwt kling-replicate seedream-ark seedream-fal seedream-replicate' \
    'those the registry knows'
patch kling-fal '{"model":"ours"}'
before=$(stack_sql -c "select version from mina_config('mma.provider.registry')")
sh "$top/sql/apply.sh" "$db" >/dev/null 2>&1
is "$(stack_sql -c "select version, value #>> '{providers,kling-fal,model}' from
    mina_config('mma.provider.registry')")" "$before|ours" \
    'seeding again changes nothing, least of all what was changed by hand'

# --- one that nobody has heard of

still 'a bowl of figs'
picture=$(js .outputUrl)
is "$status" 200 'a still, to serve'
put "jsonb_set(value, '{providers,kitchen}', '{
    \"provider\": \"kitchen\", \"model\": \"stove-1\", \"mode\": \"still\",
    \"base_url\": \"https://localhost:$kitchen_port/v9\",
    \"auth\": {\"header\": \"X-Kitchen\", \"prefix\": \"pass \",
	\"secret_env\": \"MINA_PROVIDER_KITCHEN_KEY\"},
    \"create\": {\"method\": \"POST\", \"path\": \"/feasts.json\", \"body\": {
	\"recipe\": {\"words\": \"\$prompt\", \"heat\": \"\$settings.temperature\"},
	\"plate\": \"\$ratio\", \"photos\": \"\$images\", \"table\": \"\$generation_id\",
	\"size\": {\"\$of\": [\"settings.temperature\", \"ratio\"],
	    \"in\": {\"200\": {\"1:1\": [2, 2]}}}}},
    \"success\": {\"pointer\": \"/fine\", \"value\": true},
    \"errors\": {\"pointer\": \"/trouble/no\", \"moderated\": [13], \"retry\": [7]},
    \"job\": {\"id\": \"/ticket/number\", \"status\": \"/progress/phase\",
	\"output\": \"/dishes\", \"item\": \"/about/href\", \"error\": \"/progress/why\"},
    \"states\": {\"2\": \"wait\", \"7\": \"done\", \"9\": \"failed\"},
    \"poll\": {\"method\": \"POST\", \"path\": \"/feasts/{id}/progress.json\",
	\"first_ms\": 100, \"max_ms\": 300, \"deadline_ms\": 60000},
    \"output_hosts_env\": \"MINA_PROVIDER_KITCHEN_HOSTS\",
    \"refusal\": [\"unkosher\"],
    \"capabilities\": {\"ratios\": [\"1:1\", \"4:3\"], \"settings\": {
	\"gas\": {\"type\": \"enum\", \"values\": [\"low\", \"high\"], \"default\": \"high\",
	    \"to\": \"temperature\", \"map\": {\"low\": 90, \"high\": 200}}}}
    }')"
answer() { printf '%s' "$2" >"$kitchen/answers/v9/feasts$1.json.new" &&
    mv "$kitchen/answers/v9/feasts$1.json.new" "$kitchen/answers/v9/feasts$1.json"; }
progress=/867283741759111203/progress
answer '' '{"fine":true,"ticket":{"number":867283741759111203}}'
answer $progress '{"fine":true,"progress":{"phase":2},"dishes":null}'
use still kitchen
new_pass
api POST /editorial/generate -H "X-Mina-Pass-Id: $pass" -H 'Prefer: respond-async' \
    -H 'Content-Type: application/json' -d '{"brief":"three olives",
    "settings":{"kitchen":{"gas":"high","salt":1},"seedream":{"quality":"high"}}}'
gen=$(js .generationId)
is "$status $(js -c .ignoredSettings)" '202 ["kitchen.salt","seedream.quality"]' \
    'it is ordered, and what it does not take is listed'
tries=200
until [ "$(grep -c "^POST /v9/feasts$progress" "$kitchen/log")" -ge 2 ] ||
    [ $tries -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.05
done
ok 'it is asked after by another method, under its own long number' [ $tries -gt 0 ]
answer $progress "{\"fine\":true,\"progress\":{\"phase\":7},\"dishes\":[{\"about\":{}},
    {\"about\":{\"href\":\"$picture\"}}]}"
tries=200
until api GET "/generations/$gen" -H "X-Mina-Pass-Id: $pass" &&
    case $(js .status) in done|error) true ;; *) false ;; esac ||
    [ $tries -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
is "$(js .status)" 'done' 'another final word, and a still comes out of it'
is "$(tried)" 'kitchen ok' 'by a provider of rows alone'
is "$(step "mg_payload #>> '{output,job_id}'")" 867283741759111203 \
    'whose number is not rounded'
curl -sS --cacert "$ca" -o "$tmp/theirs" "$picture"
curl -sS --cacert "$ca" -o "$tmp/ours" "$(step "mg_payload #>> '{output,output_url}'")"
ok 'the output is a member of the second of two objects' \
    cmp "$tmp/theirs" "$tmp/ours"
is "$(step "mg_payload #>> '{output,source_host}'")" "${world%/}" \
    'of the address it came from the host is kept'
created=$(sed -n 's/^POST \/v9\/feasts.json pass kitchen-secret //p' "$kitchen/log")
is "$(printf '%s' "$created" | jq -c 'keys, .plate, .size, .recipe.heat')" \
    '["plate","recipe","size","table"]
"1:1"
[2,2]
200' 'what was sent: what there was, typed; nothing that it does not take'
is "$(printf '%s' "$created" | jq -r .table)" "$gen" 'with our own name for it'
is "$(step 'mg_payload::text' | grep -c kitchen-secret)" 0 'the trace has no key'

answer '' '{"fine":false,"trouble":{"no":13}}'
still 'another dish' '' 20
is "$status $(js .code) $(tried) $(matcha)" \
    '422 MODERATED kitchen MODERATED 20 0' 'its code for a refusal is known'
answer '' '{"fine":false,"trouble":{"no":99}}'
still 'another dish' '' 20
is "$status $(js .code) $(tried) $(matcha)" \
    "502 PROVIDER_FAILED $(printf 'kitchen PROVIDER_FAILED,%.0s' 1 2 3 4 |
    sed 's/$/kitchen PROVIDER_FAILED/') 20 0" 'a 200 can be a failure'
answer '' '{"fine":true,"ticket":{"number":867283741759111203}}'
answer $progress '{"fine":true,"progress":{"phase":9,"why":"it is UNKOSHER"}}'
stack_sql -c "update mega_generations set mg_ref_id = mg_ref_id || 'x'
    where mg_ref_id = '867283741759111203'" >/dev/null
still 'another dish' '' 20
is "$status $(js .code) $(matcha)" '422 MODERATED 20 0' 'its words, too'

# --- those of the sandbox

use still seedream-ark
still 'a jar of honey on wood' '"ratio":"16:9","settings":{"seedream":{"quality":"high","guidance":7}}'
is "$status $(tried)" '200 seedream-ark ok' 'Ark makes a still in one call'
is "$(js -c .ignoredSettings) $(step "mg_payload #>> '{output,width}'")" \
    '["seedream.guidance"] 2736' 'with the ratio as a size'
is "$(sent ark.create | jq -c '[keys, .size, .watermark]')" \
    '[["model","prompt","response_format","sequential_image_generation","size","stream","watermark"],"2736x1536",false]' \
    'no guidance leaves the house, and no watermark comes in'
still 'a jar like this' "\"assets\":{\"productImageUrl\":\"$picture\"}"
is "$status $(sent ark.create | jq -r '.image | length')" '200 1' \
    'pictures go along'
fault ark.create refused
still 'something else' '' 20
is "$status $(js .code) $(matcha)" '422 MODERATED 20 0' \
    'an error in place of the picture'
fault ark.create lost
before=$(calls ark.create)
still 'lost on the way' '' 30
is "$status $(js .code) $(tried) $(($(calls ark.create) - before)) $(matcha)" \
    '502 PROVIDER_FAILED seedream-ark PROVIDER_FAILED,seedream-ark PROVIDER_FAILED 1 20 0' \
    'an answer that is lost is not asked for twice'

use still seedream-fal
still 'a jar of honey on wood' '"ratio":"4:3"'
is "$status $(tried)" '200 seedream-fal ok' 'fal makes a still'
is "$(sent fal.submit | jq -c '[keys, .image_size]')" \
    '[["image_size","max_images","num_images","prompt"],{"width":2368,"height":1776}]' \
    '... from words'
still 'a jar like this' "\"assets\":{\"productImageUrl\":\"$picture\"}"
is "$status $(world "$world/_sandbox/requests?target=fal.submit" | jq -r \
    '.requests[-1].path | split("?")[0]')" \
    '200 /fal/fal-ai/bytedance/seedream/v4/edit' '... from pictures, elsewhere'
fault fal.submit refused
still 'something else' '' 20
is "$status $(js .code) $(matcha)" '422 MODERATED 20 0' \
    '... which says in the result that it declined'
fault fal.submit failed '"count":2'
still 'something else' '' 20
is "$status $(js .code) $(tried)" \
    '502 PROVIDER_FAILED seedream-fal PROVIDER_FAILED,seedream-fal PROVIDER_FAILED' \
    '... or that it failed, twice'
fault fal.submit lost
still 'something else' '' 30
is "$status $(js .code) $(matcha)" '502 PROVIDER_FAILED 20 0' \
    '... and cannot be asked about what was lost'
use still seedream-replicate

for p in kling-native kling-native-jwt kling-fal kling-2.5-replicate; do
	use video $p
	film '"settings":{"kling":{"durationSec":5,"fps":24}}'
	is "$status $(tried) $(matcha)" "200 $p ok 15 0" "a film by $p"
done
use video kling-native
film
is "$(sent kling.create | jq -c '[keys - ["callback_url"], .duration, .mode]')" \
    '[["duration","external_task_id","image","mode","model_name","prompt"],"5","std"]' \
    'Kling is sent strings, and neither fps nor ratio'
is "$(sent kling.create | jq -r .external_task_id)" "$gen" \
    'and our name for the film'
film "\"endStillUrl\":\"$picture\""
is "$status $(sent kling.create | jq -r '"\(.mode) \(.image_tail)"')" \
    "200 pro $picture" 'an end still makes it pro'
before=$(calls kling.create)
fault kling.create lost
film
is "$status $(tried) $(($(calls kling.create) - before))" \
    '200 kling-native PROVIDER_FAILED,kling-native ok 1' \
    'a lost answer is found again by that name'
fault kling.create status '"status":503'
before=$(calls kling.create)
film
is "$status $(($(calls kling.create) - before))" '200 2' \
    'one that was never made is made then'
fault kling.create status '"status":429,"body":"{\"code\":1303,\"message\":\"parallel\"}"'
film
is "$status $(tried)" '200 kling-native RATE_LIMITED,kling-native ok' \
    'too many at once is waited out'
fault kling.create status '"status":400,"body":"{\"code\":1301,\"message\":\"no\"}"'
film '' 30
is "$status $(js .code) $(matcha)" '422 MODERATED 20 0' 'its code for a refusal'
fault kling.create status '"status":429,"body":"{\"code\":1102,\"message\":\"depleted\"}"'
film '' 30
is "$status $(js .code) $(tried)" \
    '502 PROVIDER_FAILED kling-native PROVIDER_FAILED' \
    'a pack that is used up is not tried again, whatever the status'

# --- stepping in

use still seedream-ark seedream-replicate
fault ark.create status '"status":401,"body":"{\"error\":{\"code\":\"AuthenticationError\"}}"'
still 'a cup' '"settings":{"seedream":{"quality":"ultra","enhance_prompt":true}}'
is "$status $(tried) $(matcha)" \
    '200 seedream-ark PROVIDER_FAILED,seedream-replicate ok 19 0' \
    'where one refuses the next steps in, at the same price'
is "$(js -c .ignoredSettings)" '["seedream.enhance_prompt"]' \
    'what is ignored is what the order ignored'
is "$(sent replicate.create | jq -r .input.size)" 4K \
    'the settings are said in the words of the other'
fault ark.create status '"status":400,"body":"{\"error\":{\"code\":\"InputTextSensitiveContentDetected.Policy\"}}"'
still 'a cup' '' 20
is "$status $(js .code) $(tried)" '422 MODERATED seedream-ark MODERATED' \
    'what is declined is not taken elsewhere'
fault ark.create lost
still 'a cup' '' 20
is "$status $(js .code) $(matcha)" '502 PROVIDER_FAILED 20 0' \
    'nor what may have been made already'
use still seedream-replicate seedream-ark
fault replicate.create failed '"count":2'
still 'a cup'
is "$status $(tried) $(matcha)" \
    '200 seedream-replicate PROVIDER_FAILED,seedream-replicate PROVIDER_FAILED,seedream-ark ok 19 0' \
    'a job that failed is over: the next steps in'
fault replicate.create status '"status":422'
still 'a cup'
is "$status $(tried)" '200 seedream-replicate PROVIDER_FAILED,seedream-ark ok' \
    'as it does for one that was not accepted'
fault replicate.create status '"status":401'
fault ark.create status '"status":403'
still 'a cup' '' 20
is "$status $(js .code) $(tried) $(matcha)" \
    '502 PROVIDER_FAILED seedream-replicate PROVIDER_FAILED,seedream-ark PROVIDER_FAILED 20 0' \
    'when nobody will, nothing is charged'
calm
use video kling-replicate kling-2.5-replicate
fault replicate.create status '"status":422'
film "\"endStillUrl\":\"$picture\"" 20
is "$status $(tried)" '502 kling-replicate PROVIDER_FAILED' \
    'nobody steps in who would leave half of the order out'
calm

# --- resting

patch seedream-ark '{"cooldown":{"failures":2,"window_ms":60000,"ms":600000}}'
use still seedream-ark seedream-replicate
still 'a clean slate'
is "$(tried)" 'seedream-ark ok' 'it works again'
fault ark.create status '"status":402,"count":2'
still 'a cup'
still 'a cup'
is "$(tried)" 'seedream-ark PROVIDER_FAILED,seedream-replicate ok' \
    'it has failed twice in a row'
still 'a cup'
is "$status $(tried)" '200 seedream-replicate ok' 'and is left alone'
is "$(grep -c 'circuit open' "$var/log/worker.log")" 1 'which the log says, once'
use still seedream-ark
still 'a cup'
is "$status $(tried)" '200 seedream-ark ok' 'unless there is nobody else'
use still seedream-replicate

# --- being woken

for p in kling-replicate kling-native kling-fal; do
	patch $p '{"poll":{"first_ms":300000,"max_ms":300000}}'
	case $p in
	kling-replicate) place=replicate ;;
	kling-native)	place=kling ;;
	*)		place=fal ;;
	esac
	settings '{"filmMs":1500}'
	use video $p
	film '' 60
	is "$status $(tried)" "200 $p ok" "$p calls back, and nobody waits for the poll"
	fault $place.callback duplicate
	film '' 60
	is "$status" 200 '... also when it calls twice'
done
is "$(grep -c 'callback of' "$var/log/webhooks.log")" 0 'none was refused'
use video kling-replicate
fault replicate.callback tampered
film '' 4
is "$status $(tried)" '202 ' 'a forged one wakes nobody'
ok '... and is told of' grep -q 'kling-replicate refused: bad signature' \
    "$var/log/webhooks.log"
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the books agree'
