"""One try: bring the container to the verb, run the verb with one fault, look, delete, look again."""

import re

from . import calls


class Point:
    """A call of a process of the runtime's."""

    def __init__(self, process, call, number, arguments):
        self.process = process
        self.call = call
        self.number = number
        self.arguments = arguments

    @property
    def name(self):
        return calls.NAMES.get(self.number, str(self.number))

    def __repr__(self):
        return f"{self.name} ({self.process}:{self.call})"


class Finding:
    def __init__(self, verb, point, fault, status, said, problems, reached):
        self.verb = verb
        self.point = point
        self.fault = fault
        self.status = status
        self.said = said
        self.problems = problems
        self.reached = reached

    @property
    def step(self):
        """The step that the error names; what it stands for in the table where there is none."""
        if self.status == 0:
            return "(done)"
        found = re.search(r"^raind-oci: \w+ \S+: ([a-z][^:]*): ", self.said, re.MULTILINE)
        return found.group(1) if found else "(no step)"


def points(lab, inject, verb):
    """The calls that the verb makes when nothing fails."""
    lab.prepare(verb)
    status, said = lab.call(*lab.words(verb), prefix=[inject, lab.log, "list", "--"])
    if status != 0:
        raise RuntimeError(f"{verb} below inject: exit {status}: {said}")
    found, others = [], set()
    with open(lab.log, encoding="ascii") as file:
        for line in file:
            fields = line.split()
            if fields[0] in others:
                continue
            # What follows is a hook's or the container's own program.
            if fields[0] != "0" and calls.NAMES.get(int(fields[2])) in ("execve", "execveat") and fields[3] == "0":
                others.add(fields[0])
            found.append(Point(int(fields[0]), int(fields[1]), int(fields[2]), fields[4:]))
    if verb == "create":
        lab.call(*lab.words("start"))
        lab.expected = lab.confinement(lab.program(lab.seconds))
    if verb == "exec":
        lab.expected_exec = lab.confinement(lab.program(lab.seconds_of_exec))
    lab.call("delete", "--force", lab.id)
    left = lab.leftovers()
    if left:
        raise RuntimeError(f"after {verb} without any fault: {left}")
    return found


def attempt(lab, inject, verb, point, fault):
    """fault: the name of an errno, or SIGKILL. Returns the Finding."""
    problems = []
    lab.prepare(verb)
    how = ["kill" if fault == "SIGKILL" else "fail", str(point.process), str(point.call), str(point.number)]
    if fault != "SIGKILL":
        how.append(str(calls.value(fault)))
    status, said = lab.call(*lab.words(verb), prefix=[inject, lab.log, *how, "--"])
    with open(lab.log, encoding="ascii") as file:
        reached = file.read().strip()
    if status is None:
        problems.append("hangs")
    if status == 125:
        problems.append(f"the injector failed: {said}")
    if fault != "SIGKILL" and status not in (0, None):
        problems += _wrong_words(verb, status, said, fault)
    if status == 0 and fault != "SIGKILL":
        problems += _not_done(lab, verb)
    problems += _loose(lab)
    forced, words = lab.call("delete", "--force", lab.id)
    if forced != 0:
        problems.append(f"delete --force: exit {forced}: {words.strip()}")
    try:
        # The last process of a group may need a moment.
        lab.until(lambda: not lab.leftovers(), 2)
    except RuntimeError:
        problems.append(f"left: {', '.join(lab.leftovers())}")
    if problems:
        lab.clean()
    return Finding(verb, point, fault, status, said, problems, reached)


def _wrong_words(verb, status, said, fault):
    """What a failed call must say: one line, with the step or the operation, and the errno."""
    lines = [line for line in said.splitlines() if line]
    if not lines:
        return ["fails without a word"]
    last = lines[-1]
    if not last.startswith(f"raind-oci: {verb} "):
        return [f"says {last[:200]!r}"]
    if not re.search(r"\bE[A-Z0-9]{2,}\b|signal|SIG|ended|died|exit status", last):
        return [f"names no errno: {last[:200]!r}"]
    if status >= 128 and verb != "exec":
        return [f"ended by signal {status - 128}"]
    return []


def _not_done(lab, verb):
    """Exit 0 means done."""
    try:
        if verb == "create":
            status, said = lab.call(*lab.words("start"))
            if status != 0:
                return [f"exit 0, and start then fails: {said.strip()[:300]}"]
            lab.program(lab.seconds)
        elif verb in ("start", "state"):
            lab.program(lab.seconds)
        elif verb == "exec":
            lab.program(lab.seconds_of_exec)
        elif verb == "delete":
            return [f"exit 0 and left: {left}" for left in lab.leftovers()]
    except RuntimeError as error:
        return [f"exit 0 and not done: {error}"]
    return []


def _loose(lab):
    """Whatever runs of the container runs with all of its confinement."""
    found = []
    for seconds, expected in ((lab.seconds, lab.expected), (lab.seconds_of_exec, lab.expected_exec)):
        for pid in lab.programs(seconds):
            try:
                got = lab.confinement(pid)
            except OSError:
                continue
            if got != expected:
                missing = [line for line in expected if line not in got]
                more = [line for line in got if line not in expected]
                found.append(f"runs with other confinement: without {missing[:4]}, with {more[:4]}")
    return found
