#!/bin/sh
# health: /health answers without looking at anything, /ready after looking.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 12

cgi health GET /health -
is "$status" 200 'it is alive'
is "$body" '{"ok":true}' 'and says exactly that'
cgi health GET /ready -
is "$status" 503 'without a store it is not ready'
is "$(js '.reasons | join(";")')" 'the picture store does not answer' \
    'and says why'
is "$(js '.auth + " " + .warning')" \
    'trusted MINA_AUTH=trusted: passes are believed without proof' \
    'trust is told loudly'
q "select mina_customer('$user', null, null, null, 10, 30)" >/dev/null
q "select mina_admit('g1', '$user', null, 1, 'still', 'create', '{}', '{}',
    '{\"request_sha\":\"x\"}', 10, null)" >/dev/null
q "update mega_generations set mg_due_at = now() - interval '5 minutes'
    where mg_id = 'generation:g1'" >/dev/null
cgi health GET /ready -
like "$(js '.reasons | join(";")')" 'is a worker running' 'a queue that stands still'
ok 'with its age' test "$(js .queueAgeSec)" -ge 300
q "update mega_generations set mg_lease_owner = 'a worker that has ended',
    mg_lease_until = now() - interval '4 minutes'
    where mg_id = 'generation:g1'" >/dev/null
cgi health GET /ready -
ok 'one whose worker has ended waits since its lease is over' \
    test "$(js '.queueAgeSec >= 240 and .queueAgeSec < 300')" = true
is "$(js '.reasons | join(";")') $(js '.warnings[0]' | grep -o 'whose worker')" \
    'the picture store does not answer whose worker' \
    'and is told, but takes nothing out of service'
q "select mina_call_off('g1', '{\"id\": \"j1\", \"provider\": \"p\"}', 'late')" >/dev/null
q "select from mina_outbox_claim('w', 9, 60000)" >/dev/null
q "select mina_outbox_failed('job.cancel:g1:p:j1', 'w', 'why')" >/dev/null
cgi health GET /ready -
like "$(js '.warnings | join(";")')" '1 jobs of providers that nothing uses' \
    'a job that could not be canceled is told'
MINA_DB_URL="host=$tmp/nowhere"
cgi health GET /health -
is "$status" 200 'without a database it is still alive'
cgi health GET /ready -
like "$(js '.reasons | join(";")')" 'the database does not answer' 'but not ready'
