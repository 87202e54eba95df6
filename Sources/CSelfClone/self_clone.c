#define _GNU_SOURCE
#include "CSelfClone.h"
#include "arguments.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers of Linux 6.1, or only in those of libc that exclude linux/mount.h. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif
#ifndef PROPAGATION_PRIVATE
#define PROPAGATION_PRIVATE (1 << 18) /* MS_PRIVATE */
#endif

enum { PROC_ROOT_INODE = 1 };

static const int ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

/* What was tried and failed, for the message. */
struct attempts {
    char text[512];
    /* The call that has just failed. */
    const char *operation;
};

static void note(struct attempts *attempts, const char *operation, int error) {
    size_t used = strlen(attempts->text);
    const char *name = strerrorname_np(error);
    snprintf(attempts->text + used, sizeof attempts->text - used, "%s%s: %s", used == 0 ? "" : ", ", operation,
             name == NULL ? "?" : name);
}

/* main reads this before it does anything: it knows the command and the container's id, and who wants to be told. */
static void refuse(const char *text) {
    if (setenv(SELF_CLONE_FAILURE, text, 1) == 0)
        return;
    dprintf(STDERR_FILENO, "raind-oci: protect program: %s\n", text);
    _exit(1);
}

/* Takes the marker out of the environment, and tells whether it was there. */
static bool take_marker(char **environment) {
    bool found = false;
    char **kept = environment;
    for (char **next = environment; *next != NULL; next++) {
        if (same_text(*next, SELF_CLONE_MARKER))
            found = true;
        else
            *kept++ = *next;
    }
    *kept = NULL;
    return found;
}

static bool has_prefix(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Takes what the program doesn't read out of its environment, and out of its memory: some of a container's processes may look
 * into those that join it (proc_pid_environ(5): CAP_SYS_PTRACE, on newer kernels CAP_PERFMON), and secrets of the caller's
 * are not for them. */
static void forget_variables(char **environment) {
    static const char *const read[] = {
        "PATH=",
        "USER=",
        "XDG_RUNTIME_DIR=",
        "DBUS_SYSTEM_BUS_ADDRESS=",
        "DBUS_SESSION_BUS_ADDRESS=",
        "NOTIFY_SOCKET=",
        "LISTEN_",
        "RAIND_OCI_",
    };
    char **kept = environment;
    for (char **next = environment; *next != NULL; next++) {
        bool is_read = false;
        for (size_t i = 0; i < sizeof read / sizeof *read && !is_read; i++)
            is_read = has_prefix(*next, read[i]);
        if (is_read)
            *kept++ = *next;
        else
            explicit_bzero(*next, strlen(*next));
    }
    *kept = NULL;
}

/* /proc, or -1 with errno when it is not the root of a real one. */
static int open_proc(struct attempts *attempts) {
    struct statfs system;
    struct stat status;
    attempts->operation = "openat /proc";
    int proc = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (proc < 0)
        return -1;
    attempts->operation = "fstatfs /proc";
    if (fstatfs(proc, &system) == 0) {
        attempts->operation = "fstat /proc";
        if (fstat(proc, &status) == 0) {
            if (system.f_type == PROC_SUPER_MAGIC && status.st_ino == PROC_ROOT_INODE)
                return proc;
            errno = ENODEV;
        }
    }
    int error = errno;
    close(proc);
    errno = error;
    return -1;
}

/* The program that is running, for reading; -1 with errno. Nothing may be mounted over the way to it: its last part,
 * a link of procfs, is the one step that leaves the file system. */
static int open_program(int proc, struct attempts *attempts) {
    struct open_how how = {
        .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
        .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
    };
    attempts->operation = "openat2 /proc/self";
    int self = (int)syscall(SYS_openat2, proc, "self", &how, sizeof how);
    if (self < 0)
        return -1;
    attempts->operation = "openat /proc/self/exe";
    int program = openat(self, "exe", O_RDONLY | O_CLOEXEC);
    int error = errno;
    close(self);
    errno = error;
    return program;
}

static bool is_sealed(int program) {
    int seals = fcntl(program, F_GET_SEALS);
    return seals >= 0 && (seals & ALL_SEALS) == ALL_SEALS;
}

/* Whether the program, which carries the marker, is the copy that the marker speaks of. */
static bool is_read_only_copy(int program, struct attempts *attempts) {
    struct statx status;
    struct statfs system;
    if (syscall(SYS_statx, program, "", AT_EMPTY_PATH, STATX_NLINK, &status) != 0) {
        note(attempts, "statx", errno);
        return false;
    }
    /* An unnamed temporary file: what is written to it reaches nobody. */
    if (status.stx_nlink == 0)
        return true;
    if (fstatfs(program, &system) != 0) {
        note(attempts, "fstatfs", errno);
        return false;
    }
    if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0 || (system.f_flags & ST_RDONLY) == 0) {
        note(attempts, "check the copy", EROFS);
        return false;
    }
    /* A mount that belongs to a namespace could be made writable there. One that belongs to none cannot be copied. */
    int tree = (int)syscall(SYS_open_tree, program, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0 && errno == EINVAL)
        return true;
    if (tree < 0) {
        note(attempts, "open_tree", errno);
        return false;
    }
    close(tree);
    note(attempts, "check the copy", EBUSY);
    return false;
}

