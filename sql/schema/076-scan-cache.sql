-- What an asset looked like under one context version: finding the scan that
-- was made before must not read a customer's whole history. Only scan steps
-- are in the index, so no other write pays for it.

create index if not exists mega_generations_scanned
	on mega_generations (mg_pass_id, (mg_payload #>> '{input,asset_url}'))
	where mg_record_type = 'mma_step' and mg_step_type like 'scan\_%'
	and mg_status = 'succeeded';
