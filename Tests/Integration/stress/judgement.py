"""What became of it all: which answers no order of the calls explains, and what is left."""

import collections
import contextlib
import os
import signal
import time

from harness import layout as layouts
from harness.context import children, command_of

from .model import History


def judge(ground, calls, is_exact):
    """The answers that nothing explains, a text each; how many situations there were at most; and how many calls were not judged."""
    by_name = collections.defaultdict(list)
    for call in calls:
        by_name[call.name].append(call)
    wrong, most, unjudged = [], 0, 0
    for name in ground.names:
        history = History(by_name[name], is_exact)
        wrong += history.check()
        most = max(most, history.most)
        unjudged += history.unjudged
    wrong += [f"hangs: {call}" for call in calls if call.outcome == "hangs"]
    return wrong, most, unjudged


def clean(ground, delete):
    """Deletes all by force, and tells what is left then. delete(name): the exit status and what was said."""
    left = []
    for name in ground.names:
        status, said = delete(name)
        if status != 0:
            left.append(f"delete --force {name}: exit {status}: {said}")
    if os.path.isdir(ground.root):
        # The cache of filters stays; no container has its name.
        left += [f"state {name}" for name in sorted(os.listdir(ground.root)) if name != "seccomp~"]
    left += [f"process {pid} ({command})" for pid, command in _processes()]
    names = set(ground.names)
    for folder in sorted(set(layouts.hierarchies().values())):
        for name in sorted(names & set(os.listdir(folder))):
            left.append(f"cgroup {folder}/{name}")
            with contextlib.suppress(OSError):
                os.rmdir(os.path.join(folder, name))
    return left


def _processes():
    """Ends what is left, which belongs to this process by now, and tells of it."""
    found, end = {}, time.monotonic() + 5
    while alive := children(os.getpid()):
        for pid in alive:
            # What was killed just now may need a moment.
            if time.monotonic() > end - 3:
                found.setdefault(pid, command_of(pid))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return sorted(found.items())


def counts(calls):
    """A line for each verb: how often it was called, and with what outcome."""
    verbs = collections.defaultdict(collections.Counter)
    seen = set()
    for call in calls:
        # A list has an entry for each container.
        if call.verb == "list" and call.number in seen:
            continue
        seen.add(call.number)
        verbs[call.verb]["owner killed" if call.killed else call.status or call.outcome] += 1
    return [f"{verb:15} {sum(outcomes.values()):6}  " + ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common())
            for verb, outcomes in sorted(verbs.items())]
