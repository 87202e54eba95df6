"""raind-profile convert and import: what each form says, what it can't say, and the way back."""

import json
import os
import re

import yaml

from cases_profile import PROFILES, bundle, content, profile, refuses
from harness import case, cases, contains, equal, excludes, fails, succeeds, true

# Reference data that stands beside the project on some hosts.
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.environ.get("RAIND_TEST_DATA") or os.path.join(os.path.dirname(ROOT), "shared", "data")
TARGETS = ("oci", "docker", "podman", "spo", "kubernetes", "raind")
BASE_ERRNO = 1


def shown(t, name):
    return json.loads(succeeds(profile(t, "show", name, "-o", "json")).out)


def converted(t, *words, cwd=None, status=0):
    """(what it printed, the folder that it wrote into, its result)."""
    folder = cwd or t.folder()
    done = profile(t, "convert", *words, cwd=folder)
    equal(done.status, status, f"exit status of {done.command}: {done.err}")
    return done.out, folder, done


def meaning(filter_):
    """A filter's rules whatever their order and grouping, for comparison."""
    if filter_ is None or (filter_["defaultAction"] == "SCMP_ACT_ALLOW" and not filter_.get("syscalls")):
        return None
    rules = set()
    default = (filter_["defaultAction"], filter_.get("defaultErrnoRet", BASE_ERRNO))
    for rule in filter_.get("syscalls", []):
        action = (rule["action"], rule.get("errnoRet", BASE_ERRNO) if rule["action"] == "SCMP_ACT_ERRNO" else None)
        if action == default:
            # It says what holds anyway.
            continue
        conditions = tuple(sorted((arg["index"], arg["op"], arg["value"], arg.get("valueTwo", 0))
                                  for arg in rule.get("args") or []))
        rules |= {(name, action, conditions) for name in rule["names"]}
    architectures = filter_.get("architectures") or [
        name for entry in filter_.get("archMap", []) for name in (entry["architecture"], *entry["subArchitectures"])]
    return default, sorted(architectures), sorted(filter_.get("flags") or []), rules


# --- What each form says ---

@cases("schema", [(name, name) for name in PROFILES])
def convert_says_what_the_profile_says(t, name):
    """Each form against what `show` tells of the profile."""
    wanted = shown(t, name)
    capabilities = [word.removeprefix("CAP_") for word in wanted["capabilities"]["base"]]
    everything = len(capabilities) == 41
    unfiltered = wanted["seccomp"] is None
    lossy = ["--lossy"] if unfiltered else []
    out, _, _ = converted(t, name, "--to", "oci", *lossy)
    equal(meaning(json.loads(out)), meaning(wanted["seccomp"]), "oci")

    for engine in ("docker", "podman"):
        out, folder, _ = converted(t, name, "--to", engine)
        options = out.splitlines()
        equal([word.removeprefix("--cap-add=") for word in options if word.startswith("--cap-add=")],
              ["ALL"] if everything else capabilities)
        equal("--cap-drop=ALL" in options, not everything, "drops all")
        equal("--security-opt=no-new-privileges" in options, wanted["noNewPrivileges"])
        true(f"--security-opt=apparmor={wanted['apparmorProfile'] or 'unconfined'}" in options, options)
        path = os.path.join(folder, f"{name}.docker-seccomp.json")
        true(f"--security-opt=seccomp={'unconfined' if unfiltered else path}" in options, options)
        if not unfiltered:
            written = json.loads(content(path))
            equal(meaning(written), meaning(wanted["seccomp"]), engine)
            true("architectures" not in written and all("args" in rule for rule in written["syscalls"]), "Docker's form")
        equal(os.path.exists(os.path.join(folder, f"{name}.apparmor")), wanted["apparmorProfile"] is not None)

    out, folder, _ = converted(t, name, "--to", "kubernetes")
    context = yaml.safe_load(out)["securityContext"]
    equal(context["capabilities"], {"add": ["ALL"]} if everything else
          {"drop": ["ALL"], **({"add": capabilities} if capabilities else {})})
    equal(context["allowPrivilegeEscalation"], not wanted["noNewPrivileges"])
    if unfiltered:
        equal((context["seccompProfile"], context["appArmorProfile"]), ({"type": "Unconfined"},) * 2)
    else:
        equal(context["seccompProfile"], {"type": "Localhost", "localhostProfile": f"raind/{name}.json"})
        equal(context["appArmorProfile"], {"type": "Localhost", "localhostProfile": "raind-default"})
        contains(out, f"# {name}.seccomp.json must stand on each node as /var/lib/kubelet/seccomp/raind/{name}.json\n")
        equal(meaning(json.loads(content(os.path.join(folder, f"{name}.seccomp.json")))), meaning(wanted["seccomp"]))


