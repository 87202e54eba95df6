"""raind-profile as podman's hook: an annotation chooses the profile, and any runtime enforces it."""

import json
import os
import re
import shutil
import subprocess

from harness import case, contains, equal, fails, matches, succeeds, true
from harness.podman import CONFIGURATION, Podman
from harness.probe import Report, own_capabilities

from cases_package_install import install, small
from cases_package_manual import OURS
from cases_podman_confine import PODMANS
from cases_profile import STAMP, profile
from profile_hook import ANNOTATION, asking, hooks

# ptrace is refused by the profiles alone, lookup_dcookie by podman's own filter alone, kcmp by both.
TRIES = ("ptrace", "lookup_dcookie", "kcmp")
DEFAULT = {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
           "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"}
DEPLOY = DEFAULT - {"CAP_NET_RAW", "CAP_MKNOD"}
CUSTOM_DEV = """\
apiVersion: raind.io/v1
kind: SecurityProfile
metadata: {name: custom-dev}
spec: {extends: dev, add-cap: [CAP_SYS_PTRACE], drop-cap: [CAP_NET_RAW]}
"""


def in_force(podman, name, *flags, run=None):
    """What the probe finds as the program of a container that asks for a profile, and which tries a filter refuses."""
    words = ["/bin/sh", "-c", f"/probe report capabilities security; /probe try {' '.join(TRIES)}"]
    report, *tries = succeeds((run or podman.run)(*words, flags=[*asking(name), *flags])).out.splitlines()
    said = Report(report)
    bounding = set(said.capabilities("bounding"))
    for kind in ("effective", "permitted"):
        equal(set(said.capabilities(kind)), bounding, f"{name}: {kind}")
    equal((said.capabilities("inheritable"), said.capabilities("ambient")), ([], []), name)
    security = said["security"]
    refused = [entry["try"] for entry in map(json.loads, tries) if entry["errno"] == "EPERM"]
    return bounding, bool(security["noNewPrivileges"]), security["seccomp"], refused


def doesnt_start(podman, *flags):
    """The engine tells of the hook, and no program ran."""
    result = podman.run("/bin/echo", "started", flags=flags)
    fails(result, "", 126)
    matches(result.err, r"[Hh]ook.*exit status [12]")
    equal(result.out, "")


@case("podman", timeout=60)
def podman_hook_tightens(t):
    """Whatever an annotation asks for, what podman refuses stays refused."""
    podmans = set(PODMANS)
    with Podman(t, hooks(t, "--apparmor-missing", "drop")) as podman:
        for name, expected in {
                None: (podmans, False, 2, ["lookup_dcookie", "kcmp"]),
                "default": (podmans, False, 2, list(TRIES)),
                "deploy": (podmans & DEPLOY, True, 2, list(TRIES)),
                "restricted": (set(), True, 2, list(TRIES)),
                "privileged": (podmans, False, 2, ["lookup_dcookie", "kcmp"])}.items():
            equal(in_force(podman, name), expected, name)
        # Of what the user drops itself nothing comes back, and of what it adds only what the profile has too.
        bounding, *_ = in_force(podman, "deploy", "--cap-drop", "all", "--cap-add", "kill,net_raw")
        equal(bounding, {"CAP_KILL"})
        equal(in_force(podman, "deploy", "--security-opt", "seccomp=unconfined")[3], ["ptrace", "kcmp"])


@case("podman", timeout=60)
def podman_hook_replaces(t):
    """The administrator's choice: the profile decides alone."""
    with Podman(t, hooks(t, "--apparmor-missing", "drop", "--mode", "replace")) as podman:
        for name, expected in {
                None: (set(PODMANS), False, 2, ["lookup_dcookie", "kcmp"]),
                "default": (DEFAULT, False, 2, ["ptrace", "kcmp"]),
                "deploy": (DEPLOY, True, 2, ["ptrace", "kcmp"]),
                "restricted": (set(), True, 2, ["ptrace", "kcmp"])}.items():
            equal(in_force(podman, name), expected, name)


@case("podman", raind_only="other runtimes fail on a capability that the host can't give")
def podman_hook_replaces_with_privileged(t):
    with Podman(t, hooks(t, "--mode", "replace")) as podman:
        equal(in_force(podman, "privileged"), (set(own_capabilities()), False, 0, []))


