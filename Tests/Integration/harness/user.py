"""An ordinary user of the machine, made for one case: no account of the host is touched, because the case sees an /etc of
its own, with ids of /etc/subuid and /etc/subgid for the user or without."""

import contextlib
import copy
import ctypes
import json
import os
import shutil
import subprocess
import time

from . import layout as layouts
from .bundle import Bundle
from .checks import succeeds
from .container import container
from .probe import Report
from .runtime import ENVIRONMENT, Runtime

NAME, UID, GID = "raind-test", 61234, 61235
# What /etc/subuid and /etc/subgid give it.
FIRST, COUNT = 700000, 65536

PR_SET_DUMPABLE = 4
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000


class OrdinaryUser:
    """Stands in for the case's own context: what is called through it is called as the user, with the state below its
    XDG_RUNTIME_DIR. Use it as a context."""

    uid, gid = UID, GID

    def __init__(self, t, subordinate=True):
        self.t = t
        given = f"{NAME}:{FIRST}:{COUNT}\n" if subordinate else ""
        self._etc = {"subuid": given, "subgid": given}
        for name, line in (("passwd", f"{NAME}:x:{UID}:{GID}::{{home}}:/bin/sh\n"), ("shadow", f"{NAME}:*:19000::::::\n"),
                           ("group", f"{NAME}:x:{GID}:\n")):
            with open(f"/etc/{name}", encoding="utf-8") as file:
                self._etc[name] = file.read() + line
        self.home = self.own_folder()
        self.runtime_folder = self.own_folder()
        os.chmod(self.runtime_folder, 0o700)
        self.environment = {**ENVIRONMENT, "HOME": self.home, "USER": NAME, "XDG_RUNTIME_DIR": self.runtime_folder}
        # The project's own folder may be closed to others.
        path = os.path.join(t.folder(), os.path.basename(t.runtime.path))
        shutil.copyfile(t.runtime.path, path)
        os.chmod(path, 0o755)
        self.runtime = Runtime(path)
        self._spec = None
        self._mounted = []
        # What a child does while it is root of the machine still.
        self.first = None

    def __enter__(self):
        folder = self.t.folder()
        try:
            for name, text in self._etc.items():
                path = os.path.join(folder, name)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text.replace("{home}", self.home))
                if not os.path.exists(f"/etc/{name}"):
                    raise AssertionError(f"/etc/{name} is missing on this machine")
                # The case has a mount namespace of its own.
                layouts.mount(path, f"/etc/{name}", flags=layouts.MS_BIND)
                self._mounted.append(f"/etc/{name}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        while self._mounted:
            layouts.umount(self._mounted.pop())

    def __getattr__(self, name):
        return getattr(self.t, name)

    def own_folder(self):
        path = self.t.folder()
        os.chown(path, self.uid, self.gid)
        return path

    def become(self):
        if self.first:
            self.first()
        os.setgroups([])
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)
        # Lost with the ids; without it the process's own folder in /proc is root's.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)

    # What the case's context does, as the user

    def call(self, *words, before=None, env=None, **options):
        """The runtime, without --root, as the user. `before` runs once it is the user."""
        def both():
            self.become()
            if before:
                before()
        options.setdefault("root", "")
        return self.runtime.call(words, scratch=self.scratch, before=both, root_flag=bool(options["root"]),
                                 env=self.environment if env is None else env, **options)

    def spawn(self, *words, before=None, **options):
        def both():
            self.become()
            if before:
                before()
        for stream in ("stdin", "stdout", "stderr"):
            options.setdefault(stream, subprocess.DEVNULL)
        options.setdefault("env", self.environment)
        # pylint: disable=protected-access
        process = subprocess.Popen([self.runtime.path, *words], preexec_fn=both, **options)
        self.t._spawned.append(process)
        return process

    def spec(self):
        """The config that the runtime writes for such a user, for a program without a terminal."""
        if self._spec is None:
            folder = self.own_folder()
            succeeds(self.call("spec", "--rootless", cwd=folder))
            with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
                self._spec = json.load(file)
            self._spec["process"]["terminal"] = False
        return copy.deepcopy(self._spec)

    def bundle(self, edit=None, args=None):
        config = self.spec()
        if args is not None:
            config["process"]["args"] = list(args)
        if edit:
            edit(config)
        made = Bundle(os.path.join(self.own_folder(), "bundle"), self.programs, config)
        for folder, folders, files in os.walk(made.folder):
            for path in (folder, *(os.path.join(folder, name) for name in folders + files)):
                # The programs are links to what every bundle has.
                if os.lstat(path).st_nlink == 1 or os.path.isdir(path):
                    os.lchown(path, self.uid, self.gid)
        return made

    def container(self, edit=None, args=("/probe", "sleep"), name=None, prepare=None):
        return container(self, edit, args, name, prepare)

    def run(self, args, edit=None, prepare=None, flags=(), **options):
        with self.container(edit, args, prepare=prepare) as made:
            return made.run(*flags, **options)

    def shell(self, script, edit=None, **options):
        return succeeds(self.run(["/bin/sh", "-ec", script], edit, **options)).out

    def report(self, *sections, edit=None, **options):
        return Report(succeeds(self.run(["/probe", "report", *sections], edit, **options)).out)

    def left(self):
        """What is left of containers in the user's state root."""
        with contextlib.suppress(FileNotFoundError):
            # Compiled filters are kept for the next container.
            return sorted(name for name in os.listdir(os.path.join(self.runtime_folder, self.runtime.name))
                          if name != "seccomp~")
        return []


