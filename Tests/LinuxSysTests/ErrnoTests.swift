import LinuxSys
import Testing

@Suite struct ErrnoTests {
    @Test(arguments: [
        (1, "EPERM"), (2, "ENOENT"), (11, "EAGAIN"), (38, "ENOSYS"), (40, "ELOOP"), (95, "EOPNOTSUPP"),
        (133, "EHWPOISON"),
    ])
    func names(number: Int32, name: String) {
        #expect(Errno(rawValue: number).name == name)
    }

    @Test func everyNumberOfTheKernelHasAName() {
        // 41 and 58 are not in use.
        for number in Int32(1)...133 where number != 41 && number != 58 {
            #expect(Errno(rawValue: number).name.hasPrefix("E"), "\(number)")
        }
    }

    @Test func unknownNumbersAreShown() {
        #expect(Errno(rawValue: 41).name == "errno 41")
        #expect(Errno(rawValue: 4095).name == "errno 4095")
    }

    @Test func constantsMatchTheirNames() {
        let constants: [(Errno, String)] = [
            (.EPERM, "EPERM"), (.ENOENT, "ENOENT"), (.EINVAL, "EINVAL"), (.EROFS, "EROFS"), (.ENOSYS, "ENOSYS"),
            (.ELOOP, "ELOOP"), (.ENOTSUP, "EOPNOTSUPP"), (.EMSGSIZE, "EMSGSIZE"), (.EDQUOT, "EDQUOT"),
            (.ENOTEMPTY, "ENOTEMPTY"), (.ESTALE, "ESTALE"), (.EOVERFLOW, "EOVERFLOW"),
        ]
        for (errno, name) in constants {
            #expect(errno.name == name)
        }
    }

    @Test func errorsTellOperationSubjectAndName() {
        let error = SyscallError(operation: "openat2", errno: .EXDEV, subject: "etc/passwd")
        #expect(error.description == "openat2 etc/passwd: EXDEV")
        #expect(SyscallError(operation: "setsid", errno: .EPERM).description == "setsid: EPERM")
    }
}
