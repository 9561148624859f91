/// A ZIP archive that is written from its start to its end, each part compressed as it comes.
///
/// Sizes and checksums stand behind the parts (bit 3 of the flags), for nobody knows them before. Without ZIP64: whoever
/// writes keeps each part and the whole below 4 GiB. APPNOTE.TXT 6.3.10.
struct ZipStream {
    private struct Part {
        var name: [UInt8]
        var offset: Int64
        var checksum: UInt32
        var compressed: Int64
        var size: Int64
    }

    private var parts: [Part] = []
    private var current: (name: [UInt8], offset: Int64, dataStart: Int64, deflater: Deflater)?
    /// Bytes given out so far.
    private(set) var written: Int64 = 0

    /// Of the part in hand, as they were added.
    var partBytes: Int64 { current?.deflater.added ?? 0 }

    /// Begins a part; the one before must have ended.
    mutating func begin(_ name: String) -> [UInt8] {
        let name = Array(name.utf8)
        var header = Bytes()
        header.add32(0x0403_4B50)
        header.add16(20, 0x0808, 8, 0, 0x21)
        header.add32(0, 0, 0)
        header.add16(UInt16(name.count), 0)
        let start = written
        let bytes = given(header.bytes + name)
        current = (name, start, written, Deflater())
        return bytes
    }

    mutating func add(_ bytes: [UInt8]) -> [UInt8] {
        guard let current else { return [] }
        return given(current.deflater.add(bytes))
    }

    /// Ends the part in hand.
    mutating func endPart() -> [UInt8] {
        guard let (name, offset, dataStart, deflater) = current else { return [] }
        current = nil
        let rest = given(deflater.add([], isLast: true))
        let part = Part(
            name: name,
            offset: offset,
            checksum: deflater.checksum,
            compressed: written - dataStart,
            size: deflater.added
        )
        parts.append(part)
        var sums = Bytes()
        sums.add32(0x0807_4B50, part.checksum, UInt32(truncatingIfNeeded: part.compressed))
        sums.add32(UInt32(truncatingIfNeeded: part.size))
        return rest + given(sums.bytes)
    }

    /// The directory, which ends the archive.
    mutating func end() -> [UInt8] {
        let start = written
        var directory = Bytes()
        for part in parts {
            directory.add32(0x0201_4B50)
            directory.add16(20, 20, 0x0808, 8, 0, 0x21)
            directory.add32(part.checksum, UInt32(truncatingIfNeeded: part.compressed))
            directory.add32(UInt32(truncatingIfNeeded: part.size))
            directory.add16(UInt16(part.name.count), 0, 0, 0, 0)
            directory.add32(0, UInt32(truncatingIfNeeded: part.offset))
            directory.bytes += part.name
        }
        let size = Int64(directory.bytes.count)
        directory.add32(0x0605_4B50)
        directory.add16(0, 0, UInt16(parts.count), UInt16(parts.count))
        directory.add32(UInt32(truncatingIfNeeded: size), UInt32(truncatingIfNeeded: start))
        directory.add16(0)
        return given(directory.bytes)
    }

    private mutating func given(_ bytes: [UInt8]) -> [UInt8] {
        written += Int64(bytes.count)
        return bytes
    }

    /// Numbers as ZIP has them: the lowest byte first.
    private struct Bytes {
        var bytes: [UInt8] = []

        mutating func add16(_ numbers: UInt16...) {
            for number in numbers {
                bytes += [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
            }
        }

        mutating func add32(_ numbers: UInt32...) {
            for number in numbers {
                bytes += (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
            }
        }
    }
}
