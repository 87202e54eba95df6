"""The values of /linux/resources on cgroup v2 with every controller: read back from the files, and set anew by update."""

import json
import os

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true

from cases_spec_cgroups import at, folder_of, resources

DISK = "/dev/vda"


def value(c, file):
    """What the container's group has."""
    with open(os.path.join(folder_of(c.pid, ""), file), encoding="ascii") as opened:
        return opened.read().strip()


def values(c, *files):
    return [value(c, file) for file in files]


def update(c, *flags, document=None):
    if document is not None:
        flags = ("--resources", c.test.file(json.dumps(document)))
    return c.call("update", *flags, c.id)


def number(device=DISK):
    """MAJOR:MINOR."""
    status = os.stat(device)
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


def named(device=DISK):
    status = os.stat(device)
    return {"major": os.major(status.st_rdev), "minor": os.minor(status.st_rdev)}


# Memory

MEMORY = ("memory.max", "memory.swap.max", "memory.low")
MIB = 1 << 20


@cases("vm", [
    ("all", {"limit": 64 * MIB, "swap": 96 * MIB, "reservation": 32 * MIB},
     [str(64 * MIB), str(32 * MIB), str(32 * MIB)]),
    # v1's number is of memory and swap together, v2's of swap alone.
    ("no-swap", {"limit": 64 * MIB, "swap": 64 * MIB}, [str(64 * MIB), "0", "0"]),
    ("swap-without-end", {"limit": 64 * MIB, "swap": -1}, [str(64 * MIB), "max", "0"]),
    ("limit-alone", {"limit": 64 * MIB}, [str(64 * MIB), "max", "0"]),
    ("without-end", {"limit": -1, "swap": -1, "reservation": -1}, ["max", "max", "max"]),
    ("limit-without-end", {"limit": -1}, ["max", "max", "0"]),
    ("largest", {"limit": (1 << 63) - 1, "swap": (1 << 63) - 1}, ["max", "0", "0"]),
    ("zeros", {"limit": 0, "swap": 0, "reservation": 0}, ["max", "max", "0"]),
], level="kernel", fields=["/linux/resources/memory/{limit,swap,reservation}"])
def resources_of_memory(t, members, expected):
    with t.container(resources(memory=members)) as c:
        c.up()
        equal(values(c, *MEMORY), expected)


@cases("vm", [
    ("alone", {"swap": 64 * MIB}, "/memory/swap"), ("less-than-memory", {"limit": 64 * MIB, "swap": 32 * MIB}, "/memory/swap"),
    ("swappiness", {"swappiness": 10}, "/memory/swappiness"),
    ("oom-killer", {"disableOOMKiller": True}, "/memory/disableOOMKiller"),
    ("negative", {"limit": -2}, "/memory/limit"),
], level="kernel", raind_only="the peers' words are their own, and some is passed over")
def resources_of_memory_that_v2_cannot_hold(t, members, pointer):
    with t.container(resources(memory=members)) as c:
        fails(c.create(out=None, err=None), "/linux/resources" + pointer)
        c.is_unknown()


@case("vm", level="kernel", raind_only="runc 1.1 knows no checkBeforeUpdate",
      fields=["/linux/resources/memory/checkBeforeUpdate"])
def memory_limit_below_what_is_in_use(t):
    """Refused where that is asked for; without the word the kernel makes room, by ending processes if it has to."""
    with t.container(resources(memory={"limit": 64 * MIB, "swap": 64 * MIB}),
                     ["/probe", "memory", str(32 * MIB), "hold"]) as c:
        c.up()
        c.wait_output("ok")
        result = fails(update(c, document={
            "memory": {"limit": 8 * MIB, "swap": 8 * MIB, "checkBeforeUpdate": True}, "pids": {"limit": 7}}))
        contains(result.err, "EBUSY")
        matches(result.err, r"compare with \d+ bytes in use \S+/memory.current")
        # All of it or nothing.
        equal(values(c, "memory.max", "memory.swap.max", "pids.max"), [str(64 * MIB), "0", "max"])
        equal(c.status, "running")
        succeeds(update(c, document={
            "memory": {"limit": 48 * MIB, "swap": 48 * MIB, "checkBeforeUpdate": True}}))
        equal(value(c, "memory.max"), str(48 * MIB))
        succeeds(update(c, document={"memory": {"limit": 8 * MIB, "swap": 8 * MIB}}))
        c.wait_status("stopped")
        equal(c.state()["oom"]["kills"], 1)


