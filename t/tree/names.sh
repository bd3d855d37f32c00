#!/bin/sh
# HACKING rule 7: a file is found by its name, says in its first line what it
# is, and is where the documents say.
. "$(dirname "$0")/../tap.sh"
plan 5

cd "$top" || exit 99
find lib cgi-bin worker sandbox t bench etc dev sql nginx -type f \
    ! -path 't/data/*' ! -name README.md ! -name '*.o' \
    ! -path '*/__pycache__/*' | sort >"$tmp/files"

is "$(sed 's,.*/,,' "$tmp/files" | sort | uniq -d)" '' 'no file name stands twice'

# A comment that begins with "name - title" (or "name.h -", "folder/name -").
untitled()
{
	grep -E '^(lib|cgi-bin|worker|sandbox|t/unit|t/fuzz|t/tools|t/money)/.*\.[ch]$' \
	    "$tmp/files" | while read -r f; do
		stem=$(basename "$f" | sed 's/\.[ch]$//')
		head -n 2 "$f" | grep -Eq "^(/\*| \*) ([a-z0-9]+/)?$stem(\.[ch])? - [^ ]" || echo "$f"
	done
}
is "$(untitled)" '' 'each source opens with its name and a title'

is "$(sed -n '/\.[ch]$/p' "$tmp/files" | xargs awk '
	FNR == 2 && / - see [a-z_]*\.h/ { print FILENAME }')" '' \
    'no title only points to a header'

# A name with a folder, of a file in the tree, as documents and comments write
# it; {a,b} and globs are left out.
grep -v '^t/data' "$tmp/files" | sed 's,/.*,,' | sort -u >"$tmp/folders"
named()
{
	grep -noE '(^|[^A-Za-z0-9_./$-])(lib|cgi-bin|worker|sandbox|sql|nginx|bench|etc|dev|docs|man|t)/[a-z0-9_/.-]*[a-z0-9]\.(c|h|def|sh|sql|md|am|py|tab|conf|in|[1-8])($|[^A-Za-z0-9_])' \
	    "$@" /dev/null |
	    sed -E 's/^([^:]*:[0-9]*):[^A-Za-z]*/\1 /; s/[^A-Za-z0-9_]$//' |
	    while read -r at name; do
		[ -e "$name" ] || echo "$at names $name"
	done
}
is "$(named README.md HACKING CONTRIBUTING.md SECURITY.md docs/*.md \
    lib/*/*.md ./*/README.md man/*)" '' 'documents name files that are there'
# shellcheck disable=SC2046 # file names without blanks
is "$(named $(grep -E '\.([ch]|sh|sql|am|def)$' "$tmp/files") Makefile.am |
    grep -v '^t/tree/')" '' 'so do comments'
