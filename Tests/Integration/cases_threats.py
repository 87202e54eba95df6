"""Attacks on the runtime, out of the container or by its image, as they were made on others: none may succeed."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess

from enforcement import attacker, tries
from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import namespace, set_capabilities, with_user_namespace
from harness.probe import Mount, Report, own_capabilities
from harness.runtime import ENVIRONMENT, Runtime
from harness.terminal import ConsoleSocket

# Rows of scripts/attack's table that several stand in.
PROC = "CVE-2019-16884, 2019-19921, 2023-27561, 2023-28642, 2025-54867"
WRITES = "CVE-2025-52881, 2025-62596"
CWD = "CVE-2024-21626, CVE-2025-27612"
DEV = "CVE-2026-41579, 2026-47766"

SECRET = "RAIND_TEST_SECRET=of-the-caller"


def environment():
    return {**ENVIRONMENT, **dict([SECRET.split("=")])}


def id_inside(pid):
    """A process's id in its innermost PID namespace."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return int(next(line for line in lines if line.startswith("NSpid:")).split()[-1])


def joins(config, other, owned):
    """The PID namespace of another container; with a user namespace, that too."""
    namespace(config, "pid")["path"] = f"/proc/{other.pid}/ns/pid"
    if owned:
        with_user_namespace(config)
        namespace(config, "user")["path"] = f"/proc/{other.pid}/ns/user"


@contextlib.contextmanager
def neighbour(t, owned):
    """A running container whose PID namespace others join: the attacker sits there.

    owned: with a user namespace, in which the attacker can have every capability.
    """
    with t.container(with_user_namespace if owned else None) as c:
        c.up()
        yield c


# An attacker who may not look into processes that have more than itself.
PLAIN = ["CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"]
OWNED = [("plain", False), ("user-namespace", True)]
# What a case of a row shows that says nothing of a hole.
UNSEEN = {"hole": None, "shown": "the control: with the capabilities of a user namespace alone it can't be seen at all"}
OWNED_UNSEEN = [("plain", False), ("user-namespace", True, UNSEEN)]
# The kernel asks for a right over the namespace that the runtime's memory belongs to: the host's.
OWNED_REFUSED = [("plain", False), ("user-namespace", True, {
    "hole": None, "shown": "the control: a user namespace's capabilities are none over the host's processes"})]


def control(text):
    return {"hole": None, "shown": f"the control: {text}"}



