"""One guest: booted, listened to, ended."""

import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1


def _end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Machine:
    """A guest that writes a line at a time on its second serial port, the last of them `end STATUS`."""

    def __init__(self, kernel, initramfs, disks, words, mebibytes, log):
        self.console = log + ".console"
        self.results = log + ".results"
        for path in (self.console, self.results):
            # What an earlier guest said is never read for this one's words.
            with open(path, "wb"):
                pass
        command = [
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-smp", "2", "-m", str(mebibytes),
            "-kernel", kernel.image, "-initrd", initramfs,
            "-append", f"console=ttyS0 quiet panic=-1 {' '.join(words)}",
            "-nodefaults", "-no-user-config", "-display", "none", "-nic", "none", "-no-reboot",
            "-serial", f"file:{self.console}", "-serial", f"file:{self.results}"]
        for disk in disks:
            # Writes go to a file that has no name, and the image stays as it is.
            command += ["-drive", f"file={disk},if=virtio,format=raw,snapshot=on"]
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            errors="replace", env={**os.environ, "TMPDIR": os.path.dirname(log)}, preexec_fn=_end_with_parent)
        self._read = 0
        self._rest = b""

    def lines(self):
        """The lines that were written since the last call."""
        with open(self.results, "rb") as file:
            file.seek(self._read)
            data = file.read()
        self._read += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [line.decode("utf-8", "replace").rstrip("\r") for line in whole]

    @property
    def has_ended(self):
        return self._process.poll() is not None

    @property
    def seconds(self):
        return time.monotonic() - self.began

    def end(self):
        """Ends it, whatever it does; what QEMU said about itself."""
        self._process.kill()
        return self._process.communicate()[1].strip()

    def last_words(self, count=12):
        """The end of the console's log."""
        with open(self.console, encoding="utf-8", errors="replace") as file:
            return [line.rstrip() for line in file.read().replace("\r", "").split("\n") if line.strip()][-count:]
