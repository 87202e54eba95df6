import LinuxSys
import ProfileRegistry
import SecurityProfile

/// What the last word of `raind-profile apply` leads to.
enum ApplyTarget {
    /// The configuration's path: the file itself, or the one in the bundle; nil for standard input.
    static func path(_ command: ApplyCommand) throws(CommandFailure) -> String? {
        let target = command.target
        guard target != "-" else { return nil }
        // To the kernel an empty path is the folder that we are in.
        guard !target.isEmpty else {
            throw .failed("the bundle's path is empty; give a bundle's folder, its config.json, or -")
        }
        let path = target.utf8.last == UInt8(ascii: "/") ? target + "config.json" : target + "/config.json"
        do throws(SyscallError) {
            guard try Files.status(target).type == .directory else { return target }
        } catch {
            // A profile's name and no bundle is the likeliest slip.
            if command.words.count == 1, let name = ProfileName(target), ProfileRegistry().names.contains(name) {
                throw .failed("\(target) is a profile; name the bundle too: raind-profile apply \(target) BUNDLE")
            }
            throw .failed("\(error); give a bundle's folder, its config.json, or -")
        }
        do throws(SyscallError) {
            _ = try Files.status(path, follow: false)
        } catch {
            let hint = error.errno == .ENOENT ? "; a bundle has one: raind-oci spec makes it" : ""
            throw .failed("\(error)\(hint)")
        }
        return path
    }
}
