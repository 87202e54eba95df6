"""checkpoint and restore, by CRIU: what was in a container's memory is there again."""

import contextlib
import fcntl
import json
import os
import subprocess

from harness import case, contains, equal, excludes, succeeds, true
from harness.systemd import Units
from harness.terminal import ConsoleSocket, read_terminal

LEVEL = {"level": "systemd", "timeout": 120, "costly": True}
# Counts in a variable, and says how far it is by a folder's name in one of the host's: a restored one goes on where it was.
# Not by what is in a file, which might be open while it is saved, and another when it is restored.
COUNT = ("/bin/sh", "-c", "i=0; while :; do i=$((i+1)); mkdir /state/n$i; rmdir /state/n$((i-1)) 2>/dev/null; sleep 0.1; done")


def count_in(folder):
    """How far a container has counted there."""
    return max((int(name[1:]) for name in os.listdir(folder) if name[:1] == "n" and name[1:].isdigit()), default=0)


class Counting:
    """A container whose process counts, with a folder of the host's at /state."""

    def __init__(self, t, c, folder, glob=()):
        self.t, self.c, self.folder = t, c, folder
        # Global flags of run and restore.
        self.glob = glob
        self.images = os.path.join(t.scratch, "images")
        self.work = os.path.join(t.scratch, "work")

    @property
    def count(self):
        return count_in(self.folder)

    def up(self, *flags, streams=None):
        """Run in the background, with pipes and /dev/null unless other streams are given."""
        streams = streams or {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = self.c.spawn(*self.glob, "run", "--detach", "--bundle", self.c.bundle.folder, *flags, self.c.id, **streams)
        equal(process.wait(20), 0, "run")
        self.counts()
        return self

    def counts(self, beyond=2):
        self.t.until(lambda: self.count > beyond, f"a count beyond {beyond}, found {self.count}", 20)

    def save(self, *flags, **options):
        return self.c.call("checkpoint", "--image-path", self.images, "--work-path", self.work, *flags, self.c.id,
                           timeout=40, **options)

    def restore(self, *flags, streams=None):
        """Detached; the exit status, and what was said."""
        said = os.path.join(self.t.scratch, f"said-{self.t.name()}")
        with open(said, "wb") as file:
            streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": file, **(streams or {})}
            process = self.c.spawn(*self.glob, "restore", "--detach", "--bundle", self.c.bundle.folder, "--image-path",
                                   self.images, "--work-path", self.work, *flags, self.c.id, **streams)
            status = process.wait(40)
        with open(said, encoding="utf-8") as file:
            return status, file.read()

    def restored(self, *flags, **options):
        """Restored, and seen to go on."""
        before = self.count
        equal(self.restore(*flags, **options), (0, ""), "restore")
        self.counts(before)
        equal(self.c.status, "running")


@contextlib.contextmanager
def counting(t, edit=None, args=COUNT, glob=()):
    folder = t.folder()

    def with_state(config):
        config["mounts"].append({"destination": "/state", "type": "bind", "source": folder, "options": ["bind", "rw"]})
        if edit:
            edit(config)

    with t.container(with_state, args) as c:
        yield Counting(t, c, folder, glob)


@case("vm", **{**LEVEL, "costly": False})
def saved_and_restored(t):
    """The container is gone once it is saved, and is there again, with its memory, once it is restored."""
    with counting(t) as it:
        it.up()
        before = it.c.state()
        succeeds(it.save())
        it.c.is_unknown("it is in the files now")
        true(os.path.exists(f"{it.images}/inventory.img"), "the images are there")
        true(os.path.exists(f"{it.work}/dump.log"), "CRIU's log is there")
        true(it.count >= 2, it.count)
        it.restored()
        after = it.c.state()
        equal(after["bundle"], before["bundle"])
        true(after["pid"] > 0 and os.path.exists(f"/proc/{after['pid']}"), after)
        contains(succeeds(it.c.exec("/bin/cat", "/proc/1/cmdline")).out, "/state/n")
        it.c.stop()
        succeeds(it.c.delete())


@case("vm", **LEVEL)
def restored_container_is_like_any_other(t):
    """state, exec, ps, events, pause, resume, kill and delete work on it; it has the limits of its config."""
    def edit(config):
        config["linux"]["resources"].update(memory={"limit": 64 << 20}, pids={"limit": 50})

    with counting(t, edit) as it:
        it.up()
        succeeds(it.save())
        it.restored()
        group = group_of(it.c.pid)
        for file, value in (("memory.max", 64 << 20), ("pids.max", 50)):
            with open(f"{group}/{file}", encoding="ascii") as limit:
                equal(limit.read(), f"{value}\n", file)
        equal(succeeds(it.c.exec("/bin/sh", "-c", "ls /state >/dev/null; echo done")).out, "done\n")
        true(it.c.pid in json.loads(succeeds(it.c.call("ps", "--format", "json", it.c.id)).out), "ps has its process")
        contains(succeeds(it.c.call("events", "--stats", it.c.id)).out, '"stats"')
        succeeds(it.c.call("pause", it.c.id))
        before = it.count
        equal(it.c.status, "paused")
        equal(it.count, before)
        succeeds(it.c.call("resume", it.c.id))
        it.counts(before)
        # No node but those that every container has.
        true(it.c.exec("/bin/sh", "-c", "mknod /dev/x b 8 0 && cat /dev/x").status != 0, "a device is refused")
        it.c.stop()
        succeeds(it.c.delete())
        true(not os.path.exists(group), "its group is gone")


def group_of(pid):
    with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
        return "/sys/fs/cgroup" + file.read().split("::", 1)[1].strip()


@case("vm", **LEVEL)
def saved_while_paused(t):
    """CRIU thaws what it has to look into; what is restored runs."""
    with counting(t) as it:
        it.up()
        succeeds(it.c.call("pause", it.c.id))
        succeeds(it.save())
        it.c.is_unknown()
        it.restored()


@case("vm", **LEVEL)
def left_running(t):
    with counting(t) as it:
        it.up()
        pid = it.c.pid
        succeeds(it.save("--leave-running"))
        equal((it.c.status, it.c.pid), ("running", pid))
        it.counts(it.count)
        # And once more over the same files.
        succeeds(it.save("--leave-running"))
        it.c.stop()
        succeeds(it.c.delete())
        it.restored()


@case("vm", **LEVEL)
def left_paused(t):
    with counting(t) as it:
        it.up()
        succeeds(it.c.call("pause", it.c.id))
        succeeds(it.save("--leave-running"))
        equal(it.c.status, "paused")
        succeeds(it.c.call("resume", it.c.id))
        it.counts(it.count)


@case("vm", **LEVEL)
def saved_in_steps(t):
    """The second image has only what was written to since the first; the parent's path counts from the images' folder."""
    with counting(t) as it:
        it.up()
        images = it.images
        it.images = f"{images}/first"
        os.mkdir(images)
        succeeds(it.save("--pre-dump"))
        equal(it.c.status, "running")
        it.counts(it.count)
        it.images = f"{images}/second"
        succeeds(it.save("--parent-path", "../first", "--auto-dedup"))
        equal(os.readlink(f"{images}/second/parent"), "../first")
        it.restored()


# Says each line that it hears, with a number that it keeps.
ECHO = ("/bin/sh", "-c", "i=0; while read line; do i=$((i+1)); echo $line $i; done; exit 7")


@case("vm", **LEVEL)
def streams_are_pipes(t):
    """A restored container has those of its own caller."""
    with counting(t, args=ECHO) as it:
        said = []

        def ends():
            made = [os.pipe() for _ in range(3)]
            return made, dict(zip(("stdin", "stdout", "stderr"), (made[0][0], made[1][1], made[2][1])))

        for turn in (1, 2):
            made, streams = ends()
            if turn == 1:
                equal(it.c.spawn("run", "--detach", "--bundle", it.c.bundle.folder, it.c.id, **streams).wait(20), 0)
            else:
                equal(it.restore(streams=streams)[0], 0)
            for end in streams.values():
                os.close(end)
            os.write(made[0][1], f"turn{turn}\n".encode())
            said.append(os.read(made[1][0], 100))
            if turn == 1:
                succeeds(it.save())
            os.close(made[0][1])
            if turn == 2:
                it.c.wait_status("stopped")
            for end in (made[1][0], made[2][0]):
                os.close(end)
        equal(said, [b"turn1 1\n", b"turn2 2\n"])


@case("vm", **LEVEL, differs={"runc": "`Can't lookup mount` of a file outside of the container"})
def streams_are_files(t):
    """The caller's again, which have to be as long as they were: CRIU takes another for a file that was exchanged."""
    with counting(t, args=("/bin/sh", "-c", COUNT[2].replace("mkdir", "echo $i; mkdir"))) as it:
        path = t.file()
        with open(path, "ab") as out:
            it.up(streams={"stdin": subprocess.DEVNULL, "stdout": out, "stderr": out})
            succeeds(it.save())
            equal(it.restore()[0], 1)
            it.restored(streams={"stdout": out})
        it.c.stop()
        with open(path, encoding="ascii") as file:
            numbers = [int(line) for line in file]
        equal(numbers, list(range(1, len(numbers) + 1)))


@case("vm", **LEVEL)
def terminal_is_handed_over(t):
    """The master of the restored container's terminal goes to the socket."""
    def edit(config):
        config["process"]["terminal"] = True

    with counting(t, edit, ECHO) as it:
        for turn in (1, 2):
            console = ConsoleSocket(t.folder())
            flags = ["--console-socket", console.path]
            if turn == 1:
                process = it.c.spawn("run", "--detach", "--bundle", it.c.bundle.folder, *flags, it.c.id)
                equal(process.wait(20), 0)
            else:
                status, said = it.restore(*flags)
                equal((status, said), (0, ""))
            _, (master,) = console.receive()
            os.write(master, f"turn{turn}\n".encode())
            contains(read_terminal(master, f"turn{turn} {turn}"), f"turn{turn} {turn}")
            if turn == 1:
                succeeds(it.save())
            else:
                equal(succeeds(it.c.exec("/bin/sh", "-c", "test -c /dev/console && echo so")).out, "so\n")
            os.close(master)
            console.close()


@case("vm", **LEVEL)
def restored_in_front(t):
    """Without --detach restore ends with the container, with its exit status, and nothing is left."""
    with counting(t, args=ECHO) as it:
        held, end = os.pipe()
        heard, out = os.pipe()
        equal(it.c.spawn("run", "--detach", "--bundle", it.c.bundle.folder, it.c.id, stdin=held, stdout=out).wait(20), 0)
        succeeds(it.save())
        process = it.c.spawn("restore", "--bundle", it.c.bundle.folder, "--image-path", it.images, "--work-path", it.work,
                             it.c.id, stdin=held, stdout=out)
        os.write(end, b"line\n")
        equal(os.read(heard, 100), b"line 1\n")
        # The program goes on before the runtime has said so.
        it.c.wait_status("running")
        for descriptor in (held, end, out, heard):
            os.close(descriptor)
        equal(process.wait(20), 7)
        it.c.is_unknown()


@case("vm", **LEVEL, differs={"runc": "leaves lo down, and runs no poststart hook"})
def hooks_and_network(t):
    """poststop when it is saved; prestart, createRuntime and poststart when it is restored, with its pid."""
    folder = t.folder()

    def edit(config):
        config["hooks"] = {
            kind: [{"path": "/bin/sh", "args": ["sh", "-c", f"cat >{folder}/{kind}; date +%s%N >>{folder}/{kind}"]}]
            for kind in ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")}
        # It runs in the container.
        config["hooks"]["startContainer"][0]["args"] = ["sh", "-c", "echo >/state/startContainer"]
        config["hooks"]["startContainer"][0]["path"] = "/bin/sh"

    with counting(t, edit) as it:
        it.up()
        true(not os.path.exists(f"{folder}/poststop"), "not before it is saved")
        succeeds(it.save())
        true(os.path.exists(f"{folder}/poststop"), "poststop")
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        it.restored()
        equal(sorted(os.listdir(folder)), ["createRuntime", "poststart", "prestart"])
        with open(f"{folder}/createRuntime", encoding="utf-8") as file:
            contains(file.read(), f'"pid":{it.c.pid}')
        contains(succeeds(it.c.exec("/bin/busybox", "ip", "address", "show", "lo")).out, "127.0.0.1")


@case("vm", **LEVEL)
def joined_network_namespace(t):
    """One that is there is joined again, and not saved."""
    holder = subprocess.Popen(["unshare", "--net", "sleep", "100"], stdout=subprocess.DEVNULL)
    try:
        path = f"/proc/{holder.pid}/ns/net"
        t.until(lambda: os.stat(path).st_ino != os.stat("/proc/self/ns/net").st_ino, "the namespace")

        def edit(config):
            next(n for n in config["linux"]["namespaces"] if n["type"] == "network")["path"] = path

        with counting(t, edit) as it:
            it.up()
            succeeds(it.save())
            it.restored()
            equal(os.stat(f"/proc/{it.c.pid}/ns/net").st_ino, os.stat(path).st_ino)
    finally:
        holder.kill()
        holder.wait()


@case("vm", **LEVEL, differs={"runc": "tells `criu failed: type NOTIFY errno 0`"})
def connection_takes_a_flag(t):
    """Without it the container goes on as it was, and CRIU's reason is told."""
    script = ("sleep 1000 | nc -l -p 5000 >/dev/null & sleep 1; sleep 1000 | nc 127.0.0.1 5000 >/dev/null & " + COUNT[2])
    with counting(t, args=("/bin/sh", "-c", script)) as it:
        it.up()
        # Both ends, in the container's own namespace.
        t.until(lambda: established(it.c.pid) == 2, "a connection", 20)
        said = it.save()
        equal(said.status, 1, said)
        contains(said.err, "--tcp-established")
        contains(said.err, f"hint: {it.work}/dump.log tells more")
        equal(it.c.status, "running")
        it.counts(it.count)
        succeeds(it.save("--tcp-established", "--leave-running"))
        it.counts(it.count)
        succeeds(it.save("--tcp-established"))
        it.restored("--tcp-established")
        equal(established(it.c.pid), 2)
        succeeds(it.save("--tcp-established"))
        it.restored("--tcp-close")
        equal(established(it.c.pid), 0)


def established(pid):
    """How many ends of TCP connections there are; who listens for both families has an end of IPv6's."""
    found = 0
    for name in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{name}", encoding="ascii") as file:
            found += sum(line.split()[3] == "01" for line in file.readlines()[1:])
    return found


@case("vm", **LEVEL, differs={"runc": "1.1.5 has no --link-remap"})
def lost_name_takes_a_flag(t):
    """A file that is open under a name that is gone, and has another."""
    script = "exec 8>/state/a; ln /state/a /state/b; rm /state/a; " + COUNT[2]
    with counting(t, args=("/bin/sh", "-c", script)) as it:
        it.up()
        equal(it.save().status, 1)
        equal(it.c.status, "running")
        succeeds(it.save("--link-remap"))
        it.restored()
        equal(os.stat(f"/proc/{it.c.pid}/fd/8").st_ino, os.stat(f"{it.folder}/b").st_ino)


@case("vm", **LEVEL)
def lock_takes_a_flag(t):
    with counting(t, args=("/probe", "lock", "/state/lock", *COUNT)) as it:
        it.up()
        said = it.save()
        true(said.status != 0, said)
        if t.runtime.is_raind:
            contains(said.err, "--file-locks")
        equal(it.c.status, "running")
        it.counts(it.count)
        succeeds(it.save("--file-locks"))
        it.restored("--file-locks")
        with open(f"{it.folder}/lock", "wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                raise AssertionError("the lock is gone")
            except BlockingIOError:
                pass


@case("vm", **LEVEL, differs={"runc": "leaves its folder of state"})
def failed_restore_leaves_nothing(t):
    """A file of the images is missing: CRIU fails half-way."""
    with counting(t) as it:
        it.up()
        succeeds(it.save())
        os.unlink(f"{it.images}/pages-1.img")
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            before = file.read()
        status, said = it.restore()
        equal(status, 1)
        contains(said, "criu could not restore the container: ")
        contains(said, f"hint: {it.work}/restore.log tells more")
        excludes(said.lower(), "no such file")
        it.c.is_unknown()
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            equal(file.read(), before)


@case("vm", **LEVEL, differs={"runc": "1.1.5 takes ignore for soft"})
def groups_left_alone(t):
    """With `ignore` CRIU looks at no group; the processes are in the container's all the same."""
    with counting(t) as it:
        it.up()
        succeeds(it.save("--manage-cgroups-mode", "ignore"))
        it.restored("--manage-cgroups-mode", "ignore")
        group = group_of(it.c.pid)
        contains(group, it.c.id)
        with open(f"{group}/cgroup.procs", encoding="ascii") as file:
            contains(file.read().split(), str(it.c.pid))


@case("vm", **LEVEL, differs={"runc": "CRIU 3.17 doesn't save no_new_privs, and runc doesn't see to it"})
def confined_user(t):
    """Ids, capabilities, no_new_privs and the seccomp filter are there again."""
    def edit(config):
        config["process"]["user"] = {"uid": 1000, "gid": 1000}
        config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["mknod", "mknodat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 42}]}

    with counting(t, edit) as it:
        os.chmod(it.folder, 0o777)
        it.up()
        before = status_of(it.c.pid)
        succeeds(it.save())
        it.restored()
        equal(status_of(it.c.pid), before)
        equal(before["Seccomp"], "2")


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return {name: fields[name] for name in ("Uid", "Gid", "NoNewPrivs", "Seccomp", "CapEff", "CapBnd", "CapPrm")}


@case("vm", **LEVEL)
def folders_by_default(t):
    """`checkpoint` in the caller's working folder, and the log beside the images."""
    with counting(t) as it:
        it.up()
        folder = t.folder()
        succeeds(it.c.call("checkpoint", it.c.id, cwd=folder, timeout=40))
        for name in ("inventory.img", "dump.log", "descriptors.json"):
            true(os.path.exists(f"{folder}/checkpoint/{name}"), name)
        it.images = it.work = f"{folder}/checkpoint"
        it.restored()
        true(os.path.exists(f"{folder}/checkpoint/restore.log"), "restore.log")


@case("vm", **LEVEL)
def pages_that_move_lazily(t):
    """checkpoint serves the memory, `criu lazy-pages` fetches it, restore waits for neither."""
    with counting(t) as it:
        it.up()
        ready, status = os.pipe()
        save = it.c.spawn("checkpoint", "--lazy-pages", "--page-server", "127.0.0.1:27277", "--status-fd", str(status),
                          "--image-path", it.images, "--work-path", it.work, it.c.id, pass_fds=[status])
        os.close(status)
        equal(os.read(ready, 1), b"\0")
        os.close(ready)
        fetch = subprocess.Popen(["criu", "lazy-pages", "--page-server", "--address", "127.0.0.1", "--port", "27277",
                                  "--images-dir", it.images, "--work-dir", it.work], stdout=subprocess.DEVNULL)
        socket = f"{it.work}/lazy-pages.socket"
        t.until(lambda: os.path.exists(socket), "the socket of lazy-pages", 20)
        before = it.count
        # The one that is served from is still there under its id.
        other = t.name()
        process = it.c.spawn("restore", "--detach", "--lazy-pages", "--bundle", it.c.bundle.folder, "--image-path", it.images,
                             "--work-path", it.work, other)
        try:
            equal(process.wait(40), 0, "restore")
            it.counts(before)
            equal(fetch.wait(40), 0, "lazy-pages")
            equal(save.wait(40), 0, "checkpoint")
        finally:
            it.c.call("delete", "--force", other)
            for each in (fetch, save):
                each.kill()



@case("vm", **LEVEL)
def scope_is_made_again(t):
    """systemd makes it around CRIU, with the limits of the config; no later command says which driver it is."""
    units, name = Units(), t.name()
    unit = f"raind-test-{name}.scope"

    def edit(config):
        config["linux"]["cgroupsPath"] = f"system.slice:raind-test:{name}"
        config["linux"]["resources"]["pids"] = {"limit": 50}

    with counting(t, edit, glob=("--systemd-cgroup",)) as it:
        it.up()
        true(units.is_active(unit), unit)
        succeeds(it.save())
        t.until(lambda: not units.exists(unit), f"no {unit}")
        it.restored()
        true(units.is_active(unit), unit)
        equal(units.value(unit, "TasksMax"), "50")
        equal(group_of(it.c.pid), units.folder(unit))
        with open(f"{units.folder(unit)}/cgroup.procs", encoding="ascii") as file:
            contains(file.read().split(), str(it.c.pid))
        it.c.stop()
        succeeds(it.c.delete())
        t.until(lambda: not units.exists(unit), f"no {unit}")


@case("vm", **LEVEL, differs={"runc": "leaves its folder of state"})
def failed_restore_leaves_no_scope(t):
    units, name = Units(), t.name()

    def edit(config):
        config["linux"]["cgroupsPath"] = f"system.slice:raind-test:{name}"

    with counting(t, edit, glob=("--systemd-cgroup",)) as it:
        it.up()
        succeeds(it.save())
        os.unlink(f"{it.images}/pages-1.img")
        equal(it.restore()[0], 1)
        it.c.is_unknown()
        t.until(lambda: not units.exists(f"raind-test-{name}.scope"), "no scope")