# Processors

@case("vm", level="kernel", fields=["/linux/resources/cpu/{shares,quota,period}"])
def resources_of_cpu(t):
    with t.container(resources(cpu={"shares": 1024, "quota": 20000, "period": 50000})) as c:
        c.up()
        equal(value(c, "cpu.max"), "20000 50000")
        # The default of v1 is the default of v2, by the newer of the two conversions that runtimes have agreed on.
        equal(value(c, "cpu.weight"), "100" if t.runtime.is_raind else "39")
        # A quota of its own keeps the period.
        succeeds(update(c, document={"cpu": {"quota": 10000}}))
        equal(value(c, "cpu.max"), "10000 50000")
    if not t.runtime.is_raind:
        return
    for shares, weight in ((2, "1"), (512, "59"), (262144, "10000")):
        with t.container(resources(cpu={"shares": shares, "period": 40000})) as c:
            c.up()
            equal(values(c, "cpu.weight", "cpu.max"), [weight, "max 40000"])
            succeeds(update(c, "--cpu-quota", "-1"))
            equal(value(c, "cpu.max"), "max 40000")


@case("vm", level="kernel", raind_only="runc 1.1 knows neither burst nor idle", fields=["/linux/resources/cpu/{burst,idle}"])
def resources_of_cpu_burst_and_idle(t):
    with t.container(resources(cpu={"quota": 20000, "period": 50000, "burst": 10000, "idle": 1, "shares": 512})) as c:
        c.up()
        # What is idle has no weight of its own.
        equal(values(c, "cpu.max.burst", "cpu.idle", "cpu.weight"), ["10000", "1", "0"])
        succeeds(update(c, document={"cpu": {"idle": 0, "shares": 1024, "burst": 5000, "quota": 6000}}))
        equal(values(c, "cpu.max.burst", "cpu.idle", "cpu.weight", "cpu.max"), ["5000", "0", "100", "6000 50000"])
        succeeds(update(c, "--cpu-idle", "1", "--cpu-burst", "1000"))
        equal(values(c, "cpu.max.burst", "cpu.idle"), ["1000", "1"])


@case("vm", level="kernel", fields=["/linux/resources/cpu/{quota,period}"])
def resources_of_cpu_hold(t):
    """A tenth of a processor: the group is made to wait."""
    with t.container(resources(cpu={"quota": 10000, "period": 100000}), ["/bin/sh", "-c", "while :; do :; done"]) as c:
        c.up()

        def throttled():
            return int(dict(line.split() for line in value(c, "cpu.stat").splitlines())["nr_throttled"])
        t.until(lambda: throttled() > 1, "throttled")
        c.stop()


@case("vm", level="kernel", fields=["/linux/resources/cpu/{cpus,mems}"])
def resources_of_cpuset(t):
    edit = resources(cpu={"cpus": "0", "mems": "0"})
    with t.container(edit) as c:
        c.up()
        equal(values(c, "cpuset.cpus", "cpuset.mems", "cpuset.cpus.effective"), ["0", "0", "0"])
        succeeds(update(c, "--cpuset-cpus", "0-1", "--cpuset-mems", "0"))
        equal(values(c, "cpuset.cpus", "cpuset.cpus.effective"), ["0-1", "0-1"])
    equal(t.report("scheduling", edit=edit)["scheduling"]["affinity"], [0])
    with t.container(resources(cpu={"cpus": "77"})) as c:
        said = fails(c.create(out=None, err=None)).err
        contains(said, "cpuset.cpus")
        if t.runtime.is_raind:
            contains(said, "/linux/resources/cpu/cpus")
            contains(said, "ERANGE; hint: ")
        c.is_unknown()


# Blocks

@case("vm", level="kernel",
      fields=["/linux/resources/blockIO/throttle{ReadBps,WriteBps,ReadIOPS,WriteIOPS}Device/*/{major,minor,rate}"])
