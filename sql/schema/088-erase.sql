-- Deleting generations and erasing customers. Rows are kept for ever, because
-- they are the ledger and the record of what was paid for; words and ids are
-- not. A deleted generation becomes a tombstone (mg_deleted_at), its objects
-- are deleted through the outbox (action objects.delete, payload
-- {"keys": [...]}), and its charge remains.
--
-- Erasing an account has two parts. mina_erase() marks it, in one short
-- transaction: it cannot be used any more, and two kinds of outbox rows are
-- written.
--	account.erase:<uuid>	calls mina_erase_some() until it says done
--	uploads.erase:<uuid>:<n> deletes all uploads under the hashes of the
--				passes: at once, and again when no signed
--				URL from before is valid any more
-- mina_erase_some() then goes on in batches: the rows of the customer lose
-- their words and move to a pseudonym, pass:gone:<uuid>, which nothing
-- connects to the customer; rows of mega_admin lose what names the customer;
-- at the end the rows of the old passes are deleted. Whatever dies in
-- between, the outbox goes on.
-- What stays known is that a pass, a verified address or a customer of the
-- shop was erased: rows outbox:erased:<sha256>, so that no order, token or
-- open tab makes the account again (mina_erased).
-- Numbers of orders stay: refunds and accounting need them.

-- Accounts that are marked, or were erased by an older version.
create index if not exists mega_customers_deleted
	on mega_customers (mg_pass_id)
	where mg_deleted_at is not null;

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

-- mina_numbers(value, keep): an object without its words: numbers, booleans and
-- the members in keep stay, of others only the name, if it is an identifier.
-- What is not an object becomes null.
create or replace function mina_numbers(p jsonb, p_keep text[] default '{}')
returns jsonb
language plpgsql immutable
as $$
begin
	if coalesce(jsonb_typeof(p), '') <> 'object' then
		return null;
	end if;
	return coalesce((select jsonb_object_agg(k, case
	    when k = any (p_keep) or jsonb_typeof(v) in ('number', 'boolean')
	    then v else 'null' end)
	    from jsonb_each(p) as e (k, v)
	    where k ~ '^[A-Za-z_][A-Za-z0-9_]{0,40}$'), '{}');
end
$$;

-- mina_replace(text, old, new): each of old replaced. With numbered, what
-- replaces it also has its number, so that ids stay different.
create or replace function mina_replace(p_text text, p_old text[], p_new text,
	p_numbered bool default false)
returns text
language plpgsql immutable
as $$
begin
	for i in 1 .. coalesce(cardinality(p_old), 0) loop
		p_text := replace(p_text, p_old[i], case when p_numbered
		    then p_new || '.' || i else p_new end);
	end loop;
	return p_text;
end
$$;

-- mina_erase_rows(ids, old, new): removes the words of rows of
-- mega_generations. With new, they become rows of that pass, and everything
-- that names one of the passes in old, the shop's customer or the provider's
-- job is replaced or removed. Without, they stay the customer's (to delete one
-- generation), and opinions still count for the taste profile.
create or replace function mina_erase_rows(p_ids text[], p_old text[],
	p_new text)
