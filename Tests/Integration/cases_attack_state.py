"""State on disk is data from an untrusted past: damaged, exchanged, of somebody else, it is told, and nobody is harmed by it."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess

from attack.words import readable, refused
from harness import case, cases, contains, equal, excludes, false, succeeds, true
from harness import layout as layouts
from harness.bundle import without_namespace

FILES = ("state.json", "created", "config.json")


# --- What is watched ---

def is_alive(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    return False


def started_at(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return int(file.read().rsplit(")", 1)[1].split()[19])


def place(t, c, name=""):
    return os.path.join(t.root, c.id, name)


class Scene:
    """A container whose state is damaged, and one beside it that nothing may happen to."""

    def __init__(self, t, victim, neighbour):
        self.t = t
        self.victim = victim
        self.neighbour = neighbour
        self.pid = victim.pid
        self.neighbours_pid = neighbour.pid
        self._state = neighbour.state()

    def is_untouched(self, what):
        """No signal came to either."""
        true(is_alive(self.pid), f"{what}: the container's process is alive")
        self.neighbour_is_untouched(what)

    def neighbour_is_untouched(self, what):
        true(is_alive(self.neighbours_pid), f"{what}: the neighbour's process is alive")
        equal(self.neighbour.state(), self._state, f"{what}: the neighbour's state")

    def goes_by_force(self, what):
        """delete --force leaves nothing of the container, and all of its neighbour."""
        succeeds(self.victim.delete("--force", timeout=15), what)
        false(os.path.lexists(place(self.t, self.victim)), f"{what}: there is a state folder")
        self.t.until(lambda: not is_alive(self.pid), f"{what}: the process ends", 5)
        equal(layouts.folders_named(self.victim.id), [], f"{what}: control groups")
        self.neighbour_is_untouched(what)


@contextlib.contextmanager
def scene(t, edit=None, up=True):
    with t.container(edit) as victim, t.container() as neighbour:
        neighbour.up()
        succeeds(victim.create())
        if up:
            succeeds(victim.start())
        yield Scene(t, victim, neighbour)


# --- Other things in a file's place ---

def nothing(path, _):
    os.unlink(path)


def empty(path, _):
    os.truncate(path, 0)


def half(path, _):
    os.truncate(path, os.path.getsize(path) // 2)


def noise(path, _):
    size = os.path.getsize(path)
    with open(path, "wb") as file:
        file.write(os.urandom(size))


def zeros(path, _):
    size = os.path.getsize(path)
    with open(path, "wb") as file:
        file.write(bytes(size))


def a_list(path, _):
    with open(path, "w", encoding="ascii") as file:
        file.write("[1, 2, 3]\n")


def endless(path, _):
    # A hole: not a byte of it is stored.
    os.truncate(path, 1 << 40)


def a_link(path, other):
    os.unlink(path)
    os.symlink(other, path)


def a_link_to_zeros(path, _):
    os.unlink(path)
    os.symlink("/dev/zero", path)


def a_link_to_itself(path, _):
    os.unlink(path)
    os.symlink(path, path)


def a_fifo(path, _):
    os.unlink(path)
    os.mkfifo(path)


def a_socket(path, _):
    os.unlink(path)
    here = os.getcwd()
    # An address has no room for the whole path.
    os.chdir(os.path.dirname(path))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.basename(path))
    os.chdir(here)


def a_folder(path, _):
    os.unlink(path)
    os.makedirs(os.path.join(path, "deep/er"))
    shutil.copy("/etc/passwd", os.path.join(path, "deep/file"))
    os.symlink("/etc", os.path.join(path, "deep/link"))


def a_device(path, _):
    os.unlink(path)
    os.mknod(path, 0o20600, os.makedev(1, 5))


def the_neighbours(path, other):
    shutil.copyfile(other, path)


DAMAGES = (nothing, empty, half, noise, zeros, a_list, endless, a_link, a_link_to_zeros, a_link_to_itself, a_fifo, a_socket, a_folder,
           a_device, the_neighbours)


def words_of(c):
    """Each command that has to do with a container that is there."""
    return [["state", c.id], ["kill", c.id, "TERM"], ["kill", "--all", c.id, "KILL"], ["start", c.id], ["exec", c.id, "/bin/true"],
            ["pause", c.id], ["ps", c.id], ["update", "--pids-limit", "5", c.id], ["events", "--stats", c.id], ["delete", c.id]]


# What takes away the protection that this damage alone comes up against; the others come to delete --force.
OF_DAMAGE = {(a_fifo, "state.json"): "any-file-read", (a_fifo, "created"): "any-file-read", (a_link, "created"): "any-file-read",
             (the_neighbours, "state.json"): "anothers-record"}


@cases("attack", [(f"{damage.__name__.replace('_', '-')}-{name}", damage, name,
                   {"hole": OF_DAMAGE.get((damage, name), "damaged-is-forgotten")})
                  for name in ("state.json", "created") for damage in DAMAGES if (damage, name) != (the_neighbours, "created")],
       row="state on disk", timeout=60)
def state_is(t, damage, name):
    """Every command names the file and does nothing; list goes on with the others; delete --force knows enough."""
    with scene(t) as s:
        damage(place(t, s.victim, name), place(t, s.neighbour, name))
        for words in words_of(s.victim):
            refused(t.call(*words, timeout=10), name)
            s.is_untouched(words)
            t.tried("commands on damaged state")
        listed = succeeds(t.call("list", timeout=10))
        contains(listed.out, s.neighbour.id)
        excludes(listed.out, s.victim.id)
        contains(listed.err, f"{s.victim.id}: {name}")
        readable(listed.err.replace("\n", ""))
        s.goes_by_force(damage.__name__)


@cases("attack", [(damage.__name__.replace("_", "-"), damage,
                   {"hole": "any-file-read"} if damage in (a_fifo, a_link) else {"shown": "the hole of the rows a-fifo and a-link"})
                  for damage in DAMAGES if damage not in (the_neighbours, endless)], row="state on disk")
def config_in_the_state_is(t, damage):
    """exec alone reads it."""
    with scene(t) as s:
        damage(place(t, s.victim, "config.json"), place(t, s.neighbour, "config.json"))
        refused(s.victim.exec("/bin/true", timeout=10), "config.json")
        s.is_untouched("exec")
        equal(s.victim.status, "running")
        s.goes_by_force(damage.__name__)


@cases("attack", [("plain", None), ("host-pids", lambda config: without_namespace(config, "pid"))], row="state on disk",
       hole="groups-by-their-path")
def all_of_the_state_is_gone(t, edit):
    """Nothing names the process any more; the groups are called as the container is, but they might be another's by now."""
    with scene(t, edit) as s:
        for name in os.listdir(place(t, s.victim)):
            os.unlink(place(t, s.victim, name))
        for words in words_of(s.victim):
            refused(t.call(*words, timeout=10), "state.json is missing")
        succeeds(s.victim.delete("--force"))
        true(is_alive(s.pid), "whose the process is nobody knows")
        s.neighbour_is_untouched("delete --force")
        os.kill(s.pid, signal.SIGKILL)
        t.until(lambda: not is_alive(s.pid), "the process ends")
        # Empty now, they go with the next.
        os.mkdir(place(t, s.victim), 0o700)
        succeeds(s.victim.delete("--force"))
        equal(layouts.folders_named(s.victim.id), [])


