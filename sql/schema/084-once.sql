-- Idempotency-Key: what a writing route answered the first time. A row is
-- outbox:once:<id> in mega_admin, mg_action once: mg_session_hash the
-- request's sha256, mg_status and mg_payload the answer (null while it is
-- under way), mg_last_seen_at when it was begun. It is never due, so no outbox
-- claims it.

create index if not exists mega_admin_once
	on mega_admin (mg_created_at)
	where mg_record_type = 'outbox' and mg_action = 'once';

-- mina_once(id, sha, stale_ms): may this request go ahead?
--	new		yes: it is the first, or the first died, being
--			unanswered for stale_ms
--	replay		no: status and answer are the first one's
--	mismatch	no: the id came with another sha
--	busy		no: the first is under way
-- Who died may live after all; then both answer, and the first answer is kept.
create or replace function mina_once(p_id text, p_sha text, p_stale_ms int)
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
	-- A row may be dropped between our insert and our look: then again.
	loop
		insert into mega_admin (mg_id, mg_record_type, mg_action,
		    mg_session_hash, mg_last_seen_at, mg_source_system,
		    mg_created_at, mg_updated_at)
		values ('outbox:once:' || p_id, 'outbox', 'once', p_sha, t,
		    'mina', mina_now(), mina_now())
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

-- mina_once_keep(id, status, answer): the answer to give from now on. The
-- first one kept stays.
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

-- mina_once_drop(id): it came to nothing that is worth keeping; the id is free
-- again. An answer that is kept stays.
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

-- mina_once_sweep(hours, max): forgets keys older than that, answered or not;
-- at most max a call. Returns how many.
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
