"""The fuzz targets, each for a minute: scripts/fuzz says how."""

import fnmatch
import os
import subprocess
import time

from .runner import Outcome

TARGETS = ("config",)
SECONDS = 60
# Building the target from nothing included.
TIME_LIMIT_SECONDS = 1200


def run(root, patterns, report):
    chosen = [name for name in TARGETS if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]
    for name in chosen:
        began = time.monotonic()
        try:
            done = subprocess.run(
                [os.path.join(root, "scripts", "fuzz"), name, "--seconds", str(SECONDS)], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                timeout=TIME_LIMIT_SECONDS)
            verdict = "ok" if done.returncode == 0 else "not ok"
            said = done.stdout.rstrip()
        except subprocess.TimeoutExpired:
            verdict, said = "not ok", f"took longer than {TIME_LIMIT_SECONDS} s"
        # How many inputs there were is worth a line also where nothing was found.
        report(Outcome(f"fuzz/{name}", verdict, said.rpartition("\n")[2], time.monotonic() - began, detail=said))
