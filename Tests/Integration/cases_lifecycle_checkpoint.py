"""checkpoint and restore: their flags, and what is told where no container can be saved."""

import os

from harness import case, cases, contains, equal, excludes, fails, succeeds, true

# What engines take for a verdict on the user's command.
VERDICTS = ("not found", "no such file", "permission denied", "operation not permitted", "open executable")

BOTH = ["--tcp-established", "--ext-unix-sk", "--shell-job", "--lazy-pages", "--file-locks", "--auto-dedup", "--link-remap",
        "--image-path=/i", "--work-path=/w", "--manage-cgroups-mode=soft", "--empty-ns=network"]
FLAGS = {
    "checkpoint": [*BOTH, "--parent-path=../parent", "--leave-running", "--tcp-skip-in-flight", "--status-fd=3",
                   "--page-server=127.0.0.1:4711", "--pre-dump"],
    "restore": [*BOTH, "--tcp-close", "--bundle=.", "-b", ".", "--detach", "-d", "--console-socket=/s", "--pid-file=/p",
                "--no-subreaper", "-no-subreaper", "--no-pivot", "--lsm-profile=apparmor:unconfined",
                "--lsm-mount-context=system_u:object_r:container_file_t:s0"],
}
PATHS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
NEWER = {"runc": "1.1.5 has no --tcp-skip-in-flight, --tcp-close and --link-remap",
         "crun": "1.8.1 has only the flags that podman sends"}


@cases("lifecycle", [(name, name) for name in FLAGS], differs=NEWER)
def checkpoint_help(t, command):
    """Podman asks for it before it offers to checkpoint, and goes by the status."""
    said = succeeds(t.call(command, "--help"))
    equal(said.err, "")
    for flag in FLAGS[command]:
        if flag.startswith("--") and flag != "--no-subreaper":
            contains(said.out, flag.partition("=")[0])


@case("lifecycle", differs={"crun": "says `option requires an argument`"})
def restore_needs_the_value_of_its_mount_context(t):
    """By the text podman knows that the flag is there."""
    result = t.call("restore", "--lsm-mount-context")
    true(result.status != 0, result)
    contains(result.err, "flag needs an argument")


@cases("lifecycle", [(name, name) for name in FLAGS], raind_only="peers come to CRIU, or to their own flags")
def checkpoint_flags(t, command):
    """Each is known, alone and with all others: what is told is told of the container."""
    with t.container() as c:
        if command == "checkpoint":
            c.up()
        for flags in [*([flag] for flag in FLAGS[command] if flag not in ("-b", ".")), FLAGS[command]]:
            fails(c.call(command, *flags, c.id), "containers cannot be ")
        fails(c.call(command, "--nosuch", c.id), "unknown option --nosuch")
        fails(c.call(command), "usage: raind-oci")


@case("lifecycle", differs={"crun": "tells of a file that is missing"})
def checkpoint_of_nothing(t):
    fails(t.call("checkpoint", t.name()), "container does not exist")


@case("lifecycle", raind_only="runc says in which state it is, crun asks CRIU first")
def checkpoint_of_a_container_that_does_not_run(t):
    with t.container() as c:
        succeeds(c.create())
        fails(c.call("checkpoint", c.id), "container not running")
        succeeds(c.start())
        c.stop()
        fails(c.call("checkpoint", c.id), "container not running")


@case("lifecycle", raind_only="the peers look for the images first")
def restore_over_a_container(t):
    with t.container() as c:
        c.up()
        fails(c.call("restore", "--image-path", t.scratch, c.id), "container with given ID already exists")
        equal(c.status, "running")


@case("lifecycle", raind_only="the peers drive CRIU")
def checkpoint_says_what_is_missing(t):
    """Without criu that, with criu that this isn't enough; in one line that nobody takes for a word on the command."""
    with_criu = t.folder("with-criu")
    criu = os.path.join(with_criu, "criu")
    os.symlink("/bin/true", criu)
    nobody = t.name()
    with t.container() as c:
        c.up()
        for words in (["checkpoint", c.id], ["restore", nobody]):
            # Also where PATH isn't set, which is how podman calls: the folders of every system are looked at.
            for env in ({"PATH": t.folder()}, {}):
                if not env and any(os.path.exists(f"{folder}/criu") for folder in PATHS):
                    continue
                said = fails(t.call(*words, env=env), "no folder of PATH has the program criu").err
                contains(said, "this version of raind-oci does not drive CRIU yet")
                equal(said.count("\n"), 1, said)
                for words_of_others in VERDICTS:
                    excludes(said.lower(), words_of_others)
            said = fails(t.call(*words, env={"PATH": with_criu}), "does not drive CRIU yet").err
            contains(said, f"({criu} is there)")
            excludes(said, "no folder")
        equal(c.status, "running", "nothing has become of it")
        fails(t.call("state", nobody), "does not exist")
