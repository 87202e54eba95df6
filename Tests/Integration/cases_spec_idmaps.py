"""The id maps of user namespaces where the caller isn't root of the machine: an ordinary user, with and without ids of
/etc/subuid, and root of a user namespace."""

import ctypes
import os

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness.bundle import mount_at
from harness.probe import Report

UID = 61234
FIRST, COUNT = 700000, 65536
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 1 << 18


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "system call")


class User:
    """An ordinary user of a machine whose /etc gives it ids; nobody but the runtime that is called sees that /etc."""

    def __init__(self, t, subuid=f"raind-test:{FIRST}:{COUNT}\n", subgid=None, path=None):
        self.t = t
        self.etc = t.folder()
        for name, text in (("passwd", f"root:x:0:0::/:/bin/sh\nraind-test:x:{UID}:{UID}::/:/bin/sh\n"),
                           ("group", f"root:x:0:\nraind-test:x:{UID}:\n"),
                           ("subuid", subuid), ("subgid", subuid if subgid is None else subgid)):
            with open(os.path.join(self.etc, name), "w", encoding="ascii") as file:
                file.write(text)
        self.state = t.folder()
        os.chown(self.state, UID, UID)
        self.environment = {"PATH": path or os.environ["PATH"]}

    def become(self):
        libc = ctypes.CDLL(None, use_errno=True)
        checked(libc.unshare(CLONE_NEWNS))
        checked(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        checked(libc.mount(self.etc.encode(), b"/etc", None, MS_BIND, None))
        os.setgroups([])
        os.setresgid(UID, UID, UID)
        os.setresuid(UID, UID, UID)

    def run(self, words, edit):
        """`run` of a container that such a user may have."""
        def both(config):
            config["mounts"].remove(mount_at(config, "/sys/fs/cgroup"))
            config["linux"].pop("resources")
            config["process"]["rlimits"] = []
            config["linux"]["namespaces"].append({"type": "user"})
            edit(config)
        bundle = self.t.bundle(both, words)
        return self.t.call("run", "--bundle", bundle.folder, self.t.name(), root=self.state, before=self.become,
                           env=self.environment)


def mapped(uids, gids=None):
    def of(ranges):
        return [{"containerID": inside, "hostID": outside, "size": size} for inside, outside, size in ranges]
    return lambda config: config["linux"].update(uidMappings=of(uids), gidMappings=of(uids if gids is None else gids))


def without_groups(config):
    """devpts wants a group that a single id doesn't have."""
    options = mount_at(config, "/dev/pts")["options"]
    options.remove("gid=5")


def ranges(text):
    return [tuple(int(word) for word in line.split()) for line in text.splitlines()]


BOTH = [(0, UID, 1), (1, FIRST, COUNT)]
FIELDS = ["/linux/{uidMappings,gidMappings}/*/{containerID,hostID,size}"]


@cases("spec", [("root", 0), ("user", 1000)], fields=FIELDS, raind_only="the peers want more of a bundle")
def ordinary_user_alone(t, inside):
    """Its own id: written by itself, and setgroups goes, as the kernel asks."""
    def edit(config):
        mapped([(inside, UID, 1)])(config)
        without_groups(config)
        config["process"]["user"] = {"uid": inside, "gid": inside}
    report = Report(succeeds(User(t, subuid="").run(["/probe", "report", "namespaces", "ids"], edit)).out)
    equal(ranges(report["uidMap"]), [(inside, UID, 1)])
    equal(ranges(report["gidMap"]), [(inside, UID, 1)])
    equal(report["setgroups"].strip(), "deny")
    equal((report["ids"]["uid"], report["ids"]["gid"]), (inside, inside))


@case("spec", fields=FIELDS, raind_only="the peers want more of a bundle")
def ordinary_user_with_ids(t):
    """By newuidmap and newgidmap, and setgroups stays."""
    def edit(config):
        mapped(BOTH)(config)
        config["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5, 7]}
    report = Report(succeeds(User(t).run(["/probe", "report", "namespaces", "ids"], edit)).out)
    equal(ranges(report["uidMap"]), BOTH)
    equal(ranges(report["gidMap"]), BOTH)
    equal(report["setgroups"].strip(), "allow")
    equal((report["ids"]["uid"], [group for group in report["ids"]["groups"] if group != 1000]), (1000, [5, 7]))


@case("spec", fields=FIELDS, raind_only="the peers want more of a bundle")
def ordinary_user_with_many_ranges(t):
    uids = [(0, UID, 1)] + [(1 + 10 * at, FIRST + 20 * at, 10) for at in range(30)]
    report = Report(succeeds(User(t).run(["/probe", "report", "namespaces"], mapped(uids, BOTH))).out)
    equal(ranges(report["uidMap"]), uids)
    equal(ranges(report["gidMap"]), BOTH)


@case("spec", fields=FIELDS, raind_only="the peers want more of a bundle")
def ordinary_user_and_one_group(t):
    """Ids from /etc/subuid and the caller's own group alone: each map in its own way."""
    def edit(config):
        mapped(BOTH, [(0, UID, 1)])(config)
        without_groups(config)
    report = Report(succeeds(User(t, subgid="").run(["/probe", "report", "namespaces"], edit)).out)
    equal(ranges(report["uidMap"]), BOTH)
    equal(ranges(report["gidMap"]), [(0, UID, 1)])
    equal(report["setgroups"].strip(), "deny")


@cases("spec", [
    ("users", [(0, UID, 1), (1, 5, 100)], BOTH, "/linux/uidMappings", "newuidmap"),
    ("groups", BOTH, [(0, UID, 1), (1, 5, 100)], "/linux/gidMappings", "newgidmap"),
    ("more", [(0, UID, 1), (1, FIRST, COUNT + 1)], BOTH, "/linux/uidMappings", "newuidmap"),
    ("another", [(0, UID + 1, 1)], BOTH, "/linux/uidMappings", "newuidmap"),
    ("root", [(0, 0, 1)], BOTH, "/linux/uidMappings", "newuidmap")],
    fields=FIELDS, raind_only="the peers' words are their own")
def ordinary_user_with_ids_of_others(t, uids, gids, pointer, program):
    """What the program says is told, without the words that podman takes for a verdict on the command."""
    user = User(t)
    said = fails(user.run(["/bin/true"], mapped(uids, gids)), pointer).err
    matches(said, rf"{program} \(status \d+\): .*not allowed")
    contains(said, "/etc/subuid")
    excludes(said.lower(), "not permitted")
    equal(os.listdir(user.state), [])


@case("spec", raind_only="the peers look in PATH")
def ordinary_user_with_a_program_of_its_own(t):
    """A newuidmap that PATH leads to is nobody's."""
    folder = t.folder()
    seen = t.folder()
    os.chmod(seen, 0o777)
    for name in ("newuidmap", "newgidmap"):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\ntouch {seen}/{name}\nexit 1\n")
        os.chmod(os.path.join(folder, name), 0o755)
    succeeds(User(t, path=f"{folder}:{os.environ['PATH']}").run(["/bin/true"], mapped(BOTH)))
    equal(os.listdir(seen), [])


class NamespaceRoot:
    """Root of a user namespace with a mount namespace of its own: what podman has made where it runs without root."""

    def __init__(self, t, uids):
        self.t = t
        self.uids = "".join(f"{inside} {outside} {size}\n" for inside, outside, size in uids)
        self.state = t.folder()
        os.chown(self.state, UID, UID)

    def become(self):
        libc = ctypes.CDLL(None, use_errno=True)
        asking, ready = os.pipe()
        answering, done = os.pipe()
        own = os.getpid()
        if os.fork() == 0:
            # Root of the machine writes the maps of its parent.
            os.read(asking, 1)
            for name in ("uid_map", "gid_map"):
                with open(f"/proc/{own}/{name}", "w", encoding="ascii") as file:
                    file.write(self.uids)
            os.write(done, b"x")
            os._exit(0)  # pylint: disable=protected-access
        checked(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS))
        os.write(ready, b"x")
        os.read(answering, 1)
        os.wait()
        os.setgroups([])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        checked(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))

    def run(self, words, edit=None):
        def both(config):
            config["mounts"].remove(mount_at(config, "/sys/fs/cgroup"))
            config["linux"].pop("resources")
            config["process"]["rlimits"] = []
            if edit:
                edit(config)
        bundle = self.t.bundle(both, words)
        return self.t.call("run", "--bundle", bundle.folder, self.t.name(), root=self.state, before=self.become)


