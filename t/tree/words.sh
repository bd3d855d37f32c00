#!/bin/sh
# HACKING rule 7: words that a stranger would stumble over, with better ones, are
# listed in t/tree/words.tab; documents, manual, titles, comments and log lines do
# not use them.
# shellcheck disable=SC2016 # $ belongs to awk here
. "$(dirname "$0")/../tap.sh"
plan 3

cd "$top" || exit 99

# FILE:LINE: TEXT.  Of sources only comments and the first line of log calls:
# what customers read may have its charm, and identifiers are names.
comments()
{
	awk '
	FNR == 1 { inside = 0 }
	{
		line = $0
		at = index(line, "/*")
		if (inside || at) {
			if (!inside)
				line = substr(line, at)
			inside = index(line, "*/") == 0
			print FILENAME ":" FNR ": " line
		} else if (line ~ /(log_(debug|info|warn|err)|err_set)\(/)
			print FILENAME ":" FNR ": " line
	}' "$@"
}
{
	# shellcheck disable=SC2046 # file names without blanks
	comments $(find lib worker cgi-bin sandbox -name '*.[ch]' | sort)
	grep -n '' man/* docs/*.md ./*.md lib/*/*.md ./*/README.md HACKING \
	    ChangeLog etc/mina.env.example nginx/* | sed 's,^\./,,; s/:/: /2'
	grep -n -- '--' sql/*/*.sql | sed 's/:/: /2'
	find t bench etc mina -name '*.sh' -o -name mina | sort | xargs awk '
		FNR == 2, /^[^#]/ { if (/^#/) print FILENAME ":" FNR ": " $0 }'
} >"$tmp/text"
ok 'there is text to read' test "$(wc -l <"$tmp/text")" -gt 10000

faults=$(while IFS='	' read -r regex better exempt; do
	case $regex in '' | \#*) continue ;; esac
	grep -Eiw -- "$regex" "$tmp/text" >"$tmp/hits" || continue
	for pattern in $exempt; do
		while read -r hit; do
			# shellcheck disable=SC2254 # a pattern is what it is
			case ${hit%%:*} in $pattern) ;; *) echo "$hit" ;; esac
		done <"$tmp/hits" >"$tmp/left"
		mv "$tmp/left" "$tmp/hits"
	done
	sed "s|\$| [say: $better]|" "$tmp/hits"
done <t/tree/words.tab)
is "$faults" '' 'no word is in the list of those we do not use'

printf 'x.c:1: somebody waits\n' >"$tmp/text"
like "$(grep -Eiwf - "$tmp/text" <<EOF
$(cut -f 1 t/tree/words.tab | grep '^somebody')
EOF
)" somebody 'the list would find one'
