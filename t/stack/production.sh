#!/bin/sh
# From the sandbox to production: what the sandbox gave away does not stay,
# and the sandbox is not for the public.
# shellcheck disable=SC2154,SC2016 # tap.sh and lib-stack.sh set them
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 17

js() { jq -r "$@" "$tmp/body"; }
# up LINE ...: ./mina up with these lines in local.env; sets rc and said.
up()
{
	printf '%s\n' MINA_LIMIT_LOCAL=no "$@" >"$MINA_VAR/etc/local.env"
	rc=0
	"$top/mina" up --port 0 >"$tmp/said" 2>&1 </dev/null || rc=$?
	said=$(cat "$tmp/said")
}
setting() { stack_sql -c "select coalesce(mina_runtime() ->> '$1', '0')"; }

stack_up
is "$(setting credits.welcome_anonymous)" 20 'the sandbox gives everybody credits'
api GET /me
is "$status $(js .credits)" '200 20' 'and so it did'
is "$(stack_sql -c 'select mina_sandbox()')" t 'its database is marked'

# Services of this machine stand for the real ones.
set -- MINA_SANDBOX=no "MINA_TLS_CA=$ca" "MINA_S3_ENDPOINT=$world" \
    MINA_S3_BUCKET=mina-media "MINA_MEDIA_URL=$world/media" \
    MINA_S3_ACCESS_KEY=access MINA_S3_SECRET_KEY=secret-of-the-store
up "$@"
is "$rc" 1 'without the sandbox it is refused'
like "$said" "MINA_SANDBOX=no is refused: .* the sandbox's customers, orders and free credits" \
    'in a sentence'
like "$said" 'MINA_VAR to a new directory' 'that says what to do'
api GET /ready
is "$status" 200 'what ran is left alone'
"$top/mina" down >/dev/null 2>&1 </dev/null
up "$@"
is "$rc" 1 'it is refused when nothing runs, too'
ok 'and then nothing runs' test ! -e "$MINA_VAR/pg/postmaster.pid"

# The programs see it themselves, without the launcher.
up
is "$rc" 0 'with the sandbox all is well'
ready()
{
	env -i PATH="$PATH" MINA_CONF=/dev/null "MINA_DB_URL=$db" "$@" \
	    "$MINA_INST/libexec/mina/health" GET /ready 2>/dev/null | tail -n 1
}
db=$(stack_conf MINA_DB_URL)
like "$(ready)" "holds the sandbox's customers" '/ready names the database'
like "$(ready "MINA_SANDBOX_URL=$world" MINA_PUBLIC_URL=https://mina.example)" \
    'MINA_PUBLIC_URL is a public address' '/ready names the address'
case $(ready "MINA_SANDBOX_URL=$world" MINA_PUBLIC_URL=https://127.0.0.1:8443) in
*sandbox*) named=yes ;;
*)	named=no ;;
esac
is "$named" no 'and neither where nothing is mixed'
for url in https://mina.example https://127.evil.example https://localhost:x@mina.example; do
	up "MINA_PUBLIC_URL=$url"
	printf '%s ' "$rc"
	grep -c 'is a public address' "$tmp/said"
done >"$tmp/refused"
is "$(paste -sd ' ' "$tmp/refused")" '1 1 1 1 1 1' 'the sandbox is refused on a public address'
"$top/mina" down >/dev/null 2>&1 </dev/null

# A fresh database.  Without a store it never says that it is ready.
old=$MINA_VAR
MINA_VAR=$stack/fresh
mkdir -p "$MINA_VAR/etc"
at_end '"$top/mina" down >/dev/null 2>&1 </dev/null; MINA_VAR=$old'
rm -rf "$old/pg"
up "$@" &
started=$!
fresh() { psql -XAtq "host=$MINA_VAR/run user=mina dbname=mina" -c "$1" 2>/dev/null; }
is_fresh() { [ "$(fresh 'select mina_sandbox()')" = f ]; }
ok 'a fresh database starts' within 120 is_fresh
runs() { [ -s "$MINA_VAR/run/worker.child" ]; }
ok 'and the programs, too' within 60 runs
is "$(fresh "select coalesce(mina_runtime() ->> 'credits.welcome_anonymous', '0')")" 0 \
    'and gives nobody anything'
kill "$started" 2>/dev/null
wait "$started" 2>/dev/null || :
