"""Hooks: when each kind runs, where, with what on its standard input, and what its failure does."""

import json
import os
import time

from harness import case, cases, contains, equal, excludes, fails, less, matches, succeeds, true

KINDS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")
# Run by create; by the runtime itself, in its own namespaces; inside the container's root file system.
OF_CREATE = KINDS[:3]
OF_RUNTIME = ("prestart", "createRuntime", "poststart", "poststop")

# Writes what it is and sees into the folder that is its first argument; host's shell or the container's.
SCRIPT = r"""
cd "$0" || exit 9
state=$(cat)
printf '%s\n' "$1" >>order
printf '%s' "$state" >"$1.state"
for kind in mnt net uts ipc pid; do readlink "/proc/self/ns/$kind"; done >"$1.ns"
pwd >"$1.cwd"
env >"$1.env"
shift
for word; do printf '%s\n' "$word"; done >"${0}/last.words"
"""


def hook(kind, folder, *words, script=SCRIPT, **more):
    """The shell is the host's, but for the hook that runs below the container's root."""
    inside = kind == "startContainer"
    return {"path": "/bin/sh" if inside else "/bin/bash", "args": ["sh", "-c", script,
                                                                   "/hooks" if inside else folder, kind, *words],
            **more}


def with_hooks(folder, hooks):
    """hooks: kind to a list. The folder is at /hooks in the container."""
    def edit(config):
        config["hooks"] = hooks
        config["mounts"].append({"destination": "/hooks", "type": "bind", "source": folder, "options": ["bind", "rw"]})
    return edit


def lines(folder, name):
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []




def open_to_all(folder):
    os.chmod(folder, 0o777)
    return folder


@case("lifecycle", differs={"runc": "1.1 runs poststart at create"},
      fields=["/hooks/{prestart,createRuntime,createContainer,startContainer,poststart,poststop}/*/path"])
def hooks_in_order(t):
    folder = open_to_all(t.folder())
    hooks = {kind: [hook(kind, folder)] for kind in KINDS}
    with t.container(with_hooks(folder, hooks)) as c:
        equal(lines(folder, "order"), [], "before create")
        succeeds(c.create())
        equal(lines(folder, "order"), list(KINDS[:3]), "after create")
        succeeds(c.start())
        equal(lines(folder, "order"), list(KINDS[:5]), "after start")
        c.stop()
        equal(lines(folder, "order"), list(KINDS[:5]), "after kill")
        succeeds(c.delete())
        equal(lines(folder, "order"), list(KINDS), "after delete")


@case("lifecycle")
def hooks_of_run(t):
    folder = open_to_all(t.folder())
    with t.container(with_hooks(folder, {kind: [hook(kind, folder)] for kind in KINDS}), ["/bin/true"]) as c:
        succeeds(c.run())
        equal(sorted(lines(folder, "order")), sorted(KINDS))
        equal(lines(folder, "order")[-1], "poststop")


@cases("lifecycle", [(kind, kind) for kind in KINDS])
def hooks_of_one_kind_in_order(t, kind):
    folder = open_to_all(t.folder())
    hooks = {kind: [hook(kind, folder, str(at), script='echo "$2" >>"$0/order"') for at in range(4)]}
    with t.container(with_hooks(folder, hooks), ["/bin/true"]) as c:
        succeeds(c.run())
        equal(lines(folder, "order"), ["0", "1", "2", "3"])


@cases("lifecycle", [
    ("prestart", "prestart", {"creating"}), ("createRuntime", "createRuntime", {"creating"}),
    ("createContainer", "createContainer", {"creating"}), ("startContainer", "startContainer", {"created"}),
    ("poststart", "poststart", {"running"}, {"differs": {"runc": "1.1 runs it at create"}}),
    ("poststop", "poststop", {"stopped"})])
