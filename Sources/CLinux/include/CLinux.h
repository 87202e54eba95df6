#ifndef CLINUX_H
#define CLINUX_H

/*
 * The kernel's interfaces as plain functions, for LinuxSys and nobody else.
 *
 * Contract of every function here, unless its own comment says otherwise:
 * - It makes exactly one system call and decides nothing. No allocation, no logging, no state.
 * - It returns a value >= 0, or the errno negated. The C variable errno is of no interest to a caller.
 * - EINTR is returned as -EINTR: retrying is the caller's decision.
 * - Strings end with a NUL and are not kept. Descriptors are not kept, and not closed.
 * - A descriptor that is made is close-on-exec where the call can say so; else the comment tells.
 * - The kernel version is that of the first Linux with the call; an older one gives -ENOSYS.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <termios.h>

/* Descriptors and files (files.c) */

/* openat(2). flags are O_*; O_CLOEXEC is the caller's to give. mode counts with O_CREAT and O_TMPFILE only. */
int clinux_openat(int directory, const char *path, int flags, uint32_t mode);

/* openat2(2), Linux 5.6. resolve is CLINUX_RESOLVE_*. -EAGAIN: a race with a rename or a mount; try again. */
int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

static const uint64_t CLINUX_RESOLVE_NO_XDEV = 0x01;
static const uint64_t CLINUX_RESOLVE_NO_MAGICLINKS = 0x02;
static const uint64_t CLINUX_RESOLVE_NO_SYMLINKS = 0x04;
static const uint64_t CLINUX_RESOLVE_BENEATH = 0x08;
static const uint64_t CLINUX_RESOLVE_IN_ROOT = 0x10;

static const int CLINUX_O_PATH = 010000000;
static const int CLINUX_O_TMPFILE_BIT = 020000000;

/* close(2). Never to be tried again: the descriptor is gone even after -EINTR. */
int clinux_close(int fd);

/* read(2), write(2): the count of bytes, which may be less than asked for. */
long clinux_read(int fd, void *buffer, size_t count);
long clinux_write(int fd, const void *bytes, size_t count);

/* readlinkat(2). path "" reads the link that directory (an O_PATH descriptor) is. Not NUL-terminated. A result of
 * capacity bytes may be cut. */
long clinux_readlinkat(int directory, const char *path, void *buffer, size_t capacity);

struct clinux_file_status {
    uint64_t inode;
    uint64_t size;       /* bytes */
    uint64_t mount_id;   /* as in mountinfo; 0 before Linux 5.8 */
    uint64_t attributes; /* STATX_ATTR_*, those that the file system reports */
    int64_t changed;     /* ctime, nanoseconds after 1970 */
    uint32_t mode;       /* type and permission bits */
    uint32_t uid;
    uint32_t gid;
    uint32_t link_count;
    uint32_t device_major, device_minor;
    uint32_t rdev_major, rdev_minor;
};

/* statx(2) of path below directory; flags are AT_*. With AT_EMPTY_PATH and path "": of directory itself. */
int clinux_statx(int directory, const char *path, int flags, struct clinux_file_status *status);

static const uint64_t CLINUX_STATX_ATTR_MOUNT_ROOT = 0x2000;

struct clinux_file_system_status {
    uint64_t type;  /* magic number, linux/magic.h */
    uint64_t flags; /* ST_* */
};

/* fstatfs(2); an O_PATH descriptor will do. */
int clinux_fstatfs(int fd, struct clinux_file_system_status *status);

