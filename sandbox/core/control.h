/*
 * control - what tests order and read under /_sandbox
 */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "core/emulator.h"

extern const struct emulator control_emulator;

#endif
