"""raind-profile lint, explain and pss: what they print, and their exit status."""

import json
import os
import re

from harness import case, cases, contains, equal, excludes, matches, succeeds, true
from harness.podman import Podman
from cases_profile import FIXTURES, bundle, profile, refuses

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def edited(t, change):
    """The path of podman's config.json with a change."""
    with open(os.path.join(FIXTURES, "podman.json"), encoding="utf-8") as file:
        config = json.load(file)
    change(config)
    return bundle(t, json.dumps(config, indent=1))


@case("schema")
def profile_lints_built_ins(t):
    for name, codes in {"deploy": [], "hardened": [], "restricted": [], "default": ["process/new-privileges"],
                        "privileged": ["capability/all", "process/new-privileges", "seccomp/absent",
                                       "apparmor/absent"]}.items():
        found = profile(t, "lint", name, "-o", "json")
        equal(found.status, 0, found.err)
        equal(sorted(finding["code"] for finding in json.loads(found.out)["findings"]), sorted(codes), name)
        equal(profile(t, "lint", name, "--strict").status, int(len(codes) > 0), name)


@case("schema")
def profile_lints_a_bundle(t):
    def change(config):
        config["linux"]["seccomp"]["syscalls"][0]["names"].append("opennat")
        config["mounts"].append({"destination": "/s", "type": "bind", "source": "/run/docker.sock",
                                 "options": ["rbind"]})
    folder, path = edited(t, change)
    lines = open(path, encoding="utf-8").read().splitlines()
    found = profile(t, "lint", folder)
    equal(found.status, 1, found.err)
    # A place is the line that is meant, and lint has no errors but the one that was made.
    place = re.search(r"^(.*):(\d+):(\d+) /mounts/\d+: error: .*\(mount/engine-socket\) \[CIS 5\.32\]$", found.out,
                      re.MULTILINE)
    true(place, found.out)
    equal(place[1], path)
    equal(lines[int(place[2]) - 1][int(place[3]) - 1], "{")
    matches(found.out, r"no syscall is named \"opennat\"; did you mean openat\?")
    matches(found.out, r": 1 error, \d+ warnings, \d+ notes$")
    equal(len(re.findall(r"^    To do: ", found.out, re.MULTILINE)),
          len(re.findall(r"\((\w+/[\w-]+)\)( \[CIS [\d.]+\])?$", found.out, re.MULTILINE)), "a remedy each")
    log = json.loads(profile(t, "lint", path, "-o", "sarif").out)
    driver = log["runs"][0]["tool"]["driver"]
    for result in log["runs"][0]["results"]:
        equal(driver["rules"][result["ruleIndex"]]["id"], result["ruleId"])
    contains([result["ruleId"] for result in log["runs"][0]["results"]], "mount/engine-socket")
    yaml = profile(t, "lint", path, "-o", "yaml")
    contains(yaml.out, "code: mount/engine-socket")


@case("schema")
def profile_lints_a_list_and_a_manifest(t):
    folder = t.folder()
    path = os.path.join(folder, "list.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"defaultAction": "SCMP_ACT_ALLOW",\n "syscalls": [\n'
                   '  {"names": ["ptrace"], "action": "SCMP_ACT_ERRNO"},\n'
                   '  {"names": ["mbind"], "action": "SCMP_ACT_ERRNO", "args": [\n'
                   '   {"index": 0, "value": 1, "op": "SCMP_CMP_GT"}, {"index": 0, "value": 9, "op": "SCMP_CMP_LT"}]}]}')
    found = profile(t, "lint", path)
    equal(found.status, 1, found.err)
    contains(found.out, f"{path}:4:60 /syscalls/1/args: error: an argument stands twice")
    manifest = os.path.join(folder, "mine.yaml")
    with open(manifest, "w", encoding="utf-8") as file:
        file.write("apiVersion: raind.io/v1\nkind: SecurityProfile\nmetadata: {name: mine}\nspec:\n"
                   "  extends: deploy\n  add-cap: [SYS_TIME, KILL]\n  drop-cap: [KILL]\n")
    found = profile(t, "lint", manifest, "--strict")
    equal(found.status, 1, found.err)
    contains(found.out, f"{manifest}:7:14: warning: CAP_KILL is added and dropped (manifest/added-and-dropped)")
    matches(found.out, rf"^{re.escape(manifest)}:6:13: warning: CAP_SYS_TIME: beyond .*\[CIS 5\.4\]$")