def add_strace(rootfs):
    """strace and its libraries, where the loader looks for them."""
    said = subprocess.run(["ldd", "/usr/bin/strace"], check=True, capture_output=True, text=True).stdout
    for path in ["/usr/bin/strace", *re.findall(r"(/\S+) \(0x", said)]:
        os.makedirs(rootfs + os.path.dirname(path), exist_ok=True)
        shutil.copy(path, rootfs + path)


@case("podman", timeout=60)
def podman_hook_with_a_profile_of_ones_own(t):
    """A registered profile that adds SYS_PTRACE: who may set an annotation alone has no tracer of others' processes by it."""
    store = f"RAIND_SECURITY_PROFILE_DIR={t.folder()}"
    succeeds(profile(t, "register", "-f", t.file(CUSTOM_DEV, "custom-dev.yaml"), by=["env", store]))
    podmans = set(PODMANS)
    replace = ["--mode", "replace"]
    for options, expected, answer in (
            ([], (podmans, False, 2, ["lookup_dcookie", "kcmp"]), "attach: ptrace(PTRACE_SEIZE"),
            (replace, (DEFAULT - {"CAP_NET_RAW"} | {"CAP_SYS_PTRACE"}, False, 2, []), "exited with 0")):
        with Podman(t, hooks(t, "--apparmor-missing", "drop", *options, env=[store])) as podman:
            equal(in_force(podman, "custom-dev"), expected, options)
            add_strace(podman.rootfs)
            # Another user's process can be traced by the capability alone.
            script = "/probe as 1000:1000 exec /bin/sleep 1 & sleep 0.3; exec strace -p $! 2>&1"
            result = podman.run("/bin/sh", "-c", script, flags=asking("custom-dev"), record="status")
            contains(result.out, answer, options)
            equal(result.status, 0 if options else 1)


@case("podman")
def podman_hook_in_a_pod(t):
    """A container of a pod has its own profile, and the others have what podman gives them."""
    with Podman(t, hooks(t, "--apparmor-missing", "drop")) as podman:
        pod = podman.pod()

        def run(*words, flags):
            return podman.in_pod(pod, *words, flags=flags)
        equal(in_force(podman, "restricted", run=run)[:2], (set(), True))
        equal(in_force(podman, None, run=run)[:2], (set(PODMANS), False))


@case("podman")
def podman_hook_keeps_its_promise(t):
    """`status` finds the container by its process, and in force what the hook wrote."""
    with Podman(t, hooks(t, "--apparmor-missing", "drop")) as podman:
        name = podman.up(flags=asking("deploy"))
        config = podman.inspect(name, "{{.OCIConfigPath}}", record=False)
        words = ["status", config, "--pid", str(podman.pid(name)), "-o", "json"]
        said = json.loads(succeeds(profile(t, *words)).out)
        found = {point["name"]: point for point in said["points"]}
        matches(found["profile"]["promised"], "^deploy@sha256:[0-9a-f]{64};tightened$")
        contains(found["configuration"]["remark"], "refuses more than the profile")
        if t.runtime.is_raind:
            # That of another runtime's library lacks calls.
            succeeds(profile(t, *words, "--filter"))


@case("podman")
def podman_hook_refuses(t):
    """An unknown name, a path, nothing, and a profile that this host can't enforce: the container doesn't start."""
    with Podman(t, hooks(t, "--apparmor-missing", "drop")) as podman:
        for name in ("deplyo", "", "/etc/passwd"):
            doesnt_start(podman, *asking(name))
        excess = ["--annotation", "run.oci.seccomp_bpf_data=AAAA"]
        doesnt_start(podman, *asking("deploy"), *excess)
    wrong = hooks(t, "--mode", "nosuch")
    with Podman(t, wrong) as podman:
        doesnt_start(podman, *asking("deploy"))


