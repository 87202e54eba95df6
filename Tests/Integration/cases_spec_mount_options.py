"""What the options of a mount do to it, to what is below it, and to one that is there already."""

import ctypes
import os

from cases_spec_mounts import bind, made, mounts, tmpfs, with_inner_mount
from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import with_user_namespace
from harness.layout import MS_BIND, mount, umount
from harness.probe import Report

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_NOSYMFOLLOW, MS_NOATIME, MS_NODIRATIME, MS_STRICTATIME = 256, 1024, 2048, 1 << 24
OLD = {"runc": "1.1 knows none of them", "crun": "1.8 has those of access times wrong, and not all"}


def seen_by_probe(options):
    """mountinfo has no word for symfollow, suid and the like, and none for strictatime: neither of two others."""
    words = set(options)
    if not words & {"noatime", "relatime"}:
        words.add("strictatime")
    return words


# (option, flags of the source, words that are there then, words that are not)
CHANGES = [
    ("ro", 0, {"ro"}, {"rw"}), ("rw", MS_RDONLY, {"rw"}, {"ro"}),
    ("nosuid", 0, {"nosuid"}, set()), ("suid", MS_NOSUID, set(), {"nosuid"}),
    ("nodev", 0, {"nodev"}, set()), ("dev", MS_NODEV, set(), {"nodev"}),
    ("noexec", 0, {"noexec"}, set()), ("exec", MS_NOEXEC, set(), {"noexec"}),
    ("nodiratime", 0, {"nodiratime"}, set()), ("diratime", MS_NODIRATIME, set(), {"nodiratime"}),
    ("noatime", 0, {"noatime"}, {"relatime"}), ("atime", MS_NOATIME, set(), {"noatime"}),
    ("relatime", MS_NOATIME, {"relatime"}, {"noatime"}), ("norelatime", 0, {"relatime"}, set()),
    ("strictatime", 0, {"strictatime"}, set()), ("nostrictatime", MS_STRICTATIME, {"relatime"}, {"strictatime"}),
    ("nosymfollow", 0, {"nosymfollow"}, set()), ("symfollow", MS_NOSYMFOLLOW, set(), {"nosymfollow"}),
]


@cases("spec", [(row[0], *row) for row in CHANGES],
       differs={"runc": "1.1 keeps what the source has", "crun": "1.8 keeps what the source has"},
       fields=["/mounts/*/options"])
def option_of_a_bind(t, option, flags, there, gone):
    """Set or cleared on the mount alone: what is mounted below keeps its own."""
    source, inner = with_inner_mount(t)
    mount(source, source, flags=MS_BIND | 0x4000)
    try:
        for place in (source, source + "/inner"):
            mount(None, place, flags=MS_BIND | MS_REMOUNT | flags)
        entry = {"destination": "/x", "type": "none", "source": source, "options": ["rbind", option]}
        report = t.report("mounts", edit=mounts(entry), prepare=made())
        found = seen_by_probe(report.mount("/x").options)
        true(there <= found and not gone & found, f"{option}: {found}")
        below = seen_by_probe(report.mount("/x/inner").options)
        true(flags == 0 and not (there - {"relatime"}) & below or flags != 0 and gone <= below, f"{option}: {below}")
    finally:
        umount(source)
        umount(inner)


@cases("spec", [("r" + row[0], "r" + row[0], *row[1:]) for row in CHANGES], differs=OLD,
       fields=["/mounts/*/options"])
def option_of_a_bind_recursively(t, option, flags, there, gone):
    """Set or cleared on the mount and on what is mounted below it."""
    source, inner = with_inner_mount(t)
    mount(source, source, flags=MS_BIND | 0x4000)
    try:
        for place in (source, source + "/inner"):
            mount(None, place, flags=MS_BIND | MS_REMOUNT | flags)
        entry = {"destination": "/x", "type": "none", "source": source, "options": ["rbind", option]}
        report = t.report("mounts", edit=mounts(entry), prepare=made())
        for point in ("/x", "/x/inner"):
            found = seen_by_probe(report.mount(point).options)
            true(there <= found and not gone & found, f"{option} of {point}: {found}")
    finally:
        umount(source)
        umount(inner)


