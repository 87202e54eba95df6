"""The cells of the table: what was tried, its controls, and the verdict."""

from harness.probe import own_capabilities

from . import tries
from .expectations import Expectations, system_call


class Cell:
    """A row of one profile."""

    def __init__(self, profile, row, found, wanted, why="", errno=""):
        self.profile = profile
        self.row = row
        self.found = found    # denied, allowed, untested, otherwise
        self.wanted = wanted  # denied or allowed
        self.why = why
        # What the filter refuses it with.
        self.errno = errno
        # Untested, and known to be.
        self.excused = ""

    @property
    def red(self):
        return self.found != self.wanted and not self.excused

    def __str__(self):
        return f"{self.row}: {self.found} instead of {self.wanted} ({self.why})"

    def as_json(self):
        return {"profile": self.profile, "row": self.row, "found": self.found, "errno": self.errno,
                "red": self.red, "text": str(self), "excused": self.excused}


def capability_cells(t, profile, config):
    """A cell for each capability, tried without a filter. Controls: the profile's set with this one, and without."""
    expectations = Expectations()
    rows, tried = expectations.capabilities(), tries.rows_of_probe(t, "capabilities")
    own = set(own_capabilities())
    promised = expectations.profiles[profile].capabilities
    bare = tries.without_filter(config)
    layer = dict(zip(tried, tries.outcomes(t, bare, tried)))
    as_applied = dict(zip(tried, tries.outcomes(t, config, tried)))
    words = []
    for row in tried:
        with_it = (promised | {row}) & own
        without = with_it - {row} - expectations.stand_ins.get(row, set())
        words += [f"{row}@{tries.mask(with_it):x}", f"{row}@{tries.mask(without):x}"]
    controls = tries.outcomes(t, tries.with_capabilities(bare, own), words)
    lifted, imposed = dict(zip(tried, controls[0::2])), dict(zip(tried, controls[1::2]))

    cells = []
    for row in rows:
        wanted = "allowed" if row in promised else "denied"
        if row not in tried:
            cell = Cell(profile, row, "untested", wanted, "the probe has no try for it")
        elif lifted[row] == imposed[row]:
            cell = Cell(profile, row, "untested", wanted, f"with and without it: {lifted[row]}")
        elif layer[row] == imposed[row] and (wanted == "allowed" or as_applied[row] != lifted[row]):
            cell = Cell(profile, row, "denied", wanted, layer[row])
        elif layer[row] == lifted[row] and (wanted == "denied" or as_applied[row] == lifted[row]):
            cell = Cell(profile, row, "allowed", wanted, layer[row])
        else:
            cell = Cell(profile, row, "otherwise", wanted, f"{layer[row]}; with the filter {as_applied[row]}; "
                        f"with the capability {lifted[row]}, without {imposed[row]}")
        cells.append(_excused(cell, expectations))
    return cells


def syscall_cells(t, profile, config):
    """A cell for each system call, tried with every capability, so that only the filter decides.

    The controls: no filter, and a filter of the test's own that refuses every row.
    """
    expectations = Expectations()
    rows = tries.rows_of_probe(t, "syscalls") + tries.rows_of_probe(t, "tables")
    able = tries.with_capabilities(config, own_capabilities())
    layer, lifted, imposed, as_applied = (
        dict(zip(rows, tries.outcomes(t, variant, rows)))
        for variant in (able, tries.without_filter(able),
                        tries.with_every_call_refused(able, [system_call(row) for row in rows]), config))

    cells = []
    for row in rows:
        errno = expectations.errno(profile, row)
        wanted = "denied" if errno else "allowed"
        if errno and lifted[row] == errno:
            cell = Cell(profile, row, "untested", wanted, f"without the filter too: {errno}")
        elif imposed[row] != tries.CONTROL_ERRNO[0] or imposed[row] == lifted[row]:
            cell = Cell(profile, row, "untested", wanted, f"under a filter that refuses it: {imposed[row]}")
        elif layer[row] == lifted[row]:
            cell = Cell(profile, row, "allowed", wanted, layer[row])
        elif layer[row] == (errno or layer[row]) and (not errno or as_applied[row] == errno):
            cell = Cell(profile, row, "denied", wanted, layer[row], layer[row])
        else:
            cell = Cell(profile, row, "otherwise", wanted,
                        f"{layer[row]}, as applied {as_applied[row]}, promised {errno or 'to be allowed'}, "
                        f"without the filter {lifted[row]}")
        cells.append(_excused(cell, expectations))
    return cells


def confinement_cells(t, profile, config):
    """A cell for each thing that AppArmor decides on, with every capability and without a filter or masks, so that only
    AppArmor decides. The control: the same without the AppArmor profile.
    """
    expectations = Expectations()
    rows = tries.rows_of_probe(t, "confinement")
    bare = tries.open_to_confinement(config)
    layer, lifted = (dict(zip(rows, tries.outcomes(t, variant, rows)))
                     for variant in (bare, tries.without_apparmor(bare)))
    cells = []
    for row in rows:
        verdict = expectations.confinement(expectations.profiles[profile].apparmor, row)
        wanted = "allowed" if verdict == "allowed" else "denied"
        # process_vm_readv(2) says EPERM for it.
        if lifted[row] in ("EACCES", "EPERM", "ENOENT") or lifted[row].startswith(("no", "signal")):
            cell = Cell(profile, row, "untested", wanted, f"without AppArmor too: {lifted[row]}")
        elif layer[row] == lifted[row]:
            cell = Cell(profile, row, "allowed", wanted, layer[row])
        elif layer[row] in ("EACCES", "EPERM"):
            cell = Cell(profile, row, "denied", wanted, layer[row], layer[row])
        else:
            cell = Cell(profile, row, "otherwise", wanted, f"{layer[row]}; without AppArmor {lifted[row]}")
        cells.append(_excused(cell, expectations))
    return cells


def _excused(cell, expectations):
    if cell.found == "untested":
        cell.excused = expectations.reason_untested(cell.row) or ""
    return cell
