"""A foreground run or exec as a job of a shell: stopped, continued, in the background."""

import os
import signal
import subprocess

from harness import case, cases, contains, equal, excludes, true
from harness.jobs import JobShell
from harness.terminal import run_on_a_terminal

NEVER_STOPS = "runc and crun pass the signals on and never stop, nor do they take the terminal again after SIGSTOP"


def with_terminal(config):
    config["process"]["terminal"] = True


def command(t, *words):
    return " ".join([t.runtime.path, "--root", t.root, *words])


def run_line(t, c):
    return command(t, "run", "--bundle", c.bundle.folder, c.id) + "\n"


ECHO = ["/bin/sh", "-c", "echo ready; while read line; do echo got $line; done; echo end"]


@case("lifecycle", raind_only=NEVER_STOPS)
def job_without_a_terminal_of_its_own(t):
    """Control-Z stops the runtime and the program, which reads from the shell's terminal; fg lets both go on."""
    with t.container(args=ECHO) as c, JobShell(t.scratch) as shell:
        before = shell.modes()
        shell.type(run_line(t, c), "ready")
        shell.type("one\n", "got one")
        shell.type(b"\x1a", "Stopped")
        # The shell reads it and nobody else.
        shell.type("echo $((40 + 2))\n", "\n42")
        equal(shell.modes(), before)
        shell.type("fg\n", "run --bundle")
        shell.type("two\n", "got two")
        shell.type(b"\x04", "end")
        shell.type("echo status $?\n", "status 0")


INSIDE = ["/bin/sh", "-c", "echo ready; while read line; do eval $line; done"]


@cases("lifecycle", [("stop-signal", signal.SIGTSTP), ("input", signal.SIGTTIN), ("output", signal.SIGTTOU),
                     ("unseen", signal.SIGSTOP)], raind_only=NEVER_STOPS)
def job_with_a_terminal(t, number):
    """While it is stopped, the caller's terminal is the shell's; then every byte is the container's again, and the size is."""
    with t.container(with_terminal, INSIDE) as c, JobShell(t.scratch) as shell:
        before = shell.modes()
        shell.type(run_line(t, c), "ready")
        t.until(lambda: shell.is_raw, "raw mode")
        os.kill(shell.job, number)
        shell.wait("Stopped")
        equal(shell.modes(), before)
        equal(c.status, "running")
        shell.resize(33, 77)
        shell.type("fg\n", "run --bundle")
        t.until(lambda: shell.is_raw, "raw mode")
        contains(shell.type("stty size; echo $((40 + 2))\n", "\n42"), "33 77")
        shell.type("exit 9\n", "shell>")
        shell.type("echo status $?\n", "status 9")
        equal(shell.modes(), before)


@case("lifecycle", raind_only=NEVER_STOPS)
def job_in_the_background(t):
    """The shell's terminal is left alone until the job comes to the foreground; what the container says is shown."""
    with t.container(with_terminal, INSIDE) as c, JobShell(t.scratch) as shell:
        before = shell.modes()
        shell.type(run_line(t, c).rstrip("\n") + " &\n", "ready")
        shell.type("echo $((40 + 2))\n", "\n42")
        equal(shell.modes(), before)
        shell.type("fg\n", "run --bundle")
        t.until(lambda: shell.is_raw, "raw mode")
        shell.type("echo $((40 + 3))\n", "\n43")
        # Stopped, then let go on where it does not have the terminal.
        os.kill(shell.job, signal.SIGTSTP)
        shell.wait("Stopped")
        shell.type("bg\n", "&")
        equal(shell.modes(), before)
        shell.type("echo $((40 + 4))\n", "\n44")
        shell.type("fg\n", "run --bundle")
        t.until(lambda: shell.is_raw, "raw mode")
        shell.type("exit 0\n", "shell>")


@case("lifecycle", raind_only=NEVER_STOPS)
def job_of_exec(t):
    with t.container() as c, JobShell(t.scratch) as shell:
        c.up()
        before = shell.modes()
        shell.type(command(t, "exec", "--tty", c.id, "/bin/sh", "-c", "'echo rea''dy; read x; echo got $x'") + "\n", "ready")
        t.until(lambda: shell.is_raw, "raw mode")
        os.kill(shell.job, signal.SIGTSTP)
        shell.wait("Stopped")
        equal(shell.modes(), before)
        shell.type("fg\n", "exec --tty")
        t.until(lambda: shell.is_raw, "raw mode")
        # All up to the prompt, which may come at once.
        contains(shell.type("abc\n", "shell>"), "got abc")
        equal(shell.modes(), before)


@cases("lifecycle", [(name, getattr(signal, name)) for name in ("SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGCONT")])
def stop_signals_without_job_control(t, number):
    """Where nobody could continue it, the runtime passes them on like the others."""
    script = f"trap 'echo trapped; exit 6' {signal.Signals(number).name[3:]}; echo ready; while :; do sleep 0.05; done"
    with t.container(args=["/bin/sh", "-c", script]) as c:
        with open(c.out_path, "wb") as out:
            # A session of its own: no shell's job.
            running = c.spawn("run", "--bundle", c.bundle.folder, c.id, stdout=out, start_new_session=True)
        c.wait_output("ready")
        running.send_signal(number)
        equal(running.wait(10), 6)
        contains(c.output(), "trapped")


@case("lifecycle")
def control_z_is_the_containers(t):
    """With a terminal of the container's the key goes there, where a shell with job control has it."""
    script = "set -m; sh -c 'echo ready; exec sleep 100'; echo status $?"
    with t.container(with_terminal, ["/bin/sh", "-c", script]) as c:
        said, status = run_on_a_terminal(t.runtime, t.root, ["run", "--bundle", c.bundle.folder, c.id], b"\x1a", "ready")
        equal(status, 0)
        contains(said, "status 148")


@case("lifecycle", raind_only=NEVER_STOPS)
def job_that_is_ended_while_stopped(t):
    """The container's process ends while the runtime is stopped: fg brings its exit status."""
    with t.container(with_terminal, INSIDE) as c, JobShell(t.scratch) as shell:
        before = shell.modes()
        shell.type(run_line(t, c), "ready")
        t.until(lambda: shell.is_raw, "raw mode")
        os.kill(shell.job, signal.SIGTSTP)
        shell.wait("Stopped")
        c.kill("KILL")
        excludes(shell.type("fg; echo status $?\n", "status 137"), "raind-oci:")
        equal(shell.modes(), before)
        true(subprocess.run(["stty", "-F", os.ttyname(shell.slave)], check=False, capture_output=True).returncode == 0,
             "the terminal is in order")
