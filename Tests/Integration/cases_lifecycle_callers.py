"""What callers do by contract: the whole command lines of containerd's shim, CRI-O, conmon with podman, and docker, with the
environment and the descriptors that they come with; and what each of them reads."""

import contextlib
import ctypes
import json
import os
import re
import signal
import socket
import subprocess

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness.context import children
from harness.layout import hierarchies
from harness.probe import Report
from harness.runtime import ENVIRONMENT
from harness.terminal import ConsoleSocket, read_terminal

from cases_lifecycle_streams import numbers, with_descriptors, with_terminal

PATH = ENVIRONMENT["PATH"]
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
PEERS_DIFFER = "runc 1.1 and crun differ from each other here"
# What the program of most sequences does: it tells that it is up, and ends by TERM.
SERVICE = ["/bin/sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done"]


def process_file(t, c, *args, **members):
    return t.file(json.dumps({**c.bundle.config["process"], "args": list(args), **members}))


def pid_in(path):
    """A pid file's: digits and nothing else."""
    with open(path, encoding="ascii") as file:
        text = file.read()
    matches(text, r"^\d+$")
    equal(text, text.strip())
    return int(text)


def errors_in(path):
    """The messages of a JSON log; each line parses, with a time that containerd's reader takes."""
    found = []
    with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            matches(entry["time"], TIME)
            if entry["level"] == "error":
                found.append(entry["msg"])
    return found


# containerd

class Shim:
    """containerd's shim: its global flags, its log, and a socket that leaks into every call as descriptor 3."""

    def __init__(self, t, c, root, environment=None):
        self.t, self.c, self.root = t, c, root
        self.log = os.path.join(c.bundle.folder, "log.json")
        self.pid_file = os.path.join(c.bundle.folder, "init.pid")
        self.environment = {"PATH": PATH} if environment is None else environment
        self.leaked, self.other = socket.socketpair()

    def call(self, *words, **options):
        def before():
            os.dup2(self.leaked.fileno(), 3, inheritable=True)
        return self.t.call(*words, root=self.root, glob=("--log", self.log, "--log-format", "json"), before=before,
                           fds={3, self.leaked.fileno()}, env=self.environment, **options)

    def deletes_for_good(self):
        """`delete`, and always a second one with --force, of what is gone."""
        succeeds(self.call("delete", self.c.id))
        succeeds(self.call("delete", "--force", self.c.id))

    def close(self):
        """Nothing holds the socket any more."""
        self.leaked.close()
        self.other.settimeout(5)
        equal(self.other.recv(1), b"", "the leaked socket is closed everywhere")
        self.other.close()


@cases("lifecycle", [("v2", [], {}), ("v1", ["-no-subreaper"], {"differs": {"runc": "has no such flag any more"}})])
def caller_containerd(t, flags):
    """A task's life: io.containerd.runc.v2, and v1 with its flag of one dash."""
    root = os.path.join(t.scratch, "runc", "k8s.io")
    with t.container(args=SERVICE) as c:
        shim = Shim(t, c, root)
        try:
            succeeds(shim.call("create", "--bundle", c.bundle.folder, "--pid-file", shim.pid_file, *flags, c.id,
                               out=c.out_path, err=c.err_path))
            pid = pid_in(shim.pid_file)
            state = json.loads(succeeds(shim.call("state", c.id)).out)
            equal((state["status"], state["pid"]), ("created", pid))
            succeeds(shim.call("start", c.id))
            c.wait_output("up\n")
            equal(sorted(os.listdir(f"/proc/{pid}/fd")), ["0", "1", "2"] if t.runtime.is_raind else
                  sorted(os.listdir(f"/proc/{pid}/fd")))

            pid_file = os.path.join(c.bundle.folder, "exec.pid")
            succeeds(shim.call("exec", "--process", process_file(t, c, "/bin/sleep", "1000"), "--detach", "--pid-file",
                               pid_file, c.id))
            joined = pid_in(pid_file)
            listed = json.loads(succeeds(shim.call("ps", "--format", "json", c.id)).out)
            true({pid, joined} <= set(listed), f"{pid} and {joined} in {listed}")
            if "pids" in hierarchies():
                reading, writing = os.pipe()
                os.write(writing, json.dumps({"pids": {"limit": 100}}).encode())
                os.close(writing)
                succeeds(shim.call("update", "--resources=-", c.id, stdin=reading))
                os.close(reading)
            succeeds(shim.call("pause", c.id))
            equal(json.loads(succeeds(shim.call("state", c.id)).out)["status"], "paused")
            succeeds(shim.call("resume", c.id))
            succeeds(shim.call("kill", c.id, "15"))
            t.until(lambda: t.reap() is not None and json.loads(shim.call("state", c.id).out)["status"] == "stopped", "stopped")
            said = shim.call("kill", "--all", c.id, "9")
            true(said.status == 0 or re.search("not running|already finished|no such process", said.err), said.err)
            shim.deletes_for_good()
            equal(errors_in(shim.log) if t.runtime.is_raind else [], [])
            shim.close()
        finally:
            t.reap()
            t.call("delete", "--force", c.id, root=root)


