/// Syscalls that carry many calls in one, told apart by their first argument: `socketcall` (linux/net.h) and `ipc`
/// (linux/ipc.h).
///
/// A rule on `socket` must hold for `socketcall(SYS_SOCKET, ...)` too. The other arguments lie in memory there, out of a
/// filter's sight.
enum SeccompMultiplexer: Equatable {
    case socketcall
    case ipc

    /// A call and what carries it.
    struct Call: Equatable {
        let multiplexer: SeccompMultiplexer
        /// The first argument.
        let number: UInt64

        /// The condition that the carried call is this one. The kernel looks at 32 bits, and for `ipc` at 16: the bits
        /// above them are a version.
        var condition: SeccompDescription.Condition {
            SeccompDescription.Condition(
                argumentIndex: 0, comparison: .maskedEqual, value: multiplexer == .ipc ? 0xFFFF : 0xFFFF_FFFF,
                valueTwo: number)
        }
    }

    /// How the syscall of this name is carried, or nil if it isn't.
    static func call(named name: String) -> Call? {
        // Hundreds of names pass here, and nearly all differ in the first letters.
        switch name.utf8.first {
        case UInt8(ascii: "s"): sending(name)
        case UInt8(ascii: "m"), UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "c"), UInt8(ascii: "g"),
            UInt8(ascii: "l"), UInt8(ascii: "r"):
            other(name)
        default: nil
        }
    }

    private static func sending(_ name: String) -> Call? {
        switch name {
        case "socket": Call(multiplexer: .socketcall, number: 1)
        case "socketpair": Call(multiplexer: .socketcall, number: 8)
        case "send": Call(multiplexer: .socketcall, number: 9)
        case "sendto": Call(multiplexer: .socketcall, number: 11)
        case "shutdown": Call(multiplexer: .socketcall, number: 13)
        case "setsockopt": Call(multiplexer: .socketcall, number: 14)
        case "sendmsg": Call(multiplexer: .socketcall, number: 16)
        case "sendmmsg": Call(multiplexer: .socketcall, number: 20)
        case "semop": Call(multiplexer: .ipc, number: 1)
        case "semget": Call(multiplexer: .ipc, number: 2)
        case "semctl": Call(multiplexer: .ipc, number: 3)
        case "semtimedop": Call(multiplexer: .ipc, number: 4)
        case "shmat": Call(multiplexer: .ipc, number: 21)
        case "shmdt": Call(multiplexer: .ipc, number: 22)
        case "shmget": Call(multiplexer: .ipc, number: 23)
        case "shmctl": Call(multiplexer: .ipc, number: 24)
        default: nil
        }
    }

    private static func other(_ name: String) -> Call? {
        switch name {
        case "bind": Call(multiplexer: .socketcall, number: 2)
        case "connect": Call(multiplexer: .socketcall, number: 3)
        case "listen": Call(multiplexer: .socketcall, number: 4)
        case "accept": Call(multiplexer: .socketcall, number: 5)
        case "getsockname": Call(multiplexer: .socketcall, number: 6)
        case "getpeername": Call(multiplexer: .socketcall, number: 7)
        case "recv": Call(multiplexer: .socketcall, number: 10)
        case "recvfrom": Call(multiplexer: .socketcall, number: 12)
        case "getsockopt": Call(multiplexer: .socketcall, number: 15)
        case "recvmsg": Call(multiplexer: .socketcall, number: 17)
        case "accept4": Call(multiplexer: .socketcall, number: 18)
        case "recvmmsg": Call(multiplexer: .socketcall, number: 19)
        case "msgsnd": Call(multiplexer: .ipc, number: 11)
        case "msgrcv": Call(multiplexer: .ipc, number: 12)
        case "msgget": Call(multiplexer: .ipc, number: 13)
        case "msgctl": Call(multiplexer: .ipc, number: 14)
        default: nil
        }
    }
}
