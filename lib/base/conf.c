/*
 * conf - the table of conf.def, the settings file, and typed access
 *
 * The file's lines become environment variables, so there is one place to
 * look a value up.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"

struct setting {
	const char	*name, *def, *about;
};

static const struct setting table[CONF__MAX] = {
#define CONF(id, n, d, a)	[id] = { .name = n, .def = d, .about = a },
#include "base/conf.def"
#undef CONF
};

static void
set_line(char *line)
{
	char *eq, *end;

	line += strspn(line, " \t");
	if (*line == '#' || (eq = strchr(line, '=')) == NULL)
		return;
	*eq++ = '\0';
	for (end = eq + strlen(eq); end > eq &&
	    isspace((unsigned char)end[-1]); end--)
		;
	*end = '\0';
	if (end - eq >= 2 && (*eq == '"' || *eq == '\'') && end[-1] == *eq) {
		end[-1] = '\0';
		eq++;
	}
	if (*line != '\0')
		setenv(line, eq, 0);
}

bool
conf_load(void)
{
	const char *path = getenv("MINA_CONF");
	char *line = NULL;
	size_t size = 0;
	FILE *f;
	bool ok;

	if (path == NULL || *path == '\0')
		return true;
	if ((f = fopen(path, "re")) == NULL) {
		perror(path);
		return false;
	}
	while (getline(&line, &size, f) > 0)
		set_line(line);
	free(line);
	if (!(ok = !ferror(f)))		/* fopen() takes directories, too */
		perror(path);
	fclose(f);
	return ok;
}

static const struct setting *
setting(enum conf id)
{
	if ((unsigned)id >= CONF__MAX)
		BUG("no such setting");
	return &table[id];
}

const char *
conf_str(enum conf id)
{
	const struct setting *s = setting(id);
	const char *v = getenv(s->name);

	if (v != NULL && *v != '\0')
		return v;
	return s->def != NULL ? s->def : "";
}

int64_t
conf_int(enum conf id)
{
	int64_t v;

	if (str_int(conf_str(id), INT64_MIN, INT64_MAX, &v))
		return v;
	if (!str_int(setting(id)->def, INT64_MIN, INT64_MAX, &v))
		BUG("the default is not a number");
	return v;
}

bool
conf_has(enum conf id)
{
	return setting(id)->def != NULL || *conf_str(id) != '\0';
}

const char *
conf_name(enum conf id)
{
	return setting(id)->name;
}

bool
conf_lists(enum conf id, const char *item)
{
	const char *p = conf_str(id);
	size_t n, len = strlen(item);

	for (; *p != '\0'; p += n + (p[n] == ',')) {
		p += strspn(p, " ");
		n = strcspn(p, ",");
		if (n == len && strncmp(p, item, n) == 0)
			return true;
	}
	return false;
}

void
conf_print(void)
{
	for (int i = 0; i < CONF__MAX; i++)
		printf("%s\t%s\t%s\n", table[i].name, table[i].def == NULL ?
		    "(required)" : table[i].def, table[i].about);
}
