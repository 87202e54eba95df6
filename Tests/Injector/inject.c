/* inject: runs a program and what it clones under ptrace(2), and makes one system call of one of them fail or do less than
 * it was asked for, or ends one of them before it.
 *
 *   inject LOG list -- PROGRAM [ARGUMENT..]
 *   inject LOG fail PROCESS CALL NUMBER ERRNO -- PROGRAM [ARGUMENT..]
 *   inject LOG short PROCESS CALL NUMBER half|none -- PROGRAM [ARGUMENT..]
 *   inject LOG kill PROCESS CALL NUMBER -- PROGRAM [ARGUMENT..]
 *
 * A process is named by its descent: 0 is the program, 0.1 the second that it has made. Each one's calls are counted from 0
 * in their order. `short` halves the third argument, a count of bytes, or answers 0 without a call. LOG gets a line a call
 * in `list`: PROCESS CALL NUMBER RESULT ARGUMENT0 ARGUMENT1 ARGUMENT2 FILE, the last of what is read from or written to, else a
 * dash. Otherwise it gets one line: `done` where the call was reached and is NUMBER, `other N` where it is another one, and
 * nothing where it was never reached. What still runs when the first process has ended is let go. Exit: the first process's status, or 128 and its signal; 125 for an error of inject's own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 256 };
enum what { LIST, FAIL, SHORT, KILL };

struct process {
    pid_t pid;
    char name[64];   /* empty until its maker has told of it */
    int children;
    long calls;      /* made so far */
    int inside;      /* between the entry and the exit of one */
    int replaced;    /* its result is to be ours */
    int waits;       /* stopped for the first time, before its maker has told of it */
    int ended;
    unsigned long long number, first, second, third;
};

static struct process processes[MOST];
static int count;

static void die(const char *what) {
    fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
    for (int i = 0; i < count; i++)
        if (!processes[i].ended) kill(processes[i].pid, SIGKILL);
    exit(125);
}

static struct process *find(pid_t pid) {
    for (int i = 0; i < count; i++)
        if (processes[i].pid == pid && !processes[i].ended) return &processes[i];
    if (count == MOST) {
        errno = ENOSPC;
        die("too many processes");
    }
    processes[count] = (struct process){.pid = pid};
    return &processes[count++];
}

static const char *target_name;
static int over_with; /* nothing is left to be done but to wait for the end */
static enum what what;

/* A process in which nothing can happen any more runs without a stop at each of its calls. */
static void go_on(struct process *it, int sent) {
    int looks = what == LIST || it->replaced || (!over_with && !strcmp(it->name, target_name));
    if (ptrace(looks ? PTRACE_SYSCALL : PTRACE_CONT, it->pid, 0, (long)sent) < 0 && errno != ESRCH) die("go on");
}

static void get(pid_t pid, struct user_regs_struct *registers) {
    struct iovec area = {registers, sizeof *registers};
    if (ptrace(PTRACE_GETREGSET, pid, (void *)1, &area) < 0 && errno != ESRCH) die("registers");
}

static void set(pid_t pid, struct user_regs_struct *registers) {
    struct iovec area = {registers, sizeof *registers};
    if (ptrace(PTRACE_SETREGSET, pid, (void *)1, &area) < 0 && errno != ESRCH) die("set registers");
}

