"""Callers that have closed, limited, ignored or used up what a program expects to have: every call works, or says what is missing;
what it left goes by delete --force."""

import contextlib
import ctypes
import itertools
import json
import os
import random
import resource
import signal
import subprocess
import time

from attack.words import refused
from harness import case, cases, contains, equal, excludes, false, succeeds, true
from harness import layout as layouts
from harness.bundle import set_capabilities, with_user_namespace
from harness.runtime import ENVIRONMENT

KILLED = range(129, 160)
LIMIT = {
    "files": resource.RLIMIT_NOFILE, "file-size": resource.RLIMIT_FSIZE, "processes": resource.RLIMIT_NPROC, "stack": resource.RLIMIT_STACK,
    "memory": resource.RLIMIT_AS, "data": resource.RLIMIT_DATA, "cpu": resource.RLIMIT_CPU, "locked": resource.RLIMIT_MEMLOCK,
    "signals": resource.RLIMIT_SIGPENDING, "queues": resource.RLIMIT_MSGQUEUE, "core": resource.RLIMIT_CORE,
    "real-time": resource.RLIMIT_RTPRIO,
}


def limited(kind, value):
    def before():
        most = resource.getrlimit(LIMIT[kind])[1]
        # No more than there was: that would take a capability.
        here = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(LIMIT[kind], (here, here))
    return before


def words_of(c):
    return [["create", "--bundle", c.bundle.folder, c.id], ["state", c.id], ["start", c.id], ["exec", c.id, "/bin/true"], ["list"],
            ["ps", c.id], ["kill", c.id, "KILL"], ["delete", c.id]]


def is_gone(t, c):
    equal(layouts.folders_named(c.id), [], "control groups")
    false(os.path.lexists(os.path.join(t.root, c.id)), "there is a state folder")


def goes(t, c):
    """By an ordinary caller's delete --force."""
    succeeds(c.delete("--force", timeout=15))
    is_gone(t, c)


def without_limits(config):
    # A container is given no more than its caller has: here that is little.
    config["process"]["rlimits"] = []


