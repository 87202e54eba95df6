/// The address of a profile that lies in a registry as an OCI artifact: `oci://HOST[:PORT]/PATH[:TAG][@DIGEST]`
/// (distribution-spec, "Pulling manifests").
struct ArtifactReference {
    /// The registry, with its port if there is one.
    let host: String
    /// The repository.
    let repository: String
    /// The tag, if there is one.
    let tag: String?
    /// The digest, if there is one.
    let digest: String?

    /// Reads an address, or gives nil if it is none.
    init?(_ text: String) {
        guard text.hasPrefix("oci://") else { return nil }
        var rest = text.dropFirst("oci://".count)
        var digest: String?
        if let at = rest.firstIndex(of: "@") {
            digest = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        let host = rest[..<slash]
        var path = rest[rest.index(after: slash)...]
        var tag: String?
        if let colon = path.lastIndex(of: ":") {
            tag = String(path[path.index(after: colon)...])
            path = path[..<colon]
        }
        let isLower = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (0x30...0x39).contains(byte)
        }
        let isWord = { (byte: UInt8) in isLower(byte | 0x20) || "_.-".utf8.contains(byte) }
        guard !host.isEmpty, host.utf8.allSatisfy({ isWord($0) || "[]:".utf8.contains($0) }),
            path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ part in
                !part.isEmpty && part.utf8.allSatisfy { isLower($0) || "_.-".utf8.contains($0) }
            }),
            tag.map({ !$0.isEmpty && $0.utf8.count <= 128 && $0.utf8.allSatisfy(isWord) }) ?? true
        else { return nil }
        if let digest {
            let parts = digest.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, parts[1].utf8.count >= 32, parts[1].utf8.allSatisfy(isLower)
            else { return nil }
        }
        self.host = String(host)
        self.repository = String(path)
        self.tag = tag
        self.digest = digest
    }
}
