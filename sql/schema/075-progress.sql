-- What a worker writes during a run. Each function checks the lease owner and
-- writes nothing if it is another's. Channel mina_gen, with the generation id
-- as payload, announces changes that clients can see.

-- mina_said(vars, text): the variables with text appended to
-- userMessages.scan_lines; unchanged if text is null or empty.
create or replace function mina_said(p_vars jsonb, p_text text)
returns jsonb
language plpgsql immutable
as $$
begin
	if coalesce(p_text, '') = '' then
		return p_vars;
	end if;
	return mina_merge(p_vars, jsonb_build_object('userMessages',
	    jsonb_build_object('scan_lines',
	    coalesce(p_vars #> '{userMessages,scan_lines}', '[]')
	    || jsonb_build_array(p_text))));
end
$$;

-- mina_stage(gen, owner, status, patch, line): moves status forward (null, the
-- same or an earlier one leaves it) and merges patch into mg_mma_vars
-- (mina_merge). line is a status message (see mina_line); it is added only if
-- the status changed, so that a run that starts over does not repeat it.
-- False: the caller does not own the lease. Raises: 22023 for a status that
-- only settle, void and finish may set.
drop function if exists mina_stage(text, text, text, jsonb);
create or replace function mina_stage(p_gen text, p_owner text, p_status text,
	p_patch jsonb, p_line text default null)
returns bool
language plpgsql
as $$
declare
	was text;
	later bool;
begin
	if mina_rank(p_status) > 4 or (p_status is not null
	    and mina_rank(p_status) = 0) then
		raise exception 'mina_stage: % is not a stage', p_status
		    using errcode = '22023';
	end if;
	-- Read without a lock: the status only moves forward, so a stale value
	-- can at most announce a change again.
	select mg_mma_status into was from mega_generations
	where mg_id = 'generation:' || p_gen and mina_same(mg_lease_owner, p_owner);
	if not found then
		return false;
	end if;
	later := mina_rank(p_status) > mina_rank(was);
	if not later then
		p_line := null;
	end if;
	if p_patch is not null or p_line is not null then
		update mega_generations
		set mg_mma_status = case
		    when mina_rank(p_status) > mina_rank(mg_mma_status)
		    then p_status else mg_mma_status end,
		    mg_mma_vars = mina_said(mina_merge(mg_mma_vars, p_patch),
		    p_line),
		    mg_updated_at = mina_now()
		where mg_id = 'generation:' || p_gen and mina_same(mg_lease_owner, p_owner);
	elsif later then
		update mega_generations
		set mg_mma_status = case
		    when mina_rank(p_status) > mina_rank(mg_mma_status)
		    then p_status else mg_mma_status end,
		    mg_updated_at = mina_now()
		where mg_id = 'generation:' || p_gen and mina_same(mg_lease_owner, p_owner);
	end if;
	if not found then
		return false;
	end if;
	if later or p_patch ? 'userMessages' then
		perform pg_notify('mina_gen', p_gen);
	end if;
	return true;
end
$$;

-- mina_line(gen, owner, text): appends a status message to
-- mg_mma_vars.userMessages.scan_lines, in one statement, so that parallel scans
-- do not overwrite each other's.
create or replace function mina_line(p_gen text, p_owner text, p_text text)
returns bool
language plpgsql
as $$
begin
	update mega_generations
	set mg_mma_vars = mina_said(mg_mma_vars, p_text),
	    mg_updated_at = mina_now()
	where mg_id = 'generation:' || p_gen and mina_same(mg_lease_owner, p_owner);
	if not found then
		return false;
	end if;
	perform pg_notify('mina_gen', p_gen);
	return true;
end
$$;

-- mina_picture(gen, owner, from, to): a picture of the request was copied to our
-- storage: from now on the request and the variables have the address of the
-- copy, also for a tweak, a retry and Recreate. A repetition changes nothing.
-- False: the caller does not own the lease.
create or replace function mina_picture(p_gen text, p_owner text, p_from text,
	p_to text)
returns bool
language plpgsql
as $$
begin
	update mega_generations
	set mg_payload = mina_addresses(mg_payload, p_from, p_to),
	    mg_mma_vars = mina_addresses(mg_mma_vars, p_from, p_to),
	    mg_updated_at = mina_now()
	where mg_id = 'generation:' || p_gen and mina_same(mg_lease_owner, p_owner);
	return found;
end
$$;

-- mina_step(gen, owner, no, type, key, payload, provider, model, latency_ms,
-- in_tokens, out_tokens, status, error, meta): inserts the step record
-- mma_step:<gen>:<no>, which never changes. payload is {input, output, timing,
-- error}; the input of a step that calls a language model has ctx_key,
-- ctx_version and ctx_id. status is succeeded|failed. key says what the step is
-- about, e.g. scan:product, and is stored in mg_meta.key.
-- False: the caller does not own the lease, or no exists already.
create or replace function mina_step(p_gen text, p_owner text, p_no int,
	p_type text, p_key text, p_payload jsonb, p_provider text, p_model text,
	p_latency_ms int, p_in_tokens int, p_out_tokens int, p_status text,
	p_error text, p_meta jsonb)
returns bool
language plpgsql
as $$
begin
	if p_status is null or p_status not in ('succeeded', 'failed') then
		raise exception 'mina_step: % is not succeeded or failed', p_status
		    using errcode = '22023';
	end if;
	-- The lock lasts to the end of the transaction, so there can be no
	-- takeover between the check and the insert.
	insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
	    mg_session_id, mg_generation_id, mg_parent_id, mg_step_no,
	    mg_step_type, mg_payload, mg_provider, mg_model, mg_latency_ms,
	    mg_input_tokens, mg_output_tokens, mg_status, mg_error, mg_meta,
	    mg_source_system, mg_created_at, mg_updated_at)
	select 'mma_step:' || p_gen || ':' || p_no, 'mma_step', g.mg_pass_id,
	    g.mg_session_id, p_gen, g.mg_id, p_no, p_type, p_payload,
	    p_provider, p_model, p_latency_ms, p_in_tokens, p_out_tokens,
	    p_status, p_error,
	    coalesce(p_meta, '{}') || jsonb_build_object('key', p_key), 'mina',
	    mina_now(), mina_now()
	from mega_generations g
	where g.mg_id = 'generation:' || p_gen and mina_same(g.mg_lease_owner, p_owner)
	for no key update
	on conflict (mg_id) do nothing;
	return found;