def hook_reads_the_state(t, kind, expected):
    folder = open_to_all(t.folder())

    def edit(config):
        with_hooks(folder, {kind: [hook(kind, folder)]})(config)
        config["annotations"] = {"org.example.key": "value"}
    with t.container(edit) as c:
        succeeds(c.create())
        pid = c.pid
        succeeds(c.start())
        c.stop()
        succeeds(c.delete())
        state = json.loads("\n".join(lines(folder, f"{kind}.state")))
        equal(state["id"], c.id)
        equal(state["bundle"], c.bundle.folder)
        true(state["status"] in expected, f"status {state['status']}")
        equal(state["annotations"], {"org.example.key": "value"})
        matches(state["ociVersion"], r"^1\.")
        if kind == "poststop":
            equal(state.get("pid", 0), 0)
        elif kind in OF_RUNTIME:
            equal(state["pid"], pid)
        else:
            true(state["pid"] > 0, "a pid")


@cases("lifecycle", [(kind, kind) for kind in KINDS])
def hook_runs_in_its_namespaces(t, kind):
    folder = open_to_all(t.folder())
    with t.container(with_hooks(folder, {kind: [hook(kind, folder)]})) as c:
        succeeds(c.create())
        pid = c.pid
        mount = os.readlink(f"/proc/{pid}/ns/mnt")
        network = os.readlink(f"/proc/{pid}/ns/net")
        succeeds(c.start())
        c.stop()
        succeeds(c.delete())
        seen = lines(folder, f"{kind}.ns")
        if kind in OF_RUNTIME:
            equal(seen[:2], [os.readlink("/proc/self/ns/mnt"), os.readlink("/proc/self/ns/net")])
        else:
            equal(seen[:2], [mount, network])


@case("lifecycle")
def hook_create_container_sees_the_mounts(t):
    """It runs before pivot_root: paths are the host's, and the container's mounts are done below its root."""
    folder = open_to_all(t.folder())
    script = 'cat /proc/self/mountinfo >"$0/mounts"; ls -d "$2/dev/null" >"$0/seen" 2>&1'

    def prepare(bundle):
        bundle.config["hooks"] = {
            "createContainer": [hook("createContainer", folder, bundle.rootfs, script=script)]}
    with t.container(prepare=prepare) as c:
        succeeds(c.create())
        equal(lines(folder, "seen"), [f"{c.bundle.rootfs}/dev/null"])
        points = [line.split()[4] for line in lines(folder, "mounts")]
        for name in ("", "/proc", "/dev", "/sys"):
            contains(points, c.bundle.rootfs + name)


@cases("lifecycle", [(kind, kind) for kind in OF_CREATE[:2]])
def hook_of_the_runtime_finds_the_container(t, kind):
    """What plugs the network in: the namespace is there, by the pid of the state."""
    folder = open_to_all(t.folder())
    script = """pid=$(tr ',' '\\n' | sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p'); readlink /proc/$pid/ns/net >"$0/net" """
    with t.container(with_hooks(folder, {kind: [hook(kind, folder, script=script)]})) as c:
        succeeds(c.create())
        equal(lines(folder, "net"), [os.readlink(f"/proc/{c.pid}/ns/net")])


@cases("lifecycle", [(kind, kind) for kind in KINDS],
       fields=["/hooks/{prestart,createRuntime,createContainer,startContainer,poststart,poststop}/*/{path,args,env}"])
def hook_environment_and_args(t, kind):
    """Exactly what the config says: nothing of the caller's."""
    folder = open_to_all(t.folder())
    mine = {**hook(kind, folder, "with space", "", "*"), "env": ["PATH=/bin:/usr/bin", "KEY=a b=c"]}
    with t.container(with_hooks(folder, {kind: [mine]}), ["/bin/true"]) as c:
        succeeds(c.run(env={"PATH": os.environ["PATH"], "CALLER": "seen"}))
        equal(lines(folder, "last.words"), ["with space", "", "*"])
        seen = dict(line.split("=", 1) for line in lines(folder, f"{kind}.env"))
        for own in ("PWD", "SHLVL", "_", "OLDPWD"):
            seen.pop(own, None)
        equal(seen, {"PATH": "/bin:/usr/bin", "KEY": "a b=c"})


