import CLinux
import Glibc

/// The arguments and the environment of the process.
package enum Environment {
    /// The arguments, with the program's own name. Bytes that are not UTF-8 are replaced.
    package static var arguments: [String] {
        argumentBytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The arguments as they came.
    package static var argumentBytes: [[UInt8]] {
        var count: Int32 = 0
        // SAFETY: as many strings as it says, which nobody changes.
        guard let arguments = unsafe clinux_arguments(&count) else { return [] }
        var result: [[UInt8]] = []
        for index in 0..<Int(count) {
            if let argument = unsafe arguments[index] { unsafe result.append(bytes(argument)) }
        }
        return result
    }

    /// `NAME=value` of every variable. Bytes that are not UTF-8 are replaced.
    package static var variables: [String] {
        variableBytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// `NAME=value` of every variable, as it came.
    package static var variableBytes: [[UInt8]] {
        var result: [[UInt8]] = []
        // SAFETY: the list ends with NULL, and is not changed meanwhile.
        guard var next = unsafe clinux_environment() else { return result }
        while let variable = unsafe next.pointee {
            unsafe result.append(bytes(variable))
            unsafe next += 1
        }
        return result
    }

    /// The value of a variable; nil when it is not set. Bytes that are not UTF-8 are replaced.
    package static func value(of name: String) -> String? {
        // SAFETY: the text is copied before anything can change it.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// Sets a variable. EINVAL for a name that is empty or holds `=`, and for a NUL.
    package static func set(_ name: String, to value: String) throws(SyscallError) {
        // SAFETY: both are copied by setenv.
        let result = unsafe name.withCText(and: value) { unsafe setenv($0, $1, 1) == 0 ? 0 : -errno }
        try check(result, "setenv", name)
    }

    /// Removes a variable, if it is set. EINVAL for a name that is empty or holds `=`.
    package static func unset(_ name: String) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe name.withCText { unsafe unsetenv($0) == 0 ? 0 : -errno }
        try check(result, "unsetenv", name)
    }

    private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        // SAFETY: a C string.
        unsafe Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
}
