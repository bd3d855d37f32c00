-- What waits for an administrator, or for something to be learned: above all
-- money that came in without matcha going out. A row is
-- outbox:unresolved:<kind>:<id> in mega_admin, with mg_action unresolved and
-- mg_key the kind; mg_status is null while it waits, then 200, and mg_meta has
-- how it ended. It has no due time, so the outbox never claims it. Kinds:
--	nobody		a paid order for which no account was found, and no new one
--			could be claimed: it has no e-mail address and no pass, or
--			no customer of the shop
--	sku		a paid order of which no line has a SKU that we sell
--	erased		a paid order whose buyer erased the account
--	cancelled	an order that is cancelled, and its money did not all go
--			back
--	refund, dispute	money went back, and what it was for is not clear
--	data_request	a customer of the shop wants to see what we have on them
--	redact		a shop that we no longer serve is to be erased
--	returning	an account whose address another user proved, and which
--			did not move because it is in use or because one of the
--			two is an administrator's (mina_login); detail has from,
--			into and why
--	moved		an account moved to another user who proved its address,
--			and the user of before is still there: detail has from,
--			into, and pass, the new account of the user of before
-- The id is the order, of data_request and redact that of the request, of the
-- last two a pass: from, and the new one.
-- The rows of the first two are tried again: when their customer signs in, when
-- such a customer exists, and when the SKU is known; not once their buyer is
-- redacted (081).

create index if not exists mega_admin_unresolved
	on mega_admin (mg_email)
	where mg_record_type = 'outbox' and mg_action = 'unresolved'
	and mg_status is null;

-- mina_unresolved_put(kind, id, detail): writes or renews the row. True if it is
-- new. One that is done stays done. Members of detail that have columns: email,
-- customer (of the shop), pass.
create or replace function mina_unresolved_put(p_kind text, p_id text,
	p_detail jsonb)
returns bool
language plpgsql
set search_path from current
as $$
declare
	t timestamptz := mina_now();
begin
	if coalesce(p_kind, '') !~ '^[a-z_]{1,40}$'
	    or coalesce(p_id, '') !~ '^[!-~]{1,200}$' then
		raise exception 'mina_unresolved_put: kind %, id %',
		    left(p_kind, 60), left(p_id, 60) using errcode = '22023';
	end if;
	insert into mega_admin (mg_id, mg_record_type, mg_action, mg_key,
	    mg_email, mg_shopify_customer_id, mg_actor_pass_id, mg_detail,
	    mg_source_system, mg_created_at, mg_updated_at)
	values ('outbox:unresolved:' || p_kind || ':' || p_id, 'outbox',
	    'unresolved', p_kind, lower(p_detail ->> 'email'),
	    p_detail ->> 'customer', p_detail ->> 'pass', p_detail, 'mina', t, t)
	on conflict (mg_id) do nothing;
	if found then
		return true;
	end if;
	update mega_admin
	set mg_email = lower(p_detail ->> 'email'), mg_shopify_customer_id
	    = p_detail ->> 'customer', mg_actor_pass_id = p_detail ->> 'pass',
	    mg_detail = p_detail, mg_updated_at = t
	where mg_id = 'outbox:unresolved:' || p_kind || ':' || p_id
	and mg_status is null and mg_detail is distinct from p_detail;
	return false;
end
$$;

-- mina_unresolved_done(kind, id, how): nothing is left to do. Addresses and names
-- are removed. False: there is no such row, or it was done.
create or replace function mina_unresolved_done(p_kind text, p_id text,
	p_how text)
returns bool
language plpgsql
set search_path from current
as $$
begin
	update mega_admin
	set mg_status = 200, mg_email = null, mg_detail = mina_unresolved_bare(
	    mg_detail), mg_meta = coalesce(mg_meta, '{}')
	    || jsonb_build_object('how', left(p_how, 1000)),
	    mg_updated_at = mina_now()
	where mg_id = 'outbox:unresolved:' || p_kind || ':' || p_id
	and mg_status is null;
	return found;
