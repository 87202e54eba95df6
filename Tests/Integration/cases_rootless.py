"""Containers of an ordinary user: a user namespace, its own ids or those that the administrator gave it, control groups
only where they are its own."""

import json
import os
import stat

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness import layout as layouts
from harness.bundle import set_capabilities, without_namespace
from harness.terminal import run_on_a_terminal
from harness.user import (
    COUNT, Delegated, FIRST, GID, OrdinaryUser, UID, enter_user_namespace, ids_of_subordinates,
)

OTHER_TEXTS = "the peers' words are their own"
V1, V2 = ("hybrid", "v1"), ("v2",)


def ranges(text):
    return [tuple(int(word) for word in line.split()) for line in text.splitlines()]


def groups_of(pid):
    with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
        return file.read()


# The config that spec writes

@case("rootless")
def rootless_config_of_spec(t):
    """Not a byte changed: a shell on a terminal."""
    with OrdinaryUser(t) as user:
        bundle = user.bundle()
        os.unlink(bundle.config_path)
        succeeds(user.call("spec", "--rootless", "--bundle", bundle.folder))
        equal((os.stat(bundle.config_path).st_uid, stat.S_IMODE(os.stat(bundle.config_path).st_mode) & 0o022), (UID, 0))
        name = t.name()
        said, status = run_on_a_terminal(
            user.runtime, os.path.join(user.runtime_folder, "state"), ["run", "--bundle", bundle.folder, name],
            b"stty -echo; echo begin; echo hi from $(id -u):$(id -g); tty; exit 7\n", "#", become=user.become)
        equal(status, 7, said)
        contains(said, "hi from 0:0\r\n")
        contains(said, "/dev/")
        equal(os.listdir(os.path.join(user.runtime_folder, "state")), [])


@case("rootless")
def rootless_run(t):
    with OrdinaryUser(t) as user:
        result = succeeds(user.run(["/bin/sh", "-c", "echo hi; echo to err >&2"]))
        equal((result.out, result.err), ("hi\n", "to err\n"))
        equal(user.run(["/bin/sh", "-c", "exit 42"]).status, 42)
        equal(user.run(["/bin/sh", "-c", "sh -c 'kill -9 $$'; exit $?"]).status, 137)
        equal(user.left(), [])


@cases("rootless", [("missing", "/nosuch", "no such file or directory"),
                    ("missing-in-path", "nosuch", "executable file not found in $PATH"),
                    ("not-executable", "/etc/passwd", "permission denied")])
def rootless_run_without_a_program(t, program, text):
    with OrdinaryUser(t) as user:
        contains(fails(user.run([program])).err, text)
        equal(user.left(), [])


@case("rootless", raind_only="the peer's state says less")
def rootless_whole_life(t):
    with OrdinaryUser(t) as user, user.container(args=["/bin/sh", "-c", "echo up; exec sleep 1000"]) as c:
        succeeds(c.create())
        state = c.state()
        equal(state["status"], "created")
        equal(os.stat(f"/proc/{c.pid}").st_uid, UID)
        succeeds(c.start())
        c.wait_output("up\n")
        equal(c.status, "running")
        contains(succeeds(user.call("list")).out, c.id)
        equal([entry["id"] for entry in json.loads(succeeds(user.call("list", "-f", "json")).out)], [c.id])
        equal(succeeds(c.exec("/bin/sh", "-c", "id -u; cat /proc/1/comm")).out, "0\nsleep\n")
        equal(c.exec("/bin/sh", "-c", "exit 9").status, 9)
        fails(c.delete(), "that is not stopped: running")
        succeeds(c.kill("KILL"))
        c.wait_status("stopped")
        succeeds(c.delete())
        c.is_unknown()
        equal(user.left(), [])


@case("rootless")
def rootless_delete_force(t):
    """Of a container that runs, with what it has started."""
    script = "for i in 1 2 3; do sleep 1000 & done; echo up; wait"
    with OrdinaryUser(t) as user, user.container(args=["/bin/sh", "-c", script]) as c:
        c.up()
        c.wait_output("up")
        succeeds(c.delete("--force"))
        c.is_unknown()
        equal(user.left(), [])
        succeeds(c.delete("--force"))


