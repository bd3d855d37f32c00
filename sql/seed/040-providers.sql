-- The provider registry: image and film providers. It is all that the code
-- knows about a provider: adding one means a new version of this value (and its
-- defaults), not new code. Secrets are not stored here: secret_env and *_env
-- name environment variables, which must begin with MINA_PROVIDER_.
--
-- use: providers of each mode, in the order in which they are tried.
-- base_url, base_url_env: the variable overrides the URL if it is set.
-- auth: {"header", "prefix", "secret_env"}, where header is Authorization by
--	default; or {"scheme": "jwt_hs256", "access_env", "secret_env"}.
-- create: the request that creates a job: method (POST), path, path_images
--	(used instead if there are images), timeout_ms, callback_param (the
--	callback URL is sent in this query parameter), sync (the response is the
--	output: no job, no polling), body.
-- create.body: a template. A string "$name" is replaced by the value of that
--	name, with its type; a member whose value is missing is left out. Names:
--	$prompt, $images (a list), $image (the first), $start_image, $end_image,
--	$ratio, $generation_id, $callback_url, and $settings.<wire name>.
--	{"$of": [NAME, ..], "in": {..}}: looks the values of the names up in the
--	object. {"$with": NAME, "value": ..}: only if NAME has a value.
-- success: {"pointer", "value"}: what a successful response has besides a 2xx
--	status.
-- errors: "pointer" to the provider's error code; the codes that mean "retry",
--	"busy", "moderated", "rejected" and "ours" (our key, our account, or a
--	model that is gone; a code also matches longer ones that continue with a
--	dot); and "words", the statuses for which the words in "refusal" are
--	searched in the response. Other responses go by status: 429, 408 and 5xx
--	are retried, 401 to 405 and 410 are ours.
-- job: where things are in the responses (JSON Pointers): id, status, output,
--	error; item is the URL within an element of output that is an object
--	("/url"), item_error its error; status_url, result_url and cancel_url
--	are URLs in the response of create. Ids and states may be numbers.
-- states: maps the provider's states to wait, done, failed, canceled.
-- poll, cancel, result: method, path. result is requested when the job is done
--	and has the output (by its own output, item) or responds with 4xx.
--	Placeholders in paths: {id}, {generation_id}, {since}, {status_url},
--	{result_url}, {cancel_url}. URLs outside the base URL are not followed.
-- reconcile: the request to make when the response of create was lost: a list
--	(items, next) in which key has our generation id, or match compares the
--	input; or, with single, the job itself, where "absent" lists the
--	statuses or codes that mean there is none. Without reconcile such a
--	generation fails.
-- callback: see lib/gen/callback.h.
-- cooldown: the circuit breaker: after that many consecutive failures of the
--	provider within window_ms, others are preferred for ms.
-- rate: calls per minute of each process: create_per_min, other_per_min.
-- refusal: words that tell a declined request from a failed one.
-- bad_input: words of a job's error that blame the pictures or the prompt.
-- our_trouble: words that blame our account, or say that the model is gone. An
--	error without any of these words is the provider's own: another job is
--	created, and then the next provider is asked.
-- skip: members of responses, at any depth, that are not read (logs).
-- output_wait_ms: how long an output's URL may at least answer that there is
--	nothing (30000); it is asked until the job's deadline in any case. Also
--	how long the result call of a job that is done may fail, before the next
--	provider is asked.
-- capabilities.settings: what a customer may set; "to" is the wire name, "map"
--	translates the customer's value. capabilities.end_image: wire settings
--	that are overridden if there is an end image.

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
			"sequential_image_generation": "disabled"},
			"webhook": "$callback_url",
			"webhook_events_filter": {"$with": "callback_url",
				"value": ["completed"]}},
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
	"callback": {"scheme": "standard-webhooks", "id": "/id",
		"secret_env": "MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET"},
	"cooldown": {"failures": 3, "window_ms": 60000, "ms": 60000},
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
			"duration": "$settings.duration"},
			"webhook": "$callback_url",
			"webhook_events_filter": {"$with": "callback_url",
				"value": ["completed"]}},
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
	"callback": {"scheme": "standard-webhooks", "id": "/id",
		"secret_env": "MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET"},
	"cooldown": {"failures": 3, "window_ms": 60000, "ms": 60000},
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

