-- Leases: which worker runs which generation. A lease is mg_lease_owner with
-- mg_lease_until; an owner name identifies one run of one process. A row with
-- an expired lease still belongs to its owner until another worker claims it: a
-- slow worker that returns in time loses nothing, and after that all its writes
-- are refused.

-- mina_crashes(meta): how many runs in a row ended without a word.
create or replace function mina_crashes(p_meta jsonb)
returns int
language sql immutable
as $$
	select coalesce((p_meta ->> 'crashes')::int, 0)
$$;

-- mina_claim(owner, max, lease_ms, per_pass, try, crashes, now): leases up to max
-- waiting rows. Nothing postpones a generation: mg_due_at is only their
-- sequence, and is not compared with a clock that may have been set back.
-- Passes take turns: the first generation of each pass runs before the second
-- of any other, and a pass with running generations waits behind one without;
-- within that, older ones first. Rows with an expired lease come before waiting
-- rows of the same pass. No pass has more than per_pass leased rows, over all
-- workers: claims are serialized by an advisory lock, and only claims add
-- leases.
-- now is the database's time as the worker has it, by a clock that is not set:
-- with a later one here leases are not over, because this one has been set
-- forward, and their workers renew them. Null: unknown.
-- A worker never takes over from itself: mina_renew() returns its expired
-- leases to it. In the result, parent is a generation id, money is mg_status,
-- age_ms the time since the request, and clock that of the claim.
--
-- A row taken over was in the hands of a worker that ended without a word:
-- mg_meta.crashes counts that. A run that comes further (mina_progress) or is
-- released begins the count again. One of these rows may be what ended the
-- worker, so try limits how many are taken over, or all would be lost again
-- together:
--	0	none
--	1	of those that crashed once, an eighth, at least one
--	2	one that crashed more often, and nothing beside it; else as 1. One
--		that is locked is passed over
--	null	any
-- Rows with crashes runs or more, which are not run any more, and canceled ones
-- are taken in any case, but not beside one that is alone.
drop function if exists mina_claim(text, int, int, int);
drop function if exists mina_claim(text, int, int, int, int, int);
create or replace function mina_claim(p_owner text, p_max int, p_lease_ms int,
	p_per_pass int, p_try int default null, p_crashes int default 3,
	p_now timestamptz default null)
returns table (generation_id text, pass text, session text, mode text,
	status text, money text, cost int, attempts int, vars jsonb,
	request jsonb, meta jsonb, parent text, created_at timestamptz,
	age_ms bigint, crashes int, clock timestamptz)
language plpgsql
-- Otherwise it is planned at every call: the planner prefers a plan for the
-- given limits, but planning costs more than the claim.
set plan_cache_mode = force_generic_plan
as $$
declare
	ids text[];
	first int;
	seen int;
	span int;
	t timestamptz;
	over timestamptz;
	alone text;
