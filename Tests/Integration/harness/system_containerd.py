"""containerd with systemd's control groups and AppArmor, below ctr and as Kubernetes configures it: for cases in a guest."""

import os

from .containerd import Containerd
from .cri import Kubelet
from .service import folder_of, properties

# What its caller sees of a container's unit.
OF_A_SCOPE = ("ActiveState", "Slice", "Delegate", "Transient", "DefaultDependencies", "CollectMode", "MemoryMax", "MemorySwapMax",
              "CPUWeight", "CPUQuotaPerSecUSec", "AllowedCPUs", "TasksMax", "DevicePolicy", "DeviceAllow")


class _Scopes:
    """Containers in scopes: `shows` tells of them."""

    # systemd's sockets are in /run too.
    own_run = "/run/containerd"

    def pid(self, name):
        """As the shim has written it: a ctr would cost a second each time."""
        with open(os.path.join(self.bundle_of(name), "init.pid"), encoding="ascii") as file:
            return int(file.read())

    def scope(self, name):
        """The unit that the task is in: its group is named like it."""
        return folder_of(self.pid(name)).rsplit("/", 1)[1]

    def shows(self, scope, *names):
        """Properties of a scope; with none named those that its caller sees, which the transcript has."""
        found = properties(scope, *(names or OF_A_SCOPE))
        if not names:
            # The slice may be named after the case.
            for key, value in found.items() - {("Slice", found["Slice"])}:
                self.t.transcript.note(f"scope's {key}", sorted(value.split("\n")) if key == "DeviceAllow" else value)
        return found


class SystemContainerd(_Scopes, Containerd):
    """Use it as a context. A task NAME of it is in the scope PREFIX-NAME.scope of the machine's slice."""

    def group_words(self, name):
        return ["--runc-systemd-cgroup", "--cgroup", f"machine.slice:{self.prefix}:{name}"]


class SystemKubelet(_Scopes, Kubelet):
    """Use it as a context. Its pods are in the slice that a kubelet with cgroupDriver: systemd gives to one without requests."""

    of_the_machine = []
    of_the_runtime = ["SystemdCgroup = true"]

    def __init__(self, t):
        super().__init__(t)
        self.uid = self.prefix.replace("-", "_")
        self.parent = f"kubepods-besteffort-pod{self.uid}.slice"
        self.folder_of_pod = f"/sys/fs/cgroup/kubepods.slice/kubepods-besteffort.slice/{self.parent}"
