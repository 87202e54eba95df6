#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

int clinux_openat(int directory, const char *path, int flags, uint32_t mode) {
    return (int)SYSCALL(SYS_openat, directory, path, flags, mode);
}

int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return (int)SYSCALL(SYS_openat2, directory, path, &how, sizeof how);
}

int clinux_close(int fd) {
    return (int)SYSCALL(SYS_close, fd);
}

long clinux_read(int fd, void *buffer, size_t count) {
    return SYSCALL(SYS_read, fd, buffer, count);
}

long clinux_write(int fd, const void *bytes, size_t count) {
    return SYSCALL(SYS_write, fd, bytes, count);
}

long clinux_readlinkat(int directory, const char *path, void *buffer, size_t capacity) {
    return SYSCALL(SYS_readlinkat, directory, path, buffer, capacity);
}

int clinux_statx(int directory, const char *path, int flags, struct clinux_file_status *status) {
    struct statx found;
    long result = SYSCALL(SYS_statx, directory, path, flags, STATX_BASIC_STATS | STATX_MNT_ID, &found);
    if (result < 0)
        return (int)result;
    *status = (struct clinux_file_status){
        .inode = found.stx_ino,
        .size = found.stx_size,
        .mount_id = found.stx_mask & STATX_MNT_ID ? found.stx_mnt_id : 0,
        .attributes = found.stx_attributes & found.stx_attributes_mask,
        .changed = (int64_t)found.stx_ctime.tv_sec * 1000000000 + found.stx_ctime.tv_nsec,
        .mode = found.stx_mode,
        .uid = found.stx_uid,
        .gid = found.stx_gid,
        .link_count = found.stx_nlink,
        .device_major = found.stx_dev_major,
        .device_minor = found.stx_dev_minor,
        .rdev_major = found.stx_rdev_major,
        .rdev_minor = found.stx_rdev_minor,
    };
    return 0;
}

int clinux_fstatfs(int fd, struct clinux_file_system_status *status) {
    struct statfs found;
    long result = result_of(fstatfs(fd, &found));
    if (result < 0)
        return (int)result;
    status->type = (uint64_t)found.f_type;
    status->flags = (uint64_t)found.f_flags;
    return 0;
}

int clinux_mkdirat(int directory, const char *path, uint32_t mode) {
    return (int)SYSCALL(SYS_mkdirat, directory, path, mode);
}

int clinux_mknodat(int directory, const char *path, uint32_t mode, uint32_t major, uint32_t minor) {
    return (int)result_of(mknodat(directory, path, mode, makedev(major, minor)));
}

int clinux_symlinkat(const char *target, int directory, const char *path) {
    return (int)SYSCALL(SYS_symlinkat, target, directory, path);
}

int clinux_linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    return (int)SYSCALL(SYS_linkat, from_directory, from, to_directory, to, flags);
}

int clinux_unlinkat(int directory, const char *path, int flags) {
    return (int)SYSCALL(SYS_unlinkat, directory, path, flags);
}

int clinux_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    return (int)SYSCALL(SYS_renameat2, from_directory, from, to_directory, to, flags);
}

int clinux_fchownat(int directory, const char *path, uint32_t uid, uint32_t gid, int flags) {
    return (int)SYSCALL(SYS_fchownat, directory, path, uid, gid, flags);
}

int clinux_fchmod(int fd, uint32_t mode) {
    return (int)SYSCALL(SYS_fchmod, fd, mode);
}

int clinux_fchmodat(int directory, const char *path, uint32_t mode) {
    return (int)SYSCALL(SYS_fchmodat, directory, path, mode);
}

int clinux_fchmodat2(int directory, const char *path, uint32_t mode, int flags) {
    return (int)SYSCALL(SYS_fchmodat2, directory, path, mode, flags);
}

int clinux_ftruncate(int fd, int64_t length) {
    return (int)SYSCALL(SYS_ftruncate, fd, length);
}

int clinux_fsync(int fd) {
    return (int)SYSCALL(SYS_fsync, fd);
}

int clinux_flock(int fd, int operation) {
    return (int)SYSCALL(SYS_flock, fd, operation);
}

long clinux_getdents64(int fd, void *buffer, size_t capacity) {
    return SYSCALL(SYS_getdents64, fd, buffer, capacity);
}

int clinux_faccessat2(int directory, const char *path, int mode, int flags) {
    return (int)SYSCALL(SYS_faccessat2, directory, path, mode, flags);
}

int clinux_close_range(unsigned first, unsigned last, unsigned flags) {
    return (int)SYSCALL(SYS_close_range, first, last, flags);
}

int clinux_get_descriptor_flags(int fd) {
    return (int)SYSCALL(SYS_fcntl, fd, F_GETFD);
}

int clinux_set_descriptor_flags(int fd, int flags) {
    return (int)SYSCALL(SYS_fcntl, fd, F_SETFD, flags);
}

int clinux_get_status_flags(int fd) {
    return (int)SYSCALL(SYS_fcntl, fd, F_GETFL);
}

int clinux_set_status_flags(int fd, int flags) {
    return (int)SYSCALL(SYS_fcntl, fd, F_SETFL, flags);
}

int clinux_duplicate(int fd, int minimum) {
    return (int)SYSCALL(SYS_fcntl, fd, F_DUPFD_CLOEXEC, minimum);
}

int clinux_dup3(int fd, int target, int flags) {
    return (int)SYSCALL(SYS_dup3, fd, target, flags);
}

int clinux_pipe2(int ends[2], int flags) {
    return (int)SYSCALL(SYS_pipe2, ends, flags);
}

int clinux_umask(uint32_t mask) {
    return (int)SYSCALL(SYS_umask, mask);
}

int clinux_chdir(const char *path) {
    return (int)SYSCALL(SYS_chdir, path);
}

int clinux_fchdir(int fd) {
    return (int)SYSCALL(SYS_fchdir, fd);
}

int clinux_chroot(const char *path) {
    return (int)SYSCALL(SYS_chroot, path);
}

long clinux_getcwd(void *buffer, size_t capacity) {
    return SYSCALL(SYS_getcwd, buffer, capacity);
}

int clinux_memfd_create(const char *name, unsigned flags) {
    return (int)SYSCALL(SYS_memfd_create, name, flags);
}

int clinux_eventfd(void) {
    return (int)SYSCALL(SYS_eventfd2, 0, O_CLOEXEC);
}

int clinux_add_seals(int fd, int seals) {
    return (int)SYSCALL(SYS_fcntl, fd, F_ADD_SEALS, seals);
}

int clinux_get_seals(int fd) {
    return (int)SYSCALL(SYS_fcntl, fd, F_GET_SEALS);
}

long clinux_sendfile(int to, int from, size_t count) {
    return SYSCALL(SYS_sendfile, to, from, NULL, count);
}

long clinux_fgetxattr(int fd, const char *name, void *buffer, size_t capacity) {
    return SYSCALL(SYS_fgetxattr, fd, name, buffer, capacity);
}

int clinux_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags) {
    return (int)SYSCALL(SYS_fsetxattr, fd, name, value, size, flags);
}

long clinux_flistxattr(int fd, void *buffer, size_t capacity) {
    return SYSCALL(SYS_flistxattr, fd, buffer, capacity);
}

int clinux_fremovexattr(int fd, const char *name) {
    return (int)SYSCALL(SYS_fremovexattr, fd, name);
}
