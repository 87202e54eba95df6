"""What processes of a container do to the commands that come to it: kill, delete and exec get their work done, and give nothing away."""

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time

from attack.words import refused
from enforcement import attacker
from harness import case, cases, contains, equal, excludes, false, less, succeeds, true
from harness import layout as layouts
from harness.bundle import CAPABILITIES as OF_THE_PROGRAM
from harness.bundle import mount_at, set_capabilities, with_user_namespace, without_namespace
from harness.probe import CAPABILITIES, own_capabilities
from harness.runtime import ENVIRONMENT, Runtime
from harness.terminal import ConsoleSocket

SECRET = "RAIND_TEST_SECRET=of-the-caller"
PTRACE_SEIZE = 0x4206
SYS_PIDFD_GETFD = 438
LIMIT = 400
_libc = ctypes.CDLL(None, use_errno=True)


def is_gone(t, c):
    equal(layouts.folders_named(c.id), [], "control groups")
    false(os.path.lexists(os.path.join(t.root, c.id)), "there is a state folder")


def inside(t, c):
    """The processes in the container's groups, by the host's ids."""
    found = set()
    for folder in layouts.folders_named(c.id):
        with contextlib.suppress(OSError), open(os.path.join(folder, "cgroup.procs"), encoding="ascii") as file:
            found.update(map(int, file.read().split()))
    return found


def of_the_program(pid):
    return os.readlink(f"/proc/{pid}/exe").endswith(("busybox", "probe"))


# --- Many ---

def bounded(*kinds):
    def edit(config):
        config["linux"]["resources"]["pids"] = {"limit": LIMIT}
        config["root"]["readonly"] = False
        without_namespace(config, *kinds)
    return edit


@cases("attack", [(f"{what}-{where}-{how}", words, kinds, how) for what, words in (("bomb", []), ("turns-over", ["end"]))
                  for where, kinds in (("own-pids", ()), ("host-pids", ("pid",))) for how in ("kill", "kill-all", "delete")],
       row="container's processes", timeout=90,
       shown="runc 1.1.5, by the rows host-pids-kill: its `kill KILL` leaves all but the first",
       differs={"crun": "1.8 ends the first process alone"})
