"""raind-profile convert, import, and what the tool then makes of the manifest: the same as before."""

import os

import yaml

from cases_profile import PROFILES
from cases_profile_convert import DATA, converted, imported, meaning, shown
from harness import case, cases, contains, equal, true


def resolved(t, manifest):
    """What the tool makes of a manifest."""
    return shown(t, t.file(yaml.safe_dump(manifest), name=f"{t.name()}.yaml"))


@cases("schema", [(name, name) for name in PROFILES])
def convert_and_import(t, name):
    """There and back again the profile means what it meant."""
    wanted = shown(t, name)
    out, folder, _ = converted(t, name, "--to", "raind")
    same = resolved(t, yaml.safe_load(out))
    for key in ("apparmorProfile", "noNewPrivileges"):
        equal(same[key], wanted[key], key)
    equal(sorted(same["capabilities"]["base"]), sorted(wanted["capabilities"]["base"]))
    equal(meaning(same["seccomp"]), meaning(wanted["seccomp"]), "raind")

    out, folder, _ = converted(t, name, "--to", "kubernetes")
    manifest, _ = imported(t, t.file(out))
    if wanted["seccomp"]:
        equal(manifest["spec"]["seccomp"], {"mode": "replace", "file": f"./{name}.json"})
        path = os.path.join(folder, "manifest.yaml")
        os.rename(os.path.join(folder, f"{name}.seccomp.json"), os.path.join(folder, f"{name}.json"))
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump(manifest, file)
        same = shown(t, path)
        equal(meaning(same["seccomp"]), meaning(wanted["seccomp"]), "kubernetes")
    else:
        same = resolved(t, manifest)
        equal(same["seccomp"], None)
    for key in ("apparmorProfile", "noNewPrivileges"):
        equal(same[key], wanted[key], key)
    equal(sorted(same["capabilities"]["base"]), sorted(wanted["capabilities"]["base"]))

    if not wanted["seccomp"]:
        return
    _, folder, _ = converted(t, name, "--to", "docker")
    manifest, said = imported(t, f"{folder}/{name}.docker-seccomp.json", "--name", "back")
    equal(manifest["metadata"], {"name": "back"})
    contains(said, "extends default")
    equal(meaning(resolved(t, manifest)["seccomp"]), meaning(wanted["seccomp"]), "docker")
    wanted["seccomp"].pop("defaultErrnoRet", None)
    out, _, _ = converted(t, name, "--to", "spo", "--lossy")
    manifest, said = imported(t, "-", stdin=out.encode())
    equal(manifest["metadata"], {"name": f"{name}-copy"})
    contains(said, "nothing of capabilities")
    equal(meaning(resolved(t, manifest)["seccomp"]), meaning(wanted["seccomp"]), "spo")


@case("schema")
def import_of_dockers_default(t):
    """Docker's own profile with its conditions: what it comes to for other capabilities."""
    path = f"{DATA}/moby-seccomp-default.json"
    if not os.path.exists(path):
        return
    manifest, _ = imported(t, path, "--name", "moby")
    for add, call in (("CAP_SYS_ADMIN", "mount"), ("CAP_SYS_PTRACE", "kcmp"), (None, None)):
        spec = {**manifest["spec"], **({"add-cap": [add]} if add else {})}
        said = resolved(t, {**manifest, "spec": spec})["seccomp"]
        equal((said["defaultAction"], said["defaultErrnoRet"]), ("SCMP_ACT_ERRNO", 1))
        allowed = {name for rule in said["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("args")
                   for name in rule["names"]}
        true("read" in allowed and len(allowed) > 300, len(allowed))
        equal({name for name in ("mount", "kcmp") if name in allowed}, {call} - {None})
