// A try for each system call that a filter may refuse. Without the filter, the kernel refuses the call too, because what
// is asked makes no sense, but with another errno: for whoever has every capability, since a missing one would be
// answered EPERM as well. Each is refused before anything happens, also by the calls that could do harm:
//
//   reboot                   the magic numbers are compared right after the permission
//   kexec_load, kexec_file_load, swapon
//                            unknown flags are refused before anything is read
//   swapoff, *_module        the name can't be read
//   settimeofday, adjtimex   the time can't be read; clock_settime, clock_adjtime: there is no such clock
//   acct                     the file isn't there (NULL would mean: stop accounting)
//   syslog                   reads into nothing; clears nothing
//   clone                    CLONE_SIGHAND without CLONE_VM is refused whatever the namespaces
//
// A row's name is the call's name, with the argument that matters in parentheses.
#define _GNU_SOURCE
#include "try.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stddef.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// Newer than the headers that the tests are compiled with; the numbers are the same for every architecture.
enum {
    NR_process_mrelease = 448,
    NR_set_mempolicy_home_node = 450,
    NR_cachestat = 451,
    NR_statmount = 457,
    NR_listmount = 458,
    NR_lsm_get_self_attr = 459,
    NR_lsm_set_self_attr = 460,
    NR_lsm_list_modules = 461,
    NR_open_tree_attr = 467,
    NR_file_getattr = 468,
    NR_file_setattr = 469,
};

// No address, and too much of what is a set of flags.
#define NOWHERE ((void *)8)
#define TOO_MANY 0x7fffffffL
#define NO_PROCESS 0x3fffffffL

#define TRY(name, ...)                                                                                                 \
    static long try_##name(void) { return syscall(SYS_##name, __VA_ARGS__); }
#define NEW(name, ...)                                                                                                 \
    static long try_##name(void) { return syscall(NR_##name, __VA_ARGS__); }

// Other processes.
TRY(kcmp, NO_PROCESS, NO_PROCESS, 99L, 0L, 0L)
TRY(pidfd_getfd, -1L, -1L, 0L)
TRY(process_madvise, -1L, NULL, 0L, 0L, TOO_MANY)
TRY(process_vm_readv, 0L, NULL, 0L, NULL, 0L, 1L)
TRY(process_vm_writev, 0L, NULL, 0L, NULL, 0L, 1L)
TRY(ptrace, 0x7777L, 0L, 0L, 0L)
NEW(process_mrelease, -1L, TOO_MANY)
TRY(migrate_pages, NO_PROCESS, 0L, NULL, NULL)
TRY(move_pages, NO_PROCESS, 0L, NULL, NULL, NULL, TOO_MANY)

// Memory.
TRY(userfaultfd, 0x70000000L)
TRY(remap_file_pages, 0L, 0L, 1L, 0L, 0L)
TRY(memfd_secret, TOO_MANY)
TRY(vmsplice, -1L, NULL, 0L, TOO_MANY)
TRY(mbind, NULL, 0L, 0xffffL, NULL, 0L, 0L)
TRY(set_mempolicy, 0xffffL, NULL, 0L)
TRY(get_mempolicy, NULL, NULL, 0L, NULL, TOO_MANY)
NEW(set_mempolicy_home_node, 1L, 0L, 0L, 1L)
NEW(cachestat, -1L, NULL, NULL, 0L)
#ifdef SYS_modify_ldt
// Reads none of the entries that there aren't.
TRY(modify_ldt, 0L, NULL, 0L)
#endif

// Mounts and namespaces.
TRY(mount, NULL, NULL, NULL, 0L, NULL)
TRY(umount2, NULL, 0xffffL)
TRY(pivot_root, NULL, NULL)
TRY(fsopen, NULL, 0xffffL)
TRY(fsconfig, -1L, 0xffffL, NULL, NULL, 0L)
TRY(fsmount, -1L, 0xffffL, 0L)
TRY(fspick, -1L, NULL, 0xffffL)
TRY(move_mount, -1L, NULL, -1L, NULL, 0xffffffffL)
TRY(open_tree, -1L, NULL, 0xffffL)
NEW(open_tree_attr, -1L, NULL, 0xffffL, NULL, 0L)
TRY(mount_setattr, -1L, NULL, 0xffffL, NULL, 0L)
NEW(statmount, NULL, NULL, 0L, TOO_MANY)
NEW(listmount, NULL, NULL, 0L, TOO_MANY)
TRY(unshare, 1L)
TRY(setns, -1L, 0L)
TRY(clone3, NULL, 0L)
#define CLONE(name)                                                                                                    \
    static long try_clone_##name(void) { return syscall(SYS_clone, (long)(CLONE_##name | CLONE_SIGHAND), 0L, 0L, 0L, 0L); }
