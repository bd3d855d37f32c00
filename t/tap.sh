# tap.sh - the Test Anything Protocol for shell tests
#
#	. "$(dirname "$0")/tap.sh"
#	plan 2
#	ok 'a directory is there' test -d /tmp
#	is "$(echo a)" a 'echo echoes'
#
# A test that dies, or that runs another number of checks than planned, fails.
# top is the source tree, builddir where programs were built, tmp a directory
# that goes away by itself.
# shellcheck shell=sh

set -u
umask 022
# Nothing in the caller's environment changes what a test sees: not its locale,
# proxy, database, temporary directory, nor the files of its home directory.
unset CDPATH ENV BASH_ENV GREP_OPTIONS POSIXLY_CORRECT TMPDIR DESTDIR \
    XDG_CONFIG_HOME XDG_STATE_HOME
for tap_v in $(env |
    sed -nE 's/^(PG[A-Z]+|MINA_[A-Z0-9_]+|[A-Za-z]+_(proxy|PROXY))=.*/\1/p'); do
	case $tap_v in
	MINA_INST | MINA_QUICK | MINA_SEED | MINA_STEPS) ;;
	*)	unset "$tap_v" ;;
	esac
done
LC_ALL=C.UTF-8
# nginx is where Debian's PATH for ordinary users does not lead.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# Debian's psql is a wrapper in Perl, and some tests ask a thousand times.
tap_v=$(find /usr/lib/postgresql -name psql 2>/dev/null | sort -V | tail -n 1)
[ -z "$tap_v" ] || PATH=${tap_v%/psql}:$PATH
export LC_ALL PATH
top=$(cd "$(dirname "$(readlink -f "$0")")" && while [ ! -f mina ] && [ "$PWD" != / ]; do cd ..; done && pwd)
builddir=${top_builddir:-$PWD}
# In /tmp: names of sockets are short, and Postgres's user has to reach it.
tmp=$(mktemp -d /tmp/mina-tap.XXXXXX)
HOME=$tmp
export top builddir tmp HOME
tap_planned=
tap_run=0
tap_failed=0

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

# bail WHY: the test cannot be made here, and has failed.
bail()
{
	printf 'Bail out! %s\n' "$*"
	tap_planned=$tap_run
	exit 99
}

# need COMMAND ...: those that are not in every Debian.  There is no skipping: what
# a test needs is in .ci/packages.
need()
{
	for tap_c; do
		command -v "$tap_c" >/dev/null ||
		    bail "$tap_c is not installed (see .ci/packages)"
	done
}

plan()
{
	tap_planned=$1
	printf '1..%d\n' "$1"
}

tap_line()
{
	tap_run=$((tap_run + 1))
	[ "$1" = ok ] || tap_failed=$((tap_failed + 1))
	# "#" would start a directive.
	printf '%s %d - %s\n' "$1" "$tap_run" "$(printf %s "$2" | tr '\n#' ' .')"
}

# ok WHAT COMMAND ...: the command's output is shown only when it fails.
ok()
{
	tap_what=$1
	shift
	if "$@" >"$tmp/.tap" 2>&1; then
		tap_line ok "$tap_what"
		return 0
	fi
	tap_line 'not ok' "$tap_what"
	diag "failed: $*"
	diag "$(tail -n 20 "$tmp/.tap")"
	return 1
}

# is GOT WANTED WHAT
is()
{
	if [ "$1" = "$2" ]; then
		tap_line ok "$3"
		return 0
	fi
	tap_line 'not ok' "$3"
	diag "   got: $1"
	diag "wanted: $2"
	return 1
}

# like TEXT PATTERN WHAT: an extended regular expression, on any line.
like()
{
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then
		tap_line ok "$3"
		return 0
	fi
	tap_line 'not ok' "$3"
	diag "   got: $1"
	diag "wanted: /$2/"
	return 1
}

# within SECONDS COMMAND ...: until it succeeds, or time is up.
within()
{
	within_left=$(($1 * 50))
	shift
	until "$@" >/dev/null 2>&1; do
		within_left=$((within_left - 1))
		[ $within_left -gt 0 ] || return 1
		sleep 0.02
	done
}

# at_end COMMAND: runs when the test ends, however; the last one named first.
tap_end=:
at_end() { tap_end="$1; $tap_end"; }

# spoil WHY: from at_end, when the last check has been made and something is
# wrong all the same: the exit status says so.
spoil()
{
	diag "spoilt: $1"
	tap_failed=$((tap_failed + 1))
}

tap_exit()
{
	tap_rc=$?
	trap '' INT TERM HUP
	trap - EXIT
	eval "$tap_end"
	rm -rf "$tmp"
	if [ -z "$tap_planned" ]; then
		printf 'Bail out! no plan\n'
		exit 99
	fi
	[ "$tap_planned" -eq "$tap_run" ] || {
		diag "planned $tap_planned, ran $tap_run"
		exit 1
	}
	[ "$tap_failed" -eq 0 ] || exit 1
	exit "$tap_rc"
}
trap tap_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