end
$$;

-- mina_steps(gen): all steps so far, in order; a resumed run skips those that
-- have succeeded.
create or replace function mina_steps(p_gen text)
returns table (no int, type text, key text, status text, payload jsonb)
language plpgsql stable
as $$
begin
	return query select mg_step_no, mg_step_type, mg_meta ->> 'key',
	    mg_status, mg_payload
	from mega_generations
	where mg_generation_id = p_gen and mg_record_type = 'mma_step'
	order by mg_step_no;
end
$$;

-- mina_jobs_over(vars, provider): may no further job be created at this provider
-- for the generation with these variables? A provider has at most two, and two
-- that were paid for are the most of a generation, at all its providers; the
-- second of those has a reservation of its own (mina_job_end).
create or replace function mina_jobs_over(p_vars jsonb, p_provider text)
returns bool
language sql immutable
as $$
	select coalesce((p_vars ->> 'no_more_jobs')::bool, false)
	    or (select count(*) >= 2 from jsonb_array_elements(
	    coalesce(p_vars -> 'ended_jobs', '[]')) e
	    where e ->> 'provider' = p_provider)
$$;

-- mina_job_ended(meta, provider, id): mg_meta with this job among those that have
-- ended; unchanged without an id.
create or replace function mina_job_ended(p_meta jsonb, p_provider text,
	p_id text)
returns jsonb
language sql immutable
as $$
	select case when p_id is null or p_provider is null then p_meta
	    else coalesce(p_meta, '{}') || jsonb_build_object('ended_jobs',
	    coalesce(p_meta -> 'ended_jobs', '[]')
	    || to_jsonb(p_provider || ':' || p_id)) end
$$;

-- mina_job(gen, owner, provider, job, over): stores the provider's job in
-- mg_mma_vars.job (with provider added), before its first poll. Without job.id
-- it records that a job is about to be created (state submitting), or that there
-- is none. Returns ok; lost: the caller does not own the lease; taken: another
-- generation has or had this job id, or this one had it, or it is not to be used
-- (mina_late_job); canceled: the customer canceled it, so no job may be created
-- any more; over: it has had the jobs that it may have. Programs of before,
-- which do not know that word and would create one, get lost instead.
drop function if exists mina_job(text, text, text, jsonb);
create or replace function mina_job(p_gen text, p_owner text, p_provider text,
	p_job jsonb, p_over bool default false)
returns text
language plpgsql
as $$
declare
	v_job jsonb := jsonb_build_object('job',
	    p_job || jsonb_build_object('provider', p_provider));
	over bool;
