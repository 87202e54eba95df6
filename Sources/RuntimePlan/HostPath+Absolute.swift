extension HostPath {
    /// The path, made absolute below a folder and without `.` and empty components.
    package func absolute(in folder: String) -> String {
        (string.utf8.first == UInt8(ascii: "/") ? string : folder + "/" + string).absolutePath
    }
}