/* What a call reads from or writes to, as procfs has it; a dash for any other call. */
static const char *file_of(const struct process *it) {
    static char text[256];
    char path[64];
    if (it->number != SYS_read && it->number != SYS_write && it->number != SYS_pread64 && it->number != SYS_pwrite64)
        return "-";
    snprintf(path, sizeof path, "/proc/%d/fd/%llu", (int)it->pid, it->first);
    ssize_t length = readlink(path, text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    return length > 0 ? text : "-";
}

int main(int argc, char **argv) {
    static const char *const words[] = {"list", "fail", "short", "kill"};
    static const int arguments[] = {0, 4, 4, 3};
    if (argc < 5) return 125;
    FILE *log = fopen(argv[1], "we");
    if (!log) die(argv[1]);
    while (what < KILL && strcmp(argv[2], words[what])) what++;
    int at = 3 + arguments[what];
    if (argc < at + 2 || strcmp(argv[at], "--")) return 125;
    long call = -1, number = -1, result_wanted = 0;
    int half = 0;
    target_name = argv[3];
    if (what != LIST) {
        call = atol(argv[4]);
        number = atol(argv[5]);
        if (what == FAIL) result_wanted = -atol(argv[6]);
        if (what == SHORT) half = !strcmp(argv[6], "half");
    }
    at++;
    pid_t first = fork();
    if (first < 0) die("fork");
    if (first == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execvp(argv[at], argv + at);
        _exit(127);
    }
    int status;
    if (waitpid(first, &status, 0) < 0) die("waitpid");
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
    if (ptrace(PTRACE_SETOPTIONS, first, 0, options) < 0) die("options");
    strcpy(find(first)->name, "0");
    go_on(find(first), 0);

    int result = 125;
    while (1) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0) {
            if (errno == EINTR) continue;
            die("waitpid");
        }
        struct process *it = find(pid);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            it->ended = 1;
            if (pid == first) {
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
                break;
            }
            continue;
        }
        int sent = 0, signal = WSTOPSIG(status), event = status >> 16;
        if (!it->name[0]) {
            /* A new process's first stop may come before its maker's word. */
            it->waits = 1;
            continue;
        }
        if (signal == (SIGTRAP | 0x80)) {
            struct user_regs_struct registers = {0};
            get(pid, &registers);
            if (!it->inside) {
                it->inside = 1;
                it->number = registers.orig_rax;
                it->first = registers.rdi;
                it->second = registers.rsi;
                it->third = registers.rdx;
                if (what != LIST && !over_with && !strcmp(it->name, target_name) && it->calls == call) {
                    over_with = 1;
                    if ((long)registers.orig_rax != number) {
                        fprintf(log, "other %llu\n", registers.orig_rax);
                    } else if (what == KILL) {
                        fprintf(log, "done\n");
                        kill(pid, SIGKILL);
                    } else if (what == SHORT && half) {
                        fprintf(log, "done\n");
                        registers.rdx = (registers.rdx + 1) / 2;
                        set(pid, &registers);
                    } else {
                        fprintf(log, "done\n");
                        it->replaced = 1;
                        /* A close that fails has closed all the same (close(2)). */
                        if (number != SYS_close) {
                            registers.orig_rax = -1;
                            set(pid, &registers);
                        }
                    }
                    fflush(log);
                }
            } else {
                it->inside = 0;
                if (it->replaced) {
                    it->replaced = 0;
                    registers.rax = result_wanted;
                    set(pid, &registers);
                }
                if (what == LIST)
                    fprintf(log, "%s %ld %llu %lld %llx %llx %llx %s\n", it->name, it->calls, it->number,
                            (long long)registers.rax, it->first, it->second, it->third, file_of(it));
                it->calls++;
            }
        } else if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK) {
            unsigned long made = 0;
            if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &made) == 0) {
                struct process *child = find((pid_t)made);
                snprintf(child->name, sizeof child->name, "%.50s.%d", it->name, it->children++);
                if (child->waits) {
                    child->waits = 0;
                    go_on(child, 0);
                }
            }
        } else if (event || signal == SIGTRAP) {
            /* Of an exec, told by ptrace itself; the call's exit follows. */
        } else if (signal == SIGSTOP && it->calls == 0 && !it->inside) {
            /* A new process's first stop. */
        } else if ((signal == SIGSEGV || signal == SIGILL || signal == SIGBUS || signal == SIGFPE) && pid != first) {
            /* The first process of a pid namespace dies of its own fault only while nobody traces it. */
            ptrace(PTRACE_DETACH, pid, 0, (long)signal);
            it->ended = 1;
            continue;
        } else {
            sent = signal;
        }
        go_on(it, sent);
    }
    fclose(log);
    /* The others are let go: they have to be stopped for that. */
    for (int i = 0; i < count; i++) {
        if (processes[i].ended) continue;
        pid_t pid = processes[i].pid;
        if (ptrace(PTRACE_DETACH, pid, 0, 0) == 0) continue;
        kill(pid, SIGSTOP);
        int waited = 0;
        while (waitpid(pid, &status, __WALL) == pid) {
            if (WIFEXITED(status) || WIFSIGNALED(status)) break;
            int stopped = WSTOPSIG(status);
            if (stopped == SIGSTOP) {
                /* Its first stop, perhaps, with the one that was sent now still to come. */
                ptrace(PTRACE_DETACH, pid, 0, 0);
                kill(pid, SIGCONT);
                break;
            }
            int is_call = stopped == (SIGTRAP | 0x80) || stopped == SIGTRAP;
            ptrace(PTRACE_CONT, pid, 0, (long)(is_call ? 0 : stopped));
            if (++waited > 100) break;
        }
    }
    return result;
}
