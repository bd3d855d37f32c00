-- Jobs of providers that no run uses and that are still billed: each is an
-- outbox row (082) with the action job.cancel, written in the transaction that
-- leaves the job without a use. Payload: gen, why, and job as mina_job() has it.

create index if not exists mega_admin_call_off
	on mega_admin (mg_created_at)
	where mg_record_type = 'outbox' and mg_action = 'job.cancel';

-- mina_call_off(gen, job, why): puts the row; once for each job. Nothing is put
-- for a job without an id, which cannot be named to its provider.
create or replace function mina_call_off(p_gen text, p_job jsonb, p_why text)
returns bool
language sql
set search_path from current
as $$
	select coalesce(p_job ->> 'id', '') <> '' and mina_outbox_put(
	    'job.cancel:' || p_gen || ':' || (p_job ->> 'provider') || ':'
	    || left(p_job ->> 'id', 200), 'job.cancel', jsonb_build_object(
	    'gen', p_gen, 'why', p_why, 'job', p_job), 0)
$$;

-- mina_called_off(gen, job): the provider has canceled the job with this id.
create or replace function mina_called_off(p_gen text, p_job text)
returns bool
language sql
set search_path from current
as $$
	update mega_generations
	set mg_meta = coalesce(mg_meta, '{}') || jsonb_build_object(
	    'canceled_jobs', coalesce(mg_meta -> 'canceled_jobs', '[]')
	    || to_jsonb(p_job))
	where mg_id = 'generation:' || p_gen
	and not coalesce(mg_meta -> 'canceled_jobs' ? p_job, false)
	returning true
$$;

-- mina_call_off_warnings(): for /ready, what was given up of the last two days.
create or replace function mina_call_off_warnings()
returns table (warning text)
language sql stable
set search_path from current
as $$
	select format('%s jobs of providers that nothing uses could not be '
	    'canceled, since %s', count(*), to_char(min(mg_created_at)
	    at time zone 'UTC', 'YYYY-MM-DD HH24:MI'))
	from mega_admin
	where mg_record_type = 'outbox' and mg_action = 'job.cancel'
	and mg_status = 500 and mg_created_at > mina_now() - interval '2 days'
	having count(*) > 0
$$;
