"""/mounts: file systems, binds, options, propagation, and the places where they go."""

import os
import stat
import struct

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness.bundle import mount_at, set_capabilities, with_user_namespace, without_namespace
from harness.layout import MS_BIND, MS_SHARED, mount, umount

TMPFS = 0x01021994


def mounts(*entries):
    return lambda config: config["mounts"].extend(entries)


def bind(source, destination="/x", *options):
    return {"destination": destination, "type": "bind", "source": source, "options": ["bind", *options]}


def tmpfs(destination="/x", *options):
    return {"destination": destination, "type": "tmpfs", "source": "tmpfs", "options": list(options)}


def made(*names):
    """Folders of the root file system: /x is made unless another is named."""
    def prepare(bundle):
        for name in names or ("/x",):
            os.makedirs(bundle.path(name), exist_ok=True)
    return prepare


def mount_of(t, entry, point=None, prepare=None, edit=None):
    def both(config):
        mounts(entry)(config)
        if edit:
            edit(config)
    return t.report("mounts", edit=both, prepare=prepare or made(entry["destination"])).mount(
        point or entry["destination"])


# Those that every container has

@case("spec", fields=["/mounts/*/{destination,type,options}"])
def mounts_of_the_base(t):
    """Kinds and options as `runc spec` writes them."""
    report = t.report("mounts")
    expected = {
        "/proc": ("proc", set(), set()),
        "/dev": ("tmpfs", {"nosuid"}, {"mode=755", "size=65536k"}),
        "/dev/pts": ("devpts", {"nosuid", "noexec"}, {"gid=5", "mode=620", "ptmxmode=666"}),
        "/dev/shm": ("tmpfs", {"nosuid", "noexec", "nodev"}, {"size=65536k"}),
        "/dev/mqueue": ("mqueue", {"nosuid", "noexec", "nodev"}, set()),
        "/sys": ("sysfs", {"nosuid", "noexec", "nodev", "ro"}, set()),
    }
    for point, (kind, options, super_options) in expected.items():
        found = report.mount(point)
        equal(found.kind, kind, point)
        true(options <= set(found.options), f"{found}")
        true(super_options <= set(found.super_options), f"{found}")
    excludes(report.mount("/dev").options, "ro", "strictatime")
    excludes(report.mount("/dev").options, "relatime", "strictatime")


@case("spec", fields=["/mounts/*/destination"])
def mounts_keep_their_order(t):
    """A later one may stand on an earlier one's place."""
    entries = (tmpfs("/x"), tmpfs("/x/inner", "size=8k"), tmpfs("/x/inner", "size=16k"))
    points = [m for m in t.report("mounts", edit=mounts(*entries), prepare=made("/x")).mounts
              if m.point.startswith("/x")]
    equal([m.point for m in points], ["/x", "/x/inner", "/x/inner"])
    contains(points[2].super_options, "size=16k")


@case("spec")
def proc_is_of_the_pid_namespace(t):
    said = t.shell("ls /proc | grep -c '^[0-9]'; cat /proc/1/comm; true")
    count, name = said.split()
    true(int(count) < 6, f"{count} processes")
    equal(name, "sh")


@case("spec")
def devpts_is_new(t):
    """The host's terminals aren't there."""
    equal(t.shell("ls /dev/pts").split(), ["ptmx"])


@case("spec")
def mqueue_is_of_the_ipc_namespace(t):
    equal(t.shell("ls -A /dev/mqueue; touch /dev/mqueue/q; ls /dev/mqueue"), "q\n")


@case("spec", differs={"runc": "1.1's has no group"})
def mqueue_of_a_user_namespace(t):
    """Made by one clone with everything it would belong to nobody."""
    from harness.bundle import with_user_namespace
    seen = t.stat("/dev/mqueue", edit=with_user_namespace)["/dev/mqueue"]
    equal((seen["uid"], seen["gid"]), (0, 0))


@case("spec")
def sysfs_is_of_the_network_namespace(t):
    equal([name for name in t.shell("ls /sys/class/net").split() if name != "lo"
           and not name.startswith(("tunl", "sit", "ip", "gre", "erspan", "bonding"))], [])


# tmpfs

@case("spec", differs={"runc": "1.1 takes the folder's mode although one is given"},
      fields=["/mounts/*/{type,options}"])
