"""Real containerd above the runtime, driven by ctr, with folders, sockets and control groups of a case's own."""

import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import tarfile
import time

from .bundle import PATH
from .context import children, command_of
from .grpc import field, ttrpc
from .layout import folders_named, hierarchies, mount, mounts, umount
from .runtime import ENVIRONMENT, Result
from .terminal import on_a_terminal

# What needs a network, another file system, or folders outside.
WITHOUT = ("io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing",
           "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
           "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
           "io.containerd.tracing.processor.v1.otlp")
IMAGE = "raind.test/busybox:1"


class Containerd:
    """Use it as a context: tasks, shims, mounts and groups go with it.

    The shims' sockets and ctr's pipes are below /run/containerd wherever the daemon's folders are, so that this process
    gets a /run of its own.
    """

    def __init__(self, t, namespace="default"):
        self.t = t
        self.namespace = namespace
        self.prefix = t.name()
        self.folder = t.folder("c")
        self.socket = os.path.join(self.folder, "sock")
        self.state = os.path.join(self.folder, "state")
        self.bundle = t.bundle()
        self.rootfs = self.bundle.rootfs
        self.snapshotter = "overlayfs"
        self.ctr = ["ctr", "--address", self.socket, "--namespace", namespace]
        self.daemon = None
        # Where hierarchies were mounted that the host has and doesn't show, and their controllers: runc gives each container
        # those too.
        self.shown = {}
        self._mounted = []
        self._clients = []
        self._count = 0

    def __enter__(self):
        try:
            os.makedirs(self.own_run, exist_ok=True)
            self._mount("raind-test", self.own_run, "tmpfs", data="mode=755")
            self._show_every_hierarchy()
            for name in ("root", "state", "tmp", "bin"):
                os.mkdir(os.path.join(self.folder, name))
            # What containerd looks for unless told otherwise.
            os.symlink(self.t.runtime.path, os.path.join(self.folder, "bin", "runc"))
            self.t.file("\n".join((
                "version = 2", f"root = {json.dumps(os.path.join(self.folder, 'root'))}",
                f"state = {json.dumps(self.state)}", f"disabled_plugins = {json.dumps(self.without)}", *self.config(),
                # After which a shim that doesn't answer is killed.
                "[timeouts]", '"io.containerd.timeout.shim.cleanup" = "1s"',
                "[grpc]", f"address = {json.dumps(self.socket)}",
                "[ttrpc]", f"address = {json.dumps(os.path.join(self.folder, 'ttrpc'))}", "")), "c/config.toml")
            self.start()
            plugins = [line.split() for line in self.call("plugins", "ls", record=False).out.splitlines()]
            if not any(words[1:2] == ["overlayfs"] and words[-1] == "ok" for words in plugins):
                self.snapshotter = "native"
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """Ends everything from below, so that it works whatever state the daemon is in."""
        for client in self._clients:
            self._end(client)
        if self.daemon:
            self._end(self.daemon)
        for pid in self.shims():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 10
        while (folders := folders_named(self.prefix)) and time.monotonic() < end:
            for top in folders:
                for folder, _, _ in os.walk(top, topdown=False):
                    for pid in processes(folder):
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                    # A paused one takes it when it goes on.
                    with contextlib.suppress(OSError), open(f"{folder}/freezer.state", "w", encoding="ascii") as file:
                        file.write("THAWED")
                    with contextlib.suppress(OSError):
                        os.rmdir(folder)
            self.t.reap()
            time.sleep(0.01)
        self.t.reap()
        for point, _, _ in reversed(list(mounts())):
            if point.startswith(self.state + "/"):
                umount(point)
        for point in reversed(self._mounted):
            umount(point)
        self._mounted.clear()

    # The daemon

    without = list(WITHOUT)
    # A folder of its own in the machine's place.
    own_run = "/run"

    def config(self):
        """More lines of its configuration."""
        return []

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.daemon = subprocess.Popen(
                ["containerd", "--config", os.path.join(self.folder, "config.toml")], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env={"PATH": f"{self.folder}/bin:{ENVIRONMENT['PATH']}", "TMPDIR": os.path.join(self.folder, "tmp")})
        self.t.until(self._serves, f"containerd serves: {self.log()[-600:]}")

    def stop(self):
        """The daemon alone: tasks go on."""
        self._end(self.daemon)

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def _serves(self):
        if self.daemon.poll() is not None:
            raise AssertionError(f"containerd ended with {self.daemon.returncode}: {self.log()[-600:]}")
        # It listens before its services are there.
        return "containerd successfully booted" in self.log() and os.path.exists(self.socket)

    def _end(self, process):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _mount(self, source, target, kind, data=None):
        mount(source, target, kind, data=data)
        self._mounted.append(target)

    def _show_every_hierarchy(self):
        """containerd finds no group of a process that is in a v1 hierarchy which isn't mounted: a kernel may have such."""
        shown = {option for _, kind, options in mounts() if kind == "cgroup" for option in options.split(",")}
        if not shown:
            return
        with open("/proc/self/cgroup", encoding="ascii") as lines:
            for names in [line.split(":")[1] for line in lines]:
                if names and not shown & set(names.split(",")):
                    place = self.t.folder()
                    self.shown[place] = names
                    self._mount("raind-test", place, "cgroup", data=names)

    # Calls

    def call(self, *words, stdin=None, after="ready\n", timeout=20, record=True, key=None):
        """`ctr WORDS`; its result stands in the transcript under the command's name (see engine.py on `record`).

        stdin is given and ended once the program said `after`: ctr loses an end that comes before the program is there.
        """
        self._count += 1
        paths = [os.path.join(self.folder, f"{name}-{self._count}") for name in ("out", "err")]
        # Files, not pipes: a shim may inherit them, and a pipe would last as long as it does.
        with open(paths[0], "wb") as out, open(paths[1], "wb") as err:
            process = subprocess.Popen([*self.ctr, *words], stdout=out, stderr=err, env=ENVIRONMENT,
                                       stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE)
        self._clients.append(process)
        if stdin is not None:
            def ready():
                with open(paths[0], encoding="ascii") as file:
                    return file.read().startswith(after) or process.poll() is not None
            self.t.until(ready, "the program reads")
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(stdin.encode())
                process.stdin.close()
        status = process.wait(timeout)
        self._clients.remove(process)
        said = []
        for path in paths:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                said.append(file.read())
        result = Result(f"ctr {' '.join(words)}", status, *said, 0)
        self.t.transcript.call(key or " ".join(words[:1 if words[0] in ("run", "events") else 2]), result, record)
        return result

    def terminal(self, words, steps, size=(40, 90), record=True):
        """A ctr on a terminal (see terminal.on_a_terminal); what it says and its exit status."""
        said, status = on_a_terminal([*self.ctr, *words], steps, size, ENVIRONMENT)
        result = Result(f"ctr {' '.join(words)}", status, said, "", 0)
        self.t.transcript.call("on a terminal", result, record)
        return said, status

    def spawn(self, *words):
        """A ctr that isn't waited for, and the file that it writes to."""
        path = self.t.file()
        with open(path, "wb") as out:
            client = subprocess.Popen([*self.ctr, *words], stdin=subprocess.DEVNULL, stdout=out,
                                      stderr=out, env=ENVIRONMENT)
        self._clients.append(client)
        return client, path

    def words(self, *words, flags=(), source=None, name=None):
        """The words of `ctr run` for a new container, and its name."""
        self._count += 1
        name = name or f"{self.prefix}-{self._count}"
        return ["run", "--runc-binary", self.t.runtime.path, *self.group_words(name), *flags,
                *(source or ["--rootfs", self.rootfs]), name, *words], name

    def group_words(self, name):
        """What tells ctr where a container's control group is."""
        return ["--cgroup", f"/{self.prefix}/{name}"]

    def run(self, *words, flags=(), source=None, name=None, **options):
        """`ctr run --rm` of a new container from the probe's root file system."""
        return self.call(*self.words(*words, flags=["--rm", *flags], source=source, name=name)[0], **options)

    def up(self, *words, flags=(), source=None, **options):
        """A container in the background; its name. What it says reaches a ctr that detaches, or not."""
        command, name = self.words(*(words or ("/probe", "sleep")), flags=["--detach", *flags], source=source)
        result = self.call(*command, **{"record": "status", **options})
        if result.status != 0:
            raise AssertionError(f"it doesn't start: {result}")
        return name

    def exec(self, name, *words, flags=(), **options):
        self._count += 1
        return self.call("tasks", "exec", "--exec-id", f"exec-{self._count}", *flags, name, *words, **options)

    def config_words(self, config, name):
        """`ctr run --config`: the whole config.json is the caller's."""
        path = self.t.file(json.dumps(config))
        return ["run", "--runc-binary", self.t.runtime.path, "--config", path, name]

    # What is there

    def task(self, name):
        """(process id, status) of a task, None without one."""
        for line in self.call("tasks", "ls", record=False).out.splitlines()[1:]:
            words = line.split()
            if words[0] == name:
                return int(words[1]), words[2]
        return None

    def pid(self, name):
        return self.task(name)[0]

    def until_status(self, name, status):
        self.t.until(lambda: (self.task(name) or (0, None))[1] == status, f"task {name} is {status}")

    def end(self, *names):
        """Killed and deleted."""
        for name in names:
            self.call("tasks", "rm", "--force", name, record=False)
            self.call("containers", "rm", name, record=False)

    def bundle_of(self, name):
        return os.path.join(self.state, "io.containerd.runtime.v2.task", self.namespace, name)

    def shims(self):
        return [pid for pid in children(os.getpid()) if
                "containerd-shim" in command_of(pid) and self.socket in command_of(pid)]

    def remains(self):
        """Everything below that a container leaves while it is there."""
        found = [f"shim {pid}" for pid in self.shims()]
        for top in folders_named(self.prefix):
            found += [f"group {folder}" for folder, _, _ in os.walk(top) if folder != top]
            found += [f"process {pid} in {folder}" for folder, _, _ in os.walk(top) for pid in processes(folder)]
        found += [f"mount {point}" for point, _, _ in mounts() if point.startswith(self.state + "/")]
        # The runtime's state where containerd keeps it, bundles, terminals' sockets. Other sockets and pipes are containerd's
        # and ctr's own affair.
        for folder in (f"/run/containerd/runc/{self.namespace}", self.bundle_of(""), os.path.join(self.folder, "tmp")):
            with contextlib.suppress(FileNotFoundError):
                # Compiled filters are kept for the next container.
                found += [f"{folder}/{name}" for name in os.listdir(folder) if name != "seccomp~"]
        return found

    def nothing_remains(self):
        end = time.monotonic() + 5
        while found := self.remains():
            if time.monotonic() > end:
                raise AssertionError(f"left behind below containerd: {', '.join(found)}")
            self.t.reap()
            time.sleep(0.01)

    # Beside ctr

    def shim_call(self, name, method, payload):
        """A call of the shim's own service; raises what it answers."""
        with open(os.path.join(self.bundle_of(name), "address"), encoding="ascii") as file:
            return ttrpc(file.read().strip().removeprefix("unix://"), "containerd.task.v2.Task", method, payload)

    def update(self, name, resources):
        """New limits, which ctr has no command for; what the shim answers, "" for success."""
        kind = b"types.containerd.io/opencontainers/runtime-spec/1/LinuxResources"
        anything = field(1, kind) + field(2, json.dumps(resources).encode())
        answer = self.shim_call(name, "Update", field(1, name.encode()) + field(2, anything))
        self.t.transcript.note("update", answer)
        return answer

    def image(self, edit=None):
        """Imports an image of the probe's root file system; its name. edit(config) changes the image's own config."""
        config = {"architecture": "amd64" if os.uname().machine == "x86_64" else "arm64", "os": "linux",
                  "config": {"Env": [PATH, "FROM=image"], "Cmd": ["/bin/sh", "-c", "echo from the image"]}}
        if edit:
            edit(config["config"])
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as archive:
            archive.add(self.rootfs, arcname=".")
        config["rootfs"] = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer.getvalue()).hexdigest()}"]}
        path = self.t.file()
        kind = "application/vnd.oci.image."
        with tarfile.open(path, "w") as archive:
            def add(name, data):
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))

            def blob(media_type, data):
                digest = hashlib.sha256(data).hexdigest()
                add(f"blobs/sha256/{digest}", data)
                return {"mediaType": kind + media_type, "digest": f"sha256:{digest}", "size": len(data)}
            manifest = {"schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
                        "config": blob("config.v1+json", json.dumps(config).encode()),
                        "layers": [blob("layer.v1.tar", layer.getvalue())]}
            listed = blob("manifest.v1+json", json.dumps(manifest).encode())
            listed["annotations"] = {"io.containerd.image.name": IMAGE}
            add("index.json", json.dumps({"schemaVersion": 2, "manifests": [listed]}).encode())
            add("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        result = self.call("images", "import", "--snapshotter", self.snapshotter, path, record=False)
        if result.status != 0:
            raise AssertionError(f"no image: {result}")
        return ["--snapshotter", self.snapshotter, IMAGE]


def processes(folder):
    with contextlib.suppress(OSError), open(f"{folder}/cgroup.procs", encoding="ascii") as file:
        return [int(line) for line in file]
    return []


def group_value(pid, controller, name):
    """What stands in a file of the process's v1 group."""
    with open(f"/proc/{pid}/cgroup", encoding="ascii") as lines:
        path = next(line.rstrip("\n").split(":", 2)[2] for line in lines if controller in line.split(":")[1].split(","))
    with open(f"{hierarchies()[controller]}{path}/{name}", encoding="ascii") as file:
        return file.read().strip()


@contextlib.contextmanager
def events(containerd, t):
    """A function that gives what `ctr events` has told up to now: (topic, values)."""
    _, path = containerd.spawn("events")

    def seen():
        with open(path, encoding="utf-8") as file:
            rows = [line.split(" ", 6) for line in file.read().splitlines(keepends=True) if line.endswith("\n")]
        return [(row[5], json.loads(row[6])) for row in rows]
    # It is there once an event reaches it.
    t.until(lambda: containerd.call("namespaces", "label", "default", "a=b", record=False) and seen(), "ctr listens")
    yield seen
