internal import Columns
internal import ConnectorHost
internal import Identifiers
internal import JSON
internal import Profile
internal import Time

/// `trainflow check FILE`: what an import of the file would meet.
struct CheckCommand {
    private let wiring: Wiring
    private let file: LocalFile
    private let settings: JSONValue
    private let stream: String
    private let limit: Int
    private let printsJSON: Bool

    init(_ invocation: Invocation) throws {
        wiring = try Wiring(invocation)
        file = try LocalFile(invocation.arguments[0])
        settings = try invocation.value(.settings).map { try TextFile.json($0, option: .settings) } ?? [:]
        stream = invocation.value(.stream) ?? file.name
        limit = try invocation.integer(.limit, least: 1) ?? .max
        printsJSON = try wiring.printsJSON
    }

    func run() async throws -> ExitCode {
        let host = try wiring.connectorHost()
        let request = PullRequest(
            provider: "file",
            tenant: UUID(high: 0, low: 0),
            settings: settings,
            secrets: [:],
            stream: stream,
            inputs: [.init(name: file.name, path: file.path)],
            limit: limit == .max ? nil : limit
        )
        let operation = try await host.pull(request)
        let schema = try await operation.schema()
        guard let today = Instant.now().date else {
            throw UsageError("the system's clock stands outside the calendar: set it")
        }
        var profile = SourceProfile(columns: schema.fields.map(\.name), today: today)
        while let source = try await operation.next() { profile.add(source.batch) }
        let summary = try await operation.summary()
        let found = summary.json["found"] ?? [:]
        if printsJSON {
            var report = profile.json
            report["found"] = found
            report["is_whole"] = .bool(summary.isComplete)
            Terminal.out(JSONValue.object(report).text + "\n")
        } else {
            Terminal.out(Self.text(profile, found: found, warnings: summary.warnings, place: schema.locatorKind))
        }
        return .done
    }

    private static func text(
        _ profile: SourceProfile,
        found: JSONValue,
        warnings: [String],
        place: String
    ) -> String {
        var text = ""
        for member in found.objectValue?.members ?? [] { text += "\(member.name): \(member.value.stringValue ?? "")\n" }
        text += "\(profile.rows) rows, \(profile.columns.count) columns\n\n"
        let names = profile.columns.map(\.name.count).max() ?? 0
        for column in profile.columns {
            let type = column.type.name + (column.type.datePattern.map { " \($0)" } ?? "")
            let share = column.rows == 0 ? 0 : column.filled * 100 / column.rows
            text += "  \(Help.padded(column.name, to: names))  \(Help.padded(type, to: 16))  "
            text += "\(Help.padded("\(share) %", to: 5)) filled  \(column.samples.joined(separator: " · "))\n"
        }
        for warning in warnings { text += "\nnote: \(warning)\n" }
        for finding in profile.findings {
            text += "\n\(finding.weight.rawValue): \(finding.message)\n"
            for example in finding.examples {
                text += "  \(place) \(example.at): \(JSONValue.string(example.value).text)\n"
            }
            text += "  \(finding.fix)\(finding.transform.map { " Mapping: \($0)" } ?? "")\n"
        }
        return text + (profile.findings.isEmpty ? "\nNothing is odd about it.\n" : "")
    }
}
