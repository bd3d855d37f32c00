# lib-stack.sh - a whole Mina of a test's own
#
#	. "$(dirname "$0")/tap.sh"
#	. "$(dirname "$0")/lib-stack.sh"
#	stack_up MINA_LOG=debug		# lines for local.env, any number
#	api GET /health
#	is "$status" 200 'it lives'
#
# Free ports, its own state directory and database, the sandbox included.  It is
# taken down when the test ends; a janitor outside the test's session does so
# should the test itself be killed outright.  A secret of its own in any of its
# logs spoils the test.
#
# Set by stack_up: base and world (the two origins), ca, db (a connection
# string), var (the state directory).  tap.sh comes first.
# shellcheck shell=sh disable=SC2154,SC2034,SC2016

stack=

stack_up()
{
	stack=$(mktemp -d /tmp/mina-stack.XXXXXX)
	# Under root the programs are somebody else, who must get in.
	chmod 755 "$stack"
	MINA_VAR=$stack/var
	export MINA_VAR
	at_end stack_down
	stack_janitor
	# "./mina check" has installed already.
	if [ -z "${MINA_INST:-}" ]; then
		make -s -C "$builddir" install prefix="$stack/inst" >"$stack/log" 2>&1 ||
		    stack_bail 'make install failed'
		MINA_INST=$stack/inst
		export MINA_INST
	fi
	mkdir -p "$stack/var/etc"
	# Later lines win: a test of limits says MINA_LIMIT_LOCAL=yes.
	for stack_line in MINA_LIMIT_LOCAL=no "$@"; do
		printf '%s\n' "$stack_line"
	done >"$stack/var/etc/local.env"
	"$top/mina" up --port 0 >"$stack/log" 2>&1 </dev/null ||
	    stack_bail 'mina up failed'
	# A state directory that would not do is a link to one that does.
	var=$(cd "$stack/var" && pwd -P)
	base=$(stack_conf MINA_PUBLIC_URL)
	world=$(stack_conf MINA_SANDBOX_URL)
	ca=$var/tls/ca.pem
	db=$(stack_conf MINA_DB_URL)
	export var base world ca db
}

stack_bail()
{
	diag "$(cat "$stack/log")"
	diag "$(tail -n 5 "$stack"/var/log/*.log 2>/dev/null)"
	bail "$1"
}

stack_down()
{
	[ -n "$stack" ] || return 0
	"$top/mina" down >/dev/null 2>&1 </dev/null ||
	    diag "mina down failed in $stack"
	stack_found=$(stack_leaks)
	[ -z "$stack_found" ] || spoil "there is $(printf '%s\n' "$stack_found" | paste -sd ,)"
	# It watches over no more than this.
	kill "$stack_guard" 2>/dev/null
	stack_remove
	stack=
}

# stack_leaks [VALUE ...]: "NAME in LOG" for each setting that is a secret, each
# of these, each access token and each presigned signature that a log has.
stack_leaks()
{
	cat "$stack/var/etc/secrets.env" "$stack/var/etc/mina.env" 2>/dev/null |
	    sed -nE 's/^(MINA_[A-Z0-9_]*(KEY|SECRET|SECRET_OLD|TOKEN|_ID))=(.{8,})$/\1 \3/p' |
	    sort -u >"$tmp/.secrets"
	for stack_value; do
		printf 'value %s\n' "$stack_value"
	done >>"$tmp/.secrets"
	cut -d ' ' -f 2- "$tmp/.secrets" >"$tmp/.values"
	for stack_log in "$stack"/var/log/*; do
		[ -s "$stack_log" ] || continue
		stack_name=$(basename "$stack_log")
		# All at once; which one it was is asked when there is one.
		[ ! -s "$tmp/.values" ] ||
		    ! grep -qF -f "$tmp/.values" "$stack_log" ||
		    while read -r stack_key stack_value; do
			grep -qF -e "$stack_value" "$stack_log" || continue
			[ "$stack_key" != value ] || stack_key=$stack_value
			echo "$stack_key in $stack_name"
		done <"$tmp/.secrets"
		grep -qE 'eyJ[A-Za-z0-9_-]{10}' "$stack_log" &&
		    echo "an access token in $stack_name"
		grep -qiE 'X-Amz-Signature=[0-9a-f]' "$stack_log" &&
		    echo "a signature in $stack_name"
	done
}

stack_remove()
{
	[ ! -L "$stack/var" ] || rm -rf "$(readlink "$stack/var")"
	rm -rf "$stack"
}

# The test is told from a later process of the same number by when it started.
stack_janitor()
{
	stack_born=$(sed 's/.*) //' /proc/$$/stat | cut -d ' ' -f 20)
	setsid sh -c '
		while [ "$(sed "s/.*) //" /proc/$1/stat 2>/dev/null |
		    cut -d " " -f 20)" = "$2" ]; do
			sleep 1
		done
		MINA_VAR=$3/var "$4/mina" down
		[ ! -L "$3/var" ] || rm -rf "$(readlink "$3/var")"
		rm -rf "$3" "$5"
	' janitor $$ "$stack_born" "$stack" "$top" "$tmp" \
	    </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	stack_guard=$!
}

stack_conf() { sed -n "s/^$1=//p" "$stack/var/etc/mina.env"; }
stack_pid()  { cut -d ' ' -f 1 "$stack/var/run/$1.child"; }
stack_sql()  { psql -XAtq -v ON_ERROR_STOP=1 "$db" "$@"; }

# api METHOD PATH [CURL ARGUMENT ...]: sets status; $tmp/body and $tmp/head.
api()
{
	stack_method=$1
	stack_path=$2
	shift 2
	rm -f "$tmp/body" "$tmp/head"
	status=$(curl -sS --cacert "$ca" -X "$stack_method" --max-time 320 \
	    -o "$tmp/body" -D "$tmp/head" -w '%{http_code}' "$@" \
	    "$base$stack_path" 2>"$tmp/curl") || :
}
