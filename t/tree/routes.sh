#!/bin/sh
# HACKING rule 10: a program's routes are the same in its own table (--routes),
# in the ROUTES of its page and in nginx/routes.conf.
. "$(dirname "$0")/../tap.sh"

conf=$top/nginx/routes.conf
progs=$(cd "$top/cgi-bin" && for f in *.c; do echo "${f%.c}"; done)
# shellcheck disable=SC2086 # a list of names
set -- $progs
plan $(($# * 6 + 4))

# "GET /me ident", one a line, from ".It Ic GET Pa /me Pq ident".
documented()
{
	awk '
		/^\.Sh / { on = $2 == "ROUTES" }
		on && $1 == ".It" && $2 == "Ic" && $4 == "Pa" {
			line = $3 " " $5
			for (i = 7; i <= NF; i++)
				line = line " " $i
			print line
		}' "$1"
}

# Every location as "PROGRAM KIND PATH": KIND is = or a dash for a folder.
# The shape is fixed so that nothing can hide: one location a line.
locations()
{
	awk '
		{ sub(/#.*/, "") }
		$1 == "location" {
			exact = $2 == "=" ? "=" : "-"
			path = $2 == "=" ? $3 : $2
			prog = "(files)"
			if (match($0, /fastcgi_pass[ \t]+[^;]*/)) {
				prog = substr($0, RSTART, RLENGTH)
				sub(/fastcgi_pass[ \t]+/, "", prog)
			}
			print prog, exact, path
		}' "$conf"
}

locations >"$tmp/locations"

# The program nginx passes a path to: an exact location, else the longest.
passed()
{
	awk -v path="$1" '
		$2 == "=" && $3 == path { exact = $1 }
		$2 == "-" && index(path, $3) == 1 && length($3) > longest {
			longest = length($3)
			prefix = $1
		}
		END { print exact != "" ? exact : prefix }' "$tmp/locations"
}

# Each location that passes to some program must take a path of its table.
used()
{
	while read -r prog kind path; do
		[ "$prog" != '(files)' ] || continue
		hit=
		while read -r owner route; do
			[ "$owner" = "$prog" ] || continue
			case $kind in
			=)	[ "$route" != "$path" ] || hit=1 ;;
			*)	case $route in "$path"*) hit=1 ;; esac ;;
			esac
		done <"$tmp/all"
		[ "$hit" ] || echo "location $path passes to $prog," \
		    "which has nothing there"
	done <"$tmp/locations"
}

# Those whose path, as far as it is fixed, is in no test of t/route or t/stack.
untested()
{
	while read -r method path who; do
		grep -q -F -e "${path%%\{*}" "$top"/t/route/*.sh "$top"/t/stack/*.sh ||
		    echo "$method $path${who:+ $who}"
	done <"$1"
}

: >"$tmp/all"
for p; do
	# shellcheck disable=SC2016 # they expand in there
	if ! ok "$p says what it serves" sh -c '"$1" --routes >"$2" && test -s "$2"' \
	    sh "$builddir/cgi-bin/$p" "$tmp/table"; then
		for other in page nginx tests; do
			tap_line 'not ok' "no table of $p for $other"
		done
	else
		is "$(documented "$top/man/$p.8" 2>&1 | sort)" \
		    "$(sort "$tmp/table")" "man/$p.8 has the same routes"
		lost=
		while read -r method path who; do
			# Any value will do where the path takes one.
			path=$(printf '%s\n' "$path" | sed 's/{[^}]*}/x/g')
			echo "$p $path" >>"$tmp/all"
			to=$(passed "$path")
			[ "$to" = "$p" ] ||
			    lost="$lost $method $path${who:+ $who} goes to ${to:-nobody};"
		done <"$tmp/table"
		is "$lost" '' "nginx passes all of it to $p"
		is "$(untested "$tmp/table")" '' "tests ask $p for all of it"
	fi
	is "$(grep -c -x -F -e "cgibin_PROGRAMS += cgi-bin/$p" \
	    -e "dist_man_MANS += man/$p.8" "$top/cgi-bin/cgi-bin.am")" 2 \
	    "$p and its page are installed"
	ok "ChangeLog names $p(8)" grep -q -w -F "$p(8)" "$top/ChangeLog"
done

is "$(used)" '' 'every location is about a route that there is'
is "$(sort -u "$tmp/all" | cut -d ' ' -f 2 | sort | uniq -d)" '' \
    'no path is served by two programs'
is "$(cut -d ' ' -f 2- "$tmp/locations" | sort | uniq -d)" '' \
    'no location is there twice, which nginx would not have'
missing=
while read -r p; do
	[ -f "$top/cgi-bin/$p.c" ] || missing="$missing $p"
done <<X
$(sed -n 's/^cgibin_PROGRAMS += cgi-bin\///p' "$top/cgi-bin/cgi-bin.am")
X
is "$missing" '' 'every program that is built has its source'
