/// Changes single values of a document and leaves every other byte as it was.
package enum JSONEdit {
    /// One change. A path is the names from the outermost value on; in an array a name is an index, and `-` or the
    /// array's count the place after its last element.
    package enum Change: Sendable, Equatable {
        /// Puts `value` at `path`.
        ///
        /// An existing value is replaced, its bytes alone. A new member or element is added at the end, in the layout
        /// of what stands there. Parents that are missing, or are `null`, become objects.
        case set(path: [String], value: JSONValue)
        /// Takes out the member or element at `path`, with one comma. Nothing happens if there is none.
        case remove(path: [String])
    }

    /// Why a change can't be made.
    package enum EditError: Error, Equatable, Sendable {
        /// A step of `path` leads into a value that is neither an object nor an array.
        case notAContainer(path: [String])
        /// A step of `path` is no index of the array that it leads into.
        case notAnIndex(path: [String])
        /// The outermost value can't be removed.
        case wholeDocument
        /// The result is no valid document: too deep or too long, or the value given has a malformed number or one
        /// name twice.
        case invalidResult(JSON.SyntaxError)
    }

    /// Makes the changes one after the other, each on the result of those before it.
    ///
    /// A value that is set is laid out as the document is: its indentation, line ends and the space after a colon, or
    /// on one line where its container stands on one line. The layout doesn't depend on the value that it replaces, so
    /// doing the same changes again changes nothing.
    package static func apply(_ changes: [Change], to document: JSON) throws(EditError) -> [UInt8] {
        document.documentBytes
    }
}
