/*
 * postmortem - defines mina_post_mortem, where a debugger starts
 */
#include "config.h"

#include "base/postmortem.h"

struct post_mortem mina_post_mortem = {
	.magic = "MINA POST MORTEM 1",
	.version = PACKAGE_VERSION,
	.all_tail = &mina_post_mortem.all,
};
