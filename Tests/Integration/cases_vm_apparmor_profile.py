"""raind-profile against a kernel that has AppArmor: loading, telling, and what apply, status and hook make of it."""

import json
import os

from apparmor_host import DEFAULT, KernelLog, label, launcher, loaded, under, with_default
from cases_profile import profile, refuses
from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.layout import mount, umount

SECURITYFS = "/sys/kernel/security"
ONCE = "about raind-profile, which is the same below any runtime"


def manifest(t, name, rules=None, mode="enforce", extends="deploy"):
    return t.file(json.dumps({
        "apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "web"}, "spec": {
            "extends": extends, "apparmor": {"profile": name, "mode": mode, "rules": rules or {"denyPaths": ["/secret/**"]}}}}),
        name=f"{t.name()}.json")


def state(t, *words):
    result = profile(t, "apparmor", "status", *words, "-o", "json")
    return result.status, json.loads(result.out)["state"]


@case("vm", level="kernel", costly=True, raind_only=ONCE)
def apparmor_load_and_unload(t):
    """Each form stands by itself; to load what is loaded is to replace it, and to unload what isn't is nothing."""
    name = t.name()
    path = manifest(t, name)
    for options, own, mode in (((), name, "enforce"), (("--audit",), f"{name}-audit", "complain")):
        equal(state(t, path, *options), (1, "not loaded"))
        equal(succeeds(profile(t, "apparmor", "unload", path, *options)).out, f"{own}: not loaded\n")
        equal(succeeds(profile(t, "apparmor", "load", path, *options)).out, f"{own}: loaded\n")
        equal(loaded()[own], mode)
        equal(state(t, path, *options), (0, mode))
    equal(succeeds(profile(t, "apparmor", "load", path)).out, f"{name}: loaded\n")
    equal((loaded()[name], loaded()[f"{name}-audit"]), ("enforce", "complain"))
    for options, own in ((("--audit",), f"{name}-audit"), ((), name)):
        equal(succeeds(profile(t, "apparmor", "unload", path, *options)).out, f"{own}: unloaded\n")
        excludes(loaded(), own)
    # By a profile's name, by the AppArmor profile's own name, and with none to load.
    with_default(t)
    for word in ("deploy", "hardened", DEFAULT):
        equal(state(t, word), (0, "enforce"))
    equal(succeeds(profile(t, "apparmor", "load", "privileged")).out, "privileged: no AppArmor profile, nothing to load\n")


@case("vm", level="kernel", costly=True, raind_only=ONCE)
def apparmor_load_replaces_the_rules_of_what_runs(t):
    """A container that runs gets the new rules at once."""
    name = t.name()

    def edit(config):
        config["process"]["apparmorProfile"] = name
    first = manifest(t, name, {"denyPaths": ["/etc/group"]})
    second = manifest(t, name, {"denyPaths": ["/etc/passwd"]})
    succeeds(profile(t, "apparmor", "load", first))
    try:
        with t.container(edit) as made:
            made.up()
            fails(made.exec("/bin/cat", "/etc/group"), "ermission denied")
            succeeds(made.exec("/bin/cat", "/etc/passwd"))
            succeeds(profile(t, "apparmor", "load", second))
            succeeds(made.exec("/bin/cat", "/etc/group"))
            fails(made.exec("/bin/cat", "/etc/passwd"), "ermission denied")
    finally:
        succeeds(profile(t, "apparmor", "unload", second))


@case("vm", level="kernel", costly=True, raind_only=ONCE)
def apparmor_unload_of_what_is_in_use(t):
    """The container would go on unconfined: refused, and with --force done."""
    name = t.name()
    path = manifest(t, name)
    succeeds(profile(t, "apparmor", "load", path))
    own = "a-" + name

    def edit(config):
        config["process"].update(apparmorProfile=name, noNewPrivileges=True)
    with launcher(own), t.container(edit) as plain, t.container(edit) as stacked:
        plain.up()
        with under(own):
            stacked.up()
        t.until(lambda: label(stacked.pid) == f"{own}//&{name} (enforce)", f"stacked: {label(stacked.pid)}")
        refuses(profile(t, "apparmor", "unload", path), f"{name} is in use by process ", " and 1 more, which", "--force")
        plain.stop()
        refuses(profile(t, "apparmor", "unload", path), f"{name} is in use by process {stacked.pid}, which")
        equal(loaded()[name], "enforce")
        equal(succeeds(profile(t, "apparmor", "unload", path, "--force")).out, f"{name}: unloaded\n")
        true(f"//&{name}" not in label(stacked.pid), "what is in the kernel no longer confines")


