-- The public keys of the sign-in service, as they were read last: a program that
-- starts while the service is unavailable uses them, or nobody who signed in would get
-- in. A row is outbox:keys:<sha256 of the URL> in mega_admin, with mg_action
-- keys, in mg_key the URL and in mg_payload the set, a string. It has no due
-- time, so the outbox never claims it. Public keys are no secret, but a session of
-- Postgres that may write the row decides whose tokens are accepted; it may write
-- balances as well (095-access.sql).

-- mina_keys_put(url, set): keeps the set that was just read from this URL. Many
-- programs read it often, so one that did not change is written once a minute.
create or replace function mina_keys_put(p_url text, p_set text)
returns void
language plpgsql
set search_path from current
as $$
begin
	insert into mega_admin as a (mg_id, mg_record_type, mg_action, mg_key,
	    mg_payload, mg_source_system, mg_created_at, mg_updated_at)
	values ('outbox:keys:' || encode(sha256(convert_to(p_url, 'UTF8')),
	    'hex'), 'outbox', 'keys', p_url, to_jsonb(p_set), 'mina',
	    mina_now(), mina_now())
	on conflict (mg_id) do update
	set mg_payload = excluded.mg_payload, mg_updated_at = mina_now()
	where a.mg_payload is distinct from excluded.mg_payload
	or a.mg_updated_at < mina_now() - interval '1 minute';
end
$$;

-- mina_keys(url, hours): the set kept for this URL and when it was read, if that
-- is not longer ago; otherwise no row. An old one may have a key that was
-- withdrawn since, above all one from a restored backup.
create or replace function mina_keys(p_url text, p_hours int)
returns table (keys text, read_at timestamptz)
language sql stable
set search_path from current
as $$
	select mg_payload #>> '{}', mg_updated_at from mega_admin
	where mg_id = 'outbox:keys:' || encode(sha256(convert_to(p_url, 'UTF8')),
	    'hex') and mg_key = p_url
	and mg_updated_at > mina_now() - p_hours * interval '1 hour'
$$;
