package import SecurityProfile

/// The files that a ``ProfileRegistry`` keeps profiles in. It is a port: the registry itself calls no system.
package protocol ProfileStorage: Sendable {
    /// The content of the file at `path`, of at most `limit` bytes; nil if there is no such file.
    func content(of path: String, limit: Int) throws(ProfileError) -> [UInt8]?

    /// The names in a folder, in no order; none if there is no such folder.
    func names(in folder: String) throws(ProfileError) -> [String]

    /// Puts a file at `path`, whole or not at all, with the mode 0644, and makes the folder that it is in. A file that
    /// is there is replaced only if `replacing` says so.
    func write(_ content: [UInt8], to path: String, replacing: Bool) throws(ProfileError)

    /// Takes the file at `path` away.
    func remove(_ path: String) throws(ProfileError)

    /// Runs `body` while no other process changes what is in `folder`, which is made if it isn't there.
    func locked<Result>(
        _ folder: String, _ body: () throws(ProfileError) -> Result
    ) throws(ProfileError) -> Result
}