def alive(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    return False


def life(t, before, may_end=False, edit=without_limits, works=False, mute=False, **options):
    """Each command by such a caller, from the first to the last; and each on a container that is up. What fails says so in a line, but
    for a caller for whom no line can be written."""
    with t.container(edit) as c:
        for words in words_of(c):
            made = t.call(*words, before=before, timeout=15, **options)
            if works:
                equal(made.status, 0, f"{words[0]}: {made.err}")
            elif made.status and not (may_end and made.status in KILLED):
                # exec tells by 255; the program's own end, for want of what is limited, by its status.
                if made.status != 255 and words[0] == "exec":
                    continue
                if made.err or not mute:
                    refused(made)
                else:
                    false(made.status in KILLED, f"{words[0]}: ended by a signal, {made.status}")
            t.tried("calls")
        goes(t, c)
    with t.container(edit) as c:
        for words in words_of(c)[1:]:
            if not os.path.isdir(os.path.join(t.root, c.id)):
                c.up()
            pid = json.loads(succeeds(t.call("state", c.id)).out)["pid"]
            made = t.call(*words, before=before, timeout=15, **options)
            if made.status and words[0] not in ("kill", "delete"):
                true(alive(pid), f"{words[0]} failed, and the container lives")
            t.tried("calls")
            if words[0] == "kill" and made.status == 0:
                t.until(lambda pid=pid: not alive(pid), "it ends")
                goes(t, c)


# --- Streams ---

COMBINATIONS = [which for count in range(4) for which in itertools.combinations(range(3), count)]


@cases("attack", [("-".join(map(str, which)), which) for which in COMBINATIONS if which] + [
    ("none", (), {"hole": None, "shown": "the hole of the other rows: here nothing is closed"})],
       row="callers", hole="streams-left-closed", timeout=60)
def closed_streams(t, which):
    """What is opened next would get the number: the container would write to the state, an error into its log."""
    def close():
        for number in which:
            os.close(number)
    life(t, close, works=True)
    with t.container() as c:
        succeeds(c.create(before=close))
        for _ in ("created", "started"):
            found = {int(name): os.readlink(f"/proc/{c.pid}/fd/{name}") for name in os.listdir(f"/proc/{c.pid}/fd")}
            for number in range(3):
                if number in which or number == 0:
                    equal(found.get(number), "/dev/null", f"descriptor {number}")
                else:
                    true(found.get(number, "").endswith((".out", ".err")), f"descriptor {number} is the caller's: {found}")
            excludes([name for number, name in found.items() if number < 3], "state", "nothing of the state's")
            if c.status == "created":
                succeeds(c.start(before=close))
        t.until(lambda: sorted(map(int, os.listdir(f"/proc/{c.pid}/fd"))) == [0, 1, 2], "three descriptors and no more")
        for words in (["exec", c.id, "/probe", "descriptors"], ["exec", "--detach", c.id, "/bin/true"]):
            t.call(*words, before=close)
        state = os.path.join(t.root, c.id)
        for name in os.listdir(state):
            with open(os.path.join(state, name), "rb") as file:
                excludes(file.read(), b"raind-oci:", f"an error in {name}")
    # An error that nobody reads is an error.
    with t.container(args=["/nosuch"]) as c:
        equal(c.create(before=close, out=None, err=None).status, 1)
        is_gone(t, c)


@case("attack", row="callers", hole="ended-by-a-pipe", timeout=60)
def readers_that_are_gone(t):
    """Standard output and error are pipes without a reader: an error, not an end in the middle."""
    def without_reader(*numbers):
        def before():
            for number in numbers:
                reading, writing = os.pipe()
                os.close(reading)
                os.dup2(writing, number)
                os.close(writing)
        return before
    with t.container() as c:
        # Warnings, before anything is made.
        c.bundle.config["process"]["capabilities"]["bounding"] += ["CAP_NONE"]
        # And one after everything is gone.
        c.bundle.config["hooks"] = {"poststop": [{"path": "/bin/false"}]}
        c.bundle.save()
        succeeds(c.create(before=without_reader(2)))
        succeeds(c.start(before=without_reader(1, 2)))
        for words in (["state", c.id], ["list"], ["ps", c.id], ["features"], ["--version"], ["spec"]):
            made = t.call(*words, before=without_reader(1), cwd=t.scratch)
            if words != ["spec"]:
                refused(made, "EPIPE", status=1)
        succeeds(c.delete("--force", before=without_reader(1, 2)))
        is_gone(t, c)


@case("attack", row="callers", shown="with a reader, in the case, the warnings come")
def standard_error_is_full(t):
    """A pipe that takes nothing and doesn't block: what can't be told isn't, and the work is done."""
    def full():
        _, writing = os.pipe()
        os.set_blocking(writing, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writing, bytes(4096))
        os.dup2(writing, 2)
    with t.container(lambda config: config["process"]["capabilities"].update(bounding=["CAP_NONE"])) as c:
        contains(succeeds(c.create(out=None, err=None)).err, "CAP_NONE")
        succeeds(c.delete("--force"))
        succeeds(c.create(before=full, out=None, err=None))
        succeeds(c.start(before=full))
        succeeds(c.delete("--force", before=full))


# --- Limits ---

def shows(kind, value):
    """Options of a limit's row."""
    if kind == "file-size":
        return {"hole": "ended-by-a-files-size"}
    if kind == "files" and value in (4, 5, 6) or kind == "memory" and value > 8 << 20 or kind == "data" and value > 4096:
        return {"shown": "runc 1.1.5, which says so in the many lines of a trace"}
    return {"shown": "the hole of the row file-size-0: an end without a word is seen"}


@cases("attack", [(f"{kind}-{value}", kind, value, may_end, shows(kind, value)) for kind, value, may_end in [
    *(("files", value, False) for value in (0, 1, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20, 22, 26, 32)),
    ("file-size", 0, False), ("file-size", 400, False), ("file-size", 1000, False), ("file-size", 3000, False),
    ("processes", 0, False), ("processes", 1, False), ("locked", 0, False), ("signals", 0, False), ("queues", 0, False),
    ("core", 0, False), ("real-time", 0, False),
    *(("memory", value, True) for value in (1 << 20, 8 << 20, 24 << 20, 26 << 20, 27 << 20, 28 << 20, 30 << 20, 34 << 20, 64 << 20)),
    *(("stack", value, True) for value in (4096, 1 << 14, 1 << 15, 1 << 16, 1 << 18)),
    *(("data", value, True) for value in (4096, 1 << 20, 2 << 20, 4 << 20)), ("cpu", 0, True), ("cpu", 1, True),
]], row="callers", timeout=90)
def limits_of_the_caller(t, kind, value, may_end):
    """Whatever the kernel refuses because of it is told with its errno; nothing is left that delete --force doesn't take."""
    if value and kind in ("processes", "core", "locked"):
        life(t, limited(kind, 1 << 20), works=True)
    # What is said goes into a file.
    life(t, limited(kind, value), may_end=may_end, mute=kind == "file-size")


@case("attack", row="callers", hole="ended-by-a-files-size")
def file_size_of_nothing(t):
    """RLIMIT_FSIZE 0: no file can be written, and what takes none works."""
    with t.container(without_limits) as c:
        made = c.create(before=limited("file-size", 0), out=None, err=None)
        equal(made.status, 1)
        is_gone(t, c)
        reading, writing = os.pipe()
        process = subprocess.Popen([t.runtime.path, "--root", t.root, "create", "--bundle", c.bundle.folder, c.id],
                                   stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, preexec_fn=limited("file-size", 0))
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read().decode()
        equal(process.wait(10), 1)
        contains(said, "claim id: write state.json.new: EFBIG")
        c.up()
        for words in (["start", c.id], ["state", c.id], ["kill", c.id, "KILL"]):
            t.call(*words, before=limited("file-size", 0))
        t.until(lambda: c.status == "stopped", "it ends")
        succeeds(c.delete(before=limited("file-size", 0)))
        is_gone(t, c)


# --- Signals ---

def ignoring(*numbers):
    def before():
        for number in numbers:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_IGN)
    return before


