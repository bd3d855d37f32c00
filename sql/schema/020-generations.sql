-- mega_generations: the ledger and the record of all work. It has six record
-- types; only generation rows can be updated (045-triggers.sql).
create table if not exists mega_generations (mg_id text primary key);

alter table mega_generations
	add column if not exists mg_record_type text,
	add column if not exists mg_pass_id text,
	add column if not exists mg_session_id text,
	add column if not exists mg_generation_id text,
	add column if not exists mg_parent_id text,
	add column if not exists mg_step_no int,
	add column if not exists mg_step_type text,
	add column if not exists mg_platform text,
	add column if not exists mg_title text,
	add column if not exists mg_type text,
	add column if not exists mg_prompt text,
	add column if not exists mg_output_url text,
	add column if not exists mg_output_key text,
	add column if not exists mg_provider text,
	add column if not exists mg_model text,
	add column if not exists mg_latency_ms int,
	add column if not exists mg_input_chars int,
	add column if not exists mg_output_chars int,
	add column if not exists mg_input_tokens int,
	add column if not exists mg_output_tokens int,
	add column if not exists mg_content_type text,
	add column if not exists mg_status text,
	add column if not exists mg_error text,
	add column if not exists mg_result_type text,
	add column if not exists mg_comment text,
	add column if not exists mg_image_url text,
	add column if not exists mg_video_url text,
	add column if not exists mg_delta int,
	add column if not exists mg_reason text,
	add column if not exists mg_source text,
	add column if not exists mg_ref_type text,
	add column if not exists mg_ref_id text,
	add column if not exists mg_client_version text,
	add column if not exists mg_os text,
	add column if not exists mg_browser text,
	add column if not exists mg_device text,
	add column if not exists mg_meta jsonb,
	add column if not exists mg_payload jsonb,
	add column if not exists mg_cost_data jsonb,
	add column if not exists mg_source_system text,
	add column if not exists mg_deleted_at timestamptz,
	add column if not exists mg_created_at timestamptz,
	add column if not exists mg_updated_at timestamptz,
	add column if not exists mg_mma_mode text,
	add column if not exists mg_mma_status text,
	add column if not exists mg_mma_vars jsonb,
	add column if not exists mg_due_at timestamptz,
	add column if not exists mg_lease_until timestamptz,
	add column if not exists mg_lease_owner text,
	add column if not exists mg_attempts int,
	add column if not exists mg_cost int;

alter table mega_generations
	alter column mg_created_at set default mina_now(),
	alter column mg_updated_at set default mina_now();

-- An update is heap-only (HOT) if it changes no column that an index or its
-- predicate names. Lease renewals, stage changes and status messages change
-- none of those below; admit, claim, submit, settle and finish do, once each.
alter table mega_generations set (fillfactor = 80,
	autovacuum_vacuum_scale_factor = 0.02,
	autovacuum_vacuum_insert_scale_factor = 0.05,
	autovacuum_analyze_scale_factor = 0.05);

-- The two large columns are compressed at nearly every write. lz4, if the
-- server supports it, needs a fifth of the time.
do $$
begin
	alter table mega_generations
		alter column mg_mma_vars set compression lz4,
		alter column mg_payload set compression lz4;
exception when feature_not_supported then
	null;
end
$$;

-- History, ledger and events of one customer, newest first.
create index if not exists mega_generations_pass
	on mega_generations (mg_pass_id, mg_record_type, mg_created_at desc, mg_id);
-- Steps and events of one generation, in order.
create index if not exists mega_generations_generation
	on mega_generations (mg_generation_id, mg_record_type, mg_step_no)
	where mg_generation_id is not null;
-- The queue. It contains waiting rows only, so running and finished ones add
-- nothing to it.
create index if not exists mega_generations_waiting
	on mega_generations (mg_due_at) include (mg_pass_id, mg_id)
	where mg_due_at is not null and mg_lease_owner is null;
-- Running generations by worker.
create index if not exists mega_generations_leased
	on mega_generations (mg_lease_owner) where mg_lease_owner is not null;
-- Unfinished generations of a customer, for the limits and for the parity check
-- of holds.
create index if not exists mega_generations_pending
	on mega_generations (mg_pass_id)
	where mg_record_type = 'generation' and mg_status = 'pending';
-- Recent deliveries, for the expected duration.
create index if not exists mega_generations_succeeded
	on mega_generations (mg_mma_mode, mg_created_at desc)
	where mg_record_type = 'generation' and mg_status = 'succeeded';
-- One generation for each provider job. The key is in mg_ref_type and mg_ref_id
-- and not in an expression over mg_mma_vars: with such an index, each change of
-- the variables would write to all indexes.
create unique index if not exists mega_generations_job
	on mega_generations (mg_ref_type, mg_ref_id)
	where mg_record_type = 'generation' and mg_ref_type like 'job:%'
	and mg_ref_id is not null;
-- Jobs that generations had before (mina_job_end), which no other may take.
create index if not exists mega_generations_ended_jobs
	on mega_generations using gin ((mg_meta -> 'ended_jobs'))
	where mg_record_type = 'generation' and mg_meta ? 'ended_jobs';
