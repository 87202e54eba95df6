"""raind-profile beside containers that run: what an audit lets through, and what the kernel has in force."""

import json
import os
import re
import select

from harness import case, cases, contains, equal, fails, matches, succeeds, true
from harness.bundle import with_user_namespace
from harness.probe import own_capabilities

from cases_profile import STAMP, bundle, profile


def kernel_log():
    """The kernel's log from here on."""
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    os.lseek(log, 0, os.SEEK_END)
    return log


def logged(log, seconds):
    """What has been logged meanwhile, as text."""
    text = ""
    while select.select([log], [], [], seconds)[0]:
        try:
            text += os.read(log, 8192).decode("utf-8", "replace")
        except BlockingIOError:
            break
        except BrokenPipeError:
            # Overwritten before it was read; the next read goes on after it.
            continue
        seconds = 0
    return text


def apply(t, config, name, *options):
    """The config with the profile applied, as apply leaves it."""
    words = ["apply", name, "-", "--apparmor-missing", "drop", *options]
    return json.loads(succeeds(profile(t, *words, stdin=json.dumps(config).encode())).out)


@case("enforcement")
def audit_logs_what_it_would_refuse(t):
    """What the profile refuses works under --audit, and the kernel's log names the call; capabilities stay."""
    answers = {}
    for options in ((), ("--audit",)):
        def prepare(made):
            made.config = apply(t, made.config, "restricted", *options)
            # Allowed to everybody but by a filter.
            script = "i=0; while [ $i -lt 20 ] && [ ! -e /tmp/seen ]; do unshare -U true; echo $?; sleep 0.2; i=$((i+1)); done"
            made.config["process"]["args"] = ["/bin/sh", "-c", script]
            made.config["mounts"].append({"destination": "/tmp", "type": "bind", "source": seen, "options": ["rbind"]})
            os.symlink("busybox", os.path.join(made.rootfs, "bin/unshare"))
        seen = t.folder()
        log = kernel_log()
        try:
            with t.container(prepare=prepare) as made:
                made.create()
                made.start()
                text = ""
                if options:
                    # The kernel passes lines over when there are many in a moment; the next call's may be there.
                    def noticed():
                        nonlocal text
                        text += logged(log, 0.1)
                        return 'comm="unshare"' in text
                    t.until(noticed, "the call in the kernel's log")
                    matches(text, r'audit: type=1326 .*comm="unshare" .*syscall=272 .*code=0x7ffc0000')
                made.wait_output("\n")
                with open(os.path.join(seen, "seen"), "w", encoding="ascii"):
                    pass
                t.until(lambda: made.status == "stopped", "its end")
                answers[options] = set(made.output().split()) - {"unshare:", "Operation", "not", "permitted"}
        finally:
            os.close(log)
    true("0" not in answers[()], f"refused without --audit: {answers}")
    equal(answers[("--audit",)], {"0"}, "let through with it")


@case("schema")
def profile_audits(t):
    """Refusals become log entries, the annotation says so, and what is applied next leaves nothing of it."""
    folder, path = bundle(t)
    kept = {}
    for name in ("deploy", "hardened", "privileged"):
        plain = json.loads(succeeds(profile(t, "apply", name, path, "--apparmor-missing", "warn", "-o", "-")).out)
        said = succeeds(profile(t, "apply", name, folder, "--audit"))
        with open(path, encoding="utf-8") as file:
            text = file.read()
        config = json.loads(text)
        equal(config["annotations"][STAMP], plain["annotations"][STAMP] + ";audit", "the digest is the profile's own")
        contains(said.out, config["annotations"][STAMP])
        for member in ("capabilities", "noNewPrivileges"):
            equal(config["process"][member], plain["process"][member], member)
        label = plain["process"].get("apparmorProfile")
        equal(config["process"].get("apparmorProfile"), label and label + "-audit")
        seccomp = config["linux"].get("seccomp")
        kept[name] = seccomp and {seccomp["defaultAction"], *(rule["action"] for rule in seccomp["syscalls"])}
        shown = json.loads(succeeds(profile(t, "show", name, "--audit", "-o", "json")).out)
        equal((shown["audit"], shown["seccomp"]), (True, seccomp))
        equal(succeeds(profile(t, "apply", name, folder, "--audit", "--check")).out, "")
        succeeds(profile(t, "apply", name, folder))
        with open(path, encoding="utf-8") as file:
            equal(json.load(file), plain, "applied after the audit")
    equal(kept, {"deploy": {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG"}, "hardened": {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG"},
                 "privileged": None})
    matches(succeeds(profile(t, "show", "deploy", "--audit")).out, "^AUDIT +")
    true(not re.search("^AUDIT", succeeds(profile(t, "show", "deploy")).out, re.MULTILINE), "enforced")