returns void
language plpgsql
set search_path from current
as $$
begin
	perform set_config('mina.erasing', 'yes', true);
	update mega_generations
	set mg_pass_id = coalesce(p_new, mg_pass_id),
	    mg_id = mina_replace(mg_id, p_old, p_new, true),
	    mg_ref_id = case when p_new is not null
	    and mg_record_type = 'generation' then null
	    else mina_replace(mg_ref_id, p_old, p_new) end,
	    mg_title = null, mg_prompt = null, mg_comment = null,
	    mg_image_url = null, mg_video_url = null, mg_os = null,
	    mg_browser = null, mg_device = null,
	    mg_client_version = case when mg_record_type <> 'session'
	    or p_new is null then mg_client_version end,
	    mg_error = case when mg_error ~ '^[A-Z_]{1,60}$' then mg_error end,
	    mg_meta = case
		when mg_record_type = 'credit_transaction'
		then case when p_new is null then mg_meta
		else mina_replace((mg_meta - array['customer', 'email', 'note',
		'pass', 'delivery'])::text, p_old, p_new)::jsonb end
		when p_new is null then mg_meta
		- array['context', 'request_id']
		when mg_record_type in ('generation', 'mma_event')
		then jsonb_strip_nulls(mina_numbers(mg_meta,
		array['event', 'event_type', 'parent']))
		when mg_record_type = 'mma_step'
		then mina_numbers(mg_meta, array['key'])
		else '{}' end,
	    mg_payload = case mg_record_type
		when 'generation' then jsonb_build_object('request',
		mina_numbers(mg_payload -> 'request'))
		when 'mma_step' then jsonb_build_object('input',
		mina_numbers(mg_payload -> 'input', array['ctx_key',
		'ctx_version', 'ctx_id']), 'output',
		mina_numbers(mg_payload -> 'output'), 'timing',
		mg_payload -> 'timing', 'error',
		mina_numbers(mg_payload -> 'error', array['code'])) end,
	    mg_mma_vars = case when mg_record_type = 'generation'
	    then '{"version": 1, "deleted": true}'::jsonb end
	where mg_id = any (p_ids);
	perform set_config('mina.erasing', '', true);
end
$$;

-- mina_tombstone(gen): marks a generation as deleted, removes its words and
-- those of its steps and events, and queues the deletion of its objects. The
-- caller has locked the row. mg_output_url stays, because a delivered
-- generation must have one; the URL no longer works.
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
	set mg_deleted_at = mina_now(), mg_updated_at = mina_now()
	where mg_id = 'generation:' || p_gen;
	perform mina_erase_rows('generation:' || p_gen || array(
	    select mg_id from mega_generations where mg_generation_id = p_gen
	    and mg_record_type in ('mma_step', 'mma_event', 'feedback')),
	    null, null);
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

-- mina_erased_id(kind, value): the mg_id of what remembers that a pass, an
-- address (email) or a customer of the shop (customer) was erased. Case and
-- blanks around do not count.
create or replace function mina_erased_id(p_kind text, p_value text)
returns text
language sql stable
as $$
	select 'outbox:erased:' || encode(sha256(convert_to(p_kind || ':'
	    || lower(btrim(p_value)), 'UTF8')), 'hex')
$$;

-- mina_erased(email, customer): did the owner of this verified address, or
-- this customer of the shop, erase the account? False for null.
create or replace function mina_erased(p_email text, p_customer text)
returns bool
language sql stable
set search_path from current
as $$
	select exists (select from mega_admin
	    where mg_id in (mina_erased_id('email', p_email),
	    mina_erased_id('customer', p_customer)))
$$;

-- mina_erased_put(kind, value): remembers it. Null is ignored.
create or replace function mina_erased_put(p_kind text, p_value text)
returns void
language sql
set search_path from current
as $$
	insert into mega_admin (mg_id, mg_record_type, mg_action,
	    mg_source_system, mg_created_at, mg_updated_at)
	select mina_erased_id(p_kind, p_value), 'outbox', 'erased', 'mina',
	    mina_now(), mina_now()
	where btrim(p_value) <> ''
	on conflict (mg_id) do nothing
$$;

-- mina_stays_erased(): no row is ever made again for a pass that was erased,
-- neither by a token that is still valid nor by a purchase or another browser.
create or replace function mina_stays_erased()
returns trigger
language plpgsql
set search_path from current
as $$
begin
	if exists (select from mega_admin
	    where mg_id = mina_erased_id('pass', new.mg_pass_id)) then
		raise exception 'mega_customers: this account was erased'
		    using errcode = 'MN410';
	end if;
	return new;
