#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <linux/mount.h>

int clinux_fsopen(const char *type, unsigned flags) {
    return (int)SYSCALL(SYS_fsopen, type, flags);
}

int clinux_fspick(int directory, const char *path, unsigned flags) {
    return (int)SYSCALL(SYS_fspick, directory, path, flags);
}

int clinux_fsconfig(int context, unsigned command, const char *key, const void *value, int auxiliary) {
    return (int)SYSCALL(SYS_fsconfig, context, command, key, value, auxiliary);
}

int clinux_fsmount(int context, unsigned flags, unsigned attributes) {
    return (int)SYSCALL(SYS_fsmount, context, flags, attributes);
}

int clinux_open_tree(int directory, const char *path, unsigned flags) {
    return (int)SYSCALL(SYS_open_tree, directory, path, flags);
}

int clinux_move_mount(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    return (int)SYSCALL(SYS_move_mount, from_directory, from, to_directory, to, flags);
}

int clinux_mount_setattr(int directory, const char *path, unsigned flags, uint64_t set, uint64_t clear,
                         uint64_t propagation, int user_namespace) {
    struct mount_attr attributes = {
        .attr_set = set,
        .attr_clr = clear,
        .propagation = propagation,
        .userns_fd = user_namespace < 0 ? 0 : (uint64_t)user_namespace,
    };
    return (int)SYSCALL(SYS_mount_setattr, directory, path, flags, &attributes, sizeof attributes);
}

int clinux_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *data) {
    return (int)SYSCALL(SYS_mount, source, target, type, flags, data);
}

int clinux_umount2(const char *target, int flags) {
    return (int)SYSCALL(SYS_umount2, target, flags);
}

int clinux_pivot_root(const char *new_root, const char *put_old) {
    return (int)SYSCALL(SYS_pivot_root, new_root, put_old);
}
