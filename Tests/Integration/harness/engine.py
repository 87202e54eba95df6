"""What an engine's caller sees, written down to be held against what it sees with another runtime.

A case of an engine's group runs below raind-oci and then once more below runc. Both times each call of the engine goes
into a transcript; at the end the two must say the same, but for the entries that the case names in `differs_in`.
"""

import contextlib
import json
import re

# What callers tell kinds of errors apart by. Whole error texts of two runtimes are never the same.
PHRASES = (
    "executable file not found in", "no such file or directory", "permission denied", "operation not permitted",
    "does not exist", "not running", "already exists", "invalid argument", "is not stopped", "paused", "stopped state",
    "no such process", "unknown flag", "exec format error", "not a directory",
)

# Differ from run to run, whatever the runtime.
_ANYWHERE = (
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( UTC)?"), "TIME"),
    (re.compile(r"\b(cgroup|ipc|mnt|net|pid|time|user|uts):\[\d+\]"), r"\1:[INODE]"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "ID64"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "ID12"),
)


def error_class(text):
    """The phrases of an error that callers look for."""
    lower = text.lower()
    return [phrase for phrase in PHRASES if phrase in lower]


def refusal(result):
    """For `record`: exit status and error class of an engine that tells the runtime's error on its standard output."""
    return {"status": result.status, "error": error_class(result.out + result.err)}


def without(*sections):
    """For `record`: a report of the probe but for sections that are never the same twice, and the environment sorted.

    (Podman lists the environment in another order each time.)
    """
    def entry(result):
        if result.status != 0:
            return refusal(result)
        said = json.loads(result.out)
        return {key: sorted(value) if key == "env" else value for key, value in said.items() if key not in sections}
    return entry


class Transcript:
    """The entries of one run of a case, in their order.

    `names` are texts that belong to this run alone (its folder, its prefix, its runtime) with what stands for each.
    """

    def __init__(self, names):
        # The longest first: one may be a part of another.
        self.names = sorted(names, key=lambda pair: len(pair[0]), reverse=True)
        self.entries = {}
        self._seen = {}

    def plain(self, value):
        """The value as JSON has it, without what belongs to this run alone."""
        if isinstance(value, str):
            for text, sign in self.names:
                value = value.replace(text, sign)
            for pattern, sign in _ANYWHERE:
                value = pattern.sub(sign, value)
            return value
        if isinstance(value, dict):
            return {self.plain(key): self.plain(part) for key, part in value.items()}
        if isinstance(value, (list, tuple, set)):
            parts = [self.plain(part) for part in value]
            return sorted(parts, key=json.dumps) if isinstance(value, set) else parts
        return value

    def note(self, key, value):
        """Enters something that was seen. The second entry of a key is KEY#2, the third KEY#3."""
        self._seen[key] = self._seen.get(key, 0) + 1
        number = self._seen[key]
        self.entries[key if number == 1 else f"{key}#{number}"] = self.plain(value)

    def call(self, key, result, record=True):
        """Enters a call's result.

        record: True is exit status and output; of a failure the error's class and not its words. "status" is the exit
        status alone, for output that is never the same twice. False enters nothing: for calls that wait for something.
        A function makes the entry from the result.
        """
        if record is False:
            return
        if callable(record):
            self.note(key, record(result))
            return
        entry = {"status": result.status}
        if record != "status":
            entry["out"] = _parsed(result.out)
            if result.status == 0:
                entry["err"] = result.err
            else:
                entry["error"] = error_class(result.err)
        self.note(key, entry)


def disagreements(own, peer, differs_in):
    """Lines on where two transcripts differ without a word on why, and on words without a difference.

    differs_in: the entry's key to the reason, which a reader of the case's source sees.
    """
    lines = []
    for key in [*own.entries, *(key for key in peer.entries if key not in own.entries)]:
        same = key in own.entries and key in peer.entries and own.entries[key] == peer.entries[key]
        if same == (key not in differs_in):
            continue
        if same:
            lines.append(f"{key}: differs_in names it, and it is the same")
        elif key not in peer.entries or key not in own.entries:
            lines.append(f"{key}: only below {'the peer' if key in peer.entries else 'raind-oci'}")
        else:
            lines += [f"{key}{line}" for line in _differences(own.entries[key], peer.entries[key])]
    lines += [f"differs_in names {key}, and there is no such entry" for key in differs_in
              if key not in own.entries and key not in peer.entries]
    return lines


def _parsed(text):
    """A JSON document as what it says, which is easier to compare; else the text."""
    if text[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            return json.loads(text)
    return text


def _differences(own, peer, place=""):
    """A line for each part of two values that differs, with its place."""
    if isinstance(own, dict) and isinstance(peer, dict):
        for key in sorted({*own, *peer}):
            yield from _differences(own.get(key), peer.get(key), f"{place}/{key}")
    elif isinstance(own, list) and isinstance(peer, list) and len(own) == len(peer):
        for index, (left, right) in enumerate(zip(own, peer)):
            yield from _differences(left, right, f"{place}/{index}")
    elif own != peer:
        yield f"{place} {json.dumps(own)[:200]}, below the peer {json.dumps(peer)[:200]}"
