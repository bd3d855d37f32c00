/*
 * kind - what sort of file it is
 *
 * By its first bytes, not by what anybody calls it.
 */
#ifndef MINA_KIND_H
#define MINA_KIND_H

#include <stddef.h>

/* A media type from the first bytes (16 are enough); NULL: nothing we know. */
const char *kind_sniff(const void *, size_t);
/* "jpg" for "image/jpeg"; NULL for a type we do not take from people. */
const char *kind_ext(const char *type);
/* The way back; NULL likewise. */
const char *kind_of_ext(const char *ext);

#endif
