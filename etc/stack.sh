#!/bin/sh
# stack.sh COMMAND ... - starts, stops and inspects the parts of one Mina
#
# The half of ./mina that needs no rights.  It is run from STATE/kit with an
# environment made for it: MINA_VAR is the state directory, MINA_INST where the
# programs were installed.
set -eu
umask 022

var=$MINA_VAR
inst=$MINA_INST
share=$inst/share/mina
bin=$inst/libexec/mina

say()  { printf '%s\n' "$*"; }
note() { printf 'mina: %s\n' "$*" >&2; }
die()  { note "$*"; exit 1; }

# shellcheck source=/dev/null
. "$var/kit/config.sh"
procs=$(procs) || exit 1

# ---- the parts ---------------------------------------------------------------

# The programs are those that the routes name; a part is anything that runs.
routed()
{
	sed -n 's/^[^#]*fastcgi_pass[[:space:]]*\([a-z0-9_]*\);.*/\1/p' \
	    "$share/nginx/routes.conf" | sort -u
}

kept()
{
	for k in $(routed) worker; do
		copies "$k"
	done
	! sandboxed || say sandbox
}

sandboxed()
{
	! grep -q '^MINA_SANDBOX=no$' "$var/etc/local.env" 2>/dev/null
}

# mine PID LOG: its stderr is our log, so it is ours and not some later process
# that was given the same number.
mine()
{
	case $(readlink "/proc/$1/fd/2" 2>/dev/null) in
	"$var/log/$2.log"*) return 0 ;;
	esac
	return 1
}

# pid_of PART: prints it, if that part runs.
pid_of()
{
	case $1 in
	postgres) f=$var/pg/postmaster.pid ;;
	*)	f=$var/run/$1.pid ;;
	esac
	p=$(sed -n 1p "$f" 2>/dev/null) && [ "$p" ] && mine "$p" "$1" && say "$p"
}

# strays LOG: every process that writes to that log, without asking pid files.
strays()
{
	for d in /proc/[0-9]*; do
		[ -O "$d" ] || continue
		p=${d#/proc/}
		[ "$p" = $$ ] || ! mine "$p" "$1" || say "$p"
	done
}

# A dead process whose parent never asks stays in the table; it is no concern.
alive()
{
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	'' | Z*) return 1 ;;
	esac
}

# gone SECONDS PID ...: whether they all ended in time.
gone()
{
	left=$(($1 * 20))
	shift
	for p; do
		while alive "$p"; do
			left=$((left - 1))
			[ $left -gt 0 ] || return 1
			sleep 0.05
		done
	done
}

conf()
{
	sed -n "s/^$1=//p" "$var/etc/mina.env" | tail -n 1
}

# pg COMMAND ...: of the version that made the cluster, else of the newest.
pg()
{
	v=$(cat "$var/pg/PG_VERSION" 2>/dev/null) ||
	    v=$(find /usr/lib/postgresql -name initdb 2>/dev/null |
		sed 's|/bin/initdb$||; s|.*/||' | sort -n | tail -n 1)
	c=/usr/lib/postgresql/$v/bin/$1
	[ -x "$c" ] || c=$1
	shift
	"$c" "$@"
}

# ---- starting ----------------------------------------------------------------

port_taken()
{
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
	    awk -v p="$(printf :%04X "$1")" '
		$4 == "0A" && substr($2, length($2) - 4) == p { f = 1 }
		END { exit !f }'
}

free_pair()
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		# Below the range that the kernel hands out to clients.
		port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 6000 * 2))
		port_taken $port || port_taken $((port + 1)) || return 0
	done
	die "no free pair of ports found"
}

# choose_port WISH: a number, 0, "" (as last time) or any (that, or a free one).
choose_port()
{
	if ! pid_of nginx >/dev/null; then
		# Workers whose master was killed still hold the ports.
		for p in $(strays nginx); do
			kill -KILL "$p" 2>/dev/null || :
			gone 2 "$p" || :
		done
	fi
	last=$(cat "$var/etc/port" 2>/dev/null) || :
	port=$1
	case $1 in
	''|any)	port=${last:-8443} ;;
	0)	port=
		! pid_of nginx >/dev/null || port=$last
		[ "$port" ] || free_pair ;;
	esac
	if pid_of nginx >/dev/null && [ "$port" = "$last" ]; then
		return
	fi
	if port_taken "$port" || port_taken $((port + 1)); then
		[ "$1" = any ] ||
		    die "port $port or $((port + 1)) is taken: try --port N, or --port 0"
		free_pair
	fi
}

# turn_log NAME: called while nothing writes to it.
turn_log()
{
	f=$var/log/$1.log
	[ ! -f "$f" ] || [ "$(stat -c %s "$f")" -lt 10000000 ] || mv "$f" "$f.1"
}

