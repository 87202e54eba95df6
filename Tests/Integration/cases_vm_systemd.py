"""The systemd driver: scopes, their properties, and what is left of them."""

import os

from harness import case, cases, contains, equal, excludes, fails, false, succeeds, true
from harness.container import wait_until
from harness.systemd import Units, group_value

DRIVER = ("--systemd-cgroup",)
UNITS = Units()


def scoped(t, edit=None, place="system.slice", prefix="raind-test", name=None, **resources):
    """A config whose container is a scope, and the scope's name."""
    name = name or t.name()

    def change(config):
        config["linux"]["cgroupsPath"] = f"{place}:{prefix}:{name}"
        config["linux"]["resources"].update(resources)
        if edit:
            edit(config)
    return change, f"{prefix}-{name}.scope"


def up(c, **options):
    succeeds(c.create(glob=DRIVER, **options))
    succeeds(c.start())
    return c


def is_gone(unit, units=UNITS):
    wait_until(lambda: not units.exists(unit), f"no {unit}", 10)


# A container's life

@case("vm", level="systemd", fields=["/linux/cgroupsPath"])
def scope_of_a_life(t):
    """It is there with the container, in its slice, and goes with it: no later command says which driver it is."""
    change, unit = scoped(t)
    with t.container(change) as c:
        up(c)
        shown = UNITS.show(unit, "ActiveState", "Slice", "ControlGroup", "Transient", "Delegate", "DefaultDependencies",
                           "MemoryAccounting", "CPUAccounting", "IOAccounting", "TasksAccounting")
        equal(shown, {
            "ActiveState": "active", "Slice": "system.slice", "ControlGroup": f"/system.slice/{unit}", "Transient": "yes",
            "Delegate": "yes", "DefaultDependencies": "no", "MemoryAccounting": "yes", "CPUAccounting": "yes",
            "IOAccounting": "yes", "TasksAccounting": "yes"})
        contains(group_value(UNITS.folder(unit), "cgroup.procs").split(), str(c.pid))
        c.stop()
        succeeds(c.delete())
        is_gone(unit)
        false(os.path.exists(f"/sys/fs/cgroup/system.slice/{unit}"), "its control group")


@case("vm", level="systemd")
def scope_by_default(t):
    """Without a path: in the system's slice, with the id in its name."""
    def change(config):
        config["linux"].pop("cgroupsPath", None)
    with t.container(change) as c:
        up(c)
        with open(f"/proc/{c.pid}/cgroup", encoding="ascii") as file:
            path = file.read().strip().removeprefix("0::")
        prefix = "raind" if t.runtime.is_raind else "runc"
        equal(path, f"/system.slice/{prefix}-{c.id}.scope")
        c.stop()
        succeeds(c.delete())
        is_gone(f"{prefix}-{c.id}.scope")


@cases("vm", [("alone", True),
              ("among-the-machines", False, {"differs": {"runc": "1.1.5 shows the machine's whole hierarchy"}})], level="systemd")
def scope_is_shown(t, namespace):
    """The mount of control groups shows the scope's, which is made after the container's process."""
    def more(config):
        if namespace:
            config["linux"]["namespaces"].append({"type": "cgroup"})
    change, unit = scoped(t, more)
    said = t.shell("cat /sys/fs/cgroup/cgroup.procs /proc/self/cgroup", change, glob=DRIVER).split("\n")
    equal(said[0], "1")
    equal(said[-2], "0::/" if namespace else f"0::/system.slice/{unit}")


@case("vm", level="systemd")
def scope_values_read_back(t):
    """Every limit that systemd has a word for, in systemd and in the group."""
    change, unit = scoped(
        t, memory={"limit": 67108864, "reservation": 33554432, "swap": 100663296},
        cpu={"shares": 2048, "quota": 50000, "period": 200000, "cpus": "0", "mems": "0"}, pids={"limit": 77})
    with t.container(change) as c:
        up(c)
        shown = UNITS.show(unit, "MemoryMax", "MemoryLow", "MemorySwapMax", "CPUQuotaPerSecUSec", "CPUQuotaPeriodUSec",
                           "AllowedCPUs", "AllowedMemoryNodes", "TasksMax")
        equal(shown, {"MemoryMax": "67108864", "MemoryLow": "33554432", "MemorySwapMax": "33554432",
                      "CPUQuotaPerSecUSec": "250ms", "CPUQuotaPeriodUSec": "200ms", "AllowedCPUs": "0",
                      "AllowedMemoryNodes": "0", "TasksMax": "77"})
        folder = UNITS.folder(unit)
        equal([group_value(folder, name) for name in (
            "memory.max", "memory.low", "memory.swap.max", "cpu.max", "cpuset.cpus", "cpuset.mems", "pids.max")],
            ["67108864", "33554432", "33554432", "50000 200000", "0", "0", "77"])
        equal(UNITS.value(unit, "CPUWeight"), group_value(folder, "cpu.weight"))


@case("vm", level="systemd", raind_only="the peer leaves the process in the group of its parent until then")
def scope_of_a_failed_create(t):
    """What fails after the scope is made takes it back."""
    change, unit = scoped(t, edit=lambda config: config["process"].update(args=["/nosuch"]))
    with t.container(change) as c:
        fails(c.create(glob=DRIVER, out=None, err=None), "no such file or directory")
        is_gone(unit)
        c.is_unknown()