# Docker's own list, where it is at hand.
DATA = os.environ.get("RAIND_TEST_DATA", os.path.join(os.path.dirname(FIXTURES), "..", "..", "..", "shared", "data"))
DOCKERS = os.path.join(DATA, "moby-seccomp-default.json")


if os.path.exists(DOCKERS):
    @case("schema")
    def profile_lints_dockers_list(t):
        """No errors, and two ways around its rules for socket: socketcall, and a bit above those of an int."""
        found = profile(t, "lint", DOCKERS, "-o", "json", "--arch", "amd64")
        equal(found.status, 0, found.err)
        equal(sorted(finding["code"] for finding in json.loads(found.out)["findings"]),
              ["seccomp/32-bit-hole", "seccomp/high-word"])


@cases("schema", [
    ("rule", ("deploy", "--syscall", "ptrace"), 1, r"refused\n  seccomp .*SCMP_ACT_ERRNO EPERM.*profiles/seccomp/deny-list\.yaml:\d+\n"),
    ("lift", ("deploy", "--syscall", "ptrace"), 1, r"CAP_SYS_PTRACE would lift the refusal"),
    ("default", ("deploy", "--syscall", "read"), 0, r"allowed\n  seccomp .*by the default action"),
    ("argument", ("deploy", "--syscall", "clone", "--arg", "0=0x10000000"), 1, r": refused\n"),
    ("other-argument", ("deploy", "--syscall", "clone", "--arg", "0=17"), 0, r": allowed\n"),
    ("open-argument", ("deploy", "--syscall", "clone"), 1, r": depends on its arguments\n"),
    ("capability-needed", ("restricted", "--syscall", "chroot"), 1, r"refused\n  capabilities .*CAP_SYS_CHROOT"),
    ("capability", ("default", "--cap", "net_raw"), 0, r"allowed\n  capabilities .*\(profile default\)"),
    ("no-capability", ("deploy", "--cap", "NET_RAW"), 1, r"refused\n"),
    ("arch", ("deploy", "--syscall", "socketcall", "--arch", "i386"), 0, r"on SCMP_ARCH_X86: allowed"),
])
def profile_explains(t, words, status, pattern):
    found = profile(t, "explain", *words)
    equal((found.status, found.err), (status, ""))
    matches(found.out, pattern)


@cases("schema", [
    ("deny-list", ("deploy", "--syscall", "bpf"), "profiles/seccomp/deny-list.yaml", "bpf"),
    ("allow-list", ("hardened", "--syscall", "ptrace"), "profiles/seccomp/hardened.yaml", "ptrace"),
    ("capability", ("deploy", "--cap", "MKNOD"), "profiles/deploy.yaml", "CAP_MKNOD"),
])
def profile_explains_by_a_line_of_profiles(t, words, path, name):
    """What is built in was made from these files, and its places are lines of theirs: the rule's first, or the entry's."""
    place = json.loads(profile(t, "explain", *words, "-o", "json").out)["causes"][0]["place"]
    equal(place["file"], path)
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        lines = file.read().split("\n")[place["line"] - 1:]
    true(lines[0].lstrip().startswith("- "), f"an entry begins in line {place['line']}: {lines[0]}")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.startswith("  - ") or not line.strip()), len(lines))
    contains("\n".join(lines[:end]), name)


