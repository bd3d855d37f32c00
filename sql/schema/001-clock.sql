-- The clock. Every row's time and every "is it due, has it run out" comes from
-- here, so that a test (or the sandbox) can move time by setting mina.now in
-- its session: set mina.now = '2026-02-01T00:00:00Z'. Unset or empty means the
-- start of the transaction. Leases alone use clock_timestamp(): they measure
-- whether a process is alive, which no test may fake.
create or replace function mina_now()
returns timestamptz
language sql stable
as $$
	select coalesce(nullif(current_setting('mina.now', true), '')::timestamptz,
	    now())
$$;