-- More providers, which are unused until "use" names them. They are merged into
-- the existing value as one more version, once: entries that an administrator
-- has under one of these keys stay as they are, and entries that were removed
-- are not added again.
do $do$
declare
	v_have jsonb;
	v_new jsonb := $json${
"kling-2.5-replicate": {
	"provider": "kling",
	"model": "kwaivgi/kling-v2.5-turbo-pro",
	"mode": "video",
	"base_url": "https://api.replicate.com/v1",
	"base_url_env": "MINA_PROVIDER_REPLICATE_URL",
	"auth": {"header": "Authorization", "prefix": "Bearer ",
		"secret_env": "MINA_PROVIDER_REPLICATE_TOKEN"},
	"create": {"method": "POST",
		"path": "/models/kwaivgi/kling-v2.5-turbo-pro/predictions",
		"body": {"input": {
			"prompt": "$prompt",
			"start_image": "$start_image",
			"duration": "$settings.duration"},
			"webhook": "$callback_url",
			"webhook_events_filter": {"$with": "callback_url",
				"value": ["completed"]}},
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
	"callback": {"scheme": "standard-webhooks", "id": "/id",
		"secret_env": "MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET"},
	"cooldown": {"failures": 3, "window_ms": 60000, "ms": 60000},
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
		"settings": {
			"durationSec": {"type": "enum", "values": [5, 10],
				"default": 5, "to": "duration"}}}},
"seedream-ark": {
	"provider": "seedream",
	"model": "seedream-4-0-250828",
	"mode": "still",
	"base_url": "https://ark.ap-southeast.bytepluses.com/api/v3",
	"base_url_env": "MINA_PROVIDER_ARK_URL",
	"auth": {"header": "Authorization", "prefix": "Bearer ",
		"secret_env": "MINA_PROVIDER_ARK_KEY"},
	"create": {"method": "POST", "path": "/images/generations",
		"sync": true,
		"body": {
			"model": "seedream-4-0-250828",
			"prompt": "$prompt",
			"image": "$images",
			"size": {"$of": ["settings.size", "ratio"], "in": {
				"1K": {"1:1": "1024x1024", "4:3": "1184x880",
					"3:4": "880x1184", "16:9": "1360x768",
					"9:16": "768x1360", "3:2": "1248x832",
					"2:3": "832x1248", "21:9": "1568x672"},
				"2K": {"1:1": "2048x2048", "4:3": "2368x1776",
					"3:4": "1776x2368", "16:9": "2736x1536",
					"9:16": "1536x2736", "3:2": "2512x1680",
					"2:3": "1680x2512", "21:9": "3136x1344"},
				"4K": {"1:1": "4096x4096", "4:3": "4736x3536",
					"3:4": "3552x4720", "16:9": "5456x3072",
					"9:16": "3072x5456", "3:2": "5024x3328",
					"2:3": "3344x5008", "21:9": "6256x2672"}}},
			"sequential_image_generation": "disabled",
			"response_format": "url",
			"watermark": false,
			"stream": false},
		"timeout_ms": 300000},
	"errors": {"pointer": "/error/code",
		"moderated": ["InputTextSensitiveContentDetected",
			"InputImageSensitiveContentDetected",
			"OutputImageSensitiveContentDetected"]},
	"job": {"output": "/data", "item": "/url",
		"item_error": "/error/code"},
	"cooldown": {"failures": 3, "window_ms": 60000, "ms": 60000},
	"output_hosts": [".volces.com", ".bytepluses.com"],
	"output_hosts_env": "MINA_PROVIDER_ARK_HOSTS",
	"refusal": ["sensitive"],
	"rate": {"create_per_min": 500, "other_per_min": 3000},
	"capabilities": {
		"ratios": ["1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3",
			"21:9"],
		"prompt_max": 4000,
		"images": {"max": 10,
			"types": ["image/jpeg", "image/png", "image/webp"],
			"max_bytes": 31457280, "max_side": 6000,
			"max_pixels": 36000000, "max_aspect": 16},
		"settings": {
			"quality": {"type": "enum",
				"values": ["standard", "high", "ultra"],
				"default": "high", "to": "size",
				"map": {"standard": "1K", "high": "2K",
					"ultra": "4K"}}}}},
"seedream-fal": {
	"provider": "seedream",
	"model": "fal-ai/bytedance/seedream/v4",
	"mode": "still",
	"base_url": "https://queue.fal.run",
	"base_url_env": "MINA_PROVIDER_FAL_URL",
	"auth": {"header": "Authorization", "prefix": "Key ",
		"secret_env": "MINA_PROVIDER_FAL_KEY"},
	"create": {"method": "POST",
		"path": "/fal-ai/bytedance/seedream/v4/text-to-image",
		"path_images": "/fal-ai/bytedance/seedream/v4/edit",
		"callback_param": "fal_webhook",
		"body": {
			"prompt": "$prompt",
			"image_urls": "$images",
			"image_size": {"$of": ["settings.size", "ratio"],
				"in": {
				"1K": {"1:1": {"width": 1024, "height": 1024},
					"4:3": {"width": 1392, "height": 1024},
					"3:4": {"width": 1024, "height": 1392},
					"16:9": {"width": 1824, "height": 1024},
					"9:16": {"width": 1024, "height": 1824},
					"3:2": {"width": 1536, "height": 1024},
					"2:3": {"width": 1024, "height": 1536},
					"21:9": {"width": 2400, "height": 1024}},
				"2K": {"1:1": {"width": 2048, "height": 2048},
					"4:3": {"width": 2368, "height": 1776},
					"3:4": {"width": 1776, "height": 2368},
					"16:9": {"width": 2736, "height": 1536},
					"9:16": {"width": 1536, "height": 2736},
					"3:2": {"width": 2512, "height": 1680},
					"2:3": {"width": 1680, "height": 2512},
					"21:9": {"width": 3136, "height": 1344}},
				"4K": {"1:1": {"width": 4096, "height": 4096},
					"4:3": {"width": 4096, "height": 3072},
					"3:4": {"width": 3072, "height": 4096},
					"16:9": {"width": 4096, "height": 2304},
					"9:16": {"width": 2304, "height": 4096},
					"3:2": {"width": 4096, "height": 2720},
					"2:3": {"width": 2720, "height": 4096},
					"21:9": {"width": 4096, "height": 1760}}}},
			"num_images": 1,
			"max_images": 1},
		"timeout_ms": 30000},
	"errors": {"words": [400, 422]},
	"job": {"id": "/request_id", "status": "/status",
		"error": "/error",
		"status_url": "/status_url", "result_url": "/response_url",
		"cancel_url": "/cancel_url"},
	"states": {"IN_QUEUE": "wait", "IN_PROGRESS": "wait",
		"COMPLETED": "done"},
	"poll": {"method": "GET", "path": "{status_url}",
		"first_ms": 1000, "max_ms": 5000, "factor": 1.5,
		"deadline_ms": 600000},
	"result": {"method": "GET", "path": "{result_url}",
		"output": "/images"},
	"cancel": {"method": "PUT", "path": "{cancel_url}"},
	"callback": {"scheme": "ed25519-jwks", "id": "/request_id",
		"jwks_url": "https://rest.alpha.fal.ai/.well-known/jwks.json",
		"jwks_url_env": "MINA_PROVIDER_FAL_JWKS_URL"},
	"cooldown": {"failures": 3, "window_ms": 60000, "ms": 60000},
	"output_hosts": ["fal.media", ".fal.media"],
	"output_hosts_env": "MINA_PROVIDER_FAL_HOSTS",
	"refusal": ["sensitive", "flagged", "nsfw", "moderat", "safety",
		"content_policy"],
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
					"ultra": "4K"}}}}},
