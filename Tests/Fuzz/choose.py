"""Chooses the inputs that are worth keeping: choose.py CONTROL SEEDS FOLDER BYTES

CONTROL is the file in which libFuzzer's -merge_control_file= has noted which features each input reaches. Those that the inputs
in SEEDS don't reach are what counts: FOLDER gets the inputs that reach most of them for their size, up to so many BYTES in all.
"""

import os
import shutil
import sys

# What a file costs besides its bytes.
PER_FILE = 100


def read(path):
    """Name of each input to its features."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    count = int(lines[0])
    names, features = lines[2:2 + count], {}
    for line in lines[2 + count:]:
        kind, number, *found = line.split()
        if kind == "FT":
            features[names[int(number)]] = {int(feature) for feature in found}
    return features


def main(control, seeds, folder, limit):
    left = int(limit)
    features = read(control)
    known = set()
    for name, found in features.items():
        if os.path.dirname(os.path.abspath(name)) == os.path.abspath(seeds):
            known |= found
    rest = {name: found - known for name, found in features.items() if found - known and os.path.getsize(name) <= left // 4}
    chosen = []
    while rest:
        best = max(rest, key=lambda name: (len(rest[name]) / (os.path.getsize(name) + PER_FILE), name))
        size = os.path.getsize(best) + PER_FILE
        if size <= left and rest[best]:
            left -= size
            chosen.append(best)
            gained = rest.pop(best)
            rest = {name: found - gained for name, found in rest.items() if found - gained}
        else:
            rest.pop(best)
    os.makedirs(folder, exist_ok=True)
    copies = {os.path.basename(name): name for name in chosen}
    for name, path in copies.items():
        if os.path.abspath(path) != os.path.abspath(os.path.join(folder, name)):
            shutil.copyfile(path, os.path.join(folder, name))
    for name in os.listdir(folder):
        if name not in copies:
            os.unlink(os.path.join(folder, name))


if __name__ == "__main__":
    main(*sys.argv[1:])