def fork_bomb(t, words, kinds, how):
    """Processes that multiply as fast as they are told: a signal to all reaches all."""
    with t.container(bounded(*kinds), ["/bin/sh", "-c", f"trap '' TERM; /probe multiply {' '.join(words)}; exec /probe sleep"]) as c:
        c.up()
        t.until(lambda: len(inside(t, c)) > LIMIT // (4 if words else 2), "it has multiplied", 30)
        t.tried("processes", len(inside(t, c)))
        if how != "delete":
            succeeds(t.call("kill", *(["--all"] if how == "kill-all" else []), c.id, "KILL", timeout=30))
            t.until(lambda: t.reap() is not None and not inside(t, c), "all have ended", 30)
        succeeds(c.delete("--force", timeout=40))
        t.reap()
        is_gone(t, c)


@cases("attack", [("own-pids", ()), ("host-pids", ("pid",))], row="container's processes", timeout=60,
       shown="runc 1.1.5 and crun 1.8.1, whose exec gets into a container that is full")
def exec_into_a_full_container(t, kinds):
    """No process more may be in it: exec says so, by its errno, and the container goes on."""
    with t.container(bounded(*kinds), ["/probe", "spawn", str(LIMIT * 2)]) as c:
        c.up()
        t.until(lambda: len(inside(t, c)) >= LIMIT, "it is full", 30)
        for _ in range(3):
            refused(c.exec("/bin/true", timeout=20), "EAGAIN")
            equal(c.status, "running")
        succeeds(t.call("update", "--pids-limit", str(LIMIT * 2), c.id))
        succeeds(c.exec("/bin/true", timeout=20))
        succeeds(c.delete("--force", timeout=40))
        t.reap()
        is_gone(t, c)


# --- The first process, which doesn't want to end ---

@cases("attack", [
    ("stops-itself", "kill -STOP $$"), ("stops-its-group", "kill -STOP 0"), ("ignores", "trap '' TERM INT HUP QUIT USR1"),
    ("stopped-children", "sleep 600 & kill -STOP $!"), ("a-shell-in-a-loop", "while true; do :; done"),
    ("orphans", "(sleep 600 &) & (sh -c 'sleep 600 & exec sleep 600' &)"), ("closed-files", "exec 0>&- 1>&- 2>&-"),
    ("vfork", "sh -c 'exec sleep 600' & wait"),
], row="container's processes", timeout=60, shown="the exec in the case, which is answered before the end")
def first_process(t, script):
    """Whatever it does against signals, SIGKILL ends it, state and exec are answered, and delete --force takes all."""
    for command in ("kill", "delete"):
        with t.container(bounded(), ["/bin/sh", "-c", f"echo begun; {script}; while true; do sleep 600; done"]) as c:
            c.up()
            c.wait_output("begun")
            time.sleep(0.05)
            equal(c.status, "running")
            equal(c.exec("/bin/sh", "-c", "exit 3", timeout=10).status, 3)
            succeeds(c.kill("HUP"))
            if command == "kill":
                succeeds(c.kill("KILL"))
                t.until(lambda: c.status == "stopped", "it ends", 5)
                succeeds(c.delete(timeout=15))
            else:
                succeeds(c.delete("--force", timeout=15))
            is_gone(t, c)


# --- Control groups of its own ---

def delegated(config):
    """The container may change its control groups."""
    mount_at(config, "/sys/fs/cgroup")["options"] = ["nosuid", "noexec", "nodev", "relatime", "rw"]
    config["linux"]["namespaces"].append({"type": "cgroup"})
    config["root"]["readonly"] = False


UNIFIED = "cd /sys/fs/cgroup; "
# A container has the hierarchies of v1 alone where its host has both kinds.
V1 = {"layouts": ("hybrid", "v1")}
V2 = {"layouts": ("v2",)}
FROZEN = {**V1, "hole": "frozen-stays"}
DEEP = "i=0; while [ $i -lt {} ]; do mkdir {} && cd {} || break; i=$((i+1)); done; "


@cases("attack", [
    ("freezes-a-child", "cd /sys/fs/cgroup/freezer && mkdir a && { sleep 600 & echo $! >a/tasks; echo FROZEN >a/freezer.state; }",
     FROZEN),
    ("freezes-itself", "cd /sys/fs/cgroup/freezer && mkdir a && { (sleep 0.2; while true; do echo FROZEN >a/freezer.state; done) & "
                       "echo $$ >a/tasks; }", V1),
    ("freezes-in-depth", "cd /sys/fs/cgroup/freezer && " + DEEP.format(40, "a", "a") +
     "sleep 600 & echo $! >tasks; echo FROZEN >freezer.state", FROZEN),
    ("freezes-by-the-new-way", UNIFIED + "mkdir a; sleep 600 & echo $! >a/cgroup.procs; echo 1 >a/cgroup.freeze; echo $$ >a/cgroup.procs",
     V2),
    ("deeper-than-a-path", "cd /sys/fs/cgroup/pids && " + DEEP.format(300, "d" * 60, "d" * 60) + "echo $$ >tasks", V1),
    ("deeper-than-descriptors", UNIFIED + DEEP.format(1200, "dddd", "dddd"), V2),
    ("thousands", UNIFIED + "i=0; while [ $i -lt 2000 ]; do mkdir w$i; i=$((i+1)); done", V2),
    ("threads", UNIFIED + "mkdir a b; echo threaded >a/cgroup.type; echo $$ >b/cgroup.procs", V2),
    ("odd-names", UNIFIED + "mkdir 'a b' 'a\\b' -- -x '*' '...' $'\\x01' 2>/dev/null; sleep 600 & echo $! >'a b/cgroup.procs'", V2),
    ("moves-about", UNIFIED + "mkdir a b; while true; do echo $$ >a/cgroup.procs; echo $$ >b/cgroup.procs; done &",
     V2),
], row="container's processes", timeout=90, hole="groups-below-stay")
def groups_of_its_own(t, script):
    """Groups that a container has made below its own, frozen or without end, go with it."""
    with t.container(delegated, ["/bin/sh", "-c", f"{script}\necho begun; while true; do sleep 600; done"]) as c:
        c.up()
        # Who has frozen itself says no more.
        with contextlib.suppress(AssertionError):
            c.wait_output("begun", 3 if "FROZEN" in script or "freeze" in script else 40)
        own = layouts.folders_named(c.id)
        made = len([1 for folder in own for _ in os.walk(folder)]) - len(own)
        less(0, made, "groups that the container has made")
        t.tried("groups", made)
        c.state()
        succeeds(c.delete("--force", timeout=60))
        t.reap()
        is_gone(t, c)


# --- exec: what joins the container while the container looks ---

def look(pid, found):
    """What can be taken from a process that isn't the container's own program yet."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
        if SECRET.encode() in file.read():
            found.add("environment")
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            if int(name) > 2:
                found.add("descriptor " + os.readlink(f"/proc/{pid}/fd/{name}").partition("/raind-test")[0])
    with contextlib.suppress(OSError):
        handle = os.pidfd_open(pid)
        for number in range(3, 30):
            copy = _libc.syscall(SYS_PIDFD_GETFD, handle, number, 0)
            if copy >= 0:
                found.add("copied descriptor")
                os.close(copy)
        os.close(handle)
    # By a process of its own: what a tracer still has when it ends is let go.
    tracer = os.fork()
    if tracer == 0:
        is_traced = False
        with contextlib.suppress(OSError):
            if _libc.ptrace(PTRACE_SEIZE, pid, None, None) == 0:
                path = os.readlink(f"/proc/{pid}/exe")
                is_traced = "raind" in path or path == "/"
        os._exit(is_traced)
    if os.waitstatus_to_exitcode(os.waitpid(tracer, 0)[1]):
        found.add("traced")


def watched(t, c, capabilities, seconds):
    """What an attacker in the container finds while processes join it; how many it saw, and how many joined."""
    def attack():
        found, seen, own = set(), set(), os.getpid()

        def step():
            for pid in attacker.processes():
                if pid not in (1, own):
                    seen.add(pid)
                    look(pid, found)
        attacker.times(seconds, step)
        return sorted(found), len(seen)
    begun = attacker.begin(c.pid, capabilities, attack)
    environment = {**ENVIRONMENT, **dict([SECRET.split("=")])}
    joined = attacker.times(seconds - 0.3, lambda: c.exec("/bin/true", env=environment))
    found, seen = attacker.end(begun)
    t.tried("processes that join", joined)
    return found, seen, joined


@cases("attack", [("same-user", None, [*OF_THE_PROGRAM, "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"]),
                  ("user-namespace", with_user_namespace, None)], row=("container's processes", "CVE-2016-9962"), hole="dumpable", timeout=60)
def exec_is_looked_into(t, edit, names):
    """Without CAP_SYS_PTRACE (CAP_PERFMON, CAP_SYS_ADMIN) in the host's user namespace, nothing of what joins is seen: not its environment, which is the
    caller's, not its descriptors, and it can't be traced."""
    with t.container(edit) as c:
        c.up()
        found, seen, joined = watched(t, c, names or own_capabilities(), t.rounds(2, 30))
        equal(found, [])
        true(joined > 3 and seen > 1, f"{seen} processes were seen of {joined}")


def take(pid, rights, found):
    """What can be taken from a process that can be traced and isn't the container's own program yet, beyond what that is to have.
    Whether it was one."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
        folder = os.open(f"/proc/{pid}/fd", os.O_RDONLY)
        names = [(number, os.readlink(number, dir_fd=folder)) for number in os.listdir(folder)]
        os.close(folder)
        with open(f"/proc/{pid}/environ", "rb") as file:
            environment = file.read()
        root = os.stat(f"/proc/{pid}/root")
        # Last: whatever was seen before was of the runtime, unless it has begun with the program meanwhile.
        path = os.readlink(f"/proc/{pid}/exe")
        if "raind" not in path and path != "/":
            return False
        for name, expected in rights.items():
            if name.startswith("Cap") and int(status[name], 16) & ~int(expected, 16):
                found.add(f"{name} {status[name]}")
            elif not name.startswith("Cap") and status[name] != expected:
                found.add(f"{name} {status[name]}")
        found.update(f"descriptor {target.partition('/raind-test')[0]}" for number, target in names
                     if int(number) > 2 and not target.startswith("socket:"))
        if SECRET.encode() in environment or holds(pid, SECRET.encode()):
            found.add("environment")
        own = os.stat("/")
        if (root.st_dev, root.st_ino) != (own.st_dev, own.st_ino):
            found.add("root")
        return True
    return False


def holds(pid, secret):
    """Whether it is anywhere in what the process can write to."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            words = line.split()
            if not words[1].startswith("rw"):
                continue
            first, last = (int(number, 16) for number in words[0].split("-"))
            with contextlib.suppress(OSError):
                memory.seek(first)
                if secret in memory.read(min(last - first, 1 << 20)):
                    return True
    return False


@cases("attack", [("filter-last", {"noNewPrivileges": True}, []), ("filter-first", {"noNewPrivileges": False}, []),
                  ("user", {"noNewPrivileges": False, "user": {"uid": 1000, "gid": 1000}}, []),
                  ("scheduler", {"noNewPrivileges": True, "scheduler": {"policy": "SCHED_BATCH", "nice": 5}}, []),
                  ("filter-refuses", {"noNewPrivileges": True}, ["setsid"])],
       row=("container's processes", "CVE-2016-9962"), hole="born-early", timeout=60)
def exec_gives_no_more_to_who_may_trace(t, process, refused_calls):
    """With CAP_SYS_PTRACE in the host's user namespace whatever joins is looked into and taken over: it has the rights of the program that it
    is to become by then, and nothing of the host's or of the caller's."""
    names = ["CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_SYS_PTRACE"]

    def edit(config):
        set_capabilities(config, names)
        rules = [{"names": refused_calls, "action": "SCMP_ACT_ERRNO"}] if refused_calls else [
            {"names": ["acct"], "action": "SCMP_ACT_ERRNO"}]
        config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules}
    with t.container(edit) as c:
        c.up()
        joining = dict(c.bundle.config["process"], args=["/bin/true"], terminal=False, **process)
        path = t.file(json.dumps(joining))
        mask = format(sum(1 << CAPABILITIES.index(name.removeprefix("CAP_")) for name in names), "x")
        uid, gid = (str(joining["user"][name]) for name in ("uid", "gid"))
        rights = {"CapInh": mask, "CapPrm": mask, "CapEff": mask, "CapBnd": mask, "CapAmb": mask, "Uid": "\t".join([uid] * 4),
                  "Gid": "\t".join([gid] * 4), "NoNewPrivs": str(int(joining["noNewPrivileges"]))}
        # What allows less than it takes to be succeeded is loaded by the successor.
        if not refused_calls:
            rights["Seccomp"] = "2"

        def attack():
            found, caught, own = set(), 0, os.getpid()

            def step():
                nonlocal caught
                for pid in attacker.processes():
                    if pid not in (1, own):
                        caught += take(pid, rights, found)
            attacker.times(seconds, step)
            return sorted(found), caught
        seconds = t.rounds(3, 30)
        begun = attacker.begin(c.pid, names, attack)
        environment = {**ENVIRONMENT, **dict([SECRET.split("=")])}
        joined = attacker.times(seconds - 0.3, lambda: succeeds(c.exec(flags=("--process", path), env=environment)))
        found, caught = attacker.end(begun)
        t.tried("processes that were looked into", caught)
        equal(found, [])
        true(caught > 3, f"{caught} were looked into of {joined}")


@cases("attack", [("signals", "while true; do kill -9 -1; done"),
                  ("stops", "while true; do kill -STOP -1; kill -CONT -1; done", {"shown": "the row signals"})],
       row="container's processes", shown="runc 1.1.5, which tells of an exec that was ended in two lines", timeout=60)
def exec_under_fire(t, script):
    """Processes that signal all they see, as root: an exec gets through or says how it ended; the container, and the next exec,
    are none the worse."""
    with t.container(args=["/bin/sh", "-c", f"trap '' TERM; ({script}) & while true; do sleep 0.05; done"]) as c:
        c.bundle.config["process"]["capabilities"] = {}
        set_capabilities(c.bundle.config, ["CAP_KILL"])
        c.bundle.save()
        c.up()
        outcomes = {}
        for _ in range(t.rounds(25, 1000)):
            made = c.exec("/bin/true", timeout=20)
            outcomes[made.status] = outcomes.get(made.status, 0) + 1
            true(made.status in (0, 137, 255), f"{made.status}: {made.err}")
            if made.status == 255:
                refused(made)
            t.tried("processes that join")
        equal(c.status, "running")
        equal([pid for pid in inside(t, c) if not of_the_program(pid)], [], "processes of the runtime's")


@case("attack", row="container's processes", shown="the container that lives on, in the case, where each exec works", timeout=90)
def container_ends_during_exec(t):
    """The first process ends at each moment of an exec: an error, or the program's own end by SIGKILL; no process is left on the host."""
    for number in range(t.rounds(25, 1000)):
        with t.container(bounded()) as c:
            c.up()
            process = t.spawn("exec", c.id, "/bin/sleep", "600")
            time.sleep(number % 25 * 0.0004)
            os.kill(c.pid, signal.SIGKILL)
            status = process.wait(15)
            true(status in (137, 255), f"exit {status}")
            t.until(lambda: t.reap() is not None and not inside(t, c), "all have ended", 5)
            succeeds(c.delete("--force"))
            is_gone(t, c)
            t.tried("ends")


@cases("attack", [("out", "yes"), ("err", "yes >&2")], row="container's processes", timeout=60,
       shown="runc 1.1.5, whose exec is still there ten seconds after the container was deleted")
def endless_output(t, script):
    """exec without a terminal hands its streams on: who doesn't read holds up the program alone, and kill ends it."""
    with t.container(prepare=lambda bundle: os.symlink("busybox", bundle.path("bin/yes"))) as c:
        c.up()
        reading, writing = os.pipe()
        process = t.spawn("exec", c.id, "/bin/sh", "-c", script, stdout=writing, stderr=writing)
        os.close(writing)
        equal(os.read(reading, 4), b"y\ny\n")
        time.sleep(0.2)
        equal(c.status, "running")
        succeeds(c.exec("/bin/true"))
        before = process.poll()
        equal(before, None)
        with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
            less(int(file.read().split()[1]) * 4096, 64 << 20, "memory of the runtime")
        succeeds(c.delete("--force", timeout=15))
        equal(process.wait(10), 137)
        os.close(reading)


@cases("attack", [("floods", "yes"), ("closes", "exec 0<&- 1>&- 2>&-; sleep 600"), ("hangs-up", "exit 0")], row="container's processes",
       timeout=60, shown="lifecycle/console-socket-root, where the terminal is used as it should be")
def terminal_of_a_container(t, script):
    """Whatever a container does to its terminal, its caller's commands are answered."""
    def edit(config):
        config["process"]["terminal"] = True
    with t.container(edit, ["/bin/sh", "-c", script], prepare=lambda bundle: os.symlink("busybox", bundle.path("bin/yes"))) as c:
        console = ConsoleSocket(t.scratch)
        try:
            process = t.spawn("create", "--bundle", c.bundle.folder, "--console-socket", console.path, c.id)
            _, descriptors = console.receive()
            equal(process.wait(10), 0)
            equal(len(descriptors), 1)
            succeeds(c.start())
            time.sleep(0.2)
            c.state()
            succeeds(c.delete("--force", timeout=15))
            for descriptor in descriptors:
                os.close(descriptor)
        finally:
            console.close()
        is_gone(t, c)


# --- The runtime's program and its state, where the container can reach for them ---

@case("attack", row=("container's processes", "CVE-2019-5736"), hole="self-clone", timeout=60)
def exe_of_what_joins(t):
    """The program of a process that joins, opened by root of the container with CAP_SYS_PTRACE: neither written nor lent."""
    copy = shutil.copy(t.runtime.path, os.path.join(t.folder(), os.path.basename(t.runtime.path)))
    size = os.stat(copy).st_size
    with open(copy, "rb") as file:
        before = file.read()
    t.runtime = Runtime(copy)
    with t.container() as c:
        c.up()

        def attack():
            held, found = [], set()

            def step():
                for pid in attacker.processes():
                    with contextlib.suppress(OSError):
                        handle = os.open(f"/proc/{pid}/exe", os.O_PATH)
                        if len(held) < 100 and os.stat(f"/proc/self/fd/{handle}").st_size == size:
                            held.append(handle)
                            found.update(attacker.successes(handle))
                        else:
                            os.close(handle)
            attacker.times(2, step)
            for handle in held:
                found.update(attacker.successes(handle))
            return sorted(found), len(held)
        begun = attacker.begin(c.pid, own_capabilities(), attack)
        attacker.times(1.7, lambda: c.exec("/bin/true"))
        found, files = attacker.end(begun)
        true(files, "the attacker saw the program")
        equal(found, [])
    with open(copy, "rb") as file:
        true(file.read() == before, "the program is as it was")


@cases("attack", [("read-only", ["rbind", "ro"], {"hole": "any-word-starts"}),
                  ("writable", ["rbind", "rw"], {"hole": "damaged-is-forgotten"})],
       row="container's processes", timeout=60)
def state_in_a_volume(t, options):
    """A volume that has the state root in it is the config's to ask for: what the container writes there is told of, and what it opens
    doesn't start it."""
    def edit(config):
        config["root"]["readonly"] = False
        config["mounts"].append({"destination": "/mnt", "type": "bind", "source": t.root, "options": options})
    os.makedirs(t.root, exist_ok=True)
    script = ("cd /mnt; for d in *; do ls $d >/dev/null; (echo x >$d/start) & (cat $d/result) & echo bad >$d/state.json; done; "
              "echo begun; sleep 600")
    with t.container(args=["/bin/sh", "-c", "echo runs; sleep 600"]) as other, t.container(edit, ["/bin/sh", "-c", script]) as c:
        succeeds(other.create())
        pid = other.pid
        succeeds(c.create())
        true(os.path.exists(f"/proc/{pid}"), "the other waits")
        succeeds(c.start())
        c.wait_output("begun")
        time.sleep(0.2)
        if "ro" in options:
            # A FIFO can be written to on a read-only mount: what is written isn't what start writes.
            true(other.status in ("created", "stopped"), f"the other is {other.status}")
        else:
            for made in (other.state_result(), c.state_result()):
                refused(made, "state.json")
        excludes(other.output(), "runs")
        for each in (other, c):
            succeeds(each.delete("--force", timeout=20))
            t.reap()
            is_gone(t, each)


@cases("attack", [("plain", None), ("user-namespace", with_user_namespace)], row="container's processes", timeout=60,
       shown="by what it holds before start, which the case sees")
def created_container_is_closed(t, edit):
    """What waits for start has the FIFOs of the state open, and what it needs of the root; the program has nothing of it."""
    with t.container(edit) as c:
        succeeds(c.create())
        links = [os.readlink(f"/proc/{c.pid}/fd/{name}") for name in os.listdir(f"/proc/{c.pid}/fd")]
        state = os.path.join(t.root, c.id)
        contains(links, os.path.join(state, "start"))
        equal([link for link in links if link.startswith(state) and os.path.basename(link) not in ("start", "result")], [])
        succeeds(c.start())
        t.until(lambda: sorted(map(int, os.listdir(f"/proc/{c.pid}/fd"))) == [0, 1, 2], "three descriptors and no more")


@case("attack", row="container's processes", shown="a sealed and an unsealed file, both of which run in the case", timeout=30)
def program_of_memory(t):
    """The runtime itself, run from a memory file of the caller's, sealed or not: it protects itself or says that it can't."""
    for seals in (0, 0xF):
        with t.container() as c, open(t.runtime.path, "rb") as program:
            memory = os.memfd_create("raind-oci", os.MFD_ALLOW_SEALING)
            os.sendfile(memory, program.fileno(), 0, os.stat(t.runtime.path).st_size)
            if seals:
                fcntl.fcntl(memory, 1033, seals)
            path = f"/proc/self/fd/{memory}"
            for words in (["create", "--bundle", c.bundle.folder, c.id], ["start", c.id], ["exec", c.id, "/bin/true"]):
                with open(os.path.join(t.scratch, "said"), "w+b") as said:
                    made = subprocess.run([path, "--root", t.root, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                          stderr=said, env=ENVIRONMENT, pass_fds=(memory,), timeout=15, check=False)
                    said.seek(0)
                    equal((made.returncode, said.read()), (0, b""), f"{words[0]}, seals {seals}")
            equal(json.loads(succeeds(c.state_result()).out)["status"], "running")
            os.close(memory)
            excludes([os.readlink(f"/proc/{c.pid}/fd/{name}") for name in os.listdir(f"/proc/{c.pid}/fd")], "/memfd:raind-oci (deleted)")


# --- What it holds on to ---

@cases("attack", [
    ("fills-its-memory", "dd if=/dev/zero of=/dev/shm/x bs=1M 2>/dev/null"), ("mounts", "i=0; while [ $i -lt 300 ]; do mount -t tmpfs x /tmp; "
                                                                             "i=$((i+1)); done"),
    ("mounts-on-the-root", "mount -t tmpfs x /; mount -t tmpfs x /proc; mount -t tmpfs x /dev"),
    ("unmounts", "umount -l /proc; umount -l /dev/pts; umount -l /dev/shm; umount -l /sys"),
    ("holds-files", "exec 3</etc/passwd 4</ 5</proc/1/mem; cd /tmp; sleep 600 & cd /dev/shm"),
], row="container's processes", timeout=60, shown="the container's word, in the case, that it has done so")
def holds_on_to(t, script):
    """Mounts on its own mounts, full file systems, open files: exec works or says what it lacks, and all of it goes."""
    def edit(config):
        set_capabilities(config, own_capabilities())
        config["root"]["readonly"] = False
    before = sorted(layouts.mounts())
    with t.container(edit, ["/bin/sh", "-c", f"{script}; echo begun; sleep 600"]) as c:
        c.up()
        c.wait_output("begun")
        made = c.exec("/bin/true", timeout=10)
        if made.status:
            refused(made)
        c.state()
        succeeds(c.delete("--force", timeout=15))
        is_gone(t, c)
    equal(sorted(layouts.mounts()), before, "mounts of the host")
