# lib-fcgi.sh - programs on sockets of their own, and a client for them
#
#	. "$(dirname "$0")/tap.sh"
#	. "$(dirname "$0")/lib-cgi.sh"
#	. "$(dirname "$0")/lib-fcgi.sh"
#	db_up
#	serve credits
#	fc credits GET:/credits/balance read
#
# serve starts a program of the build tree and sets pid; fc runs fcgiclient (its
# words are in fcgiclient.c) on that program's socket and prints what it says.
# shellcheck shell=sh disable=SC2154,SC2034

need spawn-fcgi

# "make check" builds it; by hand any compiler will do.
client=$builddir/t/tools/fcgiclient
if [ ! -x "$client" ]; then
	client=$tmp/fcgiclient
	${CC:-cc} -O1 -I"$builddir" -I"$top" -I"$top/lib" -o "$client" \
	    "$top/t/tools/fcgiclient.c" || bail 'fcgiclient.c does not compile'
fi
at_end 'stop_all'
served=
serve_n=0

stop_all()
{
	# shellcheck disable=SC2086  # process ids
	[ -z "$served" ] || kill -KILL $served 2>/dev/null
	served=
}

# serve NAME [VARIABLE=VALUE ...]
serve()
{
	serve_name=$1
	shift
	rm -f "$tmp/$serve_name.sock"
	serve_log=$tmp/$serve_name.$serve_n.log
	serve_n=$((serve_n + 1))
	env "$@" spawn-fcgi -n -b 1024 -s "$tmp/$serve_name.sock" -- \
	    "$builddir/cgi-bin/$serve_name" 2>"$serve_log" &
	pid=$!
	served="$served $pid"
	# The socket is there before the program knows what SIGTERM means.
	within 10 grep -q 'msg="\{0,1\}started' "$serve_log"
}

fc()
{
	fc_name=$1
	shift
	"$client" "$tmp/$fc_name.sock" "$@" 2>&1
}

now_ms() { date +%s%3N; }

# under MS BEGAN: whether less than that went by since now_ms said BEGAN.
under() { [ $(($(now_ms) - $2)) -lt "$1" ]; }

# A dead child that nobody waited for stays in the table.
alive()
{
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	'' | Z*) return 1 ;;
	esac
}
dead()   { ! alive "$1"; }
fds()    { find "/proc/$1/fd" -mindepth 1 | wc -l; }
# Once it has been the same for a second: closing takes as long as the machine
# is busy.
fds_at_rest()
{
	fds_n=$(fds "$1")
	fds_same=0
	for _ in $(seq 100); do
		sleep 0.2
		fds_now=$(fds "$1")
		[ "$fds_now" = "$fds_n" ] || fds_same=-1
		fds_n=$fds_now
		fds_same=$((fds_same + 1))
		[ $fds_same -lt 5 ] || break
	done
	echo "$fds_n"
}
rss_kb() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }

# Whether a sanitizer had something to say in the logs.
complaints() { grep -Ehs 'runtime error:|Sanitizer' "$tmp"/*.log; }
