"""`podman run --sdnotify`: conmon has the socket of the container, and passes on what comes out of it."""

from harness import case, cases, contains, equal, succeeds, true
from harness.manager import ServiceManager
from harness.podman import Podman


def heard(manager):
    """What the service manager hears, but for the numbers of processes."""
    lines = []
    while (got := manager.receive(10 if "READY=1" not in lines else 0.3)) is not None:
        lines += ["MAINPID" if line.startswith("MAINPID=") else line for line in got]
    return lines


@case("podman")
def podman_sdnotify_of_the_container(t):
    manager = ServiceManager(t.scratch)
    with Podman(t) as podman:
        podman.environment["NOTIFY_SOCKET"] = manager.name
        name = podman.up("/bin/sh", "-c", "/probe notify 0.5:READY=1; exec sleep 100", flags=["--sdnotify=container"])
        said = heard(manager)
        equal(sorted(set(said)), ["MAINPID", "READY=1"])
        t.transcript.note("heard", sorted(said))
        contains(succeeds(podman.call("logs", name)).out, "/run/notify/notify.sock")
        true(podman.inspect(name, "{{.State.Running}}") == "true", "it runs")
    manager.close()


@cases("podman", [("conmon", "conmon", ["MAINPID", "READY=1"]), ("ignore", "ignore", [])])
def podman_sdnotify_by(t, mode, expected):
    """conmon is ready when the container has started, or nobody says anything; the program has no socket either way."""
    manager = ServiceManager(t.scratch)
    with Podman(t) as podman:
        result = podman.run("/bin/sh", "-c", "echo \"socket: $NOTIFY_SOCKET\"", flags=[f"--sdnotify={mode}"],
                            environment={"NOTIFY_SOCKET": manager.name}.items())
        equal(succeeds(result).out, "socket: \n")
        said = set(heard(manager) if expected else manager.receive(0.3) or [])
        equal(sorted(said), expected)
    manager.close()
