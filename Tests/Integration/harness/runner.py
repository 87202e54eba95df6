"""Runs cases, each in a process, a mount namespace and a folder of its own; several at once."""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import sys
import time
import traceback

from . import layout as layouts
from .cases import Skip
from .context import Test, children, command_of
from .engine import disagreements
from .runtime import ENVIRONMENT, Runtime

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# Beyond the case's own alarm, before its process is ended from outside.
GRACE = 10


class Outcome:
    def __init__(self, label, verdict, reason="", seconds=0.0, detail="", expected_skip=False, tries=None):
        self.label = label
        self.verdict = verdict  # ok, not ok, skip
        self.reason = reason
        self.seconds = seconds
        self.detail = detail
        # A skip that needs no line in spec-fixtures/expected-skips.
        self.expected_skip = expected_skip
        # What was tried, and how often.
        self.tries = tries or {}


def limit_of(case):
    """The seconds that a case may take: a thorough run tries some eighty times as often, on a machine that is busy with it."""
    return case.timeout * (15 if os.environ.get("RAIND_THOROUGH") == "1" else 1)


class TimedOut(Exception):
    pass


class Interrupted(BaseException):
    """The whole run is ended: the case cleans up and says no more."""


def _alarm(number, frame):
    raise TimedOut


def _interrupt(number, frame):
    # Once: the cleaning up isn't to be interrupted.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Interrupted


def _one(case, runtime, layout, host_layout, scratch, prefix, programs, tools):
    """In the case's own process: verdict, reason, detail, what was tried how often."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.makedirs(scratch)
    os.chmod(scratch, 0o755)
    layouts.own_mount_namespace()
    layouts.enter(layout, host_layout)
    signal.signal(signal.SIGALRM, _alarm)
    signal.signal(signal.SIGTERM, _interrupt)
    # When the run itself is killed, too.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    test = Test(runtime, layout, scratch, prefix, programs, tools)
    verdict, reason, detail = _once(case, test)
    if verdict != "ok" or not runtime.is_raind or not case.compared:
        return verdict, reason, detail, test.tries
    if not test.transcript.entries:
        return "not ok", "nothing was entered into the transcript", "", {}
    runc = shutil.which("runc", path=ENVIRONMENT["PATH"])
    if runc is None:
        return "not ok", "there is no runc to compare with", "", {}
    # Once more where it doesn't pass: what runc and its engine race for now and then (they miss that memory ran out) is not what
    # the case is about.
    for name in ("r", "s"):
        below = os.path.join(scratch, name)
        os.makedirs(below)
        os.chmod(below, 0o755)
        peer = Test(Runtime(runc), layout, below, prefix + name, programs, tools)
        verdict, reason, detail = _once(case, peer)
        if verdict == "ok":
            lines = disagreements(test.transcript, peer.transcript, case.differs_in)
            if not lines:
                break
            verdict, reason, detail = "not ok", f"not as below runc: {'; '.join(lines)}", "\n".join(lines)
        elif verdict == "not ok":
            reason = f"below runc: {reason}"
        else:
            break
    return verdict, reason, detail, {} if verdict == "not ok" else test.tries


def _once(case, test):
    """The case below one runtime: verdict, reason, detail."""
    verdict, reason, detail = "ok", "", ""
    signal.alarm(limit_of(case))
    try:
        case.function(test, *case.arguments)
    except Skip as skip:
        verdict, reason = "skip", str(skip)
    except Interrupted:
        verdict, reason = "not ok", "interrupted"
    except TimedOut:
        verdict, reason = "not ok", f"took longer than {limit_of(case)} s"
        detail = traceback.format_exc()
    except AssertionError as failure:
        verdict, reason, detail = "not ok", str(failure), traceback.format_exc()
    except Exception as failure:  # pylint: disable=broad-except
        verdict, reason, detail = "not ok", f"{type(failure).__name__}: {failure}", traceback.format_exc()
    finally:
        signal.alarm(0)
    left = test.leftovers()
    if left and verdict != "not ok":
        verdict, reason = "not ok", f"left behind: {', '.join(left)}"
    elif left:
        detail += f"left behind: {', '.join(left)}\n"
    return verdict, reason, detail


class Running:
    def __init__(self, case, label, pid, pipe, log, scratch, began):
        self.case = case
        self.label = label
        self.pid = pid
        self.pipe = pipe
        self.log = log
        self.scratch = scratch
        self.began = began
        self.said = b""


def run_cases(selected, runtime, host_layout, scratch, programs, tools, jobs, keep, report):
    """selected: (case, layout, label). Calls report(Outcome) for each, in the order in which they end."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    waiting = [entry for entry in selected if not entry[0].alone]
    last = [entry for entry in selected if entry[0].alone]
    running = []
    try:
        _run_all(waiting, last, running, runtime, host_layout, scratch, programs, tools, jobs, keep, report)
    finally:
        # Empty, unless the run is interrupted.
        for run in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(run.pid, signal.SIGTERM)
        for run in running:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(run.pid, 0)


def _run_all(waiting, last, running, runtime, host_layout, scratch, programs, tools, jobs, keep, report):
    serial = 0
    while waiting or last or running:
        while (waiting and len(running) < jobs) or (not waiting and last and not running):
            case, layout, label = (waiting or last).pop(0)
            serial += 1
            running.append(_begin(case, layout, label, serial, runtime, host_layout, scratch, programs, tools))
        ready, _, _ = select.select([run.pipe for run in running], [], [], 0.5)
        for run in list(running):
            ended = False
            if run.pipe in ready:
                data = os.read(run.pipe, 65536)
                run.said += data
                ended = not data
            elif time.monotonic() - run.began > limit_of(run.case) * (3 if run.case.compared else 1) + GRACE:
                end_with_descendants(run.pid)
                ended = True
            if ended:
                running.remove(run)
                report(_finish(run, keep))


def _begin(case, layout, label, serial, runtime, host_layout, scratch, programs, tools):
    reading, writing = os.pipe2(os.O_CLOEXEC)
    folder = os.path.join(scratch, f"case-{serial}")
    log = os.path.join(scratch, f"case-{serial}.log")
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setsid()
            os.close(reading)
            with open(log, "wb") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            # The harness's own PID makes names unique among runs at the same time.
            prefix = f"raind-test-{os.getppid()}-{serial}"
            answer = _one(case, runtime, layout, host_layout, folder, prefix, programs, tools)
            with os.fdopen(writing, "w") as pipe:
                json.dump(answer, pipe)
            status = 0
        except BaseException:  # pylint: disable=broad-except
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    return Running(case, label, pid, reading, log, folder, time.monotonic())


def end_with_descendants(pid):
    """Ends the process and what descends from it, as far as it can be told."""
    family, at = [pid], 0
    while at < len(family):
        family += [child for child in children(family[at]) if child not in family]
        at += 1
    for member in family:
        print(f"# ending {member} ({command_of(member)})", flush=True)
        try:
            os.kill(member, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _finish(run, keep):
    os.close(run.pipe)
    try:
        os.waitpid(run.pid, 0)
    except ChildProcessError:
        pass
    seconds = time.monotonic() - run.began
    try:
        verdict, reason, detail, tries = json.loads(run.said)
    except ValueError:
        verdict, reason, detail, tries = "not ok", "the case's process ended without an answer", "", {}
        with open(run.log, encoding="utf-8", errors="replace") as log:
            detail = log.read()[-2000:]
    if not keep:
        shutil.rmtree(run.scratch, ignore_errors=True)
    return Outcome(run.label, verdict, reason, seconds, detail, tries=tries)
