#!/bin/sh
# The Postgres client: runs t/unit/pg/test-pg* against a private cluster, which
# they may restart.
# shellcheck disable=SC2016 # at_end expands it
. "$(dirname "$0")/../tap.sh"

bin=${PG_BINDIR:-$(find /usr/lib/postgresql -name initdb 2>/dev/null |
    sort -V | tail -n 1 | sed 's,/initdb$,,')}
[ -n "$bin" ] || bail 'no PostgreSQL server here (see .ci/packages)'
[ -x "$builddir/t/unit/pg/test-pg" ] || bail 'make check builds t/unit/pg/test-pg'

# Postgres refuses to run as root.
as_pg=
[ "$(id -u)" -ne 0 ] || as_pg='runuser -u postgres --'

mkdir "$tmp/data" "$tmp/s"
chmod 755 "$tmp"
[ "$(id -u)" -ne 0 ] || chown postgres "$tmp/data" "$tmp/s"
cat >"$tmp/ctl" <<EOF
cd / && exec $as_pg "$bin/pg_ctl" -D "$tmp/data" -l "$tmp/s/log" -w \\
    -o "-k $tmp/s -c listen_addresses= -c fsync=off" "\$@" >>"$tmp/log" 2>&1
EOF
at_end 'sh "$tmp/ctl" -m immediate stop'
# shellcheck disable=SC2086 # none or several words
if ! (cd / && $as_pg "$bin/initdb" -D "$tmp/data" -A trust -U postgres \
    -E UTF8 --no-sync) >"$tmp/log" 2>&1 || ! sh "$tmp/ctl" start; then
	diag "$(cat "$tmp/log")"
	exit 1
fi

T_DB_URL="host=$tmp/s user=postgres dbname=postgres"
T_DB_RESTART="sh $tmp/ctl -m fast restart"
export T_DB_URL T_DB_RESTART
rc=0
for program in test-pg test-pg-away; do
	"$builddir/t/unit/pg/$program" >>"$tmp/out" 2>>"$tmp/err" || rc=1
done

# Their lines are ours, under numbers of our own.
plan "$(($(grep -cE '^(not )?ok ' "$tmp/out") + 1))"
while read -r line; do
	what=${line#*- }
	case $line in
	ok\ *)		tap_line ok "$what" ;;
	not\ ok\ *)	tap_line 'not ok' "$what" ;;
	esac
done <"$tmp/out"
is "$rc" 0 'the programs end well' || diag "$(tail -n 20 "$tmp/err")"
