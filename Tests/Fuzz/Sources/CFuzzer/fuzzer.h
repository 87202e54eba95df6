// The part of libFuzzer's interface (llvm.org/docs/LibFuzzer.html) that the fuzz targets call.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Mutates `size` bytes in place, never beyond `max_size`. Returns the new size.
size_t LLVMFuzzerMutate(uint8_t *_Nonnull data, size_t size, size_t max_size);

// Reads the options, then fuzzes `test`; returns the exit status.
int LLVMFuzzerRunDriver(int *_Nonnull argc, char *_Nullable *_Nullable *_Nonnull argv,
                        int (*_Nonnull test)(const uint8_t *_Nullable data, size_t size));
