"""Below real podman: a container's life, from its start to what is left of it."""

import json
import os
import signal

from harness import case, cases, contains, equal, fails, succeeds, true
from harness.podman import Podman


@cases("podman", [("success", ["/bin/true"], 0), ("failure", ["/bin/sh", "-c", "exit 42"], 42),
                  ("signal", ["/bin/sh", "-c", "sh -c 'kill -9 $$'; exit $?"], 137)])
def podman_status(t, words, expected):
    with Podman(t) as podman:
        equal(podman.run(*words).status, expected)


@case("podman")
def podman_output_and_input(t):
    with Podman(t) as podman:
        result = podman.run("/bin/sh", "-c", "cat; echo to err >&2", flags=["--interactive"], stdin="from the caller\n")
        equal((result.out, result.err), ("from the caller\n", "to err\n"))
        equal(succeeds(podman.call("logs", podman.names[0])).out, "from the caller\n")


@case("podman")
def podman_logs(t):
    with Podman(t) as podman:
        name = podman.up("/bin/sh", "-c", "echo one; echo two; echo three >&2; exec /probe sleep")
        t.until(lambda: "three" in podman.call("logs", name, record=False).err, "the last line")
        equal(succeeds(podman.call("logs", "--tail", "2", name)).out, "two\n")
        contains(succeeds(podman.call("logs", "--timestamps", name)).out, " one\n")
        succeeds(podman.call("kill", name))
        equal(succeeds(podman.call("logs", "--follow", name)).out, "one\ntwo\n")


@case("podman")
def podman_create_and_start(t):
    """What each step of a life shows to `podman inspect`."""
    with Podman(t) as podman:
        name = podman.made("/bin/sh", "-c", "read line; echo got $line", flags=["--interactive", "--annotation", "one=1"])
        state = "{{.State.Status}} {{.State.Running}} {{.State.ExitCode}} {{.OCIRuntime}}"
        equal(podman.inspect(name, state), f"created false 0 {t.runtime.path}")
        succeeds(podman.call("init", name))
        equal(podman.inspect(name, "{{.State.Status}}"), "initialized")
        pid = podman.pid(name)
        with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
            contains(file.read(), podman.inspect(name, "{{.State.CgroupPath}}"))
        result = podman.call("start", "--attach", "--interactive", name, stdin="a line\n")
        equal((result.status, result.out), (0, "got a line\n"))
        # Until its clean-up is done it's called stopped.
        t.until(lambda: podman.inspect(name, state, record=False) == f"exited false 0 {t.runtime.path}", "its end")
        equal(podman.pid(name), 0)
        fails(podman.call("exec", name, "/bin/true"), "", 255)
        succeeds(podman.call("rm", name))
        fails(podman.call("inspect", name), "no such object", 125)


@case("podman", timeout=60)
def podman_stop_and_start(t):
    with Podman(t) as podman:
        name = podman.up("/bin/sh", "-c", "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done")
        t.until(lambda: "up" in podman.call("logs", name, record=False).out, "the trap")
        succeeds(podman.call("stop", name))
        equal(podman.inspect(name, "{{.State.ExitCode}}"), "5")
        succeeds(podman.call("start", name))
        equal(podman.inspect(name, "{{.State.Status}}"), "running")
        succeeds(podman.call("restart", "--time", "1", name))
        equal(podman.inspect(name, "{{.State.Status}}"), "running")
        succeeds(podman.call("kill", "--signal", "KILL", name))
        equal(succeeds(podman.call("wait", name)).out.strip(), "137")


@case("podman", timeout=60)
def podman_stop_signal_and_timeout(t):
    with Podman(t) as podman:
        name = podman.up("/bin/sh", "-c", "trap 'exit 4' USR1; echo up; while :; do sleep 0.05; done",
                         flags=["--stop-signal", "USR1"])
        t.until(lambda: "up" in podman.call("logs", name, record=False).out, "the trap")
        succeeds(podman.call("stop", name))
        equal(podman.inspect(name, "{{.State.ExitCode}}"), "4")
        # As process 1 it passes TERM over.
        name = podman.up(flags=["--stop-timeout", "1"])
        contains(succeeds(podman.call("stop", name)).err, "resorting to SIGKILL")
        equal(podman.inspect(name, "{{.State.ExitCode}}"), "137")


