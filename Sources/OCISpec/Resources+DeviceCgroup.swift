internal import LosslessJSON

extension Resources {
    /// An element of `/linux/resources/devices`: what the cgroup may do with devices (config-linux.md, "Allowed Device
    /// list").
    package struct DeviceCgroup: Equatable, Sendable {
        /// `allow`, REQUIRED: whether the rule allows or denies.
        package var allow: Bool
        /// `type`: `a` for all, `c` or `b`. Absent: `a`.
        package var type: String?
        /// `major`: the major number. Absent or -1: any.
        package var major: Int64?
        /// `minor`: the minor number. Absent or -1: any.
        package var minor: Int64?
        /// `access`: of `r` (read), `w` (write) and `m` (mknod).
        package var access: String?

        /// Makes a rule.
        package init(
            allow: Bool, type: String? = nil, major: Int64? = nil, minor: Int64? = nil, access: String? = nil
        ) {
            self.allow = allow
            self.type = type
            self.major = major
            self.minor = minor
            self.access = access
        }
    }
}

extension Resources.DeviceCgroup: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        allow = decoder.requiredBool("allow", in: object)
        type = decoder.string("type", in: object)
        major = decoder.integer("major", in: object)
        minor = decoder.integer("minor", in: object)
        access = decoder.string("access", in: object)
    }
}
