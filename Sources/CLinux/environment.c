#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <time.h>

int clinux_clock(int clock, int64_t *seconds, int64_t *nanoseconds) {
    struct timespec now;
    long result = result_of(clock_gettime(clock, &now));
    if (result < 0)
        return (int)result;
    *seconds = now.tv_sec;
    *nanoseconds = now.tv_nsec;
    return 0;
}

char **clinux_environment(void) {
    return environ;
}

static int argument_count;
static char **argument_values;

/* The C library hands the arguments to constructors. */
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    argument_values = values;
}

char **clinux_arguments(int *count) {
    *count = argument_count;
    return argument_values;
}
