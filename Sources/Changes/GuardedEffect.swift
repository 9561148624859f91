package import JSON
package import Mapping

/// What a change of an existing row may do to somebody that nobody undoes by a second import: ending what they could use, or
/// changing what they are known by. Making a row never is one.
package enum GuardedEffect: String, Sendable, CaseIterable {
    /// People or courses: an active one gets another status.
    case deactivate
    /// Enrolments: one is cancelled or expires.
    case unenrol
    /// E-mail, username, external id or code stood there and is another or none; an enrolment is another person's or for
    /// another course.
    case keyChange = "key_change"

    /// What of the set a row of integration_effects keeps.
    package var bit: Int64 {
        switch self {
        case .deactivate: 1
        case .unenrol: 2
        case .keyChange: 4
        }
    }
}

/// The guarded effects of one record, each with what brings it about.
package struct GuardedEffects: Sendable, Equatable {
    package private(set) var causes: [GuardedEffect: GuardCause] = [:]

    /// Each combination that a record can have.
    package static let masks: [Int64] = [1, 2, 4, 5, 6]

    package init() {}

    /// Somebody isn't there any more.
    package static let absence: GuardedEffects = {
        var effects = GuardedEffects()
        effects.causes[.deactivate] = .absent
        return effects
    }()

    /// `before` and `after` hold the fields that change, by the names that a change's image has for them.
    package init(_ entity: Entity, before: JSONObject, after: JSONObject) {
        var keys: [String] = []
        for member in after.members {
            let (old, new) = (before[member.name]?.plainText, member.value.plainText)
            if member.name == "status" {
                guard let effect = GuardedEffect.ofStatus(entity, from: old, to: new) else { continue }
                causes[effect] = .status(before: old, after: new)
            } else if let old, GuardedEffect.isKey(member.name, of: entity),
                !GuardedEffect.isSame(member.name, old, new)
            {
                keys.append(member.name)
            }
        }
        guard !keys.isEmpty else { return }
        causes[.keyChange] = .keys(keys.sorted())
    }

    package var isEmpty: Bool { causes.isEmpty }
    package var kinds: [GuardedEffect] { GuardedEffect.allCases.filter { causes[$0] != nil } }
    package var mask: Int64 { kinds.reduce(0) { $0 | $1.bit } }

    /// The kinds that a mask names, the gravest first.
    package static func kinds(of mask: Int64) -> [GuardedEffect] {
        GuardedEffect.allCases.filter { mask & $0.bit != 0 }
    }

    /// The causes in the order of the kinds, one a line.
    package var causeLines: String {
        kinds.map { causes[$0]?.line ?? "" }.joined(separator: "\n")
    }

    /// All of them, for a sentence.
    package var clause: String { kinds.compactMap { causes[$0]?.sentence }.joined(separator: "; ") }
}

extension GuardedEffect {
    static func ofStatus(_ entity: Entity, from old: String?, to new: String?) -> GuardedEffect? {
        guard let new, new != old else { return nil }
        switch entity {
        case .users:
            let isIn = ["suspended", "inactive"].contains(new)
            if old == "on_leave" { return isIn ? .deactivate : nil }
            return new != "active" && old.map { !["suspended", "inactive"].contains($0) } ?? true ? .deactivate : nil
        case .courses:
            return (old ?? "active") == "active" ? .deactivate : nil
        case .enrollments:
            // From one end to the other takes nothing away.
            let ends = ["cancelled", "expired"]
            return ends.contains(new) && !(old.map(ends.contains) ?? false) ? .unenrol : nil
        }
    }

    /// The names are those of changes' images: what a row refers to goes by the other row's id.
    static func isKey(_ field: String, of entity: Entity) -> Bool {
        switch entity {
        case .users: ["email", "username", "external_id"].contains(field)
        case .courses: ["code", "external_id"].contains(field)
        case .enrollments: ["user_id", "course_id"].contains(field)
        }
    }

    /// E-mails that differ by case or spelling alone reach the same person.
    static func isSame(_ field: String, _ old: String, _ new: String?) -> Bool {
        guard let new else { return false }
        guard field == "email" else { return old == new }
        return directoryForm(old) == directoryForm(new)
    }

    private static func directoryForm(_ address: String) -> [UInt8] {
        var form: [UInt8] = []
        EmailAddress.appendDirectoryForm(of: Array(address.utf8).span, to: &form)
        return form
    }
}

extension JSONValue {
    /// nil for null and for an empty text.
    fileprivate var plainText: String? {
        switch self {
        case .null: nil
        case .string(let text): text.isEmpty ? nil : text
        default: text
        }
    }
}
