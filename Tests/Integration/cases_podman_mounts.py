"""Below real podman: volumes, tmpfs and other mounts."""

import json
import os
import stat

from harness import case, cases, contains, equal, excludes, fails, layout, succeeds, true
from harness.podman import Podman
from harness.probe import Report

MOUNTS = ("/probe", "report", "mounts")


def mount_at(t, podman, point, flags):
    """The mount that the program sees there. The transcript has what it says but for numbers."""
    said = Report(succeeds(podman.run(*MOUNTS, flags=flags, record="status")).out).mount(point)
    # A mode that the runtime asks the new file system for stands here, one that it sets afterwards doesn't.
    t.transcript.note(f"mount on {point}", [said.kind, said.options, bool(said.propagation), {
        option for option in said.super_options if not option.startswith("mode=")}])
    return said


@case("podman")
def podman_volumes(t):
    folder = t.folder("volume")
    with Podman(t) as podman:
        succeeds(podman.run("/bin/sh", "-c", "echo here >/mnt/file", flags=["--volume", f"{folder}:/mnt"]))
        with open(os.path.join(folder, "file"), encoding="ascii") as file:
            equal(file.read(), "here\n")
        true(podman.run("/bin/touch", "/mnt/other", flags=["--volume", f"{folder}:/mnt:ro"]).status != 0, "a read-only volume")
        # A file, at a place that isn't there.
        flags = ["--volume", f"{folder}/file:/new/place/file:ro"]
        equal(succeeds(podman.run("/bin/cat", "/new/place/file", flags=flags)).out, "here\n")
        fails(podman.run("/bin/true", flags=["--volume", "/nosuch:/mnt"]), "no such file or directory", 125)


@cases("podman", [
    ("ro", "ro", ["ro"], ["rw"]), ("noexec", "noexec", ["noexec", "rw"], ["nosuid"]), ("nosuid", "nosuid", ["nosuid"], []),
    ("nodev", "nodev", ["nodev"], []), ("all", "ro,noexec,nosuid,nodev", ["ro", "noexec", "nosuid", "nodev"], []),
])
def podman_volume_options(t, options, there, missing):
    with Podman(t) as podman:
        said = mount_at(t, podman, "/mnt", ["--volume", f"{t.folder()}:/mnt:{options}"])
        true(set(there) <= set(said.options) and not set(missing) & set(said.options), said)


@case("podman")
def podman_volume_noexec(t):
    """Nothing on it is started, and the error says so."""
    folder = t.folder()
    with open(t.programs.busybox, "rb") as source, open(os.path.join(folder, "true"), "wb") as copy:
        copy.write(source.read())
    os.chmod(os.path.join(folder, "true"), 0o755)
    with Podman(t) as podman:
        succeeds(podman.run("/mnt/true", flags=["--volume", f"{folder}:/mnt:exec"]))
        equal(podman.run("/mnt/true", flags=["--volume", f"{folder}:/mnt:noexec"], record="status").status, 126)


@cases("podman", [("rprivate", "rprivate", ()), ("rslave", "rslave", ("master",)), ("rshared", "rshared", ("shared",))])
def podman_volume_propagation(t, option, expected):
    """Of a volume whose source is a shared mount of this case's own."""
    folder = t.folder()
    layout.mount("volume", folder, "tmpfs")
    try:
        layout.mount(None, folder, flags=layout.MS_SHARED)
        with Podman(t) as podman:
            said = mount_at(t, podman, "/mnt", ["--volume", f"{folder}:/mnt:{option}"])
            equal(tuple(word.split(":")[0] for word in said.propagation), expected)
    finally:
        layout.umount(folder)


@case("podman")
def podman_mounts_propagate(t):
    """What is mounted on the host while it runs arrives in a slave; what is mounted there stays there."""
    folder = t.folder()
    layout.mount("volume", folder, "tmpfs")
    try:
        layout.mount(None, folder, flags=layout.MS_SHARED)
        below = os.path.join(folder, "below")
        os.mkdir(below)
        with Podman(t) as podman:
            name = podman.up(flags=["--volume", f"{folder}:/mnt:rslave", "--cap-add", "sys_admin"])
            layout.mount("later", below, "tmpfs")
            with open(os.path.join(below, "file"), "w", encoding="ascii") as file:
                file.write("later\n")
            equal(succeeds(podman.call("exec", name, "/bin/cat", "/mnt/below/file")).out, "later\n")
            layout.umount(below)
            succeeds(podman.call("exec", name, "/bin/mount", "-t", "tmpfs", "inside", "/mnt/below"))
            true(below not in [point for point, _, _ in layout.mounts()], "the container's mount is on the host")
    finally:
        layout.umount(folder)


