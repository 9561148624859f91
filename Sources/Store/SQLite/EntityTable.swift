internal import Changes
internal import Mapping

/// What is peculiar to an entity's table.
struct EntityTable {
    let entity: Entity

    var name: String { entity.rawValue }

    /// What a row refers to, beside its own fields.
    var references: [String] {
        switch entity {
        case .users: ["manager_id"]
        case .courses: []
        case .enrollments: ["user_number", "course_number"]
        }
    }

    /// What stands where a record doesn't say the status.
    var status: StaticString {
        switch entity {
        case .users, .courses: "active"
        case .enrollments: "enrolled"
        }
    }

    /// By what the directory finds its rows, beside external ids; with the SQL of the value.
    var finders: [(kind: DirectoryKind, value: String)] {
        switch entity {
        case .users: [(.email, "email"), (.username, "username")]
        case .courses: [(.code, "code")]
        case .enrollments: [(.pair, "user_number || ' ' || course_number")]
        }
    }

    /// Where triggers note which rows other programs have edited.
    var edits: String {
        switch entity {
        case .users: "integration_directory_edits"
        case .courses: "integration_course_edits"
        case .enrollments: "integration_enrollment_edits"
        }
    }

    /// The fields that are columns of the table; the others are references.
    var fields: [TargetField] { entity.fields.filter { !$0.isReference } }
}

extension TargetField {
    /// Whether the field names another row.
    var isReference: Bool {
        ["manager_external_id", "user_external_id", "course_external_id"].contains(name)
    }
}

extension Entity {
    var table: EntityTable { EntityTable(entity: self) }

    /// The entity of a number in a table; nil for none.
    init?(number: Int64) {
        guard let entity = Entity.allCases.first(where: { $0.number == number }) else { return nil }
        self = entity
    }
}

/// Whom an enrolment enrols in what: the numbers of two rows.
struct EnrollmentPair: Equatable {
    var user: Int64
    var course: Int64

    /// As the directory's keys are made of it.
    var text: [UInt8] { Array("\(user) \(course)".utf8) }
}
