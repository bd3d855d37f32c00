-- mina_who(pass, user, trusted, mail, issued): authenticates a request. pass is
-- the well-formed pass that the request names, or null; user is the user of a
-- verified token, or null; mail its address, if it is proven and not merely
-- asserted (mina_login); issued when the token was. With trusted the pass alone
-- decides. It is called for every request and only reads: one row by primary key
-- for an anonymous pass that is not merged.
--
-- Verdicts:
--	ok		act for pass; known says whether it has a row
--	token		this pass needs a token (401): a user's, a Shopify
--			customer's, or an anonymous one that was claimed
--	other		it does not belong to the token's user (403)
--	disabled	pass, or the account of the token, is disabled (403), or
--			went to another user who proved its address (mina_login),
--			and this one neither proves it now nor has a token that
--			was issued after the move
--
-- The account of a token is the row with its user id that is not merged, a
-- Shopify customer's first; otherwise pass:user:<user>, which need not exist, or
-- mina_fresh_pass() for a user whose account moved away. A token may name: no
-- pass, its account, pass:user:<user>, any pass merged into the account, any
-- pass of this user's that moved to another user, and any unclaimed anonymous
-- pass, which is its own proof.
-- stale: some matcha has expired and is not written off (mina_expire does
-- that).
-- Raises: 22023 if neither pass nor user is given.
drop function if exists mina_who(text, uuid, bool);
drop function if exists mina_who(text, uuid, bool, text);
create or replace function mina_who(p_pass text, p_user uuid, p_trusted bool,
	p_mail text default null, p_issued timestamptz default null)
returns table (verdict text, pass text, known bool, email text, credits int,
	held int, expires_at timestamptz, last_active timestamptz, stale bool)
language plpgsql stable
as $$
declare
	c record;
	d record;
	away bool;
begin
	known := false;
	stale := false;
	credits := 0;
	held := 0;
	if p_trusted or p_user is null then
		pass := p_pass;
		if p_pass is null then
			raise exception 'mina_who: nobody is named'
			    using errcode = '22023';
		elsif p_trusted is not true
		    and not starts_with(p_pass, 'pass:anon:') then
			verdict := 'token';
			return next;
			return;
		end if;
		select mg_pass_id, mg_email, mg_credits, mg_held, mg_expires_at,
		    mg_last_active, mg_meta ->> 'merged_into' as moved,
		    coalesce(mg_disabled, false) or mg_deleted_at is not null
		    as off
		into c from mega_customers where mg_pass_id = p_pass;
		if c.moved is not null then
			if p_trusted is not true then
				verdict := 'token';
				return next;
				return;
			end if;
			select mg_pass_id, mg_email, mg_credits, mg_held,
			    mg_expires_at, mg_last_active,
			    mg_meta ->> 'merged_into' as moved,
			    coalesce(mg_disabled, false)
			    or mg_deleted_at is not null as off
			into c from mega_customers where mg_pass_id = c.moved;
		end if;
	else
		select mg_pass_id, mg_email, mg_credits, mg_held, mg_expires_at,
		    mg_last_active, mg_meta ->> 'merged_into' as moved,
		    coalesce(mg_disabled, false) or mg_deleted_at is not null
		    as off
		into c from mega_customers
		where mg_user_id = p_user and mg_pass_id not like 'pass:anon:%'
		and mg_meta ->> 'merged_into' is null
		order by starts_with(mg_pass_id, 'pass:shopify:') desc,
		    mg_pass_id limit 1;
		if not found then
			pass := mina_canonical('pass:user:' || p_user);
			select mina_moved_away(mg_user_id, mg_email, p_user,
			    p_mail, mg_admin_allowlist) into away
			from mega_customers where mg_pass_id = pass;
			if away and mina_lives_on(p_user, p_issued) then
				pass := mina_fresh_pass(p_user);
				away := false;
			end if;
			select mg_pass_id, mg_email, mg_credits, mg_held,
			    mg_expires_at, mg_last_active, null as moved,
			    coalesce(mg_disabled, false)
			    or mg_deleted_at is not null or away as off
			into c from mega_customers where mg_pass_id = pass;
		end if;
		pass := coalesce(c.mg_pass_id, pass, 'pass:user:' || p_user);
		if p_pass <> pass and not coalesce(c.off, false)
		    and lower(p_pass) <> 'pass:user:' || p_user then
			select mg_pass_id, mg_email, mg_credits, mg_held,
			    mg_expires_at, mg_last_active,
			    mg_meta ->> 'merged_into' as moved,
			    mg_user_id as owner,
			    coalesce(mg_disabled, false)
			    or mg_deleted_at is not null as off
			into d from mega_customers where mg_pass_id = p_pass;
			if d.moved is null
			    and starts_with(p_pass, 'pass:anon:') then
				c := d;
				pass := p_pass;
			-- A pass of this user's that moved to another user.
			elsif d.moved is distinct from pass and (d.moved is null
			    or d.owner is distinct from p_user) then
				verdict := 'other';
				pass := p_pass;
				return next;
				return;
			end if;
		end if;
	end if;
	verdict := 'ok';
	if c.mg_pass_id is not null then
		if c.off then
			verdict := 'disabled';
		end if;
		pass := c.mg_pass_id;
		known := true;
		email := c.mg_email;
		credits := c.mg_credits;
		held := c.mg_held;
		expires_at := c.mg_expires_at;
		last_active := c.mg_last_active;
		stale := c.mg_credits > c.mg_held
		    and coalesce(c.mg_expires_at <= mina_now(), false);
	end if;
	return next;
