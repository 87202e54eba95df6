"""raind-profile as an engine's hook, and how a container asks for a profile."""

import json
import os
import re

ANNOTATION = "io.raind.security-profile"


def hooks(t, *options, when=None, env=()):
    """A folder for --hooks-dir with the hook in it."""
    folder = t.folder()
    hook = {"version": "1.0.0", "stages": ["precreate"], "when": when or {"annotations": {f"^{re.escape(ANNOTATION)}$": ".*"}},
            "hook": {"path": t.tools["raind-profile"], "args": ["raind-profile", "hook", *options], "env": list(env)}}
    with open(os.path.join(folder, "raind-profile.json"), "w", encoding="utf-8") as file:
        json.dump(hook, file)
    return ["--hooks-dir", folder]


def asking(name):
    """The flag by which a container asks for a profile."""
    return [] if name is None else ["--annotation", f"{ANNOTATION}={name}"]
