-- Chores: what one worker does for all of them, now and then. A row of
-- mega_admin for each, outbox:chore:<name>, mg_action chore: mg_payload is what
-- it remembers; mg_meta says when it is "due", whose it is ("owner") and
-- "until" when. It has no due time as the outbox (082) knows it, so that leaves
-- it alone. The times are about processes being alive, as those of leases are:
-- clock_timestamp().

-- mina_chore_take(name, owner, lease, force): what the chore remembers, if it
-- is due (or force) and nobody is at it; it is the owner's for so many
-- milliseconds then. Null: not now. A name that was never heard of is due.
create or replace function mina_chore_take(p_name text, p_owner text,
	p_lease_ms int, p_force bool)
returns jsonb
language sql
set search_path from current
as $$
	insert into mega_admin as a (mg_id, mg_record_type, mg_action,
	    mg_payload, mg_meta, mg_source_system)
	values ('outbox:chore:' || p_name, 'outbox', 'chore', '{}',
	    jsonb_build_object('owner', p_owner, 'until', clock_timestamp()
	    + make_interval(secs => p_lease_ms / 1000.0)), 'mina')
	on conflict (mg_id) do update
	set mg_meta = a.mg_meta || excluded.mg_meta, mg_updated_at = mina_now()
	where coalesce((a.mg_meta ->> 'until')::timestamptz, '-infinity')
	    <= clock_timestamp()
	and (p_force or coalesce((a.mg_meta ->> 'due')::timestamptz,
	    '-infinity') <= clock_timestamp())
	returning mg_payload
$$;

-- mina_chore_keep(name, owner, state, lease): lays state over what the chore
-- remembers (null: as it is), and holds on. False: it is another's by now.
create or replace function mina_chore_keep(p_name text, p_owner text,
	p_state jsonb, p_lease_ms int)
returns bool
language plpgsql
set search_path from current
as $$
begin
	update mega_admin
	set mg_payload = mg_payload || coalesce(p_state, '{}'),
	    mg_meta = mg_meta || jsonb_build_object('until', clock_timestamp()
	    + make_interval(secs => p_lease_ms / 1000.0)),
	    mg_updated_at = mina_now()
	where mg_id = 'outbox:chore:' || p_name
	and mg_meta ->> 'owner' = p_owner;
	return found;
end
$$;

-- mina_chore_done(name, owner, state, next): the same, and lets go; it is due
-- again after so many milliseconds.
create or replace function mina_chore_done(p_name text, p_owner text,
	p_state jsonb, p_next_ms int)
returns bool
language plpgsql
set search_path from current
as $$
begin
	update mega_admin
	set mg_payload = mg_payload || coalesce(p_state, '{}'),
	    mg_meta = (mg_meta - 'owner' - 'until') || jsonb_build_object('due',
	    clock_timestamp() + make_interval(secs => p_next_ms / 1000.0)),
	    mg_updated_at = mina_now()
	where mg_id = 'outbox:chore:' || p_name
	and mg_meta ->> 'owner' = p_owner;
	return found;
end
$$;
