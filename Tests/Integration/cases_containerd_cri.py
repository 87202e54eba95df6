"""Below containerd's CRI plugin, as Kubernetes calls it."""

import os

from harness import case, contains, equal, true
from harness.containerd import group_value
from harness.cri import SHARED, Kubelet
from harness.engine import error_class
from harness.grpc import fields, message
from harness.probe import Report

V1 = ("hybrid", "v1")


@case("containerd", timeout=60)
def cri_pod(t):
    """A pod with two containers: their life, logs, exec, stop and removal."""
    with Kubelet(t) as kubelet:
        pod = kubelet.pod()
        first = kubelet.up(pod, "first", "/bin/sh", "-c",
                           "trap 'echo asked; exit 4' TERM; echo up; echo to err >&2; while :; do sleep 0.05; done", env=[("ONE", "1")])
        second = kubelet.up(pod, "second", "/bin/sh", "-c", "exit 5")
        equal(kubelet.until_exited(second), ("exited", 5, "Error", ""))
        equal(kubelet.status(first)[0], "running")
        t.until(lambda: len(kubelet.log_of("first")) == 2, "the log")
        equal(sorted(kubelet.log_of("first")), ["stderr F to err", "stdout F up"])
        result = kubelet.exec(first, "/bin/sh", "-c", "echo $ONE; echo to err >&2; exit 7")
        t.transcript.note("exec", result)
        equal(result, (7, "1\n", "to err\n"))
        report = Report(kubelet.exec(first, "/probe", "report", "namespaces", "capabilities", "security")[1])
        t.transcript.note("confined", [report["capabilities"], report["security"]])
        equal(report["namespaces"]["net"], os.readlink("/proc/self/ns/net"))
        true(report["namespaces"]["pid"] != os.readlink("/proc/self/ns/pid"), "a pid namespace of its own")
        error = kubelet.exec(first, "/bin/sleep", "100", seconds=1)
        contains(error, "timeout")
        kubelet.must("StopContainer", (1, first), (2, 10))
        equal(kubelet.status(first)[:3], ("exited", 4, "Error"))
        kubelet.remove(pod, first, second)
        kubelet.nothing_remains()


@case("containerd", timeout=60)
def cri_shares_processes(t):
    """A pod with shareProcessNamespace."""
    with Kubelet(t) as kubelet:
        pod = kubelet.pod(pid=SHARED)
        first = kubelet.up(pod, "first", "/probe", "sleep", pid=SHARED)
        second = kubelet.up(pod, "second", "/probe", "sleep", "1000", pid=SHARED)
        said = [Report(kubelet.exec(made, "/probe", "report", "namespaces")[1])["namespaces"] for made in (first, second)]
        equal({kind: said[0][kind] == said[1][kind] for kind in ("pid", "ipc", "mnt")}, {"pid": True, "ipc": True, "mnt": False})
        contains(kubelet.exec(first, "/bin/ps")[1], "/probe sleep 1000")
        # Killed with all that it began, though the namespace goes on.
        kubelet.exec(first, "/bin/sh", "-c", "sleep 4711 >/dev/null 2>&1 &")
        kubelet.must("StopContainer", (1, first), (2, 0))
        t.until(lambda: "4711" not in kubelet.exec(second, "/bin/ps")[1], "the rest of the first has ended")
        t.transcript.note("status", kubelet.status(first)[:3])
        kubelet.remove(pod, first, second)
        kubelet.nothing_remains()


