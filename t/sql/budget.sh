#!/bin/sh
# What costs us something is reserved before it starts, with a cap for the
# customer, the network and the house; and a cancel is unpaid only so often once
# a provider has the job.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 55

# take KIND PASS ADDRESS PER-PASS PER-ADDRESS CENTS DAILY
take() { q "select verdict || case when loud then ' loud' else '' end
    from mina_reserve('$1', '$2', $3, $4, $5, $6, $7)"; }
counted() { q "select mina_counted('$1', '$2')"; }
anon() { printf 'pass:anon:5f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d%02d' "$1"; }
new() { q "select from mina_customer('$1', null, null, null, $2, 30)" >/dev/null; }

# --- customers, networks, the house

is "$(take a "$user" null 2 9 null 0) $(take a "$user" null 2 9 null 0) $(take \
    a "$user" null 2 9 null 0)" 'ok ok pass' 'two for a customer who may have two'
is "$(take b "$user" "'192.0.2.1'" 9 2 null 0) $(take b "$other" "'192.0.2.1'" \
    9 2 null 0) $(take b "$(anon 1)" "'192.0.2.1'" 9 2 null 0)" 'ok ok address' \
    'two for a network that may have two, whoever asks'
is "$(counted b "$(anon 1)") $(counted b@ 192.0.2.1)" '0 2' \
    'a refusal reserves nothing, for the customer either'
is "$(take b "$(anon 1)" "'192.0.2.2'" 9 2 null 0)" ok 'another network is another'
is "$(take c "$user" null 9 9 30 100) $(take d "$other" null 9 9 49 100) $(take \
    c "$user" null 9 9 1 100) $(take c "$user" null 9 9 1 100) $(take c "$user" \
    null 9 9 20 100)" 'ok ok ok loud ok house' \
    'the house spends what it may, over all kinds, and is loud once at 80 %'
is "$(counted c "$user") $(counted spend house)" '3 81' \
    'what the house refused is not reserved'
is "$(take c "$user" null 9 9 19 100) $(take c "$user" null 9 9 1 100)" 'ok house' \
    'to the last cent'
is "$(take e "$user" null 9 9 0 0) $(take e "$user" null 9 9 null 0)" 'house ok' \
    'a limit of 0 stops what costs money, and nothing else'
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	take r "$user" "'192.0.2.$((i % 3))'" 5 4 1 1000 >"$tmp/race.$i" &
done
wait
is "$(cat "$tmp"/race.* | sort | uniq -c | awk '{ print $2 $1 }' | paste -sd ' ')" \
    'ok5 pass7' 'of twelve at once five are reserved where five may be'
is "$(counted r "$user") $(q "select sum(mina_counted('r@', '192.0.2.' || i))
    from generate_series(0, 2) i")" '5 5' 'and counted once each'

# --- a customer is all of their passes

new "$(anon 2)" 0
is "$(take m "$(anon 2)" null 3 9 null 0)$(take m "$(anon 2)" null 3 9 null 0)" \
    okok 'before signing in two'
q "select mina_login('7c0e0000-0000-4000-8000-000000000001', 'a@b.co', true,
    'email', '$(anon 2)', 0, 30)" >/dev/null
is "$(take m "$user" null 3 9 null 0) $(take m "$user" null 3 9 null 0)" 'ok pass' \
    'after it one, of three'
is "$(take m "$(anon 2)" null 3 9 null 0) $(take m "$(anon 2)" null 4 9 null 0)" \
    'pass ok' 'by whichever pass'

# --- admission

new "$other" 10
# admit ID DAILY [PER-PASS]
admit() { q "select verdict from mina_admit('$1', '$other', null, 1, 'still',
    'create', '{\"brief\":\"$1\"}', '{}', '{}', 9, null, '192.0.2.9', ${3:-9}, 9,
    10, $2)"; }
spent=$(counted spend house)
is "$(admit g1 1000) $(admit g1 1000)" 'ok replay' 'a generation and its repetition'
is "$(counted still "$other") $(counted still@ 192.0.2.9) $(($(counted spend house) - spent))" \
    '1 1 10' 'are reserved once, with the price'
is "$(admit g2 0) $(admit g2 $((spent + 15))) $(admit g2 1000 1)" 'house house pass' \
    'the kill switch, the house and the customer'"'"'s cap refuse'
is "$(counted still "$other") $(counted still@ 192.0.2.9) $(($(counted spend house) - spent))" \
    '1 1 10' 'and nothing is reserved'
is "$(q "select mg_held from mega_customers where mg_pass_id = '$other'") $(q \
    "select count(*) from mega_generations where mg_generation_id = 'g2'")" '1 0' \
    'held or written'
