package import LinuxSys

/// A process that the runtime is the parent of, and waits for.
package protocol ForegroundProcess: AnyObject {
    /// Waits until it executes its program, where nobody has waited for that yet.
    /// - Throws: `RuntimeError` where it does not come to that.
    func awaitProgram() throws(RuntimeError)
    /// Its exit status if it has ended.
    func exitStatusIfEnded() throws(SyscallError) -> ExitStatus?
    /// Sends it a signal.
    func signal(_ number: Int32) throws(SyscallError)
    /// Sends a signal to all processes of its group, which is its own.
    func signalGroup(_ number: Int32) throws(SyscallError)
}
