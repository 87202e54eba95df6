"""What a failed call may come to in place of a line with its errno, each with the reason.

All else that is asked of a try holds here too: nothing runs without its confinement, `delete --force` succeeds and leaves
nothing.
"""

# Calls by which memory is had.
MEMORY = ("brk", "mmap", "mprotect", "mremap", "munmap", "madvise")

EARLY = "before main: the C library has not started, and nothing of the program's own can say a word"
NO_MEMORY = "no memory for a value: Swift ends the program there and then"


def is_death(finding):
    """The runtime itself died of a trap."""
    return finding.status is not None and finding.status >= 128 and finding.status != 255


def of(finding):
    """The reason; None where there is none."""
    point = finding.point
    if point.is_early:
        return EARLY
    if finding.fault == "ENOMEM" and point.name in MEMORY and is_death(finding):
        return NO_MEMORY
    return None
