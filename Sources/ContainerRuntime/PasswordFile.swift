import LinuxSys

/// The container's own /etc/passwd (passwd(5)), read without the C library, whose functions would load modules of the
/// image's choice.
enum PasswordFile {
    /// The home folder of a user, `/` where the file has none.
    static func home(of userID: UInt32) -> String {
        // Best effort: an image need not have the file, nor one that can be read.
        guard let text = try? Files.readFile("/etc/passwd", limit: 1 << 20) else { return "/" }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 6, UInt32(String(decoding: fields[2], as: UTF8.self)) == userID else { continue }
            let home = String(decoding: fields[5], as: UTF8.self)
            return home.isEmpty || home.utf8.contains(0) ? "/" : home
        }
        return "/"
    }
}