@case("lifecycle")
def caller_containerd_on_a_terminal(t):
    root = os.path.join(t.scratch, "runc", "default")
    with t.container(with_terminal(), ["/bin/sh", "-c", "echo up; exec sleep 1000"]) as c:
        shim = Shim(t, c, root)
        console = ConsoleSocket(t.scratch)
        try:
            creating = c.spawn("--log", shim.log, "--log-format", "json", "create", "--bundle", c.bundle.folder, "--pid-file",
                               shim.pid_file, "--console-socket", console.path, c.id)
            _, (master,) = console.receive()
            equal(creating.wait(10), 0)
            console.close()
            succeeds(t.call("start", c.id))
            read_terminal(master, "up")
            console = ConsoleSocket(t.scratch)
            pid_file = os.path.join(c.bundle.folder, "exec.pid")
            process = process_file(t, c, "/bin/sh", "-c", "echo joined; exec sleep 1000", terminal=True)
            joining = c.spawn("exec", "--process", process, "--console-socket", console.path, "--detach", "--pid-file",
                              pid_file, c.id)
            _, (other,) = console.receive()
            equal(joining.wait(10), 0)
            console.close()
            read_terminal(other, "joined")
            # Its caller's child: the container doesn't end before it is collected.
            os.kill(pid_in(pid_file), signal.SIGKILL)
            os.waitpid(pid_in(pid_file), 0)
            os.close(other)
            os.close(master)
        finally:
            t.call("delete", "--force", c.id)


@cases("lifecycle", [("program", ["/nosuch"], "no such file or directory"), ("config", None, "")], raind_only=PEERS_DIFFER)
def caller_containerd_reads_the_last_error(t, args, text):
    """A create that fails: one error in the log, the same on standard error, no pid file, nothing to delete."""
    with t.container(args=args or ["/bin/true"]) as c:
        shim = Shim(t, c, os.path.join(t.scratch, "runc", "default"))
        if args is None:
            os.unlink(c.bundle.config_path)
        said = fails(shim.call("create", "--bundle", c.bundle.folder, "--pid-file", shim.pid_file, c.id)).err
        (message,) = errors_in(shim.log)
        contains(said, message)
        contains(message, text)
        equal(os.path.exists(shim.pid_file), False)
        fails(shim.call("delete", c.id), "does not exist")
        succeeds(shim.call("delete", "--force", c.id))
        shim.close()


@case("lifecycle")
def caller_containerd_asks_for_features(t):
    """Newer shims, without any flag and before there is a container."""
    said = t.call("features", root_flag=False, env={"PATH": PATH})
    document = json.loads(succeeds(said).out)
    contains(document["mountOptions"], "bind")
    true(document["linux"]["namespaces"], "namespaces")


# CRI-O