def tmpfs_options(t):
    found = mount_of(t, tmpfs("/x", "nosuid", "nodev", "noexec", "ro", "mode=0711", "size=128k", "nr_inodes=50",
                              "uid=5", "gid=6"))
    equal(found.kind, "tmpfs")
    true({"nosuid", "nodev", "noexec", "ro"} <= set(found.options), f"{found}")
    seen = t.stat("/x", edit=mounts(tmpfs("/x", "mode=0711", "size=128k", "nr_inodes=50", "uid=5", "gid=6")),
                  prepare=made())["/x"]
    equal((seen["mode"], seen["uid"], seen["gid"], seen["fsBytes"], seen["fsFiles"], seen["fsType"]),
          (0o711, 5, 6, 131072, 50, TMPFS))


@case("spec")
def tmpfs_that_is_full(t):
    said = t.shell("dd if=/dev/zero of=/x/f bs=1k count=100 2>/dev/null || true; wc -c </x/f",
                   mounts(tmpfs("/x", "size=16k")), made())
    equal(int(said), 16384)


@case("spec")
def tmpfs_mode_by_default(t):
    """That of the folder it stands on, as engines count on."""
    def prepare(bundle):
        made()(bundle)
        os.chmod(bundle.path("/x"), 0o750)
    equal(t.stat("/x", edit=mounts(tmpfs("/x")), prepare=prepare)["/x"]["mode"], 0o750)


@case("spec")
def tmpfs_copies_up(t):
    def prepare(bundle):
        path = bundle.write("x/sub/file", "text", 0o604)
        os.chown(path, 7, 8)
        os.symlink("file", bundle.path("x/sub/link"))
    edit = mounts(tmpfs("/x", "tmpcopyup", "mode=0755"))
    seen = t.stat("/x/sub/file", "/x/sub/link", "/x", edit=edit, prepare=prepare)
    equal({key: seen["/x/sub/file"][key] for key in ("kind", "mode", "uid", "gid", "fsType")},
          {"kind": "file", "mode": 0o604, "uid": 7, "gid": 8, "fsType": TMPFS})
    equal(seen["/x/sub/link"]["target"], "file")
    equal(t.shell("cat /x/sub/link; echo more >>/x/new", edit, prepare), "text")


@cases("spec", [("alone", False), ("in-a-user-namespace", True)], fields=["/mounts/*/options"],
       differs={"runc": "1.1 keeps less of them", "crun": "1.8 keeps less of them"})
def tmpfs_copies_up_all_of_a_file(t, user_namespace):
    """Extended attributes, names in common, set-user-ID bits; what can't be there in a user namespace is left out."""
    shift = 100000 if user_namespace else 0

    def prepare(bundle):
        program = bundle.write("x/program", "text", 0o755)
        os.chown(program, 100001, 100001)
        os.chmod(program, 0o4755)
        os.setxattr(program, "trusted.raind", b"note")
        os.mkdir(bundle.path("x/sub"))
        os.chown(bundle.path("x/sub"), 100002, 100003)
        os.chmod(bundle.path("x/sub"), 0o1770)
        os.link(program, bundle.path("x/sub/same"))
        # An access control list: user 1 may read, the mask lets all bits pass (acl(5), linux/posix_acl_xattr.h).
        entries = [(0x01, 6, 0xffffffff), (0x02, 4, 100001), (0x04, 0, 0xffffffff), (0x10, 7, 0xffffffff),
                   (0x20, 0, 0xffffffff)]
        listed = bundle.write("x/listed", "text", 0o600)
        os.chown(listed, shift, shift)
        os.setxattr(listed, "system.posix_acl_access",
                    struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries))
        os.mkfifo(bundle.path("x/fifo"), 0o600)
        os.mknod(bundle.path("x/device"), 0o600 | stat.S_IFCHR, os.makedev(1, 3))

    def edit(config):
        mounts(tmpfs("/x", "tmpcopyup", "mode=0755"))(config)
        if user_namespace:
            with_user_namespace(config)
        config["process"]["user"] = {"uid": 1 if user_namespace else 100001, "gid": 50}
        set_capabilities(config, [])
    paths = [f"/x/{name}" for name in ("program", "sub", "fifo", "listed")]
    seen = t.stat(*paths, edit=edit, prepare=prepare)
    program = seen["/x/program"]
    equal((program["mode"], program["uid"], program["links"]), (0o4755, 100001 - shift, 2))
    equal(tuple(seen["/x/sub"][key] for key in ("mode", "uid", "gid")), (0o1770, 100002 - shift, 100003 - shift))
    equal(seen["/x/fifo"]["kind"], "fifo")
    # By the list alone.
    equal(t.shell("cat /x/listed; test -e /x/device && echo device || true", edit, prepare),
          "text" if user_namespace else "textdevice\n")


