"""pause and resume, ps, update."""

import json
import os
import time

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.layout import hierarchies

OTHER_TEXTS = {"crun": "has texts of its own, or says nothing"}


def pause(c):
    return c.call("pause", c.id)


def resume(c):
    return c.call("resume", c.id)


def update(c, *flags, **options):
    return c.call("update", *flags, c.id, **options)


def folder_of(c, controller):
    """The folder of the container's group in the hierarchy of a controller."""
    mounted = hierarchies()
    with open(f"/proc/{c.pid}/cgroup", encoding="ascii") as file:
        for line in file:
            _, names, path = line.rstrip("\n").split(":", 2)
            if controller in names.split(",") or (names == "" and mounted.get(controller) == mounted.get("")):
                return mounted[controller] + path
    raise AssertionError(f"no group of {controller}")


def value_of(c, controller, name):
    with open(os.path.join(folder_of(c, controller), name), encoding="ascii") as file:
        return file.read().strip()


# pause and resume

COUNTING = ["/bin/sh", "-c", "while :; do echo x; sleep 0.01; done"]


@case("lifecycle")
def pause_and_resume(t):
    """Every process stands still, the first and those that have joined, until it is told to go on."""
    with t.container(args=COUNTING) as c:
        c.up()
        c.wait_output("x\n")
        joined_path = os.path.join(t.scratch, "joined.out")
        with open(joined_path, "wb") as file:
            joined = c.spawn("exec", c.id, *COUNTING, stdout=file)
        t.until(lambda: os.path.getsize(joined_path) > 0, "the joined process")
        succeeds(pause(c))
        equal(c.status, "paused")
        said = len(c.output()), os.path.getsize(joined_path)
        time.sleep(0.2)
        equal((len(c.output()), os.path.getsize(joined_path)), said, "nothing is written by a paused container")
        succeeds(resume(c))
        equal(c.status, "running")
        t.until(lambda: len(c.output()) > said[0] and os.path.getsize(joined_path) > said[1], "both go on")
        c.stop()
        true(joined.wait(10) > 128, "the joined process ends with the container")


@case("lifecycle")
def pause_of_a_created_container(t):
    with t.container(args=["/bin/true"]) as c:
        succeeds(c.create())
        succeeds(pause(c))
        equal(c.status, "paused")
        if t.runtime.name != "crun":
            fails(c.start(), "cannot start a container in the paused state")
        succeeds(resume(c))
        succeeds(c.start())
        c.wait_status("stopped")


@case("lifecycle", differs=OTHER_TEXTS)
def pause_where_there_is_nothing_to_pause(t):
    fails(t.call("pause", t.name()), "container does not exist")
    fails(t.call("resume", t.name()), "container does not exist")
    with t.container() as c:
        c.up()
        fails(resume(c), "not paused")
        succeeds(pause(c))
        fails(pause(c), "container not running")
        succeeds(resume(c))
        c.stop()
        fails(pause(c), "container not running")


@case("lifecycle", differs=OTHER_TEXTS)
def exec_in_a_paused_container(t):
    with t.container() as c:
        c.up()
        succeeds(pause(c))
        fails(c.exec("/bin/true"), "cannot exec in a paused container (use --ignore-paused to override)", status=255)
        succeeds(resume(c))
        succeeds(c.exec("/bin/true"))


@case("lifecycle", differs={"crun": "has no --ignore-paused", "runc": "1.1 waits for ever where the process is frozen early"})
def exec_that_waits_for_resume(t):
    with t.container() as c:
        c.up()
        succeeds(pause(c))
        joining = c.spawn("exec", "--ignore-paused", c.id, "/bin/sh", "-c", "exit 5")
        time.sleep(0.2)
        equal(joining.poll(), None, "it waits")
        succeeds(resume(c))
        equal(joining.wait(10), 5)


@cases("lifecycle", [("kill", False), ("delete", True)])
def end_of_a_paused_container(t, deletes):
    with t.container() as c:
        c.up()
        succeeds(pause(c))
        if deletes:
            fails(c.delete(), "" if t.runtime.name == "crun" else "is not stopped: paused")
            succeeds(c.delete("--force"))
            c.is_unknown()
        else:
            succeeds(c.kill("KILL"))
            c.wait_status("stopped")


@case("lifecycle", raind_only="the peers make a group in any case")
def pause_without_control_groups(t):
    with t.container() as c:
        succeeds(c.create(glob=["--cgroup-manager", "disabled"]))
        fails(pause(c), "no control group with a freezer")


