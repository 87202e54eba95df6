#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

int clinux_clone3(uint64_t flags, uint64_t exit_signal, int cgroup, int *pidfd) {
    struct clone_args arguments = {
        .flags = flags,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = exit_signal,
        .cgroup = flags & CLINUX_CLONE_INTO_CGROUP ? (uint64_t)cgroup : 0,
    };
    return (int)SYSCALL(SYS_clone3, &arguments, sizeof arguments);
}

int clinux_clone(uint64_t flags, uint64_t exit_signal, int *pidfd) {
    if (flags >> 32 != 0 || (flags & 0xff) != 0 || exit_signal > 0xff)
        return -EINVAL;
    return (int)SYSCALL(SYS_clone, flags | exit_signal, 0UL, pidfd, 0UL, 0UL);
}

int clinux_clone_sibling(int *pid) {
    return (int)SYSCALL(SYS_clone, CLINUX_CLONE_PARENT | CLINUX_CLONE_PARENT_SETTID, 0UL, pid, 0UL, 0UL);
}

int clinux_waitid(int id_type, int id, int options, struct clinux_wait_status *status) {
    siginfo_t info;
    info.si_pid = 0;
    info.si_code = 0;
    info.si_status = 0;
    long result = SYSCALL(SYS_waitid, id_type, id, &info, options, NULL);
    if (result < 0)
        return (int)result;
    status->pid = info.si_pid;
    status->code = info.si_code;
    status->status = info.si_status;
    return 0;
}

int clinux_pidfd_open(int pid, unsigned flags) {
    return (int)SYSCALL(SYS_pidfd_open, pid, flags);
}

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return (int)SYSCALL(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int clinux_pidfd_getfd(int pidfd, int fd) {
    return (int)SYSCALL(SYS_pidfd_getfd, pidfd, fd, 0);
}

int clinux_kill(int pid, int signal) {
    return (int)SYSCALL(SYS_kill, pid, signal);
}

int clinux_execve(const char *path, char *const *arguments, char *const *environment) {
    return (int)SYSCALL(SYS_execve, path, arguments, environment);
}

int clinux_execveat(int directory, const char *path, char *const *arguments, char *const *environment, int flags) {
    return (int)SYSCALL(SYS_execveat, directory, path, arguments, environment, flags);
}

_Noreturn void clinux_exit(int code) {
    syscall(SYS_exit_group, code);
    __builtin_trap();
}

int clinux_setsid(void) {
    return (int)SYSCALL(SYS_setsid);
}

int clinux_setpgid(int pid, int group) {
    return (int)SYSCALL(SYS_setpgid, pid, group);
}

int clinux_setns(int fd, int types) {
    return (int)SYSCALL(SYS_setns, fd, types);
}

int clinux_unshare(uint64_t flags) {
    return (int)SYSCALL(SYS_unshare, flags);
}

int clinux_getpid(void) {
    return (int)SYSCALL(SYS_getpid);
}

int clinux_getppid(void) {
    return (int)SYSCALL(SYS_getppid);
}

int clinux_getpgrp(void) {
    return (int)SYSCALL(SYS_getpgid, 0);
}

int clinux_getsid(void) {
    return (int)SYSCALL(SYS_getsid, 0);
}

int clinux_gettid(void) {
    return (int)SYSCALL(SYS_gettid);
}

int clinux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return (int)SYSCALL(SYS_prctl, option, a, b, c, d);
}

int clinux_set_name(const char *name) {
    return (int)SYSCALL(SYS_prctl, PR_SET_NAME, name, 0UL, 0UL, 0UL);
}

int clinux_personality(unsigned long persona) {
    return (int)SYSCALL(SYS_personality, persona);
}

int clinux_sched_setattr(int pid, const struct clinux_scheduler *attributes) {
    struct sched_attr raw = {
        .size = sizeof raw,
        .sched_policy = attributes->policy,
        .sched_flags = attributes->flags,
        .sched_nice = attributes->nice,
        .sched_priority = attributes->priority,
        .sched_runtime = attributes->runtime,
        .sched_deadline = attributes->deadline,
        .sched_period = attributes->period,
    };
    return (int)SYSCALL(SYS_sched_setattr, pid, &raw, 0U);
}

int clinux_sched_getattr(int pid, struct clinux_scheduler *attributes) {
    struct sched_attr raw = {.size = sizeof raw};
    long result = SYSCALL(SYS_sched_getattr, pid, &raw, sizeof raw, 0U);
    if (result < 0)
        return (int)result;
    *attributes = (struct clinux_scheduler){
        .policy = raw.sched_policy,
        .flags = raw.sched_flags,
        .nice = raw.sched_nice,
        .priority = raw.sched_priority,
        .runtime = raw.sched_runtime,
        .deadline = raw.sched_deadline,
        .period = raw.sched_period,
    };
    return 0;
}

