"""What cases do with a kernel that has AppArmor: load profiles, be confined themselves, read the kernel's log."""

import contextlib
import ctypes
import os
import re
import subprocess
import time

from cases_profile import profile
from harness import equal, succeeds

PARSER = "/sbin/apparmor_parser"
LOADED = "/sys/kernel/security/apparmor/profiles"
DEFAULT = "raind-default"
PR_SET_NO_NEW_PRIVS = 38

# What confines a runtime and is not in its way; of changes it allows those that stand behind it.
_LAUNCHER = """profile {name} flags=(attach_disconnected,mediate_deleted{flags}) {{
  file, capability, network, mount, umount, pivot_root, signal, ptrace,
  {changes}
}}
"""


def loaded():
    """Name to mode of the profiles that are loaded."""
    with open(LOADED, encoding="utf-8") as file:
        return dict(re.fullmatch(r"(.*) \((\w+)\)", line).groups() for line in file.read().splitlines())


@contextlib.contextmanager
def profiles(text):
    """Loaded for a while. Their names are the case's own; each begins a line."""
    done = subprocess.run([PARSER, "--skip-cache", "--replace"], input=text, capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr), (0, ""), "apparmor_parser --replace")
    try:
        yield
    finally:
        for name in re.findall(r'^profile "?(.*?)"? flags=', text, re.MULTILINE):
            remove(name)


def remove(name):
    """Takes a profile out of the kernel."""
    with open("/sys/kernel/security/apparmor/.remove", "w", encoding="utf-8") as file:
        file.write(name)


def launcher(name, changes="change_profile -> **,", flags=""):
    return profiles(_LAUNCHER.format(name=name, changes=changes, flags=flags and "," + flags))


def with_default(t, *options):
    """raind-default (or its form that only tells) is loaded from here on: cases share it, and none takes it out."""
    name = DEFAULT + "-audit" * bool(options)
    if name not in loaded():
        succeeds(profile(t, "apparmor", "load", DEFAULT, *options))
    return name


@contextlib.contextmanager
def under(name):
    """The programs that this process executes meanwhile run confined by the profile."""
    _on_exec(name)
    try:
        yield
    finally:
        _on_exec("unconfined")


def _on_exec(name):
    with open("/proc/thread-self/attr/apparmor/exec", "w", encoding="utf-8") as file:
        file.write(f"exec {name}")


def set_no_new_privileges():
    """In a child before its exec."""
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def label(pid="self"):
    with open(f"/proc/{pid}/attr/apparmor/current", encoding="utf-8") as file:
        return file.read().strip()


class KernelLog:
    """What the kernel says of AppArmor from here on."""

    def __init__(self):
        # Or of many refusals it tells of a few.
        with open("/proc/sys/kernel/printk_ratelimit", "w", encoding="ascii") as file:
            file.write("0")
        self._file = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self._file, 0, os.SEEK_END)
        self.lines = []

    def read(self):
        """The lines so far."""
        with contextlib.suppress(BlockingIOError):
            while True:
                text = os.read(self._file, 8192).decode("utf-8", "replace")
                self.lines += [line for line in text.splitlines() if "apparmor=" in line]
        return self.lines

    def told(self, verdict, name, pattern="", seconds=5):
        """Whether a line has the verdict (DENIED, ALLOWED, AUDIT) of that profile, and matches. A thread of the kernel's
        writes them, a moment later."""
        end = time.monotonic() + seconds
        while True:
            for line in self.read():
                if f'apparmor="{verdict}"' in line and f'profile="{name}"' in line and re.search(pattern, line):
                    return True
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)