@case("lifecycle")
def caller_crio(t):
    """A pod's sandbox and a container that joins its namespaces, stopped by a signal's name."""
    root = os.path.join(t.scratch, "crio")

    def call(*words, **options):
        return t.call(*words, root=root, env={"PATH": PATH, "XDG_RUNTIME_DIR": ""}, **options)

    def folder_of(c, name):
        return os.path.join(c.bundle.folder, name)

    json.loads(succeeds(call("features")).out)
    with t.container(args=["/probe", "sleep"]) as sandbox:
        try:
            succeeds(call("create", "--bundle", sandbox.bundle.folder, "--pid-file", folder_of(sandbox, "pidfile"), sandbox.id,
                          out=sandbox.out_path, err=sandbox.err_path))
            pause = pid_in(folder_of(sandbox, "pidfile"))
            succeeds(call("start", sandbox.id))

            def edit(config):
                for entry in config["linux"]["namespaces"]:
                    if entry["type"] in ("network", "ipc", "uts"):
                        kind = {"network": "net"}.get(entry["type"], entry["type"])
                        entry["path"] = f"/proc/{pause}/ns/{kind}"
                config.pop("hostname")
            with t.container(edit, SERVICE) as c:
                try:
                    succeeds(call("create", "--bundle", c.bundle.folder, "--pid-file", folder_of(c, "pidfile"), c.id,
                                  out=c.out_path, err=c.err_path))
                    pid = pid_in(folder_of(c, "pidfile"))
                    for kind in ("net", "ipc", "uts"):
                        equal(os.readlink(f"/proc/{pid}/ns/{kind}"), os.readlink(f"/proc/{pause}/ns/{kind}"), kind)
                    succeeds(call("start", c.id))
                    c.wait_output("up\n")
                    equal(json.loads(succeeds(call("state", c.id)).out)["status"], "running")
                    # ExecSync.
                    equal(succeeds(call("exec", "--process", process_file(t, c, "/bin/echo", "synced"), c.id)).out, "synced\n")
                    if "pids" in hierarchies():
                        reading, writing = os.pipe()
                        os.write(writing, json.dumps({"pids": {"limit": 50}}).encode())
                        os.close(writing)
                        succeeds(call("update", "--resources", "-", c.id, stdin=reading))
                        os.close(reading)
                    succeeds(call("pause", c.id))
                    equal(json.loads(succeeds(call("state", c.id)).out)["status"], "paused")
                    succeeds(call("resume", c.id))
                    succeeds(call("kill", c.id, "SIGTERM"))
                    t.until(lambda: json.loads(call("state", c.id).out)["status"] == "stopped", "stopped")
                    succeeds(call("delete", "--force", c.id))
                    fails(call("state", c.id), "" if t.runtime.name == "crun" else "does not exist")
                finally:
                    call("delete", "--force", c.id)
            succeeds(call("kill", sandbox.id, "KILL"))
            t.until(lambda: json.loads(call("state", sandbox.id).out)["status"] == "stopped", "stopped")
            succeeds(call("delete", "--force", sandbox.id))
            equal(json.loads(call("list", "--format", "json").out or "null") or [], [])
        finally:
            call("delete", "--force", sandbox.id)


# conmon and podman

@contextlib.contextmanager
def conmons_pipes():
    """Numbers of pipes as conmon hands them to its own children, with what they are called in the environment."""
    ends = [os.pipe() for _ in range(3)]
    names = ("_OCI_SYNCPIPE", "_OCI_STARTPIPE", "_OCI_ATTACHPIPE")
    try:
        yield {name: str(pair[1]) for name, pair in zip(names, ends)}, [pair[1] for pair in ends]
    finally:
        for pair in ends:
            for end in pair:
                os.close(end)


