-- Versioned configuration. A version is never changed: each change is a new
-- version, and going back means writing the old value again.

-- mina_config(key): the active version, which is the highest enabled one. value
-- is mg_value.value (in rows of an older version of Mina: mg_value without
-- "enabled").
create or replace function mina_config(p_key text)
returns table (id text, version int, value jsonb)
language sql stable
set search_path from current
as $$
	select mg_id, substring(mg_id from '\.v([0-9]+)$')::int,
	    coalesce(mg_value -> 'value', mg_value - 'enabled')
	from mega_admin
	where mg_record_type = 'app_config' and mg_key = p_key
	and mg_value ->> 'enabled' = 'true'
	order by 2 desc limit 1
$$;

-- mina_config_put(key, value, actor, enabled): writes the next version and
-- announces it on channel mina_config. actor is a pass id, or null for the
-- system. Returns the version number.
create or replace function mina_config_put(p_key text, p_value jsonb,
	p_actor text, p_enabled bool default true)
returns int
language plpgsql
set search_path from current
as $$
declare
	n int;
begin
	if coalesce(p_key, '') = '' or p_value is null then
		raise exception 'mina_config_put: needs a key and a value'
		    using errcode = '22023';
	end if;
	perform pg_advisory_xact_lock(hashtextextended('mina_config:' || p_key,
	    'mega_admin'::regclass::oid::bigint));
	select coalesce(max(substring(mg_id from '\.v([0-9]+)$')::int), 0) + 1
	into n from mega_admin
	where mg_record_type = 'app_config' and mg_key = p_key;
	insert into mega_admin (mg_id, mg_record_type, mg_key, mg_value,
	    mg_actor_pass_id, mg_meta, mg_source_system, mg_created_at,
	    mg_updated_at)
	values (format('app_config:%s.v%s', p_key, n), 'app_config', p_key,
	    jsonb_build_object('enabled', p_enabled, 'value', p_value), p_actor,
	    jsonb_build_object('version', n), 'mina', mina_now(), mina_now());
	perform pg_notify('mina_config', p_key);
	return n;
end
$$;

-- mina_config_seed(key, value): writes version 1 if the key has no version.
create or replace function mina_config_seed(p_key text, p_value jsonb)
returns void
language plpgsql
set search_path from current
as $$
begin
	if not exists (select 1 from mega_admin
	    where mg_record_type = 'app_config' and mg_key = p_key) then
		perform mina_config_put(p_key, p_value, null);
	end if;
end
$$;

-- mina_runtime(): the newest runtime settings, a flat map of switches, prices
-- and limits; {} if there is none.
create or replace function mina_runtime()
returns jsonb
language sql stable
set search_path from current
as $$
	select coalesce((select mg_runtime_flat from mega_admin
	    where mg_record_type = 'runtime_config'
	    and mg_runtime_id is not null
	    order by mg_runtime_id desc limit 1), '{}')
$$;

-- mina_runtime_put(patch, unset, actor, source): writes the next version of the
-- runtime settings: the newest map with patch merged into it and the keys in
-- unset removed. Announced on channel mina_config with payload "runtime".
-- Returns the version number.
create or replace function mina_runtime_put(p_patch jsonb, p_unset text[],
	p_actor text, p_source text default 'mina')
returns int
language plpgsql
set search_path from current
as $$
declare
	n int;
begin
	perform pg_advisory_xact_lock(hashtextextended('mina_runtime',
	    'mega_admin'::regclass::oid::bigint));
	select coalesce(max(mg_runtime_id), 0) + 1 into n from mega_admin
	where mg_record_type = 'runtime_config';
	insert into mega_admin (mg_id, mg_record_type, mg_runtime_id,
	    mg_runtime_flat, mg_actor_pass_id, mg_source_system, mg_created_at,
	    mg_updated_at)
	values ('runtime_config:' || n, 'runtime_config', n,
	    (mina_runtime() || coalesce(p_patch, '{}'))
	    - coalesce(p_unset, '{}'), p_actor, p_source, mina_now(),
	    mina_now());
	perform pg_notify('mina_config', 'runtime');
	return n;
end
$$;

-- mina_sandbox(): was this database ever used with the sandbox? Its customers,
-- orders and free matcha are worth nothing and must not meet real money. The
-- mark is the document mina.sandbox, which the launcher writes (sandbox.sql) and
-- nothing removes; a database of an older version has the runtime settings that
-- sandbox.sql wrote then.
create or replace function mina_sandbox()
returns bool
language sql stable
set search_path from current
as $$
	select exists (select from mega_admin
	    where mg_record_type = 'app_config' and mg_key = 'mina.sandbox')
	    or exists (select from mega_admin
	    where mg_record_type = 'runtime_config'
	    and mg_source_system = 'sandbox')
$$;
