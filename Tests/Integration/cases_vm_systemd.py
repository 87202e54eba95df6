"""The systemd driver: scopes, their properties, and what is left of them."""

import json
import os
import subprocess

from harness import case, cases, contains, equal, excludes, fails, false, succeeds, true
from harness import layout as layouts
from harness.bundle import set_capabilities
from harness.container import wait_until
from harness.systemd import Units, group_value
from harness.user import LingeringUser

DRIVER = ("--systemd-cgroup",)
UNITS = Units()


def scoped(t, edit=None, place="system.slice", prefix="raind-test", name=None, **resources):
    """A config whose container is a scope, and the scope's name."""
    name = name or t.name()

    def change(config):
        config["linux"]["cgroupsPath"] = f"{place}:{prefix}:{name}"
        config["linux"].setdefault("resources", {}).update(resources)
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


# What is asked for

@case("vm", level="systemd", fields=["/linux/resources/unified"])
def scope_values_in_the_kernels_words(t):
    change, unit = scoped(t, unified={
        "memory.high": "50000000", "memory.min": "1048576", "memory.max": "max", "pids.max": "99", "cpu.weight": "42",
        "cpu.max": "30000 60000"})
    with t.container(change) as c:
        up(c)
        equal(UNITS.show(unit, "MemoryHigh", "MemoryMin", "MemoryMax", "TasksMax", "CPUWeight", "CPUQuotaPerSecUSec"), {
            "MemoryHigh": "50000000",
            "MemoryMin": "1048576", "MemoryMax": "infinity", "TasksMax": "99", "CPUWeight": "42",
            "CPUQuotaPerSecUSec": "500ms"})
        folder = UNITS.folder(unit)
        equal([group_value(folder, name) for name in ("memory.min", "memory.max", "pids.max", "cpu.weight", "cpu.max")],
              ["1048576", "max", "99", "42", "30000 60000"])


@case("vm", level="systemd", raind_only="the peer of this version passes cpu.idle over")
def scope_that_is_idle(t):
    change, unit = scoped(t, cpu={"idle": 1})
    with t.container(change) as c:
        up(c)
        equal(UNITS.value(unit, "CPUWeight"), "idle")
        equal(group_value(UNITS.folder(unit), "cpu.idle"), "1")


@case("vm", level="systemd", raind_only="the peer leaves the weight of block I/O to the file")
def scope_weight_of_block_io(t):
    change, unit = scoped(t, blockIO={"weight": 500})
    with t.container(change) as c:
        up(c)
        equal(UNITS.value(unit, "IOWeight"), "4950")


@case("vm", level="systemd")
def scope_update(t):
    """Later values are systemd's too, and a reload of systemd leaves all of them."""
    change, unit = scoped(t, memory={"limit": 67108864}, pids={"limit": 77})
    with t.container(change) as c:
        up(c)
        succeeds(c.call("update", "--memory", "134217728", "--memory-swap", "134217728", "--pids-limit", "55",
                        "--cpu-period", "100000", "--cpu-quota", "25000", c.id))
        expected = {"MemoryMax": "134217728", "TasksMax": "55", "CPUQuotaPerSecUSec": "250ms"}
        folder = UNITS.folder(unit)
        files = {"memory.max": "134217728", "pids.max": "55", "cpu.max": "25000 100000", **({"memory.swap.max": "0"} if t.runtime.is_raind else {})}
        for _ in range(2):
            equal(UNITS.show(unit, *expected), expected)
            equal({name: group_value(folder, name) for name in files}, files)
            UNITS.run("daemon-reload")


@case("vm", level="systemd", raind_only="the peer forgets the quota")
def scope_update_of_a_part(t):
    """A period alone leaves the quota, and a quota alone the period, to systemd too."""
    change, unit = scoped(t, cpu={"quota": 50000, "period": 100000})
    with t.container(change) as c:
        up(c)
        succeeds(c.call("update", "--cpu-period", "200000", c.id))
        equal(UNITS.show(unit, "CPUQuotaPerSecUSec", "CPUQuotaPeriodUSec"),
              {"CPUQuotaPerSecUSec": "250ms", "CPUQuotaPeriodUSec": "200ms"})
        succeeds(c.call("update", "--cpu-quota", "100000", c.id))
        equal(UNITS.show(unit, "CPUQuotaPerSecUSec", "CPUQuotaPeriodUSec"),
              {"CPUQuotaPerSecUSec": "500ms", "CPUQuotaPeriodUSec": "200ms"})
        equal(group_value(UNITS.folder(unit), "cpu.max"), "100000 200000")


