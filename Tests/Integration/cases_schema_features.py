"""What the features document claims, tried: each name in its lists is one that a container can be created with."""

import os

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import set_capabilities, with_user_namespace

from cases_schema import document
from cases_spec_seccomp import filtered, rule

OURS = "runc 1.1.5's document is of an older specification, crun 1.8.1 has none"


def features(t):
    return document(t.call("features"))


def taken(t, edit, what, prepare=None):
    """A container with it is created, and says nothing about what it doesn't know."""
    with t.container(edit, ["/bin/true"], prepare=prepare) as c:
        result = c.create()
        with open(c.err_path, encoding="utf-8", errors="replace") as file:
            said = file.read()
        equal((result.status, said), (0, ""), what)


@cases("schema", [("oldest", "ociVersionMin"), ("newest", "ociVersionMax")], raind_only=OURS)
def features_version(t, member):
    taken(t, lambda config: config.update(ociVersion=features(t)[member]), member)


# Those that are nothing without a source on the host.
OF_BINDS = ("bind", "rbind", "idmap", "ridmap", "copy-symlink", "src-nofollow", "dest-nofollow")


def mount_with(option, folder, link):
    """(mounts, the last with the option)"""
    at = "/x/" + option
    maps = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    if option in ("idmap", "ridmap"):
        return [{"destination": at, "type": "none", "source": folder, "options": ["rbind", option],
                 "uidMappings": maps, "gidMappings": maps}]
    if option in ("copy-symlink", "src-nofollow"):
        return [{"destination": at, "type": "none", "source": link, "options": ["rbind", option]}]
    if option in OF_BINDS:
        return [{"destination": at, "type": "none", "source": folder,
                 "options": [option] if option.endswith("bind") else ["rbind", option]}]
    tmpfs = {"destination": at, "type": "tmpfs", "source": "tmpfs"}
    return [tmpfs, {**tmpfs, "options": ["remount"]}] if option == "remount" else [{**tmpfs, "options": [option]}]