int clinux_mkdirat(int directory, const char *path, uint32_t mode);
/* mknodat(2). mode holds the type as well. */
int clinux_mknodat(int directory, const char *path, uint32_t mode, uint32_t major, uint32_t minor);
int clinux_symlinkat(const char *target, int directory, const char *path);
int clinux_linkat(int from_directory, const char *from, int to_directory, const char *to, int flags);
int clinux_unlinkat(int directory, const char *path, int flags);
/* renameat2(2). flags are RENAME_*. */
int clinux_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags);
/* fchownat(2). An id of UINT32_MAX is left as it is. */
int clinux_fchownat(int directory, const char *path, uint32_t uid, uint32_t gid, int flags);
int clinux_fchmod(int fd, uint32_t mode);
/* fchmodat(2) of the kernel: follows a link at the end of path. */
int clinux_fchmodat(int directory, const char *path, uint32_t mode);
/* fchmodat2(2), Linux 6.6: AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH. */
int clinux_fchmodat2(int directory, const char *path, uint32_t mode, int flags);
int clinux_ftruncate(int fd, int64_t length);
int clinux_fsync(int fd);
/* flock(2). operation is LOCK_*; -EWOULDBLOCK with LOCK_NB when another holds it. */
int clinux_flock(int fd, int operation);
/* getdents64(2): bytes of linux_dirent64 records in buffer, 0 at the end. */
long clinux_getdents64(int fd, void *buffer, size_t capacity);
/* faccessat2(2), Linux 5.8. mode is R_OK etc., flags AT_EACCESS, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH. */
int clinux_faccessat2(int directory, const char *path, int mode, int flags);
/* close_range(2), Linux 5.9 (CLOEXEC 5.11); last is included. */
int clinux_close_range(unsigned first, unsigned last, unsigned flags);
/* The FD_* flags of fd; -EBADF when it is not open. */
int clinux_get_descriptor_flags(int fd);
int clinux_set_descriptor_flags(int fd, int flags);
/* The O_* status flags of fd. */
int clinux_get_status_flags(int fd);
int clinux_set_status_flags(int fd, int flags);
/* F_DUPFD_CLOEXEC: the lowest free number that is not below minimum. */
int clinux_duplicate(int fd, int minimum);
/* dup3(2). flags is 0 or O_CLOEXEC; -EINVAL when both are the same. */
int clinux_dup3(int fd, int target, int flags);
int clinux_pipe2(int ends[2], int flags);
/* umask(2): the mask that was. */
int clinux_umask(uint32_t mask);
int clinux_chdir(const char *path);
int clinux_fchdir(int fd);
int clinux_chroot(const char *path);
/* getcwd(2) of the kernel: the length with its NUL. "(unreachable)" leads a path outside the root. */
long clinux_getcwd(void *buffer, size_t capacity);
/* memfd_create(2). flags are CLINUX_MFD_*. -EINVAL: a flag that this kernel does not know. */
int clinux_memfd_create(const char *name, unsigned flags);
static const unsigned CLINUX_MFD_CLOEXEC = 0x01;
static const unsigned CLINUX_MFD_ALLOW_SEALING = 0x02;
static const unsigned CLINUX_MFD_NOEXEC_SEAL = 0x08; /* Linux 6.3 */
static const unsigned CLINUX_MFD_EXEC = 0x10;        /* Linux 6.3 */
/* eventfd2(2), close-on-exec, counting from 0. */
int clinux_eventfd(void);
/* F_ADD_SEALS, F_GET_SEALS. */
int clinux_add_seals(int fd, int seals);
int clinux_get_seals(int fd);
static const int CLINUX_SEAL_SEAL = 0x01;
static const int CLINUX_SEAL_SHRINK = 0x02;
static const int CLINUX_SEAL_GROW = 0x04;
static const int CLINUX_SEAL_WRITE = 0x08;
static const int CLINUX_SEAL_FUTURE_WRITE = 0x10;
static const int CLINUX_SEAL_EXEC = 0x20; /* Linux 6.3 */
/* sendfile(2) from and to the current offsets. */
long clinux_sendfile(int to, int from, size_t count);
/* fgetxattr(2): the size. With capacity 0, the size that would be needed. -ENODATA: there is none. */
long clinux_fgetxattr(int fd, const char *name, void *buffer, size_t capacity);
int clinux_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
long clinux_flistxattr(int fd, void *buffer, size_t capacity);
int clinux_fremovexattr(int fd, const char *name);

/* Mounts (mounting.c). Linux 5.2 unless said otherwise. */

int clinux_fsopen(const char *type, unsigned flags);
int clinux_fspick(int directory, const char *path, unsigned flags);
/* fsconfig(2); which of key, value and auxiliary count depends on the command. */
int clinux_fsconfig(int context, unsigned command, const char *key, const void *value, int auxiliary);
int clinux_fsmount(int context, unsigned flags, unsigned attributes);
int clinux_open_tree(int directory, const char *path, unsigned flags);
int clinux_move_mount(int from_directory, const char *from, int to_directory, const char *to, unsigned flags);
/* mount_setattr(2), Linux 5.12. propagation is MS_PRIVATE etc. or 0; user_namespace counts with MOUNT_ATTR_IDMAP. */
int clinux_mount_setattr(int directory, const char *path, unsigned flags, uint64_t set, uint64_t clear,
                         uint64_t propagation, int user_namespace);
