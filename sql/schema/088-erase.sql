-- Deleting generations and erasing customers. Ledger rows are kept for ever. A
-- deleted generation becomes a tombstone (mg_deleted_at) without its texts, its
-- objects are deleted through the outbox (action objects.delete, payload
-- {"keys": [...]}), and its charge remains.

-- mina_objects(vars, key): the keys of the objects stored for a generation.
create or replace function mina_objects(p_vars jsonb, p_key text)
returns text[]
language sql immutable
as $$
	select array_agg(distinct k) from (
	    select p_key as k
	    union all
	    select 'generations/' || substring(v from '/generations/([^/?]+)$')
	    from jsonb_each_text(p_vars -> 'outputs') as o (name, v)
	    where name like '%\_url') x
	where k is not null
$$;

-- mina_tombstone(gen): marks a generation as deleted, removes its texts and
-- variables, and queues the deletion of its objects. The caller has locked the
-- row. mg_output_url stays, because a delivered generation must have one; the
-- URL no longer works.
create or replace function mina_tombstone(p_gen text)
returns void
language plpgsql
set search_path from current
as $$
declare
	g record;
	keys text[];
begin
	select mg_mma_vars as vars, mg_output_key as key into g
	from mega_generations where mg_id = 'generation:' || p_gen;
	keys := mina_objects(g.vars, g.key);
	if keys is not null then
		perform mina_outbox_put('objects.delete:' || p_gen,
		    'objects.delete', jsonb_build_object('keys', keys), 0);
	end if;
	update mega_generations
	set mg_deleted_at = mina_now(), mg_updated_at = mina_now(),
	    mg_prompt = null, mg_title = null,
	    mg_mma_vars = jsonb_build_object('version', 1, 'deleted', true)
	where mg_id = 'generation:' || p_gen;
	perform pg_notify('mina_gen', p_gen);
end
$$;

-- mina_forget(gen, pass): deletes a generation. pass is canonical. Returns
-- gone; busy: it is unfinished; none: this customer has no such generation, or
-- it was deleted before.
create or replace function mina_forget(p_gen text, p_pass text)
returns text
language plpgsql
set search_path from current
as $$
declare
	s text;
begin
	select mg_mma_status into s from mega_generations
	where mg_id = 'generation:' || p_gen and mg_deleted_at is null
	and (mg_pass_id = p_pass or mina_canonical(mg_pass_id) = p_pass)
	for no key update;
	if not found then
		return 'none';
	end if;
	if mina_rank(s) < 6 then
		return 'busy';
	end if;
	perform mina_tombstone(p_gen);
	return 'gone';
end
$$;

-- mina_erase(pass): erases the customer and all passes merged into it. Queued
-- generations are canceled, running ones are asked to stop, ended ones become
-- tombstones. The remaining matcha is written off (reason expiry, meta erased).
-- The e-mail address, names and taste profile are removed, and mg_deleted_at
-- makes all later requests fail. Generations that are still running are handled
-- by mina_erase_rest(). Uploads named in a request or a step are deleted; their
-- keys contain the hash of the pass.
-- False: no such customer. Calling it again changes nothing.
create or replace function mina_erase(p_pass text)
returns bool
language plpgsql
set search_path from current
as $$
declare
	p text;
	g record;
	n int;
	keys text[];
	t timestamptz := mina_now();
begin
	perform 1 from mega_customers where mg_pass_id = p_pass;
	if not found then
		return false;
	end if;
	foreach p in array mina_passes(p_pass) loop
		-- Generations first, then customers: the lock order of 065.
		for g in select mg_generation_id as id, mg_mma_status as s
		    from mega_generations
		    where mg_pass_id = p and mg_record_type = 'generation'
		    and mg_deleted_at is null order by mg_id for no key update loop
			if mina_rank(g.s) < 6 then
				perform mina_cancel(g.id, mina_canonical(p), null);
			end if;
			if exists (select from mega_generations
			    where mg_id = 'generation:' || g.id
			    and mina_rank(mg_mma_status) = 6) then
				perform mina_tombstone(g.id);
			end if;
		end loop;
		select array_agg(distinct m[1]) into keys
		from mega_generations x, regexp_matches(x.mg_payload::text,
		    '((?:user_uploads|products|logos|inspirations)/'
		    || left(encode(sha256(convert_to(p, 'UTF8')), 'hex'), 16)
		    || '/[0-9a-f-]{36}\.[a-z0-9]{2,5})', 'g') m
		where x.mg_pass_id = p
		and x.mg_record_type in ('generation', 'mma_step');
		if keys is not null then
			perform mina_outbox_put('objects.delete:' || p,
			    'objects.delete', jsonb_build_object('keys', keys), 0);
		end if;
	end loop;
	-- A merged row before its target, as in 052.
	for p in select x from unnest(mina_passes(p_pass)) x order by x loop
		select mg_credits - mg_held into n from mega_customers
		where mg_pass_id = p for no key update;
		if n > 0 then
			perform mina_move(p, -n, 'expiry', 'customer', p,
			    'erase:' || p || ':' || gen_random_uuid(), 'mina',
			    '{"erased": true}');
		end if;
		update mega_customers
		set mg_deleted_at = coalesce(mg_deleted_at, t), mg_disabled = true,
		    mg_email = null, mg_first_name = null, mg_last_name = null,
		    mg_display_name = null, mg_locale = null, mg_timezone = null,
		    mg_shopify_customer_id = null, mg_mma_preferences = null,
		    mg_updated_at = t
		where mg_pass_id = p;
	end loop;
	return true;
end
$$;

-- mina_erase_rest(max): deletes generations that were running when their
-- customer erased the account and have ended since. For the clean-up job;
-- returns how many.
create or replace function mina_erase_rest(p_max int)
returns int
language plpgsql
set search_path from current
as $$
declare
	g record;
	n int := 0;
begin
	for g in select x.mg_generation_id as id from mega_customers c
	    join mega_generations x on x.mg_pass_id = c.mg_pass_id
	    where c.mg_deleted_at is not null
	    and x.mg_record_type = 'generation' and x.mg_deleted_at is null
	    and mina_rank(x.mg_mma_status) = 6
	    order by x.mg_id limit p_max for no key update of x skip locked loop
		perform mina_tombstone(g.id);
		n := n + 1;
	end loop;
	return n;
end
$$;
