#!/bin/sh
# make compile_commands.json lists each source, with a command that compiles it.
. "$(dirname "$0")/../tap.sh"
plan 3

# Outside of a make that may be running.
unset MAKEFLAGS MFLAGS MAKELEVEL
db=$builddir/compile_commands.json
rm -f "$db"
ok 'it is made' make -s -C "$builddir" compile_commands.json
(cd "$top" && find lib cgi-bin worker -name '*.c' | sort) >"$tmp/sources"
jq -r '.[].file' "$db" | sed -n 's,.*/\(lib/\|cgi-bin/\|worker/\),\1,p' |
    sort -u >"$tmp/listed"
is "$(comm -23 "$tmp/sources" "$tmp/listed")" '' \
    "it has each of $(wc -l <"$tmp/sources") sources"
command=$(jq -r '[.[] | select(.file | endswith("lib/base/url.c"))][0].command' "$db")
ok 'its commands work from where they say' \
    sh -c "cd '$(jq -r '.[0].directory' "$db")' && $command -fsyntax-only"