/* mount(2). source, type and data may be NULL. */
int clinux_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *data);
int clinux_umount2(const char *target, int flags);
int clinux_pivot_root(const char *new_root, const char *put_old);

static const unsigned CLINUX_FSOPEN_CLOEXEC = 0x01;
static const unsigned CLINUX_FSPICK_CLOEXEC = 0x01;
static const unsigned CLINUX_FSPICK_SYMLINK_NOFOLLOW = 0x02;
static const unsigned CLINUX_FSPICK_NO_AUTOMOUNT = 0x04;
static const unsigned CLINUX_FSPICK_EMPTY_PATH = 0x08;
static const unsigned CLINUX_FSCONFIG_SET_FLAG = 0;
static const unsigned CLINUX_FSCONFIG_SET_STRING = 1;
static const unsigned CLINUX_FSCONFIG_SET_FD = 5;
static const unsigned CLINUX_FSCONFIG_CMD_CREATE = 6;
static const unsigned CLINUX_FSCONFIG_CMD_RECONFIGURE = 7;
static const unsigned CLINUX_FSMOUNT_CLOEXEC = 0x01;
static const unsigned CLINUX_OPEN_TREE_CLONE = 0x01;
static const unsigned CLINUX_MOVE_MOUNT_F_EMPTY_PATH = 0x04;
static const unsigned CLINUX_MOVE_MOUNT_T_SYMLINKS = 0x10;
static const unsigned CLINUX_MOVE_MOUNT_T_EMPTY_PATH = 0x40;
static const unsigned CLINUX_MOVE_MOUNT_SET_GROUP = 0x100;
static const unsigned CLINUX_MOVE_MOUNT_BENEATH = 0x200; /* Linux 6.5 */
static const unsigned CLINUX_AT_RECURSIVE = 0x8000;
static const unsigned CLINUX_AT_EMPTY_PATH = 0x1000;
static const unsigned CLINUX_AT_NO_AUTOMOUNT = 0x800;
static const unsigned CLINUX_AT_SYMLINK_NOFOLLOW = 0x100;

/* Processes and signals (processes.c) */

/* clone3(2), Linux 5.3, like fork: no shared memory, the same stack. 0 in the child, the child's pid in the parent.
 * With CLONE_PIDFD in flags, *pidfd becomes a close-on-exec descriptor. cgroup counts with CLONE_INTO_CGROUP (5.7).
 * No handler of pthread_atfork runs: a process with threads may only make system calls in the child. */
int clinux_clone3(uint64_t flags, uint64_t exit_signal, int cgroup, int *pidfd);
/* clone(2), the same, for kernels and filters that refuse clone3. flags above 32 bits and the bits of the exit signal
 * (so CLONE_NEWTIME): -EINVAL. */
int clinux_clone(uint64_t flags, uint64_t exit_signal, int *pidfd);
/* clone(2) with CLONE_PARENT and CLONE_PARENT_SETTID, otherwise like fork: the caller's parent gets the child, and *pid its
 * number as the caller's pid namespace has it, before the child runs. */
int clinux_clone_sibling(int *pid);
static const uint64_t CLINUX_CLONE_PIDFD = 0x1000;
static const uint64_t CLINUX_CLONE_FILES = 0x400;
static const uint64_t CLINUX_CLONE_PARENT = 0x8000;
static const uint64_t CLINUX_CLONE_PARENT_SETTID = 0x100000;
static const uint64_t CLINUX_CLONE_NEWTIME = 0x80;
static const uint64_t CLINUX_CLONE_NEWNS = 0x20000;
static const uint64_t CLINUX_CLONE_NEWCGROUP = 0x2000000;
static const uint64_t CLINUX_CLONE_NEWUTS = 0x4000000;
static const uint64_t CLINUX_CLONE_NEWIPC = 0x8000000;
static const uint64_t CLINUX_CLONE_NEWUSER = 0x10000000;
static const uint64_t CLINUX_CLONE_NEWPID = 0x20000000;
static const uint64_t CLINUX_CLONE_NEWNET = 0x40000000;
static const uint64_t CLINUX_CLONE_CLEAR_SIGHAND = 0x100000000;
static const uint64_t CLINUX_CLONE_INTO_CGROUP = 0x200000000;

