"""Below real Docker: what its options promise about a container, as the program inside sees it, the same as with runc."""

import json
import os
import stat

from cases_docker import PRIVILEGED, programs
from harness import case, contains, equal, excludes, fails, less, succeeds, true
from harness import layout as layouts
from harness.bundle import PASSWD
from harness.docker import Docker
from harness.engine import without
from harness.probe import Report, own_capabilities

DEFAULT_CAPABILITIES = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE", "CAP_SETFCAP"]
# Where the values of limits are read back: the controllers are v1's.
V1 = ("hybrid", "v1")


def report(docker, *sections, flags=(), record=True):
    """What the probe sees as the first process of a new container."""
    # Of the mounts the numbers differ each time: `mounts` enters what is comparable of them.
    result = succeeds(docker.run("/probe", "report", *sections, flags=flags, record=record and without("mountinfo")))
    said = Report(result.out)
    if record and "mounts" in sections:
        docker.t.transcript.note("mounts", comparable(said.mounts))
    return said


def comparable(mounts):
    """What two runtimes should have in common. How they mask a path, or protect the cgroup folder, is their own affair."""
    return sorted([mount.point] if mount.point.startswith(("/proc/", "/sys/firmware", "/sys/fs/cgroup")) else
                  [mount.point, mount.kind, mount.options, [field.split(":")[0] for field in mount.propagation]]
                  for mount in mounts)


def shell(docker, script, flags=(), **options):
    """The output of a script in a new container that must succeed."""
    return succeeds(docker.run("/bin/sh", "-ec", script, flags=flags, **options)).out


@case("docker")
def docker_confines_by_default(t):
    with Docker(t) as docker:
        said = report(docker, "ids", "umask", "cwd", "capabilities", "security", "rlimits", "mounts", "words", "descriptors",
                      "names", "process", "scheduling", "signals", "keyring", record=False)
        equal((said["ids"]["uid"], said["umask"], said["cwd"], said["process"]["pid"]), (0, 0o022, "/", 1))
        for kind in ("bounding", "effective", "permitted"):
            equal(said.capabilities(kind), DEFAULT_CAPABILITIES)
        equal((said["security"]["seccomp"], said["security"]["noNewPrivileges"]), (2, 0))
        equal([entry["fd"] for entry in said["descriptors"]], [0, 1, 2])
        for point in ("/proc/sys", "/sys", "/sys/firmware"):
            true("ro" in said.mount(point).options, said.mount(point))
        values = dict(said.values)
        for varying in ("mountinfo", "descriptors", "hostname", "sessionKeyring"):
            values.pop(varying)
        values["env"] = sorted(values["env"])
        t.transcript.note("report", values)
        t.transcript.note("mounts", comparable(said.mounts))


@case("docker", differs=PRIVILEGED)
def docker_privileged(t):
    # Those that Docker 20.10 knows.
    everything = [name for name in own_capabilities() if name not in ("CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE")]
    with Docker(t) as docker:
        said = report(docker, "capabilities", "security", "mounts", flags=["--privileged"])
        equal(said.capabilities("effective"), everything)
        equal(said["security"]["seccomp"], 0)
        true("rw" in said.mount("/sys").options, said.mount("/sys"))
        points = [mount.point for mount in said.mounts]
        for point in ("/proc/sys", "/proc/kcore", "/sys/firmware"):
            true(point not in points, points)
        # The host's devices, and the right to use any.
        equal(shell(docker, "mknod /tmp/null c 1 3; echo x >/tmp/null; ls /dev/kmsg", flags=["--privileged"]), "/dev/kmsg\n")
        name = docker.up(flags=["--privileged"])
        equal(Report(docker.call("exec", name, "/probe", "report", "capabilities").out).capabilities("effective"),
              everything)


@case("docker")
def docker_capabilities(t):
    with Docker(t) as docker:
        def sets(*flags):
            said = report(docker, "capabilities", flags=flags)
            return [said.capabilities(kind) for kind in ("bounding", "effective", "inheritable", "ambient")]
        some = ["CAP_NET_BIND_SERVICE", "CAP_SYS_ADMIN"]
        equal(sets("--cap-drop", "all", "--cap-add", "sys_admin", "--cap-add", "NET_BIND_SERVICE"), [some, some, [], []])
        fewer = [name for name in DEFAULT_CAPABILITIES if name != "CAP_MKNOD"]
        equal(sets("--cap-drop", "CAP_MKNOD"), [fewer, fewer, [], []])
        # A user has none of them, and may get none but these.
        equal(sets("--user", "1000", "--cap-drop", "all", "--cap-add", "chown"), [["CAP_CHOWN"], [], [], []])
        fails(docker.run("/bin/true", flags=["--cap-add", "nosuch"]), "CAP_NOSUCH", 125)
        refused = docker.run("/bin/chown", "1000", "/tmp", flags=["--cap-drop", "chown"])
        fails(refused, "Operation not permitted")


