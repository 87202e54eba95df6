"""Below real podman: namespaces of one's own, of the host, of another container; pods; user namespaces."""

import os

from harness import case, cases, contains, equal, fails, layout, succeeds, true
from harness.podman import Podman
from harness.probe import Report

KINDS = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")


def namespaces(podman, flags=(), **options):
    """Kind to the namespace of the program of `podman run`."""
    return Report(succeeds(podman.run("/probe", "report", "namespaces", flags=flags, **options)).out)["namespaces"]


def of_process(pid):
    return {kind: os.readlink(f"/proc/{pid}/ns/{kind}") for kind in KINDS}


def shared(t, said, other, expected):
    """Exactly these kinds are those of the other."""
    found = sorted(kind for kind in KINDS if said[kind] == other[kind])
    t.transcript.note("shared", found)
    equal(found, sorted(expected))


@case("podman")
def podman_namespaces(t):
    with Podman(t) as podman:
        # On cgroup v1 podman asks for no cgroup namespace; a user namespace only when it is told to.
        shared(t, namespaces(podman), of_process("self"), ["cgroup", "user"])


@cases("podman", [
    ("pid", ["--pid", "host"], "none", ["pid"]), ("ipc", ["--ipc", "host"], "none", ["ipc"]),
    ("uts", ["--uts", "host"], "none", ["uts"]), ("net", [], "host", ["net"]),
    ("all", ["--pid", "host", "--ipc", "host", "--uts", "host", "--cgroupns", "host", "--userns", "host"], "host",
     ["pid", "ipc", "uts", "net"]),
])
def podman_of_the_host(t, flags, network, expected):
    with Podman(t) as podman:
        shared(t, namespaces(podman, flags, network=network), of_process("self"), ["cgroup", "user", *expected])


@case("podman")
def podman_in_the_host_s_processes(t):
    """Without a pid namespace of its own, what it has started ends with it."""
    with Podman(t) as podman:
        name = podman.up("/bin/sh", "-c", "sleep 4711 & sleep 4712 & exec /probe sleep", flags=["--pid", "host"])
        processes = os.path.join(podman.group(name, "memory"), "cgroup.procs")

        def pids():
            with open(processes, encoding="ascii") as file:
                return file.read().split()
        t.until(lambda: len(pids()) == 3, "all processes")
        found = pids()
        succeeds(podman.call("stop", "--time", "0", name, record="status"))

        def ended():
            t.reap()
            return not any(os.path.exists(f"/proc/{pid}") for pid in found)
        t.until(ended, "their end")
        equal(podman.inspect(name, "{{.State.ExitCode}}"), "137")


@case("podman")
def podman_ipc_modes(t):
    with Podman(t) as podman:
        first = podman.up(flags=["--ipc", "shareable"])
        succeeds(podman.call("exec", first, "/bin/touch", "/dev/shm/file"))
        flags = ["--ipc", f"container:{first}"]
        shared(t, namespaces(podman, flags), of_process(podman.pid(first)), ["cgroup", "user", "ipc"])
        equal(succeeds(podman.run("/bin/ls", "/dev/shm", flags=flags)).out, "file\n")
        equal(succeeds(podman.run("/bin/ls", "/dev/shm", flags=["--ipc", "private"])).out, "")
        true(podman.run("/bin/ls", "/dev/shm", flags=["--ipc", "none"]).status == 1, "no /dev/shm")
        alone = podman.up(flags=["--ipc", "private"])
        fails(podman.run("/bin/true", flags=["--ipc", f"container:{alone}"]), "non-shareable IPC", 125)


@case("podman", timeout=60)
def podman_shares_namespaces(t):
    """One container's with another; by path, too."""
    with Podman(t) as podman:
        first = podman.up()
        other = of_process(podman.pid(first))
        flags = ["--pid", f"container:{first}", "--ipc", f"container:{first}", "--uts", f"container:{first}"]
        shared(t, namespaces(podman, flags, network=f"container:{first}"), other,
               ["cgroup", "user", "pid", "ipc", "uts", "net"])
        flags = ["--pid", f"ns:/proc/{podman.pid(first)}/ns/pid", "--ipc", f"ns:/proc/{podman.pid(first)}/ns/ipc"]
        shared(t, namespaces(podman, flags, network=f"ns:/proc/{podman.pid(first)}/ns/net"), other,
               ["cgroup", "user", "pid", "ipc", "net"])
        contains(succeeds(podman.run("/bin/ps", "-o", "args", flags=["--pid", f"container:{first}"])).out, "/probe sleep")