@cases("lifecycle", [(kind, kind) for kind in OF_CREATE])
def hook_failure_at_create(t, kind):
    folder = open_to_all(t.folder())
    hooks = {kind: [hook(kind, folder, script="echo said-so >&2; exit 3"), hook(kind, folder)],
             "poststop": [hook("poststop", folder, script='echo poststop >>"$0/order"')]}
    with t.container(with_hooks(folder, hooks)) as c:
        result = c.create(out=None, err=None)
        fails(result, what=f"{kind} exits 3")
        equal([line for line in lines(folder, "order") if line == kind], [], "the next hook isn't run")
        if t.runtime.is_raind:
            contains(result.err, f"/hooks/{kind}/0")
            contains(result.err, "3")
        # The specification: the lifecycle goes on where the container is destroyed, and then the poststop hooks run.
        equal(lines(folder, "order"), ["poststop"])
        c.is_unknown()
        t.reap()


@case("lifecycle", differs={"runc": "1.1's start is content before the hook has run"})
def hook_failure_at_start(t):
    folder = open_to_all(t.folder())
    with t.container(with_hooks(folder, {"startContainer": [hook("startContainer", folder, script="exit 3")]}),
                     ["/bin/sh", "-c", "echo ran; sleep 100"]) as c:
        succeeds(c.create())
        fails(c.start(), "/hooks/startContainer/0")
        c.wait_status("stopped")
        excludes(c.output(), "ran", "the program isn't started")
        succeeds(c.delete())


@case("lifecycle", differs={"runc": "1.1 runs poststart at create"}, fields=["/hooks/{poststart,poststop}"])
def hook_failure_after_the_start(t):
    """An error, the hooks after it are not run, and the container is stopped; deleting it runs the last hooks."""
    folder = open_to_all(t.folder())
    hooks = {"poststart": [hook("poststart", folder, script="echo said-so >&2; exit 3"), hook("poststart", folder)],
             "poststop": [hook("poststop", folder)]}
    with t.container(with_hooks(folder, hooks)) as c:
        succeeds(c.create())
        pid = c.pid
        said = fails(c.start(), "/hooks/poststart/0").err
        contains(said, "said-so")
        c.wait_status("stopped")
        t.reap()
        true(not os.path.exists(f"/proc/{pid}"), "the program is ended")
        equal(lines(folder, "order"), [])
        fails(c.start())
        succeeds(c.delete())
        equal(lines(folder, "order"), ["poststop"])


@cases("lifecycle", [(kind, kind) for kind in ("startContainer", "poststart")],
       differs={"runc": "1.1 passes over the first, and leaves the container with the second"})
def hook_failure_of_run(t, kind):
    """The container goes, as after every failure of run, and its last hooks have been run."""
    folder = open_to_all(t.folder())
    hooks = {kind: [hook(kind, folder, script="exit 3")], "poststop": [hook("poststop", folder)]}
    with t.container(with_hooks(folder, hooks)) as c:
        fails(c.run(), f"/hooks/{kind}/0")
        c.is_unknown()
        equal(lines(folder, "order"), ["poststop"])


@cases("lifecycle", [(kind, kind) for kind in KINDS])
def hook_works_in_a_folder(t, kind):
    """The bundle; the root file system before it is the root; the one that the program gets."""
    folder = open_to_all(t.folder())
    mine = {kind: [hook(kind, folder, script='pwd >"$0/$1.cwd"')]}

    def edit(config):
        with_hooks(folder, mine)(config)
        config["process"]["cwd"] = "/home/user"
    with t.container(edit, ["/bin/true"]) as c:
        succeeds(c.run(cwd="/"))
        wanted = {"startContainer": "/home/user", "createContainer": c.bundle.rootfs}.get(kind, c.bundle.folder)
        equal(lines(folder, f"{kind}.cwd"), [wanted])


