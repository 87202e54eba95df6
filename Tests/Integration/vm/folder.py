"""Where what guests are made of is kept, and how one process at a time makes it."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys


class Folder:
    """$RAIND_VM, or .build/vm of the project: kernels, root file systems, images. All of it can be made again."""

    def __init__(self, project):
        self.path = os.environ.get("RAIND_VM") or os.path.join(project, ".build", "vm")
        os.makedirs(self.path, exist_ok=True)

    def __call__(self, *names):
        return os.path.join(self.path, *names)

    @contextlib.contextmanager
    def locked(self):
        with open(self("lock"), "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def made(self, name, of, make):
        """The path of NAME-DIGEST, made by make(path) unless it is there; `of` is all that it depends on."""
        digest = hashlib.sha256(repr(of).encode()).hexdigest()[:12]
        path = self(f"{name}-{digest}")
        with self.locked():
            if not os.path.exists(path):
                for other in os.listdir(self.path):
                    if other.startswith(name + "-"):
                        remove(self(other))
                partial = self(f"partial-{name}-{digest}")
                remove(partial)
                make(partial)
                os.rename(partial, path)
        return path


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def quiet(*command, **options):
    """Runs a command, whose words matter only when it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])}: exit {done.returncode}: {done.stdout.strip()[-800:]}")
    return done.stdout


def say(text):
    print(f"# {text}", file=sys.stderr, flush=True)
