-- mina_mailbox(mail): the mailbox behind an e-mail address, so that the spellings
-- of one address count once: without case, and without what its provider
-- ignores. Providers that are not in the table are taken at their word.
create or replace function mina_mailbox(p_mail text)
returns text
language sql immutable
set search_path from current
as $$
	with m as (
		select substring(lower(btrim(p_mail)) from '^(.*)@') as box,
		    rtrim(substring(lower(btrim(p_mail)) from '@([^@]*)$'), '.')
		    as host
	), ignores (host, same, dots) as (values
		-- all of them ignore what follows a plus; same: one mailbox
		-- under several names
		('gmail.com', 'gmail.com', true),
		('googlemail.com', 'gmail.com', true),
		('outlook.com', 'outlook.com', false),
		('hotmail.com', 'hotmail.com', false),
		('live.com', 'live.com', false),
		('icloud.com', 'icloud.com', false),
		('me.com', 'icloud.com', false),
		('mac.com', 'icloud.com', false),
		('fastmail.com', 'fastmail.com', false),
		('fastmail.fm', 'fastmail.fm', false),
		('proton.me', 'proton.me', false),
		('protonmail.com', 'proton.me', false),
		('pm.me', 'proton.me', false)
	)
	select case
	    when i.host is null then m.box || '@' || m.host
	    when i.dots then replace(split_part(m.box, '+', 1), '.', '')
	    || '@' || i.same
	    else split_part(m.box, '+', 1) || '@' || i.same end
	from m left join ignores i using (host)
$$;

-- mina_welcome_id(mail): the mg_id of the row that says that this mailbox has
-- been welcomed. It is kept when the account is erased, and so has a hash, not
-- the address: record type outbox, mg_action welcome, never due.
create or replace function mina_welcome_id(p_mail text)
returns text
language sql immutable
set search_path from current
as $$
	select 'outbox:welcome:' || encode(sha256(convert_to(
	    coalesce(mina_mailbox(p_mail), lower(p_mail)), 'UTF8')), 'hex')
$$;

-- mina_welcome_take(mail): whether the mailbox has not been welcomed before; it
-- has been from now on.
create or replace function mina_welcome_take(p_mail text)
returns bool
language plpgsql
set search_path from current
as $$
begin
	insert into mega_admin (mg_id, mg_record_type, mg_action,
	    mg_source_system, mg_created_at, mg_updated_at)
	values (mina_welcome_id(p_mail), 'outbox', 'welcome', 'mina',
	    mina_now(), mina_now())
	on conflict (mg_id) do nothing;
	return found;
end
$$;

-- Accounts that were welcomed before there were such rows.
do $$
begin
	perform mina_welcome_take(c.mg_email)
	from mega_customers c join mega_generations g
	on g.mg_id = 'credit_transaction:welcome:' || c.mg_pass_id
	where c.mg_email like '%_@_%' and not exists (select 1 from mega_admin
	    where mg_id = mina_welcome_id(c.mg_email));
end
$$;

-- Its result is the same, but it had fewer arguments.
drop function if exists mina_login(uuid, text, bool, text, text, int, int);
drop function if exists mina_login(uuid, text, bool, text, text, int, int, text,
    int, int);

-- mina_quiet(): for how long an account must not have been used, nothing
-- requested and nothing bought before it moves to another user who proves its
-- address. The sign-in service does not tell us who
-- was deleted. A user who is still there and changed the address uses the
-- account, most likely within a day; a session of a deleted user ends with its
-- access token, after an hour by default.
create or replace function mina_quiet()
returns interval
language sql immutable
as $$
	select interval '24 hours'
$$;

