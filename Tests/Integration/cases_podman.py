"""Below real podman: what its users see is what they see with runc."""

import json
import os

from harness import case, cases, contains, equal, succeeds, true
from harness.engine import without
from harness.podman import Podman
from harness.probe import Report


@cases("podman", [("success", ["/bin/true"], 0), ("failure", ["/bin/sh", "-c", "exit 42"], 42),
                  ("signal", ["/bin/sh", "-c", "sh -c 'kill -9 $$'; exit $?"], 137)])
def podman_status(t, words, expected):
    with Podman(t) as podman:
        equal(podman.run(*words).status, expected)


@cases("podman", [("missing", "/nosuch", 127), ("missing-in-path", "nosuch", 127), ("not-executable", "/etc/passwd", 126)])
def podman_without_a_program(t, program, expected):
    """Podman reads the runtime's text to tell the user which of both it was."""
    with Podman(t) as podman:
        result = podman.run(program)
        equal(result.status, expected, result.err)
        contains(result.err, program)


@case("podman")
def podman_output_and_input(t):
    with Podman(t) as podman:
        result = podman.run("/bin/sh", "-c", "cat; echo to err >&2", flags=["--interactive"], stdin="from the caller\n")
        equal((result.out, result.err), ("from the caller\n", "to err\n"))
        equal(succeeds(podman.call("logs", podman.names[0])).out, "from the caller\n")


@case("podman")
def podman_confines(t):
    """What the command line asks for is what the program has."""
    with Podman(t) as podman:
        said = Report(succeeds(podman.run(
            "/probe", "report", "ids", "capabilities", "security", "rlimits", "mounts", "words", "umask", flags=[
                "--user", "1000:1001", "--cap-drop", "all", "--cap-add", "net_bind_service", "--read-only",
                "--security-opt", "no-new-privileges", "--ulimit", "core=0:0", "--env", "ONE=1", "--tmpfs", "/tmp:size=1m",
                "--umask", "0027", "--hostname", "inside"],
            # Numbers of mounts. What is looked at of them is compared below.
            record=without("mountinfo"))).out)
        equal((said["ids"]["uid"], said["ids"]["gid"], said["umask"]), (1000, 1001, 0o027))
        equal(said.capabilities("bounding"), ["CAP_NET_BIND_SERVICE"])
        equal((said["security"]["noNewPrivileges"], said["security"]["seccomp"]), (1, 2))
        equal(said["rlimits"]["RLIMIT_CORE"], {"soft": 0, "hard": 0})
        true("ro" in said.mount("/").options, said.mount("/"))
        true("size=1024k" in said.mount("/tmp").super_options, said.mount("/tmp"))
        t.transcript.note("mounts", {point: [said.mount(point).kind, said.mount(point).options] for point in ("/", "/tmp")})
        true("ONE=1" in said["env"], said["env"])


@case("podman")
def podman_volumes(t):
    folder = t.folder("volume")
    with Podman(t) as podman:
        succeeds(podman.run("/bin/sh", "-c", "echo here >/mnt/file", flags=["--volume", f"{folder}:/mnt"]))
        with open(os.path.join(folder, "file"), encoding="ascii") as file:
            equal(file.read(), "here\n")
        true(podman.run("/bin/touch", "/mnt/other", flags=["--volume", f"{folder}:/mnt:ro"]).status != 0, "a read-only volume")


@case("podman")
def podman_limits(t):
    with Podman(t) as podman:
        name = podman.up(flags=["--memory", "64m", "--pids-limit", "55", "--cpus", "0.5"])
        equal(limit_of(podman, name), str(64 << 20))
        succeeds(podman.call("update", "--memory", "48m", "--cpus", "0.25", name))
        equal(limit_of(podman, name), str(48 << 20))
        contains(succeeds(podman.call("stats", "--no-stream", "--format", "{{.PIDs}}", name)).out, "1")


def limit_of(podman, name):
    pid = podman.inspect(name, "{{.State.Pid}}", record=False)
    with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
        path = next(line.rstrip("\n").split(":", 2)[2] for line in file if ":memory:" in line)
    with open(f"/sys/fs/cgroup/memory{path}/memory.limit_in_bytes", encoding="ascii") as file:
        return file.read().strip()


