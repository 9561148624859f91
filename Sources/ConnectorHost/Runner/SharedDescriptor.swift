internal import Glibc
internal import Platform

/// A descriptor with several holders; closed after the last.
final class SharedDescriptor: Sendable {
    let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Nothing more comes or goes: who reads gets what is there already and then the end, who writes at the other side
    /// an error. shutdown(2).
    func shutDown() {
        _ = Glibc.shutdown(descriptor.rawValue, CInt(SHUT_RDWR))
    }
}

/// Reads a socket in pieces of 64 KiB at least, small reads from what was read ahead.
struct SocketInput: FrameInput {
    private let socket: SharedDescriptor
    private var ahead: [UInt8] = []
    private var position = 0

    private static let aheadSize = 64 << 10

    init(_ socket: SharedDescriptor) {
        self.socket = socket
    }

    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            if position < ahead.count {
                let count = min(rest.count, ahead.count - position)
                unsafe rest.copyBytes(from: ahead[position..<position + count])
                position += count
                filled += count
            } else if rest.count >= Self.aheadSize / 4 {
                let count = try unsafe socket.descriptor.read(into: rest)
                if count == 0 { break }
                filled += count
            } else {
                guard try readAhead() else { break }
            }
        }
        return filled
    }

    /// False at the end.
    private mutating func readAhead() throws(SystemError) -> Bool {
        var failure: SystemError?
        position = 0
        ahead = unsafe [UInt8](unsafeUninitializedCapacity: Self.aheadSize) { buffer, count in
            do throws(SystemError) {
                count = try unsafe socket.descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return !ahead.isEmpty
    }
}
