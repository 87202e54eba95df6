"""checkpoint and restore: their flags, and what is told where nothing can be saved. Containers that are saved: cases_vm_criu.py."""

import os
import signal

from harness import case, cases, contains, equal, excludes, fails, fake_criu, succeeds, true

# What engines take for a verdict on the user's command.
VERDICTS = ("not found", "no such file", "permission denied", "operation not permitted", "open executable")

BOTH = ["--tcp-established", "--ext-unix-sk", "--shell-job", "--lazy-pages", "--file-locks", "--auto-dedup", "--link-remap",
        "--image-path=/i", "--work-path=/w", "--manage-cgroups-mode=soft", "--empty-ns=network"]
FLAGS = {
    "checkpoint": [*BOTH, "--parent-path=../parent", "--leave-running", "--tcp-skip-in-flight", "--status-fd=1",
                   "--page-server=127.0.0.1:4711", "--pre-dump"],
    "restore": [*BOTH, "--tcp-close", "--bundle=.", "-b", ".", "--detach", "-d", "--console-socket=/s", "--pid-file=/p",
                "--no-subreaper", "-no-subreaper", "--no-pivot", "--lsm-profile=apparmor:unconfined",
                "--lsm-mount-context=system_u:object_r:container_file_t:s0"],
}
# Accepted, and told of nowhere.
QUIET = ("--no-subreaper", "--no-pivot")
PATHS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
NEWER = {"runc": "1.1.5 has no --tcp-skip-in-flight, --tcp-close and --link-remap",
         "crun": "1.8.1 has only the flags that podman sends"}
MISSING = "no folder of PATH has the program criu"
OWN = "a stand-in for criu answers, as raind-oci asks it"


@cases("lifecycle", [(name, name) for name in FLAGS], differs=NEWER)
def checkpoint_help(t, command):
    """Podman asks for it before it offers to checkpoint, and goes by the status."""
    said = succeeds(t.call(command, "--help"))
    equal(said.err, "")
    for flag in FLAGS[command]:
        if flag.startswith("--") and flag not in QUIET:
            contains(said.out, flag.partition("=")[0])


@case("lifecycle", differs={"crun": "says `option requires an argument`"})
def restore_needs_the_value_of_its_mount_context(t):
    """By the text podman knows that the flag is there."""
    result = t.call("restore", "--lsm-mount-context")
    true(result.status != 0, result)
    contains(result.err, "flag needs an argument")


@cases("lifecycle", [(name, name) for name in FLAGS], raind_only="peers come to CRIU, or to their own flags")
def checkpoint_flags(t, command):
    """Each is known, alone and with all others: what is told is that there is no criu."""
    def terminal(config):
        config["process"]["terminal"] = command == "restore"

    with t.container(terminal) as c:
        always = ["--console-socket=/s"] if command == "restore" else []
        options = {"env": {"PATH": t.folder()}, "cwd": c.bundle.folder}
        if command == "checkpoint":
            c.up()
        for flags in [*([flag] for flag in FLAGS[command] if flag not in ("-b", ".")), FLAGS[command]]:
            fails(c.call(command, *always, *flags, c.id, **options), MISSING)
        fails(c.call(command, "--nosuch", c.id), "unknown option --nosuch")
        fails(c.call(command), "usage: raind-oci")
        for name in ("/i", "/w", "/p"):
            true(not os.path.exists(name), f"{name} was made")


@cases("lifecycle", [
    ("mode", ["--manage-cgroups-mode=none"], "--manage-cgroups-mode: expected soft, full, strict or ignore, found none"),
    ("namespace", ["--empty-ns=ipc"], "--empty-ns: expected network, found ipc"),
    ("server", ["--page-server=127.0.0.1"], "--page-server: expected ADDRESS:PORT, found 127.0.0.1"),
    ("port", ["--page-server=127.0.0.1:0"], "--page-server: expected ADDRESS:PORT"),
    ("no-descriptor", ["--lazy-pages", "--status-fd=99"], "--status-fd: expected a descriptor that is open, found 99"),
    ("read-descriptor", ["--lazy-pages", "--status-fd=0"], "--status-fd: descriptor 0 is not open for writing"),
], raind_only="the peers have other words for it")
def checkpoint_refuses(t, flags, words):
    with open(os.devnull, "rb") as null:
        fails(t.call("checkpoint", *flags, t.name(), stdin=null), words)


@case("lifecycle", differs={"crun": "tells of a file that is missing"})
def checkpoint_of_nothing(t):
    fails(t.call("checkpoint", t.name()), "container does not exist")


@case("lifecycle", raind_only="runc says in which state it is, crun asks CRIU first")
def checkpoint_of_a_container_that_does_not_run(t):
    with t.container() as c:
        succeeds(c.create())
        fails(c.call("checkpoint", c.id), "container not running")
        if succeeds(c.call("pause", c.id)):
            fails(c.call("checkpoint", c.id), "container not running")
            succeeds(c.call("resume", c.id))
        succeeds(c.start())
        c.stop()
        fails(c.call("checkpoint", c.id), "container not running")


