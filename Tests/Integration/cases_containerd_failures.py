"""Below real containerd, driven by ctr: what doesn't work says why, and leaves nothing behind."""

import json
import os
import signal

from harness import case, cases, contains, equal, fails, matches, succeeds, true
from harness.containerd import Containerd, processes
from harness.layout import folders_named


@cases("containerd", [
    ("missing", "/nosuch", "no such file or directory"),
    ("missing-in-path", "nosuch", "executable file not found in $PATH"),
    ("not-executable", "/etc/passwd", "permission denied"),
    ("folder", "/etc", "permission denied")])
def containerd_without_a_program(t, program, text):
    with Containerd(t) as containerd:
        path = ["--env", "PATH=/bin"]
        # On a terminal the words stand in what was said, and two runtimes have not the same.
        on_terminal, status = containerd.terminal(containerd.words(program, flags=["--rm", "--tty", *path])[0], [], record="status")
        equal(status, 1)
        for said in (fails(containerd.run(program, flags=path)).err, on_terminal):
            contains(said, "failed to create shim task: OCI runtime create failed")
            contains(said, f'exec: "{program}"')
            contains(said, text)
        containerd.nothing_remains()
        name = containerd.up(flags=path)
        result = fails(containerd.exec(name, program))
        contains(result.err, f'exec: "{program}"')
        contains(result.err, text)
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd", differs_in={"run": "ctr's config has no PATH: searched are the folders that execvp(3) would search, and /sbin"})
def containerd_without_a_path(t):
    with Containerd(t) as containerd:
        equal(containerd.run("true").status, 0 if t.runtime.is_raind else 1)


def missing_source(source):
    return lambda config: config["mounts"].append({"destination": "/mnt", "type": "bind", "source": source, "options": ["rbind"]})


@cases("containerd", [
    ("source", missing_source("/raind-none")),
    ("signs", missing_source("/raind \"none\"\n\t\u00e4\\")),
    ("long", missing_source("/raind-none" * 300)),
    ("several", lambda config: (config["process"].update({"cwd": "here"}), config["linux"].update({"sysctl": {"kernel.x": "1"}})))],
    raind_only="it is about the words of this runtime")
def containerd_tells_the_whole_error(t, change):
    """ctr's error is the runtime's, whole: what containerd reads is the last line of the log that it has the runtime write."""
    with Containerd(t) as containerd:
        def edit(config):
            config["root"]["path"] = containerd.rootfs
            config["linux"]["cgroupsPath"] = f"/{containerd.prefix}/own"
            change(config)
        bundle = t.bundle(edit)
        name = t.name()
        own = fails(t.call("create", "--bundle", bundle.folder, name), "raind-oci: ").err
        result = fails(containerd.call(*containerd.config_words(bundle.config, name)))
        equal(result.err, f"ctr: failed to create shim task: OCI runtime create failed: {own.strip().split(': ', 1)[1]}: unknown\n")


@case("containerd", raind_only="it is about the words of this runtime")
def containerd_tells_the_whole_error_of_exec(t):
    with Containerd(t) as containerd:
        # An exec's stays to be read.
        name = containerd.up()
        result = fails(containerd.exec(name, "nosuch"))
        with open(os.path.join(containerd.bundle_of(name), "log.json"), encoding="utf-8") as file:
            last = json.loads(file.read().splitlines()[-1])
        equal((last["level"], sorted(last)), ("error", ["level", "msg", "time"]))
        matches(last["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
        equal(result.err, f"ctr: OCI runtime exec failed: {last['msg']}: unknown\n")
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd")
def containerd_name_is_taken(t):
    with Containerd(t) as containerd:
        name = containerd.up()
        fails(containerd.run("/bin/true", name=name), "already exists")
        equal(containerd.task(name)[1], "RUNNING")
        containerd.end(name)
        containerd.nothing_remains()


def slow_config(containerd, started):
    """The config of a container whose creation takes as long as a hook sleeps; the hook says that it began."""
    def edit(config):
        config["root"]["path"] = containerd.rootfs
        config["linux"]["cgroupsPath"] = f"/{containerd.prefix}/slow"
        config["hooks"] = {"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", f"cat >{started}; exec sleep 1000"]}]}
    return containerd.t.bundle(edit, ["/probe", "sleep"]).config


