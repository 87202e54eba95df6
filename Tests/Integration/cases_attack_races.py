"""Races: what an image or a volume has there is exchanged, all the time, while containers are created that use it."""

import contextlib
import os
import shutil
import stat

from attack.racing import mounts_of, parent_of, race
from enforcement import attacker
from harness import case, cases, equal, excludes, true
from harness.bundle import set_capabilities, with_user_namespace
from harness.terminal import ConsoleSocket

# Creates in the short and in the long form. An exchange takes some microseconds, a create some milliseconds.
ROUNDS = (12, 250)


def writable(config):
    config["root"]["readonly"] = False


def without_mounts(config, *destinations):
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] not in destinations]


def bound(source, destination):
    return {"destination": destination, "type": "bind", "source": source, "options": ["rbind", "rw"]}


def contents(folder):
    """Every name below, with its kind and owner, and what stands in the files."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(place, name)
            about = os.lstat(path)
            text = None
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            found[os.path.relpath(path, folder)] = (about.st_mode, about.st_uid, about.st_rdev, text)
    return found


def outside_of(t):
    """A folder of the host's that nobody has business with."""
    folder = t.folder()
    with open(os.path.join(folder, "file"), "w", encoding="ascii") as file:
        file.write("of the host")
    return folder


def volume_with(t, *names):
    """A volume with a folder that has these folders in it."""
    volume = t.folder()
    for name in names:
        os.makedirs(os.path.join(volume, "folder", name))
    return volume


# --- Targets of mounts ---

SAME = [{"containerID": 0, "hostID": 0, "size": 65536}]


def into_the_volume(t, volume, user_namespace):
    """Of each kind of mount one in the volume's folder, a device, a masked and a read-only path, and the working folder."""
    source = t.folder()

    def edit(config):
        writable(config)
        config["mounts"] += [
            bound(volume, "/volume"),
            {"destination": "/volume/folder/place", "type": "tmpfs", "source": "race", "options": []},
            {"destination": "/volume/folder/made/deep", "type": "tmpfs", "source": "race", "options": []},
            {"destination": "/volume/folder/sys", "type": "tmpfs", "source": "race", "options": []},
            bound(source, "/volume/folder/bound"),
        ]
        if t.runtime.is_raind:
            config["mounts"] += [
                {"destination": "/volume/folder/kept", "source": source, "options": ["bind", "dest-nofollow"]},
                {"destination": "/volume/folder/mapped", "source": source, "options": ["bind", "idmap"],
                 "uidMappings": SAME, "gidMappings": SAME},
            ]
            config["linux"]["devices"] = [{"path": "/volume/folder/node", "type": "c", "major": 1, "minor": 3,
                                           "fileMode": 0o600}]
            if user_namespace:
                with_user_namespace(config)
        config["linux"]["maskedPaths"] += ["/volume/folder/secret"]
        config["linux"]["readonlyPaths"] += ["/volume/folder/fixed"]
        config["process"]["cwd"] = "/volume/folder/cwd/made"
    return edit


@cases("attack", [
    ("host", None, False, {"hole": "path-resolved-twice"}),
    # Not with a hole open: what it lets through lands in the root of this very host.
    ("climbing", "../../../../../../..", False, {"shown": "the control: as host, to a place that a hole would damage"}),
    ("root", "/", False, {"shown": "the control: as host, to a place that a hole would damage"}),
    ("host-in-a-user-namespace", None, True, {"hole": "folders-made-through-links"}),
], row="CVE-2019-18837, 2021-30465", timeout=300)
def exchange_while_mounting(t, target, user_namespace):
    """CVE-2021-30465: a folder of a volume becomes a link between the look at it and its use."""
    volume, outside = volume_with(t, "place", "secret", "fixed", "sys"), outside_of(t)
    os.symlink(target or outside, os.path.join(volume, "link"))
    if user_namespace:
        # Whoever is root inside may write in both: only the runtime's care keeps it out of one.
        for folder in (os.path.join(volume, "folder"), outside):
            os.chmod(folder, 0o777)
    before = contents(outside)

    def look(made):
        equal(contents(outside), before, "the folder on the host")
        if made is None:
            return []
        found = mounts_of(made)
        excludes([mount.root for mount in found if mount.kind not in ("cgroup", "cgroup2")], outside)
        placed = [mount for mount in found if mount.source == "race"]
        equal(len(placed), 3, "mounts of that source that the container has")
        return sides_of(placed, found)
    # By a descriptor: what is called folder here may be the link soon.
    mine = os.open(os.path.join(volume, "folder"), os.O_RDONLY | os.O_DIRECTORY)

    def prepare(bundle):
        for path in ("volume", *(os.path.join(outside, name) for name in ("place", "sys", "secret", "fixed"))):
            os.makedirs(bundle.path(path))
        if user_namespace:
            for path in (bundle.rootfs, bundle.path(outside)):
                os.chmod(path, 0o777)

    def reset():
        for name in ("made", "cwd", "bound", "kept", "mapped"):
            shutil.rmtree(f"/proc/self/fd/{mine}/{name}", ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"/proc/self/fd/{mine}/node")
    with t.container(into_the_volume(t, volume, user_namespace), ["/bin/true"], prepare=prepare) as c, \
            race(t, volume, "folder", "link") as (running, exchange):
        running.run(c, exchange, ("folder", "link"), look, rounds=t.rounds(*ROUNDS), reset=reset)
    os.close(mine)


