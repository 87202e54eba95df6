"""raind-profile on the command line: what it prints, what it writes, what it refuses, and its exit status."""

import itertools
import json
import os
import re
import signal
import stat
import subprocess
import time

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness import layout
from harness.bundle import base_config
from harness.runtime import Result

PROFILES = ("default", "dev", "deploy", "restricted", "privileged", "unconfined", "hardened")
STAMP = "io.raind.security-profile.applied"
FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "spec-fixtures", "config", "valid")
TABLE = """\
NAME        TYPE      CAPABILITIES  SECCOMP   APPARMOR
default     built-in  14 caps       enabled   raind-default
dev         built-in  14 caps       enabled   raind-default
deploy      built-in  12 caps       enabled   raind-default
restricted  built-in  0 caps        enabled   raind-default
privileged  built-in  41 caps       disabled  -
unconfined  built-in  14 caps       disabled  -
hardened    built-in  0 caps        enabled   raind-default
"""


# Calling it, and what it is called with


def profile(t, *words, stdin=b"", cwd=None, out=None, timeout=20, user=None, by=()):
    """Runs raind-profile, `by` another program if there is one. What it printed is text that keeps what is no UTF-8."""
    began = time.monotonic()
    # By descriptor, because the folders on the way to the program may be closed to `user`.
    program = os.open(t.tools["raind-profile"], os.O_RDONLY)
    try:
        done = subprocess.run(
            [*by, f"/proc/self/fd/{program}", *words], pass_fds=[program], input=stdin, stdout=out or subprocess.PIPE,
            stderr=subprocess.PIPE, cwd=cwd, timeout=timeout, check=False, user=user, group=user,
            extra_groups=None if user is None else [])
    finally:
        os.close(program)
    said = [(text or b"").decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr)]
    return Result(f"raind-profile {' '.join(words)}", done.returncode, *said, time.monotonic() - began)


def filtered(t, name, config, *options):
    """config, a text or bytes, with a profile applied, as bytes."""
    config = config if isinstance(config, bytes) else config.encode()
    return succeeds(profile(t, "apply", name, "-", *options, stdin=config)).out.encode("utf-8", "surrogateescape")


def refuses(result, *parts, status=2):
    """It ended with `status`, printed no result, and said one thing, all of `parts` in it."""
    fails(result, "", status)
    equal(result.out, "", f"standard output of {result.command}")
    true(result.err.startswith("raind-profile: "), f"{result.err!r} begins with the program's name")
    for part in parts:
        contains(result.err, part, result.command)
    return result


def bundle(t, text=None, mode=0o644):
    """A bundle's folder, and its config.json."""
    folder = t.folder()
    path = os.path.join(folder, "config.json")
    with open(path, "wb") as file:
        text = json.dumps(base_config(), indent=4) + "\n" if text is None else text
        file.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)
    return folder, path


def content(path):
    with open(path, "rb") as file:
        return file.read()


def documents():
    """Configurations that the common engines and people write, by name."""
    config = base_config()
    yield "indented", json.dumps(config, indent=4) + "\n"
    yield "tabs", json.dumps(config, indent="\t")
    yield "compact", json.dumps(config, separators=(",", ":"))
    yield "crlf", json.dumps(config, indent=2).replace("\n", "\r\n")
    engine = base_config()
    engine["process"]["apparmorProfile"] = "containers-default-0.50.1"
    engine["linux"]["seccomp"] = {
        "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "flags": [],
        "syscalls": [{"names": ["read", "write", "exit_group"], "action": "SCMP_ACT_ALLOW", "args": []}],
    }
    engine["annotations"] = {"io.raind.security-profile": "deploy", "other": "kept"}
    yield "engine", json.dumps(engine)
    for name in ("runc-spec", "podman", "podman-userns", "containerd", "docker", "everything"):
        with open(os.path.join(FIXTURES, f"{name}.json"), encoding="utf-8") as file:
            yield name, file.read()
    yield "least", '{"process": {"cwd": "/"}}'
    yield "user", json.dumps({"process": {"user": {"uid": 1000, "gid": 1000}, "cwd": "/"}, "linux": {}})
    # What a reader that isn't careful would write back otherwise.
    yield "odd", ('{"big": 18446744073709551615, "long": 0.1000000000000000055511151231257827021181583404541015625,\n'
                  ' "e": [1E5, -0, -0.0, 1e400], "text": "\\u0041\\/\\ud83d\\ude00\\u0000", "" : {"" : [ ]},\n'
                  '  "process" : { "cwd":"/", "noNewPrivileges" :true , "\\u0063apabilities": {} },"linux":{ }   }')


# What is listed and shown


@cases("schema", [("ls", "ls"), ("list", "list")])
def profile_lists(t, word):
    equal(succeeds(profile(t, word)).out, TABLE)


@cases("schema", [(name, name) for name in PROFILES])
def profile_shows(t, name):
    shown = json.loads(succeeds(profile(t, "show", name, "-o", "json")).out)
    equal(list(shown), ["name", "type", "capabilities", "seccomp", "apparmorProfile", "noNewPrivileges"])
    _, kind, count, _, filtering, apparmor = next(
        row for row in (line.split() for line in TABLE.splitlines()) if row[0] == name)
    equal((shown["name"], shown["type"]), (name, kind))
    equal(len(shown["capabilities"]["base"]), int(count))
    equal(shown["seccomp"] is not None, filtering == "enabled")
    equal(shown["apparmorProfile"], None if apparmor == "-" else apparmor)
    equal(shown["noNewPrivileges"], name in ("deploy", "restricted", "hardened"))

    table = succeeds(profile(t, "show", name)).out
    matches(table, rf"^NAME +{name}$")
    matches(table, rf"^CAPABILITIES +{count} caps$")
    for capability in shown["capabilities"]["base"]:
        contains(table.split(), capability)
    for rule in shown["seccomp"]["syscalls"] if shown["seccomp"] else []:
        for call in rule["names"]:
            contains(table.split(), call)
    yaml = succeeds(profile(t, "show", name, "-o", "yaml")).out
    true(yaml.startswith(f"name: {name}\ntype: {kind}\n"), "the same in YAML")
    equal(yaml.count("- CAP_"), int(count))


