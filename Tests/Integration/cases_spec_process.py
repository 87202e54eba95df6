"""/process, /hostname and /domainname: what the container's first process finds itself to be."""

import os

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import PATH, set_capabilities
from harness.probe import Report, own_capabilities

SETS = ("bounding", "effective", "inheritable", "permitted", "ambient")


def process(**members):
    return lambda config: config["process"].update(members)


def user(uid, gid=None, **more):
    return process(user={"uid": uid, "gid": uid if gid is None else gid, **more})


# Words

@cases("spec", [
    ("plain", ["one", "two"]), ("empty", ["", "", "x"]), ("spaces", ["a b", "\ttab", "new\nline"]),
    ("letters", ["ünïcödé", "\u2028", "𝄞"]), ("quotes", ['"', "'", "\\", "$HOME", "*"]), ("dashes", ["--help", "-x", "--"]),
    ("many", [str(number) for number in range(2000)]), ("long", ["x" * 100000])], fields=["/process/args"])
def args(t, words):
    with t.container(args=["/probe", "report", "words", *words]) as c:
        equal(Report(succeeds(c.run()).out)["args"], ["/probe", "report", "words", *words])


@case("spec", fields=["/process/env"])
def env(t):
    variables = [PATH, "EMPTY=", "SPACE=a b ", "EQUALS=a=b=c", "LETTERS=ünï𝄞", "NEWLINE=a\nb", "HOME=/elsewhere"]
    equal(t.report("words", edit=process(env=variables))["env"], variables)


@case("spec")
def env_given_twice(t):
    """The last one counts, for the program that asks by name."""
    found = t.report("words", edit=process(env=[PATH, "KEY=first", "HOME=/", "KEY=second"]))["env"]
    equal([entry for entry in found if entry.startswith("KEY=")][-1], "KEY=second")


@cases("spec", [("root", 0, "/root"), ("user", 1000, "/home/user"),
                ("no-one", 4321, "/"), ("home-is-root", 65534, "/")])
def home_comes_from_passwd(t, uid, expected):
    def edit(config):
        config["process"]["env"] = [PATH]
        config["process"]["user"] = {"uid": uid, "gid": uid}
    contains(t.report("words", edit=edit)["env"], f"HOME={expected}")


@case("spec")
def home_that_is_given_stays(t):
    contains(t.report("words", edit=process(env=[PATH, "HOME=/given"]))["env"], "HOME=/given")


@case("spec")
def home_without_passwd(t):
    report = t.report("words", prepare=lambda bundle: os.unlink(bundle.path("etc/passwd")))
    contains(report["env"], "HOME=/")


@case("spec", raind_only="peers follow the link out of the root file system, or refuse to start")
def home_when_passwd_is_a_trap(t):
    """A FIFO that nobody writes to, a link to the host's: neither hangs nor tells."""
    for make in (lambda path: os.mkfifo(path), lambda path: os.symlink("/proc/self/environ", path),
                 lambda path: os.mkdir(path)):
        def prepare(bundle, make=make):
            os.unlink(bundle.path("etc/passwd"))
            make(bundle.path("etc/passwd"))
        contains(t.report("words", prepare=prepare)["env"], "HOME=/")


@cases("spec", [("root", "/"), ("folder", "/home/user"), ("mount", "/dev/shm"), ("proc", "/proc/self")],
       fields=["/process/cwd"])
def cwd(t, path):
    seen = t.report("cwd", edit=process(cwd=path))["cwd"]
    equal(seen if path != "/proc/self" else "/proc/self", path)


@case("spec")
def cwd_by_a_link(t):
    """A link of the image's is followed inside the root file system."""
    def prepare(bundle):
        os.symlink("/home/user", bundle.path("link"))
        os.symlink("../../../../../../etc", bundle.path("escape"))
    equal(t.report("cwd", edit=process(cwd="/link"), prepare=prepare)["cwd"], "/home/user")
    equal(t.report("cwd", edit=process(cwd="/escape"), prepare=prepare)["cwd"], "/etc")


@case("spec")
def cwd_that_the_user_owns(t):
    """Root may not enter without CAP_DAC_OVERRIDE, and the user may."""
    def edit(config):
        user(1000)(config)
        config["process"]["cwd"] = "/home/user/private"

    def prepare(bundle):
        os.mkdir(bundle.path("home/user/private"), 0o700)
        os.chown(bundle.path("home/user/private"), 1000, 1000)
    equal(t.report("cwd", edit=edit, prepare=prepare)["cwd"], "/home/user/private")


