"""Why a program did not start: what is said after the words that callers read."""

import os
import struct

from harness import case, cases, contains, equal, excludes, fails, succeeds, true
from harness.bundle import set_capabilities, with_user_namespace

OURS = "a reason of our own after the runtimes' common words"
# Those that callers of OCI runtimes take for a verdict on the command.
VERDICTS = ("not found", "no such file", "permission denied", "operation not permitted")


def elf(machine):
    """The head of a program of 64 bits for another machine."""
    return struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, machine, 1, 0, 0, 0, 0, 64, 56, 0, 0, 0, 0)


def write_bytes(bundle, name, content, mode=0o755):
    path = bundle.write(name, "", mode)
    with open(path, "wb") as file:
        file.write(content)


def as_user(config, capabilities=None):
    config["process"]["user"] = {"uid": 1000, "gid": 1000}
    if capabilities is not None:
        set_capabilities(config, capabilities)


def told(t, words, edit=None, prepare=None):
    """What create, or start where only the exec itself can tell, says; (verdict, reason)."""
    with t.container(edit, words, prepare=prepare) as c:
        result = c.create(out=None, err=None)
        if result.status == 0:
            result = c.start()
        line = fails(result).err.replace('\\"', '"').strip().splitlines()[-1]
    verdict, _, reason = line.partition("; hint: ")
    for word in VERDICTS:
        excludes(reason.lower(), word)
    return verdict[verdict.index("exec: "):], reason


def folder_of_root(bundle):
    bundle.write("srv/app/tool", "#!/bin/sh\n", 0o755)
    os.chmod(bundle.path("srv/app"), 0o700)


def link_into_it(bundle):
    folder_of_root(bundle)
    os.symlink("../srv/app/tool", bundle.path("bin/tool"))


def chain(bundle):
    os.symlink("b", bundle.path("bin/a"))
    os.symlink("a", bundle.path("bin/b"))


DENIED, MISSING = "permission denied", "no such file or directory"
CASES = [
    ("folder", ["/srv/app/tool"], 'exec: "/srv/app/tool": ' + DENIED, as_user, folder_of_root,
     "the directory /srv/app has the mode 0700 and the owner 0:0, and is to be searched by 1000:1000"),
    ("folder-behind-a-link", ["/bin/tool"], 'exec: "/bin/tool": ' + DENIED, as_user, link_into_it,
     "/bin/tool is a link to ../srv/app/tool, and the directory /bin/../srv/app has the mode 0700"),
    ("found-in-path", ["tool"], 'exec: "tool": ' + DENIED, as_user, link_into_it, "/srv/app has the mode 0700"),
    ("mode-of-the-file", ["/tool"], 'exec: "/tool": ' + DENIED, as_user,
     lambda b: b.write("tool", "#!/bin/sh\n", 0o740),
     "/tool has the mode 0740 and the owner 0:0, and is to be executed by 1000:1000"),
    ("no-x", ["/tool"], 'exec: "/tool": ' + DENIED, None, lambda b: b.write("tool", "#!/bin/sh\n", 0o644),
     "/tool has the mode 0644 and the owner 0:0: nobody may execute it"),
    ("no-directory", ["/etc/passwd/tool"], f'exec: "/etc/passwd/tool": stat /etc/passwd/tool: {MISSING}', None, None,
     "/etc/passwd is no directory"),
    ("missing-folder", ["/opt/app/tool"], f'exec: "/opt/app/tool": stat /opt/app/tool: {MISSING}', None, None,
     "/opt is missing"),
    ("dangling-link", ["/bin/tool"], f'exec: "/bin/tool": stat /bin/tool: {MISSING}', None,
     lambda b: os.symlink("/opt/tool", b.path("bin/tool")), "/bin/tool is a link to /opt/tool, and /opt is missing"),
    ("circle", ["/bin/a"], 'exec: "/bin/a": ', None, chain, "more than 40 links lead on from each other"),
    ("foreign", ["/tool"], 'exec: "/tool": exec format error', None, lambda b: write_bytes(b, "tool", elf(22)),
     "/tool is a program for s390x, and this machine is "),
    ("no-format", ["/tool"], 'exec: "/tool": exec format error', None, lambda b: b.write("tool", "echo hi\n", 0o755),
     "/tool is neither an ELF program nor a script that begins with #!"),
    ("empty", ["/tool"], 'exec: "/tool": exec format error', None, lambda b: b.write("tool", "", 0o755), "/tool is empty"),
    ("foreign-interpreter", ["/script"], 'exec: "/script": exec format error', None,
     lambda b: (write_bytes(b, "tool", elf(22)), b.write("script", "#!/tool -x\n", 0o755)),
     "its script interpreter: /tool is a program for s390x"),
    ("interpreter-without-x", ["/script"], 'exec: "/script": ' + DENIED, None,
     lambda b: (b.write("tool", "#!/bin/sh\n", 0o644), b.write("script", "#!/tool\n", 0o755)),
     "its script interpreter: /tool has the mode 0644"),
    ("carriage-return", ["/script"], 'exec: "/script": its script interpreter /bin/sh', None,
     lambda b: write_bytes(b, "script", b"#!/bin/sh\r\necho\r\n"), "the first line of /script ends with a carriage return"),
]


@cases("lifecycle", CASES, raind_only=OURS)
def why_a_program_does_not_start(t, words, verdict, edit, prepare, reason):
    said = told(t, words, edit, prepare)
    contains(said[0], verdict)
    contains(said[1], reason)


