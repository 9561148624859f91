internal import ConnectorKit
internal import Glibc

/// A file without a name in the working directory, which is the runner's scratch folder: gone when it is closed.
struct ScratchFile: ~Copyable {
    private let descriptor: CInt
    private(set) var size = 0

    /// nil where nothing can be written.
    init?() {
        // The name counts for a moment only, in a folder of this process alone.
        let name = "texts-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let opened = unsafe open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard opened >= 0 else { return nil }
        unsafe unlink(name)
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }

    /// Appends bytes; an errno where that failed. pwrite(2).
    mutating func append(_ bytes: [UInt8]) -> CInt? {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { memory in
                unsafe pwrite(descriptor, memory.baseAddress.map { unsafe $0 + written }, bytes.count - written, size)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : ENOSPC }
            written += count
            size += count
        }
        return nil
    }

    /// Reads as many bytes as the buffer has, or up to the end; fewer where the disk fails. pread(2).
    func read(at offset: Int, into buffer: inout [UInt8]) -> Int {
        let wanted = min(buffer.count, size - offset)
        var filled = 0
        while filled < wanted {
            let count = unsafe buffer.withUnsafeMutableBytes { memory in
                unsafe pread(
                    descriptor,
                    memory.baseAddress.map { unsafe $0 + filled },
                    wanted - filled,
                    offset + filled
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return filled }
            filled += count
        }
        return filled
    }
}
