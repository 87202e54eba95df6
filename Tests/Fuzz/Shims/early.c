/* What raind-oci does before the C library starts (CSelfClone), with sanitizers: on a stack as the kernel would have left it. */
#include "../../../Sources/CSelfClone/early_start.c"
#include "shims.h"

#include <stdlib.h>
#include <string.h>

struct words {
    char **list;
    size_t count;
};

static struct words take_words(struct input *input, size_t most) {
    static const char *const known[] = {"create", "run", "exec", "state", "--root", "--log", "-", "--", "--debug", "a=b", "--x=y"};
    struct words words;
    words.count = take_byte(input) % (most + 1);
    words.list = malloc((words.count + 1) * sizeof *words.list);
    for (size_t i = 0; i < words.count; i++) {
        uint8_t choice = take_byte(input);
        words.list[i] = choice < 200 ? strdup(known[choice % (sizeof known / sizeof *known)]) : take_text(input);
    }
    words.list[words.count] = NULL;
    return words;
}

static void free_words(struct words words) {
    for (size_t i = 0; i < words.count; i++)
        free(words.list[i]);
    free(words.list);
}

void try_arguments(struct input *input) {
    struct words words = take_words(input, 12);
    bool has_command = false;
    for (size_t i = 1; i < words.count; i++)
        has_command = has_command || is_protected_command(words.list[i]);
    require(!needs_protection((int)words.count, words.list) || has_command, "nothing to protect without such a command");
    /* The command right behind the program's name is always seen. */
    if (words.count > 1 && is_protected_command(words.list[1]))
        require(needs_protection((int)words.count, words.list), "create at its usual place");
    free_words(words);
}

void try_early_start(struct input *input) {
    struct words arguments = take_words(input, 6), environment = take_words(input, 40);
    /* As many as there is no room for, or one less; the same text again and again. */
    size_t more = take_byte(input) % 4 == 0 ? MOST_VARIABLES - environment.count + take_byte(input) % 2 : 0;
    bool is_marked = take_byte(input) % 2 == 0 || needs_protection((int)arguments.count, arguments.list);
    /* Else it would execute this program again. */
    size_t variables = environment.count + more + (is_marked ? 1 : 0);
    long *stack = calloc(1 + arguments.count + 1 + variables + 1, sizeof *stack);
    size_t place = 0;
    stack[place++] = (long)arguments.count;
    for (size_t i = 0; i < arguments.count; i++)
        stack[place++] = (long)arguments.list[i];
    stack[place++] = 0;
    for (size_t i = 0; i < environment.count; i++)
        stack[place++] = (long)environment.list[i];
    for (size_t i = 0; i < more; i++)
        stack[place++] = (long)"MANY=1";
    if (is_marked)
        stack[place++] = (long)SELF_CLONE_MARKER;
    stack[place++] = 0;
    raind_oci_early(stack);
    free(stack);
    free_words(arguments);
    free_words(environment);
}
