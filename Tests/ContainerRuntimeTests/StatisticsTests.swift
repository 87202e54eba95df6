import LinuxSys
import LosslessJSON
import Testing

@testable import ContainerRuntime

/// What `events` tells, read from a prepared tree of ordinary files: the controllers of cgroup2 that this machine's kernel
/// has not, and files of v1 that not every kernel has.
struct StatisticsTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    func statistics(_ files: [String: String], controllers: [String], isUnified: Bool) throws -> JSON {
        let folder = try directory.makeFolder(isUnified ? "v2" : "v1")
        for (name, text) in files { try Files.writeFile("\(folder)/\(name)", text, flags: [.create, .writeOnly]) }
        let group = CgroupTree.Group(mountPoint: folder, path: "", isUnified: isUnified, controllers: controllers)
        var writer = JSONWriter()
        try Statistics(groups: CgroupTree(groups: [group])).write(to: &writer)
        return try JSON(parsing: writer.bytes)
    }

    func text(_ json: JSON, _ pointer: String) -> String? {
        var place: JSON? = json
        for name in pointer.split(separator: "/") {
            place = place.flatMap { value in
                value.kind == .array ? Int(name).map { Array(value.elements)[$0] } : value[String(name)]
            }
        }
        return place.map { String(decoding: JSONValue($0).text(), as: UTF8.self) }
    }

    static let unified: [String: String] = [
        "cpu.stat": """
        usage_usec 5000
        user_usec 3000
        system_usec 2000
        nr_periods 7
        nr_throttled 2
        throttled_usec 11

        """,
        "cpuset.cpus.effective": "0-2,5\n", "cpuset.mems.effective": "0\n",
        "memory.stat": "anon 1\nfile 4096\n", "memory.max": "1048576\n", "memory.current": "8192\n",
        "memory.peak": "16384\n", "memory.events": "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n",
        "memory.swap.current": "100\n", "memory.swap.max": "1000\n", "memory.swap.events": "high 0\nmax 0\nfail 4\n",
        "pids.current": "4\n", "pids.max": "10\n",
        "io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n",
        "hugetlb.2MB.current": "2097152\n", "hugetlb.2MB.rsvd.current": "0\n", "hugetlb.2MB.events": "max 9\n",
    ]

    @Test func cgroup2() throws {
        let json = try statistics(
            Self.unified, controllers: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"], isUnified: true)
        for (pointer, expected) in [
            ("cpu/usage/total", "5000000"), ("cpu/usage/user", "3000000"), ("cpu/usage/kernel", "2000000"),
            ("cpu/throttling", #"{"periods":7,"throttledPeriods":2,"throttledTime":11000}"#),
            ("cpuset/cpus", "[0,1,2,5]"), ("cpuset/mems", "[0]"), ("memory/cache", "4096"),
            ("memory/usage", #"{"limit":1048576,"usage":8192,"max":16384,"failcnt":3}"#),
            ("memory/swap", #"{"limit":1049576,"usage":8292,"failcnt":4}"#),
            ("memory/raw", #"{"anon":1,"file":4096}"#), ("pids", #"{"current":4,"limit":10}"#),
            ("blkio/ioServiceBytesRecursive/0", #"{"major":8,"minor":0,"op":"Read","value":1}"#),
            ("blkio/ioServiceBytesRecursive/2", #"{"major":8,"minor":0,"op":"Discard","value":5}"#),
            ("blkio/ioServicedRecursive/1", #"{"major":8,"minor":0,"op":"Write","value":4}"#),
            ("hugetlb", #"{"2MB":{"usage":2097152,"failcnt":9}}"#),
        ] {
            #expect(text(json, pointer) == expected, "\(pointer)")
        }
    }

    /// No limit is the largest number, for memory alone and with swap.
    @Test func cgroup2WithoutLimits() throws {
        var files = Self.unified
        files["memory.max"] = "max\n"
        files["pids.max"] = "max\n"
        files["memory.peak"] = nil
        let json = try statistics(files, controllers: ["memory", "pids"], isUnified: true)
        #expect(text(json, "memory/usage") == #"{"limit":18446744073709551615,"usage":8192,"failcnt":3}"#)
        #expect(text(json, "memory/swap/limit") == "18446744073709551615")
        #expect(text(json, "pids") == #"{"current":4}"#)
        #expect(text(json, "hugetlb") == "{}")
    }

    @Test func cgroup1() throws {
        let json = try statistics(
            [
                "cpuacct.usage": "300\n", "cpuacct.usage_percpu": "100 200 \n",
                "cpuacct.usage_all": "cpu user system\n0 60 40\n1 150 50\n", "cpuacct.stat": "user 2\nsystem 1\n",
                "cpu.stat": "nr_periods 1\nnr_throttled 1\nthrottled_time 5\n",
                "cpuset.cpus": "1,3-4\n", "cpuset.mems": "0\n", "cpuset.sched_relax_domain_level": "-1\n",
                "memory.stat": "cache 7\n", "memory.usage_in_bytes": "1\n", "memory.max_usage_in_bytes": "2\n",
                "memory.limit_in_bytes": "3\n", "memory.failcnt": "4\n",
                "blkio.throttle.io_service_bytes_recursive": "8:0 Read 1\n8:0 Total 1\nTotal 1\n",
            ], controllers: ["cpu", "cpuacct", "cpuset", "memory", "blkio"], isUnified: false)
        for (pointer, expected) in [
            (
                "cpu/usage",
                #"{"total":300,"percpu":[100,200],"percpu_kernel":[40,50],"percpu_user":[60,150],"kernel":10000000,"user":20000000}"#
            ),
            ("cpu/throttling/throttledTime", "5"),
            ("cpuset", #"{"cpus":[1,3,4],"mems":[0],"sched_relax_domain_level":-1}"#),
            ("memory/usage", #"{"limit":3,"usage":1,"max":2,"failcnt":4}"#), ("memory/swap", nil),
            ("blkio/ioServiceBytesRecursive/1", #"{"major":8,"minor":0,"op":"Total","value":1}"#),
            ("pids", "{}"),
        ] as [(String, String?)] {
            #expect(text(json, pointer) == expected, "\(pointer)")
        }
    }

    /// A list from a file that somebody else has written is no reason to take all memory.
    @Test func lists() {
        #expect(Statistics.list("") == [])
        #expect(Statistics.list("0-18446744073709551615") == [])
        #expect(Statistics.list("3-1,x,2") == [2])
    }
}
