"""Smaller sections of /linux, and /annotations."""

import os

from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness.bundle import set_capabilities, without_namespace
from harness.probe import own_capabilities


def linux(**members):
    return lambda config: config["linux"].update(members)


# sysctl

@case("spec", fields=["/linux/sysctl"])
def sysctl(t):
    values = {"net.ipv4.ip_forward": "1", "kernel.shmmax": "123456", "net/ipv4/ip_default_ttl": "77"} \
        if t.runtime.is_raind else {"net.ipv4.ip_forward": "1", "kernel.shmmax": "123456"}
    said = t.shell("cd /proc/sys; cat net/ipv4/ip_forward kernel/shmmax net/ipv4/ip_default_ttl",
                   linux(sysctl=values))
    equal(said.split()[:2], ["1", "123456"])
    if t.runtime.is_raind:
        equal(said.split()[2], "77")


@cases("spec", [
    ("of-the-host", {"kernel.panic": "99"}), ("of-the-machine", {"vm.swappiness": "1"}),
    ("missing", {"net.ipv4.nosuch_raind": "1"}), ("escape", {"net/../kernel/panic": "99"}),
    ("escape-by-dots", {"net....kernel.panic": "99"}), ("value", {"net.ipv4.ip_forward": "abc"}),
])
def sysctl_that_is_refused(t, values):
    with open("/proc/sys/kernel/panic", encoding="ascii") as file:
        before = file.read()
    with t.container(linux(sysctl=values), ["/bin/true"]) as c:
        result = fails(c.create(out=None, err=None))
        if t.runtime.is_raind:
            contains(result.err, "/linux/sysctl")
        c.is_unknown()
    with open("/proc/sys/kernel/panic", encoding="ascii") as file:
        equal(file.read(), before)


@cases("spec", [("network", "network", {"net.ipv4.ip_forward": "1"}), ("ipc", "ipc", {"kernel.shmmax": "1234"}),
                ("uts", "uts", {"kernel.domainname": "x"})])
def sysctl_of_a_namespace_that_is_not_new(t, kind, values):
    """It would be the host's."""
    def edit(config):
        config.pop("hostname")
        without_namespace(config, kind)
        config["linux"]["sysctl"] = values
    with t.container(edit, ["/bin/true"]) as c:
        fails(c.create(out=None, err=None))


# Masked and read-only paths

@case("spec", fields=["/linux/maskedPaths"])
def masked_paths(t):
    """A file reads as empty, a folder lists as empty, one that is missing is no error; nothing can be put there."""
    def edit(config):
        config["root"]["readonly"] = False
        config["linux"]["maskedPaths"] = ["/secret/file", "/secret/folder", "/nosuch/path", "/proc/timer_list"]
        set_capabilities(config, ["CAP_DAC_OVERRIDE"])

    def prepare(bundle):
        bundle.write("secret/file", "text")
        bundle.write("secret/folder/inside", "text")
    said = t.shell("""
        cat /secret/file; ls -A /secret/folder; cat /proc/timer_list
        echo x >/secret/folder/new 2>/dev/null && echo folder written
        echo x >/secret/file
        cat /secret/file
        test -e /nosuch && echo made
        echo end""", edit, prepare)
    equal(said, "end\n")


@case("spec")
def masked_path_by_a_link(t):
    """A link of the image's can't turn the mask elsewhere."""
    def edit(config):
        config["linux"]["maskedPaths"] = ["/link/file"]

    def prepare(bundle):
        bundle.write("real/file", "text")
        os.symlink("/real", bundle.path("link"))
    equal(t.shell("cat /real/file; echo end", edit, prepare), "end\n")


@case("spec")
def masked_paths_by_default(t):
    """/proc/kcore and its like: the base config's list, as `runc spec` writes it."""
    said = t.shell("for f in kcore keys timer_list latency_stats; do cat /proc/$f 2>/dev/null | head -c 1; done; "
                   "ls -A /sys/firmware /proc/scsi /proc/acpi 2>/dev/null | grep -v : | grep . || echo end")
    equal(said, "end\n")


