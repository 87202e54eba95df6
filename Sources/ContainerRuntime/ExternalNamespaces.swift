import CRIUProtocol
import LinuxSys
import OCISpec
import RuntimePlan

/// The namespaces that a container has joined by their paths: they are not the container's to save, and it joins those of
/// the same paths when it is restored.
///
/// CRIU knows two ways. For network and pid namespaces it saves a name, and a restore gets a descriptor under that name.
/// For others it saves what is in them, and a restore gets the path.
struct ExternalNamespaces {
    private let joined: [ProcessCreation.Joined]

    /// Those of a config.
    init(_ spec: ValidSpec) {
        joined = spec.creation.joined
    }

    /// What the dump of a process is told. By what it is in: the path need not lead there any more.
    func saved(from process: Int32) throws(SyscallError) -> [String] {
        var names: [String] = []
        for namespace in joined {
            guard let key = Self.key(namespace.type) else { continue }
            let number = try Files.status("/proc/\(process)/ns/\(namespace.type.procName)").inode
            names.append("\(namespace.type.procName)[\(number)]:\(key)")
        }
        return names
    }

    /// Opens those that a restore gets descriptors of.
    func open(into descriptors: inout OwnedFDList) throws(SyscallError) -> [CRIUOptions.Inherited] {
        var inherited: [CRIUOptions.Inherited] = []
        for namespace in joined {
            guard let key = Self.key(namespace.type) else { continue }
            let descriptor = try namespace.open()
            inherited.append(CRIUOptions.Inherited(key: key, descriptor: descriptor.borrowed.rawValue))
            descriptors.append(descriptor)
        }
        return inherited
    }

    /// Those that a restore gets paths of.
    /// - Throws: `RuntimeError` for one that CRIU can't join.
    func paths() throws(RuntimeError) -> [CRIUOptions.Pair] {
        var pairs: [CRIUOptions.Pair] = []
        for namespace in joined where Self.key(namespace.type) == nil {
            switch namespace.type {
            case .cgroup, .mount:
                throw RuntimeError(
                    .config, "criu restores no container into a \(namespace.type.rawValue) namespace that exists",
                    pointer: "/linux/namespaces/\(namespace.index)")
            case .ipc, .uts, .user, .time, .network, .pid:
                pairs.append(CRIUOptions.Pair(key: namespace.type.procName, value: namespace.path.string))
            }
        }
        return pairs
    }

    /// The name that CRIU saves, which other runtimes use as well.
    private static func key(_ type: OCISpec.NamespaceType) -> String? {
        switch type {
        case .network: "extRootNetNS"
        case .pid: "extRootPidNS"
        default: nil
        }
    }
}
