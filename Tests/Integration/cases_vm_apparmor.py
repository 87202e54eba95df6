"""AppArmor on a kernel that has it: the labels that programs run under."""

import json
import os

from apparmor_host import DEFAULT, label, launcher, loaded, profiles, remove, set_no_new_privileges, under, with_default
from harness import case, cases, contains, equal, excludes, fails, matches, succeeds, true
from harness.bundle import with_user_namespace, without_namespace

CURRENT = ("/bin/cat", "/proc/self/attr/apparmor/current")
FIELDS = ["/process/apparmorProfile"]
# runc writes a plain change whatever the rest is, and the kernel refuses it at the exec.
NEVER_STACKS = "never stacks: under no_new_privs a confined runc can't have any container confined"
# The command and the place of the call that fails.
REFUSED = "set AppArmor profile"


def confined(name=DEFAULT, no_new_privileges=False, edit=None):
    def change(config):
        config["process"]["apparmorProfile"] = name
        config["process"]["noNewPrivileges"] = no_new_privileges
        if edit:
            edit(config)
    return change


def current(t, edit, prepare=None, **options):
    """The label that the container's program says it has."""
    return succeeds(t.run(CURRENT, edit, prepare, **options)).out.strip()


def filtered(config):
    config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
        {"names": ["kexec_load"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}


def of_a_user(config):
    config["process"]["user"] = {"uid": 1000, "gid": 1000}


# --- create, run, start ---

@cases("vm", [
    ("plain", False, None), ("no-new-privileges", True, None), ("early-filter", False, filtered),
    ("late-filter", True, filtered), ("user-namespace", False, with_user_namespace),
    ("user-namespace-and-no-new-privileges", True, with_user_namespace), ("user", True, of_a_user),
    ("pid-namespace-of-the-host", True, lambda config: without_namespace(config, "pid")),
], level="kernel", fields=FIELDS)
def apparmor_confines(t, no_new_privileges, edit):
    with_default(t)

    def prepare(bundle):
        if edit is with_user_namespace:
            os.chmod(bundle.rootfs, 0o755)
    equal(current(t, confined(no_new_privileges=no_new_privileges, edit=edit), prepare), f"{DEFAULT} (enforce)")


@case("vm", level="kernel", fields=FIELDS)
def apparmor_confines_in_a_joined_pid_namespace(t):
    with_default(t)
    with t.container() as first:
        first.up()

        def edit(config):
            without_namespace(config, "pid")
            config["linux"]["namespaces"].append({"type": "pid", "path": f"/proc/{first.pid}/ns/pid"})
        equal(label(first.pid), "unconfined", "the one that asks for none")
        equal(current(t, confined(no_new_privileges=True, edit=edit)), f"{DEFAULT} (enforce)")


@case("vm", level="kernel", fields=FIELDS)
def apparmor_confines_from_the_exec_on(t):
    """Before start the process is still the runtime, unconfined as that is; from the program's first moment it isn't."""
    with_default(t)
    with t.container(confined(no_new_privileges=True)) as made:
        succeeds(made.create())
        equal(label(made.pid), "unconfined")
        succeeds(made.start())
        t.until(lambda: label(made.pid) == f"{DEFAULT} (enforce)", "the program runs confined")


@case("vm", level="kernel", fields=["/process/apparmorProfile", "/hooks/startContainer", "/hooks/createContainer"])
def apparmor_confines_hooks_of_the_container(t):
    """A startContainer hook runs as the container does; those before it are the runtime's."""
    with_default(t)

    def edit(config):
        config["root"]["readonly"] = False
        config["hooks"] = {
            kind: [{"path": "/bin/sh", "args": ["sh", "-c", f"cat /proc/self/attr/apparmor/current >{folder}/{kind}"]}]
            for kind, folder in (("createContainer", t.scratch), ("startContainer", "/tmp"))}
        config["process"]["args"] = ["/bin/cat", "/tmp/startContainer"]
    with t.container(confined(no_new_privileges=True, edit=edit), None) as made:
        equal(succeeds(made.run()).out, f"{DEFAULT} (enforce)\n")
        with open(f"{t.scratch}/createContainer", encoding="ascii") as file:
            equal(file.read(), "unconfined\n")


# --- Names ---

@cases("vm", [
    ("unconfined", "unconfined", "unconfined"), ("none", "", "unconfined"),
    ("complain", "NAME-complain", "NAME-complain (complain)"), ("spaces-around", " NAME ", "NAME (enforce)"),
    ("space-within", "NAME two words", "NAME two words (enforce)"), ("child", "NAME//child", "NAME//child (enforce)"),
    ("flag-unconfined", "NAME-free", "NAME-free (unconfined)"),
    ("stack", f"NAME//&{DEFAULT}", ("NAME//&" + DEFAULT + " (enforce)", DEFAULT + "//&NAME (enforce)")),
    ("mixed-stack", "NAME//&NAME-complain", "NAME//&NAME-complain (mixed)"),
    ("stack-on-own", "&NAME", "NAME//&unconfined (enforce)"),
], level="kernel", fields=FIELDS)
def apparmor_name(t, name, expected):
    """What the kernel takes for a name is passed on to it as it stands."""
    with_default(t)
    own = t.name()
    text = "".join(f'profile "{own}{rest}" flags=(attach_disconnected{flag}) {{ file, signal, }}\n' for rest, flag in (
        ("-complain", ",complain"), (" two words", ""), ("-free", ",unconfined")))
    text += f"profile {own} flags=(attach_disconnected) {{ file, signal, profile child {{ file, signal, }} }}\n"
    with profiles(text):
        found = current(t, confined(name.replace("NAME", own)))
        expected = expected if isinstance(expected, tuple) else (expected,)
        true(found in [text.replace("NAME", own) for text in expected], f"{found} is one of {expected}")


@case("vm", level="kernel", fields=FIELDS)
def apparmor_name_in_another_policy_namespace(t):
    own = t.name()
    folder = f"/sys/kernel/security/apparmor/policy/namespaces/{own}"
    os.mkdir(folder)
    try:
        with profiles(f"profile :{own}:inner flags=(attach_disconnected) {{ file, signal, }}\n"):
            # A process of that namespace sees names without it.
            equal(current(t, confined(f":{own}://inner")), "inner (enforce)")
            with t.container(confined(f":{own}:inner")) as made:
                made.up()
                t.until(lambda: label(made.pid) == f":{own}:inner (enforce)", f"found {label(made.pid)}")
    finally:
        os.rmdir(folder)


@cases("vm", [("two-lines", "a\nb"), ("blank", "  "), ("too-long", "a" * 4091)], level="kernel",
       raind_only="the peer lets the kernel find out")
def apparmor_refuses_a_name(t, name):
    result = fails(t.run(["/bin/true"], confined(name)), "/process/apparmorProfile: expected the name", status=1)
    equal(len(result.err.splitlines()), 1)
    with t.container() as made:
        made.up()
        fails(made.exec("/bin/true", flags=["--apparmor", name]), "/process/apparmorProfile: expected the name", status=255)


def _nothing_left(t, made):
    made.is_unknown()
    equal([name for name in os.listdir(t.root) if name == made.id] if os.path.isdir(t.root) else [], [])
    for folder, names, _ in os.walk("/sys/fs/cgroup"):
        equal([name for name in names if made.id in name], [], f"control groups in {folder}")


@cases("vm", [("plain", False), ("no-new-privileges", True)], level="kernel", fields=FIELDS)
def apparmor_profile_that_is_not_loaded(t, no_new_privileges):
    """Told by create, with what to do about it; nothing is left, and nothing ran."""
    for name, hint in (("raind-test-nosuch", "apparmor_parser -r FILE"), (f"{DEFAULT}//nosuch", "apparmor_parser -r FILE"),
                       ("unconfined//&raind-test-nosuch", "apparmor_parser -r FILE")):
        with t.container(confined(name, no_new_privileges), ["/bin/touch", "/tmp/ran"]) as made:
            result = made.create(out=None, err=None)
            fails(result, "" if not t.runtime.is_raind else
                  f"create {made.id}: {REFUSED} {name} (/process/apparmorProfile): write: ENOENT; hint: ")
            if t.runtime.is_raind:
                contains(result.err, hint)
                equal(len(result.err.splitlines()), 1)
            _nothing_left(t, made)


@case("vm", level="kernel", alone=True, raind_only="the peer has no hints")
def apparmor_hint_loads_what_is_missing(t):
    """The hint's command is run, and then the container runs."""
    for options in ((), ("--audit",)):
        name = DEFAULT + "-audit" * len(options)
        with_default(t, *options)
        remove(name)
        excludes(loaded(), name)
        result = fails(t.run(["/bin/true"], confined(name)), "the profile is not loaded")
        command = f"raind-profile apparmor load {DEFAULT}" + "".join(f" {option}" for option in options)
        matches(result.err, f"not loaded: {command}($|,)")
        with_default(t, *options)
        contains(current(t, confined(name)), name)


# --- exec ---

@cases("vm", [("plain", False, None), ("no-new-privileges", True, None), ("user-namespace", True, with_user_namespace)],
       level="kernel", fields=FIELDS)
def apparmor_exec(t, no_new_privileges, edit):
    """exec's program runs under the container's profile, or under the one that exec is given."""
    with_default(t)
    other = t.name()
    with profiles(f"profile {other} flags=(attach_disconnected) {{ file, signal, }}\n"), \
            t.container(confined(no_new_privileges=no_new_privileges, edit=edit)) as made:
        made.up()
        for flags, expected in (((), f"{DEFAULT} (enforce)"), (("--apparmor", other), f"{other} (enforce)"),
                                (("--apparmor", "unconfined"), "unconfined")):
            equal(succeeds(made.exec(*CURRENT, flags=flags)).out.strip(), expected, f"exec {flags}")
        process = {"args": list(CURRENT), "cwd": "/", "user": {"uid": 0, "gid": 0}, "env": ["PATH=/bin"],
                   "noNewPrivileges": no_new_privileges}
        for name, expected in ((other, f"{other} (enforce)"), (None, None)):
            if name:
                process["apparmorProfile"] = name
            else:
                del process["apparmorProfile"]
            found = succeeds(made.exec(flags=["--process", t.file(json.dumps(process))])).out.strip()
            # The file alone says what the process is.
            equal(found, expected or "unconfined", "exec --process")
        result = fails(made.exec("/bin/touch", "/tmp/ran", flags=["--apparmor", "raind-test-nosuch"]), "", status=255)
        if t.runtime.is_raind:
            contains(result.err, f"{REFUSED} raind-test-nosuch (/process/apparmorProfile): write: ENOENT; hint: ")


# --- A runtime that is confined itself ---

@cases("vm", [
    ("plain", False, f"{DEFAULT} (enforce)", {}),
    ("no-new-privileges", True, f"LAUNCHER//&{DEFAULT} (enforce)", {"differs": {"runc": NEVER_STACKS}}),
], level="kernel", fields=FIELDS)
def apparmor_under_a_confined_runtime(t, no_new_privileges, expected):
    """no_new_privs lets a confined process change to nothing but more confinement: there the profile is stacked."""
    with_default(t)
    own = "a-" + t.name()
    expected = expected.replace("LAUNCHER", own)
    # Named as distributions do, so that the container's profile takes its signals.
    with launcher(own), t.container(confined(no_new_privileges=no_new_privileges)) as made:
        with under(own):
            succeeds(made.create())
            equal(label(made.pid), f"{own} (enforce)")
            succeeds(made.start())
            t.until(lambda: label(made.pid) == expected, "the program runs confined")
        # By an unconfined runtime, into a container of a confined one.
        equal(succeeds(made.exec(*CURRENT)).out.strip(), f"{DEFAULT} (enforce)")
        made.stop()


@case("vm", level="kernel", differs={"runc": NEVER_STACKS}, fields=FIELDS)
def apparmor_under_a_confined_runtime_with_inherited_no_new_privileges(t):
    """The config doesn't ask for it, and whoever has called has it set."""
    with_default(t)
    own = "a-" + t.name()
    with launcher(own), t.container(confined(), CURRENT) as made, under(own):
        equal(succeeds(made.run(before=set_no_new_privileges)).out.strip(), f"{own}//&{DEFAULT} (enforce)")


@cases("vm", [("plain", False), ("no-new-privileges", True)], level="kernel", fields=FIELDS)
def apparmor_under_a_runtime_with_the_flag_unconfined(t, no_new_privileges):
    """Newer distributions give engines such a profile: it confines nobody, and the container has its own alone."""
    with_default(t)
    own = t.name()
    with launcher(own, "", "unconfined"), t.container(confined(no_new_privileges=no_new_privileges), CURRENT) as made:
        with under(own):
            equal(succeeds(made.run()).out.strip(), f"{DEFAULT} (enforce)")


@case("vm", level="kernel", differs={"runc": NEVER_STACKS}, fields=FIELDS)
def apparmor_stack_lets_the_container_live(t):
    """The label has two names, and the rules about other processes of the container still hold."""
    with_default(t)
    own = "a-" + t.name()
    script = ("cat /proc/self/attr/apparmor/current; sleep 100 & kill -TERM $!; wait $!; echo ended $?; "
              "head -c 1 /proc/1/environ >/dev/null && echo read")
    for name in (own, "z-" + t.name()):
        with launcher(name), t.container(confined(no_new_privileges=True), ["/bin/sh", "-c", script]) as made, under(name):
            said = succeeds(made.run()).out.splitlines()
            equal(said[1:], ["ended 143", "read"])
            equal(sorted(said[0].removesuffix(" (enforce)").split("//&")), sorted([name, DEFAULT]))


@cases("vm", [("plain", False), ("no-new-privileges", True)], level="kernel", fields=FIELDS)
def apparmor_change_that_the_runtime_s_profile_refuses(t, no_new_privileges):
    with_default(t)
    own = t.name()
    with launcher(own, ""), t.container(confined(no_new_privileges=no_new_privileges), ["/bin/touch", "/tmp/ran"]) as made:
        with under(own):
            result = fails(made.create(out=None, err=None))
        if t.runtime.is_raind:
            contains(result.err, f"{REFUSED} {DEFAULT} (/process/apparmorProfile): write: EACCES; hint: ")
            contains(result.err, f"change_profile -> {DEFAULT}")
        _nothing_left(t, made)


@case("vm", level="kernel", fields=FIELDS)
def apparmor_change_that_is_refused_at_the_exec(t):
    """The kernel takes the name, and refuses the change with this program: nothing runs, and the reason is told."""
    with_default(t)
    own = t.name()

    def edit(config):
        config["root"]["readonly"] = False
    with launcher(own, "change_profile /nosuch -> **,"), \
            t.container(confined(edit=edit), ["/bin/touch", "/ran"]) as made, under(own):
        result = made.run()
        true(result.status != 0, "it fails")
        contains(result.err, "permission denied")
        if t.runtime.is_raind:
            contains(result.err, f"the AppArmor profile {own} (enforce), which confines the runtime, doesn't let /bin/touch be "
                     f"executed under {DEFAULT}")
        true(not os.path.exists(made.bundle.path("/ran")), "nothing ran")


@cases("vm", [("plain", False), ("no-new-privileges", True)], level="kernel", fields=FIELDS)
def apparmor_under_a_runtime_in_a_policy_namespace(t, no_new_privileges):
    """As in a system container: confined from outside, and unconfined as far as the runtime can see. Nothing is stacked
    but what the kernel stacks by itself."""
    own, space = "a-" + t.name(), t.name()
    folder = f"/sys/kernel/security/apparmor/policy/namespaces/{space}"
    os.mkdir(folder)
    try:
        text = f"profile :{space}:inner flags=(attach_disconnected) {{ file, signal, }}\n"
        with launcher(own), profiles(text), t.container(confined("inner", no_new_privileges)) as made:
            with under(f"{own}//&:{space}:unconfined"):
                succeeds(made.create())
                equal(label(made.pid), f"{own}//&:{space}:unconfined (enforce)", "the runtime's label, from outside")
                succeeds(made.start())
            t.until(lambda: label(made.pid) == f"{own}//&:{space}:inner (enforce)", f"found {label(made.pid)}")
    finally:
        os.rmdir(folder)


# --- Signals, and looking into one another ---

@case("vm", level="kernel", fields=FIELDS)
def apparmor_kill_and_stop_of_a_host(t):
    with_default(t)
    script = "trap 'echo asked; exit 7' TERM; while :; do sleep 0.1; done"
    with t.container(confined(no_new_privileges=True), ["/bin/sh", "-c", script]) as made:
        made.up()
        t.until(lambda: label(made.pid) == f"{DEFAULT} (enforce)", "confined")
        succeeds(made.kill("TERM"))
        made.wait_status("stopped")
        contains(made.wait_output("asked"), "asked")


@case("vm", level="kernel", fields=FIELDS)
def apparmor_runtime_under_the_name_of_its_program(t):
    """A runtime that is confined as distributions confine it: kill reaches the container, and so does exec."""
    with_default(t)
    name = t.runtime.name
    labels = {False: f"{DEFAULT} (enforce)"}
    if t.runtime.is_raind:
        labels[True] = f"{DEFAULT}//&{name} (enforce)"
    with launcher(name):
        for no_new_privileges, expected in labels.items():
            with t.container(confined(no_new_privileges=no_new_privileges)) as made:
                with under(name):
                    made.up()
                    t.until(lambda pid=made.pid, wanted=expected: label(pid) == wanted, expected)
                    equal(succeeds(made.exec(*CURRENT)).out.strip(), expected)
                    succeeds(made.kill("KILL"))
                made.wait_status("stopped")


@case("vm", level="kernel", fields=FIELDS)
def apparmor_between_containers(t):
    """In one pid namespace: those of one profile reach each other, another profile's and the host's are out of reach."""
    with_default(t)
    other = t.name()
    with profiles(f"profile {other} flags=(attach_disconnected) {{ file, capability, signal, ptrace, }}\n"), \
            t.container(confined()) as first:
        first.up()

        def joined(config):
            without_namespace(config, "pid")
            config["linux"]["namespaces"].append({"type": "pid", "path": f"/proc/{first.pid}/ns/pid"})
            config["process"]["capabilities"] = {
                kind: ["CAP_KILL", "CAP_SYS_PTRACE"] for kind in ("bounding", "effective", "permitted")}
        tries = ["/bin/sh", "-c", "kill -CONT 1 && echo signal; head -c 1 /proc/1/environ >/dev/null && echo read; true"]
        for name, expected in ((DEFAULT, ["signal", "read"]), (other, [])):
            said = succeeds(t.run(tries, confined(name, edit=joined)))
            equal(said.out.split(), expected, f"from a container of {name}: {said.err}")
            equal(said.err.count("ermission denied"), 2 - len(expected), said.err)
        # And the first one is itself.
        first.kill("KILL")
        first.wait_status("stopped")


# --- features ---

@case("vm", level="kernel")
def apparmor_of_features(t):
    said = json.loads(succeeds(t.call("features")).out)
    equal(said["linux"]["apparmor"], {"enabled": True})
