"""Writes what the fuzzer begins with: corpus.py TARGET FOLDER WORDS

FOLDER gets an input for each document of the target's kind that the project has, each behind the byte that chooses its
circumstances; WORDS is a dictionary of libFuzzer's with the names that the readers know.
"""

import glob
import hashlib
import json
import os
import random
import re
import struct
import sys

from documents import Documents

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURES = os.path.join(ROOT, "spec-fixtures")
# In the order of Circumstances.hosts, and what makes one edit too.
HOSTS = {"hybrid": 0, "v1": 1, "v2": 2, "none": 3}
EDITS = 7 * 8


def read(*path):
    with open(os.path.join(FIXTURES, *path), "rb") as file:
        return file.read()


def change(config, pointer, value):
    """As the unit tests do: what is on the way is made, null takes nothing out."""
    *way, last = (token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    for token in way:
        config = config[int(token)] if isinstance(config, list) else config.setdefault(token, {})
    if not isinstance(config, list):
        config[last] = value
    elif int(last) == len(config):
        config.append(value)
    else:
        config[int(last)] = value


def host(facts):
    if facts.get("userID"):
        return 5
    if facts.get("inInitialUserNamespace") is False:
        return 6
    if facts.get("appArmor") or facts.get("seLinux") or "lastCapability" in facts or "boundingCapabilities" in facts:
        return 4
    return HOSTS[facts.get("cgroups", "hybrid")]


def changed(base, patch):
    config = json.loads(json.dumps(base))
    for pointer, value in patch.get("set", {}).items():
        change(config, pointer, value)
    return config


def inputs():
    """(host, text): compact, so that an input's bytes are what matters in it."""
    for path in sorted(glob.glob(os.path.join(FIXTURES, "config", "*", "*.json"))):
        text = read(path)
        # As it stands, for its layout.
        yield EDITS, text
        # Not every fixture is JSON, and texts of numbers matter: they are kept.
        try:
            config = json.loads(text, parse_int=Number, parse_float=Number)
        except ValueError:
            continue
        for number in range(4):
            yield number, compact(config)
        if isinstance(config, dict):
            # A part at a time: small inputs are tried more often.
            for name, value in config.items():
                yield 0, compact({"ociVersion": "1.3.0", name: value})
    base = json.loads(read("validation", "base.json"))
    for path in sorted(glob.glob(os.path.join(FIXTURES, "validation", "*", "patch.json"))):
        patch = json.loads(read(path))
        yield host(patch.get("host", {})), compact(changed(base, patch))
    for path in sorted(glob.glob(os.path.join(FIXTURES, "plans", "*", "case.json"))):
        case = json.loads(read(path))
        where = case.get("config") or os.path.join("plans", os.path.basename(os.path.dirname(path)), "config.json")
        yield host(case.get("host", {})), compact(changed(json.loads(read(where)), case))


class Number(str):
    """A number's text."""


def compact(value):
    if isinstance(value, Number):
        return value.encode()
    if isinstance(value, dict):
        return b"{" + b",".join(json.dumps(name).encode() + b":" + compact(part) for name, part in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(compact, value)) + b"]"
    return json.dumps(value).encode()


def of_configs():
    for number, text in inputs():
        yield bytes([ord("0") + number]) + text


def configs():
    """The configs that are JSON objects."""
    for path in sorted(glob.glob(os.path.join(FIXTURES, "config", "*", "*.json"))):
        try:
            config = json.loads(read(path), parse_int=Number, parse_float=Number)
        except ValueError:
            continue
        if isinstance(config, dict):
            yield config


def of_processes():
    for config in configs():
        process = config.get("process")
        if process is not None:
            yield b"0" + compact(process)
            yield b"6" + compact(process)
            if isinstance(process, dict):
                for name, value in process.items():
                    yield b"0" + compact({"cwd": "/", "args": ["sh"], name: value})


RECORD = {
    "ociVersion": "1.2.0", "id": "demo", "creatorPID": 4711, "creatorStartTicks": 123456, "bundle": "/bundles/demo",
    "rootfs": "/bundles/demo/rootfs", "created": "2026-01-02T03:04:05.678901234Z", "owner": 0, "hasPIDNamespace": True,
    "keepsKeyring": False, "hasMemoryLimit": True, "annotations": {"org.example.key": "value", "run.oci.handler": "\u00e9"},
    "cgroups": [{"mountPoint": "/sys/fs/cgroup", "path": "/demo", "isUnified": True, "controllers": ["memory", "pids"]},
                {"mountPoint": "/sys/fs/cgroup/freezer", "path": "/a/demo", "isUnified": False, "controllers": ["freezer"]}],
    "scope": {"unit": "libpod-demo.scope", "instance": "system", "address": "unix:path=/run/systemd/private", "isStarted": True},
    "resctrl": {"class": "demo", "isClassMade": True, "monitoring": "demo", "isMonitoringMade": True},
    "hooks": json.dumps({"poststop": [{"path": "/bin/true", "args": ["true"], "env": ["A=b"], "timeout": 5}],
                         "poststart": [{"path": "/bin/false"}]}),
}


def of_states():
    yield b"0" + compact(RECORD)
    for name in RECORD:
        yield b"0" + compact({key: value for key, value in RECORD.items() if key != name})
        for wrong in (None, True, -1, 1 << 64, "", [], {}, [{}], {"class": ".."}, "../x"):
            yield b"0" + compact({**RECORD, name: wrong})
    yield from (b"4" + text for text in (b"4711 123456\n", b"1 18446744073709551615\n", b"-1 0\n", b"1 2", b""))
    for config in configs():
        yield b"5" + compact(config)
    # Where a byte is changed, to what, and where the text ends and the filter begins.
    yield b"6" + bytes([0, 60, 1, 128]) + b'{"defaultAction":"SCMP_ACT_ALLOW"}' + bytes(range(64))
    yield b"6" + bytes([0, 0, 0, 10]) + bytes(64)


def of_filters():
    for config in configs():
        linux = config.get("linux")
        if isinstance(linux, dict) and linux.get("seccomp") is not None:
            yield b"0" + compact(linux["seccomp"])
    base = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]}
    for action in ("ALLOW", "ERRNO", "KILL_PROCESS", "KILL_THREAD", "TRAP", "TRACE", "LOG"):
        yield b"0" + compact({**base, "defaultAction": f"SCMP_ACT_{action}", "defaultErrnoRet": 38})
        yield b"0" + compact({**base, "syscalls": [
            {"names": ["read", "socket", "semop", "clone3"], "action": f"SCMP_ACT_{action}"},
            {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}]})
    for comparison in ("NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"):
        argument = {"index": 1, "value": 0xFFFFFFFFFFFFFFFE, "valueTwo": 0x100000002, "op": f"SCMP_CMP_{comparison}"}
        rules = [{"names": ["ioctl", "connect"], "action": "SCMP_ACT_ALLOW", "args": arguments}
                 for arguments in ([argument], [argument, {**argument, "index": 2}], [argument, argument])]
        yield b"0" + compact({**base, "syscalls": rules})
        yield b"0" + compact({**base, "architectures": ["SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_S390"], "syscalls": rules})
    documents = Documents(random.Random(2))
    for _ in range(200):
        yield b"0" + compact(documents.seccomp())


POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"securityContext": {"runAsUser": 1000}, "containers": [
    {"name": "c", "securityContext": {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}, "allowPrivilegeEscalation": False,
                                      "seccompProfile": {"type": "RuntimeDefault"}, "readOnlyRootFilesystem": True}}]}}
OPERATOR = {"apiVersion": "security-profiles-operator.x-k8s.io/v1beta1", "kind": "SeccompProfile", "metadata": {"name": "s"},
            "spec": {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
                     "syscalls": [{"action": "SCMP_ACT_ALLOW", "names": ["read", "write"]}]}}
MANIFEST = {
    "apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "mine", "description": "d", "labels": {"a": "b"}},
    "spec": {"extends": "default", "add-cap": ["NET_ADMIN", "cap_sys_time"], "drop-cap": ["CHOWN"], "ambient": ["NET_ADMIN"],
             "noNewPrivileges": True, "selinuxLabel": "system_u:system_r:container_t:s0:c1,c2",
             "apparmor": {"profile": "raind-default"}, "paths": {"masked": ["/proc/kcore"], "readonly": "keep", "rootReadonly": True},
             "seccomp": {"mode": "merge", "syscalls": [{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}}}


def of_manifests():
    for path in sorted(glob.glob(os.path.join(ROOT, "profiles", "*.yaml"))):
        with open(path, "rb") as file:
            yield b"0" + file.read()[:6000]
    yield b"1" + compact(MANIFEST)
    yield b"0" + b"name: flat\nextends: deploy\nadd-cap: [ALL]\ndrop-cap:\n  - SYS_ADMIN\nambient: never\n"
    for name, value in MANIFEST["spec"].items():
        yield b"1" + compact({**MANIFEST, "spec": {name: value}})
        yield b"1" + compact({**MANIFEST, "spec": {"extends": "hardened", name: value}})
    for document in (POD, OPERATOR, {"kind": "List", "items": [POD]}):
        yield b"3" + compact(document)
    filters = [text[1:] for text in of_filters()]
    for text in filters[:12]:
        yield b"3" + text
        yield b"1" + compact({**MANIFEST, "spec": {"extends": "default", "seccomp": {"mode": "replace", **json.loads(text)}}})
    documents = Documents(random.Random(1))
    for _ in range(400):
        yield documents.document()
    yield b"2---\nkind: Pod\nspec: &a\n  containers: [{name: x, securityContext: {}}]\n---\n"


def of_stages():
    yield bytes([1]) + struct.pack("<i", 4711)
    for tag in (2, 3, 5, 7, 8, 9, 10, 0, 11):
        yield bytes([tag])
    yield bytes([4]) + bytes(16)
    parts = [b"mount proc on /proc", b"/mounts/0", b"", b"mount", b"/proc", b""]
    yield bytes([6]) + struct.pack("<i", 13) + b"".join(struct.pack("<I", len(part)) + part for part in parts)
    yield bytes([6]) + struct.pack("<i", -1) + struct.pack("<I", 3) + b"\xff\xc3\n" + bytes(20)


def padded(data, size):
    return data + bytes(-len(data) % size)


def of_buses():
    def text(value):
        return struct.pack("<I", len(value)) + value + b"\0"

    def field(code, kind, value):
        return bytes([code, 1]) + kind + b"\0" + value
    for kind, fields, signature, body in (
            (1, [(1, b"o", b"/org/freedesktop/systemd1"), (3, b"s", b"StartTransientUnit"), (6, b"s", b"org.freedesktop.systemd1")],
             b"ss", padded(text(b"a.scope"), 4) + text(b"replace")),
            (2, [], b"o", text(b"/org/freedesktop/systemd1/job/1")),
            (2, [], b"a(sv)", struct.pack("<I", 21) + bytes(4) + padded(text(b"PIDs"), 1) + b"\2au\0" + struct.pack("<II", 4, 7)),
            (3, [(4, b"s", b"org.freedesktop.systemd1.NoSuchUnit")], b"s", text(b"Unit not loaded.")),
            (4, [(1, b"o", b"/x"), (2, b"s", b"a.b"), (3, b"s", b"JobRemoved")], b"uoss",
             padded(struct.pack("<I", 1) + text(b"/j"), 4) + padded(text(b"a"), 4) + text(b"done"))):
        array = b"" if kind in (1, 4) else field(5, b"u", struct.pack("<I", 1))
        for code, letter, value in fields:
            array = padded(array, 8) + field(code, letter, text(value))
        array = padded(array, 8) + field(8, b"g", bytes([len(signature)]) + signature + b"\0")
        # The first byte is the choice, and part of the message: what comes behind it is what is read.
        head = b"l" + bytes([kind, 0, 1]) + struct.pack("<III", len(body), 7, len(array))
        yield b"0" + padded(head + array, 8) + body
    yield b"0unix:path=/run/dbus/system_bus_socket;unix:abstract=/tmp/x,guid=1;tcp:host=a"
    yield b"0unix:path=/run/user/1000/a%20b%25"


def of_answers():
    """CRIU's, behind the byte that is the choice."""
    yield b"0" + bytes([0x08, 1, 0x10, 1])
    yield b"0" + bytes([0x08, 2, 0x10, 1, 0x22, 2, 0x08, 77])
    yield b"0" + bytes([0x08, 6, 0x10, 1, 0x2A, 16, 0x0A, 12]) + b"network-lock" + bytes([0x10, 5])
    yield b"0" + bytes([0x08, 9, 0x10, 1, 0x42, 4, 0x08, 1, 0x10, 0])
    yield b"0" + bytes([0x08, 10, 0x10, 0, 0x38, 2, 0x4A, 5]) + b"Error" + bytes([0x52, 6, 0x08, 3, 0x10, 17, 0x20, 1])
    yield b"0" + bytes([0x08]) + b"\xff" * 9 + b"\x01" + bytes([0x10, 1, 0x0D, 0, 0, 0, 0, 0x09]) + bytes(8)


def of_kernels():
    mounts = (b"36 35 98:0 /root /mnt/a\\040b rw,noatime shared:1 master:2 - ext4 /dev/root rw,errors=continue\n"
              b"35 0 0:1 / / rw - rootfs none rw\n40 36 0:5 /null /proc/kcore rw - devtmpfs dev rw\n41 35 0:3 / /proc ro - proc proc ro\n")
    yield b"0" + mounts
    yield b"1" + mounts
    status = b"".join(b"%s:\t%s\n" % pair for pair in (
        (b"Name", b"sh"), (b"State", b"S (sleeping)"), (b"Uid", b"0\t0\t0\t0"), (b"CapInh", b"0000000000000000"),
        (b"CapPrm", b"000001ffffffffff"), (b"CapEff", b"000001ffffffffff"), (b"CapBnd", b"000001ffffffffff"),
        (b"CapAmb", b"0000000000000000"), (b"NoNewPrivs", b"1"), (b"Seccomp", b"2"), (b"Seccomp_filters", b"1")))
    yield b"2" + status
    yield b"3" + b"77 (a) b (c) S 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 1 18446744073709551615 1\n"
    yield b"4" + b"12:cpu,cpuacct:/a\n1:name=systemd:/user.slice\n0::/a:b\n"
    yield b"5" + b"         0     100000      65536\n     65536          0 4294901760\n"
    yield b"6" + b"usage_usec 123\nnr_periods 0\nlow -1\nhigh max\n8:0 rbytes=1 wbytes=2\n"
    yield b"7" + (b"(00.017093) Error (criu/sk-inet.c:191): inet: Connected TCP socket, consider using --tcp-established\n"
                  b"(00.02) 77: Error (a.c:1): No such file or directory\n(00.03) Error (criu/cr-dump.c:1): Dumping FAILED.\n")
    yield b"8" + b"docker-default (enforce)\n"
    yield b"9" + struct.pack("<IHHII", 36, 2, 0, 1, 0) + struct.pack("<i", -17) + bytes(16)
    yield b"9" + struct.pack("<IHHII", 44, 16, 2, 1, 0) + bytes(16) + struct.pack("<HHI", 8, 4, 1500) + struct.pack("<HH", 4, 3)
    yield b":" + b"0-3,7,9-8,1-99999999"


def of_images():
    yield b"0" + b"root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\nbad:x:0\n+:::::\n"
    yield b"1" + b"#! /usr/bin/env python3\n"
    yield b"1" + b"#!/bin/sh -e"
    for width, order in ((2, "<"), (2, ">"), (1, "<")):
        ident = b"\x7fELF" + bytes([width, 1 if order == "<" else 2, 1]) + bytes(9)
        loader = b"/lib64/ld-linux-x86-64.so.2\0"
        if width == 2:
            head = ident + struct.pack(order + "HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
            head += struct.pack(order + "IIQQQQQQ", 3, 4, 120, 0, 0, len(loader), len(loader), 1)
        else:
            head = ident + struct.pack(order + "HHIIIIIHHHHHH", 2, 3, 1, 0, 52, 0, 0, 52, 32, 1, 0, 0, 0)
            head += struct.pack(order + "IIIIIIII", 3, 84, 0, 0, len(loader), len(loader), 4, 1)
        yield b"2" + head + loader


def of_shims():
    """A sequence of calls each; their numbers are the first bytes."""
    for number in range(8):
        yield bytes([number]) + bytes(range(60))
        yield bytes([number, 2, 11, 200, 3, 253, 254, 0, 255]) * 8


SEEDS = {
    "config": of_configs, "process": of_processes, "state": of_states, "manifest": of_manifests, "seccomp": of_filters,
    "stage": of_stages, "dbus": of_buses, "criu": of_answers, "kernel": of_kernels, "image": of_images, "shims": of_shims,
}
# Whose names a target's inputs are made of.
MODULES = {
    "config": ("OCISpec", "RuntimePlan"), "process": ("OCISpec", "RuntimePlan"), "state": ("ContainerRuntime", "OCISpec"),
    "manifest": ("SecurityProfile", "ProfileRegistry", "OCISpec"), "seccomp": ("OCISpec",), "dbus": ("DBus",),
    "kernel": ("HostInspection",),
}


def words(modules):
    """The string literals of the modules: names of members, and of what they may hold."""
    found = set()
    for module in modules:
        for path in glob.glob(os.path.join(ROOT, "Sources", module, "*.swift")):
            if os.path.basename(path).startswith("SyscallTable"):
                continue
            with open(path, encoding="utf-8") as file:
                code = "\n".join(line for line in file.read().splitlines() if not line.lstrip().startswith("//"))
            found.update(re.findall(r'"([A-Za-z0-9_./=-]{2,40})"', code))
            # An enum's case is its own text where it has no other.
            found.update(re.findall(r"^    case `?([A-Za-z0-9]{2,40})`?$", code, re.MULTILINE))
    return sorted(found)


def main(target, folder, dictionary):
    count = 0
    for data in SEEDS[target]():
        if target == "stage":
            data = b"0" + data
        with open(os.path.join(folder, hashlib.sha256(data).hexdigest()[:16]), "wb") as file:
            file.write(data)
        count += 1
    names = words(MODULES.get(target, ()))
    with open(dictionary, "w", encoding="ascii") as file:
        file.writelines(f'"{name}"\n' for name in names)
    if target in MODULES and len(names) < 8 or count < (100 if target in ("config", "process", "state") else 2):
        sys.exit(f"corpus.py: {count} inputs and {len(names)} words: spec-fixtures isn't where it was")


if __name__ == "__main__":
    main(*sys.argv[1:])