"kling-fal": {
	"provider": "kling",
	"model": "fal-ai/kling-video/v2.1/pro/image-to-video",
	"mode": "video",
	"base_url": "https://queue.fal.run",
	"base_url_env": "MINA_PROVIDER_FAL_URL",
	"auth": {"header": "Authorization", "prefix": "Key ",
		"secret_env": "MINA_PROVIDER_FAL_KEY"},
	"create": {"method": "POST",
		"path": "/fal-ai/kling-video/v2.1/pro/image-to-video",
		"callback_param": "fal_webhook",
		"body": {
			"prompt": "$prompt",
			"image_url": "$start_image",
			"tail_image_url": "$end_image",
			"duration": "$settings.duration"},
		"timeout_ms": 30000},
	"errors": {"words": [400, 422]},
	"job": {"id": "/request_id", "status": "/status",
		"error": "/error",
		"status_url": "/status_url", "result_url": "/response_url",
		"cancel_url": "/cancel_url"},
	"states": {"IN_QUEUE": "wait", "IN_PROGRESS": "wait",
		"COMPLETED": "done"},
	"poll": {"method": "GET", "path": "{status_url}",
		"first_ms": 5000, "max_ms": 10000, "factor": 1.5,
		"deadline_ms": 1800000},
	"result": {"method": "GET", "path": "{result_url}",
		"output": "/video"},
	"cancel": {"method": "PUT", "path": "{cancel_url}"},
	"callback": {"scheme": "ed25519-jwks", "id": "/request_id",
		"jwks_url": "https://rest.alpha.fal.ai/.well-known/jwks.json",
		"jwks_url_env": "MINA_PROVIDER_FAL_JWKS_URL"},
	"cooldown": {"failures": 3, "window_ms": 60000, "ms": 60000},
	"output_hosts": ["fal.media", ".fal.media"],
	"output_hosts_env": "MINA_PROVIDER_FAL_HOSTS",
	"refusal": ["sensitive", "flagged", "nsfw", "moderat", "safety",
		"content_policy"],
	"rate": {"create_per_min": 600, "other_per_min": 3000},
	"capabilities": {
		"ratios": [],
		"prompt_max": 2500,
		"images": {"max": 2, "types": ["image/jpeg", "image/png"],
			"max_bytes": 10485760, "min_side": 300,
			"max_aspect": 2.5},
		"end_image": {},
		"settings": {
			"durationSec": {"type": "enum", "values": [5, 10],
				"default": 5, "to": "duration",
				"map": {"5": "5", "10": "10"}}}}},
