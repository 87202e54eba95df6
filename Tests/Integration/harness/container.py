"""A container of a case: created under a name of its own, gone when the case is over."""

import contextlib
import json
import os
import time

from .bundle import Bundle
from .checks import fails, succeeds
from .probe import Report


class Container:
    def __init__(self, test, bundle, name):
        self.test = test
        self.bundle = bundle
        self.id = name
        self.out_path = os.path.join(test.scratch, f"{name}.out")
        self.err_path = os.path.join(test.scratch, f"{name}.err")

    def call(self, *words, **options):
        return self.test.call(*words, **options)

    def spawn(self, *words, **options):
        return self.test.spawn(*words, **options)

    def create(self, *flags, **options):
        """`create`: the container's own output is kept, see `output`."""
        options.setdefault("out", self.out_path)
        options.setdefault("err", self.err_path)
        return self.call("create", "--bundle", self.bundle.folder, *flags, self.id, **options)

    def start(self, **options):
        return self.call("start", self.id, **options)

    def run(self, *flags, **options):
        return self.call("run", "--bundle", self.bundle.folder, *flags, self.id, **options)

    def exec(self, *words, flags=(), **options):
        """`exec` of a program in front; the result has its output."""
        return self.call("exec", *flags, self.id, *words, **options)

    def kill(self, *words, **options):
        return self.call("kill", *[w for w in words if str(w).startswith("-")], self.id,
                         *[str(w) for w in words if not str(w).startswith("-")], **options)

    def delete(self, *flags, **options):
        return self.call("delete", *flags, self.id, **options)

    def state_result(self, **options):
        return self.call("state", self.id, **options)

    def is_unknown(self, what=""):
        """The runtime knows no such container (any more)."""
        # crun tells of a file that is missing.
        fails(self.state_result(), "" if self.test.runtime.name == "crun" else "does not exist", what=what)

    def state(self):
        return json.loads(succeeds(self.state_result()).out)

    @property
    def status(self):
        return self.state()["status"]

    @property
    def pid(self):
        return self.state()["pid"]

    def up(self, *flags):
        """Created and started."""
        succeeds(self.create(*flags))
        succeeds(self.start())
        return self

    def output(self):
        with contextlib.suppress(FileNotFoundError), open(self.out_path, encoding="utf-8",
                                                          errors="surrogateescape") as file:
            return file.read()
        return ""

    def wait_output(self, part, seconds=10):
        """What the container said, once `part` is in it."""
        self.test.until(lambda: part in self.output(), f"{part!r} in the container's output {self.output()!r}", seconds)
        return self.output()

    def wait_status(self, status, seconds=10):
        self.test.until(lambda: self.status == status, f"status {status}", seconds)

    def stop(self):
        """Killed, and seen to be stopped."""
        self.kill("--all", "KILL") if self.test.runtime.name == "runc" else self.kill("KILL")
        self.wait_status("stopped")


@contextlib.contextmanager
def container(test, edit=None, args=None, name=None, prepare=None):
    """A container that doesn't exist yet. edit(config) changes the base config, prepare(bundle) its files."""
    bundle = test.bundle(edit, args)
    if prepare:
        prepare(bundle)
        bundle.save()
    made = Container(test, bundle, name or test.name())
    try:
        yield made
    finally:
        test.reap()
        made.delete("--force")


def wait_until(condition, what, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


__all__ = ["Bundle", "Container", "Report", "container", "wait_until"]
