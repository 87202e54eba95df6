/// An entry of a JSON object that is a map from free names, such as `annotations` or `linux.sysctl`.
///
/// Maps are arrays of entries, in the order of the document: what is applied is applied in the order that a person
/// wrote. The document's parser refuses a name that is there twice.
package struct MapEntry<Value: Sendable>: Sendable {
    /// The name.
    package var key: String
    /// What the name stands for.
    package var value: Value

    /// Makes an entry.
    package init(key: String, value: Value) {
        self.key = key
        self.value = value
    }
}

extension MapEntry: Equatable where Value: Equatable {}

extension [MapEntry<String>] {
    /// The value of the entry of this name, compared byte by byte.
    package subscript(key key: String) -> String? {
        first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
}
