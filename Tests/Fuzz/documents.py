"""Documents that profiles are made of, put together at random from the parts that such documents have.

What changes bytes, or a value at a time, hardly ever makes a label of four parts or a filter with a supervisor in it.
"""

import json

ODD = (
    "", "a b", "\u0001", "\n", "\u0085", "\u2028", "x" * 70, "x" * 300, "..", ".", "/", "../../etc/x", "/etc/x", "a/b", "ALL",
    "all", "cap_all", "CAP_SYS_ADMIN", "NET_ADMIN", "\u00e9", "\U0001F600", "unconfined", "RuntimeDefault", "Localhost",
    "localhost/", "localhost/x", "localhost/a b", "localhost/\n", "s0:c1,c2", ":", "a:b", ":a", "null", "true", "1", "4.8",
    "auto", "never", "default", "deploy", "raind-default", "//&x", "a//&b", "&x", "'", '"', "{", "[", "#", "---", "@{PROC}",
    "/a/**", "/a b", '/a"b', "/x{", "/a\\", "SCMP_ACT_NOTIFY", "x\u007f", "~", "<<", "0x10", "1e3", ".inf", "1_000", "0o7", "No",
    "2001-01-01")
NUMBERS = (0, 1, -1, 5, 6, 256, 65535, 65536, 133, 4096, 1 << 32, (1 << 63) - 1, (1 << 64) - 1, 1 << 64, 10**30, 1.5)
ACTIONS = tuple("SCMP_ACT_" + name for name in (
    "ALLOW", "ERRNO", "KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP", "TRACE", "LOG", "NOTIFY"))
ARCHITECTURES = tuple("SCMP_ARCH_" + name for name in (
    "X86_64", "X86", "X32", "AARCH64", "ARM", "S390", "S390X", "MIPS64", "NATIVE"))
COMPARISONS = tuple("SCMP_CMP_" + name for name in ("NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"))
CALLS = ("read", "write", "socket", "clone", "clone3", "ioctl", "personality", "semop", "nosuch", "mount", "ptrace", "bpf",
         "_llseek", "arm_fadvise64_64", "s390_pci_mmio_read")
CAPABILITIES = ("SYS_ADMIN", "CAP_NET_RAW", "cap_chown", "ALL", "SYS_PTRACE", "all", "BPF")
FLAGS = tuple("SECCOMP_FILTER_FLAG_" + name for name in (
    "LOG", "SPEC_ALLOW", "TSYNC", "WAIT_KILLABLE_RECV", "NEW_LISTENER"))
OPERATOR = "security-profiles-operator.x-k8s.io/v1beta1"
ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


