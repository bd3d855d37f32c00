-- mina_customer(pass, user, shopify, email, welcome, days): returns the row of
-- this pass and creates it if it is missing. Null user, shopify or email leave
-- the stored value. A new row gets welcome matcha (if > 0) by one ledger row
-- and expires days after its creation (null or 0: never).
-- mg_last_active is stored at most once a minute; the result has the current
-- time. Expired matcha is written off here, because this is the first access of
-- most visits. The row of a merged pass (052) is returned unchanged; use
-- mina_who() to find the canonical one.
-- Raises: 22023 if the pass id does not start with "pass:".
create or replace function mina_customer(p_pass text, p_user uuid,
	p_shopify text, p_email text, p_welcome int, p_days int)
returns table (pass text, email text, credits int, held int,
	expires_at timestamptz, last_active timestamptz, disabled bool,
	created bool)
language plpgsql
set search_path from current
as $$
declare
	c mega_customers;
	t timestamptz := mina_now();
begin
	if p_pass is null or p_pass not like 'pass:_%' then
		raise exception 'mina_customer: % is not a pass id',
		    coalesce(p_pass, 'null') using errcode = '22023';
	end if;
	created := false;
	select * into c from mega_customers where mg_pass_id = p_pass;
	if not found then
		insert into mega_customers (mg_pass_id, mg_user_id,
		    mg_shopify_customer_id, mg_email, mg_expires_at,
		    mg_last_active, mg_disabled, mg_source_system, mg_created_at,
		    mg_updated_at)
		values (p_pass, p_user, p_shopify, p_email,
		    t + make_interval(hours => 24 * nullif(p_days, 0)), t, false,
		    'mina', t, t)
		on conflict (mg_pass_id) do nothing;
		created := found;
		if created and p_welcome > 0 then
			perform mina_move(p_pass, p_welcome, 'welcome', 'customer',
			    p_pass, 'welcome:' || p_pass, 'mina', null);
		end if;
		select * into c from mega_customers where mg_pass_id = p_pass;
	end if;
	if not created and c.mg_meta ->> 'merged_into' is null
	    and (c.mg_last_active is null
	    or c.mg_last_active <= t - interval '1 minute'
	    or c.mg_user_id is distinct from coalesce(p_user, c.mg_user_id)
	    or c.mg_shopify_customer_id is distinct from
	    coalesce(p_shopify, c.mg_shopify_customer_id)
	    or c.mg_email is distinct from coalesce(p_email, c.mg_email)) then
		update mega_customers
		set mg_last_active = greatest(mg_last_active, t),
		    mg_user_id = coalesce(p_user, mg_user_id),
		    mg_shopify_customer_id = coalesce(p_shopify,
		    mg_shopify_customer_id),
		    mg_email = coalesce(p_email, mg_email), mg_updated_at = t
		where mg_pass_id = p_pass;
	end if;
	if mina_expire(p_pass) <> 0 or not created then
		select * into c from mega_customers where mg_pass_id = p_pass;
	end if;
	pass := c.mg_pass_id;
	email := c.mg_email;
	credits := c.mg_credits;
	held := c.mg_held;
	expires_at := c.mg_expires_at;
	last_active := t;
	disabled := coalesce(c.mg_disabled, false) or c.mg_deleted_at is not null;
	return next;
end
$$;

-- For the sweep below; it contains no column that changes.
create index if not exists mega_customers_anon
	on mega_customers (mg_created_at) where mg_pass_id like 'pass:anon:%';

-- mina_unused_sweep(days, max): deletes rows of anonymous passes that were not
-- seen for that many days and never owned anything: no ledger row, no
-- generation, no session, nothing merged, no order's customer. Disabled and
-- erased rows stay, or their passes would be as new. At most max in one call;
-- returns how many.
create or replace function mina_unused_sweep(p_days int, p_max int)
returns int
language plpgsql
set search_path from current
as $$
declare
	n int;
begin
	delete from mega_customers where mg_pass_id in (
		select mg_pass_id from mega_customers c
		where mg_pass_id like 'pass:anon:%'
		and mg_created_at < mina_now() - make_interval(
		    hours => 24 * p_days)
		and coalesce(mg_last_active, mg_created_at) < mina_now()
		    - make_interval(hours => 24 * p_days)
		and mg_credits = 0 and mg_held = 0
		and mg_user_id is null and mg_shopify_customer_id is null
		and mg_email is null and mg_disabled is not true
		and mg_deleted_at is null
		and coalesce(mg_meta, '{}') = '{}'
		and not exists (select 1 from mega_generations g
		    where g.mg_pass_id = c.mg_pass_id)
		order by mg_created_at limit p_max for update skip locked);
	get diagnostics n = row_count;
	return n;
end
$$;
