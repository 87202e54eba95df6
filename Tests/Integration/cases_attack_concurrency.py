"""Callers that all work on the same containers: each answer is one that some order of the calls gives, and what a killed owner
leaves is still everybody's to delete."""

import contextlib
import fcntl
import os
import subprocess

from harness import case, cases, contains, equal, fails, true
from harness.runtime import ENVIRONMENT
from stress import callers, judgement
from stress.model import VERBS, Call, History


def stress(t, seconds, kills_owners):
    ground = callers.Ground(t.runtime.path, t.root, t.scratch, t.programs, t.name(), 12)

    def delete(name):
        done = subprocess.run([t.runtime.path, "--root", t.root, "delete", "--force", name], capture_output=True, text=True,
                              timeout=30, check=False, env=ENVIRONMENT, stdin=subprocess.DEVNULL)
        return done.returncode, done.stderr.strip()
    calls = []
    try:
        # The seed is the process's: another each time, and told with what goes wrong.
        calls = callers.run(ground, 8, seconds, kills_owners, os.getpid())
    finally:
        left = judgement.clean(ground, delete)
    t.tried("calls", len({call.number for call in calls}))
    wrong, _, unjudged = judgement.judge(ground, calls, t.runtime.is_raind)
    equal([text.partition("\n")[0] for text in wrong], [], f"answers that no order of the calls explains (seed {os.getpid()})")
    equal(left, [], "left behind")
    true(unjudged < len(calls) / 50, f"{unjudged} of {len(calls)} answers were not held against anything")
    true(len({call.number for call in calls}) > 20 * seconds, f"only {len(calls)} calls were made")
    for verb in callers.WEIGHTS:
        true(any(call.verb == verb and call.outcome == "ok" for call in calls), f"no {verb} had anything to do")
    if kills_owners:
        true(any(call.killed for call in calls), "no owner was killed")


@cases("attack", [("that-live", False, {"hole": "lock-not-taken", "shown": None}), ("that-are-killed", True)],
       row="concurrency", timeout=150,
       raind_only="runc's list fails while a container is deleted, and two of its creates can hold one id",
       shown="runc 1.1.5 fails it within seconds, and so did raind-oci while a record was missing for a moment at either end of a "
             "container's life")
def callers_of_the_same_containers(t, kills_owners):
    stress(t, t.rounds(6, 60), kills_owners)


@contextlib.contextmanager
def locked(folder):
    """As who is at work in a container's folder has it."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def waits(process):
    """Whether a call is still there after a while."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.2)
    return process.poll() is None


@case("attack", row="concurrency", raind_only="about the files of its own state",
      hole="record-not-awaited")
def record_that_is_missing_for_a_moment_is_awaited(t):
    """At both ends of a container's life its folder has no record for a moment; whoever is at work there holds the lock."""
    said = os.path.join(t.scratch, "said")
    with t.container() as c:
        c.up()
        folder = os.path.join(t.root, c.id)
        record, hidden = (os.path.join(folder, name) for name in ("state.json", "state.json.hidden"))
        os.rename(record, hidden)
        # Nobody is at work: whoever was has died.
        contains(fails(c.state_result()).err, "state.json is missing")
        contains(fails(c.kill("CONT")).err, "state.json is missing")
        with locked(folder), open(said, "wb") as out:
            call = t.spawn("state", c.id, stdout=out)
            true(waits(call), "state waits")
            os.rename(hidden, record)
            equal(call.wait(5), 0, "and tells of the container")
        with open(said, encoding="utf-8") as out:
            contains(out.read(), '"running"')
    gone = os.path.join(t.root, t.name())
    os.mkdir(gone, 0o700)
    with locked(gone), open(said, "wb") as err:
        call = t.spawn("state", os.path.basename(gone), stderr=err)
        true(waits(call), "state waits")
        os.rmdir(gone)
        equal(call.wait(5), 1)
    with open(said, encoding="utf-8") as err:
        contains(err.read(), "does not exist")


@case("attack", row="concurrency", raind_only="about the files of its own state",
      hole="lock-not-taken")
def delete_force_of_what_somebody_else_deletes(t):
    """It waits for whoever holds the lock; then there is nothing left to delete, and that is no error."""
    for _ in range(t.rounds(20, 200)):
        name = t.name()
        folder = os.path.join(t.root, name)
        os.makedirs(folder, 0o700)
        calls = [t.spawn("delete", "--force", name) for _ in range(6)]
        equal([call.wait(10) for call in calls], [0] * len(calls))
        true(not os.path.exists(folder), "it is gone")


def history(*entries):
    """Calls to one container: (verb, begin, end, outcome or status, more..)."""
    calls = []
    for number, (verb, begin, end, said, *more) in enumerate(entries, 1):
        options = dict(more[0]) if more else {}
        if verb in ("state", "list") and said not in ("unknown", "damaged", "absent"):
            options |= {"status": said, "pid": options.get("pid", 7 if said not in ("stopped", "creating") else 0)}
            said = "ok"
        if verb == "create" and said == "ok":
            options.setdefault("made_pid", 7)
        calls.append(Call(number, verb, "one", begin * 1e6, end * 1e6, "ok" if said == "absent" else said, **options))
    return History(calls).check()


