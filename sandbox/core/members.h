/*
 * members - writing several members of a JSON object in one call
 *
 *	json_put(js, j_str("status", "succeeded"), j_int("width", w),
 *	    j_obj("urls"), j_str("get", url), j_end());
 *
 * Each j_*() is the json_*() of base/json.h, done in the order written;
 * arguments are evaluated before any of them, in no certain order.
 */
#ifndef SANDBOX_MEMBERS_H
#define SANDBOX_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "web/resp.h"

struct member {
	const char	*key;
	enum { M_STR, M_INT, M_ID, M_NUM, M_BOOL, M_TIME, M_RAW, M_TREE, M_OBJ,
	    M_LIST, M_END, M_CONST, M_CALL } type;
	union {
		const char	*s;
		int64_t		 i;
		double		 d;
		const struct cJSON *tree;
	};
	void		(*fn)(struct json *, const char *key, int64_t);
};

#define MEMBER(name, type_, arg, field)					\
	static inline struct member					\
	name(const char *key, arg v)					\
	{								\
		return (struct member){ .key = key, .type = type_,	\
		    .field = v };					\
	}
MEMBER(j_str, M_STR, const char *, s)
MEMBER(j_int, M_INT, int64_t, i)
MEMBER(j_id, M_ID, int64_t, i)		/* a string of digits; 0: null */
MEMBER(j_num, M_NUM, double, d)
MEMBER(j_bool, M_BOOL, bool, i)
MEMBER(j_time, M_TIME, int64_t, i)
MEMBER(j_raw, M_RAW, const char *, s)
MEMBER(j_tree, M_TREE, const struct cJSON *, tree)
#undef MEMBER

static inline struct member
j_obj(const char *key)
{
	return (struct member){ .key = key, .type = M_OBJ };
}

static inline struct member
j_list(const char *key)
{
	return (struct member){ .key = key, .type = M_LIST };
}

static inline struct member
j_end(void)
{
	return (struct member){ .type = M_END };
}

/*
 * Members that are always the same, with blanks between them and ' for ":
 *	j_const("note:null test:false currency:'USD' tax_lines:[]")
 */
static inline struct member
j_const(const char *members)
{
	return (struct member){ .type = M_CONST, .s = members };
}

/* What fn writes, for a room's own types of members. */
static inline struct member
j_call(const char *key, void (*fn)(struct json *, const char *, int64_t),
    int64_t v)
{
	return (struct member){ .key = key, .type = M_CALL, .i = v,
	    .fn = fn };
}

#define MEMBERS(...)	(const struct member[]){ __VA_ARGS__ },		\
	sizeof((const struct member[]){ __VA_ARGS__ }) / sizeof(struct member)
#define json_put(js, ...)	members_put(js, MEMBERS(__VA_ARGS__))
/* An answer of these members, all of it. */
#define json_reply(rs, status, ...)					\
	members_reply(rs, status, MEMBERS(__VA_ARGS__))

void	 members_put(struct json *, const struct member *, size_t);
enum err members_reply(struct resp *, int status, const struct member *,
	    size_t) MUSTCHECK;

#endif
