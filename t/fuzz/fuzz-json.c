/*
 * fuzz-json - fuzz target of json_parse()
 *
 * What it takes is printed and parsed again to the same tree.
 */
#include "config.h"

#include "base/json.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct cJSON *tree = NULL, *again = NULL;
	const char *s, *t;
	int64_t v;
	struct cx cx;

	cx_init(&cx, 64 << 20);
	if (json_parse(&cx, (const char *)p, n, &tree) == E_OK) {
		s = json_print(&cx, tree);
		HOLDS(json_parse(&cx, s, strlen(s), &again) == E_OK);
		t = json_print(&cx, again);
		HOLDS(strcmp(s, t) == 0);
		HOLDS(json_count(tree) == json_count(again));
		json_pointer(tree, "/a/0/b~1c");
		v = -1;
		if (json_may_int(&cx, tree, "", "n", -9, 9, &v) == E_OK)
			HOLDS(v >= -9 && v <= 9);
	} else {
		HOLDS(tree == NULL && cx.err.code != E_OK);
	}
	cx_release(&cx);
	return 0;
}
