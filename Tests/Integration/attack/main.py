"""scripts/attack says how it is called."""

import argparse
import fnmatch
import os
import shutil
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))

# pylint: disable=wrong-import-position
import run
from attack import holes
from attack.rows import ROWS, keys_of
from harness import layout as layouts
from harness import probe
from harness.bundle import Programs
from harness.cases import REGISTRY
from harness.runner import Outcome, run_cases
from harness.runtime import ENVIRONMENT, Runtime


def usage(text):
    print(f"scripts/attack: {text}", file=sys.stderr)
    sys.exit(2)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/attack", add_help=False)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--holes", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("wanted", nargs="*")
    return parser.parse_args()


def label_of(case):
    return f"{case.group}/{case.name}"


def attacks():
    """The cases that have a row, each checked: what is wrong in them is wrong use."""
    run.load_cases()
    found = [case for case in REGISTRY if case.row]
    for case in found:
        if case.group == "vm":
            usage(f"{label_of(case)}: this runs in guests alone, and has no row")
        for key in keys_of(case):
            if key not in ROWS:
                usage(f"{label_of(case)}: no row {key!r} in attack/rows.py")
        if not case.hole and not case.shown:
            usage(f"{label_of(case)}: neither a hole nor what it was shown to detect")
        if case.hole and case.hole not in holes.names():
            usage(f"{label_of(case)}: there is no Tests/Holes/{case.hole}.patch")
    return found


def selected(all_cases, wanted):
    """(rows to print, cases to run). A row that is named brings its cases, a case that is named its rows."""
    if not wanted:
        return list(ROWS), all_cases
    rows, chosen = set(), set()
    for word in wanted:
        of_rows = [key for key in ROWS if key == word or word.removeprefix("CVE-") in key.replace("CVE-", "").split(", ")]
        of_cases = [case for case in all_cases if fnmatch.fnmatchcase(label_of(case), word)]
        if not of_rows and not of_cases:
            usage(f"{word} is neither a row nor a case (see --list)")
        rows.update(of_rows)
        chosen.update(case for case in all_cases if set(of_rows) & set(keys_of(case)))
        for case in of_cases:
            rows.update(keys_of(case))
        chosen.update(of_cases)
    return [key for key in ROWS if key in rows], [case for case in all_cases if case in chosen]


def print_list(rows, chosen):
    for key in rows:
        print(f"{key}: {ROWS[key]}")
        for case in chosen:
            if key in keys_of(case):
                print(f"    {label_of(case)} ({what_shows(case)})")


def what_shows(case):
    return f"hole {case.hole}" if case.hole else case.shown


def layout_of(case, host):
    """Where it runs: LAYOUT's, the host's, or the first that means something to it; None where it can't."""
    wanted = os.environ.get("LAYOUT") or None
    if wanted:
        return wanted if wanted in case.layouts else None
    return host if host in case.layouts else next(
        (layout for layout in layouts.reachable(host) if layout in case.layouts), None)


class Results:
    """What came of the cases, by label."""

    def __init__(self, with_holes=False):
        self.outcomes = {}
        # Each case ran with the protection missing that it names.
        self.with_holes = with_holes

    def __call__(self, outcome):
        self.outcomes[outcome.label] = outcome
        if sys.stderr.isatty():
            print(f"# {len(self.outcomes)}: {outcome.label}: {outcome.verdict}, {outcome.seconds:.0f} s", file=sys.stderr)

    def problem(self, case):
        """Why the case makes its row red; None where it doesn't."""
        outcome = self.outcomes.get(label_of(case))
        if outcome is None:
            return "did not run"
        if outcome.expected_skip:
            return None
        if not self.with_holes:
            return None if outcome.verdict == "ok" else outcome.reason or "no answer"
        if outcome.verdict == "ok":
            return f"does not see the hole {case.hole}"
        # A hang or a crash shows nothing.
        if outcome.verdict == "skip" or outcome.reason.startswith(("took longer", "the case's process", "interrupted")):
            return f"shows nothing of the hole {case.hole}: {outcome.reason}"
        return None

    def is_run(self, case):
        outcome = self.outcomes.get(label_of(case))
        return outcome is not None and not outcome.expected_skip


def tries_of(cases, results):
    """What the cases counted, put together: `2,000 exchanges, 300 creates`."""
    counts = {}
    for case in cases:
        outcome = results.outcomes.get(label_of(case))
        for what, count in (outcome.tries if outcome else {}).items():
            counts[what] = counts.get(what, 0) + count
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())


