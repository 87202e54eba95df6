"""raind-profile apparmor: the texts, read by apparmor_parser, and what is said where the kernel has no AppArmor."""

import json
import re
import subprocess

import yaml

from cases_profile import PROFILES, profile, refuses
from harness import case, contains, equal, succeeds, true
from profile_options import is_apparmor_there

PARSER = "/usr/sbin/apparmor_parser"


def parsed(t, text):
    """What apparmor_parser makes of a profile: {pattern that it matches files by: its access}. No kernel is asked."""
    done = subprocess.run([PARSER, "--skip-kernel-load", "--skip-cache", "--dump=rule-exprs", t.file(text)],
                          capture_output=True, text=True, check=False, timeout=60)
    equal(done.returncode, 0, f"apparmor_parser: {done.stderr[-500:]} of {text}")
    return re.findall(r"^rule: .*?  ->  (.*?) \(", done.stdout + done.stderr, re.MULTILINE)


def text_of(t, *words):
    return succeeds(profile(t, "apparmor", "show", *words)).out


@case("schema")
def apparmor_shows(t):
    """Every text is one that the parser reads; the form that audits refuses nothing."""
    for name in (*PROFILES, "raind-default"):
        if name in ("privileged", "unconfined"):
            refuses(profile(t, "apparmor", "show", name), "no AppArmor profile", status=1)
            continue
        text, audit = text_of(t, name), text_of(t, name, "--audit")
        matches = [line for line in text.splitlines() if line.startswith("profile ")]
        equal(matches, ["profile raind-default flags=(attach_disconnected,mediate_deleted) {"])
        contains(audit, "\nprofile raind-default-audit flags=(complain,attach_disconnected,mediate_deleted) {\n")
        code = [line.strip() for line in audit.splitlines() if not line.lstrip().startswith("#")]
        # The flag complain leaves rules that deny in force (aa-complain(8)).
        equal([line for line in code if line.startswith("deny") or "peer=raind-default," in line], [])
        true(len([line for line in code if line.startswith("audit ")]) > 15, "refusals that are told")
    parsed(t, text), parsed(t, audit)
    document = json.loads(text_of(t, "deploy", "--audit", "-o", "json"))
    equal(document, {"apparmorProfile": "raind-default-audit", "text": audit})
    equal(yaml.safe_load(text_of(t, "deploy", "-o", "yaml"))["text"], text)
    refuses(profile(t, "apparmor", "show", "nosuch"), "no profile is named")


@case("schema")
def apparmor_says_that_there_is_none(t):
    if is_apparmor_there():
        # Loading is the administrator's, not a test's.
        return
    for words in (("deploy",), ("deploy", "--audit"), ("raind-default",)):
        name = "raind-default-audit" if "--audit" in words else "raind-default"
        refuses(profile(t, "apparmor", "load", *words), "no AppArmor", name, "--apparmor-missing drop")
        refuses(profile(t, "apparmor", "unload", *words), "no AppArmor", name, "isn't loaded")
        result = profile(t, "apparmor", "status", *words, "-o", "json")
        equal((result.status, json.loads(result.out)), (1, {"apparmorProfile": name, "state": "no AppArmor"}))
        equal(profile(t, "apparmor", "status", *words).out, f"{name}: no AppArmor in this kernel\n")
    for verb in ("load", "unload", "status"):
        contains(succeeds(profile(t, "apparmor", verb, "privileged")).out, "no AppArmor profile")
    result = profile(t, "apply", "deploy", "-", "--audit", stdin=b'{"process": {"cwd": "/"}}')
    contains(succeeds(result).err, "raind-profile apparmor load deploy --audit\n")
