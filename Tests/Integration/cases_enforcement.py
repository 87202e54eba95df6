"""What the built-in profiles refuse, tried from inside: rows are capabilities and system calls, columns the profiles.

A cell is tried in a container whose config.json `raind-profile apply` wrote, and in controls that differ by the layer
that should decide. A cell whose control comes out the same says nothing and is untested.
"""

import copy

from enforcement import table, tries
from enforcement.cells import capability_cells, syscall_cells
from enforcement.expectations import Expectations, plain, system_call
from harness import case, cases, equal, succeeds
from harness.probe import Report, own_capabilities

# Why another runtime's table isn't green.
FAILS_ON_CAPABILITY = "fails on a capability that it can't give, where privileged asks for all of them"
OLDER_TABLE = "lets through the calls that its libseccomp has no number for"
PROFILES = [
    (name, name, {"differs": dict.fromkeys(("runc", "crun"), FAILS_ON_CAPABILITY)} if name == "privileged" else {})
    for name in Expectations().profiles]


def red(cells):
    return {cell.row for cell in cells if cell.red}


def judge(t, profile, layer, cells):
    """Leaves the cells for the table, and fails with every red one."""
    table.save(t.tools["results"], profile, layer, cells)
    wrong = [str(cell) for cell in cells if cell.red]
    if wrong:
        raise AssertionError(f"{len(wrong)} of {len(cells)} cells: {'; '.join(wrong)}")


@cases("enforcement", PROFILES, timeout=120)
def capabilities(t, profile):
    config = tries.applied(t, profile)
    equal(config["process"]["noNewPrivileges"], Expectations().profiles[profile].no_new_privileges, "noNewPrivileges")
    judge(t, profile, "capabilities", capability_cells(t, profile, config))


@cases("enforcement", [(name, name) for name in Expectations().profiles], timeout=120,
       differs=dict.fromkeys(("runc", "crun"), OLDER_TABLE))
def syscalls(t, profile):
    judge(t, profile, "syscalls", syscall_cells(t, profile, tries.applied(t, profile)))


@cases("enforcement", PROFILES)
def no_new_privileges(t, profile):
    """A set-user-id program of root's, run by another user. The control: the same with the flag turned round."""
    config = tries.applied(t, profile)
    flag = config["process"]["noNewPrivileges"]
    found = {given: tries.user_of_set_user_id_program(t, config, given) for given in (flag, not flag)}
    equal(found, {True: tries.OTHER_USER, False: 0}, "flag to the user id that the program has")
    equal(flag, Expectations().profiles[profile].no_new_privileges, "the profile's flag")


WITHOUT_CAPABILITIES = {"hole": None, "shown": "the control: no capability that could come back"}


@cases("enforcement", [
    (name, profile, {**options, **({} if Expectations().profiles[profile].capabilities else WITHOUT_CAPABILITIES)})
    for name, profile, options in PROFILES], row="CVE-2022-24769, 2022-27650, 2022-29162", hole="inheritable")
def capabilities_that_exec_keeps(t, profile):
    """CVE-2022-24769, CVE-2022-29162: what is inheritable would come back with a program's own capabilities."""
    config = tries.applied(t, profile)

    def prepare(bundle):
        bundle.config = config
        config["process"]["args"] = ["/probe", "report", "capabilities"]
    found = Report(succeeds(t.run([], prepare=prepare)).out)
    equal((found.capabilities("inheritable"), found.capabilities("ambient")), ([], []), "inheritable, ambient")
    promised = Expectations().profiles[profile].capabilities & set(own_capabilities())
    for kind in ("bounding", "permitted", "effective"):
        equal(set(found.capabilities(kind)), promised, kind)


@cases("enforcement", PROFILES)
def capabilities_of_a_user(t, profile):
    """Applied to a bundle of another user's, a profile gives that user nothing but a bounding set."""
    config = tries.applied(t, profile, tries.PLAIN_USER)
    bare = tries.without_filter(config)
    own = sorted(own_capabilities())
    # Those whose try needs no more than a process of any user has.
    tried = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SETUID", "CAP_SETGID", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SYS_CHROOT",
             "CAP_NET_BIND_SERVICE", "CAP_SYS_ADMIN"]
    layer = tries.outcomes(t, bare, tried, owner=0)
    given = copy.deepcopy(bare)
    given["process"]["capabilities"] = dict.fromkeys(tries.SETS, own)
    lifted = tries.outcomes(t, given, tried, owner=0)
    equal([name for name, word in zip(tried, lifted) if word != "ok"], [], "refused with every capability")
    equal([name for name, word in zip(tried, layer) if word not in ("EPERM", "EACCES")], [], "not refused")


