/*
 * catalog - looks up a style in the setting mma.catalog
 */
#include "config.h"

#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "config/settings.h"
#include "mma/prompt/catalog.h"

coroutine_fn enum err
catalog_phrase(struct cx *cx, const char *list, const char *id,
    const char **phrase)
{
	struct app_setting cat;
	const struct cJSON *js;
	enum err er;

	*phrase = NULL;
	if (id == NULL || str_eq(id, "none"))
		return E_OK;
	if ((er = settings_app(cx, "mma.catalog", &cat)) != E_OK)
		return er;
	for (js = json_first(json_get(cat.value, list)); js != NULL;
	    js = json_next(js))
		if (str_eq(json_text(json_get(js, "id")), id)) {
			*phrase = json_text(json_get(js, "prompt"));
			return E_OK;
		}
	return E_OK;
}