@case("spec", differs={"runc": "1.1 takes it for the file system's", "crun": "takes it for the file system's"})
def tmpfs_with_an_unknown_option(t):
    with t.container(mounts(tmpfs("/x", "nosuchoption=1")), prepare=made()) as c:
        fails(c.create(out=None, err=None), f"/mounts/{len(c.bundle.config['mounts']) - 1}")
        c.is_unknown()


# Binds

@case("spec", fields=["/mounts/*/{type,source}"])
def bind_of_a_folder(t):
    source = t.folder()
    with open(os.path.join(source, "file"), "w", encoding="utf-8") as file:
        file.write("text\n")
    equal(t.shell("cat /x/file; echo new >/x/new; cat /x/new", mounts(bind(source))), "text\nnew\n")
    true(os.path.exists(os.path.join(source, "new")), "it reaches the host's folder")


@case("spec")
def bind_of_a_file(t):
    """Its mount point is made: a file, with the folders to it."""
    def edit(config):
        config["root"]["readonly"] = False
        mounts(bind(t.file("text\n"), "/made/deep/file"))(config)
    equal(t.shell("cat /made/deep/file", edit), "text\n")


@cases("spec", [("ro", "ro"), ("nosuid", "nosuid"), ("nodev", "nodev"), ("noexec", "noexec"), ("noatime", "noatime"),
                ("nodiratime", "nodiratime"),
                ("nosymfollow", "nosymfollow", {"differs": {"runc": "1.1 doesn't know it"}})],
       fields=["/mounts/*/options"])
def bind_option(t, option):
    contains(mount_of(t, bind(t.folder(), "/x", option)).options, option)


@case("spec")
def bind_is_read_only(t):
    source = t.folder()
    equal(t.shell("(echo x >/x/new) 2>/dev/null && echo written; echo end", mounts(bind(source, "/x", "ro"))), "end\n")
    equal(os.listdir(source), [])


@case("spec")
def bind_leaves_the_source_alone(t):
    """Read-only is the container's mount, not the host's."""
    source = t.folder()
    mount("tmpfs", source, "tmpfs", data="mode=777")
    try:
        succeeds(t.run(["/bin/true"], mounts(bind(source, "/x", "ro", "noexec"))))
        with open(os.path.join(source, "still"), "w", encoding="utf-8"):
            pass
    finally:
        umount(source)


def with_inner_mount(t, inner_options=None):
    """A folder with a tmpfs inside."""
    source = t.folder()
    inner = os.path.join(source, "inner")
    os.mkdir(inner)
    mount("tmpfs", inner, "tmpfs", data="mode=777,size=64k")
    if inner_options:
        mount(None, inner, flags=inner_options)
    with open(os.path.join(inner, "file"), "w", encoding="utf-8") as file:
        file.write("inner\n")
    return source, inner


@cases("spec", [("bind", "bind", False), ("rbind", "rbind", True)])
def bind_recursively(t, option, seen):
    source, inner = with_inner_mount(t)
    try:
        entry = {"destination": "/x", "type": "none", "source": source, "options": [option]}
        equal(t.shell("ls /x/inner", mounts(entry)), "file\n" if seen else "")
    finally:
        umount(inner)


@cases("spec", [("ro", "ro", "written"), ("rro", "rro", "")])
def bind_read_only_recursively(t, option, expected):
    """ro is the topmost mount alone (config.md, "Linux mount options"); rro reaches what is mounted below."""
    source, inner = with_inner_mount(t)
    try:
        entry = {"destination": "/x", "type": "none", "source": source, "options": ["rbind", option]}
        said = t.shell("(echo x >/x/new) 2>/dev/null && echo top; (echo x >/x/inner/new) 2>/dev/null && echo written; "
                       "echo end", mounts(entry))
        equal(said.split(), [*expected.split(), "end"])
    finally:
        umount(inner)


