extension JSONValue {
    /// The value as JSON text in the given layout, without a line feed at its end.
    package func text(_ layout: JSONWriter.Layout = .compact) -> [UInt8] {
        var writer = JSONWriter(layout)
        writer.value(self)
        return writer.bytes
    }
}