@case("lifecycle")
def hook_failure_after_the_end(t):
    """Deleting goes on, with a word about it."""
    folder = open_to_all(t.folder())
    hooks = {"poststop": [hook("poststop", folder, script="exit 3"), hook("poststop", folder)]}
    with t.container(with_hooks(folder, hooks), ["/bin/true"]) as c:
        c.up()
        c.wait_status("stopped")
        result = succeeds(c.delete())
        matches(result.err, "[hH]ook|poststop")
        if t.runtime.is_raind:
            equal(lines(folder, "order"), ["poststop"], "the next one runs all the same")
        c.is_unknown()


@cases("lifecycle", [(kind, kind) for kind in KINDS if kind not in ("startContainer", "poststop")],
       fields=["/hooks/{prestart,createRuntime,createContainer,poststart}/*/timeout"])
def hook_timeout(t, kind):
    folder = open_to_all(t.folder())
    hooks = {kind: [hook(kind, folder, script='echo $$ >"$0/pid"; exec sleep 60', timeout=1)]}
    with t.container(with_hooks(folder, hooks)) as c:
        began = time.monotonic()
        created = c.create()
        if kind in OF_CREATE or not t.runtime.is_raind:
            fails(created)
        else:
            succeeds(created)
            fails(c.start(), "/hooks/poststart/0")
        less(time.monotonic() - began, 8, "seconds until the hook is given up")
        if kind in OF_RUNTIME:
            pid = int(lines(folder, "pid")[0])
            t.until(lambda: t.reap() is None or not os.path.exists(f"/proc/{pid}"), "the hook is ended", 3)


@case("lifecycle", differs={"runc": "1.1's start is content before the hook has run"},
      fields=["/hooks/startContainer/*/timeout"])
def hook_timeout_before_the_program(t):
    """The hook runs in the container, and start is told."""
    folder = open_to_all(t.folder())
    hooks = {"startContainer": [hook("startContainer", folder, script="exec sleep 60", timeout=1)]}
    with t.container(with_hooks(folder, hooks), ["/bin/echo", "ran"]) as c:
        succeeds(c.create())
        began = time.monotonic()
        fails(c.start(), "/hooks/startContainer/0" if t.runtime.is_raind else "")
        less(time.monotonic() - began, 8, "seconds until the hook is given up")
        c.wait_status("stopped")
        equal(c.output(), "")


@case("lifecycle", fields=["/hooks/poststop/*/timeout"])
def hook_timeout_after_the_end(t):
    """Deleting goes on."""
    folder = open_to_all(t.folder())
    hooks = {"poststop": [hook("poststop", folder, script='echo $$ >"$0/pid"; exec sleep 60', timeout=1),
                          hook("poststop", folder)]}
    with t.container(with_hooks(folder, hooks), ["/bin/true"]) as c:
        c.up()
        c.wait_status("stopped")
        began = time.monotonic()
        succeeds(c.delete())
        less(time.monotonic() - began, 8, "seconds until the hook is given up")
        pid = int(lines(folder, "pid")[0])
        t.until(lambda: t.reap() is None or not os.path.exists(f"/proc/{pid}"), "the hook is ended", 3)
        c.is_unknown()


@cases("lifecycle", [(kind, kind) for kind in ("prestart", "poststart")])
def hook_within_its_timeout(t, kind):
    folder = open_to_all(t.folder())
    hooks = {kind: [hook(kind, folder, timeout=20)]}
    with t.container(with_hooks(folder, hooks), ["/bin/true"]) as c:
        succeeds(c.run())
        equal(lines(folder, "order"), [kind])


@cases("lifecycle", [(kind, kind) for kind in OF_CREATE])
def hook_that_is_missing(t, kind):
    with t.container(lambda config: config.update(hooks={kind: [{"path": "/nosuch/raind-hook"}]})) as c:
        result = c.create(out=None, err=None)
        fails(result)
        contains(result.err, "/nosuch/raind-hook")
        if t.runtime.is_raind:
            excludes(result.err, "no such file", "podman takes it for the command's")


