"""The life of a container as its callers may see it, and a check that some order of their calls explains what each was told.

A call takes hold at one moment or several between its beginning and its end, and nobody sees which. So the check goes through
the beginnings and ends in the order of the clock, and keeps every situation that there may be: where the container is in its
life, and how far each call that is at work has come. A call's end leaves those situations in which the call can have come to
its answer. Where none is left no order of the calls explains the answer, and the container's history is wrong.
"""

import collections

# What is told of a call that found the container in another state than it needs, by the text that tells it.
KINDS = (
    ("already exists", "exists"),
    ("does not exist", "unknown"),
    ("cannot start an already running container", "start-running"),
    ("cannot start a container that has stopped", "start-stopped"),
    ("cannot start a container in the paused state", "start-paused"),
    ("cannot start a container that is being created", "start-creating"),
    ("that is not stopped: running", "delete-running"),
    ("that is not stopped: paused", "delete-paused"),
    ("container not paused", "not-paused"),
    ("cannot exec in a stopped container", "exec-stopped"),
    ("cannot exec in a paused container", "exec-paused"),
    ("cannot exec in a container that is being created", "exec-creating"),
    ("cannot pause a container that is being created", "pause-creating"),
    ("that is not stopped: creating", "delete-creating"),
    ("died before it executed", "died"),
    ("state.json is missing", "damaged"),
    ("state.json is damaged", "damaged"),
    ("container not running", "not-running"),
)

# A container's place in its life. `wreck` is what is left where the only one who could go on was killed.
NONE, BARE, CREATING, CREATED, RUNNING, STOPPED, WRECK = "none", "bare", "creating", "created", "running", "stopped", "wreck"
ALIVE = (CREATED, RUNNING)

# doomed: SIGKILL is under way, for its process, or for the create that is at work on it. made_by: the create that made it. lock: the call that holds it.
State = collections.namedtuple("State", "place frozen doomed made_by lock")
# The stage of a call that goes no further.
ABANDONED = ("abandoned",)
NOTHING = State(NONE, False, False, None, None)


class Call:
    """What one caller did, and what it was told."""

    # pylint: disable=too-many-arguments
    def __init__(self, number, verb, name, begin, end, outcome, status=None, pid=None, killed=False, text="", made_pid=None):
        self.number = number
        self.verb = verb
        self.name = name
        self.begin = begin
        self.end = end
        # ok, a kind of KINDS, fail for another error, killed for a call that a signal ended, hangs
        self.outcome = outcome
        # What state and list say.
        self.status = status
        self.pid = pid
        # Whether the test itself has killed the caller: then it may have come anywhere.
        self.killed = killed
        self.text = text
        # Of a create: the process that it has made.
        self.made_pid = made_pid

    def __repr__(self):
        said = self.outcome if self.status is None else f"{self.status} {self.pid}"
        return (f"[{self.begin / 1e6:.3f}..{self.end / 1e6:.3f} ms] #{self.number} {self.verb} {self.name}: "
                f"{'its owner was killed; ' if self.killed else ''}{said}{' (' + self.text + ')' if self.text else ''}")


def kind_of(text):
    """The kind of an error's text."""
    return next((kind for part, kind in KINDS if part in text), "fail")


# What a call may do next: (state, stage) pairs. A stage is a number or a word, or ("done", outcome) when it has its answer.

def _done(*outcomes):
    return [("done", outcome) for outcome in outcomes]


def _locked(call, state):
    """Whether the lock is this call's, or can be."""
    return state.lock in (None, call.number)


def _while_its_create_ends(state, outcome):
    """Its lock is free as soon as a create that was killed has closed its files, and that is before it is gone."""
    return [(state, end) for end in _done(outcome)] if state.place == CREATING and state.doomed else []


def _create(call, state, stage):
    if stage == 0:
        if state.place != NONE:
            return [(state, end) for end in _done("exists")]
        return [(State(BARE, False, False, call.number, call.number), 1)]
    mine = state.made_by == call.number
    if stage == 1 and mine and state.place == BARE:
        return [(state._replace(place=CREATING), 2)]
    if stage == 2 and mine and state.place == CREATING and not state.doomed:
        return [(state._replace(place=CREATED, lock=None), ("done", "ok"))]
    # Somebody has taken it away by force.
    ended = not mine or state.doomed or state.place not in (BARE, CREATING)
    return [(state, end) for end in _done("killed", "fail")] if ended else []