end
$$;
create or replace trigger mega_customers_stay_erased
	before insert on mega_customers
	for each row execute function mina_stays_erased();

-- mina_erase(pass): marks the customer and all passes merged into it as erased.
-- Queued generations are canceled, running ones are asked to stop. The
-- remaining matcha is written off (reason expiry, meta erased). Address, names,
-- ids and taste profile are removed, and mg_deleted_at makes all later requests
-- fail. The rest is done by mina_erase_some() and the outbox.
-- False: there is and was no such customer. Calling it again changes nothing.
create or replace function mina_erase(p_pass text)
returns bool
language plpgsql
set search_path from current
as $$
declare
	mine text[] := mina_passes(p_pass);
	v_id uuid := gen_random_uuid();
	v_into text := 'pass:gone:' || v_id;
	v_erase text := 'account.erase:' || v_id;
	t timestamptz := mina_now();
	users text[];
	emails text[];
	proven text[];
	customers text[];
	hashes text[];
	debt int;
	c record;
begin
	-- Generations first, then customers: the lock order of 065.
	for c in select mg_generation_id as id from mega_generations
	    where mg_pass_id = any (mine) and mg_record_type = 'generation'
	    and mg_status = 'pending' order by mg_id loop
		perform mina_cancel(c.id, mine[1], null);
	end loop;
	perform 1 from mega_customers where mg_pass_id = any (mine)
	order by mg_pass_id for no key update;
	if not found then
		return exists (select from mega_admin
		    where mg_id = mina_erased_id('pass', p_pass));
	end if;
	if mina_passes(p_pass) <> mine then
		raise exception 'merged meanwhile' using errcode = '40001';
	end if;
	perform 1 from mega_customers where mg_pass_id = mine[1]
	and (mg_meta ? 'erasing' or mg_pass_id like 'pass:gone:%');
	if found then
		return true;
	end if;

	select array_agg(distinct lower(coalesce(mg_user_id::text,
	    substring(mg_pass_id from '^pass:user:(.+)$')))),
	    array_agg(distinct lower(btrim(mg_email))),
	    array_agg(distinct mg_email) filter (where mg_verified_email
	    or mg_verified_any or mg_pass_id like 'pass:shopify:%'),
	    array_agg(distinct coalesce(mg_shopify_customer_id,
	    substring(mg_pass_id from '^pass:shopify:(.+)$'))),
	    array_agg(left(encode(sha256(convert_to(mg_pass_id, 'UTF8')),
	    'hex'), 16)), sum((mg_meta ->> 'debt')::int)
	into users, emails, proven, customers, hashes, debt
	from mega_customers where mg_pass_id = any (mine);
	users := array_remove(users, null);
	emails := array_remove(emails, null);
	customers := array_remove(customers, null);
	perform mina_erased_put('pass', x) from unnest(mine) x;
	perform mina_erased_put('pass', 'pass:user:' || x) from unnest(users) x;
	perform mina_erased_put('pass', 'pass:shopify:' || x)
	from unnest(customers) x;
	perform mina_erased_put('customer', x) from unnest(customers) x;
	perform mina_erased_put('email', x) from unnest(proven) x;

	insert into mega_customers (mg_pass_id, mg_credits, mg_held,
	    mg_disabled, mg_deleted_at, mg_meta, mg_source_system,
	    mg_created_at, mg_updated_at)
	select v_into, 0, 0, true, t, jsonb_strip_nulls(jsonb_build_object(
	    'erasing', true, 'debt', nullif(debt, 0))), 'mina', min(mg_created_at), t
	from mega_customers where mg_pass_id = any (mine);
	-- A merged row before its target, as in 052.
	for c in select mg_pass_id as p, mg_credits - mg_held as n
	    from mega_customers where mg_pass_id = any (mine)
	    order by mg_pass_id loop
		if c.n > 0 then
			perform mina_move(c.p, -c.n, 'expiry', 'customer', c.p,
			    'erase:' || gen_random_uuid(), 'mina',
			    '{"erased": true}');
		end if;
	end loop;
	update mega_customers
	set mg_deleted_at = coalesce(mg_deleted_at, t), mg_disabled = true,
	    mg_user_id = null, mg_email = null, mg_first_name = null,
	    mg_last_name = null, mg_display_name = null, mg_locale = null,
	    mg_timezone = null, mg_shopify_customer_id = null,
	    mg_verification_keynumber = null, mg_mma_preferences = null,
	    mg_expires_at = null, mg_meta = '{"erasing": true}',
	    mg_updated_at = t
	where mg_pass_id = any (mine);
	perform mina_outbox_put(v_erase, 'account.erase', jsonb_build_object(
	    'id', v_erase, 'into', v_into, 'passes', mine, 'users', users,
	    'emails', emails, 'customers', customers), 0);
	for i in 0 .. 1 loop
		perform mina_outbox_put('uploads.erase:' || v_id || ':' || i,
		    'uploads.erase', jsonb_build_object('id', 'uploads.erase:'
		    || v_id || ':' || i, 'hashes', hashes), i * 900000);
	end loop;
	return true;
