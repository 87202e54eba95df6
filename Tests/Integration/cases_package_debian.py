"""The Debian package: built, installed where there is nothing but the base system, used there, removed."""

import glob
import os
import shutil
import subprocess

from harness import case, contains, equal, excludes, succeeds, true
from harness.bundle import Bundle, base_config
from harness.runtime import Result

from cases_package_install import small
from cases_package_manual import OURS, script

# So that two builds take seconds: what is compressed is the same.
BUILD = {"DPKG_DEB_COMPRESSOR_TYPE": "gzip", "DPKG_DEB_COMPRESSOR_LEVEL": "1", "SOURCE_DATE_EPOCH": "1700000000",
         "DEBFULLNAME": "A Person", "DEBEMAIL": "person@example.org"}
FIELDS = {"Package": "raind", "Maintainer": "A Person <person@example.org>", "Depends": "", "Pre-Depends": "",
          "Suggests": "apparmor, containerd | docker.io | podman, uidmap"}


def build(t, name):
    """The package's path."""
    said = succeeds(script(t, "package", "--output", os.path.join(t.scratch, name), env={**small(t), **BUILD}))
    return said.out.strip()


def dpkg_deb(*arguments):
    return subprocess.run(["dpkg-deb", *arguments], capture_output=True, text=True, check=True, timeout=30).stdout


@case("package", raind_only=OURS, timeout=120)
def package_is_well_formed(t):
    """The same from the same programs; owned by root; of the program's version; nothing is needed that must be there first."""
    first, second = build(t, "first"), build(t, "second")
    with open(first, "rb") as one, open(second, "rb") as other:
        true(one.read() == other.read(), "two builds make the same file")
    for field, value in FIELDS.items():
        equal(dpkg_deb("--field", first, field).strip(), value, field)
    version = dpkg_deb("--field", first, "Version").strip()
    contains(succeeds(t.call("--version", root_flag=False)).out, f"raind-oci version {version.rpartition('-')[0]}\n")
    equal(os.path.basename(first), f"raind_{version}_{dpkg_deb('--field', first, 'Architecture').strip()}.deb")
    for line in dpkg_deb("--contents", first).splitlines():
        mode, owner, _, date, _, path = line.split(None, 5)
        equal((owner, date), ("root/root", "2023-11-14"), path)
        equal(mode, "drwxr-xr-x" if path.endswith("/") else "-rwxr-xr-x" if "/bin/" in path else "-rw-r--r--", path)
    folder = os.path.join(t.scratch, "control")
    dpkg_deb("--control", first, folder)
    equal(sorted(os.listdir(folder)), ["conffiles", "control", "md5sums"], "no script runs when it is installed")
    with open(os.path.join(folder, "conffiles"), encoding="ascii") as file:
        equal(file.read(), "/etc/containers/containers.conf.d/raind-oci.conf\n")


def sources(t, codename):
    """The machine's own apt sources of this release that are Debian's, as one file; others need keys of their own."""
    lines, stanzas = [], []
    for path in ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*"))]:
        if not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if path.endswith(".sources"):
            stanzas += [stanza for stanza in text.split("\n\n") if codename in stanza]
        elif path.endswith(".list"):
            lines += [line for line in text.splitlines() if line.startswith("deb ") and f" {codename}" in line
                      and "signed-by" not in line]
    true(lines or stanzas, f"apt has sources of {codename}")
    if stanzas:
        return t.file("\n\n".join(stanzas) + "\n", name="debian.sources")
    return t.file("\n".join(lines) + "\n", name="debian.list")