def _refused(call, state, creating, stopped=None):
    """What a verb that takes the lock answers where no process of the container's is alive; None where one is, and for a
    stopped one that it has work with."""
    if state.place == NONE:
        return [(state, end) for end in _done("unknown")]
    if not _locked(call, state):
        return []
    if state.place == WRECK:
        return [(state, end) for end in _done("damaged")]
    if state.place == STOPPED:
        return [(state, end) for end in _done(stopped)] if stopped else None
    return None if state.place in ALIVE else _while_its_create_ends(state, creating)


def _start(call, state, stage):
    if stage == 0:
        refused = _refused(call, state, "start-creating", "start-stopped")
        if refused is not None:
            return refused
        if state.frozen:
            return [(state, end) for end in _done("start-paused")]
        if state.place == RUNNING:
            return [(state, end) for end in _done("start-running")]
        # Its process may end before it hears of the start.
        more = [(state, end) for end in _done("start-stopped")] if state.doomed else []
        return [(state._replace(place=RUNNING), (1, state.made_by)), *more]
    same = state.made_by == stage[1] and state.place == RUNNING
    if same and state.frozen:
        return []
    if same and not state.doomed:
        return [(state, end) for end in _done("ok")]
    return [(state, end) for end in _done("ok", "died", "start-stopped")]


def _delete(call, state, stage):
    if stage == 0:
        refused = _refused(call, state, "delete-creating")
        if refused is not None:
            return refused
        if state.place == STOPPED:
            return [(state._replace(lock=call.number), 2)]
        if state.frozen:
            return [(state, end) for end in _done("delete-paused")]
        if state.place == CREATED:
            return [(state._replace(doomed=True, lock=call.number), 1)]
        waits = [(state._replace(lock=call.number), 1)] if state.doomed else []
        # SIGKILL can be a moment older than its effect.
        return [(state, end) for end in _done("delete-running")] + waits
    return _removal(call, state, stage)


def _delete_force(call, state, stage):
    if stage == 0:
        if state.place == NONE:
            return [(state, end) for end in _done("ok")]
        # Whoever is creating it is ended first.
        ended = [(state._replace(doomed=True, lock=None), "go")] if state.place == CREATING else []
        return [(state, "go"), *ended]
    if stage == "go":
        if state.place == NONE:
            return [(state, end) for end in _done("ok")]
        if not _locked(call, state):
            return []
        if state.place in ALIVE:
            return [(state._replace(doomed=True, frozen=False, lock=call.number), 1)]
        return [(state._replace(lock=call.number), 2)]
    return _removal(call, state, stage)


def _removal(call, state, stage):
    if stage == 1:
        return [(state, 2)] if state.place == STOPPED else []
    return [(NOTHING, ("done", "ok"))]


def _kill(call, state, stage):
    if stage == 0:
        if state.place in ALIVE:
            return [(state, ("look", state.made_by, state.frozen))]
        return [(state, end) for end in _done(*{
            NONE: ["unknown"], STOPPED: ["not-running"], CREATING: ["not-running"], WRECK: ["damaged"], BARE: []}[state.place])]
    if stage[0] == "look":
        if state.place not in ALIVE or state.made_by != stage[1]:
            return [(state, end) for end in _done("not-running")]
        if call.verb == "signal":
            return [(state, end) for end in _done("ok")]
        next_stage = ("thaw", stage[1]) if stage[2] else ("done", "ok")
        return [(state._replace(doomed=True), next_stage)]
    thawed = state._replace(frozen=False) if state.made_by == stage[1] else state
    return [(thawed, ("done", "ok"))]


def _state(_, state, stage):
    if stage == 0 and state.place != BARE:
        return [(state, end) for end in _done(_seen(state))]
    return []


def _seen(state):
    """What a look at the container shows: its status, and whose process it tells of."""
    if state.place == NONE:
        return "unknown"
    if state.place == WRECK:
        return "damaged"
    if state.place in ALIVE:
        return ("paused" if state.frozen else state.place, state.made_by)
    return (state.place, None)