end
$$;

-- mina_erase_uploads_done(id): removes the hashes from a row uploads.erase, once
-- their objects are deleted.
create or replace function mina_erase_uploads_done(p_id text)
returns void
language sql
set search_path from current
as $$
	update mega_admin set mg_payload = '{}'
	where mg_id = 'outbox:' || p_id and mg_action = 'uploads.erase'
$$;

-- mina_scrub(value, pattern, new): strings that match pattern replaced by new,
-- numbers that match by null, and without the members that name a person.
create or replace function mina_scrub(p jsonb, p_pattern text, p_new text)
returns jsonb
language plpgsql immutable
as $$
begin
	return case coalesce(jsonb_typeof(p), '')
	    when 'object' then coalesce((select jsonb_object_agg(k,
		mina_scrub(v, p_pattern, p_new)) from jsonb_each(p) as e (k, v)
		where k <> all (array['email', 'contact_email', 'phone',
		'first_name', 'last_name', 'addresses', 'default_address',
		'billing_address', 'shipping_address', 'note',
		'note_attributes', 'client_details', 'browser_ip'])
		and k !~* p_pattern), '{}')
	    when 'array' then coalesce((select jsonb_agg(
		mina_scrub(v, p_pattern, p_new) order by n)
		from jsonb_array_elements(p) with ordinality as e (v, n)), '[]')
	    when 'string' then case when p #>> '{}' ~* p_pattern
		then to_jsonb(p_new) else p end
	    when 'number' then case when p #>> '{}' ~ p_pattern
		then 'null' else p end
	    else p end;
end
$$;

-- mina_erase_admin(job, after, max): removes from up to max rows of mega_admin,
-- those after an id, what names the customer of the job (its payload). Kept
-- responses, counters and tags for the shop are deleted. Returns the last id;
-- null at the end.
create or replace function mina_erase_admin(p_job jsonb, p_after text,
	p_max int)
returns text
language plpgsql
set search_path from current
as $$
declare
	pattern text;
	last text;
	a mega_admin;