@case("spec", raind_only="the peers want more of a bundle", fields=["/linux/devices", "/process/user/additionalGids"])
def root_of_a_user_namespace(t):
    """No namespace of users for the container: the devices are bound, and groups can be had."""
    def edit(config):
        config["process"]["user"] = {"uid": 0, "gid": 0, "additionalGids": [7]}
    caller = NamespaceRoot(t, BOTH)
    report = Report(succeeds(caller.run(["/probe", "report", "namespaces", "ids", "mounts"], edit)).out)
    equal(ranges(report["uidMap"]), BOTH)
    equal(report["setgroups"].strip(), "allow")
    equal(report["ids"]["groups"], [7])
    true(report.mount("/dev/null").kind != "tmpfs", "the device is bound")


@case("spec", raind_only="the peers want more of a bundle", fields=[*FIELDS, "/linux/namespaces/*/type"])
def user_namespace_inside_another(t):
    """Mapped by itself: it is root of the namespace that the ids are of, and setgroups stays."""
    def edit(config):
        config["linux"]["namespaces"].append({"type": "user"})
        mapped([(0, 1, 1000), (1000, 0, 1)])(config)
        config["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5]}
    caller = NamespaceRoot(t, BOTH)
    said = succeeds(caller.run(["/probe", "report", "namespaces", "ids", "mounts"], edit)).out
    report = Report(said)
    equal(ranges(report["uidMap"]), [(0, 1, 1000), (1000, 0, 1)])
    equal(report["setgroups"].strip(), "allow")
    equal((report["ids"]["uid"], [group for group in report["ids"]["groups"] if group != 1000]), (1000, [5]))
    true(report.mount("/dev/null").kind != "tmpfs", "the device is bound")


@case("spec", raind_only="the peers' words are their own", fields=FIELDS)
def user_namespace_with_ids_that_are_not_there(t):
    def edit(config):
        config["linux"]["namespaces"].append({"type": "user"})
        mapped([(0, 0, COUNT + 100)])(config)
    fails(NamespaceRoot(t, BOTH).run(["/bin/true"], edit), "/linux/gidMappings")
