"""What an ordinary user's container sees: mounts, devices, terminals, hooks, filters; and containers of a caller that is root
of a user namespace already, as rootless podman's are."""

import json
import os

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds
from harness import layout as layouts
from harness.bundle import without_namespace
from harness.probe import Report
from harness.terminal import ConsoleSocket, read_terminal, run_on_a_terminal
from harness.user import (
    COUNT, FIRST, GID, Namespace, OrdinaryUser, UID, enter_user_namespace,
)

OTHER_TEXTS = "the peers' words are their own"
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8


def ranges(text):
    return [tuple(int(word) for word in line.split()) for line in text.splitlines()]


def bound(source, *options):
    return lambda config: config["mounts"].append(
        {"destination": "/mnt", "type": "bind", "source": source, "options": list(options)})


# Mounts

@case("rootless")
def rootless_mounts_of_its_own(t):
    """proc shows the container's processes, and tmpfs belongs to its root."""
    with OrdinaryUser(t) as user:
        said = user.shell("set -- /proc/[0-9]*; echo $#; stat -c %u:%g:%a /dev/shm /dev; echo x >/dev/shm/file; echo writes")
        equal(said, "1\n0:0:1777\n0:0:755\nwrites\n")
        with user.container(args=["/bin/sh", "-c", "echo x >/dev/shm/file; echo up; exec sleep 1000"]) as c:
            c.up()
            c.wait_output("up")
            found = os.stat(f"/proc/{c.pid}/root/dev/shm/file")
            equal((found.st_uid, found.st_gid), (UID, GID))


@case("rootless")
def rootless_read_only_root(t):
    with OrdinaryUser(t) as user:
        equal(user.shell("(echo x >/new) 2>/dev/null || echo refused"), "refused\n")

        def edit(config):
            config["root"]["readonly"] = False
        with user.container(edit, ["/bin/sh", "-c", "echo x >/new"]) as c:
            succeeds(c.run())
            equal((c.bundle.read("new"), os.stat(c.bundle.path("new")).st_uid), ("x\n", UID))


@case("rootless")
def rootless_masked_and_read_only_paths(t):
    with OrdinaryUser(t) as user:
        said = user.shell("cat /proc/kcore | wc -c; (echo 1 >/proc/sys/kernel/dmesg_restrict) 2>&1 || echo refused")
        contains(said, "0\n")
        contains(said, "refused\n")


@case("rootless")
def rootless_sysfs_of_the_host(t):
    """Whoever has no network namespace of its own can mount no sysfs: the host's is bound, read-only all the way."""
    with OrdinaryUser(t) as user:
        report = user.report("mounts", "namespaces")
        equal(report.mount("/sys").kind, "sysfs")
        for mount in report.mounts:
            if mount.point == "/sys":
                contains(mount.options, "ro")
        equal(user.shell("(echo 1 >/sys/kernel/profiling) 2>/dev/null || echo refused"), "refused\n")


@case("rootless")
def rootless_sysfs_of_its_own(t):
    def edit(config):
        config["linux"]["namespaces"].append({"type": "network"})
        config["mounts"] = [mount for mount in config["mounts"] if not mount["destination"].startswith("/sys")]
        config["mounts"].append({"destination": "/sys", "type": "sysfs", "source": "sysfs",
                                 "options": ["nosuid", "noexec", "nodev", "ro"]})
    with OrdinaryUser(t) as user:
        equal(user.shell("ls /sys/class/net", edit), "lo\n")


@case("rootless", raind_only=OTHER_TEXTS)
def rootless_sysfs_that_cannot_be(t):
    def edit(config):
        config["mounts"] = [mount for mount in config["mounts"] if not mount["destination"].startswith("/sys")]
        config["mounts"].append({"destination": "/sys", "type": "sysfs", "source": "sysfs"})
    with OrdinaryUser(t) as user:
        said = fails(user.run(["/bin/true"], edit), "/mounts/").err
        matches(said, "EPERM; hint: ")
        equal(user.left(), [])


LOSES_THEM = {"differs": {"runc": "1.1 asks for flags without those that are locked"}}


