/* An input that is used up from its beginning; what is beyond its end is zeros. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *bytes;
    size_t left;
};

/* Ends the program where something doesn't hold. */
void require(int holds, const char *what);
uint8_t take_byte(struct input *input);
size_t take_number(struct input *input);
/* On the heap, of exactly that length. */
void *take_bytes(struct input *input, size_t count);
/* A C string on the heap, of exactly its length. */
char *take_text(struct input *input);

void try_arguments(struct input *input);
void try_early_start(struct input *input);
void try_constructor(struct input *input);
