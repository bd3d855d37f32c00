#!/bin/sh
# history: order, cursors, filters and ownership of the list; delete and export.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 78
anon=pass:anon:5f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d11

# made ID PASS SECONDS [TYPE [BRIEF [SESSION]]]: one delivered that long after
# the first of January
made()
{
	q "do \$\$ begin
	perform set_config('mina.now', '2026-01-01T00:00:00Z'::timestamptz
	    + interval '$3 seconds' || '', true);
	perform mina_customer('$2', null, null, null, 0, 30);
	perform mina_admit('$1', '$2', nullif('${6:-}', ''), 0,
	    case when '${4:-image}' = 'image' then 'still' else 'video' end,
	    'create', jsonb_build_object('brief', '${5:-a bottle}'), '{}', null,
	    null, null);
	update mega_generations set mg_lease_owner = 'w' where mg_id =
	    'generation:$1';
	perform mina_settle('$1', 'w', jsonb_build_object('output_url',
	    'https://media.example/generations/$1.png', 'output_key',
	    'generations/$1.png', 'prompt', 'A calm picture.', 'status', 'done'),
	    jsonb_build_object('outputs', jsonb_build_object('thumbnail_url',
	    'https://media.example/generations/$1_thumb.webp', 'width', 64,
	    'height', 48)));
	end \$\$"
}
hist() { cgi history GET "/history$1" "${2:-$user}"; }
ids() { js '[.items[].generationId] | join(" ")'; }

hist ''
is "$status $(js 'tojson')" '200 {"items":[],"nextCursor":null}' 'nothing yet'
made g1 "$user" 1 image 'Perfume on MARBLE' sess_2f2d0b2c-0f9d-4e8c-9a1a-6b2e7d4bbd35
made g2 "$user" 2 motion 'slow push-in'
made g3 "$user" 3
made x1 "$other" 4
hist ''
is "$(ids)" 'g3 g2 g1' 'newest first, of nobody else'
is "$(js '.items[2] | "\(.type) \(.outputUrl) \(.createdAt)"')" \
    'image https://media.example/generations/g1.png 2026-01-01T00:00:01.000Z' \
    'with the members of the specification'
is "$(js '.items[2] | "\(.thumbnailUrl) \(.width) \(.height) \(.posterUrl)"')" \
    'https://media.example/generations/g1_thumb.webp 64 48 null' 'and what a list shows'
is "$(js '.items[2] | "\(.brief) | \(.prompt) | \(.request.brief) | \(.liked)"')" \
    'Perfume on MARBLE | A calm picture. | Perfume on MARBLE | false' \
    'and what Recreate needs'
is "$(js .nextCursor)" null 'and no further page'
q "select mina_admit('p1', '$user', null, 0, 'still', 'create', '{\"brief\":\"x\"}', '{}', null, null, null)" >/dev/null
hist ''
is "$(ids)" 'g3 g2 g1' 'what is being made is not there yet'

# --- filters

hist '?type=motion'; is "$(ids)" g2 'films only'
hist '?type=image'; is "$(ids)" 'g3 g1' 'stills only'
hist '?type=poem'; is "$status $(js .field)" '422 type' 'there are no others'
hist '?session=sess_2f2d0b2c-0f9d-4e8c-9a1a-6b2e7d4bbd35'; is "$(ids)" g1 'of one session'
hist '?session=2f2d0b2c-0f9d-4e8c-9a1a-6b2e7d4bbd35'; is "$(ids)" g1 'named either way'
hist '?session=x'; is "$status" 422 'or not at all'
hist '?from=2026-01-01T00:00:02Z'; is "$(ids)" 'g3 g2' 'from a moment'
hist '?to=2026-01-01T00:00:02Z'; is "$(ids)" g1 'up to a moment'
hist '?from=2026-01-01&to=2026-01-02'; is "$(ids)" 'g3 g2 g1' 'of a day'
hist '?from=2026-01-02'; is "$(ids)" '' 'or of another'
hist '?from=yesterday'; is "$status $(js .field)" '422 from' 'in no other form'
hist '?q=marble'; is "$(ids)" g1 'words of the brief, in any case'
hist '?q=CALM'; is "$(ids)" 'g3 g2 g1' 'and of the prompt'
hist '?q=100%25'; is "$(ids)" '' 'a percent sign is a percent sign'
hist "?q=%27%20or%201%3D1"; is "$status $(ids)" '200 ' 'and a quote a quote'
q "update mega_generations set mg_meta = mg_meta || '{\"liked\": true}' where mg_id = 'generation:g3'"
hist '?liked=1'; is "$(ids)" g3 'what is liked'
is "$(js '.items[0].liked')" true 'and says so'
hist '?liked=maybe'; is "$status $(js .field)" '422 liked' 'yes or no'
hist '?type=motion&q=marble'; is "$(ids)" '' 'all filters count'

