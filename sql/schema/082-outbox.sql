-- The transactional outbox: calls to other services, written in the transaction
-- that makes them necessary and made by a worker afterwards, at least once. A
-- row is outbox:<id> in mega_admin:
--	mg_action, mg_payload	what to do
--	mg_first_seen_at	due time; null when it is no longer waiting
--	mg_last_seen_at		end of the lease
--	mg_status		null while it waits, 200 done, 500 failed
--	mg_meta			attempts, owner of the lease, last error
--	mg_detail		the result
-- Due times use mina_now(), leases mina_clock(), as in 070. A row whose
-- mg_updated_at lies ahead was written before the clock was set back, and would
-- wait for as long as that: its interval begins again (mina_outbox_again). It is
-- not due at once, because the interval may be for safety (uploads.erase waits
-- until signed URLs have expired). The lease of one that was claimed (meta.at)
-- then is over.

create index if not exists mega_admin_outbox
	on mega_admin (mg_first_seen_at)
	where mg_record_type = 'outbox' and mg_first_seen_at is not null;

-- mina_outbox_put(id, action, payload, delay_ms): adds a row and announces it
-- on channel mina_outbox with the id as payload. True if it is new; an existing
-- id, even a finished one, is left unchanged.
-- Raises: 22023 without an id or action, or if they are reserved for 083, 084,
-- 086 or 087.
create or replace function mina_outbox_put(p_id text, p_action text,
	p_payload jsonb, p_delay_ms int)
returns bool
language plpgsql
set search_path from current
as $$
declare
	t timestamptz := mina_now();
begin
	if coalesce(p_id, '') = '' or length(p_id) > 500
	    or p_id ~ '^(once|unresolved|shopify\.(refund|order)):'
	    or coalesce(p_action, '') in ('', 'once', 'unresolved',
		'shopify.refund', 'shopify.order')
	    or coalesce(p_delay_ms, 0) < 0 then
		raise exception 'mina_outbox_put: id %, action %, delay %',
		    coalesce(left(p_id, 100), 'null'), p_action, p_delay_ms
		    using errcode = '22023';
	end if;
	insert into mega_admin (mg_id, mg_record_type, mg_action, mg_payload,
	    mg_meta, mg_first_seen_at, mg_source_system, mg_created_at,
	    mg_updated_at)
	values ('outbox:' || p_id, 'outbox', p_action, p_payload,
	    '{"attempts": 0}',
	    t + coalesce(p_delay_ms, 0) * interval '1 millisecond', 'mina', t,
	    t)
	on conflict (mg_id) do nothing;
	if found then
		perform pg_notify('mina_outbox', p_id);
		return true;
	end if;
	return false;
end
$$;

-- mina_outbox_again(): after the clock was set back, rows whose mg_updated_at
-- lies ahead begin their interval again. Returns how many. It reads all that
-- wait, so it is for workers that have noticed a step, or have just started.
create or replace function mina_outbox_again()
returns int
language plpgsql
set search_path from current
as $$
declare
	now timestamptz := mina_now();
	n int;
begin
	update mega_admin
	set mg_first_seen_at = now
	    + greatest(mg_first_seen_at - mg_updated_at, interval '0'),
	    mg_updated_at = now
	where mg_id in (select mg_id from mega_admin
	    where mg_record_type = 'outbox'
	    and mg_first_seen_at > now + interval '5 seconds'
	    and mg_updated_at > now + interval '5 seconds'
	    for no key update skip locked);
	get diagnostics n = row_count;
	return n;
end
$$;

-- mina_outbox_claim(owner, max, lease_ms): leases up to max due rows, oldest
-- first. Rows with an expired lease can be claimed again. attempts includes
-- this one.
create or replace function mina_outbox_claim(p_owner text, p_max int,
	p_lease_ms int)
returns table (id text, action text, payload jsonb, attempts int)
language plpgsql
set search_path from current
as $$
declare
	t timestamptz := mina_clock();
	now timestamptz := mina_now();
begin
	if coalesce(p_owner, '') = '' or coalesce(p_lease_ms, 0) < 1 then
		raise exception 'mina_outbox_claim: needs an owner and a lease'
		    using errcode = '22023';
	end if;
	return query
	with due as (
		select mg_id from mega_admin
		where mg_record_type = 'outbox' and mg_first_seen_at <= now
		and (mg_last_seen_at is null or mg_last_seen_at <= t
		or (mg_meta ->> 'at')::timestamptz
		    > t + interval '5 seconds')
		order by mg_first_seen_at, mg_id limit p_max
		for no key update skip locked
	), taken as (
		update mega_admin a
		set mg_last_seen_at = t + p_lease_ms * interval '1 millisecond',
		    mg_meta = coalesce(a.mg_meta, '{}') || jsonb_build_object(
		    'owner', p_owner, 'at', t, 'attempts',
		    coalesce((a.mg_meta ->> 'attempts')::int, 0) + 1),
		    mg_updated_at = mina_now()
		from due where a.mg_id = due.mg_id
		returning a.*
	)
	select substr(k.mg_id, 8), k.mg_action, k.mg_payload,
	    (k.mg_meta ->> 'attempts')::int
	from taken k order by k.mg_first_seen_at, k.mg_id;
end
$$;

-- mina_outbox_done(id, owner, result): the row is finished.
-- mina_outbox_later(id, owner, error, delay_ms): try again later.
-- mina_outbox_failed(id, owner, error): give up; an operator has to look at it.
-- All return false if another owner has the lease or the row is not waiting.
create or replace function mina_outbox_done(p_id text, p_owner text,
	p_result jsonb)
returns bool
language plpgsql
set search_path from current
as $$
begin
	update mega_admin
	set mg_status = 200, mg_detail = p_result, mg_first_seen_at = null,
	    mg_last_seen_at = null, mg_meta = mg_meta - array['owner', 'at',
	    'error'],
	    mg_updated_at = mina_now()
	where mg_id = 'outbox:' || p_id and mg_first_seen_at is not null
	and mg_meta ->> 'owner' = p_owner;
	return found;
end
$$;

create or replace function mina_outbox_later(p_id text, p_owner text,
	p_error text, p_delay_ms int)
returns bool
language plpgsql
set search_path from current
as $$
begin
	update mega_admin
	set mg_first_seen_at = mina_now()
	    + greatest(p_delay_ms, 0) * interval '1 millisecond',
	    mg_last_seen_at = null, mg_meta = (mg_meta - array['owner', 'at'])
	    || jsonb_build_object('error', left(p_error, 1000)),
	    mg_updated_at = mina_now()
	where mg_id = 'outbox:' || p_id and mg_first_seen_at is not null
	and mg_meta ->> 'owner' = p_owner;
	return found;
end
$$;

create or replace function mina_outbox_failed(p_id text, p_owner text,
	p_error text)
returns bool
language plpgsql
set search_path from current
as $$
begin
	update mega_admin
	set mg_status = 500, mg_first_seen_at = null, mg_last_seen_at = null,
	    mg_meta = (mg_meta - array['owner', 'at'])
	    || jsonb_build_object('error', left(p_error, 1000)),
	    mg_updated_at = mina_now()
	where mg_id = 'outbox:' || p_id and mg_first_seen_at is not null
	and mg_meta ->> 'owner' = p_owner;
	return found;
end
$$;
