"""Standard streams, terminals, and the descriptors that are handed on."""

import os
import socket
import subprocess
import fcntl

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.probe import Report
from harness.terminal import ConsoleSocket, read_terminal, run_on_a_terminal


# Without a terminal

@case("lifecycle")
def streams_of_run(t):
    reading, writing = os.pipe()
    os.write(writing, b"from the caller\n")
    os.close(writing)
    result = succeeds(t.run(["/bin/sh", "-c", "cat; echo to err >&2"], stdin=reading))
    os.close(reading)
    equal((result.out, result.err), ("from the caller\n", "to err\n"))


@case("lifecycle")
def streams_of_a_created_container(t):
    """create's own streams go to the container, and start's don't."""
    with t.container(args=["/bin/sh", "-c", "cat; echo done"]) as c:
        with open(t.file("the first's\n"), "rb") as stdin:
            succeeds(c.create(stdin=stdin))
        started = succeeds(c.start())
        c.wait_output("the first's\ndone\n")
        equal(started.out + started.err, "")


@case("lifecycle")
def closed_streams(t):
    """A caller without standard streams: nothing of the runtime's takes their numbers."""
    folder = t.folder()
    os.chmod(folder, 0o777)

    def edit(config):
        config["mounts"].append({"destination": "/out", "type": "bind", "source": folder, "options": ["bind"]})

    def close_all():
        for fd in (0, 1, 2):
            os.close(fd)
    script = "(for fd in 0 1 2; do readlink /proc/$$/fd/$fd || echo closed; done) >/out/links 2>/dev/null; :"
    with t.container(edit, ["/bin/sh", "-c", script]) as c:
        succeeds(c.run(before=close_all))
    with open(os.path.join(folder, "links"), encoding="utf-8") as file:
        targets = file.read().split()
    if t.runtime.is_raind:
        equal(targets, ["/dev/null"] * 3)
    for target in targets:
        excludes(target, t.scratch)


@case("lifecycle")
def streams_belong_to_the_user(t):
    """/dev/stdout can be opened again by a user that isn't root, when it is a pipe."""
    def edit(config):
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    reading, writing = os.pipe()
    with t.container(edit, ["/bin/sh", "-c", "echo one >/dev/stdout; echo two >/proc/self/fd/1"]) as c:
        process = c.spawn("run", "--bundle", c.bundle.folder, c.id, stdout=writing)
        os.close(writing)
        equal(process.wait(10), 0)
        equal(os.read(reading, 100), b"one\ntwo\n")
    os.close(reading)


@case("lifecycle")
def dev_null_keeps_its_owner(t):
    """Streams are handed to the user, but not the host's /dev/null."""
    before = os.stat("/dev/null")
    def edit(config):
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    succeeds(t.run(["/bin/true"], edit))
    after = os.stat("/dev/null")
    equal((after.st_uid, after.st_gid, after.st_mode), (before.st_uid, before.st_gid, before.st_mode))


@case("lifecycle")
def large_output(t):
    with t.container(args=["/bin/sh", "-c", "dd if=/dev/zero bs=65536 count=64 2>/dev/null"]) as c:
        reading, writing = os.pipe()
        process = c.spawn("run", "--bundle", c.bundle.folder, c.id, stdout=writing)
        os.close(writing)
        total = 0
        while True:
            part = os.read(reading, 1 << 20)
            if not part:
                break
            total += len(part)
        os.close(reading)
        equal((process.wait(10), total), (0, 64 * 65536))


# Descriptors

def numbers(report):
    return [entry["fd"] for entry in report["descriptors"]]


@case("lifecycle", row="CVE-2016-9962", hole="descriptors-inherited")
def no_descriptor_is_inherited(t):
    extra = [os.open("/etc/passwd", os.O_RDONLY) for _ in range(3)]
    high = fcntl.fcntl(extra[0], fcntl.F_DUPFD, 500)
    report = t.report("descriptors", fds=(*extra, high))
    equal(numbers(report), [0, 1, 2])


@case("lifecycle", row="CVE-2016-9962", hole="descriptors-inherited")
def no_descriptor_is_inherited_by_create(t):
    """As the shim of containerd leaves a socket open."""
    ours, theirs = socket.socketpair()
    with t.container(args=["/probe", "report", "descriptors"]) as c:
        succeeds(c.create(fds=(theirs.fileno(),)))
        succeeds(c.start())
        c.wait_status("stopped")
        equal(numbers(Report(c.output())), [0, 1, 2])
    # And the runtime itself holds nothing of it.
    theirs.close()
    ours.settimeout(5)
    equal(ours.recv(1), b"", "the other end is closed everywhere")