@cases("schema", [(name, name) for name in PROFILES])
def profile_writes_what_it_shows(t, name):
    shown = json.loads(succeeds(profile(t, "show", name, "-o", "json")).out)
    folder, path = bundle(t)
    done = succeeds(profile(t, "apply", name, folder))
    config = json.loads(content(path))
    capabilities = shown["capabilities"]["base"]
    equal(config["process"]["capabilities"], {
        "bounding": capabilities, "effective": capabilities, "permitted": capabilities,
        "inheritable": [], "ambient": [],
    })
    equal(config["process"]["noNewPrivileges"], shown["noNewPrivileges"])
    equal(config["process"].get("apparmorProfile"), shown["apparmorProfile"])
    equal(config["linux"].get("seccomp"), shown["seccomp"])
    stamp = config["annotations"][STAMP]
    matches(stamp, rf"^{name}@sha256:[0-9a-f]{{64}}$")
    equal(done.out, f"{path}: {stamp}\n")

    # Nothing else.
    expected = base_config()
    for section, key in (("process", "capabilities"), ("process", "noNewPrivileges")):
        expected[section][key] = config[section][key]
    for section, key in (("process", "apparmorProfile"), ("linux", "seccomp")):
        if key in config[section]:
            expected[section][key] = config[section][key]
    expected["annotations"] = {STAMP: stamp}
    equal(config, expected)


