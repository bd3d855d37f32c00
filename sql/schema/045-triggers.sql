-- What may change, and in which direction.

-- mina_rank(status): the place of a generation's status on its one way.
-- The three ends share a place: none leads to another. Null is before all.
create or replace function mina_rank(p_status text)
returns int
language sql immutable
as $$
	select case p_status when 'queued' then 1 when 'scanning' then 2
	    when 'prompting' then 3 when 'generating' then 4
	    when 'postscan' then 5 when 'done' then 6 when 'error' then 6
	    when 'canceled' then 6 else 0 end
$$;

create or replace function mina_refuse()
returns trigger
language plpgsql
as $$
begin
	if tg_level = 'STATEMENT' then
		raise exception '%: % refused, its rows are kept for ever',
		    tg_table_name, lower(tg_op) using errcode = 'MN403';
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

create or replace trigger mega_generations_immutable
	before update or delete on mega_generations
	for each row when (old.mg_record_type is distinct from 'generation')
	execute function mina_refuse();
create or replace trigger mega_generations_kept
	before delete on mega_generations
	for each row when (old.mg_record_type = 'generation')
	execute function mina_refuse();
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

-- A generation row: what was asked and what it costs stand from the start; its
-- status moves forward only, money state from pending to one end.
create or replace function mina_forward()
returns trigger
language plpgsql
set search_path from current
as $$
begin
	if (old.mg_id, old.mg_record_type, old.mg_pass_id, old.mg_generation_id,
	    old.mg_mma_mode, old.mg_cost, old.mg_created_at,
	    old.mg_payload -> 'request')
	    is distinct from
	    (new.mg_id, new.mg_record_type, new.mg_pass_id, new.mg_generation_id,
	    new.mg_mma_mode, new.mg_cost, new.mg_created_at,
	    new.mg_payload -> 'request') then
		raise exception
		    'mega_generations: % refused: id, type, customer, mode, cost, '
		    'request and creation of a generation never change', old.mg_id
		    using errcode = 'MN403';
	end if;
	if new.mg_status is distinct from old.mg_status
	    and old.mg_status in ('succeeded', 'failed') then
		raise exception
		    'mega_generations: % refused: % cannot become %', old.mg_id,
		    old.mg_status, coalesce(new.mg_status, 'null')
		    using errcode = 'MN409';
	end if;
	if new.mg_mma_status is distinct from old.mg_mma_status
	    and mina_rank(new.mg_mma_status) <= mina_rank(old.mg_mma_status) then
		raise exception
		    'mega_generations: % refused: a generation that is % cannot '
		    'become %', old.mg_id, old.mg_mma_status,
		    coalesce(new.mg_mma_status, 'null') using errcode = 'MN409';
	end if;
	return new;
end
$$;

-- Named columns only: a lease renewal, the most frequent update, skips it.
create or replace trigger mega_generations_forward
	before update of mg_id, mg_record_type, mg_pass_id, mg_generation_id,
	    mg_mma_mode, mg_cost, mg_created_at, mg_payload, mg_status,
	    mg_mma_status on mega_generations
	for each row when (old.mg_record_type = 'generation')
	execute function mina_forward();
