#ifndef PROBE_TRY_H
#define PROBE_TRY_H

// One forbidden thing. It runs in a child of its own, as user 0, with no argument: what it returns is what the system
// call returned, and errno stands. Where it is allowed it does no harm.
struct try {
    const char *name;
    long (*call)(void);
};

// What the try needs isn't there: nothing was tried.
#define TRY_NEEDS_MORE (-2)

// Each ends with a NULL name.
extern const struct try syscall_tries[];
extern const struct try table_tries[];
extern const struct try capability_tries[];
extern const struct try confinement_tries[];

// What the tests lay out in the root file system: a file of user 1234 that only it can read or write, one of user 1234
// that everybody can read, one of user 0 and group 4321, and the process id of a process of user 1234.
#define TRY_OTHER_PRIVATE "/try/other-0600"
#define TRY_OTHER_READABLE "/try/other-0644"
#define TRY_FOREIGN_GROUP "/try/foreign-group"
#define TRY_OTHER_PID "/try/other-pid"
#define TRY_MISSING "/try/missing"
// A tmpfs of no use.
#define TRY_MOUNTED "/try/mounted"
// A tmpfs.
#define TRY_WRITABLE "/tmp"

#endif
