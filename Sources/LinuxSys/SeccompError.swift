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