struct clinux_wait_status {
    int pid;    /* 0: nothing to report (WNOHANG) */
    int code;   /* CLD_* */
    int status; /* exit code or signal, as code says */
};

/* waitid(2). id_type is P_PID, P_PIDFD (Linux 5.4) or P_ALL, options WEXITED etc. */
int clinux_waitid(int id_type, int id, int options, struct clinux_wait_status *status);
static const int CLINUX_P_PIDFD = 3;

/* pidfd_open(2), Linux 5.3; always close-on-exec. */
int clinux_pidfd_open(int pid, unsigned flags);
/* pidfd_send_signal(2), Linux 5.1. signal 0 only looks. */
int clinux_pidfd_send_signal(int pidfd, int signal);
/* pidfd_getfd(2), Linux 5.6; always close-on-exec. */
int clinux_pidfd_getfd(int pidfd, int fd);
int clinux_kill(int pid, int signal);
/* execve(2), execveat(2): these return only with a failure. */
int clinux_execve(const char *path, char *const *arguments, char *const *environment);
int clinux_execveat(int directory, const char *path, char *const *arguments, char *const *environment, int flags);
/* exit_group(2): no handlers, no flushing. Does not return: where a filter refuses the call, by an instruction that ends the
 * process. */
_Noreturn void clinux_exit(int code);
int clinux_setsid(void);
int clinux_setpgid(int pid, int group);
int clinux_setns(int fd, int types);
int clinux_unshare(uint64_t flags);
/* From the kernel, not from a cache of libc's. */
int clinux_getpid(void);
int clinux_getppid(void);
/* Those of the calling process. */
int clinux_getpgrp(void);
int clinux_getsid(void);
int clinux_gettid(void);
/* prctl(2) with plain numbers. */
int clinux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
/* PR_SET_NAME: cut after 15 bytes. */
int clinux_set_name(const char *name);
/* personality(2): the one that was; 0xffffffff asks. */
int clinux_personality(unsigned long persona);

struct clinux_scheduler {
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period; /* nanoseconds */
};

/* sched_setattr(2). pid 0 is the caller. */
int clinux_sched_setattr(int pid, const struct clinux_scheduler *attributes);
int clinux_sched_getattr(int pid, struct clinux_scheduler *attributes);
/* ioprio_set(2) of one process. value holds the class in bits 13 and up. */
int clinux_ioprio_set(int pid, int value);
int clinux_ioprio_get(int pid);
/* sched_setaffinity(2). mask is size bytes, CPU 0 the lowest bit of the first unsigned long. */
int clinux_sched_setaffinity(int pid, const void *mask, size_t size);
/* The number of bytes of mask that were filled in. */
int clinux_sched_getaffinity(int pid, void *mask, size_t size);
/* set_mempolicy(2). mode holds MPOL_* and MPOL_F_*; node_count is the number of bits in nodes. */
int clinux_set_mempolicy(int mode, const unsigned long *nodes, unsigned long node_count);
/* prlimit64(2). UINT64_MAX is no limit. The limits that were go to *old_soft and *old_hard. */
int clinux_set_rlimit(int pid, int resource, uint64_t soft, uint64_t hard);
int clinux_get_rlimit(int pid, int resource, uint64_t *soft, uint64_t *hard);

struct clinux_poll {
    int fd;
    short events;
    short revents;
};

/* ppoll(2) without a mask. A negative timeout waits without end. The number of entries with revents. */
int clinux_poll_entries(struct clinux_poll *entries, size_t count, int timeout_milliseconds);

/* Signal sets are 64 bits, signal N in bit N-1. */
int clinux_sigprocmask(int how, uint64_t set, uint64_t *old);
/* signalfd4(2): close-on-exec and non-blocking. */
int clinux_signalfd(uint64_t set);
/* rt_sigaction(2) with SIG_DFL (0) or SIG_IGN (1). */
int clinux_set_disposition(int signal, int ignore);
/* rt_sigaction(2) of SIGCHLD with SIG_DFL and SA_NOCLDWAIT: children vanish when they end. execve(2) clears the flag. */
int clinux_discard_children(void);
/* 0 default, 1 ignored, 2 handled. */
int clinux_get_disposition(int signal);

