/*
 * pgrow - results as rows; private to pg
 */
#ifndef MINA_PGROW_H
#define MINA_PGROW_H

#include "pg/pg.h"

/* Check the number of rows against the shape the call named; see pg_run. */
enum err pg_shape(struct cx *, const struct stmt *, void *result, int shape,
    const struct row **, const struct rows **) MUSTCHECK;

#endif
