#ifndef CLINUX_RESULT_H
#define CLINUX_RESULT_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What syscall(2) returned, in this library's form: >= 0, or the errno negated. */
static inline long result_of(long returned) {
    return returned < 0 ? -(long)errno : returned;
}

#define SYSCALL(...) result_of(syscall(__VA_ARGS__))

/* Newer than Linux 6.1, whose headers this is built with. The number is the same on all architectures. */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#endif
