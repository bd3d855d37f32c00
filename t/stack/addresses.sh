#!/bin/sh
# No signed or temporary address stays (MINAV3.md 2.4): neither where a customer's
# picture came from nor where a provider left its output; and once a picture has
# been copied, a tweak, Recreate and a retry do without its source.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
need rsvg-convert
plan 25

stack_up
js() { jq -r "$@" "$tmp/body"; }
world() { curl -sS --cacert "$ca" -H 'Content-Type: application/json' "$@"; }
fault()
{
	world -o /dev/null -d "{\"target\":\"$1\",\"kind\":\"$2\"${3:+,$3}}" \
	    "$world/_sandbox/faults"
}
post()
{
	api POST "$1" -H "X-Mina-Pass-Id: $pass" \
	    -H 'Content-Type: application/json' -d "$2"
}
get() { api GET "$1" -H "X-Mina-Pass-Id: $pass"; }
# in_rows TEXT: how many rows of any of the three tables have it
in_rows()
{
	stack_sql -c "select count(*) from (
	    select to_jsonb(t)::text as s from mega_generations t
	    union all select to_jsonb(t)::text from mega_customers t
	    union all select to_jsonb(t)::text from mega_admin t) r
	    where position('$1' in s) > 0"
}
# in_logs TEXT: of all programs; nginx and the sandbox are that other site here
in_logs()
{
	find "$var/log" -name '*.log' ! -name access.log ! -name nginx.log \
	    ! -name sandbox.log -exec cat {} + | grep -c "$1"
}
# Nothing follows: the description is written after delivery.
ended()
{
	[ "$(stack_sql -c "select count(*) from mega_generations
	    where mg_record_type = 'generation'
	    and mg_mma_status not in ('done', 'error', 'canceled')")" = 0 ]
}

api GET /me
pass=$(js .passId)
stack_sql -c "select mina_customer('$pass', null, null, null, 20, 30)" >/dev/null
stack_sql -c "select mina_move('$pass', 90, 'purchase', 'test', 't', 't', 'test',
    null)" >/dev/null
world -o /dev/null -d '{"instant":true,"predictMs":0}' "$world/_sandbox/settings"
mkdir -p "$var/sandbox/elsewhere"
rsvg-convert -w 640 -h 640 "$top/sandbox/props/perfume.svg" \
    -o "$var/sandbox/elsewhere/p.png"
cp "$var/sandbox/elsewhere/p.png" "$var/sandbox/elsewhere/q.png"
chmod -R a+rX "$var/sandbox/elsewhere"
p="$world/elsewhere/p.png?X-Sig=feedfacecafe&se=1#at-noon"
q="$world/elsewhere/q.png?X-Sig=feedfacecafe&se=2"

# --- a still and a film of pictures from elsewhere

post /editorial/generate "{\"brief\":\"a bottle\",
    \"assets\":{\"productImageUrl\":\"$p\",\"inspirationUrls\":[\"$q\",\"$p\"]}}"
is "$status $(js .status)" '200 done' 'a still of pictures from elsewhere'
still=$(js .generationId)
post /motion/generate "{\"inputStillUrl\":\"$p\",\"motionPrompt\":\"Slow push-in.\"}"
is "$status $(js .status)" '200 done' 'and a film'
film=$(js .generationId)
# One whose picture was copied, but which failed then.
fault replicate.create status '"status":422'
post /editorial/generate "{\"brief\":\"no luck\",
    \"assets\":{\"productImageUrl\":\"$p\"}}"
is "$status" 502 'one that the provider refused'
failed=$(js .generationId)
# One that ends before there is a copy.
post /editorial/generate "{\"brief\":\"gone\",\"assets\":
    {\"productImageUrl\":\"$world/elsewhere/none.png?X-Sig=feedfacecafe\"}}"
is "$status $(js .code)" '422 IMAGE_UNUSABLE' 'one whose picture is gone'
gone=$(js .generationId)

# --- the output of a provider that answers at once, with its address

stack_sql -c "select mina_config_put('mma.provider.registry', jsonb_set(value,
    '{use,still}', '[\"seedream-ark\"]'), null)
    from mina_config('mma.provider.registry')" >/dev/null
by_ark()
{
	post /editorial/generate "{\"brief\":\"a cup\"}"
	[ "$status $(stack_sql -c "select mg_mma_vars #>> '{meta,provider}'
	    from mega_generations
	    where mg_id = 'generation:$(js .generationId)'")" = \
	    '200 seedream-ark' ]
}
ok 'a still by a provider that replies with the output' within 20 by_ark
ok 'all of them end' within 20 ended

# --- what is kept of all that

is "$(in_rows feedfacecafe)" 0 'no row has the signature'
is "$(in_logs feedfacecafe)" 0 'nor a log'
is "$(in_rows at-noon)" 0 'no row has the fragment'
is "$(in_rows /delivery/)" 0 'no row has an address that a provider gave'
is "$(in_logs /delivery/)" 0 'nor a log'
is "$(stack_sql -c "select count(*) from mega_generations
    where mg_step_type = 'store_asset' and mg_status = 'succeeded'
    and mg_payload #>> '{input,source_url}' ~ '/elsewhere/[pq]\\.png\$'")" 5 \
    'the step says where a picture came from, without that'
media=$(stack_conf MINA_MEDIA_URL)
get "/generations/$still"
is "$(js '[.request.assets | .productImageUrl, .inspirationUrls[]] |
    map(startswith("'"$media"'/user_uploads/")) | join(" ")')" \
    'true true true' 'the request names our copies'
is "$(stack_sql -c "select mg_mma_vars #>> '{assets,product_image_url}' =
    mg_payload #>> '{request,assets,productImageUrl}' from mega_generations
    where mg_id = 'generation:$still'")" t 'and so do the variables'
again=$(js -c '.request')
get "/generations/$film"
is "$(js '.request.inputStillUrl | startswith("'"$media"'/user_uploads/")')" \
    true "and the film's request"
film_again=$(js -c '.request')
get "/generations/$gone"
is "$(js '.request.assets.productImageUrl')" "$world/elsewhere/none.png" \
    'one without a copy keeps host and path'

# --- once the source is gone

rm "$var/sandbox/elsewhere/p.png" "$var/sandbox/elsewhere/q.png"
is "$(world -o /dev/null -w '%{http_code}' "$p")" 404 'the source is gone'
stack_sql -c "select mina_config_put('mma.provider.registry', jsonb_set(value,
    '{use,still}', '[\"seedream-replicate\"]'), null)
    from mina_config('mma.provider.registry')" >/dev/null
post /editorial/generate "{\"parentGenerationId\":\"$still\",
    \"feedback\":{\"text\":\"darker\"}}"
is "$status $(js .status)" '200 done' 'a tweak works'
post /editorial/generate "$again"
is "$status $(js .status)" '200 done' 'Recreate works'
post /motion/generate "$film_again"
is "$status $(js .status)" '200 done' 'of the film as well'
post "/generations/$failed/retry" '{}'
is "$status $(js .status)" '200 done' 'a retry works'

# --- the row still holds all else of the request

is "$(stack_sql -c "update mega_generations set mg_payload = jsonb_set(mg_payload,
    '{request,brief}', '\"another\"') where mg_id = 'generation:$still'" 2>&1 |
    grep -c 'never change')" 1 'the words of a request never change'
is "$(stack_sql -c "select mina_picture('$still', 'nobody', '$media', 'x')")" f \
    'nor may one without the lease change an address'
ok 'all of them end' within 20 ended
is "$(stack_sql -c 'select count(*) from mina_parity()')" 0 'the books agree'