-- mina_login(user, email, verified, method, claim, welcome, days, address,
-- per_address, claims, issued, asserted): signs a user in. Creates or updates the
-- canonical row, grants the welcome matcha once, and merges into it:
--	claim		an anonymous pass that is not claimed (or null)
--	Shopify rows	of customers with this e-mail address, if it is
--			verified and they belong to no user; case is ignored
--	other rows	of the same user, from an older version of Mina
--	other users'	accounts for which this e-mail address was proven before,
--			if it is proven now: a user who was deleted at the
--			sign-in service comes back with a new id. An audit row
--			account.return tells of it. Disabled and erased accounts
--			stay where they are. An account that was used in the last
--			mina_quiet(), or if either is an administrator's
--			(mg_admin_allowlist), stays as well, with an unresolved
--			row (083) of kind returning; a later login finds it quiet
-- An address is proven if it is verified and not asserted: of single sign-on the
-- identity provider of a tenant says what it likes, and several users may have
-- one address. The address belongs to the user who proved it last. The old id,
-- should there still be a user with it, gets in while it proves the same address;
-- otherwise, with a token issued after the move, into a new account
-- (mina_fresh_pass), with an unresolved row of kind moved.
-- claimed lists what was merged by this call. A claim that is already merged,
-- is not an anonymous pass, is disabled or does not exist is ignored.
-- Repeated or concurrent calls change nothing more: the logins of one user are
-- serialized. The welcome matcha is granted when the account is first verified,
-- by a ledger row welcome:<pass>, once for each mailbox (mina_mailbox), and to
-- at most per_address accounts a day for one address of clients (null: not
-- counted). Past that the account has mg_meta.welcome_due and is welcomed by a
-- later login. At most claims anonymous passes and accounts of other users are
-- merged a day. A verified e-mail address is not replaced by an unverified one.
-- disabled: nothing was written; or the account went to
-- another user, see above.
-- Raises: 22023 without a user.
create or replace function mina_login(p_user uuid, p_email text,
	p_verified bool, p_method text, p_claim text, p_welcome int, p_days int,
	p_address text default null, p_per_address int default 10,
	p_claims int default 20, p_issued timestamptz default null,
	p_asserted bool default false)
returns table (pass text, email text, credits int, held int,
	expires_at timestamptz, last_active timestamptz, disabled bool,
	created bool, claimed text[])
language plpgsql
set search_path from current
as $$
declare
	c mega_customers;
	t timestamptz := mina_now();
	mail text := nullif(btrim(p_email), '');
	sure bool := coalesce(p_verified, false);
	proven bool := sure and not coalesce(p_asserted, false);
	was bool;
	hearsay bool;
	wanted text[];
	kept jsonb;
	away text;
	p text;
