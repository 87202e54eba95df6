"""What expectations.toml says."""

import os
import re
import tomllib

from harness.probe import CAPABILITIES

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expectations.toml")
# What the kernel's AppArmor decides on.
FEATURES = "/sys/kernel/security/apparmor/features"
ROW = re.compile(r"(?:(i386|x32):)?(\w+)(?:\((\w+)\))?")


class Profile:
    def __init__(self, name, said):
        self.name = name
        self.filter = said["filter"]
        # The AppArmor profile; "" for none.
        self.apparmor = said["apparmor"]
        self.no_new_privileges = said["no_new_privileges"]
        self.capabilities = {f"CAP_{capability}" for capability in said["capabilities"]}


class Expectations:
    def __init__(self):
        with open(PATH, "rb") as file:
            said = tomllib.load(file)
        self.profiles = {name: Profile(name, entry) for name, entry in said["profiles"].items()}
        self._filters = {}
        for name, entry in said["filters"].items():
            verdicts = {}
            for errno in ("EPERM", "ENOSYS", "allowed"):
                for row in entry.get(errno, ()):
                    if row in verdicts:
                        raise ValueError(f"{PATH}: {row} stands twice in {name}")
                    verdicts[row] = errno
            self._filters[name] = (entry["default"], verdicts)
        confinement = dict(said["confinement"])
        # Row to what the kernel's log says of it.
        self.log = confinement.pop("log")
        self._features = confinement.pop("features")
        self._confinement = {}
        for name, entry in confinement.items():
            self._confinement[name] = {row: kind for kind, rows in entry.items() for row in rows}
            if len(self._confinement[name]) != sum(map(len, entry.values())):
                raise ValueError(f"{PATH}: a row stands twice in {name}")
        self.stand_ins = {f"CAP_{name}": {f"CAP_{other}" for other in others}
                          for name, others in said["stand-ins"].items()}
        self._untested = {row: entry["reason"] for entry in said["untested"] for row in entry["rows"]}
        unknown = set().union(*(profile.capabilities for profile in self.profiles.values())) - set(self.capabilities())
        if unknown:
            raise ValueError(f"{PATH}: no capabilities: {sorted(unknown)}")

    @staticmethod
    def capabilities():
        """The rows that are capabilities: every one that the kernel has."""
        return [f"CAP_{name}" for name in CAPABILITIES]

    def named_rows(self):
        """The rows that the file names for system calls."""
        return {row for _, verdicts in self._filters.values() for row in verdicts}

    def confinement(self, apparmor, row):
        """What that AppArmor profile does with the row: denied (by a rule), unlisted (refused for want of one), allowed."""
        if not apparmor:
            return "allowed"
        verdict = self._confinement[apparmor].get(row)
        if not verdict:
            raise ValueError(f"{PATH}: {apparmor} says nothing about {row}")
        feature = self._features.get(row)
        return verdict if not feature or os.path.exists(os.path.join(FEATURES, feature)) else "allowed"

    def confined_rows(self, apparmor):
        """The rows that the file names for that AppArmor profile."""
        return set(self._confinement[apparmor])

    def errno(self, profile, row):
        """The errno that the profile's filter gives; None where it lets the call through."""
        kind = self.profiles[profile].filter
        if kind == "none":
            return None
        default, verdicts = self._filters[kind]
        verdict = verdicts.get(row) or verdicts.get(plain(row)) or default
        if not verdict:
            raise ValueError(f"{PATH}: {kind} says nothing about {row}")
        return None if verdict == "allowed" else verdict

    def reason_untested(self, row):
        return self._untested.get(row)


def plain(row):
    """The row's name in the processor's first table."""
    return row.split(":")[-1]


def tables():
    """The processor's other tables, as rows name them."""
    return ("i386", "x32")


def system_call(row):
    """The system call of a row, by name."""
    return ROW.fullmatch(row)[2]