CLONE(NEWNS)
CLONE(NEWCGROUP)
CLONE(NEWUTS)
CLONE(NEWIPC)
CLONE(NEWUSER)
CLONE(NEWPID)
CLONE(NEWNET)
TRY(chroot, NULL)
TRY(sethostname, NULL, -1L)
TRY(setdomainname, NULL, -1L)

// Files.
TRY(open_by_handle_at, -1L, NULL, 0L)
TRY(name_to_handle_at, -1L, NULL, NULL, NULL, 0xffffffL)
TRY(fanotify_init, TOO_MANY, 0L)
TRY(fanotify_mark, -1L, 0L, 0L, -1L, NULL)
TRY(quotactl, 0xffffffffL, NULL, 0L, NULL)
TRY(quotactl_fd, -1L, 0xffffffffL, 0L, NULL)
NEW(file_getattr, -1L, NULL, NULL, 0L, TOO_MANY)
NEW(file_setattr, -1L, NULL, NULL, 0L, TOO_MANY)
TRY(sync, 0L)
#ifdef SYS_ustat
TRY(ustat, 0L, NULL)
#endif
#ifdef SYS_sysfs
TRY(sysfs, 99L, 0L, 0L)
#endif

// Nodes without a name: the type in the mode is what the filter looks at.
#define MKNOD(type)                                                                                                    \
    static long try_mknodat_##type(void) { return syscall(SYS_mknodat, -1L, NULL, (long)(type | 0600), makedev(1, 3)); }
MKNOD(S_IFREG)
MKNOD(S_IFIFO)
MKNOD(S_IFSOCK)
MKNOD(S_IFCHR)
MKNOD(S_IFBLK)
#ifdef SYS_mknod
#define OLD_MKNOD(type)                                                                                                \
    static long try_mknod_##type(void) { return syscall(SYS_mknod, NULL, (long)(type | 0600), makedev(1, 3)); }
OLD_MKNOD(S_IFREG)
OLD_MKNOD(S_IFIFO)
OLD_MKNOD(S_IFSOCK)
OLD_MKNOD(S_IFCHR)
OLD_MKNOD(S_IFBLK)
#endif

// The kernel itself.
TRY(bpf, 999L, NULL, 0L)
TRY(perf_event_open, NULL, 0L, -1L, -1L, 0L)
TRY(init_module, NULL, 0L, NULL)
TRY(finit_module, -1L, NULL, 0xffffL)
TRY(delete_module, NULL, 0L)
TRY(kexec_load, 0L, 1L << 20, NULL, 0xffffL)
#ifdef SYS_kexec_file_load
TRY(kexec_file_load, -1L, -1L, 0L, NULL, 0xffffL)
#endif
TRY(reboot, 0L, 0L, 0L, NULL)
TRY(swapon, NULL, 0x70000000L)
TRY(swapoff, NULL)
TRY(syslog, 3L, NULL, 0L)
TRY(acct, TRY_MISSING)
#ifdef SYS_ioperm
TRY(ioperm, 0x10000L, 1L, 1L)
TRY(iopl, 99L)
#endif
TRY(settimeofday, NOWHERE, NULL)
TRY(adjtimex, NULL)
TRY(clock_settime, 99L, NULL)
TRY(clock_adjtime, 99L, NULL)
static long try_vhangup(void) {
    // In a session of its own there is no terminal to hang up.
    setsid();
    return syscall(SYS_vhangup);
}
NEW(lsm_get_self_attr, 0L, NULL, NULL, TOO_MANY)
NEW(lsm_set_self_attr, 0L, NULL, 0L, TOO_MANY)
NEW(lsm_list_modules, NULL, NULL, TOO_MANY)
#ifdef __x86_64__
// Answers only to its own trampoline.
static long try_uprobe(void) { return syscall(336); }
#endif

