"""A shell with job control on a terminal, as a person has it, and what is typed there."""

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import time

from .context import children
from .terminal import read_terminal


class JobShell:
    """bash on a terminal of its own. Use it as a context."""

    def __init__(self, scratch, size=(40, 90)):
        self.scratch = scratch
        self.size = size
        self.said = ""

    def __enter__(self):
        self.master, self.slave = pty.openpty()
        self.resize(*self.size)

        def before():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-i"], stdin=self.slave, stdout=self.slave, stderr=self.slave,
            preexec_fn=before, cwd=self.scratch,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PS1": "", "TERM": "dumb"})
        self.type("bind 'set enable-bracketed-paste off'; PS1='shell> '; echo begun'!'\n", "begun!")
        return self

    def __exit__(self, *_):
        for pid in [*children(self.process.pid), self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.slave)
        os.close(self.master)

    def type(self, keys, until):
        """Types, and reads until something is said; what was said."""
        os.write(self.master, keys if isinstance(keys, bytes) else keys.encode())
        return read_terminal(self.master, until, 10)

    def wait(self, until):
        return read_terminal(self.master, until, 10)

    @property
    def job(self):
        """The process that the shell has made: its only one."""
        end = time.monotonic() + 10
        while len(found := children(self.process.pid)) != 1:
            if time.monotonic() > end:
                raise AssertionError(f"the shell has the processes {found}")
            time.sleep(0.01)
        return found[0]

    @property
    def is_raw(self):
        """Whether the terminal passes every byte as it is."""
        return not termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ISIG)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def modes(self):
        """The terminal's modes as a program of the shell's sees them."""
        said = self.type("stty -g; echo modes'!'\n", "modes!")
        return next(line.strip() for line in said.splitlines() if line.count(":") > 10)
