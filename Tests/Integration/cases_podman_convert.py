"""Below real podman: the options that `raind-profile convert --to podman` prints put the profile in force."""

from cases_enforcement import OLDER_TABLE
from cases_podman_confine import reported
from harness import cases, equal, less
from harness.podman import Podman
from profile_options import answers, converted, differing, is_apparmor_there, refusals


@cases("podman", [(name, name) for name in ("default", "deploy", "restricted", "hardened", "unconfined", "custom")],
       differs={"runc": OLDER_TABLE})
def podman_runs_converted(t, name):
    """Capability sets, no_new_privs, and each refused call, as the profile says."""
    options, wanted = converted(t, name, "podman")
    if not is_apparmor_there():
        # Podman starts nothing under a profile of a kernel without AppArmor.
        options = [word for word in options if not word.startswith("--security-opt=apparmor=")]
    with Podman(t) as podman:
        said = reported(podman, "capabilities", "security", flags=options)
        for kind in ("bounding", "effective", "permitted"):
            equal(sorted(said.capabilities(kind)), sorted(wanted["capabilities"]["base"]), kind)
        equal((said.capabilities("inheritable"), said.capabilities("ambient")), ([], []))
        equal(said["security"]["noNewPrivileges"], int(wanted["noNewPrivileges"]))
        equal(said["security"]["seccomp"], 0 if wanted["seccomp"] is None else 2)
        if wanted["seccomp"] is None:
            return
        expected = refusals(t, wanted["seccomp"])
        less(15, len(expected), "calls that are refused")
        equal(differing(answers(podman, expected, options), expected), {})
        # Podman's own filter refuses what the deny list allows.
        allowed = [row for row in ("keyctl", "lookup_dcookie") if row not in expected]
        equal([row for row, errno in answers(podman, allowed, options).items() if errno == "EPERM"], [])
