"""`podman container checkpoint` and `restore` above the runtime, with CRIU."""

import os

from cases_vm_criu import COUNT, count_in
from harness import case, contains, equal, succeeds, true
from harness.podman import Podman

LEVEL = {"level": "systemd", "timeout": 150}


class Counter:
    """A folder of the host's that a container writes to how far it has counted."""

    def __init__(self, t):
        self.t, self.folder = t, t.folder()
        self.flags = ["--volume", f"{self.folder}:/state"]

    @property
    def count(self):
        return count_in(self.folder)

    def goes_on(self, beyond=2):
        self.t.until(lambda: self.count > beyond, f"a count beyond {beyond}", 30)


@case("vm", **LEVEL, costly=True)
def podman_saves_and_restores(t):
    """The container's memory is there again; what podman shows of it goes along."""
    counter = Counter(t)
    with Podman(t) as podman:
        name = podman.up(*COUNT, flags=counter.flags)
        counter.goes_on()
        succeeds(podman.call("container", "checkpoint", "--leave-running", name))
        equal(podman.inspect(name, "{{.State.Status}}"), "running")
        counter.goes_on(counter.count)
        succeeds(podman.call("container", "checkpoint", "--keep", name))
        equal(podman.inspect(name, "{{.State.Running}} {{.State.Checkpointed}}"), "false true")
        before = counter.count
        succeeds(podman.call("container", "restore", "--keep", name))
        counter.goes_on(before)
        equal(podman.inspect(name, "{{.State.Status}}"), "running")
        equal(succeeds(podman.call("exec", name, "/bin/sh", "-c", "echo in it")).out, "in it\n")
        true(os.path.isdir(f"/proc/{podman.pid(name)}"), "its process")
        ends(t, podman, name)


def ends(t, podman, name):
    """Stopped and removed, and its conmon gone."""
    with open(podman.inspect(name, "{{.ConmonPidFile}}", record=False), encoding="ascii") as file:
        conmon = file.read()
    succeeds(podman.call("stop", "--time", "0", name))
    succeeds(podman.call("rm", name))
    t.until(lambda: (t.reap(), not os.path.exists(f"/proc/{conmon}"))[1], "the end of its conmon", 30)


@case("vm", **LEVEL, thorough=True)
def podman_saves_in_steps(t):
    counter = Counter(t)
    with Podman(t) as podman:
        name = podman.up(*COUNT, flags=counter.flags)
        counter.goes_on()
        succeeds(podman.call("container", "checkpoint", "--pre-checkpoint", name))
        counter.goes_on(counter.count)
        succeeds(podman.call("container", "checkpoint", "--with-previous", name))
        before = counter.count
        succeeds(podman.call("container", "restore", name))
        counter.goes_on(before)
        ends(t, podman, name)


@case("vm", **LEVEL, thorough=True)
def podman_moves_a_container(t):
    """Out to a file and in from it under another name, with what it has written to its root file system."""
    counter = Counter(t)
    archive = os.path.join(t.scratch, "saved.tar.gz")
    with Podman(t) as podman:
        image = podman.image()
        name = podman.up("/bin/sh", "-c", "echo mine >/own; " + COUNT[2], image=image, flags=counter.flags)
        counter.goes_on()
        succeeds(podman.call("container", "checkpoint", "--export", archive, "--compress", "gzip", name))
        succeeds(podman.call("rm", name))
        before = counter.count
        other = name + "-moved"
        podman.names.append(other)
        succeeds(podman.call("container", "restore", "--import", archive, "--name", other))
        counter.goes_on(before)
        equal(succeeds(podman.call("exec", other, "/bin/cat", "/own")).out, "mine\n")
        ends(t, podman, other)


@case("vm", **LEVEL, thorough=True)
def podman_restores_a_terminal(t):
    with Podman(t) as podman:
        name = podman.up("/bin/sh", "-c", "i=0; while read line; do i=$((i+1)); echo $line $i; done",
                         flags=["--interactive", "--tty"])
        with podman.on_terminal("attach", name) as person:
            person.types(b"one\r")
            contains(person.hears("one 1"), "one 1")
            person.detaches()
            person.process.wait(20)
        succeeds(podman.call("container", "checkpoint", name))
        succeeds(podman.call("container", "restore", name))
        with podman.on_terminal("attach", name) as person:
            person.types(b"two\r")
            contains(person.hears("two 2"), "two 2")
            person.detaches()
            person.process.wait(20)
        ends(t, podman, name)
