-- Shopify refunds. A refund is a row of mega_admin,
-- outbox:shopify.refund:<refund>, with mg_action shopify.refund and mg_key the
-- order:
--	mg_payload	{order, lines: {"<line>": quantity}}, shop, via,
--			delivery; without lines money, what went back, in
--			thousandths
--	mg_detail	the result for each line: {"<line>": {quantity, value,
--			taken, debt, pass}}; a missing line waits for its order
--			(or is not something that we sell). Of a refund without
--			lines {"money": {value, taken, debt, pass}}
--	mg_status	null while it waits for its order, then 200
-- It has no due time, so the outbox never claims it.

-- mina_shopify_refund(refund, shop, source, delivery): takes a refund back.
-- refund is Shopify's, with id, order_id and refund_line_items. For each line a
-- ledger row shopify-refund:<refund>:<line> takes the matcha credited per piece
-- (from the ledger, not at current prices) times the refunded quantity, in
-- total never more pieces than were bought. It takes what is available; the
-- rest is added to the customer's debt, mg_meta.debt, in matcha. A refund that
-- names no line takes in proportion to the money (mina_shopify_settle). Returns
-- {refund, order, outcome, taken, debt}:
--	taken		taken back now
--	replayed	taken back before; the values are the first ones
--	early		the order is not known yet: the refund waits and is
--			applied when the order is credited
--	nothing		no money went back, or items that gave no matcha did
--	unresolved	only money went back, of an order of which some is not
--			ours: an administrator has to look (083)
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
	answer jsonb;
begin
	perform mina_shopify_lock(v_order);
	answer := mina_shopify_take(p_refund, v_order, p_shop, p_source,
	    p_delivery);
	perform mina_shopify_settle(v_order, p_refund ->> 'id');
	return answer;
end
$$;

-- mina_shopify_refunds(order, shop, source, delivery): applies the refunds of
-- this order that were not applied so far. The caller has locked the order.
-- Returns the results of those that took something now.
drop function if exists mina_shopify_refunds(text, jsonb, text, text, text);
create or replace function mina_shopify_refunds(p_order text, p_shop text,
	p_source text, p_delivery text)
returns jsonb
language plpgsql
set search_path from current
as $$
declare
	answers jsonb := '[]';
	a jsonb;
	r jsonb;
begin
	for r in select jsonb_build_object('id', substr(mg_id, 23))
	    from mega_admin where mg_record_type = 'outbox'
	    and mg_action = 'shopify.refund' and mg_key = p_order
	    and (mg_status is null or not mg_detail ?& array(
		select jsonb_object_keys(mg_payload -> 'lines')))
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

-- mina_shopify_refund_row(refund, order, shop, source, delivery): writes the row
-- of a refund, if it has none.
create or replace function mina_shopify_refund_row(p_refund jsonb,
	p_order text, p_shop text, p_source text, p_delivery text)
returns void
language plpgsql
set search_path from current
as $$
declare
	v_refund text := mina_shopify_id(p_refund -> 'id', 'refund.id');
	t timestamptz := mina_now();
	wanted jsonb;
	money bigint;
begin
	perform 1 from mega_admin
	where mg_id = 'outbox:shopify.refund:' || v_refund
	and mg_payload -> 'lines' <> '{}' and mg_key = p_order;
	if found then
		return;
	end if;
	if coalesce(p_shop, '') !~ '^[A-Za-z0-9.-]{1,255}$'
	    or p_source is null or p_source not in ('webhook', 'sweep') then
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
	-- What has not succeeded yet comes again with a later order.
	if wanted = '{}' then
		select nullif(greatest(sum(mina_shopify_amount(e -> 'amount')),
		    0), 0) into money
		from jsonb_array_elements(mina_shopify_list(p_refund
		    -> 'transactions', 'refund.transactions')) e
		where coalesce(e ->> 'kind', 'refund') = 'refund'
		and coalesce(e ->> 'status', 'success') = 'success';
	end if;
	insert into mega_admin as a (mg_id, mg_record_type, mg_action,
	    mg_key, mg_payload, mg_detail, mg_source_system,
	    mg_created_at, mg_updated_at)
	values ('outbox:shopify.refund:' || v_refund, 'outbox',
	    'shopify.refund', p_order, jsonb_strip_nulls(jsonb_build_object(
	    'order', p_order, 'lines', wanted, 'money', money, 'shop', p_shop,
	    'via', p_source, 'delivery', left(p_delivery, 100))), '{}', 'mina',
	    t, t)
	on conflict (mg_id) do update set mg_payload = a.mg_payload
	    || jsonb_build_object('money', money), mg_updated_at = t
	where a.mg_payload -> 'lines' = '{}' and a.mg_key = p_order
	and money > coalesce((a.mg_payload ->> 'money')::bigint, 0);