@case("spec", fields=["/linux/readonlyPaths"])
def readonly_paths(t):
    def edit(config):
        config["root"]["readonly"] = False
        config["linux"]["readonlyPaths"] = ["/proc/sys", "/fixed/folder", "/fixed/file", "/nosuch"]
        set_capabilities(config, ["CAP_DAC_OVERRIDE"])

    def prepare(bundle):
        bundle.write("fixed/folder/inside", "text")
        bundle.write("fixed/file", "text")
    said = t.shell("""
        (echo x >/fixed/folder/inside) 2>/dev/null && echo 1
        (echo x >/fixed/folder/new) 2>/dev/null && echo 2
        (echo x >/fixed/file) 2>/dev/null && echo 3
        (echo 1 >/proc/sys/net/ipv4/ip_forward) 2>/dev/null && echo 4
        (echo x >/fixed/beside) && cat /fixed/beside /fixed/file""", edit, prepare)
    equal(said, "x\ntext")


@case("spec", differs={"runc": "1.1 leaves it writable"})
def readonly_paths_with_mounts_below(t):
    """What is mounted below is read-only as well."""
    def edit(config):
        config["mounts"].append({"destination": "/fixed/mount", "type": "tmpfs", "source": "tmpfs"})
        config["linux"]["readonlyPaths"] = ["/fixed"]
    with t.container(edit, ["/bin/sh", "-c", "(echo x >/fixed/mount/new) 2>/dev/null && echo written; echo end"],
                     prepare=lambda bundle: os.makedirs(bundle.path("fixed/mount"))) as c:
        equal(succeeds(c.run()).out, "end\n")


@case("spec")
def paths_that_are_not_absolute(t):
    for member in ("maskedPaths", "readonlyPaths"):
        with t.container(linux(**{member: ["relative/path"]}), ["/bin/true"]) as c:
            result = c.create(out=None, err=None)
            if t.runtime.is_raind:
                fails(result, f"/linux/{member}/0")


# Root

@cases("spec", [("readonly", True), ("writable", False)], fields=["/root/readonly"])
def root_readonly(t, value):
    report = t.report("mounts", edit=lambda config: config["root"].update(readonly=value))
    equal("ro" in report.mount("/").options, value)
    said = t.shell("(echo x >/written) 2>/dev/null && echo written; echo end",
                   lambda config: config["root"].update(readonly=value))
    equal(said, "end\n" if value else "written\nend\n")


@case("spec")
def root_leaves_nothing_of_the_host(t):
    """No mount of the host's is left below the container's root."""
    report = t.report("mounts")
    points = sorted(mount.point for mount in report.mounts)
    for mount in report.mounts:
        excludes(mount.point, "raind-test")
        true(mount.point == "/" or mount.point.startswith(("/proc", "/dev", "/sys")), mount.point)
    equal(len([point for point in points if point == "/"]), 1, "one root")


OF_THE_OLD_ROOT = {"differs": {"runc": "1.1 gives it to the host's root in the new namespace"}}
RUNBINDABLE = {"differs": {**OF_THE_OLD_ROOT["differs"], "crun": "1.8 can't bind control groups then"}}


@cases("spec", [("shared", "shared", OF_THE_OLD_ROOT), ("slave", "slave"), ("private", "private"),
                ("unbindable", "unbindable", OF_THE_OLD_ROOT), ("rshared", "rshared", OF_THE_OLD_ROOT),
                ("rslave", "rslave"), ("rprivate", "rprivate"), ("runbindable", "runbindable", RUNBINDABLE)],
       fields=["/linux/rootfsPropagation"])
def rootfs_propagation(t, value):
    report = t.report("mounts", edit=linux(rootfsPropagation=value))
    found = {word.split(":")[0] for word in report.mount("/").propagation if word != "-"}
    if value.endswith("slave"):
        # Of a mount that nobody shares there is nothing to follow.
        true(found in ({"master"}, set()), f"{found}")
    elif value.endswith("private"):
        equal(found, set())
    else:
        equal(found, {value.removeprefix("r")})


