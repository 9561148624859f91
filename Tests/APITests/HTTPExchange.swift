import Glibc
import HTTPServer
import JSON
import Platform

/// One request and its answer over a socket, on a thread of its own.
actor HTTPExchange {
    private let thread = ThreadExecutor(name: "test client")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    private let address: BoundAddress

    init(_ address: BoundAddress) {
        self.address = address
    }

    func run(_ request: [UInt8], isHead: Bool) throws -> HTTPAnswer {
        let socket = FileDescriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        // No test waits longer than this for bytes that never come.
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        unsafe setsockopt(socket.rawValue, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        try connect(socket.rawValue)
        var rest = request[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // The server may answer and close before it has taken everything.
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        var received: [UInt8] = []
        while true {
            let piece = try socket.read(64 << 10)
            if piece.isEmpty { break }
            received += piece
        }
        return try HTTPAnswer(parsing: received)
    }

    /// Sends the head with `Expect: 100-continue`, and the content when the server has asked for it and `meanwhile` is done.
    func run(_ head: [UInt8], content: [UInt8], meanwhile: @Sendable () throws -> Void) throws -> HTTPAnswer {
        let socket = FileDescriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        try connect(socket.rawValue)
        let number = socket.rawValue
        func send(_ bytes: [UInt8]) throws {
            let sent = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent == bytes.count else { throw SystemError(call: "send") }
        }
        try send(head)
        var asked = try socket.read(64 << 10)
        guard asked.starts(with: Array("HTTP/1.1 100 ".utf8)) else {
            throw HTTPAnswer.Broken(received: String(decoding: asked, as: UTF8.self))
        }
        try meanwhile()
        try send(content)
        while true {
            let piece = try socket.read(64 << 10)
            if piece.isEmpty { return try HTTPAnswer(parsing: asked) }
            asked += piece
        }
    }

    /// Sends what is there, and no more; what comes back until the server closes.
    func breakOff(_ request: [UInt8]) throws -> [UInt8] {
        let socket = FileDescriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        try connect(socket.rawValue)
        let sent = unsafe request.withUnsafeBytes {
            unsafe Glibc.send(socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == request.count, shutdown(socket.rawValue, Int32(SHUT_WR)) == 0 else {
            throw SystemError(call: "send")
        }
        var received: [UInt8] = []
        while true {
            let piece = try socket.read(64 << 10)
            if piece.isEmpty { return received }
            received += piece
        }
    }

    private func connect(_ socket: CInt) throws {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = (address.port ?? 0).bigEndian
        name.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
        let code = unsafe withUnsafePointer(to: &name) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw SystemError(call: "connect") }
    }
}

struct HTTPAnswer: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String] = [:]
    var body: [UInt8]

    struct Broken: Error {
        var received: String
    }

    /// Reads an answer after which the connection was closed; skips interim ones.
    init(parsing bytes: [UInt8]) throws {
        let separator = Array("\r\n\r\n".utf8)
        var rest = bytes[...]
        var lines: [Substring] = []
        var found: Int?
        repeat {
            guard let end = rest.indices.first(where: { rest[$0...].starts(with: separator) }) else {
                throw Broken(received: String(decoding: bytes, as: UTF8.self))
            }
            lines = String(decoding: rest[..<end], as: UTF8.self).split(separator: "\r\n")
            found = lines.first.flatMap { Int($0.dropFirst(9).prefix(3)) }
            rest = rest[(end + 4)...]
        } while found == 100
        guard let found else { throw Broken(received: String(decoding: bytes, as: UTF8.self)) }
        status = found
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        body = headers["transfer-encoding"] == "chunked" ? Self.unchunked(Array(rest)) : Array(rest)
    }

    private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
        var (rest, body): (ArraySlice<UInt8>, [UInt8]) = (bytes[...], [])
        while let end = rest.firstIndex(of: 13),
            let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16), size > 0
        {
            body += rest[(end + 2)...].prefix(size)
            rest = rest.dropFirst(end - rest.startIndex + 2 + size + 2)
        }
        return body
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The content, or null where it is no JSON.
    var json: JSONValue {
        do { return try JSONValue(parsing: body) } catch { return .null }
    }

    var code: String? { json["code"]?.stringValue }
}