@case("containerd", layouts=V1, alone=True, timeout=60)
def cri_limits(t):
    """Limits, a change of them while it runs, what is told of its use, and running out of memory."""
    with Kubelet(t) as kubelet:
        pod = kubelet.pod()
        made = kubelet.up(pod, "limited", "/probe", "sleep",
                          resources=message((1, 100000), (2, 50000), (3, 512), (4, 64 << 20)))
        pid = kubelet.pid(made)
        wanted = ("memory/memory.limit_in_bytes", "cpu/cpu.shares", "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")
        equal([group_value(pid, *place.split("/")) for place in wanted], [str(64 << 20), "512", "50000", "100000"])
        kubelet.must("UpdateContainerResources", (1, made), (2, message((2, 20000), (3, 256), (4, 48 << 20))))
        equal([group_value(pid, *place.split("/")) for place in wanted], [str(48 << 20), "256", "20000", "100000"])
        stats = fields(kubelet.must("ContainerStats", (1, made))[1])
        used = fields(fields(stats[3])[2])[1]
        true(0 < used < 48 << 20, f"working set of {used} bytes")
        greedy = kubelet.up(pod, "greedy", "/probe", "memory", str(64 << 20), resources=message((4, 16 << 20)))
        equal(kubelet.until_exited(greedy)[:2], ("exited", 137))
        t.until(lambda: kubelet.status(greedy)[2] == "OOMKilled", f"the reason is known: {kubelet.status(greedy)}")
        t.transcript.note("out of memory", kubelet.status(greedy))
        kubelet.remove(pod, made, greedy)
        kubelet.nothing_remains()


@case("containerd", layouts=V1, timeout=60,
      differs_in={"the folder of groups": "runc leaves it writable, though the config says ro, and makes only what is in it read-only"})
def cri_confines(t):
    """A security context: an id, groups, a read-only root, capabilities, the runtime's default seccomp profile."""
    with Kubelet(t) as kubelet:
        pod = kubelet.pod()
        security = message((1, message((1, ["NET_ADMIN"]), (2, ["ALL"]))), (5, message((1, 1000))), (12, message((1, 1001))),
                           (7, 1), (8, 6), (11, 1), (15, message((1, 0))))
        made = kubelet.up(pod, "confined", "/probe", "sleep", security=security)
        said = Report(kubelet.exec(made, "/probe", "report", "ids", "capabilities", "security", "mounts")[1])
        equal((said["ids"]["uid"], said["ids"]["gid"], 6 in said["ids"]["groups"]), (1000, 1001, True))
        equal(said.capabilities("bounding"), ["CAP_NET_ADMIN"])
        equal((said["security"]["noNewPrivileges"], said["security"]["seccomp"]), (1, 2))
        true("ro" in said.mount("/").options, said.mount("/"))
        t.transcript.note("said", {part: said[part] for part in ("ids", "capabilities", "security")})
        t.transcript.note("the folder of groups", said.mount("/sys/fs/cgroup").options)
        true("ro" in said.mount("/sys/fs/cgroup").options or not t.runtime.is_raind, said.mount("/sys/fs/cgroup"))
        hidden = {"/", "/sys/fs/cgroup", *(f"/sys/fs/cgroup/{os.path.basename(point)}" for point in kubelet.shown)}
        t.transcript.note("mounts", {mount.point: [mount.kind, mount.options] for mount in said.mounts
                                     if mount.point not in hidden and not mount.point.startswith(("/proc/", "/sys/firmware"))})
        kubelet.remove(pod, made)
        kubelet.nothing_remains()


@case("containerd", timeout=60)
def cri_errors(t):
    """What kubelet tells of a container that can't start."""
    with Kubelet(t) as kubelet:
        pod = kubelet.pod()
        gone = []
        for program, text in (("nosuch", "executable file not found in $PATH"), ("/nosuch", "no such file or directory"),
                              ("/etc/passwd", "permission denied")):
            made, error = kubelet.create(pod, f"bad-{len(gone)}", program)
            equal(error, "")
            gone.append(made)
            error = kubelet.ask("StartContainer", (1, made))[1]
            contains(error, f'exec: "{program}"')
            contains(error, text)
            t.transcript.note("start", error_class(error))
            t.transcript.note("status", kubelet.status(made)[:3])
            equal(kubelet.status(made), ("exited", 128, "StartError", error))
        made = kubelet.up(pod, "good", "/probe", "sleep")
        error = kubelet.exec(made, "nosuch")
        contains(error, 'exec: "nosuch": executable file not found in $PATH')
        t.transcript.note("exec", error_class(error))
        kubelet.remove(pod, made, *gone)
        kubelet.nothing_remains()
