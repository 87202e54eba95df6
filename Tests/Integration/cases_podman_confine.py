"""Below real podman: what the program may do, and as whom."""

import json
import os

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.engine import without
from harness.podman import Podman, device
from harness.probe import Report

PODMANS = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",
           "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"]


def reported(podman, *sections, flags=(), **options):
    """What the probe sees as the program of `podman run`."""
    options.setdefault("record", without("mountinfo"))
    return Report(succeeds(podman.run("/probe", "report", *sections, flags=flags, **options)).out)


@case("podman")
def podman_confines(t):
    """What the command line asks for is what the program has."""
    with Podman(t) as podman:
        said = reported(podman, "ids", "capabilities", "security", "rlimits", "mounts", "words", "umask", flags=[
            "--user", "1000:1001", "--cap-drop", "all", "--cap-add", "net_bind_service", "--read-only",
            "--security-opt", "no-new-privileges", "--ulimit", "core=0:0", "--env", "ONE=1", "--tmpfs", "/tmp:size=1m",
            "--umask", "0027", "--hostname", "inside"])
        equal((said["ids"]["uid"], said["ids"]["gid"], said["umask"]), (1000, 1001, 0o027))
        equal(said.capabilities("bounding"), ["CAP_NET_BIND_SERVICE"])
        equal((said["security"]["noNewPrivileges"], said["security"]["seccomp"]), (1, 2))
        equal(said["rlimits"]["RLIMIT_CORE"], {"soft": 0, "hard": 0})
        true("ro" in said.mount("/").options, said.mount("/"))
        true("size=1024k" in said.mount("/tmp").super_options, said.mount("/tmp"))
        t.transcript.note("mounts", {point: [said.mount(point).kind, said.mount(point).options] for point in ("/", "/tmp")})
        true("ONE=1" in said["env"], said["env"])


@cases("podman", [
    ("default", [], sorted(PODMANS)),
    ("add", ["--cap-add", "net_raw", "--cap-add", "SYS_PTRACE"], sorted([*PODMANS, "CAP_NET_RAW", "CAP_SYS_PTRACE"])),
    ("drop", ["--cap-drop", "chown,cap_kill"], sorted(set(PODMANS) - {"CAP_CHOWN", "CAP_KILL"})),
    ("drop-all", ["--cap-drop", "all"], []),
])
def podman_capabilities(t, flags, expected):
    with Podman(t) as podman:
        said = reported(podman, "capabilities", flags=flags)
        for kind in ("bounding", "effective", "permitted"):
            equal(sorted(said.capabilities(kind)), expected, kind)
        equal((said.capabilities("inheritable"), said.capabilities("ambient")), ([], []))


@case("podman")
def podman_capabilities_of_a_user(t):
    """Asked for by name they are ambient, so that a user's program has them."""
    with Podman(t) as podman:
        said = reported(podman, "capabilities", "ids", flags=["--user", "1000", "--cap-add", "net_bind_service"])
        equal((said.capabilities("effective"), said.capabilities("ambient")), (["CAP_NET_BIND_SERVICE"],) * 2)


@case("podman")
def podman_privileged(t):
    with Podman(t) as podman:
        said = reported(podman, "capabilities", "security", "mounts", flags=["--privileged"])
        true("CAP_SYS_ADMIN" in said.capabilities("effective"), said.capabilities("effective"))
        equal(said["security"]["seccomp"], 0)
        true("rw" in said.mount("/sys").options, said.mount("/sys"))
        true(not [mount for mount in said.mounts if mount.point == "/proc/acpi"], "masked paths")
        # Every device of the host, which are not listed here: they are its own.
        result = succeeds(podman.run("/probe", "stat", "/dev/kmsg", flags=["--privileged"], record="status"))
        equal(json.loads(result.out)[0]["kind"], "char")


@case("podman")
def podman_seccomp_profile(t):
    """A profile of one's own, none at all, and one that isn't there."""
    rules = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
             "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}
    words = ["/bin/sh", "-c", "mkdir /tmp/made; grep -h '^Seccomp:' /proc/self/status"]
    with Podman(t) as podman:
        result = podman.run(*words, flags=["--security-opt", f"seccomp={t.file(json.dumps(rules))}"])
        equal(result.out, "Seccomp:\t2\n")
        contains(result.err, "Operation not supported")
        result = podman.run(*words, flags=["--security-opt", "seccomp=unconfined"])
        equal((result.out, result.err), ("Seccomp:\t0\n", ""))
        fails(podman.run(*words, flags=["--security-opt", "seccomp=/nosuch"]), "opening seccomp profile", 125)


