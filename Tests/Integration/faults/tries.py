"""One try: bring the container to the verb, run the verb with one fault, look, delete, look again."""

import contextlib
import re
import signal
import time

from . import calls, exemptions
from .verbs import VERBS, prepare
from .words import Words

# So many tries are made on one running container at most.
TRIES_ON_ONE = 20
# What a call meets depends on the moment, that of a removal of a group that is still in use for one: so often it is tried.
TRIES_TO_REACH = 4


class Point:
    """A call of a process of the runtime's."""

    def __init__(self, process, call, number, file, first, is_early):
        self.process = process
        self.call = call
        self.number = number
        self.file = file
        self.first = first
        # Of the C library, before anything of the program's own has run.
        self.is_early = is_early

    @property
    def name(self):
        return calls.NAMES.get(self.number, str(self.number))

    def faults(self):
        return calls.faults_of(self.number, self.file, self.first)

    def __repr__(self):
        return f"{self.name} ({self.process}:{self.call})"


class Finding:
    """What came of a try. result: done, told, exempt, ended (killed itself, as it was to be), red."""

    def __init__(self, kind, verb, point, fault):
        self.kind = kind
        self.verb = verb
        self.point = point
        self.fault = fault
        self.status = None
        self.said = ""
        self.step = ""
        self.problems = []
        self.exemption = None
        self.is_reached = True

    @property
    def result(self):
        if self.problems:
            return "red"
        if self.exemption:
            return "exempt"
        if self.status == 0:
            return "done"
        return "ended" if self.status == -9 or self.status == 137 else "told"


def points(lab, inject, name):
    """The calls that the verb makes when nothing fails."""
    verb = VERBS[name]
    # What is made once for all containers is made before.
    for measured in (False, True):
        prepare(lab, name)
        status, said = lab.call(*verb.words(lab), prefix=[inject, lab.log, "list", "--"] if measured else ())
        if status != 0:
            raise RuntimeError(f"{name} without any fault: exit {status}: {said}")
        verb.done(lab)
        if measured and verb.program:
            learn(lab, name)
        left = lab.delete()
        if left:
            raise RuntimeError(f"after {name} without any fault: {left}")
    return _read(lab.log)


def learn(lab, name):
    """What holds the program of a verb that went well."""
    seconds = lab.seconds if VERBS[name].program == "first" else lab.seconds_of_exec
    lab.learn(name, lab.program(seconds))


def warm(lab, names):
    """Has the lab know what it looks like when all goes well."""
    for name in names:
        prepare(lab, name)
        lab.must(*VERBS[name].words(lab))
        learn(lab, name)
        left = lab.delete()
        if left:
            raise RuntimeError(f"after {name} without any fault: {left}")
    lab.expected["create"] = lab.expected["start"] = lab.expected["run"]


def _read(path):
    rows, others = [], set()
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            process, call, number, result, argument, _, _, target = line.split(maxsplit=7)
            if process in others:
                continue
            is_exec = calls.NAMES.get(int(number)) in ("execve", "execveat") and result == "0"
            # What follows is a hook's or the container's own program.
            if process != "0" and is_exec:
                others.add(process)
            rows.append((process, int(call), int(number), target.strip(), int(argument, 16), is_exec))
    # The first that the program makes itself, after its last exec, is a look at the standard streams.
    own = [call for process, call, *_, is_exec in rows if process == "0" and is_exec]
    first = next(call for process, call, number, *_ in rows
                 if process == "0" and call > own[-1] and calls.NAMES[number] == "fcntl")
    before = {call for call in range(first) if call > own[-1]}
    if len(own) > 1:
        before |= set(range(own[0] + 1))
    else:
        before |= set(range(first))
    return [Point(process, call, number, target, argument, process == "0" and call in before)
            for process, call, number, target, argument, _ in rows]


def attempt(lab, inject, name, point, fault):
    """fault: the name of an errno, half, none, or SIGKILL. Returns the Finding."""
    for _ in range(TRIES_TO_REACH):
        finding = _attempt(lab, inject, name, point, fault)
        if finding.is_reached or finding.problems:
            break
    return finding


def _attempt(lab, inject, name, point, fault):
    verb = VERBS[name]
    finding = Finding(lab.kind, name, point, fault)
    prepare(lab, name)
    how = {"SIGKILL": "kill", "half": "short", "none": "short"}.get(fault, "fail")
    words = [point.process, str(point.call), str(point.number)]
    if how == "short":
        words.append(fault)
    elif how == "fail":
        words.append(str(calls.value(fault)))
    finding.status, finding.said = lab.call(*verb.words(lab), prefix=[inject, lab.log, how, *words, "--"])
    with open(lab.log, encoding="ascii") as file:
        finding.is_reached = file.read().strip() == "done"
    if finding.status == 125:
        finding.problems.append(f"the injector failed: {finding.said}")
    judge(lab, verb, finding)
    settle(lab, verb, finding)
    return finding