# ps

@case("lifecycle")
def ps_as_json(t):
    with t.container(args=["/bin/sh", "-c", "sleep 100 & sleep 100; true"]) as c:
        c.up()
        t.until(lambda: len(json.loads(c.call("ps", "--format", "json", c.id).out)) == 3, "three processes")
        pids = json.loads(succeeds(c.call("ps", "-f", "json", c.id)).out)
        true(c.pid in pids, f"{c.pid} in {pids}")
        for pid in pids:
            equal(os.readlink(f"/proc/{pid}/ns/pid"), os.readlink(f"/proc/{c.pid}/ns/pid"))


@case("lifecycle", differs={"crun": "shows ids alone"})
def ps_as_a_table(t):
    with t.container(args=["/bin/sh", "-c", "sleep 4711"]) as c:
        c.up()
        t.until(lambda: "sleep 4711" in c.call("ps", c.id).out, "the program in the table")
        table = succeeds(c.call("ps", c.id)).out.splitlines()
        contains(table[0], "PID")
        for line in table[1:]:
            excludes(line, "scripts/test")
        only = succeeds(c.call("ps", c.id, "-o", "pid,comm")).out.splitlines()
        equal(only[0].split(), ["PID", "COMMAND"])
        equal(len(only), len(table))


@case("lifecycle", raind_only="the peers' texts are their own")
def ps_that_cannot_be(t):
    fails(t.call("ps", t.name()), "container does not exist")
    with t.container() as c:
        c.up()
        fails(c.call("ps", c.id, "-o", "comm"), "no column PID")
        fails(c.call("ps", "--format", "xml", c.id), "table or json")
        fails(c.call("ps", c.id, env={"PATH": "/nosuch"}), "no program ps")
        c.stop()
        equal(json.loads(succeeds(c.call("ps", "-f", "json", c.id)).out), [])


# update

@case("lifecycle", layouts=("hybrid", "v1"))
def update_by_options(t):
    with t.container() as c:
        c.up()
        succeeds(update(c, "--memory", "64M", "--memory-reservation", "33554432", "--pids-limit", "33", "--cpu-share", "512",
                        "--cpu-quota", "50000", "--cpu-period", "100000"))
        equal(value_of(c, "memory", "memory.limit_in_bytes"), str(64 << 20))
        equal(value_of(c, "memory", "memory.soft_limit_in_bytes"), str(32 << 20))
        equal(value_of(c, "pids", "pids.max"), "33")
        equal(value_of(c, "cpu", "cpu.shares"), "512")
        equal(value_of(c, "cpu", "cpu.cfs_quota_us"), "50000")
        succeeds(update(c, "--memory", "-1"))
        true(int(value_of(c, "memory", "memory.limit_in_bytes")) > 1 << 60, "no limit")
        equal(value_of(c, "pids", "pids.max"), "33", "what isn't named stays")


@cases("lifecycle", [
    ("cpuset-mems", ["--cpuset-mems", "0"], "cpuset", "cpuset.mems", "0"),
    ("cpuset-cpus", ["--cpuset-cpus", "0"], "cpuset", "cpuset.cpus", "0"),
    ("cpu-idle", ["--cpu-idle", "1"], "cpu", "cpu.idle", "1"),
    ("cpu-burst", ["--cpu-quota", "50000", "--cpu-burst", "1000"], "cpu", "cpu.cfs_burst_us", "1000"),
    ("blkio-weight", ["--blkio-weight", "300"], "blkio", "blkio.bfq.weight", "300"),
    ("memory-swap", ["--memory", "64M", "--memory-swap", "128M"], "memory", "memory.memsw.limit_in_bytes", str(128 << 20)),
    ("kernel-memory", ["--kernel-memory", "64M", "--pids-limit", "9"], "pids", "pids.max", "9"),
], raind_only="the peers know fewer options", layouts=("hybrid", "v1"))
def update_option(t, flags, controller, name, expected):
    with t.container() as c:
        c.up()
        succeeds(update(c, *flags))
        equal(value_of(c, controller, name), expected)


@cases("lifecycle", [("l3-cache", "--l3-cache-schema", "L3:0=1"), ("memory-bandwidth", "--mem-bw-schema", "MB:0=20")],
       raind_only="runc has other words")
