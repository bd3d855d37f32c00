#!/bin/sh
# Brings a database to this version of the schema, then seeds what is missing.
# Safe to repeat, and safe to start twice at once. Each file is one transaction.
#
# usage: apply.sh [-v] [conninfo or URL]	(default: $MINA_DB_URL)
set -eu

verbose=
if [ "${1:-}" = -v ]; then
	verbose=1
	shift
fi
db=${1:-${MINA_DB_URL:-}}
if [ -z "$db" ]; then
	echo 'apply.sh: say which database: an argument, or MINA_DB_URL' >&2
	exit 64
fi
dir=$(dirname "$(readlink -f "$0")")

# The lock lasts as long as the file's transaction; waiting for a table for ever
# would make everyone else wait behind us.
apply() {
	psql -X -q -v ON_ERROR_STOP=1 -1 -d "$db" -o /dev/null \
	    -c "set client_min_messages = warning" \
	    -c "set lock_timeout = '30s'" \
	    -c "select pg_advisory_xact_lock(hashtext('mina schema'))" \
	    -f "$1" || {
		echo "apply.sh: $1 failed, nothing of it was kept" >&2
		exit 1
	}
	if [ -n "$verbose" ]; then
		echo "${1#"$dir"/}"
	fi
}

for f in "$dir"/schema/[0-9][0-9][0-9]-*.sql; do
	apply "$f"
	number=${f##*/}
	number=${number%%-*}
done

# What is installed, for /ready and for people: a new version of the key only
# when the files have changed.
sum=$(cat "$dir"/schema/[0-9][0-9][0-9]-*.sql | sha256sum | cut -d ' ' -f 1)
psql -X -q -v ON_ERROR_STOP=1 -d "$db" -o /dev/null \
    -v number="$number" -v sum="$sum" <<'EOF'
select mina_config_put('mina.schema',
    jsonb_build_object('schema', :'number'::int, 'sha256', :'sum'), null)
where not exists (select 1 from mina_config('mina.schema')
    where value ->> 'sha256' = :'sum');
EOF

for f in "$dir"/seed/[0-9][0-9][0-9]-*.sql; do
	[ -e "$f" ] && apply "$f"
done
