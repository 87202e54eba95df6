"""scripts/stress says how it is called."""

import argparse
import ctypes
import os
import random
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
from harness import layout as layouts
from harness import probe
from harness.bundle import Programs
from harness.runtime import ENVIRONMENT, Runtime
from stress import callers, judgement


def build_of_project():
    """raind-oci's path, built now."""
    subprocess.run([os.path.join(ROOT, "scripts", "build"), "--product", "raind-oci"], check=True, stdout=sys.stderr)
    return os.path.join(ROOT, ".build", "release", "raind-oci")


def main():
    parser = argparse.ArgumentParser(prog="scripts/stress")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--ids", type=int, default=50)
    parser.add_argument("--kill-owners", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("containers need root")
    runtime = Runtime(shutil.which(os.environ.get("RAIND_OCI") or "") or build_of_project())
    ctypes.CDLL(None).prctl(callers.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    host = layouts.of_host()
    layouts.own_mount_namespace()
    layouts.enter(os.environ.get("LAYOUT") or host, host)
    scratch = tempfile.mkdtemp(prefix="raind-test-")
    os.chmod(scratch, 0o755)
    prefix = f"raind-test-{os.getpid()}-stress"
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    root = os.path.join(scratch, "state")

    def delete(name):
        done = subprocess.run([runtime.path, "--root", root, "delete", "--force", name], capture_output=True, text=True,
                              timeout=60, check=False, env=ENVIRONMENT, stdin=subprocess.DEVNULL)
        return done.returncode, done.stderr.strip()
    try:
        programs = Programs(os.path.join(scratch, "programs"), shutil.which("busybox"),
                            probe.build(os.path.join(ROOT, ".build", "probe")))
        ground = callers.Ground(runtime.path, root, scratch, programs, prefix, options.ids)
        wrong = left = ()
        began = time.monotonic()
        try:
            calls = callers.run(ground, options.callers, options.seconds, options.kill_owners, options.seed)
        finally:
            left = judgement.clean(ground, delete)
        took = time.monotonic() - began
        print("\n".join(judgement.counts(calls)))
        wrong, most, unjudged = judgement.judge(ground, calls, runtime.is_raind)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    numbers = {call.number for call in calls}
    longest = max(calls, key=lambda call: call.end - call.begin)
    print(f"{len(numbers)} calls by {options.callers} callers for {options.ids} containers in {took:.0f} s, "
          f"{len({call.number for call in calls if call.killed})} of their owners killed; the longest took "
          f"{(longest.end - longest.begin) / 1e9:.2f} s ({longest.verb}); {most} situations at once at most; seed {options.seed}")
    for text in wrong[:20]:
        print(f"WRONG {text}")
    for text in left:
        print(f"LEFT {text}")
    print(f"{len(wrong)} answers that no order of the calls explains, {len(left)} leftovers, {unjudged} of {len(calls)} answers not judged")
    return 1 if wrong or left or unjudged >= len(calls) / 50 else 0


if __name__ == "__main__":
    sys.exit(main())
