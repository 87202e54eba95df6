"""What create finds out and refuses, and what it leaves behind when it is cut off."""

import os
import random
import signal
import time

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness.layout import folders_named


# The command

@cases("lifecycle", [
    ("missing", "/nosuch", 'exec: "/nosuch": stat /nosuch: no such file or directory'),
    ("missing-in-path", "nosuch", 'exec: "nosuch": executable file not found in $PATH'),
    ("not-executable", "/etc/passwd", 'exec: "/etc/passwd": permission denied'),
    ("folder", "/etc", 'exec: "/etc": '),
    ("empty", "", ""),
], differs={"crun": "has texts of its own"})
def create_without_a_program(t, program, text):
    with t.container(args=[program]) as c:
        result = fails(c.create(out=None, err=None))
        # A log line as text has its quotes escaped.
        contains(result.err.replace('\\"', '"'), text)
        c.is_unknown()


@case("lifecycle", differs={"runc": "1.1 tells of it at start"})
def create_with_a_missing_interpreter(t):
    def prepare(bundle):
        bundle.write("bin/script", "#!/nosuch/interpreter\n", 0o755)
    with t.container(args=["/bin/script"], prepare=prepare) as c:
        result = c.create(out=None, err=None)
        fails(result, "/bin/script")


@case("lifecycle")
def program_by_the_path_of_the_container(t):
    """PATH is the container's own, its entries in their order, the empty ones too."""
    def edit(config):
        config["process"]["env"] = ["PATH=/first:/second"]

    def prepare(bundle):
        bundle.write("second/tool", "#!/bin/sh\necho second\n", 0o755)
        bundle.write("first/tool", "#!/bin/sh\necho not executable\n", 0o644)
    equal(succeeds(t.run(["tool"], edit, prepare, env={"PATH": "/bin"})).out, "second\n")


@case("lifecycle", differs={"runc": "1.1 runs in a folder of the host's root", "crun": "refuses it"})
def relative_program(t):
    def edit(config):
        config["process"]["cwd"] = "/tools"
    equal(succeeds(t.run(["./tool"], edit, lambda b: b.write("tools/tool", "#!/bin/sh\npwd\n", 0o755))).out, "/tools\n")


@case("lifecycle")
def program_that_only_the_user_may_run(t):
    """A folder of 0700 of the user's: root without CAP_DAC_OVERRIDE can't look into it."""
    def edit(config):
        config["process"]["user"] = {"uid": 1000, "gid": 1000}

    def prepare(bundle):
        path = bundle.write("own/tool", "#!/bin/sh\necho ran\n", 0o700)
        os.chown(path, 1000, 1000)
        os.chmod(os.path.dirname(path), 0o700)
        os.chown(os.path.dirname(path), 1000, 1000)
    equal(succeeds(t.run(["/own/tool"], edit, prepare)).out, "ran\n")


@case("lifecycle")
def program_that_the_user_may_not_run(t):
    def edit(config):
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    with t.container(edit, ["/secret"], prepare=lambda bundle: bundle.write("secret", "#!/bin/sh\n", 0o700)) as c:
        created = c.create(out=None, err=None)
        if created.status == 0:
            # Only the exec itself can tell.
            created = c.start()
        if t.runtime.is_raind:
            fails(created, "permission denied")


# The bundle

@case("lifecycle", fields=["/process/cwd"])
def missing_cwd_is_made(t):
    def edit(config):
        config["process"]["cwd"] = "/made/deep"
        config["root"]["readonly"] = False
    report = t.report("cwd", edit=edit)
    equal(report["cwd"], "/made/deep")


@case("lifecycle")
def missing_rootfs(t):
    with t.container(lambda config: config["root"].update(path="nosuch")) as c:
        fails(c.create(out=None, err=None), "nosuch")
        c.is_unknown()


@case("lifecycle")
def rootfs_that_is_a_file(t):
    with t.container(lambda config: config["root"].update(path="config.json")) as c:
        fails(c.create(out=None, err=None))


@case("lifecycle", fields=["/root/path"])
def rootfs_by_an_absolute_path(t):
    with t.container(args=["/bin/echo", "ok"],
                     prepare=lambda bundle: bundle.config["root"].update(path=bundle.rootfs)) as c:
        equal(succeeds(c.run()).out, "ok\n")


