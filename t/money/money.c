/*
 * money - random operations on the ledger, compared with a model
 *
 *	money OPS SEED CLIENTS BATCH WEB RUN MODEL
 *
 * Carries out OPS operations from CLIENTS clients at once against the Mina
 * that its environment (MINA_CONF) describes, and compares everything with a
 * model after every BATCH.  Of 100 operations that can do either, WEB go over
 * HTTPS, and the others call the SQL functions that the programs call.  RUN is
 * where the pids of its programs are; they are killed at random (none when it
 * is "").  The model is written to MODEL.  Ends with 0 when nothing differed.
 * See money.h for what is asked of it.
 */
#include "config.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "../tools/minting.h"
#include "mina.h"
#include "money.h"

#define USERS		48		/* a batch; then others */
#define OP_MEMORY	(8 << 20)
#define TOKEN_S		(48 * 3600)

uint64_t	 seed;
struct pack	 pack[PACKS];
size_t		 npack;
int64_t		 price, welcome, welcome_anon;
struct account	*user[USERS];
size_t		 nuser;

static struct client	*client;
static int		 nclient;
static int64_t		 ops, batch;
static const char	*run_dir, *model_path;
static int64_t		 done[OP__MAX], spent_us[OP__MAX];
static bool		 over;
static int		 status = 1;

/* How often each is done, of 100. */
static const struct {
	const char	*name;
	void		(*fn)(struct cx *, struct client *);
	unsigned	 share;
} op[OP__MAX] = {
	[OP_BUY] = { "buy", op_buy, 15 },
	[OP_EDIT] = { "edit", op_edit, 9 },
	[OP_STALE] = { "stale", op_stale, 3 },
	[OP_REFUND] = { "refund", op_refund, 8 },
	[OP_EARLY] = { "early", op_early, 3 },
	[OP_AMOUNT] = { "amount", op_amount, 6 },
	[OP_CALL_OFF] = { "call-off", op_call_off, 2 },
	[OP_DISPUTE] = { "dispute", op_dispute, 5 },
	[OP_UNKNOWN] = { "unknown", op_unknown, 2 },
	[OP_REDACT] = { "redact", op_redact, 1 },
	[OP_SPEND] = { "spend", op_spend, 20 },
	[OP_FAIL] = { "fail", op_fail, 2 },
	[OP_CANCEL] = { "cancel", op_cancel, 7 },
	[OP_EXPIRE] = { "expire", op_expire, 2 },
	[OP_ADJUST] = { "adjust", op_adjust, 7 },
	[OP_CLAIM] = { "claim", op_claim, 5 },
	[OP_RACE] = { "race", op_race, 1 },
	[OP_NEWCOMER] = { "newcomer", op_newcomer, 2 },
};

/* --- chance: splitmix64 (Steele, Lea and Flood 2014), a sequence each */

