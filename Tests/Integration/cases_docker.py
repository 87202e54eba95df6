"""Below real Docker: what its users see of a container's life is what they see with runc."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness.docker import IMAGE, Docker
from harness.engine import refusal, without
from harness.probe import Report, own_capabilities
from harness.terminal import resize


# The client sets the size once the program runs already.
TELL_SIZES = """while :; do
    new=$(stty size 2>/dev/null)
    [ "$new" = "$old" ] || echo $new
    old=$new
    sleep 0.02
done"""


def trap(name, status):
    """The words of a loop that says up, and ends with the status at that signal."""
    return ["/bin/sh", "-c", f"trap 'exit {status}' {name}; echo up; while :; do sleep 0.05; done"]


@case("docker")
def docker_status(t):
    with Docker(t) as docker:
        for script, expected in (("true", 0), ("exit 42", 42), ("sh -c 'kill -9 $$'; exit $?", 137)):
            equal(docker.run("/bin/sh", "-c", script).status, expected)
            equal(docker.inspect(docker.names[-1], "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}"),
                  f"exited {expected}")


@cases("docker", [("missing", "/nosuch", 127), ("missing-in-path", "nosuch", 127), ("not-executable", "/etc/passwd", 126),
                  ("folder", "/etc", 126)])
def docker_without_a_program(t, program, expected):
    """Docker reads the runtime's text to tell the user which it was."""
    with Docker(t) as docker:
        result = docker.run(program)
        equal(result.status, expected, result.err)
        contains(result.err, f'exec: "{program}"')
        equal(docker.inspect(docker.names[0], "{{.State.Status}} {{.State.ExitCode}}"), f"created {expected}")
        # Of a container that runs, Docker 20.10 makes the same status of all.
        result = docker.call("exec", docker.up(), program, record=refusal)
        equal(result.status, 126)
        contains(result.out, f'exec: "{program}"')


@case("docker")
def docker_refusals(t):
    with Docker(t) as docker:
        fails(docker.run("/bin/true", flags=["--nosuch"]), "unknown flag: --nosuch", 125)
        fails(docker.run("/bin/true", flags=["--runtime", "nosuch"]), "Unknown runtime specified nosuch", 125)
        # The client takes the daemon's words for those of a missing program.
        fails(docker.run("/bin/true", flags=["--device", "/dev/nosuch"]), "/dev/nosuch", 127)


@case("docker", differs_in={"run": "runc's text reads like that of a missing program, and Docker takes it for one: 127"})
def docker_refuses_a_sysctl(t):
    with Docker(t) as docker:
        result = docker.run("/bin/true", flags=["--sysctl", "net.nosuch=1"])
        contains(result.err, "nosuch")
        equal(result.status, 127 if t.runtime.name == "runc" else 125)


@case("docker")
def docker_output_and_input(t):
    with Docker(t) as docker:
        result = docker.run("/bin/sh", "-c", "cat; echo to err >&2; exit 3", flags=["--interactive"], stdin="from the caller\n")
        equal((result.status, result.out, result.err), (3, "from the caller\n", "to err\n"))
        logs = succeeds(docker.call("logs", docker.names[0]))
        equal((logs.out, logs.err), ("from the caller\n", "to err\n"))


@case("docker")
def docker_carries_data(t):
    """Every byte of a stream, and its end."""
    text = "".join(f"{number:07}\n" for number in range(1 << 19))
    with Docker(t) as docker:
        # The log would hold it, too.
        flags = ["--interactive", "--log-driver", "none"]
        result = docker.run("/bin/cat", flags=flags, stdin=text, record="status")
        true(result.out == text, f"{len(result.out)} bytes instead of {len(text)}")
        result = docker.call("exec", "--interactive", docker.up(), "/bin/cat", stdin=text, record="status")
        true(result.out == text, f"{len(result.out)} bytes instead of {len(text)}")


@case("docker")
def docker_terminal(t):
    """The size at the start; a new size and Ctrl-C on the way."""
    script = f"trap 'echo caught; exit 3' INT; tty; {TELL_SIZES}"
    with Docker(t) as docker:
        said, status = docker.on_a_terminal(*docker.words("/bin/sh", "-c", script, flags=["-it"]), steps=[
            ("40 90\r\n", lambda master: resize(master, 33, 77)), ("33 77\r\n", b"\x03")])
        equal((said, status), ("/dev/pts/0\r\n40 90\r\n33 77\r\n^Ccaught\r\n", 3))