class OwnCopy:
    """The runtime under test from here on is a copy, which an attack may damage."""

    def __init__(self, t):
        self.original = t.runtime.path
        self.path = shutil.copy(t.runtime.path, os.path.join(t.folder(), os.path.basename(t.runtime.path)))
        t.runtime = Runtime(self.path)
        self.size = os.stat(self.path).st_size
        self._digest = self._now()

    def _now(self):
        with open(self.path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def is_untouched(self):
        equal(self._now(), self._digest, "the runtime's file")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # What is damaged can't clean up.
        if self._now() != self._digest:
            os.unlink(self.path)
            shutil.copy(self.original, self.path)
            raise AssertionError("the runtime's file was overwritten")


# --- The runtime's own process, where the container can see it ---

@cases("enforcement", OWNED_REFUSED, row="CVE-2016-9962", hole="dumpable")
def threat_created_process_is_closed(t, owned):
    """CVE-2016-9962: what waits for start has the runtime's memory, environment and descriptors, and hides them."""
    names = own_capabilities() if owned else PLAIN

    def edit(config):
        joins(config, other, owned)
        # No more than the attacker has: only its not being dumpable protects it.
        set_capabilities(config, PLAIN)
    with neighbour(t, owned) as other, t.container(edit) as c:
        succeeds(c.create(env=environment()))
        pid = id_inside(c.pid)
        seen = attacker.inside(other.pid, names, lambda: attacker.look_into(pid))
        equal({name: word for name, word in seen.items() if word not in ("EACCES", "EPERM")}, {}, "seen before start")
        succeeds(c.start())
        # The program is an ordinary process again: the same look must come out differently.
        t.until(lambda: attacker.inside(other.pid, names, lambda: attacker.look_into(pid))["fd"] == "ok",
                "the program can be looked into", 5)


@cases("enforcement", OWNED_REFUSED, row="CVE-2016-9962", hole="dumpable")
def threat_runtime_is_seen_by_nobody(t, owned):
    """CVE-2016-9962: the same while create runs; whatever can be read of a process is the container's own program's."""
    names = own_capabilities() if owned else PLAIN

    def edit(config):
        joins(config, other, owned)
        set_capabilities(config, PLAIN)

    def attack():
        found, seen = set(), set()

        def step():
            for pid in attacker.processes():
                seen.add(pid)
                with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
                    if SECRET.encode() in file.read():
                        found.add("environment")
                with contextlib.suppress(OSError):
                    for name in os.listdir(f"/proc/{pid}/fd"):
                        if int(name) > 2 and pid != os.getpid():
                            found.add("descriptor " + os.readlink(f"/proc/{pid}/fd/{name}"))
        attacker.times(1.5, step)
        return sorted(found), len(seen)
    with neighbour(t, owned) as other:
        begun = attacker.begin(other.pid, names, attack)
        count = attacker.times(1.2, lambda: _whole_life(t, edit))
        found, seen = attacker.end(begun)
    true(seen > count, f"the attacker saw {seen} processes of {count} containers")
    equal(found, [])


def _whole_life(t, edit):
    with t.container(edit, ["/bin/true"]) as c:
        succeeds(c.create(env=environment()))
        succeeds(c.start())


@case("enforcement", row="CVE-2019-5736", hole="self-clone")
def threat_exe_of_created_process(t):
    """CVE-2019-5736: with every capability, /proc/PID/exe is no way to the runtime's file, running or not.

    (With those of a user namespace alone it can't be seen at all.)
    """
    runtime = OwnCopy(t)
    every = own_capabilities()

    def edit(config):
        joins(config, other, False)
        set_capabilities(config, every)
    with neighbour(t, False) as other, t.container(edit) as c, runtime:
        succeeds(c.create())
        pid = id_inside(c.pid)

        def attack():
            handle = os.open(f"/proc/{pid}/exe", os.O_PATH)
            mine = os.stat(f"/proc/self/fd/{handle}")
            if mine.st_size != runtime.size:
                return "it isn't the runtime's file", {}, {}
            with open("/dev/shm/victim", "w", encoding="ascii") as file:
                file.write("as it was")
            if attacker.overwrite(os.open("/dev/shm/victim", os.O_PATH))["open"] != "ok":
                return "the attack works on nothing", {}, {}
            first = attacker.overwrite(handle)
            os.mkdir("/dev/shm/ready")
            # Once the program has taken the runtime's place and `start` is over, the file isn't busy any more.
            left = attacker.during(5, lambda: os.path.exists("/dev/shm/over")
                                   and os.stat(f"/proc/{pid}/exe").st_ino != mine.st_ino)
            return left, first, attacker.overwrite(handle)
        begun = attacker.begin(other.pid, every, attack)
        shared = f"/proc/{other.pid}/root/dev/shm"
        t.until(lambda: os.path.exists(f"{shared}/ready"), "the attacker holds the file", 5)
        succeeds(c.start())
        os.mkdir(f"{shared}/over")
        left, first, second = attacker.end(begun)
    true(left is True, f"the runtime's file was left: {left}")
    runtime.is_untouched()
    equal([name for name, word in first.items() if word == "ok"], [], "while it waits")
    equal([name for name, word in second.items() if word == "ok"], [], "after it is gone")
    excludes(second.values(), "ETXTBSY", "what hinders it must last")


@cases("enforcement", OWNED_UNSEEN, row="CVE-2019-5736", hole="self-clone")
def threat_exe_during_create(t, owned):
    """CVE-2019-5736: the same while create runs, by one who tries every process that appears."""
    runtime = OwnCopy(t)
    every = own_capabilities()

    def edit(config):
        joins(config, other, owned)
        set_capabilities(config, every)

    def attack():
        # By mount as well: a copy of the mount would be another way in.
        handles, found = [], set()

        def step():
            for pid in attacker.processes():
                with contextlib.suppress(OSError):
                    handle = os.open(f"/proc/{pid}/exe", os.O_PATH)
                    # Nobody else's program is harmed.
                    if len(handles) < 200 and os.stat(f"/proc/self/fd/{handle}").st_size == runtime.size:
                        handles.append(handle)
                        found.update(attacker.successes(handle))
                    else:
                        os.close(handle)
        attacker.times(1.5, step)
        for handle in handles:
            found.update(attacker.successes(handle))
        return sorted(found), len(handles)
    with neighbour(t, owned) as other, runtime:
        begun = attacker.begin(other.pid, every, attack)
        attacker.times(1.2, lambda: _whole_life(t, edit))
        found, files = attacker.end(begun)
    # With the capabilities of a user namespace alone it can't be seen at all.
    equal(files > 0, not owned, "the attacker saw the runtime's file")
    runtime.is_untouched()
    equal(found, [])


# --- Descriptors of the host as a way out ---

def marked(t):
    """A file of the host's, and what stands in it."""
    return t.file("of the host\n", "host-marker"), "of the host"


@cases("enforcement", [("self", "/proc/self/fd"), ("first", "/proc/1/fd"), ("by-a-link", "/trap")],
       row=CWD, hole="descriptors-kept")
def threat_cwd_is_a_descriptor(t, place):
    """CVE-2024-21626: a working directory that is a descriptor of the runtime's lies outside the root file system."""
    path, text = marked(t)
    climb = "../" * 24
    script = f"cat {climb}{path} {climb}proc/1/root{path}; pwd; exit 0"

    def prepare(bundle):
        for number in range(3, 12):
            os.makedirs(bundle.path("trap"), exist_ok=True)
            os.symlink(f"/proc/self/fd/{number}", bundle.path(f"trap/{number}"))
    for number in range(3, 12):
        for below in ("", "/.."):
            cwd = f"{place}/{number}{below}"
            result = t.run(["/bin/sh", "-c", script], lambda config: config["process"].update(cwd=cwd), prepare)
            excludes(result.out, text, cwd)
            if result.status == 0:
                contains(result.out, "/", cwd)
                excludes(result.out, "unreachable", cwd)


@case("enforcement", row=CWD, hole="descriptors-kept")
def threat_program_by_a_descriptor(t):
    """CVE-2024-21626: neither the program nor an interpreter is found through a descriptor of the runtime's."""
    outside = t.folder()
    # A program and no script: its interpreter would look for that once the descriptor is closed.
    shutil.copy(t.programs.busybox, outside)

    def prepare(bundle):
        for number in range(3, 12):
            bundle.write(f"by-{number}", f"#!/proc/self/fd/{number}/../../../../../../../../{outside}/busybox echo\n", 0o755)
    for number in range(3, 12):
        for program in (f"/proc/self/fd/{number}/../../../../../../../..{outside}/busybox", f"/by-{number}"):
            result = t.run([program, "echo", "outside"], prepare=prepare)
            true(result.status != 0, f"{program}: exit 0")
            equal(result.out, "", "what the host's file said")


@case("enforcement")
def threat_entry_point_is_the_runtime(t):
    """CVE-2019-5736: /proc/self/exe as the program, and as an interpreter, is the container's own or nothing."""
    runtime = OwnCopy(t)

    def prepare(bundle):
        bundle.write("script", "#!/proc/self/exe\n", 0o755)
        os.symlink("/proc/self/exe", bundle.path("link"))
    for words in (["/proc/self/exe", "--version"], ["/script"], ["/link", "--version"], ["/proc/1/exe", "--version"]):
        result = t.run(words, prepare=prepare)
        excludes(result.out, runtime.path)
    runtime.is_untouched()


# --- Links in the image ---

def without_mounts(config, *destinations):
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] not in destinations]


