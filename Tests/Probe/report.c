// What a process can tell about itself, each from the system call that knows it rather than from procfs where there is
// one: a runtime that lies to procfs is found out.
#define _GNU_SOURCE
#include "json.h"
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void report_ids(void) {
    uid_t ruid, euid, suid;
    gid_t rgid, egid, sgid;
    getresuid(&ruid, &euid, &suid);
    getresgid(&rgid, &egid, &sgid);
    json_open("ids", '{');
    json_number("uid", ruid);
    json_number("euid", euid);
    json_number("suid", suid);
    // An impossible id changes nothing and returns what is.
    json_number("fsuid", (uid_t)setfsuid((uid_t)-1));
    json_number("gid", rgid);
    json_number("egid", egid);
    json_number("sgid", sgid);
    json_number("fsgid", (gid_t)setfsgid((gid_t)-1));
    int count = getgroups(0, NULL);
    gid_t *groups = calloc((size_t)count + 1, sizeof *groups);
    count = getgroups(count, groups);
    json_open("groups", '[');
    for (int i = 0; i < count; i++)
        json_number(NULL, groups[i]);
    json_close(']');
    free(groups);
    json_close('}');
}

static void report_umask(void) {
    mode_t mask = umask(0);
    umask(mask);
    json_number("umask", mask);
}

static void report_cwd(void) {
    char path[PATH_MAX];
    if (syscall(SYS_getcwd, path, sizeof path) < 0)
        json_errno("cwd", errno);
    else
        json_string("cwd", path);
}

static void mask_of(const char *key, uint64_t mask) {
    char text[20];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)mask);
    json_string(key, text);
}

static void report_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    if (syscall(SYS_capget, &header, data) < 0) {
        json_errno("capabilities", errno);
        return;
    }
    uint64_t bounding = 0, ambient = 0;
    for (int cap = 0; cap < 64; cap++) {
        if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
            bounding |= 1ULL << cap;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
            ambient |= 1ULL << cap;
    }
    json_open("capabilities", '{');
    mask_of("effective", data[0].effective | (uint64_t)data[1].effective << 32);
    mask_of("permitted", data[0].permitted | (uint64_t)data[1].permitted << 32);
    mask_of("inheritable", data[0].inheritable | (uint64_t)data[1].inheritable << 32);
    mask_of("bounding", bounding);
    mask_of("ambient", ambient);
    json_close('}');
}

static void report_security(void) {
    json_open("security", '{');
    json_number("noNewPrivileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    json_number("seccomp", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
    json_number("securebits", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
    json_number("dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
    json_number("childSubreaper", ({
                    int is = -1;
                    prctl(PR_GET_CHILD_SUBREAPER, &is, 0, 0, 0);
                    is;
                }));
    json_number("parentDeathSignal", ({
                    int is = -1;
                    prctl(PR_GET_PDEATHSIG, &is, 0, 0, 0);
                    is;
                }));
    json_file("label", "/proc/self/attr/current");
    json_close('}');
}

static void report_rlimits(void) {
    static const struct {
        const char *name;
        int resource;
    } limits[] = {
        {"RLIMIT_AS", RLIMIT_AS},           {"RLIMIT_CORE", RLIMIT_CORE},       {"RLIMIT_CPU", RLIMIT_CPU},
        {"RLIMIT_DATA", RLIMIT_DATA},       {"RLIMIT_FSIZE", RLIMIT_FSIZE},     {"RLIMIT_LOCKS", RLIMIT_LOCKS},
        {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK}, {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE}, {"RLIMIT_NICE", RLIMIT_NICE},
        {"RLIMIT_NOFILE", RLIMIT_NOFILE},   {"RLIMIT_NPROC", RLIMIT_NPROC},     {"RLIMIT_RSS", RLIMIT_RSS},
        {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},   {"RLIMIT_RTTIME", RLIMIT_RTTIME},   {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
        {"RLIMIT_STACK", RLIMIT_STACK},
    };
    json_open("rlimits", '{');
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit;
        if (getrlimit((__rlimit_resource_t)limits[i].resource, &limit) < 0) {
            json_errno(limits[i].name, errno);
            continue;
        }
        json_open(limits[i].name, '{');
        json_unsigned("soft", limit.rlim_cur);
        json_unsigned("hard", limit.rlim_max);
        json_close('}');
    }
    json_close('}');
}

static void report_mounts(void) { json_file("mountinfo", "/proc/self/mountinfo"); }

// Descriptors are found by asking for each number: a runtime can't hide one by hiding procfs.
static void report_descriptors(void) {
    json_open("descriptors", '[');
    for (int fd = 0; fd < 1024; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags < 0)
            continue;
        char link[64], target[PATH_MAX];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, target, sizeof target - 1);
        struct stat status;
        json_open(NULL, '{');
        json_number("fd", fd);
        if (length < 0)
            json_null("target");
        else
            json_bytes("target", target, (size_t)length);
        json_bool("closeOnExec", flags & FD_CLOEXEC);
        json_number("flags", fcntl(fd, F_GETFL));
        if (fstat(fd, &status) == 0) {
            json_number("mode", status.st_mode);
            json_number("uid", status.st_uid);
            json_number("gid", status.st_gid);
        }
        json_close('}');
    }
    json_close(']');
}

static void report_words(void) {
    json_open("args", '[');
    for (int i = 0; i < probe_argument_count; i++)
        json_string(NULL, probe_arguments[i]);
    json_close(']');
    json_open("env", '[');
    for (char **variable = environ; *variable; variable++)
        json_string(NULL, *variable);
    json_close(']');
}

static void report_names(void) {
    struct utsname names;
    uname(&names);
    json_string("hostname", names.nodename);
    json_string("domainname", names.domainname);
}

static void report_process(void) {
    json_open("process", '{');
    json_number("pid", getpid());
    json_number("ppid", getppid());
    json_number("sid", getsid(0));
    json_number("pgid", getpgrp());
    json_close('}');
}

static void report_terminal(void) {
    json_open("terminal", '{');
    json_open("isatty", '[');
    for (int fd = 0; fd < 3; fd++)
        json_bool(NULL, isatty(fd));
    json_close(']');
    struct winsize size;
    if (ioctl(0, TIOCGWINSZ, &size) == 0) {
        json_number("rows", size.ws_row);
        json_number("columns", size.ws_col);
    }
    // Only a process with a controlling terminal can open this.
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    json_bool("controlling", fd >= 0);
    if (fd >= 0)
        close(fd);
    json_number("foreground", isatty(0) ? tcgetpgrp(0) : -1);
    char name[PATH_MAX];
    if (ttyname_r(0, name, sizeof name) == 0)
        json_string("name", name);
    json_close('}');
}

static void report_scheduling(void) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {0};
    json_open("scheduling", '{');
    json_file("oomScoreAdj", "/proc/self/oom_score_adj");
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) == 0) {
        json_number("policy", attributes.policy);
        json_unsigned("flags", attributes.flags);
        json_number("nice", attributes.nice);
        json_number("priority", attributes.priority);
        json_unsigned("runtime", attributes.runtime);
        json_unsigned("deadline", attributes.deadline);
        json_unsigned("period", attributes.period);
    }
    json_number("ioPriority", syscall(SYS_ioprio_get, 1, 0));
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        json_open("affinity", '[');
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            if (CPU_ISSET(cpu, &set))
                json_number(NULL, cpu);
        json_close(']');
    }
    json_unsigned("personality", (unsigned)personality(0xffffffff));
    int mode = 0;
    unsigned long nodes[16] = {0}; // 1024 of them, and the kernel counts one more than it looks at
    if (syscall(SYS_get_mempolicy, &mode, nodes, 1025UL, NULL, 0UL) == 0) {
        json_number("memoryPolicy", mode);
        json_open("memoryNodes", '[');
        for (int node = 0; node < 1024; node++)
            if (nodes[node / 64] >> (node % 64) & 1)
                json_number(NULL, node);
        json_close(']');
    }
    json_close('}');
}

