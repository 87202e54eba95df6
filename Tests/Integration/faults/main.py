"""scripts/faults says how it is called."""

import argparse
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))

# pylint: disable=wrong-import-position
from faults import calls, tries
from faults.lab import KINDS, Lab, bpf_programs
from harness import probe
from harness.bundle import Programs

VERBS = ("create", "start", "exec", "kill", "state", "delete")
_lab = None
_inject = None


def _begin(runtime, programs, scratch, kind, inject, serial):
    global _lab, _inject  # pylint: disable=global-statement
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with serial.get_lock():
        serial.value += 1
        number = serial.value
    _lab = Lab(runtime, programs, scratch, f"raind-test-{os.getppid()}-faults-{number}", kind)
    _inject = inject
    for verb in ("create", "exec"):
        tries.points(_lab, inject, verb)


def _one(task):
    verb, point, fault = task
    try:
        return tries.attempt(_lab, _inject, verb, point, fault)
    except Exception as error:  # pylint: disable=broad-except
        _lab.clean()
        return tries.Finding(verb, point, fault, None, "", [f"{type(error).__name__}: {error}"], "")


def build(folder):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "inject")
    source = os.path.join(ROOT, "Tests", "Injector", "inject.c")
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(source):
        subprocess.run(["gcc", "-static", "-O2", "-Wall", "-Wextra", "-Werror", "-o", path, source], check=True)
    return path


def build_of_project():
    """raind-oci's path, built now."""
    subprocess.run([os.path.join(ROOT, "scripts", "build"), "--product", "raind-oci"], check=True, stdout=sys.stderr)
    return os.path.join(ROOT, ".build", "release", "raind-oci")


def main():
    parser = argparse.ArgumentParser(prog="scripts/faults")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--kind", choices=sorted(KINDS), default="plain")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--runtime", default=os.environ.get("RAIND_OCI"))
    parser.add_argument("--only")
    parser.add_argument("verbs", nargs="*")
    options = parser.parse_args()
    inject = build(os.path.join(ROOT, ".build", "injector"))
    scratch = tempfile.mkdtemp(prefix="raind-test-")
    os.chmod(scratch, 0o755)
    before = bpf_programs()
    findings = []
    try:
        programs = Programs(os.path.join(scratch, "programs"), shutil.which("busybox"),
                            probe.build(os.path.join(ROOT, ".build", "probe")))
        runtime = os.path.abspath(options.runtime or build_of_project())
        model = Lab(runtime, programs, scratch, f"raind-test-{os.getpid()}-faults-0", options.kind)
        tasks = []
        for verb in options.verbs or VERBS:
            found = tries.points(model, inject, verb)
            for point in found:
                faults = ["SIGKILL"] if options.kill else calls.faults_of(point.number)
                if options.only and point.name != options.only:
                    continue
                tasks += [(verb, point, fault) for fault in (faults[:1] if options.short else faults)]
            print(f"# {verb}: {len(found)} calls", flush=True)
        print(f"# {len(tasks)} tries", flush=True)
        serial = multiprocessing.Value("i", 0)
        with multiprocessing.Pool(options.jobs, _begin,
                                  (runtime, programs, scratch, options.kind, inject, serial)) as pool:
            for finding in pool.imap_unordered(_one, tasks, chunksize=4):
                findings.append(finding)
                if finding.problems:
                    print(f"not ok {finding.verb} {finding.point} {finding.fault} "
                          f"({'; '.join(finding.problems)[:500]}) | {finding.said.strip()[:300]}", flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    unreached = sum(1 for finding in findings if finding.reached != "done")
    bad = [finding for finding in findings if finding.problems]
    left = bpf_programs() - before
    print(f"# {len(findings)} tries, {unreached} not reached, {len(bad)} red, {len(left)} BPF programs more")
    steps = {}
    for finding in findings:
        row = steps.setdefault((finding.verb, finding.step), [0, 0])
        row[0] += 1
        row[1] += bool(finding.problems)
    for (verb, step), (all_of, red) in sorted(steps.items()):
        print(f"{verb:8} {step:40} {all_of:6} {red:6}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
