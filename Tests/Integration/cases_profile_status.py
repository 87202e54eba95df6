"""raind-profile beside containers that run: what an audit lets through, and what the kernel has in force."""

import json
import os
import re
import select

from harness import case, contains, equal, matches, succeeds, true

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