@cases("spec", [("rro", "ro"), ("rnosuid", "nosuid"), ("rnodev", "nodev"), ("rnoexec", "noexec"),
                ("rnoatime", "noatime"), ("rnosymfollow", "nosymfollow")], raind_only="the peers pass it over")
def recursive_option_of_a_new_file_system(t, word):
    """Nothing is below it: it is the mount's own."""
    contains(t.report("mounts", edit=mounts(tmpfs("/x", "r" + word)), prepare=made()).mount("/x").options, word)


@case("spec", differs={"runc": "1.1 doesn't know it", "crun": "1.8 doesn't know it"})
def option_nosymfollow_is_enforced(t):
    """A link in the mount leads nowhere."""
    source = t.folder()
    with open(os.path.join(source, "file"), "w", encoding="utf-8") as file:
        file.write("text\n")
    os.symlink("file", os.path.join(source, "link"))
    script = "cat /x/file; cat /x/link 2>/dev/null || echo refused"
    equal(t.shell(script, mounts(bind(source, "/x", "nosymfollow")), made()), "text\nrefused\n")


# Mounts that are there already

@case("spec", raind_only="the peers want a source of the same place")
def remount_of_an_earlier_one(t):
    """What isn't named stays as it is."""
    entries = (tmpfs("/x", "size=64k", "nosuid", "noexec"),
               {"destination": "/x", "type": "none", "source": "none", "options": ["bind", "remount", "ro", "exec"]})
    found = t.report("mounts", edit=mounts(*entries), prepare=made()).mount("/x")
    true({"ro", "nosuid"} <= set(found.options), f"{found}")
    excludes(found.options, "noexec")


@case("spec", raind_only="the peers want a source of the same place")
def remount_with_parameters(t):
    """Without bind it is about the file system too."""
    entries = (tmpfs("/x", "size=64k"), {"destination": "/x", "options": ["remount", "size=128k", "nodev"]})
    found = t.report("mounts", edit=mounts(*entries), prepare=made()).mount("/x")
    contains(found.super_options, "size=128k")
    contains(found.options, "nodev")


@case("spec", raind_only="the peers want a source of the same place")
def remount_with_parameters_in_a_user_namespace(t):
    def edit(config):
        mounts(tmpfs("/x", "size=64k"), {"destination": "/x", "options": ["remount", "size=128k"]})(config)
        with_user_namespace(config)
    contains(t.report("mounts", edit=edit, prepare=made()).mount("/x").super_options, "size=128k")


@case("spec", raind_only="the peers take it for the file system's, or pass it over")
def remount_of_the_mount_alone_has_no_parameters(t):
    entries = (tmpfs("/x"), {"destination": "/x", "options": ["remount", "bind", "size=128k"]})
    with t.container(mounts(*entries), ["/bin/true"], prepare=made()) as c:
        fails(c.create(out=None, err=None), "/options: \"size=128k\" means nothing to a bind mount")


@case("spec", raind_only="the peers want a source of the same place")
def remount_below_too(t):
    source, inner = with_inner_mount(t)
    try:
        entries = ({"destination": "/x", "type": "none", "source": source, "options": ["rbind"]},
                   {"destination": "/x", "options": ["remount", "bind", "rro", "nosuid"]})
        report = t.report("mounts", edit=mounts(*entries), prepare=made())
        contains(report.mount("/x").options, "ro")
        contains(report.mount("/x").options, "nosuid")
        contains(report.mount("/x/inner").options, "ro")
        excludes(report.mount("/x/inner").options, "nosuid")
    finally:
        umount(inner)


@case("spec", raind_only="the peers want a source of the same place")
def remount_of_dev(t):
    """Read-only once the devices are in it."""
    entry = {"destination": "/dev", "options": ["remount", "bind", "ro"]}
    contains(t.report("mounts", edit=mounts(entry)).mount("/dev").options, "ro")
    equal(t.stat("/dev/null", edit=mounts(entry))["/dev/null"]["minor"], 3)


