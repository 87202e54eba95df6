"""What is said of a container that ran out of memory: by the command that found it, and by state."""

import contextlib
import json

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true

V1 = ("hybrid", "v1")
OURS = "an additional member of state, and texts of our own"


def limited(limit, **memory):
    def edit(config):
        config["linux"]["resources"]["memory"] = {"limit": limit, "swap": limit, **memory}
    return edit


SAID = r"its control group has run out of memory \(limit {} bytes, peak \d+ bytes, \d+ killed\); " \
    r"hint: raise /linux/resources/memory/limit"


@cases("lifecycle", [("page", 4096), ("pages", 16384)], layouts=V1, raind_only=OURS)
def memory_runs_out_in_create(t, limit):
    """Too little for the process that sets the container up."""
    with t.container(limited(limit)) as c:
        result = fails(c.create(out=None, err=None))
        matches(result.err, SAID.format(limit))
        c.is_unknown()


@case("lifecycle", layouts=V1, raind_only=OURS)
def memory_runs_out_in_run(t):
    matches(fails(t.run(["/bin/true"], limited(16384))).err, SAID.format(16384))


def memory_group(t, c):
    """The folder of its memory controller."""
    with open(f"/proc/{c.pid}/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.strip().split(":", 2)
            if "memory" in controllers.split(","):
                return "/sys/fs/cgroup/memory" + path
    raise AssertionError("no group of memory")


@case("lifecycle", layouts=V1, raind_only=OURS)
def memory_runs_out_while_it_runs(t):
    """state tells it while the container runs, and when it has stopped; list tells the same."""
    limit = 16 << 20
    with t.container(limited(limit)) as c:
        c.up()
        true("oom" not in c.state(), "nothing has happened yet")
        equal(c.exec("/probe", "memory", str(64 << 20)).status, 137)
        oom = c.state()["oom"]
        equal(set(oom), {"limitBytes", "peakBytes", "kills"})
        equal((oom["limitBytes"], oom["kills"]), (limit, 1))
        true(limit // 2 < oom["peakBytes"] <= limit, oom)
        entries = json.loads(succeeds(t.call("list", "--format", "json")).out)
        equal([entry["oom"] for entry in entries if entry["id"] == c.id], [oom])
        c.stop()
        equal(c.state()["oom"], oom)


@case("lifecycle", layouts=V1, raind_only=OURS)
def memory_runs_out_in_the_first_process(t):
    with t.container(limited(16 << 20), ["/probe", "memory", str(64 << 20)]) as c:
        c.up()
        c.wait_status("stopped")
        equal(c.state()["oom"]["kills"], 1)


@case("lifecycle", layouts=V1, raind_only=OURS)
def memory_runs_out_in_front(t):
    """run says why, since the container that state would tell of is gone by then."""
    result = t.run(["/probe", "memory", str(64 << 20)], limited(16 << 20))
    equal(result.status, 137)
    matches(result.err, r"raind-oci: warning: run \S+: " + SAID.format(16 << 20))
    # Another's SIGKILL is no want of memory.
    result = t.run(["/bin/sh", "-c", "kill -9 $$; exec sleep 0"], limited(16 << 20))
    excludes(result.err, "memory")


@case("lifecycle", layouts=V1, raind_only=OURS)
def memory_limit_of_a_later_update(t):
    """A container that was made without a limit is looked at once it has one."""
    with t.container() as c:
        c.up()
        succeeds(t.call("update", "--memory", "16M", "--memory-swap", "16M", c.id))
        equal(c.exec("/probe", "memory", str(64 << 20)).status, 137)
        equal(c.state()["oom"]["limitBytes"], 16 << 20)
        equal(c.status, "running")


@case("lifecycle", layouts=V1, raind_only=OURS)
def memory_runs_out_in_start(t):
    """Between create and start the container was left so little that its process can't get as far as its program."""
    with t.container(with_much_to_copy) as c:
        succeeds(c.create())
        shrink(memory_group(t, c))
        result = fails(c.start(), "the container's process died before it executed its program: its control group has run out")
        contains(result.err, "raise /linux/resources/memory/limit")
        equal(c.status, "stopped")
        true(c.state()["oom"]["kills"] > 0, "state says it too")


@case("lifecycle", layouts=V1, raind_only=OURS)
def memory_runs_out_in_exec(t):
    """No room is left for the process that is to join."""
    with t.container(with_much_to_copy) as c:
        c.up()
        shrink(memory_group(t, c))
        result = fails(c.exec("/bin/true"), "its control group has run out of memory (limit ", status=255)
        contains(result.err, "raise /linux/resources/memory/limit")


def with_much_to_copy(config):
    """An environment that its process copies just before the exec."""
    limited(32 << 20)(config)
    config["process"]["env"] += [f"LARGE{number}=" + "x" * 100000 for number in range(12)]


def shrink(group):
    """A limit just above what is in use: far less is left than the environment takes."""
    def value(file):
        with open(f"{group}/{file}", encoding="utf-8") as numbers:
            return int(numbers.read())
    # That of both can't be less than that of memory.
    for file in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"):
        for pages in (0, 16, 64, 128):
            limit = (value("memory.usage_in_bytes") // 4096 + pages) * 4096
            with contextlib.suppress(OSError):
                with open(f"{group}/{file}", "w", encoding="utf-8") as out:
                    out.write(str(limit))
                break
        true(value(file) < 8 << 20, f"{file} is {value(file)}")
