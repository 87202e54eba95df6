"""SELinux, enforcing, with the small policy of vm/inside/policy.cil: a container's processes, what it mounts, what it may
write, and what can't be had."""

import json
import os
import subprocess

from harness import case, cases, contains, equal, fails, succeeds, true
from harness.probe import Report

LABEL = "system_u:system_r:container_t:s0:c1"
OTHER = "system_u:system_r:container_t:s0:c2"
FILES = "system_u:object_r:container_file_t:s0:c1"
OTHER_FILES = "system_u:object_r:container_file_t:s0:c2"
HOST_FILES = "system_u:object_r:host_file_t:s0"


def labelled(config):
    config["process"]["selinuxLabel"] = LABEL
    config["linux"]["mountLabel"] = FILES
    # Before they were masked, of files that containers may see.
    config["linux"]["maskedPaths"].append("/sys/kernel/mm")


def share_output(t):
    """What a container writes to is its own or anybody's: the kernel takes other files from it at the exec."""
    os.setxattr(t.scratch, "security.selinux", b"system_u:object_r:container_file_t:s0\0")


def label_of(pid):
    with open(f"/proc/{pid}/attr/current", encoding="ascii") as file:
        return file.read().rstrip("\0\n")


def context(path):
    return os.getxattr(path, "security.selinux").decode().rstrip("\0")


@case("vm", level="selinux", fields=["/process/selinuxLabel"])
def selinux_label_of_the_process(t):
    """From the exec on, and not before: what sets the container up has the runtime's."""
    share_output(t)
    with t.container(labelled) as c:
        succeeds(c.create())
        equal(label_of(c.pid), "system_u:system_r:kernel_t:s0")
        succeeds(c.start())
        t.until(lambda: label_of(c.pid) == LABEL, "the label")
        equal(succeeds(c.exec("/bin/cat", "/proc/self/attr/current")).out.rstrip("\0\n"), LABEL)
        # What execs a program of its own keeps it.
        equal(succeeds(c.exec("/bin/sh", "-c", "cat /proc/self/attr/exec /proc/self/attr/current")).out.rstrip("\0\n"), LABEL)
    # Without the word, the runtime's own.
    contains(t.shell("cat /proc/self/attr/current"), "kernel_t")


@cases("vm", [("kept", False), ("given-up", True)], level="selinux", fields=["/process/selinuxLabel", "/process/noNewPrivileges"])
def selinux_label_and_no_new_privileges(t, given_up):
    """The policy's nnp_nosuid_transition: which label a process comes to have is the policy's to say, not the flag's."""
    share_output(t)
    def edit(config):
        labelled(config)
        config["process"]["noNewPrivileges"] = given_up
    report = t.report("security", edit=edit)
    equal(report["security"]["label"].rstrip("\0\n"), LABEL)
    equal(report["security"]["noNewPrivileges"], int(given_up))


MOUNTED = ("/dev", "/dev/shm", "/dev/mqueue", "/dev/pts", "/mnt")


