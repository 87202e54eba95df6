"""Many containers at once, and many one after the other: what looks stays as fast as it was, and nothing stays behind."""

from harness import case, contains, equal, less
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
      shown="a program in front of raind-oci that has it list all containers before each state fails it")
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
    # By the processor's time, of which a loaded machine doesn't make much more.
    less(most["state_processor"], 1.5 * rows[1]["state_processor"] + 0.0005, "state takes longer where there are many")
    less(most["list_processor"], rows[10]["list_processor"] / 10 * sizes[-1], "list takes longer for each")
    # The probe has some hundred kB of its own, most of them shared.
    less(most["process_kb"], 400, "kB of a container's process")


@case("attack", row="load", timeout=900, alone=True, raind_only="about what raind-oci leaves",
      shown="what-stays-is-seen, a control of the same look")
def lifecycles_one_after_the_other(t):
    """Memory, descriptors, control groups, mounts, files, processes and keyrings are as they were."""
    made = field(t)
    count = t.rounds(LIFECYCLES, 10_000)

    def work():
        measure.lifecycles(made, count)
        t.tried("lifecycles", count)
    leaves_nothing(made, count, work)


@case("attack", row="load", timeout=120, alone=True, raind_only="about the look", shown="itself a control of the look")
def what_stays_is_seen(t):
    """Containers that nobody has deleted are seen in all that they hold."""
    made = field(t)
    before = machine.Snapshot(made.root)
    count = 80
    try:
        for number in range(count):
            made.call("create", "--bundle", made.sleeping.folder, made.name(number))
        left = machine.Snapshot(made.root).more_than(before, 0)
    finally:
        made.take_away()
    told = " ".join(left)
    for what in ("kB that the kernel holds", "objects net_namespace", "objects uts_namespace", "objects mnt_cache", "open files"):
        contains(told, what)
    if before.groups.get("pids"):
        contains(told, "control groups of pids")
