"""What cgroup v2 with every controller tells of a container, and how it ends, freezes and thaws one."""

import json
import os
import re

from harness import case, cases, contains, equal, fails, less, matches, succeeds, true
from harness.bundle import mount_at, without_namespace
from harness.events import tells_of_memory
from harness.layout import folders_named

from cases_spec_cgroups import folder_of, resources
from cases_vm_cgroups import MIB, named, number, value

OURS = "an additional member of state, and texts of our own"
SAID = r"its control group has run out of memory \(limit {} bytes, peak \d+ bytes, \d+ killed\); " \
    r"hint: raise /linux/resources/memory/limit"


def fields(c, file):
    """The numbers of a file of lines NAME NUMBER."""
    return {name: int(text) for name, text in (line.split() for line in value(c, file).splitlines())}


def limited(limit, **others):
    return resources(memory={"limit": limit, "swap": limit}, **others)


# events

BUSY = f"""
i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done
dd if=/dev/disk of=/dev/null bs=64k count=64 skip=1024 2>/dev/null
sleep 1000 & echo done; exec /probe memory {8 * MIB} hold"""


def with_disk(config):
    device = {**named("/dev/vda"), "type": "b"}
    config["linux"]["devices"] = [{"path": "/dev/disk", "fileMode": 0o666, "uid": 0, "gid": 0, **device}]
    config["linux"]["resources"].update(
        memory={"limit": 64 * MIB, "swap": 80 * MIB}, pids={"limit": 50}, cpu={"cpus": "0", "quota": 90000, "period": 100000},
        hugepageLimits=[{"pageSize": "2MB", "limit": 4 * MIB}])
    config["linux"]["resources"]["devices"].append({"allow": True, "access": "r", **device})


@case("vm", level="kernel", differs={"crun": "has no events"})
def events_stats(t):
    """The numbers of the files, of every controller, in the form that runc's callers know."""
    with t.container(with_disk, ["/bin/sh", "-c", BUSY]) as c:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            # What is in memory isn't read from the disk.
            file.write("1")
        c.up()
        c.wait_output("ok")
        data = json.loads(succeeds(c.call("events", "--stats", c.id)).out)["data"]
        # The container stands still in all that is compared by now.
        memory, usage = fields(c, "memory.stat"), data["memory"]["usage"]
        equal(usage["limit"], 64 * MIB)
        true(8 * MIB < usage["usage"] < 64 * MIB, usage)
        less(abs(usage["usage"] - int(value(c, "memory.current"))), MIB)
        less(abs(data["memory"]["raw"]["anon"] - memory["anon"]), MIB)
        equal(set(data["memory"]["raw"]), set(memory))
        less(abs(data["memory"]["cache"] - memory["file"]), MIB)
        equal(data["memory"]["swap"]["limit"], 80 * MIB)
        less(usage["usage"] - 1, data["memory"]["swap"]["usage"])
        equal((data["pids"]["current"], data["pids"]["limit"]), (int(value(c, "pids.current")), 50))
        total, stat = data["cpu"]["usage"], fields(c, "cpu.stat")
        true(1000000 < total["total"] <= stat["usage_usec"] * 1000, f"{total} of {stat}")
        less(abs(total["total"] - total["kernel"] - total["user"]), 2000)
        true(0 < data["cpu"]["throttling"]["periods"] <= stat["nr_periods"], data["cpu"]["throttling"])
        read = {line.split()[0]: dict(word.split("=") for word in line.split()[1:])
                for line in value(c, "io.stat").splitlines()}[number("/dev/vda")]
        # At least what dd was after: the kernel reads ahead.
        less(64 * 65536 - 1, int(read["rbytes"]))
        for member, key in (("ioServiceBytesRecursive", "rbytes"), ("ioServicedRecursive", "rios")):
            # runc leaves a 0 out.
            contains([{"minor": 0, **entry} for entry in data["blkio"][member]],
                     {**named("/dev/vda"), "op": "Read", "value": int(read[key])})
        equal(data["hugetlb"]["2MB"].get("usage", 0), 0)
        if t.runtime.is_raind:
            # runc 1.1 has neither.
            equal(data["cpuset"]["cpus"], [0])
            equal(usage["max"], int(value(c, "memory.peak")))


@case("vm", level="kernel", differs={"crun": "has no events"})
def events_tell_of_memory_that_ran_out(t):
    with t.container(limited(16 * MIB)) as c:
        c.up()
        path = os.path.join(t.scratch, "events")
        with open(path, "wb") as file:
            c.spawn("events", "--interval", "1h", c.id, stdout=file)
        t.until(lambda: watched(os.path.join(folder_of(c.pid, ""), "memory.events")), "the alarm is set")
        equal(c.exec("/probe", "memory", str(64 * MIB)).status, 137)
        tells_of_memory(c, path)
        equal(c.status, "running", "its first process lives on")
        equal(fields(c, "memory.events")["oom_kill"], 1)


