-- The taste profile. Opinions are events (mma_event), each with a weight and a
-- list of tags that are fixed when it is recorded. The profile on the
-- customer's row is the sum of these events and nothing else, so it can be
-- computed again at any time (mina_prefs) with the same result.
--
--	mg_meta of such an event	tags ["style.minimal", ...], weight 1.0
--	mg_mma_preferences
--		hard_blocks		forbidden tags, as last set
--		learned			sum of weights by tag
--		explicit		weights set by the customer
--		tag_weights		explicit where set, otherwise learned
--
-- Weights: like 1, dislike -1, the first download 0.5, a tweak 0.2 for the
-- style of its parent; taking an opinion back has the negative weight.
--
-- A generation stores in mg_meta: opinion like|dislike, liked (bool, for
-- lists), liked_at (when it was liked or first downloaded; text that sorts by
-- time).

create index if not exists mega_generations_liked
	on mega_generations (mg_pass_id, (mg_meta ->> 'liked_at') desc)
	where mg_record_type = 'generation' and mg_meta ->> 'liked_at' is not null;

-- mina_pref_add(prefs, tags, weight): the profile with one opinion added. Tags
-- whose sum is zero are removed.
create or replace function mina_pref_add(p_prefs jsonb, p_tags jsonb,
	p_weight numeric)
returns jsonb
language plpgsql immutable
as $$
declare
	learned jsonb := coalesce(p_prefs -> 'learned', '{}');
	tag text;
	w numeric;
begin
	if jsonb_typeof(p_tags) = 'array' and p_weight <> 0 then
		for tag in select jsonb_array_elements_text(p_tags) loop
			w := coalesce((learned ->> tag)::numeric, 0) + p_weight;
			learned := case when w = 0 then learned - tag
			    else learned || jsonb_build_object(tag, trim_scale(w))
			    end;
		end loop;
	end if;
	return coalesce(p_prefs, '{}') || jsonb_build_object('learned', learned,
	    'tag_weights', learned || coalesce(p_prefs -> 'explicit', '{}'),
	    'hard_blocks', coalesce(p_prefs -> 'hard_blocks', '[]'));
end
$$;

-- mina_pref_set(prefs, set): the profile with explicit preferences changed. set
-- is {"hard_blocks": [...], "tag_weights": {tag: number or null}}: a list
-- replaces the list, null returns a tag to its learned weight, a missing member
-- leaves the stored value.
create or replace function mina_pref_set(p_prefs jsonb, p_set jsonb)
returns jsonb
language sql immutable
as $$
	select mina_pref_add(coalesce(p_prefs, '{}')
	    || jsonb_build_object('explicit', (select coalesce(
	    jsonb_object_agg(key, trim_scale(value::numeric)), '{}')
	    from jsonb_each_text(coalesce(p_prefs -> 'explicit', '{}')
	    || coalesce(p_set -> 'tag_weights', '{}')) where value is not null))
	    || case when jsonb_typeof(p_set -> 'hard_blocks') = 'array'
	    then jsonb_build_object('hard_blocks', p_set -> 'hard_blocks')
	    else '{}' end, '[]', 0)
$$;

-- mina_prefs(pass): the profile computed from the events of all passes of this
-- customer. Null if no event counts.
create or replace function mina_prefs(p_pass text)
returns jsonb
language plpgsql stable
set search_path from current
as $$
declare
	e record;
	prefs jsonb;
begin
	for e in select mg_meta as m from mega_generations
	    where mg_pass_id = any (mina_passes(p_pass))
	    and mg_record_type = 'mma_event'
	    and (mg_meta ? 'weight' or mg_meta ? 'set')
	    order by mg_created_at, (mg_meta ->> 'seq')::bigint, mg_id loop
		prefs := case when e.m ? 'set'
		    then mina_pref_set(prefs, e.m -> 'set')
		    else mina_pref_add(prefs, e.m -> 'tags',
		    (e.m ->> 'weight')::numeric) end;
	end loop;
	return prefs;
end
$$;

-- mina_prefs_rebuild(pass): computes the profile and stores it. False: no such
-- customer.
create or replace function mina_prefs_rebuild(p_pass text)
returns bool
language plpgsql
set search_path from current
as $$
begin
	perform 1 from mega_customers where mg_pass_id = mina_canonical(p_pass)
	for no key update;
	update mega_customers
	set mg_mma_preferences = mina_prefs(mg_pass_id)
	    || jsonb_build_object('seq', mg_mma_preferences -> 'seq'),
	    mg_mma_preferences_updated_at = mina_now(), mg_updated_at = mina_now()
	where mg_pass_id = mina_canonical(p_pass);
	return found;
