"""The three ways that cgroups are laid out below /sys/fs/cgroup, and how to show another one to one process."""

import contextlib
import ctypes
import os
import subprocess

LAYOUTS = ("hybrid", "v1", "v2")
TOP = "/sys/fs/cgroup"

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
MS_BIND, MS_REC, MS_PRIVATE, MS_SHARED, MS_SLAVE = 0x1000, 0x4000, 1 << 18, 1 << 20, 1 << 19
MNT_DETACH = 2


def _check(result, what):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def mount(source, target, kind=None, flags=0, data=None):
    def encoded(text):
        return None if text is None else os.fsencode(text)
    _check(_libc.mount(encoded(source), encoded(target), encoded(kind), ctypes.c_ulong(flags), encoded(data)),
           f"mount {target}")


def umount(target, flags=MNT_DETACH):
    _check(_libc.umount2(os.fsencode(target), flags), f"umount {target}")


def unshare(flags):
    """Namespaces of this process's own."""
    _check(_libc.unshare(flags), "unshare")


def enter_namespace(descriptor):
    _check(_libc.setns(descriptor, 0), "setns")


def own_mount_namespace():
    """From here on this process's mounts are its own."""
    unshare(CLONE_NEWNS)
    mount(None, "/", flags=MS_REC | MS_PRIVATE)


def mounts():
    """(mount point, type, options of the file system) of each mount."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            left, right = line.rstrip("\n").split(" - ", 1)
            kind, _, options = right.split(" ", 2)
            yield left.split(" ")[4], kind, options


def of_host():
    """The layout that this process sees."""
    kinds = [(point, kind) for point, kind, _ in mounts() if point == TOP or point.startswith(TOP + "/")]
    if (TOP, "cgroup2") in kinds:
        return "v2"
    return "hybrid" if any(kind == "cgroup2" for _, kind in kinds) else "v1"


def reachable(host):
    """The layouts that a process can be shown on a host with that one: a controller can't be moved out of v2."""
    return LAYOUTS if host == "hybrid" else (host,)


def enter(wanted, host):
    """Shows the layout to this process. It has a mount namespace of its own already."""
    if wanted == host:
        return
    if wanted not in reachable(host):
        raise ValueError(f"this host's layout is {host}: {wanted} can't be shown")
    if wanted == "v1":
        for point, kind, _ in list(mounts()):
            if kind == "cgroup2" and point.startswith(TOP + "/"):
                umount(point)
    else:
        umount(TOP)
        mount("none", TOP, "cgroup2")


def hierarchies():
    """Controller's name to the folder of its hierarchy; "" for cgroup v2's."""
    found = {}
    for point, kind, options in mounts():
        if kind == "cgroup2" and point.startswith(TOP):
            found[""] = point
            with open(f"{point}/cgroup.controllers", encoding="ascii") as names:
                for name in names.read().split():
                    found.setdefault(name, point)
        elif kind == "cgroup" and point.startswith(TOP):
            for option in options.split(","):
                if option.startswith("name="):
                    found[option] = point
                elif option not in ("rw", "ro", "xattr", "clone_children"):
                    found[option] = point
    return found


def folders_named(prefix):
    """Cgroups whose name begins with the prefix, the deepest first. (That of PREFIX-12 doesn't begin with PREFIX-1.)"""
    found = []
    for point in sorted(set(hierarchies().values())):
        for folder, names, _ in os.walk(point, onerror=lambda error: None):
            found += [os.path.join(folder, name) for name in names
                      if name.startswith(prefix) and not name[len(prefix):][:1].isdigit()]
    return sorted(found, key=len, reverse=True)


def thaw(prefix):
    """Lets the processes of cgroups whose name begins with the prefix end: what is frozen on v1 doesn't."""
    for folder in folders_named(prefix):
        for below, _, files in os.walk(folder, onerror=lambda error: None):
            if "freezer.state" in files:
                with contextlib.suppress(OSError), open(os.path.join(below, "freezer.state"), "w", encoding="ascii") as file:
                    file.write("THAWED")


def remove_group(folder):
    """Removes a cgroup without processes and those below it, which may be deeper than a path is long."""
    subprocess.run(["find", folder, "-depth", "-type", "d", "-delete"], stderr=subprocess.DEVNULL, check=False)