def shown_by(cases):
    """What the cases were shown to detect: the patches' names, and the words that stand there."""
    patches = sorted({case.hole for case in cases if case.hole})
    words = sorted({case.shown for case in cases if case.shown})
    parts = [f"hole{'s' if len(patches) > 1 else ''} {', '.join(patches)}"] if patches else []
    return "; ".join(parts + words)


def print_table(rows, chosen, results):
    """Prints the table and what is red; whether anything is."""
    lines, red = [("row", "what is tried", "cases", "tries", "result", "is known to detect")], []
    for key in rows:
        of_row = [case for case in chosen if key in keys_of(case)]
        done = [case for case in of_row if results.is_run(case)]
        problems = [(label_of(case), problem) for case in of_row if (problem := results.problem(case))]
        if not done:
            problems = problems or [(key, "has no case")]
        lines.append((key, ROWS[key], str(len(done)), tries_of(done, results), "RED" if problems else "ok", shown_by(of_row)))
        red += problems
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    for line in lines:
        print("  ".join(f"{text:<{width}}" for text, width in zip(line, widths)) + f"  {line[5]}")
    for label, problem in dict.fromkeys(red):
        print(f"RED {label}: {' '.join(problem.split())[:1000]}")
    count = len(results.outcomes)
    print(f"{len(rows)} rows, {count} cases, {sum(outcome.seconds for outcome in results.outcomes.values()):.0f} s of cases, "
          f"{len(dict.fromkeys(red))} red")
    return bool(red)


def run_all(chosen, runtime, options, results):
    """Runs the cases; calls results(Outcome) for each."""
    host = layouts.of_host()
    to_run = []
    for case in chosen:
        layout = layout_of(case, host)
        refusal = "" if layout is None else case.refusal(runtime.name, layout)
        if refusal is None:
            to_run.append((case, layout, label_of(case)))
        else:
            results(Outcome(label_of(case), "skip", refusal or "not in this layout", expected_skip=True))
    scratch = tempfile.mkdtemp(prefix="raind-test-")
    os.chmod(scratch, 0o755)
    try:
        programs = Programs(os.path.join(scratch, "programs"), shutil.which("busybox"),
                            probe.build(os.path.join(ROOT, ".build", "probe")))
        tools = {"raind-profile": run.profile_program(runtime.path), "root": ROOT, "results": os.path.join(scratch, "results")}
        run_cases(to_run, runtime, host, scratch, programs, tools, options.jobs, options.keep, results)
    finally:
        if options.keep:
            print(f"# scratch folder: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)


def run_with_holes(rows, chosen, options):
    """Every case that names a hole, with that hole open."""
    chosen = [case for case in chosen if case.hole]
    rows = [key for key in rows if any(key in keys_of(case) for case in chosen)]
    runtime = Runtime(holes.build(ROOT))
    results = Results(with_holes=True)
    for name in sorted({case.hole for case in chosen}):
        # For those who take their environment from here, and for those who take it from the process.
        ENVIRONMENT[holes.VARIABLE] = os.environ[holes.VARIABLE] = name
        run_all([case for case in chosen if case.hole == name], runtime, options, results)
    return print_table(rows, chosen, results)


def main():
    options = arguments()
    rows, chosen = selected(attacks(), options.wanted)
    if options.list:
        print_list(rows, chosen)
        return 0
    if os.geteuid() != 0:
        usage("containers with real limits and devices need root")
    wanted_layout = os.environ.get("LAYOUT") or None
    if wanted_layout and wanted_layout not in layouts.reachable(layouts.of_host()):
        usage(f"LAYOUT={wanted_layout}: this host can show {', '.join(layouts.reachable(layouts.of_host()))}")
    os.environ.pop(holes.VARIABLE, None)
    # A hole is seen after a few repetitions, or not at all.
    if not options.short or options.holes:
        os.environ["RAIND_THOROUGH"] = "1"
    if options.holes:
        return 1 if run_with_holes(rows, chosen, options) else 0
    named = os.environ.get("RAIND_OCI") or None
    path = shutil.which(named) or named if named else run.build_of_project()
    if not os.access(path, os.X_OK):
        usage(f"RAIND_OCI={named} can't be run")
    results = Results()
    run_all(chosen, Runtime(path), options, results)
    return 1 if print_table(rows, chosen, results) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, run.interrupted)
    signal.signal(signal.SIGINT, run.interrupted)
    sys.exit(main())
