"""Time namespaces, new and joined, and /linux/timeOffsets."""

import json
import os
import time

from harness import case, cases, contains, equal, fails, less, succeeds, true
from harness.bundle import with_user_namespace
from harness.probe import Report

OLD = {"runc": "1.1 doesn't know it", "crun": "1.8.1 sets no offset where it makes the namespace by clone"}
SECOND = 1_000_000_000


def with_time(**offsets):
    def edit(config):
        config["linux"]["namespaces"].append({"type": "time"})
        if offsets:
            config["linux"]["timeOffsets"] = offsets
    return edit


def shift(report, clock):
    """How far the clock of the report is ahead of ours, in seconds; our clock has moved on meanwhile."""
    number = {"monotonic": time.CLOCK_MONOTONIC, "boottime": time.CLOCK_BOOTTIME}[clock]
    return (report["clocks"][clock] - time.clock_gettime_ns(number)) / SECOND


def near(got, wanted):
    true(wanted - 5 < got <= wanted + 0.1, f"a shift of {got} s where {wanted} was asked for")


def own():
    return os.readlink("/proc/self/ns/time")


@cases("spec", [
    ("both", {"monotonic": {"secs": 1000}, "boottime": {"secs": 2000, "nanosecs": 999999999}}),
    ("one", {"boottime": {"secs": 86400}}), ("nanoseconds", {"monotonic": {"secs": 7, "nanosecs": 500000000}}),
    ("none", {})], fields=["/linux/namespaces/*/type", "/linux/timeOffsets/*/{secs,nanosecs}"], differs=OLD)
def time_namespace(t, offsets):
    report = t.report("namespaces", "clocks", edit=with_time(**offsets))
    true(report["namespaces"]["time"] != own(), "it is new")
    for clock in ("monotonic", "boottime"):
        wanted = offsets.get(clock, {})
        near(shift(report, clock), wanted.get("secs", 0) + wanted.get("nanosecs", 0) / SECOND)


@case("spec", fields=["/linux/timeOffsets/*/secs"], differs=OLD)
def time_namespace_that_is_behind(t):
    """Less than 0, and half a second up again from there."""
    behind = int(time.clock_gettime(time.CLOCK_MONOTONIC)) // 2
    report = t.report("clocks", edit=with_time(monotonic={"secs": -behind, "nanosecs": 500000000}))
    near(shift(report, "monotonic"), 0.5 - behind)
    near(shift(report, "boottime"), 0)


@case("spec", fields=["/linux/timeOffsets/*/{secs,nanosecs}"], differs=OLD)
def time_offsets_as_the_kernel_has_them(t):
    report = t.report("clocks", edit=with_time(monotonic={"secs": 12, "nanosecs": 34}, boottime={"secs": 56}))
    equal([line.split() for line in report["timeOffsets"].splitlines()],
          [["monotonic", "12", "34"], ["boottime", "56", "0"]])


@case("spec", fields=["/linux/namespaces/*/type"], differs=OLD)
def time_namespace_of_children(t):
    """The first process is in it itself, and what it starts is in no other."""
    said = t.shell("for name in 1/ns/time 1/ns/time_for_children self/ns/time; do readlink /proc/$name; done; "
                   "/probe report clocks", with_time(boottime={"secs": 5000}))
    first, later, child, report = said.split("\n", 3)
    equal((later, child), (first, first))
    near(shift(json.loads(report), "boottime"), 5000)


@case("spec", fields=["/linux/timeOffsets/*/secs", "/linux/namespaces/*/type"], differs=OLD)
def time_namespace_of_a_user_namespace(t):
    """It belongs to the container's user namespace: its root sets the clocks."""
    def edit(config):
        with_user_namespace(config)
        with_time(monotonic={"secs": 3000})(config)
    report = t.report("namespaces", "clocks", edit=edit)
    near(shift(report, "monotonic"), 3000)
    true(report["namespaces"]["time"] != own(), "it is new")


@case("spec", differs=OLD)
def time_namespace_and_hooks(t):
    """createContainer and startContainer run in it, the runtime's own don't."""
    folder = t.folder()
    os.chmod(folder, 0o777)

    def edit(config):
        with_time(boottime={"secs": 100000})(config)
        config["mounts"].append({"destination": "/hooks", "type": "bind", "source": folder, "options": ["bind", "rw"]})
        config["hooks"] = {kind: [{"path": "/bin/sh", "args": [
            "sh", "-c", f"cat /proc/uptime >{'/hooks' if kind == 'startContainer' else folder}/{kind}"]}]
            for kind in ("createRuntime", "createContainer", "startContainer", "poststart")}
    succeeds(t.run(["/bin/true"], edit))
    for kind, wanted in (("createRuntime", 0), ("createContainer", 100000), ("startContainer", 100000), ("poststart", 0)):
        with open(os.path.join(folder, kind), encoding="ascii") as file:
            near(float(file.read().split()[0]) - time.clock_gettime(time.CLOCK_BOOTTIME), wanted)