@case("docker")
def docker_seccomp(t):
    profile = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
        {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
        {"names": ["sethostname"], "action": "SCMP_ACT_KILL_PROCESS"}]}
    path = t.file(json.dumps(profile))
    with Docker(t) as docker:
        equal(report(docker, "security", flags=["--security-opt", "seccomp=unconfined"])["security"]["seccomp"], 0)
        equal(report(docker, "security", flags=["--security-opt", f"seccomp={path}"])["security"]["seccomp"], 2)
        fails(docker.run("/bin/mkdir", "/tmp/x", flags=["--security-opt", f"seccomp={path}"]), "No space left on device")
        equal(docker.run("/bin/hostname", "other", flags=["--security-opt", f"seccomp={path}"]).status, 159)
        # Docker's own profile lets mount(2) through to those with CAP_SYS_ADMIN only.
        fails(docker.run("/bin/mount", "-t", "tmpfs", "none", "/mnt"), "", 1)
        succeeds(docker.run("/bin/mount", "-t", "tmpfs", "none", "/mnt", flags=["--cap-add", "sys_admin"]))


@case("docker")
def docker_no_new_privileges(t):
    with Docker(t) as docker:
        said = report(docker, "security", flags=["--security-opt", "no-new-privileges"])
        equal((said["security"]["noNewPrivileges"], said["security"]["seccomp"]), (1, 2))
        name = docker.up(flags=["--security-opt", "no-new-privileges"])
        said = Report(succeeds(docker.call("exec", name, "/probe", "report", "security")).out)
        equal(said["security"]["noNewPrivileges"], 1)


@case("docker")
def docker_unmasks(t):
    with Docker(t) as docker:
        script = "for path in /proc/kcore /proc/keys /proc/timer_list; do [ -s $path ] && echo $path; done; echo end"
        equal(shell(docker, script), "end\n")
        said = report(docker, "mounts", flags=["--security-opt", "systempaths=unconfined"])
        equal([mount.point for mount in said.mounts if mount.point.startswith("/proc/")], [])


@case("docker", differs_in={"modes": "runc 1.1.5 gives a tmpfs the mode of the folder below it, whatever was asked for"})
def docker_read_only(t):
    with Docker(t) as docker:
        flags = ["--read-only", "--tmpfs", "/tmp:size=1m,mode=1770,noexec", "--tmpfs", "/mnt:ro", "--mount",
                 "type=tmpfs,destination=/home,tmpfs-size=2m,tmpfs-mode=0711"]
        said = report(docker, "mounts", flags=flags)
        true("ro" in said.mount("/").options, said.mount("/"))
        true("size=1024k" in said.mount("/tmp").super_options, said.mount("/tmp"))
        true({"noexec", "nosuid", "nodev", "rw"} <= set(said.mount("/tmp").options), said.mount("/tmp"))
        true("ro" in said.mount("/mnt").options, said.mount("/mnt"))
        true("size=2048k" in said.mount("/home").super_options, said.mount("/home"))
        said = {entry["path"]: oct(entry["mode"]) for entry in
                json.loads(succeeds(docker.run("/probe", "stat", "/tmp", "/home", flags=flags, record=False)).out)}
        t.transcript.note("modes", said)
        if t.runtime.is_raind:
            equal(said, {"/tmp": "0o1770", "/home": "0o711"})
        for path, verdict in (("/etc/file", "EROFS"), ("/mnt/file", "EROFS"), ("/tmp/file", "ok"), ("/dev/shm/file", "ok")):
            contains(docker.run("/probe", "write", path, "x", flags=flags).out, verdict)


