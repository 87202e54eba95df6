#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <sys/ioctl.h>

int clinux_unlock_terminal(int master) {
    int locked = 0;
    return (int)SYSCALL(SYS_ioctl, master, TIOCSPTLCK, &locked);
}

int clinux_open_terminal_peer(int master, int flags) {
    return (int)SYSCALL(SYS_ioctl, master, TIOCGPTPEER, flags);
}

int clinux_terminal_number(int master) {
    unsigned number = 0;
    long result = SYSCALL(SYS_ioctl, master, TIOCGPTN, &number);
    return result < 0 ? (int)result : (int)number;
}

int clinux_get_window_size(int fd, uint16_t *rows, uint16_t *columns) {
    struct winsize size = {0};
    long result = SYSCALL(SYS_ioctl, fd, TIOCGWINSZ, &size);
    if (result < 0)
        return (int)result;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}

int clinux_set_window_size(int fd, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return (int)SYSCALL(SYS_ioctl, fd, TIOCSWINSZ, &size);
}

int clinux_get_foreground_group(int fd) {
    int group = 0;
    long result = SYSCALL(SYS_ioctl, fd, TIOCGPGRP, &group);
    return result < 0 ? (int)result : group;
}

int clinux_set_controlling_terminal(int fd) {
    return (int)SYSCALL(SYS_ioctl, fd, TIOCSCTTY, 0);
}

int clinux_get_terminal_attributes(int fd, struct termios *attributes) {
    return (int)result_of(tcgetattr(fd, attributes));
}

int clinux_set_terminal_attributes(int fd, int actions, const struct termios *attributes) {
    return (int)result_of(tcsetattr(fd, actions, attributes));
}
