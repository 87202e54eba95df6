// A try for each thing that an AppArmor profile decides on by names of files, kinds of mounts and sockets, and labels of
// other processes. With every capability and without a filter the control does its harmless work; what would change the
// container for the next try happens in a mount namespace of the try's own.
#define _GNU_SOURCE
#include "try.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TARGET "/mnt"

static long mount_call(const char *source, const char *target, const char *kind, unsigned long flags) {
    return syscall(SYS_mount, source, target, kind, flags, NULL);
}

static long opened(const char *path, int flags) { return open(path, flags | O_CLOEXEC | O_NONBLOCK); }

// --- Files: opened, and nothing written ---

static long try_proc_sys(void) { return opened("/proc/sys/kernel/core_pattern", O_WRONLY); }
static long try_sysrq(void) { return opened("/proc/sysrq-trigger", O_WRONLY); }
static long try_proc_irq(void) { return opened("/proc/irq/default_smp_affinity", O_WRONLY); }
static long try_own_proc(void) { return opened("/proc/self/oom_score_adj", O_WRONLY); }
static long try_kcore(void) { return opened("/proc/kcore", O_RDONLY); }
static long try_kmsg(void) { return opened("/proc/kmsg", O_RDONLY); }
static long try_keys(void) { return opened("/proc/keys", O_RDONLY); }
static long try_timer_list(void) { return opened("/proc/timer_list", O_RDONLY); }
static long try_sys_kernel(void) { return opened("/sys/kernel/rcu_expedited", O_WRONLY); }
static long try_sys_module(void) { return opened("/sys/module/printk/parameters/time", O_WRONLY); }
static long try_sys_devices(void) {
    return opened("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_WRONLY);
}
static long try_sys_bus(void) { return opened("/sys/bus/platform/drivers_probe", O_WRONLY); }
static long try_firmware(void) { return opened("/sys/firmware/acpi/tables", O_RDONLY); }
static long try_securityfs(void) { return opened("/sys/kernel/security/lsm", O_RDONLY); }
static long try_cgroup(void) { return opened("/sys/fs/cgroup/cgroup.procs", O_WRONLY); }
static long try_dev_mem(void) { return opened("/dev/mem", O_RDONLY); }
static long try_own_file(void) { return open(TRY_WRITABLE "/written", O_CREAT | O_WRONLY | O_CLOEXEC, 0600); }

// --- Mounts ---

static int alone(void) { return unshare(CLONE_NEWNS) < 0 ? TRY_NEEDS_MORE : 0; }

static long try_mount(void) { return alone() ?: mount_call("tmpfs", TARGET, "tmpfs", 0); }
static long try_bind(void) { return alone() ?: mount_call("/proc/sys", TARGET, NULL, MS_BIND); }
static long try_remount(void) { return alone() ?: mount_call(NULL, TRY_MOUNTED, NULL, MS_REMOUNT | MS_BIND | MS_NOEXEC); }
static long try_propagation(void) { return alone() ?: mount_call(NULL, TRY_MOUNTED, NULL, MS_UNBINDABLE); }
static long try_move(void) { return alone() ?: mount_call(TRY_MOUNTED, TARGET, NULL, MS_MOVE); }
static long try_umount(void) { return alone() ?: syscall(SYS_umount2, TRY_MOUNTED, 2); }
static long try_pivot_root(void) { return alone() ?: syscall(SYS_pivot_root, TRY_MOUNTED, TRY_MOUNTED); }

static long try_move_mount(void) {
    int context = (int)syscall(SYS_fsopen, "tmpfs", 0);
    if (alone() || context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return TRY_NEEDS_MORE;
    int made = (int)syscall(SYS_fsmount, context, 0, 0);
    return made < 0 ? TRY_NEEDS_MORE : syscall(SYS_move_mount, made, "", AT_FDCWD, TARGET, MOVE_MOUNT_F_EMPTY_PATH);
}

// --- Other processes ---

static pid_t outside(void) {
    char text[16] = "";
    int fd = open(TRY_OTHER_PID, O_RDONLY | O_CLOEXEC);
    return fd < 0 || read(fd, text, sizeof text - 1) <= 0 ? -1 : (pid_t)atoi(text);
}

static pid_t child(void) {
    pid_t made = fork();
    if (made == 0)
        for (;;)
            pause();
    return made;
}

static long opened_of(pid_t process, const char *name, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)process, name);
    return process < 0 ? TRY_NEEDS_MORE : opened(path, flags);
}

