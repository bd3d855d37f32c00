-- How a generation ends: settled (charged and delivered) or voided (not
-- charged). Exactly one of the two happens, exactly once, each in one call.
--
-- Lock order everywhere: the generation row, then the customer row, a merged
-- one (052) before its canonical one, then counters (051). If the customer was
-- merged in the meantime, the charge goes to the merged row, where the hold is.

-- mina_bought(vars): may a provider have a job for the generation with these
-- variables, or has it had one that was paid for? From the note that one is about
-- to be created (mina_job), so it is true before the call goes out, until the
-- provider has certainly refused, or the job has failed (mina_job_end).
create or replace function mina_bought(p_vars jsonb)
returns bool
language sql immutable
as $$
	select coalesce(p_vars #>> '{job,state}', 'refused')
	    not in ('refused', 'ended')
	    or coalesce(p_vars -> 'ended_jobs' @> '[{"paid": true}]', false)
$$;

-- mina_settle(gen, owner, out, patch): charges the price, releases the hold and
-- records the output. out is {output_url, output_key, prompt, provider, model,
-- content_type, latency_ms, status}; status is postscan (the default) or done.
-- credits_after and charged are in matcha. A cost of 0 writes no ledger row.
-- If it is already settled: settled is true with the values of the first call,
-- and there is no second charge. If the lease is lost or the generation has
-- ended otherwise: settled is false and nothing is written.
-- Raises: 22023 without output_url, because delivered means stored.
create or replace function mina_settle(p_gen text, p_owner text, p_out jsonb,
	p_patch jsonb)
returns table (settled bool, credits_after int, charged int)
language plpgsql
as $$
declare
	g record;
	t timestamptz := mina_now();
	ending bool := p_out ->> 'status' = 'done';
begin
	select mg_id, mg_pass_id, mg_status, mg_cost, mg_mma_mode,
	    mg_lease_owner, mg_meta ->> 'event' as event,
	    mg_meta ->> 'cancel_day' as cancel_day
	into g from mega_generations
	where mg_id = 'generation:' || p_gen for no key update;
	settled := found and g.mg_status = 'succeeded';
	charged := 0;
	if settled or g.mg_status is distinct from 'pending'
	    or p_owner is null or g.mg_lease_owner is distinct from p_owner then
		if settled then
			charged := coalesce(g.mg_cost, 0);
			select (mg_meta ->> 'balance_after')::int into credits_after
			from mega_generations
			where mg_id = 'credit_transaction:settle:' || p_gen;
		end if;
		if credits_after is null then
			select mg_credits into credits_after from mega_customers
			where mg_pass_id = g.mg_pass_id;
		end if;
		return next;
		return;
	end if;
	if coalesce(p_out ->> 'output_url', '') = '' then
		raise exception 'mina_settle: % has no output_url', p_gen
		    using errcode = '22023';
	end if;
	if g.mg_cost > 0 then
		select m.balance_after into credits_after
		from mina_move(g.mg_pass_id, -g.mg_cost,
		    case when g.event = 'tweak' then 'tweak'
		    else g.mg_mma_mode end, 'generation', p_gen,
		    'settle:' || p_gen, 'mina', null, g.mg_cost) m;
	else
		select mg_credits into credits_after from mega_customers
		where mg_pass_id = g.mg_pass_id;
	end if;
	update mega_generations
	set mg_status = 'succeeded',
	    mg_mma_status = case when ending then 'done' else 'postscan' end,
	    mg_output_url = p_out ->> 'output_url',
	    mg_output_key = p_out ->> 'output_key',
	    mg_prompt = coalesce(p_out ->> 'prompt', mg_prompt),
	    mg_provider = coalesce(p_out ->> 'provider', mg_provider),
	    mg_model = coalesce(p_out ->> 'model', mg_model),
	    mg_content_type = coalesce(p_out ->> 'content_type',
	    mg_content_type),
	    mg_latency_ms = coalesce((p_out ->> 'latency_ms')::int,
	    greatest(least(extract(epoch from t - mg_created_at) * 1000, 2e9),
	    0)::int),
	    mg_mma_vars = mina_merge(mg_mma_vars, p_patch),
	    mg_due_at = case when ending then null else mg_due_at end,
	    mg_lease_owner = case when ending then null else mg_lease_owner end,
	    mg_lease_until = case when ending then null else mg_lease_until end,
	    mg_updated_at = t
	where mg_id = g.mg_id;
	if g.cancel_day = to_char(t at time zone 'UTC', 'YYYY-MM-DD') then
		-- Delivered before the worker saw the cancel: it was not unpaid.
		perform mina_uncount('cancel', mina_canonical(g.mg_pass_id), 1);
	end if;
	perform pg_notify('mina_gen', p_gen);
	settled := true;
	charged := coalesce(g.mg_cost, 0);
	return next;
end
$$;

-- mina_void(gen, owner, status, code, message, patch, refused): ends a
-- generation without a charge. status is error|canceled; code is stored in
-- mg_error, code and message in vars.error. owner may be null only if the row
-- has no valid lease (a cancel while it is queued, or after its worker died).
-- What a merged customer gets back moves on to the canonical row at once.
-- A provider's job is canceled (mina_call_off) if no worker can have done so:
-- when there is no owner, and with INTERNAL.
-- refused: the request was declined, or made a blank picture. If it had reached a
-- provider, that uses up one of the customer's free cancels of today
-- (mina_cancel). Other refusals than
-- MODERATED count only if the provider had a job: a create call is also refused
-- for our own faults.
-- False: it is not pending, or the caller does not own the lease.
drop function if exists mina_void(text, text, text, text, text, jsonb);
create or replace function mina_void(p_gen text, p_owner text, p_status text,
	p_code text, p_message text, p_patch jsonb, p_refused bool default false)
returns bool
language plpgsql
set search_path from current
as $$
declare
	g mega_generations;
	t timestamptz := mina_now();
	moved text;
begin
	if p_status is null or p_status not in ('error', 'canceled') then
		raise exception 'mina_void: % is not error or canceled', p_status
		    using errcode = '22023';
	end if;
	select * into g from mega_generations
	where mg_id = 'generation:' || p_gen and mg_status = 'pending'
	and (mina_same(mg_lease_owner, p_owner) or (p_owner is null
	and (mg_lease_owner is null or mg_lease_until <= mina_clock())))
	for no key update;
	if not found then
		return false;
	end if;
	if g.mg_cost > 0 then
		update mega_customers
		set mg_held = mg_held - g.mg_cost, mg_updated_at = t
		where mg_pass_id = g.mg_pass_id
		returning mg_meta ->> 'merged_into' into moved;
		if moved is not null then
			perform mina_move_on(g.mg_pass_id, moved, p_gen);
		end if;
	end if;
	update mega_generations
	set mg_status = 'failed', mg_mma_status = p_status, mg_error = p_code,
	    mg_mma_vars = mina_merge(mina_merge(mg_mma_vars, p_patch),
	    jsonb_build_object('error', jsonb_build_object('code', p_code,
	    'message', p_message))),
	    mg_due_at = null, mg_lease_owner = null, mg_lease_until = null,
	    mg_updated_at = t
	where mg_id = g.mg_id;
	if p_refused and (mina_bought(g.mg_mma_vars)
	    or p_code = 'MODERATED' and g.mg_mma_vars ? 'job')
	    and not coalesce(g.mg_meta, '{}') ? 'cancel_day' then
		perform mina_count('cancel', mina_canonical(g.mg_pass_id), 1,
		    2147483647);
	end if;
	-- A worker has canceled its job before, unless it must not look at it.
	if g.mg_mma_vars #>> '{job,state}' = 'submitted'
	    and (p_owner is null or p_code = 'INTERNAL') then
		perform mina_call_off(p_gen, g.mg_mma_vars -> 'job', p_code);
	end if;
	perform pg_notify('mina_gen', p_gen);
	return true;
end
$$;

-- mina_finish(gen, owner, patch): from postscan to done, and out of the queue.
-- True also if it is done already; false if the lease is lost or it is not
-- settled.
create or replace function mina_finish(p_gen text, p_owner text, p_patch jsonb)
returns bool
language plpgsql
as $$
begin
	update mega_generations
	set mg_mma_status = 'done', mg_mma_vars = mina_merge(mg_mma_vars, p_patch),
	    mg_due_at = null, mg_lease_owner = null, mg_lease_until = null,
	    mg_updated_at = mina_now()
	where mg_id = 'generation:' || p_gen and mina_same(mg_lease_owner, p_owner)
	and mg_status = 'succeeded';
	if found then
		perform pg_notify('mina_gen', p_gen);
		return true;
	end if;
	return exists (select 1 from mega_generations
	    where mg_id = 'generation:' || p_gen and mg_mma_status = 'done');
end
$$;

-- mina_cancel(gen, pass, free): cancels a generation on behalf of the customer.
-- pass is canonical; generations of passes merged into it count as the
-- customer's. Before a provider may have a job (mina_bought) it is free. After
-- that it is one of the free ones a day, of which a customer has this many; null
-- does not count (erasing an account). The worker writes its note of a job
-- under the same row lock, and is refused after a cancel (mina_job), so it is
-- always one or the other.
-- Returns:
--	canceled	it was queued and is voided
--	asked		it is running: mg_meta.cancel is set, and the worker
--			sees it by the notification on channel mina_cancel or
--			at the next renewal of its lease. mg_meta.cancel_day is
--			set if it was counted
--	late		the free ones are used up: it goes on, and is charged
--	(a status)	it has ended: postscan, done, error or canceled
--	null		this customer has no such generation
drop function if exists mina_cancel(text, text);
create or replace function mina_cancel(p_gen text, p_pass text,
	p_free int default 5)
returns text
language plpgsql
set search_path from current
as $$
declare
	g record;
	c record;
	s text;
	owner text;
	mark jsonb := '{"cancel":true}';
begin
	-- Locked, so that no worker can claim it before it is voided.
	select mg_pass_id as pass, mg_status = 'pending'
	    and mina_bought(mg_mma_vars)
	    and not coalesce(mg_meta, '{}') ? 'cancel' as counts into g
	from mega_generations where mg_id = 'generation:' || p_gen
	and (mg_pass_id = p_pass or mina_canonical(mg_pass_id) = p_pass)
	for no key update;
	if not found then
		return null;
	end if;
	if g.counts and p_free is not null then
		owner := g.pass;
		loop
			select mg_meta ->> 'merged_into' as moved,
			    mg_meta -> 'merged' as others into c
			from mega_customers where mg_pass_id = owner
			for no key update;
			exit when c.moved is null;
			owner := c.moved;
		end loop;
		if not mina_count_pass('cancel', owner, c.others, 1, p_free) then
			return 'late';
		end if;
		mark := mark || jsonb_build_object('cancel_day',
		    to_char(mina_now() at time zone 'UTC', 'YYYY-MM-DD'));
	end if;
	if mina_void(p_gen, null, 'canceled', 'CANCELED',
	    'You canceled it. Nothing was charged.', null) then
		return 'canceled';
	end if;
	update mega_generations
	set mg_meta = coalesce(mg_meta, '{}') || mark,
	    mg_updated_at = mina_now()
	where mg_id = 'generation:' || p_gen and mg_status = 'pending';
	if found then
		perform pg_notify('mina_cancel', p_gen);
		return 'asked';
	end if;
	select mg_mma_status into s from mega_generations
	where mg_id = 'generation:' || p_gen;
	return s;
end
$$;
