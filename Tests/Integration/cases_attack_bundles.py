"""Bundles that are made to break what reads them: each is refused with a line that names the place, or works; in little time and
memory, and nothing is left."""

import contextlib
import json
import os
import resource
import shutil
import socket
import subprocess
import time

from attack.words import refused
from harness import case, cases, contains, equal, false, less, succeeds, true
from harness import layout as layouts
from harness.bundle import with_user_namespace
from harness.probe import Report
from harness.runtime import Result

SECONDS = 10


# --- What a call may take ---

def call(t, *words, seconds=SECONDS, megabytes=400, **options):
    """A call that takes so much time and memory at most; what it takes is told."""
    with open(os.path.join(t.scratch, "err"), "w+b") as err:
        began = time.monotonic()
        process = subprocess.Popen([t.runtime.path, "--root", t.root, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=err, **options)
        end = began + seconds
        pid, status, usage = 0, 0, None
        while pid == 0:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid == 0 and time.monotonic() > end:
                process.kill()
                process.wait()
                raise AssertionError(f"{words}: not over within {seconds} s")
            time.sleep(0.002)
        process.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        said = err.read().decode("utf-8", "surrogateescape")
    # A process that is executed has the largest size of before, too: this one's.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    less(usage.ru_maxrss, own + megabytes * 1024, f"{words[0]}: KiB of memory")
    code = process.returncode
    return Result(f"{t.runtime.name} {' '.join(words)}", 128 - code if code < 0 else code, "", said, time.monotonic() - began)


def is_gone(t, c):
    """Nothing of it is left without anybody's deleting it."""
    false(os.path.lexists(os.path.join(t.root, c.id)), "there is a state folder")
    equal(layouts.folders_named(c.id), [], "control groups")


def refuses(t, *parts, edit=None, prepare=None, args=("/bin/true",), raw=None, **limits):
    """create refuses it, and nothing is left."""
    with t.container(edit, args, prepare=prepare) as c:
        if raw is not None:
            with open(c.bundle.config_path, "wb") as file:
                file.write(raw)
        made = call(t, "create", "--bundle", c.bundle.folder, c.id, **limits)
        refused(made, *parts, status=1)
        is_gone(t, c)
    t.tried("bundles")


def works(t, edit=None, prepare=None, args=("/bin/true",), **limits):
    """It is created, started and deleted."""
    with t.container(edit, args, prepare=prepare) as c:
        for words in (["create", "--bundle", c.bundle.folder, c.id], ["start", c.id], ["state", c.id], ["delete", "--force", c.id]):
            made = call(t, *words, **limits)
            equal((made.status, made.err), (0, ""), words[0])
        is_gone(t, c)
    t.tried("bundles")


def either(t, *parts, edit=None, prepare=None, args=("/bin/true",), **limits):
    """Legal, or told at create, or at start; in any case it goes."""
    with t.container(edit, args, prepare=prepare) as c:
        made = call(t, "create", "--bundle", c.bundle.folder, c.id, **limits)
        if made.status != 0:
            refused(made, *parts, status=1)
        else:
            started = call(t, "start", c.id, **limits)
            if started.status != 0:
                refused(started, *parts, status=1)
            succeeds(call(t, "delete", "--force", c.id))
        is_gone(t, c)
    t.tried("bundles")


# --- Something else in a file's place ---

def a_fifo(path):
    os.mkfifo(path, 0o777)
    os.chmod(path, 0o777)


def a_socket(path):
    here = os.getcwd()
    os.chdir(os.path.dirname(path))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.basename(path))
    os.chdir(here)


def a_folder(path):
    os.mkdir(path)


def a_loop(path):
    os.symlink(path, path)


def a_link_to_nothing(path):
    os.symlink("/nosuch", path)


def a_link_to_zeros(path):
    os.symlink("/dev/zero", path)


def a_terminal(path):
    os.symlink("/dev/tty", path)


def memory(path):
    os.symlink("/proc/self/mem", path)


def zeros(path):
    os.mknod(path, 0o20777, os.makedev(1, 5))
    os.chmod(path, 0o777)


def no_driver(path):
    # Major numbers 240 to 254 are nobody's.
    os.mknod(path, 0o20777, os.makedev(240, 7))


def a_disk(path):
    os.mknod(path, 0o60777, os.makedev(7, 0))


def nothing(_):
    pass


def a_hole(path):
    with open(path, "wb") as file:
        file.truncate(1 << 33)
    os.chmod(path, 0o755)


OTHERS = (a_fifo, a_socket, a_folder, a_loop, a_link_to_nothing, a_link_to_zeros, a_terminal, memory, zeros, no_driver, a_disk, nothing)


def by(hole):
    """Options of a row: what it was shown to detect is a hole, whatever the other rows were shown to."""
    return {"hole": hole, "shown": None}


# What peers do, where that is what the case looks for.
CRUN_MAKES = {"hole": None, "shown": "crun 1.8.1 makes the container"}
CRUN_CUTS = {"hole": None, "shown": "crun 1.8.1 cuts the name at its NUL, and makes the container"}
MAKES = {"hole": None, "shown": "runc 1.1.5 makes the container"}
NAMES_ALL = {"hole": None, "shown": "runc 1.1.5 names all of it in its error"}
NAMES_NO_PLACE = {"hole": None, "shown": "runc 1.1.5, whose error doesn't name the place in config.json"}
OTHER_ROWS = {"hole": None, "shown": "the hole of the other rows"}
LEFT = by("left-at-failure")


def rows(*made, own=()):
    """own: options of some of them."""
    own = dict(own)
    return [(make.__name__.replace("_", "-"), make, *([own[make]] if make in own else [])) for make in made]