def sides_of(placed, found):
    """Where the mounts of a create have gone: into the volume, or below the root, where the link leads."""
    return sorted({"folder" if parent_of(mount, found).point == "/volume" else "link" for mount in placed})


@cases("attack", [("a-folder", "place"), ("a-folder-in-folders", "one/two/three")],
       row="CVE-2019-18837, 2021-30465", hole="path-resolved-twice", timeout=300)
def exchange_meets_both_sides(t, name):
    """CVE-2021-30465: one look-up a create, which goes to the folder, or to the link's end inside the container."""
    volume, outside = volume_with(t, name), outside_of(t)
    os.makedirs(os.path.join(outside, name))
    before = contents(outside)
    os.symlink(outside, os.path.join(volume, "link"))

    def edit(config):
        writable(config)
        config["mounts"] += [bound(volume, "/volume"),
                             {"destination": f"/volume/folder/{name}", "type": "tmpfs", "source": "race", "options": []}]

    def look(made):
        equal(contents(outside), before, "the folder on the host")
        if made is None:
            return []
        found = mounts_of(made)
        placed = [mount for mount in found if mount.source == "race"]
        equal(len(placed), 1, "mounts of that source that the container has")
        return sides_of(placed, found)

    def prepare(bundle):
        os.makedirs(bundle.path(os.path.join(outside, name)))
    with t.container(edit, ["/bin/true"], prepare=prepare) as c, race(t, volume, "folder", "link") as (running, exchange):
        running.run(c, exchange, ("folder", "link"), look, rounds=t.rounds(*ROUNDS))


@cases("attack", [("procfs", "/proc", "sys"), ("a-process", "/proc/self", "attr"), ("a-thread", "/proc/thread-self", "attr")],
       row=("CVE-2019-16884, 2019-19921, 2023-27561, 2023-28642, 2025-54867", "CVE-2025-52881, 2025-62596"),
       hole="target-in-procfs", timeout=300)
def exchange_for_procfs(t, target, name):
    """CVE-2025-52881: a tmpfs for a folder of the volume's that becomes a link to where labels and settings are written."""
    volume = volume_with(t, name)
    os.symlink(target, os.path.join(volume, "link"))

    def edit(config):
        writable(config)
        config["mounts"] += [bound(volume, "/volume"),
                             {"destination": f"/volume/folder/{name}", "type": "tmpfs", "source": "race", "options": []}]
        config["linux"].update(sysctl={"net.ipv4.ip_forward": "1"}, maskedPaths=[], readonlyPaths=[])

    def look(made):
        if made is None:
            return []
        found = mounts_of(made)
        equal([mount for mount in found if mount.point.startswith("/proc/")], [], "mounted over the kernel's files")
        with attacker.joined(f"/proc/{made.pid}/ns/net"), open("/proc/sys/net/ipv4/ip_forward", encoding="ascii") as file:
            equal(file.read().strip(), "1", "the container's network namespace")
        return sides_of([mount for mount in found if mount.source == "race"], found)
    with t.container(edit, ["/bin/true"]) as c, race(t, volume, "folder", "link") as (running, exchange):
        running.run(c, exchange, ("folder", "refused"), look, rounds=t.rounds(*ROUNDS))