begin
	select string_agg(x, '|') into pattern from (
	    select regexp_replace(v, '([.*+?^${}()|\\[\]])', '\\\1', 'g') as x
	    from jsonb_array_elements_text(p_job -> 'passes'
	    || (p_job -> 'users') || (p_job -> 'emails')) v
	    union all
	    select '(^|[^0-9])' || v || '($|[^0-9])'
	    from jsonb_array_elements_text(p_job -> 'customers') v) y;
	perform set_config('mina.erasing', 'yes', true);
	for a in select * from mega_admin where mg_id > p_after
	    order by mg_id limit p_max loop
		last := a.mg_id;
		continue when a.mg_record_type in ('app_config',
		    'runtime_config') or a.mg_action in ('account.erase',
		    'uploads.erase', 'erased')
		    or to_jsonb(a)::text !~* pattern;
		if a.mg_record_type = 'outbox' and (a.mg_action in ('once',
		    'count', 'shopify.tag') or a.mg_action = 'objects.delete'
		    and a.mg_status = 200 or a.mg_action = 'unresolved'
		    and a.mg_key = 'returning')
		    or a.mg_record_type in ('admin_session', 'profile') then
			delete from mega_admin where mg_id = a.mg_id;
			continue;
		end if;
		update mega_admin
		set mg_id = case when mg_record_type = 'outbox'
		    and mg_id ~* pattern then 'outbox:' || mg_action || ':'
		    || gen_random_uuid() else mg_id end,
		    mg_actor_pass_id = case when mg_actor_pass_id ~* pattern
		    then p_job ->> 'into' else mg_actor_pass_id end,
		    mg_email = case when mg_email !~* pattern then mg_email end,
		    mg_user_id = case when mg_user_id::text !~* pattern
		    then mg_user_id end,
		    mg_profile_id = case when mg_profile_id::text !~* pattern
		    then mg_profile_id end,
		    mg_shopify_customer_id = case when mg_shopify_customer_id
		    !~* pattern then mg_shopify_customer_id end,
		    mg_ip = case when mg_actor_pass_id ~* pattern then null
		    else mg_ip end,
		    mg_user_agent = case when mg_actor_pass_id ~* pattern
		    then null else mg_user_agent end,
		    mg_route = regexp_replace(mg_route, pattern,
		    p_job ->> 'into', 'gi'),
		    mg_key = case when mg_key !~* pattern then mg_key end,
		    mg_detail = mina_scrub(mg_detail, pattern, p_job ->> 'into'),
		    mg_value = mina_scrub(mg_value, pattern, p_job ->> 'into'),
		    mg_meta = mina_scrub(mg_meta, pattern, p_job ->> 'into'),
		    mg_payload = mina_scrub(mg_payload, pattern,
		    p_job ->> 'into')
		where mg_id = a.mg_id;
	end loop;
	perform set_config('mina.erasing', '', true);
	return last;
end
$$;

-- mina_erase_some(job, max): goes on with erasing an account, for about max rows.
-- job is the id of its outbox row. Returns:
--	more	there is more to do
--	wait	a generation is still running; it was asked to stop
--	done	nothing is left, and the row of the job has no ids any more
-- Only the rows of this customer are locked.
create or replace function mina_erase_some(p_job text, p_max int)
returns text
language plpgsql
set search_path from current
as $$
declare
	j jsonb;
	mine text[];
	v_into text;
	ids text[];
	g text;
	n int := 0;
	c record;
