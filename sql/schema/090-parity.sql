-- mina_parity(): one row for each violated invariant; no rows mean that all is
-- well. It is one statement and so reads one snapshot: matcha that moves
-- meanwhile cannot show up as a violation. what is a stable name; expected and
-- actual are for people. It reads all rows: for administrators and tests only.
create or replace function mina_parity()
returns table (pass text, what text, expected text, actual text)
language sql stable
set search_path from current
as $$
with gen as (
	select mg_id, mg_pass_id, mg_generation_id as id, mg_status, mg_cost,
	    mg_mma_status, mg_due_at, mg_lease_owner, mg_output_url
	from mega_generations where mg_record_type = 'generation'
), ledger as (
	select mg_id, mg_pass_id, mg_delta, mg_reason, mg_meta
	from mega_generations where mg_record_type = 'credit_transaction'
), held as (
	select mg_pass_id, sum(mg_cost) as n from gen
	where mg_status = 'pending' group by mg_pass_id
), moved as (
	select mg_pass_id, sum(mg_delta) as n from ledger group by mg_pass_id
), merged as (
	select mg_pass_id, mg_meta ->> 'merged_into' as target, mg_credits,
	    mg_held
	from mega_customers where mg_meta ? 'merged_into'
), listed as (
	select mg_pass_id as target, p as mg_pass_id
	from mega_customers, jsonb_array_elements_text(mg_meta -> 'merged') p
	where jsonb_typeof(mg_meta -> 'merged') = 'array'
), crossing as (
	select mg_pass_id, mg_delta, mg_reason, mg_id,
	    substring(mg_id from ':merge_[a-z]+:(.*)$') as pair
	from ledger where mg_reason in ('merge_out', 'merge_in')
), sold as (
	select min(mg_pass_id) as mg_pass_id, sum(mg_delta) as mg_delta,
	    split_part(mg_id, ':', 3) || ':' || split_part(mg_id, ':', 4)
	    as line, split_part(mg_id, ':', 3) as shop_order
	from ledger where mg_id like 'credit\_transaction:shopify:%'
	group by 3, 4
), taken as (
	select mg_meta ->> 'order' || ':' || (mg_meta ->> 'line') as line,
	    sum(mg_delta) as n
	from ledger where mg_id like 'credit\_transaction:shopify-refund:%'
	or mg_id like 'credit\_transaction:shopify-edit:%'
	group by 1
), went as (
	select mg_meta ->> 'order' as shop_order, sum(mg_delta) as n
	from ledger where mg_id ~ '^credit_transaction:shopify-(refund|edit|money):'
	group by 1
)
select c.mg_pass_id, 'credits', coalesce(m.n, 0)::text, c.mg_credits::text
from mega_customers c left join moved m using (mg_pass_id)
where c.mg_credits <> coalesce(m.n, 0)
union all
select c.mg_pass_id, 'held', coalesce(h.n, 0)::text, c.mg_held::text
from mega_customers c left join held h using (mg_pass_id)
where c.mg_held <> coalesce(h.n, 0)
union all
select mg_pass_id, 'balance_range', '0 <= held <= credits',
    format('held %s credits %s', mg_held, mg_credits)
from mega_customers
where (mg_credits < 0 or mg_held < 0 or mg_held > mg_credits)
-- While an account is erased its balances are partial sums (088).
and not coalesce(mg_meta, '{}') ? 'erasing'
union all
select x.mg_pass_id, 'customer_missing', 'a mega_customers row', x.mg_id
from mega_generations x left join mega_customers c using (mg_pass_id)
where x.mg_pass_id is not null and c.mg_pass_id is null
union all
select g.mg_pass_id, 'settled_once', format('%s: one ledger row of %s', g.id,
    -g.mg_cost), coalesce(l.mg_delta::text, 'none')
from gen g left join ledger l
    on l.mg_id = 'credit_transaction:settle:' || g.id
    and l.mg_pass_id = g.mg_pass_id
where g.mg_status = 'succeeded' and g.mg_cost > 0
and l.mg_delta is distinct from -g.mg_cost
union all
select l.mg_pass_id, 'settled_for_nothing', 'a delivered generation', l.mg_id
from ledger l left join gen g
    on l.mg_id = 'credit_transaction:settle:' || g.id
where l.mg_id like 'credit\_transaction:settle:%'
and g.mg_status is distinct from 'succeeded'
union all
select mg_pass_id, 'ledger_row', 'delta, reason, balance_after', mg_id
from ledger where mg_pass_id is null or coalesce(mg_delta, 0) = 0
or coalesce(mg_reason, '') = ''
or jsonb_typeof(mg_meta -> 'balance_after') is distinct from 'number'
union all
select mg_pass_id, 'generation_status', 'status and stage agree',
    format('%s: %s, %s', id, coalesce(mg_status, 'null'),
    coalesce(mg_mma_status, 'null'))