@cases("rootless", [("ro", ["bind", "ro"], LOSES_THEM), ("plain", ["bind"], {}), ("private", ["rbind", "rprivate"], {}),
                    ("nosuid", ["rbind", "nosuid", "rro"], LOSES_THEM)])
def rootless_bind_keeps_locked_flags(t, options):
    """What the host has locked stays, whatever else is asked for."""
    with OrdinaryUser(t) as user:
        source = user.own_folder()
        layouts.mount("tmpfs", source, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, f"uid={UID},gid={GID}")
        try:
            with open(os.path.join(source, "file"), "w", encoding="ascii") as file:
                file.write("text\n")
            report = user.report("mounts", edit=bound(source, *options))
            found = report.mount("/mnt").options
            for flag in ("nosuid", "nodev", "noexec"):
                contains(found, flag)
            equal("ro" in found, any(word in ("ro", "rro") for word in options))
            equal(user.shell("cat /mnt/file", edit=bound(source, *options)), "text\n")
        finally:
            layouts.umount(source)


@case("rootless", raind_only=OTHER_TEXTS)
def rootless_bind_that_clears_a_locked_flag(t):
    with OrdinaryUser(t) as user:
        source = user.own_folder()
        layouts.mount("tmpfs", source, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY)
        try:
            for option in ("exec", "dev", "suid", "rw"):
                said = fails(user.run(["/bin/true"], bound(source, "bind", option)), "/mounts/").err
                matches(said, "EPERM; hint: .*locked", option)
            equal(user.left(), [])
        finally:
            layouts.umount(source)


@case("rootless", raind_only=OTHER_TEXTS)
def rootless_bind_of_what_is_closed_to_the_user(t):
    """The bundle's author has no more rights than the caller."""
    with OrdinaryUser(t) as user:
        closed = t.folder()
        os.makedirs(os.path.join(closed, "inner"))
        os.chmod(closed, 0o700)
        said = fails(user.run(["/bin/true"], bound(os.path.join(closed, "inner"), "bind")), "/mounts/").err
        contains(said, "EACCES")
        excludes(said.lower(), "permission denied")


@case("rootless")
def rootless_devices_are_the_hosts(t):
    """No user makes nodes: the host's own are bound."""
    def edit(config):
        config["linux"]["devices"] = [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229}]
    with OrdinaryUser(t) as user:
        before = os.stat("/dev/null")
        wanted = os.path.exists("/dev/fuse")
        report = user.report("mounts", edit=edit if wanted else None)
        points = [mount.point for mount in report.mounts]
        for name in ("null", "zero", "full", "random", "urandom", "tty", *(("fuse",) if wanted else ())):
            contains(points, f"/dev/{name}")
        said = user.shell("stat -c '%t:%T %u' /dev/null; echo x >/dev/null; head -c 4 /dev/zero | wc -c")
        # Nobody: an owner that isn't mapped.
        equal(said, "1:3 65534\n4\n")
        # The host's are as they were.
        after = os.stat("/dev/null")
        equal((after.st_uid, after.st_gid, after.st_mode), (before.st_uid, before.st_gid, before.st_mode))


@case("rootless", raind_only=OTHER_TEXTS)
def rootless_device_that_the_host_lacks(t):
    def edit(config):
        config["linux"]["devices"] = [{"path": "/dev/nosuch", "type": "c", "major": 10, "minor": 250}]
    with OrdinaryUser(t) as user:
        fails(user.run(["/bin/true"], edit), "/linux/devices/0")
        equal(user.left(), [])


# Terminals, filters, hooks

def on_a_terminal(config):
    config["process"]["terminal"] = True


@case("rootless")
def rootless_console_socket(t):
    with OrdinaryUser(t) as user, user.container(
            on_a_terminal, ["/bin/sh", "-c", "stty size >/dev/null && tty; id -u; read line; echo got $line"]) as c:
        console = ConsoleSocket(user.own_folder())
        os.chmod(console.path, 0o777)
        creating = c.spawn("create", "--bundle", c.bundle.folder, "--console-socket", console.path, c.id)
        _, (master,) = console.receive()
        equal(creating.wait(10), 0)
        console.close()
        succeeds(c.start())
        said = read_terminal(master, "0\r\n")
        os.write(master, b"hello\n")
        said += read_terminal(master, "got hello")
        contains(said, "/dev/")
        os.close(master)
        c.wait_status("stopped")


