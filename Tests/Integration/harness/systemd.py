"""systemd of the machine, and of its users, as a case sees them."""

import os
import subprocess


class Units:
    """The units of the system's instance; of `user` where a user's environment is given."""

    def __init__(self, before=None, env=None):
        self._before = before
        self._env = env
        self._words = ["systemctl"] + (["--user"] if before else [])

    def run(self, *words, check=True):
        # pylint: disable-next=subprocess-popen-preexec-fn
        done = subprocess.run([*self._words, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, preexec_fn=self._before, env=self._env, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"systemctl {' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def show(self, unit, *names):
        """Property to its text, as `systemctl show` has it."""
        said = self.run("show", *(f"--property={name}" for name in names), "--", unit)
        return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)

    def value(self, unit, name):
        return self.show(unit, name).get(name)

    def is_active(self, unit):
        return self.run("is-active", "--", unit, check=False).strip() == "active"

    def exists(self, unit):
        """Whether systemd has it, in whatever state: one that is gone is told of as not found."""
        return self.value(unit, "LoadState") != "not-found"

    def folder(self, unit):
        """Its control group's folder."""
        return "/sys/fs/cgroup" + self.value(unit, "ControlGroup")

    def end(self, *units):
        for unit in units:
            self.run("stop", unit, check=False)
            self.run("reset-failed", unit, check=False)


def group_value(folder, name):
    with open(os.path.join(folder, name), encoding="ascii") as file:
        return file.read().strip()


__all__ = ["Units", "group_value"]
