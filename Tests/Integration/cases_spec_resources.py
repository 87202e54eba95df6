"""/linux/resources, the members that cases_spec_cgroups.py leaves: what v1 alone has, values that depend on each other,
files that no kernel mounts by itself, and rules about devices beside mounts of devices."""

import contextlib
import os
import subprocess
import time

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import set_capabilities
from harness.layout import MNT_DETACH, MS_BIND, TOP, folders_named, hierarchies, mount, umount

from cases_spec_cgroups import V1, at, groups_of, resources, value


@contextlib.contextmanager
def groups(path, names=None):
    """Groups that are there before the container, in the hierarchies of these controllers or in all."""
    made = [top + path for top in sorted({top for name, top in hierarchies().items() if names is None or name in names})]
    try:
        for folder in made:
            os.mkdir(folder)
            inherit_cpuset(folder)
        yield made
    finally:
        for folder in folders_named(path.lstrip("/")):
            for below, _, _ in os.walk(folder, topdown=False):
                os.rmdir(below)


def inherit_cpuset(folder):
    for file in ("cpuset.cpus", "cpuset.mems"):
        own = os.path.join(folder, file)
        if os.path.exists(own) and not read(own):
            write(own, read(os.path.join(os.path.dirname(folder), file)))


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


# Members

@case("spec", layouts=V1, fields=["/linux/resources/memory/{swap,kernelTCP,disableOOMKiller,useHierarchy}"])
def resources_of_memory_on_v1(t):
    with t.container(resources(memory={"limit": 32 << 20, "swap": 48 << 20, "kernelTCP": 4 << 20,
                                       "disableOOMKiller": True, "useHierarchy": True})) as c:
        c.up()
        equal(value(c.pid, "memory", "memory.memsw.limit_in_bytes"), str(48 << 20))
        if t.runtime.is_raind:
            # runc 1.1 passes over it.
            equal(value(c.pid, "memory", "memory.kmem.tcp.limit_in_bytes"), str(4 << 20))
        contains(value(c.pid, "memory", "memory.oom_control"), "oom_kill_disable 1")
        equal(value(c.pid, "memory", "memory.use_hierarchy"), "1")


@case("spec", layouts=V1, fields=["/linux/resources/memory/{limit,swap}"])
def resources_of_memory_without_a_limit_take_swap_along(t):
    """The limit of both can't be less than that of memory, so that none of memory is none of both."""
    path = f"/{t.prefix}"
    with groups(path, ["memory"]) as (folder,):
        for file in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"):
            write(os.path.join(folder, file), str(8 << 20))
        with t.container(at(path, resources(memory={"limit": -1}))) as c:
            c.up()
            for file in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"):
                true(int(value(c.pid, "memory", file)) > 1 << 50, file)


@cases("spec", [("raised", 32, 48), ("lowered", 8, 12), ("swap-raised-alone", 20, 48)], layouts=V1,
       fields=["/linux/resources/memory/{limit,swap}"])
