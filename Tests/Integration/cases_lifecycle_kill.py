"""kill --all: every process of the container, whatever they are about to do."""

import json
import os

from harness import case, cases, contains, equal, fails, succeeds, true
from harness.bundle import without_namespace
from harness.context import children
from harness.layout import hierarchies

from cases_spec_cgroups import groups_of

# Twenty loops, each of which makes a process after the other.
RESTLESS = ["/bin/sh", "-c", "for i in $(seq 20); do while true; do /bin/true; done & done; echo ready; wait"]


@cases("lifecycle", [("kill", "KILL"), ("term", "TERM")])
def kill_all_of_what_makes_others(t, signal):
    """None is born while they are told: they stand still first, which v1 reports late."""
    with t.container(lambda config: without_namespace(config, "pid"), RESTLESS) as c:
        c.up()
        c.wait_output("ready")
        succeeds(c.kill("--all", signal))

        def gone():
            t.reap()
            return not children(os.getpid())
        t.until(gone, "every process is gone")
        c.wait_status("stopped")


def freezer(pid):
    """The file that holds the container still, and what is written to it."""
    groups, tops = groups_of(pid), hierarchies()
    if "freezer" in tops:
        return tops["freezer"] + groups["freezer"] + "/freezer.state", "FROZEN"
    return tops[""] + groups[""] + "/cgroup.freeze", "1"


@case("lifecycle", raind_only="runc 1.1 thaws it")
def kill_all_of_a_paused_container(t):
    """It goes on standing still, unless it is to end."""
    with t.container() as c:
        c.up()
        path, word = freezer(c.pid)
        with open(path, "w", encoding="ascii") as file:
            file.write(word)
        c.wait_status("paused")
        succeeds(c.kill("--all", "WINCH"))
        equal(c.status, "paused")
        fails(c.delete(), "that is not stopped: paused")
        succeeds(c.kill("--all", "KILL"))
        c.wait_status("stopped")
        true(c.pid == 0, "no process")


@case("lifecycle", raind_only="the peers know of the first process alone")
def kill_all_without_control_groups(t):
    """Who is in the container's pid namespace is in the container: ps and kill know each, and nobody else."""
    script = "trap : TERM; (trap 'echo told; exit' TERM; echo up; while :; do sleep 0.05; done) & wait; wait; echo over"
    with t.container(args=["/bin/sh", "-c", script]) as c, t.container() as other:
        other.up()
        succeeds(c.create(glob=["--cgroup-manager", "disabled"]))
        succeeds(c.start())
        c.wait_output("up")
        listed = json.loads(succeeds(c.call("ps", "--format", "json", c.id)).out)
        true(c.pid in listed and len(listed) >= 2, f"{c.pid} and its child in {listed}")
        true(other.pid not in listed, "not another container's")
        succeeds(c.kill("--all", "TERM"))
        c.wait_status("stopped")
        equal(c.output(), "up\ntold\nover\n")
        equal(other.status, "running")


@case("lifecycle", raind_only="the peers pass the limits over", layouts=("hybrid", "v1"))
def limits_without_control_groups(t):
    """What can't be enforced is refused."""
    def edit(config):
        config["linux"]["resources"]["memory"] = {"limit": 64 << 20}
    with t.container(edit) as c:
        fails(c.create(glob=["--cgroup-manager", "disabled"]),
              "/linux/resources/memory/limit: can't be had without a control group of the container's own")
    with t.container(args=["/bin/true"]) as c:
        contains(succeeds(c.run(glob=["--cgroup-manager", "disabled"])).err, "/linux/resources/devices: not enforced")
