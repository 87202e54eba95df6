"""scripts/install: what it puts where, what it leaves alone, and that what it installs is understood by whom it is for."""

import contextlib
import filecmp
import os
import re
import shutil
import subprocess
import tomllib

import yaml

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness.podman import Podman

from cases_package_manual import OURS, script

CONFIG = "etc/containers/containers.conf.d/raind-oci.conf"
LIST = "share/raind/installed"
SHARED = [
    "bash-completion/completions/raind-oci", "bash-completion/completions/raind-profile", "doc/raind/LICENSE",
    "doc/raind/THIRD_PARTY.md", "fish/vendor_completions.d/raind-oci.fish", "fish/vendor_completions.d/raind-profile.fish",
    "man/man1/raind-profile.1", "man/man8/raind-oci.8", "raind/apparmor/raind-default", "raind/containerd/config-v2.toml",
    "raind/containerd/config-v3.toml", "raind/installed", "raind/kubernetes/runtimeclass.yaml", "raind/schema/security-profile.json",
    "zsh/site-functions/_raind-oci", "zsh/site-functions/_raind-profile",
]


def small(t):
    """Stripped copies of the programs, which install faster each time; the environment that names them."""
    # One for all cases, made by the first.
    folder = os.path.join(os.path.dirname(t.tools["results"]), "small")
    if not os.path.exists(folder):
        own = t.folder("small")
        for name, path in (("raind-oci", t.runtime.path), ("raind-profile", t.tools["raind-profile"])):
            subprocess.run(["strip", "-o", os.path.join(own, name), path], check=True)
        with contextlib.suppress(OSError):
            os.rename(own, folder)
    return {"RAIND_OCI": os.path.join(folder, "raind-oci"), "RAIND_PROFILE": os.path.join(folder, "raind-profile")}


def install(t, env, *flags):
    return script(t, "install", *flags, env=env)


def tree(folder):
    """Every file and empty folder below, as relative paths."""
    found = []
    for here, folders, files in os.walk(folder):
        found += [os.path.relpath(os.path.join(here, name), folder) for name in files]
        if not folders and not files:
            found.append(os.path.relpath(here, folder))
    return sorted(found)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@cases("package", [
    ("standard", [], "usr/local", ""),
    ("own-prefix", ["--prefix=/opt/raind"], "opt/raind", "opt/raind/"),
    ("own-folders", ["--prefix", "/opt/raind", "--sysconfdir", "/etc"], "opt/raind", ""),
], raind_only=OURS, timeout=60)
def install_and_uninstall(t, flags, prefix, of_config):
    """Exactly what is listed is installed, and nothing of it is left; what was there stays."""
    to, env = t.folder("to"), small(t)
    succeeds(install(t, env, "--destdir", to, *flags))
    equal(tree(to), sorted([of_config + CONFIG, f"{prefix}/bin/raind-oci", f"{prefix}/bin/raind-profile",
                            *(f"{prefix}/share/{name}" for name in SHARED)]))
    for name in ("raind-oci", "raind-profile"):
        equal(os.stat(f"{to}/{prefix}/bin/{name}").st_mode & 0o7777, 0o755)
        succeeds(t.runtime.__class__(f"{to}/{prefix}/bin/{name}").call(
            ["--version"], root="/", scratch=t.scratch, root_flag=False))
    contains(read(f"{to}/{of_config}{CONFIG}"), f'["/{prefix}/bin/raind-oci"]')
    excludes(read(f"{to}/{prefix}/share/raind/containerd/config-v3.toml"), "@")

    others = f"{to}/{prefix}/share/man/man8/other.8"
    write(others, "somebody else's")
    succeeds(install(t, env, "--uninstall", "--destdir", to, *flags))
    equal(tree(to), [os.path.relpath(others, to)])
    os.unlink(others)
    os.removedirs(os.path.dirname(others))
    fails(install(t, env, "--uninstall", "--destdir", to, *flags), "nothing was installed there")


