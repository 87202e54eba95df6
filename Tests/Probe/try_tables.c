// The calls of try_syscalls.c by the numbers of the processor's other two tables, 32-bit and x32: a filter that knows
// one table only can be got around by another. A row's name has the table in front of it.
#define _GNU_SOURCE
#include "try.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __x86_64__

static long i386(long number, long one, long two, long three, long four, long five) {
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(one), "c"(two), "d"(three), "S"(four), "D"(five)
                     : "memory", "r8", "r9", "r10", "r11");
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

// Where the kernel has no x32 table it answers ENOSYS.
#define X32 0x40000000L

// name, number there, number in x32, five arguments (the sixth, where there is one, is whatever stands in the register:
// the others are enough for the kernel to refuse)
#define TABLE(ROW)                                                                                                     \
    ROW(kcmp, 349, 312, 0x3fffffff, 0x3fffffff, 99, 0, 0)                                                              \
    ROW(pidfd_getfd, 438, 438, -1, -1, 0, 0, 0)                                                                        \
    ROW(process_madvise, 440, 440, -1, 0, 0, 0, 0x7fffffff)                                                            \
    ROW(process_vm_readv, 347, 539, 0x3fffffff, 0, 0, 8, 1)                                                            \
    ROW(process_vm_writev, 348, 540, 0x3fffffff, 0, 0, 8, 1)                                                           \
    ROW(ptrace, 26, 521, 0x7777, 0, 0, 0, 0)                                                                           \
    ROW(userfaultfd, 374, 323, 0x70000000, 0, 0, 0, 0)                                                                 \
    ROW(mount, 21, 165, 0, 0, 0, 0, 0)                                                                                 \
    ROW(umount2, 52, 166, 0, 0xffff, 0, 0, 0)                                                                          \
    ROW(pivot_root, 217, 155, 0, 0, 0, 0, 0)                                                                           \
    ROW(fsopen, 430, 430, 0, 0xffff, 0, 0, 0)                                                                          \
    ROW(fsconfig, 431, 431, -1, 0xffff, 0, 0, 0)                                                                       \
    ROW(fsmount, 432, 432, -1, 0xffff, 0, 0, 0)                                                                        \
    ROW(fspick, 433, 433, -1, 0, 0xffff, 0, 0)                                                                         \
    ROW(move_mount, 429, 429, -1, 0, -1, 0, -1)                                                                        \
    ROW(open_tree, 428, 428, -1, 0, 0xffff, 0, 0)                                                                      \
    ROW(open_tree_attr, 467, 467, -1, 0, 0xffff, 0, 0)                                                                 \
    ROW(mount_setattr, 442, 442, -1, 0, 0xffff, 0, 0)                                                                  \
    ROW(unshare, 310, 272, 1, 0, 0, 0, 0)                                                                              \
    ROW(setns, 346, 308, -1, 0, 0, 0, 0)                                                                               \
    ROW(clone3, 435, 435, 0, 0, 0, 0, 0)                                                                               \
    ROW(open_by_handle_at, 342, 304, -1, 0, 0, 0, 0)                                                                   \
    ROW(name_to_handle_at, 341, 303, -1, 0, 0, 0, 0xffffff)                                                            \
    ROW(bpf, 357, 321, 999, 0, 0, 0, 0)                                                                                \
    ROW(perf_event_open, 336, 298, 0, 0, -1, -1, 0)                                                                    \
    ROW(init_module, 128, 175, 0, 0, 0, 0, 0)                                                                          \
    ROW(finit_module, 350, 313, -1, 0, 0xffff, 0, 0)                                                                   \
    ROW(delete_module, 129, 176, 0, 0, 0, 0, 0)                                                                        \
    ROW(kexec_load, 283, 528, 0, 1 << 20, 0, 0xffff, 0)                                                                \
    ROW(reboot, 88, 169, 0, 0, 0, 0, 0)                                                                                \
    ROW(swapon, 87, 167, 0, 0x70000000, 0, 0, 0)                                                                       \
    ROW(swapoff, 115, 168, 0, 0, 0, 0, 0)

