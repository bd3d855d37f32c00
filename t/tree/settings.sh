#!/bin/sh
# Every setting is used, and is in the manual and in the example; nothing else is
# read from the environment.  t/tree/man.sh looks for names in the manual that do
# not exist.
. "$(dirname "$0")/../tap.sh"

cd "$top" || exit 99
man=man/mina.conf.5
example=etc/mina.env.example

known=$(sed -n 's/^CONF([A-Z0-9_]*, "\(MINA_[A-Z0-9_]*\)".*/\1/p' lib/base/conf.def)
[ -n "$known" ] || exit 99
shown=0
[ ! -f "$example" ] || shown=1
plan "$(($(printf '%s\n' "$known" | wc -l) + 3 + shown))"

for s in $known; do
	ok "$s has its entry" grep -qE "^\\.It Ev $s( |\$)" "$man"
done

# missing FROM IN: lines of the first that are not in the second.
missing()
{
	printf '%s\n' "$1" | sort -u >"$tmp/a"
	printf '%s\n' "$2" | sort -u >"$tmp/b"
	comm -23 "$tmp/a" "$tmp/b"
}

if [ "$shown" = 1 ]; then
	is "$(missing "$known" "$(grep -oE 'MINA_[A-Z0-9_]+' "$example")")" \
	    '' 'the example shows every setting'
fi

# Where there is a default, the manual has the same.
defaults=$(sed -n 's/^CONF([^,]*, "\(MINA_[^"]*\)", "\(..*\)",$/\1 \2/p' \
    lib/base/conf.def | sort)
is "$(sed -n 's/^\.It Ev \(MINA_[^ ]*\) Pq default \(.*\)$/\1 \2/p' "$man" |
    sort)" "$defaults" 'the manual tells the defaults'

# MINA_CONF names the file that the others are in.
is "$(missing "$(find lib cgi-bin worker sandbox -name '*.[ch]' \
    -exec grep -ohE 'getenv\("MINA_[A-Z0-9_]*"\)' {} + | cut -d '"' -f 2)" \
    "$known
MINA_CONF")" '' 'no program reads anything else'

is "$(sed -n 's/^CONF(\([A-Z0-9_]*\), "\(MINA_[A-Z0-9_]*\)".*/\1 \2/p' \
    lib/base/conf.def | while read -r id name; do
	grep -rqw --include='*.c' "$id" lib cgi-bin worker sandbox ||
	    grep -qw "$name" mina etc/*.sh 2>/dev/null || echo "$name"
    done)" '' 'every setting sets something'
