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

-- mina_login(user, email, verified, method, claim, welcome, days, address,
-- per_address, claims): signs a user in. Creates or updates the canonical row, grants the welcome matcha once, and
-- merges into it:
--	claim		an anonymous pass that is not claimed (or null)
--	Shopify rows	of customers with this e-mail address, if it is
--			verified and they belong to no user; case is ignored
--	other rows	of the same user, from an older version of Mina
--	other users'	accounts for which this e-mail address was proven before,
--			if it is verified now: a user who was deleted at the
--			sign-in service comes back with a new id. An audit row
--			account.return tells of it. Disabled and erased accounts
--			stay where they are. The address belongs to the user who
--			proved it last; the old id, should there still be a user
--			with it, gets in only while it proves the same address
--			(mina_who)
-- claimed lists what was merged by this call. A claim that is already merged,
-- is not an anonymous pass, is disabled or does not exist is ignored.
-- Repeated or concurrent calls change nothing more: the logins of one user are
-- serialized. The welcome matcha is granted when the account is first verified,
-- by a ledger row welcome:<pass>, once for each mailbox (mina_mailbox), and to
-- at most per_address accounts a day for one address of clients (null: not
-- counted). Past that the account has mg_meta.welcome_due and is welcomed by a
-- later login. At most claims anonymous passes are claimed a day. A verified e-mail address is not replaced by
-- an unverified one. disabled: nothing was written; or the account went to
-- another user, see above.
-- Raises: 22023 without a user.
create or replace function mina_login(p_user uuid, p_email text,
	p_verified bool, p_method text, p_claim text, p_welcome int, p_days int,
	p_address text default null, p_per_address int default 10,
	p_claims int default 20)
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
	was bool;
	wanted text[];
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
	if not found then
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
	    case when sure then mail end);
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
		wanted := mina_claims(pass, p_user,
		    case when sure then mail end, p_claim);
		if wanted is not null then
			perform 1 from mega_customers
			where mg_pass_id = any (wanted || pass || array(
			    select jsonb_array_elements_text(
			    mg_meta -> 'merged') from mega_customers
			    where mg_pass_id = any (wanted)))
			order by mg_pass_id for no key update;
			-- Rows may have been claimed or disabled while waiting
			-- for the lock.
			wanted := mina_claims(pass, p_user,
			    case when sure then mail end, p_claim);
			select * into c from mega_customers
			where mg_pass_id = pass;
			if c.mg_meta ? 'merged_into' then
				raise exception 'mina_login: % was merged', pass
				    using errcode = '40001';
			end if;
		end if;
		if p_claim like 'pass:anon:%' and p_claim = any (wanted)
		    and not mina_count('claim', pass, 1, p_claims) then
			wanted := nullif(array_remove(wanted, p_claim), '{}');
		end if;
		was := coalesce(c.mg_verified_email, false)
		    or coalesce(c.mg_verified_google, false)
		    or coalesce(c.mg_verified_apple, false)
		    or coalesce(c.mg_verified_any, false);
		if was and not sure then
			mail := null;
		end if;
		if (sure and not was) or c.mg_last_active is null
		    or c.mg_last_active <= t - interval '1 minute'
		    or c.mg_user_id is null
		    or c.mg_email is distinct from coalesce(mail, c.mg_email)
		    or (sure and mail is not null
		    and c.mg_verified_email is not true) then
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
			    mg_updated_at = t
			where mg_pass_id = pass;
		end if;
		-- First, because a claim at the first sign-in may bring its
		-- own welcome along.
		foreach p in array coalesce(wanted, '{}') loop
			perform mina_return(p, pass, p_user);
			perform mina_fold(p, pass);
			claimed := claimed || p;
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
-- user's, an audit row says what comes along.
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
end
$$;

-- mina_claims(pass, user, mail, claim): the passes that a login would merge
-- into pass, or null for none. mail only if it is verified.
create or replace function mina_claims(p_pass text, p_user uuid, p_mail text,
	p_claim text)
returns text[]
language plpgsql stable
-- Otherwise it is planned at every call, as in 070: the plan without a claim
-- and a mail is cheaper, but planning costs five times as much as it saves.
set plan_cache_mode = force_generic_plan
as $$
declare
	found_them text[];
begin
	select array_agg(mg_pass_id order by mg_pass_id) into found_them from (
		select mg_pass_id, mg_meta, mg_disabled, mg_deleted_at
		from mega_customers
		where mg_pass_id = p_claim and p_claim like 'pass:anon:%'
		and mg_user_id is null
		union
		select mg_pass_id, mg_meta, mg_disabled, mg_deleted_at
		from mega_customers
		where lower(mg_email) = lower(p_mail) and mg_email is not null
		and mg_pass_id like 'pass:shopify:%' and mg_user_id is null
		union
		select mg_pass_id, mg_meta, mg_disabled, mg_deleted_at
		from mega_customers
		where lower(mg_email) = lower(p_mail) and mg_email is not null
		and mg_user_id <> p_user and mg_pass_id not like 'pass:anon:%'
		and (mg_verified_email or mg_verified_google
		or mg_verified_apple or mg_verified_any)
		union
		select mg_pass_id, mg_meta, mg_disabled, mg_deleted_at
		from mega_customers where mg_user_id = p_user
		union
		select mg_pass_id, mg_meta, mg_disabled, mg_deleted_at
		from mega_customers where mg_pass_id = 'pass:user:' || p_user
	) x
	where mg_pass_id <> p_pass and mg_meta ->> 'merged_into' is null
	and mg_disabled is not true and mg_deleted_at is null;
	return found_them;
end
$$;
