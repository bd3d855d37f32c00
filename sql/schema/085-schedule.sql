-- Scheduled jobs that one worker runs on behalf of all. Each job is a row of
-- mega_admin, outbox:chore:<name>, with mg_action chore: mg_payload is its
-- state; mg_meta has its due time ("due"), the owner of its lease ("owner") and
-- the end of the lease ("until"). The due time is not in the column that the
-- outbox (082) uses, so the outbox never claims it. Times are
-- mina_clock(), because like leases they measure whether processes are alive.
-- "at" is when these were written; if it lies ahead, the clock was set back
-- since, and they are past.

-- mina_chore_take(name, owner, lease_ms, force): leases the job to owner if it
-- is due (or force) and not leased, and returns its state. Null: not now. A job
-- without a row is due.
create or replace function mina_chore_take(p_name text, p_owner text,
	p_lease_ms int, p_force bool)
returns jsonb
language sql
set search_path from current
as $$
	insert into mega_admin as a (mg_id, mg_record_type, mg_action,
	    mg_payload, mg_meta, mg_source_system)
	values ('outbox:chore:' || p_name, 'outbox', 'chore', '{}',
	    jsonb_build_object('owner', p_owner, 'at', mina_clock(), 'until',
	    mina_clock() + make_interval(secs => p_lease_ms / 1000.0)), 'mina')
	on conflict (mg_id) do update
	set mg_meta = a.mg_meta || excluded.mg_meta, mg_updated_at = mina_now()
	where coalesce((a.mg_meta ->> 'at')::timestamptz, '-infinity')
	    > mina_clock() + interval '5 seconds'
	or coalesce((a.mg_meta ->> 'until')::timestamptz, '-infinity')
	    <= mina_clock()
	and (p_force or coalesce((a.mg_meta ->> 'due')::timestamptz,
	    '-infinity') <= mina_clock())
	returning mg_payload
$$;

-- mina_chore_keep(name, owner, state, lease_ms): merges state into the job's
-- state (null: no change) and extends the lease. False: another worker owns it.
create or replace function mina_chore_keep(p_name text, p_owner text,
	p_state jsonb, p_lease_ms int)
returns bool
language plpgsql
set search_path from current
as $$
begin
	update mega_admin
	set mg_payload = mg_payload || coalesce(p_state, '{}'),
	    mg_meta = mg_meta || jsonb_build_object('at', mina_clock(),
	    'until', mina_clock()
	    + make_interval(secs => p_lease_ms / 1000.0)),
	    mg_updated_at = mina_now()
	where mg_id = 'outbox:chore:' || p_name
	and mg_meta ->> 'owner' = p_owner;
	return found;
end
$$;

-- mina_chore_done(name, owner, state, next_ms): merges state and releases the
-- lease; the job is due again after next_ms milliseconds. False: another worker
-- owns it.
create or replace function mina_chore_done(p_name text, p_owner text,
	p_state jsonb, p_next_ms int)
returns bool
language plpgsql
set search_path from current
as $$
begin
	update mega_admin
	set mg_payload = mg_payload || coalesce(p_state, '{}'),
	    mg_meta = (mg_meta - 'owner' - 'until') || jsonb_build_object('at',
	    mina_clock(), 'due', mina_clock()
	    + make_interval(secs => p_next_ms / 1000.0)),
	    mg_updated_at = mina_now()
	where mg_id = 'outbox:chore:' || p_name
	and mg_meta ->> 'owner' = p_owner;
	return found;
end
$$;
