"""exec: a process more in a container that is there."""

import contextlib
import json
import os
import signal

from harness import case, cases, contains, equal, fails, less, succeeds, true
from harness.bundle import set_capabilities, with_user_namespace
from harness.layout import MNT_DETACH, MS_BIND, MS_REC, folders_named, hierarchies, mount, umount
from harness.probe import Report, capability_names
from harness.terminal import ConsoleSocket, read_terminal, run_on_a_terminal

SECTIONS = ("ids", "umask", "capabilities", "security", "rlimits", "namespaces", "cgroup", "keyring", "signals")
OTHER_TEXTS = {"crun": "has texts of its own"}


def process_file(t, config, **members):
    """The file of --process: the container's own process with other members."""
    return t.file(json.dumps({**config["process"], **members}))


def reported(c, *sections, flags=(), **options):
    """What the probe sees as a process that has joined."""
    return Report(succeeds(c.exec("/probe", "report", *sections, flags=flags, **options)).out)


# What it gives

@case("lifecycle")
def exec_output_and_status(t):
    with t.container() as c:
        c.up()
        reading, writing = os.pipe()
        os.write(writing, b"in\n")
        os.close(writing)
        result = c.exec("/bin/sh", "-c", "cat; echo to err >&2; exit 42", stdin=reading)
        os.close(reading)
        equal((result.status, result.out, result.err), (42, "in\n", "to err\n"))
        equal(c.exec("/bin/sh", "-c", "kill -9 $$").status, 137)
        equal(c.status, "running")


@case("lifecycle")
def exec_arguments_are_the_programs(t):
    """What follows the id is no option of ours."""
    with t.container() as c:
        c.up()
        equal(succeeds(c.exec("/bin/echo", "-d", "--cwd", "x")).out, "-d --cwd x\n")


@cases("lifecycle", [
    ("missing", ["/nosuch"], 'exec: "/nosuch": stat /nosuch: no such file or directory'),
    ("missing-in-path", ["nosuch"], 'exec: "nosuch": executable file not found in $PATH'),
    ("not-executable", ["/etc/passwd"], 'exec: "/etc/passwd": permission denied'),
], differs=OTHER_TEXTS)
def exec_without_a_program(t, words, text):
    with t.container() as c:
        c.up()
        contains(fails(c.exec(*words), status=255).err.replace('\\"', '"'), text)


@case("lifecycle")
def exec_in_a_folder_that_is_missing(t):
    with t.container() as c:
        c.up()
        fails(c.exec("/bin/true", flags=["--cwd", "/nosuch"]), "nosuch", status=255)


# In which state

@case("lifecycle")
def exec_in_a_created_container(t):
    with t.container() as c:
        succeeds(c.create())
        equal(succeeds(c.exec("/bin/echo", "here")).out, "here\n")
        equal(c.status, "created")


@case("lifecycle", differs=OTHER_TEXTS)
def exec_in_a_stopped_container(t):
    with t.container() as c:
        c.up().stop()
        fails(c.exec("/bin/true"), "cannot exec in a stopped container", status=255)


@case("lifecycle", differs=OTHER_TEXTS)
def exec_in_an_unknown_container(t):
    fails(t.call("exec", t.name(), "/bin/true"), "container does not exist", status=255)


@case("lifecycle", differs={"crun": "goes by the bundle"})
def exec_goes_by_the_config_of_the_create(t):
    """Whatever becomes of the bundle: who may write there later must not choose what joins the container."""
    with t.container() as c:
        c.up()
        c.bundle.config["process"]["user"] = {"uid": 1000, "gid": 1000}
        c.bundle.save()
        equal(reported(c, "ids")["ids"]["uid"], 0)
        os.unlink(os.path.join(c.bundle.folder, "config.json"))
        succeeds(c.exec("/bin/true"))


# As the first process is

FIRST_PROCESSES = [
    ("root", lambda config: None),
    ("user", lambda config: config["process"].update(
        user={"uid": 1000, "gid": 1001, "additionalGids": [7, 8], "umask": 0o027})),
    ("privileges", lambda config: config["process"].update(noNewPrivileges=False)),
    ("ambient", lambda config: set_capabilities(config, ["CAP_KILL", "CAP_NET_BIND_SERVICE"], ambient=True)),
    ("user-namespace", with_user_namespace),
    ("limits", lambda config: config["process"].update(
        rlimits=[{"type": "RLIMIT_NOFILE", "hard": 500, "soft": 400}, {"type": "RLIMIT_CORE", "hard": 0, "soft": 0}],
        oomScoreAdj=300)),
]