@cases("spec", [("relative", "tmp"), ("empty", ""), ("file", "/etc/passwd")])
def cwd_that_is_none(t, path):
    with t.container(process(cwd=path), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None))
        c.is_unknown()


# Ids

@cases("spec", [("root", 0, 0), ("user", 1000, 1000), ("group", 1000, 5), ("high", 4294967294, 4294967294,
                 {"differs": {"runc": "has no ids above 2147483647"}})], fields=["/process/user/{uid,gid}"])
def ids(t, uid, gid):
    seen = t.report("ids", edit=user(uid, gid))["ids"]
    equal([seen[name] for name in ("uid", "euid", "suid", "fsuid")], [uid] * 4)
    equal([seen[name] for name in ("gid", "egid", "sgid", "fsgid")], [gid] * 4)


GROUPS = {"row": "supplementary groups", "hole": "groups-kept"}


@cases("spec", [("none", None, GROUPS), ("empty", [], GROUPS), ("some", [5, 7, 2000000000]), ("many", list(range(100, 300)))],
       fields=["/process/user/additionalGids"])
def additional_groups(t, groups):
    """The caller's own are never among them."""
    more = {} if groups is None else {"additionalGids": groups}
    seen = t.report("ids", edit=user(1000, 1000, **more), before=lambda: os.setgroups([27, 28, 29]))["ids"]["groups"]
    # The kernel sorts them; setgroups(2) doesn't need the primary one, and some add it.
    equal([group for group in seen if group != 1000], sorted(groups or []))


@cases("spec", [("default", None, 0o022), ("given", 0o027, 0o027), ("zero", 0, 0), ("all", 0o777, 0o777)],
       fields=["/process/user/umask"])
def umask(t, value, expected):
    more = {} if value is None else {"umask": value}
    equal(t.report("umask", edit=user(0, 0, **more), umask=0o077)["umask"], expected)


# Capabilities

def sets(t, edit, **options):
    report = t.report("capabilities", edit=edit, **options)
    return {kind: sorted(report.capabilities(kind)) for kind in SETS}


@case("spec", fields=["/process/capabilities/{bounding,effective,inheritable,permitted,ambient}"],
       row="CVE-2022-24769, 2022-27650, 2022-29162", hole="inheritable")
def capabilities_five_sets(t):
    """Each its own: what a set holds and another doesn't is where the sets get mixed up."""
    def edit(config):
        config["process"]["capabilities"] = {
            "bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW", "CAP_SETUID", "CAP_SYS_CHROOT"],
            "permitted": ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"],
            "effective": ["CAP_CHOWN"],
            "inheritable": ["CAP_KILL", "CAP_NET_RAW"],
            "ambient": ["CAP_NET_RAW"],
        }
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    # A user's program has after exec what is ambient.
    equal(sets(t, edit), {
        "bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW", "CAP_SETUID", "CAP_SYS_CHROOT"],
        "permitted": ["CAP_NET_RAW"], "effective": ["CAP_NET_RAW"],
        "inheritable": ["CAP_KILL", "CAP_NET_RAW"], "ambient": ["CAP_NET_RAW"]})


@case("spec", fields=["/process/capabilities/{bounding,effective,permitted}"])
def capabilities_of_root(t):
    """Root's program gets the bounding set at exec (capabilities(7))."""
    names = ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"]
    equal(sets(t, lambda config: set_capabilities(config, names)),
          {"bounding": names, "permitted": names, "effective": names, "inheritable": [], "ambient": []})


