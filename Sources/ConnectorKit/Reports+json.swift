internal import JSON

extension [Finding] {
    /// The answer of `validate`.
    var json: [UInt8] {
        let findings = map { finding in
            [
                "pointer": .string(finding.pointer), "severity": .string(finding.severity.rawValue),
                "code": .string(finding.code), "message": .string(finding.message),
            ] as JSONValue
        }
        return (["findings": .array(findings)] as JSONValue).serialized()
    }
}

extension TestReport {
    /// The answer of `test`.
    var json: [UInt8] {
        let steps = steps.map { step in
            [
                "name": .string(step.name), "ok": .bool(step.outcome == .passed),
                "skipped": .bool(step.outcome == .skipped), "ms": .integer(step.duration.milliseconds),
                "message": .string(step.message), "hint": .string(step.hint),
            ] as JSONValue
        }
        return (["ok": .bool(isOK), "steps": .array(steps)] as JSONValue).serialized()
    }
}

extension [StreamDescription] {
    /// The answer of `discover`.
    var json: [UInt8] {
        let streams = map { stream in
            var object: JSONObject = [
                "name": .string(stream.name), "fields": .array(stream.fields.map(\.json)),
                "key": .array(stream.key.map(JSONValue.string)), "cursor": .optional(stream.cursor),
                "incremental": .bool(stream.isIncremental),
            ]
            object.addFound(stream.found)
            return JSONValue.object(object)
        }
        return (["streams": .array(streams)] as JSONValue).serialized()
    }
}

extension StreamDescription.Field {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "type": .string(type.format), "nullable": .bool(isNullable),
            "sample": .optional(sample),
        ]
    }
}

extension PullSummary {
    /// The answer of `op_summary`.
    var json: [UInt8] {
        var object: JSONObject = [
            "complete": .bool(isComplete), "filtered": .bool(isFiltered),
            "declared_total": declaredTotal.map { .integer(Int64($0)) } ?? .null, "read": .integer(Int64(read)),
            "warnings": .array(warnings.map(JSONValue.string)), "schema_changed": .bool(isSchemaChanged),
        ]
        object.addFound(found)
        return JSONValue.object(object).serialized()
    }
}

extension JSONObject {
    /// Adds `found`, in the order of the names, unless there is nothing.
    fileprivate mutating func addFound(_ found: [String: String]) {
        guard !found.isEmpty else { return }
        var object = JSONObject()
        for (name, text) in found.sorted(by: { $0.key < $1.key }) { object[name] = .string(text) }
        self["found"] = .object(object)
    }
}

extension JSONValue {
    fileprivate static func optional(_ text: String?) -> JSONValue {
        text.map(JSONValue.string) ?? .null
    }
}

extension Duration {
    /// Whole milliseconds, as far as 64 bits reach.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
        return isTooLong ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000_000_000
    }
}
