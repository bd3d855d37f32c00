-- A Mina database of the first kind: fewer columns, no rules, rows that break
-- today's.
create table mega_customers (
	mg_pass_id text primary key,
	mg_email text,
	mg_credits int,
	mg_expires_at timestamptz,
	mg_created_at timestamptz default now()
);
create table mega_generations (
	mg_id text primary key,
	mg_record_type text,
	mg_pass_id text,
	mg_generation_id text,
	mg_status text,
	mg_output_url text,
	mg_delta int,
	mg_reason text,
	mg_meta jsonb,
	mg_legacy text,
	mg_created_at timestamptz default now()
);
create table mega_admin (
	mg_id text primary key,
	mg_record_type text,
	mg_key text,
	mg_value jsonb,
	mg_created_at timestamptz default now()
);
insert into mega_customers (mg_pass_id, mg_email, mg_credits) values
	('pass:user:1', 'a@b.c', 7), ('pass:user:2', null, null),
	('pass:user:3', null, -4);
insert into mega_generations (mg_id, mg_record_type, mg_pass_id,
	mg_generation_id, mg_status, mg_delta, mg_reason, mg_legacy) values
	('g1', 'generation', 'pass:user:1', 'g1', 'completed', null, null, 'kept'),
	('credit_transaction:1', 'credit_transaction', 'pass:user:1', null, null,
	7, 'purchase', 'kept'),
	('credit_transaction:2', 'credit_transaction', 'pass:gone', null, null,
	1, null, 'kept');
insert into mega_admin (mg_id, mg_record_type, mg_key, mg_value) values
	('app_config:credits.packs.v3', 'app_config', 'credits.packs',
	'{"enabled": true, "value": {"OLD-1": 1}}');
