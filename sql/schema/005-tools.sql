-- Helper functions used by the other files.

-- mina_rule(table, name, definition): adds a constraint if it does not exist.
-- The constraint is added NOT VALID, which checks new writes at once, and then
-- validated. Rows from an older version of Mina may violate it; the constraint
-- then stays NOT VALID, with a notice, so that the migration can continue.
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

-- mina_merge(a, b): merges b into a, two levels deep: top-level members, and
-- the members of objects on both sides. At deeper levels, and where either side
-- is not an object, b's value replaces a's. Null counts as {}.
-- Written in plpgsql because an SQL function with a subquery is planned again
-- at every call.
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

-- mina_same(a, b): a = b, written so that the planner cannot use an index on a.
-- A lookup by primary key with a condition on the lease owner must use the
-- primary key. In a new database that was not analyzed yet, the planner would
-- prefer the index on the owner, and read all rows leased by the worker for
-- each row it writes.
create or replace function mina_same(a text, b text)
returns bool
language sql immutable
as $$
	select coalesce(a, '') = b
$$;
