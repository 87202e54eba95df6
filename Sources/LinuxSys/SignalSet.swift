/// Signals 1 through 64, signal N in bit N-1.
package struct SignalSet: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt64

    /// The set of the bits `rawValue`.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: SignalSet...) {
        var bits: UInt64 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// The set of one signal, 1 through 64; empty for any other number.
    package init(signal: Int32) {
        rawValue = (1...64).contains(signal) ? 1 << UInt64(signal - 1) : 0
    }

    /// All signals. SIGKILL and SIGSTOP are never blocked all the same.
    package static let all = SignalSet(rawValue: .max)

    /// Whether the set has `signal`.
    package func contains(signal: Int32) -> Bool {
        contains(SignalSet(signal: signal)) && signal > 0
    }
}

/// A signal as a signalfd tells it.
package struct ReceivedSignal: Equatable, Sendable {
    /// Its number.
    package let number: Int32
    /// SI_USER, CLD_EXITED ...: sigaction(2).
    package let code: Int32
    /// Who sent it, if a process did.
    package let senderProcess: Int32
    /// The sender's user.
    package let senderUser: UInt32
    /// Of SIGCHLD: the exit code or the signal.
    package let status: Int32
}
