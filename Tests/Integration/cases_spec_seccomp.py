"""/linux/seccomp: actions, conditions, architectures, flags, and what the runtime itself needs under a filter."""

import contextlib
import json
import os
import socket
import struct

from harness import case, cases, contains, equal, fails, succeeds, true
from harness.agent import LET_PASS, Agent, pretend, refuse
from harness.bundle import set_capabilities, with_user_namespace, without_namespace

ARCHITECTURES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
SIGSYS = 31
# The smallest signals that do nothing to a process that doesn't ask for them.
SIGNALS = (0, 18, 23, 28)


MINIMUM = """access arch_prctl brk execve exit exit_group getrandom mprotect mmap munmap prlimit64 readlink readlinkat rseq
    set_robust_list set_tid_address uname write newfstatat fstat ioctl""".split()
# Without no_new_privs the filter comes before the ids and capabilities go.
BEFORE_CAPABILITIES = """read close close_range capset prctl setuid setgid setgroups setresuid setresgid""".split()


def rule(names, action="SCMP_ACT_ERRNO", **more):
    return {"names": [names] if isinstance(names, str) else list(names), "action": action, **more}


def filtered(*rules, default="SCMP_ACT_ALLOW", new_privileges=False, **more):
    def edit(config):
        config["linux"]["seccomp"] = {"defaultAction": default, "architectures": ARCHITECTURES, "syscalls": list(rules),
                                      **more}
        config["process"]["noNewPrivileges"] = not new_privileges
    return edit


def tried(t, *names, edit):
    """Name to (errno's name or "", signal) of the probe's try."""
    said = succeeds(t.run(["/probe", "try", *names], edit)).out
    answers = [json.loads(line) for line in said.splitlines()]
    return {answer["try"]: (answer["errno"], answer["signal"]) for answer in answers}


@case("spec")
def seccomp_is_on(t):
    equal(t.report("security", edit=filtered())["security"]["seccomp"], 2)
    equal(t.report("security")["security"]["seccomp"], 0)


@cases("spec", [("default", {}, "EPERM"), ("given", {"errnoRet": 19}, "ENODEV"), ("nosys", {"errnoRet": 38}, "ENOSYS"),
                ("zero", {"errnoRet": 0}, "")], fields=["/linux/seccomp/syscalls/*/{names,action,errnoRet}"])
def seccomp_errno(t, more, expected):
    found = tried(t, "mount", "umount2", edit=filtered(rule("mount", **more)))
    equal(found["mount"][0] if expected else found["mount"], expected or ("", 0))
    true(found["umount2"][0] not in (expected, ""), "what isn't named isn't met")


@cases("spec", [(action.removeprefix("SCMP_ACT_").lower().replace("_", "-"), action) for action in
                ("SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP")],
       fields=["/linux/seccomp/syscalls/*/{names,action}"])
def seccomp_signal(t, action):
    equal(tried(t, "mount", edit=filtered(rule("mount", action)))["mount"][1], SIGSYS)


@case("spec")
def seccomp_signal_of_the_first_process(t):
    result = t.run(["/bin/mount", "-t", "tmpfs", "none", "/mnt"], filtered(rule("mount", "SCMP_ACT_KILL_PROCESS")))
    equal(result.status, 128 + SIGSYS)


@cases("spec", [("log", "SCMP_ACT_LOG", "EFAULT"), ("allow", "SCMP_ACT_ALLOW", "EFAULT"),
                ("trace", "SCMP_ACT_TRACE", "ENOSYS")], fields=["/linux/seccomp/syscalls/*/action"])
def seccomp_pass(t, action, expected):
    """mount(2) with nothing but null pointers: what the kernel says when it is let through, with or without the right."""
    without = tried(t, "mount", edit=None)["mount"][0]
    default = "SCMP_ACT_ALLOW" if action == "SCMP_ACT_TRACE" else "SCMP_ACT_ERRNO"
    edit = filtered(rule("mount", action)) if default == "SCMP_ACT_ALLOW" else filtered(
        rule("mount", action), rule("umount2", "SCMP_ACT_ERRNO", errnoRet=19))
    equal(tried(t, "mount", edit=edit)["mount"][0], expected if action == "SCMP_ACT_TRACE" else without)


