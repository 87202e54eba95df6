"""What the cases of podman and of docker have in common that run converted profiles."""

import json
import shlex

from cases_profile import profile
from enforcement import tries
from enforcement.expectations import system_call
from harness import succeeds


CUSTOM = {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "custom"}, "spec": {
    "extends": "dev", "add-cap": ["SYS_PTRACE"], "drop-cap": ["NET_RAW"], "noNewPrivileges": True,
    "seccomp": {"deny": ["keyctl", "lookup_dcookie"]}}}


def converted(t, name, engine):
    """The options for the engine, and what `show` tells of the profile; `custom` is a manifest that extends one."""
    if name == "custom":
        name = t.file(json.dumps(CUSTOM), name=f"{t.name()}.json")
    out = succeeds(profile(t, "convert", name, "--to", engine, "--out", t.folder())).out
    return shlex.split(out), json.loads(succeeds(profile(t, "show", name, "-o", "json")).out)


def is_apparmor_there():
    try:
        with open("/sys/module/apparmor/parameters/enabled", encoding="ascii") as file:
            return file.read().strip() == "Y"
    except FileNotFoundError:
        return False


# A filter isn't asked about it: the kernel itself puts it into programs that are traced (Linux 6.14).
UNFILTERED = "uprobe"
# Newer than whatever a filter names: what the filter refuses by default, a runtime says it doesn't know.
NEWEST = ("file_getattr", "file_setattr")


def refusals(t, filter_):
    """The probe's tries of calls that a filter refuses whatever their arguments, and the errno of each."""
    names = {1: "EPERM", 38: "ENOSYS"}
    default = names[filter_.get("defaultErrnoRet", 1)] if filter_["defaultAction"] == "SCMP_ACT_ERRNO" else None
    decided, touched = {}, set()
    for rule in filter_["syscalls"]:
        touched |= set(rule["names"])
        if rule["action"] == "SCMP_ACT_ERRNO" and not rule.get("args"):
            decided |= {name: names[rule.get("errnoRet", 1)] for name in rule["names"]}
    found = {}
    for row in tries.rows_of_probe(t, "syscalls"):
        call = system_call(row)
        errno = decided.get(call) or (default if call not in touched else None)
        if errno and call != UNFILTERED:
            found[row] = "ENOSYS" if call in NEWEST and call not in decided else errno
    return found


def answers(engine, rows, options):
    """What the probe got for each try, in a new container."""
    said = succeeds(engine.run("/probe", "try", *rows, flags=options)).out
    return {entry["try"]: entry["errno"] for entry in map(json.loads, said.splitlines())}


def differing(got, expected):
    """Each try that came out otherwise: what it got, and what it should have."""
    return {row: (got.get(row), errno) for row, errno in expected.items() if got.get(row) != errno}
