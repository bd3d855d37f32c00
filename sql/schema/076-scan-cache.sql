-- What an asset looked like under one context version: finding the scan that
-- was made before must not read a customer's whole history. What was seen in a
-- result after it was made counts as well: a film that begins with one of our
-- stills need not look at it again. Only scan steps are in the index, so no
-- other write pays for it.

create index if not exists mega_generations_known
	on mega_generations (mg_pass_id, (mg_payload #>> '{input,asset_url}'))
	where mg_record_type = 'mma_step'
	and mg_step_type ~ '^(post)?scan_' and mg_status = 'succeeded';
-- An older schema's, of scans alone.
drop index if exists mega_generations_scanned;