@case("podman", timeout=90)
def podman_pods(t):
    with Podman(t) as podman:
        pod = podman.pod("--hostname", "of-the-pod", "--share", "ipc,net,uts")
        succeeds(podman.in_pod(pod, "/probe", "sleep", flags=["--detach"]))
        first = podman.names[-1]
        said = Report(succeeds(podman.in_pod(pod, "/probe", "report", "namespaces", "names", flags=["--rm"])).out)
        equal(said["hostname"], "of-the-pod")
        infra = podman.call("pod", "inspect", "--format", "{{.InfraContainerID}}", pod, record=False).out.strip()
        for other in (first, infra):
            shared(t, said["namespaces"], of_process(podman.pid(other)), ["cgroup", "user", "ipc", "net", "uts"])
        contains(podman.group(first, "memory"), f"/{podman.prefix}/")
        for command, expected in (("pause", "Paused"), ("unpause", "Running"), ("stop", "Exited"), ("start", "Running"),
                                  ("kill", "Exited")):
            # What is printed of containers that end meanwhile depends on which is the faster.
            succeeds(podman.call("pod", command, *(["--time", "0"] if command == "stop" else []), pod, record="status"))
            t.until(lambda: podman.call("pod", "inspect", "--format", "{{.State}}", pod, record=False).out.strip() == expected,
                    f"the pod after {command}")
            podman.inspect(first, "{{.State.ExitCode}}")
        succeeds(podman.call("pod", "rm", "--force", "--time", "0", pod))


@case("podman", timeout=60)
def podman_pod_with_one_pid_namespace(t):
    """The infra container is process 1 of all: their end comes with its."""
    with Podman(t) as podman:
        pod = podman.pod("--share", "pid,ipc,net,uts", "--sysctl", "kernel.shm_rmid_forced=1", "--shm-size", "3m")
        succeeds(podman.in_pod(pod, "/bin/sleep", "4711", flags=["--detach"]))
        said = succeeds(podman.in_pod(pod, "/bin/sh", "-c", "ps -o args; cat /proc/sys/kernel/shm_rmid_forced",
                                      record="status")).out
        contains(said, "/probe sleep")
        contains(said, "sleep 4711")
        equal(said.splitlines()[-1], "1")
        succeeds(podman.call("pod", "kill", pod, record="status"))
        equal(podman.inspect(podman.names[0], "{{.State.ExitCode}}"), "137")


@case("podman")
def podman_pod_without_infra(t):
    with Podman(t) as podman:
        name = f"{podman.prefix}-pod"
        podman.pods.append(name)
        succeeds(podman.call("pod", "create", "--name", name, "--infra=false", "--cgroup-parent", "/" + podman.prefix))
        succeeds(podman.run("/bin/true", flags=["--pod", name]))
        contains(succeeds(podman.call("pod", "ps", "--format", "{{.Name}} {{.NumberOfContainers}}")).out, f"{name} 1")


MAP = ["--uidmap", "0:200000:5000", "--gidmap", "0:300000:4000"]


def give_to(podman, user, group):
    """The folders, for podman makes files in them as root of the namespace. (The programs are other cases' too.)"""
    for folder, _, _ in os.walk(podman.rootfs):
        os.chown(folder, user, group)


@case("podman", timeout=60)
def podman_user_namespace(t):
    with Podman(t) as podman:
        give_to(podman, 200000, 300000)
        name = podman.up(flags=MAP)
        said = Report(succeeds(podman.call("exec", name, "/probe", "report", "ids", "namespaces")).out)
        equal(said["ids"]["uid"], 0)
        equal((said["uidMap"].split(), said["gidMap"].split()), (["0", "200000", "5000"], ["0", "300000", "4000"]))
        equal(os.stat(f"/proc/{podman.pid(name)}").st_uid, 200000)
        said = Report(succeeds(podman.call("exec", "--user", "7:8", name, "/probe", "report", "ids")).out)
        equal((said["ids"]["uid"], said["ids"]["gid"]), (7, 8))
        # Another in the same.
        other = namespaces(podman, ["--userns", f"container:{name}"])
        equal(other["user"], os.readlink(f"/proc/{podman.pid(name)}/ns/user"))
        script = "echo x >/dev/null && touch /tmp/new && stat -c %u /tmp/new"
        equal(succeeds(podman.run("/bin/sh", "-c", script, flags=[*MAP, "--user", "7"])).out, "7\n")


@cases("podman", [("keep-id", "keep-id"), ("nomap", "nomap")])
def podman_user_namespace_of_others(t, mode):
    """For ordinary users alone: podman refuses it itself."""
    with Podman(t) as podman:
        fails(podman.run("/bin/true", flags=["--userns", mode]), "only supported in rootless mode", 125)


@cases("podman", [("auto", ["--userns", "auto:size=2000"], ["0", "400000", "2000"]),
                  ("subuidname", ["--subuidname", "containers", "--subgidname", "containers"], ["0", "400000", "65536"])],
       timeout=60)
def podman_subordinate_ids(t, flags, expected):
    """From /etc/subuid and /etc/subgid, which are others in this case's mount namespace."""
    ranges = t.file("containers:400000:65536\n")
    for name in ("subuid", "subgid"):
        layout.mount(ranges, f"/etc/{name}", flags=layout.MS_BIND)
    try:
        with Podman(t) as podman:
            image = podman.image()
            result = podman.run("/bin/sh", "-c", "id -u; cat /proc/self/uid_map; touch /new; stat -c '%u %g' /new /bin",
                                flags=flags, image=image)
            equal(succeeds(result).out.split(), ["0", *expected, "0", "0", "0", "0"])
    finally:
        for name in ("subuid", "subgid"):
            layout.umount(f"/etc/{name}")