begin
	if p_job ->> 'id' is null then
		-- No unique key can conflict, so no subtransaction is needed.
		-- mg_ref_type is left as it is: without mg_ref_id the row is in
		-- no index, so that the first record is a heap-only update.
		update mega_generations
		set mg_mma_vars = coalesce(mg_mma_vars, '{}') || v_job,
		    mg_meta = case when mg_ref_id is null then mg_meta
		    else mina_job_ended(mg_meta, mg_mma_vars #>> '{job,provider}',
		    mg_ref_id) end,
		    mg_ref_id = null, mg_updated_at = mina_now()
		where mg_id = 'generation:' || p_gen and mina_same(mg_lease_owner, p_owner)
		and (p_job ->> 'state' is distinct from 'submitting'
		or coalesce(mg_meta ->> 'cancel', '') <> 'true'
		and not mina_jobs_over(mg_mma_vars, p_provider));
		if found then
			return 'ok';
		end if;
		select coalesce(mg_meta ->> 'cancel', '') <> 'true' into over
		from mega_generations where mg_id = 'generation:' || p_gen
		and mina_same(mg_lease_owner, p_owner);
		return case when not found or over and not p_over then 'lost'
		    when over then 'over' else 'canceled' end;
	end if;
	begin
		update mega_generations
		set mg_mma_vars = coalesce(mg_mma_vars, '{}') || v_job,
		    mg_ref_type = 'job:' || p_provider, mg_ref_id = p_job ->> 'id',
		    mg_updated_at = mina_now()
		where mg_id = 'generation:' || p_gen and mina_same(mg_lease_owner, p_owner)
		and not coalesce(mg_meta -> 'canceled_jobs' ? (p_job ->> 'id'), false);
		if found then
			-- After the update: the unique index made it wait for a
			-- transaction in which another one's job ends.
			if exists (select 1 from mega_generations
			    where mg_record_type = 'generation'
			    and mg_meta ? 'ended_jobs' and mg_meta -> 'ended_jobs'
			    ? (p_provider || ':' || (p_job ->> 'id'))) then
				raise unique_violation;
			end if;
			return 'ok';
		end if;
	exception when unique_violation then
		return 'taken';
	end;
	perform 1 from mega_generations where mg_id = 'generation:' || p_gen
	and mina_same(mg_lease_owner, p_owner);
	return case when found then 'taken' else 'lost' end;
end
$$;

-- mina_job_end(gen, owner, provider, paid, why, per_pass, cents, daily_cents): the
-- job on the row is over without an output that can be used. Its id is kept,
-- so that no generation takes it again, in mg_meta.ended_jobs as
-- <provider>:<id>, and with paid and why ({error, reason}) in
-- mg_mma_vars.ended_jobs. A job that was paid for and not the second such one
-- is followed by one that is reserved here, as an admission is (mina_reserve),
-- or by none: mg_mma_vars.no_more_jobs.
-- verdict: ok; lost: the caller does not own the lease; else the reservation
-- was refused (mina_reserve, which also has loud and the last three arguments).
-- over: mina_jobs_over; nowhere: nor may another provider create one. A repetition
-- reserves nothing.
create or replace function mina_job_end(p_gen text, p_owner text,
	p_provider text, p_paid bool, p_why jsonb, p_per_pass int, p_cents int,
	p_daily int)
returns table (verdict text, loud bool, over bool, nowhere bool)
language plpgsql
set search_path from current
as $$
declare
	g record;
	ended jsonb;
	job text;
