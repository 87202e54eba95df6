#include <stdbool.h>

/*
 * What Swift's runtime would do before main, and the program has no use for.
 *
 * To find the arguments the runtime reads /proc/self/maps and looks through the stack; to be ready for a crash it looks
 * for a program swift-backtrace in folders around the executable, which for a program without a path (the read-only copy)
 * are folders of the caller's working directory. The linker takes these definitions in place of the objects of
 * libswiftCore.a that do so (CommandLine.cpp, Backtrace.cpp), and then nothing of them is in the program. Should a
 * later Swift name them otherwise, the objects are linked as before; should it ask more of them, the link fails.
 */

/* All zero is: no backtraces, off. More room than the runtime's structure has; only the runtime reads it. */
char _swift_backtraceSettings[512];

/* Referred to by every program; asked by the backtracer alone, which isn't there. */
bool _swift_backtrace_isThunkFunction(const char *name);
bool _swift_backtrace_isThunkFunction(const char *name) {
    (void)name;
    return false;
}

static int argument_count;
static char **argument_values;

/* The C library hands the arguments to constructors. */
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    argument_values = values;
}

char **_swift_stdlib_getUnsafeArgvArgc(int *count);
char **_swift_stdlib_getUnsafeArgvArgc(int *count) {
    *count = argument_count;
    return argument_values;
}

void _swift_stdlib_overrideUnsafeArgvArgc(char **values, int count);
void _swift_stdlib_overrideUnsafeArgvArgc(char **values, int count) {
    argument_values = values;
    argument_count = count;
}
