// A try for each capability: with it the call does its harmless work, or fails later for another reason. Nothing but
// that capability and those that the kernel takes in its stead (for some, CAP_SYS_ADMIN) must make a difference.
#define _GNU_SOURCE
#include "try.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

// A process of another user, in the same PID namespace.
static pid_t other_process(void) {
    char text[16] = "";
    int fd = open(TRY_OTHER_PID, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
        return -1;
    close(fd);
    return (pid_t)atoi(text);
}

static int new_file(const char *path) {
    unlink(path);
    return open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0700);
}

static long try_CHOWN(void) {
    int fd = new_file(TRY_WRITABLE "/chown");
    return fd < 0 ? TRY_NEEDS_MORE : fchown(fd, 1, 1);
}

// For writing: to read, CAP_DAC_READ_SEARCH would do as well.
static long try_DAC_OVERRIDE(void) { return open(TRY_OTHER_PRIVATE, O_WRONLY | O_CLOEXEC); }

// A handle of a type that no file system has: the one who may open by handle learns that it is stale.
static long try_DAC_READ_SEARCH(void) {
    struct {
        struct file_handle handle;
        unsigned char bytes[8];
    } made = {{.handle_bytes = 8, .handle_type = 0x7f}, {0}};
    return syscall(SYS_open_by_handle_at, AT_FDCWD, &made, O_RDONLY);
}

static long try_FOWNER(void) { return chmod(TRY_OTHER_READABLE, 0644); }

// Without the capability the kernel drops the set-group-id bit without a word: the file itself tells.
static long try_FSETID(void) {
    struct stat status;
    if (chmod(TRY_FOREIGN_GROUP, 02750) < 0 || stat(TRY_FOREIGN_GROUP, &status) < 0)
        return TRY_NEEDS_MORE;
    errno = EPERM;
    return status.st_mode & S_ISGID ? 0 : -1;
}

// The null signal: only the permission is asked for.
static long try_KILL(void) {
    pid_t other = other_process();
    return other < 0 ? TRY_NEEDS_MORE : kill(other, 0);
}

static long try_SETGID(void) { return syscall(SYS_setresgid, 1234, 1234, 1234); }
static long try_SETUID(void) { return syscall(SYS_setresuid, 1234, 1234, 1234); }
static long try_SETPCAP(void) { return prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0); }

// The flag is taken away again; the file is on the container's tmpfs and goes with it.
static long try_LINUX_IMMUTABLE(void) {
    int fd = new_file(TRY_WRITABLE "/immutable"), flags = 0;
    if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return TRY_NEEDS_MORE;
    int with = flags | FS_IMMUTABLE_FL;
    long result = ioctl(fd, FS_IOC_SETFLAGS, &with);
    int error = errno;
    if (result == 0)
        ioctl(fd, FS_IOC_SETFLAGS, &flags);
    errno = error;
    return result;
}

static long try_NET_BIND_SERVICE(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(81)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd < 0 ? TRY_NEEDS_MORE : bind(fd, (struct sockaddr *)&address, sizeof address);
}

// Nothing checks this capability when something is broadcast; listening to every network namespace does.
static long try_NET_BROADCAST(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), on = 1;
    return fd < 0 ? TRY_NEEDS_MORE : setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof on);
}

static long try_NET_ADMIN(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), size = 4096;
    return fd < 0 ? TRY_NEEDS_MORE : setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
}

static long try_NET_RAW(void) { return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP); }

static long try_IPC_LOCK(void) {
    struct rlimit none = {0, 0};
    static char page[8192];
    return setrlimit(RLIMIT_MEMLOCK, &none) < 0 ? TRY_NEEDS_MORE : mlock(page, 4096);
}

