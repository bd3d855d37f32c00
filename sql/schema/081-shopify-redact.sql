-- What Shopify's privacy webhooks ask for: customers/redact, shop/redact and
-- customers/data_request.

-- mina_shopify_redact(request): forgets what the shop told about one of its
-- customers, whom the request names by id and perhaps by e-mail address, with
-- orders_to_redact. A row that only a purchase made is erased (mina_erase). Of a
-- user's account only what came from the shop goes: the Shopify id, the names of
-- the purchase, and an address that the user did not verify. Addresses and names
-- in orders that wait (083) are removed; those orders are then the account's, or if
-- there is none wait for an administrator. The ledger stays: it has ids and no words.
-- Harmless when repeated. Raises: 22023 without the customer's id.
create or replace function mina_shopify_redact(p_request jsonb)
returns void
language plpgsql
set search_path from current
as $$
declare
	v_customer text := mina_shopify_id(p_request #> '{customer,id}',
	    'customer.id');
	v_mail text := lower(mina_shopify_text(p_request #> '{customer,email}',
	    320));
	shop_row mega_customers;
	v_whose text;
	p text;
begin
	select * into shop_row from mega_customers
	where mg_pass_id = 'pass:shopify:' || v_customer;
	for p in select mg_pass_id from mega_customers
	    where (mg_shopify_customer_id = v_customer
	    or mg_pass_id = 'pass:shopify:' || v_customer)
	    and mg_deleted_at is null order by mg_pass_id loop
		perform 1 from mega_customers where mg_pass_id = p
		and mg_pass_id like 'pass:shopify:%' and mg_user_id is null
		and mg_meta ->> 'merged_into' is null
		and coalesce(mg_meta -> 'merged', '[]') = '[]';
		if found then
			perform mina_erase(p);
			continue;
		end if;
		v_whose := mina_canonical(p);
		update mega_customers
		set mg_shopify_customer_id = null,
		    mg_email = case when mg_user_id is not null
		    and (mg_verified_email or mg_verified_any
		    or lower(mg_email) is distinct from coalesce(v_mail,
		    lower(shop_row.mg_email))) then mg_email end,
		    mg_first_name = nullif(mg_first_name,
		    shop_row.mg_first_name),
		    mg_last_name = nullif(mg_last_name, shop_row.mg_last_name),
		    mg_updated_at = mina_now()
		where mg_pass_id = p;
	end loop;
	perform mina_unresolved_forget(v_customer, v_mail, v_whose,
	    case when jsonb_typeof(p_request -> 'orders_to_redact') = 'array'
	    then array(select jsonb_array_elements_text(p_request
	    -> 'orders_to_redact')) end);
end
$$;

-- mina_shopify_redact_some(shop, max): redacts up to max customers who bought in
-- this shop. Returns how many; the caller repeats until it is 0.
create or replace function mina_shopify_redact_some(p_shop text, p_max int)
returns int
language plpgsql
set search_path from current
as $$
declare
	p text;
	n int := 0;
begin
	for p in select distinct g.mg_meta ->> 'customer'
	    from mega_generations g join mega_customers c
	    on (c.mg_shopify_customer_id = g.mg_meta ->> 'customer'
	    or c.mg_pass_id = 'pass:shopify:' || (g.mg_meta ->> 'customer')
	    and c.mg_user_id is null and c.mg_meta ->> 'merged_into' is null)
	    and c.mg_deleted_at is null
	    where g.mg_record_type = 'credit_transaction'
	    and g.mg_reason = 'purchase' and g.mg_meta ->> 'shop' = p_shop
	    order by 1 limit p_max loop
		perform mina_shopify_redact(jsonb_build_object('customer',
		    jsonb_build_object('id', p)));
		n := n + 1;
	end loop;
	if n < p_max then
		update mega_admin
		set mg_email = null, mg_detail = '{"redacted": true}'
		    || mina_unresolved_bare(mg_detail),
		    mg_updated_at = mina_now()
		where mg_record_type = 'outbox' and mg_action = 'unresolved'
		and mg_detail ->> 'shop' = p_shop and mg_detail
		is distinct from mina_unresolved_bare(mg_detail);
	end if;
	return n;
end
$$;

-- mina_shopify_data_request(request, shop): notes that a customer of the shop
-- wants to see what is kept about them (083, kind data_request), with the passes
-- whose export answers it. Raises: 22023 without the ids.
create or replace function mina_shopify_data_request(p_request jsonb,
	p_shop text)
returns void
language plpgsql
set search_path from current
as $$
declare
	v_customer text := mina_shopify_id(p_request #> '{customer,id}',
	    'customer.id');
	v_request text := mina_shopify_id(coalesce(p_request
	    #> '{data_request,id}', p_request #> '{customer,id}'),
	    'data_request.id');
begin
	perform mina_unresolved_put('data_request', v_request,
	    jsonb_build_object('customer', v_customer, 'shop', p_shop, 'passes',
	    (select coalesce(jsonb_agg(distinct mina_canonical(mg_pass_id)), '[]')
	    from mega_customers where mg_shopify_customer_id = v_customer
	    or mg_pass_id = 'pass:shopify:' || v_customer)));
end
$$;