static void execute(int file, char **argv, char **environment) {
    syscall(SYS_execveat, file, "", argv, environment, AT_EMPTY_PATH);
}

static void try_detached_mount(int program, char **argv, char **environment, struct attempts *attempts) {
    int tree = (int)syscall(SYS_open_tree, program, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) {
        note(attempts, "open_tree", errno);
        return;
    }
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY, .propagation = PROPAGATION_PRIVATE};
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0) {
        note(attempts, "mount_setattr", errno);
    } else {
        execute(tree, argv, environment);
        note(attempts, "execveat", errno);
    }
    close(tree);
}

static bool copy_all(int from, int to) {
    struct stat status;
    if (fstat(from, &status) != 0)
        return false;
    off_t offset = 0;
    while (offset < status.st_size) {
        ssize_t count = sendfile(to, from, &offset, (size_t)(status.st_size - offset));
        if (count < 0)
            return false;
        if (count == 0) {
            errno = EIO;
            return false;
        }
    }
    return true;
}

static void try_memory_file(int program, char **argv, char **environment, struct attempts *attempts) {
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int copy = memfd_create("raind-oci", flags | MFD_EXEC);
    if (copy < 0 && errno == EINVAL)
        copy = memfd_create("raind-oci", flags);
    if (copy < 0) {
        note(attempts, "memfd_create", errno);
        return;
    }
    if (!copy_all(program, copy)) {
        note(attempts, "sendfile", errno);
    } else if (fcntl(copy, F_ADD_SEALS, ALL_SEALS) != 0) {
        note(attempts, "fcntl(F_ADD_SEALS)", errno);
    } else {
        execute(copy, argv, environment);
        note(attempts, "execveat", errno);
    }
    close(copy);
}

static void try_temporary_file(int proc, int program, const char *directory, char **argv, char **environment,
                               struct attempts *attempts) {
    /* With O_EXCL it can never be given a name. */
    int writable = open(directory, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0500);
    if (writable < 0) {
        note(attempts, "open(O_TMPFILE)", errno);
        return;
    }
    char path[32];
    snprintf(path, sizeof path, "self/fd/%d", writable);
    bool copied = copy_all(program, writable);
    int copy = copied ? openat(proc, path, O_RDONLY | O_CLOEXEC) : -1;
    int error = errno;
    /* A file that anybody has open for writing is not executed. */
    close(writable);
    if (copy >= 0) {
        execute(copy, argv, environment);
        error = errno;
        close(copy);
    }
    note(attempts, copy >= 0 ? "execveat" : copied ? "openat" : "sendfile", error);
}

/* Runs the program again from a copy. Returns only when no way of doing that worked. */
static void run_from_copy(int proc, int program, char **argv, char **environment, struct attempts *attempts) {
    size_t count = 0;
    while (environment[count] != NULL)
        count++;
    size_t size = (count + 2) * sizeof *environment;
    char **marked = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (marked == MAP_FAILED) {
        note(attempts, "mmap", errno);
        return;
    }
    marked[0] = (char *)SELF_CLONE_MARKER;
    memcpy(marked + 1, environment, (count + 1) * sizeof *environment);

    static const char *const directories[] = {"/run", "/tmp", "/var/tmp", "/dev/shm"};
    try_detached_mount(program, argv, marked, attempts);
    try_memory_file(program, argv, marked, attempts);
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        try_temporary_file(proc, program, directories[i], argv, marked, attempts);
    munmap(marked, size);
}

/* Whoever closes the standard streams gets the next file that is opened in their place: an error message would be written
 * into a file of the state. As in libc's start of set-user-id programs, /dev/null takes the place of each. */
static void open_standard_streams(void) {
    for (int stream = 0; stream <= 2; stream++) {
        if (fcntl(stream, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* The lowest number that is free, which is this one: those below are open. */
        if (open("/dev/null", stream == 0 ? O_RDONLY : O_WRONLY) != stream)
            _exit(1);
    }
}

/* Before the constructors of others, which may start threads or open files: exec would end the ones and lose the
 * others. libc gives constructors the arguments of main, in static programs too. */
__attribute__((constructor(101))) static void protect_program(int argc, char **argv, char **environment) {
    struct attempts attempts = {{0}, NULL};
    open_standard_streams();
    bool is_copy = take_marker(environment);
    if (is_command(argc, argv, makes_process))
        forget_variables(environment);
    if (!is_copy && !needs_protection(argc, argv))
        return;

    int proc = open_proc(&attempts);
    if (proc < 0) {
        note(&attempts, attempts.operation, errno);
        return refuse(attempts.text);
    }
    int program = open_program(proc, &attempts);
    if (program < 0) {
        note(&attempts, attempts.operation, errno);
        return refuse(attempts.text);
    }
    if (!is_sealed(program)) {
        if (!is_copy)
            run_from_copy(proc, program, argv, environment, &attempts);
        if (!is_copy || !is_read_only_copy(program, &attempts))
            return refuse(attempts.text);
    }
    close(program);
    close(proc);
    /* Executed by descriptor, a process is called by the number of that before Linux 6.14. */
    const char *name = argc > 0 ? argv[0] : "raind-oci";
    const char *slash = strrchr(name, '/');
    prctl(PR_SET_NAME, slash == NULL ? name : slash + 1);
}
