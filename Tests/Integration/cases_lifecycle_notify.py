"""NOTIFY_SOCKET: a service manager hears when the program in the container is ready, and of nothing else."""

import os
import signal

from harness import case, cases, contains, equal, excludes, fails, less, succeeds, true
from harness.bundle import with_user_namespace
from harness.manager import ServiceManager

CRUN = {"crun": "says no MAINPID, and has the socket at another place"}
READY_IN_A_SECOND = ["/bin/sh", "-c", "/probe notify 0.5:READY=1; exec sleep 100"]


@cases("lifecycle", [("path", False), ("abstract", True)], differs=CRUN)
def notify_of_a_start(t, abstract):
    """start waits until the program is ready; create doesn't."""
    manager = ServiceManager(t.scratch, abstract)
    with t.container(args=READY_IN_A_SECOND) as c:
        succeeds(c.create(env=manager.env))
        starting = c.spawn("start", c.id, env=manager.env)
        c.wait_output("/run/notify/notify.sock")
        equal(starting.poll(), None, "it waits")
        equal(set(manager.said()), {"READY=1", f"MAINPID={c.pid}"})
        equal(starting.wait(10), 0)
        equal(c.status, "running")
    manager.close()


@case("lifecycle", differs=CRUN)
def notify_of_a_detached_run(t):
    manager = ServiceManager(t.scratch)
    with t.container(args=READY_IN_A_SECOND) as c:
        running = c.spawn("run", "--detach", "--bundle", c.bundle.folder, c.id, env=manager.env)
        said = set(manager.said())
        equal(running.wait(10), 0)
        equal(said, {"READY=1", f"MAINPID={c.pid}"})
    manager.close()


@case("lifecycle", differs=CRUN)
def notify_of_a_foreground_run(t):
    """The process that the service manager has started is the one to watch; the program goes on after."""
    manager = ServiceManager(t.scratch)
    with t.container(args=["/bin/sh", "-c", "/probe notify READY=1; trap 'exit 7' TERM; while :; do sleep 0.1; done"]) as c:
        running = c.spawn("run", "--bundle", c.bundle.folder, c.id, env=manager.env)
        equal(set(manager.said()), {"READY=1", f"MAINPID={running.pid}"})
        running.send_signal(signal.SIGTERM)
        equal(running.wait(10), 7)
    manager.close()


@case("lifecycle", raind_only="runc looks at the beginning of a datagram only, and passes its first line on whole")
def notify_passes_nothing_else_on(t):
    """The container is not to be trusted: lines of its own, oversized datagrams and descriptors stay behind."""
    manager = ServiceManager(t.scratch)
    words = ["/probe", "notify", "STATUS=hello\nMAINPID=1\nFDSTORE=1", "READY=0", "READY=1x", "x5000", "x60000",
             "STATUS=x\nREADY=1\nMAINPID=1\nSTOPPING=1", "READY=1"]
    with t.container(args=words) as c:
        succeeds(c.create(env=manager.env))
        pid = c.pid
        starting = c.spawn("start", c.id, env=manager.env)
        said = manager.said()
        equal(starting.wait(10), 0)
        equal(sorted(said), [f"MAINPID={pid}", "READY=1"])
    manager.close()


@case("lifecycle", differs={"runc": "waits for a zombie too"})
def notify_of_a_program_that_never_is_ready(t):
    manager = ServiceManager(t.scratch)
    with t.container(args=["/probe", "notify", "STATUS=no"]) as c:
        succeeds(c.create(env=manager.env))
        succeeds(c.start(env=manager.env))
        equal(manager.receive(0.2), None)
    manager.close()


@case("lifecycle", raind_only="runc fails when the program runs already, or waits")
def notify_to_nobody(t):
    """A socket that nobody listens on any more: a warning, and the container runs."""
    env = {**ServiceManager(t.scratch).env, "NOTIFY_SOCKET": os.path.join(t.scratch, "gone")}
    with t.container(args=READY_IN_A_SECOND) as c:
        succeeds(c.create(env=env))
        result = succeeds(c.start(env=env))
        contains(result.err, "raind-oci: warning: NOTIFY_SOCKET: nobody is told when the container is ready")
        equal(c.status, "running")
    # What is no address of a UNIX socket is passed over.
    with t.container(args=["/bin/true"]) as c:
        equal(succeeds(c.run(env={**env, "NOTIFY_SOCKET": "vsock:2:1"})).err, "")


@case("lifecycle")
def notify_only_where_asked_for(t):
    with t.container(args=["/bin/sh", "-c", "ls -d /run/notify; env"]) as c:
        result = c.run()
        excludes(result.out, "notify")
        excludes(result.out, "NOTIFY")


@case("lifecycle", differs={**CRUN, "runc": "its folder has the mode that the caller's umask leaves"})
def notify_of_a_user_in_a_user_namespace(t):
    """Whoever the program runs as may write to the socket, and to nothing else there."""
    def edit(config):
        with_user_namespace(config)
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
    manager = ServiceManager(t.scratch)
    script = "touch /run/notify/x && echo made; /probe notify READY=1 || exit 1; exec sleep 100"
    # The root of the user namespace may not make it in a root file system that belongs to the host's.
    with t.container(edit, ["/bin/sh", "-c", script], prepare=lambda b: os.mkdir(b.path("run/notify"))) as c:
        succeeds(c.create(env=manager.env, umask=0o077))
        starting = c.spawn("start", c.id, env=manager.env)
        equal(set(manager.said()), {"READY=1", f"MAINPID={c.pid}"})
        equal(starting.wait(10), 0)
        excludes(c.output(), "made")
    manager.close()


@case("lifecycle", raind_only="what is left in the state folder is a runtime's own affair")
def notify_leaves_nothing(t):
    manager = ServiceManager(t.scratch)
    with t.container(args=READY_IN_A_SECOND) as c:
        succeeds(c.create(env=manager.env))
        starting = c.spawn("start", c.id, env=manager.env)
        c.wait_output("notify.sock")
        # Deleted while start waits: the end of the process is enough.
        succeeds(c.delete("--force"))
        less(starting.wait(10), 2)
        true(not os.path.exists(os.path.join(t.root, c.id)), "the state folder is gone")

    def broken(config):
        config["process"]["args"] = ["/nosuch"]
    with t.container(broken) as c:
        fails(c.create(env=manager.env, out=None, err=None))
        true(not os.path.exists(os.path.join(t.root, c.id)), "the state folder is gone")
    manager.close()
