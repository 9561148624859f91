internal import CSystem
internal import Glibc
package import Platform

/// A file's bytes, copied once into memory that nobody can change any more.
///
/// What is checked here is what a runner loads, even if the file in the folder changes meanwhile. memfd_create(2).
package final class SealedFile: RandomAccessBytes, Sendable {
    package let descriptor: FileDescriptor
    package let size: UInt64

    /// Bytes; connectors with a runtime of their own are about 60 MB.
    package static let largestSize: UInt64 = 256 << 20

    /// Copies the whole of an open regular file. `name` is shown in /proc.
    package init(copying file: borrowing FileDescriptor, name: String) throws(SystemError) {
        let memory = unsafe csystem_memfd(name)
        guard memory >= 0 else { throw SystemError(call: "memfd_create", subject: name) }
        descriptor = FileDescriptor(owning: memory)
        size = try Self.copy(file, to: descriptor, name: name)
        guard csystem_seal(memory) == 0 else { throw SystemError(call: "fcntl", subject: name) }
    }

    private static func copy(
        _ file: borrowing FileDescriptor,
        to memory: borrowing FileDescriptor,
        name: String
    ) throws(SystemError) -> UInt64 {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { unsafe piece.deallocate() }
        var total: UInt64 = 0
        while total <= largestSize {
            let count = try unsafe file.read(into: piece)
            if count == 0 { return total }
            try unsafe memory.writeAll(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            total += UInt64(count)
        }
        throw SystemError(call: "read", subject: name, code: EFBIG)
    }

    package func bytes(at offset: UInt64, count: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let place = off_t(offset) + off_t(filled)
                let got = unsafe pread(
                    descriptor.rawValue,
                    buffer.baseAddress?.advanced(by: filled),
                    count - filled,
                    place
                )
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    failure = SystemError(call: "pread", code: got == 0 ? EIO : errno)
                    return
                }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
