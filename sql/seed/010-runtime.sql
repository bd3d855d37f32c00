-- Version 1 of the runtime settings (prices, limits and switches, one flat
-- map), if there is none. price.* in matcha; suggest.daily: suggestions for
-- each pass and day; credits.days: lifetime of matcha in days; limits.running
-- and limits.queued: unfinished generations of each pass; limits.crashes: runs
-- in a row that ended their worker, before a generation is set aside;
-- limits.welcome_per_address and limits.claims_per_day: welcomes of each client
-- network and claimed passes of each account; limits.free_cancels, spend.daily
-- (US cents) and *.daily, *.daily_address, *.cents: mina(7), LIMITS.
insert into mega_admin (mg_id, mg_record_type, mg_runtime_id, mg_runtime_flat,
	mg_source_system, mg_created_at, mg_updated_at)
select 'runtime_config:1', 'runtime_config', 1, '{
	"price.still": 1,
	"price.tweak": 1,
	"price.video": 5,
	"price.suggest": 0,
	"suggest.daily": 50,
	"credits.welcome": 10,
	"credits.welcome_anonymous": 0,
	"credits.days": 30,
	"limits.running": 2,
	"limits.queued": 10,
	"limits.crashes": 3,
	"limits.welcome_per_address": 10,
	"limits.claims_per_day": 20,
	"limits.free_cancels": 5,
	"spend.daily": 20000,
	"still.daily": 300,
	"still.daily_address": 600,
	"still.cents": 6,
	"video.daily": 60,
	"video.daily_address": 120,
	"video.cents": 50,
	"suggest.daily_address": 150,
	"suggest.cents": 1,
	"fetch.daily": 200,
	"fetch.daily_address": 400,
	"fetch.cents": 0,
	"upload.daily": 300,
	"upload.daily_address": 600,
	"upload.cents": 0,
	"event.daily": 500,
	"event.daily_address": 2000,
	"session.daily": 200,
	"session.daily_address": 1000,
	"motion_tweak": false
}', 'mina', mina_now(), mina_now()
where not exists (select 1 from mega_admin
	where mg_record_type = 'runtime_config');