@case("vm", level="systemd", raind_only="the peer sets a part")
def scope_update_of_all_or_nothing(t):
    """What the kernel refuses takes back what systemd was told."""
    change, unit = scoped(t, memory={"limit": 67108864}, pids={"limit": 77})
    with t.container(change) as c:
        up(c)
        fails(c.call("update", "--memory", "134217728", "--memory-swap", "-1", "--cpuset-cpus", "7000", c.id))
        equal(UNITS.value(unit, "MemoryMax"), "67108864")
        equal(group_value(UNITS.folder(unit), "memory.max"), "67108864")


@case("vm", level="systemd", fields=["/annotations"])
def scope_properties_of_annotations(t):
    def change(config):
        config["annotations"] = {
            "org.systemd.property.TimeoutStopSec": "uint64 7", "org.systemd.property.CollectMode": "'inactive-or-failed'",
            "org.systemd.property.After": "['basic.target']", "org.systemd.property.SendSIGHUP": "true"}
    change, unit = scoped(t, edit=change)
    with t.container(change) as c:
        up(c)
        shown = UNITS.show(unit, "TimeoutStopUSec", "CollectMode", "After", "SendSIGHUP")
        contains(shown.pop("After").split(), "basic.target")
        equal(shown, {"TimeoutStopUSec": "7s", "CollectMode": "inactive-or-failed", "SendSIGHUP": "yes"})


@cases("vm", [("unknown", "NoSuchThing", "true", "Cannot set property NoSuchThing"),
              ("of-another-type", "TimeoutStopUSec", "'a'", "Unexpected message contents")],
       level="systemd", raind_only="the texts are ours")
def scope_property_that_is_wrong(t, name, value, text):
    """systemd's word is told with the annotation that it is about, and nothing is left."""
    key = f"org.systemd.property.{name}"
    change, unit = scoped(t, edit=lambda config: config.update(annotations={key: value}))
    with t.container(change) as c:
        result = fails(c.create(glob=DRIVER, out=None, err=None), "start scope")
        contains(result.err, text)
        contains(result.err, f"/annotations/{key}")
        is_gone(unit)
        c.is_unknown()


@cases("vm", [("nested", "raindtest-a-b.slice", "/raindtest.slice/raindtest-a.slice/raindtest-a-b.slice"),
              ("root", "-.slice", "")], level="systemd")
def scope_in_a_slice(t, slice_name, folder):
    change, unit = scoped(t, place=slice_name)
    with t.container(change) as c:
        up(c)
        equal(UNITS.show(unit, "Slice", "ControlGroup"), {"Slice": slice_name, "ControlGroup": f"{folder}/{unit}"})
        c.stop()
        succeeds(c.delete())
        is_gone(unit)
    UNITS.end("raindtest.slice", "raindtest-a.slice", "raindtest-a-b.slice")


@case("vm", level="systemd")
def scope_of_an_empty_prefix(t):
    change, _ = scoped(t, prefix="", name=(name := t.name()))
    with t.container(change) as c:
        up(c)
        true(UNITS.is_active(f"-{name}.scope"), "the scope")


@case("vm", level="systemd")
def scope_path_that_is_none(t):
    with t.container(lambda config: config["linux"].update(cgroupsPath="/a/b")) as c:
        fails(c.create(glob=DRIVER, out=None, err=None), "slice:prefix:name")


@case("vm", level="systemd")
def scope_seen_from_inside(t):
    """The namespace's root is the scope, not the group that the runtime was in."""
    change, _ = scoped(t, edit=lambda config: config["linux"]["namespaces"].append({"type": "cgroup"}), pids={"limit": 66})
    with t.container(change, ["/bin/cat", "/proc/self/cgroup", "/sys/fs/cgroup/pids.max"]) as c:
        equal(succeeds(c.run(glob=DRIVER)).out, "0::/\n66\n")


