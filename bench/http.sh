#!/bin/sh
# bench/http.sh - requests per second for a balance over HTTPS
#
#	bench/http.sh [SECONDS]
#
# In one run, on one machine: our credits program, the prototype the loop was
# designed from (bench/proof.c), nginx answering by itself (the floor), all
# through the same nginx, and pgbench with the same query, with 16, 64 and 256
# clients each. The order is turned from round to round, and the middle of
# three rounds is printed, because the machines are noisy. Ratio is ours to
# the prototype's rate. BUILD names the build tree (default: ./build).
set -eu
umask 022
for v in $(env | sed -n 's/^\(PG[A-Z][A-Z]*\)=.*/\1/p'); do
	unset "$v"
done
PATH=$PATH:/usr/sbin

here=$(dirname "$(dirname "$(readlink -f "$0")")")
build=${BUILD:-$here/build}
secs=${1:-5}
rounds=${ROUNDS:-3}
pgbin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
tmp=$(mktemp -d /tmp/mina-bench.XXXXXX)
chmod 755 "$tmp"
pids=

as_user() {
	if [ "$(id -u)" = 0 ]; then
		runuser -u postgres -- "$@"
	else
		"$@"
	fi
}

finish() {
	trap - EXIT INT TERM
	for p in $pids; do
		kill "$p" 2>/dev/null || :
	done
	as_user "$pgbin/pg_ctl" -D "$tmp/pg" -m immediate stop >/dev/null 2>&1 || :
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM

mkdir "$tmp/pg" "$tmp/run"
[ "$(id -u)" != 0 ] || chown postgres "$tmp/pg" "$tmp/run"
as_user "$pgbin/initdb" -D "$tmp/pg" -A trust -U mina >/dev/null
as_user "$pgbin/pg_ctl" -D "$tmp/pg" -l "$tmp/run/pg.log" -w -o \
    "-k $tmp/run -c listen_addresses='' -c shared_buffers=256MB" start >/dev/null
export PGHOST="$tmp/run" PGUSER=mina PGDATABASE=mina
createdb mina
MINA_DB_URL="host=$tmp/run user=mina dbname=mina"
export MINA_DB_URL MINA_AUTH=trusted MINA_LOG="${MINA_LOG:-info}" MINA_DB_CONNS="${CONNS:-1}"
sh "$here/sql/apply.sh"
pass=pass:user:7c0e0000-0000-4000-8000-000000000001
psql -qAt -c "select from mina_customer('$pass', null, null, null, 10, 30)" \
    -c 'analyze' >/dev/null

cc -O2 -I"$(pg_config --includedir)" "$here/bench/proof.c" -o "$tmp/proof" \
    -lfcgi -lpq -lcjson
port=$(awk 'BEGIN { srand(); print 20000 + int(rand() * 20000) }')
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=localhost -keyout "$tmp/key.pem" -out "$tmp/cert.pem" 2>/dev/null
cat >"$tmp/nginx.conf" <<CONF
worker_processes 1;
pid $tmp/nginx.pid;
error_log $tmp/error.log;
daemon off;
events { worker_connections 4096; }
http {
	access_log off;
	keepalive_requests 1000000;
	client_body_temp_path $tmp/body;
	fastcgi_temp_path $tmp/fcgi;
	proxy_temp_path $tmp/proxy;
	scgi_temp_path $tmp/scgi;
	uwsgi_temp_path $tmp/uwsgi;
	upstream ours { server unix:$tmp/ours.sock; keepalive 300; }
	upstream proof { server unix:$tmp/proof.sock; keepalive 300; }
	server {
		listen 127.0.0.1:$port ssl;
		ssl_certificate $tmp/cert.pem;
		ssl_certificate_key $tmp/key.pem;
		fastcgi_keep_conn on;
		fastcgi_param REQUEST_METHOD \$request_method;
		fastcgi_param REQUEST_URI \$request_uri;
		fastcgi_param DOCUMENT_URI \$document_uri;
		fastcgi_param QUERY_STRING \$query_string;
		fastcgi_param CONTENT_LENGTH \$content_length;
		fastcgi_param REQUEST_ID \$request_id;
		location /credits/ { fastcgi_pass ours; }
		location /proof { fastcgi_pass proof; }
		location /nginx { return 200 '{}'; }
	}
}
CONF
"$tmp/proof" "$tmp/proof.sock" 1 1 &
pids="$pids $!"
spawn-fcgi -n -b 1024 -M 0666 -s "$tmp/ours.sock" -- "$build/cgi-bin/credits" \
    2>"$tmp/credits.log" &
pids="$pids $!"
nginx -c "$tmp/nginx.conf" 2>/dev/null &
pids="$pids $!"
sleep 1
chmod 666 "$tmp"/*.sock
url=https://127.0.0.1:$port

got=$(curl -sk -H "X-Mina-Pass-Id: $pass" "$url/credits/balance")
case $got in
'{"credits":10,'*) ;;
*) echo "ours answers: $got" >&2; exit 1 ;;
esac
got=$(curl -sk -H "X-Mina-Pass-Id: $pass" "$url/proof")
[ "$got" = '{"credits":10}' ] || { echo "proof answers: $got" >&2; exit 1; }

# one NAME CLIENTS: requests per second, p99 in milliseconds, errors
one() {
	case $1 in
	ours) path=/credits/balance ;;
	proof) path=/proof ;;
	nginx) path=/nginx ;;
	pgbench)
		# A colon would begin a variable of pgbench's.
		echo "select mg_credits from mega_customers where mg_pass_id =
		    replace('$pass', ':', chr(58));" |
		    sed "s/'pass:user:\\([^']*\\)', ':'/'pass.user.\\1', '.'/" >"$tmp/q.sql"
		"$pgbin/pgbench" -n -M prepared -f "$tmp/q.sql" -c "$2" -j 2 \
		    -T "$secs" 2>/dev/null |
		    awk '/^tps/ { printf "%d - -\n", $3 }'
		return ;;
	esac
	wrk -t 2 -c "$2" -d "${secs}s" --latency -H "X-Mina-Pass-Id: $pass" \
	    "$url$path" >"$tmp/wrk.out"
	awk '
	/99%/ { v = $2; if (v ~ /us$/) v = v / 1000; else if (v ~ /ms$/) v += 0
	    else v = v * 1000; p99 = v }
	/Requests\/sec/ { rate = $2 }
	/Non-2xx|Socket errors/ { bad = $0 }
	END { gsub(/ +/, "_", bad)
	    printf "%d %.1f %s\n", rate, p99, bad == "" ? "0" : bad }' \
	    "$tmp/wrk.out"
}

for n in 16 64 256; do
	r=0
	while [ "$r" -lt "$rounds" ]; do
		case $((r % 3)) in
		0) order='ours proof nginx pgbench' ;;
		1) order='proof nginx pgbench ours' ;;
		2) order='nginx pgbench ours proof' ;;
		esac
		for who in $order; do
			[ "$who $n" != 'pgbench 256' ] || continue
			one "$who" "$n" >>"$tmp/$who.$n"
		done
		r=$((r + 1))
	done
done

middle() { sort -n "$1" | awk '{ l[NR] = $0 } END { print l[int((NR + 1) / 2)] }'; }
printf '%-8s %8s %6s %8s %6s %8s %6s %10s %6s\n' clients ours/s p99ms \
    proof/s p99ms nginx/s p99ms pgbench/s ratio
for n in 16 64 256; do
	b=-
	[ ! -s "$tmp/pgbench.$n" ] || b=$(middle "$tmp/pgbench.$n")
	echo "$n $(middle "$tmp/ours.$n") $(middle "$tmp/proof.$n")" \
	    "$(middle "$tmp/nginx.$n") $b" | awk '{
		bad = $4 == "0" && $7 == "0" ? "" : "  errors: " $4 " " $7
		printf "%-8s %8d %6.1f %8d %6.1f %8d %6.1f %10s %6.2f%s\n",
		    $1, $2, $3, $5, $6, $8, $9, $11, $2 / $5, bad }'
done
