"""/linux/cgroupsPath and /linux/resources, in each layout of the control groups."""

import contextlib
import os
import signal

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import mount_at, with_user_namespace, without_namespace
from harness.layout import CLONE_NEWCGROUP, TOP, enter_namespace, folders_named, hierarchies, mount, umount, unshare

V1 = ("hybrid", "v1")
ABSENT = ("v2",)


def resources(**members):
    return lambda config: config["linux"]["resources"].update(members)


def at(path, edit=None):
    def both(config):
        config["linux"]["cgroupsPath"] = path
        if edit:
            edit(config)
    return both


def groups_of(pid):
    """Controller (or name=.., or "" for v2) to the path of the process's group."""
    found = {}
    with open(f"/proc/{pid}/cgroup", encoding="utf-8") as file:
        for line in file:
            _, names, path = line.rstrip("\n").split(":", 2)
            for name in names.split(","):
                found[name] = path
    return found


def own_groups():
    return groups_of("self")


def folder_of(pid, controller):
    groups = groups_of(pid)
    # Controllers of v2 aren't named in /proc/PID/cgroup.
    return hierarchies()[controller] + groups.get(controller, groups.get(""))


def value(pid, controller, file):
    with open(os.path.join(folder_of(pid, controller), file), encoding="ascii") as opened:
        return opened.read().strip()


# Where

@case("spec", fields=["/linux/cgroupsPath"])
def cgroups_path_absolute(t):
    """From the hierarchy's root."""
    path = f"/{t.prefix}/inner"
    with t.container(at(path)) as c:
        c.up()
        groups = groups_of(c.pid)
        for name in hierarchies():
            if name in groups:
                equal(groups[name], path, name or "v2")
        # The kernel gives no more than the group's own; the folders above it stay ours to take away.
        c.stop()
        succeeds(c.delete())
        for folder in folders_named("inner"):
            excludes(folder, t.prefix)
        for folder in folders_named(t.prefix):
            os.rmdir(folder)


@case("spec", differs={"runc": "1.1 takes it from the root"}, fields=["/linux/cgroupsPath"])
def cgroups_path_relative(t):
    """From the runtime's own group, or what the runtime says: in each hierarchy the same, with the path's own end."""
    name = f"{t.prefix}-relative"
    with t.container(at(name)) as c:
        c.up()
        groups = groups_of(c.pid)
        for controller in hierarchies():
            if controller in groups:
                true(groups[controller].endswith("/" + name), f"{controller}: {groups[controller]}")


@case("spec")
def cgroups_path_by_default(t):
    """A group of its own in every hierarchy, and its name has the container's."""
    with t.container() as c:
        c.up()
        mine, groups = own_groups(), groups_of(c.pid)
        for controller in hierarchies():
            if controller in groups:
                true(c.id in groups[controller], f"{controller}: {groups[controller]}")
                true(groups[controller] != mine[controller], controller)
        c.stop()
        succeeds(c.delete())
        equal(folders_named(c.id), [])


@cases("spec", [("dots", "/{}/../../../../{}"), ("inner-dots", "/{}/./x/../{}")])
def cgroups_path_with_dots(t, path):
    """Never out of the hierarchy: refused, or taken as if it were a root."""
    with t.container(at(path.format(t.prefix, t.prefix))) as c:
        created = c.create(out=None, err=None)
        if created.status == 0:
            for controller, folder in groups_of(c.pid).items():
                if controller in hierarchies():
                    excludes(folder, "..")
            c.delete("--force")
        else:
            fails(created, "/linux/cgroupsPath" if t.runtime.is_raind else "")
        for folder in folders_named(t.prefix):
            os.rmdir(folder)


@case("spec", raind_only="peers tell of it with a text of their own")
def cgroups_driver_of_systemd(t):
    """Where no systemd runs: refused before anything is made, with a word that says so."""
    with t.container(at("system.slice:raind:test"), ["/bin/true"]) as c:
        contains(fails(t.call("create", "--bundle", c.bundle.folder, c.id, glob=("--systemd-cgroup",))).err, "systemd")
        c.is_unknown()


