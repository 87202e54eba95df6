#define _GNU_SOURCE
#include "arguments.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

/*
 * The program's entry, where the linker is told so (-e raind_oci_start); otherwise nothing of this is used.
 *
 * The kernel comes here before anything of the C library has run. What the constructor in self_clone.c would do after
 * the library's start is done now, in the one way that almost always works, so that the library starts once and not
 * twice: a fifth of a millisecond. Whatever goes wrong is left to the constructor, which checks the copy in any case.
 *
 * There is no C library yet: no errno, no thread-local storage, no relocations in a static position-independent program,
 * and no function whose address is looked up at its start (memcpy, strcmp). So: system calls, and loops.
 */

enum { PROC_ROOT_INODE = 1, MOST_VARIABLES = 2048 };

#ifndef OPEN_TREE_CLOEXEC
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif
#ifndef PROPAGATION_PRIVATE
#define PROPAGATION_PRIVATE (1 << 18) /* MS_PRIVATE */
#endif

#define WITHOUT_LIBRARY __attribute__((no_stack_protector, used))

#if defined(__x86_64__)

/* The stack is as the kernel has left it: argc, the arguments, NULL, the environment. %rdx is for atexit, if anything. */
__asm__(".text\n"
        ".globl raind_oci_start\n"
        ".type raind_oci_start, @function\n"
        "raind_oci_start:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined rip\n"
        "    mov %rsp, %rdi\n"
        "    push %rdx\n"
        "    sub $8, %rsp\n"
        "    call raind_oci_early\n"
        "    add $8, %rsp\n"
        "    pop %rdx\n"
        "    jmp _start\n"
        "    .cfi_endproc\n"
        ".size raind_oci_start, . - raind_oci_start\n");

static inline long call5(long number, long a, long b, long c, long d, long e) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

#elif defined(__aarch64__)

/* As above; x0 is for atexit, if anything. */
__asm__(".text\n"
        ".globl raind_oci_start\n"
        ".type raind_oci_start, %function\n"
        "raind_oci_start:\n"
        "    stp x0, x30, [sp, #-16]!\n"
        "    add x0, sp, #16\n"
        "    bl raind_oci_early\n"
        "    ldp x0, x30, [sp], #16\n"
        "    b _start\n"
        ".size raind_oci_start, . - raind_oci_start\n");

static inline long call5(long number, long a, long b, long c, long d, long e) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}

#else
#error "raind-oci runs on x86_64 and aarch64"
#endif

static inline void close_file(long file) {
    if (file >= 0)
        call5(SYS_close, file, 0, 0, 0, 0);
}

/* The root of a real procfs, or a negative number. */
static inline long open_proc(void) {
    struct statfs system;
    struct stat status;
    long proc = call5(SYS_openat, AT_FDCWD, (long)"/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, 0);
    if (proc < 0)
        return proc;
    if (call5(SYS_fstatfs, proc, (long)&system, 0, 0, 0) == 0 && system.f_type == PROC_SUPER_MAGIC &&
        call5(SYS_fstat, proc, (long)&status, 0, 0, 0) == 0 && status.st_ino == PROC_ROOT_INODE)
        return proc;
    close_file(proc);
    return -1;
}

/* The program that is running, or a negative number. */
static inline long open_program(long proc) {
    struct open_how how;
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.mode = 0;
    how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
    long self = call5(SYS_openat2, proc, (long)"self", (long)&how, sizeof how, 0);
    if (self < 0)
        return self;
    long program = call5(SYS_openat, self, (long)"exe", O_RDONLY | O_CLOEXEC, 0, 0);
    close_file(self);
    return program;
}

static inline void execute_copy(long program, char **argv, char **environment) {
    /* A sealed file is a copy already. */
    if (call5(SYS_fcntl, program, F_GET_SEALS, 0, 0, 0) >= 0)
        return;
    long tree = call5(SYS_open_tree, program, (long)"", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, 0, 0);
    if (tree < 0)
        return;
    struct mount_attr attributes;
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    attributes.attr_clr = 0;
    attributes.propagation = PROPAGATION_PRIVATE;
    attributes.userns_fd = 0;
    if (call5(SYS_mount_setattr, tree, (long)"", AT_EMPTY_PATH, (long)&attributes, sizeof attributes) == 0)
        call5(SYS_execveat, tree, (long)"", (long)argv, (long)environment, AT_EMPTY_PATH);
    close_file(tree);
}

WITHOUT_LIBRARY void raind_oci_early(long *stack) {
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    char **environment = argv + argc + 1;
    size_t count = 0;
    for (; environment[count] != NULL; count++) {
        if (count == MOST_VARIABLES || same_text(environment[count], SELF_CLONE_MARKER))
            return;
    }
    if (!needs_protection(argc, argv))
        return;
    char *marked[MOST_VARIABLES + 2];
    marked[0] = (char *)SELF_CLONE_MARKER;
    for (size_t i = 0; i <= count; i++)
        *(char *volatile *)&marked[i + 1] = environment[i];
    long proc = open_proc();
    if (proc < 0)
        return;
    long program = open_program(proc);
    if (program >= 0)
        execute_copy(program, argv, marked);
    close_file(program);
    close_file(proc);
}
