internal import JSON

/// What brings a guarded effect about.
package enum GuardCause: Sendable, Hashable {
    /// One status takes the place of another; nil for none.
    case status(before: String?, after: String?)
    /// Fields that a row is known by change: their names, in order, by which a change's image has them.
    case keys([String])
    /// A complete export lacks the person.
    case absent
    /// Kept by a version that knew sentences alone.
    case sentence(String)

    package enum Code: String, Sendable, CaseIterable {
        case status, keys, absent
    }

    /// nil for a sentence alone.
    package var code: Code? {
        switch self {
        case .status: .status
        case .keys: .keys
        case .absent: .absent
        case .sentence: nil
        }
    }

    /// `status turns from active to inactive`
    package var sentence: String {
        switch self {
        case .status(let before, let after): "status turns from \(before ?? "nothing") to \(after ?? "nothing")"
        case .keys(let fields): GuardCause.changing(fields)
        case .absent: "missing from the export"
        case .sentence(let text): text
        }
    }

    /// `external_id and email change`; a person or a course that is referred to goes by its noun.
    private static func changing(_ fields: [String]) -> String {
        let names = fields.map { $0.hasSuffix("_id") && $0 != "external_id" ? String($0.dropLast(3)) : $0 }
        guard let last = names.last, names.count > 1 else { return "\(names.first ?? "a key") changes" }
        return "\(names.dropLast().joined(separator: ", ")) and \(last) change"
    }
}

// One line of integration_effects: an array of the code and what belongs to it, `["status","active","inactive"]`; older rows
// have the sentence.
extension GuardCause {
    package var line: String {
        switch self {
        case .status(let before, let after): line(.status, [JSONValue(before), JSONValue(after)])
        case .keys(let fields): line(.keys, fields.map { .string($0) })
        case .absent: line(.absent, [])
        case .sentence(let text): text
        }
    }

    private func line(_ code: Code, _ rest: [JSONValue]) -> String {
        JSONValue.array([.string(code.rawValue)] + rest).text
    }

    package init(line: String) {
        self = GuardCause.parsed(line) ?? .sentence(line)
    }

    private static func parsed(_ line: String) -> GuardCause? {
        guard line.hasPrefix("["), let parts = array(line), let code = parts.first?.stringValue.flatMap(Code.init)
        else { return nil }
        switch code {
        case .status where parts.count == 3: return .status(before: parts[1].stringValue, after: parts[2].stringValue)
        case .status: return nil
        case .keys: return .keys(parts.dropFirst().compactMap(\.stringValue))
        case .absent: return .absent
        }
    }

    private static func array(_ line: String) -> [JSONValue]? {
        do throws(JSONError) {
            return try JSONValue(parsing: Array(line.utf8)).arrayValue
        } catch {
            return nil  // A sentence.
        }
    }
}

// As verdicts have it: the sentence, and beside it the same by a code.
extension GuardCause {
    init(_ fields: inout JSONFields) throws(JSONFieldError) {
        let sentence = try fields.string("cause")
        let code = try fields.optionalOneOf("cause_code", Code.self)
        let (before, after) = (try fields.optionalString("before"), try fields.optionalString("after"))
        let names = try fields.optionalArray("fields") ?? []
        self =
            switch code {
            case .status: .status(before: before, after: after)
            case .keys: .keys(names.compactMap(\.stringValue))
            case .absent: .absent
            case nil: .sentence(sentence)
            }
    }

    var members: [(name: String, value: JSONValue)] {
        var (before, after, fields) = (JSONValue.null, JSONValue.null, JSONValue.null)
        switch self {
        case .status(let old, let new): (before, after) = (JSONValue(old), JSONValue(new))
        case .keys(let names): fields = .array(names.map { .string($0) })
        case .absent, .sentence: break
        }
        return [
            ("cause", .string(sentence)), ("cause_code", JSONValue(code?.rawValue)), ("before", before),
            ("after", after),
            ("fields", fields),
        ]
    }
}

extension JSONValue {
    fileprivate init(_ text: String?) {
        self = text.map { .string($0) } ?? .null
    }
}