@case("podman")
def podman_volume_of_another_owner(t):
    """`U` gives the source to the container's user."""
    folder = t.folder()
    with open(os.path.join(folder, "file"), "w", encoding="ascii"):
        pass
    os.chown(folder, 5, 5)
    with Podman(t) as podman:
        flags = ["--user", "1000:1001", "--volume", f"{folder}:/mnt:U"]
        succeeds(podman.run("/bin/sh", "-c", "echo mine >/mnt/file; stat -c '%u %g' /mnt", flags=flags))
        info = os.stat(os.path.join(folder, "file"))
        equal((info.st_uid, info.st_gid, info.st_size), (1000, 1001, 5))


@case("podman", timeout=60)
def podman_named_volumes(t):
    """With podman's words on whether a new one is filled; they stand in config.json, where they mean nothing."""
    with Podman(t) as podman:
        podman.bundle.write("home/file", "of the image\n")
        for number, options in enumerate(("", ":copy", ":nocopy", ":ro,nocopy")):
            volume = f"{podman.prefix}-volume-{number}"
            flags = ["--volume", f"{volume}:/home{options}"]
            succeeds(podman.run("/bin/ls", "/home", flags=flags, record="status"), options)
        volume = f"{podman.prefix}-kept"
        succeeds(podman.run("/bin/sh", "-c", "echo kept >/mnt/file", flags=["--volume", f"{volume}:/mnt"]))
        equal(succeeds(podman.run("/bin/cat", "/mnt/file", flags=["--mount", f"type=volume,src={volume},dst=/mnt,ro"])).out,
              "kept\n")
        contains(succeeds(podman.call("volume", "ls", "--quiet")).out, volume)


@case("podman")
def podman_overlay_volume(t):
    """`O`: what is written goes with the container."""
    folder = t.folder()
    with open(os.path.join(folder, "file"), "w", encoding="ascii") as file:
        file.write("below\n")
    with Podman(t) as podman:
        script = "cat /mnt/file; echo above >/mnt/file; cat /mnt/file; grep -c ' /mnt overlay ' /proc/mounts"
        equal(succeeds(podman.run("/bin/sh", "-c", script, flags=["--volume", f"{folder}:/mnt:O"])).out, "below\nabove\n1\n")
        with open(os.path.join(folder, "file"), encoding="ascii") as file:
            equal(file.read(), "below\n")


@case("podman", timeout=60, differs_in={
    "owner": "runc 1.1.5 passes the option over, so that the files belong to nobody there",
    "run#2": "runc 1.1.5 passes the option over; what would not be mapped is an error"})
def podman_idmapped_volume(t):
    folder = t.folder()
    with open(os.path.join(folder, "file"), "w", encoding="ascii"):
        pass
    os.chown(os.path.join(folder, "file"), 7, 8)
    with Podman(t) as podman:
        for top, _, _ in os.walk(podman.rootfs):
            os.chown(top, 200000, 200000)
        flags = ["--uidmap", "0:200000:5000", "--gidmap", "0:200000:5000", "--volume", f"{folder}:/mnt:idmap"]
        result = succeeds(podman.run("/bin/stat", "-c", "%u %g", "/mnt/file", flags=flags, record="status"))
        t.transcript.note("owner", result.out)
        result = podman.run("/bin/true", flags=["--volume", f"{folder}:/mnt:idmap"])
        if t.runtime.is_raind:
            contains(result.err, "idmap needs")
            equal(result.status, 126)


