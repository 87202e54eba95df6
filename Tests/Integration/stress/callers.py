"""Callers at work: processes that each call the runtime again and again, for containers that all of them share."""

import ctypes
import json
import os
import pickle
import random
import select
import signal
import time
import traceback

from harness.bundle import Bundle, base_config
from harness.runtime import ENVIRONMENT

from .model import Call, kind_of

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# How often each is called, in a hundred.
WEIGHTS = {"create": 22, "start": 18, "kill": 8, "signal": 3, "delete": 9, "delete --force": 7, "state": 13, "list": 2, "exec": 8,
           "pause": 5, "resume": 5}
# A container's life in which each of them finds it as it needs it.
TOUR = ("create", "start", "state", "list", "pause", "resume", "exec", "signal", "kill", "delete", "create", "delete --force")
# One call in four is for one of these first containers, where the callers meet.
HOT = 3
# Of the calls that are to be killed, where callers are.
KILLED_SHARE = 0.15
# What waits so long may wait for a container that is paused: it is resumed for it.
PATIENCE_SECONDS = 1.5
# What waits so long waits for ever.
LIMIT_SECONDS = 40


class Ground:
    """What the callers share: a runtime, a state root, a bundle, and the names of the containers."""

    def __init__(self, runtime, root, scratch, programs, prefix, count):
        self.runtime = runtime
        self.root = root
        self.scratch = scratch
        self.names = [f"{prefix}-{number}" for number in range(count)]
        config = base_config()
        config["process"]["args"] = ["/probe", "sleep"]
        self.bundle = Bundle(os.path.join(scratch, "shared-bundle"), programs, config)

    def words(self, verb, name, pid_file):
        return {
            "create": ("create", "--bundle", self.bundle.folder, "--pid-file", pid_file, name),
            "kill": ("kill", name, "KILL"), "signal": ("kill", name, "CONT"), "list": ("list", "--format", "json"),
            "delete --force": ("delete", "--force", name), "exec": ("exec", name, "/bin/true"),
        }.get(verb) or (verb, name)


