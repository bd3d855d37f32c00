-- Finds an earlier description of an image under the same context version
-- without reading the customer's whole history. Descriptions of results count
-- too: a film that starts from one of our stills does not need another scan.
-- Only scan steps are in the index, so other writes are not affected.

create index if not exists mega_generations_known
	on mega_generations (mg_pass_id, (mg_payload #>> '{input,asset_url}'))
	where mg_record_type = 'mma_step'
	and mg_step_type ~ '^(post)?scan_' and mg_status = 'succeeded';
-- Left over from an older schema; it covered scan_ steps only.
drop index if exists mega_generations_scanned;
