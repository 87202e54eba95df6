"""Creating, starting, killing and deleting: each step, and what each state refuses."""

import json
import os
import re
import signal
import time

from harness import case, cases, contains, equal, excludes, fails, less, matches, succeeds, true
from harness.bundle import without_namespace

ALREADY = "container with given ID already exists"
UNKNOWN = "container does not exist"


@case("lifecycle")
def whole_life(t):
    with t.container() as c:
        succeeds(c.create())
        equal(c.status, "created", "after create")
        succeeds(c.start())
        equal(c.status, "running", "after start")
        succeeds(c.kill("KILL"))
        c.wait_status("stopped")
        succeeds(c.delete())
        c.is_unknown()


# State

@case("lifecycle")
def state_names_the_bundle(t):
    with t.container() as c:
        succeeds(c.create())
        state = c.state()
        equal(state["id"], c.id)
        equal(state["bundle"], c.bundle.folder)
        equal(state["rootfs"], c.bundle.rootfs)
        matches(state["ociVersion"], r"^1\.\d+\.\d+")
        with open(f"/proc/{state['pid']}/stat", encoding="utf-8") as stat:
            contains(stat.read(), f"{state['pid']} (")


@case("lifecycle", fields=["/annotations"])
def state_keeps_annotations(t):
    annotations = {"org.example.a": "1", "empty": "", "with \"quotes\"\n": "ünï\u2028\\"}
    with t.container(lambda config: config.update(annotations=annotations)) as c:
        succeeds(c.create())
        equal(c.state()["annotations"], annotations)


@case("lifecycle")
def state_of_a_zombie_is_stopped(t):
    """The caller that has not collected the process yet sees the same as one that has."""
    with t.container() as c:
        c.up()
        pid = c.pid
        os.kill(pid, signal.SIGKILL)
        c.wait_status("stopped")
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            equal(stat.read().rsplit(")", 1)[1].split()[0], "Z")
        equal(c.state().get("pid", 0), 0)
        t.reap()
        equal(c.status, "stopped")


@case("lifecycle")
def state_after_the_process_ended(t):
    with t.container(args=["/probe", "exit", "3"]) as c:
        c.up()
        c.wait_status("stopped")
        succeeds(c.delete())


@cases("lifecycle", [("state", ["state"]), ("start", ["start"]), ("kill", ["kill"]), ("delete", ["delete"])])
def unknown_id(t, words):
    result = t.call(*words, "raind-test-unknown")
    fails(result, UNKNOWN if t.runtime.name != "crun" else "does not exist")


@case("lifecycle")
def delete_force_of_an_unknown_id(t):
    succeeds(t.call("delete", "--force", "raind-test-unknown"))


# Ids

@cases("lifecycle", [
    ("letters", "raind-test-a"), ("dots", "raind.test..b"), ("plus", "raind+test_c"), ("digits", "123456"),
    ("long", "r" * 200)])
def good_id(t, suffix):
    with t.container(args=["/bin/true"], name=f"{t.prefix}{suffix}") as c:
        succeeds(c.run())


@cases("lifecycle", [
    ("empty", ""), ("slash", "raind/test"), ("parent", ".."), ("dot", "."), ("escape", "../raind-test"),
    ("space", "raind test"), ("newline", "raind\ntest"), ("other-letters", "raind-tést"), ("nothing-but-a-slash", "/")])
def bad_id(t, name):
    bundle = t.bundle(args=["/bin/true"])
    os.makedirs(t.root, mode=0o711, exist_ok=True)
    before = sorted(os.listdir(t.scratch))
    fails(t.call("create", "--bundle", bundle.folder, name))
    equal(os.listdir(t.root), [], "the state root")
    equal(sorted(os.listdir(t.scratch)), before)


@case("lifecycle", raind_only="runc takes a missing id for a usage error that exits 1 as well, with its help on stdout")
def missing_id(t):
    bundle = t.bundle(args=["/bin/true"])
    for words in (["create", "--bundle", bundle.folder], ["start"], ["state"], ["kill"], ["delete"],
                  ["run", "--bundle", bundle.folder]):
        result = t.call(*words)
        true(result.status != 0, f"{words} fails")
        equal(len(result.err.splitlines()), 1, f"{words}: one line: {result.err!r}")


