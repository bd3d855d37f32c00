#!/bin/sh
# Each row of lib/io/wait.def is used, has a name of its own, and is in the
# table of mina(7).
. "$(dirname "$0")/../tap.sh"
plan 4

cd "$top" || exit 99

# NAME|TEXT|WHAT, one row a line.
awk '/^WAIT\(/ { row = $0; getline; print row $0 }' lib/io/wait.def |
    sed -n 's/^WAIT(\(W_[A-Z_]*\), "\([^"]*\)", *"\([^"]*\)")$/\1|\2|\3/p' \
    >"$tmp/rows"
is "$(wc -l <"$tmp/rows")" "$(grep -c '^WAIT(' lib/io/wait.def)" \
    'every row can be read'

is "$( (cut -d '|' -f 1 "$tmp/rows"; cut -d '|' -f 2 "$tmp/rows") | sort |
    uniq -d)" '' 'no name stands twice'

is "$(cut -d '|' -f 1 "$tmp/rows" | while read -r name; do
	grep -rqw --include='*.c' "$name" lib cgi-bin worker sandbox || echo "$name"
    done)" '' 'every row is waited for'

is "$(awk '/^\.Sh / { on = $2 == "WAITS" } on' man/mina.7 |
    sed -n 's/^\.It \(.*\) Ta "\(.*\)"$/\1|\2/p' | grep -v '^Sy Wait')" \
    "$(cut -d '|' -f 2- "$tmp/rows")" 'mina(7) has the waits of lib/io/wait.def'
