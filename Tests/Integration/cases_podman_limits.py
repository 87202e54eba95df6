"""Below real podman: limits, what they do, and where the control groups are."""

import os

from harness import case, cases, contains, equal, fails, succeeds, true
from harness.podman import CONFIGURATION, Podman

MIB = 1 << 20


def limit(podman, name, file):
    """What a file of the container's groups says; the transcript has it."""
    with open(os.path.join(podman.group(name, file.split(".")[0]), file), encoding="ascii") as opened:
        text = opened.read().strip()
    podman.t.transcript.note(file, text)
    return text


@case("podman")
def podman_limits(t):
    with Podman(t) as podman:
        name = podman.up(flags=["--memory", "64m", "--memory-reservation", "32m", "--memory-swap", "80m", "--pids-limit", "55",
                                "--cpus", "0.5", "--cpu-shares", "100", "--cpuset-cpus", "0", "--memory-swappiness", "7"])
        for file, expected in (("memory.limit_in_bytes", 64 * MIB), ("memory.soft_limit_in_bytes", 32 * MIB),
                               ("memory.memsw.limit_in_bytes", 80 * MIB), ("memory.swappiness", 7), ("pids.max", 55),
                               ("cpu.cfs_quota_us", 50000), ("cpu.cfs_period_us", 100000), ("cpu.shares", 100),
                               ("cpuset.cpus", 0)):
            equal(limit(podman, name, file), str(expected), file)
        fails(podman.run("/bin/true", flags=["--cpuset-cpus", "4711"]), "not available", 125)


UPDATES = [
    (["--memory", "60m"], "memory.limit_in_bytes", str(60 * MIB)),
    (["--memory-reservation", "30m"], "memory.soft_limit_in_bytes", str(30 * MIB)),
    (["--memory-swap", "90m"], "memory.memsw.limit_in_bytes", str(90 * MIB)),
    (["--cpus", "0.25"], "cpu.cfs_quota_us", "25000"),
    (["--cpu-period", "20000", "--cpu-quota", "10000"], "cpu.cfs_period_us", "20000"),
    (["--cpu-shares", "99"], "cpu.shares", "99"),
    (["--cpuset-cpus", "0", "--cpuset-mems", "0"], "cpuset.cpus", "0"),
    (["--memory-swappiness", "10"], "memory.swappiness", "10"),
    # The kernel has no such values without a real-time scheduler of groups; zero is what there is.
    (["--cpu-rt-runtime", "0", "--cpu-rt-period", "1000000"], "cpu.cfs_quota_us", "10000"),
    (["--blkio-weight", "100"], "pids.max", "2048"),
]


@case("podman", timeout=60, differs_in={
    "memory.swappiness": "runc 1.1.5 passes over the swappiness of an update"})
def podman_update(t):
    """Every value that podman can change. (It has no option for the number of processes.)"""
    with Podman(t) as podman:
        name = podman.up()
        for flags, file, expected in UPDATES:
            succeeds(podman.call("update", *flags, name))
            if limit(podman, name, file) != expected and (t.runtime.is_raind or file != "memory.swappiness"):
                raise AssertionError(f"{file} isn't {expected} after podman update {' '.join(flags)}")
        succeeds(podman.call("exec", name, "/bin/true"))
        fails(podman.call("update", "--memory", "1k", name), "", 125)
        equal(limit(podman, name, "memory.limit_in_bytes"), str(60 * MIB), "after an update that failed")
        fails(podman.call("update", "--cpuset-cpus", "4711", name), "", 125)


@cases("podman", [(kind, kind, name, {"differs_in": {name: "runc 1.1.5 passes over the devices of an update"}})
                  for kind, name in (("read-bps", "blkio.throttle.read_bps_device"),
                                     ("read-iops", "blkio.throttle.read_iops_device"),
                                     ("write-bps", "blkio.throttle.write_bps_device"),
                                     ("write-iops", "blkio.throttle.write_iops_device"))])
def podman_update_of_a_device(t, option, file):
    with Podman(t) as podman:
        disk = next((f"/dev/{name}" for name in sorted(os.listdir("/sys/block"))
                     if not name.startswith(("ram", "zram")) and os.path.exists(f"/dev/{name}")), None)
        true(disk, "a disk")
        name = podman.up()
        succeeds(podman.call("update", f"--device-{option}", f"{disk}:1048576", name))
        said = limit(podman, name, file)
        if t.runtime.is_raind:
            contains(said, " 1048576")