@case("schema")
def profile_shows_another_architecture(t):
    shown = json.loads(succeeds(profile(t, "show", "default", "-o", "json", "--arch", "arm64")).out)
    equal(shown["seccomp"]["architectures"], ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"])
    shown = json.loads(succeeds(profile(t, "show", "default", "-o", "json", "--arch", "s390x")).out)
    clone = [rule for rule in shown["seccomp"]["syscalls"] if rule["names"] == ["clone"]]
    equal({rule["args"][0]["index"] for rule in clone}, {1}, "clone's flags on s390x")


# Rewriting


@cases("schema", list(documents()))
def profile_twice_is_once_and_the_last_counts(t, text):
    alone = {name: filtered(t, name, text) for name in PROFILES}
    for first, second in itertools.product(PROFILES, PROFILES):
        equal(filtered(t, second, alone[first]), alone[second], f"{first}, then {second}")


@case("schema")
def profile_leaves_every_other_byte(t):
    before = dict(documents())["odd"]
    after = filtered(t, "deploy", before).decode()
    for part in ('{"big": 18446744073709551615, "long": 0.1000000000000000055511151231257827021181583404541015625,\n',
                 ' "e": [1E5, -0, -0.0, 1e400], "text": "\\u0041\\/\\ud83d\\ude00\\u0000", "" : {"" : [ ]},\n'
                 '  "process" : { "cwd":"/", "noNewPrivileges" :true', '"\\u0063apabilities"'):
        contains(after, part)
    # The request is the user's, the annotation of what was applied is ours.
    engine = json.loads(filtered(t, "default", dict(documents())["engine"]))
    equal({key: value for key, value in engine["annotations"].items() if key != STAMP},
          {"io.raind.security-profile": "deploy", "other": "kept"})


@case("schema")
def profile_writes_oci_without_conditions(t):
    for name, options in itertools.product(("default", "hardened"), ((), ("--cap-add", "ALL"))):
        seccomp = json.loads(filtered(t, name, "{\"process\": {}}", *options))["linux"]["seccomp"]
        excludes(set(seccomp), "flags")
        equal("defaultErrnoRet" in seccomp, name == "hardened", "defaultErrnoRet beside a default that allows")
        for rule in seccomp["syscalls"]:
            true(set(rule) <= {"names", "action", "errnoRet", "args"}, f"{rule}: nothing but OCI's members")
            equal("errnoRet" in rule, rule["action"] == "SCMP_ACT_ERRNO", f"errnoRet of {rule}")
            indices = [argument["index"] for argument in rule.get("args", [])]
            equal(len(indices), len(set(indices)), f"arguments of {rule}")
            true((rule["action"], rule.get("errnoRet")) != (seccomp["defaultAction"], seccomp.get("defaultErrnoRet")),
                 f"{rule} says what the default says")


@case("schema")
def profile_writes_empty_sets(t):
    for name in ("restricted", "hardened"):
        capabilities = json.loads(filtered(t, name, "{\"process\": {}}"))["process"]["capabilities"]
        equal(capabilities, {kind: [] for kind in ("bounding", "effective", "inheritable", "permitted", "ambient")})


@case("schema")
def profile_knows_users(t):
    """Of uid 0 everything is in the bounding set; another user has what was added by name, and that as ambient."""
    text = dict(documents())["user"]
    sets = json.loads(filtered(t, "deploy", text))["process"]["capabilities"]
    equal(len(sets["bounding"]), 12)
    equal([sets[kind] for kind in ("effective", "permitted", "inheritable", "ambient")], [[]] * 4)
    sets = json.loads(filtered(t, "deploy", text, "--cap-add", "net_bind_service"))["process"]["capabilities"]
    equal([sets[kind] for kind in ("effective", "permitted", "inheritable", "ambient")],
          [["CAP_NET_BIND_SERVICE"]] * 4)


def applied(t, name, *options):
    """The bounding set without CAP_, and the names that the filter has rules for."""
    config = json.loads(filtered(t, name, "{\"process\": {}}", *options))
    rules = config["linux"].get("seccomp", {}).get("syscalls", [])
    bounding = {capability[4:] for capability in config["process"]["capabilities"]["bounding"]}
    return bounding, {call for rule in rules for call in rule["names"]}


@case("schema")
def profile_adds_and_drops(t):
    default, denied = applied(t, "default")
    equal(applied(t, "default", "--cap-add", "NET_ADMIN,cap_sys_time")[0], default | {"NET_ADMIN", "SYS_TIME"})
    equal(applied(t, "default", "--cap-drop", "kill", "--cap-drop", "CAP_MKNOD")[0], default - {"KILL", "MKNOD"})
    equal(applied(t, "default", "--cap-drop", "all", "--cap-add", "KILL")[0], {"KILL"})
    everything = applied(t, "privileged")[0]
    equal(applied(t, "default", "--cap-add", "ALL", "--cap-drop", "SYS_ADMIN")[0], everything - {"SYS_ADMIN"})
    # What is there already, and what isn't there: no error, no change.
    equal(applied(t, "deploy", "--cap-add", "KILL", "--cap-drop", "NET_RAW"), applied(t, "deploy"))
    # A capability lifts what it makes useful, and nothing else.
    for capability, lifted in (
            ("SYS_PTRACE", {"ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd",
                            "process_madvise"}),
            ("BPF", {"bpf"}), ("PERFMON", {"perf_event_open"}), ("DAC_READ_SEARCH", {"open_by_handle_at"}),
            ("SYS_BOOT", {"reboot"}), ("SYS_MODULE", {"init_module", "finit_module", "delete_module"}),
            ("NET_ADMIN", set())):
        equal(denied - applied(t, "default", "--cap-add", capability)[1], lifted, capability)
    stay = {"kexec_load", "kexec_file_load", "swapon", "swapoff", "name_to_handle_at", "userfaultfd"}
    equal(applied(t, "default", "--cap-add", "ALL")[1], stay)


@case("schema")
def profile_stamps_what_was_decided(t):
    def stamp(name, *options):
        return json.loads(filtered(t, name, "{\"process\": {}}", *options))["annotations"][STAMP].split("@")
    equal(stamp("default")[1], stamp("dev")[1], "the same under another name")
    different = [stamp("default"), stamp("deploy"), stamp("default", "--cap-drop", "KILL"),
                 stamp("default", "--cap-add", "SYS_PTRACE"), stamp("default", "--arch", "arm64")]
    equal(len({digest for _, digest in different}), len(different))


# Files


@case("schema")
def profile_filters(t):
    text = dict(documents())["indented"]
    folder, path = bundle(t, text)
    expected = filtered(t, "deploy", text)
    # A bundle, its config.json, standard input; standard output, a new file, an old one.
    equal(succeeds(profile(t, "apply", "deploy", path, "-o", "-")).out.encode(), expected)
    equal(succeeds(profile(t, "apply", "deploy", folder + "/", "-o", "-")).out.encode(), expected)
    equal(content(path), text.encode(), "-o leaves the bundle alone")
    new = os.path.join(folder, "new.json")
    old = t.file("old", mode=0o640)
    for target in (new, old):
        succeeds(profile(t, "apply", "deploy", "-", "--output", target, stdin=text.encode()))
        equal(content(target), expected)
    equal(stat.S_IMODE(os.stat(old).st_mode), 0o640)
    succeeds(profile(t, "apply", "deploy", ".", cwd=folder))
    equal(content(path), expected)
    # The name left out is default.
    equal(succeeds(profile(t, "apply", "-", stdin=text.encode())).out.encode(), filtered(t, "default", text))


@case("schema")
def profile_replaces_at_once(t):
    folder, path = bundle(t, mode=0o604)
    os.chown(path, 1234, 4321)
    before = os.stat(path)
    with open(path, "rb") as reader:
        succeeds(profile(t, "apply", "deploy", folder))
        equal(json.loads(reader.read()), base_config(), "what a reader of the old file sees")
    after = os.stat(path)
    true(after.st_ino != before.st_ino, "a file of its own takes the place")
    equal((after.st_mode, after.st_uid, after.st_gid), (before.st_mode, before.st_uid, before.st_gid))
    equal(os.listdir(folder), ["config.json"], "no temporary file is left")
    # A second time there is nothing to write.
    again = succeeds(profile(t, "apply", "deploy", folder))
    matches(again.out, r", unchanged$")
    equal(os.stat(path).st_ino, after.st_ino)


@case("schema")
def profile_leaves_nothing_when_ended(t):
    """Ended while it writes, the file is the old one or the new one, and nothing stands beside it."""
    text = dict(documents())["podman"].encode()
    new = filtered(t, "deploy", text)
    folder, path = bundle(t, text)
    caught = 0
    for _ in range(30):
        with open(path, "wb") as file:
            file.write(text)
        with subprocess.Popen([t.tools["raind-profile"], "apply", "deploy", folder], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                if os.listdir(folder) != ["config.json"]:
                    process.terminate()
                    caught += process.wait(20) == -signal.SIGTERM
        true(content(path) in (text, new), "the old one or the new one")
        equal(os.listdir(folder), ["config.json"])
    true(caught, "one was ended")


@case("schema")
def profile_follows_a_link_to_the_bundle_alone(t):
    folder, path = bundle(t)
    link = os.path.join(t.scratch, "link")
    os.symlink(folder, link)
    succeeds(profile(t, "apply", "deploy", link))
    contains(content(path).decode(), "deploy@sha256:")

    for make in (os.symlink, os.link):
        other, _ = bundle(t)
        name = os.path.join(other, "config.json")
        os.unlink(name)
        make(path, name)
        before = content(path)
        refuses(profile(t, "apply", "restricted", other), name)
        equal(content(path), before)
        equal(os.path.islink(name), make is os.symlink)
        equal(os.listdir(other), ["config.json"])


@cases("schema", [
    ("folder", os.mkdir, "not a regular file"),
    ("fifo", os.mkfifo, "not a regular file"),
    ("missing", lambda path: None, "ENOENT"),
])
def profile_wants_a_file(t, make, text):
    folder, path = bundle(t)
    os.unlink(path)
    make(path)
    refuses(profile(t, "apply", "deploy", folder), path, text)


@case("schema")
def profile_wants_a_bundle(t):
    refuses(profile(t, "apply", "deploy", os.path.join(t.scratch, "nowhere")), "nowhere: ENOENT", "config.json")
    refuses(profile(t, "apply", "deploy"), "deploy is a profile", "raind-profile apply deploy BUNDLE")
    refuses(profile(t, "apply", "deploy", t.folder()), "/config.json: ENOENT", "raind-oci spec makes it")
    refuses(profile(t, "apply", "deploy", ""), "the bundle's path is empty")


@case("schema")
def profile_cannot_write(t):
    """A read-only file system, one that is full, a folder of somebody else: nothing changes, nothing is left."""
    folder, path = bundle(t)
    before = content(path)
    layout.mount(folder, folder, flags=layout.MS_BIND)
    layout.mount(None, folder, flags=layout.MS_BIND | 0x20 | 1)  # MS_REMOUNT, MS_RDONLY
    refuses(profile(t, "apply", "deploy", folder), f"{path}: EROFS; a new file takes its place")
    equal(content(path), before)
    layout.umount(folder)
    equal(os.listdir(folder), ["config.json"])

    layout.mount(path, path, flags=layout.MS_BIND)
    refuses(profile(t, "apply", "deploy", folder), f"{path}: EBUSY; it is a mount point")
    equal(content(path), before)
    layout.umount(path)
    equal(os.listdir(folder), ["config.json"])

    for mode, text in ((0o755, "EACCES; a new file takes its place, so its folder must be writable"),
                       (0o777, "EPERM; it belongs to somebody else")):
        os.chmod(folder, mode)
        refuses(profile(t, "apply", "deploy", folder, user=1234), f"{path}: {text}")
        equal(content(path), before)
        equal(os.listdir(folder), ["config.json"])
    os.chown(path, 1234, 1234)
    succeeds(profile(t, "apply", "deploy", folder, user=1234))

    small = t.folder()
    layout.mount("none", small, "tmpfs", data="size=16k")
    path = os.path.join(small, "config.json")
    before = json.dumps(base_config()).encode()
    with open(path, "wb") as file:
        file.write(before)
    with open(os.path.join(small, "filler"), "wb") as file:
        file.write(b"." * 4096)
    refuses(profile(t, "apply", "hardened", small), f" {path}: ENOSPC")
    equal(content(path), before)
    equal(sorted(os.listdir(small)), ["config.json", "filler"])
    layout.umount(small)

    # No file may be longer than the half of it.
    folder, path = bundle(t)
    before = content(path)
    for words in ((folder,), (path, "-o", os.path.join(folder, "new.json"))):
        fails(profile(t, "apply", "hardened", *words, by=("prlimit", f"--fsize={len(before) // 2}")), "EFBIG", 2)
        equal(content(path), before)
        equal(os.listdir(folder), ["config.json"])

    with open("/dev/full", "wb") as full:
        result = profile(t, "apply", "deploy", "-", stdin=before, out=full)
        fails(result, "standard output: ENOSPC", 2)
        fails(profile(t, "ls", out=full), "standard output: ENOSPC", 2)


HOSTILE = {
    "empty": b"", "blank": b" \n", "garbage": b"\x7fELF\x02\x01", "truncated": b'{"process": {"cwd": "/"',
    "two": b'{"process": {}} {}', "no-object": b"[]", "null": b"null", "no-process": b"{}",
    "process-null": b'{"process": null}', "process-list": b'{"process": []}',
    "deep": b'{"process": {}, "x": ' + b"[" * 100000 + b"]" * 100000 + b"}",
    "twice": b'{"process": {}, "process": {}}',
    "twice-escaped": b'{"process": {"cwd": "/"}, "proc\\u0065ss": {}}',
    "twice-inside": b'{"process": {"capabilities": {"bounding": [], "bounding": ["CAP_SYS_ADMIN"]}}}',
    "mark": b'\xef\xbb\xbf{"process": {}}', "utf-16": '{"process": {}}'.encode("utf-16"),
    "bad-utf-8": b'{"process": {"cwd": "\xff"}}', "overlong": b'{"process": {"cwd": "\xc0\xaf"}}',
    "surrogate": b'{"process": {"cwd": "\\ud800"}}', "control": b'{"process": {"cwd": "\x00"}}',
    "comment": b'{"process": {} /* here */}', "comma": b'{"process": {},}', "single": b"{'process': {}}",
    "number": b'{"process": {}, "x": 01}', "plus": b'{"process": {}, "x": +1}', "nan": b'{"process": {}, "x": NaN}',
    "linux-text": b'{"process": {}, "linux": "x"}', "annotations-list": b'{"process": {}, "annotations": []}',
    "user-list": b'{"process": {"user": []}}', "uid-negative": b'{"process": {"user": {"uid": -1}}}',
    "uid-fraction": b'{"process": {"user": {"uid": 0.5}}}', "uid-text": b'{"process": {"user": {"uid": "0"}}}',
    "uid-large": b'{"process": {"user": {"uid": 4294967296}}}', "uid-null": b'{"process": {"user": {"uid": null}}}',
    "long": b'{"process": {}}' + b" " * (16 << 20),
}


@cases("schema", list(HOSTILE.items()))
def profile_refuses_a_config(t, text):
    folder, path = bundle(t, text)
    # The second without any way to write: no other error comes first.
    for words in ((folder,), (path, "--check"), (path, "-o", "-")):
        result = refuses(profile(t, "apply", "deploy", *words), path)
        equal(result.err.count("\n"), 1, f"lines of {result.err!r}")
        true(len(result.err) < 400, "a line that can be read")
    refuses(profile(t, "apply", "deploy", "-", stdin=text), "standard input")
    equal(content(path), text)
    equal(os.listdir(folder), ["config.json"])


@case("schema")
def profile_says_where(t):
    """Line and column, by which an editor finds it."""
    result = refuses(profile(t, "apply", "-", stdin=b'{\n  "process": {\n    "cwd": tru\n  }\n}\n'))
    contains(result.err, "standard input: 3:12: ")
    result = refuses(profile(t, "apply", "-", stdin=b'{"process": {"user": {"uid": -1}}}'))
    contains(result.err, "standard input: 1:30: /process/user/uid: ")


@cases("schema", [
    ("process", '{"process": {}, "Process": {}}', "1:28: /Process: ", "/process"),
    ("process-first", '{"PROCESS": {}, "process": {}}', "/PROCESS", "/process"),
    ("process-alone", '{"Process": {}}', "/Process", "/process"),
    ("process-long-s", '{"process": {}, "proce\\u017f\u017f": {}}', "/proce\u017f\u017f", "/process"),
    ("linux-kelvin", '{"process": {}, "linuX": {}}', "/linuX", "/linux"),
    ("annotations", '{"process": {}, "Annotations": {}}', "/Annotations", "/annotations"),
    ("uid", '{"process": {"user": {"uid": 1000, "UID": 0}}}', "/process/user/UID", "/process/user/uid"),
    ("user", '{"process": {"User": {"uid": 0}}}', "/process/User", "/process/user"),
    ("capabilities", '{"process": {"Capabilities": null}}', "/process/Capabilities", "/process/capabilities"),
    ("privileges", '{"process": {"nonewprivileges": true}}', "/process/nonewprivileges", "/process/noNewPrivileges"),
    ("apparmor", '{"process": {"appArmorProfile": ""}}', "/process/appArmorProfile", "/process/apparmorProfile"),
    ("selinux", '{"process": {"seLinuxLabel": ""}}', "/process/seLinuxLabel", "/process/selinuxLabel"),
    ("seccomp", '{"process": {}, "linux": {"seccomp": null, "SECCOMP": null}}', "/linux/SECCOMP", "/linux/seccomp"),
])
def profile_refuses_what_go_takes_for_it(t, text, pointer, other):
    """runc and its like don't tell upper from lower case, and the last one counts: the profile would say nothing."""
    folder, path = bundle(t, text)
    for words in ((folder,), (folder, "--check"), (path, "-o", "-")):
        refuses(profile(t, "apply", "restricted", *words), path, pointer, f"take it for {other},", "rename it")
    equal(content(path), text.encode())


@case("schema")
def profile_refuses_a_filter_past_its_own(t):
    """crun ignores linux.seccomp where this annotation stands."""
    text = b'{"process": {}, "annotations": {"run.oci.seccomp_bpf_data": "BgAAAAAA/38="}}'
    refuses(profile(t, "apply", "deploy", "-", stdin=text), "1:61: /annotations/run.oci.seccomp_bpf_data: ")
    # Beside a profile that has no filter it can only refuse more.
    equal(len(json.loads(filtered(t, "unconfined", text))["annotations"]), 2)


@case("schema")
def profile_lets_other_names_be(t):
    """Where nothing of a profile's stands, upper and lower case are the user's own matter."""
    filtered(t, "deploy", '{"process": {"Cwd": "/", "env": ["UID=0"], "user": {"GID": 1}}, "Root": {}, '
                          '"linux": {"Devices": []}, "annotations": {"Process": "x", "uid": "y"}, '
                          '"x": {"Process": {}, "SECCOMP": {}}}')


# Asking without writing


@case("schema")
def profile_checks(t):
    folder, path = bundle(t)
    before, status = content(path), os.stat(path)
    result = refuses(profile(t, "apply", "deploy", folder, "--check"), f"{path}: ", "would change", status=1)
    equal(result.err.count("\n"), 1, "nothing but the answer")
    equal((content(path), os.stat(path).st_mtime_ns), (before, status.st_mtime_ns))
    succeeds(profile(t, "apply", "deploy", folder))
    yes = succeeds(profile(t, "apply", "deploy", folder, "--check"))
    equal((yes.out, yes.err), ("", ""))
    fails(profile(t, "apply", "default", folder, "--check"), "", 1)
    fails(profile(t, "apply", "deploy", folder, "--check", "--cap-add", "NET_RAW"), "", 1)
    fails(profile(t, "apply", "deploy", "-", "--check", stdin=before), "standard input", 1)
    succeeds(profile(t, "apply", "deploy", "-", "--check", stdin=content(path)))
    # One blank is a change too: what is there isn't what would be written.
    with open(path, "r+", encoding="utf-8") as file:
        text = file.read()
        file.seek(0)
        file.write(text.replace('"CAP_CHOWN",', '"CAP_CHOWN" ,', 1))
    fails(profile(t, "apply", "deploy", folder, "--check"), "", 1)


@case("schema")
def profile_tries_dry(t):
    folder, path = bundle(t)
    before, status = content(path), os.stat(path)
    result = succeeds(profile(t, "apply", "deploy", folder, "--dry-run"))
    matches(result.out, r"config.json: deploy@sha256:[0-9a-f]{64}, would be written$")
    out = os.path.join(folder, "out.json")
    succeeds(profile(t, "apply", "deploy", folder, "--dry-run", "-o", out))
    equal(os.listdir(folder), ["config.json"])
    equal((content(path), os.stat(path).st_mtime_ns), (before, status.st_mtime_ns))
    succeeds(profile(t, "apply", "deploy", folder))
    matches(succeeds(profile(t, "apply", "deploy", folder, "--dry-run")).out, r", would stay unchanged$")


def patched(text, diff):
    """text with a unified diff applied, strictly: bytes."""
    old = text.splitlines(keepends=True)
    new, at = [], 0
    hunks = re.split(rb"^@@ -(\d+),(\d+) \+\d+,\d+ @@\n", diff, flags=re.MULTILINE)
    matches(hunks[0].decode(), r"\A--- .*\n\+\+\+ .*\n\Z", "the head of the diff")
    for start, _, body in zip(hunks[1::3], hunks[2::3], hunks[3::3]):
        new += old[at:int(start) - 1]
        at = int(start) - 1
        body = body.replace(b"\n\\ No newline at end of file\n", b"")
        for line in body.splitlines(keepends=True):
            if line[:1] in b" -":
                equal(old[at], line[1:], "a line of the diff")
                at += 1
            if line[:1] in b" +":
                new.append(line[1:])
    return b"".join(new + old[at:])


@cases("schema", [(name, text) for name, text in documents() if name in ("indented", "tabs", "crlf", "runc-spec")])
def profile_shows_a_difference(t, text):
    _, path = bundle(t, text)
    for name in ("deploy", "privileged", "hardened"):
        result = fails(profile(t, "apply", name, path, "--check", "--diff"), "would change", 1)
        equal(patched(text.encode(), result.out.encode()), filtered(t, name, text), name)
    equal(content(path), text.encode())
    # Where standard output is the result's, the difference is told beside it.
    result = succeeds(profile(t, "apply", "deploy", "-", "--diff", stdin=text.encode()))
    equal(result.out.encode(), filtered(t, "deploy", text))
    contains(result.err, "\n+++ standard input\n")
    same = filtered(t, "deploy", text)
    equal(succeeds(profile(t, "apply", "deploy", "-", "--check", "--diff", stdin=same)).out, "", "nothing to show")


@case("schema")
def profile_lays_out_what_stands_in_a_line(t):
    text = dict(documents())["compact"]
    result = fails(profile(t, "apply", "restricted", "-", "--check", "--diff", stdin=text.encode()), "", 1)
    lines = result.out.splitlines()
    contains(lines, "--- standard input (laid out for reading)")
    contains(lines, '-        "CAP_KILL"' if '-        "CAP_KILL"' in lines else '-        "CAP_KILL",')
    contains(lines, '+      "bounding": [],')
    true(max(map(len, lines)) < 400, "lines that can be read")
    # Some lines, and everything in one of them.
    members = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in json.loads(text).items())
    result = fails(profile(t, "apply", "deploy", "-", "--check", "--diff", stdin=f"{{\n{members}\n}}".encode()), "", 1)
    contains(result.out, "(laid out for reading)")
    true(max(map(len, result.out.splitlines())) < 400, "lines that can be read")


# What a person should know


@case("schema")
def profile_tells_what_is_widened(t):
    text = dict(documents())["engine"].encode()
    note = succeeds(profile(t, "apply", "deploy", "-", stdin=text)).err
    matches(note, r"^raind-profile: note: standard input: deploy allows what the bundle did not: capabilities "
                  r".*syscalls that no rule names.*; --tighten keeps what the bundle refuses$")
    refuses(profile(t, "apply", "deploy", "-", "--no-widen", stdin=text), "--no-widen", "nothing was written", status=1)
    tight = succeeds(profile(t, "apply", "deploy", "-", "--tighten", "--no-widen", stdin=text))
    excludes(tight.err, "allows what")
    config = json.loads(tight.out)
    equal(config["process"]["capabilities"]["bounding"], ["CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_AUDIT_WRITE"])
    equal(config["process"]["apparmorProfile"], "containers-default-0.50.1")
    equal(config["linux"]["seccomp"]["defaultAction"], "SCMP_ACT_ERRNO")
    equal({call for rule in config["linux"]["seccomp"]["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW"
           for call in rule["names"]}, {"read", "write", "exit_group"})
    again = succeeds(profile(t, "apply", "deploy", "-", "--tighten", stdin=tight.out.encode()))
    equal(again.out, tight.out, "twice is once")
    for engine, name in itertools.product(("podman", "podman-userns", "containerd", "runc-spec"), PROFILES):
        succeeds(profile(t, "apply", name, "-", "--tighten", "--no-widen", stdin=dict(documents())[engine].encode()))

    folder, path = bundle(t, text)
    fails(profile(t, "apply", "default", folder, "--no-widen"), "", 1)
    equal(content(path), text)
    fails(profile(t, "apply", "restricted", folder, "--no-widen"), "syscalls that no rule names", 1)


def with_filter(text):
    return ('{"process": {},\n "linux": {"seccomp": ' + text + "}}").encode()


@cases("schema", [
    ("no-object", "5", "2:23: /linux/seccomp: "),
    ("no-default", "{}", "2:23: /linux/seccomp: "),
    ("action", '{"defaultAction": "SCMP_ACT_ALOW"}', "2:41: /linux/seccomp/defaultAction: "),
    ("rule", '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG"}, {}]}',
     "/linux/seccomp/syscalls/1: "),
    ("index", '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO", '
              '"args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]}]}', "/linux/seccomp/syscalls/0/args/0/index: "),
    ("key", '{"defaultAction": "SCMP_ACT_ALLOW", "syscall": []}', "did you mean syscalls?"),
])
def profile_says_where_a_filter_is_wrong(t, text, place):
    """What is replaced whole is told, and replaced; where it would have to be understood, that ends it."""
    config = with_filter(text)
    result = succeeds(profile(t, "apply", "deploy", "-", stdin=config))
    matches(result.err, r"^raind-profile: note: standard input: \d+:\d+: /linux/seccomp.*; so the filter can't be comp")
    contains(result.err, place)
    equal(result.out.encode(), filtered(t, "deploy", with_filter("null")))
    for option in ("--tighten", "--no-widen"):
        refuses(profile(t, "apply", "deploy", "-", option, stdin=config), "standard input: ", place)


@cases("schema", [
    ("nulls", '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": null, "architectures": null, "flags": null, '
              '"listenerPath": null, "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": null, '
              '"errnoRet": null}]}', {"read"}),
    ("no-rules", '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": null}', set()),
    ("no-names", '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": [], "action": "SCMP_ACT_ALLOW"}]}', set()),
])
def profile_reads_filters_as_runtimes_do(t, text, allowed):
    """What runtimes accept is no reason not to compare."""
    result = succeeds(profile(t, "apply", "deploy", "-", "--tighten", "--no-widen", stdin=with_filter(text)))
    excludes(result.err, "can't be compared")
    rules = json.loads(result.out)["linux"]["seccomp"]["syscalls"]
    equal({call for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for call in rule["names"]}, allowed)


@case("schema")
def profile_compares_with_a_default_that_allows_with_an_errno(t):
    """Printed so in places, and crun refuses it: it is read, and not written."""
    config = with_filter('{"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1, '
                         '"syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}')
    result = succeeds(profile(t, "apply", "restricted", "-", "--tighten", "--no-widen", stdin=config))
    excludes(result.err, "can't be compared")
    seccomp = json.loads(result.out)["linux"]["seccomp"]
    excludes(set(seccomp), "defaultErrnoRet")
    contains({call for rule in seccomp["syscalls"] for call in rule["names"]}, "mkdir")


@case("schema")
def profile_tells_what_privileged_leaves(t):
    note = succeeds(profile(t, "apply", "privileged", "-", stdin=b'{"process": {}}')).err
    contains(note, "masked and read-only paths, devices and namespaces stay as the bundle has them")
    excludes(succeeds(profile(t, "apply", "unconfined", "-", stdin=b'{"process": {}}')).err, "masked")
    tight = succeeds(profile(t, "apply", "privileged", "-", "--tighten", stdin=dict(documents())["engine"].encode()))
    excludes(tight.err, "masked", "what the bundle refuses stays refused")


def apparmor_gap(name):
    """What this host says where it can't enforce an AppArmor profile; None where it can."""
    try:
        with open("/sys/module/apparmor/parameters/enabled", encoding="ascii") as file:
            enabled = file.read().strip() == "Y"
    except FileNotFoundError:
        enabled = False
    if not enabled:
        return "this kernel has no AppArmor"
    with open("/sys/kernel/security/apparmor/profiles", encoding="utf-8") as file:
        loaded = any(line.rsplit(" (", 1)[0] == name for line in file)
    return None if loaded else f"AppArmor profile {name} isn't loaded"


@case("schema")
def profile_tells_of_apparmor(t):
    gap = apparmor_gap("raind-default")
    folder, path = bundle(t)
    before = content(path)
    if gap is None:
        for how in ("warn", "error", "drop"):
            result = succeeds(profile(t, "apply", "deploy", path, "-o", "-", "--apparmor-missing", how))
            equal(json.loads(result.out)["process"]["apparmorProfile"], "raind-default")
            excludes(result.err, "AppArmor")
        return
    refused = refuses(
        profile(t, "apply", "deploy", folder, "--apparmor-missing", "error"), gap, "raind-default",
        "raind-profile apparmor load deploy", "--apparmor-missing drop", status=1)
    equal(refused.err.count("\n"), 1)
    equal(content(path), before)

    for words in (("--dry-run",), ("--apparmor-missing", "warn"), ()):
        warning = succeeds(profile(t, "apply", "deploy", folder, "--cap-add", "NET_ADMIN", *words)).err
        contains(warning, f"raind-profile: warning: {gap}, so this host will refuse the bundle")
        contains(warning, "\n  raind-profile apparmor load deploy\n")
        way_out = re.search(r"^  raind-profile (apply .*)$", warning, re.MULTILINE)
        true(way_out, f"a command to run without AppArmor in {warning!r}")
    equal(json.loads(content(path))["process"]["apparmorProfile"], "raind-default")
    contains(warning, gap, "the warning stands as long as the bundle is refused, and not only at the change")

    # The command that is printed does what it says.
    done = succeeds(profile(t, *way_out[1].split()))
    contains(done.err, f"note: AppArmor profile raind-default is left out: {gap}")
    config = json.loads(content(path))
    excludes(set(config["process"]), "apparmorProfile")
    contains(config["process"]["capabilities"]["bounding"], "CAP_NET_ADMIN")
    true(config["linux"]["seccomp"], "the rest of the profile is there")

    for name in ("privileged", "unconfined"):
        result = succeeds(profile(t, "apply", name, folder, "--apparmor-missing", "error"))
        excludes(result.err, "no AppArmor")


@case("schema")
def profile_apparmor_stands(t):
    gap = apparmor_gap("raind-default")
    for name in ("deploy", "raind-default"):
        status = profile(t, "apparmor", "status", name)
        equal(status.status, 0 if gap is None else 1)
        true(status.out.startswith("raind-default: "), status.out)
        equal(status.err, "")
    if gap and "kernel" in gap:
        refuses(profile(t, "apparmor", "load", "deploy"), "no AppArmor", "--apparmor-missing drop")
    for word in ("load", "status"):
        equal(succeeds(profile(t, "apparmor", word, "privileged")).out,
              "privileged: no AppArmor profile, nothing to load\n")
        refuses(profile(t, "apparmor", word, "depoly"), "did you mean deploy?")


# Wrong use


@cases("schema", [
    ("command", ("shwo",), ["shwo"]),
    ("option", ("ls", "--all"), ["--all"]),
    ("too-many", ("ls", "deploy"), ["deploy"]),
    ("show-nothing", ("show",), ["name"]),
    ("show-unknown", ("show", "depoly"), ["no profile is named \"depoly\"; did you mean deploy?"]),
    ("show-far", ("show", "x"), ["raind-profile ls lists all"]),
    ("show-path", ("show", "../deploy"), ["../deploy: ENOENT", "there is no such manifest"]),
    ("show-file", ("show", "my.yaml"), ["my.yaml: ENOENT", "there is no such manifest"]),
    ("show-empty", ("show", ""), ["no profile is named \"\"; raind-profile ls lists all"]),
    ("show-control", ("show", "a\x1b[31m"), ["a\\u001b[31m"]),
    ("show-format", ("show", "deploy", "-o", "toml"), ["toml"]),
    ("show-arch", ("show", "deploy", "--arch", "x86_46"), ["did you mean x86_64?"]),
    ("apply-nothing", ("apply",), ["bundle"]),
    ("apply-three", ("apply", "a", "b", "c"), ["bundle"]),
    ("apply-unknown", ("apply", "depoly", "-"), ["did you mean deploy?"]),
    ("apply-missing", ("apply", "deploy", "-", "--apparmor-missing", "maybe"), ["maybe"]),
    ("apply-check-output", ("apply", "deploy", "-", "--check", "-o", "x"), ["--check"]),
    ("cap-unknown", ("apply", "deploy", "-", "--cap-add", "SYS_PTRAC"), ["--cap-add", "did you mean CAP_SYS_PTRACE?"]),
    ("cap-drop-unknown", ("apply", "deploy", "-", "--cap-drop", "CAP_NET_ROW"), ["--cap-drop", "CAP_NET_RAW?"]),
    ("apply-output", ("apply", "deploy", "-", "-o", ""), ["-o names no file"]),
    ("cap-empty", ("apply", "deploy", "-", "--cap-add", "KILL,"), ["--cap-add: no capability is named \"\"; capabil"]),
    ("cap-number", ("apply", "deploy", "-", "--cap-add", "21"), ["\"21\""]),
    ("cap-both", ("apply", "deploy", "-", "--cap-add", "KILL", "--cap-drop", "cap_kill"), ["CAP_KILL"]),
    ("cap-all-both", ("apply", "deploy", "-", "--cap-add", "all", "--cap-drop", "ALL"), ["ALL"]),
    ("apparmor-unknown", ("apparmor", "forget", "deploy"), ["forget"]),
])
def profile_wrong_use(t, words, parts):
    refuses(profile(t, *words, stdin=b'{"process": {}}'), *parts)


@cases("schema", [
    ("itself", ()), ("ls", ("ls",)), ("show", ("show",)), ("apply", ("apply",)), ("hook", ("hook",)), ("status", ("status",)),
    ("apparmor", ("apparmor",)),
    ("apparmor-load", ("apparmor", "load")), ("apparmor-status", ("apparmor", "status")),
])
def profile_help(t, words):
    for option in ("--help", "-h"):
        result = succeeds(profile(t, *words, option))
        contains(result.out, "USAGE: raind-profile")
        equal(result.err, "")
        true(max(map(len, result.out.splitlines())) <= 80, "lines that fit a terminal")


@case("schema")
def profile_version(t):
    matches(succeeds(profile(t, "--version")).out, r"\Araind-profile version \d+\.\d+\.\d+\S*\n\Z")


# Under a runtime


def with_profile(t, name, *options):
    """Edits a bundle: its config.json with a profile applied. AppArmor is left out where the host has none."""
    def edit(made):
        text = json.dumps(made.config).encode()
        made.config = json.loads(filtered(t, name, text, "--apparmor-missing", "drop", *options))
        if not t.runtime.is_raind:
            # The peers end where raind-oci warns: at a capability that they can't give.
            bounding = own_bounding_set()
            sets = made.config["process"]["capabilities"]
            made.config["process"]["capabilities"] = {
                kind: [name for name in names if name not in LATE or bounding >> LATE[name] & 1]
                for kind, names in sets.items()}
    return edit


# Capabilities that a machine may itself lack, by number.
LATE = {"CAP_SYS_RESOURCE": 24, "CAP_SYS_MODULE": 16, "CAP_MAC_OVERRIDE": 32, "CAP_MAC_ADMIN": 33}


def own_bounding_set():
    with open("/proc/self/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("CapBnd")).split()[1], 16)


@cases("enforcement", [
    (f"{name}{'' if uid == 0 else '-user'}", name, uid) for name in PROFILES for uid in (0, 1000)])
def starts_under(t, name, uid):
    """Every built-in lets a container start, and lets it have what it says."""
    def edit(config):
        config["process"]["user"] = {"uid": uid, "gid": uid}
    result = succeeds(t.run(
        ["/bin/sh", "-c", "grep -E '^(CapBnd|CapEff|NoNewPrivs|Seccomp):' /proc/self/status; echo done | cat"],
        edit, prepare=with_profile(t, name)))
    contains(result.out, "\ndone\n")
    seen = dict(re.findall(r"^(\w+):\s+(\w+)$", result.out, re.MULTILINE))
    shown = json.loads(succeeds(profile(t, "show", name, "-o", "json")).out)
    equal(seen["NoNewPrivs"], str(int(shown["noNewPrivileges"])))
    equal(seen["Seccomp"], "2" if shown["seccomp"] else "0")
    # A machine may itself lack some of the 41.
    count = (own_bounding_set() & (1 << 41) - 1).bit_count()
    expected = min(len(shown["capabilities"]["base"]), count)
    equal(int(seen["CapBnd"], 16).bit_count(), expected)
    equal(int(seen["CapEff"], 16).bit_count(), expected if uid == 0 else 0)


PYTHON = """
import multiprocessing.pool, os, select, signal, socket, subprocess, sys, tempfile, threading, time
done = []
threads = [threading.Thread(target=done.append, args=(n,)) for n in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
assert sorted(done) == list(range(8))
assert subprocess.run(["/bin/sh", "-c", "echo $((6 * 7)) | cat"], capture_output=True).stdout == b"42\\n"
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
client.sendall(b"x" * 100000)
client.shutdown(socket.SHUT_WR)
total = 0
while part := peer.recv(65536):
    total += len(part)
assert total == 100000
poll = select.epoll()
poll.register(server)
with tempfile.TemporaryFile() as file:
    file.write(b"abc")
    file.flush()
    os.fsync(file.fileno())
signal.setitimer(signal.ITIMER_REAL, 0.01)
signal.sigwait({signal.SIGALRM}) if signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM}) is not None else 0
with multiprocessing.pool.Pool(2) as pool:
    assert pool.map(abs, [-1, -2, -3]) == [1, 2, 3]
a, b = socket.socketpair()
assert os.cpu_count() and time.monotonic() and os.getrandom(8) and os.uname()
print("python is well")
"""


@case("enforcement")
def hardened_runs_programs(t):
    """Dynamic programs, threads, processes, sockets: the host's own, under the allow list."""
    folders = [name for name in ("/usr", "/lib", "/lib64", "/bin") if os.path.exists(name)]

    def edit(config):
        config["mounts"] += [
            {"destination": name, "type": "bind", "source": os.path.realpath(name), "options": ["rbind", "ro"]}
            for name in folders]
        config["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]})
        config["mounts"].append({"destination": "/dev/shm", "type": "tmpfs", "source": "shm"})
        config["mounts"].append(
            {"destination": "/runtime", "type": "bind", "source": t.runtime.path, "options": ["bind", "ro"]})

    def prepare(made):
        for name in folders:
            os.makedirs(made.path(name), exist_ok=True)
        with_profile(t, "hardened")(made)
    result = succeeds(t.run(["/usr/bin/python3", "-c", PYTHON], edit, prepare=prepare))
    contains(result.out, "python is well")
    result = succeeds(t.run(["/bin/sh", "-ec", "ls / | wc -l; (exit 3) || echo $?; sleep 0; kill -0 $$; umask"],
                            edit, prepare=prepare))
    contains(result.out, "\n3\n")
    # A static program in Swift; under runc one in Go.
    contains(succeeds(t.run(["/runtime", "--version"], edit, prepare=prepare)).out, " version ")


TRIES = {
    "raw-socket": "traceroute -I -n -m 1 -w 1 127.0.0.1",
    "mknod": "mknod /tmp/loop0 b 7 0",
    "mount": "mount -t tmpfs none /mnt",
    "unshare": "unshare -U true",
    "chroot": "chroot / true",
}


@cases("enforcement", [
    ("deploy", "deploy", {"raw-socket", "mknod", "mount", "unshare"}, []),
    ("default", "default", {"mount", "unshare"}, []),
    ("restricted", "restricted", set(TRIES), []),
    ("hardened", "hardened", set(TRIES), []),
    ("privileged", "privileged", set(), []),
    ("deploy-with-net-raw", "deploy", {"mknod", "mount", "unshare"}, ["--cap-add", "NET_RAW"]),
    ("deploy-with-sys-admin", "deploy", {"raw-socket", "mknod"}, ["--cap-add", "SYS_ADMIN"]),
    ("hardened-with-sys-admin", "hardened", {"raw-socket", "mknod", "chroot"}, ["--cap-add", "SYS_ADMIN"]),
    ("hardened-with-mknod", "hardened", set(TRIES) - {"mknod"}, ["--cap-add", "MKNOD"]),
    ("privileged-without-mknod", "privileged", {"mknod"}, ["--cap-drop", "MKNOD"]),
])
def refuses_under(t, name, refused, options):
    """What busybox itself is refused; `privileged` is the control."""
    def edit(config):
        config["root"]["readonly"] = False
        config["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]})
    script = "b=/bin/busybox; $b ip link set lo up 2>/dev/null;"
    script += "".join(f"$b {command} >/dev/null 2>&1; echo {what} $?;" for what, command in TRIES.items())
    # Without CAP_NET_ADMIN the loopback interface may be down; a packet needs it, a socket does not.
    script += "$b traceroute -I -n -m 1 -w 1 127.0.0.1 2>&1 >/dev/null | grep socket || true"
    out = succeeds(t.run(["/bin/sh", "-c", script], edit, prepare=with_profile(t, name, *options))).out
    seen = {what for what, status in re.findall(r"^([\w-]+) (\d+)$", out, re.MULTILINE) if status != "0"}
    if "raw-socket" in seen and "traceroute: socket: " not in out:
        seen.discard("raw-socket")
    equal(seen, refused, out)


