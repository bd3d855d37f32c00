-- Triggers: which rows can change, and in which direction.

-- mina_rank(status): position of a generation's status in its sequence. The
-- three final states have the same rank, so none can follow another. Null is
-- before all of them.
create or replace function mina_rank(p_status text)
returns int
language sql immutable
as $$
	select case p_status when 'queued' then 1 when 'scanning' then 2
	    when 'prompting' then 3 when 'generating' then 4
	    when 'postscan' then 5 when 'done' then 6 when 'error' then 6
	    when 'canceled' then 6 else 0 end
$$;

-- mina.erasing: while mina_erase_rows() and mina_erase_admin() (088) have this
-- setting on, which ends with their transaction, the triggers let through an
-- update that removes words or replaces ids. They still refuse one that changes
-- a number, a reason, a time or a status. The setting protects against
-- mistakes, not against the owner of the tables, who could drop the triggers.
create or replace function mina_refuse()
returns trigger
language plpgsql
as $$
begin
	if tg_level = 'STATEMENT' then
		raise exception '%: % refused, its rows are kept for ever',
		    tg_table_name, lower(tg_op) using errcode = 'MN403';
	end if;
	if tg_op = 'UPDATE' and tg_table_name = 'mega_admin'
	    and current_setting('mina.erasing', true) = 'yes' then
		if old.mg_record_type = 'admin_audit'
		    and (old.mg_id, old.mg_record_type, old.mg_action,
		    old.mg_method, old.mg_status, old.mg_created_at)
		    is not distinct from
		    (new.mg_id, new.mg_record_type, new.mg_action,
		    new.mg_method, new.mg_status, new.mg_created_at) then
			return new;
		end if;
	end if;
	raise exception '%: % of % refused: % rows %', tg_table_name,
	    lower(tg_op), old.mg_id, old.mg_record_type,
	    case when old.mg_record_type = 'generation'
	    then 'are never deleted, set mg_deleted_at'
	    when old.mg_record_type in ('app_config', 'runtime_config')
	    then 'never change, write a new version'
	    else 'never change, write a new row' end
	    using errcode = 'MN403';
end
$$;

create or replace trigger mega_generations_not_truncated
	before truncate on mega_generations
	for each statement execute function mina_refuse();

create or replace trigger mega_admin_immutable
	before update or delete on mega_admin
	for each row when (old.mg_record_type in ('app_config',
	    'runtime_config', 'admin_audit'))
	execute function mina_refuse();
create or replace trigger mega_admin_not_truncated
	before truncate on mega_admin
	for each statement execute function mina_refuse();

-- mina_addresses(doc, from, to): the payload or the variables of a generation
-- with each of its pictures' addresses that is from replaced by to. With from
-- null, what may be a signature (query and fragment) is cut off all of them.
create or replace function mina_addresses(p_doc jsonb, p_from text, p_to text)
returns jsonb
language plpgsql immutable
as $$
declare
	at text[];
	part text;
