// Just enough of a JSON writer for the probe: it writes to stdout, keeps track of commas, allocates nothing.
#ifndef PROBE_JSON_H
#define PROBE_JSON_H

#include <stddef.h>

void json_open(const char *key, char bracket); // '{' or '['; key NULL inside an array
void json_close(char bracket);                 // '}' or ']'
void json_string(const char *key, const char *value); // NULL writes null
void json_bytes(const char *key, const char *value, size_t length);
void json_number(const char *key, long long value);
void json_unsigned(const char *key, unsigned long long value);
void json_bool(const char *key, int value);
void json_null(const char *key);
// A failed call: {"errno": "EPERM"}.
void json_errno(const char *key, int error);
// A file's whole content as a string, or the errno of reading it.
void json_file(const char *key, const char *path);
void json_end(void); // newline and flush

// EPERM, ENOENT ...; a number's text for one without a name.
const char *errno_name(int error);

#endif