@cases("lifecycle", [("", []), ("disabled", ["--cgroup-manager", "disabled"])], differs={"runc": "has no --cgroup-manager"})
def caller_conmon(t, flags):
    """podman's container by conmon's calls, the rest by podman's own: delete has no PATH at all."""
    with t.container(args=["/bin/sh", "-c", "env; ls /proc/self/fd; " + SERVICE[2]]) as c, conmons_pipes() as (variables, fds):
        environment = {"PATH": PATH, "XDG_RUNTIME_DIR": "", **variables}
        log = os.path.join(c.bundle.folder, "oci-log")
        pid_file = os.path.join(c.bundle.folder, "pidfile")
        succeeds(t.call("create", "--bundle", c.bundle.folder, "--pid-file", pid_file, "--no-pivot", "--no-new-keyring", c.id,
                        glob=("--log-format=json", "--log", log, *flags), env=environment, fds=fds, out=c.out_path,
                        err=c.err_path))
        pid = pid_in(pid_file)
        equal(json.loads(succeeds(t.call("state", c.id, env=environment)).out)["pid"], pid)
        succeeds(t.call("start", c.id, env=environment))
        said = c.wait_output("up\n")
        excludes(said, "_OCI_")
        equal([word for word in said.split() if word.isdigit() and int(word) > 3], [], "descriptors")

        out = os.path.join(t.scratch, "exec.out")
        exec_pid = os.path.join(c.bundle.folder, "exec.pid")
        process = process_file(t, c, "/bin/sh", "-c", "env; ls /proc/self/fd; echo done")
        succeeds(t.call("exec", "--pid-file", exec_pid, "--process", process, "--detach", c.id, env=environment, fds=fds,
                        out=out, err=out))
        pid_in(exec_pid)

        def ended():
            with open(out, encoding="utf-8") as file:
                return "done" in file.read()
        t.until(ended, "exec's output")
        with open(out, encoding="utf-8") as file:
            excludes(file.read(), "_OCI_")
        if not flags:
            succeeds(t.call("pause", c.id, env=environment))
            succeeds(t.call("resume", c.id, env=environment))
            if "pids" in hierarchies():
                succeeds(t.call("update", f"--resources={t.file(json.dumps({'pids': {'limit': 60}}))}", c.id, env=environment))
        succeeds(t.call("kill", c.id, "15", env=environment))
        # conmon collects what exec has left; before that a pid namespace doesn't end.
        t.until(lambda: t.reap() is not None and c.status == "stopped", "stopped")
        succeeds(t.call("delete", "--force", c.id, env={"XDG_RUNTIME_DIR": ""}))
        c.is_unknown()
        equal(errors_in(log), [])


@case("lifecycle", raind_only=PEERS_DIFFER)
def caller_podman_asks_before_it_checkpoints(t):
    """What podman finds out about a runtime: by the status of a help text, and by the words of an error."""
    succeeds(t.call("checkpoint", "--help", env={"XDG_RUNTIME_DIR": ""}))
    said = t.call("restore", "--lsm-mount-context", env={"XDG_RUNTIME_DIR": ""})
    true(said.status != 0, "it fails")
    matches(said.err, "flag needs an argument|requires an argument")


# docker

@case("lifecycle", raind_only="the words are ours")
def caller_docker(t):
    """dockerd asks for the version; containers are containerd's, below another root."""
    said = succeeds(t.call("--version", root_flag=False)).out
    matches(said, "runc version|^commit: ")
    root = os.path.join(t.scratch, "docker", "runtime-runc", "moby")
    with t.container(args=["nosuch-command"]) as c:
        shim = Shim(t, c, root)
        said = fails(shim.call("create", "--bundle", c.bundle.folder, "--pid-file", shim.pid_file, c.id)).err
        contains(said, "nosuch-command")
        contains(said, "executable file not found in $PATH")
        succeeds(shim.call("delete", "--force", c.id))
        shim.close()
    with t.container(args=SERVICE) as c:
        shim = Shim(t, c, root)
        try:
            succeeds(shim.call("create", "--bundle", c.bundle.folder, "--pid-file", shim.pid_file, c.id, out=c.out_path,
                               err=c.err_path))
            succeeds(shim.call("start", c.id))
            c.wait_output("up")
            # docker kill and docker stop: to the process; docker rm --force: to all.
            succeeds(shim.call("kill", c.id, "10"))
            succeeds(shim.call("kill", "--all", c.id, "9"))
            t.until(lambda: json.loads(shim.call("state", c.id).out)["status"] == "stopped", "stopped")
            shim.deletes_for_good()
            shim.close()
        finally:
            t.reap()
            t.call("delete", "--force", c.id, root=root)


# What a caller leaves open or set, and whose child the container is

def with_leaks(t, c, how):
    """Runs `create` and `start`, `run` or `exec` of a report with descriptors and variables of the caller's; the report."""
    ours, theirs = socket.socketpair()
    environment = {"PATH": PATH, "SECRET": "1", "NOTIFY": "2", "_OCI_SYNCPIPE": str(theirs.fileno()), "_OCI_STARTPIPE": "78",
                   "_OCI_ATTACHPIPE": "79"}

    def before():
        os.dup2(theirs.fileno(), 3, inheritable=True)
    options = {"env": environment, "before": before, "fds": {3, theirs.fileno()}}
    if how == "create":
        succeeds(c.create(**options))
        succeeds(c.start(**options))
        c.wait_status("stopped")
        said = c.output()
    elif how == "run":
        said = succeeds(c.run(**options)).out
    else:
        said = succeeds(c.exec("/probe", "report", "descriptors", "words", **options)).out
    theirs.close()
    ours.settimeout(5)
    equal(ours.recv(1), b"", "the other end is closed everywhere")
    ours.close()
    return Report(said)


