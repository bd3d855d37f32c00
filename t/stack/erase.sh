#!/bin/sh
# DELETE /me?confirm=erase: afterwards no row, no object and no log contains the
# words, the address or an id of the customer, and the numbers are all there.
# shellcheck disable=SC2016 # $ belongs to jq and sh -c here
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 42
stack_up MINA_LOG=debug MINA_LEASE_MS=2000

hex() { openssl rand -hex "$1"; }
js()  { jq -r "$@" "$tmp/body"; }
# world PATH [JSON [CURL ARGUMENT ...]]: of the sandbox
world()
{
	world_path=$1
	world_json=${2:-}
	shift
	[ $# -eq 0 ] || shift
	[ -z "$world_json" ] || set -- -H 'Content-Type: application/json' \
	    -d "$world_json" "$@"
	status=$(curl -sS --cacert "$ca" --max-time 60 -o "$tmp/body" \
	    -w '%{http_code}' "$@" "$world/$world_path" 2>"$tmp/curl") || :
}
get()  { api GET "$1" -H "@$tmp/who"; }
post()
{
	post_path=$1
	post_body=$2
	shift 2
	api POST "$post_path" -H "@$tmp/who" -H 'Content-Type: application/json' \
	    -d "$post_body" "$@"
}
# trace WHAT VALUE: must not be found afterwards.
trace() { printf '%s\t%s\n' "$2" "$1" >>"$tmp/traces"; }
sql() { stack_sql -c "$1"; }
erasing() { sql "select count(*) from mega_admin
    where mg_action = 'account.erase' and mg_status is null"; }
erased() { [ "$(erasing)" = 0 ]; }
world _sandbox/settings '{"fast":true,"predictMs":100,"shopRetryMs":50}'

# --- somebody who has been everywhere

user=$(cat /proc/sys/kernel/random/uuid)
# new_user ADDRESS NAME: signs in; the token goes to $tmp/NAME.
new_user()
{
	token=$("$top/mina" token "$1")
	printf 'Authorization: Bearer %s\n' "$token" >"$tmp/$2"
}
email=erase.$(hex 6)@example.com
api GET /me
anon=$(js .passId)
api POST /sessions/start -H "X-Mina-Pass-Id: $anon" \
    -H 'Content-Type: application/json' -d '{}'
new_user "$email" who
user=$(printf %s "$token" | cut -d . -f 2 | tr '_-' '/+' |
    { cat; echo '==='; } | base64 -di 2>/dev/null | jq -r .sub)
like "$user" '^[0-9a-f]{8}-[0-9a-f-]{27}$' 'somebody signs in'
api GET /me -H "@$tmp/who" -H "X-Mina-Pass-Id: $anon"
is "$status" 200 'and comes along with a visit'
ref=$(js .checkoutUrl | sed 's/.*mina_pass%5D=//; s/&.*//')
world checkout '' --data-urlencode 'sku=MINA-50' --data-urlencode 'qty=2' \
    --data-urlencode "checkout[email]=$email" \
    --data-urlencode "attributes[mina_pass]=$ref"
is "$status" 303 'buys'
world '_sandbox/shop/deliveries?wait=20&bodies=1'
bought() { [ "$(sql "select sum(mg_delta) from mega_generations
    where mg_reason = 'purchase'")" = 100 ]; }
ok 'and gets matcha' within 20 bought
customer=$(sql "select mg_shopify_customer_id from mega_customers
    where mg_email = '$email'")
like "$customer" '^[0-9]{5,}$' 'as a customer of the shop'
pass=$(sql "select mg_pass_id from mega_customers where mg_email = '$email'")

rsvg-convert -w 600 "$top/sandbox/props/perfume.svg" -o "$tmp/p.png"
# upload: a picture; sets public and key.
upload()
{
	post /api/r2/upload-signed '{"contentType":"image/png"}'
	public=$(js .publicUrl) key=$(js .key)
	curl -sS --cacert "$ca" -T "$tmp/p.png" -H 'Content-Type: image/png' \
	    -o /dev/null "$(js .uploadUrl)"
	trace 'the key of an upload' "$key"
	post /api/r2/complete "{\"key\":\"$key\"}"
}
upload
unused=$public
is "$status" 200 'uploads a picture that is never used'
upload
is "$status" 200 'and one that is'
post /sessions/start "{\"platform\":\"web\"}" -A "agent-$(hex 8)"
brief=brief$(hex 8)
motion=motion$(hex 8)
opinion=opinion$(hex 8)
softer=softer$(hex 8)
post /editorial/generate "{\"brief\":\"A bottle, $brief.\",\"assets\":{\"productImageUrl\":\"$public\"}}" \
    -H "Idempotency-Key: k$(hex 8)"
is "$status $(js .status)" '200 done' 'orders a still'
still=$(js .outputUrl)
id=$(js .generationId)
prompt=$(js '.prompt // .mma_vars.prompts.clean_prompt // empty')
[ -z "$prompt" ] || trace 'a prompt' "$prompt"
post /editorial/generate "{\"parentGenerationId\":\"$id\",\"feedback\":{\"text\":\"$softer\",\"mode\":\"still\"}}"
diag "tweak: $status"
post /motion/suggest "{\"inputStillUrl\":\"$still\"}"
post /motion/generate "{\"inputStillUrl\":\"$still\",\"motionPrompt\":\"Slowly, $motion.\"}"
is "$status $(js .status)" '200 done' 'and a film'
post /feedback/like "{\"generationId\":\"$id\",\"event\":\"like\"}"
post /feedback/like "{\"generationId\":\"$id\",\"event\":\"feedback\",\"text\":\"$opinion\",\"context\":\"here\"}"
is "$status" 200 'says what it is like'
block=light.b$(hex 8)
post /mma/events "{\"eventType\":\"preference_set\",\"hardBlocks\":[\"$block\"]}"
is "$status" 200 'and what is not wanted'
api GET "/history/pass/$pass" -H "@$tmp/who"
trace 'the brief' "$brief"
trace 'the motion text' "$motion"
trace 'the feedback' "$opinion"
trace 'the text of a tweak' "$softer"
trace 'a preference' "$block"
trace 'the address' "$email"
trace 'the id of the user' "$user"
trace 'the id of the shop'"'"'s customer' "$customer"
trace 'the visit' "${anon#pass:anon:}"

# Somebody else, of whom nothing is lost.
new_user "other.$(hex 6)@example.com" other
api GET /me -H "@$tmp/other"
other=$(js .passId)
api POST /mma/events -H "@$tmp/other" -H 'Content-Type: application/json' \
    -d '{"eventType":"preference_set","hardBlocks":["light.kept"]}'

# What an administrator looked at.
sql "insert into mega_admin (mg_id, mg_record_type, mg_actor_pass_id, mg_email,
    mg_user_id, mg_route, mg_action, mg_detail) values ('admin_audit:looked',
    'admin_audit', '$pass', '$email', '$user', '/history/pass/$pass', 'history',
    '{\"about\": \"$pass\"}')"

# found FILE ...: the names of the traces that are in one of these.
found()
{
	while IFS='	' read -r value what; do
		! grep -qaiF -e "$value" "$@" || echo "$what"
	done <"$tmp/traces" | sort -u | paste -sd , | sed 's/,/, /g'
}
dump() { pg_dump "$db" >"$tmp/dump"; }
# Of the store, not of the other services that are emulated.
objects() { find "$var/sandbox/s3" "$var/sandbox/s3meta" -type f | sort; }
numbers() { sql "select mg_record_type, count(*), sum(mg_delta), sum(mg_cost),
    sum(mg_input_tokens), sum(mg_output_tokens), sum(mg_latency_ms),
    string_agg(distinct mg_model, ' ' order by mg_model),
    string_agg(distinct mg_reason, ' ' order by mg_reason),
    sum((mg_payload #>> '{timing,duration_ms}')::numeric)
    from mega_generations where mg_pass_id <> '$other'
    and coalesce(mg_reason, '') <> 'expiry' group by 1 order by 1"; }
dump
like "$(found "$tmp/dump")" 'address, the brief, the feedback, the id of the shop.s customer, the id' 'before, all of it is in the database'
numbers >"$tmp/before"
objects >"$tmp/files"
ok 'and the pictures in the store' grep -q "${unused##*/}" "$tmp/files"

# --- erased, by a worker that is killed all the time

world _sandbox/settings '{"predictMs":600000}'
post /editorial/generate "{\"brief\":\"late $brief\",\"assets\":{\"productImageUrl\":\"$public\"}}" \
    -H 'Prefer: wait=0'
running=$(js .generationId)
waits() { [ "$(sql "select mg_mma_status from mega_generations
    where mg_id = 'generation:$running'")" = generating ]; }
ok 'one is being made' within 30 waits
api DELETE /me -H "@$tmp/who"
is "$status" 422 'nothing is erased by accident'
api DELETE '/me?confirm=erase' -H "@$tmp/who" -H 'Idempotency-Key: bye'
is "$status $(js .ok)" '200 true' 'the account is erased'
get /me
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'the token is good for nothing'
runs() { kill -0 "$(stack_pid worker)" 2>/dev/null; }
for _ in 1 2 3; do
	within 20 runs
	kill -KILL "$(stack_pid worker)"
done
ok 'it ends, although the worker is killed' within 120 erased
world _sandbox/settings '{"predictMs":100}'
is "$(sql "select distinct mg_status from mega_admin
    where mg_action = 'account.erase'")" 200 'well'
swept() { [ "$(sql "select count(*) from mega_admin where mg_status is null
    and mg_first_seen_at <= now()")" = 0 ]; }
ok 'nothing is left to do' within 60 swept
dump
is "$(found "$tmp/dump")" '' 'no row has a word, the address or an id'
is "$(sql 'select * from mina_parity()')" '' 'the ledger agrees'
numbers >"$tmp/after"
is "$(diff "$tmp/before" "$tmp/after" | grep '^[<>]' | grep -vE 'generation\||mma_(step|event)\|')" \
    '' 'all numbers of the ledger are there'
is "$(sql "select count(*) from mega_generations where mg_record_type = 'mma_step'
    and mg_status = 'succeeded' and mg_payload #>> '{timing,duration_ms}' is null")" 0 \
    'and the timings of the steps'
is "$(sql "select count(*) from mega_customers where mg_pass_id like 'pass:gone:%'
    and mg_credits = 0 and mg_held = 0")" 1 'of one pseudonym, without matcha'
objects >"$tmp/files"
is "$(grep -c "${unused##*/}" "$tmp/files")" 0 'the unused picture is deleted'
is "$(grep -cE "${public##*/}|$id" "$tmp/files")" 0 'the used one and the still, too'
xargs -d '\n' cat <"$tmp/files" >"$tmp/all"
is "$(found "$tmp/files" "$tmp/all")" '' 'no object has any of it'
api GET /ready
within 5 grep -q 'GET /ready' "$var/log/access.log"
# The log of nginx has what was asked of the store, which is not ours.
sed -i '/the key of an upload$/d' "$tmp/traces"
is "$(found "$var"/log/*)" '' 'no log has any of it'

# --- and it stays so

get /me
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'the token makes no new account'
api POST /sessions/start -H "X-Mina-Pass-Id: $anon" \
    -H 'Content-Type: application/json' -d '{}'
is "$status $(js .code)" '403 ACCOUNT_DISABLED' 'nor does the visit'
api DELETE '/me?confirm=erase' -H "@$tmp/who"
is "$status" 200 'erasing it again is no error'
is "$(sql "select mina_erased('$(echo "$email" | tr a-z A-Z)', null),
    mina_erased(null, '$customer'), mina_erased('no.$email', '1'),
    mina_erased(null, null)")" 't|t|f|f' 'address and customer are known as erased'
world _sandbox/shop/order "{\"email\":\"$email\",\"sku\":\"MINA-50\"}"
order=$(js .order.id)
world "_sandbox/shop/deliveries?order=$order&wait=20"
is "$(sql "select count(*) from mega_generations where mg_ref_id = '$order'")" 0 \
    'a later order for the address is credited to nobody'
is "$(sql "select count(*) from mega_customers where mg_pass_id like 'pass:shopify:%'
    or mg_email = '$email'")" 0 'and makes no customer'
api GET /me -H "@$tmp/other"
is "$status $(js .passId)" "200 $other" 'somebody else is still there'
is "$(sql "select mg_mma_preferences ->> 'hard_blocks' from mega_customers
    where mg_pass_id = '$other'")" '["light.kept"]' 'with all that was said'

# --- rows cannot be changed otherwise

refused() { stack_sql -c "$1" 2>&1 | grep -c 'refused'; }
is "$(refused "set mina.erasing = 'yes'; update mega_generations
    set mg_delta = mg_delta + 1 where mg_record_type = 'credit_transaction'")" 1 \
    'no number of the ledger, even while erasing'
is "$(refused "update mega_generations set mg_comment = null, mg_meta = mg_meta
    where mg_record_type = 'mma_event'")" 1 'and no word while not erasing'
# Uploads under URLs that were signed before.
is "$(sql "select count(*) from mega_admin where mg_action = 'uploads.erase'
    and mg_status is null")" 1 'the uploads are looked at once more later'
sql "update mega_admin set mg_first_seen_at = now() where mg_action = 'uploads.erase'
    and mg_status is null; select pg_notify('mina_outbox', '')" >/dev/null
ok 'and then nothing is known of them' within 30 swept
is "$(sql "select count(*) from mega_admin where mg_action = 'uploads.erase'
    and mg_payload <> '{}'")" 0 'not even the hash'