@case("podman")
def podman_kill_by_signal(t):
    """By name, with SIG and without, by number; in order."""
    with Podman(t) as podman:
        name = podman.up("/probe", "trap")

        def heard():
            return podman.call("logs", name, record=False).out.split()
        t.until(lambda: heard(), "the traps")
        began = len(heard())
        for count, sent in enumerate(("USR1", "SIGUSR2", str(int(signal.SIGHUP)), "SIGRTMIN+3"), 1):
            succeeds(podman.call("kill", "--signal", sent, name))
            t.until(lambda: len(heard()) == began + count, f"{sent} to arrive")
        equal(heard()[began:], ["10", "12", "1", "37"])
        fails(podman.call("kill", "--signal", "NOSUCH", name), "invalid signal", 125)
        succeeds(podman.call("kill", "--signal", "TERM", name))
        equal(succeeds(podman.call("wait", name)).out.strip(), "0")
        fails(podman.call("kill", name), "can only kill running containers", 125)


@case("podman", timeout=60)
def podman_pause(t):
    with Podman(t) as podman:
        name = podman.up()
        succeeds(podman.call("pause", name))
        equal(podman.inspect(name, "{{.State.Status}} {{.State.Paused}}"), "paused true")
        true(podman.call("exec", name, "/bin/true").status != 0, "exec in a paused container")
        fails(podman.call("pause", name), "", 125)
        succeeds(podman.call("unpause", name))
        succeeds(podman.call("exec", name, "/bin/true"))
        fails(podman.call("unpause", name), "", 125)
        succeeds(podman.call("pause", name))
        succeeds(podman.call("kill", name))
        equal(succeeds(podman.call("wait", name)).out.strip(), "137", "killed while it was paused")
        name = podman.up()
        succeeds(podman.call("pause", name))
        fails(podman.call("rm", name), "", 2)
        succeeds(podman.call("rm", "--force", "--time", "0", name))


@case("podman", timeout=60)
def podman_restart_policies(t):
    with Podman(t) as podman:
        name = podman.up("/bin/sh", "-c", "echo once; exit 3", flags=["--restart", "on-failure:2"])
        t.until(lambda: podman.inspect(name, "{{.RestartCount}} {{.State.Status}}", record=False) == "2 exited",
                "the last attempt")
        equal(podman.inspect(name, "{{.State.ExitCode}}"), "3")
        equal(succeeds(podman.call("logs", name)).out, "once\n" * 3)
        name = podman.up("/bin/true", flags=["--restart", "on-failure:2"])
        t.until(lambda: podman.inspect(name, "{{.State.Status}}", record=False) == "exited", "its end")
        equal(podman.inspect(name, "{{.RestartCount}} {{.State.ExitCode}}"), "0 0")


@case("podman")
def podman_timeout(t):
    with Podman(t) as podman:
        # Podman's own number for what conmon has ended.
        equal(podman.run("/probe", "sleep", flags=["--timeout", "1"]).status, 255)


@case("podman")
def podman_init(t):
    """An init of podman's collects what the program leaves behind, and passes signals on."""
    with Podman(t) as podman:
        name = podman.up("/probe", "trap", flags=["--init", "--init-path", "/usr/bin/tini-static"])
        said = succeeds(podman.call("exec", name, "/bin/cat", "/proc/1/comm")).out
        equal(said, "podman-init\n")
        t.until(lambda: podman.call("logs", name, record=False).out, "the traps")
        succeeds(podman.call("stop", name))
        equal(podman.inspect(name, "{{.State.ExitCode}}"), "0", "TERM, which the program ends by with 0")


@case("podman", timeout=60)
def podman_health_check(t):
    with Podman(t) as podman:
        name = podman.up(flags=["--health-cmd", "/bin/true", "--health-interval", "disable"])
        succeeds(podman.call("healthcheck", "run", name))
        equal(podman.inspect(name, "{{.State.Health.Status}}"), "healthy")
        name = podman.up(flags=["--health-cmd", "echo ill; exit 1", "--health-interval", "disable", "--health-retries", "1"])
        equal(podman.call("healthcheck", "run", name).status, 1)
        equal(podman.inspect(name, "{{.State.Health.Status}}"), "unhealthy")
        contains(podman.inspect(name, "{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}"), "1 ill")
        name = podman.up(flags=["--health-cmd", "/bin/false", "--health-interval", "disable", "--health-retries", "1",
                                "--health-on-failure", "kill"])
        equal(podman.call("healthcheck", "run", name).status, 1)
        equal(succeeds(podman.call("wait", name)).out.strip(), "137", "what happens to an unhealthy one")