def update_without_a_class_of_service(t, flag, text):
    """Nothing is changed where a part can't be."""
    with t.container() as c:
        c.up()
        before = value_of(c, "pids", "pids.max") if t.layout != "v2" else None
        fails(update(c, flag, text, *(["--pids-limit", "7"] if before else [])), "the container has no class of service")
        if before:
            equal(value_of(c, "pids", "pids.max"), before)
        fails(update(c, flag, "X:0=1"), "expected ")


@case("lifecycle", layouts=("hybrid", "v1"))
def update_by_standard_input(t):
    """As containerd sends it: `update --resources=- ID`."""
    with t.container() as c:
        c.up()
        for flag, document in [("--resources=-", {"memory": {"limit": 50 << 20}, "cpu": {"cpus": "0"}}),
                               ("-r", {"memory": {"limit": 40 << 20}})]:
            file = t.file(json.dumps(document))
            with open(file, "rb") as stdin:
                words = [flag] if flag.endswith("-") else [flag, file]
                succeeds(c.call("update", *words, c.id, stdin=stdin))
            equal(value_of(c, "memory", "memory.limit_in_bytes"), str(document["memory"]["limit"]))
        equal(value_of(c, "cpuset", "cpuset.cpus"), "0")


@case("lifecycle", layouts=("hybrid", "v1"))
def update_of_two_limits(t):
    """Memory may not be above memory and swap: raised or lowered, both go in the order that the kernel takes."""
    def edit(config):
        config["linux"]["resources"]["memory"] = {"limit": 32 << 20, "swap": 32 << 20}
    with t.container(edit) as c:
        c.up()
        if not os.path.exists(os.path.join(folder_of(c, "memory"), "memory.memsw.limit_in_bytes")):
            return
        for megabytes in (64, 16, 128):
            succeeds(update(c, "--memory", f"{megabytes}M", "--memory-swap", f"{megabytes}M"))
            equal(value_of(c, "memory", "memory.memsw.limit_in_bytes"), str(megabytes << 20))


@case("lifecycle", layouts=("v2",), differs={"runc": "1.1 takes no limit of huge pages afterwards"})
def update_on_cgroup2(t):
    with t.container() as c:
        c.up()
        file = t.file(json.dumps({"hugepageLimits": [{"pageSize": "2MB", "limit": 4 << 20}]}))
        succeeds(update(c, "-r", file))
        equal(value_of(c, "hugetlb", "hugetlb.2MB.max"), str(4 << 20))
        if "memory" in hierarchies():
            succeeds(update(c, "--memory", "64M"))
            equal(value_of(c, "memory", "memory.max"), str(64 << 20))
        elif t.runtime.is_raind:
            fails(update(c, "--memory", "64M"), "the memory controller is missing")


@case("lifecycle", raind_only="the peers leave what came before a refused value", layouts=("hybrid", "v1"))
def update_of_all_or_nothing(t):
    with t.container() as c:
        c.up()
        before = value_of(c, "memory", "memory.limit_in_bytes")
        fails(update(c, "--memory", "64M", "--cpuset-cpus", "4000"), "cpuset.cpus=4000")
        equal(value_of(c, "memory", "memory.limit_in_bytes"), before)


@case("lifecycle", raind_only="the peers' texts are their own")
def update_that_is_wrong(t):
    fails(t.call("update", "--pids-limit", "3", t.name()), "container does not exist")
    with t.container() as c:
        c.up()
        fails(update(c, "--memory", "abc"), "invalid value for memory")
        fails(update(c, "--cpu-share", "many"), "invalid value for cpu-share")
        result = fails(update(c, "-r", t.file('{"memory": {"limit": "x"}, "pids": {}}')), "/memory/limit")
        contains(result.err, "/pids/limit")
        fails(update(c, "-r", t.file("[")), ":1:2")
        fails(update(c, "-r", os.path.join(t.scratch, "nosuch")), "is missing")
        c.stop()
        fails(update(c, "--pids-limit", "3"), "container not running")


@case("lifecycle", layouts=("hybrid", "v1"))
def update_is_enforced(t):
    """The kernel goes by the new limit at once."""
    with t.container() as c:
        c.up()
        succeeds(c.exec("/bin/sh", "-c", "sleep 0 & sleep 0 & sleep 0 & wait"))
        succeeds(update(c, "--pids-limit", "3"))
        result = c.exec("/bin/sh", "-c", "sleep 0 & sleep 0 & sleep 0 & wait")
        true(result.status != 0, "more processes than the limit lets be")
        contains(result.err, "fork")
