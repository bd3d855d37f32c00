/*
 * s3 - the emulated object store, path style under /mina-media
 */
#ifndef SANDBOX_S3_H
#define SANDBOX_S3_H

#include "core/emulator.h"

extern const struct emulator s3_emulator;

#endif
