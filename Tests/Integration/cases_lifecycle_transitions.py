"""What each command does in each state of a container (runtime.md, "Lifecycle" and "Operations"): it does its work, or it
fails and the container is as it was."""

import os

from harness import case, cases, contains, equal, fails, succeeds

ALREADY = "container with given ID already exists"
UNKNOWN = "does not exist"
STATES = ("none", "creating", "created", "running", "stopped")

# State, command, what it says (None: it succeeds), and the state that it leaves. Waiting for the end of a create is all that
# start and delete can do while the create holds the container: cases of hooks look at that.
CELLS = [
    ("none", "state", UNKNOWN, "none"), ("none", "create", None, "created"), ("none", "start", UNKNOWN, "none"),
    ("none", "kill", UNKNOWN, "none"), ("none", "delete", UNKNOWN, "none"), ("none", "delete --force", None, "none"),
    ("none", "exec", UNKNOWN, "none"),
    ("creating", "state", None, "creating"), ("creating", "create", ALREADY, "creating"),
    ("creating", "kill", "container not running", "creating"),
    ("creating", "exec", "cannot exec in a container that is being created", "creating"),
    ("creating", "delete --force", None, "none"),
    ("created", "state", None, "created"), ("created", "create", ALREADY, "created"), ("created", "start", None, "running"),
    ("created", "kill", None, "stopped"), ("created", "delete", None, "none"), ("created", "delete --force", None, "none"),
    ("created", "exec", None, "created"),
    ("running", "state", None, "running"), ("running", "create", ALREADY, "running"),
    ("running", "start", "cannot start an already running container", "running"), ("running", "kill", None, "stopped"),
    ("running", "delete", "that is not stopped: running", "running"), ("running", "delete --force", None, "none"),
    ("running", "exec", None, "running"),
    ("stopped", "state", None, "stopped"), ("stopped", "create", ALREADY, "stopped"),
    ("stopped", "start", "cannot start a container that has stopped", "stopped"),
    ("stopped", "kill", "container not running", "stopped"), ("stopped", "delete", None, "none"),
    ("stopped", "delete --force", None, "none"), ("stopped", "exec", "cannot exec in a stopped container", "stopped"),
]


def status_of(c):
    result = c.state_result()
    return "none" if result.status else c.status


@cases("lifecycle", [(f"{state}-{command.replace(' --', '-')}", state, command, text, after)
                     for state, command, text, after in CELLS],
       raind_only="the peers' texts are their own, and what they know of a container that is being created")
def transition(t, state, command, text, after):
    folder = t.folder()
    go_on = os.path.join(folder, "go-on")

    def edit(config):
        if state == "creating":
            script = f"echo >{folder}/begun; while [ ! -e {go_on} ]; do sleep 0.02; done"
            config["hooks"] = {"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", script]}]}
    with t.container(edit) as c:
        if state == "creating":
            c.spawn("create", "--bundle", c.bundle.folder, c.id)
            t.until(lambda: os.path.exists(os.path.join(folder, "begun")), "the hook begins")
        elif state != "none":
            succeeds(c.create())
        if state in ("running", "stopped"):
            succeeds(c.start())
        if state == "stopped":
            c.stop()
        before = c.pid if state in ("created", "running") else 0
        result = {
            "state": c.state_result, "create": c.create, "start": c.start, "kill": lambda: c.kill("KILL"),
            "delete": c.delete, "delete --force": lambda: c.delete("--force"), "exec": lambda: c.exec("/bin/true"),
        }[command]()
        if text is None:
            succeeds(result)
        else:
            said = c.err_path if command == "create" else None
            fails(result, "" if said else text, status=255 if command == "exec" else 1)
            if said:
                with open(said, encoding="utf-8") as file:
                    contains(file.read(), text)
        t.until(lambda: status_of(c) == after, f"{after} afterwards, and it is {status_of(c)}", 3)
        if before and after in ("created", "running"):
            equal(c.pid, before, "the process is the same")
        with open(go_on, "w", encoding="ascii"):
            pass


@case("lifecycle", raind_only="about the table")
def transitions_are_all_there(_):
    """Each state has each command, but for the two that wait."""
    commands = {command for _, command, _, _ in CELLS}
    missing = {(state, command) for state in STATES for command in commands} - {cell[:2] for cell in CELLS}
    equal(missing, {("creating", "start"), ("creating", "delete")})