end
$$;

-- mina_shopify_take(refund, order, shop, source, delivery): common part of the
-- two functions above. Values in the refund's stored row override those passed
-- in; of a refund that has a row, the id is enough.
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
	state record;
	st jsonb;
	had record;
	b record;
	bought jsonb;
	done jsonb;
	v_line text;
	v_whose text;
	n int;
	worth int;
	now_taken bool := false;
	undecided bool := false;
	known bool;
	answer jsonb;
begin
	if p_refund <> jsonb_build_object('id', p_refund -> 'id') then
		perform mina_shopify_refund_row(p_refund, p_order, p_shop,
		    p_source, p_delivery);
	end if;
	select mg_payload, mg_detail, mg_status into strict state
	from mega_admin where mg_id = v_id for no key update;
	if state.mg_payload ->> 'order' <> p_order then
		raise exception 'shopify: refund % is of order %, not %',
		    v_refund, state.mg_payload ->> 'order', p_order
		    using errcode = '22023';
	end if;
	done := state.mg_detail;
	st := mina_shopify_state(p_order, (select coalesce(jsonb_agg(
	    jsonb_build_object('id', k)), '[]')
	    from jsonb_object_keys(state.mg_payload -> 'lines') k));

	for v_line in select k from jsonb_object_keys(state.mg_payload
	    -> 'lines') k where not done ? k order by k loop
		bought := st -> 'lines' -> v_line;
		continue when bought is null;
		n := greatest(0, least((state.mg_payload -> 'lines'
		    ->> v_line)::int, (bought ->> 'got')::int
		    - (bought ->> 'cut')::int
		    - mina_shopify_refunded(p_order, v_line)));
		select * into had from mina_shopify_had(p_order, st);
		worth := least(n * (bought ->> 'per_piece')::int,
		    had.credited - had.taken);
		select * into b from mina_shopify_back(bought ->> 'pass', worth,
		    'shopify_refund', v_refund, 'shopify-refund:' || v_refund
		    || ':' || v_line, jsonb_strip_nulls(jsonb_build_object(
		    'order', p_order, 'line', v_line, 'quantity', n,
		    'per_piece', bought -> 'per_piece', 'sku', bought -> 'sku',
		    'order_name', (select mg_meta -> 'order_name'
			from mega_generations where mg_id =
			'credit_transaction:shopify:' || p_order || ':'
			|| v_line),
		    'shop', state.mg_payload -> 'shop', 'via',
		    state.mg_payload -> 'via', 'delivery', state.mg_payload
		    -> 'delivery')));
		done := done || jsonb_build_object(v_line, jsonb_build_object(
		    'quantity', n, 'value', worth, 'taken', b.taken, 'debt',
		    b.debt, 'pass', b.pass));
		now_taken := now_taken or worth > 0;
		-- The next line must see the quantity that this one used.
		update mega_admin set mg_detail = done, mg_updated_at = t
		where mg_id = v_id;
	end loop;
	if (state.mg_payload ->> 'money')::bigint > 0
	    and st -> 'lines' <> '{}' then
		select * into b from mina_shopify_settle(p_order, v_refund);
		undecided := b.undecided;
		if not undecided and (b.taken + b.debt > 0
		    or not done ? 'money') then
			done := done || jsonb_build_object('money',
			    jsonb_build_object('value', b.taken + b.debt
			    + coalesce((done #>> '{money,value}')::int, 0),
			    'taken', b.taken
			    + coalesce((done #>> '{money,taken}')::int, 0),
			    'debt', b.debt
			    + coalesce((done #>> '{money,debt}')::int, 0),
			    'pass', b.pass));
			now_taken := b.taken + b.debt > 0;
			update mega_admin set mg_detail = done, mg_updated_at = t
			where mg_id = v_id;
		end if;
	end if;

	known := done <> '{}' or undecided
	    or state.mg_payload -> 'lines' = '{}'
	    and state.mg_payload -> 'money' is null
	    or exists (select 1 from mega_admin
	    where mg_id = 'admin_audit:shopify:order:' || p_order);
	if known and not undecided and state.mg_status is null then
		update mega_admin set mg_status = 200, mg_updated_at = t
		where mg_id = v_id;
	end if;
	select jsonb_build_object('refund', v_refund, 'order', p_order,
	    'outcome', case when now_taken then 'taken'
	    when coalesce(sum((value ->> 'value')::int), 0) > 0 then 'replayed'
	    when undecided then 'unresolved'
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

-- mina_shopify_settle(order, cause): makes the matcha follow the money that went
-- back without naming lines: refunds of an amount, disputes, and all of it for an
-- order that is refunded or void. The caller has locked the order. In all
--	least(credited, cut + due + (credited - cut) * least(A, M) / M)
-- is to be taken, rounded down: cut and due are what edits and refunds of lines
-- removed (mina_shopify_had), A the money that went back without lines, M the
-- order's total. So nothing is taken twice, never more than was credited, and the
-- order in which the notices arrive does not matter. What is missing is taken by
-- a ledger row shopify-money:<order>:<row>; if it is less than before, because a
-- dispute was won, the difference is given back by such a row.
-- If part of the order is not ours, it is not known what the money was for.
-- Then, and if M is not known, nothing is taken, undecided is true, and the order
-- waits for an administrator (083; kinds refund and dispute); so does an order
-- that was cancelled whose money did not all go back (cancelled). cause is what
-- the ledger row says: a refund, dispute:<dispute> or order.
-- taken and debt: the change; both may be below 0.
create or replace function mina_shopify_settle(p_order text, p_cause text)
returns table (pass text, taken int, debt int, undecided bool)
language plpgsql
set search_path from current
as $$
declare
	st jsonb := mina_shopify_state(p_order, '[]');
	total bigint := (st ->> 'total')::bigint;
	disputed bigint;
	away bigint;
	had record;
	b record;
	want int;
	v_rows int := coalesce((st ->> 'rows')::int, 0) + 1;
	n int;
	why text;
begin
	taken := 0;
	debt := 0;
	undecided := false;
	select v ->> 'pass' into pass
	from jsonb_each(st -> 'lines') as e (k, v) limit 1;
	if pass is null then
		return next;
		return;
	end if;
	pass := mina_hold_row(pass);
	select * into had from mina_shopify_had(p_order, st);
	select coalesce(sum((v ->> 'amount')::bigint), 0) into disputed
	from jsonb_each(coalesce(st -> 'disputes', '{}')) as e (k, v)
	where mina_shopify_lost(v);
	away := had.paid_back + disputed;
	if (st ->> 'back')::bool then
		want := had.credited - had.cut;
	elsif away = 0 then
		want := 0;
	elsif total > 0 and (away >= total or (st ->> 'ours')::bool) then
		want := div((had.credited - had.cut)::numeric
		    * least(away, total), total)::int;
	else
		undecided := true;
		why := case when disputed > 0 then 'dispute' else 'refund' end;
	end if;
	if not undecided then
		want := least(had.credited, had.cut + had.due + want);
		n := greatest(want - had.edits - had.lines, 0) - had.money;
		if (st ->> 'cancelled')::bool and want < had.credited then
			why := 'cancelled';
		end if;
	end if;
	if n > 0 then
		select * into b from mina_shopify_back(pass, n, 'shopify_order',
		    p_order, 'shopify-money:' || p_order || ':' || v_rows,
		    jsonb_build_object('order', p_order, 'cause', p_cause,
		    'away', away, 'total', total));
		taken := b.taken;
		debt := b.debt;
		st := st || jsonb_build_object('rows', v_rows);
	elsif n < 0 then
		perform mina_move(pass, -n, 'refund', 'shopify_order', p_order,
		    'shopify-money:' || p_order || ':' || v_rows, 'shopify',
		    jsonb_build_object('order', p_order, 'cause', p_cause,
		    'given_back', true));
		taken := n;
		st := st || jsonb_build_object('rows', v_rows + 1, 'set_off',
		    coalesce((st ->> 'set_off')::int, 0) + mina_shopify_set_off(
		    pass, -n, p_order, v_rows + 1));
	end if;
	if taken <> 0 or debt <> 0 then
		perform mina_shopify_keep(p_order, st || jsonb_build_object(
		    'money', jsonb_build_object(
		    'taken', coalesce((st #>> '{money,taken}')::int, 0) + taken,
		    'debt', coalesce((st #>> '{money,debt}')::int, 0) + debt)));
	end if;
	if why is not null then
		perform mina_unresolved_put(why, p_order, jsonb_build_object(
		    'pass', pass, 'cause', p_cause, 'away', away, 'total',
		    total, 'credited', had.credited, 'taken', had.taken));
	end if;
	perform mina_unresolved_over(array_remove(array['refund', 'dispute',
	    'cancelled'], why), p_order, 'settled');
	return next;
end
$$;

-- mina_shopify_lost(dispute): is its money away? A chargeback takes it at once
-- and gives it back when it is won; an inquiry takes nothing. What was refunded
-- instead is a refund.
create or replace function mina_shopify_lost(p jsonb)
returns bool
language sql immutable
as $$
	select coalesce(p ->> 'type' <> 'inquiry' and p ->> 'status' in
	    ('needs_response', 'under_review', 'accepted', 'lost'), false)
$$;

-- mina_shopify_dispute(dispute, shop, source, delivery): a chargeback takes
-- matcha in proportion to its amount (mina_shopify_settle), and gives it back if
-- it is won. Returns {dispute, order, outcome, taken, debt}:
--	taken		taken back now
--	given		given back now; taken is below 0
--	nothing		nothing to do, or not now: an inquiry takes no money
--	early		the order is not known yet: it counts when it arrives
--	unresolved	an administrator has to look (083): part of the order is
--			not ours, the dispute has no order, or its status is new
-- Notices have no order: a dispute that is closed is opened by none, and of two
-- ends the later one counts (finalized_on).
-- Raises: 22023, as mina_shopify_order() does.
create or replace function mina_shopify_dispute(p_dispute jsonb, p_shop text,
	p_source text, p_delivery text)
returns jsonb
language plpgsql
set search_path from current
as $$
declare
	v_dispute text := mina_shopify_id(p_dispute -> 'id', 'dispute.id');
	v_order text;
	st jsonb;
	was jsonb;
	this jsonb := jsonb_strip_nulls(jsonb_build_object('amount',
	    mina_shopify_amount(p_dispute -> 'amount'), 'type',
	    mina_shopify_text(p_dispute -> 'type', 40), 'status',
	    mina_shopify_text(p_dispute -> 'status', 40), 'finalized',
	    mina_shopify_time(p_dispute -> 'finalized_on')));
	outcome text;
	b record;
	answer jsonb;
begin
	if coalesce(jsonb_typeof(p_dispute -> 'order_id'), 'null') <> 'null' then
		v_order := mina_shopify_id(p_dispute -> 'order_id',
		    'dispute.order_id');
	end if;
	if v_order is null or not coalesce(this ->> 'status' in
	    ('needs_response', 'under_review', 'accepted', 'lost', 'won',
	    'charge_refunded', 'prevented') and this ? 'amount', false) then
		perform mina_unresolved_put('dispute', coalesce(v_order,
		    v_dispute), this || jsonb_strip_nulls(jsonb_build_object(
		    'dispute', v_dispute, 'order', v_order, 'shop', p_shop)));
		return jsonb_strip_nulls(jsonb_build_object('dispute', v_dispute,
		    'order', v_order, 'outcome', 'unresolved', 'taken', 0,
		    'debt', 0));
	end if;
	perform mina_shopify_lock(v_order);
	st := mina_shopify_state(v_order, '[]');
	was := st -> 'disputes' -> v_dispute;
	if was is null or mina_dispute_rank(this) > mina_dispute_rank(was)
	    or mina_dispute_rank(this) = mina_dispute_rank(was)
	    and (mina_dispute_rank(this) < 3 or this ->> 'finalized'
	    > coalesce(was ->> 'finalized', '')) then
		perform mina_shopify_keep(v_order, st || jsonb_build_object(
		    'disputes', coalesce(st -> 'disputes', '{}')
		    || jsonb_build_object(v_dispute, this)));
	end if;
	select * into b from mina_shopify_settle(v_order,
	    'dispute:' || v_dispute);
	outcome := case when b.pass is null then 'early'
	    when b.undecided then 'unresolved'
	    when b.taken + b.debt > 0 then 'taken'
	    when b.taken + b.debt < 0 then 'given' else 'nothing' end;
	answer := jsonb_build_object('dispute', v_dispute, 'order', v_order,
	    'outcome', outcome, 'taken', b.taken, 'debt', b.debt);
	if outcome <> 'nothing' then
		perform mina_shopify_audit('dispute', v_dispute, b.pass, null,
		    answer || this || jsonb_build_object('shop', p_shop, 'via',
		    p_source, 'delivery', left(p_delivery, 100)));
	end if;
	return answer;
end
$$;

-- mina_dispute_rank(dispute): how far it has come.
create or replace function mina_dispute_rank(p jsonb)
returns int
language sql immutable
as $$
	select case p ->> 'status' when 'needs_response' then 1
	    when 'under_review' then 2 else 3 end
$$;
