-- The credit ledger. Only the functions in this file, 060 and 065 change
-- mg_credits and mg_held. For each customer, in every state that another
-- transaction can see:
--	sum(mg_delta) = mg_credits
--	sum(mg_cost) of generations whose mg_status is pending = mg_held
--
-- The functions that every generation calls, here and in 060 to 075, do not set
-- search_path as the other functions do; that would be a tenth of a
-- generation's cost. The caller's search_path must contain the schema, which it
-- does if it found the function.

-- mina_ledger_last(pass): mg_created_at of the last row of its ledger, or null.
create or replace function mina_ledger_last(p_pass text)
returns timestamptz
language plpgsql stable
as $$
begin
	return (select mg_created_at from mega_generations
	    where mg_pass_id = p_pass
	    and mg_record_type = 'credit_transaction'
	    order by mg_created_at desc limit 1);
end
$$;

-- mina_move(pass, delta, reason, ref_type, ref_id, id, source, meta, release):
-- the only function that changes a balance. It inserts the ledger row
-- credit_transaction:<id> and updates the balance, together.
-- delta is in matcha and not 0. release reduces the hold by that much in the
-- same write (to settle a generation). If the id exists already, nothing
-- changes: applied is false and balance_after is the value of the first call.
-- Expired matcha is written off first, so that new matcha does not renew it. A
-- purchase sets the expiry to now + credits.days; meta.expires_at (a time) sets
-- it for any reason; the expiry is never moved to an earlier time. Other matcha
-- that arrives after the expiry also gets credits.days, or the next access
-- would write it off. A day is 24 hours: calendar days would depend on the
-- session's time zone.
-- If the pass was merged (052), the canonical pass is changed instead, in both
-- directions, so that no matcha is stranded on the merged row; balance_after
-- and the ledger row are then those of the canonical pass. The merged row
-- itself is changed only by settling its own generations, by expiry and by
-- merge_out.
-- mg_created_at is also the ledger's sequence, which must agree with
-- balance_after: a row that would not be later than the one before it of this
-- pass, and of those merged into it, because it is of the same transaction or
-- the clock was set back, is a microsecond later than that. If that is not the
-- time by the clock, meta.clock is.
-- Raises: MN402 if the balance would fall below zero or below the hold, MN404
-- no such customer, 22023 without an id, reason or delta.
create or replace function mina_move(p_pass text, p_delta int, p_reason text,
	p_ref_type text, p_ref_id text, p_id text, p_source text, p_meta jsonb,
	p_release int default 0)
returns table (applied bool, balance_after int)
language plpgsql
as $$
declare
	c record;
	t timestamptz := mina_now();
	place timestamptz;
	until timestamptz := (p_meta ->> 'expires_at')::timestamptz;
begin
	if coalesce(p_delta, 0) = 0 or coalesce(p_reason, '') = ''
	    or coalesce(p_id, '') = '' or coalesce(p_release, -1) < 0 then
		raise exception 'mina_move: needs an id, a reason and a delta'
		    using errcode = '22023';
	end if;
	-- FOR UPDATE would also block inserts of rows that refer to this one.
	select mg_credits, mg_held, mg_expires_at,
	    mg_meta ->> 'merged_into' as moved,
	    mg_meta -> 'merged' as others into c from mega_customers
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
		-- The pointer cannot change while this row is locked.
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
	place := mina_ledger_last(p_pass);
	if c.others is not null then
		place := greatest(place, (select max(mina_ledger_last(o))
		    from jsonb_array_elements_text(c.others) o));
	end if;
	place := greatest(t, place + interval '1 microsecond');
	insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
	    mg_generation_id, mg_delta, mg_reason, mg_source, mg_ref_type,
	    mg_ref_id, mg_meta, mg_source_system, mg_created_at, mg_updated_at)
	values ('credit_transaction:' || p_id, 'credit_transaction', p_pass,
	    case when p_ref_type = 'generation' then p_ref_id end, p_delta,
	    p_reason, p_source, p_ref_type, p_ref_id,
	    coalesce(p_meta, '{}') || jsonb_build_object('balance_after',
	    balance_after) || case when place > t + interval '1 second'
	    then jsonb_build_object('clock', t) else '{}' end, 'mina', place, t)
	on conflict (mg_id) do nothing;
	if not found then
		-- A movement of another customer inserted this id concurrently.
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

-- mina_expire(pass): writes off the matcha that is not held once mg_expires_at
-- has passed, by a ledger row with the reason expiry. Held matcha remains; if
-- its hold is voided later, the next access writes it off.
-- Returns the delta, 0 or negative. With nothing to do it costs one index read
-- and takes no lock.
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

-- mina_expire_all(max): for the clean-up job; at most max customers in one
-- call. Returns how many were written off; the caller repeats until it is less
-- than max.
create or replace function mina_expire_all(p_max int)
returns int
language plpgsql
set search_path from current
as $$
declare
	p text;
	n int := 0;
begin
	-- In a fixed order, so that two concurrent calls cannot deadlock.
	for p in select mg_pass_id from mega_customers
	    where mg_expires_at <= mina_now() and mg_credits > mg_held
	    order by mg_pass_id limit p_max loop
		n := n + (mina_expire(p) < 0)::int;
	end loop;
	return n;
end
$$;
