# lib-cgi.sh - routes without a web server
#
#	. "$(dirname "$0")/tap.sh"
#	. "$(dirname "$0")/lib-cgi.sh"
#	db_up
#	cgi credits GET /credits/balance "$user"
#	is "$status" 200 'a stranger may ask'
#	is "$(js .credits)" 0 'and holds nothing'
#
# db_up makes a private cluster with schema and seeds and a database q() talks
# to. cgi runs a program as a command, with a pass (or - for none) and further
# arguments; it leaves status, head and body behind. tap.sh comes first.
# shellcheck shell=sh disable=SC2154,SC2034

user=pass:user:7c0e0000-0000-4000-8000-000000000001
other=pass:user:7c0e0000-0000-4000-8000-000000000002

as_pg() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && runuser -u postgres -- "$@")
	else
		"$@"
	fi
}

db_up()
{
	pgbin=${PG_BINDIR:-$(find /usr/lib/postgresql -name initdb 2>/dev/null |
	    sort -V | tail -n 1 | sed 's,/initdb$,,')}
	[ -n "$pgbin" ] || bail 'no PostgreSQL server here (see .ci/packages)'
	mkdir "$tmp/data" "$tmp/s"
	chmod 755 "$tmp"
	[ "$(id -u)" -ne 0 ] || chown postgres "$tmp/data" "$tmp/s"
	as_pg "$pgbin/initdb" -D "$tmp/data" -A trust -U mina -E UTF8 \
	    --no-sync >"$tmp/pg.log" 2>&1 || { cat "$tmp/pg.log"; exit 1; }
	at_end 'as_pg "$pgbin/pg_ctl" -D "$tmp/data" -m immediate -w stop >/dev/null 2>&1'
	as_pg "$pgbin/pg_ctl" -D "$tmp/data" -w -l "$tmp/s/log" -o \
	    "-k $tmp/s -c listen_addresses= -c fsync=off -c max_connections=120" \
	    start >"$tmp/pg.log" 2>&1 || { cat "$tmp/pg.log"; exit 1; }
	PGHOST=$tmp/s PGUSER=mina PGDATABASE=mina
	MINA_DB_URL="host=$tmp/s user=mina dbname=mina"
	MINA_AUTH=trusted
	MINA_S3_ENDPOINT=https://store.example MINA_S3_BUCKET=mina-media
	MINA_S3_ACCESS_KEY=key MINA_S3_SECRET_KEY=secret
	MINA_MEDIA_URL=https://media.example
	export PGHOST PGUSER PGDATABASE MINA_DB_URL MINA_AUTH
	export MINA_S3_ENDPOINT MINA_S3_BUCKET MINA_S3_ACCESS_KEY
	export MINA_S3_SECRET_KEY MINA_MEDIA_URL
	createdb mina && sh "$top/sql/apply.sh" >"$tmp/pg.log" 2>&1 ||
	    { cat "$tmp/pg.log"; exit 1; }
}

q() { psql -XqAt -v ON_ERROR_STOP=1 -c "$1" 2>&1; }

# cgi PROGRAM METHOD PATH PASS [ARGUMENTS]
cgi()
{
	cgi_prog=$1 cgi_method=$2 cgi_path=$3 cgi_pass=$4
	shift 4
	[ "$cgi_pass" = - ] || set -- -H "X-Mina-Pass-Id: $cgi_pass" "$@"
	"$builddir/cgi-bin/$cgi_prog" "$cgi_method" "$cgi_path" "$@" \
	    >"$tmp/answer" 2>"$tmp/cgi.log"
	rc=$?
	status=$(sed -n '1s/^Status: \([0-9]*\).*/\1/p' "$tmp/answer")
	head=$(sed '/^\r*$/,$d' "$tmp/answer" | tr -d '\r')
	sed '1,/^\r*$/d' "$tmp/answer" >"$tmp/body"
	body=$(cat "$tmp/body")
}

js() { jq -r "$1" "$tmp/body" 2>&1; }