# SCMP_ACT_NOTIFY, and the agent that answers

EXECVE = 59 if os.uname().machine == "x86_64" else 221


def notified(agent, names, *rules, **more):
    return filtered(rule(names, "SCMP_ACT_NOTIFY"), *rules, listenerPath=agent.path, **more)


def agent_of(t, decide=lambda _: LET_PASS, **more):
    t.folder("agent")
    return Agent(os.path.join(t.scratch, "agent", "socket"), decide, **more)


@cases("spec", [("no-new-privileges", False), ("new-privileges", True)],
       fields=["/linux/seccomp/listenerPath", "/linux/seccomp/listenerMetadata"])
def seccomp_notify(t, new_privileges):
    """The agent gets the state of the container with the listener, and its answers are the calls' results."""
    with agent_of(t, lambda _: refuse(19)) as agent:
        edit = notified(agent, "mount", listenerMetadata="what the\nagent knows", new_privileges=new_privileges)

        def annotated(config):
            edit(config)
            config["annotations"] = {"of.raind.test": "yes"}
        with t.container(annotated, ["/probe", "try", "mount", "umount2"]) as c:
            succeeds(c.create())
            t.until(lambda: agent.states, "the agent gets a state")
            pid = c.pid
            succeeds(c.start())
            c.wait_output("umount2")
            answers = {said["try"]: said["errno"] for said in map(json.loads, c.output().splitlines())}
            equal(answers["mount"], "ENODEV")
            true(answers["umount2"] != "ENODEV", "what isn't named isn't met")
            equal(len(agent.states), 1)
            state, descriptors = agent.states[0]
            equal(descriptors, 1)
            equal(state["fds"], ["seccompFd"])
            equal(state["metadata"], "what the\nagent knows")
            equal(state["pid"], pid)
            true(state["ociVersion"].startswith("1."), "the version of the document")
            inner = state["state"]
            equal((inner["id"], inner["status"], inner["pid"], inner["bundle"], inner["annotations"]),
                  (c.id, "creating", pid, c.bundle.folder, {"of.raind.test": "yes"}))


@cases("spec", [("no-new-privileges", False), ("new-privileges", True)], differs={
    "runc": "1.1 says that the container is being created", "crun": "sends the state of the container alone"})
def seccomp_notify_of_an_exec(t, new_privileges):
    """The agent gets a listener of the joined process's own filter, with its id and the state of the container."""
    with agent_of(t, lambda _: refuse(19)) as agent:
        with t.container(notified(agent, ["mount", "write", "execve"], new_privileges=new_privileges)) as c:
            agent.decide = lambda call: LET_PASS if call in (1, 64, EXECVE) else refuse(19)
            c.up()
            t.until(lambda: agent.states, "the agent gets the first state")
            contains(succeeds(c.exec("/probe", "try", "mount")).out, "ENODEV")
            equal(len(agent.states), 2)
            state, descriptors = agent.states[1]
            equal((state["fds"], descriptors), (["seccompFd"], 1))
            equal((state["state"]["status"], state["state"]["pid"]), ("running", c.pid))
            true(state["pid"] != c.pid, "the id is the joined process's")


@cases("spec", [("value", pretend(0), ""), ("let-pass", LET_PASS, "EFAULT"), ("errno", refuse(38), "ENOSYS")],
       differs={"runc": "1.1 keeps the connection open as long as it runs"})
def seccomp_notify_answer(t, answer, expected):
    with agent_of(t, lambda _: answer) as agent:
        edit = notified(agent, "mount")

        def able(config):
            edit(config)
            set_capabilities(config, ["CAP_SYS_ADMIN"])
        equal(tried(t, "mount", edit=able)["mount"][0], expected)


@cases("spec", [("no-new-privileges", False), ("new-privileges", True)],
       raind_only="runc refuses write, whose agent it tells by write")