@case("schema")
def convert_for_older_kubernetes(t):
    for version, has_field in (("1.30", True), ("v1.31.2", True), ("1.29", False), ("1.29.14", False), ("1.9", False)):
        out, _, done = converted(t, "deploy", "--to", "kubernetes", "--kubernetes-version", version, "--lossy")
        document = yaml.safe_load(out)
        equal("appArmorProfile" in document["securityContext"], has_field, version)
        equal(document.get("metadata"), None if has_field else {"annotations": {
            "container.apparmor.security.beta.kubernetes.io/deploy": "localhost/raind-default"}}, version)
        equal("seccompProfile" in document["securityContext"], version != "1.9", version)
        equal("can't express seccomp" in done.err, version == "1.9", version)
    out, _, _ = converted(t, "unconfined", "--to", "kubernetes", "--kubernetes-version", "1.29", "-o", "json")
    equal(list(json.loads(out)["metadata"]["annotations"].values()), ["unconfined"])
    for wrong in ("1", "one.two", "1.x", "1.2.3.4", "-1.2"):
        refuses(profile(t, "convert", "deploy", "--to", "kubernetes", f"--kubernetes-version={wrong}"), "is no version")
    refuses(profile(t, "convert", "deploy", "--to", "oci", "--kubernetes-version", "1.30"), "no use")


# --- What a form can't say ---

@case("schema")
def convert_tells_what_is_lost(t):
    """Point by point; nothing is printed nor written without --lossy."""
    rows = [
        ("deploy", "spo", ["capabilities", "noNewPrivileges", "apparmor"]),
        ("hardened", "spo", ["seccomp.defaultErrnoRet", "capabilities", "noNewPrivileges", "apparmor"]),
        ("privileged", "oci", ["seccomp unconfined"]),
        ("unconfined", "spo", ["seccomp unconfined", "capabilities", "noNewPrivileges"]),
    ]
    config = {"process": {"cwd": "/", "user": {"uid": 1000}, "capabilities": {
        "bounding": ["CAP_KILL", "CAP_CHOWN"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"],
        "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]}, "selinuxLabel": "odd"}, "linux": {"seccomp": {
            "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
                {"names": ["read"], "action": "SCMP_ACT_NOTIFY"},
                {"names": ["mmap"], "action": "SCMP_ACT_ERRNO", "args": [
                    {"index": 2, "op": "SCMP_CMP_EQ", "value": 1 << 63}]}]}}}
    folder, _ = bundle(t, json.dumps(config))
    sets = [f"capabilities.{kind}" for kind in ("effective", "permitted", "inheritable", "ambient")]
    rows += [
        (folder, "docker", ["seccomp SCMP_ACT_NOTIFY", *sets, "selinuxLabel"]),
        (folder, "podman", ["seccomp SCMP_ACT_NOTIFY", *sets, "selinuxLabel"]),
        (folder, "kubernetes", ["seccomp SCMP_ACT_NOTIFY", *sets, "selinuxLabel"]),
        (folder, "spo", ["seccomp SCMP_ACT_NOTIFY", "seccomp.syscalls mmap", "capabilities", "noNewPrivileges",
                         "selinuxLabel"]),
        (folder, "raind", ["seccomp SCMP_ACT_NOTIFY"]),
        (folder, "oci", ["seccomp SCMP_ACT_NOTIFY"]),
    ]
    for name, target, points in rows:
        out, written, done = converted(t, name, "--to", target, status=1)
        equal((out, os.listdir(written)), ("", []), f"{name} {target}")
        told = re.findall(rf"^raind-profile: {target} can't express (.*?): ", done.err, re.MULTILINE)
        equal(told, points, f"{name} {target}")
        contains(done.err, "--lossy", target)
        out, _, done = converted(t, name, "--to", target, "--lossy")
        equal(re.findall(rf"^raind-profile: {target} can't express (.*?): ", done.err, re.MULTILINE), points)
        true(out, f"{name} {target}: a result")
    excludes(converted(t, folder, "--to", "spo", "--lossy")[0], "mmap")


