-- Who makes stills and films. The registry is all the code knows of a provider:
-- a new one is a new version of this value (and its defaults), not new code.
-- Secrets are named, never held: secret_env, *_env are environment variables
-- that must begin with MINA_PROVIDER_.
--
-- use: the order in which providers are tried for a mode.
-- create.body: the request; a string that is "$name" is replaced by the typed
--	value of that name, and a member whose value is absent is left out. Names:
--	$prompt $images $ratio $start_image $end_image, $settings.<wire name>.
-- job, reconcile: where things are in the answers (JSON Pointers).
-- states: the provider's words to wait, done, failed, canceled.
-- capabilities.settings: what a customer may set; "to" is the wire name, "map"
--	turns the customer's value into the wire's. capabilities.end_image: what
--	the wire settings become when there is an end image.

select mina_config_seed('mma.provider.seedream.defaults', '{"quality": "high"}');
select mina_config_seed('mma.provider.kling.defaults',
	'{"durationSec": 5, "quality": "standard"}');

select mina_config_seed('mma.provider.registry', $json${
"use": {"still": ["seedream-replicate"], "video": ["kling-replicate"]},
"providers": {
"seedream-replicate": {
	"provider": "seedream",
	"model": "bytedance/seedream-4",
	"mode": "still",
	"base_url": "https://api.replicate.com/v1",
	"base_url_env": "MINA_PROVIDER_REPLICATE_URL",
	"auth": {"header": "Authorization", "prefix": "Bearer ",
		"secret_env": "MINA_PROVIDER_REPLICATE_TOKEN"},
	"create": {"method": "POST",
		"path": "/models/bytedance/seedream-4/predictions",
		"body": {"input": {
			"prompt": "$prompt",
			"image_input": "$images",
			"size": "$settings.size",
			"aspect_ratio": "$ratio",
			"enhance_prompt": "$settings.enhance_prompt",
			"sequential_image_generation": "disabled"}},
		"timeout_ms": 30000},
	"job": {"id": "/id", "status": "/status", "output": "/output",
		"error": "/error"},
	"states": {"starting": "wait", "processing": "wait",
		"succeeded": "done", "failed": "failed",
		"canceled": "canceled", "aborted": "failed"},
	"poll": {"method": "GET", "path": "/predictions/{id}",
		"first_ms": 1000, "max_ms": 5000, "factor": 1.5,
		"deadline_ms": 600000},
	"cancel": {"method": "POST", "path": "/predictions/{id}/cancel"},
	"reconcile": {"path": "/predictions?created_after={since}",
		"items": "/results", "next": "/next", "match": "/input",
		"id": "/id"},
	"output_hosts": ["replicate.delivery", ".replicate.delivery"],
	"output_hosts_env": "MINA_PROVIDER_REPLICATE_HOSTS",
	"refusal": ["sensitive", "flagged", "nsfw", "moderat", "safety"],
	"rate": {"create_per_min": 600, "other_per_min": 3000},
	"capabilities": {
		"ratios": ["1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3",
			"21:9"],
		"prompt_max": 4000,
		"images": {"max": 10,
			"types": ["image/jpeg", "image/png", "image/webp"],
			"max_bytes": 10485760, "max_side": 6000,
			"max_pixels": 36000000},
		"settings": {
			"quality": {"type": "enum",
				"values": ["standard", "high", "ultra"],
				"default": "high", "to": "size",
				"map": {"standard": "1K", "high": "2K",
					"ultra": "4K"}},
			"enhance_prompt": {"type": "bool", "default": false}}}},
"kling-replicate": {
	"provider": "kling",
	"model": "kwaivgi/kling-v2.1",
	"mode": "video",
	"base_url": "https://api.replicate.com/v1",
	"base_url_env": "MINA_PROVIDER_REPLICATE_URL",
	"auth": {"header": "Authorization", "prefix": "Bearer ",
		"secret_env": "MINA_PROVIDER_REPLICATE_TOKEN"},
	"create": {"method": "POST",
		"path": "/models/kwaivgi/kling-v2.1/predictions",
		"body": {"input": {
			"prompt": "$prompt",
			"start_image": "$start_image",
			"end_image": "$end_image",
			"mode": "$settings.mode",
			"duration": "$settings.duration"}},
		"timeout_ms": 30000},
	"job": {"id": "/id", "status": "/status", "output": "/output",
		"error": "/error"},
	"states": {"starting": "wait", "processing": "wait",
		"succeeded": "done", "failed": "failed",
		"canceled": "canceled", "aborted": "failed"},
	"poll": {"method": "GET", "path": "/predictions/{id}",
		"first_ms": 5000, "max_ms": 10000, "factor": 1.5,
		"deadline_ms": 1800000},
	"cancel": {"method": "POST", "path": "/predictions/{id}/cancel"},
	"reconcile": {"path": "/predictions?created_after={since}",
		"items": "/results", "next": "/next", "match": "/input",
		"id": "/id"},
	"output_hosts": ["replicate.delivery", ".replicate.delivery"],
	"output_hosts_env": "MINA_PROVIDER_REPLICATE_HOSTS",
	"refusal": ["sensitive", "flagged", "nsfw", "moderat", "safety"],
	"rate": {"create_per_min": 600, "other_per_min": 3000},
	"capabilities": {
		"ratios": [],
		"prompt_max": 2500,
		"images": {"max": 2, "types": ["image/jpeg", "image/png"],
			"max_bytes": 10485760, "min_side": 300,
			"max_aspect": 2.5},
		"end_image": {"mode": "pro"},
		"settings": {
			"durationSec": {"type": "enum", "values": [5, 10],
				"default": 5, "to": "duration"},
			"quality": {"type": "enum",
				"values": ["standard", "pro"],
				"default": "standard", "to": "mode"}}}}
}}$json$);
