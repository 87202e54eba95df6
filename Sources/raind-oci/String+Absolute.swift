import ContainerRuntime
import LinuxSys

extension String {
    /// A path of the command line, absolute: it counts from the caller's working folder, which is left later.
    var absoluteForCaller: String {
        get throws(RuntimeError) {
            guard utf8.first != UInt8(ascii: "/") else { return self }
            do throws(SyscallError) {
                return try Files.workingDirectory() + "/" + self
            } catch {
                throw RuntimeError(error, in: "find working folder")
            }
        }
    }
}
