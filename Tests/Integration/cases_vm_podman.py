"""Below podman with its defaults: systemd's scopes and slices, AppArmor, the journal."""

import contextlib
import json
import os
import socket
import subprocess

from harness import case, contains, equal, fails, succeeds, true
from harness.probe import Report
from harness.system_podman import SystemPodman
from harness.service import folder_of, group_files, journal, label_of, properties, systemctl
from profile_hook import asking, hooks
from profile_options import converted

MIB = 1 << 20
DEFAULT_PROFILE = "containers-default-"


# runc 1.1.5 converts a line; the runtime, and runc since 1.4, a curve that has 100 for 1024.
OLDER_WEIGHTS = dict.fromkeys(("scope's CPUWeight", "cpu.weight"), "runc 1.1.5 converts shares as it was usual then")
# A program of the runtime's own filters devices; systemd, which would have a second one, isn't told of them.
OWN_DEVICES = dict.fromkeys(("scope's DevicePolicy", "scope's DeviceAllow"), "runc has systemd filter devices too")


def weight(t, own, runcs):
    """The cpu.weight of shares: of the runtime, and of Debian's runc."""
    return str(own if t.runtime.is_raind else runcs)


def systemd_case(**options):
    """A case of the guest with systemd; what the engine's caller sees is the same below runc."""
    return case("vm", level="systemd", **{"compared": True, "timeout": 30, **options})


def long_case(**options):
    """The same without the comparison."""
    return systemd_case(**{"compared": False, "costly": True, "timeout": 60, **options})


@systemd_case(differs_in={"io.weight": "runc tells systemd nothing of it, which then writes its own", **OLDER_WEIGHTS,
                          **OWN_DEVICES})
def podman_scope_and_limits(t):
    """Limits are properties of the scope, values in its control group, and what `podman stats` tells."""
    with SystemPodman(t) as podman:
        name = podman.up(flags=["--memory", "64m", "--memory-reservation", "32m", "--memory-swap", "80m", "--cpus", "0.5",
                                "--cpu-shares", "100", "--pids-limit", "55", "--cpuset-cpus", "1", "--cpuset-mems", "0",
                                "--blkio-weight", "300"])
        shown = podman.shows(name)
        equal({key: shown[key] for key in ("ActiveState", "Slice", "Delegate", "MemoryMax", "MemoryLow", "MemorySwapMax", "CPUWeight",
                                           "CPUQuotaPerSecUSec", "AllowedCPUs", "AllowedMemoryNodes", "TasksMax")},
              {"ActiveState": "active", "Slice": "machine.slice", "Delegate": "yes", "MemoryMax": str(64 * MIB),
               "MemoryLow": str(32 * MIB), "MemorySwapMax": str(16 * MIB), "CPUWeight": weight(t, 17, 4),
               "CPUQuotaPerSecUSec": "500ms", "AllowedCPUs": "1", "AllowedMemoryNodes": "0", "TasksMax": "55"})
        folder = folder_of(podman.pid(name))
        equal(folder, f"/sys/fs/cgroup/machine.slice/{podman.scope(name)}")
        # systemd writes its own idea of each when it has read everything again.
        systemctl("daemon-reload")
        files = group_files(folder, "memory.max", "memory.low", "memory.swap.max", "cpu.weight", "cpu.max", "pids.max", "cpuset.cpus",
                            "cpuset.mems", "io.weight")
        for name_of_file, text in files.items():
            t.transcript.note(name_of_file, text)
        of_io = files.pop("io.weight")
        equal(files, {"memory.max": str(64 * MIB), "memory.low": str(32 * MIB), "memory.swap.max": str(16 * MIB),
                      "cpu.weight": weight(t, 17, 4), "cpu.max": "50000 100000", "pids.max": "55", "cpuset.cpus": "1", "cpuset.mems": "0"})
        if t.runtime.is_raind:
            equal(of_io, "default 2930")
        contains(label_of(podman.pid(name)), DEFAULT_PROFILE)
        conmon = folder_of(podman.conmon_pid(name))
        equal(conmon, f"/sys/fs/cgroup/machine.slice/libpod-conmon-{podman.ids[name]}.scope")
        equal(succeeds(podman.call("stats", "--no-stream", "--format", "{{.PIDs}} {{.MemLimit}}", name)).out, f"1 {64 * MIB}\n")