@cases("podman", [
    ("plain", "", 0o1777), ("read-only", ":ro", 0o1777),
    ("options", ":size=1m,mode=700,noexec", 0o700, {
        "differs_in": {"mode": "runc 1.1.5 gives it the mode of the folder that it covers, whatever is asked for"}}),
])
def podman_tmpfs(t, options, mode):
    with Podman(t) as podman:
        # It takes the mode of the folder that it covers, if none is given.
        os.chmod(podman.bundle.path("mnt"), 0o1777)
        said = mount_at(t, podman, "/mnt", ["--tmpfs", f"/mnt{options}"])
        equal((said.kind, "nosuid" in said.options, "nodev" in said.options), ("tmpfs", True, True))
        equal(("ro" in said.options, "noexec" in said.options, "size=1024k" in said.super_options),
              (options == ":ro", "noexec" in options, "size" in options))
        result = succeeds(podman.run("/probe", "stat", "/mnt", flags=["--tmpfs", f"/mnt{options}"], record="status"))
        found = json.loads(result.out)[0]["mode"]
        t.transcript.note("mode", found)
        if t.runtime.is_raind:
            equal(stat.S_IMODE(found), mode)


@cases("podman", [("copied", "tmpcopyup", "1"), ("empty", "notmpcopyup", "0")])
def podman_tmpfs_over_files(t, option, expected):
    with Podman(t) as podman:
        podman.bundle.write("mnt/file", "below\n")
        flags = ["--mount", f"type=tmpfs,dst=/mnt,{option}"]
        equal(succeeds(podman.run("/bin/sh", "-c", "ls /mnt | wc -l", flags=flags)).out.strip(), expected)


@case("podman", timeout=60)
def podman_mount_types(t):
    folder = t.folder()
    with open(os.path.join(folder, "file"), "w", encoding="ascii") as file:
        file.write("bound\n")
    with Podman(t) as podman:
        image = podman.image()
        flags = ["--mount", f"type=bind,src={folder},dst=/mnt,ro,bind-propagation=rprivate"]
        said = mount_at(t, podman, "/mnt", flags)
        true("ro" in said.options, said)
        flags = ["--mount", "type=tmpfs,dst=/mnt,tmpfs-size=1m,tmpfs-mode=755"]
        said = mount_at(t, podman, "/mnt", flags)
        true("size=1024k" in said.super_options, said)
        said = mount_at(t, podman, "/mnt", ["--mount", "type=devpts,dst=/mnt"])
        equal(said.kind, "devpts")
        flags = ["--mount", f"type=image,src={image},dst=/mnt"]
        result = succeeds(podman.run("/bin/sh", "-c", "head -n 1 /mnt/etc/passwd; /probe write /mnt/new x; true", flags=flags))
        equal(result.out, "root:x:0:0:root:/root:/bin/sh\nEROFS\n")
        fails(podman.run("/bin/true", flags=["--mount", "type=bind,src=/nosuch,dst=/mnt"]), "no such file", 125)
        fails(podman.run("/bin/true", flags=["--mount", "type=nosuch,dst=/mnt"]), "invalid filesystem type", 125)


@case("podman")
def podman_volumes_from_another(t):
    folder = t.folder()
    with Podman(t) as podman:
        name = podman.up(flags=["--volume", f"{folder}:/mnt", "--volume", "/tmp"])
        succeeds(podman.call("exec", name, "/bin/sh", "-c", "echo one >/mnt/file; echo two >/tmp/file"))
        result = podman.run("/bin/cat", "/mnt/file", "/tmp/file", flags=["--volumes-from", f"{name}:ro"])
        equal(succeeds(result).out, "one\ntwo\n")
        true(podman.run("/bin/touch", "/mnt/file", flags=["--volumes-from", f"{name}:ro"]).status != 0, "read-only")


@case("podman")
def podman_secrets(t):
    with Podman(t) as podman:
        secret = f"{podman.prefix}-secret"
        succeeds(podman.call("secret", "create", secret, t.file("hidden"), record="status"))
        try:
            flags = ["--secret", f"{secret},mode=0400,uid=1000", "--user", "1000"]
            result = succeeds(podman.run("/bin/cat", f"/run/secrets/{secret}", flags=flags))
            equal(result.out, "hidden")
            excludes(podman.inspect(podman.names[-1], "{{.Mounts}}", record=False), "hidden")
        finally:
            succeeds(podman.call("secret", "rm", secret, record="status"))