@case("package", raind_only=OURS, timeout=60)
def install_keeps_what_others_have(t):
    """A file of others stops it before anything is changed; DESTDIR in the environment is as good as --destdir."""
    to, env = t.folder("to"), small(t)
    env["DESTDIR"] = to
    program, config = f"{to}/usr/local/bin/raind-oci", f"{to}/{CONFIG}"
    write(program, "somebody else's")
    os.makedirs(f"{to}/usr/local/share/man")
    before = tree(to)
    said = fails(install(t, env), "/usr/local/bin/raind-oci is there and was not installed by this script").err
    excludes(said, "raind-profile")
    equal((tree(to), read(program)), (before, "somebody else's"))

    succeeds(install(t, env, "--force"))
    true(filecmp.cmp(program, env["RAIND_OCI"], shallow=False), "the program")
    # One's own settings outlive another install, and the removal.
    with open(config, "a", encoding="utf-8") as file:
        file.write("# mine\n")
    os.unlink(f"{to}/usr/local/bin/raind-profile")
    contains(succeeds(install(t, env)).out, f"kept /{CONFIG}")
    contains(read(config), "# mine")
    true(os.access(f"{to}/usr/local/bin/raind-profile", os.X_OK), "what is missing is installed anew")
    contains(succeeds(install(t, env, "--uninstall")).out, f"kept /{CONFIG}")
    equal(tree(to), [CONFIG, "usr/local/bin", "usr/local/share/man"], "the folders that were there before stay too")


@case("package", raind_only=OURS, timeout=60)
def install_replaces_its_own(t):
    """Another version takes an earlier one's place, and what the other hasn't goes."""
    to, env = t.folder("to"), small(t)
    succeeds(install(t, env, "--destdir", to))
    listed = f"{to}/usr/local/{LIST}"
    program, gone = f"{to}/usr/local/bin/raind-oci", f"{to}/usr/local/share/raind/of-an-earlier-one"
    write(gone, "")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    write(listed, read(listed) + f"file {empty} /usr/local/share/raind/of-an-earlier-one\n")
    shutil.copy("/bin/true", program)
    succeeds(install(t, env, "--destdir", to))
    true(filecmp.cmp(program, env["RAIND_OCI"], shallow=False), "the program")
    true(not os.path.exists(gone), "a file of the earlier one")
    excludes(read(listed), "of-an-earlier-one")
    succeeds(install(t, env, "--destdir", to, "--uninstall"))
    equal(tree(to), ["."])


@case("package", raind_only=OURS)
def install_of_wrong_usage(t):
    for words in (["--nosuch"], ["--prefix"], ["--prefix="], ["--destdir", ""], ["--prefix", 'a"b']):
        fails(install(t, {}, *words), "scripts/install: ", status=2)


# What is installed for others

def merged(first, second):
    """Two TOML documents as one behind the other."""
    return f"{first}\n{second}"


@case("package", raind_only=OURS, timeout=60)
def snippets_of_containerd_and_kubernetes(t):
    """containerd takes version 2's behind its own configuration, and keeps that; version 3's says the same, and the class of
    Kubernetes names it.

    Debian's containerd 1.6 knows no version 3: it is read as TOML, with the name that containerd 2 has for the plugin.
    """
    to, env = t.folder("to"), small(t)
    succeeds(install(t, env, "--destdir", to))
    share = f"{to}/usr/local/share/raind"
    expected = {"runtime_type": "io.containerd.runc.v2",
                "options": {"BinaryName": "/usr/local/bin/raind-oci", "SystemdCgroup": False}}

    own = ('version = 2\n[plugins]\n  [plugins."io.containerd.grpc.v1.cri"]\n'
           '    [plugins."io.containerd.grpc.v1.cri".cni]\n      bin_dir = "/usr/lib/cni"\n')
    # As it says itself, of a configuration that doesn't name runc.
    snippet = re.sub(r"^#(\[|  runtime_type)", r"\1", read(f"{share}/containerd/config-v2.toml"), flags=re.MULTILINE)
    config = t.file(merged(own, snippet), name="config.toml")
    dumped = subprocess.run(["containerd", "--config", config, "config", "dump"], capture_output=True, text=True, timeout=20,
                            check=True)
    plugin = tomllib.loads(dumped.stdout)["plugins"]["io.containerd.grpc.v1.cri"]
    equal(plugin["cni"]["bin_dir"], "/usr/lib/cni")
    runtimes = plugin["containerd"]["runtimes"]
    equal(sorted(runtimes), ["raind-oci", "runc"])
    equal({key: runtimes["raind-oci"][key] for key in expected}, expected)
    equal(runtimes["runc"]["runtime_type"], "io.containerd.runc.v2")

    third = tomllib.loads(merged("version = 3", read(f"{share}/containerd/config-v3.toml")))
    equal(third["plugins"], {"io.containerd.cri.v1.runtime": {"containerd": {"runtimes": {"raind-oci": expected}}}})

    with open(f"{share}/kubernetes/runtimeclass.yaml", encoding="utf-8") as file:
        equal(yaml.safe_load(file), {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
                                     "metadata": {"name": "raind-oci"}, "handler": "raind-oci"})


