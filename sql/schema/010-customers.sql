-- mega_customers: one row for each pass id. mg_credits is the balance, mg_held
-- the part of it that is held for unfinished generations; both in whole matcha.
-- Columns are added one by one, so that the same file works for an empty
-- database and for one from an older version of Mina.
create table if not exists mega_customers (mg_pass_id text primary key);

alter table mega_customers
	add column if not exists mg_shopify_customer_id text,
	add column if not exists mg_user_id uuid,
	add column if not exists mg_email text,
	add column if not exists mg_first_name text,
	add column if not exists mg_last_name text,
	add column if not exists mg_display_name text,
	add column if not exists mg_locale text,
	add column if not exists mg_timezone text,
	add column if not exists mg_marketing_opt_in bool,
	add column if not exists mg_product_updates_opt_in bool,
	add column if not exists mg_credits int,
	add column if not exists mg_held int,
	add column if not exists mg_expires_at timestamptz,
	add column if not exists mg_last_active timestamptz,
	add column if not exists mg_disabled bool,
	add column if not exists mg_verified_email bool,
	add column if not exists mg_verified_google bool,
	add column if not exists mg_verified_apple bool,
	add column if not exists mg_verified_any bool,
	add column if not exists mg_verification_method text,
	add column if not exists mg_verification_at timestamptz,
	add column if not exists mg_verification_keynumber text,
	add column if not exists mg_topup_default_packs int,
	add column if not exists mg_auto_topup_enabled bool,
	add column if not exists mg_auto_topup_monthly_limit_packs int,
	add column if not exists mg_last_topup_at timestamptz,
	add column if not exists mg_topup_source text,
	add column if not exists mg_admin_allowlist bool,
	add column if not exists mg_mma_preferences jsonb,
	add column if not exists mg_mma_preferences_updated_at timestamptz,
	add column if not exists mg_meta jsonb,
	add column if not exists mg_source_system text,
	add column if not exists mg_deleted_at timestamptz,
	add column if not exists mg_created_at timestamptz,
	add column if not exists mg_updated_at timestamptz;

-- Null must be excluded: arithmetic on a null balance is null, and a CHECK
-- accepts null.
update mega_customers
set mg_credits = coalesce(mg_credits, 0), mg_held = coalesce(mg_held, 0)
where mg_credits is null or mg_held is null;

alter table mega_customers
	alter column mg_credits set default 0,
	alter column mg_credits set not null,
	alter column mg_held set default 0,
	alter column mg_held set not null,
	alter column mg_created_at set default mina_now(),
	alter column mg_updated_at set default mina_now();

-- The balance changes often and is in no index. Free space on the page keeps
-- these updates heap-only (HOT).
alter table mega_customers set (fillfactor = 80,
	autovacuum_vacuum_scale_factor = 0.05);

create index if not exists mega_customers_user
	on mega_customers (mg_user_id) where mg_user_id is not null;
create index if not exists mega_customers_shopify
	on mega_customers (mg_shopify_customer_id)
	where mg_shopify_customer_id is not null;
create index if not exists mega_customers_email
	on mega_customers (lower(mg_email)) where mg_email is not null;
create index if not exists mega_customers_expires
	on mega_customers (mg_expires_at) where mg_expires_at is not null;
