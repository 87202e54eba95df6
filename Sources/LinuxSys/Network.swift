import CLinux
import Glibc

/// Network devices: netdevice(7).
package enum Network {
    /// Brings `lo` of the caller's network namespace up (SIOCSIFFLAGS); the kernel gives it 127.0.0.1/8 and ::1/128.
    /// Needs CAP_NET_ADMIN over the namespace.
    package static func bringUpLoopback() throws(SyscallError) {
        let domain = AF_INET
        let socket = OwnedFD(
            adopting: try check(clinux_socket(domain, Int32(SOCK_DGRAM.rawValue), 0), "socket", "AF_INET"))
        // SAFETY: the C string lives as long as the call.
        let result = unsafe "lo".withCText {
            unsafe clinux_set_interface_flags(socket.borrowed.rawValue, $0, Int16(IFF_UP))
        }
        try check(result, "ioctl(SIOCSIFFLAGS)", "lo")
    }
}
