"""Below real containerd, driven by ctr: what `ctr run` asks for is what the program has."""

import json
import os

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import PATH
from harness.containerd import Containerd, events, group_value
from harness.engine import without
from harness.probe import Report
from harness.terminal import resize

V1 = ("hybrid", "v1")
# ctr sets the size once the program runs; until then it is 0.
SIZED = "until stty size 2>/dev/null | grep -q '[1-9]'; do sleep 0.05; done; "


@cases("containerd", [("success", ["/bin/true"], 0), ("failure", ["/bin/sh", "-c", "exit 42"], 42),
                      ("signal", ["/bin/sh", "-c", "kill -9 $$; sleep 9"], 137)])
def containerd_status(t, words, expected):
    with Containerd(t) as containerd:
        if expected == 137:
            # Process 1 of a pid namespace can't kill itself.
            words = ["/bin/sh", "-c", "sh -c 'kill -9 $$'; exit $?"]
        equal(containerd.run(*words).status, expected)
        containerd.nothing_remains()


@case("containerd")
def containerd_output_and_input(t):
    with Containerd(t) as containerd:
        result = succeeds(containerd.run("/bin/sh", "-c", "echo ready; cat; echo to err >&2", stdin="from the caller\n"))
        equal((result.out, result.err), ("ready\nfrom the caller\n", "to err\n"))
        # More than a pipe holds, each way.
        text = "".join(f"line {number}\n" for number in range(40000))
        result = succeeds(containerd.run("/bin/sh", "-c", "echo ready; exec cat", stdin=text, record="status"))
        equal(len(result.out), len("ready\n" + text))
        equal(succeeds(containerd.run("/bin/sh", "-c", "echo unheard; exit 0", flags=["--null-io"])).out, "")


@case("containerd")
def containerd_pipes_in_a_folder(t):
    with Containerd(t) as containerd:
        folder = t.folder("pipes")
        client, path = containerd.spawn(*containerd.words(
            "/bin/sh", "-c", "echo up; sleep 1000", flags=["--rm", "--fifo-dir", folder], name=(name := t.name()))[0])
        t.until(lambda: "up" in open(path, encoding="ascii").read(), "the container's output")
        pipes = {found for _, _, names in os.walk(folder) for found in names}
        equal(pipes, {f"{name}-{stream}" for stream in ("stdin", "stdout", "stderr")})
        succeeds(containerd.call("tasks", "kill", "--signal", "SIGKILL", name))
        equal(client.wait(10), 137)
        equal([names for _, _, names in os.walk(folder) if names], [])


@case("containerd")
def containerd_terminal(t):
    with Containerd(t) as containerd:
        script = SIZED + "stty size; tty; trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.05; done"
        words, _ = containerd.words("/bin/sh", "-c", script, flags=["--rm", "--tty"])
        said, status = containerd.terminal(words, [("ready", b"\x03")], size=(31, 77))
        equal(status, 3)
        for part in ("31 77", "/dev/pts/0", "interrupted"):
            contains(said, part)
        words, _ = containerd.words("/bin/sh", flags=["--rm", "--tty", "--env", "PS1=>"])
        # What it echoes depends on when it is typed.
        _, status = containerd.terminal(words, [(">", b"exit 9\n")], record="status")
        equal(status, 9)
        containerd.nothing_remains()


@case("containerd")
def containerd_window_changes(t):
    with Containerd(t) as containerd:
        script = SIZED + "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done"
        words, _ = containerd.words("/bin/sh", "-c", script, flags=["--rm", "--tty"])
        said, status = containerd.terminal(words, [("ready", lambda master: resize(master, 20, 50))])
        equal((status, "20 50" in said), (0, True), said)


@case("containerd")
def containerd_confines(t):
    with Containerd(t) as containerd:
        said = Report(succeeds(containerd.run(
            "/probe", "report", "ids", "cwd", "capabilities", "security", "rlimits", "mounts", "words", "umask", flags=[
                "--read-only", "--env", "ONE=1", "--env", "TWO=2", "--cwd", "/home", "--cap-drop", "CAP_CHOWN",
                "--cap-add", "CAP_SYS_TIME"],
            # Numbers of mounts. What is looked at of them is compared below.
            record=without("mountinfo"))).out)
        equal((said["ids"]["uid"], said["cwd"]), (0, "/home"))
        true({"ONE=1", "TWO=2"} <= set(said["env"]), said["env"])
        for kind in ("effective", "permitted", "bounding"):
            names = said.capabilities(kind)
            equal(("CAP_CHOWN" in names, "CAP_SYS_TIME" in names, "CAP_SYS_ADMIN" in names), (False, True, False), kind)
        equal(said["security"]["noNewPrivileges"], 1)
        true("ro" in said.mount("/").options, said.mount("/"))
        # What hides a path is each runtime's own affair; whether it does is looked at below.
        hidden = ("/proc/acpi", "/proc/keys", "/proc/timer_list", "/sys/firmware")
        t.transcript.note("mounts", {mount.point: [mount.kind, mount.options] for mount in said.mounts
                                     if mount.point not in hidden})
        out = succeeds(containerd.run("/bin/sh", "-c", f"cat {' '.join(hidden[1:3])}; ls {hidden[0]} {hidden[3]}")).out
        excludes(out, "e000")
        said = Report(succeeds(containerd.run("/probe", "report", "security", flags=["--allow-new-privs"])).out)
        equal(said["security"]["noNewPrivileges"], 0)


