/*
 * money - random operations on the ledger, and a model of the balances
 *
 * Clients (coroutines) buy, spend, cancel, claim and so on against a whole
 * Mina, over HTTPS, while its programs are killed.  What each one does is a
 * pure function of the seed and the client's number; when it happens, and so
 * who finds the purse empty, is not.
 *
 * The model knows nothing from the database but how each generation ended
 * (and that is checked against what the answers said).  Everything else is
 * from answers: an answer that was lost is asked for again, under the same
 * key, until there is one.
 */
#ifndef MINA_MONEY_H
#define MINA_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"

struct cJSON;
struct cx;

/* --- the model (model.c) */

#define ROWS	32
struct spend {
	struct spend	*next;
	char		 tag[64];	/* its brief, found again in the rows */
	char		 id[64];	/* as answered; "" for none */
	bool		 keyed;
	int		 admitted;	/* answers that named a generation */
	int		 unsure;	/* requests without any answer */
	int		 found;		/* rows */
	char		 row[ROWS][64];	/* their ids */
};

struct account {
	char		 pass[64];
	char		 user[UUID_LEN];	/* "" for one without */
	char		 email[64];
	char		*token;
	int64_t		 shopper;	/* the shop's customer id; 0: none */
	int64_t		 credits, debt;
	struct account	*into;		/* merged into */
	struct spend	*spends;	/* since the last books */
	/* Many at once for what commutes, one for what does not. */
	int		 users;
	bool		 alone;
	bool		 gone;		/* erased: its row goes, in a while */
	struct waiting	*queue, **last;
};

struct account *account_new(const char *pass);
/* Who the account has become part of, or itself. */
struct account *account_of(struct account *);
void	 account_merge(struct account *from, struct account *into);
void	 account_enter(struct account *, bool alone);
void	 account_leave(struct account *);
struct spend *account_spend(struct account *, bool keyed,
	    const char *tag);

/*
 * Waits until nothing of the account is under way, and takes what was
 * delivered off the model.  NULL: of all accounts.
 */
void	 model_settle(struct cx *, struct account *);
/* Everything there is against the model; what differs is printed. */
void	 model_compare(struct cx *);
/* The model as it stands, a line for each account. */
bool	 model_write(const char *path);

struct totals {
	int64_t	lines, sold;		/* order lines credited; matcha */
	int64_t	taken;			/* by refunds */
	int64_t	delivered, failed;	/* generations */
	int64_t	canceled, too_late;	/* by SQL calls, after the purchase */
	int64_t	compared;		/* balances, the last time */
	int64_t	differences;
	int64_t	kills, repeats, lost;
	int64_t	late;			/* refused, yet made: model.c */
};
extern struct totals totals;

/* Something is not as it must be: counted, and said. */
void	 differs(const char *, ...) __attribute__((format(printf, 1, 2)));

/* --- asking (web.c) */

struct ask {
	const char	*method, *path;
	const char	*body;		/* NULL: none */
	const char	*key;		/* Idempotency-Key, or NULL */
	const char	*topic;		/* signed as the shop does, or NULL */
	const char	*delivery;
	const char	*token;		/* or NULL */
	const char	*pass;		/* selector, or NULL */
	bool		 wait;		/* for the generation */
	bool		 control;	/* the sandbox's */
	bool		 lose;		/* give up early, the first time */
	bool		 direct;	/* the SQL function of the topic */
	/* The answer. */
	int		 status;
	const struct cJSON *js;
	int		 tries;
};

/* One in how many operations goes over HTTPS; the others are SQL calls. */
extern int64_t web_share;
bool	 over_web(uint64_t *dice);

/* Until there is an answer that means something. */
void	 ask(struct cx *, struct ask *);
/* Once; status 0 when there was none. */
void	 ask_once(struct cx *, struct ask *);

/* --- clients (money.c, ops.c, spend.c) */

