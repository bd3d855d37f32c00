#!/bin/sh
# Requests to OpenAI and Replicate validate against their published schemas.
# shellcheck disable=SC2154 # from lib-stack.sh
. "$(dirname "$0")/../tap.sh"
# Debian's own: another that comes first in PATH has other modules.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
"$python" -c 'import jsonschema' 2>/dev/null ||
    bail 'no python3-jsonschema here (see .ci/packages)'
. "$(dirname "$0")/../lib-stack.sh"
plan 20
stack_up

js()  { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' "$@"; }
settings() { world -o /dev/null -d "$1" "$world/_sandbox/settings"; }
settings '{"instant":true,"predictMs":0,"filmMs":0}'
stack_sql -c "select mina_config_put('mma.provider.registry',
    jsonb_set(jsonb_set(value, '{providers,kling-replicate,poll,first_ms}', '200'),
    '{providers,kling-2.5-replicate,poll,first_ms}', '200'), null)
    from mina_config('mma.provider.registry')" >/dev/null
use() {
	stack_sql -c "select mina_config_put('mma.provider.registry', jsonb_set(value,
	    '{use,$1}', '[\"$2\"]'), null) from mina_config('mma.provider.registry')" >/dev/null
	# Programs that do not listen for changes see it within 0.9 seconds.
	sleep 1
}
pass=pass:anon:$(cat /proc/sys/kernel/random/uuid)
order() {
	api POST "$1" -H "X-Mina-Pass-Id: $pass" -H 'Prefer: wait=60' \
	    -H 'Content-Type: application/json' -d "$2"
	is "$status" 200 "$3"
}

# Everything that makes a request different.
order /editorial/generate '{"brief":"a jar \"on\" <wood>"}' 'a still from words'
picture=$(js .outputUrl)
first=$(js .generationId)
order /editorial/generate "{\"brief\":\"a jar\",\"style\":\"editorial\",\"ratio\":\"4:3\",
    \"assets\":{\"productImageUrl\":\"$picture\",\"logoUrl\":\"$picture\",
    \"inspirationUrls\":[\"$picture\"]},\"settings\":{\"seedream\":{\"quality\":\"ultra\",
    \"enhance_prompt\":true,\"guidance\":7,\"steps\":3},\"kling\":{\"fps\":24},
    \"midjourney\":{\"chaos\":9}}}" 'one from pictures, with settings of all sorts'
is "$(js -c '.ignoredSettings | sort')" \
    '["kling.fps","midjourney.chaos","seedream.guidance","seedream.steps"]' \
    'which lists what the model does not take'
order /editorial/generate "{\"parentGenerationId\":\"$first\",\"feedback\":
    {\"text\":\"softer light\",\"mode\":\"still\"}}" 'a tweak'
order /motion/suggest "{\"inputStillUrl\":\"$picture\"}" 'a suggestion'
order /motion/generate "{\"inputStillUrl\":\"$picture\",\"motionPrompt\":\"slow push in\",
    \"ratio\":\"16:9\",\"settings\":{\"kling\":{\"durationSec\":5,\"fps\":24,\"cfg\":1}}}" 'a film'
order /motion/generate "{\"inputStillUrl\":\"$picture\",\"endStillUrl\":\"$picture\",
    \"motionPrompt\":\"to the other\"}" 'a film that ends on a still'
use video kling-2.5-replicate
order /motion/generate "{\"inputStillUrl\":\"$picture\",\"motionPrompt\":\"pan left\"}" \
    'one by another Kling'

for t in openai replicate.create; do
	world "$world/_sandbox/requests?target=$t" |
	    jq -c '.requests[] | {path, type: .headers["Content-Type"], body: .body}' >"$tmp/$t"
done
ok 'all of them were seen' [ "$(wc -l <"$tmp/openai")" -ge 8 ]
is "$(wc -l <"$tmp/replicate.create")" 6 'with one create for each'
is "$(jq -r .type "$tmp/openai" "$tmp/replicate.create" | sort -u)" application/json \
    'as JSON'
is "$(jq -r .path "$tmp/openai" | sort -u)" /openai/v1/chat/completions \
    'to one address of OpenAI'

# Each body against the schema; a top-level member that no part of the schema
# names is a mistake too, where the schema would let it pass.
cat >"$tmp/check.py" <<'X'
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open(sys.argv[1]))
check = Draft202012Validator(schema)

def names(s):
    if "$ref" in s:
        s = {**s, **schema["$defs"][s["$ref"].split("/")[-1]]}
    out = set(s.get("properties", {}))
    for part in s.get("allOf", []):
        out |= names(part)
    return out

known = names(dict(schema))
for line in open(sys.argv[2]):
    body = json.loads(json.loads(line)["body"])
    wrong = [e.message[:200] for e in check.iter_errors(body)]
    wrong += ["unknown member " + k for k in body if k not in known]
    for w in wrong:
        print(w)
X
# valid SCHEMA FILE: nothing, or what is wrong
valid() { "$python" "$tmp/check.py" "$top/t/data/$1.schema.json" "$2" 2>&1; }
is "$(valid openai-chat "$tmp/openai")" '' "every request to OpenAI is one by OpenAI's words"
is "$(valid replicate-create "$tmp/replicate.create")" '' \
    "and every one to Replicate by Replicate's"

# The check itself must be able to fail.
head -n 1 "$tmp/openai" | jq -c '.body |= (fromjson | .messages[0].role = "boss" | tojson)' >"$tmp/b1"
head -n 1 "$tmp/openai" | jq -c '.body |= (fromjson | .max_completion_token = 3 | tojson)' >"$tmp/b2"
head -n 1 "$tmp/replicate.create" | jq -c '.body |= (fromjson | .version = "x" | tojson)' >"$tmp/b3"
ok 'a role that there is not is found out' [ -n "$(valid openai-chat "$tmp/b1")" ]
is "$(valid openai-chat "$tmp/b2")" 'unknown member max_completion_token' \
    'so is a misspelt member'
ok 'and a member that Replicate does not take' [ -n "$(valid replicate-create "$tmp/b3")" ]

# What a model takes, by its page; the rest never leaves the house.
is "$(jq -r 'select(.path | test("seedream-4/")) | .body | fromjson | .input | keys[]' \
    "$tmp/replicate.create" | sort -u | paste -sd ' ')" \
    'aspect_ratio enhance_prompt image_input prompt sequential_image_generation size' \
    'Seedream 4 is sent what it takes'
is "$(jq -r 'select(.path | test("kling-v2.1/")) | .body | fromjson | .input | keys[]' \
    "$tmp/replicate.create" | sort -u | paste -sd ' ')" \
    'duration end_image mode prompt start_image' 'so is Kling 2.1'
is "$(jq -r 'select(.path | test("kling-v2.5")) | .body | fromjson | .input | keys[]' \
    "$tmp/replicate.create" | sort -u | paste -sd ' ')" \
    'duration prompt start_image' 'and Kling 2.5'