# The state root

@case("rootless", raind_only="a folder of its own")
def rootless_state_root(t):
    """Below XDG_RUNTIME_DIR, for its owner alone."""
    with OrdinaryUser(t) as user, user.container() as c:
        succeeds(c.create())
        root = os.path.join(user.runtime_folder, "raind-oci")
        equal(os.listdir(root), [c.id])
        found = os.stat(root)
        equal((found.st_uid, stat.S_IMODE(found.st_mode)), (UID, 0o700))


@cases("rootless", [("empty", ""), ("unset", None)], raind_only=OTHER_TEXTS)
def rootless_without_a_runtime_folder(t, value):
    """The system's folder isn't the user's: the error says what is missing."""
    with OrdinaryUser(t) as user:
        environment = {name: text for name, text in user.environment.items() if name != "XDG_RUNTIME_DIR"}
        if value is not None:
            environment["XDG_RUNTIME_DIR"] = value
        said = fails(user.run(["/bin/true"], env=environment), "/run/raind-oci").err
        contains(said, "hint: ")
        contains(said, "XDG_RUNTIME_DIR")
        contains(said, "--root")
        # What reads only has nothing to tell of.
        said = user.call("state", t.name(), env=environment)
        equal(said.status, 1, said.err)


@case("rootless", raind_only="a folder of its own")
def rootless_state_root_in_a_user_namespace(t):
    """Root inside, an ordinary user outside: the folder is that of the user, unless USER says root."""
    with OrdinaryUser(t) as user:
        config = user.bundle(_of_namespace_root, ["/bin/true"]).folder
        name = t.name()
        succeeds(user.call("run", "--keep", "--bundle", config, name, before=enter_user_namespace))
        equal(os.listdir(os.path.join(user.runtime_folder, "raind-oci")), [name])
        succeeds(user.call("delete", name, before=enter_user_namespace))
        said = user.call("create", "--bundle", config, t.name(), before=enter_user_namespace,
                         env={**user.environment, "USER": "root"})
        fails(said, "/run/raind-oci")


# Ids

@case("rootless")
def rootless_maps_of_one_id(t):
    with OrdinaryUser(t, subordinate=False) as user:
        report = user.report("namespaces", "ids")
        equal((ranges(report["uidMap"]), ranges(report["gidMap"])), ([(0, UID, 1)], [(0, GID, 1)]))
        equal(report["setgroups"].strip(), "deny")
        equal((report["ids"]["uid"], report["ids"]["gid"], report["ids"]["groups"]), (0, 0, []))