end
$$;

-- mina_unresolved_over(kinds, id, how): the same for several kinds, of which most
-- have no row.
create or replace function mina_unresolved_over(p_kinds text[], p_id text,
	p_how text)
returns void
language plpgsql
set search_path from current
as $$
declare
	k text;
begin
	for k in select mg_key from mega_admin where mg_id = any (array(
	    select 'outbox:unresolved:' || x || ':' || p_id
	    from unnest(p_kinds) x)) and mg_status is null loop
		perform mina_unresolved_done(k, p_id, p_how);
	end loop;
end
$$;

-- mina_unresolved_bare(detail): without the address and names of the buyer.
create or replace function mina_unresolved_bare(p jsonb)
returns jsonb
language sql immutable
as $$
	select (p - 'email') || case when p ? 'order'
	    and jsonb_typeof(p -> 'order') = 'object'
	    then jsonb_build_object('order', ((p -> 'order')
	    - array['email', 'contact_email']) || jsonb_build_object('customer',
	    coalesce(p -> 'order' -> 'customer', '{}') - array['email',
	    'first_name', 'last_name']))
	    else '{}' end
$$;

-- mina_unresolved_forget(customer, mail, whose, orders): removes the addresses and
-- names of this customer of the shop, of this address, and of these orders (each
-- may be null) from what waits. whose is the account that gets the orders when
-- they can be credited; without one they wait for an administrator.
create or replace function mina_unresolved_forget(p_customer text, p_mail text,
	p_whose text, p_orders text[])
