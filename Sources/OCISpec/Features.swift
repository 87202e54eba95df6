package import LosslessJSON

/// A features document: what a runtime implements, whatever the host has of it (features.md; features-schema.json).
///
/// Everything but the versions may be nil, which is "unknown" and not "none", and is left out.
package struct Features: Sendable {
    /// `ociVersionMin`, REQUIRED: the oldest `ociVersion` that is taken.
    package var ociVersionMin: String
    /// `ociVersionMax`, REQUIRED: the newest `ociVersion` that is taken.
    package var ociVersionMax: String
    /// `hooks`: the kinds of hooks.
    package var hooks: [String]?
    /// `mountOptions`: the mount options, file systems' own ones left out.
    package var mountOptions: [String]?
    /// `linux`: the Linux part (features-linux.md).
    package var linux: LinuxFeatures?
    /// `annotations`: metadata of the runtime.
    package var annotations: [MapEntry<String>]?
    /// `potentiallyUnsafeConfigAnnotations`: annotations of a configuration that may change what the runtime does; a
    /// name that ends in a dot stands for all that start with it.
    package var potentiallyUnsafeConfigAnnotations: [String]?

    /// Makes a document of which only the versions are known.
    package init(ociVersionMin: String, ociVersionMax: String) {
        self.ociVersionMin = ociVersionMin
        self.ociVersionMax = ociVersionMax
    }

    /// Writes the document.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("ociVersionMin", ociVersionMin)
        writer.member("ociVersionMax", ociVersionMax)
        if let hooks { writer.member("hooks", hooks) }
        if let mountOptions { writer.member("mountOptions", mountOptions) }
        if let linux { linux.write(to: &writer) }
        if let annotations { writer.member("annotations", annotations) }
        if let potentiallyUnsafeConfigAnnotations {
            writer.member("potentiallyUnsafeConfigAnnotations", potentiallyUnsafeConfigAnnotations)
        }
        writer.endObject()
    }
}