@case("schema")
def convert_takes_what_it_names(t):
    """A manifest, a bundle, a seccomp file; and refuses what it can't read or write."""
    rules = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["kcmp"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}]}
    path = t.file(json.dumps(rules), name="Only One.json")
    out, folder, done = converted(t, path, "--to", "docker")
    equal(out, f"--security-opt=seccomp={folder}/only-one.docker-seccomp.json\n")
    equal(meaning(json.loads(content(f"{folder}/only-one.docker-seccomp.json"))), meaning(rules))
    # Nothing of a seccomp list is lost.
    converted(t, path, "--to", "spo")
    equal(converted(t, path, "--to", "oci")[2].err, "")
    # A folder whose name a shell would take apart, which is made.
    target = os.path.join(t.folder(), "two words")
    out, _, _ = converted(t, "deploy", "--to", "docker", "--out", target)
    contains(out, f"'--security-opt=seccomp={target}/deploy.docker-seccomp.json'\n")
    for form, name in (("oci", "deploy.seccomp.json"), ("spo", "deploy.spo.yaml"), ("raind", "deploy.yaml")):
        out, folder, _ = converted(t, "deploy", "--to", form, "--out", target, "--lossy")
        equal((out, os.listdir(folder)), (f"{target}/{name}\n", []))
        true(os.path.getsize(f"{target}/{name}") > 0, name)
    options = json.loads(converted(t, "deploy", "--to", "podman", "-o", "json")[0])
    equal((options["options"][0], options["files"]), ("--cap-drop=ALL", ["deploy.docker-seccomp.json", "deploy.apparmor"]))
    refuses(profile(t, "convert", "nosuch", "--to", "oci"), "no profile is named")
    refuses(profile(t, "convert", "deploy"), "--to")
    refuses(profile(t, "convert", "deploy", "--to", "lxc"), "lxc")
    refuses(profile(t, "convert", "deploy", "--to", "docker", "--out", path), "Only One.json")


# --- The Security Profiles Operator ---

def problems(value, schema, at=""):
    """What a value has that its OpenAPI schema doesn't allow. An unknown property counts: kubectl refuses it."""
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    kind = kinds[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return [f"{at}: {value!r} is no {schema['type']}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if kind is dict and "properties" in schema:
        found += [f"{at}: {key} is missing" for key in schema.get("required", []) if key not in value]
        for key, part in value.items():
            found += (problems(part, schema["properties"][key], f"{at}/{key}") if key in schema["properties"]
                      else [f"{at}: {key} is unknown"])
    if kind is list:
        found += [f"{at}: {len(value)} entries"] * (not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1 << 31))
        if schema.get("x-kubernetes-list-type") == "set" and len(set(value)) < len(value):
            found.append(f"{at}: an entry stands twice")
        for position, part in enumerate(value):
            found += problems(part, schema["items"], f"{at}/{position}")
    if kind is int:
        most = {"int32": 1 << 31, "int64": 1 << 63}.get(schema.get("format"), 1 << 63)
        found += [f"{at}: {value}"] * (not schema.get("minimum", -most) <= value < most)
    if kind is str and "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{at}: {value!r} doesn't match")
    return found


