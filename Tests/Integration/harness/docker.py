"""Real dockerd with the runtime below it: a daemon and a containerd of a case's own, in the case's folder."""

import contextlib
import os
import signal
import socket
import subprocess
import tarfile
import time

from . import layout as layouts
from .checks import succeeds
from .context import children, command_of
from .runtime import ENVIRONMENT, Result
from .terminal import on_a_terminal

# Debian's, also where another one stands before it in PATH.
CLIENT = "/usr/bin/docker"
DAEMON = "/usr/sbin/dockerd"
CONTAINERD = "/usr/bin/containerd"
IMAGE = "box"

# Fewer plugins: an earlier start. A runtime sees nothing of them.
CONTAINERD_CONFIG = """version = 2
root = "{folder}/c/root"
state = "{folder}/c/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.tracing",
    "io.containerd.tracing.processor.v1.otlp", "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
address = "{folder}/c.sock"
[debug]
address = ""
"""


class Docker:
    """Use it as a context: daemons, shims, containers, mounts and groups go with it.

    When the case went well, what docker and the runtime ought to have taken away themselves is looked for, and fails it.
    """

    def __init__(self, t, flags=()):
        self.t = t
        self.flags = list(flags)
        self.prefix = t.name()
        self.folder = t.folder("d")
        # What `--runtime` takes. The daemon reserves the name runc for the one in its PATH.
        self.runtime = "raind" if t.runtime.is_raind else t.runtime.name
        self.names = []
        self._daemon = self._containerd = None
        self._covered = []

    # The daemons

    def __enter__(self):
        try:
            self._cover()
            with open(self._path("containerd.toml"), "w", encoding="utf-8") as file:
                file.write(CONTAINERD_CONFIG.format(folder=self.folder))
            # Instead of /etc/docker/daemon.json.
            with open(self._path("daemon.json"), "w", encoding="utf-8") as file:
                file.write("{}")
            for name in ("home", "config"):
                os.mkdir(self._path(name))
            self._containerd = self._spawn(
                "containerd", [CONTAINERD, "--config", self._path("containerd.toml"), "--log-level", "info"])
            self.start_daemon()
            self._import()
        except BaseException:
            self._end(as_expected=False)
            raise
        return self

    def __exit__(self, kind, *_):
        self._end(as_expected=kind is None)

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _environment(self):
        return {**ENVIRONMENT, "HOME": self._path("home"), "DOCKER_CONFIG": self._path("config"), "TERM": "xterm"}

    def _cover(self):
        """The places in /run and /etc that no option moves."""
        for place in ("/run", "/etc/docker"):
            os.makedirs(place, exist_ok=True)
            layouts.mount("none", place, "tmpfs", data="mode=755")
            self._covered.append(place)
        self._show_hierarchies()

    def _show_hierarchies(self):
        """containerd's shim gives up statistics and the watch for memory when its container is in a hierarchy that is
        mounted nowhere. So all that the kernel has stand below a /sys/fs/cgroup of this process's own.
        """
        shown = layouts.hierarchies()
        with open("/proc/self/cgroup", encoding="ascii") as file:
            missing = [names for names in (line.split(":")[1] for line in file)
                       if names and not any(name in shown for name in names.split(","))]
        if not missing or shown.get("") == layouts.TOP:
            return
        base = self._path("cgroup")
        os.mkdir(base)
        layouts.mount("none", base, "tmpfs", data="mode=755")
        try:
            for entry in list(os.scandir(layouts.TOP)):
                here = os.path.join(base, entry.name)
                if entry.is_symlink():
                    os.symlink(os.readlink(entry.path), here)
                else:
                    os.mkdir(here)
                    layouts.mount(entry.path, here, flags=layouts.MS_BIND)
            for names in missing:
                os.mkdir(os.path.join(base, names))
                layouts.mount("cgroup", os.path.join(base, names), "cgroup",
                              data=f"none,{names}" if names.startswith("name=") else names)
            layouts.mount(base, layouts.TOP, flags=layouts.MS_BIND | layouts.MS_REC)
            self._covered.append(layouts.TOP)
        finally:
            layouts.umount(base)

    def _spawn(self, name, command):
        with open(self._path(f"{name}.log"), "ab") as log:
            # Not in the caller's process group: what is typed at its terminal isn't for daemons.
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment(),
                                    cwd=self.folder, start_new_session=True)

    def start_daemon(self):
        own = [] if self.runtime == "runc" else ["--add-runtime", f"{self.runtime}={self.t.runtime.path}"]
        self._daemon = self._spawn("dockerd", [
            DAEMON, "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
            "--storage-driver", "vfs", "--data-root", self._path("data"), "--exec-root", self._path("exec"),
            "--pidfile", self._path("pid"), "--config-file", self._path("daemon.json"),
            "--containerd", self._path("c.sock"), "--exec-opt", "native.cgroupdriver=cgroupfs",
            "--host", f"unix://{self._path('s')}", *own, *self.flags])
        end = time.monotonic() + 15
        while not self._answers():
            if self._daemon.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"dockerd doesn't start: {self.said('dockerd')[-2000:]}")
            time.sleep(0.01)

    def stop_daemon(self):
        """As at an upgrade: with --live-restore the containers stay."""
        self._daemon.terminate()
        self._daemon.wait(15)

    def said(self, name):
        """The log of dockerd or containerd."""
        with open(self._path(f"{name}.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def _answers(self):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(self._path("s"))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
        return False

    def _import(self):
        """The root file system of a bundle as an image."""
        archive = self._path("image.tar")
        with tarfile.open(archive, "w") as tar:
            tar.add(os.path.join(self.t.bundle().folder, "rootfs"), ".")
        succeeds(self.call("import", archive, IMAGE, record=False))
        os.unlink(archive)

    # Calls

    def command(self, *words):
        return [CLIENT, "--host", f"unix://{self._path('s')}", *words]

    def call(self, *words, stdin=None, timeout=20, record=True):
        """`docker WORDS`; its result stands in the transcript under the command's name (see engine.py on `record`)."""
        process = subprocess.run(self.command(*words), timeout=timeout, check=False, capture_output=True,
                                 env=self._environment(), **({"stdin": subprocess.DEVNULL} if stdin is None else
                                                             {"input": stdin.encode()}))
        result = Result(f"docker {' '.join(words)}", process.returncode,
                        *(said.decode("utf-8", "surrogateescape") for said in (process.stdout, process.stderr)), 0)
        self.t.transcript.call(words[0], result, record)
        return result

    def words(self, *words, flags=(), command="run"):
        """`run` of a new container, as words: its name is the last of `names`."""
        name = f"{self.prefix}-{len(self.names)}"
        self.names.append(name)
        network = [] if any(flag.startswith("--network") for flag in flags) else ["--network", "none"]
        return [command, "--runtime", self.runtime, "--name", name, "--cgroup-parent", "/" + self.prefix, *network, *flags,
                IMAGE, *words]

    def run(self, *words, flags=(), **options):
        """`docker run` of a new container from the probe's root file system."""
        return self.call(*self.words(*words, flags=flags), **options)

    def up(self, *words, flags=()):
        """A container in the background; its name."""
        result = self.run(*(words or ("/probe", "sleep")), flags=["--detach", *flags])
        if result.status != 0:
            raise AssertionError(f"it doesn't start: {result}")
        return self.names[-1]

    def on_a_terminal(self, *words, **options):
        """The client in front of a terminal: what it says, and its exit status; both stand in the transcript."""
        said, status = on_a_terminal(self.command(*words), env=self._environment(), **options)
        self.t.transcript.note(f"{words[0]} on a terminal", {"status": status, "said": said})
        return said, status

    def inspect(self, name, template, record=True):
        return succeeds(self.call("inspect", "--format", template, name, record=record)).out.strip()

    def pid(self, name):
        return int(self.inspect(name, "{{.State.Pid}}", record=False))

    def group(self, name, controller):
        """The container's folder in the hierarchy of the controller."""
        return os.path.join(layouts.hierarchies()[controller], self.prefix, self.inspect(name, "{{.Id}}", record=False))

    def value(self, name, controller, file):
        """What the container's control group has; it stands in the transcript, too."""
        with open(os.path.join(self.group(name, controller), file), encoding="ascii") as values:
            text = values.read().strip()
        self.t.transcript.note(file, text)
        return text

    def until_logged(self, name, text):
        self.t.until(lambda: text in self.call("logs", name, record=False).out, f"{text!r} in the logs of {name}")

    # The end

    def _end(self, as_expected):
        left = []
        with contextlib.suppress(subprocess.TimeoutExpired, AssertionError):
            if self._daemon and self._daemon.poll() is None:
                everything = self.call("ps", "--all", "--quiet", record=False).out.split()
                if everything:
                    removed = self.call("rm", "--force", "--volumes", *everything, record=False)
                    left += [removed.err] if removed.status != 0 else []
        for daemon in (self._daemon, self._containerd):
            _ended(daemon, left)
        left += self._processes() + self._groups() + self._mounts() + self._files()
        for place in reversed(self._covered):
            layouts.umount(place)
        if as_expected and left:
            raise AssertionError(f"docker left behind: {'; '.join(left)}")

    def _processes(self):
        """Shims that stay, and what is in the containers' groups: ended."""
        end = time.monotonic() + 3
        while (alive := self._stragglers()) and time.monotonic() < end:
            self.t.reap()
            time.sleep(0.01)
        found = [f"process {pid} ({command_of(pid)})" for pid in alive]
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 2
        while self._stragglers() and time.monotonic() < end:
            self.t.reap()
            time.sleep(0.01)
        return found

    def _stragglers(self):
        found = {pid for pid in children(os.getpid()) if self.folder in command_of(pid)}
        for top in layouts.folders_named(self.prefix):
            for folder, _, _ in os.walk(top):
                with contextlib.suppress(OSError), open(os.path.join(folder, "cgroup.procs"), encoding="ascii") as pids:
                    found |= {int(pid) for pid in pids.read().split()}
        return sorted(found)

    def _groups(self):
        """The containers' groups should be gone; their parent is docker's, who leaves it."""
        found = []
        for top in layouts.folders_named(self.prefix):
            for folder, _, _ in os.walk(top, topdown=False):
                if folder != top:
                    found.append(f"cgroup {folder}")
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
        return found

    def _mounts(self):
        found = []
        for point, kind, _ in reversed(list(layouts.mounts())):
            if point.startswith(self.folder + "/"):
                # Docker leaves the one that it propagates mounts by when it was stopped above its containers, and the
                # name of the host's network.
                if point not in (self._path("data"), self._path("exec/netns/default")):
                    found.append(f"{kind} mount {point}")
                with contextlib.suppress(OSError):
                    layouts.umount(point)
        return found

    def _files(self):
        """The shims' sockets, and the runtime's folders of containers."""
        found = []
        # Docker 20.10 gives every runtime the state root runtime-runc.
        for place in ("/run/containerd/s", self._path("exec/runtime-runc/moby"),
                      self._path("c/state/io.containerd.runtime.v2.task/moby")):
            with contextlib.suppress(FileNotFoundError):
                # raind-oci keeps compiled filters, for all containers together.
                found += [f"{place}/{name}" for name in sorted(os.listdir(place)) if not name.endswith("~")]
        return found


def _ended(daemon, left):
    if not daemon or daemon.poll() is not None:
        return
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        left.append(f"process {daemon.pid} ({command_of(daemon.pid)}), which doesn't end at SIGTERM")
        daemon.kill()
        daemon.wait()
