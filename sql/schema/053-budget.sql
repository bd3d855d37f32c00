-- Reservations of what costs us something: daily counters (051) of a customer,
-- of a client's network and of the whole house, taken together or not at all.
--
-- The house's counter is the only row that all customers share. It is counted
-- in US cents and last, so it is locked for the rest of a short transaction;
-- NOTIFY makes admissions commit one after another anyway. Counters spread over
-- several rows were rejected: the last dollar would then be refused to some
-- customers and given to others.

-- mina_count_pass(kind, pass, merged, n, cap): mina_count() for a customer. What
-- passes that were merged into this one have counted today counts too. merged is
-- mg_meta.merged of the row, or null.
create or replace function mina_count_pass(p_kind text, p_pass text,
	p_merged jsonb, p_n int, p_cap int)
returns bool
language plpgsql
as $$
begin
	if p_merged is not null then
		select p_cap - coalesce(sum(mg_status), 0) into p_cap
		from mega_admin where mg_id in (select mina_count_id(p_kind, m)
		    from jsonb_array_elements_text(p_merged) m);
	end if;
	return mina_count(p_kind, p_pass, p_n, p_cap);
end
$$;

-- mina_reserve_of(kind, pass, merged, address, per_pass, per_address, cents,
-- daily_cents): as mina_reserve(), for a caller that has read the customer's
-- row: pass is canonical, merged as above.
create or replace function mina_reserve_of(p_kind text, p_pass text,
	p_merged jsonb, p_address text, p_per_pass int, p_per_address int,
	p_cents int, p_daily int)
returns table (verdict text, loud bool)
language plpgsql
as $$
declare
	spent bigint;
begin
	loud := false;
	verdict := 'ok';
	if p_cents is not null and coalesce(p_daily, 0) <= 0 then
		verdict := 'house';
		return next;
		return;
	end if;
	if not mina_count_pass(p_kind, p_pass, p_merged, 1, p_per_pass) then
		verdict := 'pass';
		return next;
		return;
	end if;
	if p_address is not null and not mina_count(p_kind || '@', p_address, 1,
	    p_per_address) then
		perform mina_uncount(p_kind, p_pass, 1);
		verdict := 'address';
		return next;
		return;
	end if;
	if p_cents > 0 then
		if not mina_count('spend', 'house', p_cents, p_daily) then
			perform mina_uncount(p_kind, p_pass, 1);
			if p_address is not null then
				perform mina_uncount(p_kind || '@', p_address, 1);
			end if;
			verdict := 'house';
			return next;
			return;
		end if;
		spent := mina_counted('spend', 'house');
		loud := spent * 5 >= p_daily::bigint * 4
		    and (spent - p_cents) * 5 < p_daily::bigint * 4;
	end if;
	return next;
end
$$;

-- mina_reserve(kind, pass, address, per_pass, per_address, cents, daily_cents):
-- reserves one unit of kind, before the work starts. address may be null (not
-- counted), and cents for what costs no money. Any pass of a customer will do.
--	ok		reserved; loud: this one took the house's spending past
--			80 % of daily_cents
--	pass, address	the customer, or the network, has had per_pass or
--			per_address units today
--	house		daily_cents would be exceeded, or it is 0
-- Nothing is reserved unless it is ok. Locks: the counters of the pass, the
-- address, the house, in that order; a caller that also locks generations or
-- customers does so before.
create or replace function mina_reserve(p_kind text, p_pass text,
	p_address text, p_per_pass int, p_per_address int, p_cents int,
	p_daily int)
returns table (verdict text, loud bool)
language plpgsql
set search_path from current
as $$
declare
	moved text;
	others jsonb;
begin
	select mg_meta ->> 'merged_into', mg_meta -> 'merged' into moved, others
	from mega_customers where mg_pass_id = p_pass;
	if moved is not null then
		p_pass := moved;
		select mg_meta -> 'merged' into others
		from mega_customers where mg_pass_id = p_pass;
	end if;
	return query select r.verdict, r.loud from mina_reserve_of(p_kind, p_pass,
	    others, p_address, p_per_pass, p_per_address, p_cents, p_daily) r;
end
$$;