@case("podman")
def podman_default_seccomp_profile(t):
    """Podman's own: each call is answered as its profile says, and otherwise where there is no profile."""
    tries = ["bpf", "kcmp", "lookup_dcookie", "uselib", "personality(ADDR_NO_RANDOMIZE)"]

    def answers(flags=()):
        lines = succeeds(podman.run("/probe", "try", *tries, flags=flags)).out.splitlines()
        return {entry["try"]: entry["errno"] for entry in map(json.loads, lines)}
    with Podman(t) as podman:
        filtered, free = answers(), answers(["--security-opt", "seccomp=unconfined"])
        equal([filtered[name] for name in tries], ["EPERM"] * 4 + ["ENOSYS"])
        true(all(free[name] != filtered[name] for name in tries), f"{filtered} without the profile: {free}")


@case("podman")
def podman_masks_and_unmasks(t):
    with Podman(t) as podman:
        words = ["/bin/sh", "-c", "ls /home | wc -l; wc -c </etc/passwd; ls /proc/acpi | wc -l"]
        podman.bundle.write("home/secret", "hidden\n")
        equal(succeeds(podman.run(*words, flags=["--security-opt", "mask=/home:/etc/passwd"])).out.split(), ["0", "0", "0"])
        said = reported(podman, "mounts", flags=["--security-opt", "unmask=ALL"])
        points = [mount.point for mount in said.mounts]
        true(not {"/proc/acpi", "/proc/kcore", "/proc/sys"} & set(points), points)
        said = reported(podman, "mounts", flags=["--security-opt", "unmask=/proc/sys"])
        points = [mount.point for mount in said.mounts]
        true("/proc/sys" not in points and "/proc/irq" in points, points)
        t.transcript.note("masked and read-only", sorted(point for point in points if point.startswith(("/proc/", "/sys/f"))
                                                         and not point.startswith("/sys/fs")))


@cases("podman", [("with-tmpfs", [], "ok\nok\n"), ("without", ["--read-only-tmpfs=false"], "EROFS\nEROFS\n")])
def podman_read_only(t, flags, expected):
    script = "/probe write /new x; /probe write /tmp/new x; /probe write /run/new x; true"
    with Podman(t) as podman:
        equal(succeeds(podman.run("/bin/sh", "-c", script, flags=["--read-only", *flags])).out, "EROFS\n" + expected)


@case("podman")
def podman_devices(t):
    """The same number under two names: the control group goes by the number, the last rule counts."""
    path = device(t, (10, 237))
    opens = "for how in r w; do /probe open /dev/mine $how; done; true"
    with Podman(t) as podman:
        said = succeeds(podman.run("/bin/sh", "-c", opens, flags=["--device", f"{path}:/dev/mine:r"])).out.split()
        # It may have no driver here.
        true(said[0] in ("ok", "ENXIO", "ENODEV") and said[1] == "EPERM", said)
        said = succeeds(podman.run("/bin/sh", "-c", opens, flags=["--device", f"{path}:/dev/mine"])).out.split()
        true("EPERM" not in said, said)
        fails(podman.run("/bin/true", flags=["--device", "/dev/nosuch"]), "/dev/nosuch", 125)


@case("podman")
def podman_device_rules(t):
    script = "mknod /tmp/mine c 10 237; for how in r w; do /probe open /tmp/mine $how; done; rm /tmp/mine"
    with Podman(t) as podman:
        flags = ["--cap-add", "mknod", "--tmpfs", "/tmp:dev"]
        equal(succeeds(podman.run("/bin/sh", "-c", script, flags=flags)).out, "EPERM\nEPERM\n")
        said = succeeds(podman.run("/bin/sh", "-c", script, flags=[*flags, "--device-cgroup-rule", "c 10:237 rm"])).out.split()
        true(said[0] != "EPERM" and said[1] == "EPERM", said)


