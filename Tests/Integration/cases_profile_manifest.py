"""Profiles of one's own on the command line: register, rm, ls, show, and what they let a container do."""

import json
import os
import re
import shutil
import stat
import subprocess

import jsonschema

from harness import case, contains, equal, excludes, matches, succeeds, true
from harness.probe import own_capabilities

from cases_profile import bundle, content, profile, refuses

# As Raind published it.
CUSTOM_DEV = """\
name: custom-dev
extends: dev
add-cap:
  - CAP_SYS_PTRACE
drop-cap:
  - CAP_NET_RAW
"""
STORE = "RAIND_SECURITY_PROFILE_DIR"
SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "profiles", "schema", "security-profile.json")


class Store:
    """A folder of registered profiles, and raind-profile with it."""

    def __init__(self, t):
        self.t = t
        # The folder in it is made when the first profile is registered.
        self.path = os.path.join(t.folder(), "profiles", "store")

    def __call__(self, *words, **options):
        return profile(self.t, *words, by=("env", f"{STORE}={self.path}"), **options)


@case("schema")
def profile_is_registered_and_removed(t):
    store = Store(t)
    manifest = t.file(CUSTOM_DEV, "custom-dev.yaml")
    kept = os.path.join(store.path, "custom-dev.yaml")
    old = os.umask(0o077)
    try:
        equal(succeeds(store("register", "-f", manifest)).out, f"custom-dev: registered in {kept}\n")
    finally:
        os.umask(old)
    equal((content(kept).decode(), stat.S_IMODE(os.stat(kept).st_mode)), (CUSTOM_DEV, 0o644))
    equal(os.listdir(store.path), ["custom-dev.yaml"], "nothing else is left there")
    refuses(store("register", "-f", manifest), "named custom-dev already", "--replace")
    succeeds(store("register", "-f", manifest, "--replace"))
    matches(succeeds(store("ls")).out, r"^custom-dev  custom    14 caps       enabled   raind-default$")
    row = json.loads(succeeds(store("ls", "-o", "json")).out)[-1]
    equal((row["name"], row["type"], row["file"], row["hidden"]), ("custom-dev", "custom", kept, []))

    child = t.file("name: child\nextends: custom-dev\nnoNewPrivileges: true\n", "child.yaml")
    succeeds(store("register", "-f", child))
    refuses(store("rm", "custom-dev"), "custom-dev is extended by child")
    refuses(store("register", "-f", t.file("name: custom-dev\nextends: child\n", "cycle.yaml"), "--replace"),
            "custom-dev -> child -> custom-dev")
    refuses(store("register", "-f", t.file("name: deploy\n", "deploy.yaml")), "a built-in profile is named deploy")
    refuses(store("register", "-f", t.file("name: lost\nextends: custom-dew\n", "lost.yaml")), "did you mean custom-dev?")
    equal(succeeds(store("delete", "child", "custom-dev")).out, "child: removed\ncustom-dev: removed\n")
    equal(os.listdir(store.path), [])
    refuses(store("rm", "custom-dev"), "no profile is named")
    refuses(store("rm", "deploy"), "built in")

    # A broken profile hides no other one.
    succeeds(store("register", "-f", manifest))
    with open(os.path.join(store.path, "broken.yaml"), "w", encoding="utf-8") as file:
        file.write("name: broken\nextend: dev\n")
    listed = store("ls")
    equal(listed.status, 2)
    contains(listed.out, "custom-dev")
    shutil.copy(manifest, os.path.join(store.path, "dev.yaml"))
    contains(store("ls").err, "dev.yaml isn't read: a built-in profile has that name")
    contains(listed.err, "broken.yaml:2:1: a manifest has no key \"extend\"; did you mean extends?")


