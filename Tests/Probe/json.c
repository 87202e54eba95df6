#define _GNU_SOURCE
#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int needs_comma;

static void quoted(const char *text, size_t length) {
    putchar('"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            printf("\\u%04x", c); // bytes as Latin-1: the reader knows
        else
            putchar(c);
    }
    putchar('"');
}

static void before(const char *key) {
    if (needs_comma)
        putchar(',');
    needs_comma = 1;
    if (key) {
        quoted(key, strlen(key));
        putchar(':');
    }
}

void json_open(const char *key, char bracket) {
    before(key);
    putchar(bracket);
    needs_comma = 0;
}

void json_close(char bracket) {
    putchar(bracket);
    needs_comma = 1;
}

void json_bytes(const char *key, const char *value, size_t length) {
    before(key);
    quoted(value, length);
}

void json_string(const char *key, const char *value) {
    if (value)
        json_bytes(key, value, strlen(value));
    else
        json_null(key);
}

void json_number(const char *key, long long value) {
    before(key);
    printf("%lld", value);
}

void json_unsigned(const char *key, unsigned long long value) {
    before(key);
    printf("%llu", value);
}

void json_bool(const char *key, int value) {
    before(key);
    fputs(value ? "true" : "false", stdout);
}

void json_null(const char *key) {
    before(key);
    fputs("null", stdout);
}

const char *errno_name(int error) {
    static char number[16];
    const char *name = strerrorname_np(error);
    if (name)
        return name;
    snprintf(number, sizeof number, "%d", error);
    return number;
}

void json_errno(const char *key, int error) {
    json_open(key, '{');
    json_string("errno", errno_name(error));
    json_close('}');
}

void json_file(const char *key, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        json_errno(key, errno);
        return;
    }
    size_t size = 0, room = 1 << 16;
    char *text = malloc(room);
    for (;;) {
        ssize_t got = read(fd, text + size, room - size);
        if (got < 0) {
            json_errno(key, errno);
            break;
        }
        if (got == 0) {
            json_bytes(key, text, size);
            break;
        }
        size += (size_t)got;
        if (size == room)
            text = realloc(text, room *= 2);
    }
    free(text);
    close(fd);
}

void json_end(void) {
    putchar('\n');
    fflush(stdout);
    needs_comma = 0;
}