@case("lifecycle", differs={"runc": "refuses links"}, fields=["/root/path"])
def rootfs_by_a_link(t):
    def prepare(bundle):
        os.symlink("rootfs", os.path.join(bundle.folder, "link"))
        bundle.config["root"]["path"] = "link"
    equal(succeeds(t.run(["/bin/echo", "ok"], prepare=prepare)).out, "ok\n")


@case("lifecycle")
def missing_bundle(t):
    result = t.call("create", "--bundle", os.path.join(t.scratch, "nosuch"), t.name())
    fails(result, "nosuch" if t.runtime.is_raind else "")
    if t.runtime.is_raind:
        excludes(result.err, "no such file")


@case("lifecycle")
def missing_config(t):
    with t.container() as c:
        os.unlink(c.bundle.config_path)
        fails(c.create(), "config.json")
        true(not os.path.exists(t.root) or not os.listdir(t.root), "no state is left")


@cases("lifecycle", [
    ("not-json", "hello"), ("cut-off", '{"ociVersion": "1.0.2", "process": {'), ("array", "[]"), ("empty", ""),
    ("number", "1")])
def broken_config(t, text):
    with t.container() as c:
        with open(c.bundle.config_path, "w", encoding="utf-8") as file:
            file.write(text)
        result = c.create(out=None, err=None)
        fails(result)
        if t.runtime.is_raind:
            contains(result.err, "config.json")
        c.is_unknown()


# Cut off

def slow_create(t, folder, kind="createRuntime", seconds=30):
    """A hook that lasts; it says when it has begun."""
    inside = f"echo >{folder}/begun; exec sleep {seconds}"
    return lambda config: config.update(hooks={kind: [{"path": "/bin/sh", "args": ["sh", "-c", inside]}]})


@cases("lifecycle", [(kind, kind) for kind in ("prestart", "createRuntime", "createContainer")],
       differs={"runc": "1.1 has no state yet, and leaves the process and its cgroup"})
def create_killed_in_a_hook(t, kind):
    folder = t.folder()
    os.chmod(folder, 0o777)
    with t.container(slow_create(t, folder, kind, 3)) as c:
        process = c.spawn("create", "--bundle", c.bundle.folder, c.id)
        t.until(lambda: os.path.exists(os.path.join(folder, "begun")), "the hook begins")
        process.kill()
        process.wait()
        succeeds(c.delete("--force"))
        c.is_unknown()
        # The hook may last as long as it does; the container's process must not.
        t.until(lambda: not folders_named(c.id), "no cgroup is left", 8)
        t.until(lambda: t.reap() is None or not alive(t), "no process is left", 8)
        # And the id is free.
        c.bundle.config.pop("hooks")
        c.bundle.save()
        succeeds(c.create())


def alive(t):
    from harness.context import children
    return children(os.getpid())


@case("lifecycle", timeout=60)
def create_killed_at_any_time(t):
    """After delete --force nothing of it is left, wherever it was; runc needs a state file for that."""
    random.seed(7)
    left = []
    for at in range(25):
        with t.container() as c:
            process = c.spawn("create", "--bundle", c.bundle.folder, c.id)
            time.sleep(at * (0.0006 if t.runtime.is_raind else 0.004) + random.random() / 2000)
            process.kill()
            process.wait()
            deleted = c.delete("--force")
            if deleted.status:
                left.append(f"{at}: {deleted.err}")
            t.until(lambda: t.reap() is None or not alive(t), "no process is left", 5)
            if os.path.isdir(os.path.join(t.root, c.id)):
                left.append(f"{at}: state folder")
            folders = folders_named(c.id)
            if folders:
                left.append(f"{at}: {folders}")
                for folder in folders:
                    os.rmdir(folder)
    if t.runtime.is_raind:
        equal(left, [])


@case("lifecycle", timeout=60)
def create_interrupted_by_a_signal(t):
    """SIGINT and SIGTERM end a create; what it made is taken back by delete --force at the latest."""
    for number in (signal.SIGINT, signal.SIGTERM):
        folder = t.folder()
        os.chmod(folder, 0o777)
        with t.container(slow_create(t, folder, "createRuntime", 2)) as c:
            process = c.spawn("create", "--bundle", c.bundle.folder, c.id)
            t.until(lambda f=folder: os.path.exists(os.path.join(f, "begun")), "the hook begins")
            process.send_signal(number)
            process.wait(10)
            succeeds(c.delete("--force"))
            c.is_unknown()


