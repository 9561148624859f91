internal import CMicroHTTPD
internal import Glibc
internal import Platform

/// The owner of libmicrohttpd's daemon. Made, used and ended on the server's thread only.
@safe
struct Daemon: ~Copyable {
    private let handle: OpaquePointer

    /// Takes the listening socket over. `server` must live until `stop`.
    init(listening socket: CInt, _ settings: ServerSettings, for server: WebServer) throws(ServerError) {
        let me = unsafe Unmanaged.passUnretained(server).toOpaque()
        var options = unsafe Self.options(socket, settings, me)
        let flags = MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_USE_ERROR_LOG.rawValue
        guard let handle = unsafe cmhd_start(flags, accessed, me, &options) else {
            throw ServerError(.start, "libmicrohttpd could not be started (errno \(errno))")
        }
        unsafe self.handle = handle
    }

    private static func options(
        _ socket: CInt,
        _ settings: ServerSettings,
        _ me: UnsafeMutableRawPointer
    ) -> [MHD_OptionItem] {
        func option(_ name: MHD_OPTION, _ value: Int, _ pointer: UnsafeMutableRawPointer? = nil) -> MHD_OptionItem {
            unsafe MHD_OptionItem(option: name, value: value, ptr_value: pointer)
        }
        // Time-outs count inactivity in whole seconds; everything finer is the sweep's.
        let idle = max(1, Int(settings.idleDeadline.components.seconds))
        return unsafe [
            // The logger goes first, or what precedes it complains on stderr.
            option(.EXTERNAL_LOGGER, unsafeBitCast(logged, to: Int.self), me),
            option(.LISTEN_SOCKET, Int(socket)),
            option(.URI_LOG_CALLBACK, unsafeBitCast(lineRead, to: Int.self), me),
            option(.NOTIFY_COMPLETED, unsafeBitCast(requestCompleted, to: Int.self), me),
            option(.NOTIFY_CONNECTION, unsafeBitCast(connectionNotified, to: Int.self), me),
            option(.UNESCAPE_CALLBACK, unsafeBitCast(leftEscaped, to: Int.self)),
            option(.CONNECTION_LIMIT, settings.connections),
            option(.CONNECTION_MEMORY_LIMIT, settings.connectionBytes),
            option(.CONNECTION_TIMEOUT, idle),
            option(.STRICT_FOR_CLIENT, 0),
            // Without this there is no sendfile in this mode; `WebServer` ignores the signal.
            option(.SIGPIPE_HANDLED_BY_APP, 1),
            option(.END, 0),
        ]
    }

    /// The descriptor to wait on between runs.
    var pollDescriptor: CInt { unsafe cmhd_poll_descriptor(handle) }

    var connections: Int { Int(unsafe cmhd_connections(handle)) }

    func run() {
        unsafe MHD_run(handle)
    }

    /// Milliseconds until the next run must be, nil for no bound.
    var timeout: Int32? {
        var milliseconds: UInt64 = 0
        guard unsafe MHD_get_timeout(handle, &milliseconds) == .YES else { return nil }
        return Int32(clamping: milliseconds)
    }

    /// Takes no more connections; returns the listening socket, which is now the caller's to close.
    func quiesce() -> CInt {
        unsafe MHD_quiesce_daemon(handle)
    }

    /// Closes all connections. None may be suspended: libmicrohttpd aborts the process then.
    consuming func stop() {
        unsafe MHD_stop_daemon(handle)
    }
}

/// libmicrohttpd's handle of a connection.
@safe
struct ConnectionHandle: @unchecked Sendable {
    // Proof: kept by the server actor from "started" to "closed" only, and used on the loop's thread only.
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    func suspend() {
        unsafe MHD_suspend_connection(pointer)
    }

    func resume() {
        unsafe MHD_resume_connection(pointer)
    }

    var socket: CInt { unsafe cmhd_socket(pointer) }

    /// Within the access handler only. False: libmicrohttpd did not take the answer.
    func queue(_ reply: Reply) -> Bool {
        unsafe MHD_queue_response(pointer, UInt32(reply.status.code), reply.pointer) == .YES
    }
}

// MARK: - Callbacks. Pointers stay outside the actor's closures; only Sendable values go in and out.

private func server(_ closure: UnsafeMutableRawPointer) -> WebServer {
    unsafe Unmanaged<WebServer>.fromOpaque(closure).takeUnretainedValue()
}

/// Ids travel through libmicrohttpd in the place of pointers.
private func id(_ context: UnsafeMutableRawPointer?) -> UInt64 {
    UInt64(UInt(bitPattern: context))
}

private func context(_ id: UInt64) -> UnsafeMutableRawPointer? {
    unsafe UnsafeMutableRawPointer(bitPattern: UInt(id))
}

