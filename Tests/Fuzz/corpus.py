"""Writes what the fuzzer begins with: corpus.py FOLDER WORDS

FOLDER gets an input for each config of spec-fixtures, with the host that it is for; WORDS is a dictionary of libFuzzer's
with the names that the reader of configs knows.
"""

import glob
import hashlib
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURES = os.path.join(ROOT, "spec-fixtures")
# In the order of Circumstances.hosts, and what makes one edit too.
HOSTS = {"hybrid": 0, "v1": 1, "v2": 2, "none": 3}
EDITS = 7 * 8


def read(*path):
    with open(os.path.join(FIXTURES, *path), "rb") as file:
        return file.read()


def change(config, pointer, value):
    """As the unit tests do: what is on the way is made, null takes nothing out."""
    *way, last = (token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    for token in way:
        config = config[int(token)] if isinstance(config, list) else config.setdefault(token, {})
    if not isinstance(config, list):
        config[last] = value
    elif int(last) == len(config):
        config.append(value)
    else:
        config[int(last)] = value


def host(facts):
    if facts.get("userID"):
        return 5
    if facts.get("inInitialUserNamespace") is False:
        return 6
    if facts.get("appArmor") or facts.get("seLinux") or "lastCapability" in facts or "boundingCapabilities" in facts:
        return 4
    return HOSTS[facts.get("cgroups", "hybrid")]


def changed(base, patch):
    config = json.loads(json.dumps(base))
    for pointer, value in patch.get("set", {}).items():
        change(config, pointer, value)
    return config


def inputs():
    """(host, text): compact, so that an input's bytes are what matters in it."""
    for path in sorted(glob.glob(os.path.join(FIXTURES, "config", "*", "*.json"))):
        text = read(path)
        # As it stands, for its layout.
        yield EDITS, text
        # Not every fixture is JSON, and texts of numbers matter: they are kept.
        try:
            config = json.loads(text, parse_int=Number, parse_float=Number)
        except ValueError:
            continue
        for number in range(4):
            yield number, compact(config)
        if isinstance(config, dict):
            # A part at a time: small inputs are tried more often.
            for name, value in config.items():
                yield 0, compact({"ociVersion": "1.3.0", name: value})
    base = json.loads(read("validation", "base.json"))
    for path in sorted(glob.glob(os.path.join(FIXTURES, "validation", "*", "patch.json"))):
        patch = json.loads(read(path))
        yield host(patch.get("host", {})), compact(changed(base, patch))
    for path in sorted(glob.glob(os.path.join(FIXTURES, "plans", "*", "case.json"))):
        case = json.loads(read(path))
        where = case.get("config") or os.path.join("plans", os.path.basename(os.path.dirname(path)), "config.json")
        yield host(case.get("host", {})), compact(changed(json.loads(read(where)), case))


class Number(str):
    """A number's text."""


def compact(value):
    if isinstance(value, Number):
        return value.encode()
    if isinstance(value, dict):
        return b"{" + b",".join(json.dumps(name).encode() + b":" + compact(part) for name, part in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(compact, value)) + b"]"
    return json.dumps(value).encode()


def words():
    """The string literals of the modules: names of members, and of what they may hold."""
    found = set()
    for module in ("OCISpec", "RuntimePlan"):
        for path in glob.glob(os.path.join(ROOT, "Sources", module, "*.swift")):
            if os.path.basename(path).startswith("SyscallTable"):
                continue
            with open(path, encoding="utf-8") as file:
                code = "\n".join(line for line in file.read().splitlines() if not line.lstrip().startswith("//"))
            found.update(re.findall(r'"([A-Za-z0-9_./=-]{2,40})"', code))
            # An enum's case is its own text where it has no other.
            found.update(re.findall(r"^    case `?([A-Za-z0-9]{2,40})`?$", code, re.MULTILINE))
    return sorted(found)


def main(folder, dictionary):
    count = 0
    for number, text in inputs():
        data = bytes([ord("0") + number]) + text
        with open(os.path.join(folder, hashlib.sha256(data).hexdigest()[:16]), "wb") as file:
            file.write(data)
        count += 1
    names = words()
    with open(dictionary, "w", encoding="ascii") as file:
        file.writelines(f'"{name}"\n' for name in names)
    if count < 100 or len(names) < 100:
        sys.exit(f"corpus.py: {count} inputs and {len(names)} words: spec-fixtures isn't where it was")


if __name__ == "__main__":
    main(*sys.argv[1:])