fresh()
{
	cat "$@" | cksum
}

# daemon NAME COMMAND ...: out of our session and with none of our descriptors.
daemon()
{
	log=$var/log/$1.log
	shift
	setsid "$@" </dev/null >>"$log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
}

# start_kept PART: the program, or a copy of it, PROGRAM.N.
start_kept()
{
	prog=$bin/${1%.*}
	[ -x "$prog" ] || die "the routes name $1, but $prog is not there"
	now=$(fresh "$prog" "$var/etc/mina.env")
	if p=$(pid_of "$1"); then
		[ "$now" = "$(cat "$var/run/$1.stamp" 2>/dev/null)" ] || {
			kill -HUP "$p"
			say "$now" >"$var/run/$1.stamp"
		}
		return
	fi
	turn_log "$1"
	name=$1
	rm -f "$var/run/$name.sock" "$var/run/$name.pid"
	# spawn-fcgi does not look along PATH.
	set -- /bin/sh "$var/kit/keep" "$var" "$name" "$prog"
	# -M: under our umask the mode would come out too narrow or too wide.
	[ "${name%.*}" = worker ] ||
	    set -- spawn-fcgi -n -b 1024 -M 0660 -s "$var/run/$name.sock" -- "$@"
	daemon "$name" env -u MINA_VAR -u MINA_INST MINA_CONF="$var/etc/mina.env" "$@"
	say "$now" >"$var/run/$name.stamp"
}

