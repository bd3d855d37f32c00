#!/bin/sh
# HACKING rule 6: formatting, banned calls, guards, sizes.
# shellcheck disable=SC2016 # $ belongs to awk and grep here
. "$(dirname "$0")/../tap.sh"
plan 12

cd "$top" || exit 99
find lib cgi-bin worker sandbox t/unit t/fuzz t/money -name '*.[ch]' | sort >"$tmp/files"
[ -s "$tmp/files" ] || exit 99

# over_all AWK-PROGRAM: runs it over all sources; what it prints is a fault.
over_all()
{
	xargs awk "$1" <"$tmp/files"
}

none()	# none WHAT FAULTS
{
	is "$2" '' "$1"
}

# Without comments, and with strings emptied: strings are no calls.  Lines
# stay where they were.
mkdir "$tmp/bare"
while read -r f; do
	mkdir -p "$tmp/bare/${f%/*}"
	awk '{
		out = ""
		n = length($0)
		for (i = 1; i <= n; i++) {
			c = substr($0, i, 1)
			if (comment) {
				if (c == "*" && substr($0, i + 1, 1) == "/") {
					comment = 0
					i++
				}
			} else if (quote != "") {
				if (c == "\\")
					i++
				else if (c == quote) {
					quote = ""
					out = out c
				}
			} else if (c == "/" && substr($0, i + 1, 1) == "*") {
				comment = 1
				i++
			} else {
				if (c == "\"" || c == "\047")
					quote = c
				out = out c
			}
		}
		quote = ""
		print out
	}' "$f" >"$tmp/bare/$f"
done <"$tmp/files"

none 'no line is over 80 columns' "$(over_all '{
	line = $0
	col = 0
	while ((i = index(line, "\t")) > 0) {
		col += i - 1
		col += 8 - col % 8
		line = substr(line, i + 1)
	}
	# Bytes that only continue a character take no column.
	gsub(/[\200-\277]/, "", line)
	if (col + length(line) > 80)
		print FILENAME ":" FNR
}')"

none 'no blanks at ends of lines' "$(over_all '/[ \t\r]$/ {
	print FILENAME ":" FNR
}')"

# Blanks may follow the tabs of an indentation to align, but less than a tab.
none 'tabs indent' "$(over_all '/^\t* +\t/ || /^\t*        / ||
(/^ / && !/^ \*/ && !/^    [^ ]/) {
	print FILENAME ":" FNR ": " $0
}')"

banned='strcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|gets|atoi|atol'
banned="$banned|atof|localtime|gmtime|ctime|asctime|rand|srand|random|srandom"
banned="$banned|mktemp|tmpnam|alloca|system"
# The unit tests restart a cluster with system().
faults=$(cd "$tmp/bare" && xargs grep -nE "(^|[^A-Za-z0-9_])($banned) *\\(" \
    <"$tmp/files" | grep -Ev '^t/unit/[^:]*:[0-9]+:.*[^a-z]system\(')
none 'no banned calls' "$faults"

faults=$(cd "$tmp/bare" && xargs grep -nE '(^|[^A-Za-z0-9_])PQ(exec|prepare|getlength)[A-Za-z]* *\(' \
    <"$tmp/files" | grep -v '^lib/pg')
none 'nobody goes past pg' "$faults"

faults=$(cd "$tmp/bare" && xargs grep -nE '//' <"$tmp/files")
none 'comments are /* */' "$faults"

none 'headers open with a comment and are guarded' "$(grep '\.h$' "$tmp/files" |
while read -r h; do
	awk '
	NR == 1 && $0 !~ /^\/\*/ { print FILENAME ": no comment first"; exit }
	!guard && /^#ifndef / { guard = $2; line = NR }
	guard && NR == line + 1 && ($1 != "#define" || $2 != guard) { guard = "" }
	END {
		if (guard !~ /^(MINA|SANDBOX)_([A-Z0-9_]*_)?H$/)
			print FILENAME ": guard \"" guard "\""
	}' "$h"
done)"

none 'guards differ from header to header' "$(grep '\.h$' "$tmp/files" |
    xargs grep -hE '^#ifndef (MINA|SANDBOX)_.*H$' | sort | uniq -d)"

none 'no file is over 900 lines' "$(while read -r f; do
	n=$(wc -l <"$f")
	[ "$n" -le 900 ] || echo "$f: $n"
done <"$tmp/files")"

faults=$(cd "$tmp/bare" && xargs grep -nE '(^|[^A-Za-z0-9_])goto ' \
    <"$tmp/files" | grep -Ev 'goto out;')
none 'goto goes out and nowhere else' "$faults"

faults=$(cd "$tmp/bare" && xargs grep -nE '^[ 	]*typedef +(struct|union|enum)[^(]*$' \
    <"$tmp/files")
none 'structs are called structs' "$faults"

# In config.h all sources agree about feature macros and banned calls.
none 'config.h comes first' "$(grep '\.c$' "$tmp/files" | while read -r f; do
	first=$(grep -m 1 '^#include' "$f")
	[ "$first" = '#include "config.h"' ] || echo "$f: $first"
done)"

todo=$(xargs grep -nE '(^|[^A-Za-z])(XXX|NEEDSWORK)([^A-Za-z]|$)' \
    <"$tmp/files") || :
[ -z "$todo" ] || diag "$todo"