// Keys.
TRY(add_key, NULL, NULL, NULL, 0L, 0L)
TRY(request_key, NULL, NULL, NULL, 0L)
TRY(keyctl, 99999L, 0L, 0L, 0L, 0L)

// io_uring.
TRY(io_uring_setup, 0L, NULL)
TRY(io_uring_enter, -1L, 0L, 0L, TOO_MANY, NULL, 0L)
TRY(io_uring_register, -1L, TOO_MANY, NULL, 0L)

// Sockets: opened, and gone with this child; nothing is sent.
#define FAMILY(family)                                                                                                 \
    static long try_socket_##family(void) { return syscall(SYS_socket, (long)(family), (long)SOCK_DGRAM, 0L); }
FAMILY(AF_UNIX)
FAMILY(AF_INET)
FAMILY(AF_INET6)
FAMILY(AF_KEY)
FAMILY(AF_PACKET)
FAMILY(AF_CAN)
FAMILY(AF_TIPC)
FAMILY(AF_BLUETOOTH)
FAMILY(AF_ALG)
FAMILY(AF_VSOCK)
// The kernel takes the family's lower half: a filter that compares the whole for inequality can be got around.
static long try_socket_AF_VSOCK_high(void) {
    return syscall(SYS_socket, 1L << 32 | AF_VSOCK, (long)SOCK_DGRAM, 0L);
}
#define NETLINK(protocol)                                                                                              \
    static long try_socket_##protocol(void) {                                                                          \
        return syscall(SYS_socket, (long)AF_NETLINK, (long)SOCK_RAW, (long)protocol);                                  \
    }
NETLINK(NETLINK_ROUTE)
NETLINK(NETLINK_XFRM)
NETLINK(NETLINK_AUDIT)
NETLINK(NETLINK_GENERIC)
static long try_socketpair_AF_UNIX(void) { return syscall(SYS_socketpair, (long)AF_UNIX, (long)SOCK_STREAM, 0L, NULL); }
static long try_socketpair_AF_TIPC(void) { return syscall(SYS_socketpair, (long)AF_TIPC, (long)SOCK_STREAM, 0L, NULL); }
static long try_socketpair_AF_INET(void) { return syscall(SYS_socketpair, (long)AF_INET, (long)SOCK_STREAM, 0L, NULL); }

// This child's own personality.
static long try_personality_ask(void) { return syscall(SYS_personality, 0xffffffffL); }
static long try_personality_PER_LINUX(void) { return syscall(SYS_personality, (long)PER_LINUX); }
static long try_personality_PER_LINUX32(void) { return syscall(SYS_personality, (long)PER_LINUX32); }
static long try_personality_READ_IMPLIES_EXEC(void) { return syscall(SYS_personality, (long)READ_IMPLIES_EXEC); }
static long try_personality_ADDR_NO_RANDOMIZE(void) { return syscall(SYS_personality, (long)ADDR_NO_RANDOMIZE); }

#ifdef __x86_64__
// Numbers that the kernel hasn't answered for long, or never did: only the control of a filter that lets them through
// can say anything about them.
#define GONE(name, number)                                                                                             \
    static long try_##name(void) { return syscall(number, 0L, 0L, 0L, 0L, 0L, 0L); }
GONE(uselib, 134)
GONE(_sysctl, 156)
GONE(create_module, 174)
GONE(get_kernel_syms, 177)
GONE(query_module, 178)
GONE(nfsservctl, 180)
GONE(getpmsg, 181)
GONE(putpmsg, 182)
GONE(afs_syscall, 183)
GONE(tuxcall, 184)
GONE(security, 185)
GONE(lookup_dcookie, 212)
GONE(epoll_ctl_old, 214)
GONE(epoll_wait_old, 215)
GONE(vserver, 236)
#endif

#define NAMED(name) {#name, try_##name}
#define WITH(name, argument) {#name "(" #argument ")", try_##name##_##argument}

