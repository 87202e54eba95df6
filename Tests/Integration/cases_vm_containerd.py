"""Below containerd with systemd's control groups and AppArmor: tasks of ctr."""

import os
import subprocess

from cases_vm_podman import MIB, OLDER_WEIGHTS, OWN_DEVICES, load_profile, long_case, systemd_case, weight
from harness import contains, equal, fails, succeeds, true
from harness.containerd import events
from harness.system_containerd import SystemContainerd
from harness.service import folder_of, group_files, label_of, systemctl


@systemd_case(differs_in={**OLDER_WEIGHTS, **OWN_DEVICES})
def containerd_scope_and_limits(t):
    """Limits are the scope's properties, also those that an update brings, and stay when systemd reads everything again."""
    with SystemContainerd(t) as containerd:
        name = containerd.up(flags=["--memory-limit", str(64 * MIB), "--cpus", "0.5", "--cpu-shares", "512"])
        scope = f"{containerd.prefix}-{name}.scope"
        pid = containerd.pid(name)
        folder = folder_of(pid)
        equal(folder, f"/sys/fs/cgroup/machine.slice/{scope}")
        shown = containerd.shows(scope)
        wanted = ("ActiveState", "Slice", "MemoryMax", "CPUQuotaPerSecUSec", "CPUWeight")
        equal([shown[key] for key in wanted], ["active", "machine.slice", str(64 * MIB), "500ms", weight(t, 59, 20)])
        equal(containerd.update(name, {"memory": {"limit": 48 * MIB}, "cpu": {"shares": 256, "quota": 20000, "period": 100000},
                                       "pids": {"limit": 17}}), "")
        systemctl("daemon-reload")
        equal(containerd.shows(scope, *wanted[2:], "TasksMax"), {
            "MemoryMax": str(48 * MIB), "CPUQuotaPerSecUSec": "200ms", "CPUWeight": weight(t, 35, 10), "TasksMax": "17"})
        files = group_files(folder, "memory.max", "cpu.max", "cpu.weight", "pids.max")
        for key, value in files.items():
            t.transcript.note(key, value)
        equal(files, {"memory.max": str(48 * MIB), "cpu.max": "20000 100000", "cpu.weight": weight(t, 35, 10), "pids.max": "17"})
        contains(succeeds(containerd.call("tasks", "metrics", name, record="status")).out, str(48 * MIB))
        containerd.end(name)
        # systemd forgets it when it gets to that.
        t.until(lambda: containerd.shows(scope, "LoadState") == {"LoadState": "not-found"}, "the scope is gone")
        containerd.nothing_remains()


@systemd_case()
def containerd_life_in_a_scope(t):
    """Frozen and thawed, joined, ended by a signal, and a second container of the name after it."""
    with SystemContainerd(t) as containerd:
        name = containerd.up()
        folder = folder_of(containerd.pid(name))
        succeeds(containerd.call("tasks", "pause", name))
        containerd.until_status(name, "PAUSED")
        contains(group_files(folder, "cgroup.events")["cgroup.events"], "frozen 1")
        succeeds(containerd.call("tasks", "resume", name))
        # ctr gives the container no namespace of groups: it sees the machine's names.
        equal(succeeds(containerd.exec(name, "/bin/cat", "/proc/self/cgroup", record="status")).out,
              f"0::{folder.removeprefix('/sys/fs/cgroup')}\n")
        succeeds(containerd.call("tasks", "kill", "--signal", "KILL", name))
        containerd.until_status(name, "STOPPED")
        containerd.end(name)
        true(not os.path.exists(folder), "the group went with the container")
        result = containerd.run("/bin/sh", "-c", "cat /proc/self/cgroup; exit 3", name=name, record="status")
        equal((result.status, result.out), (3, f"0::{folder.removeprefix('/sys/fs/cgroup')}\n"))
        containerd.nothing_remains()


@systemd_case(thorough=True)
def containerd_out_of_memory(t):
    """The event reaches containerd's own listeners."""
    with SystemContainerd(t) as containerd, events(containerd, t) as seen:
        name = containerd.up("/bin/sh", "-c", f"sleep 1; /probe memory {64 * MIB}; exec /probe sleep",
                             flags=["--memory-limit", str(16 * MIB)])
        t.until(lambda: any(topic == "/tasks/oom" for topic, _ in seen()), "word of it", 30)
        equal({values["container_id"] for topic, values in seen() if topic == "/tasks/oom"}, {name})
        containerd.end(name)
        containerd.nothing_remains()


@long_case()
def containerd_apparmor(t):
    """containerd's own profile, which it loads itself, the project's, and one that isn't loaded."""
    load_profile(t, "default")
    with SystemContainerd(t) as containerd:
        name = containerd.up(flags=["--apparmor-profile", "raind-default"])
        equal(label_of(containerd.pid(name)), "raind-default (enforce)")
        equal(succeeds(containerd.exec(name, "/bin/cat", "/proc/self/attr/current")).out, "raind-default (enforce)\n")
        containerd.end(name)
        result = containerd.run("/bin/cat", "/proc/self/attr/current", flags=["--apparmor-default-profile", "raind-test-containerd"])
        equal(succeeds(result).out, "raind-test-containerd (enforce)\n")
        result = containerd.run("/bin/true", flags=["--apparmor-profile", "raind-nosuch"], record="status")
        fails(result, "raind-nosuch" if t.runtime.is_raind else "apparmor")
        containerd.nothing_remains()
    subprocess.run(["apparmor_parser", "--remove"], input="profile raind-test-containerd {}\n", text=True, check=True)
