"""Below containerd's CRI plugin as a kubelet with cgroupDriver: systemd uses it, with AppArmor."""

import os

from cases_vm_podman import MIB, load_profile, long_case, weight
from harness import contains, equal, true
from harness.grpc import fields, message
from harness.system_containerd import SystemKubelet
from harness.service import folder_of, group_files, label_of, systemctl

UNCONFINED, LOCALHOST = 1, 2


@long_case()
def kubelet_scope_and_limits(t):
    """A pod's slice, its containers' scopes, limits at the start and later, and what is told of their use."""
    with SystemKubelet(t) as kubelet:
        pod = kubelet.pod()
        made = kubelet.up(pod, "limited", "/bin/sh", "-c", "trap 'exit 4' TERM; while :; do sleep 0.05; done",
                          resources=message((1, 100000), (2, 50000), (3, 512), (4, 64 * MIB)))
        for each in (pod, made):
            equal(folder_of(kubelet.pid(each)), f"{kubelet.folder_of_pod}/cri-containerd-{each}.scope")
        scope = kubelet.scope(made)
        shown = kubelet.shows(scope)
        wanted = ("MemoryMax", "CPUQuotaPerSecUSec", "CPUWeight")
        equal([shown[key] for key in ("ActiveState", "Slice", *wanted)],
              ["active", kubelet.parent, str(64 * MIB), "500ms", weight(t, 59, 20)])
        kubelet.must("UpdateContainerResources", (1, made), (2, message((2, 20000), (3, 256), (4, 48 * MIB))))
        systemctl("daemon-reload")
        equal(kubelet.shows(scope, *wanted), {
            "MemoryMax": str(48 * MIB), "CPUQuotaPerSecUSec": "200ms", "CPUWeight": weight(t, 35, 10)})
        folder = folder_of(kubelet.pid(made))
        files = group_files(folder, "memory.max", "cpu.max", "cpu.weight")
        for key, value in files.items():
            t.transcript.note(key, value)
        equal(files, {"memory.max": str(48 * MIB), "cpu.max": "20000 100000", "cpu.weight": weight(t, 35, 10)})
        stats = fields(kubelet.must("ContainerStats", (1, made))[1])
        used = fields(fields(stats[3])[2])[1]
        true(0 < used < 48 * MIB, f"working set of {used} bytes")
        said = kubelet.exec(made, "/bin/sh", "-c", "cat /proc/self/cgroup /proc/self/attr/current; exit 7")
        t.transcript.note("exec", said)
        equal(said, (7, "0::/\ncri-containerd.apparmor.d (enforce)\n", ""))
        kubelet.must("StopContainer", (1, made), (2, 10))
        equal(kubelet.status(made)[:3], ("exited", 4, "Error"))
        true(not os.path.exists(folder), "the scope's group went with the container")
        kubelet.remove(pod, made)
        kubelet.nothing_remains()
    systemctl("stop", kubelet.parent)


@long_case(thorough=True)
def kubelet_out_of_memory_and_apparmor(t):
    """What Kubernetes shows as OOMKilled; a profile of the node's, none, and one that isn't loaded."""
    load_profile(t, "default")
    with SystemKubelet(t) as kubelet:
        pod = kubelet.pod()
        greedy = kubelet.up(pod, "greedy", "/bin/sh", "-c", f"/probe memory {64 * MIB}; sleep 1; exit 137", resources=message((4, 16 * MIB)))
        made = []
        for name, profile, label in (
                ("localhost", message((1, LOCALHOST), (2, "localhost/raind-default")), "raind-default (enforce)"),
                ("unconfined", message((1, UNCONFINED)), "unconfined")):
            made.append(kubelet.up(pod, name, "/probe", "sleep", security=message((16, profile))))
            equal(label_of(kubelet.pid(made[-1])), label)
        one, error = kubelet.create(pod, "nosuch", "/probe", "sleep", security=message(
            (16, message((1, LOCALHOST), (2, "localhost/raind-nosuch")))))
        t.transcript.note("create", [bool(one), bool(error)])
        contains(error or kubelet.ask("StartContainer", (1, one))[1], "raind-nosuch" if t.runtime.is_raind else "apparmor")
        made += [one] if one else []
        equal(kubelet.until_exited(greedy)[:2], ("exited", 137))
        t.until(lambda: kubelet.status(greedy)[2] == "OOMKilled", f"the reason is known: {kubelet.status(greedy)}")
        t.transcript.note("out of memory", kubelet.status(greedy))
        kubelet.remove(pod, greedy, *made)
        kubelet.nothing_remains()
    systemctl("stop", kubelet.parent)