@case("vm", level="systemd", differs={"runc": "1.1 shows the host's whole hierarchy"})
def scope_seen_without_a_namespace(t):
    """What is mounted on /sys/fs/cgroup is the scope's folder."""
    change, unit = scoped(t, pids={"limit": 66})
    with t.container(change, ["/bin/cat", "/proc/self/cgroup", "/sys/fs/cgroup/pids.max"]) as c:
        equal(succeeds(c.run(glob=DRIVER)).out, f"0::/system.slice/{unit}\n66\n")


@case("vm", level="systemd", fields=["/linux/resources/devices"])
def scope_and_devices(t):
    """The rules hold in the scope, and after systemd has looked at all of its units again."""
    def change(config):
        set_capabilities(config, ["CAP_MKNOD", "CAP_SYS_ADMIN"])
        config["root"]["readonly"] = False
        config["linux"]["resources"]["devices"] = [
            {"allow": False, "access": "rwm"}, {"allow": True, "type": "c", "major": 1, "minor": 11, "access": "m"}]
    change, unit = scoped(t, edit=change)
    script = "mknod /kmsg c 1 11 && cat /dev/zero | head -c 1 >/dev/null && ! cat /kmsg 2>&1"
    with t.container(change) as c:
        up(c)
        said = succeeds(c.exec("/bin/sh", "-c", script)).out
        contains(said.lower(), "operation not permitted")
        UNITS.run("daemon-reload")
        UNITS.run("set-property", "--runtime", unit, "TasksMax=100")
        contains(succeeds(c.exec("/bin/sh", "-c", "! cat /kmsg 2>&1")).out.lower(), "operation not permitted")


# What else there is

@case("vm", level="systemd")
def scope_and_the_other_commands(t):
    """exec, pause, resume, ps, events and kill find the scope without an option."""
    change, unit = scoped(t)
    with t.container(change) as c:
        up(c)
        with open(f"/proc/{c.pid}/cgroup", encoding="ascii") as file:
            own = file.read()
        contains(own, f"/system.slice/{unit}")
        equal(succeeds(c.exec("/bin/cat", "/proc/self/cgroup")).out, own)
        succeeds(c.call("pause", c.id))
        equal(c.status, "paused")
        equal(group_value(UNITS.folder(unit), "cgroup.freeze"), "1")
        succeeds(c.call("resume", c.id))
        equal(json.loads(succeeds(c.call("ps", "--format", "json", c.id)).out), [c.pid])
        true(json.loads(succeeds(c.call("events", "--stats", c.id)).out)["data"]["pids"]["current"] >= 1, "processes")
        c.stop()
        succeeds(c.delete())
        is_gone(unit)


@case("vm", level="systemd")
def scope_with_groups_below(t):
    """What the container has made below its group is its own, exec --cgroup goes there, and it ends with the scope."""
    change, unit = scoped(t)
    with t.container(change) as c:
        up(c)
        folder = UNITS.folder(unit)
        os.mkdir(folder + "/inner")
        UNITS.run("daemon-reload")
        flag = "inner" if t.runtime.is_raind else "/inner"
        said = succeeds(c.exec("/bin/cat", "/proc/self/cgroup", flags=["--cgroup", flag])).out
        equal(said, f"0::/system.slice/{unit}/inner\n")
        succeeds(c.delete("--force"))
        is_gone(unit)
        false(os.path.exists(folder), folder)


@case("vm", level="systemd")
def scope_of_run(t):
    """In front: the status is the program's, and nothing is left."""
    change, unit = scoped(t)
    with t.container(change, ["/bin/sh", "-c", "exit 7"]) as c:
        equal(c.run(glob=("--cgroup-manager", "systemd") if t.runtime.is_raind else DRIVER).status, 7)
        is_gone(unit)


@case("vm", level="systemd", differs={"runc": "leaves the failed unit"})
def scope_ended_by_systemd(t):
    """Whoever stops the scope stops the container."""
    change, unit = scoped(t, edit=lambda config: config.update(annotations={
        "org.systemd.property.TimeoutStopSec": "uint64 1"}))
    with t.container(change) as c:
        up(c)
        UNITS.run("stop", unit)
        c.wait_status("stopped")
        succeeds(c.delete())
        is_gone(unit)


