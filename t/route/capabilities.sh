#!/bin/sh
# capabilities: models, ratios, settings, limits and prices; no secret and
# nothing of how providers are called.
# shellcheck disable=SC2154 # set by lib-cgi.sh
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 27
MINA_TOPUP_URL=https://shop.example/matcha
export MINA_TOPUP_URL

get() { cgi capabilities GET /capabilities "$@"; }

get -
is "$status" 200 'anybody may ask'
is "$(js '.still.ratios[0] | "\(.id) \(.label)"')" '1:1 Square' \
    'ratios have names'
is "$(js '[.still.ratios[].id] == .still.providers[0].ratios')" true \
    'and are those of who makes it'
is "$(js '.still.styles | map(.id) | index("editorial") != null')" true 'styles'
is "$(js '.video.movementStyles | map(.id) | index("push_in") != null')" true \
    'movement styles'
is "$(js '[.still, .video] | map(.. | objects | has("prompt")) | any')" false \
    'the phrases for the language model are not told'
is "$(js '.still.providers | map(.key) | join(" ")')" seedream-replicate \
    'who is used, for stills'
is "$(js '.video.providers | map(.key) | join(" ")')" kling-replicate \
    'who is used, for films'
is "$(js '.still.providers[0].settings.quality | keys == ["default","type","values"]')" \
    true 'a setting has its type, values and default'
is "$(js '.still.providers[0].settings.quality.values | join(" ")')" \
    'standard high ultra' 'in the words of customers'
is "$(js '.video.providers[0].settings.durationSec.values | join(" ")')" '5 10' \
    'seconds are numbers'
is "$(js '.video.providers[0].endImage')" true 'a second still can be sent'
is "$(js '.video.providers[0].ratios | length')" 0 'a film has no ratio'
is "$(js '.still.providers[0].images.max, .still.providers[0].images.maxBytes' |
    paste -sd ' ')" '10 10485760' 'limits of pictures'
is "$(js '.uploads | "\(.maxBytes) \(.types | length) \(.inspirations)"')" \
    '26214400 3 4' 'limits of uploads'
is "$(js '.prices | "\(.still) \(.tweak) \(.video) \(.suggest)"')" '1 1 5 0' prices
is "$(js '.limits | "\(.running) \(.queued) \(.suggestionsPerDay) \(.matchaDays)"')" \
    '2 10 50 30' limits
is "$(js .switches.motionTweak)" false 'films are not tweaked'
is "$(js .topUpUrl)" https://shop.example/matcha 'where matcha is bought'
is "$(grep -c -i -E 'MINA_|secret|_env|replicate\.com|"map"|"to"|webhook' \
    "$tmp/body")" 0 'no address, secret or wire name'

tag=$(printf '%s\n' "$head" | sed -n 's/^ETag: //p')
get - -H "If-None-Match: $tag"
is "$status" 304 'the same again is 304'
is "$body" '' '... without a body'

q "select mina_runtime_put('{\"price.video\": 7, \"motion_tweak\": true}', null, null)" >/dev/null
q "select mina_config_put('mma.provider.registry', jsonb_set(value,
    '{use,still}', '[\"seedream-ark\", \"seedream-replicate\"]'), null)
    from mina_config('mma.provider.registry')" >/dev/null
q "select mina_config_put('mma.provider.seedream.defaults',
    '{\"quality\": \"ultra\"}', null)" >/dev/null
get - -H "If-None-Match: $tag"
is "$status" 200 'what has changed comes whole'
is "$(js '"\(.prices.video) \(.switches.motionTweak)"')" '7 true' \
    '... with the new price and switch'
is "$(js '.still.providers | map(.key) | join(" ")')" \
    'seedream-ark seedream-replicate' '... and who makes it now, in order'
is "$(js '.still.providers[0].settings | keys | join(" ")')" quality \
    '... with its own settings'
is "$(js '.still.providers[0].settings.quality.default')" ultra \
    '... and the default of the administrator'