@cases("schema", [
    ("nothing", ("explain", "deploy"), ["--cap, --syscall and --path"]),
    ("both", ("explain", "deploy", "--cap", "KILL", "--path", "/x"), ["--cap, --syscall and --path"]),
    ("call", ("explain", "deploy", "--syscall", "ptrase"), ["did you mean ptrace?"]),
    ("other-arch", ("explain", "deploy", "--syscall", "socketcall", "--arch", "amd64"), ["--arch"]),
    ("cap", ("explain", "deploy", "--cap", "NET_ROW"), ["did you mean CAP_NET_RAW?"]),
    ("arg", ("explain", "deploy", "--syscall", "clone", "--arg", "6=1"), ["0 to 5"]),
    ("arg-alone", ("explain", "deploy", "--cap", "KILL", "--arg", "0=1"), ["--arg is for --syscall"]),
    ("path", ("explain", "deploy", "--path", "/proc"), ["name a bundle"]),
    ("lint-unknown", ("lint", "depoly"), ["did you mean deploy?"]),
    ("lint-nothing", ("lint", "/nowhere/config.json"), ["ENOENT"]),
    ("pss-level", ("pss", "deploy", "--level", "high"), ["high"]),
])
def profile_questions_wrong(t, words, parts):
    refuses(profile(t, *words), *parts)


@case("schema")
def profile_explains_a_bundle(t):
    folder, path = edited(t, lambda config: None)
    for words, status, part in [
            (("--path", "/proc/kcore"), 1, "/linux/maskedPaths/"), (("--path", "/proc/sys/net"), 0, "/linux/readonlyPaths/"),
            (("--path", "/proc/1"), 0, "/mounts/"), (("--path", "/usr"), 0, "/root"),
            (("--cap", "CHOWN"), 0, "/process/capabilities/bounding/"), (("--syscall", "read"), 0, "/linux/seccomp/syscalls/"),
            (("--syscall", "kexec_load"), 1, "/linux/seccomp/")]:
        found = profile(t, "explain", folder, *words)
        equal(found.status, status, found.out + found.err)
        contains(found.out, part)
        # The line that is named is the one that decides.
        document = json.loads(profile(t, "explain", path, *words, "-o", "json").out)
        place = next(cause["place"] for cause in document["causes"] if cause["place"])
        contains(place["pointer"], part)


@case("schema")
def profile_pod_security(t):
    for name, level in {"default": "privileged", "deploy": "baseline", "restricted": "restricted",
                        "privileged": "privileged"}.items():
        found = succeeds(profile(t, "pss", name))
        matches(found.out, rf"^{name}: {level}$")
        for wanted, met in (("privileged", True), ("baseline", level != "privileged"), ("restricted", level == "restricted")):
            equal(profile(t, "pss", name, "--level", wanted).status, 0 if met else 1, f"{name} {wanted}")
    matches(found.out, r"^baseline +Host Ports +not judged +not visible in a bundle$")

    def change(config):
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    folder, path = edited(t, change)
    document = json.loads(succeeds(profile(t, "pss", folder, "-o", "json")).out)
    equal(document["level"], "baseline")
    # What it takes to the restricted level is what the profile of that name writes.
    succeeds(profile(t, "apply", "restricted", folder))
    succeeds(profile(t, "pss", path, "--level", "restricted"))


@case("podman")
def podman_bundle_is_judged(t):
    """A bundle as podman makes it today: no error, and what its options open is told."""
    with Podman(t) as podman:
        flags = ["--pid", "host", "--volume", "/proc:/host/proc:ro", "--cap-add", "SYS_TIME", "--pids-limit", "10"]
        name = podman.made("/bin/true", flags=flags)
        succeeds(podman.call("init", name))
        path = podman.inspect(name, "{{.OCIConfigPath}}", record=False)
        found = profile(t, "lint", path, "-o", "json")
        equal(found.status, 0, found.out)
        findings = {finding["code"]: finding for finding in json.loads(found.out)["findings"]}
        for code in ("namespace/host-pid", "mount/host-folder", "capability/beyond-baseline", "process/new-privileges"):
            contains(findings, code)
        contains(findings["capability/beyond-baseline"]["message"], "CAP_SYS_TIME")
        excludes(findings, "resource/pids")
        standing = json.loads(succeeds(profile(t, "pss", path, "-o", "json")).out)
        equal(standing["level"], "privileged")
        failed = {control["name"] for control in standing["controls"] if control["verdict"] == "not met"}
        true({"Host Namespaces", "HostPath Volumes", "Capabilities"} <= failed, f"what isn't met: {failed}")
        # The filter that podman makes for the capability lets its calls through.
        equal(profile(t, "explain", path, "--syscall", "clock_settime").status, 0)
        equal(profile(t, "explain", path, "--syscall", "kexec_load").status, 1)