# --- Folders and files that are made ---

@cases("attack", [
    ("mounts", lambda config: config["mounts"].append(
        {"destination": "/volume/folder/new/deep", "type": "tmpfs", "source": "race", "options": []})),
    ("files", lambda config: config["mounts"].append(bound("/etc/hostname", "/volume/folder/new/file"))),
    ("working-folder", lambda config: config["process"].update(cwd="/volume/folder/new/deep/below"))],
       row="CVE-2024-45310", hole="folders-made-through-links", timeout=300)
def exchange_while_making(t, add):
    """CVE-2024-45310: what is missing of a path is made in the volume, or where the link leads inside, never on the host."""
    volume, outside = volume_with(t, "other"), outside_of(t)
    before = contents(outside)
    os.symlink(outside, os.path.join(volume, "link"))
    # By a descriptor: what is called folder here may be the link soon.
    mine = os.open(os.path.join(volume, "folder"), os.O_RDONLY | os.O_DIRECTORY)

    def edit(config):
        writable(config)
        config["mounts"].append(bound(volume, "/volume"))
        add(config)
    with t.container(edit, ["/bin/true"]) as c, race(t, volume, "folder", "link") as (running, exchange):
        places = {"folder": f"/proc/self/fd/{mine}/new", "link": c.bundle.path(f"{outside}/new")}

        def look(_):
            equal(contents(outside), before, "the folder on the host")
            return [side for side, path in places.items() if os.path.lexists(path)]

        def reset():
            for path in places.values():
                shutil.rmtree(path, ignore_errors=True)
        running.run(c, exchange, ("folder", "link"), look, rounds=t.rounds(*ROUNDS), reset=reset)
    os.close(mine)


# --- Masks and read-only paths ---

@case("attack", row="masked path resolved twice", hole="protected-path-resolved-twice", timeout=300)
def exchange_of_a_read_only_path(t):
    """A clone of the volume's folder, made read-only, must not land where the link leads: over the container's /proc/sys."""
    volume = volume_with(t, "sys/kernel")
    os.symlink("/proc", os.path.join(volume, "link"))

    def edit(config):
        writable(config)
        config["mounts"].append(bound(volume, "/volume"))
        config["linux"].update(maskedPaths=[], readonlyPaths=["/volume/folder/sys"])

    def look(made):
        if made is None:
            return []
        found = mounts_of(made)
        places = {"/proc/sys": "link", "/volume/folder/sys": "folder", "/volume/link/sys": "folder"}
        sides = []
        for mount in found:
            if mount.point in places:
                sides.append(places[mount.point])
                equal(mount.kind == "proc", sides[-1] == "link", f"what lies on {mount.point}: {mount}")
                true("ro" in mount.options, f"{mount} is read-only")
        equal(len(sides), 1, "paths that are read-only")
        return sides
    with t.container(edit, ["/bin/true"]) as c, race(t, volume, "folder", "link") as (running, exchange):
        running.run(c, exchange, ("folder", "link"), look, rounds=t.rounds(*ROUNDS))


@case("attack", row="masked path resolved twice", hole="read-only-by-path", timeout=300)
def exchange_of_a_read_only_mount(t):
    """A new file system becomes read-only once all is mounted: that one, and not what is in its place by then."""
    volume = volume_with(t, "place")
    os.symlink("/other", os.path.join(volume, "link"))

    def edit(config):
        writable(config)
        config["mounts"] += [bound(volume, "/volume"),
                             {"destination": "/other/place", "type": "tmpfs", "source": "other", "options": []},
                             {"destination": "/volume/folder/place", "type": "tmpfs", "source": "race", "options": ["ro"]}]
        config["linux"].update(maskedPaths=[], readonlyPaths=[])

    def look(made):
        # It is there all the time: nothing that could be refused.
        true(made is not None, "every create succeeds")
        found = mounts_of(made)
        seen = {mount.source: mount for mount in found if mount.source in ("race", "other")}
        equal({name: mount.options[0] for name, mount in seen.items()}, {"race": "ro", "other": "rw"}, "the two mounts")
        return ["folder" if parent_of(seen["race"], found).point == "/volume" else "link"]
    with t.container(edit, ["/bin/true"], prepare=lambda bundle: os.makedirs(bundle.path("other/place"))) as c, \
            race(t, volume, "folder", "link") as (running, exchange):
        running.run(c, exchange, ("folder", "link"), look, rounds=t.rounds(*ROUNDS))


