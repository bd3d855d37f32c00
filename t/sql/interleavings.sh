#!/bin/sh
# What runs at the same time, in every order of its steps: the specs beside this
# file (t/tools/interleave.c says how to read one).
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-sql.sh"

interleave=$builddir/t/tools/interleave
[ -x "$interleave" ] || bail 'make check builds t/tools/interleave'
set -- "$top"/t/sql/*.spec
plan $(($# + 3))
sql_up
"$top/sql/apply.sh" 'dbname=mina' >"$tmp/log" 2>&1 || bail "$(cat "$tmp/log")"

first=1
for spec; do
	name=$(basename "$spec" .spec)
	rc=0
	"$interleave" "$spec" $first >"$tmp/$name" 2>&1 || rc=$?
	first=$((first + 10000))
	[ $rc -eq 0 ] || diag "$(head -n 20 "$tmp/$name")"
	is $rc 0 "$name: $(tail -n 1 "$tmp/$name")"
done

# The locks of a merge are taken in the order of all others.
like "$(tail -n 1 "$tmp/return_void")" '[(]0 deadlocks' \
    'a merge of users does not wait in a circle'

# That it can fail: two sessions that look before they write.
cat >"$tmp/broken.spec" <<'X'
setup
	create table if not exists purse (n text, matcha int);
	insert into purse values ('@n@', 1);
session one
	begin; insert into purse select '@n@', -1 from (select sum(matcha) s from purse where n = '@n@') x where s > 0;
	commit;
session two
	begin; insert into purse select '@n@', -1 from (select sum(matcha) s from purse where n = '@n@') x where s > 0;
	commit;
check nothing is spent twice
	select sum(matcha) = 0 from purse where n = '@n@';
X
! "$interleave" "$tmp/broken.spec" >"$tmp/out" 2>&1 || bail 'it finds nothing'
is "$(tail -n 1 "$tmp/out")" \
    '6 orders, 0 steps waited, 0 sessions repeated (0 deadlocks), 4 failures' \
    'a purse that is looked into and then emptied is emptied twice'
gives 'select count(*) from mina_parity()' 0 'the ledger agrees'
