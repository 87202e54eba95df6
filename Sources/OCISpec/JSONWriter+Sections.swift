internal import LosslessJSON

extension JSONWriter {
    /// Writes a member that is a list of strings.
    mutating func member(_ name: String, _ values: [String]) {
        self.name(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    /// Writes a member that is a map of strings.
    mutating func member(_ name: String, _ entries: [MapEntry<String>]) {
        self.name(name)
        beginObject()
        for entry in entries { member(entry.key, entry.value) }
        endObject()
    }

    /// Writes a member that is an object.
    mutating func object(_ name: String, _ members: (inout JSONWriter) -> Void) {
        self.name(name)
        beginObject()
        members(&self)
        endObject()
    }

    /// Writes a member that is a list of objects.
    mutating func objects<Element>(
        _ name: String, _ elements: [Element], _ members: (inout JSONWriter, Element) -> Void
    ) {
        self.name(name)
        beginArray()
        for element in elements {
            beginObject()
            members(&self, element)
            endObject()
        }
        endArray()
    }
}