def resources_of_block_devices(t):
    with t.container(resources(blockIO={
            "throttleReadBpsDevice": [{**named(), "rate": 1 << 20}],
            "throttleWriteBpsDevice": [{**named(), "rate": 2 << 20}],
            "throttleReadIOPSDevice": [{**named(), "rate": 100}],
            "throttleWriteIOPSDevice": [{**named(), "rate": 200}]})) as c:
        c.up()
        equal(value(c, "io.max"), f"{number()} rbps={1 << 20} wbps={2 << 20} riops=100 wiops=200")
    with t.container(resources(blockIO={"throttleReadBpsDevice": [{"major": 99, "minor": 9, "rate": 1 << 20}]})) as c:
        said = fails(c.create(out=None, err=None)).err
        contains(said, "io.max")
        if t.runtime.is_raind:
            contains(said, "/linux/resources/blockIO/throttleReadBpsDevice/0")
            contains(said, "ENODEV; hint: ")
        c.is_unknown()


@case("vm", level="kernel", raind_only="runc 1.1 takes no limits of devices afterwards")
def update_of_block_devices(t):
    """Each device's limits for itself. 0 was v1's word for none."""
    with t.container(resources(blockIO={"throttleReadBpsDevice": [{**named(), "rate": 1 << 20}]})) as c:
        c.up()
        succeeds(update(c, document={"blockIO": {"throttleWriteIOPSDevice": [{**named(), "rate": 70}]}}))
        equal(value(c, "io.max"), f"{number()} rbps={1 << 20} wbps=max riops=max wiops=70")
        succeeds(update(c, document={"blockIO": {"throttleReadBpsDevice": [{**named(), "rate": 0}]}}))
        equal(value(c, "io.max"), f"{number()} rbps=max wbps=max riops=max wiops=70")


@case("vm", level="kernel", raind_only="the peers' words are their own")
def resources_of_block_weights_of_a_device_without_them(t):
    with t.container(resources(blockIO={"weightDevice": [{**named("/dev/vdb"), "weight": 200}]})) as c:
        said = fails(c.create(out=None, err=None), "/linux/resources/blockIO/weightDevice/0/weight").err
        contains(said, "BFQ")
        c.is_unknown()


@case("vm", level="kernel", alone=True, fields=["/linux/resources/blockIO/weight",
                                                "/linux/resources/blockIO/weightDevice/*/{major,minor,weight}"])
def resources_of_block_weights(t):
    """By BFQ's file with v1's numbers, where the kernel has it; without it by the kernel's own, with numbers of v2."""
    scheduler = f"/sys/block/{os.path.basename(DISK)}/queue/scheduler"
    with open(scheduler, encoding="ascii") as file:
        before = file.read()
    contains(before, "bfq", "the module")
    with t.container(resources(blockIO={"weight": 300})) as c:
        c.up()
        contains(value(c, "io.bfq.weight").splitlines(), "default 300")
        succeeds(update(c, "--blkio-weight", "500"))
        contains(value(c, "io.bfq.weight").splitlines(), "default 500")
    with open(scheduler, "w", encoding="ascii") as file:
        file.write("bfq")
    try:
        with t.container(resources(blockIO={"weight": 300, "weightDevice": [{**named(), "weight": 200}]})) as c:
            c.up()
            equal(value(c, "io.bfq.weight").splitlines(), ["default 300", f"{number()} 200"])
    finally:
        with open(scheduler, "w", encoding="ascii") as file:
            file.write(before.partition("[")[2].partition("]")[0])


# The others

@case("vm", level="kernel", fields=["/linux/resources/pids/limit"])
def resources_of_pids(t):
    with t.container(resources(pids={"limit": 5}), ["/probe", "spawn", "9"]) as c:
        c.up()
        equal(c.wait_output("ready"), "4 EAGAIN\nready\n")
        equal(value(c, "pids.max"), "5")
        if t.runtime.is_raind:
            # One more is one too many, and the limit is named. runc 1.1's enters the group from outside.
            result = fails(c.exec("/bin/true"), "EAGAIN", status=255)
            contains(result.err, "pids limit")
        succeeds(update(c, "--pids-limit", "50"))
        equal(value(c, "pids.max"), "50")
        succeeds(c.exec("/bin/true"))
        succeeds(update(c, "--pids-limit", "-1"))
        equal(value(c, "pids.max"), "max")