@case("containerd")
def containerd_privileged(t):
    with Containerd(t) as containerd:
        said = Report(succeeds(containerd.run(
            "/probe", "report", "capabilities", "security", "mounts", flags=["--privileged"],
            record=without("mountinfo"))).out)
        true({"CAP_SYS_ADMIN", "CAP_NET_ADMIN"} <= set(said.capabilities("effective")), said["capabilities"])
        equal(said["security"]["seccomp"], 0)
        true("rw" in said.mount("/sys").options, said.mount("/sys"))
        equal(succeeds(containerd.run("/bin/sh", "-c", "mount -t tmpfs none /mnt && echo mounted", flags=["--privileged"])).out,
              "mounted\n")
        true(containerd.run("/bin/sh", "-c", "mount -t tmpfs none /mnt").status != 0, "a mount without privileges")


@case("containerd")
def containerd_system_calls(t):
    with Containerd(t) as containerd:
        equal(Report(succeeds(containerd.run("/probe", "report", "security", flags=["--seccomp"])).out)["security"]["seccomp"], 2)
        profile = t.file(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}))
        result = fails(containerd.run("/bin/mkdir", "/tmp/x", flags=["--seccomp", "--seccomp-profile", profile]))
        contains(result.err, "not supported")
        succeeds(containerd.run("/bin/mkdir", "/tmp/x"))


@case("containerd", differs_in={"run#3": "of a missing source: callers take \"no such file or directory\" for a missing program"})
def containerd_mounts(t):
    folder = t.folder("shared")
    with Containerd(t) as containerd:
        mount = f"type=bind,src={folder},dst=/mnt,options="
        succeeds(containerd.run("/bin/sh", "-c", "echo here >/mnt/file", flags=["--mount", mount + "rbind:rw"]))
        with open(os.path.join(folder, "file"), encoding="ascii") as file:
            equal(file.read(), "here\n")
        true(containerd.run("/bin/touch", "/mnt/other", flags=["--mount", mount + "rbind:ro"]).status != 0, "a read-only mount")
        said = Report(succeeds(containerd.run(
            "/probe", "report", "mounts", record=False, flags=[
                "--mount", mount + "rbind:ro:nosuid:nodev:noexec:rslave",
                "--mount", "type=tmpfs,src=tmpfs,dst=/made/for/this,options=size=2m:mode=1777:noexec"])).out)
        seen = {point: [said.mount(point).kind, said.mount(point).options, said.mount(point).super_options[0]]
                for point in ("/mnt", "/made/for/this")}
        t.transcript.note("mounts", seen)
        true({"ro", "nosuid", "nodev", "noexec"} <= set(seen["/mnt"][1]), seen)
        true("size=2048k" in said.mount("/made/for/this").super_options, said.mount("/made/for/this"))
        # A source that isn't there.
        result = fails(containerd.run("/bin/true", flags=["--mount", "type=bind,src=/raind-none,dst=/mnt,options=rbind"]))
        contains(result.err, "/raind-none")


@case("containerd")
def containerd_device(t):
    with Containerd(t) as containerd:
        kinds = "for name in /dev/kmsg /dev/null; do stat -c '%n %F %t:%T' $name; done"
        out = succeeds(containerd.run("/bin/sh", "-c", kinds, flags=["--device", "/dev/kmsg"])).out
        contains(out, "/dev/kmsg character special file 1:b")
        may = ["--cap-add", "CAP_SYSLOG"]
        equal(succeeds(containerd.run("/probe", "open", "/dev/kmsg", "r", flags=["--device", "/dev/kmsg", *may])).out.strip(), "ok")
        # Made inside, it stays closed.
        closed = containerd.run("/bin/sh", "-c", "mknod /dev/own c 1 11 && /probe open /dev/own r", flags=may)
        contains(closed.out, "EPERM")


