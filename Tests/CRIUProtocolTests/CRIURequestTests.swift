import Testing

@testable import CRIUProtocol

/// The bytes are those that protoc's own encoder gives for the same messages of CRIU's rpc.proto.
struct CRIURequestTests {
    @Test func versionKeepsTheConnectionOpen() {
        #expect(CRIURequest.version.encoded == [0x08, 10, 0x20, 1])
    }

    @Test func answersToNotifications() {
        #expect(CRIURequest.notified(success: true).encoded == [0x08, 6, 0x18, 1])
        #expect(CRIURequest.notified(success: false).encoded == [0x08, 6, 0x18, 0])
    }

    @Test func featureChecks() {
        let features = CRIUFeatures(tracksMemory: true, movesPagesLazily: true)
        #expect(CRIURequest.checkFeatures(features).encoded == [0x08, 9, 0x20, 1, 0x2a, 4, 0x08, 1, 0x10, 1])
    }

    @Test func whatIsNotAskedForIsLeftOut() {
        #expect(CRIURequest.dump(CRIUOptions(imagesFolder: 5)).encoded == [0x08, 1, 0x12, 2, 0x08, 5])
        #expect(CRIURequest.preDump(CRIUOptions(imagesFolder: 5)).encoded == [0x08, 4, 0x12, 2, 0x08, 5])
    }

    @Test func negativeNumbersTakeTenBytes() {
        #expect(
            CRIURequest.restore(CRIUOptions(imagesFolder: -1)).encoded
                == [0x08, 2, 0x12, 11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])
    }

    @Test func everyOption() throws {
        var options = CRIUOptions(imagesFolder: 300)
        options.workFolder = 4
        options.pid = 70000
        options.logFile = "dump.log"
        options.logLevel = 4
        options.root = "/r"
        options.pageServer = ("::1", 65535)
        options.parentImages = "../p"
        options.externalMounts = [.init(key: "/a", value: "/b")]
        options.external = ["net[4026531840]:extRootNetNS"]
        options.inherited = [.init(key: "pipe:[1]", descriptor: 1)]
        options.joinedNamespaces = [.init(key: "ipc", value: "/i")]
        options.emptyNamespaces = 0x4000_0000
        options.cgroupMode = .soft
        options.cgroupRoots = [.init(key: "", value: "/c")]
        options.freezerGroup = "/f"
        options.statusDescriptor = 9
        options.configFile = "/etc/criu/runc.conf"
        options.securityProfile = "apparmor:a"
        options.mountContext = "c"
        for flag: WritableKeyPath<CRIUOptions, Bool> in [
            \.leavesRunning, \.allowsExternalSockets, \.allowsConnections, \.evadesDevices, \.isShellJob,
            \.keepsFileLocks, \.notifies, \.tracksMemory, \.deduplicates, \.remapsLinks, \.restoresSiblings,
            \.skipsConnectionsInFlight, \.movesPagesLazily, \.handsOverTerminals, \.closesConnections,
        ] {
            options[keyPath: flag] = true
        }
        var reader = ProtobufReader(CRIURequest.dump(options).encoded[...])
        #expect(try reader.next()?.int32 == 1)
        var message = try #require(try reader.next()).message
        #expect(try reader.next() == nil)
        var numbers: [Int: Int32] = [:]
        var texts: [Int: [String]] = [:]
        while let field = try message.next() {
            switch field.value {
            case .number: numbers[field.number] = try field.int32
            case .bytes: texts[field.number, default: []].append(try field.string)
            case .fixed: Issue.record("field \(field.number)")
            }
        }
        #expect(
            numbers == [
                1: 300, 2: 70000, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 1, 9: 4, 12: 1, 15: 1, 16: 1, 17: 4, 18: 1, 24: 1,
                26: 1, 34: 3, 38: 0x4000_0000, 46: 1, 48: 1, 49: 9, 50: 1, 52: 1,
            ])
        #expect(
            texts == [
                10: ["dump.log"], 11: ["\n\u{3}::1\u{10}\u{fffd}\u{fffd}\u{3}"], 13: ["/r"], 14: ["../p"],
                23: ["\n\u{2}/a\u{12}\u{2}/b"], 25: ["\n\u{0}\u{12}\u{2}/c"],
                27: ["\n\u{8}pipe:[1]\u{10}\u{1}"], 37: ["net[4026531840]:extRootNetNS"],
                39: ["\n\u{3}ipc\u{12}\u{2}/i"], 44: ["/f"], 51: ["/etc/criu/runc.conf"], 53: ["apparmor:a"],
                63: ["c"],
            ])
    }

    @Test func textsOfMoreThan127BytesHaveALongerLength() {
        var options = CRIUOptions(imagesFolder: 0)
        options.root = String(repeating: "a", count: 200)
        let bytes = CRIURequest.dump(options).encoded
        #expect(bytes.starts(with: [0x08, 1, 0x12, 205, 1, 0x08, 0, 0x6a, 200, 1]))
        #expect(bytes.count == 210)
    }
}
