"""What joins a container, or runs without root, and asks for more than it is to have."""

import json
import os

from harness import case, cases, equal, fails, succeeds, true
from harness.bundle import set_capabilities
from harness.probe import Report
from harness.runtime import ENVIRONMENT
from harness.user import Delegated, OrdinaryUser

# What can be read as a number in one way or another, and is no user id.
NO_IDS = [
    "", "-1", "-0", "+0", "+1", " 1", "1 ", "1\n", "01x", "0x10", "1e3", "1.0", "1_000", "4294967295", "4294967296",
    "4294968296", "18446744073709551616", "18446744073709552616", "-4294967296", "99999999999999999999999999",
    "root", "user", "user:user", ":", ":0", "1000:", "1000:x", "1000:-1", "1000:+1", "1000:-0", "1000:4294967295",
    "1000:4294967296", "1000:1000:0", "١", "１０００", "NaN",
]


@case("attack", row="CVE-2026-30892", hole="user-as-it-reads", raind_only="others take names, and what C reads of a number")
def exec_as_a_user_that_is_none(t):
    """CVE-2026-30892: what isn't a user id must not end as root's, nor as anybody else's."""
    with t.container() as c:
        c.up()
        for text in NO_IDS:
            result = c.exec("/probe", "report", "ids", flags=["--user", text])
            true(result.status != 0 and not result.out, f"--user {text!r}: exit {result.status}, {result.out!r}")
            t.tried("user ids")


@cases("attack", [("user", "1000", (1000, None)), ("group", "1000:2000", (1000, 2000)), ("zeros", "0001000:00", (1000, 0)),
                  ("last", "4294967294:4294967294", (4294967294, 4294967294))],
       row="CVE-2026-30892", hole="user-not-taken")
def exec_as_a_user(t, text, expected):
    with t.container() as c:
        c.up()
        seen = Report(succeeds(c.exec("/probe", "report", "ids", flags=["--user", text])).out)["ids"]
        equal([seen[name] for name in ("uid", "euid", "suid", "fsuid")], [expected[0]] * 4)
        if expected[1] is not None:
            equal([seen[name] for name in ("gid", "egid", "sgid", "fsgid")], [expected[1]] * 4)


@cases("attack", [("root", []), ("a-user", ["--user", "1000:1000"]), ("a-capability-more", ["--cap", "CAP_SYS_CHROOT"]),
                  ("both", ["--user", "1000:1000", "--cap", "CAP_SYS_CHROOT"])],
       row=("CVE-2022-24769, 2022-27650, 2022-29162", "CVE-2024-21626, CVE-2025-27612"), hole="exec-with-more",
       differs={"runc": "1.1 has an inheritable set for --cap", "crun": "1.8 fills ambient for --cap"})
def exec_has_the_sets_that_it_is_to_have(t, flags):
    """CVE-2022-29162, CVE-2025-27612: all five sets, whatever the first process or the caller has in its own."""
    names = ["CAP_CHOWN", "CAP_KILL"]

    def edit(config):
        set_capabilities(config, names)
    with t.container(edit) as c:
        c.up()
        found = Report(succeeds(c.exec("/probe", "report", "capabilities", flags=flags)).out)
        bounding = names + (["CAP_SYS_CHROOT"] if "--cap" in flags else [])
        equal((found.capabilities("inheritable"), found.capabilities("ambient")), ([], []), "inheritable, ambient")
        equal(found.capabilities("bounding"), bounding, "bounding")
        # A user's program has nothing of what it could have been given.
        held = [] if "--user" in flags else bounding
        equal((found.capabilities("permitted"), found.capabilities("effective")), (held, held), "permitted, effective")


@case("attack", row="CVE-2022-24769, 2022-27650, 2022-29162", hole="spec-with-inheritable")
def spec_gives_nothing_inheritable(t):
    """CVE-2022-24769: the config that spec writes leaves the inheritable set, and with it the ambient one, empty."""
    with t.container() as c:
        os.unlink(c.bundle.config_path)
        succeeds(t.call("spec", "--bundle", c.bundle.folder))
        with open(c.bundle.config_path, encoding="utf-8") as file:
            c.bundle.config = json.load(file)
        c.bundle.config["process"].update(terminal=False, args=["/probe", "report", "capabilities"])
        c.bundle.save()
        found = Report(succeeds(c.run()).out)
        equal((found.capabilities("inheritable"), found.capabilities("ambient")), ([], []), "inheritable, ambient")


