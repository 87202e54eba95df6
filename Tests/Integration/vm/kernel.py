"""Debian's cloud kernel: fetched and unpacked, never installed."""

import glob
import lzma
import os
import re

from .folder import quiet

METAPACKAGE = "linux-image-cloud-amd64"
# apt's own user can't write into a folder of root's.
AS_ROOT = ("-o", "APT::Sandbox::User=root")


def package_name():
    """The package behind the metapackage, so that no version is written down here."""
    def look():
        said = quiet("apt-cache", "depends", METAPACKAGE)
        return re.search(r"^ *Depends: (linux-image-[0-9]\S*)$", said, re.MULTILINE)
    try:
        found = look()
    except RuntimeError:
        found = None
    if not found:
        quiet("apt-get", "update", "-q")
        found = look()
    if not found:
        raise RuntimeError(f"apt knows no package behind {METAPACKAGE}")
    return found.group(1)


class Kernel:
    """An unpacked kernel package."""

    def __init__(self, folder):
        name = package_name()
        self.path = folder.made("kernel", name, lambda path: self._fetch(name, path))
        self.image = glob.glob(os.path.join(self.path, "boot", "vmlinuz-*"))[0]
        self.modules = glob.glob(os.path.join(self.path, "lib", "modules", "*"))[0]
        self.version = os.path.basename(self.modules)

    @staticmethod
    def _fetch(name, path):
        os.makedirs(path)
        quiet("apt-get", *AS_ROOT, "download", "-q", name, cwd=path)
        for package in glob.glob(os.path.join(path, "*.deb")):
            quiet("dpkg", "-x", package, path)
            os.unlink(package)

    def copy_modules(self, names, target):
        """Writes the modules and what they depend on into a folder, uncompressed, with their order in `order`."""
        where = {}
        for folder, _, files in os.walk(self.modules):
            for file in files:
                found = re.fullmatch(r"(.*)\.ko(\.xz)?", file)
                if found:
                    where[found.group(1).replace("-", "_")] = os.path.join(folder, file)
        built_in = set()
        with open(os.path.join(self.modules, "modules.builtin"), encoding="ascii") as lines:
            for line in lines:
                built_in.add(os.path.basename(line.strip())[:-len(".ko")].replace("-", "_"))
        order = []

        def add(name):
            name = name.replace("-", "_")
            if name in order or name in built_in:
                return
            if name not in where:
                raise RuntimeError(f"{self.version} has no module {name}")
            with open(where[name], "rb") as file:
                data = file.read()
            if where[name].endswith(".xz"):
                data = lzma.decompress(data)
            depends = re.search(rb"\0depends=([^\0]*)\0", data)
            for other in depends.group(1).decode().split(",") if depends else []:
                if other:
                    add(other)
            with open(os.path.join(target, name + ".ko"), "wb") as file:
                file.write(data)
            order.append(name)

        for name in names:
            add(name)
        with open(os.path.join(target, "order"), "w", encoding="ascii") as file:
            file.write("".join(f"{name}\n" for name in order))