@case("lifecycle")
def hook_that_reads_nothing(t):
    """A state larger than a pipe holds, and nobody who reads it."""
    def edit(config):
        config["annotations"] = {f"key{at}": "x" * 1000 for at in range(200)}
        config["hooks"] = {kind: [{"path": "/bin/true"}] for kind in ("prestart", "createContainer")}
    with t.container(edit, ["/bin/true"]) as c:
        succeeds(c.run())


@case("lifecycle")
def hook_reads_a_large_state(t):
    folder = open_to_all(t.folder())
    text = "y" * 200000

    def edit(config):
        with_hooks(folder, {"createRuntime": [hook("createRuntime", folder, script='cat >"$0/state"')]})(config)
        config["annotations"] = {"key": text}
    with t.container(edit, ["/bin/true"]) as c:
        succeeds(c.run())
        equal(json.loads("\n".join(lines(folder, "state")))["annotations"], {"key": text})


@cases("lifecycle", [(kind, kind, {"differs": {"runc": "leaves three of its own open"}} if kind == "createContainer"
                      else {}) for kind in KINDS])
def hook_inherits_no_descriptors(t, kind):
    folder = open_to_all(t.folder())
    script = """
seen=
for fd in $(seq 0 40); do if [ -e "/proc/self/fd/$fd" ]; then seen="$seen $fd"; fi; done
echo $seen >"$0/fds"
"""
    with t.container(with_hooks(folder, {kind: [hook(kind, folder, script=script)]}), ["/bin/true"]) as c:
        succeeds(c.run())
        equal(lines(folder, "fds"), ["0 1 2"])


@case("lifecycle")
def hook_changes_the_hostname_of_the_container(t):
    """createContainer runs in the container's namespaces, before the hostname is set; startContainer after it."""
    folder = open_to_all(t.folder())
    script = 'hostname >"$0/$1.name"'
    hooks = {kind: [hook(kind, folder, script=script)] for kind in ("createContainer", "startContainer")}
    with t.container(with_hooks(folder, hooks), ["/bin/hostname"]) as c:
        equal(succeeds(c.run()).out, "raind-test\n")
        equal(lines(folder, "startContainer.name"), ["raind-test"])


@case("lifecycle", raind_only="runc knows no container before create ends")
def state_during_a_hook(t):
    folder = open_to_all(t.folder())
    script = 'echo >"$0/begun"; while [ ! -e "$0/go-on" ]; do sleep 0.05; done'
    with t.container(with_hooks(folder, {"createRuntime": [hook("createRuntime", folder, script=script)]})) as c:
        creating = c.spawn("create", "--bundle", c.bundle.folder, c.id)
        t.until(lambda: os.path.exists(os.path.join(folder, "begun")), "the hook begins")
        equal(c.status, "creating")
        fails(t.call("create", "--bundle", c.bundle.folder, c.id), "container with given ID already exists")
        starting = c.spawn("start", c.id)
        time.sleep(0.2)
        t.file(name=os.path.relpath(os.path.join(folder, "go-on"), t.scratch))
        equal(creating.wait(10), 0)
        # Refused, or waited until it was created: either is a decision; a running process before create's end is not.
        true(starting.wait(10) in (0, 1), "start ends")
        true(c.status in ("created", "running"), c.status)


@cases("lifecycle", [("relative", {"path": "bin/true"}), ("empty", {"path": ""}), ("no-path", {"args": ["x"]}),
                     ("timeout", {"path": "/bin/true", "timeout": 0}),
                     ("negative-timeout", {"path": "/bin/true", "timeout": -1}),
                     ("env", {"path": "/bin/true", "env": "A=b"})], raind_only="validation")
def hook_that_is_wrong(t, entry):
    with t.container(lambda config: config.update(hooks={"prestart": [entry]})) as c:
        fails(c.create(out=None, err=None), "/hooks/prestart/0")
        c.is_unknown()