@case("vm", level="kernel", fields=["/linux/resources/hugepageLimits/*/{pageSize,limit}"])
def resources_of_huge_pages(t):
    """What is reserved is counted like what is in use."""
    with t.container(resources(hugepageLimits=[{"pageSize": "2MB", "limit": 4 * MIB}])) as c:
        c.up()
        equal(value(c, "hugetlb.2MB.max"), str(4 * MIB))
        if t.runtime.is_raind:
            # runc 1.1 leaves it out.
            equal(value(c, "hugetlb.2MB.rsvd.max"), str(4 * MIB))
            succeeds(update(c, document={"hugepageLimits": [{"pageSize": "2MB", "limit": (1 << 64) - 1}]}))
            equal(value(c, "hugetlb.2MB.max"), "max")
    with t.container(resources(hugepageLimits=[{"pageSize": "3MB", "limit": 4 * MIB}])) as c:
        contains(fails(c.create(out=None, err=None)).err, "3MB")
        c.is_unknown()


@case("vm", level="kernel", raind_only="the peers' words are their own", fields=["/linux/resources/rdma/*/hcaHandles"])
def resources_of_rdma(t):
    """This kernel has the controller and no device for it."""
    with t.container(resources(rdma={"mlx5_1": {"hcaHandles": 2, "hcaObjects": 100}})) as c:
        said = fails(c.create(out=None, err=None), "/linux/resources/rdma/mlx5_1").err
        contains(said, "rdma.max=mlx5_1 hca_handle=2 hca_object=100")
        contains(said, "hint: ")
        c.is_unknown()


@case("vm", level="kernel", fields=["/linux/resources/unified"])
def resources_unified(t):
    wanted = {"memory.high": str(48 * MIB), "memory.oom.group": "1", "memory.min": str(MIB), "cpu.weight": "321",
              "cgroup.max.descendants": "77", "pids.max": "33"}
    # What is asked for in the kernel's own words wins.
    with t.container(resources(unified=wanted, pids={"limit": 5}, memory={"limit": 64 * MIB})) as c:
        c.up()
        equal(dict(zip(wanted, values(c, *wanted))), wanted)
        if t.runtime.is_raind:
            succeeds(update(c, document={"unified": {"memory.max": str(1 << 63), "memory.high": "max"}}))
            equal(values(c, "memory.max", "memory.high"), ["max", "max"])


@case("vm", level="kernel", raind_only="runc 1.1 writes the value as it is, and the kernel takes the first line alone",
      fields=["/linux/resources/unified"])
def resources_unified_of_several_devices(t):
    lines = sorted(f"{number(f'/dev/{name}')} rbps={1000000 + place} wbps=max riops=max wiops=max"
                   for place, name in enumerate(("vda", "vdb")))
    with t.container(resources(unified={"io.max": "\n".join(lines)})) as c:
        c.up()
        equal(sorted(value(c, "io.max").splitlines()), lines)


@cases("vm", [("file", {"memory.nosuch": "1"}, "memory.nosuch"), ("controller", {"nosuch.max": "1"}, "nosuch"),
              ("value", {"memory.max": "many"}, "memory.max"), ("read-only", {"memory.current": "1"}, "memory.current")],
       level="kernel")
def resources_unified_that_are_wrong(t, members, named_one):
    with t.container(resources(unified=members)) as c:
        said = fails(c.create(out=None, err=None)).err
        contains(said, named_one)
        if t.runtime.is_raind:
            contains(said, "/linux/resources/unified")
            excludes(said, "ermission denied")
        c.is_unknown()


@case("vm", level="kernel", alone=True, raind_only="peers don't look whether it holds",
      fields=["/linux/resources/unified"])
