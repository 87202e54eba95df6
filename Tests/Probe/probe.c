// The tests' own init: a static program that runs inside the container and tells what it sees, or does one thing and
// tells how it went.
//
//   probe report [SECTION..]         a JSON object
//   probe try NAME[@MASK]..          one JSON line for each forbidden thing tried
//   probe stat PATH..                a JSON array: kind, mode, owner, device numbers, link target
//   probe read PATH..                each file's content; probe cat is the same
//   probe write PATH TEXT            "ok", or the errno's name
//   probe open PATH r|w|rw           "ok", or the errno's name
//   probe sleep [SECONDS]            for ever without SECONDS
//   probe trap                       prints each signal's number, ends with 0 at SIGTERM
//   probe spawn N                    N sleeping children, then sleeps itself
//   probe multiply [end]            every process makes others for ever; with end, many of them end again
//   probe orphan                     a child that outlives its parent; prints the child's pid
//   probe memory BYTES [hold]        touches that much memory, and keeps it for ever with hold
//   probe exit N                     probe signal N: ends itself by it (but not as PID 1)
//   probe notify TEXT..              each as a datagram to NOTIFY_SOCKET, with a descriptor; prints the errno if that fails
//   probe exec PATH ARG..            prints the errno if that fails
//   probe lock PATH PROGRAM ARG..    executes the program with a lock on the file (flock)
//   probe as UID[:GID] COMMAND ..    changes its ids first
#define _GNU_SOURCE
#include "probe.h"
#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

static int verdict(int result) {
    puts(result < 0 ? errno_name(errno) : "ok");
    return result < 0;
}

static int command_stat(int count, char **words) {
    json_open(NULL, '[');
    for (int i = 0; i < count; i++) {
        struct stat status;
        json_open(NULL, '{');
        json_string("path", words[i]);
        if (lstat(words[i], &status) < 0) {
            json_string("errno", errno_name(errno));
            json_close('}');
            continue;
        }
        const char *kind = S_ISREG(status.st_mode)    ? "file"
                           : S_ISDIR(status.st_mode)  ? "folder"
                           : S_ISLNK(status.st_mode)  ? "link"
                           : S_ISCHR(status.st_mode)  ? "char"
                           : S_ISBLK(status.st_mode)  ? "block"
                           : S_ISFIFO(status.st_mode) ? "fifo"
                                                      : "socket";
        json_string("kind", kind);
        json_number("mode", status.st_mode & 07777);
        json_number("uid", status.st_uid);
        json_number("gid", status.st_gid);
        json_number("size", status.st_size);
        json_number("links", (long long)status.st_nlink);
        if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
            json_number("major", major(status.st_rdev));
            json_number("minor", minor(status.st_rdev));
        }
        if (S_ISLNK(status.st_mode)) {
            char target[PATH_MAX];
            ssize_t length = readlink(words[i], target, sizeof target);
            json_bytes("target", target, length < 0 ? 0 : (size_t)length);
        }
        struct statfs fs;
        if (statfs(words[i], &fs) == 0) {
            json_unsigned("fsType", (unsigned long long)fs.f_type);
            json_unsigned("fsBytes", (unsigned long long)fs.f_blocks * (unsigned long long)fs.f_bsize);
            json_unsigned("fsFiles", fs.f_files);
        }
        json_close('}');
    }
    json_close(']');
    json_end();
    return 0;
}

static int command_read(int count, char **words) {
    int status = 0;
    for (int i = 0; i < count; i++) {
        int fd = open(words[i], O_RDONLY | O_CLOEXEC);
        ssize_t got = -1;
        char buffer[65536];
        while (fd >= 0 && (got = read(fd, buffer, sizeof buffer)) > 0)
            fwrite(buffer, 1, (size_t)got, stdout);
        if (got < 0) {
            fprintf(stderr, "%s: %s\n", words[i], errno_name(errno));
            status = 1;
        }
        if (fd >= 0)
            close(fd);
    }
    return status;
}