def flipped(path, at, bit):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


@cases("attack", [(name, name) for name in ("state.json", "created")], row="state on disk", hole="damage-unseen", timeout=120)
def one_bit_is_flipped(t, name):
    """One bit is the difference between this container's process, or control group, and another's: none goes unseen."""
    with scene(t) as s:
        path = place(t, s.victim, name)
        size = os.path.getsize(path)
        step = t.rounds(max(1, size * 8 // 250), 1)
        before = succeeds(s.victim.state_result()).out
        with open(path, "rb") as file:
            name_at = file.read().find(b'"sum"')
        for place_of_bit in range(0, size * 8, step):
            at, bit = divmod(place_of_bit, 8)
            flipped(path, at, bit)
            looked = s.victim.state_result(timeout=10)
            flipped(path, at, bit)
            # In the name of the sum itself nothing is hurt but the sum.
            if not (looked.status == 0 and name_at < at < name_at + len('"sum"') and looked.out == before):
                refused(looked, name)
            t.tried("bits")
        equal(s.victim.status, "running", "as it was")
        s.is_untouched("state")
        # The control: a record of an earlier version, which had no sum, doesn't show it.
        with open(path, encoding="ascii") as file:
            text = file.read()
        if name == "state.json":
            without = json.loads(text)
            del without["sum"]
            text = json.dumps(without)
            other = text.replace(f'/{s.victim.id}"', f'/{s.victim.id[:-1]}~"')
        else:
            text = text.rpartition(" ")[0] + "\n"
            other = text.replace(" ", " 9")
        true(text != other, "the control changes something")
        for words in (text, other):
            with open(path, "w", encoding="ascii") as file:
                file.write(words)
            succeeds(s.victim.state_result())
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        s.goes_by_force("an earlier version's")


@cases("attack", [("state.json", "state.json", {"hole": "damaged-is-forgotten"}),
                  ("created", "created", {"hole": "damage-unseen"})], row="state on disk", timeout=120)
def truncated_at(t, name):
    """Every length but the whole."""
    with scene(t) as s:
        path = place(t, s.victim, name)
        with open(path, "rb") as file:
            whole = file.read()
        for length in range(0, len(whole), t.rounds(max(1, len(whole) // 60), 1)):
            with open(path, "wb") as file:
                file.write(whole[:length])
            for words in (["state", s.victim.id], ["kill", s.victim.id, "KILL"], ["delete", s.victim.id]):
                refused(t.call(*words, timeout=10), name)
            t.tried("lengths")
        s.is_untouched("truncated")
        s.goes_by_force("truncated")


# --- What the state says of others ---

@case("attack", row="state on disk", hole="start-time-not-compared")
def pid_is_anothers(t):
    """A pid that was used again: it takes the time of the start as well to be the container's process."""
    with scene(t) as s:
        decoy = subprocess.Popen(["/bin/sleep", "1000"])
        t.until(lambda: os.readlink(f"/proc/{decoy.pid}/exe").endswith("sleep"), "the decoy runs")

        def names(ticks):
            with open(place(t, s.victim, "created"), "w", encoding="ascii") as file:
                file.write(f"{decoy.pid} {ticks}\n")
        for ticks in (started_at(decoy.pid) + 1, started_at(decoy.pid) - 1, 0, 2**64 - 1):
            names(ticks)
            equal(s.victim.status, "stopped")
            refused(s.victim.kill("KILL"), "not running")
            refused(s.victim.exec("/bin/true"), "stopped")
            equal(decoy.poll(), None, "the decoy")
        # Its group is in use: the container isn't as stopped as it seems.
        refused(s.victim.delete(), "EBUSY")
        succeeds(s.victim.delete("--force"))
        equal(decoy.poll(), None, "delete --force: the decoy")
        t.until(lambda: not is_alive(s.pid), "the process ends")
        s.neighbour_is_untouched("delete --force")
        # The control: what root has written there counts.
        with t.container() as c:
            c.up()
            pid = c.pid
            with open(place(t, c, "created"), "w", encoding="ascii") as file:
                file.write(f"{decoy.pid} {started_at(decoy.pid)}\n")
            succeeds(c.kill("KILL"))
            equal(decoy.wait(10), -signal.SIGKILL, "the control")
            succeeds(c.delete("--force"))
            t.until(lambda: not is_alive(pid), "the process ends")


@cases("attack", [
    ("root", lambda group: group.update(path="/")), ("dots", lambda group: group.update(path="/.")),
    ("above", lambda group: group.update(path="/../..")),
    ("relative", lambda group: group.update(path="user.slice"), {"hole": "groups-as-they-read"}),
    ("other-place", lambda group: group.update(mountPoint="/")), ("number", lambda group: group.update(path=5)),
    ("climbing", lambda group: group.update(path=f"/x/../{os.path.basename(group['path'])}"), {"hole": "groups-as-they-read"})],
       row="state on disk", hole="damaged-is-forgotten")
def groups_are(t, change):
    """A record without a sum, as earlier versions wrote it, whose groups are everybody's: nothing there is ended or removed."""
    with scene(t) as s:
        path = place(t, s.victim, "state.json")
        with open(path, encoding="ascii") as file:
            record = json.load(file)
        del record["sum"]
        with open(path, "w", encoding="ascii") as file:
            json.dump(record, file)
        succeeds(s.victim.state_result(), "the control")
        for group in record["cgroups"]:
            change(group)
        with open(path, "w", encoding="ascii") as file:
            json.dump(record, file)
        for words in words_of(s.victim):
            refused(t.call(*words), "state.json", "cgroups")
        s.is_untouched("groups")
        s.goes_by_force("groups")


@case("attack", row="state on disk", hole="groups-by-their-path")
def groups_of_a_create_that_died_are_anothers(t):
    """A create that died before it came to its control groups says where they were to be: who is there may be another."""
    name = t.name()

    def edit(config):
        config["linux"]["cgroupsPath"] = f"/{name}"
    with t.container(edit) as first, t.container(edit) as second:
        first.up()
        pid = first.pid
        # What a create leaves that is killed just after its record; of the first's, but for the id.
        with open(place(t, first, "state.json"), encoding="ascii") as file:
            record = json.load(file)
        record["id"] = second.id
        record["creatorPID"], record["creatorStartTicks"] = 2**31 - 1, 1
        del record["sum"]
        for pipes in ((), ("start", "result")):
            os.mkdir(place(t, second), 0o700)
            with open(place(t, second, "state.json"), "w", encoding="ascii") as file:
                json.dump(record, file)
            for pipe in pipes:
                os.mkfifo(place(t, second, pipe), 0o600)
            equal(second.status, "stopped")
            refused(second.kill("KILL"), "not running")
            succeeds(second.delete("--force"))
            true(is_alive(pid), "the other container's process")
            equal(first.status, "running")
            true(layouts.folders_named(name), "the other container's groups")
            second.is_unknown()


@case("attack", row="state on disk", hole="anything-removed")
def root_is_somebody_elses_folder(t):
    """--root that is wrong leads to folders that no container has: delete --force takes nothing from there."""
    root = t.folder()
    for name in ("plain", "with-a-record"):
        os.mkdir(os.path.join(root, name))
        for file in ("a", "b.txt", "config.json", *(("state.json",) if name == "with-a-record" else ())):
            with open(os.path.join(root, name, file), "w", encoding="ascii") as handle:
                handle.write("{}")
        before = sorted(os.listdir(os.path.join(root, name)))
        refused(t.call("delete", "--force", name, root=root), "ENOTEMPTY", "which has")
        equal(sorted(os.listdir(os.path.join(root, name))), before)
    for name, make in (("file", lambda path: os.close(os.open(path, os.O_CREAT))), ("link", lambda path: os.symlink("plain", path)),
                       ("fifo", os.mkfifo)):
        make(os.path.join(root, name))
        for words in (["delete", "--force", name], ["delete", name], ["state", name], ["kill", name, "KILL"], ["exec", name, "true"]):
            refused(t.call(*words, root=root, timeout=10), name)
        true(os.path.lexists(os.path.join(root, name)), f"{name} is there")
    listed = succeeds(t.call("list", root=root, timeout=10))
    equal(len(listed.out.splitlines()), 1, "the head of the table alone")


@case("attack", row="state on disk", hole="control-characters")
def names_in_a_list(t):
    """The path of a bundle comes from anywhere; in a table a terminal must not obey it."""
    bundle = t.bundle(args=["/probe", "sleep"])
    moved = bundle.folder + "-\x1b]0;title\x07\x1b[31m\nsecond line\u009b2J"
    os.rename(bundle.folder, moved)
    name = t.name()
    succeeds(t.call("create", "--bundle", moved, name))
    try:
        table = succeeds(t.call("list")).out
        lines = [line for line in table.splitlines() if line.startswith(name)]
        equal(len(lines), 1)
        equal(len(table.splitlines()), 2, "lines of the table")
        readable(lines[0])
        contains(lines[0], "\\u001b[31m\\u000asecond line")
        equal(json.loads(succeeds(t.call("state", name)).out)["bundle"], moved)
        readable(succeeds(t.call("state", name)).out.replace("\n", "").replace("\u009b", ""))
    finally:
        t.call("delete", "--force", name)
    false(os.path.exists(os.path.join(t.root, name)), "the state is left")


# --- While others are at work ---

@case("attack", row="state on disk", hole="record-not-awaited", timeout=60)
def looks_during_a_delete(t):
    """Who looks without the lock while a container goes sees it, or none; never a half."""
    with t.container() as c:
        looking = []
        for _ in range(t.rounds(15, 300)):
            succeeds(c.create())
            reader = subprocess.Popen(
                ["/bin/sh", "-c", 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do "$0" --root "$1" state "$2" >/dev/null; done',
                 t.runtime.path, t.root, c.id], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
            succeeds(c.delete("--force"))
            looking += reader.communicate()[1].decode().splitlines()
            t.tried("looks", 12)
        false([line for line in looking if not line.endswith("container does not exist")], "other answers")
