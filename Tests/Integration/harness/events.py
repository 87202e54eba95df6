"""What `events` has said, in a file."""

import json

from .checks import equal


def tells_of_memory(container, path):
    """Waits for the first event; each is of memory that ran out."""
    def said():
        with open(path, encoding="utf-8") as file:
            return file.read()
    container.test.until(lambda: said().endswith("}\n"), "an event")
    for line in said().splitlines():
        equal(json.loads(line), {"type": "oom", "id": container.id})