struct clinux_signal {
    uint32_t number;
    int32_t code;
    uint32_t sender_pid;
    uint32_t sender_uid;
    int32_t status; /* SIGCHLD */
};

/* read(2) of one signal from a signalfd: 1, or 0 when the descriptor gave less. */
int clinux_read_signal(int fd, struct clinux_signal *signal);

/* Credentials (credentials.c). Of the calling thread alone, not of its siblings: libc's own broadcast these. */

int clinux_setresuid(uint32_t real, uint32_t effective, uint32_t saved);
int clinux_setresgid(uint32_t real, uint32_t effective, uint32_t saved);
int clinux_getresuid(uint32_t *real, uint32_t *effective, uint32_t *saved);
int clinux_getresgid(uint32_t *real, uint32_t *effective, uint32_t *saved);
int clinux_setgroups(const uint32_t *groups, size_t count);
/* With capacity 0, how many there are. */
int clinux_getgroups(uint32_t *groups, size_t capacity);
/* setfsuid(2), setfsgid(2): the id that was, also beyond INT_MAX. They tell no failure. */
int clinux_setfsuid(uint32_t uid);
int clinux_setfsgid(uint32_t gid);
/* capset(2), capget(2), version 3. Bit N is capability N. */
int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int clinux_capget(int pid, uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);

/* Namespaces and names (namespaces.c) */

int clinux_sethostname(const char *name, size_t length);
int clinux_setdomainname(const char *name, size_t length);
/* NS_GET_NSTYPE: a CLONE_NEW* value. NS_GET_USERNS, NS_GET_PARENT: a descriptor, close-on-exec. */
int clinux_namespace_type(int fd);
int clinux_namespace_user(int fd);
int clinux_namespace_parent(int fd);

struct clinux_host_name {
    char system[65];
    char node[65];
    char release[65];
    char version[65];
    char machine[65];
    char domain[65];
};

int clinux_uname(struct clinux_host_name *name);

/* Network devices (network.c) */

/* SIOCSIFFLAGS on any socket of the namespace: the flags of netdevice(7), all of them. -ENAMETOOLONG for a name of more
 * than 15 bytes. */
int clinux_set_interface_flags(int fd, const char *name, short flags);

/* recvfrom(2) of a netlink socket, MSG_TRUNC: the packet's length, also where that is more than capacity. *sender is the
 * port that it came from, 0 for the kernel. */
long clinux_receive_netlink(int fd, void *buffer, size_t capacity, uint32_t *sender);

/* Sockets (sockets.c) */

static const size_t CLINUX_MAX_DESCRIPTORS = 253; /* SCM_MAX_FD */
static const size_t CLINUX_MAX_SOCKET_PATH = 108;

int clinux_socket(int domain, int type, int protocol);
int clinux_socketpair(int domain, int type, int ends[2]);
/* sendmsg(2), MSG_NOSIGNAL. -EINVAL for more than CLINUX_MAX_DESCRIPTORS descriptors. */
long clinux_send(int fd, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count, int flags);
/* recvmsg(2), MSG_CMSG_CLOEXEC. *descriptor_count holds the capacity of descriptors (at most
 * CLINUX_MAX_DESCRIPTORS), and afterwards how many came, which are the caller's to close. *message_flags: MSG_TRUNC,
 * MSG_CTRUNC. */
long clinux_receive(int fd, void *buffer, size_t capacity, int *descriptors, size_t *descriptor_count,
                    int *message_flags, int flags);
/* connect(2), bind(2) of a Unix socket. path is length bytes; a leading NUL means the abstract namespace.
 * -ENAMETOOLONG over CLINUX_MAX_SOCKET_PATH bytes with the NUL that a path ends with. */
