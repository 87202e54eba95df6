"""Config files that others write, run unchanged, to the same output as with runc."""

import json
import os
import shutil
import subprocess

from harness import Skip, case, cases, contains, equal, succeeds, true
from harness.container import Container
from harness.context import children
from harness.probe import Report
from harness.runtime import Runtime
from harness.terminal import run_on_a_terminal

SECTIONS = ("ids", "umask", "cwd", "capabilities", "security", "rlimits", "mounts", "descriptors", "words", "names",
            "process", "scheduling", "namespaces", "signals")
# podman asks for a limit of processes, whatever it is told: not to be had where the machine's v2 has no such controller.
V1 = ("hybrid", "v1")


def peer(t):
    path = shutil.which("runc")
    if not path:
        raise Skip("runc isn't installed")
    return Runtime(path)


def comparable(report):
    """What two runs of one config have in common: names of the host's (namespaces, mounts' numbers) taken out."""
    values = {key: report[key] for key in ("ids", "umask", "cwd", "capabilities", "rlimits", "args", "env", "hostname",
                                           "domainname", "signals", "uidMap", "gidMap", "setgroups")}
    process = report["process"]
    values["process"] = [process["pid"] == 1, *(process[key] == process["pid"] for key in ("sid", "pgid"))]
    values["security"] = {key: report["security"][key] for key in ("noNewPrivileges", "seccomp", "securebits", "label")}
    values["scheduling"] = report["scheduling"]
    values["descriptors"] = [entry["fd"] for entry in report["descriptors"]]
    values["own namespaces"] = {kind: name != os.readlink(f"/proc/self/ns/{kind}")
                                for kind, name in report["namespaces"].items()}
    # What hides a path differs, and so does the order; that it is hidden doesn't.
    values["mounts"] = {mount.point: (mount.kind, sorted(
        # The tmpfs that holds the hierarchies of v1 is nobody's to write to, whether it says so or not.
        set(mount.options) - ({"ro", "rw"} if mount.point == "/sys/fs/cgroup" else set()))) for mount in report.mounts
                        if not mount.point.startswith(("/proc/", "/sys/")) or mount.point == "/sys/fs/cgroup"}
    values["hidden"] = sorted({mount.point for mount in report.mounts
                               if mount.point.startswith(("/proc/", "/sys/"))
                               and not mount.point.startswith("/sys/fs/cgroup")})
    return values


def same_output(t, folder):
    """Both runtimes run the bundle; their reports are compared, and that of the one that is tested returned."""
    reports = []
    for runtime, root in ((t.runtime, t.root), (peer(t), os.path.join(t.scratch, "peer-state"))):
        name = t.name()
        words = ["run", "--bundle", folder, name]
        try:
            result = succeeds(runtime.call(words, root=root, scratch=t.scratch))
        finally:
            t.reap()
            runtime.call(["delete", "--force", name], root=root, scratch=t.scratch)
        reports.append(Report(result.out))
    mine, its = map(comparable, reports)
    for key, value in its.items():
        if isinstance(value, dict):
            for inner in {*value, *mine[key]}:
                equal(mine[key].get(inner), value.get(inner), f"{key}: {inner}")
        else:
            equal(mine[key], value, key)
    return reports[0]


