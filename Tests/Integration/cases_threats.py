"""Attacks on the runtime out of the container or by its image, as they were made on others: each must come to nothing."""

import contextlib
import hashlib
import os
import shutil

from enforcement import attacker
from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import mount_at, namespace, set_capabilities
from harness.probe import Report, own_capabilities
from harness.runtime import Runtime

SECRET = "RAIND_TEST_SECRET=of-the-caller"


def environment():
    return {"PATH": os.environ["PATH"], **dict([SECRET.split("=")])}


def id_inside(pid):
    """A process's id in its innermost PID namespace."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return int(next(line for line in lines if line.startswith("NSpid:")).split()[-1])


def joins(config, other):
    namespace(config, "pid")["path"] = f"/proc/{other.pid}/ns/pid"


@contextlib.contextmanager
def neighbour(t):
    """A running container whose PID namespace others join: the attacker sits there."""
    with t.container() as c:
        c.up()
        yield c


class OwnCopy:
    """The runtime under test from here on is a copy, which an attack may damage."""

    def __init__(self, t):
        self.path = shutil.copy(t.runtime.path, os.path.join(t.folder(), os.path.basename(t.runtime.path)))
        t.runtime = Runtime(self.path)
        self.size = os.stat(self.path).st_size
        self._digest = self._now()

    def _now(self):
        with open(self.path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def is_untouched(self):
        equal(self._now(), self._digest, "the runtime's file")


# --- The runtime's own process, where the container can see it ---

@case("enforcement")
def threat_created_process_is_closed(t):
    """CVE-2016-9962: what waits for start has the runtime's memory, environment and descriptors, and hides them."""
    names = ["CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"]

    def edit(config):
        joins(config, other)
        # No more than the attacker has: only its not being dumpable protects it.
        set_capabilities(config, names)
    with neighbour(t) as other, t.container(edit) as c:
        succeeds(c.create(env=environment()))
        pid = id_inside(c.pid)
        seen = attacker.inside(other.pid, names, lambda: attacker.look_into(pid))
        equal({name: word for name, word in seen.items() if word not in ("EACCES", "EPERM")}, {}, "seen before start")
        succeeds(c.start())
        # The program is an ordinary process again: the same look must come out differently.
        t.until(lambda: attacker.inside(other.pid, names, lambda: attacker.look_into(pid))["fd"] == "ok",
                "the program can be looked into", 5)


@case("enforcement")
def threat_runtime_is_seen_by_nobody(t):
    """CVE-2016-9962: the same while create runs; whatever can be read of a process is the container's own program's."""
    names = ["CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"]

    def edit(config):
        joins(config, other)
        set_capabilities(config, names)

    def attack():
        found, seen = set(), set()

        def step():
            for pid in attacker.processes():
                seen.add(pid)
                with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
                    if SECRET.encode() in file.read():
                        found.add("environment")
                with contextlib.suppress(OSError):
                    for name in os.listdir(f"/proc/{pid}/fd"):
                        if int(name) > 2 and pid != os.getpid():
                            found.add("descriptor " + os.readlink(f"/proc/{pid}/fd/{name}"))
        attacker.times(2, step)
        return sorted(found), len(seen)
    with neighbour(t) as other:
        begun = attacker.begin(other.pid, names, attack)
        count = attacker.times(1.7, lambda: _whole_life(t, edit))
        found, seen = attacker.end(begun)
    true(seen > count, f"the attacker saw {seen} processes of {count} containers")
    equal(found, [])


def _whole_life(t, edit):
    with t.container(edit, ["/bin/true"]) as c:
        succeeds(c.create(env=environment()))
        succeeds(c.start())


@case("enforcement")
def threat_exe_of_created_process(t):
    """CVE-2019-5736: with every capability, /proc/PID/exe is no way to the runtime's file, running or not."""
    runtime = OwnCopy(t)
    every = own_capabilities()

    def edit(config):
        joins(config, other)
        set_capabilities(config, every)
    with neighbour(t) as other, t.container(edit) as c:
        succeeds(c.create())
        pid = id_inside(c.pid)

        def attack():
            handle = os.open(f"/proc/{pid}/exe", os.O_PATH)
            mine = os.stat(f"/proc/self/fd/{handle}")
            if mine.st_size != runtime.size:
                return "it isn't the runtime's file", {}, {}
            with open("/dev/shm/victim", "w", encoding="ascii") as file:
                file.write("as it was")
            if attacker.overwrite(os.open("/dev/shm/victim", os.O_PATH))["open"] != "ok":
                return "the attack works on nothing", {}, {}
            first = attacker.overwrite(handle)
            os.mkdir("/dev/shm/ready")
            # Once the program has taken the runtime's place and `start` is over, the file isn't busy any more.
            left = attacker.during(5, lambda: os.path.exists("/dev/shm/over")
                                   and os.stat(f"/proc/{pid}/exe").st_ino != mine.st_ino)
            return left, first, attacker.overwrite(handle)
        begun = attacker.begin(other.pid, every, attack)
        shared = f"/proc/{other.pid}/root/dev/shm"
        t.until(lambda: os.path.exists(f"{shared}/ready"), "the attacker holds the file", 5)
        succeeds(c.start())
        os.mkdir(f"{shared}/over")
        left, first, second = attacker.end(begun)
    true(left is True, f"the runtime's file was left: {left}")
    runtime.is_untouched()
    equal([name for name, word in first.items() if word == "ok"], [], "while it waits")
    equal([name for name, word in second.items() if word == "ok"], [], "after it is gone")
    excludes(second.values(), "ETXTBSY", "what hinders it must last")


@case("enforcement")
def threat_exe_during_create(t):
    """CVE-2019-5736: the same while create runs, by one who tries every process that appears."""
    runtime = OwnCopy(t)
    every = own_capabilities()

    def edit(config):
        joins(config, other)
        set_capabilities(config, every)

    def attack():
        # By mount as well: a copy of the mount would be another way in.
        handles, found = [], set()

        def step():
            for pid in attacker.processes():
                with contextlib.suppress(OSError):
                    handle = os.open(f"/proc/{pid}/exe", os.O_PATH)
                    # Nobody else's program is harmed.
                    if len(handles) < 200 and os.stat(f"/proc/self/fd/{handle}").st_size == runtime.size:
                        handles.append(handle)
                        found.update(attacker.successes(handle))
                    else:
                        os.close(handle)
        attacker.times(2, step)
        for handle in handles:
            found.update(attacker.successes(handle))
        return sorted(found), len(handles)
    with neighbour(t) as other:
        begun = attacker.begin(other.pid, every, attack)
        count = attacker.times(1.7, lambda: _whole_life(t, edit))
        found, files = attacker.end(begun)
    true(count > 3, f"{count} containers")
    true(files > 0, "the attacker saw the runtime's file")
    runtime.is_untouched()
    equal(found, [])
