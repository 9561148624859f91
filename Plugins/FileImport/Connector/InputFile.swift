package import ConnectorKit
internal import Glibc

/// A file that the host handed in, as it was when it was opened. The descriptor is the host's.
package struct InputFile: Sendable {
    let name: String
    let descriptor: CInt
    /// Bytes.
    let size: Int
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    let modified: Int
    /// Bytes that one call reads at most; tests make it small.
    package var bytesPerRead = Int.max

    init(named name: String, in context: OperationContext) throws(ConnectorFailure) {
        guard let descriptor = context.input(name) else {
            throw ConnectorFailure(
                .notFound,
                code: "input_missing",
                message: name.isEmpty
                    ? "No file was handed in; name one to read."
                    : "The host handed in no file named \(name); check that it is still there."
            )
        }
        try self.init(named: name, descriptor: descriptor)
    }

    package init(named name: String, descriptor: CInt) throws(ConnectorFailure) {
        self.name = name
        self.descriptor = descriptor
        (size, modified) = try Self.status(name, descriptor)
    }

    /// Reads bytes from an offset up to the size that the file had when it was opened; fewer only there. pread(2).
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ConnectorFailure) -> Int {
        let wanted = min(buffer.count, size - offset, bytesPerRead)
        guard wanted > 0 else { return 0 }
        while true {
            let count = unsafe pread(descriptor, buffer.baseAddress, wanted, offset)
            if count > 0 { return count }
            if count == 0 { throw changed() }
            if errno != EINTR { throw Self.unreadable(name, errno) }
        }
    }

    /// The bytes of a range inside the file.
    func bytes(_ range: Range<Int>) throws(ConnectorFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var filled = 0
        while filled < range.count {
            var failure: ConnectorFailure?
            unsafe bytes.withUnsafeMutableBytes { memory in
                do throws(ConnectorFailure) {
                    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[filled...])
                    filled += unsafe try read(at: range.lowerBound + filled, into: rest)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
        return bytes
    }

    /// Throws if the file is no longer the one that was opened.
    func checkUnchanged() throws(ConnectorFailure) {
        guard try Self.status(name, descriptor) == (size, modified) else { throw changed() }
    }

    private func changed() -> ConnectorFailure {
        ConnectorFailure(
            .conflict,
            code: "file_changed",
            message: "\(name) changed while it was read; it is read again once nobody writes to it."
        )
    }

    /// Size and time of the last change. fstat(2).
    private static func status(
        _ name: String,
        _ descriptor: CInt
    ) throws(ConnectorFailure) -> (size: Int, modified: Int) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw unreadable(name, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ConnectorFailure(
                .data,
                code: "not_a_file",
                message: "\(name) is no regular file; name a file, not a folder or a device."
            )
        }
        return (Int(status.st_size), status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec)
    }

    private static func unreadable(_ name: String, _ code: CInt) -> ConnectorFailure {
        let reason = unsafe String(cString: strerror(code))
        return ConnectorFailure(
            .unavailable,
            code: "file_unreadable",
            message: "\(name) can't be read (\(reason)); check the disk or share it lies on.",
            vendorCode: Int64(code)
        )
    }
}