end
$$;

-- mina_taste_tags(gen): the tags to which an opinion about a generation
-- applies: its style, and what the scan found in the result, if it is done by
-- now.
create or replace function mina_taste_tags(p_gen text)
returns jsonb
language sql stable
set search_path from current
as $$
	select coalesce(jsonb_agg(distinct tag), '[]') from (
	    select 'style.' || (mg_payload #>> '{request,style}') as tag
	    from mega_generations where mg_id = 'generation:' || p_gen
	    and coalesce(mg_payload #>> '{request,style}', 'none') <> 'none'
	    union all
	    select 'motion.' || (mg_payload #>> '{request,movementStyle}')
	    from mega_generations where mg_id = 'generation:' || p_gen
	    and coalesce(mg_payload #>> '{request,movementStyle}', 'none')
	    <> 'none'
	    union all
	    (select t.tag from mega_generations s,
	    jsonb_array_elements_text(case
	    when jsonb_typeof(s.mg_payload #> '{output,tags}') = 'array'
	    then s.mg_payload #> '{output,tags}' else '[]' end) t (tag)
	    where s.mg_generation_id = p_gen and s.mg_record_type = 'mma_step'
	    and s.mg_step_type ~ '^postscan_' and s.mg_status = 'succeeded'
	    and t.tag ~ '^[a-z_]{1,40}\.[a-z0-9_-]{1,60}$' limit 12)) x
$$;

-- mina_event(id, pass, session, gen, type, text, meta): inserts the event, once
-- for each id. False: it exists already.
create or replace function mina_event(p_id text, p_pass text, p_session text,
	p_gen text, p_type text, p_text text, p_meta jsonb)
returns bool
language plpgsql
as $$
declare
	-- Taken while the customer is locked, so that a later event has a later
	-- time.
	t timestamptz := coalesce(nullif(current_setting('mina.now', true),
	    '')::timestamptz, clock_timestamp());
begin
	insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
	    mg_session_id, mg_generation_id, mg_comment, mg_meta,
	    mg_source_system, mg_created_at, mg_updated_at)
	values ('mma_event:' || p_id, 'mma_event', p_pass, p_session, p_gen,
	    p_text, jsonb_build_object('event_type', p_type) || p_meta, 'mina',
	    t, t)
	on conflict (mg_id) do nothing;
	return found;
end
$$;

-- mina_opinion(id, pass, session, gen, type, value, text, meta): records a
-- feedback event. type is like (value false takes it back), dislike (likewise),
-- download, feedback, create or tweak. gen must belong to this customer (pass
-- is canonical) and must not be deleted; for like, dislike and download it must
-- be delivered, for the others it may be null. An event that changes nothing is
-- not recorded, such as a second like.
--	verdict		ok, same (nothing to change), none (no such generation)
--	liked		whether it is liked now
create or replace function mina_opinion(p_id text, p_pass text, p_session text,
	p_gen text, p_type text, p_value bool, p_text text, p_meta jsonb)
returns table (verdict text, liked bool)
language plpgsql
set search_path from current
as $$
declare
	g record;
	tags jsonb;
	w numeric := 0;
	was text;
	now_is text;
	mark jsonb := '{}';
	n bigint;
begin
	if p_gen is not null then
		select coalesce(mg_meta, '{}') as m, mg_status as s into g
		from mega_generations
		where mg_id = 'generation:' || p_gen and mg_deleted_at is null
		and (mg_pass_id = p_pass or mina_canonical(mg_pass_id) = p_pass)
		for no key update;
	end if;
	if (p_gen is not null and not found) or (p_type in ('like', 'dislike',
	    'download') and g.s is distinct from 'succeeded') then
		verdict := 'none';
		return next;
		return;
	end if;
	perform 1 from mega_customers where mg_pass_id = p_pass for no key update;
	if exists (select from mega_generations where mg_id = 'mma_event:' || p_id)
	then
		verdict := 'same';
		liked := coalesce(g.m ->> 'liked', '') = 'true';
		return next;
		return;
	end if;

	was := g.m ->> 'opinion';
	now_is := was;
	if p_type in ('like', 'dislike') then
		now_is := case when p_value then p_type
		    when was = p_type then null else was end;
		if now_is is not distinct from was then
			verdict := 'same';
			liked := coalesce(was, '') = 'like';
			return next;
			return;
		end if;
		w := (coalesce(now_is, '') = 'like')::int
		    - (coalesce(now_is, '') = 'dislike')::int
		    - (coalesce(was, '') = 'like')::int
		    + (coalesce(was, '') = 'dislike')::int;
		mark := jsonb_build_object('opinion', now_is,
		    'liked', coalesce(now_is, '') = 'like');
	elsif p_type = 'download' and not g.m ? 'downloaded' then
		w := 0.5;
		mark := '{"downloaded": true}';
	end if;
	if w <> 0 then
		-- What is taken back must have the tags that were given.
		tags := coalesce(g.m -> 'taste_tags', mina_taste_tags(p_gen));
		mark := mark || jsonb_build_object('taste_tags', tags, 'liked_at',
		    case when now_is = 'like' or mark ? 'downloaded'
		    or (g.m ? 'downloaded' and now_is is null)
		    then coalesce(g.m ->> 'liked_at', to_char(mina_now() at time
		    zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')) end);
		update mega_generations
		set mg_meta = jsonb_strip_nulls(coalesce(mg_meta, '{}') || mark)
		where mg_id = 'generation:' || p_gen;
	end if;
	select coalesce((mg_mma_preferences ->> 'seq')::bigint, 0) + 1 into n
	from mega_customers where mg_pass_id = p_pass;
	perform mina_event(p_id, p_pass, p_session, p_gen, p_type, p_text,
	    jsonb_strip_nulls(coalesce(p_meta, '{}') || jsonb_build_object(
	    'value', case when p_type in ('like', 'dislike') then p_value end,
	    'tags', tags, 'weight', case when w <> 0 then w end, 'seq', n)));
	if w <> 0 then
		update mega_customers
		set mg_mma_preferences = mina_pref_add(mg_mma_preferences, tags, w)
		    || jsonb_build_object('seq', n),
		    mg_mma_preferences_updated_at = mina_now()
		where mg_pass_id = p_pass;
	end if;
	verdict := 'ok';
	liked := coalesce(now_is, '') = 'like';
	return next;
end
$$;

-- mina_tweaked(pass, parent): adds the weight of a tweak to the style of its
-- parent, and returns what to store in the event's mg_meta. The caller has
-- locked the customer's row.
create or replace function mina_tweaked(p_pass text, p_parent text)
returns jsonb
language plpgsql
as $$
declare
	style text;
	n bigint;
begin
	select mg_payload #>> '{request,style}' into style from mega_generations
	where mg_id = 'generation:' || p_parent;
	if coalesce(style, 'none') = 'none' then
		return '{}';
	end if;
	update mega_customers
	set mg_mma_preferences = mina_pref_add(mg_mma_preferences,
	    jsonb_build_array('style.' || style), 0.2)
	    || jsonb_build_object('seq', coalesce((mg_mma_preferences
	    ->> 'seq')::bigint, 0) + 1),
	    mg_mma_preferences_updated_at = mina_now()
	where mg_pass_id = p_pass
	returning (mg_mma_preferences ->> 'seq')::bigint into n;
	return jsonb_build_object('tags', jsonb_build_array('style.' || style),
	    'weight', 0.2, 'seq', n);
end
$$;

-- mina_prefer(id, pass, session, set): records a preference_set event; see
-- mina_pref_set(). False: the id exists already.
create or replace function mina_prefer(p_id text, p_pass text, p_session text,
	p_set jsonb)
returns bool
language plpgsql
set search_path from current
as $$
declare
	n bigint;
begin
	select coalesce((mg_mma_preferences ->> 'seq')::bigint, 0) + 1 into n
	from mega_customers where mg_pass_id = p_pass for no key update;
	if not mina_event(p_id, p_pass, p_session, null, 'preference_set', null,
	    jsonb_build_object('set', p_set, 'seq', n)) then
		return false;
	end if;
	update mega_customers
	set mg_mma_preferences = mina_pref_set(mg_mma_preferences, p_set)
	    || jsonb_build_object('seq', n),
	    mg_mma_preferences_updated_at = mina_now()
	where mg_pass_id = p_pass;
	return true;
end
$$;