static uint64_t
next(uint64_t *dice)
{
	uint64_t z = (*dice += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t
roll(uint64_t *dice, uint64_t below)
{
	return next(dice) % below;
}

static uint64_t
dice_of(uint64_t who)
{
	uint64_t d = seed * 0x2545f4914f6cdd1d + who;

	return next(&d);
}

void
uuid_for(char out[UUID_LEN], const char *what, int64_t a, int64_t b)
{
	char s[128];
	int n = snprintf(s, sizeof s, "%" PRIu64 " %s %" PRId64 " %" PRId64,
	    seed, what, a, b);

	crypto_uuid_of(s, (size_t)n, out);
}

/* --- people */

struct account *
user_new(const char *what, int64_t a, int64_t b)
{
	const char *secret = conf_str(C_AUTH_SECRET);
	char uuid[UUID_LEN], s[1024];
	struct account *u;

	uuid_for(uuid, what, a, b);
	snprintf(s, sizeof s, "pass:user:%s", uuid);
	u = account_new(s);
	snprintf(u->user, sizeof u->user, "%s", uuid);
	snprintf(u->email, sizeof u->email, "%.13s@people.example", uuid);
	snprintf(s, sizeof s, "{\"iss\":\"%s\",\"sub\":\"%s\","
	    "\"aud\":\"authenticated\",\"exp\":%" PRId64 ",\"iat\":%" PRId64
	    ",\"email\":\"%s\",\"phone\":\"\",\"role\":\"authenticated\","
	    "\"is_anonymous\":false,\"amr\":[{\"method\":\"otp\","
	    "\"timestamp\":1}],\"app_metadata\":{\"provider\":\"email\"},"
	    "\"user_metadata\":{}}", conf_str(C_AUTH_URL), uuid,
	    clock_now() / 1000 + TOKEN_S, clock_now() / 1000, u->email);
	u->token = minting_token("HS256", secret, strlen(secret), NULL, NULL,
	    s);
	return u;
}

/* --- what the place is like */

static const struct stmt S_PACKS = STMT_READ("machine_packs",
    "select e.key, e.value::int from mina_config('credits.packs') c, "
    "jsonb_each_text(c.value) e order by e.key collate \"C\"");

static int64_t
ask_int(struct cx *cx, const struct account *u, const char *pass,
    const char *path, const char *member)
{
	struct ask a = { .method = "GET", .path = path, .pass = pass,
	    .token = u != NULL ? u->token : NULL };

	ask(cx, &a);
	return json_int_or(json_pointer(a.js, member), -1);
}

/* Others for each batch: what is read of an account grows with its past. */
static void
new_users(struct cx *cx, int64_t n)
{
	for (nuser = 0; nuser < USERS; nuser++) {
		user[nuser] = user_new("user", (int64_t)nuser, n);
		user[nuser]->credits = ask_int(cx, user[nuser], NULL, "/me",
		    "/credits");
		if (nuser % 2 == 0)
			user[nuser]->shopper = 1000 + n * USERS +
			    (int64_t)nuser;
		if (n > 0 && user[nuser]->credits != welcome)
			differs("%s starts with %" PRId64, user[nuser]->pass,
			    user[nuser]->credits);
	}
	welcome = user[0]->credits;
}

static bool
set_up(struct cx *cx)
{
	const struct rows *rows;
	char uuid[UUID_LEN];

	if (pg_each(cx, &S_PACKS, &rows) != E_OK) {
		differs("no packs: %s", cx->err.detail);
		return false;
	}
	for (size_t i = 0; i < rows_n(rows) && npack < PACKS; i++, npack++) {
		snprintf(pack[npack].sku, sizeof pack[npack].sku, "%s",
		    row_text(rows_at(rows, i), 0));
		pack[npack].matcha = row_int(rows_at(rows, i), 1);
	}
	new_users(cx, 0);
	uuid_for(uuid, "probe", 0, 0);
	/* Asking does not make the pass a customer. */
	welcome_anon = ask_int(cx, NULL, cx_fmt(cx, "pass:anon:%s", uuid),
	    "/me", "/credits");
	price = ask_int(cx, user[0], NULL, "/credits/balance",
	    "/prices/still");
	printf("# %zu packs, a still costs %" PRId64 ", welcome %" PRId64
	    ", %" PRId64 " for the anonymous\n", npack, price, welcome,
	    welcome_anon);
	return npack > 0 && welcome >= 0 && welcome_anon >= 0 && price > 0;
}

/* --- a client */

static enum op
draw(uint64_t *dice)
{
	uint64_t n = roll(dice, 100);
	int o = 0;

	while (o < OP__MAX - 1 && n >= op[o].share)
		n -= op[o++].share;
	return (enum op)o;
}

static void
work(void *arg)
{
	struct client *cl = arg;
	struct cx cx;
	int64_t began;
	enum op o;

	for (; cl->todo > 0; cl->todo--) {
		app_cx(&cx, OP_MEMORY);
		o = draw(&cl->dice);
		began = loop_us();
		op[o].fn(&cx, cl);
		spent_us[o] += loop_us() - began;
		done[o]++;
		cx_release(&cx);
	}
}

/* --- kill -9 */

static pid_t
pid_of(const char *name)
{
	char path[512];
	long pid = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.child", run_dir, name);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	if (fscanf(f, "%ld", &pid) != 1)
		pid = 0;
	fclose(f);
	return (pid_t)pid;
}

static void
killer(void *arg)
{
	static const char *const victim[] = { "worker", "generate", "shopify",
	    "worker", "me", "credits", "generations", "generate", "shopify" };
	uint64_t dice = dice_of(1 << 20);
	struct cx cx;
	pid_t pid;

	(void)arg;
	while (!over) {
		app_cx(&cx, 1 << 20);
		loop_sleep(&cx, 200 + (int64_t)roll(&dice, 5000));
		pid = pid_of(victim[roll(&dice, sizeof victim /
		    sizeof victim[0])]);
		if (!over && pid > 1 && kill(pid, SIGKILL) == 0)
			totals.kills++;
		cx_release(&cx);
	}
}

/* --- batch after batch */

static void
report(int64_t so_far, int64_t us)
{
	printf("# %" PRId64 ":", so_far);
	for (int o = 0; o < OP__MAX; o++)
		printf(" %s %" PRId64 " (%.0f ms)", op[o].name, done[o],
		    done[o] > 0 ? 1e-3 * (double)spent_us[o] /
		    (double)done[o] : 0.0);
	printf("; delivered %" PRId64 " failed %" PRId64 " lines %" PRId64
	    "; kills %" PRId64 " lost %" PRId64 " repeats %" PRId64
	    " late %" PRId64 "; canceled %" PRId64 " too late %" PRId64
	    "; balances %" PRId64 " differences %" PRId64
	    "; %.0f ops/s\n",
	    totals.delivered, totals.failed, totals.lines, totals.kills,
	    totals.lost, totals.repeats, totals.late, totals.canceled,
	    totals.too_late, totals.compared, totals.differences,
	    1e6 * (double)batch / (double)us);
	fflush(stdout);
}

static void
books(bool more)
{
	struct cx cx;

	app_cx(&cx, 512 << 20);
	make_known(&cx, batch_no);
	model_settle(&cx, NULL);
	model_compare(&cx);
	batch_no++;
	if (more && totals.differences == 0)
		new_users(&cx, batch_no);
	cx_release(&cx);
}

static void
all_of_it(void *arg)
{
	int64_t left = ops, began, took;
	struct cx cx;
	bool ready;

	(void)arg;
	app_cx(&cx, OP_MEMORY);
	ready = set_up(&cx);
	cx_release(&cx);
	if (!ready)
		differs("it cannot be set up");
	else if (*run_dir != '\0')
		loop_go(killer, NULL);
	while (ready && left > 0 && totals.differences == 0) {
		batch = batch < left ? batch : left;
		began = loop_us();
		for (int i = 0; i < nclient; i++)
			client[i].todo = (int)(batch / nclient +
			    (i < batch % nclient));
		loop_all(work, client, sizeof *client, (size_t)nclient);
		left -= batch;
		books(left > 0);
		took = loop_us() - began;
		report(ops - left, took);
	}
	over = true;
	if (!model_write(model_path))
		differs("%s cannot be written", model_path);
	status = totals.differences != 0;
	loop_stop();
}

int
main(int argc, char **argv)
{
	int64_t n, s;

	if (argc != 8 || !str_int(argv[1], 1, 100000000, &ops) ||
	    !str_int(argv[2], 0, INT64_MAX, &s) ||
	    !str_int(argv[3], 1, 1000, &n) ||
	    !str_int(argv[4], 1, 100000000, &batch) ||
	    !str_int(argv[5], 0, 100, &web_share)) {
		fprintf(stderr, "usage: money OPS SEED CLIENTS BATCH WEB RUN "
		    "MODEL\n");
		return 2;
	}
	seed = (uint64_t)s;
	nclient = (int)n;
	run_dir = argv[6];
	model_path = argv[7];
	XXXAN(client = calloc((size_t)n, sizeof *client));
	for (int i = 0; i < nclient; i++) {
		client[i].no = i;
		client[i].dice = dice_of((uint64_t)i);
	}
	app_init("machine", APP_DB | APP_HTTP);
	loop_go(all_of_it, NULL);
	loop_run();
	log_flush();
	return status;
}
