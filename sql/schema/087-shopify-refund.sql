-- Shopify refunds. A refund is a row of mega_admin,
-- outbox:shopify.refund:<refund>, with mg_action shopify.refund and mg_key the
-- order:
--	mg_payload	{order, lines: {"<line>": quantity}}, shop, via,
--			delivery
--	mg_detail	the result for each line: {"<line>": {quantity, value,
--			taken, debt, pass}}; a missing line waits for its order
--			(or is not something that we sell)
--	mg_status	null while it waits for its order, then 200
-- It has no due time, so the outbox never claims it.

-- mina_shopify_refund(refund, shop, source, delivery): takes a refund back.
-- refund is Shopify's, with id, order_id and refund_line_items. For each line a
-- ledger row shopify-refund:<refund>:<line> takes the matcha credited per piece
-- (from the ledger, not at current prices) times the refunded quantity, in
-- total never more pieces than were bought. It takes what is available; the
-- rest is added to the customer's debt, mg_meta.debt, in matcha. Returns
-- {refund, order, outcome, taken, debt}:
--	taken		taken back now
--	replayed	taken back before; the values are the first ones
--	early		the order is not known yet: the refund waits and is
--			applied when the order is credited
--	nothing		only money was refunded, or items that gave no matcha
-- Writes one audit row; for early one that ends in :early.
-- Raises: 22023, as mina_shopify_order() does.
create or replace function mina_shopify_refund(p_refund jsonb, p_shop text,
	p_source text, p_delivery text)
returns jsonb
language plpgsql
set search_path from current
as $$
declare
	v_order text := mina_shopify_id(p_refund -> 'order_id',
	    'refund.order_id');
begin
	perform mina_shopify_lock(v_order);
	return mina_shopify_take(p_refund, v_order, p_shop, p_source,
	    p_delivery);
end
$$;

-- mina_shopify_refunds(order, refunds, shop, source, delivery): applies the
-- refunds on the order, and those that waited for it. The caller has locked the
-- order. Returns the results of those that took something now.
create or replace function mina_shopify_refunds(p_order text, p_refunds jsonb,
	p_shop text, p_source text, p_delivery text)
returns jsonb
language plpgsql
set search_path from current
as $$
declare
	answers jsonb := '[]';
	a jsonb;
	r jsonb;
begin
	for r in select * from jsonb_array_elements(mina_shopify_list(p_refunds,
	    'refunds')) loop
		a := mina_shopify_take(r, p_order, p_shop, p_source,
		    p_delivery);
		if a ->> 'outcome' = 'taken' then
			answers := answers || a;
		end if;
	end loop;
	for r in select jsonb_build_object('id', substr(mg_id, 23))
	    from mega_admin where mg_record_type = 'outbox'
	    and mg_action = 'shopify.refund' and mg_key = p_order
	    order by mg_created_at, mg_id loop
		a := mina_shopify_take(r, p_order, p_shop, p_source,
		    p_delivery);
		if a ->> 'outcome' = 'taken' then
			answers := answers || a;
		end if;
	end loop;
	return answers;
end
$$;

-- mina_shopify_take(refund, order, shop, source, delivery): common part of the
-- two functions above. Values in the refund's stored row override those passed
-- in.
create or replace function mina_shopify_take(p_refund jsonb, p_order text,
	p_shop text, p_source text, p_delivery text)
returns jsonb
language plpgsql
set search_path from current
as $$
declare
	v_refund text := mina_shopify_id(p_refund -> 'id', 'refund.id');
	v_id text := 'outbox:shopify.refund:' || v_refund;
	t timestamptz := mina_now();
	wanted jsonb := '{}';
	state record;
	bought record;
	done jsonb;
	v_line text;
	v_pass text;
	v_whose text;
	n int;
	worth int;
	had int;
	now_taken bool := false;
	known bool;
	answer jsonb;