@case("lifecycle")
def double_id(t):
    with t.container() as c:
        succeeds(c.create())
        pid = c.pid
        for _ in range(2):
            result = t.call("create", "--bundle", c.bundle.folder, c.id)
            fails(result, ALREADY if t.runtime.name != "crun" else "exists")
        equal((c.status, c.pid), ("created", pid), "the first is as it was")
        succeeds(c.start())
        c.stop()
        fails(t.call("create", "--bundle", c.bundle.folder, c.id))
        succeeds(c.delete())
        succeeds(c.create())


@case("lifecycle")
def same_id_below_another_root(t):
    """A state root is a world of its own; the cgroup has to be too."""
    other = os.path.join(t.scratch, "other")
    with t.container() as c:
        succeeds(c.create())
        fails(c.state_result(root=other), UNKNOWN if t.runtime.name != "crun" else "")
        equal(json.loads(succeeds(t.call("list", "-f", "json", root=other)).out) or [], [])


@case("lifecycle")
def concurrent_creates_of_one_id(t):
    with t.container() as c:
        others = [c.spawn("create", "--bundle", c.bundle.folder, c.id) for _ in range(6)]
        results = [other.wait(20) for other in others]
        equal(sorted(results), [0] + [1] * 5, "one wins")
        equal(c.status, "created")
        succeeds(c.start())
        equal(c.status, "running")


@case("lifecycle")
def concurrent_containers(t):
    bundle = t.bundle(args=["/probe", "exit", "5"])
    made = [t.spawn("run", "--bundle", bundle.folder, t.name()) for _ in range(8)]
    equal([process.wait(20) for process in made], [5] * 8)


# Start

@case("lifecycle")
def start_twice(t):
    with t.container() as c:
        c.up()
        fails(c.start(), "cannot start an already running container" if t.runtime.name != "crun" else "")
        equal(c.status, "running")
        c.stop()
        fails(c.start(), "cannot start a container that has stopped" if t.runtime.name != "crun" else "")


@case("lifecycle")
def start_of_a_container_killed_before(t):
    with t.container() as c:
        succeeds(c.create())
        os.kill(c.pid, signal.SIGKILL)
        c.wait_status("stopped")
        fails(c.start(), "cannot start a container that has stopped" if t.runtime.name != "crun" else "")


@case("lifecycle", differs={"runc": "1.1 may wait for ever"})
def concurrent_starts(t):
    with t.container() as c:
        succeeds(c.create())
        started = [c.spawn("start", c.id) for _ in range(5)]
        results = [process.wait(20) for process in started]
        equal(c.status, "running")
        equal(results.count(0), 1, f"only one succeeds: {results}")


@case("lifecycle")
def nothing_runs_before_start(t):
    with t.container(args=["/bin/echo", "ran"]) as c:
        succeeds(c.create())
        equal(c.output(), "")
        succeeds(c.start())
        c.wait_output("ran\n")


@case("lifecycle")
def config_is_read_by_create_alone(t):
    with t.container(args=["/bin/echo", "first"]) as c:
        succeeds(c.create())
        c.bundle.config["process"]["args"] = ["/bin/echo", "second"]
        c.bundle.save()
        os.unlink(c.bundle.config_path)
        succeeds(c.start())
        c.wait_output("first\n")
        c.wait_status("stopped")
        succeeds(c.delete())


# Kill

@cases("lifecycle", [("name", "USR1", 10), ("full-name", "SIGUSR2", 12), ("number", "1", 1), ("realtime", "34", 34)])
def kill_sends(t, word, number):
    with t.container(args=["/probe", "trap"]) as c:
        c.up()
        c.wait_output("ready\n")
        succeeds(c.kill(word))
        c.wait_output(f"\n{number}\n")
        succeeds(c.kill())
        c.wait_output("\n15\n")
        c.wait_status("stopped")


@case("lifecycle")
def kill_of_a_created_container(t):
    with t.container() as c:
        succeeds(c.create())
        succeeds(c.kill("KILL"))
        c.wait_status("stopped")


@case("lifecycle")
def kill_of_a_stopped_container(t):
    with t.container() as c:
        c.up()
        c.stop()
        fails(c.kill("TERM"), "container not running" if t.runtime.name != "crun" else "")
        fails(c.kill("KILL"), "container not running" if t.runtime.name != "crun" else "")
        succeeds(c.kill("--all", "KILL"))
        succeeds(c.kill("-a", "9"))