@case("vm", level="kernel", costly=True, raind_only=ONCE)
def apparmor_load_refuses(t):
    path = manifest(t, t.name())
    refuses(profile(t, "apparmor", "load", path, user=1000), "only root")
    refuses(profile(t, "apparmor", "unload", path, user=1000), "only root", status=2)
    # In the case's own mount namespace the parser is broken, and then no program at all.
    places = [place for place in ("/usr/sbin/apparmor_parser", "/sbin/apparmor_parser") if os.path.exists(place)]
    broken = t.file("#!/bin/sh\necho broken >&2\nexit 3\n", mode=0o755)
    mount(broken, os.path.realpath(places[0]), flags=0x1000)
    result = fails(profile(t, "apparmor", "load", path), "exit status 3", status=2)
    contains(result.err, "broken\n")
    umount(os.path.realpath(places[0]))
    mount(t.file(""), os.path.realpath(places[0]), flags=0x1000)
    refuses(profile(t, "apparmor", "load", path), "apparmor_parser isn't installed; it is in the package apparmor")
    umount(os.path.realpath(places[0]))


@case("vm", level="kernel", costly=True, raind_only=ONCE)
def apparmor_of_a_host_without_securityfs(t):
    """AppArmor works, and doesn't tell of itself: nobody is told that there is none. The mount is looked for elsewhere, too."""
    with_default(t)
    elsewhere = t.folder()

    def edit(config):
        config["process"]["apparmorProfile"] = DEFAULT
    umount(SECURITYFS)
    for words in (("load", "deploy"), ("unload", "deploy"), ("status", "deploy")):
        refuses(profile(t, "apparmor", *words), "securityfs isn't mounted", "mount -t securityfs")
    # What can't be told is not said; the runtime, which has the kernel's word, confines.
    bundle = t.bundle()
    excludes(succeeds(profile(t, "apply", "deploy", bundle.folder)).err, "AppArmor")
    equal(succeeds(t.run(["/bin/cat", "/proc/self/attr/current"], edit)).out, f"{DEFAULT} (enforce)\n")
    with t.container(edit) as made:
        made.up()
        t.until(lambda: label(made.pid) == f"{DEFAULT} (enforce)", "confined")
        points = json.loads(profile(t, "status", "deploy", "--pid", str(made.pid), "-o", "json").out)
        contains(json.dumps(points), DEFAULT)
    mount("securityfs", elsewhere, "securityfs")
    equal(state(t, "deploy"), (0, "enforce"))
    umount(elsewhere)


@cases("vm", [("user", 1000)], level="kernel", costly=True, raind_only=ONCE)
def apparmor_status_of_whoever_may_not_look(t, user):
    refuses(profile(t, "apparmor", "status", "deploy", user=user), "can be read by root alone")


# --- apply, and what runs then ---

@cases("vm", [(name, name) for name in ("default", "deploy", "restricted", "privileged", "unconfined", "hardened")],
       level="kernel", costly=True)
def apparmor_profile_applied_and_run(t, name):
    """From `apply` to a program under the whole profile, and `status` finds nothing amiss."""
    with_default(t)
    with t.container(None, ["/bin/sleep", "100"]) as made:
        done = succeeds(profile(t, "apply", name, made.bundle.folder, "--apparmor-missing", "error"))
        excludes(done.err, "AppArmor profile")
        made.up()
        confined = name not in ("privileged", "unconfined")
        expected = f"{DEFAULT} (enforce)" if confined else "unconfined"
        t.until(lambda: label(made.pid) == expected, f"{expected} and not {label(made.pid)}")
        result = succeeds(profile(t, "status", name, "--pid", str(made.pid)))
        contains(result.out, "apparmorProfile")
        if confined:
            succeeds(profile(t, "status", made.bundle.folder, "--pid", str(made.pid)))


