"""Many containers at once: each has its own output and its own exit status, none fails, and nothing is left behind."""

import concurrent.futures
import json
import os
import queue
import shutil
import subprocess

from harness import case, equal
from harness import layout as layouts
from harness.runtime import ENVIRONMENT

TOTAL, AT_ONCE, ROUNDS = 200, 20, 2


def result_of(number):
    """What the container of that number says and how it ends; no two neighbours do the same."""
    return f"out {number}\n", number % 100


class Mass:
    def __init__(self, t):
        self.t = t
        self.pids = t.folder("pids")
        self.outputs = t.folder("outputs")
        # A bundle for each that runs at a time.
        self.bundles = queue.Queue()
        for _ in range(AT_ONCE):
            self.bundles.put(t.bundle())

    def call(self, *words, out=None):
        """The runtime; its exit status and what it said. Not by the case's context, whose waiting is for one thread."""
        with open(out or os.devnull, "ab") as file:
            done = subprocess.run([self.t.runtime.path, "--root", self.t.root, *words], stdin=subprocess.DEVNULL, stdout=file,
                                  stderr=file, env=ENVIRONMENT, timeout=60, check=False)
        return done.returncode

    def one(self, entry):
        """A container's life; what was wrong with it."""
        number, name = entry
        bundle = self.bundles.get()
        try:
            text, status = result_of(number)
            bundle.config["process"]["args"] = ["/bin/sh", "-c", f"echo {text.strip()}; exit {status}"]
            bundle.config["hostname"] = name
            bundle.save()
            out = os.path.join(self.outputs, name)
            # One half in one call, the other as an engine does it.
            wrong = (self.run if number % 2 else self.steps)(bundle, name, out, status)
            with open(out, encoding="utf-8", errors="replace") as file:
                said = file.read()
            if said != text:
                wrong.append(f"says {said!r}")
            return [f"{number}: {line}" for line in wrong]
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return [f"{number}: {type(error).__name__}: {error}"]
        finally:
            self.bundles.put(bundle)

    def run(self, bundle, name, out, expected):
        status = self.call("run", "--bundle", bundle.folder, "--pid-file", os.path.join(self.pids, name), name, out=out)
        return [] if status == expected else [f"run: {status} instead of {expected}"]

    def steps(self, bundle, name, out, expected):
        pid_file = os.path.join(self.pids, name)
        if status := self.call("create", "--bundle", bundle.folder, "--pid-file", pid_file, name, out=out):
            return [f"create: {status}"]
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.read())
        wrong = []
        state = f"{out}.state"
        if self.call("state", name, out=state):
            wrong.append("state")
        else:
            with open(state, encoding="utf-8") as file:
                document = json.load(file)
            if (document["id"], document["pid"], document["status"]) != (name, pid, "created"):
                wrong.append(f"state: {document}")
        if status := self.call("start", name):
            wrong.append(f"start: {status}")
        # The case's process is the subreaper that its containers belong to.
        ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if ended != expected:
            wrong.append(f"ends with {ended} instead of {expected}")
        if status := self.call("delete", name):
            wrong.append(f"delete: {status}")
        return wrong


@case("lifecycle", timeout=240, alone=True, layouts=("hybrid", "v2"))
def mass_of_containers(t):
    """200 containers, 20 at a time, and once more."""
    mounts = sorted(layouts.mounts())
    mass = Mass(t)
    for _ in range(ROUNDS):
        entries = [(number, t.name()) for number in range(TOTAL)]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            wrong = [line for lines in pool.map(mass.one, entries) for line in lines]
        equal(wrong, [])
        equal(sorted(os.listdir(mass.pids)), sorted(name for _, name in entries), "pid files, and nothing beside them")
        for name in os.listdir(mass.pids):
            os.unlink(os.path.join(mass.pids, name))
        equal(os.listdir(t.root), [], "state")
        equal(layouts.folders_named(t.prefix), [], "control groups")
        equal(sorted(layouts.mounts()), mounts, "mounts")


@case("lifecycle", timeout=120, alone=True, layouts=("hybrid", "v2"), differs={"crun": "1.8 fails at what another has made"})
def mass_of_targets(t):
    """8 containers at a time make the same files and folders of a volume, to mount there."""
    volume = t.folder("volume")
    source = t.file("of the host")
    bundles = []
    for number in range(8):
        bundle = t.bundle(args=["/bin/cat", "/volume/folder-0/file", "/volume/file-29"])
        # Each its own root: what they have in common is the volume.
        bundle.config["mounts"] += [{"destination": "/volume", "type": "bind", "source": volume, "options": ["bind"]}]
        for target in [f"folder-{index}/file" for index in range(10)] + [f"file-{index}" for index in range(30)]:
            bundle.config["mounts"].append(
                {"destination": f"/volume/{target}", "type": "bind", "source": source, "options": ["bind"]})
        bundle.save()
        bundles.append((number, bundle))

    def one(entry):
        number, bundle = entry
        out = os.path.join(t.scratch, f"target-{number}")
        with open(out, "wb") as file:
            done = subprocess.run([t.runtime.path, "--root", t.root, "run", "--bundle", bundle.folder, f"{t.prefix}-t{number}"],
                                  stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=ENVIRONMENT, timeout=60, check=False)
        with open(out, encoding="utf-8", errors="replace") as file:
            said = (done.returncode, file.read())
        return [] if said == (0, "of the host" * 2) else [f"{number}: {said}"]
    for _ in range(12):
        with concurrent.futures.ThreadPoolExecutor(len(bundles)) as pool:
            equal([line for lines in pool.map(one, bundles) for line in lines], [])
        equal(len(os.listdir(volume)), 40, "what was made in the volume")
        shutil.rmtree(volume)
        os.mkdir(volume, 0o755)


@case("lifecycle", timeout=120, alone=True, layouts=("hybrid", "v2"))
def mass_of_execs(t):
    """20 processes at a time join one container, and each has its own answer."""
    def one(number):
        text, expected = result_of(number)
        out = os.path.join(t.scratch, f"exec-{number}")
        with open(out, "ab") as file:
            done = subprocess.run([t.runtime.path, "--root", t.root, "exec", c.id, "/bin/sh", "-c",
                                   f"echo {text.strip()}; exit {expected}"],
                                  stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=ENVIRONMENT, timeout=60, check=False)
        with open(out, encoding="utf-8", errors="replace") as file:
            return [] if (said := (file.read(), done.returncode)) == (text, expected) else [f"{number}: {said}"]
    with t.container() as c:
        c.up()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            wrong = [line for lines in pool.map(one, range(TOTAL)) for line in lines]
        equal(wrong, [])
        equal(c.status, "running")
        equal(json.loads(c.call("ps", "--format", "json", c.id).out), [c.pid])
