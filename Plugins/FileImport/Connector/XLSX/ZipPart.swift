internal import CZip
internal import ConnectorKit

/// A part of an archive, unpacked as it is read: never more than its directory entry and the limits allow.
@safe
final class ZipPart {
    let name: String
    let archive: ZipArchive
    /// Unpacked bytes, as the directory says; more are refused.
    let size: Int
    private let packedSize: Int
    private let maxBytes: Int
    /// Unpacked bytes read so far.
    private(set) var position = 0
    /// Whether all was read and the checksum is right.
    private(set) var hasEnded = false
    // Owned by this object alone, closed in deinit, before the archive that it belongs to.
    private let handle: OpaquePointer

    init(
        _ handle: OpaquePointer,
        name: String,
        of archive: ZipArchive,
        size: Int,
        packedSize: Int,
        maxBytes: Int
    ) {
        unsafe self.handle = unsafe handle
        self.name = name
        self.archive = archive
        self.size = size
        self.packedSize = packedSize
        self.maxBytes = maxBytes
    }

    deinit {
        unsafe zip_fclose(handle)
    }

    /// Unpacks the next bytes; 0 at the end, where libzip has compared the checksum.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ConnectorFailure) -> Int {
        guard !hasEnded, let start = buffer.baseAddress, buffer.count > 0 else { return 0 }
        let count = unsafe Int(zip_fread(handle, start, zip_uint64_t(buffer.count)))
        guard count >= 0 else {
            let failure = unsafe archive.failure(zip_file_get_error(handle), name)
            throw failure
        }
        position += count
        try check(isEnd: count == 0)
        hasEnded = count == 0
        return count
    }

    private func check(isEnd: Bool) throws(ConnectorFailure) {
        let file = archive.file.name
        guard position <= size, !isEnd || position == size else {
            throw WorkbookFailure.damaged(
                file,
                "its part \(name) unpacks to \(isEnd ? "" : "more than ")\(position) bytes instead of \(size)"
            )
        }
        guard position <= maxBytes else {
            throw WorkbookFailure.tooLarge(file, "its part \(name) unpacks to more than \(maxBytes) bytes")
        }
        let limits = archive.limits
        guard position < limits.ratioFrom || position / max(1, packedSize) < limits.ratio else {
            throw WorkbookFailure.tooLarge(
                file,
                "its part \(name) unpacks to more than \(limits.ratio) times its size, as only attacks do; save the workbook "
                    + "anew in Excel if it is yours"
            )
        }
    }
}
