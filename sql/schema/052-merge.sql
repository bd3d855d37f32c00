-- Who a pass is. Signing in with an anonymous pass, or as somebody who has
-- bought before, merges one customer into another by a pointer:
--	merged row	mg_meta.merged_into = '<canonical pass>'
--	canonical row	mg_meta.merged = ["<merged pass>", ...]
-- Pointers are flat: what a row points to points nowhere. Ledger rows, steps,
-- events and generations keep the pass they were written under; who reads them
-- asks for mina_passes(pass), who asks whose they are mina_canonical(pass).
--
-- Lock order: the generation row, then customers in order of their pass id. A
-- merged row is locked before the one it points to; anon < shopify < user
-- makes that the same thing, except where a shopify row is the canonical one
-- of a user's, and then Postgres would notice a deadlock and the caller
-- repeat.

-- mina_canonical(pass): the pass this one was merged into, else itself, also
-- when there is no such customer.
create or replace function mina_canonical(p_pass text)
returns text
language plpgsql stable
as $$
declare
	p text;
begin
	select mg_meta ->> 'merged_into' into p from mega_customers
	where mg_pass_id = p_pass;
	return coalesce(p, p_pass);
end
$$;

-- mina_passes(pass): the canonical pass first, then all merged into it.
create or replace function mina_passes(p_pass text)
returns text[]
language plpgsql stable
as $$
declare
	c record;
begin
	select mg_meta ->> 'merged_into' as moved, mg_meta -> 'merged' as others
	into c from mega_customers where mg_pass_id = p_pass;
	if c.moved is not null then
		return mina_passes(c.moved);
	elsif c.others is null then
		return array[p_pass];
	end if;
	return p_pass || array(select jsonb_array_elements_text(c.others));
end
$$;

-- mina_move_on(from, into, gen): what is available on a merged row goes to its
-- canonical one, by two ledger rows of the same amount, merge_out:<x> and
-- merge_in:<x>. The date becomes the later of the two, and no date is later
-- than any, unless there is nothing it could hold for. Returns how much. gen
-- is the generation that gave it back, or null at the merge itself.
create or replace function mina_move_on(p_from text, p_into text, p_gen text)
returns int
language plpgsql
as $$
declare
	a record;
	b record;
	x uuid := gen_random_uuid();
	meta jsonb := '{}';
begin
	select mg_credits - mg_held as n, mg_expires_at as until into a
	from mega_customers where mg_pass_id = p_from for no key update;
	if not a.n > 0 then
		return 0;
	end if;
	select mg_credits as n, mg_expires_at as until into b
	from mega_customers where mg_pass_id = p_into for no key update;
	if p_gen is not null then
		meta := jsonb_build_object('generation', p_gen);
	end if;
	perform mina_move(p_from, -a.n, 'merge_out', 'customer', p_into,
	    'merge_out:' || x, 'mina', meta);
	if b.until is not null or b.n = 0 then
		-- Named even when it is past: mina_move would lengthen it.
		meta := meta || jsonb_build_object('expires_at',
		    greatest(a.until, b.until));
	end if;
	perform mina_move(p_into, a.n, 'merge_in', 'customer', p_from,
	    'merge_in:' || x, 'mina', meta);
	if a.until is null then
		update mega_customers set mg_expires_at = null
		where mg_pass_id = p_into;
	end if;
	return a.n;
end
$$;

-- mina_fold(from, into): merges one customer into another. Both are written
-- off first if their date has come; what is available then moves; what is held
-- stays until its generations end (mina_void). Debt adds up; names, the
-- Shopify id and preferences fill what is empty. The caller holds both rows
-- and all that point to from, has seen that neither is merged, and is the only
-- one who merges into this user's (mina_login). Returns how much moved.
create or replace function mina_fold(p_from text, p_into text)
returns int
language plpgsql
set search_path from current
as $$
declare
	a mega_customers;
	n int;
	t timestamptz := mina_now();
begin
	perform mina_expire(p_from);
	perform mina_expire(p_into);
	n := mina_move_on(p_from, p_into, null);
	select * into a from mega_customers where mg_pass_id = p_from;
	update mega_customers
	set mg_meta = (coalesce(mg_meta, '{}') - array['merged', 'debt'])
	    || jsonb_build_object('merged_into', p_into), mg_updated_at = t
	where mg_pass_id = p_from;
	update mega_customers
	set mg_meta = mg_meta || jsonb_build_object('merged_into', p_into),
	    mg_updated_at = t
	where mg_pass_id in (select jsonb_array_elements_text(
	    a.mg_meta -> 'merged'));
	update mega_customers
	set mg_meta = coalesce(mg_meta, '{}') || jsonb_strip_nulls(
	    jsonb_build_object('merged', coalesce(mg_meta -> 'merged', '[]')
	    || jsonb_build_array(p_from)
	    || coalesce(a.mg_meta -> 'merged', '[]'),
	    'debt', nullif(coalesce((mg_meta ->> 'debt')::int, 0)
	    + coalesce((a.mg_meta ->> 'debt')::int, 0), 0))),
	    mg_shopify_customer_id = coalesce(mg_shopify_customer_id,
	    a.mg_shopify_customer_id),
	    mg_first_name = coalesce(mg_first_name, a.mg_first_name),
	    mg_last_name = coalesce(mg_last_name, a.mg_last_name),
	    mg_display_name = coalesce(mg_display_name, a.mg_display_name),
	    mg_locale = coalesce(mg_locale, a.mg_locale),
	    mg_timezone = coalesce(mg_timezone, a.mg_timezone),
	    mg_last_topup_at = greatest(mg_last_topup_at, a.mg_last_topup_at),
	    mg_topup_source = coalesce(mg_topup_source, a.mg_topup_source),
	    mg_updated_at = t
	where mg_pass_id = p_into;
	-- Taste is the sum of the events of both (089).
	if a.mg_mma_preferences is not null then
		perform mina_prefs_rebuild(p_into);
	end if;
	return n;
end
$$;