def _pause(call, state, stage):
    if stage == 0:
        refused = _refused(call, state, "pause-creating", "not-running")
        if refused is not None:
            return refused
        if state.frozen:
            return [(state, end) for end in _done("not-running")]
        return [(state._replace(frozen=True, lock=call.number), (1, state.made_by))]
    # It waits until all processes stand. One that is being killed may be thawed for its end.
    free = state._replace(lock=None) if state.lock == call.number else state
    ways = [(free, ("done", "ok"))]
    if state.doomed or state.place not in ALIVE or state.made_by != stage[1]:
        ways += [(free._replace(frozen=False), end) for end in _done("ok", "fail", "not-running")]
    return ways


def _resume(call, state, stage):
    refused = _refused(call, state, "not-paused", "not-running")
    if refused is not None:
        return refused
    if not state.frozen:
        return [(state, end) for end in _done("not-paused")]
    return [(state._replace(frozen=False), ("done", "ok"))]


def _exec(_, state, stage):
    if stage == 0:
        if state.place in ALIVE:
            return [(state, ("done", "exec-paused") if state.frozen else ("in", state.made_by))]
        return [(state, end) for end in _done(*{
            NONE: ["unknown"], STOPPED: ["exec-stopped"], CREATING: ["exec-creating"], WRECK: ["damaged"],
            BARE: []}[state.place])]
    if state.place in ALIVE and state.made_by == stage[1]:
        if state.frozen and not state.doomed:
            return []
        if not state.doomed:
            return [(state, end) for end in _done("ok")]
    # The container ends under it.
    return [(state, end) for end in _done("ok", "fail", "exec-stopped", "unknown")]


VERBS = {
    "create": _create, "start": _start, "delete": _delete, "delete --force": _delete_force, "kill": _kill, "signal": _kill,
    "state": _state, "list": _state, "pause": _pause, "resume": _resume, "exec": _exec,
}
# What leaves the container as it is, however far it comes.
WITHOUT_TRACE = ("state", "list", "exec")


