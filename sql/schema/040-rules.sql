-- The rules no program can break, whoever writes. A CHECK passes on null, so
-- each one that asks for something to be there is wrapped in coalesce().
--
-- SQLSTATEs of our own: MN402 not enough matcha, MN403 a row that never
-- changes, MN404 no such customer, MN409 a generation moved backward.

select mina_rule('mega_customers', 'mega_customers_credits_not_negative',
	'check (mg_credits >= 0)');
select mina_rule('mega_customers', 'mega_customers_held_not_negative',
	'check (mg_held >= 0)');
select mina_rule('mega_customers', 'mega_customers_held_within_credits',
	'check (mg_held <= mg_credits)');

do $$
begin
	-- An older database may have this key under a name of its own.
	if not exists (select 1 from pg_constraint
	    where conrelid = 'mega_generations'::regclass and contype = 'f'
	    and confrelid = 'mega_customers'::regclass
	    and conname <> 'mega_generations_pass_fk') then
		perform mina_rule('mega_generations', 'mega_generations_pass_fk',
		    'foreign key (mg_pass_id) references mega_customers (mg_pass_id)');
	end if;
end
$$;

select mina_rule('mega_generations', 'mega_generations_record_type',
	$$check (coalesce(mg_record_type in ('session', 'generation', 'feedback',
	'credit_transaction', 'mma_step', 'mma_event'), false))$$);
select mina_rule('mega_generations', 'mega_generations_id_has_type_prefix',
	$$check (coalesce(starts_with(mg_id, mg_record_type || ':')
	and length(mg_id) > length(mg_record_type) + 1, false))$$);
select mina_rule('mega_generations', 'mega_generations_queue_columns',
	$$check (mg_record_type = 'generation' or (mg_due_at is null
	and mg_lease_until is null and mg_lease_owner is null
	and mg_attempts is null and mg_cost is null))$$);
select mina_rule('mega_generations', 'mega_generations_generation_shape',
	$$check (mg_record_type <> 'generation' or coalesce(
	mg_id = 'generation:' || mg_generation_id and mg_pass_id is not null
	and mg_mma_mode in ('still', 'video')
	and (mg_cost is null or mg_cost >= 0), false))$$);
select mina_rule('mega_generations', 'mega_generations_status_agrees',
	$$check (mg_record_type <> 'generation' or coalesce(case mg_status
	when 'pending' then mg_mma_status in ('queued', 'scanning', 'prompting',
	    'generating')
	when 'succeeded' then mg_mma_status in ('postscan', 'done')
	    and mg_output_url is not null
	when 'failed' then mg_mma_status in ('error', 'canceled')
	end, false))$$);
select mina_rule('mega_generations', 'mega_generations_ended_leaves_queue',
	$$check (mg_mma_status is null
	or mg_mma_status not in ('done', 'error', 'canceled')
	or (mg_due_at is null and mg_lease_owner is null
	and mg_lease_until is null))$$);
select mina_rule('mega_generations', 'mega_generations_step_shape',
	$$check (mg_record_type <> 'mma_step' or coalesce(
	mg_step_no >= 0 and mg_step_type <> ''
	and mg_parent_id = 'generation:' || mg_generation_id
	and mg_id = 'mma_step:' || mg_generation_id || ':' || mg_step_no
	and mg_payload ?& array['input', 'output', 'timing', 'error'], false))$$);
-- Scans, post-scans, readers, feedback and suggestions ask a language model.
select mina_rule('mega_generations', 'mega_generations_gpt_step_names_context',
	$$check (mg_record_type <> 'mma_step'
	or mg_step_type !~ '^(gpt_|scan_|postscan_|motion_suggestion$)'
	or coalesce(mg_payload -> 'input' ?& array['ctx_key', 'ctx_version',
	'ctx_id'], false))$$);
select mina_rule('mega_generations', 'mega_generations_event_shape',
	$$check (mg_record_type <> 'mma_event' or coalesce(mg_pass_id is not null
	and mg_meta ->> 'event_type' in ('like', 'dislike', 'download',
	'preference_set', 'create', 'tweak', 'feedback'), false))$$);
select mina_rule('mega_generations', 'mega_generations_ledger_shape',
	$$check (mg_record_type <> 'credit_transaction' or coalesce(
	mg_pass_id is not null and mg_delta <> 0 and mg_reason <> ''
	and jsonb_typeof(mg_meta -> 'balance_after') = 'number', false))$$);

select mina_rule('mega_admin', 'mega_admin_record_type',
	$$check (coalesce(mg_record_type in ('admin_session', 'admin_audit',
	'profile', 'runtime_config', 'app_config', 'outbox'), false))$$);
select mina_rule('mega_admin', 'mega_admin_id_has_type_prefix',
	$$check (coalesce(starts_with(mg_id, mg_record_type || ':')
	and length(mg_id) > length(mg_record_type) + 1, false))$$);
select mina_rule('mega_admin', 'mega_admin_app_config_shape',
	$$check (mg_record_type <> 'app_config' or coalesce(
	starts_with(mg_id, 'app_config:' || mg_key || '.v')
	and mg_id ~ '\.v[1-9][0-9]{0,8}$'
	and jsonb_typeof(mg_value -> 'enabled') = 'boolean', false))$$);
select mina_rule('mega_admin', 'mega_admin_runtime_config_shape',
	$$check (mg_record_type <> 'runtime_config' or coalesce(
	mg_id = 'runtime_config:' || mg_runtime_id
	and jsonb_typeof(mg_runtime_flat) = 'object', false))$$);
