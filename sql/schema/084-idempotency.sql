-- Idempotency-Key: stored responses of routes that write. A row is
-- outbox:once:<id> in mega_admin, with mg_action once: mg_session_hash is the
-- sha256 of the request, mg_status and mg_payload the response (null while the
-- request is under way), mg_last_seen_at the start of the request. It has no
-- due time, so the outbox never claims it.

create index if not exists mega_admin_once
	on mega_admin (mg_created_at)
	where mg_record_type = 'outbox' and mg_action = 'once';

-- mina_once(id, sha, stale_ms, pass): whether a request may proceed. pass is
-- stored in mg_actor_pass_id, so that erasing the account finds the response.
--	new		yes: it is the first, or the first one has had no
--			response for stale_ms and is presumed dead
--	replay		no: status and answer are the first response
--	mismatch	no: the id was used with another sha
--	busy		no: the first request is under way
-- If a request presumed dead is still running, both run, and the response that
-- is stored first is kept.
drop function if exists mina_once(text, text, int);
create or replace function mina_once(p_id text, p_sha text, p_stale_ms int,
	p_pass text default null)
returns table (verdict text, status int, answer jsonb)
language plpgsql
set search_path from current
as $$
declare
	o record;
	t timestamptz := clock_timestamp();
begin
	if coalesce(p_id, '') = '' or coalesce(p_sha, '') = '' then
		raise exception 'mina_once: needs an id and a sha'
		    using errcode = '22023';
	end if;
	-- The row may be deleted between the insert and the select; then
	-- repeat.
	loop
		insert into mega_admin (mg_id, mg_record_type, mg_action,
		    mg_session_hash, mg_actor_pass_id, mg_last_seen_at,
		    mg_source_system, mg_created_at, mg_updated_at)
		values ('outbox:once:' || p_id, 'outbox', 'once', p_sha, p_pass,
		    t, 'mina', mina_now(), mina_now())
		on conflict (mg_id) do nothing;
		if found then
			verdict := 'new';
			return next;
			return;
		end if;
		select mg_session_hash, mg_status, mg_payload, mg_last_seen_at
		into o from mega_admin where mg_id = 'outbox:once:' || p_id
		for no key update;
		exit when found;
	end loop;
	if o.mg_session_hash <> p_sha then
		verdict := 'mismatch';
	elsif o.mg_status is not null then
		verdict := 'replay';
		status := o.mg_status;
		answer := o.mg_payload;
	elsif o.mg_last_seen_at > t - p_stale_ms * interval '1 millisecond' then
		verdict := 'busy';
	else
		update mega_admin
		set mg_last_seen_at = t, mg_updated_at = mina_now()
		where mg_id = 'outbox:once:' || p_id;
		verdict := 'new';
	end if;
	return next;
end
$$;

-- mina_once_keep(id, status, answer): stores the response. A stored response is
-- never replaced.
create or replace function mina_once_keep(p_id text, p_status int,
	p_answer jsonb)
returns void
language plpgsql
set search_path from current
as $$
begin
	if p_status is null then
		raise exception 'mina_once_keep: no status'
		    using errcode = '22023';
	end if;
	update mega_admin
	set mg_status = p_status, mg_payload = p_answer,
	    mg_updated_at = mina_now()
	where mg_id = 'outbox:once:' || p_id and mg_status is null;
end
$$;

-- mina_once_drop(id): frees the id of a request whose response is not stored. A
-- stored response stays.
create or replace function mina_once_drop(p_id text)
returns void
language plpgsql
set search_path from current
as $$
begin
	delete from mega_admin
	where mg_id = 'outbox:once:' || p_id and mg_status is null;
end
$$;

-- mina_once_sweep(hours, max): deletes keys older than that, with or without a
-- response; at most max in one call. Returns how many.
create or replace function mina_once_sweep(p_hours int, p_max int)
returns int
language plpgsql
set search_path from current
as $$
declare
	n int;
begin
	delete from mega_admin where mg_id in (select mg_id from mega_admin
	    where mg_record_type = 'outbox' and mg_action = 'once'
	    and mg_created_at < mina_now() - make_interval(hours => p_hours)
	    order by mg_created_at limit p_max for update skip locked);
	get diagnostics n = row_count;
	return n;
end
$$;
