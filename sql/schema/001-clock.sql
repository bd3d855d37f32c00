-- mina_now(): the clock for all stored times and for all comparisons with a due
-- or expiry time. A test (or the sandbox) can move time in its session with set
-- mina.now = '2026-02-01T00:00:00Z'. Unset or empty means the start of the
-- transaction.
--
-- mina_clock(): the clock of leases. They measure whether a process is alive, so
-- mina.now does not move it. A test that sets the database's clock as a whole
-- replaces both functions.
--
-- Either may be set back or forward while rows are waiting. So no wait is
-- longer because of it than the interval it was made of: see 070, 082 and 085.
create or replace function mina_now()
returns timestamptz
language sql stable
as $$
	select coalesce(nullif(current_setting('mina.now', true), '')::timestamptz,
	    now())
$$;

create or replace function mina_clock()
returns timestamptz
language sql volatile
as $$
	select clock_timestamp()
$$;
