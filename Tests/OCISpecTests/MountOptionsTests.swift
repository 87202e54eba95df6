import Testing

@testable import OCISpec

/// Mount options: the tables of the specification, and what becomes of options together.
struct MountOptionsTests {
    /// An option that asks for a flag, the one that asks for its absence, and the flag as the kernel has it.
    @Test(
        arguments: [
            ("ro", "rw", 1), ("nosuid", "suid", 2), ("nodev", "dev", 4), ("noexec", "exec", 8), ("sync", "async", 16),
            ("mand", "nomand", 64), ("nosymfollow", "symfollow", 256), ("noatime", "atime", 1024),
            ("nodiratime", "diratime", 2048), ("silent", "loud", 32768), ("acl", "noacl", 65536),
            ("relatime", "norelatime", 1 << 21), ("iversion", "noiversion", 1 << 23),
            ("strictatime", "nostrictatime", 1 << 24), ("lazytime", "nolazytime", 1 << 25),
        ] as [(String, String, UInt64)])
    func flags(set: String, clear: String, bit: UInt64) {
        let flag = MountFlags(rawValue: bit)
        let first = MountOptions([set])
        #expect(first.setFlags == flag && first.clearFlags.isEmpty)
        let second = MountOptions([clear])
        #expect(second.setFlags.isEmpty && second.clearFlags == flag)
        #expect(MountOptions([set, clear]) == second)
        #expect(MountOptions([clear, set]) == first)
        #expect(first.data.isEmpty && second.data.isEmpty)
    }

    /// The same for a mount and all below it.
    @Test(
        arguments: [
            ("rro", "rrw", 1), ("rnosuid", "rsuid", 2), ("rnodev", "rdev", 4), ("rnoexec", "rexec", 8),
            ("rnodiratime", "rdiratime", 0x80), ("rnosymfollow", "rsymfollow", 0x20_0000),
        ] as [(String, String, UInt64)])
    func recursiveAttributes(set: String, clear: String, bit: UInt64) {
        let attribute = MountAttributes(rawValue: bit)
        #expect(MountOptions([set]).recursiveChange == MountAttributeChange(setting: attribute))
        #expect(MountOptions([clear]).recursiveChange == MountAttributeChange(clearing: attribute))
        #expect(MountOptions([clear, set]).recursiveChange == MountAttributeChange(setting: attribute))
        #expect(MountOptions([set, clear]).recursiveChange == MountAttributeChange(clearing: attribute))
        #expect(MountOptions([set]).setFlags.isEmpty && MountOptions([set]).change.isEmpty)
    }

