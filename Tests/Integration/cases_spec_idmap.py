"""Mounts that show other owners: uidMappings, gidMappings, idmap and ridmap of /mounts."""

import os

from cases_spec_mounts import mounts, tmpfs
from cases_spec_namespaces import Holder, join
from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import with_user_namespace
from harness.layout import mount, umount

OLD_PEERS = {"runc": "1.1 passes the mappings over", "crun": "1.8 passes them over"}


def maps(container, host, size=1):
    """One range for users and groups alike."""
    one = [{"containerID": container, "hostID": host, "size": size}]
    return {"uidMappings": one, "gidMappings": one}


def bind(source, *options, destination="/x", **more):
    return {"destination": destination, "type": "none", "source": source, "options": ["bind", *options], **more}


def source_of(t, *owners):
    """A folder with a file for each owner, named after it."""
    source = t.folder()
    for uid, gid in owners:
        path = os.path.join(source, f"{uid}-{gid}")
        with open(path, "w", encoding="utf-8"):
            pass
        os.chown(path, uid, gid)
    return source


def with_mounts(*entries, user_namespace=False):
    def edit(config):
        mounts(*entries)(config)
        if user_namespace:
            with_user_namespace(config)
    return edit


def owners(t, entry, *names, user_namespace=False, place="/x"):
    seen = t.stat(*(f"{place}/{name}" for name in names),
                  edit=with_mounts(entry, user_namespace=user_namespace), prepare=made)
    return [(entry["uid"], entry["gid"]) for entry in seen.values()]


def made(bundle):
    for name in ("x", "y"):
        os.makedirs(bundle.path(name), exist_ok=True)


@case("spec", differs=OLD_PEERS, fields=["/mounts/*/{uidMappings,gidMappings}/*/{containerID,hostID,size}"])
def idmap_without_a_user_namespace(t):
    """An id of the file system that no mapping has is nobody's."""
    entry = bind(source_of(t, (5, 6), (7, 7)), "idmap",
                 uidMappings=[{"containerID": 5, "hostID": 1005, "size": 1}],
                 gidMappings=[{"containerID": 6, "hostID": 2006, "size": 1}])
    equal(owners(t, entry, "5-6", "7-7"), [(1005, 2006), (65534, 65534)])


@case("spec", differs=OLD_PEERS)
def idmap_by_mappings_alone(t):
    """Mappings ask for it, with the option or without (config.md, "Mounts")."""
    entry = bind(source_of(t, (0, 0)), **maps(0, 4321))
    equal(owners(t, entry, "0-0"), [(4321, 4321)])
    contains(t.report("mounts", edit=with_mounts(entry), prepare=made).mount("/x").options, "idmapped")


@case("spec", differs=OLD_PEERS)
def idmap_leaves_the_source_alone(t):
    source = source_of(t, (5, 5))
    entry = bind(source, "idmap", **maps(5, 1000))
    equal(owners(t, entry, "5-5"), [(1000, 1000)])
    status = os.stat(os.path.join(source, "5-5"))
    equal((status.st_uid, status.st_gid), (5, 5))


@case("spec", differs=OLD_PEERS)
def idmap_of_what_is_written(t):
    """What a user of the container makes belongs on the disk to whom the mapping says."""
    source = source_of(t, (5, 5))
    os.chown(source, 5, 5)

    def edit(config):
        mounts(bind(source, "idmap", **maps(5, 1000)))(config)
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    t.shell("echo x >/x/new", edit, made)
    status = os.stat(os.path.join(source, "new"))
    equal((status.st_uid, status.st_gid), (5, 5))


@case("spec", differs=OLD_PEERS)
def idmap_of_an_id_that_is_not_mapped(t):
    """Root without a place in the mapping can make nothing: no file of nobody's comes to be."""
    source = source_of(t)
    os.chown(source, 5, 5)
    equal(t.shell("(echo x >/x/new) 2>/dev/null || echo refused", with_mounts(bind(source, **maps(5, 1000))), made),
          "refused\n")
    equal(os.listdir(source), [])