def blocking():
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


EVERY = tuple(range(1, 65))
IGNORES = {"hole": None, "shown": "the hole of the row children; these raind-oci ignores itself"}


@cases("attack", [("children", (signal.SIGCHLD,)), ("pipes", (signal.SIGPIPE,), IGNORES), ("size", (signal.SIGXFSZ,), IGNORES),
                  ("every", EVERY)], row="callers", hole="child-signal-ignored")
def ignored_signals(t, numbers):
    """Ignored signals stay so over an exec; who ignores SIGCHLD can wait for nobody."""
    before = ignoring(*numbers)
    life(t, before, works=True)
    for status in (0, 42):
        equal(t.run(["/bin/sh", "-c", f"exit {status}"], before=before, timeout=10).status, status)
    equal(t.run(["/bin/sh", "-c", "kill -9 $$"], lambda config: config["linux"]["namespaces"].pop(0), before=before,
                timeout=10).status, 137)
    succeeds(t.run(["/bin/true"], with_user_namespace, before=before, timeout=10, prepare=lambda bundle: os.chown(
        bundle.rootfs, 100000, 100000)))

    def hooks(config):
        config["hooks"] = {kind: [{"path": "/bin/true", "timeout": 5}] for kind in (
            "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")}
    equal(succeeds(t.run(["/bin/true"], hooks, before=before, timeout=10)).err, "")
    fails_as_told = t.run(["/bin/true"], lambda config: config.update(hooks={"createRuntime": [{"path": "/bin/false"}]}),
                          before=before, timeout=10)
    refused(fails_as_told, "/hooks/createRuntime/0", status=1)
    with t.container() as c:
        c.up()
        equal(c.exec("/bin/sh", "-c", "exit 7", before=before, timeout=10).status, 7)


