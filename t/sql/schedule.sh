#!/bin/sh
# Scheduled jobs: one worker at a time, when they are due, taken over when a
# worker dies.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 22

take() { q "select mina_chore_take('$1', '$2', ${3:-60000}, ${4:-false})"; }
keep() { q "select mina_chore_keep('$1', '$2', $3, 60000)"; }
finish() { q "select mina_chore_done('$1', '$2', $3, $4)"; }
# How long something lasts, as if it had begun that much earlier.
passes() { q "update mega_admin set mg_meta = mg_meta || jsonb_build_object('$2',
    (mg_meta ->> '$2')::timestamptz - interval '$3')
    where mg_id = 'outbox:chore:$1'"; }

is "$(take sweep a)" '{}' 'what nobody has heard of is due'
is "$(take sweep b)" '' 'and one at a time does it'
is "$(take sweep a)" '' 'not even the same one twice'
is "$(take sweep b 60000 true)" '' 'however much it wants to'
is "$(take other b)" '{}' 'another chore is another matter'
is "$(keep sweep a "'{\"mark\": \"x\"}'")" t 'it keeps what it knows'
is "$(keep sweep b "'{\"mark\": \"y\"}'")" f 'nobody else does'
is "$(finish sweep b null 0)" f 'or ends it'
is "$(finish sweep a "'{\"n\": 1}'" 60000)" t 'it is done'
is "$(take sweep b)" '' 'and not due again'
is "$(keep sweep a null)" f 'nobody has it'
is "$(take sweep b 60000 true)" '{"n": 1, "mark": "x"}' 'unless it is wanted now'
is "$(finish sweep b null 60000)" t 'done again'
passes sweep due '61 seconds'
is "$(take sweep c)" '{"n": 1, "mark": "x"}' 'due, in time, with what was kept'

passes sweep until '61 seconds'
is "$(take sweep d)" '{"n": 1, "mark": "x"}' 'whoever died is replaced'
is "$(keep sweep c "'{\"mark\": \"z\"}'")" f 'and finds out'
is "$(finish sweep c null 0)" f 'both ways'
is "$(keep sweep d null) $(finish sweep d null 0)" 't t' 'the other goes on'
is "$(take sweep d)" '{"n": 1, "mark": "x"}' 'at once, if at once was said'

for i in 1 2 3 4 5 6 7 8; do
	take race "w$i" >"$tmp/race.$i" &
done
wait
is "$(cat "$tmp"/race.[0-9] | grep -c .)" 1 'of eight at once one has it'
is "$(q "select count(*) from mina_outbox_claim('a', 10, 1000)")" 0 \
    'the outbox leaves them alone'
is "$(q "select mina_once_sweep(0, 10)")" 0 'and forgets none'
