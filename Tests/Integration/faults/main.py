"""scripts/faults says how it is called."""

import argparse
import collections
import contextlib
import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))

# pylint: disable=wrong-import-position
from faults import moments, table, tries
from faults.kinds import KINDS
from faults.lab import Lab, become_reaper
from faults.verbs import VERBS
from harness import layout as layouts
from harness import probe
from harness.bundle import Programs

# What is tried of each kind when nothing is named. What doesn't depend on the container is tried on the first alone.
OF_PLAIN = tuple(VERBS)
OF_OTHERS = ("create", "start", "exec", "delete")
# In the other layouts of the control groups: what has to do with these.
OF_LAYOUTS = ("create", "exec", "pause", "resume", "delete", "delete-force")


class Setting:
    """What the workers share."""

    def __init__(self, options, runtime, programs, scratch, inject, layout):
        self.options = options
        self.runtime = runtime
        self.programs = programs
        self.scratch = scratch
        self.inject = inject
        self.layout = layout
        self.serial = multiprocessing.Value("i", 0)


_setting = None
_labs = {}


def _begin(setting):
    global _setting  # pylint: disable=global-statement
    _setting = setting
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    become_reaper()
    if setting.layout:
        host = layouts.of_host()
        layouts.own_mount_namespace()
        layouts.enter(setting.layout, host)


def _lab(kind):
    # Whatever descends from this process counts as one lab's: only one has a container that stands.
    for other in _labs.values():
        if other.kind != kind and other.standing:
            other.delete()
    if kind not in _labs:
        with _setting.serial.get_lock():
            _setting.serial.value += 1
            number = _setting.serial.value
        _labs[kind] = Lab(_setting.runtime, _setting.programs, _setting.scratch,
                          f"raind-test-{os.getppid()}-faults-{_setting.layout or ''}{number}", kind, number)
        tries.warm(_labs[kind], ("run", "exec") if _setting.options.moments else ("run", "exec", "exec-terminal"))
    return _labs[kind]


def _points(task):
    kind, verb = task
    return kind, verb, tries.points(_lab(kind), _setting.inject, verb)


def _attempt(task):
    kind, verb, point, fault = task
    lab = _lab(kind)
    if lab.standing and lab.standing_for != verb:
        lab.delete()
    lab.standing_for = verb
    try:
        return tries.attempt(lab, _setting.inject, verb, point, fault)
    except Exception as error:  # pylint: disable=broad-except
        finding = tries.Finding(kind, verb, point, fault)
        finding.problems = [f"{type(error).__name__}: {error}"]
        lab.clean()
        return finding


def _duration(task):
    kind, verb = task
    return tries.duration(_lab(kind), verb)


def _kill(task):
    kind, verb, seconds, whole_group = task
    try:
        return tries.kill_at(_lab(kind), verb, seconds, whole_group)
    except Exception as error:  # pylint: disable=broad-except
        finding = tries.Finding(kind, verb, None, "group" if whole_group else "runtime")
        finding.problems = [f"{type(error).__name__}: {error}"]
        _lab(kind).clean()
        return finding


def _end(_):
    """Deletes what stands: a line for each thing that is left."""
    time.sleep(0.1)
    return [problem for lab in _labs.values() if lab.standing for problem in lab.delete()]


def build(folder):
    os.makedirs(folder, exist_ok=True)
    source = os.path.join(ROOT, "Tests", "Injector", "inject.c")
    with open(source, "rb") as file:
        path = os.path.join(folder, "inject-" + hashlib.sha256(file.read()).hexdigest()[:16])
    if not os.path.exists(path):
        # Another run may be at work with it, or make it too.
        made = f"{path}.{os.getpid()}"
        subprocess.run(["gcc", "-static", "-O2", "-Wall", "-Wextra", "-Werror", "-o", made, source], check=True)
        os.rename(made, path)
    return path


def build_of_project():
    """raind-oci's path, built now."""
    subprocess.run([os.path.join(ROOT, "scripts", "build"), "--product", "raind-oci"], check=True, stdout=sys.stderr)
    return os.path.join(ROOT, ".build", "release", "raind-oci")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/faults")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--moments", type=int, metavar="N")
    parser.add_argument("--kind", choices=sorted(KINDS), action="append")
    parser.add_argument("--layout", choices=layouts.LAYOUTS, default=os.environ.get("LAYOUT") or None)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--runtime", default=os.environ.get("RAIND_OCI"))
    parser.add_argument("--only", action="append", metavar="CALL")
    parser.add_argument("--results", metavar="FILE")
    parser.add_argument("verbs", nargs="*")
    options = parser.parse_args()
    # VERB, or VERB-KIND.
    options.verbs = [tuple(word.rpartition("-")[::2]) if word.rpartition("-")[2] in KINDS else (word, None)
                     for word in options.verbs]
    for verb, _ in options.verbs:
        if verb not in VERBS:
            parser.error(f"there is no verb {verb} (there are: {', '.join(VERBS)})")
    return options


def parts(options):
    """(layout or None, kind, verb) of what is tried."""
    host = layouts.of_host()
    chosen = []
    for kind in options.kind or KINDS:
        verbs = moments.VERBS if options.moments else OF_PLAIN if kind == "plain" else OF_OTHERS
        if options.verbs:
            verbs = [verb for verb, of_kind in options.verbs if of_kind in (None, kind)]
        chosen += [(options.layout, kind, verb) for verb in verbs]
    if not options.verbs and not options.kind and not options.layout and not options.short and not options.moments:
        chosen += [(layout, "plain", verb) for layout in layouts.reachable(host) if layout != host for verb in OF_LAYOUTS]
    # A limit of processes is what update changes.
    return [(layout, kind, verb) for layout, kind, verb in chosen if verb != "update" or (layout or host) != "v2"]


