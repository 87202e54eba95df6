"""Real podman above the runtime, with configuration, storage, state and control groups of a case's own."""

import contextlib
import fcntl
import itertools
import os
import pty
import stat
import subprocess
import tarfile
import termios
import time

from .checks import succeeds
from .layout import folders_named, hierarchies
from .runtime import Result
from .terminal import read_terminal, resize

# Podman raises both by itself, which takes CAP_SYS_RESOURCE.
LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
# What a drop-in for raind-oci says: podman's own lists, and the new one. (Podman 4.3.1 reads the key without the s that
# containers.conf(5) gives it.) The limits are those of a pod's infra container, which has no options for them; the
# capabilities and the sysctl are Debian's.
CONFIGURATION = """\
[containers]
default_capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
    "SETPCAP", "SETUID", "SYS_CHROOT"]
default_sysctls = ["net.ipv4.ping_group_range=0 0"]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime_supports_json = ["crun", "runc", "kata", "runsc", "krun", "raind-oci"]
runtime_supports_nocgroup = ["crun", "krun", "raind-oci"]
"""
DETACH = b"\x10\x11"


class Podman:
    """Use it as a context: containers, pods, conmons and groups go with it.

    `flags` are podman's own, before the command. `configuration` is the whole containers.conf; with None it's the host's.
    `runtime` is as `--runtime` has it, the one under test unless given; `before` a command that podman is the rest of.
    """

    def __init__(self, t, flags=(), configuration=CONFIGURATION, runtime=None, before=()):
        self.t = t
        self.prefix = t.name()
        # Podman takes no longer path than 50 characters.
        self.folder = t.folder(next(name for name in "pqrs" if not os.path.exists(os.path.join(t.scratch, name))))
        self.names = []
        self.pods = []
        self.image_count = 0
        self.bundle = t.bundle()
        self.rootfs = self.bundle.rootfs
        self.command = [*before, "podman", "--runtime", runtime or t.runtime.path, *self.options(), *flags]
        # Another caller's podman has another one, and something that its processes do before they are podman.
        self.environment = dict(os.environ)
        if configuration is not None:
            self.environment["CONTAINERS_CONF"] = t.file(configuration)
        self.become = None
        # Its own control group, if it may make some.
        self.parent = ["--cgroup-parent", "/" + self.prefix]
        self.limits = LIMITS
        self._calls = itertools.count()

    def options(self):
        """Podman's own that make it a podman of the case alone."""
        return ["--cgroup-manager", "cgroupfs", "--events-backend", "file",
                "--root", os.path.join(self.folder, "root"), "--runroot", os.path.join(self.folder, "run"),
                "--tmpdir", os.path.join(self.folder, "tmp"), "--storage-driver", "vfs"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The last first: one may depend on those before it.
        for command, names in ((["rm"], reversed(self.names)), (["pod", "rm"], self.pods)):
            for name in names:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.call(*command, "--force", "--ignore", "--time", "0", name, record=False)
        # Podman's parent group, which nobody else removes, once the last conmon has left it.
        end = time.monotonic() + 10
        while (folders := folders_named(self.prefix)) and time.monotonic() < end:
            self.t.reap()
            for top in folders:
                for folder, _, _ in os.walk(top, topdown=False):
                    with contextlib.suppress(OSError):
                        os.rmdir(folder)
            time.sleep(0.02)

    def call(self, *words, stdin=None, timeout=60, record=True, third=None, environment=(), groups=None):
        """`podman WORDS`; its result stands in the transcript under the command's name (see engine.py on `record`).

        third: a file to be open as descriptor 3. environment: pairs. groups: supplementary groups of the caller.
        """
        command = [*self.command, *words]
        if third:
            command = ["/bin/sh", "-c", 'exec "$@" 3<"$0"', third, *command]
        # Files, not pipes: conmon inherits them, and a pipe would last as long as it does.
        number = next(self._calls)
        out, err = (os.path.join(self.t.scratch, f"podman-{name}-{number}") for name in ("out", "err"))
        with open(out, "wb") as out_file, open(err, "wb") as err_file, \
                contextlib.nullcontext(subprocess.DEVNULL) if stdin is None else open(self.t.file(stdin), "rb") as input_file:
            process = subprocess.run(command, stdin=input_file, stdout=out_file, stderr=err_file, timeout=timeout, check=False,
                                     env={**self.environment, **dict(environment)}, extra_groups=groups, preexec_fn=self.become,
                                     # Where conmon leaves word of a container that ran out of memory.
                                     cwd=self.folder)
        said = []
        for path in (out, err):
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                said.append(file.read())
        result = Result(f"podman {' '.join(words)}", process.returncode, *said, 0)
        self.t.transcript.call(words[0], result, record)
        return result

    def words_of_run(self, *words, flags=(), network="none", image=None, command="run"):
        """`podman run` of a new container as words: from an image, or else from the probe's root file system."""
        name = f"{self.prefix}-{len(self.names)}"
        self.names.append(name)
        return [command, "--name", name, *(["--network", network] if network else []),
                # Podman takes no parent group where it makes none, or where a pod has it.
                *([] if {"--cgroups", "--cgroups=disabled", "--pod"} & set(flags) else self.parent),
                *self.limits, *flags, *([image] if image else ["--rootfs", self.rootfs]), *words]

    def run(self, *words, flags=(), network="none", image=None, **options):
        return self.call(*self.words_of_run(*words, flags=flags, network=network, image=image), **options)

    def up(self, *words, flags=(), **options):
        """A container in the background; its name."""
        result = self.run(*(words or ("/probe", "sleep")), flags=["--detach", *flags], **options)
        if result.status != 0:
            raise AssertionError(f"it doesn't start: {result}")
        return self.names[-1]

    def made(self, *words, flags=()):
        """`podman create`; the container's name."""
        succeeds(self.call(*self.words_of_run(*(words or ("/probe", "sleep")), flags=flags, command="create")))
        return self.names[-1]

    def in_pod(self, pod, *words, flags=(), **options):
        """`podman run` of a new container in a pod."""
        return self.run(*words, flags=["--pod", pod, *flags], network=None, **options)

    def image(self):
        """An image of the probe's root file system, which sleeps unless it is told otherwise; its name."""
        archive = os.path.join(self.folder, f"image-{self.image_count}.tar")
        name = f"localhost/{self.prefix}-image-{self.image_count}"
        self.image_count += 1
        with tarfile.open(archive, "w") as tar:
            tar.add(self.rootfs, ".")
        succeeds(self.call("import", "--quiet", "--change", 'CMD ["/probe","sleep"]', archive, name, record=False))
        return name

    def pod(self, *flags):
        """A pod whose infra container is the probe; its name."""
        name = f"{self.prefix}-pod-{len(self.pods)}"
        image = self.image()
        self.pods.append(name)
        succeeds(self.call("pod", "create", "--name", name, "--infra-image", image, "--infra-command", "/probe sleep",
                           "--network", "none", *self.parent, *flags))
        return name

    def inspect(self, name, template, record=True):
        return self.call("inspect", "--format", template, name, record=record).out.strip()

    def pid(self, name):
        return int(self.inspect(name, "{{.State.Pid}}", record=False))

    def group(self, name, controller):
        """The folder of the container's control group in that controller's hierarchy."""
        with open(f"/proc/{self.pid(name)}/cgroup", encoding="ascii") as file:
            for line in file:
                _, controllers, path = line.rstrip("\n").split(":", 2)
                if controller in controllers.split(","):
                    return hierarchies()[controller] + path
        raise AssertionError(f"{name} has no group of {controller}")

    @contextlib.contextmanager
    def on_terminal(self, *words, size=(40, 90)):
        """`podman WORDS` in the foreground of a terminal of its own."""
        master, slave = pty.openpty()
        process = None
        try:
            resize(slave, *size)

            def before():
                os.setsid()
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            process = subprocess.Popen([*self.command, *words], stdin=slave, stdout=slave, stderr=slave, cwd=self.folder,
                                       env=self.environment, preexec_fn=before)
            yield Conversation(self.t, words[0], process, master, slave)
        finally:
            if process and process.poll() is None:
                process.kill()
                process.wait()
            os.close(slave)
            os.close(master)


class Conversation:
    """Somebody at a terminal with podman in its foreground."""

    def __init__(self, t, command, process, master, slave):
        self.t = t
        self.command = command
        self.process = process
        self.master = master
        self.slave = slave
        self.said = ""
        self.settings = termios.tcgetattr(slave)

    def hears(self, text, seconds=10):
        """Waits until it was said, and takes it and what came before it as heard."""
        if text not in self.said:
            self.said += read_terminal(self.master, text, seconds)
        before, _, self.said = self.said.partition(text)
        return before + text

    def hears_soon(self, text):
        """Whether it has been said, within a moment."""
        with contextlib.suppress(AssertionError):
            return bool(self.hears(text, 0.2))
        return False

    def types(self, keys):
        os.write(self.master, keys)

    def detaches(self, keys=DETACH):
        """The keys one by one: podman looks for them at the start of what it reads."""
        for key in keys:
            self.types(bytes([key]))
            time.sleep(0.1)

    def resizes(self, size):
        resize(self.slave, *size)

    def ends(self, seconds=20):
        """Podman's exit status, which stands in the transcript. The terminal is as it was."""
        status = self.process.wait(seconds)
        after = termios.tcgetattr(self.slave)
        if after[:4] != self.settings[:4]:
            raise AssertionError(f"the caller's terminal isn't as it was: {after[:4]} instead of {self.settings[:4]}")
        self.t.transcript.note(f"{self.command} on a terminal", status)
        return status


def device(t, number, name="device"):
    """A character device's node of the case's own; its path."""
    path = os.path.join(t.folder(), name)
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(*number))
    return path