static void report_clocks(void) {
    struct timespec time;
    json_open("clocks", '{');
    clock_gettime(CLOCK_MONOTONIC, &time);
    json_number("monotonic", time.tv_sec * 1000000000LL + time.tv_nsec);
    clock_gettime(CLOCK_BOOTTIME, &time);
    json_number("boottime", time.tv_sec * 1000000000LL + time.tv_nsec);
    json_close('}');
    json_file("timeOffsets", "/proc/self/timens_offsets");
}

static void report_namespaces(void) {
    static const char *names[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    json_open("namespaces", '{');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64], target[64];
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        ssize_t length = readlink(path, target, sizeof target);
        if (length < 0)
            json_null(names[i]);
        else
            json_bytes(names[i], target, (size_t)length);
    }
    json_close('}');
    json_file("uidMap", "/proc/self/uid_map");
    json_file("gidMap", "/proc/self/gid_map");
    json_file("setgroups", "/proc/self/setgroups");
}

static void report_cgroup(void) { json_file("cgroup", "/proc/self/cgroup"); }

static void report_keyring(void) {
    char text[256];
    long length = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof text);
    if (length < 0)
        json_errno("sessionKeyring", errno);
    else
        json_string("sessionKeyring", text); // type;uid;gid;perm;description
    length = syscall(SYS_keyctl, KEYCTL_GET_SECURITY, KEY_SPEC_SESSION_KEYRING, text, sizeof text);
    if (length > 1)
        json_string("sessionKeyringLabel", text);
}

static void report_signals(void) {
    json_open("signals", '{');
    json_open("ignored", '[');
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            json_number(NULL, number);
    }
    json_close(']');
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    json_open("blocked", '[');
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&mask, number) == 1)
            json_number(NULL, number);
    json_close(']');
    json_close('}');
}

static const struct {
    const char *name;
    void (*write)(void);
} sections[] = {
    {"ids", report_ids},
    {"umask", report_umask},
    {"cwd", report_cwd},
    {"capabilities", report_capabilities},
    {"security", report_security},
    {"rlimits", report_rlimits},
    {"mounts", report_mounts},
    {"descriptors", report_descriptors},
    {"words", report_words},
    {"names", report_names},
    {"process", report_process},
    {"terminal", report_terminal},
    {"scheduling", report_scheduling},
    {"clocks", report_clocks},
    {"namespaces", report_namespaces},
    {"cgroup", report_cgroup},
    {"keyring", report_keyring},
    {"signals", report_signals},
};

int command_report(int count, char **words) {
    json_open(NULL, '{');
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        int wanted = count == 0;
        for (int word = 0; word < count; word++)
            wanted |= strcmp(words[word], sections[i].name) == 0;
        if (wanted)
            sections[i].write();
    }
    json_close('}');
    json_end();
    return 0;
}