class Documents:
    def __init__(self, random):
        self._random = random

    def document(self):
        """The byte that chooses how it is read, and the document's text."""
        make, choice = self._random.choice(((self._pod, 3), (self._resources, 3), (self.seccomp, 3), (self._manifest, 1)))
        # As YAML, which JSON is too, or as JSON.
        choice -= self._chance(0.3)
        return b"%d" % choice + json.dumps(make(), ensure_ascii=self._chance(0.5)).encode()

    def _chance(self, share):
        return self._random.random() < share

    def _one(self, *choices):
        return self._random.choice(choices)

    def _text(self, *likely):
        return self._one(*likely) if likely and self._chance(0.75) else self._one(*ODD)

    def _any(self, depth=2):
        kind = self._random.randrange(6 if depth else 4)
        if kind < 2:
            return self._one(*ODD)
        if kind == 2:
            return self._one(*NUMBERS)
        if kind == 3:
            return self._one(True, False, None)
        parts = [(self._one(*ODD), self._any(depth - 1)) for _ in range(self._random.randrange(3))]
        return dict(parts) if kind == 4 else [part for _, part in parts]

    def _perhaps(self, value):
        """Another value in its place, now and then."""
        return self._any() if self._chance(0.04) else value

    def _some(self, **members):
        return {name: self._perhaps(make()) for name, make in members.items() if self._chance(0.6)}

    def _several(self, make, count=4):
        return [self._perhaps(make()) for _ in range(self._random.randrange(count))]

    def _flag(self):
        return self._chance(0.5)

    def _capabilities(self):
        return self._several(lambda: self._one(*CAPABILITIES))

    def _paths(self):
        return self._several(lambda: self._text("/a", "/b/**", "/usr/bin/x"))

    def _calls(self):
        return self._several(lambda: self._one(*CALLS))

    def _condition(self):
        found = {"index": self._perhaps(self._random.randrange(7)), "op": self._perhaps(self._one(*COMPARISONS)),
                 "value": self._perhaps(self._one(0, 1, (1 << 32) - 1, 1 << 32, (1 << 64) - 1))}
        if self._chance(0.5):
            found["valueTwo"] = self._perhaps(self._one(0, 1, (1 << 64) - 1))
        return found

    def _limits(self):
        return self._some(
            caps=self._capabilities, arches=lambda: self._several(lambda: self._one("amd64", "x86", "arm64", "s390x", "arm")),
            minKernel=lambda: self._one("4.8", "6.18", "99.0", 4.8))

    def _rule(self):
        rule = {"names": self._perhaps(self._calls() or ["read"]), "action": self._perhaps(self._one(*ACTIONS))}
        if self._chance(0.6):
            rule.update(self._some(errnoRet=lambda: self._one(0, 1, 133, 4095, "EPERM"), comment=self._text,
                                   args=lambda: self._several(self._condition)))
        for name in ("includes", "excludes"):
            if self._chance(0.2):
                rule[name] = self._perhaps(self._limits())
        if self._chance(0.1):
            rule["name"] = self._one(*CALLS)
        return rule

    def seccomp(self):
        """A seccomp list in Docker's or OCI's form."""
        found = {"defaultAction": self._perhaps(self._one(*ACTIONS)), **self._some(
            defaultErrnoRet=lambda: self._one(0, 1, 38, 4095), flags=lambda: self._several(lambda: self._one(*FLAGS)),
            syscalls=lambda: self._several(self._rule, 6))}
        kind = self._random.randrange(3)
        architectures = self._several(lambda: self._one(*ARCHITECTURES))
        if kind == 0:
            found["architectures"] = self._perhaps(architectures)
        elif kind == 1:
            found["archMap"] = [{"architecture": name, "subArchitectures": architectures} for name in architectures]
        if self._chance(0.1):
            found.update(listenerPath=self._text(), listenerMetadata=self._text())
        return found

    def _profile(self):
        return self._some(type=lambda: self._one("Localhost", "RuntimeDefault", "Unconfined"),
                          localhostProfile=lambda: self._text("mine", "a.json", "x/y.json"))

    def _context(self):
        label = {"user": "system_u", "role": "system_r", "type": "container_t", "level": "s0:c1,c2"}
        return self._some(
            privileged=lambda: self._chance(0.3), capabilities=lambda: self._some(add=self._capabilities, drop=self._capabilities),
            allowPrivilegeEscalation=self._flag, readOnlyRootFilesystem=self._flag, seccompProfile=self._profile,
            appArmorProfile=self._profile, runAsUser=lambda: self._one(0, 1000), procMount=self._text,
            seLinuxOptions=lambda: {name: self._perhaps(self._text(part)) for name, part in label.items() if self._chance(0.9)})

    def _pod(self):
        name = self._text("c")
        containers = [{"name": self._perhaps(name), "securityContext": self._perhaps(self._context())}
                      for _ in range(self._one(1, 1, 1, 1, 2, 0))]
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": containers, **self._some(securityContext=self._context)},
               "metadata": self._some(name=lambda: self._text("p"),
                                      annotations=lambda: {ANNOTATION + name: self._text("localhost/mine", "runtime/default")})}
        return self._one(
            pod, pod, pod, {"kind": "Deployment", "spec": {"template": pod}},
            {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": pod}}}}, {"securityContext": self._context()},
            self._context())

    def _resource(self, kind, spec):
        return {"apiVersion": OPERATOR, "kind": kind, "metadata": {"name": self._perhaps(self._text("mine"))}, "spec": spec}

    def _resources(self):
        filtered = self._resource("SeccompProfile", {**self.seccomp(), **self._some(
            state=lambda: "Disabled", baseProfileName=self._text)})
        confined = self._resource("AppArmorProfile", self._some(
            mode=lambda: self._one("Complain", "Enforce"), abstract=lambda: self._some(
                filesystem=lambda: self._some(
                    readOnlyPaths=self._paths, readWritePaths=self._paths, writeOnlyPaths=self._paths),
                executable=lambda: self._some(allowedExecutables=self._paths, allowedLibraries=self._paths),
                capability=lambda: {"allowedCapabilities": self._capabilities()},
                network=lambda: self._some(
                    allowRaw=self._flag, allowedProtocols=lambda: self._some(allowTcp=self._flag, allowUdp=self._flag)))))
        return self._one(filtered, confined, {"kind": "List", "items": [filtered, confined]})

    def _manifest(self):
        spec = self._some(
            extends=lambda: self._text("default", "dev", "deploy", "restricted", "privileged", "unconfined", "hardened", "mine"),
            ambient=lambda: self._one("auto", "never", self._capabilities()), noNewPrivileges=self._flag,
            selinuxLabel=lambda: self._text("system_u:system_r:container_t:s0"),
            apparmor=lambda: self._one("unconfined", self._some(
                profile=lambda: self._text("mine", "raind-default"), mode=lambda: self._text("complain", "enforce"),
                rules=lambda: self._some(readOnlyPaths=self._paths, readWritePaths=self._paths, denyPaths=self._paths,
                                         network=lambda: self._some(raw=self._flag, tcp=self._flag)))),
            paths=lambda: self._some(masked=lambda: self._one("keep", self._paths()), rootReadonly=self._flag,
                                     readonly=lambda: self._one("keep", self._paths())),
            seccomp=lambda: self._one(
                "unconfined", {**self.seccomp(), "mode": self._one("extend", "replace", "intersect")}, self._some(
                    mode=lambda: self._one("extend", "replace", "intersect"), allow=self._calls, deny=self._calls,
                    syscalls=lambda: self._several(self._rule, 6), file=lambda: self._text("./x"))))
        for member in ("add-cap", "drop-cap"):
            if self._chance(0.5):
                spec[member] = self._perhaps(self._capabilities())
        name = self._text("mine")
        if self._chance(0.3):
            return {"name": name, "description": self._text("d"), **spec}
        metadata = {"name": name, **self._some(description=self._text, labels=lambda: {self._text(): self._text()})}
        return {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": metadata, "spec": self._perhaps(spec)}
