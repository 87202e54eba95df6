"""/linux/netDevices: moved with their addresses, renamed, brought up; and given back when there is no container."""

import ctypes
import json
import os
import socket
import subprocess

from cases_spec_namespaces import Holder, join
from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import with_user_namespace

CLONE_NEWNET = 0x40000000
RAIND_ONLY = "runc has it from 1.4, crun from 1.24"


def ip(*words, inside=None):
    """`ip` in the case's own network namespace, or in that of a process; what it says as JSON, if it says something."""
    command = ["ip", "-j", *words] if inside is None else ["nsenter", "-t", str(inside), "-n", "ip", "-j", *words]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(said) if said.strip() else []


def own_namespace(*names):
    """A network namespace of the case's own, with veth devices NAME and NAMEp at the other end, which is up. Each case
    is a process of its own: the machine's devices are left alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for at, name in enumerate(names):
        ip("link", "add", name, "type", "veth", "peer", "name", name + "p")
        ip("link", "set", name + "p", "up")
        ip("addr", "add", f"10.9.{at}.1/24", "dev", name + "p")


def with_devices(**devices):
    def edit(config):
        config["linux"]["netDevices"] = {name: ({"name": new} if new else {}) for name, new in devices.items()}
    return edit


def links(inside=None):
    return {link["ifname"]: link for link in ip("addr", inside=inside)}


def addresses(link, *members):
    return [tuple(address.get(member) for member in ("local", "prefixlen", *members)) for address in link["addr_info"]
            if address["scope"] != "link"]


@case("spec", raind_only=RAIND_ONLY, fields=["/linux/netDevices"])
def net_device(t):
    """Its addresses and what else it has come along, in their order; it is up and does its work."""
    own_namespace("va")
    ip("link", "set", "va", "address", "02:00:00:00:00:07", "mtu", "1400")
    for words in (["10.9.0.2/24", "broadcast", "10.9.0.255"], ["10.9.0.3/24"], ["192.0.2.1/32"], ["2001:db8::2/64", "nodad"],
                  ["192.0.2.5", "peer", "192.0.2.6"]):
        ip("addr", "add", *words, "dev", "va")
    before = links()["va"]
    with t.container(with_devices(va=None)) as c:
        succeeds(c.create(out=None, err=None))
        excludes(links(), "va")
        equal(sorted(links(c.pid)), ["lo", "va"])
        device = links(c.pid)["va"]
        true("UP" in device["flags"], "it is up")
        equal((device["address"], device["mtu"]), ("02:00:00:00:00:07", 1400))
        members = ("broadcast", "address", "secondary", "family")
        equal(addresses(device, *members), addresses(before, *members))
        # Nobody listens there, which only the container's own network can tell.
        with socket.socket() as connection:
            connection.settimeout(5)
            equal(connection.connect_ex(("10.9.0.2", 7)), 111)
        succeeds(c.start())
        c.stop()
        # The kernel's to end, with the namespace: the other end goes too.
        t.until(lambda: "vap" not in links(), "the pair is gone with the container's network namespace")


@cases("spec", [("name", "net1", "net1"), ("template", "net%d", "net0"), ("fifteen-bytes", "n23456789012345", None),
                ("same", "va", "va")],
       raind_only=RAIND_ONLY, fields=["/linux/netDevices/*/name"])
def net_device_renamed(t, name, expected):
    """The label of an address follows the name."""
    expected = expected or name
    own_namespace("va")
    ip("addr", "add", "10.9.0.2/24", "label", "va:x", "dev", "va")
    with t.container(with_devices(va=name)) as c:
        c.up()
        equal(sorted(links(c.pid)), sorted(["lo", expected]))
        device = links(c.pid)[expected]
        equal(addresses(device), [("10.9.0.2", 24)])
        label = expected + ":x"
        equal(device["addr_info"][0]["label"], label if len(label) <= 15 else expected)
        true("UP" in device["flags"], "it is up")


@case("spec", raind_only=RAIND_ONLY)
def net_devices(t):
    """Several, in the order of the config; one may take the name that another has on the host."""
    own_namespace("va", "vb", "vc")
    for at, name in enumerate(("va", "vb", "vc")):
        ip("addr", "add", f"10.9.{at}.2/24", "dev", name)
    with t.container(with_devices(vc="va", va="vb", vb="net%d")) as c:
        c.up()
        found = links(c.pid)
        equal({name: addresses(found[name]) for name in ("va", "vb", "net0")},
              {"va": [("10.9.2.2", 24)], "vb": [("10.9.0.2", 24)], "net0": [("10.9.1.2", 24)]})
        equal(sorted(links()), ["lo", "vap", "vbp", "vcp"])


@case("spec", raind_only=RAIND_ONLY)
def net_device_addresses_that_stay(t):
    """Those that end by themselves, and those that only their own link knows."""
    own_namespace("va")
    ip("addr", "add", "10.9.0.2/24", "dev", "va")
    ip("addr", "add", "10.9.0.3/24", "valid_lft", "1000", "preferred_lft", "500", "dev", "va")
    ip("addr", "add", "169.254.7.7/16", "scope", "link", "dev", "va")
    with t.container(with_devices(va=None)) as c:
        c.up()
        equal(addresses(links(c.pid)["va"]), [("10.9.0.2", 24)])
        equal([a["local"] for a in links(c.pid)["va"]["addr_info"] if a["family"] == "inet"], ["10.9.0.2"])


@case("spec", raind_only=RAIND_ONLY)
def net_device_in_a_user_namespace(t):
    own_namespace("va")
    ip("addr", "add", "10.9.0.2/24", "dev", "va")

    def edit(config):
        with_devices(va="net1")(config)
        with_user_namespace(config)
        # One of the device's own, which the container's process sets.
        config["linux"]["sysctl"] = {"net.ipv4.conf.net1.forwarding": "1"}
    with t.container(edit) as c:
        c.up()
        equal(addresses(links(c.pid)["net1"]), [("10.9.0.2", 24)])
        equal(subprocess.run(["nsenter", "-t", str(c.pid), "-n", "cat", "/proc/sys/net/ipv4/conf/net1/forwarding"],
                             check=True, capture_output=True, text=True).stdout, "1\n")


@case("spec", raind_only=RAIND_ONLY)
def net_device_into_a_namespace_that_is_joined(t):
    """Where a name may be taken: the device isn't touched then."""
    own_namespace("va")
    ip("addr", "add", "10.9.0.2/24", "dev", "va")
    ip("link", "set", "va", "up")
    ip("route", "add", "198.51.100.0/24", "via", "10.9.0.9")
    with Holder(t, "network") as holder:
        subprocess.run(["nsenter", f"--net={holder.path('network')}", "ip", "link", "add", "taken", "type", "bridge"],
                       check=True)

        def edit(config):
            with_devices(va="taken")(config)
            join(config, "network", holder.path("network"))
        with t.container(edit) as c:
            said = fails(c.create(out=None, err=None), "/linux/netDevices/va")
            contains(said.err, "EEXIST")
            c.is_unknown()
            equal([route["dst"] for route in ip("route") if route.get("gateway")], ["198.51.100.0/24"])
            c.bundle.config["linux"]["netDevices"]["va"]["name"] = "free"
            c.bundle.save()
            c.up()
            equal(sorted(links(c.pid)), ["free", "lo", "taken"])
            equal(addresses(links(c.pid)["free"]), [("10.9.0.2", 24)])


