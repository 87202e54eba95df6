"""A container to try faults on: what it looks like when all went well, and what must be left when it is deleted."""

import ctypes
import os
import re
import subprocess
import time

from harness import layout as layouts
from harness.bundle import Bundle, base_config, with_user_namespace
from harness.runtime import ENVIRONMENT

LIMIT_SECONDS = 20
# Lines of /proc/PID/status that say what a process may do.
CONFINEMENT = ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters")
BPF_PROG_GET_NEXT_ID = 11


def plain(config):
    """What engines ask for: limits, a filter, capabilities, masks, a read-only root."""
    config["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5]}
    config["process"]["oomScoreAdj"] = 100
    config["linux"]["namespaces"].append({"type": "cgroup"})
    config["linux"]["seccomp"] = {
        "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [{"names": ["reboot", "swapon"], "action": "SCMP_ACT_ERRNO"}]}
    config["linux"]["resources"] |= {"memory": {"limit": 1 << 26}, "pids": {"limit": 50}, "cpu": {"shares": 512}}
    config["linux"]["sysctl"] = {"net.ipv4.ip_forward": "1"}
    config["hooks"] = {kind: [{"path": "/bin/true"}] for kind in
                       ("createRuntime", "poststart", "poststop")}


def with_users(config):
    """The same in a user namespace, whose process is made another way."""
    plain(config)
    with_user_namespace(config)


KINDS = {"plain": plain, "user": with_users}


class Lab:
    """One bundle, one id, one state root; used again and again."""

    def __init__(self, runtime, programs, scratch, name, kind):
        self.runtime = runtime
        self.scratch = os.path.join(scratch, name)
        os.makedirs(self.scratch)
        os.chmod(self.scratch, 0o755)
        self.root = os.path.join(self.scratch, "state")
        self.id = name
        config = base_config()
        KINDS[kind](config)
        config["linux"]["cgroupsPath"] = f"/{name}"
        # Nobody else sleeps so long: a process of the container's is known by that, wherever it is.
        first = 10_000_000 + abs(hash((os.getpid(), name))) % 10_000_000 * 2
        self.seconds, self.seconds_of_exec = str(first), str(first + 1)
        config["process"]["args"] = ["/bin/sleep", self.seconds]
        self.bundle = Bundle(os.path.join(self.scratch, "bundle"), programs, config)
        if kind == "user":
            os.chown(self.bundle.rootfs, 100000, 100000)
        self.log = os.path.join(self.scratch, "inject.log")
        self._hierarchies = sorted(set(layouts.hierarchies().values()))
        self.expected = None
        self.expected_exec = None
        self._mounts = self._host_mounts()
        self._temporary = self._temporary_files()

    # Calls

    def command(self, *words):
        return [self.runtime, "--root", self.root, *words]

    VERBS = {
        "create": lambda lab: ("create", "--bundle", lab.bundle.folder, lab.id),
        "start": lambda lab: ("start", lab.id),
        "exec": lambda lab: ("exec", "--detach", lab.id, "/bin/sleep", lab.seconds_of_exec),
        "delete": lambda lab: ("delete", lab.id),
        "kill": lambda lab: ("kill", lab.id, "KILL"),
        "state": lambda lab: ("state", lab.id),
    }

    def words(self, verb):
        return self.VERBS[verb](self)

    def call(self, *words, prefix=()):
        """(status, what was said on standard error)"""
        path = os.path.join(self.scratch, "said")
        with open(path, "wb") as file:
            process = subprocess.Popen([*prefix, *self.command(*words)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=file, env=ENVIRONMENT, start_new_session=True)
            try:
                status = process.wait(LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                status = None
        with open(path, encoding="utf-8", errors="replace") as file:
            return status, file.read()

    def prepare(self, verb):
        """Brings the container to where the verb applies."""
        for word in {"create": (), "start": ("create",), "exec": ("create", "start"), "kill": ("create", "start"),
                     "state": ("create", "start"), "delete": ("create", "start", "kill")}[verb]:
            status, said = self.call(*self.words(word))
            if status != 0:
                raise RuntimeError(f"{word} before {verb}: exit {status}: {said}")
            if word == "start":
                self.program(self.seconds)
        if verb == "delete":
            self.until(lambda: not [pid for pid in self.processes() if not self._is_zombie(pid)])

    # Looks

    def processes(self):
        """The processes of the container and of its runtime: by their control group, or by what is on their command line."""
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            words = self._words(name)
            if {self.id, self.seconds, self.seconds_of_exec} & set(words) or self._in_own_group(name):
                found.append(int(name))
        return found

    @staticmethod
    def _words(pid):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                return file.read().split("\0")
        except OSError:
            return []

    def _in_own_group(self, pid):
        try:
            with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
                return f"/{self.id}\n" in file.read()
        except OSError:
            return False

    @staticmethod
    def _is_zombie(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                return file.read().rsplit(")", 1)[1].split()[0] in "ZX"
        except OSError:
            return True

    def programs(self, seconds):
        """Processes that run the container's program, or exec's, by its argument."""
        return [int(name) for name in os.listdir("/proc")
                if name.isdigit() and self._words(name)[:2] == ["/bin/sleep", seconds]]

    def program(self, seconds):
        """The one process that runs it."""
        found = []

        def look():
            found[:] = self.programs(seconds)
            return found
        self.until(look)
        if len(found) != 1:
            raise RuntimeError(f"{len(found)} processes run sleep {seconds}")
        return found[0]

    def until(self, condition, seconds=5):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise RuntimeError("waited in vain")
            time.sleep(0.002)

    @staticmethod
    def confinement(pid):
        """What holds a process, in a form that is the same each time."""
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            lines = [" ".join(line.split()) for line in file if line.partition(":")[0] in CONFINEMENT]
        with open(f"/proc/{pid}/mountinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                fields = line.split(" ")
                # Without the ids, and without the number of the peer group and of a device.
                lines.append("mount " + " ".join(fields[3:6]) + " " + re.sub(r".* - ", "- ", line.strip()))
        for name in ("oom_score_adj", "cgroup", "limits"):
            with open(f"/proc/{pid}/{name}", encoding="ascii", errors="replace") as file:
                lines += [f"{name} {line.strip()}" for line in file]
        for name in sorted(os.listdir(f"/proc/{pid}/ns")):
            same = os.readlink(f"/proc/{pid}/ns/{name}") == os.readlink(f"/proc/self/ns/{name}")
            lines.append(f"ns {name} {'host' if same else 'own'}")
        return sorted(lines)

    def _host_mounts(self):
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return sum(1 for line in file if self.scratch in line or self.id in line)

    @staticmethod
    def _temporary_files():
        return {os.path.join(folder, name) for folder in ("/tmp", "/run", "/var/tmp", "/dev/shm")
                for name in os.listdir(folder) if name.startswith((".raind", "raind-oci"))}

    def leftovers(self):
        """What there still is of the container, a line each."""
        found = []
        for pid in self.processes():
            if not self._is_zombie(pid):
                found.append(f"process {pid}")
        for folder in self._hierarchies:
            if os.path.isdir(os.path.join(folder, self.id)):
                found.append(f"cgroup {folder}/{self.id}")
        if self._host_mounts() != self._mounts:
            found.append("mounts")
        if os.path.isdir(self.root):
            found += [f"state {name}" for name in os.listdir(self.root) if name.startswith(self.id)]
        found += [f"file {path}" for path in sorted(self._temporary_files() - self._temporary)]
        return found

    def clean(self):
        """Takes away by force what a defect has left, so that the next try begins afresh."""
        for pid in self.processes():
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        self.call("delete", "--force", self.id)
        for folder in self._hierarchies:
            path = os.path.join(folder, self.id)
            for _ in range(100):
                try:
                    os.rmdir(path)
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)


class _NextID(ctypes.Structure):
    _fields_ = [("start", ctypes.c_uint32), ("next", ctypes.c_uint32), ("flags", ctypes.c_uint32)]


def bpf_programs():
    """The ids of the programs that the kernel holds."""
    libc, found, at = ctypes.CDLL(None, use_errno=True), [], 0
    while True:
        query = _NextID(at, 0, 0)
        if libc.syscall(321, BPF_PROG_GET_NEXT_ID, ctypes.byref(query), ctypes.sizeof(query)) != 0:
            return set(found)
        at = query.next
        found.append(at)
