"""Where a container's group is on cgroup v2 with every controller, who may make groups below it, and which groups take no
container."""

import contextlib
import json
import os
import shutil
import subprocess

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness.bundle import base_config, mount_at, with_user_namespace
from harness.layout import TOP, folders_named
from harness.probe import own_capabilities
from harness.user import UID, Delegated, OrdinaryUser

from cases_spec_cgroups import at, delegated, folder_of, groups_of, resources
from cases_vm_cgroups import MIB, value

OTHER_TEXTS = "the peers tell of it by an errno alone"


@contextlib.contextmanager
def group(t, *below):
    """A group of the case's, with others below it; all of them are removed."""
    top = os.path.join(TOP, t.prefix)
    os.makedirs(os.path.join(top, *below))
    try:
        yield top
    finally:
        for name in folders_named(t.prefix):
            for folder, _, _ in os.walk(name, topdown=False):
                with contextlib.suppress(FileNotFoundError):
                    os.rmdir(folder)


@contextlib.contextmanager
def inhabited(folder):
    """Somebody's process is in a group."""
    process = subprocess.Popen(["sleep", "1000"])
    try:
        write(os.path.join(folder, "cgroup.procs"), process.pid)
        yield
    finally:
        process.kill()
        process.wait()


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(text))


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


# Groups that take no container, or have not what is asked for

@case("vm", level="kernel", differs={"runc": "1.1 reads a list that such a group doesn't have"})
def cgroup_that_is_threaded(t):
    """It takes a process, and the limits that are for threads; those that are for processes are refused."""
    with group(t, "inner") as top:
        write(f"{top}/inner/cgroup.type", "threaded")
        with t.container(at(f"/{t.prefix}/inner", resources(pids={"limit": 9}, cpu={"quota": 50000}))) as c:
            c.up()
            equal([groups_of(c.pid)[""], value(c, "pids.max"), value(c, "cpu.max")],
                  [f"/{t.prefix}/inner", "9", "50000 100000"])
            equal(json.loads(succeeds(c.call("ps", "--format", "json", c.id)).out), [c.pid])
            equal(succeeds(c.exec("/bin/cat", "/proc/self/cgroup")).out, f"0::/{t.prefix}/inner\n")
            succeeds(c.kill("--all", "KILL"))
            c.wait_status("stopped")
    with group(t, "inner") as top:
        write(f"{top}/inner/cgroup.type", "threaded")
        with t.container(at(f"/{t.prefix}/inner", resources(memory={"limit": 64 * MIB})), ["/bin/true"]) as c:
            said = fails(c.create(out=None, err=None)).err
            contains(said, f"limit memory in threaded cgroup {top}/inner: EOPNOTSUPP; hint: a group that is threaded")
            c.is_unknown()


@cases("vm", [("without-limits", {}), ("with-limits", {"memory": {"limit": 64 * MIB}})], level="kernel",
       differs={"runc": "1.1 makes it threaded, too"})
def cgroup_below_one_that_is_threaded(t, members):
    """It takes no process: the runtime says so, with or without limits to set."""
    with group(t, "inner") as top:
        write(f"{top}/inner/cgroup.type", "threaded")
        # The one above is the threads' domain now, and another one below it belongs to nobody.
        with t.container(at(f"/{t.prefix}/other", resources(**members)), ["/bin/true"]) as c:
            said = fails(c.create(out=None, err=None)).err
            contains(said, f"domain invalid cgroup {top}/other: EOPNOTSUPP; hint: a group that is threaded, or below one")
            c.is_unknown()
        equal([name for name in os.listdir(top) if os.path.isdir(f"{top}/{name}")], ["inner"])