@case("spec")
def cgroup_that_is_there_already(t):
    """An empty group that another made is used, and isn't the runtime's to judge; one with processes is refused."""
    path = f"/{t.prefix}"
    made = [top + path for top in sorted(set(hierarchies().values()))]
    for folder in made:
        os.mkdir(folder)
    try:
        with t.container(at(path)) as c:
            succeeds(c.create())
            c.delete("--force")
    finally:
        for folder in made:
            if os.path.isdir(folder):
                os.rmdir(folder)


@case("spec")
def cgroup_is_shared_by_nobody(t):
    """A second container in the first one's group would be ended with it."""
    path = f"/{t.prefix}-shared"
    with t.container(at(path)) as first, t.container(at(path)) as second:
        first.up()
        if t.runtime.is_raind:
            fails(second.create(out=None, err=None), "/linux/cgroupsPath")
        second.delete("--force")
        equal(first.status, "running")


@case("spec")
def cgroup_of_children(t):
    """Every process of the container is in it, and in nothing of the runtime's."""
    with t.container(args=["/probe", "spawn", "3"]) as c:
        c.up()
        c.wait_output("ready")
        for controller in hierarchies():
            with open(os.path.join(folder_of(c.pid, controller), "cgroup.procs"), encoding="ascii") as file:
                equal(len(file.read().split()), 4, controller or "v2")


# Values

@case("spec", layouts=V1, fields=["/linux/resources/memory/{limit,reservation,swappiness}"])
def resources_of_memory(t):
    with t.container(resources(memory={"limit": 64 << 20, "reservation": 32 << 20, "swappiness": 10})) as c:
        c.up()
        equal(value(c.pid, "memory", "memory.limit_in_bytes"), str(64 << 20))
        equal(value(c.pid, "memory", "memory.soft_limit_in_bytes"), str(32 << 20))
        equal(value(c.pid, "memory", "memory.swappiness"), "10")


@case("spec", layouts=V1, fields=["/linux/resources/memory/limit"])
def resources_of_memory_hold(t):
    """What touches more is ended by the kernel."""
    edit = resources(memory={"limit": 16 << 20})
    equal(t.run(["/probe", "memory", str(64 << 20)], edit).status, 137)
    equal(succeeds(t.run(["/probe", "memory", str(4 << 20)], edit)).out, "ok\n")


@cases("spec", [("zero", 0), ("unlimited", -1)], layouts=V1)
def resources_of_memory_without_a_limit(t, limit):
    with t.container(resources(memory={"limit": limit})) as c:
        c.up()
        true(int(value(c.pid, "memory", "memory.limit_in_bytes")) > 1 << 50, "no limit")


@case("spec", layouts=V1, fields=["/linux/resources/cpu/{shares,quota,period}"])
def resources_of_cpu(t):
    with t.container(resources(cpu={"shares": 512, "quota": 20000, "period": 50000})) as c:
        c.up()
        equal([value(c.pid, "cpu", name) for name in ("cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us")],
              ["512", "20000", "50000"])


@case("spec", layouts=V1, fields=["/linux/resources/cpu/{quota,period}"])
def resources_of_cpu_hold(t):
    """A tenth of a processor."""
    edit = resources(cpu={"quota": 10000, "period": 100000})
    said = t.shell("""
        end=$(( $(cut -d. -f1 /proc/uptime 2>/dev/null || sed 's/\\..*//' /proc/uptime) + 2 ))
        i=0
        while [ "$(sed 's/\\..*//' /proc/uptime)" -lt $end ]; do i=$((i+1)); done
        cat /sys/fs/cgroup/cpu/cpu.stat""", edit)
    throttled = dict(line.split() for line in said.splitlines())
    true(int(throttled["nr_throttled"]) > 0, said)