static long signalled(pid_t process) { return process < 0 ? TRY_NEEDS_MORE : kill(process, SIGCONT); }

static long traced(pid_t process) {
    // Let go when this process ends.
    return process < 0 ? TRY_NEEDS_MORE : ptrace(PTRACE_SEIZE, process, NULL, NULL);
}

static long read_memory(pid_t process) {
    char byte;
    // Nothing is mapped there: who may read learns that it can't be read.
    struct iovec local = {&byte, 1}, remote = {(void *)8, 1};
    return process < 0 ? TRY_NEEDS_MORE : syscall(SYS_process_vm_readv, process, &local, 1UL, &remote, 1UL, 0UL);
}

// Asks `call` about a child, which then goes.
static long of_child(long (*call)(pid_t)) {
    pid_t made = child();
    long result = call(made);
    int error = errno;
    if (made > 0) {
        syscall(SYS_kill, made, SIGKILL);
        // Where the signal was refused it would never come: the container's end takes the child along.
        waitpid(made, NULL, result < 0 ? WNOHANG : 0);
    }
    errno = error;
    return result;
}

static long try_signal(void) { return signalled(outside()); }
static long try_ptrace(void) { return traced(outside()); }
static long try_memory(void) { return read_memory(outside()); }
static long try_environ(void) { return opened_of(outside(), "environ", O_RDONLY); }
static long try_mem(void) { return opened_of(outside(), "mem", O_RDWR); }
static long try_signal_own(void) { return of_child(signalled); }
static long try_ptrace_own(void) { return of_child(traced); }

// --- The network ---

static long try_packet(void) { return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); }
static long try_raw(void) { return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP); }
static long try_stream(void) { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }
static long try_netlink(void) { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0); }

const struct try confinement_tries[] = {
    {"write(/proc/sys)", try_proc_sys},
    {"write(/proc/sysrq-trigger)", try_sysrq},
    {"write(/proc/irq)", try_proc_irq},
    {"write(/proc/self)", try_own_proc},
    {"read(/proc/kcore)", try_kcore},
    {"read(/proc/kmsg)", try_kmsg},
    {"read(/proc/keys)", try_keys},
    {"read(/proc/timer_list)", try_timer_list},
    {"write(/sys/kernel)", try_sys_kernel},
    {"write(/sys/module)", try_sys_module},
    {"write(/sys/devices)", try_sys_devices},
    {"write(/sys/bus)", try_sys_bus},
    {"write(/sys/fs/cgroup)", try_cgroup},
    {"read(/sys/firmware)", try_firmware},
    {"read(/sys/kernel/security)", try_securityfs},
    {"read(/dev/mem)", try_dev_mem},
    {"write(/tmp)", try_own_file},
    {"mount(new)", try_mount},
    {"mount(bind)", try_bind},
    {"mount(remount)", try_remount},
    {"mount(propagation)", try_propagation},
    {"mount(move)", try_move},
    {"move_mount(new)", try_move_mount},
    {"umount(any)", try_umount},
    {"pivot_root(any)", try_pivot_root},
    {"signal(outside)", try_signal},
    {"signal(own)", try_signal_own},
    {"ptrace(outside)", try_ptrace},
    {"ptrace(own)", try_ptrace_own},
    {"process_vm_readv(outside)", try_memory},
    {"environ(outside)", try_environ},
    {"mem(outside)", try_mem},
    {"socket(packet)", try_packet},
    {"socket(raw)", try_raw},
    {"socket(stream)", try_stream},
    {"socket(netlink)", try_netlink},
    {0},
};