@case("schema")
def profile_shows_where_its_parts_come_from(t):
    store = Store(t)
    manifest = t.file(CUSTOM_DEV + "seccomp:\n  deny: [keyctl]\n", "custom-dev.yaml")
    shown = json.loads(succeeds(store("show", manifest, "-o", "json")).out)
    equal((shown["name"], shown["type"], shown["extends"]), ("custom-dev", "custom", "dev"))
    equal((shown["added"], shown["dropped"]), (["CAP_SYS_PTRACE"], ["CAP_NET_RAW"]))
    equal(shown["chain"], ["default", "dev", "custom-dev"])
    origin = shown["provenance"]
    own = origin["capabilities"]["CAP_SYS_PTRACE"]
    equal(own, {"profile": "custom-dev", "file": manifest, "line": 4, "column": 5})
    equal(origin["capabilities"]["CAP_NET_RAW"], {"profile": "custom-dev", "file": manifest, "line": 6, "column": 5})
    equal(origin["capabilities"]["CAP_CHOWN"]["profile"], "default")
    equal(set(origin["capabilities"]), set(shown["capabilities"]["base"]) | {"CAP_NET_RAW"})
    equal(origin["syscalls"]["keyctl"], [{"profile": "custom-dev", "file": manifest, "line": 8, "column": 10}])
    equal({rule["profile"] for rule in origin["syscalls"]["mount"]}, {"default"})
    equal((origin["apparmorProfile"]["profile"], origin["noNewPrivileges"]["profile"]), ("default", "default"))
    excludes(origin["syscalls"], "ptrace", "its rule was lifted by the capability")
    table = succeeds(store("show", manifest)).out
    for line in (r"^EXTENDS +dev$", r"^ADDED +CAP_SYS_PTRACE$", r"^DROPPED +CAP_NET_RAW$",
                 r"^ +from custom-dev:$", r"^ +SCMP_ACT_ERRNO EPERM \(custom-dev\):$", r"^APPARMOR +raind-default \(default\)$"):
        matches(table, line)
    contains(succeeds(store("show", manifest, "-o", "yaml")).out, "\nextends: dev\n")
    # For another host.
    rules = "seccomp:\n  syscalls: [{names: [keyctl], action: SCMP_ACT_ERRNO, includes: {minKernel: 5.10, arches: [arm64]}}]\n"
    manifest = t.file(CUSTOM_DEV + rules, "host.yaml")
    for options, refused in ((("--arch", "arm64", "--kernel", "5.10"), True), (("--arch", "arm64", "--kernel", "5.9"), False),
                             (("--arch", "amd64", "--kernel", "6.1"), False)):
        equal("keyctl" in succeeds(store("show", manifest, *options)).out, refused, " ".join(options))
    refuses(store("show", manifest, "--kernel", "new"), "--kernel", "two numbers")


