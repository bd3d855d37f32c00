-- Leases: which worker runs which generation. A lease is mg_lease_owner with
-- mg_lease_until; an owner name identifies one run of one process. A row with
-- an expired lease still belongs to its owner until another worker claims it: a
-- slow worker that returns in time loses nothing, and after that all its writes
-- are refused.

-- mina_claim(owner, max, lease_ms, per_pass): leases up to max due rows.
-- Passes take turns: the first generation of each pass runs before the second
-- of any other, and a pass with running generations waits behind one without;
-- within that, older ones first. Rows with an expired lease come before waiting
-- rows of the same pass. No pass has more than per_pass leased rows, over all
-- workers: claims are serialized by an advisory lock, and only claims add
-- leases.
-- A worker never takes over from itself: mina_renew() returns its expired
-- leases to it. In the result, parent is a generation id and money is
-- mg_status.
create or replace function mina_claim(p_owner text, p_max int, p_lease_ms int,
	p_per_pass int)
returns table (generation_id text, pass text, session text, mode text,
	status text, money text, cost int, attempts int, vars jsonb,
	request jsonb, meta jsonb, parent text, created_at timestamptz)
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
begin
	if coalesce(p_owner, '') = '' or coalesce(p_lease_ms, 0) < 1 then
		raise exception 'mina_claim: needs an owner and a lease'
		    using errcode = '22023';
	end if;
	-- Idle workers poll often; they must not wait for the lock behind busy
	-- ones.
	if p_max < 1 or (not exists (select 1 from mega_generations
	    where mg_due_at <= mina_now() and mg_lease_owner is null)
	    and not exists (select 1 from mega_generations
	    where mg_lease_owner is not null
	    and mg_lease_until <= clock_timestamp())) then
		return;
	end if;
	perform pg_advisory_xact_lock(hashtextextended('mina_claim',
	    'mega_generations'::regclass::oid::bigint));
	t := clock_timestamp();

	-- The oldest few rows are enough if they give max passes their first
	-- turn, because no younger row could come before those; otherwise read
	-- all. "not in" is a hashed filter on an ordered index scan, so a row
	-- of a customer at the limit costs one lookup, without a join or a
	-- sort.
	foreach span in array array[p_max * 8 + 64, null] loop
		with running as materialized (
			select mg_id, mg_pass_id, mg_due_at,
			    mg_lease_until <= t and mg_lease_owner <> p_owner
			    as late
			from mega_generations where mg_lease_owner is not null
		), load as materialized (
			select mg_pass_id, count(*) as n,
			    count(*) filter (where not late) as live
			from running group by mg_pass_id
		), waiting as materialized (
			select mg_id, mg_pass_id, mg_due_at
			from mega_generations
			where mg_due_at <= mina_now() and mg_lease_owner is null
			and mg_pass_id not in (select mg_pass_id from load
			    where n >= p_per_pass)
			order by mg_due_at limit span
		), candidate as (
			select mg_id, mg_pass_id, mg_due_at, false as late
			from waiting
			union all
			select mg_id, mg_pass_id, mg_due_at, true
			from running where late
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
		and (g.mg_lease_owner is null or g.mg_lease_until <= t)
		for no key update skip locked
	), taken as (
		update mega_generations g
		set mg_lease_owner = p_owner,
		    mg_lease_until = t + p_lease_ms * interval '1 millisecond',
		    mg_attempts = coalesce(g.mg_attempts, 0) + 1
		from mine where g.mg_id = mine.mg_id
		returning g.*
	)
	select k.mg_generation_id, k.mg_pass_id, k.mg_session_id, k.mg_mma_mode,
	    k.mg_mma_status, k.mg_status, k.mg_cost, k.mg_attempts,
	    k.mg_mma_vars, k.mg_payload -> 'request', k.mg_meta,
	    substr(k.mg_parent_id, 12), k.mg_created_at
	from taken k order by array_position(ids, k.mg_id);
end
$$;

-- mina_renew(owner, lease_ms): extends all leases of this owner and returns
-- what it still owns. An id that the worker does not know is from a claim whose
-- reply was lost: run it, or give it back with mina_release(owner, id). A known
-- id that is missing now belongs to another worker.
create or replace function mina_renew(p_owner text, p_lease_ms int)
returns table (generation_id text, cancel bool)
language plpgsql
as $$
begin
	return query update mega_generations
	set mg_lease_until = clock_timestamp()
	    + p_lease_ms * interval '1 millisecond'
	where mg_lease_owner = p_owner
	returning mg_generation_id, coalesce(mg_meta ->> 'cancel', '') = 'true';
end
$$;

-- mina_release(owner, gen): releases one lease of this owner, or all. Returns
-- how many. Other workers may claim them at once.
create or replace function mina_release(p_owner text, p_gen text default null)
returns int
language plpgsql
set search_path from current
as $$
declare
	n int;
begin
	update mega_generations
	set mg_lease_owner = null, mg_lease_until = null
	where mg_lease_owner = p_owner
	and (p_gen is null or mg_generation_id = p_gen);
	get diagnostics n = row_count;
	if n > 0 then
		perform pg_notify('mina_due', coalesce(p_gen, ''));
	end if;
	return n;
end
$$;