@long_case()
def podman_life_in_a_scope(t):
    """Frozen and thawed, joined, ended, begun again, removed by force."""
    with SystemPodman(t) as podman:
        name = podman.up("/bin/sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.05; done")
        folder = folder_of(podman.pid(name))
        succeeds(podman.call("pause", name))
        contains(group_files(folder, "cgroup.events")["cgroup.events"], "frozen 1")
        succeeds(podman.call("unpause", name))
        contains(group_files(folder, "cgroup.events")["cgroup.events"], "frozen 0")
        # The same group (its namespace's root) and the same label as the container's own.
        result = podman.call("exec", name, "/bin/cat", "/proc/self/cgroup", "/proc/self/attr/current")
        contains(succeeds(result).out, f"0::/\n{DEFAULT_PROFILE}")
        contains(result.out, "(enforce)")
        succeeds(podman.call("stop", name))
        equal(podman.inspect(name, "{{.State.ExitCode}} {{.State.Status}}"), "5 exited")
        true(not os.path.exists(folder), "the group went with the container")
        # The unit's name is free again.
        succeeds(podman.call("start", name))
        equal(folder_of(podman.pid(name)), folder)
        podman.removes(name)
        t.until(lambda: properties(podman.scope(name), "LoadState", "ActiveState")
                == {"LoadState": "not-found", "ActiveState": "inactive"}, "the scope is gone")


@systemd_case(thorough=True)
def podman_out_of_memory_in_the_journal(t):
    """The scope's limit kills a process; podman and the journal know of it, and systemd has nothing failed."""
    with SystemPodman(t) as podman:
        # The program itself lives on, so that conmon is there to hear of it.
        script = f"echo to out; echo to err >&2; /probe memory {64 * MIB}; echo $?; sleep 0.5; exit 3"
        result = podman.run("/bin/sh", "-c", script, flags=["--memory", "16m", "--memory-swap", "16m"], record="status")
        equal((result.status, result.out), (3, "to out\n137\n"))
        name = podman.names[-1]
        # (That a process ran out of memory conmon 2.1.6 tells to another place than podman 4.3.1 looks for it.)
        state, made = podman.inspect(name, "{{.State.OOMKilled}} {{.State.ExitCode}} {{.Id}}", record=False).rsplit(" ", 1)
        t.transcript.note("state", state)
        contains(journal("--dmesg"), f"oom_memcg=/machine.slice/libpod-{made}.scope")
        equal(systemctl("list-units", "--all", "--plain", "--no-legend", f"libpod-{made}.scope"), "")
        result = succeeds(podman.call("logs", name))
        equal((result.out, result.err), ("to out\n137\n", "to err\nKilled\n"))
        # (Of two streams, whose order is anyone's.)
        equal(set(journal(f"CONTAINER_NAME={name}", f"CONTAINER_ID_FULL={made}").split("\n")),
              {"to out", "137", "to err", "Killed", ""})
        said = succeeds(podman.call("events", "--stream=false", "--filter", f"container={name}", "--format", "{{.Status}}")).out
        equal(said.split()[:2], ["create", "init"])
        true({"start", "died"} <= set(said.split()), said)


@long_case()
def podman_pod_in_its_slice(t):
    """Limits of the pod are the slice's, and its containers' scopes are below it."""
    with SystemPodman(t) as podman:
        pod = podman.pod("--cpus", "1.5", "--memory", "96m")
        name = podman.up(flags=["--pod", pod, "--memory", "48m"], network=None)
        top = os.path.dirname(folder_of(podman.pid(name)))
        slice_name = os.path.basename(top)
        equal(podman.shows(name, "Slice", "MemoryMax"), {"Slice": slice_name, "MemoryMax": str(48 * MIB)})
        equal(os.path.dirname(top), "/sys/fs/cgroup/machine.slice")
        t.transcript.note("pod's group", group_files(top, "memory.max", "cpu.max"))
        # Both containers of the pod.
        equal(len([entry for entry in os.listdir(top) if entry.startswith("libpod-") and "conmon" not in entry]), 2)
        succeeds(podman.call("pod", "pause", pod, record="status"))
        contains(group_files(folder_of(podman.pid(name)), "cgroup.events")["cgroup.events"], "frozen 1")
        succeeds(podman.call("pod", "rm", "--force", "--time", "0", pod, record="status"))
        podman.pods.clear()
        podman.names.clear()
        true(not os.path.exists(top), "the slice went with the pod")