@case("vm", level="kernel", differs={"runc": "1.1 fails at the first group for threads"})
def cgroup_that_the_container_makes_threaded(t):
    """A group below its own: whoever is there is counted, stands still and ends like the rest."""
    script = """cd /sys/fs/cgroup; mkdir below; echo threaded > below/cgroup.type; cat below/cgroup.type
sleep 1000 & echo $! > below/cgroup.threads; sleep 1001 & echo ready; wait"""

    def edit(config):
        config["linux"]["namespaces"].append({"type": "cgroup"})
        mount_at(config, "/sys/fs/cgroup")["options"] = ["nosuid", "noexec", "nodev"]
        resources(pids={"limit": 40})(config)
    with t.container(edit, ["/bin/sh", "-c", script]) as c:
        succeeds(c.create())
        folder = folder_of(c.pid, "")
        succeeds(c.start())
        c.wait_output("threaded\nready\n")
        listed = json.loads(succeeds(c.call("ps", "--format", "json", c.id)).out)
        equal((len(listed), len(set(listed)), c.pid in listed), (3, 3, True))
        succeeds(c.call("pause", c.id))
        equal(c.status, "paused")
        succeeds(c.call("resume", c.id))
        succeeds(c.kill("--all", "KILL"))
        c.wait_status("stopped")
        succeeds(c.delete())
        equal(os.path.exists(folder), False)


@case("vm", level="kernel", raind_only=OTHER_TEXTS)
def cgroup_below_one_with_processes(t):
    """It passes no controllers on; without limits that is nobody's trouble."""
    with group(t) as top, inhabited(top):
        with t.container(at(f"/{t.prefix}/inner", resources(memory={"limit": 64 * MIB})), ["/bin/true"]) as c:
            said = fails(c.create(out=None, err=None), "/linux/resources/memory/limit").err
            contains(said, f"pass on memory {top}: EBUSY")
            contains(said, "hint: a group with processes of its own")
            c.is_unknown()
            equal(os.path.exists(f"{top}/inner"), False)
        with t.container(at(f"/{t.prefix}/inner")) as c:
            c.up()
            equal(groups_of(c.pid)[""], f"/{t.prefix}/inner")
            # It passes on what threads can share, too, but then no process can be below it.
            fails(c.call("update", "--pids-limit", "7", c.id), f"pass on pids {top}: EBUSY")
            equal([read(f"{top}/{name}") for name in ("cgroup.subtree_control", "cgroup.type")], ["", "domain"])


@case("vm", level="kernel", raind_only=OTHER_TEXTS)
def cgroup_with_processes_of_its_own(t):
    with group(t, "inner") as top, inhabited(f"{top}/inner"):
        for path in ("inner", ""):
            with t.container(at(f"/{t.prefix}/{path}"), ["/bin/true"]) as c:
                contains(fails(c.create(out=None, err=None), "cgroup in use").err, "EBUSY; hint: ")
                c.is_unknown()


