-- mina_blockers(): the sessions whose locks on our tables others wait for, the
-- longest first, for /ready. Two kinds:
--	waiting > 0	so many sessions of this database wait for it now, directly
--			or behind others; itself it waits for none
--	waiting = 0	it is idle in a transaction for over 5 seconds and has
--			changed or locked rows of ours
-- pid is 0 for a prepared transaction. since is when its transaction began. Of
-- the sessions of other roles Postgres shows since and state only to members of
-- pg_read_all_stats; then since is when the longest wait for it began, and the
-- second kind is not seen. Locks of under 2 seconds are not told: those are
-- our own.
create or replace function mina_blockers()
returns table (pid int, program text, state text, since timestamptz,
	waiting int)
language sql stable
set search_path from current
as $$
	with held as materialized (
		select a.pid as waiter, b.pid as blocker, a.query_start
		from pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) b (pid)
		where a.datname = current_database()
		and a.wait_event_type = 'Lock'
	), first as (
		select blocker, count(*)::int as n, min(query_start) as since
		from held h where not exists (select from held x
		    where x.waiter = h.blocker)
		group by blocker
	), idle as (
		select a.pid from pg_stat_activity a
		where a.datname = current_database()
		and a.state like 'idle in transaction%'
		and a.state_change < clock_timestamp() - interval '5 seconds'
		and exists (select from pg_locks l where l.pid = a.pid
		    and l.granted and l.relation in (
		    'mega_customers'::regclass, 'mega_generations'::regclass,
		    'mega_admin'::regclass) and l.mode <> 'AccessShareLock')
	)
	select coalesce(f.blocker, i.pid), coalesce(nullif(
	    a.application_name, ''), case when f.blocker = 0
	    then 'a prepared transaction' else 'unnamed' end),
	    coalesce(a.state, 'unknown'),
	    coalesce(a.xact_start, f.since, clock_timestamp()), coalesce(f.n, 0)
	from first f full join idle i on i.pid = f.blocker
	left join pg_stat_activity a on a.pid = coalesce(f.blocker, i.pid)
	where a.xact_start is null
	or a.xact_start < clock_timestamp() - interval '2 seconds'
	order by 4, 1
$$;
