-- Access rights. By default Postgres lets every role execute a new function,
-- and Supabase publishes the public schema over HTTP to its anon and
-- authenticated roles: with the key that every browser has, matcha could be
-- moved. So only the owner may execute the functions. Where those roles exist,
-- the tables get row level security without a policy, which excludes all roles
-- but the owner and service_role. Grants to roles of your own belong after this
-- file.
do $$
declare
	f regprocedure;
	r text;
begin
	for f in select p.oid from pg_proc p
	    where p.pronamespace = current_schema()::regnamespace
	    and p.proname like 'mina\_%'
	    and pg_has_role(p.proowner, 'usage') loop
		execute format('revoke all on function %s from public', f);
		for r in select rolname from pg_roles
		    where rolname in ('anon', 'authenticated') loop
			execute format('revoke all on function %s from %I', f, r);
		end loop;
	end loop;
	for r in select rolname from pg_roles
	    where rolname in ('anon', 'authenticated') loop
		execute format('revoke all on mega_customers, mega_generations, '
		    'mega_admin from %I', r);
		alter table mega_customers enable row level security;
		alter table mega_generations enable row level security;
		alter table mega_admin enable row level security;
	end loop;
end
$$;
