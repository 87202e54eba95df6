"""What the runtime's last line must be when a call of it has failed: it names command, container, step, operation, subject and
errno. And what is let pass in place of that, each with the reason."""

import re

from . import calls

# raind-oci: create demo: mount proc on /proc (/mounts/0): fsmount: EPERM; hint: ..
LINE = re.compile(r"raind-oci: (?P<command>[a-z]+) (?P<id>[A-Za-z0-9_+.-]+): (?P<rest>.+)")
CAUSE = re.compile(r"(?P<step>.+?)(?: \((?P<pointer>/[^()]*)\))?: (?P<operation>[^:]+?): (?P<errno>E[A-Z0-9]+)")
DEATH = re.compile(r"(?P<step>.+?)(?: \((?P<pointer>/[^()]*)\))?: the container's process died"
                   r"(?: with exit status \d+| of SIG[A-Z]+| before it executed its program)")
HOOK = re.compile(r"(?P<step>run hooks \w+) \((?P<pointer>/hooks/\w+/\d+)\): (?P<operation>/.+)")
# What callers read as a verdict, in these words.
VERDICTS = ("container not running", "container does not exist", "cannot exec in a stopped container",
            "cannot start a container that has stopped")
COMMAND = re.compile(r'exec: "[^"]*": (?:permission denied|no such file or directory|executable file not found in \$PATH|'
                     r'stat [^ ]*: no such file or directory|E[A-Z0-9]+|.*: E[A-Z0-9]+)')
# How an operation is called where that isn't the system call's own name.
ALIASES = {
    "newfstatat": ("fstatat", "stat", "lstat", "fstat"), "fstat": ("stat",), "prlimit64": ("prlimit",), "write": ("writev",),
    "unlinkat": ("rmdir", "unlinkat"), "getdents64": ("readdir", "getdents"), "eventfd2": ("eventfd",), "pipe2": ("pipe",),
    "faccessat2": ("faccessat", "access"), "faccessat": ("access",), "dup3": ("dup",), "signalfd4": ("signalfd",),
    "execveat": ("execve",), "clone3": ("clone",), "clone": ("clone3",), "wait4": ("waitpid",), "mknodat": ("mkfifo",),
    "openat": ("open",), "sendmsg": ("read",), "recvmsg": ("read",),
    "readlink": ("readlinkat",), "ppoll": ("poll",), "renameat2": ("rename",), "getcwd": ("getcwd",),
}


class Words:
    """A line taken apart. `problem`: what is wrong with it, if anything."""

    def __init__(self, verb, lab_id, status, said, point, fault):
        self.step = ""
        self.problem = None
        lines = [line for line in said.splitlines() if line]
        if not lines:
            self.problem = "fails without a word"
            return
        others = [line for line in lines[:-1] if not line.startswith("raind-oci: warning: ")]
        if others:
            self.problem = f"says beside it {others[0][:200]!r}"
            return
        line = LINE.fullmatch(lines[-1])
        if not line:
            self.problem = f"says {lines[-1][:200]!r}"
            return
        if (line["command"], line["id"]) != (verb.command, lab_id):
            self.problem = f"names {line['command']} {line['id']}"
            return
        if status >= 128 and not (verb.command == "exec" and status == 255):
            self.problem = f"ends by signal {status - 128}"
            return
        rest = line["rest"].partition("; hint: ")[0]
        self._judge(rest, point, fault)

    def _judge(self, rest, point, fault):
        if rest in VERDICTS or COMMAND.fullmatch(rest):
            self.step = "verdict"
            return
        found = DEATH.fullmatch(rest)
        if found:
            self.step = found["step"]
            return
        if fault not in calls.ERRNOS:
            # Half of what was to be read is damage, and told as such.
            return
        found = CAUSE.fullmatch(rest) or HOOK.fullmatch(rest)
        if not found:
            self.problem = f"has no step, operation and errno: {rest[:200]!r}"
            return
        self.step = found["step"]
        words = found.groupdict()
        operation, _, subject = words["operation"].partition(" ")
        if " " not in found["step"] and not subject:
            self.problem = f"has no subject: {rest[:200]!r}"
        elif "errno" in words and words["errno"] != fault:
            self.problem = f"tells of another errno than {fault}: {rest[:200]!r}"
        elif "errno" in words and not (self._is_operation(operation, point.name) or subject == "channel runtime"):
            self.problem = f"tells of another call than {point.name}: {rest[:200]!r}"

    @staticmethod
    def _is_operation(operation, name):
        operation = operation.partition("(")[0]
        return operation == name or operation in ALIASES.get(name, ())