@case("attack", row="masked path resolved twice", hole="mount-by-path-unchecked", timeout=300,
      differs=dict.fromkeys(("runc", "crun"), "give the flags to mount(2) itself"))
def exchange_of_an_overlay(t):
    """Of too long a list for fsconfig(2), it gets its flags after it is mounted: it, and not what is in its place by then."""
    volume = volume_with(t, "place")
    os.symlink("/other", os.path.join(volume, "link"))
    lower = ":".join(t.folder(f"lower-{'x' * 60}-{at}") for at in range(8))

    def edit(config):
        writable(config)
        config["mounts"] += [bound(volume, "/volume"),
                             {"destination": "/other/place", "type": "tmpfs", "source": "other", "options": []},
                             {"destination": "/volume/folder/place", "type": "overlay", "source": "race",
                              "options": [f"lowerdir={lower}", "ro", "nosuid"]}]
        config["linux"].update(maskedPaths=[], readonlyPaths=[])

    def look(made):
        if made is None:
            return []
        found = mounts_of(made)
        seen = {mount.source: mount for mount in found if mount.source in ("race", "other")}
        equal({name: [word for word in mount.options if word in ("ro", "nosuid")] for name, mount in seen.items()},
              {"race": ["ro", "nosuid"], "other": []}, "the two mounts")
        return ["folder" if parent_of(seen["race"], found).point == "/volume" else "link"]
    with t.container(edit, ["/bin/true"], prepare=lambda bundle: os.makedirs(bundle.path("other/place"))) as c, \
            race(t, volume, "folder", "link") as (running, exchange):
        running.run(c, exchange, ("folder", "link"), look, rounds=t.rounds(*ROUNDS))


@case("attack", row="masked path resolved twice", hole="mask-resolved-twice", timeout=300)
def exchange_of_a_masked_path(t):
    """What was looked at is what is covered: a file's mask on a folder, or the other way about, covers nothing."""
    volume = volume_with(t, "secret")
    # A file of that name on the other side.
    os.mkdir(os.path.join(volume, "other"))
    with open(os.path.join(volume, "other", "secret"), "w", encoding="ascii") as file:
        file.write("secret")

    def edit(config):
        writable(config)
        config["mounts"].append(bound(volume, "/volume"))
        config["linux"].update(maskedPaths=["/volume/folder/secret"], readonlyPaths=[])

    def look(made):
        # A mask that fails fails closed: also that isn't to be, since the path was there all the time.
        true(made is not None, "every create succeeds")
        masks = [mount for mount in mounts_of(made) if mount.point.endswith("/secret")]
        equal(len(masks), 1, "masks")
        # A folder's is the root of a tmpfs, a file's the null device.
        return ["folder" if masks[0].root == "/" else "file"]
    with t.container(edit, ["/bin/true"]) as c, race(t, volume, "folder", "other") as (running, exchange):
        running.run(c, exchange, ("folder", "file"), look, rounds=t.rounds(*ROUNDS))


@cases("attack", [("for-a-link", "link"), ("for-a-file", "file"), ("for-another-device", "zero")],
       row="CVE-2025-31133, 2025-62161", hole="mask-by-the-images-null", timeout=300)