def with_descriptors(t, count):
    """Files at 3, 4 ..: before exec in the child."""
    paths = [t.file(f"file {at}\n") for at in range(count)]

    def before():
        opened = [os.open(path, os.O_RDONLY) for path in paths]
        # Out of the way first.
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in opened]
        for at, fd in enumerate(high):
            os.dup2(fd, 3 + at, inheritable=True)
    return before


@case("lifecycle")
def preserve_fds(t):
    before = with_descriptors(t, 3)
    said = succeeds(t.run(["/bin/sh", "-c", "cat <&3; cat <&4; cat <&5 2>/dev/null || echo no 5"],
                          flags=("--preserve-fds", "2"), before=before, fds=(3, 4, 5))).out
    equal(said, "file 0\nfile 1\nno 5\n")


@case("lifecycle", differs={"runc": "takes its own descriptors for them"})
def preserve_fds_that_are_missing(t):
    # 3 and 4 are there, 5 isn't.
    before = with_descriptors(t, 2)
    fails(t.run(["/bin/true"], flags=("--preserve-fds", "3"), before=before, fds=(3, 4)))


@case("lifecycle")
def listen_fds(t):
    """The protocol of systemd's socket activation: handed on, with the container's own pid."""
    with t.container(args=["/probe", "report", "descriptors", "words"]) as c:
        command = ["/bin/sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=a:b exec "$0" "$@"', t.runtime.path,
                   "--root", t.root, "run", "--bundle", c.bundle.folder, c.id]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=with_descriptors(t, 3), close_fds=False, timeout=20)
        equal((done.returncode, done.stderr), (0, b""))
        report = Report(done.stdout.decode())
        equal(numbers(report), [0, 1, 2, 3, 4])
        environment = dict(entry.split("=", 1) for entry in report["env"])
        equal((environment.get("LISTEN_FDS"), environment.get("LISTEN_PID")), ("2", "1"))


@case("lifecycle", differs={"runc": "doesn't look at LISTEN_PID"})
def listen_fds_of_another(t):
    """Not ours: what was meant for a parent is neither kept nor told."""
    report = t.report("descriptors", "words", env={"LISTEN_PID": "1", "LISTEN_FDS": "2"},
                      before=with_descriptors(t, 2), fds=(3, 4))
    equal(numbers(report), [0, 1, 2])
    true(not any(entry.startswith("LISTEN_") for entry in report["env"]), report["env"])


