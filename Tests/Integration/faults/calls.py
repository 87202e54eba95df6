"""System calls by number, and what each can plausibly fail with."""

import errno
import re

HEADER = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"

# What a caller may meet on a machine that runs out of something, or forbids something: of each man page's ERRORS those that
# aren't a program's own mistake.
PLAUSIBLE = {
    "access": "EACCES EIO", "faccessat": "EACCES EIO", "faccessat2": "EACCES EIO",
    "arch_prctl": "", "brk": "ENOMEM", "mmap": "ENOMEM", "mprotect": "ENOMEM", "munmap": "ENOMEM", "mremap": "ENOMEM",
    "madvise": "ENOMEM",
    "bpf": "EPERM ENOMEM", "seccomp": "EINVAL ENOMEM",
    "capget": "EPERM", "capset": "EPERM",
    "chdir": "EACCES EIO", "fchdir": "EACCES", "chroot": "EPERM ENOMEM", "pivot_root": "EPERM EINVAL",
    "fchmod": "EPERM EROFS", "fchmodat": "EPERM EROFS", "fchown": "EPERM EROFS", "fchownat": "EPERM EROFS",
    "chown": "EPERM EROFS", "chmod": "EPERM EROFS",
    "clone": "EAGAIN ENOMEM", "clone3": "EAGAIN ENOMEM ENOSPC", "fork": "EAGAIN", "vfork": "EAGAIN ENOMEM",
    "execve": "EACCES ENOMEM", "execveat": "EACCES ENOMEM",
    "close": "EIO", "close_range": "ENOMEM", "dup": "EMFILE", "dup2": "EBUSY", "dup3": "EBUSY",
    "eventfd2": "EMFILE", "epoll_create1": "EMFILE", "pipe2": "EMFILE ENFILE", "memfd_create": "EMFILE ENOMEM",
    "fcntl": "EINVAL EMFILE", "flock": "EINTR ENOLCK", "ftruncate": "EIO ENOSPC",
    "fsopen": "EMFILE EPERM", "fsconfig": "ENOMEM EPERM", "fsmount": "EMFILE ENOMEM", "fspick": "EMFILE",
    "open_tree": "EMFILE ENOMEM", "move_mount": "EPERM ENOMEM", "mount_setattr": "EPERM EINVAL",
    "mount": "EPERM ENOMEM EBUSY", "umount2": "EBUSY EPERM",
    "getdents64": "EIO", "getcwd": "ENOENT", "getxattr": "EIO", "lgetxattr": "EIO", "fgetxattr": "EIO", "listxattr": "EIO",
    "llistxattr": "EIO", "flistxattr": "EIO",
    "setxattr": "ENOSPC EPERM", "fsetxattr": "ENOSPC EPERM",
    "getrandom": "EINTR", "ioctl": "EIO ENOTTY", "keyctl": "EDQUOT ENOMEM", "kill": "EPERM ESRCH", "tgkill": "ESRCH",
    "link": "ENOSPC", "linkat": "ENOSPC", "symlinkat": "ENOSPC EROFS", "symlink": "ENOSPC",
    "lseek": "EIO", "lstat": "EIO", "newfstatat": "EIO EACCES", "fstat": "EIO", "stat": "EIO", "statx": "EIO EACCES",
    "statfs": "EIO", "fstatfs": "EIO",
    "mkdir": "ENOSPC EACCES EROFS", "mkdirat": "ENOSPC EACCES EROFS", "mknod": "EPERM ENOSPC", "mknodat": "EPERM ENOSPC",
    "open": "EACCES EMFILE EIO", "openat": "EACCES EMFILE EIO", "openat2": "EACCES EMFILE EIO EAGAIN",
    "pidfd_open": "EMFILE ESRCH", "pidfd_send_signal": "EPERM ESRCH", "pidfd_getfd": "EPERM",
    "poll": "ENOMEM EINTR", "ppoll": "ENOMEM EINTR", "prctl": "EINVAL EPERM", "prlimit64": "EPERM",
    "pread64": "EIO", "preadv": "EIO", "read": "EIO EINTR", "readv": "EIO", "readlink": "EIO EACCES",
    "readlinkat": "EIO EACCES",
    "pwrite64": "ENOSPC EIO", "write": "ENOSPC EIO EINTR", "writev": "ENOSPC EIO",
    "rename": "ENOSPC EIO", "renameat": "ENOSPC EIO", "renameat2": "ENOSPC EIO",
    "rmdir": "EBUSY EACCES", "unlink": "EACCES EIO", "unlinkat": "EACCES EBUSY EIO",
    "recvmsg": "ENOMEM EINTR", "recvfrom": "ENOMEM EINTR", "sendmsg": "ENOBUFS EPIPE", "sendto": "ENOBUFS EPIPE",
    "socket": "EMFILE EACCES", "socketpair": "EMFILE ENFILE", "connect": "ECONNREFUSED", "bind": "EADDRINUSE",
    "setgid": "EPERM", "setgroups": "EPERM ENOMEM", "setregid": "EPERM", "setresgid": "EPERM EAGAIN",
    "setresuid": "EPERM EAGAIN",
    "setreuid": "EPERM", "setuid": "EPERM EAGAIN", "setfsuid": "", "setfsgid": "",
    "setdomainname": "EPERM", "sethostname": "EPERM", "setns": "EPERM ENOMEM", "unshare": "EPERM ENOMEM ENOSPC",
    "setsid": "EPERM", "setrlimit": "EPERM", "sched_setattr": "EPERM", "sched_setaffinity": "EINVAL",
    "ioprio_set": "EPERM", "personality": "EINVAL", "set_mempolicy": "ENOMEM",
    "sendfile": "EIO", "splice": "EIO", "copy_file_range": "EIO", "tee": "EIO",
    "timerfd_create": "EMFILE", "signalfd4": "EMFILE", "inotify_init1": "EMFILE", "inotify_add_watch": "ENOSPC",
    "utimensat": "EPERM", "wait4": "EINTR", "waitid": "EINTR",
    "add_key": "EDQUOT", "fsync": "EIO", "fdatasync": "EIO", "getpeername": "ENOBUFS", "getsockopt": "ENOBUFS",
    "setsockopt": "ENOBUFS", "listen": "EADDRINUSE", "accept4": "EMFILE",
}
# Which can't fail, or fail for nothing but a wrong argument, and those whose failure ends a program before it runs.
NEVER = frozenset(
    "arch_prctl clock_gettime exit exit_group getegid geteuid getgid getpgrp getpid getppid getpriority getresgid getresuid "
    "getrlimit getsid gettid getuid rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield "
    "set_robust_list set_tid_address setfsgid setfsuid sigaltstack sysinfo umask uname restart_syscall futex "
    "clock_nanosleep nanosleep getpgid gettimeofday time alarm setitimer sched_getparam sched_getscheduler "
    "getgroups pause".split())


