"""What hangs must not keep anybody from ending it, and what is refused must leave nothing behind."""

import json
import os
import subprocess

from harness import case, contains, equal, excludes, fails, succeeds, true
from harness.bundle import namespace

LONG = {"path": "/bin/sleep", "args": ["sleep", "600"], "timeout": 4}


@case("lifecycle")
def delete_force_ends_a_foreground_run(t):
    with t.container(args=["/bin/sleep", "600"]) as c:
        process = c.spawn("run", "--bundle", c.bundle.folder, c.id)
        t.until(lambda: c.state_result().status == 0 and c.status == "running", "running", 10)
        succeeds(c.delete("--force", timeout=10))
        true(process.wait(10) != 0, "run tells that the process was killed")
        c.is_unknown()


@case("lifecycle", raind_only="runc 1.1 runs poststart at create, crun waits")
def delete_force_passes_a_poststart_hook_that_hangs(t):
    with t.container(lambda config: config.update(hooks={"poststart": [LONG]}), ["/bin/sleep", "600"]) as c:
        succeeds(c.create())
        process = c.spawn("start", c.id)
        t.until(lambda: c.status == "running", "running", 10)
        succeeds(c.delete("--force", timeout=3))
        c.is_unknown()
        process.wait(15)


@case("lifecycle", raind_only="runc 1.1 runs poststart at create")
def poststart_that_fails_ends_the_container(t):
    hook = {"path": "/bin/false", "args": ["false"]}
    with t.container(lambda config: config.update(hooks={"poststart": [hook]}), ["/bin/sleep", "600"]) as c:
        succeeds(c.create())
        fails(c.start(), "poststart")
        equal(c.status, "stopped")


@case("lifecycle", raind_only="the peers write the log into the caller's folder in ways of their own")
def log_path_counts_from_the_caller(t):
    folder = t.folder()
    with t.container(lambda config: config["root"].update(path="nosuch")) as c:
        fails(t.call("create", "--bundle", c.bundle.folder, c.id, glob=("--log", "here.log"), cwd=folder))
        true(os.path.exists(os.path.join(folder, "here.log")), "the log is where the caller is")
        true(not os.path.exists(os.path.join(c.bundle.folder, "here.log")), "and not in the bundle")


@case("lifecycle", raind_only="--trace")
def trace_that_cannot_be_written_is_a_warning(t):
    with t.container(args=["/bin/true"]) as c:
        result = succeeds(c.run("--trace", "/nonexistent/folder/trace"))
        contains(result.err, "trace")


@case("lifecycle")
def group_with_containers_below_it_is_in_use(t):
    """A second container may not take over the group that the first one's group is in."""
    name = t.name()
    with t.container(lambda config: config["linux"].update(cgroupsPath=f"/{name}/inner"),
                     ["/bin/sleep", "600"]) as first:
        first.up()
        with t.container(lambda config: config["linux"].update(cgroupsPath=f"/{name}"), ["/bin/true"]) as second:
            if t.runtime.is_raind:
                fails(second.create(out=None, err=None), "in use")
            equal(first.status, "running")
        succeeds(first.delete("--force"))
    # The parent was made for the first, and outlives it, as with the peers.
    for folder in subprocess.run(["find", "/sys/fs/cgroup", "-maxdepth", "3", "-type", "d", "-name", name],
                                 capture_output=True, text=True, check=False).stdout.split():
        os.rmdir(folder)


@case("lifecycle", raind_only="runc compares the network namespace alone")
def settings_of_the_hosts_own_namespaces_stay(t):
    """A path to a namespace that is the host's: what would change in it is the host's."""
    with open("/proc/sys/net/ipv4/ip_default_ttl", encoding="ascii") as file:
        before = file.read()

    def network(config):
        namespace(config, "network")["path"] = "/proc/self/ns/net"
        config["linux"]["sysctl"] = {"net.ipv4.ip_default_ttl": "77"}

    def name(config):
        namespace(config, "uts")["path"] = "/proc/self/ns/uts"
        config["hostname"] = "raind-test-host"
    for edit in (network, name):
        with t.container(edit, ["/bin/true"]) as c:
            fails(c.create(out=None, err=None), "host's own")
    with open("/proc/sys/net/ipv4/ip_default_ttl", encoding="ascii") as file:
        equal(file.read(), before)
    excludes(os.uname().nodename, "raind-test-host")


@case("enforcement", differs={"crun": "leaves the host's procfs in the namespace"},
       row="masks without pivot_root", hole="kernel-views-kept")
def threat_masks_hold_without_pivot(t):
    """The host's procfs must not stay in the mount namespace: it would let a user namespace mount a new, unmasked one."""
    def edit(config):
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    script = "unshare -U -r -m -p -f sh -c 'mount -t proc proc /tmp && echo MOUNTED'; echo done"
    with t.container(edit, ["/bin/sh", "-c", script],
                     prepare=lambda bundle: os.makedirs(os.path.join(bundle.rootfs, "tmp"), exist_ok=True)) as c:
        said = succeeds(c.run("--no-pivot")).out
        contains(said, "done")
        excludes(said, "MOUNTED")


@case("lifecycle")
def program_of_a_supplementary_group(t):
    """And a folder of PATH that lets the user not in is passed over."""
    def edit(config):
        config["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [500]}
        config["process"]["env"] = ["PATH=/closed:/open"]

    def prepare(bundle):
        for folder, mode in (("closed", 0o700), ("open", 0o755)):
            path = os.path.join(bundle.rootfs, folder)
            os.makedirs(path)
            os.symlink("/bin/busybox", os.path.join(path, "echo"))
            os.chmod(path, mode)
        os.chown(os.path.join(bundle.rootfs, "open"), 0, 500)
        os.chmod(os.path.join(bundle.rootfs, "open"), 0o750)
    with t.container(edit, ["echo", json.dumps("found")], prepare=prepare) as c:
        contains(succeeds(c.run()).out, "found")


@case("lifecycle", raind_only="the peers' run and delete know less of each other")
def poststop_runs_once_where_delete_meets_run(t):
    """delete --force while run waits in a hook: each of them would take back what there is."""
    folder = t.folder()
    count = os.path.join(folder, "count")
    hooks = {"startContainer": [{"path": "/bin/busybox", "args": ["sleep", "600"], "timeout": 8}],
             "poststop": [{"path": "/bin/sh", "args": ["sh", "-c", f"echo stopped >>{count}"]}]}
    with t.container(lambda config: config.update(hooks=hooks), ["/bin/true"]) as c:
        process = c.spawn("run", "--bundle", c.bundle.folder, c.id)
        t.until(lambda: c.state_result().status == 0 and c.status == "running", "started", 10)
        succeeds(c.delete("--force", timeout=10))
        true(process.wait(15) != 0, "run tells that the process was killed")
        with open(count, encoding="ascii") as file:
            equal(file.read(), "stopped\n")
        c.is_unknown()
