extension MountOptions {
    /// An option and what it does.
    struct Entry: Sendable {
        let name: String
        let effect: Effect

        init(_ name: String, _ effect: Effect) {
            self.name = name
            self.effect = effect
        }
    }

    /// The options, sorted: those of config.md, "Linux mount options"; `acl` and `noacl` of features.md; and three
    /// about symbolic links that engines write.
    static let table: [Entry] = [
        Entry("acl", .set(.posixACL)),
        Entry("async", .clear(.synchronous)),
        Entry("atime", .clear(.noAccessTime)),
        Entry("bind", .bind(.single)),
        Entry("copy-symlink", .copySymlink),
        Entry("defaults", .nothing),
        Entry("dest-nofollow", .keepDestinationSymlink),
        Entry("dev", .clear(.noDevices)),
        Entry("diratime", .clear(.noFolderAccessTime)),
        Entry("dirsync", .set(.synchronousFolders)),
        Entry("exec", .clear(.noExecution)),
        Entry("idmap", .idMap(.single)),
        Entry("iversion", .set(.inodeVersion)),
        Entry("lazytime", .set(.lazyTimes)),
        Entry("loud", .clear(.silent)),
        Entry("mand", .set(.mandatoryLocks)),
        Entry("noacl", .clear(.posixACL)),
        Entry("noatime", .set(.noAccessTime)),
        Entry("nodev", .set(.noDevices)),
        Entry("nodiratime", .set(.noFolderAccessTime)),
        Entry("noexec", .set(.noExecution)),
        Entry("noiversion", .clear(.inodeVersion)),
        Entry("nolazytime", .clear(.lazyTimes)),
        Entry("nomand", .clear(.mandatoryLocks)),
        Entry("norelatime", .clear(.relativeAccessTime)),
        Entry("nostrictatime", .clear(.strictAccessTime)),
        Entry("nosuid", .set(.noSetUserID)),
        Entry("nosymfollow", .set(.noSymlinkFollow)),
        Entry("private", .propagate(.private, isRecursive: false)),
        Entry("ratime", .noAccessTimeRecursively(.noAccessTime)),
        Entry("rbind", .bind(.recursive)),
        Entry("rdev", .clearRecursively(.noDevices)),
        Entry("rdiratime", .clearRecursively(.noFolderAccessTime)),
        Entry("relatime", .set(.relativeAccessTime)),
        Entry("remount", .remount),
        Entry("rexec", .clearRecursively(.noExecution)),
        Entry("ridmap", .idMap(.recursive)),
        Entry("rnoatime", .accessTimeRecursively(.noAccessTime)),
        Entry("rnodev", .setRecursively(.noDevices)),
        Entry("rnodiratime", .setRecursively(.noFolderAccessTime)),
        Entry("rnoexec", .setRecursively(.noExecution)),
        Entry("rnorelatime", .nothing),
        Entry("rnostrictatime", .noAccessTimeRecursively(.strictAccessTime)),
        Entry("rnosuid", .setRecursively(.noSetUserID)),
        Entry("rnosymfollow", .setRecursively(.noSymlinkFollow)),
        Entry("ro", .set(.readOnly)),
        Entry("rprivate", .propagate(.private, isRecursive: true)),
        Entry("rrelatime", .accessTimeRecursively([])),
        Entry("rro", .setRecursively(.readOnly)),
        Entry("rrw", .clearRecursively(.readOnly)),
        Entry("rshared", .propagate(.shared, isRecursive: true)),
        Entry("rslave", .propagate(.slave, isRecursive: true)),
        Entry("rstrictatime", .accessTimeRecursively(.strictAccessTime)),
        Entry("rsuid", .clearRecursively(.noSetUserID)),
        Entry("rsymfollow", .clearRecursively(.noSymlinkFollow)),
        Entry("runbindable", .propagate(.unbindable, isRecursive: true)),
        Entry("rw", .clear(.readOnly)),
        Entry("shared", .propagate(.shared, isRecursive: false)),
        Entry("silent", .set(.silent)),
        Entry("slave", .propagate(.slave, isRecursive: false)),
        Entry("src-nofollow", .keepSourceSymlink),
        Entry("strictatime", .set(.strictAccessTime)),
        Entry("suid", .clear(.noSetUserID)),
        Entry("symfollow", .clear(.noSymlinkFollow)),
        Entry("sync", .set(.synchronous)),
        Entry("tmpcopyup", .copyUp),
        Entry("unbindable", .propagate(.unbindable, isRecursive: false)),
    ]
}
