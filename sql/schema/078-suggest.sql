-- Motion prompt suggestions. A suggestion does not belong to a generation, so
-- it is a step record with its own id, mma_step:sugg_<uuid>:0, and its own
-- parent.

create index if not exists mega_generations_suggested
	on mega_generations (mg_pass_id, mg_created_at)
	where mg_record_type = 'mma_step' and mg_step_type = 'motion_suggestion';

-- mina_suggested(pass, prompt): the newest suggestion with exactly this prompt,
-- of this pass or one merged into it, within the last 7 days. Returns the mg_id
-- of its step and its status message.
create or replace function mina_suggested(p_pass text, p_prompt text)
returns table (step text, line text)
language sql stable
set search_path from current
as $$
	select mg_id, mg_payload #>> '{output,userMessage_final}'
	from mega_generations
	where mg_pass_id = any (mina_passes(p_pass))
	and mg_record_type = 'mma_step' and mg_step_type = 'motion_suggestion'
	and mg_status = 'succeeded'
	and mg_created_at > mina_now() - interval '7 days'
	and mg_payload #>> '{output,motion_prompt}' = p_prompt
	order by mg_created_at desc limit 1
$$;

-- mina_suggest_may(pass): what the customer has at stake: the matcha available
-- to this pass (0 for an unknown one), and whether it is an account with a
-- verified address. An anonymous pass is no account: it may be invented.
drop function if exists mina_suggest_may(text);
create or replace function mina_suggest_may(p_pass text)
returns table (available int, verified bool)
language sql stable
set search_path from current
as $$
	select coalesce(max(case when mg_expires_at <= mina_now() then 0
	    else mg_credits - mg_held end), 0),
	    coalesce(bool_or(coalesce(mg_verified_any, mg_verified_email, false)
	    and mg_pass_id not like 'pass:anon:%'), false)
	from mega_customers where mg_pass_id = p_pass
$$;

-- mina_suggest_note(pass, id, payload, provider, model, latency_ms, in_tokens,
-- out_tokens, failed, price): inserts the step, once for each id, and charges
-- its price (matcha, 0: free) unless it failed.
-- Raises: MN402 if there is not enough matcha; the step is then not inserted.
create or replace function mina_suggest_note(p_pass text, p_id text,
	p_payload jsonb, p_provider text, p_model text, p_latency_ms int,
	p_in_tokens int, p_out_tokens int, p_failed bool, p_price int)
returns bool
language plpgsql
set search_path from current
as $$
declare
	t timestamptz := mina_now();
begin
	insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
	    mg_generation_id, mg_parent_id, mg_step_no, mg_step_type, mg_payload,
	    mg_provider, mg_model, mg_latency_ms, mg_input_tokens,
	    mg_output_tokens, mg_status, mg_error, mg_meta, mg_source_system,
	    mg_created_at, mg_updated_at)
	values ('mma_step:sugg_' || p_id || ':0', 'mma_step', p_pass,
	    'sugg_' || p_id, 'generation:sugg_' || p_id, 0, 'motion_suggestion',
	    p_payload, p_provider, p_model, p_latency_ms, p_in_tokens,
	    p_out_tokens, case when p_failed then 'failed' else 'succeeded' end,
	    p_payload #>> '{error,code}', '{"key": "0"}', 'mina', t, t)
	on conflict (mg_id) do nothing;
	if found and not p_failed and p_price > 0 then
		perform mina_move(p_pass, -p_price, 'suggest', 'suggestion', p_id,
		    'suggest:' || p_id, 'mina', null);
	end if;
	return true;
end
$$;
