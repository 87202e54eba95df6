/*
 * The C of the project with AddressSanitizer and UndefinedBehaviorSanitizer: every function that takes a buffer, a text or a
 * list gets one of exactly the length that it is told, from the heap. An input is a sequence of calls.
 *
 * What a function is handed by the kernel is checked by what it says of it: no more than there was room for.
 */
#define _GNU_SOURCE
#include "CLinux.h"
#include "shims.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void require(int holds, const char *what) {
    if (holds)
        return;
    fprintf(stderr, "doesn't hold: %s\n", what);
    abort();
}

uint8_t take_byte(struct input *input) {
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->bytes++;
}

size_t take_number(struct input *input) {
    size_t high = take_byte(input);
    return high << 8 | take_byte(input);
}

void *take_bytes(struct input *input, size_t count) {
    uint8_t *copy = malloc(count);
    for (size_t i = 0; i < count; i++)
        copy[i] = take_byte(input);
    return copy;
}

char *take_text(struct input *input) {
    size_t count = take_byte(input);
    char *text = malloc(count + 1);
    size_t length = 0;
    while (length < count) {
        char letter = (char)take_byte(input);
        if (letter == 0)
            break;
        text[length++] = letter;
    }
    text[length] = 0;
    return realloc(text, length + 1);
}

/* Lengths that are of interest: none, one, the ends of an address, of a name, of a list of descriptors. */
static size_t take_length(struct input *input) {
    static const size_t lengths[] = {0, 1, 2, 15, 16, 17, 106, 107, 108, 109, 110, 255, 256, 4096};
    uint8_t choice = take_byte(input);
    return choice < 128 ? lengths[choice % (sizeof lengths / sizeof *lengths)] : take_number(input) % 8192;
}

static void try_messages(struct input *input) {
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    int ends[2];
    int type = types[take_byte(input) % 3];
    require(clinux_socketpair(AF_UNIX, type, ends) == 0, "a pair of sockets");
    int size = 1 << 18;
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    for (int round = take_byte(input) % 3; round >= 0; round--) {
        size_t length = take_length(input) + 1, room = take_length(input) + 1;
        /* One more than there may be, too. */
        size_t sent = take_byte(input) % (CLINUX_MAX_DESCRIPTORS + 2), wanted = take_byte(input) % (CLINUX_MAX_DESCRIPTORS + 2);
        uint8_t *bytes = take_bytes(input, length), *buffer = malloc(room);
        int *descriptors = malloc((sent + 1) * sizeof *descriptors), *received = malloc(wanted * sizeof *received);
        for (size_t i = 0; i < sent; i++)
            descriptors[i] = ends[0];
        long result = clinux_send(ends[0], bytes, length, descriptors, sent, MSG_DONTWAIT);
        require((result == -EINVAL) == (sent > CLINUX_MAX_DESCRIPTORS) || result < 0, "too many descriptors are refused");
        if (result > 0) {
            size_t count = wanted;
            int flags = 0;
            long got = clinux_receive(ends[1], buffer, room, received, &count, &flags, MSG_DONTWAIT);
            require(got >= 0 || wanted > CLINUX_MAX_DESCRIPTORS, "what was sent arrives");
            if (got >= 0) {
                require((size_t)got <= room && (size_t)got <= length, "no more than there was, and than there was room for");
                require(memcmp(buffer, bytes, (size_t)got) == 0, "the bytes are the same");
                require(count <= wanted && count <= sent, "no more descriptors than were sent, and than there was room for");
                require(count == sent || flags & MSG_CTRUNC, "it is told that some are missing");
                for (size_t i = 0; i < count; i++)
                    require(clinux_close(received[i]) == 0, "a descriptor that arrived is open");
            }
        }
        /* Of a stream there is more, what there was no room for. */
        uint8_t rest[4096];
        while (recv(ends[1], rest, sizeof rest, MSG_DONTWAIT) >= 0)
            ;
        free(bytes);
        free(buffer);
        free(descriptors);
        free(received);
    }
    clinux_close(ends[0]);
    clinux_close(ends[1]);
}

/* Names in the abstract namespace; a path leads nowhere, in the folder that this program is in. */
static void try_addresses(struct input *input) {
    size_t length = take_length(input) % 300;
    char *path = take_bytes(input, length);
    for (size_t i = 0; i < length; i++) {
        if (path[i] == '/' || (i > 0 && path[0] != 0 && path[i] == 0))
            path[i] = 'x';
    }
    int listener = clinux_socket(AF_UNIX, SOCK_SEQPACKET, 0), other = clinux_socket(AF_UNIX, SOCK_SEQPACKET, 0);
    int bound = clinux_bind_unix(listener, path, length);
    if (length == 0)
        require(bound == -EINVAL, "no address is refused");
    else if (length > 108 || (path[0] != 0 && length > 107))
        require(bound == -ENAMETOOLONG, "an address that is too long is refused");
    else if (path[0] == 0)
        require(bound == 0, "a name is taken");
    if (bound == 0 && clinux_listen(listener, 1) == 0) {
        require(clinux_connect_unix(other, path, length) == 0, "the name that was taken is found");
        int accepted = clinux_accept(listener), pid = 0;
        uint32_t uid = 1, gid = 1;
        require(accepted >= 0 && clinux_peer_credentials(accepted, &pid, &uid, &gid) == 0 && pid == getpid(), "it is this process");
        clinux_close(accepted);
    } else {
        clinux_connect_unix(other, path, length);
    }
    clinux_close(listener);
    clinux_close(other);
    free(path);
}

