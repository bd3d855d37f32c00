/*
 * fuzz-s3 - fuzz target of s3_canonical()
 *
 * The request is made from lines "method path", "?name=value" and
 * "name:value". Fields are encoded, so that no input can add a line.
 */
#include "config.h"

#include "fuzz.h"
#include "io/s3.h"

static const struct s3_creds creds = { "AK", "SK", "auto", "s3" };

static void
read_request(char *s, struct s3_request *rq)
{
	char *save = NULL, *line, *sep;

	rq->method = "GET";
	rq->path = "/";
	line = strtok_r(s, "\n", &save);
	if (line != NULL)
		rq->path = line;
	while ((line = strtok_r(NULL, "\n", &save)) != NULL) {
		sep = strpbrk(line + 1, line[0] == '?' ? "=" : ":");
		if (sep == NULL)
			continue;
		*sep = '\0';
		if (line[0] == '?' && rq->nquery < S3_MAXPAIR - 8)
			s3_query(rq, line + 1, sep + 1);
		else if (line[0] != '?' && rq->nheader < S3_MAXPAIR - 8)
			s3_header(rq, line, sep + 1);
	}
	s3_header(rq, "host", "h");
}

static size_t
lines(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct s3_request rq = { .payload = "UNSIGNED-PAYLOAD" };
	struct cx cx;
	char *c, *url;

	if (n > 8192)
		return 0;
	cx_init(&cx, 64 << 20);
	read_request(fuzz_string(&cx, p, n), &rq);
	c = s3_canonical(&cx, &rq);
	HOLDS(c != NULL && strcmp(c, s3_canonical(&cx, &rq)) == 0);
	HOLDS(strncmp(c, "GET\n", 4) == 0);
	HOLDS(lines(c) == 5 + rq.nheader);
	HOLDS(strspn(c + 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
	    "wxyz0123456789-._~%/") == strcspn(c + 4, "\n"));
	HOLDS(strlen(s3_signature(&cx, &creds, &rq)) == 64);
	url = s3_presign_url(&cx, &creds, &rq, 60);
	HOLDS(url != NULL && strncmp(url, "https://", 8) == 0);
	url += strlen(url) - 64 - strlen("&X-Amz-Signature=");
	HOLDS(strncmp(url, "&X-Amz-Signature=", 17) == 0);
	cx_release(&cx);
	return 0;
}
