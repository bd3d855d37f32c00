-- For a machine that is being tried out, never for production: everyone who
-- comes gets matcha, and more may run at once. Applied by the launcher. Once
-- only, so that what an administrator sets afterwards stays.
select mina_runtime_put('{
	"credits.welcome_anonymous": 20,
	"limits.running": 4,
	"limits.queued": 20
}', null, null, 'sandbox')
where not exists (select 1 from mega_admin
	where mg_record_type = 'runtime_config' and mg_source_system = 'sandbox');
