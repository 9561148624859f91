import Glibc
import HTTPServer
import Platform

/// A client that does what the test says and nothing more: raw bytes over a socket, on a thread of its own.
actor Client {
    private let thread = ThreadExecutor(name: "test client")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    private var socket: CInt
    private var buffer: [UInt8] = []
    private var isAtEnd = false

    init(_ address: BoundAddress, receiveBuffer: Int? = nil) async throws {
        socket = try Self.connected(to: address, receiveBuffer)
    }

    deinit {
        if socket >= 0 { close(socket) }
    }

    private static func connected(to address: BoundAddress, _ receiveBuffer: Int?) throws -> CInt {
        let family = if case .unix = address { AF_UNIX } else { AF_INET }
        let socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer.map(CInt.init) {
            unsafe setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, 4)
        }
        // No test waits longer than this for bytes that never come.
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard reach(address, from: socket) == 0 else {
            let error = SystemError(call: "connect")
            close(socket)
            throw error
        }
        return socket
    }

    private static func reach(_ address: BoundAddress, from socket: CInt) -> CInt {
        switch address {
        case .internet(_, let port):
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            name.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
            return unsafe withUnsafePointer(to: &name) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .unix(let path):
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
            return unsafe withUnsafePointer(to: &name) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }

    /// Connects again and again, on this client's own thread, until nobody listens any more.
    func knockUntilRefused(at address: BoundAddress) {
        var isRefused = false
        while !isRefused {
            do { close(try Self.connected(to: address, nil)) } catch { isRefused = true }
        }
    }

    /// False when the server takes no more.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Sends until the server has taken nothing for a while; returns how much went out.
    func sendUntilStuck(_ bytes: [UInt8]) -> Int {
        var sent = 0
        while sent < bytes.count {
            var watched = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            guard unsafe poll(&watched, 1, 500) == 1 else { break }
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(
                    socket,
                    $0.baseAddress,
                    min($0.count, 64 << 10),
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                )
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Sends one more byte unless the server closes within so many milliseconds; false when it has.
    func drip(_ text: String, every milliseconds: Int32) -> Bool {
        isQuiet(for: milliseconds) && send(text)
    }

    /// Whether nothing comes, not even the end, for so many milliseconds.
    func isQuiet(for milliseconds: Int32) -> Bool {
        var watched = pollfd(fd: socket, events: Int16(POLLIN) | Int16(POLLHUP), revents: 0)
        return unsafe poll(&watched, 1, milliseconds) == 0
    }

    /// Waits, without reading, until a count stands still.
    func isSilent(after count: @Sendable () -> Int) -> Bool {
        var last = -1
        for _ in 0..<100 {
            let now = count()
            if now == last, now > 0 { return true }
            last = now
            var nothing = pollfd(fd: -1, events: 0, revents: 0)
            unsafe poll(&nothing, 1, 300)
        }
        return false
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Closes the sending side only.
    func finish() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Says good-bye.
    func leave() {
        close(socket)
        socket = -1
    }

    /// Leaves without a good-bye: the server gets a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        leave()
    }

    /// More bytes into the buffer; false at the end, also when it is a reset.
    private func fill() throws -> Bool {
        guard !isAtEnd else { return false }
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe recv(socket, &piece, piece.count, 0)
        if count < 0, errno == EAGAIN { throw Silence() }
        guard count > 0 else {
            isAtEnd = true
            return false
        }
        buffer.append(contentsOf: piece[..<count])
        return true
    }

    /// Up to and with the text.
    func read(through text: String) throws -> String {
        let wanted = Array(text.utf8)
        var from = 0
        while true {
            if let end = buffer.firstIndex(of: wanted, from: from) {
                defer { buffer.removeFirst(end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            from = max(0, buffer.count - wanted.count)
            guard try fill() else { throw Ended(soFar: String(decoding: buffer, as: UTF8.self)) }
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try fill() else { throw Ended(soFar: String(decoding: buffer, as: UTF8.self)) }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// How many bytes came until the server closed.
    func countToEnd() throws -> Int {
        var count = 0
        repeat {
            count += buffer.count
            buffer.removeAll(keepingCapacity: true)
        } while try fill()
        return count
    }

    func readToEnd() throws -> String {
        while try fill() {}
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
    }

    /// The next answer that is not 100 Continue.
    func answer(toHead: Bool = false) throws -> Answer {
        while true {
            let head = try read(through: "\r\n\r\n")
            let lines = head.split(separator: "\r\n")
            guard head.hasPrefix("HTTP/1.1 "), let status = Int(lines[0].dropFirst(9).prefix(3)) else {
                throw Ended(soFar: head)
            }
            if status == 100 { continue }
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
                headers[parts[0].lowercased(), default: ""] += String(value)
            }
            let hasNoBody = toHead || status == 204 || status == 304
            let body = hasNoBody ? [] : try body(headers)
            return Answer(status: status, headers: headers, body: body)
        }
    }

    private func body(_ headers: [String: String]) throws -> [UInt8] {
        if headers["transfer-encoding"] == "chunked" {
            var body: [UInt8] = []
            while true {
                let size = Int(try read(through: "\r\n").dropLast(1), radix: 16) ?? 0
                body += try read(size)
                _ = try read(2)
                if size == 0 { return body }
            }
        }
        if let length = headers["content-length"].flatMap({ Int($0) }) { return try read(length) }
        while try fill() {}
        defer { buffer = [] }
        return buffer
    }

    /// One request and its answer.
    func ask(_ head: String, body: [UInt8] = []) throws -> Answer {
        send(Array("\(head)\r\nHost: test\r\n\r\n".utf8) + body)
        return try answer(toHead: head.hasPrefix("HEAD "))
    }

    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// The server has closed where more was expected.
    struct Ended: Error {
        var soFar: String
    }

    /// Nothing came for a long time.
    struct Silence: Error {}
}

extension [UInt8] {
    /// The index after the first occurrence.
    fileprivate func firstIndex(of wanted: [UInt8], from: Int) -> Int? {
        guard count >= wanted.count else { return nil }
        for start in from...(count - wanted.count) where self[start] == wanted[0] {
            if self[start..<(start + wanted.count)].elementsEqual(wanted) { return start + wanted.count }
        }
        return nil
    }
}