NAMELESS = {"shown": "runc 1.1.5 says what it has read and names no file"}
ENDLESS = {"shown": "crun 1.8.1, which reads for ever"}


@cases("attack", rows(*OTHERS, a_hole, own={a_fifo: by("any-file-read"), a_link_to_zeros: ENDLESS, a_hole: ENDLESS,
                                            zeros: NAMELESS, a_disk: NAMELESS}),
       row="bundles", shown="the hole of the row a-fifo; this file the kernel refuses, and runc 1.1.5 names it, too")
def config_is(t, make):
    """In place of config.json: told at once, and named."""
    with t.container(args=["/bin/true"]) as c:
        os.unlink(c.bundle.config_path)
        make(c.bundle.config_path)
        for words in (["create", "--bundle", c.bundle.folder, c.id], ["run", "--bundle", c.bundle.folder, c.id]):
            refused(call(t, *words), "config.json", status=1)
        is_gone(t, c)
    t.tried("bundles")


@case("attack", row="bundles", shown="the same FIFO as config.json in the bundle, which is refused")
def config_is_a_pipe_of_the_callers(t):
    """What the caller names itself may be one: --config <(program)."""
    with t.container(args=["/bin/true"]) as c:
        reading, writing = os.pipe()
        with open(c.bundle.config_path, "rb") as file:
            os.write(writing, file.read())
        os.close(writing)
        try:
            succeeds(c.create("--config", f"/dev/fd/{reading}", fds=(reading,)))
        finally:
            os.close(reading)


@cases("attack", rows(a_fifo, a_socket, a_loop, a_link_to_nothing, a_link_to_zeros, zeros, a_disk, nothing, a_hole), row="bundles",
       hole="left-at-failure")
def rootfs_is(t, make):
    """In place of the root file system."""
    def prepare(bundle):
        shutil.rmtree(bundle.rootfs)
        make(bundle.rootfs)
    refuses(t, "/root/path", prepare=prepare)


@cases("attack", rows(a_fifo, a_socket, a_folder, a_loop, a_link_to_nothing, a_link_to_zeros, zeros, no_driver, a_disk, nothing,
                      a_hole, own={a_fifo: by("any-program")}),
       row="bundles", shown="the hole of the row a-fifo; this file the kernel refuses to execute, too")
def program_is(t, make):
    """In place of the program, and of a script's interpreter."""
    either(t, "exec: ", prepare=lambda bundle: make(bundle.path("prog")), args=["/prog"])

    def prepare(bundle):
        make(bundle.path("prog"))
        bundle.write("script", "#!/prog\n", 0o755)
    either(t, "exec: ", prepare=prepare, args=["/script"])


