internal import ConnectorKit

/// What a zip archive's end record says, read before libzip loads the whole directory.
///
/// Source: PKWARE's APPNOTE 6.3.10, sections 4.3.14 to 4.3.16.
struct ZipDirectory: Equatable {
    var entries: Int
    var bytes: Int
    /// Of the directory's bytes: changes with any part's name, time, size or checksum.
    var hash: UInt64

    private static let endBytes = 22
    private static let locatorBytes = 20
    private static let longEndBytes = 56

    /// Finds the end record among the file's last bytes, and refuses an archive of more files than a workbook can have.
    init(of file: InputFile, _ limits: WorkbookLimits) throws(ConnectorFailure) {
        let tailStart = max(0, file.size - Self.endBytes - Int(UInt16.max))
        let tail = try file.bytes(tailStart..<file.size)
        guard let end = Self.end(in: tail) else {
            throw WorkbookFailure.damaged(file.name, "the end of the archive is missing")
        }
        var entries = Int(tail.littleEndian(at: end + 10, bytes: 2))
        var bytes = Int(tail.littleEndian(at: end + 12, bytes: 4))
        var offset = Int(tail.littleEndian(at: end + 16, bytes: 4))
        if entries == 0xFFFF || bytes == 0xFFFF_FFFF || offset == 0xFFFF_FFFF,
            let long = try Self.longEnd(of: file, tail, end: end)
        {
            (entries, bytes, offset) = long
        }
        guard entries <= limits.entries else {
            throw WorkbookFailure.tooLarge(
                file.name,
                "it holds \(entries) files, a workbook may hold \(limits.entries)"
            )
        }
        guard bytes <= limits.directoryBytes else {
            throw WorkbookFailure.tooLarge(file.name, "the list of its files takes \(bytes) bytes")
        }
        guard bytes <= tailStart + end else {
            throw WorkbookFailure.damaged(file.name, "the list of its files lies outside it")
        }
        self.entries = entries
        self.bytes = bytes
        // Junk before the archive moves the directory: it ends where the end record begins, wherever it says it lies.
        let start = offset + bytes <= file.size ? offset : tailStart + end - bytes
        hash = Hash(try file.bytes(start..<start + bytes)).value
    }

    /// Where the end record begins: the last signature whose comment ends with the bytes, else the last one.
    private static func end(in tail: [UInt8]) -> Int? {
        var last: Int?
        var position = tail.count - endBytes
        while position >= 0 {
            if tail.littleEndian(at: position, bytes: 4) == 0x0605_4B50 {
                let comment = Int(tail.littleEndian(at: position + 20, bytes: 2))
                if position + endBytes + comment == tail.count { return position }
                last = last ?? position
            }
            position -= 1
        }
        return last
    }

    /// The record of archives beyond 4 GiB or 65,535 files.
    private static func longEnd(
        of file: InputFile,
        _ tail: [UInt8],
        end: Int
    ) throws(ConnectorFailure) -> (entries: Int, bytes: Int, offset: Int)? {
        guard end >= locatorBytes, tail.littleEndian(at: end - locatorBytes, bytes: 4) == 0x0706_4B50 else {
            return nil
        }
        guard let position = Int(exactly: tail.littleEndian(at: end - locatorBytes + 8, bytes: 8)),
            position <= file.size - longEndBytes
        else {
            throw WorkbookFailure.damaged(file.name, "the end of the archive points outside it")
        }
        let record = try file.bytes(position..<position + longEndBytes)
        guard record.littleEndian(at: 0, bytes: 4) == 0x0606_4B50,
            let entries = Int(exactly: record.littleEndian(at: 32, bytes: 8)),
            let bytes = Int(exactly: record.littleEndian(at: 40, bytes: 8)),
            let offset = Int(exactly: record.littleEndian(at: 48, bytes: 8)), offset <= file.size
        else {
            throw WorkbookFailure.damaged(file.name, "the end of the archive can't be read")
        }
        return (entries, bytes, offset)
    }
}

extension [UInt8] {
    /// An unsigned number of up to eight bytes, the first of them lowest.
    func littleEndian(at offset: Int, bytes: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (0..<bytes).reversed() { value = value << 8 | UInt64(self[offset + index]) }
        return value
    }
}