@case("vm", level="systemd", differs={"runc": "1.1 takes over whatever has the name"})
def scope_name_that_is_taken(t):
    """A unit of the same name is somebody else's: it is an error, and the unit goes on."""
    change, unit = scoped(t)
    other = subprocess.Popen(["systemd-run", "--quiet", "--scope", f"--unit={unit}", "sleep", "1000"])
    try:
        wait_until(lambda: UNITS.is_active(unit), unit, 10)
        with t.container(change) as c:
            contains(fails(c.create(glob=DRIVER, out=None, err=None)).err, "already")
            c.delete("--force")
            true(UNITS.is_active(unit), "the other's scope")
    finally:
        UNITS.end(unit)
        other.wait()


@case("vm", level="systemd", differs={"runc": "1.1 takes the failed unit for its own, and stays outside"})
def scope_name_that_has_failed(t):
    """A failed unit of the same name is nobody's any more."""
    change, unit = scoped(t)
    subprocess.run(["systemd-run", "--quiet", "--scope", f"--unit={unit}", "--property=RuntimeMaxSec=1", "sleep", "60"],
                   check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: UNITS.value(unit, "ActiveState") == "failed", f"{unit} has failed", 20)
    with t.container(change) as c:
        up(c)
        true(UNITS.is_active(unit), "the scope")


@case("vm", level="systemd", raind_only="the texts are ours")
def scope_whose_job_fails(t):
    """What systemd has against it is told, and nothing is left."""
    change, unit = scoped(t, edit=lambda config: config.update(annotations={
        "org.systemd.property.Requisite": "['debug-shell.service']",
        "org.systemd.property.After": "['debug-shell.service']"}))
    with t.container(change) as c:
        result = fails(c.create(glob=DRIVER, out=None, err=None), f"start scope {unit}")
        contains(result.err, "has ended as dependency")
        contains(result.err, "journalctl")
        is_gone(unit)
        c.is_unknown()


@case("vm", level="systemd", raind_only="the texts are ours")
def scope_without_a_bus(t):
    """Told before there is a process."""
    change, unit = scoped(t)
    with t.container(change) as c:
        result = fails(t.call("create", "--bundle", c.bundle.folder, c.id, glob=DRIVER, env={
            "PATH": os.environ["PATH"], "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nosuch"}), "connect to systemd: connect /nosuch: ENOENT")
        contains(result.err, "is systemd running here")
        c.is_unknown()
        false(UNITS.exists(unit), unit)


@case("vm", level="systemd", alone=True)
def scope_over_the_socket_of_systemctl(t):
    """Where there is no bus."""
    change, unit = scoped(t, pids={"limit": 33})
    layouts.mount("tmpfs", "/run/dbus", "tmpfs")
    try:
        with t.container(change) as c:
            up(c)
            equal(UNITS.value(unit, "TasksMax"), "33")
            succeeds(c.call("update", "--pids-limit", "34", c.id))
            equal(UNITS.value(unit, "TasksMax"), "34")
            c.stop()
            succeeds(c.delete())
            is_gone(unit)
    finally:
        layouts.umount("/run/dbus")


# A user's own

def of_a_user(t, user, **resources):
    return scoped(t, place="user.slice", **resources), Units(before=user.become, env=user.environment)


@case("vm", level="systemd")
def scope_of_a_user(t):
    """The user's systemd makes it, with the controllers that were given to it."""
    with LingeringUser(t) as user:
        (change, unit), units = of_a_user(
            t, user, memory={"limit": 67108864}, pids={"limit": 44}, cpu={"quota": 50000, "period": 100000})
        with user.container(change) as c:
            up(c)
            equal(units.show(unit, "ActiveState", "Slice", "MemoryMax", "TasksMax", "CPUQuotaPerSecUSec"), {
                "ActiveState": "active", "Slice": "user.slice", "MemoryMax": "67108864", "TasksMax": "44",
                "CPUQuotaPerSecUSec": "500ms"})
            with open(f"/proc/{c.pid}/cgroup", encoding="ascii") as file:
                path = file.read().strip().removeprefix("0::")
            equal(path, f"/user.slice/user-1000.slice/user@1000.service/user.slice/{unit}")
            folder = "/sys/fs/cgroup" + path
            equal([group_value(folder, name) for name in ("memory.max", "pids.max", "cpu.max")],
                  ["67108864", "44", "50000 100000"])
            if t.runtime.is_raind:
                # The peer of this version leaves it in the group of its caller.
                contains(succeeds(c.exec("/bin/cat", "/proc/self/cgroup")).out, path)
            succeeds(c.call("update", "--pids-limit", "45", c.id))
            equal(units.value(unit, "TasksMax"), "45")
            succeeds(c.delete("--force"))
            is_gone(unit, units)
            false(os.path.exists(folder), folder)