@case("spec", layouts=V1, fields=["/linux/resources/cpu/{cpus,mems}"])
def resources_of_cpuset(t):
    with t.container(resources(cpu={"cpus": "0", "mems": "0"})) as c:
        c.up()
        equal((value(c.pid, "cpuset", "cpuset.cpus"), value(c.pid, "cpuset", "cpuset.mems")), ("0", "0"))
    equal(t.report("scheduling", edit=resources(cpu={"cpus": "0", "mems": "0"}))["scheduling"]["affinity"], [0])


@case("spec", layouts=V1)
def resources_of_cpuset_by_default(t):
    """A new v1 group has no processors until it is told: else nothing could be put there."""
    path = f"/{t.prefix}/inner"
    with t.container(at(path)) as c:
        c.up()
        true(value(c.pid, "cpuset", "cpuset.cpus"), "cpus")
        c.stop()
        c.delete()
        for folder in folders_named(t.prefix):
            os.rmdir(folder)


@case("spec", layouts=V1, fields=["/linux/resources/pids/limit"])
def resources_of_pids(t):
    with t.container(resources(pids={"limit": 5}), ["/probe", "spawn", "9"]) as c:
        c.up()
        said = c.wait_output("ready")
        equal(said, "4 EAGAIN\nready\n")
        equal(value(c.pid, "pids", "pids.max"), "5")


@cases("spec", [("zero", 0), ("unlimited", -1,
                              {"differs": {"runc": "1.1 writes it where there is no such controller"}})])
def resources_of_pids_without_a_limit(t, limit):
    """In every layout, also where there is no such controller."""
    with t.container(resources(pids={"limit": limit})) as c:
        c.up()
        if "pids" in hierarchies():
            equal(value(c.pid, "pids", "pids.max"), "max")


@case("spec", layouts=V1,
      fields=["/linux/resources/blockIO/throttle{ReadBps,WriteBps,ReadIOPS,WriteIOPS}Device/*/{major,minor,rate}"])
def resources_of_block_devices(t):
    block = next(entry for entry in sorted(os.listdir("/sys/block")))
    with open(f"/sys/block/{block}/dev", encoding="ascii") as file:
        major, minor = map(int, file.read().split(":"))
    entry = {"major": major, "minor": minor}
    with t.container(resources(blockIO={
            "throttleReadBpsDevice": [{**entry, "rate": 1 << 20}],
            "throttleWriteBpsDevice": [{**entry, "rate": 2 << 20}],
            "throttleReadIOPSDevice": [{**entry, "rate": 100}],
            "throttleWriteIOPSDevice": [{**entry, "rate": 200}]})) as c:
        c.up()
        for name, rate in (("read_bps", 1 << 20), ("write_bps", 2 << 20), ("read_iops", 100), ("write_iops", 200)):
            equal(value(c.pid, "blkio", f"blkio.throttle.{name}_device"), f"{major}:{minor} {rate}")


@case("spec", differs={"runc": "1.1 writes it to the first hierarchy that has the file"},
      fields=["/linux/resources/unified"])
def resources_unified(t):
    """Files of cgroup v2 by their names; without one that is shown, an error."""
    with t.container(resources(unified={"cgroup.max.descendants": "77"})) as c:
        created = c.create(out=None, err=None)
        if "" not in hierarchies():
            fails(created, "/linux/resources/unified")
            return
        succeeds(created)
        equal(value(c.pid, "", "cgroup.max.descendants"), "77")


@case("spec", raind_only="runc 1.1 takes any name")
def resources_unified_that_leave_the_group(t):
    for name in ("../cgroup.procs", "sub/cgroup.procs", "..", "", "cgroup.procs/x"):
        with t.container(resources(unified={name: "1"})) as c:
            fails(c.create(out=None, err=None), "/linux/resources/unified")


