package import Platform

/// Bytes that can be read at any place: a file, or an array.
package protocol RandomAccessBytes {
    var size: UInt64 { get }
    /// Exactly `count` bytes; only asked for what lies inside `size`.
    func bytes(at offset: UInt64, count: Int) throws(SystemError) -> [UInt8]
}

extension [UInt8]: RandomAccessBytes {
    package var size: UInt64 { UInt64(count) }
    package func bytes(at offset: UInt64, count: Int) throws(SystemError) -> [UInt8] {
        Array(self[Int(offset)..<Int(offset) + count])
    }
}

/// Why a file's notes can't be read; nothing of the file was run.
package struct ELFError: Error, Equatable, Sendable {
    package var reason: String
}

/// The notes of a 64-bit little-endian shared object, read from its bytes alone.
///
/// Everything in the file is taken for hostile: each place and size is checked against the file's size before it is
/// read, and what is read at once is bounded. Source: elf(5); System V ABI, "Note Section".
package enum ELFNotes {
    package struct Note: Equatable, Sendable {
        package var name: String
        package var type: UInt32
        package var bytes: [UInt8]
    }

    /// The most that one note segment or section may hold: a manifest is at most 1 MiB.
    private static let largestBlock: UInt64 = 4 << 20
    private static let largestTable = 4_096
    private static let headerSize = 64
    private static let segmentEntrySize = 56
    private static let sectionEntrySize = 64
    private static let dynamicObject: UInt16 = 3
    private static let noteSegment: UInt32 = 4
    private static let noteSection: UInt32 = 7

    /// The notes with this name and type, each once, whether a segment, a section or both list it.
    package static func notes(
        named name: String,
        type: UInt32,
        in file: some RandomAccessBytes
    ) throws(ELFError) -> [Note] {
        let blocks = try blocks(of: file)
        var found: [UInt64: Note] = [:]
        for block in blocks {
            for (place, note) in try notes(of: block, in: file) where note.name == name && note.type == type {
                found[place] = note
            }
        }
        return found.keys.sorted().compactMap { found[$0] }
    }

    private struct Block: Hashable {
        var offset: UInt64
        var size: UInt64
        var alignment: UInt64
    }

    private static func blocks(of file: some RandomAccessBytes) throws(ELFError) -> [Block] {
        guard file.size >= UInt64(headerSize) else { throw ELFError(reason: "it is too short to be a shared object") }
        let header = try read(file, at: 0, count: headerSize)
        guard header[0] == 0x7F, header[1] == 0x45, header[2] == 0x4C, header[3] == 0x46 else {
            throw ELFError(reason: "it is not an ELF file")
        }
        guard header[4] == 2, header[5] == 1, header[6] == 1 else {
            throw ELFError(reason: "it is not a 64-bit little-endian ELF file of version 1")
        }
        guard header.integer(at: 16, as: UInt16.self) == dynamicObject else {
            throw ELFError(reason: "it is an ELF file, but not a shared object")
        }
        guard header.integer(at: 18, as: UInt16.self) == machine else {
            throw ELFError(reason: "it is built for another processor")
        }
        let segments = try table(
            of: file,
            at: header.integer(at: 32, as: UInt64.self),
            entrySize: header.integer(at: 54, as: UInt16.self),
            count: header.integer(at: 56, as: UInt16.self),
            least: segmentEntrySize,
            name: "program header"
        )
        let sections = try table(
            of: file,
            at: header.integer(at: 40, as: UInt64.self),
            entrySize: header.integer(at: 58, as: UInt16.self),
            count: header.integer(at: 60, as: UInt16.self),
            least: sectionEntrySize,
            name: "section header"
        )
        var blocks: [Block] = []
        for entry in segments where entry.integer(at: 0, as: UInt32.self) == noteSegment {
            blocks.append(
                try block(
                    in: file,
                    offset: entry.integer(at: 8, as: UInt64.self),
                    size: entry.integer(at: 32, as: UInt64.self),
                    alignment: entry.integer(at: 48, as: UInt64.self)
                )
            )
        }
        for entry in sections where entry.integer(at: 4, as: UInt32.self) == noteSection {
            blocks.append(
                try block(
                    in: file,
                    offset: entry.integer(at: 24, as: UInt64.self),
                    size: entry.integer(at: 32, as: UInt64.self),
                    alignment: entry.integer(at: 48, as: UInt64.self)
                )
            )
        }
        return blocks
    }

    /// EM_X86_64 or EM_AARCH64.
    private static var machine: UInt16 {
        #if arch(x86_64)
            62
        #elseif arch(arm64)
            183
        #else
            #error("which e_machine is this processor?")
        #endif
    }

    private static func table(
        of file: some RandomAccessBytes,
        at offset: UInt64,
        entrySize: UInt16,
        count: UInt16,
        least: Int,
        name: String
    ) throws(ELFError) -> [[UInt8]] {
        guard count > 0, offset > 0 else { return [] }
        guard Int(entrySize) >= least, Int(entrySize) <= 4 * least else {
            throw ELFError(reason: "its \(name)s have an impossible size of \(entrySize) bytes")
        }
        guard Int(count) <= largestTable else { throw ELFError(reason: "it has \(count) \(name)s, more than 4,096") }
        let size = Int(entrySize) * Int(count)
        guard offset <= file.size, UInt64(size) <= file.size - offset else {
            throw ELFError(reason: "it is cut off: the \(name)s lie beyond its end")
        }
        let bytes = try read(file, at: offset, count: size)
        return (0..<Int(count)).map { Array(bytes[$0 * Int(entrySize)..<$0 * Int(entrySize) + least]) }
    }

    private static func block(
        in file: some RandomAccessBytes,
        offset: UInt64,
        size: UInt64,
        alignment: UInt64
    ) throws(ELFError) -> Block {
        guard offset <= file.size, size <= file.size - offset else {
            throw ELFError(reason: "it is cut off: a note lies beyond its end")
        }
        guard size <= largestBlock else { throw ELFError(reason: "its notes are larger than 4 MiB") }
        return Block(offset: offset, size: size, alignment: alignment == 8 ? 8 : 4)
    }

    /// The notes of one segment or section with the place of their bytes in the file.
    private static func notes(
        of block: Block,
        in file: some RandomAccessBytes
    ) throws(ELFError) -> [(place: UInt64, note: Note)] {
        let bytes = try read(file, at: block.offset, count: Int(block.size))
        var notes: [(place: UInt64, note: Note)] = []
        var position = 0
        while bytes.count - position >= 12 {
            let nameSize = Int(bytes.integer(at: position, as: UInt32.self))
            let size = Int(bytes.integer(at: position + 4, as: UInt32.self))
            let type = bytes.integer(at: position + 8, as: UInt32.self)
            let alignment = Int(block.alignment)
            let start = aligned(position + 12 + nameSize, to: alignment)
            let end = start + size
            guard end <= bytes.count else { throw ELFError(reason: "a note of it is longer than its section") }
            let name = bytes[position + 12..<position + 12 + nameSize].prefix { $0 != 0 }
            notes.append(
                (
                    block.offset + UInt64(start),
                    Note(name: String(decoding: name, as: UTF8.self), type: type, bytes: Array(bytes[start..<end]))
                )
            )
            position = aligned(end, to: alignment)
        }
        return notes
    }

    private static func aligned(_ position: Int, to alignment: Int) -> Int {
        (position + alignment - 1) / alignment * alignment
    }

    private static func read(
        _ file: some RandomAccessBytes,
        at offset: UInt64,
        count: Int
    ) throws(ELFError) -> [UInt8] {
        do throws(SystemError) {
            return try file.bytes(at: offset, count: count)
        } catch {
            throw ELFError(reason: "it can't be read (\(error))")
        }
    }
}

extension [UInt8] {
    /// The little-endian integer at a place that lies inside.
    func integer<Value: FixedWidthInteger & UnsignedInteger>(at position: Int, as type: Value.Type) -> Value {
        var value: Value = 0
        for place in (position..<position + MemoryLayout<Value>.size).reversed() {
            value = value << 8 | Value(self[place])
        }
        return value
    }
}