@case("spec", differs={"runc": "1.1 keeps noatime of the source", "crun": "keeps it"})
def bind_options_are_cleared(t):
    """rw, dev, suid, exec: taken off what the source's mount has."""
    source = t.folder()
    mount("tmpfs", source, "tmpfs", flags=2 | 4 | 8, data="mode=777")
    try:
        found = mount_of(t, bind(source, "/x", "suid", "exec"))
        excludes(found.options, "nosuid")
        excludes(found.options, "noexec")
        contains(found.options, "nodev", "what isn't named stays")
    finally:
        umount(source)


@case("spec")
def bind_keeps_what_the_source_has(t):
    source = t.folder()
    mount("tmpfs", source, "tmpfs", flags=2 | 4 | 8, data="mode=777")
    try:
        true({"nosuid", "nodev", "noexec"} <= set(mount_of(t, bind(source)).options), "kept")
    finally:
        umount(source)


@case("spec", fields=["/mounts/*/source"])
def bind_of_a_relative_source(t):
    """From the bundle's folder (config.md, "Mounts")."""
    def prepare(bundle):
        os.mkdir(os.path.join(bundle.folder, "beside"))
        with open(os.path.join(bundle.folder, "beside", "file"), "w", encoding="utf-8") as file:
            file.write("text\n")
    equal(t.shell("cat /x/file", mounts(bind("beside")), prepare), "text\n")


@case("spec")
def bind_by_a_link_at_the_source(t):
    source = t.folder()
    os.symlink(source, os.path.join(t.scratch, "link"))
    succeeds(t.run(["/bin/true"], mounts(bind(os.path.join(t.scratch, "link")))))


@case("spec")
def bind_of_a_missing_source(t):
    with t.container(mounts(bind("/nosuch/raind-source"))) as c:
        result = fails(c.create(out=None, err=None), "/nosuch/raind-source")
        if t.runtime.is_raind:
            contains(result.err, f"/mounts/{len(c.bundle.config['mounts']) - 1}")
            excludes(result.err.lower(), "no such file")


@case("spec")
def bind_of_a_device(t):
    with t.container(mounts(bind("/dev/zero", "/dev/other")), ["/probe", "stat", "/dev/other"]) as c:
        contains(succeeds(c.run()).out, '"major":1,"minor":5')


# Destinations

@case("spec", fields=["/mounts/*/destination"])
def destination_is_made(t):
    def edit(config):
        config["root"]["readonly"] = False
        mounts(tmpfs("/made/deep"))(config)
    seen = t.stat("/made", "/made/deep", edit=edit)
    equal(seen["/made"]["mode"], 0o755)
    equal(seen["/made/deep"]["fsType"], TMPFS)


@case("spec")
def destination_by_a_link_stays_inside(t):
    """The image's links are followed below the root file system, never out of it."""
    outside = t.folder()

    def prepare(bundle):
        made("/inside")(bundle)
        os.symlink("/inside", bundle.path("absolute"))
        os.symlink("../../../../../../../../inside", bundle.path("climbing"))
    for name in ("absolute", "climbing"):
        report = t.report("mounts", edit=mounts(bind(outside, f"/{name}")), prepare=prepare)
        equal(report.mount("/inside").point, "/inside")


@case("spec")
def destination_that_leaves_the_root(t):
    outside = t.folder()

    def prepare(bundle):
        os.symlink(outside, bundle.path("trap"))
    # The link's target, looked up below the root, isn't there: made inside, or refused; never the host's.
    with t.container(mounts(tmpfs("/trap/new")), ["/bin/true"], prepare=prepare) as c:
        c.bundle.config["root"]["readonly"] = False
        c.bundle.save()
        c.run()
    equal(os.listdir(outside), [])


@cases("spec", [("relative", "x"), ("dots", "/x/../../../x")])
def destination_strange(t, destination):
    """A relative one is an old habit: it is taken from the root, with or without a word."""
    report = t.report("mounts", edit=mounts(tmpfs(destination)), prepare=made())
    equal(report.mount("/x").kind, "tmpfs")