@case("spec")
def capabilities_of_a_user(t):
    def edit(config):
        set_capabilities(config, ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"])
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    equal(sets(t, edit), {"bounding": ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"], "permitted": [], "effective": [],
                          "inheritable": [], "ambient": []})


@cases("spec", [("empty", {kind: [] for kind in SETS}), ("no-members", {})])
def capabilities_none(t, given):
    equal(sets(t, process(capabilities=given)), {kind: [] for kind in SETS})


@case("spec", differs={"runc": "keeps those of the caller"},
       row="capabilities that are absent", hole="capabilities-of-the-launcher")
def capabilities_absent(t):
    """Nothing is asked for: the specification leaves it open, and none is the safe answer."""
    equal(sets(t, lambda config: config["process"].pop("capabilities")), {kind: [] for kind in SETS})


@case("spec")
def capabilities_all(t):
    names = sorted(own_capabilities())
    found = sets(t, lambda config: set_capabilities(config, names, ambient=True))
    equal(found, {kind: names for kind in SETS})


@case("spec", differs={"runc": "1.1 gives up"}, row="grants that can't be given", shown="runc 1.1.5 doesn't start then")
def capabilities_that_the_caller_lacks(t):
    """Left out, with a word about it (config.md, "Linux Process": the runtime should not fail, and must warn)."""
    missing = [name for name in ("CAP_SYS_RESOURCE", "CAP_SYS_MODULE", "CAP_MAC_ADMIN")
               if name not in own_capabilities()]
    true(missing, "a capability that this machine lacks")
    result = succeeds(t.run(["/bin/true"], lambda config: set_capabilities(config, ["CAP_KILL", missing[0]])))
    if t.runtime.is_raind:
        contains(result.err, missing[0])


@case("spec", row="grants that can't be given", hole="grants-in-silence")
def capabilities_unknown(t):
    result = succeeds(t.run(["/bin/true"], lambda config: set_capabilities(config, ["CAP_KILL", "CAP_NOSUCH"])))
    contains(result.err, "CAP_NOSUCH")


@case("spec", row="CVE-2022-24769, 2022-27650, 2022-29162", hole="inheritable")
def capabilities_of_the_caller_are_not_handed_on(t):
    """An ambient or inheritable one of the runtime's caller isn't the container's."""
    found = sets(t, lambda config: set_capabilities(config, ["CAP_KILL"]), before=raise_inheritable)
    equal(found["inheritable"], [])
    equal(found["ambient"], [])


def raise_inheritable():
    """CAP_CHOWN, inheritable and ambient, in the calling process."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    libc.capget(header, data)
    data[2] |= 1
    if libc.capset(header, data) < 0 or libc.prctl(47, 2, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "capset")


# Limits, scheduling and what else a process is

@case("spec", fields=["/process/rlimits/*/{type,soft,hard}"])
def rlimits(t):
    wanted = {"RLIMIT_NOFILE": (100, 200), "RLIMIT_NPROC": (300, 400), "RLIMIT_CORE": (0, 0),
              "RLIMIT_STACK": (8 << 20, 16 << 20), "RLIMIT_FSIZE": (1 << 40, 1 << 50), "RLIMIT_CPU": (1000, 2000),
              "RLIMIT_AS": (1 << 40, 1 << 41), "RLIMIT_MEMLOCK": (4096, 8192), "RLIMIT_SIGPENDING": (10, 20),
              "RLIMIT_DATA": (1 << 40, 1 << 41), "RLIMIT_RSS": (1, 2), "RLIMIT_LOCKS": (3, 4),
              "RLIMIT_MSGQUEUE": (1000, 2000), "RLIMIT_NICE": (0, 0), "RLIMIT_RTPRIO": (0, 0),
              "RLIMIT_RTTIME": (1000000, 2000000)}
    seen = t.report("rlimits", edit=process(rlimits=[
        {"type": kind, "soft": soft, "hard": hard} for kind, (soft, hard) in wanted.items()]))["rlimits"]
    equal({kind: (seen[kind]["soft"], seen[kind]["hard"]) for kind in wanted}, wanted)


@case("spec", fields=["/process/rlimits/*/{type,soft,hard}"])
def rlimit_of_a_user(t):
    """Raised and lowered before the ids change."""
    def edit(config):
        user(1000)(config)
        config["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 512, "hard": 1024}]
    equal(t.report("rlimits", edit=edit)["rlimits"]["RLIMIT_NOFILE"], {"soft": 512, "hard": 1024})


@cases("spec", [("unknown", [{"type": "RLIMIT_NOSUCH", "soft": 1, "hard": 1}]),
                ("soft-above-hard", [{"type": "RLIMIT_CORE", "soft": 2, "hard": 1}]),
                ("double", [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}, {"type": "RLIMIT_CORE", "soft": 1, "hard": 1}],
                 {"differs": {"runc": "1.1 takes the last", "crun": "takes the last"}})])
def rlimits_that_are_wrong(t, limits):
    with t.container(process(rlimits=limits), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/process/rlimits" if t.runtime.is_raind else "")


@case("spec")
def rlimits_that_nobody_asked_for(t):
    """The caller's stand."""
    import resource

    def before():
        resource.setrlimit(resource.RLIMIT_CORE, (12345, 23456))
    seen = t.report("rlimits", edit=process(rlimits=[]), before=before)["rlimits"]
    equal(seen["RLIMIT_CORE"], {"soft": 12345, "hard": 23456})


@cases("spec", [("high", 1000), ("middle", 500)], fields=["/process/oomScoreAdj"])
def oom_score_adj(t, value):
    equal(t.report("scheduling", edit=process(oomScoreAdj=value))["scheduling"]["oomScoreAdj"].strip(), str(value))


@case("spec")
def oom_score_adj_by_default(t):
    """That of the caller."""
    def before():
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("321")
    equal(t.report("scheduling", before=before)["scheduling"]["oomScoreAdj"].strip(), "321")


@cases("spec", [("low", -1001), ("high", 1001)])
def oom_score_adj_that_is_wrong(t, value):
    with t.container(process(oomScoreAdj=value), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/process/oomScoreAdj" if t.runtime.is_raind else "")


@cases("spec", [("true", True, 1), ("false", False, 0), ("absent", None, 0)], fields=["/process/noNewPrivileges"])
def no_new_privileges(t, value, expected):
    def edit(config):
        config["process"].pop("noNewPrivileges")
        if value is not None:
            config["process"]["noNewPrivileges"] = value
    equal(t.report("security", edit=edit)["security"]["noNewPrivileges"], expected)


@case("spec")
def signals_start_afresh(t):
    """What the caller ignores or blocks isn't ignored or blocked in the container."""
    import signal

    def before():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGCHLD})
    seen = t.report("signals", before=before if t.runtime.is_raind else None)["signals"]
    equal(seen, {"ignored": [], "blocked": []})