@cases("attack", [
    ("empty", b""), ("noise", bytes(range(256)) * 8), ("head-of-elf", b"\x7fELF" + b"\xff" * 4096), ("itself", b"#!/prog\n"),
    ("long-line", b"#!/" + b"a" * 300_000), ("zeros", bytes(1 << 20)), ("no-line", b"#!"), ("dots", b"#!" + b"/.." * 3000),
    ("control-characters", b"#!/\x1b[31m\x07\x9b2J\n", by("control-characters")),
    ("many-headers", b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00\x01\x00\x00\x00" + b"\xff" * 40 + b"\xff\xff" * 6)],
       row="bundles", shown="runc 1.1.5 and crun 1.8.1, whose create and start succeed")
def program_holds(t, data):
    """A program that is none."""
    def prepare(bundle):
        with open(bundle.path("prog"), "wb") as file:
            file.write(data)
        os.chmod(bundle.path("prog"), 0o755)
    with t.container(args=["/prog"], prepare=prepare) as c:
        made = call(t, "create", "--bundle", c.bundle.folder, c.id)
        if made.status == 0:
            made = call(t, "start", c.id)
        refused(made, "exec: ", status=1)
    t.tried("bundles")


UNREAD = {"shown": "runc 1.1.5 makes no container where it can't read the file"}


@cases("attack", rows(a_fifo, a_socket, a_folder, a_loop, a_link_to_nothing, a_link_to_zeros, zeros, no_driver, a_disk, nothing,
                      a_hole, own={a_fifo: by("any-passwd"), a_folder: UNREAD, a_link_to_zeros: UNREAD, zeros: UNREAD,
                                   a_hole: UNREAD}),
       row="bundles", shown="the control in the case: a passwd that names a home, which becomes HOME")
def passwd_is(t, make):
    """In place of /etc/passwd, where HOME is looked up; links lead nowhere but in the image."""
    def edit(config):
        config["process"]["user"]["uid"] = 1000
        config["process"]["env"] = ["PATH=/bin"]

    def prepare(bundle):
        os.unlink(bundle.path("etc/passwd"))
        make(bundle.path("etc/passwd"))
    equal(t.report("words", edit=edit).environment.count("HOME=/home/user"), 1, "the control")
    with t.container(edit, ["/probe", "report", "words"], prepare=prepare) as c:
        ran = succeeds(c.run(timeout=SECONDS))
        equal([word for word in Report(ran.out).environment if word.startswith("HOME=")], ["HOME=/"])
    t.tried("bundles")


@cases("attack", rows(a_fifo, a_socket, a_folder, a_loop, a_link_to_nothing, zeros, no_driver, nothing), row="bundles",
       hole="left-at-failure")
def hook_is(t, make):
    """In place of a hook's program, for each of the hooks."""
    path = os.path.join(t.scratch, "hook")
    make(path)
    for kind in ("prestart", "createRuntime"):
        refuses(t, f"/hooks/{kind}/0", edit=lambda config, kind=kind: config.update(hooks={kind: [{"path": path}]}))


@cases("attack", rows(a_fifo, a_socket, a_folder, a_loop, a_link_to_nothing, zeros, a_disk, nothing,
                      own={a_loop: LEFT, a_link_to_nothing: LEFT, nothing: LEFT}), row="bundles",
       shown="the hole of the row a-loop; this can be mounted, by runc 1.1.5, too")
def mount_source_is(t, make):
    """Anything can be bound, on a file or on nothing yet; what leads nowhere is told."""
    path = os.path.join(t.scratch, "source")
    make(path)
    either(t, "/mounts/7", edit=lambda config: (
        config["root"].update(readonly=False),
        config["mounts"].append({"destination": "/mnt/bound", "type": "bind", "source": path, "options": ["bind"]})))


# --- Very many, very long ---

def many(count, make):
    return [make(number) for number in range(count)]


def mounts(config, count, destination):
    config["root"]["readonly"] = False
    config["mounts"] += many(count, lambda n: {"destination": destination.format(n), "type": "tmpfs", "source": "tmpfs"})


MANY = [
    ("annotations", lambda config: config.update(annotations={f"a{n}": "v" * 20 for n in range(100_000)})),
    ("devices", lambda config: config["linux"].update(devices=many(10_000, lambda n: {
        "path": f"/dev/d{n}", "type": "c", "major": 1, "minor": 3}))),
    ("device-rules", lambda config: config["linux"]["resources"].update(devices=many(10_000, lambda n: {
        "allow": n % 2 == 1, "type": "c", "major": 1 + n % 200, "minor": n, "access": "rwm"}))),
    ("hooks", lambda config: config.update(hooks={"poststop": many(300, lambda n: {"path": "/bin/true"})})),
    ("masked-paths", lambda config: config["linux"].update(maskedPaths=many(10_000, "/proc/none-{}".format))),
    ("read-only-paths", lambda config: config["linux"].update(readonlyPaths=many(10_000, "/proc/none-{}".format))),
    ("groups", lambda config: config["process"]["user"].update(additionalGids=list(range(60_000)))),
    ("env", lambda config: config["process"].update(env=many(20_000, "A{}=x".format))),
    ("args", lambda config: config["process"].update(args=["/bin/true"] + ["x"] * 100_000)),
    ("hooks-with-env", lambda config: config.update(hooks={"createRuntime": [
        {"path": "/bin/true", "env": many(20_000, "A{}=x".format), "args": ["true"] + ["x"] * 20_000}]})),
    ("syscalls", lambda config: config["linux"].update(seccomp={"defaultAction": "SCMP_ACT_ALLOW", "syscalls": many(
        800, lambda n: {"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "args": [
            {"index": 1, "value": n, "op": "SCMP_CMP_EQ"}]})})),
]


@cases("attack", [(name, edit) for name, edit in MANY], row="bundles", timeout=60,
       shown="runc 1.1.5, by a-gigabyte-of-environment, where it takes more memory than the case gives; here it takes less")
def many_are_taken(t, edit):
    """A great many of what is legal: it works, in seconds, and in memory that is in proportion."""
    works(t, edit, seconds=30)


@cases("attack", [("one-by-one", "/tmp/m{}", 10_000, 2_000), ("on-each-other", "/tmp", 3_000, 500)], row="bundles", timeout=90,
       shown="runc 1.1.5, by a-gigabyte-of-environment, where it takes more memory than the case gives; here it takes less")
def mounts_are_many(t, destination, thorough, short):
    """Each is a mount of the kernel's; all of them go with the container."""
    works(t, lambda config: mounts(config, t.rounds(short, thorough), destination), seconds=60)


TWICE = [
    ("namespaces", lambda config: config["linux"]["namespaces"].extend([{"type": "uts"}] * 2_000), "/linux/namespaces/"),
    ("rlimits", lambda config: config["process"]["rlimits"].extend(config["process"]["rlimits"] * 2_000), "/process/rlimits/"),
    ("namespaces-of-none", lambda config: config["linux"]["namespaces"].extend(many(2_000, lambda n: {"type": f"n{n}"})),
     "/linux/namespaces/"),
    ("actions", lambda config: config["linux"].update(seccomp={"defaultAction": "SCMP_ACT_ALLOW", "syscalls": many(
        2_000, lambda n: {"names": ["read"], "action": f"SCMP_ACT_{n}"})}), "/linux/seccomp/syscalls/"),
    ("sysctl", lambda config: config["linux"].update(sysctl={f"net.ipv4.none{n}": "1" for n in range(2_000)}), "/linux/sysctl",
     LEFT),
    ("mappings", lambda config: (with_user_namespace(config), config["linux"].update(uidMappings=many(
        2_000, lambda n: {"containerID": n, "hostID": 100_000 + n, "size": 1}))), "/linux/uidMappings", by("maps-cut")),
    ("types", lambda config: config.update(mounts=[5] * 2_000), "/mounts/"),
]


@cases("attack", TWICE, row="bundles", hole="errors-at-length")
def many_are_refused(t, edit, part):
    """A great many problems are three and a number."""
    refuses(t, part, edit=edit, seconds=30)


@case("attack", row="bundles", hole="warnings-at-length")
def warnings_are_many(t):
    """A caller that doesn't read standard error isn't waited for."""
    def edit(config):
        config["process"]["capabilities"]["bounding"] += many(1_000, "CAP_NONE_{}".format)
    with t.container(edit) as c:
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen([t.runtime.path, "--root", t.root, "create", "--bundle", c.bundle.folder, c.id],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing)
            os.close(writing)
            equal(process.wait(25), 0)
            said = os.read(reading, 1 << 20).decode()
        finally:
            process.kill()
            process.wait()
            os.close(reading)
        contains(said, "CAP_NONE_")
        contains(said, "more: raind-oci plan BUNDLE lists all")
        less(len(said), 1 << 14, "bytes of warnings")


LONG = 10_000_000
TOO_LONG = [
    ("cwd", lambda config: config["process"].update(cwd="/" + "a" * LONG), "make working directory"),
    ("cwd-that-is-relative", lambda config: config["process"].update(cwd="a" * LONG), "/process/cwd"),
    ("program", lambda config: config["process"].update(args=["/" + "a" * 5000]), "exec: ", NAMES_ALL),
    ("program-in-path", lambda config: config["process"].update(args=["a" * LONG]), "exec: ", NAMES_ALL),
    ("root", lambda config: config["root"].update(path="/" + "a" * LONG), "/root/path"),
    ("destination", lambda config: config["mounts"].append(
        {"destination": "/tmp/" + "a" * LONG, "type": "tmpfs", "source": "tmpfs"}), "/mounts/7"),
    ("destination-of-many", lambda config: config["mounts"].append(
        {"destination": "/tmp" + "/d" * 5000, "type": "tmpfs", "source": "tmpfs"}), "/mounts/7"),
    ("source", lambda config: config["mounts"].append(
        {"destination": "/mnt", "type": "bind", "source": "/" + "a" * LONG, "options": ["bind"]}), "/mounts/7"),
    ("type", lambda config: config["mounts"].append({"destination": "/mnt", "type": "a" * LONG, "source": "x"}), "/mounts/7"),
    ("option", lambda config: config["mounts"].append(
        {"destination": "/mnt", "type": "tmpfs", "source": "x", "options": ["a" * LONG]}), "/mounts/7", NAMES_ALL),
    ("hook", lambda config: config.update(hooks={"createRuntime": [{"path": "/" + "a" * LONG}]}), "/hooks/createRuntime/0"),
    ("hook-argument", lambda config: config.update(hooks={"createRuntime": [
        {"path": "/bin/true", "args": ["true", "a" * LONG]}]}), "/hooks/createRuntime/0", LEFT),
    ("hostname", lambda config: config.update(hostname="a" * LONG), "/hostname", NAMES_NO_PLACE),
    ("hostname-of-65", lambda config: config.update(hostname="a" * 65), "/hostname", NAMES_NO_PLACE),
    ("control-group", lambda config: config["linux"].update(cgroupsPath="/raind-test-" + "a" * LONG), "cgroup"),
    ("control-groups-of-many", lambda config: config["linux"].update(cgroupsPath="/raind-test-deep" + "/d" * 3000), "cgroup"),
    ("capability", lambda config: config["process"]["capabilities"].update(ambient=["A" * LONG]), "/process/capabilities",
     OTHER_ROWS),
    ("namespace", lambda config: config["linux"]["namespaces"].append({"type": "cgroup", "path": "/" + "a" * LONG}),
     "/linux/namespaces/5"),
    ("annotation", lambda config: config.update(annotations={"a" * LONG: 5}), "/annotations"),
    ("device", lambda config: config["linux"].update(devices=[
        {"path": "/dev/" + "a" * LONG, "type": "c", "major": 1, "minor": 3}]), "/linux/devices/0", NAMES_ALL),
    ("sysctl", lambda config: config["linux"].update(sysctl={"net." + "a" * LONG: "1"}), "/linux/sysctl"),
    ("version", lambda config: config.update(ociVersion="1.0." + "0" * LONG), "/ociVersion"),
    ("member-without-meaning", lambda config: config.update({"x" * LONG: 1, "process": 5}), "/process", NAMES_NO_PLACE),
    ("argument", lambda config: config["process"].update(args=["/bin/true", "a" * 200_000]), "exec: ", MAKES),
    ("arguments", lambda config: config["process"].update(args=["/bin/true"] + ["a" * 100_000] * 80), "exec: ", MAKES),
    ("environment", lambda config: config["process"].update(env=many(80, lambda n: f"A{n}=" + "a" * 100_000)), "exec: ", MAKES),
]


@cases("attack", TOO_LONG, row="bundles", hole="errors-at-length")
def too_long(t, edit, part):
    """Millions of bytes where a name is expected: refused by who finds out first, in a line that a person can read."""
    with t.container(edit, ["/bin/true"]) as c:
        made = call(t, "create", "--bundle", c.bundle.folder, c.id)
        if c.bundle.config["process"] != 5 and made.status == 0:
            made = call(t, "start", c.id)
            succeeds(call(t, "delete", "--force", c.id))
        if made.status or "warning" not in made.err:
            if part == "/process/capabilities" or name_is_free(part):
                less(len(made.err), 10_000, "bytes of the error")
            else:
                refused(made, *(() if len(part) < 8 else (part,)), status=1)
        is_gone(t, c)
    t.tried("bundles")


def name_is_free(part):
    """A name that nobody has to know."""
    return part in ("/annotations", "/linux/devices/0")


@case("attack", row="bundles", shown="runc 1.1.5 reads all of it, and takes 1.1 GiB of memory for 200 MB of text", timeout=60)
def a_gigabyte_of_environment(t):
    """More than anybody could mean isn't read, however it is written."""
    with t.container(args=["/bin/true"]) as c:
        with open(c.bundle.config_path, encoding="utf-8") as file:
            text = file.read()
        before, _, after = text.partition('"env": [')
        for kind in ("one", "many", "blanks"):
            with open(c.bundle.config_path, "w", encoding="utf-8") as file:
                file.write(before + '"env": [')
                if kind == "one":
                    file.write('"A=' + "x" * 10_000_000)
                    file.flush()
                    for _ in range(t.rounds(20, 99)):
                        file.write("x" * 10_000_000)
                    file.write('", ')
                elif kind == "many":
                    part = "".join(f'"A{n}={"x" * 1000}", ' for n in range(10_000))
                    for _ in range(t.rounds(20, 99)):
                        file.write(part)
                else:
                    for _ in range(t.rounds(20, 99)):
                        file.write(" " * 10_000_000)
                file.write(after)
            refused(call(t, "create", "--bundle", c.bundle.folder, c.id, megabytes=100), "config.json is larger than", status=1)
            is_gone(t, c)
            t.tried("bundles")


@cases("attack", [
    ("numbers", b"[", b"1,", b"1]"), ("objects", b"[", b"{},", b"{}]"), ("members", b'{"a":[', b'{"b":1},', b"5]}"),
    ("strings", b'{"a":"', b"\\u0001", b'"}'), ("quotes", b'{"a":"', b'\\"', b'"}'), ("blanks", b"{", b"\n", b"}")],
       row="bundles", shown="runc 1.1.5, which has no largest size, reads what is longer, too")
def json_of_the_largest_size(t, head, part, tail):
    """As long as a config may be, with as many values as it may have: memory is a known multiple."""
    size = 16 << 20
    raw = head + part * ((size - len(head) - len(tail)) // len(part)) + tail
    refuses(t, raw=raw, megabytes=350)
    refuses(t, "config.json is larger than 16 MiB", raw=raw + b" " * len(part) * 2 + b" " * 10)


# --- Text that isn't ---

TEXTS = [
    ("nothing", b""), ("blank", b" \n"), ("nul", b"\0"), ("mark", b"\xef\xbb\xbf{}"), ("utf-16", "{}".encode("utf-16")),
    ("utf-32", "{}".encode("utf-32")), ("latin", b'{"a":"\xe9"}'), ("overlong", b'{"a":"\xc0\xaf"}'),
    ("surrogate-in-utf-8", b'{"a":"\xed\xa0\x80"}'), ("beyond-unicode", b'{"a":"\xf4\x90\x80\x80"}'),
    ("high-surrogate", b'{"a":"\\ud800"}'), ("low-surrogate", b'{"a":"\\udc00"}'), ("surrogates-turned", b'{"a":"\\udc00\\ud800"}'),
    ("nul-in-a-string", b'{"a":"\0"}'), ("newline-in-a-string", b'{"a":"\n"}'), ("half-an-escape", b'{"a":"\\u12"}'),
    ("twice", b'{"a":1,"a":2}'), ("twice-escaped", b'{"\\u0061":1,"a":2}'), ("comma", b'{"a":1,}'), ("comment", b"{/**/}"),
    ("two", b"{}{}"), ("half", b'{"ociVersion":"1.0.2"'), ("quotes", b"{'a':1}"), ("not-a-number", b'{"a":NaN}'),
    ("hexadecimal", b'{"a":0x10}'), ("zero-first", b'{"a":01}'), ("plus", b'{"a":+1}'), ("minus", b'{"a":-}'), ("dot", b'{"a":1.}'),
    ("deep-lists", b"[" * 1_000_000), ("deep-objects", b'{"a":' * 1_000_000), ("deep-and-closed", b"[" * 129 + b"]" * 129),
    ("control-characters", b'{"\x1b[31m":1}'), ("control-characters-twice", b'{"\\u001b[31m":1,"\\u001b[31m":2}'),
    ("command", b'{"\xc2\x9b2J":1,"\xc2\x9b2J":2}'),
]


@cases("attack", [(name, raw) for name, raw in TEXTS], row="bundles", hole="no-json-is-empty")
def config_is_no_json(t, raw):
    """Told with its line and column."""
    refuses(t, "config.json:", raw=raw)


# --- Numbers ---

NUMBERS = ["9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "-9223372036854775808",
           "-9223372036854775809", "1e400", "-1e400", "1e-400", "-0", "0.0", "-0.0", "1.5", "1e3", "1E+2", "4294967295", "4294967296",
           "-1", "2147483648", "9" * 400, "0." + "0" * 400 + "1", "1" + "0" * 400 + "e-400"]
# No type of a config has room for these.
NO_INTEGERS = ("18446744073709551616", "-9223372036854775809", "1e400", "-1e400", "1e-400", "1.5", "9" * 400,
               "0." + "0" * 400 + "1")
MARK = 424242


def resources(**members):
    return lambda config: config["linux"]["resources"].update(members)


PLACES = [
    ("memory", resources(memory={"limit": MARK})), ("swap", resources(memory={"limit": 1 << 25, "swap": MARK})),
    ("reservation", resources(memory={"reservation": MARK})), ("swappiness", resources(memory={"swappiness": MARK})),
    ("shares", resources(cpu={"shares": MARK})), ("quota", resources(cpu={"quota": MARK, "period": 100_000})),
    ("period", resources(cpu={"quota": 100_000, "period": MARK})), ("burst", resources(cpu={"quota": 100_000, "burst": MARK})),
    ("idle", resources(cpu={"idle": MARK})), ("pids", resources(pids={"limit": MARK})),
    ("weight", resources(blockIO={"weight": MARK})), ("huge-pages", resources(hugepageLimits=[{"pageSize": "2MB", "limit": MARK}])),
    ("device-rule", resources(devices=[{"allow": True, "type": "c", "major": MARK, "minor": 1, "access": "rwm"}])),
    ("uid", lambda config: config["process"]["user"].update(uid=MARK)),
    ("gid", lambda config: config["process"]["user"].update(gid=MARK)),
    ("group", lambda config: config["process"]["user"].update(additionalGids=[MARK])),
    ("umask", lambda config: config["process"]["user"].update(umask=MARK)),
    ("soft", lambda config: config["process"].update(rlimits=[{"type": "RLIMIT_CORE", "soft": MARK, "hard": 0}])),
    ("hard", lambda config: config["process"].update(rlimits=[{"type": "RLIMIT_CORE", "soft": 0, "hard": MARK}])),
    ("oom-score", lambda config: config["process"].update(oomScoreAdj=MARK)),
    ("device", lambda config: config["linux"].update(devices=[{"path": "/dev/x", "type": "c", "major": MARK, "minor": 3}])),
    ("device-mode", lambda config: config["linux"].update(devices=[
        {"path": "/dev/x", "type": "c", "major": 1, "minor": 3, "fileMode": MARK}])),
    ("mapping-size", lambda config: with_user_namespace(config, size=MARK), OTHER_ROWS),
    ("mapping-host", lambda config: with_user_namespace(config, first=MARK)),
    ("console", lambda config: config["process"].update(consoleSize={"height": MARK, "width": 5})),
    ("hook-timeout", lambda config: config.update(hooks={"createRuntime": [{"path": "/bin/true", "timeout": MARK}]}), OTHER_ROWS),
    ("nice", lambda config: config["process"].update(scheduler={"policy": "SCHED_OTHER", "nice": MARK})),
    ("deadline", lambda config: config["process"].update(
        scheduler={"policy": "SCHED_DEADLINE", "runtime": MARK, "deadline": MARK, "period": MARK}), CRUN_MAKES),
    ("io-priority", lambda config: config["process"].update(ioPriority={"class": "IOPRIO_CLASS_BE", "priority": MARK})),
    ("clock", lambda config: (config["linux"]["namespaces"].append({"type": "time"}), config["linux"].update(
        timeOffsets={"monotonic": {"secs": MARK, "nanosecs": 1}}))),
    ("seccomp-value", lambda config: config["linux"].update(seccomp={"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": MARK, "op": "SCMP_CMP_EQ"}]}]})),
    ("seccomp-errno", lambda config: config["linux"].update(seccomp={"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": MARK}]})),
]
WITH_A_NAMESPACE = ("mapping-size", "mapping-host")


