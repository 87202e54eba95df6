#ifndef ARGUMENTS_H
#define ARGUMENTS_H

/* What the command line says about the need for a copy. Used before the C library has started: loops, and no table of
 * pointers, which would have to be relocated first. */

#include <stdbool.h>
#include <stddef.h>

/* Given to the copy, and taken out of its environment at once: a copy that is not protected must not copy itself again,
 * for ever. */
#define SELF_CLONE_MARKER "RAIND_OCI_SELF_CLONE=1"

/* Where the constructor leaves for main why there is no copy. */
#define SELF_CLONE_FAILURE "RAIND_OCI_SELF_CLONE_FAILURE"

static inline bool same_text(const char *one, const char *other) {
    while (*one != '\0' && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

static inline bool has_equals_sign(const char *text) {
    while (*text != '\0' && *text != '=')
        text++;
    return *text == '=';
}

static inline bool makes_process(const char *word) {
    return same_text(word, "create") || same_text(word, "run") || same_text(word, "exec");
}

static inline bool is_protected_command(const char *word) {
    return makes_process(word) || same_text(word, "restore");
}

/* Whether the argument after this flag is its value. */
static inline bool takes_value(const char *flag) {
    flag += flag[1] == '-' ? 2 : 1;
    return same_text(flag, "log") || same_text(flag, "log-format") || same_text(flag, "root") ||
           same_text(flag, "rootless") || same_text(flag, "log-level") || same_text(flag, "cgroup-manager");
}

/* Whether one of these is the command. A word after a flag that is not known here may be the flag's value as well as the
 * command, so the search goes on behind it: to protect once too often costs little. */
static inline bool is_command(int argc, char **argv, bool (*is_one)(const char *)) {
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            if (takes_value(argv[i]))
                i++;
            continue;
        }
        if (is_one(argv[i]))
            return true;
        const char *before = argv[i - 1];
        if (i == 1 || before[0] != '-' || has_equals_sign(before))
            return false;
    }
    return false;
}

static inline bool needs_protection(int argc, char **argv) {
    return is_command(argc, argv, is_protected_command);
}

#endif
