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

/* Of Swift's standard library, which every program of this package has. */
char **_swift_stdlib_getUnsafeArgvArgc(int *count);

char **clinux_arguments(int *count) {
    *count = 0;
    return _swift_stdlib_getUnsafeArgvArgc(count);
}
