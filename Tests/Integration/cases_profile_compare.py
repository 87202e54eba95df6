"""raind-profile diff and check: what two things allow, told by what their filters do. On files of real origin."""

import copy
import json
import os

from harness import case, cases, contains, equal, excludes, succeeds, true
from harness.podman import Podman

from cases_profile import bundle, content, profile, refuses

# Docker's default profile is none of ours to carry; it is compared where a copy lies beside the repository, or is pointed to.
DATA = os.environ.get("RAIND_TEST_DATA", os.path.join(os.path.dirname(os.path.abspath(__file__)), *[".."] * 3, "shared", "data"))
DOCKERS = os.path.join(DATA, "moby-seccomp-default.json")


def compared(t, first, second, *options):
    """What diff finds, as a document; its exit status fits."""
    result = profile(t, "diff", first, second, "-o", "json", *options)
    found = json.loads(result.out)
    equal(result.status, 0 if found["equal"] else 1, f"{result.command}: {result.err}")
    equal((found["first"], found["second"]), (first, second))
    return found


def names(side):
    return {call["name"] for call in side["syscalls"] if call["name"]}


def checked(t, folder, baseline, *options):
    """What check finds, as a document; its exit status fits."""
    result = profile(t, "check", folder, "--baseline", baseline, "-o", "json", *options)
    found = json.loads(result.out)
    equal(result.status, 0 if found["within"] else 1, f"{result.command}: {result.err}")
    return found


def podmans_config(t):
    """The config.json that podman writes for a container."""
    with Podman(t, configuration=None, runtime="/usr/sbin/runc") as podman:
        name = podman.made()
        succeeds(podman.call("init", name))
        return content(podman.inspect(name, "{{.OCIConfigPath}}"))


def changed(t, config, change):
    """A bundle with a config that a function has changed."""
    config = copy.deepcopy(config)
    change(config)
    return bundle(t, json.dumps(config))[0]


