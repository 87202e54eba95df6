"""What every error must look like, whatever has been named in it."""

from harness import equal, less, true


def refused(result, *parts, status=None):
    """The call failed, by itself, with one line of readable length that has these parts and nothing that a terminal obeys."""
    true(result.status != 0, f"{result.command[:300]}: exit 0")
    if " exec " in result.command:
        equal(result.status, 255, result.command[:300])
    else:
        less(result.status, 128, f"{result.command[:300]}: ended by a signal; {result.err[:500]}")
    if status is not None:
        equal(result.status, status, result.command[:300])
    lines = result.err.splitlines(keepends=True)
    equal(len(lines), 1, f"{result.command[:300]}: lines of {result.err[:500]!r}")
    true(lines[0].endswith("\n"), f"the line is whole: {result.err[:500]!r}")
    readable(lines[0][:-1])
    less(len(lines[0].encode("utf-8", "surrogateescape")), 5000, "bytes of the line")
    for part in parts:
        true(part in lines[0], f"{part!r} in {lines[0][:500]!r}")
    return result


def readable(text):
    """No character that a terminal takes for a command."""
    found = sorted({character for character in text if ord(character) < 0x20 or 0x7F <= ord(character) <= 0x9F})
    equal(found, [], f"control characters in {text[:500]!r}")
