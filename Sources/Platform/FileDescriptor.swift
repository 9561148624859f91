internal import Glibc

/// The owner of an open descriptor: closed when it goes out of scope.
package struct FileDescriptor: ~Copyable, Sendable {
    package let rawValue: CInt

    /// Takes ownership of an open descriptor.
    package init(owning rawValue: CInt) {
        self.rawValue = rawValue
    }

    deinit {
        _ = Glibc.close(rawValue)
    }

    /// Gives the descriptor away; the caller closes it.
    package consuming func release() -> CInt {
        let value = rawValue
        discard self
        return value
    }

    /// Opens a file with O_CLOEXEC. open(2).
    package static func open(
        _ path: String,
        _ flags: CInt,
        mode: UInt32 = 0o600
    ) throws(SystemError) -> FileDescriptor {
        while true {
            let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
            if descriptor >= 0 { return FileDescriptor(owning: descriptor) }
            if errno != EINTR { throw SystemError(call: "open", subject: path) }
        }
    }

    /// Reads up to the buffer's size; 0 is the end. read(2), repeated when interrupted.
    package borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let count = unsafe Glibc.read(rawValue, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw SystemError(call: "read", subject: "descriptor \(rawValue)") }
        }
    }

    /// Reads at most `count` bytes; none at the end. read(2), repeated when interrupted.
    package borrowing func read(_ count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        while true {
            let got = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(rawValue, $0.baseAddress, $0.count) }
            if got >= 0 { return Array(bytes[..<got]) }
            if errno != EINTR { throw SystemError(call: "read", subject: "descriptor \(rawValue)") }
        }
    }

    /// Writes everything. write(2), repeated when interrupted or short.
    package borrowing func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = unsafe bytes
        while rest.count > 0 {
            let count = unsafe Glibc.write(rawValue, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError(call: "write", subject: "descriptor \(rawValue)")
            }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