is "$(q "select verdict from mina_admit('g3', '$other', null, 99, 'video',
    'create', '{}', '{}', '{}', 9, null, null, 9, 9, 10, 1000)") $(counted video \
    "$other")" 'credits 0' 'who cannot pay reserves nothing'
is "$(q "select verdict from mina_admit('g4', '$other', null, 1, 'still',
    'create', '{}', '{}', '{}', 9, null)") $(counted still "$other")" 'ok 1' \
    'a program of the version before is admitted without'

# --- cancels

new pass:user:c 100
# order ID STATE: a running one, whose job is in that state ('': none)
order()
{
	q "select verdict from mina_admit('$1', 'pass:user:c', null, 1, 'still',
	    'create', '{}', '{}', '{}', null, null);
	    select from mina_claim('w', 1000, 60000, 1000)" >/dev/null
	case $2 in
	'') ;;
	submitted) q "select mina_job('$1', 'w', 'p', '{\"state\":\"submitted\",\"id\":\"$1\"}')" ;;
	*) q "select mina_job('$1', 'w', 'p', '{\"state\":\"$2\"}')" ;;
	esac >/dev/null
}
cancel() { q "select mina_cancel('$1', 'pass:user:c', ${2-2})"; }
cancels() { counted cancel pass:user:c; }
ends() { q "select mina_void('$1', 'w', '$2', '$3', 'm', null, ${4:-false})"; }

order c1 ''
order c2 refused
is "$(cancel c1) $(cancel c2) $(cancels)" 'asked asked 0' \
    'before a provider has it a cancel is free'
is "$(q "select mina_job('c1', 'w', 'p', '{\"state\":\"submitting\"}')") $(q \
    "select mina_job('c1', 'v', 'p', '{\"state\":\"submitting\"}')")" \
    'canceled lost' 'and no job is created after it'
is "$(q "select mina_job('c2', 'w', 'p', '{\"state\":\"refused\"}')")" ok \
    'that there is none can still be noted'
order c3 submitting
order c4 submitted
order c5 submitting
order c6 submitted
is "$(cancel c3) $(cancel c3) $(cancels)" 'asked asked 1' \
    'from the moment that a job may be created it counts, once'
is "$(cancel c4) $(cancel c5) $(cancel c6) $(cancels)" 'asked late late 2' \
    'past the free ones it is too late'
is "$(q "select string_agg(mg_generation_id, ' ' order by mg_id)
    from mega_generations where mg_meta ? 'cancel_day'")" 'c3 c4' \
    'which leaves no mark'
is "$(cancel c4) $(cancels)" 'asked 2' 'a cancel that counted stays one'
is "$(q "select settled || ' ' || charged from mina_settle('c5', 'w',
    '{\"output_url\":\"u\"}', null)") $(cancels)" 'true 1 2' \
    'what was too late is delivered and charged'
is "$(q "select settled from mina_settle('c3', 'w', '{\"output_url\":\"u\"}', null)")$(cancels)" \
    t1 'what was delivered all the same was no unpaid cancel'
is "$(ends c4 canceled CANCELED) $(cancels)" 't 1' 'the other one is void'
is "$(cancel c6)" asked 'so there is one again'
order c7 ''
order c8 submitted
q "select mina_release('w', 'c7'), mina_release('w', 'c8')" >/dev/null
is "$(cancel c8) $(cancel c7)" 'late canceled' \
    'without a worker the job decides as well'
is "$(cancel c8 9) $(cancels)" 'canceled 3' 'and one that is queued is void at once'
order d1 submitted
order d2 refused
order d3 refused
order d4 submitted
is "$(ends d1 error PROVIDER_FAILED true) $(ends d2 error PROVIDER_FAILED true) $(cancels)" \
    't t 4' 'a refusal counts if the provider had a job'
is "$(ends d3 error MODERATED true) $(cancels)" 't 5' \
    'or declined the request itself'
is "$(ends d4 error PROVIDER_FAILED) $(cancels)" 't 5' 'a failure does not'
order e1 submitted
q "select mina_login('7c0e0000-0000-4000-8000-00000000000c', 'c@b.co', true,
    'email', null, 0, 30)" >/dev/null
order e2 submitting
is "$(cancel e1 5) $(q "set mina.now = '2031-01-01T00:00:00Z';
    select mina_cancel('e1', 'pass:user:c', 1)")" 'late asked' \
    'tomorrow there are new ones'