@case("spec", raind_only="the peers' errors are their own")
def remount_of_what_is_no_mount(t):
    with t.container(mounts({"destination": "/x", "options": ["remount", "bind", "ro"]}), ["/bin/true"],
                     prepare=made()) as c:
        contains(fails(c.create(out=None, err=None), "/mounts/").err, "EINVAL")


@case("spec", raind_only="the peers' errors are their own")
def remount_with_a_wrong_parameter(t):
    entries = (tmpfs("/x"), {"destination": "/x", "options": ["remount", "nosuch=1"]})
    with t.container(mounts(*entries), ["/bin/true"], prepare=made()) as c:
        fails(c.create(out=None, err=None), "/mounts/")


# Mounts of which a flag is locked: those that a less privileged mount namespace got from the host (mount_namespaces(7))

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000


def less_privileged():
    """Root of a user namespace of its own, with one id."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", "0 0 1"), ("gid_map", "0 0 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def run_less_privileged(t, args, *entries):
    """`run` by a caller that isn't the host's root, of a container with a user namespace."""
    source = t.folder()
    mount("tmpfs", source, "tmpfs", flags=MS_NOSUID | MS_NODEV | MS_NOEXEC, data="mode=755")
    try:
        def edit(config):
            config["mounts"] = [entry for entry in config["mounts"] if entry["destination"] != "/sys/fs/cgroup"]
            mounts(*({**entry, "source": source} for entry in entries))(config)
            config["linux"]["namespaces"].append({"type": "user"})
            one = [{"containerID": 0, "hostID": 0, "size": 1}]
            config["linux"].update(uidMappings=one, gidMappings=one, resources={})
            for entry in config["mounts"]:
                entry["options"] = [word for word in entry.get("options", []) if word != "gid=5"]
        with t.container(edit, args, prepare=made()) as c:
            return c.run(glob=("--cgroup-manager", "disabled"), before=less_privileged)
    finally:
        umount(source)


BOUND = {"destination": "/x", "type": "none", "options": ["bind", "ro"]}


def options_in(t, *entries):
    result = run_less_privileged(t, ["/probe", "report", "mounts"], *entries)
    return Report(succeeds(result).out).mount("/x").options


@cases("spec", [("bind", ["bind", "ro"]), ("rw", ["bind", "rw"]), ("recursive", ["rbind", "rro"]),
                ("atime", ["bind", "relatime", "ro"])], raind_only="the peers want to be told of each",
       fields=["/mounts/*/options"])
def locked_options_stay(t, options):
    """What isn't named stays, and is no error."""
    found = set(options_in(t, {**BOUND, "options": options}))
    true({"nosuid", "nodev", "noexec", "rw" if "rw" in options else "ro"} <= found, f"{found}")


@cases("spec", [("ro", ["remount", "bind", "ro"]), ("named", ["remount", "bind", "ro", "nosuid", "nodev"]),
                ("recursive", ["remount", "bind", "rro"])], raind_only="the peers want to be told of each",
       fields=["/mounts/*/options"])
def locked_options_stay_at_a_remount(t, options):
    found = set(options_in(t, {**BOUND, "options": ["bind"]}, {"destination": "/x", "type": "none", "options": options}))
    true({"ro", "nosuid", "nodev", "noexec"} <= found, f"{found}")


@cases("spec", [("suid", "suid"), ("dev", "dev"), ("exec", "exec"), ("recursive", "rexec")],
       raind_only="the peers take it for the default")
def locked_options_cannot_be_cleared(t, option):
    """Asked for by name it is an error: never a mount that has less than the config says."""
    for entries in ([{**BOUND, "options": ["bind", option]}],
                    [BOUND, {"destination": "/x", "type": "none", "options": ["remount", "bind", option]}]):
        result = run_less_privileged(t, ["/bin/true"], *entries)
        contains(fails(result, "/mounts/").err, "EPERM; hint: in a user namespace a mount keeps the flags")