begin
	verdict := 'ok';
	loud := false;
	nowhere := false;
	select mg_id, mg_pass_id, mg_mma_mode, mg_mma_vars as vars into g
	from mega_generations where mg_id = 'generation:' || p_gen
	and mina_same(mg_lease_owner, p_owner) for no key update;
	if not found then
		verdict := 'lost';
		over := true;
		nowhere := true;
		return next;
		return;
	end if;
	if g.vars #>> '{job,provider}' is distinct from p_provider
	    or g.vars #>> '{job,state}' in ('ended', 'refused') then
		over := mina_jobs_over(g.vars, p_provider);
		nowhere := g.vars ? 'no_more_jobs';
		return next;
		return;
	end if;
	job := g.vars #>> '{job,id}';
	ended := coalesce(g.vars -> 'ended_jobs', '[]') || jsonb_build_array(
	    jsonb_strip_nulls(coalesce(p_why, '{}') || jsonb_build_object(
	    'provider', p_provider, 'id', job, 'paid', p_paid)));
	if p_paid then
		nowhere := (select count(*) >= 2 from jsonb_array_elements(ended) e
		    where (e ->> 'paid')::bool);
		if not nowhere then
			select r.verdict, r.loud into verdict, loud
			from mina_reserve(g.mg_mma_mode, g.mg_pass_id, null,
			    p_per_pass, null, p_cents, p_daily) r;
			nowhere := verdict <> 'ok';
		end if;
	end if;
	g.vars := g.vars || jsonb_build_object('ended_jobs', ended, 'job',
	    jsonb_build_object('state', 'ended', 'provider', p_provider, 'at',
	    g.vars #> '{job,at}')) || case when nowhere
	    then '{"no_more_jobs": true}'::jsonb else '{}' end;
	update mega_generations
	set mg_mma_vars = g.vars, mg_ref_id = null,
	    mg_meta = mina_job_ended(mg_meta, p_provider, job),
	    mg_updated_at = mina_now()
	where mg_id = g.mg_id;
	over := mina_jobs_over(g.vars, p_provider);
	return next;
end
$$;

-- mina_late_job(gen, job, step_type, key, payload, provider, model, state,
-- cents): a worker has created a job and then found that it had lost the lease.
-- Records that as a failed step, and that no run may use the job (mina_job);
-- adds its cost to the day's spending of the house, as it was not reserved and
-- may not be refused any more; and has it canceled (mina_call_off). state is
-- the job as mina_job() would have stored it. The step's number leaves room for
-- those that the run which took over is about to write.
-- False, and nothing is written: that run has found the job and uses it, or has
-- used it.
drop function if exists mina_late_job(text, text, text, text, jsonb, text, text);
create or replace function mina_late_job(p_gen text, p_job text, p_type text,
	p_key text, p_payload jsonb, p_provider text, p_model text,
	p_state jsonb default null, p_cents int default 0)
returns bool
language plpgsql
as $$
declare
	g record;
	no int;
begin
	-- Under this lock, as mina_job() writes it.
	select mg_id, mg_pass_id, mg_session_id, mg_ref_id, mg_meta
	into g
	from mega_generations where mg_id = 'generation:' || p_gen
	for no key update;
	if not found or g.mg_ref_id = p_job or coalesce(g.mg_meta
	    -> 'ended_jobs' ? (p_provider || ':' || p_job), false) then
		return false;
	end if;
	-- As an ended one no other generation finds it, either.
	update mega_generations
	set mg_meta = mina_job_ended(coalesce(mg_meta, '{}'), p_provider,
	    p_state ->> 'id') || jsonb_build_object(
	    'late_jobs', coalesce(mg_meta -> 'late_jobs', '[]')
	    || to_jsonb(p_job))
	where mg_id = g.mg_id;
	select coalesce(max(mg_step_no), 0) + 1000 into no
	from mega_generations
	where mg_generation_id = p_gen and mg_record_type = 'mma_step';
	insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
	    mg_session_id, mg_generation_id, mg_parent_id, mg_step_no,
	    mg_step_type, mg_payload, mg_provider, mg_model, mg_status,
	    mg_error, mg_meta, mg_source_system, mg_created_at, mg_updated_at)
	values ('mma_step:' || p_gen || ':' || no, 'mma_step', g.mg_pass_id,
	    g.mg_session_id, p_gen, g.mg_id, no, p_type, p_payload, p_provider,
	    p_model, 'failed', 'LEASE_LOST', jsonb_build_object('key', p_key),
	    'mina', mina_now(), mina_now());
	perform mina_call_off(p_gen, p_state || jsonb_build_object('provider',
	    p_provider), 'late');
	if p_cents > 0 then
		perform mina_count('spend', 'house', p_cents, 2147483647);
	end if;
	return true;
end
$$;

-- mina_job_find(provider, id): the generation of a provider's job.
create or replace function mina_job_find(p_provider text, p_id text)
returns text
language sql stable
set search_path from current
as $$
	select mg_generation_id from mega_generations
	where mg_ref_type = 'job:' || p_provider and mg_ref_id = p_id
	and mg_record_type = 'generation' and mg_ref_type like 'job:%'
$$;

-- mina_eta(mode): median and 90th percentile of the duration of the last 200
-- deliveries, in seconds. Null if there are fewer than 5. Negative ones, which
-- a clock set back has left, are not durations.
create or replace function mina_eta(p_mode text)
returns table (p50 real, p90 real)
language sql stable
set search_path from current
as $$
	select case when count(*) >= 5 then
	    (percentile_cont(0.5) within group (order by s))::real end,
	    case when count(*) >= 5 then
	    (percentile_cont(0.9) within group (order by s))::real end
	from (select coalesce(mg_latency_ms / 1000.0,
	    extract(epoch from mg_updated_at - mg_created_at)) as s
	    from mega_generations
	    where mg_record_type = 'generation' and mg_status = 'succeeded'
	    and mg_mma_mode = p_mode
	    order by mg_created_at desc limit 200) last
	where s >= 0
$$;