class Podman:
    """podman with all its folders in the case's own, and a runtime that does nothing: it leaves its config.json."""

    def __init__(self, t):
        if not shutil.which("podman"):
            raise Skip("podman isn't installed")
        self.t = t
        self.home = t.folder("podman")
        stub = t.file("#!/bin/sh\nexit 1\n", "stub", 0o755)
        self.words = ["podman", "--root", f"{self.home}/root", "--runroot", f"{self.home}/run", "--tmpdir",
                      f"{self.home}/tmp", "--storage-driver", "vfs", "--cgroup-manager=cgroupfs",
                      "--events-backend=file", "--runtime", stub]

    def call(self, *words):
        return subprocess.run([*self.words, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)

    def bundle(self, options, args):
        """The folder with the config.json of `podman create OPTIONS --rootfs .. ARGS`."""
        rootfs = self.t.bundle().rootfs
        if "--uidmap" in options:
            # As podman's own storage does.
            for at, folders, files in os.walk(rootfs):
                for entry in [".", *folders, *files]:
                    # These are shared with other bundles.
                    if entry not in ("busybox", "probe"):
                        os.lchown(os.path.join(at, entry), 100000, 100000)
        name = self.t.name()
        made = self.call("create", "--name", name, "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit",
                         "nproc=1024:1024", *options, "--rootfs", rootfs, *args)
        equal((made.returncode, made.stderr), (0, ""), "podman create")
        self.call("init", name)
        # conmon goes on after that, and takes away what was mounted for the container.
        self.t.until(lambda: self.t.reap() is None or not children(os.getpid()), "podman's own processes end", 20)
        found = [folder for folder, _, files in os.walk(f"{self.home}/root") if "config.json" in files]
        equal(len(found), 1, "config.json of podman")
        return name, found[0]

    def remove(self, name):
        self.call("rm", "--force", name)


def with_podman(t, options, args, run):
    podman = Podman(t)
    name, folder = podman.bundle(options, args)
    try:
        return run(folder)
    finally:
        podman.remove(name)


@cases("spec", [
    ("plain", []),
    ("user", ["--user", "1000:1000"]),
    ("groups", ["--user", "1000:1000", "--group-add", "5", "--group-add", "7"]),
    ("read-only", ["--read-only"]),
    ("capabilities", ["--cap-drop", "all", "--cap-add", "NET_BIND_SERVICE"]),
    ("user-with-capabilities", ["--user", "1000:1000", "--cap-add", "CHOWN"]),
    ("no-new-privileges", ["--security-opt", "no-new-privileges"]),
    ("unconfined", ["--security-opt", "seccomp=unconfined"]),
    ("unmasked", ["--security-opt", "unmask=ALL"]),
    ("privileged", ["--privileged"]),
    ("tmpfs", ["--tmpfs", "/tmp:size=1m,mode=1777", "--shm-size", "1m"]),
    ("hostname", ["--hostname", "given", "--env", "KEY=value", "--workdir", "/tmp", "--umask", "0027"]),
    ("host-namespaces", ["--pid", "host", "--ipc", "host", "--uts", "host"]),
    ("device", ["--device", "/dev/zero:/dev/other:r"]),
    ("sysctl", ["--sysctl", "net.ipv4.ip_forward=1"]),
    ("oom", ["--oom-score-adj", "100"]),
    ("annotations", ["--annotation", "org.example.key=value"]),
    ("user-namespace", ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536"]),
    ("cgroup-namespace", ["--cgroupns", "private"]),
    ("limits", ["--memory", "64m", "--cpus", "0.5", "--pids-limit", "50", "--cpuset-cpus", "0"]),
], timeout=90, layouts=V1)
def engine_podman(t, options):
    def run(folder):
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            config = json.load(file)
        true(config["annotations"]["io.container.manager"] == "libpod", "podman's own")
        return same_output(t, folder)
    with_podman(t, options, ["/probe", "report", *SECTIONS], run)


@case("spec", timeout=90, layouts=V1)
def engine_podman_with_a_volume(t):
    source = t.folder()
    with open(os.path.join(source, "file"), "w", encoding="utf-8") as file:
        file.write("text\n")

    def run(folder):
        c = Container(t, None, t.name())
        said = succeeds(t.call("run", "--bundle", folder, c.id)).out
        equal(said, "text\nno\n")
    with_podman(t, ["--volume", f"{source}:/x:ro"],
                ["/bin/sh", "-c", "cat /x/file; (echo x >/x/new) 2>/dev/null || echo no"], run)


FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "spec-fixtures", "config", "valid")


@case("spec", layouts=V1)
def engine_containerd(t):
    """A config.json of containerd's shim; only paths and names of the machine that it was made on are changed."""
    bundle = t.bundle()
    with open(os.path.join(FIXTURES, "containerd.json"), encoding="utf-8") as file:
        text = file.read()
    config = json.loads(text.replace("/srv", bundle.folder))
    equal(config["root"]["path"], bundle.rootfs, "the fixture's root")
    os.makedirs(bundle.path(bundle.folder))
    config["process"]["args"] = ["/probe", "report", *SECTIONS]
    config["linux"]["cgroupsPath"] = f"/{t.prefix}-containerd"
    bundle.config = config
    bundle.save()
    report = same_output(t, bundle.folder)
    contains([mount.point for mount in report.mounts], "/run")


@case("spec")
def config_of_runc_spec(t):
    """`runc spec`, not a byte changed: a shell on a terminal."""
    runc = peer(t)
    said = []
    for runtime, root in ((t.runtime, t.root), (runc, os.path.join(t.scratch, "peer-state"))):
        bundle = t.bundle()
        os.unlink(bundle.config_path)
        succeeds(runc.call(["spec"], root=root, scratch=t.scratch, cwd=bundle.folder, root_flag=False))
        before = open(bundle.config_path, "rb").read()
        name = t.name()
        typed = b"stty -echo; echo begin; id; hostname; pwd; umask; env | sort; grep -e ^Cap -e ^NoNew -e ^Secc " \
            b"/proc/self/status; ls -1 /dev /proc/self/fd; (echo x >/new) 2>&1; cat /proc/1/comm; exit 5\n"
        text, status = run_on_a_terminal(runtime, root, ["run", "--bundle", bundle.folder, name], typed, "#")
        runtime.call(["delete", "--force", name], root=root, scratch=t.scratch)
        equal(status, 5, text)
        contains(text, "uid=0(root)")
        said.append(text[text.index("\r\nbegin") if "\r\nbegin" in text else 0:])
        with open(bundle.config_path, "rb") as file:
            equal(file.read(), before, "config.json")
    mine, its = (text.splitlines() for text in said)
    equal([line for line in mine if line not in its], [line for line in its if line not in mine], "lines of one alone")
    equal(mine, its)
