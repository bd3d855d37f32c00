#!/bin/sh
# Daily counters: a cap holds for requests side by side, and counts what is asked for.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 12

count() { q "select mina_count('$1', '$2', $3, $4)"; }
counted() { q "select mina_counted('$1', '$2')"; }

is "$(count ask a 1 2) $(count ask a 1 2) $(count ask a 1 2)" 't t f' \
    'two where two are allowed'
is "$(counted ask a)" 2 'a refusal counts nothing'
is "$(count ask b 1 2) $(count look a 1 2)" 't t' \
    'other subjects and kinds have counters of their own'
is "$(count ask c 3 2) $(count ask c 2 2)" 'f t' 'more than one is counted whole'
is "$(count ask d 0 0) $(count ask d 1 0)" 't f' 'a cap of 0 allows nothing'
is "$(q "set mina.now = '2031-01-01T23:59:59Z'; select mina_count('day', 'a', 1, 1);
    set mina.now = '2031-01-02T00:00:00Z'; select mina_count('day', 'a', 1, 1);
    select mina_count('day', 'a', 1, 1)" | paste -sd ' ')" 't t f' \
    'a day is UTC'

for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	count race a 1 5 >"$tmp/race.$i" &
done
wait
is "$(cat "$tmp"/race.* | sort | uniq -c | awk '{ print $2 $1 }' | paste -sd ' ')" \
    'f7 t5' 'of twelve at once five are allowed where five are'
is "$(q "begin; select mina_count('back', 'a', 4, 5);
    select mina_uncount('back', 'a', 4); commit" | head -n 1) $(counted back a)" \
    't 0' 'what a later limit refused is taken back'
is "$(q "select mina_count('x', '', 1, 1)" 2>&1 | grep -c 'mina_count: kind')" 1 \
    'a counter needs a subject'
is "$(q "select count(*) from mina_outbox_claim('a', 10, 1000)")" 0 \
    'the outbox leaves them alone'
is "$(q "set mina.now = '2031-01-02T12:00:00Z'; select mina_count('keep', 'a', 1, 1);
    set mina.now = '2031-01-04T11:00:00Z'; select mina_count_sweep(1000) > 0;
    set mina.now = '2031-01-02T12:00:00Z'; select mina_counted('keep', 'a'),
    mina_counted('day', 'a')" | paste -sd ' ')" 't t 1|0' \
    'days before yesterday are forgotten'
is "$(q "set mina.now = '2041-01-01T00:00:00Z'; select mina_count('x', s, 1, 1)
    from unnest('{a,b,c}'::text[]) s; set mina.now = '2041-01-04T00:00:00Z';
    select mina_count_sweep(2); select mina_count_sweep(1000);
    select mina_count_sweep(1000)" | paste -sd ' ')" 't t t 2 2 0' \
    'a batch at a time'
