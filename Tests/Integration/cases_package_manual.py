"""Completions in real shells, and the man pages."""

import os
import re
import subprocess

from harness import case, cases, contains, equal, succeeds, true
from harness.runtime import ENVIRONMENT, Result
from harness.shells import Shell

OURS = "its own completions and pages"
PROFILES = ["default", "deploy", "dev", "hardened", "privileged", "restricted", "unconfined"]


def script(t, name, *arguments, env=None):
    """A script of the project with the programs under test."""
    process = subprocess.run(
        [os.path.join(t.tools["root"], "scripts", name), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
        env={**ENVIRONMENT, "RAIND_OCI": t.runtime.path, "RAIND_PROFILE": t.tools["raind-profile"], **(env or {})})
    return Result(f"{name} {' '.join(arguments)}", process.returncode, process.stdout, process.stderr, 0)


def manual(t):
    """The folder with all of them."""
    folder = os.path.join(t.scratch, "manual")
    succeeds(script(t, "generate-manual", folder))
    return folder


# What is typed, and what is offered; {root} is a state root with the container {id}. Where shells differ: by their names.
OFFERS = [
    ("raind-oci ch", ["checkpoint"]),
    ("raind-oci --log-format ", ["json", "text"]),
    ("raind-oci --log-format=j", ["--log-format=json"]),
    ("raind-oci --root /var/empty create --bu", ["--bundle"]),
    ("raind-oci --debug create --pi", ["--pid-file", "--pidfd-socket"]),
    ("raind-oci create --bundle al", ["alpha"]),
    ("raind-oci create --bundle=al", ["--bundle=alpha"]),
    ("raind-oci create --pid-file a", ["afile", "alpha"]),
    ("raind-oci list -f ", ["json", "table"]),
    ("raind-oci list --format=t", ["--format=table"]),
    ("raind-oci state -", ["--help", "-h"]),
    ("raind-oci state --r", []),
    ("raind-oci --root {root} state ", ["{id}"]),
    ("raind-oci --root={root} exec --tty --user 0 ", ["{id}"]),
    ("raind-oci --root {root} state {id} r", []),
    ("raind-oci --root {root}/none state ", []),
    ("raind-oci kill {id} KI", ["KILL"]),
    ("raind-oci exec {id} af", ["afile"]),
    ("raind-oci exec {id} ls --pi", []),
    ("raind-oci restore --manage-cgroups-mode ", ["full", "ignore", "soft", "strict"]),
    ("raind-oci plan al", ["alpha"]),
    ("raind-profile sh", ["show"]),
    ("raind-profile show ", PROFILES),
    ("raind-profile show -o ", ["json", "table", "yaml"]),
    ("raind-profile apply dep", ["deploy"]),
    ("raind-profile apply deploy al", ["alpha"]),
    ("raind-profile apparmor st", ["status"]),
    ("raind-profile apparmor show --audit dep", ["deploy"]),
    ("raind-profile convert dep", ["deploy"]),
    ("raind-profile diff default dep", ["deploy"]),
    ("raind-profile check --baseline har", ["hardened"]),
    ("raind-profile lint bundle.", ["bundle.json", "bundle.yaml"]),
    ("raind-profile convert al", ["alpha"]),
    ("raind-profile convert bundle.", ["bundle.json", "bundle.yaml"]),
    ("raind-profile convert deploy --to ", ["docker", "kubernetes", "oci", "podman", "raind", "spo"]),
    ("raind-profile convert deploy --out al", ["alpha"]),
    ("raind-profile import --from ", ["docker", "kubernetes", "spo"]),
    ("raind-profile import bundle.j", ["bundle.json"]),
    ("raind-profile apply --apparmor-missing ", ["drop", "error", "warn"]),
]


@cases("package", [(name, name) for name in ("bash", "zsh", "fish")], raind_only=OURS, timeout=60)
def completion(t, shell):
    programs, typing = t.folder("programs"), t.folder("typing")
    for name, path in (("raind-oci", t.runtime.path), ("raind-profile", t.tools["raind-profile"])):
        os.symlink(path, os.path.join(programs, name))
    os.mkdir(os.path.join(typing, "alpha"))
    for name in ("afile", "bundle.json", "bundle.yaml", "bundle.text"):
        with open(os.path.join(typing, name), "w", encoding="ascii"):
            pass
    with t.container() as c, Shell(shell, manual(t), typing, programs) as running:
        succeeds(c.create())
        for line, expected in OFFERS:
            line, *expected = (word.replace("{root}", t.root).replace("{id}", c.id) for word in (line, *expected))
            # A folder's name has a slash in some shells.
            offered = sorted(word.rstrip("/") for word in running.offers(line))
            if offered == [line.rpartition(" ")[2]] and not expected:
                # Nothing is offered: what was typed stays.
                offered = []
            equal(offered, sorted(expected), line)


@case("package", raind_only=OURS)
def manual_is_well_formed(t):
    """No warning of groff, no error of a shell that only reads the completions."""
    equal(script(t, "generate-manual", "--check").out, "")


@case("package", raind_only=OURS)
def manual_has_everything(t):
    """Each command and each option of the help, and of each command's, is in the page as it is shown."""
    folder = manual(t)

    def shown(page):
        said = subprocess.run(["man", "--local-file", os.path.join(folder, "man", page)], capture_output=True, text=True,
                              check=True, env={**ENVIRONMENT, "MANWIDTH": "200", "LC_ALL": "C"}, timeout=20).stdout
        return " ".join(said.replace("\x08", "").split())

    page = shown("man8/raind-oci.8")
    helped = succeeds(t.call("--help")).out
    commands = [line.split()[0] for line in helped.partition("Commands:")[2].partition("Global")[0].splitlines() if line]
    true(len(commands) > 15, commands)
    for command in commands:
        said = succeeds(t.call(command, "--help")).out
        contains(page, said.split("\n")[0].partition(": ")[2][1:], command)
        for line in said.partition("Options:\n")[2].splitlines():
            option, text = re.fullmatch(r"  (?:-\w, |    )(--\S+(?: \S+)?) {2,}(.*)", line).groups()
            if option != "--help":
                contains(page, option, command)
                contains(page, text[1:], f"{command} {option}")
    page = shown("man1/raind-profile.1")
    for word in ("raind-profile", "--cap-add CAPABILITY", "--apparmor-missing warn|error|drop", "apparmor load [options] NAME",
                 "apparmor status [options] NAME", "The default is warn.", "raind-profile show deploy", "convert [options] SUBJECT",
                 "--to oci|docker|podman|spo|kubernetes|raind", "--kubernetes-version VERSION", "raind-profile import pod.yaml --container app"):
        contains(page, word)