@case("schema", raind_only=OURS, timeout=90)
def features_mount_options(t):
    """Each by itself; and one that isn't listed is refused, or the test would show nothing."""
    options = features(t)["mountOptions"]
    true(len(options) > 60, f"{len(options)} options")
    folder = t.folder()
    link = os.path.join(t.scratch, "link")
    os.symlink(folder, link)

    def with_option(option):
        def edit(config):
            config["root"]["readonly"] = False
            config["mounts"] += mount_with(option, folder, link)
        return edit
    for option in options:
        taken(t, with_option(option), option)
    excludes(options, "nosuchoption")
    with t.container(with_option("nosuchoption"), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/mounts/7")


@case("schema", raind_only=OURS)
def features_namespaces(t):
    for kind in features(t)["linux"]["namespaces"]:
        def edit(config, kind=kind):
            if kind == "user":
                with_user_namespace(config)
            elif not any(entry["type"] == kind for entry in config["linux"]["namespaces"]):
                config["linux"]["namespaces"].append({"type": kind})
        taken(t, edit, kind)


@case("schema", raind_only=OURS)
def features_namespaces_are_all(t):
    """What isn't listed is refused."""
    listed = features(t)["linux"]["namespaces"]
    for kind in ("cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"):
        if kind in listed:
            continue
        with t.container(lambda config, kind=kind: config["linux"]["namespaces"].append({"type": kind}),
                         ["/bin/true"]) as c:
            fails(c.create(out=None, err=None), "/linux/namespaces")


@case("schema", raind_only=OURS)
def features_capabilities(t):
    """Each is known by its name, whether this kernel and this caller have it or not."""
    names = features(t)["linux"]["capabilities"]
    with t.container(lambda config: set_capabilities(config, [*names, "CAP_NOSUCH"]), ["/bin/true"]) as c:
        said = succeeds(c.create(out=None, err=None)).err
    lines = [line for line in said.splitlines() if "CAP_NOSUCH" in line]
    true(lines, "one that nobody knows is warned of")
    word = lines[0].rpartition("CAP_NOSUCH")[2]
    for name in names:
        excludes(said, name + word, "it is known")


@case("schema", raind_only=OURS)
def features_seccomp_actions(t):
    """On a call that neither the runtime nor the program makes."""
    for name in features(t)["linux"]["seccomp"]["actions"]:
        if name != "SCMP_ACT_NOTIFY":
            taken(t, filtered(rule("kexec_load", name)), name)
            continue
        # Its listener is a subject of its own: here there is none.
        with t.container(filtered(rule("kexec_load", name), listenerPath="/nosuch/raind-listener"), ["/bin/true"]) as c:
            contains(fails(c.create(out=None, err=None)).err, "/linux/seccomp/listenerPath")


@case("schema", raind_only=OURS)
def features_seccomp_operators(t):
    for name in features(t)["linux"]["seccomp"]["operators"]:
        argument = {"index": 0, "value": 1, "valueTwo": 1, "op": name}
        taken(t, filtered(rule("kexec_load", args=[argument])), name)


# Of these a filter for a processor that begins at the lower byte can't have rules.
OTHER_BYTE_ORDER = ("MIPS", "MIPS64", "MIPS64N32", "M68K", "PARISC", "PARISC64", "PPC", "PPC64", "S390", "S390X", "SHEB")


@case("schema", raind_only=OURS)
def features_seccomp_architectures(t):
    for name in features(t)["linux"]["seccomp"]["archs"]:
        # The machine's own beside it, or the filter would end the program.
        edit = filtered(rule("kexec_load"), architectures=["SCMP_ARCH_X86_64", name])
        if name.removeprefix("SCMP_ARCH_") in OTHER_BYTE_ORDER:
            with t.container(edit, ["/bin/true"]) as c:
                contains(fails(c.create(out=None, err=None), "/linux/seccomp").err, "order of their bytes", name)
        else:
            taken(t, edit, name)


@case("schema", raind_only=OURS)
def features_seccomp_flags(t):
    """supportedFlags work here; the others of knownFlags are refused because of the kernel, not because of their name."""
    seccomp = features(t)["linux"]["seccomp"]
    true(set(seccomp["supportedFlags"]) <= set(seccomp["knownFlags"]), "what is supported is known")
    for flag in seccomp["supportedFlags"]:
        # WAIT_KILLABLE_RECV is about a listener, and cases of its own have one.
        if flag != "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV":
            taken(t, filtered(rule("kexec_load"), flags=[flag]), flag)
    with t.container(filtered(rule("kexec_load"), flags=["SECCOMP_FILTER_FLAG_NOSUCH"]), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/seccomp/flags/0")


@case("schema", raind_only=OURS)
def features_cgroup(t):
    cgroup = features(t)["linux"]["cgroup"]
    equal([cgroup[name] for name in ("v1", "v2", "rdma", "systemd", "systemdUser")], [True] * 5)
    with t.container(lambda config: config["linux"].update(cgroupsPath="system.slice:raind:test"), ["/bin/true"]) as c:
        result = t.call("create", "--bundle", c.bundle.folder, c.id, glob=("--systemd-cgroup",))
        # Where no systemd runs, that is what is missing.
        if not os.path.isdir("/run/systemd/system"):
            contains(fails(result).err, "connect to systemd")


@case("schema", raind_only=OURS)
def features_memory_policy(t):
    policy = features(t)["linux"].get("memoryPolicy", {})
    for mode in policy.get("modes", []):
        nodes = {} if mode in ("MPOL_DEFAULT", "MPOL_LOCAL") else {"nodes": "0"}
        taken(t, lambda config, mode=mode, nodes=nodes: config["linux"].update(
            memoryPolicy={"mode": mode, **nodes}), mode)
    for flag in policy.get("flags", []):
        taken(t, lambda config, flag=flag: config["linux"].update(
            memoryPolicy={"mode": "MPOL_BIND", "nodes": "0", "flags": [flag]}), flag)


@cases("schema", [
    ("net-devices", "netDevices", "/linux/netDevices", {"netDevices": {"raindnosuch": {}}}),
    ("intel-rdt", "intelRdt", "/linux/intelRdt", {"intelRdt": {"closID": "raind-test-nosuch", "schemata": ["L3:0=f"]}}),
], raind_only=OURS)
def features_enabled(t, member, pointer, asked):
    """Asked for, and not to be had here: an error either way, which is about the runtime only where nothing is claimed."""
    enabled = features(t)["linux"][member]["enabled"]
    with t.container(lambda config: config["linux"].update(asked), ["/bin/true"]) as c:
        said = fails(c.create(out=None, err=None), pointer).err
    equal("not supported by this version" in said, not enabled, said)


@case("schema", raind_only=OURS)
def features_of_the_runtime(t):
    """Who it is, for a caller who doesn't know the program's name."""
    annotations = features(t)["annotations"]
    version = succeeds(t.call("--version")).out
    contains(version, annotations["io.raind.version"])
    # What an engine asks for before it offers to checkpoint.
    equal(annotations["org.opencontainers.runc.checkpoint.enabled"], "true")
