/*
 * s3cors - what browsers may do with the store
 */
#ifndef SANDBOX_CORS_H
#define SANDBOX_CORS_H

struct req;
struct resp;

/* Names the origin's rights on an answer. */
void	s3cors_allow(struct req *, struct resp *);

#endif