# What gives less than was asked for, in place of an error.
SHORT = {"read": "half none", "write": "half none", "pread64": "half none", "pwrite64": "half none"}
ERRNOS = frozenset(errno.errorcode.values())


def numbers():
    """Number to name."""
    with open(HEADER, encoding="ascii") as file:
        return {int(number): name for name, number in re.findall(r"#define __NR_(\w+) (\d+)", file.read())}


NAMES = numbers()


# prctl(2)s that say no but for an argument that the kernel doesn't know: PR_CAPBSET_READ.
ASKING = (23,)


def faults_of(number, file, first):
    """The errnos, by name, that are tried for a call, and how it may do less.

    file: what it reads from or writes to. first: its first argument.
    """
    name = NAMES.get(number, str(number))
    if name in NEVER or name == "prctl" and first in ASKING:
        return []
    if name not in PLAUSIBLE:
        raise ValueError(f"no errno is listed for the system call {name}")
    if file.startswith("socket:"):
        # A packet goes whole or not at all; its end of file is that of who sends, which --kill tries.
        return {"read": ["ENOMEM", "EINTR"], "write": ["ENOBUFS", "EPIPE", "EINTR"]}[name]
    return PLAUSIBLE[name].split() + SHORT.get(name, "").split()


def value(name):
    return getattr(errno, name)
