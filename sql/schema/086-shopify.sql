-- Credits for Shopify orders: what an order is worth and which customer gets
-- it. All work on one order, including its refunds, is serialized by an
-- advisory lock on the order id, and the rows written name the order and its
-- line. So duplicates, webhooks out of order and the order sync change nothing
-- twice.
-- Ids are kept as text, because they exceed 2^53. Malformed input raises 22023
-- before anything is written.

-- Refunds (087) by order.
create index if not exists mega_admin_refunds
	on mega_admin (mg_key)
	where mg_record_type = 'outbox' and mg_action = 'shopify.refund';

-- mina_shopify_id(value, what): an id, given as number or string, as its
-- digits; what names it in the error message.
create or replace function mina_shopify_id(p jsonb, p_what text)
returns text
language plpgsql immutable
as $$
begin
	if jsonb_typeof(p) in ('number', 'string')
	    and p #>> '{}' ~ '^[1-9][0-9]{0,19}$' then
		return p #>> '{}';
	end if;
	raise exception 'shopify: % is no id: %', p_what,
	    coalesce(left(p::text, 60), 'missing') using errcode = '22023';
end
$$;

-- mina_shopify_count(value, what): a quantity, 0 to 999999999.
create or replace function mina_shopify_count(p jsonb, p_what text)
returns int
language plpgsql immutable
as $$
begin
	if jsonb_typeof(p) in ('number', 'string')
	    and p #>> '{}' ~ '^[0-9]{1,9}$' then
		return (p #>> '{}')::int;
	end if;
	raise exception 'shopify: % is no quantity: %', p_what,
	    coalesce(left(p::text, 60), 'missing') using errcode = '22023';
end
$$;

-- mina_shopify_list(value, what): an array of objects; null and a missing value
-- are empty.
create or replace function mina_shopify_list(p jsonb, p_what text)
returns jsonb
language plpgsql immutable
as $$
begin
	if coalesce(jsonb_typeof(p), 'null') = 'null' then
		return '[]';
	end if;
	if jsonb_typeof(p) <> 'array' or exists (
	    select 1 from jsonb_array_elements(p) e
	    where jsonb_typeof(e) <> 'object') then
		raise exception 'shopify: % is no list of objects', p_what
		    using errcode = '22023';
	end if;
	return p;
end
$$;

-- mina_shopify_text(value, max): a string, truncated to max characters; null
-- for anything else and for a blank string.
create or replace function mina_shopify_text(p jsonb, p_max int)
returns text
language sql immutable
as $$
	select case when jsonb_typeof(p) = 'string'
	    then left(nullif(btrim(p #>> '{}'), ''), p_max) end
$$;

-- mina_shopify_lock(order): locks the order until the end of the transaction.
create or replace function mina_shopify_lock(p_order text)
returns void
language plpgsql
set search_path from current
as $$
begin
	perform pg_advisory_xact_lock(hashtextextended('mina_shopify:'
	    || p_order, 'mega_customers'::regclass::oid::bigint));
end
$$;

-- mina_hold_row(pass): locks the row of the canonical customer of this pass and
-- returns its pass. Null: there is none.
create or replace function mina_hold_row(p_pass text)
returns text
language plpgsql
set search_path from current
as $$
declare
	c record;
begin
	select mg_pass_id, mg_meta ->> 'merged_into' as moved into c
	from mega_customers where mg_pass_id = p_pass for no key update;
	if c.moved is not null then
		return mina_hold_row(c.moved);
	end if;
	return c.mg_pass_id;
end
$$;

-- mina_shopify_audit(what, id, pass, customer, detail): writes the audit row
-- admin_audit:shopify:<what>:<id>. Audit rows never change; a different outcome
-- later (because the SKU was added since) gets a row of its own, ending in
-- :<outcome>. Replays write none.
create or replace function mina_shopify_audit(p_what text, p_id text,
	p_pass text, p_customer text, p_detail jsonb)
returns void
language plpgsql
set search_path from current
as $$
declare
	base text := 'admin_audit:shopify:' || p_what || ':' || p_id;
	this text := p_detail ->> 'outcome';
	was text;
begin
	select mg_detail ->> 'outcome' into was from mega_admin
	where mg_id = base;
	if this = 'replayed' or was = this then
		return;
	end if;
	insert into mega_admin (mg_id, mg_record_type, mg_action,
	    mg_actor_pass_id, mg_shopify_customer_id, mg_detail,
	    mg_source_system, mg_created_at, mg_updated_at)
	values (case when was is null then base else base || ':' || this end,
	    'admin_audit', 'shopify.' || p_what, p_pass, p_customer, p_detail,
	    'mina', mina_now(), mina_now())
	on conflict (mg_id) do nothing;
end
$$;

-- mina_shopify_account(pass, customer, mail, first, last): finds, locks and
-- returns the customer of an order; no row if there is none. matched says how:
--	pass		the customer of the encrypted pass
--	shopify		the customer with this Shopify customer id
--	email		the only customer with this verified e-mail address
--	new		a new pass:shopify:<customer>
-- off: the account is disabled; it is credited nevertheless, because the order
-- was paid. A customer found by e-mail address, or with this address verified,
-- is linked to the Shopify id; a pass alone does not link it, because checkout
-- links may be shared.
create or replace function mina_shopify_account(p_pass text, p_customer text,
	p_mail text, p_first text, p_last text)
returns table (pass text, matched text, off bool)
language plpgsql
set search_path from current
as $$
declare
	found_as text[];
	t timestamptz := mina_now();
begin
	pass := mina_hold_row(p_pass);
	matched := 'pass';
	if pass is null and p_customer is not null then
		select mina_hold_row(x.mg_pass_id) into pass from (
			select mg_pass_id, mg_user_id from mega_customers
			where mg_shopify_customer_id = p_customer
			union all
			select mg_pass_id, mg_user_id from mega_customers
			where mg_pass_id = 'pass:shopify:' || p_customer
			order by mg_user_id, mg_pass_id limit 1) x;
		matched := 'shopify';
	end if;
	if pass is null and p_mail is not null then
		select array_agg(x.mg_pass_id) into found_as from (
			select mg_pass_id from mega_customers
			where lower(mg_email) = lower(p_mail)
			and mg_email is not null
			and (mg_verified_email or mg_verified_any)
			and mg_meta ->> 'merged_into' is null limit 2) x;
		if cardinality(found_as) = 1 then
			pass := mina_hold_row(found_as[1]);
			matched := 'email';
		end if;
	end if;
	if pass is null and p_customer is not null then
		insert into mega_customers (mg_pass_id, mg_shopify_customer_id,
		    mg_email, mg_first_name, mg_last_name, mg_disabled,
		    mg_source_system, mg_created_at, mg_updated_at)
		values ('pass:shopify:' || p_customer, p_customer, p_mail,
		    p_first, p_last, false, 'shopify', t, t)
		on conflict (mg_pass_id) do nothing;
		pass := mina_hold_row('pass:shopify:' || p_customer);
		matched := 'new';
	end if;
	if pass is null then
		return;
	end if;
	update mega_customers
	set mg_shopify_customer_id = p_customer, mg_updated_at = t
	where mg_pass_id = pass and mg_shopify_customer_id is null
	and p_customer is not null and lower(mg_email) = lower(p_mail)
	and (mg_verified_email or mg_verified_any);
	-- With an address, a user who signs in can claim a row created by a
	-- purchase.
	update mega_customers set mg_email = p_mail, mg_updated_at = t
	where mg_pass_id = pass and mg_email is null
	and mg_pass_id = 'pass:shopify:' || p_customer;
	select coalesce(mg_disabled, false) or mg_deleted_at is not null
	into off from mega_customers where mg_pass_id = pass;
	return next;
end
$$;

-- mina_shopify_order(order, shop, pass, take_test, source, delivery): credits a
-- paid order, by one ledger row shopify:<order>:<line> for each line whose SKU
-- is in credits.packs. order is Shopify's REST order, pass the encrypted pass
-- of the cart after decryption (or null), source webhook|sweep, delivery the id
-- of the webhook (or null). Returns {order, outcome, pass, credited, lines,
-- unknown}:
--	credited	credited now; credited is the total of this order
--	replayed	all of it was credited before
--	unpaid		financial_status is not paid or partially_refunded
--	test		a test order, and take_test is false
--	nothing		no line has a SKU that we sell; unknown lists the SKUs
--	nobody		no account was found, and the order has no customer
-- lines are those that we sell: line, sku, quantity, matcha. All outcomes but
-- unpaid and replayed write an audit row. An order that gave nothing is
-- evaluated again when it arrives again. The credit goes to the account that
-- got the other lines of the order, otherwise to that of
-- mina_shopify_account(). The customer is tagged through the outbox.
-- Refunds on the order, and those that arrived before it, are taken at once
-- (087), also if it was credited before and is no longer paid; refunds lists
-- the results of those that took something.
-- Raises: 22023 for an id that is not 1 to 20 digits, a quantity that is not a
-- number or (of a line that we sell) above 10000, a SKU that is not text, or a
-- duplicate line. 55000 if credits.packs is not a map or a value in it is not 1
-- to 100000: that is an error of ours, and Shopify should send the order again.
create or replace function mina_shopify_order(p_order jsonb, p_shop text,
	p_pass text, p_take_test bool, p_source text, p_delivery text)
returns jsonb
language plpgsql
set search_path from current
as $$
declare
	v_order text := mina_shopify_id(p_order -> 'id', 'order.id');
	items jsonb := mina_shopify_list(p_order -> 'line_items',
	    'line_items');
	buyer jsonb := coalesce(nullif(p_order -> 'customer', 'null'), '{}');
	packs jsonb;
	answer jsonb;
	lines jsonb := '[]';
	unknown jsonb := '[]';
	seen text[] := '{}';
	fresh bool[] := '{}';
	v_customer text;
	v_pass text;
	v_matched text := 'order';
	v_off bool := false;
	outcome text;
	again bool := false;
	given int := 0;
	l jsonb;
	r record;
	i int := 0;
begin
	if jsonb_typeof(p_order) <> 'object' or jsonb_typeof(buyer) <> 'object'
	    or coalesce(p_shop, '') !~ '^[A-Za-z0-9.-]{1,255}$'
	    or p_source is null or p_source not in ('webhook', 'sweep') then
		raise exception 'shopify: order %: bad customer, shop % or '
		    'source %', v_order, left(p_shop, 60), left(p_source, 60)
		    using errcode = '22023';
	end if;
	if coalesce(jsonb_typeof(buyer -> 'id'), 'null') <> 'null' then
		v_customer := mina_shopify_id(buyer -> 'id', 'customer.id');
	end if;
	perform mina_shopify_list(p_order -> 'refunds', 'refunds');
	perform mina_shopify_lock(v_order);

	select value into packs from mina_config('credits.packs');
	if jsonb_typeof(packs) is distinct from 'object' then
		raise exception 'credits.packs is no map of SKUs'
		    using errcode = '55000';
	end if;
	for l in select * from jsonb_array_elements(items) loop
		select * into r
		from mina_shopify_line(l, packs, v_order, i);
		if r.line = any (seen) then
			raise exception 'shopify: line % comes twice', r.line
			    using errcode = '22023';
		end if;
		seen := seen || r.line;
		if r.matcha is not null then
			lines := lines || jsonb_build_object('line', r.line,
			    'sku', r.sku, 'quantity', r.quantity, 'matcha',
			    r.matcha);
			fresh := fresh || (r.pass is null);
			again := again or r.pass is not null;
			v_pass := coalesce(v_pass, r.pass);
			given := given + case when r.pass is null then 0
			    else r.matcha end;
		elsif r.sku is not null and not unknown ? r.sku then
			unknown := unknown || to_jsonb(r.sku);
		end if;
		i := i + 1;
	end loop;

	outcome := case
	    when coalesce(p_order ->> 'test' = 'true', false)
	    and p_take_test is not true then 'test'
	    when coalesce(p_order ->> 'financial_status', '') not in ('paid',
		'partially_refunded') then 'unpaid'
	    when not coalesce(true = any (fresh), false) then 'nothing'
	    else 'credited' end;
	if outcome = 'credited' then
		if v_pass is not null then
			v_pass := mina_hold_row(v_pass);
		else
			select a.pass, a.matched, a.off
			into v_pass, v_matched, v_off
			from mina_shopify_account(p_pass, v_customer,
			    coalesce(mina_shopify_text(buyer -> 'email', 320),
			    mina_shopify_text(p_order -> 'email', 320),
			    mina_shopify_text(p_order -> 'contact_email', 320)),
			    mina_shopify_text(buyer -> 'first_name', 200),
			    mina_shopify_text(buyer -> 'last_name', 200)) a;
		end if;
		if v_pass is null then
			outcome := 'nobody';
		end if;
	end if;
	if outcome = 'credited' then
		for i in 0 .. jsonb_array_length(lines) - 1 loop
			l := lines -> i;
			continue when not fresh[i + 1];
			perform mina_move(v_pass, (l ->> 'matcha')::int,
			    'purchase', 'shopify_order', v_order,
			    'shopify:' || v_order || ':' || (l ->> 'line'),
			    'shopify', jsonb_strip_nulls(jsonb_build_object(
			    'sku', l ->> 'sku',
			    'quantity', l -> 'quantity', 'per_piece',
			    (l ->> 'matcha')::int / (l ->> 'quantity')::int,
			    'order_name', mina_shopify_text(p_order -> 'name',
			    100), 'shop', p_shop, 'customer', v_customer,
			    'via', p_source, 'delivery', left(p_delivery, 100),
			    'currency', mina_shopify_text(p_order -> 'currency',
			    10), 'price', (select mina_shopify_text(e -> 'price',
			    40) from jsonb_array_elements(items) e
			    where e ->> 'id' = l ->> 'line'))));
			given := given + (l ->> 'matcha')::int;
		end loop;
		update mega_customers set mg_topup_source = 'shopify'
		where mg_pass_id = v_pass
		and mg_topup_source is distinct from 'shopify';
		if v_customer is not null then
			perform mina_outbox_put(format('shopify.tag:%s:%s:%s',
			    p_shop, v_customer, v_order), 'shopify.tag',
			    jsonb_build_object('shop', p_shop, 'customer',
			    v_customer, 'tag', 'Mina-users'), 0);
		end if;
	elsif again then
		outcome := 'replayed';
		v_pass := mina_canonical(v_pass);
	else
		v_pass := null;
	end if;
	answer := jsonb_build_object('order', v_order, 'outcome', outcome,
	    'pass', v_pass, 'credited', given, 'lines', lines, 'unknown',
	    unknown);
	if outcome <> 'unpaid' then
		perform mina_shopify_audit('order', v_order, v_pass, v_customer,
		    answer || jsonb_strip_nulls(jsonb_build_object('shop',
		    p_shop, 'via', p_source, 'delivery', left(p_delivery, 100),
		    'order_name', mina_shopify_text(p_order -> 'name', 100),
		    'matched', case when outcome = 'credited' then v_matched
		    end, 'disabled', case when v_off then true end)));
	end if;
	if outcome <> 'unpaid' then
		answer := answer || jsonb_build_object('refunds',
		    mina_shopify_refunds(v_order, p_order -> 'refunds', p_shop,
		    p_source, p_delivery));
	end if;
	return answer;
end
$$;

-- mina_shopify_line(item, packs, order, no): parses one line: its id, its SKU
-- (truncated to 100 characters; null if there is none or the quantity is 0),
-- and, for a SKU that we sell, quantity and matcha. A line that was credited
-- before is returned as it was then, with the pass that got it.
create or replace function mina_shopify_line(p_item jsonb, p_packs jsonb,
	p_order text, p_no int)
returns table (line text, sku text, quantity int, matcha int, pass text)
language plpgsql stable
set search_path from current
as $$
declare
	what text := format('line_items[%s]', p_no);
	full_sku text;
	n int := mina_shopify_count(p_item -> 'quantity', what || '.quantity');
begin
	line := mina_shopify_id(p_item -> 'id', what || '.id');
	if coalesce(jsonb_typeof(p_item -> 'sku'), 'null')
	    not in ('null', 'string') then
		raise exception 'shopify: %.sku is no text', what
		    using errcode = '22023';
	end if;
	full_sku := nullif(p_item ->> 'sku', '');
	select g.mg_meta ->> 'sku', (g.mg_meta ->> 'quantity')::int, g.mg_delta,
	    g.mg_pass_id into sku, quantity, matcha, pass
	from mega_generations g
	where g.mg_id = 'credit_transaction:shopify:' || p_order || ':' || line;
	if found then
		return next;
		return;
	end if;
	if n = 0 then
		return next;
		return;
	end if;
	sku := left(full_sku, 100);
	if p_packs ? full_sku then
		if coalesce(p_packs ->> full_sku, '') !~ '^[1-9][0-9]{0,5}$'
		    or (p_packs ->> full_sku)::int > 100000 then
			raise exception 'credits.packs: % is worth %', sku,
			    left(p_packs ->> full_sku, 40)
			    using errcode = '55000';
		end if;
		if n > 10000 then
			raise exception 'shopify: %.quantity is above 10000: %',
			    what, n using errcode = '22023';
		end if;
		quantity := n;
		matcha := n * (p_packs ->> full_sku)::int;
	end if;
	return next;
end
$$;