# The part of the operator's resource definitions that is written, for hosts without the definitions themselves.
STRINGS = {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}
BOOLEAN = {"type": "boolean"}
SPEC = {
    "SeccompProfile": {"type": "object", "required": ["defaultAction"], "properties": {
        "defaultAction": {"type": "string"}, "architectures": STRINGS, "flags": STRINGS, "syscalls": {
            "type": "array", "items": {"type": "object", "required": ["action", "names"], "properties": {
                "names": {**STRINGS, "minItems": 1}, "action": {"type": "string"},
                "errnoRet": {"type": "integer", "format": "int32", "minimum": 0},
                "args": {"type": "array", "maxItems": 6, "items": {
                    "type": "object", "required": ["index", "op"], "properties": {
                        "index": {"type": "integer", "format": "int32", "minimum": 0},
                        "op": {"type": "string", "enum": [f"SCMP_CMP_{op}" for op in (
                            "NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ")]},
                        "value": {"type": "integer", "format": "int64", "minimum": 0},
                        "valueTwo": {"type": "integer", "format": "int64", "minimum": 0}}}}}}}}},
    "AppArmorProfile": {"type": "object", "properties": {
        "mode": {"type": "string", "enum": ["Enforce", "Complain"]}, "abstract": {"type": "object", "properties": {
            "capability": {"type": "object", "properties": {"allowedCapabilities": STRINGS}},
            "executable": {"type": "object", "properties": {"allowedExecutables": STRINGS, "allowedLibraries": STRINGS}},
            "filesystem": {"type": "object", "properties": {
                "readOnlyPaths": STRINGS, "readWritePaths": STRINGS, "writeOnlyPaths": STRINGS}},
            "network": {"type": "object", "properties": {"allowRaw": BOOLEAN, "allowedProtocols": {
                "type": "object", "properties": {"allowTcp": BOOLEAN, "allowUdp": BOOLEAN}}}}}}}},
}
VERSIONS = {"SeccompProfile": "v1beta1", "AppArmorProfile": "v1alpha1"}


