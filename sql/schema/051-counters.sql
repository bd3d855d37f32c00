-- Daily counters, for limits on what costs us. A counter is a row of mega_admin,
-- outbox:count:<day>:<kind>:<subject>, with mg_action count and the count in
-- mg_status, which no index contains, so that counting updates heap-only (HOT).
-- It has no due time, so the outbox (082) never claims it. A day is UTC.

create index if not exists mega_admin_count
	on mega_admin (mg_created_at)
	where mg_record_type = 'outbox' and mg_action = 'count';

-- mina_count_id(kind, subject): the mg_id of today's counter. It sets no
-- search_path, so that Postgres can inline it: every admission needs three.
create or replace function mina_count_id(p_kind text, p_subject text)
returns text
language sql stable
as $$
	select 'outbox:count:' || to_char(mina_now() at time zone 'UTC',
	    'YYYY-MM-DD') || ':' || p_kind || ':' || p_subject
$$;

-- mina_count(kind, subject, n, cap): adds n to today's counter, unless it would
-- exceed cap; false: it would, and nothing is added. Concurrent calls for one
-- subject wait for each other, so together they never exceed the cap. What is
-- counted is counted before it starts, and stays counted if it fails. The row
-- is locked until the end of the transaction: count last, with subjects of a
-- lower rank (a pass) before those that more customers share (an address, the
-- whole house). A subject may be personal data: it is deleted by
-- mina_count_sweep().
create or replace function mina_count(p_kind text, p_subject text, p_n int,
	p_cap int)
returns bool
language plpgsql
set search_path from current
as $$
begin
	if coalesce(p_kind, '') = '' or coalesce(p_subject, '') = ''
	    or coalesce(p_n, -1) < 0 or p_cap is null then
		raise exception 'mina_count: kind %, subject %, n %, cap %',
		    p_kind, p_subject, p_n, p_cap using errcode = '22023';
	end if;
	if p_n > p_cap then
		return false;
	end if;
	insert into mega_admin as a (mg_id, mg_record_type, mg_action,
	    mg_status, mg_source_system, mg_created_at, mg_updated_at)
	values (mina_count_id(p_kind, p_subject), 'outbox', 'count', p_n,
	    'mina', mina_now(), mina_now())
	on conflict (mg_id) do update
	set mg_status = a.mg_status + p_n, mg_updated_at = mina_now()
	where a.mg_status <= p_cap - p_n;
	return found;
end
$$;

-- mina_counted(kind, subject): today's count, 0 if nothing was counted.
create or replace function mina_counted(p_kind text, p_subject text)
returns int
language sql stable
set search_path from current
as $$
	select coalesce((select mg_status from mega_admin
	    where mg_id = mina_count_id(p_kind, p_subject)), 0)
$$;

-- mina_uncount(kind, subject, n): takes back what mina_count() has added in
-- this transaction, because a later limit refused.
create or replace function mina_uncount(p_kind text, p_subject text, p_n int)
returns void
language sql
set search_path from current
as $$
	update mega_admin set mg_status = greatest(mg_status - p_n, 0)
	where mg_id = mina_count_id(p_kind, p_subject)
$$;

-- mina_count_sweep(max): deletes counters of days before yesterday; at most max
-- in one call. Returns how many.
create or replace function mina_count_sweep(p_max int)
returns int
language plpgsql
set search_path from current
as $$
declare
	n int;
begin
	delete from mega_admin where mg_id in (select mg_id from mega_admin
	    where mg_record_type = 'outbox' and mg_action = 'count'
	    and mg_created_at < mina_now() - interval '2 days'
	    order by mg_created_at limit p_max for update skip locked);
	get diagnostics n = row_count;
	return n;
end
$$;