@case("podman")
def podman_runs_out_of_memory(t):
    with Podman(t) as podman:
        result = podman.run("/probe", "memory", str(64 << 20), flags=["--memory", "16m", "--memory-swap", "16m"])
        # conmon 2.1.6 does not tell more of it here, below runc neither.
        equal(result.status, 137)
        podman.inspect(podman.names[-1], "{{.State.OOMKilled}} {{.State.ExitCode}}")
        # Only what goes over the limit; the container's init lives on.
        name = podman.up(flags=["--memory", "32m", "--memory-swap", "32m"])
        equal(podman.call("exec", name, "/probe", "memory", str(64 << 20)).status, 137)
        equal(podman.inspect(name, "{{.State.Status}}"), "running")


@case("podman")
def podman_limits_processes(t):
    script = "i=0; while [ $i -lt 20 ]; do sleep 5 & i=$((i+1)); done; echo all"
    with Podman(t) as podman:
        result = podman.run("/bin/sh", "-c", script, flags=["--pids-limit", "6"])
        true(result.status != 0 and "all" not in result.out, result)
        contains(result.err, "can't fork")
        equal(succeeds(podman.run("/bin/sh", "-c", script, flags=["--pids-limit", "60"])).out, "all\n")


@case("podman")
def podman_stats_and_top(t):
    with Podman(t) as podman:
        name = podman.up("/bin/sh", "-c", "sleep 4711 & exec /probe sleep", flags=["--memory", "64m"])
        t.until(lambda: podman.call("stats", "--no-stream", "--format", "{{.PIDs}}", name, record=False).out == "2\n",
                "both processes")
        equal(succeeds(podman.call("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}} {{.MemLimit}}", name)).out,
              f"{name} 2 {64 * MIB}\n")
        # Their numbers are podman's business, they are those of the host too.
        said = succeeds(podman.call("top", name, "user", "args")).out
        equal([line.split(None, 1) for line in said.splitlines()[1:]], [["root", "/probe sleep "], ["root", "sleep 4711 "]])
        # By the program ps of the container.
        contains(succeeds(podman.call("top", name, "-o", "comm")).out, "sleep")


@case("podman")
def podman_groups_namespace(t):
    with Podman(t) as podman:
        script = ["/bin/sh", "-c", "grep -c libpod- /proc/self/cgroup"]
        true(int(podman.run(*script, flags=["--cgroupns", "host"]).out) > 0, "the host's names")
        equal(podman.run(*script, flags=["--cgroupns", "private"]).out, "0\n")
        name = podman.up(flags=["--cgroupns", "private"])
        true(os.readlink(f"/proc/{podman.pid(name)}/ns/cgroup") != os.readlink("/proc/self/ns/cgroup"), "a namespace")
        result = podman.run("/bin/readlink", "/proc/self/ns/cgroup", flags=["--cgroupns", f"container:{name}"])
        equal(result.out.strip(), os.readlink(f"/proc/{podman.pid(name)}/ns/cgroup"))


@case("podman", raind_only="runc can't do without control groups: podman refuses it, as the next case shows")
def podman_without_groups(t):
    """Podman asks only runtimes that its configuration names; the group is the caller's own."""
    with open("/proc/self/cgroup", encoding="ascii") as file:
        own = file.read()
    with Podman(t) as podman:
        name = podman.up(flags=["--cgroups=disabled"])
        with open(f"/proc/{podman.pid(name)}/cgroup", encoding="ascii") as file:
            equal(file.read(), own)
        succeeds(podman.call("exec", name, "/bin/true"))
        fails(podman.call("pause", name), "cannot pause without using Cgroups", 125)
        succeeds(podman.call("kill", name))
        equal(succeeds(podman.call("wait", name)).out.strip(), "137")


@case("podman")
def podman_refuses_to_go_without_groups(t):
    """Below a runtime that its configuration doesn't name."""
    with Podman(t, configuration=CONFIGURATION.replace("runtime_supports_nocgroup", "#")) as podman:
        fails(podman.run("/bin/true", flags=["--cgroups=disabled"]), "not compatible with NoCgroups", 125)


@case("podman")
def podman_groups_without_conmon(t):
    with Podman(t) as podman:
        name = podman.up(flags=["--cgroups=no-conmon"])
        conmon = int(podman.inspect(name, "{{.State.ConmonPid}}", record=False))
        with open(f"/proc/{conmon}/cgroup", encoding="ascii") as file, \
                open("/proc/self/cgroup", encoding="ascii") as own:
            equal(file.read(), own.read(), "conmon's group")
        contains(podman.group(name, "memory"), f"/{podman.prefix}/libpod-")
        # Asks for cgroup v2 alone.
        fails(podman.run("/bin/true", flags=["--cgroups=split"]), "cgroup", 125)
        fails(podman.run("/bin/true", flags=["--cgroup-conf", "memory.high=1000000"]), "without cgroup v2", 125)
