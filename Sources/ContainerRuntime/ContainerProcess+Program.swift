import LinuxSys
import OCISpec
import RuntimePlan

/// The user's program: found, and in the end executed.
extension ContainerProcess {
    /// Finds the program and sees whether the user may execute it.
    /// - Throws: `CommandFailure` in the words that callers read.
    mutating func findExecutable(_ name: String) throws(CommandFailure) {
        environment = completed(plan.spec.environment)
        let user = plan.spec.user
        guard user.userID != 0 else {
            executable = try find(name)
            return
        }
        // As the user, whom the next folder of PATH may let in where this one doesn't. Now and not once the ids are the
        // user's, because the filter that may be loaded by then need not let us look.
        var path = ""
        var failure: CommandFailure?
        do throws(SyscallError) {
            if !user.keepsOriginalGroups { try setGroups(user.additionalGroupIDs) }
            try Credentials.withFileSystemIDs(userID: user.userID, groupID: user.groupID) { () throws(SyscallError) in
                do throws(CommandFailure) {
                    path = try find(name)
                } catch {
                    failure = error
                }
            }
        } catch {
            // An id that this user namespace doesn't have: setUser comes to it, and says so.
            path = try find(name)
        }
        if let failure { throw failure }
        executable = path
    }

    private func find(_ name: String) throws(CommandFailure) -> String {
        try Executable(finding: name, environment: plan.spec.environment, user: user).path
    }

    /// Who executes the program, for messages.
    private var user: String { "\(plan.spec.user.userID):\(plan.spec.user.groupID)" }

    /// Runs the hooks that the container's process runs itself.
    func runHooks(_ kind: HookKind) throws(RuntimeError) {
        // Until now whatever was made has got the mode that was asked for.
        if kind == .createContainer {
            _ = Files.setUmask(0o022)
            do throws(SyscallError) {
                // Where hooks that were written for others look for it.
                try Files.changeDirectory(to: rootfs.root)
            } catch {
                throw RuntimeError(error, at: .runHooks(kind))
            }
        }
        if kind == .startContainer, plan.spec.seccomp?.listener != nil {
            do throws(SyscallError) {
                // The courier is gone; the ends of hooks have to be waited for.
                try Signals.setDefault(Signals.child)
            } catch {
                throw RuntimeError(error, at: .runHooks(kind))
            }
        }
        // In the container's pid namespace the process is who it is there.
        let state = inheritance.record.state(kind == .startContainer ? .created : .creating, pid: Processes.processID)
        try ContainerHooks.run(plan.spec.hooks(kind), kind, state: state)
    }

    /// Loads the late filter, if there is one, and executes the program. Under the filter nothing is called but write,
    /// execve, and, when that failed, exit_group: what it may not let pass is prepared before.
    func execute(at index: Int) throws(StageFailure) {
        let spec = plan.spec
        let program: PreparedExec
        do throws(SyscallError) {
            program = try PreparedExec(
                path: executable, arguments: spec.arguments, environment: environment)
        } catch {
            throw StageFailure(error)
        }
        do throws(SyscallError) {
            if loadsFilterLate { try loadSeccomp() }
            try Files.writeByte(inheritance.resultPipe, Start.lastStep)
        } catch {
            var failure = StageFailure(error)
            if loadsFilterLate { failure.name(.loadSeccompLate) }
            throw failure
        }
        let errno = program.exec()
        let text =
            switch errno {
            case .EACCES, .EPERM: "permission denied"
            case .ENOENT: "no such file or directory"
            case .ENOEXEC: "exec format error"
            default: errno.name
            }
        throw StageFailure(
            CommandFailure(text: "exec: \"\(spec.arguments[0])\": \(text)", hint: obstacle(to: executable, errno)))
    }

    /// Why the program could not be executed, found out under the filter that is loaded by now: where that need not let
    /// pass what it takes to look, nobody looks.
    private func obstacle(to path: String, _ errno: Errno) -> String? {
        guard filter.isEmpty || SeccompProgram.allowsLooking(filter) else { return nil }
        return ExecutionObstacle(user: user, errno: errno).reason(for: path) ?? confinement(of: path, errno)
    }

    /// What AppArmor has to do with it where nothing else is in the way of a runtime that is itself confined.
    private func confinement(of path: String, _ errno: Errno) -> String? {
        guard errno == .EACCES || errno == .EPERM, let profile = plan.spec.appArmorProfile,
            let label = inheritance.successor == nil ? try? Procfs.appArmorConfinement(number(of: procfs)) : ownLabel
        else { return nil }
        return
            "the AppArmor profile \(label), which confines the runtime, doesn't let \(path) be executed under \(profile)"
    }

    /// The environment, with HOME where the config leaves it unset or empty (what login(1) would set).
    private func completed(_ environment: [String]) -> [String] {
        var variables = environment
        if let activation = inheritance.activation {
            variables = activation.announced(in: variables, to: Processes.processID)
        }
        if let place = variables.lastIndex(where: { $0.startsBytewise(with: "HOME=") }) {
            guard variables[place] == "HOME=" else { return variables }
            variables.remove(at: place)
        }
        variables.append("HOME=" + PasswordFile.home(of: plan.spec.user.userID))
        return variables
    }
}