# What is in force


def status(t, *words, drift=False):
    """The document that `status` prints; its exit status says the same."""
    result = profile(t, "status", *words, "--root", t.root, "--runtime", t.runtime.path, "-o", "json")
    true(result.status in (0, 1), f"{result}")
    said = json.loads(result.out)
    equal((result.status, said["drift"]), (int(drift), drift), f"{words}: {drifting(said)}")
    return said


def points(said):
    return {point["name"]: point for point in said["points"]}


def drifting(said):
    return {point["name"]: point.get("remark") for point in said["points"] if point["verdict"] == "drift"}


def running(t, name, *options, edit=None, before=None):
    """A container of a bundle with the profile applied; `before` changes the bundle first, `edit` what was applied."""
    def prepare(made):
        if before:
            before(made.config)
        made.config = apply(t, made.config, name, *options)
        if edit:
            edit(made.config)
    return t.container(prepare=prepare)


def rewritten(made, config):
    """The bundle's file says something else from now on; what runs is as it was."""
    made.bundle.config = config
    made.bundle.save()


def filter_as_promised(t, *words):
    """With --filter there is no drift. The library of other runtimes has no numbers of newer calls, and compares only half
    of x32's arguments: what they let through beyond the promise is that, and nothing else."""
    said = json.loads(profile(t, "status", *words, "--filter", "--root", t.root, "--runtime", t.runtime.path, "-o", "json").out)
    wrong = drifting(said)
    if not t.runtime.is_raind:
        for permitted in re.findall("permits what was refused: ([^;]*)", wrong.pop("seccompFilter", "")):
            for call in permitted.split(", "):
                true(call.startswith("open_tree_attr") or "(SCMP_ARCH_X32)" in call, permitted)
    equal(wrong, {}, f"status {words} --filter")
    return said


@cases("enforcement", [(name, name) for name in ("default", "restricted", "hardened", "unconfined")])
def status_as_promised(t, name):
    """What the profile promised is in force, whichever way the container is named."""
    with running(t, name) as made:
        made.up()
        said = status(t, "--container", made.id)
        equal(said["container"], {"id": made.id, "runtime": t.runtime.path, "bundle": made.bundle.folder})
        equal(said["pid"], made.pid)
        found = points(said)
        capabilities = sorted(made.bundle.config["process"]["capabilities"]["bounding"])
        for kind in ("bounding", "effective", "permitted"):
            equal(sorted(found[f"capabilities.{kind}"]["inForce"]), capabilities)
        for kind in ("inheritable", "ambient"):
            equal(found[f"capabilities.{kind}"]["inForce"], [])
        equal(found["no_new_privs"]["inForce"], name in ("restricted", "hardened"))
        equal(found["seccomp"]["inForce"], "none" if name == "unconfined" else "filter")
        equal(found["profile"]["promised"], made.bundle.config["annotations"][STAMP])
        true("/proc/keys" in found["maskedPaths"]["inForce"], found["maskedPaths"])
        true("/proc/sys" in found["readonlyPaths"]["inForce"], found["readonlyPaths"])
        equal((found["seccompFilter"]["verdict"], said["audit"]), ("notCompared", False))
        contains(found["seccompFilter"]["remark"], "not compared")
        equal({point["verdict"] for point in said["points"]} - {"same"}, {"notCompared"})
        for words in ((made.bundle.folder,), ("--pid", str(made.pid)), (made.bundle.folder, "--pid", str(made.pid))):
            equal(points(status(t, *words)), found, f"status {words}")

        filter_as_promised(t, made.bundle.folder)
        # It goes on as it was.
        equal((made.status, points(status(t, "--container", made.id))), ("running", found))


