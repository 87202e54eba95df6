"""A build of raind-oci with every patch of Tests/Holes: each takes one protection away where RAIND_TEST_HOLE names it.

The product has no such switch: the patches are applied to a copy of its sources, in .build/holes.
"""

import filecmp
import glob
import os
import shutil
import subprocess
import sys
import tempfile

VARIABLE = "RAIND_TEST_HOLE"
HERE = os.path.dirname(os.path.abspath(__file__))
PATCHES = os.path.join(os.path.dirname(os.path.dirname(HERE)), "Holes")
# What the patches ask whether they are open with; no hole of its own.
SHARED = "shared"
# What a build reads.
SOURCES = ("Package.swift", "Sources", "Tests", "scripts", "profiles")


def names():
    """The holes' names."""
    found = sorted(os.path.basename(path).removesuffix(".patch") for path in glob.glob(os.path.join(PATCHES, "*.patch")))
    return [name for name in found if name != SHARED]


def build(root):
    """The program's path, built now."""
    target = os.path.join(root, ".build", "holes")
    with tempfile.TemporaryDirectory(prefix="raind-test-") as folder:
        for name in SOURCES:
            source = os.path.join(root, name)
            if os.path.isdir(source):
                shutil.copytree(source, os.path.join(folder, name), symlinks=True,
                                ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, folder)
        _apply(folder)
        for name in SOURCES:
            _take_over(os.path.join(folder, name), os.path.join(target, name))
    resolved = os.path.join(root, "Package.resolved")
    if os.path.exists(resolved):
        shutil.copy2(resolved, target)
    for name in ("checkouts", "repositories", "workspace-state.json"):
        # Fetched already by the build of the project.
        source, copy = os.path.join(root, ".build", name), os.path.join(target, ".build", name)
        if os.path.exists(source) and not os.path.exists(copy):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            (shutil.copytree if os.path.isdir(source) else shutil.copy2)(source, copy)
    subprocess.run([os.path.join(target, "scripts", "build"), "--product", "raind-oci"], check=True, stdout=sys.stderr)
    return os.path.join(target, ".build", "release", "raind-oci")


def _apply(folder):
    """All patches in one piece: some change the same file."""
    text = b""
    for path in sorted(glob.glob(os.path.join(PATCHES, "*.patch"))):
        with open(path, "rb") as file:
            text += file.read()
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=text, cwd=folder, check=True,
                   env={**os.environ, "GIT_CEILING_DIRECTORIES": os.path.dirname(folder)})


def _take_over(source, target):
    """Makes target like source; a file that is the same keeps its time, so that little is built anew."""
    if not os.path.isdir(source):
        if not (os.path.exists(target) and filecmp.cmp(source, target, shallow=False)):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
        return
    os.makedirs(target, exist_ok=True)
    there = set(os.listdir(source))
    for name in os.listdir(target):
        if name not in there:
            path = os.path.join(target, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
    for name in there:
        _take_over(os.path.join(source, name), os.path.join(target, name))