begin
	if coalesce(p_owner, '') = '' or coalesce(p_lease_ms, 0) < 1 then
		raise exception 'mina_claim: needs an owner and a lease'
		    using errcode = '22023';
	end if;
	-- Idle workers poll often; they must not wait for the lock behind busy
	-- ones.
	if p_max < 1 or (not exists (select 1 from mega_generations
	    where mg_due_at is not null and mg_lease_owner is null)
	    and not exists (select 1 from mega_generations
	    where mg_lease_owner is not null
	    and mg_lease_until <= mina_clock())) then
		return;
	end if;
	perform pg_advisory_xact_lock(hashtextextended('mina_claim',
	    'mega_generations'::regclass::oid::bigint));
	t := mina_clock();
	over := least(t, p_now);

	-- A younger request may be what ended the worker, too, so not even a
	-- waiting row starts beside this one.
	if p_try > 1 then
		select mg_id into alone from mega_generations
		where mg_lease_owner is not null and mg_lease_until <= over
		and mg_lease_owner <> p_owner and mg_due_at is not null
		and mina_crashes(mg_meta) between 1 and p_crashes - 2
		and mg_meta ->> 'cancel' is distinct from 'true'
		order by mg_due_at, mg_id limit 1 for no key update skip locked;
	end if;
	if alone is not null then
		ids := array[alone];
	end if;

	-- The oldest few rows are enough if they give max passes their first
	-- turn, because no younger row could come before those; otherwise read
	-- all. "not in" is a hashed filter on an ordered index scan, so a row
	-- of a customer at the limit costs one lookup, without a join or a
	-- sort.
	foreach span in array array[p_max * 8 + 64, null] loop
		exit when alone is not null;
		with running as materialized (
			select mg_id, mg_pass_id, mg_due_at, late,
			    case when late then mg_meta end as mg_meta
			from (select *, mg_lease_until <= over
			    and mg_lease_owner <> p_owner as late
			    from mega_generations
			    where mg_lease_owner is not null) leased
		), suspect as materialized (
			select s.*, row_number() over (partition by kind
			    order by mg_due_at, mg_id) as nth,
			    count(*) over (partition by kind) as many
			from (select mg_id, mg_pass_id, mg_due_at, case
			    when mg_meta ->> 'cancel' = 'true'
			    or p_crashes <= mina_crashes(mg_meta) + 1 then 0
			    when mina_crashes(mg_meta) = 0 then 1 else 2 end
			    as kind from running where late) s
		), load as materialized (
			select mg_pass_id, count(*) as n,
			    count(*) filter (where not late) as live
			from running group by mg_pass_id
		), waiting as materialized (
			select mg_id, mg_pass_id, mg_due_at
			from mega_generations
			where mg_due_at is not null and mg_lease_owner is null
			and mg_pass_id not in (select mg_pass_id from load
			    where n >= p_per_pass)
			order by mg_due_at limit span
		), candidate as (
			select mg_id, mg_pass_id, mg_due_at, false as late
			from waiting
			union all
			select mg_id, mg_pass_id, mg_due_at, true
			from suspect
			where p_try is null or kind = 0
			or kind = 1 and p_try > 0 and nth <= ceil(many / 8.0)
		), turn as (
			select mg_id, mg_due_at, late, coalesce(load.live, 0)
			    + row_number() over (partition by mg_pass_id
			    order by late desc, mg_due_at, mg_id) as n
			from candidate left join load using (mg_pass_id)
		), picked as (
			select mg_id, mg_due_at, n from turn
			where late or n <= p_per_pass
			order by n, mg_due_at, mg_id limit p_max
		)
		select array_agg(mg_id order by n, mg_due_at, mg_id),
		    count(*) filter (where n = 1), (select count(*) from waiting)
		into ids, first, seen from picked;
		exit when first >= p_max or seen < span;
	end loop;
	if ids is null then
		return;
	end if;

	return query
	with mine as (
		select g.mg_id from mega_generations g
		where g.mg_id = any (ids) and g.mg_due_at is not null
		and (g.mg_lease_owner is null or g.mg_lease_until <= over)
		for no key update skip locked
	), taken as (
		update mega_generations g
		set mg_lease_owner = p_owner,
		    mg_lease_until = t + p_lease_ms * interval '1 millisecond',
		    mg_attempts = coalesce(g.mg_attempts, 0) + 1,
		    mg_meta = case when g.mg_lease_owner is null then g.mg_meta
		    else coalesce(g.mg_meta, '{}') || jsonb_build_object(
		    'crashes', mina_crashes(g.mg_meta) + 1) end
		from mine where g.mg_id = mine.mg_id
		returning g.*
	)
	select k.mg_generation_id, k.mg_pass_id, k.mg_session_id, k.mg_mma_mode,
	    k.mg_mma_status, k.mg_status, k.mg_cost, k.mg_attempts,
	    k.mg_mma_vars, k.mg_payload -> 'request', k.mg_meta,
	    substr(k.mg_parent_id, 12), k.mg_created_at,
	    greatest(extract(epoch from mina_now() - k.mg_created_at) * 1000,
	    0)::bigint, mina_crashes(k.mg_meta), t
	from taken k order by array_position(ids, k.mg_id);
