#!/bin/sh
# apply.sh - apply the schema to a database, then seed missing configuration
#
# Safe to repeat and to run concurrently. Each file is one transaction.
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
	echo 'apply.sh: name the database, as argument or in MINA_DB_URL' >&2
	exit 64
fi
dir=$(dirname "$(readlink -f "$0")")

# The advisory lock lasts until the end of the file's transaction. The lock
# timeout is needed because all other sessions would queue behind a statement
# that waits for a table.
apply() {
	psql -X -q -v ON_ERROR_STOP=1 -1 -d "$db" -o /dev/null \
	    -c "set client_min_messages = warning" \
	    -c "set lock_timeout = '30s'" \
	    -c "select pg_advisory_xact_lock(hashtext('mina schema'))" \
	    -f "$1" || {
		echo "apply.sh: $1 failed and was rolled back" >&2
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

# Records which schema is installed: a new version of the key only if the files
# have changed.
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