def seccomp_notify_of_all_that_the_runtime_calls(t, new_privileges):
    """No call of the runtime's own stands in the way of the listener, so that each can be asked about."""
    names = MINIMUM + BEFORE_CAPABILITIES + ["sendmsg", "recvmsg", "ppoll", "poll", "futex", "pidfd_open", "getppid",
                                             "getpid", "munmap", "mremap", "openat", "rt_sigaction", "rt_sigprocmask"]
    with agent_of(t) as agent:
        edit = notified(agent, names, new_privileges=new_privileges)
        for _ in range(5):
            equal(t.run(["/probe", "exit", "7"], edit).status, 7)
        equal(len(agent.states), 5)
        true(EXECVE in agent.asked, "the agent was asked about execve")


@cases("spec", [("own-pids", False), ("joined-pids", True)], raind_only="what a runtime calls under the filter is its own")
def seccomp_notify_under_a_narrow_filter(t, without_pids):
    """What is neither allowed nor asked about ends the process: the way of the listener needs nothing."""
    with agent_of(t) as agent:
        def edit(config):
            filtered(rule([name for name in MINIMUM if name != "uname"], "SCMP_ACT_ALLOW"),
                     rule(["uname", "read"], "SCMP_ACT_NOTIFY"), default="SCMP_ACT_KILL_PROCESS",
                     listenerPath=agent.path)(config)
            if without_pids:
                without_namespace(config, "pid")
        equal(t.run(["/probe", "exit", "7"], edit).status, 7)
        equal(len(agent.states), 1)


@cases("spec", [("own-pids", False), ("host-pids", True)])
def seccomp_notify_leaves_nothing(t, without_pids):
    """The program inherits neither the listener nor a child, and its children's ends are told to it."""
    with agent_of(t) as agent:
        def edit(config):
            notified(agent, "mount")(config)
            if without_pids:
                without_namespace(config, "pid")
        with t.container(edit, ["/bin/sh", "-c", "/bin/false; echo status $?; exec sleep 100"]) as c:
            c.up()
            c.wait_output("status 1")
            with open(f"/proc/{c.pid}/task/{c.pid}/children", encoding="ascii") as file:
                equal(file.read(), "")
            equal(sorted(os.listdir(f"/proc/{c.pid}/fd"), key=int), ["0", "1", "2"])
            c.stop()


@case("spec")
def seccomp_notify_of_an_exec_leaves_nothing(t):
    with agent_of(t) as agent, t.container(notified(agent, ["mount"])) as c:
        c.up()
        for _ in range(10):
            said = succeeds(c.exec("/bin/sh", "-c", "read -r children </proc/$$/task/$$/children; echo \"<$children>\"")).out
            equal(said, "<>\n")


@case("spec", raind_only="peers keep the listener open in the process, which waits for ever then")
def seccomp_notify_without_the_agent(t):
    """When the agent is gone, calls fail; nobody waits for it."""
    with agent_of(t, None) as agent:
        with t.container(notified(agent, "execve"), ["/bin/true"]) as c:
            succeeds(c.create(out=None, err=None))
            contains(fails(c.start()).err, "ENOSYS")
        with t.container(notified(agent, "mount"), ["/probe", "try", "mount"]) as c:
            succeeds(c.create())
            succeeds(c.start())
            c.wait_output("ENOSYS")


@cases("spec", [("missing", "ENOENT"), ("nobody-listens", "ECONNREFUSED"), ("other-type", "EPROTOTYPE")])
def seccomp_notify_without_a_listener(t, errno):
    """Nothing is started, and create names the socket."""
    with contextlib.ExitStack() as stack:
        agent = agent_of(t, kind=socket.SOCK_DGRAM if errno == "EPROTOTYPE" else socket.SOCK_STREAM)
        if errno == "EPROTOTYPE":
            stack.enter_context(agent)
        else:
            agent._socket.close()
            if errno == "ENOENT":
                os.unlink(agent.path)
        with t.container(notified(agent, "mount"), ["/bin/true"]) as c:
            said = fails(c.create(out=None, err=None), agent.path)
            if t.runtime.is_raind:
                contains(said.err, errno)
                contains(said.err, "/linux/seccomp/listenerPath")
            c.is_unknown()