@case("spec")
def session_and_parent(t):
    seen = t.report("process", "security")
    equal(seen["process"], {"pid": 1, "ppid": 0, "sid": 1, "pgid": 1})
    equal((seen["security"]["parentDeathSignal"], seen["security"]["childSubreaper"]), (0, 0))


@case("spec")
def securebits_are_not_left(t):
    equal(t.report("security", edit=user(1000))["security"]["securebits"], 0)


@case("spec")
def keyring_is_new(t):
    """Else a container reads what the caller's session keyring holds."""
    first, second = t.report("keyring")["sessionKeyring"], t.report("keyring")["sessionKeyring"]
    # type;uid;gid;permissions;description
    true(isinstance(first, str) and first.startswith("keyring;"), f"{first}")
    contains(first, "raind-test" if t.runtime.is_raind else "_ses.raind-test")
    true(first != second, "each its own")


@case("spec")
def keyring_of_the_caller(t):
    first = t.report("keyring", flags=("--no-new-keyring",))["sessionKeyring"]
    excludes(str(first), "raind-test")


@cases("spec", [("plain", "some-host.example"), ("letters", "x" * 64)], fields=["/hostname"])
def hostname(t, name):
    report = t.report("names", edit=lambda config: config.update(hostname=name))
    equal(report["hostname"], name)


@case("spec")
def hostname_absent(t):
    """The namespace's as it was made: a copy of the caller's."""
    equal(t.report("names", edit=lambda config: config.pop("hostname"))["hostname"], os.uname().nodename)


@case("spec", differs={"runc": "1.1 doesn't know it", "crun": "1.8 doesn't know it"}, fields=["/domainname"])
def domainname(t):
    equal(t.report("names", edit=lambda config: config.update(domainname="example.net"))["domainname"], "example.net")


@cases("spec", [("long", {"hostname": "x" * 65}), ("domain", {"domainname": "x" * 65},
                                                   {"differs": {"runc": "1.1 doesn't know it"}})])
def names_that_are_too_long(t, members):
    with t.container(lambda config: config.update(members), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None))


@case("spec", differs={"runc": "1.1 refuses at the wrong place"})
def hostname_without_a_namespace(t):
    """It would be the host's."""
    before = os.uname().nodename
    with t.container(lambda config: config["linux"].update(
            namespaces=[n for n in config["linux"]["namespaces"] if n["type"] != "uts"]), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/hostname")
    equal(os.uname().nodename, before)


@cases("spec", [
    ("apparmor", {"apparmorProfile": "raind-nosuch"}, "apparmorProfile"),
    ("selinux", {"selinuxLabel": "system_u:system_r:container_t:s0"}, "selinuxLabel")],
       differs={"runc": "1.1 passes over it where the kernel has none", "crun": "passes over it"},
       fields=["/process/{apparmorProfile,selinuxLabel}"])
def security_module_that_is_missing(t, members, word):
    """Asked for and not possible is an error that names it."""
    with t.container(process(**members), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), word)


@case("spec", fields=["/process/apparmorProfile"])
def apparmor_unconfined(t):
    succeeds(t.run(["/bin/true"], process(apparmorProfile="unconfined") if t.runtime.is_raind else None))