int clinux_connect_unix(int fd, const void *path, size_t length);
int clinux_bind_unix(int fd, const void *path, size_t length);
int clinux_listen(int fd, int backlog);
int clinux_accept(int fd);
/* SO_PEERCRED, as of the time of connect or socketpair. */
int clinux_peer_credentials(int fd, int *pid, uint32_t *uid, uint32_t *gid);
/* SO_SNDTIMEO: connect and send give up after that long, with EAGAIN. 0 waits without end. */
int clinux_set_send_timeout(int fd, int milliseconds);
int clinux_shutdown(int fd, int how);

/* Terminals (terminal.c) */

int clinux_unlock_terminal(int master);
/* TIOCGPTPEER, Linux 4.13: the other end, without a path. flags are O_*. */
int clinux_open_terminal_peer(int master, int flags);
/* TIOCGPTN: N of /dev/pts/N. */
int clinux_terminal_number(int master);
int clinux_get_window_size(int fd, uint16_t *rows, uint16_t *columns);
int clinux_set_window_size(int fd, uint16_t rows, uint16_t columns);
/* TIOCSCTTY. The caller leads a session without a terminal. */
/* TIOCGPGRP: the process group in the foreground of the caller's terminal, 0 for one of another pid namespace. -ENOTTY for
 * any other terminal. */
int clinux_get_foreground_group(int fd);
int clinux_set_controlling_terminal(int fd);
/* tcgetattr(3), tcsetattr(3) with TCSANOW or TCSADRAIN. -ENOTTY when fd is no terminal. */
int clinux_get_terminal_attributes(int fd, struct termios *attributes);
int clinux_set_terminal_attributes(int fd, int actions, const struct termios *attributes);

/* Keys (keyring.c) */

/* KEYCTL_JOIN_SESSION_KEYRING: the serial number. name may be NULL: anonymous. */
int clinux_join_session_keyring(const char *name);
/* KEYCTL_DESCRIBE: "type;uid;gid;perm in hexadecimal;description" with its NUL; the size needed. */
long clinux_describe_key(int key, void *buffer, size_t capacity);
int clinux_set_key_permissions(int key, uint32_t permissions);

/* BPF programs of type cgroup device (bpf.c) */

/* BPF_PROG_LOAD, BPF_PROG_TYPE_CGROUP_DEVICE. instructions are count structs bpf_insn of 8 bytes. log may be NULL. */
int clinux_bpf_load_device_program(const void *instructions, size_t count, const char *license, void *log,
                                   size_t log_size);
/* BPF_PROG_ATTACH. flags are BPF_F_*; replaced counts with BPF_F_REPLACE (Linux 5.6). */
int clinux_bpf_attach_device_program(int cgroup, int program, unsigned flags, int replaced);
int clinux_bpf_detach_device_program(int cgroup, int program);
/* BPF_PROG_QUERY: the ids attached to cgroup itself. *count is the capacity, then how many there are; -ENOSPC when
 * more than the capacity. */
int clinux_bpf_query_device_programs(int cgroup, uint32_t *ids, uint32_t *count, uint32_t *attach_flags);
int clinux_bpf_program_by_id(uint32_t id);
static const unsigned CLINUX_BPF_F_ALLOW_OVERRIDE = 1;
static const unsigned CLINUX_BPF_F_ALLOW_MULTI = 2;
static const unsigned CLINUX_BPF_F_REPLACE = 4;

/* Seccomp (seccomp.c) */

/* What filters know the machine's own architecture and some calls by (seccomp(2), struct seccomp_data). */
#if defined(__x86_64__)
static const uint32_t CLINUX_ARCHITECTURE = 0xc000003e;
#elif defined(__aarch64__)
static const uint32_t CLINUX_ARCHITECTURE = 0xc00000b7;
#endif
static const uint32_t CLINUX_CALL_OPENAT = SYS_openat;
static const uint32_t CLINUX_CALL_READ = SYS_read;
static const uint32_t CLINUX_CALL_CLOSE = SYS_close;
static const uint32_t CLINUX_CALL_STATX = SYS_statx;
static const uint32_t CLINUX_CALL_FSTATFS = SYS_fstatfs;
static const uint32_t CLINUX_CALL_FACCESSAT2 = SYS_faccessat2;
static const uint32_t CLINUX_CALL_READLINKAT = SYS_readlinkat;
static const uint32_t CLINUX_CALL_BRK = SYS_brk;
static const uint32_t CLINUX_CALL_MMAP = SYS_mmap;
static const uint32_t CLINUX_CALL_MUNMAP = SYS_munmap;
static const uint32_t CLINUX_CALL_CLONE = SYS_clone;
static const uint32_t CLINUX_CALL_EXIT_GROUP = SYS_exit_group;
static const uint32_t CLINUX_CALL_SETSID = SYS_setsid;
static const uint32_t CLINUX_CALL_GETPID = SYS_getpid;
static const uint32_t CLINUX_CALL_MADVISE = SYS_madvise;
static const uint32_t CLINUX_CALL_CLOSE_RANGE = SYS_close_range;
static const uint32_t CLINUX_CALL_IOCTL = SYS_ioctl;
static const uint32_t CLINUX_CALL_RECVMSG = SYS_recvmsg;
static const uint64_t CLINUX_CONTROL_TERMINAL = 0x540E; /* TIOCSCTTY */