"kling-native": {
	"provider": "kling",
	"model": "kling-v2-1",
	"mode": "video",
	"base_url": "https://api-singapore.klingai.com",
	"base_url_env": "MINA_PROVIDER_KLING_URL",
	"auth": {"header": "Authorization", "prefix": "Bearer ",
		"secret_env": "MINA_PROVIDER_KLING_KEY"},
	"create": {"method": "POST", "path": "/v1/videos/image2video",
		"body": {
			"model_name": "kling-v2-1",
			"prompt": "$prompt",
			"image": "$start_image",
			"image_tail": "$end_image",
			"mode": "$settings.mode",
			"duration": "$settings.duration",
			"callback_url": "$callback_url",
			"external_task_id": "$generation_id"},
		"timeout_ms": 30000},
	"success": {"pointer": "/code", "value": 0},
	"errors": {"pointer": "/code",
		"retry": [5000, 5001, 5002],
		"busy": [1302, 1303],
		"moderated": [1300, 1301],
		"rejected": [1100, 1101, 1102, 1103, 1304]},
	"job": {"id": "/data/task_id", "status": "/data/task_status",
		"error": "/data/task_status_msg",
		"output": "/data/task_result/videos"},
	"states": {"submitted": "wait", "processing": "wait",
		"succeed": "done", "failed": "failed"},
	"poll": {"method": "GET", "path": "/v1/videos/image2video/{id}",
		"first_ms": 5000, "max_ms": 10000, "factor": 1.5,
		"deadline_ms": 1800000},
	"reconcile": {"path": "/v1/videos/image2video/{generation_id}",
		"single": true, "id": "/data/task_id", "absent": [404, 1203]},
	"callback": {"scheme": "token",
		"secret_env": "MINA_PROVIDER_KLING_CALLBACK_SECRET"},
	"cooldown": {"failures": 3, "window_ms": 60000, "ms": 60000},
	"output_hosts": [".kwimgs.com", ".inkwai.com", ".klingai.com"],
	"output_hosts_env": "MINA_PROVIDER_KLING_HOSTS",
	"refusal": ["sensitive", "risk", "safety", "policy", "moderat"],
	"rate": {"create_per_min": 60, "other_per_min": 1200},
	"capabilities": {
		"ratios": [],
		"prompt_max": 2500,
		"images": {"max": 2, "types": ["image/jpeg", "image/png"],
			"max_bytes": 10485760, "min_side": 300,
			"max_aspect": 2.5},
		"end_image": {"mode": "pro"},
		"settings": {
			"durationSec": {"type": "enum", "values": [5, 10],
				"default": 5, "to": "duration",
				"map": {"5": "5", "10": "10"}},
			"quality": {"type": "enum",
				"values": ["standard", "pro"],
				"default": "standard", "to": "mode",
				"map": {"standard": "std", "pro": "pro"}}}}},
