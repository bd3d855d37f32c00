/*
 * mina.h - what a program includes
 *
 * Adding a route
 * --------------
 *
 * 1. man/<name>.8: write the page first.
 * 2. cgi-bin/<name>.c: handlers, table, MINA_MAIN(<name>).
 * 3. Makefile.am: three lines.
 * 4. nginx/routes.conf: one location.
 * 5. t/02NN-<name>.sh: what it promises, in CGI mode.
 * 6. t/identity.tab: a row: who may.
 * 7. t/idempotency.tab: a row, if it writes and belongs to somebody.
 * 8. ChangeLog: a line.
 *
 * t/0002-routes.sh compares every program's --routes with nginx/routes.conf
 * and the page's ROUTES, t/0250-identity.sh and t/0255-idempotency.sh with
 * their tables; they fail when a step was forgotten.  t/0001-layers.sh checks
 * the includes, t/0003-style.sh the calls and the columns.
 */
#ifndef MINA_H
#define MINA_H

#include "admin.h"
#include "app.h"
#include "asset.h"
#include "buf.h"
#include "callback.h"
#include "conf.h"
#include "cx.h"
#include "fetch.h"
#include "event.h"
#include "gen.h"
#include "hash.h"
#include "history.h"
#include "ident.h"
#include "json.h"
#include "kind.h"
#include "ledger.h"
#include "log.h"
#include "loop.h"
#include "once.h"
#include "mma/suggest.h"
#include "order.h"
#include "page.h"
#include "pg.h"
#include "ref.h"
#include "registry.h"
#include "s3.h"
#include "session.h"
#include "settings.h"
#include "shop.h"
#include "str.h"
#include "token.h"
#include "suggest.h"
#include "url.h"
#include "when.h"

#endif
