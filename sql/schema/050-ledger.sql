-- Matcha. mg_credits and mg_held are changed by the functions in this file and
-- in 060, 070 and by nothing else. What holds at every instant another
-- transaction can see, per customer:
--	sum(mg_delta) = mg_credits
--	sum(mg_cost) of generations whose mg_status is pending = mg_held
--
-- What every generation calls, here and in 060 to 075, does not set the
-- search_path as the other functions do: a tenth of a generation's cost. The
-- caller's must name the schema, as it does where it found the function.

-- mina_move(pass, delta, reason, ref_type, ref_id, id, source, meta, release)
-- The ledger mover: one row credit_transaction:<id> and the balance, together.
-- delta is in matcha, never 0. release gives back that much of the hold in the
-- same write (settling). The same id again: applied false, nothing changes,
-- balance_after is the first answer's.
-- What has run out is written off first, so that new matcha cannot revive it.
-- A purchase sets the date to now + credits.days; meta.expires_at (a time) sets
-- it for any reason; a date is never brought forward. A day is 24 hours: days
-- would be longer or shorter by the session's time zone. Other matcha arriving
-- after the date had passed gets credits.days too, or it would be gone on the
-- next touch.
-- A pass that was merged (052): the canonical one is moved instead, whatever the
-- direction, so that nothing is stranded where nobody looks. Only what belongs
-- to the old row itself stays there: settling its generations, writing off, and
-- merge_out. balance_after and the ledger row are the canonical one's then.
-- Refuses: MN402 when the balance would fall below zero or below what is held,
-- MN404 no such customer, 22023 no id, no reason, no delta.
create or replace function mina_move(p_pass text, p_delta int, p_reason text,
	p_ref_type text, p_ref_id text, p_id text, p_source text, p_meta jsonb,
	p_release int default 0)
returns table (applied bool, balance_after int)
language plpgsql
as $$
declare
	c record;
	t timestamptz := mina_now();
	until timestamptz := (p_meta ->> 'expires_at')::timestamptz;
begin
	if coalesce(p_delta, 0) = 0 or coalesce(p_reason, '') = ''
	    or coalesce(p_id, '') = '' or coalesce(p_release, -1) < 0 then
		raise exception 'mina_move: needs an id, a reason and a delta'
		    using errcode = '22023';
	end if;
	-- Not "for update": that would hold up every row that refers to this one.
	select mg_credits, mg_held, mg_expires_at,
	    mg_meta ->> 'merged_into' as moved into c from mega_customers
	where mg_pass_id = p_pass for no key update;
	if not found then
		raise exception 'mina_move: no customer %', p_pass
		    using errcode = 'MN404';
	end if;
	select false, (mg_meta ->> 'balance_after')::int
	into applied, balance_after
	from mega_generations where mg_id = 'credit_transaction:' || p_id;
	if found then
		return next;
		return;
	end if;
	if c.moved is not null and p_release = 0
	    and p_reason not in ('expiry', 'merge_out') then
		-- It cannot point elsewhere while we hold it.
		return query select m.applied, m.balance_after
		from mina_move(c.moved, p_delta, p_reason, p_ref_type, p_ref_id,
		    p_id, p_source, p_meta) m;
		return;
	end if;
	if c.mg_expires_at <= t and c.mg_credits > c.mg_held
	    and p_reason not in ('expiry', 'merge_out') and p_release = 0 then
		c.mg_credits := c.mg_credits + mina_expire(p_pass);
	end if;
	if c.mg_credits + p_delta < greatest(c.mg_held - p_release, 0) then
		raise exception 'not enough matcha: % available, % wanted',
		    c.mg_credits - c.mg_held, -p_delta using errcode = 'MN402',
		    detail = format('pass %s credits %s held %s delta %s', p_pass,
		    c.mg_credits, c.mg_held, p_delta);
	end if;
	if until is null and p_delta > 0 and (p_reason = 'purchase'
	    or c.mg_expires_at <= t) then
		until := t + make_interval(hours => 24 *
		    coalesce((mina_runtime() ->> 'credits.days')::int, 30));
	end if;
	balance_after := c.mg_credits + p_delta;
	insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
	    mg_generation_id, mg_delta, mg_reason, mg_source, mg_ref_type,
	    mg_ref_id, mg_meta, mg_source_system, mg_created_at, mg_updated_at)
	values ('credit_transaction:' || p_id, 'credit_transaction', p_pass,
	    case when p_ref_type = 'generation' then p_ref_id end, p_delta,
	    p_reason, p_source, p_ref_type, p_ref_id,
	    coalesce(p_meta, '{}') || jsonb_build_object('balance_after',
	    balance_after), 'mina', t, t)
	on conflict (mg_id) do nothing;
	if not found then
		-- Taken this moment by another customer's movement.
		select false, (mg_meta ->> 'balance_after')::int
		into applied, balance_after
		from mega_generations where mg_id = 'credit_transaction:' || p_id;
		return next;
		return;
	end if;
	update mega_customers
	set mg_credits = mg_credits + p_delta, mg_held = mg_held - p_release,
	    mg_expires_at = greatest(mg_expires_at, until),
	    mg_last_topup_at = case when p_reason = 'purchase' then t
	    else mg_last_topup_at end,
	    mg_updated_at = t
	where mg_pass_id = p_pass;
	applied := true;
	return next;
end
$$;

-- mina_expire(pass): writes off what is not held once mg_expires_at has come,
-- by a ledger row with reason expiry. Returns the delta: 0 or a negative
-- number. Nothing to do costs one index read and no lock. A hold stays good;
-- if it is voided later, the next touch writes that off as well.
create or replace function mina_expire(p_pass text)
returns int
language plpgsql
set search_path from current
as $$
declare
	n int;
	at timestamptz;
begin
	perform 1 from mega_customers where mg_pass_id = p_pass
	and mg_expires_at <= mina_now() and mg_credits > mg_held;
	if not found then
		return 0;
	end if;
	select mg_credits - mg_held, mg_expires_at into n, at
	from mega_customers where mg_pass_id = p_pass
	and mg_expires_at <= mina_now() and mg_credits > mg_held
	for no key update;
	if not found then
		return 0;
	end if;
	perform mina_move(p_pass, -n, 'expiry', 'customer', p_pass,
	    'expiry:' || gen_random_uuid(), 'mina',
	    jsonb_build_object('expired_at', at));
	return -n;
end
$$;

-- mina_expire_all(max): the hourly sweep; at most max customers a call. Returns
-- how many were written off, so the caller repeats until it is less than max.
create or replace function mina_expire_all(p_max int)
returns int
language plpgsql
set search_path from current
as $$
declare
	p text;
	n int := 0;
begin
	-- Always in the same order: two sweeps at once must not deadlock.
	for p in select mg_pass_id from mega_customers
	    where mg_expires_at <= mina_now() and mg_credits > mg_held
	    order by mg_pass_id limit p_max loop
		n := n + (mina_expire(p) < 0)::int;
	end loop;
	return n;
end
$$;