static int command_write(int count, char **words) {
    if (count != 2)
        return 2;
    int fd = open(words[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return verdict(-1);
    return verdict(write(fd, words[1], strlen(words[1])) < 0 ? -1 : 0);
}

static int command_open(int count, char **words) {
    if (count != 2)
        return 2;
    int mode = strcmp(words[1], "r") == 0 ? O_RDONLY : strcmp(words[1], "w") == 0 ? O_WRONLY : O_RDWR;
    return verdict(open(words[0], mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

static int command_lock(int count, char **words) {
    int file = count < 2 ? -1 : open(words[0], O_RDWR | O_CREAT, 0600);
    if (file < 0 || flock(file, LOCK_EX) < 0)
        return verdict(-1);
    execv(words[1], words + 1);
    return verdict(-1);
}

static int command_sleep(int count, char **words) {
    if (count == 0)
        for (;;)
            pause();
    double seconds = strtod(words[0], NULL);
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
    return 0;
}

static int command_trap(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int number = sigwaitinfo(&all, NULL);
        if (number < 0)
            continue;
        printf("%d\n", number);
        fflush(stdout);
        if (number == SIGTERM)
            return 0;
    }
}

__attribute__((noreturn)) static void command_spawn(int count, char **words) {
    int children = count ? atoi(words[0]) : 1;
    for (int i = 0; i < children; i++) {
        pid_t child = fork();
        if (child < 0) {
            printf("%d %s\n", i, errno_name(errno));
            fflush(stdout);
            break;
        }
        if (child == 0)
            for (;;)
                pause();
    }
    puts("ready");
    fflush(stdout);
    for (;;)
        pause();
}

// As many as there may be, and each goes on trying: who ends one makes room for the next.
__attribute__((noreturn)) static void command_multiply(int count) {
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    unsigned turn = 0;
    for (;;) {
        pid_t child = fork();
        if (child == 0)
            turn = 0;
        else
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        if (count && getpid() != 1 && (getpid() + ++turn) % 16 == 0)
            _exit(0);
    }
}

static int command_orphan(void) {
    pid_t child = fork();
    if (child == 0) {
        setsid();
        for (;;)
            pause();
    }
    if (child < 0)
        return verdict(-1);
    printf("%d\n", child);
    return 0;
}

static int command_memory(int count, char **words) {
    size_t size = count ? strtoull(words[0], NULL, 0) : 0;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        return verdict(-1);
    for (size_t at = 0; at < size; at += 4096)
        memory[at] = 1;
    puts("ok");
    fflush(stdout);
    if (count > 1)
        for (;;)
            pause();
    return 0;
}

// A text of the form SECONDS:TEXT waits first, and xSIZE is that many bytes.
static int command_notify(int count, char **words) {
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!name) {
        puts("no NOTIFY_SOCKET");
        return 1;
    }
    printf("%s\n", name);
    fflush(stdout);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (int i = 0; i < count; i++) {
        static char large[65536];
        char control[CMSG_SPACE(sizeof(int))] = {0};
        struct iovec part = {words[i], strlen(words[i])};
        if (words[i][0] == 'x') {
            memset(large, '\n', sizeof large);
            part = (struct iovec){large, strtoul(words[i] + 1, NULL, 10)};
        } else if (words[i][0] >= '0' && words[i][0] <= '9') {
            char *text;
            double seconds = strtod(words[i], &text);
            nanosleep(&(struct timespec){(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)}, NULL);
            part = (struct iovec){text + 1, strlen(text + 1)};
        }
        struct msghdr message = {&address, sizeof address, &part, 1, control, sizeof control, 0};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &(int){0}, sizeof(int));
        if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
            return verdict(-1);
    }
    return 0;
}

static int run(int count, char **words);

static int command_as(int count, char **words) {
    if (count < 2)
        return 2;
    char *end;
    uid_t uid = (uid_t)strtoul(words[0], &end, 10);
    gid_t gid = *end == ':' ? (gid_t)strtoul(end + 1, NULL, 10) : uid;
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        return verdict(-1);
    return run(count - 1, words + 1);
}

static int run(int count, char **words) {
    const char *name = words[0];
    int rest = count - 1;
    char **arguments = words + 1;
    if (strcmp(name, "report") == 0)
        return command_report(rest, arguments);
    if (strcmp(name, "try") == 0)
        return command_try(rest, arguments);
    if (strcmp(name, "stat") == 0)
        return command_stat(rest, arguments);
    if (strcmp(name, "read") == 0 || strcmp(name, "cat") == 0)
        return command_read(rest, arguments);
    if (strcmp(name, "write") == 0)
        return command_write(rest, arguments);
    if (strcmp(name, "open") == 0)
        return command_open(rest, arguments);
    if (strcmp(name, "lock") == 0)
        return command_lock(rest, arguments);
    if (strcmp(name, "sleep") == 0)
        return command_sleep(rest, arguments);
    if (strcmp(name, "trap") == 0)
        return command_trap();
    if (strcmp(name, "spawn") == 0)
        command_spawn(rest, arguments);
    if (strcmp(name, "multiply") == 0)
        command_multiply(rest);
    if (strcmp(name, "orphan") == 0)
        return command_orphan();
    if (strcmp(name, "memory") == 0)
        return command_memory(rest, arguments);
    if (strcmp(name, "notify") == 0)
        return command_notify(rest, arguments);
    if (strcmp(name, "exit") == 0)
        return rest ? atoi(arguments[0]) : 0;
    if (strcmp(name, "signal") == 0) {
        int number = rest ? atoi(arguments[0]) : SIGKILL;
        signal(number, SIG_DFL);
        kill(getpid(), number);
        return 0;
    }
    if (strcmp(name, "exec") == 0 && rest) {
        execv(arguments[0], arguments);
        return verdict(-1);
    }
    if (strcmp(name, "as") == 0)
        return command_as(rest, arguments);
    fprintf(stderr, "probe: unknown command %s\n", name);
    return 2;
}

int probe_argument_count;
char **probe_arguments;

int main(int count, char **words) {
    probe_argument_count = count;
    probe_arguments = words;
    if (count < 2) {
        fputs("usage: probe COMMAND [ARGUMENT..], see probe.c\n", stderr);
        return 2;
    }
    return run(count - 1, words + 1);
}
