# lib-sql.sh - the schema and its functions, without any program
#
#	. "$(dirname "$0")/tap.sh"
#	. "$(dirname "$0")/lib-sql.sh"
#	plan 2
#	sql_up
#	ok 'the schema applies' "$top/sql/apply.sh" 'dbname=mina'
#	gives "select mina_expire('pass:user:x')" 0 'no such pass, nothing expires'
#
# sql_up makes a private cluster with an empty database, mina, that an ordinary
# role owns: nothing here may need a superuser. sql_db makes another one. tap.sh
# comes first; without a server here the test fails.
# shellcheck shell=sh disable=SC2154,SC2034,SC2016

pgbin=${PG_BINDIR:-$(find /usr/lib/postgresql -name initdb 2>/dev/null |
    sort -V | tail -n 1 | sed 's,/initdb$,,')}
[ -n "$pgbin" ] || bail 'no PostgreSQL server here (see .ci/packages)'
pgbench=$(command -v pgbench || echo "$pgbin/pgbench")

# Postgres refuses to run as root.
as_pg() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && runuser -u postgres -- "$@")
	else
		"$@"
	fi
}

sql_up()
{
	mkdir "$tmp/data" "$tmp/s"
	chmod 755 "$tmp"
	[ "$(id -u)" -ne 0 ] || chown postgres "$tmp/data" "$tmp/s"
	as_pg "$pgbin/initdb" -D "$tmp/data" -A trust -U postgres -E UTF8 \
	    --no-sync >"$tmp/log" 2>&1 || { cat "$tmp/log"; exit 1; }
	at_end 'as_pg "$pgbin/pg_ctl" -D "$tmp/data" -m immediate -w stop >/dev/null 2>&1'
	as_pg "$pgbin/pg_ctl" -D "$tmp/data" -w -l "$tmp/s/log" -o \
	    "-k $tmp/s -c listen_addresses= -c fsync=off -c max_connections=240" \
	    start >"$tmp/log" 2>&1 || { cat "$tmp/log"; exit 1; }
	PGHOST=$tmp/s PGUSER=mina PGDATABASE=mina
	export PGHOST PGUSER PGDATABASE
	psql -XqU postgres -d postgres -c 'create role mina login'
	sql_db mina
}

sql_db()
{
	psql -XqU postgres -d postgres -c "create database $1 owner mina"
}

q() {
	psql -XqAt -v ON_ERROR_STOP=1 -c "$1" 2>&1
}

gives() {	# gives sql want name
	is "$(q "$1")" "$2" "$3"
}

refuses() {	# refuses sql pattern name
	if got=$(q "$1"); then
		got='it was not refused'
	fi
	like "$got" "$2" "$3"
}

balance() {
	q "select mg_credits, mg_held from mega_customers where mg_pass_id = '$1'"
}

customer() {	# customer pass welcome
	q "select from mina_customer('$1', null, null, null, $2, 30)"
}

admit() {	# admit gen pass cost [max]
	q "select verdict from mina_admit('$1', '$2', 'sess_1', $3, 'still',
	    'create', '{\"brief\":\"b\"}', '{\"version\":1}',
	    '{\"request_sha\":\"x\"}', ${4:-null}, null)"
}

# For tests that do not look at the queue: one generation, leased by w1.
lease() {
	q "update mega_generations set mg_lease_owner = 'w1',
	    mg_lease_until = clock_timestamp() + interval '1 min'
	    where mg_id = 'generation:$1'"
}

# race FIRST SECOND: two transactions that really overlap. FIRST has run and is
# not committed when SECOND starts; it is committed when SECOND waits for it.
# Their answers are left in first and second.
race() {
	rm -f "$tmp/fifo" "$tmp/first" "$tmp/second"
	mkfifo "$tmp/fifo"
	psql -XqAt -v ON_ERROR_STOP=1 <"$tmp/fifo" >"$tmp/first" 2>&1 &
	race_a=$!
	exec 9>"$tmp/fifo"
	printf 'begin;\n%s;\n\\echo held\n' "$1" >&9
	race_n=0
	until grep -qx held "$tmp/first" || [ $race_n -gt 400 ]; do
		race_n=$((race_n + 1))
		sleep 0.02
	done
	q "$2" >"$tmp/second" 9>&- &
	race_b=$!
	until [ "$(q "select count(*) from pg_stat_activity
	    where datname = current_database()
	    and wait_event_type = 'Lock'")" -gt 0 ]; do
		race_n=$((race_n + 1))
		if [ $race_n -gt 400 ]; then
			echo 'the second did not wait' >>"$tmp/second"
			break
		fi
		sleep 0.02
	done
	printf 'commit;\n' >&9
	exec 9>&-
	wait $race_a
	wait $race_b
	first=$(grep -vx held "$tmp/first")
	second=$(cat "$tmp/second")
}