@case("spec")
def seccomp_listener_of_nobody(t):
    """Without a rule that asks, the path counts for nothing."""
    equal(tried(t, "mount", edit=filtered(rule("mount", errnoRet=19), listenerPath="/nonexistent/agent",
                                          listenerMetadata="m"))["mount"][0], "ENODEV")


@cases("spec", [("default", {"defaultAction": "SCMP_ACT_NOTIFY"}, "/linux/seccomp/defaultAction"),
                ("no-path", {"listenerPath": ""}, "/linux/seccomp/listenerPath"),
                ("metadata-alone", {"listenerPath": "", "syscalls": [], "listenerMetadata": "m"},
                 "/linux/seccomp/listenerMetadata", {"differs": {"runc": "passes over it", "crun": "passes over it"}}),
                ("errno", {"syscalls": [rule("mount", "SCMP_ACT_NOTIFY", errnoRet=1)]}, "/linux/seccomp/syscalls/0/errnoRet",
                 {"differs": {"runc": "passes over it"}})],
       differs={"crun": "waits, or takes it"})
def seccomp_notify_that_is_wrong(t, members, pointer):
    with agent_of(t) as agent:
        with t.container(notified(agent, "mount"), ["/bin/true"]) as c:
            c.bundle.config["linux"]["seccomp"].update(members)
            c.bundle.save()
            fails(c.create(out=None, err=None), pointer if t.runtime.is_raind else "")
            c.is_unknown()


@case("spec", differs={"runc": "1.1 refuses flags"}, fields=["/linux/seccomp/flags"])
def seccomp_notify_with_flags(t):
    """All of them beside a listener; the one that is about it has no effect without, and is warned of."""
    flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
             "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]
    with agent_of(t, lambda _: refuse(19)) as agent:
        equal(tried(t, "mount", edit=notified(agent, "mount", flags=flags))["mount"][0], "ENODEV")
    with t.container(filtered(rule("mount", errnoRet=19), flags=flags), ["/bin/true"]) as c:
        said = succeeds(c.run())
        if t.runtime.is_raind:
            contains(said.err, "/linux/seccomp/flags/3")


@case("spec", raind_only="the order is our own")
def seccomp_notify_and_hooks(t):
    """Those of startContainer run under the filter, and their failure is seen."""
    with agent_of(t) as agent:
        for status in (0, 3):
            def edit(config, status=status):
                notified(agent, "mount")(config)
                config["hooks"] = {"startContainer": [{"path": "/bin/sh", "args": ["sh", "-c", f"exit {status}"]}]}
            with t.container(edit, ["/bin/echo", "ran"]) as c:
                succeeds(c.create())
                if status == 0:
                    succeeds(c.start())
                    c.wait_output("ran")
                else:
                    fails(c.start(), "exit status 3")


@cases("spec", [("user", False), ("user-namespace", True)],
       differs={"runc": "1.1 keeps the connection open as long as it runs"})
def seccomp_notify_of_a_user(t, in_namespace):
    """A process that nobody but root may look into has its listener passed on all the same."""
    with agent_of(t, lambda _: refuse(19)) as agent:
        def edit(config):
            notified(agent, "mount")(config)
            config["process"]["user"] = {"uid": 1000, "gid": 1000}
            config["process"]["capabilities"] = {}
            if in_namespace:
                with_user_namespace(config)
        equal(tried(t, "mount", edit=edit)["mount"][0], "ENODEV")


@case("spec", raind_only="runc needs to be allowed to look into the process")
def seccomp_notify_without_root(t):
    """An ordinary user's container, whose process the user may not look into."""
    with agent_of(t, lambda _: refuse(19)) as agent:
        def edit(config):
            notified(agent, "mount")(config)
            with_user_namespace(config, 65534, 1)
            config["mounts"] = [m for m in config["mounts"] if m["type"] in ("proc", "tmpfs")]
            config["linux"]["resources"] = {}
            without_namespace(config, "network")

        def become_nobody():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        with t.container(edit, ["/probe", "try", "mount"]) as c:
            for folder, _, _ in os.walk(c.bundle.folder):
                os.chown(folder, 65534, 65534)
            root = t.folder()
            os.chown(root, 65534, 65534)
            try:
                said = succeeds(c.run(root=root, before=become_nobody))
            finally:
                c.delete("--force", root=root, before=become_nobody)
            contains(said.out, '"ENODEV"')