returns void
language plpgsql
set search_path from current
as $$
begin
	update mega_admin
	set mg_email = null, mg_actor_pass_id = coalesce(mg_actor_pass_id,
	    p_whose), mg_detail = case when p_whose is null
	    and mg_detail ->> 'pass' is null then '{"redacted": true}'
	    else jsonb_build_object('pass', p_whose) end
	    || mina_unresolved_bare(mg_detail), mg_updated_at = mina_now()
	where mg_record_type = 'outbox' and mg_action = 'unresolved'
	and mg_status is null and (mg_shopify_customer_id = p_customer
	or mg_email = lower(p_mail)
	or mg_detail #>> '{order,id}' = any (p_orders));
end
$$;

-- mina_unresolved(): what waits, the oldest first. due: when it must be done by
-- law; null if there is no such time. detail has no address and no name.
create or replace function mina_unresolved()
returns table (kind text, id text, since timestamptz, due timestamptz,
	customer text, detail jsonb)
language sql stable
set search_path from current
as $$
	select mg_key, substr(mg_id, 20 + length(mg_key)), mg_created_at,
	    case when mg_key in ('data_request', 'redact')
	    then mg_created_at + interval '30 days' end,
	    mg_shopify_customer_id, mina_unresolved_bare(mg_detail)
	from mega_admin
	where mg_record_type = 'outbox' and mg_action = 'unresolved'
	and mg_status is null
	order by mg_created_at, mg_id
$$;

-- mina_unresolved_warnings(): one line for each kind that waits, for /ready.
create or replace function mina_unresolved_warnings()
returns table (warning text)
language sql stable
set search_path from current
as $$
	select format('%s %s, since %s', count(*), case mg_key
	    when 'nobody' then 'paid orders have no account to credit'
	    when 'sku' then 'paid orders have no SKU of credits.packs'
	    when 'erased' then 'paid orders are of erased accounts'
	    when 'cancelled' then 'cancelled orders keep their matcha'
	    when 'refund' then 'refunds of money cannot be attributed'
	    when 'dispute' then 'disputes cannot be attributed'
	    when 'data_request' then 'customers of the shop wait for their data'
	    when 'redact' then 'shops wait to be erased'
	    when 'returning' then 'accounts in use have an address that '
	    'another user proved'
	    when 'moved' then 'users came back to an account that moved to '
	    'another user'
	    else mg_key end,
	    to_char(min(mg_created_at) at time zone 'UTC', 'YYYY-MM-DD'))
	from mega_admin
	where mg_record_type = 'outbox' and mg_action = 'unresolved'
	and mg_status is null
	group by mg_key order by mg_key
$$;

-- mina_unresolved_try(id): evaluates the order of a row of kind nobody or sku
-- again. True: it is credited now. An order that is being processed is left
-- alone: the caller may hold locks that come after the order's.
create or replace function mina_unresolved_try(p_id text)
returns bool
language plpgsql
set search_path from current
as $$
declare
	d jsonb;
	answer jsonb;
begin
	select mg_detail into d from mega_admin where mg_id = p_id
	and mg_status is null;
	if d #> '{order,id}' is null or not pg_try_advisory_xact_lock(
	    hashtextextended('mina_shopify:' || (d #>> '{order,id}'),
	    'mega_customers'::regclass::oid::bigint)) then
		return false;
	end if;
	begin
		answer := mina_shopify_order(d -> 'order', d ->> 'shop',
		    d ->> 'pass', (d ->> 'take_test')::bool, d ->> 'source',
		    d ->> 'delivery', (d ->> 'tag')::bool);
	exception when data_exception or invalid_parameter_value
	    or object_not_in_prerequisite_state then
		update mega_admin set mg_meta = coalesce(mg_meta, '{}')
		    || jsonb_build_object('error', left(sqlerrm, 300)),
		    mg_updated_at = mina_now() where mg_id = p_id;
		return false;
	end;
	if answer ->> 'outcome' = 'credited' then
		return true;
	end if;
	-- The next call begins with others.
	update mega_admin set mg_updated_at = mina_now() where mg_id = p_id
	and mg_status is null;
	return false;
end
$$;

-- mina_unresolved_login(mail): credits the orders that waited for the customer
-- with this verified address, who signs in now. One index look-up if there are
-- none. Returns how many.
create or replace function mina_unresolved_login(p_mail text)
returns int
language plpgsql
set search_path from current
as $$
declare
	p text;
	n int := 0;
begin
	for p in select mg_id from mega_admin
	    where mg_record_type = 'outbox' and mg_action = 'unresolved'
	    and mg_status is null and mg_key = 'nobody'
	    and mg_email = lower(p_mail)
	    order by mg_id limit 50 loop
		n := n + mina_unresolved_try(p)::int;
	end loop;
	return n;
end
$$;

-- mina_unresolved_retry(max): for the clean-up job: tries again what may have a
-- customer or a SKU by now, those tried longest ago first. Returns how many were
-- credited.
create or replace function mina_unresolved_retry(p_max int default 20)
returns int
language plpgsql
set search_path from current
as $$
declare
	packs jsonb := mina_shopify_packs();
	p text;
	n int := 0;
begin
	for p in select mg_id from mega_admin a
	    where mg_record_type = 'outbox' and mg_action = 'unresolved'
	    and mg_status is null and not mg_detail ? 'redacted'
	    and (mg_key = 'sku' and exists (
		select 1 from jsonb_array_elements_text(mg_detail -> 'unknown')
		as u (sku) where packs ? u.sku)
	    or mg_key = 'nobody' and exists (select 1 from mega_customers c
		where c.mg_pass_id = a.mg_actor_pass_id
		or c.mg_shopify_customer_id = a.mg_shopify_customer_id
		and (c.mg_email is not null or c.mg_user_id is not null)
		or lower(c.mg_email) = a.mg_email and c.mg_email is not null
		and (c.mg_verified_email or c.mg_verified_any)))
	    order by mg_updated_at, mg_id limit p_max loop
		n := n + mina_unresolved_try(p)::int;
	end loop;
	return n;
end
$$;
