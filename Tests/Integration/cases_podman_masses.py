"""Many containers of real podman at once, on one storage: none fails, and nothing is left behind."""

import concurrent.futures
import os

from harness import case, equal
from harness import layout as layouts
from harness.context import children, command_of
from harness.podman import LIMITS, Podman

TOTAL, AT_ONCE, ROUNDS = 40, 8, 2


@case("podman", timeout=300, alone=True, raind_only="what is asked is whether each of many is alike")
def podman_mass_of_containers(t):
    """40 containers, 8 calls at a time, and once more: each says what it is told to and ends so, conmon and all."""
    mounts = sorted(layouts.mounts())
    ids = t.folder("ids")
    with Podman(t) as podman:
        def one(entry):
            name, number = entry
            result = podman.call(
                "run", "--rm", "--name", name, "--cidfile", os.path.join(ids, name), "--network", "none", *podman.parent,
                *LIMITS, "--rootfs", podman.rootfs, "/bin/sh", "-c", f"echo out {number}; echo err {number} >&2; exit {number % 100}",
                timeout=120, record=False)
            found = (result.status, result.out, result.err)
            return [] if found == (number % 100, f"out {number}\n", f"err {number}\n") else [f"{number}: {found}"]
        for turn in range(ROUNDS):
            entries = [(f"{podman.prefix}-{turn}-{number}", number) for number in range(TOTAL)]
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                wrong = [line for lines in pool.map(one, entries) for line in lines]
            equal(wrong, [])
            equal(podman.call("ps", "--all", "--quiet", record=False).out, "", "podman knows of none")
            made = []
            for name, _ in entries:
                with open(os.path.join(ids, name), encoding="ascii") as file:
                    made.append(file.read().strip())
            equal(len(set(made)), TOTAL)
            # conmon ends by itself, once podman has cleaned up after it.
            t.until(lambda: t.reap() is not None and not [pid for pid in children(os.getpid()) if command_of(pid)],
                    f"no process is left: {[command_of(pid) for pid in children(os.getpid())]}", 20)
            for container in made:
                equal(os.path.exists(f"/run/raind-oci/{container}"), False, "state")
                equal(layouts.folders_named(container), [], "control groups")
        equal([mount for mount in sorted(layouts.mounts()) if mount not in mounts and not mount[0].startswith(t.scratch)], [])
