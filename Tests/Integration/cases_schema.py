"""The documents that a runtime prints: each parses, and has the members and types of the runtime specification."""

import json
import os
import re

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.layout import hierarchies
from harness.probe import CAPABILITIES
from harness.shape import check, distinct

ID = re.compile(r"[\w+-.]+")
# RFC 3339 with nanoseconds at most, in UTC or with an offset.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
POINTER = re.compile(r"(/([^~]|~[01])*)*")


def version(value):
    """a version as semver.org writes it"""
    return isinstance(value, str) and VERSION.fullmatch(value)


def time(value):
    """a time as RFC 3339 writes it"""
    return isinstance(value, str) and TIME.fullmatch(value)


def absolute(value):
    """an absolute path"""
    return isinstance(value, str) and value.startswith("/")


def natural(value):
    """a number from 0 on"""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def capability(value):
    """CAP_ and capital letters"""
    return isinstance(value, str) and re.fullmatch("CAP_[A-Z_]+", value)


def pointer(value):
    """a JSON pointer"""
    return isinstance(value, str) and POINTER.fullmatch(value)


STATE = {
    "ociVersion": version, "id": lambda value: isinstance(value, str) and ID.fullmatch(value),
    "status": {"creating", "created", "running", "paused", "stopped"}, "pid?": natural, "bundle": absolute,
    # Beyond the specification, as callers know it.
    "rootfs": absolute, "created": time, "owner": str,
    "annotations?": {"*": str},
}

FEATURES = {
    "ociVersionMin": version, "ociVersionMax": version, "hooks?": distinct, "mountOptions?": distinct,
    "annotations?": {"*": str}, "potentiallyUnsafeConfigAnnotations?": distinct,
    "linux": {
        "namespaces?": [{"pid", "network", "uts", "ipc", "mount", "user", "cgroup", "time"}],
        "capabilities?": [capability],
        "cgroup?": {"v1?": bool, "v2?": bool, "systemd?": bool, "systemdUser?": bool, "rdma?": bool},
        "seccomp?": {
            "enabled?": bool,
            "actions?": [{
                "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP", "SCMP_ACT_ERRNO",
                "SCMP_ACT_TRACE", "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY"}],
            "operators?": [{
                "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT",
                "SCMP_CMP_MASKED_EQ"}],
            "archs?": distinct, "knownFlags?": distinct, "supportedFlags?": distinct,
        },
        "apparmor?": {"enabled?": bool}, "selinux?": {"enabled?": bool}, "intelRdt?": {"enabled?": bool, "*": bool},
        "memoryPolicy?": {"*": lambda value: True}, "mountExtensions?": {"idmap?": {"enabled?": bool}},
        "netDevices?": {"enabled?": bool},
    },
}

PLAN = {
    "id": str, "ociVersion": version, "warnings": [str],
    "steps": [{"by": {"runtime", "container"}, "step": str, "subject?": str, "pointer?": pointer}],
}


def document(result):
    succeeds(result)
    try:
        return json.loads(result.out)
    except ValueError as error:
        raise AssertionError(f"{error}: {result.out[:300]!r}") from error


@case("schema")
def state_of_each_status(t):
    with t.container(lambda config: config.update(annotations={"org.example.key": "value"})) as c:
        succeeds(c.create())
        seen = {}
        for expected, step in (("created", None), ("running", c.start), ("stopped", c.stop)):
            if step:
                step()
            state = document(c.state_result())
            check(state, STATE)
            equal(state["status"], expected)
            seen[expected] = state
        true(seen["created"]["pid"] > 0, "a created container has a pid")
        equal(seen["running"]["pid"], seen["created"]["pid"], "the pid stays")
        equal(seen["stopped"].get("pid", 0), 0, "the pid of a stopped container")
        for key in ("id", "bundle", "rootfs", "created", "annotations", "ociVersion"):
            equal(seen["stopped"][key], seen["created"][key], key)
        equal(seen["created"]["annotations"], {"org.example.key": "value"})


@case("schema")
def state_has_pid_where_needed(t):
    # REQUIRED on Linux when the status is created or running.
    with t.container() as c:
        succeeds(c.create())
        true(isinstance(c.state()["pid"], int), "pid is a number")


@case("schema")
def list_is_an_array_of_states(t):
    with t.container() as first, t.container() as second:
        first.up()
        succeeds(second.create())
        listed = document(t.call("list", "--format", "json"))
        check(listed, [STATE])
        equal(sorted((entry["id"], entry["status"]) for entry in listed),
              sorted([(first.id, "running"), (second.id, "created")]))
        for entry in listed:
            # list knows the owner's name, as with the peers.
            equal(entry["owner"], "root")


@case("schema", raind_only="the peers print null")
def list_of_nothing_is_an_empty_array(t):
    equal(document(t.call("list", "--format", "json")), [])
    equal(document(t.call("list", "-f=json")), [])