@case("lifecycle", raind_only="the peers look for the images first")
def restore_over_a_container(t):
    with t.container() as c:
        c.up()
        fails(c.call("restore", "--image-path", t.scratch, c.id), "container with given ID already exists")
        equal(c.status, "running")


@case("lifecycle", raind_only="the peers have other words for it")
def checkpoint_says_that_criu_is_missing(t):
    """In one line that nobody takes for a word on the command."""
    nobody = t.name()
    with t.container() as c:
        c.up()
        for words in (["checkpoint", c.id], ["restore", "--bundle", c.bundle.folder, nobody]):
            # Also where PATH isn't set, which is how podman calls: the folders of every system are looked at.
            for env in ({"PATH": t.folder()}, {}):
                if not env and any(os.path.exists(f"{folder}/criu") for folder in PATHS):
                    continue
                said = fails(t.call(*words, env=env), MISSING).err
                contains(said, "; hint: install criu, version 3.0 or later")
                equal(said.count("\n"), 1, said)
                for words_of_others in VERDICTS:
                    excludes(said.lower(), words_of_others)
        equal(c.status, "running", "nothing has become of it")
        fails(t.call("state", nobody), "does not exist")


@cases("lifecycle", [(mode, mode, words) for mode, words in (
    ("old", "criu is 2.12, and 3.0 or later is needed"),
    ("silent", "criu ended with exit status 3"),
    ("killed", "criu was killed by signal 9"),
    ("garbage", "criu's answer ends inside a field"),
    ("strange", "criu answers with a message of type 3, which was not asked for"),
    ("fails", "Can't open /x: ENOENT, missing; hint: "),
    ("nobody", {"checkpoint": "Can't open /x: ENOENT, missing", "restore": "pidfd_open pid 2147483646: "}),
)], raind_only=OWN)
def criu_that(t, mode, words):
    """Whatever CRIU does: the container that could not be saved goes on, of the one that could not be restored nothing is
    left, and what is told is no verdict on the command."""
    place, _ = fake_criu.install(t, mode)
    images, nobody = t.folder(), t.name()
    with open(f"{images}/descriptors.json", "w", encoding="ascii") as file:
        file.write('["/dev/null", "pipe:[1]", "file[2a:c1]"]')
    with t.container() as c:
        c.up()
        for call in (["checkpoint", "--image-path", images, c.id],
                     ["restore", "--image-path", images, "--bundle", c.bundle.folder, nobody]):
            said = fails(t.call(*call, env={"PATH": place}), words[call[0]] if isinstance(words, dict) else words).err
            equal(said.count("\n"), 1, said)
            for words_of_others in VERDICTS:
                excludes(said.lower(), words_of_others)
            equal(c.status, "running")
            fails(t.call("state", nobody), "does not exist")


@case("lifecycle", raind_only=OWN)
def checkpoint_tells_criu(t):
    """What criu is asked for goes by the flags and the container."""
    place, asked = fake_criu.install(t, "fails")
    images, work, shared = f"{t.scratch}/a/images", f"{t.scratch}/work", t.folder()

    def edit(config):
        config["annotations"] = {"org.criu.config": "/etc/mine.conf"}
        config["mounts"].append({"destination": "//shared/", "type": "bind", "source": shared, "options": ["bind"]})

    with t.container(edit) as c:
        c.up()
        fails(c.call("checkpoint", "--image-path", images, "--work-path", work, "--tcp-established", "--file-locks",
                     "--page-server", "[::1]:27", "--manage-cgroups-mode", "strict", "--leave-running", c.id,
                     env={"PATH": place}), f"{work}/dump.log tells more")
        version, dump = (open(f"{asked}/{name}", "rb").read() for name in sorted(os.listdir(asked))[:2])
        equal(fake_criu.fields(version), [(1, 10), (4, 1)])
        options = dict(fake_criu.fields(dump))
        equal(options[1], 1)
        told = fake_criu.fields(options[2])
        flags = dict(told)
        equal({place: flags.get(place) for place in (2, 3, 4, 5, 7, 8, 10, 12, 34, 38, 50, 51)}, {
            2: c.pid, 3: 1, 4: None, 5: 1, 7: None, 8: 1, 10: b"dump.log", 12: 1, 34: 5, 38: 0x40000000, 50: 1,
            51: b"/etc/mine.conf"})
        equal(flags[13].decode(), c.bundle.rootfs)
        equal(fake_criu.fields(flags[11]), [(1, b"::1"), (2, 27)])
        mounts = [tuple(value for _, value in fake_criu.fields(message)) for number, message in told if number == 23]
        true((b"/shared", b"/shared") in mounts, mounts)
        masks = [mask for mask in c.bundle.config["linux"]["maskedPaths"] if os.path.isfile(mask)]
        true(masks and all((mask.encode(), b"/dev/null") in mounts for mask in masks), mounts)
        # The standard streams are files that the container's mounts don't have.
        equal(len([value for number, value in told if number == 37 and value.startswith(b"file[")]), 3, told)
        for folder in (images, work):
            equal(os.stat(folder).st_mode & 0o777, 0o700, folder)