begin
	if p_user is null then
		raise exception 'mina_login: no user' using errcode = '22023';
	end if;
	perform pg_advisory_xact_lock(hashtextextended('mina_login:' || p_user,
	    'mega_customers'::regclass::oid::bigint));
	pass := mina_user_pass(p_user);
	created := false;
	claimed := '{}';
	select * into c from mega_customers where mg_pass_id = pass;
	if found and mina_moved_away(c.mg_user_id, c.mg_email, p_user,
	    case when proven then mail end, c.mg_admin_allowlist)
	    and mina_lives_on(p_user, p_issued) then
		away := pass;
		pass := mina_fresh_pass(p_user);
		perform mina_unresolved_put('moved', pass, jsonb_build_object(
		    'pass', pass, 'from', 'pass:user:' || p_user, 'into', away));
		select * into c from mega_customers where mg_pass_id = pass;
	end if;
	if c.mg_pass_id is null then
		insert into mega_customers (mg_pass_id, mg_user_id,
		    mg_expires_at, mg_disabled, mg_source_system,
		    mg_created_at, mg_updated_at)
		values (pass, p_user, t + make_interval(hours =>
		    24 * nullif(p_days, 0)), false, 'mina', t, t)
		on conflict (mg_pass_id) do nothing;
		created := found;
		select * into c from mega_customers where mg_pass_id = pass;
	end if;

	disabled := coalesce(c.mg_disabled, false)
	    or c.mg_deleted_at is not null
	    or mina_moved_away(c.mg_user_id, c.mg_email, p_user,
	    case when proven then mail end, c.mg_admin_allowlist);
	if not disabled then
		-- A visit of which nothing was written is claimed as well: what
		-- is bought later with its pass is the account's.
		if p_claim like 'pass:anon:%'
		    and not exists (select from mega_customers
		    where mg_pass_id = p_claim)
		    and not exists (select from mega_admin
		    where mg_id = mina_erased_id('pass', p_claim))
		    and mina_counted('claim', pass) < p_claims then
			insert into mega_customers (mg_pass_id, mg_disabled,
			    mg_source_system, mg_created_at, mg_updated_at)
			values (p_claim, false, 'mina', t, t)
			on conflict (mg_pass_id) do nothing;
		end if;
		select x.wanted, x.kept into wanted, kept
		from mina_claims(pass, p_user, case when sure then mail end,
		    p_claim, proven) x;
		if wanted is not null then
			-- A merged row before its target (052), as a
			-- settlement of its generation locks them; among
			-- users the ids need not be in that order.
			perform 1 from mega_customers
			where mg_pass_id = any (array(
			    select jsonb_array_elements_text(
			    mg_meta -> 'merged') from mega_customers
			    where mg_pass_id = any (wanted)))
			order by mg_pass_id for no key update;
			perform 1 from mega_customers
			where mg_pass_id = any (wanted || pass)
			order by mg_pass_id for no key update;
			-- Rows may have been claimed or disabled while waiting
			-- for the lock.
			select x.wanted, x.kept into wanted, kept
			from mina_claims(pass, p_user, case when sure
			    then mail end, p_claim, proven) x;
			select * into c from mega_customers
			where mg_pass_id = pass;
			if c.mg_meta ? 'merged_into' then
				raise exception 'mina_login: % was merged', pass
				    using errcode = '40001';
			end if;
		end if;
		for p in select mg_pass_id from mega_customers
		    where mg_pass_id = any (wanted) and (mg_user_id <> p_user
		    or mg_pass_id = p_claim and p_claim like 'pass:anon:%')
		    order by mg_pass_id loop
			if not mina_count('claim', pass, 1, p_claims) then
				wanted := array_remove(wanted, p);
			end if;
		end loop;
		wanted := nullif(wanted, '{}');
		was := coalesce(c.mg_verified_email, false)
		    or coalesce(c.mg_verified_google, false)
		    or coalesce(c.mg_verified_apple, false)
		    or coalesce(c.mg_verified_any, false);
		if was and not sure then
			mail := null;
		end if;
		-- Proven once, an address stays proven.
		hearsay := case when not sure or mail is null
		    or not proven and was and lower(c.mg_email) = lower(mail)
		    then coalesce(c.mg_meta ? 'asserted', false)
		    else not proven end;
		if (sure and not was) or c.mg_last_active is null
		    or c.mg_last_active <= t - interval '1 minute'
		    or c.mg_user_id is null
		    or c.mg_email is distinct from coalesce(mail, c.mg_email)
		    or (sure and mail is not null
		    and c.mg_verified_email is not true)
		    or hearsay <> coalesce(c.mg_meta ? 'asserted', false) then
			update mega_customers
			set mg_last_active = greatest(mg_last_active, t),
			    mg_user_id = coalesce(mg_user_id, p_user),
			    mg_email = coalesce(mail, mg_email),
			    mg_verified_email = case when sure
			    and mail is not null then true
			    else mg_verified_email end,
			    mg_verified_google = case when sure
			    and p_method = 'google' then true
			    else mg_verified_google end,
			    mg_verified_apple = case when sure
			    and p_method = 'apple' then true
			    else mg_verified_apple end,
			    mg_verified_any = case when sure then true
			    else mg_verified_any end,
			    mg_verification_method = case when sure and not was
			    then p_method else mg_verification_method end,
			    mg_verification_at = case when sure and not was
			    then t else mg_verification_at end,
			    mg_meta = case when hearsay
			    then coalesce(mg_meta, '{}') || '{"asserted": true}'
			    else mg_meta - 'asserted' end,
			    mg_updated_at = t
			where mg_pass_id = pass;
			-- What another user waited for is this one's.
			if lower(c.mg_email) <> lower(mail) then
				perform mina_unresolved_done('returning', pass,
				    'the user has another address now');
			end if;
		end if;
		-- First, because a claim at the first sign-in may bring its
		-- own welcome along.
		foreach p in array coalesce(wanted, '{}') loop
			perform mina_return(p, pass, p_user);
			perform mina_fold(p, pass);
			perform mina_unresolved_done('returning', p, 'merged');
			claimed := claimed || p;
		end loop;
		for p in select jsonb_object_keys(kept) loop
			perform mina_unresolved_put('returning', p,
			    jsonb_build_object('pass', pass, 'from', p, 'into',
			    pass, 'why', kept -> p));
		end loop;
		if sure and mail is not null and p_welcome > 0
		    and (not was or c.mg_meta ? 'welcome_due')
		    and not exists (select 1 from mega_generations
		    where mg_id in ('credit_transaction:welcome:' || pass,
		    'credit_transaction:welcome:pass:user:' || p_user)) then
			-- A row from an older version may have no expiry.
			perform mina_welcome(pass, p_welcome, mail, p_address,
			    p_per_address, case when c.mg_expires_at is null
			    and p_days > 0 and wanted is null
			    then jsonb_build_object('expires_at',
			    t + make_interval(hours => 24 * p_days)) end);
		end if;
		-- Orders that were paid before there was this account (083).
		if sure and mail is not null then
			perform mina_unresolved_login(mail);
		end if;
		perform mina_expire(pass);
		select * into c from mega_customers where mg_pass_id = pass;
	end if;
	email := c.mg_email;
	credits := c.mg_credits;
	held := c.mg_held;
	expires_at := c.mg_expires_at;
	last_active := case when disabled then c.mg_last_active else t end;
	return next;