@case("enforcement")
def status_sees_a_swapped_rule(t):
    """A filter that differs by one rule: by the bundle where that says so, else by the filter that runs alone."""
    def swap(config):
        for rule in config["linux"]["seccomp"]["syscalls"]:
            if "ptrace" in rule["names"]:
                rule["names"].remove("ptrace")
                rule["names"].append("getcwd")
    with running(t, "deploy", edit=swap) as made:
        made.up()
        said = drifting(status(t, "--container", made.id, drift=True))
        equal(list(said), ["configuration"])
        for part in ("permits what was refused: ptrace", "refuses what was permitted: getcwd"):
            contains(said["configuration"], part)
        rewritten(made, apply(t, made.bundle.config, "deploy"))
        status(t, "--container", made.id)
        said = drifting(status(t, "--container", made.id, "--filter", drift=True))
        equal(list(said), ["seccompFilter"])
        for part in ("ptrace: allow instead of EPERM", "getcwd: EPERM instead of allow"):
            contains(said["seccompFilter"], part)
        contains(drifting(status(t, "deploy", "--container", made.id, "--filter", drift=True))["seccompFilter"], "ptrace")
        # And for people.
        text = fails(profile(t, "status", made.bundle.folder, "--filter", "--root", t.root, "--runtime", t.runtime.path), "", 1).out
        matches(text, r"^seccompFilter +DRIFT +\d+ instructions$")
        matches(text, r"^no_new_privs +as promised +true$")


@case("enforcement")
def status_sees_other_credentials(t):
    """A capability less and one more, no_new_privs, paths, the maps of ids."""
    sets = ("bounding", "effective", "permitted")

    def other(config):
        for kind in sets:
            names = config["process"]["capabilities"][kind]
            names.remove("CAP_CHOWN")
            names.append("CAP_NET_RAW")
        config["process"]["noNewPrivileges"] = False
        config["linux"]["maskedPaths"].remove("/proc/keys")
        config["linux"]["readonlyPaths"].remove("/proc/sys")
    with running(t, "deploy", edit=other, before=with_user_namespace) as made:
        made.up()
        said = drifting(status(t, "--container", made.id, drift=True))
        equal(list(said), ["configuration"])
        for part in ("allows what was not promised: bounding CAP_NET_RAW", "new privileges", "bounding CAP_CHOWN"):
            contains(said["configuration"], part)
        config = apply(t, made.bundle.config, "deploy")
        config["linux"]["maskedPaths"].append("/proc/keys")
        config["linux"]["readonlyPaths"].append("/proc/sys")
        config["linux"]["uidMappings"][0]["hostID"] += 1
        rewritten(made, config)
        said = drifting(status(t, "--container", made.id, drift=True))
        lines = {f"capabilities.{kind}": "not promised: CAP_NET_RAW; missing: CAP_CHOWN" for kind in sets}
        equal(said, {**lines, "no_new_privs": None, "maskedPaths": said["maskedPaths"], "readonlyPaths": said["readonlyPaths"],
                     "userMap": None})
        contains(said["maskedPaths"], "not in force: /proc/keys")
        contains(said["readonlyPaths"], "not in force: /proc/sys")


@case("enforcement")
def status_of_users_and_audits(t):
    """A user's ambient capabilities; an audit, which says so; what the command line added; a stamp that nobody wrote."""
    def user(config):
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    with running(t, "restricted", "--cap-add", "NET_BIND_SERVICE", before=user) as made:
        made.up()
        found = points(status(t, "--container", made.id))
        equal(found["capabilities.ambient"]["inForce"], ["CAP_NET_BIND_SERVICE"])
        equal(found["profile"]["remark"], "with --cap-add CAP_NET_BIND_SERVICE, without AppArmor")
        for stamp, part in (("restricted@sha256:" + "0" * 64, "not what it was"), ("nosuch@sha256:" + "0" * 64, "nosuch"),
                            ("restricted", "none that apply writes")):
            made.bundle.config["annotations"][STAMP] = stamp
            made.bundle.save()
            contains(drifting(status(t, "--container", made.id, drift=True))["profile"], part)
    with running(t, "hardened", "--audit") as made:
        made.up()
        equal(filter_as_promised(t, "--container", made.id)["audit"], True)
        contains(succeeds(profile(t, "status", made.bundle.folder, "--root", t.root, "--runtime", t.runtime.path)).out, "AUDIT ")
        wrong = drifting(status(t, "hardened", "--container", made.id, "--filter", drift=True))
        contains(wrong["seccompFilter"], "log instead of")


