#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <linux/capability.h>

int clinux_setresuid(uint32_t real, uint32_t effective, uint32_t saved) {
    return (int)SYSCALL(SYS_setresuid, real, effective, saved);
}

int clinux_setresgid(uint32_t real, uint32_t effective, uint32_t saved) {
    return (int)SYSCALL(SYS_setresgid, real, effective, saved);
}

int clinux_getresuid(uint32_t *real, uint32_t *effective, uint32_t *saved) {
    return (int)SYSCALL(SYS_getresuid, real, effective, saved);
}

int clinux_getresgid(uint32_t *real, uint32_t *effective, uint32_t *saved) {
    return (int)SYSCALL(SYS_getresgid, real, effective, saved);
}

int clinux_setgroups(const uint32_t *groups, size_t count) {
    return (int)SYSCALL(SYS_setgroups, count, groups);
}

int clinux_getgroups(uint32_t *groups, size_t capacity) {
    return (int)SYSCALL(SYS_getgroups, capacity, groups);
}

int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
    };
    return (int)SYSCALL(SYS_capset, &header, sets);
}

int clinux_capget(int pid, uint64_t *effective, uint64_t *permitted, uint64_t *inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = pid};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    long result = SYSCALL(SYS_capget, &header, sets);
    if (result < 0)
        return (int)result;
    *effective = sets[0].effective | (uint64_t)sets[1].effective << 32;
    *permitted = sets[0].permitted | (uint64_t)sets[1].permitted << 32;
    *inheritable = sets[0].inheritable | (uint64_t)sets[1].inheritable << 32;
    return 0;
}

int clinux_setfsgid(uint32_t gid) {
    return (int)syscall(SYS_setfsgid, gid);
}

int clinux_setfsuid(uint32_t uid) {
    return (int)syscall(SYS_setfsuid, uid);
}