@case("vm", level="kernel", raind_only=OTHER_TEXTS)
def controller_that_is_not_delegated(t):
    """An ordinary user has what is passed on to his group, and nothing more: the group that keeps it is named."""
    with OrdinaryUser(t) as user, Delegated(user) as given:
        user.first = given.enter
        # Of root's own hierarchy he gets all but memory.
        top = f"{TOP}/{given.name}"
        os.mkdir(f"{top}/less")
        write(f"{top}/cgroup.subtree_control", "+pids +cpu")
        for name in ("", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"):
            os.chown(f"{top}/less/{name}", UID, -1)
            os.chown(f"{top}/{name}", 0 if name != "cgroup.procs" else UID, -1)

        def edit(**members):
            def of_user(config):
                config["linux"]["resources"] = {}
                resources(**members)(config)
            return at(f"/{given.name}/less/c", of_user)
        with user.container(edit(pids={"limit": 8}, cpu={"quota": 50000})) as c:
            c.up()
            equal([value(c, "pids.max"), value(c, "cpu.max")], ["8", "50000 100000"])
            said = fails(user.call("update", "--memory", "64M", c.id)).err
            contains(said, f"pass on memory {top}: EACCES")
        with user.container(edit(memory={"limit": 64 * MIB})) as c:
            said = fails(c.create(out=None, err=None), "/linux/resources/memory/limit").err
            contains(said, f"pass on memory {top}: EACCES")
            contains(said, "hint: ")
            contains(said, "Delegate=")
        equal(user.left(), [])
        equal(os.path.exists(f"{top}/less/c"), False)


@case("vm", level="kernel")
def controllers_are_passed_on_from_the_top(t):
    """A group that somebody has made has none, until one below it needs them."""
    with group(t, "one", "two") as top:
        equal(read(f"{top}/cgroup.subtree_control"), "")
        with t.container(at(f"/{t.prefix}/one/two/three", resources(pids={"limit": 7}, memory={"limit": 64 * MIB}))) as c:
            c.up()
            equal([value(c, "pids.max"), value(c, "memory.max")], ["7", str(64 * MIB)])
            equal(groups_of(c.pid)[""], f"/{t.prefix}/one/two/three")
            c.stop()
            succeeds(c.delete())
        # Only the container's own goes.
        true(os.path.isdir(f"{top}/one/two"), "what was there before")
        equal(os.path.exists(f"{top}/one/two/three"), False)


# Whose a group is

@case("vm", level="kernel", differs={"runc": "1.1 gives groups away with systemd's driver alone"},
      fields=["/linux/cgroupsPath"])
def cgroup_is_delegated(t):
    """The folder and what the kernel lists, not the limits; inside groups are made and controllers passed on."""
    script = f"""cd /sys/fs/cgroup
cat cgroup.controllers; mkdir init inner; echo 0 > init/cgroup.procs
echo '+memory +pids' > cgroup.subtree_control; cat cgroup.subtree_control
echo {8 * MIB} > inner/memory.max; echo 5 > inner/pids.max
sh -c 'echo 0 > inner/cgroup.procs; exec cat /proc/self/cgroup'
echo max 2>/dev/null > pids.max || echo refused
sleep 1000 & echo $! > inner/cgroup.procs; echo done; wait"""

    def edit(config):
        delegated(config)
        resources(pids={"limit": 30})(config)
    with t.container(edit, ["/bin/sh", "-c", script]) as c:
        succeeds(c.create())
        folder = folder_of(c.pid, "")
        owned = {name for name in os.listdir(folder) if os.stat(f"{folder}/{name}").st_uid == 100000}
        with open("/sys/kernel/cgroup/delegate", encoding="ascii") as file:
            listed = set(file.read().split())
        # memory.oom.group and io.pressure are among them on newer kernels.
        equal(owned, {name for name in listed if os.path.exists(f"{folder}/{name}")})
        true({"cgroup.procs", "cgroup.threads", "cgroup.subtree_control"} <= owned, owned)
        equal(os.stat(folder).st_uid, 100000)
        succeeds(c.start())
        said = c.wait_output("done").splitlines()
        contains(said[0], "memory")
        equal(said[1:], ["memory pids", "0::/inner", "refused", "done"])
        equal([read(f"{folder}/inner/{name}") for name in ("memory.max", "pids.max")], [str(8 * MIB), "5"])
        # Joining has to cope with a first process that has gone below.
        equal(succeeds(c.exec("/bin/cat", "/proc/self/cgroup")).out, "0::/init\n")
        equal(succeeds(c.exec("/bin/cat", "/proc/self/cgroup", flags=["--cgroup", "inner"])).out, "0::/inner\n")
        c.stop()
        succeeds(c.delete())
        equal(os.path.exists(folder), False)


@cases("vm", [("read-only", ["ro"]), ("writable", [])], level="kernel")
def cgroup_namespace_shows_the_group_as_root(t, options):
    def edit(config):
        config["linux"]["namespaces"].append({"type": "cgroup"})
        mount_at(config, "/sys/fs/cgroup")["options"] = ["nosuid", "noexec", "nodev", *options]
        resources(pids={"limit": 19}, memory={"limit": 64 * MIB})(config)
    with t.container(edit) as c:
        c.up()
        equal(succeeds(c.exec("/bin/cat", "/proc/self/cgroup", "/proc/1/cgroup", "/sys/fs/cgroup/pids.max",
                              "/sys/fs/cgroup/memory.max")).out, f"0::/\n0::/\n19\n{64 * MIB}\n")
        made = c.exec("/bin/mkdir", "/sys/fs/cgroup/inner")
        equal((made.status, os.path.exists(folder_of(c.pid, "") + "/inner")), (1, False) if options else (0, True))


# A container in a container

def inner_bundle(t, bundle, edit):
    """A bundle below /inner of another one's root file system, and the runtime beside it."""
    config = base_config()
    config["linux"]["namespaces"].append({"type": "cgroup"})
    edit(config)
    inner = t.bundle(lambda into: into.update(config))
    shutil.copytree(inner.folder, bundle.path("/inner"), symlinks=True)
    shutil.copy(t.runtime.path, bundle.path("/bin/raind-oci"))


def nesting(config):
    config["linux"]["namespaces"].append({"type": "cgroup"})
    config["linux"]["maskedPaths"] = config["linux"]["readonlyPaths"] = []
    config["process"]["noNewPrivileges"] = False
    names = own_capabilities()
    config["process"]["capabilities"] = {kind: names for kind in ("bounding", "effective", "permitted")}
    mount_at(config, "/sys/fs/cgroup")["options"] = ["nosuid", "noexec", "nodev"]
    mount_at(config, "/sys")["options"] = ["nosuid", "noexec", "nodev"]
    config["mounts"].append({"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]})
    config["linux"]["resources"] = {"devices": [{"allow": True, "access": "rwm"}], "pids": {"limit": 60},
                                    "memory": {"limit": 128 * MIB}}


NESTED = f"""cd /sys/fs/cgroup
mkdir init; echo 0 > init/cgroup.procs
raind-oci --root /run/r run --bundle /inner inner-one > /run/out 2>&1 &
while ! grep -q ready /run/out; do [ -d /proc/$! ] || {{ cat /run/out; exit 1; }}; done
cat /run/out
cat inner/group/memory.max inner/group/pids.max
raind-oci --root /run/r exec inner-one cat /proc/self/cgroup
raind-oci --root /run/r exec inner-one /probe memory {64 * MIB} || echo killed $?
raind-oci --root /run/r update --pids-limit 21 inner-one; cat inner/group/pids.max
raind-oci --root /run/r pause inner-one; grep frozen inner/group/cgroup.events
raind-oci --root /run/r resume inner-one; grep frozen inner/group/cgroup.events
raind-oci --root /run/r kill --all inner-one KILL; wait; ls -d inner/group 2>/dev/null || echo gone
"""


@cases("vm", [("root", False), ("user-namespace", True)], level="kernel", timeout=60,
       raind_only="runc isn't a program that can be copied alone")
def container_in_a_container(t, user_namespace):
    """The inner one's limits hold within the outer one's, whose group is the root of all that the inner one sees."""
    def edit(config):
        nesting(config)
        if user_namespace:
            with_user_namespace(config)

    def inner(config):
        config["linux"]["cgroupsPath"] = "/inner/group"
        config["process"]["args"] = ["/bin/sh", "-c", "cat /proc/self/cgroup; echo $$; echo ready; exec /probe sleep"]
        config["linux"]["resources"].update(memory={"limit": 24 * MIB, "swap": 24 * MIB}, pids={"limit": 20})
        if user_namespace:
            # Of the ids that the outer one has.
            with_user_namespace(config, first=0, size=65536)
    with t.container(edit, ["/bin/sh", "-c", NESTED], prepare=lambda bundle: inner_bundle(t, bundle, inner)) as c:
        succeeds(c.create())
        folder = folder_of(c.pid, "")
        succeeds(c.start())
        c.wait_status("stopped", 40)
        lines = c.output().splitlines()
        equal(lines, ["0::/", "1", "ready", str(24 * MIB), "20", "0::/", "killed 137", "21", "frozen 1", "frozen 0", "gone"])
        contains(read(f"{folder}/memory.events"), "oom_kill 1")
        succeeds(c.delete())
        equal(os.path.exists(folder), False)


@case("vm", level="kernel", timeout=60, raind_only="runc isn't a program that can be copied alone")
def container_in_a_container_that_passes_nothing_on(t):
    """The outer one's first process is in the way: the inner one's limits can't be set, and the runtime says why."""
    def inner(config):
        config["linux"]["cgroupsPath"] = "/inner"
        config["process"]["args"] = ["/bin/echo", "ran"]
        config["linux"]["resources"]["memory"] = {"limit": 24 * MIB}
    with t.container(nesting, ["/bin/sh", "-c", "raind-oci --root /run/r run --bundle /inner one; echo $?; ls /run/r"],
                     prepare=lambda bundle: inner_bundle(t, bundle, inner)) as c:
        result = succeeds(c.run())
        matches(result.err, r"/linux/resources/memory/limit.*pass on memory /sys/fs/cgroup: EBUSY; hint: a group with processes")
        equal(result.out, "1\n")
        excludes(result.err, "\nraind-oci")
