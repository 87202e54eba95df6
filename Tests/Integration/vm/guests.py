"""The group vm: cases that run in guests, each level in a guest of its own."""

import json
import os
import shutil
import tempfile
import time

from harness import probe
from harness.cases import REGISTRY
from harness.runner import Outcome

from . import image
from .folder import Folder, quiet, say
from .kernel import Kernel
from .machine import Machine

MODULES = (
    "virtio_pci", "virtio_blk", "ext4", "crc32c_generic", "overlay", "loop", "fuse", "veth", "bridge", "dummy", "tun",
    "bfq")
# CRIU 3.17 asks for these, and a guest has no modprobe.
SYSTEMD_MODULES = (
    "autofs4", "unix_diag", "netlink_diag", "inet_diag", "tcp_diag", "udp_diag", "af_packet_diag", "raw_diag", "nf_tables",
    "nf_conntrack_netlink", "nft_compat", "xt_mark", "iptable_filter", "ip6table_filter",
    # What the rules of an engine's bridge are made of.
    "nft_chain_nat", "xt_MASQUERADE", "xt_conntrack", "xt_comment", "xt_addrtype", "xt_tcpudp", "xt_nat")
# Without a word. The longest case has less.
SILENCE_SECONDS = 240
# From the start to the first word: some ten are usual. Now and then one hangs in its first moments, in the emulation, before
# anything of ours runs there; it is started once more.
BOOT_SECONDS = 120
# All together, whatever is said.
LIMIT_SECONDS = 1800


class Level:
    def __init__(self, init, words, modules, mebibytes):
        self.init = init
        self.words = words
        self.modules = modules
        self.mebibytes = mebibytes


LEVELS = {
    # AppArmor and cgroup2 alone, nothing but the cases running.
    "kernel": Level("/host/inside/start-kernel", ("apparmor=1", "security=apparmor"), MODULES, 1024),
    # The same with systemd, its buses and its users.
    "systemd": Level("/lib/systemd/systemd", (
        "apparmor=1", "security=apparmor", f"systemd.unit={image.UNIT}", "systemd.show_status=0"),
        MODULES + SYSTEMD_MODULES, 1536),
    # systemd on control groups of v1, with cgroup2 beside them.
    "hybrid": Level("/lib/systemd/systemd", (
        "apparmor=1", "security=apparmor", f"systemd.unit={image.UNIT}", "systemd.show_status=0",
        "systemd.unified_cgroup_hierarchy=0"), MODULES + SYSTEMD_MODULES, 1024),
    # SELinux, enforcing, with a small policy.
    "selinux": Level("/host/inside/start-selinux", ("selinux=1", "security=selinux"), MODULES, 768),
}


# As many at once as run as fast as one on two processors.
GUESTS_AT_ONCE = 2


def _chosen(patterns, levels):
    """(level, case's name) of each case of the group that is meant."""
    return [(case.level, case.name) for case in REGISTRY
            if case.group == "vm" and (not levels or case.level in levels) and case.is_meant(patterns)]


def names(patterns, levels):
    """The names of the cases that these words mean."""
    return [name for _, name in _chosen(patterns, levels)]


def run(root, runtime, profile, patterns, levels, report):
    """Runs cases in guests, each case below the runtime and below Debian's runc.

    patterns: names of cases of the group, and GROUP/NAME of others. levels: which guests; None for those that the cases
    need. report(Outcome) is called for each case, and once for each guest.
    """
    meant = {level for level, _ in _chosen(patterns, levels)}
    if any("/" in pattern for pattern in patterns):
        meant |= set(levels or ("kernel",))
    # The one that takes longest first.
    waiting = [level for level in ("systemd", "hybrid", "kernel", "selinux") if level in meant]
    folder = Folder(root)
    guests = []
    with tempfile.TemporaryDirectory(prefix="raind-test-vm-", dir=folder.path) as scratch:
        try:
            began = time.monotonic()
            kernel = Kernel(folder)
            root_image = image.root_image(folder)
            disk = os.path.join(scratch, "host.ext4")
            image.host_disk(_files(root, runtime, profile, patterns, scratch), disk)
            say(f"kernel {kernel.version}, images made in {time.monotonic() - began:.0f} s")
            while waiting or guests:
                while waiting and len(guests) < GUESTS_AT_ONCE:
                    guests.append(_Guest(waiting.pop(0), kernel, root_image, disk, scratch, patterns, report))
                time.sleep(0.1)
                guests = [guest for guest in guests if not guest.is_done()]
        finally:
            for guest in guests:
                guest.machine.end()


