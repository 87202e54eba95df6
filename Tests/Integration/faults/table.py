"""Steps and faults: what came of each try, in rows."""

import collections
import re

COLUMNS = ("done", "told", "ended", "exempt", "red")
# So much of a verb's tries may meet another call than the one that was listed: what is listed depends on the moment a little.
MOST_UNREACHED = 0.1


def _steps(findings):
    """(process, call) to the step that it belongs to: that which its errors name, or those of the last call before it."""
    named = {}
    for finding in findings:
        if finding.step and finding.step != "verdict":
            # Without what differs from lab to lab.
            step = re.sub(r"raind-test-\d+-faults-\w+", "ID", finding.step)
            named.setdefault((finding.point.process, finding.point.call), step)
    steps = {}
    for process in {finding.point.process for finding in findings}:
        step = "(the runtime)" if process == "0" and findings[0].fault == "SIGKILL" else "(before the first)"
        for call in sorted({finding.point.call for finding in findings if finding.point.process == process}):
            step = named.get((process, call), step)
            steps[process, call] = step
    return steps


def lines(findings):
    """The table, and the reasons of what is exempt."""
    groups = collections.defaultdict(list)
    for finding in findings:
        groups[finding.verb, finding.kind].append(finding)
    yield f"{'verb':16} {'kind':6} {'step':52} {'tries':>6} " + " ".join(f"{name:>6}" for name in COLUMNS)
    for (verb, kind), found in sorted(groups.items()):
        steps = _steps(found)
        rows = {}
        for finding in sorted(found, key=lambda finding: (finding.point.process, finding.point.call)):
            row = rows.setdefault(steps[finding.point.process, finding.point.call], collections.Counter())
            row[finding.result] += 1
        for step, row in rows.items():
            yield f"{verb:16} {kind:6} {step[:52]:52} {sum(row.values()):6} " + " ".join(f"{row[name]:6}" for name in COLUMNS)
    reasons = collections.Counter(finding.exemption for finding in findings if finding.result == "exempt")
    for reason, number in reasons.most_common():
        yield f"# exempt: {number} {reason}"


def summary(findings):
    """{(verb, kind): (tries, counts, unreached, problems)}"""
    found = {}
    for finding in findings:
        row = found.setdefault((finding.verb, finding.kind), [collections.Counter(), 0, []])
        row[0][finding.result] += 1
        # A moment may lie beyond the verb's end.
        row[1] += finding.point is not None and not finding.is_reached
        if finding.problems:
            row[2].append(finding)
    for (counts, unreached, bad) in found.values():
        total = sum(counts.values())
        if unreached > 2 + MOST_UNREACHED * total:
            bad.append(None)
    return found
