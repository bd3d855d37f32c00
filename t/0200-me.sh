#!/bin/sh
# me: a pass for whoever has none, a customer for whoever has one.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/lib-cgi.sh"
db_up
plan 21

cgi me GET /me -
is "$status" 200 'without a pass one is minted'
anon=$(js .passId)
like "$anon" '^pass:anon:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' \
    'a version 4 uuid'
is "$(js .credits)" 0 'anonymous people are welcomed with nothing by default'
cgi me GET /me -
ok 'the next stranger gets another' test "$(js .passId)" != "$anon"
cgi me GET /me "$anon"
is "$(js .passId)" "$anon" 'a pass that is sent is kept'

cgi me GET /me "$user"
is "$(js .credits)" 10 'a user is welcomed with ten'
like "$(js .expiresAt)" '^[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z$' 'which run out'
like "$(js .lastActive)" '^[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z$' 'and was seen'
is "$(js '.email | type')" null 'no e-mail yet'
cgi me GET /me "$user"
is "$(js .credits)" 10 'once'
is "$(q "select count(*) from mega_generations where mg_reason = 'welcome'")" 1 \
    'with one ledger row'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'

cgi me GET /me pass:user:NOT-A-UUID
is "$status" 400 'a pass of another form is refused'
is "$(js .code)" BAD_REQUEST 'with its code'
cgi me GET /me "pass:shopify:820982911946154508"
is "$(js .passId)" pass:shopify:820982911946154508 'shopify ids beyond 2^53 survive'

q "update mega_customers set mg_disabled = true where mg_pass_id = '$user'" >/dev/null
cgi me GET /me "$user"
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'a disabled account is told so'

MINA_AUTH=token
cgi me GET /me "$other"
is "$status $(js .code)" '401 TOKEN_REQUIRED' 'without trust a user pass needs a token'
cgi me GET /me "$anon"
is "$status" 200 'an anonymous pass is its own proof'
is "$(q "select count(*) from mega_customers where mg_pass_id = '$other'")" 0 \
    'and nobody was made'

MINA_AUTH=trusted MINA_DB_URL="host=$tmp/nowhere"
cgi me GET /me "$user"
is "$status $(js .code)" '503 BUSY' 'without a database: busy'
is "$rc" 1 'and the command fails'