# The filters that were compiled before

def long_filter(**more):
    """A filter whose text is long enough to be kept."""
    return filtered(rule("mount", errnoRet=19), *[rule(f"nosuch_raind_{at}", "SCMP_ACT_ALLOW") for at in range(100)], **more)


def entries(t):
    folder = os.path.join(t.root, "seccomp~")
    return sorted(os.path.join(folder, name) for name in os.listdir(folder)) if os.path.isdir(folder) else []


def sum_of(filter_bytes):
    """The sum that stands before an entry's text."""
    found, mask = 0xCBF29CE484222325 ^ len(filter_bytes), (1 << 64) - 1
    for (word,) in struct.iter_unpack("=Q", filter_bytes):
        found = (found ^ word) * 0x9E3779B97F4A7C15 & mask
        found ^= found >> 29
    return found


@case("spec", raind_only="the cache is our own")
def seccomp_filter_is_kept(t):
    """And found again, for the same text only; it is no container."""
    for _ in range(2):
        equal(tried(t, "mount", "umount2", edit=long_filter())["mount"], ("ENODEV", 0))
        equal(len(entries(t)), 1)
    equal([os.stat(path).st_mode & 0o7777 for path in (os.path.dirname(entries(t)[0]), entries(t)[0])], [0o700, 0o600])
    equal(tried(t, "mount", edit=filtered(rule("mount", errnoRet=38), *[
        rule(f"nosuch_raind_{at}", "SCMP_ACT_ALLOW") for at in range(100)]))["mount"], ("ENOSYS", 0))
    equal(len(entries(t)), 2)
    equal(json.loads(succeeds(t.call("list", "--format", "json")).out), [])
    # A short one is compiled sooner than read.
    equal(tried(t, "mount", edit=filtered(rule("mount", errnoRet=19)))["mount"], ("ENODEV", 0))
    equal(len(entries(t)), 2)


@cases("spec", [("damaged", None), ("of-another", 65534), ("folder-of-another", 65533), ("writable", 0o666)],
       raind_only="the cache is our own")
def seccomp_filter_that_was_planted(t, how):
    """One that allows everything, in the place of the container's, is not taken."""
    equal(tried(t, "mount", edit=long_filter())["mount"], ("ENODEV", 0))
    path, = entries(t)
    with open(path, "rb") as file:
        entry = file.read()
    end = 56 + struct.unpack_from("=Q", entry, 40)[0]
    # BPF_RET with SECCOMP_RET_ALLOW.
    allow = struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000)
    summed = entry[48:56] if how is None else struct.pack("=Q", sum_of(allow))
    with open(path, "wb") as file:
        file.write(entry[:48] + summed + entry[56:end] + allow)
    if how == 65534:
        os.chown(path, how, how)
    elif how == 65533:
        os.chown(os.path.dirname(path), how, how)
    elif how:
        os.chmod(path, how)
    equal(tried(t, "mount", edit=long_filter())["mount"], ("ENODEV", 0))
    if how is not None:
        # The caller's own is: what made the difference is whose it was.
        with open(path, "wb") as file:
            file.write(entry[:48] + summed + entry[56:end] + allow)
        for place in (os.path.dirname(path), path):
            os.chown(place, 0, 0)
        os.chmod(path, 0o600)
        true(tried(t, "mount", edit=long_filter())["mount"] != ("ENODEV", 0), "an entry of the caller's own is read")


# Conditions: the shell's kill, whose second argument is the signal.

