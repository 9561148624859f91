internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store

/// How a run ended, for people and for programs.
struct RunReport {
    var run: Run
    var config: Config
    /// The first few, as many as were asked for.
    var rejects: [StoredReject]

    var exitCode: ExitCode {
        switch run.state {
        case .done: .done
        case .doneWithRejects: .doneWithRejects
        case .held, .planned: .held
        case .queued, .running, .failed, .cancelled: .failed
        }
    }

    var text: String {
        var lines = ["\(run.state.rawValue)  run \(run.id)  config \"\(config.name)\""]
        if !run.message.isEmpty { lines.append(run.message) }
        if let failure = run.failure, run.state == .failed || run.state == .cancelled {
            lines.append("\(failure.errorClass)/\(failure.code): \(failure.message)")
            if !failure.hint.isEmpty { lines.append(failure.hint) }
        }
        if run.state == .held {
            lines.append(
                "trainflow runs approve \(run.id) --tenant \(run.tenant) applies what was set aside; refuse in place of "
                    + "approve ends the run without it."
            )
        }
        if run.state == .planned, let hash = run.plan?.hash {
            lines.append(
                "trainflow runs effects \(run.id) --tenant \(run.tenant) shows it record by record."
            )
            lines.append("trainflow runs approve \(run.id) --tenant \(run.tenant) --plan \(hash) applies just this.")
        }
        lines.append("")
        for (name, count) in Self.named(run.counts) where name != "replayed" || count > 0 {
            lines.append(
                "  " + Help.padded(name, to: 12)
                    + String(repeating: " ", count: max(0, 12 - RunMessage.grouped(count).count))
                    + RunMessage.grouped(count)
            )
        }
        if !warnings.isEmpty { lines.append("") }
        for warning in warnings { lines.append("note: \(warning)") }
        if !rejects.isEmpty {
            lines.append("")
            lines.append(
                run.counts.rejected > Int64(rejects.count)
                    ? "The first \(rejects.count) of \(RunMessage.grouped(run.counts.rejected)) rejected rows:"
                    : "Rejected rows:"
            )
            for reject in rejects { lines.append(contentsOf: Self.lines(reject)) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    var json: JSONValue {
        var counts = JSONObject()
        for (name, count) in Self.named(run.counts) { counts[name] = .integer(count) }
        var object: JSONObject = [
            "run_id": .string(run.id.description), "config_id": .string(config.id.description),
            "config": .string(config.name), "state": .string(run.state.rawValue), "counts": .object(counts),
            "message": .string(run.message), "rejects": .array(rejects.map(Self.json)),
        ]
        object["warnings"] = .array(warnings.map(JSONValue.string))
        object["found"] = .object(run.streams.count == 1 ? run.streams[0].found : [:])
        if let plan = run.plan {
            object["plan"] = ["state": .string(plan.phase.rawValue), "hash": plan.hash.map(JSONValue.string) ?? .null]
        }
        if !run.verdicts.isEmpty { object["guard"] = .array(run.verdicts.map(\.json)) }
        if let failure = run.failure, run.state == .failed || run.state == .cancelled {
            object["error"] = [
                "class": .string(failure.errorClass), "code": .string(failure.code),
                "message": .string(failure.message), "hint": .string(failure.hint),
            ]
        }
        return .object(object)
    }

    /// What the connector found doubtful about the file.
    private var warnings: [String] { run.streams.flatMap(\.warnings) }

    private static func named(_ counts: Counts) -> [(String, Int64)] {
        [
            ("read", counts.read), ("created", counts.created), ("updated", counts.updated),
            ("unchanged", counts.unchanged), ("set_aside", counts.setAside), ("rejected", counts.rejected),
            ("duplicate", counts.duplicate), ("warned", counts.warned), ("replayed", counts.replayed),
        ]
    }

    private static func lines(_ reject: StoredReject) -> [String] {
        var place = "\(reject.source), \(reject.locatorKind) \(RunMessage.grouped(reject.locator))"
        if let key = reject.key { place += ", \(key)" }
        return ["  " + place]
            + reject.failures.map { failure in
                let source =
                    failure.source.isEmpty || failure.source == failure.field ? "" : " (from \(failure.source))"
                let value = failure.value.map { " \"\($0)\"" } ?? ""
                return "    \(failure.field)\(source)\(value): \(failure.message) \(failure.hint)"
            }
    }

    private static func json(_ reject: StoredReject) -> JSONValue {
        var raw = JSONObject()
        var locator: JSONObject = ["file": .string(reject.source)]
        locator[reject.locatorKind] = .integer(reject.locator)
        locator["key"] = reject.key.map(JSONValue.string) ?? .null
        for field in reject.raw where !field.isAbsent { raw[field.name] = field.value.map(JSONValue.string) ?? .null }
        return [
            "id": .string(reject.id.description),
            "locator": .object(locator),
            "errors": .array(
                reject.failures.map { failure in
                    [
                        "field": .string(failure.field), "source": .string(failure.source),
                        "code": .string(failure.code), "message": .string(failure.message),
                        "hint": .string(failure.hint), "value": failure.value.map(JSONValue.string) ?? .null,
                    ]
                }
            ),
            "raw": .object(raw), "state": .string(reject.state),
        ]
    }
}
