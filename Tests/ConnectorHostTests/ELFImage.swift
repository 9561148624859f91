/// Writes small ELF files, right and wrong ones.
struct ELFImage {
    struct Note {
        var name = "TrainFlow"
        var type: UInt32 = 1
        var bytes: [UInt8]
    }

    var notes: [Note] = []
    var hasSections = true
    var alignment: UInt64 = 4

    /// Header 64, one program header 56, two section headers 128 (an empty one and the notes), then the notes.
    var bytes: [UInt8] {
        let body = notes.reduce(into: [UInt8]()) { $0 += block($1) }
        let start: UInt64 = 64 + 56 + (hasSections ? 128 : 0)
        var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        file += little(UInt16(3)) + little(UInt16(machine)) + little(UInt32(1)) + little(UInt64(0))
        file += little(UInt64(64)) + little(UInt64(hasSections ? 120 : 0)) + little(UInt32(0))
        file += little(UInt16(64)) + little(UInt16(56)) + little(UInt16(1))
        file += little(UInt16(hasSections ? 64 : 0)) + little(UInt16(hasSections ? 2 : 0)) + little(UInt16(0))
        file += little(UInt32(4)) + little(UInt32(4)) + little(start) + little(start) + little(start)
        file += little(UInt64(body.count)) + little(UInt64(body.count)) + little(alignment)
        if hasSections {
            file += [UInt8](repeating: 0, count: 64)
            file += little(UInt32(0)) + little(UInt32(7)) + little(UInt64(2)) + little(start) + little(start)
            file += little(UInt64(body.count)) + little(UInt32(0)) + little(UInt32(0)) + little(alignment)
            file += little(UInt64(0))
        }
        return file + body
    }

    private var machine: Int {
        #if arch(arm64)
            183
        #else
            62
        #endif
    }

    private func block(_ note: Note) -> [UInt8] {
        var block = little(UInt32(note.name.utf8.count + 1)) + little(UInt32(note.bytes.count)) + little(note.type)
        block += Array(note.name.utf8) + [0]
        pad(&block)
        block += note.bytes
        pad(&block)
        return block
    }

    private func pad(_ block: inout [UInt8]) {
        while block.count % Int(alignment) != 0 { block.append(0) }
    }
}

func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
}
