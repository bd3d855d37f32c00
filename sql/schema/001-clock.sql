-- mina_now(): the clock for all stored times and for all comparisons with a due
-- or expiry time. A test (or the sandbox) can move time in its session with set
-- mina.now = '2026-02-01T00:00:00Z'. Unset or empty means the start of the
-- transaction.
--
-- Leases use clock_timestamp() instead: they measure whether a process is
-- alive, which a test must not fake.
create or replace function mina_now()
returns timestamptz
language sql stable
as $$
	select coalesce(nullif(current_setting('mina.now', true), '')::timestamptz,
	    now())
$$;