@cases("lifecycle", [(how, how) for how in ("create", "run", "exec")])
def leaks_of_the_caller(t, how):
    """containerd's socket as descriptor 3, conmon's pipes and their names, and the caller's environment stay outside."""
    args = ["/probe", "sleep"] if how == "exec" else ["/probe", "report", "descriptors", "words"]
    with t.container(args=args) as c:
        if how == "exec":
            c.up()
        report = with_leaks(t, c, how)
        equal(numbers(report), [0, 1, 2])
        equal([entry for entry in report["env"] if entry.partition("=")[0] not in ("PATH", "TERM", "HOME")], [])


@cases("lifecycle", [(how, how) for how in ("create", "run", "exec")])
def preserved_descriptors(t, how):
    """3 and 4 by --preserve-fds 2, with their content, and not 5."""
    script = "cat <&3; cat <&4; cat <&5 2>/dev/null || echo no 5"
    expected = "file 0\nfile 1\nno 5\n"
    before = with_descriptors(t, 3)
    options = {"before": before, "fds": (3, 4, 5)}
    with t.container(args=["/probe", "sleep"] if how == "exec" else ["/bin/sh", "-c", script]) as c:
        if how == "create":
            succeeds(c.create("--preserve-fds", "2", **options))
            succeeds(c.start())
            equal(c.wait_output("no 5\n"), expected)
        elif how == "run":
            equal(succeeds(c.run("--preserve-fds", "2", **options)).out, expected)
        else:
            c.up()
            equal(succeeds(c.exec("/bin/sh", "-c", script, flags=["--preserve-fds", "2"], **options)).out, expected)


def activated(t, words, out=None):
    """The runtime's call with sockets of a service manager: the variables name the process that it becomes."""
    script = 'export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=a:b; exec "$0" "$@"'
    command = ["/bin/sh", "-c", script, t.runtime.path, "--root", t.root, *words]
    with open(out or os.path.join(t.scratch, "activated.out"), "w+b") as file:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                              preexec_fn=with_descriptors(t, 3), close_fds=False, timeout=20, env={"PATH": PATH}, check=False)
        equal(done.returncode, 0)
        file.seek(0)
        return file.read().decode()


@cases("lifecycle", [("create", "create"), ("run", "run"), ("exec", "exec")],
       differs={"crun": "passes nothing to exec", "runc": "counts exec's own otherwise"})
def listen_fds_of(t, how):
    """Socket activation: the descriptors, and LISTEN_PID of the container's own process."""
    probe = ["/probe", "report", "descriptors", "words", "process"]
    with t.container(args=["/probe", "sleep"] if how == "exec" else probe) as c:
        if how == "create":
            activated(t, ["create", "--bundle", c.bundle.folder, c.id], out=c.out_path)
            succeeds(c.start())
            c.wait_status("stopped")
            said = c.output()
        elif how == "run":
            said = activated(t, ["run", "--bundle", c.bundle.folder, c.id])
        else:
            c.up()
            said = activated(t, ["exec", c.id, *probe])
        report = Report(said)
        equal(numbers(report), [0, 1, 2, 3, 4])
        environment = dict(entry.split("=", 1) for entry in report["env"])
        equal((environment.get("LISTEN_FDS"), environment.get("LISTEN_FDNAMES")), ("2", "a:b"))
        equal(int(environment.get("LISTEN_PID", "0")), report["process"]["pid"])


@case("lifecycle", raind_only=PEERS_DIFFER)
def listen_fds_that_podman_counts_twice(t):
    """Podman names the sockets by --preserve-fds too; the last of so many need not be there."""
    with t.container(args=["/probe", "report", "descriptors"]) as c:
        said = activated(t, ["run", "--bundle", c.bundle.folder, "--preserve-fds", "2", c.id])
        # The third is the caller's own, and among those that are asked for.
        equal(numbers(Report(said)), [0, 1, 2, 3, 4, 5])


