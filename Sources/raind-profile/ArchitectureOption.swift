import ArgumentParser
import OCISpec
import SecurityProfile

/// `--arch`.
struct ArchitectureOption: ParsableArguments {
    @Option(
        name: .customLong("arch"),
        help: "The architecture of the host that the bundle is for, such as x86_64 or arm64 (default: this host's).")
    var name: String?

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
