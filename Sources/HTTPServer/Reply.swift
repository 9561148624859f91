internal import CMicroHTTPD
internal import Glibc
internal import Platform

/// An answer as libmicrohttpd takes it; released once.
@safe
struct Reply: @unchecked Sendable {
    // Proof: made in the server actor and used up in the callback that asked for it, both on the loop's thread.
    let pointer: OpaquePointer
    let status: Status

    private init?(_ pointer: OpaquePointer?, _ status: Status) {
        guard let pointer = unsafe pointer else { return nil }
        unsafe self.pointer = pointer
        self.status = status
    }

    func release() {
        unsafe MHD_destroy_response(pointer)
    }

    static func whole(_ bytes: [UInt8], _ status: Status, _ headers: Headers) -> Reply? {
        let pointer = unsafe bytes.withUnsafeBytes { bytes in
            // Copied: MHD_RESPMEM_MUST_COPY. The library's type says mutable, it only reads.
            unsafe MHD_create_response_from_buffer(
                bytes.count,
                UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                .RESPMEM_MUST_COPY
            )
        }
        return unsafe Reply(pointer, status)?.adding(headers)
    }

    /// Sent with sendfile(2) from a duplicate of the descriptor, which libmicrohttpd closes.
    static func file(_ file: OpenFile, _ status: Status, _ headers: Headers) -> Reply? {
        guard file.size > 0 else { return whole([], status, headers) }
        let duplicate = fcntl(file.descriptor.rawValue, F_DUPFD_CLOEXEC, 3)
        guard duplicate >= 0 else { return nil }
        let pointer = unsafe MHD_create_response_from_fd_at_offset64(UInt64(file.size), duplicate, 0)
        guard let reply = unsafe Reply(pointer, status) else {
            _ = close(duplicate)
            return nil
        }
        return reply.adding(headers)
    }

    /// Pulled from the exchange piece by piece.
    static func streamed(
        by server: WebServer,
        _ id: UInt64,
        _ status: Status,
        _ headers: Headers
    ) -> Reply? {
        let source = StreamSource(server: server, id: id)
        let closure = unsafe Unmanaged.passRetained(source).toOpaque()
        let pointer = unsafe MHD_create_response_from_callback(.max, 1024, chunkWanted, closure, sourceReleased)
        guard let reply = unsafe Reply(pointer, status) else {
            unsafe Unmanaged<StreamSource>.fromOpaque(closure).release()
            return nil
        }
        return reply.adding(headers)
    }

    /// The head of a streamed answer, for HEAD: libmicrohttpd would send the chunk that ends the content.
    static func streamedHead(_ status: Status, _ headers: Headers) -> Reply? {
        let pointer = unsafe MHD_create_response_from_callback(.max, 1024, nothingWanted, nil, nil)
        guard let reply = unsafe Reply(pointer, status) else { return nil }
        unsafe cmhd_forbid_chunks(reply.pointer)
        return reply.adding(headers)
    }

    /// Nil, and released, if libmicrohttpd refuses a field.
    private func adding(_ headers: Headers) -> Reply? {
        for field in headers.fields {
            guard unsafe MHD_add_response_header(pointer, field.name, field.value) == .YES else {
                release()
                return nil
            }
        }
        return self
    }
}

private final class StreamSource: Sendable {
    let server: WebServer
    let id: UInt64

    init(server: WebServer, id: UInt64) {
        self.server = server
        self.id = id
    }
}

private let chunkWanted: MHD_ContentReaderCallback = { closure, _, buffer, capacity in
    guard let closure = unsafe closure, let buffer = unsafe buffer else { return -2 }
    let source = unsafe Unmanaged<StreamSource>.fromOpaque(closure).takeUnretainedValue()
    let id = source.id
    switch source.server.assumeIsolated({ $0.chunkWanted(id, upTo: capacity) }) {
    case .bytes(let bytes):
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe UnsafeMutableRawBufferPointer(start: buffer, count: capacity).copyMemory(from: bytes)
        }
        return bytes.count
    case .suspend:
        source.server.assumeIsolated { $0.suspendConnection(id) }
        return 0
    case .nothing: return 0
    // MHD_CONTENT_READER_END_OF_STREAM, …_WITH_ERROR
    case .end: return -1
    case .fail: return -2
    }
}

private let nothingWanted: MHD_ContentReaderCallback = { _, _, _, _ in -1 }

private let sourceReleased: MHD_ContentReaderFreeCallback = { closure in
    guard let closure = unsafe closure else { return }
    unsafe Unmanaged<StreamSource>.fromOpaque(closure).release()
}