// A segment that its mode gives to nobody, in the container's own IPC namespace.
static long try_IPC_OWNER(void) {
    int segment = shmget(IPC_PRIVATE, 4096, 0);
    if (segment < 0)
        return TRY_NEEDS_MORE;
    void *at = shmat(segment, NULL, 0);
    int error = errno;
    shmctl(segment, IPC_RMID, NULL);
    errno = error;
    return at == (void *)-1 ? -1 : 0;
}

// No module has an unreadable name.
static long try_SYS_MODULE(void) { return syscall(SYS_delete_module, NULL, 0); }

// The block of a file, asked for at an address where nothing is: the permission is checked first.
static long try_SYS_RAWIO(void) {
    int fd = new_file(TRY_WRITABLE "/rawio");
    return fd < 0 ? TRY_NEEDS_MORE : ioctl(fd, FIBMAP, NULL);
}

static long try_SYS_CHROOT(void) { return chroot("/"); }

// Another user's process, read at an address where nothing is.
static long try_SYS_PTRACE(void) {
    char byte;
    struct iovec local = {&byte, 1}, remote = {(void *)8, 1};
    pid_t other = other_process();
    return other < 0 ? TRY_NEEDS_MORE : syscall(SYS_process_vm_readv, other, &local, 1UL, &remote, 1UL, 0UL);
}

// Never with NULL: that would end the host's accounting.
static long try_SYS_PACCT(void) { return syscall(SYS_acct, TRY_MISSING); }

// The name of the container's own UTS namespace.
static long try_SYS_ADMIN(void) { return sethostname("probe", 5); }

// The magic numbers are compared after the permission.
static long try_SYS_BOOT(void) { return syscall(SYS_reboot, 0, 0, 0, NULL); }

static long try_SYS_NICE(void) { return setpriority(PRIO_PROCESS, 0, -5); }

static long try_SYS_RESOURCE(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return TRY_NEEDS_MORE;
    limit.rlim_max++;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

// A tick of nothing is refused, but only to one who may change the clock: to the others nothing is told.
static long try_SYS_TIME(void) {
    struct timex change = {.modes = ADJ_TICK, .tick = 0};
    return syscall(SYS_adjtimex, &change);
}

// In a session of its own there is no terminal to hang up.
static long try_SYS_TTY_CONFIG(void) {
    setsid();
    return syscall(SYS_vhangup);
}

static long try_MKNOD(void) {
    unlink(TRY_WRITABLE "/null");
    return mknod(TRY_WRITABLE "/null", S_IFCHR | 0600, makedev(1, 3));
}

static long try_LEASE(void) {
    int fd = open(TRY_OTHER_READABLE, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? TRY_NEEDS_MORE : fcntl(fd, F_SETLEASE, F_RDLCK);
}

// One line in the audit log, where there is one.
static long try_AUDIT_WRITE(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
    if (fd < 0)
        return TRY_NEEDS_MORE;
    struct {
        struct nlmsghdr header;
        char text[16];
    } message = {{sizeof message, AUDIT_USER, NLM_F_REQUEST | NLM_F_ACK, 1, 0}, "probe"};
    if (send(fd, &message, sizeof message, 0) < 0)
        return -1;
    struct timeval wait = {2, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    char answer[4096];
    for (;;) {
        ssize_t got = recv(fd, answer, sizeof answer, 0);
        if (got < (ssize_t)sizeof(struct nlmsghdr))
            return TRY_NEEDS_MORE;
        struct nlmsghdr *header = (struct nlmsghdr *)(void *)answer;
        if (header->nlmsg_type == NLMSG_ERROR) {
            errno = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
            return errno ? -1 : 0;
        }
    }
}

// This child's login id: setting it is free once, changing it is not. (The audit messages that need this capability are
// refused to every other PID namespace than the host's.)
static long try_AUDIT_CONTROL(void) {
    int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return TRY_NEEDS_MORE;
    // Refused if it is set already: then the next one decides all the same.
    (void)!pwrite(fd, "1234", 4, 0);
    return pwrite(fd, "1235", 4, 0) < 0 ? -1 : 0;
}

static long try_AUDIT_READ(void) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1)};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
    return fd < 0 ? TRY_NEEDS_MORE : bind(fd, (struct sockaddr *)&address, sizeof address);
}

