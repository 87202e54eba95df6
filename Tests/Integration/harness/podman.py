"""Real podman above the runtime, with storage, state and control groups of a case's own."""

import contextlib
import itertools
import os
import subprocess
import time

from .layout import folders_named
from .runtime import Result

# Podman raises both by itself, which takes CAP_SYS_RESOURCE.
LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]


class Podman:
    """Use it as a context: containers, conmons and groups go with it."""

    def __init__(self, t, runtime=None, before=()):
        """runtime: as `--runtime` has it, the one under test unless given. before: a command that podman is the rest of."""
        self.t = t
        self.runtime = runtime or t.runtime.path
        self.before = before
        self.prefix = t.name()
        # Podman takes no longer path than 50 characters.
        self.folder = t.folder(next(name for name in "pqrs" if not os.path.exists(os.path.join(t.scratch, name))))
        self.names = []
        self.rootfs = os.path.join(t.bundle().folder, "rootfs")
        # Of another caller's podman: its environment, and what its processes do before they are podman.
        self.environment = None
        self.become = None
        # Its own control group, if it may make some.
        self.parent = ["--cgroup-parent", "/" + self.prefix]
        self._calls = itertools.count()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The last first: one may depend on those before it.
        for name in reversed(self.names):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.call("rm", "--force", "--ignore", "--time", "0", name, record=False)
        # Podman's parent group, which nobody else removes, once the last conmon has left it.
        end = time.monotonic() + 10
        while (folders := folders_named(self.prefix)) and time.monotonic() < end:
            self.t.reap()
            for top in folders:
                for folder, _, _ in os.walk(top, topdown=False):
                    with contextlib.suppress(OSError):
                        os.rmdir(folder)
            time.sleep(0.02)

    def call(self, *words, stdin=None, timeout=60, record=True):
        """`podman WORDS`; its result stands in the transcript under the command's name (see engine.py on `record`)."""
        command = [*self.before, "podman", "--runtime", self.runtime, "--cgroup-manager", "cgroupfs", "--events-backend", "file",
                   "--root", os.path.join(self.folder, "root"), "--runroot", os.path.join(self.folder, "run"),
                   "--tmpdir", os.path.join(self.folder, "tmp"), "--storage-driver", "vfs", *words]
        # Files, not pipes: conmon inherits them, and a pipe would last as long as it does.
        number = next(self._calls)
        out, err = (os.path.join(self.t.scratch, f"podman-{name}-{number}") for name in ("out", "err"))
        with open(out, "wb") as out_file, open(err, "wb") as err_file, \
                contextlib.nullcontext(subprocess.DEVNULL) if stdin is None else open(self.t.file(stdin), "rb") as input_file:
            process = subprocess.run(command, stdin=input_file, stdout=out_file, stderr=err_file, timeout=timeout, check=False,
                                     env=self.environment, preexec_fn=self.become,
                                     # Where conmon leaves word of a container that ran out of memory.
                                     cwd=self.folder)
        said = []
        for path in (out, err):
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                said.append(file.read())
        result = Result(f"podman {' '.join(words)}", process.returncode, *said, 0)
        self.t.transcript.call(words[0], result, record)
        return result

    def run(self, *words, flags=(), **options):
        """`podman run` of a new container from the probe's root file system."""
        name = f"{self.prefix}-{len(self.names)}"
        self.names.append(name)
        # Without groups it may have no parent.
        parent = [] if "--cgroups" in flags else self.parent
        return self.call("run", "--name", name, "--network", "none", *parent, *LIMITS, *flags, "--rootfs", self.rootfs, *words,
                         **options)

    def up(self, *words, flags=()):
        """A container in the background; its name."""
        result = self.run(*(words or ("/probe", "sleep")), flags=["--detach", *flags])
        if result.status != 0:
            raise AssertionError(f"it doesn't start: {result}")
        return self.names[-1]

    def inspect(self, name, template, record=True):
        return self.call("inspect", "--format", template, name, record=record).out.strip()
