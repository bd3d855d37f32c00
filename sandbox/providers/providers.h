/*
 * providers - the emulated providers of stills and films
 */
#ifndef SANDBOX_PROVIDERS_H
#define SANDBOX_PROVIDERS_H

#include "core/emulator.h"

extern const struct emulator replicate_emulator, ark_emulator,
	    kling_emulator, fal_emulator;
/* What all of them made: the jobs, and the files to collect. */
extern const struct emulator predictions_emulator;

#endif
