"""The registry of cases: a case is a function with a name, and a word on where it applies."""

import fnmatch
import inspect

GROUPS = ("lifecycle", "spec", "schema", "enforcement", "podman", "containerd", "docker", "rootless", "package", "attack", "vm")
# Their cases run below raind-oci and below runc, and what the engine's caller sees must be the same.
COMPARED = ("podman", "containerd", "docker")


class Skip(Exception):
    """The case can't be decided here. The reason must stand in spec-fixtures/expected-skips."""


class Case:
    def __init__(self, group, name, function, arguments, raind_only, differs, layouts, timeout, alone, fields, differs_in,
                 level, compared, costly, thorough, row, hole, shown):
        self.group = group
        self.name = name
        self.function = function
        self.arguments = arguments
        # Why no other runtime is asked.
        self.raind_only = raind_only
        # Runtime's name to the reason why it does something else here.
        self.differs = differs
        # Where it means something.
        self.layouts = layouts
        self.timeout = timeout
        # Not beside other cases.
        self.alone = alone
        # The fields of config.json that it shows, as JSON pointers with * for elements and free names.
        self.fields = fields
        # Key of an entry of the transcript to the reason why it isn't the same below runc.
        self.differs_in = differs_in
        # Of the group vm: which guest it runs in, a name of vm/guests.py.
        self.level = level
        self._compared = compared
        # In a guest below runc only where runc is the runtime under test.
        self.costly = costly
        # Of the group vm: left out unless it is named, or all are asked for.
        self.thorough = thorough
        # The row of scripts/attack's table that it stands in: a key of attack/rows.py.
        self.row = row
        # What it was shown to detect: a patch in Tests/Holes that takes the protection away, or words.
        self.hole = hole
        self.shown = shown

    def is_meant(self, patterns):
        """Of the group vm: whether these words mean it; `**` means all of them, `*` those that aren't thorough."""
        return any(fnmatch.fnmatchcase(self.name, pattern) for pattern in patterns
                   if "/" not in pattern and not (self.thorough and pattern == "*"))

    @property
    def compared(self):
        """Whether it runs below runc, too, in the same run."""
        return self._compared and not self.raind_only and "runc" not in self.differs

    def refusal(self, runtime, layout):
        """Why the case says nothing about this runtime in this layout; None where it does. ("" is: leave it out.)"""
        if layout not in self.layouts:
            return ""
        if runtime == "raind-oci":
            return None
        if self.raind_only:
            return f"raind only: {self.raind_only}"
        if runtime in self.differs:
            return f"{runtime}: {self.differs[runtime]}"
        return None


REGISTRY = []
EVERY_LAYOUT = ("hybrid", "v1", "v2")


def _add(group, name, function, arguments, options):
    if group not in GROUPS:
        raise ValueError(f"{name}: no group {group}")
    if any(case.group == group and case.name == name for case in REGISTRY):
        raise ValueError(f"{group}/{name} stands twice")
    fields = options.pop("fields", ())
    if (group == "vm") != ("level" in options):
        raise ValueError(f"{group}/{name}: cases of the group vm, and no others, have a level")
    if isinstance(fields, str) or not all(field.startswith("/") for field in fields):
        raise ValueError(f"{group}/{name}: fields is a list of JSON pointers, found {fields!r}")
    if group == "attack" and not (options.get("row") and (options.get("hole") or options.get("shown"))):
        raise ValueError(f"{group}/{name}: a case of this group has a row, and a hole or what it was shown to detect")
    REGISTRY.append(Case(
        group, name, function, arguments,
        options.pop("raind_only", None), options.pop("differs", {}), options.pop("layouts", EVERY_LAYOUT),
        options.pop("timeout", 30), options.pop("alone", False), tuple(fields),
        options.pop("differs_in", {}), options.pop("level", None), options.pop("compared", group in COMPARED),
        options.pop("costly", False), options.pop("thorough", False),
        options.pop("row", None), options.pop("hole", None), options.pop("shown", None)))
    if options:
        raise ValueError(f"{group}/{name}: unknown options {sorted(options)}")


def case(group, **options):
    """Registers a function as GROUP/its-name. Options: raind_only, differs, layouts, timeout, alone, fields,
    differs_in, level, compared, costly, thorough, row, hole, shown.

    In the groups of COMPARED, and where `compared` says so, the case runs below raind-oci and then below runc (each within
    the timeout); the two transcripts must be equal, but for the entries that differs_in names with the reason. With
    `raind_only` or a reason for runc in `differs` it isn't compared.

    In the group vm `level` is the guest that the case runs in: kernel, systemd, hybrid or selinux. It runs there below raind-oci,
    and then below runc unless `raind_only` or `differs` says why not. A `costly` one runs below runc only for
    RAIND_OCI=runc, or where all is asked for: a call of an engine takes seconds in a guest. A `thorough` one runs only then, or
    when it is named.

    `row` is the row of scripts/attack's table that the case belongs to, in whatever group it is. That the case detects the hole
    was shown by `hole`, the name of a patch in Tests/Holes that takes the protection away (scripts/attack --holes shows it
    again), or by what `shown` says, such as a peer's version that has the hole.

    `fields` names what the case shows to work: ["/process/user/umask", "/mounts/*/options"]. It would fail if the field
    were passed over. scripts/generate-field-table makes a table of them.
    """
    def register(function):
        _add(group, function.__name__.replace("_", "-"), function, (), dict(options))
        return function
    return register


def cases(group, rows, **options):
    """Registers a function once a row: a row is (NAME, ARGUMENT..), or (NAME, ARGUMENT.., {options of that row}).

    The case's name is the function's, a dash, and NAME. The function gets the arguments after the test's context. The
    `fields` of a row stand beside those of all rows.
    """
    def register(function):
        rows_seen = 0
        for row in rows:
            name, *arguments = row
            own = dict(options)
            if len(arguments) == len(inspect.signature(function).parameters):
                of_row = dict(arguments.pop())
                of_row["fields"] = [*own.get("fields", ()), *of_row.get("fields", ())]
                own.update(of_row)
            _add(group, f"{function.__name__.replace('_', '-')}-{name}", function, tuple(arguments), own)
            rows_seen += 1
        if not rows_seen:
            raise ValueError(f"{group}/{function.__name__}: no rows")
        return function
    return register
