#!/bin/sh
# ./mina for an ordinary user of Debian: a PATH without /usr/sbin, called through
# a symbolic link, a checkout that belongs to another user, and an environment
# that changes what cd, grep, make, curl and psql do.
#
# The user is the caller, or the user "nobody" where the caller is root.
# shellcheck disable=SC2016,SC2154 # $ belongs to sh -c; tap.sh and lib-stack.sh set them
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-stack.sh"
plan 34

who=$(id -un)
[ "$(id -u)" -ne 0 ] || who=nobody
stack=$(mktemp -d /tmp/mina-stack.XXXXXX)
chmod 755 "$stack" "$tmp"
home=$stack/home
co=$stack/checkout
mkdir -p "$home/bin" "$co/sandbox"
# What lib-stack.sh takes down is where the state will be.
ln -s "$home/.local/state/mina" "$stack/var"
MINA_VAR=$stack/var
export MINA_VAR
at_end stack_down
stack_janitor

inst=${MINA_INST:-$stack/inst}
if [ -z "${MINA_INST:-}" ]; then
	make -s -C "$builddir" install prefix="$inst" >"$stack/log" 2>&1 ||
	    stack_bail 'make install failed'
fi
# What ./mina needs of a checkout when there is nothing to compile.
cp -R "$top/mina" "$top/etc" "$top/.ci" "$co"
cp -R "$top/sandbox/props" "$co/sandbox"
ln -s "$co/mina" "$home/bin/mina"
chmod -R a-w "$co"
[ "$(id -u)" -ne 0 ] || chown -R "$who" "$home"
at_end 'chmod -R u+w "$co"'
echo 'echo read by a shell; exit 7' >"$stack/env"

plain_path=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games

as_who()
{
	if [ "$(id -u)" -eq 0 ]; then
		runuser -u "$who" -- "$@"
	else
		"$@"
	fi
}
if ! (cd / && as_who test -x "$inst/libexec/mina/health"); then
	cp -R "$inst" "$stack/inst"
	inst=$stack/inst
fi

