/*
 * mint - make keys and tokens for tests
 *
 *	mint --new ALG --kid K			a private JWK
 *	mint --public FILE ...			{"keys":[..]} of public halves
 *	mint --key FILE [--alg ALG] [--kid K] [--head JSON] --claims JSON
 *						a token
 *
 * FILE has a private JWK.  ALG is ES256 by default; with HS256 the bytes of
 * FILE are the secret, all of them; with none there is no FILE.  --head adds
 * to the header and wins.  Each result is a line on stdout.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minting.h"

#define FILE_MAX	65536
#define FILES		64

static char *
slurp(const char *path, size_t *len)
{
	static char text[FILES][FILE_MAX];
	static int files;
	char *s = text[files++];
	FILE *f = fopen(path, "re");

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	*len = fread(s, 1, FILE_MAX - 1, f);
	fclose(f);
	return s;
}

static int
usage(void)
{
	fprintf(stderr, "usage: mint --new ALG --kid K | --public FILE ... |\n"
	    "       --key FILE [--alg ALG] [--kid K] [--head JSON] "
	    "--claims JSON\n");
	return 2;
}

static int
public_set(int argc, char **argv)
{
	const char *key[FILES];
	size_t n = 0, len;

	for (int i = 0; i < argc && n < FILES; i++)
		key[n++] = slurp(argv[i], &len);
	return puts(minting_jwks(key, n)) < 0;
}

int
main(int argc, char **argv)
{
	static const struct option opts[] = {
		{ "new", required_argument, NULL, 'n' },
		{ "public", no_argument, NULL, 'p' },
		{ "key", required_argument, NULL, 'f' },
		{ "alg", required_argument, NULL, 'a' },
		{ "kid", required_argument, NULL, 'k' },
		{ "head", required_argument, NULL, 'h' },
		{ "claims", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	const char *alg = "ES256", *kid = NULL, *head = NULL, *claims = NULL;
	const char *file = NULL, *key = "";
	size_t len = 0;
	int ch, what = 0;

	while ((ch = getopt_long(argc, argv, "", opts, NULL)) != -1)
		switch (ch) {
		case 'n':
			what = 'n';
			alg = optarg;
			break;
		case 'p':
			what = 'p';
			break;
		case 'f':
			file = optarg;
			break;
		case 'a':
			alg = optarg;
			break;
		case 'k':
			kid = optarg;
			break;
		case 'h':
			head = optarg;
			break;
		case 'c':
			claims = optarg;
			break;
		default:
			return usage();
		}
	if (what == 'p')
		return public_set(argc - optind, argv + optind);
	if (optind != argc)
		return usage();
	if (what == 'n')
		return kid == NULL ? usage() : puts(minting_key(alg, kid)) < 0;
	if (claims == NULL || (file == NULL && strcmp(alg, "none") != 0))
		return usage();
	if (file != NULL)
		key = slurp(file, &len);
	return puts(minting_token(alg, key, len, kid, head, claims)) < 0;
}
