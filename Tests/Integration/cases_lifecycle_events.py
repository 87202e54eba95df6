"""events: what a container uses, and when it runs out of memory."""

import json
import os
import signal

from harness import case, contains, equal, fails, less, succeeds, true
from harness.events import tells_of_memory

V1 = ("hybrid", "v1")
ONLY = {"crun": "has no events"}


def stats(c):
    result = succeeds(c.call("events", "--stats", c.id))
    equal(result.out.count("\n"), 1, "one line")
    event = json.loads(result.out)
    equal((event["type"], event["id"]), ("stats", c.id))
    return event["data"]


def naturals(value, path=""):
    """Every number below is one that counts something."""
    if isinstance(value, dict):
        for name, member in value.items():
            naturals(member, f"{path}/{name}")
    elif isinstance(value, list):
        for element in value:
            naturals(element, path + "/*")
    elif not isinstance(value, (str, type(None))):
        true(isinstance(value, int) and (value >= 0 or path == "/cpuset/sched_relax_domain_level"), f"{path}: {value}")


@case("lifecycle", layouts=V1, differs=ONLY)
def events_stats(t):
    """In the form that containerd and cAdvisor know from runc."""
    def edit(config):
        config["linux"]["resources"].update(memory={"limit": 64 << 20}, pids={"limit": 50})
    with t.container(edit, ["/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; sleep 100"]) as c:
        c.up()
        c.wait_output("done")
        data = stats(c)
        naturals(data)
        equal(set(data), {"cpu", "cpuset", "memory", "pids", "blkio", "hugetlb", "intel_rdt", "network_interfaces"})
        true(data["cpu"]["usage"]["total"] > 1000000, data["cpu"])
        equal(len(data["cpu"]["usage"]["percpu"]), os.cpu_count())
        equal(data["memory"]["usage"]["limit"], 64 << 20)
        true(0 < data["memory"]["usage"]["usage"] <= data["memory"]["usage"]["max"] <= 64 << 20, data["memory"]["usage"])
        equal(data["memory"]["usage"]["failcnt"], 0)
        true("pgfault" in data["memory"]["raw"], "memory.stat")
        equal(data["pids"]["limit"], 50)
        true(1 <= data["pids"]["current"] <= 2, data["pids"])
        equal(len(data["cpuset"]["cpus"]), os.cpu_count())


@case("lifecycle", layouts=("v2",), differs=ONLY)
def events_stats_on_cgroup2(t):
    def edit(config):
        config["linux"]["resources"]["hugepageLimits"] = [{"pageSize": "2MB", "limit": 0}]
    with t.container(edit) as c:
        c.up()
        data = stats(c)
        naturals(data)
        true(data["cpu"]["usage"]["total"] > 0, data["cpu"])
        if t.runtime.is_raind:
            equal(data["hugetlb"]["2MB"], {"usage": 0, "failcnt": 0})


@case("lifecycle", differs=ONLY)
def events_come_at_an_interval(t):
    with t.container() as c:
        c.up()
        path = os.path.join(t.scratch, "events")
        with open(path, "wb") as file:
            watching = c.spawn("events", "--interval", "100ms", c.id, stdout=file)

        def lines():
            with open(path, encoding="utf-8") as file:
                return [json.loads(line) for line in file.read().splitlines() if line.endswith("}")]
        t.until(lambda: len(lines()) >= 3, "three reports")
        equal({event["type"] for event in lines()}, {"stats"})
        if t.runtime.is_raind:
            c.stop()
            equal(watching.wait(10), 0, "it ends with the container")
        else:
            watching.send_signal(signal.SIGKILL)


@case("lifecycle", layouts=V1, differs=ONLY)
def events_tell_of_memory_that_ran_out(t):
    def edit(config):
        config["linux"]["resources"]["memory"] = {"limit": 16 << 20, "swap": 16 << 20}
    with t.container(edit) as c:
        c.up()
        path = os.path.join(t.scratch, "events")
        with open(path, "wb") as file:
            c.spawn("events", "--interval", "1h", c.id, stdout=file)
        t.until(lambda: watches(c), "the alarm is set")
        equal(c.exec("/probe", "memory", str(64 << 20)).status, 137)
        tells_of_memory(c, path)
        equal(c.status, "running", "its first process lives on")


def watches(c):
    """Whether somebody holds an eventfd and the control file of the container's memory."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        except OSError:
            continue
        if any(link.endswith("memory.oom_control") and c.id in link for link in links):
            return True
    return False


@case("lifecycle", raind_only="the peers' texts are their own")
def events_of_what_does_not_run(t):
    fails(t.call("events", t.name()), "container does not exist")
    with t.container() as c:
        c.up()
        for text in ("5", "0s", "-1s", "fast", "1d", "99999999h"):
            contains(fails(c.call("events", "--interval", text, c.id)).err, "--interval")
        less(succeeds(c.call("events", "--stats", "--interval", "1h", c.id)).seconds, 5)
        c.stop()
        fails(c.call("events", "--stats", c.id), "container not running")