end
$$;

-- mina_welcome(pass, n, mail, address, per_address, meta): grants n matcha to
-- the locked row of an account with this verified e-mail address, if its mailbox
-- has had none; otherwise, or past the limit, see mina_login().
create or replace function mina_welcome(p_pass text, p_n int, p_mail text,
	p_address text, p_per_address int, p_meta jsonb)
returns void
language plpgsql
set search_path from current
as $$
declare
	due bool := false;
begin
	perform 1 from mega_customers where mg_pass_id = p_pass
	for no key update;
	if not exists (select 1 from mega_admin
	    where mg_id = mina_welcome_id(p_mail)) then
		due := p_address is not null
		    and not mina_count('welcome', p_address, 1, p_per_address);
		if due then
			null;
		elsif mina_welcome_take(p_mail) then
			perform mina_move(p_pass, p_n, 'welcome', 'customer',
			    p_pass, 'welcome:' || p_pass, 'mina', p_meta);
		elsif p_address is not null then
			perform mina_uncount('welcome', p_address, 1);
		end if;
	end if;
	update mega_customers
	set mg_meta = case when due then coalesce(mg_meta, '{}')
	    || '{"welcome_due": true}' else mg_meta - 'welcome_due' end
	where mg_pass_id = p_pass
	and coalesce(mg_meta ? 'welcome_due', false) <> due;
end
$$;

-- mina_return(from, into, user): before from is merged into into: if it is another
-- user's, an audit row says what comes along, and mg_meta.moved_at when.
create or replace function mina_return(p_from text, p_into text, p_user uuid)
returns void
language plpgsql
set search_path from current
as $$
begin
	insert into mega_admin (mg_id, mg_record_type, mg_action,
	    mg_actor_pass_id, mg_detail, mg_source_system, mg_created_at,
	    mg_updated_at)
	select 'admin_audit:account.return:' || gen_random_uuid(),
	    'admin_audit', 'account.return', p_into, jsonb_build_object('from',
	    mg_pass_id, 'matcha', mg_credits, 'held', mg_held, 'last_active',
	    mg_last_active), 'mina', mina_now(), mina_now()
	from mega_customers where mg_pass_id = p_from
	and mg_user_id <> p_user;
	if found then
		update mega_customers
		set mg_meta = coalesce(mg_meta, '{}')
		    || jsonb_build_object('moved_at', mina_now())
		where mg_pass_id = p_from;
	end if;
