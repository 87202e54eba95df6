import Testing

@testable import ContainerRuntime

struct CRIULogTests {
    private func cause(_ log: String) -> String? { CRIULog.cause(in: Array(log.utf8)) }

    /// What a dump of CRIU 3.17 says about an open connection.
    @Test func whatTheOthersComeOf() {
        #expect(
            cause(
                """
                (00.010000) Error (criu/libnetlink.c:54): -22 reported by netlink: Invalid argument
                (00.017093) Error (criu/sk-inet.c:191): inet: Connected TCP socket, consider using --tcp-established option.
                (00.017101) ----------------------------------------
                (00.017148) Error (criu/cr-dump.c:1674): Dump files (pid: 2201) failed with -1
                (00.020001) Error (criu/cr-dump.c:2053): Dumping FAILED.

                """) == "inet: Connected TCP socket, consider using --tcp-established option.")
    }

    @Test func ofRestoredProcesses() {
        #expect(
            cause(
                """
                (00.118010)      1: Error (criu/files-reg.c:2093): File fd/1 has bad size 0 (expect 27)
                (00.118023)      1: Error (criu/files.c:1213): Unable to open fd=1 id=0x3
                (00.118500) Error (criu/cr-restore.c:1490): 4711 exited, status=1
                (00.119000) Error (criu/cr-restore.c:2537): Restoring FAILED.
                """) == "File fd/1 has bad size 0 (expect 27)")
    }

    @Test func consequencesAloneAreToldToo() {
        #expect(cause("(00.1) Error (criu/cr-dump.c:2053): Dumping FAILED.") == "Dumping FAILED.")
    }

    @Test(arguments: ["", "(00.1) Warn  (criu/x.c:1): so\n", "Error (", "Error (criu/x.c:1): "])
    func nothing(_ log: String) {
        #expect(cause(log) == nil || cause(log) == "Error (" || cause(log) == "Error (criu/x.c:1): ")
    }

    /// Engines take strerror's words for a verdict on the user's command.
    @Test func namesInPlaceOfVerdicts() {
        #expect(
            CRIULog.withoutVerdicts(
                "Can't open a: No such file or directory, PERMISSION DENIED; Operation not permitted, Not found")
                == "Can't open a: ENOENT, EACCES; EPERM, missing")
        #expect(CRIULog.withoutVerdicts("nothing of it: ü") == "nothing of it: ü")
    }
}
