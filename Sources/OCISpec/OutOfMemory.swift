package import LosslessJSON

/// `oom` of a state document: how a container's control group has run out of memory. Not of the specification.
package struct OutOfMemory: Equatable, Sendable {
    /// `limitBytes`: the limit of memory; nil where the group has none of its own, and one above it ran out.
    package var limitBytes: UInt64?
    /// `peakBytes`: the most that was in use; nil where the kernel keeps no account of it.
    package var peakBytes: UInt64?
    /// `kills`: how many processes of the group the kernel has killed for it.
    package var kills: UInt64

    /// Numbers as given.
    package init(limitBytes: UInt64?, peakBytes: UInt64?, kills: UInt64) {
        self.limitBytes = limitBytes
        self.peakBytes = peakBytes
        self.kills = kills
    }

    /// Writes it as an object.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if let limitBytes { writer.member("limitBytes", limitBytes) }
        if let peakBytes { writer.member("peakBytes", peakBytes) }
        writer.member("kills", kills)
        writer.endObject()
    }
}

extension OutOfMemory: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        limitBytes = decoder.integer("limitBytes", in: object)
        peakBytes = decoder.integer("peakBytes", in: object)
        kills = decoder.requiredInteger("kills", in: object)
    }
}
