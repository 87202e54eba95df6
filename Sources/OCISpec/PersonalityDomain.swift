/// An execution domain of `/linux/personality/domain` (defs-linux.json, `PersonalityDomain`).
package enum PersonalityDomain: String, CaseIterable, Sendable {
    /// `LINUX`: the native one.
    case linux = "LINUX"
    /// `LINUX32`: uname(2) tells of a 32-bit machine.
    case linux32 = "LINUX32"

    /// The number of personality(2) (linux/personality.h).
    package var kernelValue: UInt32 {
        switch self {
        case .linux: 0x0000
        case .linux32: 0x0008
        }
    }
}