@case("docker")
def docker_detaches_and_attaches(t):
    with Docker(t) as docker:
        words = docker.words("/bin/sh", "-c", "echo up; read line; echo got $line; exit 4", flags=["-it"])
        _, status = docker.on_a_terminal(*words, steps=[("up\r\n", b"\x10\x11")])
        equal(status, 0)
        equal(docker.inspect(docker.names[0], "{{.State.Running}}"), "true")
        said, status = docker.on_a_terminal("attach", docker.names[0], steps=[(None, b"word\r")])
        equal(status, 4)
        contains(said, "got word")


@case("docker")
def docker_create_and_start(t):
    with Docker(t) as docker:
        succeeds(docker.call(*docker.words("/bin/sh", "-c", "cat; exit 5", flags=["-i"], command="create")))
        name = docker.names[0]
        equal(docker.inspect(name, "{{.State.Status}}"), "created")
        for _ in range(2):
            started = docker.call("start", "--attach", "--interactive", name, stdin="again\n")
            equal((started.status, started.out), (5, "again\n"))
        fails(docker.call("kill", name), "is not running")
        equal(succeeds(docker.call("wait", name)).out, "5\n")
        succeeds(docker.call("rm", name))
        fails(docker.call("inspect", name), "No such object")


@case("docker")
def docker_remove(t):
    """One that runs has to be forced, one that is paused too."""
    with Docker(t) as docker:
        running, paused = docker.up(), docker.up()
        succeeds(docker.call("pause", paused))
        for name in (running, paused):
            pid = docker.pid(name)
            fails(docker.call("rm", name), "You cannot remove a")
            succeeds(docker.call("rm", "--force", name))
            true(not os.path.exists(f"/proc/{pid}"), "its process is gone")


@case("docker")
def docker_exec(t):
    with Docker(t) as docker:
        name = docker.up()
        equal(docker.call("exec", name, "/bin/sh", "-c", "echo out; echo err >&2; exit 7").status, 7)
        equal(docker.call("exec", name, "/bin/sh", "-c", "kill -9 $$").status, 137)
        equal(succeeds(docker.call("exec", "--interactive", name, "/bin/cat", stdin="typed\n")).out, "typed\n")
        said = Report(succeeds(docker.call(
            "exec", "--user", "1000:1001", "--workdir", "/home", "--env", "ONE=1", name,
            "/probe", "report", "ids", "cwd", "words", "security", "capabilities", "rlimits", "umask", "scheduling", "signals",
            "cgroup", record=without("cgroup"))).out)
        equal((said["ids"]["uid"], said["ids"]["gid"], said["cwd"]), (1000, 1001, "/home"))
        true("ONE=1" in said["env"], said["env"])
        equal((said["security"]["seccomp"], said.capabilities("effective")), (2, []))
        contains(said["cgroup"], docker.inspect(name, "{{.Id}}", record=False))
        # raind-oci's text isn't one that reads like a missing program's.
        equal(docker.call("exec", "--workdir", "/nosuch", name, "/bin/true", record="status").status, 126)
        result = docker.call("exec", "--user", "nobodyhere", name, "/bin/true", record=refusal)
        equal(result.status, 126)
        contains(result.out, "nobodyhere")


@case("docker")
def docker_exec_joins(t):
    """Every namespace of the container, and what is mounted there."""
    with Docker(t) as docker:
        name = docker.up(flags=["--tmpfs", "/mnt"])
        pid = docker.pid(name)
        said = Report(succeeds(docker.call("exec", name, "/probe", "report", "namespaces", "descriptors", "keyring",
                                           record=False)).out)
        for kind in ("pid", "mnt", "ipc", "net", "uts", "cgroup"):
            equal(said["namespaces"][kind], os.readlink(f"/proc/{pid}/ns/{kind}"))
        equal([entry["fd"] for entry in said["descriptors"]], [0, 1, 2])
        succeeds(docker.call("exec", name, "/bin/touch", "/mnt/file"))
        true(os.path.exists(f"/proc/{pid}/root/mnt/file"), "the container sees it")


