/// A time zone's offsets through history and, by its rule, for ever: what a file of `/usr/share/zoneinfo` says.
///
/// Source: RFC 8536 (TZif, versions 2 to 4; version 1 has no rule for later years and is refused).
package struct ZoneRules: Sendable, Equatable {
    /// When each offset begins, in seconds since 1970, rising.
    private var starts: [Int64] = []
    /// Seconds east of UTC from each start on.
    private var offsets: [Int32] = []
    /// What holds before the first start.
    private var firstOffset: Int32 = 0
    private var rule: ZoneRule?

    package static let utc = ZoneRules()

    private init() {}

    /// Reads a TZif file; nil for anything else, and for one that ends too early.
    package init?(tzif bytes: [UInt8]) {
        var reader = TZifReader(bytes)
        guard let first = reader.header(), first.version >= UInt8(ascii: "2"),
            reader.skip(first.length(timeBytes: 4)), let header = reader.header(), header.types > 0,
            let times = reader.integers(header.times, bytes: 8), let kinds = reader.bytes(header.times),
            let types = reader.bytes(header.types * 6),
            reader.skip(header.characters + header.leaps * 12 + header.standards + header.universals),
            let footer = reader.footer()
        else { return nil }
        let typeOffsets = (0..<header.types).map { TZifReader.int32(types, at: $0 * 6) }
        guard kinds.allSatisfy({ Int($0) < header.types }), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }),
            typeOffsets.allSatisfy({ abs($0) <= 26 * 3_600 })
        else { return nil }
        starts = times
        offsets = kinds.map { typeOffsets[Int($0)] }
        firstOffset = typeOffsets[0]
        if !footer.isEmpty {
            guard let rule = ZoneRule(footer) else { return nil }
            self.rule = rule
        }
    }

    /// Seconds east of UTC at an instant.
    package func offset(at instant: Instant) -> Int {
        Int(offset(atSecond: instant.microseconds.dividedDown(by: 1_000_000)))
    }

    private func offset(atSecond second: Int64) -> Int32 {
        guard let last = starts.last else { return rule?.offset(atSecond: second) ?? firstOffset }
        if second >= last, let rule { return rule.offset(atSecond: second) }
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= second { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? firstOffset : offsets[low - 1]
    }

    /// The date there at an instant.
    package func date(at instant: Instant) -> CalendarDate? {
        Instant(microseconds: instant.microseconds + Int64(offset(at: instant)) * 1_000_000).date
    }

    /// The instant of a local time. Of two (when clocks go back) the earlier; nil for a time that clocks skip.
    package func instant(_ date: CalendarDate, microseconds: Int64) -> Instant? {
        let local = Int64(date.daysSince1970) * 86_400_000_000 + microseconds
        return candidates(local).first { $0 + Int64(offset(at: Instant(microseconds: $0))) * 1_000_000 == local }
            .map(Instant.init(microseconds:))
    }

    /// The first instant of a day there: where clocks skip midnight, the time behind the gap.
    package func start(of date: CalendarDate) -> Instant {
        if let midnight = instant(date, microseconds: 0) { return midnight }
        // The offset before the gap, applied to the skipped midnight, is the instant of the change.
        let local = Int64(date.daysSince1970) * 86_400_000_000
        return Instant(microseconds: candidates(local).last ?? local)
    }

    /// The local time as it would be under the offsets that hold a day before and after, the earlier first.
    private func candidates(_ local: Int64) -> [Int64] {
        let day: Int64 = 86_400_000_000
        let near = [local - day, local + day].map { local - Int64(offset(at: Instant(microseconds: $0))) * 1_000_000 }
        return near.sorted()
    }
}

extension Int64 {
    /// Towards minus infinity.
    fileprivate func dividedDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// Reads a TZif file from its begin.
private struct TZifReader {
    private let content: [UInt8]
    private var index = 0

    init(_ content: [UInt8]) { self.content = content }

    struct Header {
        var version: UInt8
        var universals, standards, leaps, times, types, characters: Int

        /// Bytes of what follows it.
        func length(timeBytes: Int) -> Int {
            times * (timeBytes + 1) + types * 6 + characters + leaps * (timeBytes + 4) + standards + universals
        }
    }

    /// RFC 8536 3.1. Counts beyond what any zone needs are refused.
    mutating func header() -> Header? {
        guard let head = bytes(44), Array(head[..<4]) == Array("TZif".utf8) else { return nil }
        let counts = (0..<6).map { Int(Self.int32(head, at: 20 + $0 * 4)) }
        guard counts.allSatisfy({ 0...20_000 ~= $0 }) else { return nil }
        return Header(
            version: head[4],
            universals: counts[0],
            standards: counts[1],
            leaps: counts[2],
            times: counts[3],
            types: counts[4],
            characters: counts[5]
        )
    }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard index + count <= content.count else { return nil }
        defer { index += count }
        return Array(content[index..<index + count])
    }

    mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

    mutating func integers(_ count: Int, bytes width: Int) -> [Int64]? {
        guard let bytes = bytes(count * width) else { return nil }
        return (0..<count).map { number in
            Int64(bitPattern: bytes[number * width..<(number + 1) * width].reduce(0) { $0 << 8 | UInt64($1) })
        }
    }

    /// The rule between two line feeds at the end; "" where there is none.
    mutating func footer() -> String? {
        guard let begin = bytes(1), begin == [0x0A], let end = content[index...].firstIndex(of: 0x0A) else {
            return nil
        }
        return String(decoding: content[index..<end], as: UTF8.self)
    }

    static func int32(_ bytes: [UInt8], at index: Int) -> Int32 {
        Int32(bitPattern: bytes[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) })
    }
}
