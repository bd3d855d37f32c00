-- Credits for Shopify orders: what an order is worth and which customer gets
-- it. All work on one order, including its refunds, is serialized by an
-- advisory lock on the order id, and the rows written name the order and its
-- line. So duplicates, webhooks out of order and the order sync change nothing
-- twice.
-- What is known of an order is a row of mega_admin, outbox:shopify.order:<order>,
-- with mg_action shopify.order and mg_key the order. It has no due time, so the
-- outbox never claims it. mg_detail has
--	updated_at	of the newest order that was read
--	lines		{"<line>": {sku, per_piece, got, cut, pass}}: got pieces
--			were credited in all, cut of them edited away later
--	total, ours	the order's money, and whether all of it is for lines
--			that we sell
--	cancelled, back	it was cancelled; all of its money went back
--	disputes	{"<dispute>": {amount, type, status, finalized}}
--	set_off		matcha of this order that paid a debt
--	edits		{taken, debt}: what edits took
--	money		{taken, debt}: what money that went back took (087)
--	rows		ledger rows of the kinds above, to name the next one
-- Money is in thousandths, because some currencies have three decimals.
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

-- mina_shopify_sku(text): a SKU as it is compared: without blanks around it and
-- in capitals; null if nothing is left. People type them, in two places.
create or replace function mina_shopify_sku(p text)
returns text
language sql immutable
as $$
	select nullif(upper(btrim(p, U&' \0009\000A\000B\000C\000D\00A0\200B\FEFF')),
	    '')
$$;

-- mina_shopify_packs(): credits.packs by the SKU as it is compared.
-- Raises: 55000 if it is not a map, or says two things of one SKU: an error of
-- ours, and Shopify should send the order again.
create or replace function mina_shopify_packs()
returns jsonb
language plpgsql stable
set search_path from current
as $$
declare
	packs jsonb;
	out jsonb;
begin
	select value into packs from mina_config('credits.packs');
	if jsonb_typeof(packs) is distinct from 'object' then
		raise exception 'credits.packs is no map of SKUs'
		    using errcode = '55000';
	end if;
	if exists (select 1 from jsonb_each(packs) group by
	    mina_shopify_sku(key) having count(distinct value) > 1) then
		raise exception 'credits.packs has a SKU with two values'
		    using errcode = '55000';
	end if;
	select jsonb_object_agg(mina_shopify_sku(key), value) into out
	from jsonb_each(packs) where mina_shopify_sku(key) is not null;
	return coalesce(out, '{}');
end
$$;

