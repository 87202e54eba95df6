extension JSON {
    /// The elements of an array in their order; none for any other kind.
    package var elements: Elements {
        Elements(document: document, index: index, isArray: node.kind == .array)
    }

    /// The members of an object in their order; none for any other kind.
    package var members: Members {
        Members(document: document, index: index, isObject: node.kind == .object)
    }

    /// The value of the member of this name, or nil if there is none or this is no object.
    package subscript(_ name: StaticString) -> JSON? {
        let node = node
        guard node.kind == .object else { return nil }
        var candidate = index + 1
        while candidate < node.next {
            if document.matches(name, at: candidate) { return JSON(document: document, index: candidate + 1) }
            candidate = document.nodes[candidate + 1].next
        }
        return nil
    }

    /// The value of the member of this name, or nil if there is none or this is no object.
    @_disfavoredOverload  // A literal would otherwise be taken for a String.
    package subscript(_ name: String) -> JSON? {
        let node = node
        guard node.kind == .object else { return nil }
        var candidate = index + 1
        while candidate < node.next {
            if document.matches(name, at: candidate) { return JSON(document: document, index: candidate + 1) }
            candidate = document.nodes[candidate + 1].next
        }
        return nil
    }

    /// The element at `index`, from 0, or nil if there is none or this is no array. It takes `index` steps.
    package subscript(index position: Int) -> JSON? {
        let node = node
        guard node.kind == .array, position >= 0, position < node.count else { return nil }
        var element = index + 1
        for _ in 0..<position { element = document.nodes[element].next }
        return JSON(document: document, index: element)
    }

    /// The elements of an array.
    package struct Elements: Sequence, IteratorProtocol, Sendable {
        let document: JSONDocument
        var index: Int
        let end: Int
        /// How many elements there are.
        package let count: Int

        init(document: JSONDocument, index: Int, isArray: Bool) {
            self.document = document
            self.index = index + 1
            end = isArray ? document.nodes[index].next : index + 1
            count = isArray ? document.nodes[index].count : 0
        }

        /// Whether there is none.
        package var isEmpty: Bool { count == 0 }

        /// How many elements there are.
        package var underestimatedCount: Int { count }

        /// The next element.
        package mutating func next() -> JSON? {
            guard index < end else { return nil }
            defer { index = document.nodes[index].next }
            return JSON(document: document, index: index)
        }
    }

    /// The members of an object.
    package struct Members: Sequence, IteratorProtocol, Sendable {
        let document: JSONDocument
        var index: Int
        let end: Int
        /// How many members there are.
        package let count: Int

        init(document: JSONDocument, index: Int, isObject: Bool) {
            self.document = document
            self.index = index + 1
            end = isObject ? document.nodes[index].next : index + 1
            count = isObject ? document.nodes[index].count : 0
        }

        /// Whether there is none.
        package var isEmpty: Bool { count == 0 }

        /// How many members there are.
        package var underestimatedCount: Int { count }

        /// The next member.
        package mutating func next() -> Member? {
            guard index < end else { return nil }
            defer { index = document.nodes[index + 1].next }
            return Member(document: document, index: index)
        }
    }

    /// A member of an object.
    package struct Member: Sendable {
        let document: JSONDocument
        let index: Int

        /// The name with its escapes resolved.
        package var name: String { document.string(at: index) }

        /// The bytes of the document that are the name, its quotes counted.
        package var nameRange: Range<Int> { document.nodes[index].range }

        /// Where the name starts.
        package var nameLocation: Location { document.location(of: nameRange.lowerBound) }

        /// The value.
        package var value: JSON { JSON(document: document, index: index + 1) }

        /// Whether the name is exactly these bytes, compared without making a copy of it.
        package func isNamed(_ name: StaticString) -> Bool { document.matches(name, at: index) }
    }
}
