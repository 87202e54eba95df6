"""Below real containerd, driven by ctr: a running task, and what is done to it."""

import json
import os
import signal

from harness import case, cases, contains, equal, fails, less, succeeds, true
from harness.containerd import Containerd, events, group_value
from harness.engine import error_class
from harness.probe import Report

V1 = ("hybrid", "v1")


def said(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@case("containerd")
def containerd_task_is_listed(t):
    with Containerd(t) as containerd:
        pid_file = os.path.join(containerd.folder, "pid")
        name = containerd.up("/probe", "spawn", "2", flags=["--pid-file", pid_file, "--label", "one=1"])
        pid, status = containerd.task(name)
        equal(status, "RUNNING")
        equal(said(pid_file), str(pid))
        t.until(lambda: len(containerd.call("tasks", "ps", name, record=False).out.splitlines()) == 4, "three processes")
        pids = [int(line.split()[0]) for line in containerd.call("tasks", "ps", name, record=False).out.splitlines()[1:]]
        true(pid in pids, f"{pid} in {pids}")
        equal(succeeds(containerd.call("tasks", "ls", "--quiet")).out, f"{name}\n")
        info = json.loads(succeeds(containerd.call("containers", "info", name, record=False)).out)
        equal((info["Labels"]["one"], info["Spec"]["process"]["args"]), ("1", ["/probe", "spawn", "2"]))
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd")
def containerd_exec(t):
    with Containerd(t) as containerd:
        name = containerd.up(flags=["--env", "ONE=1"])
        equal(containerd.exec(name, "/bin/sh", "-c", "exit 7").status, 7)
        equal(containerd.exec(name, "/bin/sh", "-c", "sh -c 'kill -9 $$'; exit $?").status, 137)
        result = succeeds(containerd.exec(name, "/bin/sh", "-c", "echo ready; cat; echo to err >&2", stdin="typed\n"))
        equal((result.out, result.err), ("ready\ntyped\n", "to err\n"))
        report = Report(succeeds(containerd.exec(
            name, "/probe", "report", "ids", "cwd", "words", "security", "capabilities", flags=["--cwd", "/home"])).out)
        equal((report["ids"]["uid"], report["cwd"], report["security"]["noNewPrivileges"]), (0, "/home", 1))
        true("ONE=1" in report["env"], report["env"])
        for user, ids in (("user", (1000, 1000)), ("1000:1001", (1000, 1001)), ("12345", (12345, 0))):
            report = Report(succeeds(containerd.exec(name, "/probe", "report", "ids", "capabilities", flags=["--user", user])).out)
            equal((report["ids"]["uid"], report["ids"]["gid"]), ids)
        report = Report(succeeds(containerd.exec(name, "/probe", "report", "namespaces", record="status")).out)
        for kind in ("pid", "mnt", "net", "ipc", "uts"):
            equal(report["namespaces"][kind], os.readlink(f"/proc/{containerd.pid(name)}/ns/{kind}"))
        succeeds(containerd.call("tasks", "exec", "--detach", "--exec-id", "apart", name, "/bin/sleep", "4711"))
        contains(succeeds(containerd.exec(name, "/bin/ps", record="status")).out, "sleep 4711")
        succeeds(containerd.call("tasks", "kill", "--exec-id", "apart", "--signal", "KILL", name))
        t.until(lambda: "4711" not in containerd.exec(name, "/bin/ps", record=False).out, "the process has ended")
        succeeds(containerd.exec(name, "/bin/true"))
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd")
def containerd_exec_on_a_terminal(t):
    with Containerd(t) as containerd:
        name = containerd.up()
        script = ("tty; until stty size 2>/dev/null | grep -q '[1-9]'; do sleep 0.05; done; stty size; "
                  "trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.05; done")
        words = ["tasks", "exec", "--tty", "--exec-id", "e", name, "/bin/sh", "-c", script]
        text, status = containerd.terminal(words, [("ready", b"\x03")], size=(22, 66))
        equal(status, 5)
        for part in ("/dev/pts/", "22 66", "interrupted"):
            contains(text, part)
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd")
def containerd_kill(t):
    """By number and by name, to one process, to one that was added, and to all."""
    with Containerd(t) as containerd:
        command, name = containerd.words("/probe", "trap", flags=["--rm"])
        client, path = containerd.spawn(*command)
        t.until(lambda: said(path) == "ready\n", "the first process")
        other, other_path = containerd.spawn("tasks", "exec", "--exec-id", "other", name, "/probe", "trap")
        t.until(lambda: said(other_path) == "ready\n", "the second process")

        def kill(*flags):
            succeeds(containerd.call("tasks", "kill", *flags, name))
        kill("--signal", "10")
        t.until(lambda: said(path) == "ready\n10\n", f"by number: {said(path)!r}")
        kill("--signal", "USR2")
        t.until(lambda: said(path) == "ready\n10\n12\n", "by name")
        kill("--signal", "SIGHUP", "--exec-id", "other")
        t.until(lambda: said(other_path) == "ready\n1\n", "one that was added")
        kill("--signal", "SIGWINCH", "--all")
        for place in (path, other_path):
            t.until(lambda place=place: said(place).endswith("\n28\n"), f"all: {said(place)!r}")
        equal(said(path), "ready\n10\n12\n28\n")
        equal(containerd.call("tasks", "kill", "--signal", "NOSUCH", name).status, 1)
        kill()
        equal(client.wait(10), 0)
        # The last process of a pid namespace takes the others along.
        equal(other.wait(10), 137)
        fails(containerd.call("tasks", "kill", name), "not found")
        containerd.nothing_remains()


@case("containerd")
def containerd_kill_of_a_stopped_task(t):
    with Containerd(t) as containerd:
        name = containerd.up()
        succeeds(containerd.call("tasks", "kill", "--signal", "KILL", name))
        containerd.until_status(name, "STOPPED")
        for words in (["kill", name], ["kill", "--all", name], ["pause", name], ["resume", name]):
            result = containerd.call("tasks", *words)
            equal(result.status, 0 if "--all" in words else 1, words)
            t.transcript.note("text", result.err)
        true(containerd.exec(name, "/bin/true").status != 0, "exec in a stopped task")
        contains(succeeds(containerd.call("tasks", "rm", name)).err, "exit code 137")
        succeeds(containerd.call("containers", "rm", name))
        containerd.nothing_remains()


@case("containerd")
def containerd_pause(t):
    with Containerd(t) as containerd:
        count = t.file()
        name = containerd.up("/bin/sh", "-c", "while :; do echo . >>/count; sleep 0.02; done",
                             flags=["--mount", f"type=bind,src={count},dst=/count,options=rbind:rw"])
        t.until(lambda: len(said(count)) > 4, "it counts")
        succeeds(containerd.call("tasks", "pause", name))
        equal(containerd.task(name)[1], "PAUSED")
        before = said(count)
        result = containerd.exec(name, "/bin/true")
        equal((result.status, error_class(result.err)), (1, ["paused"]), result.err)
        equal(containerd.call("tasks", "pause", name).status, 1)
        equal(said(count), before)
        succeeds(containerd.call("tasks", "resume", name))
        equal(containerd.task(name)[1], "RUNNING")
        t.until(lambda: len(said(count)) > len(before), "it goes on")
        succeeds(containerd.exec(name, "/bin/true"))
        # A paused one can be ended.
        succeeds(containerd.call("tasks", "pause", name))
        succeeds(containerd.call("tasks", "kill", "--signal", "KILL", name))
        containerd.until_status(name, "STOPPED")
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd")
def containerd_delete(t):
    with Containerd(t) as containerd:
        name = containerd.up()
        for words in (["tasks", "rm", name], ["containers", "rm", name]):
            fails(containerd.call(*words))
        equal(containerd.task(name)[1], "RUNNING")
        succeeds(containerd.call("tasks", "rm", "--force", name), "a running task")
        succeeds(containerd.call("containers", "rm", name))
        fails(containerd.call("tasks", "rm", "--force", name))
        # One whose program ended by itself is still there until it is deleted.
        name = containerd.up("/bin/true")
        containerd.until_status(name, "STOPPED")
        succeeds(containerd.call("tasks", "rm", name))
        succeeds(containerd.call("tasks", "start", "--detach", name), "once more, by the runtime that containerd kept")
        containerd.until_status(name, "STOPPED")
        containerd.end(name)
        containerd.nothing_remains()


# It has to be the only one that makes hierarchies of v1: containerd looks for a process's groups in each that there is.
@case("containerd", layouts=V1, alone=True)
def containerd_metrics(t):
    with Containerd(t) as containerd:
        name = containerd.up("/bin/sh", "-c", "dd if=/dev/zero of=/dev/shm/file bs=1M count=8; exec sleep 1000",
                             flags=["--memory-limit", str(64 << 20)])
        t.until(lambda: "sleep" in said(f"/proc/{containerd.pid(name)}/comm"), "it is up")

        def numbers(result):
            return json.loads(result.out)
        found = numbers(succeeds(containerd.call("tasks", "metrics", "--format", "json", name, record=False)))
        equal(found["pids"]["current"], 1)
        memory = found["memory"]["usage"]
        equal((memory["limit"], memory["usage"] >= 8 << 20, memory["usage"] <= memory["max"] <= 64 << 20), (64 << 20, True, True))
        true(found["cpu"]["usage"]["total"] > 0, found["cpu"])
        # Zeros are left out, and which of memory.stat's counts are 0 is chance, and whether anything had to be read from a disk.
        t.transcript.note("keys", {part: sorted(value) for part, value in found.items() if part not in ("memory", "blkio")})
        t.transcript.note("keys of memory", {part: sorted(value) for part, value in found["memory"].items() if part in (
            "usage", "swap", "kernel", "kernel_tcp")})
        rows = [line.split()[0] for line in succeeds(containerd.call("tasks", "metrics", name, record=False)).out.splitlines() if line]
        t.transcript.note("rows", rows)
        contains(rows, "memory.usage_in_bytes")
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd", layouts=V1)
def containerd_update(t):
    """ctr has no command for it; the orchestrators above containerd call the shim."""
    with Containerd(t) as containerd:
        name = containerd.up(flags=["--memory-limit", str(64 << 20)])
        pid = containerd.pid(name)
        equal(containerd.update(name, {
            "memory": {"limit": 48 << 20, "swap": 48 << 20}, "cpu": {"shares": 256, "quota": 30000, "period": 60000},
            "pids": {"limit": 33}}), "")
        equal({place: group_value(pid, *place.split("/")) for place in (
            "memory/memory.limit_in_bytes", "cpu/cpu.shares", "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us", "pids/pids.max")},
              {"memory/memory.limit_in_bytes": str(48 << 20), "cpu/cpu.shares": "256", "cpu/cpu.cfs_quota_us": "30000",
               "cpu/cpu.cfs_period_us": "60000", "pids/pids.max": "33"})
        # What kubelet sends for a container whose memory is not to change.
        equal(containerd.update(name, {"cpu": {"shares": 1024}, "memory": {"limit": 0}}), "")
        equal([group_value(pid, "memory", "memory.limit_in_bytes"), group_value(pid, "cpu", "cpu.shares")], [str(48 << 20), "1024"])
        succeeds(containerd.exec(name, "/bin/true"))
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd", layouts=V1, differs_in={"update": "each runtime has words of its own"})
def containerd_update_is_refused(t):
    with Containerd(t) as containerd:
        name = containerd.up()
        answer = containerd.update(name, {"cpu": {"period": 3}})
        contains(answer, "OCI runtime update failed") if "OCI runtime" in answer else contains(answer, "cpu.cfs_period_us")
        true("EINVAL" in answer or "invalid argument" in answer, answer)
        equal(containerd.task(name)[1], "RUNNING")
        containerd.end(name)


@case("containerd", layouts=V1, alone=True, timeout=60)
def containerd_runs_out_of_memory(t):
    with Containerd(t) as containerd:
        config = t.bundle(lambda config: config["linux"].update({
            "cgroupsPath": f"/{containerd.prefix}/oom",
            "resources": {"memory": {"limit": 16 << 20, "swap": 16 << 20}}}), ["/probe", "memory", str(64 << 20)]).config
        config["root"]["path"] = containerd.rootfs
        name = t.name()
        with events(containerd, t) as seen:
            equal(containerd.call(*containerd.config_words(config, name)).status, 137)
            t.until(lambda: any(topic == "/tasks/oom" for topic, _ in seen()), "word of it")
            # The daemon and the shim both look, and either may tell.
            equal({values["container_id"] for topic, values in seen() if topic == "/tasks/oom"}, {name})
        containerd.nothing_remains()


@case("containerd", timeout=60)
def containerd_daemon_starts_again(t):
    """Tasks go on without it, and it finds them again."""
    with Containerd(t) as containerd:
        names = [containerd.up(), containerd.up("/bin/sh", "-c", "sleep 0.5; exit 8"), containerd.up()]
        succeeds(containerd.call("tasks", "pause", names[2]))
        pids = [containerd.pid(name) for name in names]
        containerd.stop()
        true(os.path.isdir(f"/proc/{pids[0]}"), "the task goes on")
        t.until(lambda: not os.path.isdir(f"/proc/{pids[1]}") or (t.reap() and False), "one ends meanwhile")
        containerd.start()
        equal([containerd.task(name) for name in names],
              [(pids[0], "RUNNING"), (pids[1], "STOPPED"), (pids[2], "PAUSED")])
        succeeds(containerd.exec(names[0], "/bin/true"))
        contains(succeeds(containerd.call("tasks", "rm", names[1])).err, "exit code 8")
        succeeds(containerd.call("tasks", "resume", names[2]))
        for name in (names[0], names[2]):
            succeeds(containerd.call("tasks", "kill", "--signal", "KILL", name))
            containerd.until_status(name, "STOPPED")
            contains(succeeds(containerd.call("tasks", "rm", name)).err, "exit code 137")
        for name in names:
            succeeds(containerd.call("containers", "rm", name))
        containerd.nothing_remains()


@case("containerd", timeout=60)
def containerd_ten_at_once(t):
    with Containerd(t) as containerd:
        rows = []
        for number in range(10):
            command, name = containerd.words("/bin/sh", "-c", f"echo {number}; exit {number}", flags=["--rm"])
            rows.append((number, *containerd.spawn(*command)))
        for number, client, path in rows:
            equal((client.wait(30), said(path)), (number, f"{number}\n"))
        containerd.nothing_remains()
        names = []
        for number in range(10):
            command, name = containerd.words("/probe", "sleep", flags=["--detach"])
            names.append((name, containerd.spawn(*command)))
        for name, (client, path) in names:
            equal(client.wait(30), 0, said(path))
        equal({containerd.task(name)[1] for name, _ in names}, {"RUNNING"})
        clients = [containerd.spawn("tasks", "rm", "--force", name)[0] for name, _ in names]
        equal([client.wait(30) for client in clients], [0] * 10)
        t.transcript.note("ended", len(clients))
        containerd.nothing_remains()


@case("containerd")
def containerd_attach(t):
    with Containerd(t) as containerd:
        command, name = containerd.words("/probe", "trap", flags=["--rm"])
        client, path = containerd.spawn(*command)
        t.until(lambda: said(path) == "ready\n", "the program")
        # The client goes, and the program with its pipes stays.
        client.kill()
        client.wait()
        again, path = containerd.spawn("tasks", "attach", name)
        t.until(lambda: (succeeds(containerd.call("tasks", "kill", "--signal", "USR1", name, record=False)), "10\n" in said(path))[1],
                "what it says now")
        succeeds(containerd.call("tasks", "kill", name))
        t.transcript.note("status", again.wait(10))
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd")
def containerd_output_to_a_file(t):
    """The shim writes it: nobody else is there."""
    with Containerd(t) as containerd:
        path = os.path.join(t.folder(), "log")
        # It lives until both are written: of a process that has ended the shim may close one before it has read it.
        script = "echo said; echo to err >&2; sleep 1; exit 3"
        name = containerd.up("/bin/sh", "-c", script, flags=["--log-uri", f"file://{path}"])
        t.until(lambda: sorted(said(path).splitlines()) == ["said", "to err"], f"the log: {said(path)!r}")
        containerd.until_status(name, "STOPPED")
        contains(succeeds(containerd.call("tasks", "rm", name)).err, "exit code 3")
        containerd.end(name)
        containerd.nothing_remains()


@case("containerd", timeout=60)
def containerd_daemon_starts_again_without_a_shim(t):
    """What the shim held is deleted by the daemon that comes."""
    with Containerd(t) as containerd:
        name = containerd.up("/probe", "spawn", "2")
        pid = containerd.pid(name)
        containerd.stop()
        for shim in containerd.shims():
            os.kill(shim, signal.SIGKILL)
        t.until(lambda: (t.reap(), not containerd.shims())[1], "the shim has ended")
        true(os.path.isdir(f"/proc/{pid}"), "the container goes on")
        containerd.start()
        t.until(lambda: (t.reap(), not os.path.isdir(f"/proc/{pid}"))[1], "the container has ended")
        equal(containerd.task(name), None)
        succeeds(containerd.call("containers", "rm", name))
        containerd.nothing_remains()