@cases("lifecycle", [
    ("absolute", "/tmp", "--parent-path must be relative"),
    ("missing", "../nothing", "invalid --parent-path: statx ../nothing: ENOENT"),
], raind_only=OWN)
def checkpoint_parent(t, parent, words):
    place, _ = fake_criu.install(t, "fails")
    with t.container() as c:
        c.up()
        fails(c.call("checkpoint", "--image-path", t.folder(), "--parent-path", parent, c.id, env={"PATH": place}), words)


@case("lifecycle", raind_only=OWN)
def checkpoint_needs_features(t):
    place, _ = fake_criu.install(t, "fails")
    with t.container() as c:
        c.up()
        for flag, words in (("--pre-dump", "which memory was written to"), ("--lazy-pages", "can't move memory lazily")):
            fails(c.call("checkpoint", "--image-path", t.folder(), flag, c.id, env={"PATH": place}), words)


@cases("lifecycle", [
    ("no-folder", None, "no container was saved in "),
    ("empty", "", "descriptors.json is missing"),
    ("text", "{", "descriptors.json is damaged: expected an array of texts"),
    ("object", "{}", "descriptors.json is damaged: expected an array of texts"),
    ("numbers", "[1]", "descriptors.json is damaged: expected an array of three texts at most"),
    ("more", '["","","",""]', "descriptors.json is damaged: expected an array of three texts at most"),
], raind_only=OWN)
def restore_from(t, text, words):
    """Images come from anywhere."""
    place, _ = fake_criu.install(t, "fails")
    images = f"{t.scratch}/nothing" if text is None else t.folder()
    if text:
        with open(f"{images}/descriptors.json", "w", encoding="ascii") as file:
            file.write(text)
    with t.container() as c:
        fails(c.call("restore", "--image-path", images, "--bundle", c.bundle.folder, c.id, env={"PATH": place}), words)
        c.is_unknown()


@case("lifecycle", raind_only=OWN)
def restore_makes_mount_points(t):
    """Those that a root file system, unpacked anew, has no more; not those that a new file system will have."""
    place, asked = fake_criu.install(t, "fails")
    images, folder, file = t.folder(), t.folder(), t.file("x")
    os.mkdir(f"{folder}/inner")
    with open(f"{images}/descriptors.json", "w", encoding="ascii") as out:
        out.write("[]")

    def edit(config):
        for destination, source in (("/a/b", folder), ("/a/b/c/d", folder), ("/e/f", file), ("/dev/shm/x", folder)):
            config["mounts"].append({"destination": destination, "type": "bind", "source": source, "options": ["bind"]})

    with t.container(edit) as c:
        before = open("/proc/self/mountinfo", encoding="utf-8").read()
        fails(c.call("restore", "--image-path", images, "--bundle", c.bundle.folder, c.id, env={"PATH": place}), "ENOENT")
        equal(open("/proc/self/mountinfo", encoding="utf-8").read(), before)
        root = c.bundle.rootfs
        true(os.path.isdir(f"{root}/a/b"), "/a/b")
        true(os.path.isdir(f"{folder}/c/d"), "a folder in what is bound at /a/b")
        true(os.path.isfile(f"{root}/e/f"), "/e/f")
        equal(os.listdir(f"{root}/dev"), [])
        told = fake_criu.fields(dict(fake_criu.fields(open(f"{asked}/{sorted(os.listdir(asked))[1]}", "rb").read()))[2])
        mounts = [tuple(value.decode() for _, value in fake_criu.fields(message)) for number, message in told if number == 23]
        for pair in (("/a/b", folder), ("/a/b/c/d", folder), ("/e/f", file), ("/dev/null", "/dev/null")):
            true(pair in mounts, f"{pair} in {mounts}")


@case("lifecycle", raind_only=OWN)
def restore_that_is_deleted(t):
    """`delete --force` ends a restore with CRIU, which is in the container's groups and would be long in giving up."""
    place, asked = fake_criu.install(t, "stays")
    images = t.folder()
    with open(f"{images}/descriptors.json", "w", encoding="ascii") as file:
        file.write("[]")
    with t.container() as c:
        restoring = c.spawn("restore", "--image-path", images, "--bundle", c.bundle.folder, c.id, env={"PATH": place})
        # The question for its version, the restore, and the word that the namespaces are set up.
        t.until(lambda: len(os.listdir(asked)) == 3, "criu is at work")
        succeeds(c.delete("--force"))
        equal(restoring.wait(10), -signal.SIGKILL)
        c.is_unknown()


@case("lifecycle", raind_only=OWN)
def restore_tells_of_a_source_that_is_missing(t):
    place, _ = fake_criu.install(t, "fails")
    images, folder = t.folder(), t.folder()
    with open(f"{images}/descriptors.json", "w", encoding="ascii") as file:
        file.write("[]")

    def edit(config):
        config["mounts"].append({"destination": "/a", "type": "bind", "source": f"{folder}/gone", "options": ["bind"]})

    with t.container(edit) as c:
        fails(c.call("restore", "--image-path", images, "--bundle", c.bundle.folder, c.id, env={"PATH": place}),
              f"hint: is the mount source {folder}/gone there?")
        c.is_unknown()