@cases("attack", [("ignored", ignoring(*EVERY)), ("blocked", blocking)], row="callers", hole="signals-passed-on")
def signals_of_the_program(t, before):
    """The program starts with none ignored and none blocked, whatever its callers have."""
    def masks(pid):
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            return [line.split()[1] for line in file if line.startswith(("SigBlk:", "SigIgn:"))]
    with t.container(args=["/bin/sleep", "1000"]) as c:
        succeeds(c.create(before=before))
        succeeds(c.start(before=before))
        t.until(lambda: os.readlink(f"/proc/{c.pid}/exe").endswith("busybox"), "the program runs")
        # The signals of the C library's own threads, 32 and 33, are no exception.
        equal(masks(c.pid), ["0" * 16, "0" * 16])
        pid_file = os.path.join(t.scratch, "pid")
        succeeds(c.exec("/bin/sleep", "1000", flags=["--detach", "--pid-file", pid_file], before=before))
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.read())
        t.until(lambda: os.readlink(f"/proc/{pid}/exe").endswith("busybox"), "the program runs")
        equal(masks(pid), ["0" * 16, "0" * 16])
        # The first process ends once the case, which is the second's parent now, has collected that.
        c.kill("KILL")
        t.until(lambda: t.reap() and c.status == "stopped", "it ends")


UNFINISHED = {"hole": "unfinished-is-forgotten", "shown": None}


@cases("attack", [("create", "create", UNFINISHED), ("run", "run", UNFINISHED),
                  *((verb, verb) for verb in ("start", "exec", "delete", "kill"))], row="callers", timeout=120,
       shown="the hole of the rows create and run")
