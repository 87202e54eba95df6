"""The fuzz targets, each for some seconds: scripts/fuzz says how.

The inputs are the same ones each time, so that what a run says is said of the code: other inputs are tried by scripts/fuzz alone.
"""

import fnmatch
import os
import re
import subprocess
import time

from .runner import Outcome

TARGETS = ("config", "process", "state", "manifest", "seccomp", "stage", "dbus", "criu", "kernel", "image", "shims")
SECONDS = 10
SEED = 1
AT_ONCE = 2
# Building the targets from nothing included.
TIME_LIMIT_SECONDS = 1800


def run(root, patterns, report):
    chosen = [name for name in TARGETS if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]
    if not chosen:
        return
    began = time.monotonic()
    try:
        done = subprocess.run(
            [os.path.join(root, "scripts", "fuzz"), *chosen, "--seconds", str(SECONDS), "--seed", str(SEED), "--jobs",
             str(AT_ONCE)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
            timeout=TIME_LIMIT_SECONDS)
        said = done.stdout
    except subprocess.TimeoutExpired:
        said = f"took longer than {TIME_LIMIT_SECONDS} s"
    seconds = (time.monotonic() - began) / len(chosen)
    last = said.rstrip().rpartition("\n")[2]
    for name in chosen:
        # How many inputs there were is worth a line also where nothing was found.
        told = re.search(rf"^{name}: (.*, no trap)$", said, re.MULTILINE)
        trap = re.search(rf"^scripts/fuzz: .* in the target {name}\b.*$", said, re.MULTILINE)
        if told and not trap:
            report(Outcome(f"fuzz/{name}", "ok", told[1], seconds))
        else:
            report(Outcome(f"fuzz/{name}", "not ok", trap[0] if trap else last, seconds, detail=said))
