#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

int clinux_socket(int domain, int type, int protocol) {
    return (int)SYSCALL(SYS_socket, domain, type | SOCK_CLOEXEC, protocol);
}

int clinux_socketpair(int domain, int type, int ends[2]) {
    return (int)SYSCALL(SYS_socketpair, domain, type | SOCK_CLOEXEC, 0, ends);
}

union control {
    struct cmsghdr header;
    char space[CMSG_SPACE(253 * sizeof(int))];
};

long clinux_send(int fd, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count, int flags) {
    union control control;
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor_count > CLINUX_MAX_DESCRIPTORS)
        return -EINVAL;
    if (descriptor_count > 0) {
        size_t size = descriptor_count * sizeof *descriptors;
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(size);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(&control.header), descriptors, size);
    }
    return SYSCALL(SYS_sendmsg, fd, &message, flags | MSG_NOSIGNAL);
}

long clinux_receive(int fd, void *buffer, size_t capacity, int *descriptors, size_t *descriptor_count,
                    int *message_flags, int flags) {
    union control control;
    struct iovec part = {.iov_base = buffer, .iov_len = capacity};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    size_t room = *descriptor_count;
    if (room > CLINUX_MAX_DESCRIPTORS)
        return -EINVAL;
    if (room > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        /* Not CMSG_SPACE: its padding would hold one descriptor more than there is room for. */
        message.msg_controllen = CMSG_LEN(room * sizeof *descriptors);
    }
    long result = SYSCALL(SYS_recvmsg, fd, &message, flags | MSG_CMSG_CLOEXEC);
    if (result < 0)
        return result;
    *descriptor_count = 0;
    *message_flags = message.msg_flags;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof *descriptors;
        memcpy(descriptors + *descriptor_count, CMSG_DATA(header), count * sizeof *descriptors);
        *descriptor_count += count;
    }
    return result;
}

/* The size of the address, or the errno negated. */
static int unix_address(struct sockaddr_un *address, const void *path, size_t length) {
    const char *bytes = path;
    if (length == 0)
        return -EINVAL;
    size_t size = bytes[0] == 0 ? length : length + 1;
    if (size > sizeof address->sun_path)
        return -ENAMETOOLONG;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, bytes, length);
    return (int)(offsetof(struct sockaddr_un, sun_path) + size);
}

int clinux_connect_unix(int fd, const void *path, size_t length) {
    struct sockaddr_un address;
    int size = unix_address(&address, path, length);
    return size < 0 ? size : (int)SYSCALL(SYS_connect, fd, &address, size);
}

int clinux_bind_unix(int fd, const void *path, size_t length) {
    struct sockaddr_un address;
    int size = unix_address(&address, path, length);
    return size < 0 ? size : (int)SYSCALL(SYS_bind, fd, &address, size);
}

int clinux_listen(int fd, int backlog) {
    return (int)SYSCALL(SYS_listen, fd, backlog);
}

int clinux_accept(int fd) {
    return (int)SYSCALL(SYS_accept4, fd, NULL, NULL, SOCK_CLOEXEC);
}

int clinux_peer_credentials(int fd, int *pid, uint32_t *uid, uint32_t *gid) {
    struct ucred found;
    socklen_t size = sizeof found;
    long result = SYSCALL(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &found, &size);
    if (result < 0)
        return (int)result;
    *pid = found.pid;
    *uid = found.uid;
    *gid = found.gid;
    return 0;
}

int clinux_set_send_timeout(int fd, int milliseconds) {
    struct timeval timeout = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000L};
    return (int)SYSCALL(SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
}

int clinux_shutdown(int fd, int how) {
    return (int)SYSCALL(SYS_shutdown, fd, how);
}
