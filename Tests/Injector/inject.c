/* inject: runs a program and what it clones under ptrace(2), and makes one system call of one of them fail, or ends one of
 * them before it.
 *
 *   inject LOG list -- PROGRAM [ARGUMENT..]
 *   inject LOG fail PROCESS CALL NUMBER ERRNO -- PROGRAM [ARGUMENT..]
 *   inject LOG kill PROCESS CALL NUMBER -- PROGRAM [ARGUMENT..]
 *
 * Processes are counted from 0 in the order of their making, each one's calls from 0 in their order. LOG gets a line a call
 * in `list`: PROCESS CALL NUMBER RESULT ARGUMENT0 ARGUMENT1 ARGUMENT2. Otherwise it gets one line: `done` where the call was
 * reached and is NUMBER, `other N` where it is another one, and nothing where it was never reached. What still runs when the
 * first process has ended is let go. Exit: the first process's status, or 128 and its signal; 125 for an error of inject's own.
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

#define MOST 64

struct process {
    pid_t pid;
    long calls;      /* made so far */
    int inside;      /* between the entry and the exit of one */
    int replaced;    /* its result is to be ours */
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
    if (count == MOST) die("too many processes");
    processes[count] = (struct process){.pid = pid};
    return &processes[count++];
}

int main(int argc, char **argv) {
    if (argc < 5) return 125;
    FILE *log = fopen(argv[1], "we");
    if (!log) die(argv[1]);
    int lists = !strcmp(argv[2], "list"), kills = !strcmp(argv[2], "kill"), at = 3;
    long process = -1, call = -1, number = -1, error = 0;
    if (!lists) {
        process = atol(argv[at++]);
        call = atol(argv[at++]);
        number = atol(argv[at++]);
        if (!kills) error = atol(argv[at++]);
    }
    at++; /* -- */
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
    find(first);
    if (ptrace(PTRACE_SYSCALL, first, 0, 0) < 0) die("start");

    int result = 125, over = 0;
    while (!over) {
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
                over = 1;
            }
            continue;
        }
        int sent = 0, signal = WSTOPSIG(status);
        if (signal == (SIGTRAP | 0x80)) {
            struct user_regs_struct registers;
            struct iovec area = {&registers, sizeof registers};
            if (ptrace(PTRACE_GETREGSET, pid, (void *)1, &area) < 0) {
                if (errno == ESRCH) continue;
                die("registers");
            }
            if (!it->inside) {
                it->inside = 1;
                it->number = registers.orig_rax;
                it->first = registers.rdi;
                it->second = registers.rsi;
                it->third = registers.rdx;
                if (!lists && it - processes == process && it->calls == call) {
                    if ((long)registers.orig_rax != number) {
                        fprintf(log, "other %llu\n", registers.orig_rax);
                    } else if (kills) {
                        fprintf(log, "done\n");
                        kill(pid, SIGKILL);
                    } else {
                        fprintf(log, "done\n");
                        it->replaced = 1;
                        /* A close that fails has closed all the same (close(2)). */
                        if (number != SYS_close) {
                            registers.orig_rax = -1;
                            if (ptrace(PTRACE_SETREGSET, pid, (void *)1, &area) < 0) die("set registers");
                        }
                    }
                    fflush(log);
                }
            } else {
                it->inside = 0;
                if (it->replaced) {
                    it->replaced = 0;
                    registers.rax = -error;
                    if (ptrace(PTRACE_SETREGSET, pid, (void *)1, &area) < 0) die("set registers");
                }
                if (lists)
                    fprintf(log, "%ld %ld %llu %lld %llx %llx %llx\n", (long)(it - processes), it->calls, it->number,
                            (long long)registers.rax, it->first, it->second, it->third);
                it->calls++;
            }
        } else if (signal == SIGTRAP && status >> 16) {
            /* Of a clone or an exec, told by ptrace itself. After an exec the same call's exit follows. */
        } else if (signal == SIGSTOP && it->calls == 0 && !it->inside) {
            /* A new process's first stop. */
        } else if (signal != SIGTRAP) {
            sent = signal;
        }
        if (ptrace(PTRACE_SYSCALL, pid, 0, (long)sent) < 0 && errno != ESRCH) die("go on");
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
                ptrace(PTRACE_DETACH, pid, 0, 0);
                break;
            }
            int is_call = stopped == (SIGTRAP | 0x80) || stopped == SIGTRAP;
            ptrace(PTRACE_CONT, pid, 0, (long)(is_call ? 0 : stopped));
            if (++waited > 100) break;
        }
    }
    return result;
}