def watched(path):
    """Whether somebody has the file open, or an inotify watch."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for name in os.listdir(f"/proc/{pid}/fd"):
                link = os.readlink(f"/proc/{pid}/fd/{name}")
                if link == path or link == "anon_inode:inotify" and pid != str(os.getpid()):
                    return True
        except OSError:
            continue
    return False


# Want of memory

@case("vm", level="kernel", raind_only=OURS)
def memory_that_ran_out_is_told(t):
    """state tells it while the container runs, and when it has stopped."""
    limit = 16 * MIB
    with t.container(limited(limit)) as c:
        c.up()
        true("oom" not in c.state(), "nothing has happened yet")
        equal(c.exec("/probe", "memory", str(64 * MIB)).status, 137)
        oom = c.state()["oom"]
        equal(oom, {"limitBytes": limit, "peakBytes": int(value(c, "memory.peak")),
                    "kills": fields(c, "memory.events")["oom_kill"]})
        equal(oom["kills"], 1)
        c.stop()
        equal(c.state()["oom"], oom)
    result = t.run(["/probe", "memory", str(64 * MIB)], limited(limit))
    equal(result.status, 137)
    matches(result.err, r"raind-oci: warning: run \S+: " + SAID.format(limit))


@case("vm", level="kernel")
def memory_that_ran_out_ends_the_container(t):
    """As podman finds it: the process's end by SIGKILL, and oom_kill in the group that is still there."""
    with t.container(limited(16 * MIB), ["/probe", "memory", str(64 * MIB)]) as c:
        succeeds(c.create())
        folder = folder_of(c.pid, "")
        succeeds(c.start())
        c.wait_status("stopped")
        with open(os.path.join(folder, "memory.events"), encoding="ascii") as file:
            contains(file.read(), "oom_kill 1\n")
        if t.runtime.is_raind:
            equal(c.state()["oom"]["kills"], 1)
        succeeds(c.delete())
        true(not os.path.exists(folder), "the group is gone")


@cases("vm", [("page", 4096), ("pages", 16384)], level="kernel", raind_only=OURS)
def memory_that_runs_out_in_create(t, limit):
    """Too little for the process that sets the container up."""
    with t.container(limited(limit)) as c:
        matches(fails(c.create(out=None, err=None)).err, SAID.format(limit))
        c.is_unknown()
    equal(folders_named(t.prefix), [])


@case("vm", level="kernel", raind_only=OURS)
def memory_that_runs_out_in_exec(t):
    """No room is left for the process that is to join: all that the container may have is in use."""
    def edit(config):
        limited(32 * MIB)(config)
        # Copied just before the program is executed.
        config["process"]["env"] += [f"LARGE{place}=" + "x" * 100000 for place in range(12)]
    with t.container(edit) as c:
        c.up()
        with open(os.path.join(folder_of(c.pid, ""), "memory.max"), "w", encoding="ascii") as file:
            file.write(str(int(value(c, "memory.current")) + 16384))
        result = fails(c.exec("/bin/true"), "its control group has run out of memory (limit ", status=255)
        contains(result.err, "raise /linux/resources/memory/limit")


@case("vm", level="kernel", fields=["/linux/resources/unified"])
def memory_that_ran_out_ends_the_whole_group(t):
    """With memory.oom.group nobody of the container is left half alive."""
    def edit(config):
        limited(16 * MIB, unified={"memory.oom.group": "1"})(config)
    with t.container(edit, ["/probe", "spawn", "3"]) as c:
        c.up()
        c.wait_output("ready")
        c.exec("/probe", "memory", str(64 * MIB))
        c.wait_status("stopped")


# Standing still

TICKING = ["/bin/sh", "-c", "while :; do echo tick; done >/dev/null"]


@case("vm", level="kernel")
def pause_and_resume(t):
    with t.container(args=TICKING) as c:
        c.up()
        succeeds(c.call("pause", c.id))
        equal(fields(c, "cgroup.events"), {"populated": 1, "frozen": 1})
        equal(value(c, "cgroup.freeze"), "1")
        equal(c.status, "paused")
        used = fields(c, "cpu.stat")["usage_usec"]
        fails(c.call("pause", c.id), "") if t.runtime.is_raind else None
        t.until(lambda: fields(c, "cpu.stat")["usage_usec"] == used, "no time is used")
        fails(c.exec("/bin/true"), "cannot exec in a paused container", status=255)
        succeeds(c.call("resume", c.id))
        equal(fields(c, "cgroup.events"), {"populated": 1, "frozen": 0})
        equal(c.status, "running")
        t.until(lambda: fields(c, "cpu.stat")["usage_usec"] > used, "it goes on")