@cases("attack", PLACES, row="bundles", timeout=60, hole="ids-as-they-read")
def numbers_at_the_ends(t, edit):
    """What no type has room for is refused by name; what no kernel has, too, or it is set as it is; never a crash, never another
    number."""
    with t.container(edit, ["/bin/true"]) as c:
        with open(c.bundle.config_path, "rb") as file:
            text = file.read()
        true(b"424242" in text, "the number stands in the config")
        for number in NUMBERS:
            with open(c.bundle.config_path, "wb") as file:
                file.write(text.replace(b"424242", number.encode()))
            made = call(t, "create", "--bundle", c.bundle.folder, c.id)
            if made.status or number in NO_INTEGERS:
                refused(made, status=1)
                is_gone(t, c)
            else:
                call(t, "start", c.id)
                succeeds(call(t, "delete", "--force", c.id))
            t.tried("numbers")


# --- Names ---

IDS = ["a/b", "/a", "a/", "..", ".", "../x", "../../etc", "a\nb", "a\tb", "a b", "", "a" * 256, "a" * 100_000, "é", "a\u202eb", "\x1b[31m",
       "a\x7f", "a\u009b", "*", "a~", "seccomp~", "%s%n", "a:b", "a,b", "a=b", "\udcff"]


@case("attack", row=("bundles", "container ids"), hole="any-id", timeout=60)
def ids(t):
    """An id is a name of a file, of a group and of a unit, and stands in every line: nothing but what all of them take."""
    before = sorted(os.listdir(t.scratch))
    with t.container(args=["/bin/true"]) as c:
        for name in IDS:
            for words in (["create", "--bundle", c.bundle.folder], ["run", "--bundle", c.bundle.folder], ["state"], ["start"],
                          ["kill"], ["delete", "--force"], ["delete"], ["exec"], ["ps"], ["pause"], ["events", "--stats"]):
                rest = ["/bin/true"] if words[0] == "exec" else []
                refused(t.call(*words, "--", name, *rest), "invalid container ID")
                t.tried("ids")
        for name in ("-x", "--", "-", "--force", "-9", "a" * (255 - len(c.id)), "_", "+", ".a", "...", "A.b_C+d-9"):
            full = name if name.startswith("-") or len(name) < 4 else name
            equal(succeeds(t.call("create", "--bundle", c.bundle.folder, "--", full)).err, "")
            succeeds(t.call("state", "--", full))
            succeeds(t.call("delete", "--force", "--", full))
            t.tried("ids")
    equal([name for name in sorted(os.listdir(t.scratch)) if name not in before and name != "state"
           and not name.startswith("bundle")], [], "made beside the state")
    false([name for name in os.listdir(t.root) if not name.endswith("~")], "left in the state")


