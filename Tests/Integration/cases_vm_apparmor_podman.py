"""Podman where the kernel has AppArmor: it asks for a profile of its own for each container, and takes one that is named."""

from apparmor_host import DEFAULT, label, with_default
from harness import case, cases, contains, equal, fails, matches, succeeds
from harness.podman import Podman

CURRENT = ("/bin/cat", "/proc/self/attr/apparmor/current")
OF_PODMAN = r"^containers-default-\S+ \(enforce\)$"


@cases("vm", [
    ("of-podman", (), OF_PODMAN), ("named", (f"--security-opt=apparmor={DEFAULT}",), rf"^{DEFAULT} \(enforce\)$"),
    ("unconfined", ("--security-opt=apparmor=unconfined",), "^unconfined$"),
    ("no-new-privileges", ("--security-opt=no-new-privileges",), OF_PODMAN),
], level="kernel", timeout=50, thorough=True)
def apparmor_below_podman(t, flags, expected):
    """run, exec and kill under it."""
    with_default(t)
    with Podman(t) as podman:
        name = podman.up("/probe", "sleep", flags=flags)
        pid = podman.pid(name)
        matches(label(pid), expected, "the first program")
        matches(succeeds(podman.call("exec", name, *CURRENT)).out.strip(), expected, "exec")
        succeeds(podman.call("kill", "--signal", "KILL", name))
        succeeds(podman.call("wait", name))


@case("vm", level="kernel", timeout=50, thorough=True)
def apparmor_below_podman_that_is_not_loaded(t):
    with Podman(t) as podman:
        result = fails(podman.run(*CURRENT, flags=("--security-opt=apparmor=raind-test-nosuch",)), "", status=126)
        contains(result.err, "raind-test-nosuch")
        equal(result.out, "")
