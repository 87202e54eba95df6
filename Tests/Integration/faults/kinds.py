"""The containers that faults are tried on."""

import os

from harness import layout as layouts
from harness.bundle import Bundle, base_config, with_user_namespace

ROOT = 100000


def plain(config, _):
    """What engines ask for: limits, a filter, capabilities, masks, a read-only root."""
    config["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5]}
    config["process"]["oomScoreAdj"] = 100
    config["linux"]["namespaces"].append({"type": "cgroup"})
    config["linux"]["seccomp"] = {
        "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [{"names": ["reboot", "swapon"], "action": "SCMP_ACT_ERRNO"}]}
    if "memory" in layouts.hierarchies():
        config["linux"]["resources"] |= {"memory": {"limit": 1 << 26}, "pids": {"limit": 50}, "cpu": {"shares": 512}}
    else:
        config["linux"]["resources"]["hugepageLimits"] = [{"pageSize": "2MB", "limit": 4 << 20}]
    config["linux"]["sysctl"] = {"net.ipv4.ip_forward": "1"}
    config["hooks"] = {kind: [{"path": "/bin/true"}] for kind in ("createRuntime", "poststart", "poststop")}


def user(config, lab):
    """The same in a user namespace, whose process is made another way, with a device that it can't make itself."""
    plain(config, lab)
    with_user_namespace(config, ROOT)
    config["linux"]["devices"] = [{"path": "/dev/raind", "type": "c", "major": 1, "minor": 3, "fileMode": 0o666}]


def full(config, lab):
    """A terminal, devices, a mount with other owners, a tmpfs with what it covers, hooks of all kinds, and a long filter
    with an agent."""
    plain(config, lab)
    config["process"]["terminal"] = True
    config["process"]["noNewPrivileges"] = False
    config["linux"]["devices"] = [
        {"path": "/dev/raind", "type": "c", "major": 1, "minor": 3, "fileMode": 0o666, "uid": 0, "gid": 0},
        {"path": "/dev/raind-pipe", "type": "p"}]
    source = os.path.join(lab.scratch, "source")
    os.makedirs(source, exist_ok=True)
    one = [{"containerID": 0, "hostID": 1000, "size": 10}]
    config["mounts"] += [
        {"destination": "/mnt", "type": "none", "source": source, "options": ["bind", "idmap"], "uidMappings": one,
         "gidMappings": one},
        {"destination": "/home", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "mode=755"]}]
    # Long enough to be kept compiled.
    config["linux"]["seccomp"]["syscalls"] += [
        {"names": [name], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "comment": "so that the text has a length " * 3}
        for name in ("acct", "add_key", "clock_adjtime", "create_module", "delete_module", "finit_module", "get_kernel_syms",
                     "init_module", "ioperm", "iopl", "kcmp", "kexec_load", "keyctl", "lookup_dcookie", "nfsservctl",
                     "open_by_handle_at", "perf_event_open", "ptrace", "query_module", "quotactl", "request_key",
                     "settimeofday", "stime", "swapoff", "sysfs", "userfaultfd", "ustat", "vm86")]
    config["linux"]["seccomp"]["syscalls"].append({"names": ["umount2"], "action": "SCMP_ACT_NOTIFY"})
    config["linux"]["seccomp"]["listenerPath"] = lab.agent.path
    for kind in ("prestart", "createContainer", "startContainer"):
        config["hooks"][kind] = [{"path": "/bin/true"}]


KINDS = {"plain": plain, "user": user, "full": full}


def bundle(lab, kind, programs):
    """Makes the lab's bundle: the container's program sleeps for a time that nobody else sleeps."""
    config = base_config()
    KINDS[kind](config, lab)
    config["linux"]["cgroupsPath"] = f"/{lab.id}"
    # No other container has this rule, so its program can be told from all others.
    config["linux"]["resources"]["devices"].append(
        {"allow": True, "type": "c", "major": 2000 + lab.number % 1000, "minor": lab.number, "access": "r"})
    config["process"]["args"] = ["/bin/sleep", lab.seconds]
    made = Bundle(os.path.join(lab.scratch, "bundle"), programs, config)
    if kind == "user":
        os.chown(made.rootfs, ROOT, ROOT)
    return made