# --- Nothing is left out ---

@case("enforcement")
def expectations_name_what_is_tried(t):
    """A verdict for a row that nobody tries would promise without a test."""
    rows = {plain(row) for kind in ("syscalls", "tables") for row in tries.rows_of_probe(t, kind)}
    equal(Expectations().named_rows() - rows, set(), "rows of expectations.toml that the probe doesn't try")


@cases("enforcement", PROFILES)
def every_refused_call_is_tried(t, profile):
    """Here alone what the product wrote is read: a call that it refuses, and that has no row, was forgotten."""
    filter_ = tries.applied(t, profile)["linux"].get("seccomp")
    if filter_ is None:
        equal(Expectations().profiles[profile].filter, "none", "the filter")
        return
    allowed, refused = set(), set()
    for rule in filter_["syscalls"]:
        if rule["action"] != "SCMP_ACT_ALLOW":
            refused |= set(rule["names"])
        elif not rule.get("args"):
            allowed |= set(rule["names"])
    if filter_["defaultAction"] != "SCMP_ACT_ALLOW":
        refused |= tries.known_calls() - allowed
    tried = {system_call(row) for kind in ("syscalls", "tables") for row in tries.rows_of_probe(t, kind)}
    equal(sorted(refused - tried), [], "refused, and not tried")


# --- The table can fail ---

def _without_rule(config, name, flag=None):
    """The filter less what it says about a call, or about one flag of it."""
    config = copy.deepcopy(config)
    kept = []
    for rule in config["linux"]["seccomp"]["syscalls"]:
        if name in rule["names"] and (flag is None or rule.get("args", [{}])[0].get("value") == flag):
            rule = {**rule, "names": [other for other in rule["names"] if other != name]}
        if rule["names"]:
            kept.append(rule)
    if kept == config["linux"]["seccomp"]["syscalls"]:
        raise AssertionError(f"the filter says nothing about {name}")
    config["linux"]["seccomp"]["syscalls"] = kept
    return config


@cases("enforcement", [
    ("deny-rule", "default", "mount", None, {"mount", "i386:mount", "x32:mount"}),
    ("deny-rule-of-a-flag", "deploy", "clone", "NEWUSER",
     {"clone(NEWUSER)", "i386:clone(NEWUSER)", "x32:clone(NEWUSER)"}),
    ("rule-of-allow-list", "hardened", "keyctl", None, {"keyctl"}),
], differs=dict.fromkeys(("runc", "crun"), OLDER_TABLE))
def self_test(t, profile, call, flag, wanted):
    """A rule is taken out: exactly its cells turn red."""
    config = tries.applied(t, profile)
    equal(red(syscall_cells(t, profile, config)), set(), "red as applied")
    if call == "keyctl":
        config["linux"]["seccomp"]["syscalls"] = [
            rule for rule in _without_rule(config, call)["linux"]["seccomp"]["syscalls"]
        ] + [{"names": [call], "action": "SCMP_ACT_ALLOW"}]
    else:
        config = _without_rule(config, call, flag and tries.CLONE_FLAGS[flag])
    equal(red(syscall_cells(t, profile, config)), wanted, f"red without the rule for {call}")


@cases("enforcement", [
    ("given-back", "deploy", "CAP_NET_RAW"),
    ("given-back-to-none", "restricted", "CAP_SETUID"),
    ("lost", "default", "CAP_CHOWN"),
])
def self_test_capability(t, profile, name):
    """A capability that was dropped is given, or one that was promised is not: exactly its cell turns red."""
    config = tries.applied(t, profile)
    equal(red(capability_cells(t, profile, config)), set(), "red as applied")
    changed = set(config["process"]["capabilities"]["bounding"]) ^ {name}
    equal(red(capability_cells(t, profile, tries.with_capabilities(config, changed))), {name}, f"red, {name} changed")