@case("docker")
def docker_exec_on_a_terminal(t):
    with Docker(t) as docker:
        name = docker.up()
        said, status = docker.on_a_terminal(
            "exec", "-it", name, "/bin/sh", "-c", f"trap 'exit 9' INT; echo $TERM; tty; {TELL_SIZES}",
            steps=[("40 90\r\n", b"\x03")])
        equal((said, status), ("xterm\r\n/dev/pts/0\r\n40 90\r\n^C", 9))
        # A terminal without one here.
        equal(succeeds(docker.call("exec", "--tty", name, "/bin/tty")).out, "/dev/pts/0\r\n")


# Empty where it can be compared.
PRIVILEGED = {} if "CAP_SYS_RESOURCE" in own_capabilities() else dict.fromkeys(
    ("runc", "crun"), "root lacks CAP_SYS_RESOURCE here, and what is to have a capability which they lack they don't start")


@case("docker", differs=PRIVILEGED)
def docker_exec_privileged(t):
    with Docker(t) as docker:
        name = docker.up(flags=["--cap-drop", "all"])
        equal(Report(docker.call("exec", name, "/probe", "report", "capabilities").out).capabilities("effective"), [])
        said = Report(docker.call("exec", "--privileged", name, "/probe", "report", "capabilities", "security").out)
        true("CAP_SYS_ADMIN" in said.capabilities("effective"), said["capabilities"])
        # The filter stays.
        equal(said["security"]["seccomp"], 2)


@case("docker")
def docker_exec_in_the_background(t):
    with Docker(t) as docker:
        name = docker.up()
        succeeds(docker.call("exec", "--detach", name, "/bin/sleep", "4711"))
        t.until(lambda: "sleep 4711" in docker.call("top", name, record=False).out, "the program in top")
        equal(programs(docker, name), ["/bin/sleep 4711", "/probe sleep"])
        # Its end ends both.
        succeeds(docker.call("kill", name))
        equal(succeeds(docker.call("wait", name)).out, "137\n")


@case("docker")
def docker_pause(t):
    with Docker(t) as docker:
        name = docker.up("/bin/sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done")
        docker.until_logged(name, "3\n")
        succeeds(docker.call("pause", name))
        equal(docker.inspect(name, "{{.State.Status}} {{.State.Paused}}"), "paused true")
        before = docker.call("logs", name, record=False).out
        time.sleep(0.2)
        equal(docker.call("logs", name, record=False).out, before, "it stands still")
        fails(docker.call("exec", name, "/bin/true"), "is paused")
        fails(docker.call("pause", name), "is already paused")
        succeeds(docker.call("unpause", name))
        docker.until_logged(name, f"{len(before.split()) + 3}\n")
        fails(docker.call("unpause", name), "is not paused")
        # The end of one that is paused.
        succeeds(docker.call("pause", name))
        succeeds(docker.call("stop", "--time", "1", name))
        equal(docker.inspect(name, "{{.State.Status}} {{.State.ExitCode}}"), "exited 137")


@case("docker")
def docker_kill(t):
    """By no name, by name, by number, and by a number that has no name in a shell."""
    ways = (([], "TERM", 137), (["--signal", "USR1"], "USR1", 6), (["--signal", "SIGHUP"], "HUP", 7),
            (["--signal", "12"], "USR2", 8), (["--signal", "RTMIN+3"], "37", 9))
    with Docker(t) as docker:
        for flags, trapped, expected in ways:
            name = docker.up(*trap(trapped, expected))
            docker.until_logged(name, "up")
            succeeds(docker.call("kill", *flags, name))
            equal(succeeds(docker.call("wait", name)).out, f"{expected}\n")
        fails(docker.call("kill", name), "is not running")
        name = docker.up()
        fails(docker.call("kill", "--signal", "NOSUCH", name), "Invalid signal")
        equal(docker.inspect(name, "{{.State.Running}}"), "true")


@case("docker")
def docker_stop(t):
    with Docker(t) as docker:
        heard = docker.up(*trap("TERM", 5))
        other = docker.up(*trap("USR1", 6), flags=["--stop-signal", "USR1"])
        # Process 1 passes over a signal that it has no handler for.
        deaf = docker.up("/bin/sleep", "1000")
        for name in (heard, other):
            docker.until_logged(name, "up")
        began = time.monotonic()
        succeeds(docker.call("stop", heard, other))
        true(time.monotonic() - began < 5, "no wait for those that hear")
        succeeds(docker.call("stop", "--time", "1", deaf))
        equal([docker.inspect(name, "{{.State.ExitCode}}") for name in (heard, other, deaf)], ["5", "6", "137"])