def writable(config):
    config["root"]["readonly"] = False


def trap(bundle, name, target):
    """Puts a link in the place of what the image has there."""
    path = bundle.path(name)
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
    os.symlink(target, path)


def contents(folder):
    """Every name below, with its kind and owner."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(place, name)
            about = os.lstat(path)
            found[os.path.relpath(path, folder)] = (about.st_mode, about.st_uid, about.st_rdev, about.st_size)
    return found


@cases("enforcement", [(f"{name}-{kind}", f"/{name}", target,
                         control("the mount of the control groups is refused as well") if name == "sys" else {})
                       for name in ("proc", "sys")
                       for kind, target in (("inside", "/fake"), ("climbing", "../../../fake"),
                                            ("dangling", "/nosuch"))], row=PROC, hole="proc-by-link")
def threat_link_in_place_of_a_file_system(t, name, target):
    """CVE-2019-19921, CVE-2023-27561: labels and settings would be written to files of the image's."""
    def prepare(bundle):
        for part in ("self/attr", "sys/kernel", "fs/cgroup"):
            os.makedirs(bundle.path(f"fake/{part}"))
        trap(bundle, name, target)
    with t.container(args=["/bin/true"], prepare=prepare) as c:
        fails(c.create(out=None, err=None), name)


def dev_is(bundle, outside, how):
    if how == "absolute":
        trap(bundle, "/dev", outside)
    else:
        trap(bundle, "/dev", "../" * 20 + outside.lstrip("/"))