@case("schema")
def diff_of_built_ins(t):
    """In both directions, exactly what a table says that they differ in."""
    found = compared(t, "default", "deploy")
    nothing = {"capabilities": {}, "newPrivileges": False, "withoutAppArmorProfile": None, "withoutSELinuxLabel": None,
               "unmaskedPaths": [], "writablePaths": [], "syscalls": []}
    equal(found["allowedBySecond"], nothing)
    lost = ["CAP_NET_RAW", "CAP_MKNOD"]
    equal(found["allowedByFirst"], nothing | {
        "capabilities": dict.fromkeys(("bounding", "effective", "permitted"), lost), "newPrivileges": True})
    equal((found["answeredOtherwise"], found["notComparable"], found["undecided"]), ([], [], []))
    for what in ("mounts", "namespaces", "devices"):
        contains(found["notCompared"], what)
    true(compared(t, "default", "dev")["equal"], "two profiles with other names and the same content")
    # hardened allows nothing that default refuses, and says ENOSYS where default says EPERM.
    found = compared(t, "default", "hardened")
    equal(found["allowedBySecond"], nothing)
    for name in ("keyctl", "add_key", "io_uring_setup", "vmsplice"):
        contains(names(found["allowedByFirst"]), name)
    for name in ("read", "mount", "bpf"):
        excludes(names(found["allowedByFirst"]), name)
    mknod = [call for call in found["allowedByFirst"]["syscalls"] if call["name"] == "mknod"]
    true(all(call["decisiveArguments"] == [1] for call in mknod) and mknod, f"mknod by its mode alone: {mknod}")
    equal({call["name"] for call in found["answeredOtherwise"]}, {"clone"})
    equal({(call["first"]["errno"], call["second"]["errno"]) for call in found["answeredOtherwise"]}, {(1, 38)})
    # Without a filter on one side every call differs that the other one refuses; on x32 too.
    found = compared(t, "unconfined", "default")
    true({"mount", "bpf", "clone", "clone3", "setns"} < names(found["allowedByFirst"]), "what default refuses")
    equal(found["allowedBySecond"], nothing)
    equal({call["architecture"] for call in found["allowedByFirst"]["syscalls"]},
          {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"})
    # On another architecture it is that one's calls.
    found = compared(t, "default", "hardened", "--arch", "arm64")
    equal({call["architecture"] for call in found["allowedByFirst"]["syscalls"]}, {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"})


@case("schema")
def diff_for_people(t):
    """Few lines, calls with the same answers put together, in YAML all of it."""
    result = profile(t, "diff", "default", "hardened")
    equal(result.status, 1)
    lines = result.out.splitlines()
    true(len(lines) < 60, f"{len(lines)} lines")
    for part in ("hardened allows, and default does not:\n  nothing\n", "default allows, and hardened does not:",
                 "allow -> EPERM:", "mknod(arg1=0x3000)", "EPERM -> ENOSYS with some arguments:\n    clone(arg0=0x20000)",
                 "Not compared: ", "mounts, namespaces, devices"):
        contains(result.out, part)
    same = succeeds(profile(t, "diff", "dev", "default"))
    contains(same.out, "dev and default allow the same.")
    document = profile(t, "diff", "default", "hardened", "-o", "yaml").out
    equal(document.count("    architecture: SCMP_ARCH_X86\n") > 50, True)


@case("schema")
def diff_of_bundles(t):
    """Files that engines wrote, changed in one thing each: what differs is that, in the right direction."""
    config = json.loads(podmans_config(t))
    true(config["linux"]["seccomp"]["syscalls"], "podman's filter")
    same = changed(t, config, lambda config: None)

    def set_seccomp(action, *conditions):
        def change(config):
            rules = config["linux"]["seccomp"]["syscalls"]
            for rule in rules:
                rule["names"] = [name for name in rule["names"] if name != "getcwd"]
            rules[:] = [rule for rule in rules if rule["names"]]
            rules.append({"names": ["getcwd"], "action": action, "args": list(conditions)})
        return change

    low = {"index": 1, "value": 4096, "op": "SCMP_CMP_LE"}
    for what, change, side, member, value in (
            ("spelling", lambda config: config["linux"]["seccomp"]["syscalls"].reverse(), None, None, None),
            ("no filter", lambda config: config["linux"].pop("seccomp"), "allowedBySecond", "syscalls", "io_uring_setup"),
            ("denied", set_seccomp("SCMP_ACT_ERRNO"), "allowedByFirst", "syscalls", "getcwd"),
            ("condition", set_seccomp("SCMP_ACT_ALLOW", low), "allowedByFirst", "syscalls", "getcwd"),
            ("capability", lambda config: config["process"]["capabilities"]["bounding"].append("CAP_SYS_ADMIN"),
             "allowedBySecond", "capabilities", {"bounding": ["CAP_SYS_ADMIN"]}),
            ("new privileges", lambda config: config["process"].update(noNewPrivileges=True), "allowedByFirst", "newPrivileges",
             True),
            ("masked", lambda config: config["linux"]["maskedPaths"].remove("/proc/kcore"), "allowedBySecond", "unmaskedPaths",
             ["/proc/kcore"]),
            ("read-only", lambda config: config["linux"]["readonlyPaths"].append("/proc/raind"), "allowedByFirst", "writablePaths",
             ["/proc/raind"]),
            ("AppArmor", lambda config: config["process"].update(apparmorProfile="a"), "allowedByFirst",
             "withoutAppArmorProfile", "a")):
        other = changed(t, config, change)
        found = compared(t, same, other)
        if side is None:
            true(found["equal"], f"{what}: {found}")
            continue
        opposite = {"allowedBySecond": "allowedByFirst", "allowedByFirst": "allowedBySecond"}[side]
        true(not any(found[opposite].values()), f"{what}: {found[opposite]}")
        if member == "syscalls":
            contains(names(found[side]), value)
        else:
            equal(found[side][member], value, what)
        # And turned round it is turned round.
        turned = compared(t, other, same)
        equal((turned["allowedBySecond"], turned["allowedByFirst"]),
              tuple(json.loads(json.dumps(found[side]).replace('"first"', '"f"').replace('"second"', '"first"')
                               .replace('"f"', '"second"')) for side in ("allowedByFirst", "allowedBySecond")), what)
        if what == "condition":
            calls = found[side]["syscalls"]
            true(all(call["decisiveArguments"] == [1] and int(call["arguments"][1], 16) > 4096 for call in calls), f"{calls}")
    # Two names of AppArmor profiles can't be compared, and that is no "the same".
    found = compared(t, *(changed(t, config, lambda config, name=name: config["process"].update(apparmorProfile=name))
                          for name in "ab"))
    equal(found["notComparable"], [{"what": "apparmorProfile", "first": "a", "second": "b"}])
    true(not found["equal"] and not any(found["allowedBySecond"].values()), f"{found}")


@case("schema")
def diff_of_a_seccomp_file(t):
    """A filter alone says nothing of all else."""
    config = json.loads(podmans_config(t))
    path = os.path.join(t.folder(), "seccomp.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config["linux"]["seccomp"], file)
    folder = changed(t, config, lambda config: config["process"].update(noNewPrivileges=True))
    found = compared(t, path, folder)
    true(found["equal"], f"{found}")
    for what in ("capabilities", "no_new_privs", "AppArmor profile", "masked and read-only paths"):
        contains(found["notCompared"], what)
    if os.path.exists(DOCKERS):
        # hardened allows nothing that Docker's default refuses to a container without capabilities; Docker's own file is
        # taken as for a container with the default ones.
        found = compared(t, DOCKERS, "hardened")
        equal(names(found["allowedBySecond"]), set())
        contains(names(found["allowedByFirst"]), "chroot")


@case("schema")
def check_against_a_baseline(t):
    """What was applied is within; whatever allows more is not, and a call shows it."""
    folder, path = bundle(t, podmans_config(t))
    succeeds(profile(t, "apply", "deploy", folder))
    found = checked(t, folder, "deploy")
    equal((found["within"], found["undecided"], found["notComparable"]), (True, [], []))
    contains(succeeds(profile(t, "check", folder, "--baseline", "deploy")).out, f"{folder} allows nothing that deploy does not.")
    true(checked(t, folder, "default")["within"], "deploy is within default")
    true(checked(t, path, "privileged")["within"], "what allows everything")
    config = json.loads(content(path))
    for change, member, value in (
            (lambda config: config["process"].update(noNewPrivileges=False), "newPrivileges", True),
            (lambda config: config["process"].pop("apparmorProfile"), "withoutAppArmorProfile", "raind-default"),
            (lambda config: config["process"]["capabilities"]["ambient"].append("CAP_KILL"), "capabilities",
             {"ambient": ["CAP_KILL"]})):
        found = checked(t, changed(t, config, change), "deploy")
        equal((found["within"], found["allowedBeyond"][member]), (False, value))

    def lift(config):
        rules = config["linux"]["seccomp"]["syscalls"]
        rules[:] = [rule for rule in rules if "clone" not in rule["names"] or rule["args"][0]["value"] != 0x10000000]
    lifted = changed(t, config, lift)
    calls = checked(t, lifted, "deploy")["allowedBeyond"]["syscalls"]
    equal({(call["name"], call["arguments"][0]) for call in calls}, {("clone", "0x10000000")})
    result = profile(t, "check", lifted, "--baseline", "deploy")
    equal(result.status, 1)
    contains(result.out, f"For example x86_64 clone(0x10000000, 0, 0, 0, 0, 0): EPERM with deploy, allow with {lifted}.")
    renamed = changed(t, config, lambda config: config["process"].update(apparmorProfile="other"))
    found = checked(t, renamed, "deploy")
    equal((found["within"], len(found["notComparable"])), (False, 1))
    # A user's process has no more than the bundle gives it, and a baseline is for that user.
    user = changed(t, config, lambda config: config["process"]["user"].update(uid=1000))
    found = checked(t, user, "deploy")
    equal(found["allowedBeyond"]["capabilities"], {
        name: config["process"]["capabilities"][name] for name in ("effective", "permitted")})


@cases("schema", [
    ("no-baseline", ["check", "BUNDLE"], ["--baseline"]),
    ("no-bundle", ["check", "/nonexistent/x", "--baseline", "deploy"], ["/nonexistent/x", "ENOENT"]),
    ("unknown", ["diff", "deploy", "depoy"], ["depoy", "deploy"]),
    ("one", ["diff", "deploy"], ["second"]),
    ("crun's-own-filter", ["diff", "deploy", "RAW"], ["/annotations/run.oci.seccomp_bpf_data", "crun"])])
def compare_wrong_use(t, words, parts):
    folder, _ = bundle(t)
    raw, _ = bundle(t, json.dumps({"process": {}, "annotations": {"run.oci.seccomp_bpf_data": "AAAA"}}))
    refuses(profile(t, *(word.replace("BUNDLE", folder).replace("RAW", raw) for word in words)), *parts)


@case("schema")
def check_knows_the_paths_of_a_profile(t):
    """A profile that says what is masked is a baseline for that too; of what it leaves to the bundle it says nothing."""
    manifest = os.path.join(t.folder(), "masking.yaml")
    with open(manifest, "w", encoding="utf-8") as file:
        file.write("name: masking\nextends: unconfined\n")
    folder, path = bundle(t, podmans_config(t))
    contains(checked(t, folder, manifest)["notCompared"], "masked and read-only paths")
    with open(manifest, "w", encoding="utf-8") as file:
        file.write("apiVersion: raind.io/v1\nkind: SecurityProfile\nmetadata: {name: masking}\n"
                   "spec: {extends: unconfined, paths: {masked: [/proc/kcore, /proc/raind]}}\n")
    found = checked(t, folder, manifest)
    equal((found["within"], found["allowedBeyond"]["unmaskedPaths"]), (False, ["/proc/raind"]))
    excludes(found["notCompared"], "masked and read-only paths")
    config = json.loads(content(path))
    config["linux"]["maskedPaths"].append("/proc/raind")
    true(checked(t, bundle(t, json.dumps(config))[0], manifest)["within"], "masked now")
