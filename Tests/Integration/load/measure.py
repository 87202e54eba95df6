"""Makes the containers, and measures."""

import ctypes
import json
import os
import random
import signal
import statistics
import time

from harness import layout as layouts
from harness.bundle import Bundle, base_config
from harness.context import children
from harness.runtime import ENVIRONMENT

from . import machine

PR_SET_CHILD_SUBREAPER = 36


class Result:
    def __init__(self, status, seconds, processor_seconds, out, err):
        self.status = status
        self.seconds = seconds
        # Its own and the kernel's for it: what others do at the time counts less.
        self.processor_seconds = processor_seconds
        self.out = out
        self.err = err


class Field:
    """A runtime, a state root, and one bundle for all containers."""

    def __init__(self, runtime_path, scratch, programs, prefix):
        self.path = runtime_path
        self.prefix = prefix
        self.root = os.path.join(scratch, "state")
        config = base_config()
        config["process"]["args"] = ["/probe", "sleep"]
        self.sleeping = Bundle(os.path.join(scratch, "sleeping"), programs, config)
        config["process"]["args"] = ["/probe", "exit", "0"]
        self.ending = Bundle(os.path.join(scratch, "ending"), programs, config)
        # Containers' processes come here when the runtime is gone.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def call(self, *words, may_fail=False):
        """A call of the runtime; AssertionError where it fails."""
        said = {1: os.memfd_create("out"), 2: os.memfd_create("err")}
        actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                   *((os.POSIX_SPAWN_DUP2, file, number) for number, file in said.items())]
        command = [self.path, "--root", self.root, *words]
        began = time.monotonic()
        pid = os.posix_spawn(command[0], command, ENVIRONMENT, file_actions=actions)
        _, status, usage = os.wait4(pid, 0)
        seconds = time.monotonic() - began
        texts = []
        for file in said.values():
            os.lseek(file, 0, os.SEEK_SET)
            texts.append(os.read(file, 1 << 24).decode("utf-8", "replace"))
            os.close(file)
        result = Result(os.waitstatus_to_exitcode(status), seconds, usage.ru_utime + usage.ru_stime, *texts)
        if result.status != 0 and not may_fail:
            raise AssertionError(f"{' '.join(words)}: exit {result.status}: {result.err.strip()}")
        return result

    def name(self, number):
        return f"{self.prefix}-{number}"

    def reap(self):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass

    def take_away(self):
        """Whatever there still is of it, after a failure."""
        if os.path.isdir(self.root):
            for name in os.listdir(self.root):
                if name.startswith(self.prefix):
                    self.call("delete", "--force", name, may_fail=True)
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        self.reap()
        for folder in layouts.folders_named(self.prefix):
            try:
                os.rmdir(folder)
            except OSError:
                pass


def grow(field, sizes, tell=lambda row: None):
    """Has containers alive, more and more of them, and deletes them all. A row for each of the sizes."""
    before, rows, alive = machine.memory(), [], []
    chance = random.Random(1)
    for size in sizes:
        creates, starts = [], []
        while len(alive) < size:
            name = field.name(len(alive))
            creates.append(field.call("create", "--bundle", field.sleeping.folder, name))
            starts.append(field.call("start", name))
            alive.append(name)
        row = {"containers": size, "create": _mean(creates), "start": _mean(starts), **_looks(field, alive, chance),
               **_memory(field, alive, before)}
        rows.append(row)
        tell(row)
    kills = [field.call("kill", name, "KILL") for name in alive]
    deletes = []
    for name in alive:
        deletes.append(field.call("delete", name))
        field.reap()
    rows[-1] |= {"kill": _mean(kills), "delete": _mean(deletes)}
    if (said := json.loads(field.call("list", "--format", "json").out)) not in ([], None):
        raise AssertionError(f"list tells of containers that were deleted: {said}")
    return rows


def _looks(field, alive, chance):
    """How long those calls take that only look."""
    names = [chance.choice(alive) for _ in range(15)]
    states = [field.call("state", name) for name in names]
    for name, result in zip(names, states):
        document = json.loads(result.out)
        if (document["id"], document["status"]) != (name, "running"):
            raise AssertionError(f"state of {name}: {document}")
    lists = [field.call("list", "--format", "json") for _ in range(5)]
    listed = sorted(entry["id"] for entry in json.loads(lists[-1].out) if entry["status"] == "running")
    if listed != sorted(alive):
        raise AssertionError(f"list tells of {len(listed)} running containers, and there are {len(alive)}")
    execs = [field.call("exec", chance.choice(alive), "/bin/true") for _ in range(5)]
    return {"state": _median(states), "list": _median(lists), "exec": _median(execs),
            "state_processor": _least(states), "list_processor": _least(lists)}


def _memory(field, alive, before):
    """What a container takes, in kB: its process, and what the kernel holds for it. What of the runtime stays: nothing."""
    own = os.path.basename(field.path)
    processes = children(os.getpid())
    if len(processes) != len(alive):
        raise AssertionError(f"{len(processes)} processes for {len(alive)} containers")
    for pid in processes:
        if os.path.basename(os.readlink(f"/proc/{pid}/exe")) == own:
            raise AssertionError(f"the runtime's process {pid} is still there")
    now = machine.memory()
    count = len(alive)
    process = statistics.mean(found for pid in processes if (found := machine.pss_kb(pid)) is not None)
    kernel = (machine.held_memory(now) - machine.held_memory(before)) / count
    return {"process_kb": process, "kernel_kb": kernel, "held_kb": process + kernel}


def _mean(results):
    return statistics.mean(result.seconds for result in results) if results else None


def _median(results):
    return statistics.median(result.seconds for result in results)


def _least(results):
    """Of the processor's time: what others do at the same time only adds to it."""
    return min(result.processor_seconds for result in results)


def lifecycles(field, count, tell=lambda number: None):
    """So many containers, one after the other: half of them in one call, half as an engine does it."""
    for number in range(count):
        name = field.name(f"life-{number}")
        if number % 2:
            field.call("run", "--bundle", field.ending.folder, name)
        else:
            field.call("create", "--bundle", field.sleeping.folder, name)
            field.call("start", name)
            field.call("exec", name, "/bin/true")
            field.call("kill", name, "KILL")
            field.call("delete", name)
        field.reap()
        tell(number + 1)
