"""When the container's process runs, and with which memory and personality: /process/scheduler, /process/ioPriority,
/linux/memoryPolicy, /linux/personality."""

import contextlib
import ctypes
import os

from harness import case, cases, contains, equal, fails, succeeds
from harness.bundle import with_user_namespace
from harness.probe import Report

POLICIES = {"SCHED_OTHER": 0, "SCHED_FIFO": 1, "SCHED_RR": 2, "SCHED_BATCH": 3, "SCHED_IDLE": 5, "SCHED_DEADLINE": 6}
OLD = {"runc": "1.1 doesn't know it", "crun": "1.8.1 knows a part of it"}


def scheduler(policy, **values):
    return lambda config: config["process"].update(scheduler={"policy": policy, **values})


def realtime(edit):
    """On v1 a group has no real-time bandwidth unless it is given some; on v2 none is needed."""
    def both(t):
        def change(config):
            edit(config)
            if t.layout != "v2":
                config["linux"]["resources"]["cpu"] = {"realtimeRuntime": 100000, "realtimePeriod": 1000000}
        return change
    return both


def seen(t, edit):
    return t.report("scheduling", edit=edit)["scheduling"]


@cases("spec", [
    ("other", "SCHED_OTHER", {"nice": 7}), ("better", "SCHED_OTHER", {"nice": -20}), ("plain", "SCHED_OTHER", {}),
    ("batch", "SCHED_BATCH", {"nice": 19}), ("idle", "SCHED_IDLE", {}),
    ("reset", "SCHED_BATCH", {"flags": ["SCHED_FLAG_RESET_ON_FORK"]})],
    fields=["/process/scheduler/{policy,nice,flags}"], differs=OLD)
def scheduler_of(t, policy, values):
    found = seen(t, scheduler(policy, **values))
    equal((found["policy"], found["flags"]), (POLICIES[policy], 1 if "flags" in values else 0))
    if policy != "SCHED_IDLE":
        equal(found["nice"], values.get("nice", 0))


@cases("spec", [("fifo", "SCHED_FIFO", {"priority": 99}), ("rr", "SCHED_RR", {"priority": 1}),
                ("reset", "SCHED_RR", {"priority": 50, "flags": ["SCHED_FLAG_RESET_ON_FORK"]})],
       fields=["/process/scheduler/{policy,priority,flags}"], differs=OLD)
def scheduler_in_real_time(t, policy, values):
    found = seen(t, realtime(scheduler(policy, **values))(t))
    equal((found["policy"], found["priority"]), (POLICIES[policy], values["priority"]))
    equal(found["flags"], 1 if "flags" in values else 0)


@case("spec", layouts=("hybrid", "v1"), differs=OLD, fields=["/process/scheduler/policy"])
def scheduler_in_real_time_without_bandwidth(t):
    """A group of v1 that has none refuses it: an error, and one that says what to do."""
    with t.container(scheduler("SCHED_FIFO", priority=1), ["/bin/true"]) as c:
        said = fails(c.create(out=None, err=None), "/process/scheduler").err
        if t.runtime.is_raind:
            contains(said, "EPERM")
            contains(said, "realtimeRuntime")
        c.is_unknown()


@cases("spec", [("plain", []), ("reclaim", ["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN"])],
       fields=["/process/scheduler/{policy,flags,runtime,deadline,period}"], differs=OLD)
def scheduler_with_a_deadline(t, flags):
    found = seen(t, scheduler("SCHED_DEADLINE", runtime=5_000_000, deadline=50_000_000, period=100_000_000, flags=flags))
    equal([found[name] for name in ("policy", "runtime", "deadline", "period")],
          [6, 5_000_000, 50_000_000, 100_000_000])
    equal(found["flags"], 7 if flags else 0)


@case("spec", differs=OLD, alone=True, fields=["/process/scheduler/{policy,runtime,deadline}"])
def scheduler_with_more_than_there_is(t):
    """Each container has a processor all the time, and the kernel keeps a part of them for others."""
    edit = scheduler("SCHED_DEADLINE", runtime=10_000_000, deadline=10_000_000)
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(t.container(edit)) for _ in range(os.cpu_count())]
        for c in made[:-1]:
            succeeds(c.create())
        said = fails(made[-1].create(out=None, err=None), "/process/scheduler" if t.runtime.is_raind else "").err
        if t.runtime.is_raind:
            contains(said, "EBUSY")
        made[-1].is_unknown()


