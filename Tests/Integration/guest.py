"""Runs the cases of the group vm, inside a guest; vm/guests.py boots it and listens.

What it says goes to the second serial port, a line each: `cases [LABEL..]`, `case {OUTCOME}`, `table [LINE..]`; start-* adds
`end STATUS`.
"""

import fnmatch
import glob
import importlib
import json
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

# pylint: disable=wrong-import-position
from enforcement import table
from harness import layout as layouts
from harness.bundle import Programs
from harness.cases import REGISTRY
from harness.runner import run_cases
from harness.runtime import Runtime

# Software emulation is about this much slower.
SLOWNESS = 4


def main():
    with open("/proc/cmdline", encoding="ascii") as file:
        level = re.search(r"raind\.level=(\S+)", file.read()).group(1)
    with open(os.path.join(HOST, "patterns"), encoding="utf-8") as file:
        patterns = file.read().split("\n")
    for group in {"vm", *(pattern.partition("/")[0] for pattern in patterns if "/" in pattern)}:
        for path in sorted(glob.glob(os.path.join(HERE, f"cases_{group}*.py"))):
            importlib.import_module(os.path.basename(path)[:-3])
    host = layouts.of_host()
    below = []
    for path in [*glob.glob(os.path.join(HOST, "bin", "*-oci")), *glob.glob(os.path.join(HOST, "bin", "crun")), "/usr/sbin/runc"]:
        runtime = Runtime(path)
        suffix = "" if runtime.is_raind else f"@{runtime.name}"
        chosen = []
        for case in REGISTRY:
            label = _label(case, level, patterns)
            # One that is compared runs below runc within its run below raind-oci.
            done = (case.compared or case.costly and "**" not in patterns) and any(other.is_raind for other, _ in below)
            if label and not done and case.refusal(runtime.name, host) is None:
                chosen.append((case, host, label + suffix))
        below.append((runtime, chosen))
    for case in REGISTRY:
        case.timeout *= SLOWNESS
    with open("/dev/ttyS1", "w", encoding="ascii", buffering=1) as port:
        print("cases", json.dumps([label for _, chosen in below for _, _, label in chosen]), file=port)
        scratch = tempfile.mkdtemp(prefix="raind-test-")
        os.chmod(scratch, 0o755)
        programs = Programs(os.path.join(scratch, "programs"), os.path.join(HOST, "bin", "busybox"),
                            os.path.join(HOST, "bin", "probe"))
        tools = {"raind-profile": os.path.join(HOST, "bin", "raind-profile"), "root": HOST, "level": level,
                 "results": os.path.join(scratch, "results")}

        def report(outcome):
            print("case", json.dumps(vars(outcome)), file=port)

        for runtime, chosen in below:
            run_cases(chosen, runtime, host, scratch, programs, tools, 2, False, report)
            if runtime.is_raind:
                print("table", json.dumps(table.lines(tools["results"])), file=port)
    return 0


def _label(case, level, patterns):
    """The case's label in a guest of this level; None where it isn't meant.

    The cases of the group vm say at which level they run. One of another group runs at any when it is asked for by
    GROUP/NAME: `scripts/vm-test --level systemd 'spec/*'`.
    """
    if case.group == "vm":
        return f"vm/{case.name}" if case.level == level and case.is_meant(patterns) else None
    name = f"{case.group}/{case.name}"
    return f"vm/{name}" if any("/" in pattern and fnmatch.fnmatchcase(name, pattern) for pattern in patterns) else None


if __name__ == "__main__":
    sys.exit(main())
