"""Below podman with its defaults: units of systemd that run podman, and systemd within a container."""

import os
import shutil

from cases_vm_podman import MIB, long_case, systemd_case
from harness import contains, equal, succeeds
from harness.system_podman import SystemPodman
from harness.service import Service, folder_of, group_files, properties


@long_case()
def podman_service_that_notifies(t):
    """A service as quadlet writes it: the groups are the service's own, it is up when the program says so, and it ends as the
    program does."""
    with SystemPodman(t) as podman:
        script = "trap 'exit 7' TERM; sleep 1; /probe notify READY=1; cat /proc/self/cgroup >/groups; while :; do sleep 0.05; done"
        words = podman.words_of_run("/bin/sh", "-c", f'"{script}"', flags=[
            "--replace", "--detach", "--rm", "--cgroups=split", "--sdnotify=container", "--memory", "48m"])
        name = podman.names[-1]
        command = " ".join([*podman.command, *words])
        with Service(t, f"Type=notify\nNotifyAccess=all\nDelegate=yes\nKillMode=mixed\nSuccessExitStatus=7\n"
                        f"Environment=PODMAN_SYSTEMD_UNIT=%n\nExecStart=/usr/bin/{command}\n"
                        f"ExecStop=/usr/bin/podman stop --time 5 {name}\n") as service:
            service.does("start")
            shown = service.shows("ActiveState", "SubState", "ControlGroup", "MainPID")
            equal((shown["ActiveState"], shown["SubState"]), ("active", "running"))
            # The container's and conmon's groups are below the service's.
            folder = folder_of(podman.pid(name))
            equal(folder, f"/sys/fs/cgroup{shown['ControlGroup']}/{os.path.basename(folder)}")
            equal(group_files(folder, "memory.max"), {"memory.max": str(48 * MIB)})
            conmon = folder_of(shown["MainPID"])
            equal(os.path.dirname(conmon), f"/sys/fs/cgroup{shown['ControlGroup']}")
            t.transcript.note("groups", [os.path.basename(folder), os.path.basename(conmon)])
            service.does("stop")
            t.transcript.note("ended", service.shows("ExecMainStatus"))
            equal(service.shows("ActiveState", "Result"), {"ActiveState": "inactive", "Result": "success"})


@long_case(thorough=True)
def podman_generates_a_service(t):
    """`podman generate systemd` of a container with a health check: begun and ended by systemd, and looked after by a timer."""
    with SystemPodman(t) as podman:
        beats = podman.bundle.path("beats")
        name = podman.made("/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done", flags=[
            "--health-cmd", "/bin/sh -c 'echo beat >>/beats'", "--health-interval", "1s"])
        said = succeeds(podman.call("generate", "systemd", "--name", name, record=False)).out
        with Service(t, said) as service:
            service.does("start")
            shown = service.shows("ActiveState", "SubState", "Type", "MainPID")
            conmon = shown.pop("MainPID")
            t.transcript.note("shown", shown)
            equal(shown, {"ActiveState": "active", "SubState": "running", "Type": "forking"})
            equal(folder_of(podman.pid(name)), f"/sys/fs/cgroup/machine.slice/{podman.scope(name)}")
            contains(folder_of(conmon), service.name)
            equal(properties(f"{podman.ids[name]}.timer", "ActiveState"), {"ActiveState": "active"})
            # By a podman that systemd runs, in a shell that finds the runtime by the drop-in.
            t.until(lambda: os.path.exists(beats), "a beat", 60)
            service.does("stop")
            equal(service.shows("ActiveState", "Result"), {"ActiveState": "inactive", "Result": "success"})


@long_case(timeout=90)
def podman_runs_systemd(t):
    """systemd as process 1 of a container: it makes groups of its own below the scope, and the limits that it sets there hold."""
    with SystemPodman(t) as podman:
        for name in ("bin", "sbin", "lib", "lib64"):
            path = podman.bundle.path(name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            os.symlink(f"usr/{name}", path)
        os.mkdir(podman.bundle.path("usr"))
        podman.bundle.write("etc/systemd/system/seen.service", f"""[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
RemainAfterExit=yes
MemoryMax={24 * MIB}
TasksMax=13
ExecStart=/bin/sh -c 'cat /proc/self/cgroup /sys/fs/cgroup/system.slice/seen.service/memory.max \
/sys/fs/cgroup/system.slice/seen.service/pids.max >/seen.partial; systemctl is-system-running >>/seen.partial; mv /seen.partial /seen'
""")
        name = podman.up("/lib/systemd/systemd", "--unit=seen.service", flags=[
            "--systemd=always", "--volume", "/usr:/usr:ro", "--memory", "128m"])
        folder = folder_of(podman.pid(name))
        # Process 1 has put itself below the container's own group.
        t.until(lambda: os.path.exists(podman.bundle.path("seen")), "the service ran", 60)
        with open(podman.bundle.path("seen"), encoding="ascii") as file:
            said = file.read().split()
        t.transcript.note("seen", said)
        equal(said[:3], ["0::/system.slice/seen.service", str(24 * MIB), "13"])
        equal(folder_of(podman.pid(name)), f"{folder.removesuffix('/init.scope')}/init.scope")
        # SIGRTMIN+3, which podman has chosen, makes it end in good order.
        succeeds(podman.call("stop", "--time", "30", name))
        equal(podman.inspect(name, "{{.State.ExitCode}} {{.Config.StopSignal}}"), "0 37")


@systemd_case(raind_only="runc can't do without control groups, and the rest is compared on every machine", timeout=60)
def podman_without_groups_of_its_own(t):
    """--cgroups=no-conmon leaves conmon where podman was; --cgroups=disabled the container too, and no unit is made."""
    with SystemPodman(t) as podman:
        own = folder_of("self")
        name = podman.up(flags=["--cgroups=no-conmon"])
        equal(folder_of(podman.conmon_pid(name)), own)
        equal(podman.shows(name, "ActiveState", "Slice"), {"ActiveState": "active", "Slice": "machine.slice"})
        name = podman.up(flags=["--cgroups=disabled"])
        equal(folder_of(podman.pid(name)), own)
        equal(podman.shows(name, "LoadState"), {"LoadState": "not-found"})
        succeeds(podman.call("exec", name, "/bin/true"))