private let accessed: MHD_AccessHandlerCallback = { closure, handle, _, method, version, data, size, exchange in
    guard let closure = unsafe closure, let handle = unsafe handle, let size = unsafe size,
        let exchange = unsafe exchange
    else { return .NO }
    let server = unsafe server(closure)
    let connection = unsafe ConnectionHandle(handle)
    let known = unsafe id(exchange.pointee)
    if known == 0 {
        guard let method = unsafe method, let version = unsafe version else { return .NO }
        let head = unsafe rawHead(handle, method, version)
        let link = unsafe id(cmhd_socket_context(handle))
        let (new, action) = server.assumeIsolated { $0.began(on: link, head) }
        unsafe exchange.pointee = context(new)
        return perform(action, on: connection)
    }
    if unsafe size.pointee > 0, let data = unsafe data {
        let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: data, count: size.pointee))
        // All is taken; back-pressure is the suspension.
        unsafe size.pointee = 0
        let action = server.assumeIsolated { $0.received(known, bytes) }
        return perform(action, on: connection)
    }
    let action = server.assumeIsolated { $0.called(known) }
    return perform(action, on: connection)
}

/// What an access handler tells libmicrohttpd.
enum AccessAction: Sendable {
    case proceed, suspend, close
    case reply(Reply)
}

private func perform(_ action: AccessAction, on connection: ConnectionHandle) -> MHD_Result {
    switch action {
    case .proceed: return .YES
    case .close: return .NO
    case .suspend:
        connection.suspend()
        return .YES
    case .reply(let reply):
        let taken = connection.queue(reply)
        reply.release()
        return taken ? .YES : .NO
    }
}

private func rawHead(
    _ handle: OpaquePointer,
    _ method: UnsafePointer<CChar>,
    _ version: UnsafePointer<CChar>
) -> RawHead {
    var head = unsafe RawHead(
        method: String(cString: method),
        target: "",
        version: String(cString: version),
        fields: []
    )
    _ = unsafe withUnsafeMutablePointer(to: &head) { head in
        unsafe MHD_get_connection_values_n(handle, .HEADER_KIND, headerSeen, head)
    }
    return head
}

private let headerSeen: MHD_KeyValueIteratorN = { closure, _, name, nameCount, value, valueCount in
    guard let head = unsafe closure?.assumingMemoryBound(to: RawHead.self) else { return .NO }
    if let name = unsafe text(name, nameCount), let value = unsafe text(value, valueCount) {
        unsafe head.pointee.fields.append(Headers.Field(name: name, value: value))
    } else {
        unsafe head.pointee.hasForeignBytes = true
    }
    return .YES
}

private func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String? {
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
    return unsafe String(validating: bytes, as: UTF8.self)
}

/// The request line, before libmicrohttpd changes it. Returns what the access handler finds as its context: nothing.
private let lineRead:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
        closure,
        target,
        handle in
        guard let closure = unsafe closure, let handle = unsafe handle else { return nil }
        let server = unsafe server(closure)
        let link = unsafe id(cmhd_socket_context(handle))
        let target = unsafe target.flatMap { unsafe text($0, strlen($0)) }
        server.assumeIsolated { $0.lineRead(on: link, target) }
        return nil
    }

private let requestCompleted: MHD_RequestCompletedCallback = { closure, _, exchange, code in
    guard let closure = unsafe closure, let exchange = unsafe exchange else { return }
    let known = unsafe id(exchange.pointee)
    guard known != 0 else { return }
    unsafe server(closure).assumeIsolated { $0.completed(known, isWhole: code == .REQUEST_TERMINATED_COMPLETED_OK) }
}

private let connectionNotified: MHD_NotifyConnectionCallback = { closure, handle, socketContext, code in
    guard let closure = unsafe closure, let handle = unsafe handle, let socketContext = unsafe socketContext else {
        return
    }
    let server = unsafe server(closure)
    if code == .CONNECTION_NOTIFY_STARTED {
        let connection = unsafe ConnectionHandle(handle)
        let link = server.assumeIsolated { $0.connectionOpened(connection) }
        unsafe socketContext.pointee = context(link)
    } else {
        let link = unsafe id(socketContext.pointee)
        server.assumeIsolated { $0.connectionClosed(link) }
    }
}

/// Targets are decoded after they are split, never before.
private let leftEscaped:
    @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?) -> Int = { _, _, text in
        unsafe text.map { unsafe strlen($0) } ?? 0
    }

private let logged: MHD_LogCallback = { closure, format, arguments in
    guard let closure = unsafe closure, let format = unsafe format, let arguments = unsafe arguments else { return }
    let line = unsafe String(unsafeUninitializedCapacity: 512) { buffer in
        unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
            let count = unsafe vsnprintf(buffer.baseAddress, buffer.count, format, arguments)
            return min(max(Int(count), 0), buffer.count - 1)
        }
    }
    unsafe server(closure).assumeIsolated { $0.libraryLogged(line) }
}