@case("docker")
def docker_volumes(t):
    folder = t.folder("volume")
    with Docker(t) as docker:
        shell(docker, "echo here >/mnt/file", flags=["--volume", f"{folder}:/mnt"])
        with open(os.path.join(folder, "file"), encoding="ascii") as file:
            equal(file.read(), "here\n")
        # The destination is made where it is missing, for a file too.
        equal(shell(docker, "cat /new/dir/file", flags=["--volume", f"{folder}/file:/new/dir/file:ro"]), "here\n")
        fails(docker.run("/bin/touch", "/mnt/other", flags=["--volume", f"{folder}:/mnt:ro"]), "Read-only file system")
        said = report(docker, "mounts", flags=["--mount", f"type=bind,source={folder},destination=/mnt,readonly"])
        true("ro" in said.mount("/mnt").options, said.mount("/mnt"))
        # A volume of docker's, filled with what the image has there, and shared with another container.
        equal(shell(docker, "ls /etc; echo more >/etc/own", flags=["--volume", "named:/etc"]).split()[:1], ["group"])
        holder = docker.names[-1]
        equal(shell(docker, "cat /etc/own", flags=["--volumes-from", holder]), "more\n")
        succeeds(docker.call("rm", *docker.names, record=False))
        succeeds(docker.call("volume", "rm", "named", record=False))


@case("docker")
def docker_propagation(t):
    """A mount that is made later reaches the container, and one that it makes gets out, where that was asked for."""
    source = t.folder("shared")
    layouts.mount(source, source, flags=layouts.MS_BIND)
    try:
        layouts.mount(None, source, flags=layouts.MS_SHARED)
        os.mkdir(os.path.join(source, "in"))
        os.mkdir(os.path.join(source, "out"))
        with Docker(t) as docker:
            names = {kind: docker.up(flags=["--volume", f"{source}:/mnt:{kind}", "--cap-add", "sys_admin"])
                     for kind in ("rprivate", "rslave", "rshared")}
            layouts.mount("none", os.path.join(source, "in"), "tmpfs")
            for kind, name in names.items():
                said = Report(succeeds(docker.call("exec", name, "/probe", "report", "mounts", record=False)).out)
                seen = "/mnt/in" in [mount.point for mount in said.mounts]
                fields = sorted(field.split(":")[0] for field in said.mount("/mnt").propagation)
                t.transcript.note(kind, [seen, fields])
                equal((seen, fields), {"rprivate": (False, []), "rslave": (True, ["master"]),
                                       "rshared": (True, ["shared"])}[kind])
            succeeds(docker.call("exec", names["rslave"], "/bin/mount", "-t", "tmpfs", "none", "/mnt/out"))
            out = os.path.join(source, "out")
            true(out not in [point for point, _, _ in layouts.mounts()], "rslave keeps its mounts")
            succeeds(docker.call("exec", names["rshared"], "/bin/mount", "-t", "tmpfs", "none", "/mnt/out"))
            true(out in [point for point, _, _ in layouts.mounts()], "rshared hands them out")
    finally:
        for point, _, _ in reversed(list(layouts.mounts())):
            if point == source or point.startswith(source + "/"):
                layouts.umount(point)


@case("docker")
def docker_devices(t):
    with Docker(t) as docker:
        said = json.loads(succeeds(docker.run(
            "/probe", "stat", "/dev/zero", "/dev/mine", "/dev/null", flags=["--device", "/dev/zero:/dev/mine:r"],
            record=False)).out)
        t.transcript.note("devices", [
            {key: entry[key] for key in ("kind", "mode", "uid", "gid", "major", "minor")} for entry in said])
        equal((said[1]["kind"], said[1]["major"], said[1]["minor"]), ("char", 1, 5))
        # The control group lets through what is allowed: there is no driver behind this one.
        mine = os.path.join(t.scratch, "device")
        os.mknod(mine, 0o600 | stat.S_IFCHR, os.makedev(240, 7))
        for flags, reading, writing in ((["--device", f"{mine}:/dev/mine:r"], "ENXIO", "EPERM"),
                                        (["--device", f"{mine}:/dev/mine:rw"], "ENXIO", "ENXIO")):
            name = docker.up(flags=flags)
            equal(docker.call("exec", name, "/probe", "open", "/dev/mine", "r").out, f"{reading}\n")
            equal(docker.call("exec", name, "/probe", "open", "/dev/mine", "w").out, f"{writing}\n")
        # A node that the container makes for itself.
        for flags, verdict in (([], "EPERM"), (["--device-cgroup-rule", "c 240:* rw"], "ENXIO")):
            script = "mknod /tmp/mine c 240 8; /probe open /tmp/mine r || true"
            equal(shell(docker, script, flags=flags), f"{verdict}\n")