#define CLONES(ROW) ROW(NEWNS) ROW(NEWCGROUP) ROW(NEWUTS) ROW(NEWIPC) ROW(NEWUSER) ROW(NEWPID) ROW(NEWNET)

#define DEFINE(name, there, x32, ...)                                                                                  \
    static long i386_##name(void) { return i386(there, __VA_ARGS__); }                                                 \
    static long x32_##name(void) { return syscall(X32 | x32, __VA_ARGS__); }
TABLE(DEFINE)
#define DEFINE_CLONE(flag)                                                                                             \
    static long i386_clone_##flag(void) { return i386(120, CLONE_##flag | CLONE_SIGHAND, 0, 0, 0, 0); }                \
    static long x32_clone_##flag(void) { return syscall(X32 | 56, CLONE_##flag | CLONE_SIGHAND, 0, 0, 0, 0); }
CLONES(DEFINE_CLONE)

// The 32-bit table alone has the call without flags,
static long i386_umount(void) { return i386(22, 0, 0, 0, 0, 0); }
// the clock's three of a 32-bit time's end,
static long i386_stime(void) { return i386(25, 0, 0, 0, 0, 0); }
static long i386_clock_settime64(void) { return i386(404, 99, 0, 0, 0, 0); }
static long i386_clock_adjtime64(void) { return i386(405, 99, 0, 0, 0, 0); }
// and the socket calls behind one number, whose arguments lie in memory, where no filter sees them. (This program's own
// data lies below 4 GiB.)
#define SOCKETCALL(family)                                                                                             \
    static long i386_socketcall_##family(void) {                                                                       \
        static const unsigned arguments[] = {family, SOCK_DGRAM, 0};                                                   \
        return i386(102, 1, (long)(uintptr_t)arguments, 0, 0, 0);                                                      \
    }                                                                                                                  \
    static long i386_socket_##family(void) { return i386(359, family, SOCK_DGRAM, 0, 0, 0); }
SOCKETCALL(AF_UNIX)
SOCKETCALL(AF_INET)
SOCKETCALL(AF_ALG)
SOCKETCALL(AF_VSOCK)
SOCKETCALL(AF_PACKET)
static long i386_socketcall_99(void) { return i386(102, 99, 0, 0, 0, 0); }
// x32 alone has this one of the two.
static long x32_kexec_file_load(void) { return syscall(X32 | 320, -1, -1, 0, NULL, 0xffff); }

#define ENTRY(name, ...) {"i386:" #name, i386_##name}, {"x32:" #name, x32_##name},
#define ENTRY_CLONE(flag) {"i386:clone(" #flag ")", i386_clone_##flag}, {"x32:clone(" #flag ")", x32_clone_##flag},
#define ENTRY_SOCKETS(family)                                                                                          \
    {"i386:socket(" #family ")", i386_socket_##family}, {"i386:socketcall(" #family ")", i386_socketcall_##family},

const struct try table_tries[] = {
    TABLE(ENTRY) CLONES(ENTRY_CLONE){"i386:umount", i386_umount},
    {"i386:stime", i386_stime}, {"i386:clock_settime64", i386_clock_settime64},
    {"i386:clock_adjtime64", i386_clock_adjtime64}, ENTRY_SOCKETS(AF_UNIX) ENTRY_SOCKETS(AF_INET)
    ENTRY_SOCKETS(AF_ALG) ENTRY_SOCKETS(AF_VSOCK) ENTRY_SOCKETS(AF_PACKET)
    {"i386:socketcall(99)", i386_socketcall_99},
    {"x32:kexec_file_load", x32_kexec_file_load},
    {0},
};

#else

const struct try table_tries[] = {{0}};

#endif
