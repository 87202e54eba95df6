"""A race: somebody exchanges two names all the time, while containers are created."""

import contextlib
import mmap
import os
import signal
import struct

from enforcement import attacker
from harness import less, true
from harness.probe import Mount

# Of those that were asked for, until both sides of the race were met.
MOST_ROUNDS = 20


class Exchange:
    """A process that changes two names of a folder for each other, and counts. Use it as a context."""

    def __init__(self, folder, one, other):
        self._names = (os.path.join(folder, one), os.path.join(folder, other))
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        self._racer = None

    def __enter__(self):
        self._racer = os.fork()
        if self._racer == 0:
            try:
                # Who waits for a processor exchanges nothing.
                with contextlib.suppress(PermissionError):
                    os.nice(-10)
                attacker.exchange_for_ever(*self._names, self._page)
            finally:
                os._exit(1)
        return self

    def __exit__(self, *_):
        os.kill(self._racer, signal.SIGKILL)
        os.waitpid(self._racer, 0)

    @property
    def count(self):
        return struct.unpack_from("=Q", self._page)[0]


class Race:
    """What came of the rounds: how often a create met either side, and how often it was refused."""

    def __init__(self, t):
        self.t = t
        # Words to how often: one for each side, and "refused".
        self.met = {}

    def run(self, container, exchange, sides, look, *, rounds, flags=(), reset=None):
        """Creates the container again and again, while the names are exchanged.

        look(container) looks for what must not be, and says which sides that create has met; it gets None for one that has
        failed, which has met "refused" besides. Goes on beyond `rounds` until each of `sides` was met.
        """
        number = 0
        while number < rounds or number < rounds * MOST_ROUNDS and not all(side in self.met for side in sides):
            number += 1
            self._round(container, look, flags)
            if reset:
                reset()
        count = exchange.count
        self.t.tried("creates", number)
        self.t.tried("exchanges", count)
        # A create takes a thousand times as long as an exchange: fewer mean that nobody raced.
        less(rounds * 20, count, "exchanges")
        for side in sides:
            true(side in self.met, f"a create met {side!r} in {number} rounds and {count} exchanges: {self.met}")

    def _round(self, container, look, flags):
        done = container.create(*flags, out=None, err=None)
        try:
            # What fails has done something by then.
            sides = [*look(container if done.status == 0 else None), *(["refused"] if done.status != 0 else [])]
        finally:
            if done.status == 0:
                container.delete("--force")
        for side in sides:
            self.met[side] = self.met.get(side, 0) + 1


def mounts_of(container):
    """Those that the container's process has."""
    with open(f"/proc/{container.pid}/mountinfo", encoding="utf-8") as lines:
        return [Mount(line.rstrip("\n")) for line in lines]


def parent_of(mount, mounts):
    return next((other for other in mounts if other.id == mount.parent), None)


@contextlib.contextmanager
def race(t, folder, one, other):
    """(Race, Exchange): the names are exchanged while the context lasts."""
    with Exchange(folder, one, other) as exchange:
        yield Race(t), exchange
