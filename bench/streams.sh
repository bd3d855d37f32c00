#!/bin/sh
# bench/streams.sh - memory and delay of thousands of event streams
#
#	bench/streams.sh [STREAMS] [LINES] [RATE]
#
# STREAMS (default 3000) generations, one open event stream each, all through
# nginx into one generations program; then LINES (2000) lines are written to
# rows taken by chance, RATE (200) a second. Prints the program's memory with
# all of them open, and how long after its row each line arrived, the commit
# included. The worker is stopped meanwhile, so that nothing else moves.
#
# A stack of its own; MINA_INST names an install, else one is made from the
# build tree in BUILD (default: ./build).
set -u
here=$(dirname "$(dirname "$(readlink -f "$0")")")
streams=${1:-3000}
lines=${2:-2000}
rate=${3:-200}
top_builddir=${BUILD:-$here/build}
export top_builddir
# shellcheck source=/dev/null
. "$here/t/tap.sh"
# shellcheck source=/dev/null
. "$here/t/lib-stack.sh"
# shellcheck disable=SC2034 # tap.sh reads it
tap_planned=0
stack_up MINA_LOG=warn

# shellcheck disable=SC2154 # lib-stack.sh and tap.sh set them
{
cc -O2 -I"$(pg_config --includedir)" "$here/bench/streams.c" -o "$tmp/streams" \
    -lcurl -lpq -lpthread || exit 1
# shellcheck disable=SC3045 # dash has it
ulimit -n 16384
kill -STOP "$(stack_pid worker)"
psql -XqAt "$db" >"$tmp/list" <<X
do \$\$
declare p text;
begin
	for i in 1..$streams loop
		p := 'pass:anon:' || overlay(gen_random_uuid()::text placing '4' from 15 for 1);
		perform mina_customer(p, null, null, null, 5, 30);
		perform mina_admit('gen_still_' || lpad(i::text, 24, '0'), p, null, 1,
		    'still', 'create', '{"brief": "a bottle"}',
		    '{"userMessages": {"scan_lines": ["Here we go."]}}',
		    '{"request_sha": "x"}', 10, null);
	end loop;
end
\$\$;
update mega_generations set mg_lease_owner = 'bench',
    mg_lease_until = 'infinity'
where mg_record_type = 'generation';
select mg_generation_id || ' ' || mg_pass_id from mega_generations
where mg_record_type = 'generation';
X
program=$(stack_pid generations)
rss() { awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$program/status"; }
before=$(rss)
"$tmp/streams" "$base" "$ca" "$db" "$lines" "$rate" <"$tmp/list" &
listeners=$!
most=0
while kill -0 "$listeners" 2>/dev/null; do
	m=$(rss)
	[ "$m" -le "$most" ] || most=$m
	sleep 0.5
done
wait "$listeners"
rc=$?
echo "generations(8): $most MB resident with all of them ($before MB before)"
kill -CONT "$(stack_pid worker)"
exit $rc
}
