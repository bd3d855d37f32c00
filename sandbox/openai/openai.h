/*
 * openai - the emulated OpenAI: chat completions
 */
#ifndef SANDBOX_OPENAI_H
#define SANDBOX_OPENAI_H

#include "core/emulator.h"

extern const struct emulator openai_emulator;

#endif