begin
	select mg_payload into j from mega_admin
	where mg_id = 'outbox:' || p_job and mg_action = 'account.erase'
	for no key update;
	if j -> 'passes' is null then
		return 'done';
	end if;
	mine := array(select jsonb_array_elements_text(j -> 'passes'));
	v_into := j ->> 'into';

	-- What has ended loses its words, while others may still run.
	if j -> 'ended' is null then
		for g in select mg_generation_id from mega_generations
		    where mg_pass_id = any (mine)
		    and mg_record_type = 'generation' and mg_deleted_at is null
		    and mina_rank(mg_mma_status) = 6
		    limit greatest(p_max / 8, 1) for no key update loop
			perform mina_tombstone(g);
			n := n + 1;
		end loop;
		if n > 0 then
			return 'more';
		end if;
		if exists (select from mega_generations
		    where mg_pass_id = any (mine)
		    and mg_record_type = 'generation'
		    and mg_deleted_at is null) then
			return 'wait';
		end if;
		-- What they held is free now. From here on the balances of the
		-- old rows are partial sums.
		for c in select mg_pass_id as p, mg_credits - mg_held as n
		    from mega_customers where mg_pass_id = any (mine)
		    order by mg_pass_id for no key update loop
			if c.n > 0 then
				perform mina_move(c.p, -c.n, 'expiry',
				    'customer', c.p, 'erase:'
				    || gen_random_uuid(), 'mina',
				    '{"erased": true}');
			end if;
		end loop;
		update mega_admin set mg_payload = mg_payload
		    || '{"ended": true}' where mg_id = 'outbox:' || p_job;
		return 'more';
	end if;

	-- A generation and its charge have the same pass at any time (090), so
	-- the charge moves with it.
	if j -> 'moved' is null then
		select array_agg(mg_id) into ids from (
		    select mg_id from mega_generations
		    where mg_pass_id = any (mine) and (mg_record_type
		    <> 'credit_transaction'
		    or mg_id not like 'credit\_transaction:settle:%')
		    limit p_max) x;
		if ids is null then
			select array_agg(mg_id) into ids from (
			    select mg_id from mega_generations
			    where mg_pass_id = any (mine) limit p_max) x;
		end if;
		ids := ids || array(select mg_id from mega_generations
		    where mg_id = any (array(
		    select 'credit_transaction:settle:' || substr(x, 12)
		    from unnest(ids) x where x like 'generation:%')));
		if cardinality(ids) > 0 then
			for c in select mg_pass_id as p, sum(mg_delta)::int as n
			    from mega_generations where mg_id = any (ids)
			    and mg_record_type = 'credit_transaction'
			    group by mg_pass_id order by mg_pass_id loop
				update mega_customers
				set mg_credits = mg_credits - c.n
				where mg_pass_id = c.p;
				n := n + c.n;
			end loop;
			update mega_customers set mg_credits = mg_credits + n
			where mg_pass_id = v_into and n <> 0;
			perform mina_erase_rows(ids, mine, v_into);
			return 'more';
		end if;
		-- After this lock no rows are added to the old passes.
		perform 1 from mega_customers where mg_pass_id = any (mine)
		order by mg_pass_id for update;
		if exists (select from mega_generations
		    where mg_pass_id = any (mine)) then
			return 'more';
		end if;
		delete from mega_customers where mg_pass_id = any (mine);
		update mega_customers set mg_meta = mg_meta - 'erasing'
		where mg_pass_id = v_into;
		-- What came or went meanwhile.
		select mg_credits into n from mega_customers
		where mg_pass_id = v_into;
		if n <> 0 then
			perform mina_move(v_into, -n, 'expiry', 'customer',
			    v_into, 'erase:' || gen_random_uuid(), 'mina',
			    '{"erased": true}');
		end if;
		update mega_admin set mg_payload = mg_payload
		    || '{"moved": true, "after": ""}'
		where mg_id = 'outbox:' || p_job;
		return 'more';
	end if;

	g := mina_erase_admin(j, j ->> 'after', p_max * 2);
	update mega_admin set mg_payload = case when g is null
	    then jsonb_build_object('id', p_job, 'into', v_into)
	    else mg_payload || jsonb_build_object('after', g) end
	where mg_id = 'outbox:' || p_job;
	return case when g is null then 'done' else 'more' end;
end
$$;

-- mina_erase_rest(max): for the clean-up job: marks accounts that an older
-- version of Mina has erased, which left their words. Returns how many.
create or replace function mina_erase_rest(p_max int)
returns int
language plpgsql
set search_path from current
as $$
declare
	p text;
	n int := 0;
begin
	for p in select mg_pass_id from mega_customers
	    where mg_deleted_at is not null and mg_pass_id not like 'pass:gone:%'
	    and not coalesce(mg_meta, '{}') ?| array['erasing', 'merged_into']
	    order by mg_pass_id limit p_max loop
		perform mina_erase(p);
		n := n + 1;
	end loop;
	return n;
end
$$;