def faults_of(options, found):
    """(point, fault) of what is tried of a verb's calls."""
    if options.kill:
        return [(point, "SIGKILL") for point in found]
    if not options.short:
        return [(point, fault) for point in found for fault in point.faults()]
    # Each call of each process once for each of its faults, and all others by one fault in their turn, thinned out.
    chosen, seen, turn = [], collections.Counter(), 0
    for point in found:
        faults = point.faults()
        if not faults:
            continue
        turn += 1
        key = point.process, point.name, point.is_early
        if seen[key] < len(faults):
            chosen.append((point, faults[seen[key]]))
        elif turn % 4 == 0:
            chosen.append((point, faults[turn // 4 % len(faults)]))
        seen[key] += 1
    return chosen


def run(setting, chosen):
    """The findings of one layout's parts."""
    options, findings = setting.options, []
    # In their order: what one verb's container is used again for is the next try's.
    with multiprocessing.Pool(options.jobs, _begin, (setting,)) as pool:
        work = []
        for kind, verb, found in pool.imap(_points, [(kind, verb) for _, kind, verb in chosen]):
            tasks = [(kind, verb, point, fault) for point, fault in faults_of(options, found)
                     if not options.only or point.name in options.only]
            print(f"# {setting.layout or 'host'} {kind} {verb}: {len(found)} calls, {len(tasks)} tries", flush=True)
            work += tasks
        for finding in pool.imap_unordered(_attempt, work, chunksize=8):
            if setting.layout:
                finding.kind += f"@{setting.layout}"
            findings.append(finding)
            if finding.problems:
                print(f"not ok {finding.verb} {finding.kind} {finding.point} {finding.fault} "
                      f"({'; '.join(finding.problems)[:500]}) | {finding.said.strip()[:300]}", flush=True)
        for problems in pool.map(_end, range(options.jobs), chunksize=1):
            for problem in problems:
                print(f"not ok {problem}")
                findings[-1].problems.append(problem)
    return findings


def run_moments(setting, chosen):
    """The findings of kills at moments."""
    findings, number = [], setting.options.moments
    with multiprocessing.Pool(setting.options.jobs, _begin, (setting,)) as pool:
        parts_of = [(kind, verb) for _, kind, verb in chosen]
        work = []
        for (kind, verb), seconds in zip(parts_of, pool.imap(_duration, parts_of)):
            print(f"# {setting.layout or 'host'} {kind} {verb}: {seconds * 1000:.1f} ms, {number} moments", flush=True)
            work += [(kind, verb, at, whole) for whole in (False, True) for at in moments.spread(seconds, number)]
        for finding in pool.imap_unordered(_kill, work, chunksize=8):
            if setting.layout:
                finding.kind += f"@{setting.layout}"
            findings.append(finding)
            if finding.problems:
                problems = "; ".join(finding.problems)[:500]
                print(f"not ok {finding.verb} {finding.kind} {finding.fault} ({problems})", flush=True)
    return findings


def sweep():
    """Ends what workers have left that were ended themselves."""
    for folder in layouts.folders_named(f"raind-test-{os.getpid()}-faults"):
        for _ in range(100):
            with contextlib.suppress(OSError), open(os.path.join(folder, "cgroup.procs"), encoding="ascii") as file:
                for pid in file.read().split():
                    os.kill(int(pid), signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.rmdir(folder)
            if not os.path.isdir(folder):
                break
            time.sleep(0.01)


def main():
    options = arguments()
    inject = build(os.path.join(ROOT, ".build", "injector"))
    scratch = tempfile.mkdtemp(prefix="raind-test-")
    os.chmod(scratch, 0o755)
    began = time.monotonic()
    try:
        programs = Programs(os.path.join(scratch, "programs"), shutil.which("busybox"),
                            probe.build(os.path.join(ROOT, ".build", "probe")))
        runtime = os.path.abspath(shutil.which(options.runtime) if options.runtime else build_of_project())
        chosen = parts(options)
        findings = []
        for layout in dict.fromkeys(layout for layout, _, _ in chosen):
            setting = Setting(options, runtime, programs, scratch, inject, layout)
            of_layout = [part for part in chosen if part[0] == layout]
            if options.moments:
                findings += run_moments(setting, of_layout)
            else:
                findings += run(setting, of_layout)
    finally:
        sweep()
        shutil.rmtree(scratch, ignore_errors=True)
    return report(options, findings, time.monotonic() - began)


def report(options, findings, seconds):
    for line in moments.lines(findings) if options.moments else table.lines(findings):
        print(line)
    summary = table.summary(findings)
    bad = False
    rows = []
    for (verb, kind), (counts, unreached, problems) in summary.items():
        reasons = [f"{counts[name]} {name}" for name in table.COLUMNS if counts[name]] + [f"{unreached} not reached"]
        rows.append({"name": f"{verb}-{kind}", "ok": not problems, "reason": ", ".join(reasons), "detail": [
            f"{finding.point} {finding.fault}: {'; '.join(finding.problems)}" for finding in problems if finding]})
        if problems:
            bad = True
            if None in problems:
                print(f"not ok {verb} {kind}: {unreached} tries met another call than the one that was listed")
    if options.results:
        with open(options.results, "w", encoding="utf-8") as file:
            json.dump(rows, file)
    print(f"{len(findings)} tries, {sum(1 for finding in findings if finding.problems)} red, {seconds:.0f} s")
    return 1 if bad or not findings else 0


def interrupted(number, _):
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    # Ended by it, the run still cleans up.
    signal.signal(signal.SIGTERM, interrupted)
    sys.exit(main())
