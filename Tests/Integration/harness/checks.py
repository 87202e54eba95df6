"""Assertions that say what was found where something else was expected."""

import re


def _fail(text, what):
    raise AssertionError(f"{what}: {text}" if what else text)


def equal(got, expected, what=""):
    if got != expected:
        _fail(f"{got!r} instead of {expected!r}", what)


def true(value, what):
    if not value:
        _fail("not so", what)


def false(value, what):
    if value:
        _fail("not so", what)


def contains(text, part, what=""):
    if part not in text:
        _fail(f"no {part!r} in {text!r}", what)


def excludes(text, part, what=""):
    if part in text:
        _fail(f"{part!r} in {text!r}", what)


def matches(text, pattern, what=""):
    if not re.search(pattern, text, re.MULTILINE):
        _fail(f"{text!r} doesn't match {pattern!r}", what)


def less(got, limit, what=""):
    if not got < limit:
        _fail(f"{got!r} is not less than {limit!r}", what)


def succeeds(result, what=""):
    """The call ended with 0; returns the result."""
    if result.status != 0:
        _fail(f"exit {result.status}: {result.err.strip() or result.out.strip()}", what or result.command)
    return result


def fails(result, part="", status=1, what=""):
    """The call ended with `status` and said `part` on its standard error; returns the result."""
    if result.status != status:
        _fail(f"exit {result.status} instead of {status}: {(result.err + result.out).strip()}", what or result.command)
    if part and part not in result.err:
        _fail(f"no {part!r} in {result.err!r}", what or result.command)
    return result
