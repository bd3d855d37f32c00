-- Constraints that hold for every program. A CHECK accepts null, so each one
-- that requires a value is wrapped in coalesce().
--
-- SQLSTATEs of our own: MN402 not enough matcha, MN403 the row cannot be
-- changed, MN404 no such customer, MN409 a generation would move backward, MN410
-- the customer erased the account.

-- Of an erased account (088) the ledger moves to another row in batches, and
-- their partial sums may be negative. Nothing can be spent from such a row. An
-- older schema had these rules without the exception.
do $$
declare
	r text;
begin
	for r in select conname from pg_constraint
	    where conrelid = 'mega_customers'::regclass
	    and conname in ('mega_customers_credits_not_negative',
	    'mega_customers_held_within_credits')
	    and pg_get_constraintdef(oid) not like '%mg_deleted_at%' loop
		execute format('alter table mega_customers drop constraint %I', r);
	end loop;
end
$$;
select mina_rule('mega_customers', 'mega_customers_credits_not_negative',
	'check (mg_credits >= 0 or mg_deleted_at is not null)');
select mina_rule('mega_customers', 'mega_customers_held_not_negative',
	'check (mg_held >= 0)');
select mina_rule('mega_customers', 'mega_customers_held_within_credits',
	'check (mg_held <= mg_credits or mg_deleted_at is not null)');

do $$
begin
	-- An older database may have this foreign key under another name.
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
-- The constraints of the single record types are in mina_guard() (045), because
-- Postgres parses the text of each CHECK for every statement that writes; they
-- took half of a generation's cost. An older schema had them here.
alter table mega_generations
	drop constraint if exists mega_generations_generation_shape,
	drop constraint if exists mega_generations_status_agrees,
	drop constraint if exists mega_generations_ended_leaves_queue,
	drop constraint if exists mega_generations_step_shape,
	drop constraint if exists mega_generations_gpt_step_names_context,
	drop constraint if exists mega_generations_event_shape,
	drop constraint if exists mega_generations_ledger_shape;

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