def exchange_of_null(t, kind):
    """CVE-2025-31133: /dev/null is the null device when it is looked at, and something else when a file is masked with it."""
    volume = t.folder()
    os.mknod(os.path.join(volume, "null"), 0o20666, os.makedev(1, 3))
    other = os.path.join(volume, "other")
    if kind == "link":
        os.symlink("/trap", other)
    elif kind == "file":
        with open(other, "w", encoding="ascii") as file:
            file.write("of the image")
    else:
        os.mknod(other, 0o20666, os.makedev(1, 5))

    def edit(config):
        writable(config)
        without_mounts(config, "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue")
        config["mounts"].append(bound(volume, "/dev"))
        config["linux"].update(maskedPaths=[f"/masked/{number}" for number in range(20)], readonlyPaths=[])

    def prepare(bundle):
        bundle.write("trap", "of the image")
        for number in range(20):
            bundle.write(f"masked/{number}", "secret")

    def look(made):
        if made is None:
            return []
        for number in range(20):
            about = os.stat(f"/proc/{made.pid}/root/masked/{number}")
            equal((stat.S_IFMT(about.st_mode), about.st_rdev), (stat.S_IFCHR, os.makedev(1, 3)), f"the mask of file {number}")
        # Which of the two is there by now.
        about = os.lstat(f"/proc/{made.pid}/root/dev/null")
        return ["device" if about.st_rdev == os.makedev(1, 3) else "other"]
    with t.container(edit, ["/bin/true"], prepare=prepare) as c, race(t, volume, "null", "other") as (running, exchange):
        running.run(c, exchange, ("device", "other"), look, rounds=t.rounds(*ROUNDS))


# --- Terminals, devices ---

def hang_up(console):
    """Takes what came over the socket, if anything, and lets go of it."""
    console.listener.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        connection, _ = console.listener.accept()
        connection.close()


def with_a_terminal(t, volume, prepare, one, other, sides, look):
    """The race while a container with a terminal is created, whose /dev is the volume."""
    def edit(config):
        writable(config)
        without_mounts(config, "/dev", "/dev/shm", "/dev/mqueue")
        config["mounts"].insert(1, bound(volume, "/dev"))
        config["linux"].update(maskedPaths=[], readonlyPaths=[])
        config["process"]["terminal"] = True
    console = ConsoleSocket(t.scratch)
    try:
        with t.container(edit, ["/bin/true"], prepare=prepare) as c, race(t, volume, one, other) as (running, exchange):
            running.run(c, exchange, sides, look, rounds=t.rounds(*ROUNDS), flags=("--console-socket", console.path),
                        reset=lambda: hang_up(console))
    finally:
        console.close()


def terminals_of(found):
    """The ends of terminals that are mounted: /dev/pts itself is a mount of the whole."""
    return [mount for mount in found if mount.kind == "devpts" and mount.root != "/"]


@cases("attack", [("for-a-link", "/target"), ("for-a-setting", "/proc/sys/kernel/domainname")],
       row="CVE-2025-52565", hole="console-through-links", timeout=300)
def exchange_of_the_console(t, target):
    """CVE-2025-52565: the terminal is mounted on /dev/console, and nowhere else where a link leads."""
    volume = t.folder()
    os.mkdir(os.path.join(volume, "pts"))
    with open(os.path.join(volume, "console"), "w", encoding="ascii"):
        pass
    os.symlink(target, os.path.join(volume, "other"))

    def look(made):
        if made is None:
            return []
        found = mounts_of(made)
        ends = terminals_of(found)
        equal([parent_of(mount, found).point for mount in ends], ["/dev"], "where terminals are mounted")
        return ["console"]
    with_a_terminal(t, volume, lambda bundle: bundle.write("target", "of the image"), "console", "other",
                    ("console", "refused"), look)


@case("attack", row="CVE-2025-52565", hole="terminal-by-path", timeout=300)
def exchange_of_the_terminals(t):
    """CVE-2025-52565: what is mounted on the console is the terminal that was opened, not what is called so by then."""
    volume = t.folder()
    # In both: the terminals' file system may cover either.
    for name in ("pts", "other"):
        os.mkdir(os.path.join(volume, name))
        for number in range(8):
            with open(os.path.join(volume, name, str(number)), "w", encoding="ascii") as file:
                file.write("of the image")

    def look(made):
        if made is None:
            return []
        found = mounts_of(made)
        consoles = [mount for mount in found if mount.point == "/dev/console"]
        equal([mount.kind for mount in consoles], ["devpts"], "what lies on /dev/console")
        return ["terminals"]
    with_a_terminal(t, volume, None, "pts", "other", ("terminals", "refused"), look)


