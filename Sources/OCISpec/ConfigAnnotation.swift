/// Annotations of a config that change what is done. All others are passed on and mean nothing here.
///
/// A caller that lets others write annotations must know of them: `features` lists them as
/// `potentiallyUnsafeConfigAnnotations` (features.md).
package enum ConfigAnnotation: String, CaseIterable, Sendable {
    /// `1`: the caller's supplementary groups stay, and `additionalGids` isn't looked at. Of crun; podman writes it.
    case keepOriginalGroups = "run.oci.keep_original_groups"
    /// The mount option that gives `linux.mountLabel`: `context`, the default, `fscontext`, `defcontext` or
    /// `rootcontext` (mount(8)). Of crun; podman writes it.
    case mountContextType = "run.oci.mount_context_type"

    /// What annotations begin with whose rest is the name of a property of the container's scope, for the systemd driver:
    /// `org.systemd.property.TimeoutStopSec`. Of runc and crun.
    package static let propertyPrefix = "org.systemd.property."
}

extension Spec {
    /// The value of an annotation that means something, nil where there is none.
    package subscript(annotation: ConfigAnnotation) -> String? { annotations?[key: annotation.rawValue] }
}