@case("docker")
def docker_ulimits(t):
    with Docker(t) as docker:
        flags = ["--ulimit", "nofile=500:1000", "--ulimit", "core=0", "--ulimit", "nproc=77"]
        limits = report(docker, "rlimits", flags=flags)["rlimits"]
        equal(limits["RLIMIT_NOFILE"], {"soft": 500, "hard": 1000})
        equal(limits["RLIMIT_CORE"], {"soft": 0, "hard": 0})
        equal(limits["RLIMIT_NPROC"], {"soft": 77, "hard": 77})


@case("docker", layouts=V1)
def docker_limits(t):
    """As the control groups have them; changed by update, and back."""
    with Docker(t) as docker:
        name = docker.up(flags=[
            "--memory", "64m", "--memory-swap", "64m", "--memory-reservation", "32m", "--cpus", "0.5", "--cpu-shares", "300",
            "--cpuset-cpus", "0", "--pids-limit", "55"])
        equal([docker.value(name, *where) for where in (
            ("memory", "memory.limit_in_bytes"), ("memory", "memory.soft_limit_in_bytes"), ("cpu", "cpu.cfs_quota_us"),
            ("cpu", "cpu.cfs_period_us"), ("cpu", "cpu.shares"), ("cpuset", "cpuset.cpus"), ("pids", "pids.max"))],
              [str(64 << 20), str(32 << 20), "50000", "100000", "300", "0", "55"])
        succeeds(docker.call("update", "--memory", "48m", "--memory-swap", "48m", "--cpus", "0.25", "--pids-limit", "44",
                             "--cpu-shares", "200", "--restart", "no", name))
        equal([docker.value(name, *where) for where in (
            ("memory", "memory.limit_in_bytes"), ("cpu", "cpu.cfs_quota_us"), ("pids", "pids.max"), ("cpu", "cpu.shares"))],
              [str(48 << 20), "25000", "44", "200"])
        # Less than it has already.
        fails(docker.call("update", "--memory", "1", name), "Minimum memory limit")
        # A container that is started again has what it was updated to.
        succeeds(docker.call("restart", "--time", "0", name))
        equal(docker.value(name, "memory", "memory.limit_in_bytes"), str(48 << 20))


@case("docker", layouts=V1)
def docker_runs_out_of_memory(t):
    flags = ["--memory", "24m", "--memory-swap", "24m"]
    with Docker(t) as docker:
        def ends(wanted, *words):
            """dockerd takes the end for one without a lack of memory where it hears of that a moment later."""
            def told():
                result = docker.run(*words, flags=flags, record=False)
                found = docker.inspect(docker.names[-1], "{{.State.OOMKilled}} {{.State.ExitCode}}", record=False)
                equal((result.status, found.split()[1]), (int(wanted), wanted))
                return found.split()[0] == "true"
            t.until(told, f"dockerd tells of it beside {wanted}", 20)
            t.transcript.note("out of memory", wanted)
        ends("137", "/probe", "memory", str(64 << 20))
        # Its child's end is not its own, and is told all the same.
        ends("3", "/bin/sh", "-c", f"/probe memory {64 << 20}; test $? = 137 && exit 3")
        equal(docker.run("/probe", "memory", str(4 << 20), flags=flags).out, "ok\n")
        equal(docker.inspect(docker.names[-1], "{{.State.OOMKilled}} {{.State.ExitCode}}"), "false 0")


@case("docker", layouts=V1)
def docker_pids_limit(t):
    with Docker(t) as docker:
        name = docker.up("/probe", "spawn", "50", flags=["--pids-limit", "20"])
        docker.until_logged(name, "ready")
        # 19 beside the first one.
        equal(docker.call("logs", name).out, "19 EAGAIN\nready\n")
        equal(len(programs(docker, name)), 20)


@case("docker", layouts=V1)
def docker_stats(t):
    with Docker(t) as docker:
        name = docker.up("/probe", "spawn", "5", flags=["--memory", "64m"])
        busy = docker.up("/bin/sh", "-c", "while :; do :; done")
        docker.until_logged(name, "ready")
        lines = succeeds(docker.call("stats", "--no-stream", "--format", "{{.CPUPerc}} {{.PIDs}} {{.MemUsage}} {{.MemPerc}}",
                                     name, busy, record=False)).out.splitlines()
        quiet, loud = (line.split() for line in lines)
        equal((quiet[1], loud[1]), ("6", "1"))
        equal(quiet[4], "64MiB")
        true(0 < float(quiet[5].rstrip("%")) < 100, quiet)
        less(float(quiet[0].rstrip("%")), 10)
        true(10 < float(loud[0].rstrip("%")) < 210, loud)
        t.transcript.note("stats", [quiet[1], quiet[4], loud[1]])