    @Test(
        arguments: [
            (["rnoatime"], 0x10), (["rstrictatime"], 0x20), (["rrelatime"], 0), (["ratime"], 0),
            (["rnostrictatime"], 0), (["rnoatime", "ratime"], 0), (["rstrictatime", "rnoatime"], 0x10),
            (["rnoatime", "rnostrictatime"], 0x10), (["rstrictatime", "rnorelatime"], 0x20),
            (["rnoatime", "rrelatime"], 0),
        ] as [([String], UInt64)])
    func recursiveAccessTimes(options: [String], field: UInt64) {
        #expect(
            MountOptions(options).recursiveChange
                == MountAttributeChange(setting: MountAttributes(rawValue: field), clearing: .accessTimeField))
    }

    @Test(
        arguments: [
            (["noatime"], 0x10), (["strictatime"], 0x20), (["relatime"], 0), (["atime"], 0), (["nostrictatime"], 0),
            (["strictatime", "noatime"], 0x10), (["noatime", "strictatime"], 0x20), (["noatime", "relatime"], 0),
            (["noatime", "atime"], 0), (["noatime", "nostrictatime"], 0x10),
        ] as [([String], UInt64)])
    func accessTimes(options: [String], field: UInt64) {
        #expect(
            MountOptions(options).change
                == MountAttributeChange(setting: MountAttributes(rawValue: field), clearing: .accessTimeField))
    }

    @Test func attributesOfTheMount() {
        #expect(
            MountOptions(["ro", "nosuid", "nodev", "noexec", "nodiratime", "nosymfollow"]).change
                == MountAttributeChange(setting: MountAttributes(rawValue: 0x20_008F)))
        #expect(
            MountOptions(["rw", "suid", "dev", "exec", "diratime", "symfollow"]).change
                == MountAttributeChange(clearing: MountAttributes(rawValue: 0x20_008F)))
        for options in [[], ["defaults"], ["norelatime"], ["rnorelatime"], ["sync", "lazytime", "silent", "acl"]] {
            #expect(MountOptions(options).change.isEmpty && MountOptions(options).recursiveChange.isEmpty)
        }
    }

    @Test func superblock() {
        #expect(
            MountOptions(["mand", "dirsync", "sync", "ro", "lazytime", "nosuid", "iversion"]).superblockParameters
                == ["ro", "sync", "dirsync", "lazytime", "mand"])
        #expect(MountOptions(["ro", "rw", "async"]).superblockParameters.isEmpty)
        #expect(MountOptions(["dirsync"]).setFlags.rawValue == 128)
    }

    @Test(
        arguments: [
            ("private", Propagation.Kind.private, 1 << 18), ("shared", .shared, 1 << 20), ("slave", .slave, 1 << 19),
            ("unbindable", .unbindable, 1 << 17),
        ] as [(String, Propagation.Kind, UInt64)])
    func propagation(name: String, kind: Propagation.Kind, bit: UInt64) {
        #expect(MountOptions([name]).propagations == [Propagation(kind, isRecursive: false)])
        #expect(MountOptions(["r" + name]).propagations == [Propagation(kind, isRecursive: true)])
        #expect(Propagation(kind, isRecursive: true).kernelValue == bit)
    }

    @Test func propagationsKeepTheirOrder() {
        #expect(
            MountOptions(["rslave", "shared"]).propagations == [
                Propagation(.slave, isRecursive: true), Propagation(.shared, isRecursive: false),
            ])
    }

    @Test func kinds() {
        #expect(MountOptions([]).bind == nil)
        #expect(MountOptions(["bind"]).bind == .single)
        #expect(MountOptions(["rbind"]).bind == .recursive)
        #expect(MountOptions(["remount"]).isRemount && !MountOptions(["bind"]).isRemount)
        #expect(MountOptions(["idmap"]).idMap == .single && MountOptions(["ridmap"]).idMap == .recursive)
        #expect(MountOptions(["bind"]).idMap == nil)
        #expect(MountOptions(["tmpcopyup"]).copiesUp && !MountOptions(["bind"]).copiesUp)
        #expect(MountOptions(["copy-symlink"]).copiesSymlink && !MountOptions(["src-nofollow"]).copiesSymlink)
        #expect(MountOptions(["src-nofollow"]).keepsSourceSymlink)
        #expect(!MountOptions(["dest-nofollow"]).keepsSourceSymlink)
        #expect(MountOptions(["dest-nofollow"]).keepsDestinationSymlink)
    }

    @Test func whatIsTheFileSystemsOwn() {
        let options = MountOptions([
            "nosuid", "mode=755", "size=65536k", "ro", "RO", "", "a,b", "ro\u{301}", "newinstance",
        ])
        #expect(options.data == ["mode=755", "size=65536k", "RO", "", "a,b", "ro\u{301}", "newinstance"])
        #expect(options.setFlags == [.noSetUserID, .readOnly])
        #expect(MountOptions(["\u{212A}bind"]).data == ["\u{212A}bind"])
    }

    @Test func theTable() {
        let names = MountOptions.knownNames
        #expect(names == names.sorted() && Set(names).count == names.count)
        #expect(names.count == 67)
        for name in names { #expect(MountOptions([name]).data.isEmpty, "\(name)") }
    }
}
