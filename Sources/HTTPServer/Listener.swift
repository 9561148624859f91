internal import CSystem
internal import Glibc
internal import Platform

/// Where a server listens.
package enum ListenAddress: Sendable, Equatable {
    /// A numeric address or a local name; port 0 lets the system choose.
    case internet(host: String, port: UInt16)
    /// A Unix socket; a dead one at that path is replaced. `mode`: who may connect, as for chmod(2).
    case unix(path: String, mode: UInt32 = 0o660)
    /// A socket that listens already.
    case descriptor(CInt)

    /// The socket that systemd hands over: descriptor 3 when `LISTEN_PID` is this process. sd_listen_fds(3).
    package static func inherited(environment: [String: String]) -> ListenAddress? {
        guard environment["LISTEN_PID"].flatMap({ pid_t($0) }) == getpid(),
            let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count >= 1
        else { return nil }
        return .descriptor(3)
    }
}

/// Where a server listens in fact.
package enum BoundAddress: Sendable, Equatable, CustomStringConvertible {
    case internet(host: String, port: UInt16)
    case unix(path: String)

    package var port: UInt16? {
        guard case .internet(_, let port) = self else { return nil }
        return port
    }

    /// `http://127.0.0.1:8080`, `unix:/run/trainflow.sock`.
    package var description: String {
        switch self {
        case .internet(let host, let port): host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

/// A listening socket.
struct Listener: ~Copyable {
    let socket: FileDescriptor
    let address: BoundAddress

    init(_ address: ListenAddress) throws(ServerError) {
        do throws(SystemError) {
            let socket = try Self.open(address)
            try Self.makeNonBlocking(socket.rawValue)
            self.address = try Self.boundAddress(socket.rawValue)
            self.socket = socket
        } catch {
            throw ServerError(.listen, "can't listen on \(address.place): \(error)")
        }
    }

    private static func open(_ address: ListenAddress) throws(SystemError) -> FileDescriptor {
        switch address {
        case .internet(let host, let port): try internet(host, port)
        case .unix(let path, let mode): try unix(path, mode)
        case .descriptor(let descriptor): try adopted(descriptor)
        }
    }

    /// Whoever listens on the socket closes it from now on.
    consuming func handOver() {
        _ = socket.release()
    }

    private static func internet(_ host: String, _ port: UInt16) throws(SystemError) -> FileDescriptor {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0, let first = unsafe list else {
            throw SystemError(call: "getaddrinfo", subject: host, code: code == EAI_SYSTEM ? errno : EADDRNOTAVAIL)
        }
        defer { unsafe freeaddrinfo(first) }
        let socket = try open(unsafe first.pointee.ai_family)
        var yes: CInt = 1
        unsafe setsockopt(socket.rawValue, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard unsafe bind(socket.rawValue, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            throw SystemError(call: "bind")
        }
        return try listening(socket)
    }

    private static func unix(_ path: String, _ mode: UInt32) throws(SystemError) -> FileDescriptor {
        try removeDead(path)
        let socket = try open(AF_UNIX)
        guard try unsafe withUnixAddress(path, { unsafe bind(socket.rawValue, $0, $1) }) == 0 else {
            throw SystemError(call: "bind")
        }
        // Nobody can connect before listen, so the mode is in force in time.
        guard unsafe chmod(path, mode) == 0 else { throw SystemError(call: "chmod", subject: path) }
        return try listening(socket)
    }

    private static func adopted(_ descriptor: CInt) throws(SystemError) -> FileDescriptor {
        var listens: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 else {
            throw SystemError(call: "getsockopt", subject: "descriptor \(descriptor)")
        }
        guard listens != 0 else { throw SystemError(call: "accept", subject: "descriptor \(descriptor)", code: EINVAL) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return FileDescriptor(owning: descriptor)
    }

    /// A socket file whose server is gone stays behind; one that answers, and any other file, is left alone.
    private static func removeDead(_ path: String) throws(SystemError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        let probe = try open(AF_UNIX)
        guard try unsafe withUnixAddress(path, { unsafe connect(probe.rawValue, $0, $1) }) != 0, errno == ECONNREFUSED
        else {
            throw SystemError(call: "bind", subject: path, code: EADDRINUSE)
        }
        guard unsafe unlink(path) == 0 else { throw SystemError(call: "unlink", subject: path) }
    }

    private static func open(_ family: CInt) throws(SystemError) -> FileDescriptor {
        let descriptor = Glibc.socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError(call: "socket") }
        return FileDescriptor(owning: descriptor)
    }

    private static func listening(_ socket: consuming FileDescriptor) throws(SystemError) -> FileDescriptor {
        guard listen(socket.rawValue, 1024) == 0 else { throw SystemError(call: "listen") }
        return socket
    }

    private static func makeNonBlocking(_ descriptor: CInt) throws(SystemError) {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw SystemError(call: "fcntl", subject: "descriptor \(descriptor)")
        }
    }

    private static func withUnixAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws(SystemError) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else {
            throw SystemError(call: "bind", subject: path, code: ENAMETOOLONG)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func boundAddress(_ socket: CInt) throws(SystemError) -> BoundAddress {
        var storage = sockaddr_storage()
        guard let size = unsafe storage.filled(by: { unsafe getsockname(socket, $0, $1) }) else {
            throw SystemError(call: "getsockname")
        }
        if storage.ss_family == sa_family_t(AF_UNIX) { return .unix(path: storage.path(size)) }
        guard let (host, port) = storage.hostAndPort(size) else { throw SystemError(call: "getnameinfo", code: EINVAL) }
        return .internet(host: host, port: port)
    }

    /// The address of the other end, without its port; empty on a Unix socket.
    static func remoteAddress(of socket: CInt) -> String {
        var storage = sockaddr_storage()
        guard let size = unsafe storage.filled(by: { unsafe getpeername(socket, $0, $1) }),
            storage.ss_family != sa_family_t(AF_UNIX), let (host, _) = storage.hostAndPort(size)
        else { return "" }
        // An IPv4 client of an IPv6 socket.
        return host.hasPrefix("::ffff:") && host.contains(".") ? String(host.dropFirst(7)) : host
    }
}

extension ListenAddress {
    fileprivate var place: String {
        switch self {
        case .internet(let host, let port): "\(host) port \(port)"
        case .unix(let path, _): path
        case .descriptor(let descriptor): "descriptor \(descriptor)"
        }
    }
}

extension sockaddr_storage {
    fileprivate mutating func filled(
        by body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) -> socklen_t? {
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutablePointer(to: &self) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, &size) }
        }
        return code == 0 ? size : nil
    }

    fileprivate mutating func hostAndPort(_ size: socklen_t) -> (String, UInt16)? {
        var host: [CChar] = Array(repeating: 0, count: Int(NI_MAXHOST))
        var port: [CChar] = Array(repeating: 0, count: Int(NI_MAXSERV))
        let code = unsafe withUnsafeMutablePointer(to: &self) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getnameinfo(
                    $0,
                    size,
                    &host,
                    socklen_t(host.count),
                    &port,
                    socklen_t(port.count),
                    NI_NUMERICHOST | NI_NUMERICSERV
                )
            }
        }
        guard code == 0, let number = UInt16(Self.text(port)) else { return nil }
        return (Self.text(host), number)
    }

    fileprivate mutating func path(_ size: socklen_t) -> String {
        let start = MemoryLayout<sa_family_t>.size
        return unsafe withUnsafeBytes(of: &self) { bytes in
            unsafe String(decoding: bytes[start..<max(start, Int(size))].prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.lazy.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