class Root:
    """A fresh base system in a folder."""

    def __init__(self, t):
        self.t = t
        self.folder = os.path.join(t.scratch, "root")
        with open("/etc/os-release", encoding="utf-8") as file:
            codename = next(line.split("=")[1].strip() for line in file if line.startswith("VERSION_CODENAME="))
        made = subprocess.run(
            # Nobody needs it after a crash: dpkg waits for no disk.
            ["mmdebstrap", "--quiet", "--variant=essential", "--mode=root", "--dpkgopt=force-unsafe-io", codename, self.folder,
             sources(t, codename)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=150)
        equal(made.returncode, 0, made.stderr)
        os.chmod(self.folder, 0o755)

    def call(self, *words):
        """A command in it, with a /proc and a /sys, and a mount of its own as the root: that is what can be pivoted."""
        mounts = ('mount --rbind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && '
                  'mount --rbind /dev "$1/dev" && root=$1 && shift && exec chroot "$root" "$@"')
        process = subprocess.run(
            ["unshare", "--mount", "sh", "-c", mounts, "sh", self.folder, *words], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=False,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})
        return Result(" ".join(words), process.returncode, process.stdout, process.stderr, 0)

    def files(self):
        """Path to what is there, but for dpkg's own books."""
        found = {}
        for here, folders, files in os.walk(self.folder):
            for name in folders + files:
                path = os.path.join(here, name)
                inside = os.path.relpath(path, self.folder)
                if not inside.startswith(("var/lib/dpkg", "var/log", "var/cache")):
                    status = os.lstat(path)
                    found[inside] = (status.st_mode, status.st_uid, status.st_gid, os.path.isdir(path) or status.st_size)
        return found


@case("package", raind_only=OURS, timeout=200)
def package_in_a_fresh_system(t):
    """Installed by dpkg alone; both programs work, a container runs; removed, nothing of it is left."""
    package = build(t, "built")
    root = Root(t)
    before = root.files()
    shutil.copy(package, os.path.join(root.folder, "raind.deb"))
    succeeds(root.call("dpkg", "--force-unsafe-io", "--install", "/raind.deb"))
    equal(succeeds(root.call("dpkg", "--verify", "raind")).out, "")
    contains(succeeds(root.call("dpkg", "--status", "raind")).out, "Status: install ok installed")

    equal(succeeds(root.call("raind-oci", "--version")).out, succeeds(t.call("--version", root_flag=False)).out)
    contains(succeeds(root.call("raind-oci", "features")).out, '"ociVersionMax"')
    contains(succeeds(root.call("raind-profile", "ls")).out, "hardened")
    contains(succeeds(root.call("zcat", "/usr/share/man/man8/raind-oci.8.gz")).out, ".SH COMMANDS")

    config = base_config()
    name = t.name()
    config["process"]["args"] = ["/bin/sh", "-c", "echo from $(hostname); exit 7"]
    config["linux"]["cgroupsPath"] = "/" + name
    bundle = Bundle(os.path.join(root.folder, "bundle"), t.programs, config)
    result = root.call("raind-profile", "apply", "hardened", "/bundle", "--apparmor-missing", "drop")
    succeeds(result)
    result = root.call("raind-oci", "run", "--bundle", "/bundle", name)
    equal((result.status, result.out), (7, "from raind-test\n"), result.err)
    equal(succeeds(root.call("raind-oci", "list", "--quiet")).out, "")

    succeeds(root.call("dpkg", "--remove", "raind"))
    left = [path for path in root.files() if path not in before and "raind" in path and not path.startswith(("bundle", "run/"))]
    equal(sorted(left), ["etc/containers/containers.conf.d/raind-oci.conf", "raind.deb"], "settings stay")
    succeeds(root.call("dpkg", "--purge", "raind"))
    # What is kept between two runs goes with a reboot.
    shutil.rmtree(os.path.join(root.folder, "run/raind-oci"))
    os.unlink(os.path.join(root.folder, "raind.deb"))
    shutil.rmtree(bundle.folder)
    after = root.files()
    equal(sorted(set(after) - set(before)), [], "nothing is left")
    equal(sorted(set(before) - set(after)), [], "nothing of others is gone")
    equal([path for path in before if before[path] != after[path] and not path.startswith(("run", "tmp"))], [],
          "nothing of others is changed")
    excludes(succeeds(root.call("dpkg", "--get-selections")).out, "raind")