@case("spec", differs=OLD_PEERS, fields=["/mounts/*/{uidMappings,gidMappings}/*/{containerID,hostID,size}"])
def idmap_in_a_user_namespace(t):
    """The host's ids are meant: the container sees them through its own mapping."""
    entry = bind(source_of(t, (0, 0), (5, 5)), "idmap", **maps(0, 100000, 4))
    equal(owners(t, entry, "0-0", "5-5", user_namespace=True), [(0, 0), (65534, 65534)])


@cases("spec", [("idmap", "idmap"), ("ridmap", "ridmap", {"differs": {"runc": "1.1 passes it over", "crun": "1.8 does"}})],
       differs={"runc": "1.1 passes it over"},
       fields=["/mounts/*/options"])
def idmap_by_the_user_namespace(t, option):
    """Without mappings of its own it takes those of the container's."""
    source = source_of(t, (0, 0), (1000, 1000))
    entry = bind(source, option)
    equal(owners(t, entry, "0-0", "1000-1000", user_namespace=True), [(0, 0), (1000, 1000)])
    os.chown(source, 0, 0)
    t.shell("echo x >/x/new", with_mounts(entry, user_namespace=True), made)
    equal(os.stat(os.path.join(source, "new")).st_uid, 0)


@case("spec", differs={"runc": "1.1 wants mappings", "crun": "1.8 can't map there"})
def idmap_by_a_joined_user_namespace(t):
    with Holder(t, "user", mapped="0 200000 65536") as holder:
        def edit(config):
            join(config, "user", holder.path("user"))
            mounts(bind(source_of(t, (3, 4)), "idmap"))(config)
        seen = t.stat("/x/3-4", edit=edit, prepare=made)["/x/3-4"]
        equal((seen["uid"], seen["gid"]), (3, 4))


@case("spec", differs={"runc": "1.1 wants mappings", "crun": "1.8 can't map there"})
def idmap_of_its_own_in_a_joined_user_namespace(t):
    with Holder(t, "user", mapped="0 200000 65536") as holder:
        def edit(config):
            join(config, "user", holder.path("user"))
            mounts(bind(source_of(t, (3, 4)), **maps(0, 200100, 100)))(config)
        seen = t.stat("/x/3-4", edit=edit, prepare=made)["/x/3-4"]
        equal((seen["uid"], seen["gid"]), (103, 104))


def with_inner(source):
    """A tmpfs below a folder: with a file of user 5's."""
    inner = os.path.join(source, "inner")
    os.mkdir(inner)
    mount("tmpfs", inner, "tmpfs", data="mode=777,size=64k")
    path = os.path.join(inner, "5-5")
    with open(path, "w", encoding="utf-8"):
        pass
    os.chown(path, 5, 5)
    return inner


@cases("spec", [("idmap", "idmap", 5), ("ridmap", "ridmap", 1000)], differs=OLD_PEERS)
def idmap_below(t, option, expected):
    """idmap is the topmost mount alone, ridmap reaches those below."""
    source = source_of(t, (5, 5))
    inner = with_inner(source)
    try:
        entry = {"destination": "/x", "type": "none", "source": source, "options": ["rbind", option], **maps(5, 1000)}
        equal(owners(t, entry, "5-5", "inner/5-5"), [(1000, 1000), (expected, expected)])
    finally:
        umount(inner)


@case("spec", differs=OLD_PEERS)
def idmap_of_several_mounts(t):
    """Of one mapping or of different ones."""
    source = source_of(t, (5, 5))
    entries = (bind(source, destination="/x/a", **maps(5, 1000)), bind(source, destination="/x/b", **maps(5, 1000)),
               bind(source, destination="/x/c", **maps(5, 2000)), bind(source, destination="/x/d"))
    seen = t.stat(*(f"/x/{name}/5-5" for name in "abcd"), edit=with_mounts(tmpfs("/x"), *entries), prepare=made)
    equal([entry["uid"] for entry in seen.values()], [1000, 1000, 2000, 5])


@case("spec", differs=OLD_PEERS)
def idmap_of_a_file(t):
    path = t.file("text\n")
    os.chown(path, 5, 5)
    seen = t.stat("/etc/mapped", edit=with_mounts(bind(path, destination="/etc/mapped", **maps(5, 1000))),
                  prepare=lambda bundle: bundle.write("etc/mapped", ""))["/etc/mapped"]
    equal((seen["uid"], seen["gid"]), (1000, 1000))