@case("enforcement")
def status_of_a_tightened_bundle(t):
    """What the engine's bundle refuses besides is no drift; what it allows besides is."""
    def narrow(config):
        config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["getcwd"], "action": "SCMP_ACT_ERRNO"}]}
    with running(t, "default", "--tighten", before=narrow) as made:
        made.up()
        contains(points(status(t, "--container", made.id))["configuration"]["remark"], "refuses more")
        for kind in ("bounding", "effective", "permitted"):
            made.bundle.config["process"]["capabilities"][kind].append("CAP_SYS_PTRACE")
        made.bundle.save()
        true("configuration" in drifting(status(t, "--container", made.id, drift=True)), "a capability more")


@case("enforcement")
def status_of_paths_that_a_profile_names(t):
    """What a manifest says of paths is promised, by the bundle and by the manifest alone."""
    manifest = t.file("""\
apiVersion: raind.io/v1
kind: SecurityProfile
metadata: {name: narrow}
spec: {extends: restricted, paths: {masked: [/proc/keys, /etc], readonly: [/proc/sys], rootReadonly: true}}
""", "narrow.yaml")
    with running(t, manifest, before=lambda config: config["root"].update(readonly=False)) as made:
        made.up()
        words = ["--container", made.id]
        found = points(json.loads(profile(t, "status", *words, "--root", t.root, "--runtime", t.runtime.path, "-o", "json").out))
        equal([found[name]["inForce"] for name in ("maskedPaths", "readonlyPaths", "rootReadonly")],
              [["/proc/keys", "/etc"], ["/proc/sys"], True])
        # The annotation names a profile that is registered nowhere.
        equal([name for name, point in found.items() if point["verdict"] == "drift"], ["profile"])
        wrong = drifting(status(t, manifest, *words, drift=True))
        # Left out on this host by --apparmor-missing drop.
        equal(list(wrong), ["apparmorProfile"])
        with open(manifest, encoding="utf-8") as file:
            other = t.file(file.read().replace("/etc]", "/etc, /home]"), "other.yaml")
        contains(drifting(status(t, other, *words, drift=True))["maskedPaths"], "not in force: /home")


@case("enforcement")
def status_has_nothing_to_look_at(t):
    with running(t, "deploy") as made:
        def refuses(part, *words, **options):
            flags = [] if "--runtime" in words else ["--root", t.root, "--runtime", t.runtime.path]
            equal(fails(profile(t, "status", *words, *flags, **options), part, 2).out, "", part)
        refuses("no container of", made.bundle.folder)
        refuses("exit status", "--container", made.id)
        succeeds(made.create())
        refuses("isn't started yet", "--container", made.id)
        succeeds(made.start())
        refuses("not both", "--container", made.id, "--pid", "1")
        refuses("--pid is a number above 0", "--pid", "0")
        refuses("Name a bundle", )
        refuses("in force nowhere", "deploy")
        refuses("/proc/4194304", "--pid", "4194304", made.bundle.folder)
        refuses("--filter takes root", "deploy", "--pid", str(os.getpid()), "--filter", user=1000)
        note = succeeds(profile(t, "status", "--pid", str(os.getpid()), "--root", t.root))
        contains(note.err, "nothing was compared")
        own = json.loads(succeeds(profile(t, "status", "--pid", str(os.getpid()), "--root", t.root, "-o", "json")).out)
        equal(points(own)["capabilities.bounding"]["inForce"], own_capabilities())
        made.stop()
        refuses("is stopped", "--container", made.id)