-- mina_shopify_amount(value): money, a string or a number, in thousandths; null
-- if it is nothing of the kind.
create or replace function mina_shopify_amount(p jsonb)
returns bigint
language sql immutable
as $$
	select case when jsonb_typeof(p) in ('number', 'string')
	    and p #>> '{}' ~ '^-?[0-9]{1,12}([.][0-9]{1,9})?$'
	    then round((p #>> '{}')::numeric * 1000)::bigint end
$$;

-- mina_shopify_time(value): a time, or null.
create or replace function mina_shopify_time(p jsonb)
returns timestamptz
language plpgsql stable
as $$
begin
	if jsonb_typeof(p) = 'string' and p #>> '{}' ~
	    '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,20}(Z|[+-][0-9]{2}:?[0-9]{2})$'
	then
		return (p #>> '{}')::timestamptz;
	end if;
	return null;
exception when data_exception then
	return null;
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

-- mina_shopify_gone(mail, customer): did a customer with this e-mail address
-- or Shopify customer id erase the account (mina_erased(), 088)?
create or replace function mina_shopify_gone(p_mail text, p_customer text)
returns bool
language plpgsql stable
set search_path from current
as $$
begin
	-- 088 is applied after this file, and may be of an older version.
	if to_regprocedure('mina_erased(text, text)') is null then
		return false;
	end if;
	return mina_erased(p_mail, p_customer);
end
$$;

-- mina_shopify_account(pass, customer, mail, first, last): finds, locks and
-- returns the customer of an order; no row if there is none. matched says how:
--	pass		the customer of the encrypted pass
--	shopify		the customer with this Shopify customer id
--	email		the only customer with this verified e-mail address
--	new		a new pass:shopify:<customer>
-- A row of the last kind is claimed by its e-mail address. So without an address
-- none is made, and one without a user and an address is not taken, because
-- its matcha would be out of reach for ever.
-- off: the account is disabled; it is credited nevertheless, because the order
-- was paid. gone: it was erased, or the buyer is one who erased an account, and
-- nobody could spend the matcha; pass is null then. A customer found by e-mail
-- address, or with this address verified,
-- is linked to the Shopify id; a pass alone does not link it, because checkout
-- links may be shared.
drop function if exists mina_shopify_account(text, text, text, text, text);
create or replace function mina_shopify_account(p_pass text, p_customer text,
	p_mail text, p_first text, p_last text)
returns table (pass text, matched text, off bool, gone bool)
language plpgsql
set search_path from current
as $$
declare
	found_as text[];
	t timestamptz := mina_now();
begin
	gone := false;
	-- A visitor may buy before anything was written for the pass. It came
	-- encrypted by us, so the purchase makes the row.
	if p_pass like 'pass:anon:%' and not exists (select from mega_customers
	    where mg_pass_id = p_pass) and not exists (select from mega_admin
	    where mg_id = mina_erased_id('pass', p_pass)) then
		perform mina_customer(p_pass, null, null, null,
		    coalesce((mina_runtime() ->> 'credits.welcome_anonymous')::int,
		    0), coalesce((mina_runtime() ->> 'credits.days')::int, 30));
	end if;
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
	if pass is null and mina_shopify_gone(p_mail, p_customer) then
		gone := true;
		return next;
		return;
	end if;
	if pass is null and p_customer is not null and p_mail is not null then
		insert into mega_customers (mg_pass_id, mg_shopify_customer_id,
		    mg_email, mg_first_name, mg_last_name, mg_disabled,
		    mg_source_system, mg_created_at, mg_updated_at)
		values ('pass:shopify:' || p_customer, p_customer, p_mail,
		    p_first, p_last, false, 'shopify', t, t)
		on conflict (mg_pass_id) do nothing;
		pass := mina_hold_row('pass:shopify:' || p_customer);
		matched := 'new';
	end if;
	if pass is null or p_mail is null and exists (select from mega_customers
	    where mg_pass_id = pass and starts_with(pass, 'pass:shopify:')
	    and mg_user_id is null and mg_email is null
	    and mg_deleted_at is null) then
		pass := null;
		return;
	end if;
	if exists (select from mega_customers where mg_pass_id = pass
	    and mg_deleted_at is not null) then
		gone := true;
		pass := null;
		return next;
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
	select coalesce(mg_disabled, false) into off from mega_customers where mg_pass_id = pass;
	return next;
end
$$;

-- mina_shopify_state(order): what is known of it (see above). Of an order that
-- an older Mina credited, p_items names the lines to look for.
create or replace function mina_shopify_state(p_order text, p_items jsonb)
returns jsonb
language plpgsql stable
set search_path from current
as $$
declare
	st jsonb;
begin
	select mg_detail into st from mega_admin
	where mg_id = 'outbox:shopify.order:' || p_order;
	st := coalesce(st, '{}');
	return st || jsonb_build_object('lines', coalesce((
	    select jsonb_object_agg(e ->> 'id', jsonb_build_object(
	    'sku', g.mg_meta -> 'sku', 'per_piece', g.mg_meta -> 'per_piece',
	    'got', g.mg_meta -> 'quantity', 'cut', 0, 'pass', g.mg_pass_id))
	    from jsonb_array_elements(p_items) e join mega_generations g
	    on g.mg_id = 'credit_transaction:shopify:' || p_order || ':'
	    || (e ->> 'id')), '{}') || coalesce(st -> 'lines', '{}'));
end
$$;

-- mina_shopify_keep(order, state): stores it.
create or replace function mina_shopify_keep(p_order text, p_state jsonb)
returns void
language plpgsql
set search_path from current
as $$
begin
	insert into mega_admin as a (mg_id, mg_record_type, mg_action, mg_key,
	    mg_detail, mg_source_system, mg_created_at, mg_updated_at)
	values ('outbox:shopify.order:' || p_order, 'outbox', 'shopify.order',
	    p_order, p_state, 'mina', mina_now(), mina_now())
	on conflict (mg_id) do update set mg_detail = excluded.mg_detail,
	    mg_updated_at = excluded.mg_updated_at
	where a.mg_detail is distinct from excluded.mg_detail;
end
$$;

-- mina_shopify_back(pass, worth, ref_type, ref_id, id, meta): takes worth matcha
-- back from the canonical customer of this pass by a ledger row with this id:
-- what is available; the rest is added to the customer's debt, mg_meta.debt.
create or replace function mina_shopify_back(p_pass text, p_worth int,
	p_ref_type text, p_ref_id text, p_id text, p_meta jsonb)
returns table (pass text, taken int, debt int)
language plpgsql
set search_path from current
as $$
begin
	pass := mina_hold_row(p_pass);
	perform mina_expire(pass);
	select least(mg_credits - mg_held, p_worth) into taken
	from mega_customers where mg_pass_id = pass;
	debt := p_worth - taken;
	if taken > 0 then
		perform mina_move(pass, -taken, 'refund', p_ref_type, p_ref_id,
		    p_id, 'shopify', jsonb_strip_nulls(p_meta
		    || jsonb_build_object('debt', debt)));
	end if;
	if debt > 0 then
		perform mina_debt(pass, debt);
	end if;
	return next;
end
$$;

-- mina_debt(pass, delta): changes what this customer owes. The caller has
-- locked the row.
create or replace function mina_debt(p_pass text, p_delta int)
returns void
language plpgsql
set search_path from current
as $$
begin
	update mega_customers
	set mg_meta = case when coalesce((mg_meta ->> 'debt')::int, 0) + p_delta
	    > 0 then coalesce(mg_meta, '{}') || jsonb_build_object('debt',
	    coalesce((mg_meta ->> 'debt')::int, 0) + p_delta)
	    else mg_meta - 'debt' end, mg_updated_at = mina_now()
	where mg_pass_id = p_pass;
end
$$;

-- mina_shopify_set_off(pass, most, order, row): the customer owes matcha and
-- just got most: takes the debt from it, by a ledger row
-- shopify-debt:<order>:<row>. Returns how much.
create or replace function mina_shopify_set_off(p_pass text, p_most int,
	p_order text, p_row int)
returns int
language plpgsql
set search_path from current
as $$
declare
	v_pass text := mina_hold_row(p_pass);
	n int;
begin
	select least((mg_meta ->> 'debt')::int, p_most, mg_credits - mg_held)
	into n from mega_customers where mg_pass_id = v_pass
	and mg_meta ? 'debt';
	if coalesce(n, 0) <= 0 then
		return 0;
	end if;
	perform mina_move(v_pass, -n, 'refund', 'shopify_order', p_order,
	    'shopify-debt:' || p_order || ':' || p_row, 'shopify',
	    jsonb_build_object('order', p_order, 'set_off', true));
	perform mina_debt(v_pass, -n);
	return n;
end
$$;

-- mina_shopify_order(order, shop, pass, take_test, source, delivery): credits a
-- paid order, by one ledger row shopify:<order>:<line> for each line whose SKU
-- is in credits.packs, and follows its quantities: an edit that raises the
-- quantity of a line is credited by a row shopify:<order>:<line>:<pieces
-- credited in all>, one that lowers it takes the difference by a row
-- shopify-edit:<order>:<row>. order is Shopify's REST order, pass the encrypted
-- pass of the cart after decryption (or null), source webhook|sweep, delivery
-- the id of the webhook (or null). Returns {order, outcome, pass, credited,
-- lines, unknown}:
--	credited	credited now; credited is the total of this order
--	lowered		an edit lowered a quantity, and matcha was taken now
--	replayed	nothing to do: all of it was credited before
--	unpaid		financial_status is not paid or partially_refunded
--	test		a test order, and take_test is false
--	nothing		no line has a SKU that we sell; unknown lists the SKUs
--	nobody		no account was found, and none could be claimed: the
--			order has no customer, or the customer no address
--	erased		the buyer's account was erased
-- lines are those that we sell: line, sku, quantity, matcha. set_off (matcha
-- that paid a debt), taken and debt (by edits and by money that went back, not
-- by refunded lines) are totals of this order, missing if 0. unresolved: the
-- kind of the row that was now written for an administrator (083): a paid order
-- that gave nothing is one. All outcomes but unpaid, lowered and replayed write
-- an audit row. An order that gave nothing is evaluated again when it arrives
-- again. The credit goes to the account that got the other lines of the order,
-- otherwise to that of mina_shopify_account(). With tag, the customer is tagged
-- through the outbox.
-- The quantity of a line is quantity, less what current_quantity says was
-- removed and the refunds do not. What an older order says (updated_at) raises
-- nothing and lowers nothing. Times have whole seconds: of the same second, and
-- without a time, a webhook only raises; the sweep has read the present state.
-- Refunds on the order, and those that arrived before it, are taken at once
-- (087), also if it was credited before and is no longer paid; refunds lists
-- the results of those that took something. Then the money that went back is
-- settled (mina_shopify_settle).
-- Raises: 22023 for an id that is not 1 to 20 digits, a quantity that is not a
-- number or (of a line that we sell) above 10000, a SKU that is not text, or a
-- duplicate line. 55000 if credits.packs is not a map or a value in it is not 1
-- to 100000: that is an error of ours, and Shopify should send the order again.
drop function if exists mina_shopify_order(jsonb, text, text, bool, text, text);
create or replace function mina_shopify_order(p_order jsonb, p_shop text,
	p_pass text, p_take_test bool, p_source text, p_delivery text,
	p_tag bool default true)
returns jsonb
language plpgsql
set search_path from current
as $$
declare
	v_order text := mina_shopify_id(p_order -> 'id', 'order.id');
	items jsonb := mina_shopify_list(p_order -> 'line_items',
	    'line_items');
	buyer jsonb := coalesce(nullif(p_order -> 'customer', 'null'), '{}');
	status text := coalesce(p_order ->> 'financial_status', '');
	cancelled bool := mina_shopify_text(p_order -> 'cancelled_at', 40)
	    is not null;
	st jsonb;
	was jsonb;
	ln jsonb;
	answer jsonb;
	detail jsonb;
	packs jsonb;
	shown jsonb := '[]';
	unknown jsonb := '[]';
	refunds jsonb := '[]';
	seen text[] := '{}';
	v_customer text;
	v_mail text;
	v_pass text;
	v_matched text := 'order';
	v_off bool := false;
	v_gone bool := false;
	outcome text;
	again bool;
	age int;
	bought bool := false;
	news bool := false;
	lowered bool := false;
	base int;
	n int;
	r record;
	l record;
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
	v_mail := coalesce(mina_shopify_text(buyer -> 'email', 320),
	    mina_shopify_text(p_order -> 'email', 320),
	    mina_shopify_text(p_order -> 'contact_email', 320));
	perform mina_shopify_list(p_order -> 'refunds', 'refunds');
	perform mina_shopify_lock(v_order);

	packs := mina_shopify_packs();
	st := mina_shopify_state(v_order, items);
	was := st;
	again := st -> 'lines' <> '{}';
	age := mina_shopify_age(st, p_order, p_source);
	select v ->> 'pass' into v_pass
	from jsonb_each(st -> 'lines') as e (k, v) limit 1;
	outcome := case
	    when coalesce(p_order ->> 'test' = 'true', false)
	    and p_take_test is not true then 'test'
	    when status not in ('paid', 'partially_refunded') then 'unpaid'
	    else 'nothing' end;

	-- What the lines are, and what each would change. A line counts in full
	-- before anything is written.
	for l in select e.value as item, (e.ordinality - 1)::int as no
	    from jsonb_array_elements(items) with ordinality e
	    order by e.ordinality loop
		select * into r from mina_shopify_line(l.item, packs, v_order,
		    l.no, st -> 'lines', p_order -> 'refunds');
		if r.line = any (seen) then
			raise exception 'shopify: line % comes twice', r.line
			    using errcode = '22023';
		end if;
		seen := seen || r.line;
		bought := bought or r.quantity > 0;
		if r.per_piece is null then
			if r.sku is not null and not unknown ? r.sku then
				unknown := unknown || to_jsonb(r.sku);
			end if;
			continue;
		end if;
		ln := st -> 'lines' -> r.line;
		base := coalesce((ln ->> 'got')::int - (ln ->> 'cut')::int, 0);
		n := case when outcome = 'test' or age < 0 then 0
		    when outcome = 'nothing' and ln is null then r.high
		    when cancelled then 0
		    when outcome = 'nothing' and r.low > base
		    then r.low - base
		    when age = 1 and ln is not null and r.high < base
		    and status in ('paid', 'partially_refunded',
			'partially_paid') then r.high - base
		    else 0 end;
		news := news or n > 0;
		lowered := lowered or n < 0;
		shown := shown || jsonb_build_object('line', r.line, 'sku',
		    r.sku, 'per_piece', r.per_piece, 'change', n, 'price',
		    mina_shopify_text(l.item -> 'price', 40));
	end loop;

	if outcome = 'nothing' and news then
		outcome := 'credited';
		if v_pass is not null then
			v_pass := mina_hold_row(v_pass);
			select coalesce(mg_disabled, false),
			    mg_deleted_at is not null into v_off, v_gone
			from mega_customers where mg_pass_id = v_pass;
		else
			select a.pass, a.matched, a.off, a.gone
			into v_pass, v_matched, v_off, v_gone
			from mina_shopify_account(p_pass, v_customer, v_mail,
			    mina_shopify_text(buyer -> 'first_name', 200),
			    mina_shopify_text(buyer -> 'last_name', 200)) a;
		end if;
		if v_gone then
			outcome := 'erased';
		elsif v_pass is null then
			outcome := 'nobody';
		end if;
	end if;
	for l in select value as v from jsonb_array_elements(shown)
	    where (value ->> 'change')::int > 0 and outcome = 'credited'
	    or (value ->> 'change')::int < 0 loop
		st := mina_shopify_change(st, v_order, v_pass, l.v,
		    jsonb_build_object('order_name', mina_shopify_text(
		    p_order -> 'name', 100), 'shop', p_shop, 'customer',
		    v_customer, 'via', p_source, 'delivery',
		    left(p_delivery, 100), 'currency', mina_shopify_text(
		    p_order -> 'currency', 10)));
	end loop;
	if outcome = 'credited' then
		st := mina_shopify_owes(st, v_order, v_pass, shown);
		update mega_customers set mg_topup_source = 'shopify'
		where mg_pass_id = mina_canonical(v_pass)
		and mg_topup_source is distinct from 'shopify';
		if v_customer is not null and p_tag then
			perform mina_outbox_put(format('shopify.tag:%s:%s:%s',
			    p_shop, v_customer, v_order), 'shopify.tag',
			    jsonb_build_object('shop', p_shop, 'customer',
			    v_customer), 0);
		end if;
		perform mina_unresolved_over(array['nobody', 'sku', 'erased'],
		    v_order, 'credited');
	elsif again and outcome <> 'erased' then
		outcome := case when lowered then 'lowered' else 'replayed' end;
		v_pass := mina_canonical(v_pass);
	else
		v_pass := null;
	end if;

	if st -> 'lines' <> '{}' then
		st := mina_shopify_money(st, p_order, items, packs, age);
		if st <> was then
			perform mina_shopify_keep(v_order, st);
		end if;
	end if;
	if outcome <> 'unpaid' then
		for l in select value as v from jsonb_array_elements(
		    mina_shopify_list(p_order -> 'refunds', 'refunds')) loop
			perform mina_shopify_refund_row(l.v, v_order, p_shop,
			    p_source, p_delivery);
		end loop;
		refunds := mina_shopify_refunds(v_order, p_shop, p_source,
		    p_delivery);
	end if;
	if st -> 'lines' <> '{}' then
		perform mina_shopify_settle(v_order, 'order');
		st := mina_shopify_state(v_order, items);
	end if;

	select coalesce(jsonb_agg(jsonb_build_object('line', value ->> 'line',
	    'sku', value -> 'sku', 'quantity', s.n, 'matcha', s.n
	    * (value ->> 'per_piece')::int) order by ordinality), '[]')
	into shown from jsonb_array_elements(shown) with ordinality,
	lateral (select coalesce((st -> 'lines' -> (value ->> 'line')
	    ->> 'got')::int, (value ->> 'change')::int) as n) s
	where s.n > 0;
	answer := jsonb_build_object('order', v_order, 'outcome', outcome,
	    'pass', v_pass, 'credited', (select coalesce(sum(
	    (v ->> 'got')::int * (v ->> 'per_piece')::int), 0)
	    from jsonb_each(st -> 'lines') as e (k, v)), 'lines', shown,
	    'unknown', unknown) || jsonb_strip_nulls(jsonb_build_object(
	    'set_off', nullif((st ->> 'set_off')::int, 0),
	    'taken', nullif(coalesce((st #>> '{edits,taken}')::int, 0)
	    + coalesce((st #>> '{money,taken}')::int, 0), 0),
	    'debt', nullif(coalesce((st #>> '{edits,debt}')::int, 0)
	    + coalesce((st #>> '{money,debt}')::int, 0), 0)));
	if outcome in ('nothing', 'nobody', 'erased') and bought
	    and coalesce(mina_shopify_amount(p_order -> 'total_price'), 1) > 0
	then
		detail := mina_shopify_again(p_order, items, buyer)
		    || jsonb_strip_nulls(jsonb_build_object('shop', p_shop,
		    'pass', p_pass, 'take_test', p_take_test, 'tag', p_tag,
		    'source', p_source, 'delivery', left(p_delivery, 100),
		    'email', v_mail, 'customer', v_customer, 'unknown',
		    unknown));
		-- Of a buyer who erased the account no word is kept.
		if outcome = 'erased' then
			detail := mina_unresolved_bare(detail);
		end if;
	end if;
	if detail is not null and mina_unresolved_put(case outcome
	    when 'nothing' then 'sku' else outcome end, v_order, detail) then
		answer := answer || jsonb_build_object('unresolved',
		    case outcome when 'nothing' then 'sku' else outcome end);
	end if;
	if outcome not in ('unpaid', 'lowered') then
		perform mina_shopify_audit('order', v_order, v_pass, v_customer,
		    (answer - 'unresolved') || jsonb_strip_nulls(
		    jsonb_build_object('shop',
		    p_shop, 'via', p_source, 'delivery', left(p_delivery, 100),
		    'order_name', mina_shopify_text(p_order -> 'name', 100),
		    'matched', case when outcome = 'credited' then v_matched
		    end, 'disabled', case when v_off then true end)));
	end if;
	if outcome <> 'unpaid' then
		answer := answer || jsonb_build_object('refunds', refunds);
	end if;
	return answer;
end
$$;

-- mina_shopify_age(state, order, source): 1: this order is newer than what was
-- read of it so far, and all of it counts; 0: nobody can tell, and it only
-- raises; -1: it is older.
create or replace function mina_shopify_age(p_state jsonb, p_order jsonb,
	p_source text)
returns int
language sql stable
set search_path from current
as $$
	select case when t is null then 0 when was is null or t > was then 1
	    when t < was then -1 when p_source = 'sweep' then 1 else 0 end
	from (select mina_shopify_time(p_order -> 'updated_at') as t,
	    mina_shopify_time(p_state -> 'updated_at') as was) x
$$;

-- mina_shopify_line(item, packs, order, no, known, refunds): parses one line:
-- its id, its SKU (as it is compared, truncated to 100 characters; null if there
-- is none or the quantity is 0), its quantity and, for a SKU that we sell, the
-- matcha of a piece. known are the lines credited before: these stay what they
-- were. The quantity without what edits removed is low if only the refunds on
-- the order itself are counted, and high if all that are known are: an order
-- that is older than a refund must not look like an edit.
drop function if exists mina_shopify_line(jsonb, jsonb, text, int);
create or replace function mina_shopify_line(p_item jsonb, p_packs jsonb,
	p_order text, p_no int, p_known jsonb, p_refunds jsonb)
returns table (line text, sku text, quantity int, per_piece int, low int,
	high int)
language plpgsql stable
set search_path from current
as $$
declare
	what text := format('line_items[%s]', p_no);
	n int := mina_shopify_count(p_item -> 'quantity', what || '.quantity');
	left_over int := n;
	here int;
	anywhere int;
begin
	line := mina_shopify_id(p_item -> 'id', what || '.id');
	if coalesce(jsonb_typeof(p_item -> 'sku'), 'null')
	    not in ('null', 'string') then
		raise exception 'shopify: %.sku is no text', what
		    using errcode = '22023';
	end if;
	if coalesce(jsonb_typeof(p_item -> 'current_quantity'), 'null')
	    <> 'null' then
		left_over := least(n, mina_shopify_count(p_item
		    -> 'current_quantity', what || '.current_quantity'));
	end if;
	quantity := n;
	sku := mina_shopify_sku(p_item ->> 'sku');
	if p_known ? line then
		sku := p_known -> line ->> 'sku';
		per_piece := (p_known -> line ->> 'per_piece')::int;
	elsif n = 0 then
		sku := null;
	elsif p_packs ? sku then
		if coalesce(p_packs ->> sku, '') !~ '^[1-9][0-9]{0,5}$'
		    or (p_packs ->> sku)::int > 100000 then
			raise exception 'credits.packs: % is worth %',
			    left(sku, 100), left(p_packs ->> sku, 40)
			    using errcode = '55000';
		end if;
		per_piece := (p_packs ->> sku)::int;
	end if;
	sku := left(sku, 100);
	if per_piece is null then
		return next;
		return;
	end if;
	if n > 10000 then
		raise exception 'shopify: %.quantity is above 10000: %',
		    what, n using errcode = '22023';
	end if;
	select coalesce(sum(mina_shopify_count(x -> 'quantity',
	    'refund_line_items.quantity')), 0) into here
	from jsonb_array_elements(mina_shopify_list(p_refunds, 'refunds')) f,
	jsonb_array_elements(mina_shopify_list(f -> 'refund_line_items',
	    'refund_line_items')) x
	where x ->> 'line_item_id' = line;
	select coalesce(sum(coalesce(mg_detail -> line ->> 'quantity',
	    mg_payload -> 'lines' ->> line)::int), 0)
	into anywhere from mega_admin where mg_record_type = 'outbox'
	and mg_action = 'shopify.refund' and mg_key = p_order;
	-- Never more than there was.
	if p_known ? line then
		here := least(here, (p_known -> line ->> 'got')::int
		    - (p_known -> line ->> 'cut')::int);
		anywhere := least(anywhere, (p_known -> line ->> 'got')::int
		    - (p_known -> line ->> 'cut')::int);
	end if;
	low := n - greatest(n - left_over - here, 0);
	high := n - greatest(n - left_over - greatest(here, anywhere), 0);
	return next;
end
$$;

-- mina_shopify_change(state, order, pass, line, meta): credits the pieces that
-- line.change says, or takes them back if it is negative, and returns the state
-- with it. pass is locked. meta goes into the ledger row.
create or replace function mina_shopify_change(p_state jsonb, p_order text,
	p_pass text, p_line jsonb, p_meta jsonb)
returns jsonb
language plpgsql
set search_path from current
as $$
declare
	v_line text := p_line ->> 'line';
	n int := (p_line ->> 'change')::int;
	per_piece int := (p_line ->> 'per_piece')::int;
	ln jsonb := p_state -> 'lines' -> v_line;
	got int := coalesce((ln ->> 'got')::int, 0);
	st jsonb := p_state;
	meta jsonb := jsonb_strip_nulls(p_meta || jsonb_build_object('sku',
	    p_line -> 'sku', 'quantity', abs(n), 'per_piece', per_piece,
	    'price', p_line -> 'price'));
	v_rows int := coalesce((p_state ->> 'rows')::int, 0) + 1;
	had record;
	b record;
begin
	if n > 0 then
		perform mina_move(p_pass, n * per_piece, 'purchase',
		    'shopify_order', p_order, 'shopify:' || p_order || ':'
		    || v_line || case when got > 0 then ':' || got + n
		    else '' end, 'shopify', meta);
		ln := coalesce(ln, '{"cut": 0}') || jsonb_build_object('sku',
		    p_line -> 'sku', 'per_piece', per_piece, 'got', got + n,
		    'pass', p_pass);
		return jsonb_set(st, array['lines', v_line], ln);
	end if;
	-- What refunds took cannot be taken by an edit as well.
	select * into had from mina_shopify_had(p_order, st);
	select * into b from mina_shopify_back(p_pass, least(
	    had.credited - had.taken, per_piece * least(-n, greatest(0, got
	    - (ln ->> 'cut')::int - mina_shopify_refunded(p_order, v_line)))),
	    'shopify_order', p_order,
	    'shopify-edit:' || p_order || ':' || v_rows, meta
	    || jsonb_build_object('order', p_order, 'line', v_line));
	st := jsonb_set(st, array['lines', v_line, 'cut'], to_jsonb(
	    (ln ->> 'cut')::int - n));
	return st || jsonb_build_object('rows', v_rows, 'edits',
	    jsonb_build_object(
	    'taken', coalesce((st #>> '{edits,taken}')::int, 0) + b.taken,
	    'debt', coalesce((st #>> '{edits,debt}')::int, 0) + b.debt));
end
$$;

-- mina_shopify_had(order, state): the sums of an order, in matcha. credited: in
-- all. Of this, cut is what edits removed and due what refunds of lines did, each
-- piece once; edits, lines and money are what edits, refunds of lines and money
-- that went back have taken, as matcha or as debt, and taken is their sum.
-- paid_back: the money of refunds that name no line, in thousandths.
create or replace function mina_shopify_had(p_order text, p_state jsonb)
returns table (credited int, cut int, due int, edits int, lines int, money int,
	taken int, paid_back bigint)
language plpgsql stable
set search_path from current
as $$
begin
	select coalesce(sum((d.v ->> 'value')::int), 0) into lines
	from mega_admin, jsonb_each(mg_detail) as d (k, v)
	where mg_record_type = 'outbox' and mg_action = 'shopify.refund'
	and mg_key = p_order and d.k <> 'money';
	select coalesce(sum((e.v ->> 'got')::int * x.per_piece), 0),
	    coalesce(sum(least((e.v ->> 'cut')::int, (e.v ->> 'got')::int - x.n)
	    * x.per_piece), 0), coalesce(sum(x.n * x.per_piece), 0)
	into credited, cut, due
	from jsonb_each(p_state -> 'lines') as e (k, v), lateral (
	    select coalesce(sum((mg_detail -> e.k ->> 'quantity')::int), 0)::int
	    as n, (e.v ->> 'per_piece')::int as per_piece
	    from mega_admin where mg_record_type = 'outbox'
	    and mg_action = 'shopify.refund' and mg_key = p_order) x;
	select coalesce(sum((mg_payload ->> 'money')::bigint), 0)
	into paid_back from mega_admin
	where mg_record_type = 'outbox' and mg_action = 'shopify.refund'
	and mg_key = p_order and mg_payload -> 'lines' = '{}';
	edits := coalesce((p_state #>> '{edits,taken}')::int, 0)
	    + coalesce((p_state #>> '{edits,debt}')::int, 0);
	money := coalesce((p_state #>> '{money,taken}')::int, 0)
	    + coalesce((p_state #>> '{money,debt}')::int, 0);
	taken := edits + lines + money;
	return next;
end
$$;

-- mina_shopify_refunded(order, line): how many pieces of a line were refunded.
create or replace function mina_shopify_refunded(p_order text, p_line text)
returns int
language plpgsql stable
set search_path from current
as $$
begin
	return (select coalesce(sum((mg_detail -> p_line ->> 'quantity')::int),
	    0) from mega_admin where mg_record_type = 'outbox'
	    and mg_action = 'shopify.refund' and mg_key = p_order);
end
$$;

-- mina_shopify_owes(state, order, pass, lines): sets a debt off against what
-- lines just gave; returns the state with it.
create or replace function mina_shopify_owes(p_state jsonb, p_order text,
	p_pass text, p_lines jsonb)
returns jsonb
language plpgsql
set search_path from current
as $$
declare
	v_rows int := coalesce((p_state ->> 'rows')::int, 0) + 1;
	given int;
	n int;
begin
	select sum((value ->> 'change')::int * (value ->> 'per_piece')::int)
	into given from jsonb_array_elements(p_lines)
	where (value ->> 'change')::int > 0;
	n := mina_shopify_set_off(p_pass, given, p_order, v_rows);
	return p_state || case when n > 0 then jsonb_build_object(
	    'rows', v_rows, 'set_off',
	    coalesce((p_state ->> 'set_off')::int, 0) + n) else '{}' end;
end
$$;

-- mina_shopify_money(state, order, items, packs, age): the state with what this
-- order says of its money.
create or replace function mina_shopify_money(p_state jsonb, p_order jsonb,
	p_items jsonb, p_packs jsonb, p_age int)
returns jsonb
language plpgsql stable
set search_path from current
as $$
declare
	st jsonb := p_state;
	total bigint := mina_shopify_amount(p_order -> 'total_price');
	ours bool;
	back bool := coalesce(p_order ->> 'financial_status' in ('refunded',
	    'voided'), false);
begin
	if p_age < 0 then
		return st;
	end if;
	select coalesce(total, sum(mina_shopify_amount(value -> 'price')
	    * (value ->> 'quantity')::int)),
	    coalesce(bool_and(st -> 'lines' ? (value ->> 'id')), false)
	into total, ours from jsonb_array_elements(p_items)
	where (value ->> 'quantity')::int > 0
	and coalesce(mina_shopify_amount(value -> 'price'), 1) <> 0;
	if exists (select 1 from jsonb_array_elements(p_items)
	    where (value ->> 'quantity')::int > 0
	    and mina_shopify_amount(value -> 'price') is null)
	    and p_order ->> 'total_price' is null then
		total := null;
	end if;
	if p_age = 1 or st -> 'total' is null
	    or total > (st ->> 'total')::bigint then
		st := st || jsonb_strip_nulls(jsonb_build_object('total', total,
		    'ours', ours));
	end if;
	if p_age = 1 then
		st := (st - 'back') || jsonb_build_object('updated_at',
		    p_order -> 'updated_at');
	end if;
	return st || jsonb_strip_nulls(jsonb_build_object(
	    'back', case when back then true end,
	    'cancelled', case when mina_shopify_text(p_order -> 'cancelled_at',
	    40) is not null then true end));
end
$$;

-- mina_shopify_again(order, items, buyer): the order with the members that
-- mina_shopify_order() reads, to be evaluated again later.
create or replace function mina_shopify_again(p_order jsonb, p_items jsonb,
	p_buyer jsonb)
returns jsonb
language sql stable
set search_path from current
as $$
	select jsonb_build_object('order', (select jsonb_object_agg(key, value)
	    from jsonb_each(p_order) where key in ('id', 'name', 'email',
	    'contact_email', 'financial_status', 'test', 'currency',
	    'total_price', 'updated_at', 'cancelled_at'))
	    || jsonb_build_object('line_items', (select coalesce(jsonb_agg(
	    jsonb_strip_nulls(jsonb_build_object('id', value -> 'id', 'sku',
	    value -> 'sku', 'quantity', value -> 'quantity',
	    'current_quantity', value -> 'current_quantity', 'price',
	    value -> 'price'))), '[]') from jsonb_array_elements(p_items)),
	    'customer', jsonb_strip_nulls(jsonb_build_object('id',
	    p_buyer -> 'id', 'email', p_buyer -> 'email', 'first_name',
	    p_buyer -> 'first_name', 'last_name', p_buyer -> 'last_name'))))
$$;