@cases("enforcement", [
    (f"{how}-{'mounted' if mounted else 'bare'}{'-terminal' if terminal else ''}", how, mounted, terminal,
     control("a mount covers the folder") if mounted else {})
    for how in ("absolute", "climbing") for mounted in (True, False) for terminal in (True, False)],
       differs={"runc": "1.1 has CVE-2026-41579", "crun": "1.8 has CVE-2026-47766"}, row=DEV, hole="path-not-in-root")
def threat_dev_is_a_link(t, how, mounted, terminal):
    """CVE-2026-41579, CVE-2026-47766: device nodes and links are made, and ptmx is removed, where the link leads."""
    outside = t.folder()
    # Without a device's name, which would end it before anything is made.
    for name in ("ptmx", "console", "fd"):
        with open(os.path.join(outside, name), "w", encoding="ascii") as file:
            file.write("of the host")
    before = contents(outside)

    def edit(config):
        writable(config)
        if not mounted:
            without_mounts(config, "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue")
        config["process"]["terminal"] = terminal
    with t.container(edit, ["/bin/true"], prepare=lambda bundle: dev_is(bundle, outside, how)) as c:
        # Made inside or refused: either will do.
        c.run()
    equal(contents(outside), before, "the folder on the host")


def fake_link(path):
    # The name of this container's own UTS namespace: harmless, and read-only to it.
    os.symlink("/proc/sys/kernel/domainname", path)


def fake_file(path):
    with open(path, "w", encoding="ascii") as file:
        file.write("of the image")


def fake_zero(path):
    os.mknod(path, 0o20666, os.makedev(1, 5))


@cases("enforcement", [(f"{make.__name__.removeprefix('fake_')}-{'bound' if bound else 'bare'}", make, bound,
                         {} if bound and make is not os.mkdir else control("no create succeeds"))
                       for make in (fake_link, fake_file, fake_zero, os.mkdir) for bound in (False, True)],
       differs={"runc": "1.1 has CVE-2025-31133", "crun": "1.8 takes a file of the image's for it"},
       row="CVE-2025-31133, 2025-62161", hole="mask-by-the-images-null")
def threat_null_is_another(t, make, bound):
    """CVE-2025-31133: what masks a file is the null device, whatever the image, or a volume, calls so."""
    volume = t.folder()

    def edit(config):
        writable(config)
        without_mounts(config, "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue")
        if bound:
            config["mounts"].append({"destination": "/dev", "type": "bind", "source": volume, "options": ["bind"]})
        config["linux"]["maskedPaths"] = ["/masked/file", "/proc/kcore"]
        set_capabilities(config, ["CAP_DAC_OVERRIDE"])

    def prepare(bundle):
        bundle.write("masked/file", "secret")
        make(os.path.join(volume if bound else bundle.path("dev"), "null"))
    script = ("echo '<'; head -c 9 /masked/file; echo '>'; (echo harmed >/proc/kcore) 2>&-; (echo harmed >/masked/file) 2>&-; "
              "cat /proc/sys/kernel/domainname; head -c 9 /masked/file; ls /masked; echo end")
    result = t.run(["/bin/sh", "-c", script], edit, prepare)
    for word in ("secret", "harmed", "\0", "of the image"):
        excludes(result.out, word)
    # Refused, or masked as it should be.
    if result.status == 0:
        true(result.out.startswith("<\n>\n") and result.out.endswith("file\nend\n"), result.out)


@cases("enforcement", [("console", "console", {"differs": {"runc": "1.1 writes through it"}})] + [
    (name.replace("/", "-"), name) for name in ("ptmx", "tty", "fd", "stdin", "pts/0", "pts/ptmx")],
       row="CVE-2025-52565", shown="runc 1.1.5 writes through the console's")