static long try_SETFCAP(void) {
    struct vfs_cap_data data = {.magic_etc = VFS_CAP_REVISION_2};
    int fd = new_file(TRY_WRITABLE "/setfcap");
    return fd < 0 ? TRY_NEEDS_MORE : fsetxattr(fd, "security.capability", &data, XATTR_CAPS_SZ_2, 0);
}

// How much of the kernel's log is unread.
static long try_SYSLOG(void) { return syscall(SYS_syslog, 9, NULL, 0); }

static long try_WAKE_ALARM(void) { return timerfd_create(CLOCK_BOOTTIME_ALARM, TFD_CLOEXEC); }

// Without the capability the kernel takes the flag away without a word; only the descriptor's own record has it.
static long try_BLOCK_SUSPEND(void) {
    int poll = epoll_create1(EPOLL_CLOEXEC), pipes[2];
    if (poll < 0 || pipe2(pipes, O_CLOEXEC) < 0)
        return TRY_NEEDS_MORE;
    struct epoll_event event = {.events = EPOLLIN | EPOLLWAKEUP};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, pipes[0], &event) < 0)
        return -1;
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", poll);
    FILE *record = fopen(path, "re");
    unsigned events = 0;
    while (record && fgets(text, sizeof text, record))
        if (sscanf(text, "tfd: %*d events: %x", &events) == 1)
            break;
    errno = EPERM;
    return events & EPOLLWAKEUP ? 0 : -1;
}

// Every process on one processor, the kernel included: counted, not sampled.
static long try_PERFMON(void) {
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .config = PERF_COUNT_SW_CPU_CLOCK};
    return syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

// A map of one entry, gone with this child.
static long try_BPF(void) {
    union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_STACK, .key_size = 0, .value_size = 4, .max_entries = 1};
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);
}

// Asking for a process id that is taken: refused for that reason only to one who may ask.
static long try_CHECKPOINT_RESTORE(void) {
    pid_t mine = getpid();
    struct clone_args arguments = {
        .exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&mine, .set_tid_size = 1};
    long child = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0)
        _exit(0);
    return child;
}

#define TRY(name) {"CAP_" #name, try_##name}

const struct try capability_tries[] = {
    TRY(CHOWN),
    TRY(DAC_OVERRIDE),
    TRY(DAC_READ_SEARCH),
    TRY(FOWNER),
    TRY(FSETID),
    TRY(KILL),
    TRY(SETGID),
    TRY(SETUID),
    TRY(SETPCAP),
    TRY(LINUX_IMMUTABLE),
    TRY(NET_BIND_SERVICE),
    TRY(NET_BROADCAST),
    TRY(NET_ADMIN),
    TRY(NET_RAW),
    TRY(IPC_LOCK),
    TRY(IPC_OWNER),
    TRY(SYS_MODULE),
    TRY(SYS_RAWIO),
    TRY(SYS_CHROOT),
    TRY(SYS_PTRACE),
    TRY(SYS_PACCT),
    TRY(SYS_ADMIN),
    TRY(SYS_BOOT),
    TRY(SYS_NICE),
    TRY(SYS_RESOURCE),
    TRY(SYS_TIME),
    TRY(SYS_TTY_CONFIG),
    TRY(MKNOD),
    TRY(LEASE),
    TRY(AUDIT_WRITE),
    TRY(AUDIT_CONTROL),
    TRY(SETFCAP),
    TRY(SYSLOG),
    TRY(WAKE_ALARM),
    TRY(BLOCK_SUSPEND),
    TRY(AUDIT_READ),
    TRY(PERFMON),
    TRY(BPF),
    TRY(CHECKPOINT_RESTORE),
    {0},
};
