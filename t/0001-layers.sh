#!/bin/sh
# Nothing in lib/ includes what lies above it, and each foreign library is
# known to its owner only.
# shellcheck disable=SC2016 # $ belongs to awk here
. "$(dirname "$0")/tap.sh"
plan 4

# A new file in lib/ gets its place here.
cat >"$tmp/layers" <<'EOF'
0 arena banned buf co conf cx err guard hash json jsonin jsonraw kind log str url when
1 cgi fcgi film http jwt loop peer pg pgconn pglisten pgrow pic req resp
1 s3 s3sign sse
2 admin asset audit chore event fetch gen genevents genplace genview genwait history
2 asset audit callback event gen genevents genplace genview genwait history historyexport
2 ident lease ledger lines once order orderfilm outbox page pref ref registry
2 session settings signer suggest token trace
2 asset audit chore event fetch gen genevents genplace genview genwait history
2 historyexport ident lease ledger lines once order orderfilm outbox page pref
2 ref registry session settings shop shopapi shopshape shopsweep signer suggest
2 token trace
3 mma
4 app mina
EOF

# header prefix, then the files that may include it
cat >"$tmp/owners" <<'EOF'
uv.h lib/loop.c
libpq-fe.h lib/pgconn.c lib/pglisten.c lib/pgrow.c
curl/ lib/http.c
fcgi lib/fcgi.c
cjson/ lib/jsonin.c
vips/ lib/pic.c
openssl/ lib/hash.c
jose/ lib/jwt.c
jansson.h lib/jwt.c
EOF

# FILE KIND HEADER, one line for each #include; KIND is q for "quoted".
includes()
{
	for f; do
		[ -f "$f" ] || continue
		sed -n 's,^[ 	]*#[ 	]*include[ 	]*\([<"]\)\([^>"]*\).*,\1 \2,p' \
		    "$f" | sed "s,^\",q,;s,^<,s,;s,^,$f ,"
	done
}

cd "$top" || exit 99
includes lib/*.[ch] lib/mma/*.[ch] cgi-bin/*.c worker/*.c sandbox/*.[ch] \
    >"$tmp/includes"

clean()	# clean WHAT FILE-OF-FAULTS
{
	is "$(cat "$2")" '' "$1"
}

# Where a path belongs; -1 when it has no place.
place='
FNR == NR { for (i = 2; i <= NF; i++) layer[$i] = $1; next }
function base(f) {
	sub(/^.*\//, "", f)
	sub(/\.(c|h|def)$/, "", f)
	return f
}
function exists(f, line, there) {
	there = (getline line <f) >= 0
	close(f)
	return there
}
function place(f) {
	if (f ~ /(^|\/)mma\//)
		return layer["mma"]
	return base(f) in layer ? layer[base(f)] : -1
}'

for f in lib/*.[ch]; do
	echo "$f"
done | awk "$place"' place($1) < 0 { print $1 }' "$tmp/layers" - >"$tmp/lost"
clean 'every file in lib/ has a layer' "$tmp/lost"

# From within mma/, "x.h" is its own if it has one, and otherwise, as "../x.h",
# the library's.
awk "$place"'
$2 != "q" || $3 == "config.h" || $1 !~ /^lib\// { next }
{
	target = $3
	if ($1 ~ /^lib\/mma\//)
		target = $3 ~ /^\.\.\// ? substr($3, 4) : \
		    exists("lib/mma/" $3) ? "mma/" $3 : $3
	from = place($1)
	to = place(target)
	if (from < 4 && (to < 0 || to > from))
		print $1 " includes " $3
}' "$tmp/layers" "$tmp/includes" >"$tmp/up"
clean 'no include points upwards' "$tmp/up"

awk 'FNR == NR {
	for (i = 2; i <= NF; i++)
		owner[$1, $i] = 1
	foreign[$1] = 1
	next
}
$2 == "s" && $1 !~ /^sandbox\// {
	for (h in foreign)
		if (index($3, h) == 1 && !((h, $1) in owner))
			print $1 " includes " $3
}' "$tmp/owners" "$tmp/includes" >"$tmp/foreign"
clean 'foreign headers stay with their owners' "$tmp/foreign"

# Programs see the library through mina.h; the worker, in a few files, runs
# the pipelines and holds the leases; the sandbox is a program that knows no
# business.
awk "$place"'
$2 != "q" || $3 == "config.h" { next }
$1 ~ /^cgi-bin\// && $3 != "mina.h" ||
$1 ~ /^worker\// && $3 !~ /^((mina|lease|chore|outbox)\.h|mma\/.*)$/ && \
    !exists("worker/" $3) {
	print $1 " includes " $3
}
$1 ~ /^sandbox\// && !exists("sandbox/" $3) && \
    !exists("sandbox/render/" $3) && $3 != "app.h" && \
    (place($3) < 0 || place($3) > 1) {
	print $1 " includes " $3
}' "$tmp/layers" "$tmp/includes" >"$tmp/programs"
clean 'programs include mina.h and little more' "$tmp/programs"
