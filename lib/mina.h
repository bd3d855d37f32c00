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
 * t/tree/routes.sh compares every program's --routes with nginx/routes.conf
 * and the page's ROUTES, t/route/identity.sh and t/route/idempotency.sh with
 * their tables; they fail when a step was forgotten.  t/tree/rooms.sh checks
 * the includes, t/tree/style.sh the calls and the columns.
 */
#ifndef MINA_H
#define MINA_H

#include "account/admin.h"
#include "account/archive.h"
#include "account/ident.h"
#include "account/ledger.h"
#include "account/passref.h"
#include "account/session.h"
#include "account/token.h"
#include "app.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mediatype.h"
#include "base/str.h"
#include "base/url.h"
#include "config/registry.h"
#include "config/settings.h"
#include "gen/asset.h"
#include "gen/callback.h"
#include "gen/feedback_event.h"
#include "gen/fetch.h"
#include "gen/gen.h"
#include "gen/request.h"
#include "gen/suggestion.h"
#include "io/loop.h"
#include "io/s3.h"
#include "mma/prompt/suggest.h"
#include "pg/pg.h"
#include "shop/shop.h"
#include "web/cursor.h"
#include "web/idempotency.h"

#endif
