"""Symbolic links at either end of a mount: copy-symlink, src-nofollow, dest-nofollow."""

import os

from cases_spec_mounts import bind, made, mounts, tmpfs
from harness import case, cases, contains, equal, fails, succeeds, true
from harness.bundle import with_user_namespace

UNKNOWN = {"runc": "1.1 takes it for the file system's", "crun": "1.8 follows links"}


def with_link(t):
    """(folder, link to it): what the link stands for has a file."""
    source = t.folder()
    with open(os.path.join(source, "file"), "w", encoding="utf-8") as file:
        file.write("text\n")
    link = os.path.join(t.scratch, "link")
    os.symlink(source, link)
    return source, link


def in_either(t, user_namespace, *entries, writable=False):
    def edit(config):
        mounts(*entries)(config)
        if writable:
            config["root"]["readonly"] = False
        if user_namespace:
            with_user_namespace(config)
            for folder in (t.scratch,):
                os.chmod(folder, 0o755)
    return edit


EITHER = [("without-a-user-namespace", False), ("in-a-user-namespace", True)]


@case("spec", differs=UNKNOWN)
def copy_symlink(t):
    """The source's link is made again in the container, instead of a mount."""
    source, link = with_link(t)
    with t.container(mounts(bind(link, "/made/link", "copy-symlink")), ["/probe", "stat", "/made/link"],
                     prepare=lambda bundle: bundle.config["root"].update(readonly=False)) as c:
        said = succeeds(c.run()).out
        contains(said, '"kind":"link"')
        contains(said, f'"target":"{source}"')


@case("spec", raind_only="crun 1.8 looks for what the link says")
def copy_symlink_that_leads_nowhere(t):
    """Also where the runtime opens the sources before."""
    link = os.path.join(t.scratch, "dangling")
    os.symlink("/nosuch/place", link)

    def edit(config):
        in_either(t, True, bind(link, "/x/link", "copy-symlink"))(config)
        config["mounts"].insert(-1, tmpfs("/x"))
    seen = t.stat("/x/link", edit=edit, prepare=made())["/x/link"]
    equal((seen["kind"], seen["target"]), ("link", "/nosuch/place"))


@cases("spec", EITHER, differs=UNKNOWN)
def src_nofollow(t, user_namespace):
    """The link itself is mounted, what it says is the host's word."""
    link = os.path.join(t.scratch, "link")
    os.symlink("/etc/hostname-of-the-container", link)

    def prepare(bundle):
        bundle.write("x/place", "covered\n")
    edit = in_either(t, user_namespace, bind(link, "/x/place", "src-nofollow"))
    seen = t.stat("/x/place", edit=edit, prepare=prepare)["/x/place"]
    equal((seen["kind"], seen["target"]), ("link", "/etc/hostname-of-the-container"))


@case("spec", differs=UNKNOWN)
def src_nofollow_of_what_is_no_link(t):
    source, _ = with_link(t)
    equal(t.shell("cat /x/file", mounts(bind(source, "/x", "src-nofollow")), made()), "text\n")


@case("spec", raind_only="crun 1.8 and runc 1.1 don't")
def src_nofollow_follows_on_the_way(t):
    """Only the last component is taken as it is."""
    _, link = with_link(t)
    path = os.path.join(link, "file")
    equal(t.shell("cat /x/place", mounts(bind(path, "/x/place", "src-nofollow")),
                  lambda bundle: bundle.write("x/place", "covered\n")), "text\n")


@cases("spec", EITHER, differs=UNKNOWN)
def dest_nofollow(t, user_namespace):
    """The link is covered; what it says stays as it is."""
    source = t.file("new\n")

    def prepare(bundle):
        bundle.write("x/real", "old\n")
        os.symlink("real", bundle.path("x/place"))
    edit = in_either(t, user_namespace, bind(source, "/x/place", "dest-nofollow"))
    equal(t.shell("cat /x/place /x/real", edit, prepare), "new\nold\n")


@case("spec", differs=UNKNOWN)
def dest_follows_without_it(t):
    source = t.file("new\n")

    def prepare(bundle):
        bundle.write("x/real", "old\n")
        os.symlink("real", bundle.path("x/place"))
    equal(t.shell("cat /x/place /x/real", mounts(bind(source, "/x/place")), prepare), "new\nnew\n")


@cases("spec", EITHER, differs=UNKNOWN)
def nofollow_at_both_ends(t, user_namespace):
    """A link covers a link."""
    link = os.path.join(t.scratch, "link")
    os.symlink("from-the-host", link)

    def prepare(bundle):
        os.makedirs(bundle.path("x"))
        os.symlink("of-the-image", bundle.path("x/place"))
    edit = in_either(t, user_namespace, bind(link, "/x/place", "src-nofollow", "dest-nofollow"))
    equal(t.stat("/x/place", edit=edit, prepare=prepare)["/x/place"]["target"], "from-the-host")


@case("spec", differs=UNKNOWN)
def dest_nofollow_of_a_missing_place(t):
    """Made, as without it."""
    source, _ = with_link(t)
    edit = in_either(t, False, bind(source, "/made/deep/place", "dest-nofollow"), writable=True)
    equal(t.shell("cat /made/deep/place/file", edit), "text\n")


@case("spec", raind_only="the peers' errors are their own")
def dest_nofollow_of_a_folder_on_a_link(t):
    """A link is no folder."""
    source, _ = with_link(t)

    def prepare(bundle):
        made()(bundle)
        os.symlink("/x", bundle.path("place"))
    with t.container(mounts(bind(source, "/place", "dest-nofollow")), ["/bin/true"], prepare=prepare) as c:
        contains(fails(c.create(out=None, err=None), "/mounts/").err, "EINVAL")


@case("spec", raind_only="runc doesn't know it")
def dest_nofollow_stays_inside(t):
    """A link on the way is followed below the root, and one at the end not at all."""
    outside = t.folder()
    source = t.file("new\n")

    def prepare(bundle):
        os.symlink(outside, bundle.path("trap"))
        os.symlink(os.path.join(outside, "file"), bundle.path("place"))
    entries = (bind(source, "/trap/file", "dest-nofollow"), bind(source, "/place", "dest-nofollow"))
    with t.container(in_either(t, False, *entries, writable=True), ["/bin/cat", "/place"], prepare=prepare) as c:
        equal(succeeds(c.run()).out, "new\n")
    equal(os.listdir(outside), [])


@case("spec", raind_only="runc doesn't know it")
def dest_nofollow_inside_proc(t):
    """/proc/self is a link: covering it would fake a part of procfs."""
    with t.container(mounts(bind(t.file("x"), "/proc/self", "dest-nofollow")), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/proc/self")


@case("spec", raind_only="of the plan")
def nofollow_where_it_means_nothing(t):
    for option in ("src-nofollow", "copy-symlink"):
        with t.container(mounts(tmpfs("/x", option)), ["/bin/true"], prepare=made()) as c:
            true("about the source of a bind mount" in fails(c.create(out=None, err=None), "/options").err, option)