const struct try syscall_tries[] = {
    NAMED(kcmp), NAMED(pidfd_getfd), NAMED(process_madvise), NAMED(process_vm_readv), NAMED(process_vm_writev),
    NAMED(ptrace), NAMED(process_mrelease), NAMED(migrate_pages), NAMED(move_pages),
    NAMED(userfaultfd), NAMED(remap_file_pages), NAMED(memfd_secret), NAMED(vmsplice), NAMED(mbind),
    NAMED(set_mempolicy), NAMED(get_mempolicy), NAMED(set_mempolicy_home_node), NAMED(cachestat),
#ifdef SYS_modify_ldt
    NAMED(modify_ldt),
#endif
    NAMED(mount), NAMED(umount2), NAMED(pivot_root), NAMED(fsopen), NAMED(fsconfig), NAMED(fsmount), NAMED(fspick),
    NAMED(move_mount), NAMED(open_tree), NAMED(open_tree_attr), NAMED(mount_setattr), NAMED(statmount),
    NAMED(listmount), NAMED(unshare), NAMED(setns), NAMED(clone3), WITH(clone, NEWNS), WITH(clone, NEWCGROUP),
    WITH(clone, NEWUTS), WITH(clone, NEWIPC), WITH(clone, NEWUSER), WITH(clone, NEWPID), WITH(clone, NEWNET),
    NAMED(chroot), NAMED(sethostname), NAMED(setdomainname),
    NAMED(open_by_handle_at), NAMED(name_to_handle_at), NAMED(fanotify_init), NAMED(fanotify_mark), NAMED(quotactl),
    NAMED(quotactl_fd), NAMED(file_getattr), NAMED(file_setattr), NAMED(sync),
#ifdef SYS_ustat
    NAMED(ustat),
#endif
#ifdef SYS_sysfs
    NAMED(sysfs),
#endif
    WITH(mknodat, S_IFREG), WITH(mknodat, S_IFIFO), WITH(mknodat, S_IFSOCK), WITH(mknodat, S_IFCHR),
    WITH(mknodat, S_IFBLK),
#ifdef SYS_mknod
    WITH(mknod, S_IFREG), WITH(mknod, S_IFIFO), WITH(mknod, S_IFSOCK), WITH(mknod, S_IFCHR), WITH(mknod, S_IFBLK),
#endif
    NAMED(bpf), NAMED(perf_event_open), NAMED(init_module), NAMED(finit_module), NAMED(delete_module),
    NAMED(kexec_load),
#ifdef SYS_kexec_file_load
    NAMED(kexec_file_load),
#endif
    NAMED(reboot), NAMED(swapon), NAMED(swapoff), NAMED(syslog), NAMED(acct),
#ifdef SYS_ioperm
    NAMED(ioperm), NAMED(iopl),
#endif
    NAMED(settimeofday), NAMED(adjtimex), NAMED(clock_settime), NAMED(clock_adjtime), NAMED(vhangup),
    NAMED(lsm_get_self_attr), NAMED(lsm_set_self_attr), NAMED(lsm_list_modules),
#ifdef __x86_64__
    NAMED(uprobe),
#endif
    NAMED(add_key), NAMED(request_key), NAMED(keyctl), NAMED(io_uring_setup), NAMED(io_uring_enter),
    NAMED(io_uring_register),
    WITH(socket, AF_UNIX), WITH(socket, AF_INET), WITH(socket, AF_INET6), WITH(socket, AF_KEY),
    WITH(socket, AF_PACKET), WITH(socket, AF_CAN), WITH(socket, AF_TIPC), WITH(socket, AF_BLUETOOTH),
    WITH(socket, AF_ALG), WITH(socket, AF_VSOCK), WITH(socket, AF_VSOCK_high), WITH(socket, NETLINK_ROUTE),
    WITH(socket, NETLINK_XFRM), WITH(socket, NETLINK_AUDIT), WITH(socket, NETLINK_GENERIC),
    WITH(socketpair, AF_UNIX), WITH(socketpair, AF_TIPC), WITH(socketpair, AF_INET),
    WITH(personality, ask), WITH(personality, PER_LINUX), WITH(personality, PER_LINUX32),
    WITH(personality, READ_IMPLIES_EXEC), WITH(personality, ADDR_NO_RANDOMIZE),
#ifdef __x86_64__
    NAMED(uselib), NAMED(_sysctl), NAMED(create_module), NAMED(get_kernel_syms), NAMED(query_module),
    NAMED(nfsservctl), NAMED(getpmsg), NAMED(putpmsg), NAMED(afs_syscall), NAMED(tuxcall), NAMED(security),
    NAMED(lookup_dcookie), NAMED(epoll_ctl_old), NAMED(epoll_wait_old), NAMED(vserver),
#endif
    {0},
};