/* IOPRIO_WHO_PROCESS of linux/ioprio.h. */
enum { WHO_PROCESS = 1 };

int clinux_ioprio_set(int pid, int value) {
    return (int)SYSCALL(SYS_ioprio_set, WHO_PROCESS, pid, value);
}

int clinux_ioprio_get(int pid) {
    return (int)SYSCALL(SYS_ioprio_get, WHO_PROCESS, pid);
}

int clinux_sched_setaffinity(int pid, const void *mask, size_t size) {
    return (int)SYSCALL(SYS_sched_setaffinity, pid, size, mask);
}

int clinux_sched_getaffinity(int pid, void *mask, size_t size) {
    return (int)SYSCALL(SYS_sched_getaffinity, pid, size, mask);
}

int clinux_set_mempolicy(int mode, const unsigned long *nodes, unsigned long node_count) {
    return (int)SYSCALL(SYS_set_mempolicy, mode, nodes, node_count);
}

int clinux_set_rlimit(int pid, int resource, uint64_t soft, uint64_t hard) {
    uint64_t limits[2] = {soft, hard};
    return (int)SYSCALL(SYS_prlimit64, pid, resource, limits, NULL);
}

int clinux_get_rlimit(int pid, int resource, uint64_t *soft, uint64_t *hard) {
    uint64_t limits[2];
    long result = SYSCALL(SYS_prlimit64, pid, resource, NULL, limits);
    if (result < 0)
        return (int)result;
    *soft = limits[0];
    *hard = limits[1];
    return 0;
}

_Static_assert(sizeof(struct clinux_poll) == sizeof(struct pollfd), "the layout of struct pollfd");
_Static_assert(offsetof(struct clinux_poll, events) == offsetof(struct pollfd, events), "the layout of struct pollfd");
_Static_assert(offsetof(struct clinux_poll, revents) == offsetof(struct pollfd, revents), "the layout of struct pollfd");

int clinux_poll_entries(struct clinux_poll *entries, size_t count, int timeout_milliseconds) {
    struct timespec timeout = {
        .tv_sec = timeout_milliseconds / 1000,
        .tv_nsec = (long)(timeout_milliseconds % 1000) * 1000000,
    };
    return (int)SYSCALL(SYS_ppoll, entries, count, timeout_milliseconds < 0 ? NULL : &timeout, NULL, 0);
}

int clinux_sigprocmask(int how, uint64_t set, uint64_t *old) {
    return (int)SYSCALL(SYS_rt_sigprocmask, how, &set, old, sizeof set);
}

int clinux_signalfd(uint64_t set) {
    return (int)SYSCALL(SYS_signalfd4, -1, &set, sizeof set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* struct sigaction as the kernel has it, the same on all architectures that are served. libc's sigaction hides two
 * signals of its own. */
struct kernel_sigaction {
    uintptr_t handler;
    unsigned long flags;
    uintptr_t restorer;
    uint64_t mask;
};

int clinux_set_disposition(int signal, int ignore) {
    struct kernel_sigaction action = {.handler = ignore ? 1 : 0};
    return (int)SYSCALL(SYS_rt_sigaction, signal, &action, NULL, sizeof action.mask);
}

int clinux_discard_children(void) {
    struct kernel_sigaction action = {.flags = SA_NOCLDWAIT};
    return (int)SYSCALL(SYS_rt_sigaction, SIGCHLD, &action, NULL, sizeof action.mask);
}

int clinux_get_disposition(int signal) {
    struct kernel_sigaction action;
    long result = SYSCALL(SYS_rt_sigaction, signal, NULL, &action, sizeof action.mask);
    if (result < 0)
        return (int)result;
    return action.handler < 2 ? (int)action.handler : 2;
}

int clinux_read_signal(int fd, struct clinux_signal *signal) {
    struct signalfd_siginfo info;
    long result = SYSCALL(SYS_read, fd, &info, sizeof info);
    if (result < 0)
        return (int)result;
    if (result != sizeof info)
        return 0;
    *signal = (struct clinux_signal){
        .number = info.ssi_signo,
        .code = info.ssi_code,
        .sender_pid = info.ssi_pid,
        .sender_uid = info.ssi_uid,
        .status = info.ssi_status,
    };
    return 1;
}
