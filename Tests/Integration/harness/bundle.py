"""Bundles: a root file system with busybox and the probe, and the config.json that `runc spec` writes."""

import copy
import json
import os
import shutil
import stat

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CAPABILITIES = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]

BASE = {
    "ociVersion": "1.0.2",
    "process": {
        "user": {"uid": 0, "gid": 0},
        "args": ["/bin/true"],
        "env": [PATH, "TERM=xterm"],
        "cwd": "/",
        "capabilities": {
            "bounding": CAPABILITIES, "effective": CAPABILITIES, "permitted": CAPABILITIES,
        },
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
        "noNewPrivileges": True,
    },
    "root": {"path": "rootfs", "readonly": True},
    "hostname": "raind-test",
    "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
        {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
         "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
         "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
        {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
         "options": ["nosuid", "noexec", "nodev"]},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
        {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
         "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]},
    ],
    "linux": {
        "resources": {"devices": [{"allow": False, "access": "rwm"}]},
        "namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")],
        "maskedPaths": ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"],
        "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
}

APPLETS = ("sh", "cat", "echo", "true", "false", "sleep", "ls", "mount", "umount", "mkdir", "touch", "id", "kill", "ps",
           "stat", "head", "grep", "sed", "env", "pwd", "hostname", "ln", "rm", "mknod", "test", "printf", "tty", "stty",
           "wc", "chmod", "chown", "dd", "trap", "readlink", "seq")
FOLDERS = ("bin", "dev", "etc", "proc", "root", "sys", "tmp", "home", "home/user", "run", "var", "mnt")
PASSWD = "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"


def base_config():
    return copy.deepcopy(BASE)


def mount_at(config, destination):
    """The base's mount of that destination."""
    return next(mount for mount in config["mounts"] if mount["destination"] == destination)


def namespace(config, kind):
    return next((entry for entry in config["linux"]["namespaces"] if entry["type"] == kind), None)


def without_namespace(config, *kinds):
    config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] not in kinds]


def set_capabilities(config, names, ambient=False):
    """The same set everywhere but in inheritable and ambient, where it stands if asked for."""
    config["process"]["capabilities"] = {
        "bounding": names, "effective": names, "permitted": names,
        **({"inheritable": names, "ambient": names} if ambient else {}),
    }


def with_user_namespace(config, first=100000, size=65536):
    """A new user namespace whose ids begin at `first` on the host."""
    config["linux"]["namespaces"].append({"type": "user"})
    config["linux"]["uidMappings"] = [{"containerID": 0, "hostID": first, "size": size}]
    config["linux"]["gidMappings"] = [{"containerID": 0, "hostID": first, "size": size}]


class Bundle:
    """A folder with rootfs/ and config.json. The programs are hard links: many bundles cost little."""

    def __init__(self, folder, programs, config):
        self.folder = folder
        self.rootfs = os.path.join(folder, "rootfs")
        self.config = config
        os.makedirs(self.rootfs)
        os.chmod(folder, 0o755)
        os.chmod(self.rootfs, 0o755)
        for name in FOLDERS:
            os.mkdir(os.path.join(self.rootfs, name), 0o755)
        os.chmod(os.path.join(self.rootfs, "tmp"), 0o1777)
        os.chmod(os.path.join(self.rootfs, "root"), 0o700)
        os.chown(os.path.join(self.rootfs, "home/user"), 1000, 1000)
        os.link(programs.busybox, os.path.join(self.rootfs, "bin/busybox"))
        os.link(programs.probe, os.path.join(self.rootfs, "probe"))
        for name in APPLETS:
            os.symlink("busybox", os.path.join(self.rootfs, "bin", name))
        self.write("etc/passwd", PASSWD)
        self.write("etc/group", "root:x:0:\nuser:x:1000:\ntty:x:5:\n")
        self.save()

    @property
    def config_path(self):
        return os.path.join(self.folder, "config.json")

    def save(self):
        with open(self.config_path, "w", encoding="utf-8") as file:
            json.dump(self.config, file, indent=4)

    def path(self, name):
        return os.path.join(self.rootfs, name.lstrip("/"))

    def write(self, name, text, mode=0o644):
        """A file inside the root file system."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def read(self, name):
        with open(self.path(name), encoding="utf-8", errors="surrogateescape") as file:
            return file.read()


class Programs:
    """busybox and the probe, in one place that bundles link to."""

    def __init__(self, folder, busybox, probe):
        os.makedirs(folder, exist_ok=True)
        self.busybox = os.path.join(folder, "busybox")
        self.probe = os.path.join(folder, "probe")
        for source, target in ((busybox, self.busybox), (probe, self.probe)):
            shutil.copyfile(source, target)
            os.chmod(target, stat.S_IRWXU | 0o055)