end
$$;

-- mina_renew(owner, lease_ms): extends all leases of this owner and returns
-- what it still owns. An id that the worker does not know is from a claim whose
-- reply was lost: run it, or give it back with mina_release(owner, id). A known
-- id that is missing now belongs to another worker. cancel is null for a row that
-- is locked, by a settlement that waits for its customer, say: it is not renewed
-- this time, and does not hold up the others. No worker can take it over either.
-- Leases of others that end later than any worker's could, because the clock was
-- set back since, are cut, to a minute or four leases: a worker that is alive
-- renews them in time. One that has no end, 'infinity', is not a worker's.
create or replace function mina_renew(p_owner text, p_lease_ms int)
returns table (generation_id text, cancel bool)
language plpgsql
as $$
declare
	far timestamptz := mina_clock() + greatest(p_lease_ms * 4, 60000)
	    * interval '1 millisecond';
begin
	update mega_generations set mg_lease_until = far
	where mg_id in (select mg_id from mega_generations
	    where mg_lease_owner is not null and mg_lease_until > far
	    and isfinite(mg_lease_until) and mg_lease_owner <> p_owner for no key update skip locked);
	return query with free as (
		select mg_id from mega_generations
		where mg_lease_owner = p_owner for no key update skip locked
	), renewed as (
		update mega_generations g
		set mg_lease_until = mina_clock()
		    + p_lease_ms * interval '1 millisecond'
		from free where g.mg_id = free.mg_id
		returning g.mg_generation_id,
		    coalesce(g.mg_meta ->> 'cancel', '') = 'true'
	)
	select * from renewed
	union all
	select mg_generation_id, null from mega_generations
	where mg_lease_owner = p_owner
	and mg_id not in (select mg_id from free);
end
$$;

-- mina_hold(owner, gen, lease_ms): extends one lease, if it is still this
-- owner's. Null: it is another's.
create or replace function mina_hold(p_owner text, p_gen text, p_lease_ms int)
returns timestamptz
language sql
as $$
	update mega_generations
	set mg_lease_until = mina_clock()
	    + p_lease_ms * interval '1 millisecond'
	where mg_id = 'generation:' || p_gen
	and mina_same(mg_lease_owner, p_owner)
	returning mg_lease_until
$$;

-- mina_progress(owner, gen): this run has come further than those that crashed,
-- so they do not count any more. False: the caller does not own the lease.
create or replace function mina_progress(p_owner text, p_gen text)
returns bool
language plpgsql
as $$
begin
	update mega_generations set mg_meta = mg_meta - 'crashes'
	where mg_id = 'generation:' || p_gen
	and mina_same(mg_lease_owner, p_owner);
	return found;
end
$$;

-- mina_release(owner, gen, keep): releases one lease of this owner, or all.
-- Returns how many. Other workers may claim them at once. keep: earlier crashes
-- still count, because the run has proven nothing.
drop function if exists mina_release(text, text);
create or replace function mina_release(p_owner text, p_gen text default null,
	p_keep bool default false)
returns int
language plpgsql
set search_path from current
as $$
declare
	n int;
begin
	update mega_generations
	set mg_lease_owner = null, mg_lease_until = null,
	    mg_meta = case when p_keep then mg_meta
	    else mg_meta - 'crashes' end
	where mg_lease_owner = p_owner
	and (p_gen is null or mg_generation_id = p_gen);
	get diagnostics n = row_count;
	if n > 0 then
		perform pg_notify('mina_due', coalesce(p_gen, ''));
	end if;
	return n;
end
$$;
