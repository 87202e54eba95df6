#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <linux/keyctl.h>

int clinux_join_session_keyring(const char *name) {
    return (int)SYSCALL(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name, 0UL, 0UL, 0UL);
}

long clinux_describe_key(int key, void *buffer, size_t capacity) {
    return SYSCALL(SYS_keyctl, KEYCTL_DESCRIBE, key, buffer, capacity, 0UL);
}

int clinux_set_key_permissions(int key, uint32_t permissions) {
    return (int)SYSCALL(SYS_keyctl, KEYCTL_SETPERM, key, permissions, 0UL, 0UL);
}
