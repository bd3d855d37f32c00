#!/bin/sh
# HACKING rule 1: a room of lib/ includes only what its row of the table in
# docs/architecture.md allows, and each foreign header has one owner.
# shellcheck disable=SC2016 # $ belongs to awk here
. "$(dirname "$0")/../tap.sh"
plan 6

# header prefix, then the files that may include it
cat >"$tmp/owners" <<'EOF'
uv.h lib/io/loop.c
libpq-fe.h lib/pg/pgconn.c lib/pg/pglisten.c lib/pg/pgrow.c
curl/ lib/base/url.c lib/io/http.c
curl/curl.h lib/io/http.c
fcgi lib/web/fcgi.c
cjson/ lib/base/jsonread.c
vips/ lib/io/pic.c
openssl/ lib/base/crypto.c lib/base/encode.c
jose/ lib/io/jwt.c
jansson.h lib/io/jwt.c
EOF

cd "$top" || exit 99

# | room | what it holds | may use |, "-" for nothing.
sed -n 's/^| \([a-z/]*\) | .* | \([a-z/ -]*\) |$/\1 \2/p' docs/architecture.md |
    grep -v '^room ' >"$tmp/rooms"

# FILE KIND HEADER, one line for each #include; KIND is q for "quoted".
includes()
{
	for f; do
		sed -n 's,^[ 	]*#[ 	]*include[ 	]*\([<"]\)\([^>"]*\).*,\1 \2,p' \
		    "$f" | sed "s,^\",q,;s,^<,s,;s,^,$f ,"
	done
}

# shellcheck disable=SC2046 # file names without blanks
includes $(find lib cgi-bin worker sandbox -name '*.[ch]' | sort) \
    >"$tmp/includes"

clean()	# clean WHAT FILE-OF-FAULTS
{
	is "$(cat "$2")" '' "$1"
}

room='
function dir(path) {
	sub(/\/?[^\/]*$/, "", path)
	return path
}
FNR == NR { known[$1] = 1; for (i = 1; i <= NF; i++) may[$1, $i] = 1; next }
'

# The table's own circles: a row names only rows above it, mma's inner rooms
# excepted, which are one room in three folders.
awk '{
	for (i = 2; i <= NF; i++)
		if ($i != "-" && !($i in above) && $i !~ /^mma/)
			print $1 " may use " $i
	above[$1] = 1
}
END { if (NR < 10) print "the table has " NR " rows" }' "$tmp/rooms" >"$tmp/order"
clean 'rooms are listed from the lowest to the highest' "$tmp/order"

find lib -name '*.[ch]' | awk "$room"'
{
	d = dir($1)
	if (d != "lib" && !(substr(d, 5) in known))
		print $1
}' "$tmp/rooms" - >"$tmp/lost"
clean 'every folder of lib/ has a row' "$tmp/lost"

awk "$room"'
$2 == "q" && $1 ~ /^lib\/.*\// && $3 != "config.h" {
	from = substr(dir($1), 5)
	to = dir($3)
	if (!((from, to) in may))
		print $1 " includes " $3
}' "$tmp/rooms" "$tmp/includes" >"$tmp/up"
clean 'each room includes only what its row allows' "$tmp/up"

awk '$2 == "q" && $3 != "config.h" && $1 !~ /^t\// && $3 !~ /\// &&
    $3 != "mina.h" && $3 != "app.h" && $1 !~ /^(sandbox|worker)\// {
	print $1 " includes " $3
}' "$tmp/includes" >"$tmp/bare"
clean 'includes name the room' "$tmp/bare"

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

# Routes see the library through mina.h.  The worker also runs the pipelines
# and the queues; the sandbox is a program that knows no business.
awk "$room"'
$2 != "q" || $3 == "config.h" { next }
$1 ~ /^cgi-bin\// && $3 != "mina.h" { print $1 " includes " $3 }
$1 ~ /^worker\// && dir($3) != "" && dir($3) !~ /^(queue|mma.*)$/ && \
    $3 != "gen/lease.h" { print $1 " includes " $3 }
$1 ~ /^sandbox\// && dir($3) in known && dir($3) !~ /^(base|io|web)$/ {
	print $1 " includes " $3
}' "$tmp/rooms" "$tmp/includes" >"$tmp/programs"
clean 'programs include mina.h and little more' "$tmp/programs"
