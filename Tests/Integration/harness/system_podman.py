"""Podman with its defaults, on a machine that systemd runs: for cases in a guest."""

import contextlib
import ctypes
import glob
import os
import signal

from .checks import succeeds
from .context import children, command_of
from .layout import CLONE_NEWNS
from .podman import Podman
from .runtime import ENVIRONMENT
from .service import OF_THE_USER, USER, properties

DROP_IN = "/etc/containers/containers.conf.d/raind-oci.conf"
# What its caller sees of a container's unit.
OF_A_SCOPE = (
    "ActiveState", "SubState", "Slice", "Delegate", "Transient", "DefaultDependencies", "CollectMode", "KillMode", "TimeoutStopUSec",
    "OOMPolicy", "MemoryAccounting", "MemoryMax", "MemoryLow", "MemoryHigh", "MemorySwapMax", "CPUAccounting", "CPUWeight",
    "CPUQuotaPerSecUSec", "CPUQuotaPeriodUSec", "AllowedCPUs", "AllowedMemoryNodes", "TasksAccounting", "TasksMax",
    "IOAccounting", "DevicePolicy", "DeviceAllow")


class SystemPodman(Podman):
    """Use it as a context. Its storage is the machine's, its control groups are systemd's, its events and its containers' output
    are in the journal; the runtime is known by the project's drop-in. With `user` it is the guest's user's.

    Containers have no network unless a case asks for one: a bridge takes ten seconds here.
    """

    def __init__(self, t, user=False, flags=()):
        if t.runtime.is_raind:
            _drop_in(t)
        super().__init__(t, flags, configuration=None, runtime=os.path.basename(t.runtime.path))
        self.user = user
        self.parent = []
        self.limits = []
        self.ids = {}
        # Not a service's: podman would leave its processes where they are.
        self.environment = {**ENVIRONMENT, "HOME": "/root"}
        if user:
            self.environment |= OF_THE_USER
            self.give(self.folder, self.rootfs)
        self.become = self._become

    def options(self):
        return []

    def _become(self):
        """The case's own mount namespace isn't systemd's, whose units run podman too."""
        libc = ctypes.CDLL(None, use_errno=True)
        descriptor = os.open("/proc/1/ns/mnt", os.O_RDONLY)
        if libc.setns(descriptor, CLONE_NEWNS) < 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(descriptor)
        os.chdir(self.folder)
        if self.user:
            os.setgroups([])
            os.setresgid(USER, USER, USER)
            os.setresuid(USER, USER, USER)

    @staticmethod
    def give(*tops):
        """Folders and files belong to the user, but for the programs, which are links."""
        for top in tops:
            for folder, folders, files in os.walk(top):
                for path in (folder, *(os.path.join(folder, name) for name in folders + files)):
                    if os.lstat(path).st_nlink == 1 or os.path.isdir(path):
                        os.lchown(path, USER, USER)

    def __exit__(self, *_):
        # Calls cost more than a second each.
        if self.pods:
            self.call("pod", "rm", "--force", "--ignore", "--time", "0", *self.pods, record=False)
        if self.names:
            self.call("rm", "--force", "--ignore", "--time", "0", *reversed(self.names), record=False)
        if self.user:
            self._end_pause()
        for made in self.ids.values():
            self.t.until(lambda made=made: not self.left_of(made), f"nothing is left of {made}: {self.left_of(made)}")

    def _end_pause(self):
        """Ends the process that holds the user's namespace between calls."""
        for pid in children(os.getpid()):
            if command_of(pid).endswith("podman"):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)

    def left_of(self, made):
        """Control groups and the runtime's state of a container that is removed."""
        return [*glob.glob(f"/sys/fs/cgroup/**/libpod-*{made}*", recursive=True),
                *glob.glob(f"/run/{self.t.runtime.name}/{made}"),
                *glob.glob(f"/run/user/{USER}/{self.t.runtime.name}/{made}")]

    def words_of_run(self, *words, flags=(), **options):
        said = super().words_of_run(*words, flags=flags, **options)
        return [said[0], "--pidfile", self._pid_file(self.names[-1]), "--conmon-pidfile", self._pid_file(self.names[-1], "conmon"),
                *said[1:]]

    def _pid_file(self, name, what="pid"):
        return os.path.join(self.folder, f"{name}.{what}")

    def up(self, *words, flags=(), **options):
        result = self.run(*(words or ("/probe", "sleep")), flags=["--detach", *flags], **{"record": "status", **options})
        if result.status != 0:
            raise AssertionError(f"it doesn't start: {result}")
        self.ids[self.names[-1]] = result.out.strip()
        return self.names[-1]

    def made(self, *words, flags=()):
        name = super().made(*words, flags=flags)
        self.ids[name] = self.inspect(name, "{{.Id}}", record=False)
        return name

    def pid(self, name):
        with open(self._pid_file(name), encoding="ascii") as file:
            return int(file.read())

    def conmon_pid(self, name):
        with open(self._pid_file(name, "conmon"), encoding="ascii") as file:
            return int(file.read())

    def removes(self, name):
        """`podman rm --force`, which the end of the case needs no more."""
        succeeds(self.call("rm", "--force", "--time", "0", name))
        self.names.remove(name)

    def scope(self, name):
        return f"libpod-{self.ids[name]}.scope"

    def shows(self, name, *names):
        """Properties of the container's scope; with none named those that its caller sees, which the transcript has."""
        found = properties(self.scope(name), *(names or OF_A_SCOPE), user=self.user)
        if not names:
            for key, value in found.items():
                self.t.transcript.note(f"scope's {key}", sorted(value.split("\n")) if key == "DeviceAllow" else value)
        return found


def _drop_in(t):
    """The project's own drop-in, as an installation writes it."""
    with open(os.path.join(t.tools["root"], "scripts/dropin/podman/raind-oci.conf"), encoding="utf-8") as file:
        text = file.read().replace("@bindir@", os.path.dirname(t.runtime.path))
    os.makedirs(os.path.dirname(DROP_IN), exist_ok=True)
    partial = f"{DROP_IN}.{os.getpid()}"
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
    with contextlib.suppress(FileNotFoundError):
        os.rename(partial, DROP_IN)
