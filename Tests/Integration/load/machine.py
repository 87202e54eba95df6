"""What the machine holds: read before and after, so that nobody has to believe that nothing stays."""

import contextlib
import os
import re
import time

from faults import bpf
from harness import layout as layouts

# Memory that the kernel holds for what there is: neither programs' own, which go with them, nor caches, which give way.
KERNEL = ("SUnreclaim", "KernelStack", "PageTables", "Percpu")
# What the kernel makes for a container and has to give back, by the name of its slab cache.
OBJECTS = ("net_namespace", "pid_namespace", "mnt_cache", "nsproxy", "uts_namespace", "mqueue_inode_cache", "task_struct",
           "cgroup", "user_namespace")
FOLDERS = ("/tmp", "/run", "/var/tmp", "/dev/shm", "/run/lock")


def memory():
    """/proc/meminfo in kB."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return {line.split(":")[0]: int(line.split()[1]) for line in file}


def held_memory(info=None):
    """What the kernel holds, in kB."""
    info = info or memory()
    return sum(info.get(name, 0) for name in KERNEL)


def objects():
    """Of each cache of OBJECTS that the kernel has by itself, how many of its objects are in use."""
    for name in OBJECTS:
        # What each processor has put by counts as used until it is given back.
        with contextlib.suppress(OSError), open(f"/sys/kernel/slab/{name}/shrink", "w", encoding="ascii") as file:
            file.write("1")
    found = {}
    with open("/proc/slabinfo", encoding="ascii") as file:
        for line in file:
            name, active, *_ = line.split()
            if name in OBJECTS:
                found[name] = int(active)
    return found


def dying_groups():
    """Control groups that were removed and still hold something, those of v2; None where none is mounted."""
    for name, folder in layouts.hierarchies().items():
        if name == "":
            with open(os.path.join(folder, "cgroup.stat"), encoding="ascii") as file:
                return int(re.search(r"^nr_dying_descendants (\d+)", file.read(), re.MULTILINE)[1])
    return None


def groups_of_kernel():
    """How many groups each controller of v1 has, removed ones that still hold something included (/proc/cgroups)."""
    with open("/proc/cgroups", encoding="ascii") as file:
        return {line.split()[0]: int(line.split()[2]) for line in file if not line.startswith("#")}


def pss_kb(pid):
    """A process's memory in kB, what it shares with others in equal parts; None where it has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return None


class Snapshot:
    """What there is now."""

    def __init__(self, root):
        """root: the state root, which every process of the runtime has on its command line."""
        self.held_kb = held_memory()
        self.objects = objects()
        with open("/proc/sys/fs/file-nr", encoding="ascii") as file:
            self.open_files = int(file.read().split()[0])
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            self.mounts = sorted(line.split(" ")[4] for line in file)
        self.programs = len(bpf.ids())
        self.dying = dying_groups()
        self.groups = groups_of_kernel()
        self.files = {os.path.join(folder, name) for folder in FOLDERS if os.path.isdir(folder) for name in os.listdir(folder)
                      if name.startswith((".raind", "raind-oci"))}
        self.processes = sorted(pid for pid in os.listdir("/proc") if pid.isdigit() and _names(pid, root))
        with open("/proc/keys", encoding="utf-8", errors="replace") as file:
            self.keys = sum(1 for line in file if "_ses" in line)

    def more_than(self, before, count):
        """What there is more of than there was, a line each; `count` containers came and went in between.

        What is the runtime's own must be as it was. What the kernel counts for the whole machine may differ by what others do
        meanwhile, and by what it gives back late: by far less than one for each container.
        """
        few = 60 + count // 4
        lines = []

        def compare(what, was, now, allowed):
            if now - was > allowed:
                lines.append(f"{what}: {now} after {was}")
        compare("kB that the kernel holds", before.held_kb, self.held_kb, 8192 + 16 * count)
        for name, number in self.objects.items():
            compare(f"objects {name}", before.objects.get(name, 0), number, few)
        compare("open files of the machine", before.open_files, self.open_files, few)
        compare("BPF programs", before.programs, self.programs, few)
        compare("session keyrings", before.keys, self.keys, few)
        if self.dying is not None:
            compare("control groups that were removed and are still there", before.dying, self.dying, few)
        for name, number in self.groups.items():
            # What the page cache holds is charged to the group that has read it first, and keeps that of memory.
            compare(f"control groups of {name}", before.groups.get(name, 0), number, few if name != "memory" else few + count // 2)
        lines += [f"mount {point}" for point in self.mounts if point not in before.mounts]
        lines += [f"file {path}" for path in sorted(self.files - before.files)]
        lines += [f"process {pid}" for pid in self.processes if pid not in before.processes]
        return lines


def _names(pid, word):
    """Whether a process has a word on its command line."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return os.fsencode(word) in file.read().split(b"\0")
    except OSError:
        return False


def settled(before, root, count, seconds=15):
    """What stays once the kernel has had time to give back what it gives back late."""
    end = time.monotonic() + seconds
    while lines := Snapshot(root).more_than(before, count):
        if time.monotonic() > end:
            return lines
        time.sleep(0.25)
    return []
