-- Merging customers. A sign-in with an anonymous pass, or of a user who has
-- bought before, merges one customer into another by a pointer:
--	merged row	mg_meta.merged_into = '<canonical pass>'
--	canonical row	mg_meta.merged = ["<merged pass>", ...]
-- Pointers are flat: the target of a pointer is never merged itself. Ledger
-- rows, steps, events and generations keep the pass under which they were
-- written. To read all rows of a customer use mina_passes(pass); to find the
-- customer of a row use mina_canonical(pass).
--
-- Lock order: the generation row, then customers in order of their pass id. A
-- merged row is locked before its target. With anon < shopify < user these are
-- the same order, except where a shopify row is the canonical one of a user, or
-- between users: mina_login() locks the merged ones first. Where two logins merge
-- at once Postgres may report a deadlock, and the caller repeats.

-- mina_canonical(pass): the pass into which this one was merged, otherwise the
-- pass itself, even if there is no such customer.
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

-- mina_passes(pass): the canonical pass first, then all passes merged into it.
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

-- Welcome matcha of an anonymous pass, or of another user, does not come along
-- into an account that has had a welcome, or invented passes and addresses would
-- add up. Then the merged row has
--	mg_meta.welcome_stays = true
-- and what is left of its welcome is written off, now and when a hold is
-- released. The welcome counts as spent first, so nothing else is lost. A
-- merge_in row has in mg_meta.welcome how much of it may be welcome matcha.

-- mina_welcomed(pass): whether this customer has had welcome matcha, of their
-- own or by merging (mg_meta.welcomed).
create or replace function mina_welcomed(p_pass text)
returns bool
language plpgsql stable
as $$
declare
	c record;
begin
	select mg_user_id, mg_meta ? 'welcomed' as merged into c
	from mega_customers where mg_pass_id = p_pass;
	return coalesce(c.merged, false) or exists (
		select 1 from mega_generations
		where mg_id in ('credit_transaction:welcome:' || p_pass,
		'credit_transaction:welcome:pass:user:' || c.mg_user_id));
end
$$;

-- mina_move_on(from, into, gen): moves the available matcha of a merged row to
-- its canonical row, by two ledger rows of the same amount, merge_out:<x> and
-- merge_in:<x>. The expiry becomes the later of the two; no expiry counts as
-- later than any, unless the target has no matcha. That of another user's matcha
-- stays the same in a target without matcha: a new account's would renew it each
-- time it moves. What is left of a welcome that
-- stays is written off instead, with the reason expiry. gen is the generation that
-- released the matcha, or null for the merge itself. Returns the amount.
create or replace function mina_move_on(p_from text, p_into text, p_gen text)
returns int
language plpgsql
as $$
declare
	a record;
	b record;
	n int;
	earned int;	-- at most what is no welcome
	x uuid := gen_random_uuid();
	meta jsonb := '{}';
begin
	select mg_credits - mg_held as n, mg_expires_at as until,
	    coalesce(mg_meta ? 'welcome_stays', false) as stays,
	    mg_user_id as owner into a
	from mega_customers where mg_pass_id = p_from for no key update;
	if not a.n > 0 then
		return 0;
	end if;
	n := a.n;
	if a.stays or mina_welcomed(p_from) then
		select least(a.n, greatest(coalesce(sum(mg_delta - case
		    when mg_reason = 'merge_in'
		    then coalesce((mg_meta ->> 'welcome')::int, 0)
		    else 0 end), 0), 0))
		into earned from mega_generations
		where mg_record_type = 'credit_transaction'
		and mg_pass_id = p_from and (mg_reason = 'merge_out'
		or (mg_delta > 0 and mg_reason <> 'welcome'));
	end if;
	if a.stays then
		n := earned;
		if n < a.n then
			perform mina_move(p_from, n - a.n, 'expiry', 'customer',
			    p_into, 'expiry:' || gen_random_uuid(), 'mina',
			    '{"welcome": true}');
		end if;
		if n = 0 then
			return 0;
		end if;
	end if;
	select mg_credits as n, mg_expires_at as until,
	    coalesce(mg_user_id <> a.owner, false) as other into b
	from mega_customers where mg_pass_id = p_into for no key update;
	if p_gen is not null then
		meta := jsonb_build_object('generation', p_gen);
	end if;
	perform mina_move(p_from, -n, 'merge_out', 'customer', p_into,
	    'merge_out:' || x, 'mina', meta);
	if earned < n then
		meta := meta || jsonb_build_object('welcome', n - earned);
	end if;
	if b.other and b.n = 0 then
		update mega_customers set mg_expires_at = a.until
		where mg_pass_id = p_into;
		b.until := a.until;
	end if;
	if b.until is not null or b.n = 0 then
		-- Set even if it is in the past: mina_move() would extend it.
		meta := meta || jsonb_build_object('expires_at',
		    greatest(a.until, b.until));
	end if;
	perform mina_move(p_into, n, 'merge_in', 'customer', p_from,
	    'merge_in:' || x, 'mina', meta);
	if a.until is null then
		update mega_customers set mg_expires_at = null
		where mg_pass_id = p_into;
	end if;
	return n;
end
$$;

-- mina_fold(from, into): merges one customer into another. Expired matcha of
-- both is written off first, then the available matcha moves; held matcha stays
-- until its generations end (mina_void). Debts are added. Names, the Shopify id
-- and preferences fill empty columns.
-- The caller must have locked both rows and all rows that point to from, must
-- have checked that neither is merged, and must be the only one that merges
-- into this user's account (mina_login). Returns the amount moved.
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
	if mina_welcomed(p_from) then
		if mina_welcomed(p_into) and (p_from like 'pass:anon:%'
		    or exists (select from mega_customers x
			join mega_customers y on x.mg_user_id <> y.mg_user_id
			where x.mg_pass_id = p_from and y.mg_pass_id = p_into))
		    then
			update mega_customers
			set mg_meta = coalesce(mg_meta, '{}')
			    || '{"welcome_stays": true}'
			where mg_pass_id = p_from;
		else
			update mega_customers
			set mg_meta = coalesce(mg_meta, '{}')
			    || '{"welcomed": true}'
			where mg_pass_id = p_into;
		end if;
	end if;
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
	-- The taste profile is the sum of the events of both (089).
	if a.mg_mma_preferences is not null then
		perform mina_prefs_rebuild(p_into);
	end if;
	return n;
end
$$;