@case("docker")
def docker_shares_namespaces(t):
    with Docker(t) as docker:
        first = docker.up(flags=["--ipc", "shareable", "--hostname", "first"])
        pid = docker.pid(first)

        def of(process, kind):
            return os.readlink(f"/proc/{process}/ns/{kind}")
        for flag, kind in (("--pid", "pid"), ("--ipc", "ipc"), ("--network", "net")):
            said = report(docker, "namespaces", flags=[flag, f"container:{first}"])
            for other in ("pid", "mnt", "ipc", "net", "uts"):
                equal(said["namespaces"][other] == of(pid, other), other == kind, f"{flag}: {other}")
        # Its processes are seen, and its end ends those that share its numbers.
        joined = docker.up(flags=["--pid", f"container:{first}"])
        equal(docker.call("exec", joined, "/probe", "cat", "/proc/1/cmdline").out, "/probe\0sleep\0")
        succeeds(docker.call("kill", first))
        equal(succeeds(docker.call("wait", joined)).out, "137\n")
        fails(docker.run("/bin/true", flags=["--pid", f"container:{first}"]), "is not running", 125)
        own = docker.up(flags=["--ipc", "private"])
        fails(docker.run("/bin/true", flags=["--ipc", f"container:{own}"]), "non-shareable IPC", 125)


@case("docker")
def docker_host_namespaces(t):
    with Docker(t) as docker:
        for flag, kind in (("--pid", "pid"), ("--ipc", "ipc"), ("--uts", "uts"), ("--network", "net"), ("--cgroupns", "cgroup")):
            said = report(docker, "namespaces", flags=[f"{flag}=host"])
            equal(said["namespaces"][kind], os.readlink(f"/proc/self/ns/{kind}"))
        said = report(docker, "namespaces", "cgroup", flags=["--cgroupns", "private"])
        true(said["namespaces"]["cgroup"] != os.readlink("/proc/self/ns/cgroup"), "a cgroup namespace of its own")
        excludes(said["cgroup"], docker.prefix)
        # A process of the host's numbers, killed with what it has started.
        name = docker.up("/bin/sh", "-c", "sleep 4711 & echo up; wait", flags=["--pid", "host"])
        docker.until_logged(name, "up")
        succeeds(docker.call("kill", name))
        equal(succeeds(docker.call("wait", name)).out, "137\n")


@case("docker")
def docker_names(t):
    with Docker(t) as docker:
        said = report(docker, "names", flags=["--hostname", "inside", "--domainname", "example.org"])
        equal((said["hostname"], said["domainname"]), ("inside", "example.org"))
        equal(shell(docker, "hostname; cat /etc/hostname", flags=["--hostname", "inside"]), "inside\ninside\n")
        # The container's id.
        name = docker.up()
        equal(docker.call("exec", name, "/bin/hostname").out.strip(), docker.inspect(name, "{{.Id}}", record=False)[:12])
        equal(shell(docker, "ls /sys/class/net", flags=["--network", "none"]), "lo\n")
        contains(shell(docker, "cat /etc/hosts", flags=["--add-host", "other:10.1.2.3"]), "10.1.2.3\tother\n")


@case("docker")
def docker_init(t):
    """Docker's init passes signals on, tells the program's status, and collects orphans."""
    with Docker(t) as docker:
        equal(docker.run("/bin/sh", "-c", "exit 12", flags=["--init"]).status, 12)
        name = docker.up("/probe", "trap", flags=["--init"])
        docker.until_logged(name, "ready")
        equal(programs(docker, name), ["/probe trap", "/sbin/docker-init -- /probe trap"])
        succeeds(docker.call("kill", "--signal", "USR1", name))
        docker.until_logged(name, "10")
        succeeds(docker.call("stop", name))
        equal(docker.inspect(name, "{{.State.ExitCode}}"), "0")
        equal(docker.call("logs", name).out, "ready\n10\n15\n")
        equal(docker.run("/nosuch", flags=["--init"]).status, 127)
        script = "sh -c 'sleep 0.1 & echo'; sleep 0.4; for at in /proc/[0-9]*/stat; do cat $at; done"
        excludes(shell(docker, script, flags=["--init"], record=False), ") Z")


