-- Notes: what a worker lacks, for /ready. A row is outbox:note:<owner> in
-- mega_admin, with mg_action note, and in mg_detail the note. It has no due
-- time, so the outbox never claims it. The worker writes it again while it
-- holds; a note that is not renewed is that of a worker that has ended.
-- Troubles: why a provider does not work for us, outbox:trouble:<provider>, with
-- mg_action trouble. It stands until a worker removes it, or for a day after it
-- was last met.

-- mina_note(owner, text): replaces the note of this owner; null removes it.
-- Notes of others that were not renewed for a day are deleted.
create or replace function mina_note(p_owner text, p_text text)
returns void
language plpgsql
set search_path from current
as $$
begin
	if coalesce(p_owner, '') = '' then
		raise exception 'mina_note: no owner' using errcode = '22023';
	end if;
	delete from mega_admin
	where mg_record_type = 'outbox' and mg_action = 'note'
	and mg_id like 'outbox:note:%'
	and ((p_text is null and mg_id = 'outbox:note:' || p_owner)
	or mg_updated_at < mina_now() - interval '1 day');
	if p_text is null then
		return;
	end if;
	insert into mega_admin (mg_id, mg_record_type, mg_action, mg_detail,
	    mg_source_system, mg_created_at, mg_updated_at)
	values ('outbox:note:' || p_owner, 'outbox', 'note',
	    to_jsonb(p_text), 'mina', mina_now(), mina_now())
	on conflict (mg_id) do update
	set mg_detail = excluded.mg_detail, mg_updated_at = mina_now();
end
$$;

-- mina_notes(max_age_ms): the different notes that were renewed since.
create or replace function mina_notes(p_max_age_ms int)
returns table (note text)
language sql stable
set search_path from current
as $$
	select distinct mg_detail #>> '{}' from mega_admin
	where mg_record_type = 'outbox' and mg_action = 'note'
	and mg_id >= 'outbox:note:' and mg_id < 'outbox:note;'
	and mg_updated_at > mina_now()
	    - p_max_age_ms * interval '1 millisecond'
	order by 1
$$;

-- mina_trouble(provider, text): replaces the provider's note; null removes it.
-- since (mina_troubles) is when this text was first met.
create or replace function mina_trouble(p_provider text, p_text text)
returns void
language plpgsql
set search_path from current
as $$
begin
	if coalesce(p_provider, '') = '' then
		raise exception 'mina_trouble: no provider' using errcode = '22023';
	end if;
	if p_text is null then
		delete from mega_admin where mg_record_type = 'outbox'
		and mg_id = 'outbox:trouble:' || p_provider;
		return;
	end if;
	insert into mega_admin as a (mg_id, mg_record_type, mg_action, mg_detail,
	    mg_source_system, mg_created_at, mg_updated_at)
	values ('outbox:trouble:' || p_provider, 'outbox', 'trouble',
	    jsonb_build_object('text', p_text, 'since', mina_now()), 'mina',
	    mina_now(), mina_now())
	on conflict (mg_id) do update
	set mg_detail = case when a.mg_detail ->> 'text' = p_text
	    and a.mg_updated_at > mina_now() - interval '1 day'
	    then a.mg_detail else excluded.mg_detail end,
	    mg_updated_at = mina_now();
end
$$;

-- mina_troubles(): those met within a day.
create or replace function mina_troubles()
returns table (provider text, note text, since timestamptz)
language sql stable
set search_path from current
as $$
	select substr(mg_id, length('outbox:trouble:') + 1),
	    mg_detail ->> 'text', (mg_detail ->> 'since')::timestamptz
	from mega_admin
	where mg_record_type = 'outbox' and mg_action = 'trouble'
	and mg_id >= 'outbox:trouble:' and mg_id < 'outbox:trouble;'
	and mg_updated_at > mina_now() - interval '1 day'
	order by 1
$$;