is "$(q "select mina_erase('pass:user:c')") $(q "select mg_meta ? 'cancel_day'
    from mega_generations where mg_id = 'generation:e2'") $(q "select
    mg_meta ->> 'cancel' from mega_generations where mg_id = 'generation:e2'")" \
    't f true' 'erasing an account stops everything'
is "$(q "select mina_void('e1', 'w', 'canceled', 'CANCELED', 'm', null),
    mina_void('e2', 'w', 'canceled', 'CANCELED', 'm', null),
    mina_void('c1', 'w', 'canceled', 'CANCELED', 'm', null),
    mina_void('c2', 'w', 'canceled', 'CANCELED', 'm', null),
    mina_void('c6', 'w', 'canceled', 'CANCELED', 'm', null)")" 't|t|t|t|t' \
    'the rest ends'

# --- jobs that were of no use

new pass:user:j 100
# begin ID: a running one
begin()
{
	q "select verdict from mina_admit('$1', 'pass:user:j', null, 1, 'still',
	    'create', '{}', '{}', '{}', null, null);
	    select from mina_claim('w', 1000, 60000, 1000)" >/dev/null
}
# job ID STATE [PROVIDER [JOB]]
job() { q "select mina_job('$1', 'w', '${3:-p}', jsonb_strip_nulls(
    jsonb_build_object('state', '$2', 'id', nullif('${4:-}', ''))), true)"; }
# over ID PAID [PROVIDER [DAILY]]: verdict, over, nowhere
over() { q "select verdict || ' ' || over || ' ' || nowhere from
    mina_job_end('$1', 'w', '${3:-p}', $2, '{\"error\":\"E_OUTPUT\"}', 99, 6,
    ${4:-100000})"; }
money() { echo $(($(counted spend house) - spent)); }
# made ID PROVIDER JOB
made() { echo "$(job "$1" submitting "$2") $(job "$1" submitted "$2" "$3")"; }

begin j1
spent=$(counted spend house)
is "$(made j1 p J1) $(over j1 true) $(money)" 'ok ok ok false false 6' \
    'what was paid for in vain is followed by one that is reserved'
is "$(over j1 true) $(money)" 'ok false false 6' \
    'once, when the answer was lost and it is said again'
is "$(q "select mina_bought(mg_mma_vars) from mega_generations
    where mg_id = 'generation:j1'")" t 'a cancel then is of something paid for'
is "$(job j1 refused) $(q "select mina_bought(mg_mma_vars) from mega_generations
    where mg_id = 'generation:j1'")" 'ok t' \
    'also when the second is refused by the provider'
is "$(made j1 r J2) $(over j1 true r) $(money)" 'ok ok ok true true 6' \
    'a second in vain, at another provider, is the last'
is "$(job j1 submitting p) $(job j1 submitting r) $(job j1 submitting s)" \
    'over over over' 'no provider makes a third'
is "$(q "select mina_job('j1', 'w', 'p', '{\"state\":\"submitting\"}')")" lost \
    'a worker of the version before, which does not know the word, stops'
begin j2
is "$(made j2 p J3) $(over j2 false) $(made j2 p J4) $(over j2 false) $(money)" \
    'ok ok ok false false ok ok ok true false 6' \
    'what failed is free, and a provider fails twice at most'
is "$(job j2 submitting p) $(made j2 r J5)" 'over ok ok' \
    'then another one is asked'
is "$(over j2 true r 1) $(money) $(job j2 submitting r)" 'house true true 6 over' \
    'where the house has spent enough there is no other'
begin j3
is "$(made j3 p J6) $(over j3 true x) $(money)" 'ok ok ok false false 6' \
    'the job of another provider does not end by it'
is "$(job j2 submitted r J1) $(job j3 submitting r) $(job j3 submitted p J1) $(
    job j3 submitted p J3) $(job j3 submitted p J6)" 'ok ok taken taken taken' \
    'a job that has ended, or was left for another, is given to none'
is "$(job j3 submitted r J1)" taken 'nor one that another has'
# late GENERATION JOB: it was created after the lease was lost.
late() { q "select mina_late_job('$1', '$2', 'generate', 'late:p', '{\"input\":0,
    \"output\":0,\"timing\":0,\"error\":0}', 'p', 'm', '{\"state\":\"submitting\",\"id\":\"$2\"}', 0)"; }
begin j4
is "$(late j3 L1) $(job j4 submitted p L1) $(late j1 J1)" 't taken f' \
    'nor one that is about to be canceled, which is not one that was used'
is "$(q "select mina_job_end('j3', 'v', 'r', true, null, 99, 6, 1000)")" \
    '(lost,f,t,t)' 'only its worker may say so'
is "$(q 'select count(*) from mina_parity()')" 0 'the ledger agrees'
