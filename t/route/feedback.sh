#!/bin/sh
# feedback: likes, opinions and preferences are stored once, weighted, and the
# preference sums can be rebuilt from the events.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../lib-cgi.sh"
db_up
plan 64
anon=pass:anon:5f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d11

# made ID PASS STYLE [TAG ...]: one delivered, in which the scanner saw that
made()
{
	made_id=$1 made_pass=$2 made_style=$3
	shift 3
	q "do \$\$ begin
	perform mina_customer('$made_pass', null, null, null, 0, 30);
	perform mina_admit('$made_id', '$made_pass', null, 0, 'still', 'create',
	    '{\"brief\":\"x\",\"style\":\"$made_style\"}', '{}', null, null, null);
	update mega_generations set mg_lease_owner = 'w' where mg_id = 'generation:$made_id';
	perform mina_settle('$made_id', 'w', '{\"output_url\":\"https://m.example/$made_id.png\",
	    \"prompt\":\"prompt of $made_id\",\"status\":\"postscan\"}', null);
	perform mina_step('$made_id', 'w', 1, 'postscan_output_still', '0',
	    jsonb_build_object('input', '{\"ctx_key\":1,\"ctx_version\":1,\"ctx_id\":1}'::jsonb,
	    'output', jsonb_build_object('crt', 'x', 'userMessage_line', 'y', 'tags',
	    to_jsonb(string_to_array(nullif('$*', ''), ' '))), 'timing', '{}'::jsonb, 'error', null),
	    'openai', 'm', 1, 1, 1, 'succeeded', null, null);
	perform mina_finish('$made_id', 'w', null);
	end \$\$"
}
like() { cgi feedback POST /feedback/like "${2:-$user}" -d "$1"; }
event() { cgi feedback POST /mma/events "${2:-$user}" -d "$1"; }
events() { q "select count(*) from mega_generations where mg_record_type = 'mma_event'
    and mg_meta->>'event_type' = '$1' and mg_pass_id = '${2:-$user}'"; }
weight() { q "select mg_mma_preferences #>> '{tag_weights,$1}' from mega_customers
    where mg_pass_id = '${2:-$user}'"; }
# The snapshot is the sum of the events, whoever asks and whenever.
agrees() { is "$(q "select count(*) from mega_customers where mg_pass_id = '${2:-$user}'
    and mg_mma_preferences - 'seq' is distinct from mina_prefs(mg_pass_id)")" 0 "$1"; }

made g1 "$user" minimal light.soft palette.warm
made g2 "$user" bold
made g3 "$user" none
made x1 "$other" minimal

like '{"generationId":"g1","value":true,"context":"studio_right_panel"}'
is "$status $(js .ok)" '200 true' 'the like of the specification'
is "$(js .liked)" true 'is one'
is "$(events like)" 1 'it is an event'
is "$(weight style.minimal) $(weight light.soft) $(weight palette.warm)" '1 1 1' \
    'for its style and for what can be seen'
agrees 'made anew it is the same'
like '{"generationId":"g1","value":true}'
is "$status $(js .liked) $(events like)" '200 true 1' 'liking again changes nothing'
cgi history GET '/history?liked=1' "$user"
is "$(js '[.items[].generationId] | join(" ")')" g1 'it is among what is liked'
like '{"generationId":"g1","value":false}'
is "$status $(js .liked) $(events like)" '200 false 2' 'a like can be taken back'
is "$(weight style.minimal)" '' 'and weighs nothing then'
like '{"generationId":"g1","event":"unlike"}'
is "$(js .liked) $(events like)" 'false 2' 'once'
like '{"generationId":"g1"}'
is "$(js .liked) $(weight light.soft)" 'true 1' 'a like alone is a like'
like '{"generationId":"g1","event":"dislike"}'
is "$(js .liked) $(weight light.soft) $(weight style.minimal)" 'false -1 -1' \
    'a dislike turns it round'
agrees 'made anew it is the same'
event '{"eventType":"dislike","generationId":"g1","value":false}'
is "$status $(weight light.soft)" '200 ' 'and can be taken back as well'

like '{"generationId":"g2","event":"download","context":"studio_right_panel"}'
is "$status $(js .ok) $(weight style.bold)" '200 true 0.5' 'the download of the specification'
like '{"generationId":"g2","event":"download"}'
is "$(events download) $(weight style.bold)" '2 0.5' 'the second is noted and weighs nothing'
like '{"generationId":"g2","value":true}'
is "$(weight style.bold)" 1.5 'a like on top'
like '{"generationId":"g1","event":"feedback","text":"Nice motion but too fast. Next time more subtle.","context":"animation_right_panel"}'
is "$status $(js .ok)" '200 true' 'the words of the specification'
is "$(q "select mg_comment from mega_generations where mg_record_type = 'mma_event'
    and mg_meta->>'event_type' = 'feedback'")" 'Nice motion but too fast. Next time more subtle.' \
    'are kept'
agrees 'made anew it is the same'

# --- refusals

like '{}'; is "$status $(js .field)" '422 generationId' 'about what?'
like '{"generationId":"g1","event":"applaud"}'; is "$status $(js .field)" '422 event' 'how?'
like '{"generationId":"g1","event":"feedback"}'; is "$status $(js .field)" '422 text' 'saying what?'
like '{"generationId":"g1","value":"yes"}'; is "$status $(js .field)" '422 value' 'yes is no boolean'
like '{"generationId":"x1"}'; is "$status $(js .code)" '404 NOT_FOUND' 'what is not mine is not there'
like '{"generationId":"g9"}'; is "$status" 404 'nor what never was'
event '{"eventType":"like","generationId":"x1"}'; is "$status" 404 'by whichever door'
event '{}'; is "$status $(js .field)" '422 eventType' 'which event?'
event '{"eventType":"shopping"}'; is "$status" 422 'one there is'
cgi feedback POST /feedback/like - -d '{"generationId":"g1"}'
is "$status" 401 'nobody has no taste'
q "select mina_admit('p1', '$user', null, 0, 'still', 'create', '{\"brief\":\"x\"}', '{}', null, null, null)" >/dev/null
like '{"generationId":"p1"}'; is "$status" 404 'what is not there yet cannot be liked'
like '{"generationId":"p1","event":"feedback","text":"hurry"}'; is "$status" 200 'but spoken of'

# --- preferences

event '{"eventType":"preference_set","hardBlocks":["motion.light_flicker","surface.marble"],"tagWeights":{"style.minimal":1.8,"style.bold":-2}}'
is "$status" 200 'preferences are set'
is "$(weight style.minimal) $(weight style.bold)" '1.8 -2' 'and stand above what was learned'
is "$(q "select mg_mma_preferences ->> 'hard_blocks' from mega_customers where mg_pass_id = '$user'")" \
    '["motion.light_flicker", "surface.marble"]' 'so do the no-gos'
like '{"generationId":"g2","value":false}'
is "$(weight style.bold)" -2 'also over what comes later'
agrees 'made anew it is the same'
event '{"eventType":"preference_set","tagWeights":{"style.bold":null}}'
is "$(weight style.bold) $(weight style.minimal)" '0.5 1.8' 'null goes back to what was learned'
is "$(q "select jsonb_array_length(mg_mma_preferences -> 'hard_blocks') from mega_customers where mg_pass_id = '$user'")" 2 \
    'what is not named stays'
event '{"type":"preference_set","hardBlocks":[]}'
is "$(q "select jsonb_array_length(mg_mma_preferences -> 'hard_blocks') from mega_customers where mg_pass_id = '$user'")" 0 \
    'an empty list is an empty list'
agrees 'made anew it is the same'
event '{"eventType":"preference_set"}'; is "$status $(js .field)" '422 hardBlocks' 'something must be set'
event '{"eventType":"preference_set","hardBlocks":["No Flicker!"]}'
is "$status $(js .field)" '422 hardBlocks.0' 'tags look like tags'
event '{"eventType":"preference_set","tagWeights":{"style.minimal":9}}'
is "$status $(js .field)" '422 tagWeights.style.minimal' 'and weigh up to five'
event '{"eventType":"preference_set","tagWeights":{"style.minimal":"much"}}'
is "$status" 422 'as numbers'
is "$(events preference_set)" 3 'refusals leave no event'

# --- tweaks, keys, merging, many at once

q "select mina_admit('t1', '$user', null, 0, 'still', 'tweak', '{\"brief\":\"x\"}', '{}', null, null, 'g2')" >/dev/null
is "$(weight style.bold)" 0.7 'a tweak speaks for the style of its parent'
agrees 'made anew it is the same'
cgi feedback POST /feedback/like "$user" -H 'Idempotency-Key: k' -d '{"generationId":"g3","event":"download"}'
cgi feedback POST /feedback/like "$user" -H 'Idempotency-Key: k' -d '{"generationId":"g3","event":"download"}'
is "$status $(events download)" '200 3' 'one key is one event'
made a1 "$anon" natural light.soft
like '{"generationId":"a1","value":true}' "$anon"
is "$(weight light.soft "$anon")" 1 'somebody who has not signed in has taste as well'
q "select mina_login('7c0e0000-0000-4000-8000-000000000001', 'a@b.co', true, 'email', '$anon', 0, 30)" >/dev/null
is "$(weight light.soft) $(weight style.natural)" '1 1' 'and brings it along'
agrees 'made anew it is the same'
like '{"generationId":"a1","value":false}'
is "$(weight light.soft) $(weight style.natural)" ' ' 'what was liked then can be taken back now'
agrees 'made anew it is the same'

i=0
while [ $i -lt 8 ]; do
	made "m$i" "$user" warm mood.calm
	i=$((i + 1))
done
i=0
pids=
while [ $i -lt 8 ]; do
	for _ in 1 2 3; do
		"$builddir/cgi-bin/feedback" POST /feedback/like -H "X-Mina-Pass-Id: $user" \
		    -d "{\"generationId\":\"m$i\",\"value\":true}" >/dev/null 2>&1 &
		pids="$pids $!"
	done
	i=$((i + 1))
done
# shellcheck disable=SC2086 # numbers
wait $pids
is "$(weight mood.calm) $(weight style.warm)" '8 8' '24 likes of 8 at once are 8'
agrees 'made anew it is the same'
q "update mega_customers set mg_mma_preferences = null where mg_pass_id = '$user'"
is "$(q "select mina_prefs_rebuild('$user')")" t 'a snapshot that was lost'
is "$(weight mood.calm)" 8 'is made again'
agrees 'and is the same'

# --- what the reader is given

window() { q "select count(*) from (select 1 from unnest(mina_passes('$user')) p (pass)
    cross join lateral (select 1 from mega_generations where mg_pass_id = p.pass
    and mg_record_type = 'generation' and mg_meta->>'liked_at' is not null
    order by mg_meta->>'liked_at' desc limit $1) l limit $1) x"; }
is "$(window 5) $(window 20)" '5 10' 'the windows: what is liked or was downloaded, newest first'
cgi history DELETE /history/m1 "$user"
is "$status" 200 'one of them is deleted'
is "$(q "select count(*) from mega_generations where mg_meta->>'liked_at' is not null
    and mg_prompt is not null and mg_record_type = 'generation'")" 9 \
    'and its prompt is not there to be read'
is "$(q 'select count(*) from mina_parity()')" 0 'the books agree'
is "$(q "explain (costs off) select mg_prompt from mega_generations where mg_pass_id = '$user'
    and mg_record_type = 'generation' and mg_meta->>'liked_at' is not null
    order by mg_meta->>'liked_at' desc limit 5" | grep -c mega_generations_liked)" 1 \
    'by its own index'