end
$$;

-- mina_claims(pass, user, mail, claim, proven): wanted: the passes that a login
-- would merge into pass, or null for none; kept: those of other users that it
-- must not (yet), with the reason: active or administrator. mail only if it is
-- verified; proven: and not merely asserted.
drop function if exists mina_claims(text, uuid, text, text);
create or replace function mina_claims(p_pass text, p_user uuid, p_mail text,
	p_claim text, p_proven bool, out wanted text[], out kept jsonb)
language plpgsql stable
-- Otherwise it is planned at every call, as in 070: the plan without a claim
-- and a mail is cheaper, but planning costs five times as much as it saves.
set plan_cache_mode = force_generic_plan
as $$
begin
	select array_agg(mg_pass_id order by mg_pass_id)
	    filter (where why is null),
	    jsonb_object_agg(mg_pass_id, why) filter (where why is not null)
	into wanted, kept
	from (select mg_pass_id, case when mg_user_id <> p_user
	    or mg_meta ? 'merged' then mina_keeps(mg_pass_id, p_pass, p_user)
	    end as why from (
		select mg_pass_id, mg_user_id, mg_meta, mg_disabled,
		    mg_deleted_at
		from mega_customers
		where mg_pass_id = p_claim and p_claim like 'pass:anon:%'
		and mg_user_id is null
		union
		select mg_pass_id, mg_user_id, mg_meta, mg_disabled,
		    mg_deleted_at
		from mega_customers
		where lower(mg_email) = lower(p_mail) and mg_email is not null
		and mg_pass_id like 'pass:shopify:%' and mg_user_id is null
		union
		select mg_pass_id, mg_user_id, mg_meta, mg_disabled,
		    mg_deleted_at
		from mega_customers
		where lower(mg_email) = lower(p_mail) and mg_email is not null
		and p_proven
		and mg_user_id <> p_user and mg_pass_id not like 'pass:anon:%'
		and (mg_verified_email or mg_verified_google
		or mg_verified_apple or mg_verified_any)
		and not coalesce(mg_meta ? 'asserted', false)
		and coalesce(mg_verification_method, '') not like 'sso%'
		union
		select mg_pass_id, mg_user_id, mg_meta, mg_disabled,
		    mg_deleted_at
		from mega_customers
		where mg_user_id = p_user
		union
		select mg_pass_id, mg_user_id, mg_meta, mg_disabled,
		    mg_deleted_at
		from mega_customers
		where mg_pass_id = 'pass:user:' || p_user
	) x
	where mg_pass_id <> p_pass and mg_meta ->> 'merged_into' is null
	and mg_disabled is not true and mg_deleted_at is null) y;
end
$$;

-- mina_keeps(from, into, user): why from must not be merged into this user's
-- account, now or at all: the same as kept of mina_claims(); null if it may.
create or replace function mina_keeps(p_from text, p_into text, p_user uuid)
returns text
language sql stable
set search_path from current
as $$
	select case
	    when (f.mg_admin_allowlist or coalesce((select mg_admin_allowlist
	    from mega_customers where mg_pass_id = p_into), false))
	    -- another user's, or one such has come along
	    and exists (select from mega_customers o
		where o.mg_user_id <> p_user and o.mg_pass_id = any (p_from
		|| array(select jsonb_array_elements_text(
		f.mg_meta -> 'merged'))))
	    then 'administrator'
	    when f.mg_user_id <> p_user and (
	    f.mg_last_active > mina_now() - mina_quiet()
	    or f.mg_last_topup_at > mina_now() - mina_quiet()
	    or exists (select from mega_generations g
		where g.mg_pass_id = p_from
		and g.mg_record_type = 'generation'
		and g.mg_created_at > mina_now() - mina_quiet()))
	    then 'active' end
	from mega_customers f where f.mg_pass_id = p_from
$$;
