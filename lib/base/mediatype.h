/*
 * kind - what sort of file it is
 *
 * By its first bytes, not by what anybody calls it.
 */
#ifndef MINA_MEDIATYPE_H
#define MINA_MEDIATYPE_H

#include <stddef.h>

/* A media type from the first bytes (16 are enough); NULL: nothing we know. */
const char *mediatype_sniff(const void *, size_t);
/* "jpg" for "image/jpeg"; NULL for a type we do not take from people. */
const char *mediatype_ext(const char *type);
/* The way back; NULL likewise. */
const char *mediatype_of_ext(const char *ext);

#endif