HOOK = """#!/bin/sh
read -r state
echo "$1 $state" >>{log}
"""


def hook(folder, name, words, stage):
    with open(os.path.join(folder, f"{name}.json"), "w", encoding="ascii") as file:
        json.dump({"version": "1.0.0", "hook": {"path": words[0], "args": words}, "when": {"always": True},
                   "stages": [stage]}, file)


STAGES = ("prestart", "createRuntime", "createContainer", "poststart", "poststop")


@case("podman", differs_in={"status at poststart": "runc 1.1.5 says created after the program has started"})
def podman_hooks(t):
    """Hooks of podman's folder: it runs precreate itself and hands the others on."""
    hooks, log = t.folder("hooks"), os.path.join(t.scratch, "hooks.log")
    program = t.file(HOOK.format(log=log), "hook", 0o755)
    for stage in STAGES:
        hook(hooks, stage, [program, stage], stage)
    hook(hooks, "first", ["/bin/sed", "s/BEFORE/AFTER/"], "precreate")
    with Podman(t, flags=["--hooks-dir", hooks]) as podman:
        equal(succeeds(podman.run("/bin/sh", "-c", "echo $ONE", flags=["--rm", "--env", "ONE=BEFORE"])).out, "AFTER\n")
        t.until(lambda: os.path.exists(log) and "poststop" in open(log, encoding="utf-8").read(), "the last hook")
        with open(log, encoding="utf-8") as file:
            said = [line.split(" ", 1) for line in file]
        equal([stage for stage, _ in said], list(STAGES))
        for stage, text in said:
            state = json.loads(text)
            t.transcript.note(f"status at {stage}", state["status"])
            true(state.get("pid", 0) > 0 or stage == "poststop", f"a pid at {stage}: {state}")


@case("podman")
def podman_hook_that_fails(t):
    hooks = t.folder("hooks")
    hook(hooks, "bad", [t.file("#!/bin/sh\necho what is wrong >&2\nexit 3\n", "bad", 0o755)], "createRuntime")
    with Podman(t, flags=["--hooks-dir", hooks]) as podman:
        result = podman.run("/bin/true", flags=["--rm"])
        equal(result.status, 126)
        contains(result.err, "what is wrong")
        contains(result.err, "exit status 3")


@case("podman", timeout=60)
def podman_build(t):
    """The steps of an image's making run below the runtime, too."""
    with Podman(t) as podman:
        image = podman.image()
        context = t.folder("context")
        with open(os.path.join(context, "Containerfile"), "w", encoding="ascii") as file:
            file.write(f"FROM {image}\nRUN echo built >/built && id -u\nUSER 1000\nRUN id -u\n")
        flags = ["--isolation", "oci", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]

        def steps(result):
            return [result.status, [line for line in result.out.splitlines() if not line.startswith("-->")][:-1]]
        result = succeeds(podman.call("build", *flags, "--tag", f"{image}-built", context, record=steps))
        contains(result.out, "\n0\n")
        contains(result.out, "\n1000\n")
        equal(succeeds(podman.run("/bin/cat", "/built", image=f"{image}-built")).out, "built\n")
        with open(os.path.join(context, "Containerfile"), "w", encoding="ascii") as file:
            file.write(f"FROM {image}\nRUN exit 9\n")
        contains(fails(podman.call("build", *flags, context, record="status"), status=9).err, "exit status 9")


@case("podman")
def podman_refuses_a_checkpoint(t):
    """Podman asks for criu before it asks the runtime; the container goes on."""
    with Podman(t) as podman:
        name = podman.up()
        contains(fails(podman.call("container", "checkpoint", name), status=125).err, "CRIU")
        contains(fails(podman.call("container", "restore", name), status=125).err, "CRIU")
        equal(podman.inspect(name, "{{.State.Status}}"), "running")


@case("podman")
def podman_leaves_nothing(t):
    with Podman(t) as podman:
        succeeds(podman.run("/bin/true", flags=["--rm"]))
        equal(json.loads(succeeds(podman.call("ps", "--all", "--format", "json")).out or "[]") or [], [])


@case("podman")
def podman_info(t):
    with Podman(t) as podman:
        said = json.loads(succeeds(podman.call("info", "--format", "json", record=False)).out)["host"]["ociRuntime"]
        equal((said["name"], said["path"]), (t.runtime.path, t.runtime.path))
        contains(said["version"], t.runtime.name)
        t.transcript.note("members of ociRuntime", sorted(said))
