/// A version of the kernel, as conditions of seccomp rules ask for it (`minKernel`): the first two numbers.
package struct KernelVersion: Comparable, Sendable, CustomStringConvertible {
    /// The first number.
    package let major: Int
    /// The second number.
    package let minor: Int

    /// Makes a version.
    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `6.1`, and the release of a kernel (uname(2)), `6.1.0-18-amd64`. Nil if it doesn't begin with two numbers.
    package init?(release text: String) {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let major = KernelVersion.number(parts[0]),
            let minor = KernelVersion.number(parts[1].prefix { $0.isASCII && $0.isNumber })
        else { return nil }
        self.init(major, minor)
    }

    /// Reads `6.1` and nothing else.
    package init?(exactly text: String) {
        guard let version = KernelVersion(release: text), version.description == text else { return nil }
        self = version
    }

    private static func number(_ digits: Substring) -> Int? {
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(digits)
    }

    /// `6.1`.
    package var description: String { "\(major).\(minor)" }

    /// Whether the first is the older one.
    package static func < (first: KernelVersion, second: KernelVersion) -> Bool {
        (first.major, first.minor) < (second.major, second.minor)
    }
}