@case("rootless", differs={"runc": "sets no groups without root"})
def rootless_maps_of_subordinate_ids(t):
    def edit(config):
        ids_of_subordinates(config)
        config["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5, 7]}
    with OrdinaryUser(t) as user:
        report = user.report("namespaces", "ids", edit=edit)
        equal(ranges(report["uidMap"]), [(0, UID, 1), (1, FIRST, COUNT)])
        equal(ranges(report["gidMap"]), [(0, GID, 1), (1, FIRST, COUNT)])
        equal(report["setgroups"].strip(), "allow")
        equal((report["ids"]["uid"], report["ids"]["gid"]), (1000, 1000))
        equal([group for group in report["ids"]["groups"] if group != 1000], [5, 7])


@case("rootless", differs={"runc": "sets no groups without root"})
def rootless_exec_as_another_user(t):
    with OrdinaryUser(t) as user, user.container(ids_of_subordinates) as c:
        c.up()
        said = succeeds(c.exec("/bin/sh", "-c", "id -u; id -g; id -G", flags=["--user", "1000:1001", "-g", "7"])).out
        equal([said.splitlines()[:2], sorted(said.split()[2:])], [["1000", "1001"], ["1001", "7"]])


@case("rootless")
def rootless_files_have_the_ids_of_the_host(t):
    def edit(config):
        ids_of_subordinates(config)
        config["root"]["readonly"] = False
        set_capabilities(config, ["CAP_CHOWN"])
    script = "echo x >/tmp/root; touch /tmp/user; chown 1000:1001 /tmp/user; mkdir /tmp/d; chown 0:7 /tmp/d; " \
        "stat -c %u:%g /home/user"
    with OrdinaryUser(t) as user, user.container(edit, ["/bin/sh", "-ec", script]) as c:
        # A folder of the image's user, as the map has it.
        os.chown(c.bundle.path("home/user"), FIRST + 999, FIRST + 999)
        equal(succeeds(c.run()).out, "1000:1000\n")
        found = {name: (os.stat(c.bundle.path(f"tmp/{name}")).st_uid, os.stat(c.bundle.path(f"tmp/{name}")).st_gid)
                 for name in ("root", "user", "d")}
        equal(found, {"root": (UID, GID), "user": (FIRST + 999, FIRST + 1000), "d": (UID, FIRST + 6)})


@cases("rootless", [("users", "newuidmap", "uidMappings"), ("groups", "newgidmap", "gidMappings")], raind_only=OTHER_TEXTS)
def rootless_without_the_map_programs(t, program, member):
    """More than the caller's own id takes them: the error names the one that is missing."""
    def edit(config):
        ids_of_subordinates(config)
        other = {"uidMappings": "gidMappings", "gidMappings": "uidMappings"}[member]
        # The other map is one that the user writes itself.
        config["linux"][other] = config["linux"][other][:1]
    with OrdinaryUser(t) as user:
        user.first = lambda: without_programs(t)
        said = fails(user.run(["/bin/true"], edit), program).err
        contains(said, f"/linux/{member}")
        matches(said, "hint: .*install uidmap")
        excludes(said.lower(), "no such file")
        equal(user.left(), [])
        # One's own id alone needs no program.
        succeeds(user.run(["/bin/true"]))


def without_programs(t):
    """/usr/bin is empty for this process."""
    layouts.own_mount_namespace()
    empty = os.path.join(t.scratch, "empty")
    os.makedirs(empty, exist_ok=True)
    layouts.mount(empty, "/usr/bin", flags=layouts.MS_BIND)


@cases("rootless", [("groups", {"additionalGids": [5]}, "setgroups: EPERM; hint: .*additionalGids"),
                    ("user", {"uid": 1000}, "EINVAL; hint: .*uidMappings"),
                    ("group", {"gid": 1000}, "EINVAL; hint: .*gidMappings")],
       raind_only=OTHER_TEXTS)
def rootless_ids_that_are_not_there(t, members, pattern):
    """What can't be set is an error, not left out."""
    with OrdinaryUser(t, subordinate=False) as user:
        said = fails(user.run(["/bin/true"], lambda config: config["process"]["user"].update(members)), "/process/user").err
        matches(said, pattern)
        equal(user.left(), [])


# Control groups

@case("rootless")
def rootless_without_control_groups(t):
    """Nothing is asked for: the container is where its caller is, and nothing is written."""
    with OrdinaryUser(t) as user, user.container() as c:
        before = {top: sorted(os.listdir(top)) for top in set(layouts.hierarchies().values())}
        c.up()
        equal(groups_of(c.pid), groups_of("self"))
        for top, names in before.items():
            equal([name for name in os.listdir(top) if name not in names and name.startswith(t.prefix)], [], top)
        fails(c.call("pause", c.id))
        equal(c.status, "running")


def limited(**resources):
    def edit(config):
        config["linux"].setdefault("resources", {}).update(resources)
    return edit


@cases("rootless", [
    ("v1", limited(pids={"limit": 10}), {"layouts": V1}),
    ("v2", limited(hugepageLimits=[{"pageSize": "2MB", "limit": 0}]), {"layouts": V2}),
    ("path", lambda config: config["linux"].update(cgroupsPath="/raind-test-x/y"), {}),
], raind_only=OTHER_TEXTS)
def rootless_limits_without_delegation(t, edit):
    with OrdinaryUser(t) as user:
        said = fails(user.run(["/bin/true"], edit), "make cgroups").err
        matches(said, "/sys/fs/cgroup/.*: EACCES; hint: .*")
        contains(said, "delegate")
        equal(user.left(), [])


@cases("rootless", [("true", "true", 0), ("auto", "auto", 0), ("false", "false", 1)],
       raind_only="the peers' --rootless is about other things")
def rootless_flag(t, word, status):
    """Without a limit the groups are optional, unless the caller says no."""
    with OrdinaryUser(t) as user:
        result = user.run(["/bin/true"], glob=("--rootless", word))
        equal(result.status, status, result.err)
        if status:
            contains(result.err, "make cgroups")
        equal(user.left(), [])


@case("rootless", raind_only=OTHER_TEXTS)
def rootless_flag_that_is_wrong(t):
    with OrdinaryUser(t) as user:
        fails(user.run(["/bin/true"], glob=("--rootless", "perhaps")), "expected true, false or auto")


@case("rootless", layouts=V1)
def rootless_delegated_v1(t):
    """The limits are there, and hold; pause and ps find their groups; the groups go with the container."""
    with OrdinaryUser(t) as user, Delegated(user) as delegated:
        user.first = delegated.enter

        def edit(config):
            config["linux"]["cgroupsPath"] = f"/{delegated.name}/c"
            limited(pids={"limit": 8}, memory={"limit": 64 << 20}, cpu={"shares": 256})(config)
        script = "echo up; read x; for i in 1 2 3 4 5 6 7 8 9 10 11; do sleep 1000 & done; echo all"
        reading, writing = os.pipe()
        with user.container(edit, ["/bin/sh", "-c", script]) as c:
            succeeds(c.create(stdin=reading))
            os.close(reading)
            succeeds(c.start())
            c.wait_output("up")
            tops = layouts.hierarchies()
            for controller, name, expected in (("pids", "pids.max", "8"), ("cpu", "cpu.shares", "256"),
                                               ("memory", "memory.limit_in_bytes", str(64 << 20))):
                with open(f"{tops[controller]}/{delegated.name}/c/{name}", encoding="ascii") as file:
                    equal(file.read().strip(), expected, name)
            contains(groups_of(c.pid), f"/{delegated.name}/c\n")
            equal(json.loads(succeeds(user.call("ps", "--format", "json", c.id)).out), [c.pid])
            succeeds(user.call("pause", c.id))
            equal(c.status, "paused")
            succeeds(user.call("resume", c.id))
            succeeds(user.call("update", "--pids-limit", "9", c.id))
            with open(f"{tops['pids']}/{delegated.name}/c/pids.max", encoding="ascii") as file:
                equal(file.read().strip(), "9")
            equal(succeeds(c.exec("/bin/echo", "joined")).out, "joined\n")
            os.write(writing, b"go\n")
            os.close(writing)
            t.until(lambda: _value(f"{tops['pids']}/{delegated.name}/c/pids.events", "max") > 0, "a fork is refused")
            succeeds(c.kill("--all", "KILL"))
            c.wait_status("stopped")
            succeeds(c.delete())
        for top in set(tops.values()):
            equal(os.path.exists(f"{top}/{delegated.name}/c"), False, top)


def _value(path, name):
    with open(path, encoding="ascii") as file:
        for line in file:
            if line.split()[0] == name:
                return int(line.split()[1])
    return 0


@case("rootless", layouts=V2)
def rootless_delegated_v2(t):
    """A group that the session's manager gave to the user, who is in a group below it."""
    with OrdinaryUser(t) as user, Delegated(user) as delegated:
        user.first = delegated.enter

        def edit(config):
            config["linux"]["cgroupsPath"] = f"/{delegated.name}/c"
            limited(hugepageLimits=[{"pageSize": "2MB", "limit": 4 << 20}])(config)
        with user.container(edit) as c:
            c.up()
            folder = f"/sys/fs/cgroup/{delegated.name}/c"
            with open(f"{folder}/hugetlb.2MB.max", encoding="ascii") as file:
                equal(file.read().strip(), str(4 << 20))
            contains(groups_of(c.pid), f"0::/{delegated.name}/c\n")
            succeeds(user.call("pause", c.id))
            equal(c.status, "paused")
            succeeds(user.call("resume", c.id))
            equal(succeeds(c.exec("/bin/echo", "joined")).out, "joined\n")
            succeeds(c.kill("--all", "KILL"))
            c.wait_status("stopped")
            succeeds(c.delete())
            equal(os.path.exists(folder), False)


@case("rootless", layouts=V2, raind_only="runc asks for a path")
def rootless_delegated_v2_by_itself(t):
    """Nothing is asked for, and there is a group to make one in: beside the caller's own."""
    with OrdinaryUser(t) as user, Delegated(user) as delegated:
        user.first = delegated.enter
        with user.container() as c:
            c.up()
            contains(groups_of(c.pid), f"0::/{delegated.name}/{c.id}\n")
            succeeds(c.delete("--force"))
        equal(os.listdir(f"/sys/fs/cgroup/{delegated.name}").count(c.id), 0)


def only_subordinates(delegated, resources):
    def edit(config):
        for key in ("uidMappings", "gidMappings"):
            config["linux"][key] = [{"containerID": 0, "hostID": FIRST, "size": 1000}]
        config["linux"]["cgroupsPath"] = f"/{delegated.name}/c"
        limited(**resources)(config)
    return edit


@case("rootless", layouts=V2, differs={"runc": "gives a file of its state away"})
def rootless_delegated_v2_without_the_callers_id(t):
    """Nobody in the container has the caller's id, which v2 doesn't ask for."""
    with OrdinaryUser(t) as user, Delegated(user) as delegated:
        user.first = delegated.enter
        with user.container(only_subordinates(delegated, {"hugepageLimits": [{"pageSize": "2MB", "limit": 0}]})) as c:
            c.up()
            contains(groups_of(c.pid), f"/{delegated.name}/c\n")
            equal(os.stat(f"/proc/{c.pid}").st_uid, FIRST)
            succeeds(c.delete("--force"))


@case("rootless", layouts=V1, raind_only=OTHER_TEXTS)
def rootless_delegated_v1_without_the_callers_id(t):
    """v1 does: the process can't be put there, and nothing is left."""
    with OrdinaryUser(t) as user, Delegated(user) as delegated:
        user.first = delegated.enter
        said = fails(user.run(["/bin/true"], only_subordinates(delegated, {"pids": {"limit": 8}})), "enter cgroups").err
        matches(said, "EACCES; hint: .*of its own id")
        equal(user.left(), [])
        for top in set(layouts.hierarchies().values()):
            equal(os.path.exists(f"{top}/{delegated.name}/c"), False, top)


@case("rootless", layouts=V2, raind_only=OTHER_TEXTS)
def rootless_caller_outside_of_what_is_delegated(t):
    """The group is the user's, and the way from the caller's own group to it isn't."""
    with OrdinaryUser(t) as user, Delegated(user) as delegated:
        said = fails(user.run(["/bin/true"], lambda config: config["linux"].update(cgroupsPath=f"/{delegated.name}/c"))).err
        matches(said, "EACCES; hint: .*delegated")
        equal(user.left(), [])
        equal(os.path.exists(f"/sys/fs/cgroup/{delegated.name}/c"), False)


# Processes

@cases("rootless", [("kill", "KILL"), ("term", "TERM")], differs={"runc": "asks for a freezer"})
def rootless_kill_all(t, signal):
    """Without a control group the pid namespace tells who is in the container: both loops, and the shell that waits."""
    script = "trap : TERM; for i in 1 2; do sh -c 'trap \"echo told; exit\" TERM; echo up; while :; do sleep 0.05; done' & " \
        "done; wait; wait; wait; echo over"
    with OrdinaryUser(t) as user, user.container(args=["/bin/sh", "-c", script]) as c:
        c.up()
        t.until(lambda: c.output().count("up") == 2, "both are up")
        true(len(json.loads(succeeds(user.call("ps", "--format", "json", c.id)).out)) >= 3, "ps sees them")
        succeeds(c.kill("--all", signal))
        c.wait_status("stopped")
        equal(c.output().count("told"), 2 if signal == "TERM" else 0)
        succeeds(c.delete())


def _of_namespace_root(config):
    """For root of a user namespace: none more."""
    without_namespace(config, "user")
    for key in ("uidMappings", "gidMappings"):
        config["linux"].pop(key)
