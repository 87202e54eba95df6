"""Builds the probe and reads what it says."""

import hashlib
import json
import os
import subprocess
import tempfile

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Probe")
FLAGS = ["-static", "-O2", "-Wall", "-Wextra", "-Werror"]

# By number.
CAPABILITIES = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE "
    "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN "
    "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE "
    "MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE").split()


def build(cache):
    """The probe's path: compiled once for one text of its sources."""
    sources = sorted(os.path.join(FOLDER, name) for name in os.listdir(FOLDER) if name.endswith((".c", ".h")))
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for source in sources:
        with open(source, "rb") as file:
            digest.update(file.read())
    path = os.path.join(cache, f"probe-{digest.hexdigest()[:16]}")
    if not os.path.exists(path):
        os.makedirs(cache, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=cache)
        os.close(handle)
        subprocess.run(["gcc", *FLAGS, "-o", partial, *(s for s in sources if s.endswith(".c"))], check=True)
        os.rename(partial, path)
    return path


def capability_names(mask):
    """The names, with CAP_, of a mask as the probe writes it."""
    number = int(mask, 16)
    names = [f"CAP_{name}" for bit, name in enumerate(CAPABILITIES) if number >> bit & 1]
    return names + [f"CAP_{bit}" for bit in range(len(CAPABILITIES), 64) if number >> bit & 1]


def own_capabilities():
    """What this process could hand to a container."""
    with open("/proc/self/status", encoding="ascii") as lines:
        return capability_names(next(line.split()[1] for line in lines if line.startswith("CapBnd:")))


class Mount:
    """A line of mountinfo."""

    def __init__(self, line):
        left, right = line.split(" - ", 1)
        fields = left.split(" ")
        self.id, self.parent, self.device, self.root, self.point = fields[:5]
        self.root, self.point = (_unescaped(text) for text in (self.root, self.point))
        self.options = fields[5].split(",")
        self.propagation = fields[6:]
        self.kind, self.source, super_options = right.split(" ", 2)
        self.super_options = super_options.split(",")

    def __repr__(self):
        return (f"{self.point} {self.kind} {','.join(self.options)} {' '.join(self.propagation)} "
                f"({','.join(self.super_options)})")


def _unescaped(text):
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def _texts(value):
    """The probe writes each byte that isn't ASCII as one character."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("latin-1").decode("utf-8", "surrogateescape")
    if isinstance(value, list):
        return [_texts(element) for element in value]
    return {key: _texts(element) for key, element in value.items()} if isinstance(value, dict) else value


class Report:
    """What `probe report` says, by section; mounts and capabilities are read further."""

    def __init__(self, text):
        try:
            self.values = _texts(json.loads(text))
        except ValueError as error:
            raise AssertionError(f"the probe said {text[:300]!r}") from error

    def __getitem__(self, key):
        return self.values[key]

    @property
    def mounts(self):
        text = self.values["mountinfo"]
        if not isinstance(text, str):
            raise AssertionError(f"mountinfo can't be read: {text}")
        return [Mount(line) for line in text.splitlines()]

    def mount(self, point):
        """The mount that is on top at that place."""
        found = [mount for mount in self.mounts if mount.point == point]
        if not found:
            raise AssertionError(f"nothing is mounted on {point}: {[mount.point for mount in self.mounts]}")
        return found[-1]

    def capabilities(self, kind):
        return capability_names(self.values["capabilities"][kind])

    @property
    def environment(self):
        return self.values["env"]