@case("containerd", layouts=V1)
def containerd_limits(t):
    with Containerd(t) as containerd:
        name = containerd.up(flags=["--memory-limit", str(64 << 20), "--cpus", "0.5", "--cpu-shares", "512"])
        pid = containerd.pid(name)
        seen = {f"{controller}/{file}": group_value(pid, controller, file) for controller, file in (
            ("memory", "memory.limit_in_bytes"), ("cpu", "cpu.cfs_quota_us"), ("cpu", "cpu.cfs_period_us"),
            ("cpu", "cpu.shares"))}
        t.transcript.note("group", seen)
        equal(list(seen.values()), [str(64 << 20), "50000", "100000", "512"])
        containerd.end(name)
        name = containerd.up(flags=["--cpu-quota", "20000", "--cpu-period", "40000"])
        pid = containerd.pid(name)
        equal([group_value(pid, "cpu", file) for file in ("cpu.cfs_quota_us", "cpu.cfs_period_us")], ["20000", "40000"])
        with open(f"/proc/{pid}/cgroup", encoding="ascii") as lines:
            contains(lines.read(), f":memory:/{containerd.prefix}/{name}\n")
        containerd.end(name)
        containerd.nothing_remains()


@cases("containerd", [("pid", "pid"), ("ipc", "ipc"), ("network", "net"), ("uts", "uts")])
def containerd_joins_a_namespace(t, short):
    kind = {"net": "network"}.get(short, short)
    with Containerd(t) as containerd:
        first = containerd.up()
        path = f"/proc/{containerd.pid(first)}/ns/{short}"
        result = containerd.run("/probe", "report", "namespaces", flags=["--with-ns", f"{kind}:{path}"], record="status")
        said = Report(succeeds(result).out)["namespaces"]
        equal([name for name in said if said[name] == os.readlink(f"/proc/{containerd.pid(first)}/ns/{name}")],
              sorted({"cgroup", "time", "user", short}))
        containerd.end(first)


@case("containerd")
def containerd_network_of_the_host(t):
    with Containerd(t) as containerd:
        said = Report(succeeds(containerd.run("/probe", "report", "namespaces", flags=["--net-host"], record="status")).out)
        equal(said["namespaces"]["net"], os.readlink("/proc/self/ns/net"))
        said = Report(succeeds(containerd.run("/probe", "report", "namespaces", record="status")).out)
        true(said["namespaces"]["net"] != os.readlink("/proc/self/ns/net"), "a network of its own")


@case("containerd")
def containerd_user_namespace(t):
    with Containerd(t) as containerd:
        # ctr maps ids of images only: it makes a snapshot with the owners changed.
        said = Report(succeeds(containerd.run(
            "/probe", "report", "ids", "namespaces", record="status", source=containerd.image(),
            flags=["--uidmap", "0:200000:5000", "--gidmap", "0:200000:5000"])).out)
        equal((said["ids"]["uid"], said["uidMap"].split()), (0, ["0", "200000", "5000"]))
        containerd.nothing_remains()


@case("containerd")
def containerd_without_pivot(t):
    """As from a root file system in memory."""
    with Containerd(t) as containerd:
        said = succeeds(containerd.run("/bin/sh", "-c", "ls -d /probe /home; ls /work 2>&1; cat /proc/1/comm", flags=["--no-pivot"]))
        contains(said.out, "/probe")
        containerd.nothing_remains()


@case("containerd", layouts=V1)
def containerd_group_of_the_runtime(t):
    """Without a word of containerd it is named after the container, below the caller's own."""
    with Containerd(t) as containerd:
        command, name = containerd.words(flags=["--detach"])
        command[command.index("--cgroup") + 1] = ""
        succeeds(containerd.call(*command, "/probe", "sleep"))
        with open(f"/proc/{containerd.pid(name)}/cgroup", encoding="ascii") as lines:
            groups = [line for line in lines.read().splitlines() if line.split(":")[1] not in containerd.shown.values()]
        t.transcript.note("groups", groups)
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd")
def containerd_whole_config(t):
    """`ctr run --config`: hooks, and what ctr has no flags for."""
    with Containerd(t) as containerd:
        log = t.file()
        hooks = {"prestart": "1", "createRuntime": "2", "createContainer": "3", "startContainer": "4", "poststart": "5",
                 "poststop": "6"}

        def edit(config):
            config["root"]["path"] = containerd.rootfs
            config["linux"]["cgroupsPath"] = f"/{containerd.prefix}/own"
            config["hostname"] = "inside"
            config["process"]["user"] = {"uid": 1000, "gid": 1001, "additionalGids": [5, 6], "umask": 0o27}
            config["mounts"].append({"destination": "/log", "type": "bind", "source": log, "options": ["bind"]})
            config["hooks"] = {}
            for kind, sign in hooks.items():
                inside = kind == "startContainer"
                config["hooks"][kind] = [{"path": "/bin/sh", "args": [
                    "sh", "-c", f"read -r line; case $line in *ociVersion*) echo {sign} >>{'/log' if inside else log};; esac"]}]
        os.chmod(log, 0o666)
        config = t.bundle(edit, ["/probe", "report", "ids", "umask", "names"]).config
        name = t.name()
        said = Report(succeeds(containerd.call(*containerd.config_words(config, name))).out)
        equal((said["ids"]["uid"], said["ids"]["gid"], said["ids"]["groups"], said["umask"], said["hostname"]),
              (1000, 1001, [5, 6], 0o27, "inside"))
        t.until(lambda: open(log, encoding="ascii").read().endswith("6\n"), "the last hook")
        with open(log, encoding="ascii") as file:
            seen = file.read().split()
        # runc goes on to the poststart hooks while the startContainer hooks still run.
        equal(seen if t.runtime.is_raind else sorted(seen), list(hooks.values()))
        succeeds(containerd.call("containers", "rm", name))
        containerd.nothing_remains()