from gen where not coalesce(case mg_status
    when 'pending' then mina_rank(mg_mma_status) between 1 and 4
    when 'succeeded' then mg_mma_status in ('postscan', 'done')
    when 'failed' then mg_mma_status in ('error', 'canceled') end, false)
union all
select mg_pass_id, 'generation_output', 'a stored output', id
from gen where mg_status = 'succeeded' and mg_output_url is null
union all
select mg_pass_id, 'generation_queue',
    case when mina_rank(mg_mma_status) = 6 then 'out of the queue'
    else 'due or leased' end,
    format('%s: %s, due %s, owner %s', id, mg_mma_status,
    coalesce(mg_due_at::text, 'never'), coalesce(mg_lease_owner, 'none'))
from gen where mg_cost is not null and (mina_rank(mg_mma_status) = 6)
    = (mg_due_at is not null or mg_lease_owner is not null)
union all
select mg_pass_id, 'row_id', coalesce(mg_record_type, 'a type') || ':<id>',
    mg_id
from mega_generations
where not coalesce(starts_with(mg_id, mg_record_type || ':'), false)
or mg_record_type not in ('session', 'generation', 'feedback',
    'credit_transaction', 'mma_step', 'mma_event')
union all
select mg_pass_id, 'step_row',
    'number, type, parent, payload {input, output, timing, error}', mg_id
from mega_generations where mg_record_type = 'mma_step'
and not coalesce(mg_step_no >= 0 and mg_step_type <> ''
    and mg_parent_id = 'generation:' || mg_generation_id
    and mg_payload ?& array['input', 'output', 'timing', 'error'], false)
union all
select mg_pass_id, 'step_keys', case mg_step_type
    when 'gpt_reader' then 'input_gpt_reader, parts; clean_prompt, '
    'userMessage_final'
    when 'like_history' then 'window; style_history_csv, style_history_tags'
    else 'crt, userMessage_line' end, mg_id
from mega_generations
where mg_record_type = 'mma_step' and mg_status = 'succeeded' and case
    when mg_step_type = 'gpt_reader'
    then not coalesce(mg_payload -> 'input' ?& array['input_gpt_reader',
	'parts'] and mg_payload -> 'output' ?& array['clean_prompt',
	'userMessage_final'], false)
    when mg_step_type = 'like_history'
    then not coalesce(mg_payload -> 'input' ? 'window'
	and mg_payload -> 'output' ?& array['style_history_csv',
	'style_history_tags'], false)
    when mg_step_type ~ '^(scan|postscan)_'
    then not coalesce(mg_payload -> 'output' ?& array['crt',
	'userMessage_line'], false)
    else false end
union all
select mg_pass_id, 'event_row', 'a customer and an event_type', mg_id
from mega_generations where mg_record_type = 'mma_event'
and (mg_pass_id is null or coalesce(mg_meta ->> 'event_type', '') = '')
union all
select m.mg_pass_id, 'merged_flat', 'merged into a row that is not merged',
    m.target
from merged m left join mega_customers c on c.mg_pass_id = m.target
where c.mg_pass_id is null or c.mg_meta ? 'merged_into'
union all
select mg_pass_id, 'merged_empty', format('credits %s, all held', mg_credits),
    format('held %s', mg_held)
from merged where mg_credits > mg_held
union all
select coalesce(m.mg_pass_id, l.mg_pass_id), 'merged_listed',
    coalesce('listed by ' || m.target, 'points to ' || l.target),
    'only one of the two'
from merged m full join listed l using (mg_pass_id, target)
where m.mg_pass_id is null or l.mg_pass_id is null
union all
select coalesce(o.mg_pass_id, i.mg_pass_id), 'merge_pair',
    'merge_out and merge_in of the same amount',
    format('%s %s, %s %s', coalesce(o.mg_id, 'none'), o.mg_delta,
    coalesce(i.mg_id, 'none'), i.mg_delta)
from (select * from crossing where mg_reason = 'merge_out') o
full join (select * from crossing where mg_reason = 'merge_in') i using (pair)
where o.mg_delta + i.mg_delta is distinct from 0 or i.mg_delta < 0
union all
select s.mg_pass_id, 'refunded_more', 'at most ' || s.mg_delta, t.n::text
from sold s join taken t using (line) where s.mg_delta + t.n < 0
union all
select s.mg_pass_id, 'order_took_more', 'at most ' || s.n, w.n::text
from (select min(mg_pass_id) as mg_pass_id, shop_order, sum(mg_delta) as n
    from sold group by shop_order) s join went w using (shop_order)
where s.n + w.n < 0
union all
select mg_pass_id, 'debt', 'a whole number above 0', mg_meta ->> 'debt'
from mega_customers
where mg_meta ? 'debt' and not mg_meta ->> 'debt' ~ '^[1-9][0-9]{0,9}$'
$$;
