"""A service manager's side of sd_notify(3): the socket that NOTIFY_SOCKET names, and what is said there."""

import array
import os
import socket

from .runtime import ENVIRONMENT


class ServiceManager:
    def __init__(self, folder, abstract=False):
        self.path = os.path.join(folder, "manager.sock")
        self.name = "@raind-test-" + str(os.getpid()) + self.path if abstract else self.path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.name[1:] if abstract else self.path)
        if not abstract:
            os.chmod(self.path, 0o777)

    @property
    def env(self):
        return {**ENVIRONMENT, "NOTIFY_SOCKET": self.name}

    def receive(self, seconds=10):
        """The next datagram's lines, None when there is none. The descriptor of a barrier is closed: it was read."""
        self.socket.settimeout(seconds)
        try:
            data, ancillary, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(4 * 16))
        except (TimeoutError, BlockingIOError):
            return None
        for _, _, payload in ancillary:
            descriptors = array.array("i")
            descriptors.frombytes(payload[:len(payload) - len(payload) % descriptors.itemsize])
            for descriptor in descriptors:
                os.close(descriptor)
        return data.decode().splitlines()

    def said(self, seconds=10):
        """All lines that are said about readiness: those up to the main process, and what comes right after."""
        lines = []
        while not any(line.startswith("MAINPID=") for line in lines):
            got = self.receive(seconds)
            if got is None:
                raise AssertionError(f"not within {seconds} s: MAINPID in {lines}")
            lines += got
        while (got := self.receive(0.2)) is not None:
            lines += got
        return [line for line in lines if line != "BARRIER=1"]

    def close(self):
        self.socket.close()
        if os.path.exists(self.path):
            os.unlink(self.path)