@cases("lifecycle", [("create", "create"), ("exec", "exec")])
def parent_of_the_container(t, how):
    """Once the runtime is gone, its child belongs to the subreaper that called it, which collects the exit status."""
    with t.container(args=["/probe", "sleep"]) as c:
        if how == "create":
            succeeds(c.create())
            pid = c.pid
            succeeds(c.start())
            true(pid in children(os.getpid()), "a child of the caller's")
            os.kill(pid, signal.SIGKILL)
            expected = -signal.SIGKILL
        else:
            c.up()
            pid_file = os.path.join(t.scratch, "exec.pid")
            process = process_file(t, c, "/bin/sh", "-c", "while [ ! -e /tmp/go ]; do sleep 0.05; done; exit 33")
            succeeds(c.call("exec", "--detach", "--pid-file", pid_file, "--process", process, c.id))
            pid = pid_in(pid_file)
            true(pid in children(os.getpid()), "a child of the caller's")
            c.bundle.write("tmp/go", "")
            expected = 33
        _, status = os.waitpid(pid, 0)
        equal(os.waitstatus_to_exitcode(status), expected)


@case("lifecycle")
def parent_of_the_container_without_a_subreaper(t):
    """A caller that is none: the next above it that is."""
    with t.container(args=["/probe", "sleep"]) as c:
        def between():
            # Not inherited by fork: the shell between is no subreaper, and ends.
            ctypes.CDLL(None).prctl(36, 0, 0, 0, 0)
        command = ["/bin/sh", "-c", '"$0" "$@"; exit $?', t.runtime.path, "--root", t.root, "create", "--bundle",
                   c.bundle.folder, c.id]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              preexec_fn=between, timeout=20, check=False)
        equal(done.returncode, 0)
        true(c.pid in children(os.getpid()), "a child of the case's process, which is one")


# Pid files

@cases("lifecycle", [("create", "create"), ("run", "run"), ("exec", "exec")])
def pid_file_rules(t, how):
    """Digits alone, in place at once under its own name, with the pid that the caller knows."""
    folder = t.folder()
    path = os.path.join(folder, "pid")
    with t.container(args=["/probe", "sleep"]) as c:
        if how == "exec":
            c.up()
            succeeds(c.call("exec", "--detach", "--pid-file", path, c.id, "/bin/sleep", "1000"))
        elif how == "run":
            succeeds(c.run("--detach", "--pid-file", path, out=c.out_path, err=c.err_path))
        else:
            succeeds(c.create("--pid-file", path))
        pid = pid_in(path)
        equal(os.listdir(folder), ["pid"])
        if how != "exec":
            equal(pid, c.pid)
        else:
            contains(json.loads(succeeds(c.call("ps", "-f", "json", c.id)).out), pid)
            # Its caller's child: the container doesn't end before it is collected.
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@cases("lifecycle", [("create", "create"), ("run", "run"), ("exec", "exec")])
def pid_file_of_what_fails(t, how):
    """None, and one that was there before says nothing new."""
    folder = t.folder()
    path = os.path.join(folder, "pid")
    with t.container(args=["/probe", "sleep"] if how == "exec" else ["/nosuch"]) as c:
        if how == "exec":
            c.up()
            result = c.call("exec", "--detach", "--pid-file", path, c.id, "/nosuch")
        else:
            result = c.create("--pid-file", path, out=None, err=None) if how == "create" else c.run("--pid-file", path)
        true(result.status != 0, "it fails")
        equal(os.listdir(folder), [])


@cases("lifecycle", [("no-path", {}), ("empty", {"PATH": "", "XDG_RUNTIME_DIR": "", "HOME": ""})],
       differs={"runc": "wants a PATH for nothing"})
def environment_that_is_empty(t, environment):
    """Every command, with nothing set: the runtime looks nothing up."""
    with t.container(args=SERVICE) as c:
        succeeds(c.create(env=environment))
        succeeds(c.start(env=environment))
        c.wait_output("up")
        equal(succeeds(c.exec("echo", "by the container's PATH", env=environment)).out, "by the container's PATH\n")
        for words in (["state", c.id], ["ps", "-f", "json", c.id], ["pause", c.id], ["resume", c.id], ["list"],
                      ["kill", c.id, "TERM"]):
            succeeds(t.call(*words, env=environment))
        c.wait_status("stopped")
        succeeds(c.delete(env=environment))
