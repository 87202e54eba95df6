"""Real podman of an ordinary user above the runtime: storage, state and namespaces of that user."""

import contextlib
import json
import os
import subprocess

from harness import case, cases, contains, equal, matches, succeeds
from harness.context import children, command_of
from harness.podman import Podman
from harness.probe import Report
from harness.user import COUNT, FIRST, GID, OrdinaryUser, UID


class UsersPodman(Podman):
    """Its pause process, which holds the user's namespace between calls, ends with it."""

    def __init__(self, user):
        super().__init__(user)
        self.user = user
        os.chown(self.folder, UID, GID)
        self.give(UID, GID)
        self.environment = user.environment
        self.become = user.become
        # No groups: on cgroup v1 podman makes none without root.
        self.parent = []

    def give(self, uid, gid):
        """The root file system belongs to somebody, but for the programs, which are links."""
        for folder, folders, files in os.walk(self.rootfs):
            for path in (folder, *(os.path.join(folder, name) for name in folders + files)):
                if os.lstat(path).st_nlink == 1 or os.path.isdir(path):
                    os.lchown(path, uid, gid)

    def __exit__(self, *_):
        super().__exit__()
        for pid in children(os.getpid()):
            if "podman" in command_of(pid) or "catatonit" in command_of(pid):
                with contextlib.suppress(OSError):
                    os.kill(pid, 9)
                    os.waitpid(pid, 0)
        # Its storage has files of the ids that only the user's namespace can remove, and only root of the machine else.
        subprocess.run(["rm", "-rf", self.folder], check=False, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def users_podman(t):
    with OrdinaryUser(t) as user, UsersPodman(user) as podman:
        yield podman


def ranges(text):
    return [tuple(int(word) for word in line.split()) for line in text.splitlines()]


@case("rootless")
def rootless_podman_run(t):
    with users_podman(t) as podman:
        result = podman.run("/bin/sh", "-c", "cat; echo to err >&2; exit 42", flags=["--interactive"], stdin="hello\n")
        equal((result.status, result.out), (42, "hello\n"))
        contains(result.err, "to err")
        equal(podman.call("logs", podman.names[0]).out, "hello\n")
        equal(podman.inspect(podman.names[0], "{{.State.Status}} {{.State.ExitCode}} {{.OCIRuntime}}").split()[:2],
              ["exited", "42"])
        succeeds(podman.call("rm", podman.names[0]))
        equal(podman.call("ps", "-aq").out, "")
        equal(podman.user.left(), [])


@cases("rootless", [("missing", "/nosuch", 127), ("missing-in-path", "nosuch", 127), ("not-executable", "/etc/passwd", 126)])
def rootless_podman_without_a_program(t, program, expected):
    with users_podman(t) as podman:
        result = podman.run(program, flags=["--rm"])
        equal(result.status, expected, result.err)
        equal(podman.user.left(), [])


@case("rootless")
def rootless_podman_ids(t):
    """The user is root inside, and the rest is what /etc/subuid gives it."""
    with users_podman(t) as podman:
        report = Report(succeeds(podman.run("/probe", "report", "ids", "namespaces", "cgroup", "security",
                                            flags=["--rm", "--user", "1000:1000"])).out)
        equal(ranges(report["uidMap"]), [(0, UID, 1), (1, FIRST, COUNT)])
        equal((report["ids"]["uid"], report["ids"]["gid"]), (1000, 1000))


@cases("rootless", [("auto", ["--userns", "keep-id"]), ("uidmap", ["--uidmap", "0:1:1000", "--gidmap", "0:1:1000"])])
def rootless_podman_with_a_user_namespace_more(t, flags):
    with users_podman(t) as podman:
        if "--uidmap" in flags:
            # The image of that container's root.
            podman.give(FIRST, FIRST)
        report = Report(succeeds(podman.run("/probe", "report", "ids", "namespaces", flags=["--rm", *flags])).out)
        maps = ranges(report["uidMap"])
        if "keep-id" in flags:
            equal((report["ids"]["uid"], report["ids"]["gid"]), (UID, GID))
        else:
            equal(maps, [(0, 1, 1000)])
        equal(podman.user.left(), [])


@case("rootless")
def rootless_podman_life(t):
    """In the background: exec, top, kill, stop, start again, and rm --force."""
    script = "trap 'echo told; exit 5' TERM; echo up; while :; do sleep 0.05; done"
    with users_podman(t) as podman:
        name = podman.up("/bin/sh", "-c", script)
        pid = int(podman.inspect(name, "{{.State.Pid}}"))
        equal(os.stat(f"/proc/{pid}").st_uid, UID)
        result = podman.call("exec", name, "/bin/sh", "-c", "id -u; exit 3")
        equal((result.status, result.out), (3, "0\n"))
        result = podman.call("exec", "--user", "1000", "--workdir", "/tmp", "--env", "A=b", name, "/bin/sh", "-c",
                             "id -u; pwd; echo $A")
        equal((result.status, result.out), (0, "1000\n/tmp\nb\n"))
        contains(succeeds(podman.call("top", name, "pid,args")).out, "sleep")
        succeeds(podman.call("stop", "--time", "5", name))
        equal(podman.inspect(name, "{{.State.Status}} {{.State.ExitCode}}"), "exited 5")
        contains(podman.call("logs", name).out, "told")
        succeeds(podman.call("start", name))
        equal(podman.inspect(name, "{{.State.Status}}"), "running")
        succeeds(podman.call("kill", "--signal", "KILL", name))
        equal(podman.call("wait", name).out.strip(), "137")
        succeeds(podman.call("start", name))
        succeeds(podman.call("rm", "--force", "--time", "0", name))
        equal(podman.call("ps", "-aq").out, "")
        equal(podman.user.left(), [])


@case("rootless")
def rootless_podman_volumes_and_devices(t):
    with users_podman(t) as podman:
        folder = podman.user.own_folder()
        script = "echo x >/v/file; chown 1000:1000 /v/file; (echo y >/r/new) 2>/dev/null || echo refused; " \
            "stat -c %t:%T /dev/null"
        result = podman.run("/bin/sh", "-c", script, flags=["--rm", "--volume", f"{folder}:/v", "--volume", f"{folder}:/r:ro",
                                                            "--tmpfs", "/scratch:size=1m", "--read-only"])
        equal(succeeds(result).out, "refused\n1:3\n")
        found = os.stat(os.path.join(folder, "file"))
        equal((found.st_uid, found.st_gid), (FIRST + 999, FIRST + 999))


@case("rootless")
def rootless_podman_pod_of_two(t):
    """One joins the other's namespaces, which are of a user namespace that neither has made."""
    with users_podman(t) as podman:
        first = podman.up()
        report = Report(succeeds(podman.run("/probe", "report", "namespaces", flags=[
            "--rm", "--ipc", f"container:{first}", "--uts", f"container:{first}"])).out)
        pid = int(podman.inspect(first, "{{.State.Pid}}"))
        own = {kind: os.readlink(f"/proc/{pid}/ns/{kind}") for kind in ("ipc", "uts")}
        said = json.dumps(report["namespaces"])
        for link in own.values():
            contains(said, link.partition("[")[2].rstrip("]"))


@case("rootless", layouts=("hybrid", "v1"))
def rootless_podman_leaves_limits_out_on_v1(t):
    """With a warning of its own: the runtime isn't asked for groups, and the container runs."""
    with users_podman(t) as podman:
        result = podman.run("/bin/echo", "ran", flags=["--rm", "--memory", "64m"])
        equal((result.status, result.out), (0, "ran\n"))
        matches(result.err, "(?i)cgroups")


