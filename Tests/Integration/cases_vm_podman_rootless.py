"""Below rootless podman with its defaults: scopes of the user's own manager."""

import os

from cases_vm_podman import MIB, long_case
from harness import contains, equal, succeeds, true
from harness.system_podman import USER, SystemPodman
from harness.service import folder_of, group_files, label_of

MANAGER = f"/sys/fs/cgroup/user.slice/user-{USER}.slice/user@{USER}.service"


@long_case()
def rootless_podman_scope_and_limits(t):
    """The controllers that the user manager has are the user's to limit."""
    with SystemPodman(t, user=True) as podman:
        name = podman.up(flags=["--memory", "64m", "--memory-swap", "64m", "--cpus", "0.5", "--pids-limit", "55"])
        shown = podman.shows(name)
        equal({key: shown[key] for key in ("ActiveState", "Slice", "Delegate", "MemoryMax", "CPUQuotaPerSecUSec", "TasksMax")},
              {"ActiveState": "active", "Slice": "user.slice", "Delegate": "yes", "MemoryMax": str(64 * MIB),
               "CPUQuotaPerSecUSec": "500ms", "TasksMax": "55"})
        if t.runtime.is_raind:
            equal(shown["MemorySwapMax"], "0")
        folder = folder_of(podman.pid(name))
        equal(folder, f"{MANAGER}/user.slice/{podman.scope(name)}")
        files = group_files(folder, "memory.max", "memory.swap.max", "cpu.max", "pids.max")
        t.transcript.note("files", files)
        equal(files, {"memory.max": str(64 * MIB), "memory.swap.max": "0", "cpu.max": "50000 100000", "pids.max": "55"})
        # A user can't load profiles.
        equal(label_of(podman.pid(name)), "unconfined")
        equal(os.stat(f"/proc/{podman.pid(name)}").st_uid, USER)
        result = podman.call("exec", name, "/bin/sh", "-c", "cat /proc/self/cgroup; /probe memory $((128 << 20)) || echo killed: $?")
        equal(succeeds(result).out, "0::/\nkilled: 137\n")
        succeeds(podman.call("pause", name))
        contains(group_files(folder, "cgroup.events")["cgroup.events"], "frozen 1")
        succeeds(podman.call("unpause", name))
        podman.removes(name)
        true(not os.path.exists(folder), "the group went with the container")