@cases("spec", [("up", True), ("down", False)], raind_only=RAIND_ONLY)
def net_device_given_back(t, is_up):
    """A create that fails later leaves the host as it was."""
    own_namespace("va", "vb")
    ip("addr", "add", "10.9.0.2/24", "label", "va:x", "dev", "va")
    ip("addr", "add", "2001:db8::2/64", "nodad", "dev", "va")
    if is_up:
        ip("link", "set", "va", "up")
    before = links()

    def edit(config):
        with_devices(va="net1", vb=None)(config)
        config["hooks"] = {"createRuntime": [{"path": "/bin/sh", "args": [
            "sh", "-c", "nsenter -t $(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/') -n ip link show net1 >/dev/null && exit 9"]}]}
    with t.container(edit) as c:
        fails(c.create(out=None, err=None), "exit status 9")
        c.is_unknown()
        after = links()
        equal(sorted(after), sorted(before))
        for name in ("va", "vb"):
            equal(addresses(after[name], "label"), addresses(before[name], "label"))
            equal("UP" in after[name]["flags"], "UP" in before[name]["flags"])
            equal(after[name]["address"], before[name]["address"])


@case("spec", raind_only=RAIND_ONLY)
def net_device_missing(t):
    """The ones before it come back."""
    own_namespace("va")
    with t.container(with_devices(va=None, nosuch=None)) as c:
        said = fails(c.create(out=None, err=None), "/linux/netDevices/nosuch")
        contains(said.err, "ENODEV")
        c.is_unknown()
        equal(sorted(links()), ["lo", "va", "vap"])


@cases("spec", [("lo", {"lo": {"name": "lo1"}}, "/linux/netDevices/lo"), ("long", {"va": {"name": "n234567890123456"}},
                                                                          "/linux/netDevices/va/name"),
                ("slash", {"va": {"name": "a/b"}}, "/linux/netDevices/va/name"),
                ("dots", {"..": {}}, "/linux/netDevices/.."), ("blank", {"va": {"name": "a b"}}, "/linux/netDevices/va/name"),
                ("percent", {"va": {"name": "%d%d"}}, "/linux/netDevices/va/name"),
                ("twice", {"va": {"name": "n"}, "vb": {"name": "n"}}, "/linux/netDevices/vb/name"),
                ("namespace", {"va": {}}, "/linux/netDevices")],
       raind_only=RAIND_ONLY)
def net_device_that_is_wrong(t, devices, pointer):
    own_namespace("va", "vb")

    def edit(config):
        config["linux"]["netDevices"] = devices
        if pointer == "/linux/netDevices":
            config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] != "network"]
    with t.container(edit) as c:
        fails(c.create(out=None, err=None), pointer)
        c.is_unknown()
    equal(sorted(links()), ["lo", "va", "vap", "vb", "vbp"])


@case("spec", raind_only=RAIND_ONLY)
def net_device_into_the_host_s_own_namespace(t):
    own_namespace("va")

    def edit(config):
        with_devices(va=None)(config)
        join(config, "network", f"/proc/{os.getpid()}/ns/net")
        config["mounts"] = [mount for mount in config["mounts"] if mount["type"] != "sysfs"]
    with t.container(edit) as c:
        contains(fails(c.create(out=None, err=None), "/linux/netDevices/va").err, "EINVAL")
        c.is_unknown()
    equal(sorted(links()), ["lo", "va", "vap"])
