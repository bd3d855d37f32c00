#!/bin/sh
# Functions that may suspend are marked coroutine_fn, and no others: computed
# from the calls that gcc sees, by dev/coroutine_fns.py.
. "$(dirname "$0")/../tap.sh"
plan 7

# marks TREE [SOURCE]: what is wrong
marks()
{
	marks_top=$1
	shift
	python3 "$marks_top/dev/coroutine_fns.py" "$builddir" "$@" 2>&1
}

is "$(marks "$top")" '' 'what may suspend is marked, and nothing else'
ok 'there are marks' test \
    "$(grep -rl coroutine_fn "$top/lib" "$top/worker" | wc -l)" -gt 50

# The same sources, spoilt.
mkdir -p "$tmp/dev" "$tmp/lib/mma" "$tmp/lib/base" "$tmp/worker"
cp "$top/dev/coroutine_fns.py" "$tmp/dev"
cp "$top"/worker/*.h "$tmp/worker"
spoilt()	# spoilt FILE SED-COMMAND: what is wrong then
{
	sed "$2" "$top/$1" >"$tmp/$1"
	cmp -s "$top/$1" "$tmp/$1" && echo 'nothing was spoilt'
	marks "$tmp" "$1"
}
like "$(spoilt lib/mma/run.c '0,/^static coroutine_fn /s//static /')" \
    '^lib/mma/run\.c:[0-9]*: [a-z_]* may suspend and is not marked$' \
    'a mark that is missing is found'
like "$(spoilt lib/base/log.c '0,/^static bool$/s//static coroutine_fn bool/')" \
    '^lib/base/log\.c:[0-9]*: [a-z_]* is marked and cannot suspend$' \
    'so is one too many'
like "$(spoilt lib/mma/run.c '/^coroutine_fn enum err$/s/coroutine_fn //')" \
    ': lib/mma/run\.c, .*: conflicting types for ' \
    'and one in a header only'
cat >"$tmp/wrong" <<'X'
static coroutine_fn void
tick(void *arg)
{
	(void)arg;
	loop_sleep(NULL, 1);
}
void tick_start(void);
void
tick_start(void)
{
	loop_timer_set(loop_timer_new(tick, NULL), 1);
}
X
like "$(spoilt worker/jobs.c "\$r $tmp/wrong")" \
    ": worker/jobs\\.c, tick_start: passing argument 1 of 'loop_timer_new_at' from incompatible" \
    'what may suspend does not become a callback'
cat >"$tmp/wrong" <<'X'
static coroutine_fn void (*wait_some)(void);
void through(void);
void
through(void)
{
	wait_some();
}
X
like "$(spoilt worker/jobs.c "\$r $tmp/wrong")" \
    '^worker/jobs\.c:[0-9]*: through may suspend and is not marked$' \
    'a call through a marked pointer counts'
