"""systemd as its own programs show and steer it: for cases in a guest that it runs."""

import os
import subprocess

from .runtime import ENVIRONMENT

UNITS = "/run/systemd/system"


# The guest's own user: see vm/image.py.
USER = 1000
OF_THE_USER = {"HOME": "/home/user", "USER": "user", "XDG_RUNTIME_DIR": f"/run/user/{USER}",
               "DBUS_SESSION_BUS_ADDRESS": f"unix:path=/run/user/{USER}/bus"}


def systemctl(*words, user=False):
    """What `systemctl WORDS` says; with `user` about the manager of the guest's user."""
    who = {"user": USER, "group": USER, "extra_groups": [], "env": {**ENVIRONMENT, **OF_THE_USER}} if user else {}
    done = subprocess.run(["systemctl", *(["--user"] if user else []), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **who)
    if done.returncode != 0:
        raise AssertionError(f"systemctl {' '.join(words)}: exit {done.returncode}: {done.stdout.strip()}")
    return done.stdout


def properties(unit, *names, user=False):
    """Name to value of a unit's properties. Those that may stand twice have a line for each."""
    found = {}
    for line in systemctl("show", "--property", ",".join(names), "--", unit, user=user).splitlines():
        name, _, value = line.partition("=")
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def folder_of(pid):
    """The folder of a process's control group, in a layout that is cgroup v2 alone."""
    with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
        return "/sys/fs/cgroup" + file.read().strip().removeprefix("0::").rstrip("/")


def group_files(folder, *names):
    """Name to what stands in each file of a control group."""
    found = {}
    for name in names:
        with open(os.path.join(folder, name), encoding="ascii") as file:
            found[name] = file.read().strip()
    return found


def label_of(pid):
    """The AppArmor label of a process."""
    with open(f"/proc/{pid}/attr/current", encoding="ascii") as file:
        return file.read().strip()


class Service:
    """A service of the administrator's, written for one case. Use it as a context: it is stopped and forgotten at the end.

    `text` is what stands below [Service], or the whole unit.
    """

    def __init__(self, t, text):
        self.name = f"{t.name()}.service"
        self.path = os.path.join(UNITS, self.name)
        self.text = text if "[Service]" in text else f"[Service]\n{text}"

    def __enter__(self):
        os.makedirs(UNITS, exist_ok=True)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(self.text)
        systemctl("daemon-reload")
        return self

    def __exit__(self, *_):
        # Whatever state it is in.
        for words in (["stop", self.name], ["reset-failed", self.name]):
            subprocess.run(["systemctl", *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           check=False)
        os.unlink(self.path)
        systemctl("daemon-reload")

    def does(self, what):
        """`systemctl WHAT` of it, to the end of the job."""
        try:
            systemctl(what, self.name)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; {journal('--unit', self.name)[-800:]}") from None

    def shows(self, *names):
        return properties(self.name, *names)


def journal(*words):
    """What `journalctl WORDS` finds, the message alone of each line."""
    # What was written just now is in the journal's files after this.
    subprocess.run(["journalctl", "--sync"], check=True)
    return subprocess.run(["journalctl", "--quiet", "--no-pager", "--output", "cat", *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=True).stdout