# stop_surplus: the copies that MINA_PROCS asks for no more.  nginx does not know
# them any longer.
stop_surplus()
{
	set --
	for f in "$var"/run/*.[2-9].child; do
		[ -f "$f" ] || continue
		name=$(basename "$f" .child)
		[ "${name##*.}" -gt "$procs" ] || continue
		p=$(pid_of "$name") || continue
		kill "$p"
		set -- "$@" "$p"
		rm -f "$var/run/$name.sock" "$var/run/$name.stamp"
	done
	gone 25 "$@" || die "still running: $*"
}

start_nginx()
{
	now=$(fresh "$var/etc/nginx.conf" "$var/etc/sandbox.conf" \
	    "$var/etc/upstreams.conf" "$share/nginx/routes.conf" \
	    "$var/tls/server.pem")
	set -- nginx -e "$var/log/nginx.log" -p "$var" -c "$var/etc/nginx.conf"
	"$@" -t -q || return 2
	if p=$(pid_of nginx); then
		[ "$now" = "$(cat "$var/run/nginx.stamp" 2>/dev/null)" ] || kill -HUP "$p"
	else
		turn_log nginx
		turn_log access
		"$@" </dev/null >>"$var/log/nginx.log" 2>&1 \
		    3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || return 1
	fi
	say "$now" >"$var/run/nginx.stamp"
}

# The mark is the last thing made: a half-made cluster is thrown away.
start_db()
{
	if [ ! -f "$var/pg/mina.done" ]; then
		note "making the database cluster"
		find "$var/pg" -mindepth 1 -delete
		rm -f "$var/etc/schema.done"
		pg initdb -D "$var/pg" -U mina -k -E UTF8 --locale=C.UTF-8 \
		    --auth-local=trust --auth-host=reject \
		    >>"$var/log/schema.log" 2>&1 ||
		    { tail "$var/log/schema.log" >&2; die "initdb failed"; }
		say "include '../etc/postgres.conf'" >>"$var/pg/postgresql.conf"
		: >"$var/pg/mina.done"
	fi
	cat >"$var/etc/postgres.conf" <<-X
	listen_addresses = ''
	unix_socket_directories = '$var/run'
	unix_socket_permissions = 0700
	max_connections = $((100 * procs))
	shared_buffers = 256MB
	max_wal_size = 2GB
	checkpoint_timeout = 15min
	random_page_cost = 1.1
	jit = off
	timezone = 'UTC'
	log_timezone = 'UTC'
	log_line_prefix = '%m [%p] %a '
	log_min_duration_statement = 1s
	# What people send is in the parameters, and of an error in its detail.
	log_parameter_max_length = 0
	log_error_verbosity = terse
	log_checkpoints = off
	X
	pid_of postgres >/dev/null && return
	turn_log postgres
	# Its backends outlive a killed postmaster for a moment.
	for try in 1 2 3 4 5; do
		pg pg_ctl start -s -w -t 60 -D "$var/pg" -l "$var/log/postgres.log" \
		    </dev/null >/dev/null 2>&1 && return
		sleep "$try"
	done
	tail "$var/log/postgres.log" >&2
	die "Postgres did not start"
}

# schema [again]: applied when it changed, or when told.
schema()
{
	now=$(sandboxed && say sandbox; find "$share/sql" -type f | sort | xargs cat | cksum)
	[ "${1:-}" ] || [ "$now" != "$(cat "$var/etc/schema.done" 2>/dev/null)" ] || return 0
	{
		date -u +'-- %Y-%m-%dT%H:%M:%SZ'
		[ "$(pg psql -XAtq -h "$var/run" -U mina -d postgres -c \
		    "select 1 from pg_database where datname = 'mina'")" ] ||
		    pg createdb -h "$var/run" -U mina mina
		MINA_DB_URL="host=$var/run user=mina dbname=mina" \
		    sh "$share/sql/apply.sh" &&
		{ ! sandboxed || [ ! -f "$share/sql/sandbox.sql" ] ||
		    pg psql -X -q -v ON_ERROR_STOP=1 -h "$var/run" -U mina -d mina \
			-f "$share/sql/sandbox.sql"; }
	} </dev/null >>"$var/log/schema.log" 2>&1 || {
		tail -n 20 "$var/log/schema.log" >&2
		die "the schema was not applied (log: $var/log/schema.log)"
	}
	say "$now" >"$var/etc/schema.done"
}

# local_conf NAME: as local.env has it, before mina.env is written.
local_conf()
{
	sed -n "s/^$1=//p" "$var/etc/local.env" 2>/dev/null | tail -n 1
}

# The sandbox gives credits away and signs anybody in: not on a public address.
refuse_public()
{
	sandboxed || return 0
	url=$(local_conf MINA_PUBLIC_URL)
	host=${url#*://}
	host=${host%%/*}
	case $host in *@*) host=@ ;; esac
	case $host in
	'[::1]' | '[::1]':*) return ;;
	esac
	case ${host%:*} in
	*[!a-z0-9.-]*) ;;
	'' | localhost | *.localhost) return ;;
	127.*[!0-9.]*) ;;
	127.*.*.*) return ;;
	esac
	die "MINA_PUBLIC_URL=$url is a public address, and the sandbox, where credits cost nothing, is only for this machine: set MINA_SANDBOX=no in $var/etc/local.env, or a localhost address"
}

# And what it gave away must not be worth anything later.
refuse_sandboxed()
{
	! sandboxed || return 0
	was=$(pid_of postgres) || was=
	start_db
	url=$(local_conf MINA_DB_URL)
	[ "$(pg psql -XAtq -d "${url:-host=$var/run user=mina dbname=mina}" -c "
	    select 1 from mega_admin where mg_record_type = 'app_config'
	    and mg_key = 'mina.sandbox' or mg_record_type = 'runtime_config'
	    and mg_source_system = 'sandbox' limit 1" 2>/dev/null)" ] || return 0
	[ "$was" ] || pg pg_ctl stop -s -m fast -D "$var/pg"
	die "MINA_SANDBOX=no is refused: this database holds the sandbox's customers, orders and free credits. Start with a fresh one: set MINA_VAR to a new directory, with this etc/local.env in it, or MINA_DB_URL to an empty database"
}

ready()
{
	curl -sS -o "$var/run/ready" -w '%{http_code}' --max-time 5 \
	    --cacert "$var/tls/ca.pem" "https://localhost:$port/ready" 2>/dev/null
}

do_up()
{
	wish=${1:-}
	# shellcheck disable=SC3045  # dash has it
	ulimit -n 16384 2>/dev/null || :
	refuse_public
	refuse_sandboxed
	write_tls
	for try in 1 2 3 4 5; do
		choose_port "$wish"
		write_nginx
		rc=0
		start_nginx || rc=$?
		[ $rc -ne 0 ] || break
		# Somebody else took the pair that was free a moment ago.
		case $rc:$wish:$try in
		1:0:[1-4] | 1:any:[1-4]) wish=0 ;;
		*)	tail -n 5 "$var/log/nginx.log" >&2
			die "nginx did not start" ;;
		esac
	done
	say "$port" >"$var/etc/port"
	write_env
	start_db
	schema
	for p in $(kept); do
		start_kept "$p"
	done
	stop_surplus
	tries=0
	until [ "$(ready)" = 200 ]; do
		tries=$((tries + 1))
		if [ $tries -ge 300 ]; then
			do_status >&2 || :
			cat "$var/run/ready" >&2 2>/dev/null || :
			die "not ready after a minute: see ./mina logs; ./mina down stops it"
		fi
		sleep 0.2
	done
	rm -f "$var/run/ready"
	say "Mina is up: https://localhost:$port"
	[ -t 1 ] || return 0
	! sandboxed || say "Its mails, with sign-in codes: $(conf MINA_SANDBOX_URL)/inbox"
	say "(to please a browser, let it trust $var/tls/ca.pem)"
}

do_upgrade()
{
	was=$(pid_of postgres) || was=
	start_db
	schema again
	[ "$was" ] || pg pg_ctl stop -s -m fast -D "$var/pg"
	say "the schema is up to date"
}

# ---- stopping, looking -------------------------------------------------------

do_running()
{
	pid_of nginx >/dev/null && pid_of postgres >/dev/null
}

do_down()
{
	found=
	# The front first: who is being served is finished, nobody new comes in.
	if p=$(pid_of nginx); then
		found=1
		# shellcheck disable=SC2046  # process ids
		set -- "$p" $(strays nginx)
		kill -QUIT "$p"
		gone 8 "$@" || kill -TERM "$@" 2>/dev/null || :
	fi
	set --
	# Not only those of today's routes.
	for f in "$var"/run/*.child; do
		[ -f "$f" ] || continue
		name=$(basename "$f" .child)
		p=$(pid_of "$name") || continue
		kill "$p"
		set -- "$@" "$p"
	done
	[ $# -eq 0 ] || found=1
	# They give their requests MINA_STOP_S.
	gone 25 "$@" || :
	if pid_of postgres >/dev/null; then
		found=1
		pg pg_ctl stop -s -w -t 20 -m fast -D "$var/pg" ||
		    pg pg_ctl stop -s -w -t 20 -m immediate -D "$var/pg" || :
	fi
	# What lost its pid file, or would not go.
	for sig in TERM KILL; do
		set --
		for f in "$var"/log/*.log; do
			[ -f "$f" ] || continue
			# shellcheck disable=SC2046  # process ids
			set -- "$@" $(strays "$(basename "$f" .log)")
		done
		[ $# -gt 0 ] || break
		found=1
		kill -$sig "$@" 2>/dev/null || :
		gone 3 "$@" || :
	done
	[ $# -eq 0 ] || gone 1 "$@" || die "still running: $*"
	rm -f "$var"/run/*.sock "$var"/run/*.pid "$var"/run/*.child "$var"/run/*.stamp
	if [ "$found" ]; then say "stopped"; else say "nothing was running"; fi
}

# uptime PID: since when, in words.
uptime()
{
	sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk -v hz="$(getconf CLK_TCK)" '
		NR == 1 { t = $20 / hz }
		NR == 2 {
			s = int($1 - t)
			if (s < 0) s = 0
			if (s < 60) print s "s"
			else if (s < 3600) print int(s / 60) "m" s % 60 "s"
			else if (s < 86400) print int(s / 3600) "h" int(s / 60) % 60 "m"
			else print int(s / 86400) "d" int(s / 3600) % 24 "h"
		}' - /proc/uptime
}

do_status()
{
	parts=0
	running=0
	port=$(cat "$var/etc/port" 2>/dev/null) || port=8443
	for part in nginx $(kept) postgres; do
		parts=$((parts + 1))
		state=stopped
		more=
		if p=$(pid_of "$part"); then
			state=running
			case $part in
			nginx)	more=https://localhost:$port ;;
			postgres) more=$var/run ;;
			*)	# The loop lives; does what it keeps?
				read -r child starts 2>/dev/null \
				    <"$var/run/$part.child" || child=0
				if mine "$child" "$part"; then
					p=$child
				else
					state=restarting
				fi
				[ "${starts:-1}" -eq 1 ] || more="started $starts times" ;;
			esac
		fi
		if [ "$state" = stopped ]; then
			printf '%-12s %8s %8s  %s\n' "$part" - - stopped
			continue
		fi
		[ $state != running ] || running=$((running + 1))
		printf '%-12s %8s %8s  %-10s %s\n' "$part" "$p" "$(uptime "$p")" "$state" "$more"
	done
	[ $running -ne $parts ] || return 0
	[ $running -ne 0 ] || return 3
	return 1
}

do_logs()
{
	lines=40
	follow=
	while getopts fn: o; do
		case $o in
		f)	follow=-f ;;
		n)	lines=$OPTARG ;;
		*)	exit 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	if [ $# -gt 0 ]; then
		[ -f "$var/log/$1.log" ] ||
		    die "no log of $1; there are:$(cd "$var/log" && printf ' %s' *.log | sed 's/\.log//g')"
		set -- "$var/log/$1.log"
	else
		set -- "$var"/log/*.log
		[ -f "$1" ] || die "there are no logs yet"
	fi
	# shellcheck disable=SC2086
	exec tail $follow -n "$lines" "$@"
}

do_psql()
{
	pid_of postgres >/dev/null || die "the database is not running: ./mina up"
	pg psql "host=$var/run user=mina dbname=mina" "$@"
}

do_buy()
{
	sh "$var/kit/buy.sh" "$var" "$@"
}

do_token()
{
	sh "$var/kit/token.sh" "$var" "$@"
}

do_demo()
{
	sh "$var/kit/demo.sh" "$var"
}

do_story()
{
	sh "$var/kit/story.sh" "$var"
}

# -----------------------------------------------------------------------------

name=$1
shift
"do_$name" "$@"
