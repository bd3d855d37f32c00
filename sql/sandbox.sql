-- For trial and test installations, never for production: each new visitor gets
-- matcha, and more generations may run at once. Applied by the launcher, once
-- only, so that later changes by an administrator stay. The document
-- mina.sandbox marks the database for ever: without the sandbox it is refused.
select mina_config_put('mina.sandbox', '{"sandbox": true}', null)
where not exists (select from mega_admin
	where mg_record_type = 'app_config' and mg_key = 'mina.sandbox');
select mina_runtime_put('{
	"credits.welcome_anonymous": 20,
	"limits.running": 4,
	"limits.queued": 20
}', null, null, 'sandbox')
where not exists (select 1 from mega_admin
	where mg_record_type = 'runtime_config' and mg_source_system = 'sandbox');