CONDITIONS = [
    ("eq", "SCMP_CMP_EQ", 23, None, {23}), ("ne", "SCMP_CMP_NE", 23, None, {0, 18, 28}),
    ("lt", "SCMP_CMP_LT", 23, None, {0, 18}), ("le", "SCMP_CMP_LE", 23, None, {0, 18, 23}),
    ("ge", "SCMP_CMP_GE", 23, None, {23, 28}), ("gt", "SCMP_CMP_GT", 23, None, {28}),
    ("masked", "SCMP_CMP_MASKED_EQ", 4, 4, {23, 28}), ("masked-zero", "SCMP_CMP_MASKED_EQ", 16, 0, {0}),
]


def refused(t, edit):
    said = t.shell("for s in " + " ".join(map(str, SIGNALS)) + "; do kill -$s $$ 2>/dev/null || echo $s; done", edit)
    return {int(word) for word in said.split()}


@cases("spec", CONDITIONS, fields=["/linux/seccomp/syscalls/*/args/*/{index,value,valueTwo,op}"])
def seccomp_condition(t, operator, value, second, expected):
    condition = {"index": 1, "value": value, "op": operator}
    if second is not None:
        condition["valueTwo"] = second
    equal(refused(t, filtered(rule("kill", args=[condition]))), expected)


