"""A process of the attacker's: in the namespaces of a container, with the capabilities that the attack supposes."""

import contextlib
import ctypes
import errno
import json
import os
import signal
import time

from harness.probe import CAPABILITIES

_libc = ctypes.CDLL(None, use_errno=True)

# The mount namespace last: then the others' files are out of reach.
NAMESPACES = ("user", "cgroup", "ipc", "uts", "net", "pid", "mnt")
SYS_OPEN_TREE = 428
SYS_MOUNT_SETATTR = 442
CLONE_NEWUSER = 0x10000000
AT_FDCWD = -100
RENAME_EXCHANGE = 2
AT_EMPTY_PATH = 0x1000
OPEN_TREE_CLONE = 1
MOUNT_ATTR_RDONLY = 1
MS_REMOUNT_BIND = 32 | 4096


def _check(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


def call(number, *arguments):
    """A system call's result; OSError."""
    return _check(_libc.syscall(ctypes.c_long(number), *arguments), f"system call {number}")


def enter(namespace):
    _check(_libc.setns(namespace, 0), "setns")


@contextlib.contextmanager
def joined(path):
    """In another network namespace for a while: whose settings procfs shows is asked at open."""
    before, other = (os.open(name, os.O_RDONLY | os.O_CLOEXEC) for name in ("/proc/self/ns/net", path))
    try:
        enter(other)
        yield
    finally:
        enter(before)
        os.close(before)
        os.close(other)


def user_namespace_without_groups():
    """A process in a user namespace of its own, mapped, where setgroups(2) is denied for ever."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            _check(_libc.unshare(CLONE_NEWUSER), "unshare")
            os.write(writing, b"x")
            while True:
                signal.pause()
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        if pipe.read(1) != b"x":
            raise AssertionError("no user namespace could be made")
    for name, text in (("setgroups", "deny"), ("uid_map", "0 100000 65536"), ("gid_map", "0 100000 65536")):
        with open(f"/proc/{process}/{name}", "w", encoding="ascii") as file:
            file.write(text)
    return process


def keep_capabilities(names):
    mask = sum(1 << CAPABILITIES.index(name.removeprefix("CAP_")) for name in names)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    low, high = mask & 0xffffffff, mask >> 32
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)), "capset")


def begin(pid, capabilities, attack):
    """Starts attack() in the namespaces of that process; `end` gives what it returned."""
    reading, writing = os.pipe()
    middle = os.fork()
    if middle == 0:
        try:
            os.close(reading)
            opened = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in NAMESPACES
                      if os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}")]
            for namespace in opened:
                enter(namespace)
                os.close(namespace)
            # The user namespace's own root, not the host's.
            os.setgroups([])
            os.setresgid(0, 0, 0)
            os.setresuid(0, 0, 0)
            # Only a child is in the PID namespace.
            child = os.fork()
            if child == 0:
                try:
                    keep_capabilities(capabilities)
                    answer = {"found": attack()}
                except Exception as failure:  # pylint: disable=broad-except
                    answer = {"failure": f"{type(failure).__name__}: {failure}"}
                with os.fdopen(writing, "w") as pipe:
                    json.dump(answer, pipe)
                os._exit(0)
            os.close(writing)
            os.waitpid(child, 0)
        finally:
            os._exit(0)
    os.close(writing)
    return middle, reading


def end(begun):
    middle, reading = begun
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    try:
        os.waitpid(middle, 0)
    except ChildProcessError:
        pass
    answer = json.loads(said) if said else {"failure": "no answer"}
    if "failure" in answer:
        raise AssertionError(f"the attack itself failed: {answer['failure']}")
    return answer["found"]


def inside(pid, capabilities, attack):
    return end(begin(pid, capabilities, attack))


def outcome(function, *arguments):
    """"ok", or the errno's name."""
    try:
        function(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "ok"


# --- What is tried ---

def look_into(pid):
    """What of a process can be seen that only its debugger should: name to "ok" or an errno's name."""
    folder = f"/proc/{pid}"
    return {
        # The numbers are there for every process of one's own user id.
        "fd": outcome(os.readlink, f"{folder}/fd/0"),
        "exe": outcome(os.readlink, f"{folder}/exe"),
        "root": outcome(os.readlink, f"{folder}/root"),
        "cwd": outcome(os.listdir, f"{folder}/cwd"),
        "environ": outcome(_read, f"{folder}/environ"),
        "maps": outcome(_read, f"{folder}/maps"),
        "mem": outcome(_open_and_close, f"{folder}/mem", os.O_RDWR),
    }


def overwrite(handle):
    """Every way that is known to write to what a descriptor, which is for its path alone, stands for."""
    link = f"/proc/self/fd/{handle}"
    return {
        "open": outcome(_write, link),
        "mount_setattr": outcome(_clear_read_only, handle),
        "remount": outcome(_remount, link),
        "clone": outcome(_clear_read_only_of_clone, handle),
        "after": outcome(_write, link),
    }


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _open_and_close(path, flags):
    os.close(os.open(path, flags))


def _write(path):
    opened = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(opened, b"OVERWRITTEN", 0)
    finally:
        os.close(opened)


def _attributes():
    # attr_set, attr_clr, propagation, userns_fd
    return (ctypes.c_uint64 * 4)(0, MOUNT_ATTR_RDONLY, 0, 0)


def _clear_read_only(handle):
    call(SYS_MOUNT_SETATTR, handle, b"", AT_EMPTY_PATH, _attributes(), ctypes.c_long(32))


def _remount(path):
    _check(_libc.mount(None, path.encode(), None, ctypes.c_ulong(MS_REMOUNT_BIND), None), "mount")


def _clear_read_only_of_clone(handle):
    tree = call(SYS_OPEN_TREE, handle, b"", ctypes.c_long(AT_EMPTY_PATH | OPEN_TREE_CLONE))
    try:
        _clear_read_only(tree)
        _write(f"/proc/self/fd/{tree}")
    finally:
        os.close(tree)


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def exchange_for_ever(one, other, page):
    """Counts in the first eight bytes of a page that somebody else may look at."""
    one, other = one.encode(), other.encode()
    count = ctypes.c_uint64.from_buffer(page)
    while _libc.renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0:
        count.value += 1


def successes(handle):
    return [name for name, word in overwrite(handle).items() if word == "ok"]


def times(seconds, step):
    """Repeats step() for that long; how often."""
    end_at, done = time.monotonic() + seconds, 0
    while time.monotonic() < end_at:
        step()
        done += 1
    return done


def during(seconds, condition):
    """Waits that long for a condition; whether it came."""
    end_at = time.monotonic() + seconds
    while time.monotonic() < end_at:
        if condition():
            return True
        time.sleep(0.005)
    return False
