#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

int clinux_seccomp_load(const void *filter_bytes, size_t byte_count, unsigned flags) {
    size_t count = byte_count / sizeof(struct sock_filter);
    if (count == 0 || count > UINT16_MAX || byte_count % sizeof(struct sock_filter) != 0)
        return -EINVAL;
    struct sock_fprog program = {.len = (unsigned short)count, .filter = (struct sock_filter *)filter_bytes};
    return (int)SYSCALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

int clinux_seccomp_flags_available(unsigned flags) {
    /* The flags are looked at before the program is, which is nowhere. */
    long result = SYSCALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL);
    return result == -EFAULT ? 0 : (int)result;
}

int clinux_seccomp_action_available(uint32_t action) {
    return (int)SYSCALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
}

int clinux_seccomp_notification_sizes(uint16_t *request, uint16_t *response, uint16_t *data) {
    struct seccomp_notif_sizes sizes;
    long result = SYSCALL(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
    if (result < 0)
        return (int)result;
    *request = sizes.seccomp_notif;
    *response = sizes.seccomp_notif_resp;
    *data = sizes.seccomp_data;
    return 0;
}
