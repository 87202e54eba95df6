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
    """The patterns by which apparmor_parser makes a profile match files. No kernel is asked."""
    done = subprocess.run([PARSER, "--skip-kernel-load", "--skip-cache", "--dump=rule-exprs", t.file(text)],
                          capture_output=True, text=True, check=False, timeout=60)
    equal(done.returncode, 0, f"apparmor_parser: {done.stderr[-500:]} of {text}")
    patterns = re.findall(r"^rule: .*?  ->  (.*?)(?: deny)? \(", done.stdout + done.stderr, re.MULTILINE)
    # Pairs of names: what a link may lead to.
    return [pattern for pattern in patterns if not pattern.endswith(r"\x0/[^/](.)*")]


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
        equal([line for line in code if line.startswith("deny") or "}raind-default{" in line], [])
        contains(code, 'signal (send, receive) peer="{,**//&}raind-default-audit{,//&**}",')
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


# A path of a manifest, and the pattern by which apparmor_parser matches files for it.
PATHS = [
    ("/usr/**", r"/usr/[^\x0/]([^\x0])*"), ("/a b/c", r"/a\ b/c"), ('/quo"te', '/quo"te'), ("/tail,", "/tail,"),
    ('/x" rwx, deny /** w, "', r'/x"\ rwx,\ deny\ /([^\x0])*\ w,\ "'), ("/hash#x,y", "/hash#x,y"),
    ("/etc/{a,b c}/?", r"/etc/(a|b\ c)/[^\x0/]"), (r"/lit\{a\,b\}\*\?\[", r"/lit{a,b}\*?\["), (r"/back\\slash", r"/back\slash"),
    ("/set[a-c]", r"/set[abc]"), ("/at@{a,b}", "/at@(a|b)"), (r"/at@\{HOME\}", "/at@{HOME}"), ("/var$x", r"/var$x"),
    ("/ümlaut", r"/\xc3\xbcmlaut"), ("/caret^", "/caret^"), ("/p(a|b)+.", r"/p\(a\|b\)\+\."),
]


def ruled(t, rules, mode="enforce", name="raind-test-web"):
    """The path of a manifest with these rules."""
    return t.file(yaml.safe_dump({
        "apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "web"}, "spec": {
            "extends": "deploy", "apparmor": {"profile": name, "mode": mode, "rules": rules}}}), name=f"{t.name()}.yaml")


@case("schema")
def apparmor_is_made_of_rules(t):
    """Whatever characters a path has, the parser matches it and nothing else."""
    def normal(patterns):
        return {re.sub(r"\\(.)", r"\1", pattern) for pattern in patterns}
    bases = {words: normal(parsed(t, text_of(t, ruled(t, {"readOnlyPaths": ["/base"]}), *words)))
             for words in ((), ("--audit",))}
    for kind in ("readOnlyPaths", "readWritePaths", "denyPaths"):
        paths = [path for path, _ in PATHS]
        rules = {kind: paths} if kind != "denyPaths" else {"readOnlyPaths": ["/base"], "denyPaths": paths}
        for words, base in bases.items():
            added = normal(parsed(t, text_of(t, ruled(t, rules), *words))) - base
            equal(sorted(added - normal(pattern for _, pattern in PATHS)), [], f"{kind}: more than was asked for")
            equal(sorted(normal(pattern for _, pattern in PATHS) - added), [], f"{kind}: not there")
    # The form of mode complain is the one of --audit.
    rules = {"denyPaths": ["/secret/**"], "network": {"raw": False, "tcp": False}}
    path = ruled(t, rules, mode="complain")
    equal(text_of(t, path), text_of(t, ruled(t, rules), "--audit"))
    contains(text_of(t, path), "\nprofile raind-test-web-audit flags=(complain,")
    text = text_of(t, ruled(t, rules))
    for line in ('deny "/secret/**" mrwklx,', "deny network inet raw,", "deny network inet6 raw,", "deny network inet stream,", "file,", "deny mount,"):
        contains(text, f"\n  {line}\n")
    parsed(t, text)
    equal(json.loads(profile(t, "apparmor", "status", path, "-o", "json").out)["apparmorProfile"], "raind-test-web-audit")
    # A file of its own for engines.
    folder = t.folder()
    said = succeeds(profile(t, "convert", path, "--to", "docker", "--out", folder)).out
    contains(said, "--security-opt=apparmor=raind-test-web-audit\n")
    with open(f"{folder}/web.apparmor", encoding="utf-8") as file:
        equal(file.read(), text_of(t, path))


@case("schema")
def apparmor_refuses_paths(t):
    for path, part in (("usr", "slash"), ("/a\nb", "control"), ("/a/../b", ". or .."), ("/{a", "closed"), ("/[a", "closed"),
                       ("@{HOME}/x", "slash"), ("/@{HOME}/x", "alternative"), ("/a\\", "backslash")):
        result = profile(t, "apparmor", "show", ruled(t, {"denyPaths": [path]}))
        refuses(result, part, ".yaml:")
    for name in ("a b", "/usr/bin/x", "x{", "unconfined", "raind-default"):
        refuses(profile(t, "apparmor", "show", ruled(t, {"denyPaths": ["/x"]}, name=name)), ".yaml:")
