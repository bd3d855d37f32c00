/*
 * banned - calls that do not compile here, as in git
 *
 * String functions without a bound or that truncate silently, functions that
 * return static storage, temporary file names, libfcgi's printf (it fails on
 * %zu and %jd), and curl's select() interface.
 */
#ifndef MINA_BANNED_H
#define MINA_BANNED_H

#ifdef __GNUC__
/* The headers that declare them come first, or poisoning would hit those. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Some of them are macros where clang fortifies. */
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets
#pragma GCC poison atoi atol atof localtime gmtime ctime asctime
#pragma GCC poison mktemp tmpnam
#define FCGX_FPrintF	sorry_use_buf_and_FCGX_PutStr
#define curl_multi_fdset sorry_use_the_socket_interface
#endif

#endif