FRAME = {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "web"}}
RULE = {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW"}
# What stands in spec; both the schema and the program take it.
VALID = [
    {}, {"extends": "dev"}, {"add-cap": ["CAP_SYS_PTRACE", "net_raw"], "drop-cap": ["ALL"]}, {"ambient": "never"},
    {"ambient": ["NET_RAW"]}, {"noNewPrivileges": True}, {"seccomp": "unconfined"}, {"extends": "dev", "seccomp": {}},
    {"extends": "dev", "seccomp": {"allow": ["kcmp"], "deny": ["keyctl"], "flags": ["SECCOMP_FILTER_FLAG_LOG"]}},
    {"seccomp": {"mode": "replace", "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": "ENOSYS", "architectures": "auto"}},
    {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": ["SCMP_ARCH_X86_64"]}},
    {"extends": "dev", "seccomp": {"mode": "intersect", "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EPERM", "comment": "no",
         "args": [{"index": 0, "value": 2**64 - 1, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ"}],
         "includes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["amd64"], "minKernel": "4.8"}, "excludes": {"caps": None}}]}},
    {"extends": "dev", "seccomp": {"syscalls": [{"name": "ptrace", "action": "SCMP_ACT_KILL"}]}},
    {"apparmor": "unconfined"}, {"apparmor": {"profile": "raind-default"}},
    {"apparmor": {"profile": "web", "mode": "complain", "rules": {
        "readOnlyPaths": ["/etc/**"], "readWritePaths": [], "denyPaths": ["/etc/shadow"],
        "network": {"raw": False, "tcp": True}}}},
    {"selinuxLabel": "system_u:system_r:container_t:s0:c1,c2"},
    {"paths": {"masked": "keep", "readonly": ["/proc/sys"], "rootReadonly": True}},
]
# Neither takes it.
INVALID = [
    {"add-caps": []}, {"extends": "Dev"}, {"extends": "oci://example.org/web:1"}, {"extends": "./dev.yaml"}, {"add-cap": "CHOWN"},
    {"drop-cap": [1]}, {"drop-cap": ["NET-RAW"]}, {"ambient": "always"}, {"noNewPrivileges": "yes"}, {"seccomp": "off"},
    {"seccomp": {"mode": "merge"}}, {"seccomp": {"mode": "replace"}}, {"seccomp": {"mode": "intersect", "allow": ["read"]}},
    {"seccomp": {"file": ""}}, {"seccomp": {"defaultAction": "ALLOW"}}, {"seccomp": {"defaultErrnoRet": -1}},
    {"seccomp": {"architectures": []}}, {"seccomp": {"architectures": ["amd64"]}}, {"seccomp": {"flags": ["LOG"]}},
    {"seccomp": {"allow": ["Read"]}}, {"seccomp": {"listenerPath": "/run/s"}}, {"seccomp": {"syscalls": [{"names": ["read"]}]}},
    {"seccomp": {"syscalls": [{"action": "SCMP_ACT_ALLOW"}]}}, {"seccomp": {"syscalls": [{**RULE, "action": "SCMP_ACT_NOTIFY"}]}},
    {"seccomp": {"syscalls": [{**RULE, "args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]}]}},
    {"seccomp": {"syscalls": [{**RULE, "args": [{"index": 0, "op": "SCMP_CMP_EQ"}]}]}},
    {"seccomp": {"syscalls": [{**RULE, "args": [{"index": 0, "value": 2**64, "op": "SCMP_CMP_EQ"}]}]}},
    {"seccomp": {"syscalls": [{**RULE, "includes": {"minKernel": "five"}}]}},
    {"seccomp": {"syscalls": [{**RULE, "includes": {"kernel": "4.8"}}]}}, {"apparmor": {}}, {"apparmor": "none"},
    {"apparmor": {"profile": "unconfined"}}, {"apparmor": {"profile": "web", "mode": "kill"}},
    {"apparmor": {"profile": "web", "rules": {"denyPaths": ["etc"]}}},
    {"apparmor": {"profile": "web", "rules": {"network": {"tcp": 1}}}}, {"selinuxLabel": "container_t"},
    {"paths": {"masked": "all"}}, {"paths": {"masked": ["proc"]}}, {"paths": {"masked": ["/proc/../etc"]}},
    {"paths": {"readonly": ["/"]}}, {"paths": {"readonly": ["/a", "/a"]}}, {"paths": {"rootReadonly": "yes"}},
]
# What only the program knows.
STRICTER = [{"add-cap": ["CAP_FLY"]}, {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "allow": ["fly"]}}, {"extends": "nobody"},
            {"seccomp": {"defaultErrnoRet": "EFLY"}}, {"add-cap": ["ALL"], "drop-cap": ["ALL"]}]


@case("schema", timeout=60)
def profile_schema_and_program_agree(t):
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    rows = [(spec, True, True) for spec in VALID] + [(spec, False, False) for spec in INVALID]
    rows += [(spec, True, False) for spec in STRICTER]
    rows = [({**FRAME, "spec": spec}, *wanted) for spec, *wanted in rows] + [
        ({"name": "web", **spec}, *wanted) for spec, *wanted in rows[::5]] + [
        ({"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {}, "spec": {}}, False, False),
        ({**FRAME, "kind": "Profile", "spec": {}}, False, False), (FRAME, False, False), ([], False, False),
        ({"name": "web", "spec": {}}, False, False), ({**FRAME, "spec": {}, "name": "web"}, False, False),
        ({**FRAME, "metadata": {"name": "web", "labels": {"a": "b"}, "description": "c"}, "spec": {}}, True, True),
        ({**FRAME, "metadata": {"name": "web", "labels": {"a": 1}}, "spec": {}}, False, False)]
    path = os.path.join(t.folder(), "web.json")
    for document, by_schema, by_program in rows:
        text = json.dumps(document)
        equal(validator.is_valid(document), by_schema, f"the schema takes {text}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        said = profile(t, "show", path)
        equal(said.status, 0 if by_program else 2, f"the program takes {text}: {said.err}")


def libraries(program):
    """What a program needs to run elsewhere, itself first."""
    listed = subprocess.run(["ldd", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [program, *re.findall(r"(/\S+) \(0x", listed)]


@case("enforcement", timeout=60)
def custom_dev_traces_and_dev_does_not(t):
    """Raind's example from its manifest to a strace in the container."""
    own = own_capabilities()
    true({"CAP_SYS_PTRACE"} <= set(own), "the tests may trace")
    store = Store(t)
    succeeds(store("register", "-f", t.file(CUSTOM_DEV, "custom-dev.yaml")))
    strace = shutil.which("strace")
    true(strace is not None, "strace is installed")

    def traced(name):
        def prepare(made):
            for path in libraries(strace):
                target = os.path.join(made.rootfs, path.lstrip("/"))
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy2(os.path.realpath(path), target)
            script = f"{strace} -f -e trace=getcwd /bin/busybox pwd 2>&1; echo status $?"
            made.config["process"]["args"] = ["/bin/sh", "-c", script]
            made.save()
            succeeds(store("apply", name, made.folder, "--apparmor-missing", "drop"))
            with open(made.config_path, encoding="utf-8") as file:
                made.config = json.load(file)
        return t.run([], prepare=prepare).out

    said = traced("custom-dev")
    matches(said, r"getcwd\(\"/\"")
    contains(said, "status 0")
    said = traced("dev")
    excludes(said, "getcwd(")
    matches(said, r"PTRACE_TRACEME.*not permitted|ptrace.*not permitted")
    excludes(said, "status 0")