begin
	select mg_payload, mg_detail, mg_status into state from mega_admin
	where mg_id = v_id for no key update;
	if not found then
		if coalesce(p_shop, '') !~ '^[A-Za-z0-9.-]{1,255}$'
		    or p_source is null
		    or p_source not in ('webhook', 'sweep') then
			raise exception 'shopify: refund %: shop % or source %',
			    v_refund, left(p_shop, 60), left(p_source, 60)
			    using errcode = '22023';
		end if;
		-- A line may occur several times, once for each location.
		select coalesce(jsonb_object_agg(x.line, x.n), '{}') into wanted
		from (select mina_shopify_id(e -> 'line_item_id',
		    'refund_line_items.line_item_id') as line,
		    least(sum(mina_shopify_count(e -> 'quantity',
		    'refund_line_items.quantity')), 1000000000)::int as n
		    from jsonb_array_elements(mina_shopify_list(p_refund
		    -> 'refund_line_items', 'refund_line_items')) e
		    group by 1) x
		where x.n > 0;
		insert into mega_admin (mg_id, mg_record_type, mg_action,
		    mg_key, mg_payload, mg_detail, mg_source_system,
		    mg_created_at, mg_updated_at)
		values (v_id, 'outbox', 'shopify.refund', p_order,
		    jsonb_strip_nulls(jsonb_build_object('order', p_order,
		    'lines', wanted, 'shop', p_shop, 'via', p_source,
		    'delivery', left(p_delivery, 100))), '{}', 'mina', t, t)
		returning mg_payload, mg_detail, mg_status into state;
	end if;
	if state.mg_payload ->> 'order' <> p_order then
		raise exception 'shopify: refund % is of order %, not %',
		    v_refund, state.mg_payload ->> 'order', p_order
		    using errcode = '22023';
	end if;
	done := state.mg_detail;

	for v_line in select k from jsonb_object_keys(state.mg_payload
	    -> 'lines') k where not done ? k order by k loop
		select mg_pass_id, (mg_meta ->> 'quantity')::int as quantity,
		    (mg_meta ->> 'per_piece')::int as per_piece, mg_meta
		into bought from mega_generations where mg_id =
		    'credit_transaction:shopify:' || p_order || ':' || v_line;
		continue when not found;
		n := least((state.mg_payload -> 'lines' ->> v_line)::int,
		    bought.quantity - (select coalesce(sum((mg_detail -> v_line
		    ->> 'quantity')::int), 0) from mega_admin
		    where mg_record_type = 'outbox'
		    and mg_action = 'shopify.refund' and mg_key = p_order));
		v_pass := mina_hold_row(bought.mg_pass_id);
		perform mina_expire(v_pass);
		select mg_credits - mg_held into had from mega_customers
		where mg_pass_id = v_pass;
		worth := n * bought.per_piece;
		had := least(had, worth);
		if had > 0 then
			perform mina_move(v_pass, -had, 'refund',
			    'shopify_refund', v_refund, 'shopify-refund:'
			    || v_refund || ':' || v_line, 'shopify',
			    jsonb_strip_nulls(jsonb_build_object('order',
			    p_order, 'line', v_line, 'quantity', n, 'per_piece',
			    bought.per_piece, 'debt', worth - had, 'sku',
			    bought.mg_meta -> 'sku', 'order_name',
			    bought.mg_meta -> 'order_name', 'shop',
			    state.mg_payload -> 'shop', 'via',
			    state.mg_payload -> 'via', 'delivery',
			    state.mg_payload -> 'delivery')));
		end if;
		if worth > had then
			update mega_customers
			set mg_meta = coalesce(mg_meta, '{}')
			    || jsonb_build_object('debt', coalesce(
			    (mg_meta ->> 'debt')::int, 0) + worth - had),
			    mg_updated_at = t
			where mg_pass_id = v_pass;
		end if;
		done := done || jsonb_build_object(v_line, jsonb_build_object(
		    'quantity', n, 'value', worth, 'taken', had, 'debt',
		    worth - had, 'pass', v_pass));
		now_taken := now_taken or worth > 0;
		-- The next line must see the quantity that this one used.
		update mega_admin set mg_detail = done, mg_updated_at = t
		where mg_id = v_id;
	end loop;

	known := state.mg_payload -> 'lines' = '{}' or done <> '{}'
	    or exists (select 1 from mega_admin
	    where mg_id = 'admin_audit:shopify:order:' || p_order);
	if known and state.mg_status is null then
		update mega_admin set mg_status = 200, mg_updated_at = t
		where mg_id = v_id;
	end if;
	select jsonb_build_object('refund', v_refund, 'order', p_order,
	    'outcome', case when now_taken then 'taken'
	    when coalesce(sum((value ->> 'value')::int), 0) > 0 then 'replayed'
	    when known then 'nothing' else 'early' end,
	    'taken', coalesce(sum((value ->> 'taken')::int), 0),
	    'debt', coalesce(sum((value ->> 'debt')::int), 0)) into answer
	from jsonb_each(done);
	select value ->> 'pass' into v_whose from jsonb_each(done) limit 1;
	perform mina_shopify_audit('refund', v_refund || case
	    when answer ->> 'outcome' = 'early' then ':early' else '' end,
	    v_whose, null, answer || jsonb_build_object('lines', done)
	    || (state.mg_payload - array['lines', 'order']));
	return answer;
end
$$;