def resources_unified_of_a_partition(t):
    """Processors of its own, which the others lose; what the kernel can't give is an error, though the write is none."""
    def edit(cpus):
        return at(f"/{t.prefix}", resources(unified={"cpuset.cpus": cpus, "cpuset.cpus.partition": "root"}))
    with t.container(edit("1")) as c:
        c.up()
        equal(values(c, "cpuset.cpus.partition", "cpuset.cpus.effective"), ["root", "1"])
        with open("/sys/fs/cgroup/cpuset.cpus.effective", encoding="ascii") as file:
            equal(file.read(), "0\n")
        c.stop()
        succeeds(c.delete())
    with open("/sys/fs/cgroup/cpuset.cpus.effective", encoding="ascii") as file:
        equal(file.read(), "0-1\n")
    with t.container(edit("0-1")) as c:
        said = fails(c.create(out=None, err=None), "/linux/resources/unified/cpuset.cpus.partition").err
        contains(said, "root invalid (")
        contains(said, "hint: ")
        c.is_unknown()
    # Whichever stands first.
    with t.container(at(f"/{t.prefix}", resources(unified={"cpuset.cpus.partition": "root", "cpuset.cpus": "1"}))) as c:
        succeeds(c.create())
        equal(value(c, "cpuset.cpus.partition"), "root")


# Update

FLAGS = (
    ("--memory", "64M", "memory.max", str(64 * MIB)), ("--memory-reservation", "16M", "memory.low", str(16 * MIB)),
    ("--cpu-quota", "30000", "cpu.max", "30000 100000"), ("--cpuset-cpus", "1", "cpuset.cpus", "1"),
    ("--cpuset-mems", "0", "cpuset.mems", "0"), ("--pids-limit", "44", "pids.max", "44"),
    ("--cpu-share", "2048", "cpu.weight", None))


@case("vm", level="kernel")
def update_by_flags(t):
    with t.container() as c:
        c.up()
        for flag, text, file, expected in FLAGS:
            succeeds(update(c, flag, text))
            if expected:
                equal(value(c, file), expected, flag)
        true(value(c, "cpu.weight") != "100", "another weight")
        succeeds(update(c, "--memory", "32M", "--memory-swap", "48M"))
        equal(values(c, "memory.max", "memory.swap.max"), [str(32 * MIB), str(16 * MIB)])
        succeeds(update(c, "--memory", "-1", "--memory-swap", "-1"))
        equal(values(c, "memory.max", "memory.swap.max"), ["max", "max"])
        succeeds(update(c, "--cpu-quota", "50000", "--cpu-period", "200000"))
        equal(value(c, "cpu.max"), "50000 200000")


@case("vm", level="kernel", differs={"runc": "1.1 takes no limits of devices and huge pages afterwards"})
def update_by_a_document(t):
    with t.container() as c:
        c.up()
        succeeds(update(c, document={
            "memory": {"limit": 64 * MIB, "swap": 80 * MIB, "reservation": 8 * MIB}, "pids": {"limit": 99},
            "cpu": {"quota": 70000, "period": 100000, "cpus": "0", "mems": "0"},
            "hugepageLimits": [{"pageSize": "2MB", "limit": 2 * MIB}], "unified": {"memory.high": str(60 * MIB)},
            "blockIO": {"throttleReadIOPSDevice": [{**named(), "rate": 500}]}}))
        equal(values(c, *MEMORY, "memory.high", "pids.max", "cpu.max", "cpuset.cpus", "cpuset.mems", "hugetlb.2MB.max",
                     "io.max"),
              [str(64 * MIB), str(16 * MIB), str(8 * MIB), str(60 * MIB), "99", "70000 100000", "0", "0", str(2 * MIB),
               f"{number()} rbps=max wbps=max riops=500 wiops=max"])


@case("vm", level="kernel", raind_only="the peers leave what came before a refused value")
def update_of_all_or_nothing(t):
    files = (*MEMORY, "pids.max", "cpu.max", "io.max")
    with t.container(resources(memory={"limit": 64 * MIB}, pids={"limit": 30})) as c:
        c.up()
        before = values(c, *files)
        fails(update(c, document={
            "memory": {"limit": 32 * MIB, "swap": 32 * MIB}, "pids": {"limit": 20}, "cpu": {"quota": 5000},
            "unified": {"cpu.weight": "0"}}), "cpu.weight=0")
        equal(values(c, *files), before)
