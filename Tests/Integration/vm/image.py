"""What a guest boots from: an initramfs, Debian's root file system, and a disk with what is to be tested."""

import gzip
import os
import shutil
import subprocess
import tempfile

from .folder import quiet

HERE = os.path.dirname(os.path.abspath(__file__))
INSIDE = os.path.join(HERE, "inside")
RELEASE = "bookworm"

PACKAGES = (
    # The system, a person's session in it, and what rootless containers need.
    "systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "uidmap", "passwd", "procps", "iproute2",
    "apparmor", "python3", "strace",
    # The peer, what saves containers, the engines.
    "runc", "criu", "podman", "containerd", "iptables", "netavark", "fuse-overlayfs",
    # What asks containerd as a kubelet does: see harness/grpc.py.
    "curl")
# Not needed in a machine that lives for a minute and has no network.
MASKED = (
    "systemd-timesyncd.service", "e2scrub_reap.service", "e2scrub_all.timer", "apt-daily.timer", "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer", "fstrim.timer", "systemd-networkd.socket", "getty.target", "systemd-firstboot.service",
    "proc-sys-fs-binfmt_misc.automount", "proc-sys-fs-binfmt_misc.mount", "systemd-binfmt.service", "containerd.service",
    "podman.service", "podman.socket", "podman-auto-update.timer", "podman-auto-update.service", "podman-restart.service",
    "podman-clean-transient.service", "apparmor.service", "systemd-tpm2-setup.service", "ldconfig.service",
    "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service", "systemd-hwdb-update.service",
    "logrotate.timer", "man-db.timer", "systemd-tmpfiles-clean.timer", "netfilter-persistent.service")
UNIT = "raind-test.target"
TEXTS = {
    "etc/systemd/system/raind-test.service": """[Unit]
Description=The cases
After=dbus.service systemd-logind.service
[Service]
Type=oneshot
ExecStart=/bin/sh /host/inside/start-systemd
StandardInput=null
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
TimeoutStartSec=infinity
KillMode=process
Delegate=yes
TasksMax=infinity
""",
    f"etc/systemd/system/{UNIT}": """[Unit]
Requires=basic.target dbus.service systemd-logind.service
After=basic.target dbus.service systemd-logind.service
Wants=raind-test.service
AllowIsolate=yes
""",
    "etc/hostname": "guest\n",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/fstab": "",
    # The user manager of `user` runs without a session.
    "var/lib/systemd/linger/user": "",
}


def debian_sources():
    """The host's own apt sources of the release that are Debian's, as files for mmdebstrap."""
    found = []
    folder = "/etc/apt/sources.list.d"
    for path in ["/etc/apt/sources.list", *sorted(os.path.join(folder, name) for name in os.listdir(folder))]:
        if not os.path.isfile(path) or not path.endswith((".list", ".sources")):
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if f" {RELEASE}" in text and "debian" in text and "/debian" in text:
            found.append(path)
    return found or [RELEASE]


def root_image(folder):
    """The path of an ext4 image of Debian with systemd, the engines and the peer."""
    return folder.made("root", (PACKAGES, MASKED, TEXTS, RELEASE), lambda path: _make_root(folder, path))


def _make_root(folder, path):
    root = folder("partial-root")
    shutil.rmtree(root, ignore_errors=True)
    quiet("mmdebstrap", "--quiet", "--variant=apt", f"--include={','.join(PACKAGES)}",
          "--aptopt=APT::Install-Recommends \"false\"", "--aptopt=Acquire::Languages \"none\"",
          *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale", "info")),
          "--dpkgopt=force-unsafe-io", RELEASE, root, *debian_sources(), env={**os.environ, "TMPDIR": folder.path})
    for name, text in TEXTS.items():
        target = os.path.join(root, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)
    for unit in MASKED:
        target = os.path.join(root, "etc/systemd/system", unit)
        if not os.path.lexists(target):
            os.symlink("/dev/null", target)
    os.makedirs(os.path.join(root, "host"))
    quiet("chroot", root, "useradd", "--uid", "1000", "--create-home", "--shell", "/bin/sh", "user")
    _ext4(root, path, slack=1.3, spare_mebibytes=256)
    shutil.rmtree(root)


def _ext4(source, path, slack=1.15, spare_mebibytes=16):
    size = int(quiet("du", "-sm", "--apparent-size", source).split()[0])
    quiet("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", source, path,
          f"{int(size * slack) + spare_mebibytes}M")


def initramfs(kernel, modules, path):
    """Writes the initramfs: busybox, the modules, and an /init that goes on in the root image."""
    with tempfile.TemporaryDirectory(prefix="raind-test-initramfs-") as root:
        for name in ("bin", "proc", "sys", "dev", "modules", "newroot"):
            os.mkdir(os.path.join(root, name))
        shutil.copyfile(shutil.which("busybox"), os.path.join(root, "bin/busybox"))
        os.chmod(os.path.join(root, "bin/busybox"), 0o755)
        for name in ("sh", "mount", "umount", "insmod", "sleep", "cat", "uname", "poweroff", "switch_root"):
            os.symlink("busybox", os.path.join(root, "bin", name))
        kernel.copy_modules(modules, os.path.join(root, "modules"))
        shutil.copyfile(os.path.join(INSIDE, "init"), os.path.join(root, "init"))
        os.chmod(os.path.join(root, "init"), 0o755)
        names = b"\0".join(os.path.relpath(os.path.join(folder, name), root).encode()
                           for folder, folders, files in os.walk(root) for name in [*folders, *files])
        archive = subprocess.run(["cpio", "--null", "-o", "-H", "newc", "--quiet", "-R", "0:0"], cwd=root, input=names,
                                 stdout=subprocess.PIPE, check=True).stdout
    with open(path, "wb") as file:
        file.write(gzip.compress(archive, 1))


def host_disk(files, path):
    """Writes an ext4 image: `files` is the place in it to the file or folder that it is a copy of, or its text in bytes."""
    with tempfile.TemporaryDirectory(prefix="raind-test-disk-") as root:
        for place, source in files.items():
            target = os.path.join(root, place)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if isinstance(source, bytes):
                with open(target, "wb") as file:
                    file.write(source)
            elif os.path.isdir(source):
                shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        _ext4(root, path)