def threat_device_is_a_link(t, name):
    """CVE-2025-52565: a console or a device that the image turns into a link to a file, or to a read-only setting."""
    def edit(config):
        writable(config)
        # With a devpts of its own the terminal can be opened; without, the image's files are in its place.
        without_mounts(config, "/dev", "/dev/shm", "/dev/mqueue", *(["/dev/pts"] if name.startswith("pts/") else []))
        set_capabilities(config, ["CAP_DAC_OVERRIDE", "CAP_CHOWN"])
        config["process"].update(terminal=True, user={"uid": 1000, "gid": 1000})

    def prepare(bundle):
        os.makedirs(bundle.path("dev/pts"), exist_ok=True)
        bundle.write("target", "as it was")
        trap(bundle, f"dev/{name}", "/target" if name != "tty" else "/proc/sys/kernel/domainname")
    with t.container(edit, ["/bin/sh", "-c", "echo harmed >/dev/console"], prepare=prepare) as c:
        console = ConsoleSocket(t.scratch)
        created = c.create("--console-socket", console.path, out=None, err=None)
        if created.status == 0:
            _, descriptors = console.receive()
            c.start()
            c.wait_status("stopped")
            for descriptor in descriptors:
                os.close(descriptor)
        console.close()
        about = os.lstat(c.bundle.path("target"))
        equal((c.bundle.read("target"), about.st_uid, about.st_mode & 0o777), ("as it was", 0, 0o644))


