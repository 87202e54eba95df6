"""What `raind-profile apply` wrote, below the other runtimes: any OCI runtime enforces a profile."""

import os
import re
import shutil

from enforcement import tries
from enforcement.cells import capability_cells, syscall_cells
from enforcement.expectations import Expectations, system_call
from harness import cases, true
from harness.context import Test
from harness.layout import MNT_DETACH, umount
from harness.probe import own_capabilities
from harness.runtime import ENVIRONMENT, Runtime

UNIFIED = "/sys/fs/cgroup/unified"
# The last call that libseccomp 2.5 has a number for (set_mempolicy_home_node): Debian 12's runc and crun are linked with it.
LAST_CALL = 450


def newer_calls():
    """The calls that a filter of theirs says nothing about, whatever the config says."""
    with open("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", encoding="ascii") as file:
        found = re.findall(r"^#define __NR_(\w+) (\d+)$", file.read(), re.MULTILINE)
    return {name for name, number in found if int(number) > LAST_CALL}


def below(t, name):
    """The same test with another runtime."""
    program = shutil.which(name, path=ENVIRONMENT["PATH"])
    true(program, f"{name} is installed")
    # Debian's crun refuses the hybrid layout. The case has a mount namespace of its own.
    if name == "crun" and os.path.ismount(UNIFIED):
        umount(UNIFIED, MNT_DETACH)
    folder = t.folder()
    os.chmod(folder, 0o755)
    return Test(Runtime(program), t.layout, folder, t.name(), t.programs, t.tools)


def changes(profile):
    """privileged asks for all that the kernel has; they fail on what this machine can't give."""
    if profile != "privileged":
        return []
    missing = Expectations().profiles[profile].capabilities - set(own_capabilities())
    return ["--cap-drop", ",".join(sorted(missing))] if missing else []


@cases("enforcement", [(f"{name}-{profile}", name, profile) for name in ("runc", "crun")
                       for profile in Expectations().profiles],
       timeout=180, layouts=("hybrid", "v1"), raind_only="they are called by name")
def table_below(t, name, profile):
    """The table of cases_enforcement.py, with that runtime alone."""
    peer = below(t, name)
    lacking = newer_calls() | {row for row in tries.rows_of_probe(t, "syscalls") if row not in tries.known_calls()}
    try:
        config = tries.applied(t, profile, options=changes(profile))
        cells = capability_cells(peer, profile, config) + syscall_cells(peer, profile, config)
    finally:
        left = peer.leftovers()
    own = set(own_capabilities())
    wrong = [cell for cell in cells if cell.red and system_call(cell.row) not in lacking
             and not (cell.row.startswith("CAP_") and cell.row not in own)]
    true(not wrong, f"{len(wrong)} of {len(cells)} cells: {'; '.join(map(str, wrong))}")
    true(not left, f"left behind: {', '.join(left)}")
    decided = {cell.found for cell in cells if cell.found != "untested"}
    true(decided >= ({"denied", "allowed"} if profile not in ("privileged", "unconfined") else {"allowed"}), decided)
