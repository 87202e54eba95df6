"""containerd as Kubernetes uses it: by its CRI plugin, with the runtime named in the daemon's configuration."""

import json
import os

from .containerd import IMAGE, WITHOUT, Containerd
from .grpc import fields, grpc, message

PLUGIN = "io.containerd.grpc.v1.cri"
HOST_NETWORK = 2
SHARED, OWN = 0, 1


class Kubelet(Containerd):
    """Use it as a context. Pods have the host's network: another takes plugins that nobody here has."""

    without = [name for name in WITHOUT if name != PLUGIN]

    def __init__(self, t):
        super().__init__(t, namespace="k8s.io")
        self.logs = t.folder()
        # The control group that its pods are in.
        self.parent = f"/{self.prefix}"

    def __enter__(self):
        super().__enter__()
        try:
            # The sandbox's own program is the image's.
            self.snapshotter = "native"
            self.image(lambda config: config.update({"Cmd": ["/probe", "sleep"]}))
            self.t.until(lambda: IMAGE in self.call("images", "ls", "--quiet", record=False).out, "the image")
        except BaseException:
            self.__exit__()
            raise
        return self

    def config(self):
        name = f'plugins."{PLUGIN}"'
        return [
            f"[{name}]", f"sandbox_image = {json.dumps(IMAGE)}", *self.of_the_machine,
            f"[{name}.cni]", f"bin_dir = {json.dumps(self.folder)}", f"conf_dir = {json.dumps(self.folder)}",
            f"[{name}.containerd]", 'snapshotter = "native"', 'default_runtime_name = "raind"',
            f"[{name}.containerd.runtimes.raind]", 'runtime_type = "io.containerd.runc.v2"',
            f"[{name}.containerd.runtimes.raind.options]", f"BinaryName = {json.dumps(self.t.runtime.path)}",
            *self.of_the_runtime]

    # Lines of the plugin's configuration, and of its runtime's. Less of an oom score than the daemon's own takes
    # CAP_SYS_RESOURCE, which not every machine gives to root.
    of_the_machine = ["disable_apparmor = true", "restrict_oom_score_adj = true"]
    of_the_runtime = []

    def ask(self, method, *parts):
        """(fields of the answer, "") or ({}, the error)."""
        answer, error = grpc(self.socket, f"runtime.v1.RuntimeService/{method}", message(*parts), self.folder)
        return fields(answer), error

    def must(self, method, *parts):
        answer, error = self.ask(method, *parts)
        if error:
            raise AssertionError(f"{method}: {error}")
        return answer

    def pod(self, pid=OWN):
        """A pod's id."""
        security = message((1, message((1, HOST_NETWORK), (2, pid), (3, SHARED))))
        self.sandbox = message((1, message((1, self.prefix), (2, "uid"), (3, "default"))), (3, self.logs),
                               (8, message((1, self.parent), (2, security))))
        return self.must("RunPodSandbox", (1, self.sandbox))[1].decode()

    def create(self, pod, name, *words, resources=b"", security=b"", env=(), pid=OWN):
        """(a container's id, "") or ("", the error)."""
        security += message((3, message((1, HOST_NETWORK), (2, pid), (3, SHARED))))
        config = message((1, message((1, name))), (2, message((1, IMAGE))), (3, list(words)),
                         (6, [message((1, key), (2, value)) for key, value in env]), (11, f"{name}.log"),
                         (15, message((1, resources), (2, security))))
        answer, error = self.ask("CreateContainer", (1, pod), (2, config), (3, self.sandbox))
        return answer.get(1, b"").decode(), error

    def up(self, pod, name, *words, **options):
        made, error = self.create(pod, name, *words, **options)
        if error:
            raise AssertionError(f"CreateContainer: {error}")
        self.must("StartContainer", (1, made))
        return made

    def exec(self, made, *words, seconds=5):
        """(status, output, errors), or the error's text."""
        answer, error = self.ask("ExecSync", (1, made), (2, list(words)), (3, seconds))
        return error or (answer.get(3, 0), answer.get(1, b"").decode(), answer.get(2, b"").decode())

    def status(self, made):
        """(created, running, exited or unknown; exit status; reason; message)."""
        answer = fields(self.must("ContainerStatus", (1, made))[1])
        return (("created", "running", "exited", "unknown")[answer.get(3, 0)], answer.get(7, 0), answer.get(10, b"").decode(),
                answer.get(11, b"").decode())

    def until_exited(self, made):
        self.t.until(lambda: self.status(made)[0] == "exited", "the container has ended")
        return self.status(made)

    def log_of(self, name):
        """What the container said, without the times."""
        with open(os.path.join(self.logs, f"{name}.log"), encoding="utf-8") as file:
            return [line.rstrip("\n").split(" ", 1)[1] for line in file]

    def remove(self, pod, *made):
        for each in made:
            self.must("StopContainer", (1, each), (2, 0))
            self.must("RemoveContainer", (1, each))
        self.must("StopPodSandbox", (1, pod))
        self.must("RemovePodSandbox", (1, pod))
