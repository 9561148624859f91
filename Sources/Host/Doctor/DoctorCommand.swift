internal import Crypto
internal import JSON
internal import Log
internal import Time

/// `trainflow doctor`: looks at everything that `serve` needs, and changes none of it.
struct DoctorCommand {
    private let invocation: Invocation
    private let wiring: Wiring

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        wiring = try Wiring(invocation, usualLevel: .error)
    }

    func run() async throws -> ExitCode {
        let findings = try await findings()
        let isWell = findings.allSatisfy { $0.verdict != .fail }
        if try wiring.printsJSON {
            let answer: JSONValue = ["ok": .bool(isWell), "findings": .array(findings.map(\.json))]
            Terminal.out(answer.text + "\n")
        } else {
            for finding in findings { Terminal.out(Self.lines(finding)) }
        }
        return isWell ? .done : .failed
    }

    private func findings() async throws -> [Finding] {
        let path = try wiring.databasePath()
        let files = invocation.value(.files) ?? ServeSettings.beside(path, "files")
        let now = Instant.now()
        let (keys, keyFindings) = KeyDoctor(invocation).findings()
        let database = DatabaseDoctor(path: path, keys: keys, now: now)
        let connectors = ConnectorDoctor(host: try wiring.connectorHost(), folder: wiring.pluginsFolder)
        return try await database.findings() + keyFindings + connectors.findings()
            + DiskDoctor(databasePath: path, filesFolder: files, importRoot: invocation.value(.importRoot)).findings()
    }

    private static func lines(_ finding: Finding) -> String {
        let margin = String(repeating: " ", count: 18)
        let subject = Help.padded(finding.subject, to: 12)
        var text = "\(Help.padded(finding.verdict.rawValue, to: 4))  \(subject)\(finding.message)\n"
        for line in finding.hint.split(separator: "\n") { text += "\(margin)\(line)\n" }
        return text
    }
}