# ordinary SCRIPT [ARGUMENT ...]: by sh in the home directory.
ordinary()
{
	(cd / && as_who env -i PATH="$plain_path" HOME="$home" \
	    ${inst:+"MINA_INST=$inst"} CDPATH="/:/usr:$stack" IFS=/ \
	    LC_ALL=de_DE.ISO-8859-1 TMPDIR=/nonexistent POSIXLY_CORRECT=1 \
	    GREP_OPTIONS=-v ENV="$stack/env" BASH_ENV="$stack/env" MAKEFLAGS=n \
	    DESTDIR=/nonexistent PGHOST=/nonexistent PGPORT=1 PGOPTIONS=-x \
	    https_proxy=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9 \
	    sh -c 'umask 077; cd "$HOME" >/dev/null && unset HOME && HOME=$PWD &&
		export HOME && eval "$1"' sh "$@" </dev/null)
}

# mina ARGUMENT ...: sets rc, out and err.
mina()
{
	rc=0
	ordinary "bin/mina $*" >"$tmp/said" 2>"$tmp/err" || rc=$?
	out=$(cat "$tmp/said")
	err=$(cat "$tmp/err")
}

# --- before anything is there
mina --help
is "$rc $err" '0 ' '--help by a relative link'
mina status
is "$rc $out" '3 nothing has been set up yet: ./mina up' 'status'
is "$(ordinary 'PATH=$PATH:$HOME/bin; mina status' 2>&1)" \
    'nothing has been set up yet: ./mina up' 'status by a link found along PATH'
is "$(ordinary 'cd ./bin && sh mina status' 2>&1)" \
    'nothing has been set up yet: ./mina up' 'status by sh and a name alone'
mina down
is "$rc $out" '0 nothing is running' 'down'
mina psql
is "$rc $err" '1 mina: nothing has been set up yet: ./mina up' 'psql'
is "$(ordinary 'unset HOME; bin/mina status' 2>&1)" \
    "mina: $co cannot be written to and HOME is not set: set MINA_VAR" \
    'without a home directory it says what to set'
is "$(ordinary 'MINA_VAR=$HOME/elsewhere; export MINA_VAR; unset HOME
    bin/mina status' 2>&1)" \
    'nothing has been set up yet: ./mina up' 'and works when that is set'

# --- a whole Mina
mina up --port 0
[ "$rc" -eq 0 ] || cp "$tmp/err" "$stack/log"
[ "$rc" -eq 0 ] || stack_bail 'mina up failed'
like "$out" '^Mina is up: https://localhost:[0-9]+$' 'up'
is "$err" 'mina: making the database cluster' 'complains of nothing'
var=$(cd "$stack/var" && pwd -P)
base=$(stack_conf MINA_PUBLIC_URL)
ca=$var/tls/ca.pem
db=$(stack_conf MINA_DB_URL)
is "$var" "$home/.local/state/mina" 'its state is in the home directory'
is "$(stat -c %U "$var" "$var/pg" "$var/log/nginx.log" | sort -u)" "$who" \
    'and all of it the user'\''s'
is "$(find "$var/etc" -name '*.env' -perm /077)" '' \
    'the files of secrets are for the user alone'
api GET /ready
is "$status" 200 'a request is answered'
like "$(ordinary "curl -sS --noproxy '*' --cacert '$ca' '$base/me'" 2>&1)" \
    '"passId":"pass:anon:' 'the user'\''s own, too'
mina status
is "$rc" 0 'status: all running'
is "$(printf '%s\n' "$out" | grep -vc ' running ')" 0 'each part of it'
mina token a@b.co
like "$rc $out" '^0 eyJ[A-Za-z0-9_-]+\.[^.]+\.[^.]+$' 'token'
mina buy MINA-50 x1 a@b.co
like "$rc $(echo "$out" | tr '\n' ' ')" '^0 .*Mina: credited, 50 matcha' 'buy'
mina psql -XAtc "'select 6 * 7'"
is "$rc $out" '0 42' 'psql'
mina logs -n 1 nginx
is "$rc $err" '0 ' 'logs'
mina upgrade
is "$rc $out" '0 the schema is up to date' 'upgrade'
ln -s "$inst/share/mina/sql/apply.sh" "$stack/apply"
ok 'apply.sh by a link' ordinary "unset PGHOST PGPORT PGOPTIONS
    cd .. && ./apply -v '$db'"

# --- the demo, on what runs
mina demo
is "$rc" 0 'demo' || diag "$out"
like "$out" 'Every check held: [1-9][0-9]* of [1-9]' 'every check of it holds'
is "$err" '' 'and it complains of nothing'

# --- and the end
mina down
is "$rc $out" '0 stopped' 'down'
mina status
is "$rc" 3 'nothing runs'
is "$(find "$co" -newer "$home/bin/mina" -o -perm /222 ! -type l)" '' \
    'nothing was written into the checkout'

# --- a build: these stand for configure and make
mkdir "$stack/stub"
cp -R "$co/." "$stack/stub"
chmod u+w "$stack/stub"
cat >"$stack/stub/configure" <<'X'
#!/bin/sh
printf '%s|' "$0" "$@" "${LC_ALL:-}" "${CDPATH:-}" "${TMPDIR:-}" >configured
printf 'all clean:\n\t@:\ninstall:\n\t@echo "made$(DESTDIR)" >installed\n' >Makefile
X
chmod 755 "$stack/stub/configure"
chmod u-w "$stack/stub"
at_end 'chmod -R u+w "$stack/stub"'
inst=
ordinary "MINA_VAR=\$HOME/built; export MINA_VAR; $stack/stub/mina up --port 0" \
    >"$tmp/said" 2>&1
b=$home/built/build
is "$(cat "$b/configured")" \
    "$home/built/src/configure|--prefix=$home/built/inst|--enable-sandbox|C.UTF-8|||" \
    'what cannot be written to is built from a copy' || diag "$(cat "$tmp/said")"
is "$(cat "$b/installed")" made 'and make is no dry run, and installs'

# --- the tests and the benchmarks, too
mkdir -p "$stack/tree/t/x"
cp "$top/t/tap.sh" "$stack/tree/t"
: >"$stack/tree/mina"
cat >"$stack/tree/t/x/y.sh" <<'X'
. "$(dirname "$0")/../tap.sh"
plan 2
is "$top $LC_ALL $(umask) ${PGHOST:-}${https_proxy:-}${MINA_AUTH:-}${TMPDIR:-}" \
    "$1 C.UTF-8 0022 " 'as always'
is "$HOME$(command -v nginx)" "$tmp$2" 'too'
X
like "$(ordinary "MINA_AUTH=none; export MINA_AUTH; cd ../tree
    cd t/x; sh ./y.sh '$stack/tree' '$(command -v nginx)'" 2>&1 | grep -c '^ok')" \
    2 'tap.sh finds itself, and cleans up'
is "$(ordinary "cd ../tree/t/x; sh ./y.sh '$stack' x" 2>&1 | grep -c '^not ok')" \
    2 'and says when it is not so'
is "$(cd "$top" && grep -rnE 'cd [^;]*dirname[^;]*\$0' mina .ci etc bench sql)" \
    '' 'no script takes the place it is called at for the place where it is'