@case("containerd", timeout=60)
def containerd_image(t):
    """With a snapshot for a root file system, and what an image says itself."""
    with Containerd(t) as containerd:
        image = containerd.image()
        equal(succeeds(containerd.run(source=image)).out, "from the image\n")
        name = containerd.up("/probe", "sleep", source=image)
        equal(succeeds(containerd.exec(name, "env")).out.splitlines()[:2], [PATH, "FROM=image"])
        succeeds(containerd.exec(name, "touch", "/written"))
        out = succeeds(containerd.exec(name, "stat", "-c", "%U %n", "/written", "/home/user")).out
        equal(out, "root /written\nuser /home/user\n")
        said = Report(succeeds(containerd.exec(name, "/probe", "report", "ids", flags=["--user", "user"])).out)
        equal((said["ids"]["uid"], said["ids"]["gid"]), (1000, 1000))
        containerd.end(name)
        # Another container of it has another snapshot.
        fails(containerd.run("stat", "/written", source=image), "No such file")
        fails(containerd.run("touch", "/written", source=image, flags=["--read-only"]), "Read-only file system")
        containerd.nothing_remains()


@case("containerd")
def containerd_drops_in_as_runc(t):
    """containerd's `runc` of its own PATH, and the state folder that it chooses; created and started apart."""
    with Containerd(t) as containerd:
        name = t.name()
        succeeds(containerd.call("containers", "create", "--rootfs", containerd.rootfs, name, "/probe", "exit", "4"))
        result = containerd.call("tasks", "start", name)
        equal(result.status, 4)
        pid_file = os.path.join(containerd.folder, "pid")
        succeeds(containerd.call("containers", "rm", name))
        name = t.name()
        # The runtime's group is containerd's choice here: below its namespace's name.
        succeeds(containerd.call("containers", "create", "--rootfs", containerd.rootfs, name, "/probe", "sleep"))
        succeeds(containerd.call("tasks", "start", "--detach", "--pid-file", pid_file, name))
        with open(pid_file, encoding="ascii") as file:
            equal(int(file.read()), containerd.pid(name))
        true(os.path.isdir(f"/run/containerd/runc/default/{name}"), "the state stands where containerd says")
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd")
def containerd_events(t):
    """What others are told of a container's life."""
    with Containerd(t) as containerd:
        with events(containerd, t) as seen:
            name = t.name()
            equal(containerd.run("/bin/sh", "-c", "exit 6", name=name).status, 6)
            t.until(lambda: any(topic == "/tasks/delete" for topic, _ in seen()), "the last event")
        of_tasks = [(topic, values) for topic, values in seen() if topic.startswith("/tasks/")]
        equal([topic for topic, _ in of_tasks], [f"/tasks/{kind}" for kind in ("create", "start", "exit", "delete")])
        equal([values.get("exit_status") for _, values in of_tasks], [None, None, 6, 6])
        t.transcript.note("events", [[topic, sorted(values)] for topic, values in of_tasks])


@cases("containerd", [
    ("shared", "shared", {"differs_in": {"tags": "runc leaves it private where the folder's own mount is private"}}), ("slave", "slave"), ("private", "private")])
def containerd_propagation(t, kind):
    with Containerd(t) as containerd:
        said = Report(succeeds(containerd.run(
            "/probe", "report", "mounts", flags=["--rootfs-propagation", kind], record="status")).out)
        tags = [tag.split(":")[0] for tag in said.mount("/").propagation]
        t.transcript.note("tags", tags)
        equal("shared" in tags, kind == "shared" and t.runtime.is_raind)
