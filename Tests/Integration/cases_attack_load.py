"""Many containers at once, and many one after the other: what looks stays as fast as it was, and nothing stays behind."""

from harness import case, equal, less
from load import machine, measure

ALIVE = (1, 10, 50)
LIFECYCLES = 200


# What others do to the machine meanwhile is seen too. A container that leaves something does so each time.
ATTEMPTS = 3


def field(t):
    made = measure.Field(t.runtime.path, t.scratch, t.programs, t.name())
    # What is made once and stays, as caches of the kernel's, is made before anything is measured.
    measure.lifecycles(made, 4)
    return made


def leaves_nothing(made, count, work):
    """work() makes and deletes so many containers; nothing is left by it."""
    for _ in range(ATTEMPTS):
        before = machine.Snapshot(made.root)
        try:
            work()
        finally:
            made.take_away()
        left = machine.settled(before, made.root, count)
        if not left:
            return
    equal(left, [], f"left by {count} containers, {ATTEMPTS} times")


@case("attack", row="load", timeout=600, alone=True, raind_only="measures raind-oci; scripts/load --beside measures others, too",
      shown="runc 1.1.5 holds more than a tenth of a megabyte for each container besides, and its list takes two milliseconds for "
            "each; a list that looks at all containers for each one fails it")
def containers_alive_at_once(t):
    """A call takes as long with many containers as with one, list as long as there are containers; nothing of the runtime
    stays beside them."""
    made = field(t)
    sizes = (*ALIVE, *((250, 1000) if t.thorough else ()))
    rows = {}

    def work():
        rows.update((row["containers"], row) for row in measure.grow(made, sizes))
        t.tried("containers alive", sizes[-1])
    leaves_nothing(made, sizes[-1], work)
    most = rows[sizes[-1]]
    # By the processor's time, of which a loaded machine doesn't make more. A tick is 4 ms where the kernel counts by ticks.
    less(most["state_processor"], 3 * rows[1]["state_processor"] + 0.008, "state takes longer where there are many")
    less(most["list_processor"] / sizes[-1], 3 * rows[10]["list_processor"] / 10 + 0.008, "list takes longer for each")
    # The probe has some hundred kB of its own, most of them shared.
    less(most["process_kb"], 400, "kB of a container's process")


@case("attack", row="load", timeout=900, alone=True, raind_only="about what raind-oci leaves",
      shown="a build whose delete kept the control groups of one in ten")
def lifecycles_one_after_the_other(t):
    """Memory, descriptors, control groups, mounts, files, processes and keyrings are as they were."""
    made = field(t)
    count = t.rounds(LIFECYCLES, 10_000)

    def work():
        measure.lifecycles(made, count)
        t.tried("lifecycles", count)
    leaves_nothing(made, count, work)
