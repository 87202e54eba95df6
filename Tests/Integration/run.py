"""Runs the test groups; scripts/test is the way in and says how."""

import argparse
import fnmatch
import glob
import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

# pylint: disable=wrong-import-position
from enforcement import table
from harness import layout as layouts
from harness import faults, fuzz, probe, unit
from harness.bundle import Programs
from harness.cases import REGISTRY
from harness.runner import Outcome, run_cases
from harness.runtime import Runtime
from vm import guests

GROUPS = ("unit", "fuzz", "faults", "lifecycle", "spec", "schema", "enforcement", "rootless", "podman", "containerd", "docker",
          "package", "attack", "vm")
# Groups whose cases mean something else in another cgroup layout.
IN_EVERY_LAYOUT = ("lifecycle", "spec")


def usage(text):
    print(f"scripts/test: {text}", file=sys.stderr)
    sys.exit(2)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/test", add_help=False)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--level", action="append", choices=sorted(guests.LEVELS))
    parser.add_argument("wanted", nargs="*")
    return parser.parse_args()


def load_cases():
    for path in sorted(glob.glob(os.path.join(HERE, "cases_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])


def expected_skips():
    """(kernel's pattern, case's pattern, reason) of each line of spec-fixtures/expected-skips."""
    rows = []
    path = os.path.join(ROOT, "spec-fixtures", "expected-skips")
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split(None, 2)
            if not words or words[0].startswith("#"):
                continue
            if len(words) != 3:
                usage(f"{path}:{number}: kernel, case and reason are needed")
            rows.append((words[0], words[1], words[2].strip()))
    return rows


def group_of(word):
    return word.partition("/")[0]


def selected_by(wanted):
    """Group to the patterns of names in it."""
    chosen = {}
    for word in wanted or GROUPS:
        group, _, pattern = word.partition("/")
        if group not in GROUPS:
            usage(f"there is no group {group} (there are: {', '.join(GROUPS)})")
        chosen.setdefault(group, []).append(pattern or "*")
    return chosen


def profile_program(runtime_path):
    """raind-profile: the one that is named, the runtime's neighbour, or the project's."""
    named = os.environ.get("RAIND_PROFILE")
    beside = os.path.join(os.path.dirname(runtime_path), "raind-profile")
    of_project = os.path.join(ROOT, ".build", "release", "raind-profile")
    return named or (beside if os.access(beside, os.X_OK) else of_project)


def build_of_project():
    """raind-oci's path, built now."""
    # Called from here and not from the script: the unit tests alone don't need it.
    subprocess.run([os.path.join(ROOT, "scripts", "build")], check=True, stdout=sys.stderr)
    return os.path.join(ROOT, ".build", "release", "raind-oci")


class Tally:
    def __init__(self, verbose):
        self.verbose = verbose
        self.expected = expected_skips()
        self.kernel = os.uname().release
        self.counts = {"ok": 0, "not ok": 0, "skip": 0}
        self.by_group = {}
        self.bad = []

    def __call__(self, outcome):
        reason = " ".join(outcome.reason.split())
        unexpected = outcome.verdict == "skip" and not outcome.expected_skip and not any(
            fnmatch.fnmatchcase(self.kernel, kernel) and fnmatch.fnmatchcase(outcome.label, label)
            for kernel, label, _ in self.expected)
        if unexpected:
            reason += "; not in spec-fixtures/expected-skips"
        line = f"{outcome.verdict} {outcome.label}"
        if reason:
            line += f" ({reason[:600]})"
        if self.verbose:
            line += f" [{outcome.seconds:.2f} s]"
        print(line, flush=True)
        if outcome.verdict == "not ok" and outcome.detail and self.verbose:
            for text in outcome.detail.rstrip().splitlines():
                print(f"#   {text}", flush=True)
        self.counts[outcome.verdict] += 1
        group = outcome.label.split("/", 1)[0]
        if outcome.verdict != "skip":
            self.by_group[group] = self.by_group.get(group, 0) + 1
        if outcome.verdict == "not ok" or unexpected:
            self.bad.append(line)

    def finish(self, groups):
        for group in groups:
            if not self.by_group.get(group):
                self.bad.append(f"nothing ran in {group}")
                print(f"# nothing ran in {group}")
        if self.bad and len(self.bad) > 1:
            print(f"# {len(self.bad)} to look at:")
            for line in self.bad:
                print(f"#   {line}")
        print(f"{self.counts['ok']} passed, {self.counts['not ok']} failed, {self.counts['skip']} skipped", flush=True)
        return 1 if self.bad else 0


def run_here(to_run, skipped, runtime, host, options, tally):
    """Runs the cases that this machine's own kernel can show."""
    scratch = tempfile.mkdtemp(prefix="raind-test-")
    os.chmod(scratch, 0o755)
    try:
        programs = Programs(os.path.join(scratch, "programs"), shutil.which("busybox"),
                            probe.build(os.path.join(ROOT, ".build", "probe")))
        tools = {"raind-profile": profile_program(runtime.path), "root": ROOT,
                 "results": os.path.join(scratch, "results")}
        for outcome in skipped:
            tally(outcome)
        run_cases(to_run, runtime, host, scratch, programs, tools, options.jobs, options.keep, tally)
        lines = table.lines(tools["results"])
        # In a run of everything its last line does: a case names its red cells itself.
        for line in lines if "enforcement" in map(group_of, options.wanted) else lines[-1:]:
            print(f"# {line}")
    finally:
        if options.keep:
            print(f"# scratch folder: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)


def main():
    options = arguments()
    chosen = selected_by(options.wanted)
    host = layouts.of_host()
    wanted_layout = os.environ.get("LAYOUT") or None
    if wanted_layout and wanted_layout not in layouts.reachable(host):
        usage(f"LAYOUT={wanted_layout}: this host can show {', '.join(layouts.reachable(host))}")
    load_cases()

    runtime_path = os.environ.get("RAIND_OCI") or None
    if runtime_path and not os.access(shutil.which(runtime_path) or runtime_path, os.X_OK):
        usage(f"RAIND_OCI={runtime_path} can't be run")
    name = Runtime(runtime_path).name if runtime_path else "raind-oci"

    # (case, layout, label), and the skips that are clear from the start.
    to_run, skipped = [], []
    for case in REGISTRY:
        if case.group not in chosen or case.group == "vm":
            continue
        if wanted_layout:
            in_layouts = (wanted_layout,)
        elif case.group in IN_EVERY_LAYOUT and not options.wanted:
            in_layouts = (host, *(layout for layout in layouts.reachable(host) if layout != host))
        else:
            # One that means nothing in the host's layout runs where it does.
            in_layouts = (host,) if host in case.layouts else tuple(
                layout for layout in layouts.reachable(host) if layout in case.layouts)[:1]
        for layout in in_layouts:
            label = f"{case.group}/{case.name}" + ("" if layout == host else f"@{layout}")
            if not any(fnmatch.fnmatchcase(f"{case.name}@{layout}", pattern)
                       or fnmatch.fnmatchcase(case.name, pattern) for pattern in chosen[case.group]):
                continue
            refusal = case.refusal(name, layout)
            if refusal is None:
                to_run.append((case, layout, label))
            elif refusal:
                skipped.append(Outcome(label, "skip", refusal, expected_skip=True))

    if options.list:
        for _, _, label in to_run:
            print(label)
        if "unit" in chosen:
            print("unit/*")
        if "fuzz" in chosen:
            for target in fuzz.TARGETS:
                print(f"fuzz/{target}")
        if "faults" in chosen:
            for name in faults.names(chosen["faults"]):
                print(f"faults/{name}")
        if "vm" in chosen:
            for name in guests.names(chosen["vm"], options.level):
                print(f"vm/{name}")
        return 0

    # The groups, in their order; each case's line as it ends.
    tally = Tally(options.verbose)
    if "unit" in chosen:
        unit.run(ROOT, chosen["unit"], tally)
    if "fuzz" in chosen:
        fuzz.run(ROOT, chosen["fuzz"], tally)
    runtime = None
    if to_run or skipped or {"vm", "faults"} & set(chosen):
        if os.geteuid() != 0:
            usage("containers with real limits and devices need root")
        runtime = Runtime(shutil.which(runtime_path) or runtime_path if runtime_path else build_of_project())
    if "faults" in chosen:
        faults.run(ROOT, runtime, chosen["faults"], tally)
    if to_run or skipped:
        run_here(to_run, skipped, runtime, host, options, tally)
    if "vm" in chosen:
        guests.run(ROOT, runtime, profile_program(runtime.path), chosen["vm"], options.level, tally)
    return tally.finish(chosen)


def interrupted(number, frame):
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    # Ended by either, the run still cleans up.
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGINT, interrupted)
    sys.exit(main())