@case("attack", row=("CVE-2026-41579, 2026-47766", "CVE-2019-18837, 2021-30465"), hole="path-resolved-twice", timeout=300)
def exchange_of_dev(t):
    """CVE-2026-41579: /dev of a root file system that is shared becomes a link while nodes and links are made in it."""
    outside = outside_of(t)
    for name in ("ptmx", "null"):
        with open(os.path.join(outside, name), "w", encoding="ascii") as file:
            file.write("of the host")
    before = contents(outside)

    def edit(config):
        writable(config)
        without_mounts(config, "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue")
        config["linux"].update(maskedPaths=[], readonlyPaths=[])

    def prepare(bundle):
        os.symlink(outside, bundle.path("link"))
        os.makedirs(bundle.path(outside))
    with t.container(edit, ["/bin/true"], prepare=prepare) as c:
        mine = os.open(c.bundle.path("dev"), os.O_RDONLY | os.O_DIRECTORY)
        places = {"folder": f"/proc/self/fd/{mine}", "link": c.bundle.path(outside)}

        def look(_):
            equal(contents(outside), before, "the folder on the host")
            return [side for side, path in places.items() if os.listdir(path)]

        def reset():
            for path in places.values():
                for name in os.listdir(path):
                    os.unlink(os.path.join(path, name))
        with race(t, c.bundle.rootfs, "dev", "link") as (running, exchange):
            running.run(c, exchange, ("folder", "link"), look, rounds=t.rounds(*ROUNDS), reset=reset)
        os.close(mine)


# --- /proc ---

@case("attack", row="CVE-2025-52881, 2025-62596", hole="settings-by-the-containers-proc", timeout=300)
def exchange_of_proc(t):
    """CVE-2025-52881: /proc of a root file system that is shared becomes a link, once it is mounted or before."""
    setting = "sys/net/ipv4/ip_forward"

    def edit(config):
        writable(config)
        config["linux"].update(sysctl={"net.ipv4.ip_forward": "1"}, maskedPaths=[], readonlyPaths=[])

    def prepare(bundle):
        bundle.write(f"fake/{setting}", "0")
        os.symlink("/fake", bundle.path("link"))

    def look(made):
        equal(c.bundle.read(f"fake/{setting}"), "0", "the image's file")
        if made is None:
            return []
        with attacker.joined(f"/proc/{made.pid}/ns/net"), open(f"/proc/{setting}", encoding="ascii") as file:
            equal(file.read().strip(), "1", "the container's network namespace")
        return ["folder"]
    with t.container(edit, ["/bin/true"], prepare=prepare) as c, \
            race(t, c.bundle.rootfs, "proc", "link") as (running, exchange):
        running.run(c, exchange, ("folder", "refused"), look, rounds=t.rounds(*ROUNDS))


# --- What is read of the image ---

@case("attack", row="image and config at large", hole="copy-through-links", timeout=300)
def exchange_while_copying(t):
    """A folder that a tmpfs takes over becomes a link to one of the host's: nothing of that is copied."""
    outside = outside_of(t)

    def edit(config):
        config["mounts"].append({"destination": "/data", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]})

    def prepare(bundle):
        bundle.write("data/folder/file", "of the image")
        os.symlink(outside, bundle.path("data/link"))

    def look(made):
        if made is None:
            return []
        copied = contents(f"/proc/{made.pid}/root/data")
        excludes([entry[3] for entry in copied.values()], "of the host")
        # Both names are of one kind where the second was looked at after an exchange.
        return ["a folder" if stat.S_ISDIR(copied["folder"][0]) else "a link"]
    with t.container(edit, ["/bin/true"], prepare=prepare) as c, \
            race(t, c.bundle.path("data"), "folder", "link") as (running, exchange):
        running.run(c, exchange, ("a folder", "a link"), look, rounds=t.rounds(*ROUNDS))


@case("attack", row="image and config at large", hole="any-program", timeout=300)
def exchange_of_the_program(t):
    """The program becomes a FIFO after the look at it: nobody waits there for a writer."""
    def prepare(bundle):
        bundle.write("files/program", "#!/bin/sh\n", 0o755)
        os.mkfifo(bundle.path("files/fifo"), 0o755)

    def look(made):
        return [] if made is None else ["program"]
    with t.container(args=["/files/program"], prepare=prepare) as c, \
            race(t, c.bundle.path("files"), "program", "fifo") as (running, exchange):
        running.run(c, exchange, ("program", "refused"), look, rounds=t.rounds(*ROUNDS))