@cases("lifecycle", FIRST_PROCESSES, differs={"crun": "leaves out the umask"})
def exec_as_the_first_process(t, edit):
    """The same ids, capabilities, limits, namespaces, groups, keyring; nothing of the runtime's."""
    script = f"/probe report {' '.join(SECTIONS)} scheduling; exec /bin/sleep 100"
    with t.container(edit, ["/bin/sh", "-c", script]) as c:
        c.up()
        first = Report(c.wait_output("}\n")).values
        joined = reported(c, *SECTIONS, "scheduling", "descriptors", "process").values
        for name in first:
            if name != "scheduling":
                equal(joined[name], first[name], name)
        equal(joined["scheduling"]["oomScoreAdj"], first["scheduling"]["oomScoreAdj"], "oom_score_adj")
        equal([entry["fd"] for entry in joined["descriptors"]], [0, 1, 2])
        equal(joined["process"]["sid"], joined["process"]["pid"], "a session of its own")


@cases("lifecycle", [("late", True), ("early", False)])
def exec_under_the_filter(t, no_new_privileges):
    def edit(config):
        config["process"]["noNewPrivileges"] = no_new_privileges
        config["linux"]["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 77}]}
    with t.container(edit) as c:
        c.up()
        equal(reported(c, "security")["security"]["seccomp"], 2)
        contains(c.exec("/probe", "try", "sethostname").out, "EBADFD")


@case("lifecycle")
def exec_leaves_the_container_as_it_is(t):
    """In the container's own groups and pid namespace; gone with its end, and nothing else is."""
    with t.container() as c:
        c.up()
        succeeds(c.exec("/bin/true"))
        # Itself and the first process.
        equal(succeeds(c.exec("/bin/sh", "-c", "set -- /proc/[0-9]*; echo $#")).out.strip(), "2")
        equal(c.status, "running")


@case("lifecycle")
def exec_ends_with_the_container(t):
    with t.container() as c:
        c.up()
        process = c.spawn("exec", c.id, "/bin/sleep", "100")
        t.until(lambda: "/bin/sleep\x00100\x00" in commands_below(c.pid), "the joined process")
        c.stop()
        equal(process.wait(10), 137)
        succeeds(c.delete())


def commands_below(pid):
    """The command lines in the pid namespace of a process."""
    own = os.readlink(f"/proc/{pid}/ns/pid")
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.readlink(f"/proc/{name}/ns/pid") == own:
                    with open(f"/proc/{name}/cmdline", encoding="utf-8", errors="replace") as file:
                        found.append(file.read())
            except OSError:
                pass
    return found


# What the options change

@case("lifecycle")
def exec_options(t):
    with t.container() as c:
        c.up()
        report = reported(c, "ids", "cwd", "words", "capabilities", flags=[
            "--user", "1000:1001", "--additional-gids", "5", "-g", "6", "--cwd", "/home", "--env", "ONE=1", "-e", "TWO=2"])
        equal([report["ids"][name] for name in ("uid", "euid", "fsuid", "gid", "egid", "fsgid")], [1000] * 3 + [1001] * 3)
        equal(sorted(set(report["ids"]["groups"]) - {1001}), [5, 6])
        equal(report["cwd"], "/home")
        for variable in ("ONE=1", "TWO=2", "TERM=xterm", "HOME=/home/user"):
            true(variable in report["env"], f"{variable} in {report['env']}")


@case("lifecycle")
def exec_with_a_capability_more(t):
    with t.container() as c:
        c.up()
        sets = reported(c, "capabilities", flags=["--cap", "CAP_SYS_PTRACE"])["capabilities"]
        for name in ("bounding", "effective", "permitted"):
            true("CAP_SYS_PTRACE" in capability_names(sets[name]), f"{name}: {sets[name]}")


@cases("lifecycle", [("set", ["--no-new-privs"], 1), ("unset", ["--no-new-privs=false"], 0)],
       differs={"crun": "knows no value of it"})
def exec_no_new_privileges(t, flags, expected):
    def edit(config):
        config["process"]["noNewPrivileges"] = not expected
    with t.container(edit) as c:
        c.up()
        equal(reported(c, "security", flags=flags)["security"]["noNewPrivileges"], expected)


@cases("lifecycle", [("apparmor", ["--apparmor", "raind-test-nosuch"], "/process/apparmorProfile"),
                     ("process-label", ["--process-label", "raind_u:test_r:nosuch_t:s0"], "/process/selinuxLabel")],
       raind_only="the peers pass over a label that the kernel can't enforce")
def exec_with_a_label_that_nobody_enforces(t, flags, pointer):
    """No such module in the kernel, or no such label in its policy."""
    with t.container() as c:
        c.up()
        fails(c.exec("/bin/true", flags=flags), pointer, status=255)


@case("lifecycle")
def exec_of_a_process_file(t):
    """The file alone says what the process is: nothing is taken from the first one."""
    with t.container() as c:
        c.up()
        file = t.file(json.dumps({
            "args": ["/probe", "report", "ids", "cwd", "words", "capabilities", "security", "rlimits"], "cwd": "/tmp",
            "user": {"uid": 12, "gid": 13, "additionalGids": [14]}, "env": ["ONLY=this"],
            "capabilities": {"bounding": ["CAP_KILL"]},
            "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 77, "soft": 66}]}))
        report = Report(succeeds(c.exec(flags=["--process", file])).out)
        equal((report["ids"]["uid"], report["ids"]["gid"]), (12, 13))
        true(14 in report["ids"]["groups"], report["ids"])
        equal(report["cwd"], "/tmp")
        equal([entry for entry in report["env"] if not entry.startswith("HOME=")], ["ONLY=this"])
        equal(capability_names(report["capabilities"]["bounding"]), ["CAP_KILL"])
        equal(capability_names(report["capabilities"]["effective"]), [])


@case("lifecycle", raind_only="the peers say less")
def exec_of_a_wrong_process_file(t):
    """Every problem, by its place in the file."""
    with t.container() as c:
        c.up()
        file = process_file(t, c.bundle.config, cwd=7, args="x")
        result = fails(c.exec(flags=["-p", file]), "/cwd", status=255)
        contains(result.err, "/args")
        file = process_file(t, c.bundle.config, cwd="relative", rlimits=[{"type": "RLIMIT_NOSUCH", "hard": 1, "soft": 1}])
        result = fails(c.exec(flags=["-p", file]), f"exec {c.id}: /cwd: expected an absolute path", status=255)
        contains(result.err, "; /rlimits/0/type")
        fails(c.exec(flags=["-p", t.file("{")]), ":1:2", status=255)
        fails(c.exec(flags=["-p", os.path.join(t.scratch, "nosuch")]), "is missing", status=255)


@case("lifecycle")
def exec_of_nothing(t):
    with t.container() as c:
        c.up()
        true(c.exec().status != 0, "exec without a program")


# Who is told

@case("lifecycle")
def exec_detached(t):
    """It comes back at once; the process lives on as a child of the caller's subreaper."""
    with t.container() as c:
        c.up()
        path = os.path.join(t.scratch, "exec.pid")
        less(succeeds(c.exec("/bin/sleep", "100", flags=["--detach", "--pid-file", path])).seconds, 5)
        with open(path, encoding="ascii") as file:
            text = file.read()
        true(text.isdigit(), f"digits alone: {text!r}")
        with open(f"/proc/{text}/cmdline", encoding="ascii") as file:
            equal(file.read(), "/bin/sleep\x00100\x00")
        with open(f"/proc/{text}/status", encoding="ascii") as file:
            parent = next(line.split()[1] for line in file if line.startswith("PPid:"))
        equal(int(parent), os.getpid(), "its parent")
        os.kill(int(text), signal.SIGKILL)
        os.waitpid(int(text), 0)


@case("lifecycle")
def exec_that_fails_writes_no_pid_file(t):
    with t.container() as c:
        c.up()
        path = os.path.join(t.scratch, "exec.pid")
        fails(c.exec("/nosuch", flags=["-d", "--pid-file", path]), status=255)
        true(not os.path.exists(path), "a pid file of nothing")


@case("lifecycle", differs={"runc": "1.1 has no --pidfd-socket", "crun": "1.8 has none"})
def exec_pidfd_socket(t):
    received = ConsoleSocket(t.scratch)
    with t.container() as c:
        c.up()
        calling = c.spawn("exec", "--pidfd-socket", received.path, c.id, "/bin/sleep", "100")
        payload, descriptors = received.receive(2)
        equal((payload, len(descriptors)), (b"setns", 1))
        signal.pidfd_send_signal(descriptors[0], signal.SIGTERM)
        # The first may have ended it already.
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(descriptors[0], signal.SIGKILL)
        true(calling.wait(10) > 128, "ended by the signal")
        os.close(descriptors[0])
    received.close()


@case("lifecycle")
def exec_forwards_signals(t):
    with t.container() as c:
        c.up()
        out = os.path.join(t.scratch, "trap.out")
        with open(out, "wb") as file:
            calling = c.spawn(
                "exec", c.id, "/bin/sh", "-c", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done", stdout=file)
        t.until(lambda: os.path.getsize(out) > 0, "the trap")
        calling.send_signal(signal.SIGTERM)
        equal(calling.wait(10), 9)


# Descriptors and terminals

@case("lifecycle", row="CVE-2016-9962", hole="descriptors-inherited")
def exec_descriptors(t):
    """Nothing that the caller has left open, but for what it names."""
    first, second = (os.open("/etc/passwd", os.O_RDONLY) for _ in range(2))
    with t.container() as c:
        c.up()
        joined = reported(c, "descriptors", fds=(first, second))
        equal([entry["fd"] for entry in joined["descriptors"]], [0, 1, 2])

        def before():
            os.dup2(first, 3)
            os.dup2(second, 4)
        joined = reported(c, "descriptors", flags=["--preserve-fds", "1"], before=before, fds=(3, 4))
        equal([entry["fd"] for entry in joined["descriptors"]], [0, 1, 2, 3])
    os.close(first)
    os.close(second)


@case("lifecycle")
def exec_in_a_folder_of_the_runtimes(t):
    """CVE-2024-21626: no descriptor of the host's is a folder to start in."""
    with t.container() as c:
        c.up()
        for number in range(3, 30):
            true(c.exec("/bin/true", flags=["--cwd", f"/proc/self/fd/{number}"]).status != 0, f"descriptor {number}")


@case("lifecycle")
def exec_console_socket(t):
    console = ConsoleSocket(t.scratch)
    with t.container() as c:
        c.up()
        calling = c.spawn("exec", "--tty", "--user", "1000", "--console-socket", console.path, "--detach", c.id,
                          "/probe", "report", "terminal", "descriptors", "process")
        _, (master,) = console.receive()
        equal(calling.wait(10), 0)
        report = Report(read_terminal(master))
        equal(report["terminal"]["isatty"], [True] * 3)
        equal(report["terminal"]["controlling"], True)
        equal(report["terminal"]["foreground"], report["process"]["pgid"])
        true(report["terminal"].get("name", "").startswith("/dev/pts/"), report["terminal"])
        equal([entry["fd"] for entry in report["descriptors"]], [0, 1, 2])
        equal({entry["uid"] for entry in report["descriptors"]}, {1000})
        os.close(master)
        # A pid namespace waits for whoever is its parent, and that is this process.
        t.until(t.reap, "the end of the joined process")
    console.close()


@case("lifecycle")
def exec_on_a_terminal(t):
    with t.container() as c:
        c.up()
        words = ["exec", "--tty", c.id, "/bin/sh", "-c", "echo ready; read line; echo got $line; stty size; exit 6"]
        said, status = run_on_a_terminal(t.runtime, t.root, words, b"hello\n", until="ready")
        equal(status, 6)
        contains(said, "got hello\r\n")
        contains(said, "40 90\r\n")


@case("lifecycle")
def exec_detached_without_a_console_socket(t):
    with t.container() as c:
        c.up()
        true(c.exec("/bin/true", flags=["--tty", "--detach"]).status != 0, "a terminal for nobody")


# The way in and back

@case("lifecycle", raind_only="what is looked at is how the runtime itself goes in and out")
def exec_leaves_the_runtime_where_it_was(t):
    """It makes the process from within the container's namespaces; nothing that it does later may happen in there."""
    with t.container() as c:
        c.up()
        folder = t.folder("here")
        path = os.path.join(folder, "exec.pid")
        calling = c.spawn("exec", "--pid-file", "exec.pid", c.id, "/bin/sleep", "100", cwd=folder)
        t.until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "a pid file below the caller's folder")
        with open(path, encoding="ascii") as file:
            joined = int(file.read())
        for name in ("mnt", "uts", "ipc", "net", "pid", "user", "cgroup"):
            own, there, inside = (os.readlink(f"/proc/{pid}/ns/{name}") for pid in ("self", calling.pid, joined))
            equal(there, own, f"the {name} namespace of the runtime")
            equal(inside, os.readlink(f"/proc/{c.pid}/ns/{name}"), f"the {name} namespace of the process")
        equal((os.readlink(f"/proc/{calling.pid}/root"), os.readlink(f"/proc/{calling.pid}/cwd")), ("/", folder))
        equal(os.stat(f"/proc/{joined}/root/").st_ino, os.stat(f"/proc/{c.pid}/root/").st_ino)
        os.kill(joined, signal.SIGKILL)
        equal(calling.wait(10), 137)


@case("lifecycle", raind_only="what is looked at is how the runtime itself goes in and out")
def exec_by_a_caller_in_a_root_of_its_own(t):
    """A runtime that was started by chroot(1) has another root than its mount namespace, and keeps it."""
    with t.container() as c:
        c.up()
        top = t.folder("top")
        mount("/", top, flags=MS_BIND | MS_REC)
        try:
            calling = c.spawn("exec", c.id, "/bin/sleep", "123", preexec_fn=lambda: os.chroot(top), cwd="/etc")
            t.until(lambda: "/bin/sleep\x00123\x00" in commands_below(c.pid), "the process")
            equal(os.readlink(f"/proc/{calling.pid}/root"), top)
            calling.send_signal(signal.SIGTERM)
            equal(calling.wait(10), 143)
        finally:
            umount(top, MNT_DETACH)


# What is left of one

@cases("lifecycle", [("force", True), ("plain", False)], raind_only="runc and crun wait for it, and give up")
def delete_where_nobody_collects(t, forced):
    """The first process ends when all others of its pid namespace are collected, which is up to exec's caller: delete doesn't wait for
    that."""
    with t.container() as c:
        c.up()
        pid_file = os.path.join(t.scratch, "pid")
        succeeds(c.exec("/bin/true", flags=["--detach", "--pid-file", pid_file]))
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.read())

        def state():
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                return file.read().rpartition(")")[2].split()[0]
        t.until(lambda: state() == "Z", "it has ended")
        first = c.pid
        if not forced:
            succeeds(c.kill("KILL"))
        succeeds(c.delete(*["--force"][:forced], timeout=5))
        equal(folders_named(c.id), [])
        c.is_unknown()
        true(os.path.exists(f"/proc/{first}"), "its number is taken")
        equal(os.waitpid(pid, 0), (pid, 0))
        t.until(lambda: t.reap() is not None and not os.path.exists(f"/proc/{first}"), "the first process is gone")


# Control groups

@case("lifecycle", raind_only="runc and crun tell it in other words")
def exec_at_the_limit_of_processes(t):
    """For a moment it takes two: the process that joins, and the one that it makes."""
    if "pids" not in hierarchies():
        return

    def limited(config):
        config["linux"]["resources"]["pids"] = {"limit": 3}
    with t.container(limited) as c:
        c.up()
        succeeds(c.exec("/bin/true"))
        first = c.spawn("exec", c.id, "/bin/sleep", "100")
        t.until(lambda: len(commands_below(c.pid)) == 2, "the second process")
        for _ in range(3):
            contains(fails(c.exec("/bin/true"), "EAGAIN", status=255).err, "as many processes as its pids limit lets be")
        succeeds(t.call("update", "--pids-limit", "4", c.id))
        succeeds(c.exec("/bin/true"))
        succeeds(t.call("update", "--pids-limit", "-1", c.id))
        succeeds(c.exec("/bin/true"))
        first.send_signal(signal.SIGTERM)
        equal(first.wait(10), 143)


def group_folders(pid):
    """The folders of a process's groups, one a hierarchy that is mounted."""
    mounted = hierarchies()
    found = []
    with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            folder = mounted.get(controllers.split(",")[0])
            if folder:
                found.append(folder + path)
    return found


@case("lifecycle", raind_only="the peers differ by version and layout")
def exec_in_a_group_below(t):
    with t.container() as c:
        c.up()
        folders = group_folders(c.pid)
        for folder in folders:
            os.mkdir(folder + "/below")
            if os.path.exists(folder + "/below/cpuset.cpus") and not os.path.exists(folder + "/cgroup.controllers"):
                for name in ("cpuset.cpus", "cpuset.mems"):
                    with open(f"{folder}/{name}", encoding="ascii") as source, \
                            open(f"{folder}/below/{name}", "w", encoding="ascii") as target:
                        target.write(source.read())
        said = succeeds(c.exec("/bin/cat", "/proc/self/cgroup", flags=["--cgroup", "below"])).out
        equal(sum(line.endswith("/below") for line in said.splitlines()), len(folders), said)
        fails(c.exec("/bin/true", flags=["--cgroup", "nosuch"]), "ENOENT", status=255)
        fails(c.exec("/bin/true", flags=["--cgroup", "../x"]), "leads out", status=255)