static void try_files(struct input *input) {
    size_t room = take_length(input);
    uint8_t *buffer = malloc(room);
    char *text = take_text(input);
    int folder = clinux_openat(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    int file = clinux_memfd_create(text, 0);
    long result = -1;
    switch (take_byte(input) % 10) {
    case 0: result = clinux_readlinkat(AT_FDCWD, "/proc/self/exe", buffer, room); break;
    case 1: result = clinux_getcwd(buffer, room); break;
    case 2: result = clinux_getdents64(folder, buffer, room); break;
    case 3:
        if (file >= 0) {
            clinux_fsetxattr(file, "trusted.fuzz", text, strlen(text), 0);
            result = clinux_fgetxattr(file, "trusted.fuzz", buffer, room);
            /* With no room the size is told. */
            if (room == 0)
                result = -1;
        }
        break;
    case 4: result = file < 0 || room == 0 ? -1 : clinux_flistxattr(file, buffer, room); break;
    case 5:
        if (file >= 0 && clinux_write(file, text, strlen(text) + 1) > 0 && lseek(file, 0, SEEK_SET) == 0)
            result = clinux_read(file, buffer, room);
        break;
    case 6: result = clinux_set_interface_flags(-1, text, 0); require(result < 0, "no socket, no device"); break;
    case 7: {
        struct clinux_file_status status;
        struct clinux_file_system_status system;
        if (clinux_statx(folder, text, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, &status) == 0)
            require(status.mode != 0, "a file has a type");
        require(clinux_fstatfs(folder, &system) == 0 && system.type != 0, "a file system has a type");
        break;
    }
    case 8: {
        size_t count = take_byte(input) % 40;
        struct clinux_poll *entries = calloc(count, sizeof *entries);
        for (size_t i = 0; i < count; i++) {
            entries[i].fd = i % 2 ? folder : -1;
            entries[i].events = (short)take_byte(input);
        }
        int ready = clinux_poll_entries(entries, count, 0);
        require(ready >= 0 && (size_t)ready <= count, "no more are ready than were asked for");
        free(entries);
        break;
    }
    default: {
        uint32_t *groups = malloc(room * sizeof *groups);
        int count = clinux_getgroups(groups, room);
        require(count < 0 || room == 0 || (size_t)count <= room, "no more groups than there is room for");
        free(groups);
        break;
    }
    }
    require(result < 0 || (size_t)result <= room, "no more than there is room for");
    clinux_close(folder);
    if (file >= 0)
        clinux_close(file);
    free(text);
    free(buffer);
}

static void try_netlink(struct input *input) {
    int ends[2];
    uint32_t sender = 0;
    size_t room = take_length(input), length = take_length(input) % 4096 + 1;
    uint8_t *buffer = malloc(room), *bytes = take_bytes(input, length);
    /* A message to the kernel, and what it answers: any bytes are an error or something that is let be. NETLINK_USERSOCK
     * reaches nobody. */
    int kernel = clinux_socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
    if (kernel >= 0) {
        sendto(kernel, bytes, length, MSG_DONTWAIT, NULL, 0);
        int flags = fcntl(kernel, F_GETFL);
        fcntl(kernel, F_SETFL, flags | O_NONBLOCK);
        clinux_receive_netlink(kernel, buffer, room, &sender);
        clinux_close(kernel);
    }
    if (clinux_socketpair(AF_UNIX, SOCK_DGRAM, ends) == 0) {
        clinux_send(ends[0], bytes, length, NULL, 0, MSG_DONTWAIT);
        long result = clinux_receive_netlink(ends[1], buffer, room, &sender);
        require(result == (long)length, "the whole length is told, whatever there was room for");
        clinux_close(ends[0]);
        clinux_close(ends[1]);
    }
    free(buffer);
    free(bytes);
}

static void enter_own_folder(void) {
    static int is_entered;
    char template[] = "/tmp/raind-fuzz-XXXXXX";
    if (is_entered)
        return;
    is_entered = 1;
    require(mkdtemp(template) != NULL && chdir(template) == 0, "an empty folder");
    /* Nothing can be made in it then, and nothing is left. */
    rmdir(template);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {.bytes = data, .left = size};
    enter_own_folder();
    for (int calls = 0; calls < 16 && input.left > 0; calls++) {
        switch (take_byte(&input) % 8) {
        case 0: case 1: try_messages(&input); break;
        case 2: try_addresses(&input); break;
        case 3: try_files(&input); break;
        case 4: try_netlink(&input); break;
        case 5: try_arguments(&input); break;
        case 6: try_early_start(&input); break;
        default: try_constructor(&input); break;
        }
    }
    return 0;
}