@case("podman", timeout=60)
def podman_exec(t):
    with Podman(t) as podman:
        name = podman.up()
        equal(podman.call("exec", name, "/bin/sh", "-c", "exit 7").status, 7)
        equal(succeeds(podman.call("exec", "--interactive", name, "/bin/cat", stdin="typed\n")).out, "typed\n")
        said = Report(succeeds(podman.call(
            "exec", "--user", "1000:1001", "--workdir", "/home", "--env", "ONE=1", name, "/probe", "report", "ids", "cwd",
            "words", "security")).out)
        equal((said["ids"]["uid"], said["ids"]["gid"], said["cwd"]), (1000, 1001, "/home"))
        true("ONE=1" in said["env"], said["env"])
        equal(said["security"]["seccomp"], 2)
        contains(succeeds(podman.call("exec", "--tty", name, "/bin/sh", "-c", "tty")).out, "/dev/pts/")
        equal(podman.call("exec", name, "nosuch").status, 127)
        equal(podman.call("exec", name, "/etc/passwd").status, 126)
        succeeds(podman.call("exec", "--detach", name, "/bin/sleep", "4711"))
        # With the time since each began.
        contains(succeeds(podman.call("top", name, record="status")).out, "sleep 4711")


@case("podman")
def podman_pause(t):
    with Podman(t) as podman:
        name = podman.up()
        succeeds(podman.call("pause", name))
        equal(podman.inspect(name, "{{.State.Status}}"), "paused")
        true(podman.call("exec", name, "/bin/true").status != 0, "exec in a paused container")
        succeeds(podman.call("unpause", name))
        succeeds(podman.call("exec", name, "/bin/true"))


@case("podman", timeout=60)
def podman_stop_and_start(t):
    with Podman(t) as podman:
        name = podman.up("/bin/sh", "-c", "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done")
        t.until(lambda: "up" in podman.call("logs", name, record=False).out, "the trap")
        succeeds(podman.call("stop", name))
        equal(podman.inspect(name, "{{.State.ExitCode}}"), "5")
        succeeds(podman.call("start", name))
        equal(podman.inspect(name, "{{.State.Status}}"), "running")
        succeeds(podman.call("restart", "--time", "1", name))
        equal(podman.inspect(name, "{{.State.Status}}"), "running")
        succeeds(podman.call("kill", "--signal", "KILL", name))
        equal(succeeds(podman.call("wait", name)).out.strip(), "137")


@case("podman")
def podman_health_check(t):
    with Podman(t) as podman:
        name = podman.up(flags=["--health-cmd", "/bin/true", "--health-interval", "disable"])
        succeeds(podman.call("healthcheck", "run", name))
        name = podman.up(flags=["--health-cmd", "/bin/false", "--health-interval", "disable"])
        true(podman.call("healthcheck", "run", name).status != 0, "an unhealthy container")


@case("podman")
def podman_shares_namespaces(t):
    """As the containers of a pod do."""
    with Podman(t) as podman:
        first = podman.up()
        pid = podman.inspect(first, "{{.State.Pid}}", record=False)
        shared = ["--pid", f"container:{first}", "--ipc", f"container:{first}"]
        said = Report(succeeds(podman.run("/probe", "report", "namespaces", flags=shared)).out)
        for kind in ("pid", "ipc"):
            equal(said["namespaces"][kind], os.readlink(f"/proc/{pid}/ns/{kind}"))
        true(said["namespaces"]["mnt"] != os.readlink(f"/proc/{pid}/ns/mnt"), "a mount namespace of its own")


@case("podman", timeout=60)
def podman_user_namespace(t):
    with Podman(t) as podman:
        # Podman makes files in them as root of the namespace. The programs are links, which other cases have too.
        for folder, _, _ in os.walk(podman.rootfs):
            os.chown(folder, 200000, 200000)
        said = Report(succeeds(podman.run(
            "/probe", "report", "ids", "namespaces",
            flags=["--uidmap", "0:200000:5000", "--gidmap", "0:200000:5000"])).out)
        equal(said["ids"]["uid"], 0)
        contains(said["uidMap"].split(), "200000")


@case("podman")
def podman_runs_out_of_memory(t):
    with Podman(t) as podman:
        result = podman.run("/probe", "memory", str(64 << 20), flags=["--memory", "16m", "--memory-swap", "16m"])
        # conmon 2.1.6 does not tell more of it here, below runc neither.
        equal(result.status, 137)


@case("podman")
def podman_leaves_nothing(t):
    with Podman(t) as podman:
        succeeds(podman.run("/bin/true", flags=["--rm"]))
        equal(json.loads(succeeds(podman.call("ps", "--all", "--format", "json")).out or "[]") or [], [])