# --- pages

hist '?limit=2'
is "$(ids)" 'g3 g2' 'a page of two'
cursor=$(js .nextCursor)
made g4 "$user" 5
hist "?limit=2&cursor=$cursor"
is "$(ids) $(js .nextCursor)" 'g1 null' 'the next goes on, whatever arrived'
hist "?limit=1&cursor=${cursor}x"; is "$status $(js .field)" '422 cursor' 'a cursor is one of ours'
hist '?limit=0'; is "$status $(js .field)" '422 limit' 'a page has something'
hist '?limit=101'; is "$status" 422 'but not everything'
i=0
while [ $i -lt 12 ]; do
	made "t$i" "$other" 100
	i=$((i + 1))
done
: >"$tmp/seen"
cursor=
while :; do
	hist "?limit=5${cursor:+&cursor=$cursor}" "$other"
	js '.items[].generationId' >>"$tmp/seen"
	cursor=$(js '.nextCursor // ""')
	[ "$cursor" ] || break
done
is "$(wc -l <"$tmp/seen") $(sort "$tmp/seen" | uniq -d | wc -l)" '13 0' \
    'a dozen of one moment are each listed once'

# --- after a merge

made a1 "$anon" 50
q "select mina_login('7c0e0000-0000-4000-8000-000000000001', 'a@b.co', true, 'email', '$anon', 0, 30)" >/dev/null
hist ''
is "$(ids)" 'a1 g4 g3 g2 g1' 'what was made before signing in is there too'
hist '?limit=1'
cursor=$(js .nextCursor)
hist "?limit=1&cursor=$cursor"
is "$(ids)" g4 'over pages as well'

# --- taking along

cgi history GET /history/export "$user"
is "$status" 200 'an export'
like "$head" '^Content-Type: application/x-ndjson$' 'is lines of JSON'
like "$head" '^Content-Disposition: attachment' 'to be kept'
jq -es . "$tmp/body" >"$tmp/all" || :
is "$(jq '[.[] | select(.kind == "generation")] | length' "$tmp/all")" 6 \
    'with every generation, the unfinished one too'
is "$(jq -r '[.[] | select(.kind == "customer") | .row.mg_pass_id] | sort | join(" ")' "$tmp/all")" \
    "$anon $user" 'both passes'
is "$(jq '[.[] | select(.kind == "mma_event")] | length' "$tmp/all")" 6 'the events'
is "$(jq -r '[.[].row | .mg_pass_id] | unique | join(" ")' "$tmp/all")" \
    "$anon $user" 'and nobody else'
is "$(jq '[.[].row | has("mg_lease_owner")] | any' "$tmp/all")" false 'nor the machinery'
made many "$other" 200
q "do \$\$ begin for i in 1..130 loop perform mina_move('$other', 1, 'test',
    'test', 't', 'm' || i, 'test', null); end loop; end \$\$"
hist /export "$other"
is "$(jq -es '[.[] | select(.kind == "credit_transaction")] | length' "$tmp/body")" 130 \
    'more than a page of them'

# --- deleting

cgi history DELETE /history/g2 "$other"
is "$status" 404 'nobody deletes what is not theirs'
cgi history DELETE /history/p1 "$user"
is "$status $(js .code)" '409 CONFLICT' 'nor what is being made'
cgi history DELETE /history/g2 "$user" -H 'Idempotency-Key: away'
is "$status $(js .ok)" '200 true' 'one of mine goes'
hist ''
is "$(ids)" 'a1 g4 g3 g1' 'it is not listed'
cgi generations GET /generations/g2 "$user"
is "$status" 404 'nor shown'
cgi history DELETE /history/g2 "$user" -H 'Idempotency-Key: away'
is "$status $(js .ok)" '200 true' 'with its key it is gone again'
cgi history DELETE /history/g2 "$user"
is "$status" 404 'without one it is not there'
is "$(q "select mg_deleted_at is not null, mg_status, mg_prompt is null from
    mega_generations where mg_id = 'generation:g2'")" 't|succeeded|t' 'the tombstone stays'
is "$(q "select mg_payload ->> 'keys' from mega_admin where mg_action = 'objects.delete'")" \
    '["generations/g2.png", "generations/g2_thumb.webp"]' 'its objects are to go'
cgi history DELETE /history/a1 "$user"
is "$status" 200 'what was made before signing in goes as well'
cgi history DELETE /history/g2 -
is "$status" 401 'nobody deletes as nobody'
is "$(q 'select count(*) from mina_parity()')" 0 'the books agree'

