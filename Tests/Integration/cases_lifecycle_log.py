"""--log to what a system has for all of its programs: syslog and the journal."""

import json
import os
import re
import socket
import subprocess

from harness import case, cases, contains, equal, fails, matches, true
from harness.runtime import ENVIRONMENT


class Daemon:
    """A socket that stands in a folder which takes the place of /dev or /run, in a mount namespace of the call's own."""

    def __init__(self, t, over, name, kind=socket.SOCK_DGRAM):
        self.t = t
        self.over = over
        self.folder = t.folder()
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, kind)
        self.socket.bind(path)
        if kind == socket.SOCK_STREAM:
            self.socket.listen(1)

    def call(self, *words):
        """The exit status of a call, and what it says on its standard error."""
        script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
        result = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", self.folder, self.over,
             self.t.runtime.path, "--root", self.t.root, *words],
            env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
        return result.returncode, result.stderr

    def receive(self):
        self.socket.settimeout(5)
        return self.socket.recv(65536).decode()

    def close(self):
        self.socket.close()


@cases("lifecycle", [("text", (), lambda text: text), ("json", ("--log-format", "json"), lambda text: json.loads(text)["msg"])],
       raind_only="runc's --log is a file")
def log_to_syslog(t, flags, message):
    """RFC 3164: facility user, the severity, a local time, a name with the process id, and the error."""
    daemon = Daemon(t, "/dev", "log")
    status, said = daemon.call("--log", "syslog:box", *flags, "state", "nosuch")
    equal(status, 1)
    contains(said, "container does not exist")
    match = re.fullmatch(r"<11>([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) box\[(\d+)\]: (.*)", daemon.receive())
    true(match, "the form of a message")
    equal(message(match[7]), "state nosuch: container does not exist")
    # The name is the program's own where none is given.
    daemon.call("--log", "syslog:", "state", "nosuch")
    contains(daemon.receive(), " raind-oci[")
    daemon.close()


@case("lifecycle", raind_only="runc's --log is a file")
def log_to_a_syslog_that_is_a_stream(t):
    daemon = Daemon(t, "/dev", "log", socket.SOCK_STREAM)
    daemon.call("--log=syslog:box", "state", "nosuch")
    daemon.socket.settimeout(5)
    connection, _ = daemon.socket.accept()
    said = connection.recv(65536)
    connection.close()
    true(said.endswith(b"state nosuch: container does not exist\0"), said)
    daemon.close()


@case("lifecycle", raind_only="runc's --log is a file")
def log_to_the_journal(t):
    daemon = Daemon(t, "/run", "systemd/journal/socket")
    status, _ = daemon.call("--log", "journald:box", "state", "nosuch")
    equal(status, 1)
    equal(daemon.receive(), "MESSAGE=state nosuch: container does not exist\nPRIORITY=3\nSYSLOG_IDENTIFIER=box\n")
    # What it is about can't begin a field of its own, nor be longer than a datagram may be.
    daemon.call("--log", "journald:", "state", "x\nPRIORITY=0" + "y" * 100000)
    lines = daemon.receive().splitlines()
    equal(len(lines), 3, lines)
    equal(lines[1:], ["PRIORITY=3", "SYSLOG_IDENTIFIER=raind-oci"])
    matches(lines[0], r"^MESSAGE=state x\\u000aPRIORITY=0y+\.\.\. \(\d+ bytes\) \.\.\.y+: invalid container ID format: ")
    true(len(lines[0]) <= len("MESSAGE=") + 8192, len(lines[0]))
    daemon.close()


@case("lifecycle", raind_only="runc's --log is a file")
def log_warnings_where_asked_for(t):
    """Errors alone, unless more is asked for; the severity tells them apart."""
    daemon = Daemon(t, "/run", "systemd/journal/socket")

    def edit(config):
        config["linux"]["resources"]["memory"] = {"kernel": 1 << 20}
    with t.container(edit, ["/nosuch"]) as c:
        daemon.call("--log", "journald:", "--log-level", "warning", "create", "--bundle", c.bundle.folder, c.id)
        warning, error = daemon.receive(), daemon.receive()
    contains(warning, "\nPRIORITY=4\n")
    contains(warning, "/linux/resources/memory/kernel")
    contains(error, "\nPRIORITY=3\n")
    contains(error, 'exec: "/nosuch": ')
    daemon.close()


@case("lifecycle", raind_only="runc's --log is a file")
def log_to_a_daemon_that_is_not_there(t):
    """The error is told all the same, and is the one that ends the command."""
    folder = t.folder()
    script = 'mount --bind "$1" /run && shift && exec "$@"'
    result = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", folder, t.runtime.path, "--root", t.root,
         "--log", "journald:", "state", "nosuch"], env=ENVIRONMENT, capture_output=True, text=True, timeout=20, check=False)
    equal((result.returncode, result.stderr), (1, "raind-oci: state nosuch: container does not exist\n"))


@cases("lifecycle", [("blank", "syslog:a b"), ("bracket", "journald:a[1]"), ("line", "syslog:a\nb")],
       raind_only="runc's --log is a file")
def log_name_that_is_none(t, value):
    fails(t.call("--log", value, "list"), "--log: a name has no blanks")
