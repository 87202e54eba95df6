"""The AppArmor column of the table of enforcement: tried from inside, with every capability and without a filter."""

from apparmor_host import DEFAULT, KernelLog, launcher, under, with_default
from cases_enforcement import judge, red
from enforcement import tries
from enforcement.cells import confinement_cells
from enforcement.expectations import Expectations
from harness import case, cases, equal, excludes, true

# What the peer is asked is about AppArmor's own profile, and that is the same for all that have one.
ONE_COLUMN = {"raind_only": "the AppArmor profile is that of default"}
PROFILES = [(name, name, {} if name in ("default", "privileged") else ONE_COLUMN) for name in Expectations().profiles]


def applied(t, profile, *options):
    return tries.applied(t, profile, options=options, apparmor_missing="error")


def rows_of(kind, profile=DEFAULT):
    expectations = Expectations()
    return {row for row in expectations.confined_rows(profile) if expectations.confinement(profile, row) == kind}


@cases("vm", PROFILES, level="kernel", timeout=50)
def apparmor_refuses_what_the_table_says(t, profile):
    with_default(t)
    config = applied(t, profile)
    equal(config["process"].get("apparmorProfile", ""), Expectations().profiles[profile].apparmor, "the AppArmor profile")
    judge(t, profile, "confinement", confinement_cells(t, profile, config))


@case("vm", level="kernel")
def apparmor_expectations_name_what_is_tried(t):
    equal(Expectations().confined_rows(DEFAULT), set(tries.rows_of_probe(t, "confinement")))
    equal((rows_of("denied") | rows_of("unlisted")) - set(Expectations().log), set(), "rows that the log is not looked at for")


@case("vm", level="kernel", alone=True, timeout=50)
def apparmor_log_tells_what_is_refused(t):
    """A rule that denies does so without a word; what no rule allows is told."""
    with_default(t)
    log = KernelLog()
    rows = sorted(rows_of("denied") | rows_of("unlisted"))
    found = dict(zip(rows, tries.outcomes(t, tries.open_to_confinement(applied(t, "default")), rows)))
    equal({row: word for row, word in found.items() if word not in ("EACCES", "EPERM")}, {}, "not refused")
    patterns = Expectations().log
    for row in sorted(rows_of("unlisted")):
        true(log.told("DENIED", DEFAULT, patterns[row]), f"{row} is told as DENIED; the log: {log.lines}")
    for row in sorted(rows_of("denied")):
        equal(log.told("DENIED", DEFAULT, patterns[row], 0), False, f"{row} is told")


@case("vm", level="kernel", alone=True, timeout=50)
def apparmor_form_that_only_tells(t):
    """Nothing is refused, and each row stands in the kernel's log."""
    with_default(t)
    name = with_default(t, "--audit")
    config = tries.open_to_confinement(applied(t, "default", "--audit"))
    equal(config["process"]["apparmorProfile"], name)
    log = KernelLog()
    rows = tries.rows_of_probe(t, "confinement")
    found, lifted = (dict(zip(rows, tries.outcomes(t, variant, rows))) for variant in (config, tries.without_apparmor(config)))
    equal(found, lifted, "as without AppArmor")
    patterns = Expectations().log
    for kind, verdict in (("denied", "AUDIT"), ("unlisted", "ALLOWED")):
        for row in sorted(rows_of(kind)):
            true(log.told(verdict, name, patterns[row]), f"{row} is told as {verdict}; the log: {log.lines}")
    excludes("\n".join(log.lines), f'apparmor="DENIED" profile="{name}"')
    equal([line for line in log.lines if 'apparmor="DENIED"' in line and f'profile="{name}"' in line], [], "refused")


@case("vm", level="kernel", raind_only="never stacks: under no_new_privs a confined runc can't have any container confined",
      timeout=50)
def apparmor_stack_refuses_what_the_table_says(t):
    with_default(t)
    own = t.name()
    config = applied(t, "deploy")
    with launcher(own), under(own):
        cells = confinement_cells(t, "deploy", config)
    equal({str(cell) for cell in cells if cell.red}, set())


@case("vm", level="kernel", timeout=50)
def apparmor_self_test(t):
    """The table can fail: under a profile that refuses less, exactly the rows that it lets through are red."""
    with_default(t)
    config = applied(t, "default")
    own = t.name()
    with launcher(own, "deny /proc/sysrq-trigger w,"):
        config["process"]["apparmorProfile"] = own
        equal(red(confinement_cells(t, "default", config)),
              (rows_of("denied") | rows_of("unlisted")) - {"write(/proc/sysrq-trigger)"})
    config["process"].pop("apparmorProfile")
    equal(red(confinement_cells(t, "default", config)), rows_of("denied") | rows_of("unlisted"))
