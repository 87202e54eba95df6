"""What the built-in profiles refuse, tried from inside: rows are capabilities and system calls, columns the profiles.

A cell is tried in a container whose config.json `raind-profile apply` wrote, and in controls that differ by the layer
that should decide. A cell whose control comes out the same says nothing and is untested.
"""

import json
import os

from enforcement import tries
from enforcement.cells import capability_cells, syscall_cells
from enforcement.expectations import Expectations
from harness import cases, equal

PROFILES = [(name, name) for name in Expectations().profiles]


def record(t, cells, layer):
    """Leaves the cells for the table, and fails with every red one."""
    os.makedirs(t.tools["results"], exist_ok=True)
    with open(os.path.join(t.tools["results"], f"{cells[0].profile}-{layer}.json"), "w", encoding="utf-8") as file:
        json.dump([cell.as_json() for cell in cells], file)
    red = [str(cell) for cell in cells if cell.red]
    if red:
        raise AssertionError(f"{len(red)} of {len(cells)} cells: {'; '.join(red)}")


@cases("enforcement", PROFILES, timeout=120)
def capabilities(t, profile):
    config = tries.applied(t, profile)
    equal(config["process"]["noNewPrivileges"], Expectations().profiles[profile].no_new_privileges, "noNewPrivileges")
    record(t, capability_cells(t, profile, config), "capabilities")


@cases("enforcement", PROFILES, timeout=120)
def syscalls(t, profile):
    record(t, syscall_cells(t, profile, tries.applied(t, profile)), "syscalls")
