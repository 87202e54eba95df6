/// Descriptors that are closed together, since an array cannot hold `OwnedFD`.
package struct OwnedFDList: ~Copyable, Sendable {
    private var numbers: [CInt] = []

    /// An empty list.
    package init() {}

    /// Takes over open descriptors.
    init(adopting numbers: [CInt]) {
        self.numbers = numbers
    }

    deinit {
        for number in numbers {
            _ = OwnedFD(adopting: number)
        }
    }

    /// How many there are.
    package var count: Int { numbers.count }

    /// Whether there are none.
    package var isEmpty: Bool { numbers.isEmpty }

    /// The descriptor at `index`, still owned by the list.
    package subscript(index: Int) -> BorrowedFD { BorrowedFD(rawValue: numbers[index]) }

    /// All of them, still owned by the list.
    package var borrowed: [BorrowedFD] { numbers.map(BorrowedFD.init(rawValue:)) }

    /// Puts `descriptor` at the end.
    package mutating func append(_ descriptor: consuming OwnedFD) {
        numbers.append(descriptor.release())
    }

    /// Takes the first out; nil when there is none.
    package mutating func popFirst() -> OwnedFD? {
        numbers.isEmpty ? nil : OwnedFD(adopting: numbers.removeFirst())
    }
}
