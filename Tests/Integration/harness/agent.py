"""An agent that answers for SCMP_ACT_NOTIFY: seccomp_unotify(2), by ioctl."""

import array
import contextlib
import fcntl
import json
import os
import select
import socket
import struct
import threading

RECEIVE = 0xC0502100  # SECCOMP_IOCTL_NOTIF_RECV
ANSWER = 0xC0182101  # SECCOMP_IOCTL_NOTIF_SEND
CONTINUE = 1  # SECCOMP_USER_NOTIF_FLAG_CONTINUE

# A decision: (value, errno, flags).
LET_PASS = (0, 0, CONTINUE)


def refuse(errno):
    return (0, -errno, 0)


def pretend(value):
    return (value, 0, 0)


class Agent:
    """Listens at `path`; each connection hands it a listener. `decide(number)` of a call is its answer; None as `decide`
    lets go of each listener at once. Use it as a context."""

    def __init__(self, path, decide, kind=socket.SOCK_STREAM):
        self.path = path
        self.decide = decide
        # What came on each connection: the document and how many descriptors.
        self.states = []
        # The numbers of the calls that were asked about.
        self.asked = []
        self._socket = socket.socket(socket.AF_UNIX, kind)
        self._socket.bind(path)
        os.chmod(path, 0o777)
        if kind == socket.SOCK_STREAM:
            self._socket.listen(16)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._listeners = []
        self._is_stream = kind == socket.SOCK_STREAM

    def __enter__(self):
        if self._is_stream:
            self._thread.start()
        return self

    def __exit__(self, *_):
        os.close(self._wake_write)
        if self._is_stream:
            self._thread.join(10)
        self._socket.close()
        for fd in self._listeners:
            os.close(fd)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def _serve(self):
        while True:
            ready, _, _ = select.select([self._socket, self._wake_read, *self._listeners], [], [])
            for source in ready:
                if source == self._wake_read:
                    return
                if source is self._socket:
                    self._take()
                else:
                    self._answer(source)

    def _take(self):
        connection, _ = self._socket.accept()
        with connection:
            text, descriptors = b"", array.array("i")
            while True:
                part, ancillary, _, _ = connection.recvmsg(1 << 16, socket.CMSG_SPACE(16 * 4))
                for level, kind, data in ancillary:
                    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                        descriptors.frombytes(data[:len(data) - len(data) % 4])
                if not part:
                    break
                text += part
        self.states.append((json.loads(text), len(descriptors)))
        for fd in descriptors:
            if self.decide is None:
                os.close(fd)
            else:
                self._listeners.append(fd)

    def _answer(self, fd):
        request = bytearray(80)
        try:
            fcntl.ioctl(fd, RECEIVE, request)
        except OSError:
            # The caller was killed meanwhile, or nobody is left who could call.
            poll = select.poll()
            poll.register(fd, 0)
            if any(event & select.POLLHUP for _, event in poll.poll(0)):
                self._listeners.remove(fd)
                os.close(fd)
            return
        identity, _, _, number = struct.unpack_from("=QIIi", request)
        self.asked.append(number)
        with contextlib.suppress(OSError):
            fcntl.ioctl(fd, ANSWER, struct.pack("=QqiI", identity, *self.decide(number)))