@case("docker")
def docker_restart(t):
    with Docker(t) as docker:
        name = docker.up(*trap("TERM", 0), flags=["--tmpfs", "/mnt"])
        docker.until_logged(name, "up")
        first = docker.pid(name)
        succeeds(docker.call("exec", name, "/bin/touch", "/mnt/file", "/tmp/file"))
        succeeds(docker.call("restart", name))
        true(docker.pid(name) != first, "another process")
        equal(docker.inspect(name, "{{.State.Running}}"), "true")
        # What it wrote is there, but for what was in memory.
        equal(docker.call("exec", name, "/bin/ls", "/mnt", "/tmp").out, "/mnt:\n\n/tmp:\nfile\n")


@case("docker")
def docker_restarts_on_failure(t):
    with Docker(t) as docker:
        name = docker.up("/bin/sh", "-c", "echo once; exit 3", flags=["--restart", "on-failure:2"])
        t.until(lambda: docker.inspect(name, "{{.RestartCount}} {{.State.Status}}", record=False) == "2 exited", "two restarts")
        equal(docker.inspect(name, "{{.State.ExitCode}}"), "3")
        equal(docker.call("logs", name).out, "once\n" * 3)


def programs(docker, name):
    """What `top` tells of the container's processes but for their numbers, which are those of the host."""
    lines = succeeds(docker.call("top", name, "-o", "pid,args", record=False)).out.splitlines()
    found = sorted(line.split(None, 1)[1] for line in lines[1:])
    docker.t.transcript.note("top", found)
    return found


@case("docker")
def docker_top(t):
    with Docker(t) as docker:
        name = docker.up("/bin/sh", "-c", "sleep 4711 & exec sleep 4712")
        t.until(lambda: "sleep 4712" in docker.call("top", name, record=False).out, "the second program")
        equal(programs(docker, name), ["sleep 4711", "sleep 4712"])
        contains(docker.call("top", name, "-o", "pid,args", record=False).out, f"{docker.pid(name)} ")


@case("docker")
def docker_health(t):
    flags = ["--health-interval", "0.1s", "--health-retries", "2", "--health-timeout", "2s"]

    def health(name):
        return docker.inspect(name, "{{.State.Health.Status}}", record=False)
    with Docker(t) as docker:
        good = docker.up(flags=["--health-cmd", "test -e /etc/passwd && echo fine", *flags])
        bad = docker.up(flags=["--health-cmd", "echo no; exit 1", *flags])
        missing = docker.up(flags=["--health-cmd", "/nosuch", *flags])
        t.until(lambda: [health(name) for name in (good, bad, missing)] == ["healthy", "unhealthy", "unhealthy"], "the states")
        for name, status, output in ((good, 0, "fine\n"), (bad, 1, "no\n"), (missing, 127, "not found")):
            last = json.loads(docker.inspect(name, "{{json .State.Health.Log}}", record=False))[-1]
            t.transcript.note("health", [last["ExitCode"], last["Output"]])
            equal(last["ExitCode"], status)
            contains(last["Output"], output)


@case("docker")
def docker_tells_of_events(t):
    """The exit status of each, in order."""
    with Docker(t) as docker:
        equal(docker.run("/bin/sh", "-c", "exit 42", flags=["--rm"]).status, 42)
        name = docker.up()
        equal(docker.call("exec", name, "/bin/sh", "-c", "exit 6").status, 6)
        succeeds(docker.call("pause", name))
        succeeds(docker.call("unpause", name))
        succeeds(docker.call("kill", name))
        succeeds(docker.call("wait", name))
        said = succeeds(docker.call(
            "events", "--since", "60s", "--until", str(time.time() + 0.3), "--filter", "type=container", "--format",
            "{{.Action}} {{.Actor.Attributes.exitCode}}", record=False)).out
        told = [line.removesuffix("<no value>").strip() for line in said.splitlines()]
        t.transcript.note("events", told)
        equal(told, ["create", "attach", "start", "die 42", "destroy", "create", "start",
                     "exec_create: /bin/sh -c exit 6", "exec_start: /bin/sh -c exit 6", "exec_die 6",
                     "pause", "unpause", "kill", "die 137"])


