import LinuxSys

/// /etc/passwd (passwd(5)) as the process sees it, read without the C library, whose functions would load modules of the
/// image's choice.
enum PasswordFile {
    /// The home folder of a user, `/` where the file has none.
    static func home(of userID: UInt32) -> String {
        guard let home = field(5, of: userID), !home.isEmpty, !home.utf8.contains(0) else { return "/" }
        return home
    }

    /// The name of a user, nil where the file has none.
    static func name(of userID: UInt32) -> String? {
        guard let name = field(0, of: userID), !name.isEmpty else { return nil }
        return name
    }

    /// A FIFO in the image must not make anybody wait, nor a device give without end.
    private static func read() throws(SyscallError) -> [UInt8] {
        let file = try Files.open("/etc/passwd", [.readOnly, .nonBlocking])
        guard try Files.status(of: file.borrowed).type == .regular else { return [] }
        return try Files.readAll(file.borrowed, limit: 1 << 20)
    }

    private static func field(_ place: Int, of userID: UInt32) -> String? {
        // Best effort: an image need not have the file, nor one that can be read.
        guard let text = try? read() else { return nil }
        return field(place, of: userID, in: text)
    }

    /// A field of a user's line, the first of several; nil where the text has none.
    static func field(_ place: Int, of userID: UInt32, in text: [UInt8]) -> String? {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 6, UInt32(String(decoding: fields[2], as: UTF8.self)) == userID else { continue }
            return String(decoding: fields[place], as: UTF8.self)
        }
        return nil
    }
}