@case("vm", level="systemd", raind_only="the texts are ours")
def scope_of_a_user_without_a_bus(t):
    with LingeringUser(t) as user:
        (change, _), _ = of_a_user(t, user)
        with user.container(change) as c:
            result = fails(user.call("create", "--bundle", c.bundle.folder, c.id, glob=DRIVER, env={
                **user.environment, "XDG_RUNTIME_DIR": user.own_folder()}), "connect to systemd of the user")
            contains(result.err, "enable-linger")
            c.is_unknown()


# The engine's own way

@case("vm", level="systemd", timeout=60, raind_only="podman's default here is another runtime")
def scope_below_podman(t):
    """With nothing said of control groups."""
    with t.container() as c:
        command = ["podman", "--runtime", t.runtime.path, "run", "--rm", "--network", "none", "--memory", "64m",
                   "--rootfs", c.bundle.rootfs, "cat", "/sys/fs/cgroup/memory.max", "/proc/self/cgroup"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)
        true((done.returncode, done.stdout) == (0, "67108864\n0::/\n"), f"{done.returncode}, {done.stdout!r}, {done.stderr[-500:]}")
        excludes(UNITS.run("list-units", "--all", "--plain", "libpod-*.scope"), ".scope")


# The older layout

@case("vm", level="hybrid", layouts=("hybrid",), fields=["/linux/cgroupsPath"])
def scope_on_v1(t):
    """In every hierarchy the same, and v1's own words for the limits."""
    change, unit = scoped(t, memory={"limit": 67108864}, pids={"limit": 77}, cpu={
        "shares": 2048, "quota": 50000, "period": 100000, "cpus": "0"})
    with t.container(change) as c:
        up(c)
        equal(UNITS.show(unit, "MemoryLimit", "TasksMax", "CPUShares", "CPUQuotaPerSecUSec"), {
            "MemoryLimit": "67108864", "TasksMax": "77", "CPUShares": "2048", "CPUQuotaPerSecUSec": "500ms"})
        with open(f"/proc/{c.pid}/cgroup", encoding="ascii") as file:
            groups = {name: line.rstrip("\n").split(":", 2)[2] for line in file for name in line.split(":")[1].split(",")}
        for name in layouts.hierarchies():
            # The peer knows nothing of that one.
            if name in groups and (name != "misc" or t.runtime.is_raind):
                equal(groups[name], f"/system.slice/{unit}", name)
        top = layouts.hierarchies()
        equal([group_value(f"{top[name]}/system.slice/{unit}", file) for name, file in (
            ("memory", "memory.limit_in_bytes"), ("pids", "pids.max"), ("cpu", "cpu.shares"), ("cpu", "cpu.cfs_quota_us"),
            ("cpuset", "cpuset.cpus"))], ["67108864", "77", "2048", "50000", "0"])
        succeeds(c.call("update", "--pids-limit", "55", c.id))
        equal(UNITS.value(unit, "TasksMax"), "55")
        succeeds(c.call("pause", c.id))
        equal(c.status, "paused")
        succeeds(c.call("resume", c.id))
        c.stop()
        succeeds(c.delete())
        is_gone(unit)
        equal(layouts.folders_named(unit), [])


@case("vm", level="hybrid", layouts=("hybrid",), fields=["/linux/resources/devices"])
def scope_and_devices_on_v1(t):
    """The rules hold in the scope, and after systemd has set its own anew."""
    def change(config):
        set_capabilities(config, ["CAP_MKNOD", "CAP_SYS_ADMIN"])
        config["root"]["readonly"] = False
    change, unit = scoped(t, edit=change)
    with t.container(change) as c:
        up(c)
        for _ in range(2):
            said = succeeds(c.exec("/bin/sh", "-c", "cat /dev/zero | head -c 1 >/dev/null; rm -f /kmsg; mknod /kmsg c 1 11; ! cat /kmsg 2>&1")).out
            contains(said.lower(), "operation not permitted")
            succeeds(c.call("update", "--pids-limit", "55", c.id))
            UNITS.run("daemon-reload")
            UNITS.run("set-property", "--runtime", unit, "CPUShares=512")