@case("vm", level="kernel")
def paused_containers_end(t):
    """Killed where it stands, and deleted by force."""
    with t.container(args=TICKING) as c:
        c.up()
        succeeds(c.call("pause", c.id))
        succeeds(c.kill("KILL"))
        c.wait_status("stopped")
        succeeds(c.delete())
    with t.container(args=TICKING) as c:
        c.up()
        succeeds(c.call("pause", c.id))
        succeeds(c.delete("--force"))
        c.is_unknown()
    equal(folders_named(t.prefix), [])


@case("vm", level="kernel", raind_only="runc 1.1 knows no --ignore-paused that starts nothing")
def exec_in_what_is_paused_waits(t):
    """What joins stands still with the rest, until the container goes on."""
    with t.container() as c:
        c.up()
        succeeds(c.call("pause", c.id))
        path = os.path.join(t.scratch, "said")
        with open(path, "wb") as file:
            joining = c.spawn("exec", "--ignore-paused", c.id, "/bin/echo", "late", stdout=file)
        t.until(lambda: len(value(c, "cgroup.procs").split()) == 2, "it is in the group")
        equal(os.path.getsize(path), 0)
        succeeds(c.call("resume", c.id))
        equal(joining.wait(20), 0)
        with open(path, encoding="ascii") as file:
            equal(file.read(), "late\n")


# The end

BOMB = "bomb() { bomb & bomb; }; echo begun; bomb 2>/dev/null"


@cases("vm", [("pid-namespace", False), ("no-pid-namespace", True)], level="kernel")
def kill_all_of_what_multiplies(t, shared):
    """A fork bomb dies whole, by cgroup.kill: one process after the other would never be done."""
    def edit(config):
        resources(pids={"limit": 150}, memory={"limit": 200 * MIB})(config)
        if shared:
            without_namespace(config, "pid")
    with t.container(edit, ["/bin/sh", "-c", BOMB]) as c:
        c.up()
        folder = folder_of(c.pid, "")

        def processes():
            with open(os.path.join(folder, "cgroup.procs"), encoding="ascii") as file:
                return len(file.read().split())
        t.until(lambda: processes() > 100, "many processes", 25)
        succeeds(c.kill("--all", "KILL"))
        t.until(lambda: processes() == 0, "none is left")
        c.wait_status("stopped")
        succeeds(c.delete())
        true(not os.path.exists(folder), "the group is gone")


def with_groups(config):
    """May make groups of its own, and sees the host's processes."""
    without_namespace(config, "pid")
    config["linux"]["namespaces"].append({"type": "cgroup"})
    mount_at(config, "/sys/fs/cgroup")["options"] = ["nosuid", "noexec", "nodev"]


DEEP = """cd /sys/fs/cgroup; mkdir -p one/two three
(echo 0 > one/two/cgroup.procs; exec sleep 1000) &
(echo 0 > three/cgroup.procs; exec sleep 1000) &
while [ -z "$(cat one/two/cgroup.procs)" ] || [ -z "$(cat three/cgroup.procs)" ]; do :; done
echo ready"""


@case("vm", level="kernel", differs={"runc": "1.1.5 now and then leaves the group"})
def delete_with_processes_in_groups_below(t):
    """Those that the first process has left behind end with the container, wherever they have gone."""
    with t.container(with_groups, ["/bin/sh", "-c", DEEP]) as c:
        succeeds(c.create())
        folder = folder_of(c.pid, "")
        succeeds(c.start())
        c.wait_status("stopped")
        contains(c.output(), "ready")
        with open(f"{folder}/one/two/cgroup.procs", encoding="ascii") as file:
            true(file.read(), "somebody is left")
        succeeds(c.delete(*([] if t.runtime.is_raind else ["--force"])))
        true(not os.path.exists(folder), "the groups are gone")


@case("vm", level="kernel", raind_only="runc 1.1 leaves those that are below the container's group")
def kill_all_reaches_groups_below(t):
    with t.container(with_groups, ["/bin/sh", "-c", DEEP + "; exec sleep 1000"]) as c:
        c.up()
        c.wait_output("ready")
        folder = folder_of(c.pid, "")
        succeeds(c.kill("--all", "TERM"))
        # The shell's own sleep too.
        c.wait_status("stopped")

        def populated():
            with open(f"{folder}/cgroup.events", encoding="ascii") as file:
                return re.search(r"^populated (\d)$", file.read(), re.MULTILINE).group(1)
        t.until(lambda: populated() == "0", "none is left")


@case("vm", level="kernel")
def processes_of_groups_below_are_listed(t):
    with t.container(with_groups, ["/bin/sh", "-c", DEEP + "; exec sleep 1000"]) as c:
        c.up()
        c.wait_output("ready")
        listed = json.loads(succeeds(c.call("ps", "--format", "json", c.id)).out)
        contains(listed, c.pid)
        equal(len(listed), 3)
        succeeds(c.call("pause", c.id))
        equal(fields(c, "cgroup.events")["frozen"], 1)
        succeeds(c.call("resume", c.id))