/* seccomp(2), SECCOMP_SET_MODE_FILTER. filter_bytes are struct sock_filter of 8 bytes each; -EINVAL for a byte_count
 * that is no multiple of 8, is 0 or holds more than 65535. flags are SECCOMP_FILTER_FLAG_*. 0, or a descriptor
 * (close-on-exec) with NEW_LISTENER, or the id of a thread that could not be synchronised with TSYNC. */
int clinux_seccomp_load(const void *filter_bytes, size_t byte_count, unsigned flags);
/* Whether this kernel knows flags of SECCOMP_SET_MODE_FILTER: 0, or -EINVAL. Nothing is loaded. */
int clinux_seccomp_flags_available(unsigned flags);
/* SECCOMP_GET_ACTION_AVAIL, Linux 4.14: 0, or -EOPNOTSUPP. */
int clinux_seccomp_action_available(uint32_t action);
/* SECCOMP_GET_NOTIF_SIZES, Linux 5.0. */
int clinux_seccomp_notification_sizes(uint16_t *request, uint16_t *response, uint16_t *data);

/* Looking into another process (tracing.c) */

/* ptrace(2), PTRACE_SEIZE and PTRACE_INTERRUPT, and a wait of at most patience_ms for the process to stand still. 0, or the
 * signal that it was about to get and that clinux_trace_resume has to pass on; -ETIMEDOUT for one that does not (frozen, or in
 * a call that can't be interrupted), which goes on as it was once the caller ends; -ESRCH for one that has ended. */
int clinux_trace_stop(int pid, unsigned patience_ms);
/* PTRACE_SECCOMP_GET_FILTER, Linux 4.4, of a process that stands still: how many instructions the filter of that index has, and
 * with bytes that many structs sock_filter of 8 bytes. -ENOENT past the last one, -EINVAL without filters, -EACCES without
 * CAP_SYS_ADMIN or for a caller with a filter of its own, -EIO without CONFIG_CHECKPOINT_RESTORE. */
int clinux_trace_seccomp_filter(int pid, unsigned index, void *bytes);
/* PTRACE_DETACH: it goes on, with a signal unless that is 0. */
int clinux_trace_resume(int pid, int signal);

/* Memory and offsets (memory.c) */

/* mmap(2), MAP_SHARED | MAP_ANONYMOUS, readable and writable: size bytes of zeros that children share. */
int clinux_map_shared(size_t size, void **address);
/* madvise(2), MADV_DONTFORK: who is cloned from here on doesn't have these pages. */
int clinux_keep_from_children(void *address, size_t size);
/* A word that another process reads: it sees what was done before. No system call. */
void clinux_publish(uint64_t *word, uint64_t value);
uint64_t clinux_observe(const uint64_t *word);
/* mallopt(3): the heap grows by size bytes at once, and shrinks only once four times as much lies idle. No system call. */
int clinux_set_heap_step(int size);
/* lseek(2), SEEK_SET: the offset. */
long clinux_seek(int fd, int64_t offset);

/* Clocks and the environment (environment.c) */

/* clock_gettime(2) of CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME. */
int clinux_clock(int clock, int64_t *seconds, int64_t *nanoseconds);
/* libc's environment, NULL-terminated; valid until it is next changed. No system call. */
char **clinux_environment(void);
/* The program's arguments, `*count` of them, as the C library has handed them over at the start. No system call. */
char **clinux_arguments(int *count);

#endif