@cases("spec", [("root", "/"), ("empty", "", {"differs": {"runc": "1.1 takes it for the root"}})])
def destination_that_is_refused(t, destination):
    if t.runtime.is_raind or destination:
        with t.container(mounts(tmpfs(destination)), ["/bin/true"]) as c:
            result = c.create(out=None, err=None)
            if t.runtime.is_raind and not destination:
                fails(result, "/mounts/")


@cases("spec", [("proc-below", "/proc/self"),
                ("proc-attr", "/proc/self/attr", {"differs": {"runc": "1.1 lets a tmpfs pass"}}),
                ("proc-sys", "/proc/sys", {"differs": {"runc": "1.1 lets a tmpfs pass"}})])
def destination_inside_proc(t, destination):
    """What would let a container fake its own procfs is refused."""
    with t.container(mounts(tmpfs(destination)), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/proc" if t.runtime.is_raind else "")


@cases("spec", [(name, name) for name in ("cpuinfo", "meminfo", "stat", "uptime", "loadavg", "diskstats", "swaps")])
def destination_that_lxcfs_uses(t, name):
    """A file over /proc/NAME is what makes a container see its own limits."""
    equal(t.shell(f"cat /proc/{name}", mounts(bind(t.file("fake\n"), f"/proc/{name}"))), "fake\n")


@case("spec")
def folder_on_a_file(t):
    with t.container(mounts(bind(t.folder(), "/etc/passwd")), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/etc/passwd")


# Kinds

@case("spec")
def kind_that_is_unknown(t):
    with t.container(mounts({"destination": "/x", "type": "nosuchfs", "source": "none"}), prepare=made()) as c:
        result = fails(c.create(out=None, err=None))
        if t.runtime.is_raind:
            contains(result.err, "nosuchfs")


@case("spec")
def kind_overlay(t):
    folders = {name: t.folder(name) for name in ("lower", "upper", "work")}
    with open(os.path.join(folders["lower"], "file"), "w", encoding="utf-8") as file:
        file.write("lower\n")
    entry = {"destination": "/x", "type": "overlay", "source": "overlay",
             "options": [f"lowerdir={folders['lower']}", f"upperdir={folders['upper']}", f"workdir={folders['work']}"]}
    equal(t.shell("cat /x/file; echo upper >/x/new", mounts(entry), made()), "lower\n")
    equal(os.listdir(folders["upper"]), ["new"])


@case("spec")
def kind_overlay_with_a_long_list(t):
    """Beyond the 255 bytes that fsconfig(2) takes."""
    lower = [t.folder(f"lower-{'x' * 60}-{at}") for at in range(8)]
    with open(os.path.join(lower[-1], "file"), "w", encoding="utf-8") as file:
        file.write("last\n")
    entry = {"destination": "/x", "type": "overlay", "source": "overlay", "options": [f"lowerdir={':'.join(lower)}"]}
    equal(t.shell("cat /x/file", mounts(entry), made()), "last\n")


@case("spec")
def kind_without_a_type(t):
    """The options say that it is a bind (config.md, "Mounts")."""
    entry = {"destination": "/x", "source": t.folder(), "options": ["rbind"]}
    succeeds(t.run(["/bin/true"], mounts(entry)))


# Propagation

@cases("spec", [("shared", "shared"), ("slave", "slave"), ("private", "private"), ("unbindable", "unbindable"),
                ("rshared", "rshared"), ("rslave", "rslave"), ("rprivate", "rprivate"), ("runbindable", "runbindable")])
def propagation(t, option):
    source = t.folder()
    mount(source, source, flags=MS_BIND)
    mount(None, source, flags=MS_SHARED)
    try:
        def edit(config):
            mounts({"destination": "/x", "type": "none", "source": source, "options": ["rbind", option]})(config)
            config["linux"]["rootfsPropagation"] = "rslave"
        found = {word.split(":")[0] for word in t.report("mounts", edit=edit).mount("/x").propagation if word != "-"}
        expected = {"shared": {"shared"}, "slave": {"master"}, "private": set(), "unbindable": {"unbindable"}}
        name = option[1:] if option.startswith("r") else option
        # What was a slave's and is shared now is both.
        equal(found - ({"master"} if name == "shared" else set()), expected[name])
    finally:
        umount(source)


@case("spec")
def propagation_of_a_slave_follows_the_host(t):
    """A mount that the host makes later appears."""
    source = t.folder()
    mount(source, source, flags=MS_BIND)
    mount(None, source, flags=MS_SHARED)
    os.mkdir(os.path.join(source, "later"))
    try:
        def edit(config):
            mounts({"destination": "/x", "type": "none", "source": source, "options": ["rbind", "rslave"]})(config)
            config["linux"]["rootfsPropagation"] = "rslave"
        script = "echo up; while ! test -e /x/later/file; do sleep 0.05; done; echo seen"
        with t.container(edit, ["/bin/sh", "-c", script]) as c:
            c.up()
            c.wait_output("up")
            mount("tmpfs", os.path.join(source, "later"), "tmpfs")
            with open(os.path.join(source, "later", "file"), "w", encoding="utf-8"):
                pass
            c.wait_output("seen")
    finally:
        umount(os.path.join(source, "later"))
        umount(source)


# /dev

@case("spec")
def dev_links(t):
    seen = t.stat("/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/ptmx")
    equal({path: entry["target"] for path, entry in seen.items()}, {
        "/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1",
        "/dev/stderr": "/proc/self/fd/2", "/dev/ptmx": "pts/ptmx"})


@case("spec", differs={"runc": "1.1 wants a /dev/null there"})
def dev_of_the_bundle(t):
    """Bound from the host, the host's /dev isn't filled with the runtime's; devices elsewhere are made."""
    source = t.folder()

    def edit(config):
        config["mounts"] = [m for m in config["mounts"] if not m["destination"].startswith("/dev")]
        config["mounts"].append(bind(source, "/dev"))
        config["root"]["readonly"] = False
        config["linux"]["devices"] = [{"path": f"/{folder}/raind", "type": "c", "major": 1, "minor": 3}
                                      for folder in ("dev", "other")]
    succeeds(t.run(["/bin/test", "-c", "/other/raind"], edit))
    equal([name for name in os.listdir(source) if name not in ("ptmx", "console")], [])


# In a user namespace, and together with joined namespaces

@case("spec")
def binds_in_a_user_namespace(t):
    """A source that only root of the host can reach."""
    from harness.bundle import with_user_namespace
    closed = t.folder()
    os.mkdir(os.path.join(closed, "inner"), 0o755)
    os.chmod(closed, 0o700)

    def edit(config):
        with_user_namespace(config)
        mounts(bind(os.path.join(closed, "inner"), "/x", "ro"))(config)
    with t.container(edit, ["/bin/true"], prepare=made()) as c:
        for folder in (t.scratch, c.bundle.folder):
            os.chmod(folder, 0o755)
        succeeds(c.run())


@case("spec", differs={"runc": "1.1 wants to be told"})
def user_namespace_keeps_locked_options(t):
    """A source whose mount has nodev can't lose it, and needn't be told."""
    from harness.bundle import with_user_namespace
    source = t.folder()
    mount("tmpfs", source, "tmpfs", flags=2 | 4 | 8, data="mode=755")
    try:
        def edit(config):
            with_user_namespace(config)
            mounts(bind(source, "/x", "ro"))(config)
        found = t.report("mounts", edit=edit, prepare=made()).mount("/x")
        true({"ro", "nosuid", "nodev", "noexec"} <= set(found.options), f"{found}")
    finally:
        umount(source)


@case("spec")
def network_of_the_host_and_sysfs(t):
    """Without a network namespace sysfs can still be shown, as engines with --network host do."""
    def edit(config):
        without_namespace(config, "network")
        entry = mount_at(config, "/sys")
        entry.update(type="none", source="/sys", options=["rbind", "nosuid", "noexec", "nodev", "ro"])
    report = t.report("mounts", edit=edit)
    contains(report.mount("/sys").options, "ro")


@case("spec")
def remounting_needs_a_capability(t):
    """Without CAP_SYS_ADMIN nothing of it can be taken back from inside."""
    def edit(config):
        set_capabilities(config, ["CAP_CHOWN", "CAP_DAC_OVERRIDE"])
    said = t.shell("""
        mount -o remount,rw / 2>/dev/null && echo root
        umount /proc 2>/dev/null && echo proc
        mount -o remount,rw /sys 2>/dev/null && echo sys
        umount /proc/kcore 2>/dev/null && echo mask
        echo end""", edit)
    matches(said, r"\Aend\n\Z")