def signals_at_any_moment(t, verb):
    """Ended at some moment by some signal: delete --force takes what there is."""
    dice = random.Random(f"{t.prefix}{verb}")
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGALRM, signal.SIGKILL, signal.SIGUSR1,
               signal.SIGQUIT, signal.SIGXCPU)
    seen = set()

    def edit(config):
        # Where a create can be met.
        config["hooks"] = {"createRuntime": [{"path": "/bin/true"}], "poststop": [{"path": "/bin/true"}]}
    with t.container(edit) as c:
        for _ in range(t.rounds(25, 2000)):
            if verb not in ("create", "run"):
                succeeds(c.create())
                if verb in ("exec", "kill"):
                    succeeds(c.start())
            words = {"exec": ["exec", c.id, "/bin/sleep", "0.01"], "kill": ["kill", c.id, "TERM"],
                     "delete": ["delete", "--force", c.id]}.get(verb) or [
                         verb, *(["--bundle", c.bundle.folder] if verb != "start" else []), c.id]
            process = subprocess.Popen([t.runtime.path, "--root", t.root, *words], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
            time.sleep(dice.random() ** 2 * 0.03)
            process.send_signal(dice.choice(numbers))
            if verb == "run":
                time.sleep(0.001)
                process.send_signal(signal.SIGKILL)
            process.wait(15)
            if verb == "exec":
                # What it has started is the case's to collect now, and ends soon.
                time.sleep(0.03)
                t.reap()
            looked = t.call("state", c.id)
            seen.add(json.loads(looked.out)["status"] if looked.status == 0 else looked.err.rpartition(": ")[2].strip())
            goes(t, c)
            t.tried(f"signals to {verb}")
    true(seen, "something was seen")


# --- Places ---

@contextlib.contextmanager
def file_system(t, options, flags=0):
    """A state root of its own."""
    root = t.folder()
    layouts.mount("tmpfs", root, "tmpfs", flags, options)
    try:
        yield root
    finally:
        layouts.umount(root)


@cases("attack", [("inodes", "size=1m,nr_inodes={}"), ("blocks", "size={}k,nr_inodes=100")], row="callers", timeout=120,
       hole="left-at-failure")
def state_root_is_full(t, options):
    """No room for the state, at each point: an error that says ENOSPC, and nothing is left."""
    worked = 0
    for amount in (range(1, 12) if "nr_inodes={}" in options else range(4, 36, 4)):
        with t.container() as c, file_system(t, options.format(amount)) as root:
            made = c.create(root=root, out=None, err=None)
            if made.status:
                refused(made, "ENOSPC", status=1)
                equal([name for name in os.listdir(root) if not name.endswith("~")], [], "the state")
                equal(layouts.folders_named(c.id), [], "control groups")
            else:
                worked += 1
                for words in (["state", c.id], ["start", c.id], ["exec", c.id, "/bin/true"], ["kill", c.id, "KILL"]):
                    succeeds(t.call(*words, root=root))
            succeeds(c.delete("--force", root=root))
            equal([name for name in os.listdir(root) if not name.endswith("~")], [], "the state")
            t.tried("sizes")
    true(worked, "it works where there is room")


@case("attack", row="callers", shown="while it was writable, in the case, it works")
def state_root_is_read_only(t):
    """What only looks works; what would change the state says EROFS."""
    with t.container() as c, file_system(t, "size=1m") as root:
        def read_only(is_so):
            layouts.mount(None, root, flags=32 | (1 if is_so else 0))
        read_only(True)
        refused(c.create(root=root, out=None, err=None), "EROFS", status=1)
        equal(layouts.folders_named(c.id), [], "control groups")
        read_only(False)
        succeeds(c.create(root=root))
        read_only(True)
        equal(json.loads(succeeds(t.call("state", c.id, root=root)).out)["status"], "created")
        contains(succeeds(t.call("list", root=root)).out, c.id)
        refused(c.start(root=root), "EROFS")
        equal(json.loads(succeeds(t.call("state", c.id, root=root)).out)["status"], "created")
        read_only(False)
        succeeds(c.start(root=root))
        read_only(True)
        succeeds(t.call("exec", c.id, "/bin/true", root=root))
        refused(c.delete(root=root))
        refused(c.delete("--force", root=root), "EROFS")
        read_only(False)
        succeeds(c.delete("--force", root=root))
        equal(layouts.folders_named(c.id), [], "control groups")


def without_proc():
    layouts.own_mount_namespace()
    layouts.umount("/proc")


def with_hidden_processes():
    layouts.own_mount_namespace()
    layouts.mount("proc", "/proc", "proc", 0, "hidepid=2")


def with_an_empty_proc():
    layouts.own_mount_namespace()
    layouts.mount("tmpfs", "/proc", "tmpfs")


def with_a_lying_proc():
    """Another file system with files as in the real one."""
    layouts.own_mount_namespace()
    exe = os.readlink("/proc/self/exe")
    layouts.mount("tmpfs", "/proc", "tmpfs")
    os.makedirs("/proc/self/ns")
    os.symlink(exe, "/proc/self/exe")
    for name, text in (("self/stat", "1 (x) S " + "0 " * 50), ("self/status", "Name: x\n"), ("self/cgroup", "0::/\n"),
                       ("self/uid_map", "0 0 4294967295\n"), ("self/mountinfo", ""), ("filesystems", "")):
        with open(f"/proc/{name}", "w", encoding="ascii") as file:
            file.write(text)


def without_sys():
    layouts.own_mount_namespace()
    for point, _, _ in reversed(list(layouts.mounts())):
        if point == "/sys" or point.startswith("/sys/"):
            layouts.umount(point)


LEAVES = {"shown": "runc 1.1.5 leaves a process"}


@cases("attack", [(place.__name__.replace("_", "-"), place, works, shown) for place, works, shown in (
    (without_proc, False, LEAVES), (with_an_empty_proc, False, LEAVES), (with_a_lying_proc, False, LEAVES),
    (with_hidden_processes, True, {"shown": "with the real one each of these calls works: lifecycle"}),
    (without_sys, False, {"shown": "runc 1.1.5, which says so in the many lines of a trace"}))], row="callers", timeout=60)
def places_of_the_caller(t, place, works):
    """What the kernel tells isn't to be had, or comes from somebody else: no wrong process is signalled, nothing is started unconfined."""
    life(t, place, works=works, edit=None)


@cases("attack", [("folder", False), ("bundle", True)], row="callers", shown="in a folder that is there, each works: lifecycle")
def folder_of_the_caller_is_gone(t, relative):
    """The working folder was deleted."""
    def gone():
        folder = os.path.join(t.scratch, f"gone-{os.getpid()}")
        os.mkdir(folder)
        os.chdir(folder)
        os.rmdir(folder)
    if relative:
        with t.container() as c:
            refused(t.call("create", c.id, before=gone), status=1)
            refused(t.call("create", "--bundle", "x", c.id, before=gone), status=1)
            refused(t.call("create", "--bundle", c.bundle.folder, "--pid-file", "x", c.id, before=gone), status=1)
            is_gone(t, c)
    else:
        life(t, gone, works=True, edit=None)


@cases("attack", [(f"{mask:03o}", mask) for mask in (0o777, 0o000, 0o077)], row="callers", hole="umask-of-the-caller")
def umask_of_the_caller(t, mask):
    """Modes are the config's, or the specification's, whatever the umask is; the state is its owner's."""
    def seen(mask):
        def edit(config):
            config["root"]["readonly"] = False
            config["process"]["cwd"] = "/made/cwd"
            config["mounts"] += [{"destination": "/made/folder", "type": "tmpfs", "source": "tmpfs"},
                                 {"destination": "/made/file", "type": "bind", "source": "/etc/hostname", "options": ["bind", "ro"]}]
            config["linux"]["devices"] = [{"path": "/made/device", "type": "c", "major": 1, "minor": 3}]
        with t.container(edit, ["/bin/sh", "-c", "umask; stat -c '%a %n' / /* /dev/* /made/* /made; exec sleep 1000"]) as c:
            succeeds(c.create(umask=mask))
            state = os.path.join(t.root, c.id)
            for name in (".", *os.listdir(state)):
                equal(os.stat(os.path.join(state, name)).st_mode & 0o077, 0, f"mode of {name}")
            succeeds(c.start(umask=mask))
            said = c.wait_output("/made\n")
            succeeds(c.exec("/bin/true", umask=mask))
            succeeds(c.delete("--force", umask=mask))
            is_gone(t, c)
            return said
    equal(seen(mask), seen(0o022))


# --- The environment, and who calls ---

ODD = [
    {f"A{number}": "x" * 100_000 for number in range(12)}, {f"A{number}": "x" for number in range(5000)}, {"LISTEN_FDS": "-1"},
    {"LISTEN_FDS": "3"}, {"LISTEN_FDS": "1000000"}, {"LISTEN_FDS": "9" * 40, "LISTEN_PID": "1"}, {"LISTEN_FDS": "", "LISTEN_PID": ""},
    {"NOTIFY_SOCKET": "/nosuch"}, {"NOTIFY_SOCKET": "@"}, {"NOTIFY_SOCKET": "@x"}, {"NOTIFY_SOCKET": "/" + "a" * 5000},
    {"NOTIFY_SOCKET": "vsock:2:1"}, {"NOTIFY_SOCKET": "/dev/null"}, {"XDG_RUNTIME_DIR": "/dev/null"}, {"XDG_RUNTIME_DIR": ""},
    {"XDG_RUNTIME_DIR": "relative"}, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/dev/null"}, {"PATH": ""}, {"PATH": "/" + "a" * 100_000},
    {"LD_PRELOAD": "/nosuch.so", "LD_LIBRARY_PATH": "/nosuch", "LD_AUDIT": "/nosuch.so"}, {"GCONV_PATH": "/", "LOCPATH": "/", "LC_ALL": "x"},
    {"GLIBC_TUNABLES": "glibc.malloc.check=3:glibc.rtld.nns=99999"}, {"SWIFT_BACKTRACE": "enable=yes,interactive=yes"},
    {"SWIFT_DETERMINISTIC_HASHING": "1", "SWIFT_DEBUG_HELP": "YES"}, {"MALLOC_ARENA_MAX": "x", "MALLOC_PERTURB_": "255"},
    {"TZ": ":/dev/zero"}, {"TMPDIR": "/nosuch", "HOME": "/nosuch", "USER": "\x1b[31m"}, {"\udcff": "\udcfe"}, {"BASH_ENV": "/x", "IFS": "/"},
]


@case("attack", row="callers", hole="environment-of-the-caller", timeout=90)
def environments(t):
    """Odd, large or meant for others: it works, and nothing of it comes to the container."""
    for odd in ODD:
        with t.container(args=["/bin/sh", "-c", "env; exec sleep 1000"]) as c:
            env = {**ENVIRONMENT, **odd}
            for words in words_of(c):
                if words[0] == "create":
                    succeeds(c.create(env=env))
                elif words[0] == "start":
                    succeeds(c.start(env=env))
                    c.wait_output("TERM=")
                elif words[0] != "ps" or odd.get("PATH", "/bin") == "/bin":
                    # (What ps prints is told by the host's own program of that name.)
                    made = t.call(*words, env=env, timeout=15)
                    equal(made.status, 0, f"{words[0]} with {str(odd)[:200]}: {made.err}")
                    t.until(lambda words=words: words[0] != "kill" or c.status == "stopped", "it ends")
            said = c.output()
            for name, value in odd.items():
                if not name.startswith(("NOTIFY", "LISTEN", "PATH", "HOME")) and value:
                    excludes(said, f"{name}={value}"[:200])
        t.tried("environments")


@case("attack", row="callers", hole="marker-believed")
def marker_that_lies(t):
    """The variable that says that the program is its own copy, set by the caller: the copy is looked at, not believed."""
    with open(os.path.join(t.tools["root"], "Sources/CSelfClone/arguments.h"), encoding="utf-8") as file:
        line = next(line for line in file if "define SELF_CLONE_MARKER" in line)
    name, _, value = line.split('"')[1].partition("=")
    with t.container() as c:
        for verb in ("create", "run", "exec"):
            words = [verb, c.id, "true"] if verb == "exec" else [verb, "--bundle", c.bundle.folder, c.id]
            made = t.call(*words, env={**ENVIRONMENT, name: value})
            false(made.status == 0, f"{verb} believes it")
            contains(made.err, "protect program")
        is_gone(t, c)


@case("attack", row="callers", hole="descriptors-inherited")
def descriptors_of_the_caller(t):
    """Hundreds, high and low, of every kind, not close-on-exec: none comes to the container."""
    def before():
        with open("/etc/passwd", "rb") as file:
            for number in (*range(3, 40), *range(200, 400), 1000):
                os.dup2(file.fileno(), number, inheritable=True)
        reading, writing = os.pipe()
        for number, end in ((50, reading), (51, writing)):
            os.dup2(end, number, inheritable=True)
        os.dup2(os.open("/", os.O_PATH | os.O_DIRECTORY), 52, inheritable=True)
        os.dup2(os.pidfd_open(os.getppid()), 53, inheritable=True)
        os.dup2(os.memfd_create("x"), 54, inheritable=True)
        os.dup2(os.open("/proc/self/ns/mnt", os.O_RDONLY), 55, inheritable=True)
    life(t, before, works=True)
    with t.container(args=["/bin/sleep", "1000"]) as c:
        succeeds(c.create(before=before))
        equal([os.readlink(f"/proc/{c.pid}/fd/{name}") for name in os.listdir(f"/proc/{c.pid}/fd") if int(name) < 3
               and "passwd" in os.readlink(f"/proc/{c.pid}/fd/{name}")], [])
        succeeds(c.start(before=before))
        t.until(lambda: sorted(map(int, os.listdir(f"/proc/{c.pid}/fd"))) == [0, 1, 2], "three descriptors and no more")


@cases("attack", [("empty-name", [""]), ("no-name", []), ("long-name", ["a" * 100_000]), ("odd-name", ["\x1b[31m/../x"])], row="callers",
       shown="with the usual name each of them works: lifecycle")
def names_of_the_program(t, words):
    """argv[0] is the caller's to choose; without any the kernel gives an empty one."""
    with t.container() as c:
        for call in words_of(c):
            with open(os.path.join(t.scratch, "said"), "wb") as said:
                child = os.fork()
                if child == 0:
                    try:
                        os.dup2(os.open("/dev/null", os.O_RDWR), 0)
                        os.dup2(said.fileno(), 1)
                        os.dup2(said.fileno(), 2)
                        _execute(t.runtime.path, [*words, "--root", t.root, *call] if words else [])
                    finally:
                        os._exit(127)
                _, status = os.waitpid(child, 0)
            if words:
                equal(os.waitstatus_to_exitcode(status), 0, call[0])
            else:
                # No command: that is wrong use, and told.
                equal(os.waitstatus_to_exitcode(status), 1, call[0])
                return
            if call[0] == "kill":
                t.until(lambda: c.status == "stopped", "it ends")
        is_gone(t, c)


def _execute(path, words):
    """As execve(2) does: os.execve wants a name."""
    def array(texts):
        return (ctypes.c_char_p * (len(texts) + 1))(*[text.encode() for text in texts], None)
    ctypes.CDLL(None).execve(path.encode(), array(words), array([f"{name}={value}" for name, value in ENVIRONMENT.items()]))


@cases("attack", [("idle", lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))),
                  ("batch", lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))), ("nice", lambda: os.nice(19)),
                  ("one-processor", lambda: os.sched_setaffinity(0, {0})), ("session", os.setsid)], row="callers",
       shown="with the usual ones each of them works: lifecycle", timeout=60)
