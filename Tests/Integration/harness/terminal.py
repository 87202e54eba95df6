"""The caller's side of a terminal: the socket that its master is sent to, and what is written there."""

import array
import fcntl
import os
import pty
import select
import socket
import struct
import subprocess
import termios
import time


class ConsoleSocket:
    """Listens; `receive` takes one connection and one message with its descriptors."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "console.sock")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        self.listener.listen(2)
        self.connection = None

    def receive(self, seconds=10):
        """(payload, descriptors)."""
        self.listener.settimeout(seconds)
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(seconds)
        data, ancillary, _, _ = self.connection.recvmsg(4096, socket.CMSG_SPACE(4 * 16))
        descriptors = array.array("i")
        for level, kind, payload in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                descriptors.frombytes(payload[:len(payload) - len(payload) % descriptors.itemsize])
        return data, list(descriptors)

    def rest(self, seconds):
        """What comes after the message: bytes, b"" at the end, None when there is nothing yet."""
        self.connection.settimeout(seconds)
        try:
            return self.connection.recv(4096)
        except (TimeoutError, BlockingIOError):
            return None

    def close(self):
        if self.connection:
            self.connection.close()
        self.listener.close()
        os.unlink(self.path)


def read_terminal(master, until=None, seconds=10):
    """What the terminal says, up to its end or to `until`."""
    said, end = b"", time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([master], [], [], max(0, end - time.monotonic()))
        if not ready:
            raise AssertionError(f"not within {seconds} s: {until!r} in {said!r}")
        try:
            part = os.read(master, 65536)
        except OSError:
            # EIO: the last one that had it open is gone.
            part = b""
        said += part
        text = said.decode("utf-8", "replace")
        if not part or (until and until in text):
            return text


def on_a_terminal(command, steps=(), size=(40, 90), env=None, seconds=20, become=None):
    """A command in the foreground of a terminal: what it says, and its exit status.

    steps: (what is waited for, what is then typed: bytes; or what is done: a function of the terminal's master).
    become: runs in the child before exec.
    """
    master, slave = pty.openpty()
    resize(slave, *size)

    def before():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        if become:
            become()
    settings = termios.tcgetattr(slave)
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, preexec_fn=before, env=env)
    said = ""
    try:
        for until, step in steps:
            said += read_terminal(master, until) if until else ""
            if callable(step):
                step(master)
            else:
                os.write(master, step)
        status = process.wait(seconds)
    except BaseException:
        process.kill()
        process.wait()
        raise
    # The slave stays open here until the settings have been looked at.
    after = termios.tcgetattr(slave)
    os.close(slave)
    said += read_terminal(master)
    os.close(master)
    if after[:4] != settings[:4]:
        raise AssertionError(f"the caller's terminal isn't as it was: {after[:4]} instead of {settings[:4]}")
    return said, status


def resize(terminal, rows, columns):
    """The size of the window; who is in the foreground gets SIGWINCH."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def run_on_a_terminal(runtime, root, words, typed=b"", until=None, size=(40, 90), become=None):
    """The same of a command of the runtime. Types once `until` was said."""
    return on_a_terminal([runtime.path, "--root", root, *words], [(until, typed)], size, become=become)
