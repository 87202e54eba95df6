"""The short form of scripts/faults: a verb and a kind of container each, in one run."""

import fnmatch
import json
import os
import subprocess
import tempfile
import time

from .runner import Outcome

NAMES = tuple(f"{verb}-{kind}" for kind, verbs in (
    ("plain", ("create", "start", "run", "exec", "exec-terminal", "exec-foreground", "state", "kill", "pause", "resume",
               "update", "delete", "delete-force")),
    ("user", ("create", "start", "exec", "delete")), ("full", ("create", "start", "exec", "delete"))) for verb in verbs)
TIME_LIMIT_SECONDS = 900


def _run(command, env):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", env=env)
    try:
        return process.communicate(timeout=TIME_LIMIT_SECONDS)[0]
    except BaseException:
        # Not killed: it has containers to take away.
        process.terminate()
        process.communicate()
        raise


def names(patterns):
    return [name for name in NAMES if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]


def run(root, runtime, patterns, report):
    chosen = names(patterns)
    if not runtime.is_raind:
        for name in chosen:
            report(Outcome(f"faults/{name}", "skip", "raind only: its words are its own", expected_skip=True))
        return
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="raind-test-") as folder:
        results = os.path.join(folder, "results")
        try:
            said = _run([os.path.join(root, "scripts", "faults"), "--short", "--results", results, *chosen],
                        {**os.environ, "RAIND_OCI": runtime.path}).rstrip()
            with open(results, encoding="utf-8") as file:
                rows = json.load(file)
        except subprocess.TimeoutExpired:
            said, rows = f"took longer than {TIME_LIMIT_SECONDS} s", []
        except (OSError, ValueError):
            rows = []
    seconds = time.monotonic() - began
    found = {row["name"]: row for row in rows}
    for name in chosen:
        row = found.get(name)
        if row is None:
            report(Outcome(f"faults/{name}", "not ok", said.rpartition("\n")[2], seconds, detail=said))
            continue
        # How many there were is worth a line also where all went well.
        reason = row["reason"] + "".join(f"; {text}" for text in row["detail"][:3])
        report(Outcome(f"faults/{name}", "ok" if row["ok"] else "not ok", reason, seconds / len(chosen), detail=said))
