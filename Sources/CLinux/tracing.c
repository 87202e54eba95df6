#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

int clinux_trace_stop(int pid, unsigned patience_ms) {
    long result = SYSCALL(SYS_ptrace, PTRACE_SEIZE, pid, NULL, NULL);
    if (result < 0)
        return (int)result;
    result = SYSCALL(SYS_ptrace, PTRACE_INTERRUPT, pid, NULL, NULL);
    if (result < 0)
        return (int)result;
    for (unsigned waited = 0; waited <= patience_ms; waited++) {
        int status = 0;
        result = SYSCALL(SYS_wait4, pid, &status, WNOHANG | __WALL, NULL);
        if (result < 0)
            return (int)result;
        if (result == pid) {
            if (!WIFSTOPPED(status))
                return -ESRCH;
            /* Stopped by us, or by a signal that it is to get all the same. */
            return status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);
        }
        const struct timespec millisecond = {.tv_nsec = 1000000};
        nanosleep(&millisecond, NULL);
    }
    return -ETIMEDOUT;
}

int clinux_trace_seccomp_filter(int pid, unsigned index, void *bytes) {
    return (int)SYSCALL(SYS_ptrace, PTRACE_SECCOMP_GET_FILTER, pid, (unsigned long)index, bytes);
}

int clinux_trace_resume(int pid, int signal) {
    return (int)SYSCALL(SYS_ptrace, PTRACE_DETACH, pid, NULL, (unsigned long)signal);
}