UP = (("create", 0, 1, "ok"), ("start", 2, 3, "ok"))
# Each is what a runtime would tell that has lost a lock, or looks at two things at two moments.
WRONG = [
    ("two-creates", [("create", 0, 5, "ok"), ("create", 1, 4, "ok", {"made_pid": 8})]),
    ("two-starts", [("create", 0, 1, "ok"), ("start", 2, 5, "ok"), ("start", 3, 4, "ok")]),
    ("two-deletes", [*UP, ("kill", 4, 5, "ok"), ("delete", 6, 9, "ok"), ("delete", 7, 8, "ok")]),
    ("running-before-the-start", [("create", 0, 1, "ok"), ("state", 2, 3, "running"), ("start", 4, 5, "ok")]),
    ("running-without-a-start", [("create", 0, 1, "ok"), ("delete", 2, 9, "ok"), ("state", 3, 4, "running")]),
    ("gone-while-it-runs", [*UP, ("state", 4, 5, "unknown")]),
    ("not-listed-while-it-runs", [*UP, ("list", 4, 5, "absent")]),
    ("stopped-without-a-kill", [*UP, ("state", 4, 5, "stopped")]),
    ("another-process", [*UP, ("state", 4, 5, "running", {"pid": 8})]),
    ("back-from-the-dead", [*UP, ("kill", 4, 5, "ok"), ("state", 6, 7, "stopped"), ("state", 8, 9, "running")]),
    ("damaged", [("create", 0, 9, "ok"), ("state", 1, 2, "damaged")]),
    ("deleted-while-it-runs", [*UP, ("delete", 4, 5, "ok")]),
    ("paused-by-nobody", [*UP, ("state", 4, 5, "paused")]),
    ("exec-while-paused", [*UP, ("pause", 4, 5, "ok"), ("exec", 6, 7, "ok")]),
    ("killed-by-nobody", [("create", 0, 1, "killed")]),
    ("an-error-of-no-reason", [*UP, ("exec", 4, 5, "fail")]),
    ("creating-for-ever", [("create", 0, 1, "killed", {"killed": True}), ("state", 2, 3, "creating")]),
    ("still-there-after-delete", [*UP, ("delete --force", 4, 5, "ok"), ("state", 6, 7, "stopped")]),
]
RIGHT = [
    ("start-beats-start", [("create", 0, 1, "ok"), ("start", 2, 5, "ok"), ("start", 3, 4, "start-running")]),
    ("create-after-delete", [*UP, ("delete --force", 4, 9, "ok"), ("create", 5, 8, "ok", {"made_pid": 8}),
                             ("state", 10, 11, "created", {"pid": 8})]),
    ("state-beside-a-delete", [*UP, ("delete --force", 4, 9, "ok"), ("state", 5, 6, "running"), ("state", 7, 8, "stopped"),
                               ("state", 10, 11, "unknown")]),
    ("create-ended-by-force", [("create", 0, 5, "killed"), ("delete --force", 1, 6, "ok"), ("list", 7, 8, "absent")]),
    ("owner-killed-anywhere", [("create", 0, 1, "killed", {"killed": True}), ("state", 2, 3, "damaged"),
                               ("delete", 4, 5, "damaged"), ("delete --force", 6, 7, "ok"), ("create", 8, 9, "ok")]),
    ("killed-while-it-starts", [("create", 0, 1, "ok"), ("start", 2, 6, "died"), ("kill", 3, 4, "ok")]),
    ("create-that-is-just-ending", [("create", 0, 9, "killed"), ("delete --force", 1, 8, "ok"), ("start", 2, 3, "start-creating"),
                                    ("state", 4, 5, "creating")]),
    ("owner-whose-lock-is-free-before-its-end", [("create", 0, 9, "killed", {"killed": True}), ("state", 2, 3, "stopped"),
                                                 ("delete", 4, 5, "ok"), ("state", 10, 11, "unknown")]),
    ("exec-ended-by-force", [*UP, ("exec", 4, 9, "fail"), ("delete --force", 5, 6, "ok")]),
]


@case("attack", row="concurrency", raind_only="about the check", shown="itself a control of the check")
def answers_that_nothing_explains_are_seen(_):
    """The check of stress finds what is wrong with each of these, and nothing in what can well be."""
    for name, entries in WRONG:
        true(history(*entries), f"some order of the calls was thought to explain {name}")
    for name, entries in RIGHT:
        equal(history(*entries), [], name)
    equal(set(callers.WEIGHTS), set(VERBS), "each call that is made has a model")


@case("attack", row="concurrency", raind_only="about the check itself", shown="by histories of both kinds")
def the_check_goes_on_after_too_many_orders(_):
    """What it could not look through it counts, and what follows it judges again."""
    class Small(History):
        MOST_SITUATIONS = 40
    crowd = [Call(number, "exec", "one", 4e6, 9e6, "ok") for number in range(10, 18)]
    up = [Call(1, "create", "one", 0, 1e6, "ok", made_pid=7), Call(2, "start", "one", 2e6, 3e6, "ok")]
    after = [Call(20, "kill", "one", 10e6, 11e6, "ok"), Call(21, "state", "one", 12e6, 13e6, "ok", status="stopped", pid=0)]
    right = Small([*up, *crowd, *after])
    equal((right.check(), right.unjudged), ([], len(crowd)))
    wrong = Small([*up, *crowd, *after, Call(22, "state", "one", 14e6, 15e6, "ok", status="running", pid=7)])
    equal(len(wrong.check()), 1, "an answer that nothing explains, after those that were not judged")