@cases("containerd", [("first-process", "init"), ("shim", "shim"), ("client", "client")], timeout=60)
def containerd_ends_while_it_is_created(t, victim):
    with Containerd(t) as containerd:
        started = t.file()
        name = t.name()
        client, path = containerd.spawn(*containerd.config_words(slow_config(containerd, started), name))
        t.until(lambda: os.path.getsize(started) > 0, "the hook")
        with open(started, encoding="utf-8") as file:
            init = json.load(file)["pid"]
        if victim == "init":
            os.kill(init, signal.SIGKILL)
            t.until(sleepers, "the hook sleeps")
            # The hook is the runtime's own child, which waits for it.
            for pid in sleepers():
                os.kill(pid, signal.SIGKILL)
        elif victim == "shim":
            for pid in containerd.shims():
                os.kill(pid, signal.SIGKILL)
        else:
            client.kill()
        status = client.wait(20)
        if victim != "client":
            equal(status, 1)
        t.until(lambda: (t.reap(), not os.path.isdir(f"/proc/{init}"))[1], "its first process has ended")
        for pid in sleepers():
            os.kill(pid, signal.SIGKILL)
        t.until(lambda: (t.reap(), not [pid for top in folders_named(containerd.prefix) for folder, _, _ in os.walk(top)
                                        for pid in processes(folder)])[1], "its group is empty")
        succeeds(containerd.call("containers", "rm", name))
        equal(containerd.task(name), None)
        # The name can be used again.
        equal(containerd.run("/bin/sh", "-c", "exit 3", name=name).status, 3)
        # runc knows nothing yet of a container whose creation is killed, and leaves its groups.
        if t.runtime.is_raind:
            containerd.nothing_remains()


def sleepers():
    """The hooks of slow_config that still sleep, in this case's own session."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read()
                if words == b"sleep\x001000\x00" and os.readlink(f"/proc/{name}/ns/mnt") == os.readlink("/proc/self/ns/mnt"):
                    found.append(int(name))
            except OSError:
                continue
    return found


@case("containerd", timeout=60)
def containerd_shim_is_killed(t):
    """containerd has the runtime delete what the shim held, by a call of its own."""
    with Containerd(t) as containerd:
        name = containerd.up("/probe", "spawn", "2")
        pid = containerd.pid(name)
        for shim in containerd.shims():
            os.kill(shim, signal.SIGKILL)
        t.until(lambda: (t.reap(), not os.path.isdir(f"/proc/{pid}"))[1], "its processes have ended")
        t.until(lambda: containerd.task(name) is None, "containerd has no such task")
        succeeds(containerd.call("containers", "rm", name))
        containerd.nothing_remains()


@case("containerd", differs_in={"tasks checkpoint": "of a missing criu: callers take such words for a missing program"})
def containerd_checkpoint_is_refused(t):
    with Containerd(t) as containerd:
        name = containerd.up()
        result = fails(containerd.call("tasks", "checkpoint", "--image-path", t.folder(), name))
        contains(result.err, "criu")
        equal(containerd.task(name)[1], "RUNNING")
        succeeds(containerd.exec(name, "/bin/true"))
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd")
def containerd_hook_fails(t):
    with Containerd(t) as containerd:
        def edit(config):
            config["root"]["path"] = containerd.rootfs
            config["linux"]["cgroupsPath"] = f"/{containerd.prefix}/own"
            config["hooks"] = {"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", "echo why >&2; exit 3"]}]}
        name = t.name()
        result = fails(containerd.call(*containerd.config_words(t.bundle(edit).config, name)), "OCI runtime create failed")
        contains(result.err, "why")
        contains(result.err, "3")
        succeeds(containerd.call("containers", "rm", name))
        containerd.nothing_remains()


@case("containerd", raind_only="what runc does depends on whether systemd runs")
def containerd_group_driver_of_systemd(t):
    """Where no systemd runs: the error says so, and containerd still gets rid of what it began."""
    with Containerd(t) as containerd:
        command, name = containerd.words("/bin/true", flags=["--rm", "--runc-systemd-cgroup"])
        command[command.index("--cgroup") + 1] = f"system.slice:raind:{name}"
        contains(fails(containerd.call(*command)).err, "systemd")
        containerd.nothing_remains()