DESTINATIONS = ["/tmp/a\nb", "/tmp/a\n\n", "/tmp/a\tb", "/tmp/a b", "/tmp/a\\b", "/tmp/a\\012b", "/tmp/a\\040b", "/tmp/" + "a" * 255,
                "/tmp/\x1b[31m", "/tmp/é", "/tmp/ - tmpfs tmpfs rw", "/tmp/x\n1 2 0:1 / /proc rw - proc proc rw", "/tmp/a,b=c",
                "/tmp/..a", "/tmp/a#b", "/tmp/%s%n", "/tmp/ "]


@cases("attack", [("plain", None), ("user-namespace", with_user_namespace)], row="bundles",
       shown="a name without them, and mountinfo, which the case reads back", timeout=60)
def names_of_mounts(t, edit):
    """mountinfo escapes what a line has no room for: what is mounted is what was asked for, and is found again."""
    def all_of(config):
        if edit:
            edit(config)
        config["root"]["readonly"] = False
        config["mounts"] += [{"destination": destination, "type": "tmpfs", "source": f"raind\n{number} \\x",
                              "options": ["nosuid", "ro" if number % 2 else "noexec"]}
                             for number, destination in enumerate(DESTINATIONS)]

    def prepare(bundle):
        if edit:
            os.chown(bundle.rootfs, 100000, 100000)
            os.chown(bundle.path("tmp"), 100000, 100000)
    report = t.report("mounts", edit=all_of, prepare=prepare)
    points = [mount.point for mount in report.mounts]
    for number, destination in enumerate(DESTINATIONS):
        # Mount takes # as it is; the kernel escapes it, too.
        shown = [mount for mount in report.mounts if mount.point.replace("\\043", "#") == destination]
        equal(len(shown), 1, f"mounts on {destination!r} among {points}")
        contains(shown[0].options, "ro" if number % 2 else "noexec")
        contains(shown[0].options, "nosuid")
    equal(len([point for point in points if point == "/proc"]), 1, "nothing came in by a line that was made up")
    t.tried("names", len(DESTINATIONS))


