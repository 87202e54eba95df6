"""/linux/devices, the default devices, and which devices may be used."""

import os
import stat

from cases_spec_namespaces import Holder, join
from harness import case, cases, contains, equal, fails, succeeds, true
from harness.bundle import set_capabilities, with_user_namespace

DEFAULT = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}


def device(path, kind="c", major=1, minor=3, **more):
    numbers = {} if kind == "p" else {"major": major, "minor": minor}
    return {"path": path, "type": kind, **numbers, **more}


def devices(*entries):
    return lambda config: config["linux"].update(devices=list(entries))


def rules(*entries):
    """Of who may do what: the nodes are made by the case."""
    def edit(config):
        set_capabilities(config, ["CAP_MKNOD", "CAP_DAC_OVERRIDE"])
        config["root"]["readonly"] = False
        config["linux"]["resources"] = {"devices": list(entries)}
    return edit


DENY_ALL = {"allow": False, "access": "rwm"}


def allow(kind, major, minor, access):
    entry = {"allow": True, "type": kind, "access": access}
    if major is not None:
        entry["major"] = major
    if minor is not None:
        entry["minor"] = minor
    return entry


@case("spec")
def default_devices(t):
    seen = t.stat(*[f"/dev/{name}" for name in DEFAULT])
    for name, (major, minor) in DEFAULT.items():
        entry = seen[f"/dev/{name}"]
        equal((entry["kind"], entry["major"], entry["minor"], entry["mode"]), ("char", major, minor, 0o666), name)


@case("spec")
def default_devices_can_be_used(t):
    """Although the config denies every device."""
    equal(t.shell("echo x >/dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; "
                  "(echo x >/dev/full) 2>/dev/null || echo full; head -c 4 /dev/random | wc -c").split(),
          ["4", "4", "full", "4"])


@case("spec")
def nothing_else_in_dev(t):
    names = set(t.shell("ls -A /dev").split())
    equal(names - {*DEFAULT, "fd", "stdin", "stdout", "stderr", "pts", "ptmx", "shm", "mqueue", "core", "console"},
          set())


@case("spec", fields=["/linux/devices/*/{type,path,major,minor,fileMode,uid,gid}"])
def devices_are_made(t):
    seen = t.stat("/dev/c", "/dev/deep/b", "/dev/p", "/dev/u", edit=devices(
        device("/dev/c", "c", 1, 5, fileMode=0o640, uid=5, gid=6),
        device("/dev/deep/b", "b", 7, 0, fileMode=0o600),
        device("/dev/p", "p", fileMode=0o622), device("/dev/u", "u", 1, 7, fileMode=0o604)))
    expected = {"/dev/c": ("char", 1, 5, 0o640, 5, 6), "/dev/deep/b": ("block", 7, 0, 0o600, 0, 0),
                "/dev/u": ("char", 1, 7, 0o604, 0, 0)}
    for path, wanted in expected.items():
        entry = seen[path]
        equal(tuple(entry[key] for key in ("kind", "major", "minor", "mode", "uid", "gid")), wanted, path)
    equal((seen["/dev/p"]["kind"], seen["/dev/p"]["mode"]), ("fifo", 0o622))


@case("spec")
def device_outside_of_dev(t):
    def edit(config):
        config["root"]["readonly"] = False
        devices(device("/other/null", fileMode=0o666))(config)
    equal(t.stat("/other/null", edit=edit)["/other/null"]["minor"], 3)


@case("spec")
def device_by_a_link_stays_inside(t):
    """A link of the image's in the path is followed below the root, never out of it."""
    outside = t.folder()

    def edit(config):
        config["root"]["readonly"] = False
        devices(device("/trap/node", fileMode=0o666))(config)
    with t.container(edit, ["/bin/true"], prepare=lambda bundle: os.symlink(outside, bundle.path("trap"))) as c:
        c.run()
    equal(os.listdir(outside), [])