# --- for others to look at

cgi history GET "/history/pass/$user" "$user"
is "$status $(ids)" '200 g4 g3 g1' 'by their pass it is the same list'
cgi history GET "/history/pass/$anon" "$user"
is "$(ids)" 'g4 g3 g1' 'by any of their passes'
cgi history GET "/history/pass/$user" "$other"
is "$status $(js .code)" '403 FORBIDDEN' 'nobody looks at the list of another'
cgi history GET /history/pass/me "$user"
is "$status" 400 'a pass is a pass'
MINA_ADMIN_KEY=an-administrators-key-of-some-length
export MINA_ADMIN_KEY
cgi history GET "/history/pass/$user" - -H "Authorization: Bearer $MINA_ADMIN_KEY"
is "$status $(ids)" '200 g4 g3 g1' 'an administrator does'
cgi history GET "/history/pass/$user" - -H "Authorization: Bearer ${MINA_ADMIN_KEY}x"
is "$status" 401 'with the key and no other'
cgi history GET /history - -H "Authorization: Bearer $MINA_ADMIN_KEY"
is "$status" 401 'which opens nothing else'
MINA_ADMIN_KEY=short
cgi history GET "/history/pass/$user" - -H 'Authorization: Bearer short'
is "$status" 401 'and no key that could be guessed'
unset MINA_ADMIN_KEY
q "update mega_customers set mg_admin_allowlist = true where mg_pass_id = '$other'"
cgi history GET "/history/pass/$user" "$other"
is "$status" 200 'so does a user who is one'
is "$(q "select string_agg(coalesce(mg_actor_pass_id, 'key') || ' ' || mg_route, ', ' order by mg_created_at)
    from mega_admin where mg_record_type = 'admin_audit'")" \
    "key /history/pass/$user, $other /history/pass/$user" 'and both are written down'

# --- the whole account

cgi me DELETE /me "$user" -H 'Idempotency-Key: bye'
is "$status $(js .field)" '422 confirm' 'an account is not erased by accident'
q "update mega_generations set mg_mma_vars = mg_mma_vars where mg_id = 'generation:g3'"
hash=$(printf %s "$user" | sha256sum | cut -c1-16)
q "select mina_admit('up', '$user', null, 0, 'still', 'create', '{\"brief\":\"x\",\"assets\":
    {\"productImageUrl\":\"https://media.example/user_uploads/$hash/7c0e0000-0000-4000-8000-00000000000a.png\"}}',
    '{}', null, null, null)" >/dev/null
q "select mina_move('$user', 7, 'purchase', 'test', 't', 'buy', 'test', null)" >/dev/null
cgi me DELETE '/me?confirm=erase' "$user"
is "$status $(js .ok)" '200 true' 'an account is erased'
is "$(q "select mg_credits, mg_email is null, mg_deleted_at is not null from
    mega_customers where mg_pass_id = '$user'")" '0|t|t' 'no matcha, no name'
is "$(q "select mg_mma_status from mega_generations where mg_id = 'generation:p1'")" canceled \
    'what waited is canceled'
is "$(q "select jsonb_path_exists(mg_payload -> 'hashes', '\$[*] ? (@ == \"$hash\")')
    from mega_admin where mg_action = 'uploads.erase'" | paste -sd ' ')" 't t' 'the uploads are to go'
cgi me GET /me "$user"
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'nobody comes in that way again'
is "$(q "select mina_erase('$user')")" t 'twice is once'
is "$(q "select mina_erase('pass:anon:00000000-0000-4000-8000-000000000009')")" f 'nobody is nobody'
# What a worker does, a few rows at a time; the ledger agrees all the time.
job=$(q "select substr(mg_id, 8) from mega_admin where mg_action = 'account.erase'")
n=0 odd=
while [ "$(q "select mina_erase_some('$job', 5)")" = more ] && [ $n -lt 500 ]; do
	n=$((n + 1))
	odd="$odd$(q 'select what, pass from mina_parity()')"
done
is "$odd" '' 'the books agree after each of its transactions'
is "$(q "select count(*) from mega_generations where mg_pass_id in ('$user', '$anon')
    union all select count(*) from mega_customers where mg_pass_id in ('$user', '$anon')" |
    paste -sd ' ')" '0 0' 'nothing is left to list'
is "$(q "select mina_erase('$user')")" t 'and erasing it is still no error'
cgi me GET /me "$user"
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'nor does anybody come in'
is "$(q 'select count(*) from mina_parity()')" 0 'the books agree still'