@case("schema", raind_only="runc 1.1.5's document is of an older specification, crun 1.8.1 has none")
def features_of_the_specification(t):
    features = document(t.call("features"))
    check(features, FEATURES)
    linux = features["linux"]
    equal(set(features["hooks"]),
          {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"})
    for option in ("ro", "rw", "bind", "rbind", "nosuid", "nodev", "noexec", "rro", "rprivate", "rslave", "tmpcopyup",
                   "idmap", "ridmap", "src-nofollow", "dest-nofollow"):
        contains(features["mountOptions"], option, "mountOptions")
    true({"pid", "network", "uts", "ipc", "mount", "cgroup"} <= set(linux["namespaces"]), "namespaces")
    known = {f"CAP_{name}" for name in CAPABILITIES}
    equal(set(linux["capabilities"]) & known, known, "every capability of this kernel")
    equal(linux["mountExtensions"], {"idmap": {"enabled": True}})
    equal(linux["cgroup"]["v1"], True)
    equal(linux["cgroup"]["v2"], True)
    equal(linux["seccomp"]["enabled"], True)
    equal(linux["netDevices"]["enabled"], True)
    contains(linux["seccomp"]["actions"], "SCMP_ACT_NOTIFY")
    equal(set(linux["seccomp"]["supportedFlags"]), set(linux["seccomp"]["knownFlags"]), "flags of Linux 5.19 and newer")
    true("SCMP_ARCH_X86_64" in linux["seccomp"]["archs"] or "SCMP_ARCH_AARCH64" in linux["seccomp"]["archs"], "archs")


@case("schema", raind_only="runc 1.1.5's document is of an older specification, crun 1.8.1 has none")
def features_ask_no_state(t):
    """Callers ask before there is a state root, and with any global option."""
    document(t.call("features", root_flag=False))
    document(t.call("features", root="/nonexistent/raind-test"))
    document(t.call("features", glob=("--log-level", "debug", "--rootless", "auto")))


@case("schema", raind_only="plan")
def plan_of_a_bundle(t):
    bundle = t.bundle()
    plan = document(t.call("plan", "--format", "json", bundle.folder))
    check(plan, PLAN)
    equal(plan["ociVersion"], bundle.config["ociVersion"])
    steps = [step["step"] for step in plan["steps"]]
    equal(steps[0], "claim id", "before anything else exists the id is taken")
    equal(steps[-1], "execute", "the last step")
    # Every mount, in the config's order.
    equal([step["pointer"] for step in plan["steps"] if step["step"] == "mount"],
          [f"/mounts/{at}" for at in range(len(bundle.config["mounts"]))])
    # Each pointer leads somewhere in the config.
    for step in plan["steps"]:
        at = bundle.config
        for part in step.get("pointer", "").split("/")[1:]:
            at = at[int(part)] if isinstance(at, list) else at.get(part, {})


@case("schema", raind_only="plan")
def plan_does_nothing(t):
    """Also for a user who could do nothing."""
    bundle = t.bundle()

    def as_nobody():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    first = document(t.call("plan", "--format", "json", bundle.folder))
    document(t.call("plan", "--format", "json", bundle.folder, before=as_nobody))
    equal(document(t.call("plan", "--format", "json", bundle.folder)), first, "twice the same")
    true(not os.path.exists(t.root) or not os.listdir(t.root), "no state is written")


def wrong_types(config):
    config["process"]["cwd"] = 1
    config["linux"]["namespaces"] += [{"type": "nosuch"}, {"type": "PID"}]
    config["hostname"] = None
    config["mounts"][0]["destination"] = ["/proc"]
    return ("/process/cwd", "/linux/namespaces/5/type", "/linux/namespaces/6/type",
            "/mounts/0/destination")


def wrong_meaning(config):
    config["process"]["cwd"] = "relative"
    config["process"]["args"] = []
    config["mounts"].append({"destination": "/x", "type": "bind", "source": "/tmp", "options": ["idmap"]})
    config["linux"]["namespaces"].append({"type": "pid"})
    config["linux"]["sysctl"] = {"nosuch.sysctl": "1"}
    config["linux"]["maskedPaths"] = ["relative"]
    config["process"]["rlimits"][0]["type"] = "RLIMIT_NOSUCH"
    return ("/process/rlimits/0/type", "/process/cwd", "/process/args", "/mounts/7", "/linux/namespaces/5", "/linux/sysctl",
            "/linux/maskedPaths/0")


@cases("schema", [("types", wrong_types), ("meaning", wrong_meaning)], raind_only="plan")
def plan_lists_every_problem(t, edit):
    pointers = []
    bundle = t.bundle(lambda config: pointers.extend(edit(config)))
    said = fails(t.call("plan", bundle.folder)).err.splitlines()
    for pointer in pointers:
        true(any(pointer in line for line in said), f"{pointer} is named in {said}")
    true(len(said) >= len(pointers), f"each has a line of its own: {said}")
    excludes("".join(said), "lists all")


@case("schema", raind_only="the peers' time stamps are their own matter")
def log_line(t):
    path = t.file(name="log")
    fails(t.call("state", "raind-test-nobody", glob=("--log", path, "--log-format", "json")))
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    equal(len(lines), 1, "one line, since podman reads the whole file as one object")
    check(json.loads(lines[0]), {"level": {"error"}, "msg": str, "time": time})


@case("schema", raind_only="--trace")
def trace_events(t):
    path = t.file(name="trace")
    succeeds(t.run(["/bin/true"], flags=("--trace", path)))
    with open(path, encoding="utf-8") as file:
        events = json.load(file)
    if isinstance(events, dict):
        events = events["traceEvents"]
    true(len(events) > 20, "a run has many steps")
    for event in events:
        check(event, {"name": str, "ph": {"X", "B", "E", "M", "i"}, "pid": int, "tid": int, "*": lambda value: True})
        if event["ph"] == "X":
            true(event["ts"] >= 0 and event["dur"] >= 0, "times from 0 on")


@case("schema")
def spec_is_a_config(t):
    """What `spec` writes can be run: the args are a shell, which ends at the end of its input."""
    folder = t.folder("new")
    succeeds(t.call("spec", "--bundle", folder))
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    check(config, {"ociVersion": version, "process": dict, "root": {"path": str, "readonly?": bool}, "hostname?": str,
                   "mounts": [{"destination": absolute, "type": str, "source": str, "options?": [str]}],
                   "linux": dict})
    equal(config["process"]["args"], ["sh"])
    fails(t.call("spec", "--bundle", folder))
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        equal(json.load(file), config, "an existing file is left alone")
