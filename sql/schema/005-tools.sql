-- Two helpers that the other files build on.

-- mina_rule(table, name, definition): adds a constraint once. It is added NOT
-- VALID, which binds new writes at once, and then validated; rows that an older
-- Mina left behind may break it, and then it stays NOT VALID with a notice
-- instead of stopping the migration.
create or replace function mina_rule(p_table regclass, p_name text, p_def text)
returns void
language plpgsql
set search_path from current
as $$
declare
	valid bool;
begin
	select convalidated into valid from pg_constraint
	where conrelid = p_table and conname = p_name;
	if not found then
		execute format('alter table %s add constraint %I %s not valid',
		    p_table, p_name, p_def);
		valid := false;
	end if;
	if not valid then
		begin
			execute format('alter table %s validate constraint %I',
			    p_table, p_name);
		exception when check_violation or foreign_key_violation then
			raise notice '%: older rows break %, new ones cannot',
			    p_table, p_name;
		end;
	end if;
end
$$;

-- mina_merge(a, b): b laid over a, two levels deep: members of the top level,
-- and members of the objects found there. Anything deeper, and anything that is
-- not an object on both sides, is replaced by b's. Null counts as {}.
-- Not in SQL: such a function with a subquery is planned anew at every call.
create or replace function mina_merge(a jsonb, b jsonb)
returns jsonb
language plpgsql immutable
as $$
begin
	if b is null then
		return coalesce(a, '{}');
	end if;
	return coalesce(a, '{}') || coalesce((
		select jsonb_object_agg(key,
		    case when jsonb_typeof(a -> key) = 'object'
		    and jsonb_typeof(value) = 'object'
		    then (a -> key) || value else value end)
		from jsonb_each(b)), '{}');
end
$$;

-- mina_same(a, b): a = b, out of reach of an index. "This row, if it is mine"
-- must go by the primary key; on a young database, not analyzed yet, the
-- planner takes the index of leases for the better one, and then reads all
-- that the worker holds, for every row it writes.
create or replace function mina_same(a text, b text)
returns bool
language sql immutable
as $$
	select coalesce(a, '') = b
$$;