class _Guest:
    def __init__(self, name, kernel, root_image, disk, scratch, patterns, report):
        self.name = name
        self.patterns = patterns
        self.report = report
        level = LEVELS[name]
        initramfs = os.path.join(scratch, f"initramfs-{name}")
        image.initramfs(kernel, level.modules, initramfs)
        self.awaited = None
        self._boot = lambda: Machine(
            kernel, initramfs, [root_image, disk], (*level.words, f"raind.init={level.init}", f"raind.level={name}"),
            level.mebibytes, os.path.join(scratch, name))
        self.boots = 0
        self.boot()

    def boot(self):
        self.boots += 1
        self.heard = time.monotonic()
        self.machine = self._boot()
        say(f"guest {self.name} boots")

    def is_done(self):
        """Hears what the guest has said; whether it has said all."""
        for line in self.machine.lines():
            self.heard = time.monotonic()
            word, _, rest = line.partition(" ")
            if word == "cases":
                self.awaited = json.loads(rest)
            elif word == "case":
                said = json.loads(rest)
                if said["label"] in self.awaited:
                    self.awaited.remove(said["label"])
                self.report(Outcome(**said))
            elif word == "table":
                lines = json.loads(rest)
                # In a run of everything the table's last line does: a case names its red cells itself.
                for text in lines[-1:] if {"*", "**"} & set(self.patterns) else lines:
                    print(f"# {text}", flush=True)
            elif word == "end":
                return self._end("" if rest == "0" else f"the cases' own program ended with {rest}")
        if self.awaited is None and self.machine.seconds > BOOT_SECONDS and self.boots == 1:
            say(f"guest {self.name} hasn't said a word in {BOOT_SECONDS} s: {' | '.join(self.machine.last_words())}")
            self.machine.end()
            self.boot()
            return False
        if time.monotonic() - self.heard > SILENCE_SECONDS:
            return self._end(f"not a word for {SILENCE_SECONDS} s")
        if self.machine.seconds > LIMIT_SECONDS:
            return self._end(f"not done within {LIMIT_SECONDS} s")
        if self.machine.has_ended:
            return self._end("the machine ended by itself")
        return False

    def _end(self, failure):
        words = " | ".join(self.machine.last_words())
        said = self.machine.end()
        if self.awaited is None:
            failure = failure or "it named no cases"
        failure = failure or (f"no word of {', '.join(self.awaited)}" if self.awaited else "")
        if failure:
            failure += f"; its console's last words: {words}" + (f"; QEMU: {said}" if said else "")
        # Also the one case of a guest that dies at once: a guest without a word is never a guest that has passed.
        self.report(Outcome(f"vm/{self.name}", "not ok" if failure else "ok",
                            failure or f"{self.machine.seconds:.0f} s",
                            self.machine.seconds, detail="\n".join(self.machine.last_words(60))))
        return True


def _files(root, runtime, profile, patterns, scratch):
    """What a guest has below /host."""
    policy = os.path.join(scratch, "policy")
    quiet("secilc", "-M", "true", "-c", "33", "-o", policy, "-f", os.devnull, os.path.join(image.INSIDE, "policy.cil"))
    files = {
        "bin/raind-profile": profile,
        "bin/probe": probe.build(os.path.join(root, ".build", "probe")),
        "bin/busybox": shutil.which("busybox"),
        "inside": image.INSIDE,
        "inside/policy": policy,
        "patterns": "\n".join(patterns).encode(),
    }
    # Debian's runc is in the root image, and runs the cases whichever other runtime does.
    if runtime.name != "runc":
        files[f"bin/{runtime.name}"] = runtime.path
    for name in ("Tests/Integration", "spec-fixtures", "profiles", "scripts"):
        files[name] = os.path.join(root, name)
    return files
