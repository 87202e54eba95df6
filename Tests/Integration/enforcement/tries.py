"""Runs the probe's tries in containers, with the profile's config.json or with a layer of it lifted or turned round."""

import copy
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess

from harness.checks import equal, matches, succeeds
from harness.probe import CAPABILITIES, own_capabilities

CLONE_NEWPID = 0x20000000
OTHER_USER = 1234
OTHER_GROUP = 4321
# Whom no try asks for.
PLAIN_USER = 5678
# What the control's own filter answers: an errno that neither a profile nor the kernel gives for any row.
CONTROL_ERRNO = ("EXFULL", 54)
SETS = ("bounding", "permitted", "effective", "inheritable", "ambient")
CLONE_FLAGS = {"NEWNS": 0x00020000, "NEWCGROUP": 0x02000000, "NEWUTS": 0x04000000, "NEWIPC": 0x08000000,
               "NEWUSER": 0x10000000, "NEWPID": 0x20000000, "NEWNET": 0x40000000}

_libc = ctypes.CDLL(None, use_errno=True)


def rows_of_probe(t, kind):
    """The names of the probe's tries."""
    said = subprocess.run([t.programs.probe, "try", "list", kind], check=True, capture_output=True, text=True)
    return said.stdout.split()


def known_calls():
    """The names of the processor's own system calls, as far as the C headers know them."""
    with open("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", encoding="ascii") as file:
        return set(re.findall(r"^#define __NR_(\w+) ", file.read(), re.MULTILINE))


def applied(t, profile, user=0, options=(), apparmor_missing="drop"):
    """config.json of that user's as `raind-profile apply` leaves it."""
    bundle = t.bundle(lambda config: _own_everything(config, user))
    said = subprocess.run(
        [t.tools["raind-profile"], "apply", profile, bundle.folder, "--apparmor-missing", apparmor_missing, *options],
        check=False, capture_output=True, text=True)
    equal(said.returncode, 0, f"raind-profile apply {profile}: {said.stderr}")
    with open(bundle.config_path, encoding="utf-8") as file:
        config = json.load(file)
    matches(config["annotations"]["io.raind.security-profile.applied"], f"^{profile}@sha256:", "what was applied")
    return config


