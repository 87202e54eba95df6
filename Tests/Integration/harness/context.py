"""What a case is handed: names, folders, containers, and the runtime; and a look afterwards at what is left."""

import contextlib
import json
import os
import signal
import subprocess
import time

from . import layout as layouts
from .bundle import Bundle, base_config
from .checks import succeeds
from .container import container, wait_until
from .engine import Transcript
from .probe import Report
from .runtime import ENVIRONMENT


class Test:
    def __init__(self, runtime, layout, scratch, prefix, programs, tools):
        self.runtime = runtime
        self.layout = layout
        self.scratch = scratch
        self.prefix = prefix
        self.programs = programs
        self.tools = tools
        self.root = os.path.join(scratch, "state")
        # What an engine's caller saw: see engine.py.
        self.transcript = Transcript([(scratch, "SCRATCH"), (prefix, "PREFIX"), (runtime.path, "RUNTIME")])
        # The long form, which scripts/attack asks for.
        self.thorough = os.environ.get("RAIND_THOROUGH") == "1"
        # What was tried, and how often: see tried.
        self.tries = {}
        self._count = 0
        self._spawned = []

    # How often

    def rounds(self, short, thorough):
        """How often to repeat something: by scripts/test, and in the long form of scripts/attack."""
        return thorough if self.thorough else short

    def tried(self, what, count=1):
        """Counts for scripts/attack's table: `what` is a plural."""
        self.tries[what] = self.tries.get(what, 0) + count

    # Names and folders

    def name(self):
        """An id that no other case has; cgroups of that name are looked for afterwards."""
        self._count += 1
        return f"{self.prefix}-{self._count}"

    def folder(self, name=None):
        self._count += 1
        path = os.path.join(self.scratch, name or f"folder-{self._count}")
        os.makedirs(path)
        os.chmod(path, 0o755)
        return path

    def file(self, text="", name=None, mode=0o644):
        self._count += 1
        path = os.path.join(self.scratch, name or f"file-{self._count}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    # Bundles and containers

    def bundle(self, edit=None, args=None):
        config = base_config()
        if args is not None:
            config["process"]["args"] = list(args)
        if edit:
            edit(config)
        self._count += 1
        return Bundle(os.path.join(self.scratch, f"bundle-{self._count}"), self.programs, config)

    def container(self, edit=None, args=("/probe", "sleep"), name=None, prepare=None):
        return container(self, edit, args, name, prepare)

    def call(self, *words, **options):
        options.setdefault("root", self.root)
        return self.runtime.call(words, scratch=self.scratch, **options)

    def spawn(self, *words, **options):
        """A call that isn't waited for: a Popen, ended with the case. Options are Popen's."""
        for stream in ("stdin", "stdout", "stderr"):
            options.setdefault(stream, subprocess.DEVNULL)
        options.setdefault("env", ENVIRONMENT)
        process = subprocess.Popen([self.runtime.path, "--root", self.root, *words], **options)
        self._spawned.append(process)
        return process

    def run(self, args, edit=None, prepare=None, flags=(), **options):
        """`run` of a new container to its end; the result has its output."""
        with self.container(edit, args, prepare=prepare) as made:
            return made.run(*flags, **options)

    def shell(self, script, edit=None, prepare=None, **options):
        """The output of a busybox script that must succeed."""
        return succeeds(self.run(["/bin/sh", "-ec", script], edit, prepare, **options)).out

    def report(self, *sections, edit=None, prepare=None, **options):
        """What the probe sees as the container's init."""
        return Report(succeeds(self.run(["/probe", "report", *sections], edit, prepare, **options)).out)

    def stat(self, *paths, edit=None, prepare=None, **options):
        """Path to what the probe sees there."""
        said = succeeds(self.run(["/probe", "stat", *paths], edit, prepare, **options)).out
        return {entry["path"]: entry for entry in json.loads(said)}

    # Waiting, and the end

    def until(self, condition, what, seconds=10):
        wait_until(condition, what, seconds)

    def reap(self):
        """Collects ended children; the pids."""
        gone = []
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                for process in self._spawned:
                    if process.pid == pid and process.returncode is None:
                        process.returncode = os.waitstatus_to_exitcode(status)
                gone.append(pid)
        return gone

    def leftovers(self):
        """What the case left behind, cleaned away: a line each."""
        found = []
        end = time.monotonic() + 2
        while True:
            # A process that was killed just now may need a moment.
            self.reap()
            alive = children(os.getpid())
            if not alive or time.monotonic() > end:
                break
            time.sleep(0.01)
        if alive:
            layouts.thaw(self.prefix)
        # Ending one hands its children to this process.
        while alive:
            for pid in alive:
                found.append(f"process {pid} ({command_of(pid)})")
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pid in alive:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)
            alive = children(os.getpid())
        for folder in layouts.folders_named(self.prefix):
            # What a peer leaves is its own affair; it is taken away all the same.
            if self.runtime.is_raind:
                found.append(f"cgroup {folder}")
            layouts.remove_group(folder)
        for point, kind, _ in reversed(list(layouts.mounts())):
            if point.startswith(self.scratch + "/"):
                found.append(f"{kind} mount {point}")
                with contextlib.suppress(OSError):
                    layouts.umount(point)
        with contextlib.suppress(FileNotFoundError):
            found += [f"state {name}" for name in sorted(os.listdir(self.root)) if name.startswith(self.prefix)]
        return found


def children(parent):
    """Living children, by /proc/PID/stat; zombies don't count."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
            if int(fields[1]) == parent and fields[0] != "Z":
                found.append(int(name))
    return found


def command_of(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return "?"
