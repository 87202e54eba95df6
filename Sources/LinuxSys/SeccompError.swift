/// Why a filter can't be built.
package enum SeccompError: Error, Equatable, Sendable {
    /// No architecture is listed.
    case noArchitecture
    /// An architecture is listed twice.
    case repeatedArchitecture(token: UInt32)
    /// The architectures differ in the order of their bytes: no kernel runs programs of both.
    case mixedByteOrders
    /// libseccomp doesn't know the architecture.
    case unknownArchitecture(token: UInt32)
    /// An action is none of ``SeccompAction``.
    case unknownAction(UInt32)
    /// A rule has not one number for each architecture.
    case numberCount(syscall: String)
    /// A number is none that the architecture's calls can have.
    case number(syscall: String, number: Int)
    /// A condition looks at an argument past the sixth.
    case argumentIndex(syscall: String, index: Int)
    /// Two conditions of one rule look at the same argument: see ``SeccompDescription/Rule/asAlternatives``.
    case repeatedArgument(syscall: String, index: Int)
    /// The filter has more instructions than the kernel takes, 4096 (BPF_MAXINSNS).
    case tooLong(instructionCount: Int)
    /// A function of libseccomp failed. The errno is positive.
    case library(function: String, syscall: String, errno: Int32)
}

extension SeccompError: CustomStringConvertible {
    /// What is wrong, in one line.
    package var description: String {
        switch self {
        case .noArchitecture: "no architecture is listed"
        case .repeatedArchitecture(let token): "the architecture \(hexadecimal(token)) is listed twice"
        case .mixedByteOrders: "the architectures differ in the order of their bytes"
        case .unknownArchitecture(let token): "the architecture \(hexadecimal(token)) is unknown"
        case .unknownAction(let action): "the action \(hexadecimal(action)) is unknown"
        case .numberCount(let syscall): "\(syscall) has not one number for each architecture"
        case .number(let syscall, let number): "\(syscall) has the number \(number), which no call can have"
        case .argumentIndex(let syscall, let index): "\(syscall) has no argument \(index)"
        case .repeatedArgument(let syscall, let index): "a rule for \(syscall) looks at argument \(index) twice"
        case .tooLong(let count): "it has \(count) instructions, and the kernel takes 4096"
        case .library(let function, let syscall, let errno):
            "\(function) for \(syscall): \(Errno(rawValue: errno).name)"
        }
    }

    private func hexadecimal(_ number: UInt32) -> String { "0x" + String(number, radix: 16) }
}