@case("spec", differs=OLD, fields=["/process/scheduler/flags"])
def scheduler_that_keeps_the_callers(t):
    """SCHED_FLAG_KEEP_POLICY: the caller's batch stays, whatever policy stands beside the flag."""
    def before():
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    found = t.report("scheduling", edit=scheduler("SCHED_OTHER", nice=3, flags=["SCHED_FLAG_KEEP_POLICY"]),
                     before=before)["scheduling"]
    equal((found["policy"], found["nice"]), (3, 3))


@case("spec")
def scheduler_that_nobody_asked_for(t):
    """The caller's, with its I/O priority."""
    def before():
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        os.nice(5)
        # ioprio_set(2) of the caller: best effort, 6.
        ctypes.CDLL(None).syscall(251, 1, 0, 2 << 13 | 6)
    found = t.report("scheduling", before=before)["scheduling"]
    equal((found["policy"], found["nice"], found["ioPriority"]), (3, 5, 2 << 13 | 6))


@case("spec", fields=["/process/scheduler/{policy,nice}", "/process/ioPriority/{class,priority}"], differs=OLD)
def scheduler_of_a_user_namespace(t):
    """Inside it the process could not do it: the runtime does."""
    def edit(config):
        with_user_namespace(config)
        config["process"].update(scheduler={"policy": "SCHED_OTHER", "nice": -5}, user={"uid": 1000, "gid": 1000},
                                 ioPriority={"class": "IOPRIO_CLASS_RT", "priority": 3})
    found = seen(t, edit)
    equal((found["policy"], found["nice"], found["ioPriority"]), (0, -5, 1 << 13 | 3))


@case("spec", fields=["/process/scheduler/flags", "/hooks/startContainer"], differs=OLD)
def scheduler_and_hooks_of_the_process(t):
    """A process with a deadline can't start a hook unless the hook goes without: told beforehand, or done."""
    def edit(flags):
        def change(config):
            scheduler("SCHED_DEADLINE", runtime=5_000_000, deadline=50_000_000, flags=flags)(config)
            config["hooks"] = {"startContainer": [{"path": "/bin/true"}]}
        return change
    succeeds(t.run(["/bin/true"], edit(["SCHED_FLAG_RESET_ON_FORK"])))
    with t.container(edit([]), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/process/scheduler/flags")


@cases("spec", [
    ("iso", {"policy": "SCHED_ISO"}, "/process/scheduler/policy"),
    ("unknown", {"policy": "SCHED_NOSUCH"}, "/process/scheduler/policy"),
    ("no-policy", {"nice": 1}, "/process/scheduler/policy"),
    ("nice", {"policy": "SCHED_OTHER", "nice": -21}, "/process/scheduler/nice"),
    ("priority", {"policy": "SCHED_OTHER", "priority": 1}, "/process/scheduler/priority"),
    ("no-priority", {"policy": "SCHED_FIFO"}, "/process/scheduler/priority"),
    ("flag", {"policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_NOSUCH"]}, "/process/scheduler/flags/0"),
    ("deadline", {"policy": "SCHED_DEADLINE", "runtime": 2000, "deadline": 1000}, "/process/scheduler/runtime"),
    ("runtime", {"policy": "SCHED_RR", "priority": 1, "runtime": 2000}, "/process/scheduler/runtime")],
    raind_only="validation", fields=["/process/scheduler/{policy,nice,priority,flags,runtime}"])
def scheduler_that_is_wrong(t, value, pointer):
    with t.container(lambda config: config["process"].update(scheduler=value), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), pointer)
        c.is_unknown()


@cases("spec", [("real-time", "IOPRIO_CLASS_RT", 1, 0), ("best-effort", "IOPRIO_CLASS_BE", 2, 7),
                ("idle", "IOPRIO_CLASS_IDLE", 3, 0)],
       fields=["/process/ioPriority/{class,priority}"], differs=OLD)
def io_priority(t, name, number, priority):
    found = seen(t, lambda config: config["process"].update(ioPriority={"class": name, "priority": priority}))
    equal(found["ioPriority"], number << 13 | priority)


