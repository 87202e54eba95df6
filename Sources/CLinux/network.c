#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <linux/netlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int clinux_set_interface_flags(int fd, const char *name, short flags) {
    struct ifreq request = {.ifr_flags = flags};
    size_t length = strlen(name);
    if (length >= sizeof request.ifr_name)
        return -ENAMETOOLONG;
    memcpy(request.ifr_name, name, length);
    return (int)SYSCALL(SYS_ioctl, fd, SIOCSIFFLAGS, &request);
}

long clinux_receive_netlink(int fd, void *buffer, size_t capacity, uint32_t *sender) {
    struct sockaddr_nl address = {0};
    socklen_t size = sizeof address;
    long result = SYSCALL(SYS_recvfrom, fd, buffer, capacity, MSG_TRUNC, &address, &size);
    if (result >= 0)
        *sender = address.nl_pid;
    return result;
}