@cases("spec", [("kind", device("/dev/x", "x")), ("relative", device("dev/x"),
                                                  {"differs": {"runc": "1.1 takes it from the root"}}),
                ("number", {"path": "/dev/x", "type": "c"}, {"differs": {"runc": "1.1 takes 0", "crun": "takes 0"}})])
def device_that_is_wrong(t, entry):
    with t.container(devices(entry), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/devices/0" if t.runtime.is_raind else "")


# Those that are there already

@cases("spec", [("text", "text"), ("folder", "folder"), ("link", "link"), ("fifo", "fifo"), ("device", "device")],
       differs={"runc": "1.1 leaves it as it is", "crun": "1.8 leaves it as it is"}, fields=["/linux/devices/*/path"])
def device_at_the_place_of_another_file(t, kind):
    """An error (config-linux.md, "Devices"), in a user namespace too: nothing is covered or passed over."""
    def prepare(bundle):
        place = bundle.path("other/node")
        os.makedirs(os.path.dirname(place))
        if kind == "text":
            bundle.write("other/node", "text")
        elif kind == "folder":
            os.mkdir(place)
        elif kind == "link":
            os.symlink("/dev/null", place)
        elif kind == "fifo":
            os.mkfifo(place)
        else:
            os.mknod(place, 0o666 | stat.S_IFCHR, os.makedev(1, 7))
    for user_namespace in (False, True):
        def edit(config):
            config["root"]["readonly"] = False
            devices(device("/other/node", "c", 1, 3))(config)
            if user_namespace:  # pylint: disable=cell-var-from-loop
                with_user_namespace(config)
        with t.container(edit, ["/bin/true"], prepare=prepare) as c:
            result = fails(c.create(out=None, err=None), "/linux/devices/0" if t.runtime.is_raind else "")
            contains(result.err, "EEXIST" if t.runtime.is_raind else "")
            c.is_unknown()


@case("spec", raind_only="the peers leave it as it is", fields=["/linux/devices/*/{fileMode,uid,gid}"])
def device_that_is_there_already(t):
    """The very device: it gets the mode and the owner that the config names, and keeps those that it doesn't."""
    def prepare(bundle):
        os.makedirs(bundle.path("other"))
        for name in ("named", "kept"):
            os.mknod(bundle.path(f"other/{name}"), 0o600 | stat.S_IFCHR, os.makedev(1, 3))
            os.chmod(bundle.path(f"other/{name}"), 0o600)
            os.chown(bundle.path(f"other/{name}"), 7, 7)

    def edit(config):
        config["root"]["readonly"] = False
        devices(device("/other/named", "c", 1, 3, fileMode=0o642, uid=5, gid=6), device("/other/kept", "c", 1, 3))(config)
    seen = t.stat("/other/named", "/other/kept", edit=edit, prepare=prepare)
    equal([tuple(entry[key] for key in ("mode", "uid", "gid")) for entry in seen.values()],
          [(0o642, 5, 6), (0o600, 7, 7)])


# In user namespaces

NOT_THERE = {"runc": "1.1 binds the host's", "crun": "1.8 binds the host's"}
OWNED = [device("/dev/owned", "c", 1, 5, fileMode=0o640, uid=5, gid=6), device("/dev/deep/b", "b", 7, 0, fileMode=0o600),
         device("/dev/p", "p", fileMode=0o622, uid=5), device("/dev/full", "u", 1, 7, fileMode=0o604)]


def seen_in(t, edit):
    seen = t.stat(*[entry["path"] for entry in OWNED], edit=edit)
    return {path: tuple(entry.get(key, 0) for key in ("kind", "major", "minor", "mode", "uid", "gid"))
            for path, entry in seen.items()}


EXPECTED = {"/dev/owned": ("char", 1, 5, 0o640, 5, 6), "/dev/deep/b": ("block", 7, 0, 0o600, 0, 0),
            "/dev/p": ("fifo", 0, 0, 0o622, 5, 0), "/dev/full": ("char", 1, 7, 0o604, 0, 0)}


@case("spec", differs=NOT_THERE, fields=["/linux/devices/*/{type,path,major,minor,fileMode,uid,gid}"])
def devices_in_a_user_namespace(t):
    """Nobody may make them there, nor own the host's: the mode and the owner are those of the config all the same."""
    equal(seen_in(t, lambda config: (with_user_namespace(config), devices(*OWNED)(config))), EXPECTED)


@case("spec", differs=NOT_THERE, fields=["/linux/devices/*/{fileMode,uid,gid}"])
def devices_in_a_joined_user_namespace(t):
    """Whose mapping the config doesn't tell."""
    with Holder(t, "user", mapped="0 200000 3\n3 300000 100") as holder:
        equal(seen_in(t, lambda config: (join(config, "user", holder.path("user")), devices(*OWNED)(config))), EXPECTED)


@case("spec", raind_only="the peers bind the host's")
def devices_of_nobody_in_a_joined_user_namespace(t):
    with Holder(t, "user", mapped="0 200000 3") as holder:
        def edit(config):
            join(config, "user", holder.path("user"))
            devices(OWNED[0])(config)
        with t.container(edit, ["/bin/true"]) as c:
            contains(fails(c.create(out=None, err=None), "/linux/devices/0").err, "user 5 of /dev/owned")
            c.is_unknown()
            equal(t.reap(), [], "the processes in between are gone")


@case("spec", differs=NOT_THERE, fields=["/linux/devices/*/fileMode"])
def devices_in_a_user_namespace_can_be_used(t):
    """By those whom the mode lets."""
    def edit(config):
        with_user_namespace(config)
        devices(device("/dev/mine", "c", 1, 5, fileMode=0o600, uid=1000), device("/dev/others", "c", 1, 5, fileMode=0o600))(
            config)
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
        config["linux"]["resources"] = {"devices": [{"allow": True, "access": "rwm"}]}
    said = t.shell("head -c 4 /dev/mine | wc -c; head -c 4 /dev/others 2>/dev/null || echo refused; "
                   "chmod 666 /dev/others 2>/dev/null || echo kept", edit)
    equal(said.split(), ["4", "refused", "kept"])


@case("spec")
def default_devices_in_a_user_namespace(t):
    seen = t.stat("/dev/null", "/dev/zero", edit=with_user_namespace)
    equal((seen["/dev/null"]["minor"], seen["/dev/zero"]["minor"]), (3, 5))


# Rules

# Numbers that Linux keeps for local use: no driver has them, so that opening such a node ends in ENXIO where the rules
# allow it, and in EPERM where they don't.
LOCAL = 60
ALLOWED = "ENXIO"


def opened(t, script, *entries):
    """The words that the script says, one a line."""
    return t.shell("set +e; " + script + "; true", rules(*entries)).splitlines()


@case("spec", fields=["/linux/resources/devices/*/{allow,type,major,minor,access}"])
def device_rules(t):
    """Reading, writing and making are allowed one by one; what isn't named is denied."""
    said = opened(t, """
        mknod /a c 60 1; mknod /b c 60 2; mknod /c b 60 3
        mknod /d c 60 4 2>/dev/null
        for mode in r w rw; do for node in a b c; do /probe open /$node $mode; done; done""",
                  DENY_ALL, allow("c", LOCAL, 1, "m"), allow("c", LOCAL, 2, "rm"), allow("b", LOCAL, None, "wm"))
    equal(said, ["EPERM", ALLOWED, "EPERM", "EPERM", "EPERM", ALLOWED, "EPERM", "EPERM", "EPERM"])


@case("spec")
def device_rules_of_making(t):
    said = opened(t, "mknod /a c 60 1 2>/dev/null && echo a; mknod /b c 60 2 2>/dev/null && echo b; "
                     "mknod /c b 60 1 2>/dev/null && echo c",
                  DENY_ALL, {"allow": False, "type": "c", "access": "m"}, {"allow": False, "type": "b", "access": "m"},
                  allow("c", LOCAL, 1, "m"))
    # The nodes that may be made by default are anybody's; a rule that denies them all is the config's word.
    equal(said, ["a"] if "b" not in said else ["a", "b", "c"])


@case("spec", fields=["/linux/resources/devices/*/{allow,type,major,minor,access}"])
def device_rules_later_ones_win(t):
    said = opened(t, "mknod /a c 60 1; mknod /b c 60 2; for n in a b; do /probe open /$n r; /probe open /$n w; done",
                  allow("c", LOCAL, 2, "rwm"), DENY_ALL, allow("c", LOCAL, 1, "rm"), allow("c", LOCAL, 2, "m"),
                  allow("c", LOCAL, 2, "w"), allow("c", LOCAL, 2, "r"),
                  {"allow": False, "type": "c", "major": LOCAL, "minor": 2, "access": "w"})
    equal(said, [ALLOWED, "EPERM", ALLOWED, "EPERM"])


@cases("spec", [
    ("allowed-then-denied", [DENY_ALL, allow("c", LOCAL, None, "rwm"),
                             {"allow": False, "type": "c", "major": LOCAL, "minor": 2, "access": "rw"}],
     [ALLOWED, "EPERM"]),
    ("denied-then-allowed", [{"allow": True, "access": "rwm"},
                             {"allow": False, "type": "c", "major": LOCAL, "access": "rw"},
                             allow("c", LOCAL, 1, "rwm")], [ALLOWED, "EPERM"])])
def device_rules_with_a_hole(t, entries, expected):
    """v1's files can't say it (they know exceptions from one default): right, or refused; never something else."""
    script = "set +e; mknod /a c 60 1; mknod /b c 60 2; for n in a b; do /probe open /$n rw; done; true"
    result = t.run(["/bin/sh", "-c", script], rules(*entries))
    if result.status == 0:
        equal(result.out.splitlines(), expected)
    else:
        fails(result, "/linux/resources/devices" if t.runtime.is_raind else "")


@case("spec")
def device_rules_with_wildcards(t):
    said = opened(t, "mknod /a c 60 1; mknod /b c 61 1; mknod /c b 60 1; for n in a b c; do /probe open /$n rw; done",
                  DENY_ALL, allow("c", LOCAL, None, "rwm"), allow("b", -1, -1, "rwm"))
    equal(said, [ALLOWED, "EPERM", ALLOWED])


@case("spec")
def device_rules_everything(t):
    equal(opened(t, "mknod /a c 60 1; /probe open /a rw", {"allow": True, "access": "rwm"}), [ALLOWED])


@case("spec", differs={"runc": "1.1 allows everything then on v1"})
def device_rules_absent(t):
    """No rule at all: what isn't among the default devices can't be used."""
    equal(opened(t, "mknod /a c 60 1; /probe open /a r; head -c 1 /dev/zero | wc -c"), ["EPERM", "1"])


@case("spec")
def device_rules_hold_for_a_child(t):
    equal(opened(t, "mknod /a c 60 1; (sh -c '/probe open /a r')", DENY_ALL, allow("c", LOCAL, 1, "m")), ["EPERM"])


@case("spec")
def device_rules_of_made_nodes(t):
    """A node in /linux/devices may be used: that is what it is for."""
    def edit(config):
        rules(DENY_ALL)(config)
        devices(device("/dev/local", "c", LOCAL, 7, fileMode=0o666))(config)
    said = t.shell("set +e; /probe open /dev/local rw; true", edit)
    # The specification leaves it to the rules; peers and engines write a rule of their own beside it.
    true(said.strip() in (ALLOWED, "EPERM"), said)


@cases("spec", [("type", {"allow": True, "type": "x", "access": "r"}),
                ("access", {"allow": True, "access": "q"},
                 {"differs": {"runc": "1.1 passes over it", "crun": "passes over it"}})])
def device_rule_that_is_wrong(t, entry):
    with t.container(rules(DENY_ALL, entry), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/resources/devices/1" if t.runtime.is_raind else "")


@case("spec")
def terminals_can_be_used(t):
    """/dev/pts and /dev/ptmx are among the default rules."""
    succeeds(t.run(["/probe", "open", "/dev/ptmx", "rw"]))
