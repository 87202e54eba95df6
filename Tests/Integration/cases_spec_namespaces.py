"""/linux/namespaces and the mappings: new ones, none, and those of another process."""

import os
import subprocess

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import mount_at, namespace, set_capabilities, with_user_namespace, without_namespace

# Type in config.json to the name below /proc/PID/ns.
NAMES = {"pid": "pid", "network": "net", "mount": "mnt", "ipc": "ipc", "uts": "uts", "user": "user", "cgroup": "cgroup",
         "time": "time"}
FLAGS = {"mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000,
         "pid": 0x20000000, "network": 0x40000000, "time": 0x80}


def own(kind):
    return os.readlink(f"/proc/self/ns/{NAMES[kind]}")


def add(*kinds):
    return lambda config: config["linux"]["namespaces"].extend({"type": kind} for kind in kinds)


def join(config, kind, path):
    entry = namespace(config, kind)
    if entry is None:
        entry = {"type": kind}
        config["linux"]["namespaces"].append(entry)
    entry["path"] = path


class Holder:
    """A process in namespaces of its own, to be joined."""

    def __init__(self, t, *kinds, mapped=None):
        flags = 0
        for kind in kinds:
            flags |= FLAGS[kind]
        # A pid namespace is there with its first process: unshare forks it, and that is the one to look for.
        words = ["unshare", *[f"--{'net' if kind == 'network' else kind}" for kind in kinds if kind not in ("user",)]]
        if "user" in kinds:
            words.append("--user")
        words += ["--fork"] if "pid" in kinds else []
        self.process = subprocess.Popen([*words, "sh", "-c", "echo $$; exec sleep 1000"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE)
        t._spawned.append(self.process)  # pylint: disable=protected-access
        self.process.stdout.readline()
        self.pid = self.process.pid
        if "pid" in kinds:
            with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as file:
                self.pid = int(file.read().split()[0])
        if mapped:
            for name in ("uid_map", "gid_map"):
                with open(f"/proc/{self.pid}/{name}", "w", encoding="ascii") as file:
                    file.write(mapped)

    def path(self, kind):
        return f"/proc/{self.pid}/ns/{NAMES[kind]}"

    def link(self, kind):
        return os.readlink(self.path(kind))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        import contextlib
        import signal
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


# New ones

@case("spec", fields=["/linux/namespaces/*/type"])
def namespaces_of_the_base(t):
    seen = t.report("namespaces")["namespaces"]
    for kind in ("pid", "network", "mount", "ipc", "uts"):
        true(seen[NAMES[kind]] != own(kind), f"{kind} is new")
    for kind in ("user", "cgroup", "time"):
        equal(seen[NAMES[kind]], own(kind), kind)


@cases("spec", [("user", "user"), ("cgroup", "cgroup")], fields=["/linux/namespaces/*/type"])
def namespace_new(t, kind):
    edit = with_user_namespace if kind == "user" else add(kind)
    true(t.report("namespaces", edit=edit)["namespaces"][NAMES[kind]] != own(kind), "it is new")


@cases("spec", [(kind, kind) for kind in ("pid", "network", "ipc", "uts")])
def namespace_left_out(t, kind):
    """The caller's."""
    def edit(config):
        config.pop("hostname")
        if kind == "ipc":
            config["mounts"].remove(mount_at(config, "/dev/mqueue"))
        if kind == "network":
            mount_at(config, "/sys").update(type="none", source="/sys", options=["rbind", "ro"])
        without_namespace(config, kind)
    equal(t.report("namespaces", edit=edit)["namespaces"][NAMES[kind]], own(kind))


@case("spec", differs={"crun": "makes do without"})
def namespace_mount_left_out(t):
    """The rest of the config can't be had in the host's mounts: refused, and the host's root is as it was."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        before = file.read()
    with t.container(lambda config: without_namespace(config, "mount"), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None))
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        equal(file.read(), before)


@cases("spec", [("double", [{"type": "uts"}], {"differs": {"crun": "takes it"}}), ("unknown", [{"type": "nosuch"}]),
                ("missing-path", [{"type": "cgroup", "path": "/nosuch/ns"}]),
                ("no-namespace", [{"type": "cgroup", "path": "/etc/passwd"}],
                 {"differs": {"runc": "1.1 tells of it in the child"}})])
def namespaces_that_are_wrong(t, entries):
    with t.container(lambda config: config["linux"]["namespaces"].extend(entries), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/namespaces" if t.runtime.is_raind else "")
        c.is_unknown()


@case("spec", differs={"runc": "1.1 fails with another word"})
def namespace_of_another_kind(t):
    with t.container(lambda config: join(config, "network", "/proc/self/ns/uts"), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/namespaces/1")


@cases("spec", [(kind, kind) for kind in NAMES if kind != "mount"], raind_only="the peers' words are their own",
       fields=["/linux/namespaces/*/path"])
def namespace_path_that_is_wrong(t, kind):
    """Each type is looked at before it is entered: another type, no namespace, a pipe that nobody writes to, nothing."""
    other = "ipc" if kind == "uts" else "uts"
    pipe = os.path.join(t.folder(), "pipe")
    os.mkfifo(pipe)
    for path, part in ((f"/proc/self/ns/{NAMES[other]}", f"a {other} namespace"), ("/etc/passwd", "no namespace"),
                       ("/dev/null", "no namespace"), (pipe, "no namespace"), ("/nosuch/ns", "ENOENT")):
        def edit(config, path=path):
            config.pop("hostname")
            # Beside one that is right, which the error isn't about.
            join(config, "network" if kind != "network" else "ipc",
                 f"/proc/self/ns/{'net' if kind != 'network' else 'ipc'}")
            config["mounts"] = [mount for mount in config["mounts"] if mount["type"] not in ("sysfs", "mqueue", "cgroup")]
            join(config, kind, path)
        with t.container(edit, ["/bin/true"]) as c:
            place = [n["type"] for n in c.bundle.config["linux"]["namespaces"]].index(kind)
            said = fails(c.create(out=None, err=None), f"(/linux/namespaces/{place}/path)").err
            contains(said, part)
            contains(said, f"{path} as {kind}")
            c.is_unknown()


@case("spec")
def loopback_is_up(t):
    """A new network namespace has its loopback up, as engines count on."""
    contains(t.shell("cat /sys/class/net/lo/flags; ls /sys/class/net"), "lo")
    equal(int(t.shell("cat /sys/class/net/lo/flags").strip(), 16) & 1, 1)


# Joined ones

@cases("spec", [(kind, kind) for kind in ("network", "ipc", "uts")], fields=["/linux/namespaces/*/{type,path}"])
def namespace_joined(t, kind):
    with Holder(t, kind) as holder:
        def edit(config):
            config.pop("hostname")
            join(config, kind, holder.path(kind))
        equal(t.report("namespaces", edit=edit)["namespaces"][NAMES[kind]], holder.link(kind))


@case("spec", fields=["/linux/namespaces/*/path"])
def namespace_pid_joined(t):
    with Holder(t, "pid") as holder:
        report = t.report("namespaces", "process", edit=lambda config: join(config, "pid", holder.path("pid")))
        equal(report["namespaces"]["pid"], holder.link("pid"))
        true(report["process"]["pid"] > 1, f"not the first: {report['process']}")


@case("spec", fields=["/linux/namespaces/*/path"])
def namespace_cgroup_joined(t):
    with Holder(t, "cgroup") as holder:
        report = t.report("namespaces", edit=lambda config: join(config, "cgroup", holder.path("cgroup")))
        equal(report["namespaces"]["cgroup"], holder.link("cgroup"))


@case("spec")
def namespaces_of_a_pod(t):
    """What containerd writes for the second container of a pod: network, ipc and uts of the first."""
    with Holder(t, "network", "ipc", "uts") as holder:
        def edit(config):
            config.pop("hostname")
            for kind in ("network", "ipc", "uts"):
                join(config, kind, holder.path(kind))
        seen = t.report("namespaces", edit=edit)["namespaces"]
        for kind in ("network", "ipc", "uts"):
            equal(seen[NAMES[kind]], holder.link(kind), kind)
        for kind in ("pid", "mount"):
            true(seen[NAMES[kind]] != own(kind), kind)


@case("spec")
def namespaces_of_another_container(t):
    """By the pid of its state."""
    with t.container() as first:
        first.up()
        pid = first.pid

        def edit(config):
            config.pop("hostname")
            for kind in ("network", "ipc", "uts", "pid"):
                join(config, kind, f"/proc/{pid}/ns/{NAMES[kind]}")
        report = t.report("namespaces", "names", edit=edit)
        for kind in ("network", "ipc", "uts", "pid"):
            equal(report["namespaces"][NAMES[kind]], os.readlink(f"/proc/{pid}/ns/{NAMES[kind]}"), kind)
        equal(report["hostname"], "raind-test")


@case("spec")
def kill_in_a_joined_pid_namespace(t):
    """The container's processes end, the namespace's others don't."""
    with Holder(t, "pid") as holder:
        with t.container(lambda config: join(config, "pid", holder.path("pid"))) as c:
            c.up()
            c.kill("KILL")
            c.wait_status("stopped")
            succeeds(c.delete())
        true(os.path.exists(f"/proc/{holder.pid}"), "the holder lives")


# User namespaces

@case("spec", fields=["/linux/{uidMappings,gidMappings}/*/{containerID,hostID,size}"])
def user_namespace(t):
    report = t.report("namespaces", "ids", "capabilities", "names", edit=lambda config: (
        with_user_namespace(config), set_capabilities(config, ["CAP_CHOWN", "CAP_KILL"])))
    equal(report["uidMap"].split(), ["0", "100000", "65536"])
    equal(report["gidMap"].split(), ["0", "100000", "65536"])
    equal((report["ids"]["uid"], report["ids"]["gid"]), (0, 0))
    equal(report.capabilities("effective"), ["CAP_CHOWN", "CAP_KILL"])
    equal(report["hostname"], "raind-test")


@case("spec")
def user_namespace_seen_from_outside(t):
    with t.container(with_user_namespace) as c:
        c.up()
        with open(f"/proc/{c.pid}/status", encoding="ascii") as file:
            status = dict(line.split(":", 1) for line in file)
        equal(status["Uid"].split(), ["100000"] * 4)
        equal(status["Gid"].split(), ["100000"] * 4)


@case("spec", fields=["/linux/{uidMappings,gidMappings}/*/{containerID,hostID,size}"])
def user_namespace_with_many_mappings(t):
    def edit(config):
        config["linux"]["namespaces"].append({"type": "user"})
        config["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 200000, "size": 1},
                                          {"containerID": 1, "hostID": 300000, "size": 999},
                                          {"containerID": 1000, "hostID": 1000, "size": 1}]
        config["linux"]["gidMappings"] = [{"containerID": at, "hostID": 400000 + at, "size": 1} for at in range(20)] + [
            {"containerID": 1000, "hostID": 1000, "size": 1}]
        config["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5, 7]}
    report = t.report("namespaces", "ids", edit=edit)
    equal([line.split() for line in report["uidMap"].splitlines()],
          [["0", "200000", "1"], ["1", "300000", "999"], ["1000", "1000", "1"]])
    equal(len(report["gidMap"].splitlines()), 21)
    equal((report["ids"]["uid"], [g for g in report["ids"]["groups"] if g != 1000]), (1000, [5, 7]))


@case("spec")
def user_namespace_files(t):
    """The root file system belongs to whom it belongs: ids outside the mapping are nobody's."""
    seen = t.stat("/etc/passwd", "/dev/null", "/dev/pts", "/proc/1", edit=with_user_namespace)
    equal(seen["/etc/passwd"]["uid"], 65534)
    equal(seen["/proc/1"]["uid"], 0)
    equal((seen["/dev/null"]["major"], seen["/dev/null"]["minor"]), (1, 3))


@case("spec")
def user_namespace_of_a_root_that_is_mapped(t):
    """As engines prepare it: the root file system belongs to the mapped root."""
    def prepare(bundle):
        for at, folders, files in os.walk(bundle.rootfs):
            for name in folders + files:
                if name not in ("busybox", "probe"):
                    os.lchown(os.path.join(at, name), 100000, 100000)
        os.chown(bundle.rootfs, 100000, 100000)

    def edit(config):
        with_user_namespace(config)
        config["root"]["readonly"] = False
    equal(t.shell("echo x >/new; cat /new; mkdir /made; stat -c %u /made", edit, prepare), "x\n0\n")


@case("spec", differs={"runc": "1.1 wants mappings"}, fields=["/linux/namespaces/*/path"])
def user_namespace_joined(t):
    with Holder(t, "user", "network", mapped="0 100000 65536") as holder:
        def edit(config):
            join(config, "user", holder.path("user"))
            join(config, "network", holder.path("network"))
        report = t.report("namespaces", "ids", edit=edit)
        equal(report["namespaces"]["user"], holder.link("user"))
        equal(report["namespaces"]["net"], holder.link("network"))
        equal(report["uidMap"].split(), ["0", "100000", "65536"])
        equal(report["ids"]["uid"], 0)


@case("spec", differs={"runc": "1.1 writes them, which is refused"})
def user_namespace_joined_with_mappings_beside(t):
    """Podman writes both: the mappings are those of the namespace already."""
    with Holder(t, "user", mapped="0 100000 65536") as holder:
        def edit(config):
            with_user_namespace(config)
            join(config, "user", holder.path("user"))
        equal(t.report("namespaces", edit=edit)["uidMap"].split(), ["0", "100000", "65536"])


@case("spec", differs={"runc": "1.1 can't mount sysfs then"})
def user_namespace_new_beside_joined_ones(t):
    """A new user namespace and the network of another: containerd's pods."""
    with Holder(t, "user", "network", "ipc", "uts", mapped="0 100000 65536") as holder:
        def edit(config):
            config.pop("hostname")
            with_user_namespace(config)
            for kind in ("network", "ipc", "uts"):
                join(config, kind, holder.path(kind))
            # Of a network namespace that belongs to another there is no sysfs and no mqueue to mount.
            for point in ("/sys", "/dev/mqueue"):
                config["mounts"].remove(mount_at(config, point))
            config["mounts"].remove(mount_at(config, "/sys/fs/cgroup"))
        seen = t.report("namespaces", edit=edit)["namespaces"]
        equal(seen["net"], holder.link("network"))
        true(seen["user"] not in (own("user"), holder.link("user")), "a new user namespace")


@cases("spec", [("no-mappings", None, None), ("no-group", [{"containerID": 0, "hostID": 1, "size": 1}], []),
                ("root-unmapped", [{"containerID": 5, "hostID": 1, "size": 1}],
                 [{"containerID": 5, "hostID": 1, "size": 1}]),
                ("overlap", [{"containerID": 0, "hostID": 1, "size": 10}, {"containerID": 5, "hostID": 100, "size": 1}],
                 [{"containerID": 0, "hostID": 1, "size": 10}]),
                ("size-zero", [{"containerID": 0, "hostID": 1, "size": 0}],
                 [{"containerID": 0, "hostID": 1, "size": 1}])])
def mappings_that_are_wrong(t, uids, gids):
    def edit(config):
        config["linux"]["namespaces"].append({"type": "user"})
        if uids is not None:
            config["linux"].update(uidMappings=uids, gidMappings=gids)
    with t.container(edit, ["/bin/true"]) as c:
        fails(c.create(out=None, err=None))
        c.is_unknown()


@case("spec", differs={"runc": "1.1 passes over them"})
def mappings_without_a_user_namespace(t):
    def edit(config):
        config["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 1, "size": 1}]
        config["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 1, "size": 1}]
    with t.container(edit, ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/uidMappings" if t.runtime.is_raind else "")


@case("spec")
def user_that_is_not_mapped(t):
    def edit(config):
        with_user_namespace(config, size=100)
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    with t.container(edit, ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/process/user" if t.runtime.is_raind else "")


@case("spec")
def runtime_cannot_be_reached_from_inside(t):
    """/proc/PID/exe of the processes in the container names no file of the runtime's; nothing of it lives on."""
    with t.container(lambda config: without_namespace(config, "pid")) as c:
        c.up()
        excludes(os.readlink(f"/proc/{c.pid}/exe"), t.runtime.name)