def with_tmpfs(config):
    labelled(config)
    config["mounts"].append({"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]})


@case("vm", level="selinux", fields=["/linux/mountLabel"])
def selinux_label_of_mounts(t):
    """Every file system that is new has it, the message queues' root too; those that show the kernel don't."""
    share_output(t)
    with t.container(with_tmpfs) as c:
        c.up()
        root = f"/proc/{c.pid}/root"
        equal({path: context(root + path) for path in MOUNTED}, {path: FILES for path in MOUNTED})
        equal(context(root + "/dev/null"), FILES)
        if t.runtime.is_raind:
            # The tmpfs over a folder that is masked is the container's to see, too; runc 1.1 labels it as well.
            equal(context(root + "/sys/kernel/mm"), FILES)
        equal(context(root + "/proc/version"), HOST_FILES)
        mounts = {mount.point: mount for mount in Report(succeeds(c.exec("/probe", "report", "mounts")).out).mounts}
        for path in ("/dev", "/dev/shm", "/dev/pts", "/mnt"):
            true(any(option.strip('"').startswith("context=") for option in mounts[path].super_options), path)


@case("vm", level="selinux", fields=["/linux/mountLabel", "/process/selinuxLabel"])
def selinux_keeps_writes_to_what_is_the_containers(t):
    """Its own file systems, and of the host's folders those with its label: nobody's else, whatever the mode says."""
    share_output(t)
    folders = {"own": FILES, "other": OTHER_FILES, "host": HOST_FILES}

    def prepare(bundle):
        for name, label in folders.items():
            path = t.folder(f"{name}-{bundle.folder.rsplit('-', 1)[1]}")
            os.chmod(path, 0o777)
            os.setxattr(path, "security.selinux", label.encode() + b"\0")
            bundle.config["mounts"].append(
                {"destination": f"/{name}", "type": "bind", "source": path, "options": ["rbind"]})
    said = t.shell("for name in mnt dev/shm own other host; do "
                   "echo x 2>/dev/null > /$name/file && echo $name ok || echo $name refused; done",
                   lambda config: (with_tmpfs(config), config["root"].update(readonly=False)), prepare)
    equal(said.splitlines(), ["mnt ok", "dev/shm ok", "own ok", "other refused", "host refused"])


@case("vm", level="selinux", fields=["/process/selinuxLabel"])
def selinux_label_of_exec(t):
    """--process-label, the label of --process FILE, and else the container's."""
    share_output(t)
    with t.container(labelled) as c:
        c.up()
        current = ("/bin/cat", "/proc/self/attr/current")
        equal(c.exec(*current).out.rstrip("\0\n"), LABEL)
        equal(c.exec(*current, flags=["--process-label", OTHER]).out.rstrip("\0\n"), OTHER)
        process = {**c.bundle.config["process"], "args": list(current), "selinuxLabel": OTHER}
        equal(succeeds(c.call("exec", "--process", t.file(json.dumps(process)), c.id)).out.rstrip("\0\n"), OTHER)
        # What has another category may not write where the container may.
        equal(c.exec("/bin/touch", "/dev/shm/first").status, 0)
        equal(c.exec("/bin/touch", "/dev/shm/second", flags=["--process-label", OTHER]).status, 1)


UNKNOWN = (("type", "system_u:system_r:nosuch_t:s0"), ("category", "system_u:system_r:container_t:s0:c9"),
           ("form", "container_t"), ("user", "nosuch_u:system_r:container_t:s0"))


@cases("vm", [(name, label) for name, label in UNKNOWN], level="selinux")
def selinux_label_that_the_policy_does_not_know(t, label):
    """Told by create, and nothing is left."""
    share_output(t)
    def edit(config):
        config["process"]["selinuxLabel"] = label
    with t.container(edit) as c:
        said = fails(c.create(out=None, err=None)).err
        if t.runtime.is_raind:
            contains(said, f"set SELinux label {label} (/process/selinuxLabel): ")
            contains(said, "attr/exec: EINVAL; hint: the policy does not know the label")
        c.is_unknown()
    with t.container(labelled) as c:
        c.up()
        result = c.exec("/bin/true", flags=["--process-label", label])
        true(result.status != 0, "refused")
        if t.runtime.is_raind:
            equal(result.status, 255)
            contains(result.err, f"set SELinux label {label}")
        equal(c.status, "running")


@case("vm", level="selinux")
def selinux_mount_label_that_the_policy_does_not_know(t):
    share_output(t)
    def edit(config):
        config["linux"]["mountLabel"] = "system_u:object_r:nosuch_t:s0"
    with t.container(edit) as c:
        said = fails(c.create(out=None, err=None)).err
        if t.runtime.is_raind:
            contains(said, "mount tmpfs on /dev, context=system_u:object_r:nosuch_t:s0 (/mounts/1)")
            contains(said, "EINVAL; hint: does the policy know the label")
        c.is_unknown()


@case("vm", level="selinux", fields=["/process/selinuxLabel"])
def selinux_label_of_the_keyring(t):
    """The container's, of the first process and of those that join: what has the runtime's is none of theirs."""
    share_output(t)
    with t.container(labelled, ["/probe", "report", "keyring"]) as c:
        report = Report(succeeds(c.run()).out)
        contains(report["sessionKeyring"], "_ses.")
        equal(report["sessionKeyringLabel"], LABEL)
    with t.container(labelled) as c:
        c.up()
        equal(Report(succeeds(c.exec("/probe", "report", "keyring")).out)["sessionKeyringLabel"], LABEL)
    # Where no label is asked for it is the runtime's.
    equal(t.report("keyring")["sessionKeyringLabel"], "system_u:system_r:kernel_t:s0")


@case("vm", level="selinux", raind_only="raind-oci's and raind-profile's own words")
def selinux_is_seen_by_status(t):
    """What a process has, as the kernel says it."""
    share_output(t)
    with t.container(labelled) as c:
        c.up()
        t.until(lambda: label_of(c.pid) == LABEL, "the label")
        said = subprocess.run([t.tools["raind-profile"], "status", "--pid", str(c.pid)], capture_output=True, text=True,
                              check=False)
        contains(said.stdout, LABEL, said.stderr)
    # AppArmor isn't in use here, and who asks for it is told.
    with t.container(lambda config: config["process"].update(apparmorProfile="raind-test")) as c:
        contains(fails(c.create(out=None, err=None), "/process/apparmorProfile").err, "this kernel has no AppArmor")


@case("vm", level="selinux", raind_only="runc 1.1 has no such annotation")
def selinux_label_of_mounts_by_another_option(t):
    """run.oci.mount_context_type: the root alone, and what is made below it goes by the policy."""
    share_output(t)
    def edit(config):
        with_tmpfs(config)
        config["annotations"] = {"run.oci.mount_context_type": "rootcontext"}
    with t.container(edit) as c:
        c.up()
        root = f"/proc/{c.pid}/root/mnt"
        equal(context(root), FILES)
        with open(f"{root}/made", "w", encoding="ascii") as file:
            file.write("x")
        mounts = {mount.point: mount for mount in Report(succeeds(c.exec("/probe", "report", "mounts")).out).mounts}
        true(any(option.strip('"').startswith("rootcontext=") for option in mounts["/mnt"].super_options), "the option")
