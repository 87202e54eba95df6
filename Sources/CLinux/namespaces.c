#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <linux/nsfs.h>
#include <string.h>
#include <sys/utsname.h>

int clinux_sethostname(const char *name, size_t length) {
    return (int)SYSCALL(SYS_sethostname, name, length);
}

int clinux_setdomainname(const char *name, size_t length) {
    return (int)SYSCALL(SYS_setdomainname, name, length);
}

int clinux_namespace_type(int fd) {
    return (int)SYSCALL(SYS_ioctl, fd, NS_GET_NSTYPE);
}

int clinux_namespace_user(int fd) {
    return (int)SYSCALL(SYS_ioctl, fd, NS_GET_USERNS);
}

int clinux_namespace_parent(int fd) {
    return (int)SYSCALL(SYS_ioctl, fd, NS_GET_PARENT);
}

_Static_assert(sizeof(struct clinux_host_name) == sizeof(struct utsname), "the layout of struct utsname");

int clinux_uname(struct clinux_host_name *name) {
    return (int)SYSCALL(SYS_uname, name);
}