"kling-native-jwt": {
	"provider": "kling",
	"model": "kling-v2-1",
	"mode": "video",
	"base_url": "https://api-singapore.klingai.com",
	"base_url_env": "MINA_PROVIDER_KLING_URL",
	"auth": {"scheme": "jwt_hs256",
		"access_env": "MINA_PROVIDER_KLING_ACCESS_KEY",
		"secret_env": "MINA_PROVIDER_KLING_SECRET_KEY"},
	"create": {"method": "POST", "path": "/v1/videos/image2video",
		"body": {
			"model_name": "kling-v2-1",
			"prompt": "$prompt",
			"image": "$start_image",
			"image_tail": "$end_image",
			"mode": "$settings.mode",
			"duration": "$settings.duration",
			"callback_url": "$callback_url",
			"external_task_id": "$generation_id"},
		"timeout_ms": 30000},
	"success": {"pointer": "/code", "value": 0},
	"errors": {"pointer": "/code",
		"retry": [5000, 5001, 5002],
		"busy": [1302, 1303],
		"moderated": [1300, 1301],
		"rejected": [1100, 1101, 1102, 1103, 1304]},
	"job": {"id": "/data/task_id", "status": "/data/task_status",
		"error": "/data/task_status_msg",
		"output": "/data/task_result/videos"},
	"states": {"submitted": "wait", "processing": "wait",
		"succeed": "done", "failed": "failed"},
	"poll": {"method": "GET", "path": "/v1/videos/image2video/{id}",
		"first_ms": 5000, "max_ms": 10000, "factor": 1.5,
		"deadline_ms": 1800000},
	"reconcile": {"path": "/v1/videos/image2video/{generation_id}",
		"single": true, "id": "/data/task_id", "absent": [404, 1203]},
	"callback": {"scheme": "token",
		"secret_env": "MINA_PROVIDER_KLING_CALLBACK_SECRET"},
	"cooldown": {"failures": 3, "window_ms": 60000, "ms": 60000},
	"output_hosts": [".kwimgs.com", ".inkwai.com", ".klingai.com"],
	"output_hosts_env": "MINA_PROVIDER_KLING_HOSTS",
	"refusal": ["sensitive", "risk", "safety", "policy", "moderat"],
	"rate": {"create_per_min": 60, "other_per_min": 1200},
	"capabilities": {
		"ratios": [],
		"prompt_max": 2500,
		"images": {"max": 2, "types": ["image/jpeg", "image/png"],
			"max_bytes": 10485760, "min_side": 300,
			"max_aspect": 2.5},
		"end_image": {"mode": "pro"},
		"settings": {
			"durationSec": {"type": "enum", "values": [5, 10],
				"default": 5, "to": "duration",
				"map": {"5": "5", "10": "10"}},
			"quality": {"type": "enum",
				"values": ["standard", "pro"],
				"default": "standard", "to": "mode",
				"map": {"standard": "std", "pro": "pro"}}}}}}$json$;
