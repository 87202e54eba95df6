/// One value written to a file of a control group.
package struct CgroupWrite: Sendable, Equatable {
    /// The same thing in another file's words.
    package struct Fallback: Sendable, Equatable {
        /// The file's name, `blkio.bfq.weight`.
        package var file: String
        /// What is written.
        package var value: String
    }

    /// The place in `CgroupLayout.hierarchies` of the hierarchy whose group is written to.
    package var hierarchy: Int
    /// The file's name, `memory.max`.
    package var file: String
    /// What is written.
    package var value: String
    /// The member of the resources that asks for it.
    package var pointer: String
    /// What is written where the kernel does not have the file.
    package var fallback: Fallback?
    /// The file that says how much is in use, in bytes: a value below that is refused (`/memory/checkBeforeUpdate`). nil
    /// leaves it to the kernel.
    package var usageFile: String?
    /// The file's own first word is written in the place of the value's: a period of `cpu.max` that comes alone leaves the
    /// quota as it is.
    package var keepsFirstWord = false
    /// The file may be missing on a machine that has no swap: what is asked for holds there anyway.
    package var isNeedlessWithoutSwap = false

    /// Whether the group is asked to have its processors to itself.
    package var isOfPartition = false

    /// A value as given.
    package init(hierarchy: Int, file: String, value: String, pointer: String) {
        self.hierarchy = hierarchy
        self.file = file
        self.value = value
        self.pointer = pointer
    }

    /// The controller that has the file: `memory` of `memory.max`.
    package var controller: String {
        guard let dot = file.utf8.firstIndex(of: UInt8(ascii: ".")) else { return file }
        return String(file[..<dot])
    }
}

extension CgroupWrite {
    /// Whether it limits memory, so that the kernel kills processes of the group when it runs out.
    package var limitsMemory: Bool {
        (file == "memory.max" && value != "max") || (file == "memory.limit_in_bytes" && value != "-1")
    }
}
