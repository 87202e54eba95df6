/// A set of capabilities as the kernel has it: a bit each (capset(2)).
package struct CapabilitySet: RawRepresentable, Hashable, Sendable {
    /// The bits: that of capability N is `1 << N`.
    package var rawValue: UInt64

    /// Makes the set of these bits. Bits of capabilities that are not known here stay.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Makes the set of some capabilities.
    package init(_ capabilities: some Sequence<Capability>) {
        rawValue = capabilities.reduce(0) { $0 | $1.mask }
    }

    /// No capability.
    package static let empty = CapabilitySet(rawValue: 0)

    /// All capabilities that are known here.
    package static let all = CapabilitySet(rawValue: (1 << 41) - 1)

    /// The capabilities from 0 to `last`, which is what `/proc/sys/kernel/cap_last_cap` says.
    package static func upTo(last: UInt8) -> CapabilitySet {
        CapabilitySet(rawValue: last >= 63 ? .max : (1 << (UInt64(last) + 1)) - 1)
    }

    /// Whether there is none in it.
    package var isEmpty: Bool { rawValue == 0 }

    /// How many capabilities there are in it, those that have no name here counted.
    package var count: Int { rawValue.nonzeroBitCount }

    /// Whether the capability is in it.
    package func contains(_ capability: Capability) -> Bool { rawValue & capability.mask != 0 }

    /// Adds a capability.
    package mutating func insert(_ capability: Capability) { rawValue |= capability.mask }

    /// Takes a capability out.
    package mutating func remove(_ capability: Capability) { rawValue &= ~capability.mask }

    /// What is in one of both or in both.
    package func union(_ other: CapabilitySet) -> CapabilitySet { CapabilitySet(rawValue: rawValue | other.rawValue) }

    /// What is in both.
    package func intersection(_ other: CapabilitySet) -> CapabilitySet {
        CapabilitySet(rawValue: rawValue & other.rawValue)
    }

    /// What is in this and not in `other`.
    package func subtracting(_ other: CapabilitySet) -> CapabilitySet {
        CapabilitySet(rawValue: rawValue & ~other.rawValue)
    }

    /// Whether all of it is in `other`.
    package func isSubset(of other: CapabilitySet) -> Bool { rawValue & ~other.rawValue == 0 }

    /// The names, by bit number: `CAP_CHOWN`. Bits that have no name here are passed over.
    package var names: [String] { map(\.name) }
}

extension CapabilitySet: Sequence {
    /// The capabilities, by bit number. Bits that have no name here are passed over.
    package func makeIterator() -> Iterator { Iterator(rest: rawValue & CapabilitySet.all.rawValue) }

    /// Goes through a set by bit number.
    package struct Iterator: IteratorProtocol {
        var rest: UInt64

        /// The next capability.
        package mutating func next() -> Capability? {
            guard rest != 0 else { return nil }
            let bit = UInt8(rest.trailingZeroBitCount)
            rest &= rest - 1
            return Capability(rawValue: bit)
        }
    }
}

extension CapabilitySet: ExpressibleByArrayLiteral {
    /// Makes the set of some capabilities.
    package init(arrayLiteral capabilities: Capability...) { self.init(capabilities) }
}
