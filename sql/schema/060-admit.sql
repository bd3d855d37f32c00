-- mina_admit(gen, pass, session, cost, mode, event, request, vars, meta,
-- max_queued, parent, address, per_pass, per_address, cents, daily_cents):
-- admits a generation. In one call it takes the hold, reserves what it may cost
-- us, inserts the generation row and its event, and notifies the workers; or it
-- returns another verdict and writes nothing.
--	ok		admitted; credits, held and available are the values
--			after it
--	replay		the row exists with the same meta.request_sha
--	mismatch	the row exists with another one, or belongs to another
--			customer
--	merged		the pass was claimed after mina_who() was called: ask
--			again, because the pass alone is no longer proof
--	credits		available < cost
--	limit		this pass has max_queued unfinished generations (null:
--			no limit)
--	disabled	the customer is disabled
--	nobody		there is no such customer
--	pass, address, house
--			that daily cap is used up; as mina_reserve() says, of
--			kind mode
-- cost is in matcha, mode still|video, event create|tweak. meta.request_sha
-- identifies the request; the default is the sha256 of request. A repetition is
-- also a replay if the first call used a pass that was merged into this one
-- since. address to daily_cents and loud are as in mina_reserve(); without
-- per_pass nothing is reserved.
-- Raises: 22023 for a negative cost, an unknown mode or event, or an empty id.
drop function if exists mina_admit(text, text, text, int, text, text, jsonb,
	jsonb, jsonb, int, text);
create or replace function mina_admit(p_gen text, p_pass text, p_session text,
	p_cost int, p_mode text, p_event text, p_request jsonb, p_vars jsonb,
	p_meta jsonb, p_max_queued int, p_parent text,
	p_address text default null, p_per_pass int default null,
	p_per_address int default null, p_cents int default null,
	p_daily int default null)
returns table (verdict text, credits int, held int, available int, status text,
	request_sha text, loud bool)
language plpgsql
as $$
declare
	c record;
	g record;
	t timestamptz := mina_now();
begin
	if coalesce(p_gen, '') = '' or coalesce(p_cost, -1) < 0
	    or p_mode is null or p_mode not in ('still', 'video')
	    or p_event is null or p_event not in ('create', 'tweak') then
		raise exception 'mina_admit: id %, cost %, mode %, event %',
		    p_gen, p_cost, p_mode, p_event using errcode = '22023';
	end if;
	loud := false;
	request_sha := coalesce(p_meta ->> 'request_sha',
	    encode(sha256(convert_to(p_request::text, 'UTF8')), 'hex'), '');

	-- This lock serializes concurrent calls for one customer: each
	-- following statement sees what the previous call committed.
	select mg_credits, mg_held, mg_expires_at,
	    coalesce(mg_disabled, false) or mg_deleted_at is not null as off,
	    mg_meta ->> 'merged_into' as moved, mg_meta -> 'merged' as others
	into c from mega_customers where mg_pass_id = p_pass for no key update;
	if not found then
		verdict := 'nobody';
		return next;
		return;
	end if;
	if c.mg_expires_at <= t then
		c.mg_credits := c.mg_credits + mina_expire(p_pass);
	end if;
	credits := c.mg_credits;
	held := c.mg_held;
	available := credits - held;

	select mg_pass_id, mg_mma_status, mg_meta ->> 'request_sha' as sha into g
	from mega_generations where mg_id = 'generation:' || p_gen;
	if found then
		verdict := case when g.sha = request_sha
		    and (g.mg_pass_id = p_pass
		    or mina_canonical(g.mg_pass_id) = p_pass)
		    then 'replay' else 'mismatch' end;
		status := g.mg_mma_status;
		request_sha := g.sha;
		return next;
		return;
	end if;
	if c.moved is not null then
		verdict := 'merged';
	elsif c.off then
		verdict := 'disabled';
	elsif available < p_cost then
		verdict := 'credits';
	elsif p_max_queued is not null and p_max_queued <= (
	    select count(*) from mega_generations where mg_pass_id = p_pass
	    and mg_record_type = 'generation' and mg_status = 'pending') then
		verdict := 'limit';
	elsif p_per_pass is not null then
		-- Last, so that a refusal reserves nothing.
		select nullif(r.verdict, 'ok'), r.loud into verdict, loud
		from mina_reserve_of(p_mode, p_pass, c.others, p_address,
		    p_per_pass, p_per_address, p_cents, p_daily) r;
	end if;
	if verdict is not null then
		return next;
		return;
	end if;

	insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
	    mg_session_id, mg_generation_id, mg_parent_id, mg_title, mg_type,
	    mg_status, mg_mma_mode, mg_mma_status, mg_mma_vars, mg_payload,
	    mg_meta, mg_cost, mg_attempts, mg_due_at, mg_source_system,
	    mg_created_at, mg_updated_at)
	values ('generation:' || p_gen, 'generation', p_pass, p_session, p_gen,
	    'generation:' || nullif(p_parent, ''),
	    left(coalesce(p_request ->> 'brief', p_request ->> 'motionPrompt',
	    p_vars #>> '{inputs,userBrief}',
	    p_vars #>> '{inputs,motion_user_brief}'), 120),
	    case p_mode when 'still' then 'image' else 'motion' end, 'pending',
	    p_mode, 'queued', coalesce(p_vars, '{}'),
	    jsonb_build_object('request', p_request),
	    coalesce(p_meta, '{}') || jsonb_build_object('event', p_event,
	    'request_sha', request_sha), p_cost, 0, t, 'mina', t, t)
	on conflict (mg_id) do nothing;
	if not found then
		-- Another customer's call inserted this id, under another lock.
		-- A unit stays reserved: an id is a hash of the pass or random,
		-- so this does not happen by chance.
		verdict := 'mismatch';
		return next;
		return;
	end if;
	if p_cost > 0 then
		update mega_customers
		set mg_held = mg_held + p_cost, mg_updated_at = t
		where mg_pass_id = p_pass;
	end if;
	insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
	    mg_session_id, mg_generation_id, mg_meta, mg_source_system,
	    mg_created_at, mg_updated_at)
	values ('mma_event:' || gen_random_uuid(), 'mma_event', p_pass,
	    p_session, p_gen, jsonb_strip_nulls(jsonb_build_object('event_type',
	    p_event, 'parent', p_parent)) || case when p_event = 'tweak'
	    and p_parent is not null then mina_tweaked(p_pass, p_parent)
	    else '{}' end, 'mina', t, t);
	perform pg_notify('mina_due', p_gen);
	verdict := 'ok';
	held := held + p_cost;
	available := available - p_cost;
	status := 'queued';
	return next;
end
$$;