@case("docker")
def docker_user(t):
    with Docker(t) as docker:
        for flags, uid, gid, groups in (
                (["--user", "1000:1001", "--group-add", "7", "--group-add", "tty"], 1000, 1001, [5, 7]),
                (["--user", "user"], 1000, 1000, []), (["--user", "4711"], 4711, 0, []), ([], 0, 0, [])):
            said = report(docker, "ids", "capabilities", "words", flags=[*flags, "--env", "ONE=1"])
            equal((said["ids"]["uid"], said["ids"]["gid"]), (uid, gid))
            true(set(groups) <= set(said["ids"]["groups"]), said["ids"])
            equal(said.capabilities("effective"), DEFAULT_CAPABILITIES if uid == 0 else [])
            true("ONE=1" in said["env"], said["env"])
        equal(shell(docker, "cat /etc/passwd"), PASSWD)
        fails(docker.run("/bin/true", flags=["--user", "nobodyhere"]), "unable to find user nobodyhere", 125)


@case("docker")
def docker_workdir(t):
    """Docker makes one that is missing."""
    with Docker(t) as docker:
        equal(shell(docker, "pwd", flags=["--workdir", "/not/yet/there"]), "/not/yet/there\n")
        equal(shell(docker, "pwd; echo $HOME", flags=["--workdir", "/home/user", "--user", "user"]), "/home/user\n/home/user\n")
        # Entered before the ids are changed.
        equal(docker.run("/bin/true", flags=["--workdir", "/root", "--user", "user"]).status, 0)


@case("docker")
def docker_small_things(t):
    """--oom-score-adj, --sysctl, --shm-size, --env-file."""
    with Docker(t) as docker:
        said = report(docker, "scheduling", flags=["--oom-score-adj", "321"])
        equal(said["scheduling"]["oomScoreAdj"], "321\n")
        flags = ["--sysctl", "net.ipv4.ip_unprivileged_port_start=79", "--sysctl", "kernel.shmmni=555", "--shm-size", "3m",
                 "--env-file", t.file("ONE=1\nTWO=2 3\n")]
        equal(shell(docker, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shmmni; echo $ONE $TWO",
                    flags=flags), "79\n555\n1 2 3\n")
        said = report(docker, "mounts", flags=flags)
        true("size=3072k" in said.mount("/dev/shm").super_options, said.mount("/dev/shm"))
        fails(docker.run("/bin/true", flags=["--sysctl", "kernel.hostname=x"]), "kernel.hostname", 125)


@case("docker", timeout=60)
def docker_remaps_users(t):
    """A daemon that gives every container a user namespace; one that shall have none, and be privileged."""
    # Nobody's ranges, shown to this case alone.
    for place in ("/etc/subuid", "/etc/subgid"):
        layouts.mount(t.file("nobody:200000:65536\n"), place, flags=layouts.MS_BIND)
    try:
        with Docker(t, flags=["--userns-remap", "nobody:nogroup"]) as docker:
            said = report(docker, "ids", "capabilities", "namespaces", "mounts")
            equal(said["ids"]["uid"], 0)
            equal(said["uidMap"].split(), ["0", "200000", "65536"])
            equal(said["gidMap"].split(), ["0", "200000", "65536"])
            equal(said.capabilities("effective"), DEFAULT_CAPABILITIES)
            name = docker.up()
            equal(os.stat(f"/proc/{docker.pid(name)}").st_uid, 200000)
            said = Report(succeeds(docker.call("exec", "--user", "user", name, "/probe", "report", "ids", "namespaces",
                                               record=without("namespaces"))).out)
            equal((said["ids"]["uid"], said["uidMap"].split()[1]), (1000, "200000"))
            # Files of the image are root's inside.
            equal(json.loads(docker.call("exec", name, "/probe", "stat", "/etc/group", record=False).out)[0]["uid"], 0)
            said = report(docker, "namespaces", flags=["--userns", "host"])
            equal(said["uidMap"].split(), ["0", "0", "4294967295"])
    finally:
        for place in ("/etc/subuid", "/etc/subgid"):
            layouts.umount(place)


@case("docker")
def docker_mounts_a_folder_on_a_file(t):
    """And the other way round, and below a file: Docker tells what to look at by what the runtime says."""
    with Docker(t) as docker:
        for volume in (f"{t.folder()}:/etc/passwd", f"{t.file()}:/bin", f"{t.file()}:/etc/passwd/below"):
            fails(docker.run("/bin/true", flags=["--volume", volume]), "Are you trying to mount a directory onto a file", 125)
            equal(docker.inspect(docker.names[-1], "{{.State.Status}} {{.State.ExitCode}}"), "created 127")