@cases("lifecycle", [("name", "BOGUS"), ("number", "9999"), ("negative", "-1"),
                     ("empty", "", {"differs": {"runc": "takes it for TERM"}})])
def kill_with_an_unknown_signal(t, word):
    with t.container() as c:
        c.up()
        fails(t.call("kill", c.id, word))
        equal(c.status, "running")


@case("lifecycle")
def kill_all_without_a_pid_namespace(t):
    with t.container(lambda config: without_namespace(config, "pid"), ["/probe", "spawn", "4"]) as c:
        c.up()
        c.wait_output("ready")
        succeeds(c.kill("--all", "KILL"))
        c.wait_status("stopped")
        t.until(lambda: not alive_below(t), "every child is gone")


@case("lifecycle", differs={"crun": "ends the first process alone"})
def kill_without_a_pid_namespace(t):
    """SIGKILL of the first process reaches the others, that nobody else would end."""
    with t.container(lambda config: without_namespace(config, "pid"), ["/probe", "spawn", "4"]) as c:
        c.up()
        c.wait_output("ready")
        succeeds(c.kill("KILL") if t.runtime.is_raind else c.kill("--all", "KILL"))
        t.until(lambda: not alive_below(t), "every child is gone")


def alive_below(t):
    from harness.context import children
    t.reap()
    return children(os.getpid())


# Delete

@case("lifecycle")
def delete_of_a_running_container(t):
    with t.container() as c:
        c.up()
        fails(c.delete(), f"cannot delete container {c.id} that is not stopped: running"
              if t.runtime.name != "crun" else "")
        equal(c.status, "running")
        succeeds(c.delete("--force"))
        c.is_unknown()


@case("lifecycle")
def delete_of_a_created_container(t):
    with t.container() as c:
        succeeds(c.create())
        pid = c.pid
        succeeds(c.delete())
        t.reap()
        true(not os.path.exists(f"/proc/{pid}"), "the process is gone")


@case("lifecycle")
def delete_twice(t):
    """As containerd does: the second, with force, finds nothing and is content."""
    with t.container() as c:
        c.up()
        c.stop()
        succeeds(c.delete())
        fails(c.delete(), UNKNOWN if t.runtime.name != "crun" else "")
        succeeds(c.delete("--force"))


@case("lifecycle")
def delete_ends_what_is_left_without_a_pid_namespace(t):
    with t.container(lambda config: without_namespace(config, "pid"), ["/probe", "orphan"]) as c:
        c.up()
        c.wait_status("stopped")
        true(alive_below(t), "the orphan lives")
        succeeds(c.delete() if t.runtime.is_raind else c.delete("--force"))
        if not t.runtime.is_raind:
            return
        t.until(lambda: not alive_below(t), "the orphan is gone")


@case("lifecycle")
def delete_without_the_bundle(t):
    """What delete needs stands in the state folder."""
    import shutil
    with t.container() as c:
        c.up()
        c.stop()
        shutil.rmtree(c.bundle.folder)
        succeeds(c.delete())


@case("lifecycle")
def delete_while_the_cgroup_is_gone(t):
    from harness.layout import folders_named
    with t.container(args=["/bin/true"]) as c:
        c.up()
        c.wait_status("stopped")
        t.reap()
        for folder in folders_named(c.id):
            os.rmdir(folder)
        succeeds(c.delete())


# List