@case("spec", fields=["/process/ioPriority/class"], differs=OLD)
def io_priority_of_children(t):
    """The specification: of every process of the container."""
    def edit(config):
        config["process"]["ioPriority"] = {"class": "IOPRIO_CLASS_BE", "priority": 6}
    equal(t.shell("/probe report scheduling | grep -o '\"ioPriority\": *[0-9]*'", edit).split(":")[1].strip(),
          str(2 << 13 | 6))


@cases("spec", [
    ("high", {"class": "IOPRIO_CLASS_BE", "priority": 8}, "/process/ioPriority/priority"),
    ("low", {"class": "IOPRIO_CLASS_BE", "priority": -1}, "/process/ioPriority/priority"),
    ("class", {"class": "IOPRIO_CLASS_NONE", "priority": 0}, "/process/ioPriority/class"),
    ("no-class", {"priority": 0}, "/process/ioPriority/class")],
    raind_only="validation", fields=["/process/ioPriority/{class,priority}"])
def io_priority_that_is_wrong(t, value, pointer):
    with t.container(lambda config: config["process"].update(ioPriority=value), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), pointer)


@cases("spec", [("initial", {"initial": "0-"}), ("final", {"final": "0 1"}), ("order", {"final": "3-1"})],
       raind_only="validation", fields=["/process/execCPUAffinity/{initial,final}"])
def exec_cpu_affinity_that_is_wrong(t, value):
    with t.container(lambda config: config["process"].update(execCPUAffinity=value), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), f"/process/execCPUAffinity/{next(iter(value))}")


def joined(c, **options):
    """What a process that joins the container finds of itself."""
    return Report(succeeds(c.exec("/probe", "report", "scheduling", **options)).out)["scheduling"]


@cases("spec", [("final", {"final": "0"}, [0]), ("both", {"initial": "0", "final": "0"}, [0]),
                ("initial", {"initial": "0"}, None), ("initial-and-empty", {"initial": "0", "final": ""}, None),
                ("empty", {"initial": "", "final": ""}, None)],
       fields=["/process/execCPUAffinity/{initial,final}"], differs={"runc": "1.1 doesn't know it", "crun": "1.8.1 neither"})
def exec_cpu_affinity(t, value, wanted):
    """Without a final list the process has what its groups have, wherever it was born."""
    with t.container(lambda config: config["process"].update(execCPUAffinity=value)) as c:
        c.up()
        equal(joined(c)["affinity"], wanted or sorted(os.sched_getaffinity(0)))


@cases("spec", [(name, name) for name in ("initial", "final")], fields=["/process/execCPUAffinity/{initial,final}"],
       raind_only="the peers' words are their own")
def exec_cpu_affinity_to_what_is_missing(t, name):
    """Each is set: no processor of the list is there."""
    with t.container(lambda config: config["process"].update(execCPUAffinity={name: "65535"})) as c:
        c.up()
        contains(fails(c.exec("/bin/true"), f"/process/execCPUAffinity/{name}", status=255).err, "EINVAL")
        equal(c.status, "running")


@cases("spec", [("plain", None), ("user-namespace", with_user_namespace)], differs=OLD,
       fields=["/process/{scheduler,ioPriority}", "/linux/{memoryPolicy,personality}"])
def scheduling_of_a_process_that_joins(t, more):
    """As the first one has it."""
    def edit(config):
        if more:
            more(config)
        config["process"].update(scheduler={"policy": "SCHED_BATCH", "nice": 7},
                                 ioPriority={"class": "IOPRIO_CLASS_BE", "priority": 6})
        config["linux"].update(memoryPolicy={"mode": "MPOL_BIND", "nodes": "0"}, personality={"domain": "LINUX32"})
    with t.container(edit) as c:
        c.up()
        found = joined(c)
        equal((found["policy"], found["nice"], found["ioPriority"]), (3, 7, 2 << 13 | 6))
        equal((found["memoryPolicy"], found["personality"]), (2, 8))


@case("spec", fields=["/process/execCPUAffinity"])
def exec_cpu_affinity_is_not_for_the_first_process(t):
    found = seen(t, lambda config: config["process"].update(execCPUAffinity={"initial": "0", "final": "0"}))
    equal(found["affinity"], sorted(os.sched_getaffinity(0)))


MODES = {"MPOL_DEFAULT": 0, "MPOL_PREFERRED": 1, "MPOL_BIND": 2, "MPOL_INTERLEAVE": 3, "MPOL_LOCAL": 4,
         "MPOL_PREFERRED_MANY": 5, "MPOL_WEIGHTED_INTERLEAVE": 6}
