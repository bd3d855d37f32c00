/*
 * object_store - the emulated object store, path style under /mina-media
 */
#ifndef SANDBOX_OBJECT_STORE_H
#define SANDBOX_OBJECT_STORE_H

#include "core/emulator.h"

extern const struct emulator s3_emulator;

#endif