@case("vm", level="kernel", costly=True, raind_only=ONCE)
def apparmor_apply_asks_what_is_loaded(t):
    name = t.name()
    path, bundle = manifest(t, name), t.bundle()
    gap = f"AppArmor profile {name} isn't loaded"
    contains(succeeds(profile(t, "apply", path, bundle.folder)).err, gap)
    result = fails(profile(t, "apply", path, bundle.folder, "--apparmor-missing", "error"), gap)
    contains(result.err, f"raind-profile apparmor load {path}")
    contains(succeeds(profile(t, "apply", path, bundle.folder, "-o", "-", "--apparmor-missing", "drop")).err, "left out")
    succeeds(profile(t, "apparmor", "load", path))
    try:
        for how in ("warn", "error", "drop"):
            done = succeeds(profile(t, "apply", path, bundle.folder, "-o", "-", "--apparmor-missing", how))
            equal(json.loads(done.out)["process"]["apparmorProfile"], name)
            excludes(done.err, "AppArmor profile")
    finally:
        succeeds(profile(t, "apparmor", "unload", path))


@case("vm", level="kernel", costly=True, raind_only=ONCE)
def apparmor_hook_asks_what_is_loaded(t):
    """An engine's hook: a profile that can't be enforced stops the container, and one that can is put in."""
    with_default(t)
    store = t.folder()
    name = t.name()
    by = ["/usr/bin/env", f"RAIND_SECURITY_PROFILE_DIR={store}"]
    succeeds(profile(t, "register", "--file", manifest(t, name), by=by))

    def asked(what):
        config = t.bundle().config
        config["annotations"] = {"io.raind.security-profile": what}
        return json.dumps(config).encode()
    result = fails(profile(t, "hook", stdin=asked("web"), by=by), f"AppArmor profile {name} isn't loaded")
    equal(result.out, "")
    done = succeeds(profile(t, "hook", stdin=asked("deploy"), by=by))
    equal(json.loads(done.out)["process"]["apparmorProfile"], DEFAULT)
    dropped = succeeds(profile(t, "hook", "--apparmor-missing", "drop", stdin=asked("web"), by=by))
    excludes(json.loads(dropped.out)["process"], "apparmorProfile")


# --- status ---

@case("vm", level="kernel", costly=True, differs={"runc": "never stacks"})
def apparmor_status_of_a_process(t):
    """Enforced, only told, stacked, and none: held against what was promised."""
    with_default(t), with_default(t, "--audit")
    own = t.name()

    def edit(name):
        def change(config):
            config["process"]["apparmorProfile"] = name
        return change

    def point(made, expected):
        t.until(lambda: label(made.pid) == expected, f"{expected}, and not {label(made.pid)}")
        said = json.loads(profile(t, "status", "deploy", "--pid", str(made.pid), "-o", "json").out)
        return next(entry for entry in said["points"] if entry["name"] == "apparmorProfile")
    for name, mode, verdict in ((DEFAULT, "enforce", "same"), (f"{DEFAULT}-audit", "complain", "drift"),
                                ("unconfined", None, "drift")):
        with t.container(edit(name)) as made:
            made.up()
            found = point(made, f"{name} ({mode})" if mode else name)
            equal((found["verdict"], found.get("remark")), (verdict, mode), name)
    with launcher(own), t.container(edit(DEFAULT)) as made:
        with under(own):
            made.up()
        found = point(made, f"{DEFAULT}//&{own} (enforce)")
        equal((found["verdict"], found["remark"]), ("explained", "enforce, stacked on what confines the runtime"))


# --- A manifest's own rules ---

RULES = {"readOnlyPaths": ["/bin/**", "/probe", "/etc/**", "/lit\\{eral", "/a b/*"], "readWritePaths": ["/data/**", "/tmp/**"],
         "denyPaths": ["/data/secret/**", "/etc/group"], "network": {"raw": False, "tcp": False}}


