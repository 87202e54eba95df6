import ArgumentParser
import LinuxSys
import OCISpec
import SecurityProfile

/// `--arch` and `--kernel`: the host that a filter is for.
struct ArchitectureOption: ParsableArguments {
    @Option(
        name: .customLong("arch"),
        help: "The architecture of the host that the bundle is for, such as x86_64 or arm64 (default: this host's).")
    var name: String?

    @Option(
        name: .customLong("kernel"),
        help: "The kernel of that host, such as 5.15, for rules that depend on it (default: this host's).")
    var kernelName: String?

    /// The kernel that is named; nil for this host's.
    func kernel() throws(CommandFailure) -> KernelVersion? {
        guard let kernelName else { return nil }
        guard let version = KernelVersion(release: kernelName) else {
            throw .failed("--kernel: \"\(kernelName)\" is no version of a kernel; it is two numbers, such as 5.15")
        }
        return version
    }

    /// The architecture that is named, or this host's.
    func resolved() throws(CommandFailure) -> SeccompArchitecture {
        guard let name else {
            guard let native = SeccompArchitecture.native else {
                throw .failed("this host's architecture is none that seccomp knows; name one with --arch")
            }
            return native
        }
        guard let named = SeccompArchitecture(platformName: name) else {
            let known = ["x86_64", "aarch64", "riscv64", "s390x", "ppc64le", "loongarch64"]
            let nearest = NearestName.suggest(name, among: known).map { "; did you mean \($0)?" }
            throw .failed(
                "--arch: no architecture is named \"\(name)\"" + (nearest ?? "; " + known.joined(separator: ", ")))
        }
        return named
    }
}

extension KernelVersion {
    /// This host's; nil if it can't be told.
    static var ofHost: KernelVersion? {
        // Best effort: every kernel tells it, and one that doesn't is taken for a new one.
        (try? HostName.current()).flatMap { KernelVersion(release: $0.release) }
    }
}
