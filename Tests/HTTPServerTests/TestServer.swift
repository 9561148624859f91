import Glibc
import HTTPServer
import Platform
import Synchronization

/// A server on a free port, and what it has told.
final class TestServer: Sendable {
    let server: WebServer
    let address: BoundAddress
    let told: Told

    init(
        _ settings: ServerSettings = .quick,
        on place: ListenAddress = .internet(host: "127.0.0.1", port: 0),
        _ routes: (inout Router) -> Void
    ) async throws {
        var router = Router()
        routes(&router)
        let told = Told()
        server = try WebServer(router: router, settings: settings, hooks: .told(to: told))
        self.told = told
        address = try await server.listen(on: place)
    }

    func client(receiveBuffer: Int? = nil) async throws -> Client {
        try await Client(address, receiveBuffer: receiveBuffer)
    }

    func stop() async {
        await server.shutdown(within: .seconds(60))
    }
}

extension ServerSettings {
    /// Deadlines of the usual length, looked at often.
    static var quick: ServerSettings {
        var settings = ServerSettings()
        settings.sweepInterval = .milliseconds(20)
        return settings
    }
}

/// What a server has told its hooks; tests wait for it.
final class Told: Sendable {
    private let records = Waitable<AccessRecord>()
    let notices = Waitable<String>()

    func tell(_ record: AccessRecord) { records.add(record) }

    /// The nth record.
    func record(_ index: Int) async -> AccessRecord { await records.value(index) }
    var recordCount: Int { records.count }
}

/// Values that come from anywhere, and can be waited for by their number.
final class Waitable<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var waiting: [(Int, CheckedContinuation<Value, Never>)] = []
    }

    private let state = Mutex(State())

    func add(_ value: Value) {
        let ready = state.withLock { state in
            state.values.append(value)
            let ready = state.waiting.filter { $0.0 < state.values.count }
            state.waiting.removeAll { $0.0 < state.values.count }
            return ready.map { ($0.1, state.values[$0.0]) }
        }
        for (continuation, value) in ready { continuation.resume(returning: value) }
    }

    var count: Int { state.withLock { $0.values.count } }

    func value(_ index: Int = 0) async -> Value {
        await withCheckedContinuation { continuation in
            let value: Value? = state.withLock { state in
                if index < state.values.count { return state.values[index] }
                state.waiting.append((index, continuation))
                return nil
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}

struct Trouble: Error {}

extension ServerHooks {
    static func told(to told: Told) -> ServerHooks {
        ServerHooks(
            refusal: { .text("\($0.code): \($0.detail)", status: $0.status) },
            failure: { error, _ in .text("failed: \(type(of: error))", status: .internalError) },
            accessed: { told.tell($0) },
            noticed: { told.notices.add($0) }
        )
    }
}

extension Router {
    /// Says what it was asked.
    mutating func echo(_ method: Method = .get, _ pattern: String = "/echo") {
        on(method, pattern) { request in
            let captures = request.captures.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let query = request.target.query.map { "\($0.name)=\($0.value)" }
            let body = try await request.body.collect(upTo: 1 << 20)
            return .text("\(request.method) \(captures) \(query) \(String(decoding: body, as: UTF8.self))")
        }
    }
}

/// A socket that listens, as a parent process would hand it over.
func inheritedSocket() throws -> (CInt, BoundAddress) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard listen(socket, 8) == 0 else { throw SystemError(call: "listen") }
    var name = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutablePointer(to: &name) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = unsafe getsockname(socket, $0, &size) }
    }
    return (socket, .internet(host: "0.0.0.0", port: UInt16(bigEndian: name.sin_port)))
}