def _own_everything(config, user):
    config["process"]["user"] = {"uid": user, "gid": user}
    config["linux"]["namespaces"].append({"type": "cgroup"})
    config["root"]["readonly"] = False
    config["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]})


# --- The config's layers ---

def with_capabilities(config, names):
    config = copy.deepcopy(config)
    sets = config["process"]["capabilities"]
    for kind in ("bounding", "effective", "permitted"):
        sets[kind] = sorted(names)
    return config


def without_filter(config):
    config = copy.deepcopy(config)
    config["linux"].pop("seccomp", None)
    return config


def without_apparmor(config):
    config = copy.deepcopy(config)
    config["process"].pop("apparmorProfile", None)
    return config


def open_to_confinement(config):
    """Nothing but AppArmor is in the way, and what the tries of that kind need is there."""
    config = with_capabilities(without_filter(config), own_capabilities())
    linux = config["linux"]
    linux["maskedPaths"] = linux["readonlyPaths"] = []
    linux["resources"]["devices"] = [{"allow": True, "access": "rwm"}]
    linux["devices"] = [{"path": "/dev/mem", "type": "c", "major": 1, "minor": 1, "fileMode": 0o600}]
    for mount in config["mounts"]:
        if mount["destination"] in ("/sys", "/sys/fs/cgroup"):
            mount["options"] = [option for option in mount["options"] if option != "ro"]
    config["mounts"] += [
        {"destination": "/sys/kernel/security", "type": "bind", "source": "/sys/kernel/security", "options": ["bind"]},
        {"destination": "/try/mounted", "type": "tmpfs", "source": "tmpfs"}]
    return config


def with_every_call_refused(config, calls):
    """A filter that refuses these calls and nothing else; of clone, namespaces only."""
    config = copy.deepcopy(config)
    refused = {"action": "SCMP_ACT_ERRNO", "errnoRet": CONTROL_ERRNO[1]}
    config["linux"]["seccomp"] = {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        "syscalls": [{"names": sorted(set(calls) - {"clone"}), **refused}] + [
            {"names": ["clone"], **refused,
             "args": [{"index": 0, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}]}
            for flag in CLONE_FLAGS.values()],
    }
    return config


def mask(names):
    return sum(1 << CAPABILITIES.index(name.removeprefix("CAP_")) for name in names)


# --- Containers ---

def outcomes(t, config, words, owner=OTHER_USER):
    """What each try came to, in the order of the words: "ok", an errno's name, or another word for what happened.

    owner: whose the files are that belong to another user.
    """
    def prepare(bundle):
        _lay_out(bundle, owner)
        bundle.config = copy.deepcopy(config)
        bundle.config["process"]["args"] = ["/probe", "try", *words]
    with t.container(prepare=prepare) as made:
        succeeds(made.create())
        with open(made.bundle.path("/try/other-pid"), "w", encoding="ascii") as file:
            file.write(str(_process_of_another_user(made.pid)))
        succeeds(made.start())
        t.until(lambda: _ended(t, made), "every try came to an end", 60)
        said = made.output()
    found = []
    for line in said.splitlines():
        if not line.startswith("{"):
            raise AssertionError(f"the probe said {line!r}")
        found.append(json.loads(line))
    equal([entry["try"] for entry in found], [word.split("@")[0] for word in words], "what the probe tried")
    return [_text(entry) for entry in found]


def _ended(t, made):
    # The process of another user is this process's child: until it is reaped, its PID namespace doesn't go.
    t.reap()
    return made.status == "stopped"


def _text(entry):
    if entry["signal"]:
        return f"signal {entry['signal']}"
    if entry["result"] >= 0:
        return "ok"
    return {-2: "nothing to try it on", -3: "no answer", -4: "no such capabilities"}.get(
        entry["result"], entry["errno"])


def user_of_set_user_id_program(t, config, flag):
    """The effective user id of root's program that another user runs."""
    def prepare(bundle):
        program = bundle.path("/as-root")
        shutil.copyfile(t.programs.probe, program)
        os.chmod(program, 0o4755)
        bundle.config = copy.deepcopy(config)
        bundle.config["process"].update(args=["/as-root", "report", "ids"], noNewPrivileges=flag,
                                        user={"uid": OTHER_USER, "gid": OTHER_USER})
    return json.loads(succeeds(t.run([], prepare=prepare)).out)["ids"]["euid"]


def _lay_out(bundle, owner):
    for name, user, group, mode in (("other-0600", owner, owner, 0o600),
                                    ("other-0644", owner, owner, 0o644),
                                    ("foreign-group", 0, OTHER_GROUP, 0o640),
                                    ("other-pid", 0, 0, 0o644)):
        path = bundle.write(f"try/{name}", "")
        os.chown(path, user, group)
        os.chmod(path, mode)


def _process_of_another_user(init):
    """A process in the container's PID namespace, and its id there. It ends with the container."""
    reading, writing = os.pipe()
    middle = os.fork()
    if middle == 0:
        try:
            namespace = os.open(f"/proc/{init}/ns/pid", os.O_RDONLY)
            if _libc.setns(namespace, CLONE_NEWPID) < 0:
                raise OSError(ctypes.get_errno(), "setns")
            if os.fork() == 0:
                os.setgroups([])
                os.setresgid(OTHER_USER, OTHER_USER, OTHER_USER)
                os.setresuid(OTHER_USER, OTHER_USER, OTHER_USER)
                os.write(writing, str(os.getpid()).encode())
                os.closerange(0, 1024)
                while True:
                    signal.pause()
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(middle, 0)
    if not said.isdigit():
        raise AssertionError("no process could be put into the container's PID namespace")
    return int(said)