enum op { OP_BUY, OP_EDIT, OP_STALE, OP_REFUND, OP_EARLY, OP_AMOUNT,
	OP_CALL_OFF, OP_DISPUTE, OP_UNKNOWN, OP_REDACT, OP_SPEND, OP_FAIL,
	OP_CANCEL, OP_EXPIRE, OP_ADJUST, OP_CLAIM, OP_RACE, OP_NEWCOMER,
	OP__MAX };

struct pack {
	char	sku[64];
	int64_t	matcha;
};
#define PACKS		16
#define LINES		3
#define BOUGHT		32

#define REFUNDS		6
#define PIECE		5000	/* the price of a piece, in thousandths */

/* As the shop has it: n pieces ordered, cut of them edited away. */
struct line {
	int64_t	id;
	int	pack, n, cut, refunded;
};
struct returned {
	int64_t	id;
	int	n[LINES];
};
struct dispute {
	int64_t	id, amount;
	bool	lost;			/* the money is away */
};
/* An order, and what its answers have said so far. */
struct purchase {
	struct account	*who;
	int64_t		 id, at;	/* at: updated_at, s */
	int		 nline;
	struct line	 line[LINES];
	struct returned	 refund[REFUNDS];
	int		 nrefund;
	struct dispute	 dispute;
	int64_t		 paid_back;	/* without lines */
	bool		 foreign;	/* one more line, that is not ours */
	bool		 guest;		/* has an address and no customer */
	bool		 back, off;	/* refunded; cancelled */
	const char	*sku;		/* NULL: that of the pack */
	/* Of the answers. */
	int64_t		 credited, set_off, taken, debt;
	int64_t		 lines_taken;	/* by refunds of lines */
};

struct client {
	int		 no, todo;
	uint64_t	 dice;
	int64_t		 serial;	/* for ids of its own */
	struct purchase	 bought[BOUGHT];
	size_t		 nbought;
	struct account	*anon;		/* not claimed yet, or NULL */
};

extern uint64_t		 seed;
extern struct pack	 pack[PACKS];
extern size_t		 npack;
extern int64_t		 price, welcome, welcome_anon;
extern struct account	*user[];
extern size_t		 nuser;		/* those that are busy now */

uint64_t roll(uint64_t *dice, uint64_t below);
void	 uuid_for(char out[UUID_LEN], const char *what, int64_t a, int64_t b);
struct account *user_new(const char *what, int64_t a, int64_t b);
/* Signs in, perhaps with an anonymous pass; what was new is in the model. */
void	 sign_in(struct cx *, struct account *, struct account *anon,
	    bool lose);

void	 op_buy(struct cx *, struct client *);
void	 op_edit(struct cx *, struct client *);
void	 op_stale(struct cx *, struct client *);
void	 op_amount(struct cx *, struct client *);
void	 op_call_off(struct cx *, struct client *);
void	 op_dispute(struct cx *, struct client *);
void	 op_unknown(struct cx *, struct client *);
void	 op_redact(struct cx *, struct client *);
void	 op_refund(struct cx *, struct client *);
void	 op_early(struct cx *, struct client *);
void	 op_adjust(struct cx *, struct client *);
void	 op_expire(struct cx *, struct client *);
void	 op_spend(struct cx *, struct client *);
void	 op_fail(struct cx *, struct client *);
void	 op_cancel(struct cx *, struct client *);
void	 op_claim(struct cx *, struct client *);
void	 op_race(struct cx *, struct client *);
void	 op_newcomer(struct cx *, struct client *);

/* An order of one's own for who, sent until it is credited. */
void	 buy_for(struct cx *, struct client *, struct account *who,
	    struct purchase *);
/* An order of an address nobody has yet; taken when its owner is there. */
void	 buy_as_guest(struct cx *, struct client *, struct account *who,
	    struct purchase *);
void	 buy_found(struct cx *, struct client *, struct purchase *);
/* The shop's customer goes, and all that was told of them. */
void	 redact(struct cx *, struct client *, int64_t shopper);
/* The unknown SKU of this batch becomes known. */
void	 make_known(struct cx *, int64_t batch_no);
extern int64_t batch_no;
void	 bought(struct client *, const struct purchase *);

#endif