@case("lifecycle", raind_only=OURS)
def why_noexec_mount(t):
    """The mount is named, that of the program and that of a script's interpreter."""
    folder = t.folder()
    for name, text in (("tool", "#!/bin/sh\n"), ("plain", "")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o755 if text else 0o644)

    def edit(config):
        config["mounts"].append({"destination": "/data/x y", "type": "bind", "source": folder,
                                 "options": ["bind", "noexec"]})

    def prepare(bundle):
        bundle.write("script", "#!/data/link\n", 0o755)
        os.makedirs(bundle.path("data"), exist_ok=True)
        os.symlink("x y/tool", bundle.path("data/link"))
    denied = 'exec: "/data/x y/tool": permission denied'
    equal(told(t, ["/data/x y/tool"], edit, prepare),
          (denied, "/data/x y/tool is on the mount /data/x y, which has noexec"))
    contains(told(t, ["/data/x y/plain"], edit, prepare)[1],
             "which has noexec; and /data/x y/plain has the mode 0644 and the owner 0:0: nobody may execute it")
    contains(told(t, ["/script"], edit, prepare)[1], "its script interpreter: /data/x y/tool is on the mount /data/x y")

    def without_procfs(config):
        edit(config)
        config["mounts"] = [m for m in config["mounts"] if m["destination"] != "/proc"]
        config["linux"]["maskedPaths"] = config["linux"]["readonlyPaths"] = []
    equal(told(t, ["/data/x y/tool"], without_procfs, prepare), (denied, "/data/x y/tool is on a mount with noexec"))


@case("lifecycle", raind_only=OURS)
def why_in_a_user_namespace(t):
    """Owners as the container sees them: the host's root is nobody there."""
    def edit(config):
        with_user_namespace(config)
        as_user(config)

    def prepare(bundle):
        folder_of_root(bundle)
        os.chmod(bundle.folder, 0o755)
    contains(told(t, ["/srv/app/tool"], edit, prepare)[1],
             "the directory /srv/app has the mode 0700 and the owner 65534:65534, and is to be searched by 1000:1000")


@case("lifecycle", raind_only=OURS)
def why_root_without_its_rights(t):
    """Only the exec shows that root lacks CAP_DAC_OVERRIDE."""
    def edit(config):
        set_capabilities(config, [])

    def prepare(bundle):
        path = bundle.write("tool", "#!/bin/sh\n", 0o700)
        os.chown(path, 1000, 1000)
    equal(told(t, ["/tool"], edit, prepare),
          ('exec: "/tool": permission denied',
           "/tool has the mode 0700 and the owner 1000:1000, and is to be executed by 0:0"))


def filter_of(*allowed):
    return {"defaultAction": "SCMP_ACT_KILL_PROCESS", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
            "syscalls": [{"names": list(allowed), "action": "SCMP_ACT_ALLOW"}]}


NEEDED = ("read", "write", "execve", "exit_group", "close", "close_range", "capset", "prctl", "setuid", "setgid", "setresuid",
          "setresgid", "setgroups", "rt_sigreturn")
LOOKS = ("openat", "statx", "fstatfs", "faccessat2", "readlinkat", "brk", "mmap", "munmap")


@cases("lifecycle", [
    (f"{kind}{'-late' if late else '-early'}", kind == "looks", late) for kind in ("looks", "blind") for late in (False, True)
], raind_only=OURS)
def why_under_a_filter(t, looks, late):
    """Under a filter that may end the process for it nobody looks; the error is told all the same."""
    def edit(config):
        config["process"]["noNewPrivileges"] = late
        config["linux"]["seccomp"] = filter_of(*NEEDED, *(LOOKS if looks else ()))
    verdict, reason = told(t, ["/tool"], edit, lambda b: b.write("tool", "echo hi\n", 0o755))
    equal(verdict, 'exec: "/tool": exec format error')
    equal(reason, "/tool is neither an ELF program nor a script that begins with #!" if looks else "")


@case("lifecycle", raind_only=OURS)
def why_exec(t):
    """exec tells the same, and so does run; the container lives on."""
    def prepare(bundle):
        write_bytes(bundle, "foreign", elf(243))
        folder_of_root(bundle)
    with t.container(prepare=prepare) as c:
        c.up()
        result = fails(c.exec("/foreign"), 'exec: "/foreign": exec format error', status=255)
        contains(result.err, "/foreign is a program for riscv64")
        result = fails(c.exec("/srv/app/tool", flags=["--user", "1000:1000"]), "permission denied", status=255)
        contains(result.err, "the directory /srv/app has the mode 0700")
        equal(c.status, "running")
    result = t.run(["/foreign"], prepare=prepare)
    fails(result, "/foreign is a program for riscv64")


@case("lifecycle", raind_only=OURS)
def why_in_the_log(t):
    """The log has the whole line, of which callers take the verdict."""
    log = t.file(name="log.json")
    with t.container(args=["/etc/passwd/x"]) as c:
        t.call("--log", log, "--log-format", "json", "create", "--bundle", c.bundle.folder, c.id, out=c.out_path, err=c.err_path)
        with open(log, encoding="utf-8") as file:
            text = file.read()
        contains(text, "no such file or directory; hint: /etc/passwd is no directory")
        true(text.count("\n") == 1, "one line")


@case("lifecycle", raind_only=OURS)
def why_nothing_is_said_of_what_starts(t):
    equal(succeeds(t.run(["/bin/true"])).err, "")
