"""A container to try faults on: what it looks like when all went well, and what must be left when it is deleted."""

import array
import contextlib
import ctypes
import os
import re
import signal
import socket
import subprocess
import time

from harness import layout as layouts
from harness.runtime import ENVIRONMENT

from . import bpf, kinds

LIMIT_SECONDS = 20
# Lines of /proc/PID/status that say what a process may do.
CONFINEMENT = ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp",
               "Seccomp_filters", "Umask", "SigBlk", "SigIgn")
# Files of a control group that say what its processes may have.
LIMITS = ("devices.list", "memory.limit_in_bytes", "pids.max", "cpu.shares", "hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.max",
          "cgroup.freeze", "freezer.state")
PR_SET_CHILD_SUBREAPER = 36


def become_reaper():
    """What the runtime leaves without a parent becomes this process's child."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Listener:
    """A socket that takes whatever is sent, and keeps the descriptors."""

    def __init__(self, path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(path)
        os.chmod(path, 0o777)
        self._socket.listen(64)
        self._socket.setblocking(False)
        self._kept = []

    def take(self):
        """Takes what waits."""
        with contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = self._socket.accept()
                connection.setblocking(False)
                with contextlib.suppress(BlockingIOError, ConnectionError):
                    _, ancillary, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(64))
                    for _, _, payload in ancillary:
                        descriptors = array.array("i")
                        descriptors.frombytes(payload[:len(payload) - len(payload) % descriptors.itemsize])
                        self._kept += descriptors
                connection.close()

    def let_go(self):
        self.take()
        for descriptor in self._kept:
            os.close(descriptor)
        self._kept = []


class Lab:
    """One bundle, one id, one state root; used again and again."""

    def __init__(self, runtime, programs, scratch, name, kind, number):
        self.runtime = runtime
        self.kind = kind
        self.number = number
        self.scratch = os.path.join(scratch, name)
        os.makedirs(self.scratch)
        os.chmod(self.scratch, 0o755)
        self.root = os.path.join(self.scratch, "state")
        self.id = name
        # Nobody else sleeps so long: the container's program is known by that.
        first = 10_000_000 + os.getpid() % 4_000_000 * 20 + number % 10 * 2
        self.seconds, self.seconds_of_exec = str(first), str(first + 1)
        self.console = Listener(os.path.join(self.scratch, "console"))
        self.agent = Listener(os.path.join(self.scratch, "agent"))
        self.bundle = kinds.bundle(self, kind, programs)
        self.log = os.path.join(self.scratch, "inject.log")
        self.output = ""
        # Verb to what holds its program when nothing fails.
        self.expected = {}
        self.tags = set()
        # The container that several tries are made on; its first process, and how many tries were made on it.
        self.standing = None
        self.standing_for = None
        self.tries_on_it = 0
        self._hierarchies = sorted(set(layouts.hierarchies().values()))
        self._mounts = self._host_mounts()
        self._temporary = self._temporary_files()

    # Calls

    def command(self, *words):
        return [self.runtime, "--root", self.root, *words]

    def call(self, *words, prefix=(), kill_after=None, whole_group=False):
        """(status, what was said on standard error). None as the status: it hung. Standard output is in `output`.

        kill_after: so many seconds later it is killed, alone or with its process group.
        """
        out, err = (os.path.join(self.scratch, name) for name in ("out", "said"))
        with open(out, "wb") as out_file, open(err, "wb") as err_file:
            process = subprocess.Popen([*prefix, *self.command(*words)], stdin=subprocess.DEVNULL, stdout=out_file,
                                       stderr=err_file, env=ENVIRONMENT, start_new_session=True)
            if kill_after is not None:
                time.sleep(kill_after)
                with contextlib.suppress(ProcessLookupError):
                    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
            status = self._wait(process)
        self.console.take()
        self.agent.take()
        with open(out, encoding="utf-8", errors="replace") as file:
            self.output = file.read()
        with open(err, encoding="utf-8", errors="replace") as file:
            return status, file.read()

    @staticmethod
    def _wait(process):
        """The status of a call; None when it hangs.

        All else that ends meanwhile is collected too: a pid namespace ends only when the dead in it are gone, whose parent may
        be this process.
        """
        def ring(*_):
            raise TimeoutError
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, LIMIT_SECONDS)
        try:
            while process.returncode is None:
                pid, status = os.waitpid(-1, 0)
                if pid == process.pid:
                    process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode
        except TimeoutError:
            process.kill()
            process.wait()
            return None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def must(self, *words):
        """A call that goes well."""
        status, said = self.call(*words)
        if status != 0:
            raise RuntimeError(f"{' '.join(words)}: exit {status}: {said}")

    # Looks

    @staticmethod
    def reap():
        """Collects what has ended; the pids."""
        gone = []
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, _ = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                gone.append(pid)
        return gone

    def processes(self):
        """What descends from this process, as all does that the runtime leaves."""
        self.reap()
        found, at = self._children(os.getpid()), 0
        while at < len(found):
            found += self._children(found[at])
            at += 1
        return found

    @staticmethod
    def _children(pid):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
        return []

    @staticmethod
    def words_of(pid):
        """Its command line."""
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                return file.read().split("\0")
        except OSError:
            return []

    @staticmethod
    def is_dead_of(pid, first):
        """Whether it is dead, and the container's first process would have to collect it: what ends while it is traced goes to
        its tracer before its parent, who may have gone by then."""
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
            return fields[0] in "ZX" and int(fields[1]) == first
        return False

    def describe(self, pid):
        """A process, for messages: what it runs, its state, and where it waits."""
        told = []
        for name in ("stat", "wchan", "syscall"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
                text = file.read().strip()
                told.append(text.rpartition(")")[2].split()[0] if name == "stat" else text.partition(" ")[0])
        return f"process {pid} ({' '.join(self.words_of(pid)).strip()[:60]}; {' '.join(told)})"

    def programs(self, seconds):
        """Processes that run the container's program, or exec's, by its argument."""
        return [pid for pid in self.processes() if self.words_of(pid)[:2] == ["/bin/sleep", seconds]]

    def program(self, seconds):
        """The one process that runs it."""
        found = []

        def look():
            found[:] = self.programs(seconds)
            return found
        self.until(look, what=f"sleep {seconds}")
        if len(found) != 1:
            raise RuntimeError(f"{len(found)} processes run sleep {seconds}")
        return found[0]

    def end_programs(self, seconds):
        for pid in self.programs(seconds):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.until(lambda: not self.programs(seconds), what=f"the end of sleep {seconds}")

    @staticmethod
    def until(condition, seconds=5, what=""):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise RuntimeError(f"waited in vain for {what}")
            time.sleep(0.001)

    def groups(self):
        return [folder for folder in (os.path.join(point, self.id) for point in self._hierarchies) if os.path.isdir(folder)]

    def confinement(self, pid):
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
        lines.append(f"descriptors {' '.join(sorted(os.listdir(f'/proc/{pid}/fd')))}")
        for folder in self.groups():
            for name in LIMITS:
                with contextlib.suppress(OSError), open(os.path.join(folder, name), encoding="ascii") as file:
                    lines.append(f"{folder}/{name} {' '.join(file.read().split())}")
            if os.path.exists(os.path.join(folder, "cgroup.controllers")):
                lines.append(f"{folder} programs {bpf.attached(folder)}")
        return sorted(lines)

    def learn(self, verb, pid):
        """What holds the verb's program when nothing fails."""
        self.expected[verb] = self.confinement(pid)
        for folder in self.groups():
            if os.path.exists(os.path.join(folder, "cgroup.controllers")):
                self.tags |= set(bpf.attached(folder)) - {None}

    def _host_mounts(self):
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return sum(1 for line in file if self.scratch in line or self.id in line)

    @staticmethod
    def _temporary_files():
        return {os.path.join(folder, name) for folder in ("/tmp", "/run", "/var/tmp", "/dev/shm")
                for name in os.listdir(folder) if name.startswith((".raind", "raind-oci"))}

    def _state(self):
        """What there is in the state root."""
        with contextlib.suppress(FileNotFoundError):
            found = [name for name in os.listdir(self.root) if name != "seccomp~"]
            with contextlib.suppress(FileNotFoundError):
                found += [name for name in os.listdir(os.path.join(self.root, "seccomp~"))
                          if not re.fullmatch("[0-9a-f]{1,16}", name)]
            return found
        return []

    def leftovers(self):
        """What there still is of the container, a line each."""
        found = [self.describe(pid) for pid in self.processes()]
        found += [f"cgroup {folder}" for folder in self.groups()]
        found += [f"state {name}" for name in self._state()]
        return found + self.loose_ends()

    def loose_ends(self):
        """What there must not be of it even while it runs."""
        found = []
        if self._host_mounts() != self._mounts:
            found.append("mounts")
        found += [f"file {path}" for path in sorted(self._temporary_files() - self._temporary)]
        return found

    def bpf_leftovers(self):
        """Its programs that the kernel still holds."""
        return [f"BPF program {number}" for number in bpf.ids() if bpf.tag(number) in self.tags] if self.tags else []

    def delete(self):
        """`delete --force`, and what is wrong with what is left: a line each."""
        problems = []
        status, words = self.call("delete", "--force", self.id)
        if status != 0:
            problems.append(f"delete --force: exit {status}: {words.strip()}")
        self.console.let_go()
        self.agent.let_go()
        self.standing = None
        try:
            # The last process of a group may need a moment, and the kernel frees a program some time after its group.
            self.until(lambda: not self.leftovers() and not self.bpf_leftovers(), 2)
        except RuntimeError:
            left = self.leftovers() + self.bpf_leftovers()
            if left:
                problems.append(f"left: {', '.join(left)}")
        return problems

    def clean(self):
        """Takes away by force what a defect has left, so that the next try begins afresh."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.call("delete", "--force", self.id)
        self.standing = None
        self.console.let_go()
        self.agent.let_go()
        for path in self.groups():
            for _ in range(100):
                try:
                    os.rmdir(path)
                except FileNotFoundError:
                    break
                except OSError:
                    self.reap()
                    time.sleep(0.01)
        subprocess.run(["rm", "-rf", os.path.join(self.root, self.id)], check=False)
        self._mounts = self._host_mounts()
