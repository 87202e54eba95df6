import LinuxSys
import OCISpec
package import RuntimePlan

/// Other values for the control groups of a container that is there.
package struct ResourceUpdate: ~Copyable {
    private let folder: ContainerFolder
    private var record: ContainerRecord
    private var groups: CgroupTree { record.cgroups }
    /// The container's own hierarchies.
    package let layout: CgroupLayout

    /// Looks a container up, and keeps others from changing it.
    /// - Throws: `RuntimeError` `container not running` where there is nothing left to limit.
    package init(_ id: String, in store: StateStore) throws(RuntimeError) {
        let folder = try store.open(id, locks: true)
        let container = try Container(folder)
        switch container.status {
        case .created, .running, .paused: break
        case .creating: throw RuntimeError(.state, "cannot update a container that is being created")
        case .stopped: throw RuntimeError(.state, "container not running")
        }
        let groups = container.record.cgroups
        self.folder = folder
        record = container.record
        layout = CgroupLayout(
            hierarchies: groups.groups.map {
                CgroupLayout.Hierarchy(
                    controllers: $0.controllers, mountPoint: $0.mountPoint, ownPath: $0.path, isUnified: $0.isUnified)
            })
    }

    /// The limit of memory that the container has now; nil where there is no controller, -1 for no limit.
    package func memoryLimitBytes() throws(RuntimeError) -> Int64? {
        guard let group = groups.group(of: "memory") else { return nil }
        do throws(SyscallError) {
            let text = try Files.readFile(
                group.folder + (group.isUnified ? "/memory.max" : "/memory.limit_in_bytes"), limit: 64)
            let limit = Int64(String(decoding: text.dropLast(), as: UTF8.self)) ?? -1
            // v1 shows no limit as the last page that it can count.
            return limit > Int64.max - (1 << 20) ? -1 : limit
        } catch {
            throw RuntimeError(error, in: "read memory limit")
        }
    }

    /// Writes the values, all or none: where one is refused, all are set back.
    /// - Parameter schemata: lines for the container's class of service, `L3:0=7f0` and the like.
    package mutating func apply(_ writes: [CgroupWrite], schemata: [String] = []) throws(RuntimeError) {
        guard schemata.isEmpty || record.resctrl != nil else {
            throw RuntimeError(.state, "the container has no class of service: its config.json has no /linux/intelRdt")
        }
        // Looked at before the first is written: to get one past the kernel another may have to go before its turn.
        let before = writes.compactMap { write in
            // Best effort: what can't be read, or is more than one value, can't be set back.
            (try? groups.value(of: write)).flatMap { value in
                value.map {
                    CgroupWrite(hierarchy: write.hierarchy, file: write.file, value: $0, pointer: write.pointer)
                }
            }
        }
        let systemd = try tellSystemd(of: writes)
        func setBack() {
            // Best effort: the failure that led here is the one to tell.
            if let unit = record.scope?.unit {
                try? systemd?.setProperties(UnitProperty.properties(for: before), of: unit)
            }
            for value in before.reversed() { try? groups.set(value, among: before) }
        }
        for write in writes {
            do throws(SyscallError) {
                try groups.set(write, among: writes)
            } catch {
                setBack()
                throw RuntimeError(error, at: .setCgroup(write))
            }
        }
        if let resctrl = record.resctrl, !schemata.isEmpty {
            do throws(SyscallError) {
                try resctrl.change(to: schemata, in: ResctrlGroup.mountPoint)
            } catch {
                setBack()
                throw RuntimeError(error, in: "change resctrl class")
            }
        }
        guard !record.hasMemoryLimit, writes.contains(where: \.limitsMemory) else { return }
        record.hasMemoryLimit = true
        do throws(SyscallError) {
            try folder.write(record)
        } catch {
            throw RuntimeError(error, in: "write record")
        }
    }
}

extension ResourceUpdate {
    /// Tells systemd of what is about to be written, where it has made the groups: it would set its own values again.
    /// - Returns: the connection; nil where nothing is systemd's.
    private func tellSystemd(of writes: [CgroupWrite]) throws(RuntimeError) -> SystemdConnection? {
        guard let scope = record.scope else { return nil }
        var whole: [CgroupWrite] = []
        for write in writes {
            do throws(SyscallError) {
                // Before systemd, whose limit would end processes.
                try groups.check(write)
                whole.append(try groups.completed(write))
            } catch {
                throw RuntimeError(error, at: .setCgroup(write))
            }
        }
        let properties = UnitProperty.properties(for: whole)
        guard !properties.isEmpty else { return nil }
        do throws(SystemdFailure) {
            let systemd = try SystemdConnection(to: scope.instance, remembered: scope.address)
            try systemd.setProperties(properties, of: scope.unit)
            return systemd
        } catch {
            throw RuntimeError(error, unit: scope.unit)
        }
    }
}

extension CgroupTree {
    /// A write with what it leaves as it is filled in: a quota without a period keeps the group's, and a period the quota.
    /// What is written to v1, where they are two files, says so by itself.
    fileprivate func completed(_ write: CgroupWrite) throws(SyscallError) -> CgroupWrite {
        guard write.file == "cpu.max" else { return write }
        let text = try Files.readFile(groups[write.hierarchy].folder + "/cpu.max", limit: 4096)
        let now = String(decoding: text.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            .bytewiseParts(separatedBy: " ")
        var words = write.value.bytewiseParts(separatedBy: " ")
        guard now.count == 2, !words.isEmpty else { return write }
        if write.keepsFirstWord { words[0] = now[0] }
        if words.count == 1 { words.append(now[1]) }
        var whole = CgroupWrite(
            hierarchy: write.hierarchy, file: write.file, value: words.joined(separator: " "), pointer: write.pointer)
        whole.usageFile = write.usageFile
        return whole
    }

    /// What a value is now; nil where the file holds more than one.
    fileprivate func value(of write: CgroupWrite) throws(SyscallError) -> String? {
        let text = try Files.readFile(groups[write.hierarchy].folder + "/" + write.file, limit: 1 << 16)
        guard text.last == UInt8(ascii: "\n"), text.count(where: { $0 == UInt8(ascii: "\n") }) == 1 else { return nil }
        return String(decoding: text.dropLast(), as: UTF8.self)
    }
}