@case("spec")
def mounts_do_not_reach_the_host(t):
    """With a shared root on the host, the container's mounts stay its own."""
    from harness.layout import MS_BIND, MS_SHARED, mount, mounts, umount
    with t.container() as c:
        mount(c.bundle.folder, c.bundle.folder, flags=MS_BIND)
        mount(None, c.bundle.folder, flags=MS_SHARED)
        try:
            before = sorted(point for point, _, _ in mounts())
            c.up()
            equal(sorted(point for point, _, _ in mounts()), before)
            c.stop()
        finally:
            c.delete("--force")
            umount(c.bundle.folder)


# Personality, annotations, and sections that must be refused rather than passed over

@case("spec")
def annotations_that_are_unknown(t):
    """They change nothing."""
    succeeds(t.run(["/bin/true"], lambda config: config.update(
        annotations={"run.oci.nosuch": "1", "org.example/ü": "\n"})))


@case("spec")
def unknown_members(t):
    """Those of a later version of the specification are passed over (config.md, "Extensibility")."""
    def edit(config):
        config["nosuch"] = {"deep": [1, 2]}
        config["process"]["nosuch"] = 1
        config["linux"]["nosuch"] = None
        config["mounts"][0]["nosuch"] = True
    succeeds(t.run(["/bin/true"], edit))


@cases("spec", [("old", "0.2.0", {"differs": {"runc": "1.1 takes any version", "crun": "takes any version"}}),
                ("later-major", "2.0.0", {"differs": {"runc": "1.1 takes any version", "crun": "takes any version"}}),
                ("no-version", "abc", {"differs": {"runc": "1.1 takes any version", "crun": "takes any version"}})],
       fields=["/ociVersion"])
def version_that_is_refused(t, version):
    with t.container(lambda config: config.update(ociVersion=version), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/ociVersion")


@cases("spec", [("1.0.0", "1.0.0"), ("1.0.2-dev", "1.0.2-dev"), ("1.2.1", "1.2.1"), ("1.3.0", "1.3.0"),
                ("plus", "1.1.0+dev"), ("1.3.0-rc.1", "1.3.0-rc.1")], fields=["/ociVersion"])
def version_that_is_taken(t, version):
    succeeds(t.run(["/bin/true"], lambda config: config.update(ociVersion=version)))


@case("spec", raind_only="peers pass over what they don't know")
def what_cannot_be_done_is_refused(t):
    """An error with the pointer, never a container with less than was asked for."""
    asked = {
        "/linux/intelRdt": {"closID": "raind", "l3CacheSchema": "L3:0=ff"},
        "/linux/memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0-4095"},
        "/linux/timeOffsets": {"boottime": {"secs": 1000}},
        "/linux/personality": {"domain": "LINUX32", "flags": ["ADDR_NO_RANDOMIZE"]},
        "/process/scheduler": {"policy": "SCHED_ISO"},
        "/process/ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 8},
        "/process/execCPUAffinity": {"initial": "all"},
    }
    for pointer, value in asked.items():
        _, section, member = pointer.split("/")
        with t.container(lambda config, s=section, m=member, v=value: config[s].update({m: v}), ["/bin/true"]) as c:
            fails(c.create(out=None, err=None), pointer)


@case("spec")
def every_capability_reaches_devices(t):
    """A container with everything is one, too: as engines write it for --privileged."""
    def edit(config):
        set_capabilities(config, own_capabilities())
        config["root"]["readonly"] = False
        config["linux"]["maskedPaths"] = []
        config["linux"]["readonlyPaths"] = []
        config["linux"]["resources"] = {"devices": [{"allow": True, "access": "rwm"}]}
        config["process"]["noNewPrivileges"] = False
    said = t.shell("mkdir /m; mount -t tmpfs none /m; echo x >/m/f; cat /m/f; mknod /zero c 1 5; "
                   "head -c 3 /zero | wc -c; echo 1 >/proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward",
                   edit)
    equal(said.split(), ["x", "3", "1"])
    matches(said, "^x$")
