#!/bin/sh
# limits: what is kept for ever or costs us is counted by the programs, after it
# is known who asks, for the customer and for the network.  t/stack/spending.sh has
# the rest.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 25

runtime() { q "select mina_runtime_put('$1', null, null)" >/dev/null; }
anon() { printf 'pass:anon:5f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d%02d' "$1"; }
rows() { q "select count(*) from mega_generations where mg_record_type = '$1'"; }
retry() { printf '%s\n' "$head" | sed -n 's/^Retry-After: //p'; }
session() { cgi sessions POST /sessions/start "$1" -d '{"platform":"web"}'; }
prefer() { cgi feedback POST /mma/events "$1" -d \
    '{"eventType":"preference_set","tagWeights":{"style.bold":1}}'; }
order() { cgi generate POST /editorial/generate "${1:-$user}" \
    -H 'Prefer: respond-async' -d '{"brief":"a bottle"}'; }

# --- a customer

runtime '{"session.daily": 2, "event.daily": 2, "still.daily": 2}'
session "$user"; session "$user"
is "$status $(rows session)" '200 2' 'two sessions where two may be'
session "$user"
is "$status $(js .code) $(rows session)" '429 RATE_LIMITED 2' 'no third'
like "$(js .message)" "today's 2 sessions. Nothing was charged" 'says why'
left=$((86400 - $(date +%s) % 86400))
ok 'and when: as the UTC day ends' test "$(retry)" -gt $((left - 60)) -a \
    "$(retry)" -le $((left + 1))
session "$other"
is "$status" 200 'another customer may'
prefer "$user"; prefer "$user"; prefer "$user"
is "$status $(rows mma_event)" '429 2' 'preferences likewise'
cgi feedback POST /mma/events "$user" \
    -d '{"eventType":"like","generationId":"gen_still_x"}'
is "$status $(rows mma_event)" '429 2' 'and all events'
cgi feedback POST /mma/events "$user" -d '{"eventType":"shopping"}'
is "$status" 422 'what is not understood counts nowhere'
q "select from mina_move('$user', 10, 'purchase', null, null, 'ten', 'test',
    null)" >/dev/null
order; order; order
is "$status $(js .code) $(rows generation)" '429 RATE_LIMITED 2' 'orders likewise'
is "$(q "select mg_held from mega_customers where mg_pass_id = '$user'")" 2 \
    'of which the third holds nothing'
cgi generations POST "/generations/$(q "select max(mg_generation_id)
    from mega_generations where mg_record_type = 'generation'")/cancel" "$user" -d '{}'
is "$(js .status)" canceled 'one is canceled'
cgi generations POST "/generations/$(js .generationId)/retry" "$user" -d '{}'
is "$status $(js .code)" '429 RATE_LIMITED' 'asking for it again is an order'

# --- a network

runtime '{"session.daily": 9, "session.daily_address": 3, "event.daily": 99,
    "event.daily_address": 2, "still.daily": 99, "still.daily_address": 1}'
REMOTE_ADDR=192.0.2.7
export REMOTE_ADDR
for i in 1 2 3 4; do
	session "$(anon $i)"
done
is "$status $(js .code)" '429 RATE_LIMITED' 'the fourth session from one address'
like "$(js .message)" "network has had today's 3 sessions. Nothing was charged" \
    'whoever asks'
is "$(q "select count(*) from mega_customers where mg_pass_id = '$(anon 4)'")" 0 \
    'leaves no row for an invented pass'
REMOTE_ADDR=::ffff:192.0.2.7
session "$(anon 5)"
is "$status" 429 'by whichever form of the address'
REMOTE_ADDR=2001:db8:0:1::7
session "$(anon 5)"; session "$(anon 6)"
REMOTE_ADDR=2001:db8:0:1:ffff::8
session "$(anon 7)"; session "$(anon 8)"
is "$status" 429 'a /64 is one network'
REMOTE_ADDR=2001:db8:0:2::7
session "$(anon 8)"
is "$status" 200 'the next one is another'
prefer "$(anon 1)"; prefer "$(anon 2)"; prefer "$(anon 3)"
is "$status" 429 'events likewise'
order
is "$status" 202 'an order'
order
is "$status $(js .code)" '429 RATE_LIMITED' 'likewise'
unset REMOTE_ADDR

# --- the house

runtime '{"spend.daily": 0}'
order
is "$status $(js .code) $(retry)" '503 BUSY 600' 'with spend.daily 0 nothing is ordered'
session "$user"
is "$status" 200 'what costs nothing goes on'
order "$(anon 9)"
is "$status $(q "select count(*) from mega_customers
    where mg_pass_id = '$(anon 9)'")" '402 0' 'an invented pass is nobody, then too'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'
