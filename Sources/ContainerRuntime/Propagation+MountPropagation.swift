import LinuxSys
import OCISpec

extension Propagation {
    /// How mount_setattr(2) names it.
    var mountPropagation: MountPropagation {
        switch kind {
        case .shared: .shared
        case .slave: .slave
        case .private: .isPrivate
        case .unbindable: .unbindable
        }
    }
}