@cases("enforcement", [
    (name, destination, kind) for kind in ("tmpfs", "bind") for name, destination in (
        (f"{kind}-attr", "/proc/self/attr"), (f"{kind}-dots", "/sys/../proc/self/attr"),
        (f"{kind}-slashes", "//proc/./sys//kernel"), (f"{kind}-link", "/link/attr"),
        (f"{kind}-link-to-proc", "/whole/sys"), (f"{kind}-volume", "/volume/trap"))
], differs={"runc": "1.1 lets a tmpfs pass", "crun": "1.8 lets them pass"}, row=(PROC, WRITES), hole="target-in-procfs")
def threat_mount_inside_proc(t, destination, kind):
    """CVE-2019-16884, CVE-2025-52881: a mount below /proc, also by way of a link, would turn writes to it elsewhere."""
    volume = t.folder()
    os.symlink("/proc/sys", os.path.join(volume, "trap"))
    fake = t.folder()

    def edit(config):
        entry = {"destination": destination, "type": kind, "source": fake if kind == "bind" else "tmpfs",
                 "options": ["rbind"] if kind == "bind" else []}
        config["mounts"] += [{"destination": "/volume", "type": "bind", "source": volume, "options": ["rbind"]}, entry]

    def prepare(bundle):
        os.mkdir(bundle.path("volume"))
        trap(bundle, "/link", "/proc/self")
        trap(bundle, "/whole", "proc")
    result = t.run(["/probe", "report", "mounts"], edit, prepare)
    if result.status == 0:
        points = [mount.point for mount in Report(result.out).mounts if mount.point.startswith("/proc/")]
        masks = {"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
                 "/proc/scsi", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
        equal(set(points) - masks, set(), "mounted below /proc")
        true(points.count("/proc/sys") <= 1, "/proc/sys is mounted over")
    equal(contents(fake), {})


@cases("enforcement", [("image", False, False), ("volume", True, False),
                       ("volume-over-proc", True, True, control("refused before anything is written"))],
       differs={"runc": "needs a procfs in the container"}, row=(PROC, WRITES), hole="settings-by-the-containers-proc")
def threat_settings_go_to_the_kernel(t, bound, mounted):
    """CVE-2019-16884, CVE-2025-52881: the files of the image, or of a volume, aren't where settings are written."""
    setting, volume = "sys/net/ipv4/ip_forward", t.folder()

    def edit(config):
        writable(config)
        if not mounted:
            without_mounts(config, "/proc")
        if bound:
            config["mounts"].append({"destination": "/proc", "type": "bind", "source": volume, "options": ["rbind"]})
        config["linux"].update(sysctl={"net.ipv4.ip_forward": "1"}, maskedPaths=[], readonlyPaths=[])
        config["process"]["oomScoreAdj"] = 100

    def prepare(bundle):
        for top in (volume, bundle.path("proc")):
            for name, text in ((setting, "0"), ("self/attr/current", ""), ("self/oom_score_adj", "")):
                path = os.path.join(top, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="ascii") as file:
                    file.write(text)
        before.update(contents(volume), **contents(bundle.path("proc")))
    before = {}
    with t.container(edit, prepare=prepare) as c:
        created = c.create(out=None, err=None)
        if bound and created.status != 0:
            contains(created.err, "/proc")
        else:
            succeeds(created)
            with attacker.joined(f"/proc/{c.pid}/ns/net"), open(f"/proc/{setting}", encoding="ascii") as file:
                equal(file.read().strip(), "1", "the container's network namespace")
        equal(contents(volume) | contents(c.bundle.path("proc")), before)


@case("enforcement", differs={"runc": "1.1 gives up at a FIFO"}, row="image and config at large", hole="copy-through-links")
def threat_copy_up_takes_links_for_links(t):
    """A tmpfs that takes over what the image has there takes nothing of the host's."""
    outside = t.folder()
    with open(os.path.join(outside, "secret"), "w", encoding="ascii") as file:
        file.write("of the host")

    def edit(config):
        for place in ("/data", "/escape"):
            config["mounts"].append({"destination": place, "type": "tmpfs", "source": "tmpfs",
                                     "options": ["tmpcopyup"]})

    def prepare(bundle):
        os.makedirs(bundle.path("data/folder"))
        os.symlink(f"{outside}/secret", bundle.path("data/link"))
        os.symlink(outside, bundle.path("data/folder/link"))
        os.mkfifo(bundle.path("data/fifo"))
        os.makedirs(bundle.path(outside))
        bundle.write(f"{outside}/mine", "of the image")
        trap(bundle, "/escape", outside)
    with t.container(edit, ["/bin/sh", "-c", "ls -A /escape; readlink /data/link; readlink /data/folder/link; "
                                             "cat /data/link; cat /data/folder/link/secret"], prepare=prepare) as c:
        result = c.run()
    excludes(result.out, "of the host")
    excludes(result.out, "\nsecret\n")
    if result.out:
        contains(result.out, f"mine\n{outside}/secret\n{outside}\n")
    equal(sorted(os.listdir(outside)), ["secret"])


# --- What a hostile image or config makes the runtime read, make or wait for ---

@cases("enforcement", [("link", "/trap/node"), ("climbing", "/dev/../../../../../../../../../{outside}/node"),
                       ("dev", "/dev/trap/node")], row=(DEV, "image and config at large"), hole="path-not-in-root")
def threat_device_outside(t, path):
    """A device's path leads out of the root file system, by dots or by the image's links."""
    outside = t.folder()

    def edit(config):
        writable(config)
        without_mounts(config, "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue")
        config["linux"]["devices"] = [{"path": path.format(outside=outside.lstrip("/")), "type": "c", "major": 1,
                                       "minor": 3, "fileMode": 0o666, "uid": 0, "gid": 0}]

    def prepare(bundle):
        os.symlink(outside, bundle.path("trap"))
        os.symlink(outside, bundle.path("dev/trap"))
    # Made inside or refused: either will do.
    t.run(["/bin/true"], edit, prepare)
    equal(os.listdir(outside), [])


def fifo_as_program(bundle):
    os.mkfifo(bundle.path("program"), 0o755)


def fifo_as_interpreter(bundle):
    os.mkfifo(bundle.path("interpreter"), 0o755)
    bundle.write("program", "#!/interpreter\n", 0o755)


def interpreter_of_itself(bundle):
    bundle.write("program", "#!/program\n", 0o755)


def terminal_as_program(bundle):
    os.mknod(bundle.path("program"), 0o20755, os.makedev(5, 0))


def endless_as_program(bundle):
    os.mknod(bundle.path("program"), 0o20755, os.makedev(1, 5))


def link_of_itself(bundle):
    os.symlink("/program", bundle.path("program"))


@cases("enforcement", [(make.__name__.replace("_", "-"), make,
                         {} if make is fifo_as_program else control("refused by the kernel in the end")) for make in (
    fifo_as_program, fifo_as_interpreter, interpreter_of_itself, terminal_as_program, endless_as_program,
    link_of_itself)], row="image and config at large", hole="any-program")
def threat_program(t, make):
    """The runtime looks at the program before it runs: it must not wait there, nor read without end."""
    with t.container(args=["/program"], prepare=make) as c:
        true(c.run(timeout=5).status != 0, "exit 0")
        fails(c.state_result())


@case("enforcement", differs={"runc": "makes it readable by all"}, row="state, pid file", hole="state-for-all")
def threat_state_is_the_owners(t):
    """Who could write the state, or start's FIFOs, would have the runtime's rights."""
    with t.container() as c:
        succeeds(c.create(umask=0))
        top = os.stat(t.root)
        equal((top.st_uid, top.st_mode & 0o077), (0, 0), "the state root")
        for place, folders, files in os.walk(t.root):
            for name in (*folders, *files):
                about = os.lstat(os.path.join(place, name))
                equal((about.st_uid, about.st_mode & 0o022), (0, 0), name)


@case("enforcement", differs={"crun": "1.8 writes through it"}, row="state, pid file", hole="pid-file-through-links")
def threat_pid_file_is_a_link(t):
    """Written anew in its place: what it points to stays as it was."""
    target = t.file("as it was", "target")
    link = os.path.join(t.scratch, "pid")
    os.symlink(target, link)
    with t.container() as c:
        succeeds(c.create("--pid-file", link))
        with open(target, encoding="ascii") as file:
            equal(file.read(), "as it was")
        true(not os.path.islink(link), "the link is gone")


@case("enforcement", timeout=60, raind_only="peers give up with words of their own", row="image and config at large",
      shown="by the tree: it is deeper than a path is long, and than the caller has descriptors")
def threat_copy_up_without_end(t):
    """A tree that is deeper than a path can be long, or than there are descriptors."""
    depth = 1500

    def prepare(bundle):
        os.mkdir(bundle.path("data"))
        at = os.open(bundle.path("data"), os.O_RDONLY)
        for _ in range(depth):
            os.mkdir("folder", dir_fd=at)
            below = os.open("folder", os.O_RDONLY, dir_fd=at)
            os.close(at)
            at = below
        os.close(at)
    with t.container(lambda config: config["mounts"].append(
            {"destination": "/data", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}),
            ["/bin/true"], prepare=prepare) as c:
        try:
            result = c.run()
        finally:
            # Too deep for what clears the scratch folder.
            subprocess.run(["rm", "-rf", c.bundle.path("data")], check=True)
        # Copied, or refused with a word; not ended by a signal.
        true(result.status == 0 or result.status == 1 and "raind-oci: " in result.err, result.err[-300:])


@cases("enforcement", [("own-namespace", True), ("no-namespace", False)],
       differs=dict.fromkeys(("runc", "crun"), "leaves the folder of v1's hierarchies writable"),
       row="CVE-2022-0492, CVE-2023-25809", hole="cgroups-writable")
def threat_cgroup_of_the_host(t, own):
    """CVE-2022-0492, CVE-2023-25809: the container sees its own group, no release agent, and can write nothing."""
    script = """
        busybox find /sys/fs/cgroup -name release_agent
        for f in $(busybox find /sys/fs/cgroup -type f -maxdepth 2); do
            seen=yes
            (echo 1 >$f) 2>&- && echo written $f
        done
        for d in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $d/raind-test-new 2>&- && echo made $d; done
        echo end $seen"""

    def edit(config):
        set_capabilities(config, ["CAP_DAC_OVERRIDE"])
        if own:
            config["linux"]["namespaces"].append({"type": "cgroup"})
    equal(t.run(["/bin/sh", "-c", script], edit).out, "end yes\n")


# --- The config's own numbers ---

@cases("spec", [("300", 300, control("as many as there may be")), ("341", 341), ("2000", 2000)],
       row="CVE-2021-43784", hole="maps-cut")
def threat_maps_are_whole(t, count):
    """CVE-2021-43784: more id mappings than the kernel takes are an error, and never the first of them alone."""
    def edit(config):
        with_user_namespace(config)
        for kind in ("uid", "gid"):
            config["linux"][f"{kind}Mappings"] = [
                {"containerID": number, "hostID": 100000 + 2 * number, "size": 1} for number in range(count)]
    with t.container(edit, ["/probe", "report", "namespaces"]) as c:
        result = c.run()
        if result.status == 0:
            report = Report(result.out)
            equal([len(report[name].splitlines()) for name in ("uidMap", "gidMap")], [count, count])
        elif t.runtime.is_raind:
            contains(result.err, "appings")


@cases("spec", [("none", [], 0, control("nothing is asked for")), ("some", [5], 1)],
       differs=dict.fromkeys(("runc", "crun"), "passes over it"),
       row="supplementary groups", hole="groups-denied")
def threat_groups_that_may_not_be_set(t, groups, status):
    """A user namespace where setgroups(2) is denied: nothing to set is left alone, what can't be set an error."""
    process = attacker.user_namespace_without_groups()
    try:
        def edit(config):
            with_user_namespace(config)
            namespace(config, "user")["path"] = f"/proc/{process}/ns/user"
            config["process"]["user"]["additionalGids"] = groups
        result = t.run(["/bin/echo", "ran"], edit)
        equal((result.status, result.out), (status, "" if status else "ran\n"), result.err)
        if status:
            contains(result.err, "setgroups")
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


@cases("spec", [(f"{member}-{name}", member, value) for member in ("uid", "gid") for name, value in (
    ("minus-one", "-1"), ("unset", "4294967295"), ("wrapped", "4294967296"), ("wrapped-twice", "18446744073709551616"),
    ("text", '"0"'), ("fraction", "0.5"), ("exponent", "1e400"), ("true", "true"), ("array", "[0]"),
    ("negative-zero-fraction", "-0.1"))], differs={"runc": "1.1 takes some for 0", "crun": "1.8 takes some for 0"},
       row="CVE-2026-30892", hole="ids-as-they-read")
def threat_ids_that_are_none(t, member, value):
    """CVE-2026-30892: what isn't a user id must not end as root's. (4294967295 tells the kernel to change nothing.)"""
    marker = 123454321
    with t.container(lambda config: config["process"]["user"].update({"uid": 1000, "gid": 1000, member: marker}),
                     ["/probe", "report", "ids"]) as c:
        with open(c.bundle.config_path, encoding="utf-8") as file:
            text = file.read()
        with open(c.bundle.config_path, "w", encoding="utf-8") as file:
            file.write(text.replace(str(marker), value))
        fails(c.run(), f"/process/user/{member}")


@cases("spec", [("process", '"process"', {"args": ["/bin/echo", "second"]}),
                ("flag", '"noNewPrivileges"', False),
                ("escaped", '"no\\u004eewPrivileges"', False)], raind_only="others take one of the two",
       row="image and config at large", hole="member-twice")
def threat_member_given_twice(t, key, value):
    """What checked the config and what runs it could each take another one."""
    with t.container(args=["/bin/echo", "first"]) as c:
        with open(c.bundle.config_path, encoding="utf-8") as file:
            text = file.read()
        place = text.index("{") if key == '"process"' else text.index("{", text.index('"process"'))
        with open(c.bundle.config_path, "w", encoding="utf-8") as file:
            file.write(text[:place + 1] + f"{key}: {json.dumps(value)}, " + text[place + 1:])
        result = fails(c.run(), "config.json")
        excludes(result.out, "first")
        excludes(result.out, "second")


# --- Calls that are newer than the filter ---

@cases("spec", [
    # What refuses, and what is said of the known and of the newer one.
    ("errno", {"defaultAction": "SCMP_ACT_ERRNO"}, "EPERM", "ENOSYS"),
    ("errno-given", {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 19}, "ENODEV", "ENODEV",
     control("an errno is given")),
    ("kill", {"defaultAction": "SCMP_ACT_KILL_PROCESS"}, "signal 31", "ENOSYS"),
    ("trap", {"defaultAction": "SCMP_ACT_TRAP"}, "signal 31", "ENOSYS"),
    ("log", {"defaultAction": "SCMP_ACT_LOG"}, "EOPNOTSUPP", "EINVAL", control("the default allows")),
], raind_only="others' tables end elsewhere", row="calls newer than the filter", hole="newer-calls-as-the-rest")
def threat_calls_newer_than_the_filter(t, members, known, newer):
    """A C library that asks for a new call must learn that it isn't there, not that it is forbidden."""
    config = tries.applied(t, "unconfined")
    config["linux"]["seccomp"] = {**members, "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
        {"names": sorted(tries.known_calls() - {"keyctl"}), "action": "SCMP_ACT_ALLOW"}]}
    equal(tries.outcomes(t, config, ["keyctl", "file_getattr"]), [known, newer])


@case("spec", row="seccomp that can't be had", hole="filter-cut")
def threat_filter_that_is_too_long(t):
    """The kernel takes 4096 instructions: more is an error, not a filter that lacks its end."""
    config = tries.applied(t, "unconfined")
    config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["personality"], "action": "SCMP_ACT_ERRNO",
         "args": [{"index": 0, "value": number + (8 << 32 if number > 8 else 0), "op": "SCMP_CMP_EQ"}]}
        for number in range(5000, -1, -1)]}

    def prepare(bundle):
        bundle.config = config
        config["process"]["args"] = ["/probe", "try", "personality(PER_LINUX32)"]
    result = t.run([], prepare=prepare)
    if result.status == 0:
        contains(result.out, "EPERM")
    else:
        excludes(result.out, "try")
        if t.runtime.is_raind:
            contains(result.err, "seccomp")