@case("spec")
def seccomp_conditions_are_all_met(t):
    """Of several in one rule, on different arguments."""
    first = {"index": 1, "value": 18, "op": "SCMP_CMP_GE"}
    equal(refused(t, filtered(rule("kill", args=[first, {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]))), {18, 23, 28})
    equal(refused(t, filtered(rule("kill", args=[first, {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]))), set())


@case("spec")
def seccomp_conditions_on_one_argument(t):
    """Several on the same argument: any of them, as containers' profiles have come to mean it."""
    low = {"index": 1, "value": 18, "op": "SCMP_CMP_EQ"}
    high = {"index": 1, "value": 28, "op": "SCMP_CMP_EQ"}
    equal(refused(t, filtered(rule("kill", args=[low, high]))), {18, 28})


@case("spec", fields=["/linux/seccomp/syscalls/*/args/*/value"])
def seccomp_condition_of_64_bits(t):
    """The upper half counts."""
    equal(refused(t, filtered(rule("kill", args=[{"index": 1, "value": 1 << 32 | 23, "op": "SCMP_CMP_EQ"}]))), set())


@case("spec")
def seccomp_rules_of_one_call(t):
    """An unconditional rule beside a conditional one with another answer: each where it is met, or the wider one."""
    edit = filtered(rule("kill", "SCMP_ACT_ALLOW", args=[{"index": 1, "value": 23, "op": "SCMP_CMP_EQ"}]),
                    rule("kill", "SCMP_ACT_ALLOW", args=[{"index": 1, "value": 28, "op": "SCMP_CMP_EQ"}]),
                    default="SCMP_ACT_ERRNO")
    # Everything but kill is allowed by a list of the calls that busybox makes.
    edit_all = filtered(*edit_rules(edit), *allow_all_but_kill(), default="SCMP_ACT_ERRNO")
    equal(refused(t, edit_all), {0, 18})


def edit_rules(edit):
    config = {"linux": {}, "process": {}}
    edit(config)
    return config["linux"]["seccomp"]["syscalls"]


def allow_all_but_kill():
    names = """access arch_prctl brk capget capset chdir clone clone3 close close_range dup dup2 dup3 execve exit exit_group
        faccessat faccessat2 fcntl fstat fstatfs fsync futex getcwd getdents64 getegid geteuid getgid getgroups getpgrp
        getpid getppid getrandom getrlimit getsid gettid getuid ioctl lseek lstat madvise mmap mprotect mremap munmap
        newfstatat open openat pipe pipe2 poll ppoll prctl pread64 prlimit64 read readlink readlinkat recvmsg recvfrom
        rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield select sendmsg sendto
        set_robust_list set_tid_address setgid setgroups setpgid setresgid setresuid setsid setuid sigaltstack stat statfs
        statx sysinfo tgkill umask uname unlink vfork wait4 waitid write writev epoll_create1 epoll_ctl epoll_pwait
        eventfd2 getpeername getsockname getsockopt socketpair restart_syscall nanosleep clock_nanosleep fchdir fchown
        setfsuid setfsgid splice tee sendfile clock_gettime seccomp unshare mount keyctl""".split()
    return [rule(names, "SCMP_ACT_ALLOW")]


# Architectures and names

@case("spec", fields=["/linux/seccomp/architectures"])
def seccomp_of_other_tables(t):
    """The same call by the numbers of the processor's other two tables."""
    found = tried(t, "mount", "i386:mount", "x32:mount", edit=filtered(rule("mount", errnoRet=19)))
    equal(found["mount"], ("ENODEV", 0))
    for name in ("i386:mount", "x32:mount"):
        true(found[name] == ("ENODEV", 0) or found[name][0] == "ENOSYS" or found[name][1] == SIGSYS,
             f"{name}: {found[name]}")


@case("spec", fields=["/linux/seccomp/architectures"])
def seccomp_of_one_architecture(t):
    """Calls of an architecture that isn't named aren't let through unseen."""
    found = tried(t, "mount", "i386:mount", "x32:mount",
                  edit=filtered(rule("mount", errnoRet=19), architectures=["SCMP_ARCH_X86_64"]))
    equal(found["mount"], ("ENODEV", 0))
    for name in ("i386:mount", "x32:mount"):
        true(found[name][1] == SIGSYS or found[name][0] in ("ENODEV", "ENOSYS", "EPERM"), f"{name}: {found[name]}")


@case("spec")
def seccomp_without_architectures(t):
    """That of the machine."""
    def edit(config):
        filtered(rule("mount", errnoRet=19))(config)
        config["linux"]["seccomp"].pop("architectures")
    equal(tried(t, "mount", edit=edit)["mount"], ("ENODEV", 0))


@case("spec")
def seccomp_with_unknown_names(t):
    """Allowing calls that this kernel or library doesn't know, or that are another architecture's, asks for nothing."""
    found = tried(t, "mount", edit=filtered(
        rule("mount", errnoRet=19), rule(["nosuch_raind", "arm_fadvise64_64", "cachestat"], "SCMP_ACT_ALLOW")))
    equal(found["mount"], ("ENODEV", 0))


@case("spec", raind_only="peers let it through", row="seccomp that can't be had", hole="filter-with-less")
def seccomp_with_unknown_names_refused(t):
    """What can't be refused isn't let through without a word."""
    with t.container(filtered(rule(["mount", "nosuch_raind"])), ["/bin/true"]) as c:
        contains(fails(c.create(out=None, err=None), "/linux/seccomp/syscalls/0/names/1").err, "nosuch_raind")


@cases("spec", [("default", {"defaultAction": "SCMP_ACT_NOSUCH"}), ("operator", {"syscalls": [rule(
    "mount", args=[{"index": 0, "value": 1, "op": "SCMP_CMP_NOSUCH"}])]}), ("architecture", {"architectures": ["NOSUCH"]}),
                ("action", {"syscalls": [rule("mount", "ALLOW")]}),
                ("index", {"syscalls": [rule("mount", args=[{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}])]},
                 {"hole": None, "shown": "the control: two checks refuse it"}),
                ("flag", {"flags": ["SECCOMP_FILTER_FLAG_NOSUCH"]}),
                ("errno-of-an-action-without-one", {"syscalls": [rule("mount", "SCMP_ACT_ALLOW", errnoRet=1)]},
                 {"hole": "filter-with-less", "differs": {"runc": "1.1 passes over it", "crun": "1.8 passes over it"}}),
                ("default-errno-of-an-action-without-one", {"defaultErrnoRet": 1},
                 {"hole": "default-errno-of-nothing",
                  "differs": {"runc": "1.1 passes over it", "crun": "1.8 passes over it"}}),
                ("no-names", {"syscalls": [{"names": [], "action": "SCMP_ACT_ERRNO"}]},
                 {"hole": None, "shown": "runc 1.1.5 and crun 1.8.1 pass over it",
                  "differs": {"runc": "1.1 passes over it", "crun": "passes over it"}})],
       row="seccomp that can't be had", hole="word-passed-over")
def seccomp_that_is_wrong(t, members):
    with t.container(filtered(**{k: v for k, v in members.items() if k not in ("defaultAction", "syscalls")}),
                     ["/bin/true"]) as c:
        c.bundle.config["linux"]["seccomp"].update(members)
        c.bundle.save()
        fails(c.create(out=None, err=None), "/linux/seccomp" if t.runtime.is_raind else "")
        c.is_unknown()


@cases("spec", [("log", "SECCOMP_FILTER_FLAG_LOG"), ("tsync", "SECCOMP_FILTER_FLAG_TSYNC"),
                ("spec-allow", "SECCOMP_FILTER_FLAG_SPEC_ALLOW")],
       differs={"runc": "1.1 refuses them"}, fields=["/linux/seccomp/flags"])
def seccomp_flag(t, flag):
    equal(tried(t, "mount", edit=filtered(rule("mount", errnoRet=19), flags=[flag]))["mount"], ("ENODEV", 0))


@case("spec", fields=["/linux/seccomp/{defaultAction,defaultErrnoRet}"])
def seccomp_default_errno(t):
    """defaultErrnoRet, and ENOSYS for what is newer than the list knows."""
    edit = filtered(*allow_all_but_kill(), default="SCMP_ACT_ERRNO", defaultErrnoRet=19)
    equal(tried(t, "umount2", edit=edit)["umount2"], ("ENODEV", 0))


# What the runtime itself does under the filter

@cases("spec", [("no-new-privileges", False, []), ("new-privileges", True, BEFORE_CAPABILITIES)],
       raind_only="what a runtime calls under the filter is its own")
def seccomp_needs_nothing_of_the_runtime(t, new_privileges, more):
    """A filter that ends the process at whatever the program itself doesn't call."""
    edit = filtered(rule(MINIMUM + more, "SCMP_ACT_ALLOW"), default="SCMP_ACT_KILL_PROCESS", new_privileges=new_privileges)
    equal(t.run(["/probe", "exit", "7"], edit).status, 7)


@cases("spec", [("no-new-privileges", False), ("new-privileges", True)])
def seccomp_without_sockets(t, new_privileges):
    """accept, sendmsg, recvmsg and poll end the process: neither create nor start needs them then."""
    edit = filtered(rule(["accept", "accept4", "sendmsg", "recvmsg", "poll", "ppoll"],
                         "SCMP_ACT_KILL_PROCESS"), new_privileges=new_privileges)
    with t.container(edit, ["/bin/echo", "ran"]) as c:
        succeeds(c.create())
        succeeds(c.start())
        c.wait_output("ran\n")


@cases("spec", [("no-new-privileges", False), ("new-privileges", True)])
def seccomp_of_a_user(t, new_privileges):
    """A filter needs a right or no_new_privs: the user's container has it all the same."""
    def edit(config):
        filtered(rule("mount", errnoRet=19), new_privileges=new_privileges)(config)
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
        config["process"]["capabilities"] = {}
    equal(tried(t, "mount", edit=edit)["mount"], ("ENODEV", 0))


@case("spec")
def seccomp_that_refuses_exec(t):
    """start learns of it."""
    with t.container(filtered(rule(["execve", "execveat"], errnoRet=19)), ["/bin/echo", "ran"]) as c:
        created = c.create(out=None, err=None)
        if created.status == 0:
            started = c.start()
            if t.runtime.is_raind:
                contains(fails(started).err, "ENODEV")
            c.wait_status("stopped")


@case("spec")
def seccomp_holds_for_children(t):
    said = t.shell("set +e; sh -c '/probe try mount'; true", filtered(rule("mount", errnoRet=19)))
    contains(said, '"ENODEV"')


@case("spec")
def seccomp_with_many_rules(t):
    """One of each number in a list as long as the engines' own."""
    conditions = [rule("kill", args=[{"index": 1, "value": 1000 + at, "op": "SCMP_CMP_EQ"}], errnoRet=19)
                  for at in range(200)]
    equal(refused(t, filtered(*conditions, rule("kill", args=[{"index": 1, "value": 23, "op": "SCMP_CMP_EQ"}]))), {23})
