"""Below real podman: more programs in a container, and somebody at a terminal."""

import json
import os
import signal
import stat

from harness import case, cases, contains, equal, fails, succeeds, true
from harness.podman import Podman
from harness.probe import Report, own_capabilities

# Says what it hears, line by line.
ECHO = ("/bin/sh", "-c", 'echo up; while read line; do echo "got $line"; done')


@case("podman", timeout=60)
def podman_exec(t):
    with Podman(t) as podman:
        name = podman.up()
        equal(podman.call("exec", name, "/bin/sh", "-c", "exit 7").status, 7)
        equal(podman.call("exec", name, "/bin/sh", "-c", "kill -9 $$").status, 137)
        result = podman.call("exec", "--interactive", name, "/bin/sh", "-c", "cat; echo to err >&2", stdin="typed\n")
        equal((result.status, result.out, result.err), (0, "typed\n", "to err\n"))
        contains(succeeds(podman.call("exec", "--tty", name, "/bin/sh", "-c", "tty")).out, "/dev/pts/")


@case("podman", timeout=60)
def podman_exec_as_another(t):
    with Podman(t) as podman:
        name = podman.up(flags=["--env", "OF=container", "--user", "1000:1001"])

        def said(*flags):
            return Report(succeeds(podman.call(
                "exec", *flags, name, "/probe", "report", "ids", "cwd", "words", "security", "capabilities",
                record=lambda result: {key: sorted(value) if key == "env" else value
                                       for key, value in Report(result.out).values.items()})).out)
        report = said("--workdir", "/home", "--env", "ONE=1")
        equal((report["ids"]["uid"], report["ids"]["gid"], report["cwd"]), (1000, 1001, "/home"))
        true({"ONE=1", "OF=container"} <= set(report["env"]), report["env"])
        equal((report["security"]["seccomp"], report.capabilities("effective")), (2, []))
        report = said("--user", "user:5")
        equal((report["ids"]["uid"], report["ids"]["gid"]), (1000, 5))
        report = said("--user", "0")
        equal(report["ids"]["uid"], 0)
        true("CAP_CHOWN" in report.capabilities("effective"), report.capabilities("effective"))


@case("podman", timeout=60)
def podman_exec_privileged(t):
    with Podman(t) as podman:
        name = podman.up()
        said = Report(succeeds(podman.call("exec", "--privileged", name, "/probe", "report", "capabilities", "security")).out)
        # Podman asks for all that it has itself.
        equal(set(said.capabilities("bounding")), set(own_capabilities()))
        said = Report(succeeds(podman.call("exec", name, "/probe", "report", "capabilities", "security")).out)
        true("CAP_SYS_ADMIN" not in said.capabilities("bounding"), said.capabilities("bounding"))


@case("podman")
def podman_exec_detached(t):
    with Podman(t) as podman:
        name = podman.up()
        succeeds(podman.call("exec", "--detach", name, "/bin/sh", "-c", "echo done >/tmp/done; exec sleep 4711"))
        t.until(lambda: os.path.exists(os.path.join(podman.rootfs, "tmp/done")), "the program's file")
        # With the time since each began.
        contains(succeeds(podman.call("top", name, record="status")).out, "sleep 4711")
        fails(podman.call("exec", "--detach", name, "nosuch"), "nosuch", 125)


@case("podman", timeout=60, differs_in={
    "exec#5": "runc's ENOENT of the working directory makes podman say 127, that the command was not found"})
def podman_exec_errors(t):
    with Podman(t) as podman:
        name = podman.up()
        contains(fails(podman.call("exec", name, "nosuch"), "nosuch", 127).err, "not found")
        contains(fails(podman.call("exec", name, "/nosuch"), "/nosuch", 127).err, "not found")
        contains(fails(podman.call("exec", name, "/etc/passwd"), "/etc/passwd", 126).err, "permission denied")
        fails(podman.call("exec", "--user", "nosuch", name, "/bin/true"), "no matching entries", 255)
        result = podman.call("exec", "--workdir", "/nosuch", name, "/bin/true")
        contains(result.err, "/nosuch")
        if t.runtime.is_raind:
            equal(result.status, 255)
            contains(result.err, "enter working directory")
        fails(podman.call("exec", podman.prefix + "-other", "/bin/true"), "no such container", 125)


@cases("podman", [("run", False), ("exec", True)])
def podman_preserved_descriptors(t, in_exec):
    handed = t.file("from descriptor 3\n")
    words = ["/bin/sh", "-c", "cat <&3; ls /proc/self/fd | wc -l"]
    with Podman(t) as podman:
        if in_exec:
            name = podman.up()
            result = podman.call("exec", "--preserve-fds", "1", name, *words, third=handed)
        else:
            result = podman.run(*words, flags=["--preserve-fds", "1"], third=handed)
        # The three streams, that one, and the folder that ls reads.
        equal((result.status, result.out), (0, "from descriptor 3\n5\n"), result.err)
        result = podman.call("exec", name, *words, third=handed) if in_exec else podman.run(*words, third=handed)
        true(result.out.startswith("4") or "from" not in result.out, f"a descriptor that nobody asked for: {result}")


