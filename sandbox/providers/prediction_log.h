/*
 * predlog - predictions in the journal, written and read back
 */
#ifndef SANDBOX_PREDICTION_LOG_H
#define SANDBOX_PREDICTION_LOG_H

#include <stdbool.h>

#include "base/err.h"

struct cx;
struct prediction;

/* False, with errno, when it cannot be opened. */
bool	 predlog_open(void);
void	 predlog_forget(void);
/* E_STORAGE when it could not be written. */
enum err predlog_create(struct cx *, struct prediction *) MUSTCHECK;
void	 predlog_end(struct prediction *);

#endif
