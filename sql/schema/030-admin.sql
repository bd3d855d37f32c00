-- mega_admin: versioned configuration, audit log, admin sessions, outbox.
create table if not exists mega_admin (mg_id text primary key);

alter table mega_admin
	add column if not exists mg_record_type text,
	add column if not exists mg_actor_pass_id text,
	add column if not exists mg_session_hash text,
	add column if not exists mg_user_id uuid,
	add column if not exists mg_email text,
	add column if not exists mg_ip text,
	add column if not exists mg_user_agent text,
	add column if not exists mg_first_seen_at timestamptz,
	add column if not exists mg_last_seen_at timestamptz,
	add column if not exists mg_profile_id uuid,
	add column if not exists mg_shopify_customer_id text,
	add column if not exists mg_action text,
	add column if not exists mg_route text,
	add column if not exists mg_method text,
	add column if not exists mg_status int,
	add column if not exists mg_detail jsonb,
	add column if not exists mg_runtime_id int,
	add column if not exists mg_runtime_flat jsonb,
	add column if not exists mg_key text,
	add column if not exists mg_value jsonb,
	add column if not exists mg_meta jsonb,
	add column if not exists mg_payload jsonb,
	add column if not exists mg_source_system text,
	add column if not exists mg_deleted_at timestamptz,
	add column if not exists mg_created_at timestamptz,
	add column if not exists mg_updated_at timestamptz;

alter table mega_admin
	alter column mg_created_at set default mina_now(),
	alter column mg_updated_at set default mina_now();

create index if not exists mega_admin_key
	on mega_admin (mg_key) where mg_record_type = 'app_config';
create index if not exists mega_admin_runtime
	on mega_admin (mg_runtime_id) where mg_record_type = 'runtime_config';
create index if not exists mega_admin_recent
	on mega_admin (mg_record_type, mg_created_at desc);