@case("podman")
def podman_attach(t):
    with Podman(t) as podman:
        name = podman.up(*ECHO, flags=["--interactive"])
        t.until(lambda: "up" in podman.call("logs", name, record=False).out, "the program")
        # What it says may be there before podman listens; the log has it all. Its status is that of the container.
        equal(podman.call("attach", name, stdin="one\ntwo\n", record="status").status, 0)
        equal(succeeds(podman.call("logs", name)).out, "up\ngot one\ngot two\n")


@case("podman")
def podman_passes_signals_on(t):
    """Those that podman itself gets, to the program in its foreground."""
    with Podman(t) as podman:
        with podman.on_terminal(*podman.words_of_run("/probe", "trap")) as terminal:
            terminal.hears("ready")

            def passed_on():
                # Podman begins to listen when the program runs already; this one does no harm before.
                terminal.process.send_signal(signal.SIGCONT)
                return terminal.hears_soon("18")
            t.until(passed_on, "podman to listen")
            terminal.process.send_signal(signal.SIGUSR1)
            terminal.hears("10")
            terminal.process.send_signal(signal.SIGTERM)
            terminal.hears("15")
            equal(terminal.ends(), 0)


@case("podman", timeout=60)
def podman_on_a_terminal(t):
    """Its size, a later size, and the status of the program."""
    with Podman(t) as podman:
        words = podman.words_of_run(
            "/bin/sh", "-c", "tty; stty size; echo ready; read line; stty size; exit 4", flags=["-it", "--rm"])
        with podman.on_terminal(*words, size=(33, 101)) as terminal:
            contains(terminal.hears("33 101"), "/dev/pts/0")
            terminal.hears("ready")
            terminal.resizes((20, 70))
            # Podman hands it to conmon, and conmon to the terminal.
            t.until(lambda: size_of(podman, podman.names[-1]) == "20 70", "the new size")
            terminal.types(b"\n")
            terminal.hears("20 70")
            equal(terminal.ends(), 4)


def size_of(podman, name):
    """What the container's own terminal has for a size, seen through the program's standard input."""
    with open(f"/proc/{podman.pid(name)}/fd/0", "rb", buffering=0) as file:
        return " ".join(map(str, os.get_terminal_size(file.fileno())[::-1]))


@case("podman")
def podman_interrupt_on_a_terminal(t):
    with Podman(t) as podman:
        words = podman.words_of_run("/bin/sh", "-c", "trap 'echo heard; exit 9' INT; echo up; while :; do sleep 0.05; done",
                                    flags=["-it"])
        with podman.on_terminal(*words) as terminal:
            terminal.hears("up")
            terminal.types(b"\x03")
            terminal.hears("heard")
            equal(terminal.ends(), 9)
        equal(podman.inspect(podman.names[-1], "{{.State.ExitCode}}"), "9")


@case("podman", timeout=60)
def podman_detach_keys(t):
    with Podman(t) as podman:
        with podman.on_terminal(*podman.words_of_run(*ECHO, flags=["-it"])) as terminal:
            terminal.hears("up")
            terminal.detaches()
            equal(terminal.ends(), 0)
        name = podman.names[-1]
        equal(podman.inspect(name, "{{.State.Status}}"), "running")
        with podman.on_terminal("attach", "--detach-keys", "ctrl-x,x", name) as terminal:
            terminal.types(b"again\n")
            terminal.hears("got again")
            terminal.detaches(b"\x18x")
            equal(terminal.ends(), 0)
        equal(podman.inspect(name, "{{.State.Status}}"), "running")
        with podman.on_terminal("attach", name) as terminal:
            terminal.types(b"last\n")
            terminal.hears("got last")
            # The end of what is typed.
            terminal.types(b"\x04")
            equal(terminal.ends(), 0)
        equal(succeeds(podman.call("wait", name)).out.strip(), "0")


@case("podman", timeout=60)
def podman_exec_on_a_terminal(t):
    with Podman(t) as podman:
        name = podman.up()
        with podman.on_terminal("exec", "-it", "--user", "1000", name, "/bin/sh", "-c",
                                "stty size; echo ready; read line; echo \"got $line\"; exit 6", size=(33, 101)) as terminal:
            terminal.hears("33 101")
            terminal.hears("ready")
            terminal.types(b"it\n")
            terminal.hears("got it")
            equal(terminal.ends(), 6)
        with podman.on_terminal("exec", "-it", name, "/bin/sh", "-c", "echo ready; exec sleep 4711") as terminal:
            terminal.hears("ready")
            terminal.types(b"\x03")
            equal(terminal.ends(), 130)


@case("podman")
def podman_terminal_of_the_container(t):
    """A terminal's device belongs to the user and can be opened."""
    with Podman(t) as podman:
        result = succeeds(podman.run("/probe", "stat", "/dev/console", "/dev/pts/0", flags=["--tty", "--user", "1000"],
                                     record="status"))
        said = {entry["path"]: entry for entry in json.loads(result.out)}
        equal(said["/dev/console"]["kind"], "char")
        equal((said["/dev/pts/0"]["uid"], stat.S_IMODE(said["/dev/pts/0"]["mode"])), (1000, 0o620))