@cases("attack", [("self", "/proc/self/fd/{}"), ("first", "/proc/1/fd/{}", {
    "hole": None, "shown": "the control: the first process has none left"}), ("above", "/proc/self/fd/{}/.."),
                  ("far-above", "/proc/self/fd/{}/../../../../../.."), ("by-a-link", "/trap/{}")],
       row="CVE-2024-21626, CVE-2025-27612", hole="descriptors-kept")
def exec_in_a_folder_behind_a_descriptor(t, place):
    """CVE-2024-21626: a working directory that is a descriptor of the runtime's lies outside the root file system."""
    marker = t.file("of the host\n", "host-marker")

    def prepare(bundle):
        os.makedirs(bundle.path("trap"))
        for number in range(3, 40):
            os.symlink(f"/proc/self/fd/{number}", bundle.path(f"trap/{number}"))
    climb = "../" * 24
    with t.container(prepare=prepare) as c:
        c.up()
        for number in range(3, 40):
            said = c.exec("/bin/sh", "-c", f"cat {climb}{marker} {climb}proc/1/root{marker}; pwd",
                          flags=["--cwd", place.format(number)])
            true(said.status != 0 and "of the host" not in said.out, f"descriptor {number}: exit {said.status}, {said.out!r}")
            t.tried("descriptors")


@case("attack", row="supplementary groups", hole="groups-kept")
def exec_has_no_group_of_the_callers(t):
    """An empty list clears the caller's, for the first process and for who joins."""
    with t.container(args=["/bin/sh", "-c", "/probe report ids; exec /bin/sleep 100"]) as c:
        succeeds(c.create(before=lambda: os.setgroups([27, 28])))
        succeeds(c.start())
        equal([group for group in Report(c.wait_output("}\n"))["ids"]["groups"] if group != 0], [], "of the first process")
        seen = Report(succeeds(c.exec("/probe", "report", "ids", before=lambda: os.setgroups([27, 28]))).out)
        equal([group for group in seen["ids"]["groups"] if group != 0], [], "of who joins")


WRITES = """
    seen=no
    for f in $(busybox find /sys/fs/cgroup -type f -maxdepth 3); do
        seen=yes
        (echo 1 >$f) 2>&- && echo written $f
    done
    busybox find /sys/fs/cgroup -type d -maxdepth 2 | while read d; do mkdir $d/raind-test-new 2>&- && echo made $d; done
    echo end $seen"""


@cases("attack", [("own-namespace", True), ("no-namespace", False)], raind_only="peers need groups that the user may make",
       layouts=("hybrid", "v1"), row="CVE-2022-0492, CVE-2023-25809", hole="cgroups-writable")
def rootless_cgroups_of_the_host(t, own):
    """CVE-2023-25809: where the user could write to a control group, the container can't, with a namespace or without."""
    def edit(config):
        config["linux"]["cgroupsPath"] = f"/{delegated.name}/c"
        config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "cgroup"]
        if own:
            config["linux"]["namespaces"].append({"type": "cgroup"})
    with OrdinaryUser(t) as user, Delegated(user) as delegated:
        user.first = delegated.enter
        result = user.run(["/bin/sh", "-c", WRITES], edit)
        equal(result.out, "end yes\n", result.err)


@cases("attack", [
    ("climbing", "../{}"), ("slashes", "{0}/../../{0}"), ("newline", "{}\nother"), ("blank", "{} other"),
    ("escape", "{}\x1b[2J"), ("other-letters", "{}-t\u00e9st"), ("not-utf-8", "{}-\udcff"), ("256", "{:r<256}"),
    ("long", "{:r<5000}")],
       row="container ids", hole="any-id")
def ids_that_lead_elsewhere(t, form):
    """An id names folders of the state, control groups and units: nothing of it is a path."""
    bundle = t.bundle(args=["/bin/true"])
    # By its beginning what is left of it is found.
    name = os.fsencode(form.format(t.name()))
    os.makedirs(t.root, mode=0o711, exist_ok=True)
    before = sorted(os.listdir(t.scratch))
    for words in (["create", "--bundle", bundle.folder], ["run", "--bundle", bundle.folder], ["start"], ["state"], ["kill"],
                  ["delete"], ["exec"], ["ps"], ["pause"], ["events", "--stats"]):
        result = t.call(*words, "--", name, *(["/bin/true"] if words == ["exec"] else []), env=ENVIRONMENT)
        fails(result, "invalid container ID format" if t.runtime.is_raind else "", status=255 if words == ["exec"] else 1)
    equal((os.listdir(t.root), sorted(os.listdir(t.scratch))), ([], before), "the state root, and the folder around it")
