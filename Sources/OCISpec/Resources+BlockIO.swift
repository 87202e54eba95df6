internal import LosslessJSON

extension Resources {
    /// `/linux/resources/blockIO` (config-linux.md, "Block IO").
    package struct BlockIO: Equatable, Sendable {
        /// `weight`: the cgroup's weight, 10 to 1000.
        package var weight: UInt16?
        /// `leafWeight`: its weight against its own children, 10 to 1000.
        package var leafWeight: UInt16?
        /// `weightDevice`: weights by device.
        package var weightDevice: [WeightDevice]?
        /// `throttleReadBpsDevice`: how much is read, in bytes a second by device.
        package var throttleReadBpsDevice: [ThrottleDevice]?
        /// `throttleWriteBpsDevice`: how much is written, in bytes a second by device.
        package var throttleWriteBpsDevice: [ThrottleDevice]?
        /// `throttleReadIOPSDevice`: how often is read, in operations a second by device.
        package var throttleReadIOPSDevice: [ThrottleDevice]?
        /// `throttleWriteIOPSDevice`: how often is written, in operations a second by device.
        package var throttleWriteIOPSDevice: [ThrottleDevice]?

        /// Makes an empty section.
        package init() {}
    }

    /// An element of `/linux/resources/blockIO/weightDevice`.
    package struct WeightDevice: Equatable, Sendable {
        /// `major`, REQUIRED: the device's major number.
        package var major: Int64
        /// `minor`, REQUIRED: the device's minor number.
        package var minor: Int64
        /// `weight`: 10 to 1000.
        package var weight: UInt16?
        /// `leafWeight`: 10 to 1000.
        package var leafWeight: UInt16?
    }

    /// An element of the four lists `/linux/resources/blockIO/throttle*Device`.
    package struct ThrottleDevice: Equatable, Sendable {
        /// `major`, REQUIRED: the device's major number.
        package var major: Int64
        /// `minor`, REQUIRED: the device's minor number.
        package var minor: Int64
        /// `rate`: bytes or operations a second. Absent: 0, which is no limit.
        package var rate: UInt64?
    }
}

extension Resources.BlockIO: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        weight = decoder.integer("weight", in: object)
        leafWeight = decoder.integer("leafWeight", in: object)
        weightDevice = decoder.sections("weightDevice", in: object)
        throttleReadBpsDevice = decoder.sections("throttleReadBpsDevice", in: object)
        throttleWriteBpsDevice = decoder.sections("throttleWriteBpsDevice", in: object)
        throttleReadIOPSDevice = decoder.sections("throttleReadIOPSDevice", in: object)
        throttleWriteIOPSDevice = decoder.sections("throttleWriteIOPSDevice", in: object)
    }
}

extension Resources.WeightDevice: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        major = decoder.requiredInteger("major", in: object)
        minor = decoder.requiredInteger("minor", in: object)
        weight = decoder.integer("weight", in: object)
        leafWeight = decoder.integer("leafWeight", in: object)
    }
}

extension Resources.ThrottleDevice: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        major = decoder.requiredInteger("major", in: object)
        minor = decoder.requiredInteger("minor", in: object)
        rate = decoder.integer("rate", in: object)
    }
}
