"""The guest itself: the kernel that the other cases of the group rely on is the one that they get."""

from harness import case, contains, equal, true


@case("vm", level="kernel")
def guest_has_apparmor_and_every_controller(t):
    with open("/sys/kernel/security/lsm", encoding="ascii") as file:
        contains(file.read(), "apparmor")
    equal(t.layout, "v2")
    with open("/sys/fs/cgroup/cgroup.subtree_control", encoding="ascii") as file:
        equal(sorted(file.read().split()), ["cpu", "cpuset", "hugetlb", "io", "memory", "misc", "pids", "rdma"])
    contains(t.shell("cat /proc/self/attr/current"), "unconfined")


@case("vm", level="systemd")
def guest_is_run_by_systemd(t):
    with open("/proc/1/comm", encoding="ascii") as file:
        equal(file.read(), "systemd\n")
    with open("/sys/kernel/security/lsm", encoding="ascii") as file:
        contains(file.read(), "apparmor")
    contains(t.shell("cat /proc/self/attr/current"), "unconfined")


@case("vm", level="selinux")
def guest_enforces_selinux(t):
    with open("/sys/kernel/security/lsm", encoding="ascii") as file:
        contains(file.read(), "selinux")
    with open("/proc/1/attr/current", encoding="ascii") as file:
        true("system_u:system_r:kernel_t" in file.read(), "process 1 has the policy's label")
    contains(t.shell("cat /proc/self/attr/current"), "system_u:system_r:kernel_t")