end
$$;

-- mina_moved_away(owner, mail, user, proven, admin): whether an account with this
-- user and address is out of reach of a user whose proven address is that. A user
-- who comes back with a new id may have the old one, too: a user who proves the
-- address of the account shares it, and one who changed to another address does
-- not get into what is another user's now. No other user gets into the account of
-- an administrator (mg_admin_allowlist), whatever they prove.
drop function if exists mina_moved_away(uuid, text, uuid, text);
create or replace function mina_moved_away(p_owner uuid, p_mail text,
	p_user uuid, p_proven text, p_admin bool default false)
returns bool
language sql immutable
as $$
	select coalesce(p_owner <> p_user, false) and (coalesce(p_admin, false)
	    or coalesce(lower(p_mail) <> lower(p_proven), true))
$$;

-- mina_lives_on(user, issued): whether a token that was issued then shows that
-- this user still exists, although the account moved to another user: the
-- sign-in service issues none for a user who was deleted.
create or replace function mina_lives_on(p_user uuid, p_issued timestamptz)
returns bool
language sql stable
set search_path from current
as $$
	select coalesce(p_issued > max(coalesce((mg_meta ->> 'moved_at')
	    ::timestamptz, mg_updated_at)), false)
	from mega_customers where mg_meta ? 'merged_into'
	and (mg_user_id = p_user and mg_meta ? 'moved_at'
	or mg_pass_id = 'pass:user:' || p_user)
$$;

-- mina_fresh_pass(user): the pass of a new account for a user whose account moved
-- to another one and who lives on. It is derived from the user, so that every
-- request names the same before the row exists; another one for each move.
create or replace function mina_fresh_pass(p_user uuid)
returns text
language sql stable
set search_path from current
as $$
	select 'pass:user:' || md5('mina_fresh_pass:' || p_user || ':'
	    || count(*))::uuid
	from mega_customers where mg_user_id = p_user and mg_meta ? 'moved_at'
$$;

-- mina_user_pass(user): the canonical pass of a user, whether or not it exists,
-- found as by mina_who().
create or replace function mina_user_pass(p_user uuid)
returns text
language plpgsql stable
as $$
declare
	p text;
begin
	select mg_pass_id into p from mega_customers
	where mg_user_id = p_user and mg_pass_id not like 'pass:anon:%'
	and mg_meta ->> 'merged_into' is null
	order by starts_with(mg_pass_id, 'pass:shopify:') desc, mg_pass_id
	limit 1;
	return coalesce(p, mina_canonical('pass:user:' || p_user));
end
$$;