@case("rootless")
def rootless_exec_on_a_terminal(t):
    with OrdinaryUser(t) as user, user.container() as c:
        c.up()
        root = os.path.join(user.runtime_folder, user.runtime.name)
        said, status = run_on_a_terminal(user.runtime, root, ["exec", "--tty", c.id, "/bin/sh", "-c", "tty; exit 5"],
                                         become=user.become)
        equal(status, 5, said)
        contains(said, "/dev/")


FILTER = {"defaultAction": "SCMP_ACT_ALLOW",
          "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 42}]}


@cases("rootless", [("no-new-privileges", True), ("privileges", False)])
def rootless_seccomp(t, no_new_privileges):
    def edit(config):
        config["linux"]["seccomp"] = FILTER
        config["process"]["noNewPrivileges"] = no_new_privileges
    with OrdinaryUser(t) as user, user.container(edit) as c:
        c.up()
        script = "grep -e ^Seccomp: -e ^NoNewPrivs: /proc/self/status; mkdir /dev/shm/new 2>/dev/null || echo refused"
        expected = f"NoNewPrivs:\t{int(no_new_privileges)}\nSeccomp:\t2\nrefused\n"
        equal(succeeds(c.exec("/bin/sh", "-c", script)).out, expected)
        equal(user.shell(script, edit), expected)


@case("rootless")
def rootless_capabilities_are_of_the_namespace(t):
    """All of them inside, none over the host."""
    def edit(config):
        for kind in ("bounding", "effective", "permitted"):
            config["process"]["capabilities"][kind] = ["CAP_SYS_ADMIN", "CAP_CHOWN", "CAP_SYS_TIME", "CAP_NET_ADMIN"]
    with OrdinaryUser(t) as user:
        said = user.shell("hostname inside; hostname; chown 0:1 /dev/shm 2>&1 || echo no chown", edit)
        contains(said, "inside\n")
        contains(said, "no chown")
        excludes(os.uname().nodename, "inside")


@case("rootless")
def rootless_hooks(t):
    """Hooks of the runtime's namespaces run as the caller, those of the container's as its root."""
    with OrdinaryUser(t) as user:
        folder = user.own_folder()
        os.chmod(folder, 0o777)

        def entry(kind, inside=False):
            path = "/mnt" if inside else folder
            return [{"path": "/bin/sh", "args": ["sh", "-c", f"cat >/dev/null; id -u >{path}/{kind}"]}]

        def edit(config):
            bound(folder, "bind")(config)
            config["hooks"] = {
                "prestart": entry("prestart"), "createRuntime": entry("createRuntime"),
                "createContainer": entry("createContainer"), "startContainer": entry("startContainer", True),
                "poststart": entry("poststart"), "poststop": entry("poststop")}
        succeeds(user.run(["/bin/true"], edit))
        found = {}
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                found[name] = int(file.read())
            equal(os.stat(os.path.join(folder, name)).st_uid, UID, name)
        equal(found, {"prestart": UID, "createRuntime": UID, "createContainer": 0, "startContainer": 0, "poststart": UID,
                      "poststop": UID})


@case("rootless")
def rootless_keeps_its_descriptors(t):
    reading, writing = os.pipe()
    os.write(writing, b"by 3\n")
    os.close(writing)

    def before():
        os.dup2(reading, 3, inheritable=True)
    with OrdinaryUser(t) as user:
        result = user.run(["/bin/sh", "-c", "cat <&3; ls /proc/self/fd | wc -l"], flags=("--preserve-fds", "1"),
                          before=before, fds=(3, reading))
        equal(succeeds(result).out.splitlines()[0], "by 3")
    os.close(reading)


# Root of a user namespace

def of_namespace_root(config):
    """No user namespace of its own; and no group of its own where there may be none."""
    without_namespace(config, "user")
    for key in ("uidMappings", "gidMappings"):
        config["linux"].pop(key)


FULL = ((0, UID, 1), (1, FIRST, COUNT))


def full():
    enter_user_namespace(*FULL)


@cases("rootless", [("alone", enter_user_namespace, [(0, UID, 1)], "deny"), ("full", full, list(FULL), "allow")])
def rootless_inside_a_user_namespace(t, enter, expected, setgroups):
    """As `unshare -Ur` and rootless podman call it: euid 0, and root of nothing but the namespace."""
    with OrdinaryUser(t) as user:
        bundle = user.bundle(of_namespace_root, ["/probe", "report", "namespaces", "ids"])
        name = t.name()
        result = succeeds(user.call("run", "--bundle", bundle.folder, name, before=enter))
        report = Report(result.out)
        equal(ranges(report["uidMap"]), expected)
        equal(report["setgroups"].strip(), setgroups)
        equal((report["ids"]["uid"], report["ids"]["gid"]), (0, 0))
        equal(user.left(), [])


@case("rootless")
def rootless_life_inside_a_user_namespace(t):
    """As rootless podman: all calls from one namespace, which has all of the user's ids."""
    def edit(config):
        of_namespace_root(config)
        config["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5]}
    with OrdinaryUser(t) as user, Namespace(user) as inside:
        bundle = user.bundle(edit, ["/bin/sh", "-c", "id; exec sleep 1000"])
        name = t.name()
        out = os.path.join(t.scratch, "out")

        def call(*words, **options):
            return user.call(*words, before=inside.join, **options)

        def status():
            return json.loads(succeeds(call("state", name)).out)["status"]
        try:
            succeeds(call("create", "--bundle", bundle.folder, name, out=out, err=out))
            equal(status(), "created")
            succeeds(call("start", name))

            def said():
                with open(out, encoding="ascii") as file:
                    return file.read()
            t.until(lambda: "uid=1000" in said(), "its output", 5)
            # A process of the outside, with the caller's ids, sees it too.
            equal(json.loads(succeeds(user.call("state", name)).out)["status"], "running")
            equal(succeeds(call("exec", "--user", "7:8", name, "/bin/sh", "-c", "id -u; id -g")).out, "7\n8\n")
            equal(json.loads(succeeds(call("list", "-f", "json")).out)[0]["id"], name)
            succeeds(call("kill", name, "KILL"))
            t.until(lambda: status() == "stopped", "stopped", 5)
            succeeds(call("delete", name))
            equal(user.left(), [])
        finally:
            call("delete", "--force", name)


@case("rootless")
def rootless_user_namespace_inside_another(t):
    """Of the ids that the caller's namespace has, mapped by its root itself."""
    def edit(config):
        config["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 1, "size": 1000}]
        config["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 1, "size": 1000}]
    with OrdinaryUser(t) as user:
        bundle = user.bundle(edit, ["/probe", "report", "namespaces", "ids"])
        report = Report(succeeds(user.call("run", "--bundle", bundle.folder, t.name(), before=full)).out)
        equal(ranges(report["uidMap"]), [(0, 1, 1000)])
        equal(user.left(), [])


@case("rootless")
def rootless_spec_inside_a_user_namespace(t):
    """The config of spec, by root of a namespace that has one id."""
    with OrdinaryUser(t) as user:
        bundle = user.bundle()
        os.unlink(bundle.config_path)
        succeeds(user.call("spec", "--rootless", "--bundle", bundle.folder, before=enter_user_namespace))
        with open(bundle.config_path, encoding="utf-8") as file:
            config = json.load(file)
        equal(config["linux"]["uidMappings"], [{"containerID": 0, "hostID": 0, "size": 1}])
        config["process"]["terminal"] = False
        config["process"]["args"] = ["/bin/sh", "-c", "echo hi; id -u"]
        bundle.config = config
        bundle.save()
        equal(succeeds(user.call("run", "--bundle", bundle.folder, t.name(), before=enter_user_namespace)).out, "hi\n0\n")


@case("rootless", raind_only=OTHER_TEXTS)
def rootless_without_a_user_namespace(t):
    """An ordinary user's container needs one: the error says so."""
    with OrdinaryUser(t) as user:
        said = fails(user.run(["/bin/true"], of_namespace_root)).err
        contains(said, "user namespace")
        excludes(said.lower(), "not permitted")
        equal(user.left(), [])