@case("spec", differs=OLD)
def time_namespace_and_the_state(t):
    """The time at which a process began is told by the clock of who asks: the container is known all the same."""
    with t.container(with_time(boottime={"secs": 1000000})) as c:
        c.up()
        equal(c.status, "running")
        c.stop()
        succeeds(c.delete())


@case("spec", differs=OLD)
def time_namespace_in_a_trace(t):
    """The steps after it are as long as they are."""
    path = os.path.join(t.folder(), "trace")
    with t.container(with_time(monotonic={"secs": 1000000}), ["/bin/true"]) as c:
        succeeds(c.run("--trace", path) if t.runtime.is_raind else c.run())
    with open(path, encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    contains([event["name"] for event in events], "make time namespace monotonic 1000000 0")
    for event in events:
        true(event["dur"] >= 0, f"{event}")
        less(event["ts"] + event["dur"], 20e6, f"{event}")


@cases("spec", [("far", {"monotonic": {"secs": 1 << 62}}), ("before-the-start", {"boottime": {"secs": -(1 << 40)}})],
       differs=OLD, fields=["/linux/timeOffsets/*/secs"])
def time_offset_out_of_range(t, offsets):
    with t.container(with_time(**offsets), ["/bin/true"]) as c:
        said = fails(c.create(out=None, err=None), "/linux/timeOffsets" if t.runtime.is_raind else "").err
        if t.runtime.is_raind:
            contains(said, "ERANGE")
        c.is_unknown()


@cases("spec", [
    ("no-namespace", [], {"boottime": {"secs": 1}}, "/linux/timeOffsets:"),
    ("joined", [{"type": "time", "path": "/proc/self/ns/time"}], {"boottime": {"secs": 1}}, "/linux/timeOffsets:"),
    ("clock", [{"type": "time"}], {"realtime": {"secs": 1}}, "/linux/timeOffsets/realtime:"),
    ("nanoseconds", [{"type": "time"}], {"boottime": {"nanosecs": SECOND}}, "/linux/timeOffsets/boottime/nanosecs:"),
    ("negative", [{"type": "time"}], {"boottime": {"nanosecs": -1}}, "/linux/timeOffsets/boottime/nanosecs:")],
    raind_only="validation", fields=["/linux/timeOffsets/*/{secs,nanosecs}"])
def time_offsets_that_are_wrong(t, namespaces, offsets, pointer):
    def edit(config):
        config["linux"]["namespaces"] += namespaces
        config["linux"]["timeOffsets"] = offsets
    with t.container(edit, ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), pointer)
        c.is_unknown()


@cases("spec", [("alone", False), ("beside-a-new-user-namespace", True)], fields=["/linux/namespaces/*/path"],
       differs=OLD)
def time_namespace_joined(t, in_user_namespace):
    """That of another container, with its clocks."""
    with t.container(with_time(boottime={"secs": 7000}, monotonic={"secs": 8000})) as first:
        first.up()
        pid = first.pid

        def edit(config):
            config["linux"]["namespaces"].append({"type": "time", "path": f"/proc/{pid}/ns/time"})
            if in_user_namespace:
                with_user_namespace(config)
        report = t.report("namespaces", "clocks", edit=edit)
        equal(report["namespaces"]["time"], os.readlink(f"/proc/{pid}/ns/time"))
        near(shift(report, "boottime"), 7000)
        near(shift(report, "monotonic"), 8000)


@case("spec", fields=["/linux/namespaces/*/path"], differs=OLD)
def time_namespace_joined_with_its_user_namespace(t):
    with t.container(lambda config: (with_user_namespace(config), with_time(monotonic={"secs": 900})(config))) as first:
        first.up()
        pid = first.pid

        def edit(config):
            for kind in ("user", "time"):
                config["linux"]["namespaces"].append({"type": kind, "path": f"/proc/{pid}/ns/{kind}"})
        path = os.path.join(t.folder(), "trace")
        with t.container(edit, ["/probe", "report", "namespaces", "clocks"]) as c:
            report = json.loads(succeeds(c.run(*(["--trace", path] if t.runtime.is_raind else []))).out)
        equal(report["namespaces"]["time"], os.readlink(f"/proc/{pid}/ns/time"))
        near(shift(report, "monotonic"), 900)
        if t.runtime.is_raind:
            with open(path, encoding="utf-8") as file:
                for event in json.load(file)["traceEvents"]:
                    less(event["ts"] + event["dur"], 20e6, f"{event}")


@cases("spec", [("plain", None), ("user-namespace", with_user_namespace)], differs=OLD)
def time_namespace_of_a_process_that_joins(t, more):
    def edit(config):
        if more:
            more(config)
        with_time(boottime={"secs": 4000})(config)
    with t.container(edit) as c:
        c.up()
        report = Report(succeeds(c.exec("/probe", "report", "namespaces", "clocks")).out)
        equal(report["namespaces"]["time"], os.readlink(f"/proc/{c.pid}/ns/time"))
        near(shift(report, "boottime"), 4000)