class Caller:
    """One of them. Its calls are numbered so that no two callers share a number."""

    def __init__(self, ground, serial, kills_owners, seed):
        self.ground = ground
        self.serial = serial
        self.kills_owners = kills_owners
        self.random = random.Random(seed * 1000 + serial)
        self.calls = []
        self.count = 0
        # Calls that are waited for.
        self.at_work = set()
        self.pid_file = os.path.join(ground.scratch, f"pid-{serial}")
        # How long a call of each verb takes, to kill it on its way.
        self.usual = dict.fromkeys(WEIGHTS, 0.02)

    def work(self, seconds):
        end = time.monotonic() + seconds
        # Each verb has something to do once, however slow the machine is.
        for verb in TOUR:
            self.call(verb, self.ground.names[self.serial % len(self.ground.names)])
        verbs, weights = list(WEIGHTS), list(WEIGHTS.values())
        while time.monotonic() < end:
            few = self.random.random() < 0.25
            name = self.random.choice(self.ground.names[:HOT] if few else self.ground.names)
            verb = self.random.choices(verbs, weights)[0]
            kill = self.kills_owners and self.random.random() < KILLED_SHARE
            self.call(verb, name, self.random.uniform(0, 1.2) * self.usual[verb] if kill else None)
        return self.calls

    def _begin(self, words):
        said = {1: os.memfd_create("out"), 2: os.memfd_create("err")}
        actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                   *((os.POSIX_SPAWN_DUP2, file, number) for number, file in said.items())]
        command = [self.ground.runtime, "--root", self.ground.root, *words]
        return os.posix_spawn(command[0], command, ENVIRONMENT, file_actions=actions), said

    def call(self, verb, name, kill_after=None):
        """Makes a call, waits for its end and notes it. kill_after: its owner is killed after so many seconds."""
        self.count += 1
        number = self.count * 100 + self.serial
        begin = time.monotonic_ns()
        pid, said = self._begin(self.ground.words(verb, name, self.pid_file))
        self.at_work.add(pid)
        killed = False
        watch = os.pidfd_open(pid)
        try:
            if kill_after is not None and not select.select([watch], [], [], kill_after)[0]:
                os.kill(pid, signal.SIGKILL)
                killed = True
            hangs = not self._wait(watch, name, verb)
        finally:
            os.close(watch)
        if hangs:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        self.at_work.discard(pid)
        end = time.monotonic_ns()
        texts = []
        for file in said.values():
            os.lseek(file, 0, os.SEEK_SET)
            texts.append(os.read(file, 1 << 20).decode("utf-8", "replace"))
            os.close(file)
        self._reap()
        code = os.waitstatus_to_exitcode(status)
        if not killed and not hangs:
            self.usual[verb] = self.usual[verb] * 0.9 + (end - begin) / 1e9 * 0.1
        outcome = "hangs" if hangs else "ok" if code == 0 else "killed" if code == -9 else kind_of(texts[1])
        self._note(number, verb, name, begin, end, outcome, killed and code == -9, *texts)
        return outcome

    def _wait(self, watch, name, verb):
        """Waits for the end of a call; false where it doesn't come."""
        began = time.monotonic()
        while not select.select([watch], [], [], PATIENCE_SECONDS)[0]:
            if time.monotonic() - began > LIMIT_SECONDS:
                return False
            if verb != "resume":
                self.call("resume", name)
        return True

    # pylint: disable=too-many-arguments
    def _note(self, number, verb, name, begin, end, outcome, killed, out, err):
        def note(at, **more):
            text = "" if outcome == "ok" or killed else err.strip().rpartition("\n")[2][-300:]
            self.calls.append(Call(number, verb, at, begin, end, outcome, killed=killed, text=text, **more))
        if verb == "list" and outcome == "ok":
            found = {entry["id"]: entry for entry in json.loads(out) or []}
            for at in self.ground.names:
                entry = found.pop(at, None)
                note(at, status=entry and entry["status"], pid=entry and entry["pid"])
            if found:
                raise AssertionError(f"list tells of {sorted(found)}, which nobody made")
        elif verb == "list" and not killed:
            # It concerns no container in particular.
            note(self.ground.names[0])
        elif verb == "state" and outcome == "ok":
            document = json.loads(out)
            if document["id"] != name:
                raise AssertionError(f"state {name}: {document}")
            note(name, status=document["status"], pid=document.get("pid", 0))
        elif verb == "create" and outcome == "ok":
            with open(self.pid_file, encoding="ascii") as file:
                note(name, made_pid=int(file.read()))
        elif verb != "list":
            note(name)

    def _reap(self):
        """Containers' processes come to their caller when the runtime is gone."""
        try:
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                # A call during which this one was made has an end of its own.
                if found.si_pid in self.at_work:
                    break
                os.waitpid(found.si_pid, 0)
        except ChildProcessError:
            pass


def run(ground, callers, seconds, kills_owners, seed):
    """Has so many callers at work for that long; all of their calls. A caller that fails raises AssertionError."""
    started = []
    for serial in range(callers):
        path = os.path.join(ground.scratch, f"calls-{serial}")
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                libc = ctypes.CDLL(None)
                libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
                libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                calls = Caller(ground, serial, kills_owners, seed).work(seconds)
                with open(path, "wb") as file:
                    pickle.dump(calls, file)
                status = 0
            except BaseException:  # pylint: disable=broad-except
                with open(path + ".failed", "w", encoding="utf-8") as file:
                    traceback.print_exc(file=file)
            finally:
                os._exit(status)
        started.append((pid, path))
    calls, failures = [], []
    for pid, path in started:
        os.waitpid(pid, 0)
        if os.path.exists(path):
            with open(path, "rb") as file:
                calls += pickle.load(file)
            os.unlink(path)
        else:
            said = ""
            if os.path.exists(path + ".failed"):
                with open(path + ".failed", encoding="utf-8") as file:
                    said = file.read()
            failures.append(f"a caller has ended: {said.strip()}")
    if failures:
        raise AssertionError("; ".join(failures))
    return calls