begin
	if exists (select 1 from mega_admin
	    where mg_record_type = 'app_config'
	    and mg_key = 'mma.provider.registry'
	    and mg_value #> '{value,seeded}' ? 'more-1') then
		return;
	end if;
	select value into v_have from mina_config('mma.provider.registry');
	if v_have is null then
		return;		-- the registry is disabled
	end if;
	perform mina_config_put('mma.provider.registry', v_have ||
	    jsonb_build_object('providers', v_new || (v_have -> 'providers'),
	    'seeded', coalesce(v_have -> 'seeded', '[]') || '["more-1"]'),
	    null);
end
$do$;

-- Words and codes that tell whose fault an error is, added once to the entries
-- above, and left alone where an administrator has put others. Sources:
-- replicate.com/docs/reference/error-codes and issues of replicate/cog; the
-- error table of Ark (docs.byteplus.com, ModelArk 1299023); Kling's API
-- reference, where 1000 to 1004 are about the key, 1100 to 1103 about the
-- account, 1203 about the model; fal's client, where "Exhausted balance" comes
-- with 403.
do $do$
declare
	v_have jsonb;
	v_providers jsonb;
	v_words jsonb;
	v_key text;
begin
	if exists (select 1 from mega_admin
	    where mg_record_type = 'app_config'
	    and mg_key = 'mma.provider.registry'
	    and mg_value #> '{value,seeded}' ? 'words-1') then
		return;
	end if;
	select value into v_have from mina_config('mma.provider.registry');
	if v_have is null then
		return;		-- the registry is disabled
	end if;
	v_providers := v_have -> 'providers';
	for v_key, v_words in select * from jsonb_each($json${
"replicate": {
	"skip": ["logs"],
	"our_trouble": ["Invalid version or not permitted",
		"insufficient credit", "billing required"],
	"bad_input": ["must be at least", "must be between",
		"is not supported", "not a valid image",
		"cannot identify image", "E006"]},
"ark": {
	"errors": {"ours": ["AuthenticationError", "AccountOverdueError",
		"AccessDenied", "InvalidEndpoint", "InvalidEndpointOrModel",
		"ModelNotOpen", "QuotaExceeded"]}},
"fal": {
	"skip": ["logs"],
	"our_trouble": ["exhausted balance"],
	"bad_input": ["must be at least", "must be between",
		"is not supported", "value_error"]},
"kling": {
	"errors": {"ours": [1000, 1001, 1002, 1003, 1004, 1100, 1101, 1102,
		1103, 1203, 1304]},
	"bad_input": ["must be at least", "must be between",
		"is not supported", "invalid image", "pixel is invalid"]}}$json$)
	loop
		select jsonb_object_agg(key, case
		    when lower(value ->> 'base_url_env') = 'mina_provider_' ||
		    v_key || '_url' then mina_merge(v_words, value)
		    else value end)
		into v_providers from jsonb_each(v_providers);
	end loop;
	perform mina_config_put('mma.provider.registry', v_have ||
	    jsonb_build_object('providers', coalesce(v_providers, '{}'),
	    'seeded', coalesce(v_have -> 'seeded', '[]') || '["words-1"]'),
	    null);
end
$do$;