class LingeringUser(OrdinaryUser):
    """A user of a guest with systemd, whose own systemd runs without a session of his."""

    uid = gid = 1000

    def __init__(self, t):
        super().__init__(t)
        self.runtime_folder = f"/run/user/{self.uid}"
        self.environment.update(USER="user", XDG_RUNTIME_DIR=self.runtime_folder)

    def __enter__(self):
        return self


def ids_of_subordinates(config):
    """The user is root inside, and the rest are the ids that /etc/subuid and /etc/subgid give it."""
    for key, own in (("uidMappings", UID), ("gidMappings", GID)):
        config["linux"][key] = [{"containerID": 0, "hostID": own, "size": 1},
                                {"containerID": 1, "hostID": FIRST, "size": COUNT}]


def enter_user_namespace(*ranges):
    """The process goes into a user and a mount namespace of its own, with ids mapped by root of the machine: what
    rootless podman and `podman unshare` have made. Without ranges the caller's own id alone, as by `unshare -Ur`.

    For `before`: it runs between fork and exec.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    own, uid, gid = os.getpid(), os.getuid(), os.getgid()

    def write(name, text):
        # No open(): the interpreter may load a module for it, from a folder that is closed to the user.
        descriptor = os.open(f"/proc/{own}/{name}", os.O_WRONLY)
        os.write(descriptor, text)
        os.close(descriptor)
    asking, ready = os.pipe()
    answering, done = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(asking, 1)
        status = 1
        try:
            if ranges:
                for program in ("newuidmap", "newgidmap"):
                    words = [str(number) for entry in ranges for number in entry]
                    if program == "newgidmap":
                        words = [str(GID) if word == str(UID) else word for word in words]
                    subprocess.run([program, str(own), *words], check=True)
            else:
                write("setgroups", b"deny")
                write("uid_map", b"0 %d 1\n" % uid)
                write("gid_map", b"0 %d 1\n" % gid)
            status = 0
        finally:
            os.write(done, b"x" if status == 0 else b"!")
            os._exit(status)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0:
        raise OSError(ctypes.get_errno(), "unshare")
    os.write(ready, b"x")
    if os.read(answering, 1) != b"x":
        raise OSError("the ids can't be mapped")
    os.waitpid(child, 0)
    for descriptor in (asking, ready, answering, done):
        os.close(descriptor)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


class Namespace:
    """A user and a mount namespace of the user's with all of its ids that stay, as rootless podman keeps them for all of its
    calls. `join` is for `before`. Use it as a context."""

    def __init__(self, user):
        self.user = user
        self._holder = None
        self._descriptors = []

    def __enter__(self):
        def before():
            self.user.become()
            enter_user_namespace((0, UID, 1), (1, FIRST, COUNT))
        # pylint: disable-next=subprocess-popen-preexec-fn
        self._holder = subprocess.Popen(["sleep", "1000"], preexec_fn=before, env=self.user.environment)
        folder = f"/proc/{self._holder.pid}/ns"
        self._descriptors = [os.open(f"{folder}/{name}", os.O_RDONLY) for name in ("user", "mnt")]
        return self

    def join(self):
        libc = ctypes.CDLL(None, use_errno=True)
        for descriptor in self._descriptors:
            if libc.setns(descriptor, 0) < 0:
                raise OSError(ctypes.get_errno(), "setns")
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)

    def __exit__(self, *_):
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._holder.kill()
        self._holder.wait()


class Delegated:
    """A control group in each hierarchy that belongs to the user, as a login session's may: the caller's processes are in a
    group below it where cgroup v2 asks for that. Use it as a context."""

    def __init__(self, user, controllers=()):
        self.user = user
        # In the v1 hierarchies of these alone; () for all.
        self.controllers = controllers
        self.name = user.t.name()
        self.tops = []

    def __enter__(self):
        for controller, top in sorted(layouts.hierarchies().items()):
            folder = os.path.join(top, self.name)
            if folder in self.tops or (controller and self.controllers and controller not in self.controllers):
                continue
            self._make(top, folder, controller == "" or self._is_unified(top))
        return self

    @staticmethod
    def _is_unified(top):
        return os.path.exists(os.path.join(top, "cgroup.controllers"))

    def _make(self, top, folder, unified):
        os.mkdir(folder)
        self.tops.append(folder)
        os.chown(folder, UID, GID)
        if unified:
            with open(os.path.join(top, "cgroup.controllers"), encoding="ascii") as file:
                names = file.read().split()
            for name in names:
                with open(os.path.join(top, "cgroup.subtree_control"), "w", encoding="ascii") as file:
                    file.write(f"+{name}")
            for name in ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads"):
                os.chown(os.path.join(folder, name), UID, GID)
            os.mkdir(os.path.join(folder, "session"))
            for name in ("", "cgroup.procs", "cgroup.threads"):
                os.chown(os.path.join(folder, "session", name), UID, GID)
        elif os.path.exists(os.path.join(folder, "cpuset.cpus")):
            for name in ("cpuset.cpus", "cpuset.mems"):
                with open(os.path.join(top, name), encoding="ascii") as file:
                    text = file.read()
                with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                    file.write(text)

    def enter(self):
        """For a child of the case, before it is the user: into the session's group of cgroup v2."""
        for folder in self.tops:
            if os.path.isdir(os.path.join(folder, "session")):
                with open(os.path.join(folder, "session", "cgroup.procs"), "w", encoding="ascii") as file:
                    file.write("0")

    def __exit__(self, *_):
        end = time.monotonic() + 5
        for top in self.tops:
            for folder, _, _ in os.walk(top, topdown=False):
                while True:
                    try:
                        os.rmdir(folder)
                    except OSError:
                        self.user.t.reap()
                        if time.monotonic() < end:
                            time.sleep(0.02)
                            continue
                    break


__all__ = ["COUNT", "Delegated", "FIRST", "GID", "LingeringUser", "NAME", "Namespace", "OrdinaryUser", "UID", "enter_user_namespace",
           "ids_of_subordinates"]
