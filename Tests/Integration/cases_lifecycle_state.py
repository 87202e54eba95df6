"""Creating, starting, killing and deleting: each step, and what each state refuses."""

import json

from harness import case, cases, contains, equal, fails, matches, succeeds, true


@case("lifecycle")
def whole_life(t):
    with t.container() as c:
        succeeds(c.create())
        equal(c.status, "created", "after create")
        succeeds(c.start())
        equal(c.status, "running", "after start")
        succeeds(c.kill("KILL"))
        c.wait_status("stopped")
        succeeds(c.delete())
        fails(c.state_result(), "container does not exist" if t.runtime.name != "crun" else "")
