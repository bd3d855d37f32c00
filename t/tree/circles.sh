#!/bin/sh
# No two files of lib/ need each other, neither by the functions they call nor
# by the headers they include: each file can be read, tested and replaced with
# what stands below it.
# shellcheck disable=SC2016 # $ belongs to awk here
. "$(dirname "$0")/../tap.sh"
plan 5

# loops: reads pairs "USER USED", prints the members of each circle.
loops()
{
	LC_ALL=C tsort 2>&1 >/dev/null |
	    sed 's/^tsort: //; s/^.*contains a loop:$/circle:/' | paste -sd ' ' -
}

is "$(printf '%s\n' 'a b' 'b c' 'c a' 'c d' | loops | sed 's/.*: //' |
    tr ' ' '\n' | sort | paste -sd ' ' -)" 'a b c' 'a circle is found'

# From "nm ARCHIVE": which object uses a symbol that another defines.
used='
/:$/ { file = $0; sub(/:$/, "", file); sub(/^libmina_a-/, "", file); next }
NF > 1 && $(NF - 1) ~ /^[ABCDGRSTVWi]$/ { owner[$NF] = file }
NF > 1 && $(NF - 1) == "U" { n++; user[n] = file; symbol[n] = $NF }
END {
	for (i = 1; i <= n; i++)
		if (symbol[i] in owner && owner[symbol[i]] != user[i])
			print user[i], owner[symbol[i]]
}'

lib=$builddir/lib/libmina.a
nm "$lib" | awk "$used" | sort -u >"$tmp/calls"
ok 'the library says who calls whom' test "$(wc -l <"$tmp/calls")" -gt 300
is "$(ar t "$lib" | sort | uniq -d)" '' 'objects have names of their own'
is "$(loops <"$tmp/calls")" '' 'no circle of files that call each other'

cd "$top/lib" || exit 99
find . -name '*.h' | sed 's,^\./,,' | while read -r h; do
	sed -n 's,^[ 	]*#[ 	]*include[ 	]*"\([^"]*\)".*,\1,p' "$h" |
	    sed "s,^,$h ,"
done >"$tmp/includes"
is "$(loops <"$tmp/includes")" '' 'no circle of headers that include each other'