@case("podman")
def podman_hook_holds_for_exec(t):
    """What podman starts later has the container's filter and capabilities; no_new_privs it has by podman's option alone."""
    with Podman(t, hooks(t, "--apparmor-missing", "drop")) as podman:
        for option, expected in (([], 0), (["--security-opt", "no-new-privileges"], 1)):
            name = podman.up(flags=[*asking("restricted"), *option])
            said = Report(succeeds(podman.call("exec", name, "/probe", "report", "capabilities", "security")).out)
            equal((said.capabilities("bounding"), said.capabilities("effective")), ([], []))
            equal((said["security"]["seccomp"], said["security"]["noNewPrivileges"]), (2, expected))


@case("podman", raind_only=OURS, timeout=60)
def podman_hook_is_installed(t):
    """`scripts/install --podman-hook`: podman finds the hook by the files that are installed."""
    to, env = t.folder("to"), small(t)
    said = succeeds(install(t, env, "--prefix", to, "--podman-hook")).out
    hook, conf = f"{to}/etc/containers/oci/hooks.d/raind-profile.json", f"{to}/etc/containers/containers.conf.d/raind-hooks.conf"
    contains(said, hook)
    with open(conf, encoding="utf-8") as file:
        configuration = CONFIGURATION + file.read().replace("[engine]\n", "")
    with open(hook, encoding="utf-8") as file:
        text = file.read()
    with open(hook, "w", encoding="utf-8") as file:
        file.write(text.replace('"hook"]', '"hook", "--apparmor-missing", "drop"]'))
    with Podman(t, configuration=configuration) as podman:
        equal(in_force(podman, "restricted")[:2], (set(), True))
        equal(in_force(podman, None)[:2], (set(PODMANS), False))
        doesnt_start(podman, *asking("nosuch"))
    # An upgrade keeps it, with the administrator's choice in it, and what goes is what was installed.
    contains(succeeds(install(t, env, "--prefix", to)).out, f"kept {hook}")
    true(os.path.exists(conf), "the other file")
    contains(succeeds(install(t, env, "--prefix", to, "--uninstall")).out, f"kept {hook}")
    true(not os.path.exists(conf), "the other file is gone")
    os.unlink(hook)
    succeeds(install(t, env, "--prefix", to))
    true(not os.path.exists(hook), "without the option there is no hook")
    succeeds(install(t, env, "--prefix", to, "--uninstall"))


@case("schema")
def profile_hook_filters(t):
    """By hand: what goes in and what comes out."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "spec-fixtures", "config", "valid")
    with open(os.path.join(folder, "podman.json"), "rb") as file:
        plain = file.read()
    for text in (plain, b' {"a":1}\n\n', plain.replace(b'"process"', b'"Process"')):
        equal(succeeds(profile(t, "hook", stdin=text)).out.encode(), text, "without the annotation not a byte changes")

    def asked(name, text=plain):
        config = json.loads(text)
        config.setdefault("annotations", {})[ANNOTATION] = name
        return json.dumps(config).encode()
    by_apply = succeeds(profile(t, "apply", "deploy", "-", "--tighten", "--apparmor-missing", "drop", stdin=asked("deploy")))
    by_hook = succeeds(profile(t, "hook", "--apparmor-missing", "drop", stdin=asked("deploy")))
    equal(by_hook.out, by_apply.out, "what apply --tighten makes of it")
    contains(by_hook.err, "AppArmor profile raind-default is left out")
    matches(json.loads(by_hook.out)["annotations"][STAMP], "^deploy@sha256:[0-9a-f]{64};tightened$")
    alone = succeeds(profile(t, "hook", "--mode", "replace", "--apparmor-missing", "drop", stdin=asked("deploy"))).out
    equal(alone, succeeds(profile(t, "apply", "deploy", "-", "--apparmor-missing", "drop", stdin=asked("deploy"))).out)
    matches(json.loads(alone)["annotations"][STAMP], "^deploy@sha256:[0-9a-f]{64}$")
    for text, status, part in (
            (asked("deplyo"), 1, "did you mean deploy?"), (asked("./deploy.yaml"), 1, "never a path"), (asked(""), 1, ""),
            (asked("deploy"), 1, "--apparmor-missing drop"), (asked(7), 2, "must be a string"), (b"{", 2, "1:2"),
            (asked("restricted", b'{"process": {}, "Process": {}}'), 2, "/Process")):
        result = fails(profile(t, "hook", stdin=text), part, status)
        equal(result.out, "", part)
