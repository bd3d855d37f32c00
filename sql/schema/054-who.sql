-- mina_who(pass, user, trusted): who is asking, and may they. pass is a
-- well-formed selector or null, user what a verified token says or null; with
-- trusted the selector alone decides. Called for every request, so it reads
-- only: one row by its key for an anonymous pass that is not merged.
--	ok		pass is whom to act for; known says whether it has a
--			row
--	token		this pass needs a token (401): a user's, a Shopify
--			customer's, or an anonymous one that somebody has
--			claimed
--	other		it is not the token's (403)
--	disabled	pass, or the token's own account, is switched off (403)
-- A token's own account is the row that is not merged and has its user id, a
-- Shopify customer's first; else pass:user:<user>, which need not exist. Its
-- selectors: none, itself, pass:user:<user>, whatever was merged into it, and
-- any anonymous pass that nobody has claimed, which is a capability by itself.
-- stale: some of it has run out and is not written off (mina_expire does).
-- Refuses: 22023 when neither says anything.
create or replace function mina_who(p_pass text, p_user uuid, p_trusted bool)
returns table (verdict text, pass text, known bool, email text, credits int,
	held int, expires_at timestamptz, last_active timestamptz, stale bool)
language plpgsql stable
as $$
declare
	c record;
	d record;
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
			select mg_pass_id, mg_email, mg_credits, mg_held,
			    mg_expires_at, mg_last_active, null as moved,
			    coalesce(mg_disabled, false)
			    or mg_deleted_at is not null as off
			into c from mega_customers where mg_pass_id =
			    mina_canonical('pass:user:' || p_user);
		end if;
		pass := coalesce(c.mg_pass_id, 'pass:user:' || p_user);
		if p_pass <> pass and not coalesce(c.off, false)
		    and lower(p_pass) <> 'pass:user:' || p_user then
			select mg_pass_id, mg_email, mg_credits, mg_held,
			    mg_expires_at, mg_last_active,
			    mg_meta ->> 'merged_into' as moved,
			    coalesce(mg_disabled, false)
			    or mg_deleted_at is not null as off
			into d from mega_customers where mg_pass_id = p_pass;
			if d.moved is null
			    and starts_with(p_pass, 'pass:anon:') then
				c := d;
				pass := p_pass;
			elsif d.moved is distinct from pass then
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

-- mina_user_pass(user): the canonical pass of a user, whether or not it exists
-- already, as mina_who finds it.
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