def resources_of_memory_of_a_group_that_has_others(t, limit, swap):
    """Which of the two has to be first depends on what they are."""
    path = f"/{t.prefix}"
    with groups(path, ["memory"]) as (folder,):
        for file in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"):
            write(os.path.join(folder, file), str(20 << 20))
        with t.container(at(path, resources(memory={"limit": limit << 20, "swap": swap << 20}))) as c:
            c.up()
            equal([value(c.pid, "memory", file) for file in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")],
                  [str(limit << 20), str(swap << 20)])


@case("spec", layouts=V1, raind_only="runc 1.1 knows neither burst nor idle",
      fields=["/linux/resources/cpu/{burst,idle}"])
def resources_of_cpu_burst_and_idle(t):
    with t.container(resources(cpu={"quota": 20000, "period": 50000, "burst": 10000, "idle": 1, "shares": 512})) as c:
        c.up()
        equal(value(c.pid, "cpu", "cpu.cfs_burst_us"), "10000")
        # What is idle has no share of its own, and the kernel refuses to be told one.
        equal(value(c.pid, "cpu", "cpu.idle"), "1")


@case("spec", layouts=V1, raind_only="runc 1.1 knows no burst", fields=["/linux/resources/cpu/{burst,quota}"])
def resources_of_cpu_of_a_group_that_has_others(t):
    """A quota below the burst that there is, is taken once the burst is lowered."""
    path = f"/{t.prefix}"
    with groups(path, ["cpu"]) as (folder,):
        write(os.path.join(folder, "cpu.cfs_quota_us"), "50000")
        write(os.path.join(folder, "cpu.cfs_burst_us"), "40000")
        with t.container(at(path, resources(cpu={"quota": 10000, "burst": 5000}))) as c:
            c.up()
            equal([value(c.pid, "cpu", file) for file in ("cpu.cfs_quota_us", "cpu.cfs_burst_us")], ["10000", "5000"])


@case("spec", layouts=V1, fields=["/linux/resources/cpu/{realtimeRuntime,realtimePeriod}"])
def resources_of_cpu_realtime(t):
    with t.container(resources(cpu={"realtimeRuntime": 1000, "realtimePeriod": 500000})) as c:
        c.up()
        equal([value(c.pid, "cpu", file) for file in ("cpu.rt_runtime_us", "cpu.rt_period_us")], ["1000", "500000"])


@case("spec", layouts=V1, fields=["/linux/resources/blockIO/weight",
                                  "/linux/resources/blockIO/weightDevice/*/{major,minor,weight}"])
def resources_of_block_weights(t):
    """CFQ's file went with Linux 5.0: BFQ's takes the same numbers."""
    disk = next(name for name in sorted(os.listdir("/sys/block")) if name.startswith(("vd", "sd", "nvme")))
    number = read(f"/sys/block/{disk}/dev")
    major, minor = map(int, number.split(":"))
    with t.container(resources(blockIO={"weight": 300})) as c:
        c.up()
        contains(value(c.pid, "blkio", "blkio.bfq.weight"), "300")
    if "[bfq]" in read(f"/sys/block/{disk}/queue/scheduler"):
        with t.container(resources(blockIO={"weightDevice": [{"major": major, "minor": minor, "weight": 200}]})) as c:
            c.up()
            contains(value(c.pid, "blkio", "blkio.bfq.weight_device"), f"{number} 200")


@cases("spec", [
    ("all", {"leafWeight": 300}, "/leafWeight"),
    ("device", {"weightDevice": [{"major": 8, "minor": 0, "leafWeight": 300}]}, "/weightDevice/0/leafWeight")],
       layouts=V1, raind_only="peers pass over it, or tell of a file that is missing",
       fields=["/linux/resources/blockIO/{leafWeight,weightDevice/*/leafWeight}"])
def resources_of_leaf_weights_are_refused(t, members, pointer):
    with t.container(resources(blockIO=members), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/resources/blockIO" + pointer)
        c.is_unknown()


@case("spec", layouts=V1, raind_only="peers write it, which Linux refuses since 5.16",
      fields=["/linux/resources/memory/kernel"])
def resources_of_kernel_memory_have_no_effect(t):
    """Taken with a word about it: the limit of memory holds for it too."""
    with t.container(resources(memory={"limit": 32 << 20, "kernel": 1 << 20})) as c:
        contains(succeeds(c.create(out=None, err=None)).err, "/linux/resources/memory/kernel")
        equal(value(c.pid, "memory", "memory.limit_in_bytes"), str(32 << 20))


@contextlib.contextmanager
def network_controllers(t):
    """A hierarchy of net_cls and net_prio, below a /sys/fs/cgroup of this process's own that has the others too."""
    tops = sorted({top for top in hierarchies().values() if top != TOP})
    base = t.folder("cgroup")
    mount("raind-test", base, "tmpfs")
    mounted = [base]
    try:
        for top in tops:
            here = os.path.join(base, os.path.basename(top))
            os.mkdir(here)
            mount(top, here, flags=MS_BIND)
        own = os.path.join(base, "net_cls,net_prio")
        os.mkdir(own)
        mount("raind-test", own, "cgroup", data="net_cls,net_prio")
        mount(base, TOP, flags=MS_BIND | 0x4000)
        mounted.append(TOP)
        yield
    finally:
        for point in reversed(mounted):
            umount(point, MNT_DETACH)
        _end_hierarchy(t)


def _end_hierarchy(t):
    """The kernel keeps a hierarchy that was unmounted while a group of it was still on its way out, until it is unmounted
    once more: every process would be in it from then on. It ends a moment after the last unmounting."""
    place = t.folder("last")
    for _ in range(5):
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            if "net_cls" not in own_groups():
                return
            time.sleep(0.05)
        mount("raind-test", place, "cgroup", data="net_cls,net_prio")
        umount(place, MNT_DETACH)
    raise AssertionError("the hierarchy of net_cls stays")


def own_groups():
    with open("/proc/self/cgroup", encoding="ascii") as file:
        return file.read()


@case("spec", layouts=V1, alone=True, differs={"runc": "1.1 looks for the hierarchies once, where the host has them"},
      fields=["/linux/resources/network/classID", "/linux/resources/network/priorities/*/{name,priority}"])
def resources_of_network(t):
    """No layout of today mounts these controllers, but the kernel has them."""
    with network_controllers(t):
        edit = resources(network={"classID": 0x100001, "priorities": [{"name": "lo", "priority": 7}]})
        with t.container(edit) as c:
            c.up()
            true(c.id in groups_of(c.pid)["net_cls"], "a group of its own")
            equal(value(c.pid, "net_cls", "net_cls.classid"), str(0x100001))
            contains(value(c.pid, "net_prio", "net_prio.ifpriomap"), "lo 7")
            c.stop()
            succeeds(c.delete())
        with t.container(resources(network={"priorities": [{"name": "raind-none", "priority": 7}]})) as c:
            fails(c.create(out=None, err=None), "/linux/resources/network/priorities/0")


@case("spec", layouts=V1, raind_only="peers pass over it", fields=["/linux/resources/network/classID"])
def resources_of_network_are_missing(t):
    true("net_cls" not in hierarchies(), "no such hierarchy")
    with t.container(resources(network={"classID": 1}), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/resources/network/classID: the net_cls controller is missing")
    succeeds(t.run(["/bin/true"], resources(network={"classID": 0})))


@case("spec", layouts=("hybrid", "v2"), raind_only="peers tell of a file that is missing",
      fields=["/linux/resources/hugepageLimits/*/limit"])
def resources_whose_controller_is_not_passed_on(t):
    """A group with processes of its own passes no controllers on: that group is named."""
    path = f"/{t.prefix}"
    folder = hierarchies()["hugetlb"] + path
    with groups(path):
        process = subprocess.Popen(["sleep", "1000"])
        try:
            write(os.path.join(folder, "cgroup.procs"), str(process.pid))
            edit = resources(hugepageLimits=[{"pageSize": "2MB", "limit": 0}])
            with t.container(at(path + "/inner", edit), ["/bin/true"]) as c:
                said = fails(c.create(out=None, err=None), "/linux/resources/hugepageLimits/0/limit").err
                contains(said, f"pass on hugetlb {folder}: EBUSY")
                contains(said, "with processes of its own")
                c.is_unknown()
                equal([name for name in os.listdir(folder) if name == "inner"], [])
        finally:
            process.kill()
            process.wait()


# Devices

@contextlib.contextmanager
def disk(t):
    """A block device with a file system, and a file in that."""
    image = t.file(name="image")
    tree = t.folder("tree")
    with open(os.path.join(tree, "hello"), "w", encoding="ascii") as file:
        file.write("from the disk\n")
    os.truncate(image, 4 << 20)
    subprocess.run(["mkfs.ext2", "-q", "-d", tree, image], check=True)
    device = subprocess.run(["losetup", "--find", "--show", "--read-only", image], check=True, capture_output=True,
                            text=True).stdout.strip()
    try:
        yield device
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)


@cases("spec", [("without-hooks", False), ("with-hooks", True)], fields=["/linux/resources/devices/*/{allow,access}"])
def resources_of_devices_leave_mounts_alone(t, hooks):
    """A mount of a device that the container may not use is made; the container may not use the device."""
    with disk(t) as device:
        node = os.stat(device)
        major, minor = os.major(node.st_rdev), os.minor(node.st_rdev)

        def edit(config):
            config["mounts"].append({"destination": "/mnt", "type": "ext2", "source": device, "options": ["ro"]})
            set_capabilities(config, ["CAP_MKNOD"])
            if hooks:
                config["hooks"] = {"createContainer": [{"path": "/bin/true"}]}
        said = t.shell(f"cat /mnt/hello; mknod /dev/block b {major} {minor}; head -c 1 /dev/block 2>&1 || true", edit)
        contains(said, "from the disk\n")
        contains(said, "Operation not permitted")
        # The container had it in sight for nothing else: allowed, it can be read.

        def allowed(config):
            edit(config)
            config["linux"]["resources"]["devices"].append(
                {"allow": True, "type": "b", "major": major, "minor": minor, "access": "r"})
        excludes(t.shell(f"mknod /dev/block b {major} {minor}; head -c 1 /dev/block 2>&1", allowed), "not permitted")
