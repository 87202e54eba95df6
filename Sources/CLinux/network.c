#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

int clinux_set_interface_flags(int fd, const char *name, short flags) {
    struct ifreq request = {.ifr_flags = flags};
    size_t length = strlen(name);
    if (length >= sizeof request.ifr_name)
        return -ENAMETOOLONG;
    memcpy(request.ifr_name, name, length);
    return (int)SYSCALL(SYS_ioctl, fd, SIOCSIFFLAGS, &request);
}