def resource_schemas(kind):
    """The schemas that a resource of this kind must meet: ours, and the operator's where it is there, of each version."""
    yield {"type": "object", "required": ["apiVersion", "kind", "metadata", "spec"], "properties": {
        "apiVersion": {"type": "string", "pattern": f"^security-profiles-operator.x-k8s.io/{VERSIONS[kind]}$"},
        "kind": {"type": "string"}, "spec": SPEC[kind], "metadata": {"type": "object", "properties": {
            "name": {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"}}}}}
    path = f"{DATA}/spo-crds/{kind.lower()}.yaml"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            definition = yaml.safe_load(file)
        true(VERSIONS[kind] in [one["name"] for one in definition["spec"]["versions"] if one["served"]], "served")
        for version in definition["spec"]["versions"]:
            yield version["schema"]["openAPIV3Schema"]


def resources(t, *words):
    """The resources that a conversion gives, each found valid."""
    documents = list(yaml.safe_load_all(converted(t, *words, "--to", "spo", "--lossy")[0]))
    for document in documents:
        for schema in resource_schemas(document["kind"]):
            equal(problems(document, schema), [], f"{words} {document['kind']}")
    return {document["kind"]: document for document in documents}


@case("schema")
def convert_makes_resources_of_the_operator(t):
    for name in PROFILES:
        wanted = shown(t, name)["seccomp"]
        if wanted:
            wanted.pop("defaultErrnoRet", None)
        found = resources(t, name)
        equal(list(found), ["SeccompProfile"], name)
        equal(meaning(found["SeccompProfile"]["spec"]), meaning(wanted), name)
        listed = json.loads(converted(t, name, "--to", "spo", "--lossy", "-o", "json")[0])
        equal(listed, found["SeccompProfile"], "the same in JSON")
    # A checker that finds nothing would pass everything.
    broken = found["SeccompProfile"] | {"spec": {"defaultAction": "SCMP_ACT_NONE", "syscalls": [{"names": [], "args": [
        {"index": -1, "op": "EQ", "value": 1 << 63}], "defaultErrnoRet": 1}], "defaultErrnoRet": 38}}
    for schema in resource_schemas("SeccompProfile"):
        true(len(problems(broken, schema)) >= 6, problems(broken, schema))


# --- The way back ---

def imported(t, path, *words, stdin=b""):
    """(the manifest, what was said about it)."""
    done = succeeds(profile(t, "import", path, *words, stdin=stdin))
    return yaml.safe_load(done.out), done.err


POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: Web_App}
spec:
  template:
    metadata:
      annotations:
        container.apparmor.security.beta.kubernetes.io/app: localhost/raind-web
        container.apparmor.security.beta.kubernetes.io/log: unconfined
    spec:
      securityContext:
        runAsNonRoot: true
        seccompProfile: {type: RuntimeDefault}
      containers:
      - name: app
        securityContext:
          allowPrivilegeEscalation: false
          capabilities: {drop: [ALL], add: [NET_BIND_SERVICE, CAP_CHOWN]}
          seccompProfile: {type: Localhost, localhostProfile: raind/web.json}
          seLinuxOptions: {user: u, role: r, type: t, level: "s0:c1"}
          runAsUser: 1000
      - name: log
        securityContext: {seLinuxOptions: {type: t}}
      - {name: root, securityContext: {privileged: true}}
"""


@case("schema")
def import_of_pods(t):
    path = t.file(POD)
    manifest, said = imported(t, path, "--container", "app")
    equal(manifest, {
        "apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "web_app"}, "spec": {
            "extends": "default", "add-cap": ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"], "drop-cap": ["ALL"], "ambient": "never",
            "noNewPrivileges": True, "seccomp": {"mode": "replace", "file": "./web.json"},
            "apparmor": {"profile": "raind-web"}, "selinuxLabel": "u:r:t:s0:c1"}})
    for part in ("runAsUser isn't taken over", "runAsNonRoot isn't taken over",
                 "/var/lib/kubelet/seccomp/raind/web.json belongs beside", "fourteen of default"):
        contains(said, part)
    manifest, said = imported(t, path, "--container", "log", "-o", "json")
    equal(manifest["spec"], {"extends": "default", "apparmor": "unconfined"})
    contains(said, "RuntimeDefault")
    contains(said, "seLinuxOptions isn't taken over")
    equal(imported(t, path, "--container", "root")[0]["spec"], {"extends": "privileged"})
    # What a name has of a terminal's commands, or of a line's end, stays a text.
    _, said = imported(t, "-", stdin=b'{"securityContext": {"\\u001b[2J\\nowner": true}}')
    contains(said, "\\u001b[2J\\u000aowner isn't taken over")
    equal(imported(t, "-", stdin=b"securityContext: {}\n")[0]["spec"], {"extends": "default", "seccomp": "unconfined"})
    equal(imported(t, "-", stdin=b'{"capabilities": {"drop": ["net_raw"]}, "appArmorProfile": {"type": "Unconfined"}}')[0]
          ["spec"], {"extends": "default", "drop-cap": ["CAP_NET_RAW"], "seccomp": "unconfined", "apparmor": "unconfined"})
    refuses(profile(t, "import", path), ":11:", "3 containers", '"app", "log", "root"')
    refuses(profile(t, "import", path, "--container", "nosuch"), "no container", '"app", "log", "root"')


@case("schema")
def import_of_resources(t):
    text = b"""\
apiVersion: v1
kind: List
items:
- apiVersion: security-profiles-operator.x-k8s.io/v1
  kind: SeccompProfile
  metadata: {name: web, namespace: x}
  spec:
    baseProfileName: runc-v1.1.5
    state: Disabled
    defaultAction: SCMP_ACT_ERRNO
    syscalls: [{names: [read, not_a_call], action: SCMP_ACT_ALLOW}]
- apiVersion: security-profiles-operator.x-k8s.io/v1alpha1
  kind: AppArmorProfile
  metadata: {name: web}
  spec:
    mode: Complain
    abstract:
      executable: {allowedExecutables: [/usr/bin/web], allowedLibraries: [/lib/**]}
      filesystem: {readOnlyPaths: [/etc/web/**], readWritePaths: ["/data/a b/**"], writeOnlyPaths: [/log]}
      network: {allowRaw: false, allowedProtocols: {allowTcp: true}}
      capability: {allowedCapabilities: [chown]}
"""
    manifest, said = imported(t, "-", stdin=text)
    equal(manifest["metadata"], {"name": "web"})
    equal(manifest["spec"], {
        "extends": "default",
        "seccomp": {"mode": "replace", "defaultAction": "SCMP_ACT_ERRNO", "architectures": "auto",
                    "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]},
        "apparmor": {"profile": "web", "mode": "complain", "rules": {
            "readOnlyPaths": ["/etc/web/**", "/usr/bin/web", "/lib/**"], "readWritePaths": ["/data/a b/**"],
            "network": {"raw": False, "tcp": True}}}})
    for part in ("baseProfileName", "state: Disabled", "not_a_call", "no architectures are named", "writeOnlyPaths", "capabilities", "UDP",
                 "may be executed too"):
        contains(said, part)


@case("schema")
def import_refuses(t):
    for text, *parts in (
            (b"", "empty"), (b"{}", "no seccomp list"), (b"a: 1", "no seccomp list"), (b"[1]", "no seccomp list"),
            (b"a: [", "1:"), (b'{"defaultAction": "SCMP_ACT_NO"}', "SCMP_ACT_"),
            (b'{"defaultAction": "SCMP_ACT_ALLOW", "sycalls": []}', "syscalls?"),
            (b"kind: Pod\nspec: {containers: []}", "0 containers"),
            (b'kind: Pod\nspec: {containers: [{name: "a\\u0002b"}, {name: c}]}', "2 containers", '"a\\u0002b", "c"'),
            (b"kind: Service\nspec: {}", "no container"),
            (b"securityContext: {capabilities: {add: [ALL], drop: [ALL]}}", "ALL"),
            (b"securityContext: {capabilities: {add: [CHOWM]}}", "CAP_CHOWN"),
            (b"securityContext: {seccompProfile: {type: Local}}", "RuntimeDefault"),
            # What a manifest can't say is told at its place in the document, not of the manifest that nobody has seen.
            (b"securityContext:\n  seLinuxOptions: {user: u, role: r, type: 'a b', level: s0}", "input:2:19", '"u:r:a b:s0"'),
            (b"securityContext:\n  seLinuxOptions: {user: u, role: '', type: t, level: s0}", "input:2:19", '"u::t:s0"'),
            (b"securityContext:\n  appArmorProfile: {type: Localhost, localhostProfile: 'a b'}", "input:2:20", "AppArmor"),
            (b"securityContext: {seccompProfile: {type: Localhost, localhostProfile: 'x/..'}}", "no localhostProfile"),
            (b'{"defaultAction": "SCMP_ACT_NOTIFY"}', "supervisor"),
            (b'{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [\n{"names": ["read"], "action": "SCMP_ACT_NOTIFY"}]}', "input:2:1",
             "supervisor"),
            (b'{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [\n{"names": ["reed"], "action": "SCMP_ACT_ERRNO"}]}', "input:2:1",
             '"reed"'),
            (b"apiVersion: security-profiles-operator.x-k8s.io/v1\nkind: AppArmorProfile\nmetadata: {name: raind-default}\n"
             b"spec: {}", "built in"),
            (b"apiVersion: security-profiles-operator.x-k8s.io/v1\nkind: SelinuxProfile", "SeccompProfile"),
            (b"apiVersion: security-profiles-operator.x-k8s.io/v1\nkind: AppArmorProfile\nmetadata: {name: a}\nspec: "
             b"{abstract: {filesystem: {readOnlyPaths: [\"/a\\nb\"]}}}", "control character")):
        refuses(profile(t, "import", "-", stdin=text), *parts)
    refuses(profile(t, "import", "/nosuch.yaml"), "ENOENT")
    refuses(profile(t, "import", "-", "--name", "Not A Name", stdin=b"securityContext: {}"), "--name")
    refuses(profile(t, "import", "-", "--from", "lxc"), "lxc")
