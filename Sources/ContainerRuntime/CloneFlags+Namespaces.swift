import LinuxSys
import OCISpec
import RuntimePlan

extension CloneFlags {
    /// The flags that stand for namespaces.
    init(of types: [OCISpec.NamespaceType]) {
        var bits: UInt64 = 0
        for type in types { bits |= type.cloneFlag }
        self.init(rawValue: bits)
    }
}
