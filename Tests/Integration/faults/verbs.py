"""What is tried: a command line of the runtime, what has to be there before, and what must be true when it has succeeded."""

import contextlib
import json
import os

# A program that tells of its own confinement and ends.
REPORT = ("/bin/cat", "/proc/self/status")
SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters")


class Verb:
    """command: the word that messages begin with. before: verbs that bring the container there. stands: one container does for
    many tries. done(lab): raises RuntimeError where success is none."""

    def __init__(self, command, words, before, done, *, stands=False, program=None):
        self.command = command
        self.words = words
        self.before = before
        self.done = done
        self.stands = stands
        # Whose arguments the program that it starts has: the first process's, or an exec's.
        self.program = program


def _started(lab):
    lab.program(lab.seconds)


def _created(lab):
    lab.must(*VERBS["start"].words(lab))
    lab.program(lab.seconds)


def _executed(lab):
    lab.program(lab.seconds_of_exec)


def _reported(lab):
    """The program's own words are those of when nothing failed."""
    lines = [" ".join(line.split()) for line in lab.output.splitlines()]
    expected = [line for line in lab.expected["exec"] if line.partition(":")[0] in SETS]
    # Its ids are those of its user namespace.
    expected += ["Uid: 1000 1000 1000 1000", "Gid: 1000 1000 1000 1000", "Groups: 5"]
    if not set(expected) <= set(lines):
        raise RuntimeError(f"the program says {lab.output!r}")


def _ended(lab):
    # Collected, too: until then its control groups are in use.
    lab.until(lambda: not lab.processes(), what="the end of the container")


def _told(lab):
    try:
        status = json.loads(lab.output)["status"]
    except ValueError:
        raise RuntimeError(f"state says {lab.output!r}") from None
    if status != "running":
        raise RuntimeError(f"state says {status}")


def _is_frozen(lab):
    for folder in lab.groups():
        for name, frozen in (("freezer.state", "FROZEN"), ("cgroup.freeze", "1")):
            with contextlib.suppress(OSError), open(os.path.join(folder, name), encoding="ascii") as file:
                if file.read().strip() == frozen:
                    return True
    return False


def _paused(lab):
    if not _is_frozen(lab):
        raise RuntimeError("the container is not frozen")


def _resumed(lab):
    if _is_frozen(lab):
        raise RuntimeError("the container is frozen")


def _updated(lab):
    for folder in lab.groups():
        with contextlib.suppress(OSError), open(os.path.join(folder, "pids.max"), encoding="ascii") as file:
            if file.read().strip() == "60":
                return
    raise RuntimeError("the limit is as it was")


def _deleted(lab):
    left = lab.leftovers()
    if left:
        raise RuntimeError(f"left: {', '.join(left)}")


def _of_bundle(command, *flags):
    def words(lab):
        console = ("--console-socket", lab.console.path) if lab.kind == "full" else ()
        return (command, *flags, "--bundle", lab.bundle.folder, *console, lab.id)
    return words


def _exec(*flags, program=None):
    def words(lab):
        console = ("--console-socket", lab.console.path) if "--tty" in flags else ()
        return ("exec", *flags, *console, lab.id, *(program or ("/bin/sleep", lab.seconds_of_exec)))
    return words


RUNNING = ("create", "start")
VERBS = {
    "create": Verb("create", _of_bundle("create"), (), _created, program="first"),
    "start": Verb("start", lambda lab: ("start", lab.id), ("create",), _started, program="first"),
    "run": Verb("run", _of_bundle("run", "--detach"), (), _started, program="first"),
    "exec": Verb("exec", _exec("--detach"), RUNNING, _executed, stands=True, program="exec"),
    "exec-terminal": Verb("exec", _exec("--detach", "--tty"), RUNNING, _executed, stands=True, program="exec"),
    "exec-foreground": Verb("exec", _exec(program=REPORT), RUNNING, _reported, stands=True),
    "state": Verb("state", lambda lab: ("state", lab.id), RUNNING, _told, stands=True),
    "kill": Verb("kill", lambda lab: ("kill", lab.id, "KILL"), RUNNING, _ended),
    "pause": Verb("pause", lambda lab: ("pause", lab.id), RUNNING, _paused),
    "resume": Verb("resume", lambda lab: ("resume", lab.id), (*RUNNING, "pause"), _resumed),
    "update": Verb("update", lambda lab: ("update", "--pids-limit", "60", lab.id), RUNNING, _updated),
    "delete": Verb("delete", lambda lab: ("delete", lab.id), (*RUNNING, "kill"), _deleted),
    "delete-force": Verb("delete", lambda lab: ("delete", "--force", lab.id), RUNNING, _deleted),
}


def prepare(lab, name):
    """Brings the container to where the verb applies."""
    verb = VERBS[name]
    if verb.stands and lab.standing:
        return
    for word in verb.before:
        lab.must(*VERBS[word].words(lab))
        if word == "start":
            lab.standing = lab.program(lab.seconds)
            lab.tries_on_it = 0
        if word == "kill":
            _ended(lab)
    if not verb.stands:
        lab.standing = None
