#!/bin/sh
# Pictures are scanned side by side; the error that ends the generation reaches
# the customer whatever happens to the other scans meanwhile.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"

stack_up MINA_AUTH=trusted
plan 12

user=pass:user:7c0e0000-0000-4000-8000-000000000001
stack_sql >/dev/null <<X
select mina_customer('$user', null, null, null, 100, 30);
select mina_config_put('mma.ctx.gpt_scanner', mina_merge(value,
    '{"timeout_ms": 1200}'), null) from mina_config('mma.ctx.gpt_scanner');
X
js() { jq -r "$@" "$tmp/body"; }
world()
{
	curl -sS --cacert "$ca" -H 'Content-Type: application/json' \
	    ${2:+-d "$2"} "$world/_sandbox/$1"
}
world settings '{"instant":true,"predictMs":0}' >/dev/null

# upload FILE: prints its address.
upload()
{
	api POST /api/r2/upload-signed -H "X-Mina-Pass-Id: $user" \
	    -H 'Content-Type: application/json' -d '{"contentType":"image/png"}'
	curl -sS --cacert "$ca" -T "$1" -H 'Content-Type: image/png' \
	    -o /dev/null "$(js .uploadUrl)"
	api POST /api/r2/complete -H "X-Mina-Pass-Id: $user" \
	    -H 'Content-Type: application/json' -d "{\"key\":\"$(js .key)\"}"
	js .publicUrl
}

rsvg-convert -w 300 "$top/sandbox/props/perfume.svg" -o "$tmp/good.png"
rsvg-convert -w 8 -h 8 "$top/sandbox/props/logo.svg" -o "$tmp/tiny.png"
good=$(upload "$tmp/good.png")
also=$(upload "$tmp/good.png")
tiny=$(upload "$tmp/tiny.png")
is "$(printf '%s\n' "$good" "$also" "$tiny" | grep -c '^https://')" 3 \
    'the pictures are there'

# refused WHICH PRODUCT LOGO INSPIRATION: one of them is too small, and the
# scanner, asked about the others, fails long after that was found.
refused()
{
	world faults '{"target":"openai","kind":"delay","ms":3000,"count":20}' \
	    >/dev/null
	api POST /editorial/generate -H "X-Mina-Pass-Id: $user" \
	    -H 'Content-Type: application/json' -H 'Prefer: wait=60' \
	    -d "{\"brief\":\"$1\",\"assets\":{\"productImageUrl\":\"$2\",
	    \"logoUrl\":\"$3\",\"inspirationUrls\":[\"$4\"]}}"
	curl -sS --cacert "$ca" -o /dev/null -X DELETE "$world/_sandbox/faults"
	is "$status $(js .code)" '422 IMAGE_UNUSABLE' "$1: refused"
	like "$(js .message)" "^The $1 picture has .* pixels; each side must" \
	    "$1: the customer is told which and why"
	gen=$(js .generationId)
	ok "$1: the scanner failed for others after that" test "$(
	    stack_sql -c "select count(*) from mega_generations o
	    join mega_generations s on s.mg_generation_id = o.mg_generation_id
	    and s.mg_record_type = 'mma_step' and s.mg_step_type = 'scan_$1'
	    where o.mg_generation_id = '$gen' and o.mg_record_type = 'mma_step'
	    and o.mg_step_type <> 'scan_$1' and o.mg_status = 'failed'
	    and o.mg_step_no > s.mg_step_no")" -gt 0
}
refused product "$tiny" "$good" "$also"
refused logo "$good" "$tiny" "$also"
refused inspiration "$good" "$also" "$tiny"
is "$(stack_sql -c "select mg_credits || ' ' || mg_held from mega_customers
    where mg_pass_id = '$user'")" '100 0' 'nothing is charged'
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the ledger agrees'
