"""The caller's side of a terminal: the socket that its master is sent to, and what is written there."""

import array
import os
import select
import socket
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