@case("docker", timeout=60)
def docker_restarts_below_its_containers(t):
    """With --live-restore they stay when the daemon goes, and are its own again when it comes."""
    with Docker(t, flags=["--live-restore"]) as docker:
        name = docker.up(*trap("TERM", 5))
        ending = docker.up("/bin/sh", "-c", "while [ ! -e /mnt/end ]; do sleep 0.02; done; exit 6",
                           flags=["--volume", f"{t.folder('shared')}:/mnt"])
        docker.until_logged(name, "up")
        pid, end = docker.pid(name), docker.pid(ending)
        docker.stop_daemon()
        true(os.path.exists(f"/proc/{pid}/ns"), "it goes on")
        # One that ends while nobody looks.
        t.file(name="shared/end")
        t.until(lambda: not os.path.exists(f"/proc/{end}"), "its end")
        docker.start_daemon()
        equal(docker.inspect(name, "{{.State.Status}}"), "running")
        equal(docker.pid(name), pid)
        t.until(lambda: docker.inspect(ending, "{{.State.Status}}", record=False) == "exited", "the other's end")
        equal(docker.inspect(ending, "{{.State.ExitCode}}"), "6")
        equal(docker.call("exec", name, "/bin/sh", "-c", "exit 7").status, 7)
        succeeds(docker.call("pause", name))
        succeeds(docker.call("unpause", name))
        succeeds(docker.call("stop", name))
        equal(docker.inspect(name, "{{.State.ExitCode}}"), "5")


@case("docker")
def docker_knows_the_runtime(t):
    """As the default it is asked for its version, which `docker info` and `docker version` show."""
    runtime = [] if t.runtime.name == "runc" else ["--default-runtime", "raind" if t.runtime.is_raind else t.runtime.name]
    with Docker(t, flags=runtime) as docker:
        told = json.loads(succeeds(docker.call("info", "--format", "{{json .}}", record=False)).out)
        true(docker.runtime in told["Runtimes"], told["Runtimes"])
        equal(told["DefaultRuntime"], docker.runtime)
        version = succeeds(t.runtime.call(["--version"], root=t.root, scratch=t.scratch, root_flag=False)).out
        commit = next((line.split(":", 1)[1].strip() for line in version.splitlines() if line.startswith("commit:")), "")
        # The daemon says N/A of what it can't parse.
        equal(told["RuncCommit"]["ID"], commit or "N/A")
        excludes(docker.said("dockerd"), "failed to retrieve")
        said = json.loads(succeeds(docker.call("version", "--format", "{{json .Server.Components}}", record=False)).out)
        shown = {entry["Name"]: entry["Version"] for entry in said}
        true(version.splitlines()[0].endswith(shown[docker.runtime]), (version, shown))
        # A container that names none gets it.
        succeeds(docker.call("run", "--name", "plain", "--network", "none", "--cgroup-parent", "/" + docker.prefix,
                             IMAGE, "/bin/true"))
        t.transcript.note("default", docker.inspect("plain", "{{.HostConfig.Runtime}}", record=False) == docker.runtime)


@case("docker", timeout=60)
def docker_ten_at_once(t):
    with Docker(t) as docker:
        calls = [docker.words("/bin/sh", "-c", f"echo {number}; exit {number}", flags=["--rm"]) for number in range(10)]
        with ThreadPoolExecutor(10) as pool:
            results = list(pool.map(lambda words: docker.call(*words, timeout=50, record=False), calls))
        t.transcript.note("ten", [(result.status, result.out, result.err) for result in results])
        equal([(result.status, result.out) for result in results], [(number, f"{number}\n") for number in range(10)])


@case("docker")
def docker_leaves_nothing(t):
    """Not of a container that ended well, of one that didn't, nor of one that never started."""
    with Docker(t) as docker:
        for words in (["/bin/true"], ["/bin/false"], ["/nosuch"]):
            docker.run(*words, flags=["--rm"])
        equal(succeeds(docker.call("ps", "--all", "--quiet")).out, "")
        state = os.path.join(docker.folder, "exec/runtime-runc/moby")
        equal([name for name in os.listdir(state) if not name.endswith("~")], [])
        matches(docker.said("containerd"), "shim disconnected")