@case("lifecycle")
def list_shows_each(t):
    with t.container() as first, t.container() as second, t.container(args=["/bin/true"]) as third:
        succeeds(first.create())
        second.up()
        third.up()
        third.wait_status("stopped")
        expected = {first.id: "created", second.id: "running", third.id: "stopped"}
        listed = json.loads(succeeds(t.call("list", "-f", "json")).out)
        equal({entry["id"]: entry["status"] for entry in listed}, expected)
        equal(sorted(succeeds(t.call("list", "--quiet")).out.split()), sorted(expected))
        lines = succeeds(t.call("list")).out.splitlines()
        equal(lines[0].split(), ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"])
        for line in lines[1:]:
            words = line.split()
            equal(words[2], expected[words[0]])
            matches(words[1], r"^\d+$")
        equal(len(lines), 4)


@case("lifecycle")
def list_of_nothing(t):
    equal(succeeds(t.call("list", "-q")).out, "")
    equal(len(succeeds(t.call("list")).out.splitlines()), 1)


@case("lifecycle", raind_only="a folder that is no container's makes the peers log an error")
def list_with_a_strange_folder(t):
    """One state that can't be read doesn't hide the others."""
    os.makedirs(os.path.join(t.root, "raind-strange"), mode=0o700)
    with t.container() as c:
        succeeds(c.create())
        contains(t.call("list", "-q").out.split(), c.id)
        succeeds(t.call("delete", "--force", "raind-strange"))
        equal(t.call("list", "-q").out.split(), [c.id])


@case("lifecycle", raind_only="the peers wait for no record")
def list_waits_for_nobody_in_old_folders(t):
    """A folder without a record may be a container's that is just being made. One that has long been so is not."""
    count = 6
    for number in range(count):
        os.makedirs(os.path.join(t.root, f"raind-strange-{number}"), mode=0o700)

    def seconds():
        began = time.monotonic()
        equal(len(t.call("list").err.splitlines()), count, "a warning for each")
        return time.monotonic() - began
    new = seconds()
    time.sleep(2.5)
    less(seconds(), new / 3, "the time that a list takes")
    for number in range(count):
        succeeds(t.call("delete", "--force", f"raind-strange-{number}"))


# run

@cases("lifecycle", [("zero", 0), ("one", 1), ("many", 42), ("high", 255)])
def run_exits_as_the_process(t, status):
    result = t.run(["/probe", "exit", str(status)])
    equal(result.status, status)
    equal(result.err, "")


@cases("lifecycle", [("term", 15), ("kill", 9), ("abort", 6), ("segv", 11)])
def run_tells_the_signal(t, number):
    result = t.run(["/probe", "signal", str(number)], lambda config: without_namespace(config, "pid"))
    equal(result.status, 128 + number)


@case("lifecycle")
def run_leaves_nothing(t):
    with t.container(args=["/bin/true"]) as c:
        succeeds(c.run())
        c.is_unknown()
        equal(os.listdir(t.root), [])


@case("lifecycle")
def run_keep(t):
    with t.container(args=["/bin/true"]) as c:
        succeeds(c.run("--keep"))
        equal(c.status, "stopped")
        succeeds(c.delete())


@case("lifecycle")
def run_detached(t):
    with t.container(args=["/bin/sh", "-c", "echo up; exec sleep 1000"]) as c:
        succeeds(c.run("--detach", out=c.out_path))
        equal(c.status, "running")
        c.wait_output("up\n")


@cases("lifecycle", [("term", signal.SIGTERM), ("hup", signal.SIGHUP), ("usr1", signal.SIGUSR1)])
def run_forwards_signals(t, number):
    with t.container(args=["/probe", "trap"]) as c:
        with open(c.out_path, "wb") as out:
            process = c.spawn("run", "--bundle", c.bundle.folder, c.id, stdout=out)
        c.wait_output("ready\n")
        process.send_signal(number)
        c.wait_output(f"\n{int(number)}\n")
        if number != signal.SIGTERM:
            process.send_signal(signal.SIGTERM)
        equal(process.wait(10), 0)


@case("lifecycle")
def run_without_a_command_line_bundle(t):
    """The current folder is the bundle."""
    with t.container(args=["/bin/echo", "here"]) as c:
        equal(succeeds(t.call("run", c.id, cwd=c.bundle.folder)).out, "here\n")


@case("lifecycle")
def run_with_a_relative_bundle(t):
    with t.container() as c:
        succeeds(t.call("create", "-b", os.path.basename(c.bundle.folder), c.id, cwd=t.scratch,
                        out=c.out_path, err=c.err_path))
        equal(c.state()["bundle"], c.bundle.folder)


@case("lifecycle", differs={"runc": "has no --config"})
def run_with_another_config(t):
    with t.container(args=["/bin/echo", "of config.json"]) as c:
        other = dict(c.bundle.config, process=dict(c.bundle.config["process"], args=["/bin/echo", "of other.json"]))
        path = t.file(json.dumps(other), "other.json")
        equal(succeeds(c.run("--config", path)).out, "of other.json\n")


# Files that callers read

@case("lifecycle")
def pid_file(t):
    path = os.path.join(t.scratch, "pid")
    with t.container() as c:
        succeeds(c.create("--pid-file", path))
        with open(path, encoding="ascii") as file:
            text = file.read()
        equal(text, str(c.pid), "digits alone")
        equal(os.stat(path).st_mode & 0o777, 0o644)
        equal([name for name in os.listdir(t.scratch) if "pid" in name], ["pid"], "no temporary file is left")


@case("lifecycle")
def pid_file_replaces_an_old_one(t):
    path = t.file("old, and longer than any pid can be", "pid")
    with t.container() as c:
        succeeds(c.create("--pid-file", path))
        with open(path, encoding="ascii") as file:
            equal(file.read(), str(c.pid))


@case("lifecycle")
def pid_file_of_run(t):
    path = os.path.join(t.scratch, "pid")
    with t.container() as c:
        succeeds(c.run("--detach", "--pid-file", path, out=c.out_path))
        with open(path, encoding="ascii") as file:
            equal(file.read(), str(c.pid))


@case("lifecycle")
def pid_file_of_a_failure(t):
    path = os.path.join(t.scratch, "pid")
    with t.container(args=["/nosuch"]) as c:
        fails(c.create("--pid-file", path))
        true(not os.path.exists(path), "no pid file")


@case("lifecycle")
def pid_file_that_cannot_be_written(t):
    with t.container() as c:
        fails(c.create("--pid-file", os.path.join(t.scratch, "missing", "pid")))
        c.is_unknown()


@case("lifecycle")
def log_as_json(t):
    path = os.path.join(t.scratch, "log")
    result = t.call("start", "raind-test-unknown", glob=("--log", path, "--log-format", "json"))
    fails(result, UNKNOWN if t.runtime.name != "crun" else "")
    with open(path, encoding="utf-8") as file:
        last = json.loads(file.read().splitlines()[-1])
    equal(last["level"], "error")
    contains(last["msg"], "does not exist")
    matches(last["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


@case("lifecycle", differs={"crun": "has texts of its own"})
def log_of_a_missing_program(t):
    """The whole file is one object to podman, and the error stands on the standard error too, where conmon reads it."""
    path = os.path.join(t.scratch, "log")
    with t.container(lambda config: config["linux"].update(maskedPaths=[]), args=["nosuch"]) as c:
        result = fails(t.call("create", "--bundle", c.bundle.folder, c.id, glob=("--log", path, "--log-format=json")))
        with open(path, encoding="utf-8") as file:
            entry = json.loads(file.read())
        equal(entry["level"], "error")
        contains(entry["msg"], 'exec: "nosuch": executable file not found in $PATH')
        contains(result.err.replace('\\"', '"'), 'exec: "nosuch": executable file not found in $PATH')


@case("lifecycle", raind_only="peers' warnings are their own")
def log_has_the_warnings(t):
    """Below an engine the standard error is the container's: with a log, warnings stand there and not among its words."""
    def edit(config):
        config["process"]["capabilities"]["bounding"] = ["CAP_KILL", "CAP_NOSUCH"]
    for level in (("--log-format", "json"), ("--log-level", "warning"), ("--debug",)):
        path = os.path.join(t.scratch, f"log-{level[-1]}")
        with t.container(edit, ["/bin/sh", "-c", "echo mine >&2"]) as c:
            result = succeeds(t.call("run", "--bundle", c.bundle.folder, c.id, glob=("--log", path, *level)))
        equal(result.err, "mine\n")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        contains(text, "CAP_NOSUCH")
        contains(text, '"level":"warning"' if "json" in level else "level=warning")
    with t.container(edit, ["/bin/true"]) as c:
        contains(succeeds(c.run()).err, "CAP_NOSUCH")


@case("lifecycle", raind_only="peers' warnings are their own")
def log_of_a_failure_has_the_error_alone(t):
    """Podman reads the file as one object. Who reads the standard error sees the warning, too."""
    def edit(config):
        config["process"]["capabilities"]["bounding"] = ["CAP_KILL", "CAP_NOSUCH"]
    path = os.path.join(t.scratch, "log")
    with t.container(edit, ["/nosuch"]) as c:
        result = fails(t.call("create", "--bundle", c.bundle.folder, c.id, glob=("--log", path, "--log-format", "json")))
    contains(result.err, "CAP_NOSUCH")
    with open(path, encoding="utf-8") as file:
        entry = json.loads(file.read())
    equal(entry["level"], "error")
    excludes(entry["msg"], "CAP_NOSUCH")


@case("lifecycle")
def log_as_text(t):
    path = os.path.join(t.scratch, "log")
    fails(t.call(f"--log={path}", "start", "raind-test-unknown"))
    with open(path, encoding="utf-8") as file:
        contains(file.read(), "does not exist")


@case("lifecycle")
def log_is_appended_to(t):
    path = t.file("first\n", "log")
    fails(t.call("state", "raind-test-unknown", glob=("--log", path)))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    true(text.startswith("first\n") and len(text.splitlines()) >= 2, f"{text!r}")


@case("lifecycle")
def log_stays_empty_on_success(t):
    path = os.path.join(t.scratch, "log")
    with t.container(args=["/bin/true"]) as c:
        succeeds(t.call("run", "--bundle", c.bundle.folder, c.id, glob=("--log", path, "--log-format", "json")))
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            equal([line for line in file if json.loads(line)["level"] == "error"], [])


@case("lifecycle", raind_only="texts")
def errors_are_one_line(t):
    """Program, command, what failed: callers take the last line alone."""
    with t.container(lambda config: config["root"].update(path="nosuch")) as c:
        result = c.run()
        fails(result)
        equal(len(result.err.splitlines()), 1)
        true(result.err.startswith("raind-oci: run "), result.err)
        contains(result.err, "ENOENT")
        excludes(result.err.lower(), "no such file", "podman takes it for the command's")


# Where state lives

@case("lifecycle")
def root_is_made(t):
    deep = os.path.join(t.scratch, "a", "b", "state")
    with t.container(args=["/bin/true"]) as c:
        succeeds(c.run(root=deep))
    true(os.path.isdir(deep), "the state root")
    equal(os.stat(deep).st_mode & 0o077 & ~0o011, 0, "no reader but root")


@case("lifecycle", raind_only="its own default")
def root_by_default(t):
    """An empty XDG_RUNTIME_DIR is no folder, and root doesn't need one."""
    for extra in ({}, {"XDG_RUNTIME_DIR": ""}, {"XDG_RUNTIME_DIR": t.scratch}):
        with t.container(args=["/probe", "sleep"]) as c:
            env = {"PATH": os.environ["PATH"], **extra}
            try:
                succeeds(c.create(root_flag=False, env=env))
                true(os.path.isdir(f"/run/raind-oci/{c.id}"), "the state folder")
                equal(json.loads(succeeds(c.state_result(root_flag=False, env=env)).out)["status"], "created")
            finally:
                c.delete("--force", root_flag=False, env=env)
            true(not os.path.exists(f"/run/raind-oci/{c.id}"), "the state folder is gone")


@case("lifecycle")
def delete_without_an_environment(t):
    """podman calls delete with nothing in its environment."""
    with t.container() as c:
        succeeds(c.create(env={}))
        succeeds(c.start(env={}))
        succeeds(c.delete("--force", env={}))


@case("lifecycle")
def options_as_callers_write_them(t):
    """One dash before a long option, = or a space before a value."""
    with t.container() as c:
        succeeds(t.call("run", "-detach", f"-bundle={c.bundle.folder}", "-no-subreaper", c.id,
                        glob=("-log-format=json", "--debug=false"), out=c.out_path, err=c.err_path))
        succeeds(t.call("kill", "-a", c.id, "9"))


@case("lifecycle", raind_only="peers differ in their exit status and put the help text on standard output")
def wrong_usage(t):
    for words in (["nosuch"], ["--nosuch", "list"], ["list", "--nosuch"], ["list", "-f", "xml"], [],
                  ["state", "a", "b"], ["create", "--bundle"]):
        result = t.call(*words)
        true(result.status != 0, f"{words} fails")
        true(result.err, f"{words} says why")


@cases("lifecycle", [(name, name) for name in ("create", "start", "state", "kill", "delete", "run", "list", "spec")])
def help_text(t, command):
    result = succeeds(t.call(command, "--help"))
    contains(result.out.lower(), "usage")


@case("lifecycle")
def version_text(t):
    said = succeeds(t.call("--version")).out
    contains(said, t.runtime.name)
    matches(said, r"\d+\.\d+")
    if t.runtime.is_raind:
        # Docker looks for one of these.
        true(re.search(r"runc version|commit:", said), said)
        equal(t.call("-v").out, said)


@case("lifecycle")
def start_up_is_quick(t):
    """Not a benchmark: a factor of ten above what it takes."""
    with t.container() as c:
        succeeds(c.create())
        less(min(c.state_result().seconds for _ in range(5)), 0.1)