NUL = by("nul-taken")
OF_ALL = {"shown": "runc 1.1.5 goes to work in the root's group, with a warning"}


@cases("attack", [
    ("nul-in-a-mount", lambda config: config["mounts"].append({"destination": "/tmp/a\0b", "type": "tmpfs"}),
     "/mounts/7/destination", NUL),
    ("nul-in-a-source", lambda config: config["mounts"].append({"destination": "/mnt", "type": "bind", "source": "/etc\0/x"}),
     "/mounts/7/source", NUL),
    ("nul-in-an-option", lambda config: config["mounts"].append(
        {"destination": "/mnt", "type": "tmpfs", "options": ["mode=0\x00755"]}), "/mounts/7/options/0", NUL),
    ("nul-in-the-root", lambda config: config["root"].update(path="rootfs\0/../.."), "/root/path", CRUN_CUTS),
    ("nul-in-an-argument", lambda config: config["process"].update(args=["/bin/true", "a\0b"]), "/process/args/1", NUL),
    ("nul-in-the-environment", lambda config: config["process"].update(env=["A=\0B=1"]), "/process/env/0", NUL),
    ("nul-in-cwd", lambda config: config["process"].update(cwd="/\0etc"), "/process/cwd", CRUN_CUTS),
    ("nul-in-the-hostname", lambda config: config.update(hostname="a\0b"), "/hostname", CRUN_CUTS),
    ("nul-in-a-hook", lambda config: config.update(hooks={"poststop": [{"path": "/bin/true\0"}]}), "/hooks/poststop/0/path", NUL),
    ("nul-in-a-group", lambda config: config["linux"].update(cgroupsPath="/raind-test-\0x"), "/linux/cgroupsPath", NUL),
    ("nul-in-a-mask", lambda config: config["linux"].update(maskedPaths=["/proc/\0kcore"]), "/linux/maskedPaths/0", NUL),
    ("nul-in-a-device", lambda config: config["linux"].update(devices=[
        {"path": "/dev/\0x", "type": "c", "major": 1, "minor": 3}]), "/linux/devices/0/path", NUL),
    ("nul-in-a-sysctl", lambda config: config["linux"].update(sysctl={"net.ipv4.ip_forward": "1\0"}), "/linux/sysctl", CRUN_CUTS),
    ("nul-in-a-label", lambda config: config["process"].update(apparmorProfile="a\0b"), "/process/apparmorProfile", NAMES_NO_PLACE),
    ("climbing-group", lambda config: config["linux"].update(cgroupsPath="/../../raind-test-x"), "/linux/cgroupsPath", MAKES),
    ("relative-climbing-group", lambda config: config["linux"].update(cgroupsPath="../raind-test-x"), "/linux/cgroupsPath", MAKES),
    ("climbing-in-between", lambda config: config["linux"].update(cgroupsPath="/raind-test-x/../.."), "/linux/cgroupsPath", OF_ALL),
    ("root-group", lambda config: config["linux"].update(cgroupsPath="/"), "/linux/cgroupsPath", OF_ALL),
    ("root-group-with-dots", lambda config: config["linux"].update(cgroupsPath="/./."), "/linux/cgroupsPath", OF_ALL),
    ("newline-in-a-group", lambda config: config["linux"].update(cgroupsPath="/raind-test-p/x\ny"), "cgroup", LEFT),
    ("file-as-a-group", lambda config: config["linux"].update(cgroupsPath="/raind-test-p/cgroup.procs"), "cgroup", LEFT),
    ("climbing-sysctl", lambda config: config["linux"].update(sysctl={"net/../kernel/hostname": "x"}), "/linux/sysctl"),
    ("climbing-page-size", lambda config: config["linux"]["resources"].update(
        hugepageLimits=[{"pageSize": "../../2MB", "limit": 1}]), "/linux/resources/hugepageLimits/0/pageSize"),
    ("climbing-controller", lambda config: config["linux"]["resources"].update(unified={"../cgroup.procs": "1"}),
     "/linux/resources/unified"),
], row="bundles", **NAMES_NO_PLACE)
def names_that_lead_elsewhere(t, edit, part):
    """Cut by a NUL, or climbing out of where they belong: refused by name; what was made on the way goes."""
    refuses(t, part, edit=edit)
    equal(layouts.folders_named("raind-test-p"), [], "parents of the group")
    equal(layouts.folders_named("raind-test-x"), [], "the group")


