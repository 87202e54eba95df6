"""raind-profile apply over what podman makes today: it changes what a profile owns, and no other byte."""

import json
import re

from harness import cases, equal, excludes, succeeds, true
from harness.podman import Podman
from cases_profile import profile

# What a profile that names no SELinux label owns (profiles/README.md).
OWNED = (("process", "capabilities"), ("process", "noNewPrivileges"), ("process", "apparmorProfile"), ("linux", "seccomp"),
         ("annotations", "io.raind.security-profile.applied"))
BLANK = re.compile(r"[ \t\r\n]*")


def members(text, start):
    """Of the object that begins at `start`: (name, start, value's start, end) of each member, by the text itself."""
    decoder, place, found = json.JSONDecoder(), BLANK.match(text, start + 1).end(), []
    while text[place] != "}":
        name, after = json.decoder.scanstring(text, place + 1)
        value = BLANK.match(text, BLANK.match(text, after).end() + 1).end()
        end = decoder.raw_decode(text, value)[1]
        found.append((name, place, value, end))
        place = BLANK.match(text, end).end()
        if text[place] == ",":
            place = BLANK.match(text, place + 1).end()
    return found


def without(text, path, start=0):
    """The text less the member at `path`, and the comma that parts it from its neighbour."""
    found = members(text, start)
    for number, (name, begin, value, end) in enumerate(found):
        if name != path[0]:
            continue
        if len(path) > 1:
            return without(text, path[1:], value)
        if number > 0:
            return text[:found[number - 1][3]] + text[end:]
        return text[:begin] + text[found[1][1] if len(found) > 1 else end:]
    return text


@cases("podman", [(name, name) for name in ("default", "deploy", "restricted", "privileged", "hardened")])
def podman_bundle_keeps_its_bytes(t, name):
    with Podman(t) as podman:
        flags = ["--env", "UMLAUT=ä€", "--annotation", "a/b=<&>", "--cap-add", "SYS_TIME"]
        made = podman.made("/bin/sh", "-c", 'echo "$UMLAUT"', flags=flags)
        succeeds(podman.call("init", made))
        path = podman.inspect(made, "{{.OCIConfigPath}}", record=False)
        with open(path, encoding="utf-8", newline="") as file:
            before = file.read()
        after = succeeds(profile(t, "apply", name, "-", "--apparmor-missing", "drop", stdin=before.encode())).out
        true(after != before, "it was applied")
        kept = [before, after]
        for owned in OWNED:
            kept = [without(text, owned) for text in kept]
        equal(kept[0], kept[1])
        excludes(kept[0], "SCMP_ACT_ERRNO")
        true(len(kept[0]) < len(before) - 1000, "what a profile owns was taken out")
