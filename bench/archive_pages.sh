#!/bin/sh
# bench/archive_pages.sh - time of a history page by depth
#
#	bench/archive_pages.sh [GENERATIONS]
#
# One customer with GENERATIONS (default 10000), rows as large as real ones;
# pages of 50 from the first to the last, over HTTPS, while another session
# adds one every 20 ms. Prints the server's time for a page (from its access
# log) by depth, what filters and words cost, and whether any item was lost or
# repeated.
#
# A stack of its own; MINA_INST names an install, else one is made from the
# build tree in BUILD (default: ./build).
set -u
here=$(dirname "$(dirname "$(readlink -f "$0")")")
many=${1:-10000}
top_builddir=${BUILD:-$here/build}
export top_builddir
# shellcheck source=/dev/null
. "$here/t/tap.sh"
# shellcheck source=/dev/null
. "$here/t/lib-stack.sh"
# shellcheck disable=SC2034 # tap.sh reads it
tap_planned=0
stack_up

# shellcheck disable=SC2154 # lib-stack.sh and tap.sh set them
{
pass=pass:anon:5f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d11
kill -STOP "$(stack_pid worker)"

# One real generation's shape is some kilobytes of variables.
cat >"$tmp/fill.sql" <<X
select mina_customer('$pass', null, null, null, 0, 30);
create or replace function pg_temp.made(n int) returns void language plpgsql as \$\$
declare id text := 'gen_still_' || lpad(n::text, 24, '0');
begin
	perform mina_admit(id, '$pass', null, 0, 'still', 'create',
	    jsonb_build_object('brief', 'A bottle on marble, number ' || n, 'style',
	    'minimal', 'ratio', '1:1', 'assets', jsonb_build_object('productImageUrl',
	    'https://media.example/user_uploads/x/' || md5(n::text) || '.png')),
	    jsonb_build_object('scans', jsonb_build_object('product_crt',
	    (select string_agg(md5(n::text || i), ' ') from generate_series(1, 40) i))),
	    null, null, null);
	update mega_generations set mg_lease_owner = 'b' where mg_id = 'generation:' || id;
	perform mina_settle(id, 'b', jsonb_build_object('output_url',
	    'https://media.example/generations/' || id || '.png', 'output_key',
	    'generations/' || id || '.png', 'prompt', 'Image 1 is the product. ' ||
	    (select string_agg(md5(n::text || i), ' ') from generate_series(1, 15) i),
	    'status', 'done'), jsonb_build_object('scans', jsonb_build_object(
	    'output_still_crt', repeat('a bottle on a table ', 10)), 'outputs',
	    jsonb_build_object('thumbnail_url', 'https://media.example/generations/'
	    || id || '_thumb.webp', 'width', 2048, 'height', 2048, 'bytes', 3000000)));
end \$\$;
X
{
	cat "$tmp/fill.sql"
	echo "select pg_temp.made(i) from generate_series(1, $many) i;"
	echo 'vacuum analyze mega_generations;'
} | psql -XqAt -v ON_ERROR_STOP=1 "$db" >/dev/null || exit 1

# New ones arrive all the while.
{
	cat "$tmp/fill.sql"
	i=0
	while [ $i -lt 3000 ]; do
		i=$((i + 1))
		echo "select pg_temp.made($((many + i)));"
		echo 'select pg_sleep(0.02);'
	done
} | psql -XqAt "$db" >/dev/null 2>&1 &
adder=$!

page() { curl -sS --cacert "$ca" -H "X-Mina-Pass-Id: $pass" "$base/history?$1" >"$tmp/page"; }
: >"$tmp/seen"
cursor=
pages=0
while :; do
	page "limit=50${cursor:+&cursor=$cursor}"
	jq -r '.items[].generationId' "$tmp/page" >>"$tmp/seen"
	cursor=$(jq -r '.nextCursor // ""' "$tmp/page")
	pages=$((pages + 1))
	[ "$cursor" ] || break
done
kill "$adder" 2>/dev/null
sleep 0.3
took()	# of the last N requests, in order
{
	grep -o ' us=[0-9]*' "$var/log/history.log" | cut -d = -f 2 | tail -n "$1"
}
took "$pages" >"$tmp/us"
report() { sort -n "$1" | awk -v what="$2" '{ v[NR] = $1 } END {
	printf "%-28s p50 %.2f ms  p99 %.2f ms  most %.2f ms\n", what,
	    v[int((NR + 1) / 2)] / 1e3, v[int(NR * 0.99 + 0.5)] / 1e3, v[NR] / 1e3 }'; }
report "$tmp/us" "$pages pages of 50"
head -n 20 "$tmp/us" >"$tmp/a"; report "$tmp/a" 'the first 20'
tail -n 20 "$tmp/us" >"$tmp/a"; report "$tmp/a" 'the last 20'
for f in 'type=motion' 'liked=1' 'q=number%207' 'q=nothing%20has%20this' 'from=2020-01-01&to=2020-01-02'; do
	for i in 1 2 3 4 5; do page "limit=50&$f"; done
	sleep 0.1
	took 5 >"$tmp/a"
	report "$tmp/a" "$f"
done
printf '%s items once, %s repeated, %s of the first %s missing\n' \
    "$(sort -u "$tmp/seen" | wc -l)" "$(sort "$tmp/seen" | uniq -d | wc -l)" \
    "$(awk -v n="$many" '{ s[$1] = 1 } END { for (i = 1; i <= n; i++)
	if (!(sprintf("gen_still_%024d", i) in s)) m++; print m + 0 }' "$tmp/seen")" "$many"
kill -CONT "$(stack_pid worker)"
}