class Installed(Podman):
    """Podman in a mount namespace whose /etc/containers and /usr/local/bin are of a tree that was installed into."""

    def __init__(self, t, runtime, tree_folder):
        mounts = "".join(f"mount --bind {tree_folder}/{path} /{path} && " for path in ("etc/containers", "usr/local/bin"))
        super().__init__(t, configuration=None, runtime=runtime,
                         before=["unshare", "--mount", "sh", "-c", mounts + 'exec "$@"', "sh"])


def machine(t, env, name):
    """A tree with the host's /etc/containers; with a drop-in if there is an environment to install from."""
    to = t.folder(name)
    shutil.copytree("/etc/containers", f"{to}/etc/containers", symlinks=True)
    os.makedirs(f"{to}/usr/local/bin")
    if env:
        succeeds(install(t, env, "--destdir", to))
    return to


def said_by(podman):
    """What podman's users see of failures: exit status, and the text but for what is another one each time."""
    said = []
    for word, flags in (("nosuch", []), ("/nosuch", []), ("/etc/passwd", []), ("/bin/true", ["--cgroups", "disabled"]),
                        ("/bin/true", [])):
        result = podman.run(word, flags=flags)
        said.append((word, flags, result.status, result.err.replace(podman.names[-1], "NAME").replace(podman.folder, "FOLDER")))
    return said


# runc can't go without control groups, podman says; crun can. (crun refuses the hybrid layout.)
@cases("package", [("runc", "runc", 125), ("crun", "crun", 0)], raind_only=OURS, layouts=("v1",), timeout=90)
def drop_in_changes_nothing_for(t, runtime, without_cgroups):
    """The lists of the drop-in take the place of podman's own: what podman says below the others is what it said before."""
    seen = []
    for folder in (machine(t, None, "before"), machine(t, small(t), "after")):
        with Installed(t, runtime, folder) as podman:
            seen.append(said_by(podman))
    equal(seen[1], seen[0])
    equal([status for _, _, status, _ in seen[0]], [127, 127, 126, without_cgroups, 0])


@case("package", raind_only=OURS, timeout=90)
def drop_in_of_podman(t):
    """With it podman knows the runtime by its name, reads its errors, and lets it go without control groups."""
    with Installed(t, "raind-oci", machine(t, None, "before")) as podman:
        contains(fails(podman.run("/bin/true"), status=125).err, "raind-oci")
    to = machine(t, small(t), "after")
    with Installed(t, "raind-oci", to) as podman:
        equal(succeeds(podman.call("info", "--format", "{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}")).out.strip(),
              "raind-oci /usr/local/bin/raind-oci")
        said = said_by(podman)
        equal([status for _, _, status, _ in said], [127, 127, 126, 0, 0], said)
        # Without the list podman would say what came out on standard error, with the program's name once more.
        matches(said[0][3], r'^Error: raind-oci: create \w+: exec: "nosuch": executable file not found in \$PATH: OCI runtime')
    # Removed by a package manager, which leaves the settings there, it is in nobody's way.
    os.unlink(f"{to}/usr/local/bin/raind-oci")
    with Installed(t, "runc", to) as podman:
        succeeds(podman.run("/bin/true"))
