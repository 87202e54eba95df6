"""scripts/load says how it is called."""

import argparse
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
from harness import layout as layouts
from harness import probe
from harness.bundle import Programs
from load import machine, measure, picture

SIZES = (1, 10, 50, 100, 250, 500, 1000)


def build_of_project():
    """raind-oci's path, built now."""
    subprocess.run([os.path.join(ROOT, "scripts", "build"), "--product", "raind-oci"], check=True, stdout=sys.stderr)
    return os.path.join(ROOT, ".build", "release", "raind-oci")


def one(path, programs, scratch, options):
    """Measures one runtime: its rows, and what stays."""
    name = os.path.basename(path)
    folder = os.path.join(scratch, name)
    os.makedirs(folder)
    os.chmod(folder, 0o755)
    field = measure.Field(path, folder, programs, f"raind-test-{os.getpid()}-load")
    rows, left = [], []
    try:
        # What is made once and stays is made before: caches of the kernel's, and the file that keeps a compiled filter.
        measure.lifecycles(field, 4)
        before = machine.Snapshot(field.root)
        if options.containers:
            sizes = sorted({size for size in SIZES if size < options.containers} | {options.containers})
            print(f"{name}:\n{picture.table([])[0]}", flush=True)
            rows = measure.grow(field, sizes, lambda row: print(picture.table([row])[1], flush=True))
            print(f"kill {rows[-1]['kill'] * 1000:.2f} ms, delete {rows[-1]['delete'] * 1000:.2f} ms each")
            left = machine.settled(before, field.root, options.containers)
        if options.lifecycles:
            began = time.monotonic()
            held = machine.held_memory()
            measure.lifecycles(field, options.lifecycles, lambda number: print(
                f"{name}: {number} lifecycles, {machine.held_memory() - held:+} kB held by the kernel", flush=True)
                if number % max(1, options.lifecycles // 10) == 0 else None)
            seconds = time.monotonic() - began
            left += machine.settled(before, field.root, options.lifecycles + options.containers)
            after = machine.Snapshot(field.root)
            print(f"{name}: {options.lifecycles} lifecycles, {seconds / options.lifecycles * 1000:.1f} ms each; memory of the kernel "
                  f"{after.held_kb - before.held_kb:+} kB, open files {after.open_files - before.open_files:+}, dying control groups "
                  f"{(after.dying or 0) - (before.dying or 0):+}, groups of memory "
                  f"{after.groups.get('memory', 0) - before.groups.get('memory', 0):+}")
        left += [f"state {entry}" for entry in os.listdir(field.root) if entry.startswith(field.prefix)]
        left += [f"cgroup {folder}" for folder in layouts.folders_named(field.prefix)]
    finally:
        field.take_away()
    return rows, left


def main():
    parser = argparse.ArgumentParser(prog="scripts/load")
    parser.add_argument("--containers", type=int, default=1000)
    parser.add_argument("--lifecycles", type=int, default=10_000)
    parser.add_argument("--plot")
    parser.add_argument("--beside", action="append", default=[])
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("containers need root")
    own = shutil.which(os.environ.get("RAIND_OCI") or "") or build_of_project()
    host = layouts.of_host()
    layouts.own_mount_namespace()
    layouts.enter(os.environ.get("LAYOUT") or host, host)
    scratch = tempfile.mkdtemp(prefix="raind-test-")
    os.chmod(scratch, 0o755)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    series, bad = {}, False
    try:
        programs = Programs(os.path.join(scratch, "programs"), shutil.which("busybox"),
                            probe.build(os.path.join(ROOT, ".build", "probe")))
        for path in [own, *(shutil.which(word) or word for word in options.beside)]:
            rows, left = one(path, programs, scratch, options)
            for line in left:
                print(f"LEFT {os.path.basename(path)}: {line}")
            bad = bad or bool(left) and path == own
            series[os.path.basename(path)] = rows
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    name, rows = next(iter(series.items()))
    if rows:
        for key, title, factor in (("state", "state, ms by containers alive", 1000), ("list", "list, ms by containers alive", 1000),
                                   ("held_kb", "memory held for a container, kB by containers alive", 1)):
            print("\n".join(picture.bars(rows, key, f"\n{name}: {title}", factor)))
        for other, others in list(series.items())[1:]:
            print("\n".join([f"\n{other} takes so many times what {name} takes:", *picture.ratios(rows, others)]))
        if options.plot:
            picture.svg(series, options.plot)
    print("something is left" if bad else "nothing is left")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