begin
	for i in 1..4 loop
		at := case i when 1 then array['request', 'assets']
		    when 2 then array['request', 'inputStillUrl']
		    when 3 then array['request', 'endStillUrl']
		    else array['assets'] end;
		part := (p_doc #> at)::text;
		continue when part is null;
		part := case when p_from is null then regexp_replace(part,
		    '("https?://[^"?#\\]*)[?#]([^"\\]|\\.)*"', '\1"', 'gi')
		    else replace(part, to_jsonb(p_from)::text,
		    to_jsonb(p_to)::text) end;
		p_doc := jsonb_set(p_doc, at, part::jsonb);
	end loop;
	return p_doc;
end
$$;

-- mina_guard(): checks the rows of mega_generations. Only generation rows can
-- be updated; their stage moves forward only, and their money status goes from
-- pending to one end.
-- The constraints of the record types are here and not in CHECKs, because a
-- session plans a function once (see 040-rules.sql). A violation is reported
-- like that of a CHECK, under the same name. The function looks nothing up by
-- name, so it works with any search_path.
create or replace function mina_guard()
returns trigger
language plpgsql
as $$
declare
	broken text;
begin
	if tg_op = 'UPDATE' then
		-- A replica repeats what was let through at its origin.
		if old.mg_record_type is distinct from 'generation'
		    and not (coalesce(current_setting('mina.erasing', true), '')
		    = 'yes' or current_setting('session_replication_role')
		    = 'replica')
		    or old.mg_record_type is distinct from 'generation'
		    and (old.mg_record_type, old.mg_status, old.mg_delta,
		    old.mg_reason, old.mg_source, old.mg_ref_type,
		    old.mg_generation_id, old.mg_session_id, old.mg_step_no,
		    old.mg_step_type, old.mg_provider, old.mg_model,
		    old.mg_latency_ms, old.mg_input_tokens,
		    old.mg_output_tokens, old.mg_cost_data, old.mg_created_at,
		    old.mg_meta -> 'balance_after', old.mg_meta -> 'event_type',
		    old.mg_payload -> 'timing')
		    is distinct from
		    (new.mg_record_type, new.mg_status, new.mg_delta,
		    new.mg_reason, new.mg_source, new.mg_ref_type,
		    new.mg_generation_id, new.mg_session_id, new.mg_step_no,
		    new.mg_step_type, new.mg_provider, new.mg_model,
		    new.mg_latency_ms, new.mg_input_tokens,
		    new.mg_output_tokens, new.mg_cost_data, new.mg_created_at,
		    new.mg_meta -> 'balance_after', new.mg_meta -> 'event_type',
		    new.mg_payload -> 'timing') then
			raise exception 'mega_generations: update of % refused: '
			    '% rows never change, write a new row', old.mg_id,
			    old.mg_record_type using errcode = 'MN403';
		end if;
		if new.mg_status is distinct from old.mg_status
		    and old.mg_status in ('succeeded', 'failed') then
			raise exception 'mega_generations: % refused: % cannot '
			    'become %', old.mg_id, old.mg_status,
			    coalesce(new.mg_status, 'null') using errcode = 'MN409';
		end if;
		-- No signed or temporary address outlives its use
		-- (MINAV3.md 2.4): neither one of a picture that was not
		-- copied, nor those of the provider's job.
		if old.mg_status = 'pending' and new.mg_status <> 'pending' then
			new.mg_payload := mina_addresses(new.mg_payload, null,
			    null);
			new.mg_mma_vars := mina_addresses(new.mg_mma_vars, null,
			    null) #- '{job,output}' #- '{job,status_url}'
			    #- '{job,result_url}' #- '{job,cancel_url}';
		end if;
		if new.mg_mma_status is distinct from old.mg_mma_status
		    and mina_rank(new.mg_mma_status)
		    <= mina_rank(old.mg_mma_status) then
			raise exception 'mega_generations: % refused: a generation '
			    'that is % cannot become %', old.mg_id,
			    old.mg_mma_status, coalesce(new.mg_mma_status, 'null')
			    using errcode = 'MN409';
		end if;
	end if;
	broken := case
	    when new.mg_mma_status in ('done', 'error', 'canceled')
	    and (new.mg_due_at is not null or new.mg_lease_owner is not null
	    or new.mg_lease_until is not null)
	    then 'ended_leaves_queue'
	    when new.mg_record_type = 'generation' then case
		when not coalesce(new.mg_id = 'generation:' || new.mg_generation_id
		and new.mg_pass_id is not null
		and new.mg_mma_mode in ('still', 'video')
		and (new.mg_cost is null or new.mg_cost >= 0), false)
		then 'generation_shape'
		when not coalesce(case new.mg_status
		    when 'pending' then new.mg_mma_status in ('queued',
			'scanning', 'prompting', 'generating')
		    when 'succeeded' then new.mg_mma_status in ('postscan',
			'done') and new.mg_output_url is not null
		    when 'failed' then new.mg_mma_status in ('error',
			'canceled')
		    end, false)
		then 'status_agrees' end
	    when new.mg_record_type = 'mma_step' then case
		when not coalesce(new.mg_step_no >= 0 and new.mg_step_type <> ''
		and new.mg_parent_id = 'generation:' || new.mg_generation_id
		and new.mg_id = 'mma_step:' || new.mg_generation_id || ':'
		|| new.mg_step_no
		and new.mg_payload ?& array['input', 'output', 'timing',
		'error'], false)
		then 'step_shape'
		-- These steps call a language model: scans, post-scans, prompt
		-- writing, feedback and suggestions.
		when new.mg_step_type ~
		'^(gpt_|scan_|postscan_|motion_suggestion$)'
		and not coalesce(new.mg_payload -> 'input' ?& array['ctx_key',
		'ctx_version', 'ctx_id'], false)
		then 'gpt_step_names_context' end
	    when new.mg_record_type = 'mma_event' then case
		when not coalesce(new.mg_pass_id is not null
		and new.mg_meta ->> 'event_type' in ('like', 'dislike',
		'download', 'preference_set', 'create', 'tweak', 'feedback'),
		false)
		then 'event_shape' end
	    when new.mg_record_type = 'credit_transaction' then case
		when not coalesce(new.mg_pass_id is not null
		and new.mg_delta <> 0 and new.mg_reason <> ''
		and jsonb_typeof(new.mg_meta -> 'balance_after') = 'number',
		false)
		then 'ledger_shape' end
	    end;
	if broken is not null then
		raise exception 'new row for relation "%" violates check '
		    'constraint "%_%"', tg_table_name, tg_table_name, broken
		    using errcode = 'check_violation', schema = tg_table_schema,
		    table = tg_table_name,
		    constraint = tg_table_name || '_' || broken,
		    detail = format('Failing row: %s.', new.mg_id);
	end if;
	return new;
end
$$;

-- mina_fixed(): the request and the price of a generation never change. This is
-- a function of its own because reading the request from mg_payload costs more
-- than all of mina_guard(), and the updates that advance a generation do not
-- name these columns.
create or replace function mina_fixed()
returns trigger
language plpgsql
as $$
begin
	if current_setting('mina.erasing', true) = 'yes' then
		if (old.mg_record_type, old.mg_generation_id, old.mg_mma_mode,
		    old.mg_cost, old.mg_created_at) is not distinct from
		    (new.mg_record_type, new.mg_generation_id, new.mg_mma_mode,
		    new.mg_cost, new.mg_created_at) then
			return new;
		end if;
	end if;
	if old.mg_record_type = 'generation'
	    and (old.mg_id, old.mg_record_type, old.mg_pass_id,
	    old.mg_generation_id, old.mg_mma_mode, old.mg_cost,
	    old.mg_created_at, (old.mg_payload -> 'request')
	    - array['assets', 'inputStillUrl', 'endStillUrl'])
	    is distinct from
	    (new.mg_id, new.mg_record_type, new.mg_pass_id,
	    new.mg_generation_id, new.mg_mma_mode, new.mg_cost,
	    new.mg_created_at, (new.mg_payload -> 'request')
	    - array['assets', 'inputStillUrl', 'endStillUrl']) then
		raise exception
		    'mega_generations: % refused: id, type, customer, mode, cost, '
		    'request (but for addresses) and creation of a generation '
		    'never change', old.mg_id
		    using errcode = 'MN403';
	end if;
	return new;
end
$$;

-- No WHEN clauses: they too are parsed from text for every statement.
create or replace trigger mega_generations_guard
	before insert or update on mega_generations
	for each row execute function mina_guard();
create or replace trigger mega_generations_fixed
	before update of mg_id, mg_record_type, mg_pass_id, mg_generation_id,
	    mg_mma_mode, mg_cost, mg_created_at, mg_payload
	on mega_generations
	for each row execute function mina_fixed();
create or replace trigger mega_generations_kept
	before delete on mega_generations
	for each row execute function mina_refuse();
-- Like a CHECK, this also applies to sessions that replay changes of another
-- server.
alter table mega_generations enable always trigger mega_generations_guard;

-- Left over from older schemas.
drop trigger if exists mega_generations_immutable on mega_generations;
drop trigger if exists mega_generations_forward on mega_generations;
drop function if exists mina_forward();
