"""The runtime under test, called as a person or an engine calls it."""

import os
import subprocess
import time


class Result:
    def __init__(self, command, status, out, err, seconds):
        self.command = command
        self.status = status
        self.out = out
        self.err = err
        self.seconds = seconds

    def __repr__(self):
        return f"{self.command}: exit {self.status}, out {self.out!r}, err {self.err!r}"


class Runtime:
    def __init__(self, path):
        self.path = os.path.abspath(path)
        base = os.path.basename(self.path)
        self.name = next((name for name in ("runc", "crun", "youki") if name in base), "raind-oci")
        self.is_raind = self.name == "raind-oci"

    def call(self, words, *, root, scratch, glob=(), cwd=None, env=None, stdin=None, out=None, err=None, fds=(),
             timeout=20, before=None, umask=None, root_flag=True):
        """Runs `runtime --root ROOT [glob..] words..` and returns its Result.

        Standard output and error go to files: a container inherits them, and a pipe would last as long as it does.
        out and err name files to append to and keep; else what was said is in the result. Descriptors in fds are
        passed on under their own numbers. `before` runs in the child before exec.
        """
        command = [self.path]
        if root_flag:
            command += ["--root", root]
        command += [*glob, *words]
        out_path = out or os.path.join(scratch, f"out-{time.monotonic_ns()}")
        err_path = err or os.path.join(scratch, f"err-{time.monotonic_ns()}")
        began = time.monotonic()
        with open(out_path, "ab") as out_file, open(err_path, "ab") as err_file:
            out_from, err_from = out_file.tell(), err_file.tell()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL if stdin is None else stdin, stdout=out_file, stderr=err_file,
                cwd=cwd, env=ENVIRONMENT if env is None else env, pass_fds=fds, preexec_fn=before,
                umask=-1 if umask is None else umask)
            try:
                status = process.wait(timeout)
            except BaseException:
                process.kill()
                process.wait()
                raise
        seconds = time.monotonic() - began
        said = []
        for path, start, keep in ((out_path, out_from, out), (err_path, err_from, err)):
            with open(path, "rb") as file:
                file.seek(start)
                said.append(file.read().decode("utf-8", "surrogateescape"))
            if not keep:
                os.unlink(path)
        return Result(f"{self.name} {' '.join(map(str, words))}", 128 - status if status < 0 else status, *said, seconds)


# What a caller's environment has at least.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
