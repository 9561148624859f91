internal import ConnectorHost
internal import Glibc
internal import JSON
internal import Log
internal import Platform
internal import Store
internal import Time

/// Makes the parts of the host from what the command line and the environment say.
struct Wiring {
    private let invocation: Invocation
    let log: Logger

    /// - Parameters:
    ///   - usualLevel: where nobody says how much is to be logged.
    ///   - secrets: what the log must never show.
    init(
        _ invocation: Invocation,
        usualLevel: LogLevel = .warning,
        secrets: [String] = []
    ) throws(UsageError) {
        self.invocation = invocation
        let level: LogLevel =
            switch try invocation.choice(.logLevel) {
            case "debug": .debug
            case "info": .info
            case "warning": .warning
            case "error": .error
            default: usualLevel
            }
        let format: LogFormat =
            switch try invocation.choice(.logFormat) {
            case "json": .json
            case "text": .text
            default: Terminal.errorIsTerminal ? .text : .json
            }
        log = Logger(level: level, format: format).masking(secrets)
    }

    var printsJSON: Bool {
        get throws(UsageError) { try invocation.choice(.output) == "json" }
    }

    /// The database file, relative to the working directory.
    func databasePath() throws(UsageError) -> String {
        switch try DatabaseLocation(invocation.value(.database) ?? Option.database.defaultText) {
        case .sqlite(let path): path
        }
    }

    /// Opens the database for writing, migrates it, and keeps every other writing process out until it is closed.
    func store() async throws -> SQLiteStore {
        try await SQLiteStore.open(path: try databasePath(), access: .migrating, command: commandText, now: .now())
    }

    /// What a second process is told about this one: `trainflow import`.
    var commandText: String {
        "trainflow \(invocation.command.words.joined(separator: " "))"
    }

    func connectorHost() throws -> ConnectorHost {
        let allowsUnsigned = try invocation.choice(.unsignedPlugins) == "allow"
        if allowsUnsigned {
            log.warning("connectors without a signature are loaded (--unsigned-plugins allow)")
        }
        var configuration = ConnectorHostConfiguration(
            pluginsFolder: pluginsFolder,
            runnerPath: invocation.value(.runner) ?? besideExecutable("trainflow-runner")
        )
        configuration.areUnsignedPluginsAllowed = allowsUnsigned
        if let user = invocation.value(.runnerUser) { configuration.runnerUser = try Self.user(user) }
        return ConnectorHost(configuration, log: log)
    }

    /// Who holds leases: told apart from every other process, also from a later one with the same number.
    static func owner() -> String {
        "\(getpid())-\(Instant.now().microseconds)"
    }

    var pluginsFolder: String {
        if let folder = invocation.value(.plugins) { return folder }
        let beside = besideExecutable("plugins.d")
        return unsafe access(beside, R_OK) == 0 ? beside : "plugins.d"
    }

    /// The web page's folder; nil for the API alone.
    var pageFolder: String? {
        if let folder = invocation.value(.page) { return folder }
        let beside = besideExecutable("page")
        return unsafe access(beside, R_OK | X_OK) == 0 ? beside : nil
    }

    private func besideExecutable(_ name: String) -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let length = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return -1 }
            return unsafe readlink("/proc/self/exe", base, bytes.count)
        }
        guard length > 0 else { return name }
        let path = String(decoding: buffer[..<length], as: UTF8.self)
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/"
            + name
    }

    /// A user by number or by name. getpwnam(3).
    private static func user(_ text: String) throws(UsageError) -> ConnectorHostConfiguration.User {
        if let number = UInt32(text) { return ConnectorHostConfiguration.User(uid: number, gid: number) }
        guard let entry = unsafe getpwnam(text) else {
            throw UsageError("--runner-user \(text): this system has no such user")
        }
        return unsafe ConnectorHostConfiguration.User(uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid)
    }
}