@case("attack", row="bundles", hole="control-characters")
def names_in_errors(t):
    """Whatever is named in an error, a terminal doesn't obey it, and it is one line."""
    evil = "\x1b]0;title\x07\x1b[31m\nraind-oci: create: done\r\u009b2J\x7f"

    def link(config):
        config["mounts"].append({"destination": "/mnt", "type": "bind", "source": f"/{evil}", "options": ["bind"]})
    for edit in (lambda config: config["process"].update(args=[f"/{evil}"]), lambda config: config["process"].update(args=[evil]),
                 lambda config: config["process"].update(cwd=evil), lambda config: config["root"].update(path=evil), link,
                 lambda config: config.update(hooks={"createRuntime": [{"path": f"/{evil}"}]}),
                 lambda config: config["linux"].update(sysctl={f"net.{evil}": "1"}),
                 lambda config: config["linux"]["namespaces"].append({"type": evil}),
                 lambda config: config["linux"].update(cgroupsPath=f"/raind-test-p/{evil}"),
                 lambda config: config["mounts"].append({"destination": "/mnt", "type": evil, "source": "x"}),
                 lambda config: config["mounts"].append({"destination": "/mnt", "type": "tmpfs", "options": [evil]}),
                 lambda config: config.update({"process": {evil: {}}}),
                 lambda config: config.update(ociVersion=evil), lambda config: config["process"].update(apparmorProfile=evil)):
        refuses(t, edit=edit)
    hook = t.file(f"#!/bin/sh\nprintf '%s' '{evil}' >&2; exit 1\n", "hook", 0o755)
    refuses(t, "/hooks/createRuntime/0", edit=lambda config: config.update(hooks={"createRuntime": [{"path": hook}]}))


