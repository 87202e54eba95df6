// Forbidden things, each tried so that it does no harm where it is allowed, and so that the answer tells which layer
// gave it: arguments that the kernel itself answers with another errno than the one of a filter or of a missing
// capability. Each try runs in a child of its own, since a filter may kill it and since it may change what the child
// is. What is printed is what the system call returned, never what procfs says.
//
//   probe try NAME[@MASK]..      MASK, hexadecimal: the capabilities that the child keeps
//   probe try list [KIND]        the names; KIND is syscalls, tables, capabilities or confinement
//
//   {"try":"mount","result":-1,"errno":"EFAULT","signal":0}
#define _GNU_SOURCE
#include "try.h"
#include "json.h"
#include "probe.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// A try that blocks ends by SIGALRM.
#define PATIENCE_SECONDS 10

static const struct {
    const char *name;
    const struct try *tries;
} kinds[] = {{"syscalls", syscall_tries}, {"tables", table_tries}, {"capabilities", capability_tries},
             {"confinement", confinement_tries}};

static const struct try *find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (const struct try *try = kinds[i].tries; try->name; try++)
            if (strlen(try->name) == length && strncmp(try->name, name, length) == 0)
                return try;
    return NULL;
}

static int keep_capabilities(uint64_t mask) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)mask, .permitted = (uint32_t)mask},
        {.effective = (uint32_t)(mask >> 32), .permitted = (uint32_t)(mask >> 32)},
    };
    return (int)syscall(SYS_capset, &header, data);
}

// Shared with the child, which writes its answer there: under a filter a pipe could be refused.
struct outcome {
    long result;
    int error;
};

static int one(const char *word) {
    const char *at = strchr(word, '@');
    size_t length = at ? (size_t)(at - word) : strlen(word);
    const struct try *try = find(word, length);
    if (!try) {
        fprintf(stderr, "probe: nothing to try is named %s\n", word);
        return 2;
    }
    struct outcome *outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outcome == MAP_FAILED)
        return 2;
    // -3: it never came back; -4: the capabilities couldn't be set.
    *outcome = (struct outcome){-3, 0};
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE_SECONDS);
        if (at && keep_capabilities(strtoull(at + 1, NULL, 16)) < 0) {
            *outcome = (struct outcome){-4, errno};
            _exit(0);
        }
        errno = 0;
        long result = try->call();
        outcome->error = errno;
        outcome->result = result;
        _exit(0);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    char name[128];
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    json_open(NULL, '{');
    json_string("try", name);
    json_number("result", outcome->result);
    json_string("errno", outcome->result < 0 ? errno_name(outcome->error) : "");
    json_number("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    json_close('}');
    json_end();
    munmap(outcome, sizeof *outcome);
    return child < 0 ? 2 : 0;
}

int command_try(int count, char **words) {
    if (count >= 1 && strcmp(words[0], "list") == 0) {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            if (count == 1 || strcmp(words[1], kinds[i].name) == 0)
                for (const struct try *try = kinds[i].tries; try->name; try++)
                    puts(try->name);
        return 0;
    }
    int status = 0;
    for (int i = 0; i < count; i++)
        status |= one(words[i]);
    return status;
}