@case("lifecycle")
def environment_of_the_caller_stays_outside(t):
    report = t.report("words", env={"PATH": os.environ["PATH"], "SECRET": "1", "_OCI_SYNCPIPE": "77",
                                    "_OCI_STARTPIPE": "78", "TERM": "other"})
    equal(sorted(entry for entry in report["env"] if not entry.startswith("HOME=")),
          sorted(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"]))


# Terminals

def with_terminal(rows=None, columns=None, user=None):
    def edit(config):
        config["process"]["terminal"] = True
        if rows:
            config["process"]["consoleSize"] = {"height": rows, "width": columns}
        if user:
            config["process"]["user"] = {"uid": user, "gid": user}
    return edit


def created_with_console(t, c):
    console = ConsoleSocket(t.scratch)
    creating = c.spawn("create", "--bundle", c.bundle.folder, "--console-socket", console.path, c.id)
    payload, descriptors = console.receive()
    equal(creating.wait(10), 0)
    true(not console.rest(0), "nothing else is said")
    console.close()
    return payload, descriptors


@cases("lifecycle", [("root", None), ("user", 1000)], fields=["/process/terminal"])
def console_socket(t, user):
    with t.container(with_terminal(33, 77, user), ["/probe", "report", "terminal", "descriptors", "process"]) as c:
        payload, descriptors = created_with_console(t, c)
        equal(len(descriptors), 1, "descriptors")
        true(payload.startswith(b"/dev/pts/") or payload.startswith(b"/dev/ptmx"), f"the terminal's name: {payload!r}")
        succeeds(c.start())
        report = Report(read_terminal(descriptors[0]))
        terminal = report["terminal"]
        equal(terminal["isatty"], [True] * 3)
        equal((terminal.get("rows"), terminal.get("columns")), (33, 77))
        equal(terminal["controlling"], True)
        equal(terminal["foreground"], report["process"]["pgid"])
        equal(report["process"]["sid"], report["process"]["pid"], "leader of a session")
        equal(numbers(report), [0, 1, 2])
        equal(terminal.get("name", "").startswith("/dev/"), True, "the terminal has a name inside")
        if t.runtime.is_raind:
            equal({entry["uid"] for entry in report["descriptors"]}, {user or 0}, "the terminal's owner")
        os.close(descriptors[0])


@case("lifecycle")
def console_connection_ends_with_create(t):
    """The process that waits for start has no way to the caller's socket."""
    console = ConsoleSocket(t.scratch)
    with t.container(with_terminal()) as c:
        creating = c.spawn("create", "--bundle", c.bundle.folder, "--console-socket", console.path, c.id)
        _, (master,) = console.receive()
        equal(creating.wait(10), 0)
        equal(console.rest(1), b"")
        os.close(master)
    console.close()


@case("lifecycle")
def console_carries_both_ways(t):
    with t.container(with_terminal(), ["/bin/sh", "-c", "stty -echo; echo ready; read line; echo got $line"]) as c:
        _, (master,) = created_with_console(t, c)
        succeeds(c.start())
        read_terminal(master, "ready\r\n")
        os.write(master, b"hello\n")
        contains(read_terminal(master, "got hello"), "got hello\r\n")
        os.close(master)
        c.wait_status("stopped")


@case("lifecycle")
def console_of_the_container_is_a_device(t):
    """/dev/console is the terminal itself."""
    with t.container(with_terminal(), ["/bin/sh", "-c", "echo by name >/dev/console; test -t 0 && tty"]) as c:
        _, (master,) = created_with_console(t, c)
        succeeds(c.start())
        said = read_terminal(master)
        contains(said, "by name\r\n")
        os.close(master)


@case("lifecycle")
def hangup_of_the_console(t):
    """The master's end is the session's."""
    with t.container(with_terminal(), ["/bin/sh", "-c", "echo up; exec cat"]) as c:
        _, (master,) = created_with_console(t, c)
        succeeds(c.start())
        read_terminal(master, "up")
        os.close(master)
        c.wait_status("stopped")


@case("lifecycle")
def terminal_without_a_console_socket(t):
    with t.container(with_terminal()) as c:
        fails(c.create(out=None, err=None))
        c.is_unknown()


@case("lifecycle")
def console_socket_without_a_terminal(t):
    console = ConsoleSocket(t.scratch)
    with t.container() as c:
        fails(c.create("--console-socket", console.path))
    console.close()


@case("lifecycle")
def console_socket_that_nobody_listens_on(t):
    with t.container(with_terminal()) as c:
        fails(c.create("--console-socket", os.path.join(t.scratch, "nosuch.sock"), out=None, err=None))
        c.is_unknown()


def run_in_front(t, c, typed=b"", until=None):
    return run_on_a_terminal(t.runtime, t.root, ["run", "--bundle", c.bundle.folder, c.id], typed, until)


@case("lifecycle", fields=["/process/terminal"])
def terminal_of_a_foreground_run(t):
    with t.container(with_terminal(), ["/bin/sh", "-c", "stty size; tty >/dev/null && echo a tty; exit 6"]) as c:
        said, status = run_in_front(t, c)
        equal(status, 6)
        contains(said, "a tty\r\n")
        contains(said, "40 90\r\n")


@case("lifecycle")
def terminal_of_a_foreground_run_takes_input(t):
    with t.container(with_terminal(), ["/bin/sh", "-c", "echo ready; read line; echo got $line"]) as c:
        said, status = run_in_front(t, c, b"hello\n", until="ready")
        equal(status, 0)
        contains(said, "got hello\r\n")


@case("lifecycle")
def terminal_of_a_foreground_run_interrupts(t):
    """Ctrl-C goes to the container's terminal, not to the runtime."""
    script = "trap 'echo trapped; exit 5' INT; echo ready; while :; do sleep 0.1; done"
    with t.container(with_terminal(), ["/bin/sh", "-c", script]) as c:
        said, status = run_in_front(t, c, b"\x03", until="ready")
        equal(status, 5)
        contains(said, "trapped")


@case("lifecycle", fields=["/process/consoleSize/{height,width}"])
def console_size_wins(t):
    with t.container(with_terminal(11, 22), ["/bin/sh", "-c", "stty size"]) as c:
        _, (master,) = created_with_console(t, c)
        succeeds(c.start())
        contains(read_terminal(master), "11 22\r\n")
        os.close(master)


@case("lifecycle", differs={"runc": "1.1 has no --pidfd-socket"})
def pidfd_socket(t):
    received = ConsoleSocket(t.scratch)
    with t.container() as c:
        creating = c.spawn("create", "--bundle", c.bundle.folder, "--pidfd-socket", received.path, c.id)
        payload, descriptors = received.receive(2)
        equal(creating.wait(10), 0)
        equal(len(descriptors), 1)
        equal(payload, b"standard")
        with open(f"/proc/self/fdinfo/{descriptors[0]}", encoding="ascii") as file:
            pid = next(line.split()[1] for line in file if line.startswith("Pid:"))
        equal(int(pid), c.pid)
        os.close(descriptors[0])
    received.close()