# --- The bundle as a place ---

@case("attack", row="bundles", hole="control-characters")
def bundle_is(t):
    """Anything but a folder with a config."""
    with contextlib.ExitStack() as stack:
        c = stack.enter_context(t.container(args=["/bin/true"]))
        for make in (a_fifo, a_socket, a_loop, a_link_to_nothing, a_link_to_zeros, zeros, a_folder, nothing, a_hole):
            path = os.path.join(t.scratch, f"as-{make.__name__}")
            make(path)
            refused(call(t, "create", "--bundle", path, c.id), status=1)
            is_gone(t, c)
        for path in ("", "/" + "a" * 5000, "/" + "a/" * 3000, "/proc/self/fd/99", "/nosuch\n\x1b[31m"):
            refused(call(t, "create", "--bundle", path, c.id), status=1)
            is_gone(t, c)


@case("attack", row="bundles", hole="left-at-failure", timeout=60)
def bundle_goes_during_create(t):
    """Removed or exchanged while it is read: made as it was, or refused; nothing is left either way."""
    counts = {"made": 0, "refused": 0}
    with t.container(args=["/probe", "sleep"]) as c:
        aside = c.bundle.folder + "-aside"
        other = t.bundle(args=["/nosuch"]).folder
        for number in range(t.rounds(40, 2000)):
            process = t.spawn("create", "--bundle", c.bundle.folder, c.id, stderr=open(os.path.join(t.scratch, "err"), "wb"))
            time.sleep(number % 20 * 0.0003)
            os.rename(c.bundle.folder, aside)
            os.rename(other, c.bundle.folder)
            status = process.wait(SECONDS)
            os.rename(c.bundle.folder, other)
            os.rename(aside, c.bundle.folder)
            with open(os.path.join(t.scratch, "err"), encoding="utf-8", errors="replace") as file:
                said = file.read()
            if status == 0:
                counts["made"] += 1
                equal(json.loads(succeeds(t.call("state", c.id)).out)["status"], "created")
                succeeds(c.delete("--force"))
            else:
                counts["refused"] += 1
                refused(Result("create", status, "", said, 0), status=1)
            is_gone(t, c)
            t.tried("exchanges")
    true(counts["made"], f"some were made: {counts}")


@cases("attack", [("read-only", True), ("own-mount", False)], row="bundles", shown="a plain folder, which works")
def rootfs_is_a_mount(t, read_only):
    """A root file system that is a mount of its own, read-only or not, shared with the host: it works, and stays as it was."""
    with t.container(lambda config: config["root"].update(readonly=read_only)) as c:
        layouts.mount(c.bundle.rootfs, c.bundle.rootfs, flags=layouts.MS_BIND)
        try:
            layouts.mount(None, c.bundle.rootfs, flags=layouts.MS_SHARED)
            if read_only:
                layouts.mount(None, c.bundle.rootfs, flags=layouts.MS_BIND | 32 | 1)
            before = [entry for entry in layouts.mounts() if entry[0].startswith(t.scratch)]
            c.up()
            equal([entry for entry in layouts.mounts() if entry[0].startswith(t.scratch)], before, "mounts of the host")
            succeeds(c.delete("--force"))
            equal([entry for entry in layouts.mounts() if entry[0].startswith(t.scratch)], before, "mounts of the host")
        finally:
            layouts.umount(c.bundle.rootfs)


@case("attack", row="bundles", shown="mounts of the host, which the case counts")
def rootfs_is_the_hosts(t):
    """`/` as the root file system is the config's to ask for: what is mounted there isn't seen by the host."""
    before = sorted(point for point, _, _ in layouts.mounts())
    with t.container(lambda config: config["root"].update(path="/", readonly=True)) as c:
        c.bundle.config["process"]["args"] = ["/bin/sleep", "100"]
        c.bundle.save()
        c.up()
        equal(sorted(point for point, _, _ in layouts.mounts()), before, "mounts of the host")
    equal(sorted(point for point, _, _ in layouts.mounts()), before, "mounts of the host")
