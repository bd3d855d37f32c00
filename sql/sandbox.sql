-- For trial and test installations, never for production: each new visitor gets
-- matcha, and more generations may run at once. Applied by the launcher, once
-- only, so that later changes by an administrator stay.
select mina_runtime_put('{
	"credits.welcome_anonymous": 20,
	"limits.running": 4,
	"limits.queued": 20
}', null, null, 'sandbox')
where not exists (select 1 from mega_admin
	where mg_record_type = 'runtime_config' and mg_source_system = 'sandbox');