@systemd_case(thorough=True)
def podman_slice_of_the_caller(t):
    """--cgroup-parent names a slice, whose dashes are levels; its own limits hold."""
    with SystemPodman(t) as podman:
        parent = podman.prefix.replace("-", "_")
        name = podman.up(flags=["--cgroup-parent", f"{parent}-inner.slice", "--memory", "32m"])
        equal(folder_of(podman.pid(name)), f"/sys/fs/cgroup/{parent}.slice/{parent}-inner.slice/{podman.scope(name)}")
        shown = podman.shows(name, "Slice", "MemoryMax")
        t.transcript.note("shown", [shown["MemoryMax"], shown["Slice"] == f"{parent}-inner.slice"])
        equal(shown, {"Slice": f"{parent}-inner.slice", "MemoryMax": str(32 * MIB)})
        fails(podman.run("/bin/true", flags=["--cgroup-parent", "no-slice"]), "slice", 125)
        podman.removes(name)
        systemctl("stop", f"{parent}-inner.slice", f"{parent}.slice")


@long_case()
def podman_apparmor(t):
    """The project's own profile, none, and one that isn't loaded."""
    load_profile(t, "default")
    with SystemPodman(t) as podman:
        name = podman.up(flags=["--security-opt", "apparmor=raind-default"])
        equal(label_of(podman.pid(name)), "raind-default (enforce)")
        # exec takes the container's; the profile forbids what a capability allows.
        result = podman.call("exec", "--privileged", name, "/bin/sh", "-c",
                             "cat /proc/self/attr/current; mount -t tmpfs none /mnt || echo refused")
        equal(succeeds(result).out, "raind-default (enforce)\nrefused\n")
        contains(result.err, "Permission denied")
        result = podman.run("/bin/cat", "/proc/self/attr/current", flags=["--security-opt", "apparmor=unconfined"])
        equal(succeeds(result).out, "unconfined\n")
        result = podman.run("/bin/true", flags=["--security-opt", "apparmor=raind-nosuch"], record=False)
        true(result.status in (125, 126, 127), result)
        contains(result.err, "raind-nosuch")


@systemd_case(raind_only="runc's own table of calls is older: see cases_podman_convert.py", thorough=True)
def podman_runs_converted_with_apparmor(t):
    """The options that `raind-profile convert --to podman` prints, all of them."""
    load_profile(t, "hardened")
    options, wanted = converted(t, "hardened", "podman")
    contains(options, "--security-opt=apparmor=raind-default")
    with SystemPodman(t) as podman:
        said = Report(succeeds(podman.run("/probe", "report", "capabilities", "security", flags=options)).out)
        equal(sorted(said.capabilities("bounding")), sorted(wanted["capabilities"]["base"]))
        equal((said["security"]["noNewPrivileges"], said["security"]["seccomp"]), (1, 2))
        contains(json.dumps(said["security"]), "raind-default (enforce)")
    # By an annotation, which podman's hook turns into it; there the engine's own AppArmor profile stays.
    with SystemPodman(t, flags=hooks(t)) as podman:
        said = Report(succeeds(podman.run("/probe", "report", "capabilities", "security", flags=asking("hardened"))).out)
        equal(said.capabilities("bounding"), [])
        equal((said["security"]["noNewPrivileges"], said["security"]["seccomp"]), (1, 2))
        contains(json.dumps(said["security"]), DEFAULT_PROFILE)


def load_profile(t, name):
    subprocess.run([t.tools["raind-profile"], "apparmor", "load", name], check=True, stdout=subprocess.DEVNULL)


@long_case(thorough=True)
def podman_bridge(t):
    """The default network: an address behind a bridge, and a port of the machine's that leads there."""
    with SystemPodman(t) as podman:
        name = podman.up("/bin/busybox", "nc", "-ll", "-p", "80", "-e", "/bin/cat", "/etc/hostname",
                         flags=["--publish", "127.0.0.1:4711:80", "--hostname", "inside"], network=None)
        address = podman.inspect(name, "{{.NetworkSettings.IPAddress}}", record=False)
        contains(address, "10.88.")

        def answer(*where):
            with contextlib.suppress(OSError), socket.create_connection(where, 5) as connection:
                return connection.recv(64)
            return None
        t.until(lambda: answer(address, 80), "it listens")
        equal((answer(address, 80), answer("127.0.0.1", 4711)), (b"inside",) * 2)
        t.transcript.note("inside", succeeds(podman.call("exec", name, "/bin/ls", "/sys/class/net", record=False)).out)
