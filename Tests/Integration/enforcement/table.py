"""The table, put together from what the cases left."""

import glob
import json
import os

from .expectations import Expectations, plain, tables

WIDTH = 14


def save(folder, profile, layer, cells):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{layer}-{profile}.json"), "w", encoding="utf-8") as file:
        json.dump([cell.as_json() for cell in cells], file)


def lines(folder):
    """The table's lines; none where no case left anything."""
    profiles = list(Expectations().profiles)
    # Row to profile to cell, the rows in the order in which they were tried.
    rows, cells = {}, []
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "*.json"))):
        with open(path, encoding="utf-8") as file:
            for cell in json.load(file):
                rows.setdefault(cell["row"], {})[cell["profile"]] = cell
                cells.append(cell)
    if not cells:
        return []
    columns = [name for name in profiles if any(name in row for row in rows.values())]
    words = {row: [_word(found.get(name)) for name in columns] for row, found in rows.items()}
    printed = [(_title(row, words), words[row]) for row in words if not _said_by_first_table(row, words)]
    wide = max(len(title) for title, _ in printed) + 2
    text = [" " * wide + "".join(f"{name:<{WIDTH}}" for name in columns)]
    text += [f"{title:<{wide}}" + "".join(f"{word:<{WIDTH}}" for word in found) for title, found in printed]
    reasons = {}
    for cell in cells:
        if cell["excused"]:
            named = reasons.setdefault(cell["excused"], [])
            if cell["row"] not in named:
                named.append(cell["row"])
    text += ["untested: " + f"{', '.join(named)}: {reason}" for reason, named in reasons.items()]
    text += [f"red: {cell['profile']}: {cell['text']}" for cell in cells if cell["red"]]
    counts = {kind: sum(1 for cell in cells if cell["found"] == kind) for kind in ("denied", "allowed", "untested")}
    red = sum(1 for cell in cells if cell["red"])
    text.append(f"{len(cells)} cells: {counts['denied']} refused, {counts['allowed']} allowed, "
                f"{counts['untested']} untested, {red} red")
    return [line.rstrip() for line in text]


def _word(cell):
    if cell is None:
        return ""
    word = {"denied": cell["errno"] or "refused", "allowed": "allowed", "untested": "untested"}.get(
        cell["found"], "otherwise")
    return f"{word} RED" if cell["red"] else word


def _said_by_first_table(row, words):
    """A row of another table of system calls that says the same as the first: its line is the first's."""
    return plain(row) != row and words.get(plain(row)) == words[row]


def _title(row, words):
    same = [table for table in tables() if words.get(f"{table}:{row}") == words[row]]
    return row if not same else f"{row} ({', '.join(same)} too)"