@case("spec", differs=OLD_PEERS)
def idmap_keeps_other_options(t):
    entry = bind(source_of(t, (5, 5)), "ro", "nosuid", "nodev", "noexec", **maps(5, 1000))
    found = t.report("mounts", edit=with_mounts(entry), prepare=made).mount("/x")
    true({"ro", "nosuid", "nodev", "noexec", "idmapped"} <= set(found.options), f"{found}")


@case("spec", differs=OLD_PEERS)
def idmap_of_a_new_file_system(t):
    """A tmpfs: its owner, on its own terms, is user 5."""
    entry = {**tmpfs("/x", "idmap", "uid=5", "gid=5", "mode=755"), **maps(5, 1000)}
    seen = t.stat("/x", edit=with_mounts(entry), prepare=made)["/x"]
    equal((seen["uid"], seen["gid"]), (1000, 1000))


@case("spec", differs=OLD_PEERS)
def idmap_of_a_copy(t):
    def prepare(bundle):
        os.chown(bundle.write("x/file", "text"), 5, 5)
    entry = {**tmpfs("/x", "tmpcopyup", "mode=755"), **maps(0, 1000, 10)}
    seen = t.stat("/x/file", edit=with_mounts(entry), prepare=prepare)["/x/file"]
    equal((seen["uid"], seen["gid"]), (1005, 1005))


# What can't be had

@case("spec", raind_only="the peers' versions here pass the mappings over")
def idmap_without_any_mapping(t):
    for option in ("idmap", "ridmap"):
        with t.container(with_mounts(bind(source_of(t), option)), ["/bin/true"], prepare=made) as c:
            at = len(c.bundle.config["mounts"]) - 1
            fails(c.create(out=None, err=None), f"/mounts/{at}: idmap needs uidMappings and gidMappings")


@case("spec", raind_only="the peers' versions here pass the mappings over")
def idmap_of_a_file_system_that_has_none(t):
    """sysfs: nothing is mounted in another way; the type and the mount are named."""
    for user_namespace in (False, True):
        with t.container(with_mounts(bind("/sys/kernel", **maps(0, 100000)), user_namespace=user_namespace),
                         ["/bin/true"], prepare=made) as c:
            at = len(c.bundle.config["mounts"]) - 1
            result = fails(c.create(out=None, err=None), f"/mounts/{at}")
            contains(result.err, "map ids of mount")
            contains(result.err, "EINVAL")
            contains(result.err, "sysfs")
            contains(result.err, "not every file system can show other owners")
            c.is_unknown()


@case("spec", raind_only="the peers' versions here pass the mappings over")
def idmap_of_a_missing_source(t):
    with t.container(with_mounts(bind("/nosuch/raind-source", **maps(0, 100000))), ["/bin/true"]) as c:
        contains(fails(c.create(out=None, err=None), "/nosuch/raind-source").err, "ENOENT")
        c.is_unknown()


@case("spec", raind_only="the peers' versions here pass the mappings over")
def idmap_by_mappings_that_overlap(t):
    twice = [{"containerID": 0, "hostID": 1000, "size": 2}, {"containerID": 1, "hostID": 2000, "size": 1}]
    with t.container(with_mounts(bind(source_of(t), uidMappings=twice, gidMappings=twice)), ["/bin/true"],
                     prepare=made) as c:
        contains(fails(c.create(out=None, err=None), "/mounts/").err, "EINVAL")
        c.is_unknown()
        equal(t.reap(), [], "the process that held the mapping is gone")


@case("spec", raind_only="the peers' versions here pass the mappings over")
def idmap_leaves_nothing_behind(t):
    """Neither the process that held the user namespace, nor a descriptor of it in the container."""
    with t.container(with_mounts(bind(source_of(t, (5, 5)), **maps(5, 1000))), prepare=made) as c:
        c.up()
        with open(f"/proc/{os.getpid()}/task/{os.getpid()}/children", encoding="ascii") as file:
            equal(file.read().split().count(str(c.pid)) <= 1, True)
        links = [os.readlink(f"/proc/{c.pid}/fd/{name}") for name in os.listdir(f"/proc/{c.pid}/fd")]
        excludes(" ".join(links), "user:[")
        c.stop()
        succeeds(c.delete())