@case("lifecycle", differs={"runc": "1.1 leaves the cgroup"})
def start_of_a_container_whose_create_was_killed(t):
    """Half a container can't be started."""
    folder = t.folder()
    os.chmod(folder, 0o777)
    with t.container(slow_create(t, folder, "createRuntime", 2)) as c:
        process = c.spawn("create", "--bundle", c.bundle.folder, c.id)
        t.until(lambda: os.path.exists(os.path.join(folder, "begun")), "the hook begins")
        process.kill()
        process.wait()
        fails(c.start())
        succeeds(c.delete("--force"))


@case("lifecycle")
def start_waits_for_no_one(t):
    """The creator is long gone when start comes; the container's process belongs to the subreaper."""
    with t.container(args=["/bin/echo", "started"]) as c:
        succeeds(c.create())
        with open(f"/proc/{c.pid}/stat", encoding="utf-8") as stat:
            equal(int(stat.read().rsplit(")", 1)[1].split()[1]), os.getpid(), "the parent")
        succeeds(c.start())
        c.wait_output("started\n")


@case("lifecycle")
def failed_create_leaves_nothing(t):
    """At each of many places."""
    def bad(change):
        def edit(config):
            change(config)
        return edit
    changes = {
        "mount": lambda config: config["mounts"].append(
            {"destination": "/x", "type": "bind", "source": "/nosuch/raind", "options": ["bind"]}),
        "device": lambda config: config["linux"].update(
            devices=[{"path": "/proc/nosuch/device", "type": "c", "major": 1, "minor": 3}]),
        "namespace": lambda config: config["linux"]["namespaces"][0].update(path="/nosuch/raind"),
        "sysctl": lambda config: config["linux"].update(sysctl={"net.ipv4.nosuch_raind": "1"}),
        "cgroup": lambda config: config["linux"]["resources"].update(cpu={"quota": 1, "period": 1}),
        "rlimit": lambda config: config["process"].update(
            rlimits=[{"type": "RLIMIT_NOFILE", "soft": 10, "hard": 1 << 40}]),
        "program": lambda config: config["process"].update(args=["/nosuch"]),
    }
    for name, change in changes.items():
        with t.container(bad(change)) as c:
            fails(c.create(out=None, err=None), what=name)
            c.is_unknown(name)
            equal(folders_named(c.id), [], f"{name}: cgroups")
            equal(os.listdir(t.root) if os.path.exists(t.root) else [], [], f"{name}: state")
            t.reap()


@case("lifecycle")
def mounts_stay_in_the_container(t):
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        before = file.read()
    with t.container() as c:
        c.up()
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            equal(file.read(), before, "the host's mounts while it runs")


@case("lifecycle", differs={"runc": "makes devices and mount points in the root file system of the bundle"})
def bundle_is_left_as_it_was(t):
    """The mount points are there: nothing has to be made."""
    def listing(folder):
        return sorted((os.path.relpath(os.path.join(at, name), folder), os.lstat(os.path.join(at, name)).st_mode,
                       os.lstat(os.path.join(at, name)).st_ino)
                      for at, folders, files in os.walk(folder) for name in folders + files)
    with t.container(args=["/bin/true"]) as c:
        before = listing(c.bundle.folder)
        succeeds(c.run())
        equal(listing(c.bundle.folder), before)


@case("lifecycle", differs={"runc": "1.1 makes folders under the caller's umask"})
def umask_of_the_caller_changes_nothing(t):
    """Files and folders that the runtime makes have the modes that they should."""
    def edit(config):
        config["root"]["readonly"] = False
        config["mounts"].append({"destination": "/made/point", "type": "tmpfs", "source": "tmpfs"})
        config["linux"]["devices"] = [{"path": "/dev/made", "type": "c", "major": 1, "minor": 3, "fileMode": 0o666}]
    seen = t.stat("/made", "/dev/made", "/dev/null", edit=edit, umask=0o077)
    equal(seen["/made"]["mode"], 0o755)
    equal(seen["/dev/made"]["mode"], 0o666)
    equal(seen["/dev/null"]["mode"], 0o666)


@case("lifecycle", raind_only="--trace")
def trace_of_create_and_start(t):
    path = os.path.join(t.scratch, "trace")
    with t.container() as c:
        succeeds(c.create("--trace", path))
        succeeds(t.call("start", "--trace", os.path.join(t.scratch, "trace-2"), c.id))
        for name in (path, path + "-2"):
            with open(name, encoding="utf-8") as file:
                matches(file.read(), '"name"')