class History:
    """The calls to one container."""

    # Where there are so many the check would not end: a call that waits for a second has dozens of others beside it. It goes on
    # where nobody is at work, with every situation that there may be then.
    MOST_SITUATIONS = 200_000

    def __init__(self, calls, is_exact=True):
        """is_exact: whether the runtime's texts are known; else a refusal is as good as any other."""
        self.calls = {call.number: call for call in calls}
        self.is_exact = is_exact
        self.pids = {call.number: call.made_pid for call in calls if call.made_pid}
        self.most = 0
        # Calls whose answers were not held against anything.
        self.unjudged = 0
        self._forced = {}

    def check(self):
        """The answers that no order of the calls explains, a text each: the call, and those that were at work with it."""
        wrong = []
        moments = sorted([(call.begin, 0, call.number) for call in self.calls.values()]
                         + [(call.end, 1, call.number) for call in self.calls.values()])
        # A situation: the state, and for each call at work (number, stage).
        situations = {(NOTHING, frozenset())}
        recent = collections.deque(maxlen=9)
        at_work_now, makers = 0, []
        for _, is_end, number in moments:
            call = self.calls[number]
            at_work_now += -1 if is_end else 1
            if not is_end:
                if call.verb == "create":
                    makers.append(number)
                if situations is not None:
                    first = ABANDONED if call.killed and call.verb in WITHOUT_TRACE else 0
                    situations = {(state, at_work | {(number, first)}) for state, at_work in situations}
                continue
            recent.append(call)
            before = None if situations is None else self._closed(situations)
            if before is None or len(before) > self.MOST_SITUATIONS:
                self.unjudged += 1
                situations = None if at_work_now else {(state, frozenset()) for state in self._anywhere(makers)}
                continue
            situations = self._after(call, before, call.killed)
            if not situations:
                # Whatever it was told: before, the ways to another answer were not gone into.
                before = self._closed(before, call)
                states = {self._told(state) for state, _ in before}
                wrong.append(
                    f"{call}\n  where the container can have been: {', '.join(sorted(states))}\n  at work at the same time:\n    "
                    + "\n    ".join(map(repr, self._beside(call))) + "\n  ended before:\n    "
                    + "\n    ".join(map(repr, list(recent)[:-1])))
                # The others are looked at all the same, wherever this one came to.
                situations = self._after(call, before, True)
        return wrong

    @staticmethod
    def _anywhere(makers):
        """Every state that a container can be in while nobody is at work, made by any of these creates."""
        states = {NOTHING}
        for maker in makers:
            of_maker = State(STOPPED, False, False, maker, None)
            states |= {of_maker, of_maker._replace(place=WRECK), of_maker._replace(place=CREATING, doomed=True)}
            states |= {of_maker._replace(place=place, frozen=frozen, doomed=doomed)
                       for place in ALIVE for frozen in (False, True) for doomed in (False, True)}
        return states

    def _told(self, state):
        seen = _seen(state)
        return seen if isinstance(seen, str) else seen[0] + (" (ending)" if state.doomed else "")

    def _is_forced(self, call):
        """Whether somebody deletes by force while the call is at work."""
        if call.number not in self._forced:
            self._forced[call.number] = any(other.verb == "delete --force" for other in self._beside(call))
        return self._forced[call.number]

    def _beside(self, call):
        return sorted((other for other in self.calls.values()
                       if other is not call and other.begin < call.end and other.end > call.begin), key=lambda other: other.begin)

    def _closed(self, situations, unheeded=None):
        """All situations that these may have become. What a call was told is known before its end, so a way by which it would be
        told anything else is none; only the answer of `unheeded` is not looked at."""
        found, new = set(situations), list(situations)
        while new:
            state, at_work = new.pop()
            following = []
            if state.doomed and state.place in (*ALIVE, CREATING):
                following.append((state._replace(place=STOPPED, frozen=False, doomed=False), at_work))
            for entry in at_work:
                number, stage = entry
                call = self.calls[number]
                if call.killed and stage != ABANDONED:
                    # Its files are closed before its end is told.
                    following += [(changed, (at_work - {entry}) | {(number, ABANDONED)})
                                  for changed in self._abandoned(call, state, stage) if changed != state]
                if isinstance(stage, tuple) and stage[0] in ("done", "abandoned"):
                    continue
                for changed, next_stage in VERBS[call.verb](call, state, stage):
                    if isinstance(next_stage, tuple) and next_stage[0] == "done":
                        if call.killed:
                            # Nobody was told.
                            next_stage = ABANDONED
                        elif call is not unheeded and not self._answers(call, next_stage):
                            continue
                    following.append((changed, (at_work - {entry}) | {(number, next_stage)}))
            for situation in following:
                if situation not in found:
                    found.add(situation)
                    new.append(situation)
            if len(found) > self.MOST_SITUATIONS:
                break
        self.most = max(self.most, len(found))
        return found

    def _after(self, call, situations, anyhow):
        """The situations in which the call can have ended as it did, or anyhow."""
        left = set()
        for state, at_work in situations:
            for entry in at_work:
                if entry[0] != call.number:
                    continue
                rest = at_work - {entry}
                # A create that was killed is gone by now, whether its end was seen before or not.
                is_ended = call.verb == "create" and state.place == CREATING and state.made_by == call.number
                now = state._replace(place=STOPPED, doomed=False) if is_ended else state
                if anyhow:
                    left.update((changed, rest) for changed in self._abandoned(call, now, entry[1]))
                elif self._answers(call, entry[1]):
                    left.add((now, rest))
        return left

    @staticmethod
    def _abandoned(call, state, stage):
        """What there is when the call goes no further."""
        freed = state._replace(lock=None) if state.lock == call.number else state
        if call.verb == "create" and state.made_by == call.number:
            if state.place == BARE:
                return [freed._replace(place=WRECK)]
            if state.place == CREATING:
                # Nobody goes on with it.
                return [freed._replace(doomed=True)]
        if call.verb.startswith("delete") and stage == 2 and state.lock == call.number:
            # Part of the folder may be gone.
            return [freed, freed._replace(place=WRECK)]
        return [freed]

    def _answers(self, call, stage):
        """Whether the stage is this call's answer."""
        if not isinstance(stage, tuple) or stage[0] != "done":
            return False
        outcome = stage[1]
        if isinstance(outcome, tuple):
            if call.status != outcome[0]:
                return False
            pid = self.pids.get(outcome[1])
            return pid is None or call.pid == pid
        if call.verb == "list":
            # What isn't there, or can't be read, isn't listed.
            return call.outcome == "ok" and call.status is None and outcome in ("unknown", "damaged")
        if call.status is not None:
            return False
        if call.outcome == "killed":
            # It was done and not yet gone, when somebody who deletes by force ended it.
            return call.verb == "create" and (outcome == "killed" or self._is_forced(call))
        if not self.is_exact:
            return (call.outcome == "ok") == (outcome == "ok")
        return call.outcome == outcome