def judge(lab, verb, finding):
    """What the verb's own end says."""
    killed_itself = finding.fault == "SIGKILL" and finding.point.process == "0" and finding.is_reached
    if finding.status is None:
        finding.problems.append("hangs")
    elif finding.status == 0:
        try:
            verb.done(lab)
        except RuntimeError as error:
            finding.problems.append(f"exit 0 and not done: {error}")
    elif killed_itself and verb.command == "create":
        # What can't be used is refused, whatever there is of it; if it isn't, it is confined.
        lab.call("start", lab.id)
    elif not killed_itself:
        words = Words(verb, lab.id, finding.status, finding.said, finding.point, finding.fault)
        finding.step = words.step
        if words.problem:
            finding.exemption = exemptions.of(finding)
            if not finding.exemption:
                finding.problems.append(words.problem)
    if finding.status not in (0, None) and not killed_itself and not exemptions.is_death(finding):
        finding.problems += _taken_back(lab, verb)
    finding.problems += loose(lab)


def _taken_back(lab, verb):
    """What failed has left nothing behind by itself."""
    if not verb.before:
        expected = set()
    elif verb.command == "exec":
        expected = {lab.standing}
    else:
        return []
    problems = []

    def rest():
        return [pid for pid in lab.processes() if pid not in expected and not lab.is_dead_of(pid, lab.standing)]
    with contextlib.suppress(RuntimeError):
        lab.until(lambda: not rest(), 1)
    problems += [f"leaves {lab.describe(pid)} by itself" for pid in rest()]
    if not verb.before:
        problems += [f"leaves {thing} by itself" for thing in lab.leftovers() if not thing.startswith("process")]
    return problems


def loose(lab):
    """Whatever runs of the container runs with all of its confinement."""
    found = []
    for pid in lab.processes():
        words = lab.words_of(pid)
        if words[:1] != ["/bin/sleep"]:
            continue
        verbs = [verb for verb in lab.expected
                 if VERBS[verb].program == ("first" if words[1] == lab.seconds else "exec")]
        try:
            got = _without_state(lab.confinement(pid))
        except OSError:
            continue
        wanted = [_without_state(lab.expected[verb]) for verb in verbs]
        if got not in wanted:
            missing = [line for line in wanted[0] if line not in got]
            more = [line for line in got if line not in wanted[0]]
            found.append(f"runs with other confinement: without {missing[:4]}, with {more[:4]}")
    return found


def _without_state(lines):
    """But for what pause and update change on purpose."""
    return [line for line in lines if not re.search(r"/(freezer\.state|cgroup\.freeze|pids\.max) ", line)]


def _is_alone(lab):
    return [pid for pid in lab.processes() if not lab.is_dead_of(pid, lab.standing)] == [lab.standing]


def settle(lab, verb, finding):
    """The end of a try: the container is deleted, unless others are made on it."""
    if verb.stands and not finding.problems and finding.fault != "SIGKILL":
        try:
            lab.end_programs(lab.seconds_of_exec)
            lab.until(lambda: _is_alone(lab), 2, "the container to be alone")
        except RuntimeError as error:
            others = [lab.describe(pid) for pid in lab.processes() if pid != lab.standing]
            finding.problems.append(f"{error}: {', '.join(others)}")
        finding.problems += lab.loose_ends()
        lab.tries_on_it += 1
        if not finding.problems and lab.tries_on_it < TRIES_ON_ONE:
            return
    finding.problems += lab.delete()
    if finding.problems:
        lab.clean()


def kill_at(lab, name, seconds, whole_group):
    """The verb's runtime is killed so many seconds after its start, alone or with its process group. Returns the Finding."""
    finding = Finding(lab.kind, name, None, "group" if whole_group else "runtime")
    prepare(lab, name)
    lab.standing = None
    finding.status, finding.said = lab.call(*VERBS[name].words(lab), kill_after=seconds, whole_group=whole_group)
    finding.is_reached = finding.status == -signal.SIGKILL
    if finding.is_reached and name == "create":
        lab.call("start", lab.id)
    if finding.status not in (0, -signal.SIGKILL):
        finding.problems.append(f"exit {finding.status}: {finding.said.strip()[:200]}")
    finding.problems += loose(lab)
    finding.problems += lab.delete()
    if finding.problems:
        lab.clean()
    return finding


def duration(lab, name):
    """How long the verb takes here, in seconds: the least of five, since other moments are beyond its end."""
    taken = []
    for _ in range(5):
        prepare(lab, name)
        before = time.monotonic()
        lab.must(*VERBS[name].words(lab))
        taken.append(time.monotonic() - before)
        lab.delete()
    return min(taken)