@case("vm", level="kernel", costly=True, timeout=50)
def apparmor_rules_of_a_manifest(t):
    """What a manifest says of files and the network holds in the kernel, and in the other form is told."""
    name = t.name()
    own = {"": name, "--audit": f"{name}-audit"}
    path = manifest(t, name, RULES, extends="default")
    script = """
        t() { what=$1; shift; if "$@" >/dev/null 2>&1; then echo "$what"; fi; }
        w() { t "write $1" sh -c "echo x >>'$1'"; }
        r() { t "read $1" head -c 1 "$1"; }
        w /data/file; r /data/file; r /data/secret/file; w /data/secret/file; r /etc/passwd; w /etc/passwd; r /etc/group
        r '/lit{eral'; r /literal; r '/a b/c'; r /other; w /other; w /tmp/file
        t "execute" /data/true; t "mount" mount -t tmpfs tmpfs /mnt; w /proc/sys/kernel/domainname
        t "raw" sh -c '/probe try "socket(raw)" | grep -q ":0}" && ! /probe try "socket(raw)" | grep -q EACCES'
        t "tcp" sh -c '! /probe try "socket(stream)" | grep -q EACCES'
        t "netlink" sh -c '! /probe try "socket(netlink)" | grep -q EACCES'
    """
    allowed = {"write /data/file", "read /data/file", "read /etc/passwd", "read /lit{eral", "read /a b/c",
               "write /tmp/file", "netlink"}
    refused = {"read /data/secret/file", "write /data/secret/file", "write /etc/passwd", "read /etc/group", "read /literal",
               "read /other", "write /other", "execute", "mount", "write /proc/sys/kernel/domainname", "raw", "tcp"}

    def prepare(bundle):
        for file in ("data/file", "data/secret/file", "lit{eral", "literal", "a b/c", "other"):
            bundle.write(file, "text")
        os.link(bundle.path("/bin/busybox"), bundle.path("/data/true"))
        config = bundle.config
        config["root"]["readonly"] = False
        config["linux"]["readonlyPaths"] = []
        everything = ["CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_DAC_OVERRIDE"]
        config["process"]["capabilities"] = {kind: everything for kind in ("bounding", "effective", "permitted")}

    def found(apparmor):
        def edit(config):
            config["process"]["apparmorProfile"] = apparmor
        return set(succeeds(t.run(["/bin/sh", "-c", script], edit, prepare)).out.splitlines())
    equal(found(""), allowed | refused, "the control")
    try:
        for option in ("", "--audit"):
            succeeds(profile(t, "apparmor", "load", path, *([option] if option else [])))
        equal(found(name), allowed)
        log = KernelLog()
        equal(found(own["--audit"]), allowed | refused)
        for verdict, pattern in (("AUDIT", 'name="/data/secret/file"'), ("AUDIT", 'name="/etc/group"'),
                                 ("ALLOWED", 'name="/other"'), ("AUDIT", 'operation="create" .*family="inet" sock_type="raw"')):
            true(log.told(verdict, own["--audit"], pattern), f"{pattern} is told as {verdict}: {log.lines}")
    finally:
        for option in ("", "--audit"):
            profile(t, "apparmor", "unload", path, *([option] if option else []))


@case("vm", level="kernel", costly=True, raind_only=ONCE, timeout=50)
def apparmor_rules_of_any_path_load(t):
    """Whatever characters a path has, the parser compiles it and the kernel takes it."""
    name = t.name()
    for kind in ("readOnlyPaths", "readWritePaths", "denyPaths"):
        path = manifest(t, name, {kind: [
            "/usr/**", "/a b/c", '/quo"te', "/tail,", '/x" rwx, deny /** w, "', "/hash#x,y", "/etc/{a,b c}/?",
            r"/lit\{a\,b\}\*\?\[", r"/back\\slash", "/set[a-c]", "/at@{a,b}", r"/at@\{HOME\}", "/var$x", "/ümlaut", "/caret^",
            "/p(a|b)+."]})
        succeeds(profile(t, "apparmor", "load", path))
    succeeds(profile(t, "apparmor", "unload", path))
