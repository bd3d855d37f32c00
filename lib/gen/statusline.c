/*
 * statusline - chooses a status message for a mode and stage at random
 */
#include "config.h"

#include <stdint.h>

#include "base/crypto.h"
#include "base/cx.h"
#include "base/json.h"
#include "config/settings.h"
#include "gen/statusline.h"

coroutine_fn enum err
statusline_pick(struct cx *cx, const char *mode, const char *stage,
    const char **line)
{
	const struct cJSON *list, *js;
	struct app_setting set;
	uint16_t chance;
	size_t n = 0;
	enum err er;

	*line = NULL;
	er = settings_app(cx, "mma.lines", &set);
	if (er == E_NOTFOUND)
		return E_OK;
	if (er != E_OK)
		return er;
	list = json_get(json_get(set.value, mode), stage);
	for (js = json_first(list); js != NULL; js = json_next(js))
		n++;
	if (n == 0)
		return E_OK;
	crypto_random(&chance, sizeof chance);
	js = json_first(list);
	for (n = chance % n; n > 0; n--)
		js = json_next(js);
	*line = json_text(js);
	return E_OK;
}
