import CFuzzer
import Glibc

/// The program: libFuzzer's own, with its options (`-help=1`). What is tried is named by the environment, because libFuzzer
/// starts the program again for some of its work, with its own options alone.
@main
enum Fuzz {
    static func main() {
        guard Target.chosen != nil else {
            print("RAIND_FUZZ_TARGET names none of", Target.allCases.map(\.rawValue).joined(separator: ", "))
            exit(2)
        }
        var count = CommandLine.argc
        var arguments = unsafe Optional(CommandLine.unsafeArgv)
        // SAFETY: the arguments live as long as the program, and libFuzzer changes the copies of count and pointer.
        exit(unsafe LLVMFuzzerRunDriver(&count, &arguments, testOneInput))
    }
}

/// What reads something that others wrote.
enum Target: String, CaseIterable {
    /// A config.json, on the way that create goes with it.
    case config
    /// A file of `exec --process`.
    case process
    /// What lies in a container's state folder.
    case state
    /// A profile, or a document that is imported as one.
    case manifest
    /// `/linux/seccomp`, and the filter that is made of it.
    case seccomp
    /// What the runtime and the container's process say to each other.
    case stage
    /// A message of a bus.
    case dbus
    /// An answer of CRIU's.
    case criu
    /// Texts of the kernel.
    case kernel
    /// Files of an image that the runtime looks into.
    case image

    /// The one that this program is run for.
    static let chosen = Environment.target

    /// Whether the rest of an input is JSON for the most part, and is changed as such.
    var isJSON: Bool {
        switch self {
        case .config, .process, .state, .manifest, .seccomp: true
        case .stage, .dbus, .criu, .kernel, .image: false
        }
    }

    /// Tries an input: what must not happen is a trap, and what the target's expectations say.
    /// - Parameters:
    ///   - choice: the first byte, which chooses between circumstances.
    ///   - input: the rest.
    func follow(_ choice: UInt8, _ input: [UInt8]) {
        switch self {
        case .config: ConfigTarget(text: input, circumstances: Circumstances(choice)).follow()
        case .process: ProcessTarget(text: input, circumstances: Circumstances(choice)).follow()
        case .state: StateTarget(input).follow(choice)
        case .manifest: ManifestTarget(input).follow(choice)
        case .seccomp: SeccompTarget(input, choice).follow()
        case .stage: StageTarget(input).follow()
        case .dbus: BusTarget(input).follow()
        case .criu: CRIUTarget(input).follow()
        case .kernel: KernelTarget(input).follow(choice)
        case .image: ImageTarget(input).follow(choice)
        }
    }
}

/// What the program was started with.
private enum Environment {
    static var target: Target? {
        // SAFETY: a C string that nobody changes while the program runs.
        guard let name = unsafe getenv("RAIND_FUZZ_TARGET") else { return nil }
        return unsafe Target(rawValue: String(cString: name))
    }
}

/// Tries one input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    // SAFETY: libFuzzer lends `size` bytes for the length of this call; they are copied here.
    let input = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    guard let first = input.first else { return 0 }
    Target.chosen?.follow(first, Array(input.dropFirst()))
    return 0
}
