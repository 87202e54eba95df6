/// A kind of device node (config-linux.md, "Devices"; mknod(1)). The raw value is its letter in `config.json`.
package enum DeviceType: String, CaseIterable, Sendable {
    /// `c`: a character device.
    case character = "c"
    /// `b`: a block device.
    case block = "b"
    /// `u`: a character device without a buffer, which Linux treats as `c`.
    case unbufferedCharacter = "u"
    /// `p`: a FIFO, which has no numbers.
    case fifo = "p"

    /// The type's bits in a mode, as mknod(2) takes them: `S_IFCHR`, `S_IFBLK`, `S_IFIFO` (inode(7)).
    package var modeBits: UInt32 {
        switch self {
        case .character, .unbufferedCharacter: 0o020000
        case .block: 0o060000
        case .fifo: 0o010000
        }
    }
}
