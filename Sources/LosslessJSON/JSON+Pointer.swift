extension JSON {
    /// The pointer to this value from the document's outermost one. It is found by walking down the document: meant
    /// for messages, so that readers need not carry a pointer along.
    package var pointer: JSONPointer {
        var pointer = JSONPointer()
        var container = 0
        while container < index {
            let isObject = document.nodes[container].kind == .object
            var child = container + 1
            var position = 0
            while true {
                let value = isObject ? child + 1 : child
                let next = document.nodes[value].next
                if index < next {
                    if isObject { pointer.append(document.string(at: child)) } else { pointer.append(position) }
                    container = value
                    break
                }
                child = next
                position += 1
            }
        }
        return pointer
    }

    /// The value that `pointer` leads to from here (RFC 6901), or nil if there is none or it is no pointer.
    package func value(at pointer: String) -> JSON? {
        guard !pointer.isEmpty else { return self }
        guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
        var value = self
        for token in pointer.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let name = JSON.unescape(token), let child = value.child(name) else { return nil }
            value = child
        }
        return value
    }

    /// The value that `pointer` leads to from here, or nil if there is none.
    package func value(at pointer: JSONPointer) -> JSON? {
        var value = self
        for token in pointer.tokens {
            let child =
                switch token {
                case .name(let name): value[name]
                case .index(let index): value[index: index]
                }
            guard let child else { return nil }
            value = child
        }
        return value
    }

    /// The member of this name, or the element whose index it is.
    func child(_ name: String) -> JSON? {
        switch kind {
        case .object: self[name]
        case .array: JSON.index(name).flatMap { self[index: $0] }
        default: nil
        }
    }

    /// The index that `token` is: digits without a leading zero (RFC 6901, section 4).
    static func index(_ token: String) -> Int? {
        let digits = token.utf8
        guard let first = digits.first, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
            first != UInt8(ascii: "0") || digits.count == 1
        else { return nil }
        return Int(token)
    }

    private static func unescape(_ token: Substring.UTF8View) -> String? {
        var text: [UInt8] = []
        var bytes = token.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "~") else {
                text.append(byte)
                continue
            }
            switch bytes.next() {
            case UInt8(ascii: "0"): text.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): text.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