def schedulers_of_the_caller(t, before):
    """Who has little time gets it done all the same."""
    life(t, before, works=True, edit=None)


@case("attack", row="callers", hole="state-for-all")
def another_user(t):
    """The state is for its owner: another user learns nothing, and changes nothing."""
    def become():
        os.setgroups([])
        os.setresgid(1000, 1000, 1000)
        os.setresuid(1000, 1000, 1000)
    os.chmod(t.scratch, 0o755)
    with t.container() as c:
        c.up()
        before = c.state()
        for words in (*words_of(c), ["delete", "--force", c.id], ["pause", c.id], ["update", "--pids-limit", "3", c.id],
                      ["events", "--stats", c.id], ["kill", "--all", c.id, "KILL"]):
            made = t.call(*words, before=become)
            refused(made, "EACCES")
            excludes(made.err + made.out, str(before["pid"]))
        equal(c.state(), before)
        succeeds(c.exec("/bin/true"))
    # A root that others may write to is no place for state, either: what they have put there isn't followed.
    with t.container() as c:
        root = t.folder()
        os.chmod(root, 0o1777)
        os.symlink(t.folder("elsewhere"), os.path.join(root, c.id))
        refused(c.create(root=root, out=None, err=None), "already exists", status=1)
        for words in (["state", c.id], ["delete", "--force", c.id], ["kill", c.id, "KILL"]):
            refused(t.call(*words, root=root), c.id)
        equal(os.listdir(os.path.join(t.scratch, "elsewhere")), [])


@case("attack", row="callers", hole="left-at-failure")
def capabilities_of_the_caller(t):
    """Root without capabilities may do little: told, and nothing is left."""
    def none(config):
        set_capabilities(config, [])
    with t.container(none) as c:
        made = c.create(out=None, err=None, before=_without_capabilities)
        refused(made, status=1)
        is_gone(t, c)
        c.up()
        before = c.state()
        for words in (["delete", "--force", c.id],):
            t.call(*words, before=_without_capabilities, timeout=20)
        if os.path.isdir(os.path.join(t.root, c.id)):
            equal(c.state()["id"], before["id"])


def _without_capabilities():
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    for capability in range(41):
        libc.prctl(24, capability, 0, 0, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)(*[0] * 6))