@case("spec", fields=["/linux/resources/hugepageLimits/*/{pageSize,limit}"])
def resources_of_huge_pages(t):
    sizes = [name for name in sorted(os.listdir("/sys/kernel/mm/hugepages"))] \
        if os.path.isdir("/sys/kernel/mm/hugepages") else []
    kilobytes = [int(name.split("-")[1].removesuffix("kB")) for name in sizes]
    true(kilobytes, "a size of huge pages")
    size = kilobytes[0]
    text = f"{size // 1024}MB" if size < 1 << 20 else f"{size >> 20}GB"
    with t.container(resources(hugepageLimits=[{"pageSize": text, "limit": size << 10}])) as c:
        created = c.create(out=None, err=None)
        if "hugetlb" not in hierarchies():
            # v1 alone is shown, and there is none.
            fails(created, "hugetlb" if t.runtime.is_raind else "")
            return
        if t.runtime.is_raind:
            succeeds(created)
            equal(value(c.pid, "hugetlb", f"hugetlb.{text}.max"), str(size << 10))


@contextlib.contextmanager
def lacking(t, *names):
    """A /sys/fs/cgroup of this process's own, the root of which is a group that these controllers aren't passed on to."""
    present = hierarchies()
    if not any(name in present for name in names):
        yield
        return
    outer = os.path.join(TOP, f"{t.prefix}-lacking")
    os.makedirs(outer)
    home = os.open(os.path.join(TOP, own_groups()[""].lstrip("/"), "cgroup.procs"), os.O_WRONLY | os.O_CLOEXEC)
    namespace = os.open("/proc/self/ns/cgroup", os.O_RDONLY | os.O_CLOEXEC)
    try:
        with open(f"{outer}/cgroup.subtree_control", "w", encoding="ascii") as file:
            file.write(" ".join(f"+{name}" for name in present if name and name not in names))
        os.mkdir(f"{outer}/root")
        with open(f"{outer}/root/cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")
        unshare(CLONE_NEWCGROUP)
        # The same file system doesn't go over itself.
        umount(TOP)
        mount("none", TOP, "cgroup2")
        yield
    finally:
        os.write(home, b"0")
        enter_namespace(namespace)
        umount(TOP)
        mount("none", TOP, "cgroup2")
        for descriptor in (home, namespace):
            os.close(descriptor)
        for folder in (f"{outer}/root", outer):
            t.until(lambda folder=folder: removed(folder), f"{folder} is removed")


def removed(folder):
    with contextlib.suppress(OSError):
        os.rmdir(folder)
    return not os.path.exists(folder)


MISSING = {
    "memory": {"memory": {"limit": 64 << 20}}, "cpu": {"cpu": {"shares": 512, "quota": 1000, "period": 10000}},
    "pids": {"pids": {"limit": 100}}, "cpuset": {"cpu": {"cpus": "0"}},
}


@cases("spec", [(name, name) for name in MISSING], layouts=ABSENT, raind_only="peers pass over it")
def resources_whose_controller_is_missing(t, name):
    """Asked for and not to be had: an error that lists the controllers there are, and nothing is left."""
    with lacking(t, *MISSING):
        true(name not in hierarchies(), f"{name} isn't there")
        with t.container(resources(**MISSING[name])) as c:
            result = fails(c.create(out=None, err=None), f"/linux/resources/{'cpu' if name == 'cpuset' else name}")
            contains(result.err, name)
            contains(result.err, "hugetlb", "the list")
            c.is_unknown()
            equal(folders_named(c.id), [])


@case("spec", raind_only="peers pass over it")
def resources_of_rdma_are_missing(t):
    """In every layout of a machine without that controller."""
    with lacking(t, "rdma"):
        true("rdma" not in hierarchies(), "no rdma controller")
        with t.container(resources(rdma={"mlx5_1": {"hcaHandles": 1}})) as c:
            result = fails(c.create(out=None, err=None), "/linux/resources/rdma")
            contains(result.err, "hugetlb" if "" in hierarchies() else "memory")


