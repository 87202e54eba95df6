import CLinux
import Glibc

/// A program's path, arguments and environment, laid out as the kernel wants them.
///
/// `exec` on it makes one system call and nothing else, so it may come after a seccomp filter that allows little more.
@safe package struct PreparedExec: ~Copyable {
    private let path: UnsafeMutablePointer<CChar>
    private let arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    /// Copies everything. EINVAL for a text with a NUL inside, which C would see as a shorter one.
    package init(path: String, arguments: [String], environment: [String]) throws(SyscallError) {
        try self.init(
            path: Array(path.utf8), arguments: arguments.map { Array($0.utf8) },
            environment: environment.map { Array($0.utf8) })
    }

    /// Copies everything, as bytes. EINVAL for a text with a NUL inside, which C would see as a shorter one.
    package init(path: [UInt8], arguments: [[UInt8]], environment: [[UInt8]]) throws(SyscallError) {
        if path.contains(0) || arguments.contains(where: { $0.contains(0) })
            || environment.contains(where: { $0.contains(0) })
        {
            throw SyscallError(operation: "execve", errno: .EINVAL, subject: String(decoding: path, as: UTF8.self))
        }
        // SAFETY: all of it is freed in deinit, and nowhere else.
        unsafe self.path = Self.allocate(path)
        unsafe self.arguments = Self.allocate(arguments)
        unsafe self.environment = Self.allocate(environment)
    }

    deinit {
        // SAFETY: allocated in init.
        unsafe path.deallocate()
        unsafe Self.deallocate(arguments)
        unsafe Self.deallocate(environment)
    }

    /// execve(2): returns only with a failure.
    package borrowing func exec() -> Errno {
        // SAFETY: the arrays end with NULL, the strings with NUL, and this value lives as long as the call.
        Errno(rawValue: unsafe -clinux_execve(path, arguments, environment))
    }

    /// execveat(2) with AT_EMPTY_PATH of the program that is open as `descriptor`: returns only with a failure. ENOENT
    /// for a script whose descriptor is close-on-exec, since its interpreter could not open it.
    package borrowing func exec(descriptor: BorrowedFD) -> Errno {
        // SAFETY: the arrays end with NULL, the strings with NUL, and this value lives as long as the call.
        let result = unsafe clinux_execveat(
            descriptor.rawValue, "", arguments, environment, CInt(CLINUX_AT_EMPTY_PATH))
        return Errno(rawValue: -result)
    }

    /// The path, for messages.
    package var pathText: String {
        // SAFETY: ends with NUL.
        unsafe String(cString: path)
    }

    private static func allocate(_ text: [UInt8]) -> UnsafeMutablePointer<CChar> {
        // SAFETY: room for the text and its NUL, all of which is initialised.
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
        for (index, byte) in text.enumerated() {
            unsafe copy[index] = CChar(bitPattern: byte)
        }
        unsafe copy[text.count] = 0
        return unsafe copy
    }

    private static func allocate(_ texts: [[UInt8]]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        // SAFETY: room for a pointer to each text and NULL, all of which is initialised.
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() {
            unsafe list[index] = allocate(text)
        }
        unsafe list[texts.count] = nil
        return unsafe list
    }

    private static func deallocate(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        var index = 0
        // SAFETY: ends with NULL; every text was allocated on its own.
        while let text = unsafe list[index] {
            unsafe text.deallocate()
            index += 1
        }
        unsafe list.deallocate()
    }
}
