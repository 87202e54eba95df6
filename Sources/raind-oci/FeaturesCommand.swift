import ContainerRuntime
import LosslessJSON
import OCISpec

/// `features`: what this runtime can do (features.md), from the tables that the code itself reads.
struct FeaturesCommand {
    init(_ invocation: Invocation) {}

    func run() throws(RuntimeError) {
        var writer = JSONWriter(.indented(spaces: 2))
        RuntimeFeatures.document(version: VersionText.version).write(to: &writer)
        try Output.write(writer.bytes + [UInt8(ascii: "\n")])
    }
}