@case("spec")
def resources_that_engines_send(t):
    """docker's and podman's zeros, nulls and false: no limit at all, in every layout."""
    def edit(config):
        config["linux"]["resources"].update({
            "memory": {"limit": 0, "swap": 0, "reservation": 0, "kernel": 0, "kernelTCP": 0, "disableOOMKiller": False},
            "cpu": {"shares": 0, "quota": 0, "period": 0, "cpus": "", "mems": ""},
            "blockIO": {"weight": 0}, "pids": {"limit": 0}})
    succeeds(t.run(["/bin/true"], edit))


@cases("spec", [("memory", {"memory": {"limit": "64M"}}),
                ("pids", {"pids": {}}, {"differs": {"runc": "1.1 takes 0", "crun": "takes 0"}}),
                ("cpus", {"cpu": {"cpus": "abc"}}, {"layouts": V1}),
                ("cpus-missing", {"cpu": {"cpus": "0-4095"}}, {"layouts": V1}),
                ("quota", {"cpu": {"quota": 10, "period": 10}}, {"layouts": V1})])
def resources_that_are_wrong(t, members):
    with t.container(resources(**members), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/resources" if t.runtime.is_raind else "")
        c.is_unknown()
        equal(folders_named(c.id), [])


# Inside

@case("spec")
def cgroup_mount(t):
    """v1: a folder for each hierarchy, the container's own group as its root; v2: one mount. Read-only, as told."""
    report = t.report("mounts")
    if t.layout == "v2":
        mount = report.mount("/sys/fs/cgroup")
        equal(mount.kind, "cgroup2")
        contains(mount.options, "ro")
        return
    equal(report.mount("/sys/fs/cgroup").kind, "tmpfs")
    for controller, top in hierarchies().items():
        if not controller or top == hierarchies().get(""):
            # In a hybrid layout only v1 is shown.
            continue
        mount = report.mount("/sys/fs/cgroup/" + os.path.basename(top))
        contains(mount.options, "ro", controller)
        true({"nosuid", "noexec", "nodev"} <= set(mount.options), f"{mount}")


@case("spec")
def cgroup_mount_shows_the_own_group_alone(t):
    """Nothing of the other groups of the host is to be seen."""
    names = t.shell("cd /sys/fs/cgroup; if [ -e cgroup.procs ]; then ls -d */ 2>/dev/null; else ls -d pids/*/ 2>/dev/null; "
                    "fi || true",
                    lambda config: config["linux"]["namespaces"].append({"type": "cgroup"})).split()
    equal(names, [])


@case("spec", differs={"runc": "1.1 shows the whole hierarchy of v2 without a cgroup namespace"})
def cgroup_mount_shows_the_process(t):
    said = t.shell("cd /sys/fs/cgroup; if [ -e cgroup.procs ]; then cat cgroup.procs; else cat pids/cgroup.procs; fi")
    true("1" in said.split(), said)


@case("spec")
def cgroup_mount_writable(t):
    """Without ro a container may have groups of its own."""
    def edit(config):
        mount_at(config, "/sys/fs/cgroup")["options"] = ["nosuid", "noexec", "nodev", "relatime", "rw"]
        config["linux"]["namespaces"].append({"type": "cgroup"})
    said = t.shell("cd /sys/fs/cgroup; [ -e cgroup.procs ] || cd pids; mkdir inner; ls -d inner; rmdir inner", edit)
    equal(said, "inner\n")


@case("spec", differs={"runc": "1.1 shows the whole hierarchy of v2 without a cgroup namespace"})
def cgroups_left_inside_are_deleted(t):
    """Groups that the container made go with it."""
    def edit(config):
        mount_at(config, "/sys/fs/cgroup")["options"] = ["nosuid", "noexec", "nodev", "relatime", "rw"]
    with t.container(edit, ["/bin/sh", "-ec", "cd /sys/fs/cgroup; [ -e cgroup.procs ] || cd pids; "
                                              "mkdir -p inner/deep; echo done; exec sleep 1000"]) as c:
        c.up()
        c.wait_output("done")
        c.stop()
        succeeds(c.delete())
        equal(folders_named(c.id), [])


@case("spec")
def cgroup_namespace(t):
    """Its root is the container's group: paths inside begin there."""
    for line in t.report("cgroup", edit=lambda config: config["linux"]["namespaces"].append(
            {"type": "cgroup"}))["cgroup"].splitlines():
        controllers, path = line.split(":", 2)[1:]
        if controllers in hierarchies() or not controllers:
            # Where a hierarchy isn't shown to the runtime, the group is the caller's.
            if (controllers or "") in hierarchies():
                equal(path, "/", line)


@case("spec", layouts=V1)
def cgroup_namespace_without(t):
    """The host's paths are to be seen, and the mount still shows the own group."""
    with t.container(args=["/bin/sh", "-ec", "cat /proc/self/cgroup; cat /sys/fs/cgroup/pids/pids.max"],
                     edit=resources(pids={"limit": 77})) as c:
        lines = succeeds(c.run()).out.splitlines()
        contains(" ".join(lines), c.id)
        equal(lines[-1], "77")


# Groups that take no container

@cases("spec", [("itself", ""), ("above", "/inner")], raind_only="peers wait for ever, or have it thawed")
def cgroup_that_is_frozen(t, below):
    """What is put there stands still: the container would never be ready."""
    path = f"/{t.prefix}"
    frozen = hierarchies().get("freezer", hierarchies().get("")) + path
    os.mkdir(frozen)
    file = "freezer.state" if "freezer" in hierarchies() else "cgroup.freeze"
    try:
        with open(os.path.join(frozen, file), "w", encoding="ascii") as opened:
            opened.write("FROZEN" if file == "freezer.state" else "1")
        with t.container(at(path + below), ["/bin/true"]) as c:
            said = fails(c.create(out=None, err=None), "cgroup is frozen").err
            contains(said, "/linux/cgroupsPath")
            c.is_unknown()
    finally:
        for folder in folders_named(t.prefix):
            os.rmdir(folder)


@case("spec", layouts=("hybrid", "v2"), raind_only="peers tell of it by an errno alone")
def cgroup_below_one_that_is_threaded(t):
    """No process can be put there."""
    path = f"/{t.prefix}"
    threaded = hierarchies()[""] + path
    os.mkdir(threaded)
    try:
        with open(os.path.join(threaded, "cgroup.type"), "w", encoding="ascii") as opened:
            opened.write("threaded")
        with t.container(at(path + "/inner"), ["/bin/true"]) as c:
            said = fails(c.create(out=None, err=None), "enter domain invalid cgroup").err
            contains(said, "threaded")
            contains(said, "/linux/cgroupsPath")
            c.is_unknown()
    finally:
        for folder in folders_named(t.prefix):
            os.rmdir(folder)


@case("spec", layouts=("hybrid", "v2"), raind_only="peers tell of it by an errno alone")
def cgroup_that_passes_controllers_on(t):
    """Its controllers are for the groups below it, so it takes no process."""
    folder = hierarchies()[""] + f"/{t.prefix}"
    os.makedirs(folder + "/below")
    try:
        with open(os.path.join(hierarchies()[""], "cgroup.subtree_control"), "w", encoding="ascii") as opened:
            opened.write("+hugetlb")
        with open(os.path.join(folder, "cgroup.subtree_control"), "w", encoding="ascii") as opened:
            opened.write("+hugetlb")
        with t.container(at(f"/{t.prefix}"), ["/bin/true"]) as c:
            said = fails(c.create(out=None, err=None), "EBUSY").err
            contains(said, "passes controllers on")
            contains(said, "/linux/cgroupsPath")
            c.is_unknown()
    finally:
        for name in folders_named(t.prefix):
            for below, _, _ in os.walk(name, topdown=False):
                os.rmdir(below)


@case("spec", layouts=("hybrid", "v2"), differs={"runc": "1.1 has no way around a group that takes no process"})
def exec_where_the_container_passes_controllers_on(t):
    """The container has moved its process below: there exec's is put, and it has its limits and the host's number."""
    with t.container(at(f"/{t.prefix}")) as c:
        c.up()
        folder = hierarchies()[""] + f"/{t.prefix}"
        for path, text in ((hierarchies()[""] + "/cgroup.subtree_control", "+hugetlb"),
                           (folder + "/below/cgroup.procs", str(c.pid)), (folder + "/cgroup.subtree_control", "+hugetlb")):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as opened:
                opened.write(text)
        file = os.path.join(t.scratch, "pid")
        succeeds(c.exec("/bin/sleep", "1000", flags=["--detach", "--pid-file", file]))
        with open(file, encoding="ascii") as opened:
            pid = opened.read()
        with open(f"/proc/{pid}/cmdline", "rb") as opened:
            equal(opened.read(), b"/bin/sleep\0001000\0", "the process of that number")
        with open(f"/proc/{pid}/cgroup", encoding="ascii") as opened:
            contains(opened.read(), f"0::/{t.prefix}/below\n")
        with open(f"/proc/{pid}/limits", encoding="ascii") as opened:
            contains(opened.read(), "Max open files            1024 ")
        # Its parent is this process: until it is collected the pid namespace goes on, and so does delete.
        os.kill(int(pid), signal.SIGKILL)
        t.until(lambda: t.reap() or not os.path.exists(f"/proc/{pid}"), "the process of exec to end")


# To whom a group belongs

def delegated(config):
    with_user_namespace(config)
    config["linux"]["namespaces"].append({"type": "cgroup"})
    mount_at(config, "/sys/fs/cgroup")["options"] = ["nosuid", "noexec", "nodev", "relatime"]


def owners(folder):
    return {name: os.stat(os.path.join(folder, name)).st_uid
            for name in (".", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "cgroup.max.depth")}


@case("spec", layouts=ABSENT, fields=["/linux/namespaces/*/type", "/process/user/uid"])
def cgroup_is_delegated(t):
    """The user's, where the file system is writable and a namespace keeps what is above from view; limits are not."""
    with t.container(delegated) as c:
        c.up()
        equal(owners(folder_of(c.pid, "")), {
            ".": 100000, "cgroup.procs": 100000, "cgroup.subtree_control": 100000, "cgroup.threads": 100000,
            "cgroup.max.depth": 0})

    def other_user(config):
        delegated(config)
        config["process"]["user"] = {"uid": 5, "gid": 5}
    with t.container(other_user) as c:
        c.up()
        equal(owners(folder_of(c.pid, ""))["."], 100005)


@case("spec", layouts=ABSENT)
def cgroup_that_is_delegated_can_be_used(t):
    said = t.shell("cd /sys/fs/cgroup; mkdir inner; echo 0 > inner/cgroup.procs; cat /proc/self/cgroup; "
                   "echo 5 2>/dev/null > cgroup.max.depth || echo refused", delegated)
    contains(said, "0::/inner")
    contains(said, "refused")


def _read_only(config):
    mount_at(config, "/sys/fs/cgroup")["options"].append("ro")


def _without_namespace(config):
    without_namespace(config, "cgroup")


@cases("spec", [("read-only", _read_only), ("without-namespace", _without_namespace)], layouts=ABSENT)
def cgroup_that_is_not_delegated(t, change):
    def edit(config):
        delegated(config)
        change(config)
    with t.container(edit) as c:
        c.up()
        equal(set(owners(folder_of(c.pid, "")).values()), {0})


@case("spec", layouts=V1)
def cgroup_of_v1_is_not_delegated(t):
    """It isn't safe to."""
    with t.container(delegated) as c:
        c.up()
        for folder in folders_named(c.id):
            equal(os.stat(folder).st_uid, 0, folder)
