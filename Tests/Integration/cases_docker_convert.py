"""Below real Docker: the options that `raind-profile convert --to docker` prints put the profile in force."""

from cases_docker_confine import report
from cases_enforcement import OLDER_TABLE
from harness import case, equal, less
from harness.docker import Docker
from profile_options import answers, converted, differing, refusals


@case("docker", differs={"runc": OLDER_TABLE})
def docker_runs_converted(t):
    """Capability sets, no_new_privs, and each refused call, as the profile says."""
    with Docker(t) as docker:
        for name in ("default", "deploy", "restricted", "hardened", "unconfined", "custom"):
            options, wanted = converted(t, name, "docker")
            said = report(docker, "capabilities", "security", flags=options)
            for kind in ("bounding", "effective", "permitted"):
                equal(sorted(said.capabilities(kind)), sorted(wanted["capabilities"]["base"]), f"{name}: {kind}")
            equal((said.capabilities("inheritable"), said.capabilities("ambient")), ([], []))
            equal(said["security"]["noNewPrivileges"], int(wanted["noNewPrivileges"]), name)
            equal(said["security"]["seccomp"], 0 if wanted["seccomp"] is None else 2, name)
            if wanted["seccomp"] is None:
                continue
            # As convert's note says: this Docker passes defaultErrnoRet over.
            wanted["seccomp"].pop("defaultErrnoRet", None)
            expected = refusals(t, wanted["seccomp"])
            less(15, len(expected), "calls that are refused")
            equal(differing(answers(docker, expected, options), expected), {}, name)
            # Docker's own filter refuses what the deny list allows.
            allowed = [row for row in ("keyctl", "lookup_dcookie") if row not in expected]
            equal([row for row, errno in answers(docker, allowed, options).items() if errno == "EPERM"], [], name)