@case("podman")
def podman_process_limits(t):
    with Podman(t) as podman:
        said = reported(podman, "rlimits", flags=["--ulimit", "nofile=100:200", "--ulimit", "core=5"])
        equal(said["rlimits"]["RLIMIT_NOFILE"], {"soft": 100, "hard": 200})
        equal(said["rlimits"]["RLIMIT_CORE"], {"soft": 5, "hard": 5})
        equal(said["rlimits"]["RLIMIT_NPROC"], {"soft": 1024, "hard": 1024})
        equal(succeeds(podman.run("/bin/cat", "/proc/self/oom_score_adj", flags=["--oom-score-adj", "500"])).out, "500\n")
        fails(podman.run("/bin/true", flags=["--ulimit", "nosuch=1"]), "invalid", 125)


@case("podman", differs_in={"run#3": "runc's ENOENT of the sysctl makes podman say 127, that the command was not found"})
def podman_sysctl(t):
    with Podman(t) as podman:
        flags = ["--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "kernel.shm_rmid_forced=1"]
        said = succeeds(podman.run("/bin/cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/shm_rmid_forced",
                                   "/proc/sys/net/ipv4/ping_group_range", flags=flags)).out.split()
        equal(said, ["1", "1", "0", "0"])
        fails(podman.run("/bin/true", flags=["--sysctl", "kernel.panic=1"]), "not allowed", 125)
        result = podman.run("/bin/true", flags=["--sysctl", "net.nosuch=1"])
        equal(result.status, 126 if t.runtime.is_raind else 127)
        contains(result.err, "net")


@case("podman")
def podman_names_and_times(t):
    with Podman(t) as podman:
        script = "hostname; date +%Z; umask; df /dev/shm | tail -1 | awk '{print $2}'; pwd; echo $GIVEN"
        podman.bundle.write("etc/group", "root:x:0:\nuser:x:1000:\ntty:x:5:\nmore:x:4712:user\n")
        for applet in ("date", "df", "tail", "awk"):
            os.symlink("busybox", podman.bundle.path(f"bin/{applet}"))
        result = podman.run("/bin/sh", "-c", script, environment={"GIVEN": "by the caller"}.items(), flags=[
            "--hostname", "inside", "--tz", "Asia/Tokyo", "--umask", "0077", "--shm-size", "3m", "--workdir", "/home",
            "--env-host"])
        equal(succeeds(result).out, "inside\nJST\n0077\n3072\n/home\nby the caller\n")
        equal(succeeds(podman.run("/bin/hostname", flags=["--uts", "host"])).out.strip(), os.uname().nodename)


@case("podman", differs_in={"run#3": "runc 1.1.5 doesn't know run.oci.keep_original_groups and passes it over"})
def podman_groups(t):
    with Podman(t) as podman:
        podman.bundle.write("etc/group", "root:x:0:\nuser:x:1000:\ntty:x:5:\nmore:x:4712:user\n")
        said = reported(podman, "ids", flags=["--user", "user", "--group-add", "5", "--group-add", "more"])
        equal((said["ids"]["uid"], said["ids"]["gid"], sorted(said["ids"]["groups"])), (1000, 1000, [5, 1000, 4712]))
        said = reported(podman, "ids", flags=["--user", "77:88"])
        equal((said["ids"]["uid"], said["ids"]["gid"], said["ids"]["groups"]), (77, 88, [88]))
        said = reported(podman, "ids", flags=["--group-add", "keep-groups"], groups=[4713])
        if t.runtime.is_raind:
            true(4713 in said["ids"]["groups"], said["ids"])
        fails(podman.run("/bin/true", flags=["--user", "nosuch"]), "no matching entries", 126)


@case("podman")
def podman_entrypoint_and_labels(t):
    with Podman(t) as podman:
        flags = ["--entrypoint", '["/bin/echo","first"]', "--label", "one=1", "--annotation", "two=2"]
        equal(succeeds(podman.run("second", flags=flags)).out, "first second\n")
        contains(podman.inspect(podman.names[-1], "{{.Config.Annotations}} {{.Config.Labels}}"), "two:2")
        excludes(succeeds(podman.run("/bin/env", flags=["--unsetenv", "TERM"], record="status")).out, "TERM=")