FLAGS = {"MPOL_F_NUMA_BALANCING": 1 << 13, "MPOL_F_RELATIVE_NODES": 1 << 14, "MPOL_F_STATIC_NODES": 1 << 15}


@cases("spec", [
    ("default", "MPOL_DEFAULT", None, []), ("local", "MPOL_LOCAL", "", []), ("bind", "MPOL_BIND", "0", []),
    ("interleave", "MPOL_INTERLEAVE", "0-0", []), ("weighted", "MPOL_WEIGHTED_INTERLEAVE", "0", []),
    ("preferred", "MPOL_PREFERRED", "0", []), ("preferred-many", "MPOL_PREFERRED_MANY", "0,0", []),
    ("static", "MPOL_BIND", "0", ["MPOL_F_STATIC_NODES"]), ("relative", "MPOL_INTERLEAVE", "0", ["MPOL_F_RELATIVE_NODES"]),
    ("balancing", "MPOL_BIND", "0", ["MPOL_F_NUMA_BALANCING", "MPOL_F_STATIC_NODES"])],
    fields=["/linux/memoryPolicy/{mode,nodes,flags}"],
    differs={"runc": "1.1 doesn't know it", "crun": "1.8.1 doesn't know it"})
def memory_policy(t, mode, nodes, flags):
    def edit(config):
        config["linux"]["memoryPolicy"] = {"mode": mode, "flags": flags, **({} if nodes is None else {"nodes": nodes})}
    found = seen(t, edit)
    equal(found["memoryPolicy"], MODES[mode] + sum(FLAGS[flag] for flag in flags))
    equal(found["memoryNodes"], [0] if nodes else [])


@case("spec", fields=["/linux/memoryPolicy/nodes"],
      differs={"runc": "1.1 doesn't know it", "crun": "1.8.1 doesn't know it"})
def memory_policy_of_a_node_that_is_missing(t):
    with t.container(lambda config: config["linux"].update(memoryPolicy={"mode": "MPOL_BIND", "nodes": "63"}),
                     ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), "/linux/memoryPolicy")
        c.is_unknown()


@cases("spec", [
    ("no-mode", {"nodes": "0"}, "mode"), ("mode", {"mode": "MPOL_NOSUCH"}, "mode"),
    ("no-nodes", {"mode": "MPOL_BIND"}, "nodes"), ("nodes", {"mode": "MPOL_LOCAL", "nodes": "0"}, "nodes"),
    ("list", {"mode": "MPOL_BIND", "nodes": "0-"}, "nodes"), ("far", {"mode": "MPOL_BIND", "nodes": "1024"}, "nodes"),
    ("flag", {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_NOSUCH"]}, "flags/0"),
    ("flags", {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]}, "flags"),
    ("balancing", {"mode": "MPOL_INTERLEAVE", "nodes": "0", "flags": ["MPOL_F_NUMA_BALANCING"]}, "flags/0")],
    raind_only="validation", fields=["/linux/memoryPolicy/{mode,nodes,flags}"])
def memory_policy_that_is_wrong(t, value, member):
    with t.container(lambda config: config["linux"].update(memoryPolicy=value), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), f"/linux/memoryPolicy/{member}:")


@cases("spec", [("native", "LINUX", 0), ("of-32-bits", "LINUX32", 8)], fields=["/linux/personality/domain"],
       differs={"runc": "1.1 doesn't know it"})
def personality(t, domain, number):
    def before():
        ctypes.CDLL(None).personality(0 if number else 8)
    found = t.report("scheduling", edit=lambda config: config["linux"].update(personality={"domain": domain}),
                     before=before)["scheduling"]
    equal(found["personality"], number)


@cases("spec", [("flag", {"domain": "LINUX", "flags": ["ADDR_NO_RANDOMIZE"]}, "flags"), ("none", {}, "domain"),
                ("unknown", {"domain": "WINDOWS"}, "domain")],
       raind_only="validation", fields=["/linux/personality/{domain,flags}"])
def personality_that_is_wrong(t, value, member):
    with t.container(lambda config: config["linux"].update(personality=value), ["/bin/true"]) as c:
        fails(c.create(out=None, err=None), f"/linux/personality/{member}:")
