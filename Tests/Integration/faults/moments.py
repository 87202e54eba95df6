"""SIGKILL of the runtime at moments that are spread over a verb's duration: alone, and with its whole process group."""

import collections
import random
import re

VERBS = ("create", "start", "exec", "delete")
# The last of them come after the verb's end, where it takes a little longer than it did.
OVER = 1.15
COLUMNS = ("process", "cgroup", "state", "mounts", "file", "BPF")


def spread(seconds, number):
    """So many moments, each somewhere in its own part of the time."""
    return [(place + random.random()) * seconds * OVER / number for place in range(number)]


def lines(findings):
    """What was left, and of how many kills."""
    rows = collections.defaultdict(collections.Counter)
    for finding in findings:
        row = rows[finding.verb, finding.kind, finding.fault]
        row["kills"] += 1
        row["in time"] += finding.is_reached
        text = "; ".join(finding.problems)
        for name in COLUMNS:
            row[name] += bool(re.search(rf"\b{name} ", text + " ") and "left: " in text)
        row["delete"] += "delete --force: exit" in text
        row["loose"] += "other confinement" in text
        row["red"] += bool(finding.problems)
    heads = ("kills", "in time", "red", *COLUMNS, "delete", "loose")
    yield f"{'verb':8} {'kind':10} {'killed':8} " + " ".join(f"{head:>7}" for head in heads)
    for (verb, kind, whom), row in sorted(rows.items()):
        yield f"{verb:8} {kind:10} {whom:8} " + " ".join(f"{row[head]:7}" for head in heads)
