/*
 * mediatype - media types by the first bytes of a file
 *
 * Names and Content-Type of files from outside are not relied on.
 */
#ifndef MINA_MEDIATYPE_H
#define MINA_MEDIATYPE_H

#include <stddef.h>

/* A media type from the first bytes (16 are enough); NULL: not known. */
const char *mediatype_sniff(const void *, size_t);
/* "jpg" for "image/jpeg"; NULL for a type that clients cannot upload. */
const char *mediatype_ext(const char *type);
/* The reverse; NULL likewise. */
const char *mediatype_of_ext(const char *ext);

#endif
