/*
 * mina - the header that FastCGI programs include; how to add a route
 *
 * Adding a route
 * --------------
 *
 * 1. man/NAME.8: write the page first.
 * 2. cgi-bin/NAME.c: handlers, a table of routes, MINA_MAIN(NAME).
 * 3. cgi-bin/cgi-bin.am: two lines, the program and its page.
 * 4. nginx/routes.conf: a location.
 * 5. t/route/NAME.sh: a test that runs the program from the command line; and
 *    its line in shell_tests of t/t.am.
 * 6. t/identity.tab: a row that says which clients may use the route.
 * 7. t/idempotency.tab: a row, if the route writes and has R_OWNER.
 * 8. ChangeLog: a line that names NAME(8).
 *
 * When a step was forgotten, a test fails: t/tree/routes.sh compares what a
 * program prints for --routes with its page, nginx/routes.conf, the tests and
 * the ChangeLog; t/route/identity.sh and t/route/idempotency.sh compare it
 * with their tables.  t/tree/rooms.sh checks includes.
 */
#ifndef MINA_H
#define MINA_H

#include "app.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/idmap.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mediatype.h"
#include "base/str.h"
#include "base/url.h"

#include "io/loop.h"
#include "io/s3.h"

#include "pg/pg.h"
#include "pg/pgtime.h"

#include "config/registry.h"
#include "config/settings.h"

#include "queue/note.h"

#include "web/cursor.h"
#include "web/idempotency.h"
#include "web/share.h"

#include "account/admin.h"
#include "account/archive.h"
#include "account/budget.h"
#include "account/confirm.h"
#include "account/ident.h"
#include "account/ledger.h"
#include "account/passref.h"
#include "account/session.h"
#include "account/token.h"

#include "gen/asset.h"
#include "gen/callback.h"
#include "gen/feedback_event.h"
#include "gen/fetch.h"
#include "gen/gen.h"
#include "gen/request.h"
#include "gen/suggestion.h"

#include "shop/shop.h"

#include "mma/prompt/suggest.h"

#endif
